"""The YAML of a pack as frozen records that know where they stand."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, ClassVar

import attrs

if TYPE_CHECKING:
    from dutyrules.policies.model import Place

Value = str | int | Decimal | bool | None


@attrs.frozen
class ScalarNode:
    """One text, number, truth value or nothing.

    `text` is what was written, without quotes and with escapes resolved; `value` is what it means, and of a key always
    its text. `raw` is the source between `place` and `end`. A `refused` scalar stands in for what was already reported.
    """

    value: Value
    text: str
    quoted: bool
    place: Place
    end: Place
    raw: str = attrs.field(default="", repr=False)
    refused: bool = False

    @property
    def kind(self) -> str:
        """Name what this is, in words for a message."""
        if isinstance(self.value, bool):
            return "true or false"
        if self.value is None:
            return "nothing"
        return "text" if isinstance(self.value, str) else "number"

    @property
    def length(self) -> int:
        """Return how many characters of the first line this takes."""
        if self.end.line == self.place.line:
            return max(1, self.end.column - self.place.column)
        return max(1, len(self.raw.splitlines()[0]) if self.raw else 1)

    def place_at(self, offset: int) -> Place:
        """Find where the character at `offset` of the text stands; the scalar's own place where escapes hide that."""
        body = self._body()
        if body is None:
            return self.place
        wanted = sum(not character.isspace() for character in self.text[:offset])
        index = body
        while index < len(self.raw) and (wanted or self.raw[index].isspace()):
            wanted -= not self.raw[index].isspace()
            index += 1
        return self._step(index)

    def _body(self) -> int | None:
        """Return where the text begins in `raw`, or None where the two differ by more than white space."""
        if not self.quoted:
            return 0
        if self.raw[:1] in {"|", ">"}:
            return len(self.raw.splitlines(keepends=True)[0])
        return None if self.raw[1:-1].count("\\" if self.raw[:1] == '"' else "''") else 1

    def _step(self, index: int) -> Place:
        before = self.raw[:index].replace("\r\n", "\n").replace("\r", "\n")
        lines = before.count("\n")
        if not lines:
            return attrs.evolve(self.place, column=self.place.column + len(before))
        return attrs.evolve(self.place, line=self.place.line + lines, column=len(before) - before.rfind("\n"))


@attrs.frozen
class SeqNode:
    """A list."""

    items: tuple[Node, ...]
    place: Place
    end: Place

    kind: ClassVar[str] = "list"
    refused: ClassVar[bool] = False

    @property
    def length(self) -> int:
        """Return how many characters this takes where it stands on one line."""
        return _span(self.place, self.end)


@attrs.frozen
class MapNode:
    """A mapping; its keys are texts, each once, in the order of the source."""

    entries: tuple[tuple[ScalarNode, Node], ...]
    place: Place
    end: Place

    kind: ClassVar[str] = "mapping"
    refused: ClassVar[bool] = False

    @property
    def length(self) -> int:
        """Return how many characters this takes where it stands on one line."""
        return _span(self.place, self.end)

    def keys(self) -> tuple[str, ...]:
        """Return the keys in the order of the source."""
        return tuple(key.text for key, _ in self.entries)

    def get(self, name: str) -> Node | None:
        """Return what stands under a key."""
        return next((value for key, value in self.entries if key.text == name), None)

    def key_node(self, name: str) -> ScalarNode | None:
        """Return the key itself, for its place."""
        return next((key for key, _ in self.entries if key.text == name), None)


Node = ScalarNode | SeqNode | MapNode


def scalar(value: Value, place: Place) -> ScalarNode:
    """Return a scalar that no file holds."""
    return ScalarNode(value, str(value), quoted=isinstance(value, str), place=place, end=place)


def node_of(data: object, place: Place) -> Node:
    """Return plain data as a node; raises `TypeError` for what no pack can hold."""
    match data:
        case Mapping():
            return MapNode(
                tuple((scalar(str(key), place), node_of(value, place)) for key, value in data.items()), place, place
            )
        case list() | tuple():
            return SeqNode(tuple(node_of(each, place) for each in data), place, place)
        case str() | int() | Decimal() | None:
            return scalar(data, place)
    message = f"`{data!r}` is no value that a pack can hold"
    raise TypeError(message)


def _span(place: Place, end: Place) -> int:
    return max(1, end.column - place.column) if place.line == end.line else 1
