"""The shipped packs over logs in their own vocabulary: whole logs at once, and one event at a time.

    python benchmarks/packs.py [--people 20] [--days 30] [--rounds 3]

Every figure is the median of processes of its own, in which only the replay is timed; loading is measured elsewhere.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from statistics import median
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable

PACKS: Final = ("clinic", "school/central", "school/gate", "school/holiday", "callcenter", "property")
WAYS: Final = ("bulk", "feed")


def measure_packs(people: int, days: int, rounds: int, tell: Callable[[str], None]) -> list[dict[str, Any]]:
    """Return for each pack the events and outcomes of its log and the cost of an event, both ways in turns."""
    found = []
    for pack in PACKS:
        costs: dict[str, list[float]] = {way: [] for way in WAYS}
        said: dict[str, Any] = {}
        for _ in range(rounds):
            for way in WAYS:
                said = _in_a_process(pack, way, people, days)
                costs[way].append(said["seconds"] / said["events"] * 1e6)
        row = {name: said[name] for name in ("events", "outcomes", "rules", "of_rules")}
        row |= {f"{way}_us": round(median(each), 1) for way, each in costs.items()}
        found.append({"pack": pack, **row})
        cost = f"{row['bulk_us']:>9,.0f} µs bulk  {row['feed_us']:>9,.0f} µs one by one"
        tell(f"{pack:16} {row['events']:>8,} events  {cost}")
    return found


def _in_a_process(pack: str, way: str, people: int, days: int) -> dict[str, Any]:
    command = [sys.executable, __file__, "--one", pack, way, "--people", str(people), "--days", str(days)]
    done = subprocess.run(command, check=True, capture_output=True)  # noqa: S603 - this very file
    read: dict[str, Any] = json.loads(done.stdout)
    return read


def one_run(name: str, way: str, people: int, days: int) -> dict[str, Any]:
    """Replay the log of one pack in one way and return what it took."""
    from pack_logs import PackLog  # noqa: PLC0415 - the process that only compares needs none of it

    from dutyrules import Engine, load_pack  # noqa: PLC0415

    pack = load_pack(name)
    lines = [line.encode() for line in PackLog(pack, people, days).lines()]
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


def main() -> None:
    """Print the table."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--people", type=int, default=20)
    asked.add_argument("--days", type=int, default=30)
    asked.add_argument("--rounds", type=int, default=3)
    asked.add_argument("--one", nargs=2, metavar=("PACK", "WAY"), help="one run, as JSON")
    options = asked.parse_args()
    if options.one:
        print(json.dumps(one_run(*options.one, options.people, options.days)))
        return
    measure_packs(options.people, options.days, options.rounds, print)


if __name__ == "__main__":
    main()
