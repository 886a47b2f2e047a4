"""Dates in a program: what a condition asks of a day, and the calendar that a program carries as plain data."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Final

from dutyrules.calendars import CalendarError, Hours, SeasonalTime, Seasons, ShiftTimes, load_calendar
from dutyrules.compiler.views import Code, NotStreamable, View, joined
from dutyrules.policies import syntax as s
from dutyrules.policies.functions import WEEKDAYS
from dutyrules.policies.model import FieldType

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dutyrules.policies.model import Pack

OF_A_DAY: Final = {"weekday", "is_working_day", "days_between", "month_of", "year_of", "hour_of"}
"""The functions of days and instants that a program has."""
USED: Final = re.compile(r"\b(?:as_date|day_of_next_month|weekday_of_week|Days|DateLimit|HoursLimit)\b")
NEEDS_DAYS: Final = re.compile(r"\b(?:days\.|limit\d+\.)")
LEAP_YEAR: Final = 2024


def of_a_day(pack: Pack, tree: s.Call, parts: list[Code], view: View) -> Code:
    """Return the code of a function of days or instants."""
    function, maybe = tree.function, joined(parts)
    first = parts[0].text
    match function:
        case "weekday":
            return Code(f"{WEEKDAYS!r}[{first}.weekday()]", maybe)
        case "is_working_day":
            return Code(f"days.works({first})", maybe)
        case "days_between":
            return Code(f"({parts[1].text} - {first}).days", maybe)
    kind = kind_of(pack, tree.arguments[0], view)
    if kind not in (FieldType.DATE, FieldType.TIME):
        raise NotStreamable(f"it uses `{function}` of what may be a day or an instant")
    text = f"str({first})" if kind is FieldType.DATE else f"iso({first})"
    match function:
        case "month_of":
            return Code(f"{text}[:7]", maybe)
        case "year_of":
            return Code(f"int({text}[:4])", maybe)
    if kind is FieldType.DATE:
        raise NotStreamable("it asks for the hour of a day")
    return Code(f"int({text}[11:13])", maybe)


def kind_of(pack: Pack, tree: s.Expression, view: View) -> FieldType | None:
    """Return the type of a field that an expression reads, None for other expressions."""
    if not isinstance(tree, s.Field):
        return None
    if tree.scope is s.Scope.FACT and tree.name in view.event.fields:
        return view.event.fields[tree.name].type
    if tree.name == "date":
        return FieldType.DATE
    if tree.name in ("time", "opened"):
        return FieldType.TIME
    record = pack.records.get(tree.record or "") or (view.matter.record if view.matter is not None else None)
    patterns = () if record is None else (*record.opens, *record.updates, *record.closes)
    types = {
        pack.events[name].fields[tree.name].type
        for pattern in patterns
        for name in pattern.names
        if name in pack.events and tree.name in pack.events[name].fields
    }
    return types.pop() if len(types) == 1 else None


# --- what a program carries -------------------------------------------------------------------------------------------


def imported(body: str) -> list[str]:
    """Return the names that the lines of a program need of the tables of days."""
    return sorted({*USED.findall(body)})


def calendar_lines(pack: Pack) -> list[str]:
    """Return a pack's calendar and working hours as plain data, for `Days`."""
    calendar = load_calendar(pack.calendar, extra_holidays=pack.extra_holidays, extra_workdays=pack.extra_workdays)
    years = None if calendar.years is None else tuple(sorted(calendar.years))
    lines = [f"WEEKENDS = {calendar.weekends}", f"YEARS = {years!r}", "KINDS = {"]
    for day, kind in sorted(calendar.days.items()):
        row = (kind.working, kind.reason.value, kind.name, kind.name_en)
        lines.append(f"    {day.toordinal()}: {row!r},  # {day}")
    return [*lines, "}", *_hours(pack)]


def _hours(pack: Pack) -> list[str]:
    """Return the hours in which working hours run, for each season that has its own."""
    seasons = Seasons.parse(pack.seasons) if pack.seasons else None
    shifts = {name: ShiftTimes.parse(name, entry) for name, entry in pack.shifts.items()}
    hours = next((Hours.parse(name, entry, shifts) for name, entry in pack.hours.items()), None)
    if hours is None:
        return ["HOURS = None", "SEASONS = ()"]
    runs: list[tuple[int, str]] = []
    for place in range(366):
        day = dt.date(LEAP_YEAR, 1, 1) + dt.timedelta(days=place)
        season = "" if seasons is None else seasons.of(day) or ""
        if not runs or runs[-1][1] != season:
            runs.append((day.month * 100 + day.day, season))
    spans = {
        season: span for season in sorted({name for _day, name in runs}) if (span := _span(hours, season)) is not None
    }
    return [f"HOURS = {spans!r}", f"SEASONS = {tuple(runs)!r}"]


def _span(hours: Hours, season: str) -> tuple[int, int, tuple[tuple[int, int], ...]] | None:
    def seconds(time: SeasonalTime) -> int:
        return time.of(season or None, dt.date(LEAP_YEAR, 1, 1)).seconds

    try:
        breaks = tuple((seconds(one.start), seconds(one.end)) for one in hours.breaks)
        return seconds(hours.start), seconds(hours.end), breaks
    except CalendarError:
        return None


def days_made(reckoners: Mapping[str, str]) -> list[str]:
    """Return the lines of a program that make its tables of days, and what reckons with them."""
    made = "days = Days(clock, weekends=WEEKENDS, years=YEARS, kinds=KINDS, hours=HOURS, seasons=SEASONS)"
    return [made, *(f"{name} = {call}" for call, name in reckoners.items())]
