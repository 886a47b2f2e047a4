"""Ladders: a fold over a person's entries in order, each reading only earlier ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import attrs

from dutyrules.calendars import PeriodKind, due_after, period_of
from dutyrules.outcomes import Outcome, Referral, Sanction
from dutyrules.runtime.context import Context
from dutyrules.runtime.evaluation import PERIOD_NAMES
from dutyrules.runtime.openings import Opening, OutcomeCell
from dutyrules.runtime.store import FOREVER

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator, Sequence

    from dutyrules.calendars import Duration
    from dutyrules.policies.model import Accumulation, Consequence, Ladder, Rule
    from dutyrules.runtime.machine import Machine
    from dutyrules.runtime.store import Fact, Store


@attrs.frozen(eq=False)
class Entry:
    """One offence on the ladder as it was listed."""

    outcome: str
    rule: str
    class_: str
    step: str
    day: dt.date
    look_back: str | None
    opening: Opening
    because: tuple[str, ...] = ()

    def __eq__(self, other: object) -> bool:
        """Compare by what an entry says."""
        mine = (self.outcome, self.class_, self.step, self.day, self.look_back, self.because)
        return isinstance(other, Entry) and mine == (
            other.outcome,
            other.class_,
            other.step,
            other.day,
            other.look_back,
            other.because,
        )

    __hash__ = None  # type: ignore[assignment]


@attrs.define
class Standing:
    """One step: whence it came, how high it is (None: a ruling set it aside), whether an accumulation has used it."""

    entry: Entry
    level: int | None
    time: int
    class_: str | None
    used: bool = False


NO_CLASS: Final = "none"
"""The class of an entry that is a repeat of none."""


class LadderCell(OutcomeCell):
    """One person's ladder."""

    __slots__ = ("ladder", "person", "raised")

    def __init__(self, machine: Machine, ladder: Ladder, rule: Rule, person: str) -> None:
        super().__init__(machine, rule, machine.program.last_layer + 1, ("ladder", ladder.name, person))
        self.ladder = ladder
        self.person = person
        self.raised: set[str] = set()

    def make(self, store: Store) -> None:
        """Put each entry on its step."""
        self.walk(store)

    def walk(self, store: Store) -> list[Standing]:
        """Walk through entries and rulings in order of time; each reads only what came before."""
        board = self.machine.board
        for name in self.raised:
            board.add_to(self.key, name, None)
        self.raised = set()
        read: Sequence[tuple[int, str, Entry]] = store.read(("steps", self.ladder.name, self.person))
        entries = [(time, entry) for time, _name, entry in read if not store.read(("void", entry.outcome))]
        items: list[tuple[tuple[int, int, str, str], Entry, Fact | None]] = [
            ((time, 0, entry.rule, entry.outcome), entry, None) for time, entry in entries
        ]
        items += [
            ((ruling.time, 1, name, ruling.id), entry, ruling)
            for _time, entry in entries
            for name, ruling in self._rulings(entry)
        ]
        standing: list[Standing] = []
        for place, entry, ruling in sorted(items, key=lambda item: item[0]):
            if ruling is None:
                self._enter(entry, place[0], standing)
            else:
                self._overrule(entry, ruling, standing)
        return standing

    def _enter(self, entry: Entry, time: int, standing: list[Standing]) -> None:
        level = self._raised(entry, self.ladder.steps.index(entry.step), standing)
        if self.ladder.steps[level] != entry.step:
            self._show(entry, {"step": self.ladder.steps[level]})
        mine = Standing(entry, level, time, entry.class_)
        standing.append(mine)
        self._accumulate(mine, time, standing)

    def _overrule(self, entry: Entry, ruling: Fact, standing: list[Standing]) -> None:
        """Put an entry on the step that a ruling names, or set it aside, from the ruling on."""
        mine = next(one for one in standing if one.entry.outcome == entry.outcome)
        step = ruling.data.get("step")
        mine.level = self.ladder.steps.index(step) if step in self.ladder.steps else None
        change = {"status": "voided"} if mine.level is None else {"step": step}
        because = tuple(sorted({*entry.because, *ruling.roots}))
        time = self.machine.program.zone.iso(ruling.time)
        self._show(entry, {**change, "time": time, "because": because, "by": ruling.data.get("by")})
        self._accumulate(mine, ruling.time, standing)

    def _show(self, entry: Entry, fields: dict[str, Any]) -> None:
        self.machine.board.add_to(self.key, entry.outcome, fields)
        self.raised.add(entry.outcome)

    def _raised(self, entry: Entry, level: int, standing: list[Standing]) -> int:
        ladder = self.ladder
        if ladder.repeat_same is None:
            return level
        cap = len(ladder.steps) - 1 if ladder.repeat_cap is None else ladder.steps.index(ladder.repeat_cap)
        earlier = [
            one.level
            for one in standing
            if one.level is not None and one.class_ == entry.class_ and self.in_sight(one, entry)
        ]
        if not earlier or level > cap:
            return level
        wanted = max(level, earlier[-1]) + ladder.repeat_raise
        if wanted > cap:
            if ladder.at_cap is not None:
                self._ask(entry, entry.rule, ladder.at_cap, entry.opening.time)
            return cap
        return wanted

    def in_sight(self, earlier: Standing, entry: Entry) -> bool:
        """Tell whether an earlier entry is near enough for another one to be its repeat."""
        if entry.look_back is not None and entry.look_back in PERIOD_NAMES:
            return earlier.entry.day in period_of(PeriodKind(entry.look_back), entry.day)
        within = self.ladder.repeat_within
        first, last = sorted((earlier.entry.day, entry.day))
        return within is None or self._reaches(first, within, last)

    def _reaches(self, first: dt.date, within: Duration, day: dt.date) -> bool:
        program = self.machine.program
        ledger = due_after(program.zone.start_of(first), within, zone=program.zone, calendar=program.calendar)
        return program.zone.start_of(day) <= ledger.due

    def _accumulate(self, mine: Standing, time: int, standing: list[Standing]) -> None:
        """Let steps that have become many enough give another or ask a question."""
        entry = mine.entry
        for rule in self.ladder.accumulate:
            ready = [one for one in standing if self.counts(one, mine, rule)]
            if mine.level != self.ladder.steps.index(rule.of) or len(ready) < rule.reaches:
                continue
            if rule.used_up:
                for one in ready:
                    one.used = True
            because = tuple(one.entry.outcome for one in ready)
            if rule.asks is not None:
                self._ask(entry, rule.id, rule.asks, time, because)
            if rule.gives is not None:
                self._give(entry, rule, rule.gives, time, because, standing)

    def counts(self, one: Standing, mine: Standing, rule: Accumulation) -> bool:
        """Tell whether one step is gathered with another: of the same height, near enough, not used up."""
        first, last = sorted((one.entry.day, mine.entry.day))
        return (
            one.level == self.ladder.steps.index(rule.of)
            and not (rule.used_up and one.used)
            and (rule.within is None or self._reaches(first, rule.within, last))
        )

    def _give(
        self,
        entry: Entry,
        rule: Accumulation,
        step: str,
        time: int,
        because: tuple[str, ...],
        standing: list[Standing],
    ) -> None:
        given = self.outcome(
            Sanction,
            "imposed",
            time,
            matter=entry.opening.matter_id,
            person=self.person,
            because=because,
            rule=rule.id,
            sanction="step",
            step=step,
        )
        further = Standing(attrs.evolve(entry, outcome=given.id), self.ladder.steps.index(step), time, None)
        standing.append(further)
        self._accumulate(further, time, standing)

    def _ask(self, entry: Entry, rule: str, what: str, time: int, because: tuple[str, ...] = ()) -> None:
        self.outcome(
            Referral,
            "opened",
            time,
            matter=entry.opening.matter_id,
            person=self.person,
            because=because or (entry.outcome,),
            rule=rule,
            question="review",
            asks=(what,),
        )

    def _rulings(self, entry: Entry) -> Iterator[tuple[str, Fact]]:
        """Yield the rulings that overrule an entry, each with the clause that allows it."""
        opening = entry.opening
        names = {entry.outcome, opening.matter_id, *opening.causes, *opening.roots}
        ctx = opening.ctx.looking(at=FOREVER)
        for rule in self.ladder.overruled_by:
            found: dict[str, Fact] = {}
            for name in names:
                near = self.machine.guards.facts((rule.when,), ctx, ("about",), (name,), since=opening.time)
                found |= {fact.id: fact for fact, doubt in near if doubt is None and fact.data.get("about") == name}
            for fact in sorted(found.values(), key=lambda fact: fact.order):
                if self._holds(rule.if_, fact):
                    yield rule.id, fact

    def _holds(self, condition: Any, fact: Fact) -> bool:  # noqa: ANN401 - an expression or None
        if condition is None:
            return True
        return self.machine.program.evaluator.tree(condition.tree)(Context(fact, fact.matter)) is True


class Ladders:
    """Finds the ladder of a step."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine

    def publish(
        self, cell: OutcomeCell, rule: Rule, what: Consequence, opening: Opening, person: str | None, made: Outcome
    ) -> None:
        """Put a step where its person's ladder looks."""
        program = self._machine.program
        ladder = next((one for one in program.pack.ladders.values() if what.what in one.steps), None)
        day = program.day_of(opening.ctx)
        if ladder is None or person is None or what.what is None or day is None:
            return
        class_ = made.id if what.class_ == NO_CLASS else what.class_ or rule.id
        entry = Entry(made.id, rule.id, class_, what.what, day, what.look_back, opening, made.because)
        cell.places[(("steps", ladder.name, person), opening.time, made.id)] = entry
        program.store.cell(("ladder", ladder.name, person), lambda: LadderCell(self._machine, ladder, rule, person))
