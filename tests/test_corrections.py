"""Corrections: how they are written, what they change, what they cost, when they are refused, what was known when."""

from __future__ import annotations

import datetime as dt
import json
from random import Random

import pytest

from dutyrules.audit.masked_logs import mask
from dutyrules.audit.pseudonyms import Key
from dutyrules.compiler.plain import PlainLines
from dutyrules.compiler.reading import Beyond
from dutyrules.engine import Engine, SetAside
from dutyrules.events import EventError, decode_event
from dutyrules.explanations import explain
from dutyrules.log_files import JsonLines
from dutyrules.policies.load import check_text
from dutyrules.replay import Replay
from reference.corrected import corrected

PACK = """
pack: desk
title: {en: a desk, zh: 前台}
calendar: none
log: {carries: all}
events:
  asked: {fields: {person: person, case: text}}
  answered: {person: nobody, fields: {case: text}}
records:
  case: {key: case, opens: asked, closes: answered}
counts:
  slow: {of: breach of reply, per: person, in: month}
rules:
  reply:
    kind: obligation
    says: {en: Answer within two hours., zh: 两小时内答复。}
    about: case
    when: asked
    within: 2h
    until: answered
  fine: {kind: sanction, says: {en: It is fined., zh: 罚款。}, when: breach of reply, fine: 50}
  third: {kind: sanction, says: {en: The third., zh: 第三次。}, when: breach of reply, if: slow >= 3, notice: warned}
"""
START = dt.datetime(2026, 1, 5, 8, tzinfo=dt.timezone(dt.timedelta(hours=8)))
PACKED = check_text(PACK).packs[0]


def at(hours: float) -> str:
    """Return an instant so many hours after the start."""
    return (START + dt.timedelta(hours=hours)).isoformat()


def event(name: str, kind: str, hours: float, case: str, **more: str) -> dict:
    """Return an event of a case, with the attributes given."""
    data = {"case": case} | ({"person": "li"} if kind == "asked" else {})
    return {"id": name, "type": kind, "time": at(hours), "data": data, **more}


def days_of_cases(number: int, people: int = 7) -> list[dict]:
    """Return a case a day, every third answered late."""
    found = []
    for day in range(number):
        asked = event(f"a{day:04}", "asked", 24 * day, f"k{day}")
        asked["data"]["person"] = f"p{day % people}"
        found += [asked, event(f"b{day:04}", "answered", 24 * day + (3 if day % 3 == 0 else 1), f"k{day}")]
    return found


def engine_after(events: list[dict]) -> Engine:
    """Return an engine that has taken events."""
    engine = Engine(PACKED)
    engine.feed_all(events)
    return engine


def decoded(document: dict):
    """Return the event of a document."""
    return decode_event(document, PACKED.events, PACKED.timezone)


# --- how they are written ---------------------------------------------------------------------------------------------


def test_what_an_event_corrects_is_written_and_read() -> None:
    """the line of a correction is read as the same correction again, with the instant at which it was recorded"""
    for does in ("corrects", "withdraws"):
        made = decoded(event("c1", "answered", 1, "k1", recorded=at(30), **{does: "b1"}))
        assert (getattr(made, does), made.amends, made.recorded) == ("b1", "b1", made.time + 29 * 3600)
        assert decode_event(made.as_json(), PACKED.events, PACKED.timezone) == made


def test_an_event_without_such_attributes_is_as_before() -> None:
    """a plain event has none of them, also where they are null, and is known from its own time on"""
    plain = decoded(event("e1", "answered", 1, "k1") | {"corrects": None, "recorded": None})
    assert (plain.amends, plain.recorded, plain.known_at) == (None, None, plain.time)
    assert set(json.loads(plain.as_json())) == {"id", "type", "time", "data"}


@pytest.mark.parametrize(
    ("attributes", "code"),
    [
        ({"corrects": "e1", "withdraws": "e1"}, "DR606"),
        ({"corrects": 7}, "DR606"),
        ({"withdraws": ""}, "DR606"),
        ({"recorded": "2026-01-05"}, "DR607"),
        ({"recorded": 7}, "DR607"),
    ],
)
def test_what_cannot_be_a_correction_is_refused(attributes: dict, code: str) -> None:
    """an event that both corrects and withdraws, names no text, or was recorded at no instant, is refused"""
    with pytest.raises(EventError) as found:
        decoded(event("c1", "answered", 1, "k1") | attributes)
    assert found.value.code == code


# --- what they change -------------------------------------------------------------------------------------------------


def test_a_delta_says_what_changed_and_why() -> None:
    """a correction that makes an answer timely withdraws the breach and, through it, the fine, and replaces the duty"""
    engine = engine_after([event("a1", "asked", 0, "k1"), event("b1", "answered", 3, "k1")])
    before = engine.outcomes()
    delta = engine.amend(event("c1", "answered", 1, "k1", corrects="b1"))
    assert {one.before.kind for one in delta.withdrawn} == {"breach", "sanction"}
    assert all(one.cause == "c1" and before[one.id] == one.before for one in (*delta.withdrawn, *delta.replaced))
    [fine] = [one for one in delta.withdrawn if one.before.kind == "sanction"]
    [breach] = [one for one in delta.withdrawn if one.before.kind == "breach"]
    assert fine.through == (breach.id,)
    duties = {one.before.kind: (one.before.status, one.after.status) for one in delta.replaced}
    assert duties["obligation"] == ("fulfilled", "fulfilled")
    assert {one.status for one in delta.outcomes if one.id in (fine.id, breach.id)} == {"retracted"}
    assert all(engine.outcomes()[one.id] == one.after for one in delta.replaced)
    assert not delta.issued
    assert delta.set_aside is None


def test_a_delta_is_one_line_of_json() -> None:
    """what changed is written with its cause, each side only where it stood, sums as texts"""
    engine = engine_after([event("a1", "asked", 0, "k1"), event("b1", "answered", 1, "k1")])
    document = json.loads(engine.amend(event("c1", "answered", 3, "k1", corrects="b1")).as_json())
    assert list(document) == ["event", "issued", "withdrawn", "replaced"]
    [fine] = [one for one in document["issued"] if one["after"]["kind"] == "sanction"]
    assert fine["after"]["amount"] == "50"
    assert fine["cause"] == "c1"
    assert "before" not in fine
    assert all({"before", "after"} <= one.keys() for one in document["replaced"])


def test_time_that_passes_is_no_doing_of_the_event() -> None:
    """what only the clock brings on the way to an event has no cause among the events"""
    engine = engine_after([event("a1", "asked", 0, "k1")])
    delta = engine.amend(event("a2", "asked", 9, "k2"))
    causes = {(one.after.matter, one.cause) for one in (*delta.issued, *delta.replaced)}
    assert causes == {("case:k1@a1", None), ("case:k2@a2", "a2")}


def test_the_recorded_last_counts_whatever_came_last() -> None:
    """of two corrections of one event the one recorded later counts, in either order of arrival"""
    both = [
        event("c1", "answered", 3, "k1", corrects="b1", recorded=at(50)),
        event("c2", "answered", 1, "k1", corrects="b1", recorded=at(40)),
    ]
    for order in (both, both[::-1]):
        engine = engine_after([event("a1", "asked", 0, "k1"), event("b1", "answered", 1, "k1")])
        for one in order:
            engine.amend(one)
        assert [one.kind for one in engine.outcomes().values() if one.kind == "sanction"] == ["sanction"]


def test_an_event_sent_again_is_still_known() -> None:
    """a corrected event or a correction that comes again changes nothing, one with other content is set aside"""
    original, correction = event("b1", "answered", 3, "k1"), event("c1", "answered", 1, "k1", corrects="b1")
    engine = engine_after([event("a1", "asked", 0, "k1"), original, correction])
    before = engine.outcomes()
    assert not engine.amend(original)
    assert not engine.amend(correction)
    assert engine.set_aside == []
    for twisted in (event("b1", "answered", 2, "k1"), event("c1", "answered", 2, "k1", corrects="b1")):
        found = engine.amend(twisted).set_aside
        assert found is not None
        assert found.code == "DR620"
    assert engine.outcomes() == before


def test_a_long_chain_is_followed() -> None:
    """corrections of corrections may go on for thousands, and the last of them counts"""
    engine = engine_after([event("a1", "asked", 0, "k1"), event("c0000", "answered", 3, "k1")])
    chain = [
        event(f"c{number:04}", "answered", 1 + number % 2 * 2, "k1", corrects=f"c{number - 1:04}")
        for number in range(1, 1201)
    ]
    engine.feed_all(reversed(chain))
    assert not [one for one in engine.outcomes().values() if one.kind == "breach"]


# --- what they cost ---------------------------------------------------------------------------------------------------


def work(days: int, back: int) -> list[int]:
    """Return how much an engine works to correct, to correct anew and to withdraw an event so many days back."""
    engine = engine_after(days_of_cases(days))
    day = days - back
    found = []
    for more in (
        event("c1", "answered", 24 * day + 1.5, f"k{day}", corrects=f"b{day:04}"),
        event("c2", "answered", 24 * day + 5, f"k{day}", corrects="c1"),
        event("w1", "answered", 24 * day + 1, f"k{day}", withdraws=f"b{day:04}", recorded=at(24 * days)),
    ):
        runs = engine._store.runs  # noqa: SLF001 - there is no public word for how much was worked out
        assert engine.amend(more)
        found.append(engine._store.runs - runs)  # noqa: SLF001 - as above
    return found


@pytest.mark.parametrize("back", [5, 20])
def test_the_cost_does_not_depend_on_the_length_of_the_log(back: int) -> None:
    """a correction so many days back costs the same work in a log four times as long, and little of all work"""
    short, long = work(35, back), work(140, back)
    assert short == long
    assert max(long) < 60


def test_what_is_remembered_is_corrected_exactly() -> None:
    """where much has been forgotten, corrections of what is not leave what a fresh replay of the corrected log says"""
    events = days_of_cases(240)
    snapshot = engine_after(events).snapshot()
    for seed in range(3):
        dice = Random(seed)  # noqa: S311 - the same corrections in every run
        engine, known = Engine.restore(PACKED, snapshot), {one["id"]: one for one in events}
        limit = dt.datetime.fromtimestamp(engine._store.forgotten_before, START.tzinfo)  # noqa: SLF001 - the day itself
        first = (limit - START).days + 2
        for number in range(25):
            day = dice.randint(first, 239)
            name = dice.choice((f"b{day:04}", f"b{day:04}", f"a{day:04}"))
            kind = "answered" if name[0] == "b" else "asked"
            made = event(
                f"c{number:02}", kind, 24 * day + dice.choice((0, 1, 4)), f"k{day}", recorded=at(9000 + number)
            )
            if engine.amend(made | {dice.choice(("corrects", "corrects", "withdraws")): name}).set_aside is None:
                known |= {made["id"]: engine._amending._corrections.get(made["id"])}  # noqa: SLF001 - as it was taken
            if number == 12:
                engine = Engine.restore(PACKED, engine.snapshot())
        taken = [decoded(one) if isinstance(one, dict) else one for one in known.values()]
        fresh = Engine(PACKED, forgets=False)
        fresh.feed_all(corrected(taken))
        fresh.advance(engine.clock)
        found, wanted = engine.outcomes(), fresh.outcomes()
        assert {name: one for name, one in found.items() if wanted.get(name) != one} == {}
        since = limit.isoformat()
        assert {name for name, one in wanted.items() if one.time >= since} <= found.keys()
        assert len(found) < len(wanted)


# --- when they are refused --------------------------------------------------------------------------------------------


def test_what_is_forgotten_cannot_be_corrected() -> None:
    """what is or would be further back than the pack remembers is set aside with the day from which it is possible"""
    engine = engine_after(days_of_cases(420))
    limit = engine._store.forgotten_before  # noqa: SLF001 - the day itself
    since = dt.datetime.fromtimestamp(limit, START.tzinfo).isoformat()
    before = engine.outcomes()
    for more in (
        event("c1", "answered", 24 * 20, "k20", corrects="b0020"),
        event("c2", "answered", 24 * 20, "k20", corrects="b0410"),
        event("w1", "answered", 24 * 419, "k20", withdraws="b0020"),
    ):
        delta = engine.amend(more)
        assert not delta
        assert isinstance(delta.set_aside, SetAside)
        assert since in delta.set_aside.reason
    assert [one.code for one in engine.set_aside] == ["DR624", "DR624", "DR627"]
    standing = {name: one for name, one in engine.outcomes().items() if name in before}
    assert standing == {name: before[name] for name in standing}
    assert engine.amend(event("c3", "answered", 24 * 410 + 1, "k410", corrects="b0410")).set_aside is None


def test_corrections_are_forgotten_with_what_they_correct() -> None:
    """what a snapshot holds does not grow with the corrections of a log, nor with withdrawals and waiting ones"""
    engine = Engine(PACKED)
    sizes = []
    for day in range(0, 1200, 2):
        for one in (
            event(f"a{day}", "asked", 24 * day, f"k{day}"),
            event(f"b{day}", "answered", 24 * day + 3, f"k{day}"),
            event(f"c{day}", "answered", 24 * day + 1, f"k{day}", corrects=f"b{day}"),
            event(f"d{day}", "answered", 24 * day + 1, f"k{day}"),
            event(f"w{day}", "answered", 24 * day + 4, f"k{day}", withdraws=f"d{day}"),
        ):
            engine.feed(one)
        if day % 400 == 398:
            sizes.append(engine.snapshot().count(b'"corrects"'))
    assert sizes[0] > 0
    assert sizes[2] <= sizes[1] * 1.2


# --- what was known when ----------------------------------------------------------------------------------------------


def in_file(path, events: list[dict]):
    """Write a log and return it as files to be read."""
    path.write_text("".join(json.dumps(one) + "\n" for one in events), "utf-8")
    return [JsonLines(path)]


LOG = [
    event("a1", "asked", 0, "k1"),
    event("b1", "answered", 3, "k1"),
    event("c1", "answered", 1, "k1", corrects="b1", recorded=at(50)),
    event("w1", "answered", 80, "k1", withdraws="c1"),
    event("a2", "asked", 20, "k2", recorded=at(90)),
]


@pytest.mark.parametrize(
    ("hours", "breached"), [(2, set()), (10, {"k1"}), (60, set()), (85, {"k1"}), (95, {"k1", "k2"}), (None, {"k1"})]
)
def test_a_replay_shows_what_was_known(hours: float | None, breached: set, tmp_path) -> None:
    """a replay as known at an instant uses what had been recorded by then, and stands at that instant"""
    as_known = None if hours is None else int((START + dt.timedelta(hours=hours)).timestamp())
    replay = Replay(PACKED, in_file(tmp_path / "log.jsonl", LOG), as_known=as_known)
    found = {one.matter[5:7] for one in replay.run().values() if one.kind == "breach"}
    assert found == breached
    assert replay.engine.set_aside == []
    if hours is not None:
        assert replay.engine.clock == START + dt.timedelta(hours=hours)


def test_what_was_known_may_be_asked_for_another_moment(tmp_path) -> None:
    """by what was known on one day, an earlier moment can be looked at as well"""
    instants = [int((START + dt.timedelta(hours=hours)).timestamp()) for hours in (2, 60)]
    replay = Replay(PACKED, in_file(tmp_path / "log.jsonl", LOG), as_of=instants[0], as_known=instants[1])
    assert {one.status for one in replay.run().values() if one.kind == "obligation"} == {"fulfilled"}
    assert replay.log.not_known == 2


def test_files_in_any_order_are_corrected_alike(tmp_path) -> None:
    """a log in any order, sorted on disk in small parts, comes to what an engine says that was fed event by event"""
    events = days_of_cases(30)
    events += [
        event(f"c{day}", "answered", 24 * day + day % 4, f"k{day}", corrects=f"b{day:04}") for day in range(3, 25, 2)
    ]
    events += [event(f"w{day}", "asked", 24 * day + 30, f"k{day}", withdraws=f"a{day:04}") for day in range(4, 25, 5)]
    events.append(event("x1", "asked", 7, "k0", corrects="nobody"))
    engine = engine_after(events)
    for seed in (1, 2):
        mixed = Random(seed).sample(events, len(events))  # noqa: S311 - the same order in every run
        replay = Replay(PACKED, in_file(tmp_path / "log.jsonl", mixed), run_bytes=900)
        replay.run()
        replay.engine.advance(engine.clock)
        assert replay.engine.outcomes() == engine.outcomes()
        assert [(one.event, one.code) for one in replay.engine.set_aside] == [("x1", "DR627")]


def test_an_id_twice_is_told_where_the_log_is_corrected(tmp_path) -> None:
    """an event or correction with an id that was used before is refused, whichever stands first in the file"""
    twice = [event("b1", "answered", 4, "k1"), event("c1", "answered", 5, "k1", corrects="b1")]
    for events in ([*LOG, *twice], [*twice, *LOG]):
        replay = Replay(PACKED, in_file(tmp_path / "log.jsonl", events))
        found = replay.run()
        assert [one.code for one in replay.refused] == ["DR620", "DR620"]
        assert {one.matter for one in found.values() if one.kind == "breach"} == {"case:k1@a1"}


def test_a_compiled_pack_leaves_corrections_to_the_engine() -> None:
    """a line that corrects or withdraws another is beyond a compiled pack, one that says when it was recorded is not"""
    lines = PlainLines(PACKED, "log")
    for does in ("corrects", "withdraws"):
        with pytest.raises(Beyond):
            lines(json.dumps(event("c1", "answered", 1, "k1", **{does: "b1"})).encode(), 1)
    assert lines(json.dumps(event("e1", "answered", 1, "k1", recorded=at(3))).encode(), 1) is not None


def test_an_engine_that_is_restored_goes_on_alike() -> None:
    """a snapshot holds the corrections, also of what was withdrawn and of what has not come"""
    engine = engine_after([*LOG, event("c9", "answered", 21, "k2", corrects="b9")])
    again = Engine.restore(PACKED, engine.snapshot())
    assert again.outcomes() == engine.outcomes()
    assert again.set_aside == engine.set_aside
    for more in (event("b9", "answered", 30, "k2"), event("w2", "answered", 90, "k1", withdraws="w1")):
        assert again.amend(more) == engine.amend(more)
    assert again.set_aside == engine.set_aside == []


def test_an_explanation_shows_what_the_correction_says(tmp_path) -> None:
    """the cause of an outcome is the event under its own id, with what was said last and the line that says it"""
    log = [event("a1", "asked", 0, "k1"), event("b1", "answered", 1, "k1")]
    log.append(event("c1", "answered", 3, "k1", corrects="b1"))
    files = in_file(tmp_path / "log.jsonl", log)
    [duty] = [name for name, one in Replay(PACKED, files).run().items() if one.kind == "obligation"]
    causes = {cause.id: cause for cause in explain(Replay(PACKED, files), duty).causes}
    assert causes["b1"].event.time == decoded(log[2]).time
    assert causes["b1"].place.endswith("log.jsonl:3")


def test_a_log_that_names_nobody_is_corrected_alike(tmp_path) -> None:
    """corrections keep what they name when persons are replaced, also where a person's name is part of the id"""
    log = [event("li-1", "asked", 0, "k1"), event("li-2", "answered", 1, "k1")]
    log.append(event("c1", "answered", 3, "k1", corrects="li-2", recorded=at(4)))
    masked = mask(in_file(tmp_path / "log.jsonl", log), Key(bytes(range(40))), PACKED)
    breaches = [one for one in Replay(PACKED, masked).run().values() if one.kind == "breach"]
    assert len(breaches) == 1
    assert "li" not in breaches[0].id.split("/")[-1]
