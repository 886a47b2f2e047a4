"""People shared out among processes: a program whose state is each person's own runs once for each share of them.

First each process takes every so many-th block of the log and sorts its lines by whose they are; then each runs the
program over the lines of its own people, block after block, and what comes out is put together in order of blocks.
"""

from __future__ import annotations

import functools
import multiprocessing
import operator
import re
import tempfile
from array import array
from contextlib import ExitStack
from itertools import compress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final
from zlib import crc32

import attrs
import msgspec

from dutyrules.compiler.bulk import (
    BLOCK,
    BOM,
    GZIP,
    LONGEST_LINE,
    PARTS,
    Beyond,
    NeedsAll,
    Passed,
    Slow,
    Stream,
)
from dutyrules.compiler.stream import FOREVER, Clock, Late, NeedsCare, Unsure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from multiprocessing.connection import Connection
    from os import PathLike
    from types import ModuleType

SUBJECT: Final = re.compile(rb'subject":"([^"]*)')
"""What stands where a subject stands; whether it is one shows when the line is decoded."""
QUICK: Final = 1 << 40
"""Added to the length of a share whose lines are known by their subjects alone."""


class Together(Exception):
    """People whose lines cannot be told apart here: one process has to take them all; the text says why."""


def replay_apart(
    program: ModuleType,
    log: str | PathLike[str],
    out: IO[bytes],
    *,
    slow: Slow,
    jobs: int,
    as_of: int | None = None,
    drains: bool = True,
) -> Passed:
    """Send a log through a program in several processes and write the same outcomes as one would.

    Takes room for a copy of the log and of what comes out of it on the disc. Raises `Together` where one process has
    to do it: a line that holds no event, an id that comes twice, a system without `fork`, or what is `Beyond` one pass.
    """
    if not program.LOCAL:
        raise Together("some record or count is not one person's own")
    if "fork" not in multiprocessing.get_all_start_methods():
        raise Together("this system cannot fork a process")
    with open(log, "rb") as stream:  # noqa: PTH123 - as `replay_file`
        if stream.read(2) == GZIP:
            raise Together("the log is packed")
    with tempfile.TemporaryDirectory(prefix="dutyrules-") as folder:
        team = Team(program, str(log), Path(folder), slow, jobs, as_of, drains=drains)
        return team.run(out)


@attrs.define
class Team:
    """The processes of one replay, and what they know of each other."""

    program: ModuleType
    log: str
    folder: Path
    slow: Slow
    jobs: int
    as_of: int | None
    drains: bool = attrs.field(kw_only=True)

    def run(self, out: IO[bytes]) -> Passed:
        """Let the processes run and put together what they wrote."""
        context = multiprocessing.get_context("fork")
        ends = [context.Pipe() for _ in range(self.jobs)]
        workers = [
            context.Process(target=self._work, args=(number, ends[number][1]), daemon=True)
            for number in range(self.jobs)
        ]
        for worker in workers:
            worker.start()
        lines = [mine for mine, _theirs in ends]
        for _mine, theirs in ends:
            theirs.close()
        try:
            passed = self._lead(lines, out)
        except BaseException:
            for worker in workers:
                worker.kill()
            raise
        finally:
            for worker in workers:
                worker.join()
        return passed

    def _lead(self, lines: list[Connection], out: IO[bytes]) -> Passed:
        shares = [_answer(line) for line in lines]
        for number, line in enumerate(lines):
            line.send([_shares_of(share, number) for share in shares])
        ran = [_answer(line) for line in lines]
        every = [one["spans"] for one in ran]
        rise = _rise(every)
        latest = max(one["latest"] for one in ran)
        end = self.as_of if self.as_of is not None else FOREVER if self.drains else latest
        for line in lines:
            line.send((end, every, rise))
        lengths = [_answer(line) for line in lines]
        files = [(self.folder / f"out{number}").open("rb") for number in range(self.jobs)]
        for parts in zip(*lengths, strict=True):
            for file, length in zip(files, parts, strict=True):
                out.write(file.read(length))
        for file in files:
            file.close()
        return Passed(sum(one["events"] for one in ran), sum(one["later"] for one in ran))

    # --- in a process ------------------------------------------------------------------------------------------------

    def _work(self, number: int, line: Connection) -> None:
        try:
            line.send(("done", self._share_out(number)))
            ran = self._run(number, line.recv())
            line.send(
                ("done", {"latest": ran.latest, "events": ran.events, "later": ran.later, "spans": ran.ids.spans})
            )
            line.send(("done", self._finish(number, ran, *line.recv())))
        except (Together, Beyond, Unsure, Late, ValueError) as error:
            line.send(("together", str(error)))
        except OSError as error:
            line.send(("broken", error))

    def _share_out(self, number: int) -> list[list[int]]:
        """Sort the lines of one's blocks by whose they are, and return how much of each block is whose."""
        sharing = Sharing(self.program, self.slow, self.jobs)
        lengths: list[list[int]] = []
        files = [(self.folder / f"part{number}to{other}").open("wb", BLOCK) for other in range(self.jobs)]
        with open(self.log, "rb") as stream:  # noqa: PTH123 - as `replay_file`
            for place, block in _every(stream, number, self.jobs):
                parts, is_quick = sharing.parts(block if place else block.removeprefix(BOM))
                for file, part in zip(files, parts, strict=True):
                    file.write(part)
                lengths.append([len(part) + (QUICK if is_quick else 0) for part in parts])
        for file in files:
            file.close()
        return lengths

    def _run(self, number: int, lengths: list[list[int]]) -> Own:
        needs: set[type[Exception]] = set()
        while True:
            try:
                return self._pass(number, lengths, needs)
            except (NeedsCare, NeedsAll) as error:
                needs.add(type(error))

    def _pass(self, number: int, lengths: list[list[int]], needs: set[type[Exception]]) -> Own:
        ran = Own(self.program, number, self.jobs, needs, self.slow, self.as_of)
        files = [(self.folder / f"part{other}to{number}").open("rb", BLOCK) for other in range(self.jobs)]
        with (self.folder / f"out{number}").open("wb") as out, (self.folder / f"ids{number}").open("wb") as ids:
            for place in range(sum(map(len, lengths))):
                length = lengths[place % self.jobs][place // self.jobs]
                ran.is_quick = length >= QUICK
                ran.take(files[place % self.jobs].read(length % QUICK), _nowhere)
                text = ran.drain()
                out.write(text)
                ran.lengths.append(len(text))
                ran.ids.turn(ids)
        for file in files:
            file.close()
        return ran

    def _finish(self, number: int, ran: Own, end: int, every: list[Spans], rise: bool) -> list[int]:  # noqa: FBT001 - an answer that is passed on
        _once_each(every, [self.folder / f"ids{other}" for other in range(self.jobs)], number, rise=rise)
        if end > -FOREVER:
            ran.finish(end)
        text = ran.drain()
        with (self.folder / f"out{number}").open("ab") as out:
            out.write(text)
        return [*ran.lengths, len(text)]


def _nowhere() -> int:
    return 0


def _answer(line: Connection) -> Any:  # noqa: ANN401 - what a process has to say differs from step to step
    try:
        word, said = line.recv()
    except EOFError:
        raise Together("a process ended before its time") from None
    if word == "together":
        raise Together(said)
    if word == "broken":
        raise said
    return said


def _shares_of(lengths: list[list[int]], number: int) -> list[int]:
    return [parts[number] for parts in lengths]


def _every(stream: IO[bytes], number: int, jobs: int) -> Iterator[tuple[int, bytes]]:
    """Give every so many-th block with its place: the lines that begin in so many bytes of the file."""
    size = stream.seek(0, 2)
    for place in range(number, -(-size // BLOCK), jobs):
        begin, end = place * BLOCK, min(size, (place + 1) * BLOCK)
        if place:
            stream.seek(begin - 1)
            begin += len(stream.readline()) - 1
        else:
            stream.seek(0)
        if begin >= end:
            yield place, b""
            continue
        block = stream.read(end - begin)
        yield place, block if block.endswith(b"\n") else block + stream.readline()


class Sharing:
    """Tells whose a line is: at a glance where lines look alike, else by decoding it."""

    def __init__(self, program: ModuleType, slow: Slow, jobs: int) -> None:
        self._slow = slow
        self._jobs = jobs
        self._owners = Owners(jobs)
        self._fields = {kind: _person_field(made, program.PERSONS[kind]) for kind, made in program.types().items()}
        self._marks = [f'"{name}'.encode() for name in {*self._fields.values()} if name]
        self._program = program

    @functools.cached_property
    def _reader(self) -> tuple[Callable[[bytes], Any], Whose]:
        types, _checks = self._program.all_types(Clock(*self._program.ZONE))
        decoded: Any = functools.reduce(operator.or_, types.values())
        return msgspec.json.Decoder(decoded).decode, Whose(self._program, types)

    def parts(self, block: bytes) -> tuple[list[bytes], bool]:
        """Return the lines of each process, and whether they are known by their subjects alone."""
        lines = block.split(b"\n")
        if not lines[-1]:
            lines.pop()
        owners = self._at_a_glance(block, len(lines))
        is_quick = owners is not None
        if owners is None:
            if len(block) > LONGEST_LINE:
                raise Together("a line is very long")
            lines = [line for line in lines if line.strip()]
            owners = [self._owner(line) for line in lines]
        return [
            b"\n".join([*compress(lines, map(number.__eq__, owners)), b""]) for number in range(self._jobs)
        ], is_quick

    def _at_a_glance(self, block: bytes, count: int) -> list[int] | None:
        if b"\\" in block or any(mark in block for mark in self._marks):
            return None
        found = SUBJECT.findall(block)
        return [*map(self._owners.__getitem__, found)] if len(found) == count else None

    def _owner(self, line: bytes) -> int:
        decode, whose = self._reader
        try:
            event = decode(line)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            document = self._slow(line.rstrip(b"\r"), 0)
            if document is None:
                raise Together("a line holds no event") from None
            field = self._fields.get(document["type"])
            return self._owners.of((field and document["data"].get(field)) or document.get("subject"))
        return self._owners.of(whose(event))


class Owners(dict[bytes, int]):
    """By which process a person is looked at."""

    def __init__(self, jobs: int) -> None:
        super().__init__()
        self._jobs = jobs

    def __missing__(self, person: bytes) -> int:
        number = self[person] = crc32(person) % self._jobs
        return number

    def of(self, person: str | None) -> int:
        """Return the process of a person; nobody is everybody's first."""
        return self[(person or "").encode()]


class Whose:
    """Tells whose an event is: the person of its data, or else its subject."""

    def __init__(self, program: ModuleType, types: Mapping[str, type]) -> None:
        self._names: dict[type, str | None] = {made: program.PERSONS[name] for name, made in types.items()}

    def __call__(self, event: Any) -> str | None:  # noqa: ANN401 - an event of any pack
        """Return the person, None where an event names nobody."""
        name = self._names[type(event)]
        found: str | None = (None if name is None else getattr(event.data, name)) or event.subject
        return found


def _person_field(event: type, attribute: str | None) -> str | None:
    """Return the name that the person of an event has in its data, None if its subject is the person."""
    data = next(field.type for field in msgspec.structs.fields(event) if field.name == "data")
    return next((field.encode_name for field in msgspec.structs.fields(data) if field.name == attribute), None)


class Hashes:
    """The ids that a process has seen, as numbers, and between which texts those of each block lie."""

    def __init__(self) -> None:
        self.spans: list[tuple[int, str, str]] = []
        self._ids: list[str] = []

    def see(self, ids: list[str]) -> None:
        """Take note of some ids."""
        self._ids += ids

    def turn(self, file: IO[bytes]) -> None:
        """Begin a new block."""
        ids = self._ids
        array("q", map(hash, ids)).tofile(file)
        if sorted(ids) != ids:
            ids.sort()
        self.spans.append((len(ids), ids[0], ids[-1]) if ids else (0, "", ""))
        if ids and not ids[0]:
            raise Together("an event has an empty id")
        self._ids = []

    def finish(self) -> None:
        """Do nothing: the ids of all processes are looked at together."""


Spans = list[tuple[int, str, str]]


def _rise(every: list[Spans]) -> bool:
    """Tell whether each block's ids come after those of the blocks before it, over all processes."""
    last = ""
    for spans in zip(*every, strict=True):
        known = [(first, end) for count, first, end in spans if count]
        if known and min(known)[0] <= last:
            return False
        last = max([last, *(end for _first, end in known)])
    return True


def _once_each(every: list[Spans], paths: list[Path], number: int, *, rise: bool) -> None:
    """Raise `Together` where an id may have come twice; each process looks at every so many-th block, or number."""
    with ExitStack() as stack:
        files = [stack.enter_context(path.open("rb")) for path in paths]
        if rise:
            for place, spans in enumerate(zip(*every, strict=True)):
                sizes = [8 * count for count, _first, _last in spans]
                if place % len(paths) != number:
                    for file, size in zip(files, sizes, strict=True):
                        file.seek(size, 1)
                    continue
                _differ([array("q", file.read(size)) for file, size in zip(files, sizes, strict=True)])
            return
        for part in range(number, PARTS, len(paths)):
            _differ([array("q", [one for one in numbers if one % PARTS == part]) for numbers in map(_numbers, paths)])


def _numbers(path: Path) -> Iterator[int]:
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            yield from memoryview(block).cast("q")


def _differ(parts: list[array[int]]) -> None:
    if len(set().union(*parts)) < sum(map(len, parts)):
        raise Together("an id comes twice")


class Own(Stream):
    """The pass of one process: each event has to be one of its own people's."""

    ids: Hashes  # type: ignore[assignment] # looks like `Ids`

    def __init__(
        self,
        program: ModuleType,
        number: int,
        jobs: int,
        needs: set[type[Exception]],
        slow: Slow,
        as_of: int | None,
    ) -> None:
        super().__init__(
            program,
            full=NeedsAll in needs,
            careful=NeedsCare in needs,
            slow=slow,
            ids=Hashes(),  # type: ignore[arg-type] # looks like `Ids`
            as_of=as_of,
        )
        self.lengths: list[int] = []
        self.is_quick = False
        self._number = number
        self._owners = Owners(jobs)
        self._known: set[str | None] = set()
        self._whose = Whose(program, self._types)

    def _look_at(self, events: list[Any]) -> None:
        super()._look_at(events)
        people = {event.subject for event in events} if self.is_quick else set(map(self._whose, events))
        for person in people - self._known:
            if self._owners.of(person) != self._number:
                raise Together("it is not clear at a glance whose a line is")
            self._known.add(person)

    def _converted(self, document: dict[str, Any]) -> Iterator[Any]:
        for event in super()._converted(document):
            if self._owners.of(self._whose(event)) != self._number:
                raise Together("it is not clear at a glance whose a line is")
            yield event

    def _one_by_one(self, block: bytes, first: int) -> Iterator[Any]:
        slow = self._slow

        def known(line: bytes, number: int) -> dict[str, Any] | None:
            document = slow(line, number)
            if document is None:
                raise Together("a line holds no event")
            return document

        self._slow = known
        yield from super()._one_by_one(block, first)
        self._slow = slow
