from __future__ import annotations

from datetime import date

import pytest

from dutyrules.calendars import (
    BadDuration,
    BadInstant,
    Hours,
    Reason,
    UnknownYear,
    Zone,
    due_after,
    load_calendar,
    next_working_day,
    parse_duration,
    shift_date,
)

SHANGHAI = Zone("Asia/Shanghai")
CN = load_calendar("CN")
DESK = Hours.parse("desk", {"start": "08:30", "end": "17:00", "breaks": "12:00-14:00"}).bind(SHANGHAI)


def local(text):
    """Read a day and time in Shanghai."""
    return SHANGHAI.parse(f"{text}+08:00")


def due(start, duration, *, pauses=(), calendar=CN, hours=DESK, zone=SHANGHAI):
    """Give a deadline as day and time in Shanghai."""
    ledger = due_after(
        local(start),
        parse_duration(duration),
        zone=zone,
        calendar=calendar,
        hours=hours,
        pauses=[(local(first), local(last)) for first, last in pauses],
    )
    return SHANGHAI.iso(ledger.due)[:19]


@pytest.mark.parametrize(
    ("start", "duration", "expected"),
    [
        # what runs, runs day and night
        ("2026-01-16T23:30:00", "90s", "2026-01-16T23:31:30"),
        ("2026-01-16T23:50:00", "15 minutes", "2026-01-17T00:05:00"),
        ("2026-02-14T23:00:00", "2h", "2026-02-15T01:00:00"),
        ("2026-01-16T23:30:00", "0 minutes", "2026-01-16T23:30:00"),
        # dates are counted after that of the start, to the end of the last
        ("2026-01-15T00:00:00", "1 day", "2026-01-16T23:59:59"),
        ("2026-01-15T23:59:59", "1 day", "2026-01-16T23:59:59"),
        ("2026-01-15T12:00:00", "7 days", "2026-01-22T23:59:59"),
        ("2026-01-15T12:00:00", "1 week", "2026-01-22T23:59:59"),
        ("2026-01-15T12:00:00", "0 days", "2026-01-15T23:59:59"),
        ("2024-02-27T12:00:00", "2 days", "2024-02-29T23:59:59"),
        ("2026-12-31T12:00:00", "1 day", "2027-01-01T23:59:59"),
        # months are clamped at the end of the month
        ("2026-01-31T12:00:00", "1 month", "2026-02-28T23:59:59"),
        ("2024-01-31T12:00:00", "1 month", "2024-02-29T23:59:59"),
        ("2024-01-31T12:00:00", "2 months", "2024-03-31T23:59:59"),
        ("2026-11-30T12:00:00", "1 quarter", "2027-02-28T23:59:59"),
        ("2024-02-29T12:00:00", "1 year", "2025-02-28T23:59:59"),
        ("2024-02-29T12:00:00", "4 years", "2028-02-29T23:59:59"),
        # working days leave out weekends and holidays and take make-up workdays
        ("2025-06-13T10:00:00", "2 working days", "2025-06-17T23:59:59"),
        ("2025-04-03T10:00:00", "2 working days", "2025-04-08T23:59:59"),
        ("2025-09-30T10:00:00", "2 working days", "2025-10-10T23:59:59"),
        ("2025-10-09T10:00:00", "2 working days", "2025-10-11T23:59:59"),
        ("2026-01-17T10:00:00", "1 working day", "2026-01-19T23:59:59"),
        ("2026-02-13T10:00:00", "1 working day", "2026-02-14T23:59:59"),
        ("2026-02-14T10:00:00", "1 working day", "2026-02-24T23:59:59"),
        ("2026-01-17T10:00:00", "0 working days", "2026-01-17T23:59:59"),
        # working hours run within the hours of working dates
        ("2026-01-15T09:00:00", "2 working hours", "2026-01-15T11:00:00"),
        ("2026-01-15T11:00:00", "1 working hour", "2026-01-15T12:00:00"),
        ("2026-01-15T11:00:01", "1 working hour", "2026-01-15T14:00:01"),
        ("2026-01-15T12:30:00", "1 working hour", "2026-01-15T15:00:00"),
        ("2026-01-16T16:00:00", "1 working hour", "2026-01-16T17:00:00"),
        ("2026-01-16T16:00:00", "2 working hours", "2026-01-19T09:30:00"),
        ("2026-01-16T17:00:00", "1 working hour", "2026-01-19T09:30:00"),
        ("2026-01-17T10:00:00", "1 working hour", "2026-01-19T09:30:00"),
        ("2026-01-17T10:00:00", "0 working hours", "2026-01-17T10:00:00"),
    ],
)
def test_deadlines(start, duration, expected):
    """each unit counts in its own way from a start to a deadline"""
    assert due(start, duration) == expected


@pytest.mark.parametrize(
    ("start", "duration", "pauses", "expected"),
    [
        # running time is stretched by the seconds of the pause
        ("2026-01-15T10:00:00", "2h", [("2026-01-15T11:00:00", "2026-01-15T11:30:00")], "2026-01-15T12:30:00"),
        ("2026-01-15T10:00:00", "2h", [("2026-01-15T09:00:00", "2026-01-15T10:30:00")], "2026-01-15T12:30:00"),
        ("2026-01-15T10:00:00", "2h", [("2026-01-15T08:00:00", "2026-01-15T10:00:00")], "2026-01-15T12:00:00"),
        ("2026-01-15T10:00:00", "2h", [("2026-01-15T12:00:00", "2026-01-15T13:00:00")], "2026-01-15T12:00:00"),
        ("2026-01-15T10:00:00", "2h", [("2026-01-15T11:59:59", "2026-01-15T13:00:00")], "2026-01-15T13:00:01"),
        ("2026-01-15T10:00:00", "2h", [("2026-01-15T11:00:00", "2026-01-15T11:00:00")], "2026-01-15T12:00:00"),
        ("2026-01-15T10:00:00", "0h", [("2026-01-15T09:00:00", "2026-01-15T11:00:00")], "2026-01-15T10:00:00"),
        (
            "2026-01-15T10:00:00",
            "2h",
            [("2026-01-15T11:20:00", "2026-01-15T11:40:00"), ("2026-01-15T11:00:00", "2026-01-15T11:30:00")],
            "2026-01-15T12:40:00",
        ),
        # of dates, each one that a pause touches is skipped, but not the date of the start
        ("2026-01-15T10:00:00", "2 days", [("2026-01-15T11:00:00", "2026-01-15T12:00:00")], "2026-01-17T23:59:59"),
        ("2026-01-15T10:00:00", "2 days", [("2026-01-16T11:00:00", "2026-01-16T11:00:01")], "2026-01-18T23:59:59"),
        ("2026-01-15T10:00:00", "2 days", [("2026-01-15T11:00:00", "2026-01-16T00:00:00")], "2026-01-17T23:59:59"),
        ("2026-01-15T10:00:00", "2 days", [("2026-01-17T23:59:59", "2026-01-19T00:00:00")], "2026-01-19T23:59:59"),
        ("2026-01-15T10:00:00", "2 days", [("2026-01-18T00:00:00", "2026-01-19T00:00:00")], "2026-01-17T23:59:59"),
        ("2026-01-31T10:00:00", "1 month", [("2026-02-10T11:00:00", "2026-02-11T11:00:00")], "2026-03-02T23:59:59"),
        ("2026-01-15T10:00:00", "0 days", [("2026-01-15T11:00:00", "2026-01-20T00:00:00")], "2026-01-15T23:59:59"),
        # working days and working hours likewise
        (
            "2026-01-15T10:00:00",
            "1 working day",
            [("2026-01-16T11:00:00", "2026-01-16T12:00:00")],
            "2026-01-19T23:59:59",
        ),
        (
            "2026-01-15T10:00:00",
            "2 working days",
            [("2026-01-17T11:00:00", "2026-01-17T12:00:00")],
            "2026-01-19T23:59:59",
        ),
        (
            "2026-01-15T10:00:00",
            "2 working hours",
            [("2026-01-15T11:00:00", "2026-01-15T14:30:00")],
            "2026-01-15T15:30:00",
        ),
        (
            "2026-01-15T10:00:00",
            "2 working hours",
            [("2026-01-15T12:00:00", "2026-01-15T14:30:00")],
            "2026-01-15T12:00:00",
        ),
    ],
)
def test_pauses(start, duration, pauses, expected):
    """a pause is half-open, stretches what runs and skips the dates it touches"""
    assert due(start, duration, pauses=pauses) == expected


def test_months_are_counted_from_the_start_and_do_not_drift():
    """three months from the 31st are not three times one month"""
    step = local("2026-01-31T10:00:00")
    for _ in range(3):
        step = due_after(step, parse_duration("1 month"), zone=SHANGHAI, calendar=CN).due
    assert SHANGHAI.date_of(step) == date(2026, 4, 28)
    assert due("2026-01-31T10:00:00", "3 months") == "2026-04-30T23:59:59"


def test_the_date_of_the_start_is_local():
    """the same instant counts from the date that it has in the zone of the pack"""
    instant, day, utc = local("2026-01-16T07:59:59"), parse_duration("1 day"), Zone("UTC")
    assert utc.iso(due_after(instant, day, zone=utc, calendar=CN).due) == "2026-01-16T23:59:59+00:00"
    assert SHANGHAI.iso(due_after(instant, day, zone=SHANGHAI, calendar=CN).due) == "2026-01-17T23:59:59+08:00"


def test_a_date_may_have_twenty_three_hours():
    """a deadline in dates ends with the date's last second also where clocks are changed"""
    zone = Zone("America/New_York")
    start = zone.parse("2026-03-07T12:00:00-05:00")
    ledger = due_after(start, parse_duration("1 day"), zone=zone, calendar=load_calendar("weekdays"))
    assert zone.iso(ledger.due) == "2026-03-08T23:59:59-04:00"


def test_hours_past_midnight_belong_to_the_date_they_start_on():
    """night hours that begin on a working day run on into the weekend, and those of the weekend do not run at all"""
    night = Hours.parse("night", {"start": "20:00", "end": "04:00 next day"}).bind(SHANGHAI)
    assert due("2026-01-17T01:00:00", "2 working hours", hours=night) == "2026-01-17T03:00:00"
    assert due("2026-01-17T01:00:00", "4 working hours", hours=night) == "2026-01-19T21:00:00"
    assert due("2026-01-16T19:00:00", "8 working hours", hours=night) == "2026-01-17T04:00:00"


def test_night_hours_in_the_last_known_night():
    """the hours of the last known day do not need to know the year after it"""
    night = Hours.parse("night", {"start": "20:00", "end": "04:00 next day"}).bind(SHANGHAI)
    assert due("2026-12-31T22:00:00", "4 working hours", hours=night) == "2027-01-01T02:00:00"


def test_night_hours_of_an_unknown_date_are_not_guessed():
    """hours that reach into the first known day from the unknown day before it are an error"""
    night = Hours.parse("night", {"start": "20:00", "end": "04:00 next day"}).bind(SHANGHAI)
    with pytest.raises(UnknownYear):
        due("2007-01-01T01:00:00", "1 working hour", hours=night)
    assert due("2007-01-01T01:00:00", "1 working hour") == "2007-01-04T09:30:00"


def test_an_unknown_year_has_no_deadline():
    """a deadline in working days that runs into a year without data is an error, one in days is not"""
    with pytest.raises(UnknownYear):
        due("2026-12-31T10:00:00", "1 working day")
    with pytest.raises(UnknownYear):
        due("2026-12-31T16:00:00", "2 working hours")
    with pytest.raises(UnknownYear):
        next_working_day(date(2026, 12, 31), CN)
    assert due("2026-12-31T10:00:00", "1 day") == "2027-01-01T23:59:59"


def test_working_hours_need_hours():
    """without hours a deadline in working hours is refused"""
    with pytest.raises(BadDuration, match="`2 working hours` needs to know the working hours"):
        due("2026-01-15T10:00:00", "2 working hours", hours=None)


def test_working_hours_that_never_come_are_refused():
    """hours that are all break do not send the search to the end of time"""
    idle = Hours.parse("idle", {"start": "08:00", "end": "09:00", "breaks": "08:00-09:00"}).bind(SHANGHAI)
    with pytest.raises(BadDuration, match="`1 working hour` never pass"):
        due("2026-01-15T10:00:00", "1 working hour", hours=idle, calendar=load_calendar("none"))


def test_a_pause_does_not_end_before_it_starts():
    """a pause that runs backwards is refused"""
    with pytest.raises(BadInstant, match="ends before it starts"):
        due("2026-01-15T10:00:00", "1 day", pauses=[("2026-01-16T10:00:00", "2026-01-16T09:00:00")])


@pytest.mark.parametrize(
    ("day", "duration", "forward", "expected"),
    [
        (date(2026, 3, 8), "7 days", False, date(2026, 3, 1)),
        (date(2024, 3, 7), "7 days", False, date(2024, 2, 29)),
        (date(2026, 3, 8), "1 week", True, date(2026, 3, 15)),
        (date(2026, 5, 31), "3 months", False, date(2026, 2, 28)),
        (date(2024, 5, 31), "3 months", False, date(2024, 2, 29)),
        (date(2026, 5, 31), "1 month", True, date(2026, 6, 30)),
        (date(2024, 2, 29), "1 year", False, date(2023, 2, 28)),
        (date(2025, 10, 9), "2 working days", False, date(2025, 9, 29)),
        (date(2025, 10, 12), "2 working days", False, date(2025, 10, 10)),
        (date(2025, 9, 30), "1 working day", True, date(2025, 10, 9)),
        (date(2026, 1, 17), "1 working day", False, date(2026, 1, 16)),
        (date(2026, 1, 17), "0 working days", False, date(2026, 1, 17)),
        (date(2026, 1, 17), "0 days", False, date(2026, 1, 17)),
        (date(2026, 1, 17), "0 days", True, date(2026, 1, 17)),
    ],
)
def test_dates_before_and_after_another(day, duration, forward, expected):
    """dates are counted away from a date, which does not count itself"""
    ledger = shift_date(day, parse_duration(duration), forward=forward, calendar=CN)
    assert (ledger.origin, ledger.date) == (day, expected)
    origin = ledger.entries[0 if forward else -1]
    assert (origin.first, origin.last, origin.counted, origin.reason) == (day, day, False, Reason.COUNTED_FROM)


@pytest.mark.parametrize("duration", ["2h", "90s", "4 working hours"])
@pytest.mark.parametrize("forward", [True, False])
def test_dates_are_not_shifted_by_hours(duration, forward):
    """hours before or after a date are refused"""
    with pytest.raises(BadDuration, match="cannot be counted in dates"):
        shift_date(date(2026, 1, 15), parse_duration(duration), forward=forward, calendar=CN)


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2026, 1, 15), date(2026, 1, 16)),
        (date(2026, 1, 16), date(2026, 1, 19)),
        (date(2026, 1, 18), date(2026, 1, 19)),
        (date(2026, 2, 13), date(2026, 2, 14)),
        (date(2026, 2, 14), date(2026, 2, 24)),
    ],
)
def test_next_working_day_is_strictly_after(day, expected):
    """the next working day is never the day itself"""
    assert next_working_day(day, CN) == expected
