from __future__ import annotations

import json
import random
from functools import cache

import pytest

from dutyrules.audit.decision_mapping import load_decision_mapping
from dutyrules.audit.decisions import read_decisions
from dutyrules.audit.verdict_words import AuditWords
from dutyrules.audit.verdicts import audit
from dutyrules.calendars.zones import Zone
from dutyrules.policies.load import check_text
from dutyrules.replay import Replay, open_logs

ZONE = Zone("Asia/Shanghai")
PACK = """
pack: office
timezone: Asia/Shanghai
currency: CNY
log: {carries: all}
severity: [notice, fine, step]
roles: {head: {en: head, zh: 主任}}
events:
  came_late: {fields: {person: person, slip: text, hours: {type: int, default: 0}, excused: bool}}
  slip_excused: {person: nobody, fields: {slip: text}}
  slept: {fields: {person: person}}
  smoked: {fields: {person: person, fire: {type: bool, default: false}}}
  report_asked: {person: author, fields: {report: text, author: person}}
  report_given: {person: author, fields: {report: text, author: person}}
  report_dropped: {person: nobody, fields: {report: text}}
records:
  slip: {key: slip, opens: came_late}
  report: {key: report, opens: report_asked}
ladders:
  discipline:
    per: person
    steps: [oral, written, dismissal]
    repeat: {same: class, raise: 1, cap: written}
    accumulate:
      3-twice: {of: written, reaches: 2, within: 1 month, gives: dismissal}
rules:
  1-late:
    kind: prohibition
    about: slip
    when: came_late
    if: not excused
  1-fine: {kind: sanction, when: breach of 1-late, fine: 50, excused_by: slip_excused}
  1-hours: {kind: sanction, about: slip, when: came_late where hours > 2, fine: 80}
  1-once: {kind: choice, of: [1-fine, 1-hours], same: slip, keep: heaviest}
  2-report:
    kind: obligation
    about: report
    when: report_asked
    who: author
    within: 3 days
    until: report_given
    waived_by: report_dropped
  2-fine: {kind: sanction, when: breach of 2-report, fine: 20}
  3-sleep: {kind: prohibition, when: slept}
  3-step: {kind: sanction, when: breach of 3-sleep, step: oral, class: sleep}
  4-smoke: {kind: prohibition, when: smoked}
  4-fine: {kind: sanction, when: breach of 4-smoke, fine: {from: 10, to: 50, decided_by: head}}
  4-fire: {kind: referral, when: smoked where fire, asks: head}
"""
KINDS = """
  fine: {rules: [1-fine, 1-hours], reach: 10}
  late_report: {rules: 2-fine}
  report: {rules: 2-report}
  step: {rules: 3-step}
  smoking: {rules: [4-fine, 4-fire]}
"""
MAPPING = """
id: "{id}"
kind: kind
date: date
person: person
matter: "{matter}"
amount: amount
step: step
rule: rule
kinds:"""
COLUMNS = ("id", "kind", "date", "person", "matter", "amount", "step", "rule")


def late(slip, day, person="li", **data):
    """Return the event that somebody came late."""
    return event("came_late", day, person=person, slip=slip, excused=data.pop("excused", False), **data)


def event(kind, day, at="09:00:00", **data):
    """Return an event of January 2026."""
    name = "-".join(map(str, (kind, day, at, *data.values())))
    return {"id": name, "type": kind, "time": f"2026-01-{day:02}T{at}+08:00", "data": data}


def decided(kind, day, **values):
    """Return a decision of January 2026; `day` may be the whole date."""
    date = f"2026-01-{day:02}" if isinstance(day, int) else day
    return {"id": "d1", "kind": kind, "date": date, **values}


@cache
def pack_of(text):
    """Return the one pack of a text."""
    [pack] = check_text(text).packs
    return pack


@pytest.fixture
def audited(tmp_path):
    """Give a function that audits decisions against a log, by default with the clock at the end of January."""

    def auditing(events, decisions, *, kinds=KINDS, as_of="2026-01-31T23:59:59+08:00", carries=None, also=""):
        pack = pack_of(PACK + also)
        lines = [one if isinstance(one, str) else json.dumps(one) for one in events]
        (tmp_path / "log.jsonl").write_text("\n".join(lines))
        rows = [dict.fromkeys(COLUMNS) | one for one in decisions]
        (tmp_path / "decisions.jsonl").write_text("\n".join(map(json.dumps, rows)))
        (tmp_path / "decisions.yaml").write_text(MAPPING + kinds)
        mapping = load_decision_mapping(tmp_path / "decisions.yaml", pack)
        found, unread = read_decisions(tmp_path / "decisions.jsonl", mapping, ZONE)
        moment = None if as_of is None else ZONE.parse(as_of)
        files = open_logs([tmp_path / "log.jsonl"], pack)
        return audit(Replay(pack, files, as_of=moment, carries=carries), found, unread, mapping)

    return auditing


def told(result):
    """Return each finding as its decision or outcome's rule, its verdict, what differs and the codes of its reasons."""
    return [
        (
            one.decision.id if one.decision is not None else one.outcome.rule if one.outcome is not None else one.place,
            one.verdict.value,
            *(each.part for each in one.differences),
            *(each.code for each in one.reasons),
        )
        for one in result.findings
    ]


# --- agrees, differs --------------------------------------------------------------------------------------------------


def test_a_decision_as_demanded_agrees(audited):
    """the fine of the right sum, for the right person, on the day, agrees"""
    result = audited([late("s1", 5)], [decided("fine", 5, person="li", amount="50.00")])
    assert told(result) == [("d1", "agrees")]
    assert (result.deviates, result.is_whole) == (False, True)


@pytest.mark.parametrize(
    ("decision", "differs"),
    [
        ({"amount": "30"}, ["amount"]),
        ({"amount": None}, ["amount"]),
        ({"day": 6}, ["date"]),
        ({"day": 4, "matter": "slip:s1"}, ["date"]),
        ({"person": "wan", "matter": "slip:s1"}, ["person"]),
        ({"rule": "2-fine"}, ["rule"]),
        ({"rule": "1", "day": 5}, []),
        ({"amount": "30", "day": 7, "person": "wan", "matter": "slip:s1"}, ["person", "date", "amount"]),
    ],
)
def test_what_differs_is_named(audited, decision, differs):
    """sum, day, person and rule are compared each by itself; a clause stands for its rules"""
    values = {"day": 5, "person": "li", "amount": "50", **decision}
    result = audited([late("s1", 5)], [decided("fine", values.pop("day"), **values)])
    assert told(result) == [("d1", "differs" if differs else "agrees", *differs)]


def test_the_step_of_a_ladder_is_compared(audited):
    """the second oral warning should have been a written one"""
    events = [event("slept", 5, person="li"), event("slept", 9, person="li")]
    steps = [decided("step", day, id=f"d{day}", person="li", step="oral") for day in (5, 9)]
    result = audited(events, steps)
    assert told(result) == [("d5", "agrees"), ("d9", "differs", "step")]
    [difference] = result.findings[1].differences
    assert (difference.decided, difference.demanded) == ("oral", "written")


def test_a_tolerance_lets_near_figures_agree(audited):
    """days after and before, and a sum or a share of it, may be allowed"""
    tolerance = "\n  fine: {rules: 1-fine, tolerance: {days: {before: 1, after: 3}, amount: 10%}}"
    for day, amount, verdict in (
        (8, "55", "agrees"),
        (4, "45", "agrees"),
        (9, "50", "differs"),
        (5, "55.01", "differs"),
    ):
        result = audited([late("s1", 5)], [decided("fine", day, person="li", amount=amount)], kinds=tolerance)
        assert result.findings[0].verdict == verdict, (day, amount)


def test_an_act_is_in_time_until_its_deadline(audited):
    """a report is due by the end of the third day: a day record is in time on it, and late a day after"""
    events = [event("report_asked", 5, report="r1", author="li")]
    kinds = "\n  report: {rules: 2-report}"
    for day, parts in ((5, ()), (8, ()), (9, ("date",)), (4, ("date",))):
        result = audited(events, [decided("report", day, matter="report:r1")], kinds=kinds)
        assert told(result) == [("d1", "differs" if parts else "agrees", *parts)]
    [late_one] = audited(events, [decided("report", 9, matter="report:r1")], kinds=kinds).findings
    assert (late_one.differences[0].demanded, late_one.differences[0].days) == ("2026-01-05 … 2026-01-08", 1)


def test_hours_count_where_both_have_a_time_of_day(audited):
    """with a deadline at noon, a record with a time of day is late one second after it, one of the day alone is not"""
    clock = "\n  5-call: {kind: obligation, about: report, when: report_asked, who: author, within: 2h, "
    clock += "until: report_given}"
    kinds = "\n  call: {rules: 5-call}"
    events = [event("report_asked", 5, "10:00:00", report="r1", author="li")]
    for date, verdict in (
        ("2026-01-05T12:00:00+08:00", "agrees"),
        ("2026-01-05T12:00:01+08:00", "differs"),
        (5, "agrees"),
    ):
        result = audited(events, [decided("call", date, matter="report:r1")], kinds=kinds, also=clock)
        assert result.findings[0].verdict == verdict, date


# --- not demanded -----------------------------------------------------------------------------------------------------


def test_nothing_demanded_it(audited):
    """a fine for somebody of whom nothing was demanded, and for an unknown matter"""
    events = [late("s1", 5)]
    by_person = audited(events, [decided("fine", 5, person="wan", amount="50")])
    missing = ("1-fine", "missing", "none_recorded")
    assert set(told(by_person)) == {missing, ("d1", "not_demanded", "nothing_of_person")}
    by_matter = audited(events, [decided("fine", 5, matter="slip:s9", amount="50")])
    assert set(told(by_matter)) == {missing, ("d1", "not_demanded", "nothing_of_matter")}


def test_a_second_decision_for_one_thing_is_not_demanded(audited):
    """of two fines for one lateness the nearer agrees, and the other names it"""
    fines = [decided("fine", day, id=f"d{day}", person="li", amount="50") for day in (7, 5)]
    result = audited([late("s1", 5)], fines)
    assert told(result) == [("d5", "agrees"), ("d7", "not_demanded", "twice")]
    assert result.findings[1].reasons[0].values["other"] == "decisions.jsonl:2"


def test_too_far_away_to_be_the_answer(audited):
    """a fine beyond the reach of its kind answers nothing; the reason says how far it is"""
    result = audited([late("s1", 5)], [decided("fine", 16, person="li", amount="50")])
    assert told(result) == [("1-fine", "missing", "none_recorded"), ("d1", "not_demanded", "out_of_reach")]
    assert result.findings[1].reasons[0].values["days"] == "11"


def test_nothing_answers_what_had_not_happened_yet(audited):
    """a fine of the fourth is no answer to a lateness of the fifth, unless days before are allowed"""
    fines = [decided("fine", 4, person="li", amount="50")]
    assert told(audited([late("s1", 5), late("s0", 1, "wan")], fines))[1] == ("d1", "not_demanded", "too_early")
    kinds = "\n  fine: {rules: 1-fine, tolerance: {days: {before: 1}}}"
    assert told(audited([late("s1", 5)], fines, kinds=kinds, as_of="2026-01-05T23:59:59+08:00"))[0][1] == "agrees"


def test_the_reach_of_a_person_is_a_month_unless_given(audited):
    """without a reach a person's decision may lie 31 days off, and a matter's any number"""
    kinds = "\n  fine: {rules: 1-fine}"
    for date, values, verdict in (
        ("2026-02-05", {"person": "li"}, "differs"),
        ("2026-02-06", {"person": "li"}, "not_demanded"),
        ("2026-12-31", {"matter": "slip:s1"}, "differs"),
    ):
        decisions = [decided("fine", date, amount="50", **values)]
        result = audited([late("s1", 5)], decisions, kinds=kinds, as_of="2026-12-31T23:59:59+08:00")
        assert result.findings[-1].verdict == verdict, date


@pytest.mark.parametrize(("day", "verdict"), [(6, "agrees"), (7, "not_demanded")])
def test_a_waived_obligation_takes_acts_up_to_its_waiver(audited, day, verdict):
    """a report that was dropped on the sixth was demanded on that day and not on the next"""
    events = [event("report_asked", 5, report="r1", author="li"), event("report_dropped", 6, report="r1")]
    result = audited(events, [decided("report", day, matter="report:r1")])
    assert [one.verdict.value for one in result.findings] == [verdict]
    assert [each.code for each in result.findings[0].reasons] == (["ended_waived"] if verdict != "agrees" else [])


def test_a_waived_obligation_misses_nothing(audited):
    """nobody need do what was waived"""
    events = [event("report_asked", 5, report="r1", author="li"), event("report_dropped", 6, report="r1")]
    assert told(audited(events, [])) == []


def test_what_was_absorbed_or_excused_is_not_demanded_any_more(audited):
    """a fine that a heavier one absorbs is void, and one whose slip was excused is withdrawn"""
    result = audited([late("s1", 5, hours=3)], [decided("fine", 5, matter="slip:s1", amount="50", rule="1-fine")])
    assert told(result) == [("d1", "differs", "rule", "amount")]
    both = [decided("fine", 5, id=f"d{sum_}", matter="slip:s1", amount=sum_) for sum_ in ("50", "80")]
    assert told(audited([late("s1", 5, hours=3)], both)) == [("d50", "not_demanded", "ended_voided"), ("d80", "agrees")]
    excused = [late("s1", 5), event("slip_excused", 8, slip="s1")]
    found = told(audited(excused, [decided("fine", 5, matter="slip:s1", amount="50")]))
    assert found == [("d1", "not_demanded", "ended_withdrawn")]


def test_the_duty_behind_it_is_told(audited):
    """a fine for a late report that was in time says that the report was given"""
    events = [event("report_asked", 5, report="r1", author="li"), event("report_given", 6, report="r1", author="li")]
    result = audited(events, [decided("late_report", 9, matter="report:r1", amount="20")])
    assert told(result)[1] == ("d1", "not_demanded", "nothing_of_matter", "above")
    assert result.findings[1].reasons[1].values["status"] == "fulfilled"


# --- cannot be recomputed ---------------------------------------------------------------------------------------------


def test_what_the_policy_cannot_decide(audited):
    """where a rule, or one above it, lacks a figure, its decisions are neither right nor wrong"""
    events = [{**late("s1", 5), "data": {"person": "li", "slip": "s1"}}]
    result = audited(events, [decided("fine", 5, person="li", amount="50")])
    assert told(result) == [("d1", "cannot_be_recomputed", "undecidable")]
    assert "excused" in AuditWords("en").reason(result.findings[0].reasons[0])
    assert (result.deviates, result.is_whole) == (False, False)


def test_silence_that_the_log_does_not_carry_accuses_nobody(audited):
    """where the log is not declared to carry reports, a fine for a missing one cannot be recomputed"""
    events = [event("report_asked", 5, report="r1", author="li")]
    fines = [decided("late_report", 8, matter="report:r1", amount="20")]
    kinds = "\n  late_report: {rules: 2-fine}"
    assert told(audited(events, fines, kinds=kinds)) == [("d1", "agrees")]
    assert told(audited(events, fines, kinds=kinds, carries={})) == [("d1", "cannot_be_recomputed", "undecidable")]


@pytest.mark.parametrize(
    ("amount", "verdict"),
    [("10", "cannot_be_recomputed"), ("50", "cannot_be_recomputed"), ("51", "differs"), ("9.99", "differs")],
)
def test_an_open_discretion(audited, amount, verdict):
    """a sum within the bounds cannot be recomputed without a ruling; one beyond them differs whatever the ruling"""
    result = audited([event("smoked", 5, person="li")], [decided("smoking", 6, person="li", amount=amount)])
    assert result.findings[0].verdict == verdict
    assert [each.code for each in result.findings[0].reasons] == ["discretion"]
    assert len(result.findings) == 1


def test_a_ruling_settles_it(audited):
    """with the ruling in the log the sum is demanded"""
    ruling = {"id": "u", "type": "ruling", "time": "2026-01-06T09:00:00+08:00"}
    ruling |= {"data": {"about": "smoked-5-09:00:00-li", "by": "head", "amount_cny": 30}}
    events = [event("smoked", 5, person="li"), ruling]
    for amount, verdict in (("30", "agrees"), ("40", "differs")):
        result = audited(events, [decided("smoking", 6, person="li", amount=amount)])
        assert [one.verdict.value for one in result.findings] == [verdict]


def test_an_event_that_could_not_be_used(audited):
    """a fine without demand for somebody whose event was refused may be right: the line is named"""
    broken = '{"id":"x","type":"came_lat","time":"2026-01-05T09:00:00+08:00","data":{"person":"wan","slip":"s2"}}'
    events = [late("s1", 5), broken]
    fines = [
        decided("fine", 5, id="by-person", person="wan", amount="50"),
        decided("fine", 5, id="by-matter", matter="slip:s2", amount="50"),
        decided("fine", 20, id="too-late", person="wan", amount="50"),
        decided("fine", 5, id="another", person="zou", amount="50"),
    ]
    found = {each[0]: each[1:] for each in told(audited(events, fines))}
    assert found["by-person"] == ("cannot_be_recomputed", "set_aside")
    assert found["by-matter"] == ("cannot_be_recomputed", "set_aside")
    assert found["too-late"] == ("not_demanded", "nothing_of_person")
    assert found["another"] == ("not_demanded", "nothing_of_person")


def test_an_event_that_the_engine_set_aside(audited):
    """an event that decodes and is refused afterwards counts as well, and is a remark beside what differs"""
    twice = {**late("s1", 5), "data": {"person": "li", "slip": "s1", "excused": True}}
    result = audited([late("s1", 5), twice], [decided("fine", 5, person="li", amount="30")])
    assert told(result) == [("d1", "differs", "amount", "set_aside")]


def test_beyond_and_before_the_log(audited):
    """a decision after the clock, or before the first event, cannot be judged by this log"""
    events = [late("s1", 5)]
    after = audited(events, [decided("fine", 7, person="li", amount="50")], as_of="2026-01-06T23:59:59+08:00")
    assert told(after) == [("d1", "cannot_be_recomputed", "date", "beyond")]
    before = audited(events, [decided("fine", "2025-12-30", person="wan", amount="50")])
    assert told(before)[0] == ("d1", "cannot_be_recomputed", "before")
    assert told(audited([], [decided("fine", 5, person="li", amount="50")], as_of=None))[0][2] == "no_events"


def test_without_a_moment_the_log_ends_with_its_last_event(audited):
    """a decision on the last event's day can be judged, and not one of the day after"""
    for day, verdict in ((5, "agrees"), (6, "cannot_be_recomputed")):
        result = audited([late("s1", 5)], [decided("fine", day, person="li", amount="50")], as_of=None)
        assert result.findings[0].verdict == verdict


def test_a_rule_that_the_pack_has_not(audited):
    """a decision that cites an unknown clause and fits nothing cannot be recomputed"""
    result = audited([late("s1", 5)], [decided("fine", 5, person="wan", amount="50", rule="9-9")])
    assert ("d1", "cannot_be_recomputed", "no_rule") in told(result)


def test_a_row_that_cannot_be_read_has_a_verdict_too(audited):
    """nothing is lost: the row is told with its place"""
    result = audited([late("s1", 5)], [decided("fien", 5, person="li")])
    assert told(result)[1] == ("decisions.jsonl:1", "cannot_be_recomputed", "unread")
    assert not result.is_whole


# --- missing, pending -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("as_of", "verdict"), [("2026-01-09", "pending"), ("2026-01-10", "missing")])
def test_a_demand_is_missing_once_its_time_is_over(audited, as_of, verdict):
    """a fine that may be decided within four days is missing at the end of the fifth"""
    kinds = "\n  fine: {rules: 1-fine, tolerance: {days: {after: 5}}}"
    result = audited([late("s1", 5)], [], kinds=kinds, as_of=f"{as_of}T23:59:59+08:00")
    assert [one.verdict.value for one in result.findings] == [verdict]


def test_what_the_log_shows_and_nobody_recorded(audited):
    """an obligation that the log shows fulfilled is missing among the decisions, and says so"""
    events = [event("report_asked", 5, report="r1", author="li"), event("report_given", 6, report="r1", author="li")]
    assert told(audited(events, [])) == [("2-report", "missing", "log_has")]
    open_one = audited(events[:1], [], as_of="2026-01-06T00:00:00+08:00")
    assert told(open_one) == [("2-report", "pending", "not_yet")]


def test_a_question_without_an_answer_is_pending(audited):
    """what a person has yet to decide is told once, be it a sum or a referral"""
    result = audited([event("smoked", 5, person="li", fire=True)], [])
    assert sorted(told(result)) == [("4-fine", "pending", "discretion"), ("4-fire", "pending", "question")]
    assert not result.deviates


def test_rules_that_no_kind_names_are_not_audited(audited):
    """only what the mapping names is demanded of the decisions"""
    events = [late("s1", 5), event("slept", 5, person="li")]
    result = audited(events, [], kinds="\n  step: {rules: 3-step}")
    assert told(result) == [("3-step", "missing", "none_recorded")]
    breaches = audited(events, [], kinds="\n  step: {rules: 3-sleep, outcomes: breach}")
    assert told(breaches) == [("3-sleep", "missing", "none_recorded")]


def test_what_a_ladder_gathers_is_demanded(audited):
    """an accumulation may be audited, and cited, as a rule may"""
    events = [event("slept", day, person="li") for day in (5, 6, 7)]
    given = decided("dismissal", 7, person="li", step="dismissal", rule="3-twice")
    assert told(audited(events, [given], kinds="\n  dismissal: {rules: 3-twice}")) == [("d1", "agrees")]
    assert told(audited(events, [], kinds="\n  dismissal: {rules: 3-twice}")) == [
        ("3-twice", "missing", "none_recorded")
    ]


# --- the whole --------------------------------------------------------------------------------------------------------


def test_every_decision_and_every_demand_has_one_verdict(audited):
    """verdicts on decisions are as many as rows, and with those on demands as many as demands"""
    order = random.Random(7)  # noqa: S311 - any log will do
    events = [
        late(f"s{number}", order.randint(1, 28), person=order.choice("abc"), hours=number % 4) for number in range(40)
    ]
    kinds = ("fine", "fine", "fine", "step", "fien")
    decisions = [
        decided(order.choice(kinds), order.randint(1, 31), id=f"d{number}", person=order.choice("abcd"), amount="50")
        for number in range(60)
    ]
    result = audited(events, decisions)
    totals = result.totals()
    judged = sum(
        count
        for counts in totals.values()
        for verdict, count in counts.items()
        if verdict not in ("missing", "pending")
    )
    assert judged == 60
    assert {one.decision.id for one in result.findings if one.decision} | {
        f"d{number}" for number in range(60) if decisions[number]["kind"] == "fien"
    } == {f"d{number}" for number in range(60)}
    fines = totals["fine"]
    assert fines["agrees"] + fines["differs"] + fines["missing"] + fines["pending"] == result.demands["fine"] == 40
    answered = [one.outcome.id for one in result.findings if one.verdict in ("agrees", "differs")]
    assert len(answered) == len(set(answered))


def test_the_order_of_lines_changes_nothing(audited):
    """decisions and events in any order come to the same verdicts, each decision put to the same outcome"""
    order = random.Random(11)  # noqa: S311 - any log will do
    events = [late(f"s{number}", order.randint(1, 28), person=order.choice("ab")) for number in range(30)]
    decisions = [
        decided(
            "fine", order.randint(1, 31), id=f"d{number}", person=order.choice("ab"), amount=order.choice(("50", "30"))
        )
        for number in range(30)
    ]

    def outcome():
        found = audited(events, decisions).findings
        return sorted(
            (one.decision.id, one.verdict, one.outcome.id if one.outcome else "") for one in found if one.decision
        )

    first = outcome()
    assert len({verdict for _, verdict, _ in first}) == 3
    for _ in range(3):
        order.shuffle(events)
        order.shuffle(decisions)
        assert outcome() == first


def test_money_is_summed_up(audited):
    """what was decided and what was demanded are summed by kind, questions and absorbed sums left out"""
    events = [late("s1", 5), late("s2", 6, hours=3), event("smoked", 5, person="li")]
    result = audited(events, [decided("fine", 5, person="li", amount="30")])
    sums = {kind: (str(each.decided), str(each.demanded)) for kind, each in result.sums.items()}
    assert sums == {"fine": ("30", "130")}
