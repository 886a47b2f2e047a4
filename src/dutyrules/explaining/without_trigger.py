"""Rules that nothing has set off, and those that nothing sets off: choices, formulas, texts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dutyrules.explaining.evidence import Change
from dutyrules.explaining.relations import Relating
from dutyrules.explaining.steps import FAILS, HOLDS, Step, Try
from dutyrules.policies.model import Kind
from dutyrules.policies.syntax import ValueRef
from dutyrules.runtime.findings import NEVER_OBSERVED
from dutyrules.runtime.relations import ChoiceCell
from dutyrules.runtime.triggers import set_off

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dutyrules.explaining.tries import Tries
    from dutyrules.outcomes import Outcome
    from dutyrules.policies.model import Accumulation, Rule

TEXTS = frozenset({Kind.ADVICE, Kind.DEFINITION, Kind.SCHEDULE, Kind.PROCEDURE, Kind.VALUE})


class WithoutTrigger:
    """Answers for rules of which there is no try."""

    def __init__(self, tries: Tries) -> None:
        self._tries = tries
        self._machine = tries.machine
        self._program = tries.program
        self._relating = Relating(tries.machine)

    # --- nothing came ----------------------------------------------------------------------------------------------

    def never(self, rule: Rule, subject: str | None) -> Try:
        """Return the try that there was not: what would have had to come first."""
        if rule.kind in TEXTS and not set_off(rule):
            texts: dict[str, Any] = {"kind": rule.kind.value, "readers": [one.id for one in self.referring(rule)]}
            return self._only(rule, subject, Step("kind", FAILS, "text_only", texts))
        if rule.kind is Kind.PERMISSION and not rule.when:
            readers = [one.id for one in self.referring(rule)]
            changes = tuple(Change("event", source) for one in self.referring(rule) for source in _sources(one))
            step = Step("unless", FAILS, "never_asked", {"readers": readers}, changes=changes)
            return self._only(rule, subject, step)
        changes = tuple(self._wanted(rule, subject))
        facts: dict[str, Any] = {"sources": [one.what for one in changes], "number": self._number(rule)}
        return self._only(rule, subject, Step("when", FAILS, "never_set_off", facts, changes=changes))

    def _only(self, rule: Rule, subject: str | None, step: Step) -> Try:
        people = () if subject is None else (subject,)
        return Try(rule, self._program.store.clock, "", people, (), (step,))

    def _wanted(self, rule: Rule, subject: str | None) -> Iterator[Change]:
        for source in _sources(rule):
            yield Change("event", source, value=subject)
        if rule.every is not None:
            yield Change("record" if rule.for_each or rule.about else "wait", self._records(rule), value=subject)
        elif (rule.whenever is not None or rule.gap is not None) and rule.about is not None:
            yield Change("record", rule.about, value=subject)
        if rule.kind not in NEVER_OBSERVED and self._machine.findings.rule(rule.id) is not None:
            yield Change("event", f"finding where code == '{rule.id}'", value=subject)

    def _records(self, rule: Rule) -> str:
        return rule.for_each.names[0] if rule.for_each is not None else rule.about or "period"

    def _number(self, rule: Rule) -> int:
        """Return how many facts of the rule's triggers the log has at all."""
        kinds = [(pattern.kind.value, name) for pattern in rule.when for name in pattern.names]
        return sum(len(self._program.store.facts.get(kind, {})) for kind in kinds)

    # --- permissions and formulas ----------------------------------------------------------------------------------

    def referring(self, rule: Rule) -> list[Rule]:
        """Return the rules that ask for a permission or read a formula."""
        return [one for one in self._program.pack.rules.values() if one.id != rule.id and rule.id in _named_by(one)]

    def values(self, rule: Rule, subject: str | None) -> Iterator[Try]:
        """Yield what a formula came to where rules that read it were tried."""
        name = next((one for one in (rule.id, rule.id.rsplit("-", 1)[-1]) if one in self._program.pack.values), None)
        if name is None:
            return
        for other in self._program.pack.rules.values():
            for one in self._tries.by_facts(other, subject):
                for step in one.steps:
                    for term in () if step.term is None else step.term.walk():
                        if isinstance(term.tree, ValueRef) and term.tree.name == name:
                            shown = Step(
                                "value", None if term.holds is None else HOLDS, "value", {"rule": other.id}, term
                            )
                            yield Try(rule, one.time, one.matter, one.persons, one.causes, (shown,))

    # --- choices ---------------------------------------------------------------------------------------------------

    def choices(self, rule: Rule, subject: str | None) -> Iterator[Try]:
        """Yield a try for each set of outcomes between which a choice stood, and for outcomes that stood in none."""
        shown, seen = self._machine.board.all(), set()
        cells = [
            cell
            for cell in self._program.store.cells.values()
            if isinstance(cell, ChoiceCell) and cell.rule.id == rule.id
        ]
        for cell in cells:
            made: list[Outcome] = [entry[2] for entry in self._program.store.read(cell.place)]
            seen |= {one.id for one in made}
            mine = [shown.get(one.id, one) for one in made if subject in (None, one.person, one.matter)]
            if mine:
                yield self._choice(rule, mine, alone=len(made) < 2)  # noqa: PLR2004 - a choice is between two
        for one in shown.values():
            asked = one.rule in rule.of and subject in (None, one.person, one.matter)
            if asked and one.id not in seen and one.kind in ("sanction", "entitlement"):
                facts = {"rule": rule.id, "same": list(rule.same), "outcome": one.id}
                step = Step("same", FAILS, "in_no_choice", facts, causes=(one.id,))
                yield self._tried(rule, one, (step,), (one,))

    def _choice(self, rule: Rule, made: list[Outcome], *, alone: bool) -> Try:
        steps = [step for one in made[:1] for step in self._relating.steps(rule, (one,)) if step.guard == "choice"]
        if alone:
            others = [name for name in rule.of if name != made[0].rule]
            change = tuple(Change("holds", name) for name in others)
            facts: dict[str, Any] = {"rule": made[0].rule, "of": list(rule.of), "same": list(rule.same)}
            steps = [Step("of", FAILS, "nothing_to_choose", facts, causes=(made[0].id,), changes=change)]
        else:
            steps = [Step("choice", HOLDS, "choice_made", step.facts, parts=step.parts) for step in steps]
        return self._tried(rule, made[0], tuple(steps), tuple(made))

    def _tried(self, rule: Rule, one: Outcome, steps: tuple[Step, ...], outcomes: tuple[Outcome, ...]) -> Try:
        people = () if one.person is None else (one.person,)
        return Try(rule, self._program.zone.parse(one.time), one.matter, people, one.because, steps, outcomes)

    # --- ladders ---------------------------------------------------------------------------------------------------

    def accumulation(self, rule: Rule, part: Accumulation, ladder: str, subject: str | None) -> Try:
        """Return how many steps a person has gathered."""
        step = self._relating.accumulated(subject, part, ladder)
        if step is None:
            facts = {"of": part.of, "number": 0, "reaches": part.reaches, "within": None}
            change = Change("members", part.of, by=part.reaches, value=part.reaches)
            step = Step("accumulate", FAILS, "not_accumulated", facts, changes=(change,))
        return self._only(rule, subject, step)


def _sources(rule: Rule) -> list[str]:
    return [pattern.source for pattern in rule.when]


def _named_by(rule: Rule) -> set[str]:
    """Return the rules that a rule names as exceptions or needs."""
    names = {*rule.unless, *(need.permission for need in (*rule.needs, *rule.needs_any) if need.permission)}
    what = rule.consequence
    if what is not None and what.discretion is not None and what.discretion.none_if is not None:
        names.add(what.discretion.none_if)
    return names
