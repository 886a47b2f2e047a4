from __future__ import annotations

import datetime as dt

import pytest

from dutyrules.testing.claims import season_fault, sum_fault, weekday_fault


def test_weekdays():
    """a weekday may be written short or long; a wrong one is told with the right one"""
    assert weekday_fault("2026-01-15", "Thu") is None
    assert weekday_fault("2026-01-15", "thursday") is None
    assert weekday_fault("2026-01-15", "Fri") == "`2026-01-15` is a Thu, not a Fri"
    assert weekday_fault("2026-02-30", "Fri") == "there is no day `2026-02-30`"


@pytest.mark.parametrize(
    "text",
    ["50+20 == 70", "200 != 250", "(5-4)*40 == 40", "max(80,120) == 120", "7//2 == 3 < 4", "1/8 == 0.125", "-1 < 0"],
)
def test_sums_that_are_so(text):
    """sums with the usual signs and functions are worked out exactly"""
    assert sum_fault(text) is None


@pytest.mark.parametrize("text", ["2*40 == 90", "1 < 1", "0.1+0.2 != 0.3"])
def test_sums_that_are_not_so(text):
    """a wrong sum is told"""
    assert sum_fault(text) == f"`{text}` is not so"


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os')",
        "().__class__ == 1",
        "9**9**9 == 1",
        "'a' == 'a'",
        "1/0 == 1",
        "x == x",
        "[1] == [1]",
        "max(1, key=abs) == 1",
        "9999999999*9999999999 == 1",
        "1 if 1 else 2",
        "(" * 150 + "1" + ")" * 150,
        "1 ==",
    ],
)
def test_nothing_but_sums_is_worked_out(text):
    """names, texts, powers and huge numbers are refused and not run"""
    assert sum_fault(text) is not None


def test_seasons():
    """a season is compared as its name is written in the pack, with hyphens for underscores"""
    seasons = {"winter_spring": "12-01 to 05-31", "summer_autumn": "06-01 to 11-30"}
    assert season_fault(seasons, dt.date(2026, 1, 15), "winter-spring") is None
    assert "`summer_autumn`" in season_fault(seasons, dt.date(2026, 7, 15), "winter-spring")
    assert season_fault({}, dt.date(2026, 7, 15), "winter-spring") is not None
