"""What a handler would work out twice is worked out once: keys, counts, sums of them."""

from __future__ import annotations

import ast
import re
from collections import Counter
from itertools import count
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

EVENT: Final = re.compile(r"[ps]|d_\w+")
TABLE: Final = re.compile(r"count_\w+")
PURE: Final = re.compile(r"[psctx]|d_\w+|count_\w+|got\d+|key\d+|COMMA|key_part|with_care|len|min|max|abs|since")
"""The names that an expression may use to be worked out ahead: all of them stand from a handler's first lines on."""


class Reuse:
    """Finds expressions that come twice within a function and keeps their values in variables.

    `sure` are the values of the event that are known: nothing else can be reckoned with ahead of its tests.
    """

    def __init__(self, sure: set[str]) -> None:
        self._numbers = count(1)
        self._sure = sure

    def write(self, block: list[ast.stmt]) -> list[ast.stmt]:
        """Return a block in which nothing is worked out twice."""
        while found := self._forwarded(block) or self._hoisted(block):
            block = found
        for statement in block:
            if isinstance(statement, ast.If):
                statement.body, statement.orelse = self.write(statement.body), self.write(statement.orelse)
        return block

    def _forwarded(self, block: list[ast.stmt]) -> list[ast.stmt] | None:
        """Keep a number that is put into a table, where it is read from there afterwards."""
        for place, statement in enumerate(block):
            if not (isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Subscript)):
                continue
            target = statement.targets[0]
            text = f"{ast.unparse(target.value)}.get({_bracketed(target.slice)}, 0)"
            if not TABLE.match(text) or not _is_pure(ast.parse(text, mode="eval").body):
                continue
            rest = block[place + 1 :]
            if _occurrences(rest, text, _stop(rest, text)):
                name = f"got{next(self._numbers)}"
                statement.targets.insert(0, ast.Name(name, ast.Store()))
                return [*block[: place + 1], *_replaced(rest, text, name, _stop(rest, text))]
        return None

    def _hoisted(self, block: list[ast.stmt]) -> list[ast.stmt] | None:
        """Keep the largest expression that comes twice."""
        seen = Counter(ast.unparse(one) for statement in block for one in _candidates(statement) if self._is_safe(one))
        for text in sorted((text for text, times in seen.items() if times > 1), key=len, reverse=True):
            holders = [place for place, one in enumerate(block) if _occurrences([one], text, 1)]
            first = holders[0]
            rest = block[first:]
            stop = _stop(rest, text)
            if _occurrences(rest, text, stop) <= 1 or _is_late(rest, text):
                continue
            if len(holders) == 1 and not any(ast.unparse(one) == text for one in _candidates(*_own(block[first]))):
                continue  # a block further in has all of them
            name = f"{'key' if text.startswith('(') else 'got'}{next(self._numbers)}"
            kept = ast.Assign([ast.Name(name, ast.Store())], ast.parse(text, mode="eval").body)
            return [*block[:first], kept, *_replaced(rest, text, name, stop)]
        return None

    def _is_safe(self, node: ast.expr) -> bool:
        """Tell whether an expression can be worked out without a fault, whatever the event says."""
        if isinstance(node, ast.Tuple) or (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            return True
        names = {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}
        return all(name in self._sure for name in names if EVENT.fullmatch(name))


def _bracketed(key: ast.expr) -> str:
    text = ast.unparse(key)
    return f"({text})" if isinstance(key, ast.Tuple) and not text.startswith("(") else text


def _is_late(block: list[ast.stmt], text: str) -> bool:
    """Tell whether one of the names in an expression is given a value in a block."""
    names = {one.id for one in ast.walk(ast.parse(text)) if isinstance(one, ast.Name)}
    nodes = [one for statement in block for one in ast.walk(statement) if isinstance(one, ast.Name)]
    return any(one.id in names and isinstance(one.ctx, ast.Store) for one in nodes)


def _own(statement: ast.stmt) -> list[ast.AST]:
    """Return the parts of a statement that are looked at in any case."""
    return [statement.test] if isinstance(statement, ast.If) else [statement]


def _candidates(*nodes: ast.AST) -> Iterator[ast.expr]:
    """Give the expressions that may be kept."""
    for node in nodes:
        for one in ast.walk(node):
            if isinstance(one, ast.Tuple):
                if isinstance(one.ctx, ast.Load) and len(one.elts) > 1 and _is_pure(one):
                    yield one
            elif isinstance(one, ast.Call | ast.BinOp | ast.IfExp) and _is_pure(one):
                yield one


def _is_pure(node: ast.expr) -> bool:
    """Tell whether an expression can be worked out at any time: it reads plain names and counts alone."""
    for one in ast.walk(node):
        if isinstance(one, ast.Name) and not PURE.fullmatch(one.id):
            return False
        if isinstance(one, ast.Attribute) and one.attr != "get":
            return False
        if isinstance(one, ast.JoinedStr | ast.NamedExpr):
            return False
    names = [one.id for one in ast.walk(node) if isinstance(one, ast.Name)]
    return bool(names)


def _occurrences(block: list[ast.stmt], text: str, stop: int) -> int:
    """Return how often an expression comes in a block, up to what the statement `stop` looks at in any case."""
    nodes: list[ast.AST] = [*block[:stop], *(_own(block[stop]) if stop < len(block) else ())]
    return sum(ast.unparse(one) == text for one in _candidates(*nodes))


def _stop(block: list[ast.stmt], text: str) -> int:
    """Return the place of the first statement that changes a table of which an expression tells."""
    tables = set(TABLE.findall(text))
    for place, statement in enumerate(block):
        if tables & _changed(statement):
            return place
    return len(block)


def _changed(statement: ast.stmt) -> set[str]:
    """Return the tables that a statement changes."""
    found = set()
    for one in ast.walk(statement):
        stored = isinstance(one, ast.Subscript) and isinstance(one.ctx, ast.Store)
        if stored or (isinstance(one, ast.Attribute) and one.attr != "get"):
            found.add(ast.unparse(one.value))  # type: ignore[attr-defined] # both have one
    return found


class _Put(ast.NodeTransformer):
    """Puts a variable in the place of an expression."""

    def __init__(self, text: str, name: str) -> None:
        self._text = text
        self._name = name

    def visit(self, node: ast.AST) -> ast.AST:
        """Return the variable for the expression, other nodes as they are."""
        if isinstance(node, ast.Tuple | ast.Call | ast.BinOp | ast.IfExp) and ast.unparse(node) == self._text:
            return ast.Name(self._name, ast.Load())
        return self.generic_visit(node)


def _replaced(block: list[ast.stmt], text: str, name: str, stop: int) -> list[ast.stmt]:
    """Return a block with a variable in the place of an expression, up to what the statement `stop` looks at."""
    put = _Put(text, name)
    for statement in block[:stop]:
        put.visit(statement)
    if stop < len(block):
        last = block[stop]
        if isinstance(last, ast.If):
            put.generic_visit(ast.Expression(last.test))
            last.test = ast.Name(name, ast.Load()) if ast.unparse(last.test) == text else last.test
        else:
            put.visit(last)
    return block
