"""Limits on what rests on what: how many in a row, and how much comes together when all of it is written out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

from dutyrules.policies import syntax
from dutyrules.policies.diagnostics import quoted
from dutyrules.policies.outcome_fields import MOST_LAYERS
from dutyrules.policies.readings import readings_of_count, readings_of_record, readings_of_rule
from dutyrules.policies.walk import parts_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from dutyrules.policies.bench import Bench
    from dutyrules.policies.model import Count, Record, Rule, Value
    from dutyrules.policies.readings import Reading

MOST_PARTS: Final = 10_000
MOST_LEVELS: Final = 200
MOST_PERMISSIONS: Final = 1_000
_EACH_RECORD: Final = 10
"""A condition on each record of a kind weighs as much as so many conditions."""

Entry = TypeVar("Entry")
Node = tuple[str, str]
_HELP: Final = "let it rest on fewer others"


class Limits:
    """Measures one pack; `order` has each name after those that it reads, circles left out."""

    def __init__(self, bench: Bench, order: Sequence[Node]) -> None:
        self.bench = bench
        self.order = order
        self.parts: dict[str, int] = {}
        self.levels: dict[str, int] = {}
        self.permissions: dict[str, int] = {}

    def check_rows(self, graph: Mapping[Node, tuple[Node, ...]], cut: Iterable[str]) -> None:
        """Tell of the first that stands on too many others in a row; `cut` are the rules that reading gave up on."""
        rows: dict[Node, int] = {}
        for node in self.order:
            rows[node] = 1 + max((rows.get(other, 0) for other in graph[node]), default=0)
        beyond = [node for node, row in rows.items() if row == MOST_LAYERS + 1]
        for node in beyond or [("rules", rule) for rule in cut][:1]:
            message = f"{quoted(node[1])} rests on {MOST_LAYERS} or more rules, counts, formulas and records in a row"
            self.bench.tell_key(node, "DR514", message, _HELP)

    def check_values(self, values: Mapping[str, Value]) -> None:
        """Tell of formulas that double with each that they read, until none could be reckoned."""
        for section, name in self.order:
            if section != "values" or name not in values:
                continue
            trees = [variant.tree for variant in values[name].variants.values()]
            self.parts[name] = max((self._parts(tree) for tree in trees), default=0)
            self.levels[name] = max((self._levels(tree) for tree in trees), default=0)
            if self.parts[name] > MOST_PARTS:
                self._tell_parts(("values", name))
                self.parts[name] = 0
            elif self.levels[name] > MOST_LEVELS:
                message = f"{quoted(name)} has more than {MOST_LEVELS} levels when the formulas in it are written out"
                self.bench.tell_key(("values", name), "DR514", message, _HELP)
                self.levels[name] = 0

    def check_readers(
        self, rules: Mapping[str, Rule], counts: Mapping[str, Count], records: Mapping[str, Record]
    ) -> None:
        """Tell of rules, counts and records whose conditions come to too much."""
        self._check_section("rules", rules, readings_of_rule)
        self._check_section("counts", counts, readings_of_count)
        self._check_section("records", records, readings_of_record)

    def _check_section(
        self, section: str, entries: Mapping[str, Entry], readings: Callable[[Entry], Iterable[Reading]]
    ) -> None:
        for name, entry in entries.items():
            if sum(self._weight(reading) for reading in readings(entry)) > MOST_PARTS:
                self._tell_parts((section, name))

    def check_permissions(self, rules: Mapping[str, Rule]) -> None:
        """Tell of permissions that double with each that they need."""
        for section, name in self.order:
            if section != "rules" or name not in rules:
                continue
            named = [self.permissions.get(other, 0) for other in _permissions(rules[name])]
            self.permissions[name] = 1 + sum(named)
            if self.permissions[name] > MOST_PERMISSIONS:
                message = f"{quoted(name)} leads to more than {MOST_PERMISSIONS:,} permissions, each through another"
                self.bench.tell_key(("rules", name), "DR514", message, _HELP)
                self.permissions[name] = 0

    def _tell_parts(self, node: Node) -> None:
        message = f"{quoted(node[1])} comes to more than {MOST_PARTS:,} parts when all formulas in it are written out"
        self.bench.tell_key(node, "DR514", message, _HELP)

    def _weight(self, reading: Reading) -> int:
        match reading:
            case syntax.ValueRef(name=name):
                return 1 + self.parts.get(name, 0)
            case syntax.AnyRecord():
                return self._parts(reading)
            case _:
                return 1

    def _parts(self, tree: syntax.Expression) -> int:
        inner = sum(self._parts(part) for part in parts_of(tree))
        match tree:
            case syntax.ValueRef(name=name):
                return 1 + self.parts.get(name, 0)
            case syntax.AnyRecord():
                return 1 + _EACH_RECORD * inner
            case _:
                return 1 + inner

    def _levels(self, tree: syntax.Expression) -> int:
        own = self.levels.get(tree.name, 0) if isinstance(tree, syntax.ValueRef) else 0
        return 1 + max((self._levels(part) for part in parts_of(tree)), default=own)


def _permissions(rule: Rule) -> list[str]:
    """Return the permissions that a rule tries, each as often as it tries it."""
    named: list[str | None] = [*rule.unless, *(need.permission for need in (*rule.needs, *rule.needs_any))]
    consequences = (rule.consequence, *(tier.consequence for tier in rule.tiers))
    decided = [each.discretion for each in consequences if each is not None]
    named += [each.none_if for each in decided if each is not None]
    return [name for name in named if name is not None]
