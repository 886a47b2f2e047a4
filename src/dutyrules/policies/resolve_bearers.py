"""Who is bound or asked: a field that holds a person, an office, or the head of what a field names."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import attrs

from dutyrules.policies.bench import Bench, each_text
from dutyrules.policies.diagnostics import quoted
from dutyrules.policies.faults import Fault, suggestion
from dutyrules.policies.grammar import is_name, read_office
from dutyrules.policies.names import LIST, TEXT, ValueType
from dutyrules.policies.syntax import Who

if TYPE_CHECKING:
    from dutyrules.policies.names import Scopes
    from dutyrules.policies.shapes import Path

_OR: Final = re.compile(r"\sor\s")


def read_bearers(bench: Bench, path: Path, texts: str | list[str] | None, scopes: Scopes) -> tuple[Who, ...]:
    """Return the bearers that a text or list names; faults are told."""
    found = [_one_of(bench, at, text, scopes) for at, text in each_text(path, texts)]
    return tuple(who for who in found if who is not None)


def _one_of(bench: Bench, path: Path, text: str, scopes: Scopes) -> Who | None:
    """Return a bearer with those who take its place where it is not known: `escort or person_visited`."""
    found = [_bearer(bench, path, part.strip(), scopes) for part in _OR.split(text)]
    known = [who for who in found if who is not None]
    if len(known) < len(found):
        return None
    whole = known[-1]
    for who in reversed(known[:-1]):
        whole = attrs.evolve(who, otherwise=whole)
    return attrs.evolve(whole, source=text.strip())


def _bearer(bench: Bench, path: Path, text: str, scopes: Scopes) -> Who | None:
    office = read_office(text)
    if office is not None:
        _check_office(bench, path, office[0], scopes)
        of = bench.part(path, office[1], scopes)
        return None if of is None else Who(text, office=office[0], of=of)
    if "." in text or (text not in bench.roles and is_name(text) and scopes.fact.has(text)):
        return _field(bench, path, text, scopes)
    if not is_name(text):
        help_ = "write a field such as `swap.requester`, an office such as `payroll`, or `head of dept`"
        bench.tell(path, Fault("DR215", f"{quoted(text)} is no bearer", help=help_))
        return None
    _check_office(bench, path, text, scopes)
    return Who(text, office=text)


def _field(bench: Bench, path: Path, text: str, scopes: Scopes) -> Who | None:
    expression = bench.expression(path, text, scopes)
    if expression is None:
        return None
    if expression.type not in (TEXT, LIST, "any"):
        message = f"{quoted(text)} is {ValueType(expression.type).words}, where a person is wanted"
        bench.tell(path, Fault("DR215", message))
        return None
    return Who(text, field=expression)


def _check_office(bench: Bench, path: Path, name: str, scopes: Scopes) -> None:
    told = ("roles", name) in bench.used
    bench.used.add(("roles", name))
    if told or name in bench.roles:
        return
    help_ = (
        suggestion(name, [*bench.roles, *scopes.fact.known])
        or "declare it under `roles`, or name a field that holds a person"
    )
    bench.tell(path, Fault("DR708", f"{quoted(name)} is no field here and no office under `roles`", help=help_))
