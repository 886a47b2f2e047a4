"""`dutyrules timeline`: what happened and what came of it, day by day."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dutyrules.cli import inputs
from dutyrules.cli.explain import event_line
from dutyrules.cli.inputs import Language, office, says
from dutyrules.cli.wording import Words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dutyrules.events import Event
    from dutyrules.outcomes import Outcome
    from dutyrules.policies.model import Pack
    from dutyrules.replay import Replay

WEEKDAYS = {
    Language.EN: ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
    Language.ZH: ("星期一", "星期二", "星期三", "星期四", "星期五", "星期六", "星期日"),
}
TELLING = ("breach", "sanction", "entitlement", "referral", "notice")


def command(
    logs: Annotated[list[Path], typer.Argument(metavar="LOG...", help="Files of events; `-` is standard input.")],
    *,
    pack: Annotated[str | None, typer.Option("--pack", help="A pack; by default `pack.yaml` beside the log.")] = None,
    as_of: Annotated[str | None, typer.Option("--as-of", help="An instant, or a day to its end.")] = None,
    person: Annotated[str | None, typer.Option("--person", help="Only what concerns this person.")] = None,
    every: Annotated[
        bool, typer.Option("--all", help="Show events without consequence, and duties and deadlines.")
    ] = False,
    mapping: Annotated[Path | None, typer.Option("--map", help="What the columns of CSV files mean.")] = None,
    carries: Annotated[str | None, typer.Option("--carries", help="Event types whose silence speaks.")] = None,
    lang: Annotated[Language, typer.Option("--lang", help="Language of the words.")] = Language.EN,
) -> None:
    """Tell the story of a log: events, and under them the outcomes that they led to."""
    from dutyrules.replay import Replay

    known = inputs.pack_beside(pack, logs)
    with inputs.open_logs(logs, known, mapping) as files:
        refusals = inputs.Refusals()
        replay = Replay(
            known,
            files,
            as_of=inputs.read_moment(as_of, known),
            carries=inputs.read_carries(carries, known),
            refuse=refusals,
        )
        last = ""
        for when, what in _entries(replay, person, every=every):
            if when[:10] != last[:10]:
                typer.echo(f"{when[:10]} {_weekday(when[:10], lang)}")
            typer.echo(_line(what, known, lang, at=when[11:19] if when != last else ""))
            last = when


def _entries(replay: Replay, person: str | None, *, every: bool) -> Iterator[tuple[str, Event | Outcome]]:
    """Give events and outcomes in order of time; an outcome that came to light later stands where it did."""
    from dutyrules.calendars import Zone

    zone = Zone(replay.pack.timezone)
    before = ""
    for events, changes in replay.steps():
        shown = [one for one in changes if (every or one.kind in TELLING) and person in {None, one.person}]
        causes = {name for one in shown for name in one.because}
        told = [one for one in events if one.id in causes or (every and person is None)]
        entries: list[tuple[str, Event | Outcome]] = [(zone.iso(one.time), one) for one in told]
        entries += [(max(one.time, before), one) for one in shown]
        yield from sorted(entries, key=lambda entry: entry[0])
        before = zone.iso(events[0].time) if events else before


def _line(what: Event | Outcome, pack: Pack, language: Language, *, at: str) -> str:
    """Return one line; the time stands where it is not that of the line before."""
    from dutyrules.outcomes import Outcome

    if not isinstance(what, Outcome):
        return f"  {at:8} {event_line(what, pack)[20:]}"
    word = Words(language)
    rule = getattr(what, "tier", None) or what.rule
    said = says(what, pack, language)
    return (
        f"  {at:8}   {office(what.person, pack, language)}: {word.line(what)}, {rule} [{what.id[:8]}] {said}".rstrip()
    )


def _weekday(day: str, language: Language) -> str:
    return WEEKDAYS[language][dt.date.fromisoformat(day).weekday()]
