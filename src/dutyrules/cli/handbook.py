"""`dutyrules handbook`: a pack read back as a document."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from dutyrules.cli.inputs import Language, fail


class Form(StrEnum):
    """The form of the document."""

    MD = "md"
    HTML = "html"


def command(
    pack: Annotated[str, typer.Argument(metavar="PACK", help="A file, or the name of a known pack.")],
    *,
    lang: Annotated[Language, typer.Option("--lang", help="Language of the document.")] = Language.EN,
    form: Annotated[Form | None, typer.Option("--format", help="By default as FILE ends, else Markdown.")] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Write to a file in place of standard output.")] = None,
) -> None:
    """Write a pack as a document: what each rule says, and beside it what its logic does."""
    from dutyrules.handbook import build_handbook, to_html, to_markdown
    from dutyrules.policies.load import PackError, load_packs

    try:
        packs = load_packs(pack)
    except PackError as error:
        fail(str(error).rstrip("\n"))
    book = build_handbook(packs, lang.value)
    named = Form.HTML if out is not None and out.suffix.lower() in {".html", ".htm"} else Form.MD
    text = to_html(book) if (form or named) is Form.HTML else to_markdown(book)
    if out is None:
        typer.echo(text, nl=False)
        return
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        fail(f"`{out}` cannot be written: {(error.strerror or str(error)).lower()}")
