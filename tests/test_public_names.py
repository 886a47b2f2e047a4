"""The public names: all there, nothing imported before it is asked for, no extra needed by the core."""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib

import pytest

import dutyrules

EXTRAS = ("click", "holidays", "hypothesis", "pytest", "rich", "typer")

FRESH = """
import sys
before = set(sys.modules)
import dutyrules
found = {name.split(".")[0] for name in set(sys.modules) - before} - sys.stdlib_module_names
print(sorted(found), sorted(name for name in sys.modules if name.startswith("dutyrules")))
"""

PROGRAMS = """
import sys
before = set(sys.modules)
import dutyrules.compiler.bulk, dutyrules.compiler.forgetting
found = {name.split(".")[0] for name in set(sys.modules) - before}
print(sorted(found - sys.stdlib_module_names), sorted(found & {"contextlib", "enum", "functools", "re", "typing"}))
"""

CORE = """
import sys
sys.modules.update(dict.fromkeys({extras!r}))  # to import one of these is now an error
import dutyrules
from dutyrules import *
pack = load_pack(sys.argv[1])
engine = Engine(pack)
with open(sys.argv[2], "rb") as log:
    changes = engine.feed_all(log.read().splitlines())
again = Engine.restore(pack, engine.snapshot())
print(all(getattr(dutyrules, name) for name in dutyrules.__all__))
print(len(changes) > 0, again.outcomes() == engine.outcomes())
"""


def run(source, *arguments):
    """Run a program in an interpreter of its own and return what it prints."""
    command = [sys.executable, "-c", source, *map(str, arguments)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def imported(path, *, within=ast.Module):
    """Return the names that a source imports from `dutyrules` and its modules, in the parts of one kind."""
    parts = [node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, within)]
    return {
        name.name
        for part in parts
        for node in part.body
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith("dutyrules")
        for name in node.names
    }


def test_importing_the_package_imports_nothing_else():
    """`import dutyrules` imports no other package and none of its own modules"""
    assert run(FRESH) == "['dutyrules'] ['dutyrules']"


def test_what_programs_run_on_is_light():
    """what compiled packs run on imports no other package, nor what takes as long to load as a thousand events"""
    assert run(PROGRAMS) == "['dutyrules'] []"


def test_the_core_needs_no_extra(repository):
    """every public name is there, and a log can be fed and restored, where no extra is installed"""
    desk = repository / "tests" / "desk"
    assert run(CORE.format(extras=EXTRAS), desk / "desk.yaml", desk / "log.jsonl") == "True\nTrue True"


def test_each_public_name_is_found():
    """each name that is announced is there, and the list is in order"""
    assert [name for name in dutyrules.__all__ if getattr(dutyrules, name, None) is None] == []
    assert dutyrules.__all__ == sorted(dutyrules.__all__)
    assert set(dutyrules.__all__) <= set(dir(dutyrules))


def test_a_name_that_is_not_public_is_not_found():
    """a misspelt name is an `AttributeError` that says it"""
    with pytest.raises(AttributeError, match="no attribute `Engin`"):
        _ = dutyrules.Engin


def test_type_checkers_see_the_same_names(repository):
    """what a type checker reads in the package, and what the typed program imports, are the public names"""
    public = set(dutyrules.__all__)
    package = repository / "src" / "dutyrules" / "__init__.py"
    assert imported(package, within=ast.If) | {"__version__"} == public
    assert imported(repository / "tests" / "typed" / "embedder.py") == public


def test_the_version_is_that_of_the_project(repository):
    """the version is the one that the project declares"""
    project = tomllib.loads((repository / "pyproject.toml").read_text("utf-8"))["project"]
    assert dutyrules.__version__ == project["version"]


def test_the_typed_program_runs(repository):
    """the program that type checkers read also does its work"""
    desk = repository / "tests" / "desk"
    program = repository / "tests" / "typed" / "embedder.py"
    command = [sys.executable, str(program), str(desk / "desk.yaml"), str(desk / "log.jsonl")]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    assert printed[0] == f"dutyrules {dutyrules.__version__}: ['desk'], 0 faults, 0 lines refused"
    assert "sums: {'li': '300', 'wan': '-20'}" in printed
    assert "the same after restoring: True" in printed
    assert "rows and outcomes agree: True" in printed
