"""A right with a date that moves, day by day, while a condition fails."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Final

import attrs

from dutyrules.outcomes import Entitlement
from dutyrules.runtime.store import FOREVER, Cell, Handed
from dutyrules.runtime.values import Unknown

if TYPE_CHECKING:
    from dutyrules.policies.model import Rule
    from dutyrules.runtime.machine import Machine
    from dutyrules.runtime.openings import Opening, OutcomeCell
    from dutyrules.runtime.store import Fact, Key, Store

LONGEST: Final = 366


def taken(cell: OutcomeCell, rule: Rule, opening: Opening, granted: Entitlement) -> Fact | None:
    """Let a right be taken by the first act that uses it, from the grant on; return the act."""
    program = cell.machine.program
    since = opening.time if opening.start is None else opening.start
    found = cell.machine.guards.facts(
        rule.until, opening.ctx.looking(at=FOREVER), opening.key, opening.values, since=since
    )
    act = next((fact for fact, doubt in found if doubt is None and fact is not opening.fact), None)
    if act is not None:
        cell.outcomes[granted.id] = attrs.evolve(
            granted,
            status="taken",
            time=program.zone.iso(max(act.time, opening.time)),
            because=tuple(sorted({*granted.because, *act.roots})),
        )
        cell.verdict(opening, "met")
    return act


class WaitCell(Cell):
    """Looks day by day whether a right has to wait, at each day once: it goes on where nothing has changed since."""

    goes_on = True
    __slots__ = ("handed", "machine", "place", "rule", "waited")

    def __init__(self, machine: Machine, rule: Rule, place: Key) -> None:
        super().__init__(machine.program.rule_layers[rule.id] - 1, ("waits", *place))
        self.machine = machine
        self.rule = rule
        self.place: Key = ("waiting", *place)
        self.handed = Handed()
        self.waited: list[int] = []  # the beginnings of the days on which it had to wait

    def run(self, store: Store) -> None:
        """Tell the case on which days its right has had to wait, and when that could not be told."""
        while self.waited and self.waited[-1] >= self.since:
            self.waited.pop()
        if not self.waited:
            store.unread(self)
        entries: dict[tuple[Key, int, str], object] = {}
        for time, name, (opening, first, until) in store.read(self.place):
            doubt = self._walk(store, opening, first, until)
            entries[("waited", *self.place[1:]), time, name] = (first, tuple(self.waited), doubt)
        self.handed.give_entries(store, entries)

    def _walk(self, store: Store, opening: Opening, first: dt.date, until: int) -> tuple[int, Unknown] | None:
        """Look at each day that has begun by the act; return when it cannot be told and why."""
        assert self.rule.postponed_while is not None  # noqa: S101 - no other rule has such a cell
        program = self.machine.program
        waits = program.evaluator.tree(self.rule.postponed_while.tree)
        while len(self.waited) < LONGEST:
            day = first + dt.timedelta(days=len(self.waited))
            begins = max(program.zone.start_of(day), opening.time)
            if begins > store.clock:
                store.wake(begins)
                break
            if until < begins:
                break
            answer = waits(opening.ctx.looking(at=begins, day=day))
            if isinstance(answer, Unknown):
                return begins, answer
            if not answer:
                break
            self.waited.append(begins)
        return None


def postponed(cell: OutcomeCell, rule: Rule, opening: Opening, granted: Entitlement, act: Fact | None) -> None:
    """Settle the day of a right as each day begins: it waits while the condition holds, until it is taken."""
    machine = cell.machine
    program = machine.program
    due = program.instants.read(rule.by, opening.ctx.looking(at=FOREVER), end=True) if rule.by is not None else None
    if due is None or isinstance(due, Unknown):
        return
    day = program.zone.date_of(due.time)
    place = (rule.id, opening.matter_id, granted.person or "")
    cell.places[("waiting", *place), opening.time, ""] = (opening, day, FOREVER if act is None else act.time)
    program.store.cell(("waits", *place), lambda: WaitCell(machine, rule, place))
    found = program.store.read(("waited", *place))
    if not found or found[0][2][0] != day:
        return  # the days are looked at next
    _first, waited, doubt = found[0][2]
    if doubt is not None:
        cell.undecidable(opening, doubt[1], time=doubt[0])
    elif waited:
        cell.outcome(
            Entitlement,
            "postponed",
            waited[-1],
            matter=opening.matter_id,
            person=granted.person,
            because=granted.because,
            rule=rule.postponed_as,
            grant=granted.grant,
            due=program.zone.iso(program.zone.end_of(day + dt.timedelta(days=len(waited)))),
        )
        cell.verdict(opening, "permitted", rule=rule.postponed_as)
