"""Figures in the fields of events: decoded as they are written, never by way of a float. Light to import."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

Figure = Any
"""The type of a field that holds a figure: nothing narrower keeps it as it is written."""
MOST: Final = 1_000_000_000
FINEST: Final = 12
"""Digits after the point: the sums and products of such figures stay exact."""


def as_written(text: str) -> Decimal:
    """Return a figure with a point; one with an exponent is left to the decoder of events."""
    if "e" in text or "E" in text:
        raise ValueError(text)  # written again it would be longer than it was
    return Decimal(text)


def figure(value: object) -> Decimal:
    """Return a field's figure; raise `ValueError` where the decoder of events has to look at it."""
    if isinstance(value, int | Decimal) and not isinstance(value, bool) and -MOST <= value <= MOST:
        exact = Decimal(value)
        if len(exact.as_tuple().digits) <= FINEST:
            return exact
    raise ValueError(value)
