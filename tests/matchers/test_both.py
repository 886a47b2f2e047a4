"""Both matchers give the same outcomes: over 100,000 generated events a run, inside packs and logs.

The figures asked for are of what `both.py` counts while it compares; it stops at the first difference.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

BOTH = Path(__file__).parent / "both.py"
SHARES = (51_000, 51_000)
"""How many events of drawn packs each process drives through both matchers: together more than 100,000."""
SEED = int(os.environ.get("MATCHERS_SEED", "1"))


@pytest.fixture
def tally(apart):
    """Return what runs a part of the comparison and gives its figures."""
    return lambda part, seed, events: json.loads(apart(BOTH, part, SEED + seed, events))


def test_the_shares_come_to_a_hundred_thousand_events():
    """the processes below drive at least 100,000 generated events through both matchers"""
    assert sum(SHARES) >= 100_000


@pytest.mark.parametrize("share", range(len(SHARES)))
def test_drawn_packs_come_out_alike(tally, share):
    """packs of drawn conditions hand out the same under both, in order, late, and across a snapshot"""
    found = tally("conditions", share * 1000, SHARES[share])
    assert found["events"] >= SHARES[share]
    assert found["conditions"] > found["events"]  # durable-rules decided more than one condition an event
    assert found["unfit"] < found["conditions"] / 10
    assert found["packs"] >= 15
    assert min(found["breach breached"], found["referral opened"]) > 1000


def test_conditions_alone_come_out_alike(tally):
    """each condition is true, false or lacking under both, and lacks the same"""
    found = tally("fields", 0, 1500)
    assert found["conditions"] > 15_000
    assert min(found["true"], found["false"], found["lacking"]) > 1500


def test_the_shipped_packs_come_out_alike(tally):
    """every shipped pack hands out the same under both, for logs of its own vocabulary"""
    found = tally("shipped", 0, 100)
    packs = {name.removeprefix("pack ") for name in found if name.startswith("pack ")}
    assert packs >= {"callcenter/", "clinic/", "property/", "school/central/", "school/gate/", "school/holiday/"}
    assert found["conditions"] > 300
    assert found["unfit"] == 0


def test_packs_of_every_construct_come_out_alike(tally):
    """packs of every construct, mostly native, hand out the same under both"""
    found = tally("pieces", 0, 200)
    assert found["packs"] >= 8
    assert found["conditions"] > 0
