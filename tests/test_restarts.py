"""An engine that is restored goes on as if it had never stopped."""

from __future__ import annotations

import datetime as dt
import json
from random import Random
from typing import TYPE_CHECKING

import attrs
import pytest

from dutyrules import encode
from dutyrules.engine import Engine
from dutyrules.policies.load import check_text

if TYPE_CHECKING:
    from dutyrules.outcomes import Outcome
    from dutyrules.policies.model import Pack

PERIODS = """
pack: office
title: {en: an office, zh: 办公室}
calendar: none
log: {carries: all}
roles: {office: the office}
events:
  hired: {fields: {person: person, unit: text, day: date}}
  moved: {fields: {person: person, unit: text, day: date}}
  left:  {fields: {person: person}}
  filed: {fields: {person: person}}
  asked: {fields: {person: person}}
counts:
  asks: {of: asked, per: person, in: quarter}
records:
  post: {key: person, opens: hired, updates: moved, closes: left}
rules:
  report:
    kind: obligation
    says: {en: The year is reported on within three hundred days., zh: 三百日内提交年度报告。}
    every: year
    who: office
    within: 300 days
    until: filed
  books:
    kind: obligation
    says: {en: The books are kept each quarter., zh: 每季度记账。}
    every: quarter
    who: office
    promptly: soon
    until: filed
  month:
    kind: obligation
    says: {en: Whoever was asked answers within two hundred days., zh: 被询问者二百日内答复。}
    every: month
    for_each: post where unit == "a"
    if: asks >= 1
    within: 200 days
    until: filed where person == post.person
  course:
    kind: obligation
    says: {en: Whoever is in the unit is trained some time., zh: 该组成员须受训。}
    every: month
    for_each: post
    if: post.unit == "a" and asks >= 1
    promptly: soon
    until: filed where person == post.person
  talk:
    kind: obligation
    says: {en: One talks to each every two months., zh: 每两个月谈话一次。}
    every: 2 months from post.day
    about: post
    promptly: soon
    until: filed where person == post.person
  round:
    kind: obligation
    says: {en: Whoever is here files every forty days., zh: 在岗者每四十日提交一次。}
    about: post
    gap: 960h
    until: filed where person == post.person
  fine: {kind: sanction, says: {en: It is fined., zh: 罚款。}, when: [breach of report, breach of month], fine: 50}
"""
START = dt.datetime(2020, 3, 3, tzinfo=dt.timezone(dt.timedelta(hours=8)))


def office(*names: str) -> Pack:
    """Return the pack with some of its rules."""
    pack = check_text(PERIODS).packs[0]
    return attrs.evolve(pack, rules={name: pack.rules[name] for name in names})


def years(random: Random) -> list[dict[str, object]]:
    """Draw what two people do in five years, with long silences."""
    found: list[dict[str, object]] = []
    time = START
    while time.year < START.year + 5:
        time += dt.timedelta(seconds=int(random.choice((3, 10, 40, 90, 200)) * random.random() * 86400))
        kind = random.choice(("hired", "moved", "left", "asked", "asked", "filed"))
        data = {"person": random.choice("ab")}
        if kind in ("hired", "moved"):
            data |= {"unit": random.choice("ab"), "day": "2020-06-15"}
        found.append({"id": f"e{len(found):04}", "type": kind, "time": time.isoformat(), "data": data})
    return found


def told(pack: Pack, events: list[dict[str, object]], restarts: Random | None = None, **options: bool) -> list[Outcome]:
    """Return what an engine tells about a log, in order; `restarts`: it is restored from snapshots now and then."""
    engine = Engine(pack, **options)
    found: list[Outcome] = []
    for event in events:
        if restarts is not None and restarts.random() < 0.3:
            engine = Engine.restore(pack, engine.snapshot())
        found += engine.feed(event)
    return found + engine.advance("2026-12-31T00:00:00+08:00")


def in_time(outcomes: list[Outcome]) -> list[bytes]:
    """Return what was told, but for what is done late: its case may have been forgotten."""
    return sorted(encode(one) for one in outcomes if not getattr(one, "late", False))


@pytest.mark.parametrize(
    "names", [("report", "fine"), ("books",), ("month", "fine"), ("course",), ("talk",), ("round",)], ids="-".join
)
@pytest.mark.parametrize("seed", range(3))
def test_a_restart_loses_no_open_duty_of_a_period(seed: int, names: tuple[str, ...]) -> None:
    """what stands open of a period long past is told as if nothing had been forgotten, whatever it was found from"""
    pack, events = office(*names), years(Random(seed))  # noqa: S311 - a log drawn alike each time
    live, again = told(pack, events), told(pack, events, Random(seed))  # noqa: S311 - as above
    assert list(map(encode, again)) == list(map(encode, live))
    assert in_time(live) == in_time(told(pack, events, forgets=False))


def test_what_a_snapshot_says_of_periods_long_past_is_let_go_once_it_has_been_taken_over() -> None:
    """an engine that has been restored holds no more than one that never stopped"""
    pack = office("books")
    engine = Engine(pack)
    for number, time in enumerate(("2020-03-03", "2021-03-03")):
        engine.feed({"id": f"e{number}", "type": "asked", "time": f"{time}T12:00:00+08:00", "data": {"person": "a"}})
    again = Engine.restore(pack, engine.snapshot())
    assert len(json.loads(engine.snapshot())["periods"]) == 2
    assert not again.inside.settled_periods
    for one in (engine, again):
        one.advance("2021-06-01T00:00:00+08:00")
    assert len(engine.outcomes()) == 6
    assert again.snapshot() == engine.snapshot()
    assert again.outcomes() == engine.outcomes()


ASIDE = """
pack: desk
title: {en: a desk, zh: 前台}
calendar: none
timezone: Asia/Shanghai
log: {carries: all}
roles: {office: the office}
shifts:
  day: {start: 08:00, end: 17:00, check_in_from: 2h}
records:
  shift: {key: [person, duty_date, period], opens: roster_assigned, dated: duty_date, spans: shift}
rules:
  late: {kind: prohibition, says: {en: Be on time., zh: 准时。}, about: shift, when: first check_in, if: time > start}
  tidy: {kind: prohibition, says: {en: Be tidy., zh: 保持整洁。}}
  fine:
    kind: sanction
    says: {en: The office fines it., zh: 由办公室罚款。}
    when: breach of tidy
    fine: {from: 10, to: 50, decided_by: office}
"""
REACHED_NOTHING = [
    ("finding", {"person": "ann", "code": "tidi"}),
    ("ruling", {"about": "nothing", "by": "office", "amount": 20}),
    ("ruling", {"by": "office", "amount": 20}),
    ("check_in", {"person": "ann"}),
    ("finding", {"person": "ann", "code": "tidy"}),
    ("ruling", {"about": "e0004", "by": "office", "amount": 70}),
    ("ruling", {"about": "e0004", "by": "office", "amount": 20}),
    ("ruling", {"about": "nothing", "by": "office", "amount": 20}),
]


def test_what_is_said_of_an_event_outlives_it() -> None:
    """after three years an engine says of each event that reached nothing what one says that forgets nothing"""
    pack = check_text(ASIDE).packs[0]
    live, whole, again = Engine(pack), Engine(pack, forgets=False), Engine(pack)
    for number in range(62):
        kind, data = REACHED_NOTHING[number] if number < len(REACHED_NOTHING) else ("finding", {"code": "tidi"})
        days = number if number < 7 else 45 + 20 * (number - 7)
        time = (START + dt.timedelta(days=days)).isoformat()
        event = {"id": f"e{number:04}", "type": kind, "time": time, "data": data}
        for engine in (live, whole, again):
            engine.feed(event)
        again = Engine.restore(pack, again.snapshot())
        assert live.set_aside == whole.set_aside == again.set_aside
        assert again.snapshot() == live.snapshot()
    assert len(json.loads(live.snapshot())["events"]) < 12
    assert [one.code for one in live.set_aside[:6]] == ["DR626", "DR622", "DR622", "DR621", "DR623", "DR622"]
    assert not {"e0000", "e0001", "e0003", "e0005", "e0007"} & {
        name for said in live.inside.remarks.values() for name in said
    }
