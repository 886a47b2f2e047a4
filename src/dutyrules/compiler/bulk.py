"""Whole logs through a compiled pack: blocks of lines in, lines of outcomes out, in memory that the state sets."""

from __future__ import annotations

from dutyrules.compiler.lines import Output
from dutyrules.compiler.reading import ALL, Beyond, Ids, NeedsAll, NeedsIds, Reading
from dutyrules.compiler.stream import FOREVER, Clock, Late, NeedsCare, Unsure

TYPE_CHECKING = False  # see `stream`
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator
    from os import PathLike
    from types import ModuleType
    from typing import IO, Any, Final, Protocol

    from dutyrules.compiler.reading import Slow

    class Readable(Protocol):
        """A log that is read in pieces."""

        def read(self, size: int, /) -> bytes:
            """Return so many bytes, or as many as are left."""

        def readline(self) -> bytes:
            """Return what is left of the line at hand, with its end."""

        def seek(self, place: int, /) -> int:
            """Go on from a place."""

        def tell(self) -> int:
            """Return the place at hand."""


BLOCK: Final = 1 << 16
"""Bytes that are read at a time: their events stay in the processor's own memory until they have been taken."""
GZIP: Final = b"\x1f\x8b"
BOM: Final = b"\xef\xbb\xbf"
NEEDS_CARE: Final = (b"\\", b"/", b"%")


class Stream:
    """One pass of a log through a compiled pack; `as_of`: later events are left out."""

    def __init__(
        self,
        program: ModuleType,
        *,
        full: bool,
        careful: bool,
        slow: Slow,
        ids: Ids,
        as_of: int | None = None,
        share: tuple[int, int] = ALL,
    ) -> None:
        self._output = Output()
        self._clock = Clock(*program.ZONE)
        self._reading = Reading(program, self._clock, slow, ids, self._note, full=full, share=share)
        build = program.build_careful if careful else program.build
        self._run, self._finish = build(self._clock, self._output, self._reading.types)
        self._careful = careful
        self._as_of = FOREVER if as_of is None else as_of
        self._begun = False
        self.events = 0
        self.later = 0
        self.latest = -FOREVER

    def take(self, block: bytes, first: Callable[[], int]) -> list[Any]:
        """Take a block of whole lines and return its events; `first` gives the number of its first line."""
        if not self._careful and any(mark in block for mark in NEEDS_CARE):
            raise NeedsCare
        events, instants = self._reading.events(block, first)
        self.events += len(events)
        if instants and instants[-1] > self._as_of:
            events, instants = self._in_time(events, instants)
        if instants:
            self.latest = max(self.latest, instants[-1])
            if not self._begun:
                self._begun = True
                self._clock.begins(instants[0])
        self._run(events, instants)
        return events

    def _note(self, document: dict[str, Any]) -> None:
        """Take note of an event that no rule reads."""
        time = self._time(document["time"])
        if time > self._as_of:
            self.later += 1
            return
        self.events += 1
        self.latest = max(self.latest, time)
        first = self._clock.first
        if not self._begun:  # all lines of a block are looked at before its first event happens
            self._clock.begins(time)
        elif first is not None and time < first:
            raise Late(document["id"])  # periods have begun too late

    def _in_time(self, events: list[Any], instants: list[int]) -> tuple[list[Any], list[int]]:
        found = [pair for pair in zip(events, instants, strict=True) if pair[1] <= self._as_of]
        self.later += len(events) - len(found)
        self.events -= len(events) - len(found)
        return [event for event, _instant in found], [instant for _event, instant in found]

    def _time(self, text: str) -> int:
        return self._clock.instant(text) or self._clock.read(text)[0]

    @property
    def aside(self) -> tuple[tuple[str, str, str], ...]:
        """Return the events that have reached nothing, as the engine puts them: by their ids."""
        return tuple(sorted(self._clock.aside, key=lambda one: (one[1], one[0])))

    @property
    def astray(self) -> tuple[tuple[str, str], ...]:
        """Return the findings that name no rule of which the program knows that it can be found broken."""
        return tuple(self._clock.astray)

    @property
    def seen(self) -> int:
        """Return how many events the log had so far, whosever they are."""
        return self._reading.seen

    def finish(self, upto: int) -> None:
        """Let the clock run on to an instant, that instant included."""
        self._finish(upto)

    def drain(self) -> bytes:
        """Return what has been written since the last time."""
        return self._output.take()


class Passed:
    """What has gone through: events up to the moment asked for, events after it, and those that reached nothing.

    Of each of the last there is the code, its id, and the reason. Of the findings that are `astray`, with their id and
    their code, the pack says whether they reach something (`Findings.fault`).
    """

    __slots__ = ("aside", "astray", "events", "later")

    def __init__(
        self,
        events: int,
        later: int,
        aside: tuple[tuple[str, str, str], ...] = (),
        astray: tuple[tuple[str, str], ...] = (),
    ) -> None:
        self.events = events
        self.later = later
        self.aside = aside
        self.astray = astray

    def __eq__(self, other: object) -> bool:
        mine = self.events, self.later, self.aside, self.astray
        return isinstance(other, Passed) and mine == (other.events, other.later, other.aside, other.astray)

    __hash__ = None  # type: ignore[assignment] # as of any value that can be changed

    def __repr__(self) -> str:
        return f"Passed(events={self.events}, later={self.later}, aside={self.aside}, astray={self.astray})"


def blocks(stream: Readable, size: int) -> Iterator[bytes]:
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
    comes twice, or with a case that needs the whole engine. Whatever is raised, nothing is left in `out`.
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
                for outcomes in outcomes_of(run, stream, BLOCK):
                    out.write(outcomes)
                ids.finish()
                _to_the_end(run, end, drains=drains)
                out.write(run.drain())
            except (NeedsCare, NeedsAll, NeedsIds) as error:
                needs.add(type(error))
            except BaseException as error:
                out.seek(start)  # whoever does it instead goes on from here
                out.truncate()
                if isinstance(error, (Unsure, Late, ValueError)):
                    raise Beyond(str(error)) from error
                raise
            else:
                return Passed(run.events, run.later, run.aside, run.astray)


def opened(
    program: ModuleType,
    needs: Collection[type[Exception]],
    slow: Slow,
    ids: Ids,
    *,
    as_of: int | None = None,
    share: tuple[int, int] = ALL,
) -> Stream:
    """Return a stream that knows what earlier passes have found to be needed."""
    full, careful = NeedsAll in needs, NeedsCare in needs
    return Stream(program, full=full, careful=careful, slow=slow, ids=ids, as_of=as_of, share=share)


def outcomes_of(run: Stream, stream: Readable, size: int) -> Iterator[bytes]:
    """Take a log in blocks of so many bytes, and give what comes of each."""
    begun = 0
    for block in blocks(stream, size):
        run.take(block if begun else block.removeprefix(BOM), lambda: lines_before(stream, begun))  # noqa: B023 - at once
        begun += len(block)
        yield run.drain()


def _to_the_end(run: Stream, end: int | None, *, drains: bool) -> None:
    if end is not None:
        run.finish(end)
    elif drains:
        run.finish(FOREVER)
    elif run.latest > -FOREVER:
        run.finish(run.latest)


def lines_before(stream: Readable, end: int) -> int:
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
