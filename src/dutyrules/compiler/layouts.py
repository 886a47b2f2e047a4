"""How outcomes are written: all of them in full, or renamed and reduced to what another system reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Protocol

import attrs

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dutyrules.outcomes import Outcome


@attrs.frozen
class Piece:
    """A field of an outcome as generated code has it.

    `text`: a constant, or a Python expression that gives a text (`quoted`: to be put between quotation marks and
    escaped) or ready JSON. None where the outcome has no such field.
    """

    name: str
    code: str
    constant: bool = False
    quoted: bool = True


class Layout(Protocol):
    """Says which fields of an outcome are written, in which order and under which names."""

    def pieces(
        self, rule: str, kind: str, status: str, known: Mapping[str, Piece]
    ) -> Sequence[tuple[str, Piece]] | None:
        """Return the keys and fields of one sort of outcome, None to leave it out."""

    def document(self, outcome: Outcome) -> dict[str, Any] | None:
        """Return the same for an outcome that is at hand."""


ORDER: Final = ("kind", "status", "id", "time", "pack", "rule", "clause", "person", "matter", "because")


class FullLayout:
    """Every outcome as `Outcome.as_dict` gives it."""

    def pieces(
        self, rule: str, kind: str, status: str, known: Mapping[str, Piece]
    ) -> Sequence[tuple[str, Piece]] | None:
        """Return all fields in their fixed order."""
        del rule, kind, status
        return list(known.items())

    def document(self, outcome: Outcome) -> dict[str, Any] | None:
        """Return the outcome's own form."""
        return outcome.as_dict()


@attrs.frozen
class Projection:
    """Outcomes under other names: a table of sorts, and keys with the field that fills each.

    `sorts`: (rule, kind, status) to the words that stand for `kind` and `rule`; what is not listed is left out. A
    field may be followed by `|` and what is written where the outcome has none; `key` is the last part of the
    matter's own name, `figure` the amount as a number.
    """

    sorts: Mapping[tuple[str, str, str], tuple[str, str]]
    keys: Mapping[str, str]

    def pieces(
        self, rule: str, kind: str, status: str, known: Mapping[str, Piece]
    ) -> Sequence[tuple[str, Piece]] | None:
        """Return the keys of one sort of outcome."""
        words = self.sorts.get((rule, kind, status))
        if words is None:
            return None
        fixed = {"kind": words[0], "rule": words[1]}
        found: list[tuple[str, Piece]] = []
        for key, source in self.keys.items():
            name, _, otherwise = source.partition("|")
            if name in fixed:
                found.append((key, Piece(key, fixed[name], constant=True)))
            elif name in known:
                found.append((key, known[name]))
            elif otherwise:
                found.append((key, Piece(key, otherwise, constant=True, quoted=False)))
        return found

    def document(self, outcome: Outcome) -> dict[str, Any] | None:
        """Return the keys of an outcome that is at hand."""
        status = f"{outcome.status} late" if getattr(outcome, "late", False) else outcome.status
        words = self.sorts.get((outcome.rule, outcome.kind, status))
        if words is None:
            return None
        plain = outcome.as_dict()
        amount = plain.get("amount")
        plain |= {"kind": words[0], "rule": words[1], "key": key_of(outcome.matter)}
        if amount is not None:
            plain["figure"] = int(amount) if amount == int(amount) else amount
        found: dict[str, Any] = {}
        for key, source in self.keys.items():
            name, _, otherwise = source.partition("|")
            if name in plain:
                found[key] = plain[name]
            elif otherwise:
                found[key] = int(otherwise)
        return found


def key_of(matter: str) -> str:
    """Return the last part of a matter's name: the event's id, or the last value of a record's key."""
    return matter.partition(":")[2].rsplit(",", 1)[-1]
