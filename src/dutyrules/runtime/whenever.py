"""Conditions that become true, and gaps between acts."""

from __future__ import annotations

import datetime as dt
from functools import partial, reduce
from typing import TYPE_CHECKING, Any

from dutyrules.outcomes import Breach, Deadline, Obligation
from dutyrules.runtime.context import Context
from dutyrules.runtime.instances import touching
from dutyrules.runtime.openings import Opening, OutcomeCell
from dutyrules.runtime.periods import LOG_START, changes, points
from dutyrules.runtime.store import FOREVER, Cell, Handed
from dutyrules.runtime.values import Unknown, lacking, merge

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dutyrules.policies.model import Rule
    from dutyrules.runtime.instances import Instance
    from dutyrules.runtime.machine import Machine
    from dutyrules.runtime.store import Store


class RiseCell(Cell):
    """Finds when a condition about one record becomes true, in one day's hours or all its life."""

    __slots__ = ("day", "handed", "instance_id", "instance_key", "kind", "machine", "rule")

    def __init__(self, machine: Machine, rule: Rule, instance: Instance, day: dt.date | None) -> None:
        super().__init__(machine.program.rule_layers[rule.id] - 1, ("rises", rule.id, instance.id, day))
        self.machine = machine
        self.rule = rule
        self.kind, self.instance_key, self.instance_id = instance.kind, instance.key, instance.id
        self.day = day
        self.handed = Handed()

    def run(self, store: Store) -> None:
        """Put an opening for each rise where its case looks."""
        entries: dict[Any, object] = {}
        instances = self.machine.program.instances(self.kind, self.instance_key)
        instance = next((one for one in instances if one.id == self.instance_id), None)
        if instance is not None:
            base = instance.id if self.day is None else f"{instance.id}/{self.day}"
            for number, (time, doubt) in enumerate(self._rises(store, instance), 1):
                matter_id = base if doubt is not None else f"{base}#{number}"
                opening = self._opening(instance, time, matter_id, doubt)
                entries[(("openings", self.rule.id, matter_id), time, matter_id)] = opening
                self.machine.case(self.rule, matter_id)
        self.handed.give_entries(store, entries)

    def ends_before(self, cutoff: int) -> bool:
        """Tell whether the day is over, or the record gone, before an instant."""
        if self.day is not None:
            return self.machine.program.zone.end_of(self.day) < cutoff
        return not self.machine.program.instances(self.kind, self.instance_key)

    def _spans(self, store: Store, instance: Instance) -> list[tuple[int, int, int]]:
        """Return when the condition is looked at: from, up to now, and up to when facts can still matter."""
        program = self.machine.program
        last = store.clock if instance.closed is None else min(store.clock, instance.closed - 1)
        if self.day is None or self.rule.during is None:
            return [(instance.opened, last, FOREVER)]
        spans = program.hours[self.rule.during].spans(self.day, program.zone, program.seasons)
        for begins, _ends in spans:
            store.wake(begins)
        return [(max(begins, instance.opened), min(ends - 1, last), ends - 1) for begins, ends in spans]

    def _moments(self, store: Store, instance: Instance, begins: int, ends: int) -> Iterator[int]:
        """Yield when to look: where what was read changes or fades, and at midnight where the day matters."""
        fades = self.machine.program.counting.fades
        turns = self.day is None and instance.day is None and self.machine.turns_with_the_day(self.rule)
        yield from points(self, begins, ends, self._midnight if turns else None, fades)
        if turns:
            store.wake(self._midnight(max(begins, ends)))
        if fades:
            store.wake(min(changes(self, fades, ends), default=FOREVER))

    def _midnight(self, time: int) -> int:
        zone = self.machine.program.zone
        return zone.end_of(zone.date_of(time)) + 1

    def _rises(self, store: Store, instance: Instance) -> list[tuple[int, Unknown | None]]:
        program, rule = self.machine.program, self.rule
        assert rule.whenever is not None  # noqa: S101 - only rules with a condition have rises
        test = program.evaluator.tree(rule.whenever.tree)
        found: list[tuple[int, Unknown | None]] = []
        for begins, ends, horizon in self._spans(store, instance):
            was = False
            for time in self._moments(store, instance, begins, ends):
                now = test(Context(None, instance, at=time, day=instance.day or program.zone.date_of(time)))
                store.reach(self, horizon)
                if isinstance(now, Unknown):
                    return [*found, (time, now)]
                if now and not was:
                    silence = (
                        program.silence.lacks(list(rule.relies_on), program.zone.date_of(time))
                        if rule.relies_on
                        else None
                    )
                    if silence is not None:
                        return [(time, silence)]
                    found.append((time, None))
                was = bool(now)
        return found

    def _opening(self, instance: Instance, time: int, matter_id: str, doubt: Unknown | None) -> Opening:
        program = self.machine.program
        day = instance.day or program.zone.date_of(time)
        ctx = Context(None, instance, at=time, day=day)
        bearers: list[str] | Unknown = program.bearers(self.rule.who, ctx)
        if not self.rule.who and instance.person is not None:
            bearers = [instance.person]
        if not bearers:
            bearers = lacking("the person whom it concerns")
        if isinstance(bearers, Unknown):
            doubt, bearers = bearers, []
        key = program.pack.records[instance.kind].key
        return Opening(
            time, matter_id, ctx, tuple(bearers), (), (), None, instance, doubt, key=key, values=instance.key
        )


class DaysCell(Cell):
    """Begins the look at each day's hours of one record."""

    __slots__ = ("instance", "machine", "rule")

    def __init__(self, machine: Machine, rule: Rule, instance: Instance) -> None:
        super().__init__(machine.program.rule_layers[rule.id] - 1, ("days", rule.id, instance.id))
        self.machine = machine
        self.rule = rule
        self.instance = instance

    def run(self, store: Store) -> None:
        """Look at each day up to the clock's."""
        program = self.machine.program
        started = store.read(LOG_START)
        if not started:
            return
        program.instances(self.instance.kind, self.instance.key)  # noted: an earlier opening adds days
        first = max(started[0][0], self.instance.opened, store.forgotten_before)
        day = program.zone.date_of(first if self.since == -FOREVER else max(first, min(self.since, store.clock)))
        while program.zone.start_of(day) <= store.clock:
            store.cell(
                ("rises", self.rule.id, self.instance.id, day),
                partial(RiseCell, self.machine, self.rule, self.instance, day),
            )
            day += dt.timedelta(days=1)
        store.wake(program.zone.start_of(day))


class GapCell(OutcomeCell):
    """The longest time without an act, over and over, while a record is open."""

    __slots__ = ("instance_id", "instance_key", "kind")

    def __init__(self, machine: Machine, rule: Rule, instance: Instance) -> None:
        super().__init__(machine, rule, machine.program.rule_layers[rule.id], ("gap", rule.id, instance.id))
        self.kind, self.instance_key, self.instance_id = instance.kind, instance.key, instance.id

    def make(self, store: Store) -> None:
        """Make one obligation a gap."""
        program, rule = self.machine.program, self.rule
        instances = program.instances(self.kind, self.instance_key)
        instance = next((one for one in instances if one.id == self.instance_id), None)
        if instance is None or rule.gap is None or not program.in_force(rule, instance.day):
            return
        ctx = Context(None, instance, at=FOREVER)
        bearers = program.bearers(rule.who, ctx) if rule.who else [instance.person] if instance.person else []
        if isinstance(bearers, Unknown):
            return
        key = program.pack.records[instance.kind].key
        found = self.machine.guards.facts(rule.until, ctx, key, instance.key, since=instance.opened)
        acts = [fact for fact, doubt in found if doubt is None and fact.time > instance.opened]
        start, because = instance.opened, instance.roots[:1]
        while instance.closed is None or start < instance.closed:
            due = start + rule.gap.seconds
            act = next((fact for fact in acts if start < fact.time <= due), None)
            opening = Opening(
                start,
                f"{instance.id}@{program.zone.iso(start)}",
                ctx.looking(at=start, day=instance.day or program.zone.date_of(start)),
                tuple(bearers),
                because,
                because,
                None,
                instance,
                key=key,
                values=instance.key,
            )
            if act is not None and (instance.closed is None or act.time < instance.closed):
                self._state(opening, due, "fulfilled", act.time, act.roots)
                start, because = act.time, act.roots
            elif instance.closed is not None and instance.closed <= due:
                closed = instance.closed <= store.clock
                if not closed:
                    store.wake(instance.closed)
                more = self._closers(instance) if closed else ()
                self._state(opening, due, "cancelled" if closed else "open", instance.closed if closed else start, more)
                return
            elif due < store.clock:
                perhaps = [doubt for fact, doubt in found if doubt is not None and start <= fact.time <= due]
                self._state(opening, due, "breached", due, (), reduce(merge, perhaps) if perhaps else None)
                start = due
            else:
                store.wake(due + 1)
                self._state(opening, due, "open", start, ())
                return

    def _closers(self, instance: Instance) -> tuple[str, ...]:
        """Return the events that closed the record."""
        program = self.machine.program
        record, at = program.pack.records[instance.kind], instance.closed or 0
        found: dict[str, None] = {}
        for fact, role in touching(program, record, instance.key, at, at):
            if role == "closes":
                found |= dict.fromkeys(fact.roots)
        return tuple(found)

    def _state(
        self,
        opening: Opening,
        due: int,
        status: str,
        time: int,
        more: tuple[str, ...],
        perhaps: Unknown | None = None,
    ) -> None:
        zone = self.machine.program.zone
        because = (*opening.causes, *more)
        self.verdict(opening, {"fulfilled": "met", "open": "due"}.get(status, status))
        program = self.machine.program
        silence, day = None, program.day_of(opening.ctx)
        if status == "breached":
            types = list(self.rule.relies_on) or [name for pattern in self.rule.until for name in pattern.names]
            silence = program.silence.lacks(types, program.day_of(opening.ctx)) or perhaps
        for person in opening.bearers or (None,):
            shown = "open" if silence is not None else status
            made = self.outcome(
                Obligation,
                shown,
                time if silence is None else opening.time,
                matter=opening.matter_id,
                person=person,
                because=because,
                since=zone.iso(opening.time),
                due=zone.iso(due),
            )
            limit = {"breached": "missed", "open": "set"}.get(status, "lifted")
            self.outcome(
                Deadline,
                limit,
                time,
                matter=opening.matter_id,
                person=person,
                because=because,
                due=zone.iso(due),
            )
            if status == "breached" and silence is None:
                breach = self.outcome(
                    Breach,
                    "breached",
                    due,
                    matter=opening.matter_id,
                    person=person,
                    because=(made.id,),
                    due=zone.iso(due),
                    date=None if day is None else day.isoformat(),
                )
                self.fact("breach", due, opening, person, breach)
        if silence is not None:
            self.undecidable(opening, silence, time=due)
