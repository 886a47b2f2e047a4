"""Which decision answers which demand: each at most once, and the best assignment of all, whatever the order of files.

A decision may be put to a demand of the rules of its kind that has the same matter, or, where the decision names no
matter, the same person, arose before it, and lies within the reach of its kind. Of all ways to pair them, the one is
taken that pairs the most; then the one with the fewest differences; then with the fewest days between; then with the
least money between.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

import attrs

from dutyrules.audit.assignment import assign
from dutyrules.audit.comparison import differences
from dutyrules.audit.decision_mapping import REACH_OF_PERSONS
from dutyrules.audit.findings import Match

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from dutyrules.audit.decision_mapping import DecisionMapping, KindOfDecision
    from dutyrules.audit.decisions import Decision
    from dutyrules.audit.demands import Demand

_UNIT: Final = 10**15
_MOST: Final = 10**9


@attrs.frozen
class Pair:
    """A decision and the demand that it was put to."""

    decision: Decision
    demand: Demand
    match: Match


class DemandIndex:
    """Finds demands by rule, and by matter or person."""

    def __init__(self, demands: Iterable[Demand]) -> None:
        self._found: defaultdict[tuple[str, str, str], list[Demand]] = defaultdict(list)
        for demand in sorted(demands, key=_order_of_demand):
            one = demand.outcome
            for matter in {one.matter, one.matter.partition("@")[0]}:
                self._found[one.rule, "matter", matter].append(demand)
            if one.person is not None:
                self._found[one.rule, "person", one.person].append(demand)

    def of(self, decision: Decision, rules: Iterable[str]) -> tuple[str, list[Demand]]:
        """Return by what a decision is looked up, and the demands of these rules under that key."""
        by, key = ("person", decision.person or "") if decision.matter is None else ("matter", decision.matter)
        return by, [demand for rule in rules for demand in self._found.get((rule, by, key), ())]


def reach_of(kind: KindOfDecision, by: str) -> int | None:
    """Return how many days a decision may lie from a demand, None for any number."""
    return kind.reach if kind.reach is not None else REACH_OF_PERSONS if by == "person" else None


def in_reach(decision: Decision, demand: Demand, kind: KindOfDecision, by: str) -> bool:
    """Tell whether a decision is near enough to a demand to be put to it, and not after it was lifted.

    Where only the person is known, nothing that was decided before the demand arose can be its answer.
    """
    reach, days = reach_of(kind, by), demand.days_off(decision.date)
    near = (reach is None or abs(days) <= reach) and (by == "matter" or days >= -kind.tolerance.before)
    return near and demand.held_on(decision.date, decision.instant)


def match_decisions(
    decisions: Iterable[Decision],
    demands: Iterable[Demand],
    mapping: DecisionMapping,
    rules: Mapping[str, Iterable[str]],
) -> list[Pair]:
    """Pair decisions with demands; `rules` gives for each kind of decision the rules that count."""
    index = DemandIndex(demands)
    possible: dict[str, tuple[Decision, str, dict[str, Demand]]] = {}
    for decision in sorted(decisions, key=_order_of_decision):
        kind = mapping.kinds[decision.kind]
        by, found = index.of(decision, rules[decision.kind])
        near = {
            demand.outcome.id: demand
            for demand in found
            if (demand.outcome.kind in kind.outcomes or demand.outcome.kind == "referral")
            and in_reach(decision, demand, kind, by)
        }
        if near:
            possible[decision.id] = (decision, by, near)
    return [pair for group in _groups(possible) for pair in _best(group, mapping)]


Group = list[tuple["Decision", str, dict[str, "Demand"]]]


def _groups(possible: Mapping[str, tuple[Decision, str, dict[str, Demand]]]) -> list[Group]:
    """Split decisions into groups that share no demand, each in its order."""
    sharing: defaultdict[str, list[str]] = defaultdict(list)
    for name, (_, _, near) in possible.items():
        for demand in near:
            sharing[demand].append(name)
    groups: list[Group] = []
    seen: set[str] = set()
    for first in possible:
        if first in seen:
            continue
        group, waiting = {first}, [first]
        while waiting:
            for demand in possible[waiting.pop()][2]:
                new = [name for name in sharing.pop(demand, ()) if name not in group]
                group.update(new)
                waiting += new
        seen |= group
        groups.append([possible[name] for name in group] if len(group) == 1 else _ordered(group, possible))
    return groups


def _ordered(group: set[str], possible: Mapping[str, tuple[Decision, str, dict[str, Demand]]]) -> Group:
    return sorted((possible[name] for name in group), key=lambda each: _order_of_decision(each[0]))


def _best(group: Group, mapping: DecisionMapping) -> Iterable[Pair]:
    demands = {name: demand for _, _, near in group for name, demand in near.items()}
    columns = sorted(demands.values(), key=_order_of_demand)
    number = {demand.outcome.id: index for index, demand in enumerate(columns)}
    costs = [
        {number[name]: cost_of(decision, demand, mapping) for name, demand in near.items()}
        for decision, _, near in group
    ]
    for (decision, by, near), column in zip(group, assign(costs, len(columns)), strict=True):
        if column is not None:
            demand = columns[column]
            yield Pair(decision, demand, Match(by, demand.days_off(decision.date), len(near) - 1))


def cost_of(decision: Decision, demand: Demand, mapping: DecisionMapping) -> int:
    """Return what a pair costs: differences weigh more than any days, days more than any money."""
    kind = mapping.kinds[decision.kind]
    differing = len(differences(decision, demand, kind, mapping.cells))
    amount = getattr(demand.outcome, "amount", None)
    money = abs(decision.amount - amount) * 100 if decision.amount is not None and amount is not None else 0
    days = min(abs(demand.days_off(decision.date)), _MOST)
    return (differing * _UNIT + days) * _UNIT + min(int(money), _MOST)


def _order_of_decision(one: Decision) -> tuple[str, ...]:
    """Order decisions by what they say, and only where they say the same by where they stand."""
    instant = "" if one.instant is None else f"{one.instant:020}"
    parts = (one.kind, one.matter, one.person, one.rule, one.step, one.amount, one.reference)
    return (one.date.isoformat(), instant, *(str(part or "") for part in parts), one.id)


def _order_of_demand(demand: Demand) -> tuple[str, ...]:
    one = demand.outcome
    return (demand.first.isoformat(), one.time, one.rule, one.matter, one.person or "", one.id)
