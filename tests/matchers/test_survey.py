"""What durable-rules takes of a pack, what stays native, and what is refused."""

from __future__ import annotations

import json

import pytest

from dutyrules import load_packs
from dutyrules.matchers.survey import survey
from matchers.packs import pack_of

MORE = {
    "parameters": {"limit": 5, "cap": {"2026-01-01": 5}, "words_known": [f"w{number}" for number in range(80)]},
    "records": {"thing": {"key": "word", "opens": "noted"}},
    "counts": {"notes": {"of": "noted", "per": "person", "in": "month"}},
    "values": {"twice": "count * 2"},
}


def refused(condition: str) -> str:
    """Return why durable-rules cannot take a condition, as the end of the message."""
    found = survey(pack_of(condition, **MORE))
    assert not found.taken
    assert [one.code for one in found.refused] == ["DR660"]
    return found.refused[0].message.split("durable-rules: ", 1)[1]


def native(condition: str) -> str:
    """Return why a condition stays native, as the end of the message."""
    found = survey(pack_of(condition, **MORE))
    assert not found.taken
    assert [one.code for one in found.native] == ["DR720"]
    return found.native[0].message.split("native: ", 1)[1]


@pytest.mark.parametrize(
    "condition",
    [
        "count > limit",
        "twice >= 10",
        "sum - count < 3 * count + 0.5",
        "loud and not known(by)",
        "word in ['a', 'b'] or word not in words",
        "by != person",
        "words != [] and includes(words, ['a'])",
        "day < date",
        "since <= time",
        "0 < count <= sum",
        "any_thing == 'x'",
    ],
)
def test_what_it_takes(condition):
    """comparisons, sums, lists and flags of one event run on durable-rules"""
    found = survey(pack_of(condition, **MORE))
    assert (len(found.taken), found.native, found.refused) == (1, (), ())
    rules = json.loads(next(iter(found.taken.values())).rules)
    assert {name[0] for name in rules} == {"h", "f"}


@pytest.mark.parametrize(
    ("condition", "reason"),
    [
        ("count / 2 > 1", "it divides (`/`), which is not exact there"),
        ("count // 2 > 1", "it divides (`//`), which is not exact there"),
        ("count % 2 == 1", "it divides (`%`), which is not exact there"),
        ("count * sum > 1", "it multiplies fields"),
        ("count * 0.5 > 1", "it multiplies by `0.5`, which is no whole number"),
        ("sum > 0.0000001", "`1E-7` is finer than millionths"),
        ("count < 999999999999999", "its figures can come near 2^63, where those of durable-rules turn over"),
        ("abs(count) > 1", "durable-rules has no `abs`"),
        ("max(count, 2) > 1", "durable-rules has no `max`"),
        ("words == ['a']", "lists are compared with the empty list only"),
        ("word in [by, person]", "a list that it looks into is made of fields"),
        ("word in words_known", "it can hold or fail in more than 60 ways"),
    ],
)
def test_what_it_cannot_express(condition, reason):
    """what durable-rules cannot decide exactly is refused, each with its reason"""
    assert refused(condition) == reason


@pytest.mark.parametrize(
    ("condition", "reason"),
    [
        ("count > cap", "the value of the parameter `cap` depends on the day, or is not given"),
        ("notes > 3", "it reads the count `notes`"),
        ("any(thing, word == this.word)", "it looks into the records `thing`"),
        ("thing.count > 3", "it reads `count` of the record `thing`"),
        ("weekday(day) == 'Sunday'", "`weekday` asks the calendar"),
        ("limit > 3", "it reads nothing of the event"),
    ],
)
def test_what_stays_native(condition, reason):
    """a condition that looks beyond one event stays native, and the remark says what it reads"""
    assert native(condition) == reason


def test_a_rule_that_no_event_sets_off_stays_native():
    """the condition of a rule that a breach sets off is tried on what is no event"""
    fine = {"kind": "sanction", "when": "breach of r0", "if": "count > 1", "fine": 5, "nature": "fine"}
    found = survey(pack_of("count > 2", rules={"fine": fine}))
    assert [one.message.split("native: ")[1] for one in found.native] == ["it is tried on what is no event"]


def test_all_refusals_are_told_at_once():
    """each condition that cannot be expressed has its own diagnostic, with the place of its rule"""
    found = survey(pack_of("count / 2 > 1", "count > 1", "abs(count) > 1"))
    assert [(one.place.line > 0, one.message.split("`")[3]) for one in found.refused] == [(True, "r0"), (True, "r2")]


def test_one_tree_is_written_once():
    """rules with the same condition share it"""
    assert len(survey(pack_of("count > 1", "count > 1")).taken) == 1


def test_no_shipped_pack_is_refused(repository):
    """durable-rules takes a part of every shipped pack, and refuses nothing of any"""
    for path in sorted((repository / "policies").glob("*.yaml")):
        for pack in load_packs(path):
            found = survey(pack)
            assert found.refused == (), pack.name
            assert len(found.taken) >= 5, pack.name
