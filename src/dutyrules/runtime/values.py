"""Three-valued values: what is not known stays not known, and says what it lacks."""

from __future__ import annotations

import operator
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, Final

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable


class Struct(msgspec.Struct, frozen=True):
    """What the engine makes by the dozen for each event: made in C, and never read from JSON."""


class Unknown(Struct, frozen=True):
    """A value that cannot be had; `lacks` says why, in words for people."""

    lacks: tuple[str, ...]


def lacking(reason: str) -> Unknown:
    """Return an unknown value with one reason."""
    return Unknown((reason,))


def is_figure(value: object) -> bool:
    """Tell whether a value is a number."""
    return isinstance(value, int | Decimal) and not isinstance(value, bool)


def merge(first: Unknown, second: Unknown) -> Unknown:
    """Join two unknowns, each reason once."""
    return Unknown(tuple(dict.fromkeys(first.lacks + second.lacks)))


LARGEST: Final = 10**24

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
    """Calculate with two known figures; a division by zero, no figure or one beyond all bounds is unknown."""
    if not is_figure(left) or not is_figure(right):
        return lacking(f"figures in `{left} {op} {right}`")
    try:
        result = ARITHMETIC[op](left, right)
        return result if abs(result) < LARGEST else lacking(f"a result of `{op}` within bounds")
    except (ZeroDivisionError, InvalidOperation, OverflowError):
        return lacking(f"a result of `{left} {op} {right}`")
    except TypeError:
        return lacking(f"figures in `{left} {op} {right}`")
