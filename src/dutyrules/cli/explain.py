"""`dutyrules explain`: why an outcome stands, or stood."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from dutyrules.cli import inputs
from dutyrules.cli.inputs import Language, office, says
from dutyrules.cli.progress import counting
from dutyrules.cli.wording import Words, clock, event_words
from dutyrules.outcomes import short_id

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dutyrules.explanations import Cause, Explanation
    from dutyrules.outcomes import Deadline
    from dutyrules.policies.model import Pack, Rule

MOST_LINES = 40


class Form(StrEnum):
    """How an explanation is written."""

    TEXT = "text"
    JSON = "json"
    TREE = "tree"


def command(
    logs: inputs.Logs,
    outcome: Annotated[str, typer.Argument(metavar="OUTCOME-ID", help="The id, or enough of its beginning.")],
    *,
    pack: inputs.PackName = None,
    as_of: inputs.AsOf = None,
    mapping: inputs.MapFile = None,
    carries: inputs.Carries = None,
    form: Annotated[
        Form, typer.Option("--format", help="`text`, `json` with every value, or `tree` back to the events.")
    ] = Form.TEXT,
    lang: inputs.Lang = Language.EN,
    key: inputs.KeyFile = None,
) -> None:
    """Show why an outcome stands: its rule, its history, each guard with its values, the account of its deadline."""
    from dutyrules.explanations import NoSuchOutcome, explain

    known = inputs.pack_beside(pack, logs)
    with inputs.open_logs(logs, known, mapping, key) as files:
        replay = inputs.replay_of(known, files, as_of, carries)
        try:
            with counting(replay, shown=True):
                explanation = explain(replay, inputs.as_shown(files, outcome))
        except NoSuchOutcome as error:
            inputs.fail(f"no one outcome of this log has the id `{outcome}`", hint=_hint(error.near, key), status=1)
    for line in _written(explanation, known, lang, form):
        typer.echo(line)


def _hint(near: tuple[str, ...], key: Path | None) -> str:
    if near:
        return "one of " + ", ".join(near[:5])
    if key is not None:
        return "with pseudonyms short ids are others: take the one that `--pseudonymise` shows elsewhere"
    return "an outcome may need a later `--as-of`"


def _written(found: Explanation, pack: Pack, language: Language, form: Form) -> Iterator[str]:
    from dutyrules.explaining.documents import Documents
    from dutyrules.explaining.pages import Pages

    if form is Form.JSON:
        yield msgspec.json.format(msgspec.json.encode(Documents(pack).explanation(found)), indent=2).decode()
    elif form is Form.TREE:
        yield from Pages(pack, language.value).tree(found)
    else:
        yield from _lines(found, pack, language)


def _lines(found: Explanation, pack: Pack, language: Language) -> Iterator[str]:
    from dutyrules.explaining.pages import Pages

    word, one = Words(language, pack), found.outcome
    yield f"{getattr(one, 'tier', None) or one.rule}: {word.line(one)}"
    if said := says(one, pack, language):
        yield f"  {said}"
    yield f"  {word('person')}: {office(one.person, pack, language)}"
    yield f"  {word('matter')}: {one.matter}"
    yield f"  {word('clause')}: {pack.title.get(language.value, pack.name)} {one.clause}"
    yield ""
    yield f"{word('history')}:"
    yield from (f"  {clock(each.time)}  {word.line(each)}" for each in found.history)
    yield ""
    yield f"{word('because')}:"
    for cause in found.causes:
        yield from _cause(cause, pack, language, "  ")
    yield ""
    yield from Pages(pack, language.value, accounts=found.deadline is None).grounds(found)
    if found.deadline is not None:
        yield ""
        yield from _account(found.deadline, word)
    if found.effects:
        yield ""
        yield f"{word('what follows from it')}:"
        yield from (f"  {each.rule}  {word.line(each)}  [{short_id(each.id)}]" for each in found.effects)
    if found.rule is not None:
        yield ""
        yield f"{word('the rule')} ({Path(found.rule.place.file).name}:{found.rule.place.line}):"
        yield from (f"  {line}" for line in _source(found.rule))


def _cause(cause: Cause, pack: Pack, language: Language, indent: str) -> Iterator[str]:
    word = Words(language, pack)
    if cause.event is not None:
        told = f"{clock(cause.event.time_text or '')} {event_words(cause.event, pack)}"
        yield f"{indent}{word('event')} {cause.id}: {told}  ({cause.place})"
    elif cause.outcome is not None:
        one = cause.outcome
        said = says(one, pack, language)
        yield f"{indent}{one.rule}: {word.line(one)}, {clock(one.time)}  [{short_id(one.id)}]" + (
            f"  {said}" if said else ""
        )
    else:
        yield f"{indent}{cause.id}"
    for deeper in cause.causes:
        yield from _cause(deeper, pack, language, indent + "  ")


def _account(deadline: Deadline, word: Words) -> Iterator[str]:
    """Write what was counted up to a deadline, and what was skipped."""
    due = clock(deadline.due) if deadline.due else word("no deadline")
    yield f"{word('deadline account')}: {word('due at')} {due} ({word(deadline.status)})"
    ledger = deadline.ledger or {}
    start = ledger.get("start") or ledger.get("origin")
    if start:
        yield f"  {clock(str(start))} + {ledger.get('duration')}"
    for entry in ledger.get("entries", ()):
        span = str(entry["from"]) if entry["from"] == entry["to"] else f"{entry['from']} {word('to')} {entry['to']}"
        yield f"  {word(entry['entry'])}  {clock_text(span)}  {word(str(entry['reason']))}"


def clock_text(text: str) -> str:
    """Return instants in a text without their offset."""
    return " ".join(clock(part) if "T" in part else part for part in text.split(" "))


def _source(rule: Rule) -> list[str]:
    """Return the rule as it stands in its file; nothing where the file is not at hand."""
    try:
        lines = Path(rule.place.file).read_text("utf-8").splitlines()[rule.place.line - 1 :]
    except OSError:
        return []
    if not lines:
        return []
    depth = _depth(lines[0])
    block = [lines[0]]
    for line in lines[1:MOST_LINES]:
        if line.strip() and _depth(line) <= depth:
            break
        block.append(line)
    while block and not block[-1].strip():
        block.pop()
    return [line[depth:] for line in block]


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip(" "))
