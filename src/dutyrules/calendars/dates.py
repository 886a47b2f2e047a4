"""Arithmetic on dates that needs no calendar of working days."""

from __future__ import annotations

from calendar import monthrange
from datetime import date
from typing import Final

from dutyrules.calendars.errors import BadPeriod, Problem

MONTHS_OF_YEAR: Final = 12
LONGEST_MONTH: Final = 31


def days_later(day: date, days: int) -> date:
    """Give the date a number of days after another, or before it where the number is negative."""
    return date.fromordinal(day.toordinal() + days)


def last_day_of_month(day: date) -> date:
    """Give the last date of a date's month."""
    return day.replace(day=monthrange(day.year, day.month)[1])


def months_later(day: date, months: int) -> date:
    """Give the same day of a later or earlier month, or that month's last day where it is too short."""
    year, month = divmod(day.year * MONTHS_OF_YEAR + day.month - 1 + months, MONTHS_OF_YEAR)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def nth_day_of_next_month(day: date, n: int) -> date:
    """Give day n of the month after a date's month, or that month's last day where it is too short."""
    if not 1 <= n <= LONGEST_MONTH:
        raise BadPeriod(Problem(f"`{n}` is no day of a month", f"write a number from 1 to {LONGEST_MONTH}"))
    last = last_day_of_month(months_later(day, 1))
    return last.replace(day=min(n, last.day))
