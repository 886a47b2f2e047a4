"""The command line as tests run it."""

from __future__ import annotations

import re

import pytest
from typer.testing import CliRunner

from dutyrules.cli.app import app

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
        result = CliRunner().invoke(app, [str(one) for one in arguments], input=stdin)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result.exit_code, _SPACES.sub(" ", result.stdout), result.stderr

    return command
