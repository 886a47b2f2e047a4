"""Dates, times and durations, counted out day by day from the raw calendar files."""

from __future__ import annotations

import calendar
import datetime as dt
from functools import lru_cache
from importlib import resources
from zoneinfo import ZoneInfo

import attrs
import yaml

DAY = dt.timedelta(days=1)
PLAIN_SECONDS = {"second": 1, "minute": 60, "hour": 3600}
PLAIN_DAYS = {"day": 1, "week": 7}
PLAIN_MONTHS = {"month": 1, "quarter": 3, "year": 12}


class NoSuchYear(Exception):
    """A calendar was asked about a year that it does not hold."""

    def __init__(self, day: dt.date) -> None:
        super().__init__(f"the calendar of {day.year}")
        self.year = day.year


def date_of(instant: int, zone: str) -> dt.date:
    """Return the date on the wall at an instant."""
    return dt.datetime.fromtimestamp(instant, ZoneInfo(zone)).date()


def iso(instant: int, zone: str) -> str:
    """Return the instant as text with the zone's offset."""
    return dt.datetime.fromtimestamp(instant, ZoneInfo(zone)).isoformat()


def at(day: dt.date, seconds: int, zone: str) -> int:
    """Return the instant at which a clock on the wall shows so many seconds after that day's midnight."""
    later, rest = divmod(seconds, 86400)
    wall = dt.datetime.combine(day + later * DAY, dt.time(), ZoneInfo(zone)) + dt.timedelta(seconds=rest)
    return int(wall.timestamp())


def start_of(day: dt.date, zone: str) -> int:
    """Return the first second of a day."""
    return at(day, 0, zone)


def end_of(day: dt.date, zone: str) -> int:
    """Return the last second of a day."""
    return start_of(day + DAY, zone) - 1


def clock_seconds(text: str) -> int:
    """Read `17:00`, `08:30:15` or `08:30 next day` as seconds since the day's midnight."""
    time, *rest = str(text).split()
    parts = [int(part) for part in time.split(":")]
    parts += [0] * (3 - len(parts))
    return parts[0] * 3600 + parts[1] * 60 + parts[2] + (86400 if rest == ["next", "day"] else 0)


def months_later(day: dt.date, months: int) -> dt.date:
    """Return the same day of another month, or that month's last."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def last_of_month(day: dt.date) -> dt.date:
    """Return the last day of a day's month."""
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


@lru_cache
def bundled_days(country: str) -> tuple[frozenset[int], frozenset[dt.date], frozenset[dt.date]]:
    """Return the years, holidays and make-up workdays of the raw files of a country."""
    years, off, on = set(), set(), set()
    for file in (resources.files("dutyrules.calendars") / "data" / country).iterdir():
        if not file.name.endswith(".yaml"):
            continue
        entry = yaml.safe_load(file.read_text(encoding="utf-8"))
        years.add(entry["year"])
        for holiday in entry["holidays"]:
            day = holiday["first"]
            while day <= holiday["last"]:
                off.add(day)
                day += DAY
        on.update(workday["date"] for workday in entry["workdays"])
    return frozenset(years), frozenset(off), frozenset(on)


def is_working_day(day: dt.date, pack) -> bool:
    """Tell whether a date is worked by the pack's calendar."""
    if day in pack.extra_workdays:
        return True
    if day in pack.extra_holidays:
        return False
    if pack.calendar == "none":
        return True
    if pack.calendar != "weekdays":
        years, off, on = bundled_days(pack.calendar)
        if day in on:
            return True
        if day in off:
            return False
        if day.year not in years:
            raise NoSuchYear(day)
    return day.weekday() < 5


def shifted(day: dt.date, duration, pack, *, forward: bool = True) -> dt.date:
    """Return the date that lies a duration of whole days later or earlier."""
    sign = 1 if forward else -1
    unit = str(duration.unit)
    if unit in PLAIN_DAYS:
        return day + sign * duration.amount * PLAIN_DAYS[unit] * DAY
    if unit in PLAIN_MONTHS:
        return months_later(day, sign * duration.amount * PLAIN_MONTHS[unit])
    if unit != "working_day":
        raise ValueError(unit)
    left = duration.amount
    while left:
        day += sign * DAY
        left -= is_working_day(day, pack)
    return day


def counts_dates(duration) -> bool:
    """Tell whether a duration counts dates (and not seconds or hours of work)."""
    return str(duration.unit) in PLAIN_DAYS | PLAIN_MONTHS | {"working_day": 1}


def running_seconds(duration) -> int:
    """Return a running duration in seconds."""
    return duration.amount * PLAIN_SECONDS[str(duration.unit)]


@attrs.frozen
class Span:
    """A stretch of time with a label: `start` its first second, `end` its last, `first` and `last` its dates."""

    kind: str
    label: str
    start: int
    end: int
    first: dt.date
    last: dt.date

    @property
    def after(self) -> int:
        """Return the first instant after the stretch."""
        return self.end + 1


def dates_of(kind: str, day: dt.date) -> tuple[str, dt.date, dt.date]:
    """Return label, first and last date of the calendar's period that holds a day."""
    if kind == "day":
        return day.isoformat(), day, day
    if kind == "week":
        monday = day - day.weekday() * DAY
        year, week, _ = monday.isocalendar()
        return f"{year:04}-W{week:02}", monday, monday + 6 * DAY
    if kind == "half_month":
        first, last = (day.replace(day=1), day.replace(day=15))
        if day.day > 15:
            first, last = day.replace(day=16), last_of_month(day)
        return f"{day.year:04}-{day.month:02}-H{1 if day.day <= 15 else 2}", first, last
    if kind == "month":
        return f"{day.year:04}-{day.month:02}", day.replace(day=1), last_of_month(day)
    if kind == "quarter":
        month = (day.month - 1) // 3 * 3 + 1
        first = dt.date(day.year, month, 1)
        return f"{day.year:04}-Q{(month + 2) // 3}", first, last_of_month(months_later(first, 2))
    return f"{day.year:04}", dt.date(day.year, 1, 1), dt.date(day.year, 12, 31)


def span_of(kind: str, day: dt.date, zone: str) -> Span:
    """Return the calendar's period that holds a day."""
    label, first, last = dates_of(kind, day)
    return Span(kind, label, start_of(first, zone), end_of(last, zone), first, last)


def season_of(day: dt.date, ranges) -> str | None:
    """Return the one season of a day, None where there is none or several."""
    found = []
    for name, text in ranges.items():
        for each in [text] if isinstance(text, str) else text:
            first, last = (tuple(int(part) for part in side.strip().split("-")) for side in each.split(" to "))
            now = (day.month, day.day)
            inside = first <= now <= last if first <= last else (now >= first or now <= last)
            if inside:
                found.append(name)
    return found[0] if len(found) == 1 else None
