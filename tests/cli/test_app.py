from __future__ import annotations

import gc
import subprocess
import sys
from importlib.metadata import version

import pytest

import dutyrules.cli


@pytest.mark.parametrize("command", ["check", "test", "replay", "explain", "statement", "timeline", "schema"])
def test_every_command_explains_itself(run, command):
    """every command is listed and has help"""
    assert command in run("--help")[1]
    status, out, _ = run(command, "--help")
    assert status == 0
    assert "Usage" in out


def test_version(run):
    """`--version` prints the version of the package"""
    assert run("--version")[:2] == (0, version("dutyrules") + "\n")


def test_usage_errors_have_status_2(run):
    """unknown commands and options end with status 2"""
    assert run("frobnicate")[0] == 2
    assert run("check", "--frobnicate")[0] == 2


def test_a_command_seldom_looks_for_circles(monkeypatch):
    """a command's own process looks for circles of references seldom, since an engine makes none"""
    usual, seen = gc.get_threshold(), []
    monkeypatch.setattr("dutyrules.cli.app.run", lambda: seen.append(gc.get_threshold()))
    try:
        dutyrules.cli.main()
    finally:
        gc.set_threshold(*usual)
    assert seen == [dutyrules.cli.THRESHOLDS]


def test_the_core_does_not_load_the_command_line():
    """embedding the engine loads neither the packages of the command line nor those of tests"""
    code = (
        "import sys, dutyrules, dutyrules.engine, dutyrules.replay, dutyrules.testing.scenarios\n"
        "print([name for name in ('typer', 'rich', 'click', 'pytest', 'hypothesis') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_without_its_packages_the_command_line_says_what_to_install():
    """without typer the command ends with status 2 and says how to get it"""
    code = "import sys; sys.modules['typer'] = None\nfrom dutyrules.cli import main\nmain()"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "pip install 'dutyrules[cli]'" in done.stderr
