"""Rules that a period sets off: cases for each period, and for each record that lived in it."""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import TYPE_CHECKING, Any

import attrs

from dutyrules.calendars import AnchoredPeriod, Period, PeriodKind, Recurrence, period_of
from dutyrules.policies.model import Kind
from dutyrules.runtime.cases import CaseCell
from dutyrules.runtime.context import Context
from dutyrules.runtime.instances import key_text
from dutyrules.runtime.lives import lives_in
from dutyrules.runtime.openings import Opening
from dutyrules.runtime.store import FOREVER, Cell
from dutyrules.runtime.values import Unknown, lacking

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from dutyrules.policies.model import Rule
    from dutyrules.runtime.instances import Instance
    from dutyrules.runtime.machine import Machine
    from dutyrules.runtime.program import Program
    from dutyrules.runtime.store import Store

AnyPeriod = Period | AnchoredPeriod
LOG_START = ("log start",)


@attrs.frozen
class Begun:
    """How a period's case began: when, whom it concerned, and what was lacking to tell.

    It is settled once the period is older than its rule remembers: what it was found from may be forgotten.
    """

    time: int
    bearers: tuple[str, ...]
    lacks: tuple[str, ...] | None = None


class EveryCell(Cell):
    """Begins a case for each period that has come, of one rule or of one rule and record."""

    __slots__ = ("kind", "machine", "record_key", "recurrence", "rule")

    def __init__(self, machine: Machine, rule: Rule, instance: Instance | None = None) -> None:
        self.recurrence: Recurrence | None = None
        key = () if instance is None else (instance.kind, instance.key, instance.id)
        super().__init__(machine.program.rule_layers[rule.id] - 1, ("every", rule.id, key))
        self.machine = machine
        self.rule = rule
        self.kind = None if instance is None else instance.kind
        self.record_key = None if instance is None else (instance.key, instance.id)

    def run(self, store: Store) -> None:
        """Begin cases up to the clock and wake at the next period."""
        instance = None
        if self.kind is not None and self.record_key is not None:
            found = self.machine.program.instances(self.kind, self.record_key[0])
            instance = next((one for one in found if one.id == self.record_key[1]), None)
            if instance is None:
                return
        if self.rule.every is not None and self.rule.every.step is not None:
            self._anchored(store, instance)
        else:
            self._calendar(store, instance)

    def _calendar(self, store: Store, instance: Instance | None) -> None:
        program, spec = self.machine.program, self.rule.every
        started = store.read(LOG_START)
        if not started or spec is None or spec.kind is None:
            return
        first = program.zone.date_of(started[0][0])
        since = program.pack.in_force.since
        if since is not None:
            first = max(first, since)
        if instance is not None:
            first = max(first, program.zone.date_of(instance.opened))
        period = period_of(PeriodKind(spec.kind), first)
        if self.since > -FOREVER:  # nothing has changed before: those periods have their cases
            changed = period_of(PeriodKind(spec.kind), program.zone.date_of(min(self.since, store.clock))).previous()
            period = changed if changed.start > period.start else period
        while True:
            at_start = opens_at_start(program, self.rule, period, instance)
            begins = program.zone.start_of(period.start if at_start else period.end + dt.timedelta(days=1))
            if begins > store.clock:
                store.wake(begins)
                return
            starts = program.zone.start_of(period.start)
            if instance is not None and instance.closed is not None and starts >= instance.closed:
                return
            self._begin(store, period, instance)
            period = period.next()

    def _anchored(self, store: Store, instance: Instance | None) -> None:
        program, spec = self.machine.program, self.rule.every
        if spec is None or spec.step is None or spec.anchor is None:
            return
        ctx = Context(None, instance, at=FOREVER)
        anchor = program.instants.read(spec.anchor, ctx, end=False)
        if isinstance(anchor, Unknown):
            return
        recurrence = Recurrence(spec.step, anchor.day or program.zone.date_of(anchor.time), spec.span)
        number = 1
        if self.since > -FOREVER and recurrence == self.recurrence:
            changed = recurrence.containing(program.zone.date_of(min(self.since, store.clock)))
            number = 1 if changed is None else max(1, changed.number - 1)
        self.recurrence = recurrence
        while (period := recurrence.period(number)) is not None:
            begins = program.zone.start_of(period.start)
            if begins > store.clock:
                store.wake(begins)
                return
            if instance is not None and instance.closed is not None and begins >= instance.closed:
                return
            self._begin(store, period, instance)
            number += 1

    def _begin(self, store: Store, period: AnyPeriod, instance: Instance | None) -> None:
        """Begin the cases of a period; of one that is no longer remembered, those that an engine has handed on."""
        machine, rule = self.machine, self.rule
        ends = machine.program.zone.end_of(period.end)
        begun = machine.settled_periods.get((rule.id, period.label), {})
        is_past = ends < store.rules_since.get(rule.id, -FOREVER)
        if is_past and not begun:
            return
        subjects = [instance]
        if rule.for_each is not None:
            starts = machine.program.zone.start_of(period.start)
            found = (entry[2] for entry in store.read(("recs", rule.for_each.names[0]), ends))
            subjects = [one for one in found if one.closed is None or one.closed >= starts]
        for subject in subjects:
            name = None if subject is None else subject.id
            if name in begun or not is_past:
                key = ("period", rule.id, period.label, name)
                store.cell(key, partial(PeriodCell, machine, rule, period, subject, begun.get(name)))


def opens_at_start(program: Program, rule: Rule, period: AnyPeriod, subject: Instance | None) -> bool:
    """Tell whether a case begins with its period: a duty or right that is due in it; others look back on it."""
    if rule.kind not in (Kind.OBLIGATION, Kind.ENTITLEMENT) or rule.within is not None:
        return False
    if rule.by is None:
        return True
    calendar = period if isinstance(period, Period) else None
    ctx = Context(None, subject, at=program.zone.start_of(period.start), period=calendar)
    due = program.instants.read(rule.by, ctx, end=True)
    return not isinstance(due, Unknown) and due.time <= program.zone.end_of(period.end)


class PeriodCell(CaseCell):
    """One rule's case for one period."""

    __slots__ = ("begun", "period", "subject")

    def __init__(
        self, machine: Machine, rule: Rule, period: AnyPeriod, subject: Instance | None, begun: Begun | None = None
    ) -> None:
        key = ("period", rule.id, period.label, None if subject is None else subject.id)
        super().__init__(machine, rule, _matter(rule, period, subject), key, key)
        self.period = period
        self.subject = subject
        self.begun = begun

    def make(self, store: Store) -> None:
        """Open the case unless a guard stops it, and decide it."""
        if not self._is_lived():
            self.begun = None
        elif self.begun is None or not self.is_past(store):
            self.begun = self._begin(store)
        if self.begun is not None:
            self.decide([self._opening(self.begun)])

    def is_past(self, store: Store) -> bool:
        """Tell whether the period is older than its rule remembers."""
        return self.machine.program.zone.end_of(self.period.end) < store.rules_since.get(self.rule.id, -FOREVER)

    def _is_lived(self) -> bool:
        """Tell whether the record, as it is known now, still has this period in its life."""
        if self.subject is None:
            return True
        subject = self._as_known(self.subject)
        if subject is None:
            return False
        starts = self.machine.program.zone.start_of(self.period.start)
        if self.rule.for_each is not None:
            return subject.closed is None or subject.closed >= starts
        if isinstance(self.period, AnchoredPeriod) and self.period.anchor != self._anchor(subject):
            return False
        return subject.closed is None or subject.closed > starts

    def _anchor(self, subject: Instance) -> dt.date | None:
        program, spec = self.machine.program, self.rule.every
        if spec is None or spec.anchor is None:
            return None
        anchor = program.instants.read(spec.anchor, Context(None, subject, at=FOREVER), end=False)
        if isinstance(anchor, Unknown):
            return None
        return anchor.day or program.zone.date_of(anchor.time)

    def _context(self, subject: Instance | None, time: int, *, at_start: bool) -> Context:
        period = self.period if isinstance(self.period, Period) else None
        day = self.period.start if period is None else None
        return Context(None, subject, at=time, whole=not at_start, period=period, day=day)

    def _begin(self, store: Store) -> Begun | None:
        """Return how the case begins, None if a guard stops it."""
        program, rule = self.machine.program, self.rule
        starts = program.zone.start_of(self.period.start)
        subject = self._current()
        at_start = opens_at_start(program, rule, self.period, subject)
        time = starts if at_start else program.zone.end_of(self.period.end) + 1
        ctx = self._context(subject, time, at_start=at_start)
        if not program.in_force_on(rule, self.period.start):
            return None
        doubt: Unknown | None = None
        if rule.for_each is not None and rule.for_each.where is not None:
            met = program.evaluator.tree(rule.for_each.where.tree)(ctx)
            if met is False:
                return None
            doubt = met if isinstance(met, Unknown) else None
        if rule.if_ is not None:
            found = self._condition(store, ctx, time, at_start=at_start)
            if found is None:
                self._kept(ctx, subject)
                return None
            if isinstance(found, Unknown):
                doubt = found
            else:
                time = found
                ctx = ctx.looking(at=time)
        guarded = self._guarded(ctx)
        if guarded is False:
            self._kept(ctx, subject)
            return None
        if isinstance(guarded, Unknown) and doubt is None:
            doubt = guarded
        relied = () if rule.until or rule.until_all else rule.relies_on
        if relied and doubt is None:
            doubt = program.silence.lacks(list(relied), self.period.start)
        bearers = self._bearers(ctx, subject)
        if isinstance(bearers, Unknown):
            doubt, bearers = doubt or bearers, []
        return Begun(time, tuple(bearers), None if doubt is None else doubt.lacks)

    def _opening(self, begun: Begun) -> Opening:
        """Return the opening of a case that began so."""
        at_start = opens_at_start(self.machine.program, self.rule, self.period, subject := self._current())
        key, values = self.key_values(subject)
        return Opening(
            begun.time,
            self.matter_id,
            self._context(subject, begun.time, at_start=at_start),
            begun.bearers,
            (),
            (),
            None,
            subject,
            None if begun.lacks is None else Unknown(begun.lacks),
            start=self.machine.program.zone.start_of(self.period.start),
            due_day=self.period.end if at_start else None,
            key=key,
            values=values,
        )

    def _bearers(self, ctx: Context, subject: Instance | None) -> list[str] | Unknown:
        if not self.rule.who and subject is not None and subject.person is not None:
            return [subject.person]
        return self.machine.program.bearers(self.rule.who, ctx) or lacking("the person whom it concerns")

    def _guarded(self, ctx: Context) -> bool | Unknown:
        """Try the rule's needs and exceptions on the period."""
        guards, rule = self.machine.guards, self.rule
        met = guards.needs(rule, ctx).met
        if isinstance(met, Unknown):
            return met
        if (rule.needs or rule.needs_any) and met is (rule.kind is Kind.PROHIBITION):
            return False
        excepted = guards.excepted(rule, ctx)
        return excepted if isinstance(excepted, Unknown) else excepted is None

    def _kept(self, ctx: Context, subject: Instance | None) -> None:
        bearers = self.machine.program.bearers(self.rule.who, ctx)
        if isinstance(bearers, Unknown) or (not bearers and subject is not None and subject.person is not None):
            bearers = [] if subject is None or subject.person is None else [subject.person]
        for person in bearers or [""]:
            self.verdicts = (*self.verdicts, (self.rule.id, person, "kept"))

    def _current(self) -> Instance | None:
        if self.subject is None:
            return None
        return self._as_known(self.subject) or self.subject

    def _as_known(self, subject: Instance) -> Instance | None:
        """Return the record as it is known now, None if it has not begun by the period's end; later is not looked."""
        program = self.machine.program
        found = program.instances(subject.kind, subject.key, program.zone.end_of(self.period.end))
        return next((one for one in found if one.id == subject.id), None)

    def _condition(self, store: Store, ctx: Context, time: int, *, at_start: bool) -> int | Unknown | None:
        """Return when the condition holds: at the trigger, or at the first instant of a period that has begun."""
        program = self.machine.program
        test = program.evaluator.tree(self.rule.if_.tree)  # type: ignore[union-attr] # the caller has looked
        met = test(ctx)
        if isinstance(met, Unknown) or met:
            return met if isinstance(met, Unknown) else time
        if not at_start:
            return None
        horizon = program.zone.end_of(self.period.end)
        for point in points(self, time, min(store.clock, horizon)):
            met = test(ctx.looking(at=point))
            store.reach(self, horizon)
            if isinstance(met, Unknown):
                return met
            if met:
                return point
        return None

    def _label(self, kind: str) -> object:
        """Return the period as events name it: a day as a date, a year as a number."""
        if kind == "day":
            return self.period.start
        return int(self.period.label) if kind == "year" else self.period.label

    def key_values(self, subject: Instance | None) -> tuple[tuple[str, ...], tuple[Any, ...]]:
        """Return the fields by which acts are matched to the period and its record, and their values."""
        key: tuple[str, ...] = ()
        values: tuple[Any, ...] = ()
        if subject is not None:
            key, values = self.machine.program.pack.records[subject.kind].key, subject.key
        kind = self.rule.every.kind if self.rule.every is not None else None
        if kind is not None:
            key, values = (*key, kind), (*values, self._label(kind))
        return key, values


def points(
    cell: Cell, begins: int, ends: int, turn: Callable[[int], int] | None = None, fades: Mapping[str, int] | None = None
) -> Iterator[int]:
    """Yield `begins` and each later instant up to `ends` at which something changes that the cell has read.

    What the caller reads at one instant counts for the next. `turn` gives the next instant at which time alone changes
    something; `fades` after how many seconds the members of a count are none any more.
    """
    time, waiting, read = begins, [], -1
    while time <= ends:
        yield time
        if len(cell.reads) != read:
            read = len(cell.reads)
            waiting = sorted(changes(cell, fades or {}, time), reverse=True)
        following = waiting[-1:] if turn is None else [*waiting[-1:], turn(time)]
        if not following:
            return
        time = min(following)
        if waiting and waiting[-1] == time:
            waiting.pop()


def changes(cell: Cell, fades: Mapping[str, int], after: int) -> set[int]:
    """Return the instants later than one at which something changes that a cell has read."""
    found: set[int] = set()
    for bucket in cell.reads:
        seconds = fades.get(str(bucket.key[1])) if bucket.key[0] == "count" else None
        entries = lives_in(bucket).changing_after(after) if bucket.key[0] == "recs" else bucket.entries
        for time, _name, value in entries:
            found.add(time)
            if seconds is not None:
                found.add(time + seconds + 1)
            for name in ("until", "closed"):
                end = getattr(value, name, None)
                if isinstance(end, int):
                    found.add(end)
            steps = getattr(value, "steps", ())
            if steps and steps[-1][0] > after:
                found.update([step[0] for step in steps])
    return {time for time in found if time > after}


def settled_periods_in(store: Store) -> list[tuple[str, str, str | None, Begun]]:
    """Return how the cases began of periods that are no longer remembered, by rule, period and record."""
    cells = [cell for cell in store.cells.values() if isinstance(cell, PeriodCell) and cell.is_past(store)]
    found = [
        (one.rule.id, one.period.label, None if one.subject is None else one.subject.id, one.begun)
        for one in cells
        if one.begun is not None
    ]
    return sorted(found, key=lambda one: (one[0], one[1], one[2] or ""))


def _matter(rule: Rule, period: AnyPeriod, subject: Instance | None) -> str:
    kind = rule.every.kind if rule.every is not None else None
    if kind is None:
        return f"period:{period.label}" if subject is None else f"{subject.id}/{period.label}"
    if subject is None:
        return f"{kind}:{period.label}"
    whose = subject.id if rule.for_each is None else key_text(subject.key)
    return f"{kind}:{period.label}/{whose}"
