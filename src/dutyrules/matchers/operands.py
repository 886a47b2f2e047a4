"""What travels to durable-rules: the fields of one event, each as a figure, so that comparing is exact.

It takes the length of a text in 16 bits, reads decimals as binary floats, and all figures beyond 2^63 are one to it.
Here a figure travels in millionths, a day as its number, and a text as its place among the words of the condition.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Any, Final

from dutyrules.runtime.values import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dutyrules.policies.syntax import Field

SCALE: Final = 1_000_000
FINEST: Final = -6
COARSEST: Final = 24
BESIDE: Final = -1
"""The last element of every list: no word has this number, and a list is never empty."""
PLAIN: Final = (str, bool, int, Decimal, dt.date, type(None))


class Form(Enum):
    """How a field travels."""

    KNOWN = "k"  # 1 where it is known
    TRUTH = "t"  # true or false
    FIGURE = "f"  # millionths
    DAY = "d"  # days since the year 1
    WORD = "w"  # the place among the condition's words; a word that is none of them has the next free place
    WORDS = "l"  # a list of such places
    SIZE = "s"  # how many elements a list has


class UnfitValueError(ValueError):
    """A value is not of its field's type, or too large or too fine to travel: this one event is decided natively."""


class Operands:
    """The properties of one condition's messages, and how events are written in them."""

    def __init__(self) -> None:
        self._names: dict[tuple[Field, Form], str] = {}
        self._words: dict[object, int] = {}
        self.largest = (1 << 62) - 1

    @property
    def fields(self) -> tuple[Field, ...]:
        """Return the fields that are read, each once."""
        return tuple(dict.fromkeys(field for field, _form in self._names))

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of the properties in use."""
        return tuple(self._names.values())

    def name(self, field: Field, form: Form) -> str:
        """Return the property in which a field travels in that form."""
        return self._names.setdefault((field, form), f"{form.value}{len(self._names)}")

    def word(self, value: object) -> int:
        """Return the place of a word that the condition names."""
        return self._words.setdefault(value, len(self._words))

    def message(self, values: Iterable[object]) -> str:
        """Return the message for the values of `fields`; what is unknown is left out.

        Raises `UnfitValueError` for a value that cannot travel.
        """
        known = dict(zip(self.fields, values, strict=True))
        others: dict[object, int] = {}
        parts = [
            f'"{name}":{self._written(form, known[field], others)}'
            for (field, form), name in self._names.items()
            if not isinstance(known[field], Unknown)
        ]
        return "".join(['{"id":"1","sid":"1","z":0', *(f",{part}" for part in parts), "}"])

    def _written(self, form: Form, value: Any, others: dict[object, int]) -> str:  # noqa: ANN401 - fields have any type
        match form:
            case Form.KNOWN:
                return "1"
            case Form.TRUTH:
                return _truth(value)
            case Form.FIGURE:
                return str(self._figure(value))
            case Form.DAY:
                return str(_day(value))
            case Form.WORD:
                return str(self._place(value, others))
            case Form.WORDS:
                return str([*(self._place(item, others) for item in _items(value)), BESIDE])
            case Form.SIZE:
                return str(len(_items(value)))

    def _figure(self, value: Any) -> int:  # noqa: ANN401 - fields have any type
        scaled = scaled_figure(value)
        if scaled is None or abs(scaled) > self.largest:
            raise UnfitValueError
        return scaled

    def _place(self, value: object, others: dict[object, int]) -> int:
        if not isinstance(value, PLAIN) or (isinstance(value, Decimal) and not value.is_finite()):
            raise UnfitValueError
        place = self._words.get(value)
        return others.setdefault(value, len(self._words) + len(others)) if place is None else place


def scaled_figure(value: object) -> int | None:
    """Return a figure in whole millionths, None where it is no figure or finer than that."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return None
    if isinstance(value, int):
        return value * SCALE
    if value.is_zero():
        return 0
    if not value.is_finite() or not FINEST <= value.adjusted() <= COARSEST:
        return None
    top, bottom = value.as_integer_ratio()
    return top * SCALE // bottom if SCALE % bottom == 0 else None


def _truth(value: object) -> str:
    if not isinstance(value, bool):
        raise UnfitValueError
    return "true" if value else "false"


def _day(value: object) -> int:
    if not isinstance(value, dt.date) or isinstance(value, dt.datetime):
        raise UnfitValueError
    return value.toordinal()


def _items(value: object) -> tuple[object, ...]:
    if not isinstance(value, tuple):
        raise UnfitValueError
    return value
