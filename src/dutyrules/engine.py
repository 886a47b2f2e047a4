"""The engine: events go in, outcomes come out; the clock is the caller's."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import ROUND_HALF_EVEN, Context, localcontext
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

import attrs
import msgspec

from dutyrules.deltas import Delta, delta_of
from dutyrules.events import Event, EventDecoder, EventError
from dutyrules.matchers import matcher_for
from dutyrules.outcomes import Deadline, Obligation, Outcome, instant_of
from dutyrules.runtime.amending import Amending
from dutyrules.runtime.instances import Over
from dutyrules.runtime.intake import Intake
from dutyrules.runtime.machine import Machine
from dutyrules.runtime.periods import LOG_START, Begun, settled_periods_in
from dutyrules.runtime.program import Program
from dutyrules.runtime.retention import Retention
from dutyrules.runtime.store import FOREVER, Store
from dutyrules.runtime.whenever import Settled, settled_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dutyrules.explaining.why_not import WhyNot
    from dutyrules.explanations import Explanation
    from dutyrules.policies.model import Pack

FIGURES: Final = Context(prec=50, rounding=ROUND_HALF_EVEN)
"""How sums are worked out, whatever the caller's own decimal context."""

BEHAVIOUR: Final = 7
"""Version of what the engine makes of a pack and a log; snapshots carry it."""

Carries = "Mapping[str, dt.date] | str | None"


@attrs.frozen
class SetAside:
    """An event that was not used: its id or text, a code, and the reason; nothing is lost."""

    code: str
    event: str
    reason: str


class _Rejected:
    """What was set aside for good, in order, and by event: an event leaves the list when a mended one comes."""

    def __init__(self, found: Iterable[SetAside] = ()) -> None:
        self._all: dict[int, SetAside] = {}  # by number
        self._numbers: dict[str, list[int]] = {}  # by event
        self._next = 0
        for one in found:
            self.add(one)

    def __iter__(self) -> Iterator[SetAside]:
        return iter(self._all.values())

    def add(self, one: SetAside) -> None:
        """Put one at the end."""
        self._all[self._next] = one
        self._numbers.setdefault(one.event, []).append(self._next)
        self._next += 1

    def remove(self, event: str) -> None:
        """Take out all that was said of an event."""
        for number in self._numbers.pop(event, ()):
            del self._all[number]

    def last(self, event: str | None = None) -> SetAside | None:
        """Return the last one, or the last one of an event."""
        if event is None:
            return next(reversed(self._all.values()), None)
        numbers = self._numbers.get(event)
        return self._all[numbers[-1]] if numbers else None


class SnapshotMismatchError(ValueError):
    """What was given is no snapshot, or one of another pack or another behaviour of the engine."""


class Engine:
    """One pack over one organisation's events.

    Outcomes are a function of the events known and the clock, whatever the order in which events came. `carries` says
    which event types the log carries and since when (`"all"`: every type, always), in place of what the pack says;
    without it silence proves nothing. What no rule can need again is forgotten, unless `forgets` is False.
    `matcher` says what decides the conditions of rules (docs/matchers.md); outcomes do not depend on it.
    """

    def __init__(
        self,
        pack: Pack,
        *,
        carries: Mapping[str, dt.date] | str | None = None,
        forgets: bool = True,
        matcher: str = "native",
    ) -> None:
        self.pack = pack
        if isinstance(carries, str):
            if carries not in ("all", "none"):
                text = f"`carries` is a mapping of event types to days, or `all`, or `none`, not `{carries}`"
                raise ValueError(text)
            carries = {"*": dt.date.min} if carries == "all" else {}
        self._carries: Mapping[str, dt.date] | None = carries
        self._store = Store()
        self._program = Program(pack, self._store, self._carries)
        self.matcher = matcher_for(matcher, self._program)
        self._program.evaluator.decide_by(self.matcher.readers)
        self._intake = Intake(self._program)
        self._amending = Amending(self._program, self._intake)
        self._machine = Machine(self._program, self._intake)
        self._retention = Retention(self._machine, self._intake)
        self._decoder = EventDecoder(pack.events, self._program.zone)
        self._rejected = _Rejected()
        self._forgets = forgets
        self._matcher_name = matcher
        self._machine.skips = forgets

    # --- events in ---------------------------------------------------------------------------------------------------

    def feed(self, event: Event | Mapping[str, Any] | bytes | str) -> list[Outcome]:
        """Take one event and return what it and the time up to it change; bad input is set aside, never raised.

        The clock moves to the event's time. An event earlier than the clock is late: the outcomes become those of the
        whole set of events, and what no longer holds is `retracted`.
        """
        return self.feed_all([event])

    def feed_all(self, events: Iterable[Event | Mapping[str, Any] | bytes | str]) -> list[Outcome]:
        """Take a batch of events, in any order, and return what changes, one instant after the other."""
        ready = sorted(
            (one for one in map(self._decoded, events) if one is not None), key=lambda one: (one.time, one.id)
        )
        changes: list[Outcome] = []
        position = 0
        while position < len(ready):
            time = ready[position].time
            upto = position
            while upto < len(ready) and ready[upto].time == time:
                upto += 1
            changes += self._instant(time, ready[position:upto])
            position = upto
        return changes

    def amend(self, event: Event | Mapping[str, Any] | bytes | str) -> Delta:
        """Take one event that comes late, corrects or withdraws another, and return what it issues, ends and replaces.

        It does what `feed` does. What lies further back than is remembered is set aside, and the reason says from when
        on it would have been possible.
        """
        made = self._decoded(event)
        if made is None:
            last = self._rejected.last()
            assert last is not None  # noqa: S101 - it has just been put there
            return Delta(last.event, set_aside=last)
        before: dict[str, Outcome | None] = {}
        self._machine.board.journal = before
        later = self._intake.started and made.time > self._store.clock
        passed = self.advance(made.time - 1) if later else []
        timely = {one.id for one in passed}
        changes = self.feed(made)
        self._machine.board.journal = None
        timely = timely.difference(one.id for one in changes)
        return delta_of(made.id, before, [*passed, *changes], timely, self._aside(made))

    def advance(self, to: dt.datetime | str | int) -> list[Outcome]:
        """Move the clock to an instant, that instant included, and return what changes; a clock never goes back."""
        time = self._instant_of(to)
        changes: list[Outcome] = []
        while (alarm := self._store.next_alarm()) is not None and alarm <= time:
            changes += self._tick(max(alarm, self._store.clock))
        if time > self._store.clock:
            if self._store.is_settled:
                self._pass(time)
            else:
                changes += self._tick(time)
        return changes

    # --- outcomes out ------------------------------------------------------------------------------------------------

    def outcomes(self) -> dict[str, Outcome]:
        """Return the outcomes that stand at the clock, by id."""
        return self._machine.board.all()

    def deadlines(self) -> list[Deadline]:
        """Return the deadlines of open obligations, the next first."""
        standing = self.outcomes().values()
        open_ones = {
            (one.rule, one.matter, one.person)
            for one in standing
            if isinstance(one, Obligation) and one.status == "open"
        }
        found = [
            one
            for one in standing
            if isinstance(one, Deadline)
            and one.status in ("set", "moved")
            and (one.rule, one.matter, one.person) in open_ones
        ]
        return sorted(found, key=lambda one: (instant_of(one.due) if one.due else 0, one.id))

    @property
    def next_deadline(self) -> dt.datetime | None:
        """Return when the next deadline is due, None if none is open."""
        found = self.deadlines()
        return dt.datetime.fromisoformat(found[0].due) if found and found[0].due else None

    @property
    def next_wake(self) -> dt.datetime | None:
        """Return the next instant at which something may change with no event: call `advance` then."""
        alarm = self._store.next_alarm()
        return None if alarm is None else self._program.zone.local(alarm)

    @property
    def clock(self) -> dt.datetime | None:
        """Return the instant up to which the engine has looked, None before the first event or `advance`."""
        return self._program.zone.local(self._store.clock) if self._store.clock > -FOREVER else None

    @property
    def set_aside(self) -> list[SetAside]:
        """Return the events that were not used, with the reason, as of now."""
        remarks = [*self._intake.remarks.values(), *self._machine.remarks.values(), self._restless()]
        remarks.append(self._amending.remarks())
        found = {SetAside(code, name, reason) for group in remarks for name, (code, reason) in group.items()}
        found.update(SetAside(*one) for one in self._retention.set_aside)
        return [*self._rejected, *sorted(found, key=lambda one: (one.event, one.code))]

    def _aside(self, event: Event) -> SetAside | None:
        """Return why one event reached nothing, None if it did."""
        refused = self._rejected.last(event.id)
        if refused is not None:
            return refused
        name = self._amending.root_of(event)
        groups = (*self._intake.remarks.values(), *self._machine.remarks.values())
        found = self._amending.remark(event.id) or next((group[name] for group in groups if name in group), None)
        return None if found is None else SetAside(found[0], event.id, found[1])

    def _restless(self) -> dict[str, tuple[str, str]]:
        """Return the rules that undo their own ground, as remarks."""
        rules = dict.fromkeys(str(key[1]) for key in self._store.restless)
        return {
            name: ("DR625", f"`{name}` undoes the ground on which it rests: it was left as it stood") for name in rules
        }

    def verdicts(self, rule: str) -> set[tuple[str, str]]:
        """Return what a rule, or a need that bears its name, found.

        Pairs of person and word (`kept`, `permitted`, `met` …).
        """
        name = rule.removeprefix(self.pack.prefix)
        return {
            (person, word)
            for cells in self._machine.cells_of.values()
            for cell in cells
            for norm, person, word in cell.verdicts
            if norm == name
        }

    # --- why ---------------------------------------------------------------------------------------------------------

    def explain(self, outcome_id: str) -> Explanation:
        """Return why an outcome stands or stood, named by its id or the beginning of it; may raise `NoSuchOutcome`.

        The events known are run again for it: an engine that is not asked records nothing.
        """
        from dutyrules.explanations import explain_in  # noqa: PLC0415 - only who asks pays for it

        return explain_in(self, outcome_id)

    def why_not(self, rule: str, subject: str | None, at: dt.datetime | str | int | None = None) -> WhyNot:
        """Return how near a rule came to hold for a person or matter by an instant (None: by now), and what stopped it.

        Raises `NoSuchRule` for a rule that the pack does not have.
        """
        from dutyrules.explaining.why_not import why_not_in  # noqa: PLC0415 - only who asks pays for it

        return why_not_in(self.again(at), rule, subject)

    def again(self, at: dt.datetime | str | int | None = None) -> Engine:
        """Return an engine that has run the same events up to an instant (None: the clock) and forgets nothing."""
        engines = [engine for engine, _changes in self.steps_again(at)]
        return engines[-1]

    def steps_again(self, at: dt.datetime | str | int | None = None) -> Iterator[tuple[Engine, list[Outcome]]]:
        """Run the same events again in an engine that forgets nothing: yield it with what changes, step by step.

        An engine that has forgotten something goes on from what it knows, in one step; it cannot go back: ValueError.
        """
        until = self._store.clock if at is None else self._instant_of(at)
        if self._retention.cutoff is not None:
            if until < self._store.clock:
                text = f"the state before {self._program.zone.iso(self._store.clock)} has been forgotten"
                raise ValueError(text)
            kept = Engine.restore(self.pack, self.snapshot(), forgets=False)
            yield kept, [*kept.outcomes().values()]
            yield kept, kept.advance(until)
            return
        fresh = Engine(self.pack, carries=self._carries, forgets=False)
        events = [event for event in self._intake.events() if event.time <= until]
        for time, batch in groupby(events, key=lambda event: event.time):
            yield from fresh._steps_to(time - 1)
            yield fresh, fresh.feed_all(batch)
        yield from fresh._steps_to(until)
        yield fresh, fresh.advance(until)

    def _steps_to(self, until: int) -> Iterator[tuple[Engine, list[Outcome]]]:
        """Move the clock from alarm to alarm, once the log has begun."""
        while self._intake.started and (alarm := self._store.next_alarm()) is not None and alarm <= until:
            yield self, self.advance(max(alarm, self._store.clock))

    @property
    def inside(self) -> Machine:
        """Return the parts of the engine, for those who explain what it did: they read, and change nothing."""
        return self._machine

    # --- keeping -----------------------------------------------------------------------------------------------------

    def snapshot(self) -> bytes:
        """Return all that is needed to go on later: the events that still matter, what is settled, and the clock."""
        state = {
            "behaviour": BEHAVIOUR,
            "pack": self.pack.digest,
            "clock": self._store.clock if self._store.clock > -FOREVER else None,
            "started": self._intake.started_at,
            "forgotten_before": self._retention.cutoff,
            "rises": settled_in(self._store),
            "periods": settled_periods_in(self._store),
            "over": [(name, one.until, sorted(one.events)) for name, one in sorted(self._machine.program.over.items())],
            "events": [msgspec.Raw(event.as_json()) for event in self._amending.events()],
            "set_aside": sorted(self._retention.set_aside),
            "rejected": [attrs.astuple(one) for one in self._rejected],
            "carries": None
            if self._carries is None
            else {name: since.isoformat() for name, since in self._carries.items()},
        }
        return msgspec.json.encode(state)

    @classmethod
    def restore(cls, pack: Pack, snapshot: bytes, *, matcher: str = "native", forgets: bool = True) -> Engine:
        """Return an engine that goes on where the snapshot was taken; raise SnapshotMismatchError for another pack."""
        try:
            state = msgspec.json.decode(snapshot)
            same = state["pack"] == pack.digest and state["behaviour"] == BEHAVIOUR
        except (msgspec.DecodeError, TypeError, KeyError) as error:
            text = "this is no snapshot of an engine"
            raise SnapshotMismatchError(text) from error
        if not same:
            text = "the snapshot was taken with another pack or another version of the engine"
            raise SnapshotMismatchError(text)
        carries = state["carries"]
        known = None if carries is None else {name: dt.date.fromisoformat(since) for name, since in carries.items()}
        engine = cls(pack, carries=known, matcher=matcher, forgets=forgets)
        engine._rejected = _Rejected(SetAside(*parts) for parts in state["rejected"])
        engine._retention.set_aside = {(code, name, reason) for code, name, reason in state["set_aside"]}
        for event in state["events"]:
            decoded = engine._decoded(event)
            if decoded is not None:
                engine._amending.take(decoded)
        engine._intake.start_at(state["started"])
        if state["forgotten_before"] is not None:
            settled = msgspec.convert(state["rises"], list[tuple[str, str, Settled]])
            over = [(name, Over(until, frozenset(events))) for name, until, events in state["over"]]
            periods = msgspec.convert(state["periods"], list[tuple[str, str, str | None, Begun]])
            engine._retention.restore(state["forgotten_before"], settled, periods, over)
        if state["clock"] is not None:
            engine._tick(state["clock"])
        return engine

    # --- inside ------------------------------------------------------------------------------------------------------

    def _decoded(self, event: Event | Mapping[str, Any] | bytes | str) -> Event | None:
        if isinstance(event, Event):
            return event
        try:
            with localcontext(FIGURES):
                return self._decoder.decode(event)
        except EventError as error:
            name = _name_of(event)
            self._rejected.add(SetAside(error.code, name, error.reason))
            return None

    def _instant(self, time: int, events: list[Event]) -> list[Outcome]:
        changes: list[Outcome] = []
        late = self._intake.started and time < self._store.clock
        if not late and self._intake.started:
            changes = self.advance(time - 1)
        back = [event for event in events if self._amending.reaches_back(event)]
        others = [event for event in events if event not in back] if back else events
        changes += self._take(time, others, late=late)
        if back:
            changes += self._take(time, back, late=True)
        return changes

    def _take(self, time: int, events: list[Event], *, late: bool) -> list[Outcome]:
        """Take events of one instant, and look once what comes of all of them."""
        fresh = False
        for event in events:
            fault = self._amending.take(event)
            if fault is None:
                fresh = True
                self._rejected.remove(event.id)
            elif fault.reason:
                self._rejected.add(SetAside(fault.code, event.id, fault.reason))
        if self._amending.begins_later:
            return self._begin_anew(max(time, self._store.clock))
        if fresh:
            return self._tick(max(time, self._store.clock), gone="retracted" if late else "withdrawn")
        return [] if late else self.advance(time)

    def _begin_anew(self, time: int) -> list[Outcome]:
        """Do all again: the first event of the log has gone, on which every period since then rests."""
        self._store.clock = time
        shown = self._machine.board
        fresh = Engine.restore(self.pack, self.snapshot(), matcher=self._matcher_name, forgets=self._forgets)
        self.__dict__.update(fresh.__dict__)
        return self._machine.board.changes_from(shown, self._program.zone.iso(time), "retracted")

    def _tick(self, time: int, gone: str = "withdrawn") -> list[Outcome]:
        store = self._store
        store.clock = time
        with localcontext(FIGURES):
            store.ring()
            store.settle()
        changes = self._machine.board.changes(self._program.zone.iso(time), gone)
        self._forget(time)
        return changes

    def _pass(self, time: int) -> None:
        """Let time pass in which nothing happens."""
        self._store.clock = time
        self._forget(time)

    def _forget(self, time: int) -> None:
        if self._forgets:
            self._retention.tick(time)
            for name, (code, reason) in self._amending.sweep().items():
                self._rejected.add(SetAside(code, name, reason))

    def _instant_of(self, to: dt.datetime | str | int) -> int:
        if isinstance(to, str):
            return self._program.zone.parse(to)
        if isinstance(to, dt.datetime):
            if to.tzinfo is None:
                text = "a time without a zone: use an aware datetime"
                raise ValueError(text)
            return int(to.timestamp())
        return to


def _name_of(event: object) -> str:
    """Return the id of an event that was refused, or its text where it has none."""
    read: object = event
    if isinstance(event, bytes | str):
        try:
            read = msgspec.json.decode(event)
        except (msgspec.DecodeError, UnicodeError, RecursionError):
            return _excerpt(event)
    name = read.get("id") if isinstance(read, Mapping) else None
    return _excerpt(name if isinstance(name, str) else event)


def _excerpt(event: object) -> str:
    try:
        text = event.decode("utf-8", "replace") if isinstance(event, bytes) else str(event)
    except RecursionError:
        text = type(event).__name__
    text = text.encode("utf-8", "replace").decode("utf-8")
    return text if len(text) <= 200 else f"{text[:200]}…"  # noqa: PLR2004 - enough to find it again


__all__ = ["BEHAVIOUR", "LOG_START", "Engine", "SetAside", "SnapshotMismatchError"]
