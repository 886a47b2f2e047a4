"""Three-valued values: what is not known is `Unknown` and stays so, unless it cannot matter."""

from __future__ import annotations

import datetime as dt
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal, InvalidOperation

import attrs

LARGEST = 10**24


@attrs.frozen
class Unknown:
    """A value that cannot be had, and what is lacking for it."""

    lacks: tuple[str, ...]


def lacking(*reasons: str) -> Unknown:
    """Return an unknown value with its reasons."""
    return Unknown(tuple(reasons))


def unknowns(values) -> Unknown | None:
    """Return one unknown with the reasons of all that are unknown, None where none is."""
    found = [reason for value in values if isinstance(value, Unknown) for reason in value.lacks]
    return Unknown(tuple(sorted(set(found)))) if any(isinstance(value, Unknown) for value in values) else None


def all_of(values):
    """Return `and` of the values: false if one is false, else unknown if one is unknown."""
    values = list(values)
    if any(value is False for value in values):
        return False
    return unknowns(values) or True


def any_of(values):
    """Return `or` of the values: true if one is true, else unknown if one is unknown."""
    values = list(values)
    if any(value is True for value in values):
        return True
    return unknowns(values) or False


def negated(value):
    """Return `not`, unknown of unknown."""
    return value if isinstance(value, Unknown) else not value


def contains(left, right):
    """Return whether a list holds a value; an unknown member leaves it open."""
    if not isinstance(right, list | tuple):
        return lacking(f"a list in place of `{right}`")
    return any_of(same(left, item) for item in right)


def same(left, right):
    """Return whether two values are equal, unknown where one is."""
    return unknowns([left, right]) or left == right


def compared(operator: str, left, right):
    """Return the outcome of one comparison."""
    if operator in ("in", "not-in"):
        if lost := unknowns([left, right]):
            return lost
        inside = contains(left, right)
        return inside if operator == "in" else negated(inside)
    if lost := unknowns([left, right]):
        return lost
    if operator == "==":
        return left == right
    if operator == "!=":
        return left != right
    if left is None or right is None or not ordered(left, right):
        return lacking(f"an order between `{left}` and `{right}`")
    return {"<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right}[operator]


def ordered(left, right) -> bool:
    """Tell whether two values can be put in order."""
    return any(isinstance(left, kind) and isinstance(right, kind) for kind in ((int, Decimal), (str,), (dt.date,)))


def calculated(operator: str, left, right):
    """Return a sum, difference, product or quotient; exact but for `/`, which is a decimal number."""
    if lost := unknowns([left, right]):
        return lost
    try:
        value = {
            "/": lambda: Decimal(left) / Decimal(right),
            "+": lambda: left + right,
            "-": lambda: left - right,
            "*": lambda: left * right,
            "//": lambda: left // right,
            "%": lambda: left % right,
        }[operator]()
        return value if abs(value) <= LARGEST else lacking(f"a figure as large as `{left} {operator} {right}`")
    except (ZeroDivisionError, InvalidOperation, TypeError):
        return lacking(f"a result of `{left} {operator} {right}`")


def rounded(value, digits: int = 0):
    """Return a number rounded half up; a whole number where no digits are asked for."""
    if digits <= 0:
        unit = Decimal(10) ** -digits
        return int((Decimal(value) / unit).quantize(Decimal(1), ROUND_HALF_UP) * unit)
    return Decimal(value).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)


def floored(value) -> int:
    """Return the next whole number below."""
    return int(Decimal(value).to_integral_value(ROUND_FLOOR))


def ceiled(value) -> int:
    """Return the next whole number above."""
    return int(Decimal(value).to_integral_value(ROUND_CEILING))


def money(value) -> Decimal:
    """Return a sum of money, rounded half up where it has more than two decimals."""
    value = Decimal(value)
    cents = value.quantize(Decimal("0.01"), ROUND_HALF_UP)
    return value if value == cents else cents
