"""Runs the pages about the command line, events and scenarios: their files, their commands and their Python."""

from __future__ import annotations

import re
import shlex

import pytest
from typer.testing import CliRunner

from dutyrules.cli.app import app
from dutyrules.policies.diagnostics import CODES

_BLOCK = re.compile(r"^```(\w+)(?: file=(\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def matches(expected, found):
    """Tell whether an output is as shown, `…` standing for anything."""
    pattern = "".join(".*?" if part == "…" else re.escape(part) for part in re.split("(…)", expected.strip()))
    return re.fullmatch(pattern, re.sub(r" +$", "", found, flags=re.MULTILINE).strip(), re.DOTALL) is not None


def ran(command):
    """Run a command and return what it prints, with its exit status where that is not 0."""
    program, *arguments = shlex.split(command)
    assert program == "dutyrules"
    result = CliRunner().invoke(app, arguments)
    status = f"[exit status {result.exit_code}]\n" if result.exit_code else ""
    return result.stdout + result.stderr + status


@pytest.mark.parametrize("page", ["cli.md", "events.md", "scenarios.md"])
def test_a_page_does_what_it_says(page, repository, tmp_path, monkeypatch):
    """every file of a page is used as it stands, every command prints what is shown, and all Python runs"""
    monkeypatch.chdir(tmp_path)
    blocks = _BLOCK.findall((repository / "docs" / page).read_text("utf-8"))
    assert any(language in {"console", "python"} for language, _, _ in blocks)
    for language, file, text in blocks:
        if file:
            (tmp_path / file).parent.mkdir(exist_ok=True)
            (tmp_path / file).write_text(text, encoding="utf-8")
        elif language == "python":
            exec(compile(text, page, "exec"), {})  # noqa: S102 - the page's own example
        elif language == "console":
            command, _, expected = text.partition("\n")
            found = ran(command.removeprefix("$ "))
            assert matches(expected, found), found


def test_every_command_and_code_is_described(repository, run):
    """the pages name every command, every exit status and every code of events"""
    page = (repository / "docs" / "cli.md").read_text("utf-8")
    commands = re.findall(r"^ {2}(\w+) ", run("--help")[1].replace("\n ", "\n  ").split("Commands:")[1], re.MULTILINE)
    assert len(commands) == 7
    assert not [name for name in commands if f"dutyrules {name}" not in page]
    events = (repository / "docs" / "events.md").read_text("utf-8")
    assert not [code for code in CODES if "DR601" <= code < "DR630" and code not in events]
