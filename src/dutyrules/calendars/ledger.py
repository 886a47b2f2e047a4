"""The account behind a deadline: what was counted, what was skipped, and why."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from attrs import evolve, frozen

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable

    from dutyrules.calendars.durations import Duration
    from dutyrules.calendars.zones import Zone


class Reason(StrEnum):
    """Why a day or a span of time was counted or skipped."""

    EVERY_DAY = "every day counts"
    TIME_RUNS = "time runs"
    WORKDAY = "working day"
    MAKE_UP_WORKDAY = "make-up workday"
    ADDED_WORKDAY = "added workday"
    WORKING_HOURS = "working hours"
    COUNTED_FROM = "counted from this day"
    WEEKEND = "weekend"
    PUBLIC_HOLIDAY = "public holiday"
    ADDED_HOLIDAY = "added holiday"
    OUTSIDE_HOURS = "outside working hours"
    PAUSED = "paused"


@frozen
class Days:
    """Consecutive dates, both ends included, that were treated alike for one reason."""

    counted: bool
    first: dt.date
    last: dt.date
    reason: Reason
    name: str = ""
    name_en: str = ""

    @property
    def days(self) -> int:
        """Count the dates."""
        return self.last.toordinal() - self.first.toordinal() + 1

    def as_dict(self) -> dict[str, object]:
        """Give the entry as JSON values."""
        dates = {"from": self.first.isoformat(), "to": self.last.isoformat()}
        return {"entry": _verdict(self.counted), "days": self.days, **dates, **_why(self)}

    def line(self) -> str:
        """Write the entry for people."""
        dates = self.first.isoformat() + (f" to {self.last.isoformat()}" if self.first != self.last else "")
        return f"{_verdict(self.counted)} {dates}: {_because(self)}"


@frozen
class Span:
    """Seconds from a start to an end, the end excluded, that were treated alike for one reason."""

    counted: bool
    start: int
    end: int
    reason: Reason
    name: str = ""
    name_en: str = ""

    @property
    def seconds(self) -> int:
        """Count the seconds."""
        return self.end - self.start

    def as_dict(self, zone: Zone) -> dict[str, object]:
        """Give the entry as JSON values."""
        instants = {"from": zone.iso(self.start), "to": zone.iso(self.end)}
        return {"entry": _verdict(self.counted), "seconds": self.seconds, **instants, **_why(self)}

    def line(self, zone: Zone) -> str:
        """Write the entry for people."""
        return f"{_verdict(self.counted)} {zone.iso(self.start)} to {zone.iso(self.end)}: {_because(self)}"


def _verdict(counted: bool) -> str:  # noqa: FBT001 - the one thing it turns into a word
    return "counted" if counted else "skipped"


def _why(entry: Days | Span) -> dict[str, str]:
    named = {"name": entry.name, "name_en": entry.name_en}
    return {"reason": entry.reason.value} | {key: text for key, text in named.items() if text}


def _because(entry: Days | Span) -> str:
    english = f" ({entry.name_en})" if entry.name_en else ""
    return f"{entry.reason.value}: {entry.name}{english}" if entry.name else entry.reason.value


def _alike(one: Days | Span, other: Days | Span) -> bool:
    return (one.counted, one.reason, one.name) == (other.counted, other.reason, other.name)


@frozen
class Ledger:
    """A deadline's account; an act at `due` is the last that is in time."""

    start: int
    due: int
    duration: Duration
    zone: Zone
    entries: tuple[Days | Span, ...]

    def as_dict(self) -> dict[str, object]:
        """Give the account as JSON values."""
        return {
            "start": self.zone.iso(self.start),
            "due": self.zone.iso(self.due),
            "duration": str(self.duration),
            "entries": [each.as_dict() if isinstance(each, Days) else each.as_dict(self.zone) for each in self.entries],
        }

    def lines(self) -> list[str]:
        """Write the entries for people, a line each."""
        return [each.line() if isinstance(each, Days) else each.line(self.zone) for each in self.entries]


@frozen
class DateLedger:
    """The account of a date so long before or after another."""

    origin: dt.date
    date: dt.date
    duration: Duration
    entries: tuple[Days, ...]

    def as_dict(self) -> dict[str, object]:
        """Give the account as JSON values."""
        return {
            "origin": self.origin.isoformat(),
            "date": self.date.isoformat(),
            "duration": str(self.duration),
            "entries": [entry.as_dict() for entry in self.entries],
        }

    def lines(self) -> list[str]:
        """Write the entries for people, a line each."""
        return [entry.line() for entry in self.entries]


def merged_days(entries: Iterable[Days]) -> tuple[Days, ...]:
    """Join neighbouring dates that were treated alike."""
    merged: list[Days] = []
    for entry in entries:
        if merged and _alike(merged[-1], entry):
            merged[-1] = evolve(merged[-1], last=entry.last)
        else:
            merged.append(entry)
    return tuple(merged)


def merged_spans(entries: Iterable[Span]) -> tuple[Span, ...]:
    """Join neighbouring spans that were treated alike."""
    merged: list[Span] = []
    for entry in entries:
        if merged and _alike(merged[-1], entry):
            merged[-1] = evolve(merged[-1], end=entry.end)
        else:
            merged.append(entry)
    return tuple(merged)
