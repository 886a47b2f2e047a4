"""What lasts while a condition holds: compiled and engine say the same."""

from __future__ import annotations

import pytest
from hypothesis import given

from dutyrules.compiler.program import compiles, refused

from .agreement import Both
from .calendar_packs import LocalLines
from .lasting_packs import PIECES, REFUSED, ZONES, lasting_log, lasting_pack
from .small_packs import GROUND
from .test_bench_pack import DICE, examples

DAY = 86_400
AFTER = (0, 0, 1, 3600, DAY, 3 * DAY)
MONTHS = (0, 1, 20, 45, 90, 400)


@pytest.mark.parametrize("name", PIECES)
@pytest.mark.parametrize("zone", ZONES)
def test_what_lasts_comes_out_alike(name, zone, tmp_path) -> None:
    """every outcome is the same, at midnight and where clocks change too, and most logs are decided"""
    pack = lasting_pack(PIECES[name], tmp_path, zone)
    both = Both(pack, tmp_path)

    @examples(8)
    @given(DICE)
    def run(random) -> None:
        lines = LocalLines(random, pack, random.choice((0, 0, 20))).log(lasting_log(random, pack, ZONES[zone]))
        both.check(lines, random.choice(AFTER))

    run()
    both.tally.assert_most(0.4)
    assert {rule for rule, _kind, _status in both.tally.made} == {*pack.rules}


@pytest.mark.parametrize("name", PIECES)
def test_what_lasted_is_forgotten_by_both(name, tmp_path, monkeypatch) -> None:
    """logs over months and years: a program decides only what an engine with the same short memory decides alike"""
    monkeypatch.setitem(GROUND, "retention", "100 days")
    pack = lasting_pack(PIECES[name], tmp_path)
    both = Both(pack, tmp_path)

    @examples(4)
    @given(DICE)
    def run(random) -> None:
        lines = LocalLines(random, pack).log(lasting_log(random, pack, "2026-01-26", MONTHS))
        both.check(lines, random.choice((0, DAY, 40 * DAY, 120 * DAY)))

    run()


@pytest.mark.parametrize("name", REFUSED)
def test_what_more_may_change_is_refused(name, tmp_path) -> None:
    """a condition that more than its record changes, or of which more comes than a breach, does not compile"""
    pack = lasting_pack(REFUSED[name], tmp_path)
    assert not compiles(pack, carries_all=True)
    assert all("it lasts while a condition holds" in reason for reason in refused(pack, carries_all=True).values())
