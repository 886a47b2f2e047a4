"""Outcomes depend on the events and the clock alone, not on the process around the engine."""

from __future__ import annotations

import decimal

import pytest

from dutyrules.engine import Engine
from dutyrules.outcomes import encode
from dutyrules.policies.load import check_text

PACK = """
pack: demo
title: {en: Demo, zh: 示例}
timezone: Europe/Rome
records: {ticket: {key: case, opens: complaint_received}}
events:
  complaint_received: {fields: {case: text, amount: money}}
  complaint_answered: {says: {en: It is answered., zh: 已答复。}, fields: {case: text}}
roles: {desk: {en: desk, zh: 前台}}
rules:
  answer:
    kind: obligation
    says: {en: Answer., zh: 答复。}
    about: ticket
    when: complaint_received
    who: desk
    within: 30 minutes
    until: complaint_answered
  share: {kind: sanction, says: {en: It costs., zh: 扣款。}, when: complaint_received, who: desk, fine: amount * 1.5}
"""


@pytest.fixture(scope="module")
def pack():
    """Return the pack."""
    return check_text(PACK).packs[0]


def received(name, time, amount="1234567.89"):
    """Return an event."""
    data = {"case": name, "amount": amount}
    return {"id": name, "type": "complaint_received", "time": time, "data": data}


@pytest.mark.parametrize(
    "context",
    [
        decimal.Context(prec=4),
        decimal.Context(prec=10, rounding=decimal.ROUND_UP),
        decimal.Context(traps=[decimal.Inexact, decimal.InvalidOperation]),
    ],
)
def test_the_callers_figures_do_not_matter(pack, context):
    """sums are the same whatever decimal context the calling thread has"""
    plain = Engine(pack)
    expected = [encode(one) for one in plain.feed(received("a", "2026-01-05T10:00:00+01:00"))]
    with decimal.localcontext(context):
        found = [encode(one) for one in Engine(pack).feed(received("a", "2026-01-05T10:00:00+01:00"))]
    assert found == expected
    assert any(b"1851851.84" in one for one in found)


def test_the_hour_that_happens_twice(pack):
    """deadlines in the hour that clocks show twice stand in the order in which they come"""
    engine = Engine(pack)
    engine.feed(received("first", "2026-10-25T02:25:00+02:00"))
    engine.feed(received("second", "2026-10-25T02:40:00+02:00"))
    dues = [one.due for one in engine.deadlines()]
    assert dues == ["2026-10-25T02:55:00+02:00", "2026-10-25T02:10:00+01:00"]
    assert engine.next_deadline is not None
    assert engine.next_deadline.isoformat() == dues[0]


def test_a_clock_set_before_the_first_event_is_kept(pack):
    """an engine that was only advanced goes on from there after a snapshot"""
    engine = Engine(pack, carries="all")
    engine.advance("2026-02-01T00:00:00+01:00")
    again = Engine.restore(pack, engine.snapshot())
    assert again.clock == engine.clock
    event = received("a", "2026-01-05T10:00:00+01:00")
    assert again.feed(event) == engine.feed(event)
    assert any(one.status == "breached" for one in engine.outcomes().values())
