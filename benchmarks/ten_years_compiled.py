"""Ten simulated years through the compiled bench pack: what it keeps, and how much memory that takes, year by year.

`python benchmarks/ten_years_compiled.py --people 500 --years 10` prints a line per simulated year. The log is made day
by day and kept nowhere; everybody is on duty every fourth day. Once the longest look-back is behind, and the engine has
forgotten what the program let go of, the figures stay where they are. `--engine`: the same log through the engine,
which takes a quarter of an hour.
"""

from __future__ import annotations

import argparse
import datetime as dt
import resource
import sys
import time
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from dutyrules import Engine, load_pack
from dutyrules.compiler.bulk import Stream
from dutyrules.compiler.program import compile_pack, load_program
from dutyrules.compiler.reading import Ids

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import ModuleType

PACK: Final = Path(__file__).with_name("bench.yaml")
FIRST_DAY: Final = dt.date(2015, 1, 5)
CYCLE: Final = 4
PAGE: Final = resource.getpagesize()


def days(people: int, years: int) -> Iterator[tuple[dt.date, bytes]]:
    """Yield each day with the lines of its log; the same arguments give the same log."""
    serial = count(1)
    for number in range(years * 365):
        day = FIRST_DAY + dt.timedelta(days=number)
        events: list[tuple[str, str, str, str]] = []
        for person in range(number % CYCLE, people, CYCLE):
            events += _duty(day, f"p{person:04}", number, number * 31 + person * 17)
        events.sort()
        yield day, b"".join(_line(next(serial), *event) for event in events)


def _duty(day: dt.date, who: str, number: int, dice: int) -> Iterator[tuple[str, str, str, str]]:
    """Yield what one duty brings about; what comes rarely comes in turns."""
    shift = f'"shift":"s{number}-{who}"'
    start, end = _at(day, 8 * 60), _at(day, 16 * 60)
    came = 8 * 60 - 10 if dice % 13 else 8 * 60 + 20
    yield _at(day, 60), "shift_assigned", who, f'{shift},"start":"{start}","end":"{end}","post":"ward-1"'
    if dice % 29:
        yield _at(day, came), "check_in", who, shift
        yield _at(day, 16 * 60 + 5), "check_out", who, shift
    if dice % 7 == 0:
        swap = f'"swap":"w{number}-{who}"'
        yield _at(day, 90), "swap_requested", who, f'{swap},{shift},"with":"p0001"'
        yield _at(day, 120), "swap_approved", who, f'{swap},"by":"p0002"'
        yield _at(day, 150), "swap_taken", who, f"{swap},{shift}"
    if dice % 6 == 0:
        case = f'"case":"c{number}-{who}"'
        yield _at(day, 10 * 60), "complaint_received", who, f'{case},"channel":"desk"'
        if dice % 5:
            yield _at(day, 11 * 60 + dice % 90), "complaint_replied", who, case
    if dice % 17 == 0:
        yield _at(day, 12 * 60 + 47), "phone_unanswered", who, '"caller":"ext-100"'
        yield _at(day, 12 * 60 + 48), "leave_taken", who, f'"days":{1 + dice % 3},"reason":"sick"'


def _at(day: dt.date, minute: int) -> str:
    return f"{day}T{minute // 60:02}:{minute % 60:02}:00+08:00"


def _line(number: int, when: str, kind: str, who: str, data: str) -> bytes:
    return f'{{"id":"e{number:09}","type":"{kind}","time":"{when}","subject":"{who}","data":{{{data}}}}}\n'.encode()


def compiled() -> ModuleType:
    """Return the bench pack as a program."""
    return load_program(compile_pack(load_pack(PACK), carries_all=True), "bench")


def opened(program: ModuleType) -> Stream:
    """Return a stream through the program that takes plain lines only."""
    return Stream(program, full=False, careful=False, slow=_none, ids=Ids(noted=False))


def _none(line: bytes, _number: int) -> None:
    raise SystemExit(f"no plain line: {line!r}")


def yearly(take: Callable[[bytes], int], people: int, years: int) -> Iterator[tuple[int, int, int]]:
    """Send the log through and yield each year with the events so far and what `take` has made of them so far."""
    year, events, made = FIRST_DAY.year, 0, 0
    for day, lines in days(people, years):
        if day.year != year:
            yield year, events, made
            year = day.year
        made += take(lines)
        events += lines.count(b"\n")
    yield year, events, made


def kept(stream: Stream) -> dict[str, int]:
    """Return how much a stream keeps: records, keys of records that are gone, and blocks of memory in use."""
    keeping = _cell(stream, "periods")._sweeper._keeping  # noqa: SLF001 - what is inside is what is measured
    return {
        "records": sum(len(one._table) for one in keeping),  # noqa: SLF001 - as above
        "gone": sum(len(month) for one in keeping for month in one._gone),  # noqa: SLF001 - as above
        "blocks": sys.getallocatedblocks(),
    }


def _cell(stream: Stream, name: str) -> Any:  # noqa: ANN401 - a variable of the program
    run = stream._run  # noqa: SLF001 - as above
    return run.__closure__[run.__code__.co_freevars.index(name)].cell_contents


def main() -> None:
    """Run the years and print a line for each."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--people", type=int, default=500)
    arguments.add_argument("--years", type=int, default=10)
    arguments.add_argument("--engine", action="store_true", help="replay on the engine")
    given = arguments.parse_args()
    began = time.process_time()
    for year, events, written, sizes in _years(given.people, given.years, engine=given.engine):
        figures = "  ".join(f"{name} {number:,}" for name, number in sizes.items())
        seconds = time.process_time() - began
        print(
            f"{year}  {events:,} events  {written} out  {figures}  RSS {_resident():.1f} MB"
            f"  {seconds:.0f} s of processor time",
            flush=True,
        )


def _years(people: int, years: int, *, engine: bool) -> Iterator[tuple[int, int, str, dict[str, int]]]:
    """Yield each year with the events and what has been written so far, and what is kept."""
    if engine:
        import ten_years  # noqa: PLC0415 - the tests run this file by itself, without its folder

        whole = Engine(load_pack(PACK), carries="all")
        for year, events, made in yearly(lambda lines: len(whole.feed_all(lines.splitlines())), people, years):
            yield year, events, f"{made:,} outcomes", ten_years.kept(whole)
    else:
        stream = opened(compiled())
        for year, events, made in yearly(lambda lines: written(stream, lines), people, years):
            yield year, events, f"{made // 1_000_000:,} MB", kept(stream)


def written(stream: Stream, lines: bytes) -> int:
    """Send lines through a stream and return how many bytes of outcomes come."""
    stream.take(lines, lambda: 0)
    return len(stream.drain())


def _resident() -> float:
    """Return the memory that the process has now, in MB."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE / 1_000_000


if __name__ == "__main__":
    main()
