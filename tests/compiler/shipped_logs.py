"""Logs in the vocabulary of those rules of a pack that compile."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import attrs

from dutyrules.compiler.program import needed, refused
from dutyrules.compiler.rules import SILENT
from reference.logs import STARTS
from reference.pack_logs import PackDrawing, Vocabulary

from .line_forms import Happening

if TYPE_CHECKING:
    from random import Random


def compiled_part(pack):
    """Return a pack with those of its rules alone that compile and make outcomes, and what these need."""
    left = refused(pack, carries_all=True)
    made = [name for name, rule in pack.rules.items() if name not in left and rule.kind not in SILENT]
    every = {below for name in made for below in needed(pack, name, carries_all=True)}
    return attrs.evolve(pack, rules={name: rule for name, rule in pack.rules.items() if name in every}, ladders={})


class Written(PackDrawing):
    """Draws events and keeps them as they would be written."""

    def __init__(self, random: Random, words: Vocabulary, start: dt.date, rules: list[str]) -> None:
        super().__init__(random, words, start, rules)
        self.happenings: list[Happening] = []

    def add(self, name: str, time: int, identity: str | None = None, /, **given) -> None:
        """Add an event with the fields given."""
        super().add(name, time, identity, **given)
        known = self.pack.events[name].fields
        data = {field: value.isoformat() if isinstance(value, dt.date) else value for field, value in given.items()}
        data = {field: value for field, value in data.items() if field in known}
        self.happenings.append(Happening(self.events[-1].id, name, time, data))


def shipped_log(random: Random, words: Vocabulary, unread: list[str]) -> list[Happening]:
    """Draw events that one to a few rules read, seldom one that none does."""
    rules = random.sample(words.rules, min(len(words.rules), random.randint(1, 3)))
    drawing = Written(random, words, dt.date.fromisoformat(random.choice(STARTS)), rules)
    names = sorted({name for rule in rules for name in words.read[rule]} - {"ruling"})
    if len(names) > 1 and random.randint(0, 2):
        names = [name for name in names if name != "finding"]
    names += ["ruling"] if random.randint(1, 12) == 1 and "ruling" in words.pack.events else []
    scarce = random.choice((12, 10**9, 10**9, 10**9))
    for _ in range(random.randint(2, 12)):
        drawing.any_event(names or unread, scarce)
    if random.randint(1, 12) == 1:
        drawing.any_event(unread)
    return drawing.happenings
