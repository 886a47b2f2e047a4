"""A log to be tried, with its pack and how far to look, and how one is drawn event by event."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import attrs
import yaml

from dutyrules.events import decode_event
from dutyrules.policies.syntax import FactKind, Pattern

from . import ground
from .trees import parts

if TYPE_CHECKING:
    from random import Random

ZONE = dt.timezone(dt.timedelta(hours=8))
EDGES = (
    "00:00:00",
    "06:00:00",
    "08:00:00",
    "08:30:00",
    "09:00:00",
    "12:00:00",
    "13:00:00",
    "14:00:00",
    "17:00:00",
    "18:00:00",
)
LATE_EDGES = ("19:00:00", "20:00:00", "20:30:00", "21:00:00", "23:59:59")
STEPS = (0, 0, 1800, 3600, 7200, 86400, 93600)
STARTS = ("2026-01-30", "2026-02-26", "2026-02-27", "2025-12-30", "2026-05-30", "2026-03-14")
PEOPLE = ("ann", "bo", "c,y|z\\")


@attrs.frozen
class Log:
    """A pack (by its YAML text, where it was made up), the events of a log and the instant up to which to look."""

    pack: object
    events: tuple
    until: int
    carries: object
    text: str = ""

    def __repr__(self) -> str:
        """Show what is needed to run the example again."""
        lines = "\n".join(
            f"{event.id} {event.type} {iso(event.time)} {dict(event.data)}{amending(event)}" for event in self.events
        )
        until = f"--- until {iso(self.until)}, carries {self.carries}"
        return f"\n--- pack\n{own_part(self.text) or self.pack.file}\n--- log\n{lines}\n{until}\n"

    def _repr_pretty_(self, printer, _cycle) -> None:
        """Show the same to hypothesis, which else would print the whole checked pack."""
        printer.text(repr(self))


def amending(event) -> str:
    """Return what an event does to another one, and when it was recorded."""
    words = {"corrects": event.corrects, "withdraws": event.withdraws}
    words["recorded"] = None if event.recorded is None else iso(event.recorded)
    return "".join(f", {name} {value}" for name, value in words.items() if value is not None)


def own_part(text: str) -> str:
    """Return what a generated pack says beyond the common ground of all of them."""
    if not text:
        return ""
    own = {key: value for key, value in yaml.safe_load(text).items() if key not in (*ground.GROUND, "events")}
    return yaml.safe_dump(own, sort_keys=False, allow_unicode=True, width=200)


def iso(instant: int) -> str:
    """Return an instant as text."""
    return dt.datetime.fromtimestamp(instant, ZONE).isoformat()


class Drawing:
    """Draws the events of one log one after the other; without dice it takes only what it is given."""

    zone = ZONE

    def __init__(self, random: Random | None, pack, pools: dict, start: dt.date, span: int) -> None:
        self.dice, self.pack, self.pools = random, pack, pools
        self.days = [start + dt.timedelta(days=number) for number in range(span)]
        self.events: list = []

    def one(self, values):
        """Draw one of some values."""
        return self.dice.choice(tuple(values))

    def chance(self, of: int) -> bool:
        """Draw true once in so many times."""
        return self.dice.randint(1, of) == 1

    def instant(self) -> int:
        """Draw an instant at, just before or just after a limit: of the day, or a step after an earlier event."""
        nudge = self.one((0, 0, 0, -1, 1))
        if self.events and not self.chance(2):
            return self.one([event.time for event in self.events]) + self.one(STEPS) + nudge
        day, clock = self.one(self.days), dt.time.fromisoformat(self.one((*EDGES, *LATE_EDGES)))
        return int(dt.datetime.combine(day, clock, ZONE).timestamp()) + nudge

    def at(self, day: dt.date, clock: str, nudge: int = 0) -> int:
        """Return the instant of a time of day."""
        return int(dt.datetime.combine(day, dt.time.fromisoformat(clock), ZONE).timestamp()) + nudge

    def value(self, spec):
        """Draw a value for a field."""
        if spec.name in self.pools:
            return self.one(self.pools[spec.name])
        if spec.values:
            return self.one(spec.values)
        kinds = {
            "bool": lambda: not self.one((0, 1)),
            "int": lambda: self.dice.randint(0, 3),
            "number": lambda: self.dice.randint(0, 3),
            "money": lambda: self.one((0, 5, 10, 20, 30, 50, 60)),
            "date": (self.one(self.days) + dt.timedelta(days=self.one((0, 0, 0, 1, 2)))).isoformat,
            "time": lambda: iso(self.instant()),
            "month": lambda: self.one(self.days).isoformat()[:7],
            "person": lambda: self.one(PEOPLE),
            "list": lambda: [self.one(PEOPLE)],
        }
        return kinds.get(str(spec.type), lambda: self.one(("x", "y")))()

    def name(self) -> str:
        """Return an id: mostly in the order in which events are added, sometimes before them."""
        early = self.dice is not None and self.chance(6)
        return f"{'a' if early else 'e'}{len(self.events):02}"

    def add(self, name: str, time: int, identity: str | None = None, /, **given) -> None:
        """Add an event with the fields given."""
        known = self.pack.events[name].fields
        data = {field: value.isoformat() if isinstance(value, dt.date) else value for field, value in given.items()}
        document = {
            "specversion": "1.0",
            "source": "test",
            "id": identity or self.name(),
            "type": name,
            "time": iso(time),
            "data": {field: value for field, value in data.items() if field in known},
        }
        self.events.append(decode_event(document, self.pack.events, self.pack.timezone))

    def any_event(self, names, missing: int = 8) -> None:
        """Add an event with fields drawn at random, of which some are missing."""
        name = self.one(names)
        specs = self.pack.events[name].fields.values()
        data = {spec.name: self.value(spec) for spec in specs if not self.chance(missing)}
        self.pools["about"] = (*self.pools["about"][-12:], f"e{len(self.events):02}")
        self.add(name, self.instant(), **data)


def used_types(pack) -> list[str]:
    """Return the event types that a pack looks at."""
    found = {"finding", "ruling"}
    for section in (pack.records, pack.counts, pack.rules, pack.ladders):
        for part in section.values():
            for node in parts(part):
                if isinstance(node, Pattern) and node.kind is FactKind.EVENT:
                    found.update(node.names)
    return sorted(found & set(pack.events))
