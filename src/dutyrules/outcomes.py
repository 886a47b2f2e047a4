"""Outcomes: what a policy demands of whom, by when, and what it costs; frozen records with a stable JSON form."""

from __future__ import annotations

import datetime as dt
import hashlib
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import attrs
import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

GONE: Final = frozenset({"withdrawn", "retracted"})
"""The statuses of outcomes that stand no longer."""


@lru_cache(maxsize=16_384)
def instant_of(time: str) -> int:
    """Return the seconds since 1970 of an outcome's time, since texts do not sort in the hour that happens twice."""
    return int(dt.datetime.fromisoformat(time).timestamp())


def short_id(outcome_id: str) -> str:
    """Return eight hexadecimal digits that stand for an outcome's id where people read; `explain` takes them too."""
    return hashlib.blake2b(outcome_id.encode(), digest_size=4).hexdigest()


@attrs.frozen(kw_only=True)
class Outcome:
    """One outcome as it stands; a change of status is a new record with the same `id`.

    `time` is ISO 8601 with the pack's offset: when this status came about (a missed deadline: the deadline's own time).
    `matter` is what the outcome is one of. `because` holds the ids of the events and outcomes that caused it, sorted.
    """

    kind: str
    status: str
    id: str
    time: str
    pack: str
    rule: str
    clause: str
    person: str | None
    matter: str
    because: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return the fields that have a value, in a fixed order; money as text."""
        return {
            name: value
            for name, value in attrs.asdict(self, recurse=False).items()
            if value is not None and value != () and value is not False
        }


@attrs.frozen(kw_only=True)
class Obligation(Outcome):
    """An act that somebody owes: `open`, `fulfilled`, `breached`, `waived` or `cancelled`.

    `late`: fulfilled after the breach.
    """

    since: str | None = None
    due: str | None = None
    vague: str | None = None
    late: bool = False


@attrs.frozen(kw_only=True)
class Deadline(Outcome):
    """The instant an obligation or right is due: `set`, `moved`, `missed` or `lifted`.

    `ledger` tells how it was counted.
    """

    due: str | None = None
    ledger: Mapping[str, Any] | None = None


@attrs.frozen(kw_only=True)
class Breach(Outcome):
    """A norm that was broken; its one status is `breached`; `lacking` names the needs that were not met."""

    due: str | None = None
    date: str | None = None
    lacking: tuple[str, ...] = ()


@attrs.frozen(kw_only=True)
class Sanction(Outcome):
    """A consequence: `proposed`, `imposed` or `voided`; `amount` only where the text or a ruling gives one."""

    sanction: str
    amount: Decimal | None = None
    currency: str | None = None
    nature: str | None = None
    what: str | None = None
    step: str | None = None
    tier: str | None = None
    number: Decimal | None = None
    low: Decimal | None = None
    high: Decimal | None = None
    period: str | None = None
    by: str | None = None


@attrs.frozen(kw_only=True)
class Entitlement(Outcome):
    """What the organisation owes the person: `granted`, `postponed`, `taken` or `voided`."""

    grant: str
    amount: Decimal | None = None
    currency: str | None = None
    due: str | None = None
    period: str | None = None


@attrs.frozen(kw_only=True)
class Referral(Outcome):
    """A question for a person: `opened` or `answered`.

    `question` is `discretion`, `review`, `rules` or `undecidable`, which says what it `lacks`.
    """

    question: str
    asks: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    low: Decimal | None = None
    high: Decimal | None = None
    by: str | None = None


@attrs.frozen(kw_only=True)
class Notice(Outcome):
    """A remark without force: a soft limit that passed, a roster entry that is not permitted, a reminder."""

    notice: str
    detail: str | None = None


_encoder = msgspec.json.Encoder(decimal_format="string")


def encode(outcome: Outcome) -> bytes:
    """Return the outcome as one line of JSON, without the newline."""
    return _encoder.encode(outcome.as_dict())
