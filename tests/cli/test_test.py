from __future__ import annotations

import json
from pathlib import Path

import pytest

FAILING = """\
- id: desk/fails
  events:
    - {at: "2026-01-15T08:00:01+08:00", type: check_in, person: li}
  expect:
    - {norm: desk/1.1-fine, who: li, outcome: sanction, amount_cny: 40}
- {id: other/x, expect: []}
"""


@pytest.fixture
def failing(tmp_path):
    """Write a folder with a scenario that fails and one of another pack."""
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "failing.yaml").write_text(FAILING)
    (tmp_path / "more" / "data.yaml").write_text("a: 1\n")
    return tmp_path / "more"


def test_scenarios_beside_the_pack_run(run, desk):
    """the scenarios in `tests` beside the pack are run and counted"""
    status, out, _ = run("test", desk)
    assert status == 0
    assert out.splitlines() == [
        "4 scenarios, 20 expectations: 4 scenarios passed, 0 failed",
        "desk: 14 of 16 rules, tiers and needs named by a scenario",
    ]


def test_a_failing_scenario_decides_the_status(run, desk, failing):
    """a scenario that fails is told with file and line, those of other packs are left out"""
    status, out, err = run("test", desk, "--scenarios", failing)
    assert status == 1
    assert err == "left out: 1 scenarios of other packs (`other`)\n"
    assert f"{failing / 'failing.yaml'}:5: expected desk/1.1-fine li sanction 40, but it comes to 50" in out
    assert "1 scenarios, 1 expectations: 0 scenarios passed, 1 failed" in out


def test_results_as_json(run, desk, failing):
    """`--format json` gives each scenario with its failures"""
    status, out, _ = run("test", desk, "--scenarios", failing, "--format", "json")
    [result] = json.loads(out)
    assert status == 1
    assert (result["id"], result["passed"], result["failures"][0]["line"]) == ("desk/fails", False, 5)


def test_only_some_scenarios(run, desk):
    """`--only` picks scenarios by a part of their id, `--verbose` names those that pass"""
    status, out, _ = run("test", desk, "--only", "month", "-v")
    assert status == 0
    assert out.startswith("passed desk/month Tiers")


def test_nothing_to_run_is_no_success(run, desk, tmp_path):
    """no scenarios, no folder or a faulty file end with status 2"""
    assert run("test", desk, "--only", "nothing")[0] == 2
    assert run("test", desk, "--scenarios", tmp_path / "nowhere")[0] == 2
    path = Path(tmp_path / "bad.yaml")
    path.write_text("- id: desk/a\n  titel: x\n  expect: []\n")
    status, _, err = run("test", desk, "--scenarios", path)
    assert status == 2
    assert "bad.yaml:2:3 DR650" in err


def test_a_faulty_pack_ends_with_status_2(run, tmp_path):
    """scenarios are not run against a pack that does not load"""
    path = tmp_path / "p.yaml"
    path.write_text("pack: p\nrules: []\n")
    assert run("test", path)[0] == 2
