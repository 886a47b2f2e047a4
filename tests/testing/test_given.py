from __future__ import annotations

import datetime as dt
import textwrap

import pytest

from dutyrules.calendars.zones import Zone
from dutyrules.policies.load import check_text, load_pack
from dutyrules.testing.given import log_of
from dutyrules.testing.scenario_files import load_scenarios


@pytest.fixture(scope="module")
def desk(repository):
    """Load the small pack."""
    return load_pack(repository / "tests" / "desk" / "desk.yaml")


@pytest.fixture
def log(desk, tmp_path):
    """Give a function that returns the log of a scenario: what goes without saying, and all types that it carries."""

    def of(text, pack=desk):
        path = tmp_path / "scenario.yaml"
        path.write_text(textwrap.dedent(text), encoding="utf-8")
        [scenario] = load_scenarios(path)
        found = log_of(scenario, pack)
        implied = [
            (one.type, one.data["person"], one.data.get("duty_date"))
            for one in found.events
            if one.id.startswith("given-")
        ]
        return found, implied

    return of


def test_duties_are_taken_for_granted(log):
    """whoever does something on duty is rostered: by the duty date, or by the time within a shift's window"""
    found, implied = log("""
        - id: desk/x
          given: {staff: none}
          events:
            - {at: "2026-01-15T06:00:00+08:00", type: check_in, person: li}
            - {at: "2026-01-15T17:00:01+08:00", type: duty_served, person: wan, duty_date: "2026-01-14"}
            - {at: "2026-01-15T05:59:59+08:00", type: check_in, person: early}
            - {at: "2026-01-15T12:00:00+08:00", type: standby_call, call_id: s, callee: he, result: off}
          expect: []
    """)
    assert implied == [
        ("roster_assigned", "li", dt.date(2026, 1, 15)),
        ("roster_assigned", "wan", dt.date(2026, 1, 14)),
    ]
    first = Zone("Asia/Shanghai").parse("2026-01-14T00:00:00+08:00")
    assert {one.time for one in found.events if one.id.startswith("given-")} == {first}


def test_a_roster_that_is_told_is_the_whole_roster(log):
    """where an event assigns a duty, nothing is taken for granted; `roster: implied` adds the rest"""
    scenario = """
        - id: desk/x
          given: {given}
          events:
            - {{at: "2026-01-14T08:00:00+08:00", type: roster_assigned, person: li, duty_date: "2026-01-15"}}
            - {{at: "2026-01-15T08:00:00+08:00", type: check_in, person: li}}
            - {{at: "2026-01-15T08:00:00+08:00", type: check_in, person: wan}}
          expect: []
    """
    assert log(scenario.format(given="{staff: none}"))[1] == []
    assert log(scenario.format(given="{staff: none, roster: implied}"))[1] == [
        ("roster_assigned", "wan", dt.date(2026, 1, 15))
    ]


def test_people_are_taken_for_ordinary_staff(log):
    """whom the events concern is staff without office, unless the scenario says who is staff"""
    scenario = """
        - id: desk/x
          given: {given}
          events:
            - {{at: "2026-01-15T08:00:00+08:00", type: standby_call, call_id: s, callee: he, result: off}}
            - {{at: "2026-01-15T09:00:00+08:00", type: ruling, about: s, by: boss, amount_cny: 20}}
          expect: []
    """
    found, implied = log(scenario.format(given="{}"))
    assert implied == [("staff_record", "he", None)]
    assert found.events[0].data["role"] == "staff"
    found, implied = log(scenario.format(given="{staff: {wan: {role: doctor}}}"))
    assert [(one.data["person"], one.data["role"]) for one in found.events[:1]] == [("wan", "doctor")]
    assert log(scenario.format(given="{staff: none}"))[1] == []


def test_a_section_that_is_named_has_a_member(log):
    """a section that the events name has somebody in it, where the pack keeps a record of sections"""
    text = """
        pack: p
        records:
          staff: {key: person, opens: staff_record}
          department: {key: dept, opens: staff_record}
        rules:
          1-x: {kind: advice, says: {en: x, zh: x}}
    """
    [pack] = check_text(textwrap.dedent(text)).packs
    _, implied = log(
        """
        - id: p/x
          events:
            - {at: "2026-01-15T08:00:00+08:00", type: roster_submitted, dept: nursing, week_start: "2026-01-19"}
          expect: []
        """,
        pack,
    )
    assert implied == [("staff_record", "nursing-1", None)]


def test_feeds_of_totals_do_not_speak_by_their_silence(log):
    """without any event of a feed that a month's total relies on, the feed is not carried; everything else is"""
    text = """
        pack: p
        records:
          staff: {key: person, opens: staff_record}
        counts:
          days: {of: attendance_day, per: person, in: month of date}
        rules:
          1-x:
            kind: sanction
            says: {en: x, zh: x}
            every: month
            for_each: staff
            relies_on: attendance_day
            by_number: 20 - days
            tiers: {1-x-a: {from: 1, withhold: bonus}}
    """
    [pack] = check_text(textwrap.dedent(text)).packs
    scenario = """
        - id: p/x
          events:
            - {{at: "2026-01-15T08:00:00+08:00", type: {type}, person: li}}
          expect: []
    """
    assert "attendance_day" not in log(scenario.format(type="duty_served"), pack)[0].carries
    assert "check_in" in log(scenario.format(type="duty_served"), pack)[0].carries
    assert "attendance_day" in log(scenario.format(type="attendance_day"), pack)[0].carries


def test_ids_keep_the_order_of_the_file_within_an_instant(log):
    """generated ids sort like the events stand, also beyond nine, and a given id is kept"""
    lines = "\n".join(
        f'            - {{at: "2026-01-15T08:00:00+08:00", type: patient_call, call_id: c{n}}}' for n in range(11)
    )
    found, _ = log(
        f"""
        - id: desk/x
          events:
{lines}
            - {{at: "2026-01-15T08:00:00+08:00", type: patient_call, call_id: own, id: mine}}
          expect: []
        """
    )
    ids = [one.id for one in found.events if one.type == "patient_call"]
    assert ids[:11] == sorted(ids[:11])
    assert (ids[0], ids[11]) == ("e01", "mine")
