"""What can be told of a program before it runs: whose state an event touches, and which events disturb each other."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dutyrules.compiler.sections import Part
    from dutyrules.compiler.state import State

Marks = dict[str, dict[tuple[int, tuple[str, ...]], None]]

OWN: Final = frozenset({"p", "s", "o.person"})


def is_local(state: State) -> bool:
    """Tell whether all that an event reads or changes is its own person's: then people can be looked at apart.

    Periods begin with the first event, whosever that is; who is whose in a gap is not looked into.
    """
    if state.periods or state.gaps:
        return False
    people = {
        name
        for use in state.records.values()
        for name, parts in zip(use.record.key, zip(*state.reaches.get(use.table, []), strict=True), strict=False)
        if OWN.issuperset(parts)
    }
    return all(any(_is_own(parts, people) for parts in zip(*keys, strict=True)) for keys in state.reaches.values())


def _is_own(parts: tuple[str, ...], people: set[str]) -> bool:
    """Tell whether one place of a key is always the person of the event at hand."""
    return all(part in OWN or _field_of(part) in people for part in parts)


def _field_of(part: str) -> str | None:
    found = re.fullmatch(r"(?:o|o\.record|r\d+)\.f_(\w+)", part)
    return found[1] if found else None


def meetings(parts: list[Part]) -> tuple[Marks, Marks]:
    """Return which marks events leave while their instant lasts, and which marks an event must not meet there.

    A mark is a number with parts of a key: an event that leaves one and an event that meets it disturb each other where
    these parts are equal.
    """
    numbers: dict[tuple[str, tuple[str, ...]], int] = {}
    leaves: Marks = {}
    meets: Marks = {}
    uses = [Use(part) for part in parts]
    for first in uses:
        for second in uses:
            for mine, theirs in _clashes(first, second):
                number = numbers.setdefault((first.part.name, mine), len(numbers))
                leaves.setdefault(first.part.view.event.name, {})[number, mine] = None
                meets.setdefault(second.part.view.event.name, {})[number, theirs] = None
    return leaves, meets


class Use:
    """Which tables a section looks at and which it changes, looked for once in its text."""

    def __init__(self, part: Part) -> None:
        self.part = part
        seen = "\n".join([*part.facts.lines, *part.rules.lines, *part.section.lookups, *part.section.linked])
        self.looks_at = {*re.findall(r"records_\w+", seen), *re.findall(r"((?:count|need)_\w+)\.get\(", seen)}
        self.changes = _changed(part, r"\.state = |\.(?:duty|early|latest)_\w+ = ")
        self.owes = _owed(part)
        self.opens = _opened(part)


def _clashes(before: Use, after: Use) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Give by which keys an event may change what an event of the same instant before it has looked at.

    Each is a pair: the parts of the key as the first event has them, and as the second has them; parts that only the
    handlers know are left out.
    """
    first, second = before.part, after.part
    found = before.looks_at & after.changes | before.owes & after.owes
    found -= before.opens & after.opens
    if first.deems or second.deems:
        found |= _shared(first, second)
    if not found:
        return
    found -= _early(first, second)
    for table in sorted(found):
        mine, theirs = (part.section.reaches.get(table, [[]]) for part in (first, second))
        for one in mine:
            for other in theirs:
                both = [(a, b) for a, b in zip(one, other, strict=False) if is_simple(a) and is_simple(b)]
                yield tuple(a for a, _b in both), tuple(b for _a, b in both)


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


def _owed(part: Part) -> set[str]:
    """Return the tables of duties that a section uses."""
    return set(re.findall(r"\bopen_\w+", part.body))


def _opened(part: Part) -> set[str]:
    """Return the tables of duties to which a section only adds: those that add leave each other alone."""
    return _owed(part) - set(re.findall(r"\b(open_\w+)\.get\(", part.body))


def _changed(part: Part, slots: str) -> set[str]:
    """Return the tables that a section changes; `slots`: what it does to records that it has looked up, if any."""
    written, later = part.section.written, "\n".join(part.rules.lines)
    places = {name: re.findall(r"records_\w+", place) for place, name in part.section.lookups.items()}
    tables = {table for name, found in places.items() if name in written for table in found[:1]}
    if re.search(slots, later):
        tables |= {table for found in places.values() for table in found}
    tables |= set(re.findall(r"(need_\w+)\.(?:note|doubt)", later))
    return tables | set(re.findall(r"(count_\w+)(?:\[|\.setdefault)", later))


def _shared(first: Part, second: Part) -> set[str]:
    """Return the tables that two sections use and one changes: a deemed fact has no fixed place in its instant."""
    used, changed = [], []
    for part in (first, second):
        used.append(set(re.findall(r"(?:records|count|need)_\w+", part.body)) | _owed(part) | part.section.linked)
        changed.append(_changed(part, r"\.state = |\.(?:duty|first|made)_\w+ = ") | _owed(part))
    return changed[0] & used[1] | changed[1] & used[0]


def is_simple(part: str) -> bool:
    """Tell whether a part of a key is a field of the event at hand, or the person whose it is."""
    return part in ("p", "s") or re.fullmatch(r"d_\w+", part) is not None
