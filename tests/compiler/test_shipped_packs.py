"""The rules of the shipped packs that compile: compiled and engine say the same of logs in their vocabulary."""

from __future__ import annotations

import pytest
from hypothesis import given

from dutyrules.policies.load import load_pack
from reference.pack_logs import Vocabulary
from reference.test_packs import PACKS

from .agreement import Both
from .line_forms import Lines
from .shipped_logs import compiled_part, shipped_log
from .test_bench_pack import DICE, examples

SPARSE = frozenset({"property/duty_room"})
"""Of the few logs of these that one pass decides, it may be that none comes to an outcome."""

AFTER = (0, 1, 3600, 7201, 20 * 86400)


@pytest.mark.parametrize("name", PACKS)
def test_rules_that_compile_come_out_alike(name, tmp_path) -> None:
    """every outcome of logs that the compiled rules of a pack read is the same, and logs of each are decided"""
    pack = compiled_part(load_pack(name))
    if not pack.rules:
        pytest.skip("no rule of it compiles")
    both, words, unread = Both(pack, tmp_path), Vocabulary(pack), sorted(pack.events)

    @examples(16)
    @given(DICE)
    def run(random) -> None:
        lines = Lines(random, pack, random.choice((0, 0, 15))).log(shipped_log(random, words, unread))
        both.check(lines, random.choice(AFTER))

    run()
    both.tally.assert_most(0.1)
    assert both.tally.made or name in SPARSE
