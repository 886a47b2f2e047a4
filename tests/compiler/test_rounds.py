"""What comes up each period, and gaps: compiled and engine say the same."""

from __future__ import annotations

import pytest
from hypothesis import given

from dutyrules.compiler.program import compiles, refused

from .agreement import Both
from .line_forms import Lines
from .round_packs import GAPS, PIECES, REFUSED, gap_log, round_log, round_pack
from .small_packs import GROUND
from .test_bench_pack import DICE, examples

AFTER = (0, 1, 3600, 86_400, 20 * 86_400)
LASTING = (
    "each day, several acts",
    "each day on which something is booked",
    "each week",
    "no day without an act",
)


@pytest.mark.parametrize("name", PIECES)
def test_a_period_comes_out_alike(name, tmp_path) -> None:
    """every outcome of duties of each period is the same, at the edges of days too, and most logs are decided"""
    pack = round_pack(name, tmp_path)
    both = Both(pack, tmp_path)

    @examples(4)
    @given(DICE)
    def run(random) -> None:
        lines = Lines(random, pack, random.choice((0, 0, 20))).log(round_log(random, pack))
        both.check(lines, random.choice(AFTER))

    run()
    both.tally.assert_most(0.3)


@pytest.mark.parametrize("name", GAPS)
def test_a_gap_comes_out_alike(name, tmp_path) -> None:
    """every outcome of stretches without an act is the same, at their very ends too, and most logs are decided"""
    pack = round_pack(name, tmp_path)
    both = Both(pack, tmp_path)

    @examples(6)
    @given(DICE)
    def run(random) -> None:
        both.check(Lines(random, pack, random.choice((0, 0, 20))).log(gap_log(random, pack)), random.choice(AFTER[:4]))

    run()
    both.tally.assert_most(0.3)


@pytest.mark.parametrize("name", LASTING)
def test_what_is_missed_is_forgotten_by_both(name, tmp_path, monkeypatch) -> None:
    """logs over months and years: a program decides only what an engine with the same short memory decides alike"""
    monkeypatch.setitem(GROUND, "retention", "100 days")
    pack = round_pack(name, tmp_path)
    both = Both(pack, tmp_path)

    @examples(2)
    @given(DICE)
    def run(random) -> None:
        lines = Lines(random, pack).log(round_log(random, pack, (0, 1, 20, 45)))
        both.check(lines, random.choice((0, 86_400, 120 * 86_400)))

    run()


@pytest.mark.parametrize("name", REFUSED)
def test_what_looks_back_on_a_period_is_refused(name, tmp_path) -> None:
    """a rule of periods that one pass cannot apply does not compile, and the reason says why"""
    pack = round_pack(name, tmp_path)
    assert not compiles(pack, carries_all=True)
    assert REFUSED[name][1] in refused(pack, carries_all=True).values()
