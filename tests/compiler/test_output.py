"""Lines of outcomes: written by the module in C as in Python, and as forms by programs."""

from __future__ import annotations

import ast
import sys
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dutyrules.compiler import _lines, lines, unbuilt
from dutyrules.compiler.forms import Forms

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
VALUES = st.one_of(TEXTS, st.integers(), st.booleans(), st.none(), st.decimals(allow_nan=False))
PARTS = st.lists(st.one_of(TEXTS, st.integers(0, 2)), max_size=9).map(lambda parts: (*parts, 2, "end"))
BOTH = pytest.mark.parametrize("made", [_lines.Output, unbuilt.Output])


@given(st.lists(st.one_of(TEXTS, st.tuples(PARTS, st.tuples(VALUES, VALUES, VALUES))), max_size=20), st.integers(0, 20))
def test_the_same_lines_are_written_with_and_without_the_module(said, taken) -> None:
    """texts and forms come out as Python puts them together, in their order, whenever they are taken"""
    found = []
    for made in (_lines.Output, unbuilt.Output):
        output, text = made(), b""
        for number, one in enumerate(said):
            if isinstance(one, str):
                output.append(one)
            else:
                output.form(one[0])(*one[1])
            if number == taken:
                text += output.take()
        found.append(text + output.take())
        assert output.take() == b""
    right = [one if isinstance(one, str) else filled(*one) for one in said]
    assert found == ["".join(f"{one}\n" for one in right).encode()] * 2


def filled(parts, values):
    """Return a form with its values."""
    return "".join(one if isinstance(one, str) else f"{values[one]}" for one in parts)


@BOTH
def test_much_is_kept(made) -> None:
    """an output grows with what is written, and begins anew once it is taken"""
    output = made()
    form = output.form(("a" * 1000, 0))
    for number in range(1000):
        form(number)
    assert output.take() == b"".join(b"a" * 1000 + b"%d\n" % number for number in range(1000))
    form("b" * 1_000_000)
    assert len(output.take()) == 1_001_001


def test_a_line_that_cannot_be_written_is_not_begun() -> None:
    """half a surrogate, a value too few or too many: an error, and nothing of the line stays"""
    output = _lines.Output()
    form = output.form(("one ", 0, " two ", 1))
    form("a", 1)
    with pytest.raises(UnicodeEncodeError):
        form("a", "\ud800")
    with pytest.raises(UnicodeEncodeError):
        output.append("\udfff")
    for values in ((), ("a",), ("a", "b", "c")):
        with pytest.raises(TypeError, match="takes 2 values"):
            form(*values)
    with pytest.raises(TypeError, match="no text"):
        form("a", Mute())
    with pytest.raises(TypeError):
        output.append(b"a")
    assert output.take() == b"one a two 1\n"


class Mute:
    """A value that has no text."""

    def __str__(self) -> str:
        raise TypeError("no text")


@pytest.mark.parametrize("parts", [["a"], None, ("a", -1), (-2,), ("a", 1.5), ("\ud800",), (1 << 80,)])
def test_what_is_no_form_is_refused(parts) -> None:
    """parts are a tuple of texts and numbers from 0"""
    with pytest.raises((TypeError, ValueError, OverflowError)):
        _lines.Output().form(parts)


def test_a_form_holds_what_it_needs_and_no_longer() -> None:
    """the parts and the output live as long as the form that writes them"""
    parts = ("a", 0)
    output = _lines.Output()
    before = sys.getrefcount(parts), sys.getrefcount(output)
    form = output.form(parts)
    assert sys.getrefcount(parts) == before[0] + 1
    assert sys.getrefcount(output) == before[1] + 1
    value = "é" * 9
    held = sys.getrefcount(value)
    form(value)
    assert sys.getrefcount(value) == held
    del form
    assert (sys.getrefcount(parts), sys.getrefcount(output)) == before


def test_programs_write_forms() -> None:
    """a value that stands twice is given once, lines that are alike share a form, each form has a name of its own"""
    forms = Forms()
    text = """
def on(e, t):
    out(f'{{"kind":"breach","rule":"1-late","person":"{p}","id":"1-late/{p}/{r1.name}"}}')
    out(f'{{"kind":"breach","rule":"1-late","person":"{q}","id":"1-late/{q}/{f(x)}"}}')
    out(f'{{"kind":"breach","rule":"1-late","sum":{n}}}')
    out(f'{a}{b}')
    out('as it is')
    out(line)
"""
    found = ast.unparse(ast.fix_missing_locations(forms.visit(ast.parse(text)))).splitlines()
    assert [line.strip() for line in found[1:]] == [
        "line_breach_1_late(p, r1.name)",
        "line_breach_1_late(q, f(x))",
        "line_breach_1_late_2(n)",
        "line(a, b)",
        "out('as it is')",
        "out(line)",
    ]
    output, values = lines.Output(), {}
    exec("\n".join(forms.lines()), {"output": output}, values)  # noqa: S102 - what is made is what is tested
    values["line_breach_1_late"]("li", "c1")
    values["line_breach_1_late_2"](Decimal("1.50"))
    values["line"](1, 2)
    assert output.take().decode().splitlines() == [
        '{"kind":"breach","rule":"1-late","person":"li","id":"1-late/li/c1"}',
        '{"kind":"breach","rule":"1-late","sum":1.50}',
        "12",
    ]
