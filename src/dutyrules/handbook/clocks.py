"""Limits, instants and periods in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, assert_never

import attrs

from dutyrules.calendars.durations import SECONDS, Duration, Unit
from dutyrules.handbook.clock_times import ClockTimes
from dutyrules.handbook.facts import Facts
from dutyrules.handbook.text import code, figure, term
from dutyrules.policies import syntax

if TYPE_CHECKING:
    from dutyrules.handbook.words import Words
    from dutyrules.policies.model import Rule, Within
    from dutyrules.policies.syntax import Instant, PeriodSpec

_DAYS: Final = frozenset({Unit.DAY, Unit.WORKING_DAY})
_RUNNING: Final = frozenset({*SECONDS, Unit.WORKING_HOUR})


@attrs.frozen
class Clocks:
    """Words the clock of a rule."""

    words: Words

    @property
    def facts(self) -> Facts:
        """Return the wording of facts and conditions."""
        return Facts(self.words)

    # --- instants -----------------------------------------------------------------------------------------------------

    def instant(self, instant: Instant) -> str:
        """Return an instant or day in words."""
        say = self.words
        match instant:
            case syntax.AtTime(time=time, day=day):
                clock = time.strftime("%H:%M:%S") if time.second else time.strftime("%H:%M")
                return say("at_time", time=figure(clock), day=self.instant(day))
            case syntax.Offset(forward=forward, base=base):
                units = self._units(instant)
                key = ("after" if forward else "before") + ("_days" if units and units <= _DAYS else "")
                return say(key, duration=self._length(instant.duration, instant.parameter), base=self.instant(base))
            case syntax.DayOfNextMonth(day=day):
                return say("day_of_next_month", day=figure(say("day_n", n=day)))
            case syntax.WeekdayOf(weekday=weekday, next=later):
                day_name = figure(say(f"weekday_{weekday}"))
                return say("weekday_of_next_week" if later else "weekday_of_week", weekday=day_name)
            case syntax.NextWorkingDay(base=base):
                return say("next_working_day", base=self.instant(base))
            case syntax.EndOf(base=base):
                return say("end_of_period") if base is None else say("end_of", base=self.instant(base))
            case syntax.ReadInstant(expr=expr):
                return self.facts.expressions.value(expr.tree)
            case syntax.EitherInstant(condition=condition, then=then, otherwise=otherwise):
                held = self.facts.expressions.holds(condition)
                return say("either_instant", condition=held, then=self.instant(then), otherwise=self.instant(otherwise))
            case _:
                assert_never(instant)

    def is_day(self, instant: Instant) -> bool:
        """Tell whether an instant is a whole day."""
        match instant:
            case syntax.AtTime() | syntax.EndOf():
                return False
            case syntax.Offset():
                return not self._units(instant) & _RUNNING
            case syntax.ReadInstant(expr=expr):
                return expr.type == "date"
            case syntax.EitherInstant(then=then, otherwise=otherwise):
                return self.is_day(then) and self.is_day(otherwise)
            case syntax.DayOfNextMonth() | syntax.WeekdayOf() | syntax.NextWorkingDay():
                return True
            case _:
                assert_never(instant)

    def _units(self, offset: syntax.Offset) -> frozenset[Unit]:
        """Return the units of a duration, those of all values where a parameter gives it."""
        if offset.parameter is None:
            return frozenset() if offset.duration is None else frozenset({offset.duration.unit})
        values = self.words.pack.parameters[offset.parameter].dated.values
        return frozenset(value.unit for _, value in values if isinstance(value, Duration))

    def _length(self, duration: Duration | None, parameter: str | None) -> str:
        """Return a duration; where a parameter gives it, with its values and its name."""
        if parameter is not None:
            return self.words.parameter(parameter)
        return self.words("not_set") if duration is None else self.words.duration(duration)

    # --- the limit ----------------------------------------------------------------------------------------------------

    def limit(self, rule: Rule) -> str:
        """Return by when an act must be done: `by`, `within`, or nothing."""
        found: list[str] = []
        if rule.by is not None:
            found.append(self.words("by_day" if self.is_day(rule.by) else "by_time", instant=self.instant(rule.by)))
        if rule.within is not None:
            found.append(self.within(rule.within))
        return self.words("list_comma").join(found)

    def within(self, within: Within) -> str:
        """Return a time limit from the opening or from an instant."""
        say = self.words
        length = self._length(within.duration, within.parameter)
        if within.of is None:
            return say("within", duration=length)
        return say("within_of", duration=length, base=self.instant(within.of))

    def start(self, rule: Rule) -> str:
        """Return from when acts count, or from when something is allowed."""
        if rule.from_ is None:
            return ""
        return self.words("from_day" if self.is_day(rule.from_) else "from_time", instant=self.instant(rule.from_))

    # --- periods ------------------------------------------------------------------------------------------------------

    def period(self, period: PeriodSpec) -> str:
        """Return a recurring period."""
        say = self.words
        if period.kind is not None:
            return say(f"each_{period.kind}")
        step = "" if period.step is None else say.duration(period.step)
        anchor = "" if period.anchor is None else self.instant(period.anchor)
        if period.span is None:
            return say("each_step", step=step, anchor=anchor)
        return say("each_step_for", step=step, anchor=anchor, span=say.duration(period.span))

    def named_period(self, name: str) -> str:
        """Return a period that a key names: a word of the language, or a duration as it is written."""
        return self.words(f"the_{name}") if self.words.has(f"the_{name}") else figure(name)

    def during(self, name: str) -> str:
        """Return the hours in which a rule looks."""
        return self.words("during", hours=term(name), times=ClockTimes(self.words).hours(name))

    def agreement(self, names: tuple[str, ...]) -> str:
        """Return the fields, periods, records or links in which outcomes agree."""
        return self.words.all_of([self._agreed(name) for name in names])

    def _agreed(self, name: str) -> str:
        if self.words.has(f"a_{name}"):
            return self.words(f"a_{name}")
        if name in self.words.pack.records:
            return self.words.record(name)
        return self.words.name(name) if name.isidentifier() else code(name)
