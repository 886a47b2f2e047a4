"""A right with a date that moves, day by day, while a condition fails."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Final

import attrs

from dutyrules.outcomes import Entitlement
from dutyrules.runtime.store import FOREVER
from dutyrules.runtime.values import Unknown

if TYPE_CHECKING:
    from dutyrules.policies.model import Rule
    from dutyrules.runtime.openings import Opening, OutcomeCell
    from dutyrules.runtime.store import Fact

LONGEST: Final = 366


def taken(cell: OutcomeCell, rule: Rule, opening: Opening, granted: Entitlement) -> Fact | None:
    """Let a right be taken by the first act that uses it, from the grant on; return the act."""
    program = cell.machine.program
    since = opening.time if opening.start is None else opening.start
    found = cell.machine.guards.facts(
        rule.until, opening.ctx.looking(at=FOREVER), opening.key, opening.values, since=since
    )
    act = next((fact for fact, doubt in found if doubt is None and fact is not opening.fact), None)
    if act is not None:
        cell.outcomes[granted.id] = attrs.evolve(
            granted,
            status="taken",
            time=program.zone.iso(max(act.time, opening.time)),
            because=tuple(sorted({*granted.because, *act.roots})),
        )
        cell.verdict(opening, "met")
    return act


def postponed(cell: OutcomeCell, rule: Rule, opening: Opening, granted: Entitlement, act: Fact | None) -> None:
    """Settle the day of a right as each day begins: it waits while the condition holds, until it is taken."""
    machine = cell.machine
    program = machine.program
    assert rule.postponed_while is not None  # noqa: S101 - the caller has looked
    due = program.instants.read(rule.by, opening.ctx.looking(at=FOREVER), end=True) if rule.by is not None else None
    if due is None or isinstance(due, Unknown):
        return
    waits = program.evaluator.tree(rule.postponed_while.tree)
    day = program.zone.date_of(due.time)
    first, since = day, opening.time
    for _ in range(LONGEST):
        begins = max(program.zone.start_of(day), opening.time)
        if begins > program.store.clock:
            program.store.wake(begins)
            break
        if act is not None and act.time < begins:
            break
        answer = waits(opening.ctx.looking(at=begins, day=day))
        if isinstance(answer, Unknown):
            cell.undecidable(opening, answer, time=begins)
            return
        if not answer:
            break
        day, since = day + dt.timedelta(days=1), begins
    if day != first:
        cell.outcome(
            Entitlement,
            "postponed",
            since,
            matter=opening.matter_id,
            person=granted.person,
            because=granted.because,
            rule=rule.postponed_as,
            grant=granted.grant,
            due=program.zone.iso(program.zone.end_of(day)),
        )
        cell.verdict(opening, "permitted", rule=rule.postponed_as)
