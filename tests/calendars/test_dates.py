from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dutyrules.calendars import BadPeriod, days_later, last_day_of_month, months_later, nth_day_of_next_month

DATES = st.dates(date(1950, 1, 1), date(2150, 12, 31))


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2024, 1, 31), 2, date(2024, 3, 31)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2024, 2, 29), 48, date(2028, 2, 29)),
        (date(2026, 12, 15), 1, date(2027, 1, 15)),
        (date(2026, 5, 31), -3, date(2026, 2, 28)),
        (date(2026, 1, 15), -1, date(2025, 12, 15)),
        (date(2026, 1, 15), 0, date(2026, 1, 15)),
    ],
)
def test_months_are_clamped_at_the_end_of_the_month(day, months, expected):
    """where a month is too short for the day, its last day stands in"""
    assert months_later(day, months) == expected


@given(DATES, st.integers(-600, 600))
def test_months_move_the_month_and_nothing_else(day, months):
    """a later month is that many months off, and its day is the same unless the month is too short"""
    moved = months_later(day, months)
    assert (moved.year - day.year) * 12 + moved.month - day.month == months
    assert moved.day == min(day.day, last_day_of_month(moved).day)


@given(DATES)
def test_last_day_of_month_is_followed_by_a_first(day):
    """the day after the last day of a month is the first of the next"""
    last = last_day_of_month(day)
    assert (last.year, last.month) == (day.year, day.month)
    assert (last + timedelta(days=1)).day == 1


@given(DATES, st.integers(-1000, 1000))
def test_days_are_counted_like_timedeltas(day, days):
    """days later is what the standard library says"""
    assert days_later(day, days) == day + timedelta(days=days)


@pytest.mark.parametrize(
    ("day", "n", "expected"),
    [
        (date(2026, 1, 31), 10, date(2026, 2, 10)),
        (date(2026, 1, 1), 31, date(2026, 2, 28)),
        (date(2023, 12, 5), 5, date(2024, 1, 5)),
        (date(2024, 1, 30), 29, date(2024, 2, 29)),
        (date(2026, 2, 28), 31, date(2026, 3, 31)),
    ],
)
def test_nth_day_of_next_month(day, n, expected):
    """day n of next month is clamped to that month's last day"""
    assert nth_day_of_next_month(day, n) == expected


@pytest.mark.parametrize("n", [0, 32, -1])
def test_refuses_days_that_no_month_has(n):
    """a month has days 1 to 31"""
    with pytest.raises(BadPeriod, match="is no day of a month"):
        nth_day_of_next_month(date(2026, 1, 1), n)
