"""The place where a pack is taken apart: its nodes, its declared names, and the faults found so far."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Final, TypeVar

import attrs

from dutyrules.calendars.durations import Unit
from dutyrules.policies.diagnostics import Diagnostics, quoted
from dutyrules.policies.expressions import read_expression
from dutyrules.policies.faults import Fault, Refused, suggestion
from dutyrules.policies.grammar import Part, cut_by_comma, read_duration
from dutyrules.policies.instants import no_duration, read_instant
from dutyrules.policies.names import ANY, BOOL, Declared, Scopes
from dutyrules.policies.shapes import Path, locate
from dutyrules.policies.syntax import EitherInstant, Expr, Instant
from dutyrules.policies.yaml_nodes import MapNode, Node, ScalarNode, SeqNode

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping
    from decimal import Decimal

    from dutyrules.calendars.durations import Duration
    from dutyrules.policies.model import EventType, Place
    from dutyrules.policies.schema import CountDoc, RecordDoc
    from dutyrules.policies.schema_rules import InstantChoice, LadderDoc, RuleDoc

Read = TypeVar("Read")
Settled = TypeVar("Settled")
ENTRY: Final = 2
CUT: Final = "inside brackets a comma ends the text: put the text in quotes"


@attrs.define
class Bench:
    """One pack being read: where everything stands, what is declared, and the faults.

    `broken` names the entries, as (section, name), that are declared but cannot be read, so that nothing is said of
    those who name them. `used` are the entries that something reads; `removed` is what an overlay took out, and where.
    """

    root: MapNode
    diagnostics: Diagnostics
    events: Mapping[str, EventType]
    aliases: Mapping[str, str]
    records: dict[str, RecordDoc] = attrs.field(factory=dict)
    counts: dict[str, CountDoc] = attrs.field(factory=dict)
    rules: dict[str, RuleDoc] = attrs.field(factory=dict)
    ladders: dict[str, LadderDoc] = attrs.field(factory=dict)
    roles: frozenset[str] = frozenset()
    broken: set[tuple[str, str]] = attrs.field(factory=set)
    declared: Declared = attrs.field(factory=Declared)
    used: set[tuple[str, str]] = attrs.field(factory=set)
    values: Mapping[str, tuple[tuple[dt.date, object], ...]] = attrs.field(factory=dict)
    dated_durations: Mapping[str, tuple[Duration, ...]] = attrs.field(factory=dict)
    removed: Mapping[str, Place] = attrs.field(factory=dict)
    _index: dict[str, dict[str, tuple[ScalarNode, Node]]] = attrs.field(factory=dict, init=False)

    # --- places -------------------------------------------------------------------------------------------------------

    def at(self, path: Path) -> Node:
        """Return the node at a path of the pack, or the nearest one above it."""
        entry = self._entry(path[:2])
        return locate(self.root, path) if entry is None else locate(entry[1], path[2:])

    def key(self, path: Path) -> Node:
        """Return the key that the last step of a path names."""
        entry = self._entry(path)
        if entry is not None:
            return entry[0]
        parent = self.at(path[:-1])
        found = parent.key_node(str(path[-1])) if isinstance(parent, MapNode) else None
        return found or parent

    def _entry(self, path: Path) -> tuple[ScalarNode, Node] | None:
        """Return key and value of an entry of a section; each section is indexed once, since a pack may be long."""
        if len(path) != ENTRY:
            return None
        section = str(path[0])
        if section not in self._index:
            node = self.root.get(section)
            entries = node.entries if isinstance(node, MapNode) else ()
            self._index[section] = {key.text: (key, value) for key, value in entries}
        return self._index[section].get(str(path[1]))

    def place(self, path: Path) -> Place:
        """Return where an entry begins."""
        return self.key(path).place

    # --- faults -------------------------------------------------------------------------------------------------------

    def tell(self, path: Path, fault: Fault) -> None:
        """Note a fault inside the text at a path."""
        node = self.at(path)
        if isinstance(node, ScalarNode) and not node.refused and (fault.start or fault.length is not None):
            length = fault.length if fault.length is not None else max(1, len(node.text) - fault.start)
            self.diagnostics.add(fault.code, fault.message, node.place_at(fault.start), help=fault.help, length=length)
        else:
            self.diagnostics.add(fault.code, fault.message, node, help=fault.help)

    def tell_key(self, path: Path, code: str, message: str, help_: str | None = None) -> None:
        """Note a fault at the key that the last step of a path names."""
        self.diagnostics.add(code, message, self.key(path), help=help_)

    def attempt(self, path: Path, read: Callable[[], Read]) -> Read | None:
        """Return what a reader makes of the text at a path, or None with its fault told."""
        try:
            return read()
        except Refused as refused:
            node = self.at(path)
            cut = isinstance(node, ScalarNode) and self._cut(path, node.text)
            self.tell(path, attrs.evolve(refused.fault, help=CUT) if cut else refused.fault)
            return None

    def _cut(self, path: Path, text: str) -> bool:
        """Tell whether YAML seems to have cut a text at a comma, since it stands in brackets."""
        if not path or not cut_by_comma(text):
            return False
        around = self.at(path[:-1])
        if isinstance(around, MapNode):
            return around.place != around.entries[0][0].place
        return isinstance(around, SeqNode) and around.items[0].place.column == around.place.column + 1

    def sound_rule(self, name: str) -> RuleDoc | None:
        """Return a rule, None where there is none or its shape is wrong, so that nothing more is to be said of it."""
        return None if ("rules", name) in self.broken else self.rules.get(name)

    def known(self, section: str, name: str, names: Mapping[str, object]) -> bool:
        """Tell whether a section has an entry, be it one that cannot be read, and note that it is used."""
        self.used.add((section, name))
        return name in names or (section, name) in self.broken

    def spread(self, name: str, kinds: tuple[str, ...] = ()) -> list[str]:
        """Return the rules that a name with `*` in it means, of some kinds; the name itself where it means none."""
        if "*" not in name:
            return [name]
        like = re.compile(".*".join(map(re.escape, name.split("*"))))
        found = [rule for rule, doc in self.rules.items() if like.fullmatch(rule) and (doc.kind in kinds or not kinds)]
        return found or [name]

    def unknown(self, path: Path, part: Part, code: str, words: str, candidates: Collection[str]) -> None:
        """Note that a name stands for nothing."""
        help_ = suggestion(part.text, candidates)
        if part.text in self.removed:
            place = self.removed[part.text]
            help_ = f"{place.file}:{place.line} removes it: change what names it there too"
        self.tell(path, part.fault(code, f"there is no {words} {quoted(part.text)}", help_))

    # --- texts --------------------------------------------------------------------------------------------------------

    def expression(self, path: Path, text: str, scopes: Scopes, expected: str = ANY, offset: int = 0) -> Expr | None:
        """Return the expression that a text holds, None with its faults told."""
        expression, faults = read_expression(text, scopes, expected)
        if faults and self._cut(path, text):
            faults = (attrs.evolve(faults[0], help=CUT),)
        for fault in faults:
            length = max(1, len(text) - fault.start) if fault.length is None and offset else fault.length
            self.tell(path, attrs.evolve(fault, length=length).shifted(offset))
        return expression

    def condition(self, path: Path, text: str | None, scopes: Scopes) -> Expr | None:
        """Return the condition that a text holds."""
        return None if text is None else self.expression(path, text, scopes, BOOL)

    def part(self, path: Path, part: Part, scopes: Scopes, expected: str = ANY) -> Expr | None:
        """Return the expression that a piece of a text holds."""
        return self.expression(path, part.text, scopes, expected, part.start)

    def settled(self, path: Path, written: object, kind: type[Settled]) -> Settled | None:
        """Return what stands in a pack, or the one value of the parameter that it names; None without a value."""
        if not isinstance(written, str) or written not in self.declared.parameters:
            if isinstance(written, kind):
                return written
            help_ = suggestion(str(written), self.declared.parameters)
            self.tell(path, Fault("DR309", f"there is no parameter {quoted(written)}", help=help_))
            return None
        self.used.add(("parameters", written))
        values = self.values.get(written, ())
        if any(since != dt.date.min for since, _ in values):
            message = f"{quoted(written)} changes by date, and this figure cannot"
            self.tell(path, Fault("DR203", message, help="write the figure itself, or give the parameter one value"))
        for _, value in values:
            if isinstance(value, kind) and (kind is bool or not isinstance(value, bool)):
                return value
            self.tell(path, Fault("DR203", f"the value of the parameter {quoted(written)} does not fit here"))
        return None

    def length(self, path: Path, text: str | None) -> Duration | None:
        """Return a duration, or that of a parameter which never changes."""
        if text is None:
            return None
        name = text.strip()
        if name not in self.declared.parameters:
            return self.attempt(path, lambda: read_duration(Part(text, 0)))
        self.used.add(("parameters", name))
        if name not in self.declared.durations:
            self.tell(path, no_duration(Part(name, 0)))
        elif name in self.declared.changing:
            help_ = "write the length itself, or give the parameter one value"
            self.tell(path, Fault("DR209", f"{quoted(name)} changes by date, and this length cannot", help=help_))
        return self.declared.durations.get(name)

    def instant(self, path: Path, doc: str | InstantChoice | None, scopes: Scopes) -> Instant | None:
        """Return an instant, or the choice between two."""
        if doc is None:
            return None
        if isinstance(doc, str):
            return self.attempt(path, lambda: read_instant(Part(doc, 0), scopes))
        condition = self.condition((*path, "if"), doc.if_, scopes)
        then = self.instant((*path, "then"), doc.then, scopes)
        otherwise = self.instant((*path, "else"), doc.otherwise, scopes)
        if condition is None or then is None or otherwise is None:
            return None
        return EitherInstant(condition.tree, then, otherwise)


def refuse_working_time(bench: Bench, path: Path, duration: Duration | None) -> None:
    """Tell of a look-back that would rest on a calendar: it has a length of its own, in every year."""
    if duration is not None and duration.unit in (Unit.WORKING_DAY, Unit.WORKING_HOUR):
        help_ = "use days, months or years, or hours that run day and night"
        bench.tell(path, Fault("DR209", f"`{duration}` cannot be looked back over", help=help_))


def each_text(path: Path, texts: str | list[str] | None) -> Iterator[tuple[Path, str]]:
    """Yield one text or each of a list, with its path."""
    if isinstance(texts, str):
        yield path, texts
    elif texts is not None:
        for index, text in enumerate(texts):
            yield (*path, index), text


def figure(doc: str | int | Decimal) -> str:
    """Return a figure or expression as text."""
    return str(doc)
