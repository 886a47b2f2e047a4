"""Parts of expressions written back as a pack writes them."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from dutyrules.policies import syntax as s

_BINDS: Final = {"or": 1, "and": 2, "not": 3, "compare": 4, "+": 5, "-": 5, "*": 6, "/": 6, "//": 6, "%": 6}
_TIGHTEST: Final = 9


def source(tree: s.Expression) -> str:
    """Return an expression as a pack writes it."""
    return _written(tree)[0]


def _written(tree: s.Expression) -> tuple[str, int]:  # noqa: PLR0911 - one return for each form
    match tree:
        case s.Literal(value=value):
            return literal(value), _TIGHTEST
        case s.Field():
            return _field(tree), _TIGHTEST
        case s.ParameterRef(name=name) | s.ValueRef(name=name):
            return name, _TIGHTEST
        case s.CountRef(name=name, args=args):
            return (f"{name}({_listed(args)})" if args else name), _TIGHTEST
        case s.Call(function=name, arguments=args):
            return f"{name}({_listed(args)})", _TIGHTEST
        case s.Listing(items=items):
            return f"[{_listed(items)}]", _TIGHTEST
        case s.AnyRecord(record=record, condition=condition):
            return (f"any({record})" if condition is None else f"any({record}, {source(condition)})"), _TIGHTEST
        case s.OpenCount(record=record):
            return f"open({record})", _TIGHTEST
        case _:
            return _operation(tree)


def _operation(tree: s.Logic | s.Not | s.Compare | s.Arithmetic | s.Negative) -> tuple[str, int]:
    match tree:
        case s.Logic(operator=operator, operands=operands):
            binds = _BINDS[operator]
            return f" {operator} ".join(_inside(one, binds) for one in operands), binds
        case s.Not(operand=operand):
            return f"not {_inside(operand, _BINDS['not'])}", _BINDS["not"]
        case s.Compare(operands=operands, operators=operators):
            binds = _BINDS["compare"]
            pieces = [_inside(operands[0], binds + 1)]
            for operator, operand in zip(operators, operands[1:], strict=True):
                pieces += [operator.replace("not-in", "not in"), _inside(operand, binds + 1)]
            return " ".join(pieces), binds
        case s.Arithmetic(operator=operator, left=left, right=right):
            binds = _BINDS[operator]
            return f"{_inside(left, binds)} {operator} {_inside(right, binds + 1)}", binds
        case s.Negative(operand=operand):
            return f"-{_inside(operand, _TIGHTEST)}", _TIGHTEST - 1


def _inside(tree: s.Expression, binds: int) -> str:
    text, own = _written(tree)
    return f"({text})" if own < binds else text


def _listed(trees: tuple[s.Expression, ...]) -> str:
    return ", ".join(source(one) for one in trees)


def _field(tree: s.Field) -> str:
    match tree.scope:
        case s.Scope.THIS:
            return f"this.{tree.name}"
        case s.Scope.ACT:
            return f"act.{tree.name}"
        case s.Scope.FACT:
            return tree.name
        case s.Scope.PERIOD if tree.record == tree.name or tree.name in ("", "label"):
            return tree.record or tree.name
        case _:
            return f"{tree.record}.{tree.name}" if tree.record else tree.name


def literal(value: object) -> str:
    """Return a literal as a pack writes it."""
    match value:
        case None:
            return "none"
        case bool():
            return "true" if value else "false"
        case Decimal():
            return format(value, "f")
        case str():
            return f"'{value}'"
        case _:
            return str(value)
