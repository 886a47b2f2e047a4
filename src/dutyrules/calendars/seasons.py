"""Seasons as a pack names them: ranges of days of the year, the same every year."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, Final

from attrs import field, frozen

from dutyrules.calendars.dates import days_later
from dutyrules.calendars.errors import BadSeason, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_RANGE: Final = re.compile(r"([0-9]{1,2})-([0-9]{1,2})\s+to\s+([0-9]{1,2})-([0-9]{1,2})")
_HINT: Final = "write the first and the last day as month-day, such as `12-01 to 05-31`"
_LEAP_YEAR: Final = 2024
_DAYS: Final = tuple(
    (day.month, day.day) for day in (days_later(date(_LEAP_YEAR, 1, 1), later) for later in range(366))
)

YearDay = tuple[int, int]


@frozen
class DayRange:
    """Days of the year from a first to a last, both included, across the new year where the last is the earlier one."""

    first: YearDay
    last: YearDay

    def __str__(self) -> str:
        return f"{_text(self.first)} to {_text(self.last)}"

    def __contains__(self, day: YearDay) -> bool:
        if self.first <= self.last:
            return self.first <= day <= self.last
        return day >= self.first or day <= self.last


def parse_day_range(text: str) -> DayRange:
    """Read `MM-DD to MM-DD`."""
    match = _RANGE.fullmatch(text.strip())
    if match is None:
        raise BadSeason(Problem(f"`{text}` is no range of days", _HINT))
    first, last = (int(match[1]), int(match[2])), (int(match[3]), int(match[4]))
    for day in (first, last):
        if day not in _DAYS:
            raise BadSeason(Problem(f"`{_text(day)}` in `{text}` is no day of the year", _HINT))
    return DayRange(first, last)


@frozen
class Seasons:
    """Which season each day of the year belongs to."""

    ranges: Mapping[str, tuple[DayRange, ...]] = field(hash=False)
    _by_day: Mapping[YearDay, tuple[str, ...]] = field(init=False, repr=False, eq=False)

    def __attrs_post_init__(self) -> None:
        by_day = {
            day: tuple(name for name, ranges in self.ranges.items() if any(day in each for each in ranges))
            for day in _DAYS
        }
        object.__setattr__(self, "_by_day", by_day)

    @classmethod
    def parse(cls, entry: Mapping[str, str | Sequence[str]]) -> Seasons:
        """Read a pack's seasons: for each name a range of days or a list of them."""
        ranges: dict[str, tuple[DayRange, ...]] = {}
        problems: list[Problem] = []
        for name, texts in entry.items():
            try:
                ranges[name] = tuple(parse_day_range(text) for text in ([texts] if isinstance(texts, str) else texts))
            except BadSeason as error:
                problems += [problem.under(name) for problem in error.problems]
        if problems:
            raise BadSeason(*problems)
        return cls(ranges)

    @property
    def names(self) -> tuple[str, ...]:
        """Give the seasons' names as written."""
        return tuple(self.ranges)

    def of(self, day: date) -> str | None:
        """Give the season of a date, None where none claims it or where more than one does."""
        names = self._by_day[day.month, day.day]
        return names[0] if len(names) == 1 else None

    def problems(self) -> list[Problem]:
        """Tell which days of the year belong to no season and which to more than one."""
        found: list[Problem] = []
        for first, last, names in self._runs():
            days = _text(first) if first == last else f"{_text(first)} to {_text(last)}"
            verb = "is" if first == last else "are"
            if not names:
                found.append(Problem(f"`{days}` {verb} in no season"))
            elif len(names) > 1:
                listed = " and ".join(f"`{name}`" for name in names)
                found.append(Problem(f"`{days}` {verb} in more than one season: {listed}"))
        return found

    def _runs(self) -> Iterator[tuple[YearDay, YearDay, tuple[str, ...]]]:
        first = _DAYS[0]
        for day, following in zip(_DAYS, (*_DAYS[1:], None), strict=True):
            if following is None or self._by_day[following] != self._by_day[day]:
                yield first, day, self._by_day[day]
                first = following or day


def _text(day: YearDay) -> str:
    return f"{day[0]:02}-{day[1]:02}"
