"""Runs the command line in this process, as tests of commands do.

A pack that one command has read is not read again for the next: that takes longer than most commands do.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from typer.testing import CliRunner

from dutyrules.cli.app import app
from dutyrules.policies import load

POLICIES = Path(__file__).parent.parent / "policies"
_read = load._checked  # noqa: SLF001 - what every way to load a pack comes to
_known: dict[tuple[str, bytes, str | None], load.Checked] = {}


def run(*arguments, given=None):
    """Run `dutyrules` and return exit status, stdout and stderr; what it does not end with by itself is raised."""
    result = result_of(*arguments, given=given)
    return result.exit_code, result.stdout, result.stderr


def result_of(*arguments, given=None):
    """Run `dutyrules` and return what typer's runner has of it; what it does not end with by itself is raised."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(load, "_checked", _read_once)
        result = CliRunner().invoke(app, [str(one) for one in arguments], input=given)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def _read_once(source, diagnostics):
    """Return what checking a file gave, or gave before if all that it rests on are its own bytes and shipped packs."""
    key = source.file, source.data, source.section
    if key in _known:
        return _known[key]
    found = _read(source, diagnostics)
    if {text for file, text in found.sources.items() if file != source.file} <= _shipped():
        _known[key] = found
    return found


@cache
def _shipped():
    """Return the texts of the shipped packs and of their parts, which no test changes."""
    return {path.read_text("utf-8") for path in POLICIES.rglob("*.yaml")}
