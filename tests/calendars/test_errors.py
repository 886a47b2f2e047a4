from __future__ import annotations

from datetime import date

from dutyrules.calendars import BadShift, CalendarError, Problem, UnknownYear, did_you_mean


def test_a_problem_prints_its_hint_on_its_own_line():
    """a hint follows its message after `help:`, and there is no such line without one"""
    assert str(Problem("no", "yes")) == "no\nhelp: yes"
    assert str(Problem("no")) == "no"


def test_an_error_holds_all_its_problems():
    """an error prints every problem and keeps the keys that lead to each"""
    error = BadShift(Problem("one", path=("end",)).under("shifts", "noon"), Problem("two"))
    assert isinstance(error, CalendarError)
    assert isinstance(error, ValueError)
    assert str(error) == "one\ntwo"
    assert [problem.path for problem in error.problems] == [("shifts", "noon", "end"), ()]


def test_suggests_only_what_is_near():
    """a near text is suggested, a far one gets the general hint"""
    assert did_you_mean("noo", ["noon", "night"]) == "did you mean `noon`"
    assert did_you_mean("xyz", ["noon", "night"], "one of these") == "one of these"
    assert did_you_mean("xyz", []) == ""


def test_an_unknown_year_names_the_known_ones():
    """the years that are known are told in runs"""
    error = UnknownYear(date(2031, 5, 1), "CN", {2007, 2008, 2009, 2030})
    assert (error.day, error.year, error.calendar) == (date(2031, 5, 1), 2031, "CN")
    assert "it knows 2007 to 2009, 2030;" in str(error)
    assert "it knows no year;" in str(UnknownYear(date(2031, 5, 1), "CN", ()))
