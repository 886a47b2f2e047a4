"""What one event changed: outcomes issued, withdrawn and replaced, each with its cause."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs
import msgspec

from dutyrules.outcomes import GONE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from dutyrules.engine import SetAside
    from dutyrules.outcomes import Outcome

_encoder = msgspec.json.Encoder(decimal_format="string")


@attrs.frozen
class Change:
    """One outcome before and after an event; None where it did not stand.

    `cause` is the id of the event, None where only time has passed; `through` are the ids of outcomes that changed as
    well and on which this one rests.
    """

    before: Outcome | None
    after: Outcome | None
    cause: str | None
    through: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """Return the id of the outcome."""
        return self._standing.id

    @property
    def _standing(self) -> Outcome:
        one = self.after if self.after is not None else self.before
        assert one is not None  # noqa: S101 - there is no change without an outcome
        return one

    def as_dict(self) -> dict[str, Any]:
        """Return the change in a fixed order, without what is not there."""
        found: dict[str, Any] = {"id": self.id, "cause": self.cause, "through": list(self.through)}
        for name, outcome in (("before", self.before), ("after", self.after)):
            if outcome is not None:
                found[name] = outcome.as_dict()
        return {name: value for name, value in found.items() if value not in (None, [])}


@attrs.frozen
class Delta:
    """What an event changed.

    `event` is its id. Each list is in the order in which outcomes are handed out. `outcomes` is what `feed` would have
    returned: every new or changed outcome, those that are gone with their last status. `set_aside` says why the event
    itself reached nothing, None if it did.
    """

    event: str
    issued: tuple[Change, ...] = ()
    withdrawn: tuple[Change, ...] = ()
    replaced: tuple[Change, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    set_aside: SetAside | None = None

    def __bool__(self) -> bool:
        """Tell whether anything changed."""
        return bool(self.issued or self.withdrawn or self.replaced)

    def as_dict(self) -> dict[str, Any]:
        """Return the delta in a fixed order; money as text."""
        found: dict[str, Any] = {"event": self.event}
        for name in ("issued", "withdrawn", "replaced"):
            found[name] = [change.as_dict() for change in getattr(self, name)]
        if self.set_aside is not None:
            found["set_aside"] = attrs.asdict(self.set_aside)
        return found

    def as_json(self) -> bytes:
        """Return the delta as one line of JSON, without the newline."""
        return _encoder.encode(self.as_dict())


def delta_of(
    event: str,
    before: Mapping[str, Outcome | None],
    outcomes: Iterable[Outcome],
    by_time: Iterable[str] = (),
    set_aside: SetAside | None = None,
) -> Delta:
    """Sort out what changed: `before` is how each changed outcome stood, `by_time` those that time alone changed."""
    handed = tuple(outcomes)
    after = {one.id: None if one.status in GONE else one for one in handed}
    timely = frozenset(by_time)
    changes = []
    for name, now in after.items():
        then = before.get(name)
        if then == now:
            continue
        rests_on = {cause for one in (then, now) if one is not None for cause in one.because}
        through = tuple(sorted(cause for cause in rests_on if cause in after and cause != name))
        changes.append(Change(then, now, None if name in timely else event, through))
    return Delta(
        event,
        tuple(one for one in changes if one.before is None),
        tuple(one for one in changes if one.after is None),
        tuple(one for one in changes if one.before is not None and one.after is not None),
        handed,
        set_aside,
    )
