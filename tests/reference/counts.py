"""Counts, taken anew for each reader by looking at every member."""

from __future__ import annotations

import datetime as dt

import attrs

from dutyrules.policies.model import WindowKind
from dutyrules.policies.syntax import FactKind, Field

from . import days, expressions, patterns, records, truth
from .facts import ABSENT, Fact, Instance, Spot
from .truth import Unknown

CALENDAR = {
    WindowKind.DAY: "day",
    WindowKind.WEEK: "week",
    WindowKind.HALF_MONTH: "half_month",
    WindowKind.MONTH: "month",
    WindowKind.QUARTER: "quarter",
    WindowKind.YEAR: "year",
}


@attrs.frozen(eq=False)
class Member:
    """One thing that a count may count: a fact, a day of a fact or a record, seen from its own spot."""

    thing: Fact | Instance
    order: tuple
    spot: Spot
    certain: object
    date: object


def read(world, tree, spot):
    """Return the number that a count comes to for a reader."""
    count = world.pack.counts[tree.name]
    key, window = reader_key(world, count, tree.args, spot)
    if lost := truth.unknowns([*key, window]):
        return lost
    horizon = horizon_of(world, count, spot)
    mine = [
        member
        for member in members(world, count, spot, horizon)
        if has_key(world, count, member, key) and in_window(world, count, member, window, spot)
        if not left_out(world, count, member, spot)
    ]
    mine = up_to_reader(mine, spot)
    if count.streak_of is not None:
        return streak(world, count, mine, spot, key)
    if lost := truth.unknowns([member.certain for member in mine]):
        return lost
    if count.distinct is None:
        return len(mine)
    values = [of_member(world, member, count.distinct) for member in mine]
    return truth.unknowns(values) or len(set(values))


def reader_key(world, count, args, spot):
    """Return the key and the day, label or None of the window for a reader; arguments stand for the last of these."""
    given = [expressions.evaluate(world, arg, spot) for arg in args]
    own = [expressions.evaluate(world, reader.tree, spot) for reader, _ in count.per[len(given) :]]
    key = given[: len(count.per)] + own
    window = given[-1] if len(given) > len(count.per) else spot.day
    if count.window is WindowKind.ROLLING and spot.period is not None and spot.period.kind != "period":
        window = min(spot.period.last, days.date_of(spot.at, world.zone))
    return key, window


def horizon_of(world, count, spot) -> int:
    """Return up to when members count: all that belong there at the end of something, else the reader's instant."""
    if spot.closing is None:
        return spot.at
    named = {reader.tree.name for reader, _ in count.per if isinstance(reader.tree, Field)}
    whole = isinstance(spot.closing, Instance) and set(spot.closing.key) <= named
    return world.as_of if count.window in CALENDAR or whole else spot.at


def members(world, count, spot, horizon: int) -> list[Member]:
    """Return everything that meets the patterns of a count up to a horizon, certain or not."""
    found = []
    for pattern in count.of:
        if pattern.kind is FactKind.RECORD:
            for instance, certain in patterns.instances_of(world, pattern, horizon, spot):
                if count.window is WindowKind.OPEN and not instance.alive(horizon):
                    continue
                inner = patterns.inside(instance, horizon, spot)
                order = (instance.opened, 0, instance.id)
                found += spread(world, count, instance, order, inner, certain, records.date_of(world, instance))
            continue
        for fact in patterns.facts_of(world, pattern):
            certain = patterns.holds(world, pattern, fact)
            if fact.time <= horizon and certain is not False:
                inner = patterns.spot_at(world, fact)
                found += spread(world, count, fact, fact.order, inner, certain, inner.day)
    return found


def spread(world, count, thing, order, spot, certain, day) -> list[Member]:
    """Return one member for a thing, or one for each day of it."""
    if count.spread is not None:
        first, last = (expressions.bare(world, name, spot) for name in count.spread)
        if isinstance(first, Unknown) or isinstance(last, Unknown):
            return []
        number = (last - first).days + 1
        return [
            Member(thing, order, spot, certain, first + later * dt.timedelta(days=1)) for later in range(max(number, 0))
        ]
    if count.date is not None:
        day = expressions.evaluate(world, count.date.tree, spot)
    return [Member(thing, order, spot, certain, day)]


def has_key(world, count, member, key) -> bool:
    """Tell whether a member stands under a key; a member whose key is not known stands nowhere."""
    return all(
        expressions.evaluate(world, own.tree, member.spot) == value
        for (_, own), value in zip(count.per, key, strict=True)
    )


def in_window(world, count, member, window, spot) -> bool:
    """Tell whether a member's date lies in the reader's window."""
    if count.window in (WindowKind.EVER, WindowKind.OPEN):
        return True
    if isinstance(member.date, Unknown):
        return False
    if count.window is WindowKind.ROLLING:
        return in_look_back(world, count.rolling, member, window, spot)
    kind = CALENDAR[count.window]
    wanted = window if isinstance(window, str) else days.dates_of(kind, window)[0]
    return days.dates_of(kind, member.date)[0] == wanted


def in_look_back(world, duration, member, day, spot) -> bool:
    """Tell whether a member lies in the look-back that ends with the reader; the corresponding day itself is in it."""
    if days.counts_dates(duration):
        return member.date <= day and days.shifted(member.date, duration, world.pack) >= day
    return spot.at - days.running_seconds(duration) <= member.spot.at <= spot.at


def left_out(world, count, member, spot) -> bool:
    """Tell whether a count leaves a member out because it is the reader itself."""
    if count.except_ is None:
        return False
    return of_member(world, member, count.except_) == expressions.bare(world, count.except_, spot)


def of_member(world, member, name: str):
    """Return a field of a member; the date of a day is that day."""
    if name == "date":
        return member.date
    return expressions.bare(world, name, member.spot)


def up_to_reader(found: list[Member], spot) -> list[Member]:
    """Return the members up to the reader, where the reader is one of them."""
    if spot.fact is None or spot.instance is not None:
        return found
    own = [member for member in found if isinstance(member.thing, Fact) and same_fact(member.thing, spot.fact)]
    if not own:
        return found
    return [member for member in found if member.order <= spot.fact.order]


def same_fact(one: Fact, other: Fact) -> bool:
    """Tell whether two facts are the same."""
    return (one.kind, one.name, one.id) == (other.kind, other.name, other.id)


def streak(world, count, found: list[Member], spot, key) -> int | Unknown:
    """Return the length of the run of consecutive records with a member each that ends with the reader's."""
    reader = record_of(world, count.streak_of, spot.fact, spot.matter)
    if reader is None:
        return 0
    run = sorted(
        (
            instance
            for instance in records.of_kind(world, count.streak_of)
            if instance.known(spot.at)
            and records.date_of(world, instance) <= records.date_of(world, reader)
            and record_key(world, count, instance) == list(key)
        ),
        key=lambda instance: (records.date_of(world, instance), instance.opened, instance.id),
    )
    length = 0
    for instance in reversed(run):
        there = [member for member in found if belongs_to(world, count.streak_of, member, instance)]
        if lost := truth.unknowns([member.certain for member in there]):
            return lost
        if not there:
            break
        length += 1
    return length


def record_key(world, count, instance) -> list:
    """Return the key under which a record of a streak stands, read as the member's own key would be."""
    return [
        records.read(world, instance, own.tree.name, instance.opened) if isinstance(own.tree, Field) else ABSENT
        for _, own in count.per
    ]


def record_of(world, kind: str, fact, matter) -> Instance | None:
    """Return the record of a kind that a fact or matter is about."""
    if matter is not None and matter.instance is not None and matter.instance.kind == kind:
        return matter.instance
    if fact is None:
        return None
    if fact.matter is not None and fact.matter.instance is not None and fact.matter.instance.kind == kind:
        return fact.matter.instance
    return records.found_by_key(world, kind, fact.data, fact.time)


def belongs_to(world, kind: str, member, instance) -> bool:
    """Tell whether a member is one of a record's own."""
    if not isinstance(member.thing, Fact):
        return False
    own = record_of(world, kind, member.thing, member.thing.matter)
    return own is not None and own.id == instance.id
