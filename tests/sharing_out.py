"""How the tests are shared out over the workers of a run: in units, the longest first.

A unit runs on one worker. Most are a file; a folder is one where its files share what is dear to make, such as a
browser or a long log; a test is one by itself where a file holds several long tests that share nothing. What is long
comes first, so that the workers end together.
"""

from __future__ import annotations

from typing import Any

from xdist.scheduler import LoadScopeScheduling

TOGETHER = ("tests/report/", "tests/explaining/", "tests/handbook/")
"""Folders that are a unit each."""

APART = (
    "tests/compiler/test_small_packs.py",
    "tests/examples/test_clinic_month.py",
    "tests/matchers/test_both.py",
    "tests/reference/",
    "tests/test_ten_years.py",
)
"""Files and folders of which each test is a unit."""

FIRST = (
    "tests/report/",
    "tests/examples/test_traffic_fines.py",
    "tests/matchers/test_both.py",
    "tests/audit/test_audit_traffic.py",
    "tests/compiler/test_commands.py",
    "tests/audit/test_difference_page.py",
    "tests/explaining/",
    "tests/docs/test_auditing.py",
    "tests/handbook/",
    "tests/compiler/test_shipped_packs.py",
    "tests/audit/test_pseudonyms_commands.py",
    "tests/audit/test_pseudonyms.py",
    "tests/benchmarks/test_guard.py",
    "tests/reference/test_differential.py",
    "tests/reference/test_corrections.py",
    "tests/compiler/test_small_packs.py",
    "tests/test_start.py",
    "tests/audit/",
    "tests/cli/test_replay.py",
    "tests/test_ten_years.py",
    "policies/tests/",
    "tests/reference/test_packs.py",
)
"""The longest, by about how long they are; whatever is not named comes after these in the order of the files."""


def unit_of(name: str) -> str:
    """Return the unit that a test belongs to, from the test's name."""
    if name.startswith(APART):
        return name
    return next((folder for folder in TOGETHER if name.startswith(folder)), name.partition("::")[0])


def place_of(name: str) -> int:
    """Return where among the longest a test stands."""
    return next((place for place, start in enumerate(FIRST) if name.startswith(start)), len(FIRST))


class InUnits(LoadScopeScheduling):
    """Hands a worker that runs out of tests the next unit, in the order in which the tests are collected."""

    def __init__(self, config: Any, log: Any = None) -> None:
        config.option.loadscopereorder = False
        super().__init__(config, log)

    def _split_scope(self, nodeid: str) -> str:
        return unit_of(nodeid)
