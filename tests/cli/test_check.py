from __future__ import annotations

import json

import pytest

from dutyrules.policies.horizons import FOREVER, horizons
from dutyrules.policies.load import load_packs

LASTING = """
pack: p
calendar: none
log: {carries: all}
records:
  staff: {key: person, opens: staff_record}
  case:  {key: complaint_id, opens: complaint_received, closes: complaint_replied}
  room:  {key: person, opens: seat_ready, closes: check_out, keep: for ever}
  visit: {key: person, opens: check_in, closes: check_out}
counts:
  lates: {of: breach of 1-late, per: person}
rules:
  1-late: {says: {en: Be on time., zh: 按时。}, kind: prohibition, about: visit, when: check_in}
  1-fine: {says: {en: A fine., zh: 罚款。}, kind: sanction, when: breach of 1-late, if: lates > 2, fine: 5}
  2-told: {says: {en: Reply., zh: 答复。}, kind: prohibition, about: case, when: complaint_replied}
"""


@pytest.fixture
def lasting(tmp_path):
    """Write a pack that keeps some things for ever, each for another reason."""
    path = tmp_path / "p.yaml"
    path.write_text(LASTING, encoding="utf-8")
    return path


@pytest.fixture
def faulty(desk, tmp_path):
    """Write a pack with two faults."""
    path = tmp_path / "faulty.yaml"
    with open(desk, encoding="utf-8") as file:  # noqa: PTH123 - the path is a text
        text = file.read()
    path.write_text(text.replace("fine: late_fine", "fine: late_fin", 1).replace("shift.start", "shift.begin", 1))
    return path


def test_a_sound_pack_passes(run, desk):
    """a pack without faults is counted, what it remembers is told, and it ends with status 0"""
    status, out, _ = run("check", desk)
    assert status == 0
    assert out.startswith(
        f"{desk}: 14 rules, 0 errors, 0 warnings\nhow long desk remembers a record after its end or last event:\n"
    )


def test_each_record_has_a_line_with_its_days(run, lasting):
    """each record is told with the days that it is kept, or what makes it kept for ever"""
    _, out, _ = run("check", lasting)
    assert out.partition("0 errors, 2 warnings\n")[2].splitlines() == [
        "how long p remembers a record after its end or last event:",
        " staff for ever: nothing ends it",
        " case 154 days",
        " room for ever: it says `keep: for ever`",
        " visit for ever: count `lates` has no `in`",
    ]


@pytest.mark.parametrize("name", ["clinic", "school", "callcenter", "property"])
def test_what_is_told_of_a_shipped_pack_is_what_its_engine_keeps(run, name):
    """of each shipped pack every record is told once, for ever just where it is, and then with a reason"""
    _, out, _ = run("check", name)
    told = [line.strip() for line in out.splitlines() if line.startswith(" ")]
    for pack in load_packs(name):
        for record, horizon in horizons(pack).records.items():
            days = "for ever: " if horizon.seconds >= FOREVER else f"{-(-horizon.seconds // 86_400)} days"
            assert any(line.startswith(f"{record} {days}") and not line.endswith(": ") for line in told), record


def test_the_whole_table_has_counts_rules_and_events(run, lasting):
    """`--retention` tells of counts, rules and event types too, with the reason of each"""
    status, out, _ = run("check", "--retention", lasting)
    lines = out.partition("0 errors, 2 warnings\n")[2].splitlines()
    assert status == 0
    assert lines[0] == "p: looks back for ever, because of `lates`; takes events that come up to 154 days late"
    assert " record visit for ever count `lates` has no `in`" in lines
    assert " count lates 154 days 1-fine" in lines
    assert " rule 1-late for ever count `lates` has no `in`" in lines
    assert " event check_in for ever count `lates` has no `in`" in lines
    assert not [line for line in lines if line.startswith((" rule 1-fine", " event item_lost"))]


def test_json_tells_what_is_remembered(run, lasting):
    """`--format json` gives days and reasons by record, and with `--retention` by count, rule and event type"""
    (pack,) = json.loads(run("check", "--format", "json", lasting)[1])["packs"]
    assert (pack["pack"], pack["rules"], pack["late"]) == ("p", 3, 154)
    assert pack["remembered"] == {
        "records": {
            "staff": {"days": None, "because": "no end", "endless": "nothing ends it"},
            "case": {"days": 154, "because": "2-told"},
            "room": {"days": None, "because": "keep", "endless": "it says `keep: for ever`"},
            "visit": {"days": None, "because": "lates", "endless": "count `lates` has no `in`"},
        }
    }
    (whole,) = json.loads(run("check", "--format", "json", "--retention", lasting)[1])["packs"]
    assert list(whole["remembered"]) == ["records", "counts", "rules", "events"]
    assert whole["remembered"]["rules"]["1-fine"] == {"days": 154, "because": "1-fine"}


def test_every_fault_is_shown_with_its_line(run, faulty):
    """all faults are shown at once with place, line, caret and suggestion, and the status is 1"""
    status, out, _ = run("check", faulty)
    assert status == 1
    assert f"{faulty}:43:22 DR302" in out
    assert "did you mean `late_fine`" in out
    assert "^^^^^^^^" in out
    assert "0 rules, 2 errors" in out


def test_json_has_the_same_faults(run, faulty):
    """`--format json` gives the faults as an array of objects, and no pack where there is none"""
    status, out, _ = run("check", "--format", "json", faulty)
    found, packs = json.loads(out).values()
    assert status == 1
    assert packs == []
    assert [one["line"] for one in found] == [43, 48]
    assert {"code", "message", "help", "file", "line", "column"} <= found[0].keys()


def test_several_packs_are_checked_together(run, desk, faulty):
    """several packs may be given, files or names, and one faulty one decides the status"""
    status, out, _ = run("check", desk, faulty)
    assert status == 1
    assert out.count("errors") == 2


def test_warnings_count_only_when_asked(run, tmp_path):
    """a pack with warnings passes, and fails with `--strict`"""
    path = tmp_path / "p.yaml"
    path.write_text("pack: p\nrules:\n  1-x: {kind: advice, says: {en: Be kind.}}\n")
    assert run("check", path)[0] == 0
    assert run("check", "--strict", path)[0] == 1


def test_a_pack_that_is_nowhere(run):
    """a name that no pack has ends with status 2"""
    status, out, _ = run("check", "nowhere")
    assert status == 2
    assert "DR116 there is no pack `nowhere`" in out
