"""Expressions: Python's syntax for conditions and sums, read with `ast` and never run.

Each name, number and text is replaced by a placeholder before the parser sees it, so that a field may be called
`from` or `class`, and the parser meets nothing but placeholders and operators. Then every name is resolved and checked.
"""

from __future__ import annotations

import ast
import warnings
from typing import TYPE_CHECKING, Final

from dutyrules.policies import syntax
from dutyrules.policies.comparisons import Comparison, check_comparison
from dutyrules.policies.diagnostics import quoted
from dutyrules.policies.faults import Fault, Refused, suggestion
from dutyrules.policies.functions import FUNCTIONS
from dutyrules.policies.lookups import look_up, look_up_dotted, record_of
from dutyrules.policies.names import ANY, BOOL, DATE, LIST, NUMBER, TIME, Scopes, ValueType
from dutyrules.policies.tokens import DEEPEST, Token, TokenKind, tokens_of

if TYPE_CHECKING:
    from collections.abc import Mapping

_CONSTANTS: Final = {"true": True, "false": False, "True": True, "False": False, "none": None, "None": None}
_ARITHMETIC: Final[Mapping[type[ast.operator], str]] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.FloorDiv: "//",
    ast.Mod: "%",
}
_COMPARISONS: Final[Mapping[type[ast.cmpop], str]] = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.In: "in",
    ast.NotIn: "not-in",
}
_STRANGE: Final[Mapping[type[ast.expr], str]] = {
    ast.Tuple: "a list is written in square brackets",
    ast.Subscript: "nothing is picked out of a list",
}

Read = tuple[syntax.Expression, ValueType]
_NOTHING: Final[Read] = (syntax.Literal(False), ValueType(ANY))  # noqa: FBT003 - stands in for what has a fault


def read_expression(text: str, scopes: Scopes, expected: str = ANY) -> tuple[syntax.Expr | None, tuple[Fault, ...]]:
    """Return the expression that a text holds, None where it has faults, and the faults.

    `expected` is the type that is wanted.
    """
    try:
        reader = _Reader(text, scopes)
        tree, found = reader.read()
    except Refused as refused:
        return None, (refused.fault,)
    if not reader.faults:
        reader.faults += _unexpected(text, found, expected)
    expression = None if reader.faults else syntax.Expr(text, tree, found.name)
    return expression, tuple(reader.faults)


def _unexpected(text: str, found: ValueType, expected: str) -> list[Fault]:
    if expected in (ANY, found.name) or found.name == ANY:
        return []
    if expected == BOOL:
        message = f"{quoted(text)} is {found.words}, where a condition is wanted"
        return [Fault("DR405", message, help="compare it with something, such as `x == 3`")]
    if expected == NUMBER:
        return [Fault("DR412", f"{quoted(text)} is {found.words}, where a number is wanted")]
    if expected == TIME and found.name == DATE:
        return []
    return [Fault("DR413", f"{quoted(text)} is {found.words}, where {ValueType(expected).words} is wanted")]


class _Reader:
    """Reads one expression and collects its faults."""

    def __init__(self, text: str, scopes: Scopes) -> None:
        self.text = text
        self.scopes = scopes
        self.faults: list[Fault] = []
        self._tokens = tokens_of(text)
        self._at: dict[int, Token] = {}
        self._ends: dict[int, Token] = {}

    def read(self) -> Read:
        if not self._tokens:
            raise Refused(Fault("DR401", "an expression is missing here"))
        node = self._parse(self._masked()).body
        self._refuse_deep(node)
        return self._visit(node)

    def _masked(self) -> str:
        """Return the text with a placeholder for every name, number and text, and note where each token went."""
        pieces: list[str] = []
        position = 0
        for index, token in enumerate(self._tokens):
            after_dot = index > 0 and self._tokens[index - 1].written == "."
            kept = token.kind is TokenKind.OPERATOR or (token.joins and not after_dot)
            piece = token.written if kept else f"v{index}"
            self._at[position] = token
            self._ends[position + len(piece)] = token
            pieces.append(piece)
            position += len(piece) + 1
        return " ".join(pieces)

    def _parse(self, masked: str) -> ast.Expression:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return ast.parse(masked, mode="eval")
        except SyntaxError as error:
            raise Refused(self._unreadable((error.offset or 0) - 1)) from None
        except (RecursionError, MemoryError):
            raise Refused(Fault("DR408", "the expression is too deep", length=1)) from None

    def _unreadable(self, position: int) -> Fault:
        """Return a fault at the token where the parser gave up, the last one where the text ends too early."""
        if position < 0:
            token = self._tokens[-1]
            return Fault("DR401", f"the expression ends too early after {quoted(token.written)}", token.start)
        token = self._at[max(start for start in self._at if start <= position)]
        message = f"the expression cannot be read at {quoted(token.written)}"
        return Fault("DR401", message, token.start, len(token.written))

    def _refuse_deep(self, root: ast.expr) -> None:
        level: list[ast.AST] = [root]
        for _ in range(2 * DEEPEST):
            level = [child for node in level for child in ast.iter_child_nodes(node)]
            if not level:
                return
        raise Refused(Fault("DR408", "the expression is too deep", length=1))

    # --- nodes --------------------------------------------------------------------------------------------------------

    def _visit(self, node: ast.expr) -> Read:
        match node:
            case ast.Name():
                return self._atom(node)
            case ast.Attribute():
                return self._dotted(node)
            case ast.Compare():
                return self._compare(node)
            case ast.Call():
                return self._call(node)
            case ast.List(elts=items):
                return syntax.Listing(tuple(self._visit(item)[0] for item in items)), ValueType(LIST)
            case _:
                return self._operation(node)

    def _operation(self, node: ast.expr) -> Read:
        match node:
            case ast.BoolOp(op=operator, values=values):
                word = "and" if isinstance(operator, ast.And) else "or"
                return syntax.Logic(word, tuple(self._condition(value) for value in values)), ValueType(BOOL)
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return syntax.Not(self._condition(operand)), ValueType(BOOL)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return syntax.Negative(self._number(operand)), ValueType(NUMBER)
            case ast.BinOp(op=operator) if type(operator) in _ARITHMETIC:
                left, right = self._number(node.left), self._number(node.right)
                return syntax.Arithmetic(_ARITHMETIC[type(operator)], left, right), ValueType(NUMBER)
            case _:
                message = f"{self._quoted(node)} is not allowed in an expression"
                return self._fault("DR402", node, message, _STRANGE.get(type(node)))

    def _atom(self, node: ast.Name) -> Read:
        token = self._token(node)
        if token.kind is TokenKind.NUMBER:
            return syntax.Literal(token.value), ValueType(NUMBER)
        if token.kind is TokenKind.TEXT:
            return syntax.Literal(token.value), ValueType("text")
        if token.written in _CONSTANTS and not self.scopes.fact.has(token.written):
            value = _CONSTANTS[token.written]
            return syntax.Literal(value), ValueType(ANY if value is None else BOOL)
        return self._kept(look_up(token, self.scopes))

    def _dotted(self, node: ast.Attribute) -> Read:
        if not isinstance(node.value, ast.Name):
            return self._fault("DR402", node, f"{self._quoted(node)} has more than one dot", "write `record.field`")
        owner, name = self._token(node.value), self._last_token(node)
        if owner.kind is not TokenKind.NAME or name.kind is not TokenKind.NAME:
            return self._fault("DR402", node, f"{self._quoted(node)} is not a field of a record")
        return self._kept(look_up_dotted(owner, name, self.scopes))

    def _compare(self, node: ast.Compare) -> Read:
        reads = [self._visit(operand) for operand in (node.left, *node.comparators)]
        spans = [self._span(operand) for operand in (node.left, *node.comparators)]
        operators: list[str] = []
        for index, operator in enumerate(node.ops):
            word = _COMPARISONS.get(type(operator))
            if word is None:
                return self._fault("DR402", node, f"{self._quoted(node)} is not allowed in an expression", "write `==`")
            operators.append(word)
            comparison = Comparison(word, (reads[index], reads[index + 1]), (spans[index], spans[index + 1]), self.text)
            reads[index], reads[index + 1], faults = check_comparison(comparison)
            self.faults += faults
        return syntax.Compare(tuple(tree for tree, _ in reads), tuple(operators)), ValueType(BOOL)

    def _call(self, node: ast.Call) -> Read:
        if (
            not isinstance(node.func, ast.Name)
            or node.keywords
            or any(isinstance(each, ast.Starred) for each in node.args)
        ):
            return self._fault(
                "DR402", node, f"{self._quoted(node)} is not allowed in an expression", "write `name(…)`"
            )
        name = self._token(node.func).written
        if name == "any":
            return self._any(node)
        if name == "open":
            return self._open(node)
        if name in self.scopes.declared.counts:
            return self._count(node, name)
        if name not in FUNCTIONS:
            candidates = (*FUNCTIONS, "any", "open", *self.scopes.declared.counts)
            return self._fault("DR307", node.func, f"there is no function {quoted(name)}", suggestion(name, candidates))
        return self._function(node, name)

    def _function(self, node: ast.Call, name: str) -> Read:
        signature = FUNCTIONS[name]
        if not signature.accepts(len(node.args)):
            return self._fault("DR406", node, f"`{name}` takes {signature.words}, not {len(node.args)}")
        arguments: list[syntax.Expression] = []
        for index, argument in enumerate(node.args):
            tree, found = self._visit(argument)
            wanted = signature.parameter(index)
            if ANY not in (found.name, *wanted) and found.name not in wanted:
                words = " or ".join(ValueType(each).words for each in wanted)
                self._fault("DR407", argument, f"`{name}` takes {words}, and {self._quoted(argument)} is {found.words}")
            if name == "known" and not isinstance(tree, syntax.Field | syntax.ParameterRef):
                self._fault("DR407", argument, f"`known` asks about a field, and {self._quoted(argument)} is none")
            arguments.append(tree)
        return syntax.Call(name, tuple(arguments)), signature.result

    def _any(self, node: ast.Call) -> Read:
        if len(node.args) not in (1, 2):
            return self._fault("DR406", node, f"`any` takes a record and a condition, not {len(node.args)} arguments")
        record = self._record(node.args[0])
        if record is None:
            return _NOTHING
        if len(node.args) == 1:
            return syntax.AnyRecord(record, None), ValueType(BOOL)
        outer = self.scopes
        self.scopes = outer.within(outer.declared.records[record].fields, f"`{record}`")
        condition = self._condition(node.args[1])
        self.scopes = outer
        return syntax.AnyRecord(record, condition), ValueType(BOOL)

    def _open(self, node: ast.Call) -> Read:
        if len(node.args) != 1:
            return self._fault("DR406", node, f"`open` takes a record, not {len(node.args)} arguments")
        record = self._record(node.args[0])
        return _NOTHING if record is None else (syntax.OpenCount(record), ValueType(NUMBER))

    def _count(self, node: ast.Call, name: str) -> Read:
        most = self.scopes.declared.counts[name].most_arguments
        if not 1 <= len(node.args) <= most:
            help_ = f"read it as `{name}`" if most == 0 else None
            return self._fault("DR406", node, f"the count `{name}` takes at most {most} arguments", help_)
        return syntax.CountRef(name, tuple(self._visit(argument)[0] for argument in node.args)), ValueType(NUMBER)

    def _record(self, node: ast.expr) -> str | None:
        if isinstance(node, ast.Name) and self._token(node).kind is TokenKind.NAME:
            name, fault = record_of(self._token(node), self.scopes)
            self.faults += [fault] if fault else []
            return name
        self._fault("DR303", node, f"{self._quoted(node)} is not the name of a record")
        return None

    # --- what is wanted -----------------------------------------------------------------------------------------------

    def _condition(self, node: ast.expr) -> syntax.Expression:
        tree, found = self._visit(node)
        if found.name not in (BOOL, ANY):
            message = f"{self._quoted(node)} is {found.words}, where a condition is wanted"
            self._fault("DR405", node, message, "compare it with something, such as `x == 3`")
        return tree

    def _number(self, node: ast.expr) -> syntax.Expression:
        tree, found = self._visit(node)
        if found.name not in (NUMBER, ANY):
            help_ = (
                "count days with `days_between(…, …)`; add durations in `by` or `within`"
                if found.name in (DATE, TIME)
                else None
            )
            self._fault(
                "DR404", node, f"{self._quoted(node)} is {found.words}, with which nothing can be reckoned", help_
            )
        return tree

    # --- places -------------------------------------------------------------------------------------------------------

    def _token(self, node: ast.expr) -> Token:
        return self._at[node.col_offset]

    def _last_token(self, node: ast.expr) -> Token:
        return self._ends[node.end_col_offset or 0]

    def _span(self, node: ast.expr) -> tuple[int, int]:
        return self._token(node).start, self._last_token(node).end

    def _quoted(self, node: ast.expr) -> str:
        start, end = self._span(node)
        return quoted(self.text[start:end])

    def _kept(self, read: tuple[syntax.Expression, ValueType] | Fault) -> Read:
        if isinstance(read, Fault):
            self.faults.append(read)
            return _NOTHING
        return read

    def _fault(self, code: str, node: ast.expr, message: str, help_: str | None = None) -> Read:
        start, end = self._span(node)
        self.faults.append(Fault(code, message, start, end - start, help_))
        return _NOTHING
