"""`dutyrules replay`: outcomes of logs as they come."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from enum import StrEnum
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated

import typer

from dutyrules.cli import inputs
from dutyrules.cli.inputs import Language
from dutyrules.cli.progress import counting

if TYPE_CHECKING:
    from dutyrules.policies.model import Pack
    from dutyrules.replay import Replay


class Format(StrEnum):
    """How outcomes are written."""

    JSONL = "jsonl"
    CSV = "csv"
    TABLE = "table"


def command(
    logs: Annotated[list[Path], typer.Argument(metavar="LOG...", help="Files of events; `-` is standard input.")],
    *,
    pack: Annotated[str | None, typer.Option("--pack", help="A file, or the name of a known pack.")] = None,
    as_of: Annotated[str | None, typer.Option("--as-of", help="An instant, or a day to its end.")] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Write outcomes to a file.")] = None,
    format: Annotated[  # noqa: A002 - the option's name
        Format, typer.Option("--format", help="`jsonl` and `csv` as outcomes come, `table` as they stand in the end.")
    ] = Format.JSONL,
    mapping: Annotated[Path | None, typer.Option("--map", help="What the columns of CSV files mean.")] = None,
    carries: Annotated[
        str | None,
        typer.Option("--carries", help="Event types whose silence speaks: `all`, `none`, or `a,b=2026-01-01`."),
    ] = None,
    refused: Annotated[Path | None, typer.Option("--set-aside", help="Write what was set aside to a file.")] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Exit with status 1 if anything was set aside.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print no summary.")] = False,
    lang: Annotated[Language, typer.Option("--lang", help="Language of the table.")] = Language.EN,
) -> None:
    """Apply a pack to logs and write every outcome, and every change of one."""
    from dutyrules.replay import Replay

    known = inputs.pack_beside(pack, logs)
    refusals = inputs.Refusals(refused)
    with ExitStack() as stack:
        stack.callback(refusals.close)
        files = stack.enter_context(inputs.open_logs(logs, known, mapping))
        stream = sys.stdout.buffer if out is None else stack.enter_context(out.open("wb"))
        replay = Replay(
            known,
            files,
            as_of=inputs.read_moment(as_of, known),
            carries=inputs.read_carries(carries, known),
            refuse=refusals,
        )
        with counting(replay, shown=out is not None or not sys.stdout.isatty()):
            _write(replay, stream, format, known, lang)
        refusals.events(replay.engine.set_aside)
    if not quiet:
        _summary(replay, refusals.count)
    if refusals.broken:
        raise typer.Exit(inputs.UNREADABLE_LOG)
    if strict and refusals.count:
        raise typer.Exit(1)


def _write(replay: Replay, stream: IO[bytes], form: Format, pack: Pack, lang: Language) -> None:
    from dutyrules.cli import output

    if form is Format.TABLE:
        output.write_table(replay.run().values(), stream, pack, lang)
        return
    write = output.write_jsonl if form is Format.JSONL else output.write_csv
    write(replay.changes(), stream)


def _summary(replay: Replay, set_aside: int) -> None:
    later = f", {replay.later} after the moment asked for" if replay.later else ""
    typer.echo(f"{replay.events} events, {set_aside} set aside{later}", err=True)
    found = replay.counts
    width = max((len(rule) for rule, _, _ in found), default=0)
    for (rule, kind, status), count in sorted(found.items()):
        typer.echo(f"{count:8}  {rule:{width}}  {kind} {status}", err=True)
