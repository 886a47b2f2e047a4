from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dutyrules.calendars import (
    BadDuration,
    BadPeriod,
    PeriodKind,
    Recurrence,
    parse_duration,
    parse_period,
    period_of,
)

DATES = st.dates(date(1950, 1, 1), date(2150, 12, 31))
KINDS = st.sampled_from(PeriodKind)


@pytest.mark.parametrize(
    ("kind", "label", "start", "end"),
    [
        (PeriodKind.DAY, "2026-02-28", date(2026, 2, 28), date(2026, 2, 28)),
        (PeriodKind.WEEK, "2026-W09", date(2026, 2, 23), date(2026, 3, 1)),
        (PeriodKind.HALF_MONTH, "2026-02-H2", date(2026, 2, 16), date(2026, 2, 28)),
        (PeriodKind.MONTH, "2026-02", date(2026, 2, 1), date(2026, 2, 28)),
        (PeriodKind.QUARTER, "2026-Q1", date(2026, 1, 1), date(2026, 3, 31)),
        (PeriodKind.YEAR, "2026", date(2026, 1, 1), date(2026, 12, 31)),
    ],
)
def test_period_of_a_date(kind, label, start, end):
    """each kind of period has its first and last date and its label"""
    period = period_of(kind, date(2026, 2, 28))
    assert (period.label, period.start, period.end) == (label, start, end)
    assert str(period) == label


@pytest.mark.parametrize(("day", "label"), [(15, "2026-02-H1"), (16, "2026-02-H2"), (1, "2026-02-H1")])
def test_half_months_part_after_the_15th(day, label):
    """the 15th is in the first half of a month, the 16th in the second"""
    assert period_of(PeriodKind.HALF_MONTH, date(2026, 2, day)).label == label


def test_week_at_new_year_has_the_year_of_its_thursday():
    """the week of 1 January 2027, a Friday, is the last of 2026"""
    week = period_of(PeriodKind.WEEK, date(2027, 1, 1))
    assert (week.label, week.start) == ("2026-W53", date(2026, 12, 28))


@given(KINDS, DATES)
def test_periods_tile_the_calendar(kind, day):
    """a date is in its period, and the periods before and after it touch it without a gap"""
    period = period_of(kind, day)
    assert day in period
    assert period.days == (period.end - period.start).days + 1
    assert period.next().start == period.end + timedelta(days=1)
    assert period.previous().end == period.start - timedelta(days=1)
    assert period.next().previous() == period
    assert period.end + timedelta(days=1) not in period
    assert period.start - timedelta(days=1) not in period
    assert "2026" not in period


@given(KINDS, DATES)
def test_labels_read_back(kind, day):
    """a label reads back as its period"""
    period = period_of(kind, day)
    assert parse_period(period.label) == period


@pytest.mark.parametrize(
    "label", ["", "26", "2026-13", "2026-00", "2026-W54", "2026-Q5", "2026-01-H3", "2026-02-30", "x"]
)
def test_refuses_labels_of_no_period(label):
    """a label of a period that does not exist is refused"""
    with pytest.raises(BadPeriod, match="is no period"):
        parse_period(label)


def recurrence(every, anchor, lasting=None):
    """Build a recurrence from texts."""
    return Recurrence(parse_duration(every), anchor, None if lasting is None else parse_duration(lasting))


def test_monthly_in_the_first_year_then_quarterly():
    """calls owed monthly for a year after 15 March, then quarterly, meet at the anniversary"""
    monthly = recurrence("1 month", date(2024, 3, 15), "1 year")
    first = monthly.period(1)
    assert (first.start, first.end, first.label, str(first)) == (
        date(2024, 3, 16),
        date(2024, 4, 15),
        "2024-03-15/1",
        "2024-03-15/1",
    )
    assert first.days == 31
    assert monthly.containing(date(2024, 5, 16)).number == 3
    assert monthly.period(12).end == monthly.last_date == date(2025, 3, 15)
    assert monthly.period(13) is None
    assert monthly.containing(date(2025, 3, 16)) is None
    quarterly = recurrence("3 months", date(2025, 3, 15))
    assert quarterly.containing(date(2025, 6, 15)).number == 1
    assert quarterly.period(1).end == date(2025, 6, 15)
    assert quarterly.last_date is None


def test_limits_do_not_drift():
    """limits after 31 January are the last days of short months and the 31st of long ones"""
    monthly = recurrence("1 month", date(2024, 1, 31))
    assert [monthly.period(n).end.isoformat()[5:] for n in (1, 2, 3, 4, 13)] == [
        "02-29",
        "03-31",
        "04-30",
        "05-31",
        "02-28",
    ]


def test_last_period_is_cut_off():
    """five-monthly periods of one year end with the year"""
    periods = recurrence("5 months", date(2026, 1, 1), "1 year")
    assert (periods.period(3).start, periods.period(3).end) == (date(2026, 11, 2), date(2027, 1, 1))
    assert periods.period(4) is None


def test_there_is_nothing_before_the_anchor():
    """the anchor itself and what lies before it are in no period"""
    fortnights = recurrence("2 weeks", date(2026, 1, 1))
    assert fortnights.containing(date(2026, 1, 1)) is None
    assert fortnights.containing(date(2025, 6, 1)) is None
    assert fortnights.period(0) is None
    assert fortnights.containing(date(2026, 1, 2)).number == 1


@given(
    st.sampled_from(["1 day", "3 days", "2 weeks", "1 month", "5 months", "1 quarter", "1 year"]),
    st.dates(date(2000, 1, 1), date(2030, 12, 31)),
    st.sampled_from([None, "40 days", "1 year", "17 months"]),
    st.integers(-40, 900),
)
def test_containing_agrees_with_walking_the_periods(every, anchor, lasting, offset):
    """the period found for a date is the one met by walking from the first"""
    periods = recurrence(every, anchor, lasting)
    day = anchor + timedelta(days=offset)
    found, number = None, 1
    while (period := periods.period(number)) is not None and period.start <= day:
        assert periods.period(number - 1) is None or periods.period(number - 1).end + timedelta(days=1) == period.start
        found = period if period.start <= day <= period.end else None
        number += 1
    assert periods.containing(day) == found
    assert found is None or day in found


@pytest.mark.parametrize(
    ("every", "lasting"), [("2h", None), ("2 working days", None), ("0 days", None), ("1 day", "2h")]
)
def test_refuses_what_is_no_length_of_a_period(every, lasting):
    """periods are counted in days, weeks, months, quarters or years, and are not empty"""
    with pytest.raises(BadDuration, match="is no length of"):
        recurrence(every, date(2026, 1, 1), lasting)
