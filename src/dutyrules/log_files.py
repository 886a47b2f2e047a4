"""Log files: events out of JSON Lines or CSV in order of time, whatever the order in the files, in bounded memory.

A file whose events stand in order of time is read as it is; one whose events do not is sorted through temporary files
first. Several files are merged. A line that holds no event is handed to `refuse` and the rest is read all the same.
"""

from __future__ import annotations

import gzip
import heapq
import itertools
import tempfile
import zlib
from contextlib import ExitStack, closing, suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final, Protocol, cast

import attrs
import msgspec

from dutyrules.calendars.errors import CalendarError
from dutyrules.events import LONGEST_LINE, Event, EventDecoder, EventError, EventFault, read_instant

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator, Mapping

BROKEN: Final = (OSError, EOFError, zlib.error)
RUN_BYTES: Final = 32_000_000
MOST_RUNS: Final = 64
_GZIP: Final = b"\x1f\x8b"
_BOM: Final = b"\xef\xbb\xbf"


@attrs.frozen
class Row:
    """One line of a log: the event's JSON or a document of the same shape, or why it holds no event."""

    number: int
    source: bytes | Mapping[str, Any] | EventError


class LogFile(Protocol):
    """A file of events that can be read more than once."""

    @property
    def name(self) -> str:
        """Return the name that messages use."""

    def rows(self) -> Generator[Row, None, None]:
        """Read the file from its beginning."""


@attrs.frozen
class JsonLines:
    """A file with one JSON object a line, plain or packed with gzip; empty lines are passed over."""

    path: Path
    shown: str | None = None

    @property
    def name(self) -> str:
        """Return the path as it was given."""
        return self.shown or str(self.path)

    def rows(self) -> Generator[Row, None, None]:
        """Read the lines that are not empty."""
        with open_packed(self.path) as stream:
            number = 0
            try:
                for number, line in enumerate(_lines(stream), 1):
                    text = line.removeprefix(_BOM) if number == 1 else line
                    if len(text) > LONGEST_LINE:
                        reason = f"the line has more than {LONGEST_LINE} bytes"
                        yield Row(number, EventError(EventFault.TOO_LARGE, reason))
                    elif text.strip():
                        yield Row(number, text)
            except BROKEN as error:
                yield Row(number + 1, EventError(EventFault.UNREADABLE, f"the file breaks off: {error}".lower()))


def open_packed(path: Path) -> IO[bytes]:
    """Open a file for reading, unpacking it where it begins as a gzip file does."""
    with path.open("rb") as stream:
        packed = stream.read(2) == _GZIP
    return cast("IO[bytes]", gzip.open(path)) if packed else path.open("rb")


def _lines(stream: IO[bytes]) -> Iterator[bytes]:
    """Give each line without its end; of a line beyond the limit only the first part, just too long."""
    while line := stream.readline(LONGEST_LINE + 2):
        rest = line
        while len(rest) == LONGEST_LINE + 2 and not rest.endswith(b"\n"):
            rest = stream.readline(LONGEST_LINE + 2)
        yield line.rstrip(b"\r\n")


# --- in order of time -------------------------------------------------------------------------------------------------


def read_in_order(
    files: Iterable[LogFile], decoder: EventDecoder, refuse: Callable[[EventError], None], *, run_bytes: int = RUN_BYTES
) -> Iterator[list[Event]]:
    """Give the events of all files in batches, one an instant and sorted by id; `refuse` gets what is no event."""
    with ExitStack() as temporary:
        streams = [_in_order(file, decoder, refuse, run_bytes, temporary) for file in files]
        merged = heapq.merge(*streams, key=_time_of)
        for _, batch in itertools.groupby(merged, key=_time_of):
            yield sorted(batch, key=_identity)


def _time_of(event: Event) -> int:
    return event.time


def _identity(event: Event) -> tuple[str, bytes]:
    return event.id, event.as_json()


def _in_order(
    file: LogFile, decoder: EventDecoder, refuse: Callable[[EventError], None], run_bytes: int, temporary: ExitStack
) -> Iterator[Event]:
    events = decode_rows(file, decoder, refuse)
    if is_in_order(file):
        return events
    folder = temporary.enter_context(tempfile.TemporaryDirectory(prefix="dutyrules-"))
    return _Runs(Path(folder), run_bytes).sort(events, decoder)


def decode_rows(file: LogFile, decoder: EventDecoder, refuse: Callable[[EventError], None]) -> Iterator[Event]:
    """Give the events of a file as they stand."""
    for row in file.rows():
        place = f"{file.name}:{row.number}"
        if isinstance(row.source, EventError):
            refuse(EventError(row.source.code, row.source.reason, place, row.source.hint))
            continue
        try:
            yield decoder.decode(row.source, place)
        except EventError as error:
            refuse(error)


class _Stamp(msgspec.Struct):
    """The one part of an event that its order depends on."""

    time: str


_stamp = msgspec.json.Decoder(_Stamp)


def is_in_order(file: LogFile) -> bool:
    """Tell whether no event of a file is earlier than one before it; lines that hold no event do not count."""
    latest: int | None = None
    with closing(file.rows()) as rows:
        for row in rows:
            time = _time_in(row.source)
            if time is None:
                continue
            if latest is not None and time < latest:
                return False
            latest = time
    return True


def _time_in(source: bytes | Mapping[str, Any] | EventError) -> int | None:
    if isinstance(source, EventError):
        return None
    try:
        text = _stamp.decode(source).time if isinstance(source, bytes) else source.get("time")
        return read_instant(text) if isinstance(text, str) else None
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, CalendarError):
        return None


class _Runs:
    """Sorts more events than fit in memory: sorted parts go to files, which are then read side by side."""

    def __init__(self, folder: Path, run_bytes: int) -> None:
        self._folder = folder
        self._run_bytes = run_bytes
        self._count = 0

    def sort(self, events: Iterable[Event], decoder: EventDecoder) -> Iterator[Event]:
        """Give the events in order of time."""
        runs: list[Path] = []
        for run in self._cut(events):
            runs.append(self._write(run))
            if len(runs) == MOST_RUNS:
                runs = [self._write(self._merge(runs))]
        for _, line in self._merge(runs):
            yield decoder.decode(line)

    def _cut(self, events: Iterable[Event]) -> Iterator[list[tuple[int, bytes]]]:
        run: list[tuple[int, bytes]] = []
        size = 0
        for event in events:
            line = event.as_json()
            run.append((event.time, line))
            size += len(line)
            if size >= self._run_bytes:
                yield sorted(run)
                run, size = [], 0
        if run:
            yield sorted(run)

    def _write(self, run: Iterable[tuple[int, bytes]]) -> Path:
        self._count += 1
        path = self._folder / f"run-{self._count}"
        with path.open("wb") as stream:
            for time, line in run:
                stream.write(b"%d\t%b\n" % (time, line))
        return path

    def _merge(self, runs: list[Path]) -> Iterator[tuple[int, bytes]]:
        yield from heapq.merge(*map(_read_run, runs))
        for path in runs:
            path.unlink()


def _read_run(path: Path) -> Iterator[tuple[int, bytes]]:
    with path.open("rb") as stream:
        for line in stream:
            time, _, text = line.rstrip(b"\n").partition(b"\t")
            yield int(time), text


def find_events(files: Iterable[LogFile], decoder: EventDecoder, ids: set[str]) -> dict[str, tuple[Event, str]]:
    """Find events by id, and the file and line where each stands first."""
    found: dict[str, tuple[Event, str]] = {}
    for file in files:
        for row in file.rows():
            place = f"{file.name}:{row.number}"
            with suppress(EventError):
                if not isinstance(row.source, EventError) and (event := decoder.decode(row.source, place)).id in ids:
                    found.setdefault(event.id, (event, place))
    return found
