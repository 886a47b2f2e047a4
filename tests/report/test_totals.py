"""Sums by rule and by person."""

from __future__ import annotations

from decimal import Decimal

import attrs

from dutyrules.report.totals import Total, by_person, by_rule


def test_sums_of_the_small_log(small):
    """who was late pays once, who missed a reply has a breach, who served has an allowance"""
    li, wang = by_person(small)
    assert attrs.asdict(li) == {
        "name": "李",
        "obligations": 1,
        "open_duties": 0,
        "missed": 1,
        "breaches": 4,  # late for the shift, late to relieve, two private calls
        "sanctions": 3,  # a fine and two steps
        "entitlements": 0,
        "questions": 0,
        "to_pay": Decimal("20.50"),
        "to_receive": Decimal(0),
    }
    assert attrs.asdict(wang) == {
        "name": "王",
        "obligations": 3,
        "open_duties": 1,
        "missed": 1,
        "breaches": 2,
        "sanctions": 0,
        "entitlements": 1,
        "questions": 1,
        "to_pay": Decimal(0),
        "to_receive": Decimal(30),
    }


def test_rules_stand_in_the_order_of_the_pack(small, ward):
    """each rule that something came of has a total, in the order in which the pack has its rules"""
    names = [total.name for total in by_rule(small)]
    assert names == [name for name in ward.rules if name in names]
    assert {"1.1-late", "1.2-fine", "2.1-reply"} <= set(names)


def test_the_example_month_comes_to_what_its_page_says(month, repository):
    """what each person pays is what the table of the example says, which was worked out by hand"""
    page = (repository / "examples" / "clinic_month" / "README.md").read_text("utf-8")
    rows = [line.strip("| ").split(" | ") for line in page.split("## What it comes to")[1].splitlines() if "|" in line]
    told = {cells[0]: int(cells[1]) for cells in rows[2:] if cells[1].isdecimal()}
    assert {total.name: int(total.to_pay) for total in by_person(month) if total.to_pay} == told
    received = {cells[0]: int(cells[-1]) for cells in rows[2:] if cells[-1].isdecimal()}
    assert {total.name: int(total.to_receive) for total in by_person(month) if total.to_receive} == received


def test_both_groupings_count_every_row(month):
    """the totals by rule and those by person add up to the same"""
    for field in attrs.fields(Total)[1:]:
        sums = [sum(getattr(total, field.name) for total in found) for found in (by_rule(month), by_person(month))]
        assert sums[0] == sums[1], field.name
