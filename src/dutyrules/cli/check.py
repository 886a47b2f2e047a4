"""`dutyrules check`: all that is wrong with packs, at once."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dutyrules.policies.model import Pack


class Format(StrEnum):
    """How faults are written."""

    TEXT = "text"
    JSON = "json"


def command(
    packs: Annotated[list[str], typer.Argument(metavar="PACK...", help="A file, or the name of a known pack.")],
    format: Annotated[Format, typer.Option("--format", help="How faults are written.")] = Format.TEXT,  # noqa: A002 - the option's name
    strict: Annotated[bool, typer.Option("--strict", help="Let warnings count as errors.")] = False,
    retention: Annotated[bool, typer.Option("--retention", help="Tell how long each record is remembered.")] = False,
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
            for pack in checked.packs if retention else ():
                typer.echo("\n".join(_retention(pack)))
    if any(one.code == "DR116" for one in found):
        raise typer.Exit(2)
    if any(checked.failed for _, checked in results) or (strict and found):
        raise typer.Exit(1)


def _retention(pack: Pack) -> Iterator[str]:
    """Yield how long a pack's records, totals and events are remembered, and the rule that looks back furthest."""
    from dutyrules.policies.horizons import described, described_seconds, horizons

    found = horizons(pack)
    longest = found.longest
    because = f", because of `{longest.because}`" if longest.because else ""
    late = described_seconds(found.late)
    name = pack.prefix.rstrip("/")
    yield f"{name}: looks back {described(longest)}{because}; takes events that come up to {late} late"
    for word, section in (("record", found.records), ("count", found.counts), ("event", found.events)):
        for part, horizon in section.items():
            if word == "event" and horizon.seconds <= found.late:
                continue
            yield f"  {word:6}  {part:24}  {described(horizon):>10}  {horizon.because}".rstrip()


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
