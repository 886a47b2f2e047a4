"""Records and duties without what nobody reads: fewer slots, and no lines that fill them."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

Slots = dict[str, tuple[str, ...]]
"""The slots of each class by its name, in order."""


def pruned(trees: list[ast.Module], slots: Slots, needed: Collection[str]) -> tuple[list[ast.Module], Slots]:
    """Return functions and classes without the slots that no function reads; `needed` are read elsewhere."""
    read = {
        one.attr
        for tree in trees
        for one in ast.walk(tree)
        if isinstance(one, ast.Attribute) and isinstance(one.ctx, ast.Load)
    }
    kept = {name: tuple(slot for slot in mine if slot in read or slot in needed) for name, mine in slots.items()}
    unread = {slot for mine in slots.values() for slot in mine} - {slot for mine in kept.values() for slot in mine}
    cutter = _Cutter(slots, kept, unread)
    return [cutter.visit(tree) for tree in trees], kept


class _Cutter(ast.NodeTransformer):
    """Takes values of slots that are not there any more out of what fills them, and lines that do nothing."""

    def __init__(self, slots: Slots, kept: Slots, unread: Collection[str]) -> None:
        self._slots = slots
        self._kept = kept
        self._unread = unread

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """Return the making of a record or a duty with values for the slots that it has."""
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        if name in self._slots:
            pairs = zip(self._slots[name], node.args, strict=True)
            node.args = [value for slot, value in pairs if slot in self._kept[name]]
        return self.generic_visit(node)

    def visit_Assign(self, node: ast.Assign) -> ast.AST:
        """Return what is written, nothing where no slot takes it."""
        target = node.targets[0]
        if len(node.targets) == 1 and isinstance(target, ast.Attribute) and target.attr in self._unread:
            return ast.Pass()
        return self.generic_visit(node)

    def generic_visit(self, node: ast.AST) -> ast.AST:
        """Return a part of a function; a block does nothing in one line only where it does nothing at all."""
        super().generic_visit(node)
        for name in ("body", "orelse"):
            block = getattr(node, name, None)
            if isinstance(block, list) and block:
                left = [one for one in block if not isinstance(one, ast.Pass)]
                setattr(node, name, left or block[: name == "body"])
        return node
