"""The shipped packs over logs in their own vocabulary: whole logs at once, one event at a time, and compiled.

    python benchmarks/packs.py [--people 30] [--days 50] [--rounds 3] [--into FOLDER]

Every figure is the median of processes of its own, in which only the replay is timed; loading and compiling are not. A
pack that does not compile whole has no figure compiled, and neither has one whose log needs the engine.
`--into` puts the table into `results.json` and `RESULTS.md` of a folder, in place of what these say of the packs.
"""

from __future__ import annotations

import argparse
import gc
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from dutyrules import Pack

PACKS: Final = ("clinic", "school/central", "school/gate", "school/holiday", "callcenter", "property")
WAYS: Final = ("bulk", "feed", "compiled")


class PackSize(NamedTuple):
    """How many people the logs have, over how many days, and how often each is replayed each way."""

    people: int
    days: int
    rounds: int


def measure_packs(size: PackSize, tell: Callable[[str], None]) -> dict[str, Any]:
    """Return for each pack the events and outcomes of its log and the cost of an event, each way in turns."""
    found = []
    for pack in PACKS:
        costs: dict[str, list[float]] = {way: [] for way in WAYS}
        said: dict[str, Any] = {}
        for _ in range(size.rounds):
            for way in WAYS:
                ran = _in_a_process(pack, way, size)
                said |= {name: value for name, value in ran.items() if value is not None}
                if ran["seconds"] is not None:
                    costs[way].append(ran["seconds"] / ran["events"] * 1e6)
        row = {name: said[name] for name in ("events", "outcomes", "rules", "of_rules")}
        row |= {f"{way}_us": round(median(each), 1) if each else None for way, each in costs.items()}
        found.append({"pack": pack, **row, "by_the_engine": said.get("why")})
        cost = f"{row['bulk_us']:>9,.0f} µs bulk  {row['feed_us']:>9,.0f} µs one by one"
        compiled = said.get("why") or f"{row['compiled_us']:,.1f} µs compiled"
        tell(f"{pack:16} {row['events']:>8,} events  {cost}  {compiled}")
    return {**size._asdict(), "rows": found}


def _in_a_process(pack: str, way: str, size: PackSize) -> dict[str, Any]:
    command = [sys.executable, __file__, "--one", pack, way, "--people", str(size.people), "--days", str(size.days)]
    done = subprocess.run(command, check=True, capture_output=True)  # noqa: S603 - this very file
    read: dict[str, Any] = json.loads(done.stdout)
    return read


def one_run(name: str, way: str, people: int, days: int) -> dict[str, Any]:
    """Replay the log of one pack in one way and return what it took."""
    from pack_logs import PackLog  # noqa: PLC0415 - the process that only compares needs none of it

    from dutyrules import Engine, load_pack  # noqa: PLC0415
    from dutyrules.cli import THRESHOLDS  # noqa: PLC0415

    gc.set_threshold(*THRESHOLDS)
    pack = load_pack(name)
    lines = [line.encode() for line in PackLog(pack, people, days).lines()]
    if way == "compiled":
        return _compiled(pack, lines)
    engine = Engine(pack, carries="all")
    begun = time.perf_counter()
    outcomes = engine.feed_all(lines) if way == "bulk" else [one for line in lines for one in engine.feed(line)]
    seconds = time.perf_counter() - begun
    rules = len({one.rule for one in outcomes})
    return {
        "seconds": seconds,
        "events": len(lines),
        "outcomes": len(outcomes),
        "rules": rules,
        "of_rules": len(pack.rules),
    }


def _compiled(pack: Pack, lines: list[bytes]) -> dict[str, Any]:
    """Send a log through the pack as a program and return what it took, or why the engine has to replay it."""
    from dutyrules.compiler.bulk import replay_file  # noqa: PLC0415 - as above
    from dutyrules.compiler.plain import PlainLines  # noqa: PLC0415
    from dutyrules.compiler.program import NotCompiled, compile_pack, load_program  # noqa: PLC0415
    from dutyrules.compiler.reading import Beyond  # noqa: PLC0415 - as above

    left: dict[str, Any] = {"events": len(lines), "seconds": None}
    try:
        program = load_program(compile_pack(pack, carries_all=True))
    except NotCompiled as reasons:
        return left | {"why": str(reasons)}
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder, "log.jsonl")
        log.write_bytes(b"\n".join(lines) + b"\n")
        slow = PlainLines(pack, log.name)
        with Path(folder, "out.jsonl").open("w+b") as out:
            begun = time.perf_counter()
            try:
                replay_file(program, log, out, slow=slow, drains=False)
            except Beyond as reason:
                return left | {"why": str(reason)}
            seconds = time.perf_counter() - begun
            out.seek(0)
            return left | {"seconds": seconds, "outcomes": sum(1 for _line in out)}


def main() -> None:
    """Print the table."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--people", type=int, default=30)
    asked.add_argument("--days", type=int, default=50)
    asked.add_argument("--rounds", type=int, default=3)
    asked.add_argument("--into", type=Path, metavar="FOLDER", help="put the table into the results of a folder")
    asked.add_argument("--one", nargs=2, metavar=("PACK", "WAY"), help="one run, as JSON")
    options = asked.parse_args()
    if options.one:
        print(json.dumps(one_run(*options.one, options.people, options.days)))
        return
    from results_page import packs_table  # noqa: PLC0415 - the timed processes need none of it

    measured = measure_packs(PackSize(options.people, options.days, options.rounds), print)
    if options.into:
        put_into(options.into, measured)
    else:
        print(packs_table(measured["rows"]))


def put_into(folder: Path, measured: dict[str, Any]) -> None:
    """Put what was measured into the figures and the page of a folder."""
    from results_page import write_page  # noqa: PLC0415 - the timed processes need none of it

    figures = folder / "results.json"
    found = json.loads(figures.read_text(encoding="utf-8")) | {"packs": measured}
    figures.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    write_page(found, folder / "RESULTS.md")


if __name__ == "__main__":
    main()
