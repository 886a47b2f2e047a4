"""Ladders: their steps, and what repeats and accumulates on them."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from dutyrules.policies.bench import refuse_working_time
from dutyrules.policies.diagnostics import quoted
from dutyrules.policies.faults import Fault, suggestion
from dutyrules.policies.grammar import is_name
from dutyrules.policies.model import Accumulation, Ladder, Overrule
from dutyrules.policies.names import Fields, Scopes
from dutyrules.policies.resolve_header import words_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dutyrules.calendars.durations import Duration
    from dutyrules.policies.bench import Bench
    from dutyrules.policies.facts import Facts
    from dutyrules.policies.schema_rules import AccumulationDoc, LadderDoc, OverruleDoc
    from dutyrules.policies.shapes import Path

MOST_GIVEN: Final = 100
NEVER: Final = 1_000_000_000


class Ladders:
    """Reads the ladders of one pack."""

    def __init__(self, bench: Bench, facts: Facts) -> None:
        self.bench = bench
        self.facts = facts

    def read(self) -> dict[str, Ladder]:
        """Return every ladder; faults are told."""
        return {name: self._ladder(name, doc) for name, doc in self.bench.ladders.items()}

    def _ladder(self, name: str, doc: LadderDoc) -> Ladder:
        path: Path = ("ladders", name)
        for index, step in enumerate(doc.steps):
            if step in doc.steps[:index]:
                self.bench.tell((*path, "steps", index), Fault("DR510", f"the step {quoted(step)} stands twice"))
        repeat = doc.repeat
        raised, cap = 0, None
        if repeat is not None:
            cap = self._cap((*path, "repeat", "cap"), repeat.cap, doc)
            raised = self.bench.settled((*path, "repeat", "raise"), repeat.raise_, int) or 0
            if repeat.raise_ == raised and raised < 1:
                self.bench.tell((*path, "repeat", "raise"), Fault("DR220", f"`{repeat.raise_}` raises nothing"))
            if repeat.at_cap is not None and repeat.cap is None:
                self.bench.tell_key((*path, "repeat", "at_cap"), "DR218", "`at_cap` needs `cap`")
        self._check_circles(path, doc)
        if not is_name(doc.per):
            self.bench.tell(
                (*path, "per"), Fault("DR216", f"{quoted(doc.per)} is no name of a field", help="write `per: person`")
            )
        return Ladder(
            name,
            doc.per,
            tuple(doc.steps),
            None if repeat is None else repeat.same,
            raised,
            cap,
            None if repeat is None else repeat.at_cap,
            None if repeat is None else self._duration((*path, "repeat", "within"), repeat.within),
            tuple(
                self._accumulation((*path, "accumulate", key), key, each, doc)
                for key, each in (doc.accumulate or {}).items()
            ),
            tuple(
                found
                for key, each in (doc.overruled_by or {}).items()
                if (found := self._overrule((*path, "overruled_by", key), key, each)) is not None
            ),
            self.bench.place(path),
        )

    def _accumulation(self, path: Path, name: str, doc: AccumulationDoc, ladder: LadderDoc) -> Accumulation:
        self._step((*path, "of"), doc.of, ladder)
        self._step((*path, "gives"), doc.gives, ladder)
        if (doc.gives is None) == (doc.asks is None):
            self.bench.tell_key(path, "DR504", f"{quoted(name)} needs either `gives` or `asks`")
        reaches = self.bench.settled((*path, "reaches"), doc.reaches, int)
        if reaches is not None and reaches < 1:
            self.bench.tell((*path, "reaches"), Fault("DR220", f"`{reaches}` is reached before anything happens"))
        within = self._duration((*path, "within"), doc.within)
        used_up = self.bench.settled((*path, "used_up"), doc.used_up, bool) or False
        return Accumulation(
            name,
            doc.of,
            reaches or NEVER,
            within,
            used_up,
            doc.gives,
            doc.asks,
            self.bench.place(path),
            words_of(doc.says),
        )

    def _check_circles(self, path: Path, doc: LadderDoc) -> None:
        """Tell of an accumulation that leads back to the step that it counts, or to ever more of them."""
        gives: dict[str, Counter[str]] = {}
        for each in (doc.accumulate or {}).values():
            if each.gives is not None:
                gives.setdefault(each.of, Counter())[each.gives] += 1
        for step, given in gives.items():
            level, steps = given, 0
            while level and steps <= MOST_GIVEN and step not in level:
                steps += level.total()
                level = _following(level, gives)
            if step in level:
                message = f"{quoted(step)} leads to {quoted(step)} again, and so on without end"
                self.bench.tell_key(
                    (*path, "accumulate"), "DR510", message, "let none give what leads back to its `of`"
                )
            elif steps > MOST_GIVEN:
                message = f"{quoted(step)} leads to more than {MOST_GIVEN} steps at once"
                self.bench.tell_key((*path, "accumulate"), "DR510", message, "let fewer of them rest on one another")

    def _overrule(self, path: Path, name: str, doc: OverruleDoc) -> Overrule | None:
        inside = Fields(open=True)

        def scopes(fields: Fields) -> Scopes:
            nonlocal inside
            inside = fields
            return Scopes(self.bench.declared, fields, where="the fact")

        for _, fact in self.facts.texts((*path, "when"), doc.when):
            inside = self.facts.fields(fact)
        patterns = self.facts.patterns((*path, "when"), doc.when, scopes)
        condition = self.bench.condition((*path, "if"), doc.if_, scopes(inside))
        if not patterns:
            return None
        return Overrule(name, patterns[0], condition, self.bench.place(path), words_of(doc.says))

    def _cap(self, path: Path, text: str | None, ladder: LadderDoc) -> str | None:
        """Return the highest step of a repeat, which may be a parameter's value."""
        if text in self.bench.declared.parameters and text not in ladder.steps:
            text = self.bench.settled(path, text, str)
        self._step(path, text, ladder)
        return text

    def _step(self, path: Path, step: str | None, ladder: LadderDoc) -> None:
        if step is not None and step not in ladder.steps:
            help_ = suggestion(step, ladder.steps) or "the steps are " + ", ".join(f"`{each}`" for each in ladder.steps)
            self.bench.tell(path, Fault("DR310", f"this ladder has no step {quoted(step)}", help=help_))

    def _duration(self, path: Path, text: str | None) -> Duration | None:
        duration = self.bench.length(path, text)
        refuse_working_time(self.bench, path, duration)
        return duration


def _following(level: Counter[str], gives: Mapping[str, Counter[str]]) -> Counter[str]:
    """Return the steps, each as often as it is given, that follow from those of a level."""
    found: Counter[str] = Counter()
    for step, times in level.items():
        for given, often in gives.get(step, {}).items():
            found[given] += times * often
    return found
