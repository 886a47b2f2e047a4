"""Small packs over years: an engine that forgets, and is restored, says what one says that forgets nothing."""

from __future__ import annotations

import datetime as dt

import pytest

from dutyrules import encode
from dutyrules.engine import Engine
from dutyrules.policies.load import check_text

HEAD = """
pack: years
title: {en: years, zh: 多年}
calendar: none
log: {carries: all}
roles: {office: the office}
severity: [fine, warned, stern]
events:
"""
EVENTS = ("opened", "closed", "altered", "done", "seen", "left")
FIELDS = "{fields: {person: person, job: text, unit: text, level: int, ok: {type: bool, default: false}, of_day: date}}"
SAYS = "says: {en: It is so., zh: 如此。}"

CASES = {
    "a right that is taken long after it was granted": (
        f"rules: {{rest: {{kind: entitlement, {SAYS}, when: opened, grant: rest_day, until: done}}}}",
        [("2022-01-09", "opened", {"person": "p"}), ("2022-10-19", "done", {"person": "p"})],
        {"entitlement taken"},
    ),
    "a right that was forfeited long before it was granted": (
        (
            f"rules: {{pay: {{kind: entitlement, {SAYS}, when: opened, grant: {{what: pay, amount: 20}}}}, "
            f"cut: {{kind: sanction, {SAYS}, when: left, forfeit: pay, same: [person, year]}}}}"
        ),
        [("2022-01-09", "left", {"person": "p"}), ("2022-10-19", "opened", {"person": "p"})],
        {"entitlement voided", "sanction imposed"},
    ),
    "the lighter of two sanctions about a record that never ends": (
        (
            "records: {case: {key: job, opens: opened}}\nrules: {"
            f"a: {{kind: sanction, {SAYS}, about: case, when: seen, who: office, fine: 50, once_per: [date]}}, "
            f"b: {{kind: sanction, {SAYS}, about: case, when: done, who: office, fine: 20, once_per: [date]}}, "
            f"c: {{kind: choice, {SAYS}, of: [a, b], same: case, keep: heaviest}}}}"
        ),
        [
            ("2022-01-09", "opened", {"job": "j", "person": "p"}),
            ("2022-01-10", "seen", {"job": "j", "person": "p"}),
            ("2023-01-10", "done", {"job": "j", "person": "p"}),
        ],
        {"sanction imposed", "sanction voided"},
    ),
    "steps that are used up, and each chain that goes back to the first": (
        (
            f"rules: {{s: {{kind: sanction, {SAYS}, when: done, step: warned}}}}\n"
            "ladders: {l: {per: person, steps: [warned, stern], "
            "accumulate: {more: {of: warned, reaches: 3, within: 1 year, used_up: true, gives: stern}}}}"
        ),
        [(f"{2022 + month // 12}-{month % 12 + 1:02}-10", "done", {"person": "q"}) for month in range(0, 36, 2)],
        {"sanction imposed"},
    ),
    "repeats that climb, each above the last": (
        (
            f"rules: {{s: {{kind: sanction, {SAYS}, when: done, step: warned, class: k}}}}\n"
            "ladders: {l: {per: person, steps: [warned, stern], "
            "repeat: {same: class, raise: 1, cap: stern, at_cap: review, within: 1 year}}}"
        ),
        [(f"{2022 + month // 12}-{month % 12 + 1:02}-10", "done", {"person": "q"}) for month in range(0, 48, 8)],
        {"sanction imposed", "referral opened"},
    ),
    "an event that opens a record and counts as one that changes it": (
        (
            "records: {case: {key: [person, of_day], opens: done where not ok, updates: seen}}\n"
            f"rules: {{d: {{kind: definition, {SAYS}, when: done, counts_as: seen, with: {{person: person}}}}, "
            f"r: {{kind: prohibition, {SAYS}, about: case, when: left}}}}"
        ),
        [
            ("2022-03-03", "done", {"person": "p", "of_day": "2022-03-03"}),
            ("2022-03-04", "done", {"person": "p", "ok": True, "of_day": "2022-03-04"}),
            ("2022-04-01", "done", {"person": "p", "ok": True, "of_day": "2022-04-02"}),
            ("2022-09-06", "altered", {"person": "p"}),
        ],
        set(),
    ),
}
"""Records and rules, events by their days, and what has to be among the changes."""


def at(day: str) -> str:
    """Return a time, or noon of a day, in the pack's zone."""
    return f"{day}+08:00" if "T" in day else f"{day}T12:00:00+08:00"


def told(rules: str, events: list[tuple[str, str, dict]], restart: int | None = None, **options: bool) -> list[str]:
    """Return all changes, in order; an engine is restored before the event with the number of `restart`."""
    names = "".join(f"  {name}: {FIELDS}\n" for name in EVENTS)
    checked = check_text(HEAD + names + rules)
    assert not [one for one in checked.diagnostics if one.is_error], checked.diagnostics
    engine = Engine(checked.packs[0], **options)
    found: list[str] = []
    for number, (day, kind, data) in enumerate(events):
        if number == restart:
            engine = Engine.restore(checked.packs[0], engine.snapshot())
        event = {"id": f"e{number:02}", "type": kind, "time": at(day), "data": data}
        found += [encode(one).decode() for one in engine.feed(event)]
    end = dt.datetime.fromisoformat(at(events[-1][0])) + dt.timedelta(days=60)
    return found + [encode(one).decode() for one in engine.advance(end)]


@pytest.mark.parametrize("name", CASES)
def test_forgetting_changes_nothing(name: str) -> None:
    """what an engine has forgotten, before and after a restart, nothing would have needed again"""
    rules, events, wanted = CASES[name]
    whole = told(rules, events, forgets=False)
    assert all(
        any(f'"kind":"{one.split()[0]}","status":"{one.split()[1]}"' in line for line in whole) for one in wanted
    )
    assert told(rules, events) == whole
    for restart in range(1, len(events)):
        assert sorted(told(rules, events, restart)) == sorted(whole), restart


def test_a_stretch_that_begins_where_another_has_begun_hands_on_to_it() -> None:
    """what is told of stretches long ago is let go, and the first one, looked at anew, makes no other's outcomes"""
    rules = (
        "records: {case: {key: job, opens: opened}}\n"
        f"rules: {{g: {{kind: obligation, {SAYS}, about: case, gap: 300h, who: unit, until: done}}}}"
    )
    events = [("2022-01-16T05:47:50", {"unit": "q"}), ("2022-10-31T06:36:03", {}), ("2023-04-10T22:06:29", {})]
    found = told(rules, [(time, "opened", {"job": "j", **data}) for time, data in events])
    assert any('"status":"breached"' in one and '"time":"2023-03-29' in one for one in found)


@pytest.mark.parametrize("forgets", [True, False])
@pytest.mark.parametrize(
    "when",
    [
        "[done where ok, done where level > 1]",
        "[done where level > 1, done where ok]",
        "[done where level > 5, 'done where any(case, ok)', done where level > 1]",
        "[first done where ok, done where level > 1]",
        "[done where unit == 'x', done where level > 1]",
    ],
)
def test_one_of_several_patterns_of_a_type_is_enough(when: str, forgets: bool) -> None:  # noqa: FBT001 - a case
    """a fact that fails the first pattern of its type, or may fit it, sets the rule off by another that it fits"""
    rules = f"records: {{case: {{key: job, opens: opened}}}}\nrules: {{r: {{kind: prohibition, {SAYS}, when: {when}}}}}"
    found = told(rules, [("2022-01-09", "done", {"person": "p", "level": 3})], forgets=forgets)
    assert ['"kind":"breach"' in one for one in found] == [True]


def test_where_no_pattern_fits_for_certain_a_person_is_asked() -> None:
    """what may fit one of several patterns, and certainly fits none, is a question; one that fits none is nothing"""
    rules = f"rules: {{r: {{kind: prohibition, {SAYS}, when: [done where unit == 'x', done where level > 1]}}}}"
    (asked,) = told(rules, [("2022-01-09", "done", {"person": "p", "level": 1})])
    assert '"question":"undecidable"' in asked
    assert told(rules, [("2022-01-09", "done", {"person": "p", "level": 1, "unit": "y"})]) == []
