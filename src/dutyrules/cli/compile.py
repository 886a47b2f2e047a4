"""`dutyrules compile`: which rules of a pack a single pass can apply, and the pack as a Python program."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dutyrules.cli import inputs

if TYPE_CHECKING:
    from dutyrules.policies.model import Pack


class Format(StrEnum):
    """How the answer is written."""

    TABLE = "table"
    JSON = "json"


def command(
    pack: Annotated[str, typer.Argument(metavar="PACK", help="A file, or the name of a known pack.")],
    *,
    show: Annotated[bool, typer.Option("--show", help="Print the program.")] = False,
    out: Annotated[Path | None, typer.Option("--out", help="Write the program to a file.")] = None,
    layout: Annotated[Path | None, typer.Option("--layout", help="Other words and columns for outcomes.")] = None,
    carries: Annotated[
        str | None,
        typer.Option("--carries", help="Event types whose silence speaks: `all`, `none`, or `a,b=2026-01-01`."),
    ] = None,
    format: Annotated[Format, typer.Option("--format", help="How the answer is written.")] = Format.TABLE,  # noqa: A002 - the option's name
) -> None:
    """Say which rules of a pack compile, and print or write the pack as a program."""
    from dutyrules.compiler.program import NotCompiled, carries_everything, compile_pack, makers

    known = inputs.load_one_pack(pack)
    wanted = inputs.read_layout(layout)
    carries_all = carries_everything(known, inputs.read_carries(carries, known))
    try:
        text = compile_pack(known, wanted, carries_all=carries_all)
        reasons: dict[str, str] = {}
    except NotCompiled as error:
        text = ""
        reasons = {one.rule: one.reason for one in error.refusals}
    if not (show and text):
        _tell(known, makers(known), reasons, format, to_stderr=show)
    if text and show:
        typer.echo(text, nl=False)
    if text and out is not None:
        _write(text, out)
    if reasons and (show or out is not None):
        raise typer.Exit(1)


def _tell(pack: Pack, names: list[str], reasons: dict[str, str], form: Format, *, to_stderr: bool) -> None:
    done = sum(name not in reasons for name in names)
    if form is Format.JSON:
        found = {"pack": pack.name, "rules": len(names), "compiled": done, "refused": reasons}
        typer.echo(json.dumps(found, ensure_ascii=False, indent=2), err=to_stderr)
        return
    typer.echo(f"{pack.name}: {done} of {len(names)} rules compile", err=to_stderr)
    width = max(map(len, reasons), default=0)
    for name, reason in reasons.items():
        typer.echo(f"  {name:{width}}  {reason}", err=to_stderr)


def _write(text: str, out: Path) -> None:
    from dutyrules.cli.targets import written

    with written(out) as stream:
        stream.write(text.encode())
