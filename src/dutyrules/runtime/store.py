"""Facts in buckets, and the cells that read them.

A cell is a part of the result that depends on facts: a record, a member of a count, a trigger, a case. While it runs,
each bucket it reads is noted with how far in time it looked; when a fact within that reach comes or goes, the cell is
due to run again. Results are therefore a function of the set of facts, whatever the order in which they came.
"""

from __future__ import annotations

import heapq
from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Hashable, Sequence
from typing import Any, Final

import msgspec

from dutyrules.runtime.values import Struct

FOREVER: Final = 1 << 62
MOST_TURNS: Final = 400
Key = tuple[Hashable, ...]
FactType = tuple[str, str]  # (kind, name): ("event", "check_in"), ("breach", "4.1-late"), ("end", "shift")
Entry = tuple[int, str, Any]  # (time, name, value)
Entries = dict[tuple[Key, int, str], object]  # by bucket, time and name
NO_ENTRIES: Final[Entries] = {}  # for what has none: never filled


class Fact(Struct, frozen=True, eq=False):
    """Something that is so from `time` on: an event, a deemed event, a breach, an end of a record."""

    type: FactType
    time: int
    id: str
    data: dict[str, Any]
    person: str | None = None
    matter: Any = None
    roots: tuple[str, ...] = ()
    act: Fact | None = None
    causes: tuple[str, ...] = ()
    matter_id: str | None = None

    @property
    def order(self) -> tuple[int, str]:
        """Return the place of the fact among others."""
        return (self.time, self.id)

    def same(self, other: Fact) -> bool:
        """Tell whether two facts say the same."""
        return (
            self.time == other.time
            and self.id == other.id
            and self.type == other.type
            and self.person == other.person
            and self.data == other.data
            and self.matter is other.matter
            and self.roots == other.roots
            and self.act is other.act
            and self.causes == other.causes
        )


NO_FACTS: Final[dict[str, Fact]] = {}  # as `NO_ENTRIES`


class Bucket(msgspec.Struct, eq=False):
    """Entries in order of (time, id) and who has read them up to when.

    `tally` is what a reader has worked out of all entries, until one comes or goes.
    """

    key: Key
    entries: Sequence[Entry] = ()  # a list from the first one on
    readers: dict[Cell, int] = {}
    tally: Any = None

    @property
    def is_idle(self) -> bool:
        """Tell whether the bucket holds nothing and nobody reads it."""
        return not self.entries and not self.readers

    def remove(self, time: int, name: str) -> None:
        """Take an entry out."""
        entries = self.entries
        self.tally = None
        index = bisect_left(entries, (time, name), key=_order)
        if isinstance(entries, list) and index < len(entries) and entries[index][:2] == (time, name):
            del entries[index]

    def add(self, time: int, name: str, value: object) -> None:
        """Put an entry in its place."""
        entry, entries = (time, name, value), self.entries
        self.tally = None
        if not isinstance(entries, list):
            self.entries = [entry]
        elif not entries or entries[-1][0] < time:
            entries.append(entry)
        else:
            insort(entries, entry, key=_order)


class Index:
    """The facts of a type by some of their fields; `gaps` tells which of these any fact lacks.

    It is the beginning of its buckets' keys, which are looked up by what it is: no names are hashed for it.
    """

    __slots__ = ("fields", "gaps", "kind")

    def __init__(self, kind: FactType, fields: tuple[str, ...]) -> None:
        self.kind = kind
        self.fields = fields
        self.gaps: set[tuple[bool, ...]] = set()

    def place(self, fact: Fact) -> Key:
        """Return where a fact is found, with a third part where it lacks fields: which ones, as is noted."""
        values = tuple(map(fact.data.get, self.fields))
        if None not in values:
            return (self, values)
        lacks = tuple([value is None for value in values])
        self.gaps.add(lacks)
        return (self, tuple([value for value in values if value is not None]), lacks)

    def parts(self, values: Key) -> list[Key]:
        """Return where the facts are that lack fields, with these values in the others."""
        return [
            (self, tuple([value for value, lack in zip(values, lacks, strict=True) if not lack]), lacks)
            for lacks in self.gaps
        ]


class Buckets(dict[Key, "Bucket"]):
    """Buckets by key, made when first looked at."""

    def __missing__(self, key: Key) -> Bucket:
        """Return an empty bucket, which is kept."""
        made = self[key] = Bucket(key)
        return made


class Cell:
    """A part of the result; `layer` orders cells that are due together, lower ones first."""

    __slots__ = ("dead", "key", "layer", "queued", "reads", "since", "turn", "turns", "wakes")

    goes_on = False
    """Whether what it has read goes on counting when it runs again."""

    def __init__(self, layer: int, key: Key) -> None:
        self.since = -FOREVER  # the earliest instant at which something has changed that the cell reads
        self.layer = layer
        self.key = key
        self.queued = False
        self.turn = 0
        self.turns = 0
        self.reads: list[Bucket] = []
        self.wakes = FOREVER
        self.dead = False

    def run(self, store: Store) -> None:
        """Compute this part again and hand on what changed."""
        raise NotImplementedError


class Store:
    """All buckets, the indexes over facts, the cells that are due, and the clock."""

    def __init__(self) -> None:
        self.clock = -FOREVER
        self.buckets = Buckets()
        self.indexes: dict[FactType, dict[tuple[str, ...], Index]] = {}
        self.facts: dict[FactType, dict[str, Fact]] = {}
        self.listeners: dict[FactType, list[Callable[[Fact, bool], None]]] = {}
        self.held: dict[FactType, list[Key]] = {}  # where cells have put the facts of a type
        self.cells: dict[Key, Cell] = {}
        self.based: dict[str, list[Cell]] = {}
        self.forgotten_before = -FOREVER
        self.rules_since: dict[str, int] = {}  # from when on the cases of a rule are remembered
        self._due: list[tuple[int, int, Cell]] = []
        self._alarms: list[tuple[int, int, Cell]] = []
        self._serial = 0
        self._running: Cell | None = None
        self.runs = 0
        self.restless: dict[Key, None] = {}
        self._turn = 0

    # --- reading -------------------------------------------------------------------------------------------------

    def read(self, key: Key, upto: int = FOREVER) -> Sequence[Entry]:
        """Return a bucket's entries up to a time, noting that the running cell depends on them."""
        entries = self.noted(key, upto).entries
        if not entries or entries[-1][0] <= upto:
            return entries
        return entries[: bisect_right(entries, upto, key=_time)]

    def noted(self, key: Key, upto: int) -> Bucket:
        """Return a bucket, noting that the running cell depends on its entries up to a time."""
        bucket = self.buckets[key]
        cell = self._running
        if cell is not None:
            known = bucket.readers.get(cell)
            if known is None:
                bucket.readers[cell] = upto
                cell.reads.append(bucket)
            elif upto > known:
                bucket.readers[cell] = upto
        return bucket

    def find(self, index: Index, values: Key, upto: int = FOREVER, since: int = -FOREVER) -> list[Fact]:
        """Return the facts in [since, upto] whose fields of an index hold `values`, or lack the field, in order."""
        found = self.noted((index, values), upto).entries
        if index.gaps:
            partial = [entry for place in index.parts(values) for entry in self.noted(place, upto).entries]
            if partial:
                found = sorted([*found, *partial], key=_order)
        if not found:
            return []
        if found[0][0] < since:
            found = found[bisect_left(found, since, key=_time) :]
        if found and found[-1][0] > upto:
            found = found[: bisect_right(found, upto, key=_time)]
        return [entry[2] for entry in found]

    def index(self, kind: FactType, fields: tuple[str, ...]) -> Index:
        """Return the index of a type's facts by some fields; they are findable by these from now on."""
        indexes = self.indexes.setdefault(kind, {})
        index = indexes.get(fields)
        if index is None:
            index = indexes[fields] = Index(kind, fields)
            for fact in self.facts.get(kind, {}).values():
                self.buckets[self._place(index, fact)].add(fact.time, fact.id, fact)
        return index

    # --- writing -------------------------------------------------------------------------------------------------

    def cap(self, cell: Cell, upto: int, but: Key) -> None:
        """Let a cell depend on nothing after an instant, but for one bucket: what it made is settled."""
        spared = self.buckets.get(but)
        for bucket in cell.reads:
            if bucket is not spared and bucket.readers[cell] > upto:
                bucket.readers[cell] = upto

    def put(self, key: Key, time: int, name: str, value: object) -> None:
        """Add an entry to a bucket and make its readers due."""
        bucket = self.buckets[key]
        bucket.add(time, name, value)
        if bucket.readers:
            self._touch(bucket, time)

    def drop(self, key: Key, time: int, name: str) -> None:
        """Take an entry out of a bucket and make its readers due."""
        bucket = self.buckets[key]
        bucket.remove(time, name)
        self._touch(bucket, time)
        if bucket.is_idle:
            del self.buckets[key]

    def touch(self, key: Key, since: int) -> None:
        """Make those readers due who looked at `since` or later."""
        bucket = self.buckets.get(key)
        if bucket is not None:
            bucket.tally = None
            self._touch(bucket, since)

    def _touch(self, bucket: Bucket, time: int) -> None:
        for cell, reach in bucket.readers.items():
            if reach >= time and (time < cell.since or not cell.queued):
                self.due(cell, time)

    def add_fact(self, fact: Fact) -> None:
        """Let a fact hold."""
        kind = fact.type
        self.facts.setdefault(kind, {})[fact.id] = fact
        for index in self.indexes[kind].values() if kind in self.indexes else ():
            self.put(self._place(index, fact), fact.time, fact.id, fact)
        for listen in self.listeners.get(kind, ()):
            listen(fact, True)  # noqa: FBT003 - the listener's second word is whether the fact came

    def remove_fact(self, fact: Fact) -> None:
        """Let a fact hold no longer."""
        kind = fact.type
        del self.facts[kind][fact.id]
        for index in self.indexes[kind].values() if kind in self.indexes else ():
            self.drop(index.place(fact), fact.time, fact.id)
        for listen in self.listeners.get(kind, ()):
            listen(fact, False)  # noqa: FBT003 - as above

    def exchange_facts(self, old: dict[str, Fact], new: dict[str, Fact]) -> None:
        """Let the new facts hold in place of the old ones; of two that say the same the old one stays, in `new` too."""
        for name, fact in old.items():
            following = new.get(name)
            if following is not None and following.same(fact):
                new[name] = fact
            else:
                self.remove_fact(fact)
        for name, fact in new.items():
            if old.get(name) is not fact:
                self.add_fact(fact)

    def exchange_entries(self, old: Entries, new: Entries) -> None:
        """Let the new entries stand in place of the old ones; of two that are equal the old one stays, in `new` too."""
        for place, value in old.items():
            if place in new and (new[place] is value or new[place] == value):
                new[place] = value
            else:
                self.drop(*place)
        for place, value in new.items():
            if place not in old or old[place] is not value:
                self.put(*place, value)

    def listen(self, kind: FactType, listener: Callable[[Fact, bool], None]) -> None:
        """Call `listener` for each fact of a type that comes or goes."""
        self.listeners.setdefault(kind, []).append(listener)

    def hold(self, kind: FactType, place: Key) -> None:
        """Let go of a fact of a type in a bucket, where a cell puts it, when the fact itself is let go."""
        self.held.setdefault(kind, []).append(place)

    # --- cells ---------------------------------------------------------------------------------------------------

    @property
    def is_running(self) -> bool:
        """Tell whether a cell is running; who looks on from outside makes none."""
        return self._running is not None

    def cell(self, key: Key, make: Callable[[], Cell]) -> Cell:
        """Return the cell with that key, made and due if it is new."""
        found = self.cells.get(key)
        if found is None:
            found = self.cells[key] = make()
            self.due(found)
        return found

    def rest_on(self, fact: Fact, cell: Cell) -> Cell:
        """Take a new cell that rests on a fact and is forgotten with it."""
        self.cells[cell.key] = cell
        self.based.setdefault(fact.id, []).append(cell)
        return cell

    def cell_on(self, fact: Fact, key: Key, make: Callable[[], Cell]) -> Cell:
        """Return the cell with that key, which rests on a fact and is forgotten with it."""
        found = self.cells.get(key)
        if found is None:
            found = self.cell(key, make)
            self.based.setdefault(fact.id, []).append(found)
        return found

    def due(self, cell: Cell, since: int = -FOREVER) -> None:
        """Put a cell among those that must run, because of something at `since`."""
        cell.since = min(cell.since, since)
        if not cell.queued and not cell.dead:
            cell.queued = True
            self._serial += 1
            heapq.heappush(self._due, (cell.layer, self._serial, cell))

    def wake(self, time: int) -> None:
        """Make the running cell due when the clock reaches `time`."""
        cell = self._running
        if cell is not None and self.clock < time < cell.wakes:
            cell.wakes = time
            self._serial += 1
            heapq.heappush(self._alarms, (time, self._serial, cell))

    def next_alarm(self) -> int | None:
        """Return when the next cell wants to run with no fact, or None."""
        alarms = self._alarms
        while alarms and (alarms[0][2].dead or alarms[0][2].wakes != alarms[0][0]):
            heapq.heappop(alarms)
        return alarms[0][0] if alarms else None

    def ring(self) -> None:
        """Make those cells due whose alarm the clock has reached."""
        while (time := self.next_alarm()) is not None and time <= self.clock:
            cell = heapq.heappop(self._alarms)[2]
            cell.wakes = FOREVER
            self.due(cell, FOREVER)  # nothing has changed that it has read

    def reach(self, cell: Cell, upto: int) -> None:
        """Let what the cell has read count for it up to `upto`, however far it has looked."""
        for bucket in cell.reads:
            bucket.readers[cell] = max(bucket.readers[cell], upto)

    def forget(self, cell: Cell) -> None:
        """Let a cell go without undoing what it handed on."""
        reads = list(cell.reads)
        self.unread(cell)
        for bucket in reads:
            if bucket.is_idle:
                self.buckets.pop(bucket.key, None)
        cell.dead = True
        self.cells.pop(cell.key, None)

    def lose(self, key: Key, time: int, name: str) -> None:
        """Take an entry out of a bucket without a word to its readers."""
        bucket = self.buckets.get(key)
        if bucket is None:
            return
        bucket.remove(time, name)
        if bucket.is_idle:
            del self.buckets[key]

    def sweep(self) -> None:
        """Let go of buckets that hold nothing and that nobody reads."""
        for key in [key for key, bucket in self.buckets.items() if not (bucket.entries or bucket.readers)]:
            del self.buckets[key]

    def lose_fact(self, fact: Fact) -> None:
        """Let a fact go without a word to its readers."""
        kind = fact.type
        self.facts.get(kind, {}).pop(fact.id, None)
        for index in self.indexes[kind].values() if kind in self.indexes else ():
            self.lose(index.place(fact), fact.time, fact.id)
        for place in self.held.get(kind, ()):
            self.lose(place, fact.time, fact.id)

    @property
    def is_settled(self) -> bool:
        """Tell whether no cell is due."""
        return not self._due

    def settle(self) -> None:
        """Run what is due until nothing is, lowest layer first; a cell that undoes its own ground is left as it was."""
        self._turn += 1
        due, turn = self._due, self._turn
        try:
            while due:
                cell = heapq.heappop(due)[2]
                cell.queued = False
                if cell.dead:
                    continue
                if cell.turn != turn:
                    cell.turn, cell.turns = turn, 1
                elif cell.turns == MOST_TURNS:
                    self.restless[cell.key] = None
                    continue
                else:
                    cell.turns += 1
                if cell.reads and not cell.goes_on:
                    self.unread(cell)
                cell.wakes = FOREVER
                self._running = cell
                self.runs += 1
                cell.run(self)
                cell.since = FOREVER
        finally:
            self._running = None

    def _place(self, index: Index, fact: Fact) -> Key:
        """Return where a fact comes in an index; if it lacks what none did before, who has looked looks there too."""
        known = len(index.gaps)
        place = index.place(fact)
        if len(index.gaps) > known:
            self._widen(index)
        return place

    def _widen(self, index: Index) -> None:
        """Let those who have looked facts up in an index depend on all that they would look at now."""
        running = self._running
        for bucket in [bucket for key, bucket in self.buckets.items() if key[0] is index and not key[2:]]:
            values = bucket.key[1]
            assert isinstance(values, tuple)  # noqa: S101 - it is what an index looks up by
            for place in index.parts(values):
                for cell, upto in bucket.readers.items():
                    self._running = cell
                    self.noted(place, upto)
        self._running = running

    def unread(self, cell: Cell) -> None:
        """Let a cell depend on nothing that it has read so far."""
        for bucket in cell.reads:
            bucket.readers.pop(cell, None)
        cell.reads.clear()


class Handed:
    """What a cell has handed on, so that the next run hands on only the difference."""

    __slots__ = ("entries", "facts")

    def __init__(self, facts: dict[str, Fact] | None = None, entries: Entries | None = None) -> None:
        self.facts = NO_FACTS if facts is None else facts
        self.entries = NO_ENTRIES if entries is None else entries

    def give_facts(self, store: Store, facts: dict[str, Fact]) -> None:
        """Make exactly these facts hold."""
        store.exchange_facts(self.facts, facts)
        self.facts = facts

    def give_entries(self, store: Store, entries: Entries) -> None:
        """Make exactly these entries stand in their buckets."""
        store.exchange_entries(self.entries, entries)
        self.entries = entries


def _order(entry: Entry) -> tuple[int, str]:
    return entry[:2]


def _time(entry: Entry) -> int:
    return entry[0]
