"""Runs the pages about seals and privacy: their files, their commands and their Python."""

from __future__ import annotations

import re

import pytest

from dutyrules.audit.person_fields import NAMING
from dutyrules.vocabulary import vocabulary
from executed_pages import run_page


@pytest.mark.parametrize("page", ["seal.md", "privacy.md"])
def test_a_page_does_what_it_says(page, repository, tmp_path, monkeypatch):
    """every file of a page is used as it stands, every command prints what is shown, and all Python runs"""
    monkeypatch.chdir(tmp_path)
    assert run_page(repository / "docs" / page, tmp_path) > 0


def test_every_module_is_told(repository):
    """the README of the package names each of its modules, and no other"""
    folder = repository / "src" / "dutyrules" / "audit"
    told = set(re.findall(r"`(\w+\.py)`", (folder / "README.md").read_text("utf-8")))
    assert told == {path.name for path in folder.glob("*.py")} - {"__init__.py"}


def test_fields_that_lead_to_a_person_are_those_of_the_vocabulary():
    """each field that is hidden by its name is one that the vocabulary knows and does not call a person"""
    fields = vocabulary().fields
    assert fields.keys() >= NAMING
    assert not [name for name in NAMING if fields[name].type == "person"]
