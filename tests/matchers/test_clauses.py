"""How a condition is written for durable-rules."""

from __future__ import annotations

import json

import pytest

from dutyrules.matchers.inexpressible import InexpressibleError
from dutyrules.matchers.survey import written
from dutyrules.policies import syntax as s
from matchers.packs import pack_of

COUNT = s.Field(s.Scope.FACT, "count", type="number")
SUM = s.Field(s.Scope.FACT, "sum", type="number")
LOUD = s.Field(s.Scope.FACT, "loud", type="bool")
EVENT = {"z": 0}


def rules(condition: str) -> dict[str, list]:
    """Return what durable-rules reads of a condition: the atoms of each of its rules."""
    return alternatives(pack_of(condition).rules["r0"].if_.tree)


def alternatives(tree) -> dict[str, list]:
    """Return the atoms of each rule that a tree is written as."""
    read = json.loads(written(tree).rules)
    return {name: rule["all"][0]["m"]["$and"] for name, rule in read.items()}


def test_a_comparison_of_two_fields_has_its_presence_guards_first():
    """both fields are asked for before they are compared, on either side"""
    guards = [{"$ex": {"w0": 1}}, {"$ex": {"w1": 1}}]
    assert rules("by == person") == {
        "h0": [EVENT, *guards, {"w0": {"$m": "w1"}}],
        "f0": [EVENT, *guards, {"$neq": {"w0": {"$m": "w1"}}}],
    }


def test_figures_travel_in_millionths():
    """a limit with a fraction is a whole number of millionths"""
    assert rules("sum > 0.5")["h0"] == [EVENT, {"$ex": {"f0": 1}}, {"$gt": {"f0": 500_000}}]


def test_a_sum_stands_on_the_right_of_one_field():
    """the terms of both sides are gathered, and one field is left alone"""
    assert rules("2 * count + 1 < sum - count")["h0"][-1] == {
        "$gt": {"f1": {"$add": {"$l": {"$mul": {"$l": {"$m": "f0"}, "$r": 3}}, "$r": 1_000_000}}}
    }


def test_fields_that_cancel_out_are_still_asked_for():
    """a difference of a field with itself is unknown where the field is"""
    assert rules("count - count >= 0")["h0"][:2] == [EVENT, {"$ex": {"f0": 1}}]


def test_words_are_numbered_in_the_order_of_the_condition():
    """a text is written as its place among the words of the condition"""
    assert rules("word in ['b', 'a']") == {
        "h0": [EVENT, {"w0": 0}],
        "h1": [EVENT, {"w0": 1}],
        "f0": [EVENT, {"$neq": {"w0": 0}}, {"$neq": {"w0": 1}}],
    }


def test_nothing_is_in_an_empty_list_but_the_field_must_be_known():
    """a look into an empty list fails for a field that is known, and holds never"""
    assert alternatives(s.Compare((COUNT, s.Listing(())), ("in",))) == {"f0": [EVENT, {"$ex": {"k0": 1}}]}


def test_a_failing_conjunction_has_a_rule_for_each_part():
    """`and` holds in one way and fails in as many as it has parts"""
    found = rules("loud and count > 1")
    assert sorted(found) == ["f0", "f1", "h0"]
    assert found["f0"] == [EVENT, {"t0": False}]


def test_what_another_alternative_covers_is_left_out():
    """`a or (a and b)` holds in one way"""
    both = s.Logic("or", (LOUD, s.Logic("and", (LOUD, s.Compare((COUNT, s.Literal(1)), (">",))))))
    assert [name for name in alternatives(both) if name[0] == "h"] == ["h0"]


def test_too_many_alternatives_are_refused():
    """a condition that multiplies out to more than sixty ways is refused, however it is nested"""
    fields = [s.Field(s.Scope.FACT, f"flag{number}", type="bool") for number in range(12)]
    pairs = [s.Logic("or", (fields[number], fields[number + 1])) for number in range(0, 12, 2)]
    with pytest.raises(InexpressibleError, match="more than 60 ways"):
        written(s.Logic("and", tuple(pairs)))
    assert written(s.Logic("and", tuple(pairs[:4])))


def test_a_multiple_that_could_turn_over_is_refused():
    """the figures of a sum stay below 2^62 for fields of a milliard, or the condition is refused"""
    with pytest.raises(InexpressibleError, match="near 2\\^63"):
        written(s.Compare((s.Arithmetic("*", COUNT, s.Literal(10_000)), SUM), (">",)))


def test_none_is_refused():
    """a comparison with `none`, which the pack language refuses too, is never written"""
    with pytest.raises(InexpressibleError, match="has no `none`"):
        written(s.Compare((COUNT, s.Literal(None)), ("==",)))


def test_texts_have_no_order_there():
    """an order of texts, which the pack language refuses too, is never written"""
    with pytest.raises(InexpressibleError, match="have an order there"):
        written(s.Compare((s.Field(s.Scope.FACT, "word", type="text"), s.Literal("a")), ("<",)))
