"""Small packs of each construct that compiles: compiled and engine say the same."""

from __future__ import annotations

import pytest
from hypothesis import given

from .agreement import Both
from .line_forms import Lines
from .small_packs import ALONE, LONG, PIECES, packed, small_log
from .test_bench_pack import DICE, examples
from .test_shipped_packs import AFTER


@pytest.mark.parametrize("name", PIECES)
def test_a_construct_comes_out_alike(name, tmp_path) -> None:
    """every outcome of a pack of one construct is the same, and many logs are decided"""
    pack = packed([name], tmp_path)
    both = Both(pack, tmp_path)

    @examples(18)
    @given(DICE)
    def run(random) -> None:
        drawn = small_log(random, pack, 30 if name in LONG else 10)
        both.check(Lines(random, pack, random.choice((0, 20))).log(drawn), random.choice(AFTER))

    run()
    both.tally.assert_most(0.4)
    assert {rule for rule, _kind, _status in both.tally.made} >= {
        name for name, rule in pack.rules.items() if str(rule.kind) not in ("permission", "definition")
    }


@pytest.mark.parametrize("number", range(6))
def test_constructs_beside_one_another_come_out_alike(number, tmp_path) -> None:
    """every outcome of a pack of several constructs is the same, and some logs are decided"""
    names = [name for name in PIECES if name not in ALONE][number::6]
    pack = packed(names, tmp_path)
    both = Both(pack, tmp_path)

    @examples(18)
    @given(DICE)
    def run(random) -> None:
        both.check(Lines(random, pack, random.choice((0, 20))).log(small_log(random, pack)), random.choice(AFTER))

    run()
    both.tally.assert_most(0.2)
