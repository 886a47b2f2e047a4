"""Records and duties made slot by slot: which classes are, and what the statements come to."""

from __future__ import annotations

import ast
from textwrap import dedent

import pytest

from dutyrules.compiler.making import slot_by_slot

SLOTS = {"Record_a": ("name", "state"), "Duty_b": ("state", "cause", "record"), "Look_c": ("due",)}


def made(text, merged=None):
    """Return a function slot by slot, and the classes that are plain."""
    trees, classes, plain = slot_by_slot([ast.parse(dedent(text))], SLOTS, merged or {})
    return ast.unparse(ast.fix_missing_locations(trees[0])).splitlines(), classes, plain


def test_what_a_statement_makes_is_filled_slot_by_slot():
    """the class is called without values, and each slot is set by the first variable that holds the new one"""
    lines, _classes, plain = made("r1 = table[t] = Record_a(f(t), None)")
    assert lines == ["r1 = table[t] = Record_a()", "r1.name = f(t)", "r1.state = None"]
    assert "Record_a" in plain


@pytest.mark.parametrize("line", ["soon(Look_c(1))", "table[t] = Look_c(1)"])
def test_what_is_made_within_an_expression_stays_a_struct(line):
    """where no variable holds the new one, its class takes the values; others are plain all the same"""
    lines, _classes, plain = made(f"{line}\no = Look_c(2)\nr1 = Record_a(1, 2)")
    assert lines == [line, "o = Look_c(2)", "r1 = Record_a()", "r1.name = 1", "r1.state = 2"]
    assert plain == {"Record_a", "Duty_b"}


def test_values_that_read_the_variable_are_read_before_it_changes():
    """a duty that follows from another one, which the same variable holds, takes that one's values"""
    lines, _classes, _plain = made("o = r1.duty_b = Duty_b(1, o.cause, r1)")
    space = {"Duty_b": type("Duty_b", (), {}), "r1": type("Record", (), {})(), "o": type("Old", (), {"cause": "e1"})()}
    exec("\n".join(lines), space)  # noqa: S102 - lines of this test
    assert space["r1"].duty_b is space["o"]
    assert vars(space["o"]) == {"state": 1, "cause": "e1", "record": space["r1"]}


def test_a_merged_duty_is_its_record():
    """the record takes the slots of its only duty but for the record itself, each slot once"""
    lines, classes, _plain = made("o = r1.state = Duty_b(1, o.cause, r1)", {"Duty_b": "Record_a"})
    assert lines == ["made = r1", "made.state = 1", "made.cause = o.cause", "o = made"]
    assert classes == {"Record_a": ("name", "state", "cause"), "Look_c": ("due",)}
