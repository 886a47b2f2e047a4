"""The audit: what was decided against what the policy demands, each decision and each demand with its verdict."""

from __future__ import annotations

from collections import Counter, defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING

import attrs

from dutyrules.audit.comparison import differences, out_of_bounds
from dutyrules.audit.demands import Demand, Policy, Standing, Touched, gather, rules_above
from dutyrules.audit.findings import Audit, Difference, Finding, Reason, Sums, Verdict
from dutyrules.audit.matching import DemandIndex, Pair, cost_of, in_reach, match_decisions, reach_of
from dutyrules.calendars.zones import Zone
from dutyrules.outcomes import Obligation, Referral, Sanction, instant_of

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Iterator, Mapping

    from dutyrules.audit.decision_mapping import DecisionMapping
    from dutyrules.audit.decisions import Decision, Unread
    from dutyrules.outcomes import Outcome
    from dutyrules.replay import Replay

UNREAD = "-"


def audit(replay: Replay, decisions: Iterable[Decision], unread: Iterable[Unread], mapping: DecisionMapping) -> Audit:
    """Run a replay and judge the decisions; the replay must collect what it refuses (`refuse` None)."""
    rules = dict.fromkeys(rule for kind in mapping.kinds.values() for rule in kind.rules)
    return _Auditor(replay, gather(replay, rules), mapping).judge(list(decisions), list(unread))


class _Auditor:
    """Judges decisions in three rounds: against demands, then questions, then what was demanded once."""

    def __init__(self, replay: Replay, policy: Policy, mapping: DecisionMapping) -> None:
        self._policy = policy
        self._mapping = mapping
        self._pack = replay.pack
        self._zone = Zone(replay.pack.timezone)
        self._above = {name: rules_above(replay.pack, frozenset(kind.rules)) for name, kind in mapping.kinds.items()}
        self._duties: defaultdict[str, list[Outcome]] = defaultdict(list)
        for outcome in sorted(policy.above, key=lambda each: (each.time, each.rule, each.id)):
            if isinstance(outcome, Obligation):
                for matter in {outcome.matter, outcome.matter.partition("@")[0]}:
                    self._duties[matter].append(outcome)
        self._touched: defaultdict[str, list[Touched]] = defaultdict(list)
        for one in policy.touched:
            for text in one.texts:
                self._touched[text].append(one)
        self._clauses = {text for rule in replay.pack.rules.values() for text in (rule.id, rule.clause)} | {
            tier.id for rule in replay.pack.rules.values() for tier in rule.tiers
        }
        self._clauses |= {part.id for part in replay.pack.ladder_parts}

    def judge(self, decisions: list[Decision], unread: list[Unread]) -> Audit:
        kinds = self._mapping.kinds
        own = {name: kind.rules for name, kind in kinds.items()}
        with_above = {name: (*kind.rules, *sorted(self._above[name] - set(kind.rules))) for name, kind in kinds.items()}
        standing: defaultdict[Standing, list[Demand]] = defaultdict(list)
        for demand in self._policy.demands:
            standing[demand.standing].append(demand)
        questions = _without_doubles(standing[Standing.QUESTION])
        live = standing[Standing.DEMANDED]
        findings: list[Finding] = [self._unread(one) for one in unread]
        pairs = match_decisions(decisions, live, self._mapping, own)
        findings += map(self._compared, pairs)
        rest = _left(decisions, pairs)
        asked = match_decisions(rest, questions, self._mapping, with_above)
        findings += map(self._asked, asked)
        rest = _left(rest, asked)
        ended = [*standing[Standing.ENDED], *(demand for demand in live if demand.lifted is not None)]
        late = {one.decision.id: one for one in match_decisions(rest, map(_held, ended), self._mapping, own)}
        taken = {pair.demand.outcome.id: pair.decision for pair in pairs}
        known = DemandIndex(live)
        findings += [self._unmatched(one, late.get(one.id), known, taken) for one in rest]
        answered = taken.keys() | {pair.demand.outcome.id for pair in asked}
        findings += self._without_decision([*live, *questions], answered)
        return Audit(
            findings=tuple(sorted(findings, key=_order)),
            demands=self._count(live, taken),
            sums=self._sums(decisions, live, taken),
            begins=self._iso(self._policy.begins),
            ends=self._iso(self._policy.ends),
            says={name: kind.says for name, kind in kinds.items()},
        )

    # --- decisions ----------------------------------------------------------------------------------------------------

    def _unread(self, one: Unread) -> Finding:
        values = {"reason": one.reason, "hint": one.hint}
        return Finding(verdict=Verdict.CANNOT, kind=UNREAD, place=one.place, reasons=(Reason("unread", values),))

    def _compared(self, pair: Pair) -> Finding:
        decision, kind = pair.decision, self._mapping.kinds[pair.decision.kind]
        found = differences(decision, pair.demand, kind, self._mapping.cells)
        verdict = Verdict.DIFFERS if found else Verdict.AGREES
        reasons = self._notes(decision) if found else ()
        if self._is_beyond(decision):
            verdict, reasons = Verdict.CANNOT, (self._beyond(),)
        return _finding(verdict, pair, reasons, differences=found)

    def _asked(self, pair: Pair) -> Finding:
        """Judge what answers a question of the policy: only a sum beyond the bounds is certainly wrong."""
        found = out_of_bounds(pair.decision, pair.demand)
        reason = _question(pair.demand.outcome)
        if self._is_beyond(pair.decision):
            return _finding(Verdict.CANNOT, pair, (self._beyond(), reason))
        verdict = Verdict.DIFFERS if found else Verdict.CANNOT
        return _finding(verdict, pair, (reason,), differences=found)

    def _unmatched(
        self, one: Decision, late: Pair | None, known: DemandIndex, taken: Mapping[str, Decision]
    ) -> Finding:
        by, nearest = self._nearest(one, known)
        if late is not None and nearest is not None and self._fits_better(one, nearest, late.demand, by):
            late = None
        unknown = self._unknown(one, late)
        if unknown:
            return Finding(verdict=Verdict.CANNOT, kind=one.kind, place=one.place, decision=one, reasons=unknown)
        if late is not None:
            return _finding(Verdict.NOT_DEMANDED, late, (_ended(late.demand.outcome), *self._notes(one)))
        return Finding(
            verdict=Verdict.NOT_DEMANDED,
            kind=one.kind,
            place=one.place,
            decision=one,
            reasons=(self._why_not(one, by, nearest, taken), *self._from_above(one)),
        )

    def _fits_better(self, one: Decision, taken: Demand, ended: Demand, by: str) -> bool:
        """Tell whether a decision repeats another one, rather than doing what was demanded once."""
        if not in_reach(one, taken, self._mapping.kinds[one.kind], by):
            return False
        return cost_of(one, taken, self._mapping) < cost_of(one, ended, self._mapping)

    def _unknown(self, one: Decision, late: Pair | None) -> tuple[Reason, ...]:
        """Say why a decision that answers no demand cannot be called undemanded; nothing where it can."""
        if self._policy.begins is None:
            return (Reason("no_events"),)
        if self._is_beyond(one):
            return (self._beyond(),)
        if late is not None:
            return ()
        first = self._zone.date_of(self._policy.begins)
        if one.date < first:
            return (Reason("before", {"begins": first.isoformat()}),)
        if one.rule is not None and one.rule not in self._clauses:
            return (Reason("no_rule", {"rule": one.rule}),)
        return self._notes(one)

    def _nearest(self, one: Decision, known: DemandIndex) -> tuple[str, Demand | None]:
        """Return by what demands were looked up, and the one that a decision fits best, those in reach first."""
        kind = self._mapping.kinds[one.kind]
        by, found = known.of(one, kind.rules)
        possible = [demand for demand in found if demand.outcome.kind in kind.outcomes]
        if any(in_reach(one, demand, kind, by) for demand in possible):
            possible = [demand for demand in possible if in_reach(one, demand, kind, by)]
            return by, min(possible, key=lambda demand: cost_of(one, demand, self._mapping))
        return by, min(possible, key=lambda demand: abs(demand.days_off(one.date)), default=None)

    def _why_not(self, one: Decision, by: str, nearest: Demand | None, taken: Mapping[str, Decision]) -> Reason:
        """Say why the demand that came nearest is not this decision's."""
        kind = self._mapping.kinds[one.kind]
        if nearest is None:
            return Reason("nothing_of_" + by, {by: getattr(one, by), "rules": ", ".join(kind.rules)})
        if in_reach(one, nearest, kind, by):
            other = taken[nearest.outcome.id]
            return Reason("twice", {**_named(nearest.outcome), "other": other.place, "on": other.date.isoformat()})
        days = nearest.days_off(one.date)
        code = "out_of_reach" if days > 0 else "too_early"
        return Reason(code, {**_named(nearest.outcome), "days": str(abs(days)), "reach": str(reach_of(kind, by))})

    def _from_above(self, one: Decision) -> Iterator[Reason]:
        """Say what became of the duties whose breach would have demanded the decision."""
        for outcome in self._duties[one.matter or ""]:
            if outcome.rule in self._above[one.kind]:
                late = getattr(outcome, "late", False)
                yield Reason("above", {**_named(outcome), "status": outcome.status + (" late" if late else "")})

    def _notes(self, one: Decision) -> tuple[Reason, ...]:
        """Name the events of the same matter or person that the replay could not use."""
        matter = one.matter.partition(":")[2].partition("@")[0] if one.matter else ""
        keys = {part for part in (one.matter or "").partition(":")[2].partition("@")[0].split(",") if part}
        found = {}
        for text in {one.person, matter, *keys}:
            for each in self._touched.get(text or "", ()):
                same_matter = matter in each.texts or (keys and keys <= each.texts)
                if same_matter or (one.person in each.texts and self._is_near(one, each)):
                    found[each.name] = each
        return tuple(
            Reason("set_aside", {"event": each.name, "code": each.code, "why": each.reason})
            for _, each in sorted(found.items())
        )

    def _is_near(self, one: Decision, each: Touched) -> bool:
        reach = reach_of(self._mapping.kinds[one.kind], "person") or 0
        return each.day is None or abs((each.day - one.date).days) <= reach

    def _is_beyond(self, one: Decision) -> bool:
        ends = self._policy.ends
        if ends is None:
            return False
        return one.instant > ends if one.instant is not None else one.date > self._zone.date_of(ends)

    def _beyond(self) -> Reason:
        return Reason("beyond", {"ends": self._iso(self._policy.ends) or ""})

    # --- demands ------------------------------------------------------------------------------------------------------

    def _without_decision(self, demands: Iterable[Demand], answered: Iterable[str]) -> Iterator[Finding]:
        seen = set(answered)
        for demand in demands:
            kind = self._kind_of(demand.outcome)
            if kind is None or demand.outcome.id in seen or demand.lifted is not None:
                continue
            verdict, reasons = self._open_or_missing(demand, kind)
            yield Finding(verdict=verdict, kind=kind, place="", outcome=demand.outcome, reasons=reasons)

    def _open_or_missing(self, demand: Demand, kind: str) -> tuple[Verdict, tuple[Reason, ...]]:
        one = demand.outcome
        if demand.standing is Standing.QUESTION:
            return Verdict.PENDING, (_question(one),)
        if one.kind == "obligation" and one.status == "fulfilled":
            return Verdict.MISSING, (Reason("log_has", _named(one)),)
        if demand.last is None:
            return Verdict.PENDING, (Reason("no_deadline"),)
        grace = self._mapping.kinds[kind].tolerance.after
        ends, due = self._policy.ends or 0, getattr(one, "due", None)
        last = instant_of(due) if due and not grace else self._end_of(demand.last, grace)
        if last > ends and one.status != "breached":
            return Verdict.PENDING, (Reason("not_yet", {"last": self._zone.date_of(last).isoformat()}),)
        return Verdict.MISSING, (Reason("none_recorded", {"last": self._zone.date_of(last).isoformat()}),)

    def _end_of(self, day: dt.date, grace: int) -> int:
        return self._zone.end_of(day.fromordinal(day.toordinal() + grace))

    def _kind_of(self, one: Outcome) -> str | None:
        """Return the first kind of decision that answers an outcome, or a question above its rules."""
        for name, kind in self._mapping.kinds.items():
            if one.rule in kind.rules and (one.kind in kind.outcomes or isinstance(one, Referral)):
                return name
        if isinstance(one, Referral):
            return next((name for name, above in self._above.items() if one.rule in above), None)
        return None

    def _count(self, live: Iterable[Demand], taken: Mapping[str, Decision]) -> dict[str, int]:
        found = Counter(
            self._answered_by(demand, taken)
            for demand in live
            if demand.lifted is None or demand.outcome.id in taken  # what was waived in time is no demand any more
        )
        return {name: found[name] for name in self._mapping.kinds}

    def _answered_by(self, demand: Demand, taken: Mapping[str, Decision]) -> str | None:
        """Return the kind of the decision that answers a demand, or that could."""
        answer = taken.get(demand.outcome.id)
        return answer.kind if answer is not None else self._kind_of(demand.outcome)

    def _sums(
        self, decisions: Iterable[Decision], live: Iterable[Demand], taken: Mapping[str, Decision]
    ) -> dict[str, Sums]:
        """Sum up the money of each kind, a demand under the kind of the decision that answers it."""
        found: defaultdict[str, Sums] = defaultdict(Sums)
        for decision in decisions:
            if decision.amount is not None:
                sums = found[decision.kind]
                found[decision.kind] = attrs.evolve(sums, decided=sums.decided + decision.amount)
        for demand in live:
            kind = self._answered_by(demand, taken)
            amount = getattr(demand.outcome, "amount", None) or Decimal(0)
            if kind is not None and amount:
                found[kind] = attrs.evolve(found[kind], demanded=found[kind].demanded + amount)
        return {name: found[name] for name in self._mapping.kinds if name in found}

    def _iso(self, instant: int | None) -> str | None:
        return None if instant is None else self._zone.iso(instant)


def _left(decisions: Iterable[Decision], pairs: Iterable[Pair]) -> list[Decision]:
    done = {pair.decision.id for pair in pairs}
    return [one for one in decisions if one.id not in done]


def _held(demand: Demand) -> Demand:
    """Let a demand that was lifted be looked up all the same, to say that it was."""
    return attrs.evolve(demand, lifted=None)


def _without_doubles(questions: list[Demand]) -> list[Demand]:
    """Leave out the question that asks for the sum of a sanction which is proposed itself."""
    proposed = {_subject(one.outcome) for one in questions if isinstance(one.outcome, Sanction)}
    return [one for one in questions if isinstance(one.outcome, Sanction) or _subject(one.outcome) not in proposed]


def _subject(one: Outcome) -> tuple[str, str]:
    return one.rule, one.matter


def _finding(
    verdict: Verdict, pair: Pair, reasons: tuple[Reason, ...], *, differences: tuple[Difference, ...] = ()
) -> Finding:
    return Finding(
        verdict=verdict,
        kind=pair.decision.kind,
        place=pair.decision.place,
        decision=pair.decision,
        outcome=pair.demand.outcome,
        match=pair.match,
        differences=differences,
        reasons=reasons,
    )


def _named(one: Outcome) -> dict[str, str]:
    return {"rule": getattr(one, "tier", None) or one.rule, "date": one.time[:10], "id": one.id}


def _question(one: Outcome) -> Reason:
    if isinstance(one, Referral) and one.question == "undecidable":
        return Reason("undecidable", {**_named(one), "lacks": ", ".join(one.lacks)})
    low, high = getattr(one, "low", None), getattr(one, "high", None)
    if low is not None or high is not None:
        return Reason("discretion", {**_named(one), "low": str(low or 0), "high": "" if high is None else str(high)})
    return Reason("question", {**_named(one), "asks": ", ".join(getattr(one, "asks", ()))})


def _ended(one: Outcome) -> Reason:
    return Reason("ended_" + one.status, _named(one))


def _order(one: Finding) -> tuple[str, ...]:
    """Order findings by day, kind and subject; what was never read comes last."""
    decision, outcome = one.decision, one.outcome
    since = (getattr(outcome, "since", None) or outcome.time)[:10] if outcome else "9999"
    day = decision.date.isoformat() if decision else since
    matter = (decision.matter if decision else outcome.matter if outcome else None) or ""
    person = (decision.person if decision else outcome.person if outcome else None) or ""
    return day, one.kind, matter, person, one.place, outcome.id if outcome else ""
