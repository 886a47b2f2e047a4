"""The functions of a program as text, simplified, and the slots of what they keep."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

import attrs

from dutyrules.compiler.forms import Forms
from dutyrules.compiler.incoming import JSON_TYPES, head, own, person_of, reads
from dutyrules.compiler.joining import texts_of, with_joined_keys
from dutyrules.compiler.making import slot_by_slot
from dutyrules.compiler.pruning import pruned
from dutyrules.compiler.retaining import attached, looked_up
from dutyrules.compiler.sections import Writer
from dutyrules.compiler.simplify import simplified
from dutyrules.compiler.state import BEGUN, CLOSED, GONE, SEEN, field_slot
from dutyrules.compiler.views import named

if TYPE_CHECKING:
    from dutyrules.compiler.handlers import Handlers
    from dutyrules.compiler.pruning import Slots
    from dutyrules.compiler.sections import Part

READ_ELSEWHERE: Final = frozenset({SEEN, BEGUN, CLOSED, GONE, "state", "cause", "person", "record", "due"})
"""Slots that the loop reads, or what lets go of what is past."""


@attrs.frozen
class Made:
    """The forms, the lines of all functions, the slots of what they keep by its class, and which classes are plain."""

    forms: list[str]
    functions: list[list[str]]
    slots: Slots
    plain: set[str]


class Functions:
    """Makes text of what has been written about a program's events, and of what waits."""

    def __init__(self, handlers: Handlers) -> None:
        self._handlers = handlers
        self._state = handlers.state
        self._kept = handlers.kept()

    def made(self) -> Made:
        """Return the lines of all functions, and what they keep."""
        all_ = self._handlers
        written = [
            *(self._function(one, f"def {one.name}(e, t):", self._head(one)) for one in all_.events),
            *(self._function(one.part, f"def {one.part.name}(o, x):", ["c = o.cause"]) for one in all_.all_waiting()),
            *(self._function(one, f"def {one.name}(t, x):", ["c = ''"]) for one in all_.begins),
        ]
        slots: Slots = {
            use.class_name: ("name", "tail", *map(field_slot, use.fields), *use.links, *use.slots)
            for use in self._state.records.values()
        }
        needed = set(READ_ELSEWHERE)
        for family in all_.writer.families:
            mine = family.slots()
            slots |= mine
            needed |= {slot for one in mine.values() for slot in one if family.kept_whole}
        trees, kept = pruned([ast.parse("\n".join(one)) for one in written if one], slots, needed)
        if not all_.careful:
            ties = [(named("count", name), use.table) for name, use in attached(self._state).items()]
            trees = with_joined_keys(trees, texts_of(all_.pack), ties)
        duties = [one for one in all_.writer.duties.values() if one.merged]
        merged = {one.class_name: self._state.use(str(one.rule.about)).class_name for one in duties}
        trees, classes, plain = slot_by_slot(trees, kept, merged)
        forms = Forms()
        trees = [forms.visit(tree) for tree in trees]
        return Made(
            [*forms.lines()],
            [ast.unparse(ast.fix_missing_locations(tree)).splitlines() for tree in trees],
            classes,
            plain,
        )

    def read(self, part: Part) -> set[str]:
        """Return the fields to decode at once: those that handlers of a type look at, and the pack's own."""
        event, body = part.view.event, part.body
        found = {spec.name for spec in event.fields.values() if reads(body, own(event, spec.name))}
        found |= {name for one in self._kept if one.is_made(body) for name in one.fields}
        own_fields = self._handlers.declared("events", event.name, "fields") | {person_of(event)}
        found |= {name for name in own_fields & event.fields.keys() if event.fields[name].type in JSON_TYPES}
        return found & event.fields.keys()

    def _head(self, part: Part) -> list[str]:
        """Return the lines that take the event of a part apart."""
        return head(part, "\n".join(self._filled(line, part) for line in part.body.splitlines()))

    def _function(self, part: Part, signature: str, begin: list[str]) -> list[str]:
        if part.is_idle:
            return []
        used = "\n".join(part.rules.lines)
        flags = [one.flag for one in part.breaches.values()]
        idle = {f"{flag} = True" for flag in flags if f"if {flag}:" not in used}
        whole = Writer()
        with whole.under(signature):
            whole.all("\n".join([*begin, *map(_left, part.facts.lines)]))
            for place, name in part.section.lookups.items():
                if name not in part.section.written:
                    whole(f"{name} = {place}")
                    looked_up(whole, self._state, place, name)
            for flag in flags:
                if f"{flag} = True" not in idle:
                    whole(f"{flag} = False")
            for line in part.rules.lines:
                if line.strip() not in idle:
                    whole(_left(self._filled(line, part)))
        return simplified(whole.lines)

    def _filled(self, line: str, part: Part) -> str:
        """Return a line with all that is kept of the trigger."""
        for one in self._kept:
            line = one.filled(line, part) if one.is_made(line) else line
        return line


def _left(line: str) -> str:
    """Return a line of a part, whose lines stand two steps in, as one that stands at the margin."""
    return line.removeprefix("        ")
