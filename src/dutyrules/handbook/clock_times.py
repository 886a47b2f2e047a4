"""The clock times of shifts and hours in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import attrs

from dutyrules.calendars.durations import parse_duration
from dutyrules.handbook.text import figure

if TYPE_CHECKING:
    from dutyrules.handbook.words import Words

_NEXT_DAY: Final = "next day"


@attrs.frozen
class ClockTimes:
    """Words what stands in a shift or in hours."""

    words: Words

    def hours(self, name: str) -> str:
        """Return when hours begin and end, with their breaks."""
        entry = self.words.pack.hours.get(name, {})
        start, end = self.time(entry.get("start")), self.time(entry.get("end"))
        key = "hours_with_breaks" if entry.get("breaks") else "hours_from_to"
        return self.words(key, start=start, end=end, breaks=self.time(entry.get("breaks")))

    def time(self, value: Any) -> str:  # noqa: ANN401 - a text, texts by season, or a list
        """Return a time of day, times by season, or a duration, as shifts and hours write them."""
        say = self.words
        match value:
            case None:
                return "—"
            case str() if value.endswith(_NEXT_DAY):
                return say("next_day", time=figure(value.removesuffix(_NEXT_DAY).strip()))
            case str() if value in say.pack.shifts:
                return say.name(value)
            case str():
                return figure(self._duration(value))
            case Mapping():
                parts = [
                    say("at_season", season=say.name(season), time=self.time(one)) for season, one in value.items()
                ]
                return say("semicolon").join(parts)
            case list() | tuple():
                return say("semicolon").join(self.time(one) for one in value)
            case _:
                return figure(value)

    def _duration(self, text: str) -> str:
        """Return a duration in the language, and what is none as it is written."""
        try:
            return self.words.duration(parse_duration(text))
        except ValueError:
            return text
