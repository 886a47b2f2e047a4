"""Gaps: the longest time that may pass without an act, over and over, while a record is open."""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING

from dutyrules.outcomes import Breach, Deadline, Obligation
from dutyrules.runtime.context import Context
from dutyrules.runtime.instances import touching
from dutyrules.runtime.openings import Opening, OutcomeCell
from dutyrules.runtime.store import FOREVER
from dutyrules.runtime.values import Unknown, merge

if TYPE_CHECKING:
    from dutyrules.policies.model import Rule
    from dutyrules.runtime.instances import Instance
    from dutyrules.runtime.machine import Machine
    from dutyrules.runtime.store import Fact, Key, Store


class GapCell(OutcomeCell):
    """The longest time without an act while a record is open: one stretch, which hands on where the next one begins."""

    __slots__ = ("begun", "instance_id", "instance_key", "kind", "start")

    def __init__(self, machine: Machine, rule: Rule, instance: Instance, start: int | None = None) -> None:
        key: Key = ("gap", rule.id, instance.id) if start is None else ("gap", rule.id, instance.id, start)
        super().__init__(machine, rule, machine.program.rule_layers[rule.id], key)
        self.kind, self.instance_key, self.instance_id = instance.kind, instance.key, instance.id
        self.start = start
        self.begun: tuple[str, ...] | None = None  # by what it began, where the stretch before is forgotten

    def make(self, store: Store) -> None:
        """Make the obligation of this stretch, if there is one."""
        program, rule = self.machine.program, self.rule
        instance = self._instance(store)
        if instance is None or rule.gap is None or not program.in_force_on(rule, instance.day):
            return
        begun = self._begin(store, instance, rule.gap.seconds)
        if begun is None or (instance.closed is not None and begun[0] >= instance.closed):
            return
        start, because = begun
        ctx = Context(None, instance, at=FOREVER)
        bearers = program.bearers(rule.who, ctx) if rule.who else [instance.person] if instance.person else []
        if isinstance(bearers, Unknown):
            return
        due = start + rule.gap.seconds
        key = program.pack.records[instance.kind].key
        found = self.machine.guards.facts(rule.until, ctx, key, instance.key, upto=due, since=start)
        act = next((fact for fact, doubt in found if doubt is None and start < fact.time), None)
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
            self._hand_on(store, instance, act.time, act.roots)
        elif instance.closed is not None and instance.closed <= due:
            closed = instance.closed <= store.clock
            if not closed:
                store.wake(instance.closed)
            more = self._closers(instance) if closed else ()
            self._state(opening, due, "cancelled" if closed else "open", instance.closed if closed else start, more)
        elif due < store.clock:
            perhaps = [doubt for _fact, doubt in found if doubt is not None]
            self._state(opening, due, "breached", due, (), reduce(merge, perhaps) if perhaps else None)
            self._hand_on(store, instance, due, because)
        else:
            store.wake(due + 1)
            self._state(opening, due, "open", start, ())

    def _instance(self, store: Store) -> Instance | None:
        """Return the record, noting it no further than this stretch looks: it can go on changing after that."""
        place = ("rec", self.kind, self.instance_key)
        known = next((one for _time, name, one in store.buckets[place].entries if name == self.instance_id), None)
        limit = FOREVER
        if known is not None and self.rule.gap is not None:
            limit = (known.opened if self.start is None else self.start) + self.rule.gap.seconds
        store.read(place, limit)
        return known

    def _begin(self, store: Store, instance: Instance, gap: int) -> tuple[int, tuple[str, ...]] | None:
        """Return when the stretch begins and by what, None where the one before no longer leads here."""
        if self.start is not None:
            if self.begun is not None:
                return self.start, self.begun
            read = store.read(self.key)
            return (self.start, read[0][2]) if read else None
        start, because = instance.opened, instance.roots[:1]
        since = store.rules_since.get(self.rule.id, -FOREVER)
        if start + gap >= since:
            return start, because
        acts = self._forgotten_acts(instance, since)
        while start + gap < since:  # what lay so far back is forgotten: only where the first stretch begins that is not
            act = next((fact for fact in acts if start < fact.time <= start + gap), None)
            start, because = (start + gap, because) if act is None else (act.time, act.roots)
        if ("gap", self.rule.id, instance.id, start) in store.cells:  # it is on its way from there
            self._hand_on(store, instance, start, because)
            return None
        return start, because

    def _forgotten_acts(self, instance: Instance, since: int) -> list[Fact]:
        program = self.machine.program
        key = program.pack.records[instance.kind].key
        ctx = Context(None, instance, at=FOREVER)
        found = self.machine.guards.facts(self.rule.until, ctx, key, instance.key, upto=since, since=instance.opened)
        return [fact for fact, doubt in found if doubt is None]

    def _hand_on(self, store: Store, instance: Instance, start: int, because: tuple[str, ...]) -> None:
        """Let the next stretch begin."""
        place: Key = ("gap", self.rule.id, instance.id, start)
        self.places[place, start, ""] = because
        store.cell(place, lambda: GapCell(self.machine, self.rule, instance, start))

    def ends_before(self, time: int) -> bool:
        """Tell whether the stretch was over before an instant."""
        gap = self.rule.gap
        return self.start is not None and gap is not None and self.start + gap.seconds < time

    def let_go(self, store: Store) -> None:
        """Let the stretch that follows remember by what it began: this one is forgotten."""
        for (place, _time, _name), because in self.places.items():
            following = store.cells.get(place)
            if isinstance(following, GapCell) and isinstance(because, tuple):
                following.begun = because

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
