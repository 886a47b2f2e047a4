"""What an event does to records: it opens them, changes fields that rules read, marks that it has happened."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dutyrules.compiler.certainty import Certainty
from dutyrules.compiler.joining import NAME, TEXTS
from dutyrules.compiler.links import follow
from dutyrules.compiler.locality import is_patient
from dutyrules.compiler.retaining import still_known
from dutyrules.compiler.state import BEGUN, CLOSED, SEEN, field_slot, is_mixed, kept_for, place_of, roles_of
from dutyrules.compiler.views import Code

if TYPE_CHECKING:
    from dutyrules.compiler.expressions import Translator
    from dutyrules.compiler.sections import Part
    from dutyrules.compiler.state import RecordUse, State
    from dutyrules.policies.model import EventType, Record
    from dutyrules.policies.syntax import Pattern


class RecordWriter:
    """Writes what events do to records; `careful`: values of keys may hold what a name escapes."""

    def __init__(self, state: State, say: Translator, *, careful: bool) -> None:
        self._state = state
        self._say = say
        self._careful = careful
        self._certainty = Certainty(state, say)

    def write(self, part: Part, event: EventType) -> None:
        """Write what an event does to each kind of record that it opens or changes."""
        with part.facts.keeping():
            for use in self._state.records.values():
                if any(roles_of(use.record, event.name)):
                    self._touch(part, event, use)

    def _touch(self, part: Part, event: EventType, use: RecordUse) -> None:
        """Write what an event does to a kind of record."""
        opens, updates, closes = roles_of(use.record, event.name)
        key = [self._say.bare(name, part.view).text for name in use.record.key]
        self._state.reached(use.table, key)
        if is_mixed(use.record, event.name):
            self._by_role(part, event, use, key)
            return
        met = self._condition(part, [*opens, *updates, *closes])
        alone = opens and not closes and not updates
        if (met and alone) or (is_patient(self._state) and (alone or len(key) == 1)):
            # what lacks a part of the key opens nothing, and what lacks all of it touches nothing
            met = " and ".join([*(f"{one} is not None" for one in key), *([met] if met else [])])
        else:
            part.facts.sure(tuple(key), use.record.name)
        self._find(part, use, key)
        self._one(part, event, use, key, met, opens=bool(opens), closes=bool(closes))

    def _by_role(self, part: Part, event: EventType, use: RecordUse, key: list[str]) -> None:
        """Write what an event does that may open, change or close a record, each under a condition of its own.

        What closes a record changes it too, and so does what would open one that is open. What opens one and closes it
        at once goes to the engine.
        """
        out = part.facts
        opens, updates, closes = (
            (self._condition(part, one) or "True") if one else None for one in roles_of(use.record, event.name)
        )
        out.sure(tuple(key), use.record.name)
        self._find(part, use, key)
        if opens and closes:
            with out.under(f"if {opens} and {closes}:"):
                out(f"raise Unsure({use.record.name!r}, c)")
        before = "if"
        for role, met in (("opens", opens), ("closes", closes), ("updates", updates)):
            if met:
                with out.under(f"{before} {met}:"):
                    self._one(part, event, use, key, None, opens=role == "opens", closes=role == "closes")
                    out.fill()
                before = "elif"

    def _find(self, part: Part, use: RecordUse, key: list[str]) -> None:
        """Write that the record under the key of an event is looked up."""
        found = self._state.found(use.record, [Code(one) for one in key])
        self._state.section.written.add(found)
        part.facts(f"{found} = {use.table}.get({_place(key)})")

    def _one(
        self,
        part: Part,
        event: EventType,
        use: RecordUse,
        key: list[str],
        met: str | None,
        *,
        opens: bool,
        closes: bool,
    ) -> None:
        """Write what an event does to the record under its key, which has been looked up."""
        out, record, place = part.facts, use.record, _place(key)
        found = self._state.found(record, [Code(one) for one in key])
        changes = any(name == event.name or (name in event.fields and name not in record.key) for name in use.fields)
        ends = kept_for(self._state.pack, record.name) is not None
        if ends:
            use.slots.setdefault(BEGUN, "t")
            use.slots.setdefault(SEEN, "t")
        depth = out.depth
        if met and (opens or changes or ends or closes):
            out(f"if {met}:")
            out.depth += 1
        if record.closes:
            use.slots.setdefault(CLOSED, "None")
            if opens:
                self._again(part, use, found)
        if opens:
            with out.under(f"if {found} is None:"):
                if ends:
                    still_known(out, use, place)
                follow(out, self._state, use, key)
                values = self._opening(part, use, event, key)
                out(f"{found} = {use.table}[{place}] = {use.class_name}({', '.join(values)})")
                self._list(part, use, found, key)
        if changes or ends or closes:
            known = f"if {found} is not None and not {found}.{CLOSED}:" if record.closes else f"if {found} is not None:"
            with out.under("else:" if opens else known):
                if ends:
                    out(f"{found}.{SEEN} = t")
                self._changes(part, event, use, found)
                if closes:
                    out(f"{found}.{CLOSED} = t")
        if ends and not opens:
            still_known(out, use, place, "elif")
        out.depth = depth

    def _again(self, part: Part, use: RecordUse, found: str) -> None:
        """Write that a record which was closed begins anew where it opens again.

        What is still owed of the one that was closed goes to the engine, and so does what is closed and opened in one
        instant.
        """
        out, record = part.facts, use.record
        if BEGUN in use.slots:
            use.slots[BEGUN] = BEGUN
            out(f"{BEGUN} = t")
        with out.under(f"if {found} is not None and {found}.{CLOSED}:"):
            with out.under(f"if {found}.{CLOSED} == t:"):
                out(f"raise Unsure({record.name!r}, c)")
            if "state" in use.slots:
                with out.under(f"if {found}.state:"):
                    out(f"raise Unsure({record.name!r}, c)")
            for slot in [one for one in use.slots if one.startswith("duty_")]:
                with out.under(f"if (o := {found}.{slot}) is not None:"):
                    with out.under("if o.state:"):
                        out(f"raise Unsure({record.name!r}, c)")
                    out("o.record = None")
            if BEGUN in use.slots:
                out(f"{BEGUN} = {found}.{BEGUN}")
            out(f"{found} = None")

    def _list(self, part: Part, use: RecordUse, found: str, key: list[str]) -> None:
        """Write that a new record is listed by the parts of its key by which rules look for it."""
        for (name, fields, _settled), listed in self._state.lists.items():
            if name == use.record.name:
                parts = [Code(key[use.record.key.index(field)]) for field in fields]
                part.facts(f"{listed}.add({place_of(parts)}, {found})")

    def _condition(self, part: Part, patterns: list[Pattern]) -> str | None:
        """Return the condition under which an event is what one of some patterns names, None where it always is."""
        if any(one.where is None for one in patterns):
            return None
        trees = [one.where.tree for one in patterns if one.where is not None]
        return "(" + " or ".join(self._certainty.holds(tree, part.view, part.view) for tree in trees) + ")"

    def _changes(self, part: Part, event: EventType, use: RecordUse, found: str) -> None:
        out = part.facts
        for name in use.fields:
            if name not in event.fields or name in use.record.key:
                continue
            value, slot = part.view.fields(name), f"{found}.{field_slot(name)}"
            if name in use.limits:
                with out.under(f"if {value} is not None and {value} != {slot}:"):
                    out(f"raise Unsure({use.record.name!r}, c)")
            else:
                with out.under(f"if {value} is not None:"):
                    out(f"{slot} = {value}")
        if event.name in use.fields:
            out(f"{found}.{field_slot(event.name)} = True")

    def _opening(self, part: Part, use: RecordUse, event: EventType, key: list[str]) -> list[str]:
        """Return the values that a new record begins with."""
        record = use.record
        happenings = {one for pattern in (*record.opens, *record.updates, *record.closes) for one in pattern.names}
        name = self.name(record, event, key)
        values = [
            f"({name}) + '@' + {part.view.root}" if record.closes else name,
            self._key_text(event, record.key[-1], key[-1]),
        ]
        for name in use.fields:
            if name in record.key:
                values.append(key[record.key.index(name)])
            elif name in happenings:
                values.append(str(name == event.name))
            else:
                values.append(part.view.fields(name) if name in event.fields else "None")
        return [*values, *use.links, *use.slots.values()]

    def name(self, record: Record, event: EventType, key: list[str]) -> str:
        """Return the code of a record's name: the parts of its key, in which a comma is escaped."""
        if len(record.key) == 1:
            return self._key_text(event, record.key[0], key[0])
        if self._careful:
            return f"named({', '.join(key)})"
        if all(self._is_text(event, one) for one in record.key):
            return f"{NAME}({_place(key)})"
        parts = [self._key_text(event, name, one) for name, one in zip(record.key, key, strict=True)]
        return "f'" + ",".join(f"{{{one}}}" for one in parts) + "'"

    def _key_text(self, event: EventType, name: str, code: str) -> str:
        """Return the code of a part of a record's name."""
        if self._careful:
            return f"key_part({code})"
        if not self._is_text(event, name):
            return f"str({code})"
        return f"{code} if COMMA not in {code} else with_care({code})"

    def _is_text(self, event: EventType, name: str) -> bool:
        """Tell whether a part of a key is a text in the events of a type."""
        spec = event.fields.get(name)
        return spec is None or spec.type in TEXTS


def _place(key: list[str]) -> str:
    """Return the key of a table, by its parts."""
    return key[0] if len(key) == 1 else "(" + ", ".join(key) + ")"
