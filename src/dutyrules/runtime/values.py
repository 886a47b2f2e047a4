"""Three-valued values: what is not known stays not known, and says what it lacks."""

from __future__ import annotations

import operator
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, Final

import attrs

if TYPE_CHECKING:
    from collections.abc import Callable


@attrs.frozen
class Unknown:
    """A value that cannot be had; `lacks` says why, in words for people."""

    lacks: tuple[str, ...]


def lacking(reason: str) -> Unknown:
    """Return an unknown value with one reason."""
    return Unknown((reason,))


def merge(first: Unknown, second: Unknown) -> Unknown:
    """Join two unknowns, each reason once."""
    return Unknown(tuple(dict.fromkeys(first.lacks + second.lacks)))


COMPARISONS: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "in": lambda left, right: left in right,
    "not in": lambda left, right: left not in right,
}


def compare(op: str, left: object, right: object) -> bool | Unknown:
    """Compare two known values; values that have no order are unknown, not false."""
    try:
        return COMPARISONS[op](left, right)
    except TypeError:
        return lacking(f"an order between `{left}` and `{right}`")


def _divide(left: Any, right: Any) -> Any:  # noqa: ANN401 - int or Decimal in, Decimal out
    return Decimal(left) / Decimal(right)


ARITHMETIC: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": _divide,
    "//": operator.floordiv,
    "%": operator.mod,
}


def calculate(op: str, left: object, right: object) -> object:
    """Calculate with two known values; a division by zero or between unlike values is unknown."""
    try:
        return ARITHMETIC[op](left, right)
    except (ZeroDivisionError, InvalidOperation, OverflowError):
        return lacking(f"a result of `{left} {op} {right}`")
    except TypeError:
        return lacking(f"figures in `{left} {op} {right}`")
