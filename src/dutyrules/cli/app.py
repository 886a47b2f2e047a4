"""Gathers the commands; each stands in a file of its own."""

from __future__ import annotations

import io
import os
import sys
from functools import wraps
from importlib.metadata import version
from typing import TYPE_CHECKING, Annotated

import typer

from dutyrules.cli import (
    audit,
    check,
    compile,  # noqa: A004 - the command's name
    diff,
    explain,
    handbook,
    pseudonymise,
    replay,
    report,
    schema,
    seal,
    statement,
    test,
    timeline,
    verify,
    vocabulary,
    why_not,
)
from dutyrules.cli.inputs import fail

if TYPE_CHECKING:
    from collections.abc import Callable

app = typer.Typer(
    help="Apply duty regulations to logs of events.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(version("dutyrules"))
        raise typer.Exit


@app.callback()
def _options(
    show_version: Annotated[
        bool, typer.Option("--version", help="Print the version and exit.", is_eager=True, callback=_print_version)
    ] = False,
) -> None:
    """Apply duty regulations to logs of events."""


def _until_nobody_reads(command: Callable[..., None]) -> Callable[..., None]:
    """End a command quietly, and with its own cleaning up, when the reader of its output goes away."""

    @wraps(command)
    def run_command(*arguments: object, **options: object) -> None:
        try:
            command(*arguments, **options)
            sys.stdout.flush()
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(0) from None
        except OSError as error:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            name = error.filename or "the output"
            fail(f"`{name}` cannot be read or written: {(error.strerror or str(error)).lower()}")

    return run_command


for _module in (
    check,
    test,
    replay,
    compile,
    audit,
    diff,
    explain,
    why_not,
    statement,
    timeline,
    report,
    seal,
    verify,
    pseudonymise,
    handbook,
    vocabulary,
    schema,
):
    app.command(_module.__name__.rsplit(".", 1)[1].replace("_", "-"))(_until_nobody_reads(_module.command))


def run() -> None:
    """Run the command that the arguments name."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal without Chinese shows `?` rather than nothing at all
    app()
