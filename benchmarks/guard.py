"""A guard against slow-downs: what a replay costs beside a stored bound, and no absolute times.

    python benchmarks/guard.py            compare with benchmarks/bounds.json
    python benchmarks/guard.py --write    store what is measured now as the new bounds

Two measures. *Steps* are lines of Python executed for an event: the same on every machine, so that the bound is tight;
what happens inside a library written in C they do not see. The *ratio* is CPU time beside that of a fixed piece of
plain Python, in turns in one process: it sees everything and is noisy, so that its bound is loose.
"""

from __future__ import annotations

import argparse
import gc
import heapq
import json
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any, Final

from pack_logs import PackLog
from run_compiled import Closer, compile_to, load

from dutyrules import Engine, Pack, load_pack
from dutyrules.compiler.bulk import replay_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import FrameType, ModuleType

HERE: Final = Path(__file__).parent
BOUNDS: Final = HERE / "bounds.json"
SLACK: Final = {"steps": 1.1, "ratio": 1.8}
TURNS: Final = 3
PACKS: Final = {"bench": (str(HERE / "bench.yaml"), 20), "clinic": ("clinic", 8)}
PEOPLE: Final = 6
DECIDING: Final = ("finding", "ruling")

Case = tuple[str, "Callable[[], object]", int]


def cases(folder: Path) -> list[Case]:
    """Return what is measured: a name, a replay of a small log, and the number of its events; files go to a folder."""
    found = []
    for name, (source, days) in PACKS.items():
        pack = load_pack(source)
        lines = [line.encode() for line in PackLog(pack, PEOPLE, days).lines()]
        found.append((f"{name}, bulk", bulk(pack, lines), len(lines)))
        found.append((f"{name}, feed", feed(pack, lines), len(lines)))
    pack = load_pack(PACKS["bench"][0])
    plain = PackLog(pack, PEOPLE * 10, 60, left_out=0).lines()
    lines = [line.encode() for line in plain if not any(f'"{name}"' in line for name in DECIDING)]
    return [*found, ("bench, compiled", compiled(lines, folder), len(lines))]


def as_read(program: ModuleType, line: bytes) -> bytes:
    """Return a line with the fields alone that a program reads."""
    event = json.loads(line)
    names = program.READ[event["type"]]
    event["data"] = {name: value for name, value in event["data"].items() if name in names}
    return json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()


def compiled(lines: list[bytes], folder: Path) -> Callable[[], object]:
    """Return a replay of a whole log by the bench pack's program."""
    program, log, out = (folder / name for name in ("guarded_program.py", "log.jsonl", "out.jsonl"))
    compile_to(program)
    module = load(program)
    log.write_bytes(b"".join(as_read(module, line) + b"\n" for line in lines))

    def work() -> None:
        with out.open("w+b") as stream:
            replay_file(module, log, stream, slow=Closer(log.name))

    return work


def bulk(pack: Pack, lines: list[bytes]) -> Callable[[], object]:
    """Return a replay of a whole log at once."""
    return lambda: Engine(pack, carries="all").feed_all(lines)


def feed(pack: Pack, lines: list[bytes]) -> Callable[[], object]:
    """Return a replay of one event at a time."""

    def work() -> None:
        engine = Engine(pack, carries="all")
        for line in lines:
            engine.feed(line)

    return work


# --- the measures -----------------------------------------------------------------------------------------------------


def steps_of(work: Callable[[], object]) -> int:
    """Return how many lines of Python are executed."""
    count = 0

    def inside(_frame: FrameType, event: str, _argument: object) -> Any:  # noqa: ANN401 - a tracer returns a tracer
        nonlocal count
        if event == "line":
            count += 1
        return inside

    before = sys.gettrace()
    sys.settrace(inside)
    try:
        work()
    finally:
        sys.settrace(before)
    return count


def yardstick() -> None:
    """Do a fixed piece of plain work, of the kind that rules are made of: read, look up, count, queue, write."""
    counts: dict[tuple[str, int], int] = {}
    queue: list[tuple[int, str]] = []
    written = []
    for number in range(12_000):
        event = json.loads(f'{{"id":"e{number}","person":"p{number % 50}","month":{number // 1000}}}')
        key = event["person"], event["month"]
        counts[key] = counts.get(key, 0) + 1
        heapq.heappush(queue, (number * 7919 % 10_007, event["id"]))
        if counts[key] > 3 and len(queue) > 100:  # noqa: PLR2004 - any figures do
            due, name = heapq.heappop(queue)
            written.append(json.dumps({"due": due, "name": name}))


def ratio_of(work: Callable[[], object], turns: int = TURNS) -> float:
    """Return the CPU time of some work beside that of the yardstick, which runs before and after each turn."""
    ratios = []
    before = seconds_of(yardstick)
    for _ in range(turns):
        took = seconds_of(work)
        after = seconds_of(yardstick)
        ratios.append(2 * took / (before + after))
        before = after
    return median(ratios)


def seconds_of(work: Callable[[], object]) -> float:
    """Return the CPU seconds of this process that some work takes."""
    gc.collect()
    begun = time.process_time()
    work()
    return time.process_time() - begun


def measure(chosen: Iterable[Case]) -> dict[str, dict[str, float]]:
    """Return both measures of each case, for a thousand events."""
    found = {}
    for name, work, events in chosen:
        work()  # what is read once and kept is read here
        steps, ratio = steps_of(work), ratio_of(work)
        found[name] = {"steps": round(steps / events * 1000), "ratio": round(ratio / events * 1000, 3)}
    return found


# --- the bounds -------------------------------------------------------------------------------------------------------


def load_bounds(path: Path = BOUNDS) -> dict[str, dict[str, float]]:
    """Return the stored measures."""
    read: dict[str, dict[str, float]] = json.loads(path.read_text(encoding="utf-8"))
    return read


def slower(measured: dict[str, dict[str, float]], bounds: dict[str, dict[str, float]]) -> list[str]:
    """Return a sentence for each measure beyond its bound, and for each case that has none."""
    found = []
    for case, figures in measured.items():
        for name, value in figures.items():
            bound = bounds.get(case, {}).get(name)
            if bound is None:
                found.append(f"{case}: no bound is stored for `{name}`")
            elif value > bound * SLACK[name]:
                found.append(f"{case}: {name} {value:,.6g}, which is {value / bound:.2f} times the stored {bound:,.6g}")
    return found


def main() -> None:
    """Compare or store, and print what was measured."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--write", action="store_true", help="store what is measured as the new bounds")
    options = asked.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        measured = measure(cases(Path(folder)))
    for case, figures in measured.items():
        print(f"{case:20} {figures['steps']:>12,.0f} steps  {figures['ratio']:>8.3f} yardsticks, a thousand events")
    if options.write:
        BOUNDS.write_text(json.dumps(measured, indent=2) + "\n", encoding="utf-8")
        return
    faults = slower(measured, load_bounds())
    if faults:
        raise SystemExit("\n".join(faults))


if __name__ == "__main__":
    main()
