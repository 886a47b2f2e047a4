"""Records and duties made slot by slot: their attributes are set in a fraction of the time that a struct takes.

Only a class of which each one is made by a statement of its own is made so; others stay structs.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from dutyrules.compiler.pruning import Slots

UNDER_WAY = "made"
"""The variable that holds what is being made, where its values read the variable that will hold it."""


def slot_by_slot(
    trees: list[ast.Module], slots: Slots, merged: Mapping[str, str]
) -> tuple[list[ast.Module], Slots, set[str]]:
    """Return functions that fill slots one after the other, all classes, and those of which each one is made so.

    `merged`: duties of these classes are parts of records of others, which have their slots too.
    """
    plain = slots.keys() - _made_within(trees, slots)
    maker = _Maker({name: slots[name] for name in plain}, merged)
    trees = [maker.visit(tree) for tree in trees]
    found = {name: mine for name, mine in slots.items() if name not in merged}
    for name, whole in merged.items():
        found[whole] = (*found[whole], *(one for one in slots[name] if one not in (*found[whole], "record")))
    return trees, found, plain


def _made_within(trees: Iterable[ast.Module], slots: Slots) -> set[str]:
    """Return the classes of which one is made within another expression."""
    within: set[str] = set()
    for tree in trees:
        nodes = list(ast.walk(tree))
        alone = {id(one.value) for one in nodes if isinstance(one, ast.Assign) and _holder(one) is not None}
        within |= {_class_of(one) for one in nodes if id(one) not in alone} & slots.keys()
    return within


def _class_of(node: ast.AST) -> str:
    """Return the name of the class of which a call makes one, "" where it is none."""
    return node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else ""


def _holder(node: ast.Assign) -> str | None:
    """Return the variable that is given a value, None where only attributes and places in tables are."""
    return next((one.id for one in node.targets if isinstance(one, ast.Name)), None)


class _Maker(ast.NodeTransformer):
    """Writes the making of records and duties as one statement for each slot."""

    def __init__(self, slots: Slots, merged: Mapping[str, str]) -> None:
        self._slots = slots
        self._merged = merged

    def visit_Assign(self, node: ast.Assign) -> ast.AST | list[ast.stmt]:
        """Return the statements that make one, for a statement that does; others as they are."""
        name, holder = _class_of(node.value), _holder(node)
        if name not in self._slots or holder is None or not isinstance(node.value, ast.Call):
            return node
        pairs = [*zip(self._slots[name], node.value.args, strict=True)]
        node.value.args = []
        if name in self._merged:
            node = _of_record(node)
            pairs = [(slot, value) for slot, value in pairs if slot != "record"]
        read = {one.id for _slot, value in pairs for one in ast.walk(value) if isinstance(one, ast.Name)}
        made: list[ast.stmt] = [node]
        if holder in read:
            made = [ast.Assign([ast.Name(UNDER_WAY, ast.Store())], node.value)]
            node.value, holder = ast.Name(UNDER_WAY, ast.Load()), UNDER_WAY
        for slot, value in pairs:
            made.append(ast.Assign([ast.Attribute(ast.Name(holder, ast.Load()), slot, ast.Store())], value))
        return [*made, node] if holder == UNDER_WAY else made


def _of_record(node: ast.Assign) -> ast.Assign:
    """Return the statement that takes the record for a duty of its own."""
    names = [one for one in node.targets if isinstance(one, ast.Name)]
    return ast.Assign(list[ast.expr](names), next(one.value for one in node.targets if isinstance(one, ast.Attribute)))
