"""`dutyrules timeline`: what happened and what came of it, day by day."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Annotated, Final

import typer

from dutyrules.cli import inputs
from dutyrules.cli.inputs import Language, office, says
from dutyrules.cli.wording import Words, event_words, listed
from dutyrules.outcomes import GONE, short_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dutyrules.outcomes import Outcome
    from dutyrules.policies.model import Pack
    from dutyrules.replay import Replay

WEEKDAYS: Final = {
    Language.EN: ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
    Language.ZH: ("星期一", "星期二", "星期三", "星期四", "星期五", "星期六", "星期日"),
}
MOST_NAMED: Final = 4


def command(
    logs: inputs.Logs,
    *,
    pack: inputs.PackName = None,
    as_of: inputs.AsOf = None,
    person: Annotated[str | None, typer.Option("--person", help="Only what concerns this person.")] = None,
    every: Annotated[
        bool, typer.Option("--all", help="Show events without consequence, duties, deadlines and rights, too.")
    ] = False,
    mapping: inputs.MapFile = None,
    carries: inputs.Carries = None,
    lang: inputs.Lang = Language.EN,
    key: inputs.KeyFile = None,
) -> None:
    """Tell the story of a log: events, and under them the outcomes that they led to."""
    from dutyrules.cli.output import clipped, line_width

    known = inputs.pack_beside(pack, logs)
    with inputs.open_logs(logs, known, mapping, key) as files:
        refusals = inputs.Refusals()
        replay = inputs.replay_of(known, files, as_of, carries, refusals)
        teller = _Teller(known, lang)
        person = None if person is None else inputs.as_shown(files, person)
        last = ""
        for when, line in _lines(replay, teller, person, every=every):
            if when[:10] != last[:10]:
                typer.echo(f"{when[:10]} {WEEKDAYS[lang][dt.date.fromisoformat(when[:10]).weekday()]}")
            typer.echo(clipped(f"  {when[11:19] if when != last else '':8} {line}", line_width()))
            last = when
        refusals.events(replay.engine.set_aside)


def _lines(replay: Replay, teller: _Teller, person: str | None, *, every: bool) -> Iterator[tuple[str, str]]:
    """Give lines in order of time; what changes about something earlier stands where it came to light."""
    from dutyrules.calendars import Zone

    zone = Zone(replay.pack.timezone)
    before = ""
    for events, changes in replay.steps():
        shown = [one for one in changes if (every or _tells(one, changes)) and person in {None, one.person}]
        causes = {name for one in shown for name in one.because}
        undone = any(one.status in GONE for one in shown)
        told = [one for one in events if one.id in causes or undone or (every and person is None)]
        lines = [(zone.iso(one.time), event_words(one, replay.pack)) for one in told]
        now = zone.iso(events[0].time) if events else before
        by_moment: dict[str, list[Outcome]] = {}
        for one in shown:
            by_moment.setdefault(one.time if one.time > before else now, []).append(one)
        for moment, outcomes in by_moment.items():
            lines += [(moment, f"  {line}") for line in teller.tell(outcomes)]
        yield from sorted(lines, key=lambda line: line[0])
        before = now


def _tells(outcome: Outcome, changes: Iterable[Outcome]) -> bool:
    """Tell whether an outcome belongs in the story: no duties, no rights granted as ever, no question twice."""
    if outcome.kind in {"obligation", "deadline"}:
        return False
    if outcome.kind == "entitlement":
        return outcome.status not in {"granted", "taken", "voided"}
    twin = {("sanction", "proposed"): ("referral", "opened"), ("referral", "answered"): ("sanction", "imposed")}
    wanted = twin.get((outcome.kind, outcome.status))
    same = (outcome.rule, outcome.matter, outcome.person)
    return not any((one.kind, one.status) == wanted and (one.rule, one.matter, one.person) == same for one in changes)


class _Teller:
    """Puts the outcomes of one moment into lines; breaches of one person, and questions for one reason, share one."""

    def __init__(self, pack: Pack, language: Language) -> None:
        self._pack = pack
        self._language = language
        self._word = Words(language, pack)
        self._seen: set[tuple[str, str]] = set()

    def tell(self, outcomes: list[Outcome]) -> Iterator[str]:
        """Give the lines of one moment."""
        shared: dict[tuple[str, str], list[Outcome]] = {}
        for one in outcomes:
            shared.setdefault(self._shared(one), []).append(one)
        for (kind, _), group in shared.items():
            yield (
                self._breaches(group)
                if kind == "breach"
                else self._undecidable(group)
                if kind
                else self._line(group[0])
            )

    def _shared(self, outcome: Outcome) -> tuple[str, str]:
        if outcome.kind == "breach" and outcome.status not in GONE:
            return "breach", outcome.person or ""
        if getattr(outcome, "question", None) == "undecidable" and outcome.status == "opened":
            return "undecidable", " ".join(getattr(outcome, "lacks", ()))
        return "", outcome.id

    def _breaches(self, group: list[Outcome]) -> str:
        if len(group) == 1:
            return self._line(group[0])
        rules = ", ".join(one.rule for one in group)
        return f"{self._name(group[0])}: {self._word('breach')} {rules} [{short_id(group[0].id)} …]"

    def _undecidable(self, group: list[Outcome]) -> str:
        if len(group) == 1:
            return self._line(group[0])
        people = listed(tuple(dict.fromkeys(self._name(one) for one in group)), MOST_NAMED)
        rules = listed(tuple(dict.fromkeys(one.rule for one in group)), MOST_NAMED)
        return f"{people}: {self._word.line(group[0])}, {rules} [{short_id(group[0].id)} …]"

    def _line(self, outcome: Outcome) -> str:
        again = (outcome.id, outcome.status) in self._seen
        self._seen.add((outcome.id, outcome.status))
        rule = getattr(outcome, "tier", None) or outcome.rule
        words = self._word.line(outcome) + (f" ({self._word('revised')})" if again else "")
        said = says(outcome, self._pack, self._language)
        return f"{self._name(outcome)}: {words}, {rule} [{short_id(outcome.id)}] {said}".rstrip()

    def _name(self, outcome: Outcome) -> str:
        return office(outcome.person, self._pack, self._language)
