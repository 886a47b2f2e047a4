"""Acts that could meet several obligations of one rule: each goes to the oldest open one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dutyrules.runtime.store import Cell, Fact, Handed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dutyrules.policies.model import Rule
    from dutyrules.runtime.machine import Machine
    from dutyrules.runtime.openings import OutcomeCell
    from dutyrules.runtime.store import Key, Store

    Candidates = dict[tuple[Key, int, str], object]

CANDIDATES: Final = "candidates"


class AllotmentCell(Cell):
    """Gives each act to the oldest obligation that it can meet and that is still open."""

    __slots__ = ("handed", "rule")

    def __init__(self, machine: Machine, rule: Rule) -> None:
        super().__init__(machine.program.rule_layers[rule.id], ("allotment", rule.id))
        self.rule = rule
        self.handed = Handed()

    def run(self, store: Store) -> None:
        """Allot the acts in order of time."""
        cases: Sequence[tuple[int, str, tuple[Fact, ...]]] = store.read((CANDIDATES, self.rule.id))
        acts: dict[str, Fact] = {}
        wanted_by: dict[str, list[str]] = {}  # the cases that an act can meet, the oldest first
        for opened, matter, facts in cases:
            for act in facts:
                if opened <= act.time:
                    acts[act.id] = act
                    wanted_by.setdefault(act.id, []).append(matter)
        done: dict[str, set[object]] = {matter: set() for _time, matter, _facts in cases}
        entries: dict[tuple[Key, int, str], object] = {}
        for act in sorted(acts.values(), key=lambda fact: fact.order):
            for matter in wanted_by[act.id]:
                if len(done[matter]) < self.rule.at_least:
                    done[matter] |= self._counted(act)
                    entries[(("allotted", self.rule.id, matter), act.time, act.id)] = act
                    break
        self.handed.give_entries(store, entries)

    def _counted(self, act: Fact) -> set[object]:
        """Return what an act adds to the acts that are wanted: itself, or the value in which they must differ."""
        if self.rule.distinct is None:
            return {act.id}
        value = act.data.get(self.rule.distinct)
        return set() if value is None else {value}


def allotted(machine: Machine, rule: Rule, matter: str, opened: int, acts: list[Fact]) -> tuple[Candidates, list[Fact]]:
    """Return the entry by which a case asks for acts, if there are any, and the acts that were allotted to it."""
    store = machine.program.store
    store.cell(("allotment", rule.id), lambda: AllotmentCell(machine, rule))
    mine = {entry[1] for entry in store.read(("allotted", rule.id, matter))}
    asked: Candidates = {((CANDIDATES, rule.id), opened, matter): tuple(acts)} if acts else {}
    return asked, [act for act in acts if act.id in mine]


def wanted(cell: OutcomeCell) -> Iterator[tuple[str, tuple[Fact, ...]]]:
    """Yield each matter for which a case asks for acts, with these acts."""
    for (place, _opened, matter), acts in cell.places.items():
        if place[0] == CANDIDATES and isinstance(acts, tuple):
            yield matter, acts


def given(store: Store, rule: Rule) -> dict[str, str]:
    """Return the matter to which each act was allotted, by the act's id."""
    cell = store.cells.get(("allotment", rule.id))
    entries = cell.handed.entries if isinstance(cell, AllotmentCell) else {}
    return {act: str(place[2]) for place, _time, act in entries}
