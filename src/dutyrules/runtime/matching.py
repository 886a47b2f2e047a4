"""Which facts belong to a matter: by the key fields that they carry, and by the conditions of a pattern."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dutyrules.policies import syntax as s
from dutyrules.policies.walk import walk
from dutyrules.runtime.context import Context
from dutyrules.runtime.store import FOREVER, Index

if TYPE_CHECKING:
    from dutyrules.policies.model import Pack, Record
    from dutyrules.runtime.evaluation import Evaluator, Reader
    from dutyrules.runtime.store import Fact, Store

Plan = list[tuple[Index, tuple[int, ...] | None]]


class Matching:
    """Finds facts for patterns."""

    evaluator: Evaluator

    def __init__(self, pack: Pack, store: Store) -> None:
        self.pack = pack
        self.store = store
        self._plans: dict[tuple[int, tuple[str, ...], tuple[str, ...]], tuple[s.Pattern, Plan]] = {}
        self._alone: dict[int, tuple[s.Pattern, Reader | None]] = {}

    def matching(
        self,
        pattern: s.Pattern,
        key: tuple[str, ...],
        values: tuple[Any, ...],
        upto: int = FOREVER,
        wanted_too: tuple[tuple[str, Any], ...] = (),
        since: int = -FOREVER,
    ) -> list[Fact]:
        """Return the facts of a pattern's types that agree with the key fields which they carry, in order.

        Only those in [since, upto]; `wanted_too` are fields with the values that the pattern's condition demands, to
        look them up by.
        """
        names: tuple[str, ...] = ()
        if wanted_too:
            names, demanded = zip(*wanted_too, strict=True)
            values = (*values, *demanded)
        known = self._plans.get((id(pattern), key, names))
        return self.along(self.plan(pattern, key, names) if known is None else known[1], values, upto, since)

    def along(self, plan: Plan, values: tuple[Any, ...], upto: int, since: int) -> list[Fact]:
        """Return the facts in [since, upto] that agree with those of a plan's fields which they carry, in order."""
        found: list[Fact] = []
        for index, places in plan:
            wanted = values if places is None else tuple([values[place] for place in places])
            found += self.store.find(index, wanted, upto, since)
        if len(found) > 1 and len(plan) > 1:
            found.sort(key=_order)
        return found

    def plan(self, pattern: s.Pattern, key: tuple[str, ...], too: tuple[str, ...] = ()) -> Plan:
        """Work out by which fields each type of a pattern is looked up, and keep it.

        With where among key and `too` they stand, None where it is all of these as they stand.
        """
        plan: Plan = []
        for name in pattern.names:
            kind = (pattern.kind.value, name)
            carried = self.carried_fields(kind, key)
            more = self.carried_fields(kind, tuple(field for field in too if field not in carried))
            places = (*map(key.index, carried), *(len(key) + too.index(field) for field in more))
            whole = places == tuple(range(len(key) + len(too)))
            plan.append((self.store.index(kind, carried + more), None if whole else places))
        self._plans[id(pattern), key, too] = (pattern, plan)
        return plan

    def carried_fields(self, kind: tuple[str, str], key: tuple[str, ...]) -> tuple[str, ...]:
        """Return those key fields that facts of a type can carry."""
        if kind[0] != s.FactKind.EVENT:
            return key
        declared = self.pack.events.get(kind[1])
        return tuple(name for name in key if declared is None or name in declared.fields)

    def is_apart(self, pattern: s.Pattern, key: tuple[str, ...]) -> bool:
        """Tell whether no fact of a pattern can carry any of the key fields."""
        return not any(self.carried_fields((pattern.kind.value, name), key) for name in pattern.names)

    def touches(self, pattern: s.Pattern, record: Record) -> bool:
        """Tell whether facts of a pattern carry any part of a record's key."""
        return not record.key or not self.is_apart(pattern, record.key)

    def where_of_fact(self, pattern: s.Pattern, fact: Fact) -> object:
        """Try a pattern's `where` in the fact alone."""
        if pattern.where is None:
            return True
        return self.evaluator.tree(pattern.where.tree)(Context(fact, fact.matter, at=fact.time))

    def fails_by_itself(self, pattern: s.Pattern, fact: Fact) -> bool:
        """Tell whether an event certainly fails a condition that reads nothing but the event's own fields."""
        if pattern.where is None or fact.type[0] != s.FactKind.EVENT:
            return False
        known = self._alone.get(id(pattern))
        if known is None:
            test = self.evaluator.tree(pattern.where.tree) if reads_itself_only(pattern.where.tree) else None
            known = self._alone[id(pattern)] = (pattern, test)
        return known[1] is not None and known[1](Context(fact, fact.matter, at=fact.time)) is False


def _order(fact: Fact) -> tuple[int, str]:
    return (fact.time, fact.id)


def reads_itself_only(tree: s.Expression) -> bool:
    """Tell whether an expression reads only bare fields of a fact and what never changes."""
    around = (s.CountRef, s.AnyRecord, s.OpenCount, s.ValueRef)
    return all(
        part.scope is s.Scope.FACT if isinstance(part, s.Field) else not isinstance(part, around) for part in walk(tree)
    )
