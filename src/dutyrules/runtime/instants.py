"""Instants named in a pack, read in a context; each knows how it was counted."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Final

from dutyrules.calendars import (
    ClockTime,
    Duration,
    PeriodKind,
    due_after,
    next_working_day,
    nth_day_of_next_month,
    period_of,
    shift_date,
)
from dutyrules.calendars.errors import CalendarError
from dutyrules.calendars.zones import FIRST_YEAR, LAST_YEAR
from dutyrules.policies import syntax as s
from dutyrules.runtime.values import Struct, Unknown, lacking

if TYPE_CHECKING:
    from dutyrules.policies.model import Within
    from dutyrules.runtime.context import Context
    from dutyrules.runtime.program import Program


FIRST_SECOND: Final = int(dt.datetime(FIRST_YEAR, 1, 1, tzinfo=dt.UTC).timestamp())
LAST_SECOND: Final = int(dt.datetime(LAST_YEAR + 1, 1, 1, tzinfo=dt.UTC).timestamp())


class Moment(Struct, frozen=True):
    """An instant, the day it was if it was one, and how it was counted."""

    time: int
    day: dt.date | None = None
    ledger: dict[str, Any] | None = None


class Instants:
    """Reads instants and time limits."""

    def __init__(self, program: Program) -> None:
        self._program = program

    def read(self, instant: s.Instant, ctx: Context, *, end: bool) -> Moment | Unknown:
        """Return an instant; a day is taken at its end (`by`) or at its start (`from`)."""
        try:
            found = self._read(instant, ctx)
        except CalendarError as error:
            return lacking(error.problems[0].message)
        if isinstance(found, Unknown) or found.day is None:
            return found
        zone = self._program.zone
        return Moment(zone.end_of(found.day) if end else zone.start_of(found.day), found.day, found.ledger)

    def limit(self, within: Within, start: int, ctx: Context, pauses: list[tuple[int, int]]) -> Moment | Unknown:
        """Return the end of a time limit that starts at `start` or at the instant that it names."""
        program = self._program
        try:
            if within.of is not None:
                base = self.read(within.of, ctx, end=False)
                if isinstance(base, Unknown):
                    return base
                start = base.time
            hours = self._working_hours()
            duration = self._length(within.duration, within.parameter, ctx)
            if isinstance(duration, Unknown):
                return duration
            ledger = due_after(
                start, duration, zone=program.zone, calendar=program.calendar, hours=hours, pauses=pauses
            )
        except CalendarError as error:
            return lacking(error.problems[0].message)
        return Moment(ledger.due, None, ledger.as_dict())

    def _working_hours(self) -> Any:  # noqa: ANN401 - whatever has spans(day)
        program = self._program
        hours = next(iter(program.hours.values()), None)
        return None if hours is None else hours.bind(program.zone, program.seasons)

    def _read(self, instant: s.Instant, ctx: Context) -> Moment | Unknown:  # noqa: PLR0911 - one case a form
        program = self._program
        match instant:
            case s.AtTime(time, day):
                base = self._day(day, ctx)
                clock = (
                    time
                    if isinstance(time, ClockTime)
                    else ClockTime(time.hour * 3600 + time.minute * 60 + time.second)
                )
                return base if isinstance(base, Unknown) else Moment(program.zone.at(base, clock))
            case s.Offset():
                return self._offset(instant, ctx)
            case s.DayOfNextMonth(number):
                day_found = self._own_day(ctx) if ctx.period is None else ctx.period.end
                if isinstance(day_found, Unknown):
                    return day_found
                return self._whole(nth_day_of_next_month(day_found, number))
            case s.WeekdayOf(weekday, following):
                own = self._own_day(ctx)
                if isinstance(own, Unknown):
                    return own
                week = period_of(PeriodKind.WEEK, own)
                week = week.next() if following else week
                return self._whole(week.start + dt.timedelta(days=weekday))
            case s.NextWorkingDay(base_instant):
                base = self._day(base_instant, ctx)
                return base if isinstance(base, Unknown) else self._whole(next_working_day(base, program.calendar))
            case s.EndOf(base=None):
                return lacking("a period") if ctx.period is None else self._whole(ctx.period.end)
            case s.EndOf(base_instant):
                base = self._day(base_instant, ctx) if base_instant is not None else lacking("a period")
                return base if isinstance(base, Unknown) else Moment(program.zone.end_of(base))
            case s.EitherInstant(condition, then, otherwise):
                met = program.evaluator.tree(condition)(ctx)
                return met if isinstance(met, Unknown) else self._read(then if met else otherwise, ctx)
            case s.ReadInstant(expr):
                return self.moment(program.evaluator.tree(expr.tree)(ctx))
        return lacking("an instant")

    def _whole(self, day: dt.date) -> Moment:
        return Moment(self._program.zone.start_of(day), day)

    def moment(self, value: object) -> Moment | Unknown:
        """Return a value as an instant: a day, at its start, or a second within the years that there are."""
        if isinstance(value, Unknown):
            return value
        if isinstance(value, dt.date):
            return self._whole(value)
        if isinstance(value, int) and not isinstance(value, bool) and FIRST_SECOND <= value <= LAST_SECOND:
            return Moment(value)
        return lacking(f"an instant in `{value}`")

    def _own_day(self, ctx: Context) -> dt.date | Unknown:
        return self._program.day_of(ctx) or lacking("a day")

    def _day(self, instant: s.Instant, ctx: Context) -> dt.date | Unknown:
        found = self._read(instant, ctx)
        if isinstance(found, Unknown):
            return found
        return found.day or self._program.zone.date_of(found.time)

    def _length(self, duration: Duration | None, parameter: str | None, ctx: Context) -> Duration | Unknown:
        program = self._program
        found = duration if parameter is None else program.parameter(parameter, program.day_of(ctx))
        return found if isinstance(found, Duration | Unknown) else lacking("a duration")

    def _offset(self, offset: s.Offset, ctx: Context) -> Moment | Unknown:
        program = self._program
        duration = self._length(offset.duration, offset.parameter, ctx)
        if isinstance(duration, Unknown):
            return duration
        if duration.runs:
            found = self._read(offset.base, ctx)
            if isinstance(found, Unknown):
                return found
            return Moment(found.time + duration.seconds * (1 if offset.forward else -1))
        day = self._day(offset.base, ctx)
        if isinstance(day, Unknown):
            return day
        ledger = shift_date(day, duration, forward=offset.forward, calendar=program.calendar)
        return Moment(program.zone.start_of(ledger.date), ledger.date, ledger.as_dict())
