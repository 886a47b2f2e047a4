"""Acts that come before the duty of an event, whose clock starts so long before that event.

They are remembered for that long, by the field that tells the duty; the first of them since the clock's start fulfils
it as it opens. What an act's condition says of the trigger beyond that field, nobody can ask before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dutyrules.compiler.state import named
from dutyrules.compiler.views import NotStreamable
from dutyrules.policies import syntax as s
from dutyrules.runtime.evaluation import equalities
from dutyrules.runtime.matching import reads_itself_only

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dutyrules.compiler.certainty import Certainty
    from dutyrules.compiler.sections import Part
    from dutyrules.compiler.state import State
    from dutyrules.policies.model import Rule
    from dutyrules.policies.syntax import Expression, Pattern


def seconds_before(rule: Rule) -> int:
    """Return how long before its trigger a rule's clock starts; raises where that is no plain time before it."""
    start = rule.from_
    if isinstance(start, s.Offset) and not start.forward and start.duration is not None and start.duration.runs:
        base = start.base
        if isinstance(base, s.ReadInstant) and base.expr.tree == s.Field(s.Scope.FACT, "time", None, "time"):
            return start.duration.seconds
    raise NotStreamable("its act is not tied to a record, and its clock starts at an instant of its own")


def early_table(rule: Rule) -> str:
    """Return the name of what remembers acts of late."""
    return named("open", f"{rule.id} early")


class Early:
    """Writes which acts are remembered, and which of them fulfils a duty as it opens."""

    def __init__(self, state: State, certainty: Certainty) -> None:
        self._state = state
        self._certainty = certainty

    def note(self, part: Part, rule: Rule, acts: Iterable[Pattern], key: str | None, place: str) -> None:
        """Write that an event is remembered as an act."""
        table = early_table(rule)
        self._state.reached(table, [] if key is None else [place])
        tests = [] if key is None else [f"{place} is not None"]
        for pattern in acts:
            own = [self._certainty.holds(one, part.view, part.view) for one in _rest(pattern, key)]
            with part.rules.under(f"if {' and '.join([*tests, *own]) or 'True'}:"):
                part.rules(f"{table}.note({place}, t, c)")

    def met(self, part: Part, rule: Rule, key: str | None, place: str) -> str:
        """Write which act has come since the clock's start, and return what tells whether there is one: `early`."""
        table = early_table(rule)
        self._state.reached(table, [] if key is None else [place])
        part.rules(f"start = t - {seconds_before(rule)}")
        part.rules(f"early = {table}.get({place}, start)")
        return "early is not None"


def _rest(pattern: Pattern, key: str | None) -> list[Expression]:
    """Return what an act's condition asks beside the field of the trigger that tells the duty."""
    tree = None if pattern.where is None else pattern.where.tree
    parts = tree.operands if isinstance(tree, s.Logic) and tree.operator == "and" else (tree,)
    rest = [one for one in parts if one is not None and not (key is not None and _tells(one, key))]
    if not all(reads_itself_only(one) for one in rest):
        raise NotStreamable("an act before it counts, and is judged by what is known later")
    return rest


def _tells(part: Expression, key: str) -> bool:
    return any(
        isinstance(tree, s.Field) and tree.record is None and tree.name == key for _name, tree in equalities(part)
    )
