"""What compiled packs run on: clocks, escapes, sums of causes; light to import."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left
from operator import attrgetter

from dutyrules.compiler import lines

TYPE_CHECKING = False  # `typing` takes as long to load as a thousand events
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Final, NoReturn

    from dutyrules.calendars.zones import Zone
    from dutyrules.compiler.forgetting import Sweeper

FOREVER: Final = 1 << 62
DAY: Final = 86_400
MOST_DAYS: Final = 800
"""A log of many years needs each of its days for a while only."""
COMMA: Final = ","
NOBODY: Final = ""
Q: Final = '","'
HOLE: Final = '"\0"'
"""Stands in a line for a time that is not known yet; no text that is written has such a letter."""
EPOCH: Final = dt.date(1970, 1, 1).toordinal()
MINUTES: Final = [f"T{minute // 60:02}:{minute % 60:02}" for minute in range(1440)]


class Unsure(Exception):
    """A case that a single pass cannot decide: the engine has to look at the whole log."""

    def __init__(self, where: str, cause: str) -> None:
        super().__init__(f"`{where}` at `{cause}`")
        self.where = where
        self.cause = cause


def unsure(where: str, cause: str) -> NoReturn:
    """Leave the log to the engine."""
    raise Unsure(where, cause)


class NeedsCare(Exception):
    """Texts in the log that have to be escaped in what is written."""


class Late(Exception):
    """An event that does not come after the one before it in order of (time, id)."""


def idle(_event: object, _time: int) -> None:
    """Do nothing about an event that no rule reads."""


def _encode(value: object) -> str:
    import msgspec  # noqa: PLC0415 - takes longer to import than a small log to read, and most need no escapes

    return msgspec.json.encode(value).decode()


def J(text: object) -> str:  # noqa: N802 - stands for "as JSON" in generated code
    """Return a text or a figure as it stands between quotation marks in JSON."""
    return _encode(str(text))[1:-1]


def P(text: str) -> str:  # noqa: N802 - stands for "as part of an id" in generated code
    """Return a text as a part of an id."""
    return text.replace("%", "%25").replace("/", "%2F")


def key_part(value: Any) -> str:  # noqa: ANN401 - any value of a key
    """Return a value as a part of a record's name."""
    text = str(value)
    return text.replace("\\", "\\\\").replace(",", "\\,") if "," in text or "\\" in text else text


def with_care(_text: str) -> str:
    """Ask for the careful way: a key has a comma, which a record's name escapes."""
    raise NeedsCare


def named(*key: Any) -> str:  # noqa: ANN401 - any values of a key
    """Return a record's name."""
    return ",".join(map(key_part, key))


def several(*causes: str) -> str:
    """Return causes as a JSON list, in order, each once."""
    return '["' + '","'.join(sorted(set(causes))) + '"]'


def listed(*causes: str) -> str:
    """Return causes that may need escapes as a JSON list, in order, each once."""
    return _encode(sorted(set(causes)))


def reasons(lacks: tuple[str, ...]) -> str:
    """Return what is lacking as a JSON list, each reason once."""
    return _encode([*dict.fromkeys(lacks)])


def running(start: str, due: str, duration: str, seconds: int) -> str:
    """Return, as JSON, how a limit that runs day and night was counted."""
    entry = f'{{"entry":"counted","seconds":{seconds},"from":"{start}","to":"{due}","reason":"time runs"}}'
    return f'{{"start":"{start}","due":"{due}","duration":"{duration}","entries":[{entry}]}}'


def left(table: dict[Any, list[Any]], key: Any, duties: list[Any]) -> None:  # noqa: ANN401 - duties of any pack
    """Keep those of the duties under a key that are still open."""
    still = [one for one in duties if one.state]
    if still:
        table[key] = still
    else:
        del table[key]


def take_back(out: Callable[[str], object], lines: list[str], now: str) -> None:
    """Tell that outcomes no longer hold, by the lines that have a hole in the place of the time."""
    for line in lines:
        out(line.replace(HOLE, f'"{now}"'))


def remember(table: dict[Any, list[Any]], key: Any, act: Any, first: int) -> None:  # noqa: ANN401 - acts of any pack
    """Note an act under a key, and let those go that came before an instant."""
    acts = table.setdefault(key, [])
    if acts and acts[0].at < first:
        del acts[: bisect_left(acts, first, key=attrgetter("at"))]
    acts.append(act)


def since(times: list[int] | None, first: int, last: int) -> int:
    """Return how many times lie in [first, last]; what lies before is forgotten."""
    if times is None:
        return 0
    if times and times[0] < first:
        del times[: bisect_left(times, first)]
    return len(times) if not times or times[-1] <= last else sum(one <= last for one in times)


class Clock:
    """Instants as texts and integers.

    `hours` and `seconds` give the two parts of an instant's text that is written in the zone's own form, cut after the
    hour; a text of which a part is not there is read by `read`, which fills in the day. On the days after `first` and
    before `last` the zone has the one `offset` (in seconds); any other day is left to the zone's full rules.
    """

    def __init__(self, zone: str, offset: int, first: str, last: str) -> None:
        self._name = zone
        self._full: Zone | None = None
        self._offset = offset
        self._first = dt.date.fromisoformat(first).toordinal()
        self._last = dt.date.fromisoformat(last).toordinal()
        self.hours: dict[str, int] = {}
        hours, minutes = divmod(abs(offset) // 60, 60)
        self._tail = f"{'-' if offset < 0 else '+'}{hours:02}:{minutes:02}"
        self._ends = [f":{second:02}{self._tail}" for second in range(60)]
        self.seconds: dict[str, int] = {
            minute[3:] + second: position * 60 + rest
            for position, minute in enumerate(MINUTES[:60])
            for rest, second in enumerate(self._ends)
        }
        self._texts: dict[int, str] = {}
        self._dates: dict[str, dt.date] = {}
        self.first: int | None = None
        self.aside: list[tuple[str, str, str]] = []
        """Events that have reached nothing: of each the code, its id, and why."""
        self.astray: list[tuple[str, str]] = []
        """Findings whose code names no rule that can be found broken: of each its id and the code."""
        self.usual = (self._first - EPOCH, self._last - EPOCH, offset, self._tail)
        """The days, counted from 1970, between which the zone has its usual offset; this offset, and its text."""
        self.instant = lines.reader(self.usual) if lines.IS_BUILT else self._instant
        """Gives the instant of a text in the zone's own form on a day of the usual offset, at most: None for others."""

    def begins(self, instant: int) -> None:
        """Note an instant at which an event has happened, of whatever type: periods begin with the first."""
        self.first = instant if self.first is None else min(self.first, instant)

    @property
    def zone(self) -> Zone:
        """Return the zone with all its rules."""
        if self._full is None:
            from dutyrules.calendars.zones import Zone  # noqa: PLC0415 - most logs do without

            self._full = Zone(self._name)
        return self._full

    def _instant(self, text: str) -> int | None:
        hour, rest = self.hours.get(text[:13]), self.seconds.get(text[13:])
        return None if hour is None or rest is None else hour + rest

    def instants(self, events: list[Any]) -> list[int]:
        """Return when events happened; their times are put into the zone's own form."""
        hours, seconds = self.hours, self.seconds
        found = []
        hour = ended = "?"
        begun = 0
        for event in events:
            text = event.time
            try:
                if not hour < text < ended:
                    hour = text[:13]
                    begun = hours[hour]
                    ended = hour + "~"
                found.append(begun + seconds[text[13:]])
            except KeyError:
                hour = ended = "?"
                instant, event.time = self.read(text)
                found.append(instant)
        return found

    def read(self, text: str) -> tuple[int, str]:
        """Return an instant and its text in the zone's own form; raise CalendarError for what is none."""
        instant = self._usual(text)
        if instant is None:
            instant = self.zone.parse(text)
        own = self.iso(instant)
        day = self._plain(instant)
        if len(self.hours) > 24 * MOST_DAYS:
            self.hours.clear()
        if day is not None:
            midnight = (day - EPOCH) * DAY - self._offset
            self.hours.update((f"{own[:10]}T{hour:02}", midnight + 3600 * hour) for hour in range(24))
        return instant, own

    def _usual(self, text: str) -> int | None:
        """Return the instant of a text in the zone's own form on a day of the usual offset, None for any other."""
        try:
            instant = int(dt.datetime.fromisoformat(text).timestamp())
        except ValueError:
            return None
        return instant if self._plain(instant) is not None and self.iso(instant) == text else None

    def iso(self, instant: int) -> str:
        """Return an instant as text."""
        day, rest = divmod(instant + self._offset, DAY)
        text = self._texts.get(day)
        if text is None:
            ordinal = self._plain(instant)
            if ordinal is None:
                return self.zone.iso(instant)
            if len(self._texts) > MOST_DAYS:
                self._texts.clear()
            text = self._texts[day] = dt.date.fromordinal(ordinal).isoformat()
        return f"{text}{MINUTES[rest // 60]}{self._ends[rest % 60]}"

    def _plain(self, instant: int) -> int | None:
        """Return the ordinal of the day of an instant, None where the zone's full rules are needed."""
        day = (instant + self._offset) // DAY + EPOCH
        return day if self._first < day < self._last else None

    def date_of(self, instant: int) -> dt.date:
        """Return the local date of an instant."""
        day = self._plain(instant)
        return self.zone.date_of(instant) if day is None else dt.date.fromordinal(day)

    def start_of(self, day: dt.date) -> int:
        """Return the first second of a date."""
        ordinal = day.toordinal()
        if self._first < ordinal < self._last:
            return (ordinal - EPOCH) * DAY - self._offset
        return self.zone.start_of(day)

    def next_day(self, instant: int) -> int:
        """Return the first second of the local day after that of an instant."""
        return self.start_of(self.date_of(instant) + dt.timedelta(days=1))

    def at(self, day: dt.date, seconds: int) -> int:
        """Return the instant at which local clocks show a time, as seconds since the start of a date."""
        ordinal = day.toordinal()
        if self._first < ordinal < self._last - 1:
            return (ordinal - EPOCH) * DAY - self._offset + seconds
        from dutyrules.calendars.clock_times import ClockTime  # noqa: PLC0415 - as the zone itself

        return self.zone.at(day, ClockTime(seconds))

    def date(self, text: str) -> dt.date:
        """Return a date; raise CalendarError for what is none."""
        found = self._dates.get(text)
        if found is None:
            self.zone.parse(f"{text}T00:00:00Z")
            if len(self._dates) > MOST_DAYS:
                self._dates.clear()
            found = self._dates[text] = dt.date.fromisoformat(text)
        return found

    def month(self, text: str) -> str:
        """Return a month; raise CalendarError for what is none."""
        self.date(f"{text}-01")
        return text

    def periods(self, tables: dict[str, list[dict[Any, Any]]], sweeper: Sweeper | None = None) -> Periods:
        """Return the periods that clear counts as they end, and let go of what is past."""
        return Periods(self, tables, sweeper)


class Periods:
    """Counts that begin anew with each day, month or year."""

    def __init__(self, clock: Clock, tables: dict[str, list[dict[Any, Any]]], sweeper: Sweeper | None = None) -> None:
        self._clock = clock
        self._sweeper = sweeper
        self._tables = tables
        self._ends = dict.fromkeys(tables, -FOREVER)
        self.next = -FOREVER

    def turned(self, instant: int) -> int:
        """Clear what counted in periods that are over, and return when the next one ends."""
        day = self._clock.date_of(instant)
        for kind, tables in self._tables.items():
            if instant >= self._ends[kind]:
                for table in tables:
                    table.clear()
                if kind == "month" and self._sweeper is not None:
                    self._sweeper.sweep(self._clock.start_of(day.replace(day=1)))
                self._ends[kind] = self._clock.start_of(_after(kind, day))
        self.next = min(self._ends.values())
        return self.next


def _after(kind: str, day: dt.date) -> dt.date:
    """Return the first day after a period."""
    if kind == "day":
        return day + dt.timedelta(days=1)
    if kind == "year":
        return dt.date(day.year + 1, 1, 1)
    return (day.replace(day=1) + dt.timedelta(days=32)).replace(day=1)
