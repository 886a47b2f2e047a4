"""Time zones: dates and times of day to instants and back.

An instant is a whole number of seconds since 1970-01-01T00:00:00Z. Where clocks are changed, three choices hold: a time
of day that happens twice means the first of the two; one that is jumped over means the instant of the jump; and a date
starts at the first instant from which no earlier date comes back.
"""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from importlib.resources import files
from typing import Final
from zoneinfo import ZoneInfo, available_timezones

from attrs import Factory, field, frozen

from dutyrules.calendars.clock_times import DAY_SECONDS, ClockTime
from dutyrules.calendars.errors import BadInstant, Problem, UnknownZone, did_you_mean

FIRST_YEAR: Final = 1900
LAST_YEAR: Final = 2199

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_DAY: Final = date(1970, 1, 1).toordinal()
_NO_ZONES: Final = frozenset({"Factory", "localtime", "posixrules"})
_LONGEST_SHOWN: Final = 60
_INSTANT: Final = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt ]((?:[01][0-9]|2[0-3]):[0-5][0-9])(?:(:[0-5][0-9])(?:[.,][0-9]+)?)?"
    r"(?:([Zz])|([+-][0-9]{2}:[0-9]{2}(?::[0-9]{2})?))?"
)
_HINT: Final = "write an instant as `2026-01-15T12:00:00+08:00`"


@lru_cache(maxsize=1)
def _zone_names() -> frozenset[str]:
    """Give the names of the IANA database: those that mean the same on every machine, without leap seconds."""
    try:
        names = files("tzdata").joinpath("zones").read_text("utf-8").split()
    except (OSError, ModuleNotFoundError):
        names = list(available_timezones())
    return frozenset(name for name in names if not name.startswith(("posix/", "right/"))) - _NO_ZONES


@lru_cache(maxsize=64)
def _zone_info(name: str) -> ZoneInfo:
    if name in _zone_names():
        with suppress(OSError, ValueError, LookupError):
            return ZoneInfo(name)
    shown = name if len(name) <= _LONGEST_SHOWN else f"{name[:_LONGEST_SHOWN]}…"
    hint = did_you_mean(shown, _zone_names(), "use a name such as `Asia/Shanghai`")
    raise UnknownZone(Problem(f"`{shown}` is not a time zone", hint))


def _exact_offset(name: str, instant: int) -> int:
    moment = (_EPOCH + timedelta(seconds=instant)).astimezone(_zone_info(name))
    return _seconds(moment.utcoffset())


def _seconds(offset: timedelta | None) -> int:
    return 0 if offset is None else offset.days * DAY_SECONDS + offset.seconds


@lru_cache(maxsize=16_384)
def _offset_of_day(name: str, day: int) -> int | None:
    """Give the offset that holds all through a day counted in UTC, None where it changes in that day."""
    first = _exact_offset(name, day * DAY_SECONDS)
    return first if first == _exact_offset(name, (day + 1) * DAY_SECONDS) else None


def _offset(name: str, instant: int) -> int:
    offset = _offset_of_day(name, instant // DAY_SECONDS)
    return _exact_offset(name, instant) if offset is None else offset


@lru_cache(maxsize=16_384)
def _iso(name: str, instant: int) -> str:
    offset = _offset(name, instant)
    day, second = divmod(instant + offset, DAY_SECONDS)
    day_text = date.fromordinal(day + _EPOCH_DAY).isoformat()
    return f"{day_text}T{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}{_offset_text(offset)}"


@frozen(cache_hash=True)
class Zone:
    """A time zone of the IANA database, by name."""

    name: str
    _info: ZoneInfo = field(
        init=False, repr=False, eq=False, default=Factory(lambda self: _zone_info(self.name), takes_self=True)
    )

    def offset(self, instant: int) -> int:
        """Give the seconds by which local clocks are ahead of UTC."""
        return _offset(self.name, instant)

    def date_of(self, instant: int) -> date:
        """Give the local date of an instant."""
        return date.fromordinal((instant + self.offset(instant)) // DAY_SECONDS + _EPOCH_DAY)

    def time_of(self, instant: int) -> ClockTime:
        """Give the local time of day of an instant."""
        return ClockTime((instant + self.offset(instant)) % DAY_SECONDS)

    def at(self, day: date, time: ClockTime) -> int:
        """Give the instant at which local clocks show a time on a date, or on the date after it."""
        wall = (day.toordinal() - _EPOCH_DAY) * DAY_SECONDS + time.seconds
        return self.occurrences(wall)[0]

    def start_of(self, day: date) -> int:
        """Give the first instant of a date; a date that was never lived is empty and starts with the next one."""
        return _start_of(self, day.toordinal())

    def end_of(self, day: date) -> int:
        """Give the last second of a date, which prints as 23:59:59."""
        return _start_of(self, day.toordinal() + 1) - 1

    def local(self, instant: int) -> datetime:
        """Give an instant as an aware datetime of this zone."""
        return (_EPOCH + timedelta(seconds=instant)).astimezone(self._info)

    def iso(self, instant: int) -> str:
        """Write an instant as local date, time and offset, such as 2026-01-15T12:00:01+08:00."""
        return _iso(self.name, instant)

    def parse(self, text: str) -> int:
        """Read an instant that carries its offset; parts of a second are cut off."""
        return parse_instant(text, zone=self)

    def occurrences(self, wall: int) -> tuple[int, int]:
        """Give the first and last instant at which clocks show a time, twice the jump where they never do."""
        before = self.offset(wall - DAY_SECONDS)
        if before == self.offset(wall + DAY_SECONDS):
            return wall - before, wall - before
        naive = (_EPOCH + timedelta(seconds=wall)).replace(tzinfo=self._info)
        first = wall - _seconds(naive.utcoffset())
        last = wall - _seconds(naive.replace(fold=1).utcoffset())
        if first <= last:
            return first, last
        jump = self._change_between(last, first)
        return jump, jump

    def _change_between(self, low: int, high: int) -> int:
        """Give the first instant after `low`, up to `high`, at which the offset is no longer that of `low`."""
        before = _exact_offset(self.name, low)
        while high - low > 1:
            middle = (low + high) // 2
            if _exact_offset(self.name, middle) == before:
                low = middle
            else:
                high = middle
        return high


@lru_cache(maxsize=4096)
def _start_of(zone: Zone, ordinal: int) -> int:
    first, last = zone.occurrences((ordinal - _EPOCH_DAY) * DAY_SECONDS)
    return last if first != last and zone.date_of(last - 1).toordinal() < ordinal else first


@lru_cache(maxsize=256)
def _offset_text(offset: int) -> str:
    minutes, seconds = divmod(abs(offset), 60)
    sign = "-" if offset < 0 else "+"
    return f"{sign}{minutes // 60:02}:{minutes % 60:02}" + (f":{seconds:02}" if seconds else "")


def parse_instant(text: str, *, zone: Zone | None = None) -> int:
    """Read an instant that carries its offset; the zone serves only to suggest one where it is missing."""
    match = _INSTANT.fullmatch(text)
    if match is None:
        raise BadInstant(Problem(f"`{text}` is not an instant", _HINT))
    day, minute, second, zulu, offset = match.groups()
    try:
        moment = datetime.fromisoformat(f"{day}T{minute}{second or ':00'}{'+00:00' if zulu else offset or '+00:00'}")
    except ValueError:
        raise BadInstant(Problem(f"`{text}` is no date and time that exist", _HINT)) from None
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise BadInstant(Problem(f"`{text}` is not in the years {FIRST_YEAR} to {LAST_YEAR}"))
    instant = (moment - _EPOCH) // timedelta(seconds=1)
    if not zulu and not offset:
        raise BadInstant(Problem(f"`{text}` has no offset from UTC", _with_offset(text, instant, zone)))
    return instant


def _with_offset(text: str, wall: int, zone: Zone | None) -> str:
    if zone is None:
        return _HINT
    offset = zone.offset(wall - zone.offset(wall))
    return f"if it is the time in {zone.name}, write `{text}{_offset_text(offset)}`"
