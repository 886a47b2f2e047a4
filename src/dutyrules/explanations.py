"""Explanations: why an outcome stands or stood, put together from a second run over the same log.

Nothing is written beside the rules to be shown here: the status history, the causes and the account of a deadline are
what the engine itself made of the events.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from dutyrules.calendars.zones import Zone
from dutyrules.events import EventDecoder
from dutyrules.log_files import find_events
from dutyrules.outcomes import Deadline, short_id

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dutyrules.events import Event
    from dutyrules.outcomes import Outcome
    from dutyrules.policies.model import Rule
    from dutyrules.replay import Replay


class NoSuchOutcome(LookupError):
    """No outcome of the log has this id; `near` holds ids that begin alike, where the id was too short to tell."""

    def __init__(self, outcome_id: str, near: tuple[str, ...]) -> None:
        super().__init__(outcome_id)
        self.outcome_id = outcome_id
        self.near = near


@attrs.frozen
class Cause:
    """What an outcome rests on: an event and where it stands in the log, or another outcome with its own causes."""

    id: str
    event: Event | None = None
    place: str | None = None
    outcome: Outcome | None = None
    causes: tuple[Cause, ...] = ()


@attrs.frozen
class Explanation:
    """One outcome with its rule, every status it had, what it rests on, and the account of its deadline."""

    outcome: Outcome
    rule: Rule | None
    history: tuple[Outcome, ...]
    causes: tuple[Cause, ...]
    deadline: Deadline | None
    effects: tuple[Outcome, ...]


def explain(replay: Replay, outcome_id: str) -> Explanation:
    """Run a replay and explain one outcome of it; may raise `NoSuchOutcome`.

    It is named by its id or short id, or by the beginning of either.
    """
    latest: dict[str, Outcome] = {}
    history: list[Outcome] = []
    for change in replay.changes():
        latest[change.id] = change
        if change.id.startswith(outcome_id) or short_id(change.id).startswith(outcome_id):
            history.append(change)
    if outcome_id in latest:
        history = [one for one in history if one.id == outcome_id]
    found = sorted({one.id for one in history})
    if len(found) != 1 or not outcome_id:
        raise NoSuchOutcome(outcome_id, tuple(found))
    outcome = latest[found[0]]
    events = _events(replay, outcome, latest)
    return Explanation(
        outcome=outcome,
        rule=_rule(replay, outcome),
        history=tuple(history),
        causes=tuple(_cause(name, latest, events, {outcome.id}) for name in outcome.because),
        deadline=_deadline(outcome, latest),
        effects=tuple(sorted(_effects(outcome, latest), key=lambda one: (one.time, one.rule, one.id))),
    )


def _rule(replay: Replay, outcome: Outcome) -> Rule | None:
    return replay.pack.rules.get(outcome.rule)


def _events(replay: Replay, outcome: Outcome, latest: Mapping[str, Outcome]) -> Mapping[str, tuple[Event, str]]:
    names: set[str] = set()
    waiting, seen = [outcome], {outcome.id}
    while waiting:
        for name in waiting.pop().because:
            if name in latest and name not in seen:
                waiting.append(latest[name])
            seen.add(name)
            names.add(name)
    decoder = EventDecoder(replay.pack.events, Zone(replay.pack.timezone))
    return find_events(replay.files, decoder, names - latest.keys())


def _cause(name: str, latest: Mapping[str, Outcome], events: Mapping[str, tuple[Event, str]], above: set[str]) -> Cause:
    if name in events:
        event, place = events[name]
        return Cause(name, event, place)
    outcome = latest.get(name)
    if outcome is None or name in above:
        return Cause(name, outcome=outcome)
    deeper = tuple(_cause(one, latest, events, above | {name}) for one in outcome.because)
    return Cause(name, outcome=outcome, causes=deeper)


def _deadline(outcome: Outcome, latest: Mapping[str, Outcome]) -> Deadline | None:
    """Return the deadline of the same duty, or of the one that the outcome rests on."""
    duties = {(outcome.rule, outcome.matter, outcome.person)}
    duties |= {(one.rule, one.matter, one.person) for name in outcome.because if (one := latest.get(name)) is not None}
    found = [
        one for one in latest.values() if isinstance(one, Deadline) and (one.rule, one.matter, one.person) in duties
    ]
    return max(found, key=lambda one: (one.rule == outcome.rule, one.ledger is not None, one.time), default=None)


def _effects(outcome: Outcome, latest: Mapping[str, Outcome]) -> list[Outcome]:
    return [one for one in latest.values() if outcome.id in one.because]
