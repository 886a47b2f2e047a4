"""Runs the pages about the command line, events and scenarios: their files, their commands and their Python."""

from __future__ import annotations

import re

import pytest

from dutyrules.policies.diagnostics import CODES
from executed_pages import run_page


@pytest.mark.parametrize("page", ["cli.md", "events.md", "scenarios.md"])
def test_a_page_does_what_it_says(page, repository, tmp_path, monkeypatch):
    """every file of a page is used as it stands, every command prints what is shown, and all Python runs"""
    monkeypatch.chdir(tmp_path)
    assert run_page(repository / "docs" / page, tmp_path) > 0


def test_every_command_and_code_is_described(repository, run):
    """the pages name every command, every exit status and every code of events"""
    page = (repository / "docs" / "cli.md").read_text("utf-8")
    listed = run("--help")[1].replace("\n ", "\n  ").split("Commands:")[1]
    commands = re.findall(r"^ {2}([\w-]+) ", listed, re.MULTILINE)
    assert len(commands) == 17
    assert not [name for name in commands if f"dutyrules {name}" not in page]
    events = (repository / "docs" / "events.md").read_text("utf-8")
    assert not [code for code in CODES if "DR601" <= code < "DR630" and code not in events]
