"""The vocabulary as it was read once: `events.json` saves every start the reading of `events.yaml`.

It carries the digest of the text that it was made from, so that one that is out of date is never believed.
`python -m dutyrules.vocabulary` writes it anew.
"""

from __future__ import annotations

import hashlib
from typing import Any, Final

import msgspec

from dutyrules.policies.model import EventType, FieldSpec, FieldType
from dutyrules.vocabulary.event_types import Field, Vocabulary, decoded_default

FILE: Final = "events.json"


def compiled(vocabulary: Vocabulary, source: bytes) -> bytes:
    """Return a vocabulary as JSON, one event type a line; `source` is the text that it was read from."""
    specs: dict[FieldSpec, int] = {}
    types: dict[str, Any] = {}
    for event in vocabulary.types.values():
        fields = [specs.setdefault(spec, len(specs)) for spec in event.fields.values()]
        types[event.name] = [fields, event.person, event.on_shift, dict(event.aliases), dict(event.says)]
    parts = {
        "source": _digest(source),
        "specs": [[spec.name, *_row(spec.type, spec)] for spec in specs],
        "fields": {name: [field.also, *_row(field.type, field)] for name, field in vocabulary.fields.items()},
        "aliases": dict(vocabulary.aliases),
        "types": types,
    }
    return b"{\n" + b",\n".join(_lines(name, part) for name, part in parts.items()) + b"\n}\n"


def read_compiled(data: bytes, source: bytes) -> Vocabulary | None:
    """Return the vocabulary that was made from `source`, None where this one was made from another text."""
    found = msgspec.json.decode(data)
    if found["source"] != _digest(source):
        return None
    specs = [_spec(*row) for row in found["specs"]]
    return Vocabulary(
        {name: _event(name, row, specs) for name, row in found["types"].items()},
        found["aliases"],
        {name: _field(*row) for name, row in found["fields"].items()},
    )


def _event(name: str, row: list[Any], specs: list[FieldSpec]) -> EventType:
    fields, person, on_shift, aliases, says = row
    return EventType(name, {specs[each].name: specs[each] for each in fields}, person, aliases, says, on_shift)


def _row(kind: FieldType | None, field: Field | FieldSpec) -> list[Any]:
    default = field.default if isinstance(field.default, bool | int | None) else str(field.default)
    return [kind, field.has_default, default, field.values]


def _spec(name: str, kind: str, has_default: bool, default: object, values: list[str]) -> FieldSpec:  # noqa: FBT001 - a row of the file
    read = FieldType(kind)
    return FieldSpec(name, read, decoded_default(default, read) if has_default else None, has_default, tuple(values))


def _field(also: list[str], kind: str | None, has_default: bool, default: object, values: list[str]) -> Field:  # noqa: FBT001 - a row of the file
    return Field(None if kind is None else FieldType(kind), tuple(also), default, has_default, tuple(values))


def _lines(name: str, part: object) -> bytes:
    encode = msgspec.json.encode
    if isinstance(part, dict) and part:
        rows = (encode(key) + b":" + encode(value) for key, value in part.items())
        return encode(name) + b":{\n" + b",\n".join(rows) + b"\n}"
    return encode(name) + b":" + encode(part)


def _digest(source: bytes) -> str:
    return hashlib.sha256(source).hexdigest()
