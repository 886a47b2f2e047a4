"""Rules of every kind are answered for, on the scenarios of the shipped packs."""

from __future__ import annotations

import pytest

from dutyrules import Engine
from dutyrules.explaining.documents import Documents
from dutyrules.explaining.pages import Pages
from dutyrules.explaining.why_not import NoSuchRule, why_not_in
from dutyrules.policies.load import load_pack
from dutyrules.policies.model import Kind

# scenario, rule, person; the kind and what sets it off; the verdict, the guard that stopped it and what is said there;
# the first thing that would have made it hold
CASES = [
    # obligations
    ("clinic/W1", "2.4-on-time", "li", "obligation when", "stopped until met_in_time", "later check_in 1"),
    ("clinic/W2", "2.4-on-time", "li", "obligation when", "held", ""),
    ("clinic/who-is-rostered", "2.4-on-time", "chef", "obligation when", "stopped until open", "wait check_in"),
    ("clinic/early-off-and-already-there", "2.4-on-time", "he", "obligation when", "stopped excused_by excused", ""),
    (
        "clinic/roster-not-logged",
        "2.4-on-time",
        "li",
        "obligation when",
        "unknown silence not_carried",
        "carries check_in",
    ),
    (
        "school/central/recheck-after-the-duty",
        "2-recheck-15",
        "principal",
        "obligation when",
        "stopped waived_by waived",
        "",
    ),
    ("school/holiday/seen-at-work", "3-patrol-all-buildings", "a", "obligation when", "unknown until perhaps_done", ""),
    (
        "clinic/W13",
        "1.5-print",
        "group_leader",
        "obligation every",
        "stopped until met_in_time",
        "later roster_printed",
    ),
    ("school/central/W5", "3-patrol-hourly", "liu", "obligation gap", "held", ""),
    (
        "school/central/on-time-by-roster",
        "3-patrol-hourly",
        "ma",
        "obligation gap",
        "stopped until open",
        "wait patrol_done",
    ),
    (
        "school/holiday/W1",
        "7-standby",
        "lan",
        "obligation whenever",
        "stopped whenever never_true",
        "more open(alert) 1",
    ),
    ("clinic/tasks-by-finding", "2.1-leader-affairs", "gao", "obligation observed", "held", ""),
    # prohibitions
    ("clinic/W1", "2.4-delay-call", "li", "prohibition when", "stopped if condition", "later time 1"),
    ("clinic/W17", "5.2B-no-casual-swap", "a", "prohibition when", "stopped needs needs_met", ""),
    ("clinic/W20", "7.1-no-change", "a", "prohibition when", "stopped unless excepted", "no_record swapped"),
    ("clinic/roster-changed", "7.1-no-change", "he", "prohibition when", "stopped soft soft", ""),
    ("clinic/W1", "5.2C-cap-4", "li", "prohibition every", "stopped if condition", "members swaps_asked 5"),
    ("clinic/W13", "5.2A-min-two", "nursing", "prohibition whenever", "held", ""),
    ("clinic/secrecy", "4.6-no-leak", "he", "prohibition observed", "held", ""),
    # what allows
    ("clinic/W7", "4.4-rest-summer", "li", "permission when", "stopped from window", "later time 1200"),
    ("clinic/W1", "2.4-called", "li", "permission asked", "stopped needs needs_lacking", "event delay_notified"),
    ("clinic/W17", "5.2B-written", "a", "permission asked", "held", ""),
    ("clinic/W16", "7.2-consent", "li", "approval when", "stopped needs needs_lacking", "event swap_consented"),
    ("clinic/who-is-rostered", "1.1-members", "chef", "eligibility when", "stopped if condition", "is staff.role"),
    ("clinic/W1", "1.1-members", "li", "eligibility when", "unknown if condition", "is staff.role"),
    # what follows
    (
        "clinic/W11",
        "5.1-allowance-20",
        "li",
        "entitlement when",
        "stopped forfeit forfeited",
        "fails 4.8-forfeit-allowance",
    ),
    ("clinic/who-is-rostered", "5.3-weekly-rest", "gao", "entitlement every", "held", ""),
    ("clinic/W8", "4.1-fine-50", "li", "sanction when", "stopped choice choice_lost", "fails 4.5-complaint-200"),
    ("clinic/W23", "6.2-fine-10-50", "mo", "sanction when", "unknown decided_by proposed", ""),
    (
        "callcenter/CC-10",
        "fine-1-late-early-two",
        "E10",
        "sanction when",
        "stopped if condition",
        "members late_in_month 1",
    ),
    ("callcenter/CC-11", "fine-1-late-early-two", "E11", "sanction when", "unknown consequence sum_unknown", ""),
    ("clinic/W1", "5.2C-tiers", "li", "sanction every", "stopped by_number below_bands", "members swaps_asked 5"),
    ("clinic/W17", "5.2C-tiers", "b", "sanction every", "held", ""),
    (
        "clinic/special-circumstances",
        "5.2C-tiers",
        "a",
        "sanction every",
        "stopped excused_by excused",
        "no_event special_case",
    ),
    (
        "callcenter/CC-13",
        "dismiss-6-six-in-month",
        "E13",
        "sanction when",
        "stopped if condition",
        "members absent_month 4",
    ),
    ("callcenter/CC-04", "oral-7-insult", "E4", "sanction observed", "held", ""),
    ("clinic/W11", "4.1-shift-missed", "li", "referral when", "stopped if condition", "members traces 1"),
    ("clinic/W8", "4.1-shift-missed", "li", "referral when", "held", ""),
    # relations and texts
    ("clinic/W8", "one-fact-one-fine", "li", "choice -", "held", ""),
    ("clinic/W2", "no-duty-no-plate", "li", "choice -", "stopped of nothing_to_choose", "holds 4.8-forfeit-allowance"),
    ("clinic/W2", "one-fact-one-fine", "li", "choice -", "stopped same in_no_choice", ""),
    (
        "clinic/swap-nobody-asked-for",
        "7.2-in-force",
        "li",
        "definition when",
        "stopped needs needs_lacking",
        "event swap_consented",
    ),
    ("clinic/W1", "0-purpose", "li", "definition -", "no_force kind text_only", ""),
    ("clinic/W1", "1.3A-winter-noon", "li", "schedule -", "no_force kind text_only", ""),
    ("clinic/W1", "1.5-plan-sensible", "li", "advice -", "no_force kind text_only", ""),
    ("clinic/W1", "5.2F-condition", "li", "procedure -", "no_force kind text_only", ""),
]


@pytest.mark.parametrize(
    ("name", "rule", "person", "sort", "ends", "change"), CASES, ids=[f"{one[0]}:{one[1]}" for one in CASES]
)
def test_each_kind_says_what_stopped_it(ended, name, rule, person, sort, ends, change):
    """the first guard that failed is named with what was found there, and with what would have let it through"""
    engine = ended(name)
    answer = why_not_in(engine, rule, person)
    assert answer.rule.kind.value == sort.split()[0]
    verdict, *rest = ends.split()
    assert answer.verdict == verdict
    stopped = answer.stopped
    assert ([] if stopped is None else [stopped.guard, stopped.phrase]) == rest
    wanted = change.split()
    if wanted:
        first = answer.changes[0]
        assert first.kind == wanted[0]
        assert first.what.startswith(wanted[1])
        assert len(wanted) < 3 or str(first.by) == wanted[2]


def test_all_kinds_are_tried():
    """no kind of rule is left out, but formulas, of which no shipped pack has a rule"""
    assert {one[3].split()[0] for one in CASES} == {kind.value for kind in Kind} - {"value"}


FORMULA = """
pack: tried
language: 1
title: {en: Tried, zh: 试}
timezone: Asia/Shanghai
calendar: CN
currency: CNY
events:
  slip: {says: {en: A slip., zh: 疏忽。}, fields: {person: person, size: int}}
values:
  twice: size * 2
rules:
  twice: {kind: value, says: {en: Twice., zh: 两倍。}}
  r: {kind: sanction, says: {en: Often., zh: 多次。}, when: slip, if: twice > 10, fine: 10}
"""


def test_a_formula_says_what_it_came_to(tmp_path):
    """a rule that is a formula is answered with its value and operands where another rule read it"""
    path = tmp_path / "pack.yaml"
    path.write_text(FORMULA, "utf-8")
    engine = Engine(load_pack(path))
    engine.feed({"id": "a", "type": "slip", "time": "2026-01-10T12:00:00+08:00", "data": {"person": "ann", "size": 4}})
    answer = engine.why_not("twice", "ann")
    [step] = answer.nearest.steps
    assert (answer.verdict, step.facts["rule"], step.term.value) == ("held", "r", 8)
    assert [(one.text, one.value) for one in step.term.walk()] == [("twice", 8), ("size * 2", 8), ("size", 4), ("2", 2)]
    [change] = engine.why_not("r", "ann").changes
    assert (change.kind, change.what, change.value) == ("more", "size", 6)
    assert engine.why_not("twice", "bo").verdict == "no_force"


SAMPLED = (
    "clinic/W2",
    "clinic/W8",
    "clinic/W11",
    "clinic/W17",
    "school/central/W5",
    "callcenter/CC-13",
    "callcenter/CC-16",
)
FIRM = {("breach", "breached"), ("sanction", "imposed"), ("entitlement", "granted"), ("entitlement", "taken")}


@pytest.mark.parametrize("name", SAMPLED)
def test_the_answer_and_the_engine_agree(ended, name):
    """what stands for a person is said to hold, and what is said to hold stands, for every rule of a pack"""
    engine = ended(name)
    shown = engine.outcomes().values()
    for person in sorted({one.person for one in shown if one.person})[:3]:
        for rule in engine.pack.rules.values():
            answer = why_not_in(engine, rule.id, person)
            mine = [one for one in shown if one.rule == rule.id and one.person == person]
            if any((one.kind, one.status) in FIRM for one in mine):
                assert answer.verdict == "held", (rule.id, person)
            elif answer.verdict == "held" and rule.kind in (Kind.PROHIBITION, Kind.SANCTION, Kind.ENTITLEMENT):
                assert rule.counts_as or mine, (rule.id, person)


@pytest.mark.parametrize("name", ["clinic/W8", "callcenter/CC-13"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_answer_can_be_said_and_written(ended, name, language):
    """each rule of a pack has an answer in words, as a tree and as JSON, without a gap in the phrases"""
    engine = ended(name)
    pages, documents = Pages(engine.pack, language), Documents(engine.pack)
    person = next(one.person for one in engine.outcomes().values() if one.kind == "sanction" and one.person)
    for rule in engine.pack.rules:
        answer = why_not_in(engine, rule, person)
        lines = [*pages.why_not(answer), *pages.why_not_tree(answer)]
        assert not [line for line in lines if "{" in line or "Unknown(" in line]
        document = documents.why_not(answer)
        assert document["verdict"] == answer.verdict
        assert [step["guard"] for step in document["nearest"]["steps"]] == [one.guard for one in answer.nearest.steps]


def test_the_parts_of_a_rule_are_found_by_their_own_names(ended):
    """a tier, a need and a norm's full name lead to their rule; a slip of the pen gets a suggestion"""
    engine = ended("clinic/W17")
    assert why_not_in(engine, "5.2C-tier1", "b").rule.id == "5.2C-tiers"
    assert why_not_in(engine, "clinic/5.2C-tiers", "b").rule.id == "5.2C-tiers"
    with pytest.raises(NoSuchRule) as caught:
        why_not_in(engine, "5.2C-tier", "b")
    assert "5.2C-tiers" in caught.value.near
