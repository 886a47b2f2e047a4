"""Packs, and what a handbook tells of their rules."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from dutyrules.handbook.rules import Rules
from dutyrules.handbook.text import plain
from dutyrules.policies.load import check_text, load_packs

ROOT = Path(__file__).parents[2]
SHIPPED = sorted(path.stem for path in (ROOT / "policies").glob("*.yaml"))
HARD = "tests/language/hard.yaml"


@cache
def loaded(name):
    """Return the packs of a shipped name or of a file of the tree."""
    return tuple(load_packs(ROOT / name if "/" in name else name))


def lines(items):
    """Return the texts of items and of all that stand below them."""
    return [text for item in items for text in (item.text, *lines(item.below))]


def told(entry):
    """Return all that a rule's logic comes to in words, without what the author says."""
    return plain("\n".join((entry.sentence, *lines(entry.items), *lines(entry.notes))))


def words_of(words, rule):
    """Return what the handbook tells of a rule's logic, the rule being perhaps not the pack's own."""
    return told(Rules(words).entry(rule))


def pack_of(text):
    """Load a pack that stands in a test."""
    checked = check_text(text)
    assert [one.message for one in checked.diagnostics if one.is_error] == []
    return checked.packs[0]
