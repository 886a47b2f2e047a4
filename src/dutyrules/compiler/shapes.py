"""The shapes that a log's events have: which fields are there, told from lines here and there in the log.

Most logs are written by one program, whose events of a type always have the same fields. A class in which just these
have to be there is decoded faster than one in which all may be left out; and as each of its lines has the same number
of quotation marks, these tell whether one says a key twice or more than was read. Light to import: programs run on it.
"""

from __future__ import annotations

import functools
import operator
from collections import Counter
from typing import IO, TYPE_CHECKING, Any, Final, get_args

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable

PLACES: Final = 5
"""How many pieces of a log are looked at."""
PIECE: Final = 1 << 14
QUOTE: Final = b'"'
NoneType: Final = type(None)


class Shape(msgspec.Struct, frozen=True):
    """The keys of an event and of its data, and how many quotation marks its line has."""

    keys: frozenset[str]
    data: frozenset[str]
    quotes: int


class Shapes:
    """Event classes of which all that is there has to be there, by type; and whether lines say more than was read."""

    def __init__(self, found: dict[str, Shape], types: dict[str, Any]) -> None:
        self.types = {name: _class(made, found[name]) if name in found else made for name, made in types.items()}
        self._quotes = {self.types[name]: one.quotes for name, one in found.items() if name in types}
        self._encode = msgspec.json.Encoder().encode_lines

    def are_kept(self, block: bytes, events: list[Any]) -> bool:
        """Tell whether the lines of a block say what has been read of them and nothing else, each key once."""
        quotes = 0
        for kind, times in Counter(map(type, events)).items():
            if kind in self._quotes:
                quotes += self._quotes[kind] * times
            else:
                quotes += self._encode([event for event in events if type(event) is kind]).count(QUOTE)
        return quotes == block.count(QUOTE)


def shapes_of(stream: IO[bytes], types: dict[str, Any]) -> Shapes | None:
    """Return the shapes of a log's events, None where pieces of it hold no events in the plain form."""
    size = stream.seek(0, 2)
    found: dict[str, Shape | None] = {}
    for place in range(PLACES):
        stream.seek(place * max(size - PIECE, 0) // (PLACES - 1))
        lines = stream.read(PIECE).split(b"\n")[1 if place else 0 : -1]
        try:
            _note(lines, found)
        except (msgspec.MsgspecError, UnicodeDecodeError, LookupError, TypeError):
            return None
    stream.seek(0)
    return Shapes({name: one for name, one in found.items() if one is not None}, types)


def _note(lines: Iterable[bytes], found: dict[str, Shape | None]) -> None:
    """Note the shapes of lines; None stands for a type whose events differ."""
    decode = msgspec.json.Decoder(dict[str, Any]).decode
    for line in lines:
        event = decode(line)
        shape = Shape(frozenset(event), frozenset(event.get("data", {})), line.count(QUOTE))
        if found.setdefault(event["type"], shape) != shape:
            found[event["type"]] = None


def _class(made: Any, shape: Shape) -> Any:  # noqa: ANN401 - classes of any pack
    """Return a class of events in which the fields of a shape must be there, and others may not."""
    fields = []
    for one in msgspec.structs.fields(made):
        kind = _with(one.type, shape.data, made) if one.name == "data" else one.type
        fields.append(_field(one, kind, there=one.encode_name in shape.keys))
    config = made.__struct_config__
    return msgspec.defstruct(
        made.__name__, _ordered(fields), tag_field=config.tag_field, tag=config.tag, gc=False, omit_defaults=True
    )


def _with(made: Any, there: frozenset[str], event: Any) -> Any:  # noqa: ANN401 - classes of any pack
    """Return the class of an event's data with the fields that are there."""
    fields = msgspec.structs.fields(made)
    return msgspec.defstruct(
        f"{event.__name__}_data",
        _ordered([_field(one, one.type, there=one.encode_name in there) for one in fields]),
        rename={one.name: one.encode_name for one in fields},
        frozen=True,
        gc=False,
        omit_defaults=True,
        forbid_unknown_fields=True,
    )


def _field(one: Any, kind: Any, *, there: bool) -> tuple[Any, ...]:  # noqa: ANN401 - a field of any class
    """Return a field that is there, and is not null, or one that need not be."""
    if not there:
        return (one.name, kind, one.default)
    kinds = [part for part in get_args(kind) if part is not NoneType]
    return (one.name, functools.reduce(operator.or_, kinds) if NoneType in get_args(kind) else kind)


def _ordered(fields: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Return fields with those that have no default first."""
    return sorted(fields, key=len)
