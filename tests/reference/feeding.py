"""The ways to feed a log: in order, one by one in another order, in batches with a snapshot between them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
import pytest

from dutyrules.engine import Engine

from .agreement import Expected, engine_for, in_order
from .bad_lines import BAD_LINES, CALLED
from .minimal import smallest

if TYPE_CHECKING:
    from random import Random


@attrs.frozen
class Plan:
    """How a log is fed: two orders, where batches are cut and a snapshot is taken, and at which instants to look.

    `junk` are lines that hold no event, by the place before which each comes.
    """

    order: tuple[str, ...]
    batches: tuple[str, ...]
    cut: int
    snapshot: int
    looks: tuple[int, ...]
    junk: tuple[tuple[int, str], ...] = ()


def plan_for(random: Random, log) -> Plan:
    """Draw how to feed a log."""
    names = [event.id for event in log.events]
    order, batches = (tuple(random.sample(names, len(names))) for _ in range(2))
    cut, snapshot = (random.randint(0, len(names)) for _ in range(2))
    looks = tuple(random.randint(0, 9999) for _ in range(random.randint(0, 2)))
    junk = random.sample(sorted(BAD_LINES), random.randint(0, 2))
    return Plan(order, batches, cut, snapshot, looks, tuple((random.randint(0, len(names)), code) for code in junk))


def instants(log, end: Expected, looks) -> list[int]:
    """Return instants at which something may change, or just before, and the last."""
    changes = {instant for instant in end.world.interesting if instant <= log.until} | {
        each.time for each in log.events
    }
    near = sorted(instant for change in changes for instant in (change - 1, change))
    return [*sorted({near[look % len(near)] for look in looks} - {log.until}), log.until]


def check_along_time(log, end: Expected, plan: Plan) -> None:
    """Check what stands at several instants of a sorted replay."""
    engine, fed = engine_for(log), 0
    ordered = in_order(event for event in log.events if event.time <= log.until)
    for instant in instants(log, end, plan.looks):
        batch = [event for event in ordered[fed:] if event.time <= instant]
        fed += len(batch)
        engine.feed_all(batch)
        engine.advance(instant)
        wanted = end if instant == log.until else Expected(log, instant)
        wanted.assert_of(engine, "a sorted replay")


def ordered_as(log, names) -> list:
    """Return the events of a log in the order of their ids in a plan."""
    by_name = {event.id: event for event in log.events}
    return [by_name[name] for name in names if name in by_name]


def check_any_order(log, end: Expected, plan: Plan) -> None:
    """Check what stands in the end when events come one by one in another order.

    Some come twice, one comes again with another time, and between them come lines that hold no event.
    """
    events = ordered_as(log, plan.order)
    engine = engine_for(log)
    for number, event in enumerate(events):
        feed_junk(engine, plan, number)
        engine.feed(event)
        if number % 3 == 0:
            engine.feed(event)
    feed_junk(engine, plan, len(events), beyond=True)
    engine.advance(log.until)
    twisted = attrs.evolve(events[-1], time=events[-1].time - 1)
    engine.feed(twisted)
    more = {(twisted.id, "DR620"), *junk(plan)}
    end.assert_of(engine, "events one by one in another order", events, more=more)


def check_batches(log, end: Expected, plan: Plan) -> None:
    """Check what stands in the end when events come in batches, with a snapshot and restore between two of them."""
    events = ordered_as(log, plan.batches)
    engine = engine_for(log)
    first, second = sorted((plan.cut, plan.snapshot))
    feed_junk(engine, plan, 0, beyond=True)
    for since, upto in ((0, first), (first, second), (second, len(events))):
        engine.feed_all(events[since:upto])
        if upto == plan.snapshot:
            engine = Engine.restore(log.pack, engine.snapshot())
    engine.advance(log.until)
    said = f"batches cut at {plan.cut} with a snapshot at {plan.snapshot}"
    end.assert_of(engine, said, events, more=junk(plan))


def feed_junk(engine: Engine, plan: Plan, place: int, *, beyond: bool = False) -> None:
    """Feed the lines that hold no event and stand at a place, or there and later."""
    for there, code in plan.junk:
        if there == place or (beyond and there > place):
            assert engine.feed(BAD_LINES[code]) == []


def junk(plan: Plan) -> set[tuple[str, str]]:
    """Return the lines of a plan that hold no event, by what they are called when they are set aside."""
    return {(CALLED.get(code) or BAD_LINES[code], code) for _, code in plan.junk}


def check(log, plan: Plan) -> Expected:
    """Check every way to feed a log, and return what stands in the end."""
    end = Expected(log, log.until)
    check_along_time(log, end, plan)
    check_any_order(log, end, plan)
    check_batches(log, end, plan)
    return end


def told(log, checking) -> str | None:
    """Return what an assertion says of a log, None where it holds."""
    try:
        checking(log)
    except AssertionError as error:
        return str(error)
    return None


def checked(log, checking):
    """Return what a check gives; where it fails, fail with the smallest log that can be found."""
    try:
        return checking(log)
    except AssertionError:
        fault = smallest(log, lambda less: told(less, checking))
    pytest.fail(fault, pytrace=False)
    return None
