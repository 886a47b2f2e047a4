"""Parts: a pack whose text is divided over files, of which an organisation uses those that are its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import attrs

from dutyrules.policies.diagnostics import Diagnostics, quoted
from dutyrules.policies.faults import suggestion
from dutyrules.policies.model import Part
from dutyrules.policies.resolve_header import words_of
from dutyrules.policies.schema import SECTIONS, LoosePart
from dutyrules.policies.shapes import check_shape, plain, written
from dutyrules.policies.yaml_nodes import MapNode, Node, ScalarNode, SeqNode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from dutyrules.policies.overlays import Layer

JOINED: Final = (*SECTIONS, "roles", "seasons")


@attrs.frozen
class Chosen:
    """A part that is used: its document, the layer it was read from, and the parts that it reads."""

    layer: Layer
    root: MapNode
    doc: LoosePart


@attrs.define
class Parts:
    """Joins a pack with those of its parts that are used; `used` are these, in the pack's order."""

    diagnostics: Diagnostics
    open_part: Callable[[ScalarNode, Layer], Layer | None]
    used: dict[str, Part] = attrs.field(factory=dict)

    def join(self, root: MapNode, layer: Layer, uses: tuple[ScalarNode, ...] | None) -> MapNode | None:
        """Return the pack with the entries of its parts, all of them where `uses` is None; None after a fault."""
        named = root.get("parts")
        if named is None:
            for name in uses or ():
                self.diagnostics.add("DR316", f"the pack has no parts, and so no {quoted(name.text)}", name)
            return None if uses else root
        if not isinstance(named, MapNode):
            message = f"a mapping is wanted here, not {written(named)}"
            self.diagnostics.add("DR203", message, named, help="write `name: file.yaml`")
            return None
        before = len(self.diagnostics.errors)
        parts = self._choose(named, layer, uses if uses is not None else tuple(key for key, _ in named.entries))
        if len(self.diagnostics.errors) > before:
            return None
        self.used = {name: Part(words_of(one.doc.title), one.layer.file) for name, one in parts.items()}
        return self._joined(root, [one.root for one in parts.values()])

    def _choose(self, named: MapNode, layer: Layer, wanted: Iterable[ScalarNode]) -> dict[str, Chosen]:
        """Return the parts that are wanted and those that they need, in the order of the pack."""
        found: dict[str, Chosen] = {}
        waiting = list(wanted)
        seen: set[str] = set()
        while waiting:
            name = waiting.pop(0)
            if name.text in seen:
                continue
            seen.add(name.text)
            chosen = self._open(name, named, layer)
            if chosen is not None:
                found[name.text] = chosen
                needs = chosen.root.get("needs")
                waiting += (
                    [each for each in needs.items if isinstance(each, ScalarNode)] if isinstance(needs, SeqNode) else []
                )
        return {name: found[name] for name in named.keys() if name in found}  # noqa: SIM118 - a node is no mapping

    def _open(self, name: ScalarNode, named: MapNode, layer: Layer) -> Chosen | None:
        path = named.get(name.text)
        if path is None:
            help_ = suggestion(name.text, named.keys()) or "the parts are " + ", ".join(map(quoted, named.keys()))
            self.diagnostics.add("DR316", f"the pack has no part {quoted(name.text)}", name, help=help_)
            return None
        if not isinstance(path, ScalarNode) or not isinstance(path.value, str) or not path.value:
            self.diagnostics.add("DR203", "the path of a file is wanted here", path, help="write `name: file.yaml`")
            return None
        below = self.open_part(path, layer)
        if below is None:
            return None
        if not isinstance(below.root, MapNode) or below.root.get("part") is None:
            message = f"{quoted(path.value)} is no part of a pack"
            self.diagnostics.add("DR316", message, path, help=f"begin that file with `part: {name.text}`")
            return None
        doc = check_shape(LoosePart, _head(below.root), self.diagnostics)
        if doc is None:
            return None
        if doc.part != name.text:
            message = f"the file calls itself {quoted(doc.part)}, and the pack {quoted(name.text)}"
            self.diagnostics.add("DR316", message, below.root.get("part") or below.root)
            return None
        return Chosen(below, below.root, doc)

    def _joined(self, root: MapNode, parts: list[MapNode]) -> MapNode:
        entries = {key.text: (key, node) for key, node in root.entries}
        for part in parts:
            for key, node in part.entries:
                if key.text not in JOINED:
                    continue
                old = entries.get(key.text)
                if old is None or not isinstance(node, MapNode) or not isinstance(old[1], MapNode):
                    entries[key.text] = (key, node)
                else:
                    entries[key.text] = (old[0], self._together(key.text, old[1], node))
        return MapNode(tuple(entries.values()), root.place, root.end)

    def _together(self, section: str, one: MapNode, other: MapNode) -> MapNode:
        """Return two mappings in one; what both declare must be declared alike, but an event type gains fields."""
        entries = {key.text: (key, node) for key, node in one.entries}
        for key, node in other.entries:
            old = entries.get(key.text)
            if old is None:
                entries[key.text] = (key, node)
            elif plain(old[1]) == plain(node):
                continue
            elif section in ("events", "fields") and isinstance(node, MapNode) and isinstance(old[1], MapNode):
                inner = "fields" if section == "events" or key.text == "fields" else "field"
                entries[key.text] = (old[0], self._together(inner, old[1], node))
            else:
                place = old[0].place
                message = f"{quoted(key.text)} is declared otherwise at {place.file}:{place.line}"
                self.diagnostics.add("DR312", message, key, help="choose another name for one of the two")
        return MapNode(tuple(entries.values()), one.place, one.end)


def _head(root: MapNode) -> MapNode:
    """Return a part with its sections emptied: these are checked when all parts are joined."""
    empty = [(key, MapNode((), node.place, node.end) if key.text in JOINED else node) for key, node in root.entries]
    return MapNode(tuple(empty), root.place, root.end)


def picked(root: Node, name: str) -> ScalarNode | None:
    """Return the word by which a pack names a part, None where it has no such part."""
    parts = root.get("parts") if isinstance(root, MapNode) else None
    return parts.key_node(name) if isinstance(parts, MapNode) else None
