"""Records of how far a try came along the guards of a rule."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import attrs

from dutyrules.explaining.changes import nearest

if TYPE_CHECKING:
    from dutyrules.explaining.evidence import Change, Term
    from dutyrules.outcomes import Outcome
    from dutyrules.policies.model import Rule

HOLDS: Final = True
FAILS: Final = False


@attrs.frozen
class Step:
    """One guard of a rule: whether the rule goes on there (None: not known), and what was found.

    `guard` is the key of the pack at which one would look (`when`, `if`, `unless` …), or what a pack has no key for:
    `first`, `silence`, `choice`, `ladder`. `phrase` names what is said about it, with `facts` as its parts; `causes`
    are events and outcomes. A step that fails says what would have made it hold.
    """

    guard: str
    holds: bool | None
    phrase: str
    facts: dict[str, Any] = attrs.field(factory=dict)
    term: Term | None = None
    parts: tuple[Step, ...] = ()
    causes: tuple[str, ...] = ()
    changes: tuple[Change, ...] = ()
    ledger: dict[str, Any] | None = None


@attrs.frozen
class Try:
    """One time that a rule could have come to hold: what set it off, for whom, and each guard in order.

    `time` is when. `outcomes` are what it came to.
    """

    rule: Rule
    time: int
    matter: str
    persons: tuple[str, ...]
    causes: tuple[str, ...]
    steps: tuple[Step, ...]
    outcomes: tuple[Outcome, ...] = ()

    @property
    def stopped(self) -> Step | None:
        """Return the first guard that did not let it go on, None if all did."""
        return next((step for step in self.steps if step.holds is not True), None)

    @property
    def passed(self) -> int:
        """Return how many guards it passed before that."""
        return next((number for number, step in enumerate(self.steps) if step.holds is not True), len(self.steps))


def rank(one: Try) -> tuple[bool, int, bool, float, int]:
    """Order tries: those that held first, then those that came furthest, are over, lack least, are latest."""
    stopped = one.stopped
    away = 0.0 if stopped is None else nearest(stopped.changes)
    is_running = any(step.phrase == "period_running" for step in one.steps)
    return (stopped is not None, -one.passed, is_running, away, -one.time)
