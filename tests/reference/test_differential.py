"""Engine and reference interpreter agree: on a scene for each construct, on generated packs, on logs of a clinic.

`DIFFERENTIAL=20` runs twenty times as many examples; with `HYPOTHESIS_PROFILE=explore` they are other ones each time.
"""

from __future__ import annotations

import datetime as dt
import os
from itertools import permutations
from pathlib import Path
from random import Random

import attrs
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from dutyrules.policies.load import load_pack

from . import ground, look
from .agreement import aside, assert_stream, engine_for
from .bad_lines import BAD_LINES
from .clinic_days import clinic
from .feeding import check, checked, plan_for
from .forgetting import assert_forgotten
from .generated import generated, loaded
from .logs import PEOPLE, Drawing, Log
from .reached import ALL_STATUSES, CODES, CONSTRUCTS, Reached
from .scenes import Scene, alone, among_others, scenes

CLINIC = Path(__file__).parents[2] / "policies" / "clinic.yaml"
DICE = st.randoms(use_true_random=True)
"""Hypothesis draws where the dice start; an example is then thrown from there, so that each is new in all its parts."""
TIMES = int(os.environ.get("DIFFERENTIAL", "1"))
PHASES = (Phase.explicit, Phase.reuse, Phase.generate)
"""A failing example is made small by `minimal`, which knows what a log is, and not by hypothesis."""
LATER = ("DR624", "DR625")
"""Codes with a test of their own: what stands then is not alike on both sides."""
RETAINED = {
    "rules": {
        "s-answer": {
            "kind": "obligation",
            "about": "job",
            "when": "job_opened",
            "who": "office",
            "within": "3 days",
            "until": "act_done",
        },
        "s-fine": {"kind": "sanction", "when": "breach of s-answer", "fine": 5},
    }
}
UNFOUNDED = Scene(
    "a rule without firm ground",
    (),
    {
        "rules": {
            "s-no-second": {
                "kind": "prohibition",
                "when": "joined",
                "if": "any(worker, person == this.person)",
                "voids": "trigger",
            },
            "s-done": {"kind": "sanction", "when": "act_done", "fine": 5},
        }
    },
    (
        {"at": "@0 09:00:00", "type": "joined", "person": "dot"},
        {"at": "@0 10:00:00", "type": "act_done", "person": "dot"},
        {"at": "@0 11:00:00", "type": "act_done", "person": "eve"},
    ),
    "@1 00:00:00",
    "all",
)
SLOW = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example)


def examples(number: int):
    """Return the settings of a test that runs so many examples."""
    return settings(max_examples=number * TIMES, phases=PHASES, suppress_health_check=SLOW)


def agreeing(log, plan):
    """Return what stands in the end when a log is fed in every way of a plan, on which both sides agree."""
    return checked(log, lambda log: check(log, plan))


def test_every_construct_comes_out_alike() -> None:
    """a scene for each construct comes out alike, alone and among other rules and events, and every one is met"""
    reached, codes = Reached(), sorted(BAD_LINES)
    for number, scene in enumerate(scenes()):
        log = alone(scene)
        plan = plan_for(Random(scene.id), log)  # noqa: S311 - the same order in every run
        plan = attrs.evolve(plan, junk=((number % len(log.events), codes[number % len(codes)]),))
        mine = Reached()
        mine.note(agreeing(log, plan))
        mine.count_stream(checked(log, assert_stream))
        mine.assert_met(*scene.reaches)
        reached.add(mine)

    @examples(80)
    @given(DICE)
    def run(random) -> None:
        log = among_others(random, random.choice(scenes()))
        reached.note(agreeing(log, plan_for(random, log)))

    run()
    reached.tell("scenes")
    reached.assert_met(*CONSTRUCTS, *(("code", code) for code in CODES if code not in LATER))


def test_generated_packs_come_out_alike() -> None:
    """what stands is the same whatever the order, the batches and the snapshots, for packs of every construct"""
    reached = Reached()

    @examples(80)
    @given(DICE)
    def run(random) -> None:
        log = generated(random)
        reached.note(agreeing(log, plan_for(random, log)))

    run()
    reached.tell("generated packs")
    reached.assert_met(*(("trigger", trigger) for trigger in ("when", "whenever", "every", "gap", "finding")))


def test_streams_come_out_alike() -> None:
    """a sorted replay hands out what the reference's history says, one change after the other"""
    reached = Reached()
    for scene in scenes():
        reached.count_stream(checked(alone(scene), assert_stream))

    @examples(50)
    @given(DICE)
    def run(random) -> None:
        reached.count_stream(checked(generated(random, most_pieces=1, most_events=8), assert_stream))

    run()
    reached.tell("streams")
    reached.assert_met(*ALL_STATUSES, ("withdrawn",))


def test_clinic_logs_come_out_alike() -> None:
    """the clinic's pack gives the same for days of duty around the ends of months and seasons"""
    reached = Reached()
    pack = load_pack(CLINIC)

    @examples(16)
    @given(DICE)
    def run(random) -> None:
        log = clinic(random, pack)
        reached.note(agreeing(log, plan_for(random, log)))

    run()
    reached.tell("clinic logs")
    reached.assert_met(*((("kind", kind)) for kind in ("obligation", "prohibition", "sanction", "entitlement")))


@pytest.mark.parametrize("days_back", [1, 40, 99])
def test_what_is_forgotten_is_older_than_the_cut(days_back: int) -> None:
    """an event from before the cut is set aside, and what stands since then is what the reference says"""
    pack, text = loaded(ground.document([RETAINED]) | {"retention": "30 days"})
    drawing = Drawing(Random(days_back), pack, {"job": ("k1", "k2"), "person": PEOPLE}, dt.date(2026, 1, 5), 120)  # noqa: S311 - the same log in every run
    for _ in range(40):
        drawing.add(drawing.one(("job_opened", "act_done")), drawing.instant(), job=drawing.one(("k1", "k2")))
    until = drawing.at(dt.date(2026, 5, 20), "12:00:00")
    log = Log(pack, tuple(event for event in drawing.events if event.time <= until), until, "all", text)
    drawing.add(
        "job_opened", drawing.at(dt.date(2026, 4, 1) - dt.timedelta(days=days_back), "00:00:00"), "late", job="k1"
    )
    assert_forgotten(log, drawing.events[-1], look)


def test_a_rule_that_undoes_its_own_ground_is_named() -> None:
    """a rule that voids a fact because of what that very fact makes is named by both sides, in every order"""
    log = alone(UNFOUNDED)
    assert look(log.pack, log.events, log.until, log.carries)[2] == {"s-no-second": "DR625"}
    for order in permutations(log.events):
        engine = engine_for(log)
        for event in order:
            engine.feed(event)
        assert [(name in ("s-no-second", "worker"), code) for name, code in aside(engine)] == [(True, "DR625")]
