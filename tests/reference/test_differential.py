"""The engine and the reference interpreter agree, on generated packs and on logs of the clinic."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import attrs
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from dutyrules.engine import Engine
from dutyrules.policies.load import load_pack
from dutyrules.policies.model import Kind

from .clinic_days import clinic
from .generated import generated
from .agreement import Expected, assert_stream, engine_for, in_order
from .minimal import smallest
from .reached import Reached

if TYPE_CHECKING:
    from .logs import Log

CLINIC = Path(__file__).parents[2] / "policies" / "clinic.yaml"
PHASES = (Phase.explicit, Phase.reuse, Phase.generate)
"""A failing example is made small by `minimal`, which knows what a log is, and not by hypothesis."""
pytestmark = pytest.mark.skipif(
    "DIFFERENTIAL" not in os.environ, reason="set DIFFERENTIAL=1: larger runs still find differences"
)
SLOW = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example)


@attrs.frozen
class Plan:
    """How a log is fed: two orders, where batches are cut and a snapshot is taken, and at which instants to look."""

    order: tuple[str, ...]
    batches: tuple[str, ...]
    cut: int
    snapshot: int
    looks: tuple[int, ...]


@st.composite
def planned(draw, logs) -> tuple[Log, Plan]:
    """Draw a log and how to feed it."""
    log, random = draw(logs), draw(DICE)
    names = [event.id for event in log.events]
    order, batches = (tuple(random.sample(names, len(names))) for _ in range(2))
    cut, snapshot = (random.randint(0, len(names)) for _ in range(2))
    return log, Plan(order, batches, cut, snapshot, tuple(random.randint(0, 9999) for _ in range(random.randint(0, 2))))


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
    """Check what stands in the end when events come one by one in another order, some of them twice."""
    events = ordered_as(log, plan.order)
    engine = engine_for(log)
    for number, event in enumerate(events):
        engine.feed(event)
        if number % 3 == 0:
            engine.feed(event)
    engine.advance(log.until)
    end.assert_of(engine, "events one by one in another order", events)


def check_batches(log, end: Expected, plan: Plan) -> None:
    """Check what stands in the end when events come in batches, with a snapshot and restore between two of them."""
    events = ordered_as(log, plan.batches)
    engine = engine_for(log)
    first, second = sorted((plan.cut, plan.snapshot))
    for since, upto in ((0, first), (first, second), (second, len(events))):
        engine.feed_all(events[since:upto])
        if upto == plan.snapshot:
            engine = Engine.restore(log.pack, engine.snapshot())
    engine.advance(log.until)
    end.assert_of(engine, f"batches cut at {plan.cut} with a snapshot at {plan.snapshot}", events)


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


def test_generated_packs_come_out_alike() -> None:
    """what stands is the same whatever the order, the batches and the snapshots, for packs of every construct"""
    reached = Reached()

    @settings(max_examples=12, phases=PHASES, suppress_health_check=SLOW)
    @given(planned(generated_logs()))
    def run(example) -> None:
        log, plan = example
        reached.note(checked(log, lambda log: check(log, plan)))

    run()
    reached.tell("generated packs")
    reached.assert_met(("kind", Kind.OBLIGATION), ("kind", Kind.PROHIBITION), ("kind", Kind.SANCTION))


def test_generated_packs_stream_alike() -> None:
    """a sorted replay hands out what the reference's history says, one change after the other"""
    reached = Reached()

    @settings(max_examples=20, phases=PHASES, suppress_health_check=SLOW)
    @given(strategies.generated(most_pieces=1, most_events=8))
    def run(log) -> None:
        reached.count_stream(checked(log, assert_stream))

    run()
    reached.tell("streams")
    reached.assert_met(("status", "obligation", "open"), ("status", "breach", "breached"))


def test_clinic_logs_come_out_alike() -> None:
    """the clinic's pack gives the same for days of duty around the ends of months and seasons"""
    reached = Reached()
    pack = load_pack(CLINIC)

    @settings(max_examples=12, phases=PHASES, suppress_health_check=SLOW)
    @given(planned(strategies.clinic(pack)))
    def run(example) -> None:
        log, plan = example
        reached.note(checked(log, lambda log: check(log, plan)))

    run()
    reached.tell("clinic logs")
    reached.assert_met(("kind", Kind.OBLIGATION), ("kind", Kind.PROHIBITION), ("kind", Kind.SANCTION))
