"""A pack's own words for making up logs: which events its rules rest on, and the values that its conditions ask for."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import attrs

from dutyrules.policies import syntax
from dutyrules.policies.model import Kind
from dutyrules.policies.readings import (
    entry_named,
    readings_of_count,
    readings_of_ladder,
    readings_of_record,
    readings_of_rule,
    readings_of_value,
)
from dutyrules.policies.syntax import FactKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dutyrules.policies.model import FieldSpec, Pack, Rule
    from dutyrules.policies.readings import Reading

Node = tuple[str, str]

ROSTER: Final = "roster_assigned"
FINDING: Final = "finding"
RULING: Final = "ruling"
_UNBROKEN: Final = frozenset({Kind.ADVICE, Kind.DEFINITION, Kind.SCHEDULE, Kind.VALUE, Kind.CHOICE})
_CLOCK: Final = re.compile(r"\b([01]\d|2[0-3]):[0-5]\d\b")
_USUAL: Final = ("08:00", "12:00", "17:00", "00:00")
_OUTCOMES: Final = (FactKind.BREACH, FactKind.FULFILMENT, FactKind.EXCUSE, FactKind.SANCTION)


@attrs.define
class PackWords:
    """What rests on what in a pack, worked out once, and the values that are worth drawing."""

    pack: Pack
    clocks: tuple[str, ...] = attrs.field(init=False)
    below: dict[Node, frozenset[Node]] = attrs.field(init=False)
    values: dict[str, tuple[Any, ...]] = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        texts = str((self.pack.shifts, self.pack.hours))
        self.clocks = tuple(dict.fromkeys([match[0] for match in _CLOCK.finditer(texts)] + list(_USUAL)))
        self.below = {node: frozenset(_nodes(read)) for node, read in _readings(self.pack)}
        self.values = _values(self.pack)

    def events_of(self, rule: str) -> tuple[str, ...]:
        """Return the types of events on which a rule rests, itself or through others, in order."""
        found = sorted(name for section, name in self._under(("rules", rule)) if section == "events")
        return tuple(name for name in found if name in self.pack.events)

    def rules_on(self, nodes: Iterable[Node]) -> tuple[str, ...]:
        """Return the rules that rest on any of some entries, themselves among them, in order."""
        wanted = set(nodes)
        return tuple(name for name in self.pack.rules if not wanted.isdisjoint(self._under(("rules", name))))

    def rules_with_events(self) -> tuple[str, ...]:
        """Return the rules that rest on any event at all."""
        return tuple(name for name in self.pack.rules if self.events_of(name))

    def _under(self, start: Node) -> set[Node]:
        found, waiting = {start}, [start]
        while waiting:
            new = self.below.get(waiting.pop(), frozenset()) - found
            found |= new
            waiting += new
        return found

    def values_of(self, spec: FieldSpec) -> tuple[Any, ...]:
        """Return the values that conditions compare such a field with and that it can hold, figures beside them too."""
        return tuple(value for value in self.values.get(spec.name, ()) if _fits(spec, value))


def _readings(pack: Pack) -> Iterator[tuple[Node, Iterable[Reading | Node]]]:
    for rule in pack.rules.values():
        yield ("rules", rule.id), [*readings_of_rule(rule), *_implied(rule)]
    for record in pack.records.values():
        links = [("records", link.record) for link in record.links]
        reads = [("records", record.reads)] if record.reads else []
        yield ("records", record.name), [*readings_of_record(record), *links, *reads]
    for count in pack.counts.values():
        yield ("counts", count.name), readings_of_count(count)
    for value in pack.values.values():
        chosen = [("parameters", value.chosen_by)] if value.chosen_by else []
        yield ("values", value.name), [*readings_of_value(value), *chosen]
    for ladder in pack.ladders.values():
        yield ("ladders", ladder.name), readings_of_ladder(ladder)


def _implied(rule: Rule) -> Iterator[Node]:
    """Yield what a rule rests on without naming it: its matter, a finding, a ruling."""
    if rule.about is not None:
        yield ("records", rule.about)
    set_off = rule.when or rule.whenever is not None or rule.every is not None or rule.gap is not None
    if rule.kind not in _UNBROKEN and (not set_off or rule.observed or rule.promptly is not None):
        yield ("events", FINDING)
    consequences = (rule.consequence, *(tier.consequence for tier in rule.tiers))
    if rule.asks or any(one is not None and one.discretion is not None for one in consequences):
        yield ("events", RULING)


def _nodes(readings: Iterable[Reading | Node]) -> Iterator[Node]:
    for reading in readings:
        match reading:
            case (str(section), str(name)):
                yield (section, name)
            case syntax.Pattern(kind=kind, names=names):
                section = "events" if kind is FactKind.EVENT else "rules" if kind in _OUTCOMES else "records"
                yield from ((section, name) for name in names)
            case syntax.ParameterRef(name=name):
                yield ("parameters", name)
            case syntax.Field(scope=syntax.Scope.MATTER, record=str(name)):
                yield ("records", name)
            case _:
                named = entry_named(reading)
                if named is not None:
                    yield named


# --- values -----------------------------------------------------------------------------------------------------------


def _values(pack: Pack) -> dict[str, tuple[Any, ...]]:
    found: dict[str, dict[Any, None]] = {}
    for _, readings in _readings(pack):
        for reading in readings:
            if isinstance(reading, syntax.Compare):
                for name, value in _compared(pack, reading):
                    found.setdefault(name, {}).update(dict.fromkeys(_beside(value)))
    return {name: tuple(values) for name, values in found.items()}


def _compared(pack: Pack, node: syntax.Compare) -> Iterator[tuple[str, object]]:
    """Yield the fields of a comparison with the plain values that they are compared with."""
    for one, other in zip(node.operands, node.operands[1:], strict=False):
        for field, value in ((one, other), (other, one)):
            if isinstance(field, syntax.Field):
                yield from ((field.name, each) for each in _plain(pack, value))


def _plain(pack: Pack, tree: syntax.Expression) -> Iterator[object]:
    """Yield the literals of an expression, and what its parameters may stand for."""
    match tree:
        case syntax.Literal(value=value):
            yield value
        case syntax.Listing(items=items):
            for item in items:
                yield from _plain(pack, item)
        case syntax.ParameterRef(name=name):
            for _, value in pack.parameters[name].dated.values:
                yield from value if isinstance(value, tuple) else (value,)
        case _:
            return


def _beside(value: object) -> tuple[Any, ...]:
    """Return a value, and of a figure those beside it."""
    if isinstance(value, dt.date):
        return (value.isoformat(),)
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return (value,)
    return tuple(int(each) for each in (value, value + 1, value - 1) if each >= 0)


def _fits(spec: FieldSpec, value: object) -> bool:
    if spec.values:
        return value in spec.values
    kind = spec.type.value
    if kind in ("int", "number", "money"):
        return isinstance(value, int) and not isinstance(value, bool)
    return kind in ("text", "any") and isinstance(value, str)
