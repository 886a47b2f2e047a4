"""Why an outcome stands: for each of its openings, the guards that let it through and what came of it."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from dutyrules.explaining.lasting import Lasting
from dutyrules.explaining.relations import Relating
from dutyrules.explaining.steps import HOLDS, Step, Try, rank
from dutyrules.explaining.tries import Tries
from dutyrules.outcomes import instant_of
from dutyrules.runtime.asked import AskedCell
from dutyrules.runtime.cases import CaseCell
from dutyrules.runtime.gaps import GapCell
from dutyrules.runtime.ladders import LadderCell
from dutyrules.runtime.openings import Opening
from dutyrules.runtime.periods import PeriodCell
from dutyrules.runtime.triggers import ObservedCell, TriggerCell
from dutyrules.runtime.whenever import RiseCell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dutyrules.outcomes import Outcome
    from dutyrules.policies.model import Rule
    from dutyrules.runtime.machine import Machine
    from dutyrules.runtime.openings import OutcomeCell

MOST_GROUNDS = 60


def nearest_of(machine: Machine, outcome: Outcome) -> Try | None:
    """Return how far the rule of an outcome that is gone comes now for the same matter."""
    rule = machine.program.pack.rules.get(outcome.rule)
    if rule is None:
        return None
    tries = [one for one in _tries_of(machine, rule, outcome.person) if one.matter == outcome.matter]
    return min(tries, key=rank, default=None)


def _tries_of(machine: Machine, rule: Rule, person: str | None) -> Iterator[Try]:
    tries = Tries(machine)
    lasting = Lasting(tries)
    yield from tries.by_facts(rule, person)
    yield from tries.by_findings(rule, person)
    if rule.every is not None:
        yield from lasting.by_periods(rule, person)
    if rule.whenever is not None:
        yield from lasting.by_rises(rule, person)


class Grounds:
    """Finds what an outcome rests on, in an engine at rest."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._tries = Tries(machine)
        self._lasting = Lasting(self._tries)
        self._relating = Relating(machine)
        self._cells: dict[str, list[OutcomeCell]] = {}
        for cells in machine.cells_of.values():
            for cell in cells:
                for name in cell.outcomes:
                    self._cells.setdefault(name, []).append(cell)

    def of(self, outcome: Outcome) -> tuple[Try, ...]:
        """Return the tries from which an outcome came, with their guards; none where the engine has forgotten them."""
        found = [one for cell in self._cells.get(outcome.id, ()) for one in self._of_cell(cell, outcome)]
        return tuple(found[:MOST_GROUNDS])

    def _of_cell(self, cell: OutcomeCell, outcome: Outcome) -> Iterator[Try]:
        match cell:
            case PeriodCell():
                yield self._lasting.of_period(cell)
            case GapCell():
                tries = self._lasting.by_gaps(cell.rule, None)
                yield from (one for one in tries if one.matter == outcome.matter)
            case LadderCell():
                yield from self._of_ladder(cell, outcome)
            case AskedCell() if cell.asking is not None:
                steps = (Step("asked_by", HOLDS, "asked", {"fact": cell.asking.type[1]}, causes=(cell.asking.id,)),)
                yield Try(cell.rule, cell.asking.time, outcome.matter, (), (cell.asking.id,), steps, (outcome,))
            case CaseCell():
                yield from self._of_case(cell, outcome)

    def _of_case(self, cell: CaseCell, outcome: Outcome) -> Iterator[Try]:
        openings: list[Opening] = [entry[2] for entry in self._machine.program.store.read(cell.place)]
        for opening in openings:
            if outcome.person is not None and opening.bearers and outcome.person not in opening.bearers:
                continue
            yield from self._of_opening(cell, opening)

    def _of_opening(self, cell: CaseCell, opening: Opening) -> Iterator[Try]:
        store, rule, fact = self._machine.program.store, cell.rule, opening.fact
        if fact is None:
            yield from self._of_rise(cell, opening)
            return
        found = store.cells.get(
            ("observed", rule.id, fact.id) if cell.observed else ("trigger", rule.id, fact.type, fact.id)
        )
        if isinstance(found, ObservedCell) and found.trigger is not None:
            yield self._tries.by_finding(rule, found, found.trigger)
        elif isinstance(found, TriggerCell):
            yield from (one for one in self._tries.by_trigger(rule, found) if one.matter == opening.matter_id)

    @cached_property
    def _rises(self) -> dict[tuple[str, str], RiseCell]:
        """The watch over a record that made each opening, by rule and matter."""
        found: dict[tuple[str, str], RiseCell] = {}
        for cell in self._machine.program.store.cells.values():
            if isinstance(cell, RiseCell):
                openings = [one for one in cell.handed.entries.values() if isinstance(one, Opening)]
                found |= {(cell.rule.id, one.matter_id): cell for one in openings}
        return found

    def _of_rise(self, cell: CaseCell, opening: Opening) -> Iterator[Try]:
        rise = self._rises.get((cell.rule.id, opening.matter_id))
        if rise is not None and opening.matter is not None:
            tries = self._lasting.by_rise(cell.rule, rise, opening.matter, list(opening.bearers))
            yield from (one for one in tries if one.matter == opening.matter_id)

    def _of_ladder(self, cell: LadderCell, outcome: Outcome) -> Iterator[Try]:
        rules = [one for one in cell.ladder.accumulate if one.id == outcome.rule]
        for rule in rules:
            step = self._relating.accumulated(outcome.person, rule, cell.ladder.name)
            if step is not None:
                time, person = instant_of(outcome.time), (cell.person,)
                yield Try(cell.rule, time, outcome.matter, person, outcome.because, (step,), (outcome,))
