"""Whole logs through a compiled pack: blocks of lines in, lines of outcomes out, in memory that the state sets."""

from __future__ import annotations

import functools
import io
import operator
from array import array
from collections.abc import Callable
from typing import IO, TYPE_CHECKING, Any, Final

import msgspec

from dutyrules.compiler import lines
from dutyrules.compiler.figures import as_written
from dutyrules.compiler.stream import FOREVER, Clock, Late, NeedsCare, Unsure

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from os import PathLike
    from types import ModuleType

Slow = Callable[[bytes, int], dict[str, Any] | None]
"""Looks at a line that does not have the plain form; gives the event in that form, None if the line holds none."""

BLOCK: Final = 1 << 16
"""Bytes that are read at a time: their events stay in the processor's own memory until they have been taken."""
LONGEST_LINE: Final = 1_000_000
GZIP: Final = b"\x1f\x8b"
BOM: Final = b"\xef\xbb\xbf"
OPENING: Final = set(b"{")
CLOSING: Final = set(b"}")
NEEDS_CARE: Final = (b"\\", b"/", b"%")
PARTS: Final = 64
FIRST: Final = operator.itemgetter(0)
LAST: Final = operator.itemgetter(-2)
"""The last byte of a line before its end."""


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
        self._noted = [array("q") for _ in range(PARTS)] if noted else None

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


class Stream:
    """One pass of a log through a compiled pack.

    `ids` is None for lines that have been shared out: who shares them out sees that each holds one event, and looks at
    the ids of all. `as_of`: later events are left out.
    """

    def __init__(
        self,
        program: ModuleType,
        *,
        full: bool,
        careful: bool,
        slow: Slow,
        ids: Ids | None,
        as_of: int | None = None,
    ) -> None:
        self._lines: list[str] = []
        self._clock = Clock(*program.ZONE)
        self._types, self._checks = program.all_types(self._clock) if full else (program.types(), {})
        build = program.build_careful if careful else program.build
        self._run, self._finish = build(self._clock, self._lines.append, self._types)
        self._full = full
        self._careful = careful
        self._slow = slow
        self._type: Any = functools.reduce(operator.or_, self._types.values())
        decoder = msgspec.json.Decoder(self._type, float_hook=as_written)
        self._decode_lines = decoder.decode_lines
        self._decode = decoder.decode
        self._encode = msgspec.json.Encoder(decimal_format="number").encode_lines
        self._ids = ids
        self._as_of = FOREVER if as_of is None else as_of
        self._subjects: set[str | None] = {None}
        self._begun = False
        self.events = 0
        self.later = 0
        self.latest = -FOREVER

    def take(self, block: bytes, first: Callable[[], int]) -> list[Any]:
        """Take a block of whole lines and return its events; `first` gives the number of its first line."""
        if not self._careful and any(mark in block for mark in NEEDS_CARE):
            raise NeedsCare
        events, instants = self._events(block, first)
        self.events += len(events)
        if instants and instants[-1] > self._as_of:
            events, instants = self._in_time(events, instants)
        elif instants:
            self.latest = max(self.latest, instants[-1])
        if instants and not self._begun:
            self._begun = True
            self._clock.begins(instants[0])
        self._run(events, instants)
        return events

    def _events(self, block: bytes, first: Callable[[], int]) -> tuple[list[Any], list[int]]:
        """Return the events of a block, and when they happened."""
        events: list[Any] | None = None
        try:
            events = self._decode_lines(block)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            if not self._full:
                raise NeedsAll from None
        instants = None if events is None else self._instants(block, events)
        if events is None or instants is None:
            if events is None or not self._is_plain(block, events):
                events = list(self._one_by_one(block, first()))
            self._see(events)
            instants = self._clock.instants(events)
        for event in events if self._checks else ():
            check = self._checks.get(type(event))
            if check is not None:
                check(event.data)
        return events, instants

    def _instants(self, block: bytes, events: list[Any]) -> list[int] | None:
        """Return when events happened, having seen their ids; None where it takes the general way to tell."""
        if len(block) > LONGEST_LINE:
            return None
        last = None if self._ids is None else self._ids.last
        instants = lines.instants(block, last, self._clock.usual)
        if instants is not None and self._ids is not None:  # of ids that are known to rise the last says it all
            self._ids.see([event.id for event in (events if last is None else events[-1:])])
        return instants

    def _is_plain(self, block: bytes, events: list[Any]) -> bool:
        """Tell whether a block says each thing once: what else were in it would make it longer than its events."""
        alone = self._ids is None or lines_of(block, events)
        return bool(alone) and len(block) <= LONGEST_LINE and len(self._encode(events)) == len(block)

    def _one_by_one(self, block: bytes, first: int) -> Iterator[Any]:
        for number, line in enumerate(block.split(b"\n"), first):
            text = line.strip()
            if not text:
                continue
            try:
                event = self._decode(text)
                if len(self._encode([event])) == len(text) + 1 and len(line) < LONGEST_LINE:
                    yield event
                    continue
            except (msgspec.MsgspecError, UnicodeDecodeError):
                pass
            if not self._full:
                raise NeedsAll
            document = self._slow(line.rstrip(b"\r"), number)
            if document is not None:
                yield from self._converted(document)

    def _converted(self, document: dict[str, Any]) -> Iterator[Any]:
        if document["type"] not in self._types:
            self.events += 1
            self._note(document)
            return
        try:
            yield msgspec.convert(self._read(document), self._type)
        except msgspec.ValidationError as error:
            raise Beyond(str(error)) from error

    def _read(self, document: dict[str, Any]) -> dict[str, Any]:
        """Return an event without lists and figures that no rule reads."""
        kind = next(one.type for one in msgspec.structs.fields(self._types[document["type"]]) if one.name == "data")
        read = kind.__struct_encode_fields__
        return document | {"data": {name: value for name, value in document["data"].items() if name in read}}

    def _note(self, document: dict[str, Any]) -> None:
        """Take note of an event that no rule reads."""
        if self._ids is not None:
            self._ids.see([document["id"]])
        time = self._time(document["time"])
        if time > self._as_of:
            self.later += 1
            self.events -= 1
        else:
            self.latest = max(self.latest, time)
            if not self._begun:  # all lines of a block are looked at before its first event happens
                self._clock.begins(time)

    def _see(self, events: list[Any]) -> None:
        if self._ids is not None:
            self._ids.see([event.id for event in events])
        new = {event.subject for event in events} - self._subjects
        if any(not subject or not subject.strip() for subject in new):
            raise Beyond("a subject is empty")
        self._subjects |= new

    def _in_time(self, events: list[Any], instants: list[int]) -> tuple[list[Any], list[int]]:
        found = [pair for pair in zip(events, instants, strict=True) if pair[1] <= self._as_of]
        self.later += len(events) - len(found)
        self.events -= len(events) - len(found)
        self.latest = max([self.latest, *(instant for _event, instant in found)])
        return [event for event, _instant in found], [instant for _event, instant in found]

    def _time(self, text: str) -> int:
        return self._clock.instant(text) or self._clock.read(text)[0]

    @property
    def aside(self) -> tuple[tuple[str, str, str], ...]:
        """Return the events that have reached nothing, as the engine puts them: by their ids."""
        return tuple(sorted(self._clock.aside, key=lambda one: (one[1], one[0])))

    def finish(self, upto: int) -> None:
        """Let the clock run on to an instant, that instant included."""
        self._finish(upto)

    def drain(self) -> bytes:
        """Return what has been written since the last time."""
        if not self._lines:
            return b""
        self._lines.append("")
        text = "\n".join(self._lines).encode()
        self._lines.clear()
        return text


class Passed(msgspec.Struct, frozen=True):
    """What has gone through: events up to the moment asked for, events after it, and those that reached nothing.

    Of each of the last there is the code, its id, and the reason.
    """

    events: int
    later: int
    aside: tuple[tuple[str, str, str], ...] = ()


def blocks(stream: IO[bytes], size: int) -> Iterator[bytes]:
    """Give a file in blocks of whole lines, each of so many bytes and the rest of its last line."""
    while block := stream.read(size):
        block += stream.readline()
        yield block if block.endswith(b"\n") else block + b"\n"


def replay_file(
    program: ModuleType,
    log: str | PathLike[str],
    out: IO[bytes],
    *,
    slow: Slow,
    upto: int | None = None,
    as_of: int | None = None,
    drains: bool = True,
) -> Passed:
    """Send a log through a compiled pack and write its outcomes.

    `slow` looks at a line that does not have the plain form. The clock stands at `upto` or `as_of` in the end, or else
    runs on until nothing is pending (`drains`), or stays at the last event; events after `as_of` are left out. `out`
    must be seekable. Raises `Beyond` where the log cannot be read in one pass: packed, out of order, with an id that
    comes twice, or with a case that needs the whole engine.
    """
    with open(log, "rb") as stream:  # noqa: PTH123 - `pathlib` takes longer to import than a small log to read
        if stream.read(2) == GZIP:
            raise Beyond("the log is packed")
        start = out.tell()
        needs: set[type[Exception]] = set()
        end = upto if upto is not None else as_of
        while True:
            stream.seek(0)
            out.seek(start)
            out.truncate()
            ids = Ids(noted=NeedsIds in needs)
            run = opened(program, needs, slow, ids, as_of=as_of)
            try:
                _through(run, stream, out)
                ids.finish()
                _to_the_end(run, end, drains=drains)
            except (NeedsCare, NeedsAll, NeedsIds) as error:
                needs.add(type(error))
            except (Unsure, Late, ValueError) as error:
                raise Beyond(str(error)) from error
            else:
                out.write(run.drain())
                return Passed(run.events, run.later, run.aside)


def opened(
    program: ModuleType, needs: Collection[type[Exception]], slow: Slow, ids: Ids | None, *, as_of: int | None = None
) -> Stream:
    """Return a stream that knows what earlier passes have found to be needed."""
    full, careful = NeedsAll in needs, NeedsCare in needs
    return Stream(program, full=full, careful=careful, slow=slow, ids=ids, as_of=as_of)


def _through(run: Stream, stream: IO[bytes], out: IO[bytes]) -> None:
    begun = 0
    for block in blocks(stream, BLOCK):
        run.take(block if begun else block.removeprefix(BOM), functools.partial(lines_before, stream, begun))
        begun += len(block)
        out.write(run.drain())


def _to_the_end(run: Stream, end: int | None, *, drains: bool) -> None:
    if end is not None:
        run.finish(end)
    elif drains:
        run.finish(FOREVER)
    elif run.latest > -FOREVER:
        run.finish(run.latest)


def lines_of(block: bytes, events: list[Any]) -> list[bytes]:
    """Return the lines of a block that holds some events; none unless each is one event from first to last byte.

    A line that ends in a brace and a next one that begins with a brace are never of the same event: what follows the
    end of an object within another is `,`, `]` or `}`. So no event goes on in a next line, and as many lines as events
    hold one each.
    """
    lines = io.BytesIO(block).readlines()
    if len(lines) != len(events) or not block.endswith(b"\n"):
        return []
    return lines if set(map(FIRST, lines)) == OPENING and set(map(LAST, lines)) == CLOSING else []


def lines_before(stream: IO[bytes], end: int) -> int:
    """Return the number of the line that begins at a place in a file."""
    here = stream.tell()
    stream.seek(0)
    number, left = 1, end
    while left:
        block = stream.read(min(BLOCK, left))
        number += block.count(b"\n")
        left -= len(block)
    stream.seek(here)
    return number
