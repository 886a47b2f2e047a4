"""Logs in a pack's own vocabulary, as a strategy."""

from __future__ import annotations

import pytest
from hypothesis import find, given, settings
from hypothesis import strategies as st

from dutyrules import Engine, Sanction, load_pack
from dutyrules.policies.load import check_text
from dutyrules.testing.pack_logs import MOST_EVENTS, logs_of
from dutyrules.testing.pack_words import PackWords

PACKS = {name: load_pack(name) for name in ("clinic", "school/gate", "callcenter", "property")}


@pytest.mark.parametrize("name", PACKS)
def test_every_log_is_one_of_the_pack(name):
    """every event of a log can be read by its pack, in order of time, and the engine takes the whole log"""
    pack = PACKS[name]

    @settings(max_examples=12)
    @given(logs_of(pack))
    def holds(log):
        engine = Engine(pack, carries=log.carries)
        for event in log.events:
            engine.feed(event)
        engine.advance(log.as_of)
        assert not [one for one in engine.set_aside if "DR601" <= one.code <= "DR609"], engine.set_aside
        assert 1 <= len(log.events) <= MOST_EVENTS
        times = [event["time"] for event in log.events]
        assert times == sorted(times)
        assert len({event["id"] for event in log.events}) == len(log.events)

    holds()


def test_a_log_is_aimed_at_its_rules():
    """with rules named, only events are drawn on which one of them rests"""
    words = PackWords(PACKS["clinic"])
    rules = ["4.1-fine-50", "4.3-plate-20"]
    known = {name for rule in rules for name in words.events_of(rule)}

    @settings(max_examples=40)
    @given(logs_of(PACKS["clinic"], rules=rules))
    def holds(log):
        assert {event["type"] for event in log.events} <= known

    holds()


def test_a_log_reaches_the_rule_that_it_is_aimed_at():
    """a fine that needs a roster, a punch and a limit is reached within a few hundred logs"""
    pack = PACKS["clinic"]

    def fined(log):
        engine = Engine(pack, carries=log.carries)
        engine.feed_all(log.events)
        return any(isinstance(one, Sanction) and one.rule == "4.1-fine-50" for one in engine.outcomes().values())

    found = find(logs_of(pack, rules=["4.1-fine-50"]), fined, settings=settings(max_examples=200, phases=["generate"]))
    assert fined(found)


def test_what_rests_on_what():
    """a rule rests on the events of the rules that it reads, and on the parameters that it names"""
    words = PackWords(PACKS["clinic"])
    assert {"roster_assigned", "check_in", "premises_left"} <= set(words.events_of("4.1-fine-50"))
    assert "4.1-fine-50" in words.rules_on([("parameters", "duty_fine")])
    assert "4.1-fine-50" in words.rules_on([("rules", "4.1-late")])
    assert "4.1-late" not in words.rules_on([("parameters", "duty_fine")])


def test_values_stand_beside_a_limit():
    """where a condition compares a field with a figure, that figure is drawn, and those beside it"""
    text = """
pack: p
events: {counted: {fields: {person, number: int}}}
rules:
  1: {kind: prohibition, says: {en: a, zh: b}, when: counted, if: number > 41}
"""
    [pack] = check_text(text).packs
    assert PackWords(pack).values_of(pack.events["counted"].fields["number"]) == (41, 42, 40)


def test_a_pack_without_events_has_no_logs():
    """a pack whose rules rest on no event is refused, and so are rules that do"""
    [pack] = check_text("pack: p\nrules:\n  1: {kind: advice, says: {en: a, zh: b}}\n").packs
    with pytest.raises(ValueError, match="no rule that is aimed at rests on an event"):
        logs_of(pack)
    assert isinstance(logs_of(PACKS["clinic"]), st.SearchStrategy)


def test_what_a_ladder_asks_of_a_ruling_is_among_the_values():
    """the norms by which a ladder's steps are set aside are drawn as well as those that rules compare"""
    words = PackWords(PACKS["callcenter"])
    asked = words.values_of(words.pack.events["ruling"].fields["norm"])
    assert {"R10-which-item", "oral-12-or-dismissal", "note-1-similar-cases"} <= set(asked)
