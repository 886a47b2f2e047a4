"""`dutyrules why-not`: why a rule did not come to hold for somebody, and what would have made it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from dutyrules.cli import inputs
from dutyrules.cli.explain import Form
from dutyrules.cli.inputs import Language
from dutyrules.cli.progress import counting

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dutyrules.explaining.why_not import WhyNot
    from dutyrules.policies.model import Pack
    from dutyrules.replay import Replay


def command(
    logs: inputs.Logs,
    *,
    rule: Annotated[str, typer.Option("--rule", help="The id of a rule, tier, need or accumulation.")],
    person: Annotated[str | None, typer.Option("--person", help="Whom it is asked about, or a matter.")] = None,
    at: Annotated[
        str | None, typer.Option("--at", "--as-of", help="An instant, or a day to its end; by default the last event.")
    ] = None,
    pack: inputs.PackName = None,
    mapping: inputs.MapFile = None,
    carries: inputs.Carries = None,
    form: Annotated[Form, typer.Option("--format", help="`text`, `json` with every value, or `tree`.")] = Form.TEXT,
    lang: inputs.Lang = Language.EN,
    key: inputs.KeyFile = None,
) -> None:
    """Show how near a rule came to hold for somebody, which guard stopped it, and what would have made it hold."""
    from dutyrules.explaining.why_not import NoSuchRule, rule_named, why_not_in

    known = inputs.pack_beside(pack, logs)
    try:
        rule_named(known, rule)
    except NoSuchRule as error:
        inputs.fail(f"`{known.name}` has no rule `{rule}`", hint=error.near)
    with inputs.open_logs(logs, known, mapping, key) as files:
        replay = inputs.replay_of(known, files, at, carries)
        _run(replay)
        subject = None if person is None else inputs.as_shown(files, person)
        answer = why_not_in(replay.engine, rule, subject)
    for line in _written(answer, known, lang, form):
        typer.echo(line)


def _run(replay: Replay) -> None:
    """Run the log in an engine that forgets nothing: a try of long ago may be the nearest."""
    from dutyrules.engine import Engine

    replay.engine = Engine(replay.pack, carries=replay.carries, forgets=False)
    with counting(replay, shown=True):
        for _ in replay.steps():
            pass


def _written(found: WhyNot, pack: Pack, language: Language, form: Form) -> Iterator[str]:
    from dutyrules.explaining.documents import Documents
    from dutyrules.explaining.pages import Pages

    if form is Form.JSON:
        yield msgspec.json.format(msgspec.json.encode(Documents(pack).why_not(found)), indent=2).decode()
    elif form is Form.TREE:
        yield from Pages(pack, language.value).why_not_tree(found)
    else:
        yield from Pages(pack, language.value).why_not(found)
