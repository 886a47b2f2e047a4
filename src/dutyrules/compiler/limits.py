"""When an obligation's clock starts and when it is due, as code: plain time, dates, working days and hours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import attrs

from dutyrules.calendars import ClockTime, Duration
from dutyrules.calendars.durations import DATES, MONTHS, SECONDS, Unit
from dutyrules.compiler.views import Code, NotStreamable, View
from dutyrules.policies import syntax as s
from dutyrules.policies.walk import walk

if TYPE_CHECKING:
    from dutyrules.compiler.expressions import Translator
    from dutyrules.compiler.state import State
    from dutyrules.policies.model import Rule

CHANGING: Final = (s.CountRef, s.AnyRecord, s.OpenCount, s.ValueRef)
"""What a condition may ask that changes without any field of a record."""


@attrs.frozen
class Limit:
    """The clock of one obligation: values in the order in which they are reckoned, by the names that hold them.

    `ledger` is the code of the account, None where there is none or where it is that of a plain time from the trigger.
    """

    steps: tuple[tuple[str, Code], ...] = ()
    ledger: str | None = None

    @property
    def names(self) -> frozenset[str]:
        """Return which values there are: `start`, `due`, or what lies between."""
        return frozenset(name for name, _code in self.steps)


@attrs.frozen
class Point:
    """An instant as code, or a date (`day`), and the code of the account of that date."""

    code: Code
    day: bool = False
    account: str | None = None


class Limits:
    """Writes when clocks start and when they run out."""

    def __init__(self, state: State, say: Translator) -> None:
        self._state = state
        self._say = say

    def of(self, rule: Rule, view: View) -> Limit:
        """Return the clock of a rule that is set off in a view."""
        steps: list[tuple[str, Code]] = []
        if rule.from_ is not None:
            steps.append(("start", self._instant(self.point(rule.from_, view), end=False)))
        ledger = None
        if rule.within is not None:
            duration = _length(rule.within.duration)
            start, text, runs = view.time, view.clock, rule.from_ is None
            if rule.within.of is not None:
                steps.append(("base", self._instant(self.point(rule.within.of, view), end=False)))
                start, text, runs = "base", "iso(base)", False
            elif rule.from_ is not None:
                start, text = "start", "iso(start)"
            due, ledger = self._after(duration, start, text)
            steps.append(("due", due))
            ledger = None if duration.runs and runs else ledger
        elif rule.by is not None:
            point = self.point(rule.by, view)
            steps.append(("due", self._instant(point, end=True)))
            ledger = point.account
        return Limit(tuple(steps), ledger)

    def _after(self, duration: Duration, start: str, text: str) -> tuple[Code, str]:
        """Return the end of a duration after an instant, and its account."""
        if duration.runs:
            account = f'running({text}, iso(due), "{duration}", {duration.seconds})'
            return Code(f"{start} + {duration.seconds}"), account
        if duration.unit is Unit.WORKING_HOUR:
            if not self._state.pack.hours:
                raise NotStreamable("its working hours are not known")
            made = f"HoursLimit(days, {str(duration)!r}, {duration.amount * SECONDS[Unit.HOUR]})"
        else:
            made = _dates(duration)
        name = self._state.reckoner(made)
        return Code(f"{name}.due({start}, {text})"), f"{name}.ledger({start}, {text})"

    # --- instants ----------------------------------------------------------------------------------------------------

    def point(self, instant: s.Instant, view: View) -> Point:
        """Return an instant or date that a pack names."""
        match instant:
            case s.ReadInstant(expr) if expr.type in ("time", "date"):
                self._note(expr.tree, view)
                return Point(self._say.write(expr.tree, view), expr.type == "date")
            case s.Offset():
                return self._offset(instant, view)
            case s.AtTime(time, day):
                date = self._date(day, view)
                clock = (
                    time.seconds if isinstance(time, ClockTime) else time.hour * 3600 + time.minute * 60 + time.second
                )
                return Point(date.with_(f"days.at({date.text}, {clock})"))
            case s.DayOfNextMonth(number):
                return Point(Code(f"day_of_next_month({view.date}, {number})"), day=True)
            case s.WeekdayOf(weekday, following):
                return Point(Code(f"weekday_of_week({view.date}, {weekday}, {int(following)})"), day=True)
            case s.NextWorkingDay(base):
                date = self._date(base, view)
                return Point(date.with_(f"days.next_working_day({date.text})"), day=True)
            case s.EndOf(base) if base is not None:
                date = self._date(base, view)
                return Point(date.with_(f"days.end({date.text})"))
            case s.EitherInstant():
                return self._either(instant, view)
        raise NotStreamable("its deadline needs a period, or an instant that is worked out")

    def _offset(self, offset: s.Offset, view: View) -> Point:
        duration = _length(offset.duration)
        if duration.runs:
            base = self._instant(self.point(offset.base, view), end=False)
            return Point(base.with_(f"{base.text} {'+' if offset.forward else '-'} {duration.seconds}"))
        date = self._date(offset.base, view)
        name = self._state.reckoner(_dates(duration, 1 if offset.forward else -1))
        return Point(date.with_(f"{name}.date({date.text})"), day=True, account=f"{name}.account({date.text})")

    def _either(self, either: s.EitherInstant, view: View) -> Point:
        if any(isinstance(part, CHANGING) for part in walk(either.condition)):
            raise NotStreamable("which deadline holds depends on what may change")
        self._note(either.condition, view)
        test = self._say.write(either.condition, view)
        then, otherwise = self.point(either.then, view), self.point(either.otherwise, view)
        if then.day != otherwise.day or (then.account is None) != (otherwise.account is None):
            raise NotStreamable("how its deadline is counted depends on a condition")
        account = None
        if then.account is not None:
            account = f"({then.account} if {test.text} else {otherwise.account})"
        needed = [f"({one} if {test.text} else True)" for one in then.code.maybe]
        needed += [f"(True if {test.text} else {one})" for one in otherwise.code.maybe]
        text = f"({then.code.text} if {test.text} else {otherwise.code.text})"
        return Point(Code(text, (*test.maybe, *needed)), then.day, account)

    def _instant(self, point: Point, *, end: bool) -> Code:
        """Return an instant; a date is taken at its end or at its start."""
        text = point.code.text
        return point.code.with_(f"days.{'end' if end else 'start'}({text})") if point.day else point.code

    def _date(self, instant: s.Instant, view: View) -> Code:
        point = self.point(instant, view)
        if point.day:
            return point.code
        text = point.code.text
        return point.code.with_(f"as_date({view.clock}[:10])" if text == view.time else f"days.day({text})")

    def _note(self, tree: s.Expression, view: View) -> None:
        """Remember which fields of records a clock rests on: if one changes, the clock does."""
        for part in walk(tree):
            if not isinstance(part, s.Field):
                continue
            own = part.name in view.event.fields and part.name != "date"
            if part.scope is s.Scope.FACT and (own or part.name == "time"):
                continue
            record = self._state.pack.records.get(part.record or "")
            if record is None and view.matter is not None:
                record = view.matter.record
            if record is None or part.name == "opened":
                continue
            patterns = (*record.opens, *record.updates, *record.closes)
            if any(part.name in pattern.names for pattern in patterns):
                raise NotStreamable("its deadline depends on what has happened to a record")
            self._state.use(record.name).limits.add(part.name)


def _length(duration: Duration | None) -> Duration:
    if duration is None:
        raise NotStreamable("the length of its limit changes")
    if not duration.amount:
        raise NotStreamable("the length of its limit is nothing")
    return duration


def _dates(duration: Duration, sign: int = 1) -> str:
    """Return the call that makes what reckons a number of dates after or before another."""
    if duration.unit is Unit.WORKING_DAY:
        unit, amount = "working day", duration.amount
    elif duration.unit in DATES:
        unit, amount = "day", duration.amount * DATES[duration.unit]
    elif duration.unit in MONTHS:
        unit, amount = "month", duration.amount * MONTHS[duration.unit]
    else:
        raise NotStreamable("its deadline is so many working hours before or after an instant")
    return f"DateLimit(days, {str(duration)!r}, {unit!r}, {sign * amount})"
