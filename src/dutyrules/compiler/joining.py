"""Keys of several texts as one text, the parts joined by commas: found sooner than a tuple, and a record's name too.

Two such keys are alike only where a part holds a comma. Nothing is put under a key with such a part: the log is then
taken the careful way, whose keys are tuples. So all keys of a table have the same commas, and one that has more is not
found in it. A table keeps its tuples if any of its keys may have a part that is no text, or is used for more than to
look something up.
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Final

from dutyrules.compiler.incoming import attribute
from dutyrules.compiler.state import field_slot
from dutyrules.policies.model import FieldType

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from dutyrules.policies.model import Pack

NAME: Final = "joined"
"""What a record's name is written as, a call with the key, until it is known how the key is kept."""
TABLES: Final = re.compile(r"(records|gone|count)_\w+")
FINDS: Final = ("get", "setdefault")
TEXTS: Final = (FieldType.TEXT, FieldType.PERSON)
BLOCKS: Final = ("body", "orelse", "finalbody")
KEY: Final = re.compile(r"key\d+")


def texts_of(pack: Pack) -> Callable[[str], bool]:
    """Return what tells whether a part of a key is a text, where it is anything at all."""
    every = [spec for event in pack.events.values() for spec in event.fields.values()]
    other = {spec.name for spec in every if spec.type not in TEXTS}
    names = {spec.name for spec in every} - other
    fields = {attribute(name) for name in names}
    slots = {field_slot(name) for name in names} | {"person"}

    def is_text(part: str) -> bool:
        holder, _, slot = part.rpartition(".")
        if not holder:
            return part in ("p", "s") or part in fields
        return slot in slots and holder.removesuffix(".record").isidentifier()

    return is_text


def with_joined_keys(
    trees: list[ast.Module], is_text: Callable[[str], bool], ties: Iterable[tuple[str, str]] = ()
) -> list[ast.Module]:
    """Return functions whose keys are joined where they can be; of tables that are tied both are, or neither."""
    uses = [use for tree in trees for use in Uses(tree)]
    good = _joined(uses, is_text, [*ties, *_gone(uses)])
    return [_Joiner(tree, good).visit(tree) for tree in trees]


Use = tuple[str, str | None]
"""A key and the table that it is used with: None where it is used for something else, "" where it makes a name."""


def _gone(uses: list[Use]) -> set[tuple[str, str]]:
    """Return each table of records with that of those that are gone."""
    tables = {table for _key, table in uses if table is not None and table.startswith("records_")}
    return {(one, one.replace("records_", "gone_", 1)) for one in tables}


def _joined(uses: list[Use], is_text: Callable[[str], bool], ties: list[tuple[str, str]]) -> set[str]:
    """Return the keys, as they are written, that can be joined."""
    bad_keys = {key for key, table in uses if table is None or not all(map(is_text, parts_of(key)))}
    bad_tables: set[str] = set()
    known = -1
    while known != len(bad_keys) + len(bad_tables):
        known = len(bad_keys) + len(bad_tables)
        bad_tables |= {table for key, table in uses if table and key in bad_keys}
        bad_tables |= {one for pair in ties for one in pair if not bad_tables.isdisjoint(pair)}
        bad_keys |= {key for key, table in uses if table in bad_tables}
    return {key for key, _table in uses} - bad_keys


def parts_of(key: str) -> list[str]:
    """Return the parts of a key as it is written, the whole of one that is no tuple: such a one is never joined."""
    tree = ast.parse(key, mode="eval").body
    return [ast.unparse(one) for one in tree.elts] if isinstance(tree, ast.Tuple) else ["()"]


class Uses(ast.NodeVisitor):
    """Finds what a function uses keys for: tuples, and variables that hold one."""

    def __init__(self, tree: ast.Module) -> None:
        self._held = held(tree)
        self._asked = {id(one) for node in ast.walk(tree) for one in _asked(node)}
        self._found: list[Use] = []
        self.visit(tree)

    def __iter__(self) -> Iterator[Use]:
        """Give all that has been found."""
        return iter(self._found)

    def _note(self, key: ast.expr, table: str | None) -> None:
        self._found.append((written(key, self._held), table))

    def visit_Assign(self, node: ast.Assign) -> None:
        """Look at what is given to a variable: a tuple that a variable holds is found where that one is read."""
        if not _is_held(node):
            self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        """Take note of what is looked up in a table, and of what makes a name."""
        table = _table_of(node)
        if table is None:
            self.generic_visit(node)
            return
        self._note(node.args[0], table)
        for one in node.args[1:]:
            self.visit(one)

    def visit_Subscript(self, node: ast.Subscript) -> None:
        """Take note of what stands in a table."""
        if isinstance(node.value, ast.Name) and TABLES.fullmatch(node.value.id):
            self._note(node.slice, node.value.id)
        else:
            self.generic_visit(node)

    def visit_Compare(self, node: ast.Compare) -> None:
        """Take note of what may be among those that are gone."""
        table = node.comparators[0]
        call = node.left
        if isinstance(table, ast.Name) and table.id.startswith("gone_") and isinstance(call, ast.Call):
            self._note(call.args[0], table.id)
        else:
            self.generic_visit(node)

    def visit_Tuple(self, node: ast.Tuple) -> None:
        """Take note of a tuple that is used for anything else."""
        self._note(node, None)
        self.generic_visit(node)

    def visit_Name(self, node: ast.Name) -> None:
        """Take note of a variable that is used for anything else, and of a table whose keys may be gone through."""
        if node.id in self._held:
            self._note(node, None)
        elif TABLES.fullmatch(node.id) and id(node) not in self._asked:
            self._note(node, node.id)


def _asked(node: ast.AST) -> list[ast.expr]:
    """Return what is asked alone whether there is anything in it."""
    match node:
        case ast.BoolOp(values=values):
            return values
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return [operand]
        case ast.If(test=test) | ast.IfExp(test=test):
            return [test]
    return []


def held(tree: ast.AST) -> dict[str, str]:
    """Return the tuples that variables hold."""
    found = [one for one in ast.walk(tree) if isinstance(one, ast.Assign) and _is_held(one)]
    return {ast.unparse(one.targets[0]): ast.unparse(one.value) for one in found}


def _is_held(node: ast.Assign) -> bool:
    target = node.targets[0]
    return isinstance(target, ast.Name) and KEY.fullmatch(target.id) is not None and isinstance(node.value, ast.Tuple)


def written(key: ast.expr, variables: dict[str, str]) -> str:
    """Return how a key is written where it is made."""
    text = ast.unparse(key)
    return variables.get(text, text)


def _table_of(node: ast.Call) -> str | None:
    """Return the table in which a call looks something up, "" where it makes a name, None where it is any other."""
    func = node.func
    if isinstance(func, ast.Name):
        return "" if func.id == NAME else None
    looks = isinstance(func, ast.Attribute) and func.attr in FINDS and isinstance(func.value, ast.Name)
    table = func.value.id if looks and isinstance(func, ast.Attribute) and isinstance(func.value, ast.Name) else ""
    return table if TABLES.fullmatch(table) else None


# --- joined -----------------------------------------------------------------------------------------------------------


class _Joiner(ast.NodeTransformer):
    """Writes joined keys in the place of tuples, and that nothing is put under one with a comma in its parts."""

    def __init__(self, tree: ast.Module, good: set[str]) -> None:
        self._held = held(tree)
        self._good = good
        self._sure: set[str] = set()
        names = {one.id for one in ast.walk(tree) if isinstance(one, ast.Name) and KEY.fullmatch(one.id)}
        self._made = max([int(one.removeprefix("key")) for one in names], default=0)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        """Return a function with joined keys; what it asks for first is known from there on."""
        found: list[ast.stmt] = []
        for statement in node.body:
            found += self._statement(statement)
            self._sure |= _demanded(statement)
        node.body = found
        return node

    def generic_visit(self, node: ast.AST) -> ast.AST:
        """Return a part of a function with joined keys, and blocks within it statement by statement."""
        blocks = {name: found for name in BLOCKS if isinstance(found := getattr(node, name, None), list)}
        for name in blocks:
            setattr(node, name, [])
        super().generic_visit(node)
        for name, block in blocks.items():
            setattr(node, name, [made for one in block for made in self._statement(one)])
        return node

    def _statement(self, node: ast.stmt) -> list[ast.stmt]:
        """Return a statement, after what looks at the key under which it puts something."""
        before: list[ast.stmt] = []
        key = None if hasattr(node, "body") else self._put_under(node)
        if key is not None:
            name = key
            if isinstance(key, ast.Tuple):
                self._made += 1
                name = ast.Name(f"key{self._made}", ast.Load())
                node = _Replaced(ast.unparse(key), name).visit(node)
                before.append(ast.Assign([ast.Name(name.id, ast.Store())], self._text(key)))
            before.append(self._looked_at(ast.unparse(name), parts_of(written(key, self._held))))
        return [*before, self.visit(node)]

    def _looked_at(self, name: str, parts: list[str]) -> ast.stmt:
        """Return the statement that asks for the careful way where a key's parts have commas or are not there."""
        known = "" if self._sure.issuperset(parts) else f"{name} is None or "
        return ast.parse(f"if {known}{name}.count(COMMA) != {len(parts) - 1}:\n    with_care(c)").body[0]

    def _put_under(self, node: ast.stmt) -> ast.expr | None:
        """Return the joined key under which a statement puts something, None where there is none."""
        for one in ast.walk(node):
            if isinstance(one, ast.Subscript) and isinstance(one.ctx, ast.Store):
                key: ast.expr = one.slice
            elif isinstance(one, ast.Call) and isinstance(one.func, ast.Attribute) and one.func.attr == "setdefault":
                key = one.args[0]
            else:
                continue
            if written(key, self._held) in self._good:
                return key
        return None

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """Return a call, or the name that a key makes."""
        if _table_of(node) == "":
            key = node.args[0]
            return self.visit(key) if written(key, self._held) in self._good else _name(written(key, self._held))
        return self.generic_visit(node)

    def visit_Tuple(self, node: ast.Tuple) -> ast.AST:
        """Return a key as text where it is to be joined."""
        return self._text(node) if ast.unparse(node) in self._good else self.generic_visit(node)

    def _text(self, node: ast.Tuple) -> ast.expr:
        """Return the text that joins a key's parts, None where one of them may not be there and is not."""
        parts = [ast.unparse(one) for one in node.elts]
        text = "f'" + ",".join(f"{{{part}}}" for part in parts) + "'"
        tests = [f"{part} is not None" for part in parts if part not in self._sure]
        return ast.parse(f"{text} if {' and '.join(tests)} else None" if tests else text, mode="eval").body


class _Replaced(ast.NodeTransformer):
    """Puts a variable in the place of a key."""

    def __init__(self, key: str, name: ast.Name) -> None:
        self._key = key
        self._name = name

    def visit_Tuple(self, node: ast.Tuple) -> ast.AST:
        """Return the variable for the key, other tuples as they are."""
        return self._name if ast.unparse(node) == self._key else self.generic_visit(node)


def _name(key: str) -> ast.expr:
    """Return the name that a key makes which stays a tuple."""
    parts = ",".join(f"{{{part} if COMMA not in {part} else with_care({part})}}" for part in parts_of(key))
    return ast.parse(f"f'{parts}'", mode="eval").body


def _demanded(statement: ast.stmt) -> set[str]:
    """Return the names without which a statement leaves the stream."""
    if not (isinstance(statement, ast.If) and not statement.orelse and isinstance(statement.body[0], ast.Raise)):
        return set()
    tests = statement.test.values if isinstance(statement.test, ast.BoolOp) else [statement.test]
    names = {ast.unparse(one).removesuffix(" is None") for one in tests}
    either = isinstance(statement.test, ast.BoolOp) and isinstance(statement.test.op, ast.And)
    return set() if either else {name for name in names if name.isidentifier()}
