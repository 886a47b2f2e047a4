"""The guards that look back, one by one, each with what it found."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from dutyrules.explaining.changes import changes_for
from dutyrules.explaining.evidence import Change
from dutyrules.explaining.steps import FAILS, HOLDS, Step
from dutyrules.explaining.terms import Tracer
from dutyrules.policies.model import Kind
from dutyrules.policies.syntax import Field, Scope
from dutyrules.runtime.values import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dutyrules.policies.model import Need, Rule
    from dutyrules.policies.syntax import Expr
    from dutyrules.runtime.context import Context
    from dutyrules.runtime.machine import Machine
    from dutyrules.runtime.store import Fact

TIME = Field(Scope.FACT, "time", type="time")


def known(answer: object) -> bool | None:
    """Return whether an answer is yes, None where it is not known."""
    return None if isinstance(answer, Unknown) else bool(answer)


def lacks(answer: object) -> dict[str, Any]:
    """Return what an unknown answer lacks, as the parts of a phrase."""
    return {"lacks": list(answer.lacks)} if isinstance(answer, Unknown) else {}


class GuardSteps:
    """Shows each guard of a rule in a context."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.program = machine.program
        self.zone = machine.program.zone
        self.tracer = Tracer(machine.program)

    def condition(self, guard: str, expr: Expr, ctx: Context) -> Step:
        """Show a condition, and what would make it hold."""
        term = self.tracer.term(expr.tree, ctx)
        return Step(guard, term.holds, "condition", {"source": expr.source}, term, changes=changes_for(term))

    def in_force(self, rule: Rule, ctx: Context) -> Step | None:
        """Show the days on which the rule and the pack apply, where they are bounded."""
        day = self.program.day_of(ctx)
        spans = [one for one in (rule.in_force, self.program.pack.in_force) if one.since or one.until]
        if day is None or not spans:
            return None
        holds = self.program.in_force_on(rule, day)
        failed = next(
            (one for one in spans if (one.since and day < one.since) or (one.until and day > one.until)), spans[0]
        )
        facts = {
            "day": day.isoformat(),
            "since": failed.since.isoformat() if failed.since else None,
            "until": failed.until.isoformat() if failed.until else None,
        }
        changes: list[Change] = []
        if not holds and failed.since and day < failed.since:
            changes.append(Change("days_later", "date", by=(failed.since - day).days, tree=None))
        elif not holds and failed.until:
            changes.append(Change("days_earlier", "date", by=(day - failed.until).days, tree=None))
        return Step("in_force", holds, "in_force" if holds else "not_in_force", facts, changes=tuple(changes))

    def window(self, rule: Rule, ctx: Context) -> Step | None:
        """Show from when to when a prohibition or permission applies."""
        if rule.from_ is None and rule.by is None:
            return None
        answer = self.machine.guards.in_window(rule, ctx)
        instants = self.program.instants
        time = ctx.fact.time if ctx.fact is not None else ctx.at
        since = None if rule.from_ is None else instants.read(rule.from_, ctx, end=False)
        upto = None if rule.by is None else instants.read(rule.by, ctx, end=True)
        facts: dict[str, Any] = {"time": self.zone.iso(time), "since": None, "upto": None, **lacks(answer)}
        changes: list[Change] = []
        if since is not None and not isinstance(since, Unknown):
            facts["since"] = self.zone.iso(since.time)
            if time < since.time:
                changes.append(Change("later", "time", by=since.time - time, tree=TIME))
        if upto is not None and not isinstance(upto, Unknown):
            last = upto.time if rule.kind is not Kind.PROHIBITION or upto.day is not None else upto.time - 1
            facts["upto"] = self.zone.iso(last)
            if time > last:
                changes.append(Change("earlier", "time", by=time - last, tree=TIME))
        return Step("from" if rule.from_ is not None else "by", known(answer), "window", facts, changes=tuple(changes))

    # --- needs -----------------------------------------------------------------------------------------------------

    def needs(self, rule: Rule, ctx: Context) -> Step | None:
        """Show what is needed: a prohibition is broken where it is lacking, other rules go on where it is there."""
        if not rule.needs and not rule.needs_any:
            return None
        found = self.machine.guards.needs(rule, ctx)
        met = found.met
        lacking_breaks = rule.kind is Kind.PROHIBITION
        holds = None if isinstance(met, Unknown) else met is not lacking_breaks
        missing = {name for text in found.lacking for name in (text, *text.split(" or "))}
        parts = tuple(self._need(need, missing, ctx) for need in (*rule.needs, *rule.needs_any))
        changes: tuple[Change, ...] = ()
        if holds is False:
            wanted = [part for part in parts if part.holds is lacking_breaks]
            changes = tuple(
                attrs.evolve(change, group=0 if lacking_breaks or rule.needs_any else number)
                for number, part in enumerate(wanted)
                for change in part.changes
            )
        phrase = "needs_lacking" if found.lacking else "needs_met"
        facts = {"lacking": list(found.lacking), **lacks(met)}
        return Step("needs", holds, phrase, facts, parts=parts, changes=changes)

    def _need(self, need: Need, lacking: set[str], ctx: Context) -> Step:
        name = need.id or need.permission or (need.fact.source if need.fact is not None else "")
        facts: dict[str, Any] = {"need": name}
        if need.if_ is not None:
            asked = self.tracer.term(need.if_.tree, ctx)
            if asked.holds is False:
                return Step("need", HOLDS, "need_idle", facts, asked)
        if need.permission is not None:
            inner = self.permission(need.permission, ctx)
            return Step("need", inner.holds, "need_permission", facts, parts=(inner,), changes=inner.changes)
        if need.fact is None:
            return Step("need", HOLDS, "need_met", facts)
        there = self._facts_of(need, ctx)
        facts["source"] = need.fact.source
        if there:
            holds = name not in lacking
            gone = (Change("no_event", need.fact.source, before=ctx.at),)
            facts["times"] = [self.zone.iso(one.time) for one in there]
            causes = tuple(root for one in there for root in one.roots)
            return Step("need", holds, "need_met" if holds else "need_out_of_order", facts, causes=causes, changes=gone)
        came = (Change("event", need.fact.source, before=ctx.at),)
        return Step("need", False if name in lacking else None, "need_lacking", facts, changes=came)

    def _facts_of(self, need: Need, ctx: Context) -> list[Fact]:
        guards = self.machine.guards
        if need.fact is None:
            return []
        key, values = guards.key_of(ctx)
        return [fact for fact, doubt in guards.facts((need.fact,), ctx, key, values, ctx.at) if doubt is None]

    # --- exceptions ------------------------------------------------------------------------------------------------

    def unless(self, rule: Rule, ctx: Context) -> Step | None:
        """Show the exceptions: the rule goes on where none covers the case."""
        if not rule.unless:
            return None
        covered = self.machine.guards.excepted(rule, ctx)
        parts = tuple(self.permission(name, ctx) for name in rule.unless)
        if isinstance(covered, str):
            mine = next(part for part in parts if part.facts["rule"] == covered)
            return Step("unless", FAILS, "excepted", {"rule": covered}, parts=parts, changes=self._lifted(mine))
        phrase = "not_excepted" if covered is None else "perhaps_excepted"
        return Step("unless", True if covered is None else None, phrase, lacks(covered), parts=parts)

    def permission(self, name: str, ctx: Context) -> Step:
        """Show whether a permission covers a case, guard by guard."""
        guards = self.machine.guards
        seen, facts = guards.seen(name, ctx), {"rule": name}
        if seen is None:
            return Step("permission", FAILS, "permission_elsewhere", facts)
        answer, view = guards.permits(name, ctx), seen[0]
        parts = tuple(self.back(self.program.pack.rules[name], view))
        stopped = next((part for part in parts if part.holds is not True), None)
        changes = stopped.changes if stopped is not None else ()
        phrase = "permission_covers" if known(answer) else "permission_lacks"
        return Step("permission", known(answer), phrase, {**facts, **lacks(answer)}, parts=parts, changes=changes)

    def back(self, rule: Rule, ctx: Context) -> Iterator[Step]:
        """Yield the guards of a permission, approval or eligibility."""
        steps = [self.in_force(rule, ctx), self.window(rule, ctx)]
        steps += [None if rule.if_ is None else self.condition("if", rule.if_, ctx)]
        steps += [self.needs(rule, ctx), self.unless(rule, ctx)]
        yield from (step for step in steps if step is not None)

    def _lifted(self, permission: Step) -> tuple[Change, ...]:
        """Return what would have kept an exception from covering the case: one of these is enough."""
        found: list[Change] = []
        for part in permission.parts:
            if part.term is not None:
                found += changes_for(part.term, wanted=False)
            for deeper in part.parts:
                found += [change for change in deeper.changes if change.kind == "no_event"]
        found = found or [Change("fails", permission.facts["rule"])]
        return tuple(attrs.evolve(one, group=0) for one in found)

    # --- what remains ----------------------------------------------------------------------------------------------

    def silence(self, types: tuple[str, ...], ctx: Context) -> Step | None:
        """Show whether the log carries what the rule takes the absence of for a fact."""
        if not types:
            return None
        doubt = self.program.silence.lacks(list(types), self.program.day_of(ctx))
        facts = {"types": list(types)}
        if doubt is None:
            return Step("silence", HOLDS, "carried", facts)
        missing = [one for one in types if not self.program.silence.carried(one, self.program.day_of(ctx))]
        changes = tuple(Change("carries", one, group=number) for number, one in enumerate(missing))
        return Step("silence", None, "not_carried", {"types": missing}, changes=changes)

    def who(self, bearers: list[str] | Unknown, *, needed: bool = True) -> Step | None:
        """Show whom it concerns, where that is not known."""
        if isinstance(bearers, Unknown):
            return Step("who", None, "nobody_known", lacks(bearers))
        if not bearers and needed:
            return Step("who", None, "nobody_known", {"lacks": ["the person whom it concerns"]})
        return None
