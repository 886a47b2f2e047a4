"""`dutyrules diff`: its words, its JSON, its exit statuses."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from audit.difference_desk import DESK, written
from run_commands import run

COMMAND = """
import sys
from dutyrules.cli import main
sys.argv = ["dutyrules", "diff", *sys.argv[1:]]
main()
"""
WITHOUT = "import sys; sys.modules['hypothesis'] = None  # to import it is now an error\n"


@pytest.fixture(autouse=True)
def desk(tmp_path, monkeypatch):
    """Return a folder with the desk's pack, a dearer version of it, one in other words, and the log."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.yaml").write_text(DESK, "utf-8")
    (tmp_path / "b.yaml").write_text("pack: desk\nextends: a.yaml\nparameters: {late_fine: 80}\n", "utf-8")
    (tmp_path / "words.yaml").write_text(DESK.replace("Being late is fined.", "Lateness costs."), "utf-8")
    written(tmp_path)
    return tmp_path


def diff(*arguments, given=None):
    """Run the command and return exit status, output and messages."""
    return run("diff", *arguments, given=given)


def fresh(code, *arguments):
    """Run a program in a process of its own."""
    return subprocess.run([sys.executable, "-c", code, *arguments], check=False, capture_output=True, text=True)


def test_packs_that_agree():
    """packs that differ in words alone agree: exit status 0"""
    status, out, _ = diff("a.yaml", "words.yaml", "log.jsonl")
    assert status == 0
    assert "the packs agree on this log" in out
    assert "0 outcomes differ" in out


def test_packs_that_differ():
    """a difference is exit status 1, and the page tells whom it concerns and why"""
    status, out, _ = diff("a.yaml", "b.yaml", "log.jsonl")
    assert status == 1
    assert "5 events, 2 outcomes differ, 2 people fare differently" in out
    assert "owed 100 CNY → 160 CNY" in out
    assert "parameter late_fine  2       -60 CNY              50 → 80" in out
    assert "fine 50 CNY → fine 80 CNY  parameter late_fine" in out


def test_it_speaks_chinese():
    """in Chinese every heading and word is Chinese, and the figures are the same"""
    status, out, _ = diff("a.yaml", "b.yaml", "log.jsonl", "--lang", "zh")
    assert status == 1
    assert "应扣 100 CNY → 160 CNY" in out
    assert "罚款 50 CNY → 罚款 80 CNY  参数 late_fine" in out
    english = ("differ", "owed", "granted", "People", "Rules", "Largest", "Responsible", "parameter", "worse")
    assert not [word for word in english if word in out]


def test_json_holds_everything():
    """the JSON has packs, totals, differences, and each change with both outcomes and its cause; sums are texts"""
    status, out, _ = diff("a.yaml", "b.yaml", "log.jsonl", "--format", "json")
    found = json.loads(out)
    assert status == 1
    assert [found[name]["file"] for name in "ab"] == ["a.yaml", "b.yaml"]
    assert found["same"] is False
    assert found["total"]["cost"] == {"CNY": "60"}
    assert {each["name"]: each["owed"] for each in found["people"]} == {
        name: [{"CNY": "50"}, {"CNY": "80"}] for name in ("li", "wan")
    }
    assert found["differences"] == [
        {
            "section": "parameters",
            "name": "late_fine",
            "changed": [{"key": "", "a": "50", "b": "80"}],
            "explains": 2,
        }
    ]
    [li, _] = found["changes"]
    assert li["fields"] == {"amount": ["50", "80"]}
    assert li["cause"] == {"how": "alone", "of": [{"section": "parameters", "name": "late_fine"}]}
    assert (li["a"]["amount"], li["b"]["amount"]) == ("50", "80")
    assert found["replays"] == 1


def test_changes_that_are_not_shown_are_counted():
    """`--most` shows the largest changes, and the people that they concern most, and says how many more there are"""
    _, out, _ = diff("a.yaml", "b.yaml", "log.jsonl", "--most", "1")
    assert out.count("… 1 more") == 2
    assert "… 1 more" not in diff("a.yaml", "b.yaml", "log.jsonl", "--most", "0")[1]


def test_entries_that_matter_to_nobody_are_told(desk):
    """an entry that differs and changes nothing on this log is listed as such"""
    (desk / "c.yaml").write_text("pack: desk\nextends: a.yaml\nhours: {office: {start: 08:00, end: 12:00}}\n", "utf-8")
    status, out, _ = diff("a.yaml", "c.yaml", "log.jsonl")
    assert status == 0
    assert "No part in it\n  hours office" in out


def test_standard_input_is_a_log(desk):
    """`-` reads the log from standard input once, for both packs and every trial"""
    text = (desk / "log.jsonl").read_text("utf-8")
    assert diff("a.yaml", "b.yaml", "-", given=text) == diff("a.yaml", "b.yaml", "log.jsonl")


def test_the_moment_counts():
    """events after `--as-of` are left out for both packs"""
    status, out, _ = diff("a.yaml", "b.yaml", "log.jsonl", "--as-of", "2026-01-14")
    assert (status, "2 events, 0 outcomes differ" in out) == (0, True)


@pytest.mark.parametrize(
    ("arguments", "message", "status"),
    [
        (("a.yaml", "none.yaml", "log.jsonl"), "there is no file `none.yaml`", 2),
        (("a.yaml", "b.yaml"), "name a log, or let `--find` look for one", 2),
        (("a.yaml", "b.yaml", "log.jsonl", "--find"), "`--find` looks for a log of its own and takes none", 2),
        (("a.yaml", "b.yaml", "none.jsonl"), "`none.jsonl` cannot be read", 3),
    ],
)
def test_what_cannot_be_run(arguments, message, status):
    """a pack, option or log that cannot be used is said, with an exit status above 1"""
    found, out, errors = diff(*arguments)
    assert (found, out) == (status, "")
    assert message in errors


def test_lines_that_hold_no_event_are_told_once(desk):
    """a line that is no event is told on stderr, once for both packs, and the rest is compared"""
    with (desk / "log.jsonl").open("a") as log:
        log.write("{broken\n")
    status, out, errors = diff("a.yaml", "b.yaml", "log.jsonl")
    assert (status, errors.count("DR601")) == (1, 1)
    assert "2 outcomes differ" in out


def test_what_is_found_is_a_scenario():
    """`--find` writes a scenario that `dutyrules test` passes for A and fails for B, and says its bound"""
    status, out, errors = diff("a.yaml", "b.yaml", "--find", "--logs", "200", "--out", "found.yaml")
    assert (status, out) == (1, "")
    assert "of at most 200 logs, each of at most 8 events" in errors
    statuses = [run("test", name, "--scenarios", "found.yaml")[0] for name in ("a.yaml", "b.yaml")]
    assert statuses == [0, 1]


def test_what_is_not_found_is_no_proof(desk):
    """where no log within the bound shows a difference the status is 0 and the message says that it proves nothing"""
    (desk / "c.yaml").write_text(DESK.replace("fine: late_fine", "fine: late_fine + 0"), "utf-8")
    status, out, errors = diff("a.yaml", "c.yaml", "--find", "--logs", "10")
    assert (status, out) == (0, "")
    assert "no difference that a scenario can tell was found: 10 logs looked at" in errors
    assert "that is no proof" in errors


def test_searching_leaves_nothing_behind(desk):
    """a search writes the scenario that was asked for, and no notes of its own into the folder where it is run"""
    before = {path.name for path in desk.iterdir()}
    done = fresh(COMMAND, "a.yaml", "b.yaml", "--find", "--out", "found.yaml")
    assert (done.returncode, done.stdout) == (1, "")
    assert {path.name for path in desk.iterdir()} - before == {"found.yaml"}


def test_hypothesis_is_needed_for_searching_alone():
    """without hypothesis a log is compared all the same, and `--find` says what to install"""
    assert fresh(WITHOUT + COMMAND, "a.yaml", "b.yaml", "log.jsonl").returncode == 1
    missing = fresh(WITHOUT + COMMAND, "a.yaml", "b.yaml", "--find")
    assert missing.returncode == 2
    assert "install the extra `testing`" in missing.stderr
