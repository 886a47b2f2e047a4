"""The benchmark's pack: compiled and engine say the same of random days."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from dutyrules.policies.load import load_pack

from .agreement import Both
from .bench_days import Days
from .line_forms import Lines

BENCH = Path(__file__).parents[2] / "benchmarks" / "bench.yaml"
DICE = st.randoms(use_true_random=True)
PHASES = (Phase.explicit, Phase.reuse, Phase.generate)
SLOW = (HealthCheck.too_slow, HealthCheck.function_scoped_fixture)


def examples(number: int):
    """Return the settings of a test that runs so many examples."""
    return settings(max_examples=number, phases=PHASES, suppress_health_check=SLOW)


@pytest.fixture(scope="module")
def bench():
    """Return the checked pack."""
    return load_pack(str(BENCH))


@pytest.mark.parametrize(
    ("oddity", "bad", "strange", "share"),
    [(0, 0, False, 0.5), (0, 0, True, 0.5), (12, 0, False, 0.5), (12, 3, True, 0.5)],
    ids=["plain", "strange keys", "odd forms", "all at once"],
)
def test_random_days_come_out_alike(bench, tmp_path, oddity, bad, strange, share) -> None:
    """every outcome of random days is the same, field for field, and most days are decided"""
    both = Both(bench, tmp_path)

    @examples(50)
    @given(DICE)
    def run(random) -> None:
        days = Days(random, strange=strange)
        lines = Lines(random, bench, oddity).log(days.draw(random.randint(1, 8)), bad)
        both.check(lines, random.choice((0, 1, 3600, 7201, 20 * 86400)), end=random.choice((b"\n", b"\n", b"\r\n")))

    run()
    both.tally.assert_most(share)
