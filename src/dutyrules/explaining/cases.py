"""What comes after the guards: excuses, the clock of a duty, the band, the sum, the answer of a person."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from dutyrules.explaining.changes import solved
from dutyrules.explaining.evidence import Change
from dutyrules.explaining.guards import TIME, lacks
from dutyrules.explaining.relations import Relating
from dutyrules.explaining.sources import source
from dutyrules.explaining.steps import FAILS, HOLDS, Step
from dutyrules.policies.model import Act, Kind
from dutyrules.policies.syntax import FactKind, ParameterRef, ReadInstant
from dutyrules.runtime.clocks import Clock, Course
from dutyrules.runtime.tiers import band_of
from dutyrules.runtime.values import Unknown, is_figure

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dutyrules.explaining.guards import GuardSteps
    from dutyrules.outcomes import Outcome
    from dutyrules.policies.model import Consequence, Rule
    from dutyrules.policies.syntax import Expression
    from dutyrules.runtime.openings import Opening
    from dutyrules.runtime.store import Fact


class CaseSteps:
    """Shows what a rule's case made of its openings."""

    def __init__(self, guards: GuardSteps) -> None:
        self._guards = guards
        self._machine = guards.machine
        self._program = guards.machine.program
        self._zone = guards.zone
        self._relating = Relating(guards.machine)

    def after(
        self, rule: Rule, openings: list[Opening], outcomes: tuple[Outcome, ...], *, observed: bool = False
    ) -> Iterator[Step]:
        """Yield the steps that follow on the guards of an opening, the first of those of one matter."""
        opening = openings[0]
        is_duty = rule.kind is Kind.OBLIGATION and not observed and bool(rule.until or rule.until_all)
        if not is_duty:
            yield from self._excused(rule, opening)
        if is_duty:
            yield from self._duty(rule, opening, max(one.time for one in openings))
        elif rule.consequence is not None or rule.tiers:
            yield from self._consequence(rule, opening, outcomes)
        if rule.soft is not None:
            yield Step("soft", FAILS, "soft", {"word": rule.soft})
        yield from self._relating.steps(rule, outcomes)

    # --- excuses ---------------------------------------------------------------------------------------------------

    def _excused(self, rule: Rule, opening: Opening) -> Iterator[Step]:
        if not rule.excused_by:
            return
        facts = self._machine.guards.excuses(rule.excused_by, opening)
        if facts:
            change = Change("no_event", facts[0].type[1], before=None)
            yield Step("excused_by", FAILS, "excused", self._about(facts[0]), causes=facts[0].roots, changes=(change,))
        else:
            sources = ", ".join(pattern.source for pattern in rule.excused_by)
            yield Step("excused_by", HOLDS, "not_excused", {"source": sources})

    def _about(self, fact: Fact) -> dict[str, Any]:
        return {"fact": fact.type[1], "time": self._zone.iso(fact.time)}

    # --- duties ----------------------------------------------------------------------------------------------------

    def _duty(self, rule: Rule, opening: Opening, last: int) -> Iterator[Step]:
        excuses = self._machine.guards.excuses(rule.excused_by, opening)
        clock = Clock(self._machine, rule, opening, tuple(fact for fact in excuses if fact.time > last))
        course = clock.run()
        yield self._limit(rule, opening, course)
        yield self._act(rule, course)
        if course.missed is not None and course.act is None and not course.excused:
            types = rule.relies_on or tuple(
                name
                for pattern in (*rule.until, *rule.until_all)
                if pattern.kind is FactKind.EVENT
                for name in pattern.names
            )
            silence = self._guards.silence(tuple(types), opening.ctx)
            perhaps = clock.perhaps_done(course)
            if silence is not None:
                yield silence
            if perhaps is not None:
                yield Step("until", None, "perhaps_done", lacks(perhaps))

    def _limit(self, rule: Rule, opening: Opening, course: Course) -> Step:
        """Show the limit: from when it ran, what it was read from, how it was counted, what moved it."""
        facts: dict[str, Any] = {"since": self._zone.iso(course.start)}
        parts = tuple(
            Step("figure", HOLDS, "figure", {"source": source(tree)}, self._guards.tracer.term(tree, opening.ctx))
            for tree in limits_of(rule)
        )
        if course.doubt is not None:
            return Step("within", None, "limit_unknown", {**facts, **lacks(course.doubt)})
        if course.past is not None:
            return Step("within", None, "limit_past", {**facts, "time": self._zone.iso(course.past)})
        if course.due is None:
            return Step("within", HOLDS, "no_limit", {**facts, "vague": rule.promptly or rule.vague})
        facts["due"] = self._zone.iso(course.due.time)
        if course.moved_time:
            facts["time"] = self._zone.iso(course.moved_time)
        phrase = "limit_moved" if course.moved_time else "limit"
        guard = "by" if rule.by else "within"
        return Step(guard, HOLDS, phrase, facts, parts=parts, causes=course.because, ledger=course.due.ledger)

    def _act(self, rule: Rule, course: Course) -> Step:
        """Show how the duty ended: the rule goes on to a breach where the limit was missed."""
        source = ", ".join(pattern.source for pattern in (*rule.until, *rule.until_all))
        facts: dict[str, Any] = {"source": source}
        due = None if course.due is None else course.due.time
        if course.excused:
            return Step("excused_by", FAILS, "excused", self._about(course.excused[0]), causes=course.excused[0].roots)
        if course.status == "waived":
            facts["time"] = self._zone.iso(course.time)
            return Step("waived_by", FAILS, "waived", facts, causes=course.ended_by)
        causes = tuple(dict.fromkeys(root for act in course.acts for root in act.roots))
        if course.act is not None and course.missed is None:
            done = course.acts[-1].time if course.acts else course.act.time
            facts["time"] = self._zone.iso(done)
            if due is None:
                return Step("until", FAILS, "met", facts, causes=causes)
            facts |= {"due": self._zone.iso(due), "seconds": max(due - done, 0)}
            change = Change("later", source, by=due + 1 - done, tree=TIME)
            return Step("until", FAILS, "met_in_time", facts, causes=causes, changes=(change,))
        if course.missed is not None:
            facts["due"] = self._zone.iso(course.missed)
            if course.act is not None:
                facts |= {"time": self._zone.iso(course.act.time), "seconds": course.act.time - course.missed}
                return Step("until", HOLDS, "met_late", facts, causes=causes)
            return Step("until", HOLDS, "missed", facts)
        return self._still_open(facts, due)

    def _still_open(self, facts: dict[str, Any], due: int | None) -> Step:
        facts["now"] = self._zone.iso(self._program.store.clock)
        if due is None:
            return Step("until", FAILS, "open_no_limit", facts)
        facts["due"] = self._zone.iso(due)
        return Step("until", FAILS, "open", facts, changes=(Change("wait", facts["source"], before=due + 1),))

    # --- consequences ----------------------------------------------------------------------------------------------

    def _consequence(self, rule: Rule, opening: Opening, outcomes: tuple[Outcome, ...]) -> Iterator[Step]:
        what = rule.consequence
        if rule.tiers:
            picked = band_of(self._machine, rule, opening)
            yield self._band(rule, opening, picked)
            if picked is None or isinstance(picked, Unknown):
                return
            what = picked[0].consequence
            if picked[0].excused_by:
                yield from self._excused(attrs.evolve(rule, excused_by=picked[0].excused_by), opening)
        if what is not None:
            yield self._sum(what, opening, outcomes)
        if rule.kind is Kind.ENTITLEMENT and rule.postponed_while is not None:
            yield self._postponed(rule, opening, outcomes)

    def _band(self, rule: Rule, opening: Opening, picked: Any) -> Step:  # noqa: ANN401 - what `band_of` returns
        assert rule.by_number is not None  # noqa: S101 - the loader demands it of tiers
        term = self._guards.tracer.term(rule.by_number.tree, opening.ctx)
        facts: dict[str, Any] = {"source": rule.by_number.source}
        if isinstance(picked, Unknown):
            return Step("by_number", None, "number_unknown", {**facts, **lacks(picked)}, term)
        if picked is not None:
            tier = picked[0]
            facts |= {"tier": tier.id, "low": tier.low, "high": tier.high, "number": str(term.value)}
            return Step("by_number", HOLDS, "band", facts, term)
        above = [tier for tier in rule.tiers if is_figure(term.value) and tier.low > term.value]
        facts["number"] = str(term.value)
        if not above:
            return Step("by_number", FAILS, "above_bands", facts, term)
        tier = min(above, key=lambda one: one.low)
        facts |= {"tier": tier.id, "low": tier.low}
        changes = tuple(solved(term, tier.low - term.value))
        return Step("by_number", FAILS, "below_bands", facts, term, changes=changes)

    def _sum(self, what: Consequence, opening: Opening, outcomes: tuple[Outcome, ...]) -> Step:
        """Show how a sum was reckoned, and what a person was asked."""
        tracer = self._guards.tracer
        parts: list[Step] = []
        for guard, expr in (("amount", what.amount), ("of", what.percent_of)):
            if expr is not None:
                parts.append(Step(guard, HOLDS, "figure", {"source": expr.source}, tracer.term(expr.tree, opening.ctx)))
        facts: dict[str, Any] = {"act": what.act.value, "what": what.what, "each": what.each}
        if what.discretion is not None:
            choice = what.discretion
            for guard, bound in (("at_least", choice.low), ("to", choice.high), ("proposal", choice.proposal)):
                if bound is not None:
                    term = tracer.term(bound.tree, opening.ctx)
                    parts.append(Step(guard, HOLDS, "figure", {"source": bound.source}, term))
            asked = self._program.bearers(choice.decided_by, opening.ctx)
            facts["asks"] = [] if isinstance(asked, Unknown) else asked
            proposed = [one for one in outcomes if one.status == "proposed"]
            if proposed:
                return Step("decided_by", None, "proposed", facts, parts=tuple(parts))
            return Step("decided_by", HOLDS, "decided", facts, parts=tuple(parts))
        values = [part.term.value for part in parts if part.term is not None]
        doubt = next((one for one in values if isinstance(one, Unknown)), None)
        if doubt is not None and what.act is not Act.WITHHOLD:
            return Step("consequence", None, "sum_unknown", {**facts, **lacks(doubt)}, parts=tuple(parts))
        made = next((one for one in outcomes if one.kind in ("sanction", "entitlement")), None)
        amount = getattr(made, "amount", None)
        facts["amount"] = None if amount is None else str(amount)
        return Step("consequence", HOLDS, "follows", facts, parts=tuple(parts))

    def _postponed(self, rule: Rule, opening: Opening, outcomes: tuple[Outcome, ...]) -> Step:
        assert rule.postponed_while is not None  # noqa: S101 - the caller has looked
        moved = [one for one in outcomes if one.status == "postponed"]
        due = getattr(moved[0], "due", None) if moved else None
        term = self._guards.condition("postponed_while", rule.postponed_while, opening.ctx)
        phrase = "postponed" if moved else "not_postponed"
        return Step("postponed_while", not moved, phrase, {"due": due}, term.term)


def limits_of(rule: Rule) -> list[Expression]:
    """Return what a rule's clock is read from: parameters, fields and formulas."""
    within = rule.within
    found: list[Expression] = [] if within is None or within.parameter is None else [ParameterRef(within.parameter)]
    for instant in (rule.from_, rule.by, None if within is None else within.of):
        found += _read_by(instant)
    return list(dict.fromkeys(found))


def _read_by(instant: Any) -> list[Expression]:  # noqa: ANN401 - any instant
    if isinstance(instant, ReadInstant):
        return [instant.expr.tree]
    named = getattr(instant, "parameter", None)
    found: list[Expression] = [ParameterRef(named)] if isinstance(named, str) else []
    for part in ("day", "base", "then", "otherwise"):
        deeper = getattr(instant, part, None)
        if attrs.has(type(deeper)):
            found += _read_by(deeper)
    return found
