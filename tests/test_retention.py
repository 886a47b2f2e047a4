"""What no rule can need again is forgotten."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from dutyrules.engine import Engine
from dutyrules.policies.load import check_text

PACK = """
pack: desk
title: {en: a desk, zh: 前台}
calendar: none
log: {carries: all}
records:
  complaint: {key: complaint_id, opens: complaint_received, closes: complaint_replied}
counts:
  slow: {of: breach of reply, per: person, in: month}
rules:
  reply:
    kind: obligation
    says: {en: Reply within two hours., zh: 两小时内答复。}
    about: complaint
    when: complaint_received
    who: about
    within: 2h
    until: complaint_replied
  fine: {kind: sanction, says: {en: It is fined., zh: 罚款。}, when: breach of reply, fine: 50}
  third: {kind: sanction, says: {en: The third., zh: 第三次。}, when: breach of reply, if: slow >= 3, notice: warned}
"""
START = dt.datetime(2022, 1, 1, tzinfo=dt.timezone(dt.timedelta(hours=8)))


def sizes(engine: Engine) -> tuple[int, ...]:
    """Return how much an engine keeps."""
    store = engine._store  # noqa: SLF001 - there is no public word for how much is kept
    return len(engine.snapshot()), len(store.cells), len(store.buckets), len(engine.outcomes())


@pytest.fixture(scope="module")
def kept() -> list[tuple[int, ...]]:
    """Return what an engine keeps after each half year of four complaints a day, every seventh answered late."""
    engine = Engine(check_text(PACK).packs[0])
    found = []
    for number in range(4 * 365 * 2):
        came = START + dt.timedelta(hours=6 * number)
        replied = came + dt.timedelta(minutes=30 if number % 7 else 150)
        case = {"complaint_id": f"c{number}"}
        who = {"about": f"p{number % 5}"}
        engine.feed({"id": f"a{number}", "type": "complaint_received", "time": came.isoformat(), "data": case | who})
        engine.feed({"id": f"b{number}", "type": "complaint_replied", "time": replied.isoformat(), "data": case})
        if number % 728 == 727:
            found.append(sizes(engine))
    return found


def test_what_is_kept_does_not_grow_with_the_log(kept: list[tuple[int, ...]]) -> None:
    """after the longest window an engine keeps about as much after two years as after one"""
    for then, now in zip(kept[1], kept[-1], strict=True):
        assert now < then * 1.15


def test_something_is_kept(kept: list[tuple[int, ...]]) -> None:
    """within the look-back everything is there: more than two months of complaints, their duties and their breaches"""
    assert min(kept[-1]) > 4 * 62


OLDEST = """
pack: desk
title: {en: a desk, zh: 前台}
calendar: none
log: {carries: all}
counts:
  answers: {of: call_answered, per: person, in: year}
rules:
  call-back:
    kind: obligation
    says: {en: Whoever rings is called back., zh: 来电须回。}
    when: phone_rang
    promptly: soon
    until: call_answered
    one_act: oldest
  busy: {kind: sanction, says: {en: Busy., zh: 忙碌。}, when: call_answered, if: answers > 99, notice: thanks}
"""


def test_an_act_stays_with_the_duty_that_got_it() -> None:
    """a duty that is met is forgotten before its act: the act does not go to the duty that is open still"""
    engine = Engine(check_text(OLDEST).packs[0])
    made = {}

    def feed(name: str, kind: str, day: int, hour: int = 9) -> None:
        time = START + dt.timedelta(days=day, hours=hour)
        event = {"id": name, "type": kind, "time": time.isoformat(), "subject": "ann", "data": {}}
        made.update({one.id: one for one in engine.feed(event)})

    feed("a1", "phone_rang", 0)
    feed("a2", "phone_rang", 0, 10)
    feed("b1", "call_answered", 0, 11)
    for month in range(1, 12):
        feed(f"c{month}", "handover_done", 30 * month)
    feed("a3", "phone_rang", 335)
    first, second = (one for one in made.values() if one.kind == "obligation" and one.because[0] in ("a1", "a2"))
    assert (first.status, second.status) == ("fulfilled", "open")
    again = Engine.restore(engine.pack, engine.snapshot())
    assert [one.status for one in again.outcomes().values() if one.id == second.id] == ["open"]
    for month in range(12, 36):
        feed(f"c{month}", "handover_done", 30 * month)
    feed("a4", "phone_rang", 1081)
    known = {one["id"] for one in json.loads(engine.snapshot())["events"]}
    assert known.isdisjoint({"a1", "b1"})  # once the act is forgotten, nobody can get it any more
    assert engine.outcomes()[second.id].status == "open"


TOLD = """
pack: desk
title: {en: a desk, zh: 前台}
calendar: none
retention: 100 days
events:
  badge_set: {fields: {person: person, on: {type: bool, default: false}, colour: text}}
  handed_out: {fields: {person: person}}
records:
  badge: {key: person, opens: badge_set where on, updates: badge_set}
rules:
  first:
    kind: sanction
    says: {en: A badge put on at noon is worth something., zh: 中午佩戴的胸牌有奖。}
    about: badge
    when: handed_out
    if: badge.colour == 'red' and hour_of(badge.opened) == 12
    notice: thanks
"""


def test_a_record_without_an_end_stays_open_since_it_was_opened() -> None:
    """what came about a record before it was opened does not stand for what opened it, when later facts say all anew"""
    engine = Engine(check_text(TOLD).packs[0])
    made = {}

    def feed(name: str, kind: str, day: float, **data: object) -> None:
        event = {"id": name, "type": kind, "time": (START + dt.timedelta(days=day)).isoformat(), "data": data}
        made.update({one.id: one for one in engine.feed(event | {"subject": "ann"})})

    feed("a1", "badge_set", 0, on=False, colour="blue")
    feed("a2", "badge_set", 1.5, on=True, colour="blue")
    feed("a3", "badge_set", 2, on=False, colour="red")
    for month in range(1, 12):
        feed(f"c{month}", "badge_set", 30 * month, on=False, colour="red")
    feed("d1", "handed_out", 340)
    assert [one.rule for one in made.values() if one.kind == "notice"] == ["first"]
