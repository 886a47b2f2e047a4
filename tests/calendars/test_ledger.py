from __future__ import annotations

import json
from datetime import date

from dutyrules.calendars import Days, Hours, Reason, Zone, due_after, load_calendar, parse_duration, shift_date
from dutyrules.calendars.ledger import merged_days

SHANGHAI = Zone("Asia/Shanghai")
CN = load_calendar("CN")


def test_the_account_of_working_days():
    """two working days from the eve of a long holiday skip it and count the make-up workday"""
    ledger = due_after(
        SHANGHAI.parse("2025-09-30T10:00:00+08:00"), parse_duration("3 working days"), zone=SHANGHAI, calendar=CN
    )
    assert ledger.lines() == [
        "skipped 2025-09-30: counted from this day",
        "skipped 2025-10-01 to 2025-10-08: public holiday: 国庆节、中秋节 (National Day and Mid-Autumn Festival)",
        "counted 2025-10-09 to 2025-10-10: working day",
        "counted 2025-10-11: make-up workday: 国庆节、中秋节 (National Day and Mid-Autumn Festival)",
    ]
    assert ledger.as_dict() == {
        "start": "2025-09-30T10:00:00+08:00",
        "due": "2025-10-11T23:59:59+08:00",
        "duration": "3 working days",
        "entries": [
            {
                "entry": "skipped",
                "days": 1,
                "from": "2025-09-30",
                "to": "2025-09-30",
                "reason": "counted from this day",
            },
            {
                "entry": "skipped",
                "days": 8,
                "from": "2025-10-01",
                "to": "2025-10-08",
                "reason": "public holiday",
                "name": "国庆节、中秋节",
                "name_en": "National Day and Mid-Autumn Festival",
            },
            {"entry": "counted", "days": 2, "from": "2025-10-09", "to": "2025-10-10", "reason": "working day"},
            {
                "entry": "counted",
                "days": 1,
                "from": "2025-10-11",
                "to": "2025-10-11",
                "reason": "make-up workday",
                "name": "国庆节、中秋节",
                "name_en": "National Day and Mid-Autumn Festival",
            },
        ],
    }


def test_the_account_of_working_hours():
    """four working hours over a night, a weekend, a pause and a break tell each of them"""
    hours = Hours.parse("desk", {"start": "08:30", "end": "17:00", "breaks": "12:00-14:00"}).bind(SHANGHAI)
    pause = (SHANGHAI.parse("2026-01-19T09:00:00+08:00"), SHANGHAI.parse("2026-01-19T10:00:00+08:00"))
    ledger = due_after(
        SHANGHAI.parse("2026-01-16T16:00:00+08:00"),
        parse_duration("4 working hours"),
        zone=SHANGHAI,
        calendar=CN,
        hours=hours,
        pauses=[pause],
    )
    assert ledger.lines() == [
        "counted 2026-01-16T16:00:00+08:00 to 2026-01-16T17:00:00+08:00: working hours",
        "skipped 2026-01-16T17:00:00+08:00 to 2026-01-17T00:00:00+08:00: outside working hours",
        "skipped 2026-01-17T00:00:00+08:00 to 2026-01-19T00:00:00+08:00: weekend",
        "skipped 2026-01-19T00:00:00+08:00 to 2026-01-19T08:30:00+08:00: outside working hours",
        "counted 2026-01-19T08:30:00+08:00 to 2026-01-19T09:00:00+08:00: working hours",
        "skipped 2026-01-19T09:00:00+08:00 to 2026-01-19T10:00:00+08:00: paused",
        "counted 2026-01-19T10:00:00+08:00 to 2026-01-19T12:00:00+08:00: working hours",
        "skipped 2026-01-19T12:00:00+08:00 to 2026-01-19T14:00:00+08:00: outside working hours",
        "counted 2026-01-19T14:00:00+08:00 to 2026-01-19T14:30:00+08:00: working hours",
    ]
    assert ledger.entries[0].seconds == 3600
    assert json.loads(json.dumps(ledger.as_dict()))["entries"][5] == {
        "entry": "skipped",
        "seconds": 3600,
        "from": "2026-01-19T09:00:00+08:00",
        "to": "2026-01-19T10:00:00+08:00",
        "reason": "paused",
    }


def test_the_account_of_a_date_before_another():
    """the account of a date before another is in the order of the calendar"""
    ledger = shift_date(date(2026, 3, 2), parse_duration("2 working days"), forward=False, calendar=CN)
    assert ledger.lines() == [
        "counted 2026-02-27: working day",
        "counted 2026-02-28: make-up workday: 春节 (Spring Festival)",
        "skipped 2026-03-01: weekend",
        "skipped 2026-03-02: counted from this day",
    ]
    assert ledger.as_dict() == {
        "origin": "2026-03-02",
        "date": "2026-02-27",
        "duration": "2 working days",
        "entries": [entry.as_dict() for entry in ledger.entries],
    }


def test_only_like_days_are_joined():
    """neighbouring days are joined if verdict, reason and name are the same"""
    days = [
        Days(counted, date(2026, 1, first), date(2026, 1, last), reason, name)
        for counted, first, last, reason, name in [
            (False, 1, 2, Reason.PUBLIC_HOLIDAY, "a"),
            (False, 3, 5, Reason.PUBLIC_HOLIDAY, "a"),
            (False, 6, 6, Reason.PUBLIC_HOLIDAY, "b"),
            (False, 7, 7, Reason.WEEKEND, ""),
            (True, 8, 8, Reason.WORKDAY, ""),
            (True, 9, 10, Reason.WORKDAY, ""),
        ]
    ]
    assert [(entry.first.day, entry.last.day) for entry in merged_days(days)] == [(1, 5), (6, 6), (7, 7), (8, 10)]


def test_pauses_that_touch_are_one():
    """a pause that goes on where another ends is told as one"""
    start = SHANGHAI.parse("2026-01-15T10:00:00+08:00")
    pauses = [(start + 1200, start + 1800), (start + 600, start + 1200)]
    ledger = due_after(start, parse_duration("1h"), zone=SHANGHAI, calendar=CN, pauses=pauses)
    assert [(entry.counted, entry.seconds) for entry in ledger.entries] == [(True, 600), (False, 1200), (True, 3000)]
