"""Who reads what, and through how wide a window: the edges along which needs are handed on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from attrs import evolve, frozen

from dutyrules.calendars.durations import Duration, Unit
from dutyrules.policies import syntax
from dutyrules.policies.model import Act, FieldType, Kind, WindowKind
from dutyrules.policies.readings import (
    entry_named,
    readings_of_count,
    readings_of_record,
    readings_of_rule,
    readings_of_value,
)
from dutyrules.policies.syntax import FactKind, Pattern
from dutyrules.policies.walk import conjuncts, durations_in, walk, walk_instant

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dutyrules.policies.model import Consequence, Count, Ladder, Need, Pack, Record, Rule
    from dutyrules.policies.readings import Reading
    from dutyrules.policies.syntax import Instant

Node = tuple[str, str]
DAY: Final = 86_400
FOREVER: Final = 1 << 61
PERIOD_DAYS: Final = {"day": 1, "week": 7, "half_month": 16, "month": 31, "quarter": 92, "year": 366}
UNIT_DAYS: Final = {
    Unit.WORKING_HOUR: 3,
    Unit.DAY: 1,
    Unit.WORKING_DAY: 4,
    Unit.WEEK: 7,
    Unit.MONTH: 31,
    Unit.QUARTER: 92,
    Unit.YEAR: 366,
}
ROSTER_FIELDS: Final = ("duty_date", "period")

LATER: Final = "later"
"""Readers of which nothing is handed on: what a rule makes looks back from its own time, and no further."""


@frozen
class Edge:
    """A reader, what it reads, how many seconds back from its own time, and the name of what sets that window.

    Where nothing sets it, `endless` says what is missing.
    """

    reader: Node
    read: Node
    window: int
    because: str
    endless: str = ""


def edges_of(pack: Pack) -> Iterator[Edge]:
    """Yield what each part of a pack reads."""
    for rule in pack.rules.values():
        yield from _of_rule(pack, rule)
    for count in pack.counts.values():
        window = count_window(pack, count)
        for edge in _edges(pack, ("counts", count.name), readings_of_count(count), window):
            yield evolve(edge, endless=f"count `{count.name}` has no `in`")
    for value in pack.values.values():
        yield from _edges(pack, ("values", value.name), readings_of_value(value), 0)
    for record in pack.records.values():
        yield from _of_record(pack, record)
    for ladder in pack.ladders.values():
        yield from _of_ladder(pack, ladder)
    yield from _of_events(pack)


def upper_seconds(duration: Duration) -> int:
    """Return the most seconds that a duration can come to."""
    return duration.seconds if duration.runs else duration.amount * UNIT_DAYS[duration.unit] * DAY


def ends(record: Record) -> bool:
    """Tell whether a record has an end."""
    return bool(record.closes) or record.spans is not None or record.closes_at is not None


def is_of_a_day(record: Record, pack: Pack) -> bool:
    """Tell whether a record without an end is about a day: it is dated, or its key names a date."""
    return record.dated is not None or FieldType.DATE in key_types(record, pack).values()


def key_types(record: Record, pack: Pack) -> dict[str, FieldType]:
    """Return the types of the key's fields, as the events that open the record have them."""
    opening = [pack.events[name] for pattern in record.opens for name in pattern.names if name in pack.events]
    return {name: kind.fields[name].type for kind in opening for name in record.key if name in kind.fields}


def telling_fields(record: Record, pack: Pack) -> set[str]:
    """Return the key fields that tell one case or day from another: all that are no person."""
    types = key_types(record, pack)
    return {name for name in record.key if types.get(name) is not FieldType.PERSON and name != "person"}


# --- rules ---------------------------------------------------------------------------------------------------------


def _of_rule(pack: Pack, rule: Rule) -> Iterator[Edge]:
    node, span = ("rules", rule.id), rule_span(pack, rule)
    needs = {need.fact.source: need for need in (*rule.needs, *rule.needs_any) if need.fact is not None}
    plain = [one for one in readings_of_rule(rule) if not (isinstance(one, Pattern) and one.source in needs)]
    yield from _edges(pack, node, plain, span, rule)
    for need in needs.values():
        yield from _of_need(pack, rule, need, span)
    if rule.about is not None:
        yield Edge(node, ("records", rule.about), span, rule.id)
    if rule.once_per:
        endless = f"`once_per` of rule `{rule.id}` names no period"
        yield Edge(node, node, same_window(pack, rule.once_per), rule.id, endless)
    consequences = [one for one in (rule.consequence, *(tier.consequence for tier in rule.tiers)) if one is not None]
    compared = [*rule.of, *(name for what in consequences for name in what.forfeits)]
    if rule.kind is Kind.CHOICE or compared:
        window, endless = same_window(pack, rule.same), f"`same` of rule `{rule.id}` names neither period nor matter"
        for name in compared:
            if name in pack.rules:
                yield Edge(node, ("rules", name), window, rule.id, endless)
        for name in (name for what in consequences for name in what.forfeits):
            if name in pack.rules:  # what is granted later is forfeited too
                yield Edge((LATER, name), node, window, rule.id, endless)
    yield Edge(node, ("events", "finding"), span, rule.id)
    if rule.asks or any(what.discretion is not None for what in consequences):
        yield Edge(node, ("events", "ruling"), span, rule.id)


def _of_need(pack: Pack, rule: Rule, need: Need, span: int) -> Iterator[Edge]:
    """Yield what a need reads: facts of the matter as long as that, any earlier fact for ever."""
    assert need.fact is not None  # noqa: S101 - the caller has looked
    window = span if is_local(pack, rule, need.fact) else FOREVER
    for read in nodes_of(need.fact):
        yield Edge(("rules", rule.id), read, window, rule.id, f"rule `{rule.id}` needs any earlier `{read[1]}`")
    if need.fact.where is not None:
        yield from _edges(pack, ("rules", rule.id), walk(need.fact.where.tree), span, rule)


def is_local(pack: Pack, rule: Rule, pattern: Pattern) -> bool:
    """Tell whether the facts of a pattern belong to one case or day, not to a person or to nothing."""
    record = None if rule.about is None else pack.records[rule.about]
    if record is not None and record.key:
        telling = telling_fields(record, pack)
        if pattern.kind is not FactKind.EVENT:
            return bool(telling)
        kinds = [pack.events[name] for name in pattern.names if name in pack.events]
        if telling and all(not telling.isdisjoint(kind.fields) for kind in kinds):
            return True
    return pattern.where is not None and any(_tells(pack, pattern, name) for name in _bound_fields(pattern.where.tree))


def _bound_fields(tree: syntax.Expression) -> Iterator[str]:
    """Yield the fields of a fact that a condition wants equal to a field of the trigger or its matter."""
    for part in conjuncts(tree):
        if isinstance(part, syntax.Compare) and part.operators == ("==",):
            for mine, other in (part.operands, part.operands[::-1]):
                outer = isinstance(other, syntax.Field) and other.scope is not syntax.Scope.FACT
                if outer and isinstance(mine, syntax.Field) and mine.scope is syntax.Scope.FACT:
                    yield mine.name


def _tells(pack: Pack, pattern: Pattern, name: str) -> bool:
    if name == "date":
        return True
    kinds = [pack.events[one] for one in pattern.names if one in pack.events]
    specs = [kind.fields[name] for kind in kinds if name in kind.fields]
    return bool(specs) and all(spec.type is not FieldType.PERSON and not spec.values for spec in specs)


def rule_span(pack: Pack, rule: Rule) -> int:
    """Return how long one case of a rule can run: its period and all that its limits and offsets come to."""
    instants: list[Instant | None] = [rule.from_, rule.by, None if rule.within is None else rule.within.of]
    found = [upper_seconds(one) for instant in instants for one in durations_in(instant)]
    found += [_parameter(pack, name) for instant in instants for name in _parameters(instant)]
    if rule.within is not None and rule.within.duration is not None:
        found.append(upper_seconds(rule.within.duration))
    elif rule.within is not None and rule.within.parameter is not None:
        found.append(_parameter(pack, rule.within.parameter))
    if rule.gap is not None:
        found.append(upper_seconds(rule.gap))
    if rule.every is not None:
        steps = [one for one in (rule.every.step, rule.every.span) if one is not None]
        found += [upper_seconds(one) for one in steps] or [PERIOD_DAYS.get(rule.every.kind or "", 31) * DAY]
    return sum(found)


def _parameters(instant: Instant | None) -> Iterator[str]:
    for reading in walk_instant(instant):
        if isinstance(reading, syntax.ParameterRef):
            yield reading.name


def _parameter(pack: Pack, name: str) -> int:
    """Return the most seconds that a parameter comes to, nothing where it is no duration."""
    values = [value for _since, value in pack.parameters[name].dated.values if isinstance(value, Duration)]
    return max(map(upper_seconds, values), default=0)


def same_window(pack: Pack, names: Iterable[str]) -> int:
    """Return how far apart two things can lie that are the same in all of `names`."""
    windows = [PERIOD_DAYS[name] * DAY for name in names if name in PERIOD_DAYS]
    if windows:
        return min(windows)
    over = {record.name for record in pack.records.values() if ends(record) or is_of_a_day(record, pack)}
    over |= {link.name for record in pack.records.values() for link in record.links if link.record in over}
    return 0 if any(name in over or _is_date(pack, name) for name in names) else FOREVER


def _is_date(pack: Pack, name: str) -> bool:
    types = {kind.fields[name].type for kind in pack.events.values() if name in kind.fields}
    return name == "date" or FieldType.DATE in types or FieldType.MONTH in types


# --- counts, records, ladders, events ------------------------------------------------------------------------------


def count_window(pack: Pack, count: Count) -> int:
    """Return how far a count looks back; a total without a window does so for ever, unless of a case that ends."""
    if count.rolling is not None:
        return upper_seconds(count.rolling)
    if count.window.value in PERIOD_DAYS:
        return PERIOD_DAYS[count.window.value] * DAY
    if count.window is not WindowKind.EVER or count.streak_of is not None or local_record(pack, count) is not None:
        return 0
    return 0 if all(pattern.kind is FactKind.RECORD for pattern in count.of) else FOREVER


def local_record(pack: Pack, count: Count) -> Record | None:
    """Return the record that ends, or is about a day, and whose whole key a count's own key holds."""
    names = {reader.tree.name for reader, _member in count.per if isinstance(reader.tree, syntax.Field)}
    for record in pack.records.values():
        bounded = ends(record) or FieldType.DATE in key_types(record, pack).values()
        if bounded and record.key and names.issuperset(record.key) and telling_fields(record, pack):
            return record
    return None


def _of_record(pack: Pack, record: Record) -> Iterator[Edge]:
    node = ("records", record.name)
    yield from _edges(pack, node, readings_of_record(record), 0)
    for link in record.links:
        window = 0 if link.within is None else upper_seconds(link.within)
        yield Edge(node, ("records", link.record), window, record.name)
    if record.reads is not None:
        yield Edge(node, ("records", record.reads), 0, record.name)


def _of_ladder(pack: Pack, ladder: Ladder) -> Iterator[Edge]:
    node, window = ("ladders", ladder.name), ladder_window(pack, ladder)
    unbounded = any(one.within is None for one in ladder.accumulate)
    unbounded = unbounded or (ladder.repeat_same is not None and ladder.repeat_within is None)
    why = "looks back without a `within`" if unbounded else "builds on what stood before, back to the first step"
    endless = f"ladder `{ladder.name}` {why}"
    for rule in pack.rules.values():
        if any(what.what in ladder.steps for what in _steps(rule)):
            yield Edge(node, ("rules", rule.id), window, ladder.name, endless)
    for overrule in ladder.overruled_by:
        for read in nodes_of(overrule.when):
            yield Edge(node, read, window, ladder.name, endless)


def ladder_window(pack: Pack, ladder: Ladder) -> int:
    """Return how far a ladder looks back for repeats and for steps to add up.

    A repeat stands above the last one, which stood above the one before; and what is used up is told by what was used
    up before it: then there is no step but the first from which all could be worked out.
    """
    found = [FOREVER if one.within is None or one.used_up else upper_seconds(one.within) for one in ladder.accumulate]
    if ladder.repeat_same is not None:
        looked = ladder.repeat_within
        within = FOREVER if looked is None or ladder.repeat_raise > 0 else upper_seconds(looked)
        for rule in pack.rules.values():
            for what in _steps(rule):
                if what.what in ladder.steps and what.class_ != "none":
                    look = PERIOD_DAYS.get(what.look_back or "")
                    found.append(within if look is None else look * DAY)
    return max(found, default=0)


def _steps(rule: Rule) -> list[Consequence]:
    consequences = (rule.consequence, *(tier.consequence for tier in rule.tiers))
    return [one for one in consequences if one is not None and one.act is Act.STEP]


def _of_events(pack: Pack) -> Iterator[Edge]:
    """Yield what lies behind an event: the rules that deem or void it, the roster that fills it in."""
    for rule in pack.rules.values():
        if rule.counts_as is not None:
            yield Edge(("events", rule.counts_as), ("rules", rule.id), 0, rule.id)
        if rule.voids:
            for pattern in rule.when:
                for name in pattern.names if pattern.kind is FactKind.EVENT else ():
                    yield Edge(("events", name), ("rules", rule.id), 0, rule.id)
    roster = next((record for record in pack.records.values() if record.spans == "shift"), None)
    for kind in pack.events.values() if roster is not None else ():
        if roster is not None and kind.on_shift and not kind.fields.keys().isdisjoint(ROSTER_FIELDS):
            yield Edge(("events", kind.name), ("records", roster.name), 0, roster.name)


# --- readings ------------------------------------------------------------------------------------------------------


def _edges(
    pack: Pack, reader: Node, readings: Iterable[Reading], window: int, rule: Rule | None = None
) -> Iterator[Edge]:
    for reading in readings:
        for read in _read(pack, reading, rule):
            if read != reader:
                yield Edge(reader, read, window, reader[1])


def _read(pack: Pack, reading: Reading, rule: Rule | None) -> Iterator[Node]:
    if isinstance(reading, Pattern):
        yield from nodes_of(reading)
        return
    named = entry_named(reading)
    if named is None or named[1] not in getattr(pack, named[0]):
        return  # the name of a link is no entry
    if rule is None or named[0] != "rules" or named[1] not in rule.of:
        yield named


def nodes_of(pattern: Pattern) -> Iterator[Node]:
    """Yield what a pattern looks for."""
    section = {FactKind.EVENT: "events", FactKind.END: "records", FactKind.RECORD: "records"}
    for name in pattern.names:
        yield (section.get(pattern.kind, "rules"), name)
