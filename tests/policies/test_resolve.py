"""From the YAML of a pack to the checked model: what names come to mean, and every fault at its place."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from dutyrules.calendars.durations import Duration, Unit
from dutyrules.policies.model import Act, WindowKind
from dutyrules.policies.syntax import (
    AnyRecord,
    Compare,
    CountRef,
    EitherInstant,
    EndOf,
    Expr,
    FactKind,
    Field,
    Literal,
    ParameterRef,
    Pattern,
    Scope,
)

# --- what names come to mean ------------------------------------------------------------------------------------------


def test_a_bare_name_is_the_facts_and_a_dotted_one_the_matters(load):
    """a bare name is read in the trigger, and `x.` in the record that the rule is about"""
    rule = load("rules: {a: {kind: prohibition, about: duty, when: check_in, if: duty_date == duty.duty_date}}").rules[
        "a"
    ]
    left, right = Field(Scope.FACT, "duty_date", None, "date"), Field(Scope.MATTER, "duty_date", "duty", "date")
    assert rule.if_ == Expr("duty_date == duty.duty_date", Compare((left, right), ("==",)), "bool")


def test_the_matter_of_a_breach_is_handed_on(load):
    """a rule without `about` is about what all the rules are about whose breaches set it off"""
    text = """
    rules:
      a: {kind: prohibition, about: duty, when: check_in}
      b: {kind: prohibition, about: away, when: post_left}
      c: {kind: sanction, when: breach of a, if: duty.duty_date == '2026-01-15', fine: 1}
      d: {kind: sanction, when: "breach of [a, b]", if: duty.duty_date == '2026-01-15', fine: 1}
    """
    rules = load(text).rules
    scopes = [rules[name].if_.tree.operands[0].scope for name in "cd"]
    assert scopes == [Scope.MATTER, Scope.RECORD]


def test_a_breach_carries_person_keys_and_the_fields_of_its_trigger(load):
    """the condition of a sanction reads what the breach hands on"""
    text = """
    rules:
      a: {kind: prohibition, about: away, when: post_left}
      b:
        kind: sanction
        when: breach of a where reason == 'lunch'
        if: person != approved_by
        once_per: [person, month]
        fine: 1
    """
    rule = load(text).rules["b"]
    assert (rule.when[0].where.tree.operands[0].scope, rule.once_per) == (Scope.FACT, ("person", "month"))


def test_this_is_the_trigger_inside_a_pattern(load):
    """in a pattern bare names are the pattern's, `this.` the trigger's and `x.` the matter's"""
    text = """
    rules:
      a:
        kind: obligation
        about: duty
        when: check_in
        until: check_out where person == this.person and duty_date == duty.duty_date
    """
    (pattern,) = load(text).rules["a"].until
    scopes = [[operand.scope for operand in each.operands] for each in pattern.where.tree.operands]
    assert scopes == [[Scope.FACT, Scope.THIS], [Scope.FACT, Scope.MATTER]]


def test_the_act_is_the_fulfilling_fact(load):
    """`act.` reads the fact that fulfilled the obligation"""
    text = """
    rules:
      a: {kind: obligation, about: duty, when: check_in, until: patrol_done}
      b: {kind: sanction, when: fulfilment of a where act.by != person, fine: 1}
    """
    where = load(text).rules["b"].when[0].where
    assert where.tree.operands[0] == Field(Scope.ACT, "by", None, "text")


def test_a_permission_reads_what_those_who_name_it_read(load):
    """a permission without a trigger is read at the fact of the rule that names it"""
    text = """
    rules:
      a: {kind: prohibition, about: duty, when: check_in, unless: b}
      b: {kind: permission, if: "any(swap, requester == this.person and swap_effected)"}
    """
    tree = load(text).rules["b"].if_.tree
    assert isinstance(tree, AnyRecord)
    assert tree.condition.operands[1] == Field(Scope.FACT, "swap_effected", None, "bool")


def test_other_names_of_events_and_fields_become_their_own(load):
    """what the vocabulary calls otherwise is kept under one name"""
    rule = load("rules: {a: {kind: prohibition, when: sign_in where employee == by}}").rules["a"]
    assert rule.when[0].names == ("check_in",)
    assert rule.when[0].where.tree.operands[0].name == "person"


def test_a_key_may_use_another_name_of_a_field(load):
    """a record keyed by `date` is keyed by the event's own date field, and dated by it"""
    record = load("pack: demo\nrecords: {duty: {key: [person, date], opens: roster_assigned}}", records=False).records[
        "duty"
    ]
    assert (record.key, record.dated) == (("person", "duty_date"), "duty_date")


def test_an_event_of_the_pack_adds_to_one_of_the_vocabulary(load):
    """a pack can declare event types and add fields to known ones"""
    text = """
    events:
      ruling: {fields: {docket: text}}
      door_opened: {fields: {person: person, forced: {type: bool, default: false}}}
    rules:
      a: {kind: prohibition, when: door_opened where forced}
      b: {kind: prohibition, when: ruling where docket == 'x' and special_circumstances}
    """
    events = load(text).events
    assert set(events["ruling"].fields) > {"docket", "about", "by"}
    assert events["door_opened"].fields["forced"].has_default


def test_a_record_knows_how_it_ends(load):
    """`closes` holds facts, or the instant at which the record ends"""
    record = load("").records["away"]
    assert [pattern.names for pattern in record.closes] == [("post_resumed",)]
    assert isinstance(record.closes_at, EndOf)
    assert record.episodic


def test_a_count_pairs_what_reader_and_member_have(load):
    """`per` pairs the reader's side with the member's; a record stands for its key"""
    text = """
    counts:
      x: {of: swap_effected, per: {person: swap.requester}, in: month of swap.duty_date, distinct: request_id}
      y: {of: [check_in, check_out], per: duty}
      z: {of: staff where dept == 'nursing', per: {staff.dept: dept}, except: person}
      w: {of: leave_taken, per: person, in: 1 year, spread: from to to}
    rules: {a: {kind: prohibition, about: duty, when: check_in, if: x + y + z + w > 3}}
    """
    counts = load(text).counts
    reader, member = counts["x"].per[0]
    assert (reader.tree, member.tree.record) == (Field(Scope.FACT, "person", None, "text"), "swap")
    assert (counts["x"].window, counts["x"].date.source) == (WindowKind.MONTH, "swap.duty_date")
    assert [pair[0].source for pair in counts["y"].per] == ["person", "duty_date"]
    assert (counts["z"].of[0].kind, counts["z"].except_) == (FactKind.RECORD, "person")
    assert (counts["w"].window, counts["w"].rolling, counts["w"].spread) == (
        *(WindowKind.ROLLING, Duration(1, Unit.YEAR), ("from", "to")),
    )


def test_a_formula_is_chosen_by_a_parameter(load):
    """a formula may have variants, of which a parameter picks one"""
    text = """
    parameters: {method: plain}
    counts: {size: {of: staff, per: dept}}
    values: {least: {plain: month.days - size, printed: size, chosen_by: method}}
    rules: {a: {kind: prohibition, every: month, for_each: staff, if: least > 3}}
    """
    value = load(text).values["least"]
    assert (list(value.variants), value.chosen_by) == (["plain", "printed"], "method")


@pytest.mark.parametrize(
    ("written", "kind", "values"),
    [
        ("50", "int", [(dt.date.min, 50)]),
        ("0.5", "number", [(dt.date.min, Decimal("0.5"))]),
        ("divided", "text", [(dt.date.min, "divided")]),
        ("false", "bool", [(dt.date.min, False)]),
        ("2026-01-15", "date", [(dt.date.min, dt.date(2026, 1, 15))]),
        ("[a, b]", "list", [(dt.date.min, ("a", "b"))]),
        ("{2024-10-15: 4, 2025-01-01: 5}", "int", [(dt.date(2024, 10, 15), 4), (dt.date(2025, 1, 1), 5)]),
        ("{type: money}", "money", []),
        ("{type: money, value: 30}", "money", [(dt.date.min, Decimal(30))]),
        ("{type: money, value: {2024-10-15: 3.50}}", "money", [(dt.date(2024, 10, 15), Decimal("3.50"))]),
        ("{type: text, values: [a, b], value: a}", "text", [(dt.date.min, "a")]),
        ("{type: duration, value: 2h}", "duration", [(dt.date.min, Duration(2, Unit.HOUR))]),
    ],
)
def test_a_parameter_has_a_type_and_dated_values(load, written, kind, values):
    """a parameter's type is stated or seen, and its values apply from a day on"""
    parameter = load(f"parameters: {{x: {written}}}").parameters["x"]
    assert (parameter.type, list(parameter.dated.values)) == (kind, values)


def test_a_limit_may_be_a_parameter(load):
    """a limit that names a duration without a value is no limit yet"""
    text = """
    parameters: {{soon: {{type: duration{}}}}}
    rules: {{a: {{kind: obligation, when: check_in, promptly: soon, within: soon, until: check_out}}}}
    """
    assert load(text.format(", value: 2h")).rules["a"].within.duration == Duration(2, Unit.HOUR)
    assert load(text.format("")).rules["a"].within is None


def test_an_instant_may_be_a_choice(load):
    """`if`, `then`, `else` choose between two instants"""
    text = """
    parameters: {inclusive: false}
    rules:
      a:
        kind: obligation
        every: week
        who: leader
        by: {if: inclusive, then: Friday of the week, else: Thursday of the week}
        until: roster_posted
    """
    by = load(text).rules["a"].by
    assert isinstance(by, EitherInstant)
    assert (by.condition, by.then.weekday, by.otherwise.weekday) == (ParameterRef("inclusive"), 4, 3)


@pytest.mark.parametrize(
    ("written", "act", "nature"),
    [
        ("fine: 20", Act.FINE, "fine"),
        ("deduct: 1% of 300", Act.DEDUCT, "disciplinary_deduction"),
        ("compensate: {decided_by: leader}", Act.COMPENSATE, "loss_compensation"),
        ("withhold: performance_pay", Act.WITHHOLD, "bonus_reduction"),
        ("withhold: pay_of_day, nature: unpaid_time", Act.WITHHOLD, "unpaid_time"),
        ("notice: reminder", Act.NOTICE, None),
        ("disqualify: honours, for: year", Act.DISQUALIFY, None),
        ("refer: the work rules", Act.REFER, None),
    ],
)
def test_a_consequence_has_an_act_and_a_nature(load, written, act, nature):
    """a sanction has one consequence, and one of money its legal nature"""
    consequence = load(f"rules: {{a: {{kind: sanction, when: check_in, {written}}}}}").rules["a"].consequence
    assert (consequence.act, consequence.nature) == (act, nature)


def test_discretion_has_bounds_and_a_way_out(load):
    """a sum within bounds is decided by somebody, who may let a person go free"""
    text = """
    rules:
      a:
        kind: sanction
        when: check_in
        fine: {from: 10, to: 50, decided_by: leader, none_if: b, propose: 20, within: 7 days}
      b: {kind: permission, needs: {c: patrol_done}}
    """
    discretion = load(text).rules["a"].consequence.discretion
    assert [each.tree for each in (discretion.low, discretion.high, discretion.proposal)] == [
        Literal(10),
        Literal(50),
        Literal(20),
    ]
    assert (discretion.decided_by[0].office, discretion.none_if, discretion.within) == (
        "leader",
        "b",
        Duration(7, Unit.DAY),
    )


def test_a_named_right_takes_its_sum_from_the_parameter_of_its_name(load):
    """`grant: allowance` is worth what the parameter `allowance` says"""
    text = """
    parameters: {allowance: 20}
    rules:
      a: {kind: entitlement, when: duty_served, grant: allowance}
      b: {kind: entitlement, when: duty_served, grant: rest}
    """
    rules = load(text).rules
    assert (rules["a"].consequence.amount.tree, rules["b"].consequence.amount) == (ParameterRef("allowance"), None)


def test_bearers_are_fields_or_offices(load):
    """`who` names a field of the trigger or its matter, an office, or the head of what a field names"""
    text = """
    rules:
      a: {kind: prohibition, about: swap, when: swap_effected, who: [swap.requester, leader]}
      b: {kind: prohibition, when: staff_record, who: leader of dept}
    """
    rules = load(text).rules
    assert [(who.office, who.field is not None) for who in rules["a"].who] == [(None, True), ("leader", False)]
    assert (rules["b"].who[0].office, rules["b"].who[0].of.source) == ("leader", "dept")


def test_needs_are_facts_or_permissions(load):
    """a need is a fact, perhaps by somebody and on a condition, or a permission of that name"""
    text = """
    rules:
      a:
        kind: permission
        about: swap
        when: swap_effected
        needs:
          written: swap_requested where written
          approval: {fact: swap_approved, who: leader, if: kind == 'duty'}
          also: b
        in_order: [written, approval]
      b: {kind: permission}
    """
    needs = load(text).rules["a"].needs
    assert [(need.id, need.fact is not None, need.permission) for need in needs] == [
        ("written", True, None),
        ("approval", True, None),
        ("also", False, "b"),
    ]


def test_an_imposed_sanction_is_a_fact(load):
    """a sanction that was imposed sets off what follows from it, with its amount, tier and step"""
    text = """
    rules:
      a: {kind: sanction, about: duty, when: check_in, fine: 3}
      b:
        kind: obligation
        when: sanction of a where amount > 2 and duty_date == duty.duty_date
        who: leader
        until: deduction_noted
    """
    (pattern,) = load(text).rules["b"].when
    assert (pattern.kind, pattern.names, pattern.where.tree.operands[0].operands[0].name) == (
        *(FactKind.SANCTION, ("a",), "amount"),
    )


def test_a_deemed_event_has_the_fields_that_it_is_given(load):
    """a definition counts a fact as an event of another type, with a new identity where it says so"""
    text = """
    rules:
      a:
        kind: definition
        about: complaint
        when: complaint_replied where opinion == 'dissatisfied'
        counts_as: complaint_received
        with: {complaint_id: new, household: complaint.household, kind: "'again'"}
    """
    rule = load(text).rules["a"]
    assert rule.counts_as == "complaint_received"
    assert rule.with_["complaint_id"] is None
    assert rule.with_["kind"].tree == Literal("again")


def test_a_choice_and_a_forfeiture_name_what_is_the_same(load):
    """relations name a matter, a link, a person or a period"""
    text = """
    rules:
      a: {kind: sanction, about: away, when: post_left, fine: 1}
      b: {kind: sanction, about: complaint, when: complaint_ruled, who: complaint.about, fine: 2}
      c: {kind: choice, of: [a, b], same: away, keep: heaviest}
      d: {kind: entitlement, about: duty, when: duty_served, grant: allowance}
      e: {kind: sanction, about: duty, when: check_out, forfeit: d, same: [person, month]}
    """
    rules = load(text).rules
    assert (rules["c"].same, rules["e"].consequence.forfeits) == (("away",), ("d",))


def test_a_ladder_is_read(load):
    """a ladder has steps, repeats, accumulations and what overrules them"""
    text = """
    rules: {a: {kind: sanction, when: check_in, step: oral, class: phone, look_back: month}}
    ladders:
      discipline:
        per: person
        steps: [oral, written, dismissal]
        repeat: {same: class, raise: 1, cap: written, at_cap: review}
        accumulate: {three: {of: oral, reaches: 3, within: 1 year, used_up: true, gives: written}}
        overruled_by: {note: {when: ruling where by == 'chief', if: impact}}
    """
    pack = load(text)
    ladder = pack.ladders["discipline"]
    assert (ladder.repeat_cap, ladder.accumulate[0].reaches, ladder.overruled_by[0].if_.source) == (
        "written",
        3,
        "impact",
    )
    assert (pack.rules["a"].consequence.class_, pack.rules["a"].consequence.look_back) == ("phone", "month")


def test_the_clause_is_the_head_of_the_id_where_none_is_written(load):
    """a rule states its clause, or its id begins with it, or the id is the clause"""
    text = """
    rules: {5.2C-tiers: {kind: advice}, cmp-2: {kind: advice}, x: {kind: advice, clause: 7}}
    """
    assert [rule.clause for rule in load(text).rules.values()] == ["5.2C", "cmp-2", "7"]


def test_the_head_has_defaults(load):
    """a pack that says little is of Shanghai, its calendar China's, its money CNY"""
    pack = load("pack: demo", records=False)
    assert (pack.timezone, pack.calendar, pack.currency, pack.language) == ("Asia/Shanghai", "CN", "CNY", 1)
    assert pack.severity[0] == "notice"
    assert pack.carries is None


def test_the_head_is_read(load):
    """the head says names, days, retention, what the log carries and which days the organisation adds"""
    text = """
    pack: demo
    section: gate
    title: {en: Gate, zh: 门卫}
    in_force: {since: 2024-10-15}
    retention: 3 years
    timezone: Europe/Paris
    calendar: weekdays
    holidays: {extra_holidays: [2026-05-01], extra_workdays: {2026-05-02: moved}}
    currency: EUR
    severity: [notice, fine]
    log: {carries: {check_in: 2026-01-01, sign_out: 2026-02-01}}
    """
    pack = load(text, records=False)
    assert pack.prefix == "demo/gate/"
    assert (pack.in_force.since, pack.retention) == (dt.date(2024, 10, 15), Duration(3, Unit.YEAR))
    assert (pack.extra_holidays, pack.extra_workdays) == ((dt.date(2026, 5, 1),), (dt.date(2026, 5, 2),))
    assert pack.carries == {"check_in": dt.date(2026, 1, 1), "check_out": dt.date(2026, 2, 1)}


def test_a_pattern_keeps_its_text_and_place(load):
    """trees keep the text that they were read from, and rules know where they stand"""
    rule = load("rules:\n  a: {kind: prohibition, when: first check_in}").rules["a"]
    assert rule.when == (Pattern("first check_in", FactKind.EVENT, ("check_in",), None, first=True),)
    assert (rule.place.file, rule.place.column) == ("demo.yaml", 3)


def test_count_references_take_arguments_from_the_left(load):
    """a count is read with its key and its window given as arguments"""
    text = """
    counts: {n: {of: check_in, per: person, in: month}}
    rules: {a: {kind: prohibition, when: check_in, if: "n(person, month) > n"}}
    """
    tree = load(text).rules["a"].if_.tree
    period = Field(Scope.PERIOD, "label", "month", "text")
    assert tree.operands == (CountRef("n", (Field(Scope.FACT, "person", None, "text"), period)), CountRef("n"))
