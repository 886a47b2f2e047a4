from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dutyrules.calendars import BadClockTime, ClockTime, parse_clock_time


@pytest.mark.parametrize(
    ("text", "seconds", "days_later"),
    [
        ("00:00", 0, 0),
        ("8:30", 30600, 0),
        ("08:30", 30600, 0),
        ("17:00:30", 61230, 0),
        ("23:59:59", 86399, 0),
        ("24:00", 86400, 1),
        ("00:00 next day", 86400, 1),
        ("08:00 next day", 115200, 1),
        ("24:00 next day", 172800, 2),
    ],
)
def test_reads_times_of_day(text, seconds, days_later):
    """hours and minutes, perhaps seconds, perhaps of the next day, are a time; 24:00 is where the next day starts"""
    time = parse_clock_time(text)
    assert (time.seconds, time.days_later) == (seconds, days_later)
    assert time.second_of_day == seconds % 86400


@pytest.mark.parametrize(
    "text",
    ["", "8", "8.30", "24:01", "24:00:01", "25:00", "12:60", "12:00:60", "12:00 tomorrow", "08:30 nextday", "-1:00"],
)
def test_refuses_what_no_clock_shows(text):
    """a text that is no time between 00:00 and 24:00 is refused with an example"""
    with pytest.raises(BadClockTime, match="help: write hours and minutes from 00:00 to 24:00"):
        parse_clock_time(text)


@given(st.integers(0, 172_800))
def test_text_reads_back(seconds):
    """the text of a time reads back as the same time"""
    time = ClockTime(seconds)
    assert parse_clock_time(str(time)) == time


def test_times_are_ordered():
    """a time of the next day comes after every time of the day"""
    assert parse_clock_time("23:59:59") < parse_clock_time("24:00") < parse_clock_time("00:01 next day")
