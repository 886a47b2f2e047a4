"""Which entry of two packs is responsible for a difference: each is tried alone, in both directions.

An entry of pack B put into pack A that gives an outcome as B has it is enough *alone*. Where none is, the entries
without which B does not give it are needed *together*; that those are enough is tried as well.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import attrs

from dutyrules.audit.difference import same
from dutyrules.audit.difference_levers import with_entries

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from dutyrules.audit.difference import Change, Difference, Key
    from dutyrules.audit.difference_levers import Lever
    from dutyrules.outcomes import Outcome
    from dutyrules.policies.model import Pack

MOST_TRIED: Final = 60
"""How many entries are tried one by one unless more are asked for: each costs up to two replays of the log."""

_DECLARED: Final = ("parameters", "counts", "values", "hours", "events", "records")

Outcomes = "Mapping[Key, Outcome]"


@attrs.frozen
class Cause:
    """What is responsible for a change.

    `alone`: each of the levers is enough. `together`: all of them are needed, and they are enough. `partly`: all of
    them are needed, and more besides. `unknown`: no lever changes it by itself, in either pack.
    """

    how: str
    levers: tuple[Lever, ...] = ()


UNKNOWN: Final = Cause("unknown")


@attrs.frozen
class Causes:
    """The cause of every change, and what was tried for it."""

    of: Mapping[Key, Cause]
    tried: int
    left_out: int = 0

    def explained_by(self, lever: Lever) -> list[Key]:
        """Return the changes that a lever is responsible for, alone or with others."""
        return [key for key, cause in self.of.items() if lever in cause.levers]


@attrs.define
class Trials:
    """Tries the entries of two packs: `judge` gives the outcomes of a pack over the log."""

    a: Pack
    b: Pack
    difference: Difference
    judge: Callable[[Pack], Mapping[Key, Outcome]]
    runs: int = 0
    _given: tuple[Lever, ...] = ()
    _lent: tuple[Lever, ...] = ()

    def causes(self, levers: list[Lever], most: int = MOST_TRIED) -> Causes:
        """Return the cause of every change; with more levers than `most`, only what a rule's absence shows."""
        changes = self.difference.changes
        if not changes or len(levers) > most:
            plainly = {one.key: self._by_absence(one, levers) for one in changes}
            return Causes(plainly, 0, len(levers) if changes else 0)
        self._given = self._neutral(self.a, levers, self.difference.a.outcomes, new=True)
        self._lent = self._neutral(self.b, levers, self.difference.b.outcomes, new=False)
        tried = [lever for lever in levers if lever not in self._given and lever not in self._lent]
        found = self._alone(tried, changes)
        found |= self._together(tried, [one for one in changes if one.key not in found])
        return Causes({one.key: found.get(one.key, UNKNOWN) for one in changes}, self.runs)

    def _alone(self, levers: list[Lever], changes: Iterable[Change]) -> dict[Key, Cause]:
        enough: dict[Key, list[Lever]] = {}
        for lever in levers:
            outcomes = self._of(self.a, (lever,), forward=True)
            for one in changes if outcomes is not None else ():
                if same(outcomes.get(one.key), one.b):  # type: ignore[union-attr]
                    enough.setdefault(one.key, []).append(lever)
        return {key: Cause("alone", tuple(found)) for key, found in enough.items()}

    def _together(self, levers: list[Lever], changes: list[Change]) -> dict[Key, Cause]:
        needed: dict[Key, list[Lever]] = {}
        for lever in levers if changes else ():
            outcomes = self._of(self.b, (lever,), forward=False)
            for one in changes if outcomes is not None else ():
                if not same(outcomes.get(one.key), one.b):  # type: ignore[union-attr]
                    needed.setdefault(one.key, []).append(lever)
        of_set = {group: self._of(self.a, group, forward=True) for group in {tuple(group) for group in needed.values()}}
        causes: dict[Key, Cause] = {}
        for one in changes:
            group = tuple(needed.get(one.key, ()))
            outcomes = of_set.get(group)
            if group:
                enough = outcomes is not None and same(outcomes.get(one.key), one.b)
                causes[one.key] = Cause("together" if enough else "partly", group)
        return causes

    def _of(self, pack: Pack, levers: tuple[Lever, ...], *, forward: bool) -> Mapping[Key, Outcome] | None:
        """Return the outcomes of a pack with the other pack's entries, None where that is no pack."""
        beside = self._given if forward else self._lent
        changed = [(lever, lever.b if forward else lever.a) for lever in (*beside, *levers)]
        other = with_entries(pack, changed)
        if other is None:
            return None
        self.runs += 1
        return self.judge(other)

    def _neutral(
        self, pack: Pack, levers: list[Lever], outcomes: Mapping[Key, Outcome], *, new: bool
    ) -> tuple[Lever, ...]:
        """Return what only the other pack declares and what alone changes nothing, so that its rules can be tried."""
        found = tuple(lever for lever in levers if lever.section in _DECLARED and (lever.a if new else lever.b) is None)
        if not found:
            return ()
        other = with_entries(pack, [(lever, lever.b if new else lever.a) for lever in found])
        if other is None:
            return ()
        self.runs += 1
        judged = self.judge(other)
        unchanged = judged.keys() == outcomes.keys() and all(same(one, outcomes[key]) for key, one in judged.items())
        return found if unchanged else ()

    def _by_absence(self, change: Change, levers: list[Lever]) -> Cause:
        """Return the rule as the cause where only one pack has it."""
        alone = (change.a is None) != (change.b is None)
        rule = next((one for one in levers if (one.section, one.name) == ("rules", change.rule)), None)
        return Cause("alone", (rule,)) if alone and rule is not None and None in (rule.a, rule.b) else UNKNOWN
