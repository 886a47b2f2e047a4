"""Which conditions of a pack look at one event alone, and why the others do not."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Final

import attrs

from dutyrules.policies import syntax as s
from dutyrules.policies.model import Kind
from dutyrules.policies.walk import walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dutyrules.policies.model import Pack, Place, Rule

OF_EVERY_EVENT: Final = frozenset({"time", "date", "person"})
CALENDAR: Final = frozenset(
    {"weekday", "is_working_day", "age", "days_between", "month_of", "year_of", "hour_of"},
)
"""Functions that ask the calendar or the zone of the pack, which no event carries."""


@attrs.frozen
class Condition:
    """A rule's condition: its `if`, or the `where` of what sets it off.

    `plain` is its tree with constants written out; `outside` says what it reads beside the event, None where it
    looks at the event alone.
    """

    rule: str
    place: Place
    source: str
    tree: s.Expression
    plain: s.Expression
    outside: str | None


def conditions_of(pack: Pack) -> Iterator[Condition]:
    """Yield the conditions of all rules: each `where` of a trigger, then the `if`."""
    for rule in pack.rules.values():
        for pattern in rule.when:
            if pattern.where is not None:
                yield _condition(pack, rule, pattern.where, (pattern,))
        if rule.if_ is not None:
            yield _condition(pack, rule, rule.if_, rule.when)


def _condition(pack: Pack, rule: Rule, expr: s.Expr, patterns: tuple[s.Pattern, ...]) -> Condition:
    types = _event_types(rule, patterns)
    plain = written_out(pack, expr.tree)
    outside = "it is tried on what is no event" if types is None else _reads_beside(pack, plain, types)
    return Condition(rule.id, rule.place, expr.source, expr.tree, plain, outside)


def _event_types(rule: Rule, patterns: tuple[s.Pattern, ...]) -> tuple[str, ...] | None:
    """Return the types of the events on which a condition is tried, None where it is tried on anything else."""
    if not patterns:
        observed = rule.kind in (Kind.PROHIBITION, Kind.OBLIGATION) and not (rule.whenever or rule.every or rule.gap)
        return ("finding",) if observed else None
    if any(pattern.kind is not s.FactKind.EVENT for pattern in patterns):
        return None
    return tuple(name for pattern in patterns for name in pattern.names)


def written_out(pack: Pack, tree: s.Expression) -> s.Expression:  # noqa: PLR0911 - one case a kind of tree
    """Return a tree with named formulas, and parameters that never change, in place of their names."""
    again = written_out
    match tree:
        case s.ParameterRef(name):
            values = pack.parameters[name].dated.values
            lasting = len(values) == 1 and values[0][0] == dt.date.min and values[0][1] is not None
            return _constant(values[0][1]) if lasting else tree
        case s.ValueRef(name):
            variants = pack.values[name].variants
            return again(pack, variants[""].tree) if pack.values[name].chosen_by is None else tree
        case s.Logic(operator, operands):
            return s.Logic(operator, tuple(again(pack, one) for one in operands))
        case s.Not(operand):
            return s.Not(again(pack, operand))
        case s.Compare(operands, operators):
            return s.Compare(tuple(again(pack, one) for one in operands), operators)
        case s.Arithmetic(operator, left, right):
            return s.Arithmetic(operator, again(pack, left), again(pack, right))
        case s.Negative(operand):
            return s.Negative(again(pack, operand))
        case s.Listing(items):
            return s.Listing(tuple(again(pack, one) for one in items))
        case s.Call(function, arguments):
            return s.Call(function, tuple(again(pack, one) for one in arguments))
        case _:
            return tree


def _constant(value: object) -> s.Expression:
    if isinstance(value, tuple | list):
        return s.Listing(tuple(s.Literal(item) for item in value))
    return s.Literal(value)


def _reads_beside(pack: Pack, tree: s.Expression, types: tuple[str, ...]) -> str | None:
    """Say what a tree reads beside an event of these types, None for nothing."""
    fields = False
    for part in walk(tree):
        reason = _beside(pack, part, types)
        if reason is not None:
            return reason
        fields = fields or isinstance(part, s.Field)
    return None if fields else "it reads nothing of the event"


def _beside(pack: Pack, part: s.Expression, types: tuple[str, ...]) -> str | None:  # noqa: PLR0911 - as above
    match part:
        case s.CountRef(name):
            return f"it reads the count `{name}`"
        case s.AnyRecord(record, _) | s.OpenCount(record):
            return f"it looks into the records `{record}`"
        case s.ParameterRef(name):
            return f"the value of the parameter `{name}` depends on the day, or is not given"
        case s.ValueRef(name):
            return f"a parameter picks the formula of `{name}`"
        case s.Call(function, _) if function in CALENDAR:
            return f"`{function}` asks the calendar"
        case s.Field(scope=s.Scope.FACT, name=name):
            return _not_of(pack, name, types)
        case s.Field(scope=s.Scope.PERIOD, name=name, record=record):
            return f"it reads the period `{record or name}`"
        case s.Field(name=name, record=record):
            return f"it reads `{name}` of {f'the record `{record}`' if record else 'another fact'}"
        case _:
            return None


def _not_of(pack: Pack, name: str, types: tuple[str, ...]) -> str | None:
    """Say which of the event types does not declare a field, None where each does."""
    for kind in types:
        declared = pack.events.get(kind)
        if name not in OF_EVERY_EVENT and (declared is None or name not in declared.fields):
            return f"`{name}` is no field of `{kind}`, so it is read in a record"
    return None
