"""What a condition came to: its parts with their values, the members of counts, the versions of parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from dutyrules.runtime.values import Unknown

if TYPE_CHECKING:
    import datetime as dt

    from dutyrules.policies.syntax import Expression


@attrs.frozen
class Version:
    """Which value of a parameter applied on a day: since when, and until when (None: for good)."""

    parameter: str
    day: dt.date | None
    since: dt.date | None
    until: dt.date | None
    versions: int


@attrs.frozen
class Candidate:
    """One fact that a count looked at: whether it is counted, and why not.

    `reason` is one of `counted`, `where`, `window`, `later`, `except`, `same`, `over`, `gap`, `unknown`.
    """

    fact: str
    time: int
    day: dt.date | None
    counted: bool
    reason: str
    roots: tuple[str, ...]
    failed: Term | None = None
    distinct: Any = None


@attrs.frozen
class Tally:
    """What a count came to for one reader: its key, its window, and each fact with that key.

    `first` and `last` are the days of the window; `reaches` is the last second at which all that is counted still
    counts (None: for good). `mine` tells whether the reader is a member itself.
    """

    count: str
    key: tuple[Any, ...]
    value: int | Unknown
    window: str
    first: dt.date | None = None
    last: dt.date | None = None
    reaches: int | None = None
    at: int | None = None
    mine: bool = False
    whole: bool = False
    candidates: tuple[Candidate, ...] = ()

    @property
    def counted(self) -> tuple[Candidate, ...]:
        """Return those that are counted."""
        return tuple(one for one in self.candidates if one.counted)

    @property
    def left_out(self) -> tuple[Candidate, ...]:
        """Return those that are not."""
        return tuple(one for one in self.candidates if not one.counted)


@attrs.frozen
class Looked:
    """Which records were looked through for one that meets a condition, and the one that met it or came nearest."""

    record: str
    number: int
    nearest: str | None
    opened: tuple[str, ...] = ()


@attrs.frozen
class Term:
    """A part of a condition, what it came to, and the parts of it.

    `type` is that of the value: `time` values are seconds since 1970.
    """

    text: str
    value: Any
    type: str
    tree: Expression | None = attrs.field(default=None, repr=False, eq=False)
    parts: tuple[Term, ...] = ()
    record: str | None = None
    version: Version | None = None
    tally: Tally | None = None
    looked: Looked | None = None

    @property
    def holds(self) -> bool | None:
        """Return whether a condition holds; None: it is not known."""
        return None if isinstance(self.value, Unknown) else bool(self.value)

    def walk(self) -> list[Term]:
        """Return the term and all its parts."""
        return [self, *(deeper for part in self.parts for deeper in part.walk())]


@attrs.frozen
class Change:
    """One thing that would have made a guard hold.

    `kind` is one of `members` (so many further facts of a count, from `after` up to `before`), `fewer` (so many facts
    less), `later` and `earlier` (seconds), `days_later`, `days_earlier`, `more`, `less`, `exactly` (a figure), `is`,
    `is_not`, `one_of`, `none_of`, `known`, `parameter`, `event`, `no_event`, `record`, `no_record`, `holds`, `fails`,
    `wait` (until the clock has passed `before`), `carries`. `what` is the operand, `value` what it would have to be,
    `by` the difference. Changes of one `group` are ways to the same end; of each group one is needed.
    """

    kind: str
    what: str
    by: Any = None
    value: Any = None
    type: str = "any"
    after: int | None = None
    before: int | None = None
    group: int = 0
    tree: Expression | None = attrs.field(default=None, repr=False, eq=False)
    fresh: bool = False
