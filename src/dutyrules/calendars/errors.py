"""What can be wrong with a date, a duration, a time of day or a calendar."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date


@frozen
class Problem:
    """One fault: its message, where one helps a hint, and the keys that lead to it inside the entry that was read."""

    message: str
    hint: str = ""
    path: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.message}\nhelp: {self.hint}" if self.hint else self.message

    def under(self, *keys: str) -> Problem:
        """Place the fault below the given keys."""
        return Problem(self.message, self.hint, (*keys, *self.path))


class CalendarError(ValueError):
    """Something about dates or working time cannot be read or answered; `problems` holds every fault found."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__(*problems)
        self.problems = problems

    def __str__(self) -> str:
        return "\n".join(str(problem) for problem in self.problems)


class BadDuration(CalendarError):
    """A text is no duration, or a duration of this unit cannot be used here."""


class BadInstant(CalendarError):
    """A text is no instant with an offset from UTC."""


class BadClockTime(CalendarError):
    """A text is no time of day."""


class BadSeason(CalendarError):
    """A season's text is no range of days of the year."""


class BadShift(CalendarError):
    """A shift's or hours' entry cannot be read."""


class BadPeriod(CalendarError):
    """A text is no label of a day, week, half month, month, quarter or year."""


class BadCalendar(CalendarError):
    """Days given to a calendar contradict one another."""


class UnknownSeason(CalendarError):
    """A date lies in no season, or in a season that an entry has no time for."""


class UnknownYear(CalendarError):
    """A calendar has no data for the year of a day."""

    def __init__(self, day: date, calendar: str, known: Iterable[int]) -> None:
        years = _ranges(sorted(known)) or "no year"
        hint = f"it knows {years}; a pack or an organisation can add the day itself or declare the whole year"
        message = f"calendar `{calendar}` has no data for {day.year}, the year of `{day.isoformat()}`"
        super().__init__(Problem(message, hint))
        self.day = day
        self.year = day.year
        self.calendar = calendar


class UnknownCalendar(CalendarError):
    """No calendar has this name."""


class UnknownZone(CalendarError):
    """No time zone has this name."""


def _ranges(years: list[int]) -> str:
    """Write sorted years as in `2007 to 2026, 2028`."""
    first_of_run = [year for year in years if year - 1 not in years]
    last_of_run = [year for year in years if year + 1 not in years]
    runs = zip(first_of_run, last_of_run, strict=True)
    return ", ".join(str(first) if first == last else f"{first} to {last}" for first, last in runs)


def did_you_mean(text: str, known: Iterable[str], otherwise: str = "") -> str:
    """Suggest the known text nearest to what was written, or else what is given for that case."""
    near = get_close_matches(text, list(known), n=1)
    return f"did you mean `{near[0]}`" if near else otherwise
