"""Texts with a little markup: what is a figure, a name of the pack or a rule stands between private characters.

Writers turn the marks into their own; a user's text cannot forge them, since it is cleaned of them.
"""

from __future__ import annotations

import re
from enum import Enum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_END: Final = "\ue00f"
_ANY_MARK: Final = re.compile("[\ue000-\ue00f]")


class Mark(Enum):
    """What a piece of a text is; the value is the character that begins it."""

    PLAIN = ""
    CODE = "\ue001"  # a name as the pack has it
    FIGURE = "\ue002"  # a figure, sum, limit or time
    RULE = "\ue003"  # the id of a rule or tier, which is linked
    TERM = "\ue004"  # the name of a count, formula, record or parameter, which is linked
    STRONG = "\ue005"  # the force of a rule: must, may, breach


_SPAN: Final = re.compile("([\ue001-\ue005])([^\ue00f]*)\ue00f")


def clean(text: str) -> str:
    """Return a user's text in one line and without marks."""
    return " ".join(_ANY_MARK.sub("", text).split())


def code(name: object) -> str:
    """Mark a name of the pack."""
    return f"{Mark.CODE.value}{clean(str(name))}{_END}"


def figure(text: object) -> str:
    """Mark a figure."""
    return f"{Mark.FIGURE.value}{clean(str(text))}{_END}"


def rule_link(name: str) -> str:
    """Mark the id of a rule."""
    return f"{Mark.RULE.value}{clean(name)}{_END}"


def term(name: str) -> str:
    """Mark the name of something that the pack declares above its rules."""
    return f"{Mark.TERM.value}{clean(name)}{_END}"


def strong(text: str) -> str:
    """Mark the force of a rule."""
    return f"{Mark.STRONG.value}{_unmarked(text)}{_END}"


def spans(text: str) -> Iterator[tuple[Mark, str]]:
    """Yield the pieces of a text."""
    start = 0
    for match in _SPAN.finditer(text):
        if match.start() > start:
            yield Mark.PLAIN, text[start : match.start()]
        yield Mark(match[1]), match[2]
        start = match.end()
    if start < len(text):
        yield Mark.PLAIN, text[start:]


def _unmarked(text: str) -> str:
    return _ANY_MARK.sub("", text)


def plain(text: str) -> str:
    """Return a text without its marks."""
    return _unmarked(text)


def capital(text: str) -> str:
    """Return a text with a capital at its beginning, if it begins with words."""
    start = 1 if text.startswith(Mark.STRONG.value) else 0
    return text[:start] + text[start : start + 1].upper() + text[start + 1 :]


def once(texts: Iterable[str]) -> list[str]:
    """Return the texts without repetitions and empty ones, in order."""
    return [text for text in dict.fromkeys(texts) if text]
