"""What the mappings of tables have in common: where a value comes from, and how a mapping says so in YAML."""

from __future__ import annotations

import codecs
import re
from typing import TYPE_CHECKING, Final, TypeVar

import attrs

from dutyrules.policies.diagnostics import Diagnostics, did_you_mean, quoted
from dutyrules.policies.model import Place
from dutyrules.policies.yaml_reader import BadDocument, YamlReader
from dutyrules.policies.yaml_source import MapNode, Node, ScalarNode, read_bytes, read_yaml

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

T = TypeVar("T")

_PLACEHOLDER: Final = re.compile(r"\{([^{}]*)\}")
_ROW: Final = "row"


class BadMapping(BadDocument):
    """A mapping cannot be used."""


class UnfitRow(ValueError):
    """What is wrong with one row of a table, and what may help."""

    def __init__(self, reason: str, hint: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.hint = hint


@attrs.frozen
class Cell:
    """Where a value comes from: a column, whose texts may stand for others (None: for nothing), or a fixed value."""

    column: str | None = None
    value: object = None
    map: Mapping[str, object] | None = None
    format: str | None = None

    def read(self, row: Mapping[str, str]) -> object:
        """Return the value for a row; an empty cell gives None."""
        if self.column is None:
            return self.value
        text = row[self.column].strip()
        if self.map is not None and text in self.map:
            return self.map[text]
        return text or None

    def named(self, row: Mapping[str, str], what: str) -> str | None:
        """Return the name that a row must give, None where its text means nothing; raise `UnfitRow` for none."""
        if self.column is not None:
            text = row[self.column].strip()
            if not text:
                raise UnfitRow(f"the column {quoted(self.column)} is empty")
            if self.map is not None and text not in self.map:
                raise UnfitRow(f"no {what} is given for {quoted(text)}", did_you_mean(text, self.map) or "")
        name = self.read(row)
        return None if name is None else str(name)


def columns_in(pattern: str | None) -> list[str]:
    """Return the columns that a text with `{column}` and `{row}` (the line number) in it names."""
    return [name for name in _PLACEHOLDER.findall(pattern or "") if name != _ROW]


def filled(pattern: str, row: Mapping[str, str], number: int) -> str:
    """Put the cells of a row in the place of `{column}`, its number in that of `{row}`."""
    return _PLACEHOLDER.sub(lambda found: str(number) if found[1] == _ROW else row[found[1]].strip(), pattern)


def load_table_mapping(path: Path, read: Callable[[Diagnostics, Node], T | None]) -> T:
    """Read a mapping from a file of one document; a `BadMapping` holds every fault."""
    found = Diagnostics()
    text = read_bytes(path.read_bytes(), str(path), found) or ""
    roots = read_yaml(text, str(path), found) if text else []
    if len(roots) != 1 and not found.failed:
        message = f"a mapping is one document, and this file holds {len(roots) or 'none'}"
        found.add("DR640", message, Place(str(path), 1, 1))
    mapping = read(found, roots[0]) if roots else None
    if found.failed or mapping is None:
        raise BadMapping(found.items, text)
    return mapping


class ColumnReader(YamlReader):
    """Reads the parts that every mapping of a table has."""

    def __init__(self, found: Diagnostics) -> None:
        super().__init__(found, "DR640")

    def cell(self, node: Node, keys: tuple[str, ...]) -> Cell:
        """Read a cell: the name of a column, or `column` or `value` with other keys beside it."""
        if isinstance(node, ScalarNode):
            return Cell(column=self.text(node))
        parts = self.parts(node, ("column", *keys))
        if ("column" in parts) == ("value" in parts):
            self.fault("either `column` or `value` says where it comes from", node)
        texts = parts.get("map")
        if texts is not None and not isinstance(texts, MapNode):
            self.fault("`map` pairs texts of the column with what they stand for", texts)
        return Cell(
            column=self.text(parts["column"]) if "column" in parts else None,
            value=self.value(parts["value"]) if "value" in parts else None,
            map={key.text: self.value(to) for key, to in texts.entries} if isinstance(texts, MapNode) else None,
            format=self.format(parts["format"]) if "format" in parts else None,
        )

    def format(self, node: Node) -> str:
        """Read how a day or an instant is written."""
        return self.text(node)

    def calendar(self, read: Callable[[str], T], node: Node | None) -> T | None:
        """Read what the calendars know: a zone, a time of day."""
        return None if node is None else self.tried(read, self.text(node), node)

    def pattern(self, node: Node | None) -> str | None:
        """Read a text with `{column}` in it."""
        pattern = self.text(node) if node is not None else None
        if pattern is not None and "" in columns_in(pattern):
            self.fault("`{}` names no column", node)
        return pattern

    def encoding(self, node: Node | None) -> str:
        """Read the name of an encoding."""
        name = self.text(node) if node is not None else "utf-8"
        try:
            found = codecs.lookup(name)
            b"day,what\n".decode(found.name)  # a codec that is none of texts refuses this
        except (LookupError, UnicodeError):
            self.fault(f"{quoted(name)} is no encoding that a table can be read in", node)
            return "utf-8"
        return found.name

    def delimiter(self, node: Node | None) -> str:
        """Read the character between two cells."""
        text = self.text(node) if node is not None else ","
        if len(text) != 1:
            self.fault("`delimiter` is one character", node)
            return ","
        return text
