"""`dutyrules check`: all that is wrong with packs, at once."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer


class Format(StrEnum):
    """How faults are written."""

    TEXT = "text"
    JSON = "json"


def command(
    packs: Annotated[list[str], typer.Argument(metavar="PACK...", help="A file, or the name of a known pack.")],
    format: Annotated[Format, typer.Option("--format", help="How faults are written.")] = Format.TEXT,  # noqa: A002 - the option's name
    strict: Annotated[bool, typer.Option("--strict", help="Let warnings count as errors.")] = False,
) -> None:
    """Tell every fault of the packs with its place; exit status 1 if there is one."""
    from dutyrules.policies.diagnostics import render_json, render_text
    from dutyrules.policies.load import check_packs

    results = [(name, check_packs(name)) for name in packs]
    found = list(dict.fromkeys(one for _, checked in results for one in checked.diagnostics))
    if format is Format.JSON:
        typer.echo(render_json(found), nl=False)
    else:
        sources = {file: text for _, checked in results for file, text in checked.sources.items()}
        typer.echo(render_text(found, sources), nl=False)
        for name, checked in results:
            errors = sum(one.is_error for one in checked.diagnostics)
            warnings = len(checked.diagnostics) - errors
            rules = sum(len(pack.rules) for pack in checked.packs)
            typer.echo(f"{name}: {_number(rules, 'rule')}, {_number(errors, 'error')}, {_number(warnings, 'warning')}")
    if any(one.code == "DR116" for one in found):
        raise typer.Exit(2)
    if any(checked.failed for _, checked in results) or (strict and found):
        raise typer.Exit(1)


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
