"""Sums of figures, as the two sides of one comparison of durable-rules.

A comparison has one property on its left and one expression on its right; whole-number multiples, sums and differences
are exact there while they stay below 2^63, and nothing else is.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

import attrs

from dutyrules.matchers.inexpressible import InexpressibleError
from dutyrules.matchers.operands import SCALE, scaled_figure
from dutyrules.policies import syntax as s

if TYPE_CHECKING:
    from collections.abc import Mapping

FLIPPED: Final = {"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
BOUND: Final = 1 << 62
LEAST: Final = 10**9 * SCALE
"""Fields up to this size must fit, or the condition is refused: a milliard, in millionths."""


@attrs.frozen
class Reckoned:
    """Whole-number multiples of fields and a constant, the constant in millionths."""

    terms: Mapping[s.Field, int]
    constant: int


@attrs.frozen
class Test:
    """One comparison: a property, an operator, what stands on the right, and how large fields may be."""

    operator: str
    left: str
    right: object
    largest: int


def reckoned(tree: s.Expression) -> Reckoned:
    """Return a tree as a sum; raises `InexpressibleError` where it is none."""
    match tree:
        case s.Field():
            return Reckoned({tree: 1}, 0)
        case s.Literal(value):
            scaled = scaled_figure(value)
            if scaled is None:
                raise InexpressibleError(f"`{value}` is finer than millionths")
            return Reckoned({}, scaled)
        case s.Arithmetic("+", left, right):
            return _sum(reckoned(left), reckoned(right), 1)
        case s.Arithmetic("-", left, right):
            return _sum(reckoned(left), reckoned(right), -1)
        case s.Arithmetic("*", s.Literal(value), other) | s.Arithmetic("*", other, s.Literal(value)):
            return _times(reckoned(other), value)
        case s.Arithmetic("*", _, _):
            raise InexpressibleError("it multiplies fields")
        case s.Arithmetic(operator, _, _):
            raise InexpressibleError(f"it divides (`{operator}`), which is not exact there")
        case s.Call(function, _):
            raise InexpressibleError(f"durable-rules has no `{function}`")
        case _:
            raise InexpressibleError("it reckons with something that is no figure")


def _sum(left: Reckoned, right: Reckoned, sign: int) -> Reckoned:
    terms = dict(left.terms)
    for field, times in right.terms.items():
        terms[field] = terms.get(field, 0) + sign * times
    return Reckoned(terms, left.constant + sign * right.constant)


def _times(sum_: Reckoned, value: object) -> Reckoned:
    if isinstance(value, bool) or not isinstance(value, int | Decimal) or value != int(value):
        raise InexpressibleError(f"it multiplies by `{value}`, which is no whole number")
    times = int(value)
    return Reckoned({field: times * one for field, one in sum_.terms.items()}, times * sum_.constant)


def test(operator: str, left: Reckoned, right: Reckoned, names: Mapping[s.Field, str]) -> Test:
    """Return the comparison of two sums, with one field alone on the left where one stands alone."""
    all_ = _sum(left, right, -1)
    terms = {field: times for field, times in all_.terms.items() if times}
    weight = sum(map(abs, terms.values())) + 1
    largest = (BOUND - abs(all_.constant)) // weight
    if largest < LEAST:
        raise InexpressibleError("its figures can come near 2^63, where those of durable-rules turn over")
    alone = next((field for field, times in terms.items() if abs(times) == 1), None)
    if alone is None:
        return Test(FLIPPED[operator], "z", _written(terms, all_.constant, names), largest)
    sign = terms.pop(alone)
    rest = {field: -sign * times for field, times in terms.items()}
    return Test(
        operator if sign > 0 else FLIPPED[operator], names[alone], _written(rest, -sign * all_.constant, names), largest
    )


def _written(terms: Mapping[s.Field, int], constant: int, names: Mapping[s.Field, str]) -> object:
    parts: list[object] = [
        {"$m": names[field]} if times == 1 else {"$mul": {"$l": {"$m": names[field]}, "$r": times}}
        for field, times in terms.items()
    ]
    if constant or not parts:
        parts.append(constant)
    written = parts[0]
    for part in parts[1:]:
        written = {"$add": {"$l": written, "$r": part}}
    return written
