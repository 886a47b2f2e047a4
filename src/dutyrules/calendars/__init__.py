"""Dates and working time: durations, zones, periods, seasons, shifts, calendars and deadlines with their ledgers."""

from __future__ import annotations

from dutyrules.calendars.clock_times import ClockTime, parse_clock_time
from dutyrules.calendars.dates import days_later, last_day_of_month, months_later, nth_day_of_next_month
from dutyrules.calendars.deadlines import due_after, next_working_day, shift_date
from dutyrules.calendars.durations import Duration, Unit, parse_duration, parse_running
from dutyrules.calendars.errors import (
    BadCalendar,
    BadClockTime,
    BadDuration,
    BadInstant,
    BadPeriod,
    BadSeason,
    BadShift,
    CalendarError,
    Problem,
    UnknownCalendar,
    UnknownSeason,
    UnknownYear,
    UnknownZone,
    did_you_mean,
)
from dutyrules.calendars.holidays import Calendar, CalendarYear, DayKind, Notice, country_years, load_calendar
from dutyrules.calendars.ledger import DateLedger, Days, Ledger, Reason, Span
from dutyrules.calendars.periods import AnchoredPeriod, Period, PeriodKind, Recurrence, parse_period, period_of
from dutyrules.calendars.seasons import DayRange, Seasons, parse_day_range
from dutyrules.calendars.shifts import Hours, SeasonalTime, ShiftSpan, ShiftTimes, WorkingHours
from dutyrules.calendars.zones import Zone, parse_instant

__all__ = [
    "AnchoredPeriod",
    "BadCalendar",
    "BadClockTime",
    "BadDuration",
    "BadInstant",
    "BadPeriod",
    "BadSeason",
    "BadShift",
    "Calendar",
    "CalendarError",
    "CalendarYear",
    "ClockTime",
    "DateLedger",
    "DayKind",
    "DayRange",
    "Days",
    "Duration",
    "Hours",
    "Ledger",
    "Notice",
    "Period",
    "PeriodKind",
    "Problem",
    "Reason",
    "Recurrence",
    "SeasonalTime",
    "Seasons",
    "ShiftSpan",
    "ShiftTimes",
    "Span",
    "Unit",
    "UnknownCalendar",
    "UnknownSeason",
    "UnknownYear",
    "UnknownZone",
    "WorkingHours",
    "Zone",
    "country_years",
    "days_later",
    "did_you_mean",
    "due_after",
    "last_day_of_month",
    "load_calendar",
    "months_later",
    "next_working_day",
    "nth_day_of_next_month",
    "parse_clock_time",
    "parse_day_range",
    "parse_duration",
    "parse_instant",
    "parse_period",
    "parse_running",
    "period_of",
    "shift_date",
]
