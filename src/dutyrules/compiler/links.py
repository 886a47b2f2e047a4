"""Links of records: the latest record of another kind, as it stood when the record opened.

Which record that is never changes: it is looked up once, when the record opens, and stays with it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dutyrules.compiler.retaining import lasts, still_known
from dutyrules.compiler.state import field_slot, happenings, kept_for
from dutyrules.compiler.views import Code, NotStreamable, named
from dutyrules.policies import syntax as s

if TYPE_CHECKING:
    from dutyrules.compiler.sections import Writer
    from dutyrules.compiler.state import RecordUse, State
    from dutyrules.compiler.views import View
    from dutyrules.policies.model import Link, Record


def link_of(record: Record, name: str) -> Link | None:
    """Return the link of a name that a record has."""
    return next((one for one in record.links if one.name == name), None)


def slot_of(link: Link) -> str:
    """Return the attribute that holds what a link leads to."""
    return named("link", link.name)


def linked_field(state: State, link: Link, view: View, name: str) -> Code:
    """Return the code of a field of what a link leads to, from the record at hand."""
    assert view.matter is not None  # noqa: S101 - it has the link
    record = view.matter.record
    _refuse(state, record, link)
    other = state.use(link.record)
    state.use(record.name).links[slot_of(link)] = link
    place = f"{view.matter.variable}.{slot_of(link)}"
    seconds = kept_for(state.pack, link.record)
    if seconds is not None:  # the engine may have forgotten it before the record that has the link
        now = view.time if view.time == "o.due" else "t"
        place = f"still({place}, {now} - {seconds}, c, lasts={lasts(state.pack, other.record)})"
    inner = state.record_field(other.record, name, place)
    if name not in (*other.record.key, "opened"):
        state.section.linked.add(other.table)  # what closes or changes it at this instant is not told by a key
        assert isinstance(link.of.tree, s.Field)  # noqa: S101 - others have been refused
        whose = f"{view.matter.variable}.{field_slot(link.of.tree.name)}"
        state.reached(other.table, [state.section.aliases.get(whose, "?")])
    text = f"(None if {place} is None else {inner.text})"
    return Code(text, (text,))


def _refuse(state: State, record: Record, link: Link) -> None:
    """Refuse a link that is not from one field of the record's key to all of another key, or has conditions."""
    tree, other = link.of.tree, state.pack.records[link.record]
    if not isinstance(tree, s.Field) or tree.name not in record.key or tree.record not in (None, record.name):
        raise NotStreamable(f"the link `{link.name}` leads from more than a field of the key")
    if link.if_ is not None or link.within is not None or len(other.key) != 1:
        raise NotStreamable(f"the link `{link.name}` leads to a part of the records")
    opening = {name for pattern in record.opens for name in pattern.names}
    if any(opening & {*pattern.names} for pattern in happenings(other)):
        raise NotStreamable(f"the link `{link.name}` leads to a record that opens or changes with it")


def follow(out: Writer, state: State, use: RecordUse, key: list[str]) -> None:
    """Write what the links of a new record lead to, each in a variable with the name of its slot."""
    for slot, link in use.links.items():
        tree, other = link.of.tree, state.use(link.record)
        assert isinstance(tree, s.Field)  # noqa: S101 - others have been refused
        place = key[use.record.key.index(tree.name)]
        state.reached(other.table, [place])
        state.section.linked.add(other.table)  # one that opens at this instant is there too, whatever its id
        out(f"{slot} = {other.table}.get({place})")
        if kept_for(state.pack, link.record) is not None:
            still_known(out, other, place, f"if {slot} is None and")
