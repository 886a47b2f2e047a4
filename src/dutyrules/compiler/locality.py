"""What can be told of a program before it runs: whose state an event touches, and which events disturb each other."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from dutyrules.compiler.state import roles_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dutyrules.compiler.sections import Part
    from dutyrules.compiler.state import State
    from dutyrules.policies.model import Record

Marks = dict[str, dict[tuple[int, tuple[str, ...]], None]]

OWN: Final = frozenset({"p", "s"})
BEARER: Final = "o.person"
OPENS: Final = (True, False, False)
CHANGES: Final = (False, True, False)
"""Roles of events that do only this to a record."""
SPANS: Final = re.compile(r"\b(?:gap|round|spells)_\w+")
"""What tells of stretches, periods, and records that are open in them."""


def is_local(state: State) -> bool:
    """Tell whether all that an event reads or changes is its own person's: then people can be looked at apart.

    Periods begin with the first event, whosever that is; who is whose in a gap is not looked into.
    """
    if state.periods or state.gaps:
        return False
    own = OWN if state.borne_by_others else OWN | {BEARER}
    people: set[str] = set()
    others: set[str] = set()
    for use in state.records.values():
        keys = zip(*state.reaches.get(use.table, []), strict=True)
        mine = {name for name, parts in zip(use.record.key, keys, strict=False) if own.issuperset(parts)}
        people |= mine
        others |= {*use.record.key, *use.fields} - mine
    people -= others  # the code of a field does not tell whose record it is of
    return all(any(_is_own(parts, own, people) for parts in zip(*keys, strict=True)) for keys in state.reaches.values())


def is_patient(state: State) -> bool:
    """Tell whether a program decides rare cases too, for which each of its events has a little more to do.

    One whose people can be looked at apart is meant for the longest logs, and leaves these cases to the engine.
    """
    return not is_local(state)


def _is_own(parts: tuple[str, ...], own: frozenset[str], people: set[str]) -> bool:
    """Tell whether one place of a key is always the person of the event at hand."""
    return all(part in own or _field_of(part) in people for part in parts)


def _field_of(part: str) -> str | None:
    found = re.fullmatch(r"(?:o|o\.record|r\d+)\.f_(\w+)", part)
    return found[1] if found else None


def meetings(parts: list[Part], state: State, ordered: set[str]) -> tuple[Marks, Marks, list[int]]:
    """Return which marks events leave while their instant lasts, and which marks an event must not meet there.

    A mark is a number with parts of a key: an event that leaves one and an event that meets it disturb each other where
    these parts are equal. `ordered` are the tables of duties of which the oldest gets an act. The numbers are of marks
    that events leave only where one of the instant is no member of a count at which it looks.
    """
    numbers: dict[tuple[str, tuple[str, ...], bool], int] = {}
    leaves: Marks = {}
    meets: Marks = {}
    used = [Use(part, state) for part in parts]
    for first in used:
        for second in used:
            for mine, theirs, ranked in _clashes(first, second, ordered):
                number = numbers.setdefault((first.part.name, mine, ranked), len(numbers))
                leaves.setdefault(first.part.view.event.name, {})[number, mine] = None
                meets.setdefault(second.part.view.event.name, {})[number, theirs] = None
    return leaves, meets, [number for (_name, _key, ranked), number in numbers.items() if ranked]


class Use:
    """Which tables a section looks at and which it changes, looked for once in its text.

    `again` are those that are looked at again whenever they change, by conditions on periods.
    """

    def __init__(self, part: Part, state: State) -> None:
        self.part = part
        self.again = set(state.indexed)
        body, more = part.body, part.section.linked
        self.owes = set(re.findall(r"\bopen_\w+", body))
        self.opens = self.owes - set(re.findall(r"\b(open_\w+)\.get\(", body))
        self.spans = set(SPANS.findall(body))
        self.uses = set(re.findall(r"records_\w+|\b(?:count|need)_\w+", body)) | self.owes | self.spans | more
        self.looks_at = _looked_at(part) | more
        self.keeps = {use.table: _role(use.record, part.view.event.name) for use in state.records.values()}
        self.changes = _changed(part, r"\.state = |\.(?:duty|early|latest)_\w+ = ")
        self.deems = _used(part, [*part.facts.about_deemed(), *part.rules.about_deemed()])
        self.alters = self.owes | self.spans | _changed(part, r"\.state = |\.(?:duty|first|made)_\w+ = ")
        self.remembers = set(re.findall(r"\bremember\((\w+),", body)) | set(
            re.findall(r"(need_\w+)\.(?:note|doubt)", body)
        )
        self.recalls = set(re.findall(r"\b((?:open_early|need)_\w+)\.get\(", body))

    def has_place(self, table: str) -> bool | None:
        """Tell whether an event looks at a count only for its own place there, which what comes after it leaves alone.

        False where it has such a place only if it is a member, None for anything else.
        """
        section = self.part.section
        alone = section.looks.get(table) == {True} and len(section.reaches[table]) == 1 and table not in self.deems
        return section.members.get(table) if alone else None


def _looked_at(part: Part) -> set[str]:
    """Return the tables that rules look at, and what events count as."""
    plain = [*part.facts.others(), *part.rules.others()]
    text = "\n".join(plain)
    for place, name in part.section.lookups.items():  # a record that is only kept is not looked at
        if name not in part.section.written or re.search(rf"\b{name}\b", text):
            plain.append(place)
    seen = "\n".join(plain)
    return {*re.findall(r"records_\w+", seen), *re.findall(r"((?:count|need)_\w+)\.get\(", seen)}


def _clashes(before: Use, after: Use, ordered: set[str]) -> Iterator[tuple[tuple[str, ...], tuple[str, ...], bool]]:
    """Give by which keys an event may change what an event of the same instant before it has looked at.

    Each is a pair: the parts of the key as the first event has them, and as the second has them; parts that only the
    handlers know are left out. With it goes whether this is so only where the first has no place of its own in a count.
    A deemed fact has no fixed place in its instant: what it uses nobody else may.
    """
    first, second = before.part, after.part
    alone = _alone(before, after)
    found = (before.looks_at & after.changes | before.owes & after.owes | _kept_apart(before, after)) - alone
    alone -= ordered
    found |= ((before.deems & after.uses | before.uses & after.deems) & (before.alters | after.alters)) - alone
    found -= _early(first, second)
    for table in sorted(found):
        always = None if table in after.deems else before.has_place(table)
        if always:
            continue
        mine, theirs = (part.section.reaches.get(table, [[]]) for part in (first, second))
        for one in mine:
            for other in theirs:
                both = [(a, b) for a, b in zip(one, other, strict=False) if is_simple(a) and is_simple(b)]
                yield tuple(a for a, _b in both), tuple(b for _a, b in both), always is not None


def _alone(before: Use, after: Use) -> set[str]:
    """Return the tables in which two events leave each other alone: both only add to them, or both only look."""
    found = before.opens & after.opens | before.again
    for table in before.uses & after.uses:
        recalled = table in before.recalls | after.recalls
        remembered = table in before.remembers | after.remembers
        if table.startswith(("open_early_", "need_")) and not (recalled and remembered):
            found.add(table)
    return found


def _role(record: Record, event: str) -> tuple[bool, ...]:
    """Return whether an event opens, changes and closes a kind of record."""
    return tuple(bool(mine) for mine in roles_of(record, event))


def _kept_apart(before: Use, after: Use) -> set[str]:
    """Return the records that two events keep, each in its own way: the engine first opens, then changes, then closes.

    What several open, or change, goes by their ids, as here, and so does what opens before another changes.
    """
    both = {table: (mine, after.keeps[table]) for table, mine in before.keeps.items()}
    return {
        table
        for table, (mine, theirs) in both.items()
        if any(mine) and any(theirs) and (mine, theirs) != (OPENS, CHANGES) and (mine != theirs or mine[2])
    }


def _early(first: Part, second: Part) -> set[str]:
    """Return the tables in which an act may come before the duty that it fulfils: then the duty looks for it itself."""
    mine, theirs = first.body, second.body
    found: set[str] = set()
    for acts in set(re.findall(r"\bopen_early_\w+", mine + theirs)):
        duties, noted = acts.replace("_early", "", 1), f"remember({acts},"
        only_opens = f"{duties}.get(" not in theirs and noted not in theirs
        if only_opens and (noted in mine or f"{duties}.get(" not in mine):
            found |= {acts, duties}
    return found


def _used(part: Part, lines: list[str]) -> set[str]:
    """Return the tables that some lines of a section name, and those of the records in their variables."""
    text = "\n".join(lines)
    places = [place for place, name in part.section.lookups.items() if re.search(rf"\b{name}\b", text)]
    found = set(re.findall(r"records_\w+|\b(?:count|need|open)_\w+", "\n".join([text, *places])))
    return found | set(SPANS.findall(text)) | part.section.linked if lines else found


def _changed(part: Part, slots: str) -> set[str]:
    """Return the tables that a section changes; `slots`: what it does to records that it has looked up, if any."""
    written, later = part.section.written, "\n".join(part.rules.lines)
    places = {name: re.findall(r"records_\w+", place) for place, name in part.section.lookups.items()}
    tables = {table for name, found in places.items() if name in written for table in found[:1]}
    if re.search(slots, later):
        tables |= {table for found in places.values() for table in found}
    tables |= set(re.findall(r"(need_\w+)\.(?:note|doubt)", later))
    return tables | set(re.findall(r"(count_\w+)(?:\[|\.setdefault)", later))


def is_simple(part: str) -> bool:
    """Tell whether a part of a key is a field of the event at hand, or the person whose it is."""
    return part in ("p", "s") or re.fullmatch(r"d_\w+", part) is not None
