"""What generated code sees where it stands: the fact at hand, its matter, its bearer, as pieces of Python."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import attrs

from dutyrules.policies.model import FieldType

if TYPE_CHECKING:
    from collections.abc import Callable

    from dutyrules.policies.model import EventType, Record


def named(prefix: str, name: str) -> str:
    """Return a Python name for something of a pack, legible where the name is Latin."""
    plain = re.sub(r"[^0-9A-Za-z]", "_", name)
    clash = "" if re.fullmatch(r"[0-9a-zA-Z]+(_[0-9a-zA-Z]+)*", name) else f"_{sum(map(ord, name)) % 9973}"
    return f"{prefix}_{plain}{clash}"


class NotStreamable(Exception):
    """A rule needs something that a single pass in order of time cannot give; the reason is for people."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@attrs.frozen
class MatterView:
    """A record at hand: its kind and the variable that holds its state."""

    record: Record
    variable: str

    @property
    def body(self) -> str:
        """Return the body of an f-string that names the record."""
        return f"{self.record.name}:{{{self.variable}.name}}"

    @property
    def date(self) -> str:
        """Return what reads the date of a record that has one: as text where it is that of its opening."""
        if self.record.dated == "opened":
            return f"iso({self.variable}.opened)[:10]"
        return f"{self.variable}.{named('f', str(self.record.dated))}"


@attrs.frozen
class View:
    """A fact as generated code sees it.

    `fields` gives the code that reads a field of the event behind the fact; `person` is whose fact it is; `time` an
    integer, `clock` its text; `causes` the ids that an outcome of it rests on. `facts` names what the fact is called in
    `lacks`. `current`: the fact happens now, so that its day is today. `began` is the text of the instant at which what
    set it off happened; `dates` are fields that may give its day, each with others that have to be there too. `act` is
    the event that has fulfilled a duty, if this is its fulfilment. `of_day` is the code of the date of a day that is
    looked at as a whole. `whose` is whose fact it is where somebody else bears what follows from it.
    """

    event: EventType
    fields: Callable[[str], str]
    time: str
    clock: str
    person: str
    matter_id: str
    causes: tuple[str, ...]
    root: str
    matter: MatterView | None = None
    extra: tuple[tuple[str, str], ...] = ()
    outcome_of: str | None = None
    current: bool = True
    began: str = "x"
    dates: tuple[tuple[str, tuple[str, ...]], ...] = ()
    act: View | None = None
    of_day: str | None = None
    whose: str | None = None

    @property
    def names(self) -> dict[str, str]:
        """Return the fields that the fact has beside those of its event."""
        return dict(self.extra)

    @property
    def stated_date(self) -> str | None:
        """Return what reads the event's own date, None where it has no such field."""
        spec = self.event.fields.get("date")
        return self.fields("date") if spec is not None and spec.type is FieldType.DATE else None

    @property
    def keyed_dates(self) -> list[str]:
        """Return what reads the dates of records whose key the event carries."""
        found = []
        for name, others in self.dates:
            if all(one in self.event.fields for one in (name, *others)):
                known = " and ".join(f"{self.fields(one)} is not None" for one in others)
                found.append(f"({self.fields(name)} if {known} else None)" if known else self.fields(name))
        return found

    @property
    def event_date(self) -> str | None:
        """Return what reads the date that the event itself may name, None where it has no such field."""
        stated = self.stated_date
        ways = [*([] if stated is None else [stated]), *self.keyed_dates]
        return f"({' or '.join(ways)})" if len(ways) > 1 else next(iter(ways), None)

    @property
    def own_date(self) -> str | None:
        """Return what reads the date that the record or event itself may name, None where it has no such field."""
        if self.matter is not None and self.matter.record.dated is not None:
            return self.matter.date
        return self.event_date

    @property
    def day(self) -> str:
        """Return the code of the day to which the fact belongs: a date, or its text."""
        own = self.own_date
        return f"{self.began}[:10]" if own is None else f"({own} or {self.began}[:10])"

    @property
    def matter_date(self) -> str | None:
        """Return the code of the date of a record that has one, None for others."""
        if self.matter is None or self.matter.record.dated is None:
            return None
        return f"as_date({self.matter.date})" if self.matter.record.dated == "opened" else self.matter.date

    @property
    def began_date(self) -> str:
        """Return the code of the date on which what set it off happened."""
        return f"as_date({self.began}[:10])"

    @property
    def date(self) -> str:
        """Return the code of the day to which the fact belongs, as a date."""
        if self.matter_date is not None or self.event_date is None:
            return self.matter_date or self.began_date
        return f"({self.event_date} or {self.began_date})"

    @property
    def month(self) -> str:
        """Return the code of the month to which the fact belongs."""
        own = self.own_date
        return f"{self.began}[:7]" if own is None else f"str({own} or {self.began})[:7]"

    @property
    def today(self) -> tuple[str, ...]:
        """Return what is None where the event names another day than that of its time."""
        own = self.own_date
        return () if own is None else (f"(True if {own} is None or str({own}) == {self.began}[:10] else None)",)


@attrs.define
class Code:
    """A piece of Python, and the parts of it that may be None where a value is not known."""

    text: str
    maybe: tuple[str, ...] = ()

    def with_(self, text: str, *others: Code) -> Code:
        """Return other text that rests on this and other pieces."""
        found = dict.fromkeys(self.maybe)
        for one in others:
            found |= dict.fromkeys(one.maybe)
        return Code(text, tuple(found))


def joined(pieces: list[Code]) -> tuple[str, ...]:
    """Return all parts of several pieces that may be None, each once."""
    return tuple(dict.fromkeys(part for piece in pieces for part in piece.maybe))
