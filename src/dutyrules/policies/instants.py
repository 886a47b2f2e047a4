"""Instants and periods: `18:00 on DAY`, `2 months before DAY`, `day 10 of next month`, `1 month from DAY`."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Final

from dutyrules.calendars.clock_times import parse_clock_time
from dutyrules.calendars.durations import Unit
from dutyrules.calendars.errors import CalendarError
from dutyrules.policies import syntax
from dutyrules.policies.diagnostics import quoted
from dutyrules.policies.expressions import read_expression
from dutyrules.policies.faults import Fault, Refused, suggestion
from dutyrules.policies.functions import WEEKDAYS
from dutyrules.policies.grammar import NAME, Part, part_of, read_duration, refuse_long, trimmed
from dutyrules.policies.model import Within
from dutyrules.policies.names import PERIODS, TIME, Scopes

if TYPE_CHECKING:
    from dutyrules.calendars.durations import Duration

DEEPEST_INSTANT: Final = 8
LATEST_DAY: Final = 31

_AT_TIME: Final = re.compile(r"([0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?(?:\s+next\s+day)?)\s+on\s+(.+)", re.DOTALL)
_OFFSET: Final = re.compile(rf"([0-9][^:]*?|{NAME})\s+(after|before)\s+(.+)", re.DOTALL)
_DAY_OF: Final = re.compile(r"day\s+([0-9]+)\s+of\s+next\s+month")
_WEEKDAY: Final = re.compile(r"(\w+day)\s+of\s+the\s+(next\s+)?week", re.IGNORECASE)
_NEXT_WORKING: Final = re.compile(r"next\s+working\s+day\s+after\s+(.+)", re.DOTALL)
_END_OF: Final = re.compile(r"end\s+of\s+(.+)", re.DOTALL)
_WITHIN: Final = re.compile(r"(.+?)\s+of\s+(.+)", re.DOTALL)
_STEP: Final = re.compile(r"(.+?)\s+from\s+(.+?)(?:\s+for\s+(.+))?", re.DOTALL)
_HELP: Final = (
    "write a field such as `duty.date`, `18:00 on DAY`, `2 days after DAY`, `day 10 of next month`, "
    "`Friday of the week`, `next working day after DAY` or `end of DAY`"
)
_MATCH_DAYS: Final = (Unit.DAY, Unit.WEEK, Unit.MONTH, Unit.QUARTER, Unit.YEAR)

Instants = tuple[syntax.Instant | None, tuple[Fault, ...]]


def read_instant(part: Part, scopes: Scopes, depth: int = 0) -> syntax.Instant:
    """Read an instant; raises `Refused` at its first fault."""
    refuse_long(part.text)
    part = trimmed(part)
    if depth > DEEPEST_INSTANT:
        raise Refused(part.fault("DR212", "an instant is built of fewer parts than this"))
    if match := _AT_TIME.fullmatch(part.text):
        return syntax.AtTime(
            _time(part_of(match, 1, part.start)), read_instant(part_of(match, 2, part.start), scopes, depth + 1)
        )
    if match := _OFFSET.fullmatch(part.text):
        duration, parameter = read_length(part_of(match, 1, part.start), scopes)
        base = read_instant(part_of(match, 3, part.start), scopes, depth + 1)
        return syntax.Offset(duration, match[2] == "after", base, parameter)
    if match := _DAY_OF.fullmatch(part.text):
        return _day_of_next_month(part_of(match, 1, part.start))
    if match := _WEEKDAY.fullmatch(part.text):
        return _weekday(part_of(match, 1, part.start), later=match[2] is not None)
    if match := _NEXT_WORKING.fullmatch(part.text):
        return syntax.NextWorkingDay(read_instant(part_of(match, 1, part.start), scopes, depth + 1))
    if match := _END_OF.fullmatch(part.text):
        if " ".join(match[1].split()) == "the period":
            return syntax.EndOf(None)
        return syntax.EndOf(read_instant(part_of(match, 1, part.start), scopes, depth + 1))
    return _field(part, scopes)


def read_within(text: str, scopes: Scopes) -> Within:
    """Read `DURATION` or `DURATION of INSTANT`, where the duration may be a parameter; it has none without a value."""
    refuse_long(text)
    part = trimmed(Part(text, 0))
    match = _WITHIN.fullmatch(part.text)
    duration, parameter = read_length(part if match is None else part_of(match, 1, part.start), scopes)
    of = None if match is None else read_instant(part_of(match, 2, part.start), scopes)
    return Within(duration, of, parameter)


def read_length(part: Part, scopes: Scopes) -> tuple[Duration | None, str | None]:
    """Read a duration, or the name of a parameter that is one; no duration where its value changes by date."""
    declared = scopes.declared
    if part.text in declared.durations:
        return declared.durations[part.text], part.text
    if part.text in declared.parameters:
        raise Refused(no_duration(part))
    return read_duration(part), None


def no_duration(part: Part) -> Fault:
    """Say that a parameter stands where a duration is wanted."""
    help_ = f"declare it as `{part.text}: {{type: duration, value: 2h}}`"
    return part.fault("DR209", f"the parameter {quoted(part.text)} is no duration", help_)


def read_period(text: str, scopes: Scopes) -> syntax.PeriodSpec:
    """Read a period of the calendar, or `DURATION from INSTANT [for DURATION]`."""
    refuse_long(text)
    part = trimmed(Part(text, 0))
    if part.text in PERIODS:
        return syntax.PeriodSpec(part.text)
    match = _STEP.fullmatch(part.text)
    if match is None:
        help_ = suggestion(part.text, PERIODS) or "write `day`, `week`, `month` …, or `1 month from DAY for 1 year`"
        raise Refused(part.fault("DR213", f"{quoted(part.text)} is not a period", help_))
    step = _dates(part_of(match, 1, part.start))
    anchor = read_instant(part_of(match, 2, part.start), scopes)
    span = _dates(part_of(match, 3, part.start)) if match[3] else None
    return syntax.PeriodSpec(None, step, anchor, span)


def _dates(part: Part) -> Duration:
    duration = read_duration(part)
    if duration.unit not in _MATCH_DAYS or duration.amount == 0:
        help_ = "use days, weeks, months or years; for hours and minutes there is `gap`"
        raise Refused(part.fault("DR213", f"{quoted(part.text)} is not the length of a period", help_))
    return duration


def _time(part: Part) -> dt.time:
    try:
        clock = parse_clock_time(part.text)
    except CalendarError as error:
        raise Refused(part.fault("DR210", error.problems[0].message, error.problems[0].hint or None)) from None
    if clock.days_later:
        message = f"{quoted(part.text)} does not lie in the day that is named after it"
        raise Refused(part.fault("DR210", message, "write `00:00 on 1 day after DAY`"))
    minutes, seconds = divmod(clock.seconds, 60)
    return dt.time(minutes // 60, minutes % 60, seconds)


def _day_of_next_month(part: Part) -> syntax.DayOfNextMonth:
    day = int(part.text[:4])
    if not 1 <= day <= LATEST_DAY or len(part.text) > 2:  # noqa: PLR2004 - a day of a month has two digits
        raise Refused(
            part.fault("DR220", f"{quoted(part.text)} is no day of a month", f"write a number from 1 to {LATEST_DAY}")
        )
    return syntax.DayOfNextMonth(day)


def _weekday(part: Part, *, later: bool) -> syntax.WeekdayOf:
    if part.text.capitalize() not in WEEKDAYS:
        help_ = suggestion(part.text.capitalize(), WEEKDAYS)
        raise Refused(part.fault("DR212", f"{quoted(part.text)} is no day of the week", help_))
    return syntax.WeekdayOf(WEEKDAYS.index(part.text.capitalize()), later)


def _field(part: Part, scopes: Scopes) -> syntax.ReadInstant:
    if " " in part.text or not part.text:
        raise Refused(part.fault("DR212", f"{quoted(part.text)} is not an instant", _HELP))
    expression, faults = read_expression(part.text, scopes, TIME)
    if expression is None:
        raise Refused(faults[0].shifted(part.start))
    if not isinstance(expression.tree, syntax.Field | syntax.ParameterRef):
        raise Refused(part.fault("DR212", f"{quoted(part.text)} is not an instant", _HELP))
    return syntax.ReadInstant(expression)
