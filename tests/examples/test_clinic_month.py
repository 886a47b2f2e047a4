"""The month of clinic duty: its figures, worked out by hand, and the demonstration."""

from __future__ import annotations

import json
import os
import random
import re
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest

from dutyrules.calendars.zones import Zone
from dutyrules.outcomes import encode
from dutyrules.policies.load import load_pack
from dutyrules.replay import Replay, open_logs

FOLDER = Path(__file__).parents[2] / "examples" / "clinic_month"
MOMENT = Zone("Asia/Shanghai").parse("2026-02-01T09:00:00+08:00")
TO_PAY = {"li": 50, "wan": 20, "zou": 159, "mo": 120, "he": 220, "gao": 50, "bai": 80, "luo": 30}
ALLOWANCES = {"li": 140, "wan": 160, "zou": 180, "mo": 160, "he": 160, "gao": 140, "tang": 140}


@pytest.fixture(scope="module")
def pack():
    """Load the clinic's pack."""
    return load_pack(FOLDER / "pack.yaml")


@pytest.fixture(scope="module")
def replay(pack):
    """Replay the month."""
    found = Replay(pack, open_logs([FOLDER / "events.jsonl"], pack), as_of=MOMENT)
    return found, found.run()


def of(outcomes, **wanted):
    """Return the outcomes that have these fields."""
    return [
        one for one in outcomes.values() if all(getattr(one, name, None) == value for name, value in wanted.items())
    ]


def by_person(outcomes):
    """Return the sums by person."""
    sums = {}
    for one in outcomes:
        sums[one.person] = sums.get(one.person, Decimal(0)) + (one.amount or 0)
    return {person: total for person, total in sums.items() if total}


def test_what_each_person_pays_and_receives(replay):
    """sanctions and allowances come to what a reader of the regulation works out by hand"""
    _, outcomes = replay
    imposed = of(outcomes, kind="sanction", status="imposed")
    assert by_person(one for one in imposed if one.sanction != "forfeit") == TO_PAY
    assert by_person(one for one in imposed if one.sanction == "forfeit") == {"qiu": 140}
    assert by_person(of(outcomes, rule="5.1-allowance-20", status="granted")) == ALLOWANCES


def test_the_story_has_what_it_promises(replay):
    """the month has a no-show, swaps with and without consent, complaints, calls, rulings, leave and rest"""
    _, outcomes = replay
    assert [one.person for one in of(outcomes, rule="4.8-no-show", kind="breach")] == ["qiu"]
    assert [one.what for one in of(outcomes, rule="4.8-disqualify")] == ["honours"]
    assert {one.person for one in of(outcomes, rule="5.2B-fine-20")} == {"mo", "wan"}
    assert [(one.person, one.amount) for one in of(outcomes, rule="4.1-fine-50", status="voided")] == [("he", 50)]
    assert not [one for one in of(outcomes, rule="4.1-fine-50") if one.person == "wan"]
    assert {one.rule for one in of(outcomes, kind="referral", status="opened", person="ji")} >= {
        "6.2-fine-10-50",
        "6.2-excused",
    }
    assert [one.person for one in of(outcomes, kind="entitlement", status="postponed")] == ["mo"]
    assert len(of(outcomes, rule="5.2F-rest-day", status="taken")) == 9


def test_silence_that_the_log_does_not_carry_accuses_nobody(replay):
    """what hangs on attendance, which is not in the log, is undecidable and says so"""
    _, outcomes = replay
    found = [one for one in of(outcomes, kind="referral") if one.rule.startswith("5.2D")]
    assert found
    assert {one.lacks for one in found} == {("a log that carries `attendance_day`",)}
    assert not [one for one in of(outcomes, kind="sanction") if one.rule == "5.2D-tiers"]


def test_what_cannot_be_used_is_set_aside(replay):
    """the line that was cut off, the punch of nobody on duty and the ruling out of bounds are kept with a reason"""
    found, _ = replay
    assert [(error.place.rsplit(":", 1)[1], error.code) for error in found.refused] == [("316", "DR601")]
    assert {(one.event, one.code) for one in found.engine.set_aside} == {("x001", "DR621"), ("e189", "DR623")}
    assert found.events == 478


def test_any_order_of_the_lines_gives_the_same_month(pack, replay, tmp_path):
    """the shuffled log comes to the same outcomes"""
    _, expected = replay
    lines = (FOLDER / "events.jsonl").read_text("utf-8").splitlines()
    random.Random(1).shuffle(lines)  # noqa: S311 - any order will do
    (tmp_path / "shuffled.jsonl").write_text("\n".join(lines))
    again = Replay(pack, open_logs([tmp_path / "shuffled.jsonl"], pack), as_of=MOMENT).run()
    assert {name: encode(one) for name, one in again.items()} == {name: encode(one) for name, one in expected.items()}


def test_the_readme_has_the_figures():
    """the table of the README says what the tests say"""
    readme = (FOLDER / "README.md").read_text("utf-8")
    rows = [
        [cell.strip() for cell in row.split("|")[1:-1]]
        for row in re.findall(r"^\| [a-z]+ \|.*\|$", readme, re.MULTILINE)
    ]
    rows = [row for row in rows if len(row) == 4 and row[0] != "person"]
    assert {row[0]: int(row[1]) for row in rows if row[1].isdigit()} == TO_PAY
    assert {row[0]: int(row[3]) for row in rows if row[3].isdigit()} == ALLOWANCES
    events = [
        json.loads(line) for line in (FOLDER / "events.jsonl").read_text("utf-8").splitlines() if line.endswith("}")
    ]
    assert {row[0] for row in rows} == {one["subject"] for one in events if one["type"] == "staff_record"}


def test_the_demonstration_runs():
    """`demo.sh` shows the timeline, a statement for everybody and the explanation, in readable length"""
    program = Path(sys.executable).with_name("dutyrules")
    environment = {**os.environ, "DUTYRULES": str(program)}
    done = subprocess.run([FOLDER / "demo.sh"], capture_output=True, text=True, check=True, env=environment)
    lines = done.stdout.splitlines()
    assert "  12:04:10 li check_in" in lines
    assert "li: to pay 50 CNY, to receive 140 CNY" in lines
    assert "qiu: forfeited 140 CNY" in lines
    assert "4.1-fine-50: fine 50 CNY voided" in lines
    assert len(lines) < 400
    assert "events.jsonl:316: DR601" in done.stderr
