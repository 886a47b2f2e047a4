"""Events as lines: plain ones, odd but valid forms of them, and lines that hold no event."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from random import Random

HOME = dt.timezone(dt.timedelta(hours=8))
ZONES = (dt.UTC, HOME, dt.timezone(dt.timedelta(hours=-5)), dt.timezone(dt.timedelta(hours=5, minutes=30)))
MORE = ("remark", 7, 1.5, None, True, ["a", 1], {"deep": {"er": "x"}})
BAD = (
    b"{not json",
    b"[1, 2]",
    b'"text"',
    b'{"id": "b1", "id": "b1", "type": "%s", "time": "2026-01-01T00:00:00+08:00"}',
    b'{"id": "b2", "type": "%s", "time": "2026-01-01T00:00:00+08:00", "data": {"person": "ann", "person": "bo"}}',
    b'{"id":"b13","type":"%s","time":"2026-01-01T00:00:00+08:00","time":"2026-01-01T00:00:00+08:00","data":{}}',
    b'{"type": "%s", "time": "2026-01-01T00:00:00+08:00"}',
    b'{"id": "", "type": "%s", "time": "2026-01-01T00:00:00+08:00"}',
    b'{"id": 7, "type": "%s", "time": "2026-01-01T00:00:00+08:00"}',
    b'{"id": "b3", "type": "%s", "time": "2026-01-01T00:00:00"}',
    b'{"id": "b4", "type": "%s", "time": "0001-01-01T00:00:00+08:00"}',
    b'{"id": "b5", "type": "%s", "time": "9999-12-31T23:59:59-08:00"}',
    b'{"id": "b6", "type": "%s", "time": "2026-02-30T00:00:00+08:00"}',
    b'{"id": "b7", "type": "no_such_type", "time": "2026-01-01T00:00:00+08:00"}',
    b'{"id": "b8", "type": "%s", "time": "2026-01-01T00:00:00+08:00", "data": {"person": "  "}}',
    b'{"id": "b9", "type": "%s", "time": "2026-01-01T00:00:00+08:00", "data": {"person": 5}}',
    b'{"id": "b10", "type": "%s", "time": "2026-01-01T00:00:00+08:00", "subject": ""}',
    b'{"id": "b11", "type": "%s", "time": "2026-01-01T00:00:00+08:00", "subject": " ", "data": {}}',
    b'{"id": "b12", "type": "%s", "time": "2026-01-01T00:00:00+08:00", "specversion": "0.3"}',
    b'{"id": "b14", "type": "%s", "time": "2026-01-01T00:00:00+08:00", "data": []}',
    b'{"id": "b15", "type": "%s", "time": 1767196800, "data": {}}',
    b'{"id": "b16", "type": "%s", "time": "2026-01-01T24:00:00+08:00", "data": {}}',
    b'{"id": "b17", "type": "%s", "time": "2026-01-01 00:00:00+08:00", "data": {}}',
    b'{"id": "b18", "type": "%s", "time": "2026-W01-4T00:00:00+08:00", "data": {}}',
    b'{"id": "b19\xff", "type": "%s", "time": "2026-01-01T00:00:00+08:00", "data": {}}',
    b'{"id": "b20", "type": "%s", "time": "2026-01-01T00:00:00+08:00", "data": {"x": 1e400}}',
    b'{"id": "b21", "type": "%s", "time": "2026-01-01T00:00:00+08:00", "data": {"x": ' + 21 * b"[" + 21 * b"]" + b"}}",
)
"""Lines that hold no event; `%s` is an event type."""


@attrs.frozen
class Happening:
    """An event before it is written: `data` as JSON has it, instants as seconds."""

    id: str
    type: str
    time: int
    data: dict


class Lines:
    """Writes events of one pack as lines, the more strange the higher `oddity` (0: all plain; 1 in so many)."""

    def __init__(self, random: Random, pack, oddity: int = 0) -> None:
        self.random, self.pack, self.oddity = random, pack, oddity

    def odd(self) -> bool:
        """Draw whether something odd is done here."""
        return self.oddity > 0 and self.random.randint(1, self.oddity) == 1

    def log(self, happenings: list[Happening], bad: int = 0) -> list[bytes]:
        """Return the lines of a log in order of time and id, with some that hold no event among them."""
        lines = [self.line(one) for one in sorted(happenings, key=lambda one: (one.time, one.id))]
        for _ in range(bad):
            line = self.random.choice(BAD).replace(b"%s", self.random.choice(sorted(self.pack.events)).encode())
            lines.insert(self.random.randint(0, len(lines)), line)
        if self.odd():
            lines.insert(self.random.randint(0, len(lines)), b"  ")
        if self.odd():
            lines[0] = b"\xef\xbb\xbf" + lines[0]
        return lines

    def line(self, one: Happening) -> bytes:
        """Return one event as a line."""
        data = {name: self.value(one.type, name, value) for name, value in one.data.items()}
        document = {"id": one.id, "type": one.type, "time": self.instant(one.time), "data": data}
        person = self.pack.events[one.type].person or "person"
        if self.odd() and person in data:
            document["subject"] = data.pop(person)
        elif self.odd():
            document["subject"] = self.random.choice(("ann", "eve"))
        if self.odd():
            data["undeclared"] = self.random.choice(MORE)
        if self.odd():
            data |= dict.fromkeys(name for name in self.pack.events[one.type].fields if name not in data)
        if self.odd():
            document |= {"specversion": "1.0", "source": "test", "datacontenttype": "application/json"}
        if not data and self.odd():
            document["data"] = None
        if self.odd():
            items = list(document.items())
            self.random.shuffle(items)
            document = dict(items)
        text = json.dumps(document, ensure_ascii=self.odd(), separators=(", ", ": ") if self.odd() else (",", ":"))
        return text.replace("/", "\\/").encode() if self.odd() else text.encode()

    def value(self, event: str, name: str, value):
        """Return a field's value as it is written."""
        spec = self.pack.events[event].fields.get(name)
        kind = None if spec is None else str(spec.type)
        if kind == "time" and isinstance(value, int):
            return value if self.odd() else self.instant(value)
        if kind == "int" and isinstance(value, int) and self.odd():
            return float(value)
        if kind in ("number", "money") and self.odd():
            return str(value)
        if kind == "list" and self.odd():
            return [*value, self.random.choice(MORE)]
        return value

    def instant(self, time: int) -> str:
        """Return an instant as text: in the zone's own form, or in another."""
        if not self.odd():
            return dt.datetime.fromtimestamp(time, HOME).isoformat()
        zone = self.random.choice(ZONES)
        text = dt.datetime.fromtimestamp(time, zone).isoformat()
        if self.odd() or self.random.randint(0, 1):
            text = text[:19] + self.random.choice((".5", ".000000001", ".999")) + text[19:]
        return text.replace("+00:00", "Z") if self.random.randint(0, 1) else text
