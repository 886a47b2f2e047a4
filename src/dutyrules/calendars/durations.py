"""Durations that keep their units: two working days are never sixteen hours."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final

from attrs import frozen

from dutyrules.calendars.errors import BadDuration, Problem, did_you_mean


class Unit(StrEnum):
    """What a duration counts."""

    SECOND = "second"
    MINUTE = "minute"
    HOUR = "hour"
    WORKING_HOUR = "working_hour"
    DAY = "day"
    WORKING_DAY = "working_day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"

    @property
    def words(self) -> str:
        """Give the unit as a pack writes it, in the singular."""
        return self.value.replace("_", " ")


SECONDS: Final = {Unit.SECOND: 1, Unit.MINUTE: 60, Unit.HOUR: 3600}
DATES: Final = {Unit.DAY: 1, Unit.WEEK: 7}
MONTHS: Final = {Unit.MONTH: 1, Unit.QUARTER: 3, Unit.YEAR: 12}

LONGEST_YEARS: Final = 100
"""No duration is longer: a slip of the pen must not send a deadline out of the calendar."""

_PER_YEAR: Final = {
    Unit.SECOND: 31_557_600,
    Unit.MINUTE: 525_960,
    Unit.HOUR: 8_766,
    Unit.WORKING_HOUR: 2_500,
    Unit.DAY: 366,
    Unit.WORKING_DAY: 366,
    Unit.WEEK: 53,
    Unit.MONTH: 12,
    Unit.QUARTER: 4,
    Unit.YEAR: 1,
}
_SMALLER: Final = {
    Unit.MINUTE: (60, Unit.SECOND),
    Unit.HOUR: (60, Unit.MINUTE),
    Unit.WEEK: (7, Unit.DAY),
    Unit.QUARTER: (3, Unit.MONTH),
    Unit.YEAR: (12, Unit.MONTH),
}
_SHORT: Final = {
    "s": Unit.SECOND,
    "sec": Unit.SECOND,
    "min": Unit.MINUTE,
    "h": Unit.HOUR,
    "d": Unit.DAY,
}
_WORDS: Final = {unit.words: unit for unit in Unit} | {f"{unit.words}s": unit for unit in Unit} | _SHORT
_NEAR: Final = {
    "workday": "working day",
    "workdays": "working days",
    "business day": "working day",
    "business days": "working days",
    "work day": "working day",
    "work days": "working days",
    "hr": "hour",
    "hrs": "hours",
    "mins": "minutes",
    "m": "min",
    "y": "years",
    "w": "weeks",
}
_TEXT: Final = re.compile(r"([0-9]{1,12})(\.[0-9]+)?\s*([A-Za-z][A-Za-z_ ]*)")
_EXAMPLES: Final = "write a whole number and a unit, such as `2h`, `15 minutes`, `2 working days` or `1 month`"


@frozen
class Duration:
    """An amount of a unit, from nothing up to a hundred years."""

    amount: int
    unit: Unit

    def __attrs_post_init__(self) -> None:
        if self.amount < 0:
            raise BadDuration(Problem(f"`{self.amount} {self.unit.words}s` is less than nothing"))
        if self.amount > _PER_YEAR[self.unit] * LONGEST_YEARS:
            raise BadDuration(Problem(f"`{self}` is longer than {LONGEST_YEARS} years"))

    def __str__(self) -> str:
        return f"{self.amount} {self.unit.words}{'' if self.amount == 1 else 's'}"

    @property
    def runs(self) -> bool:
        """Tell whether the duration runs by the second, day and night, and does not count dates or hours of work."""
        return self.unit in SECONDS

    @property
    def seconds(self) -> int:
        """Give a running duration in seconds."""
        if self.unit not in SECONDS:
            raise BadDuration(Problem(f"`{self}` has no fixed length", "use seconds, minutes or hours here"))
        return self.amount * SECONDS[self.unit]


def parse_duration(text: str) -> Duration:
    """Read a duration such as `90s`, `15 minutes`, `2h`, `2 working days` or `1 month`."""
    match = _TEXT.fullmatch(text.strip())
    if match is None:
        raise BadDuration(Problem(f"`{text}` is not a duration", _EXAMPLES))
    amount, fraction, word = match[1], match[2], " ".join(match[3].lower().split())
    unit = _WORDS.get(word)
    if unit is None:
        raise BadDuration(Problem(f"`{text}` has no unit that a duration can have", _nearest(amount, word)))
    if fraction:
        raise BadDuration(Problem(f"`{text}` is not a whole number of {unit.words}s", _in_smaller_unit(match, unit)))
    return Duration(int(amount), unit)


def parse_running(text: str) -> Duration:
    """Read a duration in seconds, minutes or hours."""
    duration = parse_duration(text)
    if not duration.runs:
        raise BadDuration(Problem(f"`{text}` has no fixed length", "use seconds, minutes or hours here"))
    return duration


def _nearest(amount: str, word: str) -> str:
    spaced = word.replace("_", " ")
    known = _NEAR.get(spaced) or (spaced if spaced in _WORDS else None)
    if known is not None:
        return f"did you mean `{amount} {known}`"
    suggestion = did_you_mean(spaced, [name for name in _WORDS if name not in _SHORT])
    return suggestion.replace("`", f"`{amount} ", 1) if suggestion else _EXAMPLES


def _in_smaller_unit(match: re.Match[str], unit: Unit) -> str:
    if unit not in _SMALLER:
        return _EXAMPLES
    factor, smaller = _SMALLER[unit]
    parts = 10 ** (len(match[2]) - 1)
    amount, rest = divmod(int(match[1] + match[2][1:]) * factor, parts)
    return f"write it in a smaller unit, as `{amount} {smaller.words}s`" if rest == 0 else _EXAMPLES
