"""What the interpreter passes around: facts, records, matters and the spot from which an expression is read."""

from __future__ import annotations

import datetime as dt
from typing import Any

import attrs

ABSENT = object()
RANK = {"event": 0, "breach": 1, "fulfilment": 1, "excuse": 1, "sanction": 1, "end": 2}


@attrs.frozen(eq=False)
class Fact:
    """Something that is so: an event, a deemed event, a breach, a fulfilment, an excuse or the end of a record.

    `causes` are the ids that an outcome resting on the fact gives as reasons, `roots` the events at the bottom of it.
    """

    kind: str
    name: str
    id: str
    time: int
    data: dict[str, Any]
    person: object = None
    date: dt.date | None = None
    matter: Matter | None = None
    act: Fact | None = None
    causes: tuple[str, ...] = ()
    roots: tuple[str, ...] = ()

    @property
    def order(self) -> tuple[int, int, str]:
        """Return the place of the fact among others."""
        return (self.time, RANK[self.kind], self.id)


@attrs.define(eq=False)
class Instance:
    """One record: its key, what touched it, and from when to when it lives (`closed` is excluded)."""

    kind: str
    key: dict[str, Any]
    opener: Fact
    opened: int
    episode: str | None
    touched: list[Fact] = attrs.field(factory=list)
    openers: list[Fact] = attrs.field(factory=list)
    closed: int | None = None
    closer: Fact | None = None
    start: int | None = None
    end: int | None = None
    season: str | None = None

    @property
    def id(self) -> str:
        """Return the matter id of the record."""
        text = f"{self.kind}:" + ",".join(escaped(value, ",") for value in self.key.values())
        return f"{text}@{self.episode}" if self.episode else text

    def alive(self, instant: int) -> bool:
        """Tell whether the record lives at an instant."""
        return self.opened <= instant and (self.closed is None or instant < self.closed)

    def known(self, instant: int) -> bool:
        """Tell whether the record has been opened by then."""
        return self.opened <= instant


@attrs.frozen(eq=False)
class Matter:
    """What one outcome is one of."""

    id: str
    kind: str
    date: dt.date
    keys: dict[str, Any]
    instance: Instance | None = None
    fact: Fact | None = None
    period: Any = None


@attrs.frozen(eq=False)
class Spot:
    """Where an expression is read.

    `fact` holds the bare names, then `matter`; `instance` replaces both inside a record's own condition. `at` is the
    reader's instant, `day` its date (which window, which parameter value), `closing` the record or period at whose end
    it reads.
    """

    at: int
    day: dt.date
    fact: Fact | None = None
    matter: Matter | None = None
    instance: Instance | None = None
    this: Spot | None = None
    act: Fact | None = None
    period: Any = None
    closing: Any = None


@attrs.define(eq=False)
class Trigger:
    """One thing that sets a rule off, with the spot from which its guards were read."""

    time: int
    order: tuple
    spot: Spot
    causes: tuple[str, ...]
    span: object = None
    opens: int | None = None


def shown(value) -> str:
    """Return a value as text."""
    if isinstance(value, bool):
        return str(value).lower()
    return value.isoformat() if isinstance(value, dt.date) else str(value)


def escaped(value, mark: str) -> str:
    """Return a value as a part of a text whose parts a mark separates."""
    return shown(value).replace("\\", "\\\\").replace(mark, f"\\{mark}")
