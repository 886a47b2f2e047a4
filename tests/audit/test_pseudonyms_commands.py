"""No command tells a name under `--pseudonymise`, and each tells what it tells without it."""

from __future__ import annotations

import json
import os
import re

import pytest

from dutyrules.audit.key_files import read_key
from dutyrules.audit.names import NameFinder
from run_commands import run

MOMENT = ("--as-of", "2026-01-08T09:00:00+08:00")
PSEUDONYM = re.compile(r"person-[0-9a-f]{10}")


@pytest.fixture(scope="module")
def month(repository, tmp_path_factory):
    """Return the log and the pack of the first days of the example month, as arguments."""
    folder, log = repository / "examples" / "clinic_month", tmp_path_factory.mktemp("month") / "events.jsonl"
    lines = (folder / "events.jsonl").read_text("utf-8").splitlines(keepends=True)
    early = re.compile('"time":"(2025-12|2026-01-0[1-7])')
    log.write_text("".join(line for line in lines if early.search(line)), "utf-8")
    return log, "--pack", folder / "pack.yaml", *MOMENT


@pytest.fixture(scope="module")
def key(tmp_path_factory):
    """Make a key."""
    path = tmp_path_factory.mktemp("keys") / "key"
    assert run("pseudonymise", "--new-key", path)[0] == 0
    return path


@pytest.fixture(scope="module")
def people(month, key):
    """Return the pseudonym of each person of the month, as the command for those who may know tells them."""
    lines = run("pseudonymise", "--who", "--key", key, *month[:3])[1].splitlines()
    return {person: pseudonym for pseudonym, person in (line.split("\t") for line in lines)}


@pytest.fixture(scope="module")
def finder(people):
    """Give a finder of the names of the month; those that also are words, or how a long word is cut, are left out."""
    return NameFinder({name: f"<{people[name]}>" for name in people if name not in {"he", "mo", "office"}})


COMMANDS = [
    ("replay", (), ()),
    ("replay", (), ("--format", "csv")),
    ("replay", (), ("--format", "table", "--lang", "zh")),
    ("statement", (), ()),
    ("statement", (), ("--lang", "zh", "--person", "li")),
    ("timeline", (), ("--all",)),
    ("timeline", (), ("--lang", "zh", "--person", "zou")),
    ("explain", ("clinic/5.2D-minimum/referral/month:2025-12%2Ftang/tang",), ()),
    ("explain", ("clinic/4.1-late/breach/shift:li,2026-01-05,noon/li",), ("--format", "tree")),
    ("explain", ("clinic/4.1-late/breach/shift:li,2026-01-05,noon/li",), ("--format", "json", "--lang", "zh")),
]


def test_the_key_holder_can_tell_who_is_who(people, key):
    """each person of the log has the pseudonym that the key gives"""
    assert {"li", "wan", "zou", "gao"} <= people.keys()
    secret = read_key(key)
    assert people == {name: secret.pseudonym(name) for name in people}
    told = run("pseudonymise", "--key", key, "--person", "li", "--person", "wan")[1]
    assert told == f"{people['li']}\tli\n{people['wan']}\twan\n"


@pytest.mark.parametrize(("name", "before", "after"), COMMANDS)
def test_no_command_tells_a_name(month, key, people, finder, name, before, after):
    """no name is in the output, pseudonyms are, and the lines are as many as without them"""
    status, plain, plain_err = run(name, month[0], *before, *month[1:], *after)
    hidden_status, hidden, err = run(name, month[0], *before, *month[1:], *after, "--pseudonymise", key)
    assert status == hidden_status == 0
    assert finder.replace(plain) != plain
    assert finder.replace(hidden) == hidden
    assert finder.replace(err) == err
    assert set(PSEUDONYM.findall(hidden)) <= set(people.values())
    assert PSEUDONYM.search(hidden)
    assert err.count("\n") == plain_err.count("\n")
    if after[:2] != ("--format", "table"):  # a table breaks lines where names are longer
        assert len(hidden.splitlines()) == len(plain.splitlines())


@pytest.mark.parametrize("form", ["text", "tree", "json"])
def test_why_not_tells_no_name(month, key, people, finder, form):
    """why a rule did not hold is told of the pseudonym, whether the name or the pseudonym is asked about"""
    log, *rest = month
    options = (*rest[:2], "--rule", "4.1-late", "--format", form, "--pseudonymise", key)
    by_name = run("why-not", log, "--person", "li", *options)
    assert by_name == run("why-not", log, "--person", people["li"], *options)
    assert by_name[0] == 0
    assert people["li"] in by_name[1]
    assert finder.replace(by_name[1] + by_name[2]) == by_name[1] + by_name[2]


def test_a_report_tells_no_name(month, key, people, finder, tmp_path):
    """neither the page nor the table of a report holds a name"""
    page, table = tmp_path / "report.html", tmp_path / "report.csv"
    assert run("report", *month, "--out", page, "--csv", table, "--pseudonymise", key)[0] == 0
    others = NameFinder({name: "" for name in people if name not in {"he", "li", "mo", "office"}})
    for path, names in ((page, others), (table, finder)):  # `li` is an element of every page
        text = path.read_text("utf-8")
        assert people["li"] in text
        assert names.replace(text) == text


def test_every_explanation_reads_as_before(month, key, people):
    """an outcome's explanation is word for word the one with names, each name in it replaced"""
    outcome = "clinic/5.2D-minimum/referral/month:2025-12%2Ftang/tang"
    plain = run("explain", month[0], outcome, *month[1:])[1]
    hidden = run("explain", month[0], outcome, *month[1:], "--pseudonymise", key)[1]
    assert NameFinder(people).replace(plain) == hidden
    by_its_new_name = outcome.replace("tang", people["tang"])
    assert run("explain", month[0], by_its_new_name, *month[1:], "--pseudonymise", key)[1] == hidden


def test_outcomes_are_those_of_the_log_with_other_names(month, key, people):
    """record by record, a replay under pseudonyms gives the outcomes of the month with each name replaced"""
    plain = [json.loads(line) for line in run("replay", *month, "-q")[1].splitlines()]
    hidden = [json.loads(line) for line in run("replay", *month, "-q", "--pseudonymise", key)[1].splitlines()]
    finder = NameFinder(people)

    def told(one, *, replace):
        return (
            one["time"],
            one["status"],
            one["kind"],
            one.get("amount", ""),
            *(
                finder.replace(one.get(field, "")) if replace else one.get(field, "")
                for field in ("id", "person", "matter")
            ),
        )

    assert sorted(told(one, replace=True) for one in plain) == sorted(told(one, replace=False) for one in hidden)


def test_a_log_is_written_out_with_pseudonyms(month, key, finder, tmp_path):
    """the log that names nobody gives the same outcomes as the log under the key, without the key"""
    out = tmp_path / "log.jsonl"
    assert run("pseudonymise", "--key", key, *month[:3], "--out", out)[0] == 0
    text = out.read_text("utf-8")
    assert finder.replace(text) == text
    assert run("replay", out, *month[1:], "-q")[1] == run("replay", *month, "-q", "--pseudonymise", key)[1]


def test_another_word_is_told_in_every_language(month, tmp_path):
    """a key may be made with a Chinese word, which then begins every pseudonym"""
    key = tmp_path / "key"
    assert run("pseudonymise", "--new-key", key, "--word", "人员")[0] == 0
    told = run("statement", *month, "--lang", "zh", "--pseudonymise", key)[1]
    assert re.search("^人员-[0-9a-f]{10}: ", told, re.MULTILINE)
    assert "person-" not in told


def test_what_was_set_aside_names_nobody(repository, tmp_path):
    """lines that hold no event, and events that were not used, are told without names, on stderr and in the file"""
    key, log, refused = tmp_path / "key", tmp_path / "log.jsonl", tmp_path / "refused.jsonl"
    run("pseudonymise", "--new-key", key)
    log.write_text(
        '{"id":"1","type":"check_in","time":"2026-01-15T12:00:00+08:00","subject":"zhao"}\n'
        '{"id":"2","type":"check in of zhao","time":"2026-01-15T12:00:00+08:00"}\n'
    )
    pack = repository / "tests" / "desk" / "desk.yaml"
    arguments = ("replay", log, "--pack", pack, "--set-aside", refused, "--pseudonymise", key)
    _, out, err = run(*arguments)
    kept = refused.read_text()
    assert kept.count("\n") == 2
    assert "zhao" not in out + err + kept
    assert "zhao" in run(*arguments[:-2])[2]


@pytest.mark.skipif(os.name != "posix", reason="other systems know no such rights")
def test_a_key_that_others_can_read_is_remarked_on(month, tmp_path):
    """a key file with rights for others is used, with a warning on stderr"""
    key = tmp_path / "key"
    run("pseudonymise", "--new-key", key)
    assert run("statement", *month, "--pseudonymise", key)[2].count("can be read by others") == 0
    key.chmod(0o644)
    status, _, err = run("statement", *month, "--pseudonymise", key)
    assert (status, "can be read by others" in err, "chmod 600" in err) == (0, True, True)


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ((), "which key is it"),
        (("--key", "weak"), "nothing to replace"),
        (("--key", "weak", "--person", "li"), "fewer than 32"),
        (("--key", "missing", "--person", "li"), "cannot be read"),
        (("--new-key", "weak"), "is there already"),
        (("--new-key", "fresh", "--word", "a b"), "no word"),
    ],
)
def test_what_cannot_be_done_is_refused(tmp_path, monkeypatch, arguments, why):
    """wrong usage and weak, missing or existing keys end with status 2 and the reason"""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "weak").write_text("secret")
    status, _, err = run("pseudonymise", *arguments)
    assert (status, why in err) == (2, True)
    assert (tmp_path / "weak").read_text() == "secret"
    assert not (tmp_path / "fresh").exists()
