"""Handlers with the same effect and less to do: tests whose answer is known go, and what is read twice is kept."""

from __future__ import annotations

import ast
import re
from typing import Final, TypeGuard

from dutyrules.compiler.reuse import Reuse

MAKERS: Final = re.compile(r"(?:Record|Duty)_|clock\.|instant\(")
"""What calls and look-ups begin with that never give None."""

Facts = dict[str, bool]
"""What is sure of names and attributes at one place: True where they are None, False where they are not."""


def simplified(lines: list[str]) -> list[str]:
    """Return the lines of a function without tests whose answer is known where they stand."""
    tree = ast.parse("\n".join(lines))
    function = tree.body[0]
    assert isinstance(function, ast.FunctionDef)  # noqa: S101 - callers give one function
    body = _threaded(_with_early_guards([_Spelt().visit(one) for one in function.body]))
    sure = {name for statement in body for name in _guarded(statement)}
    function.body = Reuse(sure).write(_walk(_merged(body), {})[0])
    return ast.unparse(ast.fix_missing_locations(tree)).splitlines()


class _Spelt(ast.NodeTransformer):
    """Asks one by one what is asked of a choice whose first branch is None: whether this is known, and that."""

    def visit_Compare(self, node: ast.Compare) -> ast.expr:
        """Return the two questions in the place of one."""
        choice, wanted = node.left, node.ops[0]
        if not (_asks_for_none(node) and isinstance(choice, ast.IfExp) and ast.unparse(choice.body) == "None"):
            return node
        first, none = choice.test, list[ast.expr]([ast.Constant(None)])
        if not (isinstance(first, ast.Compare) and _asks_for_none(first) and isinstance(first.ops[0], ast.Is)):
            return node
        operator: ast.boolop = ast.Or() if isinstance(wanted, ast.Is) else ast.And()
        return ast.BoolOp(
            operator, [ast.Compare(first.left, [wanted], none), ast.Compare(choice.orelse, [wanted], none)]
        )


def _asks_for_none(node: ast.Compare) -> bool:
    plain = len(node.ops) == 1 and isinstance(node.ops[0], ast.Is | ast.IsNot)
    return plain and ast.unparse(node.comparators[0]) == "None"


# --- guards first -----------------------------------------------------------------------------------------------------


def _with_early_guards(body: list[ast.stmt]) -> list[ast.stmt]:
    """Put what leaves the stream where a value is not known right after that value.

    To leave the stream makes void whatever has been done before, so that it may as well come first.
    """
    found: list[ast.stmt] = []
    for statement in body:
        names = _guarded(statement)
        place = len(found)
        while names and place and not names & _written(found[place - 1]) and not _leaves(found[place - 1]):
            place -= 1
        found.insert(place, statement)
    return found


def _guarded(statement: ast.stmt) -> set[str]:
    """Return the plain names that have to be known here, if that is all that a statement asks."""
    if not isinstance(statement, ast.If) or statement.orelse or not _leaves(statement):
        return set()
    tests = statement.test.values if isinstance(statement.test, ast.BoolOp) else [statement.test]
    names = {_none_test(test, {})[0] for test in tests}
    return {name for name in names if name} if all(name and "." not in name for name in names) else set()


def _leaves(statement: ast.stmt) -> bool:
    """Tell whether a statement does nothing but leave the stream under a condition."""
    return isinstance(statement, ast.If) and all(isinstance(one, ast.Raise) for one in statement.body)


def _written(node: ast.AST) -> set[str]:
    """Return the names that are given a value within a statement."""
    return {one.id for one in ast.walk(node) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)}


# --- flags ------------------------------------------------------------------------------------------------------------


def _threaded(body: list[ast.stmt]) -> list[ast.stmt]:
    """Move what waits for a flag to where the flag is set, where nothing stands between."""
    position = 0
    while position < len(body):
        statement = body[position]
        flag = _flag(statement)
        if isinstance(statement, ast.If) and flag is not None and _times_set(body, flag) == 1:
            if any(_sets(one, flag, value=True) for one in body[:position]):
                body = [*body[:position], *statement.body, *body[position + 1 :]]
                continue
            place = _setting(body[position - 1], flag) if position else None
            if place is not None:
                place.extend(statement.body)
                body = [*body[:position], *body[position + 1 :]]
                continue
        position += 1
    return _without_idle_flags(body)


def _flag(statement: ast.stmt) -> str | None:
    if isinstance(statement, ast.If) and isinstance(statement.test, ast.Name) and not statement.orelse:
        return statement.test.id if statement.test.id.startswith("broken_") else None
    return None


def _setting(statement: ast.stmt, flag: str) -> list[ast.stmt] | None:
    """Return the block in which a flag is set, if a statement ends as soon as that block does."""
    last = statement
    while isinstance(last, ast.If):
        inside = [branch for branch in (last.body, last.orelse) if any(_mentions(one, flag) for one in branch)]
        if len(inside) != 1:
            return None
        block = inside[0]
        if any(_sets(one, flag, value=True) for one in block):
            return block
        if any(_mentions(one, flag) for one in block[:-1]):
            return None
        last = block[-1]
    return None


def _mentions(node: ast.AST, name: str) -> bool:
    return any(isinstance(one, ast.Name) and one.id == name for one in ast.walk(node))


def _sets(statement: ast.stmt, flag: str, *, value: bool) -> bool:
    return (
        isinstance(statement, ast.Assign)
        and isinstance(statement.targets[0], ast.Name)
        and statement.targets[0].id == flag
        and isinstance(statement.value, ast.Constant)
        and statement.value.value is value
    )


def _times_set(body: list[ast.stmt], flag: str) -> int:
    return sum(_sets(one, flag, value=True) for top in body for one in ast.walk(top) if isinstance(one, ast.stmt))


def _without_idle_flags(body: list[ast.stmt]) -> list[ast.stmt]:
    """Drop flags that nothing waits for any more."""
    nodes = [one for top in body for one in ast.walk(top) if isinstance(one, ast.Name)]
    read = {one.id for one in nodes if isinstance(one.ctx, ast.Load)}
    idle = {one.id for one in nodes if one.id.startswith("broken_")} - read

    def kept(block: list[ast.stmt]) -> list[ast.stmt]:
        found = [
            one for one in block if not any(_sets(one, flag, value=value) for flag in idle for value in (True, False))
        ]
        for one in found:
            if isinstance(one, ast.If):
                one.body, one.orelse = kept(one.body), kept(one.orelse)
        return found

    return kept(body)


# --- conditions that come twice ---------------------------------------------------------------------------------------


def _merged(block: list[ast.stmt]) -> list[ast.stmt]:
    """Put neighbours that begin with one condition together, where the first cannot change it."""
    found: list[ast.stmt] = []
    for statement in block:
        last = found[-1] if found else None
        head = _first_test(statement)
        if (
            isinstance(last, ast.If)
            and isinstance(statement, ast.If)
            and not statement.orelse
            and head is not None
            and head == _first_test(last)
            and not (last.orelse and _is_and(last.test))
            and head not in _written(last)
        ):
            found[-1] = _under(head, [*_below(last), *_below(statement)], last.orelse)
        else:
            found.append(statement)
    for statement in found:
        if isinstance(statement, ast.If):
            statement.body, statement.orelse = _merged(statement.body), _merged(statement.orelse)
    return found


def _first_test(statement: ast.stmt | None) -> str | None:
    """Return the plain name that a condition first asks to be known."""
    if not isinstance(statement, ast.If):
        return None
    test = statement.test.values[0] if _is_and(statement.test) else statement.test
    name, wanted = _none_test(test, {})
    plain = isinstance(test, ast.Compare) and isinstance(test.left, ast.Name)
    return name if plain and not wanted else None


def _is_and(test: ast.expr) -> TypeGuard[ast.BoolOp]:
    return isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And)


def _below(statement: ast.If) -> list[ast.stmt]:
    """Return what stands under a condition's first part."""
    if not _is_and(statement.test):
        return statement.body
    rest = statement.test.values[1:]
    return [ast.If(rest[0] if len(rest) == 1 else ast.BoolOp(ast.And(), rest), statement.body, [])]


def _under(name: str, body: list[ast.stmt], orelse: list[ast.stmt]) -> ast.If:
    test = ast.Compare(ast.Name(name, ast.Load()), [ast.IsNot()], [ast.Constant(None)])
    return ast.If(test, body, orelse)


# --- what is known ----------------------------------------------------------------------------------------------------


def _walk(block: list[ast.stmt], facts: Facts | None) -> tuple[list[ast.stmt], Facts | None]:
    """Return a block without needless tests, and what is known after it; None where it is left."""
    found: list[ast.stmt] = []
    for statement in block:
        if facts is None:
            break
        if isinstance(statement, ast.If):
            made, facts = _branch(statement, facts)
            found += made
            continue
        if isinstance(statement, ast.Try):
            inside = _walk(statement.body, dict(facts))[1]
            handled = _walk(statement.handlers[0].body, dict(facts))[1]
            facts = _both(inside, handled)
        elif isinstance(statement, ast.Assign):
            statement.value, known = _told(statement.value, facts), _is_none(statement.value, facts)
            for target in statement.targets:
                _forget(facts, ast.unparse(target))
                if known is not None:
                    facts[ast.unparse(target)] = known
        elif isinstance(statement, ast.Expr):
            statement.value = _told(statement.value, facts)
        found.append(statement)
        if isinstance(statement, ast.Raise):
            facts = None
    return found, facts


def _branch(statement: ast.If, facts: Facts) -> tuple[list[ast.stmt], Facts | None]:
    test, yes, no = _test(statement.test, facts)
    if isinstance(test, ast.Constant):
        return _walk(statement.body if test.value else statement.orelse, yes if test.value else no)
    body, after_body = _walk(statement.body, yes)
    orelse, after_else = _walk(statement.orelse, no)
    after = _both(after_body, after_else)
    if not body:
        if not orelse:
            return [], after
        body, orelse, test = orelse, [], ast.UnaryOp(ast.Not(), test)
    return [ast.If(test, body, orelse)], after


def _both(first: Facts | None, second: Facts | None) -> Facts | None:
    if first is None or second is None:
        return second if first is None else first
    return {name: value for name, value in first.items() if second.get(name) is value}


def _test(node: ast.expr, facts: Facts) -> tuple[ast.expr, Facts, Facts]:
    """Return a test as far as it is open, and what is known where it holds and where it does not."""
    if isinstance(node, ast.BoolOp):
        return _several(node, facts)
    name, wanted = _none_test(node, facts)
    if name is None:
        return _told(node, facts), dict(facts), dict(facts)
    known = facts.get(name)
    if known is not None and not isinstance(getattr(node, "left", None), ast.NamedExpr):
        return ast.Constant(known is wanted), dict(facts), dict(facts)
    if isinstance(node, ast.Compare):
        node.left = _told(node.left, facts)
    return node, {**facts, name: wanted}, {**facts, name: not wanted}


def _several(node: ast.BoolOp, facts: Facts) -> tuple[ast.expr, Facts, Facts]:
    every = isinstance(node.op, ast.And)
    found: list[ast.expr] = []
    here = dict(facts)
    for part in node.values:
        test, yes, no = _test(part, here)
        if isinstance(test, ast.Constant) and isinstance(test.value, bool):
            if test.value is every:
                continue
            if not found:
                return test, dict(facts), dict(facts)
            found.append(test)
            break
        found.append(test)
        here = yes if every else no
        only = no if every else yes
    if not found:
        return ast.Constant(every), dict(facts), dict(facts)
    changed = {one.target.id for one in ast.walk(node) if isinstance(one, ast.NamedExpr)}
    base = {name: value for name, value in facts.items() if re.split(r"\W", name)[0] not in changed}
    if len(found) == 1:
        return found[0], (here if every else only), (only if every else here)
    made = ast.BoolOp(node.op, found)
    return made, (here if every else base), (base if every else here)


def _none_test(node: ast.expr, facts: Facts) -> tuple[str | None, bool]:
    """Return what a test compares with None, and whether it wants it to be None."""
    if not (isinstance(node, ast.Compare) and _asks_for_none(node)):
        return None, False
    left = _told(node.left, facts)
    if isinstance(left, ast.NamedExpr):
        left = left.target
    if isinstance(left, ast.Name) or (
        isinstance(left, ast.Attribute) and isinstance(left.value, ast.Name | ast.Attribute)
    ):
        return ast.unparse(left), isinstance(node.ops[0], ast.Is)
    return None, False


class _Teller(ast.NodeTransformer):
    """Resolves choices whose condition is known."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts

    def visit_IfExp(self, node: ast.IfExp) -> ast.AST:
        """Return the branch that is taken, if that is known."""
        test, yes, no = _test(node.test, self._facts)
        if isinstance(test, ast.Constant):
            return _told(node.body if test.value else node.orelse, yes if test.value else no)
        return ast.IfExp(test, _told(node.body, yes), _told(node.orelse, no))


def _told(node: ast.expr, facts: Facts) -> ast.expr:
    found = _Teller(facts).visit(node)
    assert isinstance(found, ast.expr)  # noqa: S101 - what stands for an expression is one
    return found


def _is_none(value: ast.expr, facts: Facts) -> bool | None:
    """Tell whether a value is None, as far as that is known."""
    if isinstance(value, ast.Constant):
        return value.value is None
    if isinstance(value, ast.BinOp | ast.JoinedStr) or MAKERS.match(ast.unparse(value)):
        return False
    return facts.get(ast.unparse(value))


def _forget(facts: Facts, target: str) -> None:
    """Forget what rests on a name or on an attribute that gets another value."""
    if "." in target:
        end = "." + target.rsplit(".", 1)[1]
        gone = [name for name in facts if end in name]
    else:
        gone = [name for name in facts if re.split(r"\W", name)[0] == target]
    for name in gone:
        del facts[name]
