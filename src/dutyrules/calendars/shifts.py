"""A pack's shifts and hours: times of day, by season, that become spans of instants on a date.

A span belongs to the date on which it starts: a night that ends next morning keeps the season and month of its start.
Spans are half-open: a shift from 17:00 to 08:30 contains 17:00:00 and no longer 08:30:00.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final, TypeVar

from attrs import field, frozen

from dutyrules.calendars.clock_times import ClockTime, parse_clock_time
from dutyrules.calendars.durations import Duration, parse_running
from dutyrules.calendars.errors import BadShift, CalendarError, Problem, UnknownSeason, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from dutyrules.calendars.seasons import Seasons
    from dutyrules.calendars.zones import Zone

Entry = Mapping[str, object]
_T = TypeVar("_T")
_SHIFT_KEYS: Final = ("start", "end", "check_in_from", "check_out_until")
_HOURS_KEYS: Final = ("start", "end", "breaks")


@frozen
class SeasonalTime:
    """One time of day for all seasons, or one for each."""

    always: ClockTime | None
    by_season: Mapping[str, ClockTime] = field(factory=dict, hash=False)

    def of(self, season: str | None, day: date) -> ClockTime:
        """Give the time that holds on a date of a season."""
        if self.always is not None:
            return self.always
        if season is not None and season in self.by_season:
            return self.by_season[season]
        known = ", ".join(f"`{name}`" for name in self.by_season)
        where = (
            f"in no season or in more than one (there are times for {known})" if season is None else f"in `{season}`"
        )
        raise UnknownSeason(Problem(f"`{day.isoformat()}` is {where}, for which there is no time of day"))

    @property
    def seasons(self) -> tuple[str, ...]:
        """Give the seasons that have times of their own."""
        return tuple(self.by_season)


@frozen
class ShiftSpan:
    """A shift on one date: its first instant, the instant at which it is over, and the season of its date."""

    start: int
    end: int
    season: str | None


@frozen
class ShiftTimes:
    """When a shift starts and ends, from how long before its start one may check in, how long after its end out."""

    name: str
    start: SeasonalTime
    end: SeasonalTime
    check_in_from: Duration | None = None
    check_out_until: Duration | None = None

    @classmethod
    def parse(cls, name: str, entry: Entry) -> ShiftTimes:
        """Read a pack's shift: `start`, `end`, and perhaps `check_in_from` and `check_out_until`."""
        problems = _strange_keys(entry, _SHIFT_KEYS)
        start, end = _seasonal(entry, "start", problems), _seasonal(entry, "end", problems)
        lead = _read(entry, "check_in_from", parse_running, problems) if "check_in_from" in entry else None
        lag = _read(entry, "check_out_until", parse_running, problems) if "check_out_until" in entry else None
        if start is not None and end is not None:
            problems += _not_after(start, end)
        if problems or start is None or end is None:
            raise BadShift(*problems)
        return cls(name, start, end, lead, lag)

    @property
    def seasons(self) -> frozenset[str]:
        """Give the seasons that the shift has times for, none where its times are always the same."""
        return frozenset(self.start.seasons + self.end.seasons)

    def span(self, duty_date: date, zone: Zone, seasons: Seasons | None = None) -> ShiftSpan:
        """Give the shift of a date; its season is that of the date, past midnight too."""
        season = None if seasons is None else seasons.of(duty_date)
        start = zone.at(duty_date, self.start.of(season, duty_date))
        return ShiftSpan(start, zone.at(duty_date, self.end.of(season, duty_date)), season)

    def window(self, duty_date: date, zone: Zone, seasons: Seasons | None = None) -> tuple[int, int]:
        """Give the first and last instant at which an event that names no shift can belong to that of a date."""
        span = self.span(duty_date, zone, seasons)
        return span.start - _seconds(self.check_in_from), span.end + _seconds(self.check_out_until)


@frozen
class Hours:
    """Daily hours with their breaks; which dates they are worked on is for a calendar to say."""

    name: str
    start: SeasonalTime
    end: SeasonalTime
    breaks: tuple[ShiftTimes, ...] = ()

    @classmethod
    def parse(cls, name: str, entry: Entry, shifts: Mapping[str, ShiftTimes] | None = None) -> Hours:
        """Read a pack's hours: `start`, `end` and perhaps `breaks`: names of shifts or spans such as `12:00-14:00`."""
        problems = _strange_keys(entry, _HOURS_KEYS)
        start, end = _seasonal(entry, "start", problems), _seasonal(entry, "end", problems)
        if start is not None and end is not None:
            problems += _not_after(start, end)
        breaks: list[ShiftTimes] = []
        for text in _listed(entry.get("breaks")):
            try:
                breaks.append(_break(text, shifts or {}))
            except CalendarError as error:
                problems += [problem.under("breaks") for problem in error.problems]
        if problems or start is None or end is None:
            raise BadShift(*problems)
        return cls(name, start, end, tuple(breaks))

    @property
    def seasons(self) -> frozenset[str]:
        """Give the seasons that the hours have times for, none where they are always the same."""
        own = frozenset(self.start.seasons + self.end.seasons)
        return own.union(*(each.seasons for each in self.breaks))

    def spans(self, day: date, zone: Zone, seasons: Seasons | None = None) -> list[tuple[int, int]]:
        """Give the hours of a date without their breaks, in order, each end excluded."""
        season = None if seasons is None else seasons.of(day)
        position, end = zone.at(day, self.start.of(season, day)), zone.at(day, self.end.of(season, day))
        spans: list[tuple[int, int]] = []
        for pause in sorted((each.span(day, zone, seasons) for each in self.breaks), key=lambda span: span.start):
            if position < min(pause.start, end):
                spans.append((position, min(pause.start, end)))
            position = max(position, pause.end)
        return [*spans, (position, end)] if position < end else spans

    def bind(self, zone: Zone, seasons: Seasons | None = None) -> WorkingHours:
        """Fix the zone and seasons, for deadlines in working hours."""
        return WorkingHours(self, zone, seasons)


@frozen
class WorkingHours:
    """Daily hours in a zone, under seasons."""

    hours: Hours
    zone: Zone
    seasons: Seasons | None = None

    def spans(self, day: date) -> list[tuple[int, int]]:
        """Give the hours of a date without their breaks, in order, each end excluded."""
        return self.hours.spans(day, self.zone, self.seasons)


def _seconds(duration: Duration | None) -> int:
    return 0 if duration is None else duration.seconds


def _strange_keys(entry: Entry, known: Sequence[str]) -> list[Problem]:
    hint = "the keys are " + ", ".join(f"`{key}`" for key in known)
    return [
        Problem(f"`{key}` is no key of this entry", did_you_mean(str(key), known, hint), (str(key),))
        for key in entry
        if key not in known
    ]


def _read(entry: Entry, key: str, read: Callable[[str], _T], problems: list[Problem]) -> _T | None:
    try:
        return read(_text(entry[key]))
    except CalendarError as error:
        problems += [problem.under(key) for problem in error.problems]
        return None


def _seasonal(entry: Entry, key: str, problems: list[Problem]) -> SeasonalTime | None:
    value = entry.get(key)
    if value is None:
        problems.append(Problem(f"`{key}` is missing", f"write `{key}: 08:30`, or a time for each season"))
        return None
    if not isinstance(value, Mapping):
        time = _read(entry, key, parse_clock_time, problems)
        return None if time is None else SeasonalTime(time)
    found: list[Problem] = []
    times = {str(season): _read(value, season, parse_clock_time, found) for season in value}
    if not times:
        found.append(Problem(f"`{key}` has no time"))
    problems += [problem.under(key) for problem in found]
    return None if found else SeasonalTime(None, {season: time for season, time in times.items() if time is not None})


def _not_after(start: SeasonalTime, end: SeasonalTime) -> list[Problem]:
    """Find the seasons in which one time is missing or the end is not after the start."""
    problems: list[Problem] = []
    if start.by_season and end.by_season:
        for key, has, lacks in (("end", start, end), ("start", end, start)):
            missing = [season for season in has.by_season if season not in lacks.by_season]
            problems += [Problem(f"`{key}` has no time for `{season}`", path=(key,)) for season in missing]
    for season in dict.fromkeys((*start.seasons, *end.seasons)) or (None,):
        first = start.always or start.by_season.get(season or "")
        last = end.always or end.by_season.get(season or "")
        if first is not None and last is not None and last <= first:
            hint = f"write `{last} next day` if it ends after midnight" if not last.days_later else ""
            path = ("end",) if season is None or end.always is not None else ("end", season)
            problems.append(Problem(f"`{last}` is not after the start at `{first}`", hint, path))
    return problems


def _break(text: object, shifts: Mapping[str, ShiftTimes]) -> ShiftTimes:
    written = _text(text)
    if written in shifts:
        return shifts[written]
    first, dash, last = written.partition("-")
    if dash and ":" in written:
        return ShiftTimes.parse(written, {"start": first.strip(), "end": last.strip()})
    hint = did_you_mean(written, shifts, "write `12:00-14:00` or the name of a shift")
    raise BadShift(Problem(f"`{written}` is neither a shift nor a span of time", hint))


def _listed(value: object) -> Sequence[object]:
    if value is None:
        return ()
    return value if isinstance(value, Sequence) and not isinstance(value, str) else (value,)


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    raise BadShift(Problem("a single text is expected here", "put it in quotes, such as `'08:30'`"))
