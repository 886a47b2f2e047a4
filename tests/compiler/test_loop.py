"""Deadlines pass in their order between the events of a log, however near they are."""

from __future__ import annotations

import json

import pytest
import yaml

from dutyrules.policies.load import load_pack

from .agreement import Both
from .small_packs import GROUND, duty


def pack(folder, limit: str):
    """Return a pack with a fine for what is not done within a limit."""
    rules = {"d": duty(within=limit), "f": {"kind": "sanction", "when": "breach of d", "fine": 5}}
    path = folder / "near.yaml"
    path.write_text(yaml.safe_dump(json.loads(json.dumps({**GROUND, "rules": rules}))), encoding="utf-8")
    return load_pack(str(path))


def line(number: int, minute: int, kind: str, job: str) -> bytes:
    """Return the line of an event some minutes after midnight; each job is another person's."""
    time = f"2025-03-01T{minute // 60:02}:{minute % 60:02}:00+08:00"
    event = {"id": f"e{number:03}", "type": kind, "time": time, "subject": f"p-{job}", "data": {"job": job}}
    return json.dumps(event, separators=(",", ":")).encode()


@pytest.mark.parametrize("limit", ["5 min", "20 min", "40 min", "90 min"])
@pytest.mark.parametrize("step", [1, 7, 33, 100])
def test_a_late_act_comes_after_the_miss(limit, step, tmp_path) -> None:
    """an act after the limit is late, be the limit shorter or longer than the time between two events"""
    lines = [line(1, 0, "job_opened", "a")]
    lines += [line(number, number * step, "job_opened", f"j{number}") for number in range(2, 9)]
    lines += [line(9, 8 * step + 3, "act_done", "a"), line(10, 8 * step + 4, "act_done", "j8")]
    both = Both(pack(tmp_path, limit), tmp_path)
    assert both.check(lines, after=7_200), both.tally


def test_deadlines_of_one_instant_pass_in_the_order_of_opening(tmp_path) -> None:
    """duties that end in the same second are missed one after the other, as they were opened"""
    lines = [line(number, 10, "job_opened", f"j{number}") for number in range(1, 30)]
    both = Both(pack(tmp_path, "20 min"), tmp_path)
    assert both.check([*lines, line(90, 31, "job_opened", "z")], after=0), both.tally
    assert both.tally.made["d", "obligation", "breached"] == 29
