"""The tokens of an expression, each with its place; nothing but names, numbers, texts and operators gets through."""

from __future__ import annotations

import re
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise
from typing import Final

from attrs import frozen

from dutyrules.policies.diagnostics import quoted
from dutyrules.policies.faults import Fault, Refused

LONGEST_EXPRESSION: Final = 2_000
LONGEST_TEXT: Final = 200
LONGEST_NUMBER: Final = 15
DEEPEST: Final = 40

WORDS: Final = frozenset(("and", "or", "not", "in"))

_CLOSED_BY: Final = {"(": ")", "[": "]"}
_MEANT: Final = {
    "is": "write `==` to compare",
    "equals": "write `==` to compare",
    "if": "there is no `if` in an expression: write two rules, or `values` with `chosen_by`",
    "for": "nothing is repeated in an expression: ask with `any(record, …)`, or declare a count",
    "lambda": "nothing is defined in an expression",
    "than": "write `<` or `>`",
}
_TOKEN: Final = re.compile(
    r"(?P<space>[ \t\r\n]+)"
    r"|(?P<number>[0-9][0-9A-Za-z_.]*)"
    r"|(?P<name>[^\W\d]\w*)"
    r"|(?P<text>'[^'\\\n]*'|\"[^\"\\\n]*\")"
    r"|(?P<operator>==|!=|<=|>=|//|\*\*|:=|&&|\|\||<>|[-+*/%<>=().,\[\]!&|])"
)
_NUMBER: Final = re.compile(r"[0-9]+(\.[0-9]+)?")
_OPERATORS: Final = frozenset(
    ("==", "!=", "<=", ">=", "//", "+", "-", "*", "/", "%", "<", ">", "(", ")", ".", ",", "[", "]")
)
_INSTEAD: Final = {
    "=": "write `==` to compare",
    "&&": "write `and`",
    "&": "write `and`",
    "||": "write `or`",
    "|": "write `or`",
    "!": "write `not`",
    "<>": "write `!=`",
    "**": "there are no powers",
    ":=": "nothing can be assigned in an expression",
}
_LOOKALIKES: Final = {
    "≥": ">=",
    "≤": "<=",
    "≠": "!=",
    "×": "*",
    "÷": "/",
    "“": "'",
    "”": "'",
    "‘": "'",
    "’": "'",
    "，": ",",
}


class TokenKind(StrEnum):
    """What a token is."""

    NAME = "name"
    NUMBER = "number"
    TEXT = "text"
    OPERATOR = "operator"


@frozen
class Token:
    """A token: `value` is the number or the text without its quotes, otherwise what is written."""

    kind: TokenKind
    written: str
    value: object
    start: int

    @property
    def end(self) -> int:
        """Return the offset just after the token."""
        return self.start + len(self.written)

    @property
    def joins(self) -> bool:
        """Tell whether the token is one of the words that join conditions."""
        return self.kind is TokenKind.NAME and self.written in WORDS

    @property
    def starts_value(self) -> bool:
        """Tell whether a value begins with the token."""
        return self.kind is not TokenKind.OPERATOR and not self.joins

    @property
    def ends_value(self) -> bool:
        """Tell whether a value may end with the token."""
        return self.starts_value or self.written in (")", "]")


def tokens_of(text: str) -> tuple[Token, ...]:
    """Split an expression into tokens, refusing what no expression may hold."""
    if len(text) > LONGEST_EXPRESSION:
        raise Refused(Fault("DR408", f"an expression has at most {LONGEST_EXPRESSION} characters", length=1))
    tokens: list[Token] = []
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise Refused(_strange(text, position))
        if match.lastgroup != "space":
            tokens.append(_token(match, text))
        position = match.end()
    _check_brackets(tokens)
    _check_neighbours(tokens)
    return tuple(tokens)


def _token(match: re.Match[str], text: str) -> Token:
    written, start = match[0], match.start()
    match match.lastgroup:
        case "number":
            return Token(TokenKind.NUMBER, written, _number(written, start), start)
        case "text":
            if len(written) > LONGEST_TEXT + 2:
                raise Refused(Fault("DR409", f"a text has at most {LONGEST_TEXT} characters", start, len(written)))
            return Token(TokenKind.TEXT, written, written[1:-1], start)
        case "name":
            if text[match.end() : match.end() + 1] in ("'", '"') and len(written) <= len("rb"):
                message = f"`{written}` cannot stand before a text"
                raise Refused(Fault("DR402", message, start, len(written), "write the text in plain quotes"))
            return Token(TokenKind.NAME, written, written, start)
        case _:
            if written not in _OPERATORS:
                message = f"{quoted(written)} is not allowed in an expression"
                raise Refused(Fault("DR402", message, start, len(written), _INSTEAD[written]))
            return Token(TokenKind.OPERATOR, written, written, start)


def _number(written: str, start: int) -> int | Decimal:
    if _NUMBER.fullmatch(written) is None:
        help_ = "write digits, with a point for a fraction, such as `50` or `0.5`"
        raise Refused(Fault("DR401", f"{quoted(written)} is not a number", start, len(written), help_))
    if len(written) > LONGEST_NUMBER:
        raise Refused(Fault("DR409", f"a number has at most {LONGEST_NUMBER} digits", start, len(written)))
    return Decimal(written) if "." in written else int(written)


def _strange(text: str, position: int) -> Fault:
    character = text[position]
    if character in "'\"":
        message = "a text does not end, or holds a backslash"
        return Fault("DR401", message, position, 1, "close the text with the quote that opened it")
    if character in _LOOKALIKES:
        help_ = f"write `{_LOOKALIKES[character]}`"
        return Fault("DR402", f"{quoted(character)} is not allowed in an expression", position, 1, help_)
    return Fault("DR402", f"{quoted(character)} is not allowed in an expression", position, 1)


def _check_brackets(tokens: list[Token]) -> None:
    """Refuse brackets that do not match, or are nested too deep."""
    waiting: list[Token] = []
    for token in tokens:
        if token.kind is not TokenKind.OPERATOR or token.written not in "()[]":
            continue
        if token.written in _CLOSED_BY:
            waiting.append(token)
        elif not waiting or _CLOSED_BY[waiting.pop().written] != token.written:
            raise Refused(Fault("DR401", f"nothing opens this `{token.written}`", token.start, 1))
        if len(waiting) > DEEPEST:
            raise Refused(Fault("DR408", f"brackets are nested more than {DEEPEST} deep", token.start, 1))
    if waiting:
        raise Refused(Fault("DR401", f"nothing closes this `{waiting[-1].written}`", waiting[-1].start, 1))


def _check_neighbours(tokens: list[Token]) -> None:
    """Refuse two values side by side with nothing between them that joins them."""
    for before, after in pairwise(tokens):
        if before.ends_value and after.starts_value:
            message = f"{quoted(after.written)} cannot follow {quoted(before.written)}"
            help_ = _MEANT.get(after.written) or _MEANT.get(before.written) or "join them with `and`, `or` or `==`"
            raise Refused(Fault("DR401", message, after.start, len(after.written), help_))
