"""Instants and durations: what a `from`, `by` or `within` comes to, as a date or a second."""

from __future__ import annotations

import datetime as dt

from dutyrules.policies import syntax

from . import days, expressions, records
from .truth import Unknown, lacking


def evaluate(world, tree, spot):
    """Return a date, an epoch second or an unknown."""
    try:
        return READERS[type(tree)](world, tree, spot)
    except days.NoSuchYear as missing:
        return lacking(str(missing))


def at_time(world, tree, spot):
    """Return a time of day on a day."""
    day = _as_date(world, evaluate(world, tree.day, spot))
    if isinstance(day, Unknown):
        return day
    return days.at(day, tree.time.hour * 3600 + tree.time.minute * 60 + tree.time.second, world.zone)


def day_of_next_month(_world, tree, spot):
    """Return day n of the month after that of the matter's date, or after the period."""
    anchor = spot.period.last if spot.period is not None else spot.day
    month = days.months_later(anchor.replace(day=1), 1)
    return month.replace(day=min(tree.day, days.last_of_month(month).day))


def weekday_of(_world, tree, spot):
    """Return a weekday of the week that holds the matter's date or begins the period, or of the week after."""
    anchor = spot.period.first if spot.period is not None else spot.day
    monday = anchor - dt.timedelta(days=anchor.weekday())
    return monday + dt.timedelta(days=tree.weekday + (7 if tree.next else 0))


def next_working_day(world, tree, spot):
    """Return the first working day after a day."""
    day = _as_date(world, evaluate(world, tree.base, spot))
    if isinstance(day, Unknown):
        return day
    day += days.DAY
    while not days.is_working_day(day, world.pack):
        day += days.DAY
    return day


def end_of(world, tree, spot):
    """Return the last second of a day, or of the rule's own period."""
    if tree.base is not None:
        return last_second(world, _as_date(world, evaluate(world, tree.base, spot)))
    return spot.period.end if spot.period is not None else days.end_of(spot.day, world.zone)


def either(world, tree, spot):
    """Return one instant or another, by a condition."""
    chosen = expressions.truth_tree(world, getattr(tree.condition, "tree", tree.condition), spot)
    if isinstance(chosen, Unknown):
        return chosen
    return evaluate(world, tree.then if chosen else tree.otherwise, spot)


def offset(world, tree, spot):
    """Return an instant moved by a duration, or by what a parameter says on the matter's day."""
    duration = tree.duration
    if tree.parameter is not None:
        duration = expressions.parameter(world, tree.parameter, spot.day)
        if isinstance(duration, Unknown):
            return duration
    return moved(world, evaluate(world, tree.base, spot), duration, forward=tree.forward)


READERS = {
    syntax.AtTime: at_time,
    syntax.Offset: offset,
    syntax.DayOfNextMonth: day_of_next_month,
    syntax.WeekdayOf: weekday_of,
    syntax.NextWorkingDay: next_working_day,
    syntax.EndOf: end_of,
    syntax.ReadInstant: lambda world, tree, spot: expressions.evaluate(world, tree.expr.tree, spot),
    syntax.EitherInstant: either,
}


def moved(world, base, duration, *, forward: bool = True):
    """Return the instant that lies a duration after or before another; counted dates give a date."""
    if isinstance(base, Unknown):
        return base
    unit = str(duration.unit)
    try:
        if unit == "working_hour":
            return in_working_hours(world, first_second(world, base), duration.amount * 3600)
        if days.counts_dates(duration):
            return days.shifted(_as_date(world, base), duration, world.pack, forward=forward)
    except days.NoSuchYear as missing:
        return lacking(str(missing))
    seconds = days.running_seconds(duration)
    return first_second(world, base) + (seconds if forward else -seconds)


def in_working_hours(world, start: int, seconds: int) -> int:
    """Return when so many seconds of working hours have run since `start`."""
    day = days.date_of(start, world.zone)
    while True:
        if days.is_working_day(day, world.pack):
            for first, until in hours_on(world, next(iter(world.pack.hours)), day):
                since = max(first, start)
                if since < until:
                    if seconds <= until - since:
                        return since + seconds
                    seconds -= until - since
        day += days.DAY


def hours_on(world, name: str, day) -> list[tuple[int, int]]:
    """Return the stretches of the pack's hours on a day, breaks taken out; each end is excluded."""
    entry, season = world.pack.hours[name], records.season_on(world, day)

    def clock(value) -> int:
        return days.at(day, days.clock_seconds(value if isinstance(value, str) else value[season]), world.zone)

    spans = [(clock(entry["start"]), clock(entry["end"]))]
    breaks = entry.get("breaks") or []
    for text in [breaks] if isinstance(breaks, str) else breaks:
        if text in world.pack.shifts:
            off = records.shift_span(world, text, day)
        else:
            first, last = text.split("-")
            off = (clock(first.strip()), clock(last.strip()))
        spans = [
            piece
            for since, until in spans
            for piece in ((since, min(until, off[0])), (max(since, off[1]), until))
            if piece[0] < piece[1]
        ]
    return spans


def _as_date(world, value):
    if isinstance(value, int) and not isinstance(value, bool):
        return days.date_of(value, world.zone)
    return value


def first_second(world, value):
    """Return the second at which a date or instant begins."""
    return value if isinstance(value, Unknown | int) else days.start_of(value, world.zone)


def last_second(world, value):
    """Return the last second of a date, or the instant itself."""
    return value if isinstance(value, Unknown | int) else days.end_of(value, world.zone)


def after_end(world, value, tree) -> int:
    """Return when something that ends with a date is over: at the midnight after it; with an instant: then."""
    if isinstance(tree, syntax.EndOf):
        return last_second(world, value) + 1
    return last_second(world, value) + 1 if not isinstance(value, int) else value


def due(world, base: int, within, spot, pauses=()):
    """Return the last second in time for a `within`, counted from the clock's start or from the instant that it names.

    A pause stretches what runs by its seconds; of dates, each one that it touches is skipped.
    """
    origin = base if within.of is None else evaluate(world, within.of, spot)
    duration = within.duration
    if within.parameter is not None:
        duration = expressions.parameter(world, within.parameter, spot.day)
        if isinstance(duration, Unknown):
            return duration
    plain = moved(world, origin, duration)
    if isinstance(plain, Unknown) or not pauses:
        return last_second(world, plain)
    if isinstance(plain, int):
        return stretched(first_second(world, origin), duration, pauses)
    try:
        return days.end_of(skipping(world, _as_date(world, origin), plain, duration, pauses), world.zone)
    except days.NoSuchYear as missing:
        return lacking(str(missing))


def stretched(start: int, duration, pauses) -> int:
    """Return when so many seconds have run since `start` that lie in no pause."""
    left, position = days.running_seconds(duration), start
    for since, until in pauses:
        if until <= position:
            continue
        if max(0, since - position) >= left:
            break
        left -= max(0, since - position)
        position = until
    return position + left


def skipping(world, origin, plain, duration, pauses):
    """Return the date on which as many dates have been counted as without pauses, touched ones left out."""
    touched = set()
    for since, until in pauses:
        day = days.date_of(since, world.zone)
        while since < until and day <= days.date_of(until - 1, world.zone):
            touched.add(day)
            day += days.DAY
    only_worked = str(duration.unit) == "working_day"
    left = duration.amount if only_worked else (plain - origin).days
    day = origin
    while left:
        day += days.DAY
        if day not in touched and (not only_worked or days.is_working_day(day, world.pack)):
            left -= 1
    return day
