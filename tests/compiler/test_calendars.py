"""Limits, instants and days that rest on a calendar: compiled and engine say the same."""

from __future__ import annotations

import pytest
from hypothesis import given

from .agreement import Both
from .calendar_packs import HOURS, PIECES, PLACES, LocalLines, calendar_log, calendar_pack
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
