from __future__ import annotations

from datetime import date, timedelta

import chinese_calendar
import holidays
import pytest

from dutyrules.calendars import (
    BadCalendar,
    DayKind,
    Reason,
    UnknownCalendar,
    UnknownYear,
    country_years,
    load_calendar,
)

CN = load_calendar("CN")
ALL_DAYS = [date(2007, 1, 1) + timedelta(days=n) for n in range((date(2027, 1, 1) - date(2007, 1, 1)).days)]

# Weekend days that `chinesecalendar` counts to a festival although the notice only joins the festival to the weekend,
# and weekend days inside a festival that it leaves out. All of them are days off either way.
WEEKENDS_NAMED_ONLY_BY_CHINESECALENDAR = {
    date(2014, 4, 6),
    date(2019, 4, 6),
    date(2019, 4, 7),
    date(2019, 6, 8),
    date(2019, 6, 9),
    date(2019, 9, 14),
    date(2019, 9, 15),
    date(2023, 12, 30),
    date(2023, 12, 31),
}
WEEKENDS_NAMED_ONLY_HERE = {date(2011, 6, 5), date(2012, 6, 23), date(2015, 9, 5)}


def test_every_working_day_agrees_with_chinesecalendar():
    """chinesecalendar gives the same answer on each of the 7,305 days of 2007 to 2026"""
    assert len(ALL_DAYS) == 7305
    assert [day for day in ALL_DAYS if CN.is_working_day(day) != chinese_calendar.is_workday(day)] == []


def test_every_working_day_agrees_with_holidays():
    """holidays gives the same answer on each day of 2007 to 2026"""
    china = holidays.country_holidays("CN", years=range(2007, 2028))
    assert [day for day in ALL_DAYS if CN.is_working_day(day) != china.is_working_day(day)] == []


def test_makeup_workdays_agree_with_both():
    """make-up workdays are the weekend days on which both libraries work"""
    china = holidays.country_holidays("CN", years=range(2007, 2028))
    ours = {day for day in ALL_DAYS if CN.day(day).reason is Reason.MAKE_UP_WORKDAY}
    assert ours == {day for day in ALL_DAYS if day.weekday() >= 5 and chinese_calendar.is_workday(day)}
    assert ours == {day for day in ALL_DAYS if day.weekday() >= 5 and china.is_working_day(day)}


def test_days_of_festivals_agree_with_chinesecalendar_but_for_known_weekends():
    """the days counted to a festival differ from chinesecalendar's only on twelve weekend days"""
    ours = {day for day in ALL_DAYS if CN.day(day).reason is Reason.PUBLIC_HOLIDAY}
    details = {day: chinese_calendar.get_holiday_detail(day) for day in ALL_DAYS}
    theirs = {day for day, (off, festival) in details.items() if off and festival is not None}
    assert theirs - ours == WEEKENDS_NAMED_ONLY_BY_CHINESECALENDAR
    assert ours - theirs == WEEKENDS_NAMED_ONLY_HERE


def test_days_of_festivals_agree_with_holidays_but_for_weekends():
    """the days that holidays lists are festival days here, and it leaves out nothing but weekend days"""
    theirs = {day for day in holidays.country_holidays("CN", years=range(2007, 2028)) if 2007 <= day.year <= 2026}
    ours = {day for day in ALL_DAYS if CN.day(day).reason is Reason.PUBLIC_HOLIDAY}
    assert theirs <= ours
    assert all(day.weekday() >= 5 for day in ours - theirs)


def test_names_agree_with_chinesecalendar():
    """the festival of each day, on which both have one, begins with a name of the same festival"""
    chinese = {
        "New Year's Day": "元旦",
        "Spring Festival": "春节",
        "Tomb-sweeping Day": "清明",
        "Labour Day": "劳动节",
        "Dragon Boat Festival": "端午",
        "National Day": "国庆节",
        "Mid-autumn Festival": "中秋",
        "Anti-Fascist 70th Day": "抗日战争",
    }
    for day in ALL_DAYS:
        kind, theirs = CN.day(day), chinese_calendar.get_holiday_detail(day)[1]
        if kind.name and theirs is not None:
            assert chinese[theirs] in kind.name, day


@pytest.mark.parametrize("year", country_years("CN"), ids=lambda year: str(year.year))
def test_each_year_cites_its_notices(year):
    """each year names the notices that settle it, with numbers of the year they are dated in, and holds its own days"""
    assert year.notices
    for notice in year.notices:
        assert notice.title.startswith("国务院")
        assert notice.title.endswith("的通知")
        assert "gov.cn/" in notice.url
        if notice.number and notice.date:
            assert f"〔{notice.date.year}〕" in notice.number
    assert {day.year for day in year.days} == {year.year}
    for day, kind in year.days.items():
        assert kind.name
        assert kind.name_en
        assert kind.working == (kind.reason is Reason.MAKE_UP_WORKDAY)
        if kind.working:
            assert day.weekday() >= 5


def test_years_are_bundled_without_a_gap():
    """the years 2007 to 2026 are there, each once"""
    assert [year.year for year in country_years("CN")] == list(range(2007, 2027))
    assert CN.years == frozenset(range(2007, 2027))


@pytest.mark.parametrize(
    ("day", "working", "reason", "name"),
    [
        (date(2025, 10, 8), False, Reason.PUBLIC_HOLIDAY, "国庆节、中秋节"),
        (date(2025, 10, 11), True, Reason.MAKE_UP_WORKDAY, "国庆节、中秋节"),
        (date(2026, 1, 15), True, Reason.WORKDAY, ""),
        (date(2026, 1, 17), False, Reason.WEEKEND, ""),
    ],
)
def test_a_day_has_its_kind_and_reason(day, working, reason, name):
    """holidays, make-up workdays, weekends and ordinary days each say what they are"""
    kind = CN.day(day)
    assert (kind.working, kind.reason, kind.name) == (working, reason, name)
    assert kind.name_en == ("National Day and Mid-Autumn Festival" if name else "")
    assert CN.is_working_day(day) is working


@pytest.mark.parametrize("day", [date(2006, 12, 31), date(2027, 1, 1), date(2030, 6, 1)])
def test_an_unknown_year_is_an_error(day):
    """a year without data is never guessed, weekends included"""
    with pytest.raises(UnknownYear) as refused:
        CN.is_working_day(day)
    assert (refused.value.day, refused.value.year, refused.value.calendar) == (day, day.year, "CN")
    assert str(refused.value) == (
        f"calendar `CN` has no data for {day.year}, the year of `{day}`\n"
        "help: it knows 2007 to 2026; a pack or an organisation can add the day itself or declare the whole year"
    )


def test_an_added_day_answers_only_for_itself():
    """a day added in an unknown year is known, the days around it are not"""
    calendar = load_calendar("CN", extra_holidays={date(2027, 1, 1): "元旦"}, extra_workdays=[date(2027, 1, 2)])
    assert calendar.day(date(2027, 1, 1)) == DayKind(working=False, reason=Reason.ADDED_HOLIDAY, name="元旦")
    assert calendar.day(date(2027, 1, 2)) == DayKind(working=True, reason=Reason.ADDED_WORKDAY)
    with pytest.raises(UnknownYear):
        calendar.day(date(2027, 1, 4))


def test_an_added_day_stands_above_the_bundled_one():
    """an organisation may work on a holiday and rest on a working day"""
    calendar = load_calendar(
        "CN", extra_holidays=[date(2026, 1, 15)], extra_workdays={date(2026, 10, 1): "stocktaking"}
    )
    assert not calendar.is_working_day(date(2026, 1, 15))
    assert calendar.day(date(2026, 10, 1)) == DayKind(working=True, reason=Reason.ADDED_WORKDAY, name="stocktaking")
    assert not calendar.is_working_day(date(2026, 10, 2))


def test_a_declared_year_is_weekends_and_added_days():
    """a declared year is known throughout, and holds nothing but weekends and what was added"""
    calendar = load_calendar("CN", extra_years=[2027], extra_holidays=[date(2027, 1, 1)])
    assert calendar.day(date(2027, 1, 1)).reason is Reason.ADDED_HOLIDAY
    assert calendar.day(date(2027, 1, 4)).reason is Reason.WORKDAY
    assert calendar.day(date(2027, 1, 9)).reason is Reason.WEEKEND
    assert 2027 in calendar.years
    assert 2026 in calendar.years


def test_a_declared_year_replaces_bundled_data():
    """a year that was declared does not change when data for it is bundled later"""
    calendar = load_calendar("CN", extra_years=[2026])
    assert calendar.is_working_day(date(2026, 10, 1))
    assert not calendar.is_working_day(date(2025, 10, 1))


def test_a_day_cannot_be_both():
    """a day that is added as a holiday and as a working day is refused"""
    with pytest.raises(BadCalendar, match="`2027-01-01` is added both as a holiday and as a working day"):
        load_calendar("CN", extra_holidays=[date(2027, 1, 1)], extra_workdays=[date(2027, 1, 1), date(2027, 1, 2)])


def test_plain_calendars_know_every_year():
    """`weekdays` works from Monday to Friday, `none` every day, both with added days"""
    weekdays = load_calendar("weekdays", extra_holidays=[date(2050, 1, 3)])
    every_day = load_calendar("none", extra_holidays={date(2050, 1, 1): "closed"})
    saturday, monday = date(2050, 1, 1), date(2050, 1, 3)
    assert [weekdays.day(day).reason for day in (saturday, monday)] == [Reason.WEEKEND, Reason.ADDED_HOLIDAY]
    assert weekdays.is_working_day(date(2050, 1, 4))
    assert every_day.day(monday) == DayKind(working=True, reason=Reason.EVERY_DAY)
    assert every_day.day(saturday).name == "closed"
    assert weekdays.years is None


@pytest.mark.parametrize(
    ("name", "hint"), [("cn", "did you mean `CN`"), ("../CN", "`CN`"), ("DE", "`weekdays`"), ("", "`none`")]
)
def test_an_unknown_calendar_is_an_error(name, hint):
    """a calendar that does not exist is answered with those that do"""
    with pytest.raises(UnknownCalendar) as refused:
        load_calendar(name)
    assert hint in str(refused.value)
