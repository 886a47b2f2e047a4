"""A limit that becomes known only after its obligation was opened."""

from __future__ import annotations

import pytest

from dutyrules.engine import Engine
from dutyrules.events import decode_event, read_instant
from reference import ground, look
from reference.generated import loaded

OPENED = {
    "id": "a13",
    "type": "job_opened",
    "time": "2026-05-31T16:59:59+08:00",
    "data": {"person": "ann", "job": "j1"},
}
ALTERED = {
    "id": "e03",
    "type": "job_altered",
    "time": "2026-06-02T17:00:00+08:00",
    "data": {"job": "j1", "level": 1, "target": "2026-06-10"},
}
BY_LEVEL = {"if": "level > 1", "then": "end of job.target", "else": "day 20 of next month"}
LIMITS = [("end of job.target", "2026-06-10T23:59:59+08:00"), (BY_LEVEL, "2026-06-20T23:59:59+08:00")]


def engine_of(by: object) -> tuple[Engine, list]:
    """Return an engine with one duty that has a limit, and the two events in order."""
    rule = {"kind": "obligation", "about": "job", "when": "job_opened", "until": "act_done", "by": by}
    pack, _text = loaded(ground.document([{"rules": {"job-duty": rule}}]))
    events = [decode_event(event, pack.events, pack.timezone) for event in (OPENED, ALTERED)]
    return Engine(pack, carries="all"), events


@pytest.mark.parametrize(("by", "due"), LIMITS)
@pytest.mark.parametrize("order", [1, -1])
def test_what_makes_a_limit_known_is_its_cause(by: object, due: str, order: int) -> None:
    """an obligation and its deadline rest on the event that made the limit known, whichever event came first"""
    engine, events = engine_of(by)
    for event in events[::order]:
        engine.feed(event)
    standing = {one.kind: one for one in engine.outcomes().values()}
    assert (standing["deadline"].status, standing["deadline"].due) == ("moved", due)
    assert standing["deadline"].time == ALTERED["time"]
    assert standing["deadline"].because == standing["obligation"].because == ("a13", "e03")


@pytest.mark.parametrize(("by", "due"), LIMITS)
def test_before_it_is_known_there_is_no_deadline(by: object, due: str) -> None:
    """until the limit is known, it is asked for, and the deadline is set by nothing"""
    engine, events = engine_of(by)
    engine.feed(events[0])
    assert {one.kind for one in engine.outcomes().values()} == {"obligation", "referral"}
    engine.feed(events[1])
    assert due in {one.due for one in engine.deadlines()}


@pytest.mark.parametrize("until", ["2026-06-02T18:00:00+08:00", "2026-07-13T20:30:00+08:00"])
@pytest.mark.parametrize("by", [by for by, _due in LIMITS])
def test_the_reference_agrees(by: object, until: str) -> None:
    """both before and after the limit the engine says what the reference interpreter says"""
    engine, events = engine_of(by)
    engine.feed_all(events)
    engine.advance(until)
    mine = {(one.kind, one.status, one.because) for one in engine.outcomes().values()}
    theirs = look(engine.pack, events, read_instant(until), "all")[1].values()
    assert mine == {(one["kind"], one["status"], tuple(one["because"])) for one in theirs}
