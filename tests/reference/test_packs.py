"""Engine and reference interpreter agree on logs in the vocabulary of each pack that ships."""

from __future__ import annotations

import pytest
from hypothesis import given

from dutyrules.policies.load import known_packs, load_pack, load_packs

from .feeding import plan_for
from .pack_logs import Vocabulary, pack_log
from .reached import Reached
from .test_differential import DICE, agreeing, examples

PARTS = (
    "building_service",
    "complaints",
    "customer_service",
    "desk",
    "duty_room",
    "first_receiver",
    "goods_release",
    "keys",
    "paid_services",
    "performance",
    "relations",
    "takeover",
    "visits",
)
PACKS = (
    "callcenter",
    "clinic",
    *(f"property/{part}" for part in PARTS),
    "school/central",
    "school/gate",
    "school/holiday",
)
"""Every pack, and in place of one in parts each of these: the smaller they are, the more logs can be tried."""


def test_no_pack_is_left_out() -> None:
    """each pack that ships, or each part of it, is tried"""
    found = [pack for name in known_packs() for pack in load_packs(name)]
    names = [f"{pack.name}/{part}" for pack in found for part in pack.parts]
    assert sorted(PACKS) == sorted([*names, *(pack.prefix.rstrip("/") for pack in found if not pack.parts)])


@pytest.mark.parametrize("name", PACKS)
def test_logs_of_a_pack_come_out_alike(name) -> None:
    """what stands is the same for events that the pack's rules read, in any order, in batches and through snapshots"""
    words, reached = Vocabulary(load_pack(name)), Reached()

    @examples(12)
    @given(DICE)
    def run(random) -> None:
        log = pack_log(random, words)
        reached.note(agreeing(log, plan_for(random, log)))

    run()
    reached.tell(name)
