"""Everything that a rule, count, formula or record of the checked model reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dutyrules.policies.syntax import (
    AnyRecord,
    CountRef,
    Expr,
    Expression,
    Field,
    OpenCount,
    ParameterRef,
    Pattern,
    Scope,
    ValueRef,
)
from dutyrules.policies.walk import walk, walk_instant

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dutyrules.policies.model import Consequence, Count, Ladder, Need, Pack, Record, Rule, Value
    from dutyrules.policies.syntax import Instant, Who

Reading = Pattern | Expression | str
"""A pattern, a part of an expression, or the id of a rule."""


def readings_of_rule(rule: Rule) -> Iterator[Reading]:
    """Yield what a rule reads; of the rules that a choice compares it yields the ids."""
    patterns = (rule.when, rule.asked_by, rule.until, rule.until_all, rule.waived_by, rule.excused_by)
    for group in patterns:
        yield from _patterns(group)
    if rule.for_each is not None:
        yield from _patterns((rule.for_each,))
    yield from _expressions((rule.whenever, rule.if_, rule.by_number, rule.postponed_while, *rule.with_.values()))
    yield from _bearers((*rule.who, *rule.asks))
    for need in (*rule.needs, *rule.needs_any):
        yield from _need(need)
    yield from (*rule.unless, *rule.of)
    yield from _clock(rule)
    for consequence in (rule.consequence, *(tier.consequence for tier in rule.tiers)):
        if consequence is not None:
            yield from _consequence(consequence)
    for tier in rule.tiers:
        yield from _patterns(tier.excused_by)


def readings_of_count(count: Count) -> Iterator[Reading]:
    """Yield what a count reads."""
    yield from _patterns(count.of)
    yield from _expressions((*(each for pair in count.per for each in pair), count.date))


def readings_of_value(value: Value) -> Iterator[Reading]:
    """Yield what a formula reads."""
    yield from _expressions(value.variants.values())


def readings_of_record(record: Record) -> Iterator[Reading]:
    """Yield what a record reads."""
    yield from _patterns((*record.opens, *record.updates, *record.closes))
    yield from _instants((record.closes_at, record.start))
    for link in record.links:
        yield from _expressions((link.of, link.if_))


def readings_of_ladder(ladder: Ladder) -> Iterator[Reading]:
    """Yield what sets a ladder's steps aside."""
    yield from _patterns(one.when for one in ladder.overruled_by)
    yield from _expressions(one.if_ for one in ladder.overruled_by)


def names_read(pack: Pack) -> frozenset[str]:
    """Return the names of all fields that a pack reads of facts and records, those by which records are found too.

    A question can be named by what the event that brought it up says that it is about.
    """
    parts: list[Reading] = []
    names = {"date", "about"}
    for rule in pack.rules.values():
        parts += readings_of_rule(rule)
    for value in pack.values.values():
        parts += readings_of_value(value)
    for count in pack.counts.values():
        parts += readings_of_count(count)
        names.update(name for name in (count.distinct, count.except_, *(count.spread or ())) if name)
    for record in pack.records.values():
        parts += readings_of_record(record)
        names.update(record.key, (record.dated,) if record.dated else ())
    return frozenset(names.union(part.name for part in parts if isinstance(part, Field)))


def entry_named(reading: Reading) -> tuple[str, str] | None:
    """Return the section and name of what a part of an expression, or a rule's id, reads; of a pattern nothing."""
    match reading:
        case CountRef(name=name):
            return "counts", name
        case ValueRef(name=name):
            return "values", name
        case AnyRecord(record=name) | OpenCount(record=name) | Field(scope=Scope.RECORD, record=str(name)):
            return "records", name
        case str():
            return "rules", reading
        case _:
            return None


def _patterns(patterns: Iterable[Pattern]) -> Iterator[Reading]:
    for pattern in patterns:
        yield pattern
        yield from _expressions((pattern.where,))


def _expressions(expressions: Iterable[Expr | None]) -> Iterator[Reading]:
    for expression in expressions:
        if expression is not None:
            yield from walk(expression.tree)


def _instants(instants: Iterable[Instant | None]) -> Iterator[Reading]:
    for instant in instants:
        yield from walk_instant(instant)


def _bearers(bearers: Iterable[Who]) -> Iterator[Reading]:
    for who in bearers:
        yield from _expressions((who.field, who.of))
        yield from _bearers(() if who.otherwise is None else (who.otherwise,))


def _need(need: Need) -> Iterator[Reading]:
    if need.fact is not None:
        yield from _patterns((need.fact,))
    if need.permission is not None:
        yield need.permission
    yield from _bearers(need.who)
    yield from _expressions((need.if_,))


def _clock(rule: Rule) -> Iterator[Reading]:
    every = rule.every
    within = rule.within
    yield from _instants(
        (rule.from_, rule.by, None if within is None else within.of, None if every is None else every.anchor)
    )
    if within is not None and within.parameter is not None:
        yield ParameterRef(within.parameter)
    for moved in rule.moved_by:
        yield from _patterns(moved.when)
        yield from _expressions((moved.to,))
    if rule.paused_by is not None:
        yield from _patterns((*rule.paused_by.when, *rule.paused_by.until))


def _consequence(consequence: Consequence) -> Iterator[Reading]:
    yield from _expressions((consequence.amount, consequence.percent_of))
    yield from consequence.forfeits
    discretion = consequence.discretion
    if discretion is None:
        return
    yield from _expressions((discretion.low, discretion.high, discretion.proposal))
    yield from _bearers(discretion.decided_by)
    if discretion.none_if is not None:
        yield discretion.none_if
