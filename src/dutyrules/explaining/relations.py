"""What outcomes did to one another: choices, forfeitures, the steps of a ladder."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from dutyrules.calendars import shift_date
from dutyrules.explaining.evidence import Change
from dutyrules.explaining.steps import FAILS, HOLDS, Step
from dutyrules.outcomes import Sanction
from dutyrules.runtime.board import weight
from dutyrules.runtime.ladders import LadderCell
from dutyrules.runtime.relations import ChoiceCell, ForfeitCell, VoidingCell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dutyrules.outcomes import Outcome
    from dutyrules.policies.model import Accumulation, Rule
    from dutyrules.runtime.ladders import Standing
    from dutyrules.runtime.machine import Machine
    from dutyrules.runtime.store import Key


class Relating:
    """Shows what became of outcomes among others."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._store = machine.program.store

    @cached_property
    def _voidings(self) -> dict[str, list[VoidingCell]]:
        """The choices and forfeitures in which each outcome takes part."""
        found: dict[str, list[VoidingCell]] = {}
        for cell in self._store.cells.values():
            if isinstance(cell, VoidingCell):
                for name in sorted(self._names(cell)):
                    found.setdefault(name, []).append(cell)
        return found

    @cached_property
    def _all_ladders(self) -> list[LadderCell]:
        return [cell for cell in self._store.cells.values() if isinstance(cell, LadderCell)]

    def steps(self, rule: Rule, outcomes: tuple[Outcome, ...]) -> Iterator[Step]:
        """Yield the relations in which outcomes of a rule stand."""
        for one in outcomes:
            for cell in self._voidings.get(one.id, ()):
                yield self._choice(cell, one) if isinstance(cell, ChoiceCell) else self._forfeit(cell, one)
            if isinstance(one, Sanction) and one.sanction == "step":
                yield from self._ladder(rule, one)

    def _names(self, cell: VoidingCell) -> set[str]:
        places: list[Key] = [cell.place]
        if isinstance(cell, ForfeitCell):
            places = [("forfeits", *cell.place[1:]), ("rights", *cell.place[1:])]
        return {entry[1] for place in places for entry in self._store.read(place)}

    def _choice(self, cell: VoidingCell, mine: Outcome) -> Step:
        made: list[Outcome] = [entry[2] for entry in self._store.read(cell.place) if entry[2].status != "voided"]
        severity = self._machine.program.pack.severity
        ordered = sorted(
            made, key=lambda one: (one.id in cell.voids, *(-part for part in weight(one, severity)), one.id)
        )
        parts = tuple(
            Step(
                "choice",
                one.id not in cell.voids,
                "chosen" if one.id not in cell.voids else "absorbed",
                {"rule": one.rule, "outcome": one.id, "amount": _text(getattr(one, "amount", None)), "time": one.time},
                causes=one.because,
            )
            for one in ordered
        )
        facts: dict[str, Any] = {"rule": cell.rule.id, "keep": cell.rule.keep, "same": list(cell.rule.same)}
        if mine.id not in cell.voids:
            phrase = "choice_kept" if len(made) > 1 else "choice_alone"
            return Step("choice", HOLDS, phrase, facts, parts=parts)
        winner = ordered[0]
        changes = (Change("fails", winner.rule),)
        facts["winner"] = winner.rule
        return Step("choice", FAILS, "choice_lost", facts, parts=parts, causes=(winner.id,), changes=changes)

    def _forfeit(self, cell: VoidingCell, mine: Outcome) -> Step:
        rights = [entry[2] for entry in self._store.read(("rights", *cell.place[1:]))]
        facts: dict[str, Any] = {"rule": cell.rule.id, "rights": [one.id for one in rights]}
        if mine.id in cell.voids:
            by = cell.voids[mine.id].because
            return Step("forfeit", FAILS, "forfeited", facts, causes=by, changes=(Change("fails", cell.rule.id),))
        return Step("forfeit", HOLDS, "forfeits" if isinstance(mine, Sanction) else "kept", facts)

    # --- ladders ---------------------------------------------------------------------------------------------------

    def _ladder(self, rule: Rule, outcome: Outcome) -> Iterator[Step]:
        cell = self.ladder_of(outcome)
        if cell is not None:
            standing = cell.walk(self._store)
            mine = next((one for one in standing if one.entry.outcome == outcome.id), None)
            parts = tuple(self._rung(cell, one, standing) for one in standing)
            facts = {
                "ladder": cell.ladder.name,
                "person": cell.person,
                "step": getattr(outcome, "step", None),
                "rule": rule.id,
            }
            yield Step("ladder", mine is None or mine.level is not None, "ladder", facts, parts=parts)

    def ladder_of(self, outcome: Outcome) -> LadderCell | None:
        """Return the ladder on which an outcome stands, or which has made it."""
        for cell in self._ladders(outcome.person):
            listed = {entry[1] for entry in self._store.read(("steps", cell.ladder.name, cell.person))}
            if outcome.id in listed or outcome.id in cell.outcomes:
                return cell
        return None

    def _ladders(self, person: str | None) -> Iterator[LadderCell]:
        yield from (cell for cell in self._all_ladders if cell.person == person)

    def _rung(self, cell: LadderCell, one: Standing, standing: list[Standing]) -> Step:
        """Show one entry of a ladder: as which step it was listed, where it stands, and because of what."""
        steps, entry = cell.ladder.steps, one.entry
        earlier = standing[: standing.index(one)]
        alike = [
            before
            for before in earlier
            if one.class_ is not None
            and before.class_ == one.class_
            and before.level is not None
            and cell.in_sight(before, entry)
        ]
        stands = None if one.level is None else steps[one.level]
        zone = self._machine.program.zone
        facts: dict[str, Any] = {
            "rule": entry.rule,
            "outcome": entry.outcome,
            "listed": entry.step,
            "step": stands,
            "class": one.class_,
            "time": zone.iso(one.time),
            "used": one.used,
        }
        if one.class_ is None:
            given = cell.outcomes.get(entry.outcome)
            return Step("rung", stands is not None, "rung_given", facts, causes=() if given is None else given.because)
        if alike and stands not in (None, entry.step):
            facts["before"] = alike[-1].entry.outcome
            return Step("rung", HOLDS, "rung_raised", facts, causes=(alike[-1].entry.outcome,))
        return Step(
            "rung", stands is not None, "rung_set_aside" if stands is None else "rung", facts, causes=entry.because
        )

    def _lasts(self, rule: Accumulation, ready: list[Standing]) -> int | None:
        """Return the last second at which another step would still be gathered with these."""
        if rule.within is None:
            return None
        program = self._machine.program
        first = min(one.entry.day for one in ready)
        last = shift_date(first, rule.within, forward=True, calendar=program.calendar).date
        return program.zone.end_of(last)

    def accumulated(self, person: str | None, rule: Accumulation, ladder: str) -> Step | None:
        """Show how many steps of a ladder an accumulation has found, and how many it lacks."""
        cell = next((one for one in self._ladders(person) if one.ladder.name == ladder), None)
        if cell is None:
            return None
        standing = cell.walk(self._store)
        ready = _gathered(cell, rule, standing)
        parts = tuple(self._rung(cell, one, standing) for one in standing)
        made = [one for one in cell.outcomes.values() if one.rule == rule.id]
        missing = rule.reaches - len(ready)
        facts: dict[str, Any] = {
            "of": rule.of,
            "number": len(ready),
            "reaches": rule.reaches,
            "within": None if rule.within is None else str(rule.within),
        }
        if made:
            return Step("accumulate", HOLDS, "accumulated", facts, parts=parts, causes=made[-1].because)
        before = self._lasts(rule, ready) if ready else None
        changes = (Change("members", rule.of, by=max(missing, 1), value=rule.reaches, before=before),)
        return Step("accumulate", FAILS, "not_accumulated", facts, parts=parts, changes=changes)


def _gathered(cell: LadderCell, rule: Accumulation, standing: list[Standing]) -> list[Standing]:
    """Return the steps that are gathered with the latest one of the height that an accumulation asks for."""
    level = cell.ladder.steps.index(rule.of)
    last = next((one for one in reversed(standing) if one.level == level), None)
    return [] if last is None else [one for one in standing if cell.counts(one, last, rule)]


def _text(value: object) -> str | None:
    return None if value is None else str(value)
