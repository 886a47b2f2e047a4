"""What a start costs: which modules the core imports, and how much work loading a pack is.

Nothing here is compared with a clock alone: modules and calls are counted, and the one time stands beside that of
importing pydantic in the same run. `benchmarks/import_times.py` prints the figures.
"""

from __future__ import annotations

import cProfile
import importlib.util
import json
import pstats
import subprocess
import sys

import pytest

from dutyrules import load_pack
from dutyrules.policies.yaml_nodes import MapNode, SeqNode

CORE = {
    *("attr", "attrs"),
    "msgspec",
    *("pydantic", "pydantic_core", "annotated_types", "typing_extensions", "typing_inspection"),
    "yaml",
    "tzdata",
}
"""The packages that the core stands on, with what they import themselves."""

FOREIGN = {"sqlite3", "asyncio", "http", "multiprocessing", "unittest", "tkinter", "xml", "ssl"}
"""Parts of the standard library that serve storing, fetching and showing."""

LOOK = """
import json, sys
before = set(sys.modules)
{steps}
new = set(sys.modules) - before
tops = {{name.split(".")[0] for name in new}}
installed = {{
    name.split(".")[0] for name in new if "site-packages" in (getattr(sys.modules[name], "__file__", None) or "")
}}
print(json.dumps([sorted(installed - {{"dutyrules"}}), sorted(tops & sys.stdlib_module_names), len(new)]))
"""

STEPS = {
    "package": "import dutyrules",
    "engine": "from dutyrules import Engine, Event, decode_event, encode, explain, Replay",
    "run": "from dutyrules import Engine, load_pack; pack = load_pack({pack!r}); engine = Engine(pack)\n"
    "engine.feed_all([]); Engine.restore(pack, engine.snapshot())",
}

OTHERS = "print(sum(not name.startswith('dutyrules') for name in sys.modules))"
COUNTED = (
    f"import sys; from dutyrules import Engine, load_pack; Engine(load_pack('clinic')); {OTHERS}",
    f"import sys, pydantic; pydantic.BaseModel; {OTHERS}",
)

PACKS = ("clinic", "school/central", "callcenter", "property")


def look(step, pack="clinic"):
    """Return what a step imports in a fresh process: installed packages, parts of the standard library, how many."""
    command = [sys.executable, "-c", LOOK.format(steps=STEPS[step].format(pack=pack))]
    installed, standard, count = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    return set(installed), set(standard), count


def size(node):
    """Return how many keys and values a document has."""
    if isinstance(node, MapNode):
        return 1 + sum(1 + size(value) for _, value in node.entries)
    return 1 + sum(map(size, node.items)) if isinstance(node, SeqNode) else 1


def calls_of(pack):
    """Return how many calls loading a pack takes once everything is imported, and the pack."""
    load_pack("school/gate")
    profile = cProfile.Profile()
    profile.enable()
    found = load_pack(pack)
    profile.disable()
    return pstats.Stats(profile).total_calls, found


def test_importing_the_package_is_next_to_nothing():
    """`import dutyrules` imports no installed package, and fewer than thirty modules in all"""
    installed, _, count = look("package")
    assert installed == set()
    assert count < 30


def test_pydantic_waits_for_a_pack():
    """the names that an embedder uses beside a pack come without pydantic: the shape of packs is not built for them"""
    installed, _, _ = look("engine")
    assert "msgspec" in installed
    assert not {name for name in installed if name.startswith("pydantic")}


@pytest.mark.parametrize("pack", PACKS)
def test_the_core_stands_on_few_packages(pack):
    """loading a pack and running it import the core's own dependencies, and nothing that stores, serves or draws"""
    installed, standard, _ = look("run", pack)
    assert "pydantic" in installed
    assert installed - CORE == set()
    assert standard & FOREIGN == set()


def test_what_is_imported_grows_with_the_project_alone():
    """a loaded pack and its engine bring, beside the project's own modules, fewer than 2.4 times those of pydantic"""
    ours, theirs = (
        int(subprocess.run([sys.executable, "-c", code], check=True, capture_output=True).stdout) for code in COUNTED
    )
    assert ours < 2.4 * theirs


@pytest.mark.parametrize("pack", PACKS)
def test_loading_is_in_proportion_to_the_pack(pack):
    """loading takes a bounded number of calls per key and value of the pack, and so does not grow faster than it"""
    calls, found = calls_of(pack)
    assert calls < 30_000 + 110 * size(found.document)


def test_loading_stays_within_sight_of_importing_pydantic(repository):
    """a fresh process loads the clinic's pack in a few times what importing pydantic takes in the same run"""
    path = repository / "benchmarks" / "import_times.py"
    spec = importlib.util.spec_from_file_location("import_times", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    rows = {row["step"]: row for row in module.measure(3, ("clinic",))}
    assert rows["import dutyrules"]["ratio"] < 0.5
    assert rows["load_pack, clinic"]["ratio"] < 8
    assert rows["Engine, clinic"]["ratio"] < 4
