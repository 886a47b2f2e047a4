"""What two packs make of one log: outcome beside outcome, with the sums for each person and rule.

Outcomes are matched by rule, kind, matter and person, since their ids begin with the name of the pack.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import attrs

from dutyrules.outcomes import Entitlement, Outcome, Sanction, instant_of
from dutyrules.replay import Replay

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterable, Mapping

    from dutyrules.events import EventError
    from dutyrules.log_files import LogFile
    from dutyrules.policies.model import Pack

Key = tuple[str, str, str, str]
"""Rule, kind, matter and person of an outcome; no person is the empty text."""

Money = dict[str, Decimal]
"""Sums by currency."""

FORFEIT: Final = "forfeit"
GRANTED: Final = frozenset({"granted", "postponed", "taken"})
_UNCOMPARED: Final = frozenset({"kind", "id", "pack", "rule", "clause", "person", "matter", "because", "ledger"})
_INSTANTS: Final = frozenset({"time", "due", "since"})
_ORDER: Final = ("sanction", "entitlement", "breach", "obligation", "referral", "notice", "deadline")


def key_of(outcome: Outcome) -> Key:
    """Return what an outcome is known by in either pack."""
    return outcome.rule, outcome.kind, outcome.matter, outcome.person or ""


def told(outcome: Outcome | None) -> dict[str, Any]:
    """Return the fields of an outcome that matter to whom it concerns; none where there is no outcome."""
    return {} if outcome is None else {name: it for name, it in outcome.as_dict().items() if name not in _UNCOMPARED}


def differing(one: Outcome | None, other: Outcome | None) -> dict[str, tuple[Any, Any]]:
    """Return each field that differs, with both values; an instant is the same in whatever zone it is written."""
    first, second = told(one), told(other)
    pairs = {name: (first.get(name), second.get(name)) for name in dict.fromkeys((*first, *second))}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1] and not _one_instant(name, *pair)}


def same(one: Outcome | None, other: Outcome | None) -> bool:
    """Tell whether two packs say the same, in whatever words."""
    return (one is None) == (other is None) and not differing(one, other)


def _one_instant(name: str, one: str | None, other: str | None) -> bool:
    return name in _INSTANTS and one is not None and other is not None and instant_of(one) == instant_of(other)


def owed(outcome: Outcome | None) -> Money:
    """Return what a person has to pay for an outcome; what is forfeited is not paid, it is granted no longer."""
    return {} if isinstance(outcome, Sanction) and outcome.sanction == FORFEIT else imposed(outcome)


def imposed(outcome: Outcome | None) -> Money:
    """Return the sum of a sanction that is imposed."""
    counts = isinstance(outcome, Sanction) and outcome.status == "imposed" and outcome.amount is not None
    return {outcome.currency or "": outcome.amount} if counts else {}  # type: ignore[union-attr]


def granted(outcome: Outcome | None) -> Money:
    """Return what an outcome gives to its person."""
    counts = isinstance(outcome, Entitlement) and outcome.status in GRANTED and outcome.amount is not None
    return {outcome.currency or "": outcome.amount} if counts else {}  # type: ignore[union-attr]


def minus(one: Money, other: Money) -> Money:
    """Return the difference of sums, those that are nought left out."""
    found = {name: one.get(name, Decimal(0)) - other.get(name, Decimal(0)) for name in sorted({*one, *other})}
    return {name: amount for name, amount in found.items() if amount}


@attrs.frozen
class Change:
    """One outcome that the packs differ about: as pack A has it and as pack B has it, None where one has none."""

    rule: str
    kind: str
    matter: str
    person: str
    a: Outcome | None
    b: Outcome | None

    @property
    def key(self) -> Key:
        """Return what the outcome is known by."""
        return self.rule, self.kind, self.matter, self.person

    @property
    def fields(self) -> dict[str, tuple[Any, Any]]:
        """Return each field that differs, with both values; of an outcome that only one pack has, all its fields."""
        return differing(self.a, self.b)

    @property
    def cost(self) -> Money:
        """Return how much worse off the person is with pack B; less than nothing where better."""
        return minus(minus(owed(self.b), owed(self.a)), minus(granted(self.b), granted(self.a)))


@attrs.frozen
class Total:
    """What the packs come to for one person or rule: outcomes, what is owed and what is granted."""

    name: str
    changes: int
    outcomes: tuple[int, int]
    owed: tuple[Money, Money]
    granted: tuple[Money, Money]

    @property
    def cost(self) -> Money:
        """Return how much more pack B costs."""
        return minus(minus(self.owed[1], self.owed[0]), minus(self.granted[1], self.granted[0]))


@attrs.frozen
class Judged:
    """What one pack made of a log: the outcomes that stand, and how many events were read and set aside."""

    outcomes: Mapping[Key, Outcome]
    events: int = 0
    set_aside: int = 0


@attrs.frozen
class Difference:
    """What differs between two packs over one log, the largest change first."""

    a: Judged
    b: Judged
    changes: tuple[Change, ...]

    def by_person(self) -> list[Total]:
        """Return the totals of everybody who would fare differently, the largest difference first."""
        return self._totals(lambda change: change.person, lambda key: key[3])

    def by_rule(self) -> list[Total]:
        """Return the totals of every rule that differs, the largest difference first."""
        return self._totals(lambda change: change.rule, lambda key: key[0])

    def total(self) -> Total:
        """Return the totals of the whole log."""
        found = self._totals(lambda _: "", lambda _: "")
        return found[0] if found else Total("", 0, (len(self.a.outcomes), len(self.b.outcomes)), ({}, {}), ({}, {}))

    def _totals(self, of_change: Callable[[Change], str], of_key: Callable[[Key], str]) -> list[Total]:
        counts: dict[str, int] = {}
        for change in self.changes:
            name = of_change(change)
            counts[name] = counts.get(name, 0) + 1
        a, b = _grouped(self.a, of_key), _grouped(self.b, of_key)
        totals = [
            Total(
                name,
                changes,
                (len(a.get(name, ())), len(b.get(name, ()))),
                (_sum(map(owed, a.get(name, ()))), _sum(map(owed, b.get(name, ())))),
                (_sum(map(granted, a.get(name, ()))), _sum(map(granted, b.get(name, ())))),
            )
            for name, changes in counts.items()
        ]
        return sorted(totals, key=lambda each: (-size(each.cost), -each.changes, each.name))


def judge(
    pack: Pack,
    files: list[LogFile],
    *,
    as_of: int | None = None,
    carries: Mapping[str, dt.date] | str | None = None,
    refuse: Callable[[EventError], None] | None = None,
) -> Judged:
    """Apply a pack to a log; `refuse` gets the lines that hold no event, which else are only counted."""
    replay = Replay(pack, files, as_of=as_of, carries=carries)
    standing = {key_of(one): one for one in replay.run().values()}
    if refuse is not None:
        for error in replay.refused:
            refuse(error)
    return Judged(standing, replay.events, len(replay.refused) + len(replay.engine.set_aside))


def compare(a: Judged, b: Judged) -> Difference:
    """Return what differs between what two packs made of one log."""
    keys = dict.fromkeys((*a.outcomes, *b.outcomes))
    pairs = [Change(*key, a.outcomes.get(key), b.outcomes.get(key)) for key in keys]
    changes = sorted((one for one in pairs if not same(one.a, one.b)), key=_largest_first)
    return Difference(a, b, tuple(changes))


def size(money: Money) -> Decimal:
    """Return how large a difference is, whoever gains by it."""
    return sum((abs(amount) for amount in money.values()), Decimal(0))


def _largest_first(change: Change) -> tuple[Decimal, int, str, str, str]:
    return -size(change.cost), _ORDER.index(change.kind), change.rule, change.matter, change.person


def _grouped(judged: Judged, of_key: Callable[[Key], str]) -> dict[str, list[Outcome]]:
    found: dict[str, list[Outcome]] = {}
    for key, outcome in judged.outcomes.items():
        found.setdefault(of_key(key), []).append(outcome)
    return found


def _sum(sums: Iterable[Money]) -> Money:
    found: Money = {}
    for money in sums:
        for currency, amount in money.items():
            found[currency] = found.get(currency, Decimal(0)) + amount
    return found
