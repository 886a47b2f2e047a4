from __future__ import annotations

from decimal import Decimal

import pytest

from dutyrules.testing.scenario_files import BadScenarios, load_scenarios, looks_like_scenarios


@pytest.fixture
def load(tmp_path):
    """Give a function that loads scenarios from a text."""

    def from_text(text):
        path = tmp_path / "scenarios.yaml"
        path.write_text(text, encoding="utf-8")
        return load_scenarios(path)

    return from_text


def faults(load, text):
    """Load a faulty file and return its faults by place."""
    with pytest.raises(BadScenarios) as caught:
        load(text)
    return [(one.place.line, one.code, one.message) for one in caught.value.diagnostics]


def test_a_worked_example_is_read_as_it_stands(load):
    """the shape of the worked examples loads unchanged, traps of YAML read as text"""
    [one] = load("""\
- id: clinic/W1
  title: On time
  given: {season: winter-spring, background: told elsewhere}
  facts: {weekday: {"2026-01-15": Thu}, calc: ["50+20 == 70"]}
  events:
    - {at: "2026-01-15T12:00:00+08:00", type: post_left, person: li, reason: no}
  as_of: "2026-01-16T08:30:00+08:00"
  expect:
    - {norm: clinic/4.1-late, who: "li+wan", outcome: met, amount_cny: 0, due: "2026-01-15T12:00:00+08:00", note: "x"}
""")
    assert (one.id, one.title, one.given.season, one.given.notes) == (
        "clinic/W1",
        "On time",
        "winter-spring",
        {"background": "told elsewhere"},
    )
    assert (one.weekdays, one.sums) == ({"2026-01-15": "Thu"}, ("50+20 == 70",))
    assert one.events[0].fields == {"person": "li", "reason": "no"}
    assert one.as_of == 1768523400
    assert (one.expect[0].who, one.expect[0].amount, one.expect[0].due) == (("li", "wan"), Decimal(0), 1768449600)


def test_a_file_may_name_the_pack_once(load):
    """a mapping with `pack` and `scenarios` names the pack for all of them"""
    assert [one.pack for one in load("pack: clinic\nscenarios:\n  - {id: a, expect: []}\n")] == ["clinic"]


def test_all_faults_are_told_at_once(load):
    """every fault of a file is told with its place"""
    text = """\
- id: a
  titel: x
  given: {roster: maybe, repeat: [{event: {at: "{date}", type: x}}]}
  events:
    - {at: "2026-01-15 noon", type: check_in}
    - {type: check_in}
  expect:
    - {norm: n, outcome: fined}
    - {who: li, outcome: met, amount_cny: much}
- id: a
  expect: {}
"""
    found = faults(load, text)
    assert {code for _, code, _ in found} == {"DR650"}
    assert [line for line, _, _ in found] == [2, 3, 3, 5, 6, 6, 8, 9, 9, 10, 11]
    assert "`titel` is no key here" in found[0][2]


def test_a_file_that_is_no_yaml_is_told(load):
    """a file that is no YAML is told with the code of that"""
    assert faults(load, "- id: [\n")[0][1].startswith("DR1")


def test_scenarios_are_recognised_by_their_first_lines():
    """a list of entries with ids, or a mapping with scenarios, is meant to hold scenarios"""
    assert looks_like_scenarios("# examples\n- id: clinic/W1\n  title: x\n")
    assert looks_like_scenarios("pack: x\nscenarios:\n")
    assert not looks_like_scenarios("pack: clinic\nrules: {}\n")
