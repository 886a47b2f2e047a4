"""Dates and working time of compiled packs: tables of integers, one local month at a time; light to import.

A month is worked out when it is first asked for: when each of its dates starts, how many working days there are up to
each, and when its working hours begin and end. Whatever the calendar cannot tell raises `Unsure`, as does what is too
far away.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left, bisect_right
from calendar import monthrange
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import msgspec

from dutyrules.compiler.stream import Unsure

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from dutyrules.compiler.stream import Clock

Kind = tuple[bool, str, str, str]
"""Whether a date is worked, why, and the two names of a holiday."""
Entry = tuple[bool, int, int, str, str, str]
"""What was counted or not from a first to a last: whether, from, to, why, and the two names."""
Spans = tuple[int, int, tuple[tuple[int, int], ...]]
"""Working hours as seconds on the wall clock: start, end, and the start and end of each break."""

MONTHS: Final = 12
SATURDAY: Final = 5
FARTHEST: Final = 2400
"""Months after which nothing is looked for any more."""
MOST_KEPT: Final = 1000
WORKDAY: Final = (True, "working day", "", "")
WEEKEND: Final = (False, "weekend", "", "")
EVERY_DAY: Final = (True, "every day counts", "", "")
COUNTED_FROM: Final = "counted from this day"

as_date: Final = lru_cache(maxsize=4096)(dt.date.fromisoformat)


def later(day: dt.date, days: int) -> dt.date:
    """Return the date a number of days after another."""
    return dt.date.fromordinal(day.toordinal() + days)


def months_later(day: dt.date, months: int) -> dt.date:
    """Return the same day of another month, or that month's last day where it is too short."""
    year, month = divmod(day.year * MONTHS + day.month - 1 + months, MONTHS)
    return dt.date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def day_of_next_month(day: dt.date, number: int) -> dt.date:
    """Return a day of the month after a date's, or that month's last day where it is too short."""
    following = months_later(day.replace(day=1), 1)
    return following.replace(day=min(number, monthrange(following.year, following.month)[1]))


def weekday_of_week(day: dt.date, weekday: int, weeks: int) -> dt.date:
    """Return a weekday (0 Monday) of the week of a date, or of one so many weeks later."""
    return later(day, weekday - day.weekday() + 7 * weeks)


class Month:
    """One local month: `starts` of its dates and of the next month; `counts`: working days among the first so many."""

    __slots__ = ("counts", "first", "kinds", "spans", "starts")

    def __init__(self, first: dt.date, starts: list[int], kinds: list[Kind] | None) -> None:
        self.first = first
        self.starts = starts
        self.kinds = kinds
        self.counts = [0]
        for kind in kinds or ():
            self.counts.append(self.counts[-1] + kind[0])
        self.spans: tuple[list[int], list[int]] | None = None


class Days:
    """A zone's dates, and which of them are worked and when.

    `years` are those that the calendar knows, None for all; `kinds` are the days that it names, by ordinal. `hours`
    are those of each season, `seasons` when each begins, as month and day in one number.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        weekends: bool,
        years: Iterable[int] | None,
        kinds: Mapping[int, Kind],
        hours: Mapping[str, Spans] | None = None,
        seasons: tuple[tuple[int, str], ...] = (),
    ) -> None:
        self._clock = clock
        self._weekends = weekends
        self._years = None if years is None else frozenset(years)
        self._kinds = kinds
        self._hours = hours
        self._begins = [begin for begin, _name in seasons]
        self._seasons = [name for _begin, name in seasons]
        self._months: dict[int, Month] = {}

    # --- dates --------------------------------------------------------------------------------------------------------

    def start(self, day: dt.date) -> int:
        """Return the first second of a date."""
        return self._month(day.year * MONTHS + day.month - 1).starts[day.day - 1]

    def end(self, day: dt.date) -> int:
        """Return the last second of a date."""
        return self._month(day.year * MONTHS + day.month - 1).starts[day.day] - 1

    def at(self, day: dt.date, seconds: int) -> int:
        """Return the instant at which clocks show a time on a date or the date after it."""
        return self._clock.at(day, seconds)

    def day(self, instant: int) -> dt.date:
        """Return the date of an instant."""
        return as_date(self._clock.iso(instant)[:10])

    def iso(self, instant: int) -> str:
        """Return an instant as text."""
        return self._clock.iso(instant)

    def works(self, day: dt.date) -> bool:
        """Tell whether a date is a working day."""
        return self.kind(day)[0]

    def next_working_day(self, day: dt.date) -> dt.date:
        """Return the first working day after a date."""
        return self.worked(day, 1)

    # --- working days -------------------------------------------------------------------------------------------------

    def kind(self, day: dt.date) -> Kind:
        """Return what kind of day a date is."""
        return self._known(day.year * MONTHS + day.month - 1)[day.day - 1]

    def worked(self, day: dt.date, number: int) -> dt.date:
        """Return the n-th working day after a date, or before it where the number is negative."""
        if number == 0:
            return day
        at = day.year * MONTHS + day.month - 1
        counts = self._counts(at)
        wanted = counts[day.day] + number if number > 0 else counts[day.day - 1] + number + 1
        for _ in range(FARTHEST):
            if wanted > counts[-1]:
                at, wanted = at + 1, wanted - counts[-1]
                counts = self._counts(at)
            elif wanted < 1:
                at -= 1
                counts = self._counts(at)
                wanted += counts[-1]
            else:
                return dt.date(at // MONTHS, at % MONTHS + 1, bisect_left(counts, wanted))
        raise Unsure("working days that never come", day.isoformat())

    def _month(self, number: int) -> Month:
        month = self._months.get(number)
        if month is None:
            month = self._months[number] = self._made(number)
        return month

    def _made(self, number: int) -> Month:
        first = dt.date(number // MONTHS, number % MONTHS + 1, 1)
        length = monthrange(first.year, first.month)[1]
        dates = [later(first, place) for place in range(length + 1)]
        kinds = [self._kind(day) for day in dates[:-1]]
        known = [kind for kind in kinds if kind is not None]
        starts = [self._clock.start_of(day) for day in dates]
        return Month(first, starts, known if len(known) == length else None)

    def _kind(self, day: dt.date) -> Kind | None:
        kind = self._kinds.get(day.toordinal())
        if kind is not None:
            return kind
        if self._years is not None and day.year not in self._years:
            return None
        if not self._weekends:
            return EVERY_DAY
        return WEEKEND if day.weekday() >= SATURDAY else WORKDAY

    def _known(self, number: int) -> list[Kind]:
        month = self._month(number)
        if month.kinds is None:
            raise Unsure("a month that the calendar does not know", month.first.isoformat()[:7])
        return month.kinds

    def _counts(self, number: int) -> list[int]:
        self._known(number)
        return self._month(number).counts

    # --- working hours ------------------------------------------------------------------------------------------------

    def work_after(self, start: int) -> Iterator[tuple[int, int]]:
        """Give the spans of work from an instant on, each end excluded."""
        day = later(self.day(start), -1)  # whose hours may reach into the date of the start
        first = day.year * MONTHS + day.month - 1
        before = 0
        for number in range(first, first + FARTHEST):
            begins, ends = self._spans(number)
            for place in range(bisect_right(ends, start), len(ends)):
                if before and begins[place] < before:
                    raise Unsure("working hours that overlap", self.iso(before))
                before = ends[place]
                yield max(begins[place], start), before
        raise Unsure("working hours that never come", self.iso(start))

    def _spans(self, number: int) -> tuple[list[int], list[int]]:
        """Return when the working hours of a month begin and end."""
        month = self._month(number)
        if month.spans is None:
            begins: list[int] = []
            ends: list[int] = []
            for place, kind in enumerate(self._known(number)):
                for begin, end in self._hours_of(later(month.first, place)) if kind[0] else ():
                    if ends and begin < ends[-1]:
                        raise Unsure("working hours that overlap", self.iso(begin))
                    begins.append(begin)
                    ends.append(end)
            month.spans = begins, ends
        return month.spans

    def _hours_of(self, day: dt.date) -> Iterator[tuple[int, int]]:
        """Give the hours of a date without their breaks, in order, each end excluded."""
        place = bisect_right(self._begins, day.month * 100 + day.day) - 1
        hours = (self._hours or {}).get(self._seasons[place])
        if hours is None:
            raise Unsure("a date for which there are no hours", day.isoformat())
        position, end = self.at(day, hours[0]), self.at(day, hours[1])
        for first, last in sorted((self.at(day, first), self.at(day, last)) for first, last in hours[2]):
            if position < min(first, end):
                yield position, min(first, end)
            position = max(position, last)
        if position < end:
            yield position, end


class DateLimit:
    """So many dates, months or working days after a date, before it where `amount` is negative, and their account."""

    def __init__(self, days: Days, duration: str, unit: str, amount: int) -> None:
        self._days = days
        self._duration = duration
        self._unit = unit
        self._amount = amount
        self._reckoned: dict[dt.date, tuple[dt.date, str]] = {}
        self._ends: dict[str, tuple[int, str]] = {}

    def date(self, day: dt.date) -> dt.date:
        """Return the date."""
        return self._of(day)[0]

    def account(self, day: dt.date) -> str:
        """Return, as JSON, how the date was counted."""
        date, entries = self._of(day)
        return f'{{"origin":"{day}","date":"{date}","duration":"{self._duration}","entries":{entries}}}'

    def due(self, _start: int, text: str) -> int:
        """Return the last second of the last date, counted from an instant and its text."""
        return self._end(text[:10])[0]

    def ledger(self, _start: int, text: str) -> str:
        """Return, as JSON, how that was counted."""
        return f'{{"start":"{text}",{self._end(text[:10])[1]}'

    def _end(self, day: str) -> tuple[int, str]:
        found = self._ends.get(day)
        if found is None:
            if len(self._ends) > MOST_KEPT:
                self._ends.clear()
            date, entries = self._of(as_date(day))
            due = self._days.end(date)
            rest = f'"due":"{self._days.iso(due)}","duration":"{self._duration}","entries":{entries}}}'
            found = self._ends[day] = due, rest
        return found

    def _of(self, day: dt.date) -> tuple[dt.date, str]:
        found = self._reckoned.get(day)
        if found is None:
            if len(self._reckoned) > MOST_KEPT:
                self._reckoned.clear()
            date = self._date(day)
            found = self._reckoned[day] = date, _dates_as_json(self._entries(day, date))
        return found

    def _date(self, day: dt.date) -> dt.date:
        if self._unit == "working day":
            return self._days.worked(day, self._amount)
        return later(day, self._amount) if self._unit == "day" else months_later(day, self._amount)

    def _entries(self, day: dt.date, date: dt.date) -> list[Entry]:
        """Return what is counted between a date and the one reckoned from it, in order."""
        first, last = day.toordinal(), date.toordinal()
        origin: Entry = (False, first, first, COUNTED_FROM, "", "")
        begin, end = (first + 1, last) if self._amount >= 0 else (last, first - 1)
        entries: list[Entry] = []
        if self._unit == "working day":
            for ordinal in range(begin, end + 1):
                kind = self._days.kind(dt.date.fromordinal(ordinal))
                _joined(entries, (kind[0], ordinal, ordinal, *kind[1:]))
        else:
            entries.append((True, begin, end, *EVERY_DAY[1:]))
        return [origin, *entries] if self._amount >= 0 else [*entries, origin]


class HoursLimit:
    """So many seconds of working hours after an instant, and their account."""

    def __init__(self, days: Days, duration: str, seconds: int) -> None:
        self._days = days
        self._duration = duration
        self._seconds = seconds
        self._last: tuple[int, list[tuple[int, int]]] = (0, [])

    def due(self, start: int, _text: str) -> int:
        """Return the instant at which the hours are used up."""
        return self._work(start)[-1][1]

    def ledger(self, start: int, text: str) -> str:
        """Return, as JSON, how that was counted."""
        entries: list[Entry] = []
        position = start
        for begin, end in self._work(start):
            while position < begin:
                day = self._days.day(position)
                border = min(begin, self._days.end(day) + 1)
                kind = self._days.kind(day)
                why = ("outside working hours", "", "") if kind[0] else kind[1:]
                _joined(entries, (False, position, border, *why))
                position = border
            _joined(entries, (True, begin, end, "working hours", "", ""))
            position = end
        iso = self._days.iso
        said = ",".join(_as_json("seconds", one, one[2] - one[1], iso(one[1]), iso(one[2])) for one in entries)
        return f'{{"start":"{text}","due":"{iso(position)}","duration":"{self._duration}","entries":[{said}]}}'

    def _work(self, start: int) -> list[tuple[int, int]]:
        """Return the spans of work that use the seconds up; the account asks for the same as the limit before it."""
        if self._last[0] == start and self._last[1]:
            return self._last[1]
        left = self._seconds
        found: list[tuple[int, int]] = []
        for begin, end in self._days.work_after(start):
            taken = min(left, end - begin)
            found.append((begin, begin + taken))
            left -= taken
            if left == 0:
                break
        self._last = start, found
        return found


def _joined(entries: list[Entry], entry: Entry) -> None:
    """Add an entry to others, to the last one if both were treated alike."""
    if entries and (entries[-1][0], *entries[-1][3:5]) == (entry[0], *entry[3:5]):
        entries[-1] = (*entries[-1][:2], entry[2], *entries[-1][3:])
    else:
        entries.append(entry)


def _dates_as_json(entries: list[Entry]) -> str:
    text = dt.date.fromordinal
    said = [_as_json("days", one, one[2] - one[1] + 1, str(text(one[1])), str(text(one[2]))) for one in entries]
    return f"[{','.join(said)}]"


def _as_json(measure: str, entry: Entry, length: int, first: str, last: str) -> str:
    word = "counted" if entry[0] else "skipped"
    return f'{{"entry":"{word}","{measure}":{length},"from":"{first}","to":"{last}",{_why(*entry[3:])}'


@lru_cache(maxsize=MOST_KEPT)
def _why(reason: str, name: str, name_en: str) -> str:
    """Return the rest of an entry as JSON."""
    names = {key: word for key, word in (("name", name), ("name_en", name_en)) if word}
    return msgspec.json.encode({"reason": reason} | names).decode()[1:]
