"""Walks over the trees of a pack: every part of an expression, instant or rule."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import attrs

from dutyrules.policies import syntax

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dutyrules.calendars.durations import Duration


_FIELDS: Final[dict[type, tuple[str, ...]]] = {}


def fields_of(kind: type) -> tuple[str, ...]:
    """Return the names of the fields of a class of records, none of any other; asked for each part of a pack."""
    known = _FIELDS.get(kind)
    if known is None:
        known = _FIELDS[kind] = tuple(field.name for field in attrs.fields(kind)) if attrs.has(kind) else ()
    return known


def walk(tree: syntax.Expression, *, inside: bool = True) -> Iterator[syntax.Expression]:
    """Yield an expression and all its parts; `inside`: also those of conditions about other records."""
    yield tree
    for part in parts_of(tree, inside=inside):
        yield from walk(part, inside=inside)


def parts_of(tree: syntax.Expression, *, inside: bool = True) -> tuple[syntax.Expression, ...]:
    """Return the parts that an expression is directly made of."""
    match tree:
        case syntax.Logic(operands=parts) | syntax.Compare(operands=parts) | syntax.Listing(items=parts):
            return parts
        case syntax.CountRef(args=parts) | syntax.Call(arguments=parts):
            return parts
        case syntax.Not(operand=part) | syntax.Negative(operand=part):
            return (part,)
        case syntax.Arithmetic(left=left, right=right):
            return (left, right)
        case syntax.AnyRecord(condition=condition) if inside and condition is not None:
            return (condition,)
        case _:
            return ()


def conjuncts(tree: syntax.Expression | None) -> tuple[syntax.Expression, ...]:
    """Return the parts of a condition that must all hold, none where there is no condition."""
    if isinstance(tree, syntax.Logic) and tree.operator == "and":
        return tree.operands
    return () if tree is None else (tree,)


def conjunction(parts: Sequence[syntax.Expression]) -> syntax.Expression | None:
    """Return the condition that all of some parts hold, None for none."""
    if len(parts) > 1:
        return syntax.Logic("and", tuple(parts))
    return parts[0] if parts else None


def durations_in(instant: syntax.Instant | None) -> Iterator[Duration]:
    """Yield every duration that an instant adds or takes away."""
    match instant:
        case syntax.Offset(duration=duration, base=base):
            if duration is not None:
                yield duration
            yield from durations_in(base)
        case syntax.AtTime(day=base) | syntax.NextWorkingDay(base=base) | syntax.EndOf(base=base):
            yield from durations_in(base)
        case syntax.EitherInstant(then=then, otherwise=otherwise):
            yield from durations_in(then)
            yield from durations_in(otherwise)
        case _:
            return


def walk_instant(instant: syntax.Instant | None) -> Iterator[syntax.Expression]:
    """Yield every expression that an instant reads, with its parts."""
    match instant:
        case syntax.Offset(parameter=str(name), base=base):
            yield syntax.ParameterRef(name)
            yield from walk_instant(base)
        case (
            syntax.AtTime(day=base)
            | syntax.Offset(base=base)
            | syntax.NextWorkingDay(base=base)
            | syntax.EndOf(base=base)
        ):
            yield from walk_instant(base)
        case syntax.ReadInstant(expr=expr):
            yield from walk(expr.tree)
        case syntax.EitherInstant(condition=condition, then=then, otherwise=otherwise):
            yield from walk(condition)
            yield from walk_instant(then)
            yield from walk_instant(otherwise)
        case _:
            return
