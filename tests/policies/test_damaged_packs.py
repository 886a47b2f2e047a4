"""However a pack is damaged, checking it gives diagnostics and never an exception."""

from __future__ import annotations

import time
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from dutyrules.policies.diagnostics import render_json, render_text
from dutyrules.policies.load import check_text

BROKEN = Path(__file__).parent / "broken"
PACKS = [
    text for path in sorted(BROKEN.glob("*.yaml")) if "pack:" in (text := path.read_text("utf-8")) and "…" not in text
]
BITS = [
    *("a", "0", "-1", "1.5", "true", "null", "x" * 50, "值班", "night", "check_in", "person", "shift", "month", "late"),
    *(
        " ",
        "\n",
        "\n  ",
        ": ",
        ":",
        ", ",
        "[",
        "]",
        "{",
        "}",
        "'",
        '"',
        "- ",
        "#",
        "|\n",
        "&a",
        "*a",
        "!",
        "?",
        "%",
        "\t",
    ),
    *(
        "and",
        "or",
        "not",
        "in",
        "==",
        "<",
        "(",
        ")",
        "+",
        "*",
        "**",
        "/",
        ".",
        "()",
        "lambda: 0",
        "[x for x in y]",
        "__class__",
    ),
    *(
        "where",
        "of",
        "on",
        "at",
        "each",
        "within",
        "before",
        "after",
        "next",
        "2h",
        "2 working days",
        "12:00",
        "2026-01-15",
    ),
    *("kind", "when", "if", "who", "until", "every", "tiers", "fine", "same", "unless", "needs", "about", "from", "to"),
]


@st.composite
def damaged_packs(draw):
    """Draw a small pack with a few stretches of it replaced."""
    text = draw(st.sampled_from(PACKS))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 25)))
        text = text[:start] + draw(st.sampled_from(BITS)) + text[end:]
    return text


def check(text):
    """Check a text and demand a pack or an error, and diagnostics that print and point into the text."""
    checked = check_text(text, "pack.yaml")
    assert checked.failed == any(one.is_error for one in checked.diagnostics)
    for one in checked.diagnostics:
        assert 1 <= one.place.line <= text.count("\n") + text.count("\r") + 2
        assert one.place.column >= 1
    render_text(checked.diagnostics, checked.sources)
    render_json(checked.diagnostics)


@settings(max_examples=400)
@given(damaged_packs())
def test_a_damaged_pack_is_read_or_refused(text):
    """stretches of a pack that are cut or replaced by other words give diagnostics"""
    check(text)


@settings(max_examples=200)
@given(st.sampled_from(PACKS), st.data())
def test_swapped_lines_are_read_or_refused(text, data):
    """lines that stand in another order, twice or not at all give diagnostics"""
    lines = text.splitlines()
    check("\n".join(data.draw(st.lists(st.sampled_from(lines), max_size=len(lines) + 5))))


def test_a_large_pack_of_faults_is_answered_soon():
    """two thousand faulty rules are all reported, within seconds"""
    rules = "".join(f"  r{n}: {{kind: prohibiton, when: chek_in, if: perod == 'x'}}\n" for n in range(2000))
    start = time.process_time()
    checked = check_text(f"pack: demo\nrules:\n{rules}", "pack.yaml")
    assert len(checked.diagnostics) >= 2000
    assert time.process_time() - start < 60
