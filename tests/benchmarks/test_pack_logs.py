from __future__ import annotations

import gc
import json

import pytest
from pack_logs import PackLog
from packs import PACKS

from dutyrules import Engine, decode_event, load_pack

REFUSED = {f"DR6{number:02}" for number in range(1, 21)} | {"DR626"}


@pytest.mark.parametrize("name", PACKS)
def test_a_log_is_one_of_its_pack(name):
    """every line is an event of the pack, in order of time, and none is refused; a good part of the rules answers"""
    pack = load_pack(name)
    lines = PackLog(pack, people=6, days=6).lines()
    events = [decode_event(line, pack.events, pack.timezone) for line in lines]
    assert [event.time for event in events] == sorted(event.time for event in events)
    assert len({event.type for event in events}) >= 8
    engine = Engine(pack, carries="all")
    outcomes = engine.feed_all(lines)
    assert [one for one in engine.set_aside if one.code in REFUSED] == []
    assert len({one.rule for one in outcomes}) >= min(10, len(pack.rules) // 4)
    assert {"obligation", "breach"} <= {one.kind for one in outcomes}


@pytest.mark.parametrize("name", PACKS)
def test_an_engine_leaves_nothing_to_the_collector(name):
    """what an engine lets go of is gone at once: it makes no circles of references"""
    pack = load_pack(name)
    lines = PackLog(pack, people=6, days=6).lines()
    Engine(pack, carries="all").feed_all(lines)  # what is worked out once a pack may let go of another pack
    engine = Engine(pack, carries="all")
    while gc.collect():  # what goes may hold what goes next
        pass
    gc.disable()
    try:
        engine.feed_all(lines)
        assert gc.collect() == 0
    finally:
        gc.enable()


def test_a_log_can_be_made_again():
    """the same figures give the same bytes, another seed gives others"""
    pack = load_pack("clinic")
    first = PackLog(pack, 5, 5, seed=3).lines()
    assert PackLog(pack, 5, 5, seed=3).lines() == first
    assert PackLog(pack, 5, 5, seed=4).lines() != first


def test_people_and_days_are_parameters():
    """twice the days give about twice the events, and each person asked for appears"""
    pack = load_pack("callcenter")
    short, long = PackLog(pack, 10, 40).lines(), PackLog(pack, 10, 80).lines()
    assert 1.7 < len(long) / len(short) < 2.3
    assert len({json.loads(line)["subject"] for line in long}) == 10


def test_what_opens_is_closed_again():
    """whoever goes on duty goes off it, so that nothing runs on for the rest of the log"""
    pack = load_pack("school/central")
    types = [json.loads(line)["type"] for line in PackLog(pack, 10, 30).lines()]
    assert types.count("duty_started") > 5
    assert types.count("duty_ended") >= types.count("duty_started")
