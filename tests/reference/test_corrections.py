"""What stands after corrections is what a fresh replay of the corrected set gives, whatever came when."""

from __future__ import annotations

import os
from functools import partial
from random import Random

import attrs
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from dutyrules.engine import Engine

from .agreement import Expected, aside, differences, engine_for, in_order, report, standing
from .corrected import corrected, reaching_nothing, with_corrections
from .feeding import checked
from .generated import generated
from .scenes import alone, scenes

DICE = st.randoms(use_true_random=True)
TIMES = int(os.environ.get("DIFFERENTIAL", "1"))
SLOW = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example)


def fresh(log) -> Engine:
    """Return an engine that has only ever seen the corrected set."""
    engine = engine_for(log)
    engine.feed_all(in_order(corrected(log.events)))
    engine.advance(log.until)
    return engine


def assert_as_fresh(engine: Engine, log, said: str) -> None:
    """Assert that an engine is where one is that has only ever seen the corrected set, and what it sets aside."""
    wanted = fresh(log)
    lines = differences(standing(engine), standing(wanted))
    found = aside(engine) ^ (aside(wanted) | reaching_nothing(log.events))
    lines += [f"set aside by one side only: {pair}" for pair in sorted(found)]
    assert not lines, report(log, said, lines, log.events)


def check_one_by_one(log, order, snapshot: int) -> None:
    """Amend event by event in an order, from some moment on in an engine that was restored."""
    engine = engine_for(log)
    seen: dict = {}
    for number, name in enumerate(order):
        event = next((one for one in log.events if one.id == name), None)
        if event is None:
            continue
        if number == snapshot:
            engine = Engine.restore(log.pack, engine.snapshot())
        delta = engine.amend(event)
        for change in (*delta.issued, *delta.replaced, *delta.withdrawn):
            assert seen.get(change.id) == change.before
            if change.after is None:
                del seen[change.id]
            else:
                seen[change.id] = change.after
        assert seen == engine.outcomes()
    engine.advance(log.until)
    assert_as_fresh(engine, log, f"one by one, restored at {snapshot}")


def check_every_step(log, order) -> None:
    """After each event that comes once the end is reached, the state is that of a fresh replay of what is known."""
    engine = engine_for(log)
    known = [one for one in log.events if one.corrects is None and one.withdraws is None]
    engine.feed_all(in_order(known))
    engine.advance(log.until)
    for name in order:
        event = next((one for one in log.events if one.id == name and one not in known), None)
        if event is None:
            continue
        engine.amend(event)
        known.append(event)
        lines = differences(standing(engine), standing(fresh(attrs.evolve(log, events=tuple(known)))))
        assert not lines, report(log, f"after {event.id}", lines, known)


def check_batches(log, order, cut: int, snapshot: int) -> None:
    """Feed in batches, with a snapshot and restore between two of them."""
    engine = engine_for(log)
    names = [name for name in order if any(one.id == name for one in log.events)]
    by_name = {one.id: one for one in log.events}
    first, second = sorted((cut, snapshot))
    for since, upto in ((0, first), (first, second), (second, len(order))):
        engine.feed_all(by_name[name] for name in names[since:upto])
        if upto == snapshot:
            engine = Engine.restore(log.pack, engine.snapshot())
    engine.advance(log.until)
    assert_as_fresh(engine, log, f"batches cut at {cut} and {snapshot}")


def check_reference(log, order) -> None:
    """Amend event by event in an order, and look at what the reference interpreter makes of the corrected set."""
    engine = engine_for(log)
    for name in order:
        for event in log.events:
            if event.id == name:
                engine.feed(event)
    engine.advance(log.until)
    expected = Expected(attrs.evolve(log, events=corrected(log.events)), log.until)
    expected.assert_of(engine, "beside the reference", log.events, more=reaching_nothing(log.events))


def check_all(random, log) -> None:
    """Check every way in which the events of a log with corrections can come."""
    names = [event.id for event in log.events]
    order, other, third = (random.sample(names, len(names)) for _ in range(3))
    cut, snapshot, restored = (random.randint(0, len(names)) for _ in range(3))
    checked(log, lambda log: check_one_by_one(log, order, restored))
    checked(log, lambda log: check_every_step(log, other))
    checked(log, lambda log: check_batches(log, third, cut, snapshot))


def test_every_construct_is_corrected() -> None:
    """a correction and a withdrawal of anything in a scene for each construct leave what a fresh replay gives"""
    for scene in scenes():
        random = Random(scene.id)  # noqa: S311 - the same corrections in every run
        log = alone(scene)
        amended = with_corrections(random, log)
        check_all(random, amended)
        backwards = [event.id for event in reversed(amended.events)]
        checked(amended, partial(check_reference, order=backwards))


@settings(max_examples=60 * TIMES, phases=(Phase.explicit, Phase.reuse, Phase.generate), suppress_health_check=SLOW)
@given(DICE)
def test_generated_logs_are_corrected(random) -> None:
    """corrections of corrections, withdrawals of them, in any order, leave what a fresh replay gives"""
    log = generated(random)
    check_all(random, with_corrections(random, log))
