"""Relations among outcomes that were made: choices keep the heaviest, forfeitures void what was granted."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from dutyrules.outcomes import Entitlement, Outcome, Sanction, instant_of
from dutyrules.policies.model import Act, Kind
from dutyrules.runtime.board import Void, weight
from dutyrules.runtime.store import Cell, Handed

if TYPE_CHECKING:
    from dutyrules.policies.model import Rule
    from dutyrules.runtime.machine import Machine
    from dutyrules.runtime.openings import Opening, OutcomeCell
    from dutyrules.runtime.store import Key, Store


class VoidingCell(Cell):
    """A cell that voids outcomes; `voids` are those of the last run."""

    __slots__ = ("handed", "machine", "place", "rule", "voids")

    def __init__(self, machine: Machine, rule: Rule, place: Key) -> None:
        super().__init__(machine.program.last_layer, ("voiding", *place))
        self.machine = machine
        self.rule = rule
        self.place = place
        self.voids: dict[str, Void] = {}
        self.handed = Handed()

    def give_voids(self, store: Store, voids: dict[str, Void]) -> None:
        """Void exactly these."""
        board = self.machine.board
        for name in self.voids.keys() - voids.keys():
            board.void(self.key, name, None)
        for name, void in voids.items():
            if self.voids.get(name) != void:
                board.void(self.key, name, void)
        self.voids = voids
        self.handed.give_entries(store, {(("void", name), 0, self.rule.id): void for name, void in voids.items()})


class ChoiceCell(VoidingCell):
    """Outcomes of one choice about the same: one stands."""

    __slots__ = ()

    def run(self, store: Store) -> None:
        """Let the heaviest stand and void the others."""
        made: list[Outcome] = [entry[2] for entry in store.read(self.place) if entry[2].status != "voided"]
        voids: dict[str, Void] = {}
        if len(made) > 1:
            severity = self.machine.program.pack.severity
            heaviest = max(weight(outcome, severity) for outcome in made)
            winner = min(
                (outcome for outcome in made if weight(outcome, severity) == heaviest),
                key=lambda one: (instant_of(one.time), one.id),
            )
            voids = {one.id: Void(winner.time, (winner.id,)) for one in made if one is not winner}
        self.give_voids(store, voids)


class ForfeitCell(VoidingCell):
    """Rights that one rule takes back, and what they come to."""

    __slots__ = ("summed",)

    def __init__(self, machine: Machine, rule: Rule, place: Key) -> None:
        super().__init__(machine, rule, place)
        self.summed: str | None = None

    def run(self, store: Store) -> None:
        """Void the rights and put their sum on the first sanction."""
        board = self.machine.board
        sanctions: list[Sanction] = [entry[2] for entry in store.read(("forfeits", *self.place[1:]))]
        rights: list[Entitlement] = [entry[2] for entry in store.read(("rights", *self.place[1:]))]
        voids: dict[str, Void] = {}
        if self.summed is not None:
            board.add_to(self.key, self.summed, None)
            self.summed = None
        if sanctions:
            first = min(sanctions, key=lambda one: (instant_of(one.time), one.id))
            voids = {right.id: Void(first.time, (first.id,)) for right in rights}
            total = sum((right.amount for right in rights if right.amount is not None), Decimal(0))
            currency = self.machine.program.pack.currency
            board.add_to(self.key, first.id, {"amount": total, "currency": currency})
            self.summed = first.id
        self.give_voids(store, voids)


class Relations:
    """Which rules stand in which relation."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._choices: dict[str, Rule] = {}
        self._forfeits: dict[str, list[Rule]] = {}
        for rule in machine.program.pack.rules.values():
            if rule.kind is Kind.CHOICE:
                self._choices |= dict.fromkeys(rule.of, rule)
            for what in (rule.consequence, *(tier.consequence for tier in rule.tiers)):
                if what is not None and what.act is Act.FORFEIT:
                    for name in what.forfeits:
                        self._forfeits.setdefault(name, []).append(rule)

    def publish(self, cell: OutcomeCell, rule: Rule, opening: Opening, person: str | None, made: Outcome) -> None:
        """Put an outcome where the relations look that its rule stands in."""
        choice = self._choices.get(rule.id)
        if choice is not None:
            self._put("choice", choice, cell, opening, person, made)
        for other in self._forfeits.get(rule.id, ()):
            self._put("rights", other, cell, opening, person, made)
        if isinstance(made, Sanction) and made.sanction == Act.FORFEIT.value:
            self._put("forfeits", rule, cell, opening, person, made)

    def _put(
        self, room: str, rule: Rule, cell: OutcomeCell, opening: Opening, person: str | None, made: Outcome
    ) -> None:
        machine = self._machine
        key = tuple(machine.same_value(name, opening, person) for name in rule.same)
        if any(value is None for value in key):
            return
        cell.places[((room, rule.id, key), opening.time, made.id)] = made
        place: Key = ("choice" if room == "choice" else "forfeit", rule.id, key)
        kind = ChoiceCell if room == "choice" else ForfeitCell
        machine.program.store.cell(("voiding", *place), lambda: kind(machine, rule, place))
