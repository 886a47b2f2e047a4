"""Layers: rules, counts, formulas and records rest on one another, and none on itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dutyrules.policies import syntax
from dutyrules.policies.diagnostics import quoted
from dutyrules.policies.limits import Limits
from dutyrules.policies.readings import (
    entry_named,
    readings_of_count,
    readings_of_record,
    readings_of_rule,
    readings_of_value,
)
from dutyrules.policies.syntax import FactKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from dutyrules.policies.bench import Bench
    from dutyrules.policies.model import Count, Record, Rule, Value
    from dutyrules.policies.readings import Reading

Node = tuple[str, str]
Graph = dict[Node, tuple[Node, ...]]


def check_layers(
    bench: Bench,
    rules: Mapping[str, Rule],
    counts: Mapping[str, Count],
    values: Mapping[str, Value],
    records: Mapping[str, Record],
    cut: Iterable[str] = (),
) -> None:
    """Tell of every circle, at the first of its members in the file, and of what rests on too much.

    `cut` are the rules that could only be read through too many others.
    """
    graph: Graph = {}
    graph |= {("rules", name): _below(readings_of_rule(rule)) for name, rule in rules.items()}
    graph |= {("counts", name): _below(readings_of_count(count)) for name, count in counts.items()}
    graph |= {("values", name): _below(readings_of_value(value)) for name, value in values.items()}
    graph |= {("records", name): _below(readings_of_record(record)) for name, record in records.items()}
    for name, record in records.items():
        graph["records", name] += () if record.reads is None else (("records", record.reads),)
    _add_choices(graph, rules)
    _check_limits(bench, graph, rules, counts, values, records, cut)
    for circle in circles(graph):
        code = "DR501" if any(section == "rules" for section, _ in circle) else "DR502"
        shown = " → ".join(quoted(name) for _, name in (*circle, circle[0]))
        first = min(circle, key=lambda each: (bench.place(each).line, bench.place(each).column))
        bench.tell_key(
            first, code, f"what rests on itself can never be decided: {shown}", "let one of them read something else"
        )


def _check_limits(
    bench: Bench,
    graph: Graph,
    rules: Mapping[str, Rule],
    counts: Mapping[str, Count],
    values: Mapping[str, Value],
    records: Mapping[str, Record],
    cut: Iterable[str],
) -> None:
    limits = Limits(bench, [knot[0] for knot in _knots(graph) if not _is_circle(graph, knot)])
    limits.check_rows(graph, cut)
    limits.check_values(values)
    limits.check_readers(rules, counts, records)
    limits.check_permissions(rules)


def _add_choices(graph: Graph, rules: Mapping[str, Rule]) -> None:
    """Let what reads an imposed sanction rest on the choice that may void it too."""
    choices = {each: ("rules", rule.id) for rule in rules.values() for each in rule.of}
    for name, rule in rules.items():
        imposed = [each for pattern in rule.when if pattern.kind is FactKind.SANCTION for each in pattern.names]
        graph["rules", name] += tuple(choices[each] for each in imposed if each in choices)


def _below(readings: Iterable[Reading]) -> tuple[Node, ...]:
    found: dict[Node, None] = {}
    for reading in readings:
        for node in _nodes(reading):
            found[node] = None
    return tuple(found)


def _nodes(reading: Reading) -> Iterator[Node]:
    match reading:
        case syntax.Pattern(
            kind=FactKind.BREACH | FactKind.FULFILMENT | FactKind.EXCUSE | FactKind.SANCTION, names=names
        ):
            yield from (("rules", name) for name in names)
        case syntax.Pattern(kind=FactKind.END | FactKind.RECORD, names=names):
            yield from (("records", name) for name in names)
        case _:
            named = entry_named(reading)
            if named is not None:
                yield named


def circles(graph: Graph) -> list[tuple[Node, ...]]:
    """Return one circle of each knot of the graph, by Tarjan's strongly connected components without recursion."""
    found: list[tuple[Node, ...]] = []
    for knot in _knots(graph):
        members = set(knot)
        if _is_circle(graph, knot):
            found.append(_shortest(graph, members, min(knot)))
    return sorted(found)


def _is_circle(graph: Graph, knot: list[Node]) -> bool:
    return len(knot) > 1 or knot[0] in graph[knot[0]]


def _shortest(graph: Graph, members: set[Node], start: Node) -> tuple[Node, ...]:
    """Return the shortest way from a member back to itself, inside its knot."""
    came: dict[Node, Node] = {}
    level = [start]
    while level:
        following: list[Node] = []
        for node in level:
            for other in graph[node]:
                if other == start:
                    return _way(came, node, start)
                if other in members and other not in came:
                    came[other] = node
                    following.append(other)
        level = following
    return (start,)


def _way(came: Mapping[Node, Node], last: Node, start: Node) -> tuple[Node, ...]:
    way = [last]
    while way[-1] != start:
        way.append(came[way[-1]])
    return tuple(reversed(way))


def _knots(graph: Graph) -> list[list[Node]]:
    index: dict[Node, int] = {}
    low: dict[Node, int] = {}
    stack: list[Node] = []
    found: list[list[Node]] = []
    for root in graph:
        if root in index:
            continue
        work: list[tuple[Node, Iterator[Node]]] = [(root, iter(graph[root]))]
        index[root] = low[root] = len(index)
        stack.append(root)
        while work:
            node, below = work[-1]
            following = next((other for other in below if other in graph), None)
            if following is None:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == index[node]:
                    found.append(_popped(stack, node, low, len(graph) + len(index)))
            elif following not in index:
                index[following] = low[following] = len(index)
                stack.append(following)
                work.append((following, iter(graph[following])))
            else:
                low[node] = min(low[node], low[following])
    return found


def _popped(stack: list[Node], node: Node, low: dict[Node, int], beyond: int) -> list[Node]:
    """Take a finished knot off the stack; its members count no more for what is still open."""
    knot: list[Node] = []
    while not knot or knot[-1] != node:
        knot.append(stack.pop())
        low[knot[-1]] = beyond
    return knot
