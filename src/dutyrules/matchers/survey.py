"""What durable-rules can take of a pack: which conditions, which stay native, and which it cannot express.

Needs nothing of durable-rules itself, so that a pack can be surveyed where the library is not installed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from dutyrules.matchers.clauses import definition, sides_of
from dutyrules.matchers.inexpressible import InexpressibleError
from dutyrules.matchers.operands import Operands
from dutyrules.matchers.single_event import conditions_of
from dutyrules.policies.diagnostics import Diagnostic, quoted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dutyrules.matchers.single_event import Condition
    from dutyrules.policies.model import Pack
    from dutyrules.policies.syntax import Expression


@attrs.frozen
class Written:
    """A condition as durable-rules reads it: its rules, and the fields that its messages carry."""

    rules: str
    operands: Operands


@attrs.frozen
class Survey:
    """The conditions of a pack: those taken, a remark for each that stays native, a fault for each that cannot be."""

    taken: Mapping[Expression, Written]
    native: tuple[Diagnostic, ...]
    refused: tuple[Diagnostic, ...]


def survey(pack: Pack) -> Survey:
    """Return what durable-rules can take of a pack."""
    taken: dict[Expression, Written] = {}
    refused: list[Diagnostic] = []
    beside: list[Condition] = []
    for condition in conditions_of(pack):
        if condition.outside is not None:
            beside.append(condition)
        elif condition.tree not in taken:
            try:
                taken[condition.tree] = written(condition.plain)
            except InexpressibleError as error:
                refused.append(_refused(condition, error))
    native = tuple(_native(condition) for condition in beside if condition.tree not in taken)
    return Survey(taken, native, tuple(refused))


def written(tree: Expression) -> Written:
    """Return a condition as durable-rules reads it; raises `InexpressibleError`."""
    operands = Operands()
    return Written(definition(sides_of(tree, operands)), operands)


def _refused(condition: Condition, error: InexpressibleError) -> Diagnostic:
    return Diagnostic(
        "DR660",
        f"the condition {quoted(condition.source)} of {quoted(condition.rule)} cannot run on durable-rules: {error}",
        condition.place,
        length=len(condition.rule),
        help="write it otherwise, or let the engine's own matcher decide: `native`",
    )


def _native(condition: Condition) -> Diagnostic:
    return Diagnostic(
        "DR720",
        f"the condition {quoted(condition.source)} of {quoted(condition.rule)} stays native: {condition.outside}",
        condition.place,
        length=len(condition.rule),
    )
