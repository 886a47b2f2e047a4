"""Events as a generated program gets them: a class per type, and the first lines of its handler."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from dutyrules.compiler.views import named
from dutyrules.policies.model import FieldType

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dutyrules.compiler.sections import Part, Writer
    from dutyrules.policies.model import EventType, FieldSpec

JSON_TYPES: Final = {
    FieldType.TEXT: "str",
    FieldType.PERSON: "Name",
    FieldType.BOOL: "bool",
    FieldType.INT: "Whole",
    FieldType.TIME: "str",
    FieldType.DATE: "str",
    FieldType.MONTH: "str",
}
"""Types of fields that are decoded at once; events with others are left to the decoder of events."""

FIGURES: Final = frozenset({FieldType.NUMBER, FieldType.MONEY})
READ_TYPES: Final = {
    **JSON_TYPES,
    FieldType.LIST: "tuple[str, ...]",
    FieldType.NUMBER: "Figure",
    FieldType.MONEY: "Figure",
}
"""Types of fields that are decoded where a rule reads them: lists of texts, figures as they are written."""

SLIM: Final = "gc=False, omit_defaults=True"
"""How events are kept; what is not said is not written either, so that an event is as long as the line it was."""

LOOKED_AT: Final = {
    FieldType.DATE: "clock.date",
    FieldType.MONTH: "clock.month",
    FieldType.NUMBER: "figure",
    FieldType.MONEY: "figure",
}
"""What looks closer at a text that has been decoded."""


def own(event: EventType, name: str) -> str:
    """Return the local variable that holds a field of the event at hand."""
    return "p" if name == person_of(event) else attribute(name)


def attribute(name: str) -> str:
    """Return the attribute of the decoded event that holds a field."""
    return named("d", name)


def person_of(event: EventType) -> str:
    """Return the name of the field that says whose event it is."""
    return event.person or "person"


def reads(body: str, name: str) -> bool:
    """Tell whether lines use a variable."""
    return re.search(rf"\b{re.escape(name)}\b", body) is not None


# --- classes ----------------------------------------------------------------------------------------------------------


def event_class(out: Writer, event: EventType, read: set[str]) -> None:
    """Write the class of a type with the fields that rules read."""
    data = named("Data", event.name)
    renames = {attribute(spec.name): spec.name for spec in _decoded(event, read)}
    with out.spaced(f"class {data}(Struct, frozen=True, {SLIM}, forbid_unknown_fields=True, rename={renames!r}):"):
        _fields(out, [spec for spec in _decoded(event, read) if spec.name in read])
    with out.spaced(f'class {named("Event", event.name)}(Struct, {SLIM}, tag_field="type", tag={event.name!r}):'):
        out("id: str")
        out("time: str")
        out("subject: str | None = None")
        out(f"data: {data} = {data}()")
        out('specversion: str = "1.0"')


def full_class(out: Writer, event: EventType, read: set[str]) -> None:
    """Write the class of a type with all its fields, and the function that looks at those that no rule reads."""
    data, name = named("Rest", event.name), named("All", event.name)
    more = [spec for spec in _decoded(event, read) if spec.name not in read]
    out("")
    with out.under(f"class {data}({named('Data', event.name)}, frozen=True, gc=False):"):
        _fields(out, more)
    out("")
    with out.under(f'class {name}({named("Event", event.name)}, gc=False, tag_field="type", tag={event.name!r}):'):
        out(f"data: {data} = {data}()")
    looks = [spec for spec in more if spec.type in LOOKED_AT or spec.type is FieldType.TIME]
    if looks:
        out("")
        with out.under(f"def {named('check', event.name)}(d):"):
            for spec in looks:
                with out.under(f"if d.{attribute(spec.name)} is not None:"):
                    out(f"{LOOKED_AT.get(spec.type, 'clock.read')}(d.{attribute(spec.name)})")
        out("")
        out(f"checks[{name}] = {named('check', event.name)}")


def _fields(out: Writer, fields: list[FieldSpec]) -> None:
    for spec in fields:
        default = repr(spec.default) if spec.has_default and spec.default is not None else None
        out(f"{attribute(spec.name)}: {_json_type(spec)}{' | None = None' if default is None else f' = {default}'}")
    if not fields:
        out("pass")


def _decoded(event: EventType, read: set[str]) -> list[FieldSpec]:
    """Return the fields that are decoded at once, where those of some names are read."""
    return [spec for spec in event.fields.values() if spec.type in (READ_TYPES if spec.name in read else JSON_TYPES)]


def _json_type(spec: FieldSpec) -> str:
    if spec.values and spec.type is FieldType.TEXT:
        return f"Literal[{', '.join(map(repr, spec.values))}]"
    return READ_TYPES[spec.type]


# --- the first lines of a handler -------------------------------------------------------------------------------------


def head(part: Part, known: Iterable[str], body: str) -> list[str]:
    """Return the lines that take an event apart for a body; `known` are the fields that have been decoded."""
    event = part.view.event
    person = person_of(event)
    used = [name for name in event.fields if name != person and reads(body, own(event, name))]
    looked = [event.fields[name] for name in event.fields if name in known and _is_looked_at(event, name)]
    lines = ["c = e.id"]
    if person in event.fields or used or looked:
        lines.append("d = e.data")
    if person in event.fields:
        lines += [f"p = d.{attribute(person)}", "if p is None:", "    p = e.subject"]
    else:
        lines.append("s = e.subject")
    lines += [f"{own(event, name)} = d.{attribute(name)}" for name in used]
    for spec in looked:
        lines += _look(spec, used=spec.name in used)
    return lines


def _is_looked_at(event: EventType, name: str) -> bool:
    kind = event.fields[name].type
    return name != person_of(event) and (kind in LOOKED_AT or kind is FieldType.TIME)


def _look(spec: FieldSpec, *, used: bool) -> list[str]:
    """Return the lines that look closer at a field and, where it is used, keep what it says."""
    name = attribute(spec.name)
    lines = [] if used else [f"{name} = d.{name}"]
    lines.append(f"if {name} is not None:")
    if spec.type in LOOKED_AT:
        return [*lines, f"    {f'{name} = ' if used else ''}{LOOKED_AT[spec.type]}({name})"]
    read = f"instant({name}) or clock.read({name})[0]"
    return [*lines, f"    {f'{name} = ' if used else ''}{read}"]
