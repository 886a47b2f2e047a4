"""`dutyrules vocabulary`: the types of events, their fields, and which rules read them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dutyrules.cli.inputs import load_every_pack


def command(
    packs: Annotated[
        list[str] | None,
        typer.Option(
            "--pack", help="Only types that rules of this pack read; a file or name, several times if need be."
        ),
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Write to a file in place of standard output.")] = None,
) -> None:
    """Print the event types as a Markdown page; without `--pack` all of them, with the rules of all known packs."""
    from dutyrules.policies.load import known_packs
    from dutyrules.vocabulary.page import vocabulary_page

    names = packs or sorted(known_packs())
    text = vocabulary_page([pack for name in names for pack in load_every_pack(name)], only_read=bool(packs))
    if out is None:
        typer.echo(text, nl=False)
    else:
        out.write_text(text, encoding="utf-8")
