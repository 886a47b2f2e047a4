"""The whole benchmark: install the peers, make the logs, run everything in turns, write the page and the plots."""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import attrs
import import_times
from growth import measure_growth
from hot_spots import hot_spots
from packs import PackSize, measure_packs
from peers import YARDSTICK, Contender, NotInstalledError, Peers
from results_page import write_page
from rounds import Course, compare

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE: Final = Path(__file__).parent
OURS: Final = "dutyrules"


@attrs.frozen
class Size:
    """How much is run: logs of so many events and people, rounds, and seconds of one contender at most."""

    main: tuple[int, int]
    others: tuple[tuple[int, int], ...]
    rounds: int
    budget: float
    packs: PackSize
    page: Path


def sizes(scratch: Path) -> dict[str, Size]:
    """Return the sizes by name; only the full one writes into the tree."""
    return {
        "full": Size(
            (200_000, 500),
            ((20_000, 500), (50_000, 500), (1_000_000, 500), (200_000, 50), (200_000, 5_000)),
            5,
            120.0,
            PackSize(30, 50, 3),
            HERE,
        ),
        "quick": Size((2_000, 20), ((6_000, 20), (2_000, 200)), 1, 20.0, PackSize(10, 15, 1), scratch / "quick"),
    }


def own_contenders(scratch: Path) -> list[Contender]:
    """Return the ways in which dutyrules does the job; the pack is compiled beforehand, as other code is."""
    program = scratch / "bench_program.py"

    def ours(name: str, most: int | None, script: str, *options: str) -> Contender:
        return Contender(f"{OURS}, {name}", (sys.executable, str(HERE / script), "IN", "OUT", *options), {}, most)

    compiled = ("run_compiled.py", "--program", str(program))
    engine = ("run_bench_pack.py", "--runner")
    return [
        ours("compiled", None, *compiled),
        ours("compiled, two processes", None, *compiled, "--jobs", "2"),
        ours("engine, whole logs", 50_000, *engine, "ordinary"),
        ours("engine, one event at a time", 50_000, *engine, "feed"),
        ours("engine, durable-rules matcher", 20_000, *engine, "feed", "--matcher", "durable"),
    ]


def compile_program(scratch: Path) -> float:
    """Compile the bench pack anew and return the seconds of that; what is wrong with it is told by its runs."""
    (scratch / "bench_program.py").unlink(missing_ok=True)
    empty = scratch / "data" / "empty.jsonl"
    empty.parent.mkdir(parents=True, exist_ok=True)
    empty.touch()
    files = {"IN": str(empty), "OUT": str(empty.with_suffix(".out"))}
    command = [files.get(part, part) for part in own_contenders(scratch)[0].command]
    begun = time.perf_counter()
    subprocess.run(command, check=False, capture_output=True)  # noqa: S603 - this folder's own
    return time.perf_counter() - begun


def workload(peers: Peers, events: int, people: int) -> Course:
    """Return a log of the benchmark, made by its own generator."""
    folder = peers.scratch / "data"
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / f"n{events}_p{people}.jsonl"
    if not log.exists():
        half = log.with_suffix(".part")
        command = [str(peers.folder / "workload.py"), "--events", str(events), "--people", str(people)]
        subprocess.run([sys.executable, *command, "--out", str(half)], check=True)  # noqa: S603 - the peers' generator
        half.rename(log)
    return Course(log, events, people)


def digest_of(peers: Peers, out: Path) -> str:
    """Return the digest of an output, as the benchmark computes it."""
    command = [sys.executable, str(peers.folder / "digest.py"), "--json", str(out)]
    done = subprocess.run(command, check=True, capture_output=True)  # noqa: S603 - the peers' digest
    return str(json.loads(done.stdout)[0])


def machine() -> dict[str, str]:
    """Return what the figures were measured on."""
    model = platform.processor() or platform.machine()
    described = Path("/proc/cpuinfo")
    if described.exists():
        lines = described.read_text(encoding="utf-8").splitlines()
        model = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), model)
    return {
        "processor": f"{model}, {os.cpu_count()} cores",
        "system": f"{platform.system()} {platform.release().partition('-')[0]}",
        "python": platform.python_version(),
        **{name: version(name) for name in (OURS, "msgspec", "attrs")},
        **{name: said for name in ("java", "node") if (said := _version_of(name))},
    }


def _version_of(program: str) -> str:
    if shutil.which(program) is None:
        return ""
    done = subprocess.run([program, "--version"], check=False, capture_output=True, text=True)  # noqa: S603 - a name
    return done.stdout.partition("\n")[0].strip()


def ready(peers: Peers) -> tuple[Contender, list[Contender], dict[str, str]]:
    """Install the peers; return the yardstick, the others, and why some cannot run."""
    others = own_contenders(peers.scratch)
    missing: dict[str, str] = {}
    yardstick = None
    for found in peers.contenders():
        if isinstance(found, tuple):
            missing[found[0]] = found[1]
        elif found.name == YARDSTICK:
            yardstick = found
        else:
            others.append(found)
    if yardstick is None:
        raise SystemExit(f"the yardstick cannot be run: {missing.get(YARDSTICK, 'there is none')}")
    return yardstick, others, missing


def measure(peers: Peers, size: Size, only: list[str]) -> Iterator[dict[str, Any]]:
    """Run everything, and give all figures so far after each part, so that a run that is broken off leaves its own."""
    compiling = compile_program(peers.scratch)
    yardstick, contenders, missing = ready(peers)
    if only:
        contenders = [one for one in contenders if any(word in one.name for word in only)]
    found: dict[str, Any] = {"machine": machine(), "environments": peers.versions(), "missing": missing, "sets": []}
    found["compiling"] = round(compiling, 2)
    found["engines"] = [one.name for one in contenders if one.engine]
    found["notes"] = {one.name: one.note for one in contenders if one.note}
    pace: dict[str, float] = {}
    for events, people in (size.main, *size.others):
        course = workload(peers, events, people)
        results = compare(
            course, yardstick, contenders, size.rounds, size.budget, lambda out: digest_of(peers, out), tell, pace
        )
        pace |= {one.name: one.spent / len(one.runs) / events for one in results if one.runs and one.name not in pace}
        rows = [one.as_dict() for one in results]
        found["sets"].append({"events": events, "people": people, "rounds": size.rounds, "results": rows})
        yield found
    found["growth"] = growth_of(contenders, peers, size)
    yield found
    found["packs"] = measure_packs(size.packs, tell)
    yield found
    found["start_up"] = import_times.measure(2 * size.rounds + 1)
    found["hot_spots"] = hot_spots(workload(peers, *size.main), own_contenders(peers.scratch))
    yield found


def measure_again(peers: Peers, size: Size, figures: Path) -> Iterator[dict[str, Any]]:
    """Give the figures of an earlier run with growth measured anew."""
    compile_program(peers.scratch)
    found = json.loads(figures.read_text(encoding="utf-8"))
    found["growth"] = growth_of(own_contenders(peers.scratch), peers, size) | {"is_apart": True}
    yield found


def growth_of(contenders: list[Contender], peers: Peers, size: Size) -> dict[str, Any]:
    """Return how the cost of an event grows, and what a second process brings."""
    return measure_growth(contenders, workload, peers, (size.main, *size.others), size.rounds, tell)


def draw(peers: Peers, figures: Path, folder: Path) -> None:
    """Draw the plots in an environment of their own, or say why there are none."""
    try:
        python = peers.plotting()
    except NotInstalledError as error:
        tell(f"no plots: {error}")
        return
    command = [python, str(HERE / "plots.py"), str(figures), str(folder)]
    subprocess.run(command, check=True)  # noqa: S603 - this folder's own


def tell(line: str) -> None:
    """Say how far it is."""
    print(line, flush=True)


def main() -> None:
    """Run the benchmark."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("size", nargs="?", choices=("full", "quick"), default="full")
    asked.add_argument("--peers", type=Path, default=HERE.parent.parent / "shared" / "bench")
    asked.add_argument("--scratch", type=Path, default=Path(tempfile.gettempdir()) / "dutyrules-bench")
    asked.add_argument("--rounds", type=int, help="rounds, in place of the size's own")
    asked.add_argument("--budget", type=float, help="seconds of one contender over one log, in place of the size's own")
    asked.add_argument("--growth", action="store_true", help="measure growth alone, into the results of an earlier run")
    asked.add_argument("--only", nargs="*", default=[], help="run only what has one of these words in its name")
    options = asked.parse_args()
    if not (options.peers / "requirements.txt").exists():
        raise SystemExit(f"there are no peers in {options.peers}: say where with `--peers`")
    peers = Peers(options.peers.resolve(), options.scratch)
    size = sizes(options.scratch)[options.size]
    size = attrs.evolve(size, rounds=options.rounds or size.rounds, budget=options.budget or size.budget)
    size.page.mkdir(parents=True, exist_ok=True)
    figures = size.page / "results.json"
    page = size.page / "RESULTS.md"
    for found in measure_again(peers, size, figures) if options.growth else measure(peers, size, options.only):
        figures.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        write_page(found, page)
    draw(peers, figures, size.page / "plots")
    tell(f"written: {page}")


if __name__ == "__main__":
    main()
