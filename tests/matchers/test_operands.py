"""How an event is written for durable-rules."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal

import pytest

from dutyrules.matchers.operands import BESIDE, Form, Operands, UnfitValueError, scaled_figure
from dutyrules.policies import syntax as s
from dutyrules.runtime.values import lacking

WORD, OTHER, SUM, DAY, FLAG, WORDS = (
    s.Field(s.Scope.FACT, name) for name in ("word", "other", "sum", "day", "flag", "words")
)
ENVELOPE = {"id": "1", "sid": "1", "z": 0}


def message(form: Form, *values: object, words=("red", "blue")) -> dict:
    """Return what a message says of the values of as many fields."""
    operands = Operands()
    for word in words:
        operands.word(word)
    for field in (WORD, OTHER)[: len(values)]:
        operands.name(field, form)
    read = json.loads(operands.message(values))
    return {name: value for name, value in read.items() if name not in ENVELOPE}


def test_what_is_lacking_is_left_out():
    """a field that is not known has no property, and the message is one all the same"""
    operands = Operands()
    operands.name(WORD, Form.WORD)
    assert json.loads(operands.message([lacking("it")])) == ENVELOPE


@pytest.mark.parametrize(
    ("values", "places"),
    [
        (("red", "blue"), (0, 1)),
        (("green", "green"), (2, 2)),
        (("green", "grey"), (2, 3)),
        (("x" * 70_000, "x" * 70_000 + "y"), (2, 3)),
        (('a"', "a\\"), (2, 3)),
        ((1, True), (2, 2)),
        (("1", 1), (2, 3)),
        ((Decimal("1.0"), 1), (2, 2)),
    ],
)
def test_words_are_alike_where_their_values_are(values, places):
    """two values have the same place exactly where they are equal, whatever their type and length"""
    assert tuple(message(Form.WORD, *values).values()) == places


def test_a_list_ends_with_what_no_word_is():
    """a list carries its words and one that is none, so that it is never empty"""
    assert message(Form.WORDS, ("blue", "green"), ()) == {"l0": [1, 2, BESIDE], "l1": [BESIDE]}


@pytest.mark.parametrize(
    ("form", "value", "written"),
    [
        (Form.FIGURE, Decimal("49.990001"), 49_990_001),
        (Form.FIGURE, -3, -3_000_000),
        (Form.FIGURE, Decimal("1.50000000"), 1_500_000),
        (Form.DAY, dt.date(2026, 2, 28), 739_675),
        (Form.TRUTH, False, False),
        (Form.SIZE, ("a", "a"), 2),
        (Form.KNOWN, "whatever", 1),
    ],
)
def test_each_form_is_exact(form, value, written):
    """figures travel in millionths, days by number, flags as they are"""
    assert list(message(form, value).values()) == [written]


@pytest.mark.parametrize(
    ("form", "value"),
    [
        (Form.FIGURE, Decimal("0.0000001")),
        (Form.FIGURE, 10**19),
        (Form.FIGURE, True),
        (Form.FIGURE, "5"),
        (Form.FIGURE, Decimal("NaN")),
        (Form.FIGURE, Decimal("1e999999")),
        (Form.TRUTH, 1),
        (Form.DAY, 5),
        (Form.DAY, dt.datetime(2026, 1, 1, tzinfo=dt.UTC)),
        (Form.WORD, Decimal("sNaN")),
        (Form.WORD, {"a": 1}),
        (Form.WORDS, "abc"),
        (Form.SIZE, ["a"]),
    ],
)
def test_what_cannot_travel_is_unfit(form, value):
    """a value of another type, or too large or too fine, is never written as something near it"""
    with pytest.raises(UnfitValueError):
        message(form, value)


def test_the_smallest_figures_are_told_apart():
    """a figure is a whole number of millionths or none at all"""
    assert scaled_figure(Decimal("0.000001")) == 1
    assert scaled_figure(Decimal("0e-999999")) == 0
    assert scaled_figure(Decimal("1e-999999")) is None
