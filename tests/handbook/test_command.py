"""`dutyrules handbook`, and the page about it."""

from __future__ import annotations

import subprocess
import sys

import pytest

import run_commands
from dutyrules.policies.load import load_pack
from executed_pages import run_page


def run(*arguments):
    """Run the command and return exit status, stdout and stderr."""
    return run_commands.run("handbook", *arguments)


@pytest.fixture
def desk(repository):
    """Return the path of the small pack."""
    return repository / "tests" / "desk" / "desk.yaml"


def test_it_writes_markdown_to_standard_output(desk):
    """without options the handbook is Markdown in English"""
    status, out, _ = run(desk)
    assert status == 0
    assert out.startswith("# ")
    assert "## Contents" in out
    assert all(f"`{name}`" in out for name in load_pack(desk).rules)


def test_the_file_name_tells_the_form(desk, tmp_path):
    """a file that ends with .html holds HTML, any other Markdown, unless `--format` says otherwise"""
    for name, options, start in (
        ("book.html", (), "<!DOCTYPE html>"),
        ("book.htm", (), "<!DOCTYPE html>"),
        ("book.md", (), "# "),
        ("book.txt", ("--format", "html"), "<!DOCTYPE html>"),
        ("other.html", ("--format", "md"), "# "),
    ):
        status, out, _ = run(desk, "--lang", "zh", "--out", tmp_path / name, *options)
        assert (status, out) == (0, "")
        assert (tmp_path / name).read_text("utf-8").startswith(start)


def test_a_pack_with_faults_has_no_handbook(tmp_path):
    """a pack that cannot be loaded, and one that is not there, end with status 2 and the reason"""
    (tmp_path / "bad.yaml").write_text("pack: bad\nrules: {a: {kind: nonsense}}\n", "utf-8")
    status, out, err = run(tmp_path / "bad.yaml")
    assert (status, out) == (2, "")
    assert "nonsense" in err
    status, _, err = run("clinik")
    assert status == 2
    assert "did you mean `clinic`" in err


def test_a_file_that_cannot_be_written_is_told(desk, tmp_path):
    """a folder in place of a file ends with status 2"""
    status, _, err = run(desk, "--out", tmp_path)
    assert status == 2
    assert "cannot be written" in err


def test_the_core_does_not_load_the_handbook():
    """embedding the engine, and asking the command line for help, load nothing of the handbook"""
    code = (
        "import sys, dutyrules.cli.app\nprint([name for name in sys.modules if name.startswith('dutyrules.handbook')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_the_page_does_what_it_says(repository, tmp_path, monkeypatch):
    """every file of docs/handbook.md is used as it stands, and every command and program prints what is shown"""
    monkeypatch.chdir(tmp_path)
    assert run_page(repository / "docs" / "handbook.md", tmp_path) > 0
