"""Facts that meet a pattern whichever case asks: tried once for all cases, and kept as in an alpha memory of Rete.

Worth it where the facts of a pattern carry nothing of the matter: then each of them is before every case.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left
from typing import TYPE_CHECKING, Final

from dutyrules.policies import syntax as s
from dutyrules.policies.walk import walk
from dutyrules.runtime.context import Context
from dutyrules.runtime.store import FOREVER, Cell
from dutyrules.runtime.values import Unknown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dutyrules.policies.model import Pack
    from dutyrules.runtime.evaluation import Reader
    from dutyrules.runtime.program import Program
    from dutyrules.runtime.store import Entry, Fact, Store

    Found = tuple[Fact, Unknown | None]

ALPHA: Final = "alpha"
NOBODY: Final = Context()  # the case that asks, of which nothing is read
PLAIN: Final = (s.Literal, s.Logic, s.Not, s.Compare, s.Arithmetic, s.Negative, s.Listing, s.OpenCount)


class AlphaMemory(Cell):
    """The facts of one pattern that do not certainly fail its condition, each with the doubt about it.

    What changes at an instant can matter to the facts from then on alone: the earlier ones are not tried again.
    """

    goes_on = True
    __slots__ = ("_pattern", "_program", "_test", "filled")

    def __init__(self, program: Program, pattern: s.Pattern, where: s.Expression) -> None:
        records = [part.record for part in walk(where) if isinstance(part, s.OpenCount | s.AnyRecord)]
        layer = 1 + max([program.record_layers[name] for name in records], default=0)
        super().__init__(layer, (ALPHA, id(pattern)))
        self.filled = False
        self._program = program
        self._pattern = pattern
        self._test = program.evaluator.tree(where)
        for name in pattern.names:
            program.store.hold((pattern.kind.value, name), self.key)

    def run(self, store: Store) -> None:
        """Try the facts anew from where something has changed."""
        self.turns = 0  # it turns once for each case that makes such facts; one without end is stopped at the cases
        place, since = self.key, self.since
        before = _from(store.buckets[place].entries, since)
        old = {(place, time, name): value for time, name, value in before}
        facts = self._program.matching(self._pattern, (), (), since=since)
        found = tried(self._test, facts, NOBODY)
        store.exchange_entries(old, {(place, one[0].time, one[0].id): one for one in found})
        self.filled = True

    def facts(self, upto: int, since: int) -> list[Found]:
        """Return the facts in [since, upto], in order, each with the doubt about it."""
        return [entry[2] for entry in _from(self._program.store.read(self.key, upto), since)]


def alpha_memory(program: Program, pattern: s.Pattern) -> AlphaMemory:
    """Return a new memory, which is due."""
    assert pattern.where is not None  # noqa: S101 - `reads_no_case` has looked
    memory = AlphaMemory(program, pattern, pattern.where.tree)
    program.store.cell(memory.key, lambda: memory)
    return memory


def tried(test: Reader, facts: list[Fact], ctx: Context) -> list[Found]:
    """Return the facts that do not certainly fail a condition, each with the doubt about it, as `ctx` sees them."""
    found: list[Found] = []
    for fact in facts:
        met = test(ctx.tested(fact))
        if isinstance(met, Unknown):
            found.append((fact, met))
        elif met:
            found.append((fact, None))
    return found


def reads_no_case(pack: Pack, pattern: s.Pattern) -> bool:
    """Tell whether a pattern's condition is the same for whoever asks: it reads the event, and what holds for all."""
    kinds = [pack.events[name] for name in pattern.names if name in pack.events]
    if pattern.where is None or pattern.kind is not s.FactKind.EVENT or len(kinds) < len(pattern.names):
        return False
    declared = {"time", "date"}.union(set.intersection(*(set(kind.fields) for kind in kinds)))
    return all(_is_for_all(pack, part, declared) for part in walk(pattern.where.tree))


def _is_for_all(pack: Pack, part: s.Expression, declared: set[str]) -> bool:
    match part:
        case s.Field(scope=s.Scope.FACT, name=name):
            return name in declared  # another name is looked up in the matter of the case
        case s.Call(function=function, arguments=arguments):
            return function != "age" or len(arguments) > 1  # the age on the day of the case
        case s.ParameterRef(name=name):
            return all(since == dt.date.min for since, _value in pack.parameters[name].dated.values)
        case s.AnyRecord(condition=condition):
            return condition is None
    return isinstance(part, PLAIN)


def _from(entries: Sequence[Entry], since: int) -> Sequence[Entry]:
    if since == -FOREVER or not entries or entries[0][0] >= since:
        return entries
    return entries[bisect_left(entries, since, key=_time) :]


def _time(entry: Entry) -> int:
    return entry[0]
