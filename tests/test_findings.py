"""Findings: what a person saw breaks rules that nothing else decides, and those that say so."""

from __future__ import annotations

import pytest

from dutyrules.engine import Engine
from dutyrules.policies.load import check_text

PACK = """
pack: demo
title: {en: Demo, zh: 示例}
roles: {desk: {en: desk, zh: 前台}}
parameters:
  rooms_wanted: [a, b]
  least: 2
  window: {type: duration, value: 1 month}
  used: true
  top: written
records:
  gate: {key: place, opens: gate_state, updates: gate_state}
events:
  gate_state: {person: nobody, says: {en: A gate is seen., zh: 查看校门。}, fields: {place: text, state: text}}
  round_made: {says: {en: A round is made., zh: 巡查。}, fields: {person: person, rooms: list}}
hours: {all: {start: 00:00, end: 24:00}}
rules:
  no-smoking:
    {kind: prohibition, says: {en: No smoking., zh: 禁止吸烟。}, unless: smoking-room}
  smoking-room:
    {kind: permission, says: {en: But there., zh: 吸烟室除外。}, when: finding, if: place == 'smoking_room'}
  on-time: {kind: prohibition, says: {en: Be on time., zh: 准时。}, when: check_in, if: weekday(date) == 'Monday'}
  reminder:
    {kind: sanction, says: {en: Reminded., zh: 提醒。}, when: breach of on-time, observed: true,
     step: oral, class: none}
  collect:
    kind: obligation
    says: {en: Collect., zh: 收取。}
    when: check_in
    until: round_made
  sunday:
    kind: prohibition
    says: {en: Closed on Sundays., zh: 周日关闭。}
    about: gate
    whenever: gate.state == 'open' and weekday(day) == 'Sunday'
    during: all
    who: desk
  every-room:
    kind: prohibition
    says: {en: Look into every room., zh: 逐室查看。}
    when: round_made
    if: not includes(rooms, rooms_wanted)
  all-of-it: {kind: referral, says: {en: To the desk., zh: 报前台。}, when: "breach of [no-*, on-*]", asks: desk}
ladders:
  l:
    per: person
    steps: [oral, written]
    repeat: {same: class, raise: 1, cap: top}
    accumulate:
      two: {of: oral, reaches: least, within: window, used_up: used, gives: written, says: {en: Two., zh: 两次。}}
"""


@pytest.fixture(scope="module")
def pack():
    """Return the pack."""
    checked = check_text(PACK)
    assert [one.message for one in checked.diagnostics if one.is_error] == []
    return checked.packs[0]


@pytest.fixture
def engine(pack):
    """Return an engine over the pack."""
    return Engine(pack, carries="all")


def event(name, kind, time, **data):
    """Make an event in China's time."""
    return {"id": name, "type": kind, "time": f"{time}+08:00", "data": data}


def found(name, code, time="2026-01-06T10:00:00", **data):
    """Make a finding about somebody."""
    return event(name, "finding", time, code=code, person="li", **data)


def rules(engine, kind):
    """Return the rules of the outcomes of a kind, sorted."""
    return sorted(one.rule for one in engine.outcomes().values() if one.kind == kind)


def aside(engine):
    """Return what was set aside, by event."""
    return {one.event: one.reason for one in engine.set_aside}


def test_an_exception_covers_a_finding(engine):
    """a rule that only a finding breaks is not broken where one of its exceptions holds"""
    engine.feed(found("a", "no-smoking", place="yard"))
    engine.feed(found("b", "demo/no-smoking", place="smoking_room"))
    assert [one.because for one in engine.outcomes().values() if one.kind == "breach"] == [("a",)]


def test_a_finding_stands_beside_other_triggers(engine):
    """`observed` lets a finding set a rule off that something else sets off, too"""
    engine.feed(event("in", "check_in", "2026-01-05T08:00:00", person="li"))
    engine.feed(found("f", "reminder"))
    assert rules(engine, "sanction") == ["reminder", "reminder", "two"]


def test_a_duty_without_a_limit_is_found_undone(engine):
    """an obligation that no clock ends is broken by a finding"""
    engine.feed(event("in", "check_in", "2026-01-06T08:00:00", person="li"))
    engine.feed(found("f", "collect"))
    assert rules(engine, "breach") == ["collect"]


def test_a_rule_that_events_decide_is_not_found_broken(engine):
    """a finding of a rule that events decide is set aside and says so"""
    engine.feed(found("f", "on-time"))
    engine.feed(found("p", "smoking-room"))
    assert aside(engine) == {
        "f": "`on-time` is decided by events, not by findings",
        "p": "`smoking-room` is of the kind `permission`, which nobody can break",
    }


def test_codes_of_its_own_are_the_packs_affair(engine):
    """where rules read findings by something else a strange code is no fault; elsewhere it is, with what is near"""
    engine.feed(found("f", "no-smokin"))
    assert aside(engine) == {}
    text = PACK.replace("when: finding, if: place", "when: check_in, if: place")
    strict = Engine(check_text(text).packs[0])
    strict.feed(found("f", "no-smokin"))
    assert aside(strict) == {"f": "there is no rule `no-smokin`; did you mean `no-smoking`"}


def test_the_day_of_a_condition_is_the_day_looked_at(engine):
    """`day` in a lasting condition is that of the moment, not that on which the record began"""
    engine.feed(event("open", "gate_state", "2026-01-03T10:00:00", place="west", state="open"))
    engine.advance("2026-01-13T00:00:00+08:00")
    days = [one.date for one in engine.outcomes().values() if one.kind == "breach"]
    assert days == ["2026-01-04", "2026-01-11"]


def test_a_lasting_condition_is_looked_at_when_the_day_turns():
    """a condition that reads the day comes true at midnight, with or without an event"""
    text = PACK.replace("    during: all\n", "").replace("hours: {all: {start: 00:00, end: 24:00}}\n", "")
    engine = Engine(check_text(text).packs[0], carries="all")
    engine.feed(event("open", "gate_state", "2026-01-03T10:00:00", place="west", state="open"))
    assert engine.next_wake is not None
    assert engine.next_wake.isoformat() == "2026-01-04T00:00:00+08:00"
    engine.advance("2026-01-13T00:00:00+08:00")
    times = [one.time for one in engine.outcomes().values() if one.kind == "breach"]
    assert times == ["2026-01-04T00:00:00+08:00", "2026-01-11T00:00:00+08:00"]


@pytest.mark.parametrize(("rooms", "broken"), [(["b", "c", "a"], []), (["a"], ["every-room"])])
def test_a_list_that_includes_another(engine, rooms, broken):
    """`includes` holds where each item of the second list is in the first"""
    engine.feed(event("r", "round_made", "2026-01-06T10:00:00", person="li", rooms=rooms))
    assert rules(engine, "breach") == broken


def test_a_star_stands_for_any_letters(pack):
    """a name with a star means every rule of the right kind that is so called"""
    [pattern] = pack.rules["all-of-it"].when
    assert pattern.names == ("no-smoking", "on-time")


def test_ladders_take_parameters(pack):
    """the figures of a ladder may be names of parameters"""
    [ladder] = pack.ladders.values()
    [two] = ladder.accumulate
    assert (two.reaches, two.used_up, str(two.within), ladder.repeat_cap) == (2, True, "1 month", "written")
    assert two.says["zh"] == "两次。"


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("reaches: least", "reaches: lest", "DR309"),
        ("reaches: least", "reaches: top", "DR203"),
        ("used_up: used", "used_up: least", "DR203"),
        ("least: 2", "least: {2026-01-01: 2}", "DR203"),
        ("least: 2", "least: 0", "DR220"),
        ("cap: top", "cap: used", "DR203"),
        ("top: written", "top: oral2", "DR310"),
    ],
)
def test_a_figure_that_does_not_fit_a_ladder(old, new, code):
    """a name that is no parameter, changes by date or has a value of another type is told"""
    assert old in PACK
    assert [one.code for one in check_text(PACK.replace(old, new)).diagnostics if one.is_error] == [code]


@pytest.mark.parametrize(("data", "bound"), [({"escort": "wan"}, "wan"), ({"giver": "he"}, "he"), ({}, "desk")])
def test_a_bearer_takes_anothers_place(data, bound):
    """`a or b` binds the first that is known, an office at the end at least"""
    text = """
pack: demo
title: {en: Demo, zh: 示例}
roles: {desk: {en: desk, zh: 前台}}
events: {led_in: {person: nobody, says: {en: in, zh: 入}, fields: {escort: person, giver: person}}}
rules:
  a: {kind: prohibition, says: {en: a, zh: a}, when: led_in, who: escort or giver or desk}
"""
    [pack] = check_text(text).packs
    engine = Engine(pack)
    engine.feed(event("e", "led_in", "2026-01-06T10:00:00", **data))
    assert [one.person for one in engine.outcomes().values()] == [bound]


def test_a_list_of_dates_is_one():
    """a parameter that lists dates can be asked whether a date is in it"""
    text = """
pack: demo
title: {en: Demo, zh: 示例}
parameters: {festivals: [2025-01-01, 2025-10-01]}
rules:
  a: {kind: prohibition, says: {en: a, zh: a}, when: check_in, if: date in festivals}
"""
    engine = Engine(check_text(text).packs[0])
    engine.feed(event("e", "check_in", "2025-10-01T10:00:00", person="li"))
    engine.feed(event("f", "check_in", "2025-10-02T10:00:00", person="li"))
    assert [one.because for one in engine.outcomes().values()] == [("e",)]


def test_tiers_are_of_the_rules_nature():
    """the legal nature that a rule states holds for each of its tiers that states none"""
    text = """
pack: demo
title: {en: Demo, zh: 示例}
counts: {lates: {of: check_in, per: person, in: month}}
parameters: {rounds: 2}
rules:
  a:
    kind: sanction
    says: {en: a, zh: a}
    when: check_in
    by_number: lates
    nature: disciplinary_deduction
    tiers:
      a1: {from: 1, to: 2, fine: 5, says: {en: a, zh: a}}
      a2: {from: 3, withhold: performance_pay, nature: bonus_reduction, says: {en: a, zh: a}}
  b: {kind: obligation, says: {en: b, zh: b}, every: day, who: person, until: check_in, at_least: rounds}
"""
    [pack] = check_text(text.replace("every: day, who: person", "when: check_out")).packs
    assert [tier.consequence.nature for tier in pack.rules["a"].tiers] == ["disciplinary_deduction", "bonus_reduction"]
    assert pack.rules["b"].at_least == 2


@pytest.mark.parametrize(
    ("rooms", "result"),
    [({"rooms": ["a", "b"]}, "fulfilled"), ({"rooms": ["a"]}, "breached"), ({}, "undecidable"), (None, "breached")],
)
def test_an_act_of_which_too_little_is_known_breaks_nothing(rooms, result):
    """where an act in time may have been the one that was owed, a miss is put to a person and is no breach"""
    text = """
pack: demo
title: {en: Demo, zh: 示例}
parameters: {rooms_wanted: [a, b]}
events: {round_made: {says: {en: round, zh: 巡查}, fields: {person: person, rooms: list}}}
rules:
  a:
    kind: obligation
    says: {en: Look into every room., zh: 逐室查看。}
    when: check_in
    within: 2h
    until: round_made where includes(rooms, rooms_wanted)
"""
    engine = Engine(check_text(text).packs[0], carries="all")
    engine.feed(event("in", "check_in", "2026-01-06T08:00:00", person="li"))
    if rooms is not None:
        engine.feed(event("r", "round_made", "2026-01-06T09:00:00", person="li", **rooms))
    engine.advance("2026-01-07T00:00:00+08:00")
    standing = engine.outcomes().values()
    asked = [one.question for one in standing if one.kind == "referral"]
    status = [one.status for one in standing if one.kind == "obligation"]
    assert (asked or status) == [result]
    assert any(one.kind == "breach" for one in standing) is (result == "breached")
