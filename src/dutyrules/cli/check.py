"""`dutyrules check`: all that is wrong with packs, at once, and what they remember."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import Annotated, Any

import typer


class Format(StrEnum):
    """How faults are written."""

    TEXT = "text"
    JSON = "json"


def command(
    packs: Annotated[list[str], typer.Argument(metavar="PACK...", help="A file, or the name of a known pack.")],
    format: Annotated[Format, typer.Option("--format", help="How faults are written.")] = Format.TEXT,  # noqa: A002 - the option's name
    strict: Annotated[bool, typer.Option("--strict", help="Let warnings count as errors.")] = False,
    retention: Annotated[
        bool, typer.Option("--retention", help="Tell how long each count, rule and event type is remembered too.")
    ] = False,
) -> None:
    """Tell every fault of the packs with its place (exit status 1), and how long records are remembered."""
    from dutyrules.cli.remembered import as_record, per_part, per_record
    from dutyrules.policies.diagnostics import render_json, render_text
    from dutyrules.policies.load import check_packs

    results = [(name, check_packs(name)) for name in packs]
    found = list(dict.fromkeys(one for _, checked in results for one in checked.diagnostics))
    if format is Format.JSON:
        packs_found = [as_record(pack, whole=retention) for _, checked in results for pack in checked.packs]
        typer.echo(_as_json(render_json(found), packs_found))
    else:
        sources = {file: text for _, checked in results for file, text in checked.sources.items()}
        typer.echo(render_text(found, sources), nl=False)
        for name, checked in results:
            errors = sum(one.is_error for one in checked.diagnostics)
            warnings = len(checked.diagnostics) - errors
            rules = sum(len(pack.rules) for pack in checked.packs)
            typer.echo(f"{name}: {_number(rules, 'rule')}, {_number(errors, 'error')}, {_number(warnings, 'warning')}")
            for pack in checked.packs:
                for line in per_part(pack) if retention else per_record(pack):
                    typer.echo(line)
    if any(one.code == "DR116" for one in found):
        raise typer.Exit(2)
    if any(checked.failed for _, checked in results) or (strict and found):
        raise typer.Exit(1)


def _as_json(faults: str, packs: list[dict[str, Any]]) -> str:
    """Return the faults and the packs as one JSON object, one fault or pack a line."""
    rows = ",\n".join(json.dumps(one, ensure_ascii=False) for one in packs)
    return f'{{"diagnostics": {faults.rstrip()},\n"packs": [{rows}]}}'


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
