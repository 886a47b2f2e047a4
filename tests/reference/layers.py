"""Which rules look at sanctions that stand: they come after those whose sanctions they look at."""

from __future__ import annotations

from dutyrules.policies import syntax
from dutyrules.policies.syntax import FactKind

from . import trees

OUTCOMES = (FactKind.BREACH, FactKind.FULFILMENT, FactKind.EXCUSE)
SEEN: list[tuple[object, dict[str, int]]] = []
"""Packs with the layers of their rules: they follow from the pack alone, whatever the log."""


def layers_of(pack) -> dict[str, int]:
    """Return the layer of every rule: 0, or one above that of the sanctions that it looks at."""
    for known, layers in SEEN:
        if known is pack:
            return layers
    layers: dict[str, int] = {}
    for name in pack.rules:
        find(pack, name, layers)
    SEEN.append((pack, layers))
    return layers


def find(pack, name: str, layers: dict[str, int]) -> int:
    """Return the layer of one rule, and note it."""
    if name in layers:
        return layers[name]
    rule = pack.rules[name]
    found = [0]
    for part in looked_at(pack, rule):
        if isinstance(part, syntax.Pattern):
            if part.kind is FactKind.SANCTION:
                found += [1 + find(pack, other, layers) for other in part.names]
            elif part.kind in OUTCOMES:
                found += [find(pack, other, layers) for other in part.names]
    permissions = [*rule.unless, *(need.permission for need in (*rule.needs, *rule.needs_any) if need.permission)]
    found += [find(pack, other, layers) for other in permissions]
    if rule.kind == "choice":
        found += [find(pack, other, layers) for other in rule.of]
    layers[name] = max(found)
    return layers[name]


def looked_at(pack, part):
    """Yield the parts of a rule and of the counts and formulas that it reads."""
    for node in trees.parts(part):
        yield node
        if isinstance(node, syntax.CountRef):
            yield from looked_at(pack, pack.counts[node.name])
        if isinstance(node, syntax.ValueRef):
            for variant in pack.values[node.name].variants.values():
                yield from looked_at(pack, variant)


def highest(pack) -> int:
    """Return the highest layer of a pack."""
    return max(layers_of(pack).values(), default=0)
