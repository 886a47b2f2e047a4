"""`dutyrules schema`: the JSON Schema of packs, for editors."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def command(
    *,
    part: Annotated[bool, typer.Option("--part", help="The schema of a part in place of a whole pack.")] = False,
    out: Annotated[Path | None, typer.Option("--out", help="Write to a file in place of standard output.")] = None,
) -> None:
    """Print the JSON Schema of a pack document."""
    from dutyrules.policies.schema import schema_text

    text = schema_text(part=part)
    if out is None:
        typer.echo(text, nl=False)
    else:
        out.write_text(text, encoding="utf-8")
