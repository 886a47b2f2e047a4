"""Runs the page on explanations in the folder of the example month."""

from __future__ import annotations

import shutil

from executed_pages import run_page


def test_the_page_does_what_it_says(repository, tmp_path, monkeypatch):
    """every command of docs/explanations.md prints what is shown, and its Python runs"""
    folder = tmp_path / "clinic_month"
    shutil.copytree(repository / "examples" / "clinic_month", folder)
    monkeypatch.chdir(folder)
    assert run_page(repository / "docs" / "explanations.md", folder) == 5
