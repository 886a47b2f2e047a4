"""The hardest norms load, and come out as their worked examples say."""

from __future__ import annotations

from pathlib import Path

import attrs
import pytest

from dutyrules.calendars import Duration, Unit
from dutyrules.engine import Engine
from dutyrules.policies.load import check_packs, load_packs
from dutyrules.testing.expectations import local_id
from dutyrules.testing.given import log_of, with_parameters
from dutyrules.testing.scenario_files import load_scenarios
from dutyrules.testing.scenarios import pack_for, run_scenario

HERE = Path(__file__).parent
EXAMPLES = [one for path in sorted(HERE.glob("scenarios/*.yaml")) for one in load_scenarios(path)]
RULES = {
    "clinic": 31,
    "school/central": 5,
    "front_desk": 4,
    "property-desk": 10,
    "property-complaints": 13,
    "callcenter": 25,
    "after_sales": 5,
    "milestones": 5,
}

each_example = pytest.mark.parametrize("example", EXAMPLES, ids=lambda one: one.id)


@pytest.fixture(scope="module")
def originals(shared):
    """Return the packs of the collection of norms beside the source tree."""
    return load_packs(shared / "language/hard.yaml")


# --- loading ----------------------------------------------------------------------------------------------------------


def test_every_rule_loads(packs):
    """eight packs hold 98 rules"""
    assert {name: len(pack.rules) for name, pack in packs.items()} == RULES
    assert sum(RULES.values()) == 98


def test_nothing_is_left_to_remark_on():
    """the checker remarks on nothing but the two sums that the texts do not name"""
    checked = check_packs(HERE / "hard.yaml")
    assert [(one.code, one.message.split("`")[1]) for one in checked.diagnostics] == [
        ("DR705", "duty_pay"),
        ("DR705", "late_fine"),
    ]


def test_every_rule_speaks_two_languages(packs):
    """each rule says what it demands in English and in Chinese"""
    silent = [f"{name}/{rule.id}" for name, pack in packs.items() for rule in pack.rules.values() if len(rule.says) < 2]
    assert silent == []


def test_the_collection_loads_too(originals, packs):
    """the collection of norms beside the source tree loads, with the same rules in the same order"""
    assert [list(pack.rules) for pack in originals] == [list(pack.rules) for pack in packs.values()]


# --- examples ---------------------------------------------------------------------------------------------------------


@each_example
def test_an_example_comes_out(packs, example):
    """an example gives what it expects and nothing besides"""
    result = run_scenario(example, pack_for(example, packs.values()))
    assert result.passed, str(result)


@each_example
def test_an_example_comes_out_of_the_collection(originals, example):
    """an example gives the same with the rules of that collection"""
    result = run_scenario(example, pack_for(example, originals))
    assert result.passed, str(result)


@each_example
def test_the_order_of_arrival_does_not_matter(packs, example):
    """an example's events give the same in order, backwards one by one, and through a snapshot halfway"""
    pack = attrs.evolve(with_parameters(pack_for(example, packs.values()), example), retention=Duration(50, Unit.YEAR))
    log = log_of(example, pack)
    upto = max([example.as_of or 0, *(event.time for event in log.events)])
    forwards = fed(Engine(pack, carries=log.carries), log.events, upto)
    backwards = Engine(pack, carries=log.carries)
    for event in reversed(log.events):
        backwards.feed(event)
    backwards.advance(upto)
    middle = len(log.events) // 2
    first = Engine(pack, carries=log.carries)
    first.feed_all(log.events[:middle])
    second = fed(Engine.restore(pack, first.snapshot()), log.events[middle:], upto)
    assert backwards.outcomes() == forwards.outcomes()
    assert second.outcomes() == forwards.outcomes()


def fed(engine, events, upto):
    """Return the engine after the events and the time up to an instant."""
    engine.feed_all(events)
    engine.advance(upto)
    return engine


# --- reach ------------------------------------------------------------------------------------------------------------

EXPECTED_IN_TESTS = {
    "property-complaints/cmp-3-6-dissatisfied-new": "it makes a fact and no outcome: see CM-21",
    "callcenter/action-3-sign-second": "a reminder is no sanction: see the ladder's tests",
}


def test_no_rule_is_left_without_an_example(packs):
    """each of the rules is expected by name, itself or by a band of it, in an example or in a test beside this one"""
    named = {(pack_for(one, packs.values()).prefix, expected.norm) for one in EXAMPLES for expected in one.expect}
    known = {
        f"{pack.prefix}{local_id(norm, pack)}"
        for prefix, norm in named
        for pack in packs.values()
        if pack.prefix == prefix
    }
    missing = [
        f"{pack.prefix}{rule.id}"
        for pack in packs.values()
        for rule in pack.rules.values()
        if not known.intersection(f"{pack.prefix}{name}" for name in (rule.id, *(tier.id for tier in rule.tiers)))
    ]
    assert missing == list(EXPECTED_IN_TESTS)


def test_every_word_is_put_to_the_test():
    """the examples expect every outcome word that a scenario may expect"""
    words = {expected.outcome for one in EXAMPLES for expected in one.expect}
    assert words == {
        "met",
        "due",
        "breach",
        "sanction",
        "entitled",
        "permitted",
        "not_permitted",
        "refer_human",
        "not_triggered",
        "voided",
        "undecidable",
    }
