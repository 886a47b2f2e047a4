"""Packs and their handbooks, as tests read them."""

from __future__ import annotations

from functools import cache

import pytest

from dutyrules.handbook import build_handbook
from handbook.reading import HARD, SHIPPED, loaded


@pytest.fixture(scope="session", params=[*SHIPPED, HARD])
def place(request):
    """Give the name of each shipped pack, and the file of the hard norms."""
    return request.param


@pytest.fixture(scope="session")
def packs(place):
    """Give each shipped pack, and those of the hard norms."""
    return loaded(place)


@pytest.fixture(params=["en", "zh"])
def language(request):
    """Give each language."""
    return request.param


@pytest.fixture(scope="session")
def books():
    """Give a function that builds the handbook of some packs once for each language."""
    return cache(lambda place, language: build_handbook(loaded(place), language))


@pytest.fixture
def book(books, place, language):
    """Give the handbook of each pack in each language."""
    return books(place, language)
