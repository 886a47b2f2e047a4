"""Packs and their handbooks, as tests read them."""

from __future__ import annotations

import pytest

from dutyrules.handbook import build_handbook
from handbook.reading import HARD, SHIPPED, loaded


@pytest.fixture(scope="session", params=[*SHIPPED, HARD])
def packs(request):
    """Give each shipped pack, and those of the hard norms."""
    return loaded(request.param)


@pytest.fixture(params=["en", "zh"])
def language(request):
    """Give each language."""
    return request.param


@pytest.fixture
def book(packs, language):
    """Give the handbook of each pack in each language."""
    return build_handbook(packs, language)
