"""By what an act tells the record of its duty: the parts of the key that it carries, or that its condition demands."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from dutyrules.compiler.views import NotStreamable, named
from dutyrules.policies import syntax as s
from dutyrules.policies.walk import conjunction, conjuncts
from dutyrules.runtime.evaluation import equalities

if TYPE_CHECKING:
    from dutyrules.compiler.expressions import Translator
    from dutyrules.compiler.views import Code, View
    from dutyrules.policies.model import Record, Rule
    from dutyrules.policies.syntax import Expression, Pattern


@attrs.frozen
class Act:
    """An event as the act of a duty, or as what waives it: by which parts of the key it is told, and what else it asks.

    `key` has the code of each part of the record's key that is told.
    """

    pattern: Pattern
    waives: bool
    key: dict[str, Code]


def act_of(say: Translator, rule: Rule, record: Record, view: View, pattern: Pattern, *, waives: bool) -> Act:
    """Return how an event that fits a pattern tells its duty."""
    fields, person = view.event.fields, view.event.person or "person"
    if "person" in record.key and "person" in fields and person != "person":
        raise NotStreamable(f"`{view.event.name}` does not carry the key of `{record.name}`")
    key = {name: say.bare(name, view) for name in record.key if name in fields}
    rest = []
    for part in conjuncts(pattern.condition):
        mine = _demanded(part, rule, record)
        if mine is None or mine[0] in key or mine[1] not in fields:
            rest.append(part)
        else:
            key[mine[0]] = say.bare(mine[1], view)
    return Act(_with(pattern, rest), waives, {name: key[name] for name in record.key if name in key})


def _demanded(part: Expression, rule: Rule, record: Record) -> tuple[str, str] | None:
    """Return which part of its record's key an act must repeat by a condition, and in which field."""
    for name, theirs in equalities(part):
        mine = isinstance(theirs, s.Field) and theirs.scope is s.Scope.MATTER and theirs.name in record.key
        if mine and isinstance(theirs, s.Field) and theirs.record in (None, rule.about):
            return theirs.name, name
    return None


def _with(pattern: Pattern, rest: list[Expression]) -> Pattern:
    """Return a pattern that asks the rest of its condition."""
    tree = conjunction(rest)
    if pattern.where is None or tree is None:
        return attrs.evolve(pattern, where=None)
    return attrs.evolve(pattern, where=attrs.evolve(pattern.where, tree=tree))


def agreeing(record: Record, act: Act) -> str:
    """Return what tells whether the key `k` of a record agrees with an act in all that this says."""
    tests = [f"({code.text} is None or k[{record.key.index(name)}] == {code.text})" for name, code in act.key.items()]
    return " and ".join(tests)


def apart(acts: list[Act]) -> list[list[Act]]:
    """Return acts by the key by which they tell their duty."""
    found: dict[str, list[Act]] = {}
    for one in acts:
        found.setdefault(repr({name: code.text for name, code in one.key.items()}), []).append(one)
    return list(found.values())


def table_by(rule: Rule, names: tuple[str, ...]) -> str:
    """Return the table of open duties by some parts of their record's key."""
    return named("open", " ".join([rule.id, "by", *names]))
