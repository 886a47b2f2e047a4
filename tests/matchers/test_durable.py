"""An engine whose conditions durable-rules decides."""

from __future__ import annotations

import sys

import pytest

from dutyrules import Engine
from dutyrules.matchers.protocol import MatcherError, MatcherUnavailableError
from matchers.packs import pack_of

SET_UP = """
import sys
sys.path.insert(0, "..")
from matchers.packs import pack_of
from dutyrules import Engine

def noted(number, **data):
    at = f"2026-01-05T10:00:{number:02}+08:00"
    return {"id": f"e{number}", "type": "noted", "time": at, "data": {"person": "ann", **data}}

def said(changes):
    return [(one.kind, *getattr(one, "lacks", ())) for one in changes]
"""


@pytest.fixture
def program(apart):
    """Return what runs a program after the set-up and gives the lines that it printed."""
    return lambda text: apart(text=SET_UP + text).splitlines()


def test_what_cannot_be_expressed_is_told_when_the_engine_is_built():
    """building the engine fails with a diagnostic for each condition, before any event is fed"""
    pack = pack_of("count / 2 > 1", "count > 1", "abs(count) > 1")
    with pytest.raises(MatcherError) as caught:
        Engine(pack, matcher="durable")
    assert [one.code for one in caught.value.diagnostics] == ["DR660", "DR660"]
    assert "cannot express 2 of the pack's conditions" in str(caught.value)
    assert "`abs(count) > 1` of `r2`" in str(caught.value)


def test_a_missing_library_is_named(monkeypatch):
    """where durable-rules is not installed, the message says which extra to install"""
    monkeypatch.setitem(sys.modules, "durable_rules_engine", None)
    with pytest.raises(MatcherUnavailableError, match=r"dutyrules\[durable\]"):
        Engine(pack_of("count > 1"), matcher="durable")


def test_an_unknown_matcher_is_refused():
    """a name that is no matcher is refused with the nearest one"""
    with pytest.raises(ValueError, match="no matcher `durabel`: did you mean `durable`"):
        Engine(pack_of("count > 1"), matcher="durabel")


def test_the_native_matcher_takes_nothing_over():
    """without a word about matchers the engine decides everything itself"""
    matcher = Engine(pack_of("count > 1")).matcher
    assert (matcher.name, matcher.readers, matcher.native_rules) == ("native", {}, ())


def test_a_missing_field_is_undecidable(program):
    """a condition that lacks a field asks for it as natively, and one that fails without it is quiet"""
    printed = program("""
for matcher in ("native", "durable"):
    engine = Engine(pack_of("by != person and loud"), matcher=matcher)
    print(said(engine.feed(noted(1, loud=True))), said(engine.feed(noted(2, loud=False))),
          said(engine.feed(noted(3, loud=True, by="bo"))), said(engine.feed(noted(4, loud=True, by="ann"))))
""")
    assert printed == ["[('referral', '`by` of `noted`')] [] [('breach',)] []"] * 2


def test_what_stays_native_is_listed(program):
    """the engine tells which conditions durable-rules did not take, and decides them all the same"""
    printed = program("""
engine = Engine(pack_of("weekday(date) == 'Monday'", "count > 1"), matcher="durable")
print([one.code for one in engine.matcher.native_rules], len(engine.matcher.readers))
print(said(engine.feed(noted(1, count=5))), engine.matcher.decided)
""")
    assert printed == ["['DR720'] 1", "[('breach',), ('breach',)] 1"]


def test_what_cannot_travel_is_decided_natively(program):
    """a figure too fine or too large for durable-rules is compared by the engine, and counted"""
    printed = program("""
engine = Engine(pack_of("sum > 0.5"), matcher="durable")
print(said(engine.feed(noted(1, sum="0.50000001"))), said(engine.feed(noted(2, sum=str(10**20)))),
      said(engine.feed(noted(3, sum="0.5"))), engine.matcher.unfit, engine.matcher.decided)
""")
    assert printed == ["[('breach',)] [('breach',)] [] 2 1"]


def test_a_snapshot_goes_on_under_the_other_matcher(program):
    """a snapshot does not depend on the matcher, and the restored engine uses the one that is asked for"""
    printed = program("""
pack = pack_of("count > 1")
engine = Engine(pack, matcher="durable")
engine.feed(noted(1, count=5))
for matcher in ("native", "durable"):
    again = Engine.restore(pack, engine.snapshot(), matcher=matcher)
    print(again.matcher.name, again.outcomes() == engine.outcomes(), said(again.feed(noted(2, count=3))))
""")
    assert printed == ["native True [('breach',)]", "durable True [('breach',)]"]


def test_nothing_is_guessed_where_no_rule_answers(program):
    """a condition that durable-rules leaves open although the engine can decide it is an error, not a guess"""
    printed = program("""
from dutyrules.matchers.durable import DurableMatcher, Ruleset
from dutyrules.matchers.protocol import MatcherDisagreementError
from dutyrules.matchers.survey import survey

class Deaf(DurableMatcher):
    def _reader(self, program, tree, written, rules):
        silent = '{"h0":{"all":[{"m":{"never":1}}]}}'
        import durable_rules_engine
        return super()._reader(program, tree, written, Ruleset(durable_rules_engine, silent, "silent"))

import dutyrules.engine
dutyrules.engine.matcher_for = lambda name, program: Deaf(program)
try:
    Engine(pack_of("count > 1")).feed(noted(1, count=5))
except MatcherDisagreementError as error:
    print("refused", "cannot tell" in str(error))
""")
    assert printed == ["refused True"]


def test_rulesets_are_given_back(program):
    """engines that come and go leave no rulesets behind: memory stays where it was after the first few"""
    printed = program("""
import gc, resource
def memory():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
pack = pack_of(*(f"count > {number} and loud or word == 'w{number}'" for number in range(8)))
def use():
    engine = Engine(pack, matcher="durable")
    engine.feed(noted(1, count=25, loud=True))
for _ in range(8):
    use(); gc.collect()
before = memory()
for _ in range(30):
    use(); gc.collect()
print((memory() - before) / before < 0.1)
""")
    assert printed == ["True"]


LIBRARY = """
import json
import durable_rules_engine as library

def asked(condition, **message):
    handle = library.create_ruleset("try", json.dumps({"fires": {"all": [{"m": condition}]}}))
    fired = []
    code, state = library.assert_event(handle, json.dumps({"id": "1", "sid": "1", **message}))
    started = library.start_action_for_state(handle, state)
    return started is not None
"""


def test_why_texts_travel_as_numbers(program):
    """durable-rules takes two texts for the same where they differ behind 65,535 characters"""
    printed = program(
        LIBRARY
        + 'print(asked({"$and": [{"$ex": {"b": 1}}, {"a": {"$m": "b"}}]}, a="x" * 65_537 + "y", b="x" * 65_538))'
    )
    assert printed == ["True"]


def test_why_figures_are_bounded(program):
    """durable-rules takes two figures beyond 2^63 for the same"""
    printed = program(LIBRARY + 'print(asked({"$and": [{"$ex": {"b": 1}}, {"a": {"$m": "b"}}]}, a=10**19, b=10**20))')
    assert printed == ["True"]


def test_why_each_rule_asks_for_what_only_messages_carry(program):
    """the first message of a state leaves a fact of durable-rules' own, which a rule about a missing field matches"""
    printed = program(LIBRARY + 'print(asked({"$nex": {"a": 1}}, a=1))')
    assert printed == ["True"]
