"""Graded consequences: which band a number falls into."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from dutyrules.policies.syntax import Expr, Literal
from dutyrules.runtime.values import Unknown, is_figure, lacking

if TYPE_CHECKING:
    from dutyrules.policies.model import Rule, Tier
    from dutyrules.runtime.machine import Machine
    from dutyrules.runtime.openings import Opening


def band_of(machine: Machine, rule: Rule, opening: Opening) -> tuple[Tier, Any] | Unknown | None:
    """Return the tier of the rule's number and the number, None below the first tier."""
    assert rule.by_number is not None  # noqa: S101 - the loader demands it of tiers
    number = machine.program.evaluator.tree(rule.by_number.tree)(opening.ctx)
    if isinstance(number, Unknown):
        return number
    if not is_figure(number):
        return lacking(f"a number in `{rule.by_number.source}`")
    for tier in rule.tiers:
        if number >= tier.low and (tier.high is None or number <= tier.high):
            return tier, number
    return None


def marginal_amount(rule: Rule, number: Any) -> Expr:  # noqa: ANN401 - int or Decimal
    """Return the sum of each unit at the rate of its own band."""
    total = Decimal(0)
    for tier in rule.tiers:
        amount = tier.consequence.amount
        if amount is not None and isinstance(amount.tree, Literal) and number >= tier.low:
            top = number if tier.high is None else min(number, tier.high)
            total += Decimal(str(amount.tree.value)) * (top - tier.low + 1)
    return Expr(str(total), Literal(total), "number")
