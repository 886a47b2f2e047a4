"""How events become facts: duplicates, the roster, events that another rule voids."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Final

import attrs

from dutyrules.calendars.errors import CalendarError
from dutyrules.runtime.periods import LOG_START
from dutyrules.runtime.store import Cell, Fact, Handed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from dutyrules.events import Event
    from dutyrules.policies.model import EventType
    from dutyrules.runtime.instances import Instance
    from dutyrules.runtime.program import Program
    from dutyrules.runtime.store import Key, Store

ROSTER_FIELDS: Final = ("duty_date", "period")
LONGEST_SHIFT_DAYS: Final = 2


@attrs.frozen
class Fault:
    """Why an event was not taken; no reason: it had been taken before."""

    code: str
    reason: str


class EventCell(Cell):
    """One event: the fact that it is, once its place in the roster is found and unless a rule voids it."""

    __slots__ = ("event", "handed", "intake", "lacks", "raw")

    def __init__(self, intake: Intake, event: Event, lacks: tuple[str, ...]) -> None:
        super().__init__(intake.layer, ("event cell", event.id))
        self.intake = intake
        self.event = event
        self.lacks = lacks
        self.raw: Fact | None = None
        self.handed = Handed()

    def run(self, store: Store) -> None:
        """Let the event's fact hold, or say why it does not."""
        intake = self.intake
        data: dict[str, Any] | None = dict(self.event.data)
        remark: dict[str, tuple[str, str]] = {}
        if self.lacks:
            filled = intake.filled(self.event, self.lacks)
            if isinstance(filled, str):
                data, remark = None, {self.event.id: ("DR621", filled)}
            else:
                data = {**self.event.data, **filled}
        intake.remark(self.key, remark)
        self._see(None if data is None else intake.fact(self.event, data))
        facts = {}
        if self.raw is not None and not store.read(("voided", self.event.id)):
            facts[self.event.id] = self.raw
        self.handed.give_facts(store, facts)

    def give_back(self, store: Store) -> None:
        """Let the event's fact hold no longer, and be gone."""
        self.intake.remark(self.key, {})
        self.handed.give_facts(store, {})
        self._see(None)
        store.forget(self)

    def _see(self, fact: Fact | None) -> None:
        """Let the rules that void see the event as it is, void or not."""
        old = self.raw
        if old is not None and (fact is None or not fact.same(old)):
            self.intake.tell(old, came=False)
            self.raw = old = None
        if fact is not None and old is None:
            self.raw = fact
            self.intake.tell(fact, came=True)


class Intake:
    """Takes events, each once."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._events: dict[str, Event] = {}
        self._watchers: dict[str, list[Callable[[Fact, bool], None]]] = {}
        self.remarks: dict[Key, dict[str, tuple[str, str]]] = {}
        self.layer = 0
        self._start: tuple[int, str] | None = None
        self._shift_kind = next((r for r in program.pack.records.values() if r.spans == "shift"), None)
        if self._shift_kind is not None:
            program.index_record(self._shift_kind.name, "person", "duty_date")

    @property
    def started_at(self) -> tuple[int, str] | None:
        """Return the time and id of the first event of the log."""
        return self._start

    def start_at(self, start: tuple[int, str] | None) -> None:
        """Remember a first event that has been forgotten."""
        if start is None or self._start == tuple(start):
            return
        store = self._program.store
        if self._start is not None:
            store.drop(LOG_START, *self._start)
        self._start = (start[0], start[1])
        store.put(LOG_START, *self._start, None)

    @property
    def started(self) -> bool:
        """Tell whether any event has been taken."""
        return bool(self._events)

    def events(self) -> Iterator[Event]:
        """Yield the events taken, in order."""
        yield from sorted(self._events.values(), key=lambda event: (event.time, event.id))

    def has(self, name: str) -> bool:
        """Tell whether an event is here: taken, and not forgotten."""
        return name in self._events

    def forget(self, name: str) -> Event:
        """Let an event go that nothing needs any more."""
        return self._events.pop(name)

    def take(self, event: Event) -> Fault | None:
        """Take an event; return why not."""
        fault = self.too_old(event)
        if fault is not None:
            return fault
        known = self._events.get(event.id)
        if known is not None:
            if known == event:
                return Fault("DR620", "")
            return Fault("DR620", f"another event with the id `{event.id}` came before, with other content")
        kind = self._program.pack.events.get(event.type)
        if kind is None:
            return Fault("DR608", f"unknown event type `{event.type}`")
        self._events[event.id] = event
        store = self._program.store
        if self._start is None or event.time < self._start[0]:
            if self._start is not None:
                store.drop(LOG_START, *self._start)
            self._start = (event.time, event.id)
            store.put(LOG_START, event.time, event.id, None)
        lacks = self._lacking(kind, event)
        voided = store.buckets.get(("voided", event.id))
        if lacks or (voided is not None and voided.entries):
            store.cell(("event cell", event.id), lambda: EventCell(self, event, lacks))
        else:
            fact = self.fact(event, dict(event.data))
            store.add_fact(fact)
            self.tell(fact, came=True)
        return None

    def too_old(self, event: Event) -> Fault | None:
        """Return why an event can be judged no longer, None if it can."""
        limit = self._program.store.forgotten_before
        if event.time >= limit:
            return None
        since = self._program.zone.iso(limit)
        return Fault("DR624", f"`{event.id}` lies further back than the pack can look: before {since}")

    def event(self, name: str) -> Event | None:
        """Return the event that was taken under an id."""
        return self._events.get(name)

    def give_back(self, name: str) -> None:
        """Let it be as though an event had never been taken."""
        event = self._events.pop(name)
        store = self._program.store
        cell = store.cells.get(("event cell", name))
        fact = store.facts.get(("event", event.type), {}).get(name)
        if isinstance(cell, EventCell):
            cell.give_back(store)
        elif fact is not None:
            store.remove_fact(fact)
            self.tell(fact, came=False)
        if self._start == (event.time, name):
            store.drop(LOG_START, *self._start)
            self._start = min(((one.time, one.id) for one in self._events.values()), default=None)
            if self._start is not None:
                store.put(LOG_START, *self._start, None)

    def watch(self, name: str, watcher: Callable[[Fact, bool], None]) -> None:
        """Call `watcher` for each event of a type as it comes or goes, whether a rule voids it or not."""
        self._watchers.setdefault(name, []).append(watcher)

    def tell(self, fact: Fact, *, came: bool) -> None:
        """Tell those who watch a type of an event."""
        for watcher in self._watchers.get(fact.type[1], ()):
            watcher(fact, came)

    def void(self, name: str) -> None:
        """Look whether an event is void: from now on it has a cell of its own."""
        event = self._events.get(name)
        store = self._program.store
        if event is None or ("event cell", name) in store.cells:
            return
        cell = store.cell(("event cell", name), lambda: EventCell(self, event, ()))
        fact = store.facts.get(("event", event.type), {}).get(name)
        if fact is not None and isinstance(cell, EventCell):
            cell.raw = fact
            cell.handed.facts = {name: fact}

    def remark(self, source: Key, remarks: dict[str, tuple[str, str]]) -> None:
        """Keep why an event reached nothing."""
        if remarks:
            self.remarks[source] = remarks
        else:
            self.remarks.pop(source, None)

    def fact(self, event: Event, data: dict[str, Any]) -> Fact:
        """Return the fact that an event is."""
        kind = self._program.pack.events[event.type]
        person = data.get(kind.person or "person", event.subject)
        return Fact(
            ("event", event.type),
            event.time,
            event.id,
            data,
            person if isinstance(person, str) else None,
            None,
            (event.id,),
        )

    # --- the roster --------------------------------------------------------------------------------------------------

    def _lacking(self, kind: EventType, event: Event) -> tuple[str, ...]:
        """Return the roster fields that an event's type has and the event does not say."""
        person = event.data.get(kind.person or "person", event.subject)
        if self._shift_kind is None or not kind.on_shift or person is None:
            return ()
        period = event.data.get("period")
        if period is not None and period not in self._program.shifts:
            return ()
        return tuple(name for name in ROSTER_FIELDS if name in kind.fields and event.data.get(name) is None)

    def filled(self, event: Event, lacks: tuple[str, ...]) -> dict[str, Any] | str:
        """Return what the roster says in place of what an event does not, or why it says nothing."""
        record = self._shift_kind
        assert record is not None  # noqa: S101 - events lack nothing without a roster
        kind = self._program.pack.events[event.type]
        person = event.data.get(kind.person or "person", event.subject)
        near = [shift for shift in self._rostered(record.name, person, event) if self._agrees(shift, event, record.key)]
        found = [shift for shift in near if shift.fixed["start"] <= event.time <= shift.fixed["end"]] or near
        fields = {tuple((name, shift.fixed[name]) for name in lacks) for shift in found}
        if len(fields) == 1:
            return dict(fields.pop())
        if not fields:
            return f"no rostered shift of `{person}` is near {self._program.zone.iso(event.time)}"
        return f"several rostered shifts of `{person}` are near {self._program.zone.iso(event.time)}"

    def _rostered(self, kind: str, person: object, event: Event) -> Iterator[Instance]:
        """Yield the person's shifts of the days from which one can reach the event."""
        today = self._program.zone.date_of(event.time)
        for days in range(-LONGEST_SHIFT_DAYS, 2):
            day = today + dt.timedelta(days=days)
            place = ("recs", kind, ("person", "duty_date"), (person, day))
            yield from (entry[2] for entry in self._program.store.read(place))

    def _agrees(self, shift: Instance, event: Event, key: tuple[str, ...]) -> bool:
        program = self._program
        for name in key:
            if name in ROSTER_FIELDS and event.data.get(name) not in (None, shift.fixed.get(name)):
                return False
        times = program.shifts.get(str(shift.fixed.get("period")))
        day = shift.fixed.get("duty_date")
        if times is None or not isinstance(day, dt.date) or "start" not in shift.fixed:
            return False
        try:
            begins, ends = times.window(day, program.zone, program.seasons)
        except CalendarError:
            return False
        return bool(begins <= event.time <= ends)
