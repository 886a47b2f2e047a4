"""Counts and formulas: what is counted per what, and what a reader must know to read them."""

from __future__ import annotations

import itertools
from decimal import Decimal
from typing import TYPE_CHECKING

import attrs

from dutyrules.policies import syntax
from dutyrules.policies.bench import Bench, each_text, figure, refuse_working_time
from dutyrules.policies.diagnostics import quoted
from dutyrules.policies.facts import Facts, event_fields
from dutyrules.policies.faults import Fault, suggestion
from dutyrules.policies.grammar import Part, WindowText, is_name, read_spread, read_window
from dutyrules.policies.model import Count, Value, WindowKind
from dutyrules.policies.names import ANY, DATE, EVERY_FACT, CountShape, Fields, Scopes, ValueShape, ValueType
from dutyrules.policies.shapes import written
from dutyrules.policies.walk import walk
from dutyrules.policies.yaml_nodes import MapNode, Node, ScalarNode

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dutyrules.policies.schema import CountDoc
    from dutyrules.policies.shapes import Path

CHOOSER = "chosen_by"
NO_PERIOD = (WindowKind.EVER, WindowKind.OPEN, WindowKind.ROLLING)


class Counts:
    """Reads the counts of one pack."""

    def __init__(self, bench: Bench, facts: Facts) -> None:
        self.bench = bench
        self.facts = facts

    def declare(self) -> None:
        """Declare every count with what its readers must know."""
        shapes = {name: self._shape(name, doc) for name, doc in self.bench.counts.items()}
        for _, name in (each for each in self.bench.broken if each[0] == "counts"):
            shapes[name] = CountShape(name, 9)
        self.bench.declared = attrs.evolve(self.bench.declared, counts=shapes)

    def _shape(self, name: str, doc: CountDoc) -> CountShape:
        keys = [reader for _, reader, _ in self._keys(name, doc)]
        needs: list[str] = []
        for key in keys:
            owner, dot, _ = key.partition(".")
            record = self.bench.declared.records.get(owner) if dot else None
            needs += [key] if not dot else list(record.key) if record is not None else []
        if doc.except_ is not None:
            needs.append(doc.except_)
        run = self.bench.declared.records.get(doc.streak_of or "")
        if run is not None:
            needs += run.key
        window = self._window(("counts", name, "in"), doc.in_)
        periodic = window is not None and window.kind not in NO_PERIOD
        return CountShape(name, len(keys) + int(periodic), tuple(dict.fromkeys(needs)))

    def _window(self, path: Path, text: str | None) -> WindowText | None:
        if text is None or text.strip() not in self.bench.declared.durations:
            return None if text is None else self.bench.attempt(path, lambda: read_window(text))
        rolling = self.bench.length(path, text)
        return None if rolling is None else WindowText(WindowKind.ROLLING, rolling=rolling)

    def _keys(self, name: str, doc: CountDoc) -> list[tuple[Path, str, str]]:
        """Return for each part of the key where it stands, what it is to the reader and what to the member."""
        path: Path = ("counts", name, "per")
        if isinstance(doc.per, dict):
            return [((*path, reader), reader, member) for reader, member in doc.per.items()]
        keys: list[tuple[Path, str, str]] = []
        for at, text in each_text(path, doc.per):
            record = self.bench.declared.records.get(text)
            keys += [(at, key, key) for key in record.key] if record is not None and record.key else [(at, text, text)]
        return keys

    def read(self) -> dict[str, Count]:
        """Return every count that can be read; faults are told."""
        read = {name: self._count(name, doc) for name, doc in self.bench.counts.items()}
        return {name: count for name, count in read.items() if count is not None}

    def _count(self, name: str, doc: CountDoc) -> Count | None:
        path: Path = ("counts", name)
        fields = self._member_fields(name, doc)
        scopes = Scopes(self.bench.declared, fields, where=f"what `{name}` counts")
        of = self.facts.patterns((*path, "of"), doc.of, lambda each: attrs.evolve(scopes, fact=each), records=True)
        window = self._window((*path, "in"), doc.in_)
        if doc.in_ and window is None:
            return None
        if window is not None and window.rolling is not None:
            refuse_working_time(self.bench, (*path, "in"), window.rolling)
        date = (
            None if window is None or window.date is None else self.bench.part((*path, "in"), window.date, scopes, DATE)
        )
        spread = (
            None if doc.spread is None else self.bench.attempt((*path, "spread"), lambda: read_spread(doc.spread or ""))
        )
        for key, named in (("distinct", doc.distinct), ("except", doc.except_)):
            self._check_field((*path, key), named, fields)
        for each in spread or ():
            self._check_field((*path, "spread"), each, fields)
        if doc.streak_of is not None and not self.bench.known("records", doc.streak_of, self.bench.records):
            self.bench.unknown((*path, "streak_of"), Part(doc.streak_of, 0), "DR303", "record", self.bench.records)
        return Count(
            name,
            of,
            self._per(name, doc, scopes),
            WindowKind.EVER if window is None else window.kind,
            date,
            None if window is None else window.rolling,
            None if doc.distinct is None else fields.canonical(doc.distinct),
            None if spread is None else (fields.canonical(spread[0]), fields.canonical(spread[1])),
            doc.streak_of,
            None if doc.except_ is None else fields.canonical(doc.except_),
            self.bench.place(path),
        )

    def _member_fields(self, name: str, doc: CountDoc) -> Fields:
        found: Fields | None = None
        for _, fact in self.facts.texts(("counts", name, "of"), doc.of):
            one = self.facts.fields(fact, records=True)
            found = one if found is None else found.joined(one)
        return found or Fields(open=True)

    def _per(self, name: str, doc: CountDoc, member: Scopes) -> tuple[tuple[syntax.Expr, syntax.Expr], ...]:
        pairs: list[tuple[syntax.Expr, syntax.Expr]] = []
        for path, reader, counted in self._keys(name, doc):
            member_side = self.bench.expression(path, counted, member)
            if member_side is None:
                continue
            reader_fields = Fields({reader: ValueType(member_side.type)} if is_name(reader) else {}, open=True)
            reader_side = self.bench.expression(path, reader, attrs.evolve(member, fact=reader_fields))
            if reader_side is not None:
                pairs.append((reader_side, member_side))
        return tuple(pairs)

    def _check_field(self, path: Path, name: str | None, fields: Fields) -> None:
        if name is not None and name not in fields:
            help_ = suggestion(name, fields.known)
            self.bench.tell(path, Fault("DR302", f"what is counted has no field {quoted(name)}", help=help_))


class Values:
    """Reads the formulas of one pack."""

    def __init__(self, bench: Bench, section: Node | None) -> None:
        self.bench = bench
        self.docs = {key.text: node for key, node in section.entries} if isinstance(section, MapNode) else {}
        self._read: dict[str, Value] = {}

    def declare(self) -> None:
        """Read every formula, and declare it with the names that it reads in whatever reads it."""
        self.bench.declared = attrs.evolve(self.bench.declared, values={name: ValueShape(name) for name in self.docs})
        fields = self._all_fields() if self.docs else EVERY_FACT
        scopes = Scopes(self.bench.declared, fields, where="no fact or record")
        self._read = {name: self._value(name, doc, scopes) for name, doc in self.docs.items()}
        needs = self._needs()
        shapes = {name: ValueShape(name, self._type(name), needs.get(name, ())) for name in self.docs}
        self.bench.declared = attrs.evolve(self.bench.declared, values=shapes)

    def read(self) -> dict[str, Value]:
        """Return the formulas."""
        return self._read

    def _all_fields(self) -> Fields:
        """Return the fields of every fact and record: a formula may be read beside any of them."""
        sources = [event_fields(event) for event in self.bench.events.values()]
        sources += [Fields(record.fields.known) for record in self.bench.declared.records.values()]
        return EVERY_FACT.joined_with(sources)

    def _value(self, name: str, node: Node, scopes: Scopes) -> Value:
        path: Path = ("values", name)
        place = self.bench.place(path)
        if not isinstance(node, MapNode):
            expression = self._formula(path, node, scopes)
            return Value(name, {} if expression is None else {"": expression}, None, place)
        variants = {
            key.text: self._formula((*path, key.text), below, scopes)
            for key, below in node.entries
            if key.text != CHOOSER
        }
        chooser = self._chooser(path, node.get(CHOOSER))
        return Value(name, {key: each for key, each in variants.items() if each is not None}, chooser, place)

    def _formula(self, path: Path, node: Node, scopes: Scopes) -> syntax.Expr | None:
        if (
            not isinstance(node, ScalarNode)
            or not isinstance(node.value, str | int | Decimal)
            or isinstance(node.value, bool)
        ):
            message = f"a formula is wanted here, not {written(node)}"
            self.bench.diagnostics.add("DR203", message, node, help="write an expression, such as `month.days - 3`")
            return None
        return self.bench.expression(path, figure(node.value), scopes)

    def _chooser(self, path: Path, node: Node | None) -> str | None:
        """Return the parameter that picks one of the formulas."""
        if node is None:
            help_ = "name the parameter that picks one of the formulas"
            self.bench.tell_key(path, "DR202", f"the key `{CHOOSER}` is missing", help_)
            return None
        name = str(node.value) if isinstance(node, ScalarNode) else ""
        if not self.bench.known("parameters", name, self.bench.declared.parameters):
            self.bench.unknown((*path, CHOOSER), Part(name, 0), "DR309", "parameter", self.bench.declared.parameters)
        return name

    def _type(self, name: str) -> ValueType:
        found: ValueType | None = None
        for variant in self._read[name].variants.values() if name in self._read else ():
            found = ValueType(variant.type) if found is None else found.joined(ValueType(variant.type))
        return found or ValueType(ANY)

    def _needs(self) -> dict[str, tuple[str, ...]]:
        """Return what the reader of each formula must know: what it reads itself and what those that it names do."""
        own = {name: self._reads(value) for name, value in self._read.items()}
        found: dict[str, tuple[str, ...]] = {}
        for name in _inner_first({name: [each for each, is_value in reads if is_value] for name, reads in own.items()}):
            needs = [found.get(each, ()) if is_value else (each,) for each, is_value in own[name]]
            found[name] = tuple(dict.fromkeys(itertools.chain.from_iterable(needs)))
        return found

    def _reads(self, value: Value) -> list[tuple[str, bool]]:
        """Return the names that a formula reads itself, and of each whether it is a formula."""
        reads: dict[tuple[str, bool], None] = {}
        for variant in value.variants.values():
            for node in walk(variant.tree, inside=False):
                reads |= dict.fromkeys(self._read_by(node))
        return list(reads)

    def _read_by(self, node: syntax.Expression) -> list[tuple[str, bool]]:
        match node:
            case syntax.Field(scope=syntax.Scope.FACT, name=field):
                return [(field, False)]
            case syntax.Field(scope=syntax.Scope.RECORD, record=str(owner)):
                record = self.bench.declared.records.get(owner)
                return [] if record is None else [(key, False) for key in record.key]
            case syntax.CountRef(name=count, args=args):
                return [(need, False) for need in self.bench.declared.counts[count].needs[len(args) :]]
            case syntax.ValueRef(name=other):
                return [(other, True)]
            case _:
                return []


def _inner_first(reads: Mapping[str, list[str]]) -> list[str]:
    """Return the names in such an order that what a name reads stands before it; circles are told elsewhere."""
    done: dict[str, None] = {}
    begun: set[str] = set()
    for start in reads:
        waiting = [start]
        while waiting:
            name = waiting[-1]
            below = [each for each in reads[name] if each in reads and each not in begun] if name not in begun else []
            begun.add(name)
            if below:
                waiting += below
                continue
            done[waiting.pop()] = None
    return list(done)
