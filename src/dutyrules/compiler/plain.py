"""Lines that do not have the plain form: read by the engine's own decoder, and given in that form or set aside."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Final

from dutyrules.calendars.zones import Zone
from dutyrules.compiler.reading import Beyond
from dutyrules.events import EventDecoder, EventError
from dutyrules.policies.model import FieldType
from dutyrules.policies.readings import names_read

if TYPE_CHECKING:
    from dutyrules.events import Event
    from dutyrules.policies.model import Pack

AS_THEY_ARE: Final = frozenset(FieldType) - {FieldType.DATE, FieldType.TIME, FieldType.ANY}

DECIDING: Final = {
    "finding": frozenset({"code"}),
    "ruling": frozenset({"impose", "amount", "amount_cny", "code", "norm"}),
}
"""What is read of the events by which people decide, whatever a pack declares them to have."""


class PlainLines:
    """Reads lines for a program; what holds no event is kept in `refused`, each place once however often it is read."""

    def __init__(self, pack: Pack, name: str) -> None:
        self._pack = pack
        self._zone = Zone(pack.timezone)
        self._names = names_read(pack)
        self._decoder = EventDecoder(pack.events, self._zone)
        self._name = name
        self._refused: dict[int, EventError] = {}

    @property
    def refused(self) -> list[EventError]:
        """Return why lines hold no event, in the order of the file."""
        return [self._refused[number] for number in sorted(self._refused)]

    def __call__(self, line: bytes, number: int) -> dict[str, Any] | None:
        """Return the event of a line in the plain form, None if there is none."""
        try:
            event = self._decoder.decode(line, f"{self._name}:{number}")
        except EventError as error:
            self._refused[number] = error
            return None
        if event.amends is not None:
            raise Beyond(f"`{event.id}` corrects another event")
        names = self._names if event.type not in DECIDING else self._names | DECIDING[event.type]
        stray = names.intersection(event.data).difference(self._pack.events[event.type].fields)
        if stray:  # the engine reads it where a record or a day is looked for
            raise Beyond(f"`{event.id}` has `{min(stray)}`, which its type has not and a rule may read")
        return self._plain(event)

    def _plain(self, event: Event) -> dict[str, Any]:
        fields = self._pack.events[event.type].fields
        data = {name: self._value(fields[name].type, value) for name, value in event.data.items() if name in fields}
        return {
            "id": event.id,
            "type": event.type,
            "time": self._zone.iso(event.time),
            "subject": event.subject,
            "data": {name: value for name, value in data.items() if value is not None},
        }

    def _value(self, kind: FieldType, value: object) -> object:
        if kind in AS_THEY_ARE:
            return value
        if isinstance(value, dt.date):
            return value.isoformat()
        return self._zone.iso(value) if kind is FieldType.TIME and isinstance(value, int) else None
