"""Events as a generated program gets them: the fields of each type, and the first lines of its handler."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Final

from dutyrules.compiler.views import named
from dutyrules.policies.model import FieldType

if TYPE_CHECKING:
    from dutyrules.compiler.sections import Part
    from dutyrules.policies.model import EventType, FieldSpec

JSON_TYPES: Final = frozenset(FieldType) - {FieldType.NUMBER, FieldType.MONEY, FieldType.LIST, FieldType.ANY}
"""Types of fields that are decoded at once; events with others are left to the decoder of events."""

FIGURES: Final = frozenset({FieldType.NUMBER, FieldType.MONEY})
READ_TYPES: Final = JSON_TYPES | FIGURES | {FieldType.LIST}
"""Types of fields that are decoded where a rule reads them: lists of texts, figures as they are written."""

PERSONS: Final = frozenset({FieldType.PERSON, FieldType.TEXT})
"""Types of fields that may say whose an event is."""

LOOKED_AT: Final = {
    FieldType.DATE: "clock.date",
    FieldType.MONTH: "clock.month",
    FieldType.NUMBER: "figure",
    FieldType.MONEY: "figure",
}
"""What makes of a value that has been read what rules read of it."""


def own(event: EventType, name: str) -> str:
    """Return the local variable that holds a field of the event at hand."""
    return "p" if name == person_of(event) else attribute(name)


def attribute(name: str) -> str:
    """Return the local variable that holds a field which does not say whose an event is."""
    return named("d", name)


def slot_of(event: EventType, name: str) -> str:
    """Return the slot of the event at hand that holds a field."""
    return "whose" if name == person_of(event) else attribute(name)


def person_of(event: EventType) -> str:
    """Return the name of the field that says whose event it is."""
    return event.person or "person"


def reads(body: str, name: str) -> bool:
    """Tell whether lines use a variable."""
    return re.search(rf"\b{re.escape(name)}\b", body) is not None


def oddity(event: EventType) -> str | None:
    """Return why it takes the engine to read events of a type, None where it does not."""
    whose = event.fields.get(person_of(event))
    if whose is not None and (whose.type not in PERSONS or whose.has_default):
        return f"`{whose.name}` says whose `{event.name}` is, and is {whose.type.value} or has a default"
    bound = (
        spec.name
        for spec in event.fields.values()
        if spec.values and (spec.type is not FieldType.TEXT or spec is whose)
    )
    return next((f"`{name}` of `{event.name}` may only be one of some texts" for name in bound), None)


# --- fields -----------------------------------------------------------------------------------------------------------


def fields(event: EventType, read: set[str], *, rest: bool = False) -> str:
    """Return as Python what is decoded of a type: the fields that rules read, or the `rest`; see `reading.Field`."""
    person = person_of(event)
    wanted = [
        spec
        for spec in event.fields.values()
        if (spec.name in read) is not rest and spec.type in (JSON_TYPES if rest else READ_TYPES)
    ]
    wanted.sort(key=lambda spec: spec.name != person)
    return f"{{{', '.join(f'{spec.name!r}: {_said(event, spec)!r}' for spec in wanted)}}}"


def _said(event: EventType, spec: FieldSpec) -> tuple[object, ...]:
    said = (slot_of(event, spec.name), spec.type.value)
    usual = spec.default if spec.has_default else None
    if isinstance(usual, dt.date):
        usual = usual.isoformat()  # as an event says it
    return (*said, usual, spec.values) if spec.values else (*said, usual) if usual is not None else said


# --- the first lines of a handler -------------------------------------------------------------------------------------


def head(part: Part, body: str) -> list[str]:
    """Return the lines that take an event apart for a body."""
    event = part.view.event
    person = person_of(event)
    used = [name for name in event.fields if name != person and reads(body, own(event, name))]
    lines = ["c = e.id"]
    if reads(body, "x"):
        lines.append("x = e.time")
    lines.append(f"{'p' if person in event.fields else 's'} = e.whose")
    lines += [f"{own(event, name)} = e.{attribute(name)}" for name in used]
    for name in used:
        lines += _look(event.fields[name])
    return lines


def _look(spec: FieldSpec) -> list[str]:
    """Return the lines that make of a field what rules read of it."""
    if spec.type not in LOOKED_AT:
        return []
    name = attribute(spec.name)
    return [f"if {name} is not None:", f"    {name} = {LOOKED_AT[spec.type]}({name})"]
