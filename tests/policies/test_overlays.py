"""Overlays: an organisation starts from another pack and changes it, entry by entry."""

from __future__ import annotations

import datetime as dt
from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from dutyrules.policies.load import PackError, check_packs, load_pack, load_packs
from dutyrules.policies.syntax import Literal, ParameterRef

if TYPE_CHECKING:
    from pathlib import Path

BASE = """
pack: base
title: {en: Base, zh: 基础}
severity: [notice, fine]
roles: {leader: {en: leader, zh: 领导}}
parameters:
  cap: {2024-01-01: 4}
  duty_fine: 50
  least: 2
seasons: {winter: 01-01 to 06-30, summer: 07-01 to 12-31}
shifts: {noon: {start: 12:00, end: 14:00, check_in_from: 2h}}
records:
  staff: {key: person, opens: staff_record}
  duty: {key: [person, duty_date], opens: roster_assigned, dated: duty_date}
counts: {n: {of: check_in, per: person, in: month}}
rules:
  late:
    {kind: prohibition, says: {en: Be on time., zh: 准时。}, about: duty, when: check_in, if: n > cap, unless: excused}
  fine: {kind: sanction, says: {en: It costs., zh: 罚款。}, when: breach of late, fine: duty_fine}
  excused: {kind: permission, says: {en: With leave., zh: 请假者除外。}, if: any(staff)}
"""


@pytest.fixture
def overlay(tmp_path):
    """Return a function that writes an overlay beside the base pack and gives its path."""
    (tmp_path / "base.yaml").write_text(BASE, "utf-8")

    def write(text: str, name: str = "own.yaml"):
        path = tmp_path / name
        path.write_text("extends: base.yaml\n" + dedent(text), "utf-8")
        return path

    return write


def found(path) -> list[tuple[str, str, int]]:
    """Return each error's code, file and line."""
    checked = check_packs(path)
    return [
        (each.code, each.place.file.rpartition("/")[2], each.place.line)
        for each in checked.diagnostics
        if each.is_error
    ]


def test_an_overlay_that_changes_nothing_is_the_base(overlay):
    """an overlay keeps the name and everything of its base, under a digest of its own"""
    path = overlay("timezone: Asia/Shanghai")
    pack, base = load_pack(path), load_pack(path.parent / "base.yaml")
    assert (pack.name, list(pack.rules), pack.severity) == (base.name, list(base.rules), base.severity)
    assert pack.digest != base.digest


def test_an_overlay_has_its_own_head(overlay):
    """what the head of an overlay says stands in the place of what the base says"""
    pack = load_pack(
        overlay("pack: own\ntitle: {en: Own, zh: 自有}\nseverity: [notice, fine, withhold]\nlog: {carries: all}")
    )
    assert (pack.name, pack.title["en"], pack.severity[-1]) == ("own", "Own", "withhold")
    assert pack.carries == {"*": dt.date.min}


def test_parameters_are_merged(overlay):
    """a parameter is changed by its name, one with dates by its dates, and the others stay"""
    pack = load_pack(overlay("parameters: {duty_fine: 30, cap: {2025-01-01: 5}}"))
    assert [value for _, value in pack.parameters["duty_fine"].dated.values] == [30]
    assert pack.parameters["cap"].dated.values == ((dt.date(2024, 1, 1), 4), (dt.date(2025, 1, 1), 5))
    assert pack.parameters["least"].dated.on(dt.date(2026, 1, 1)) == (True, 2)


def test_a_plain_value_stands_in_the_place_of_dated_ones(overlay):
    """a parameter without dates in the overlay replaces all the dates of the base"""
    assert load_pack(overlay("parameters: {cap: 6}")).parameters["cap"].dated.values == ((dt.date.min, 6),)


def test_rules_are_merged_key_by_key(overlay):
    """a rule of the overlay changes the keys that it has and leaves the others"""
    pack = load_pack(overlay("rules: {fine: {fine: 20, says: {en: It costs 20., zh: 罚二十。}}}"))
    rule = pack.rules["fine"]
    assert (rule.consequence.amount.tree, rule.when[0].names, rule.says["en"]) == (
        Literal(20),
        ("late",),
        "It costs 20.",
    )


def test_a_key_without_a_value_is_taken_away(overlay):
    """an empty key takes the key of the base away, so that another one can stand in its place"""
    rules = load_pack(overlay("rules: {fine: {fine: , notice: reminder}, late: {unless: }}")).rules
    assert (rules["fine"].consequence.what, rules["late"].unless) == ("reminder", ())


def test_entries_are_added_and_changed(overlay):
    """records, counts, shifts and roles are merged entry by entry as well"""
    text = """
    shifts: {noon: {end: 13:00}, night: {start: 17:00, end: 08:00 next day}}
    roles: {payroll: {en: payroll, zh: 财务}}
    counts: {n: {in: year}}
    records: {swap: {key: request_id, opens: swap_requested}}
    rules: {more: {kind: prohibition, about: swap, when: swap_requested, who: payroll}}
    """
    pack = load_pack(overlay(text))
    assert pack.shifts["noon"] == {"start": "12:00", "end": "13:00", "check_in_from": "2h"}
    assert (set(pack.shifts), set(pack.roles)) == ({"noon", "night"}, {"leader", "payroll"})
    assert (pack.counts["n"].window, [*pack.records], [*pack.rules]) == (
        *("year", ["staff", "duty", "swap"], ["late", "fine", "excused", "more"]),
    )


def test_rules_can_be_removed(overlay):
    """`remove` takes entries out of the base"""
    pack = load_pack(overlay("remove: [fine, excused]\nrules: {late: {unless: }}"))
    assert list(pack.rules) == ["late"]


def test_who_names_a_removed_rule_is_told_where_it_was_removed(overlay):
    """a name that is gone is told where it is read, with the line that removed it"""
    path = overlay("remove: [excused]")
    (fault,) = [each for each in check_packs(path).diagnostics if each.is_error]
    assert (fault.code, fault.place.file.endswith("base.yaml")) == ("DR304", True)
    assert fault.help.endswith("own.yaml:2 removes it: change what names it there too")


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("rules: {fine: {fine: post}}", "DR412", 2),
        ("rules:\n  late: {if: n > kap}", "DR305", 3),
        ("rules: {lat: {if: n > cap}}", "DR315", 2),
        ("remove: [fien]", "DR315", 2),
        ("remove: fine", "DR203", 2),
        ("remove: [[fine]]", "DR203", 2),
        ("timezone: Nowhere", "DR207", 2),
        ("counts: {n: {in: mouth}}", "DR213", 2),
        ("rules: {fine: }", "DR205", 2),
    ],
)
def test_faults_of_an_overlay_point_to_the_overlay(overlay, text, code, line):
    """what is wrong with a change is told at the change"""
    path = overlay(text)
    assert (code, "own.yaml", line) in found(path)
    assert {file for _, file, _ in found(path)} == {"own.yaml"}


def test_faults_of_the_base_point_to_the_base(overlay):
    """what is wrong in the base is told there"""
    path = overlay("pack: own")
    (path.parent / "base.yaml").write_text(BASE.replace("n > cap", "n > kap"), "utf-8")
    assert found(path) == [("DR305", "base.yaml", 18)]


def test_an_overlay_may_stand_on_an_overlay(overlay):
    """overlays can be stacked; the digest covers every file"""
    first = overlay("parameters: {duty_fine: 30}")
    second = first.parent / "second.yaml"
    second.write_text("extends: own.yaml\nparameters: {least: 3}\n", "utf-8")
    pack = load_pack(second)
    assert [pack.parameters[name].dated.values[0][1] for name in ("duty_fine", "least")] == [30, 3]
    base = first.parent / "base.yaml"
    base.write_text(base.read_text("utf-8") + "# a remark\n", "utf-8")
    assert load_pack(second).digest != pack.digest


def test_an_overlay_may_start_from_a_known_pack(tmp_path):
    """`extends` takes the name of a known pack"""
    (tmp_path / "own.yaml").write_text("extends: clinic\npack: own\nparameters: {duty_fine: 30}\n", "utf-8")
    pack, base = load_pack(tmp_path / "own.yaml"), load_pack("clinic")
    assert (pack.name, list(pack.rules) == list(base.rules)) == ("own", True)
    assert isinstance(pack.rules["4.1-fine-50"].consequence.amount.tree, ParameterRef)
    assert pack.parameters["duty_fine"].dated.values[0][1] == 30


def test_each_pack_of_a_file_may_be_an_overlay(overlay):
    """in a file of several packs each may start from another one"""
    path = overlay("pack: one\n---\nextends: base.yaml\npack: two")
    assert [pack.name for pack in load_packs(path)] == ["one", "two"]


@pytest.mark.parametrize(
    ("extends", "help_"),
    [
        ("clinc", "did you mean `clinic`"),
        ("other.yaml", "write the name of a known pack, or a path that starts from this file"),
        ("../base.yaml", "write a path that starts from this file"),
        ("/etc/base.yaml", "write a path that starts from this file"),
        ("many.yaml", "give each of them a `section`"),
        ("empty.yaml", None),
    ],
)
def test_what_cannot_be_extended_is_told(tmp_path, extends, help_):
    """a pack that cannot be found, that lies elsewhere or is not one pack is told at `extends`"""
    (tmp_path / "many.yaml").write_text("pack: a\n---\npack: b\n", "utf-8")
    (tmp_path / "empty.yaml").write_text("# nothing\n", "utf-8")
    path = tmp_path / "own.yaml"
    path.write_text(f"extends: {extends}\n", "utf-8")
    with pytest.raises(PackError) as caught:
        load_pack(path)
    (fault,) = [each for each in caught.value.diagnostics if each.code == "DR314"]
    assert (fault.place.line, fault.place.column, fault.help) == (1, 10, help_)


def test_packs_that_extend_one_another_are_refused(tmp_path):
    """a circle of overlays is told"""
    (tmp_path / "a.yaml").write_text("extends: b.yaml\npack: a\n", "utf-8")
    (tmp_path / "b.yaml").write_text("extends: a.yaml\npack: b\n", "utf-8")
    (fault,) = check_packs(tmp_path / "a.yaml").diagnostics
    assert fault.code == "DR314"
    assert "in a circle" in fault.message


def test_a_tower_of_overlays_is_refused(tmp_path):
    """a pack stands on at most eight others"""
    for number in range(12):
        (tmp_path / f"p{number}.yaml").write_text(f"extends: p{number + 1}.yaml\npack: p{number}\n", "utf-8")
    (tmp_path / "p12.yaml").write_text("pack: p12\n", "utf-8")
    (fault,) = check_packs(tmp_path / "p0.yaml").diagnostics
    assert (fault.code, fault.message) == ("DR314", "a pack stands on at most 8 others")
    assert load_pack(tmp_path / "p5.yaml").name == "p5"


@pytest.mark.parametrize("written", ["3", "[a]", "", "{a: b}"])
def test_extends_is_a_name(tmp_path, written):
    """`extends` is the name or path of one pack"""
    path = tmp_path / "own.yaml"
    path.write_text(f"extends: {written}\npack: a\n", "utf-8")
    assert {code for code, _, _ in found(path)} <= {"DR203", "DR205"}
    assert found(path)


@pytest.mark.parametrize(
    ("written", "limits"),
    [
        ("{2008-01-01: 30 days}", ["150 days", "30 days", "90 days"]),
        ("30 days", ["30 days"]),
        ("{type: duration, value: {2008-01-01: 30 days}}", ["30 days"]),
    ],
)
def test_a_typed_parameter_keeps_its_type_under_an_overlay(tmp_path: Path, written: str, limits: list[str]) -> None:
    """An overlay's values stand in the type that the base gave, dated ones beside the base's dates."""
    (tmp_path / "base.yaml").write_text(
        """
pack: base
title: {en: a, zh: b}
roles: {clerk: {en: clerk, zh: 职员}}
parameters:
  send_limit: {type: duration, value: {2000-01-01: 150 days, 2010-01-01: 90 days}}
rules:
  send:
    kind: obligation
    says: {en: a, zh: b}
    when: complaint_received
    who: clerk
    within: send_limit
    until: complaint_replied
""",
        "utf-8",
    )
    (tmp_path / "over.yaml").write_text(
        f"pack: over\nextends: base.yaml\ntitle: {{en: a, zh: b}}\nparameters:\n  send_limit: {written}\n", "utf-8"
    )
    pack = load_pack(str(tmp_path / "over.yaml"))
    assert [str(value) for _since, value in pack.parameters["send_limit"].dated.values] == limits
