"""Replay a log of the benchmark through the bench pack and write the records that the benchmark asks for.

Used as the peers are: `run_bench_pack.py IN OUT`. What it writes has rule, clause, causes and id of each record too.
"""

from __future__ import annotations

import argparse
import inspect
import json
import resource
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec
from projection import load_table, project

from dutyrules import Engine, load_pack
from dutyrules.replay import Replay, open_logs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from dutyrules import Outcome, Pack

PACK: Final = Path(__file__).with_name("bench.yaml")
TOGETHER: Final = 4096


def ordinary(pack: Pack, log: Path, _options: argparse.Namespace) -> Iterator[list[Outcome]]:
    """Replay with the ordinary engine, instant by instant."""
    replay = Replay(pack, open_logs([log], pack))
    for _, outcomes in replay.steps():
        yield outcomes
    if replay.refused:
        raise SystemExit(f"{len(replay.refused)} lines hold no event, the first: {replay.refused[0].reason}")
    yield from rest_of(replay.engine)


def feed(pack: Pack, log: Path, options: argparse.Namespace) -> Iterator[list[Outcome]]:
    """Hand an engine one event at a time, as an embedder does."""
    engine = engine_of(pack, options)
    with log.open("rb") as lines:
        for line in lines:
            yield engine.feed(line)
    yield from rest_of(engine)


def engine_of(pack: Pack, options: argparse.Namespace) -> Engine:
    """Return an engine with the matcher that is asked for."""
    if options.matcher == "native":
        return Engine(pack)
    if "matcher" not in inspect.signature(Engine).parameters:
        raise SystemExit("the engine has no choice of matchers")
    chosen: dict[str, Any] = {"matcher": options.matcher}
    return Engine(pack, **chosen)


def rest_of(engine: Engine) -> Iterator[list[Outcome]]:
    """Let the clock run on until nothing is pending; an event that was not used is a fault."""
    if engine.set_aside:
        raise SystemExit(f"{len(engine.set_aside)} events were set aside, the first: {engine.set_aside[0].reason}")
    while (wake := engine.next_wake) is not None:
        yield engine.advance(wake)


RUNNERS: Final[dict[str, Callable[[Pack, Path, argparse.Namespace], Iterator[list[Outcome]]]]] = {
    "ordinary": ordinary,
    "feed": feed,
}


def replay(log: Path, out: Path, options: argparse.Namespace) -> None:
    """Replay a log and write the records."""
    pack = load_pack(PACK)
    table = load_table()
    encode = msgspec.json.Encoder().encode_lines
    waiting = []
    with out.open("wb") as stream:
        for outcomes in RUNNERS[options.runner](pack, log, options):
            waiting += project(outcomes, table, pack.prefix)
            if len(waiting) > TOGETHER:
                stream.write(encode(waiting))
                waiting.clear()
        stream.write(encode(waiting))


def main() -> None:
    """Replay, and print how long it took, as the peers do."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("log", type=Path)
    asked.add_argument("out", type=Path)
    asked.add_argument("--runner", choices=tuple(RUNNERS), default="ordinary")
    asked.add_argument("--matcher", choices=("native", "durable"), default="native")
    asked.add_argument("--jobs", type=int, default=1)
    options = asked.parse_args()
    if options.jobs > 1:
        raise SystemExit(f"the runner `{options.runner}` uses one process")
    begun, used = time.perf_counter(), time.process_time()
    replay(options.log, options.out, options)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    took = {"inner_s": time.perf_counter() - begun, "cpu_s": time.process_time() - used, "rss_mb": peak}
    print(json.dumps({name: round(value, 4) for name, value in took.items()}))


if __name__ == "__main__":
    main()
