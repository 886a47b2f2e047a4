"""Where an expression is read.

The fact under test, its matter, the trigger seen from inside, the instant up to which one may look.
"""

from __future__ import annotations

import datetime as dt  # noqa: TC003 - used in annotations that attrs and readers resolve
from typing import TYPE_CHECKING, Any

from dutyrules.runtime.store import FOREVER

if TYPE_CHECKING:
    from dutyrules.calendars.periods import Period
    from dutyrules.runtime.instances import Instance
    from dutyrules.runtime.store import Fact


_new = object.__new__


class Context:
    """One reader's view. `whole`: counts take all that belongs to their window, whenever stamped."""

    __slots__ = ("act", "at", "day", "fact", "matter", "period", "this", "whole")

    def __init__(
        self,
        fact: Fact | None = None,
        matter: Instance | None = None,
        *,
        this: Context | None = None,
        act: Fact | None = None,
        period: Period | None = None,
        at: int = FOREVER,
        whole: bool = False,
        day: dt.date | None = None,
    ) -> None:
        self.fact = fact
        self.matter = matter
        self.this = this
        self.act = act
        self.period = period
        self.at = at
        self.whole = whole
        self.day = day

    def inside(self, fact: Fact | None, matter: Instance | None = None) -> Context:
        """Return the view of another fact or record, from which this one is `this`."""
        view = _new(Context)
        view.fact = fact
        view.matter = matter
        view.this = self.this or self
        view.act = self.act
        view.period = self.period
        view.at = self.at
        view.whole = self.whole
        view.day = self.day
        return view

    def looking(self, **changes: Any) -> Context:  # noqa: ANN401 - the values of the slots above
        """Return the same view with some parts changed."""
        view = self.inside(self.fact, self.matter)
        view.this = self.this
        for name, value in changes.items():
            setattr(view, name, value)
        return view
