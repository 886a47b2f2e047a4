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
    from collections.abc import Iterator, Mapping

    from dutyrules.cli.compiled import Wanted
    from dutyrules.compiler.layouts import Layout
    from dutyrules.log_files import LogFile
    from dutyrules.policies.model import Pack
    from dutyrules.replay import Counted, Replay


class Format(StrEnum):
    """How outcomes are written."""

    JSONL = "jsonl"
    CSV = "csv"
    TABLE = "table"


def command(
    logs: inputs.Logs,
    *,
    pack: Annotated[str | None, typer.Option("--pack", help="A file, or the name of a known pack.")] = None,
    as_of: inputs.AsOf = None,
    as_known: Annotated[
        str | None, typer.Option("--as-known", help="Leave out what was recorded later; `table` shows then and now.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Write outcomes to a file, once all of them are there.")
    ] = None,
    format: Annotated[  # noqa: A002 - the option's name
        Format, typer.Option("--format", help="`jsonl` and `csv` as outcomes come, `table` as they stand in the end.")
    ] = Format.JSONL,
    mapping: inputs.MapFile = None,
    carries: Annotated[
        str | None,
        typer.Option("--carries", help="Event types whose silence speaks: `all`, `none`, or `a,b=2026-01-01`."),
    ] = None,
    refused: Annotated[Path | None, typer.Option("--set-aside", help="Write what was set aside to a file.")] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Exit with status 1 if anything was set aside.")] = False,
    engine: Annotated[bool, typer.Option("--engine", help="Compile nothing: the engine does it all.")] = False,
    program: Annotated[Path | None, typer.Option("--program", help="The pack, compiled ahead of time.")] = None,
    layout: Annotated[Path | None, typer.Option("--layout", help="Other words and columns for outcomes.")] = None,
    jobs: Annotated[int, typer.Option("--jobs", min=1, help="Processes among which people are shared out.")] = 1,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print no summary.")] = False,
    lang: Annotated[Language, typer.Option("--lang", help="Language of the table.")] = Language.EN,
    key: inputs.KeyFile = None,
) -> None:
    """Apply a pack to logs and write every outcome, and every change of one."""
    from dutyrules.cli.compiled import Wanted
    from dutyrules.cli.targets import written

    known = inputs.pack_beside(pack, logs)
    if layout is not None and format is not Format.JSONL:
        inputs.fail("a layout says how JSON Lines are written", hint="leave out `--format`")
    wanted = Wanted(
        inputs.read_carries(carries, known), inputs.read_moment(as_of, known), inputs.read_layout(layout), jobs
    )
    refusals = inputs.Refusals(refused)
    with ExitStack() as stack:
        stack.callback(refusals.close)
        files = stack.enter_context(inputs.open_logs(logs, known, mapping, key))
        stream = stack.enter_context(written(out))
        why = "for `--as-known`" if as_known is not None else _unfit(files, format, engine=engine)
        why = why or _compiled(known, files[0], stream, wanted, refusals, program, quiet=quiet)
        if why is not None:
            replay = _replay(known, files, wanted, refusals, inputs.read_moment(as_known, known))
            _by_the_engine(replay, stream, wanted, refusals, why, format, lang, shown=out is not None, quiet=quiet)
    if refusals.broken:
        raise typer.Exit(inputs.UNREADABLE_LOG)
    if strict and refusals.count:
        raise typer.Exit(1)


def _unfit(files: list[LogFile], form: Format, *, engine: bool) -> str | None:
    """Return why these options need the engine, None if they do not."""
    from dutyrules.log_files import JsonLines

    if engine:
        return "as asked for"
    if form is not Format.JSONL:
        return f"for `--format {form.value}`"
    if len(files) > 1 or not isinstance(files[0], JsonLines):
        return "a compiled pack reads one file of JSON Lines"
    return None


def _compiled(
    pack: Pack,
    file: LogFile,
    stream: IO[bytes],
    wanted: Wanted,
    refusals: inputs.Refusals,
    module: Path | None,
    *,
    quiet: bool,
) -> str | None:
    """Let the compiled pack do it; return why it cannot, None if it did."""
    from dutyrules.cli.compiled import pass_through, prepared

    program = prepared(pack, wanted, module)
    if isinstance(program, str):
        return program
    done = pass_through(program, pack, file, stream, wanted, counted=not quiet and wanted.layout is None)
    if isinstance(done, str):
        return done
    for error in done.refused:
        refusals(error)
    refusals.events(done.aside)
    if not quiet:
        _summary(done.passed.events, refusals.count, done.passed.later, done.counts, done.how)
    return None


def _replay(
    pack: Pack, files: list[LogFile], wanted: Wanted, refusals: inputs.Refusals, as_known: int | None
) -> Replay:
    from dutyrules.replay import Replay

    return Replay(pack, files, wanted.as_of, wanted.carries, refusals, as_known=as_known)


def _by_the_engine(
    replay: Replay,
    stream: IO[bytes],
    wanted: Wanted,
    refusals: inputs.Refusals,
    why: str,
    form: Format,
    lang: Language,
    *,
    shown: bool,
    quiet: bool,
) -> None:
    with counting(replay, shown=shown or not sys.stdout.isatty()):
        _write(replay, stream, form, lang, wanted.layout)
    refusals.events(replay.engine.set_aside)
    if not quiet:
        counts = replay.counts if wanted.layout is None else {}
        if replay.log.not_known:
            typer.echo(f"recorded later and left out: {replay.log.not_known}", err=True)
        _summary(replay.events, refusals.count, replay.later, counts, f"by the engine: {why}")


def _write(replay: Replay, stream: IO[bytes], form: Format, lang: Language, layout: Layout | None) -> None:
    from dutyrules.cli import output
    from dutyrules.cli.then_and_now import write_both

    if form is Format.TABLE and replay.as_known is not None:
        write_both(replay, stream, lang)
        return
    if form is Format.TABLE:
        output.write_table(replay.run().values(), stream, replay.pack, lang)
        return
    if layout is not None:
        for line in _laid_out(replay, layout):
            stream.write(line)
        return
    write = output.write_jsonl if form is Format.JSONL else output.write_csv
    write(replay.changes(), stream)


def _laid_out(replay: Replay, layout: Layout) -> Iterator[bytes]:
    import msgspec

    encoder = msgspec.json.Encoder(decimal_format="number")
    for outcome in replay.changes():
        document = layout.document(outcome)
        if document is not None:
            yield encoder.encode(document) + b"\n"


def _summary(events: int, set_aside: int, later: int, found: Mapping[Counted, int], how: str) -> None:
    after = f", {later} after the moment asked for" if later else ""
    typer.echo(f"{events} events, {set_aside} set aside{after}, {how}", err=True)
    width = max((len(rule) for rule, _, _ in found), default=0)
    for (rule, kind, status), count in sorted(found.items()):
        typer.echo(f"{count:8}  {rule:{width}}  {kind} {status}", err=True)
