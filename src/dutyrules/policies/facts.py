"""Fact patterns with their names settled: the event types, rules or records that they mean, and their fields."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Protocol

import attrs

from dutyrules.policies.bench import Bench, each_text
from dutyrules.policies.diagnostics import quoted
from dutyrules.policies.faults import suggestion
from dutyrules.policies.grammar import FactText, Part, read_fact
from dutyrules.policies.names import BOOL, EVERY_FACT, NUMBER, TEXT, Fields, ValueType, type_of_field
from dutyrules.policies.syntax import Expr, FactKind, Pattern

if TYPE_CHECKING:
    from collections.abc import Callable

    from dutyrules.policies.model import EventType
    from dutyrules.policies.names import Scopes
    from dutyrules.policies.shapes import Path

UNKNOWN = Fields(open=True)
KINDS = {
    FactKind.BREACH: ("obligation", "prohibition"),
    FactKind.FULFILMENT: ("obligation",),
    FactKind.SANCTION: ("sanction",),
}
WORDS = {
    FactKind.BREACH: "broken",
    FactKind.FULFILMENT: "fulfilled",
    FactKind.EXCUSE: "excused",
    FactKind.SANCTION: "imposed",
}
IMPOSED = Fields({"amount": ValueType(NUMBER), "tier": ValueType(TEXT), "step": ValueType(TEXT)})


class OutcomeFields(Protocol):
    """Knows which fields the outcomes of a rule carry."""

    def outcome(self, rule: str) -> Fields:
        """Return the fields of a breach, fulfilment, excuse or sanction of a rule."""


def event_fields(event: EventType) -> Fields:
    """Return the fields of an event type, those of every fact among them."""
    known = {name: type_of_field(spec) for name, spec in event.fields.items()}
    return Fields(known, event.aliases).beside(EVERY_FACT)


def touched_fields(events: tuple[str, ...]) -> Fields:
    """Return a true-or-false field for each event type that can touch a record: whether it has."""
    return Fields(dict.fromkeys(events, ValueType(BOOL)))


def spread(bench: Bench, fact: FactText) -> FactText:
    """Return a fact with every rule that a name with `*` in it means."""
    if not any("*" in part.text for part in fact.names):
        return fact
    kinds = KINDS.get(fact.kind, ())
    return attrs.evolve(
        fact, names=tuple(Part(name, part.start) for part in fact.names for name in bench.spread(part.text, kinds))
    )


class Facts:
    """Reads fact patterns of one pack."""

    def __init__(self, bench: Bench, outcomes: OutcomeFields) -> None:
        self.bench = bench
        self._outcomes = outcomes
        self._of_events: dict[str, Fields] = {}

    def texts(self, path: Path, texts: str | list[str] | None) -> list[tuple[Path, FactText]]:
        """Return the facts written at a path; what is no fact is told and left out."""
        read = [(at, self.bench.attempt(at, partial(read_fact, text))) for at, text in each_text(path, texts)]
        return [(at, spread(self.bench, fact)) for at, fact in read if fact is not None]

    def fields(self, fact: FactText, *, records: bool = False) -> Fields:
        """Return the fields that such a fact has; `records`: a bare name may be a record."""
        found: Fields | None = None
        for part in fact.names:
            one = self._fields_of(fact.kind, part.text, records=records)
            found = one if found is None else found.joined(one)
        return found or UNKNOWN

    def _fields_of(self, kind: FactKind, name: str, *, records: bool) -> Fields:
        if kind is FactKind.EVENT:
            event = self.bench.events.get(self.bench.aliases.get(name, name))
            if event is not None:
                if event.name not in self._of_events:
                    self._of_events[event.name] = event_fields(event)
                return self._of_events[event.name]
            return self._record_fields(name) if records else UNKNOWN
        if kind in (FactKind.END, FactKind.RECORD):
            return self._record_fields(name).beside(EVERY_FACT)
        outcome = self._outcomes.outcome(name)
        return IMPOSED.beside(outcome) if kind is FactKind.SANCTION else outcome

    def _record_fields(self, name: str) -> Fields:
        record = self.bench.declared.records.get(name)
        return UNKNOWN if record is None else record.fields

    def patterns(
        self, path: Path, texts: str | list[str] | None, scopes: Callable[[Fields], Scopes], *, records: bool = False
    ) -> tuple[Pattern, ...]:
        """Return the patterns written at a path; `scopes` gives what names mean inside, from the fields of the fact."""
        found = [self._pattern(at, fact, scopes, records=records) for at, fact in self.texts(path, texts)]
        return tuple(pattern for pattern in found if pattern is not None)

    def _pattern(
        self, path: Path, fact: FactText, scopes: Callable[[Fields], Scopes], *, records: bool
    ) -> Pattern | None:
        kind, names = self._settled(path, fact, records=records)
        where: Expr | None = None
        if fact.where is not None:
            where = self.bench.part(path, fact.where, scopes(self.fields(fact, records=records)), BOOL)
            if where is None:
                return None
        return None if names is None else Pattern(fact.source, kind, names, where, fact.first)

    def _settled(self, path: Path, fact: FactText, *, records: bool) -> tuple[FactKind, tuple[str, ...] | None]:
        if fact.kind is FactKind.EVENT:
            return self._event(path, fact.names[0], records=records)
        if fact.kind is FactKind.END:
            name = fact.names[0]
            if not self.bench.known("records", name.text, self.bench.records):
                self.bench.unknown(path, name, "DR303", "record", self.bench.records)
                return fact.kind, None
            return fact.kind, (name.text,)
        known = [part.text for part in fact.names if self._rule(path, part, fact.kind)]
        return fact.kind, tuple(known) if len(known) == len(fact.names) else None

    def _event(self, path: Path, name: Part, *, records: bool) -> tuple[FactKind, tuple[str, ...] | None]:
        canonical = self.bench.aliases.get(name.text, name.text)
        if canonical in self.bench.events:
            return FactKind.EVENT, (canonical,)
        if self.bench.known("records", name.text, self.bench.records):
            if records:
                return FactKind.RECORD, (name.text,)
            help_ = f"write `end of {name.text}`, or the event type that opens it"
            self.bench.tell(path, name.fault("DR214", f"{quoted(name.text)} is a record and no fact", help_))
            return FactKind.EVENT, None
        if name.text in self.bench.rules:
            help_ = f"write `breach of {name.text}` or `fulfilment of {name.text}`"
            self.bench.tell(path, name.fault("DR301", f"{quoted(name.text)} is a rule and no event type", help_))
            return FactKind.EVENT, None
        candidates = [*self.bench.events, *self.bench.aliases, *(self.bench.records if records else ())]
        help_ = suggestion(name.text, candidates) or "declare it under `events`"
        self.bench.tell(path, name.fault("DR301", f"there is no event type {quoted(name.text)}", help_))
        return FactKind.EVENT, None

    def _rule(self, path: Path, part: Part, kind: FactKind) -> bool:
        """Tell whether a rule exists that can be broken, fulfilled or excused."""
        if not self.bench.known("rules", part.text, self.bench.rules):
            self.bench.unknown(path, part, "DR304", "rule", self.bench.rules)
            return False
        rule = self.bench.sound_rule(part.text)
        if rule is None:
            return True
        wrong = rule.kind not in KINDS.get(kind, (rule.kind,))
        if wrong:
            message = f"{quoted(part.text)} is {_article(rule.kind)}, which cannot be {WORDS[kind]}"
            self.bench.tell(path, part.fault("DR311", message))
        if kind is FactKind.EXCUSE and rule.excused_by is None and not _tier_excuses(rule.tiers):
            message = f"nothing excuses {quoted(part.text)}"
            self.bench.tell(path, part.fault("DR311", message, "it has no `excused_by`"))
            wrong = True
        return not wrong


def _tier_excuses(tiers: object) -> bool:
    return isinstance(tiers, dict) and any(tier.excused_by is not None for tier in tiers.values())


def _article(kind: str) -> str:
    return f"an {kind}" if kind[0] in "aeio" else f"a {kind}"
