"""Settings and fixtures that every test may use."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

# `repeatable` draws the same examples in every run, so that what fails on one machine fails on all.
# `explore` draws new ones, and many more: `HYPOTHESIS_PROFILE=explore make test`.
# Neither limits the time of an example, since that depends on the machine.
settings.register_profile("repeatable", derandomize=True, deadline=None, print_blob=True)
settings.register_profile("explore", derandomize=False, deadline=None, print_blob=True, max_examples=2000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeatable"))


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
