"""Calendars of working days: a country's public holidays and make-up workdays, with days that a pack adds.

A day that was added by name stands above the country's own data. A year without data is never guessed: it is an error,
unless the day itself was added or the whole year was declared.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING, Final

import yaml
from attrs import field, frozen

from dutyrules.calendars.dates import days_later
from dutyrules.calendars.errors import BadCalendar, Problem, UnknownCalendar, UnknownYear, did_you_mean
from dutyrules.calendars.ledger import Reason

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable

    AddedDays = Mapping[dt.date, str] | Iterable[dt.date]

COUNTRIES: Final = ("CN",)
PLAIN: Final = ("weekdays", "none")
_SATURDAY: Final = 5
_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@frozen
class DayKind:
    """Whether a date is worked, why, and where it has them the holiday's Chinese and English names."""

    working: bool
    reason: Reason
    name: str = ""
    name_en: str = ""


_WORKDAY: Final = DayKind(working=True, reason=Reason.WORKDAY)
_WEEKEND: Final = DayKind(working=False, reason=Reason.WEEKEND)
_EVERY_DAY: Final = DayKind(working=True, reason=Reason.EVERY_DAY)


@frozen
class Calendar:
    """Answers for each date whether it is a working day; `years` is None where every year is known."""

    name: str
    weekends: bool = True
    years: frozenset[int] | None = None
    days: Mapping[dt.date, DayKind] = field(factory=dict, hash=False, repr=False)

    def day(self, day: dt.date) -> DayKind:
        """Tell what kind of day a date is."""
        kind = self.days.get(day)
        if kind is not None:
            return kind
        if self.years is not None and day.year not in self.years:
            raise UnknownYear(day, self.name, self.years)
        if not self.weekends:
            return _EVERY_DAY
        return _WEEKEND if day.weekday() >= _SATURDAY else _WORKDAY

    def is_working_day(self, day: dt.date) -> bool:
        """Tell whether a date is a working day."""
        return self.day(day).working


@frozen
class Notice:
    """An official notice that settles holidays: its title, and where known its number, date and address."""

    title: str
    number: str = ""
    date: dt.date | None = None
    url: str = ""


@frozen
class CalendarYear:
    """A country's holidays and make-up workdays of one year, with the notices that settle them."""

    year: int
    notices: tuple[Notice, ...]
    days: Mapping[dt.date, DayKind] = field(hash=False)


def load_calendar(
    name: str,
    *,
    extra_holidays: AddedDays = (),
    extra_workdays: AddedDays = (),
    extra_years: Iterable[int] = (),
) -> Calendar:
    """Give a country's calendar, `weekdays` (Monday to Friday) or `none` (every day), with added days and years.

    An added day may carry a name. In a declared year nothing but weekends and the added days counts, whatever data a
    later release brings for it.
    """
    added = _added(extra_holidays, extra_workdays)
    if name in PLAIN:
        return Calendar(name, weekends=name != "none", days=added)
    declared = frozenset(extra_years)
    known = [year for year in country_years(name) if year.year not in declared]
    days = {day: kind for year in known for day, kind in year.days.items()}
    return Calendar(name, years=declared.union(year.year for year in known), days=days | added)


def country_years(name: str) -> tuple[CalendarYear, ...]:
    """Give the bundled years of a country, in order."""
    if name not in COUNTRIES:
        known = (*COUNTRIES, *PLAIN)
        hint = did_you_mean(name.upper(), COUNTRIES, "the calendars are " + ", ".join(f"`{each}`" for each in known))
        raise UnknownCalendar(Problem(f"`{name}` is not a calendar", hint))
    return _bundled(name)


def _added(holidays: AddedDays, workdays: AddedDays) -> dict[dt.date, DayKind]:
    off = {day: DayKind(working=False, reason=Reason.ADDED_HOLIDAY, name=name) for day, name in _named(holidays)}
    on = {day: DayKind(working=True, reason=Reason.ADDED_WORKDAY, name=name) for day, name in _named(workdays)}
    both = sorted(off.keys() & on.keys())
    if both:
        raise BadCalendar(*(Problem(f"`{day}` is added both as a holiday and as a working day") for day in both))
    return off | on


def _named(days: AddedDays) -> Iterable[tuple[dt.date, str]]:
    return days.items() if isinstance(days, Mapping) else ((day, "") for day in days)


@lru_cache
def _bundled(name: str) -> tuple[CalendarYear, ...]:
    folder = resources.files("dutyrules.calendars") / "data" / name
    files = sorted((each for each in folder.iterdir() if each.name.endswith(".yaml")), key=lambda each: each.name)
    return tuple(_read_year(each.read_text(encoding="utf-8")) for each in files)


def _read_year(text: str) -> CalendarYear:
    entry = yaml.load(text, Loader=_LOADER)  # noqa: S506 - a safe loader, in C where there is one
    days: dict[dt.date, DayKind] = {}
    for off in entry["holidays"]:
        kind = DayKind(working=False, reason=Reason.PUBLIC_HOLIDAY, name=off["name"], name_en=off["name_en"])
        for later in range((off["last"] - off["first"]).days + 1):
            days[days_later(off["first"], later)] = kind
    for on in entry["workdays"]:
        days[on["date"]] = DayKind(working=True, reason=Reason.MAKE_UP_WORKDAY, name=on["name"], name_en=on["name_en"])
    return CalendarYear(entry["year"], tuple(Notice(**notice) for notice in entry["notices"]), days)
