"""Events: what happened, decoded from JSON and checked against a pack's vocabulary; CloudEvents 1.0 in JSON.

Inside, an instant is a whole number of seconds since 1970 (parts of a second are cut off), and a number is never a
float. What is wrong with an input is one of the codes of `EventFault`; `docs/events.md` has a line for each.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from contextlib import suppress
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, Final

import attrs
import msgspec

from dutyrules.calendars.errors import CalendarError
from dutyrules.calendars.zones import FIRST_YEAR, LAST_YEAR, Zone, parse_instant
from dutyrules.event_faults import EventError, EventFault
from dutyrules.event_json import DEEPEST, LONGEST_LINE, parse_object, refuse_unfit
from dutyrules.event_values import EXPECTED, READERS, Settled, settle, shown
from dutyrules.policies.diagnostics import did_you_mean, quoted
from dutyrules.policies.model import FieldType
from dutyrules.vocabulary import event_aliases

if TYPE_CHECKING:
    from collections.abc import Callable

    from dutyrules.policies.model import EventType, FieldSpec

    FieldReader = Callable[[object], object]

__all__ = [
    "DEEPEST",
    "LONGEST_LINE",
    "Event",
    "EventDecoder",
    "EventError",
    "EventFault",
    "Settled",
    "decode_event",
    "parse_object",
    "read_instant",
    "settle",
]

LONGEST_TIME: Final = 60

_AMENDING: Final = frozenset({"corrects", "withdraws", "recorded"})
_PARTS: Final = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})T([0-9:]{8})(?:\.[0-9]+)?(Z|[+-][0-9:]{5})")
_FIRST_SECOND: Final = parse_instant(f"{FIRST_YEAR}-01-01T00:00:00Z")
_LAST_SECOND: Final = parse_instant(f"{LAST_YEAR}-12-31T23:59:59Z")
_encoder: Final = msgspec.json.Encoder(decimal_format="number")


@attrs.frozen
class Event:
    """Something that happened.

    `time` is in seconds since 1970-01-01T00:00:00Z. `data` holds what is known: a field that is missing is unknown.
    `time_text` is the time as it was written; it is for people and no part of what makes two events equal.
    `corrects` or `withdraws` name the event in whose place this one stands, or that never was; `recorded` says when
    the log learnt of this one, in seconds since 1970 too.
    """

    id: str
    type: str
    time: int
    subject: str | None = None
    data: Mapping[str, object] = attrs.field(factory=dict, hash=False)
    time_text: str | None = attrs.field(default=None, eq=False)
    corrects: str | None = None
    withdraws: str | None = None
    recorded: int | None = None

    @property
    def amends(self) -> str | None:
        """Return the id of the event that this one corrects or withdraws."""
        return self.corrects if self.corrects is not None else self.withdraws

    @property
    def known_at(self) -> int:
        """Return since when the log knows of this event: when it was recorded, or else its own time."""
        return self.time if self.recorded is None else self.recorded

    def as_json(self) -> bytes:
        """Return the event as one line of CloudEvents JSON, without the newline; decoding it gives the event again."""
        document: dict[str, object] = {
            "id": self.id,
            "type": self.type,
            "time": self.time_text or _utc_text(self.time),
            "subject": self.subject,
            "corrects": self.corrects,
            "withdraws": self.withdraws,
            "recorded": None if self.recorded is None else _utc_text(self.recorded),
            "data": self.data,
        }
        return _encoder.encode({name: value for name, value in document.items() if value is not None})


def _utc_text(instant: int) -> str:
    moment = dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(seconds=instant)
    return moment.isoformat().replace("+00:00", "Z")


def decode_event(
    source: bytes | str | Mapping[str, Any], types: Mapping[str, EventType], zone: Zone | str, place: str = ""
) -> Event:
    """Decode one event, a line of JSON or a mapping of the same shape; an `EventError` says what is wrong with it."""
    return EventDecoder(types, zone).decode(source, place)


def _object(document: object) -> Mapping[str, Any]:
    if isinstance(document, Mapping):
        return document
    raise EventError(EventFault.NOT_AN_OBJECT, f"an event is an object, not {shown(document)}")


class EventDecoder:
    """Decodes the events of one vocabulary; the zone only serves to suggest an offset where one is missing."""

    def __init__(self, types: Mapping[str, EventType], zone: Zone | str) -> None:
        self._types = types
        self._defaults: dict[str, list[tuple[str, object]]] = {}
        self._readers: dict[str, dict[str, tuple[str, FieldReader]]] = {}
        self._zone = Zone(zone) if isinstance(zone, str) else zone

    def decode(self, source: bytes | str | Mapping[str, Any], place: str = "") -> Event:
        """Decode one event."""
        try:
            if isinstance(source, bytes | str):
                return self._event(parse_object(source))
            document = _object(source)
            refuse_unfit(document)
            return self._event(document)
        except EventError as error:
            raise EventError(error.code, error.reason, place, error.hint) from None

    def _event(self, document: Mapping[str, Any]) -> Event:
        identity = _attribute(document, "id")
        type_name = _attribute(document, "type")
        instant, time_text = self._time(document.get("time"))
        subject = document.get("subject")
        if subject is not None and not (isinstance(subject, str) and subject):
            raise EventError(EventFault.ATTRIBUTE_WRONG, "`subject` is not a text")
        if document.get("specversion", "1.0") != "1.0":
            raise EventError(
                EventFault.ATTRIBUTE_WRONG, f"`specversion` is {shown(document['specversion'])}, not `1.0`"
            )
        data = document.get("data")
        if data is None:
            data = {}
        elif not isinstance(data, Mapping):
            raise EventError(EventFault.ATTRIBUTE_WRONG, "`data` is not an object")
        event_type = self._types.get(type_name) or self._type_meant(type_name)
        made = Event(identity, event_type.name, instant, subject, self._data(event_type, data, subject), time_text)
        return made if _AMENDING.isdisjoint(document) else self._amending(made, document)

    def _amending(self, event: Event, document: Mapping[str, Any]) -> Event:
        """Read what an event is to another one, and when it was recorded."""
        corrects, withdraws = (
            None if document.get(name) is None else _attribute(document, name) for name in ("corrects", "withdraws")
        )
        if corrects is not None and withdraws is not None:
            raise EventError(EventFault.ATTRIBUTE_WRONG, "an event corrects another one or withdraws it, not both")
        recorded = document.get("recorded")
        instant = None if recorded is None else self._time(recorded, "recorded")[0]
        return attrs.evolve(event, corrects=corrects, withdraws=withdraws, recorded=instant)

    def _type_meant(self, name: str) -> EventType:
        found = self._types.get(event_aliases().get(name, ""))
        if found is None:
            reason = f"{quoted(name)} is no event type of the vocabulary"
            raise EventError(EventFault.UNKNOWN_TYPE, reason, hint=did_you_mean(name, self._types) or "")
        return found

    def _time(self, value: object, name: str = "time") -> tuple[int, str | None]:
        if value is None:
            raise EventError(EventFault.ATTRIBUTE_MISSING, "`time` is missing")
        if isinstance(value, str):
            return self._instant(value), value
        if isinstance(value, dt.datetime):
            return self._instant(value.isoformat()), value.isoformat()
        raise EventError(
            EventFault.BAD_TIME, f"`{name}` is {shown(value)}, not a text", hint="write `2026-01-15T12:00:00+08:00`"
        )

    def _instant(self, text: str) -> int:
        try:
            return read_instant(text, self._zone)
        except CalendarError as error:
            problem = error.problems[0]
            shown = len(text) <= LONGEST_TIME and text.isprintable()
            reason = problem.message if shown else f"{quoted(text)} is not an instant"
            raise EventError(EventFault.BAD_TIME, reason, hint=problem.hint if shown else "") from None

    def _data(self, event_type: EventType, given: Mapping[str, Any], subject: str | None) -> dict[str, object]:
        readers = self._readers_of(event_type)
        data: dict[str, object] = {}
        for name, value in given.items():
            if value is None:
                continue
            known_as, read = readers.get(name) or (name, settle)
            if known_as in data:
                reason = f"{quoted(known_as)} stands twice, once under another name"
                raise EventError(EventFault.KEY_TWICE, reason)
            data[known_as] = read(value)
        for name, default in self._defaults_of(event_type):
            if name not in data:
                data[name] = default
        person = event_type.person or "person"
        if subject is not None and person in event_type.fields and person not in data:
            data[person] = self._reader(event_type.fields[person])(subject)
        return data

    def _readers_of(self, event_type: EventType) -> dict[str, tuple[str, FieldReader]]:
        """Return what a type calls the fields of an event, by all their names, and what reads each."""
        known = self._readers.get(event_type.name)
        if known is None:
            fields = event_type.fields
            names = {**event_type.aliases, **{name: name for name in fields if name not in event_type.aliases}}
            known = {
                name: (called, self._reader(fields[called]) if called in fields else settle)
                for name, called in names.items()
            }
            self._readers[event_type.name] = known
        return known

    def _defaults_of(self, event_type: EventType) -> list[tuple[str, object]]:
        """Return what stands for fields that an event leaves out; worked out once a type."""
        known = self._defaults.get(event_type.name)
        if known is None:
            fields = event_type.fields.items()
            known = [(name, spec.default) for name, spec in fields if spec.has_default and spec.default is not None]
            self._defaults[event_type.name] = known
        return known

    def _reader(self, spec: FieldSpec) -> FieldReader:
        """Return what reads the value of a field."""
        if spec.type is FieldType.TIME:
            return partial(self._time_field, spec)
        read, values = READERS[spec.type], spec.values

        def field(value: object) -> object:
            found = read(value)
            if found is None or (values and found not in values):
                raise _unfit(spec, value, found)
            return found

        return field

    def _time_field(self, spec: FieldSpec, value: object) -> int:
        if isinstance(value, str):
            return self._instant(value)
        if isinstance(value, dt.datetime):
            return self._instant(value.isoformat())
        if isinstance(value, int) and not isinstance(value, bool) and _FIRST_SECOND <= value <= _LAST_SECOND:
            return value
        raise EventError(EventFault.FIELD_WRONG, f"{quoted(spec.name)} is {shown(value)}, not a time with its offset")


def _unfit(spec: FieldSpec, value: object, found: object) -> EventError:
    """Return what is wrong with a value: it is none of its field's type, or none of those that the field can have."""
    if found is None:
        return EventError(EventFault.FIELD_WRONG, f"{quoted(spec.name)} is {shown(value)}, not {EXPECTED[spec.type]}")
    hint = did_you_mean(str(found), spec.values) or "one of " + ", ".join(quoted(one) for one in spec.values)
    return EventError(EventFault.FIELD_VALUE, f"{quoted(spec.name)} cannot be {shown(value)}", hint=hint)


def read_instant(text: str, zone: Zone | None = None) -> int:
    """Read an instant with its offset as seconds since 1970; quicker than `parse_instant` where days come again."""
    with suppress(CalendarError):
        if parts := _PARTS.fullmatch(text):
            return _midnight(parts[1], parts[3]) + _seconds(parts[2])
    return parse_instant(text, zone=zone)


@lru_cache(maxsize=4096)
def _midnight(day: str, offset: str) -> int:
    return parse_instant(f"{day}T00:00:00{offset}")


@lru_cache(maxsize=90_000)
def _seconds(time_of_day: str) -> int:
    return parse_instant(f"1970-01-01T{time_of_day}Z")


def _attribute(document: Mapping[str, Any], name: str) -> str:
    value = document.get(name)
    if value is None:
        raise EventError(EventFault.ATTRIBUTE_MISSING, f"`{name}` is missing")
    if not (isinstance(value, str) and value):
        raise EventError(EventFault.ATTRIBUTE_WRONG, f"`{name}` is {shown(value)}, not a text")
    return value
