"""Repetition: one template of an event written out for many people, days or times."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Any, Final

import attrs

from dutyrules.policies.diagnostics import quoted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

MOST: Final = 5000

_PLACEHOLDER: Final = re.compile(r"\{(who|n|nn|date|date[+-][0-9]{1,3})\}")
_SPAN: Final = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})\s+to\s+([0-9]{4}-[0-9]{2}-[0-9]{2})")


@attrs.frozen
class Round:
    """One time that a template is written out."""

    number: int
    who: str | None = None
    day: dt.date | None = None


@attrs.frozen
class Repeated:
    """All times that a template is written out."""

    rounds: tuple[Round, ...]

    @classmethod
    def read(cls, parts: Mapping[str, Any]) -> Repeated:
        """Read `for`, and `dates` or `times`, each of which may differ from person to person."""
        if ("dates" in parts) == ("times" in parts):
            raise ValueError("`repeat` has either `dates` or `times`")
        each = parts["dates"] if "dates" in parts else parts["times"]
        people = _people(parts.get("for"))
        if isinstance(each, dict):
            if people != (None,):
                raise ValueError("`for` has no place where `times` or `dates` name the people")
            pairs = list(each.items())
        else:
            pairs = [(who, each) for who in people]
        rounds = tuple(one for who, value in pairs for one in _rounds(who, value, dates="dates" in parts))
        if len(rounds) > MOST:
            raise ValueError(f"`repeat` writes out more than {MOST} events")
        return cls(rounds)


def _people(value: object) -> tuple[str | None, ...]:
    if value is None:
        return (None,)
    if isinstance(value, tuple) and value:
        return tuple(str(one) for one in value)
    raise ValueError("`for` is a list of people")


def _rounds(who: str | None, value: object, *, dates: bool) -> Iterator[Round]:
    if dates:
        for number, day in enumerate(_days(value), 1):
            yield Round(number, who, day)
    elif isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST:
        for number in range(1, value + 1):
            yield Round(number, who)
    else:
        raise ValueError(f"`times` is a number up to {MOST}")


def _days(value: object) -> list[dt.date]:
    if isinstance(value, tuple):
        return [_day(str(one)) for one in value]
    span = _SPAN.fullmatch(str(value))
    if span is None:
        raise ValueError("`dates` is a list of days, or `2026-01-01 to 2026-01-31`")
    first, last = _day(span[1]), _day(span[2])
    if not first <= last <= first + dt.timedelta(days=MOST):
        raise ValueError(f"{quoted(value)} is no span of days")
    return [first + dt.timedelta(days=number) for number in range((last - first).days + 1)]


def _day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"there is no day {quoted(text)}") from None


def repeat(templates: Sequence[object], repeated: Repeated) -> list[tuple[int, object]]:
    """Write the templates out, round by round; each result stands beside the index of its template."""
    return [(index, _filled(template, one)) for one in repeated.rounds for index, template in enumerate(templates)]


def _filled(value: object, one: Round) -> object:
    if isinstance(value, dict):
        return {name: _filled(item, one) for name, item in value.items()}
    if isinstance(value, tuple):
        return tuple(_filled(item, one) for item in value)
    if not isinstance(value, str):
        return value
    if value == "{n}":
        return one.number
    return _PLACEHOLDER.sub(lambda found: _named(found[1], one), value)


def _named(name: str, one: Round) -> str:
    if name == "n":
        return str(one.number)
    if name == "nn":
        return f"{one.number:02}"
    if name == "who":
        if one.who is None:
            raise ValueError("`{who}` stands where `repeat` names nobody")
        return one.who
    if one.day is None:
        raise ValueError(f"{quoted('{' + name + '}')} stands where `repeat` has no `dates`")
    return (one.day + dt.timedelta(days=int(name[4:] or "0"))).isoformat()
