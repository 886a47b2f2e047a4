"""The mapping of a file of decisions: which columns make up a decision, and which rules each kind answers to.

The shape is in `docs/audit.md`. A fault is a diagnostic with its place, as in a mapping of events.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

import attrs

from dutyrules.calendars.zones import Zone
from dutyrules.policies.diagnostics import did_you_mean, quoted
from dutyrules.policies.yaml_source import MapNode, Node, ScalarNode, SeqNode
from dutyrules.table_columns import Cell, ColumnReader, columns_in, load_table_mapping

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from dutyrules.policies.diagnostics import Diagnostics
    from dutyrules.policies.model import Pack

REACH_OF_PERSONS: Final = 31
OUTCOME_KINDS: Final = ("sanction", "entitlement", "obligation", "notice", "breach")
DEMANDING: Final = frozenset({"sanction", "entitlement", "obligation", "notice"})
CELLS: Final = ("person", "amount", "step", "rule", "reference")
_CELL: Final = ("value", "map")
_TOP: Final = ("encoding", "delimiter", "id", "kind", "date", "matter", *CELLS, "kinds")
_PERCENT: Final = Decimal(100)


@attrs.frozen
class Tolerance:
    """How far a decision may be from what was demanded and still agree; `share` is a part of the demanded sum."""

    before: int = 0
    after: int = 0
    amount: Decimal = Decimal(0)
    share: Decimal = Decimal(0)

    def allows(self, decided: Decimal, demanded: Decimal) -> bool:
        """Tell whether two sums are near enough."""
        return abs(decided - demanded) <= max(self.amount, abs(demanded) * self.share)


@attrs.frozen
class KindOfDecision:
    """What decisions of one kind answer to.

    `reach` is how many days a decision may lie from what was demanded and still be put to it; None: any number where a
    matter says which it is, `REACH_OF_PERSONS` where only the person does. `says` names it in a language.
    """

    name: str
    rules: tuple[str, ...]
    outcomes: frozenset[str] = DEMANDING
    reach: int | None = None
    tolerance: Tolerance = Tolerance()
    says: Mapping[str, str] = attrs.field(factory=dict)


@attrs.frozen(kw_only=True)
class DecisionMapping:
    """How a row becomes a decision; `identity` and `matter` are texts with `{column}` and `{row}` in them."""

    kind: Cell
    date: Cell
    kinds: Mapping[str, KindOfDecision]
    cells: Mapping[str, Cell] = attrs.field(factory=dict)
    matter: str | None = None
    identity: str | None = None
    zone: Zone | None = None
    encoding: str = "utf-8"
    delimiter: str = ","

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the columns that a file must have, each once."""
        named = [cell.column for cell in (self.kind, self.date, *self.cells.values()) if cell.column]
        return tuple(dict.fromkeys([*named, *columns_in(self.identity), *columns_in(self.matter)]))

    def text(self, name: str, row: Mapping[str, str]) -> str | None:
        """Return what a row says of the date or another part, None where it says nothing."""
        cell = self.date if name == "date" else self.cells.get(name)
        value = cell.read(row) if cell is not None else None
        return None if value is None else str(value)


def load_decision_mapping(path: Path, pack: Pack) -> DecisionMapping:
    """Read a mapping whose kinds name rules of the pack; a `BadMapping` holds every fault."""
    return load_table_mapping(path, lambda found, root: _Reader(found, pack).mapping(root))


class _Reader(ColumnReader):
    """Reads the parts of a mapping of decisions and notes what is wrong with them."""

    def __init__(self, found: Diagnostics, pack: Pack) -> None:
        super().__init__(found)
        self._pack = pack

    def mapping(self, node: Node) -> DecisionMapping | None:
        """Read the whole mapping."""
        parts = self.parts(node, _TOP, ("kind", "date", "kinds"))
        if not {"kind", "date", "kinds"} <= parts.keys():
            return None
        if "person" not in parts and "matter" not in parts:
            self.fault("`person`, `matter` or both say whom or what a decision was about", node)
        kind, kinds = self.cell(parts["kind"], _CELL), self._kinds(parts["kinds"])
        for value in {str(value) for value in (kind.map or {"": kind.value}).values() if value is not None}:
            if value not in kinds:
                self.fault(f"{quoted(value)} is none of `kinds`", parts["kind"], did_you_mean(value, kinds))
        return DecisionMapping(
            kind=kind,
            date=self.cell(parts["date"], ("format", "zone")),
            kinds=kinds,
            cells={name: self.cell(parts[name], _CELL) for name in CELLS if name in parts},
            matter=self.pattern(parts.get("matter")),
            identity=self.pattern(parts.get("id")),
            zone=self.calendar(Zone, parts["date"].get("zone") if isinstance(parts["date"], MapNode) else None),
            encoding=self.encoding(parts.get("encoding")),
            delimiter=self.delimiter(parts.get("delimiter")),
        )

    def _kinds(self, node: Node) -> dict[str, KindOfDecision]:
        if not isinstance(node, MapNode) or not node.entries:
            self.fault("`kinds` names each kind of decision with the `rules` that demand it", node)
            return {}
        return {key.text: self._kind(key.text, value) for key, value in node.entries}

    def _kind(self, name: str, node: Node) -> KindOfDecision:
        parts = self.parts(node, ("says", "rules", "outcomes", "reach", "tolerance"), ("rules",))
        demanding = [*self._pack.rules, *(part.id for part in self._pack.ladder_parts)]
        rules = self._names(parts.get("rules"), demanding, "is no rule of the pack")
        outcomes = self._names(parts.get("outcomes"), OUTCOME_KINDS, "is no kind of outcome that demands a decision")
        reach = self._days(parts["reach"]) if "reach" in parts else None
        words = self.parts(parts["says"], ("en", "zh")) if "says" in parts else {}
        return KindOfDecision(
            name,
            rules,
            frozenset(outcomes) or DEMANDING,
            reach,
            self._tolerance(parts.get("tolerance")),
            {language: self.text(each) for language, each in words.items()},
        )

    def _tolerance(self, node: Node | None) -> Tolerance:
        if node is None:
            return Tolerance()
        parts = self.parts(node, ("days", "amount"))
        days = parts.get("days")
        if isinstance(days, MapNode):
            sides = self.parts(days, ("before", "after"))
            before, after = (self._days(sides[name]) if name in sides else 0 for name in ("before", "after"))
        else:
            before = after = self._days(days) if days is not None else 0
        amount, share = self._sum(parts.get("amount"))
        return Tolerance(before, after, amount, share)

    def _sum(self, node: Node | None) -> tuple[Decimal, Decimal]:
        """Read a sum, or a share of the demanded one such as `5%`."""
        if node is None:
            return Decimal(0), Decimal(0)
        text = self.text(node)
        try:
            number = Decimal(text.removesuffix("%"))
        except ArithmeticError:
            number = Decimal(-1)
        if not number.is_finite() or number < 0:
            self.fault(f"{quoted(text)} is neither a sum nor a share such as `5%`", node)
            return Decimal(0), Decimal(0)
        return (Decimal(0), number / _PERCENT) if text.endswith("%") else (number, Decimal(0))

    def _days(self, node: Node) -> int:
        value = node.value if isinstance(node, ScalarNode) else None
        if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
            return value
        self.fault("a whole number of days stands here", node)
        return 0

    def _names(self, node: Node | None, known: Iterable[str], fault: str) -> tuple[str, ...]:
        """Read one name or a list of them."""
        if node is None:
            return ()
        names = []
        for each in node.items if isinstance(node, SeqNode) else (node,):
            name = self.text(each)
            if name and name not in known:
                self.fault(f"{quoted(name)} {fault}", each, did_you_mean(name, list(known)))
            names.append(name)
        return tuple(dict.fromkeys(names))
