"""What no rule can need again is forgotten, so that memory follows the state and not the length of the log.

How far back a rule can look follows from the pack: its longest window, limit or period, and two months for what
arrives late. A record is kept while it is open, and for that long after its end or last event; an event while it is
younger, or rests in a kept record, or an open obligation or question rests on it. Outcomes that are forgotten have long
been handed out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import attrs

from dutyrules.calendars import Duration, Unit
from dutyrules.policies.syntax import PeriodSpec
from dutyrules.runtime.instances import RecordCell
from dutyrules.runtime.openings import OutcomeCell
from dutyrules.runtime.periods import PeriodCell
from dutyrules.runtime.whenever import GapCell, RiseCell

if TYPE_CHECKING:
    from dutyrules.policies.model import Pack
    from dutyrules.runtime.intake import Intake
    from dutyrules.runtime.machine import Machine
    from dutyrules.runtime.store import Cell, Fact

DAY: Final = 86_400
MARGIN: Final = 62 * DAY
LEAST: Final = 92 * DAY
EVERY: Final = 31 * DAY
UNIT_DAYS: Final = {
    Unit.WORKING_HOUR: 3,
    Unit.DAY: 1,
    Unit.WORKING_DAY: 4,
    Unit.WEEK: 7,
    Unit.MONTH: 31,
    Unit.QUARTER: 92,
    Unit.YEAR: 366,
}
PERIOD_DAYS: Final = {"day": 1, "week": 7, "half_month": 16, "month": 31, "quarter": 92, "year": 366}
UNDONE: Final = frozenset({"open", "opened", "proposed", "postponed"})


def look_back(pack: Pack) -> int:
    """Return how many seconds back a rule of the pack can look; a pack's own `retention` goes before."""
    if pack.retention is not None:
        return _seconds(pack.retention)
    found = [LEAST]
    found += [
        PERIOD_DAYS[count.window.value] * DAY for count in pack.counts.values() if count.window.value in PERIOD_DAYS
    ]
    found += [366 * DAY for rule in pack.rules.values() if "year" in (*rule.once_per, *rule.same)]
    for part in (*pack.counts.values(), *pack.rules.values(), *pack.ladders.values(), *pack.records.values()):
        found += [_seconds(duration) for duration in _durations(part)]
    return max(found) + MARGIN


def _seconds(duration: Duration) -> int:
    return duration.seconds if duration.runs else duration.amount * UNIT_DAYS[duration.unit] * DAY


def _durations(part: Any) -> list[Duration]:  # noqa: ANN401 - any part of a pack
    if isinstance(part, Duration):
        return [part]
    if isinstance(part, PeriodSpec) and part.kind is not None:
        return [Duration(PERIOD_DAYS.get(part.kind, 31), Unit.DAY)]
    if isinstance(part, tuple):
        return [duration for one in part for duration in _durations(one)]
    if attrs.has(type(part)):
        return [duration for field in attrs.fields(type(part)) for duration in _durations(getattr(part, field.name))]
    return []


class Retention:
    """Forgets, month by month, what lies further back than the pack can look."""

    def __init__(self, machine: Machine, intake: Intake) -> None:
        self._machine = machine
        self._intake = intake
        self._store = machine.program.store
        self.span = look_back(machine.program.pack)
        self.cutoff: int | None = None
        self._next: int | None = None

    def tick(self, clock: int) -> None:
        """Forget what is due to be forgotten; little is done on most ticks."""
        if self._next is None:
            self._next = clock + self.span + EVERY
        elif clock >= self._next:
            self._next = clock + EVERY
            self.forget_before(clock - self.span)

    def forget_before(self, cutoff: int) -> None:
        """Forget what ended before `cutoff` and nothing open rests on."""
        self.cutoff = cutoff
        self._store.forgotten_before = cutoff
        kept = self._kept_events(cutoff)
        for event in list(self._intake.events()):
            if event.time < cutoff and event.id not in kept:
                self._drop_event(event.id)
        for cell in list(self._store.cells.values()):
            if not cell.dead and self._is_past(cell, cutoff):
                self._drop_cell(cell)

    # --- what is kept ------------------------------------------------------------------------------------------------

    def _kept_events(self, cutoff: int) -> set[str]:
        kept: set[str] = set()
        for cell in self._store.cells.values():
            if isinstance(cell, RecordCell) and self._is_kept(cell, cutoff):
                kept |= cell.rests_on
            elif isinstance(cell, OutcomeCell) and any(one.status in UNDONE for one in cell.outcomes.values()):
                kept.update(*(one.because for one in cell.outcomes.values()))
        return kept

    def _is_kept(self, cell: RecordCell, cutoff: int) -> bool:
        record = cell.record
        if record.always or not cell.instances:
            return record.always
        if record.keep is not None:
            cutoff = self._store.clock - _seconds(record.keep)
        ends = bool(record.closes) or record.spans is not None or record.closes_at is not None
        for instance in cell.instances.values():
            last = instance.steps[-1][0]
            if instance.closed is None and ends:
                return True
            if max(last, instance.closed or last) >= cutoff:
                return True
        return False

    def _is_past(self, cell: Cell, cutoff: int) -> bool:
        """Tell whether a cell that rests on no event of its own is past."""
        if isinstance(cell, RecordCell):
            return not self._is_kept(cell, cutoff)
        if not isinstance(cell, OutcomeCell | RiseCell):
            return False
        if isinstance(cell, RiseCell):
            return cell.ends_before(cutoff)
        if any(one.status in UNDONE for one in cell.outcomes.values()):
            return False
        zone = self._machine.program.zone
        if isinstance(cell, PeriodCell):
            return zone.end_of(cell.period.end) < cutoff and all(
                zone.parse(one.time) < cutoff for one in cell.outcomes.values()
            )
        if isinstance(cell, GapCell):
            return not self._machine.program.instances(cell.kind, cell.instance_key)
        place = getattr(cell, "place", None)
        return place is not None and not self._store.bucket(place).entries

    # --- letting go --------------------------------------------------------------------------------------------------

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
        handed = getattr(cell, "handed", None)
        if handed is not None:
            for place in handed.entries:
                self._store.lose(*place)
            for fact in list(handed.facts.values()):
                self._drop_fact(fact)
        if isinstance(cell, OutcomeCell):
            self._machine.cells_of.get(cell.rule.id, set()).discard(cell)
            self._machine.board.forget(set(cell.outcomes))
        if isinstance(cell, RecordCell):
            self._store.buckets.pop(("rec", cell.record.name, cell.values), None)
