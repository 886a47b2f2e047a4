"""`dutyrules diff`: what two packs make of one log, and why it is not the same."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dutyrules.cli import inputs
from dutyrules.cli.inputs import Language, fail

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator, Mapping

    from dutyrules.cli.diff_words import Telling
    from dutyrules.log_files import LogFile
    from dutyrules.policies.model import Pack

DIFFERS = 1


class Format(StrEnum):
    """How the difference is written."""

    TEXT = "text"
    JSON = "json"


def command(
    pack_a: Annotated[str, typer.Argument(metavar="PACK-A", help="A file, or the name of a known pack.")],
    pack_b: Annotated[str, typer.Argument(metavar="PACK-B", help="Another version of it, or another pack.")],
    logs: Annotated[
        list[Path] | None, typer.Argument(metavar="LOG...", help="Files of events; `-` is standard input.")
    ] = None,
    *,
    find: Annotated[bool, typer.Option("--find", help="Look for a small log on which they differ.")] = False,
    logs_drawn: Annotated[int, typer.Option("--logs", min=1, help="How many logs `--find` may look at.")] = 300,
    as_of: inputs.AsOf = None,
    mapping: inputs.MapFile = None,
    carries: inputs.Carries = None,
    format: Annotated[Format, typer.Option("--format", help="How the difference is written.")] = Format.TEXT,  # noqa: A002 - the option's name
    out: Annotated[Path | None, typer.Option("--out", help="Write the difference, or the scenario, to a file.")] = None,
    most: Annotated[
        int, typer.Option("--most", min=0, help="How many changes, people and rules `text` shows; 0 shows all.")
    ] = 20,
    tried: Annotated[
        int, typer.Option("--tried", min=0, help="With more differing entries than this, none is tried one by one.")
    ] = 60,
    lang: inputs.Lang = Language.EN,
    key: inputs.KeyFile = None,
) -> None:
    """Compare what two packs make of a log: who would fare differently, and which rule or parameter is responsible."""
    usage = "`dutyrules diff PACK-A PACK-B LOG`"
    if find and logs:
        fail("`--find` looks for a log of its own and takes none", hint=usage)
    if not find and not logs:
        fail("name a log, or let `--find` look for one", hint=usage)
    a, b = inputs.load_one_pack(pack_a), inputs.load_one_pack(pack_b)
    if logs is None or find:
        differs = _found(a, b, logs_drawn, out)
    else:
        refusals = inputs.Refusals()
        with inputs.open_logs(logs, a, mapping, key, b) as files:
            telling = _compared(
                a, b, files, inputs.read_moment(as_of, a), inputs.read_carries(carries, a), refusals, tried, lang
            )
        _write(_document(telling) if format is Format.JSON else "\n".join(telling.lines(most)) + "\n", out)
        if refusals.broken:
            raise typer.Exit(inputs.UNREADABLE_LOG)
        differs = bool(telling.difference.changes)
    if differs:
        raise typer.Exit(DIFFERS)


def _compared(
    a: Pack,
    b: Pack,
    files: list[LogFile],
    as_of: int | None,
    carries: Mapping[str, dt.date] | str | None,
    refusals: inputs.Refusals,
    tried: int,
    lang: Language,
) -> Telling:
    from dutyrules.audit.difference import compare, judge
    from dutyrules.audit.difference_causes import Trials
    from dutyrules.audit.difference_levers import levers
    from dutyrules.cli.diff_words import Telling

    one = judge(a, files, as_of=as_of, carries=carries, refuse=refusals)
    difference = compare(one, judge(b, files, as_of=as_of, carries=carries))
    changed = levers(a, b)
    trials = Trials(a, b, difference, lambda pack: judge(pack, files, as_of=as_of, carries=carries).outcomes)
    return Telling(a, b, difference, changed, trials.causes(changed, tried), lang)


def _document(telling: Telling) -> str:
    import msgspec

    from dutyrules.cli.diff_words import document

    encoder = msgspec.json.Encoder(decimal_format="string")
    return msgspec.json.format(encoder.encode(document(telling))).decode() + "\n"


def _write(text: str, out: Path | None) -> None:
    if out is None:
        typer.echo(text, nl=False)
    else:
        out.write_text(text, encoding="utf-8")


@contextmanager
def _nothing_left_behind() -> Iterator[None]:
    """Let hypothesis keep its notes in a folder that goes away, and not in the one where the command is run."""
    from hypothesis.configuration import set_hypothesis_home_dir

    with tempfile.TemporaryDirectory(prefix="dutyrules-") as folder:
        set_hypothesis_home_dir(folder)
        try:
            yield
        finally:
            set_hypothesis_home_dir(None)


def _found(a: Pack, b: Pack, most: int, out: Path | None) -> bool:
    """Print a scenario on which the packs differ, and tell whether there is one within the bound."""
    try:
        from dutyrules.audit.difference_search import Search
    except ImportError:
        fail("`--find` needs hypothesis", hint="install the extra `testing`: `pip install 'dutyrules[testing]'`")
    search = Search(a, b, most)
    bound = f"of at most {most} logs, each of at most {search.most_events} events"
    with _nothing_left_behind():
        found = search.run()
    if found is None:
        looked = f"{search.drawn} logs looked at, {bound}"
        typer.echo(f"no difference that a scenario can tell was found: {looked}; that is no proof", err=True)
        return False
    typer.echo(f"a difference was found: {search.drawn} logs looked at, {bound}", err=True)
    _write(found.text, out)
    return True
