"""`dutyrules statement`: what a log comes to for each person."""

from __future__ import annotations

import sys
from collections import defaultdict
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from dutyrules.cli import inputs
from dutyrules.cli.inputs import Language, office, says
from dutyrules.cli.wording import Words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from rich.console import Console

    from dutyrules.outcomes import Outcome
    from dutyrules.policies.model import Pack

SHARING: Final = frozenset({"referral", "obligation", "notice"})
SECTIONS: Final = (
    "Sanctions",
    "Allowances and rights",
    "Voided, counts no more",
    "Breaches without a price",
    "Open questions",
    "Open duties",
    "Notices",
)


def command(
    logs: Annotated[list[Path], typer.Argument(metavar="LOG...", help="Files of events; `-` is standard input.")],
    *,
    pack: Annotated[str | None, typer.Option("--pack", help="A pack; by default `pack.yaml` beside the log.")] = None,
    as_of: Annotated[str | None, typer.Option("--as-of", help="An instant, or a day to its end.")] = None,
    person: Annotated[list[str] | None, typer.Option("--person", help="Only these people.")] = None,
    mapping: Annotated[Path | None, typer.Option("--map", help="What the columns of CSV files mean.")] = None,
    carries: Annotated[str | None, typer.Option("--carries", help="Event types whose silence speaks.")] = None,
    lang: Annotated[Language, typer.Option("--lang", help="Language of the words.")] = Language.EN,
) -> None:
    """Write a statement per person: sanctions, allowances, forfeitures, open questions and duties, and the sums."""
    from dutyrules.cli.output import console
    from dutyrules.replay import Replay

    known = inputs.pack_beside(pack, logs)
    with inputs.open_logs(logs, known, mapping) as files:
        replay = Replay(
            known,
            files,
            as_of=inputs.read_moment(as_of, known),
            carries=inputs.read_carries(carries, known),
            refuse=inputs.Refusals(),
        )
        outcomes = replay.run()
    screen = console(sys.stdout)
    for name, sections in sorted(_by_person(outcomes).items()):
        if not person or name in person:
            _write(screen, name, sections, known, lang)


def _by_person(outcomes: Mapping[str, Outcome]) -> dict[str, dict[str, list[Outcome]]]:
    """Sort the outcomes that matter to people by person and section."""
    priced = _priced(outcomes.values())
    found: dict[str, dict[str, list[Outcome]]] = defaultdict(lambda: defaultdict(list))
    for one in outcomes.values():
        section = _section(one, priced)
        if section is not None and one.person is not None:
            found[one.person][section].append(one)
    return found


def _priced(outcomes: Iterable[Outcome]) -> set[str]:
    """Return the ids of what a sanction rests on."""
    return {cause for one in outcomes if one.kind == "sanction" for cause in one.because}


def _section(outcome: Outcome, priced: set[str]) -> str | None:
    if outcome.kind in {"sanction", "entitlement"} and outcome.status == "voided":
        return "Voided, counts no more"
    by_kind = {
        "sanction": "Sanctions",
        "entitlement": "Allowances and rights",
        "breach": None if outcome.id in priced else "Breaches without a price",
        "referral": "Open questions" if outcome.status == "opened" else None,
        "obligation": "Open duties" if outcome.status == "open" else None,
        "notice": "Notices",
    }
    return by_kind.get(outcome.kind)


def _write(screen: Console, name: str, sections: Mapping[str, list[Outcome]], pack: Pack, language: Language) -> None:
    from rich.table import Table

    word = Words(language)
    sums = {
        "to pay": _sum(one for one in sections.get("Sanctions", ()) if getattr(one, "sanction", "") != "forfeit"),
        "forfeited": _sum(one for one in sections.get("Sanctions", ()) if getattr(one, "sanction", "") == "forfeit"),
        "to receive": _sum(sections.get("Allowances and rights", ())),
    }
    totals = [f"{word(name)} {total} {pack.currency}" for name, total in sums.items() if total]
    screen.print(f"{office(name, pack, language)}: {', '.join(totals)}" if totals else office(name, pack, language))
    for section in SECTIONS:
        outcomes = sorted(sections.get(section, ()), key=lambda one: (one.time, one.rule, one.id))
        if not outcomes:
            continue
        screen.print(f"  {word(section)}")
        table = Table(box=None, show_header=False, padding=(0, 1), pad_edge=False)
        for no_wrap in (True, True, False, False, True):
            table.add_column(no_wrap=no_wrap, overflow="fold")
        for when, rule, line, said, name_of_first in _rows(outcomes, pack, language):
            table.add_row(f"    {when}", rule, line, said, name_of_first)
        screen.print(table)
    screen.print()


def _rows(outcomes: list[Outcome], pack: Pack, language: Language) -> Iterator[tuple[str, str, str, str, str]]:
    """Give one row for each outcome; questions and duties of one rule that differ in their date alone share a row."""
    word = Words(language)
    alike: dict[tuple[str, str], list[Outcome]] = {}
    for one in outcomes:
        apart = one.id if one.kind not in SHARING else ""
        alike.setdefault((getattr(one, "tier", None) or one.rule, apart or _lacking(one)), []).append(one)
    for (rule, _), group in alike.items():
        first, last = group[0], group[-1]
        line = word.line(first) if len(group) == 1 else f"{len(group)} × {word.line(first, dated=False)}"
        when = first.time[:10] if first.time[:10] == last.time[:10] else f"{first.time[:10]} … {last.time[5:10]}"
        yield when, rule, line, says(first, pack, language), first.id[:8]


def _lacking(outcome: Outcome) -> str:
    return f"{outcome.kind} {outcome.status} {' '.join(getattr(outcome, 'lacks', ()))}"


def _sum(outcomes: Iterable[Outcome]) -> Decimal:
    return sum(
        (amount for one in outcomes if one.status != "proposed" and (amount := getattr(one, "amount", None))),
        Decimal(0),
    )
