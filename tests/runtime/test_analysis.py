"""What is worked out about a pack once."""

from __future__ import annotations

import gc
import weakref

from dutyrules import Engine, load_pack
from dutyrules.runtime.analysis import analysis_of


def test_it_is_worked_out_once_a_pack(repository):
    """two engines of a pack rest on one analysis, another pack has its own"""
    pack, other = (load_pack(repository / "tests" / "desk" / "desk.yaml") for _ in range(2))
    Engine(pack)
    known = analysis_of(pack)
    Engine(pack)
    assert analysis_of(pack) is known
    assert analysis_of(other) is not known


def test_nothing_is_kept_of_a_pack_that_nobody_has_any_more(repository):
    """once a pack and its engines are gone, what was worked out about it holds it back no longer"""
    pack = load_pack(repository / "tests" / "desk" / "desk.yaml")
    engine = Engine(pack)
    engine.feed({"id": "e1", "type": "finding", "time": "2026-01-05T10:00:00+08:00", "data": {"code": "no-such-rule"}})
    assert [one.code for one in engine.set_aside] == ["DR626"]
    gone = weakref.ref(pack)
    del pack, engine
    gc.collect()
    assert gone() is None
