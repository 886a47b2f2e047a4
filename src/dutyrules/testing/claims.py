"""Claims: the weekdays, sums and seasons that a scenario states; checked, so that no example rests on a slip."""

from __future__ import annotations

import ast
import datetime as dt
import math
import operator
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Final

from dutyrules.calendars.errors import CalendarError
from dutyrules.calendars.seasons import Seasons
from dutyrules.policies.diagnostics import quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Number = int | Decimal

_WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_LONGEST: Final = 200
_LARGEST: Final = 10**15

_ARITHMETIC: Final[Mapping[type[ast.operator], Callable[[Number, Number], Number]]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: lambda left, right: Decimal(left) / Decimal(right),
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}
_COMPARISONS: Final[Mapping[type[ast.cmpop], Callable[[Number, Number], bool]]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
_FUNCTIONS: Final[Mapping[str, Callable[..., Number]]] = {
    "max": max,
    "min": min,
    "abs": abs,
    "round": round,
    "floor": math.floor,
    "ceil": math.ceil,
}


def weekday_fault(day: str, claimed: str) -> str | None:
    """Return what is wrong with a claim that a date is a certain weekday."""
    try:
        found = _WEEKDAYS[dt.date.fromisoformat(day).weekday()]
    except ValueError:
        return f"there is no day {quoted(day)}"
    return None if claimed.strip().lower()[:3] == found else f"`{day}` is a {found.capitalize()}, not a {claimed}"


def sum_fault(text: str) -> str | None:
    """Return what is wrong with a claim such as `(5-4)*40 == 40`."""
    if len(text) > _LONGEST:
        return "a sum is too long"
    try:
        tree = ast.parse(text, mode="eval").body
        true = isinstance(tree, ast.Compare) and _holds(tree)
    except (SyntaxError, ValueError, ArithmeticError, InvalidOperation, TypeError, RecursionError, MemoryError):
        return f"{quoted(text)} is no sum"
    return None if true else f"{quoted(text)} is not so"


def _holds(tree: ast.Compare) -> bool:
    values = [_value(node) for node in (tree.left, *tree.comparators)]
    pairs = zip(values, tree.ops, values[1:], strict=False)
    return all(_COMPARISONS[type(op)](left, right) for left, op, right in pairs)


def _value(node: ast.expr) -> Number:
    if isinstance(node, ast.Constant) and type(node.value) in {int, float}:
        value: Number = node.value if isinstance(node.value, int) else Decimal(repr(node.value))
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        value = -_value(node.operand)
    elif isinstance(node, ast.BinOp) and type(node.op) in _ARITHMETIC:
        value = _ARITHMETIC[type(node.op)](_value(node.left), _value(node.right))
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and not node.keywords:
        call: Callable[..., Number] = _FUNCTIONS.get(node.func.id, _refuse)
        value = call(*map(_value, node.args))
    else:
        value = _refuse()
    return value if -_LARGEST <= value <= _LARGEST else _refuse()


def _refuse(*_: Number) -> Number:
    raise ValueError("no sum")


def season_fault(seasons: Mapping[str, str | tuple[str, ...]], day: dt.date, claimed: str) -> str | None:
    """Return what is wrong with a claim that a date lies in a season; `winter-spring` means `winter_spring`."""
    try:
        found = Seasons.parse(dict(seasons)).of(day) if seasons else None
    except CalendarError:
        found = None
    wanted = claimed.strip().lower().replace("-", "_").replace(" ", "_")
    return None if found == wanted else f"{day} lies in the season `{found or 'none'}`, not in {quoted(claimed)}"
