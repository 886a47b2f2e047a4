"""What a program lets go of, month by month: records that are past, times that no look-back reaches.

A record is let go when it has been kept for as long as the pack says. Its key is remembered, as a number, until the
engine too has forgotten all that came of it: what comes about such a key in between is left to the engine, which may
still know it. Light to import: programs run on it.
"""

from __future__ import annotations

from bisect import bisect_left
from itertools import chain

from dutyrules.compiler.stream import Unsure

TYPE_CHECKING = False  # see `stream`
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from dutyrules.compiler.gone import Gone
    from dutyrules.compiler.stream import Clock


class Wanted:
    """Notes the acts that several duties of a rule want; the engine remembers who got one for `seconds`."""

    def __init__(self, seconds: int) -> None:
        self._seconds = seconds
        self._first: int | None = None

    def note(self, time: int) -> None:
        """Note the instant of such an act."""
        if self._first is None:
            self._first = time

    def look(self, cutoff: int) -> None:
        """Leave it to the engine where it may have forgotten who got one."""
        if self._first is not None and self._first < cutoff - self._seconds:
            raise Unsure("an act that several duties want", "who got it is forgotten in time")


class Standing:
    """What rules have made that later facts may take back; the engine knows it for `seconds`, and longer at times.

    It may live on with a record or a count that rests on the same event. So what is older stays, without its lines, in
    the state 2, which leaves an excuse to the engine.
    """

    def __init__(self, table: dict[Any, list[Any]], seconds: int) -> None:
        self._table = table
        self._seconds = seconds

    def sweep(self, cutoff: int) -> None:
        """Mark what the engine may have forgotten."""
        since = cutoff - self._seconds
        for made in self._table.values():
            for one in made:
                if one.at < since:
                    one.state = 2
                    one.undone = None


class Missed:
    """Duties that were missed and may be done late or excused: the engine knows them for `seconds`, at times longer.

    What is older is left to the engine, in the state 4; what stands open is never old.
    """

    def __init__(self, table: dict[Any, list[Any]], seconds: int) -> None:
        self._table = table
        self._seconds = seconds

    def sweep(self, cutoff: int) -> None:
        """Mark what the engine may have forgotten."""
        since = cutoff - self._seconds
        for duties in self._table.values():
            for one in duties:
                if one.state != 1 and one.due < since:
                    one.state = 4


class Early:
    """Acts that may be those of duties to come, each for `seconds`."""

    def __init__(self, table: dict[Any, list[Any]], seconds: int) -> None:
        self._table = table
        self._seconds = seconds

    def sweep(self, cutoff: int) -> None:
        """Let go of what no duty can reach any more."""
        since = cutoff - self._seconds
        for key in [key for key, acts in self._table.items() if acts[-1].at < since]:
            del self._table[key]


class Listed(dict[object, list[object]]):
    """All records of a kind, open or closed, under some parts of their key, as they were opened."""

    def add(self, key: Any, record: Any) -> None:  # noqa: ANN401 - a record of any pack
        """List one more."""
        self.setdefault(key, []).append(record)

    def every(self) -> Iterator[Any]:
        """Give all of them."""
        return chain.from_iterable(self.values())


class Lists:
    """Lets go of what is listed when the engine has forgotten it; what it may have forgotten is `gone` for a month."""

    def __init__(self, listed: Listed, seconds: int, *, lasts: bool = False) -> None:
        self._listed = listed
        self._seconds = seconds
        self._lasts = lasts

    def sweep(self, cutoff: int) -> None:
        """Let go of what was gone before, and mark what is gone now."""
        since = cutoff - self._seconds
        listed: dict[Any, list[Any]] = self._listed
        for key, records in list(listed.items()):
            left = [one for one in records if not one.gone]
            for one in left:
                one.gone = one.seen < since and (not self._lasts or one.closed is not None)
            if left:
                self._listed[key] = left
            else:
                del self._listed[key]


def still(record: Any, since: int, cause: str, *, lasts: bool) -> Any:  # noqa: ANN401 - a record of any pack
    """Return what a link leads to; the engine is asked where it may have forgotten that (`lasts`: not while open)."""
    if record is not None and record.seen < since and not (lasts and not record.closed):
        raise Unsure("a link", cause)
    return record


def let_go(clock: Clock, seen: int, instant: int, seconds: int) -> bool:
    """Tell whether the engine has let a record go before an instant, which it keeps for so many seconds.

    That was at the last turn of a month, after all that came at that turn itself.
    """
    day = clock.date_of(instant - 1)
    return seen < clock.start_of(day.replace(day=1)) - seconds


class Keeping:
    """A kind of record: its table, the keys that are gone, how long one is kept, which attributes hold its duties.

    `owes`: a record holds the state of its only duty itself. `counts` have the record's key; their members are
    remembered by the engine for `totals` seconds, None for ever. `lasts`: a record is kept while it is open.
    """

    def __init__(
        self,
        table: dict[Any, Any],
        gone: Gone,
        seconds: int,
        duties: tuple[str, ...],
        counts: Sequence[dict[Any, Any]],
        totals: int | None,
        *,
        owes: bool = False,
        lasts: bool = False,
    ) -> None:
        self._table = table
        self._gone = gone
        self._seconds = seconds
        self._duties = duties
        self._owes = owes
        self._counts = counts
        self._totals = totals
        self._lasts = lasts
        self._counted: list[tuple[int, list[Any]]] = []

    def sweep(self, cutoff: int) -> None:
        """Let go of the records that nothing has touched for as long as they are kept."""
        past = self._past(cutoff - self._seconds)
        self._let_go([*map(self._table.pop, past)])
        self._gone.let_go(map(hash, past))
        self._counted.append((cutoff, [key for count in self._counts for key in filter(count.__contains__, past)]))
        if self._totals is not None:
            self._refuse_old(cutoff - self._totals)

    def _past(self, since: int) -> list[Any]:
        """Return the keys of records that may go. A table has its records in the order in which they began."""
        found = []
        for key, record in self._table.items():
            if record.begun >= since:
                break
            if record.seen < since and (not self._lasts or record.closed):
                found.append(key)
        return found

    def forget(self, before: int) -> None:
        """Forget the keys of records that were let go before an instant, and what was counted under them."""
        while self._counted and self._counted[0][0] < before:
            _cutoff, keys = self._counted.pop(0)
            self._gone.forget()
            for key in keys:
                for count in self._counts:
                    count.pop(key, None)

    def _refuse_old(self, since: int) -> None:
        """Leave it to the engine where a record has outlived what was counted of it."""
        for count in self._counts:
            for key in count:
                record = self._table.get(key)
                if record is not None and record.begun < since:
                    raise Unsure("a count", "what it counts is forgotten before its record")

    def _let_go(self, records: list[Any]) -> None:
        """Take records and their duties apart: they hold each other, and nobody may look for circles."""
        if self._owes:
            for record in records:
                if record.state == 1:
                    raise _outlived(record)
        for name in self._duties:
            for record in records:
                duty = getattr(record, name)
                if duty is not None:
                    if duty.state == 1:
                        raise _outlived(duty)
                    duty.record = None
                    setattr(record, name, None)


def _outlived(duty: Any) -> Unsure:  # noqa: ANN401 - a duty of any pack
    return Unsure("a duty is open for longer than its record is kept", duty.cause)


class Sweeper:
    """Lets go of what is past at the beginning of each month.

    `rolling`: tables of times with the seconds that are looked back; `remembered`: for how long keys are, None for
    ever; `totals`: for how long the engine remembers members of counts without an end, None for ever; `wanted`: the
    acts that several duties want; `standing`: what may be taken back.
    """

    def __init__(
        self,
        keeping: Sequence[Keeping],
        rolling: Sequence[tuple[dict[Any, list[int]], int]],
        remembered: int | None,
        totals: int | None,
        wanted: Sequence[Wanted] = (),
        standing: Sequence[Standing | Missed | Early | Lists] = (),
    ) -> None:
        self._standing = standing
        self._wanted = wanted
        self._keeping = keeping
        self._rolling = rolling
        self._remembered = remembered
        self._totals = totals
        self._first: int | None = None

    def sweep(self, cutoff: int) -> None:
        """Let go of what is past at the beginning of a month."""
        if self._first is None:
            self._first = cutoff
        if self._totals is not None and self._first < cutoff - self._totals:
            raise Unsure("a count without an end", "what it counts is forgotten in time")
        for each in self._wanted:
            each.look(cutoff)
        for made in self._standing:
            made.sweep(cutoff)
        for one in self._keeping:
            one.sweep(cutoff)
            if self._remembered is not None:
                one.forget(cutoff - self._remembered)
        for table, seconds in self._rolling:
            _prune(table, cutoff - seconds)


def _prune(table: dict[Any, list[int]], since: int) -> None:
    for key in [key for key, times in table.items() if not times or times[-1] < since]:
        del table[key]
    for times in table.values():
        if times[0] < since:
            del times[: bisect_left(times, since)]
