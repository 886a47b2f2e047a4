"""One rule's case for one matter: all openings together, and what they come to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from dutyrules.outcomes import Breach, Deadline, Entitlement, Notice, Obligation, Outcome, Referral
from dutyrules.policies.model import Act, Kind
from dutyrules.runtime.clocks import Clock, Course
from dutyrules.runtime.consequences import Band
from dutyrules.runtime.openings import Opening, OutcomeCell
from dutyrules.runtime.rights import postponed, taken
from dutyrules.runtime.store import Fact
from dutyrules.runtime.tiers import band_of, marginal_amount
from dutyrules.runtime.values import Unknown

if TYPE_CHECKING:
    from dutyrules.policies.model import Rule
    from dutyrules.policies.syntax import Pattern
    from dutyrules.runtime.machine import Machine
    from dutyrules.runtime.store import Key, Store

CONSEQUENT = (Kind.SANCTION, Kind.ENTITLEMENT, Kind.REFERRAL)


class CaseCell(OutcomeCell):
    """A case reads the openings of its matter from a bucket."""

    __slots__ = ("excuses", "matter_id", "observed", "place")

    def __init__(
        self, machine: Machine, rule: Rule, matter_id: str, place: Key, key: Key, *, observed: bool = False
    ) -> None:
        super().__init__(machine, rule, machine.program.rule_layers[rule.id], key)
        self.matter_id = matter_id
        self.place = place
        self.observed = observed
        self.excuses: dict[tuple[int, int], tuple[Opening, list[Fact]]] = {}  # found in this run, by opening

    def make(self, store: Store) -> None:
        """Make what the openings come to."""
        openings: list[Opening] = [entry[2] for entry in store.read(self.place)]
        if openings:
            self.decide(openings)

    def decide(self, openings: list[Opening]) -> None:
        """Decide by the rule's kind."""
        self._decide(openings)
        self.excuses.clear()

    def _decide(self, openings: list[Opening]) -> None:
        rule = self.rule
        known = [opening for opening in openings if opening.doubt is None]
        if rule.counts_as is not None:
            self._perhaps([opening for opening in openings if opening.doubt is not None])
        if rule.kind in (Kind.PERMISSION, Kind.APPROVAL, Kind.ELIGIBILITY):
            self._allow(known)
            known = [] if rule.kind is Kind.PERMISSION else [one for one in known if not one.number]
        standing = known
        if rule.excused_by:
            standing = [one for one in known if not self._later_excuses(one, rule.excused_by)]
        asked = False
        is_one = bool(rule.until or rule.until_all)  # an obligation has the bearers of its first trigger
        if not (is_one and standing):
            asked = self._doubt([opening for opening in openings if opening.doubt is not None], standing)
        if not known or (is_one and asked):
            return
        if rule.voids:
            self._void(standing)
        if rule.counts_as is not None:
            self._deem(known)
        elif rule.kind is Kind.OBLIGATION and not self.observed and (rule.until or rule.until_all):
            self._oblige(self._not_excused(known))
        elif rule.kind in (Kind.OBLIGATION, Kind.PROHIBITION):
            self._break(known)
        elif rule.consequence is not None or rule.tiers:
            self._follow(known)
        elif rule.kind is Kind.REFERRAL:
            self._refer(known)

    def _doubt(self, openings: list[Opening], known: list[Opening]) -> bool:
        """Ask what is lacking for openings that no later fact has made idle, where a bearer is not known to bear."""
        if not openings:
            return False
        left = [one for one in openings if not self._later_excuses(one, self.rule.excused_by)]
        if left and (self.rule.until or self.rule.until_all):
            left = [one.but(bearers=openings[0].bearers) for one in left]
        settled = {person for person, _mine in self._by_bearer(known)}
        for person, mine in self._by_bearer(left):
            causes = tuple(dict.fromkeys(cause for one in mine for cause in one.causes))
            own = mine[0].of(person).but(causes=causes)
            if own.doubt is not None and person not in settled:
                self.undecidable(own, own.doubt)
        return bool(left)

    # --- openings by bearer ------------------------------------------------------------------------------------------

    def _standing(self, openings: list[Opening], patterns: tuple[Pattern, ...]) -> list[Opening]:
        """Leave out the openings that later facts excuse; tell of them if none is left."""
        if not patterns:
            return openings
        left, excuses = [], []
        for opening in openings:
            later = self._later_excuses(opening, patterns)
            if later:
                excuses.append((opening, later[0]))
            else:
                left.append(opening)
        if not left and excuses:
            roots = tuple(dict.fromkeys(root for opening, _excuse in excuses for root in opening.roots))
            self._excused(openings[0].but(roots=roots), excuses[-1][1])
        return left

    def _later_excuses(self, opening: Opening, patterns: tuple[Pattern, ...]) -> list[Fact]:
        if not patterns:
            return []
        known = self.excuses.get((id(opening), id(patterns)))
        if known is not None and known[0] is opening:
            return known[1]
        later = self.machine.guards.excuses(patterns, opening)
        self.excuses[id(opening), id(patterns)] = (opening, later)
        return later

    def _excused(self, opening: Opening, excuse: Fact) -> None:
        self.verdict(opening, "excused")
        for person in opening.bearers or (None,):
            name = f"~excuse:{self.rule.id}:{opening.matter_id}:{person}"
            data = dict(opening.fact.data) if opening.fact is not None else {}
            data |= {"person": person, "date": self.machine.program.day_of(opening.ctx)}
            roots = tuple(dict.fromkeys((*opening.roots, *excuse.roots)))
            kind, time = ("excuse", self.rule.id), max(opening.time, excuse.time)
            self.facts[name] = Fact(
                kind, time, name, data, person, opening.matter, roots, None, roots, opening.matter_id
            )

    def _by_bearer(self, openings: list[Opening]) -> list[tuple[str | None, list[Opening]]]:
        found: dict[str | None, list[Opening]] = {}
        for opening in openings:
            for person in opening.bearers or (None,):
                found.setdefault(person, []).append(opening)
        return list(found.items())

    # --- kinds -------------------------------------------------------------------------------------------------------

    def _break(self, openings: list[Opening]) -> None:
        for person, mine in self._by_bearer(self._standing(openings, self.rule.excused_by)):
            if self.rule.soft is None:
                self._breach(person, mine[0].time, mine)
            else:
                self._soften(person, mine[0].time, mine)

    def _soften(self, person: str | None, time: int, openings: list[Opening]) -> None:
        self.outcome(
            Notice,
            "issued",
            time,
            matter=openings[0].matter_id,
            person=person,
            because={cause for opening in openings for cause in opening.causes},
            notice="soft_limit",
            detail=self.rule.soft,
        )
        self.verdict(openings[0], "notice")

    def _breach(self, person: str | None, time: int, openings: list[Opening], due: str | None = None) -> None:
        first = openings[0]
        day = self.machine.program.day_of(first.ctx)
        because = {cause for opening in openings for cause in opening.causes}
        breach = self.outcome(
            Breach,
            "breached",
            time,
            matter=first.matter_id,
            person=person,
            because=because,
            due=due,
            date=None if day is None else day.isoformat(),
            lacking=first.lacking,
        )
        self.verdict(first, "breach")
        self.fact("breach", time, first, person, breach)

    def _allow(self, openings: list[Opening]) -> None:
        for opening in openings:
            self.verdict(opening, "permitted" if opening.number else "not_permitted")
        refused = [opening for opening in openings if not opening.number]
        if self.rule.kind is Kind.PERMISSION:
            return
        for person, mine in self._by_bearer(refused):
            self.outcome(
                Notice,
                "issued",
                mine[0].time,
                matter=mine[0].matter_id,
                person=person,
                because={cause for opening in mine for cause in opening.causes},
                notice="not_permitted",
                detail=", ".join(mine[0].lacking) or None,
            )

    def _follow(self, openings: list[Opening]) -> None:
        rule = self.rule
        for person, mine in self._by_bearer(self._standing(openings, rule.excused_by)):
            first = mine[0]
            because = tuple(sorted({cause for opening in mine for cause in opening.causes}))
            self._consequence(first, person, because)

    def _consequence(self, opening: Opening, person: str | None, because: tuple[str, ...]) -> None:
        machine, rule = self.machine, self.rule
        what, band = rule.consequence, Band()
        if rule.tiers:
            picked = band_of(machine, rule, opening)
            if isinstance(picked, Unknown):
                self.undecidable(opening, picked)
                return
            if picked is None:
                self.verdict(opening, "kept")
                return
            tier, number = picked
            what, band = tier.consequence, Band(tier.id, number)
            if tier.excused_by and not self._standing([opening], tier.excused_by):
                return
            if rule.marginal:
                what = attrs.evolve(what, amount=marginal_amount(rule, number), each=False)
        if what is None:
            return
        own = opening.of(person)
        made = machine.consequences.make(self, rule, what, own, person, because, band)
        if made is not None:
            self.verdict(own, made.kind)
            machine.relations.publish(self, rule, own, person, made)
            if isinstance(made, Entitlement):
                act = taken(self, rule, own, made) if rule.until else None
                if rule.postponed_while is not None:
                    postponed(self, rule, own, made, act)
            if what.act is Act.STEP:
                machine.ladders.publish(self, rule, what, own, person, made)
            if rule.id in machine.sanctions_watched and made.status == "imposed":
                rulings = tuple(name for name in made.because if name not in because)
                self._watched(own.but(roots=(*own.roots, *rulings)), person, made)

    def _watched(self, opening: Opening, person: str | None, made: Outcome) -> None:
        """Let rules see a sanction that stands."""
        program = self.machine.program
        if program.store.read(("void", made.id)):
            return
        instant = program.zone.parse(made.time)
        self.fact("sanction", instant, opening, person, made)
        fact = self.facts[f"~{made.id}:sanction"]
        fact.data.update({name: getattr(made, name, None) for name in ("amount", "tier", "step")})

    def _refer(self, openings: list[Opening]) -> None:
        first = openings[0]
        asks = self.machine.program.bearers(self.rule.asks, first.ctx)
        for person, mine in self._by_bearer(self._standing(openings, self.rule.excused_by)):
            because = {cause for opening in mine for cause in opening.causes}
            answer = self.machine.consequences.answer_to_referral(self, mine[0], person)
            if answer is not None:
                because |= set(answer.roots)
            self.outcome(
                Referral,
                "opened" if answer is None else "answered",
                mine[0].time if answer is None else answer.time,
                matter=first.matter_id,
                person=person,
                because=because,
                question="review",
                by=None if answer is None else answer.data.get("by"),
                asks=() if isinstance(asks, Unknown) else tuple(asks),
            )

    def _deem(self, openings: list[Opening]) -> None:
        for opening in openings:
            fact = self._deemed(opening)
            self.facts[fact.id] = fact

    def _perhaps(self, openings: list[Opening]) -> None:
        """Put what openings may count as, if they do, where needs look."""
        for opening in openings:
            fact = self._deemed(opening)
            place = (("perhaps", fact.type), fact.time, fact.id)
            known = self.stood.get(place)
            self.places[place] = known if isinstance(known, Fact) and known.same(fact) else fact

    def _deemed(self, opening: Opening) -> Fact:
        program, rule = self.machine.program, self.rule
        data: dict[str, Any] = {}
        root = f"{rule.id}/{opening.fact.id if opening.fact is not None else opening.matter_id}"
        for name, expr in rule.with_.items():
            value = root if expr is None else program.evaluator.tree(expr.tree)(opening.ctx)
            if not isinstance(value, Unknown):
                data[name] = value
        deemed = program.pack.events[str(rule.counts_as)]
        data = {name: field.default for name, field in deemed.fields.items() if field.has_default} | data
        named = data.get(deemed.person or "person")
        if named is None and (deemed.person or "person") not in deemed.fields and opening.bearers:
            named = opening.bearers[0]
        person = named if isinstance(named, str) else None
        kind = ("event", str(rule.counts_as))
        return Fact(kind, opening.time, root, data, person, None, opening.roots, None, opening.roots)

    def _void(self, openings: list[Opening]) -> None:
        for opening in openings:
            if opening.fact is not None:
                self.places[(("voided", opening.fact.id), opening.time, self.rule.id)] = True
                self.machine.intake.void(opening.fact.id)

    # --- obligations -------------------------------------------------------------------------------------------------

    def _not_excused(self, openings: list[Opening]) -> list[Opening]:
        """Return the openings on which an obligation rests: those that no later fact excuses, if there are any."""
        patterns = self.rule.excused_by
        left = [one for one in openings if not self._later_excuses(one, patterns)]
        if not left or left[0] is openings[0]:
            return left or openings
        return [left[0].but(bearers=openings[0].bearers), *left[1:]]

    def _oblige(self, openings: list[Opening]) -> None:
        opening = openings[0]
        last = max(one.time for one in openings)
        excuses = tuple(fact for fact in self._later_excuses(opening, self.rule.excused_by) if fact.time > last)
        clock = Clock(self.machine, self.rule, opening, excuses)
        course = clock.run()
        self.places |= clock.asked
        causes = tuple(dict.fromkeys(cause for one in openings for cause in one.causes))
        roots = tuple(dict.fromkeys(root for one in openings for root in one.roots))
        if (causes, roots) != (opening.causes, opening.roots):
            opening = opening.but(causes=causes, roots=roots)
        because = {*causes, *course.because, *course.ended_by}
        for act in course.acts:
            because |= set(act.causes or act.roots)
        if course.status in ("fulfilled", "waived") and self._is_settled_then():
            self.machine.program.store.cap(self, course.time, self.place)
        silence = self._silence(course, opening)
        if silence is None and course.missed is not None and course.act is None:
            silence = clock.perhaps_done(course)
        for person in opening.bearers or (None,):
            self._state(person, opening, course, because, silence)

    def _is_settled_then(self) -> bool:
        """Tell whether nothing after its end changes an obligation: no excuse, and no anchor that moves."""
        rule = self.rule
        return not rule.excused_by and (rule.every is None or rule.every.step is None)

    def _silence(self, course: Course, opening: Opening) -> Unknown | None:
        if course.missed is None or course.act is not None:
            return None
        program, rule = self.machine.program, self.rule
        types = list(rule.relies_on) or [
            name
            for pattern in (*rule.until, *rule.until_all)
            if pattern.kind.value == "event"
            for name in pattern.names
        ]
        return program.silence.lacks(types, program.day_of(opening.ctx))

    def _state(
        self, person: str | None, opening: Opening, course: Course, because: set[str], silence: Unknown | None
    ) -> None:
        rule, zone = self.rule, self.machine.program.zone
        own = opening.of(person)
        soft_or_silent = rule.soft is not None or silence is not None
        status, time = course.status, course.time
        if status == "breached" and soft_or_silent:
            status, time = "open", opening.time
        due = None if course.due is None else zone.iso(course.due.time)
        obligation = self.outcome(
            Obligation,
            status,
            time,
            matter=opening.matter_id,
            person=person,
            because=because,
            since=zone.iso(course.start),
            due=due,
            vague=rule.promptly or rule.vague,
            late=course.missed is not None and course.act is not None,
        )
        self.verdict(own, {"fulfilled": "met", "open": "due"}.get(status, status))
        if due is not None:
            self._deadline(person, opening, course, due, because)
        if course.doubt is not None:
            self.undecidable(own, course.doubt)
        elif course.past is not None:
            self.outcome(
                Referral,
                "opened",
                course.past,
                matter=opening.matter_id,
                person=person,
                because=because,
                question="review",
                asks=() if person is None else (person,),
                lacks=("a deadline that is not yet past",),
            )
        if course.missed is not None:
            self._missed(person, own, course, due, silence, obligation.id)
        if course.act is not None and course.act_time is not None:
            self.fact("fulfilment", course.act_time, own, person, obligation, course.act)
        if course.excused:
            self._excused(own, course.excused[0])

    def _missed(
        self,
        person: str | None,
        own: Opening,
        course: Course,
        due: str | None,
        silence: Unknown | None,
        obligation: str,
    ) -> None:
        assert course.missed is not None  # noqa: S101 - the caller has looked
        if silence is not None:
            self.undecidable(own, silence, time=course.missed)
        elif self.rule.soft is not None:
            self._soften(person, course.missed, [own])
        else:
            self._breach(person, course.missed, [own.but(causes=(obligation,))], due)

    def _deadline(self, person: str | None, opening: Opening, course: Course, due: str, because: set[str]) -> None:
        status, time = "set", opening.time
        if course.moved_time:
            status, time = "moved", course.moved_time
        if course.missed is not None:
            status, time = "missed", course.missed
        elif course.status in ("fulfilled", "waived"):
            status, time = "lifted", course.time
        ledger = course.due.ledger if course.due is not None else None
        if course.missed is not None:
            because = {*opening.causes, *course.because}  # a late act has no part in the miss
        self.outcome(
            Deadline,
            status,
            time,
            matter=opening.matter_id,
            person=person,
            because=because,
            due=due,
            ledger=ledger,
        )
