"""Lines of outcomes as forms: what is the same in each line stands once, and a handler gives the values that differ."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

WORD: Final = re.compile(r'"(?:kind|status|rule)":"([\w./: -]+)"', re.ASCII)
"""What a form is called by."""

LEGIBLE: Final = {ord(mark): "_" for mark in "-./: "}

Part = str | int
"""A text, or the number of a value."""


class Forms(ast.NodeTransformer):
    """Takes the forms out of functions that write lines."""

    def __init__(self) -> None:
        self._names: dict[tuple[Part, ...], str] = {}

    def lines(self) -> Iterator[str]:
        """Yield the lines that make the forms."""
        for parts, name in self._names.items():
            yield f"{name} = output.form({parts!r})"

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """Return the call that fills a form, for one that writes a line; others as they are."""
        self.generic_visit(node)
        if not (isinstance(node.func, ast.Name) and node.func.id == "out" and isinstance(node.args[0], ast.JoinedStr)):
            return node
        values: dict[str, ast.expr] = {}
        parts = tuple(_part(one, values) for one in node.args[0].values)
        return ast.Call(ast.Name(self._name(parts), ast.Load()), [*values.values()], [])

    def _name(self, parts: tuple[Part, ...]) -> str:
        if parts not in self._names:
            words = WORD.findall("".join(one for one in parts if isinstance(one, str)))
            first = name = "_".join(["line", *words]).translate(LEGIBLE)
            number = 1
            while name in self._names.values():
                number += 1
                name = f"{first}_{number}"
            self._names[parts] = name
        return self._names[parts]


def _part(node: ast.expr, values: dict[str, ast.expr]) -> Part:
    """Return a part of a line; its value is one of `values` then, each by its code, in the order of their numbers."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    if not isinstance(node, ast.FormattedValue) or node.conversion != -1 or node.format_spec is not None:
        raise TypeError(f"no part of a line: {ast.dump(node)}")
    code = ast.unparse(node.value)
    values.setdefault(code, node.value)
    return [*values].index(code)
