"""The command line as tests run it."""

from __future__ import annotations

import re

import pytest

import run_commands

_SPACES = re.compile(r" +")


@pytest.fixture
def desk(repository):
    """Return the path of the small pack."""
    return str(repository / "tests" / "desk" / "desk.yaml")


@pytest.fixture
def log(repository):
    """Return the path of the small log."""
    return str(repository / "tests" / "desk" / "log.jsonl")


@pytest.fixture
def run():
    """Give a function that runs a command and returns exit status, stdout and stderr, spaces run together."""

    def command(*arguments, stdin=None):
        status, out, errors = run_commands.run(*arguments, given=stdin)
        return status, _SPACES.sub(" ", out), errors

    return command
