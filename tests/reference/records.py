"""Records, folded from the whole list of facts each time."""

from __future__ import annotations

from . import days, expressions, instants, patterns
from .facts import ABSENT, Instance, Spot
from .truth import Unknown, lacking

ROLES = {"open": 0, "update": 1, "close": 2}
"""What comes first within one instant."""


def of_kind(world, kind: str) -> list[Instance]:
    """Return all records of a kind that are known, in order of opening."""
    return world.once(("records", kind), lambda: fold(world, world.pack.records[kind]))


def fold(world, record) -> list[Instance]:
    """Walk through the facts that concern a kind and keep its records."""
    steps = []
    for role, found in (("open", record.opens), ("update", record.updates), ("close", record.closes)):
        for pattern in found:
            steps += [((fact.time, ROLES[role], fact.order), role, fact) for fact in patterns.certain(world, pattern)]
    steps.sort(key=lambda step: step[0])
    kept: list[Instance] = []
    for _, role, fact in steps:
        if role == "open":
            for key in keys_of(world, record, fact):
                open_or_update(record, key, fact, kept)
            continue
        for instance in concerned(record, fact, kept):
            instance.touched.append(fact)
            if role == "close":
                instance.closed, instance.closer = fact.time, fact
    for instance in kept:
        set_ends(world, record, instance)
    return kept


def keys_of(world, record, fact) -> list[dict]:
    """Return the keys of the records that a fact opens: one for each shift where it names none."""
    keys = [{}]
    for name in record.key:
        value = fact.data.get(name)
        values = [value]
        if value is None and record.spans == "shift" and name == "period":
            values = list(world.pack.shifts)
        keys = [{**key, name: each} for key in keys for each in values]
    return [key for key in keys if None not in key.values()]


def open_or_update(record, key, fact, kept) -> None:
    """Open a record, or update the one that is there already."""
    there = [instance for instance in kept if instance.key == key]
    if there and (not record.episodic or there[-1].closed is None):
        there[-1].touched.append(fact)
        there[-1].openers.append(fact)
        return
    episode = fact.id if record.episodic else None
    kept.append(Instance(record.name, key, fact, fact.time, episode, [fact], [fact]))


def concerned(record, fact, kept) -> list[Instance]:
    """Return the open records that an updating or closing fact is about, by the key fields that it carries."""
    carried = {name: fact.data[name] for name in record.key if fact.data.get(name) is not None}
    if record.key and not carried:
        return []
    return [
        instance
        for instance in kept
        if instance.closed is None and all(instance.key[name] == value for name, value in carried.items())
    ]


def set_ends(world, record, instance) -> None:
    """Give a record that follows shifts, or ends with a day, its start and its end."""
    if record.spans:
        spans = spans_of(world, record, instance)
        if spans:
            instance.start, instance.end = min(span[0] for span in spans), max(span[1] for span in spans)
            instance.season = spans[0][2]
            close(world, instance, instance.end)
    elif record.closes_at is not None:
        found = instants.evaluate(world, record.closes_at, spot_of(world, instance, instance.opened))
        if not isinstance(found, Unknown):
            close(world, instance, instants.after_end(world, found, record.closes_at))


def spans_of(world, record, instance) -> list[tuple]:
    """Return start, end and season of each shift of a record, none where one of them is not known.

    A day of duty has the shifts that the roster names, all where an entry names none; one after its end adds nothing.
    """
    if record.spans == "shift":
        spans = [shift_span(world, instance.key["period"], instance.key["duty_date"])]
        return [] if None in spans else spans
    found: list[tuple] = []
    for number in range(len(instance.openers)):
        named = {fact.data.get("period") for fact in instance.openers[: number + 1]}
        if found and instance.openers[number].time >= max(span[1] for span in found):
            break
        known = [name for name in world.pack.shifts if name in named]
        names = known if known and None not in named else list(world.pack.shifts)
        found = [shift_span(world, name, instance.key["duty_date"]) for name in names]
        if None in found:
            return []
    return found


def close(world, instance, when: int) -> None:
    """Close a record at an instant that its kind fixes, if it lived before."""
    world.interesting.add(when)
    if instance.opened < when and (instance.closed is None or when < instance.closed):
        instance.closed = when


def shift_span(world, name: str, duty_date):
    """Return start, end and season of a shift on a duty date, None where the season is not known."""
    shift = world.pack.shifts.get(name)
    if shift is None:
        return None
    season = season_on(world, duty_date)
    times = []
    for which in ("start", "end"):
        value = shift[which]
        if not isinstance(value, str):
            if season not in value:
                return None
            value = value[season]
        times.append(days.at(duty_date, days.clock_seconds(value), world.zone))
    return times[0], times[1], season


def season_on(world, day) -> str | None:
    """Return the season of a day."""
    ranges = world.pack.seasons
    return days.season_of(day, ranges) if ranges else None


def spot_of(world, instance, at: int, **more) -> Spot:
    """Return the spot inside a record."""
    return Spot(at=at, day=date_of(world, instance), instance=instance, **more)


def date_of(world, instance):
    """Return the date that a record stands for, the day of its opening where its kind has none."""
    dated = dated_on(world, instance)
    return days.date_of(instance.opened, world.zone) if dated is None else dated


def dated_on(world, instance):
    """Return the date of a record of a dated kind, None where there is none."""
    dated = world.pack.records[instance.kind].dated
    value = read(world, instance, dated, world.as_of) if dated else lacking("date")
    if isinstance(value, Unknown):
        return None
    return days.date_of(value, world.zone) if isinstance(value, int) else value


def read(world, instance, name: str, at: int):
    """Return a field of a record as it stood at an instant."""
    value = own(world, instance, name, at)
    if value is not ABSENT:
        return value
    record = world.pack.records[instance.kind]
    if record.reads:
        at = at if instance.closed is None else min(at, instance.closed)
        other = found_by_key(world, record.reads, instance.key, at)
        if other is not None:
            return read(world, other, name, at)
    return lacking(f"{instance.kind}.{name}")


def own(world, instance, name: str, at: int):
    """Return a field that the record itself has, or ABSENT."""
    if name in instance.key:
        return instance.key[name]
    for find in (own_time, carried_by_facts, own_day, has_happened):
        value = find(world, instance, name, at)
        if value is not ABSENT:
            return value
    return ABSENT


def own_time(world, instance, name: str, at: int):
    """Return one of the record's own times, or ABSENT."""
    record = world.pack.records[instance.kind]
    if name == "opened":
        return instance.opened
    if name == "closed":
        return instance.closed if instance.closed is not None and instance.closed <= at else ABSENT
    if name in ("start", "end", "season") and getattr(instance, name) is not None:
        return getattr(instance, name)
    if name == "start" and record.start is not None:
        return instants.first_second(world, instants.evaluate(world, record.start, spot_of(world, instance, at)))
    return ABSENT


def carried_by_facts(_world, instance, name: str, at: int):
    """Return the field as the last fact that touched the record and carries it left it, or ABSENT."""
    there = [fact.data[name] for fact in instance.touched if fact.time <= at and fact.data.get(name) is not None]
    return there[-1] if there else ABSENT


def own_day(world, instance, name: str, _at: int):
    """Return the record's date, or the end that its kind fixes, or ABSENT."""
    record = world.pack.records[instance.kind]
    if name == "end" and instance.closed is not None and record.closes_at is not None:
        return instance.closed
    return date_of(world, instance) if name == "date" and record.dated not in (None, "date") else ABSENT


def has_happened(world, instance, name: str, at: int):
    """Return whether an event of that type has touched the record, ABSENT where the name is no such type."""
    record = world.pack.records[instance.kind]
    if name not in {each for pattern in (*record.opens, *record.updates, *record.closes) for each in pattern.names}:
        return ABSENT
    return any(fact.name == name and fact.time <= at for fact in instance.touched)


def found_by_key(world, kind: str, carried: dict, at: int) -> Instance | None:
    """Return the latest record of a kind whose whole key is carried and which was opened by then."""
    key = world.pack.records[kind].key
    if any(carried.get(name) is None for name in key):
        return None
    there = [
        instance
        for instance in of_kind(world, kind)
        if instance.known(at) and all(instance.key[name] == carried[name] for name in key)
    ]
    return there[-1] if there else None


def linked(world, instance, name: str) -> Instance | None:
    """Return the record to which a link of this record leads."""
    for link in world.pack.records[instance.kind].links:
        if link.name != name:
            continue
        spot = spot_of(world, instance, instance.opened)
        if link.if_ is not None and expressions.evaluate(world, link.if_.tree, spot) is not True:
            return None
        wanted = expressions.evaluate(world, link.of.tree, spot)
        if isinstance(wanted, Unknown):
            return None
        first = world.pack.records[link.record].key[0]
        there = [
            other
            for other in of_kind(world, link.record)
            if other.key[first] == wanted and other.opened <= instance.opened and in_reach(world, link, other, instance)
        ]
        return there[-1] if there else None
    return None


def in_reach(world, link, other, instance) -> bool:
    """Tell whether a record opened within the link's time before this one."""
    if link.within is None:
        return True
    if days.counts_dates(link.within):
        since = days.shifted(days.date_of(instance.opened, world.zone), link.within, world.pack, forward=False)
        return days.date_of(other.opened, world.zone) >= since
    return other.opened >= instance.opened - days.running_seconds(link.within)
