"""Reads the YAML of a pack into nodes with positions, and refuses what a pack has no use for.

The events of PyYAML's parser are read one by one and nothing recurses, so that limits hold before anything is built.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import attrs
import yaml

from dutyrules.policies.diagnostics import Related, quoted
from dutyrules.policies.model import Place
from dutyrules.policies.yaml_faults import place_of_mark, report_syntax
from dutyrules.policies.yaml_nodes import MapNode, Node, ScalarNode, SeqNode, Value
from dutyrules.policies.yaml_scalars import MOST_DIGITS, TooManyDigits, read_scalar

if TYPE_CHECKING:
    from dutyrules.policies.diagnostics import Diagnostics

__all__ = ["MapNode", "Node", "ScalarNode", "SeqNode", "Value", "read_bytes", "read_yaml"]

WIDE_SPACES: Final = "\u3000\xa0"
DEEPEST: Final = 32
LARGEST_FILE: Final = 2 * 1024 * 1024
LONGEST_TEXT: Final = 64 * 1024
MOST_NODES: Final = 200_000

LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_UNSEEN: Final = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\ufffe\uffff\U000e0000-\U000e0fff]"
)
_TAB: Final = re.compile(r"^ *\t[ \t]*(?=[^ \t\r\n#])", re.MULTILINE)
_LINE_END: Final = re.compile(r"\r\n|\r|\n")
_BOM: Final = "\ufeff"


def read_bytes(data: bytes, file: str, diagnostics: Diagnostics) -> str | None:
    """Decode a file; None where it is no UTF-8 or too large. One byte order mark at the start is dropped."""
    if len(data) > LARGEST_FILE:
        _report_size(Place(file, 1, 1), diagnostics)
        return None
    try:
        return data.decode("utf-8").removeprefix(_BOM)
    except UnicodeDecodeError as error:
        place = _place_of(data[: error.start].decode("utf-8"), file)
        diagnostics.add("DR114", f"byte `0x{data[error.start]:02X}` is no UTF-8", place, help=_other_encoding(data))
    return None


def _other_encoding(data: bytes) -> str:
    for name, encoding in (("UTF-16", "utf-16"), ("GB18030 (GBK)", "gb18030")):
        if name == "UTF-16" and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
            continue
        try:
            data.decode(encoding)
        except UnicodeDecodeError:
            continue
        return f"the file looks like {name}: save it again as UTF-8"
    return "save the file again as UTF-8"


def read_yaml(text: str, file: str, diagnostics: Diagnostics) -> list[Node]:
    """Return the root of each document; none where the text as a whole cannot be read."""
    text = text.removeprefix(_BOM)
    if not _characters_are_fit(text, file, diagnostics):
        return []
    builder = _Builder(text, file, diagnostics)
    try:
        for event in yaml.parse(text, Loader=LOADER):
            builder.take(event)
    except _Hopeless:
        return []
    except yaml.YAMLError as error:
        report_syntax(error, text, file, diagnostics)
        return []
    if not builder.documents:
        diagnostics.add("DR115", "the file holds no pack", Place(file, 1, 1), help="a pack begins with `pack: name`")
    return builder.documents


def _characters_are_fit(text: str, file: str, diagnostics: Diagnostics) -> bool:
    """Report what must be refused before a parser sees it."""
    if len(text) > LARGEST_FILE or len(text.encode("utf-8", "surrogatepass")) > LARGEST_FILE:
        _report_size(Place(file, 1, 1), diagnostics)
        return False
    unseen, tab = _UNSEEN.search(text), _TAB.search(text)
    if unseen:
        place = _place_of(text[: unseen.start()], file)
        message = f"the character `U+{ord(unseen[0]):04X}` cannot be seen, and is refused"
        diagnostics.add("DR113", message, place, help="delete it; an editor that shows invisible characters finds it")
    if tab:
        place = _place_of(text[: tab.end()].rstrip(" \t"), file)
        diagnostics.add("DR102", "a tab stands in the indentation", place, help="indent with spaces")
    return not (unseen or tab)


def _report_size(place: Place, diagnostics: Diagnostics) -> None:
    message = f"the file is larger than {LARGEST_FILE // 1024 // 1024} MiB"
    diagnostics.add("DR109", message, place, help="split it into several packs")


def _place_of(before: str, file: str) -> Place:
    lines = _LINE_END.split(before)
    return Place(file, len(lines), len(lines[-1]) + 1)


class _Hopeless(Exception):
    """A limit was passed: reading on would only do what the limit is there to prevent."""


@attrs.define
class _Frame:
    """A list or mapping that is still open; a mapping has a `seen`."""

    place: Place
    seen: dict[str, ScalarNode] | None
    items: list[Node] = attrs.field(factory=list)
    entries: list[tuple[ScalarNode, Node]] = attrs.field(factory=list)
    key: Node | None = None
    sound: bool = True


@attrs.define
class _Builder:
    """Builds nodes from parser events; reports and leaves out what is refused."""

    text: str
    file: str
    diagnostics: Diagnostics
    documents: list[Node] = attrs.field(factory=list)
    _open: list[_Frame] = attrs.field(factory=list)
    _nodes: int = 0

    def take(self, event: yaml.Event) -> None:
        """Take the parser's next event."""
        match event:
            case yaml.ScalarEvent():
                self._put(self._scalar(event, self._counted(event)))
            case yaml.MappingStartEvent() | yaml.SequenceStartEvent():
                self._enter(event, self._counted(event))
            case yaml.CollectionEndEvent():
                self._leave(event)
            case yaml.AliasEvent():
                self._put(self._alias(event, self._counted(event)))
            case yaml.DocumentStartEvent() if event.tags:
                message = "a `%TAG` directive stands here"
                help_ = "delete it: a pack is plain data"
                self.diagnostics.add("DR105", message, place_of_mark(event.start_mark, self.file), help=help_)

    def _end(self, event: yaml.Event) -> Place:
        return place_of_mark(event.end_mark, self.file)

    def _raw(self, event: yaml.Event) -> str:
        start, end = event.start_mark, event.end_mark
        return "" if start is None or end is None else self.text[start.index : end.index]

    def _counted(self, event: yaml.Event) -> Place:
        """Count a node, and return where it stands."""
        place = place_of_mark(event.start_mark, self.file)
        self._nodes += 1
        if self._nodes > MOST_NODES:
            self.diagnostics.add("DR111", f"the file has more than {MOST_NODES:,} keys and values", place)
            raise _Hopeless
        return place

    def _enter(self, event: yaml.CollectionStartEvent, place: Place) -> None:
        if len(self._open) == DEEPEST:
            self.diagnostics.add("DR108", f"this is nested deeper than {DEEPEST} levels", place)
            raise _Hopeless
        self._report_properties(event, place)
        self._open.append(_Frame(place, {} if isinstance(event, yaml.MappingStartEvent) else None))

    def _leave(self, event: yaml.CollectionEndEvent) -> None:
        frame, end = self._open.pop(), self._end(event)
        if frame.seen is None:
            self._put(SeqNode(tuple(frame.items), frame.place, end))
        else:
            self._put(MapNode(tuple(frame.entries), frame.place, end))

    def _put(self, node: Node) -> None:
        if not self._open:
            self.documents.append(node)
            return
        frame = self._open[-1]
        if frame.seen is None:
            frame.items.append(node)
        elif frame.key is None:
            frame.key = self._checked_key(node, frame)
        else:
            if frame.sound and isinstance(frame.key, ScalarNode):
                frame.entries.append((frame.key, node))
            frame.key = None

    def _checked_key(self, node: Node, frame: _Frame) -> Node:
        """Take a node as the next key; an unsound key is reported and its entry left out."""
        frame.sound = False
        if not isinstance(node, ScalarNode):
            self.diagnostics.add("DR107", f"a {node.kind} stands where a key is wanted", node, help=_KEY_HELP)
        elif not node.text:
            self.diagnostics.add("DR107", "a key is missing before the `:`", node)
        elif not node.quoted and node.text[0] in WIDE_SPACES:
            self.diagnostics.add(
                "DR102", "a wide space stands before this key", node, help="indent with ordinary spaces"
            )
        elif not node.quoted and node.text == "<<":
            self.diagnostics.add("DR106", "`<<` would merge another mapping", node, help="write the keys out")
        elif (first := (frame.seen or {}).get(node.text)) is not None:
            related = [Related("first written here", first.place)]
            message = f"the key {quoted(node.text)} is written twice"
            self.diagnostics.add("DR103", message, node, help="delete one, or give it another name", related=related)
        elif not node.refused and frame.seen is not None:
            node = node if node.value is node.text else attrs.evolve(node, value=node.text)
            frame.seen[node.text] = node
            frame.sound = True
        return node

    def _scalar(self, event: yaml.ScalarEvent, place: Place) -> ScalarNode:
        sound = (event.anchor is None and event.tag is None) or self._report_properties(event, place)
        text, quoted_text = event.value, bool(event.style)
        if len(text) > LONGEST_TEXT:
            self.diagnostics.add("DR110", f"this text is longer than {LONGEST_TEXT // 1024} KiB", place)
            text, sound = "", False
        value = self._meaning(text, place) if sound and not quoted_text else text
        return ScalarNode(value, text, quoted_text, place, self._end(event), self._raw(event), not sound)

    def _meaning(self, text: str, place: Place) -> Value:
        try:
            return read_scalar(text)
        except TooManyDigits:
            message = f"the number {quoted(text)} has more than {MOST_DIGITS} digits"
            self.diagnostics.add("DR112", message, place, help="put it in quotes if it is a label", length=len(text))
            return 0

    def _alias(self, event: yaml.AliasEvent, place: Place) -> ScalarNode:
        end = self._end(event)
        message = f"the alias {quoted(f'*{event.anchor}')} refers to another place"
        self.diagnostics.add("DR104", message, place, help=_ALIAS_HELP, length=end.column - place.column)
        return ScalarNode(None, "", quoted=False, place=place, end=end, refused=True)

    def _report_properties(self, event: yaml.ScalarEvent | yaml.CollectionStartEvent, place: Place) -> bool:
        """Report an anchor or tag; return whether there is none."""
        if event.anchor is not None:
            message = f"the anchor {quoted(f'&{event.anchor}')} is not needed"
            self.diagnostics.add("DR104", message, place, help=_ALIAS_HELP)
        if event.tag is not None:
            message = f"the tag {quoted(_tag_as_written(event.tag))} is refused"
            self.diagnostics.add(
                "DR105", message, place, help="delete it, or put the text in quotes if `!` belongs to it"
            )
        return event.anchor is None and event.tag is None


_KEY_HELP: Final = "a key is a plain text; put it in quotes if it begins with `[` or `{`"
_ALIAS_HELP: Final = "write the value out, or put the text in quotes if `*` or `&` belongs to it"


def _tag_as_written(tag: str) -> str:
    return tag.replace("tag:yaml.org,2002:", "!!", 1)
