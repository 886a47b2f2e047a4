"""The layer of each record, count and rule: what it reads lies below it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dutyrules.policies import syntax as s
from dutyrules.policies.walk import fields_of

if TYPE_CHECKING:
    from dutyrules.policies.model import Pack

Node = tuple[str, str]
OUTPUTS = {s.FactKind.BREACH, s.FactKind.FULFILMENT, s.FactKind.EXCUSE, s.FactKind.SANCTION}


class Layers:
    """Longest paths in the graph of what reads what; rules take two layers, their triggers below their cases."""

    def __init__(self, pack: Pack) -> None:
        self._pack = pack
        self._found: dict[Node, int] = {}
        self._open: set[Node] = set()
        self.records = {name: self._layer(("record", name)) for name in pack.records}
        self.counts = {name: self._layer(("count", name)) for name in pack.counts}
        self.rules = {name: self._layer(("rule", name)) for name in pack.rules}
        self.last = 3 + max([0, *self._found.values()])
        del self._pack  # what is worked out of a pack does not keep it

    def _layer(self, node: Node) -> int:
        if node in self._found:
            return self._found[node]
        if node in self._open:  # facts of one time only read earlier ones: the loader has refused true cycles
            return 0
        self._open.add(node)
        below = [self._layer(other) for other in sorted(self._reads(node))]
        self._open.discard(node)
        step = 2 if node[0] == "rule" else 1
        self._found[node] = layer = step + max([0, *below])
        return layer

    def _reads(self, node: Node) -> set[Node]:
        kind, name = node
        pack = self._pack
        source: Any = {
            "record": pack.records,
            "count": pack.counts,
            "rule": pack.rules,
            "value": pack.values,
        }[kind].get(name)
        found: set[Node] = set()
        self._walk(source, found)
        if kind == "rule" and source is not None:
            for other in (source.about, *source.same):
                if other in pack.records:
                    found.add(("record", other))
            permissions = [*source.unless, *(need.permission for need in (*source.needs, *source.needs_any))]
            if source.consequence is not None and source.consequence.discretion is not None:
                permissions.append(source.consequence.discretion.none_if)
            found |= {("rule", other) for other in permissions if other in pack.rules}
        if kind == "record" and source is not None and source.reads:
            found.add(("record", source.reads))
        found.discard(node)
        return found

    def _walk(self, part: Any, found: set[Node]) -> None:  # noqa: ANN401 - any tree of the pack
        pack = self._pack
        match part:
            case s.Pattern(kind=kind, names=names):
                room = "record" if kind in (s.FactKind.END, s.FactKind.RECORD) else "rule"
                if kind in OUTPUTS or room == "record":
                    found.update((room, name) for name in names)
            case s.CountRef(name=name):
                found.add(("count", name))
            case s.ValueRef(name=name):
                found.add(("value", name))
            case s.AnyRecord(record=name) | s.OpenCount(record=name):
                found.add(("record", name))
            case s.Field(scope=scope, record=name) if scope is s.Scope.RECORD and name in pack.records:
                found.add(("record", str(name)))
        if isinstance(part, tuple | list):
            for one in part:
                self._walk(one, found)
        elif isinstance(part, dict):
            for one in part.values():
                self._walk(one, found)
        else:
            for field in fields_of(type(part)):
                self._walk(getattr(part, field), found)
