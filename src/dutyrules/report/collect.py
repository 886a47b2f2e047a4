"""Collects a report out of a replay: two passes over the log, however many outcomes there are."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from pathlib import PurePath
from typing import TYPE_CHECKING, Final

from dutyrules.calendars import CalendarError, Zone, load_calendar
from dutyrules.events import EventDecoder
from dutyrules.log_files import find_events
from dutyrules.outcomes import GONE, Deadline, instant_of
from dutyrules.report.rows import Change, Climb, Fact, NotUsed, Report, Row

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from dutyrules.calendars import DayKind
    from dutyrules.outcomes import Outcome
    from dutyrules.policies.model import Pack
    from dutyrules.replay import Replay

LONGEST_CALENDAR: Final = 366 * 60
SHORTEST_REACH: Final = 8
Duty = tuple[str, str, str | None]


def collect(replay: Replay) -> Report:
    """Run a replay and return its report; what could not be used is in it too."""
    standing: dict[str, Outcome] = {}
    history: defaultdict[str, list[Change]] = defaultdict(list)
    first: int | None = None
    for events, changes in replay.steps():
        if first is None and events:
            first = events[0].time
        for one in changes:
            history[one.id].append(Change(one.status, one.time))
            if one.status in GONE:
                standing.pop(one.id, None)
            else:
                standing[one.id] = one
    zone, clock = Zone(replay.pack.timezone), replay.engine.clock
    deadlines = _deadlines(standing.values())
    ordered = sorted(standing.values(), key=lambda one: (instant_of(one.time), one.rule, one.id))
    rows = tuple(Row(one, tuple(history[one.id]), _deadline(one, standing, deadlines)) for one in ordered)
    begins, ends = (None if first is None else zone.date_of(first)), None if clock is None else clock.date()
    return Report(
        pack=replay.pack,
        rows=rows,
        facts=_facts(replay, standing),
        events=replay.events,
        as_of="" if clock is None else clock.isoformat(),
        first=begins,
        last=ends,
        days=_days(replay.pack, begins, ends),
        climbs={name: tuple(_climbs(ladder.steps, ordered)) for name, ladder in replay.pack.ladders.items()},
        not_used=tuple(_not_used(replay)),
    )


def _facts(replay: Replay, standing: Mapping[str, Outcome]) -> dict[str, Fact]:
    """Find the events that outcomes rest on, each with the name of its file and its line."""
    names = {name for one in standing.values() for name in one.because} - standing.keys()
    decoder = EventDecoder(replay.pack.events, Zone(replay.pack.timezone))
    found = replay.log.corrected(find_events(replay.files, decoder, names))
    return {name: Fact(event, _place(place)) for name, (event, place) in found.items()}


def _place(place: str) -> str:
    """Return a place without the folders: a report may leave the house."""
    return PurePath(place).name


# --- deadlines --------------------------------------------------------------------------------------------------------


def _deadlines(standing: Iterable[Outcome]) -> dict[Duty, Deadline]:
    """Return the deadline of each duty, where there are several the one with an account and the latest."""
    found: dict[Duty, Deadline] = {}
    for one in standing:
        if isinstance(one, Deadline):
            other = found.setdefault(_duty(one), one)
            found[_duty(one)] = max(one, other, key=lambda each: (each.ledger is not None, instant_of(each.time)))
    return found


def _duty(outcome: Outcome) -> Duty:
    return outcome.rule, outcome.matter, outcome.person


def _deadline(outcome: Outcome, standing: Mapping[str, Outcome], deadlines: Mapping[Duty, Deadline]) -> str | None:
    """Return the id of the deadline of the same duty, or of the one that the outcome rests on."""
    causes = (standing[name] for name in outcome.because if name in standing)
    return next((found.id for one in (outcome, *causes) if (found := deadlines.get(_duty(one))) is not None), None)


# --- ladders, days, and what was not used -----------------------------------------------------------------------------


def _climbs(steps: tuple[str, ...], outcomes: Iterable[Outcome]) -> Iterable[Climb]:
    """Give who stands on which step; a step that was voided or is only proposed does not count."""
    found: defaultdict[tuple[str, int], list[str]] = defaultdict(list)
    for one in outcomes:
        step = getattr(one, "step", None)
        if step in steps and one.status == "imposed" and one.person is not None:
            found[one.person, steps.index(step)].append(one.id)
    return (Climb(person, steps[level], tuple(ids)) for (person, level), ids in sorted(found.items()))


def _days(pack: Pack, first: dt.date | None, last: dt.date | None) -> dict[dt.date, DayKind]:
    """Return the days on which the calendar says something; a year that it does not know has none."""
    if first is None or last is None:
        return {}
    calendar = load_calendar(pack.calendar, extra_holidays=pack.extra_holidays, extra_workdays=pack.extra_workdays)
    found: dict[dt.date, DayKind] = {}
    around = max(SHORTEST_REACH, (last - first).days // 8 + 1)  # a page shows so much before and after a log
    begins, ends = max(1, first.toordinal() - around), min(dt.date.max.toordinal(), last.toordinal() + around)
    for number in range(begins, min(ends, begins + LONGEST_CALENDAR) + 1):
        day = dt.date.fromordinal(number)
        try:
            kind = calendar.day(day)
        except CalendarError:
            continue
        if not kind.working or kind.name:
            found[day] = kind
    return found


def _not_used(replay: Replay) -> Iterable[NotUsed]:
    """Give lines that held no event, then events that were set aside."""
    for error in replay.refused:
        yield NotUsed(_place(error.place or ""), error.code, error.reason)
    for one in replay.engine.set_aside:
        yield NotUsed(one.event, one.code, one.reason)
