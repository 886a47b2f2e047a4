"""Records: which fields they have, and what opens, updates and closes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from dutyrules.policies.bench import Bench, each_text
from dutyrules.policies.diagnostics import quoted
from dutyrules.policies.facts import Facts, touched_fields
from dutyrules.policies.faults import Fault, suggestion
from dutyrules.policies.grammar import FactText, Part, read_link
from dutyrules.policies.model import Link, Record
from dutyrules.policies.names import ANY, DATE, EVERY_FACT, TEXT, TIME, Fields, RecordShape, Scopes, ValueType
from dutyrules.policies.syntax import EndOf, FactKind, Instant, Pattern

if TYPE_CHECKING:
    from dutyrules.calendars.durations import Duration
    from dutyrules.policies.schema import RecordDoc
    from dutyrules.policies.shapes import Path

FOREVER = "for ever"


class Records:
    """Reads the records of one pack, first their shapes and then what is inside."""

    def __init__(self, bench: Bench, facts: Facts) -> None:
        self.bench = bench
        self.facts = facts
        self._texts: dict[str, dict[str, list[tuple[Path, FactText]]]] = {}

    # --- shapes -------------------------------------------------------------------------------------------------------

    def declare(self) -> None:
        """Declare every record with its fields; those read through `reads` come last."""
        shapes: dict[str, RecordShape] = {}
        for name, doc in self.bench.records.items():
            self._texts[name] = self._fact_texts(name, doc)
        self.bench.declared = attrs.evolve(self.bench.declared, records=shapes)
        ends_last = sorted(self.bench.records, key=self._opened_by_record)
        for name in ends_last:
            shapes[name] = self._shape(name, self.bench.records[name])
        for name, doc in self.bench.records.items():
            if doc.reads in shapes and doc.reads != name:
                shapes[name] = attrs.evolve(shapes[name], fields=shapes[name].fields.beside(shapes[doc.reads].fields))
        for _, name in (each for each in self.bench.broken if each[0] == "records"):
            shapes[name] = RecordShape(name, (), Fields(open=True))

    def _opened_by_record(self, name: str) -> bool:
        return any(fact.kind is FactKind.END for _, fact in self._texts[name]["opens"])

    def _fact_texts(self, name: str, doc: RecordDoc) -> dict[str, list[tuple[Path, FactText]]]:
        closes = [text for _, text in each_text((), doc.closes) if not self._is_instant(text)]
        path = ("records", name)
        return {
            "opens": self.facts.texts((*path, "opens"), doc.opens),
            "updates": self.facts.texts((*path, "updates"), doc.updates),
            "closes": self.facts.texts(
                (*path, "closes"), closes[0] if isinstance(doc.closes, str) and closes else closes
            ),
        }

    def _is_instant(self, text: str) -> bool:
        """Tell whether a `closes` is an instant such as `end of duty_date`, and not the end of a record."""
        words = text.split()
        return words[:2] == ["end", "of"] and (len(words) != 3 or words[2] not in self.bench.records)  # noqa: PLR2004 - end of X

    def _shape(self, name: str, doc: RecordDoc) -> RecordShape:
        texts = self._texts[name]
        opening = self._joined(texts["opens"])
        fields = opening
        for part in ("updates", "closes"):
            if texts[part]:
                fields = fields.beside(self._joined(texts[part]))
        events = tuple(part.text for facts in texts.values() for _, fact in facts for part in fact.names)
        own = {"opened": ValueType(TIME), "date": ValueType(DATE)}
        if doc.closes is not None or doc.spans is not None:
            own["closed"] = ValueType(TIME)
        if doc.spans is not None:
            own |= {"start": ValueType(TIME), "end": ValueType(TIME), "season": ValueType(TEXT)}
        if doc.start is not None:
            own["start"] = ValueType(TIME)
        known = {field: kind for field, kind in fields.known.items() if field != "time"}
        all_fields = Fields({**known, **own}, fields.aliases, fields.open).beside(touched_fields(events))
        key = tuple(_key_field(each, opening) for _, each in each_text((), doc.key) if each != "none")
        links = {link: words[1] for link, text in (doc.links or {}).items() if len(words := text.split()) > 1}
        return RecordShape(name, key, all_fields, links)

    def _joined(self, texts: list[tuple[Path, FactText]]) -> Fields:
        found: Fields | None = None
        for _, fact in texts:
            one = self.facts.fields(fact)
            found = one if found is None else found.joined(one)
        return found or Fields(open=True)

    # --- contents -----------------------------------------------------------------------------------------------------

    def read(self) -> dict[str, Record]:
        """Return every record that can be read; faults are told."""
        return {name: self._record(name, doc) for name, doc in self.bench.records.items()}

    def _record(self, name: str, doc: RecordDoc) -> Record:
        path: Path = ("records", name)
        shape = self.bench.declared.records[name]
        scopes = Scopes(self.bench.declared, shape.fields, where=f"`{name}`")
        opens, updates = self._patterns(name, "opens", doc.opens), self._patterns(name, "updates", doc.updates)
        closes, closes_at = self._closes(name, doc, scopes)
        self._check_key(name, shape)
        self._check_names(name, doc, shape)
        keep, always = self._keep((*path, "keep"), doc.keep)
        return Record(
            name,
            shape.key,
            opens,
            updates,
            closes,
            closes_at,
            self._dated(doc, shape),
            doc.spans,
            self.bench.instant((*path, "start"), doc.start, scopes),
            tuple(link for each, text in (doc.links or {}).items() if (link := self._link(name, each, text, scopes))),
            doc.reads,
            keep,
            always,
            self.bench.place(path),
        )

    def _patterns(self, name: str, key: str, texts: str | list[str] | None) -> tuple[Pattern, ...]:
        def scopes(fields: Fields) -> Scopes:
            return Scopes(self.bench.declared, fields, where="the fact")

        patterns = self.facts.patterns(("records", name, key), texts, scopes)
        for pattern in patterns:
            if pattern.kind not in (FactKind.EVENT, FactKind.END):
                fault = Fault(
                    "DR214",
                    f"{quoted(pattern.source)} cannot open, update or close a record",
                    help="write an event type",
                )
                self.bench.tell(("records", name, key), fault)
        return patterns

    def _closes(self, name: str, doc: RecordDoc, scopes: Scopes) -> tuple[tuple[Pattern, ...], Instant | None]:
        path: Path = ("records", name, "closes")
        texts = list(each_text(path, doc.closes))
        instants = [(at, text) for at, text in texts if self._is_instant(text)]
        if not instants:
            return self._patterns(name, "closes", doc.closes), None
        if len(instants) > 1:
            fault = Fault("DR217", "a record ends at one instant at most")
            self.bench.tell(instants[1][0], fault)
        patterns = [each for at, text in texts if (at, text) not in instants for each in self._patterns_at(at, text)]
        instant = self.bench.instant(instants[0][0], instants[0][1], scopes)
        return tuple(patterns), instant if isinstance(instant, EndOf) else None

    def _patterns_at(self, path: Path, text: str) -> tuple[Pattern, ...]:
        return self.facts.patterns(path, text, lambda fields: Scopes(self.bench.declared, fields, where="the fact"))

    def _check_key(self, name: str, shape: RecordShape) -> None:
        for part, texts in self._texts[name].items():
            for path, fact in texts:
                fields = self.facts.fields(fact)
                missing = [each for each in shape.key if each not in fields]
                if missing:
                    listed = ", ".join(f"`{each}`" for each in missing)
                    message = f"which `{name}` {quoted(fact.source)} {part} cannot be told: it has no {listed}"
                    self.bench.tell(path, Fault("DR508", message, help=suggestion(missing[0], fields.known)))

    def _check_names(self, name: str, doc: RecordDoc, shape: RecordShape) -> None:
        path: Path = ("records", name)
        if doc.dated is not None and doc.dated not in shape.fields:
            help_ = suggestion(doc.dated, shape.fields.known)
            self.bench.tell((*path, "dated"), Fault("DR302", f"`{name}` has no field {quoted(doc.dated)}", help=help_))
        if doc.reads is not None:
            if not self.bench.known("records", doc.reads, self.bench.records):
                self.bench.unknown((*path, "reads"), Part(doc.reads, 0), "DR303", "record", self.bench.records)
            elif missing := [each for each in self.bench.declared.records[doc.reads].key if each not in shape.fields]:
                message = f"which `{doc.reads}` is meant cannot be told: `{name}` has no `{missing[0]}`"
                self.bench.tell((*path, "reads"), Fault("DR508", message))
        if doc.spans is not None:
            self._check_span(name, doc, shape)

    def _check_span(self, name: str, doc: RecordDoc, shape: RecordShape) -> None:
        path: Path = ("records", name, "spans")
        if doc.dated is None:
            self.bench.tell(
                path,
                Fault("DR218", "`spans` needs `dated`: the day whose shift it is", help="write `dated: duty_date`"),
            )
        if doc.spans == "shift" and "period" not in shape.key:
            self.bench.tell(
                path,
                Fault(
                    "DR218", "`spans: shift` needs `period` in the key", help="write `spans: shifts` for the whole day"
                ),
            )
        if self.bench.at(("shifts",)) is self.bench.root:
            self.bench.tell(path, Fault("DR218", "`spans` needs `shifts`: the pack declares none"))

    def _dated(self, doc: RecordDoc, shape: RecordShape) -> str | None:
        if doc.dated is not None:
            return shape.fields.canonical(doc.dated)
        written = [each for _, each in each_text((), doc.key)]
        return shape.key[written.index("date")] if "date" in written else None

    def _link(self, name: str, link: str, text: str, scopes: Scopes) -> Link | None:
        path: Path = ("records", name, "links", link)
        read = self.bench.attempt(path, lambda: read_link(text))
        if read is None:
            return None
        if not self.bench.known("records", read.record.text, self.bench.records):
            self.bench.unknown(path, read.record, "DR303", "record", self.bench.records)
            return None
        if not self.bench.declared.records[read.record.text].key:
            text = f"a link finds a record by the first field of its key, and `{read.record.text}` has `key: none`"
            self.bench.tell(path, Fault("DR218", text, help=f"give `{read.record.text}` a key"))
            return None
        if read.within is not None and not read.within.runs:
            help_ = "use seconds, minutes or hours here"
            fault = Fault("DR209", f"a link cannot look back over `{read.within}`", help=help_)
            self.bench.tell(path, fault)
        of = self.bench.part(path, read.of, scopes, ANY)
        condition = None if read.if_ is None else self.bench.part(path, read.if_, scopes, "bool")
        if of is None or (read.if_ is not None and condition is None):
            return None
        return Link(link, read.record.text, of, read.within, condition)

    def _keep(self, path: Path, text: str | None) -> tuple[Duration | None, bool]:
        if text is None or text == FOREVER:
            return None, text == FOREVER
        return self.bench.length(path, text), False


def _key_field(name: str, opening: Fields) -> str:
    """Return the field that a key names; for `date` the event's own field where it has one under another name."""
    if name in opening.aliases and (name not in opening.known or name in EVERY_FACT.known):
        return opening.aliases[name]
    return name
