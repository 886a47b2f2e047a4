"""People shared out among processes: a program whose state is each person's own runs once for each share of them.

One process reads the log, block after block, and gives each of the others the lines of its people. Each of these runs
the program over its lines and says how long the outcomes of a block are; when all have said so, each is told where its
own belong in the output, and writes them there. So nothing is written twice, and nothing has to be put together later.
"""

from __future__ import annotations

import functools
import os
import signal
import struct
from collections import deque
from contextlib import contextmanager, suppress
from typing import IO, TYPE_CHECKING, Final, NoReturn

from dutyrules.compiler.bulk import (
    BLOCK,
    BOM,
    GZIP,
    Beyond,
    Ids,
    NeedsAll,
    NeedsIds,
    Passed,
    Stream,
    blocks,
    lines_before,
    opened,
)
from dutyrules.compiler.sharing import Sharing, Together
from dutyrules.compiler.stream import FOREVER, Late, NeedsCare, Unsure

if TYPE_CHECKING:
    from collections.abc import Iterator
    from os import PathLike
    from types import ModuleType

    from dutyrules.compiler.bulk import Slow

AHEAD: Final = 8
"""How many blocks are given out before the outcomes of the first have to be there."""
PIPE: Final = 1 << 20
ORDER: Final = struct.Struct("<qqq")
"""What is to be done, a number for it, and where the oldest outcomes that are not written yet belong, or NOWHERE."""
ANSWER: Final = struct.Struct("<qqqq")
"""How long the outcomes are, how many events there were, how many of them later, and when the latest was."""
TAKE, WRITE, FINISH, STOP = range(4)
NOWHERE: Final = -1
FAILED: Final = -1
NEEDS: Final = {one.__name__: one for one in (NeedsAll, NeedsCare)}


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
        if stream.read(2) == GZIP:
            raise Together("the log is packed")
        team = Team(program, stream, slow, jobs, as_of, drains=drains)
        needs: set[type[Exception]] = set()
        while True:
            try:
                with written(out) as (file, start):
                    return team.run(file, start, needs)
            except (NeedsIds, *NEEDS.values()) as error:
                needs.add(type(error))
            except (Beyond, ValueError) as error:
                raise Together(str(error)) from error


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
        self, program: ModuleType, stream: IO[bytes], slow: Slow, jobs: int, as_of: int | None, *, drains: bool
    ) -> None:
        self._program = program
        self._stream = stream
        self._slow = slow
        self._jobs = jobs
        self._as_of = as_of
        self._drains = drains

    def run(self, file: int, start: int, needs: set[type[Exception]]) -> Passed:
        """Let the processes run; what earlier tries have found to be needed is known."""
        os.ftruncate(file, start)
        sharing = Sharing(self._program, self._slow, ids := Ids(noted=NeedsIds in needs), self._jobs)
        hands: list[Hand] = []
        try:
            for number in range(self._jobs):
                hands.append(self._hand(hands, sharing, number, file, needs))
            return self._lead(hands, sharing, ids, start)
        finally:
            for hand in hands:
                hand.end()

    def _hand(self, others: list[Hand], sharing: Sharing, number: int, file: int, needs: set[type[Exception]]) -> Hand:
        """Begin a process."""
        (orders, to), (back, answers) = os.pipe(), os.pipe()
        _widen(to)
        child = os.fork()
        if child:
            os.close(orders)
            os.close(answers)
            return Hand(child, to, back)
        try:
            os.close(to)
            os.close(back)
            for other in others:
                other.leave()
            made = functools.partial(
                opened,
                self._program,
                needs,
                sharing.sure(number),
                None,
                as_of=self._as_of,
            )
            with open(orders, "rb") as orders_file, open(answers, "wb") as answers_file:  # noqa: PTH123 - no paths
                Work(orders_file, answers_file, file).do(made)
        except KeyboardInterrupt:
            pass  # the process that leads says so
        except BaseException:  # noqa: BLE001 - nothing of this process may run on in its parent's place
            import traceback  # noqa: PLC0415 - for faults alone

            traceback.print_exc()
        finally:
            os._exit(0)

    def _lead(self, hands: list[Hand], sharing: Sharing, ids: Ids, place: int) -> Passed:
        """Give out the log, and say where the outcomes belong."""
        stream = self._stream
        stream.seek(0)
        begun = given = 0
        for block in blocks(stream, BLOCK * self._jobs):
            if given >= AHEAD:
                place = _placed(hands, place)
            lines = block if begun else block.removeprefix(BOM)
            parts = sharing.parts(lines, functools.partial(lines_before, stream, begun))
            for hand, part in zip(hands, parts, strict=True):
                hand.order(TAKE, len(part), part)
            begun += len(block)
            given += 1
        ids.finish()
        for _ in range(min(given, AHEAD)):
            place = _placed(hands, place)
            for hand in hands:
                hand.order(WRITE)
        latest = max(hand.latest for hand in hands)
        end = self._as_of if self._as_of is not None else FOREVER if self._drains else latest
        for hand in hands:
            hand.order(FINISH, end)
        _placed(hands, place)
        for hand in hands:
            hand.order(STOP)
        for hand in hands:
            hand.stop()
        return Passed(sum(hand.events for hand in hands), sum(hand.later for hand in hands))


def _placed(hands: list[Hand], place: int) -> int:
    """Note where the outcomes of one block belong, and return where they end."""
    for hand in hands:
        hand.place = place
        place += hand.answer()
    return place


def _file_of(out: IO[bytes]) -> int | None:
    """Return the file behind a stream, None where there is none or where each write would go to its end."""
    import fcntl  # noqa: PLC0415 - a system that forks has it, another does not

    try:
        file = out.fileno()
    except OSError:
        return None
    return None if fcntl.fcntl(file, fcntl.F_GETFL) & os.O_APPEND else file


def _widen(pipe: int) -> None:
    """Let a pipe hold more, where the system has pipes of different sizes."""
    import fcntl  # noqa: PLC0415 - as above

    with suppress(AttributeError, OSError):
        fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, PIPE)


class Hand:
    """A process as the one that leads sees it."""

    def __init__(self, child: int, to: int, back: int) -> None:
        self._child = child
        self._to = open(to, "wb")  # noqa: SIM115 - closed in `end`
        self._back = open(back, "rb")  # noqa: SIM115 - as above
        self.place = NOWHERE
        self.events = self.later = 0
        self.latest = -FOREVER
        self._is_done = False

    def order(self, what: int, number: int = 0, part: bytes = b"") -> None:
        """Say what is to be done next, and where the oldest outcomes belong if that is known by now."""
        try:
            self._to.write(ORDER.pack(what, number, self.place))
            self._to.write(part)
            self._to.flush()
        except BrokenPipeError:
            while True:
                self.answer()
        self.place = NOWHERE

    def answer(self) -> int:
        """Return how long the outcomes of the next block are; raise what has gone wrong."""
        said = self._back.read(ANSWER.size)
        if len(said) < ANSWER.size:
            raise Together("a process ended before its time")
        length, self.events, self.later, self.latest = ANSWER.unpack(said)
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
        with suppress(BrokenPipeError):
            self._to.close()
        self._back.close()


class Work:
    """What one process does: it runs the program over the lines that it is given, as it is told."""

    def __init__(self, orders: IO[bytes], answers: IO[bytes], file: int) -> None:
        self._orders = orders
        self._answers = answers
        self._file = file
        self._texts: deque[bytes] = deque()

    def do(self, made: functools.partial[Stream]) -> None:
        """Follow orders until there are none, and say what goes wrong."""
        try:
            self._follow(made())
        except tuple(NEEDS.values()) as error:
            self._fail(type(error).__name__, "")
        except BrokenPipeError:
            pass  # nobody waits for an answer
        except OSError as error:
            self._fail(str(error.errno or 0), error.strerror or str(error))
        except (Together, Beyond, Unsure, Late, ValueError) as error:
            self._fail("together", str(error))

    def _follow(self, run: Stream) -> None:
        while order := self._orders.read(ORDER.size):
            what, number, place = ORDER.unpack(order)
            part = self._orders.read(number) if what == TAKE else b""
            if place != NOWHERE:
                self._write(self._texts.popleft(), place)
            if what == STOP:
                self._answer(run, 0)
                return
            if what == WRITE:
                continue
            if what == TAKE and part:
                run.take(part, _nowhere)
            elif what == FINISH and number > -FOREVER:
                run.finish(number)
            self._texts.append(run.drain())
            self._answer(run, len(self._texts[-1]))

    def _answer(self, run: Stream, length: int) -> None:
        self._answers.write(ANSWER.pack(length, run.events, run.later, run.latest))
        self._answers.flush()

    def _write(self, text: bytes, place: int) -> None:
        left = memoryview(text)
        while left:
            count = os.pwrite(self._file, left, place)
            left, place = left[count:], place + count

    def _fail(self, word: str, text: str) -> None:
        with suppress(BrokenPipeError):
            self._answers.write(ANSWER.pack(FAILED, 0, 0, 0) + f"{word} {text}".encode())
            self._answers.flush()


def _nowhere() -> int:
    return 0
