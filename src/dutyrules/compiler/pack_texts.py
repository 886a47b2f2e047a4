"""Texts that stand in a pack and may come into the key of a record: defaults of fields, constants, parameters."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from dutyrules.policies.model import Dated, FieldSpec, Pack
from dutyrules.policies.syntax import Literal
from dutyrules.policies.walk import fields_of

if TYPE_CHECKING:
    from collections.abc import Iterator

ESCAPED: Final = re.compile(r'[\x00-\x1f"\\/%]')
"""What JSON or an id escapes; in the JSON of a log all of it shows as one of `bulk.NEEDS_CARE`."""


def have_escapes(pack: Pack) -> bool:
    """Tell whether some text would have to be escaped where it is written; in the log nothing tells of it."""
    return any(ESCAPED.search(text) for text in _texts(pack))


def _texts(part: object) -> Iterator[str]:
    match part:
        case Literal(value=text) | FieldSpec(default=text):
            if isinstance(text, str):
                yield text
        case Dated(values=values):
            yield from (value for _since, value in values if isinstance(value, str))
        case Mapping():
            for one in part.values():
                yield from _texts(one)
        case tuple():
            for one in part:
                yield from _texts(one)
        case _:
            for name in fields_of(type(part)):
                yield from _texts(getattr(part, name))
