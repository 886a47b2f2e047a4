"""What is kept of a fact for later: of what opens a duty, of what can be taken back, of acts that come too early."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import attrs

from dutyrules.compiler.state import dates_of
from dutyrules.compiler.views import View, named

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dutyrules.compiler.sections import Part
    from dutyrules.policies.model import EventType, Pack, Rule

SLOTS: Final = ("state", "cause", "since", "person", "record", "at", "owner")
"""What is kept of each: whether it waits, its id and instant, the bearer, its record, and whose fact it was."""


@attrs.define
class Kept:
    """What is kept of the facts that set a rule off, or of its acts: their fields that are read, and `more` slots.

    `by` are the parts of its record's key by which a duty is found too. `merged`: the record itself holds it, as the
    only duty that a record of its kind ever has.
    """

    rule: Rule
    prefix: str = "Duty"
    fields: dict[str, None] = attrs.field(factory=dict)
    more: dict[str, None] = attrs.field(factory=dict)
    by: dict[tuple[str, ...], None] = attrs.field(factory=dict)
    merged: bool = False

    @property
    def class_name(self) -> str:
        """Return the name of the class that holds one."""
        return named(self.prefix, self.rule.id)

    @property
    def slot(self) -> str:
        """Return the attribute of the record that is None until there is one."""
        return "state" if self.merged else named("duty", self.rule.id)

    def owed_of(self, record: str) -> str:
        """Return what tells whether a duty of a record may still be done, with the duty in `o`."""
        return f"(o := {record}).state" if self.merged else f"(o := {record}.{self.slot}) is not None and o.state"

    @property
    def slots(self) -> tuple[str, ...]:
        """Return the attributes of one."""
        return (*SLOTS, *self.more, *map(_told, self.fields))

    def record_of(self, variable: str) -> str:
        """Return the code of the record of one, which a variable holds."""
        return variable if self.merged else f"{variable}.record"

    @property
    def _mark(self) -> str:
        """Return what stands for the fields where one is made, until all of them are known."""
        return f"@{self.class_name}@)"

    def made(self, part: Part, view: View, more: Mapping[str, str]) -> str:
        """Return the call that keeps the fact of a part, seen in a view, with the values of more slots."""
        self.more |= dict.fromkeys(more)
        part.opened[self.class_name] = part.view
        for name in self.fields:
            if name in part.view.event.fields:
                part.view.fields(name)
        record = "None" if view.matter is None else view.matter.variable
        values = ["1", "c", view.clock, view.person, record, "t", part.view.person, *more.values()]
        return f"{self.class_name}({', '.join(values)}{self._mark}"

    def is_made(self, text: str) -> bool:
        """Tell whether one is made in some lines."""
        return self._mark in text

    def filled(self, line: str, part: Part) -> str:
        """Return a line of a part with the fields in their place."""
        view = part.opened.get(self.class_name, part.view)
        values = [view.fields(name) if name in view.event.fields else "None" for name in self.fields]
        return line.replace(self._mark, "".join(f", {value}" for value in values) + ")")

    def view(self, pack: Pack, event: EventType, variable: str = "o") -> View:
        """Return how the fact looks later on, as a variable holds it."""

        def read(name: str) -> str:
            self.fields[name] = None
            return f"{variable}.{_told(name)}"

        return View(
            event,
            read,
            time=f"{variable}.at",
            clock="x",
            person=f"{variable}.owner",
            matter_id=f"event:{{{variable}.name}}",
            causes=(f"{variable}.cause",),
            root=f"{variable}.cause",
            current=False,
            began=f"{variable}.since",
            dates=dates_of(pack, event),
        )


def _told(name: str) -> str:
    """Return the attribute that holds a field of a fact; what holds it may be a record with a field of that name."""
    return named("told", name)
