"""The page about matchers does what it says."""

from __future__ import annotations

import re

PROGRAM = """
import sys
from pathlib import Path
sys.path.insert(0, "..")
import os
from tempfile import TemporaryDirectory
from executed_pages import run_page

page = Path("../../docs/matchers.md").resolve()
with TemporaryDirectory() as folder:
    os.chdir(folder)
    print(run_page(page, Path(folder)), "examples")
"""


def test_the_page_prints_what_it_shows(apart):
    """the program of docs/matchers.md prints what stands below it"""
    assert apart(text=PROGRAM) == "1 examples\n"


def test_the_page_names_the_limits_that_the_source_has(repository):
    """the limits that the page tells are those that the matcher keeps"""
    page = (repository / "docs" / "matchers.md").read_text("utf-8")
    source = (repository / "src" / "dutyrules" / "matchers" / "clauses.py").read_text("utf-8")
    most = re.search(r"^MOST_ALTERNATIVES: Final = (\d+)$", source, re.MULTILINE)[1]
    assert f"at most {most} ways" in page
