"""The values that fields of events may have: what each type of field takes, and how facts hold it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from dutyrules.calendars.zones import FIRST_YEAR, LAST_YEAR
from dutyrules.event_faults import EventError, EventFault
from dutyrules.policies.diagnostics import quoted
from dutyrules.policies.model import FieldType

if TYPE_CHECKING:
    from collections.abc import Callable

MOST_DIGITS: Final = 40

_MONTH: Final = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_NUMBER: Final = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")


class Settled(dict[str, object]):
    """An object as a field holds it: it changes no more, so that it can be a part of a key."""

    def __hash__(self) -> int:  # type: ignore[override] # a dict is not hashable because it may change
        return hash(frozenset(self.items()))


def settle(value: object) -> object:
    """Give a value as facts hold it: floats as Decimal, lists as tuples, times as text with their offset."""
    if isinstance(value, bool | str | int) or value is None:
        return _bounded(value) if isinstance(value, int) else value
    if isinstance(value, float | Decimal):
        number = Decimal(repr(value)) if isinstance(value, float) else value
        return _bounded(number)
    if isinstance(value, Mapping):
        return Settled({str(name): settle(item) for name, item in value.items()})
    if isinstance(value, list | tuple):
        return tuple(settle(item) for item in value)
    if isinstance(value, dt.datetime):
        return value.isoformat()
    if isinstance(value, dt.date):
        return _within_years(value)
    raise EventError(EventFault.FIELD_WRONG, f"{shown(value)} is no value that JSON can hold")


def _bounded(number: int | Decimal) -> int | Decimal:
    if isinstance(number, bool):
        return number
    if isinstance(number, int):
        fine = -(10**MOST_DIGITS) < number < 10**MOST_DIGITS
    else:
        fine = (
            number.is_finite() and abs(number.adjusted()) < MOST_DIGITS and len(number.as_tuple().digits) <= MOST_DIGITS
        )
    if not fine:
        raise EventError(EventFault.FIELD_WRONG, f"a number has more than {MOST_DIGITS} digits, or is none")
    return number


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _person(value: object) -> str | None:
    return value if isinstance(value, str) and value.strip() else None


def _bool(value: object) -> bool | None:
    return value if isinstance(value, bool) else None


def _int(value: object) -> int | None:
    number = _decimal(value) if not isinstance(value, str) else None
    return int(number) if number is not None and number == number.to_integral_value() else None


def _decimal(value: object) -> Decimal | None:
    if isinstance(value, str):
        return _decimal(Decimal(value)) if len(value) <= MOST_DIGITS and _NUMBER.fullmatch(value) else None
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return None
    number = _bounded(value if not isinstance(value, float) else Decimal(repr(value)))
    return Decimal(number)


def _date(value: object) -> dt.date | None:
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return _within_years(value)
    if not (isinstance(value, str) and _DAY.fullmatch(value)):
        return None
    try:
        day = dt.date.fromisoformat(value)
    except ValueError:
        raise EventError(EventFault.BAD_TIME, f"there is no day {quoted(value)}") from None
    return _within_years(day)


def _within_years(day: dt.date) -> dt.date:
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise EventError(EventFault.BAD_TIME, f"`{day}` is not in the years {FIRST_YEAR} to {LAST_YEAR}")
    return day


def _month(value: object) -> str | None:
    return value if isinstance(value, str) and _MONTH.fullmatch(value) else None


def _list(value: object) -> tuple[object, ...] | None:
    settled = settle(value) if isinstance(value, list | tuple) else None
    return settled if isinstance(settled, tuple) else None


READERS: Final[Mapping[FieldType, Callable[[object], object]]] = {
    FieldType.TEXT: _text,
    FieldType.PERSON: _person,
    FieldType.BOOL: _bool,
    FieldType.INT: _int,
    FieldType.NUMBER: _decimal,
    FieldType.MONEY: _decimal,
    FieldType.DATE: _date,
    FieldType.MONTH: _month,
    FieldType.LIST: _list,
    FieldType.ANY: settle,
}

EXPECTED: Final[Mapping[FieldType, str]] = {
    FieldType.TEXT: "a text",
    FieldType.PERSON: "a person (a text)",
    FieldType.BOOL: "`true` or `false`",
    FieldType.INT: "a whole number",
    FieldType.NUMBER: "a number",
    FieldType.MONEY: "a sum of money",
    FieldType.DATE: "a date such as `2026-01-15`",
    FieldType.MONTH: "a month such as `2026-01`",
    FieldType.LIST: "a list",
    FieldType.ANY: "a value",
}


def shown(value: object) -> str:
    """Return a value as a message shows it."""
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, Mapping):
        return "an object"
    if isinstance(value, list | tuple):
        return "a list"
    if isinstance(value, int) and abs(value) >= 10**MOST_DIGITS:
        return "a very large number"
    return quoted(value)
