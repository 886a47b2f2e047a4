"""Logs in a pack's own vocabulary: people, their duties, and the stories that the pack's records tell.

The same pack, people, days and seed give the same log, byte for byte. A story opens a record (a complaint, a swap, a
key) and goes on with the events that touch it, some late, some never. Fields get the values that the pack's conditions
ask for, figures just beside a limit among them, so that rules are set off.
"""

from __future__ import annotations

import datetime as dt
import json
from random import Random
from typing import TYPE_CHECKING, Any, Final

import attrs

from dutyrules.calendars import Zone
from dutyrules.calendars.seasons import Seasons
from dutyrules.calendars.shifts import ShiftTimes
from dutyrules.policies.event_readers import event_readers
from dutyrules.policies.model import Kind
from dutyrules.testing.pack_words import FINDING, ROSTER, PackWords

if TYPE_CHECKING:
    from dutyrules import Pack
    from dutyrules.policies.model import EventType, FieldSpec

FIRST_DAY: Final = dt.date(2025, 1, 1)
HOUR: Final = 3600
DAY: Final = 24 * HOUR
STAFF: Final = "staff_record"
APART: Final = frozenset({ROSTER, STAFF, "check_in", "check_out", "punch"})
FOUND: Final = frozenset({Kind.PROHIBITION, Kind.OBLIGATION, Kind.SANCTION, Kind.REFERRAL})
STORIES_A_DAY: Final = 0.3
STRAYS_A_DAY: Final = 0.2
LEFT_OUT: Final = 0.03
GOES_ON: Final = 0.75
LATE: Final = 0.08
ABSENT: Final = 0.04


@attrs.frozen
class Story:
    """What opens a record, and what may follow."""

    opening: list[str]
    later: list[str]


class PackLog:
    """One log of one pack; `left_out` is the share of fields that its events do not carry."""

    def __init__(self, pack: Pack, people: int, days: int, seed: int = 1, left_out: float = LEFT_OUT) -> None:
        self.pack = pack
        self.people = [f"p{number:04d}" for number in range(people)]
        self.days = days
        self.left_out = left_out
        self.zone = Zone(pack.timezone)
        self.dice = Random(f"{seed}/{pack.prefix}/{people}/{days}")  # noqa: S311 - a log that can be made again
        self.words = PackWords(pack)
        self.read = {name for name in event_readers(pack) if name in pack.events}
        self.observed = [rule.id for rule in pack.rules.values() if _is_observed(rule)]
        self.stories = self._stories()
        self.ends = self._ends()
        told = {name for story in self.stories for name in (*story.opening, *story.later)}
        told |= {name for names in self.ends.values() for name in names}
        self.strays = sorted(self.read - told - APART - {FINDING}) or sorted(self.read - APART - {FINDING})
        self._events: list[tuple[int, str, dict[str, Any]]] = []
        self._number = 0
        self._spans: dict[tuple[str, str], list[tuple[int, int]]] = {}

    def lines(self) -> list[str]:
        """Return the log, one event a line, in order of time."""
        self._events, self._number, self._spans = [], 0, {}
        for person in self.people:
            self._add(STAFF, self._at(0, 8 * HOUR), person, {})
        for day in range(self.days):
            self._roster(day)
            for _ in range(self._times(STORIES_A_DAY)):
                self._story(day)
            for _ in range(self._times(STRAYS_A_DAY)):
                self._stray(day)
        self._events.sort(key=lambda event: event[0])
        return [self._line(number, *event) for number, event in enumerate(self._events, 1)]

    # --- what happens ------------------------------------------------------------------------------------------------

    def _stories(self) -> list[Story]:
        """Return for each record the events that open it and those that may follow: all that name its key."""
        found = []
        ended = {name for names in self._ends().values() for name in names}  # which come with what they end
        for record in self.pack.records.values():
            opening = [name for pattern in record.opens for name in pattern.names if name in self.read - APART]
            types = [self.pack.events[name] for name in opening]
            things = [
                name for name in record.key if any(str(_type(kind, name)) not in ("person", "date") for kind in types)
            ]
            later = [
                name
                for name in sorted(self.read - APART - set(opening))
                if things and all(field in self.pack.events[name].fields for field in record.key)
            ]
            touching = [name for pattern in record.updates for name in pattern.names]
            later += [name for name in touching if name in self.read - APART and name not in later]
            closing = ended | {name for pattern in record.closes for name in pattern.names}
            if opening:
                found.append(Story(opening, [name for name in later if name not in closing]))
        return found

    def _ends(self) -> dict[str, list[str]]:
        """Return the events that open what has an end, with the events that end it."""
        found: dict[str, list[str]] = {}
        for record in self.pack.records.values():
            closing = [name for pattern in record.closes for name in pattern.names if name in self.read - APART]
            for name in (name for pattern in record.opens for name in pattern.names):
                found.setdefault(name, []).extend(closing)
        return {name: sorted(set(closing) - {name}) for name, closing in found.items() if set(closing) - {name}}

    def _roster(self, day: int) -> None:
        """Put a part of the people on duty, and let them come and go, mostly in time."""
        if not self.pack.shifts or ROSTER not in self.read:
            return
        date = FIRST_DAY + dt.timedelta(days=day)
        seasons = Seasons.parse(self.pack.seasons) if self.pack.seasons else None
        for person in self.dice.sample(self.people, max(2, len(self.people) // 8)):
            for period, entry in self.pack.shifts.items():
                span = ShiftTimes.parse(period, entry).span(date, self.zone, seasons)
                duty = {"person": person, "duty_date": date.isoformat(), "period": period}
                self._add(ROSTER, self._at(day, 0) - 15 * HOUR, person, duty)
                luck = self.dice.random()
                if luck < ABSENT:
                    continue
                late = luck < ABSENT + LATE
                lead = -self.dice.randrange(60, 2400) if late else self.dice.randrange(0, 1200)
                self._add("check_in", span.start - lead, person, duty)
                early = self.dice.random() < LATE / 2
                lag = -self.dice.randrange(60, 1800) if early else self.dice.randrange(0, 600)
                self._add("check_out", span.end + lag, person, duty)

    def _story(self, day: int) -> None:
        """Tell of one thing, from its beginning as far as it goes."""
        if not self.stories:
            return
        story = self.dice.choice(self.stories)
        self._number += 1
        person = self.dice.choice(self.people)
        known: dict[str, Any] = {}
        time = self._at(day, self.dice.randrange(7 * HOUR, 22 * HOUR))
        self._begin(self.dice.choice(story.opening), time, person, known)
        for name in self.dice.sample(story.later, min(len(story.later), 6)):
            if self.dice.random() < GOES_ON:
                time += int(self.dice.choice((600, HOUR, 3 * HOUR, DAY, 2 * DAY)) * (0.5 + self.dice.random()))
                self._begin(name, time, person, known)

    def _stray(self, day: int) -> None:
        """Tell of something that stands alone, or of a finding."""
        self._number += 1
        found = self.observed and FINDING in self.read and self.dice.random() < 1 / 4
        if found or self.strays:
            name = FINDING if found else self.dice.choice(self.strays)
            time = self._at(day, self.dice.randrange(7 * HOUR, 22 * HOUR))
            self._begin(name, time, self.dice.choice(self.people), {})

    def _begin(self, name: str, time: int, person: str, known: dict[str, Any]) -> None:
        """Add an event, and the end of what it opens: nobody is twice on duty, or away, at one time."""
        if name not in self.ends:
            self._add(name, time, person, known)
            return
        end = time + int(self.dice.choice((2 * HOUR, 8 * HOUR, DAY)) * (0.5 + self.dice.random()))
        spans = self._spans.setdefault((name, person), [])
        if all(end < other or upto < time for other, upto in spans):
            spans.append((time, end))
            self._add(name, time, person, known)
            self._add(self.dice.choice(self.ends[name]), end, person, known)

    # --- one event ---------------------------------------------------------------------------------------------------

    def _times(self, a_day: float) -> int:
        """Return how often something happens on one day among all people."""
        whole, part = divmod(a_day * len(self.people), 1)
        return int(whole) + (self.dice.random() < part)

    def _at(self, day: int, second: int) -> int:
        midnight = dt.datetime.combine(FIRST_DAY, dt.time(), dt.timezone(dt.timedelta(hours=8)))
        return int(midnight.timestamp()) + day * DAY + second

    def _add(self, name: str, time: int, person: str, known: dict[str, Any]) -> None:
        """Add an event; what a story has said once of its thing it says again."""
        kind = self.pack.events[name]
        if name not in self.read:
            return
        data: dict[str, Any] = {}
        for spec in kind.fields.values():
            if spec.name in known:
                data[spec.name] = known[spec.name]
            elif self.dice.random() >= self.left_out:
                data[spec.name] = self._value(kind, spec, time, person)
                if (
                    str(spec.type) in ("text", "person", "date")
                    and not spec.values
                    and spec.name not in self.words.values
                ):
                    known[spec.name] = data[spec.name]
        self._events.append((time, name, {"subject": person, "data": data}))

    def _value(self, kind: EventType, spec: FieldSpec, time: int, person: str) -> object:
        """Draw a value for a field."""
        dice, form = self.dice, str(spec.type)
        if spec.values:
            return dice.choice(spec.values)
        if spec.name in ("code", "norm") and self.observed:
            return dice.choice(self.observed)
        if form == "person":
            return person if spec.name == (kind.person or "person") else dice.choice(self.people)
        asked = self.words.values_of(spec)
        if asked and dice.random() < GOES_ON:
            return dice.choice(asked)
        return self._any_value(form, spec.name, time)

    def _any_value(self, form: str, name: str, time: int) -> object:
        dice = self.dice
        day = self.zone.date_of(time)
        match form:
            case "bool":
                return dice.random() < GOES_ON
            case "int" | "number" | "money":
                return dice.choice((0, 1, 2, 3, 5, 10, 50))
            case "date":
                return (day + dt.timedelta(days=dice.choice((0, 0, 0, 1, 2, 7)))).isoformat()
            case "time":
                return self.zone.iso(time + dice.randrange(DAY))
            case "month":
                return day.isoformat()[:7]
            case "list":
                return dice.sample(self.people, 2)
            case _:
                return f"{name}-{self._number}"

    def _line(self, number: int, time: int, name: str, event: dict[str, Any]) -> str:
        document = {"id": f"e{number:07d}", "type": name, "time": self.zone.iso(time), **event}
        return json.dumps(document, ensure_ascii=False, separators=(",", ":"))


def _type(kind: EventType, name: str) -> object:
    spec = kind.fields.get(name)
    return "" if spec is None else spec.type


def _is_observed(rule: Any) -> bool:  # noqa: ANN401 - a rule of any kind
    set_off = rule.when or rule.whenever is not None or rule.every is not None or rule.gap is not None
    return rule.kind in FOUND and (not set_off or rule.observed)
