"""What a name may mean at one spot of a pack: the fields in reach there, and what the pack declares for all of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import attrs

from dutyrules.policies.model import FieldSpec, FieldType

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from dutyrules.calendars.durations import Duration

BOOL: Final = "bool"
NUMBER: Final = "number"
TEXT: Final = "text"
DATE: Final = "date"
TIME: Final = "time"
LIST: Final = "list"
ANY: Final = "any"

PERIODS: Final = ("day", "week", "half_month", "month", "quarter", "year")
RESERVED: Final = frozenset(
    (*PERIODS, "this", "act", "any", "open", "known", "true", "false", "none", "and", "or", "not", "in", "first")
)
_OF_FIELD: Final = {
    FieldType.TEXT: TEXT,
    FieldType.PERSON: TEXT,
    FieldType.BOOL: BOOL,
    FieldType.INT: NUMBER,
    FieldType.NUMBER: NUMBER,
    FieldType.MONEY: NUMBER,
    FieldType.DATE: DATE,
    FieldType.TIME: TIME,
    FieldType.MONTH: TEXT,
    FieldType.LIST: LIST,
    FieldType.ANY: ANY,
}
_WORDS: Final = {
    BOOL: "true or false",
    NUMBER: "a number",
    TEXT: "a text",
    DATE: "a date",
    TIME: "an instant",
    LIST: "a list",
    ANY: "anything",
}


@attrs.frozen
class ValueType:
    """The type of a value, and where it is one of a few texts, those."""

    name: str
    values: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """Say the type in plain words."""
        return _WORDS[self.name]

    def joined(self, other: ValueType) -> ValueType:
        """Return the type of a value that may be of either type."""
        if self == other:
            return self
        if self.name != other.name:
            return ValueType(ANY)
        both = tuple(dict.fromkeys((*self.values, *other.values))) if self.values and other.values else ()
        return ValueType(self.name, both)


def type_of_field(spec: FieldSpec) -> ValueType:
    """Return the type that a declared field has in expressions."""
    return ValueType(_OF_FIELD[spec.type], spec.values)


@attrs.frozen
class Fields:
    """Field names with their types, and other names that some have.

    `open` where a fault said elsewhere leaves the fields unknown, so that no name is refused.
    """

    known: Mapping[str, ValueType] = attrs.field(factory=dict)
    aliases: Mapping[str, str] = attrs.field(factory=dict)
    open: bool = False

    def canonical(self, name: str) -> str:
        """Return the name under which a field is kept."""
        return name if name in self.known else self.aliases.get(name, name)

    def get(self, name: str) -> ValueType | None:
        """Return a field's type, None where there is no such field."""
        return self.known.get(self.canonical(name)) or (ValueType(ANY) if self.open else None)

    def has(self, name: str) -> bool:
        """Tell whether there is surely such a field."""
        return self.canonical(name) in self.known

    def __contains__(self, name: object) -> bool:
        return self.open or (isinstance(name, str) and self.has(name))

    def beside(self, other: Fields) -> Fields:
        """Return these fields and, where they lack one, the other's, as a fact's matter has it."""
        known, aliases = {**other.known, **self.known}, {**other.aliases, **self.aliases}
        return Fields(known, aliases, self.open or other.open)

    def joined(self, other: Fields) -> Fields:
        """Return the fields of a thing that is of either sort; a field of both has the type that fits both."""
        return self.joined_with((other,))

    def joined_with(self, others: Iterable[Fields]) -> Fields:
        """Return the fields of a thing that is of this sort or any of the others."""
        known, aliases, is_open = dict(self.known), dict(self.aliases), self.open
        for other in others:
            for name, kind in other.known.items():
                mine = known.setdefault(name, kind)
                if mine is not kind:
                    known[name] = mine.joined(kind)
            for name, to in other.aliases.items():
                aliases.setdefault(name, to)
            is_open = is_open or other.open
        return Fields(known, aliases, is_open)


NO_FIELDS: Final = Fields()
EVERY_FACT: Final = Fields({"time": ValueType(TIME), "date": ValueType(DATE)})
PERIOD_FIELDS: Final = Fields(
    {"days": ValueType(NUMBER), "start": ValueType(DATE), "end": ValueType(DATE), "label": ValueType(TEXT)}
)


@attrs.frozen
class RecordShape:
    """The fields of a kind of record, its key and its links to other kinds."""

    name: str
    key: tuple[str, ...]
    fields: Fields
    links: Mapping[str, str] = attrs.field(factory=dict)


@attrs.frozen
class CountShape:
    """What a reader of a count must know: the most arguments it takes, and the names that its key needs around it."""

    name: str
    most_arguments: int
    needs: tuple[str, ...] = ()


@attrs.frozen
class ValueShape:
    """The type of a formula, and the names that it reads in whatever reads it."""

    name: str
    type: ValueType = ValueType(ANY)
    needs: tuple[str, ...] = ()


@attrs.frozen
class Declared:
    """What a whole pack declares.

    `durations` are the parameters that are one, None without a value; those `changing` have another from some date on.
    """

    records: Mapping[str, RecordShape] = attrs.field(factory=dict)
    parameters: Mapping[str, ValueType] = attrs.field(factory=dict)
    counts: Mapping[str, CountShape] = attrs.field(factory=dict)
    values: Mapping[str, ValueShape] = attrs.field(factory=dict)
    durations: Mapping[str, Duration | None] = attrs.field(factory=dict)
    changing: frozenset[str] = frozenset()


@attrs.frozen
class Scopes:
    """What names mean at one spot.

    `fact` holds the bare names; `matter` is the record that the rule is about; `this` the trigger as seen from inside a
    pattern (None: no trigger); `act` the fulfilling fact. `where` says in words what the bare names belong to.
    """

    declared: Declared
    fact: Fields = EVERY_FACT
    matter: str | None = None
    this: Fields | None = None
    act: Fields | None = None
    inside: bool = False
    where: str = "this fact"

    def within(self, fact: Fields, where: str) -> Scopes:
        """Return the scopes inside a pattern or `any()`: other bare names, the trigger under `this.`."""
        this = self.fact if self.this is None and not self.inside else self.this
        return attrs.evolve(self, fact=fact, this=this, inside=True, where=where)
