"""Runs the page on comparing packs: its commands print what it shows, on the example month."""

from __future__ import annotations

import shutil

from executed_pages import run_page


def test_the_page_does_what_it_says(repository, tmp_path, monkeypatch):
    """every command of `docs/diff.md` prints what the page shows, and its program runs"""
    for name in ("pack.yaml", "events.jsonl"):
        shutil.copy(repository / "examples" / "clinic_month" / name, tmp_path)
    monkeypatch.chdir(tmp_path)
    assert run_page(repository / "docs" / "diff.md", tmp_path) == 6
