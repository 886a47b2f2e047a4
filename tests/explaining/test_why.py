"""An explanation has the values that decided: operands, members of counts, days, versions, steps, what absorbed it."""

from __future__ import annotations

import datetime as dt
import json
import string
from pathlib import Path

import pytest

from dutyrules import Engine, NoSuchOutcome
from dutyrules.calendars.zones import Zone
from dutyrules.cli.inputs import Language, says
from dutyrules.explaining.documents import Documents
from dutyrules.explaining.pages import Pages
from dutyrules.explaining.phrases import PHRASES
from dutyrules.explaining.why import Grounds
from dutyrules.explaining.why_not import why_not_in
from dutyrules.explanations import explain
from dutyrules.policies.load import load_pack
from dutyrules.replay import Replay, open_logs

PACK = """
pack: tried
language: 1
title: {en: Tried, zh: 试}
timezone: Asia/Shanghai
calendar: CN
currency: CNY
log: {carries: all}
parameters:
  room: {type: duration, value: {2026-01-01: 2 days, 2026-02-01: 3 days}}
  price: {2026-01-01: 10, 2026-02-01: 30, 2026-03-01: 40}
events:
  slip: {says: {en: A slip., zh: 疏忽。}, fields: {person: person, size: int, kind: text, about: text}}
  sorry: {says: {en: A good reason., zh: 有正当理由。}, fields: {person: person, slip: text}}
  task: {says: {en: A task., zh: 任务。}, fields: {task: text, person: person}}
  done: {says: {en: It is done., zh: 完成。}, fields: {task: text, person: person}}
  halt: {says: {en: It waits., zh: 暂停。}, fields: {task: text}}
  go: {says: {en: It goes on., zh: 恢复。}, fields: {task: text}}
  later: {says: {en: More time., zh: 延期。}, fields: {task: text, until: date}}
records:
  job: {key: task, opens: task}
counts:
  slips: {of: slip where size >= 10, per: person, in: month}
  kinds: {of: slip, per: person, in: month, distinct: kind}
rules:
  often:
    kind: sanction
    says: {en: Often., zh: 多次。}
    when: slip where size >= 10
    if: slips >= 2 and kinds >= 1
    fine: price
  duty:
    kind: obligation
    says: {en: Do it., zh: 办理。}
    about: job
    when: task
    within: 10h
    until: done
    paused_by: {when: halt, until: go}
  dated:
    kind: obligation
    says: {en: Do it within days., zh: 数日内办理。}
    about: job
    when: task
    within: room
    until: done
  moved:
    kind: obligation
    says: {en: Do it by then., zh: 届时办理。}
    about: job
    when: task
    within: 2 working days
    until: done
    moved_by: {when: later, to: until}
"""


@pytest.fixture(scope="module")
def pack(tmp_path_factory):
    """Load the small pack."""
    path = tmp_path_factory.mktemp("pack") / "pack.yaml"
    path.write_text(PACK, "utf-8")
    return load_pack(path)


def fed(pack, *events, upto=None):
    """Return an engine that has seen (type, time, data)."""
    engine = Engine(pack)
    engine.feed_all(
        {"id": f"e{number}", "type": kind, "time": f"{time}+08:00", "data": data}
        for number, (kind, time, data) in enumerate(events)
    )
    if upto is not None:
        engine.advance(f"{upto}+08:00")
    assert engine.set_aside == []
    return engine


def only(engine, rule, kind, status=None):
    """Return the one outcome of a rule and kind."""
    [one] = [
        each
        for each in engine.outcomes().values()
        if (each.rule, each.kind) == (rule, kind) and status in (None, each.status)
    ]
    return one


def guards(found):
    """Return the guards of the first try by name."""
    return {step.guard: step for step in found.grounds[0].steps}


SLIPS = (
    ("slip", "2026-01-30T08:00:00", {"person": "ann", "size": 10, "kind": "a"}),
    ("slip", "2026-02-02T08:00:00", {"person": "ann", "size": 10, "kind": "a"}),
    ("slip", "2026-02-03T08:00:00", {"person": "bo", "size": 10, "kind": "a"}),
    ("slip", "2026-02-04T08:00:00", {"person": "ann", "size": 9, "kind": "a"}),
    ("slip", "2026-02-05T08:00:00", {"person": "ann", "size": 11, "kind": "a"}),
    ("slip", "2026-02-06T08:00:00", {"person": "ann", "size": 3, "kind": "b"}),
)


def test_a_count_names_its_members_and_what_it_left_out(pack):
    """each fact with the reader's key is counted, or left out for its reason; others are not mentioned"""
    engine = fed(pack, *SLIPS)
    found = engine.explain(only(engine, "often", "sanction").id)
    condition = guards(found)["if"].term
    slips, kinds = (part.parts[0].tally for part in condition.parts)
    assert slips.value == 2
    assert (slips.first, slips.last) == (dt.date(2026, 2, 1), dt.date(2026, 2, 28))
    assert [(one.fact, one.reason) for one in slips.candidates] == [
        ("e0", "window"),
        ("e1", "counted"),
        ("e3", "where"),
        ("e4", "counted"),
        ("e5", "where"),
    ]
    [failed] = [one.failed for one in slips.left_out if one.fact == "e3"]
    assert (failed.text, [part.value for part in failed.parts]) == ("size >= 10", [9, 10])
    assert [(one.fact, one.reason) for one in kinds.candidates] == [
        ("e0", "window"),
        ("e1", "counted"),
        ("e3", "same"),
        ("e4", "same"),
        ("e5", "later"),
    ]


def test_the_version_of_a_dated_value_is_named(pack):
    """of a value that changed with time, the one that applied is said, from when to when"""
    engine = fed(pack, *SLIPS)
    outcome = only(engine, "often", "sanction")
    found = engine.explain(outcome.id)
    [amount] = guards(found)["consequence"].parts
    assert (amount.term.value, outcome.amount) == (30, 30)
    version = amount.term.version
    assert (version.since, version.until, version.versions) == (dt.date(2026, 2, 1), dt.date(2026, 2, 28), 3)
    said = "\n".join(Pages(pack, "zh").grounds(found))
    assert "price：2026-02-01 至 2026-02-28 的值" in said


def test_a_paused_limit_shows_the_pause(pack):
    """the account of a limit has the spans that ran and those that were paused"""
    engine = fed(
        pack,
        ("task", "2026-01-05T08:00:00", {"task": "t", "person": "ann"}),
        ("halt", "2026-01-05T10:00:00", {"task": "t"}),
        ("go", "2026-01-05T13:00:00", {"task": "t"}),
        upto="2026-01-06T08:00:00",
    )
    found = engine.explain(only(engine, "duty", "breach").id)
    limit = guards(found)["within"]
    assert limit.facts["due"] == "2026-01-05T21:00:00+08:00"
    spans = [(one["entry"], one["from"][11:16], one["to"][11:16], one["reason"]) for one in limit.ledger["entries"]]
    assert ("skipped", "10:00", "13:00", "paused") in spans
    assert spans[0][:3] == ("counted", "08:00", "10:00")
    assert "不计  2026-01-05 10:00:00 至 2026-01-05 13:00:00  暂停" in "\n".join(Pages(pack, "zh").grounds(found))


def test_a_moved_limit_says_when_and_by_what(pack):
    """a limit that was moved names the event that moved it"""
    engine = fed(
        pack,
        ("task", "2026-01-05T08:00:00", {"task": "t", "person": "ann"}),
        ("later", "2026-01-06T10:00:00", {"task": "t", "until": "2026-01-20"}),
        ("done", "2026-01-21T00:00:00", {"task": "t", "person": "ann"}),
    )
    found = engine.explain(only(engine, "moved", "breach").id)
    limit = guards(found)["within"]
    assert (limit.phrase, limit.facts["time"], limit.causes) == ("limit_moved", "2026-01-06T10:00:00+08:00", ("e1",))
    assert guards(found)["until"].facts["seconds"] == 1


def test_a_limit_that_a_dated_parameter_gives_names_the_version(pack):
    """which value of a limit applied to a duty is said with its days"""
    engine = fed(
        pack,
        ("task", "2026-02-05T08:00:00", {"task": "t", "person": "ann"}),
        upto="2026-03-06T08:00:00",
    )
    found = engine.explain(only(engine, "dated", "breach").id)
    [figure] = guards(found)["within"].parts
    assert (str(figure.term.value), figure.term.version.since) == ("3 days", dt.date(2026, 2, 1))
    assert guards(found)["within"].facts["due"] == "2026-02-08T23:59:59+08:00"


def test_the_chain_leads_from_the_fine_to_the_event(ended):
    """below a fine stand the guards of the breach on which it rests, with the values that decided it"""
    engine = ended("clinic/W2")
    fine = only(engine, "4.1-fine-50", "sanction")
    found = engine.explain(fine.id)
    breach = found.causes[0]
    while breach.outcome.rule != "4.1-late":
        breach = breach.causes[0]
    condition = {step.guard: step for step in breach.grounds[0].steps}["if"].term
    late, start = (part.value for part in condition.parts)
    assert (condition.text, condition.parts[1].record) == ("time > shift.start", breach.outcome.matter)
    assert late > start
    [event] = breach.causes
    assert (event.event.type, event.event.time) == ("check_in", late)
    lines = list(Pages(engine.pack, "en").tree(found))
    assert lines[0].startswith("4.1-fine-50  sanction  imposed  50")
    assert [line for line in lines if "check_in" in line and event.id in line]


def test_what_absorbed_an_outcome_is_named(ended):
    """a fine that a heavier one absorbed names the choice, the winner and both sums"""
    engine = ended("clinic/W8")
    fine = only(engine, "4.1-fine-50", "sanction")
    assert fine.status == "voided"
    choice = guards(engine.explain(fine.id))["choice"]
    assert (choice.holds, choice.facts["winner"]) == (False, "4.5-complaint-200")
    assert [(part.facts["rule"], part.facts["amount"]) for part in choice.parts] == [
        ("4.5-complaint-200", "200"),
        ("4.1-fine-50", "50"),
    ]


def test_a_forfeited_right_names_what_took_it(ended):
    """an allowance that was taken back names the rule that did"""
    engine = ended("clinic/W11")
    taken = [one for one in engine.outcomes().values() if one.rule == "5.1-allowance-20" and one.status == "voided"]
    step = guards(engine.explain(taken[0].id))["forfeit"]
    assert (step.holds, step.facts["rule"]) == (False, "4.8-forfeit-allowance")


def test_a_step_shows_the_ladder(ended):
    """a step on a ladder comes with all steps of the person: as what each was listed, where it stands, and why"""
    engine = ended("callcenter/CC-04")
    steps = [one for one in engine.outcomes().values() if getattr(one, "step", None) and one.kind == "sanction"]
    raised = [one for one in steps for step in [guards(engine.explain(one.id)).get("ladder")] if step is not None]
    assert raised
    last = max(raised, key=lambda one: one.time)
    ladder = guards(engine.explain(last.id))["ladder"]
    assert ladder.facts["person"] == last.person
    rungs = {part.facts["outcome"]: part for part in ladder.parts}
    assert rungs.keys() >= {one.id for one in raised if one.person == last.person}
    assert {part.facts["step"] for part in ladder.parts} >= {last.step}
    for part in ladder.parts:
        if part.phrase == "rung_raised":
            assert part.facts["listed"] != part.facts["step"]
            assert part.facts["before"] in rungs


def test_steps_that_are_gathered_say_how_many_are_lacking(ended):
    """an accumulation names the steps it found in its window, and until when how many more would complete it"""
    engine = ended("callcenter/CC-04")
    held = engine.why_not("pre-3-three-oral-written", "E4")
    assert (held.verdict, held.nearest.steps[0].facts["reaches"]) == ("held", 3)
    short = engine.why_not("pre-3-three-oral-written", "E4b")
    assert (short.verdict, short.stopped.facts["number"]) == ("stopped", 2)
    assert len(short.stopped.parts) == 3
    [change] = short.changes
    assert (change.kind, change.what, change.by) == ("members", "oral", 1)
    assert engine.inside.program.zone.iso(change.before) == "2025-09-02T23:59:59+08:00"


@pytest.mark.parametrize(("language", "words"), [("en", "So many oral warnings"), ("zh", "期间内口头警告累计满数")])
def test_an_accumulation_speaks_in_its_own_words(ended, language, words):
    """what a ladder gathered is told with the sentence of the accumulation and not with that of a rule that steps"""
    engine, name = ended("callcenter/CC-04"), "pre-3-three-oral-written"
    [given] = [one for one in engine.outcomes().values() if one.rule == name]
    assert says(given, engine.pack, Language(language)).startswith(words)
    pages = Pages(engine.pack, language)
    assert words in next(pages.tree(engine.explain(given.id)))
    assert list(pages.why_not(engine.why_not(name, "E4b")))[1].startswith(f"  {words}")


def test_an_outcome_that_is_gone_says_what_no_longer_lets_it_through(ended):
    """what was withdrawn is explained as it stood, and then by the guard that stops it now"""
    engine = ended("clinic/complaint-overturned")
    run = Engine(engine.pack, carries="all")
    events = list(engine.inside.intake.events())
    gone = [one for one in run.feed_all(events) if one.status == "withdrawn" and one.kind == "breach"]
    assert gone
    found = run.explain(gone[0].id)
    assert [one.status for one in found.history][-1] == "withdrawn"
    assert all(step.holds for step in found.grounds[0].steps)
    assert (found.ended.stopped.guard, found.ended.stopped.holds) == ("excused_by", False)


def test_files_and_engine_explain_alike(repository):
    """what a replay of files says is what an engine fed with them says, but for the places in the files"""
    pack = load_pack(repository / "tests" / "desk" / "desk.yaml")
    log = repository / "tests" / "desk" / "log.jsonl"
    until = Zone(pack.timezone).parse("2026-02-02T00:00:00+08:00")
    engine = Engine(pack)
    engine.feed_all(log.read_bytes().splitlines())
    engine.advance(until)
    for name in engine.outcomes():
        one, other = explain(Replay(pack, open_logs([log], pack), as_of=until), name), engine.explain(name)
        documents = Documents(pack)
        assert documents.explanation(one)["grounds"] == documents.explanation(other)["grounds"]
        assert one.history == other.history
        json.dumps(documents.explanation(one))


def test_asking_changes_nothing(repository):
    """an engine is the same before and after it was asked, and one that is not asked has run nothing twice"""
    desk = repository / "tests" / "desk"
    engine = Engine(load_pack(desk / "desk.yaml"))
    engine.feed_all((desk / "log.jsonl").read_bytes().splitlines())
    before, runs = engine.snapshot(), engine.inside.program.store.runs
    standing = engine.outcomes()
    for rule in engine.pack.rules:
        engine.why_not(rule, "li")
    engine.explain(next(iter(standing)))
    assert (engine.snapshot(), engine.inside.program.store.runs) == (before, runs)
    assert engine.outcomes() == standing
    assert engine.advance("2026-02-02T00:00:00+08:00")


def test_the_same_answer_twice(ended):
    """asking an engine at rest again gives the same answer"""
    engine = ended("clinic/W17")
    rules, documents = ("5.2C-tiers", "4.1-late", "5.2C-cap-4", "one-fact-one-fine"), Documents(engine.pack)
    first = [documents.why_not(why_not_in(engine, rule, "b")) for rule in rules]
    assert first == [documents.why_not(why_not_in(engine, rule, "b")) for rule in rules]


def test_what_has_been_forgotten_is_not_made_up(repository):
    """an engine that has forgotten explains what it still knows, and refuses to go back before its clock"""
    engine = Engine(load_pack(repository / "tests" / "desk" / "desk.yaml"))
    for number in range(36):
        day = f"{2026 + number // 12}-{number % 12 + 1:02}"
        roster = {"id": f"r{number}", "type": "roster_assigned", "time": f"{day}-09T09:00:00+08:00", "subject": "li"}
        engine.feed({**roster, "data": {"duty_date": f"{day}-10"}})
        engine.feed({"id": f"c{number}", "type": "check_in", "time": f"{day}-10T08:00:01+08:00", "subject": "li"})
    assert json.loads(engine.snapshot())["forgotten_before"] is not None
    last = max((one for one in engine.outcomes().values() if one.rule == "1.1-late"), key=lambda one: one.time)
    found = engine.explain(last.id)
    assert [step.guard for step in found.grounds[0].steps] == ["when", "about", "first", "if"]
    assert engine.why_not("1.1-late", "li").verdict == "held"
    with pytest.raises(ValueError, match="has been forgotten"):
        engine.why_not("1.1-late", "li", "2026-02-01T00:00:00+08:00")


def test_no_such_outcome(pack):
    """an id that no outcome has is refused"""
    with pytest.raises(NoSuchOutcome):
        fed(pack, *SLIPS).explain("tried/none")


def test_every_phrase_has_the_same_parts_in_both_languages():
    """English and Chinese fill in the same facts"""
    for name, (english, chinese) in PHRASES.items():
        parts = [{field for _, field, _, _ in string.Formatter().parse(text) if field} for text in (english, chinese)]
        assert parts[0] == parts[1], name


def test_the_examples_of_the_month_are_explained(repository):
    """every outcome of the example month has its grounds, in both languages and as JSON"""
    folder = Path(repository) / "examples" / "clinic_month"
    pack = load_pack(folder / "pack.yaml")
    engine = Engine(pack, forgets=False)
    engine.feed_all(line for line in (folder / "events.jsonl").read_bytes().splitlines() if line.endswith(b"}"))
    engine.advance("2026-02-01T09:00:00+08:00")
    grounds, documents = Grounds(engine.inside), Documents(pack)
    shown = engine.outcomes()
    assert len(shown) > 400
    for one in shown.values():
        tries = grounds.of(one)
        assert tries, one.id
        assert one.id in {outcome.id for each in tries for outcome in each.outcomes}
        json.dumps([documents.tried(each) for each in tries])
