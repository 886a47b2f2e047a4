"""Expressions made into functions of a context, three-valued throughout."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from functools import reduce
from typing import TYPE_CHECKING, Any, Final

from dutyrules.calendars import PeriodKind, last_day_of_month
from dutyrules.calendars.errors import CalendarError
from dutyrules.policies import syntax as s
from dutyrules.policies.walk import conjuncts, walk
from dutyrules.runtime.context import Context
from dutyrules.runtime.values import Unknown, calculate, compare, lacking, merge

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dutyrules.runtime.program import Program

Reader = Callable[[Context], Any]
PERIOD_NAMES: Final = frozenset(kind.value for kind in PeriodKind)
NOWHERE: Final = Context()
WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


class Evaluator:
    """Compiles expression trees; one per program, with a cache by tree."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._made: dict[s.Expression, Reader] = {}
        self._known: dict[int, tuple[s.Expression, Reader]] = {}  # by identity: hashing a tree walks all of it

    def compile(self, expr: s.Expr | None) -> Reader | None:
        """Return the function of an expression, None for none."""
        return None if expr is None else self.tree(expr.tree)

    def tree(self, tree: s.Expression) -> Reader:
        """Return the function of a tree."""
        known = self._known.get(id(tree))
        if known is not None:
            return known[1]
        found = self._made.get(tree)
        if found is None:
            found = self._made[tree] = self._compile(tree)
        self._known[id(tree)] = (tree, found)
        return found

    def decide_by(self, readers: Mapping[s.Expression, Reader]) -> None:
        """Let a matcher decide these conditions from now on."""
        self._made.update(readers)
        self._known.clear()

    def _compile(self, tree: s.Expression) -> Reader:  # noqa: C901, PLR0911, PLR0912 - one case a kind of tree
        match tree:
            case s.Literal(value):
                return lambda _ctx: value
            case s.Field():
                return self._field(tree)
            case s.ParameterRef(name):
                return lambda ctx: self._program.parameter(name, self._program.day_of(ctx))
            case s.CountRef(name, args):
                readers = [self.tree(arg) for arg in args]
                return lambda ctx: self._program.counting.value(name, ctx, [read(ctx) for read in readers])
            case s.ValueRef(name):
                return lambda ctx: self._program.value(name, ctx)
            case s.Logic(operator, operands):
                return _logic(
                    operator == "or",
                    [self.tree(operand) for operand in operands],
                    sorted(range(len(operands)), key=lambda place: _looks_around(operands[place])),
                )
            case s.Not(operand):
                return _negation(self.tree(operand))
            case s.Compare((left, s.Literal() | s.Listing() as right), (operator,)) if _is_constant(right):
                return _test(self.tree(left), operator, self.tree(right)(NOWHERE))
            case s.Compare(operands, operators):
                return _chain([self.tree(operand) for operand in operands], operators)
            case s.Arithmetic(operator, left, right):
                return _arithmetic(operator, self.tree(left), self.tree(right))
            case s.Negative(operand):
                return _arithmetic("-", lambda _ctx: 0, self.tree(operand))
            case s.Listing(items):
                return _strict(tuple, [self.tree(item) for item in items])
            case s.Call(function, arguments):
                return self._call(function, [self.tree(argument) for argument in arguments])
            case s.AnyRecord(record, condition):
                return self._any(record, condition)
            case s.OpenCount(record):
                return lambda ctx: self._program.open_count(record, ctx.at)

    # --- names ---------------------------------------------------------------------------------------------------

    def _field(self, field: s.Field) -> Reader:
        program, name = self._program, field.name
        match field.scope:
            case s.Scope.FACT:
                return _bare(program, name)
            case s.Scope.MATTER:
                kind = field.record or ""
                if not kind:
                    return lambda ctx: program.matter_field(ctx, name)
                return lambda ctx: program.record_field(kind, name, ctx)
            case s.Scope.RECORD:
                record = field.record or ""
                return lambda ctx: program.record_field(record, name, ctx)
            case s.Scope.THIS:
                return _of_trigger(program, name)
            case s.Scope.ACT:
                return lambda ctx: program.act_field(ctx.act, name)
            case s.Scope.PERIOD:
                kind = field.record or name
                part = name if field.record else ""
                return lambda ctx: program.period_field(ctx, kind, part)

    def _any(self, record: str, condition: s.Expression | None) -> Reader:
        program = self._program
        test = None if condition is None else self.tree(condition)
        lookup = equalities(condition)
        keys = program.pack.records[record].key
        if len(lookup) > 1:  # several fields together only where they never change
            lookup = [pair for pair in lookup if pair[0] in keys] or lookup[:1]
        fields = tuple(name for name, _tree in lookup)
        readers = [self.tree(tree) for _name, tree in lookup]
        if fields:
            program.index_record(record, *fields)

        def read(ctx: Context) -> bool | Unknown:
            place: tuple[Any, ...] = ("recs", record)
            if fields:
                inside = ctx.inside(None)
                wanted = tuple([reader(inside) for reader in readers])
                if not any(isinstance(value, Unknown) for value in wanted):
                    place = ("recs", record, fields, wanted)
            unknown: Unknown | None = None
            for _time, _name, instance in reversed(program.store.read(place, ctx.at)):  # what is so is so of a late one
                if test is None:
                    if instance.is_open(ctx.at):
                        return True
                    continue
                found = test(ctx.inside(None, instance))
                if found is True:
                    return True
                if isinstance(found, Unknown):
                    unknown = found if unknown is None else merge(found, unknown)
            return False if unknown is None else unknown

        return read

    # --- functions -----------------------------------------------------------------------------------------------

    def _call(self, function: str, readers: list[Reader]) -> Reader:
        if function == "known":
            return lambda ctx: not isinstance(readers[0](ctx), Unknown)
        if function == "is_working_day":
            return _strict(lambda values: self._working(values[0]), readers)
        if function in TIMED:
            return _strict(lambda values: TIMED[function](self._moment(values[0])), readers)
        if function == "age" and len(readers) == 1:
            readers = [*readers, lambda ctx: self._program.day_of(ctx) or lacking("a day")]
        return _strict(FUNCTIONS[function], readers)

    def _moment(self, value: Any) -> dt.date:  # noqa: ANN401 - a day or an instant
        """Return a day, or the local time of an instant."""
        return value if isinstance(value, dt.date) else self._program.zone.local(value)

    def _working(self, day: dt.date) -> bool | Unknown:
        try:
            return self._program.calendar.is_working_day(day)
        except CalendarError as error:
            return lacking(str(error.problems[0].message))


def equalities(condition: s.Expression | None) -> list[tuple[str, s.Expression]]:
    """Find the conjuncts `field == something known outside`, by which records and facts can be looked up."""
    found: dict[str, s.Expression] = {}
    for part in conjuncts(condition):
        if isinstance(part, s.Compare) and part.operators == ("==",):
            left, right = part.operands
            for mine, theirs in ((left, right), (right, left)):
                if isinstance(mine, s.Field) and mine.scope is s.Scope.FACT and _outside(theirs):
                    found.setdefault(mine.name, theirs)
                    break
    return list(found.items())


def _outside(tree: s.Expression) -> bool:
    if isinstance(tree, s.Literal):
        return tree.value is not None
    return isinstance(tree, s.Field) and tree.scope in (s.Scope.THIS, s.Scope.MATTER)


def _looks_around(tree: s.Expression) -> bool:
    """Tell whether an expression reads more than fields at hand: those are tried first, since one may decide."""
    return any(isinstance(part, s.CountRef | s.AnyRecord | s.OpenCount | s.ValueRef) for part in walk(tree))


def _bare(program: Program, name: str) -> Reader:
    """Return the function of a bare name; most often the fact at hand has it."""
    if name == "time":
        return lambda ctx: program.bare(ctx, name) if ctx.fact is None else ctx.fact.time

    def read(ctx: Context) -> object:
        fact = ctx.fact
        if fact is not None:
            value = fact.data.get(name)
            if value is not None:
                return value
        return program.bare(ctx, name)

    return read


def _of_trigger(program: Program, name: str) -> Reader:
    """Return the function of a field of the trigger, read from inside a pattern."""
    bare = _bare(program, name)
    if name not in PERIOD_NAMES:
        return lambda ctx: bare(ctx.this or ctx)

    def read(ctx: Context) -> object:
        outer = ctx.this or ctx
        return bare(outer) if outer.period is None else program.period_field(outer, name, "")

    return read


def _is_constant(tree: s.Literal | s.Listing) -> bool:
    return isinstance(tree, s.Literal) or all(isinstance(item, s.Literal) for item in tree.items)


def _logic(is_or: bool, readers: list[Reader], order: list[int]) -> Reader:  # noqa: FBT001 - the two connectives differ in one bit
    """Return the function of a connective; what is unknown is told in the order in which it is written."""
    if order == sorted(order):
        return _in_turn(readers, is_or=is_or)

    def read(ctx: Context) -> bool | Unknown:
        unknown: dict[int, Unknown] = {}
        for place in order:
            value = readers[place](ctx)
            if isinstance(value, Unknown):
                unknown[place] = value
            elif bool(value) is is_or:
                return is_or
        return reduce(merge, (unknown[place] for place in sorted(unknown))) if unknown else not is_or

    return read


def _in_turn(readers: list[Reader], *, is_or: bool) -> Reader:
    def read(ctx: Context) -> bool | Unknown:
        unknown: Unknown | None = None
        for reader in readers:
            value = reader(ctx)
            if isinstance(value, Unknown):
                unknown = value if unknown is None else merge(unknown, value)
            elif bool(value) is is_or:
                return is_or
        return (not is_or) if unknown is None else unknown

    return read


def _negation(reader: Reader) -> Reader:
    def read(ctx: Context) -> bool | Unknown:
        value = reader(ctx)
        return value if isinstance(value, Unknown) else not value

    return read


def _comparison(first: Reader, op: str, second: Reader) -> Reader:
    def read(ctx: Context) -> bool | Unknown:
        left, right = first(ctx), second(ctx)
        if isinstance(left, Unknown):
            return merge(left, right) if isinstance(right, Unknown) else left
        return right if isinstance(right, Unknown) else compare(op, left, right)

    return read


def _test(reader: Reader, operator: str, value: object) -> Reader:
    """Return the function of a comparison with what never changes."""
    op = operator.replace("not-in", "not in")

    def read(ctx: Context) -> bool | Unknown:
        found = reader(ctx)
        return found if isinstance(found, Unknown) else compare(op, found, value)

    return read


def _chain(readers: list[Reader], operators: tuple[str, ...]) -> Reader:
    ops = [operator.replace("not-in", "not in") for operator in operators]
    if len(ops) == 1:
        return _comparison(readers[0], ops[0], readers[1])

    def read(ctx: Context) -> bool | Unknown:
        unknown: Unknown | None = None
        left = readers[0](ctx)
        for op, reader in zip(ops, readers[1:], strict=True):
            right = reader(ctx)
            found: bool | Unknown
            if isinstance(left, Unknown):
                found = left if not isinstance(right, Unknown) else merge(left, right)
            elif isinstance(right, Unknown):
                found = right
            else:
                found = compare(op, left, right)
            if found is False:
                return False
            if isinstance(found, Unknown):
                unknown = found if unknown is None else merge(unknown, found)
            left = right
        return True if unknown is None else unknown

    return read


def _arithmetic(op: str, left: Reader, right: Reader) -> Reader:
    def read(ctx: Context) -> object:
        first, second = left(ctx), right(ctx)
        if isinstance(first, Unknown):
            return merge(first, second) if isinstance(second, Unknown) else first
        if isinstance(second, Unknown):
            return second
        return calculate(op, first, second)

    return read


def _strict(function: Callable[[list[Any]], Any], readers: list[Reader]) -> Reader:
    def read(ctx: Context) -> object:
        values = [reader(ctx) for reader in readers]
        unknown: Unknown | None = None
        for value in values:
            if isinstance(value, Unknown):
                unknown = value if unknown is None else merge(unknown, value)
        if unknown is not None:
            return unknown
        try:
            return function(values)
        except (TypeError, ValueError, AttributeError, LookupError, ArithmeticError):
            return lacking(f"a result for {', '.join(f'`{value}`' for value in values)}")

    return read


def _age(values: list[Any]) -> int:
    born, on = values[0], values[1]
    day = min(born.day, last_day_of_month(on.replace(month=born.month, day=1)).day)  # 29 February: the last of February
    return int(on.year - born.year - ((on.month, on.day) < (born.month, day)))


def _round(values: list[Any]) -> Decimal | int:
    """Round half up, as money is counted; to whole numbers unless digits are given."""
    digits = int(values[1]) if len(values) > 1 else 0
    rounded = Decimal(values[0]).quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)
    return rounded if digits > 0 else int(rounded)


TIMED: Final[dict[str, Callable[[Any], Any]]] = {
    "month_of": lambda moment: f"{moment.year:04}-{moment.month:02}",
    "year_of": lambda moment: moment.year,
    "hour_of": lambda moment: moment.hour,
}
FUNCTIONS: Final[dict[str, Callable[[list[Any]], Any]]] = {
    "floor": lambda v: math.floor(v[0]),
    "ceil": lambda v: math.ceil(v[0]),
    "round": _round,
    "abs": lambda v: abs(v[0]),
    "min": min,
    "max": max,
    "weekday": lambda v: WEEKDAYS[v[0].weekday()],
    "age": _age,
    "days_between": lambda v: (v[1] - v[0]).days,
    "includes": lambda v: all(item in v[0] for item in v[1]),
}
