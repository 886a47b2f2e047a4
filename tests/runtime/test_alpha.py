"""Facts that every case would try alike are tried once."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from dutyrules.engine import Engine
from dutyrules.policies.load import check_text
from dutyrules.runtime.alpha import ALPHA, reads_no_case
from dutyrules.runtime.cases import CaseCell
from dutyrules.runtime.store import MOST_TURNS

if TYPE_CHECKING:
    from dutyrules.outcomes import Outcome
    from dutyrules.policies.model import Pack
    from dutyrules.runtime.store import Bucket

START = dt.datetime(2026, 1, 1, 8, tzinfo=dt.timezone(dt.timedelta(hours=8)))
PACK = """
pack: watch
title: {en: a watch, zh: 值守}
calendar: none
log: {carries: all}
events:
  heard: {fields: {post: text, level: int, loud: bool}}
  called: {fields: {post: text}}
  alarm_raised: {fields: {alarm_id: text}}
  alarm_ended: {fields: {alarm_id: text}}
parameters:
  enough: 2
  lately: {2026-01-01: 2}
records:
  worker: {key: person, opens: staff_record}
  alarm: {key: alarm_id, opens: alarm_raised, closes: alarm_ended}
counts:
  told: {of: heard, per: post, in: month}
rules:
  on-call:
    kind: obligation
    says: {en: Whoever is on the list is on call., zh: 名单上的人随时待命。}
    about: worker
    when: staff_record
    who: worker.person
    within: 9 days
    until: ACT
"""
DEEMED = """
  deemed:
    kind: definition
    says: {en: A call is heard., zh: 来电即为听到。}
    when: called
    counts_as: heard
    with: {level: 3}
"""


def watch(act: str) -> Pack:
    """Return the pack with some act that ends being on call."""
    return check_text(PACK.replace("ACT", act)).packs[0]


def feed(engine: Engine, number: int, kind: str, hours: float, **data: object) -> None:
    """Feed one event, so many hours after the start."""
    time = (START + dt.timedelta(hours=hours)).isoformat()
    engine.feed({"id": f"{kind}-{number}", "type": kind, "time": time, "data": data})


def with_workers(act: str, workers: int = 5) -> Engine:
    """Return an engine in which some workers are on call, and an alarm is raised."""
    engine = Engine(watch(act))
    for number in range(workers):
        feed(engine, number, "staff_record", 0, person=f"p{number}")
    feed(engine, 0, "alarm_raised", 1, alarm_id="a0")
    return engine


def duties(engine: Engine) -> set[str]:
    """Return how the duties stand."""
    found: list[Outcome] = [one for one in engine.outcomes().values() if one.kind == "obligation"]
    return {one.status for one in found}


def kept(engine: Engine) -> Bucket:
    """Return where the facts are kept that every case would try alike."""
    store = engine.inside.program.store
    return next(bucket for key, bucket in store.buckets.items() if key[0] == ALPHA)


@pytest.mark.parametrize(
    ("where", "alike"),
    [
        ("loud", True),
        ("level > 2 and not loud", True),
        ("weekday(date) == 'Monday' or hour_of(time) > 7", True),
        ("open(alarm) == 0", True),
        ("any(alarm)", True),
        ("level > enough", True),
        ("level > lately", False),
        ("post == worker.person", False),
        ("post == this.person", False),
        ("told > 1", False),
        ("any(alarm, alarm_id == this.person)", False),
        ("month == 'x'", False),
    ],
)
def test_a_condition_is_the_same_for_all_that_reads_the_event_and_what_holds_for_all(where: str, alike: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """a condition that reads the case, a count, or what changes with the case's day is not"""
    pack = watch(f"heard where {where}")
    assert reads_no_case(pack, pack.rules["on-call"].until[0]) is alike


def test_open_cases_are_not_looked_at_for_acts_that_count_for_none() -> None:
    """what is heard while an alarm lasts wakes no case; what is heard after it ends them all"""
    engine = with_workers("heard where open(alarm) == 0")
    ran = []
    for number in range(40):
        before = sum(cell.turn for cell in engine.inside.cells_of["on-call"] if isinstance(cell, CaseCell))
        feed(engine, number, "heard", 2 + number, loud=True)
        after = sum(cell.turn for cell in engine.inside.cells_of["on-call"] if isinstance(cell, CaseCell))
        ran.append(before != after)
    assert not any(ran[2:])
    assert duties(engine) == {"open"}
    feed(engine, 0, "alarm_ended", 100, alarm_id="a0")
    feed(engine, 100, "heard", 101)
    assert duties(engine) == {"fulfilled"}


def test_what_comes_late_is_seen_for_acts_that_were_tried_before() -> None:
    """an act counts after an end that comes late, and no more where it turns out that another alarm was on"""
    engine = with_workers("heard where open(alarm) == 0 and loud")
    for number, hours in enumerate((10, 20)):
        feed(engine, number, "heard", hours, loud=True)
    feed(engine, 2, "heard", 30, loud=False)  # what is decided by the event alone reads no alarm
    assert duties(engine) == {"open"}
    feed(engine, 0, "alarm_ended", 15, alarm_id="a0")
    assert {one.time for one in engine.outcomes().values()} >= {(START + dt.timedelta(hours=20)).isoformat()}
    feed(engine, 1, "alarm_raised", 16, alarm_id="a1")
    assert duties(engine) == {"open"}


def test_what_is_forgotten_is_kept_nowhere() -> None:
    """with an event goes what is kept of it"""
    engine = with_workers("heard where level > 2")
    for number in range(60):
        feed(engine, number, "heard", 24 * 15 * number, level=3)
    facts = engine.inside.program.store.facts["event", "heard"]
    assert len(facts) < 60
    assert {name for _time, name, _value in kept(engine).entries} == set(facts)


def test_many_facts_that_cases_make_at_once_are_all_found() -> None:
    """more facts that rules deem to be than a cell may turn at one instant are no endless turn"""
    engine = Engine(watch(f"heard where level > 2\n{DEEMED}"))
    feed(engine, 0, "staff_record", 0, person="p0")
    time = (START + dt.timedelta(hours=1)).isoformat()
    engine.feed_all([{"id": f"c{n}", "type": "called", "time": time, "data": {}} for n in range(MOST_TURNS + 9)])
    assert len(kept(engine).entries) == MOST_TURNS + 9
