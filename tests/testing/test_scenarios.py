from __future__ import annotations

import textwrap

import pytest

from dutyrules.policies.load import check_text, load_pack
from dutyrules.testing.scenario_files import load_scenarios
from dutyrules.testing.scenarios import pack_for, run_scenario


@pytest.fixture(scope="module")
def desk(repository):
    """Load the small pack."""
    return load_pack(repository / "tests" / "desk" / "desk.yaml")


@pytest.fixture
def run(desk, tmp_path):
    """Give a function that runs one scenario, written as YAML, and returns its result."""

    def one(text):
        path = tmp_path / "scenario.yaml"
        path.write_text(textwrap.dedent(text), encoding="utf-8")
        [scenario] = load_scenarios(path)
        return run_scenario(scenario, desk)

    return one


def messages(result):
    """Return what a scenario failed with."""
    return [failure.message for failure in result.failures]


LATE = """
- id: desk/x
  events:
    - {at: "2026-01-15T08:00:01+08:00", type: check_in, person: li}
  expect:
"""


@pytest.mark.parametrize(
    ("expectation", "reason"),
    [
        ("{norm: desk/1.1-late, who: li, outcome: met}", "there is a breach"),
        ("{norm: desk/1.1-late, who: li, outcome: not_triggered}", "it came to breach"),
        ("{norm: desk/1.1-fine, who: li, outcome: sanction, amount_cny: 40}", "it comes to 50"),
        ("{norm: desk/1.1-fine, who: li, outcome: sanction, count: 2}", "there are 1"),
        ("{norm: desk/1.1-fine, who: li, outcome: voided}", "nothing was voided"),
        ("{norm: desk/1.1-fine, who: wan, outcome: sanction}", "there is no sanction"),
        ("{norm: desk/1.1-late, who: wan, outcome: breach}", "there is no breach"),
        ("{norm: desk/1.1-late, who: wan, outcome: met}", "it was neither fulfilled nor put to the test"),
        ("{norm: desk/2.1-reply, who: li, outcome: due}", "no obligation is open"),
        ("{norm: desk/2.1-reply, who: li, outcome: waived}", "nothing was waived"),
        ("{norm: desk/4.1-allowance, who: li, outcome: entitled}", "nothing was granted"),
        ("{norm: desk/1.2-allowed, who: li, outcome: permitted}", "it was not found permitted"),
        ("{norm: desk/1.2-allowed, who: li, outcome: not_permitted}", "it was not found forbidden"),
        ("{norm: desk/3.1-fine, who: li, outcome: refer_human}", "no question is open"),
        ("{norm: desk/5.1-grown-up, who: wan, outcome: undecidable}", "nothing was found undecidable"),
        ("{norm: desk/1.1-late, who: li, outcome: breach, due: 2026-01-15T08:00:00+08:00}", "has a deadline"),
    ],
)
def test_an_expectation_that_is_not_met_is_told_with_its_reason(run, expectation, reason):
    """every outcome word can fail, and says why"""
    found = messages(run(f"{LATE}    - {expectation}\n"))
    assert any(text.startswith("expected ") and reason in text for text in found)


def test_failures_name_place_and_what_came_nearest(run):
    """a failure names the line of the expectation and the outcomes that come nearest to it"""
    result = run(f"{LATE}    - {{norm: desk/1.1-fine, who: li, outcome: sanction, amount_cny: 40}}\n")
    assert not result.passed
    [failure] = result.failures
    assert (failure.place.line, failure.near[0].split(" [")[0]) == (
        6,
        "sanction imposed 1.1-fine li 50 CNY at 2026-01-15T08:00:01+08:00",
    )
    assert f"{failure.place.file}:6: expected desk/1.1-fine li sanction 40, but it comes to 50" in str(result)


def test_a_sanction_of_a_named_norm_for_another_person_is_unexpected(run):
    """a norm that is expected for one person must not also strike another whom the events name"""
    result = run("""
        - id: desk/x
          events:
            - {at: "2026-01-15T08:00:01+08:00", type: check_in, person: li}
            - {at: "2026-01-15T08:00:01+08:00", type: check_in, person: wan}
          expect:
            - {norm: desk/1.1-fine, who: li, outcome: sanction, amount_cny: 50}
    """)
    assert [text.split(" at ")[0] for text in messages(result)] == ["unexpected: sanction imposed 1.1-fine wan 50 CNY"]


def test_a_sanction_that_rests_on_an_expected_breach_is_unexpected(run):
    """whoever expects a breach and says no sum must name the sanction that it brings"""
    result = run(f"{LATE}    - {{norm: desk/1.1-late, who: li, outcome: breach}}\n")
    assert [text.split(" at ")[0] for text in messages(result)] == ["unexpected: sanction imposed 1.1-fine li 50 CNY"]


def test_a_sanction_on_the_same_matter_is_unexpected(tmp_path):
    """a second sanction on the matter of an expected one counts as unexpected, though its norm is not named"""
    text = """
        pack: p
        records: {call: {key: call_id, opens: standby_call}}
        rules:
          1-fine: {kind: sanction, says: {en: x, zh: x}, about: call, when: standby_call, who: callee, fine: 10}
          2-fine: {kind: sanction, says: {en: x, zh: x}, about: call, when: callback, who: callee, fine: 20}
    """
    [pack] = check_text(textwrap.dedent(text)).packs
    path = tmp_path / "scenario.yaml"
    path.write_text("""
- id: p/x
  events:
    - {at: "2026-01-15T11:00:00+08:00", type: standby_call, call_id: a, callee: li, result: off}
    - {at: "2026-01-15T11:10:00+08:00", type: callback, call_id: a, callee: li}
    - {at: "2026-01-15T12:00:00+08:00", type: standby_call, call_id: b, callee: wan, result: off}
  expect:
    - {norm: p/1-fine, who: li+wan, outcome: sanction, amount_cny: 10}
""")
    [scenario] = load_scenarios(path)
    found = [text.split(" at ")[0] for text in messages(run_scenario(scenario, pack))]
    assert found == ["unexpected: sanction imposed 2-fine li 20 CNY"]


def test_causes_of_what_was_expected_are_expected(run):
    """the breach under an expected fine needs no mention"""
    assert run(f"{LATE}    - {{norm: desk/1.1-fine, who: li, outcome: sanction, amount_cny: 50}}\n").passed


def test_outcomes_of_other_norms_are_no_business_of_a_scenario(run):
    """what another norm brings, on another matter, does not fail a scenario"""
    result = run("""
        - id: desk/x
          events:
            - {at: "2026-01-15T08:00:00+08:00", type: check_in, person: li}
            - {at: "2026-01-15T11:00:00+08:00", type: post_left, person: li}
          expect:
            - {norm: desk/1.1-late, who: li, outcome: met}
    """)
    assert result.passed


def test_unknown_norms_are_told_and_the_rest_is_still_compared(run):
    """an id that the pack lacks is a failure with a suggestion, beside the other failures"""
    result = run(f"""{LATE}    - {{norm: desk/1.1-lat, who: li, outcome: breach}}
    - {{norm: desk/1.1-late, who: li, outcome: met}}\n""")
    assert messages(result)[0] == "the pack has no norm `desk/1.1-lat`, did you mean `1.1-late`"
    assert "but there is a breach" in messages(result)[1]


def test_claims_are_checked(run):
    """a weekday, sum or season that is not so fails the scenario"""
    result = run("""
        - id: desk/x
          given: {season: winter}
          facts: {weekday: {"2026-01-15": Fri}, calc: ["2*40 == 90"]}
          events:
            - {at: "2026-01-15T08:00:00+08:00", type: check_in, person: li}
          expect:
            - {norm: desk/1.1-late, who: li, outcome: met}
    """)
    assert messages(result) == [
        "`2026-01-15` is a Thu, not a Fri",
        "`2*40 == 90` is not so",
        "2026-01-15 lies in the season `none`, not in `winter`",
    ]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("{parameters: {late_fin: 3}}", "the pack has no parameter `late_fin`, did you mean `late_fine`"),
        ("{parameters: {late_fine: many}}", "`many` is no value of the parameter `late_fine`"),
        ("{duties: 5}", "nothing reads `duties` in `given`: say it with `parameters`, `staff`, `events` or `repeat`"),
        ("{carries: [check_im]}", "`check_im` in `carries` is no event type"),
    ],
)
def test_what_is_given_and_cannot_be_used_fails(run, given, message):
    """a scenario that gives what the pack cannot take fails, whatever else came"""
    result = run(f"""
        - id: desk/x
          given: {given}
          events:
            - {{at: "2026-01-15T08:00:00+08:00", type: check_in, person: li}}
          expect:
            - {{norm: desk/1.1-late, who: li, outcome: met}}
    """)
    assert messages(result) == [message]


def test_parameters_may_be_dated_and_seasons_moved(run, tmp_path):
    """a parameter may be given a value for all days or by the day from which it applies; seasons may be given anew"""
    result = run("""
        - id: desk/x
          given: {parameters: {late_fine: {2026-01-01: 10, 2026-02-01: 20}}}
          events:
            - {at: "2026-01-31T08:00:01+08:00", type: check_in, person: li}
            - {at: "2026-02-01T08:00:01+08:00", type: check_in, person: wan}
          expect:
            - {norm: desk/1.1-fine, who: li, outcome: sanction, amount_cny: 10}
            - {norm: desk/1.1-fine, who: wan, outcome: sanction, amount_cny: 20}
    """)
    assert result.passed, str(result)
    [pack] = check_text("""
pack: p
parameters: {seasons: {cold: 12-01 to 05-31, warm: 06-01 to 11-30}}
shifts: {day: {start: {cold: 09:00, warm: 08:00}, end: 17:00, check_in_from: 2h}}
records: {shift: {key: [person, duty_date, period], opens: roster_assigned, dated: duty_date, spans: shift}}
rules: {1-late: {kind: prohibition, says: {en: x, zh: x}, about: shift, when: first check_in, if: time > shift.start}}
""").packs
    path = tmp_path / "seasons.yaml"
    scenario = """
- id: p/x
  given: {parameters: {seasons: SEASONS}}
  events: [{at: "2026-03-01T08:30:00+08:00", type: check_in, person: li}]
  expect: [{norm: p/1-late, who: li, outcome: breach}]
"""
    path.write_text(scenario.replace("SEASONS", "{cold: 12-01 to 01-31, warm: 02-01 to 11-30}"))
    assert run_scenario(load_scenarios(path)[0], pack).passed
    path.write_text(scenario.replace("SEASONS", "{cold: December}"))
    assert "are no seasons" in messages(run_scenario(load_scenarios(path)[0], pack))[0]


def test_a_faulty_event_fails_the_scenario_with_its_line(run):
    """an event that the vocabulary refuses fails the scenario and says why"""
    result = run("""
        - id: desk/x
          events:
            - {at: "2026-01-15T08:00:00+08:00", type: standby_call, call_id: s, callee: li, result: offf}
          expect:
            - {norm: desk/1.1-late, who: li, outcome: not_triggered}
    """)
    assert "scenario.yaml:4: DR610 `result` cannot be `offf`" in messages(result)[0]


def test_an_event_that_belongs_to_no_duty_fails_the_scenario(run):
    """an event for which there is no duty is told and not passed over"""
    result = run("""
        - id: desk/x
          given: {roster: none}
          events:
            - {at: "2026-01-15T08:00:00+08:00", type: check_in, person: li}
          expect:
            - {norm: desk/1.1-late, who: li, outcome: not_triggered}
    """)
    assert messages(result)[0].startswith("the event `e1` was set aside: no rostered shift of `li`")


def test_what_another_expectation_claims_is_not_besides(run):
    """`met` and `not_triggered` beside a breach of the same norm and person are about all the rest"""
    scenario = """
        - id: desk/x
          events:
            - {{at: "2026-01-15T08:00:00+08:00", type: check_in, person: li}}
            - {{at: "2026-01-16T08:00:01+08:00", type: check_in, person: li}}
            - {{at: "2026-01-17T08:00:0{second}+08:00", type: check_in, person: li}}
          expect:
            - {{norm: desk/1.1-late, who: li, outcome: breach, count: {count}, amount_cny: 50}}
            - {{norm: desk/1.1-late, who: li, outcome: {word}}}
    """
    for word in ("met", "not_triggered"):
        assert messages(run(scenario.format(second=0, count=1, word=word))) == []
    assert len(messages(run(scenario.format(second=1, count=1, word="met")))) > 0
    alone = scenario.replace("- {{norm: desk/1.1-late, who: li, outcome: breach, count: {count}, amount_cny: 50}}", "")
    assert len(messages(run(alone.format(second=0, word="met")))) > 0


def test_the_last_event_is_the_moment_of_evaluation(run):
    """without `as_of` the clock stands at the last event, with it where it says"""
    scenario = """
        - id: desk/x
          events:
            - {{at: "2026-01-15T10:00:00+08:00", type: complaint_received, complaint_id: c1, received_by: wan}}
          {as_of}
          expect:
            - {{norm: desk/2.1-reply, who: wan, outcome: {word}}}
    """
    assert run(scenario.format(as_of="title: x", word="due")).passed
    assert run(scenario.format(as_of='as_of: "2026-01-20T00:00:00+08:00"', word="breach")).passed
    assert run(scenario.format(as_of='as_of: "2026-01-19T23:59:59+08:00"', word="due")).passed


def test_silence_speaks_unless_the_scenario_says_otherwise(run):
    """`carries: none` makes a missed act undecidable in place of a breach"""
    scenario = """
        - id: desk/x
          given: {{carries: {carries}}}
          events:
            - {{at: "2026-01-15T10:00:00+08:00", type: complaint_received, complaint_id: c1, received_by: wan}}
          as_of: "2026-01-20T00:00:00+08:00"
          expect:
            - {{norm: desk/2.1-reply, who: wan, outcome: {word}}}
    """
    assert run(scenario.format(carries="all", word="breach")).passed
    assert run(scenario.format(carries="none", word="undecidable")).passed
    assert run(scenario.format(carries="[complaint_replied]", word="breach")).passed
    assert run(scenario.format(carries="[check_in]", word="undecidable")).passed


def test_a_due_time_picks_one_of_several_instances(run):
    """where somebody had two duties of one norm, `due` says which of them is meant"""
    scenario = """
        - id: desk/x
          events:
            - {{at: "2026-01-15T10:00:00+08:00", type: complaint_received, complaint_id: c1, received_by: wan}}
            - {{at: "2026-01-16T10:00:00+08:00", type: complaint_received, complaint_id: c2, received_by: wan}}
            - {{at: "2026-01-20T10:00:00+08:00", type: complaint_replied, complaint_id: c2}}
          expect:
            - {{norm: desk/2.1-reply, who: wan, outcome: breach, due: "2026-01-{broken}T23:59:59+08:00"}}
            - {{norm: desk/2.1-reply, who: wan, outcome: met, due: "2026-01-{met}T23:59:59+08:00"}}
    """
    assert run(scenario.format(broken=19, met=20)).passed
    assert len(messages(run(scenario.format(broken=20, met=19)))) == 3


def test_names_are_compared_without_case_spaces_and_hyphens(run):
    """`Duty-Leader`, `duty leader` and `duty_leader` are one name"""
    result = run("""
        - id: desk/x
          events:
            - {at: "2026-01-15T08:00:01+08:00", type: check_in, person: duty_leader}
          expect:
            - {norm: desk/1.1-fine, who: Duty leader, outcome: sanction, amount_cny: 50}
            - {norm: desk/1.1-fine, who: duty-leader, outcome: sanction, amount_cny: 50}
    """)
    assert result.passed


def test_the_pack_is_found_by_prefix_or_name(desk, tmp_path):
    """a scenario belongs to the pack that it names, or whose prefix its id has"""
    path = tmp_path / "s.yaml"
    path.write_text("- {id: desk/a, expect: []}\n- {id: b, pack: desk, expect: []}\n- {id: other/c, expect: []}\n")
    assert [pack_for(one, [desk]) for one in load_scenarios(path)] == [desk, desk, None]
