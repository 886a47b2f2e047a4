"""The outcomes as they stand: what cells made, what relations voided, and the difference since the last look."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from dutyrules.outcomes import Outcome, Sanction, instant_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dutyrules.runtime.store import Key


@attrs.frozen
class Void:
    """Why an outcome does not stand, and since when."""

    time: str
    because: tuple[str, ...]


class Board:
    """All outcomes by id."""

    def __init__(self) -> None:
        self._made: dict[str, list[Outcome]] = {}
        self._voids: dict[str, dict[Key, Void]] = {}
        self._extras: dict[str, dict[Key, Mapping[str, Any]]] = {}
        self._shown: dict[str, Outcome] = {}
        self._dirty: set[str] = set()
        self.journal: dict[str, Outcome | None] | None = None  # how what changes stood before, while anyone asks

    def hand_over(self, old: dict[str, Outcome], new: dict[str, Outcome]) -> None:
        """Replace what a cell had made by what it makes now; others may have made the same.

        Of two that are equal the old one stays, in `new` too.
        """
        for name, outcome in old.items():
            if new.get(name) == outcome:
                new[name] = outcome
            else:
                self._withdraw(name, outcome)
                self._dirty.add(name)
        for name, outcome in new.items():
            if old.get(name) is not outcome:
                self._made.setdefault(name, []).append(outcome)
                self._dirty.add(name)

    def _withdraw(self, name: str, outcome: Outcome) -> None:
        versions = self._made[name]
        versions.remove(outcome)
        if not versions:
            del self._made[name]

    def void(self, source: Key, name: str, void: Void | None) -> None:
        """Void an outcome for a reason, or take the reason back."""
        reasons = self._voids.setdefault(name, {})
        if void is None:
            reasons.pop(source, None)
        else:
            reasons[source] = void
        if not reasons:
            del self._voids[name]
        self._dirty.add(name)

    def add_to(self, source: Key, name: str, fields: Mapping[str, Any] | None) -> None:
        """Fill in fields of an outcome that another part of the result knows."""
        extras = self._extras.setdefault(name, {})
        if fields is None:
            extras.pop(source, None)
        else:
            extras[source] = fields
        if not extras:
            del self._extras[name]
        self._dirty.add(name)

    def standing(self, name: str) -> Outcome | None:
        """Return one outcome as it stands, None if there is none."""
        versions = self._made.get(name)
        if versions is None:
            return None
        made = versions[0] if len(versions) == 1 else _joined(versions)
        for fields in self._extras.get(name, {}).values():
            made = attrs.evolve(made, **fields)
        voids = self._voids.get(name)
        if voids:
            first = min(voids.values(), key=lambda void: (instant_of(void.time), void.because))
            because = tuple(sorted({*made.because, *first.because}))
            made = attrs.evolve(made, status="voided", time=max(made.time, first.time, key=instant_of), because=because)
        return made

    def changes(self, now: str, gone: str) -> list[Outcome]:
        """Return what differs since the last call, in a fixed order; what is gone has the status `gone` at `now`."""
        found: list[Outcome] = []
        if not self._dirty:
            return found
        for name in self._dirty:
            before, after = self._shown.get(name), self.standing(name)
            if after is before or after == before:
                continue
            if self.journal is not None:
                self.journal.setdefault(name, before)
            if after is not None:
                found.append(after)
                self._shown[name] = after
            elif before is not None:
                found.append(attrs.evolve(before, status=gone, time=now))
                del self._shown[name]
        self._dirty.clear()
        return sorted(found, key=_in_order)

    def changes_from(self, other: Board, now: str, gone: str) -> list[Outcome]:
        """Return what differs from what another board has shown, as `changes` does."""
        for name in other._shown.keys() - self._shown.keys():
            self._dirty.add(name)
        self._dirty |= {name for name, one in self._shown.items() if other._shown.get(name) != one}
        self._shown, self.journal = other._shown, other.journal
        return self.changes(now, gone)

    def all(self) -> dict[str, Outcome]:
        """Return the outcomes as they stood at the last look, by id."""
        return dict(self._shown)

    def forget(self, outcomes: Mapping[str, Outcome]) -> None:
        """Let outcomes of a cell go without a word: what they rested on is beyond the pack's retention."""
        for name, outcome in outcomes.items():
            self._withdraw(name, outcome)
            if name in self._made:
                self._dirty.add(name)
                continue
            self._shown.pop(name, None)
            self._dirty.discard(name)
            self._voids.pop(name, None)
            self._extras.pop(name, None)


def _joined(versions: list[Outcome]) -> Outcome:
    """Return one outcome for what several cases made under one id: the earliest, with the causes of all."""
    first = min(versions, key=lambda one: (instant_of(one.time), one.because))
    return attrs.evolve(first, because=tuple(sorted({cause for one in versions for cause in one.because})))


def outcome_id(pack: str, section: str, rule: str, kind: str, matter: str, bearer: str) -> str:
    """Return an outcome's id, `pack/section/rule/kind/matter/bearer`, the section only where the pack has one."""
    parts = (pack, section, rule, kind, matter, bearer) if section else (pack, rule, kind, matter, bearer)
    text = "/".join(parts)
    if "%" in text or text.count("/") >= len(parts):
        return "/".join(part.replace("%", "%25").replace("/", "%2F") for part in parts)
    return text


ORDER = ("obligation", "deadline", "breach", "sanction", "entitlement", "referral", "notice")


def _in_order(outcome: Outcome) -> tuple[int, int, str, str]:
    return (instant_of(outcome.time), ORDER.index(outcome.kind), outcome.rule, outcome.id)


def weight(outcome: Outcome, severity: tuple[str, ...]) -> tuple[int, Any]:
    """Return how heavy an outcome is: by kind of consequence, then by amount."""
    if isinstance(outcome, Sanction):
        word = outcome.step if outcome.sanction == "step" and outcome.step in severity else outcome.sanction
        rank = severity.index(word) if word in severity else -1
        return (rank, outcome.amount if outcome.amount is not None else 0)
    name = outcome.kind
    return (severity.index(name) if name in severity else -1, 0)
