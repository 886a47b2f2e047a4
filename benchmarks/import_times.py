"""Measures what a start costs: importing the package, loading each shipped pack, building its engine.

    python benchmarks/import_times.py [--runs 9] [--json]

Each figure is the median CPU time of fresh processes, which take turns so that a busy machine weighs on all alike.
Times differ from machine to machine, so each stands beside its ratio to `import pydantic`, which every program that
loads a pack must pay.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from statistics import median

PACKS = ("clinic", "school/central", "school/gate", "school/holiday", "callcenter", "property")

PROBE = """
import json, sys, time
start, before, marks = time.process_time(), len(sys.modules), []

def mark(name):
    marks.append((name, (time.process_time() - start) * 1000, len(sys.modules) - before))

{steps}
print(json.dumps(marks))
"""

PROBES = {
    "pydantic": "import pydantic; pydantic.BaseModel; mark('import pydantic')",
    "package": "import dutyrules; mark('import dutyrules')",
    "names": "from dutyrules import Engine, load_pack; mark('from dutyrules import Engine, load_pack')",
}

# Whoever loads a pack from YAML pays for pydantic, and has its own row: here it is there before.
LOAD = """
import pydantic; pydantic.BaseModel
from dutyrules import Engine, load_pack; mark('')
pack = load_pack('{pack}'); mark('load_pack, {pack}')
engine = Engine(pack); mark('Engine, {pack}')
"""


def measure(runs: int, packs: tuple[str, ...] = PACKS) -> list[dict[str, float | str]]:
    """Return a row for each step: its median CPU milliseconds, the modules that it imported, its ratio to pydantic."""
    probes = [*PROBES.values(), *(LOAD.format(pack=pack) for pack in packs)]
    seen: dict[str, list[tuple[float, int]]] = {}
    with tempfile.TemporaryDirectory() as cache:
        for turn in range(runs + 1):
            for probe in probes:
                before = (0.0, 0)
                for name, until, modules in _run(probe, cache):
                    if name and turn:  # the first turn fills the cache of compiled modules
                        seen.setdefault(name, []).append((until - before[0], modules - before[1]))
                    before = (until, modules)
    middle = {name: median(time for time, _ in times) for name, times in seen.items()}
    whole = middle["import pydantic"]
    return [
        {"step": name, "ms": middle[name], "modules": times[0][1], "ratio": middle[name] / whole}
        for name, times in seen.items()
    ]


def _run(steps: str, cache: str) -> list[tuple[str, float, int]]:
    """Run one probe in a fresh process; what it prints are (step, milliseconds since the start, modules since then)."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    command = [sys.executable, "-c", PROBE.format(steps=steps)]
    where = {**kept, "PYTHONPYCACHEPREFIX": cache}
    done = subprocess.run(command, env=where, capture_output=True, check=True)  # noqa: S603 - this interpreter, own text
    return json.loads(done.stdout)


def main() -> None:
    """Print the table, or the rows as JSON."""
    parser = argparse.ArgumentParser(description="what importing dutyrules and loading the shipped packs costs")
    parser.add_argument("--runs", type=int, default=9, help="fresh processes per step")
    parser.add_argument("--json", action="store_true", help="print the rows as JSON")
    wanted = parser.parse_args()
    rows = measure(wanted.runs)
    if wanted.json:
        print(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    print(f"{'step':46} {'ms':>8} {'modules':>8} {'× pydantic':>11}")
    for row in rows:
        print(f"{row['step']:46} {row['ms']:8.1f} {row['modules']:8} {row['ratio']:11.2f}")


if __name__ == "__main__":
    main()
