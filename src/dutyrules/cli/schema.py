"""`dutyrules schema`: the JSON Schema of packs, for editors."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer


def command(
    out: Annotated[Path | None, typer.Option("--out", help="Write to a file in place of standard output.")] = None,
) -> None:
    """Print the JSON Schema of a pack document."""
    from dutyrules.policies.schema import pack_schema

    text = json.dumps(pack_schema(), ensure_ascii=False, indent=2) + "\n"
    if out is None:
        typer.echo(text, nl=False)
    else:
        out.write_text(text, encoding="utf-8")
