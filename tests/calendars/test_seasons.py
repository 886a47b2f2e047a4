from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dutyrules.calendars import BadSeason, Seasons, parse_day_range

CLINIC = {"winter_spring": "12-01 to 05-31", "summer_autumn": "06-01 to 11-30"}


@pytest.mark.parametrize(
    ("day", "season"),
    [
        (date(2026, 5, 31), "winter_spring"),
        (date(2026, 6, 1), "summer_autumn"),
        (date(2026, 11, 30), "summer_autumn"),
        (date(2026, 12, 1), "winter_spring"),
        (date(2026, 12, 31), "winter_spring"),
        (date(2027, 1, 1), "winter_spring"),
        (date(2024, 2, 29), "winter_spring"),
    ],
)
def test_a_date_has_its_season(day, season):
    """both ends of a range belong to it, also across the new year and on 29 February"""
    seasons = Seasons.parse(CLINIC)
    assert seasons.of(day) == season
    assert seasons.problems() == []
    assert seasons.names == ("winter_spring", "summer_autumn")


LEAP_YEAR = [(day.month, day.day) for day in (date(2024, 1, 1) + timedelta(days=n) for n in range(366))]


@given(
    st.dates(date(1990, 1, 1), date(2060, 12, 31)),
    st.lists(st.integers(0, 365), min_size=2, max_size=2, unique=True),
)
def test_two_seasons_share_out_every_year(day, changes):
    """seasons that change on any two days of the year leave no date without one"""
    turn, back = changes
    text = [f"{month:02}-{number:02}" for month, number in LEAP_YEAR]
    seasons = Seasons.parse({"a": f"{text[turn]} to {text[back - 1]}", "b": f"{text[back]} to {text[turn - 1]}"})
    assert seasons.problems() == []
    now = LEAP_YEAR.index((day.month, day.day))
    inside = turn <= now < back if turn < back else now >= turn or now < back
    assert seasons.of(day) == ("a" if inside else "b")


def test_gaps_and_overlaps_are_told():
    """days in no season and days in two are listed, and have no season"""
    seasons = Seasons.parse({"a": "12-01 to 02-28", "b": ["02-20 to 02-20", "03-01 to 11-15"]})
    assert [str(problem) for problem in seasons.problems()] == [
        "`02-20` is in more than one season: `a` and `b`",
        "`02-29` is in no season",
        "`11-16 to 11-30` are in no season",
    ]
    assert seasons.of(date(2026, 2, 20)) is None
    assert seasons.of(date(2024, 2, 29)) is None
    assert seasons.of(date(2026, 2, 28)) == "a"
    assert seasons.of(date(2026, 3, 1)) == "b"


def test_a_gap_across_the_new_year_is_told_in_two_parts():
    """a gap that reaches over the new year is listed at both ends of the year"""
    seasons = Seasons.parse({"a": "02-01 to 11-30"})
    assert [str(problem) for problem in seasons.problems()] == [
        "`01-01 to 01-31` are in no season",
        "`12-01 to 12-31` are in no season",
    ]


def test_all_bad_ranges_are_told_at_once_with_their_season():
    """each season that cannot be read is named"""
    with pytest.raises(BadSeason) as refused:
        Seasons.parse({"a": "12-01 - 05-31", "b": "06-01 to 11-31", "c": "01-01 to 01-02"})
    assert [problem.path for problem in refused.value.problems] == [("a",), ("b",)]
    assert "`11-31` in `06-01 to 11-31` is no day of the year" in str(refused.value)
    assert "help: write the first and the last day as month-day, such as `12-01 to 05-31`" in str(refused.value)


@pytest.mark.parametrize(
    "text", ["", "12-01", "02-30 to 03-01", "13-01 to 01-01", "00-10 to 01-01", "2026-01-01 to 02-01"]
)
def test_refuses_what_is_no_range(text):
    """a range names two days that exist in some year"""
    with pytest.raises(BadSeason):
        parse_day_range(text)


def test_a_range_prints_as_it_is_written():
    """the text of a range reads back"""
    assert str(parse_day_range("12-1 to 5-31")) == "12-01 to 05-31"
    assert parse_day_range("02-29 to 02-29") == parse_day_range(str(parse_day_range("02-29 to 02-29")))
