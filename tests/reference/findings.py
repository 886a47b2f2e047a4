"""Findings that reach nothing: their code names no rule that a finding can break."""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from dutyrules.policies import syntax

from . import triggers

WITHOUT_A_RULE = "DR626"


def set_aside(world) -> dict[str, str]:
    """Return the code of why a finding is set aside, by event id."""
    return {
        fact.id: WITHOUT_A_RULE
        for fact in world.events
        if fact.name == "finding" and isinstance(fact.data.get("code"), str) and not reaches(world, fact.data["code"])
    }


def reaches(world, code: str) -> bool:
    """Tell whether a code names a rule that is found broken by findings, or one that the pack's conditions read."""
    name = code.removeprefix(world.pack.prefix)
    rule = world.pack.rules.get(name)
    return (rule is not None and triggers.is_observed(rule)) or not {code, name}.isdisjoint(texts_of(world.pack))


_last: list = [None, frozenset()]


def texts_of(pack) -> frozenset[str]:
    """Return the texts in the conditions of a pack, looked for once for all looks at a log."""
    if _last[0] is not pack:
        read = attrs.evolve(pack, document=None)  # what the pack was read from holds no condition
        _last[:] = pack, frozenset(texts(read))
    return _last[1]


def texts(part):
    """Yield the texts in the conditions of a pack."""
    if isinstance(part, syntax.Literal):
        if isinstance(part.value, str):
            yield part.value
    elif isinstance(part, Mapping):
        for each in part.values():
            yield from texts(each)
    elif isinstance(part, tuple):
        for each in part:
            yield from texts(each)
    elif attrs.has(type(part)):
        for field in attrs.fields(type(part)):
            yield from texts(getattr(part, field.name))
