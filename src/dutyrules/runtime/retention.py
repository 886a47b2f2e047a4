"""What no rule can need again is forgotten, so that memory follows the state and not the length of the log.

How long each record, count, rule and event type is remembered follows from the pack: `policies/horizons.py` works it
out; what stays, and what stays with it, is told by `kept.py`. What is forgotten has long been handed out.
"""

from __future__ import annotations

from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING

import attrs

from dutyrules.calendars import PeriodKind, period_of
from dutyrules.policies.horizons import horizons
from dutyrules.runtime.gaps import GapCell
from dutyrules.runtime.instances import Over, RecordCell, ever_touching
from dutyrules.runtime.kept import Kept, before, has_one_life
from dutyrules.runtime.members import InstanceMemberCell, MemberCell
from dutyrules.runtime.openings import OutcomeCell
from dutyrules.runtime.store import FOREVER, Cell, Handed
from dutyrules.runtime.triggers import TriggerCell
from dutyrules.runtime.whenever import RiseCell

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dutyrules.policies.horizons import Horizons
    from dutyrules.runtime.instances import Instance
    from dutyrules.runtime.intake import Intake
    from dutyrules.runtime.machine import Machine
    from dutyrules.runtime.periods import Begun
    from dutyrules.runtime.store import Fact
    from dutyrules.runtime.whenever import Settled

BASED = (RecordCell, TriggerCell, MemberCell)
"""Cells that go with their records, or with the fact on which they rest."""


class Retention:
    """Forgets, month by month, what lies further back than anything can look that reads it."""

    def __init__(self, machine: Machine, intake: Intake) -> None:
        self._machine = machine
        self._intake = intake
        self._store = machine.program.store
        self.cutoff: int | None = None
        self.set_aside: set[tuple[str, str, str]] = set()  # codes, events and reasons, of events that are forgotten
        self._next: int | None = None

    @cached_property
    def horizons(self) -> Horizons:
        """Return what the pack remembers; worked out when something is first forgotten, since most engines never do."""
        return horizons(self._machine.program.pack)

    def tick(self, clock: int) -> None:
        """Forget what is due to be forgotten; little is done on most ticks."""
        if self._next is not None and clock < self._next:
            return
        zone = self._machine.program.zone
        month = period_of(PeriodKind.MONTH, zone.date_of(clock))
        self._next = zone.start_of(month.next().start)
        since = zone.start_of(month.start)
        first = self._intake.started_at
        if first is not None and first[0] < since and first[0] < since - self._shortest:
            self.forget_before(since)

    @property
    def _shortest(self) -> int:
        every = (*self.horizons.events.values(), *self.horizons.records.values(), *self.horizons.rules.values())
        return min([self.horizons.late, *(one.seconds for one in every)])

    def restore(
        self,
        cutoff: int,
        settled: Iterable[tuple[str, str, Settled]],
        periods: Iterable[tuple[str, str, str | None, Begun]],
        over: Iterable[tuple[str, Over]],
    ) -> None:
        """Go on as an engine that has last forgotten at `cutoff`.

        `settled` is what it has kept of conditions, `periods` of cases whose periods are long past, and `over` of
        records that are forgotten.
        """
        for name, label, subject, begun in periods:
            self._machine.settled_periods.setdefault((name, label), {})[subject] = begun
        self._machine.settled_rises = {(rule, record): one for rule, record, one in settled}
        self._machine.program.over = dict(over)
        self._forgets_before(cutoff)

    def _forgets_before(self, cutoff: int) -> None:
        self.cutoff = cutoff
        self._store.forgotten_before = cutoff - self.horizons.late
        self._store.rules_since = {name: before(cutoff, one) for name, one in self.horizons.rules.items()}

    def forget_before(self, cutoff: int) -> None:
        """Forget what lies before `cutoff` by more than it is remembered, unless something open rests on it."""
        self._machine.settled_rises = {}
        self._machine.settled_periods = {}
        self._forgets_before(cutoff)
        kept = Kept(self._machine, self._intake, self.horizons, cutoff)
        dropped = kept.events_to_drop()
        if dropped:
            self._keep_remarks(dropped)
        for name in dropped:
            self._drop_event(name)
        self._let_go_of_over(dropped)
        for record in kept.cells(RecordCell):
            if not any(kept.is_kept(record, one) for one in record.instances.values()):
                self._note_over(record, record.instances.values())
                self._drop_cell(record)
                continue
            self._drop_episodes(record, kept)
            if has_one_life(record) and not dropped.isdisjoint(record.rests_on):
                self._forget_steps(record)
        for rises in kept.cells(RiseCell):
            for place in rises.settle(kept.since(rises.rule.id), kept.is_awaited):
                self._store.lose(*place)
        openers, cases = kept.cells(Cell, but=(*BASED, OutcomeCell)), kept.cells(OutcomeCell, but=BASED)
        for cell in chain(openers, cases):
            if not cell.dead and kept.is_past(cell):
                self._drop_cell(cell)
        self._store.sweep()

    def _keep_remarks(self, dropped: set[str]) -> None:
        """Keep why events reached nothing that are forgotten now: nobody will find it again."""
        for remarks in (self._intake.remarks, self._machine.remarks):
            for source, group in list(remarks.items()):
                going = dropped & group.keys()
                self.set_aside.update((group[name][0], name, group[name][1]) for name in going)
                if len(going) == len(group):
                    del remarks[source]
                elif going:
                    remarks[source] = {name: said for name, said in group.items() if name not in going}

    def _drop_event(self, name: str) -> None:
        event = self._intake.forget(name)
        cell = self._store.cells.get(("event cell", name))
        if cell is not None:
            self._drop_cell(cell)
        fact = self._store.facts.get(("event", event.type), {}).get(name)
        if fact is not None:
            self._drop_fact(fact)

    def _drop_fact(self, fact: Fact) -> None:
        self._store.lose_fact(fact)
        for cell in self._store.based.pop(fact.id, ()):
            if not cell.dead:
                self._drop_cell(cell)

    def _drop_cell(self, cell: Cell) -> None:
        self._store.forget(cell)
        if isinstance(cell, GapCell):
            cell.let_go(self._store)
        for handed in _handed(cell):
            self._lose(handed)
        if isinstance(cell, OutcomeCell):
            self._machine.cells_of.get(cell.rule.id, set()).discard(cell)
            self._machine.board.forget(cell.outcomes)
        if isinstance(cell, RecordCell):
            self._store.buckets.pop(("rec", cell.record.name, cell.values), None)

    def _lose(self, handed: Handed) -> None:
        for place in handed.entries:
            self._store.lose(*place)
        for fact in list(handed.facts.values()):
            self._drop_fact(fact)

    def _note_over(self, cell: RecordCell, past: Iterable[Instance]) -> None:
        """Note until when the records under a key are over, if what opened any is kept: it must open none anew."""
        until = max((one.last for one in past), default=-FOREVER)
        program = self._machine.program
        touched = ever_touching(program, cell.record, cell.values, -FOREVER, until)
        opening = [fact for fact, role in touched if role == "opens"]
        events = frozenset(root for fact in opening for root in fact.roots if self._intake.has(root))
        if events:
            program.over[cell.name] = Over(until, events)

    def _let_go_of_over(self, dropped: set[str]) -> None:
        """Let go of what is noted of records that are over once no event about them is left."""
        over = self._machine.program.over
        for name, one in list(over.items()):
            if not one.events.isdisjoint(dropped):
                over[name] = attrs.evolve(one, events=one.events - dropped)
                if not over[name].events:
                    del over[name]

    def _forget_steps(self, cell: RecordCell) -> None:
        """Let a record, and what it is to counts, be as they would be found without what has been forgotten.

        Else the next event about it would find it changed long ago, and everything that ever read it would run again.
        """
        if cell.forget_steps():
            for members in self._members_of(cell):
                members.forget_steps(self._store)

    def _members_of(self, cell: RecordCell) -> Iterator[InstanceMemberCell]:
        for count in self._machine.program.pack.counts:
            members = self._store.cells.get(("members", count, cell.record.name, cell.values))
            if isinstance(members, InstanceMemberCell):
                yield members

    def _drop_episodes(self, cell: RecordCell, kept: Kept) -> None:
        """Let the episodes go that are past while others of the same key are kept."""
        past = [one for one in cell.instances.values() if not kept.is_kept(cell, one)]
        if not past:
            return
        self._note_over(cell, past)
        for instance in past:
            del cell.instances[instance.id]
            self._store.lose(("rec", cell.record.name, cell.values), instance.opened, instance.id)
            handed = cell.handed_by.pop(instance.id, None)
            if handed is not None:
                self._lose(handed)
        cell.rests_on = kept.needed_by_record(cell)
        for members in self._members_of(cell):
            for instance in past:
                handed = members.handed_by.pop(instance.id, None)
                if handed is not None:
                    self._lose(handed)


def _handed(cell: Cell) -> list[Handed]:
    if isinstance(cell, RecordCell | InstanceMemberCell):
        return list(cell.handed_by.values())
    if isinstance(cell, OutcomeCell):
        return [Handed(cell.facts, cell.places)]
    if isinstance(cell, MemberCell):
        return [Handed(entries=cell.entries)]
    handed = getattr(cell, "handed", None)
    return [] if handed is None else [handed]
