"""What the engine remembers: records folded from the facts that carry their key."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from itertools import product
from typing import TYPE_CHECKING, Any

import attrs

from dutyrules.policies.syntax import FactKind
from dutyrules.runtime.instants import FIRST_SECOND, LAST_SECOND
from dutyrules.runtime.store import FOREVER, Cell, Fact, Handed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dutyrules.calendars import ShiftSpan
    from dutyrules.policies.model import Record
    from dutyrules.policies.syntax import Pattern
    from dutyrules.runtime.matching import Plan
    from dutyrules.runtime.program import Program
    from dutyrules.runtime.store import Key, Store


@attrs.define(eq=False)
class Instance:
    """One record: open from `opened` (included) to `closed` (excluded); `steps` are its fields from each instant on.

    It is folded again in place, so that whoever holds it holds it as it is; who reads it notes that he did.
    """

    kind: str
    key: tuple[Any, ...]
    id: str
    opened: int
    closed: int | None
    steps: tuple[tuple[int, dict[str, Any]], ...]
    roots: tuple[str, ...]
    fixed: dict[str, Any]
    day: dt.date | None

    @property
    def person(self) -> str | None:
        """Return the person that the record is about, if its key names one."""
        value = self.fixed.get("person")
        return value if isinstance(value, str) else None

    def field(self, name: str, at: int = FOREVER) -> Any:  # noqa: ANN401 - fields have any type
        """Return a field as it was at an instant, None if it had no value."""
        if name in self.fixed:
            return self.fixed[name]
        return self.at(at).get(name)

    @property
    def last(self) -> int:
        """Return the last instant of which anything is known: its end, or when it last changed."""
        changed = self.steps[-1][0]
        return changed if self.closed is None else max(changed, self.closed)

    def at(self, time: int) -> dict[str, Any]:
        """Return the fields as they were at an instant."""
        index = bisect_right(self.steps, time, key=lambda step: step[0]) - 1
        return self.steps[max(index, 0)][1]

    def become(self, other: Instance) -> None:
        """Take over what another folding of the same record found."""
        for name in ("opened", "closed", "steps", "roots", "fixed", "day"):
            setattr(self, name, getattr(other, name))

    def is_open(self, at: int) -> bool:
        """Tell whether the record is open at an instant."""
        return self.opened <= at and (self.closed is None or at < self.closed)

    def differs_since(self, other: Instance) -> int | None:
        """Return the first instant from which two foldings of one record differ, None if they do not."""
        if self.fixed != other.fixed or self.opened != other.opened or self.day != other.day:
            return self.opened
        since = FOREVER
        for mine, theirs in zip(self.steps, other.steps, strict=False):
            if mine != theirs:
                since = min(mine[0], theirs[0])
                break
        else:
            if len(self.steps) != len(other.steps):
                longer = max(self.steps, other.steps, key=len)
                since = longer[min(len(self.steps), len(other.steps))][0]
        if self.closed != other.closed:
            since = min(since, *(time for time in (self.closed, other.closed) if time is not None))
        return None if since == FOREVER and self.roots == other.roots else since


ROLES = ("opens", "updates", "closes")


def key_text(values: tuple[Any, ...]) -> str:
    """Return a key as text; a comma within a value is written so that no two keys read alike."""
    return ",".join(str(value).replace("\\", "\\\\").replace(",", "\\,") for value in values)


@attrs.frozen
class Over:
    """Until when records under a key are over and forgotten, while `events` that opened some are kept for others."""

    until: int
    events: frozenset[str]


def name_of(record: Record, key: tuple[Any, ...]) -> str:
    """Return the name of the records of a kind under a key."""
    return f"{record.name}:{key_text(key)}"


def touching(
    program: Program, record: Record, key: tuple[Any, ...], since: int, upto: int = FOREVER
) -> Iterator[tuple[Fact, str]]:
    """Yield the facts in [since, upto] that close, update or open the records under a key, each with its role.

    Facts about records that are over and forgotten are passed by: they would open one that something has closed.
    """
    over = program.over.get(name_of(record, key)) if program.over else None
    return ever_touching(program, record, key, since if over is None else max(since, over.until + 1), upto)


def ever_touching(
    program: Program, record: Record, key: tuple[Any, ...], since: int, upto: int
) -> Iterator[tuple[Fact, str]]:
    """Yield the facts in [since, upto] that close, update or open the records under a key, forgotten ones too."""
    for pattern, role, plan in program.once(_patterns_of, record):
        for fact in program.along(plan, key, upto, since):
            carries = key in program.key_values(record, fact) if role == "opens" else program.carries_key(record, fact)
            if carries and (pattern.where is None or program.where_of_fact(pattern, fact) is True):
                yield fact, role


def _patterns_of(program: Program, record: Record) -> tuple[tuple[Pattern, str, Plan], ...]:
    """Return the patterns of facts that can touch a record of this kind, each with its role and how they are found."""
    found = (
        *((pattern, "closes") for pattern in record.closes if program.touches(pattern, record)),
        *((pattern, "updates") for pattern in record.updates if program.touches(pattern, record)),
        *((pattern, "opens") for pattern in record.opens),
    )
    return tuple((pattern, role, program.plan(pattern, record.key)) for pattern, role in found)


class RecordCell(Cell):
    """All records of one kind under one key."""

    goes_on = True
    __slots__ = ("_pending", "handed_by", "instances", "name", "program", "record", "rests_on", "values")

    def __init__(self, program: Program, record: Record, values: tuple[Any, ...]) -> None:
        super().__init__(program.record_layers[record.name], ("record", record.name, values))
        self.program = program
        self.record = record
        self.values = values
        self.name = name_of(record, values)
        self.instances: dict[str, Instance] = {}
        self.handed_by: dict[str, Handed] = {}
        self.rests_on: set[str] = set()
        self._pending: frozenset[str] = frozenset()

    def run(self, store: Store) -> None:
        """Hand on what is new of the records, folded again unless all that is new is that one of them has ended."""
        if self.since == FOREVER:
            self._hand_on(store, {})
            return
        old = self.instances
        store.unread(self)
        self._hand_on(store, self._fold_again(store))
        for instance in self.instances.values():
            if instance.id not in old:
                self.program.instance_opened(instance)

    def _fold_again(self, store: Store) -> dict[str, int]:
        """Fold the records' facts and tell who has read them, and return which differ, from when on."""
        old = self.instances
        found: dict[str, Instance] = {}
        changes: dict[str, int] = {}
        settled, begins = self._settled()
        if not settled:
            self.rests_on = set()
        found |= {instance.id: instance for instance in settled}
        for fresh in self._fold(begins):
            kept = old.get(fresh.id)
            found[fresh.id] = fresh if kept is None else kept
            differs = fresh.opened if kept is None else fresh.differs_since(kept)
            if differs is None:
                continue
            changes[fresh.id] = differs if kept is None else min(differs, kept.opened, fresh.opened)
            if kept is not None:
                if kept.opened == fresh.opened:
                    changes[fresh.id] = differs
                kept.become(fresh)
        changes |= {name: gone.opened for name, gone in old.items() if name not in found}
        self.instances = found
        place = ("rec", self.record.name, self.values)
        entries = [(instance.opened, instance.id, instance) for instance in found.values()]
        store.buckets[place].entries = sorted(entries, key=lambda entry: entry[:2])
        if changes:
            store.touch(place, min(changes.values()))
        return changes

    def forget_steps(self) -> bool:
        """Fold the one record anew after facts are forgotten that later ones say anew; tell whether it has changed.

        Its readers get no word: all that they look at lies after what was forgotten.
        """
        (instance,) = self.instances.values()
        self.rests_on = set()
        (fresh,) = self._fold(-FOREVER)
        if fresh.differs_since(instance) is None:
            return False
        instance.become(fresh)
        return True

    def _hand_on(self, store: Store, changes: dict[str, int]) -> None:
        """Hand on what is new of the records that changed, that are gone, or whose end the clock has reached."""
        pending = self._pending
        self._pending = frozenset()
        for name in [*changes, *(pending - changes.keys())]:
            instance = self.instances.get(name)
            handed = self.handed_by.get(name)
            if handed is None:
                handed = self.handed_by[name] = Handed()
            if instance is None:
                handed.give_entries(store, {})
                handed.give_facts(store, {})
                del self.handed_by[name]
                continue
            entries: dict[tuple[Key, int, str], object] = {
                (place, instance.opened, name): instance for place in self._index_places(instance)
            }
            for place, _opened, _name in entries.keys() & handed.entries.keys():
                if name in changes:
                    store.touch(place, changes[name])
            handed.give_entries(store, entries)
            handed.give_facts(store, self._end(store, instance))
        for name in self._pending:
            store.wake(self.instances[name].closed or FOREVER)

    def _end(self, store: Store, instance: Instance) -> dict[str, Fact]:
        """Return the fact of the record's end, once the clock has reached it."""
        if instance.closed is None or instance.closed <= instance.opened:
            return {}
        if instance.closed > store.clock:
            self._pending |= {instance.id}
            return {}
        data = {**instance.steps[-1][1], **instance.fixed}
        name = f"~~{instance.id}"
        kind = ("end", instance.kind)
        return {name: Fact(kind, instance.closed, name, data, instance.person, instance, instance.roots)}

    def _index_places(self, instance: Instance) -> Iterator[Key]:
        yield ("recs", instance.kind)
        fixed = instance.fixed
        for names in self.program.record_indexes.get(instance.kind, ()):
            if len(names) == 1 and names[0] in fixed:
                yield ("recs", instance.kind, names, (fixed[names[0]],))
                continue
            for values in product(*[self._values_of(instance, name) for name in names]):
                yield ("recs", instance.kind, names, values)

    def _values_of(self, instance: Instance, name: str) -> list[Any]:
        """Return all values that a field of the record has had."""
        if name in instance.fixed:
            return [instance.fixed[name]]
        values = dict.fromkeys(step[1].get(name) for step in instance.steps)
        return [value for value in values if value is not None]

    def _facts(self, since: int) -> list[tuple[Fact, str]]:
        roles: dict[tuple[int, str, str], tuple[Fact, str]] = {}
        for fact, role in touching(self.program, self.record, self.values, since):
            roles.setdefault((fact.time, fact.id, role), (fact, role))
        self.rests_on |= {root for fact, _role in roles.values() for root in fact.roots}
        ordered = sorted(roles, key=lambda place: (place[0], ROLES.index(place[2]), place[1]))
        return [roles[place] for place in ordered]

    def _settled(self) -> tuple[list[Instance], int]:
        """Return the episodes that were over before anything changed, and from when on to fold: none was open then."""
        record = self.record
        if not record.episodic or self.since == -FOREVER or record.spans is not None or record.closes_at is not None:
            return [], -FOREVER
        ordered = sorted(self.instances.values(), key=lambda one: (one.opened, one.id))
        settled: list[Instance] = []
        for instance in ordered:
            if instance.closed is None or instance.closed >= self.since:
                return settled, min(self.since, instance.opened)
            settled.append(instance)
        return settled, self.since

    def _fold(self, begins: int) -> list[Instance]:
        done: list[Instance] = []
        opening: list[Fact] = []
        spans_from: list[tuple[int, str | None]] = []
        for fact, role in self._facts(begins):
            if role == "closes":
                if opening:
                    done.append(self._instance(opening, fact.time, spans_from, fact))
                    opening = []
                    spans_from = []
            elif opening or role == "opens":
                opening.append(fact)
                if role == "opens":
                    spans_from.append((fact.time, fact.data.get("period")))
        if opening:
            done.append(self._instance(opening, None, spans_from, None))
        return done

    def _instance(
        self, facts: list[Fact], closed: int | None, named: list[tuple[int, str | None]], closing: Fact | None
    ) -> Instance:
        record, program = self.record, self.program
        fixed: dict[str, Any] = dict(zip(record.key, self.values, strict=True))
        day = fixed.get(record.dated) if record.dated else None
        opened = facts[0].time
        steps: list[tuple[int, dict[str, Any]]] = []
        fields: dict[str, Any] = dict.fromkeys(program.happenings(record), False)
        for fact in facts if closing is None or closing.type[0] != FactKind.EVENT else [*facts, closing]:
            fields = {**fields, **fact.data}
            if fact.type[0] == FactKind.EVENT:
                fields[fact.type[1]] = True
            if steps and steps[-1][0] == fact.time:
                steps[-1] = (fact.time, fields)
            else:
                steps.append((fact.time, fields))
        if day is None and record.dated is not None:
            day = program.zone.date_of(opened) if record.dated == "opened" else fields.get(record.dated)
        if isinstance(day, int) and not isinstance(day, bool):
            day = program.zone.date_of(day) if FIRST_SECOND <= day <= LAST_SECOND else None
        day = day if isinstance(day, dt.date) else None
        if record.spans is not None and day is not None:
            span = self._span(fixed, day, named)
            if span is not None:
                fixed.update(start=span.start, end=span.end, season=span.season)
                closed = span.end if closed is None else min(closed, span.end)
        fixed["opened"] = opened
        steps = self._read_along(fixed, steps, closed)
        name = f"{self.name}@{facts[0].id}" if record.episodic else self.name
        roots = tuple(dict.fromkeys(root for fact in facts for root in fact.roots))
        made = Instance(record.name, self.values, name, opened, closed, tuple(steps), roots, fixed, day)
        return self._with_instants(made)

    def _span(self, fixed: dict[str, Any], day: dt.date, named: list[tuple[int, str | None]]) -> ShiftSpan | None:
        """Return from when to when the shifts last that openings name; one that comes after their end adds nothing."""
        found: ShiftSpan | None = None
        periods: set[str | None] = set()
        for time, period in named:
            if found is not None and time >= found.end:
                break
            periods.add(period)
            found = self.program.span_of(self.record, fixed, day, periods)
            if found is None:
                break
        return found

    def _read_along(
        self, fixed: dict[str, Any], own: list[tuple[int, dict[str, Any]]], closed: int | None
    ) -> list[tuple[int, dict[str, Any]]]:
        """Return the steps with the fields of the record that this kind `reads`, as those stood throughout its life."""
        program = self.program
        if self.record.reads is None:
            return own
        other = program.pack.records[self.record.reads]
        found = program.instances(other.name, tuple(fixed.get(name) for name in other.key))
        last = FOREVER if closed is None else closed
        times = {time for one in found for time, _fields in one.steps if own[0][0] < time <= last}
        steps, mine = [], own[0][1]
        for time in sorted(times.union(time for time, _fields in own)):
            mine = next((fields for when, fields in own if when == time), mine)
            along = next((one for one in reversed(found) if one.opened <= time), None)
            steps.append((time, mine if along is None else {**along.at(time), **mine}))
        return steps

    def _with_instants(self, made: Instance) -> Instance:
        record, program = self.record, self.program
        if record.start is not None:
            made.fixed["start"] = program.instant_of_record(record.start, made, end=False)
        if record.closes_at is not None and made.closed is None:
            return attrs.evolve(made, closed=program.instant_of_record(record.closes_at, made, end=True))
        return made
