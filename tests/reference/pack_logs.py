"""Logs in a pack's own vocabulary: events that a few of its rules read, with the values that its conditions ask for."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from dutyrules.policies.event_readers import event_readers
from dutyrules.testing.pack_words import ROSTER, PackWords

from .logs import PEOPLE, STARTS, Drawing, Log

if TYPE_CHECKING:
    from random import Random


class Vocabulary:
    """What a pack's rules read, and which values its conditions compare fields with; worked out once a pack."""

    def __init__(self, pack) -> None:
        self.pack = pack
        self.read: dict[str, list[str]] = {}
        for event, rules in event_readers(pack).items():
            for rule in rules:
                self.read.setdefault(rule, []).append(event)
        self.rules = sorted(self.read)
        self.pools = pools(pack)


def pools(pack) -> dict[tuple[str, str], tuple]:
    """Return for each event's field the values to draw: what conditions name, figures just beside a limit, keys."""
    words = PackWords(pack)
    keys = {name for record in pack.records.values() for name in record.key}
    found: dict[tuple[str, str], tuple] = {}
    for event in pack.events.values():
        for spec in event.fields.values():
            values = sorted(words.values_of(spec), key=str)
            if str(spec.type) == "text" and not spec.values:
                strange = [] if spec.has_default else ["other"]
                values += [f"{spec.name}1", f"{spec.name}2"] if spec.name in keys or not values else strange
            if values and str(spec.type) != "bool":
                found[event.name, spec.name] = tuple(dict.fromkeys(values))
    return found


class PackDrawing(Drawing):
    """Draws events with values from the pack's own conditions."""

    def __init__(self, random: Random, words: Vocabulary, start: dt.date, rules: list[str]) -> None:
        codes = (*rules, *rules, *random.sample(sorted(words.pack.rules), min(4, len(words.pack.rules))))
        super().__init__(random, words.pack, {"about": (*PEOPLE, "other")}, start, 4)
        self.words = words
        self.asked = {"code": codes, "norm": codes, "period": tuple(words.pack.shifts) or ("day",)}

    def any_event(self, names, missing: int = 8) -> None:
        """Add an event with fields drawn at random, of which some are missing."""
        name = self.one(names)
        data = {
            spec.name: self.value_for(name, spec)
            for spec in self.pack.events[name].fields.values()
            if not self.chance(missing)
        }
        self.pools["about"] = (*self.pools["about"][-12:], f"e{len(self.events):02}")
        self.add(name, self.instant(), **data)

    def value_for(self, event: str, spec):
        """Draw a value for a field of an event."""
        if spec.name in self.asked and str(spec.type) == "text" and not spec.values:
            return self.one(self.asked[spec.name])
        if (event, spec.name) in self.words.pools:
            return self.one(self.words.pools[event, spec.name])
        return self.value(spec)


def pack_log(random: Random, words: Vocabulary, most_rules: int = 3) -> Log:
    """Draw a log of events that one to a few rules of a pack read."""
    pack = words.pack
    start = dt.date.fromisoformat(random.choice(STARTS))
    rules = random.sample(words.rules, min(len(words.rules), random.randint(1, most_rules)))
    drawing = PackDrawing(random, words, start, rules)
    names = sorted({name for rule in rules for name in words.read[rule]})
    if ROSTER in names and pack.shifts:
        roster(drawing)
    for _ in range(random.randint(3, 11)):
        drawing.any_event(names)
    until = max(event.time for event in drawing.events) + drawing.one((0, 1, 7200, 86400, 3 * 86400, 12 * 86400))
    carries = drawing.one(("all", "all", {}, dict.fromkeys(names, start + dt.timedelta(days=1))))
    return Log(pack, tuple(drawing.events), until, carries)


def roster(drawing: Drawing) -> None:
    """Put people on the roster for some of the pack's shifts."""
    for person in PEOPLE[:2]:
        for day in drawing.days[:2]:
            if not drawing.chance(3):
                drawing.add(
                    ROSTER,
                    drawing.at(day - dt.timedelta(days=1), "09:00:00"),
                    person=person,
                    duty_date=day,
                    period=drawing.one(drawing.pack.shifts),
                )
