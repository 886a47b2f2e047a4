from __future__ import annotations

import shutil

import pytest

FAILING = """\
- id: desk/fails
  title: Expects too little
  events:
    - {at: "2026-01-15T08:00:01+08:00", type: check_in, person: li}
  expect:
    - {norm: desk/1.1-fine, who: li, outcome: sanction, amount_cny: 40}
"""


@pytest.fixture
def project(pytester, repository):
    """Lay out a project with a pack and its scenarios."""
    (pytester.path / "policies" / "tests").mkdir(parents=True)
    shutil.copy(repository / "tests" / "desk" / "desk.yaml", pytester.path / "policies")
    shutil.copy(repository / "tests" / "desk" / "tests" / "desk.yaml", pytester.path / "policies" / "tests")
    return pytester


def test_each_scenario_beside_a_pack_is_a_test(project):
    """scenarios in `tests` beside a pack are collected, each as a test of its own name"""
    result = project.runpytest("-v", "-p", "no:cacheprovider")
    result.assert_outcomes(passed=4)
    result.stdout.fnmatch_lines(["*policies/tests/desk.yaml::desk/late-at-the-second PASSED*"])


def test_a_scenario_that_fails_shows_what_was_expected_and_what_came(project):
    """a failure is told in the scenario's own words, with file and line, and without a traceback"""
    (project.path / "policies" / "tests" / "more.yaml").write_text(FAILING)
    result = project.runpytest("-p", "no:cacheprovider")
    result.assert_outcomes(passed=4, failed=1)
    result.stdout.fnmatch_lines(
        [
            "*scenario desk/fails*",
            "*more.yaml:6: expected desk/1.1-fine li sanction 40, but it comes to 50",
            "*came: sanction imposed 1.1-fine li 50 CNY*",
        ]
    )
    result.stdout.no_fnmatch_line("*Traceback*")


def test_a_file_of_scenarios_that_cannot_be_read_is_an_error(project):
    """a faulty file is a collection error that tells every fault"""
    (project.path / "policies" / "tests" / "bad.yaml").write_text("- id: desk/a\n  titel: x\n  expect: []\n")
    result = project.runpytest("-p", "no:cacheprovider")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*bad.yaml:2:3 DR650 `titel` is no key here*", "*help: did you mean `title`*"])


def test_a_faulty_pack_is_told_in_its_own_words(project):
    """scenarios of a pack that does not load fail with the pack's diagnostics"""
    pack = project.path / "policies" / "desk.yaml"
    pack.write_text(pack.read_text().replace("fine: late_fine", "fine: late_fin"))
    result = project.runpytest("-p", "no:cacheprovider")
    result.assert_outcomes(failed=4)
    result.stdout.fnmatch_lines(["*desk.yaml:*DR3*", "*did you mean `late_fine`*"])


def test_other_yaml_files_are_left_alone(project):
    """YAML that holds no scenarios, or that no pack stands beside, is not collected"""
    (project.path / "policies" / "tests" / "data.yaml").write_text("a: 1\n")
    (project.path / "elsewhere" / "tests").mkdir(parents=True)
    (project.path / "elsewhere" / "tests" / "x.yaml").write_text(FAILING)
    project.runpytest("-p", "no:cacheprovider").assert_outcomes(passed=4)


def test_packs_may_be_named_in_the_settings(project):
    """`dutyrules_packs` names packs that stand elsewhere"""
    (project.path / "packs").mkdir()
    (project.path / "policies" / "desk.yaml").rename(project.path / "packs" / "front.yaml")
    (project.path / "policies" / "other.yaml").write_text("pack: other\n")
    project.makeini("[pytest]\ndutyrules_packs =\n    packs/front.yaml\n")
    project.runpytest("-p", "no:cacheprovider").assert_outcomes(passed=4)


def test_a_pack_of_any_file_name_beside_the_scenarios_is_found(project):
    """the pack may stand in `pack.yaml`, or in any other file beside `tests`"""
    (project.path / "policies" / "desk.yaml").rename(project.path / "policies" / "pack.yaml")
    project.runpytest("-p", "no:cacheprovider").assert_outcomes(passed=4)


def test_a_scenario_without_a_pack_fails(project):
    """a scenario whose pack is nowhere to be found fails and says so"""
    (project.path / "policies" / "tests" / "more.yaml").write_text(FAILING.replace("desk/fails", "nowhere/fails"))
    result = project.runpytest("-p", "no:cacheprovider")
    result.assert_outcomes(passed=4, failed=1)
    result.stdout.fnmatch_lines(["*there is no pack `nowhere`*"])
