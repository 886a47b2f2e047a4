"""One decision beside one demand: what differs beyond the tolerance of its kind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dutyrules.audit.findings import Difference
from dutyrules.outcomes import Entitlement, Sanction, instant_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from decimal import Decimal

    from dutyrules.audit.decision_mapping import KindOfDecision
    from dutyrules.audit.decisions import Decision
    from dutyrules.audit.demands import Demand


def differences(
    decision: Decision, demand: Demand, kind: KindOfDecision, recorded: Collection[str]
) -> tuple[Difference, ...]:
    """Return what differs of the parts that are `recorded`, the columns of the mapping; the date always is."""
    found = [_person(decision, demand), _rule(decision, demand), _date(decision, demand, kind)]
    if "step" in recorded:
        found.append(_step(decision, demand))
    if "amount" in recorded:
        found.append(_amount(decision, demand, kind))
    return tuple(one for one in found if one is not None)


def out_of_bounds(decision: Decision, demand: Demand) -> tuple[Difference, ...]:
    """Return what differs from a question that nobody has answered yet: the person, or a sum beyond the bounds."""
    return tuple(_against_question(decision, demand))


def _against_question(decision: Decision, demand: Demand) -> Iterator[Difference]:
    person = _person(decision, demand)
    if person is not None:
        yield person
    low, high = getattr(demand.outcome, "low", None), getattr(demand.outcome, "high", None)
    amount = decision.amount
    if amount is not None and ((low is not None and amount < low) or (high is not None and amount > high)):
        yield Difference("amount", _text(amount), f"{_text(low) or ''} … {_text(high) or ''}".strip())


def _person(decision: Decision, demand: Demand) -> Difference | None:
    demanded = demand.outcome.person
    if decision.person is None or demanded is None or decision.person == demanded:
        return None
    return Difference("person", decision.person, demanded)


def _rule(decision: Decision, demand: Demand) -> Difference | None:
    one = demand.outcome
    if decision.rule is None or decision.rule in {one.rule, one.clause, getattr(one, "tier", None)}:
        return None
    return Difference("rule", decision.rule, getattr(one, "tier", None) or one.rule)


def _step(decision: Decision, demand: Demand) -> Difference | None:
    if not isinstance(demand.outcome, Sanction):
        return None
    demanded = demand.outcome.step or demand.outcome.what
    return Difference("step", decision.step, demanded) if decision.step != demanded else None


def _amount(decision: Decision, demand: Demand, kind: KindOfDecision) -> Difference | None:
    if not isinstance(demand.outcome, Sanction | Entitlement):
        return None
    decided, demanded = decision.amount, demand.outcome.amount
    if decided is None or demanded is None:
        return None if decided is demanded else Difference("amount", _text(decided), _text(demanded))
    return None if kind.tolerance.allows(decided, demanded) else Difference("amount", _text(decided), _text(demanded))


def _date(decision: Decision, demand: Demand, kind: KindOfDecision) -> Difference | None:
    days = demand.days_off(decision.date)
    if -kind.tolerance.before <= days <= kind.tolerance.after and not _hours_late(decision, demand, kind):
        return None
    last = f" … {demand.last or ''}".rstrip() if demand.last != demand.first else ""
    return Difference("date", decision.date.isoformat(), f"{demand.first}{last}", days)


def _hours_late(decision: Decision, demand: Demand, kind: KindOfDecision) -> bool:
    """Tell whether a time of day passes a deadline on its own day, where no day is granted beyond it."""
    due = getattr(demand.outcome, "due", None)
    return (
        decision.instant is not None
        and due is not None
        and not kind.tolerance.after
        and decision.instant > instant_of(due)
    )


def _text(amount: Decimal | None) -> str | None:
    return None if amount is None else format(amount, "f")
