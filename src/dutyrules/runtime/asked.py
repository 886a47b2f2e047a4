"""Questions put before the deed: may it be done as things stand, and what is missing for each way."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from dutyrules.outcomes import Notice
from dutyrules.runtime.context import Context
from dutyrules.runtime.openings import Opening, OutcomeCell
from dutyrules.runtime.periods import points
from dutyrules.runtime.store import FOREVER
from dutyrules.runtime.triggers import matter_id_of, matters_of
from dutyrules.runtime.values import Unknown

if TYPE_CHECKING:
    from dutyrules.policies.model import Rule
    from dutyrules.policies.syntax import Pattern
    from dutyrules.runtime.instances import Instance
    from dutyrules.runtime.machine import Machine
    from dutyrules.runtime.store import Fact, Store


@attrs.frozen
class Answer:
    """What a question comes to at an instant: a word, and the way that is open or what each way lacks."""

    word: str
    detail: str
    doubt: Unknown | None = None


class AskedCell(OutcomeCell):
    """One fact that asks whether a rule would be broken: the answer as it stands, until the deed is done."""

    __slots__ = ("asking", "pattern")

    def __init__(self, machine: Machine, rule: Rule, pattern: Pattern, fact: Fact) -> None:
        super().__init__(machine, rule, machine.program.rule_layers[rule.id], ("asked", rule.id, fact.type, fact.id))
        self.pattern = pattern
        self.asking: Fact | None = fact

    def make(self, store: Store) -> None:
        """Answer for each matter that the fact asks about."""
        fact = self.asking
        if fact is None:
            self.machine.forget(self)
            return
        if self.machine.program.where_of_fact(self.pattern, fact) is not True:
            return
        for matter in matters_of(self.machine.program, self.rule, fact):
            self._answer(store, fact, matter)

    def _answer(self, store: Store, fact: Fact, matter: Instance | None) -> None:
        program, rule = self.machine.program, self.rule
        ctx = Context(fact, matter, at=fact.time)
        if not program.in_force(rule, ctx):
            return
        done = self._done(ctx, fact)
        horizon = FOREVER if done is None else done
        since, answer = fact.time, None
        for time in points(self, fact.time, min(store.clock, horizon)):
            now = self._at(ctx.looking(at=time))
            store.reach(self, horizon)
            if now != answer:
                since, answer = time, now
        if answer is None:
            return
        bearers = program.bearers(rule.who, ctx) if rule.who else [fact.person] if fact.person else []
        people = () if isinstance(bearers, Unknown) else tuple(bearers)
        matter_id = matter_id_of(fact, matter, own=rule.about is not None)
        opening = Opening(since, matter_id, ctx, people, (fact.id,), fact.roots, fact, matter)
        self._tell(opening, answer, min(store.clock, horizon))

    def _done(self, ctx: Context, fact: Fact) -> int | None:
        """Return when the deed was done, None if it was not yet."""
        guards = self.machine.guards
        key, values = guards.key_of(ctx)
        found = guards.facts(self.rule.when, ctx.looking(at=FOREVER), key, values)
        return next((one.time for one, doubt in found if doubt is None and one.order > fact.order), None)

    def _at(self, ctx: Context) -> Answer:
        rule, machine = self.rule, self.machine
        met = True if rule.if_ is None else machine.program.evaluator.tree(rule.if_.tree)(ctx)
        if met is False:
            return Answer("permitted", "")
        found = machine.guards.excepted(rule, ctx)
        if isinstance(found, str):
            return Answer("permitted", found)
        doubt = next((one for one in (met, found) if isinstance(one, Unknown)), None)
        lacks = [f"{name}: {', '.join(lacking)}" for name, lacking in machine.guards.ways(rule, ctx)]
        return Answer("undecidable" if doubt is not None else "not_permitted", "; ".join(lacks), doubt)

    def _tell(self, opening: Opening, answer: Answer, at: int) -> None:
        if answer.doubt is not None:
            self.undecidable(opening, answer.doubt)
            return
        self.verdict(opening, answer.word)
        self.judge_ways(opening, opening.ctx.looking(at=at))
        for person in opening.bearers or (None,):
            self.outcome(
                Notice,
                "issued",
                opening.time,
                matter=opening.matter_id,
                identity=f"{opening.matter_id}/asked",
                person=person,
                because=opening.causes,
                notice=answer.word,
                detail=answer.detail or None,
            )
