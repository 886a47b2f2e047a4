"""Tries that no fact sets off: periods, lasting conditions, gaps between acts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dutyrules.calendars import Period, PeriodKind, period_of
from dutyrules.explaining.changes import changes_for, nearest
from dutyrules.explaining.evidence import Change, Term
from dutyrules.explaining.guards import TIME, lacks
from dutyrules.explaining.steps import FAILS, HOLDS, Step, Try
from dutyrules.explaining.tries import concerns
from dutyrules.runtime.context import Context
from dutyrules.runtime.gaps import GapCell
from dutyrules.runtime.openings import Opening
from dutyrules.runtime.periods import PeriodCell, changes, opens_at_start
from dutyrules.runtime.store import FOREVER
from dutyrules.runtime.values import Unknown
from dutyrules.runtime.whenever import RiseCell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dutyrules.explaining.tries import Tries
    from dutyrules.outcomes import Outcome
    from dutyrules.policies.model import Rule
    from dutyrules.runtime.instances import Instance

MOST_MOMENTS = 2000


class Lasting:
    """Finds the periods, records and gaps of a rule, and how far each came."""

    def __init__(self, tries: Tries) -> None:
        self._tries = tries
        self._guards = tries.guards
        self._machine = tries.machine
        self._program = tries.program
        self._zone = tries.zone

    # --- periods ---------------------------------------------------------------------------------------------------

    def by_periods(self, rule: Rule, subject: str | None) -> Iterator[Try]:
        """Yield a try for each period that has been judged, the latest first."""
        cells = [cell for cell in self._machine.cells_of.get(rule.id, ()) if isinstance(cell, PeriodCell)]
        for cell in sorted(cells, key=lambda one: (one.period.start, one.matter_id), reverse=True):
            record = self._current(cell)
            bearers = self._tries.bearers(rule, self._period_context(cell, record), None, record)
            if concerns(subject, bearers, None, record):
                yield self.by_period(rule, cell, record, bearers)

    def of_period(self, cell: PeriodCell) -> Try:
        """Return the try of one period."""
        record = self._current(cell)
        bearers = self._tries.bearers(cell.rule, self._period_context(cell, record), None, record)
        return self.by_period(cell.rule, cell, record, bearers)

    def running(self, rule: Rule, subject: str | None) -> Iterator[Try]:
        """Yield a try for each period that is not over, as it stands now."""
        spec, clock = rule.every, self._program.store.clock
        if spec is None or spec.kind is None or clock <= -FOREVER:
            return
        period = period_of(PeriodKind(spec.kind), self._zone.date_of(clock))
        kind = rule.for_each.names[0] if rule.for_each is not None else rule.about
        records: list[Instance | None] = [None]
        if kind is not None:
            records = [entry[2] for entry in self._program.store.read(("recs", kind))]
        for record in records:
            if opens_at_start(self._program, rule, period, record):
                continue
            bearers = self._tries.bearers(rule, Context(None, record, at=clock, period=period), None, record)
            alive = record is None or record.closed is None or record.closed >= self._zone.start_of(period.start)
            if alive and concerns(subject, bearers, None, record):
                cell = PeriodCell(self._machine, rule, period, record)
                self._machine.cells_of[rule.id].discard(cell)  # it is shown, and no part of the result
                yield self.by_period(rule, cell, record, bearers, running=True)

    def _current(self, cell: PeriodCell) -> Instance | None:
        if cell.subject is None:
            return None
        found = self._program.instances(cell.subject.kind, cell.subject.key)
        return next((one for one in found if one.id == cell.subject.id), cell.subject)

    def _period_context(self, cell: PeriodCell, record: Instance | None) -> Context:
        at_start = opens_at_start(self._program, cell.rule, cell.period, record)
        starts, ends = self._zone.start_of(cell.period.start), self._zone.end_of(cell.period.end)
        period = cell.period if isinstance(cell.period, Period) else None
        time, day = (starts if at_start else ends + 1), (cell.period.start if period is None else None)
        return Context(None, record, at=time, whole=not at_start, period=period, day=day)

    def by_period(
        self,
        rule: Rule,
        cell: PeriodCell,
        record: Instance | None,
        bearers: list[str] | Unknown,
        *,
        running: bool = False,
    ) -> Try:
        """Return the try of one period: as it was judged, or as it would be if it ended now."""
        ctx = self._period_context(cell, record)
        period = {
            "period": cell.period.label,
            "since": cell.period.start.isoformat(),
            "until": cell.period.end.isoformat(),
        }
        steps: list[Step | None] = [Step("every", HOLDS, "period", period), self._guards.in_force(rule, ctx)]
        if rule.for_each is not None and rule.for_each.where is not None:
            steps.append(self._guards.condition("for_each", rule.for_each.where, ctx))
        if rule.if_ is not None:
            steps.append(self._guards.condition("if", rule.if_, self._first_moment(rule, cell, ctx)))
        steps += [self._guards.needs(rule, ctx), self._guards.unless(rule, ctx)]
        if not rule.until and not rule.until_all:
            steps.append(self._guards.silence(tuple(rule.relies_on), ctx))
        steps.append(self._guards.who(bearers))
        kept = [step for step in steps if step is not None]
        outcomes = self._tries.standing(cell, ())
        if all(step.holds for step in kept):
            people = () if isinstance(bearers, Unknown) else tuple(bearers)
            outcomes = self._tries.standing(cell, people)
            kept += self._tries.cases.after(rule, [self._opening(cell, ctx, record, people)], outcomes)
        if running:
            ends = self._zone.end_of(cell.period.end)
            wait = Change("wait", cell.period.label, before=ends + 1)
            facts = {**period, "now": self._zone.iso(self._program.store.clock)}
            kept.append(Step("every", FAILS, "period_running", facts, changes=(wait,)))
        named = () if isinstance(bearers, Unknown) else tuple(bearers)
        return Try(rule, ctx.at, cell.matter_id, named, (), tuple(kept), outcomes)

    def _first_moment(self, rule: Rule, cell: PeriodCell, ctx: Context) -> Context:
        """Return the view at which a condition is tried: of a period that has begun, when it first holds."""
        if ctx.whole or rule.if_ is None:
            return ctx
        test = self._program.evaluator.tree(rule.if_.tree)
        last = min(self._program.store.clock, self._zone.end_of(cell.period.end))
        for time in [ctx.at, *sorted(changes(cell, {}, ctx.at))][:MOST_MOMENTS]:
            if time <= last and test(ctx.looking(at=time)) is True:
                return ctx.looking(at=time)
        return ctx

    def _opening(self, cell: PeriodCell, ctx: Context, record: Instance | None, people: tuple[str, ...]) -> Opening:
        """Return the opening of a period's case as the cell has it."""
        starts = self._zone.start_of(cell.period.start)
        key, values = cell.key_values(record)
        due_day = None if ctx.whole else cell.period.end
        return Opening(
            *(ctx.at, cell.matter_id, ctx, people, (), (), None, record, None),
            start=starts,
            due_day=due_day,
            key=key,
            values=values,
        )

    # --- lasting conditions ----------------------------------------------------------------------------------------

    def by_rises(self, rule: Rule, subject: str | None) -> Iterator[Try]:
        """Yield a try for each record and day on which a lasting condition was watched."""
        assert rule.whenever is not None  # noqa: S101 - the caller has looked
        for cell in list(self._program.store.cells.values()):
            if not isinstance(cell, RiseCell) or cell.rule.id != rule.id:
                continue
            found = self._program.instances(cell.kind, cell.instance_key)
            record = next((one for one in found if one.id == cell.instance_id), None)
            if record is None:
                continue
            ctx = Context(None, record, at=record.opened, day=record.day)
            bearers = self._tries.bearers(rule, ctx, None, record)
            if concerns(subject, bearers, None, record):
                yield from self.by_rise(rule, cell, record, bearers)

    def by_rise(self, rule: Rule, cell: RiseCell, record: Instance, bearers: list[str] | Unknown) -> Iterator[Try]:
        """Yield a try for each time that a condition became true, or one for the moment at which least was lacking."""
        people = () if isinstance(bearers, Unknown) else tuple(bearers)
        openings = [entry for entry in cell.handed.entries.values() if isinstance(entry, Opening)]
        watched: dict[str, Any] = {
            "matter": record.id,
            "hours": rule.during,
            "day": cell.day.isoformat() if cell.day else None,
        }
        begin = Step("about", HOLDS, "watched", watched)
        for opening in openings:
            term = self._term(rule, record, opening.time)
            steps = [begin, Step("whenever", opening.doubt is None, "became_true", self._at(opening.time), term)]
            if opening.doubt is not None:
                steps[-1] = Step("whenever", None, "condition", lacks(opening.doubt), term)
            outcomes: tuple[Outcome, ...] = ()
            case = self._program.store.cells.get(("case", "openings", rule.id, opening.matter_id))
            if opening.doubt is None and case is not None:
                outcomes = self._tries.standing(case, opening.bearers)  # type: ignore[arg-type] # under that key
                steps += self._tries.cases.after(rule, [opening], outcomes)
            yield Try(rule, opening.time, opening.matter_id, opening.bearers, opening.causes, tuple(steps), outcomes)
        if not openings:
            time, term = self._nearest_moment(rule, cell, record)
            failed = Step("whenever", term.holds, "never_true", self._at(time), term, changes=changes_for(term))
            yield Try(rule, time, record.id, people, record.roots, (begin, failed))

    def _at(self, time: int) -> dict[str, Any]:
        return {"time": self._zone.iso(time)}

    def _term(self, rule: Rule, record: Instance, time: int) -> Term:
        assert rule.whenever is not None  # noqa: S101 - the caller has looked
        ctx = Context(None, record, at=time, day=record.day or self._zone.date_of(time))
        return self._guards.tracer.term(rule.whenever.tree, ctx)

    def _nearest_moment(self, rule: Rule, cell: RiseCell, record: Instance) -> tuple[int, Term]:
        """Return the moment at which least was lacking, the latest of several, of those at which anything changed."""
        clock = self._program.store.clock
        last = clock if record.closed is None else min(clock, record.closed - 1)
        spans = [(record.opened, last)]
        if cell.day is not None and rule.during is not None:
            hours = self._program.hours[rule.during].spans(cell.day, self._zone, self._program.seasons)
            spans = [(max(begins, record.opened), min(ends - 1, last)) for begins, ends in hours]
        fades = self._program.counting.fades
        best: tuple[float, int, Term] | None = None
        for begins, ends in spans:
            times = [begins, *sorted(time for time in changes(cell, fades, begins) if time <= ends)]
            for time in times[-MOST_MOMENTS:]:
                term = self._term(rule, record, time)
                away = nearest(changes_for(term))
                if best is None or away <= best[0]:
                    best = (away, time, term)
        return (record.opened, self._term(rule, record, record.opened)) if best is None else best[1:]

    # --- gaps ------------------------------------------------------------------------------------------------------

    def by_gaps(self, rule: Rule, subject: str | None) -> Iterator[Try]:
        """Yield a try for each stretch without the act in the life of a record."""
        for cell in self._machine.cells_of.get(rule.id, ()):
            if not isinstance(cell, GapCell):
                continue
            found = self._program.instances(cell.kind, cell.instance_key)
            record = next((one for one in found if one.id == cell.instance_id), None)
            if record is None:
                continue
            bearers = self._tries.bearers(rule, Context(None, record, at=FOREVER), None, record)
            if concerns(subject, bearers, None, record):
                yield from self._by_gap(rule, cell, record, bearers)

    def _by_gap(self, rule: Rule, cell: GapCell, record: Instance, bearers: list[str] | Unknown) -> Iterator[Try]:
        people = () if isinstance(bearers, Unknown) else tuple(bearers)
        shown = self._machine.board.all()
        duties = [shown[name] for name in cell.outcomes if name in shown and shown[name].kind == "obligation"]
        for duty in duties:
            since, due = str(getattr(duty, "since", "")), str(getattr(duty, "due", ""))
            watched = {"matter": record.id, "hours": None, "day": None}
            steps = [
                Step("about", HOLDS, "watched", watched),
                Step("gap", HOLDS, "gap", {"since": since, "due": due, "gap": str(rule.gap)}),
            ]
            mine = tuple(one for one in shown.values() if one.rule == rule.id and one.matter == duty.matter)
            steps.append(self._gap_end(rule, duty, due))
            if duty.status == "open" and self._parse(due) < self._program.store.clock:
                types = rule.relies_on or tuple(name for pattern in rule.until for name in pattern.names)
                silence = self._guards.silence(tuple(types), Context(None, record, at=self._parse(since)))
                steps += [silence] if silence is not None else []
            yield Try(rule, self._parse(due), duty.matter, people, duty.because, tuple(steps), mine)

    def _parse(self, text: str) -> int:
        return self._zone.parse(text)

    def _gap_end(self, rule: Rule, duty: Outcome, due: str) -> Step:
        source = ", ".join(pattern.source for pattern in rule.until)
        limit = self._parse(due)
        facts: dict[str, Any] = {"source": source, "due": due, "time": duty.time}
        match duty.status:
            case "fulfilled":
                seconds = limit - self._parse(duty.time)
                facts["seconds"] = seconds
                change = Change("later", source, by=seconds + 1, tree=TIME)
                return Step("until", FAILS, "met_in_time", facts, causes=duty.because, changes=(change,))
            case "cancelled":
                return Step("until", FAILS, "ended_before", facts, causes=duty.because)
            case "breached":
                return Step("until", HOLDS, "missed", facts, causes=duty.because)
        facts["now"] = self._zone.iso(self._program.store.clock)
        if limit < self._program.store.clock:
            return Step("until", HOLDS, "missed", facts)
        return Step("until", FAILS, "open", facts, changes=(Change("wait", source, before=limit + 1),))
