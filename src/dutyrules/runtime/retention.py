"""What no rule can need again is forgotten, so that memory follows the state and not the length of the log.

How far back a rule can look follows from the pack: its longest window, limit or period, and two months for what
arrives late. A record is kept while it is open, and for that long after its end or last event; an event while it is
younger, or rests in a kept record, or an open obligation or question rests on it. Outcomes that are forgotten have long
been handed out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import attrs

from dutyrules.calendars import Duration, PeriodKind, Unit, period_of
from dutyrules.policies.model import Act, FieldType, WindowKind
from dutyrules.policies.syntax import FactKind, Field, PeriodSpec
from dutyrules.runtime.cases import CaseCell
from dutyrules.runtime.counting import InstanceMemberCell
from dutyrules.runtime.instances import RecordCell
from dutyrules.runtime.openings import OutcomeCell
from dutyrules.runtime.periods import PeriodCell
from dutyrules.runtime.store import FOREVER
from dutyrules.runtime.whenever import GapCell, RiseCell

if TYPE_CHECKING:
    from dutyrules.policies.model import Count, Pack, Record
    from dutyrules.runtime.intake import Intake
    from dutyrules.runtime.machine import Machine
    from dutyrules.runtime.store import Cell, Fact, Handed

DAY: Final = 86_400
MARGIN: Final = 62 * DAY
LEAST: Final = 92 * DAY
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
    if _looks_back_for_ever(pack):
        return FOREVER // 2
    found = [LEAST]
    found += [
        PERIOD_DAYS[count.window.value] * DAY for count in pack.counts.values() if count.window.value in PERIOD_DAYS
    ]
    found += [366 * DAY for rule in pack.rules.values() if "year" in (*rule.once_per, *rule.same)]
    for part in (
        *pack.parameters.values(),
        *pack.counts.values(),
        *pack.rules.values(),
        *pack.ladders.values(),
        *pack.records.values(),
    ):
        found += [_seconds(duration) for duration in _durations(part)]
    return max(found) + MARGIN


def _looks_back_for_ever(pack: Pack) -> bool:
    """Tell whether something has no window: a repeat on a ladder, a total, a thing that is done once in all."""
    stepping = [what for rule in pack.rules.values() if (what := rule.consequence) is not None and what.act is Act.STEP]
    for ladder in pack.ladders.values():
        mine = [what for what in stepping if what.what in ladder.steps]
        if ladder.repeat_same and ladder.repeat_within is None and any(what.look_back is None for what in mine):
            return True
        if any(one.within is None for one in ladder.accumulate):
            return True
    if any(rule.once_per and PERIOD_DAYS.keys().isdisjoint(rule.once_per) for rule in pack.rules.values()):
        return True
    return any(_is_endless(count, pack) for count in pack.counts.values())


def _is_endless(count: Count, pack: Pack) -> bool:
    """Tell whether a count adds up facts for ever, and not those of one record that ends."""
    if count.window is not WindowKind.EVER or count.rolling is not None or count.streak_of is not None:
        return False
    key = {reader.tree.name for reader, _member in count.per if isinstance(reader.tree, Field)}
    bounded = any(
        ends(record) and key.issuperset(record.key) and not _names_only_people(record, pack)
        for record in pack.records.values()
    )
    return not bounded and all(pattern.kind is not FactKind.RECORD for pattern in count.of)


def _names_only_people(record: Record, pack: Pack) -> bool:
    """Tell whether a record's key is a person and nothing that tells one time from another."""
    types = key_types(record, pack)
    return all(kind is FieldType.PERSON for kind in types)


def key_types(record: Record, pack: Pack) -> list[FieldType]:
    """Return the types of the key's fields, as the events that open the record have them."""
    opening = [pack.events[name] for pattern in record.opens for name in pattern.names if name in pack.events]
    return [kind.fields[name].type for kind in opening for name in record.key if name in kind.fields]


def ends(record: Record) -> bool:
    """Tell whether a record has an end."""
    return bool(record.closes) or record.spans is not None or record.closes_at is not None


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
        if self._next is not None and clock < self._next:
            return
        zone = self._machine.program.zone
        month = period_of(PeriodKind.MONTH, zone.date_of(clock))
        self._next = zone.start_of(month.next().start)
        cutoff = zone.start_of(month.start) - self.span
        first = self._intake.started_at
        if first is not None and first[0] < cutoff:
            self.forget_before(cutoff)

    def restore(self, cutoff: int) -> None:
        """Go on as an engine that has forgotten what lies before `cutoff`."""
        self.cutoff = cutoff
        self._store.forgotten_before = cutoff

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
            elif isinstance(cell, OutcomeCell) and self._matters(cell, cutoff):
                kept.update(*(one.because for one in cell.outcomes.values()))
                kept.update(*(fact.roots for fact in cell.facts.values()))
                for _time, _name, opening in self._store.bucket(getattr(cell, "place", ())).entries:
                    kept.update(opening.roots)
        self._keep_what_lives_on(kept, cutoff)
        return kept

    def _keep_what_lives_on(self, kept: set[str], cutoff: int) -> None:
        """Add what the cases rest on that stay because one of their triggers does: they may be decided again."""
        waiting = [cell for cell in self._store.cells.values() if isinstance(cell, CaseCell)]
        found = True
        while found:
            lasting = [cell for cell in waiting if self._lives_on(cell, kept, cutoff)]
            found = bool(lasting)
            waiting = list(set(waiting).difference(lasting))
            for cell in lasting:
                kept.update(*(one.because for one in cell.outcomes.values()))
                kept.update(*(fact.roots for fact in cell.facts.values()))

    def _lives_on(self, cell: CaseCell, kept: set[str], cutoff: int) -> bool:
        bucket = self._store.buckets.get(cell.place)
        entries = [] if bucket is None else bucket.entries
        return any(time >= cutoff or not kept.isdisjoint(opening.roots) for time, _name, opening in entries)

    def _matters(self, cell: OutcomeCell, cutoff: int) -> bool:
        """Tell whether an outcome is still open, or came about within the look-back."""
        zone = self._machine.program.zone
        return any(one.status in UNDONE or zone.parse(one.time) >= cutoff for one in cell.outcomes.values())

    def _is_kept(self, cell: RecordCell, cutoff: int) -> bool:
        record = cell.record
        if record.always or not cell.instances:
            return record.always
        if record.keep is not None:
            cutoff = self._store.clock - _seconds(record.keep)
        elif not ends(record) and not self._is_of_a_day(record):
            return True
        for instance in cell.instances.values():
            last = instance.steps[-1][0]
            if instance.closed is None and ends(record):
                return True
            if max(last, instance.closed or last) >= cutoff:
                return True
        return False

    def _is_of_a_day(self, record: Record) -> bool:
        """Tell whether a record without an end is about a day: it is dated, or its key names a date."""
        return record.dated is not None or FieldType.DATE in key_types(record, self._machine.program.pack)

    def _is_past(self, cell: Cell, cutoff: int) -> bool:
        """Tell whether a cell that rests on no event of its own is past."""
        if isinstance(cell, RecordCell):
            return not self._is_kept(cell, cutoff)
        if not isinstance(cell, OutcomeCell | RiseCell):
            return False
        if isinstance(cell, RiseCell):
            return cell.ends_before(cutoff)
        if self._matters(cell, cutoff):
            return False
        if isinstance(cell, PeriodCell):
            return self._machine.program.zone.end_of(cell.period.end) < cutoff
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
        for handed in _handed(cell):
            for place in handed.entries:
                self._store.lose(*place)
            for fact in list(handed.facts.values()):
                self._drop_fact(fact)
        if isinstance(cell, OutcomeCell):
            self._machine.cells_of.get(cell.rule.id, set()).discard(cell)
            self._machine.board.forget(cell.outcomes)
        if isinstance(cell, RecordCell):
            self._store.buckets.pop(("rec", cell.record.name, cell.values), None)


def _handed(cell: Cell) -> list[Handed]:
    if isinstance(cell, RecordCell | InstanceMemberCell):
        return list(cell.handed_by.values())
    handed = getattr(cell, "handed", None)
    return [] if handed is None else [handed]
