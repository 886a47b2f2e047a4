"""Explanations: why an outcome stands or stood, put together from a second run over the same events.

Nothing is written beside the rules to be shown here: the status history, the causes, the guards with their values and
the account of a deadline are what the engine itself made of the events.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from dutyrules.calendars.zones import Zone
from dutyrules.events import EventDecoder
from dutyrules.log_files import find_events
from dutyrules.outcomes import GONE, Deadline, instant_of, short_id

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from dutyrules.engine import Engine
    from dutyrules.events import Event, EventError
    from dutyrules.explaining.steps import Try
    from dutyrules.explaining.why import Grounds
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
    """What an outcome rests on: an event and where it stands in the log, or another outcome with its own causes.

    `grounds` are the guards that let that outcome through.
    """

    id: str
    event: Event | None = None
    place: str | None = None
    outcome: Outcome | None = None
    causes: tuple[Cause, ...] = ()
    grounds: tuple[Try, ...] = ()


@attrs.frozen
class Explanation:
    """One outcome with its rule, every status it had, what it rests on, and the account of its deadline.

    `grounds` has, for each time that the rule was set off for it, every guard in order with the values that decided it,
    as of when the outcome last stood. `ended` is the same for an outcome that is gone, as of the end: the guard that no
    longer lets it through, or lets through what it rested on.
    """

    outcome: Outcome
    rule: Rule | None
    history: tuple[Outcome, ...]
    causes: tuple[Cause, ...]
    deadline: Deadline | None
    effects: tuple[Outcome, ...]
    grounds: tuple[Try, ...] = ()
    ended: Try | None = None


def explain(replay: Replay, outcome_id: str) -> Explanation:
    """Run a replay and explain one outcome of it; may raise `NoSuchOutcome`.

    It is named by its id or short id, or by the beginning of either.
    """
    told = _Told(outcome_id)
    for _events, changes in replay.steps():
        told.take(changes, replay.engine)
    outcome, history = told.found()
    decoder = EventDecoder(replay.pack.events, Zone(replay.pack.timezone))

    def places(names: set[str]) -> Mapping[str, tuple[Event, str | None]]:
        return dict(replay.log.corrected(find_events(replay.files, decoder, names)))

    def until(time: int) -> Engine:
        return _run_until(replay, time)

    return _put_together(told, outcome, history, replay.engine, places, until)


def explain_in(engine: Engine, outcome_id: str) -> Explanation:
    """Run an engine's events again and explain one outcome of them; may raise `NoSuchOutcome`."""
    told = _Told(outcome_id)
    again = engine
    for again, changes in engine.steps_again():
        told.take(changes, again)
    outcome, history = told.found()
    known = {event.id: event for event in engine.inside.intake.events()}

    def places(names: set[str]) -> Mapping[str, tuple[Event, str | None]]:
        return {name: (known[name], None) for name in names if name in known}

    return _put_together(told, outcome, history, again, places, engine.again)


class _Told:
    """What a run told of outcomes: the latest of each, the history of the one that is asked about."""

    def __init__(self, wanted: str) -> None:
        self.wanted = wanted
        self.latest: dict[str, Outcome] = {}
        self.history: list[Outcome] = []
        self.stood: dict[str, int] = {}

    def take(self, changes: list[Outcome], engine: Engine) -> None:
        """Take note of changes, and of when each outcome that is asked about last stood."""
        clock = engine.clock
        for change in changes:
            self.latest[change.id] = change
            if change.id.startswith(self.wanted) or short_id(change.id).startswith(self.wanted):
                self.history.append(change)
                if change.status not in GONE and clock is not None:
                    self.stood[change.id] = int(clock.timestamp())

    def found(self) -> tuple[Outcome, list[Outcome]]:
        """Return the one outcome that was meant, and its history."""
        history = self.history
        if self.wanted in self.latest:
            history = [one for one in history if one.id == self.wanted]
        names = sorted({one.id for one in history})
        if len(names) != 1 or not self.wanted:
            raise NoSuchOutcome(self.wanted, tuple(names))
        return self.latest[names[0]], history


def _run_until(replay: Replay, time: int) -> Engine:
    """Run the same files again up to an instant."""
    second = attrs.evolve(replay, as_of=time, refuse=_ignore, seen=None)
    for _ in second.steps():
        pass
    return second.engine


def _ignore(_error: EventError) -> None:
    """Let a line that holds no event pass: the first run has told of it."""


def _put_together(
    told: _Told,
    outcome: Outcome,
    history: list[Outcome],
    engine: Engine,
    places: Callable[[set[str]], Mapping[str, tuple[Event, str | None]]],
    until: Callable[[int], Engine],
) -> Explanation:
    from dutyrules.explaining.why import Grounds, nearest_of  # noqa: PLC0415 - only who asks pays for it

    latest = told.latest
    names = _names(outcome, latest)
    events = places(names - latest.keys())
    last = next((one for one in reversed(history) if one.status not in GONE), outcome)
    grounds = Grounds(engine.inside)
    if outcome.status in GONE or not grounds.of(outcome):
        for time in _moments(told, last):
            grounds = Grounds(until(time).inside)
            if grounds.of(last):
                break
    return Explanation(
        outcome=outcome,
        rule=engine.pack.rules.get(outcome.rule),
        history=tuple(history),
        causes=tuple(_cause(name, latest, events, {outcome.id}, grounds) for name in outcome.because),
        deadline=_deadline(outcome, latest),
        effects=tuple(sorted(_effects(outcome, latest), key=lambda one: (one.time, one.rule, one.id))),
        grounds=grounds.of(last),
        ended=_ended(outcome, latest, lambda one: nearest_of(engine.inside, one)),
    )


def _ended(outcome: Outcome, latest: Mapping[str, Outcome], nearest: Callable[[Outcome], Try | None]) -> Try | None:
    """Return what ended an outcome that is gone: where its own rule comes now, or that of what it rested on."""
    waiting, seen = [outcome], {outcome.id}
    while waiting:
        one = waiting.pop(0)
        if one.status in GONE:
            found = nearest(one)
            if found is not None:
                return found
            waiting += [latest[name] for name in one.because if name in latest and name not in seen]
            seen |= {*one.because}
    return None


def _moments(told: _Told, last: Outcome) -> Iterator[int]:
    """Yield when an outcome stood: at the end of the step that told of it, or at the instant that it names."""
    if last.id in told.stood:
        yield told.stood[last.id]
    yield instant_of(last.time)
    yield instant_of(last.time) + 1


def _names(outcome: Outcome, latest: Mapping[str, Outcome]) -> set[str]:
    """Return the ids of all that an outcome rests on."""
    names: set[str] = set()
    waiting, seen = [outcome], {outcome.id}
    while waiting:
        for name in waiting.pop().because:
            if name in latest and name not in seen:
                waiting.append(latest[name])
            seen.add(name)
            names.add(name)
    return names


def _cause(
    name: str,
    latest: Mapping[str, Outcome],
    events: Mapping[str, tuple[Event, str | None]],
    above: set[str],
    grounds: Grounds,
) -> Cause:
    if name in events:
        event, place = events[name]
        return Cause(name, event, place)
    outcome = latest.get(name)
    if outcome is None or name in above:
        return Cause(name, outcome=outcome)
    deeper = tuple(_cause(one, latest, events, above | {name}, grounds) for one in outcome.because)
    return Cause(name, outcome=outcome, causes=deeper, grounds=grounds.of(outcome))


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
