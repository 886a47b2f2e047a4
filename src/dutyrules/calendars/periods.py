"""Stretches of dates in which things are counted or owed."""

from __future__ import annotations

import re
from datetime import date
from enum import StrEnum
from typing import Final

from attrs import frozen

from dutyrules.calendars.dates import MONTHS_OF_YEAR, days_later, last_day_of_month, months_later
from dutyrules.calendars.durations import DATES, MONTHS, Duration
from dutyrules.calendars.errors import BadDuration, BadPeriod, Problem

_HALF: Final = 15
_QUARTER: Final = 3
_LABEL: Final = re.compile(
    r"(?P<year>[0-9]{4})"
    r"(?:-(?:Q(?P<quarter>[1-4])|W(?P<week>[0-9]{2})|(?P<month>[0-9]{2})(?:-(?:H(?P<half>[12])|(?P<day>[0-9]{2})))?))?"
)


class PeriodKind(StrEnum):
    """The periods of the calendar; a week begins on Monday, a half month on the 1st or the 16th."""

    DAY = "day"
    WEEK = "week"
    HALF_MONTH = "half_month"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


@frozen
class Period:
    """A period of the calendar, its first and last date both included."""

    kind: PeriodKind
    start: date
    end: date

    def __str__(self) -> str:
        return self.label

    def __contains__(self, day: object) -> bool:
        return isinstance(day, date) and self.start <= day <= self.end

    @property
    def label(self) -> str:
        """Name the period, as in 2026-01-15, 2026-W03, 2026-01-H1, 2026-01, 2026-Q1 or 2026."""
        start = self.start
        match self.kind:
            case PeriodKind.DAY:
                return start.isoformat()
            case PeriodKind.WEEK:
                year, week, _ = start.isocalendar()
                return f"{year:04}-W{week:02}"
            case PeriodKind.HALF_MONTH:
                return f"{start.year:04}-{start.month:02}-H{1 if start.day == 1 else 2}"
            case PeriodKind.MONTH:
                return f"{start.year:04}-{start.month:02}"
            case PeriodKind.QUARTER:
                return f"{start.year:04}-Q{(start.month + 2) // _QUARTER}"
            case PeriodKind.YEAR:
                return f"{start.year:04}"

    @property
    def days(self) -> int:
        """Count the period's dates."""
        return self.end.toordinal() - self.start.toordinal() + 1

    def next(self) -> Period:
        """Give the period of the same kind that follows."""
        return period_of(self.kind, days_later(self.end, 1))

    def previous(self) -> Period:
        """Give the period of the same kind that comes before."""
        return period_of(self.kind, days_later(self.start, -1))


def period_of(kind: PeriodKind, day: date) -> Period:
    """Give the period of a kind that contains a date."""
    first, last = day, day
    match kind:
        case PeriodKind.DAY:
            pass
        case PeriodKind.WEEK:
            first = days_later(day, -day.weekday())
            last = days_later(first, 6)
        case PeriodKind.HALF_MONTH:
            later = day.day > _HALF
            first = day.replace(day=_HALF + 1 if later else 1)
            last = last_day_of_month(day) if later else day.replace(day=_HALF)
        case PeriodKind.MONTH:
            first, last = day.replace(day=1), last_day_of_month(day)
        case PeriodKind.QUARTER:
            first = day.replace(month=(day.month - 1) // _QUARTER * _QUARTER + 1, day=1)
            last = last_day_of_month(months_later(first, _QUARTER - 1))
        case PeriodKind.YEAR:
            first, last = date(day.year, 1, 1), date(day.year, 12, 31)
    return Period(kind, first, last)


def parse_period(label: str) -> Period:
    """Read a period's label."""
    match = _LABEL.fullmatch(label)
    try:
        if match is not None:
            return _period_named(match.groupdict())
    except ValueError:
        pass
    raise BadPeriod(Problem(f"`{label}` is no period", "write it as `2026-01`, `2026-01-H1`, `2026-W03` or `2026-Q1`"))


def _period_named(part: dict[str, str | None]) -> Period:
    year = int(part["year"] or 0)
    if part["week"]:
        return period_of(PeriodKind.WEEK, date.fromisocalendar(year, int(part["week"]), 1))
    if part["quarter"]:
        return period_of(PeriodKind.QUARTER, date(year, int(part["quarter"]) * _QUARTER, 1))
    if not part["month"]:
        return period_of(PeriodKind.YEAR, date(year, 1, 1))
    month = int(part["month"])
    if part["half"]:
        return period_of(PeriodKind.HALF_MONTH, date(year, month, 1 if part["half"] == "1" else _HALF + 1))
    if part["day"]:
        return period_of(PeriodKind.DAY, date(year, month, int(part["day"])))
    return period_of(PeriodKind.MONTH, date(year, month, 1))


@frozen
class AnchoredPeriod:
    """The n-th period since an anchor, its first and last date both included."""

    anchor: date
    number: int
    start: date
    end: date

    def __str__(self) -> str:
        return self.label

    def __contains__(self, day: object) -> bool:
        return isinstance(day, date) and self.start <= day <= self.end

    @property
    def label(self) -> str:
        """Name the period by its anchor and number, as in 2024-03-15/1."""
        return f"{self.anchor.isoformat()}/{self.number}"

    @property
    def days(self) -> int:
        """Count the period's dates."""
        return self.end.toordinal() - self.start.toordinal() + 1


@frozen
class Recurrence:
    """Periods of equal length since an anchor, such as each month of the year after a delivery.

    The anchor itself is not counted, as for every deadline in dates: the first period starts on the day after it. Each
    limit is computed from the anchor, so that a 31st does not drift to a 28th. Where `lasting` is no multiple of
    `every`, the last period is cut off.
    """

    every: Duration
    anchor: date
    lasting: Duration | None = None

    def __attrs_post_init__(self) -> None:
        if self.every.amount == 0 or self.every.unit not in DATES | MONTHS:
            raise BadDuration(Problem(f"`{self.every}` is no length of a period", "use days, weeks, months or years"))
        if self.lasting is not None and self.lasting.unit not in DATES | MONTHS:
            raise BadDuration(Problem(f"`{self.lasting}` is no length of periods", "use days, weeks, months or years"))

    @property
    def last_date(self) -> date | None:
        """Give the last date of the last period, None where they never end."""
        return None if self.lasting is None else _limit(self.anchor, self.lasting, 1)

    def period(self, number: int) -> AnchoredPeriod | None:
        """Give the n-th period, counted from 1, None where there is none."""
        if number < 1:
            return None
        before, end = _limit(self.anchor, self.every, number - 1), _limit(self.anchor, self.every, number)
        last = self.last_date
        if last is not None and before >= last:
            return None
        return AnchoredPeriod(self.anchor, number, days_later(before, 1), end if last is None else min(end, last))

    def containing(self, day: date) -> AnchoredPeriod | None:
        """Give the period that contains a date, None before the first and after the last."""
        if self.every.unit in DATES:
            guess = (day.toordinal() - self.anchor.toordinal()) // (self.every.amount * DATES[self.every.unit])
        else:
            months = (day.year - self.anchor.year) * MONTHS_OF_YEAR + day.month - self.anchor.month
            guess = months // (self.every.amount * MONTHS[self.every.unit])
        for period in (self.period(guess), self.period(guess + 1)):
            if period is not None and day in period:
                return period
        return None


def _limit(anchor: date, every: Duration, times: int) -> date:
    if every.unit in DATES:
        return days_later(anchor, times * every.amount * DATES[every.unit])
    return months_later(anchor, times * every.amount * MONTHS[every.unit])
