"""What a plain YAML scalar means: the core schema of YAML 1.2, narrowed to what JSON would also call a number.

`no`, `on`, `22:30` and `2026-01-15` stay text, and so do the numbers that people write as labels: `007`, `0o14`, `1e3`,
`+5`, `.5`, `1_000`.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from dutyrules.policies.yaml_nodes import Value

MOST_DIGITS: Final = 30

_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?", re.ASCII)
_FIRST: Final = frozenset("-0123456789")
_WORDS: Final[dict[str, bool | None]] = {
    "": None,
    "~": None,
    "null": None,
    "Null": None,
    "NULL": None,
    "true": True,
    "True": True,
    "TRUE": True,
    "false": False,
    "False": False,
    "FALSE": False,
}


class TooManyDigits(ValueError):
    """A number has more digits than any sum of money or count can need."""


def read_scalar(text: str) -> Value:
    """Return what an unquoted text means; decimals are exact, never floats."""
    if text in _WORDS:
        return _WORDS[text]
    match = _NUMBER.fullmatch(text) if text[0] in _FIRST else None
    if match is None:
        return text
    if sum(character.isdigit() for character in text) > MOST_DIGITS:
        raise TooManyDigits(text)
    return Decimal(text) if match[1] else int(text)
