"""A hypothesis strategy for logs in a pack's own vocabulary; it needs the extra `testing`."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Final

import attrs
from hypothesis import strategies as st

from dutyrules.calendars.zones import Zone
from dutyrules.testing.pack_words import ROSTER, PackWords

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dutyrules.policies.model import FieldSpec, Pack

PEOPLE: Final = ("ann", "bo")
STARTS: Final = ("2026-01-15", "2026-01-30", "2026-02-26", "2025-12-30", "2026-06-29")
DAYS: Final = 4
MOST_EVENTS: Final = 8
_NUDGES: Final = (0, 1, -1, 600, -600, 3600, 7200)
_AFTER: Final = (0, 86_400, 3 * 86_400, 12 * 86_400, 40 * 86_400)
_CODES: Final = ("code", "norm")


@attrs.frozen
class PackLog:
    """A log: events as documents in order of time, the moment up to which to look, and whose silence speaks."""

    events: tuple[Mapping[str, Any], ...]
    as_of: str
    carries: str = "none"


def logs_of(
    pack: Pack, *, rules: Sequence[str] | None = None, most_events: int = MOST_EVENTS
) -> st.SearchStrategy[PackLog]:
    """Return a strategy for logs that a few rules of a pack read, with the values that its conditions ask for.

    `rules` names those that are aimed at; by default any that rests on events. Raises `ValueError` where none does.
    """
    words = PackWords(pack)
    aims = [name for name in rules or words.rules_with_events() if words.events_of(name)]
    if not aims:
        message = "no rule that is aimed at rests on an event"
        raise ValueError(message)
    return _logs(words, tuple(aims), most_events)


@st.composite
def _logs(draw: st.DrawFn, words: PackWords, aims: tuple[str, ...], most: int) -> PackLog:
    aim = draw(st.sampled_from(aims))
    names = words.events_of(aim)
    zone = Zone(words.pack.timezone)
    start = dt.date.fromisoformat(draw(st.sampled_from(STARTS)))
    days = [start + dt.timedelta(days=number) for number in range(DAYS)]
    drawing = _Drawing(draw, words, zone, days, aim)
    found = drawing.roster() if ROSTER in names and words.pack.shifts else []
    count = draw(st.integers(1, most - len(found)))
    found += [drawing.event(draw(st.sampled_from(names)), number) for number in range(count)]
    found.sort(key=lambda each: each[0])
    width = len(str(len(found)))
    events = [
        {"id": f"e{number:0{width}}", "type": name, "time": zone.iso(time), "data": data}
        for number, (time, name, data) in enumerate(found, 1)
    ]
    as_of = found[-1][0] + draw(st.sampled_from(_AFTER))
    return PackLog(tuple(events), zone.iso(as_of), draw(st.sampled_from(("none", "all"))))


@attrs.define
class _Drawing:
    """Draws the events of one log."""

    draw: st.DrawFn
    words: PackWords
    zone: Zone
    days: list[dt.date]
    aim: str

    def roster(self) -> list[tuple[int, str, dict[str, Any]]]:
        """Put somebody on duty on one or two of the days, the evening before."""
        duties = st.tuples(st.sampled_from(PEOPLE), st.sampled_from(self.days), st.sampled_from(list(self._periods)))
        found = []
        for person, day, period in self.draw(st.lists(duties, min_size=1, max_size=2, unique=True)):
            data = {"person": person, "duty_date": day.isoformat(), "period": period}
            known = self.words.pack.events[ROSTER].fields
            evening = self._at(day - dt.timedelta(days=1), "09:00")
            found.append((evening, ROSTER, {name: value for name, value in data.items() if name in known}))
        return found

    def event(self, name: str, number: int) -> tuple[int, str, dict[str, Any]]:
        """Draw an event of a type; one field in eight is missing."""
        time = self._instant()
        specs = self.words.pack.events[name].fields.values()
        kept = [spec for spec in specs if self.draw(st.integers(0, 7)) or spec.name == "person"]
        return time, name, {spec.name: self._value(spec, number) for spec in kept}

    def _instant(self) -> int:
        day, clock = self.draw(st.sampled_from(self.days)), self.draw(st.sampled_from(self.words.clocks))
        return self._at(day, clock) + self.draw(st.sampled_from(_NUDGES))

    def _at(self, day: dt.date, clock: str) -> int:
        hour, minute = map(int, clock.split(":"))
        return self.zone.start_of(day) + 3600 * hour + 60 * minute

    @property
    def _periods(self) -> tuple[str, ...]:
        return tuple(self.words.pack.shifts) or ("day",)

    def _value(self, spec: FieldSpec, number: int) -> Any:  # noqa: ANN401 - what a field of an event holds
        pool = self._pool(spec, number)
        return self.draw(st.sampled_from(pool))

    def _pool(self, spec: FieldSpec, number: int) -> Sequence[Any]:
        kind, asked = spec.type.value, self.words.values_of(spec)
        if kind == "text" and not spec.values:
            if spec.name in _CODES:
                return (self.aim, *self.words.pack.rules)[:4]
            if spec.name == "period":
                return self._periods
            if spec.name == "about":
                return (*PEOPLE, *(f"e{each}" for each in range(1, number + 1)))
        if spec.values:
            return spec.values
        if kind in ("date", "time", "month"):
            return self._dates(kind)
        plain: dict[str, Sequence[Any]] = {
            "bool": (True, False),
            "person": PEOPLE,
            "list": ([PEOPLE[0]], list(PEOPLE)),
            **dict.fromkeys(("int", "number"), (*asked, 1, 0, 2, 3)),
            "money": (*asked, 10, 50, 0),
        }
        return plain.get(kind, (*asked, f"{spec.name}1", f"{spec.name}2"))

    def _dates(self, kind: str) -> Sequence[str]:
        if kind == "date":
            return [day.isoformat() for day in self.days]
        if kind == "month":
            return list(dict.fromkeys(day.isoformat()[:7] for day in self.days))
        return [self.zone.iso(self._at(day, clock)) for day in self.days[:2] for clock in self.words.clocks[:4]]
