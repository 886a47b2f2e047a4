"""Which rules read which types of events: themselves, or through records, counts and formulas."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from dutyrules.policies import syntax
from dutyrules.policies.model import Kind
from dutyrules.policies.readings import readings_of_count, readings_of_record, readings_of_rule, readings_of_value
from dutyrules.policies.syntax import FactKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from dutyrules.policies.model import Pack, Rule
    from dutyrules.policies.readings import Reading

FINDING: Final = "finding"
RULING: Final = "ruling"
_UNBROKEN: Final = frozenset({Kind.ADVICE, Kind.DEFINITION, Kind.SCHEDULE, Kind.VALUE, Kind.CHOICE})

Node = tuple[str, str]


def event_readers(pack: Pack) -> dict[str, tuple[str, ...]]:
    """Return, by event type, the rules that read it, in the order of the pack; types that none reads are left out."""
    looked_up: dict[Node, frozenset[str]] = {}
    found: dict[str, dict[str, None]] = {}
    for rule in pack.rules.values():
        for event in sorted(_events(pack, _rule_nodes(rule), partial(_of_node, pack, looked_up))):
            found.setdefault(event, {})[rule.id] = None
    return {event: tuple(rules) for event, rules in sorted(found.items())}


def _rule_nodes(rule: Rule) -> Iterator[Reading | Node]:
    yield from readings_of_rule(rule)
    if rule.about is not None:
        yield ("records", rule.about)
    if _is_found(rule):
        yield ("events", FINDING)
    consequences = (rule.consequence, *(tier.consequence for tier in rule.tiers))
    if rule.asks or any(one is not None and one.discretion is not None for one in consequences):
        yield ("events", RULING)


def _is_found(rule: Rule) -> bool:
    set_off = rule.when or rule.whenever is not None or rule.every is not None or rule.gap is not None
    return rule.kind not in _UNBROKEN and (not set_off or rule.observed or rule.promptly is not None)


def _of_node(pack: Pack, looked_up: dict[Node, frozenset[str]], node: Node) -> frozenset[str]:
    """Return the event types on which a record, count or formula rests."""
    if node not in looked_up:
        looked_up[node] = frozenset()  # records may link to one another
        section, name = node
        readings: Iterable[Reading | Node] = ()
        if section == "records":
            record = pack.records[name]
            links = [("records", link.record) for link in record.links]
            readings = (*readings_of_record(record), *links, *([("records", record.reads)] if record.reads else ()))
        elif section == "counts":
            readings = readings_of_count(pack.counts[name])
        elif section == "values":
            readings = readings_of_value(pack.values[name])
        looked_up[node] = frozenset(_events(pack, readings, partial(_of_node, pack, looked_up)))
    return looked_up[node]


def _events(pack: Pack, readings: Iterable[Reading | Node], of_node: Callable[[Node], frozenset[str]]) -> Iterator[str]:
    for reading in readings:
        match reading:
            case ("events", name):
                yield name
            case (str(section), str(name)):
                yield from of_node((section, name))
            case syntax.Pattern(kind=FactKind.EVENT, names=names):
                yield from names
            case syntax.Pattern(kind=FactKind.END | FactKind.RECORD, names=names):
                for name in names:
                    yield from of_node(("records", name))
            case syntax.CountRef(name=name):
                yield from of_node(("counts", name))
            case syntax.ValueRef(name=name):
                yield from of_node(("values", name))
            case syntax.AnyRecord(record=name) | syntax.OpenCount(record=name):
                yield from of_node(("records", name))
            case syntax.Field(scope=syntax.Scope.RECORD, record=str(name)) if name in pack.records:
                yield from of_node(("records", name))
            case _:
                continue


def readers_by_pack(packs: Iterable[Pack]) -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    """Return, by event type, the rules of each pack that read it; packs are named as their norms are."""
    found: dict[str, dict[str, tuple[str, ...]]] = {}
    for pack in packs:
        for event, rules in event_readers(pack).items():
            found.setdefault(event, {})[pack.prefix.rstrip("/")] = rules
    return found
