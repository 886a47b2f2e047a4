"""Limits, instants and days that rest on a calendar: compiled and engine say the same."""

from __future__ import annotations

import pytest
from hypothesis import given

from dutyrules.compiler.layouts import Projection
from dutyrules.compiler.program import compile_pack, refused

from .agreement import Both
from .calendar_packs import HOURS, PIECES, PLACES, REFUSED, LocalLines, calendar_log, calendar_pack
from .test_bench_pack import DICE, examples

AFTER = (0, 1, 3600, 20 * 86400, 90 * 86400)


CASES = [
    (name, place, hours)
    for name in PIECES
    for place in PLACES
    for hours in (HOURS if "working hours" in name else ("plain",))
]


@pytest.mark.parametrize(("name", "place", "hours"), CASES)
def test_a_calendar_comes_out_alike(name, place, hours, tmp_path) -> None:
    """every outcome with its account is the same at the edges of dates, of hours, of years and of summer time"""
    pack = calendar_pack(name, place, hours, tmp_path)
    both = Both(pack, tmp_path)

    @examples(12)
    @given(DICE)
    def run(random) -> None:
        lines = LocalLines(random, pack, random.choice((0, 0, 25))).log(calendar_log(random, pack, place))
        both.check(lines, random.choice(AFTER))

    run()
    both.tally.assert_most(0.4)
    assert {rule for rule, _kind, _status in both.tally.made} == {*pack.rules}


@pytest.mark.parametrize("name", REFUSED)
def test_what_becomes_known_later_is_refused(name, tmp_path) -> None:
    """a clock that rests on what is not known at its opening does not compile, and the reason says why"""
    pack = calendar_pack(name, "China", "plain", tmp_path)
    assert REFUSED[name][1] in refused(pack, carries_all=True).values()


def test_a_year_without_data_is_left_to_the_engine(tmp_path) -> None:
    """a limit in working days that reaches into a year of which the calendar knows nothing is not decided"""
    pack = calendar_pack("within working days", "China", "plain", tmp_path)
    both = Both(pack, tmp_path)
    opened = b'{"id":"e%d","type":"job_opened","time":"%s","data":{"person":"ann","job":"j1"}}'
    assert both.check([opened % (1, b"2026-12-29T10:00:00+08:00")])
    assert not both.check([opened % (1, b"2026-12-30T10:00:00+08:00")])
    assert both.tally.left.keys() == {"a month that the calendar does not know"}


def test_hours_that_overlap_are_left_to_the_engine(tmp_path) -> None:
    """working hours of one date that reach into those of the next are not reckoned with"""
    pack = calendar_pack("within working hours", "every day", "overlapping", tmp_path)
    both = Both(pack, tmp_path)
    assert not both.check(
        [b'{"id":"e1","type":"job_opened","time":"2026-04-02T10:00:00+08:00","data":{"person":"ann","job":"j1"}}']
    )
    assert both.tally.left.keys() == {"working hours that overlap"}


def test_an_account_that_nobody_reads_is_not_kept(tmp_path) -> None:
    """a program that writes no account of its limits does not reckon one"""
    pack = calendar_pack("within working days", "China", "plain", tmp_path)
    brief = Projection({("r", "deadline", "set"): ("due", "r")}, {"when": "due"})
    assert ".ledger(" in compile_pack(pack, carries_all=True)
    assert ".ledger(" not in compile_pack(pack, brief, carries_all=True)
