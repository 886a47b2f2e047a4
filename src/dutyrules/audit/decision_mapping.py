"""The mapping of a file of decisions: which columns make up a decision, and which rules each kind answers to.

The shape is in `docs/audit.md`. A fault is a diagnostic with its place, as in a mapping of events.
"""

from __future__ import annotations

import codecs
from decimal import Decimal
from typing import TYPE_CHECKING, Final

import attrs

from dutyrules.audit.decisions import PLACEHOLDER
from dutyrules.calendars.errors import CalendarError
from dutyrules.calendars.zones import Zone
from dutyrules.csv_mapping import BadMapping, Cell
from dutyrules.policies.diagnostics import Diagnostics, did_you_mean, quoted
from dutyrules.policies.model import Place
from dutyrules.policies.yaml_source import MapNode, Node, ScalarNode, SeqNode, read_bytes, read_yaml

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from dutyrules.policies.model import Pack

REACH_OF_PERSONS: Final = 31
OUTCOME_KINDS: Final = ("sanction", "entitlement", "obligation", "notice", "breach")
DEMANDING: Final = frozenset({"sanction", "entitlement", "obligation", "notice"})
CELLS: Final = ("person", "amount", "step", "rule", "reference")
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
        patterns = f"{self.identity or ''}{self.matter or ''}"
        return tuple(dict.fromkeys([*named, *(name for name in PLACEHOLDER.findall(patterns) if name != "row")]))

    def text(self, name: str, row: Mapping[str, str]) -> str | None:
        """Return what a row says of the date or another part, None where it says nothing."""
        cell = self.date if name == "date" else self.cells.get(name)
        value = cell.read(row) if cell is not None else None
        return None if value is None else str(value)


def load_decision_mapping(path: Path, pack: Pack) -> DecisionMapping:
    """Read a mapping whose kinds name rules of the pack; a `BadMapping` holds every fault."""
    found = Diagnostics()
    text = read_bytes(path.read_bytes(), str(path), found) or ""
    roots = read_yaml(text, str(path), found) if text else []
    if len(roots) != 1 and not found.failed:
        message = f"a mapping is one document, and this file holds {len(roots) or 'none'}"
        found.add("DR640", message, Place(str(path), 1, 1))
    mapping = _Reader(found, pack).mapping(roots[0]) if roots else None
    if found.failed or mapping is None:
        raise BadMapping(found.items, text)
    return mapping


class _Reader:
    """Reads the parts of a mapping and notes what is wrong with them."""

    def __init__(self, found: Diagnostics, pack: Pack) -> None:
        self._found = found
        self._pack = pack

    def mapping(self, node: Node) -> DecisionMapping | None:
        parts = self._parts(node, _TOP, ("kind", "date", "kinds"))
        if not {"kind", "date", "kinds"} <= parts.keys():
            return None
        if "person" not in parts and "matter" not in parts:
            self._fault("`person`, `matter` or both say whom or what a decision was about", node)
        kind, kinds = self._cell(parts["kind"]), self._kinds(parts["kinds"])
        for value in {str(value) for value in (kind.map or {"": kind.value}).values() if value is not None}:
            if value not in kinds:
                self._fault(f"{quoted(value)} is none of `kinds`", parts["kind"], did_you_mean(value, kinds))
        return DecisionMapping(
            kind=kind,
            date=self._cell(parts["date"], more=("zone",), fixed=False),
            kinds=kinds,
            cells={name: self._cell(parts[name]) for name in CELLS if name in parts},
            matter=self._pattern(parts.get("matter")),
            identity=self._pattern(parts.get("id")),
            zone=self._zone(parts["date"]),
            encoding=self._encoding(parts.get("encoding")),
            delimiter=self._delimiter(parts.get("delimiter")),
        )

    def _kinds(self, node: Node) -> dict[str, KindOfDecision]:
        if not isinstance(node, MapNode) or not node.entries:
            self._fault("`kinds` names each kind of decision with the `rules` that demand it", node)
            return {}
        return {key.text: self._kind(key.text, value) for key, value in node.entries}

    def _kind(self, name: str, node: Node) -> KindOfDecision:
        parts = self._parts(node, ("says", "rules", "outcomes", "reach", "tolerance"), ("rules",))
        demanding = [*self._pack.rules, *(part.id for part in self._pack.ladder_parts)]
        rules = self._names(parts.get("rules"), demanding, "is no rule of the pack")
        outcomes = self._names(parts.get("outcomes"), OUTCOME_KINDS, "is no kind of outcome that demands a decision")
        reach = self._days(parts["reach"]) if "reach" in parts else None
        words = self._parts(parts["says"], ("en", "zh")) if "says" in parts else {}
        return KindOfDecision(
            name,
            rules,
            frozenset(outcomes) or DEMANDING,
            reach,
            self._tolerance(parts.get("tolerance")),
            {language: self._text(each) for language, each in words.items()},
        )

    def _tolerance(self, node: Node | None) -> Tolerance:
        if node is None:
            return Tolerance()
        parts = self._parts(node, ("days", "amount"))
        days = parts.get("days")
        if isinstance(days, MapNode):
            sides = self._parts(days, ("before", "after"))
            before, after = (self._days(sides[name]) if name in sides else 0 for name in ("before", "after"))
        else:
            before = after = self._days(days) if days is not None else 0
        amount, share = self._sum(parts.get("amount"))
        return Tolerance(before, after, amount, share)

    def _sum(self, node: Node | None) -> tuple[Decimal, Decimal]:
        """Read a sum, or a share of the demanded one such as `5%`."""
        if node is None:
            return Decimal(0), Decimal(0)
        text = self._text(node)
        try:
            number = Decimal(text.removesuffix("%"))
        except ArithmeticError:
            number = Decimal(-1)
        if not number.is_finite() or number < 0:
            self._fault(f"{quoted(text)} is neither a sum nor a share such as `5%`", node)
            return Decimal(0), Decimal(0)
        return (Decimal(0), number / _PERCENT) if text.endswith("%") else (number, Decimal(0))

    def _days(self, node: Node) -> int:
        value = node.value if isinstance(node, ScalarNode) else None
        if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
            return value
        self._fault("a whole number of days stands here", node)
        return 0

    def _names(self, node: Node | None, known: Iterable[str], fault: str) -> tuple[str, ...]:
        """Read one name or a list of them."""
        if node is None:
            return ()
        names = []
        for each in node.items if isinstance(node, SeqNode) else (node,):
            name = self._text(each)
            if name and name not in known:
                self._fault(f"{quoted(name)} {fault}", each, did_you_mean(name, list(known)))
            names.append(name)
        return tuple(dict.fromkeys(names))

    def _parts(self, node: Node, known: tuple[str, ...], needed: tuple[str, ...] = ()) -> dict[str, Node]:
        if not isinstance(node, MapNode):
            self._fault(f"a mapping with keys such as {quoted(known[0])} stands here, not {node.kind}", node)
            return {}
        for key, _ in node.entries:
            if key.text not in known:
                self._fault(f"{quoted(key.text)} is no key here", key, did_you_mean(key.text, known))
        for name in needed:
            if node.get(name) is None:
                self._fault(f"{quoted(name)} is missing", node)
        return {key.text: value for key, value in node.entries if key.text in known}

    def _cell(self, node: Node, more: tuple[str, ...] = (), *, fixed: bool = True) -> Cell:
        if isinstance(node, ScalarNode):
            return Cell(column=self._text(node))
        parts = self._parts(node, ("column", *(("value", "map") if fixed else ("format",)), *more))
        if ("column" in parts) == ("value" in parts):
            self._fault("either `column` or `value` says where it comes from", node)
        texts = parts.get("map")
        if texts is not None and not isinstance(texts, MapNode):
            self._fault("`map` pairs texts of the column with what they stand for", texts)
        return Cell(
            column=self._text(parts["column"]) if "column" in parts else None,
            value=self._value(parts["value"]) if "value" in parts else None,
            map={key.text: self._value(to) for key, to in texts.entries} if isinstance(texts, MapNode) else None,
            format=self._text(parts["format"]) if "format" in parts else None,
        )

    def _zone(self, node: Node) -> Zone | None:
        zone = node.get("zone") if isinstance(node, MapNode) else None
        if zone is None:
            return None
        try:
            return Zone(self._text(zone))
        except CalendarError as error:
            self._fault(error.problems[0].message, zone, error.problems[0].hint or None)
            return None

    def _pattern(self, node: Node | None) -> str | None:
        pattern = self._text(node) if node is not None else None
        if pattern is not None and "" in PLACEHOLDER.findall(pattern):
            self._fault("`{}` names no column", node)
        return pattern

    def _encoding(self, node: Node | None) -> str:
        name = self._text(node) if node is not None else "utf-8"
        try:
            found = codecs.lookup(name)
            b"day,what\n".decode(found.name)  # a codec that is none of texts refuses this
        except (LookupError, UnicodeError):
            self._fault(f"{quoted(name)} is no encoding that a table can be read in", node)
            return "utf-8"
        return found.name

    def _delimiter(self, node: Node | None) -> str:
        text = self._text(node) if node is not None else ","
        if len(text) != 1:
            self._fault("`delimiter` is one character", node)
            return ","
        return text

    def _text(self, node: Node) -> str:
        if isinstance(node, ScalarNode):
            return node.text
        self._fault(f"a text stands here, not {node.kind}", node)
        return ""

    def _value(self, node: Node) -> object:
        if isinstance(node, SeqNode | MapNode):
            self._fault(f"a text or number stands here, not {node.kind}", node)
            return None
        return node.value

    def _fault(self, message: str, node: Node | None, hint: str | None = None) -> None:
        if node is not None:
            self._found.add("DR640", message, node, help=hint)
