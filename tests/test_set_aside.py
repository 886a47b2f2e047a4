"""Events that are set aside: told in the order in which they came, until a mended one with their id comes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dutyrules.engine import Engine
from dutyrules.engine import SetAside as Told
from dutyrules.policies.load import check_text

if TYPE_CHECKING:
    import pytest

PACK = """
pack: desk
title: {en: a desk, zh: 前台}
log: {carries: all}
rules:
  tidy: {kind: prohibition, says: {en: Be tidy., zh: 保持整洁。}}
"""


def desk() -> Engine:
    """Return an engine of one rule."""
    return Engine(check_text(PACK).packs[0])


def event(name: str, kind: str = "check_in", person: str = "ann") -> dict[str, object]:
    """Return an event, of one instant with all others."""
    return {"id": name, "type": kind, "time": "2026-01-05T08:00:00+08:00", "data": {"person": person}}


def test_what_is_refused_is_told_in_order_until_it_is_mended() -> None:
    """all that was said of an event goes when a mended one comes, and all else stays in its place"""
    engine = desk()
    engine.feed_all([event("a", "chek_in"), event("b", "chek_in"), event("a", "chek"), event("c", "chek_in"), "{"])
    assert [one.event for one in engine.set_aside] == ["a", "b", "a", "c", "{"]
    engine.feed(event("a"))
    engine.feed(event("d", "chek_in"))
    assert [one.event for one in engine.set_aside] == ["b", "c", "{", "d"]
    engine.feed(event("a", person="bob"))
    assert [(one.event, one.code) for one in engine.set_aside][-1] == ("a", "DR620")
    again = Engine.restore(engine.pack, engine.snapshot())
    for one in (engine, again):
        one.feed(event("c"))
        assert [each.event for each in one.set_aside] == ["b", "{", "d", "a"]


def test_why_a_correction_was_refused_is_the_last_that_was_said_of_it() -> None:
    """`amend` says what is wrong with what it was given, whatever was wrong before"""
    engine = desk()
    engine.feed_all([event("a", "chek"), event("a", "chek_in"), event("b", "chek")])
    refused = engine.amend(event("a", "chik_in")).set_aside
    assert refused is not None
    assert "`chik_in`" in refused.reason
    engine.feed(event("a"))
    engine.feed(event("a", "chek"))
    engine.feed(event("b", "chik"))
    assert engine.amend(event("c")).set_aside is None
    known = engine.amend(event("a", person="bob")).set_aside
    assert known is not None
    assert (known.event, known.code) == ("a", "DR620")


def test_an_event_does_not_look_at_all_that_was_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """many bad lines before an event cost it nothing"""
    looks = []

    class Looked(Told):
        def __getattribute__(self, name: str) -> object:
            if name == "event":
                looks.append(name)
            return super().__getattribute__(name)

    monkeypatch.setattr("dutyrules.engine.SetAside", Looked)
    engine = desk()
    engine.feed_all([event(f"bad{number}", "chek_in") for number in range(100)])
    looks.clear()
    engine.feed_all([event(f"good{number}") for number in range(100)])
    assert not looks
