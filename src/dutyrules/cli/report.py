"""`dutyrules report`: a log under a pack as one page to look at, as CSV and as a workbook."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dutyrules.cli import inputs
from dutyrules.cli.inputs import Language
from dutyrules.cli.progress import counting

if TYPE_CHECKING:
    from dutyrules.policies.model import Pack
    from dutyrules.report import Report

PACKAGES = {"jinja2", "markupsafe", "xlsxwriter"}


def command(
    logs: inputs.Logs,
    *,
    pack: inputs.PackName = None,
    out: Annotated[Path | None, typer.Option("--out", help="The page, one HTML file.")] = None,
    csv: Annotated[Path | None, typer.Option("--csv", help="The outcomes as CSV.")] = None,
    xlsx: Annotated[Path | None, typer.Option("--xlsx", help="Outcomes and totals as an Excel workbook.")] = None,
    as_of: inputs.AsOf = None,
    mapping: inputs.MapFile = None,
    carries: inputs.Carries = None,
    lang: Annotated[Language, typer.Option("--lang", help="Language of the tables, and in which the page starts.")] = (
        Language.EN
    ),
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print no summary.")] = False,
    key: inputs.KeyFile = None,
) -> None:
    """Write a log's outcomes as a page with pictures, as CSV, as a workbook: to be looked at rather than read."""
    from dutyrules.report import collect

    if out is None and csv is None and xlsx is None:
        inputs.fail("nothing to write", hint="name a file with `--out`, `--csv` or `--xlsx`")
    known = inputs.pack_beside(pack, logs)
    refusals = inputs.Refusals()
    with inputs.open_logs(logs, known, mapping, key) as files:
        replay = inputs.replay_of(known, files, as_of, carries)
        with counting(replay, shown=True):
            report = collect(replay)
    for error in replay.refused:
        refusals(error)
    refusals.events(replay.engine.set_aside)
    try:
        _write(report, known, lang, out, csv, xlsx)
    except OSError as error:
        inputs.fail(f"`{error.filename}` cannot be written: {(error.strerror or str(error)).lower()}")
    if not quiet:
        typer.echo(f"{report.events} events, {refusals.count} set aside, {len(report.rows)} outcomes", err=True)
    if refusals.broken:
        raise typer.Exit(inputs.UNREADABLE_LOG)


def _write(report: Report, pack: Pack, lang: Language, out: Path | None, csv: Path | None, xlsx: Path | None) -> None:
    """Write the files that were asked for."""
    from dutyrules.report.sheets import outcomes_sheet, write_csv
    from dutyrules.report.wording import Wording

    wording = Wording(pack, lang.value)
    try:
        if out is not None:
            from dutyrules.report.page import to_html

            out.write_text(to_html(report, lang.value), encoding="utf-8", newline="\n")
        if csv is not None:
            with csv.open("w", encoding="utf-8", newline="") as stream:
                write_csv(outcomes_sheet(report, wording), stream)
        if xlsx is not None:
            from dutyrules.report.workbook import TooManyRows, to_xlsx

            try:
                xlsx.write_bytes(to_xlsx(report, wording))
            except TooManyRows as error:
                inputs.fail(str(error), hint="take `--csv`, or a shorter log")
    except ModuleNotFoundError as error:
        if error.name not in PACKAGES:
            raise
        inputs.fail("a report needs more packages", hint="pip install 'dutyrules[cli,report]'")
