"""Deadlines against an oracle that walks second by second, minute by minute or day by day and shares no code with them.

The oracle reads local clocks off the standard library, takes working days from `chinesecalendar`, and counts on its
fingers.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import chinese_calendar
from hypothesis import given, settings
from hypothesis import strategies as st

from dutyrules.calendars import (
    Days,
    Duration,
    Hours,
    Reason,
    Unit,
    Zone,
    due_after,
    load_calendar,
    next_working_day,
    shift_date,
)

SHANGHAI = Zone("Asia/Shanghai")
CN = load_calendar("CN")
ONE_DAY = timedelta(days=1)
MINUTE = 60
MONTHS = {Unit.MONTH: 1, Unit.QUARTER: 3, Unit.YEAR: 12}

# Days about which counting goes wrong: ends of months and years, 29 February, holidays with make-up workdays.
EDGES = [
    date(2007, 1, 5),
    date(2010, 9, 18),
    date(2011, 12, 30),
    date(2012, 2, 29),
    date(2015, 9, 3),
    date(2018, 12, 28),
    date(2020, 1, 23),
    date(2023, 1, 31),
    date(2023, 12, 31),
    date(2024, 2, 29),
    date(2024, 3, 31),
    date(2025, 9, 28),
    date(2025, 10, 9),
    date(2026, 2, 13),
]
DAYS = st.one_of(
    st.dates(date(2007, 2, 1), date(2026, 8, 31)),
    st.builds(lambda edge, off: edge + timedelta(days=off), st.sampled_from(EDGES), st.integers(-3, 3)),
)
SECONDS_OF_DAY = st.one_of(st.integers(0, 86_399), st.sampled_from([0, 1, 30_600, 43_199, 43_200, 61_200, 86_399]))
STARTS = st.builds(
    lambda day, second: int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) - 8 * 3600 + second,
    DAYS,
    SECONDS_OF_DAY,
)


def pauses_after(longest):
    """Make up to three pauses, as offsets in seconds from a start, that may overlap, be empty or come before it."""
    pause = st.tuples(st.integers(-longest // 4, longest), st.integers(0, longest // 3))
    return st.lists(pause.map(lambda pair: (pair[0], pair[0] + pair[1])), max_size=3)


def paused(instant, pauses):
    """Tell whether a second lies in a pause."""
    return any(first <= instant < last for first, last in pauses)


def local_date(instant, name="Asia/Shanghai"):
    """Read the date off a local clock."""
    return datetime.fromtimestamp(instant, ZoneInfo(name)).date()


def same_day_of_later_month(day, months):
    """Turn the pages of a calendar month by month, then look for the day or the last before it."""
    year, month = day.year, day.month
    for _ in range(abs(months)):
        month += 1 if months > 0 else -1
        if month == 13:
            year, month = year + 1, 1
        if month == 0:
            year, month = year - 1, 12
    for number in range(day.day, 0, -1):
        try:
            return date(year, month, number)
        except ValueError:
            continue
    raise AssertionError


def last_second(day, name="Asia/Shanghai"):
    """Find the last second of a date by looking at each second about its end."""
    middle = int(datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(name)).timestamp()) + 86_400
    return max(instant for instant in range(middle - 7200, middle + 7200) if local_date(instant, name) == day)


def covers(ledger):
    """Check that the spans of a ledger follow one another from its start to its deadline."""
    position = ledger.start
    for span in ledger.entries:
        assert span.start == position
        assert span.end > span.start
        position = span.end
    assert position == ledger.due


def one_by_one(entries):
    """Spread a ledger's entries into single dates with their verdicts."""
    return [
        (entry.first + timedelta(days=n), entry.counted, entry.reason) for entry in entries for n in range(entry.days)
    ]


@given(STARTS, st.integers(0, 900), pauses_after(1200))
def test_running_time_second_by_second(start, seconds, offsets):
    """running time is over when as many seconds outside every pause have gone by"""
    pauses = [(start + first, start + last) for first, last in offsets]
    instant, left = start, seconds
    while left:
        left -= not paused(instant, pauses)
        instant += 1
    ledger = due_after(start, Duration(seconds, Unit.SECOND), zone=SHANGHAI, calendar=CN, pauses=pauses)
    assert ledger.due == instant
    covers(ledger)
    for span in ledger.entries:
        assert all(paused(second, pauses) != span.counted for second in range(span.start, span.end))
        assert span.reason is (Reason.TIME_RUNS if span.counted else Reason.PAUSED)


@given(STARTS, st.integers(0, 50), st.sampled_from([Unit.MINUTE, Unit.HOUR]))
def test_minutes_and_hours_are_seconds(start, amount, unit):
    """without pauses minutes and hours are so many seconds later"""
    seconds = amount * (60 if unit is Unit.MINUTE else 3600)
    assert due_after(start, Duration(amount, unit), zone=SHANGHAI, calendar=CN).due == start + seconds


@given(
    STARTS,
    st.one_of(
        st.tuples(st.integers(0, 40), st.sampled_from([Unit.DAY, Unit.WORKING_DAY])),
        st.tuples(st.integers(0, 5), st.sampled_from([Unit.WEEK, Unit.MONTH, Unit.QUARTER])),
        st.tuples(st.integers(0, 1), st.just(Unit.YEAR)),
    ),
    pauses_after(20 * 86_400),
)
@settings(deadline=None)
def test_dates_day_by_day(start, amount_and_unit, offsets):
    """dates are over with the last second of the last that counts, and each date on the way has its verdict"""
    amount, unit = amount_and_unit
    pauses = [(start + first, start + last) for first, last in offsets]
    ledger = due_after(start, Duration(amount, unit), zone=SHANGHAI, calendar=CN, pauses=pauses)
    first = local_date(start)
    if unit in MONTHS:
        left = (same_day_of_later_month(first, amount * MONTHS[unit]) - first).days
    else:
        left = amount * (7 if unit is Unit.WEEK else 1)
    day, verdicts = first, [(first, False)]
    while left:
        day += ONE_DAY
        midnight = int(datetime(day.year, day.month, day.day, tzinfo=ZoneInfo("Asia/Shanghai")).timestamp())
        touched = any(max(a, midnight) < min(b, midnight + 86_400) for a, b in pauses)
        counted = not touched and (unit is not Unit.WORKING_DAY or chinese_calendar.is_workday(day))
        left -= counted
        verdicts.append((day, counted))
    assert ledger.due == last_second(day)
    assert [(when, counted) for when, counted, _ in one_by_one(ledger.entries)] == verdicts
    assert all(isinstance(entry, Days) for entry in ledger.entries)


ZONES = ["America/New_York", "America/Havana", "America/St_Johns", "Asia/Beirut", "Pacific/Apia", "Europe/London"]
CHANGE_DAYS = [date(2026, 3, 8), date(2026, 3, 29), date(2026, 11, 1), date(2011, 12, 29), date(2006, 10, 29)]


@given(
    st.sampled_from(ZONES),
    st.sampled_from(CHANGE_DAYS),
    st.integers(-3 * 86_400, 86_400),
    st.integers(0, 4),
)
@settings(deadline=None, max_examples=50)
def test_dates_in_zones_that_change_their_clocks(name, change, offset, days):
    """a deadline in dates ends with the last second of the last date, however long that date is"""
    start = int(datetime(change.year, change.month, change.day, tzinfo=UTC).timestamp()) + offset
    due = due_after(start, Duration(days, Unit.DAY), zone=Zone(name), calendar=load_calendar("none")).due
    last = local_date(start, name) + timedelta(days=days)
    around = range(start - 86_400 - start % MINUTE, start + (days + 3) * 86_400, MINUTE)
    assert due + 1 == max(instant for instant in around if local_date(instant, name) <= last) + MINUTE


def opening_hours(opens, closes, breaks):
    """Write hours as a pack does, from minutes of the day."""

    def clock(minute):
        return f"{minute // 60 % 24:02}:{minute % 60:02}" + (" next day" if minute >= 24 * 60 else "")

    entry = {
        "start": clock(opens),
        "end": clock(closes),
        "breaks": [f"{clock(first)}-{clock(last)}" for first, last in breaks],
    }
    return Hours.parse("hours", entry).bind(SHANGHAI)


# No break begins before nine, so that hours that open by eight are never all break.
BREAKS = st.lists(
    st.tuples(st.integers(9, 16), st.integers(1, 3)).map(lambda p: (p[0] * 60, (p[0] + p[1]) * 60)), max_size=2
)


@given(
    STARTS,
    st.integers(0, 20),
    st.integers(6, 8),
    st.sampled_from([12, 17, 18, 24, 26]),
    BREAKS,
    pauses_after(4 * 86_400),
)
@settings(deadline=None, max_examples=40)
def test_working_hours_minute_by_minute(start, amount, opens, closes, breaks, offsets):
    """working hours are over when as many minutes within hours, working dates and no pause have gone by"""
    start -= start % MINUTE
    pauses = [(start + first - first % MINUTE, start + last - last % MINUTE) for first, last in offsets]

    def kind_of(instant):
        """Tell whether a minute is paused, worked, outside the hours, or in a date that is not worked."""
        if paused(instant, pauses):
            return Reason.PAUSED
        clock = datetime.fromtimestamp(instant, ZoneInfo("Asia/Shanghai"))
        minute, day = clock.hour * 60 + clock.minute, clock.date()
        for of_day, belongs in ((minute, day), (minute + 24 * 60, day - ONE_DAY)):
            inside = opens * 60 <= of_day < closes * 60
            if inside and chinese_calendar.is_workday(belongs) and not any(a <= of_day < b for a, b in breaks):
                return Reason.WORKING_HOURS
        return Reason.OUTSIDE_HOURS if chinese_calendar.is_workday(day) else None

    instant, left, kinds = start, amount * 60, []
    while left:
        kinds.append(kind_of(instant))
        left -= kinds[-1] is Reason.WORKING_HOURS
        instant += MINUTE
    ledger = due_after(
        start,
        Duration(amount, Unit.WORKING_HOUR),
        zone=SHANGHAI,
        calendar=CN,
        hours=opening_hours(opens * 60, closes * 60, breaks),
        pauses=pauses,
    )
    assert ledger.due == instant
    covers(ledger)
    told = [span.reason for span in ledger.entries for _ in range(span.start, span.end, MINUTE)]
    resting = {Reason.WEEKEND, Reason.PUBLIC_HOLIDAY}
    assert [None if reason in resting else reason for reason in told] == kinds
    assert all(span.counted is (span.reason is Reason.WORKING_HOURS) for span in ledger.entries)


@given(STARTS, st.integers(1, 3), st.integers(0, 59), pauses_after(6000))
@settings(deadline=None, max_examples=25)
def test_working_hours_to_the_second(start, amount, second, offsets):
    """a start or pause inside a minute moves the deadline by its seconds"""
    day = local_date(start)
    while not (chinese_calendar.is_workday(day) and chinese_calendar.is_workday(day + ONE_DAY)):
        day += ONE_DAY
    midnight = int(datetime(day.year, day.month, day.day, tzinfo=ZoneInfo("Asia/Shanghai")).timestamp())
    start = midnight + 15 * 3600 + 30 * MINUTE + second
    pauses = [(start + first, start + last) for first, last in offsets]
    instant, left = start, amount * 3600
    while left:
        since = (instant - midnight) % 86_400
        left -= 9 * 3600 <= since < 17 * 3600 and not paused(instant, pauses)
        instant += 1
    hours = opening_hours(9 * 60, 17 * 60, [])
    duration = Duration(amount, Unit.WORKING_HOUR)
    assert due_after(start, duration, zone=SHANGHAI, calendar=CN, hours=hours, pauses=pauses).due == instant


@given(
    DAYS,
    st.one_of(
        st.tuples(st.integers(0, 15), st.sampled_from([Unit.DAY, Unit.WORKING_DAY])),
        st.tuples(st.integers(0, 30), st.sampled_from([Unit.WEEK, Unit.MONTH])),
        st.tuples(st.integers(0, 5), st.sampled_from([Unit.QUARTER, Unit.YEAR])),
    ),
    st.booleans(),
)
def test_dates_away_from_a_date(day, amount_and_unit, forward):
    """a date so long before or after another is met by walking there, and the account is the walk"""
    amount, unit = amount_and_unit
    if unit is Unit.WORKING_DAY:
        day = max(day, date(2007, 3, 1))
    ledger = shift_date(day, Duration(amount, unit), forward=forward, calendar=CN)
    step = ONE_DAY if forward else -ONE_DAY
    if unit in MONTHS:
        months = amount * MONTHS[unit]
        left = abs((same_day_of_later_month(day, months if forward else -months) - day).days)
    else:
        left = amount * (7 if unit is Unit.WEEK else 1)
    position, verdicts = day, [(day, False)]
    while left:
        position += step
        counted = unit is not Unit.WORKING_DAY or chinese_calendar.is_workday(position)
        left -= counted
        verdicts.append((position, counted))
    assert ledger.date == position
    assert [(when, counted) for when, counted, _ in one_by_one(ledger.entries)] == sorted(verdicts)


@given(DAYS)
def test_next_working_day_day_by_day(day):
    """the next working day is the first day after on which people work"""
    following = day + ONE_DAY
    while not chinese_calendar.is_workday(following):
        following += ONE_DAY
    assert next_working_day(day, CN) == following


@given(DAYS, st.integers(1, 10))
def test_working_days_there_and_back(day, amount):
    """working days back and forth lead to the day itself, or to the next working day if it is none"""
    day = max(day, date(2007, 3, 1))
    duration = Duration(amount, Unit.WORKING_DAY)
    before = shift_date(day, duration, forward=False, calendar=CN).date
    again = shift_date(before, duration, forward=True, calendar=CN).date
    assert again == (day if chinese_calendar.is_workday(day) else next_working_day(day, CN))
