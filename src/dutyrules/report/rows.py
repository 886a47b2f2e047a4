"""What a report is made of: frozen records, one row an outcome."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from dutyrules.calendars import DayKind
    from dutyrules.events import Event
    from dutyrules.outcomes import Outcome
    from dutyrules.policies.model import Pack


@attrs.frozen
class Change:
    """A status that an outcome had, and since when."""

    status: str
    time: str


@attrs.frozen
class Row:
    """One outcome that stands in the end, every status that it had, and the id of the deadline that it hangs on."""

    outcome: Outcome
    history: tuple[Change, ...]
    deadline: str | None = None

    @property
    def rule(self) -> str:
        """Return the rule, or the tier of it."""
        return getattr(self.outcome, "tier", None) or self.outcome.rule

    @property
    def amount(self) -> Decimal | None:
        """Return the sum of money, where there is one."""
        amount = getattr(self.outcome, "amount", None)
        return amount if isinstance(amount, Decimal) else None

    def text(self, name: str) -> str:
        """Return a field of the outcome as text, empty where it has none."""
        value = getattr(self.outcome, name, None)
        return "" if value is None else " ".join(value) if isinstance(value, tuple) else str(value)


@attrs.frozen
class Fact:
    """An event that an outcome rests on, and where in the log it stands."""

    event: Event
    place: str


@attrs.frozen
class NotUsed:
    """What was set aside: a line that holds no event, by its place, or an event, by its id."""

    what: str
    code: str
    reason: str


@attrs.frozen
class Climb:
    """A step of a ladder that somebody was put on, by the ids of its outcomes, the earliest first."""

    person: str
    step: str
    outcomes: tuple[str, ...]


@attrs.frozen(kw_only=True)
class Report:
    """A log under a pack, ready to be shown: rows in order of time, and what explains them.

    `days` holds the days around `first` to `last` that are not ordinary: holidays and make-up workdays, weekends too.
    `as_of` is where the clock stood, in the pack's zone; empty where the log holds no event.
    """

    pack: Pack
    rows: tuple[Row, ...]
    facts: Mapping[str, Fact]
    events: int
    as_of: str
    first: dt.date | None
    last: dt.date | None
    days: Mapping[dt.date, DayKind]
    climbs: Mapping[str, tuple[Climb, ...]]
    not_used: tuple[NotUsed, ...]

    @property
    def people(self) -> tuple[str, ...]:
        """Return everybody whom an outcome concerns, in order."""
        return tuple(sorted({row.outcome.person for row in self.rows if row.outcome.person is not None}))
