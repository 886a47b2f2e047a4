"""Where an expression is read.

The fact under test, its matter, the trigger seen from inside, the instant up to which one may look.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from dutyrules.runtime.store import FOREVER
from dutyrules.runtime.values import Struct

if TYPE_CHECKING:
    import datetime as dt

    from dutyrules.calendars.periods import Period
    from dutyrules.runtime.instances import Instance
    from dutyrules.runtime.store import Fact


class Context(Struct, frozen=True, eq=False):
    """One reader's view. `whole`: counts take all that belongs to their window, whenever stamped."""

    fact: Fact | None = None
    matter: Instance | None = None
    this: Context | None = None
    act: Fact | None = None
    period: Period | None = None
    at: int = FOREVER
    whole: bool = False
    day: dt.date | None = None

    def inside(self, fact: Fact | None, matter: Instance | None = None) -> Context:
        """Return the view of another fact or record, from which this one is `this`."""
        return Context(fact, matter, self.this or self, self.act, self.period, self.at, self.whole, self.day)

    def tested(self, fact: Fact) -> Context:
        """Return the view of another fact as of its own time, from which this one is `this`."""
        return Context(fact, fact.matter, self.this or self, self.act, self.period, fact.time, self.whole, self.day)

    def looking(self, **changes: Any) -> Context:  # noqa: ANN401 - the values of the fields above
        """Return the same view with some parts changed."""
        return replace(self, **changes)
