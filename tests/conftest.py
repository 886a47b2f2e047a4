"""Settings and fixtures that every test may use."""

from __future__ import annotations

import gc
import os
from functools import cache
from pathlib import Path

import pytest
import typer.testing
from hypothesis import settings

from dutyrules.cli import THRESHOLDS
from sharing_out import InUnits, place_of

# `repeatable` draws the same examples in every run, so that what fails on one machine fails on all.
# `explore` draws new ones, and many more: `HYPOTHESIS_PROFILE=explore make test`.
# Neither limits the time of an example, since that depends on the machine.
settings.register_profile("repeatable", derandomize=True, deadline=None, print_blob=True)
settings.register_profile("explore", derandomize=False, deadline=None, print_blob=True, max_examples=2000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeatable"))

gc.set_threshold(*THRESHOLDS)  # as in a command's process: tests run engines, and looking for circles costs a tenth


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Share tests out over workers in units."""
    return InUnits(config, log)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    """Let the longest tests come first."""
    items.sort(key=lambda item: place_of(item.nodeid))


def pytest_collection_finish():
    """Let the garbage collector pass by what stays to the end, modules and tests: it costs a sixth of a long test."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def _command_line():
    """Build the command line once: typer's runner does it for each command, which takes longer than most of them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("typer.testing._get_command", cache(typer.main.get_command))
        yield


@pytest.fixture(scope="session")
def repository() -> Path:
    """Return the root of the source tree."""
    return Path(__file__).parent.parent


@pytest.fixture(scope="session")
def shared(repository: Path) -> Path:
    """Return the folder of sources and data beside the tree, and skip the test where there is none."""
    folder = repository.parent / "shared"
    if not folder.is_dir():
        pytest.skip("there is no `../shared` beside the source tree")
    return folder
