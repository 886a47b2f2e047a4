"""`dutyrules report`, and the page about it."""

from __future__ import annotations

import csv
import io
import re
import subprocess
import sys

import pytest

import run_commands
from executed_pages import run_page


def run(*arguments):
    """Run the command and return exit status, stdout and stderr."""
    return run_commands.run("report", *arguments)


@pytest.fixture
def inputs(repository):
    """Return the log and the options that name the small pack and the clock."""
    desk = repository / "tests" / "desk"
    return [desk / "log.jsonl", "--pack", desk / "desk.yaml", "--as-of", "2026-02-01"]


def test_it_writes_what_is_asked_for(inputs, tmp_path):
    """each of the three files is written, and nothing goes to standard output"""
    page, table, book = (tmp_path / f"report.{ending}" for ending in ("html", "csv", "xlsx"))
    status, out, err = run(*inputs, "--out", page, "--csv", table, "--xlsx", book)
    assert (status, out) == (0, "")
    assert "event e9: DR623 `60` lies outside 10 to 50 of `3.1-fine`" in err
    assert "15 events, 1 set aside" in err
    assert page.read_text("utf-8").startswith("<!DOCTYPE html>")
    assert book.read_bytes().startswith(b"PK")
    rows = list(csv.reader(io.StringIO(table.read_text("utf-8-sig"))))
    assert f"{len(rows) - 1} outcomes" in err


def test_the_language_is_that_of_the_page_and_the_tables(inputs, tmp_path):
    """`--lang zh` starts the page in Chinese and gives the CSV Chinese heads"""
    page, table = tmp_path / "report.html", tmp_path / "report.csv"
    assert run(*inputs, "--lang", "zh", "--out", page, "--csv", table, "-q")[0] == 0
    assert '<html lang="zh-Hans"' in page.read_text("utf-8")
    assert table.read_text("utf-8-sig").startswith("时间,当事人,名称,条款编号")


def test_nothing_to_write_is_wrong_usage(inputs):
    """without a file to write the command ends with status 2 and says which there are"""
    status, _, err = run(*inputs)
    assert status == 2
    assert "help: name a file with `--out`, `--csv` or `--xlsx`" in err


def test_what_cannot_be_written_or_read(inputs, tmp_path):
    """a folder that is not there, and a log that breaks off, are told apart by their status"""
    status, _, err = run(*inputs, "--out", tmp_path / "none" / "report.html")
    assert status == 2
    assert "report.html` cannot be written: no such file or directory" in err
    broken = tmp_path / "log.jsonl.gz"
    broken.write_bytes(b"\x1f\x8b\x08\x00broken")
    assert run(broken, *inputs[1:], "--out", tmp_path / "report.html")[0] == 3
    assert "DR611" in (tmp_path / "report.html").read_text("utf-8")


def test_pseudonyms_stand_in_all_three_files(inputs, tmp_path):
    """with a key nobody's name is in the page, the CSV or the workbook, and everybody keeps one pseudonym"""
    key = tmp_path / "key"
    assert run_commands.run("pseudonymise", "--new-key", key)[0] == 0
    table = tmp_path / "report.csv"
    page, book = tmp_path / "report.html", tmp_path / "report.xlsx"
    assert run(*inputs, "--pseudonymise", key, "--out", page, "--csv", table, "--xlsx", book)[0] == 0
    plain = tmp_path / "plain.csv"
    assert run(*inputs, "--csv", plain)[0] == 0
    rows, names = (list(csv.DictReader(io.StringIO(one.read_text("utf-8-sig")))) for one in (table, plain))
    real, shown = _by_person(names), _by_person(rows)
    assert real.keys() >= {"li", "wan"}
    assert sorted(real.values()) == sorted(shown.values())
    assert not {"li", "wan"} & shown.keys()
    data = page.read_text("utf-8").partition('id="data">')[2].partition("</script>")[0]
    for text in (table.read_text("utf-8-sig"), data):
        assert "person-" in text
        assert re.search(r"(?<![a-z])(li|wan)(?![a-z])", text) is None


def _by_person(rows):
    """Return what each person has on record, without names."""
    found = {}
    for row in rows:
        found.setdefault(row["person"], []).append((row["time"], row["rule"], row["kind"], row["status"]))
    return {name: sorted(records) for name, records in found.items()}


@pytest.mark.parametrize("package", ["jinja2", "xlsxwriter"])
def test_without_its_packages_it_says_what_to_install(inputs, tmp_path, package):
    """without the extra the command ends with status 2 and says how to get it; the CSV needs none"""
    start = f"import sys; sys.modules[{package!r}] = None\nfrom dutyrules.cli import main\n"
    arguments = ["dutyrules", "report", *map(str, inputs), "-q"]

    def ran(*files):
        code = f"{start}sys.argv = {[*arguments, *map(str, files)]!r}\nmain()"
        return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    done = ran("--out", tmp_path / "r.html", "--xlsx", tmp_path / "r.xlsx")
    assert done.returncode == 2
    assert "pip install 'dutyrules[cli,report]'" in done.stderr
    assert ran("--csv", tmp_path / "r.csv").returncode == 0


def test_the_page_about_it_is_true(repository, tmp_path, monkeypatch):
    """every example of docs/report.md runs as it stands"""
    monkeypatch.chdir(tmp_path)
    assert run_page(repository / "docs" / "report.md", tmp_path) == 1
    assert {path.name for path in tmp_path.iterdir()} >= {"report.html", "report.csv", "report.xlsx"}
