"""What an audit says of a decision or of a demand: the verdict, what differs, and why."""

from __future__ import annotations

from collections import Counter, defaultdict
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dutyrules.audit.decisions import Decision
    from dutyrules.outcomes import Outcome


class Verdict(StrEnum):
    """The answers of an audit; the first four are about decisions, the last two about demands without one."""

    AGREES = "agrees"
    DIFFERS = "differs"
    NOT_DEMANDED = "not_demanded"
    CANNOT = "cannot_be_recomputed"
    MISSING = "missing"
    PENDING = "pending"


DEVIATIONS = frozenset({Verdict.DIFFERS, Verdict.NOT_DEMANDED, Verdict.MISSING})


@attrs.frozen
class Difference:
    """One part of a decision that is not as demanded; None: nothing was recorded, or nothing was demanded.

    `days`: how far a date lies before (negative) or after what was demanded; 0 where it is a matter of hours.
    """

    part: str
    decided: str | None
    demanded: str | None
    days: int | None = None


@attrs.frozen
class Reason:
    """Why a verdict is what it is: a code of `verdict_words.py`, and the figures and names that its sentence holds."""

    code: str
    values: Mapping[str, str] = attrs.field(factory=dict)


@attrs.frozen
class Match:
    """Why a decision was put to an outcome: by `matter` or `person`, so many days off, with so many others in reach."""

    by: str
    days: int
    rivals: int


@attrs.frozen(kw_only=True)
class Finding:
    """One verdict; `decision` is None for a demand without one, `outcome` for a decision that no demand fits."""

    verdict: Verdict
    kind: str
    place: str
    decision: Decision | None = None
    outcome: Outcome | None = None
    match: Match | None = None
    differences: tuple[Difference, ...] = ()
    reasons: tuple[Reason, ...] = ()


@attrs.frozen
class Sums:
    """Money of one kind of decision: what was decided, what was demanded, and both where the two were compared."""

    decided: Decimal = Decimal(0)
    demanded: Decimal = Decimal(0)


@attrs.frozen
class Audit:
    """All findings in order of date; for each kind of decision the number of demands, the sums, and its names."""

    findings: tuple[Finding, ...]
    demands: Mapping[str, int]
    sums: Mapping[str, Sums]
    begins: str | None
    ends: str | None
    says: Mapping[str, Mapping[str, str]] = attrs.field(factory=dict)

    def totals(self) -> dict[str, Counter[Verdict]]:
        """Count the verdicts of each kind of decision, in the order of the mapping."""
        found: defaultdict[str, Counter[Verdict]] = defaultdict(Counter)
        for kind in self.demands:
            found[kind] = Counter()
        for one in self.findings:
            found[one.kind][one.verdict] += 1
        return dict(found)

    @property
    def deviates(self) -> bool:
        """Tell whether something was decided otherwise than demanded, without demand, or not at all."""
        return any(one.verdict in DEVIATIONS for one in self.findings)

    @property
    def is_whole(self) -> bool:
        """Tell whether every decision could be judged."""
        return all(one.verdict is not Verdict.CANNOT for one in self.findings)
