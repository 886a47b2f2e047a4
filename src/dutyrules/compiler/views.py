"""What generated code sees where it stands: the fact at hand, its matter, its bearer, as pieces of Python."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from dutyrules.policies.model import FieldType

if TYPE_CHECKING:
    from collections.abc import Callable

    from dutyrules.policies.model import EventType, Record


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


@attrs.frozen
class View:
    """A fact as generated code sees it.

    `fields` gives the code that reads a field of the event behind the fact; `person` is whose fact it is; `time` an
    integer, `clock` its text; `causes` the ids that an outcome of it rests on. `facts` names what the fact is called in
    `lacks`. `current`: the fact happens now, so that its day is today. `began` is the text of the instant at which what
    set it off happened. `act` is the event that has fulfilled a duty, if this is its fulfilment.
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
    act: View | None = None

    @property
    def names(self) -> dict[str, str]:
        """Return the fields that the fact has beside those of its event."""
        return dict(self.extra)

    @property
    def event_date(self) -> str | None:
        """Return what reads the date that the event itself may name, None where it has no such field."""
        spec = self.event.fields.get("date")
        return self.fields("date") if spec is not None and spec.type is FieldType.DATE else None

    @property
    def own_date(self) -> str | None:
        """Return what reads the date that the record or event itself may name, None where it has no such field."""
        if self.matter is not None and self.matter.record.dated is not None:
            return f"iso({self.matter.variable}.opened)[:10]"
        return self.event_date

    @property
    def day(self) -> str:
        """Return the code of the day to which the fact belongs: a date, or its text."""
        own = self.own_date
        return f"{self.began}[:10]" if own is None else f"({own} or {self.began}[:10])"

    @property
    def matter_date(self) -> str | None:
        """Return the code of the date of a record that has one, None for others."""
        dated = self.matter is not None and self.matter.record.dated is not None
        return f"as_date({self.own_date})" if dated else None

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
