"""Where persons stand in events, and which words are the pack's own and name nobody."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, cast

import attrs

from dutyrules.policies.model import Dated, FieldType
from dutyrules.policies.syntax import Literal, Who
from dutyrules.policies.walk import walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dutyrules.events import Event
    from dutyrules.policies.model import EventType, Pack

# Fields of the vocabulary that are texts or lists for the rules and persons, or what leads to one, for everybody else.
NAMING: Final = frozenset(
    {
        "attendees",
        "caller_number",
        "contact",
        "customer",
        "customer_name",
        "guest",
        "guest_name",
        "id_document",
        "incoming_names",
        "member",
        "members",
        "phone",
        "signed_by",
        "staff_no",
        "student",
    }
)
LOOKED_INTO: Final = frozenset({FieldType.TEXT, FieldType.LIST, FieldType.ANY})
# Fields that name a rule or a part of it; and fields that a bearer may be read from that hold more than persons.
CODES: Final = frozenset({"code", "norm", "period", "step"})
NO_PERSONS: Final = frozenset({"about", "branch", "carrier_kind", "department", "dept", "office", "unit"})
_SAID: Final = frozenset({"says", "place", "title", "file", "source"})


@attrs.frozen
class PackWords:
    """What a pack says of persons: words that are its own, offices that it forms, fields of bearers, rules."""

    words: frozenset[str]
    offices: tuple[str, ...]
    bearers: frozenset[str]
    rules: frozenset[str] = frozenset()

    @classmethod
    def of(cls, *packs: Pack) -> PackWords:
        """Gather them from packs."""
        parts = [part for pack in packs for part in _every((pack.rules, pack.records, pack.counts, pack.values))]
        parts += [part for pack in packs for part in _every((pack.ladders, pack.parameters))]
        who = [part for part in parts if isinstance(part, Who)]
        literals = (part.value for part in parts if isinstance(part, Literal))
        given = (value for part in parts if isinstance(part, Dated) for _, value in part.values)
        return cls(
            words=frozenset(
                (
                    *(name for pack in packs for name in (*pack.roles, *pack.shifts, *pack.seasons)),
                    *(one.office for one in who if one.office is not None),
                    *_texts((*literals, *given)),
                )
            ),
            offices=tuple(sorted({f"{one.office}-" for one in who if one.office and one.of is not None})),
            bearers=frozenset(name for one in who for name in _read_names(one)) - NO_PERSONS,
            rules=frozenset(name for pack in packs for name in pack.rules),
        )

    def own(self, text: str) -> bool:
        """Tell whether a text is a word of the pack, such as an office, and no person's name."""
        return text in self.words or text.startswith(self.offices)

    def persons_of(self, event: Event, kind: EventType) -> Iterator[str]:
        """Yield the persons whom an event names in a field that is made for them."""
        if self.has_person_as_subject(event, kind) and event.subject is not None:
            yield event.subject
        for name, value in event.data.items():
            if self.names_persons(event, kind, name):
                yield from (text for text in _texts(value) if not self.own(text))

    def has_person_as_subject(self, event: Event, kind: EventType) -> bool:
        """Tell whether the subject of an event is a person."""
        return event.subject is not None and (kind.person or "person") in kind.fields and not self.own(event.subject)

    def names_persons(self, event: Event, kind: EventType, field: str) -> bool:
        """Tell whether a field of an event says who somebody is."""
        spec = kind.fields.get(field)
        if spec is not None and spec.type is FieldType.PERSON:
            return True
        if not self.may_hold_names(kind, field):
            return False
        if field == "about" and event.type == "finding":
            return "person" not in event.data and ":" not in str(event.data[field])  # else it is a matter's id
        return field in NAMING or field in self.bearers

    def may_hold_names(self, kind: EventType, field: str) -> bool:
        """Tell whether a field is one that may hold names among other things."""
        spec = kind.fields.get(field)
        if field in CODES:
            return False
        return spec is None or (spec.type in LOOKED_INTO and not spec.values)


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        if value.strip():
            yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, tuple | list):
        for each in value:
            yield from _texts(each)


def _every(value: object) -> Iterator[object]:
    """Yield every record that a part of a pack is made of, what is only there to be read left out."""
    if isinstance(value, Mapping):
        for each in value.values():
            yield from _every(each)
    elif isinstance(value, tuple | list):
        for each in value:
            yield from _every(each)
    elif attrs.has(type(value)):
        yield value
        for field in attrs.fields(cast("type[attrs.AttrsInstance]", type(value))):
            if field.name not in _SAID:
                yield from _every(getattr(value, field.name))


def _read_names(who: Who) -> Iterator[str]:
    """Yield the name of the field that a bearer is read from."""
    if who.field is not None:
        yield from (name for part in walk(who.field.tree) if isinstance(name := getattr(part, "name", None), str))
