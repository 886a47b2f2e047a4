"""Overlays: a pack that starts from another one and changes it, entry by entry."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import attrs

from dutyrules.policies.diagnostics import Diagnostics, quoted
from dutyrules.policies.faults import suggestion
from dutyrules.policies.parts import Parts
from dutyrules.policies.schema import SECTIONS
from dutyrules.policies.shapes import written
from dutyrules.policies.yaml_nodes import MapNode, Node, ScalarNode, SeqNode

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from dutyrules.policies.model import Part, Place

MOST_LAYERS: Final = 8
_BY_ENTRY: Final = (*SECTIONS, "roles", "seasons")
_BY_KEY: Final = ("shifts", "hours", "records", "counts", "rules", "ladders")


class NoBase(LookupError):
    """What `extends` names cannot serve as a base; the message says why, `hint` what may help."""

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.hint = hint


@attrs.frozen
class Layer:
    """One pack of an overlay: its document, its file and where relative paths start.

    `uses` are the parts that are wanted, where its name said so.
    """

    root: Node
    file: str
    data: bytes
    folder: Path | None
    uses: tuple[ScalarNode, ...] | None = None


@attrs.define
class Overlaid:
    """Merges a pack with what it extends; `contents` are the files that took part, the outermost first."""

    diagnostics: Diagnostics
    find: Callable[[str, Layer], Layer]
    contents: list[bytes] = attrs.field(factory=list)
    removed: dict[str, Place] = attrs.field(factory=dict)
    parts: dict[str, Part] = attrs.field(factory=dict)

    def merge(
        self, layer: Layer, seen: tuple[Layer, ...] = (), uses: tuple[ScalarNode, ...] | None = None
    ) -> Node | None:
        """Return the document with everything that it extends below it, None where that cannot be had.

        `uses` are the parts that an outer pack wants.
        """
        self.contents.append(layer.data)
        root = layer.root
        if not isinstance(root, MapNode):
            return root
        uses = uses or self._uses(root) or layer.uses
        extends = root.get("extends")
        if extends is None:
            self._check_alone(root)
            return self._with_parts(root, layer, uses)
        base = self._base(extends, layer, (*seen, layer), uses)
        if base is None:
            return None
        return _without(self.lay(base, root), ("extends", "remove", "uses"))

    def _uses(self, root: MapNode) -> tuple[ScalarNode, ...] | None:
        """Return the parts that a pack says it uses."""
        uses = root.get("uses")
        if uses is not None and not isinstance(uses, SeqNode):
            self.diagnostics.add("DR203", f"a list is wanted here, not {written(uses)}", uses, help="write `[a, b]`")
        items = uses.items if isinstance(uses, SeqNode) else ()
        return tuple(each for each in items if isinstance(each, ScalarNode)) or None

    def _with_parts(self, root: MapNode, layer: Layer, uses: tuple[ScalarNode, ...] | None) -> MapNode | None:
        parts = Parts(self.diagnostics, self._part)
        joined = parts.join(root, layer, uses)
        self.parts = parts.used
        return joined

    def _part(self, path: ScalarNode, layer: Layer) -> Layer | None:
        """Return the file of a part, None with a fault where it cannot be had."""
        try:
            found = self.find(path.text, layer)
        except NoBase as missing:
            self.diagnostics.add("DR316", str(missing), path, help=missing.hint)
            return None
        self.contents.append(found.data)
        return found

    def _check_alone(self, root: MapNode) -> None:
        remove = root.key_node("remove")
        if remove is not None:
            self.diagnostics.add("DR218", "`remove` needs `extends`", remove)

    def _base(
        self, extends: Node, layer: Layer, seen: tuple[Layer, ...], uses: tuple[ScalarNode, ...] | None
    ) -> MapNode | None:
        if not isinstance(extends, ScalarNode) or not isinstance(extends.value, str) or not extends.value:
            self.diagnostics.add(
                "DR203", "the name or path of a pack is wanted here", extends, help="write `extends: clinic`"
            )
            return None
        try:
            found = self.find(extends.value, layer)
        except NoBase as missing:
            self.diagnostics.add("DR314", str(missing), extends, help=missing.hint)
            return None
        same = [index for index, each in enumerate(seen) if each.data == found.data and each.root == found.root]
        if same:
            circle = " → ".join(quoted(each.file) for each in (*seen[same[0] :], found))
            self.diagnostics.add("DR314", f"the packs extend one another in a circle: {circle}", extends)
            return None
        if len(seen) >= MOST_LAYERS:
            self.diagnostics.add("DR314", f"a pack stands on at most {MOST_LAYERS} others", extends)
            return None
        merged = self.merge(found, seen, uses)
        return merged if isinstance(merged, MapNode) else None

    def lay(self, base: MapNode, over: MapNode) -> MapNode:
        """Return a document with what another one changes."""
        base = self._removed(base, over.get("remove"))
        entries = dict(_by_name(base))
        for key, node in over.entries:
            below = entries.get(key.text)
            if below is None or not isinstance(node, MapNode) or not isinstance(below[1], MapNode):
                entries[key.text] = (key, node)
            elif key.text in _BY_ENTRY:
                entries[key.text] = (key, self._section(key.text, below[1], node))
            else:
                entries[key.text] = (key, node)
        return MapNode(tuple(entries.values()), over.place, over.end)

    def _section(self, section: str, base: MapNode, over: MapNode) -> MapNode:
        entries = dict(_by_name(base))
        for key, node in over.entries:
            below = entries.get(key.text)
            if section == "parameters" and below is not None:
                entries[key.text] = (key, _parameter(below[1], node))
            elif below is None or not isinstance(node, MapNode) or not isinstance(below[1], MapNode):
                self._check_new(section, key, node, base)
                entries[key.text] = (key, node)
            elif section in _BY_KEY:
                entries[key.text] = (key, _laid_over(below[1], node))
            else:
                entries[key.text] = (key, node)
        return MapNode(tuple(entries.values()), over.place, over.end)

    def _check_new(self, section: str, key: ScalarNode, node: Node, base: MapNode) -> None:
        """Tell of a rule without a kind that the other pack does not have: it was meant to change one."""
        if section != "rules" or key.text in base.keys() or not isinstance(node, MapNode) or "kind" in node.keys():  # noqa: SIM118 - a node is no mapping
            return
        help_ = suggestion(key.text, base.keys()) or "give it a `kind` if it is a new rule"
        self.diagnostics.add("DR315", f"the other pack has no rule {quoted(key.text)}", key, help=help_)

    def _removed(self, base: MapNode, remove: Node | None) -> MapNode:
        if remove is not None and not isinstance(remove, SeqNode):
            self.diagnostics.add(
                "DR203", f"a list is wanted here, not {written(remove)}", remove, help="write `[a, b]`"
            )
        for item in remove.items if isinstance(remove, SeqNode) else ():
            if not isinstance(item, ScalarNode):
                self.diagnostics.add("DR203", f"a name is wanted here, not {written(item)}", item)
                continue
            section = next((each for each in SECTIONS if item.text in _names(base, each)), None)
            if section is None:
                help_ = suggestion(item.text, [name for each in SECTIONS for name in _names(base, each)])
                self.diagnostics.add("DR315", f"the other pack has no {quoted(item.text)}", item, help=help_)
                continue
            self.removed[item.text] = item.place
            old = base.get(section)
            if isinstance(old, MapNode):
                base = _with(base, section, _without(old, (item.text,)))
        return base


def _by_name(node: MapNode) -> list[tuple[str, tuple[ScalarNode, Node]]]:
    return [(key.text, (key, value)) for key, value in node.entries]


def _names(base: MapNode, section: str) -> tuple[str, ...]:
    node = base.get(section)
    return node.keys() if isinstance(node, MapNode) else ()


def _with(node: MapNode, name: str, value: Node) -> MapNode:
    return attrs.evolve(node, entries=tuple((key, value if key.text == name else old) for key, old in node.entries))


def _without(node: MapNode, names: tuple[str, ...]) -> MapNode:
    return attrs.evolve(node, entries=tuple((key, value) for key, value in node.entries if key.text not in names))


def _laid_over(base: MapNode, over: MapNode) -> MapNode:
    """Return an entry changed key by key; a key without a value takes the key away."""
    entries = dict(_by_name(base))
    for key, node in over.entries:
        if isinstance(node, ScalarNode) and node.value is None and not node.refused:
            entries.pop(key.text, None)
        else:
            entries[key.text] = (key, node)
    return MapNode(tuple(entries.values()), over.place, over.end)


def _parameter(base: Node, over: Node) -> Node:
    """Return a parameter with the overlay's values over the base's, by date, in the type that the base gave."""
    if not _typed(base):
        return over if _typed(over) else _values(base, over)
    assert isinstance(base, MapNode)  # noqa: S101 - only a mapping has a type
    if _typed(over):
        return _laid_over(base, over) if isinstance(over, MapNode) else over
    old = base.get("value")
    name = ScalarNode("value", "value", quoted=False, place=over.place, end=over.end)
    rest = _without(base, ("value",))
    return attrs.evolve(rest, entries=(*rest.entries, (name, over if old is None else _values(old, over))))


def _values(base: Node, over: Node) -> Node:
    if not isinstance(base, MapNode) or not isinstance(over, MapNode) or not _dated(base) or not _dated(over):
        return over
    merged = _laid_over(base, over)
    return attrs.evolve(merged, entries=tuple(sorted(merged.entries, key=lambda entry: entry[0].text)))


def _typed(node: Node) -> bool:
    return isinstance(node, MapNode) and "type" in node.keys()  # noqa: SIM118 - a node is no mapping


def _dated(node: MapNode) -> bool:
    return all(name[:4].isdigit() for name in node.keys())  # noqa: SIM118 - a node is no mapping
