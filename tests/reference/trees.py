"""Walks over the trees of a pack, whatever the log."""

from __future__ import annotations

import attrs

from dutyrules.policies import syntax
from dutyrules.policies.syntax import FactKind


def types_missed(world, tree, *, more_helps: bool = True) -> set[str]:
    """Return the event types on whose absence a condition rests: more of them could make it false.

    `sign_ins > 0` rests on nothing, `sign_outs == 0` on check-outs.
    """
    match tree:
        case syntax.Logic(operands=operands):
            return set().union(*(types_missed(world, each, more_helps=more_helps) for each in operands))
        case syntax.Not(operand=operand):
            return types_missed(world, operand, more_helps=not more_helps)
        case syntax.Compare(operands=operands, operators=operators):
            found = set()
            for operator, left, right in zip(operators, operands, operands[1:], strict=False):
                rising, falling = (left, right) if operator in (">", ">=") else (right, left)
                if operator not in ("<", "<=", ">", ">="):
                    found |= types_counted(world, left) | types_counted(world, right)
                    continue
                found |= types_counted(world, falling if more_helps else rising)
                other = rising if more_helps else falling
                found |= set() if isinstance(other, syntax.CountRef) else types_counted(world, other)
            return found
    return types_counted(world, tree)


def types_counted(world, tree) -> set[str]:
    """Return the event types that the counts in an expression look at, through formulas and other counts."""
    found: set[str] = set()
    for node in parts(tree):
        if isinstance(node, syntax.CountRef):
            for pattern in world.pack.counts[node.name].of:
                if pattern.kind is FactKind.EVENT:
                    found.update(pattern.names)
                if pattern.where is not None:
                    found |= types_counted(world, pattern.where.tree)
        if isinstance(node, syntax.ValueRef):
            for variant in world.pack.values[node.name].variants.values():
                found |= types_counted(world, variant.tree)
    return found


def parts(tree):
    """Yield a tree and everything inside it."""
    yield tree
    if attrs.has(type(tree)):
        for field in attrs.fields(type(tree)):
            value = getattr(tree, field.name)
            for each in value if isinstance(value, tuple) else (value,):
                if attrs.has(type(each)):
                    yield from parts(each)
