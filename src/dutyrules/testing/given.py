"""What a scenario gives: its events as the engine takes them, with the roster and staff that go without saying."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Final

import attrs

from dutyrules.calendars.errors import CalendarError
from dutyrules.calendars.seasons import Seasons
from dutyrules.calendars.shifts import ShiftTimes
from dutyrules.calendars.zones import Zone
from dutyrules.events import Event, EventDecoder, EventError
from dutyrules.policies.diagnostics import did_you_mean, quoted
from dutyrules.policies.load import PackError
from dutyrules.policies.load import with_parameters as change_parameters
from dutyrules.policies.model import FieldType
from dutyrules.policies.syntax import FactKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from dutyrules.policies.model import Pack, Record
    from dutyrules.testing.scenario_files import FlatEvent, Scenario

ORDINARY: Final = {"role": "staff"}
"""What is taken for granted about a person of whom a scenario says nothing: no leader, no head of anything."""


class Unfit(ValueError):
    """A scenario gives something that the pack cannot take."""


@attrs.frozen
class Log:
    """The events of a scenario in the order in which they stand, and which types its silence speaks of."""

    events: tuple[Event, ...]
    carries: Mapping[str, dt.date]
    persons: frozenset[str]


# --- parameters -------------------------------------------------------------------------------------------------------


def with_parameters(pack: Pack, scenario: Scenario) -> Pack:
    """Return the pack with the parameters that the scenario gives."""
    given = scenario.given
    named = {name: value for name, value in given.notes.items() if name in pack.parameters}
    for name, value in given.notes.items():
        if name not in named and not isinstance(value, str):
            raise Unfit(
                f"nothing reads {quoted(name)} in `given`: say it with `parameters`, `staff`, `events` or `repeat`"
            )
    values, seasons = {**given.parameters, **named}, pack.seasons
    if seasons and "seasons" in values:
        seasons = _read_seasons(values.pop("seasons"))
    for name in values:
        if name not in pack.parameters:
            hint = did_you_mean(name, pack.parameters)
            raise Unfit(f"the pack has no parameter {quoted(name)}" + (f", {hint}" if hint else ""))
    try:
        changed = change_parameters(pack, values)
    except PackError as error:
        raise Unfit(f"with the parameters that the scenario gives the pack cannot be: {error}") from None
    except (TypeError, ValueError) as error:
        raise Unfit(str(error)) from None
    return changed if seasons is pack.seasons else attrs.evolve(changed, seasons=seasons)


def _read_seasons(value: Any) -> Mapping[str, str | tuple[str, ...]]:  # noqa: ANN401 - a value as YAML has it
    try:
        Seasons.parse(value)
    except (CalendarError, AttributeError, TypeError) as error:
        raise Unfit(f"{quoted(value)} are no seasons") from error
    return dict(value)


# --- events -----------------------------------------------------------------------------------------------------------


def log_of(scenario: Scenario, pack: Pack) -> Log:
    """Return all events of a scenario, those that go without saying among them."""
    decoder = EventDecoder(pack.events, Zone(pack.timezone))
    own = [_decoded(decoder, event, name) for name, event in _named(scenario.events, "e")]
    background = [_decoded(decoder, event, name) for name, event in _named(scenario.given.events, "g")]
    told = own + background
    roster = _implied_roster(scenario, pack, told)
    first = _first_day(told, roster, Zone(pack.timezone))
    made = _staff(scenario, pack, told) + _roster_events(pack, roster)
    documents = [
        {"id": f"given-{number:03}", "type": kind, "time": first, "data": data}
        for number, (kind, data) in enumerate(made)
    ]
    implied = [_decode(decoder, document, f"`given` of {scenario.id}") for document in documents]
    events = (*implied, *background, *own)
    return Log(events, _carries(scenario, pack, events), frozenset(_persons(pack, events)))


def _named(events: Iterable[FlatEvent], letter: str) -> Iterator[tuple[str, FlatEvent]]:
    """Give each event its id: its own, or a letter and a number of even width, which keeps the order in an instant."""
    every = list(events)
    width = len(str(len(every)))
    for number, event in enumerate(every, 1):
        yield event.id or f"{letter}{number:0{width}}", event


def _decoded(decoder: EventDecoder, event: FlatEvent, name: str) -> Event:
    document = {"id": name, "type": event.type, "time": event.at, "data": event.fields}
    return _decode(decoder, document, f"{event.place.file}:{event.place.line}")


def _decode(decoder: EventDecoder, document: Mapping[str, Any], place: str) -> Event:
    try:
        return decoder.decode(document, place)
    except EventError as error:
        raise Unfit(str(error)) from None


def _persons(pack: Pack, events: Iterable[Event]) -> Iterator[str]:
    """Give everybody whom the events concern; who reports or decides something is not among them."""
    for event in events:
        kind = pack.events[event.type]
        for name, value in event.data.items():
            reporting = name == "by" or name.endswith("_by")
            if name in kind.fields and kind.fields[name].type is FieldType.PERSON and not reporting:
                yield str(value)


def _first_day(events: Iterable[Event], roster: Iterable[tuple[str, dt.date]], zone: Zone) -> str:
    days = [zone.date_of(event.time) for event in events] + [day for _, day in roster]
    return zone.iso(zone.start_of(min(days, default=dt.date(2000, 1, 1))))


# --- staff ------------------------------------------------------------------------------------------------------------


def _opening_type(record: Record | None) -> str | None:
    """Return the event type that opens a record."""
    patterns = record.opens if record is not None else ()
    return next((name for one in patterns if one.kind is FactKind.EVENT for name in one.names), None)


def _staff(scenario: Scenario, pack: Pack, told: list[Event]) -> list[tuple[str, dict[str, Any]]]:
    kind = _opening_type(pack.records.get("staff"))
    staff = scenario.given.staff
    if kind is None or staff == "none":
        if isinstance(staff, dict):
            raise Unfit("the pack has no record `staff`")
        return []
    if isinstance(staff, dict):
        return [(kind, {"person": person, **fields}) for person, fields in staff.items()]
    if staff is None and any(event.type == kind for event in told):
        return []
    ordinary = {name: value for name, value in ORDINARY.items() if name in pack.events[kind].fields}
    people = [{"person": person, **ordinary} for person in sorted(set(_persons(pack, told)))]
    return [(kind, one) for one in people + list(_sections(pack, kind, told, ordinary))]


def _sections(pack: Pack, kind: str, told: list[Event], ordinary: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """Give one member to each section that the events name, where the pack keeps a record of sections."""
    keys = {one.key[0] for one in pack.records.values() if _opening_type(one) == kind and len(one.key) == 1}
    for key in sorted(keys - {"person"}):
        for value in sorted({str(event.data[key]) for event in told if key in event.data}):
            yield {"person": f"{value}-1", key: value, **ordinary}


# --- the roster -------------------------------------------------------------------------------------------------------


def _shift_record(pack: Pack) -> Record | None:
    kept = [one for one in pack.records.values() if one.spans is not None and "duty_date" in one.key]
    return min(kept, key=lambda one: one.spans != "shift", default=None)


def _implied_roster(scenario: Scenario, pack: Pack, told: list[Event]) -> list[tuple[str, dt.date]]:
    """Return who is on duty when, as the events take it for granted."""
    kind = _opening_type(_shift_record(pack))
    if kind is None or scenario.given.roster == "none":
        return []
    rostered = {(str(one.data.get("person")), one.data.get("duty_date")) for one in told if one.type == kind}
    if rostered and scenario.given.roster is None:
        return []
    windows = _Windows(pack)
    duties = {(person, day) for event in told for person, day in windows.duty_of(event)}
    return sorted(duties - rostered)


def _roster_events(pack: Pack, roster: list[tuple[str, dt.date]]) -> list[tuple[str, dict[str, Any]]]:
    kind = _opening_type(_shift_record(pack))
    return [(kind, {"person": person, "duty_date": day}) for person, day in roster] if kind else []


class _Windows:
    """Tells from an event which duty it belongs to."""

    def __init__(self, pack: Pack) -> None:
        self._pack = pack
        self._zone = Zone(pack.timezone)
        self._shifts = {name: ShiftTimes.parse(name, dict(times)) for name, times in pack.shifts.items()}
        self._seasons = Seasons.parse(dict(pack.seasons)) if pack.seasons else None

    def duty_of(self, event: Event) -> Iterator[tuple[str, dt.date]]:
        kind = self._pack.events[event.type]
        person = event.data.get(kind.person or "person", event.subject)
        period = event.data.get("period")
        if not kind.on_shift or person is None or (period is not None and period not in self._shifts):
            return
        day = event.data.get("duty_date")
        if isinstance(day, dt.date):
            yield str(person), day
        elif "duty_date" in kind.fields:
            days = {day for day, _ in self._near(event.time, period)}
            if len(days) == 1:
                yield str(person), days.pop()

    def _near(self, time: int, period: object) -> list[tuple[dt.date, str]]:
        today = self._zone.date_of(time)
        names = [str(period)] if period is not None else list(self._shifts)
        spans = [
            (day, name, times)
            for day in (today - dt.timedelta(days=1), today)
            for name in names
            for times in self._times(name, day)
        ]
        within = [(day, name) for day, name, (_, start, end) in spans if start <= time <= end]
        return within or [(day, name) for day, name, (opens, _, end) in spans if opens <= time <= end]

    def _times(self, name: str, day: dt.date) -> list[tuple[int, int, int]]:
        try:
            opens, _ = self._shifts[name].window(day, self._zone, self._seasons)
            span = self._shifts[name].span(day, self._zone, self._seasons)
        except CalendarError:
            return []
        return [(opens, span.start, span.end)]


# --- silence ----------------------------------------------------------------------------------------------------------


def _carries(scenario: Scenario, pack: Pack, events: Iterable[Event]) -> dict[str, dt.date]:
    """Return the types whose silence speaks: all, but for feeds of a period's totals of which there is no event."""
    chosen = scenario.given.carries
    if chosen == "none":
        return {}
    if isinstance(chosen, tuple):
        unknown = next((name for name in chosen if name not in pack.events), None)
        if unknown is not None:
            raise Unfit(f"{quoted(unknown)} in `carries` is no event type")
        return dict.fromkeys(chosen, dt.date.min)
    silent = set() if chosen == "all" else _feeds(pack) - {event.type for event in events}
    return {name: dt.date.min for name in pack.events if name not in silent}


def _feeds(pack: Pack) -> set[str]:
    measured = [rule for rule in pack.rules.values() if rule.every is not None and rule.by_number is not None]
    return {name for rule in measured for name in rule.relies_on}
