"""One event as JSON, or as a mapping of the same shape, within the bounds of what one line may hold."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, Final

import msgspec

from dutyrules.event_faults import EventError, EventFault
from dutyrules.event_values import shown
from dutyrules.policies.diagnostics import quoted

if TYPE_CHECKING:
    from collections.abc import Sequence

LONGEST_LINE: Final = 1_000_000
DEEPEST: Final = 20

_HALF: Final = re.compile("[\ud800-\udfff]")
_decoder: Final = msgspec.json.Decoder(float_hook=Decimal)


def parse_object(source: bytes | str) -> dict[str, Any]:
    """Read one JSON object, numbers as int or Decimal; what is too large, too deep or says a key twice is refused."""
    raw = source.encode("utf-8", "surrogatepass") if isinstance(source, str) else source
    if len(raw) > LONGEST_LINE:
        raise EventError(EventFault.TOO_LARGE, f"the event has {len(raw)} bytes, more than {LONGEST_LINE}")
    try:
        document = _decoder.decode(raw)
    except RecursionError:
        raise EventError(EventFault.TOO_LARGE, f"the event is nested more than {DEEPEST} deep") from None
    except UnicodeDecodeError:
        raise EventError(EventFault.NOT_JSON, "the line is not UTF-8") from None
    except (msgspec.DecodeError, InvalidOperation, ValueError) as error:
        raise EventError(EventFault.NOT_JSON, f"the line is not JSON: {_first_line(error)}") from None
    if not isinstance(document, dict):
        raise EventError(EventFault.NOT_AN_OBJECT, "the line holds no JSON object")
    texts = _texts(document, 1)
    if texts * 2 != raw.count(b'"'):
        _refuse_key_twice(raw)
    return document


def _first_line(error: Exception) -> str:
    text = str(error).split("\n", 1)[0]
    return "a number is beyond all bounds" if isinstance(error, InvalidOperation) else text


def _texts(holder: dict[str, Any] | list[Any], depth: int) -> int:
    """Count keys and texts: half the quotation marks of the source, unless it says a key twice or escapes a mark."""
    if depth > DEEPEST:
        raise EventError(EventFault.TOO_LARGE, f"the event is nested more than {DEEPEST} deep")
    keys, items = (len(holder), list(holder.values())) if isinstance(holder, dict) else (0, holder)
    kinds = list(map(type, items))
    count = keys + kinds.count(str)
    if dict in kinds or list in kinds:
        count += sum([_texts(item, depth + 1) for item in items if isinstance(item, dict | list)])
    return count


def _refuse_key_twice(raw: bytes) -> None:
    def pairs(items: list[tuple[str, object]]) -> None:
        seen: set[str] = set()
        for name, _ in items:
            if name in seen:
                raise EventError(EventFault.KEY_TWICE, f"the key {quoted(name)} stands twice")
            seen.add(name)

    json.loads(raw, object_pairs_hook=pairs, parse_float=str, parse_int=str)


# --- what JSON could not say ------------------------------------------------------------------------------------------


def refuse_unfit(document: Mapping[Any, Any]) -> None:
    """Hold a mapping to what a line of JSON can say: its size, its depth, keys that are texts, texts of whole letters.

    Lists and objects that hold themselves or one another many times over end at the same limits.
    """
    size = 0
    level: list[Mapping[Any, Any] | Sequence[Any]] = [document]
    for _ in range(DEEPEST):
        below: list[Mapping[Any, Any] | Sequence[Any]] = []
        for holder in level:
            if isinstance(holder, Mapping):
                size += sum(_key_size(name) for name in holder)
            for item in holder.values() if isinstance(holder, Mapping) else holder:
                size += 1
                if isinstance(item, str):
                    size += _text_size(item)
                elif isinstance(item, Mapping | list | tuple):
                    below.append(item)
                if size > LONGEST_LINE:
                    raise EventError(EventFault.TOO_LARGE, f"the event has more than {LONGEST_LINE} characters")
        level = below
    if level:
        raise EventError(EventFault.TOO_LARGE, f"the event is nested more than {DEEPEST} deep")


def _key_size(name: object) -> int:
    if not isinstance(name, str):
        raise EventError(EventFault.NOT_JSON, f"the key {shown(name)} is no text, as each key in JSON is")
    return _text_size(name)


def _text_size(text: str) -> int:
    if not text.isascii() and _HALF.search(text):
        raise EventError(EventFault.NOT_JSON, f"{quoted(text)} holds half a character, which is not UTF-8")
    return len(text)
