from __future__ import annotations

import json

import pytest


@pytest.fixture
def faulty(desk, tmp_path):
    """Write a pack with two faults."""
    path = tmp_path / "faulty.yaml"
    with open(desk, encoding="utf-8") as file:  # noqa: PTH123 - the path is a text
        text = file.read()
    path.write_text(text.replace("fine: late_fine", "fine: late_fin", 1).replace("shift.start", "shift.begin", 1))
    return path


def test_a_sound_pack_passes(run, desk):
    """a pack without faults is counted and ends with status 0"""
    status, out, _ = run("check", desk)
    assert (status, out) == (0, f"{desk}: 14 rules, 0 errors, 0 warnings\n")


def test_every_fault_is_shown_with_its_line(run, faulty):
    """all faults are shown at once with place, line, caret and suggestion, and the status is 1"""
    status, out, _ = run("check", faulty)
    assert status == 1
    assert f"{faulty}:43:22 DR302" in out
    assert "did you mean `late_fine`" in out
    assert "^^^^^^^^" in out
    assert "0 rules, 2 errors" in out


def test_json_has_the_same_faults(run, faulty):
    """`--format json` gives the faults as an array of objects"""
    status, out, _ = run("check", "--format", "json", faulty)
    found = json.loads(out)
    assert status == 1
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
