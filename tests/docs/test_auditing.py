"""Runs the walk through the auditor's tools in the folder of the example month."""

from __future__ import annotations

import csv
import re
import shutil
from zipfile import ZipFile

import pytest

from executed_pages import blocks_of, run_page

PAGE = "docs/auditing.md"


@pytest.fixture
def month(repository, tmp_path, monkeypatch):
    """Stand in a copy of the example month."""
    folder = tmp_path / "clinic_month"
    shutil.copytree(repository / "examples" / "clinic_month", folder)
    monkeypatch.chdir(folder)
    return folder


def test_the_walk_goes_as_the_page_says(repository, month):
    """every command of docs/auditing.md prints what is shown, and the files it promises are there and name nobody"""
    assert run_page(repository / PAGE, month) > 0
    page = (month / "january.html").read_text("utf-8")
    table = (month / "january.csv").read_text("utf-8-sig")
    with ZipFile(month / "january.xlsx") as book:
        texts = book.read("xl/sharedStrings.xml").decode() if "xl/sharedStrings.xml" in book.namelist() else ""
    for text in (page, table, texts, (month / "audit.csv").read_text("utf-8-sig")):
        assert not re.search(r"\b(zou|qiu|张三)\b", text)
    assert "person-" in page
    assert "person-" in table


def test_the_files_of_the_walk_ship_with_the_month(repository):
    """the files that the page shows are those in the folder of the example"""
    folder = repository / "examples" / "clinic_month"
    shown = {file: text for _, file, text, _ in blocks_of(repository / PAGE) if file is not None}
    assert shown.keys() >= {"decisions.csv", "decisions.yaml", "proposal.yaml", "correction.jsonl"}
    assert {file: (folder / file).read_text("utf-8") for file in shown} == shown


def test_the_list_of_findings_is_that_of_the_audit(repository, month):
    """each verdict other than agreement has its line in the auditor's list, with the decision and the short id"""
    text = (repository / PAGE).read_text("utf-8").partition("## What the auditor writes")[2]
    listed = set(re.findall(r"^\|.*?\| (?:decision (\d+))?(?:, )?(?:`(\w+)`)? \|$", text, re.MULTILINE)) - {("", "")}
    shown = (repository / PAGE).read_text("utf-8").partition("differs (2)")[2].partition("\n```")[0]
    rows = list(csv.DictReader((month / "decisions.csv").read_text("utf-8").splitlines()))
    found = set()
    for item in re.split(r"^  (?=\d{4}-)", shown, flags=re.MULTILINE)[1:]:
        line = re.search(r"decisions\.csv:(\d+)", item)
        ids = re.findall(r"\[(\w{8})\]", item)
        found.add((rows[int(line[1]) - 2]["编号"] if line else "", ids[0] if ids else ""))
    assert listed == found
