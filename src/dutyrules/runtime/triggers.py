"""What one fact is to one rule: whether it sets the rule off, for which matter, and whom it concerns."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from dutyrules.policies.model import Kind
from dutyrules.policies.syntax import FactKind
from dutyrules.runtime.context import Context
from dutyrules.runtime.openings import Opening, OutcomeCell, causes_of
from dutyrules.runtime.store import FOREVER
from dutyrules.runtime.values import Unknown, lacking, merge

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dutyrules.policies.model import Rule
    from dutyrules.policies.syntax import Pattern
    from dutyrules.runtime.instances import Instance
    from dutyrules.runtime.machine import Machine
    from dutyrules.runtime.program import Program
    from dutyrules.runtime.store import Fact, Store

ALLOWS = (Kind.PERMISSION, Kind.APPROVAL, Kind.ELIGIBILITY)


class TriggerCell(OutcomeCell):
    """One fact before one rule."""

    __slots__ = ("pattern", "trigger")

    def __init__(self, machine: Machine, rule: Rule, pattern: Pattern, fact: Fact) -> None:
        super().__init__(
            machine, rule, machine.program.rule_layers[rule.id] - 1, ("trigger", rule.id, fact.type, fact.id)
        )
        self.pattern = pattern
        self.trigger: Fact | None = fact

    def make(self, _store: Store) -> None:
        """Put an opening where the case of its matter looks."""
        fact = self.trigger
        if fact is None:
            self.machine.forget(self)
            return
        if self.rule.counts_as is not None and f"{self.rule.id}/" in fact.id:
            return  # what a rule has deemed to be does not set it off again
        met = self._where(fact)
        if met is False:
            return
        for matter in matters_of(self.machine.program, self.rule, fact):
            opening = self._opening(fact, matter, met)
            if opening is not None:
                place = ("openings", self.rule.id, opening.matter_id)
                self.places[(place, opening.time, fact.id)] = opening
                self.machine.case(self.rule, opening.matter_id)

    def _opening(self, fact: Fact, matter: Instance | None, met: object) -> Opening | None:
        machine, program, rule = self.machine, self.machine.program, self.rule
        at_end = fact.type[0] == FactKind.END.value
        ctx = Context(fact, matter, act=fact.act, at=fact.time, whole=at_end)
        if not program.in_force(rule, program.day_of(ctx)) or (self.pattern.first and self.earlier(fact, matter)):
            return None
        key, values = machine.guards.key_of(ctx)
        base = Opening(
            fact.time,
            matter_id_of(fact, matter, own=rule.about is not None),
            ctx,
            self._default_bearer(fact, matter),
            causes_of(fact),
            fact.roots,
            fact,
            matter,
            key=key,
            values=values,
        )
        return self._guarded(base, met if isinstance(met, Unknown) else None, ctx)

    def _where(self, fact: Fact) -> object:
        if self.pattern.where is None:
            return True
        ctx = Context(fact, fact.matter, act=fact.act, at=fact.time)
        return self.machine.program.evaluator.tree(self.pattern.where.tree)(ctx)

    def earlier(self, fact: Fact, matter: Instance | None) -> Fact | None:
        """Return another fact that is, or may be, the first of the matter; each event is the first of its own."""
        if matter is None:
            return None
        machine, program = self.machine, self.machine.program
        key, values = machine.guards.key_of(Context(fact, matter, at=fact.time))
        mine = self._matter_ids(fact, [matter])
        for one in program.matching(self.pattern, key, values, fact.time):
            if (
                one.order < fact.order
                and self._where(one) is not False
                and not mine.isdisjoint(self._matter_ids(one, matters_of(program, self.rule, one)))
            ):
                return one
        return None

    def _matter_ids(self, fact: Fact, matters: Iterable[Instance | None]) -> set[str]:
        return {matter_id_of(fact, matter, own=self.rule.about is not None) for matter in matters}

    def _default_bearer(self, fact: Fact, matter: Instance | None) -> tuple[str, ...]:
        person = fact.person or (matter.person if matter is not None else None)
        return (person,) if person is not None else ()

    def _guarded(self, base: Opening, doubt: Unknown | None, ctx: Context) -> Opening | None:
        """Try the guards in order; None where one fails, an opening in doubt where one cannot be told."""
        bearers: list[str] | Unknown = list(base.bearers)
        if self.rule.who:
            bearers = self.machine.program.bearers(self.rule.who, ctx)
            base = attrs.evolve(base, bearers=() if isinstance(bearers, Unknown) else tuple(bearers))
        if self.rule.kind in ALLOWS:
            return self._allowed(base, doubt, ctx)
        for guard in (self._condition, self._window, self._needs, self._exceptions, self._silence):
            answer = guard(base, ctx)
            if answer is None:
                self.verdict(base, "kept")
                return None  # a guard that certainly fails makes the doubt about another one idle
            base = answer
            if answer.doubt is not None:
                doubt = answer.doubt if doubt is None else merge(doubt, answer.doubt)
                base = attrs.evolve(answer, doubt=None)
        if doubt is not None:
            return attrs.evolve(base, doubt=doubt)
        if isinstance(bearers, Unknown):
            return attrs.evolve(base, doubt=bearers)
        if not bearers and self.rule.counts_as is None:
            return attrs.evolve(base, doubt=lacking("the person whom it concerns"))
        return base

    def _condition(self, base: Opening, ctx: Context) -> Opening | None:
        if self.rule.if_ is None:
            return base
        met = self.machine.program.evaluator.tree(self.rule.if_.tree)(ctx)
        if isinstance(met, Unknown):
            return attrs.evolve(base, doubt=met)
        return base if met else None

    def _window(self, base: Opening, ctx: Context) -> Opening | None:
        if self.rule.kind is not Kind.PROHIBITION:
            return base
        inside = self.machine.guards.in_window(self.rule, ctx)
        if isinstance(inside, Unknown):
            return attrs.evolve(base, doubt=inside)
        return base if inside else None

    def _needs(self, base: Opening, ctx: Context) -> Opening | None:
        """Look for what is needed: a prohibition is broken where it is lacking, other rules go on where it is there."""
        rule = self.rule
        if not rule.needs and not rule.needs_any:
            return base
        needed = self.machine.guards.needs(rule, ctx)
        for name in [need.id or need.permission for need in rule.needs]:
            if name is not None:
                self.verdict(base, "breach" if name in needed.lacking else "met", rule=name)
        met = needed.met
        if isinstance(met, Unknown):
            return attrs.evolve(base, doubt=met)
        if met is (rule.kind is Kind.PROHIBITION):
            return None
        return attrs.evolve(base, lacking=needed.lacking) if needed.lacking else base

    def _exceptions(self, base: Opening, ctx: Context) -> Opening | None:
        if not self.rule.unless:
            return base
        excepted = self.machine.guards.excepted(self.rule, ctx)
        self.judge_ways(base, ctx)
        if isinstance(excepted, Unknown):
            return attrs.evolve(base, doubt=excepted)
        if excepted is not None:
            self.verdict(base, "permitted", rule=excepted)
            return None
        for name in self.rule.unless:
            self.verdict(base, "not_permitted", rule=name)
        return base

    def _silence(self, base: Opening, ctx: Context) -> Opening | None:
        program = self.machine.program
        relied = program.silence.relied_on(self.rule)
        silence = program.silence.lacks(list(relied), program.day_of(ctx)) if relied else None
        return base if silence is None else attrs.evolve(base, doubt=silence)

    def _allowed(self, base: Opening, doubt: Unknown | None, ctx: Context) -> Opening:
        guards = self.machine.guards
        answer = guards.allowed(self.rule, ctx)
        if doubt is not None and answer is not (self.rule.kind is not Kind.PERMISSION):
            answer = merge(doubt, answer) if isinstance(answer, Unknown) else doubt
        if answer is False and not base.bearers and self.rule.kind is not Kind.PERMISSION:
            answer = lacking("the person whom it concerns")
        if isinstance(answer, Unknown):
            return attrs.evolve(base, doubt=answer)
        unmet = guards.needs(self.rule, ctx).lacking if not answer else ()
        return attrs.evolve(base, number=answer, lacking=unmet)


def set_off(rule: Rule) -> bool:
    """Tell whether anything but a finding sets a rule off."""
    return bool(rule.when) or rule.whenever is not None or rule.every is not None or rule.gap is not None


class ObservedCell(OutcomeCell):
    """One finding before the observed rule that its code names."""

    __slots__ = ("trigger",)

    def __init__(self, machine: Machine, rule: Rule, fact: Fact) -> None:
        super().__init__(machine, rule, machine.program.rule_layers[rule.id] - 1, ("observed", rule.id, fact.id))
        self.trigger: Fact | None = fact

    def make(self, _store: Store) -> None:
        """Put an opening where the case of its matter looks."""
        fact = self.trigger
        if fact is None:
            self.machine.forget(self)
            return
        machine, program, rule = self.machine, self.machine.program, self.rule
        about = fact.data.get("about")
        matter = None
        if rule.about is not None:
            found = program.related(rule.about, Context(fact, None, at=fact.time))
            if isinstance(found, Unknown) and about is not None and len(program.pack.records[rule.about].key) == 1:
                found = program.instance(rule.about, (about,), fact.time) or found
            matter = None if isinstance(found, Unknown) else found
        person = fact.data.get("person") or about or (matter.person if matter is not None else None)
        if isinstance(person, str):
            fact = attrs.evolve(fact, person=person)  # the bearer is whom conditions and counts call `person`
        ctx = Context(fact, matter, at=fact.time)
        if not program.in_force(rule, program.day_of(ctx)):
            return
        # Where something else sets the rule off, its conditions are about that; whoever found the breach has judged.
        met = True if set_off(rule) else self._applies(ctx)
        if met is False:
            return
        missing = () if set_off(rule) or rule.kind is not Kind.PROHIBITION else machine.guards.needs(rule, ctx).lacking
        named: list[str] | Unknown = [person] if isinstance(person, str) else []
        if rule.who and not named:
            named = program.bearers(rule.who, ctx)
        doubt = next((one for one in (met, named) if isinstance(one, Unknown)), None)
        if not named:
            doubt = doubt or lacking("the person whom it concerns")
        key, values = machine.guards.key_of(ctx)
        bearers = () if isinstance(named, Unknown) else tuple(named)
        matter_id = matter_id_of(fact, matter, own=True)
        opening = Opening(
            *(fact.time, matter_id, ctx, bearers, (fact.id,), fact.roots, fact, matter, doubt),
            lacking=missing,
            key=key,
            values=values,
        )
        self.places[(("findings", rule.id, matter_id), fact.time, fact.id)] = opening
        machine.finding_case(rule, matter_id)

    def _applies(self, ctx: Context) -> bool | Unknown:
        """Tell whether the condition and what is needed are there and no exception covers the finding."""
        machine, rule = self.machine, self.rule
        answers: list[bool | Unknown] = []
        if rule.if_ is not None:
            answers.append(machine.program.evaluator.tree(rule.if_.tree)(ctx))
        if rule.needs or rule.needs_any:
            met = machine.guards.needs(rule, ctx).met
            lacking_breaks = rule.kind is Kind.PROHIBITION
            answers.append(met if isinstance(met, Unknown) else met is not lacking_breaks)
        if rule.unless:
            excepted = machine.guards.excepted(rule, ctx)
            answers.append(excepted if isinstance(excepted, Unknown) else excepted is None)
        if any(answer is False for answer in answers):
            return False
        return next((answer for answer in answers if isinstance(answer, Unknown)), True)


def matters_of(program: Program, rule: Rule, fact: Fact) -> list[Instance] | list[None]:
    """Return the records that a rule is about here: one, one a shift that the fact opens, or none."""
    about = rule.about
    if about is None:
        return [fact.matter] if fact.type[0] != FactKind.EVENT.value and fact.matter is not None else [None]
    if fact.matter is not None and fact.matter.kind == about:
        return [fact.matter]
    record = program.pack.records[about]
    keys = program.key_values(record, fact)
    if not keys:
        found = program.related(about, Context(fact, fact.matter, at=fact.time))
        return [] if isinstance(found, Unknown) else [found]
    upto = FOREVER if record.spans is not None else fact.time
    matters = [program.instance(about, values, upto) for values in keys]
    return [matter for matter in matters if matter is not None]


def matter_id_of(fact: Fact, matter: Instance | None, *, own: bool) -> str:
    """Return what an outcome of this fact is one of, as text; with a matter of the rule's `own`, that record.

    A fact of that very record hands on its own part of it: the second rise, the third period, one gap.
    """
    if fact.matter_id is not None and (not own or matter is fact.matter):
        return fact.matter_id
    return matter.id if matter is not None else f"event:{fact.id}"
