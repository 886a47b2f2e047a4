"""The small languages inside a pack, parsed: expressions, fact patterns, instants, periods and bearers.

Trees are frozen records. Names are already resolved: a tree says what each name means, not how it was spelled.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    import datetime as dt

    from dutyrules.calendars.durations import Duration


# --- expressions ------------------------------------------------------------------------------------------------------


class Scope(StrEnum):
    """Where a field is read."""

    FACT = "fact"  # a bare name: the fact under test; what it does not carry is read in its matter
    MATTER = "matter"  # the record that the rule is about (also `x.field` with x the `about` record)
    THIS = "this"  # the trigger (and its matter), seen from inside a pattern or any()
    ACT = "act"  # the fulfilling fact
    RECORD = "record"  # another record, found by the key fields that trigger and matter carry, or by a link
    # `month.days`, `day`, `week.start`: the period of a rule with `every`, or the one that holds the trigger's
    # date
    PERIOD = "period"


def _kept_apart(value: object) -> tuple[bool, object]:
    """Return what literals are compared by: `true` is not the figure 1, though Python calls them equal."""
    return isinstance(value, bool), value


@attrs.frozen
class Literal:
    """A number (int or Decimal), text, true, false or none."""

    value: object = attrs.field(eq=_kept_apart)


@attrs.frozen
class Field:
    """A field; `time` and `date` are every fact's, `opened`, `closed`, `start`, `end`, `season` a record's."""

    scope: Scope
    name: str
    record: str | None = None  # for RECORD and MATTER: the kind, or the name of a link
    type: str = "any"


@attrs.frozen
class ParameterRef:
    """A parameter's value on the matter's date (a period's first day)."""

    name: str


@attrs.frozen
class CountRef:
    """A count, read in the reader's context, or with its last key and window given as arguments."""

    name: str
    args: tuple[Expression, ...] = ()


@attrs.frozen
class ValueRef:
    """A named formula."""

    name: str


@attrs.frozen
class Logic:
    """`and` or `or` over two or more operands, three-valued."""

    operator: str
    operands: tuple[Expression, ...]


@attrs.frozen
class Not:
    """Negation; unknown stays unknown."""

    operand: Expression


@attrs.frozen
class Compare:
    """A chain of comparisons: `operators` are `== != < <= > >= in not-in`, one fewer than `operands`."""

    operands: tuple[Expression, ...]
    operators: tuple[str, ...]


@attrs.frozen
class Arithmetic:
    """`+ - * / // %` over two operands, exact (int, Decimal; `/` gives a Decimal)."""

    operator: str
    left: Expression
    right: Expression


@attrs.frozen
class Negative:
    """Arithmetic negation."""

    operand: Expression


@attrs.frozen
class Listing:
    """A list of literals or expressions, for `in`."""

    items: tuple[Expression, ...]


@attrs.frozen
class Call:
    """One of the closed list of functions.

    Floor ceil round abs min max weekday age days_between month_of year_of hour_of known is_working_day includes.
    """

    function: str
    arguments: tuple[Expression, ...]


@attrs.frozen
class AnyRecord:
    """Whether some record of the kind, as of the reader's instant.

    Meets the condition (bare names are its fields; none: any open one).
    """

    record: str
    condition: Expression | None


@attrs.frozen
class OpenCount:
    """How many records of the kind are open at the reader's instant."""

    record: str


Expression = (
    Literal
    | Field
    | ParameterRef
    | CountRef
    | ValueRef
    | Logic
    | Not
    | Compare
    | Arithmetic
    | Negative
    | Listing
    | Call
    | AnyRecord
    | OpenCount
)


@attrs.frozen
class Expr:
    """An expression with its source text and its type (`bool`, `number`, `text`, `date`, `time`, `any`)."""

    source: str
    tree: Expression
    type: str = "any"


# --- facts ------------------------------------------------------------------------------------------------------------


class FactKind(StrEnum):
    """What a pattern looks for."""

    EVENT = "event"
    BREACH = "breach"
    FULFILMENT = "fulfilment"
    EXCUSE = "excuse"
    SANCTION = "sanction"  # one that stands imposed
    END = "end"  # end of a record
    RECORD = "record"  # the records themselves (counts, for_each)


@attrs.frozen
class Pattern:
    """A fact: an event type, a breach, fulfilment or excuse of rules, the end of a record.

    `where` is tried in the fact's own names.
    """

    source: str
    kind: FactKind
    names: tuple[str, ...]
    where: Expr | None = None
    first: bool = False

    @property
    def condition(self) -> Expression | None:
        """Return the tree of `where`, None where any such fact will do."""
        return None if self.where is None else self.where.tree


# --- instants ---------------------------------------------------------------------------------------------------------


@attrs.frozen
class AtTime:
    """A time of day on a day."""

    time: dt.time
    day: Instant


@attrs.frozen
class Offset:
    """A duration after or before another instant; whole-day units give a day.

    Where a `parameter` gives the duration, its value on the matter's date counts; `duration` is None if it changes.
    """

    duration: Duration | None
    forward: bool
    base: Instant
    parameter: str | None = None


@attrs.frozen
class DayOfNextMonth:
    """Day n (clamped) of the month after that of the matter's date or of the period."""

    day: int


@attrs.frozen
class WeekdayOf:
    """A weekday (0 Monday) of the week that holds the period's start or the matter's date; `next` the week after."""

    weekday: int
    next: bool = False


@attrs.frozen
class NextWorkingDay:
    """The first working day strictly after a day."""

    base: Instant


@attrs.frozen
class EndOf:
    """The end of a day, or of the rule's own period (`base` None)."""

    base: Instant | None


@attrs.frozen
class ReadInstant:
    """A day or time read from a field, record or parameter."""

    expr: Expr


@attrs.frozen
class EitherInstant:
    """One instant or another, by a condition."""

    condition: Expression
    then: Instant
    otherwise: Instant


Instant = AtTime | Offset | DayOfNextMonth | WeekdayOf | NextWorkingDay | EndOf | ReadInstant | EitherInstant


# --- periods and bearers ----------------------------------------------------------------------------------------------


@attrs.frozen
class PeriodSpec:
    """`day week half_month month quarter year`, or `step` (N months, days.

    Hours…) from `anchor` for `span` (None: without end).
    """

    kind: str | None
    step: Duration | None = None
    anchor: Instant | None = None
    span: Duration | None = None


@attrs.frozen
class Who:
    """A bearer: a field that holds one or several persons, or an office (`payroll`.

    `head of dept` is the office `head-nursing`). `otherwise` is who it is where that is not known.
    """

    source: str
    field: Expr | None = None
    office: str | None = None
    of: Expr | None = None
    otherwise: Who | None = None
