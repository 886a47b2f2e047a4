"""`dutyrules pseudonymise`: keys for pseudonyms, who is who, and logs that name nobody."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dutyrules.cli import inputs

if TYPE_CHECKING:
    from dutyrules.log_files import LogFile


def command(
    logs: Annotated[list[Path] | None, typer.Argument(metavar="[LOG...]", help="Files of events.")] = None,
    *,
    new_key: Annotated[Path | None, typer.Option("--new-key", help="Write a new key to this file.")] = None,
    word: Annotated[str, typer.Option("--word", help="What the new key's pseudonyms begin with.")] = "person",
    key: Annotated[Path | None, typer.Option("--key", help="The key of the pseudonyms.")] = None,
    person: Annotated[list[str] | None, typer.Option("--person", help="Tell this person's pseudonym.")] = None,
    who: Annotated[bool, typer.Option("--who", help="Tell who is who in the logs.")] = False,
    pack: inputs.PackName = None,
    mapping: inputs.MapFile = None,
    out: Annotated[Path | None, typer.Option("--out", help="Write the log to a file.")] = None,
) -> None:
    """Make a key, tell who is who, or write logs out with pseudonyms in place of persons."""
    if new_key is not None:
        _make(new_key, word)
        return
    if key is None:
        inputs.fail("which key is it?", hint="name it with `--key`, or make one with `--new-key FILE`")
    if person:
        secret = inputs.read_key_file(key)
        for name in person:
            typer.echo(f"{secret.pseudonym(name)}\t{name}")
        return
    if not logs:
        inputs.fail("there is nothing to replace names in", hint="name logs, or persons with `--person`")
    known = inputs.pack_beside(pack, logs)
    with inputs.open_logs(logs, known, mapping, key) as files:
        if who:
            _tell(files)
        else:
            _write(files, out)


def _make(path: Path, word: str) -> None:
    from dutyrules.audit.key_files import new_key
    from dutyrules.audit.pseudonyms import WeakKey

    try:
        new_key(path, word)
    except FileExistsError:
        inputs.fail(
            f"`{path}` is there already", hint="a key that is lost makes its pseudonyms nobody's: name another file"
        )
    except WeakKey as error:
        inputs.fail(str(error))
    typer.echo(f"{path}: a new key; keep it apart from what it hides, and do not lose it", err=True)


def _tell(files: list[LogFile]) -> None:
    names = inputs.pseudonyms_of(files)
    for person, pseudonym in sorted(names.known.items()) if names is not None else ():
        typer.echo(f"{pseudonym}\t{person}")


def _write(files: list[LogFile], out: Path | None) -> None:
    """Write every line that holds an event, in the order of the files."""
    from dutyrules.events import EventError

    refusals = inputs.Refusals()
    with ExitStack() as stack:
        stream = sys.stdout.buffer if out is None else stack.enter_context(out.open("wb"))
        for file in files:
            for row in file.rows():
                if isinstance(row.source, EventError):
                    place = f"{file.name}:{row.number}"
                    refusals(EventError(row.source.code, row.source.reason, place, row.source.hint))
                elif isinstance(row.source, bytes):
                    stream.write(row.source + b"\n")
        stream.flush()
    if refusals.broken:
        raise typer.Exit(inputs.UNREADABLE_LOG)
