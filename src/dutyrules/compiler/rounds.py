"""Duties that come up each period, while a program runs: which period it is, what is owed; light to import."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Final

from dutyrules.compiler.stream import FOREVER, Unsure

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from dutyrules.compiler.stream import Clock

    Asked = Callable[[int, str], bool]
    Comes = Callable[[int, str], None]

ONE_DAY: Final = dt.timedelta(days=1)
HALF: Final = 15
"""The last day of the first half of a month."""


class Spells:
    """Which records of a kind are open: an event opens one where none is open, and another closes it."""

    def __init__(self, kind: str) -> None:
        self._kind = kind
        self._instant = -FOREVER
        self._ended: set[Any] = set()
        self.open: dict[Any, int] = {}

    def begin(self, key: Any, time: int) -> None:  # noqa: ANN401 - the parts of any key
        """Open a record, if none is open."""
        if self._instant == time and key in self._ended:  # in one instant the engine opens before it closes
            raise Unsure(self._kind, "opened as another is closed")
        self.open.setdefault(key, time)

    def end(self, key: Any, time: int) -> None:  # noqa: ANN401 - as above
        """Close a record, if one is open."""
        if self.open.pop(key, None) == time:
            raise Unsure(self._kind, "closed as it opens")
        if self._instant != time:
            self._instant = time
            self._ended.clear()
        self._ended.add(key)


class Round:
    """The periods of one rule, of which one is at hand, and the duties that are not done.

    `wanted` acts are asked for, different ones if `distinct`. The engine remembers acts and duties for `seconds`, None
    for ever.
    """

    def __init__(self, clock: Clock, rule: str, kind: str, wanted: int, seconds: int | None, *, distinct: bool) -> None:
        self._clock = clock
        self._rule = rule
        self._kind = kind
        self._wanted = wanted
        self._distinct = distinct
        self._seconds = FOREVER if seconds is None else seconds
        self._acts: list[tuple[int, str, Any]] = []
        self._doubts: list[tuple[int, tuple[str, ...]]] = []
        self._owed: list[Any] = []
        self.first = self.last = dt.date.min
        self.label = ""
        self.start, self.end = 0, -FOREVER
        self.opened: int | None = None
        self.next = FOREVER

    # --- periods ------------------------------------------------------------------------------------------------------

    def begin_at(self, instant: int) -> None:
        """Let the period be the next to begin that holds an instant."""
        self.first = self._span(self._clock.date_of(instant))[0]
        self.next = self._clock.start_of(self.first)

    def turn(self) -> None:
        """Go on to the next period, of which all facts of its first instant are known."""
        self.first, self.last, self.label = self._span(self._clock.date_of(self.next))
        following = self._clock.start_of(self.last + ONE_DAY)
        self.start, self.end, self.next = self.next, following - 1, following
        self.opened = None
        self._acts = [act for act in self._acts if act[0] >= self.start]
        self._doubts = [doubt for doubt in self._doubts if doubt[0] >= self.start]
        if self._owed and self._owed[0].due is not None:
            past = self._clock.start_of(self.first.replace(day=1)) - self._seconds
            self._owed = [one for one in self._owed if one.due >= past]  # as the engine does each month

    def _span(self, day: dt.date) -> tuple[dt.date, dt.date, str]:
        """Return the period that holds a date: its first and last, and its name."""
        year, month = f"{day.year:04}", f"{day.year:04}-{day.month:02}"
        match self._kind:
            case "day":
                return day, day, day.isoformat()
            case "week":
                first = day - dt.timedelta(days=day.weekday())
                numbers = first.isocalendar()
                return first, first + dt.timedelta(days=6), f"{numbers[0]:04}-W{numbers[1]:02}"
            case "half_month" if day.day <= HALF:
                return day.replace(day=1), day.replace(day=HALF), f"{month}-H1"
            case "half_month":
                return day.replace(day=HALF + 1), _month_end(day), f"{month}-H2"
            case "month":
                return day.replace(day=1), _month_end(day), month
            case "quarter":
                first = day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
                last = _month_end(first.replace(month=first.month + 2))
                return first, last, f"{year}-Q{first.month // 3 + 1}"
        return day.replace(month=1, day=1), day.replace(month=12, day=31), year

    # --- duties -------------------------------------------------------------------------------------------------------

    def owe(self, duty: Any) -> int | None:  # noqa: ANN401 - a duty of any rule
        """Take a duty of the period at hand; tell when acts since its start have fulfilled it, if they have."""
        self.opened = duty.come
        for time, cause, value in self._acts:
            if self._takes(duty, cause, value):
                return time
        self._owed.append(duty)
        return None

    def act(self, time: int, cause: str, value: Any) -> Sequence[Any]:  # noqa: ANN401 - what acts must differ in
        """Take an act and return the duties that it completes, the oldest first."""
        self._acts.append((time, cause, value))
        done = []
        for duty in self._owed:
            if duty.come == time or (duty.due is not None and not time - self._seconds <= duty.due != time - 1):
                raise Unsure(self._rule, cause)
            if self._takes(duty, cause, value):
                done.append(duty)
        if done:
            self._owed = [duty for duty in self._owed if duty not in done]
        return done

    def _takes(self, duty: Any, cause: str, value: Any) -> bool:  # noqa: ANN401 - as above
        """Count an act for a duty; tell whether that fulfils it."""
        if self._distinct:
            if value is None or value in duty.values:
                return False
            duty.values.add(value)
        duty.acts.append(cause)
        return len(duty.acts) == self._wanted

    def doubt(self, time: int, lacks: tuple[str, ...] = ()) -> None:
        """Note what may have been an act: a miss is then a question; `lacks` is what is not known, if that is told."""
        self._doubts.append((time, lacks))

    def is_doubtful(self, duty: Any) -> bool:  # noqa: ANN401 - as above
        """Tell whether something may have been an act of a duty in time."""
        return any(duty.start <= time <= duty.due for time, _lacks in self._doubts)

    def lacks(self, duty: Any) -> tuple[str, ...]:  # noqa: ANN401 - as above
        """Return what is not known of all that may have been an act of a duty in time."""
        found = [lacks for time, lacks in self._doubts if duty.start <= time <= duty.due]
        if not all(found):
            raise Unsure(self._rule, duty.since)
        return tuple(one for lacks in found for one in lacks)


class Rounds:
    """The periods of all rules, each with what tells whether a duty comes up at its first instant, and how it does.

    The first period has begun before the first event. What comes up in it is told once all events of the first instant
    are known.
    """

    def __init__(self, clock: Clock, rules: Sequence[tuple[Round, Asked, Comes]]) -> None:
        self._clock = clock
        self._rules = rules
        self._first: int | None = None
        self._waiting: list[tuple[int, Comes]] = []
        self.next = FOREVER

    def reach(self, upto: int, fire: Callable[[int], None]) -> int:
        """Let the periods begin that do so before an instant, each after the deadlines before it.

        Return after which instant something is to be done again.
        """
        if self._first is None:
            self._first = upto if self._clock.first is None else min(self._clock.first, upto)
            for one, _asked, _come in self._rules:
                one.begin_at(self._first)
            self._set()
        self._tell(upto)
        while self.next < upto:
            fire(self.next)
            self._turn(upto)
        return min(self.next, upto) if self._waiting else self.next

    def settle(self, upto: int) -> None:
        """Let those periods begin too that do so at the very instant at which the clock stops."""
        self._tell(FOREVER)
        if self.next == upto:
            self._turn(upto)

    def _turn(self, upto: int) -> None:
        """Let the periods begin that are next."""
        now = self.next
        if upto >= FOREVER:
            raise Unsure("periods", "a log without an end")
        for one, asked, come in self._rules:
            if one.next == now:
                one.turn()
                text = self._clock.iso(now)
                if asked(now, text):
                    one.opened = now
                    if upto == self._first != now:
                        self._waiting.append((now, come))
                    else:
                        come(now, text)
        self._set()

    def _tell(self, upto: int) -> None:
        """Let those duties come up that have waited for the end of the first instant."""
        if self._waiting and self._first is not None and upto > self._first:
            for time, come in self._waiting:
                come(time, self._clock.iso(time))
            self._waiting.clear()

    def _set(self) -> None:
        self.next = min(one.next for one, _asked, _come in self._rules)


def _month_end(day: dt.date) -> dt.date:
    return (day.replace(day=1) + dt.timedelta(days=32)).replace(day=1) - ONE_DAY
