"""What a count left out is told with its reason, for counts of every window."""

from __future__ import annotations

import pytest

from dutyrules import Engine
from dutyrules.policies.load import load_pack

PACK = """
pack: counted
language: 1
title: {en: Counted, zh: 计数}
timezone: Asia/Shanghai
calendar: CN
currency: CNY
log: {carries: all}
events:
  planned: {says: {en: A day is planned., zh: 排班。}, fields: {person: person, due_on: date}}
  slip: {says: {en: A slip., zh: 疏忽。}, fields: {person: person, due_on: date}}
  came: {says: {en: Somebody comes., zh: 到岗。}, fields: {person: person, dept: text}}
  went: {says: {en: Somebody goes., zh: 离岗。}, fields: {person: person}}
  look: {says: {en: A look., zh: 查看。}, fields: {person: person, dept: text}}
  away: {says: {en: Days away., zh: 请假。}, fields: {person: person, from: date, to: date}}
records:
  workday: {key: [person, due_on], opens: planned, dated: due_on}
  presence: {key: person, opens: came, closes: went}
  worker: {key: person, opens: came}
counts:
  row: {of: breach of bad, per: person, streak_of: workday}
  here: {of: presence, per: dept, in: open}
  others: {of: worker, per: dept, except: person}
  lately: {of: look, per: dept, in: 2 days}
  off: {of: away, per: person, in: month, spread: from to to}
rules:
  bad: {kind: prohibition, says: {en: No slips., zh: 不得疏忽。}, about: workday, when: slip}
  in-a-row: {kind: sanction, says: {en: Three in a row., zh: 连续三次。}, when: breach of bad, if: row >= 3, fine: 10}
  alone: {kind: sanction, says: {en: Alone., zh: 独自。}, when: look, if: here > 5, fine: 10}
  helped: {kind: sanction, says: {en: With others., zh: 多人。}, when: look, if: others > 5, fine: 10}
  often: {kind: sanction, says: {en: Often., zh: 多次。}, when: look, if: lately > 5, fine: 10}
  absent: {kind: sanction, says: {en: Long away., zh: 久未到岗。}, when: look, if: off > 5, fine: 10}
"""


@pytest.fixture(scope="module")
def pack(tmp_path_factory):
    """Load the pack."""
    path = tmp_path_factory.mktemp("counts") / "pack.yaml"
    path.write_text(PACK, "utf-8")
    return load_pack(path)


def reasons(pack, rule, *events):
    """Return what the count of a rule's condition came to for ann, and each fact that it looked at with the reason."""
    engine = Engine(pack)
    engine.feed_all(
        {"id": f"e{number}", "type": kind, "time": f"2026-01-{time}:00+08:00", "data": {"person": "ann", **data}}
        for number, (kind, time, data) in enumerate(events)
    )
    assert engine.set_aside == []
    tally = engine.why_not(rule, "ann").stopped.term.parts[0].tally
    return tally.value, [(one.roots[0], one.reason) for one in tally.candidates]


def test_a_streak_leaves_out_what_came_before_an_interruption(pack):
    """a planned day without the slip ends the run that leads up to the last one"""
    days = [("planned", f"0{day}T08:00", {"due_on": f"2026-01-0{day}"}) for day in (1, 2, 3, 4)]
    slips = [("slip", f"0{day}T09:00", {"due_on": f"2026-01-0{day}"}) for day in (1, 3, 4)]
    value, found = reasons(pack, "in-a-row", *days, *slips)
    assert (value, [reason for _, reason in found]) == (2, ["gap", "counted", "counted"])


def test_what_is_over_is_not_counted_as_present(pack):
    """a record that has ended by then is left out of those that are open"""
    value, found = reasons(
        pack,
        "alone",
        ("came", "05T08:00", {"dept": "a"}),
        ("came", "05T08:00", {"dept": "a", "person": "bo"}),
        ("went", "05T09:00", {"person": "bo"}),
        ("came", "05T08:00", {"dept": "b", "person": "cy"}),
        ("look", "05T10:00", {"dept": "a"}),
    )
    assert (value, dict(found)) == (1, {"e0": "counted", "e1": "over"})


def test_the_one_who_asks_is_left_out(pack):
    """where a count leaves out the reader's own, that is the reason that is told"""
    value, found = reasons(
        pack,
        "helped",
        ("came", "05T08:00", {"dept": "a"}),
        ("came", "05T08:00", {"dept": "a", "person": "bo"}),
        ("look", "05T10:00", {"dept": "a"}),
    )
    assert (value, dict(found)) == (1, {"e0": "except", "e1": "counted"})


def test_what_has_faded_lies_in_another_window(pack):
    """a fact further back than a rolling window is left out, one at its edge is counted"""
    value, found = reasons(
        pack,
        "often",
        ("look", "01T10:00", {"dept": "a"}),
        ("look", "03T10:00", {"dept": "a"}),
        ("look", "05T10:00", {"dept": "a"}),
    )
    assert (value, found) == (2, [("e0", "window"), ("e1", "counted"), ("e2", "counted")])


def test_days_that_are_counted_one_by_one_are_told_one_by_one(pack):
    """a stretch that is spread over its days has a line for each day that counts"""
    value, found = reasons(
        pack, "absent", ("away", "05T08:00", {"from": "2026-01-05", "to": "2026-01-07"}), ("look", "09T10:00", {})
    )
    assert (value, found) == (3, [("e0", "counted")] * 3)
