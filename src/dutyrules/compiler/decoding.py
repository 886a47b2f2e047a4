"""The general way to read lines: decoded by msgspec, or one by one where they do not have the plain form."""

from __future__ import annotations

import functools
import io
import operator
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal
from zlib import crc32

import msgspec

from dutyrules.compiler.figures import Figure, as_written
from dutyrules.compiler.reading import LONGEST_LINE, Beyond, NeedsAll

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from dutyrules.compiler.reading import Field, Ids, Kind, Slow
    from dutyrules.compiler.stream import Clock

TYPES: Final[dict[str, Any]] = {
    "text": str,
    "person": Annotated[str, msgspec.Meta(pattern=r"\S")],
    "bool": bool,
    "int": Annotated[int, msgspec.Meta(ge=-1_000_000_000, le=1_000_000_000)],
    "time": str,
    "date": str,
    "month": str,
    "list": tuple[str, ...],
    "number": Figure,
    "money": Figure,
}
OPENING: Final = set(b"{")
CLOSING: Final = set(b"}")
FIRST: Final = operator.itemgetter(0)
LAST: Final = operator.itemgetter(-2)
"""The last byte of a line before its end."""


class Decoding:
    """Decodes the lines of one log; see `Reading`."""

    def __init__(
        self,
        kinds: Sequence[Kind],
        clock: Clock,
        slow: Slow,
        ids: Ids,
        note: Callable[[dict[str, Any]], None],
        *,
        full: bool,
        share: tuple[int, int],
    ) -> None:
        self._kinds = {one.name: one for one in kinds}
        self._clock = clock
        self._slow = slow
        self._ids = ids
        self._note = note
        self._full = full
        self._share, self._shares = share
        decoded = {kind.name: _decoded(kind) for kind in kinds}
        self._made = {decoded[kind.name]: (kind, _times(kind)) for kind in kinds}
        self._type: Any = functools.reduce(operator.or_, decoded.values())
        decoder = msgspec.json.Decoder(self._type, float_hook=as_written)
        self._decode_lines = decoder.decode_lines
        self._decode = decoder.decode
        self._encode = msgspec.json.Encoder(decimal_format="number").encode_lines
        self._subjects: set[str | None] = {None}
        self.seen = 0

    def events(self, block: bytes, first: Callable[[], int]) -> tuple[list[Any], list[int]]:
        """Return the events of a block of whole lines and their instants; `first`: the number of its first line."""
        found: list[Any] | None = None
        try:
            found = self._decode_lines(block)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            if not self._full:
                raise NeedsAll from None
        if found is None or not self._is_plain(block, found):
            found = list(self._one_by_one(block, first()))
        self.seen += len(found)
        self._see(found)
        instants = self._clock.instants(found)  # puts their times into the zone's own form too
        events = list(map(self._event, found))
        if self._shares == 1:
            return events, instants
        mine = [pair for pair in zip(events, instants, strict=True) if self._is_shared(pair[0].whose)]
        return [event for event, _instant in mine], [instant for _event, instant in mine]

    # --- lines to structs -------------------------------------------------------------------------------------------

    def _is_plain(self, block: bytes, found: list[Any]) -> bool:
        """Tell whether a block says each thing once: what else were in it would make it longer than its events."""
        return lines_hold(block, found) and len(block) <= LONGEST_LINE and len(self._encode(found)) == len(block)

    def _one_by_one(self, block: bytes, first: int) -> Iterator[Any]:
        for number, line in enumerate(block.split(b"\n"), first):
            if not line.strip():
                continue
            text = line.strip(b" \t\r")  # what JSON lets stand around an event
            try:
                one = self._decode(text)
                if len(self._encode([one])) == len(text) + 1 and len(line) < LONGEST_LINE:
                    yield one
                    continue
            except (msgspec.MsgspecError, UnicodeDecodeError):
                pass
            if not self._full:
                raise NeedsAll
            document = self._slow(line.rstrip(b"\r"), number)
            if document is not None:
                yield from self._converted(document)

    def _converted(self, document: dict[str, Any]) -> Iterator[Any]:
        kind = self._kinds.get(document["type"])
        if kind is None:
            self.seen += 1
            self._ids.see([document["id"]])
            if self._is_shared(document["subject"]):
                self._note(document)
            return
        data = {name: value for name, value in document["data"].items() if name in kind.fields}
        try:  # without lists and figures that no rule reads
            yield msgspec.convert(document | {"data": data}, self._type)
        except msgspec.ValidationError as error:
            raise Beyond(str(error)) from error

    def _see(self, found: list[Any]) -> None:
        self._ids.see([one.id for one in found])
        new = {one.subject for one in found} - self._subjects
        if any(not subject or not subject.strip() for subject in new):
            raise Beyond("a subject is empty")
        self._subjects |= new

    # --- structs to events ------------------------------------------------------------------------------------------

    def _event(self, one: Any) -> Any:  # noqa: ANN401 - a class of any pack
        """Return the event of a struct."""
        kind, times = self._made[type(one)]
        event = kind.made()
        event.id, event.time = one.id, one.time
        event.whose = None
        for field in kind.fields.values():
            setattr(event, field.slot, getattr(one.data, field.slot))
        for slot in times:
            said = getattr(event, slot)
            if said is not None:
                setattr(event, slot, self._clock.instant(said) or self._clock.read(said)[0])
        if event.whose is None:
            event.whose = one.subject
        return event

    def _is_shared(self, person: str | None) -> bool:
        return crc32((person or "").encode()) % self._shares == self._share


def _decoded(kind: Kind) -> Any:  # noqa: ANN401 - a class of any pack
    """Return the class that lines are decoded into; what is not said is not written, so it is as long as its line."""
    data = msgspec.defstruct(
        f"Data_{kind.name}",
        [(field.slot, *_type(field)) for field in kind.fields.values()],
        rename={field.slot: name for name, field in kind.fields.items()},
        frozen=True,
        gc=False,
        omit_defaults=True,
        forbid_unknown_fields=True,
    )
    fields: list[tuple[str, Any] | tuple[str, Any, Any]] = [
        ("id", str),
        ("time", str),
        ("subject", str | None, None),
        ("data", data, data()),
        ("specversion", Literal["1.0"], "1.0"),
    ]
    return msgspec.defstruct(f"Line_{kind.name}", fields, gc=False, omit_defaults=True, tag_field="type", tag=kind.name)


def _type(field: Field) -> tuple[Any, Any]:
    kind = TYPES["person" if field.slot == "whose" else field.type] if field.values is None else Literal[field.values]
    return kind if field.usual is not None else kind | None, field.usual


def _times(kind: Kind) -> list[str]:
    return [field.slot for field in kind.fields.values() if field.type == "time"]


def lines_hold(block: bytes, events: list[Any]) -> bool:
    """Tell whether each line of a block is one event from first to last byte.

    A line that ends in a brace and a next one that begins with a brace are never of the same event: what follows the
    end of an object within another is `,`, `]` or `}`. So no event goes on in a next line, and as many lines as events
    hold one each.
    """
    lines = io.BytesIO(block).readlines()
    if len(lines) != len(events) or not block.endswith(b"\n"):
        return False
    return set(map(FIRST, lines)) == OPENING and set(map(LAST, lines)) == CLOSING
