"""Lines of a log as a program's handlers take them: events with slots for their fields. Light to import.

Lines in the plain form are read by the module in C, whole blocks at a time; any other block, and any installation
without that module, goes the general way of `decoding`, which comes to the same.
"""

from __future__ import annotations

import operator

from dutyrules.compiler import lines

TYPE_CHECKING = False  # see `stream`
if TYPE_CHECKING:
    from array import array
    from collections.abc import Callable, Sequence
    from types import ModuleType
    from typing import Any, Final

    from dutyrules.compiler.decoding import Decoding
    from dutyrules.compiler.stream import Clock

    Slow = Callable[[bytes, int], dict[str, Any] | None]
    """Looks at a line that does not have the plain form; gives the event in that form, None if the line holds none."""

LONGEST_LINE: Final = 1_000_000
PARTS: Final = 64
OWN: Final = ("id", "time", "whose")
"""What each event has: its id, the text of its instant, and whose it is, None if nobody's."""
SORTS: Final = {"date": "text", "month": "text", "number": "figure", "money": "figure", "list": "unread"}
"""How the module in C calls those types of fields that it calls otherwise."""
FIGURES: Final = tuple(name for name, sort in SORTS.items() if sort == "figure")


class NeedsAll(Exception):
    """Events in the log that have more fields than rules read."""


class NeedsIds(Exception):
    """Ids that do not rise through the log: each has to be noted to know that none comes twice."""


class Beyond(Exception):
    """A log that a compiled pack cannot read in one pass."""


class Ids:
    """Tells whether an id comes twice: for nothing where ids rise through the log, with eight bytes for each if not."""

    def __init__(self, *, noted: bool) -> None:
        self._last = ""
        self._noted = _parts() if noted else None

    @property
    def last(self) -> str | None:
        """Return the id above which those to come rise, None where they need not."""
        return self._last if self._noted is None else None

    def see(self, ids: list[str]) -> None:
        """Take note of the ids of some events; raise `NeedsIds` where they do not rise and are not noted."""
        if self._noted is not None:
            if "" in ids:
                raise Beyond("an event has an empty id")
            for one in map(hash, ids):
                self._noted[one % PARTS].append(one)
        elif ids:
            if ids[0] <= self._last or not all(map(operator.lt, ids, ids[1:])):
                raise NeedsIds  # so does an empty id, which is less than all
            self._last = ids[-1]

    def finish(self) -> None:
        """Raise `Beyond` if an id has come twice."""
        for part in self._noted or ():
            if len(set(part)) < len(part):
                raise Beyond("an id comes twice")


def _parts() -> list[array[int]]:
    from array import array  # noqa: PLC0415 - few logs need it

    return [array("q") for _ in range(PARTS)]


class Field:
    """A field as a program notes it: the slot that holds it, its type, what it usually is, which texts it may be."""

    __slots__ = ("slot", "type", "usual", "values")

    def __init__(self, slot: str, kind: str, usual: Any = None, values: tuple[str, ...] | None = None) -> None:  # noqa: ANN401 - of any field
        self.slot = slot
        self.type = kind
        self.usual = usual
        self.values = values


class Kind:
    """A type of event: the class of its events, and its fields by name; that which says whose it is comes first."""

    __slots__ = ("fields", "made", "name")

    def __init__(self, name: str, made: Any, fields: dict[str, Field]) -> None:  # noqa: ANN401 - a class of any pack
        self.name = name
        self.made = made
        self.fields = fields


ALL: Final = (0, 1)


def kinds(program: ModuleType, *, full: bool) -> list[Kind]:
    """Return the types of events of a program, with the fields that rules read or, `full`, with all."""
    found = []
    for name, read in program.READ.items():
        said = read | program.REST[name] if full else read
        fields = {field: Field(*one) for field, one in said.items()}
        slots = (*OWN, *(one.slot for one in fields.values() if one.slot not in OWN))
        found.append(Kind(name, lines.slotted(f"Event_{name}", slots), fields))
    return found


class Reading:
    """Reads the lines of one log for a program.

    `types` are the classes of its events by type. `note` is told of each event of a type that no rule reads. `share`:
    only events of those people are given whose sum modulo the second number is the first.
    """

    def __init__(
        self,
        program: ModuleType,
        clock: Clock,
        slow: Slow,
        ids: Ids,
        note: Callable[[dict[str, Any]], None],
        *,
        full: bool,
        share: tuple[int, int] = ALL,
    ) -> None:
        self._kinds = kinds(program, full=full)
        self.types: dict[str, Any] = {one.name: one.made for one in self._kinds}
        self._clock = clock
        self._slow = slow
        self._ids = ids
        self._note = note
        self._full = full
        self._share = share
        self._sees_all = share[1] == 1 or not program.SEEKS
        self._plain = lines.events(clock.usual, tuple(map(_as_told, self._kinds)), *share)
        self._general: Decoding | None = None
        self._seen = 0
        self._checks = _checks(self._kinds, clock)

    def events(self, block: bytes, first: Callable[[], int]) -> tuple[list[Any], list[int]]:
        """Return the events of a block of whole lines and their instants; `first`: the number of its first line."""
        found = self._plain(block, self._ids.last) if len(block) <= LONGEST_LINE else None
        if found is None:
            events, instants = self.general.events(block, first)
        else:
            events, instants, ids, count = found
            self._ids.see([ids] if isinstance(ids, str) else ids)
            self._seen += count
        if not self._sees_all and any(event.whose is None for event in events):
            raise Beyond("it seeks facts of everybody, and an event is nobody's")
        for event in events if self._checks else ():
            for slot, look in self._checks.get(type(event), ()):
                said = getattr(event, slot)
                if said is not None:
                    look(said)
        return events, instants

    @property
    def seen(self) -> int:
        """Return how many events there were, whosever they are."""
        return self._seen + (0 if self._general is None else self._general.seen)

    @property
    def general(self) -> Decoding:
        """Return the general way, which takes longer to load than most logs to read."""
        if self._general is None:
            from dutyrules.compiler.decoding import Decoding  # noqa: PLC0415 - see above

            self._general = Decoding(
                self._kinds, self._clock, self._slow, self._ids, self._note, full=self._full, share=self._share
            )
        return self._general


def _as_told(kind: Kind) -> tuple[str, Any, tuple[tuple[Any, ...], ...]]:
    """Return a type of event as the module in C is told of it."""
    fields = (
        (name, one.slot, SORTS.get(one.type, one.type), one.usual, one.values) for name, one in kind.fields.items()
    )
    return kind.name, kind.made, tuple(fields)


def _checks(all_: Sequence[Kind], clock: Clock) -> dict[type, list[tuple[str, Callable[[Any], object]]]]:
    """Return what looks closer at fields, by the class of the event: these have to be days, months or figures."""
    looks: dict[str, Callable[[Any], object]] = {"date": clock.date, "month": clock.month}
    if any(one.type in FIGURES for kind in all_ for one in kind.fields.values()):
        from dutyrules.compiler.figures import figure  # noqa: PLC0415 - many programs read none

        looks |= dict.fromkeys(FIGURES, figure)
    found = {
        kind.made: [(one.slot, looks[one.type]) for one in kind.fields.values() if one.type in looks] for kind in all_
    }
    return {made: checks for made, checks in found.items() if checks}
