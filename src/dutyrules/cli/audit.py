"""`dutyrules audit`: what was decided against what the policy demands."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from dutyrules.cli import inputs
from dutyrules.cli.inputs import Language
from dutyrules.cli.progress import counting

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dutyrules.audit.decision_mapping import DecisionMapping
    from dutyrules.audit.decisions import Decision, Unread
    from dutyrules.audit.findings import Audit, Verdict
    from dutyrules.audit.pseudonyms import Pseudonyms
    from dutyrules.policies.model import Pack

DEVIATES: Final = 1
NOT_WHOLE: Final = 4
SHOWN: Final = 20


class Format(StrEnum):
    """How an audit is written."""

    TEXT = "text"
    JSON = "json"
    CSV = "csv"


def command(
    logs: inputs.Logs,
    *,
    decisions: Annotated[Path, typer.Option("--decisions", help="What was decided: CSV or JSON Lines.")],
    decision_mapping: Annotated[
        Path | None,
        typer.Option(
            "--decisions-map", help="What its columns mean; by default `decisions.yaml` beside the file of decisions."
        ),
    ] = None,
    pack: inputs.PackName = None,
    mapping: Annotated[Path | None, typer.Option("--map", help="What the columns of CSV logs mean.")] = None,
    as_of: inputs.AsOf = None,
    carries: inputs.Carries = None,
    format: Annotated[Format, typer.Option("--format", help="`csv` opens in Excel.")] = Format.TEXT,  # noqa: A002 - the option's name
    out: Annotated[Path | None, typer.Option("--out", help="Write the audit to a file.")] = None,
    only: Annotated[
        str | None, typer.Option("--only", help="Show these verdicts alone, with commas between: `differs,missing`.")
    ] = None,
    most: Annotated[
        int, typer.Option("--most", min=0, help="How many of each verdict `text` shows; 0 shows all.")
    ] = SHOWN,
    lang: inputs.Lang = Language.EN,
    key: inputs.KeyFile = None,
) -> None:
    """Compare recorded decisions with what the policy demands: agrees, differs, not demanded, missing."""
    from dutyrules.audit.verdicts import audit
    from dutyrules.replay import Replay

    known = inputs.pack_beside(pack, logs)
    verdicts = _verdicts(only, agreeing=format is not Format.TEXT)
    shape = _mapping(decision_mapping or decisions.parent / "decisions.yaml", known)
    refusals = inputs.Refusals()
    with ExitStack() as stack:
        files = stack.enter_context(inputs.open_logs(logs, known, mapping, key))
        found, unread = _decisions(decisions, shape, known, inputs.pseudonyms_of(files))
        moment, carried = inputs.read_moment(as_of, known), inputs.read_carries(carries, known)
        replay = Replay(known, files, as_of=moment, carries=carried)
        with counting(replay, shown=out is not None or not sys.stdout.isatty()):
            result = audit(replay, found, unread, shape)
        for error in replay.refused:
            refusals(error)
        refusals.events(replay.engine.set_aside)
        stream = sys.stdout.buffer if out is None else stack.enter_context(out.open("wb"))
        for text in _texts(result, known, format, lang, verdicts, most or None):
            stream.write(text.encode())
        stream.flush()
    if refusals.broken:
        raise typer.Exit(inputs.UNREADABLE_LOG)
    if result.deviates:
        raise typer.Exit(DEVIATES)
    if not result.is_whole:
        raise typer.Exit(NOT_WHOLE)


def _texts(
    result: Audit, pack: Pack, form: Format, language: Language, only: frozenset[Verdict], most: int | None
) -> Iterator[str]:
    from dutyrules.audit.audit_report import csv_text, json_text, text_lines

    if form is Format.CSV:
        return csv_text(result, pack, language.value, only=only)
    if form is Format.JSON:
        return json_text(result, pack, language.value, only=only)
    return (f"{line}\n" for line in text_lines(result, pack, language.value, only=only, most=most))


def _verdicts(text: str | None, *, agreeing: bool) -> frozenset[Verdict]:
    """Read the verdicts to show; without any, all are shown, but those that agree only where nobody reads them."""
    from dutyrules.audit.findings import Verdict
    from dutyrules.policies.diagnostics import did_you_mean, quoted

    if text is None:
        return frozenset(Verdict) if agreeing else frozenset(Verdict) - {Verdict.AGREES}
    names = [part.strip() for part in text.split(",")]
    known = [verdict.value for verdict in Verdict]
    for name in names:
        if name not in known:
            inputs.fail(f"{quoted(name)} is no verdict", hint=did_you_mean(name, known) or f"one of {', '.join(known)}")
    return frozenset(map(Verdict, names))


def _mapping(path: Path, pack: Pack) -> DecisionMapping:
    from dutyrules.audit.decision_mapping import load_decision_mapping
    from dutyrules.policies.diagnostics import render_text
    from dutyrules.table_columns import BadMapping

    try:
        return load_decision_mapping(path, pack)
    except BadMapping as error:
        inputs.fail(render_text(error.diagnostics, {str(path): error.source}).rstrip("\n"))
    except FileNotFoundError:
        inputs.fail(f"`{path}` is not there", hint="`--decisions-map` names what the columns of decisions mean")


def _decisions(
    path: Path, mapping: DecisionMapping, pack: Pack, names: Pseudonyms | None
) -> tuple[list[Decision], list[Unread]]:
    """Read the decisions, with pseudonyms in place of persons where the log has them."""
    from dutyrules.audit.decisions import DecisionsUnreadable, masked_decisions, read_decisions
    from dutyrules.calendars import Zone

    try:
        found, unread = read_decisions(path, mapping, Zone(pack.timezone))
    except DecisionsUnreadable as error:
        inputs.fail(f"`{path}` cannot be read: {error}", status=inputs.UNREADABLE_LOG)
    except OSError as error:
        inputs.fail(f"`{path}` cannot be read: {(error.strerror or str(error)).lower()}", status=inputs.UNREADABLE_LOG)
    return (found, unread) if names is None else masked_decisions(found, unread, names, pack)
