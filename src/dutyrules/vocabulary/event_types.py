"""Reads event types as the vocabulary and a pack's own `events` write them."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from typing import TYPE_CHECKING, Final

import attrs

from dutyrules.policies.diagnostics import did_you_mean, quoted
from dutyrules.policies.model import EventType, FieldSpec, FieldType
from dutyrules.policies.yaml_nodes import MapNode, ScalarNode, SeqNode

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from dutyrules.policies.diagnostics import Diagnostics
    from dutyrules.policies.yaml_nodes import Node

NOBODY: Final = "nobody"
NAME: Final = re.compile(r"[a-z][a-z0-9_]*")

_TYPE_KEYS: Final = ("says", "also", "person", "on_shift", "fields")
_FIELD_KEYS: Final = ("type", "default", "values", "also")
_FIELD_TYPES: Final = {each.value: each for each in FieldType}
_DEFAULTS: Final[Mapping[FieldType, tuple[type, ...]]] = {
    FieldType.TEXT: (str,),
    FieldType.PERSON: (str,),
    FieldType.BOOL: (bool,),
    FieldType.INT: (int,),
    FieldType.NUMBER: (int, Decimal),
    FieldType.MONEY: (int, Decimal),
    FieldType.DATE: (str,),
    FieldType.MONTH: (str,),
}


@attrs.frozen
class Field:
    """A field as it is written: its type where one is said, its other names, its default and its words."""

    type: FieldType | None = None
    also: tuple[str, ...] = ()
    default: object = None
    has_default: bool = False
    values: tuple[str, ...] = ()


@attrs.frozen
class Vocabulary:
    """Event types by name, the other names of types, and what fields mean wherever they stand."""

    types: Mapping[str, EventType]
    aliases: Mapping[str, str]
    fields: Mapping[str, Field]


def read_vocabulary(root: Node, diagnostics: Diagnostics) -> Vocabulary:
    """Read a mapping with `fields` and `events`."""
    top = _mapping(root, diagnostics)
    _only(top, ("fields", "events"), diagnostics)
    shared = {key.text: _field(value, diagnostics) for key, value in _entries(top, "fields", diagnostics)}
    return read_events(_entries(top, "events", diagnostics), shared, diagnostics)


def read_events(
    entries: Iterable[tuple[ScalarNode, Node]], shared: Mapping[str, Field], diagnostics: Diagnostics
) -> Vocabulary:
    """Read event types; a field without a type of its own has the one that is shared, or else is `any`."""
    types: dict[str, EventType] = {}
    aliases: dict[str, str] = {}
    for key, node in entries:
        _name(key, diagnostics)
        body = _mapping(node, diagnostics)
        _only(body, _TYPE_KEYS, diagnostics)
        types[key.text] = _event_type(key, body, shared, diagnostics)
        aliases |= dict.fromkeys(_names(body.get("also"), diagnostics), key.text)
    return Vocabulary(types, aliases, shared)


def _event_type(key: ScalarNode, body: MapNode, shared: Mapping[str, Field], diagnostics: Diagnostics) -> EventType:
    specs: dict[str, FieldSpec] = {}
    aliases: dict[str, str] = {}
    for name, node in _entries(body, "fields", diagnostics):
        _name(name, diagnostics)
        own, common = _field(node, diagnostics), shared.get(name.text, Field())
        kind = own.type or common.type or FieldType.ANY
        specs[name.text] = FieldSpec(
            name.text, kind, _default(own, kind, node, diagnostics), own.has_default, own.values
        )
        aliases |= dict.fromkeys((*common.also, *own.also), name.text)
    aliases = {other: name for other, name in aliases.items() if other not in specs}
    return EventType(
        key.text,
        specs,
        person=_person(body, specs, diagnostics),
        aliases=aliases,
        says=_says(body.get("says"), diagnostics),
        on_shift=_flag(body.get("on_shift"), diagnostics),
    )


def _field(node: Node, diagnostics: Diagnostics) -> Field:
    """Read `{}`, `bool` or `{type: bool, default: false, values: [...], also: [...]}`."""
    if isinstance(node, ScalarNode):
        return Field() if node.value is None else Field(_type(node, diagnostics))
    body = _mapping(node, diagnostics)
    _only(body, _FIELD_KEYS, diagnostics)
    said, default = body.get("type"), body.get("default")
    return Field(
        None if said is None else _type(said, diagnostics),
        _names(body.get("also"), diagnostics),
        default.value if isinstance(default, ScalarNode) else None,
        default is not None,
        _words(body.get("values"), diagnostics),
    )


def _type(node: Node, diagnostics: Diagnostics) -> FieldType | None:
    if not isinstance(node, ScalarNode):
        diagnostics.add("DR203", f"a {node.kind} stands where a type is wanted", node)
        return None
    text = node.text
    if text in _FIELD_TYPES:
        return _FIELD_TYPES[text]
    offered = list(_FIELD_TYPES)
    help_ = did_you_mean(text, offered) or f"one of {', '.join(map(quoted, offered))}"
    diagnostics.add("DR204", f"{quoted(text)} is no type of a field", node, help=help_)
    return None


def _default(field: Field, kind: FieldType, node: Node, diagnostics: Diagnostics) -> object:
    """Return the default as the decoder of events would give it."""
    if not field.has_default:
        return None
    value = field.default
    if kind not in _DEFAULTS or type(value) not in _DEFAULTS[kind] or (field.values and value not in field.values):
        diagnostics.add("DR203", f"the default {quoted(value)} is no value that the field can have", node)
        return None
    try:
        return decoded_default(value, kind)
    except ValueError:
        diagnostics.add("DR211", f"the default {quoted(value)} is no date", node, help="write `YYYY-MM-DD`")
        return None


def decoded_default(value: object, kind: FieldType) -> object:
    """Return a default that is written as a text or number, as the decoder of events would; raises `ValueError`."""
    if kind in {FieldType.NUMBER, FieldType.MONEY}:
        return Decimal(str(value))
    return dt.date.fromisoformat(str(value)) if kind is FieldType.DATE else value


def _person(body: MapNode, specs: Mapping[str, FieldSpec], diagnostics: Diagnostics) -> str | None:
    node = body.get("person")
    if node is None or (isinstance(node, ScalarNode) and node.text == NOBODY):
        return None
    name = node.text if isinstance(node, ScalarNode) else node.kind
    if name not in specs:
        diagnostics.add("DR302", f"the event type has no field {quoted(name)}", node, help=did_you_mean(name, specs))
        return None
    return name


def _says(node: Node | None, diagnostics: Diagnostics) -> Mapping[str, str]:
    if node is None:
        return {}
    return {key.text: value.text for key, value in _mapping(node, diagnostics).entries if isinstance(value, ScalarNode)}


def _flag(node: Node | None, diagnostics: Diagnostics) -> bool:
    if node is not None and not (isinstance(node, ScalarNode) and isinstance(node.value, bool)):
        diagnostics.add("DR203", f"a {node.kind} stands where `true` or `false` is wanted", node)
    return isinstance(node, ScalarNode) and node.value is True


def _names(node: Node | None, diagnostics: Diagnostics) -> tuple[str, ...]:
    for each in node.items if isinstance(node, SeqNode) else ():
        if isinstance(each, ScalarNode):
            _name(each, diagnostics)
    return _words(node, diagnostics)


def _words(node: Node | None, diagnostics: Diagnostics) -> tuple[str, ...]:
    if node is None:
        return ()
    if not isinstance(node, SeqNode):
        diagnostics.add("DR203", f"a {node.kind} stands where a list is wanted", node, help="write `[one, two]`")
        return ()
    for each in node.items:
        if not isinstance(each, ScalarNode):
            diagnostics.add("DR203", f"a {each.kind} stands where a word is wanted", each)
    return tuple(each.text for each in node.items if isinstance(each, ScalarNode))


def _name(key: ScalarNode, diagnostics: Diagnostics) -> None:
    if NAME.fullmatch(key.text) is None:
        message = f"{quoted(key.text)} is no name of an event type or field"
        diagnostics.add("DR216", message, key, help="use small letters, digits and `_`, beginning with a letter")


def _mapping(node: Node, diagnostics: Diagnostics) -> MapNode:
    if isinstance(node, MapNode):
        return node
    diagnostics.add("DR203", f"a {node.kind} stands where a mapping is wanted", node, help="write `key: value`")
    return MapNode((), node.place, node.end)


def _entries(body: MapNode, key: str, diagnostics: Diagnostics) -> tuple[tuple[ScalarNode, Node], ...]:
    node = body.get(key)
    return () if node is None else _mapping(node, diagnostics).entries


def _only(body: MapNode, known: tuple[str, ...], diagnostics: Diagnostics) -> None:
    for key, _ in body.entries:
        if key.text not in known:
            help_ = did_you_mean(key.text, known) or f"the keys here are {', '.join(map(quoted, known))}"
            diagnostics.add("DR201", f"the key {quoted(key.text)} has no meaning here", key, help=help_)
