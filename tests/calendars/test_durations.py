from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dutyrules.calendars import BadDuration, Duration, Unit, parse_duration, parse_running

WRITTEN = [
    ("90s", 90, Unit.SECOND),
    ("1 second", 1, Unit.SECOND),
    ("15 minutes", 15, Unit.MINUTE),
    ("15 min", 15, Unit.MINUTE),
    ("2h", 2, Unit.HOUR),
    ("2 hours", 2, Unit.HOUR),
    ("7 days", 7, Unit.DAY),
    ("1 day", 1, Unit.DAY),
    ("7d", 7, Unit.DAY),
    ("2 working days", 2, Unit.WORKING_DAY),
    ("1 working day", 1, Unit.WORKING_DAY),
    ("4 working hours", 4, Unit.WORKING_HOUR),
    ("1 week", 1, Unit.WEEK),
    ("1 month", 1, Unit.MONTH),
    ("1 quarter", 1, Unit.QUARTER),
    ("1 year", 1, Unit.YEAR),
    ("  2   Working   Days ", 2, Unit.WORKING_DAY),
    ("0 minutes", 0, Unit.MINUTE),
]


@pytest.mark.parametrize(("text", "amount", "unit"), WRITTEN)
def test_reads_what_packs_write(text, amount, unit):
    """a whole number and a unit, in the singular, the plural or short, are a duration"""
    assert parse_duration(text) == Duration(amount, unit)


@given(amount=st.integers(0, 100), unit=st.sampled_from(Unit))
def test_canonical_text_reads_back(amount, unit):
    """the text of a duration reads back as the same duration"""
    duration = Duration(amount, unit)
    assert parse_duration(str(duration)) == duration


def test_units_are_kept():
    """sixty minutes and one hour, or twelve months and one year, are not the same duration"""
    assert parse_duration("60 minutes") != parse_duration("1 hour")
    assert parse_duration("12 months") != parse_duration("1 year")
    assert str(parse_duration("90s")) == "90 seconds"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("2 workdays", "`2 workdays` has no unit that a duration can have\nhelp: did you mean `2 working days`"),
        ("2 wrking days", "`2 wrking days` has no unit that a duration can have\nhelp: did you mean `2 working days`"),
        (
            "2 working_days",
            "`2 working_days` has no unit that a duration can have\nhelp: did you mean `2 working days`",
        ),
        ("5m", "`5m` has no unit that a duration can have\nhelp: did you mean `5 min`"),
        ("3 mounths", "`3 mounths` has no unit that a duration can have\nhelp: did you mean `3 months`"),
        ("1.5h", "`1.5h` is not a whole number of hours\nhelp: write it in a smaller unit, as `90 minutes`"),
        ("0.5 years", "`0.5 years` is not a whole number of years\nhelp: write it in a smaller unit, as `6 months`"),
        (
            "1.5 days",
            (
                "`1.5 days` is not a whole number of days\n"
                "help: write a whole number and a unit, such as `2h`, `15 minutes`, `2 working days` or `1 month`"
            ),
        ),
    ],
)
def test_a_slip_is_answered_with_what_was_meant(text, message):
    """a misspelt unit or a fraction is refused with the nearest text that would be read"""
    with pytest.raises(BadDuration) as refused:
        parse_duration(text)
    assert str(refused.value) == message


@pytest.mark.parametrize(
    "text", ["", "2", "hours", "P1M", "-2 hours", "2 hours 30 minutes", "２ hours", "1e3 s", "2\nh h"]
)
def test_refuses_what_is_no_duration(text):
    """anything but one whole number in plain digits and one unit is refused with examples"""
    with pytest.raises(BadDuration):
        parse_duration(text)


@pytest.mark.parametrize("text", ["101 years", "1201 months", "36601 days", "3155760001 seconds", "999999999999 hours"])
def test_refuses_more_than_a_hundred_years(text):
    """a duration longer than a hundred years is refused"""
    with pytest.raises(BadDuration, match="is longer than 100 years"):
        parse_duration(text)


def test_a_hundred_years_are_allowed():
    """a duration of exactly a hundred years is read"""
    assert parse_duration("100 years").amount == 100


def test_refuses_less_than_nothing():
    """a negative amount is no duration"""
    with pytest.raises(BadDuration, match="less than nothing"):
        Duration(-1, Unit.DAY)


def test_only_seconds_minutes_and_hours_run():
    """a running duration has a length in seconds, any other has none"""
    assert [parse_duration(text).seconds for text in ("90s", "15 min", "2h")] == [90, 900, 7200]
    assert parse_duration("2h").runs
    assert not parse_duration("1 day").runs
    with pytest.raises(BadDuration, match="`1 day` has no fixed length"):
        _ = parse_duration("1 day").seconds


def test_running_duration_refuses_dates():
    """where only running time makes sense, days are refused when they are read"""
    assert parse_running("60 minutes") == Duration(60, Unit.MINUTE)
    with pytest.raises(BadDuration, match="`2 working hours` has no fixed length"):
        parse_running("2 working hours")
