"""Deadlines and dates reckoned from a duration, each with its ledger.

Seconds, minutes and hours run. Days, weeks, months, quarters and years count the dates after that of the start and end
with the last second of the last one; so do working days, over working dates only. Working hours run within the hours of
working dates. A pause stretches what runs by its seconds; of dates, each one that it touches is skipped.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

from dutyrules.calendars.dates import days_later, months_later
from dutyrules.calendars.durations import DATES, MONTHS, SECONDS, Duration, Unit
from dutyrules.calendars.errors import BadDuration, BadInstant, Problem
from dutyrules.calendars.ledger import DateLedger, Days, Ledger, Reason, Span, merged_days, merged_spans

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import date

    from dutyrules.calendars.holidays import Calendar
    from dutyrules.calendars.zones import Zone

Pauses = tuple[tuple[int, int], ...]
_FARTHEST: Final = 73_050
"""Working hours that have not run out in so many dates, two hundred years, never will."""


class SpansOfDay(Protocol):
    """The hours that are worked on a date."""

    def spans(self, day: date) -> Sequence[tuple[int, int]]:
        """Give the spans of a date in order, each end excluded."""


def due_after(
    start: int,
    duration: Duration,
    *,
    zone: Zone,
    calendar: Calendar,
    hours: SpansOfDay | None = None,
    pauses: Sequence[tuple[int, int]] = (),
) -> Ledger:
    """Give the deadline a duration after an instant; a pause lasts from its first instant to its second, excluded."""
    stops = _merged(pauses)
    entries: tuple[Days | Span, ...]
    if duration.unit in SECONDS:
        due, entries = _run(start, duration.seconds, stops)
    elif duration.unit is Unit.WORKING_HOUR:
        if hours is None:
            raise BadDuration(Problem(f"`{duration}` needs to know the working hours"))
        worked = _work(start, duration, zone, calendar, hours, stops)
        due = worked[-1].end if worked else start
        entries = merged_spans(_with_gaps(start, worked, zone, calendar, stops))
    else:
        dates = _count_dates(zone.date_of(start), duration, calendar, _dates_of(stops, zone))
        due, entries = zone.end_of(dates[-1].last), dates
    return Ledger(start, due, duration, zone, entries)


def shift_date(day: date, duration: Duration, *, forward: bool, calendar: Calendar) -> DateLedger:
    """Give the date so many days, weeks, months or working days after or before another."""
    if forward:
        entries = _count_dates(day, duration, calendar, ())
        return DateLedger(day, entries[-1].last, duration, entries)
    origin = Days(counted=False, first=day, last=day, reason=Reason.COUNTED_FROM)
    if duration.unit is Unit.WORKING_DAY:
        walked = list(_walk(day, -1, duration.amount, lambda each: _worked(each, calendar)))
        entries = (*merged_days(reversed(walked)), origin)
    else:
        entries = (*_all_dates(_moved(day, duration, -1), days_later(day, -1)), origin)
    return DateLedger(day, entries[0].first, duration, entries)


def next_working_day(day: date, calendar: Calendar) -> date:
    """Give the first working day after a date."""
    following = days_later(day, 1)
    while not calendar.is_working_day(following):
        following = days_later(following, 1)
    return following


def _merged(pauses: Sequence[tuple[int, int]]) -> Pauses:
    """Sort the pauses and join those that overlap or touch."""
    merged: list[tuple[int, int]] = []
    for first, last in sorted(pauses):
        if last < first:
            raise BadInstant(Problem(f"a pause from `{first}` to `{last}` ends before it starts"))
        if merged and first <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], last))
        elif first < last:
            merged.append((first, last))
    return tuple(merged)


# What runs


def _run(start: int, seconds: int, stops: Pauses) -> tuple[int, tuple[Span, ...]]:
    spans: list[Span] = []
    position, left = start, seconds
    for first, last in stops:
        running = max(0, first - position)
        if last <= position or running >= left:
            continue
        if running:
            spans.append(Span(counted=True, start=position, end=first, reason=Reason.TIME_RUNS))
            position, left = first, left - running
        spans.append(Span(counted=False, start=position, end=last, reason=Reason.PAUSED))
        position = last
    if left:
        spans.append(Span(counted=True, start=position, end=position + left, reason=Reason.TIME_RUNS))
    return position + left, tuple(spans)


# What runs in working hours


def _work(
    start: int, duration: Duration, zone: Zone, calendar: Calendar, hours: SpansOfDay, stops: Pauses
) -> list[Span]:
    """Take spans of work until the duration is used up; the hours of the day before may reach into the first date."""
    worked: list[Span] = []
    position, left = start, duration.amount * SECONDS[Unit.HOUR]
    first_date = zone.date_of(start)
    for later in range(-1, _FARTHEST):
        if left == 0:
            return worked
        day = days_later(first_date, later)
        spans = [(max(first, position), last) for first, last in hours.spans(day) if last > position]
        if not spans or not calendar.is_working_day(day):
            continue
        for first, last in (piece for span in spans for piece in _outside(span, stops)):
            begin = max(first, position)
            if left and begin < last:
                position = min(last, begin + left)
                left -= position - begin
                worked.append(Span(counted=True, start=begin, end=position, reason=Reason.WORKING_HOURS))
    raise BadDuration(Problem(f"`{duration}` never pass, because the working hours are too short"))


def _outside(span: tuple[int, int], stops: Pauses) -> Iterator[tuple[int, int]]:
    """Cut the pauses out of a span."""
    position, end = span
    for first, last in stops:
        if first >= end:
            break
        if position < first:
            yield position, first
        position = max(position, last)
    if position < end:
        yield position, end


def _with_gaps(start: int, worked: list[Span], zone: Zone, calendar: Calendar, stops: Pauses) -> Iterator[Span]:
    """Explain the time between spans of work, date by date."""
    position = start
    for span in worked:
        while position < span.start:
            gap = _gap(position, span.start, zone, calendar, stops)
            yield gap
            position = gap.end
        yield span
        position = span.end


def _gap(start: int, end: int, zone: Zone, calendar: Calendar, stops: Pauses) -> Span:
    """Explain the time in which nothing is counted from its start to its end, or to where the reason may change."""
    day = zone.date_of(start)
    border = min(end, zone.start_of(days_later(day, 1)))
    for first, last in stops:
        if first <= start < last:
            return Span(counted=False, start=start, end=min(border, last), reason=Reason.PAUSED)
        if start < first:
            border = min(border, first)
    kind = calendar.day(day)
    if kind.working:
        return Span(counted=False, start=start, end=border, reason=Reason.OUTSIDE_HOURS)
    return Span(counted=False, start=start, end=border, reason=kind.reason, name=kind.name, name_en=kind.name_en)


# What counts dates


def _dates_of(stops: Pauses, zone: Zone) -> tuple[tuple[date, date], ...]:
    """Give the first and last date that each pause touches."""
    return tuple((zone.date_of(first), zone.date_of(last - 1)) for first, last in stops)


def _count_dates(
    first: date, duration: Duration, calendar: Calendar, paused: tuple[tuple[date, date], ...]
) -> tuple[Days, ...]:
    """Count the dates after the first until the duration is used up."""
    origin = Days(counted=False, first=first, last=first, reason=Reason.COUNTED_FROM)
    working = duration.unit is Unit.WORKING_DAY
    if not working and not paused:
        return (origin, *_all_dates(days_later(first, 1), _moved(first, duration, 1)))

    def judge(day: date) -> Days:
        if any(start <= day <= end for start, end in paused):
            return Days(counted=False, first=day, last=day, reason=Reason.PAUSED)
        return _worked(day, calendar) if working else Days(counted=True, first=day, last=day, reason=Reason.EVERY_DAY)

    count = duration.amount if working else _moved(first, duration, 1).toordinal() - first.toordinal()
    return merged_days([origin, *_walk(first, 1, count, judge)])


def _walk(day: date, step: int, count: int, judge: Callable[[date], Days]) -> Iterator[Days]:
    while count:
        day = days_later(day, step)
        entry = judge(day)
        yield entry
        count -= entry.counted


def _worked(day: date, calendar: Calendar) -> Days:
    kind = calendar.day(day)
    return Days(kind.working, day, day, kind.reason, kind.name, kind.name_en)


def _all_dates(first: date, last: date) -> tuple[Days, ...]:
    return (Days(counted=True, first=first, last=last, reason=Reason.EVERY_DAY),) if first <= last else ()


def _moved(day: date, duration: Duration, sign: int) -> date:
    if duration.unit in DATES:
        return days_later(day, sign * duration.amount * DATES[duration.unit])
    if duration.unit in MONTHS:
        return months_later(day, sign * duration.amount * MONTHS[duration.unit])
    raise BadDuration(Problem(f"`{duration}` cannot be counted in dates", "use days, working days, weeks or months"))
