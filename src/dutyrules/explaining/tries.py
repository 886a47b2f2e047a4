"""All the times that a rule could have come to hold, each with its guards in order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dutyrules.explaining.cases import CaseSteps
from dutyrules.explaining.changes import changes_for
from dutyrules.explaining.evidence import Change
from dutyrules.explaining.guards import GuardSteps
from dutyrules.explaining.steps import FAILS, HOLDS, Step, Try
from dutyrules.policies.model import Kind
from dutyrules.policies.syntax import FactKind
from dutyrules.runtime.cases import CaseCell
from dutyrules.runtime.context import Context
from dutyrules.runtime.openings import Opening, causes_of
from dutyrules.runtime.triggers import ALLOWS, ObservedCell, TriggerCell, matter_id_of, matters_of, set_off
from dutyrules.runtime.values import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dutyrules.outcomes import Outcome
    from dutyrules.policies.model import Rule
    from dutyrules.runtime.instances import Instance
    from dutyrules.runtime.machine import Machine
    from dutyrules.runtime.store import Fact, Key

MOST_TRIES = 400


class Tries:
    """Finds what could have set off a rule by facts, and how far each came."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.program = machine.program
        self.zone = machine.program.zone
        self.store = machine.program.store
        self.guards = GuardSteps(machine)
        self.cases = CaseSteps(self.guards)

    # --- by facts --------------------------------------------------------------------------------------------------

    def by_facts(self, rule: Rule, subject: str | None) -> Iterator[Try]:
        """Yield a try for each fact of the rule's triggers that concerns a person or matter, the latest first."""
        cells = [cell for cell in self.machine.cells_of.get(rule.id, ()) if isinstance(cell, TriggerCell)]
        cells = [cell for cell in cells if cell.trigger is not None and not self._own(rule, cell.trigger)]
        cells.sort(key=lambda cell: cell.trigger.order if cell.trigger is not None else (0, ""), reverse=True)
        number = 0
        for cell in cells:
            fact = cell.trigger
            if fact is None or number > MOST_TRIES:
                continue
            for one in self.by_trigger(rule, cell, subject):
                number += 1
                yield one

    def by_trigger(self, rule: Rule, cell: TriggerCell, subject: str | None = None) -> Iterator[Try]:
        """Yield a try for each matter that one fact is about."""
        fact = cell.trigger
        if fact is None:
            return
        for matter in matters_of(self.program, rule, fact) or [None]:
            bearers = self.bearers(rule, Context(fact, matter, act=fact.act, at=fact.time), fact, matter)
            if concerns(subject, bearers, fact, matter):
                yield self._by_fact(rule, cell, fact, matter, bearers, subject)

    def _own(self, rule: Rule, fact: Fact) -> bool:
        return rule.counts_as is not None and f"{rule.id}/" in fact.id

    def bearers(self, rule: Rule, ctx: Context, fact: Fact | None, matter: Instance | None) -> list[str] | Unknown:
        """Return whom a rule would concern."""
        if rule.who:
            return self.program.bearers(rule.who, ctx)
        person = (fact.person if fact is not None else None) or (matter.person if matter is not None else None)
        return [] if person is None else [person]

    def _by_fact(
        self,
        rule: Rule,
        cell: TriggerCell,
        fact: Fact,
        matter: Instance | None,
        bearers: list[str] | Unknown,
        subject: str | None,
    ) -> Try:
        ctx = Context(fact, matter, act=fact.act, at=fact.time, whole=fact.type[0] == FactKind.END.value)
        matter_id = matter_id_of(fact, matter, own=rule.about is not None)
        found = list(self._trigger_steps(rule, cell, fact, matter, ctx, bearers))
        found.insert(2, _of_others(subject, bearers, fact, matter))
        steps = [step for step in found if step is not None]
        place = ("openings", rule.id, matter_id)
        return self._tried(rule, fact, matter_id, bearers, steps, place)

    def _tried(
        self,
        rule: Rule,
        fact: Fact,
        matter_id: str,
        bearers: list[str] | Unknown,
        steps: list[Step],
        place: Key,
    ) -> Try:
        outcomes: tuple[Outcome, ...] = ()
        openings: list[Opening] = [entry[2] for entry in self.store.read(place)]
        opened = next((one for one in openings if one.fact is not None and one.fact.id == fact.id), None)
        case = self.store.cells.get(("case", *place))
        if opened is not None and isinstance(case, CaseCell):
            outcomes = self.standing(case, opened.bearers)
        if opened is not None and all(step.holds for step in steps):
            standing = [one for one in openings if one.doubt is None] or openings
            first = standing[0] if rule.kind is Kind.OBLIGATION and (rule.until or rule.until_all) else opened
            steps += self.cases.after(rule, [first, *standing], outcomes, observed=place[0] == "findings")
        people = () if isinstance(bearers, Unknown) else tuple(bearers)
        return Try(rule, fact.time, matter_id, people, causes_of(fact), tuple(steps), outcomes)

    def standing(self, case: CaseCell, bearers: tuple[str, ...]) -> tuple[Outcome, ...]:
        """Return what a case has made for some bearers, as it stands."""
        shown = self.machine.board.all()
        mine = [shown[name] for name in case.outcomes if name in shown]
        return tuple(one for one in mine if not bearers or one.person is None or one.person in bearers)

    def _trigger_steps(
        self,
        rule: Rule,
        cell: TriggerCell,
        fact: Fact,
        matter: Instance | None,
        ctx: Context,
        bearers: list[str] | Unknown,
    ) -> Iterator[Step | None]:
        """Yield the guards in order up to the bearer."""
        facts = {"source": cell.pattern.source, "fact": fact.type[1], "time": self.zone.iso(fact.time)}
        where = None
        if cell.pattern.where is not None:
            where = self.guards.tracer.term(
                cell.pattern.where.tree, Context(fact, fact.matter, act=fact.act, at=fact.time)
            )
        met = None if where is None else where.holds
        phrase = "set_off" if where is None or met else "where_failed"
        changes = () if where is None else changes_for(where)
        yield Step(
            "when", True if where is None else met, phrase, facts, where, causes=causes_of(fact), changes=changes
        )
        yield self._about(rule, fact, matter)
        yield self.guards.in_force(rule, ctx)
        if cell.pattern.first:
            yield self._first(cell, fact, matter)
        yield from self.looking_back(rule, ctx, bearers)

    def looking_back(self, rule: Rule, ctx: Context, bearers: list[str] | Unknown) -> Iterator[Step | None]:
        """Yield the guards that look back, in the order in which the rule's kind tries them."""
        guards = self.guards
        if rule.kind in ALLOWS:
            yield from (step for step in guards.back(rule, ctx) if step.guard != "in_force")
            yield guards.who(bearers, needed=False)
            return
        if rule.if_ is not None:
            yield guards.condition("if", rule.if_, ctx)
        if rule.kind is Kind.PROHIBITION:
            yield guards.window(rule, ctx)
        yield guards.needs(rule, ctx)
        yield guards.unless(rule, ctx)
        yield guards.silence(self.program.silence.relied_on(rule), ctx)
        yield guards.who(bearers, needed=rule.counts_as is None)

    def _about(self, rule: Rule, fact: Fact, matter: Instance | None) -> Step | None:
        if rule.about is None:
            return None
        if matter is not None and matters_of(self.program, rule, fact):
            return Step("about", HOLDS, "record", {"record": rule.about, "matter": matter.id})
        change = Change("record", rule.about, value=rule.about)
        return Step("about", FAILS, "no_record", {"record": rule.about}, changes=(change,))

    def _first(self, cell: TriggerCell, fact: Fact, matter: Instance | None) -> Step:
        earlier = cell.earlier(fact, matter)
        if earlier is None:
            return Step("first", HOLDS, "first")
        facts = {"fact": earlier.type[1], "time": self.zone.iso(earlier.time)}
        change = Change("no_event", earlier.type[1], before=earlier.time)
        return Step("first", FAILS, "not_first", facts, causes=earlier.roots, changes=(change,))

    # --- by findings -----------------------------------------------------------------------------------------------

    def by_findings(self, rule: Rule, subject: str | None) -> Iterator[Try]:
        """Yield a try for each finding whose code names the rule."""
        for cell in self.machine.cells_of.get(rule.id, ()):
            if isinstance(cell, ObservedCell) and cell.trigger is not None:
                fact = cell.trigger
                bearers = [person for one in _openings(cell) for person in one.bearers]
                if concerns(subject, bearers, fact, None):
                    yield self.by_finding(rule, cell, fact, subject)

    def by_finding(self, rule: Rule, cell: ObservedCell, fact: Fact, subject: str | None = None) -> Try:
        """Return the try of one finding."""
        place: Key | None = None
        opened: Opening | None = None
        for (key, _time, _name), entry in cell.places.items():
            if isinstance(entry, Opening):
                place, opened = key, entry
                break
        facts = {"source": f"finding {rule.id}", "fact": "finding", "time": self.zone.iso(fact.time)}
        steps: list[Step | None] = [Step("when", HOLDS, "found", facts, causes=(fact.id,))]
        person = fact.data.get("person") or fact.data.get("about") or fact.person
        bearers: list[str] | Unknown = [person] if isinstance(person, str) else []
        if opened is not None and place is not None:
            bearers = list(opened.bearers)
            ctx = opened.ctx
        else:
            ctx = Context(fact, None, at=fact.time)
        steps.append(_of_others(subject, bearers, fact, opened.matter if opened is not None else None))
        steps.append(self.guards.in_force(rule, ctx))
        if not set_off(rule):
            if rule.if_ is not None:
                steps.append(self.guards.condition("if", rule.if_, ctx))
            steps += [self.guards.needs(rule, ctx), self.guards.unless(rule, ctx)]
        steps.append(self.guards.who(bearers))
        matter_id = opened.matter_id if opened is not None else f"event:{fact.id}"
        kept = [step for step in steps if step is not None]
        if place is None:
            people = () if isinstance(bearers, Unknown) else tuple(bearers)
            return Try(rule, fact.time, matter_id, people, (fact.id,), tuple(kept))
        return self._tried(rule, fact, matter_id, bearers, kept, place)

    # --- permissions that are tried for other rules ----------------------------------------------------------------

    def for_others(self, rule: Rule, subject: str | None, others: Iterable[Rule]) -> Iterator[Try]:
        """Yield a try for each case of another rule in which a permission was asked for."""
        for other in others:
            for one in self.by_facts(other, subject):
                inner = self._inner(one, rule.id)
                if inner is not None:
                    yield Try(rule, one.time, one.matter, one.persons, one.causes, (inner, *inner.parts), ())

    def _inner(self, one: Try, name: str) -> Step | None:
        """Return the step in which a permission was looked at."""
        waiting = list(one.steps)
        while waiting:
            step = waiting.pop(0)
            if step.guard == "permission" and step.facts.get("rule") == name:
                return step if step.holds is not False or not step.parts else _only_asked(step)
            waiting += step.parts
        return None


def _only_asked(step: Step) -> Step:
    """Return a permission's step as one that was passed, so that the guard of its own that failed is what counts."""
    return Step("permission", HOLDS, "permission_asked", step.facts, parts=step.parts)


def concerns(subject: str | None, bearers: list[str] | Unknown, fact: Fact | None, matter: Instance | None) -> bool:
    """Tell whether something is about a person or matter: by bearer, by the fact's fields, by the record."""
    if subject is None:
        return True
    if not isinstance(bearers, Unknown) and subject in bearers:
        return True
    named: set[Any] = set()
    if fact is not None:
        named |= {fact.person, fact.id, *(value for value in fact.data.values() if isinstance(value, str))}
        if fact.matter is not None:
            named |= {fact.matter.id, fact.matter.person}
    if matter is not None:
        named |= {matter.id, matter.person, *(value for value in matter.key if isinstance(value, str))}
    return subject in named


def _of_others(
    subject: str | None, bearers: list[str] | Unknown, fact: Fact | None, matter: Instance | None
) -> Step | None:
    """Return the step that stops a try for somebody whom it names, but does not concern."""
    if subject is None or isinstance(bearers, Unknown) or not bearers or subject in bearers:
        return None
    if subject in (matter.id if matter is not None else None, fact.id if fact is not None else None):
        return None
    return Step("who", FAILS, "of_others", {"persons": list(bearers)}, changes=(Change("is", "who", value=subject),))


def _openings(cell: ObservedCell) -> list[Opening]:
    return [one for one in cell.places.values() if isinstance(one, Opening)]
