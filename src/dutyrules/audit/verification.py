"""Verification of a seal: signature, integrity, completeness and recomputability, each answered on its own.

A verdict holds, fails, or is open: what cannot be known from the files at hand is never said to hold.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final

import attrs

from dutyrules.audit.merkle import Leaves, consistency_proof, proves_consistency, root_of
from dutyrules.audit.tampering import How, compare

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from dutyrules.audit.manifest import Manifest, Sealed
    from dutyrules.audit.records import Records
    from dutyrules.audit.tampering import Change

EVENTS: Final = "events"
OUTCOMES: Final = "outcomes"
LISTS: Final = (EVENTS, OUTCOMES)
_LOST: Final = frozenset({How.DROPPED, How.TRUNCATED})


class Status(StrEnum):
    """How a question is answered."""

    HOLDS = "holds"
    FAILS = "fails"
    OPEN = "open"


@attrs.frozen
class Remark:
    """One thing that a verdict rests on: a name, which the words in each language go by, and its values."""

    name: str
    values: Mapping[str, object] = attrs.field(factory=dict)


@attrs.frozen
class Verdict:
    """The answer to one question."""

    question: str
    status: Status
    remarks: tuple[Remark, ...] = ()


@attrs.frozen
class Difference:
    """A record that differs: which list, what was done, its number as sealed and as found (from 1), where it stands."""

    records: str
    change: How
    sealed: int | None
    found: int | None
    line: int | None = None
    text: str | None = None


@attrs.frozen
class Head:
    """How many records a list had and the root over them, as somebody noted elsewhere when it was sealed."""

    records: str
    size: int
    root: str

    def __str__(self) -> str:
        return f"{self.records}:{self.size}:{self.root}"

    @classmethod
    def parse(cls, text: str) -> Head:
        """Read `events:4:9f86…`; raise `ValueError`."""
        name, _, rest = text.strip().partition(":")
        size, _, root = rest.partition(":")
        if name not in LISTS or not (size.isascii() and size.isdigit()) or len(bytes.fromhex(root)) != len(root_of(())):
            raise ValueError(f"`{text}` is no head")
        return cls(name, int(size), root.lower())


@attrs.frozen
class Found:
    """The records of a list as they are now, and what was sealed of it; `leaves` is None where those are lost."""

    name: str
    sealed: Sealed
    leaves: Leaves | None
    records: Records

    @property
    def is_same(self) -> bool:
        """Tell whether the records are those that were sealed."""
        return (self.records.size, self.records.root) == (self.sealed.size, self.sealed.root)

    def changes(self) -> list[Change]:
        """Return what was done to the records since they were sealed; nothing where it cannot be told."""
        return [] if self.is_same or self.leaves is None else compare(self.leaves, self.records.leaves)

    def trusted(self) -> Leaves | None:
        """Return the leaves that were sealed, from whichever file still has them."""
        return self.records.leaves if self.is_same else self.leaves


def sealed_leaves(manifest: Manifest, side: bytes | None) -> tuple[dict[str, Leaves | None], Remark | None]:
    """Return the leaves of each list out of the side file; none, and why, where it is missing or not the sealed one."""
    none: dict[str, Leaves | None] = dict.fromkeys(LISTS)
    if side is None:
        return none, Remark("no_leaves")
    try:
        every = Leaves.from_bytes(side)
    except ValueError:
        return none, Remark("leaves_differ")
    events, outcomes = every[: manifest.events.size], every[manifest.events.size :]
    fits = len(outcomes) == manifest.outcomes.size and [root_of(one).hex() for one in (events, outcomes)] == [
        manifest.events.root,
        manifest.outcomes.root,
    ]
    return ({EVENTS: events, OUTCOMES: outcomes}, None) if fits else (none, Remark("leaves_differ"))


def integrity(lists: Sequence[Found], side: Remark | None) -> Verdict:
    """Answer whether the records are those that were sealed."""
    remarks = [_sameness(one) for one in lists]
    same = all(one.is_same for one in lists)
    if not same and side is not None:
        remarks.append(side)
    return Verdict("integrity", Status.HOLDS if same else Status.FAILS, tuple(remarks))


def _sameness(one: Found) -> Remark:
    values = {"records": one.name, "sealed": one.sealed.size, "found": one.records.size}
    if not one.is_same:
        return Remark("other_records", values)
    return Remark("same_bytes" if one.records.sha256 == one.sealed.sha256 else "same_records", values)


def completeness(lists: Sequence[Found], heads: Iterable[Head]) -> Verdict:
    """Answer whether a record is missing, as far as the manifest and the heads kept elsewhere can tell."""
    remarks: list[Remark] = []
    fails = False
    for one in lists:
        missing = _missing(one)
        fails |= missing > 0
        remarks.append(Remark("missing" if missing else "none_missing", {"records": one.name, "count": missing}))
    vouched: set[str] = set()
    told: set[str] = set()
    for head in heads:
        found = next(one for one in lists if one.name == head.records)
        name = _beside(head, found)
        remarks.append(Remark(name, {"records": head.records, "size": head.size, "sealed": found.sealed.size}))
        fails |= name in {"head_cut_off", "head_differs"}
        told.add(head.records)
        if name == "head_agrees":
            vouched.add(head.records)
    remarks += [Remark("no_head", {"records": one.name}) for one in lists if one.name not in told]
    remarks.append(Remark("before_the_seal"))
    known = all(one.name in vouched for one in lists)
    status = Status.FAILS if fails else Status.HOLDS if known else Status.OPEN
    return Verdict("completeness", status, tuple(remarks))


def _missing(one: Found) -> int:
    """Count the sealed records that are gone; where nobody can tell which, by how many there are fewer."""
    if one.leaves is None:
        return 0 if one.is_same else max(0, one.sealed.size - one.records.size)
    return sum(change.how in _LOST for change in one.changes())


def _beside(head: Head, found: Found) -> str:
    """Name how a head kept elsewhere and the manifest stand to each other."""
    if head.size > found.sealed.size:
        return "head_cut_off"
    if head.size == found.sealed.size:
        return "head_agrees" if head.root == found.sealed.root else "head_differs"
    leaves = found.trusted()
    if leaves is None:
        return "head_unproven"
    proof = consistency_proof(leaves, head.size)
    roots = bytes.fromhex(head.root), bytes.fromhex(found.sealed.root)
    grown = proves_consistency(head.size, roots[0], found.sealed.size, roots[1], proof)
    return "head_earlier" if grown else "head_differs"


def other_inputs(sealed: Manifest, now: Manifest) -> list[Remark]:
    """Return what the outcomes would be made from now that is not what was sealed; the engine's release may differ."""
    found = [
        Remark("other_pack", {"sealed": sealed.pack.digest[:12], "now": now.pack.digest[:12]})
        for _ in range(_pack_of(sealed) != _pack_of(now))
    ]
    if (sealed.mapping and sealed.mapping.sha256) != (now.mapping and now.mapping.sha256):
        found.append(Remark("other_mapping"))
    years = sealed.calendar.years.items()
    if sealed.calendar.name != now.calendar.name or not years <= now.calendar.years.items():
        found.append(Remark("other_calendar", {"sealed": sealed.calendar.name, "now": now.calendar.name}))
    if (sealed.engine.behaviour, sealed.engine.vocabulary) != (now.engine.behaviour, now.engine.vocabulary):
        found.append(Remark("other_engine", {"sealed": sealed.engine.version, "now": now.engine.version}))
    if sealed.replay.pseudonyms != now.replay.pseudonyms:
        found.append(Remark("other_key"))
    return found


def _pack_of(manifest: Manifest) -> tuple[str, str | None, tuple[str, ...], str]:
    pack = manifest.pack
    return pack.name, pack.section, tuple(pack.parts), pack.digest


def recomputability(outcomes: Records, replayed: Records, newer: int) -> tuple[Verdict, list[Change]]:
    """Answer whether a replay gives exactly the outcomes at hand; `newer` years of the calendar came after the seal."""
    changes = compare(outcomes.leaves, replayed.leaves)
    values = {"found": outcomes.size, "replayed": replayed.size, "count": len(changes)}
    remarks = [Remark("recomputed_differs" if changes else "recomputed", values)]
    if changes and newer:
        remarks.append(Remark("newer_calendar", {"count": newer}))
    return Verdict("recomputability", Status.FAILS if changes else Status.HOLDS, tuple(remarks)), changes
