"""What no rule can need again is forgotten."""

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


LASTING = """
pack: desk
title: {en: a desk, zh: 前台}
calendar: none
log: {carries: all}
records:
  rostered: {key: person, opens: roster_assigned}
  entry: {key: [person, duty_date], opens: roster_assigned, dated: duty_date}
  alert: {key: kind, opens: weather_alert, closes: alert_ended}
  visit: {key: person, opens: check_in, closes: check_out}
rules:
  standby:
    kind: obligation
    says: {en: On call., zh: 待命。}
    about: rostered
    whenever: open(alert) > 0 and any(entry, person == rostered.person and abs(days_between(duty_date, day)) <= 7)
    who: rostered.person
    promptly: soon
    until: phone_answered
  storm:
    kind: obligation
    says: {en: Stay indoors., zh: 留在室内。}
    about: rostered
    whenever: open(alert) > 0
    who: rostered.person
    promptly: soon
    until: phone_answered
  guest:
    kind: obligation
    says: {en: Warn the guest., zh: 提醒来客。}
    about: visit
    whenever: open(alert) > 0
    who: visit.person
    promptly: soon
    until: phone_answered
"""
Happening = tuple[float, str, dict[str, str]]
PERSON = {"person": "ann"}
STORM = {"kind": "storm"}


def lasting() -> Engine:
    """Return an engine over the lasting conditions."""
    return Engine(check_text(LASTING).packs[0])


def happens(number: int, happening: Happening) -> dict[str, object]:
    """Return an event some days after the start."""
    day, kind, data = happening
    time = START + dt.timedelta(days=day)
    return {"id": f"e{number}", "type": kind, "time": time.isoformat(), "subject": "ann", "data": data}


def rostered(day: int) -> Happening:
    """Return that ann is put on the roster for the next day."""
    return day, "roster_assigned", PERSON | {"duty_date": str((START + dt.timedelta(days=day + 1)).date())}


def storms(days: int, step: int = 20) -> list[Happening]:
    """Return a storm of one day every so often, with ann on the roster."""
    found: list[Happening] = [rostered(0)]
    for day in range(1, days, step):
        found += [(day, "weather_alert", STORM), (day + 1, "alert_ended", STORM)]
    return found


def assert_goes_on(happenings: list[Happening], before: int) -> tuple[Engine, set[str]]:
    """Assert that forgetting changes nothing in the stream, and that an engine restored after some events goes on.

    Return the engine at the end, and the ids of all outcomes that there have been.
    """
    events = [happens(number, one) for number, one in enumerate(sorted(happenings, key=lambda one: one[0]))]
    live, whole = lasting(), Engine(check_text(LASTING).packs[0], forgets=False)
    for event in events[:before]:
        assert live.feed(event) == whole.feed(event)
    assert len(json.loads(live.snapshot())["events"]) < before
    again = Engine.restore(live.pack, live.snapshot())
    assert again.outcomes() == live.outcomes()
    for event in events[before:]:
        assert again.feed(event) == live.feed(event) == whole.feed(event)
    twice = Engine.restore(live.pack, again.snapshot())
    assert twice.outcomes() == again.outcomes() == live.outcomes()
    assert twice.snapshot() == live.snapshot()
    return live, set(whole.outcomes())


def test_open_duties_of_a_lasting_condition_are_restored_under_their_numbers() -> None:
    """what became true long ago and is not done with is there again, and what comes after it is numbered on"""
    alert: Happening = (0.1, "weather_alert", STORM)
    live, made = assert_goes_on([alert, *map(rostered, range(0, 1000, 20))], 45)
    assert len([name for name in made if "/standby/" in name]) == 50
    assert set(live.outcomes()) == made


def test_duties_of_a_lasting_condition_that_were_met_are_forgotten() -> None:
    """a duty that was met long ago is not open again when the act that met it is forgotten"""
    answers: list[Happening] = [(day + 0.5, "phone_answered", PERSON) for day in range(1, 1000, 20)]
    live, made = assert_goes_on([*storms(1000), *answers], 120)
    assert len([name for name in made if "/storm/" in name]) == 50
    assert {one.status for one in live.outcomes().values()} == {"fulfilled"}
    assert len(live.outcomes()) < 15


def test_a_condition_that_goes_on_does_not_become_true_again() -> None:
    """a condition that was true before what is forgotten, and has been since, is the first that it was"""
    happenings: list[Happening] = [rostered(0), (1, "weather_alert", STORM), (2, "phone_answered", PERSON)]
    happenings += [(day, "handover_done", PERSON) for day in range(30, 600, 30)]
    happenings += [(600, "alert_ended", STORM), (601, "weather_alert", STORM), (602, "handover_done", PERSON)]
    live, _made = assert_goes_on(happenings, 20)
    assert [name for name in live.outcomes() if "/storm/" in name] == ["desk/storm/obligation/rostered:ann#2/ann"]


def test_duties_about_records_that_end_are_restored() -> None:
    """while a record is remembered that has ended, so are the times that a condition about it became true"""
    visits: list[Happening] = [(0.5, "check_in", PERSON), (900.5, "check_out", PERSON), (920.5, "check_in", PERSON)]
    _live, made = assert_goes_on([*storms(1000), *visits], 95)
    assert len([name for name in made if "/guest/" in name]) == 49


def test_what_is_kept_does_not_grow_with_how_often_a_condition_became_true() -> None:
    """after three years of a storm a week, each answered, about as much is kept as after one year"""
    answers: list[Happening] = [(day + 0.5, "phone_answered", PERSON) for day in range(1, 1107, 7)]
    engine, found = lasting(), []
    for number, one in enumerate(sorted([*storms(1107, 7), *answers], key=lambda one: one[0])):
        engine.feed(happens(number, one))
        if one[0] in (372, 1100):
            found.append(sizes(engine))
    for then, now in zip(*found, strict=True):
        assert now < then * 1.15


SHARED = """
pack: house
title: {en: a house, zh: 一处房屋}
calendar: none
log: {carries: all}
events:
  hired:     {fields: {person: person, unit: text}}
  moved:     {fields: {person: person, unit: text}}
  left:      {fields: {person: person}}
  inspected: {fields: {person: person}}
records:
  post:  {key: person, opens: hired, updates: moved}
  stay:  {key: person, opens: hired, updates: moved, closes: left}
  visit: {key: person, opens: [hired, inspected], closes: moved}
  tag:   {key: [person, unit], opens: [hired, moved]}
rules:
  fine:
    kind: sanction
    says: {en: Whoever stays is fined., zh: 留住者罚款。}
    about: stay
    when: inspected
    if: not stay.left
    fine: 50
  report:
    kind: obligation
    says: {en: Whoever comes reports within two days., zh: 来者两日内报到。}
    about: stay
    when: first hired
    within: 2d
    until: inspected
  call:
    kind: obligation
    says: {en: Whoever is hired is called on., zh: 新来者须走访。}
    about: visit
    when: hired
    within: 400d
    until: moved
  unit:
    kind: sanction
    says: {en: Whoever of the unit is visited is fined., zh: 该组受访者罚款。}
    when: inspected
    if: post.unit == "a" and any(visit)
    fine: 5
"""
"""The records `post` and `tag` have no end: the events that open them are kept, and open other records too."""


def years(random: Random) -> list[dict[str, object]]:
    """Draw what three people do in four years, with long silences."""
    found: list[dict[str, object]] = []
    time = START
    while time.year < START.year + 4:
        time += dt.timedelta(seconds=int(random.choice((1, 3, 10, 40, 90, 200)) * random.random() * 86400))
        kind = random.choice(("hired", "moved", "left", "inspected"))
        data = {"person": random.choice("abc")}
        if kind in ("hired", "moved"):
            data["unit"] = random.choice("ab")
        found.append({"id": f"e{len(found):04}", "type": kind, "time": time.isoformat(), "data": data})
    return found


def shared(*names: str) -> Pack:
    """Return the pack with some of its rules, or all."""
    pack = check_text(SHARED).packs[0]
    return attrs.evolve(pack, rules={name: pack.rules[name] for name in names or pack.rules})


def told(pack: Pack, events: list[dict[str, object]], restarts: Random | None = None, **options: bool) -> list[Outcome]:
    """Return what an engine tells about a log, in order; `restarts`: it is restored from snapshots now and then."""
    engine = Engine(pack, **options)
    found: list[Outcome] = []
    for event in events:
        if restarts is not None and restarts.random() < 0.3:
            engine = Engine.restore(pack, engine.snapshot())
        found += engine.feed(event)
    return found


def in_time(outcomes: list[Outcome]) -> list[str]:
    """Return what was told, but for what is done late: its case may have been forgotten."""
    return sorted(encode(one).decode() for one in outcomes if not getattr(one, "late", False))


@pytest.mark.parametrize("seed", range(8))
def test_an_event_that_is_kept_for_one_record_opens_no_other_again(seed: int) -> None:
    """an engine that forgets tells what one tells that does not, though it keeps events whose records are over"""
    events = years(Random(seed))  # noqa: S311 - a log drawn alike each time
    assert in_time(told(shared(), events)) == in_time(told(shared(), events, forgets=False))


@pytest.mark.parametrize("rules", [(), ("fine",), ("report",), ("call",)], ids=lambda names: "-".join(names) or "all")
@pytest.mark.parametrize("seed", range(4))
def test_a_restart_opens_no_record_again(seed: int, rules: tuple[str, ...]) -> None:
    """a restored engine tells what the other would have told, late acts too, whether or not cases are about a record"""
    pack, events = shared(*rules), years(Random(seed))  # noqa: S311 - as above
    assert told(pack, events) == told(pack, events, Random(seed))  # noqa: S311 - as above


def test_what_is_noted_of_a_record_that_is_over_goes_with_the_event_that_opened_it() -> None:
    """a note stays while the event is kept for another record, which is open, and no longer"""
    text = SHARED.replace(
        "post:  {key: person, opens: hired, updates: moved}", "post:  {key: person, opens: hired, closes: moved}"
    )
    pack = check_text(text).packs[0]
    engine = Engine(attrs.evolve(pack, rules={"fine": pack.rules["fine"]}))

    def feed(kind: str, person: str, days: int) -> None:
        time = (START + dt.timedelta(days=days)).isoformat()
        engine.feed({"id": f"e{days:04}", "type": kind, "time": time, "data": {"person": person}})

    def noted() -> list[str]:
        return [name for name in engine.inside.program.over if name.endswith(":ann")]

    feed("hired", "ann", 0)
    feed("left", "ann", 1)
    for days in range(2, 1000, 30):
        feed("inspected", "bo", days)
    assert noted() == ["stay:ann"]
    feed("moved", "ann", 1001)
    for days in range(1002, 2000, 30):
        feed("inspected", "bo", days)
    assert noted() == []


def test_what_was_said_of_an_event_outlives_it() -> None:
    """what reached nothing years ago is still told, once, with or without a restart, as if nothing were forgotten"""
    pack = check_text(PACK).packs[0]
    vain = [("finding", {"code": "none"}), ("ruling", {"amount_cny": 5}), ("ruling", {"about": "x", "impose": True})]
    happens = [(day, kind, data) for day, (kind, data) in enumerate(vain * 2)]
    happens += [(30 * month, "complaint_received", {"complaint_id": f"c{month}"}) for month in range(1, 37)]
    events = [
        {"id": f"e{number}", "type": kind, "time": (START + dt.timedelta(days=day)).isoformat(), "data": data}
        for number, (day, kind, data) in enumerate(happens)
    ]
    engine, other = Engine(pack), Engine(pack, forgets=False)
    for number, event in enumerate(events):
        engine.feed(event)
        other.feed(event)
        if number in (3, 12, 30):
            engine = Engine.restore(pack, engine.snapshot())
    assert sizes(engine)[1] < sizes(other)[1]
    assert [one.code for one in other.set_aside] == ["DR626", "DR622", "DR622"] * 2
    assert sorted(map(attrs.astuple, engine.set_aside)) == sorted(map(attrs.astuple, other.set_aside))


LATER = """
pack: desk
title: {en: a desk, zh: 前台}
calendar: none
log: {carries: all}
RETENTION
events:
  joined:   {fields: {person: person}}
  done:     {fields: {person: person}}
  forgiven: {fields: {person: person}}
counts:
  times: {of: forgiven, per: person}
records:
  post: {key: person, opens: joined}
rules:
  never:
    kind: prohibition
    says: {en: Never., zh: 禁止。}
    when: done
    excused_by: forgiven where person == this.person
  none: {kind: prohibition, says: {en: None., zh: 不得有。}, every: month, for_each: post, if: times >= 1}
"""


@pytest.mark.parametrize(
    ("retention", "forgets", "excused", "revised"),
    [("", True, False, 7), ("retention: 2 years", True, True, 12), ("", False, True, 12)],
)
def test_what_comes_once_a_case_is_forgotten_changes_it_no_more(
    retention: str, *, forgets: bool, excused: bool, revised: int
) -> None:
    """excuses and totals reach as far back as cases are remembered: five months, or as long as the pack says"""
    engine = Engine(check_text(LATER.replace("RETENTION", retention)).packs[0], forgets=forgets)
    for number, (day, kind) in enumerate([(0, "joined"), (1, "done"), (364, "forgiven")]):
        time = (START + dt.timedelta(days=day)).isoformat()
        told = engine.feed({"id": f"e{number}", "type": kind, "time": time, "data": {"person": "ann"}})
    told += engine.advance("2023-01-01T12:00:00+08:00")
    assert [one.rule for one in told if one.status == "withdrawn"] == ["never"] * excused
    assert len([one for one in told if one.rule == "none" and one.kind == "breach"]) == revised
    assert not engine.set_aside
