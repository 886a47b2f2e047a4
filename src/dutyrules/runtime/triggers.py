"""What one fact is to one rule: whether it sets the rule off, for which matter, and whom it concerns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from dutyrules.policies.model import Kind
from dutyrules.policies.syntax import FactKind
from dutyrules.runtime.context import Context
from dutyrules.runtime.openings import Opening, OutcomeCell, causes_of
from dutyrules.runtime.store import FOREVER
from dutyrules.runtime.values import Unknown, lacking, merge

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from dutyrules.policies.model import Rule
    from dutyrules.policies.syntax import Pattern
    from dutyrules.runtime.instances import Instance
    from dutyrules.runtime.machine import Machine
    from dutyrules.runtime.program import Program
    from dutyrules.runtime.store import Fact, Key, Store

    Guard = Callable[["TriggerCell", Opening, Context], Opening | None]

EVENT: Final = FactKind.EVENT.value
END: Final = FactKind.END.value
ALLOWS = (Kind.PERMISSION, Kind.APPROVAL, Kind.ELIGIBILITY)


class TriggerCell(OutcomeCell):
    """One fact before one rule: it sets the rule off by the first of the `patterns` that it certainly fits, or may fit.

    `pattern` is the one that was tried last.
    """

    __slots__ = ("pattern", "patterns", "trigger")

    def __init__(self, machine: Machine, rule: Rule, patterns: list[Pattern], fact: Fact, key: Key) -> None:
        super().__init__(machine, rule, machine.program.rule_layers[rule.id] - 1, key)
        self.patterns = patterns
        self.pattern = patterns[0]
        self.trigger: Fact | None = fact

    def make(self, _store: Store) -> None:
        """Put an opening where the case of its matter looks."""
        fact = self.trigger
        if fact is None:
            self.machine.forget(self)
            return
        if self.rule.counts_as is not None and f"{self.rule.id}/" in fact.id:
            return  # what a rule has deemed to be does not set it off again
        doubts: list[tuple[Pattern, object]] = []
        for pattern in self.patterns:
            self.pattern = pattern
            met = True if pattern.where is None else self._where(fact)
            if isinstance(met, Unknown):
                doubts.append((pattern, met))
            elif met and (self._put(fact, met) or not pattern.first):
                return
        for pattern, met in doubts:
            self.pattern = pattern
            if self._put(fact, met) or not pattern.first:
                return

    def _put(self, fact: Fact, met: object) -> bool:
        """Put openings, and tell whether there is any; `met`: whether the pattern is."""
        found = False
        for matter in matters_of(self.machine.program, self.rule, fact):
            opening = self._opening(fact, matter, met)
            found = found or opening is not None
            if opening is not None and not self._allows(opening):
                place = ("openings", self.rule.id, opening.matter_id)
                self.places[(place, opening.time, fact.id)] = opening
                self.machine.case(self.rule, opening.matter_id)
        return found

    def _allows(self, opening: Opening) -> bool:
        """Tell whether all that there is to say is that something is permitted, or is not and nobody minds."""
        rule = self.rule
        if rule.kind not in ALLOWS or opening.doubt is not None or not self.machine.skips:
            return False
        if not opening.number and rule.kind is not Kind.PERMISSION:
            return False
        self.verdict(opening, "permitted" if opening.number else "not_permitted")
        return True

    def _opening(self, fact: Fact, matter: Instance | None, met: object) -> Opening | None:
        machine, program, rule = self.machine, self.machine.program, self.rule
        ctx = Context(fact, matter, act=fact.act, at=fact.time, whole=fact.type[0] == END)
        if not program.in_force(rule, ctx) or (self.pattern.first and self.earlier(fact, matter)):
            return None
        named = program.bearers(rule.who, ctx) if rule.who else self._default_bearer(fact, matter)
        bearers = () if isinstance(named, Unknown) else tuple(named)
        if rule.if_ is not None and rule.kind not in ALLOWS:
            holds = program.evaluator.tree(rule.if_.tree)(ctx)
            if not holds:
                self.found(bearers, "kept")
                return None  # a guard that certainly fails makes the doubt about another one idle
            if isinstance(holds, Unknown):
                met = merge(met, holds) if isinstance(met, Unknown) else holds
        key, values = machine.guards.key_of(ctx)
        base = Opening(
            fact.time,
            matter_id_of(fact, matter, own=rule.about is not None),
            ctx,
            bearers,
            causes_of(fact),
            fact.roots,
            fact,
            matter,
            key=key,
            values=values,
        )
        unnamed = named if isinstance(named, Unknown) else None
        return self._guarded(base, met if isinstance(met, Unknown) else None, unnamed, ctx)

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

    def _guarded(self, base: Opening, doubt: Unknown | None, unnamed: Unknown | None, ctx: Context) -> Opening | None:
        """Try the guards after the condition; None where one fails, an opening in doubt where one cannot be told."""
        if self.rule.kind in ALLOWS:
            return self._allowed(base, doubt, ctx)
        for guard in self.machine.program.once(guards_of, self.rule):
            answer = guard(self, base, ctx)
            if answer is None:
                self.verdict(base, "kept")
                return None  # a guard that certainly fails makes the doubt about another one idle
            base = answer
            if answer.doubt is not None:
                doubt = answer.doubt if doubt is None else merge(doubt, answer.doubt)
                base = answer.but(doubt=None)
        if doubt is not None:
            return base.but(doubt=doubt)
        if unnamed is not None:
            return base.but(doubt=unnamed)
        if not base.bearers and self.rule.counts_as is None:
            return base.but(doubt=lacking("the person whom it concerns"))
        return base

    def window(self, base: Opening, ctx: Context) -> Opening | None:
        """Look whether the fact lies in the window of a prohibition."""
        inside = self.machine.guards.in_window(self.rule, ctx)
        if isinstance(inside, Unknown):
            return base.but(doubt=inside)
        return base if inside else None

    def needs(self, base: Opening, ctx: Context) -> Opening | None:
        """Look for what is needed: a prohibition is broken where it is lacking, other rules go on where it is there."""
        rule = self.rule
        needed = self.machine.guards.needs(rule, ctx)
        for name in [need.id or need.permission for need in rule.needs]:
            if name is not None:
                self.verdict(base, "breach" if name in needed.lacking else "met", rule=name)
        met = needed.met
        if isinstance(met, Unknown):
            return base.but(doubt=met)
        if met is (rule.kind is Kind.PROHIBITION):
            return None
        return base.but(lacking=needed.lacking) if needed.lacking else base

    def exceptions(self, base: Opening, ctx: Context) -> Opening | None:
        """Look for a permission that covers the fact."""
        excepted = self.machine.guards.excepted(self.rule, ctx)
        self.judge_ways(base, ctx)
        if isinstance(excepted, Unknown):
            return base.but(doubt=excepted)
        if excepted is not None:
            self.verdict(base, "permitted", rule=excepted)
            return None
        for name in self.rule.unless:
            self.verdict(base, "not_permitted", rule=name)
        return base

    def silence(self, base: Opening, ctx: Context) -> Opening | None:
        """Look whether the log carries what the rule lets speak by its absence."""
        program = self.machine.program
        silence = program.silence.lacks(program.silence.relied_on(self.rule), program.day_of(ctx))
        return base if silence is None else base.but(doubt=silence)

    def _allowed(self, base: Opening, doubt: Unknown | None, ctx: Context) -> Opening:
        guards = self.machine.guards
        answer = guards.allowed(self.rule, ctx)
        if doubt is not None and answer is not (self.rule.kind is not Kind.PERMISSION):
            answer = merge(doubt, answer) if isinstance(answer, Unknown) else doubt
        if answer is False and not base.bearers and self.rule.kind is not Kind.PERMISSION:
            answer = lacking("the person whom it concerns")
        if isinstance(answer, Unknown):
            return base.but(doubt=answer)
        unmet = guards.needs(self.rule, ctx).lacking if not answer else ()
        return base.but(number=answer, lacking=unmet)


def guards_of(program: Program, rule: Rule) -> tuple[Guard, ...]:
    """Return the guards that a rule has beside its condition, in the order in which they are tried."""
    windowed = rule.kind is Kind.PROHIBITION and (rule.from_ is not None or rule.by is not None)
    guards = (
        (windowed, TriggerCell.window),
        (bool(rule.needs or rule.needs_any), TriggerCell.needs),
        (bool(rule.unless), TriggerCell.exceptions),
        (bool(program.silence.relied_on(rule)), TriggerCell.silence),
    )
    return tuple(guard for has, guard in guards if has)


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
            fact = replace(fact, person=person)  # the bearer is whom conditions and counts call `person`
        ctx = Context(fact, matter, at=fact.time)
        if not program.in_force(rule, ctx):
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
        return [fact.matter] if fact.type[0] != EVENT and fact.matter is not None else [None]
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
