from __future__ import annotations

from datetime import date
from itertools import pairwise

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from dutyrules.calendars import BadShift, Hours, Seasons, ShiftTimes, UnknownSeason, Zone

SHANGHAI = Zone("Asia/Shanghai")
SEASONS = Seasons.parse({"winter_spring": "12-01 to 05-31", "summer_autumn": "06-01 to 11-30"})


def read(text):
    """Read YAML with every scalar as the text that stands there."""
    return yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506 - builds nothing but texts, lists and mappings


def shift(text, name="night"):
    """Read a shift from YAML."""
    return ShiftTimes.parse(name, read(text))


def hours(text, **shifts):
    """Read hours from YAML."""
    return Hours.parse("normal_hours", read(text), shifts)


def clock(instants):
    """Write instants as day and time in Shanghai."""
    return [SHANGHAI.iso(instant)[5:16] for instant in instants]


NOON = shift("{start: 12:00, end: {winter_spring: 14:00, summer_autumn: 14:30}, check_in_from: 2h}", "noon")
NIGHT = shift(
    "{start: 17:00, end: {winter_spring: 08:30 next day, summer_autumn: 08:00 next day}, check_in_from: 90 minutes}"
)


@pytest.mark.parametrize(
    ("day", "start", "end", "season"),
    [
        (date(2026, 5, 31), "05-31T17:00", "06-01T08:30", "winter_spring"),
        (date(2026, 6, 1), "06-01T17:00", "06-02T08:00", "summer_autumn"),
        (date(2026, 11, 30), "11-30T17:00", "12-01T08:00", "summer_autumn"),
        (date(2026, 12, 31), "12-31T17:00", "01-01T08:30", "winter_spring"),
    ],
)
def test_a_night_keeps_the_season_of_its_start(day, start, end, season):
    """a night over the change of season or year ends at the hour of the season in which it began"""
    span = NIGHT.span(day, SHANGHAI, SEASONS)
    assert [*clock([span.start, span.end]), span.season] == [start, end, season]


def test_a_window_opens_before_the_shift():
    """one may check in from so long before the start until the end"""
    assert clock(NOON.window(date(2026, 1, 15), SHANGHAI, SEASONS)) == ["01-15T10:00", "01-15T14:00"]
    assert clock(NIGHT.window(date(2026, 6, 15), SHANGHAI, SEASONS)) == ["06-15T15:30", "06-16T08:00"]


def test_a_shift_without_seasons_or_lead():
    """a shift may have the same times all year, and a window that is the shift itself"""
    desk = shift("{start: 08:50, end: 17:30}", "desk")
    assert clock(desk.window(date(2026, 1, 15), SHANGHAI)) == ["01-15T08:50", "01-15T17:30"]
    assert desk.span(date(2026, 1, 15), SHANGHAI).season is None
    assert desk.seasons == frozenset()
    assert NIGHT.seasons == {"winter_spring", "summer_autumn"}


def test_a_date_without_season_is_an_error():
    """where times depend on the season, a date that has none is an error and not a guess"""
    with pytest.raises(UnknownSeason, match="`2026-01-15` is in no season or in more than one"):
        NIGHT.span(date(2026, 1, 15), SHANGHAI)
    with pytest.raises(UnknownSeason, match="`2026-01-15` is in `winter`, for which there is no time of day"):
        NIGHT.span(date(2026, 1, 15), SHANGHAI, Seasons.parse({"winter": "01-01 to 12-31"}))


def test_all_faults_of_a_shift_are_told_at_once():
    """each fault of an entry is told with the keys that lead to it"""
    with pytest.raises(BadShift) as refused:
        shift("{start: 17:00, ends: 18:00, end: {a: 08:30, b: 8h, c: 08:30 next day}, check_in_from: 2 days}")
    assert [(problem.path, problem.message) for problem in refused.value.problems] == [
        (("ends",), "`ends` is no key of this entry"),
        (("end", "b"), "`8h` is not a time of day"),
        (("check_in_from",), "`2 days` has no fixed length"),
    ]


@pytest.mark.parametrize(
    ("text", "path", "message"),
    [
        ("{end: 18:00}", (), "`start` is missing"),
        ("{start: 18:00}", (), "`end` is missing"),
        ("{start: {}, end: 18:00}", ("start",), "`start` has no time"),
        ("{start: 17:00, end: 08:30}", ("end",), "`08:30` is not after the start at `17:00`"),
        ("{start: 17:00, end: 17:00}", ("end",), "`17:00` is not after the start at `17:00`"),
        ("{start: 17:00, end: {a: 18:00, b: 08:30}}", ("end", "b"), "`08:30` is not after the start at `17:00`"),
        ("{start: {a: 07:00, b: 19:00}, end: 18:00}", ("end",), "`18:00` is not after the start at `19:00`"),
        ("{start: {a: 07:00, b: 08:00}, end: {a: 18:00}}", ("end",), "`end` has no time for `b`"),
        ("{start: {a: 07:00}, end: {a: 18:00, b: 19:00}}", ("start",), "`start` has no time for `b`"),
        ("{start: [17:00], end: 18:00}", ("start",), "a single text is expected here"),
    ],
)
def test_refuses_shifts_that_have_no_length(text, path, message):
    """a shift has a start and a later end in each of its seasons"""
    with pytest.raises(BadShift) as refused:
        shift(text)
    assert [(problem.path, problem.message) for problem in refused.value.problems] == [(path, message)]


def test_an_end_after_midnight_says_so():
    """an end before the start is answered with how to write the next day"""
    with pytest.raises(BadShift, match="help: write `08:30 next day` if it ends after midnight"):
        shift("{start: 17:00, end: 08:30}")


def test_hours_leave_out_their_break():
    """the break is the noon shift, at the times of the season"""
    normal = hours("{start: {winter_spring: 08:30, summer_autumn: 08:00}, end: 17:00, breaks: noon}", noon=NOON)
    winter = normal.spans(date(2026, 5, 31), SHANGHAI, SEASONS)
    summer = normal.spans(date(2026, 6, 1), SHANGHAI, SEASONS)
    assert [clock(span) for span in winter] == [["05-31T08:30", "05-31T12:00"], ["05-31T14:00", "05-31T17:00"]]
    assert [clock(span) for span in summer] == [["06-01T08:00", "06-01T12:00"], ["06-01T14:30", "06-01T17:00"]]
    assert normal.seasons == {"winter_spring", "summer_autumn"}
    assert normal.bind(SHANGHAI, SEASONS).spans(date(2026, 6, 1)) == summer


def test_several_breaks_in_any_order_and_beyond_the_hours():
    """breaks may overlap, come in any order and reach beyond the hours"""
    desk = hours("{start: 08:00, end: 17:00, breaks: [16:00-18:00, '12:00 - 13:00', 12:30-14:00, 06:00-08:30]}")
    assert [clock(span) for span in desk.spans(date(2026, 1, 15), SHANGHAI)] == [
        ["01-15T08:30", "01-15T12:00"],
        ["01-15T14:00", "01-15T16:00"],
    ]


def test_hours_without_a_break_and_all_break():
    """hours without a break are one span, hours that are all break are none"""
    assert len(hours("{start: 08:00, end: 17:00}").spans(date(2026, 1, 15), SHANGHAI)) == 1
    assert hours("{start: 08:00, end: 17:00, breaks: 07:00-18:00}").spans(date(2026, 1, 15), SHANGHAI) == []
    assert hours("{start: 08:00, end: 17:00, breaks: []}").breaks == ()


@pytest.mark.parametrize(
    ("text", "path", "message"),
    [
        ("{start: 08:00, end: 17:00, breaks: nooon}", ("breaks",), "`nooon` is neither a shift nor a span of time"),
        (
            "{start: 08:00, end: 17:00, breaks: [12:00-25:00]}",
            ("breaks", "end"),
            "`25:00` is no time that a clock shows",
        ),
        (
            "{start: 08:00, end: 17:00, breaks: [14:00-12:00]}",
            ("breaks", "end"),
            "`12:00` is not after the start at `14:00`",
        ),
        ("{start: 08:00, end: 07:00}", ("end",), "`07:00` is not after the start at `08:00`"),
        ("{start: 08:00, end: 17:00, pauses: noon}", ("pauses",), "`pauses` is no key of this entry"),
    ],
)
def test_refuses_hours_that_make_no_sense(text, path, message):
    """hours name known shifts or spans as breaks and end after they start"""
    with pytest.raises(BadShift) as refused:
        hours(text, noon=NOON)
    assert [(problem.path, problem.message) for problem in refused.value.problems] == [(path, message)]


def test_suggests_the_shift_meant():
    """a misspelt shift is answered with the one that is near"""
    with pytest.raises(BadShift, match="did you mean `noon`"):
        hours("{start: 08:00, end: 17:00, breaks: nooon}", noon=NOON)


MINUTES = st.lists(st.integers(0, 24 * 60 - 1), min_size=2, max_size=2, unique=True).map(sorted)


@given(MINUTES, st.lists(MINUTES, max_size=4))
def test_hours_are_what_no_break_covers(worked, breaks):
    """a minute belongs to the hours if it lies within them and within no break"""

    def text(minute):
        return f"{minute // 60:02}:{minute % 60:02}"

    entry = {"start": text(worked[0]), "end": text(worked[1]), "breaks": [f"{text(a)}-{text(b)}" for a, b in breaks]}
    day = date(2026, 1, 15)
    spans = Hours.parse("hours", entry).spans(day, SHANGHAI)
    midnight = SHANGHAI.start_of(day)
    open_minutes = {minute for minute in range(24 * 60) if any(a <= midnight + minute * 60 < b for a, b in spans)}
    assert open_minutes == {
        minute for minute in range(*worked) if not any(first <= minute < last for first, last in breaks)
    }
    assert all(first < last for first, last in spans)
    assert all(before[1] < after[0] for before, after in pairwise(spans))
