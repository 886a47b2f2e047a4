"""What would have made a condition come out the other way, reckoned from its comparisons."""

from __future__ import annotations

import datetime as dt
import math
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import attrs

from dutyrules.explaining.evidence import Change
from dutyrules.policies import syntax as s
from dutyrules.runtime.values import Unknown, is_figure

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dutyrules.explaining.evidence import Tally, Term

OPPOSITE: Final = {
    "==": "!=",
    "!=": "==",
    "<": ">=",
    ">=": "<",
    ">": "<=",
    "<=": ">",
    "in": "not-in",
    "not-in": "in",
}
MOMENTS: Final = ("time", "date")
_MOST: Final = 6


def changes_for(term: Term, *, wanted: bool = True) -> tuple[Change, ...]:
    """Return what would make a condition hold, or fail; nothing where it does so already.

    Of the changes that share a group one is enough; of each group one is needed.
    """
    groups = _groups(term, wanted=wanted)
    return tuple(attrs.evolve(one, group=number) for number, group in enumerate(groups) for one in group)


def _groups(term: Term, *, wanted: bool) -> list[list[Change]]:  # noqa: PLR0911 - one return for each form
    """Return groups of alternatives."""
    if term.holds is wanted:
        return []
    match term.tree:
        case s.Not():
            return _groups(term.parts[0], wanted=not wanted)
        case s.Logic(operator=operator) if (operator == "and") is wanted:
            return [group for part in term.parts for group in _groups(part, wanted=wanted)]
        case s.Logic():
            return _easiest([_groups(part, wanted=wanted) for part in term.parts])
        case s.Compare(operators=operators) if len(operators) == 1:
            return [_compared(term, operators[0], *term.parts, wanted=wanted)]
        case s.Compare(operators=operators):
            return _chained(term, operators, wanted=wanted)
        case s.AnyRecord():
            return _about_records(term, wanted=wanted)
        case s.ValueRef() if term.parts:
            return _groups(term.parts[-1], wanted=wanted)
        case _:
            return [[_plain(term, wanted=wanted)]]


def _easiest(ways: list[list[list[Change]]]) -> list[list[Change]]:
    """Return the ways to the same end: all that take one change, or else the one that takes fewest."""
    single = [way[0] for way in ways if len(way) == 1]
    if single:
        return [[change for group in single for change in group][:_MOST]]
    return min((way for way in ways if way), key=len, default=[])


def _chained(term: Term, operators: tuple[str, ...], *, wanted: bool) -> list[list[Change]]:
    pairs = zip(operators, term.parts, term.parts[1:], strict=False)
    found = [(operator, left, right) for operator, left, right in pairs]
    if wanted:
        failing = [pair for pair in found if _pair_holds(*pair) is not True]
        return [_compared(term, *pair, wanted=True) for pair in failing]
    return [[change for pair in found for change in _compared(term, *pair, wanted=False)]]


def _pair_holds(operator: str, left: Term, right: Term) -> bool | None:
    if isinstance(left.value, Unknown) or isinstance(right.value, Unknown):
        return None
    match operator:
        case "<":
            return bool(left.value < right.value)
        case "<=":
            return bool(left.value <= right.value)
        case ">":
            return bool(left.value > right.value)
        case ">=":
            return bool(left.value >= right.value)
        case "==":
            return bool(left.value == right.value)
        case "!=":
            return bool(left.value != right.value)
        case _:
            return None


def _about_records(term: Term, *, wanted: bool) -> list[list[Change]]:
    looked = term.looked
    record = looked.record if looked is not None else ""
    if wanted and term.parts:
        near = [change for group in _groups(term.parts[0], wanted=True) for change in group]
        if len(near) == 1:
            return [[Change("record", record, value=term.text, tree=term.tree), near[0]]]
    named = looked.nearest if looked is not None and not wanted else None
    return [[Change("record" if wanted else "no_record", record, value=named or term.text, tree=term.tree)]]


def _plain(term: Term, *, wanted: bool) -> Change:
    """Return the change of a condition that is no comparison."""
    if isinstance(term.value, Unknown):
        return Change("known", term.text, value=term.value.lacks, tree=term.tree)
    match term.tree:
        case s.Call(function="known"):
            return Change("known" if wanted else "is_not", term.parts[0].text, tree=term.parts[0].tree)
        case s.ParameterRef():
            return Change("parameter", term.text, value=wanted, type="bool", tree=term.tree)
        case _:
            return Change("holds" if wanted else "fails", term.text, tree=term.tree)


# --- comparisons ------------------------------------------------------------------------------------------------------


def _compared(term: Term, operator: str, left: Term, right: Term, *, wanted: bool) -> list[Change]:
    doubtful = [one for one in (left, right) if isinstance(one.value, Unknown)]
    if doubtful:
        return [Change("known", one.text, value=one.value.lacks, tree=one.tree) for one in doubtful]
    if not wanted:
        operator = OPPOSITE[operator]
    difference = _difference(operator, left, right)
    if difference is not None:
        raised = solved(left, difference)
        lowered = solved(right, -difference)
        found = _best([*raised, *lowered])
        if found:
            return found
    return [_named(term, operator, left, right)]


def _difference(operator: str, left: Term, right: Term) -> Any:  # noqa: ANN401 - int or Decimal, None where there is none
    """Return by how much left less right would have to be more, for the comparison to hold."""
    first, second = _figure(left.value), _figure(right.value)
    if first is None or second is None or operator in ("in", "not-in", "!="):
        return None
    least = _least(left, right)
    gap = second - first
    match operator:
        case ">":
            return gap + least
        case "<":
            return gap - least
        case _:
            return gap


def _figure(value: object) -> Any:  # noqa: ANN401 - int or Decimal, None for what cannot be reckoned with
    if isinstance(value, dt.date):
        return value.toordinal()
    return value if is_figure(value) else None


def _least(left: Term, right: Term) -> Decimal | int:
    """Return the least step by which two values can differ: a second, a day, one, a cent."""
    whole = all(isinstance(one.value, int | dt.date) for one in (left, right))
    return 1 if whole else Decimal("0.01")


def _best(found: list[Change]) -> list[Change]:
    """Prefer further facts, then the trigger's own fields, then what records say; what is configured comes last."""
    nearest_first = sorted({_remoteness(one) for one in found})
    return [one for one in found if _remoteness(one) == nearest_first[0]] if found else []


def _remoteness(change: Change) -> int:
    if change.kind in ("members", "fewer", "wait"):
        return 0
    if change.kind == "parameter":
        return 3
    of_trigger = isinstance(change.tree, s.Field) and change.tree.scope in (s.Scope.FACT, s.Scope.THIS, s.Scope.ACT)
    return 1 if of_trigger else 2


def _named(term: Term, operator: str, left: Term, right: Term) -> Change:
    """Return the change of a comparison of names."""
    if _is_fixed(left) and not _is_fixed(right) and operator in ("==", "!="):
        left, right = right, left
    kinds = {"==": "is", "!=": "is_not", "in": "one_of", "not-in": "none_of"}
    kind = kinds.get(operator)
    if kind is None:
        return Change("holds", term.text, tree=term.tree)
    return Change(kind, left.text, value=right.value, type=right.type, tree=left.tree)


def _is_fixed(term: Term) -> bool:
    return isinstance(term.tree, s.Literal | s.Listing | s.ParameterRef)


# --- figures ----------------------------------------------------------------------------------------------------------


def solved(  # noqa: PLR0911, PLR0912 - one case a form
    term: Term,
    more: Any,  # noqa: ANN401 - int or Decimal
) -> list[Change]:
    """Return what would make a figure more by so much, or less where that is negative."""
    if more == 0:
        return []
    match term.tree:
        case s.CountRef() if term.tally is not None:
            return [_members(term, term.tally, more)]
        case s.Field(type="time"):
            return [Change("later" if more > 0 else "earlier", term.text, by=abs(int(more)), tree=term.tree)]
        case s.Field(type="date"):
            kind = "days_later" if more > 0 else "days_earlier"
            return [Change(kind, term.text, by=abs(int(more)), tree=term.tree)]
        case s.Field() if is_figure(term.value):
            return [_moved(term, more)]
        case s.ParameterRef() if is_figure(term.value):
            return [Change("parameter", term.text, value=term.value + more, type=term.type, tree=term.tree)]
        case s.ValueRef() if term.parts:
            return solved(term.parts[-1], more)
        case s.OpenCount():
            return [Change("more" if more > 0 else "less", term.text, by=abs(more), tree=term.tree)]
        case s.Negative():
            return solved(term.parts[0], -more)
        case s.Arithmetic(operator=operator):
            return _reckoned(operator, term.parts[0], term.parts[1], more)
        case s.Call(function="days_between"):
            return [*solved(term.parts[1], more), *solved(term.parts[0], -more)]
        case s.Call(function="floor" | "ceil" | "round" | "abs" | "min" | "max" | "age"):
            return [Change("more" if more > 0 else "less", term.text, by=abs(more), tree=term.tree)]
        case _:
            return []


def _moved(term: Term, more: Any) -> Change:  # noqa: ANN401 - int or Decimal
    kind = "more" if more > 0 else "less"
    return Change(kind, term.text, by=abs(more), value=term.value + more, type=term.type, tree=term.tree)


def _reckoned(operator: str, left: Term, right: Term, more: Any) -> list[Change]:  # noqa: ANN401 - int or Decimal
    match operator:
        case "+":
            return _best([*solved(left, more), *solved(right, more)])
        case "-":
            return _best([*solved(left, more), *solved(right, -more)])
        case "*" if is_figure(right.value) and right.value:
            found = solved(left, _whole(Decimal(more) / Decimal(right.value)))
            if found or not left.value:
                return found
            return solved(right, _whole(Decimal(more) / Decimal(left.value)))
        case "/" if is_figure(right.value) and right.value:
            return solved(left, _whole(Decimal(more) * Decimal(right.value)))
        case _:
            return []


def _whole(value: Decimal) -> int:
    """Round away from nothing: so much at least."""
    return math.ceil(value) if value > 0 else math.floor(value)


def _members(term: Term, tally: Tally, more: Any) -> Change:  # noqa: ANN401 - int or Decimal
    """Return how many further facts a count lacks, from when and up to when they would have counted."""
    number = math.ceil(more) if more > 0 else math.floor(more)
    distinct = any(one.distinct is not None for one in tally.candidates)
    if number < 0:
        return Change("fewer", term.text, by=-number, value=term.value + number, type="number", tree=term.tree)
    before = tally.reaches
    if not tally.mine and not tally.whole and tally.at is not None:
        before = tally.at if before is None else min(before, tally.at)
    return Change(
        "members",
        tally.count,
        by=number,
        value=term.value + number,
        type="number",
        after=tally.at if tally.mine else None,
        before=before,
        tree=term.tree,
        fresh=distinct,
    )


def nearest(changes: Iterable[Change]) -> float:
    """Return how far off a set of changes is, so that two tries that fail alike can be compared."""
    total = 0.0
    for one in changes:
        by = float(one.by) if is_figure(one.by) else 1.0
        weight = {"later": 3600.0, "earlier": 3600.0}.get(one.kind, 1.0)
        total += by / weight
    return total
