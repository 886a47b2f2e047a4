"""Times of day, of the date itself or of the day after it."""

from __future__ import annotations

import re
from typing import Final

from attrs import frozen

from dutyrules.calendars.errors import BadClockTime, Problem

DAY_SECONDS: Final = 86_400

_TEXT: Final = re.compile(r"([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?(\s+next\s+day)?")
_HINT: Final = "write hours and minutes from 00:00 to 24:00, such as `08:30`, `17:00:30` or `08:00 next day`"
_MINUTES: Final = 60


@frozen(order=True)
class ClockTime:
    """A time of day as seconds on the wall clock since the start of the date, up to the end of the next date."""

    seconds: int

    def __str__(self) -> str:
        days, rest = divmod(self.seconds, DAY_SECONDS)
        if self.seconds == DAY_SECONDS:
            return "24:00"
        if self.seconds == 2 * DAY_SECONDS:
            return "24:00 next day"
        hours, rest = divmod(rest, 3600)
        minutes, seconds = divmod(rest, 60)
        text = f"{hours:02}:{minutes:02}" + (f":{seconds:02}" if seconds else "")
        return f"{text} next day" if days else text

    @property
    def days_later(self) -> int:
        """Give 1 for a time of the next day, 24:00 included, and 2 for the end of that day."""
        return self.seconds // DAY_SECONDS

    @property
    def second_of_day(self) -> int:
        """Give the seconds since the start of the day that the time lies in."""
        return self.seconds % DAY_SECONDS


def parse_clock_time(text: str) -> ClockTime:
    """Read `HH:MM` or `HH:MM:SS`, perhaps followed by `next day`; 24:00 is the end of the day."""
    match = _TEXT.fullmatch(text.strip())
    if match is None:
        raise BadClockTime(Problem(f"`{text}` is not a time of day", _HINT))
    hours, minutes, seconds = int(match[1]), int(match[2]), int(match[3] or 0)
    of_day = hours * 3600 + minutes * 60 + seconds
    if minutes >= _MINUTES or seconds >= _MINUTES or of_day > DAY_SECONDS:
        raise BadClockTime(Problem(f"`{text}` is no time that a clock shows", _HINT))
    return ClockTime(of_day + (DAY_SECONDS if match[4] else 0))
