from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dutyrules.calendars import BadInstant, ClockTime, UnknownZone, Zone, parse_clock_time, parse_instant

SHANGHAI = Zone("Asia/Shanghai")
MINUTE, DAY = 60, 86_400

# Dates about which clocks were changed on a whole minute: at midnight, across it, over a whole date, by half an hour.
CHANGES = {
    "Asia/Shanghai": [date(1991, 9, 15), date(1986, 5, 4)],
    "America/New_York": [date(2026, 3, 8), date(2026, 11, 1)],
    "America/Sao_Paulo": [date(2018, 11, 4), date(2018, 2, 18)],
    "America/Havana": [date(2026, 3, 8), date(2026, 11, 1)],
    "America/St_Johns": [date(2006, 4, 2), date(2006, 10, 29)],
    "Asia/Beirut": [date(2022, 3, 27), date(2022, 10, 30)],
    "Atlantic/Azores": [date(2026, 3, 29), date(2026, 10, 25)],
    "Australia/Lord_Howe": [date(2026, 4, 5), date(2026, 10, 4)],
    "Asia/Kathmandu": [date(1986, 1, 1)],
    "Pacific/Apia": [date(2011, 12, 30), date(2011, 9, 24)],
    "Europe/London": [date(2026, 3, 29), date(2026, 10, 25)],
}
ZONED_DATES = st.sampled_from(sorted(CHANGES)).flatmap(
    lambda name: st.tuples(
        st.just(name),
        st.builds(lambda day, off: day + timedelta(days=off), st.sampled_from(CHANGES[name]), st.integers(-2, 2)),
    )
)


def wall(name, instant):
    """Read an instant off a local clock."""
    return datetime.fromtimestamp(instant, ZoneInfo(name)).replace(tzinfo=None)


def around(day):
    """List the whole minutes that can lie near a date anywhere in the world."""
    middle = int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())
    return range(middle - 2 * DAY, middle + 2 * DAY, MINUTE)


@given(ZONED_DATES)
@settings(deadline=None)
def test_a_date_starts_when_no_earlier_date_comes_back(zoned):
    """the start of a date is the first minute from which local clocks never show an earlier date again"""
    name, day = zoned
    minutes = around(day)
    last_before = max(instant for instant in minutes if wall(name, instant).date() < day)
    assert Zone(name).start_of(day) == last_before + MINUTE
    assert Zone(name).end_of(day - timedelta(days=1)) == last_before + MINUTE - 1


@given(ZONED_DATES, st.integers(0, 24 * 60 - 1))
@settings(deadline=None)
def test_a_time_of_day_is_its_first_occurrence_or_the_jump(zoned, minute):
    """a time of day is the first minute at which clocks show it, or the first after the jump that leaves it out"""
    name, day = zoned
    wanted = datetime(day.year, day.month, day.day) + timedelta(minutes=minute)  # noqa: DTZ001 - a local clock's reading
    shown = [instant for instant in around(day) if wall(name, instant) == wanted]
    if shown:
        expected = shown[0]
    else:
        expected = next(
            instant for instant in around(day) if wall(name, instant - MINUTE) < wanted < wall(name, instant)
        )
    assert Zone(name).at(day, ClockTime(minute * MINUTE)) == expected


@given(
    st.sampled_from(sorted(CHANGES)),
    st.one_of(
        st.integers(0, 4_102_444_800),
        st.sampled_from(sorted({day for days in CHANGES.values() for day in days})).flatmap(
            lambda day: st.sampled_from(around(day)).map(lambda minute: minute + 17)
        ),
    ),
)
def test_instants_read_as_the_standard_library_reads_them(name, instant):
    """date, time, offset and text of an instant are those of zoneinfo, and the text reads back"""
    zone, expected = Zone(name), datetime.fromtimestamp(instant, ZoneInfo(name))
    assert zone.local(instant) == expected
    assert zone.local(instant).utcoffset() == expected.utcoffset() == timedelta(seconds=zone.offset(instant))
    assert zone.date_of(instant) == expected.date()
    assert zone.iso(instant) == expected.isoformat()
    assert zone.parse(zone.iso(instant)) == instant
    assert str(zone.time_of(instant)) == f"{expected:%H:%M:%S}".removesuffix(":00")


def test_shanghai():
    """in Shanghai a day is from midnight to 23:59:59, eight hours ahead"""
    day = date(2026, 1, 15)
    assert SHANGHAI.iso(SHANGHAI.start_of(day)) == "2026-01-15T00:00:00+08:00"
    assert SHANGHAI.iso(SHANGHAI.end_of(day)) == "2026-01-15T23:59:59+08:00"
    assert SHANGHAI.iso(SHANGHAI.at(day, parse_clock_time("08:30 next day"))) == "2026-01-16T08:30:00+08:00"
    assert SHANGHAI.at(day, parse_clock_time("24:00")) == SHANGHAI.start_of(date(2026, 1, 16))


def test_summer_time_of_1991_in_shanghai():
    """before mid-September 1991 clocks in Shanghai were nine hours ahead"""
    assert SHANGHAI.iso(SHANGHAI.at(date(1991, 9, 1), ClockTime(0))) == "1991-09-01T00:00:00+09:00"


def test_a_skipped_date_is_empty():
    """30 December 2011 was never lived in Apia: it ends before it starts"""
    apia = Zone("Pacific/Apia")
    day = date(2011, 12, 30)
    assert apia.iso(apia.start_of(day)) == "2011-12-31T00:00:00+14:00"
    assert apia.end_of(day) == apia.start_of(day) - 1


def test_local_mean_time_keeps_its_seconds():
    """an offset of odd seconds is written out and reads back"""
    instant = parse_instant("1900-06-01T00:00:00+08:05:43")
    assert SHANGHAI.iso(instant) == "1900-06-01T00:00:00+08:05:43"


def test_zones_are_equal_by_name():
    """two zones of one name are one"""
    assert Zone("Asia/Shanghai") == SHANGHAI
    assert len({Zone("Asia/Shanghai"), SHANGHAI, Zone("UTC")}) == 2
    assert repr(SHANGHAI) == "Zone(name='Asia/Shanghai')"


@pytest.mark.parametrize(
    "name", ["", "Asia/Shangai", "../etc/localtime", "/etc/localtime", "Asia", "UTC+8", "北京", "a\0b"]
)
def test_refuses_what_is_no_zone(name):
    """only names of the zone database are zones, and never a path"""
    with pytest.raises(UnknownZone, match="is not a time zone\nhelp: "):
        Zone(name)


def test_suggests_the_zone_meant():
    """a misspelt zone is answered with the one that is near"""
    with pytest.raises(UnknownZone, match="did you mean `Asia/Shanghai`"):
        Zone("Asia/Shangai")


@pytest.mark.parametrize(
    "text",
    [
        "2026-01-15T12:00:01+08:00",
        "2026-01-15T04:00:01Z",
        "2026-01-15t04:00:01z",
        "2026-01-15 12:00:01.999+08:00",
        "2026-01-15T12:00:01,5+08:00",
        "2026-01-14T23:00:01-05:00",
    ],
)
def test_reads_instants_to_the_second(text):
    """an instant may be written in any offset, and parts of a second are cut off"""
    assert SHANGHAI.parse(text) == 1768449601


def test_seconds_may_be_left_out():
    """an instant without seconds is on the full minute"""
    assert parse_instant("2026-01-15T12:00+08:00") == 1768449600


def test_an_instant_needs_its_offset():
    """without an offset an instant is refused, with the offset it would have in the zone"""
    with pytest.raises(BadInstant) as refused:
        SHANGHAI.parse("2026-01-15T12:00:01")
    assert str(refused.value) == (
        "`2026-01-15T12:00:01` has no offset from UTC\n"
        "help: if it is the time in Asia/Shanghai, write `2026-01-15T12:00:01+08:00`"
    )
    with pytest.raises(BadInstant, match="help: write an instant as `2026-01-15T12:00:00\\+08:00`"):
        parse_instant("2026-01-15T12:00:01")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "2026-01-15",
        "2026-02-29T00:00:00Z",
        "2026-01-15T24:00:00Z",
        "2026-01-15T12:00:60Z",
        "2026-01-15T12:60:00Z",
        "2026-01-15T12:00:00+24:00",
        "2026-01-15T12:00:00+0800",
        "20260115T120000Z",
        "2026-W03-4T12:00:00Z",
        " 2026-01-15T12:00:00Z",
        "1899-12-31T23:59:59Z",
        "2200-01-01T00:00:00Z",
    ],
)
def test_refuses_what_is_no_instant(text):
    """a text that is no date and time between 1900 and 2199 is refused"""
    with pytest.raises(BadInstant):
        SHANGHAI.parse(text)
