"""Which values an expression may compare, and the texts that become dates by being compared with one."""

from __future__ import annotations

import datetime as dt
import re
from typing import Final

from attrs import frozen

from dutyrules.policies import syntax
from dutyrules.policies.diagnostics import quoted
from dutyrules.policies.faults import Fault, suggestion
from dutyrules.policies.names import ANY, BOOL, DATE, LIST, NUMBER, TEXT, TIME, ValueType

_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_ORDERED: Final = (NUMBER, DATE, TIME)

Read = tuple[syntax.Expression, ValueType]


@frozen
class Comparison:
    """Two operands side by side, where each stands in the text, and the operator between them."""

    operator: str
    operands: tuple[Read, Read]
    spans: tuple[tuple[int, int], tuple[int, int]]
    text: str

    def quoted(self, index: int) -> str:
        """Return an operand as it is written."""
        start, end = self.spans[index]
        return quoted(self.text[start:end])

    def fault(self, code: str, index: int, message: str, help_: str | None = None) -> Fault:
        """Return a fault at one of the operands."""
        start, end = self.spans[index]
        return Fault(code, message, start, end - start, help_)


def check_comparison(it: Comparison) -> tuple[Read, Read, list[Fault]]:
    """Return both operands, texts turned into dates where they are compared with dates, and what is wrong."""
    left, right = it.operands
    if it.operator in ("in", "not-in"):
        return _membership(it)
    for index, (tree, _) in enumerate(it.operands):
        if isinstance(tree, syntax.Literal) and tree.value is None and it.operands[index][1].name == ANY:
            other = it.quoted(1 - index)
            return (
                left,
                right,
                [it.fault("DR403", index, "nothing is equal to `none`", f"write `known({other.strip('`')})`")],
            )
    right, faults = _fitted(it, 1, right, left[1])
    if not faults:
        left, faults = _fitted(it, 0, left, right[1])
    if not faults:
        faults = _mismatch(it, left[1], right[1])
    return left, right, faults


def _membership(it: Comparison) -> tuple[Read, Read, list[Fault]]:
    left, right = it.operands
    tree, kind = right
    if kind.name not in (LIST, ANY):
        return (
            left,
            right,
            [it.fault("DR403", 1, f"{it.quoted(1)} is {kind.words}, not a list", "write `in ['a', 'b']`")],
        )
    if not isinstance(tree, syntax.Listing):
        return left, right, []
    items: list[syntax.Expression] = []
    faults: list[Fault] = []
    for item in tree.items:
        if not isinstance(item, syntax.Literal):
            items.append(item)
            continue
        (fitted, item_type), found = _fitted(it, 1, (item, _literal_type(item)), left[1])
        if not found and ANY not in (left[1].name, item_type.name) and left[1].name != item_type.name:
            found = [
                it.fault("DR403", 1, f"{it.quoted(0)} is {left[1].words}, and {_shown(item)} is {item_type.words}")
            ]
        items.append(fitted)
        faults += found
    return left, (syntax.Listing(tuple(items)), kind), faults


def _literal_type(literal: syntax.Literal) -> ValueType:
    if isinstance(literal.value, bool):
        return ValueType(BOOL)
    if literal.value is None:
        return ValueType(ANY)
    return ValueType(TEXT if isinstance(literal.value, str) else NUMBER)


def _fitted(it: Comparison, index: int, operand: Read, other: ValueType) -> tuple[Read, list[Fault]]:
    """Turn a written text into a date where it stands against one, and refuse one that the other side never is."""
    tree, _ = operand
    if not isinstance(tree, syntax.Literal) or not isinstance(tree.value, str):
        return operand, []
    if other.name == DATE:
        day = _date(tree.value)
        if day is None:
            message = f"{_shown(tree)} is compared with a date and is none"
            return operand, [it.fault("DR403", index, message, "write a date as `'2026-01-15'`")]
        return (syntax.Literal(day), ValueType(DATE)), []
    if other.values and tree.value not in other.values:
        listed = ", ".join(f"`'{value}'`" for value in other.values)
        help_ = suggestion(tree.value, other.values) or f"it is one of {listed}"
        return operand, [
            it.fault(
                "DR410",
                index,
                f"{it.quoted(1 - index if it.operator not in ('in', 'not-in') else 0)} is never {_shown(tree)}",
                help_,
            )
        ]
    return operand, []


def _mismatch(it: Comparison, left: ValueType, right: ValueType) -> list[Fault]:
    ordering = it.operator not in ("==", "!=")
    if ANY not in (left.name, right.name) and left.name != right.name:
        message = f"{it.quoted(0)} is {left.words} and {it.quoted(1)} is {right.words}: they cannot be compared"
        help_ = "compare the fact's `date` with a date" if {left.name, right.name} == {DATE, TIME} else None
        return [it.fault("DR403", 1, message, help_)]
    for index, kind in enumerate((left, right)):
        if ordering and kind.name not in (*_ORDERED, ANY):
            return [it.fault("DR403", index, f"{it.quoted(index)} is {kind.words}, which has no order")]
    return []


def _date(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text) if _DATE.fullmatch(text) else None
    except ValueError:
        return None


def _shown(literal: syntax.Literal) -> str:
    return quoted(f"'{literal.value}'" if isinstance(literal.value, str) else str(literal.value))
