"""People shared out among processes: a program whose state is each person's own runs once for each share of them.

Each process reads the whole log, block after block, and runs the program over the events of its own people. It says how
long the outcomes of a block are; when all have said so, each is told where its own belong in the output, and writes
them there. So nothing is written twice, and nothing has to be put together later. In the end each event has to have
been somebody's: the events that all of them took are those that each of them has seen.
"""

from __future__ import annotations

import functools
import os
import signal
import struct
from collections import deque
from contextlib import contextmanager, suppress

from dutyrules.compiler.bulk import BLOCK, GZIP, Passed, opened, outcomes_of
from dutyrules.compiler.reading import Beyond, Ids, NeedsAll, NeedsIds
from dutyrules.compiler.stream import FOREVER, Late, NeedsCare, Unsure

TYPE_CHECKING = False  # see `stream`
if TYPE_CHECKING:
    from collections.abc import Iterator
    from os import PathLike
    from types import ModuleType
    from typing import IO, Any, Final, NoReturn

    from dutyrules.compiler.bulk import Stream
    from dutyrules.compiler.reading import Slow

AHEAD: Final = 8
"""How many blocks a process may take before it has to know where the outcomes of the first belong."""
MOST: Final = 1 << 19
"""Bytes that are read at a time at most, for however many processes: longer blocks are not read in the quick way."""
PIECE: Final = 1 << 12
"""Bytes that are looked at for the end of a line."""
ORDER: Final = struct.Struct("<q")
"""Where outcomes belong; after those of the last block: how far the clock runs."""
ANSWER: Final = struct.Struct("<qqqqq")
"""How long the outcomes of a block are, how many events of its own there were, how many of them later, how many events
there were in the whole log so far, and when the latest of its own was."""
FAILED, ENDED = -1, -2
"""Said in the place of a length."""
NEEDS: Final = {one.__name__: one for one in (NeedsAll, NeedsCare, NeedsIds)}


class Together(Exception):
    """A log that one process has to take whole; the text says why."""


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

    Raises `Together` where one process has to do it: a line that holds no event, an id that comes twice, a system
    without `fork`, or what is `Beyond` one pass.
    """
    if not program.LOCAL:
        raise Together("some record or count is not one person's own")
    if not hasattr(os, "fork"):
        raise Together("this system cannot fork a process")
    with open(log, "rb") as stream:  # noqa: PTH123 - as `replay_file`
        if not stream.seekable():
            raise Together("the log can be read once only")
        if stream.read(2) == GZIP:
            raise Together("the log is packed")
        opening = functools.partial(AsOpened, stream.fileno(), stream.seek(0, 2))
        team = Team(program, opening, slow, jobs, as_of, drains=drains)
        needs: set[type[Exception]] = set()
        while True:
            try:
                with written(out) as (file, start):
                    return team.run(file, start, needs)
            except tuple(NEEDS.values()) as error:
                needs.add(type(error))


class AsOpened:
    """A file up to where it ended when it was opened; each process reads it from a place of its own."""

    def __init__(self, file: int, size: int) -> None:
        self._file = file
        self._size = size
        self._place = 0

    def seek(self, place: int) -> int:
        """Go on from a place."""
        self._place = place
        return place

    def tell(self) -> int:
        """Return the place at hand."""
        return self._place

    def read(self, size: int) -> bytes:
        """Return so many bytes, or as many as are left."""
        found = os.pread(self._file, max(0, min(size, self._size - self._place)), self._place)
        self._place += len(found)
        return found

    def readline(self) -> bytes:
        """Return what is left of the line at hand, with its end."""
        begun, line = self._place, b""
        while not line.endswith(b"\n") and (more := self.read(PIECE)):
            line += more[: more.find(b"\n") + 1] or more
        self._place = begun + len(line)
        return line


@contextmanager
def written(out: IO[bytes]) -> Iterator[tuple[int, int]]:
    """Give a file that processes can write to, and from where on; what stands there in the end goes to `out`."""
    start = out.tell()
    file = _file_of(out)
    if file is None:
        import shutil  # noqa: PLC0415 - most outputs are files
        import tempfile  # noqa: PLC0415

        with tempfile.TemporaryFile() as instead:
            yield instead.fileno(), 0
            instead.seek(0)
            shutil.copyfileobj(instead, out)
        return
    out.flush()
    try:
        yield file, start
    except BaseException:
        os.ftruncate(file, start)
        raise
    out.seek(0, 2)


class Team:
    """The processes of one replay."""

    def __init__(
        self,
        program: ModuleType,
        opening: functools.partial[AsOpened],
        slow: Slow,
        jobs: int,
        as_of: int | None,
        *,
        drains: bool,
    ) -> None:
        self._program = program
        self._opening = opening
        self._slow = slow
        self._jobs = jobs
        self._as_of = as_of
        self._drains = drains

    def run(self, file: int, start: int, needs: set[type[Exception]]) -> Passed:
        """Let the processes run; what earlier tries have found to be needed is known."""
        os.ftruncate(file, start)
        hands: list[Hand] = []
        try:
            for number in range(self._jobs):
                hands.append(self._hand(hands, number, file, needs))
            return self._lead(hands, start)
        finally:
            for hand in hands:
                hand.end()

    def _hand(self, others: list[Hand], number: int, file: int, needs: set[type[Exception]]) -> Hand:
        """Begin a process."""
        ends: list[int] = []
        try:
            ends += os.pipe()
            ends += os.pipe()
            child = os.fork()
        except OSError as error:
            for end in ends:
                os.close(end)
            raise Together(f"no process can be begun: {error.strerror}") from error
        orders, to, back, answers = ends
        if child:
            os.close(orders)
            os.close(answers)
            return Hand(child, to, back)
        try:
            os.close(to)
            os.close(back)
            for other in others:
                other.leave()
            with open(orders, "rb") as orders_file, open(answers, "wb") as answers_file:  # noqa: PTH123 - no paths
                work = Work(orders_file, answers_file, file, self._opening)
                ids = Ids(noted=NeedsIds in needs)
                slow = functools.partial(_sure, self._slow)
                share = (number, self._jobs)
                work.do(
                    functools.partial(opened, self._program, needs, slow, ids, as_of=self._as_of, share=share),
                    ids,
                    min(BLOCK * self._jobs, MOST),
                )
        except KeyboardInterrupt:
            pass  # the process that leads says so
        except BaseException:  # noqa: BLE001 - nothing of this process may run on in its parent's place
            import traceback  # noqa: PLC0415 - for faults alone

            traceback.print_exc()
        finally:
            os._exit(0)

    def _lead(self, hands: list[Hand], place: int) -> Passed:
        """Say where the outcomes belong, and how far the clock runs."""
        while ENDED not in (lengths := [hand.answer() for hand in hands]):
            place = _placed(hands, lengths, place)
        if {*lengths} != {ENDED}:
            raise Together("the log has changed while it was read")
        taken = sum(hand.events + hand.later for hand in hands)
        if any(hand.seen != taken for hand in hands):
            raise Together("it is not clear whose a line is")
        latest = max(hand.latest for hand in hands)
        end = self._as_of if self._as_of is not None else FOREVER if self._drains else latest
        for hand in hands:
            hand.order(end)
        _placed(hands, [hand.answer() for hand in hands], place)
        for hand in hands:
            hand.stop()
        return Passed(sum(hand.events for hand in hands), sum(hand.later for hand in hands))


def _placed(hands: list[Hand], lengths: list[int], place: int) -> int:
    """Say where the outcomes of one block belong, and return where they end."""
    for hand, length in zip(hands, lengths, strict=True):
        hand.order(place)
        place += length
    return place


def _sure(slow: Slow, line: bytes, number: int) -> dict[str, Any] | None:
    """Read a line that does not have the plain form; one that holds no event is told of by one process alone."""
    document = slow(line, number)
    if document is None:
        raise Together("a line holds no event")
    return document


def _file_of(out: IO[bytes]) -> int | None:
    """Return the file behind a stream, None where there is none or where each write would go to its end."""
    import fcntl  # noqa: PLC0415 - a system that forks has it, another does not

    try:
        file = out.fileno()
    except OSError:
        return None
    return None if fcntl.fcntl(file, fcntl.F_GETFL) & os.O_APPEND else file


class Hand:
    """A process as the one that leads sees it."""

    def __init__(self, child: int, to: int, back: int) -> None:
        self._child = child
        self._to = open(to, "wb", buffering=0)  # noqa: SIM115 - closed in `end`
        self._back = open(back, "rb")  # noqa: SIM115 - as above
        self.events = self.later = self.seen = 0
        self.latest = -FOREVER
        self._is_done = False

    def order(self, number: int) -> None:
        """Say where outcomes belong, or how far the clock runs."""
        try:
            self._to.write(ORDER.pack(number))
        except BrokenPipeError:
            while True:
                self.answer()

    def answer(self) -> int:
        """Return how long the outcomes of the next block are; raise what has gone wrong."""
        said = self._back.read(ANSWER.size)
        if len(said) < ANSWER.size:
            raise Together("a process ended before its time")
        length, self.events, self.later, self.seen, self.latest = ANSWER.unpack(said)
        if length == FAILED:
            self._fail()
        return int(length)

    def _fail(self) -> NoReturn:
        word, text = self._back.read().decode().split(" ", 1)
        if word in NEEDS:
            raise NEEDS[word]
        if word.isdigit():
            raise OSError(int(word), text)
        raise Together(text)

    def stop(self) -> None:
        """Wait until the process has written all that it had to write."""
        self.answer()
        self._is_done = True

    def leave(self) -> None:
        """Close this process's ends in another that has come to have them."""
        self._to.close()
        self._back.close()

    def end(self) -> None:
        """Let the process end, whatever it is doing."""
        if not self._is_done:
            os.kill(self._child, signal.SIGKILL)
        os.waitpid(self._child, 0)
        self._to.close()
        self._back.close()


class Work:
    """What one process does: it runs the program over its share of the log, and writes where it is told to."""

    def __init__(self, orders: IO[bytes], answers: IO[bytes], file: int, opening: functools.partial[AsOpened]) -> None:
        self._orders = orders
        self._answers = answers
        self._file = file
        self._opening = opening
        self._texts: deque[bytes] = deque()

    def do(self, made: functools.partial[Stream], ids: Ids, size: int) -> None:
        """Take the log in blocks of a size, and say what goes wrong."""
        try:
            self._take(made(), ids, size)
        except tuple(NEEDS.values()) as error:
            self._fail(type(error).__name__, "")
        except BrokenPipeError:
            pass  # nobody waits for an answer
        except OSError as error:
            self._fail(str(error.errno or 0), error.strerror or str(error))
        except (Together, Beyond, Unsure, Late, ValueError) as error:
            self._fail("together", str(error))

    def _take(self, run: Stream, ids: Ids, size: int) -> None:
        for outcomes in outcomes_of(run, self._opening(), size):
            self._say(run, outcomes)
            if len(self._texts) > AHEAD:
                self._write()
        ids.finish()
        self._answer(run, ENDED)
        while self._texts:
            self._write()
        end = self._order()
        if end > -FOREVER:
            run.finish(end)
        self._say(run, run.drain())
        self._write()
        if run.aside or run.astray:
            raise Together("an event reaches nothing")
        self._answer(run, 0)

    def _say(self, run: Stream, outcomes: bytes) -> None:
        """Say how long the outcomes are that have come."""
        self._texts.append(outcomes)
        self._answer(run, len(outcomes))

    def _answer(self, run: Stream, length: int) -> None:
        self._answers.write(ANSWER.pack(length, run.events, run.later, run.seen, run.latest))
        self._answers.flush()

    def _order(self) -> int:
        said = self._orders.read(ORDER.size)
        if len(said) < ORDER.size:
            raise BrokenPipeError
        return int(ORDER.unpack(said)[0])

    def _write(self) -> None:
        """Write the oldest outcomes where they belong."""
        place = self._order()
        left = memoryview(self._texts.popleft())
        while left:
            count = os.pwrite(self._file, left, place)
            left, place = left[count:], place + count

    def _fail(self, word: str, text: str) -> None:
        with suppress(BrokenPipeError):
            self._answers.write(ANSWER.pack(FAILED, 0, 0, 0, 0) + f"{word} {text}".encode())
            self._answers.flush()
