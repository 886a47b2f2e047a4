"""Runs the command line in this process, as tests of commands do."""

from __future__ import annotations

from typer.testing import CliRunner

from dutyrules.cli.app import app


def run(*arguments, given=None):
    """Run `dutyrules` and return exit status, stdout and stderr; what it does not end with by itself is raised."""
    result = CliRunner().invoke(app, [str(one) for one in arguments], input=given)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout, result.stderr
