from __future__ import annotations

import csv
import io
import json
from functools import partial

import pytest

import run_commands
from executed_pages import blocks_of, run_page, write

ARGUMENTS = ("log.jsonl", "--pack", "pack.yaml", "--decisions", "decisions.csv")
WHOLE = (*ARGUMENTS, "--as-of", "2026-01-31")


@pytest.fixture
def run(repository, tmp_path, monkeypatch):
    """Give a function that runs `audit` in a folder with the files of the page, and returns status, stdout, stderr."""
    for _, file, text, _ in blocks_of(repository / "docs" / "audit.md"):
        if file is not None:
            write(tmp_path / file, text)
    monkeypatch.chdir(tmp_path)

    return partial(run_commands.run, "audit")


def keep(tmp_path, *numbers):
    """Keep only these rows of the decisions."""
    head, *rows = (tmp_path / "decisions.csv").read_text().splitlines()
    kept = [row for row in rows if row.split(",")[0] in numbers]
    (tmp_path / "decisions.csv").write_text("\n".join([head, *kept, ""]))


def test_the_page_does_what_it_says(repository, tmp_path, monkeypatch):
    """every file of the page is used as it stands, every command prints what is shown, and the Python runs"""
    monkeypatch.chdir(tmp_path)
    assert run_page(repository / "docs" / "audit.md", tmp_path) == 4


def test_status_1_for_what_deviates(run):
    """something that differs, was not demanded or is missing ends with status 1"""
    assert run(*WHOLE)[0] == 1


def test_status_0_where_all_agrees(run, tmp_path):
    """with agreeing decisions and nothing missing the status is 0, though a duty is pending"""
    mapping = tmp_path / "decisions.yaml"
    mapping.write_text(mapping.read_text().replace("answer: {", "answer: {tolerance: {days: 1}, "))
    log = [line for line in (tmp_path / "log.jsonl").read_text().splitlines() if "standby" not in line]
    (tmp_path / "log.jsonl").write_text("\n".join(line for line in log if "mo" not in line and '"e4"' not in line))
    keep(tmp_path, "1", "6")
    status, out, _ = run(*WHOLE)
    assert "agrees" in out
    assert status == 0


def test_status_4_where_something_cannot_be_recomputed(run, tmp_path):
    """nothing that deviates, and an open discretion: the audit is clean and not whole"""
    mapping = tmp_path / "decisions.yaml"
    mapping.write_text(
        mapping.read_text()
        .replace("[1-fine, 3-fine]", "3-fine")
        .replace("  answer: {says: {en: answer, zh: 答复}, rules: 2-reply}\n", "")
        .replace("答复: answer", "答复: ~")
    )
    keep(tmp_path, "3", "6")
    status, out, _ = run(*WHOLE)
    assert "cannot be recomputed (1)" in out
    assert status == 4


def test_status_2_for_what_cannot_be_used(run, tmp_path):
    """a mapping that is not there or faulty, an unknown verdict and no decisions at all are wrong usage"""
    assert run("log.jsonl", "--pack", "pack.yaml")[0] == 2
    status, _, err = run(*ARGUMENTS, "--only", "differ")
    assert (status, "did you mean `differs`" in err) == (2, True)
    (tmp_path / "decisions.yaml").write_text("kind: 类别\ndate: 日期\nperson: 姓名\nkinds: {fine: {rules: 1-fien}}\n")
    status, _, err = run(*ARGUMENTS)
    assert status == 2
    assert "decisions.yaml:4:23 DR640 `1-fien` is no rule of the pack" in err
    assert "did you mean `1-fine`" in err
    (tmp_path / "decisions.yaml").unlink()
    status, _, err = run(*ARGUMENTS)
    assert (status, "--decisions-map" in err) == (2, True)


def test_status_3_for_what_cannot_be_read(run, tmp_path):
    """decisions that are not there, or lack a column, and a log that is not there end with status 3"""
    elsewhere = ("--decisions", "none.csv", "--decisions-map", "decisions.yaml")
    status, _, err = run("log.jsonl", "--pack", "pack.yaml", *elsewhere)
    assert (status, "`none.csv` cannot be read: no such file or directory" in err.splitlines()) == (3, True)
    (tmp_path / "decisions.csv").write_text("编号,类别\n")
    status, _, err = run(*ARGUMENTS)
    assert (status, "`decisions.csv` cannot be read: the file has no column `日期`" in err) == (3, True)
    assert run("none.jsonl", *ARGUMENTS[1:])[0] == 3


def test_every_format_has_the_same_verdicts(run, tmp_path):
    """text, JSON and CSV agree on how many findings there are of each verdict; `--out` writes the same to a file"""
    found = json.loads(run(*WHOLE, "--format", "json")[1])["findings"]
    rows = list(csv.DictReader(io.StringIO(run(*WHOLE, "--format", "csv")[1].removeprefix("\ufeff"))))
    assert [row["verdict"].replace(" ", "_") for row in rows] == [one["verdict"] for one in found]
    assert len(found) == 8
    text = run(*WHOLE)[1]
    assert "differs (2)" in text
    assert run(*WHOLE, "--out", "audit.txt")[1] == ""
    assert (tmp_path / "audit.txt").read_text() == text


def test_what_agrees_is_listed_on_request(run):
    """text leaves out what agrees unless `--only` asks for it; `--most` limits each list"""
    assert "agrees (" not in run(*WHOLE)[1]
    assert "agrees (1)" in run(*WHOLE, "--only", "agrees")[1]
    assert "… and 1 more" in run(*WHOLE, "--most", "1")[1]


def test_pseudonyms_name_nobody(run, tmp_path):
    """with a key no name is left in any format, and the verdicts are the same, also of what was refused"""
    (tmp_path / "log.jsonl").write_text((tmp_path / "log.jsonl").read_text().replace('"he"', '"heyu"'))
    (tmp_path / "decisions.csv").write_text((tmp_path / "decisions.csv").read_text().replace(",he,", ",heyu,"))
    run_commands.run("pseudonymise", "--new-key", "key")
    plain = json.loads(run(*WHOLE, "--format", "json")[1])["findings"]
    for form in ("text", "json", "csv"):
        _, out, err = run(*WHOLE, "--format", form, "--pseudonymise", "key")
        assert not [name for name in ("heyu", '"li"', " li ", ",li,", "wan") if name in out + err], form
    masked = json.loads(run(*WHOLE, "--format", "json", "--pseudonymise", "key")[1])["findings"]

    def verdicts(findings):
        return sorted((one["verdict"], one.get("decision", {}).get("id", "")) for one in findings)

    assert verdicts(masked) == verdicts(plain)


def test_a_name_that_stands_in_a_matter_alone_is_replaced(run, tmp_path):
    """a person whom only the matter of a decision names, and no event, gets a pseudonym as well"""
    mapping = tmp_path / "decisions.yaml"
    mapping.write_text(mapping.read_text().replace('"complaint:{投诉}"', '"shift:{姓名},{日期},day"'))
    (tmp_path / "decisions.csv").write_text("编号,类别,姓名,投诉,日期,金额,说明\n1,罚款,zhuge,,2026-01-16,50,\n")
    mapping.write_text(mapping.read_text().replace("person: 姓名\n", ""))
    run_commands.run("pseudonymise", "--new-key", "key")
    assert "zhuge" in run(*WHOLE)[1]
    _, out, err = run(*WHOLE, "--pseudonymise", "key")
    assert "shift:person-" in out
    assert "zhuge" not in out + err
