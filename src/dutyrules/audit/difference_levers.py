"""Where two packs differ: each entry that one of them has otherwise, and a pack with some of them taken over."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import attrs

from dutyrules.policies.diagnostics import Diagnostics
from dutyrules.policies.resolve import resolve_pack
from dutyrules.policies.schema import SECTIONS
from dutyrules.policies.shapes import plain
from dutyrules.policies.yaml_nodes import MapNode

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dutyrules.policies.model import Pack
    from dutyrules.policies.yaml_nodes import Node, ScalarNode

HEADER: Final = "header"
_NAMED: Final = ("pack", "section", "title", "source", "language", "extends", "uses", "parts", "remove")
"""Keys of the header that decide nothing."""

_WORDS: Final = ("says", "clause")
_SINGULAR: Final = {
    "events": "event",
    "parameters": "parameter",
    "shifts": "shift",
    "hours": "hours",
    "records": "record",
    "counts": "count",
    "values": "value",
    "rules": "rule",
    "ladders": "ladder",
    HEADER: "header",
}
_LONGEST: Final = 60

Entry = tuple["ScalarNode", "Node"]


@attrs.frozen
class Lever:
    """One entry that two packs have otherwise, as each has it; None where one has none."""

    section: str
    name: str
    a: Entry | None = attrs.field(eq=False, repr=False)
    b: Entry | None = attrs.field(eq=False, repr=False)

    @property
    def word(self) -> str:
        """Return what sort of entry it is: `rule`, `parameter`, …."""
        return _SINGULAR[self.section]

    @property
    def details(self) -> tuple[tuple[str, str | None, str | None], ...]:
        """Return what differs: key and both values as short texts, None for no value; the key is empty for a value."""
        one, other = _bare(self.a), _bare(self.b)
        if self.a is None or self.b is None or not (isinstance(one, dict) and isinstance(other, dict)):
            return (("", _short(one), _short(other)),)
        names = [name for name in dict.fromkeys((*one, *other)) if one.get(name) != other.get(name)]
        return tuple((name, _short(one.get(name)), _short(other.get(name))) for name in names)


def levers(a: Pack, b: Pack) -> list[Lever]:
    """Return every entry that decides something and that the packs have otherwise, rules and parameters first."""
    one, other = _entries(a.document), _entries(b.document)
    found = [
        Lever(section, name, one.get((section, name)), other.get((section, name)))
        for section, name in dict.fromkeys((*one, *other))
        if _bare(one.get((section, name))) != _bare(other.get((section, name)))
    ]
    first = ("parameters", "rules")
    return sorted(found, key=lambda lever: first.index(lever.section) if lever.section in first else len(first))


def with_entries(pack: Pack, changed: Iterable[tuple[Lever, Entry | None]]) -> Pack | None:
    """Return a pack with other entries, None where that is no pack."""
    root = pack.document
    if root is None:
        return None
    for lever, entry in changed:
        root = _put(root, lever, entry)
    diagnostics = Diagnostics()
    return resolve_pack(root, pack.digest, diagnostics, parts=pack.parts)


def _put(root: MapNode, lever: Lever, entry: Entry | None) -> MapNode:
    if lever.section == HEADER:
        return _replaced(root, lever.name, entry)
    section = root.get(lever.section)
    inner = section if isinstance(section, MapNode) else MapNode((), root.place, root.end)
    changed = _replaced(inner, lever.name, entry)
    key = root.key_node(lever.section) or (entry or (None,))[0]
    if key is None:
        return root
    named = key if key.text == lever.section else attrs.evolve(key, value=lever.section, text=lever.section)
    return _replaced(root, lever.section, (named, changed) if changed.entries else None)


def _replaced(node: MapNode, name: str, entry: Entry | None) -> MapNode:
    entries = {key.text: (key, value) for key, value in node.entries}
    if entry is None:
        entries.pop(name, None)
    else:
        entries[name] = entry
    return attrs.evolve(node, entries=tuple(entries.values()))


def _entries(root: MapNode | None) -> dict[tuple[str, str], Entry]:
    """Return the entries of a document by section and name."""
    return dict(_each_entry(root)) if root is not None else {}


def _each_entry(root: MapNode) -> Iterator[tuple[tuple[str, str], Entry]]:
    for key, node in root.entries:
        if key.text not in SECTIONS:
            if key.text not in _NAMED:
                yield (HEADER, key.text), (key, node)
        elif isinstance(node, MapNode):
            for name, entry in node.entries:
                yield (key.text, name.text), (name, entry)


def _bare(entry: Entry | None) -> Any:  # noqa: ANN401 - plain data of any shape
    """Return an entry as plain data without its words."""
    return None if entry is None else _wordless(plain(entry[1]))


def _wordless(data: Any) -> Any:  # noqa: ANN401 - plain data of any shape
    if isinstance(data, dict):
        return {name: _wordless(value) for name, value in data.items() if name not in _WORDS}
    return [_wordless(each) for each in data] if isinstance(data, list) else data


def _short(value: Any) -> str | None:  # noqa: ANN401 - plain data of any shape
    """Return a value on one line, `…` for what is too long to be read there."""
    if value is None:
        return None
    if isinstance(value, dict):
        text = "{" + ", ".join(f"{name}: {_short(each)}" for name, each in value.items()) + "}"
    elif isinstance(value, list):
        text = "[" + ", ".join(str(_short(each)) for each in value) + "]"
    else:
        text = str(value).lower() if isinstance(value, bool) else " ".join(str(value).split())
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
