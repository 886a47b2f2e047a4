"""What may be missing where an engine has let go of what lies further back than its pack can look."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from . import days
from .agreement import all_shown, aside, differences, engine_for, in_order, report, standing

if TYPE_CHECKING:
    from .logs import Log

LATE = "DR624"


def cutoff(log: Log, clock: int) -> int:
    """Return before which instant an engine has forgotten when its clock has come so far: the month alone decides."""
    first = days.date_of(clock, log.pack.timezone).replace(day=1)
    return days.start_of(first, log.pack.timezone) - log.pack.retention.amount * 86400


def assert_forgotten(log: Log, late, look) -> None:
    """Assert that an event from before the cut is set aside, and that nothing younger than the cut is missing."""
    engine = engine_for(log)
    engine.feed_all(in_order(log.events))
    engine.advance(log.until)
    since = cutoff(log, log.until)
    assert late.time < since
    before = standing(engine)
    assert engine.feed(late) == []
    assert aside(engine) == {(late.id, LATE)}
    assert standing(engine) == before
    wanted = all_shown(look(log.pack, log.events, log.until, log.carries)[1])
    due = {name: fields for name, fields in wanted.items() if name in before or instant(fields["time"]) >= since}
    told = differences(before, due)
    assert not told, report(log, "an engine that has forgotten", told)


def instant(text: str) -> int:
    """Return the second of an outcome's time."""
    return int(dt.datetime.fromisoformat(text).timestamp())
