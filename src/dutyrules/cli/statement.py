"""`dutyrules statement`: what a log comes to for each person."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Final

import typer

from dutyrules.cli import inputs
from dutyrules.cli.inputs import Language, office, says
from dutyrules.cli.progress import counting
from dutyrules.cli.wording import Words, listed
from dutyrules.outcomes import short_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from dutyrules.outcomes import Outcome
    from dutyrules.policies.model import Pack

SHARING: Final = frozenset({"entitlement", "referral", "obligation", "notice"})
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
    logs: inputs.Logs,
    *,
    pack: inputs.PackName = None,
    as_of: inputs.AsOf = None,
    person: Annotated[list[str] | None, typer.Option("--person", help="Only these people.")] = None,
    mapping: inputs.MapFile = None,
    carries: inputs.Carries = None,
    lang: inputs.Lang = Language.EN,
    key: inputs.KeyFile = None,
) -> None:
    """Write a statement per person: sanctions, allowances, forfeitures, open questions and duties, and the sums."""
    known = inputs.pack_beside(pack, logs)
    with inputs.open_logs(logs, known, mapping, key) as files:
        refusals = inputs.Refusals()
        replay = inputs.replay_of(known, files, as_of, carries, refusals)
        with counting(replay, shown=True):
            outcomes = replay.run()
        refusals.events(replay.engine.set_aside)
        wanted = {inputs.as_shown(files, name) for name in person or ()}
    for name, sections in sorted(_by_person(outcomes).items()):
        if not wanted or name in wanted:
            for line in _lines(name, sections, known, lang):
                typer.echo(line)


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


def _lines(name: str, sections: Mapping[str, list[Outcome]], pack: Pack, language: Language) -> Iterator[str]:
    """Give the statement of one person."""
    from dutyrules.cli.output import columns

    word = Words(language, pack)
    sums = {
        "to pay": _sum(one for one in sections.get("Sanctions", ()) if getattr(one, "sanction", "") != "forfeit"),
        "forfeited": _sum(one for one in sections.get("Sanctions", ()) if getattr(one, "sanction", "") == "forfeit"),
        "to receive": _sum(sections.get("Allowances and rights", ())),
    }
    totals = [f"{word(name)} {total} {pack.currency}" for name, total in sums.items() if total]
    yield f"{office(name, pack, language)}: {', '.join(totals)}" if totals else office(name, pack, language)
    rows = {
        section: list(_rows(sorted(sections[section], key=lambda one: (one.time, one.rule, one.id)), pack, language))
        for section in SECTIONS
        if sections.get(section)
    }
    laid_out = iter(columns([row for group in rows.values() for row in group], indent=4))
    for section, group in rows.items():
        yield f"  {word(section)}"
        yield from (next(laid_out) for _ in group)
    yield ""


def _rows(outcomes: list[Outcome], pack: Pack, language: Language) -> Iterator[tuple[str, str, str, str, str]]:
    """Give a row for each outcome; rights, questions, duties and notices that differ in their date alone share one."""
    word = Words(language, pack)
    alike: dict[tuple[str, ...], list[Outcome]] = {}
    for one in outcomes:
        alike.setdefault(_shared(one), []).append(one)
    for group in alike.values():
        first, last = group[0], group[-1]
        rules = tuple(dict.fromkeys(getattr(one, "tier", None) or one.rule for one in group))
        total = _sum(group)
        line = word.line(first) if len(group) == 1 else f"{len(group)} × {word.line(first, dated=False)}"
        line += f" = {total} {pack.currency}" if total and len(group) > 1 else ""
        when = first.time[:10] if first.time[:10] == last.time[:10] else f"{first.time[:10]} … {last.time[5:10]}"
        said = says(first, pack, language) if len(rules) == 1 else ""
        yield when, listed(rules, 1), line, short_id(first.id), said


def _shared(outcome: Outcome) -> tuple[str, ...]:
    """Return what outcomes on one row have in common; the want of one thing leaves many rules undecidable."""
    if outcome.kind not in SHARING:
        return (outcome.id,)
    if getattr(outcome, "question", None) == "undecidable":
        return ("undecidable", *getattr(outcome, "lacks", ()))
    return (outcome.kind, outcome.status, outcome.rule, str(getattr(outcome, "amount", "")))


def _sum(outcomes: Iterable[Outcome]) -> Decimal:
    return sum(
        (amount for one in outcomes if one.status != "proposed" and (amount := getattr(one, "amount", None))),
        Decimal(0),
    )
