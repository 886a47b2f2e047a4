"""From the nodes of one pack to the checked model, all faults told on the way."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import attrs

from dutyrules.policies.bench import Bench
from dutyrules.policies.diagnostics import Diagnostics, quoted
from dutyrules.policies.functions import FUNCTIONS
from dutyrules.policies.grammar import is_name, is_rule_id
from dutyrules.policies.layers import check_layers
from dutyrules.policies.model import Pack
from dutyrules.policies.names import RESERVED
from dutyrules.policies.outcome_fields import Triggers
from dutyrules.policies.remarks import Remarks
from dutyrules.policies.resolve_counts import Counts, Values
from dutyrules.policies.resolve_header import Header, words_of
from dutyrules.policies.resolve_ladders import Ladders
from dutyrules.policies.resolve_parameters import Parameters
from dutyrules.policies.resolve_records import Records
from dutyrules.policies.resolve_rules import Rules
from dutyrules.policies.resolve_schedule import Schedule
from dutyrules.policies.rule_checks import RuleChecks
from dutyrules.policies.schema import SECTIONS, HeaderDoc
from dutyrules.policies.schema_rules import RuleDoc
from dutyrules.policies.shapes import check_shape, plain, sound_part
from dutyrules.policies.yaml_nodes import MapNode, Node, ScalarNode, SeqNode
from dutyrules.vocabulary import event_aliases, load_vocabulary, read_events, vocabulary

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dutyrules.policies.model import EventType, Part, Place
    from dutyrules.policies.shapes import Path

DEFAULT_SEVERITY: Final = (
    "notice",
    "refer",
    "fine",
    "deduct",
    "compensate",
    "withhold",
    "forfeit",
    "disqualify",
    "step",
)
_FIELDS: Final = re.compile(r"events/[^/]*/fields")
_CALLED: Final = {"parameters": "parameter", "records": "record", "counts": "count", "values": "formula"}


def resolve_pack(
    root: Node,
    digest: str,
    diagnostics: Diagnostics,
    removed: Mapping[str, Place] | None = None,
    parts: Mapping[str, Part] | None = None,
) -> Pack | None:
    """Return the checked pack, None where a fault was told.

    `removed` is what an overlay took out, and where; `parts` are those that were joined.
    """
    if not isinstance(root, MapNode):
        diagnostics.add(
            "DR203", f"a pack is a mapping, and this is a {root.kind}", root, help="write `pack: name` and what follows"
        )
        return None
    resolver = _Resolver(root, digest, diagnostics)
    resolver.bench.removed = removed or {}
    pack = resolver.read()
    return pack if pack is None or not parts else attrs.evolve(pack, parts=parts)


class _Resolver:
    """Reads one pack, section by section."""

    def __init__(self, root: MapNode, digest: str, diagnostics: Diagnostics) -> None:
        self.digest = digest
        self.diagnostics = diagnostics
        self.faults_before = len(diagnostics.errors)
        events, aliases = _events(root, diagnostics)
        self.bench = Bench(root, diagnostics, events, aliases)
        _tell_empty(root, (), diagnostics)
        self.docs: dict[str, dict[str, Any]] = {section: self._section(section) for section in SECTIONS}
        self._header()
        self.bench.records = self.docs["records"]
        self.bench.counts = self.docs["counts"]
        self.bench.rules = self.docs["rules"]
        self.bench.ladders = self.docs["ladders"]

    def _header(self) -> None:
        entries = tuple((key, node) for key, node in self.bench.root.entries if key.text not in (*SECTIONS, "seasons"))
        head = MapNode(entries, self.bench.root.place, self.bench.root.end)
        self.doc = check_shape(HeaderDoc, head, self.diagnostics)
        roles = self.bench.root.get("roles")
        self.bench.roles = frozenset(roles.keys() if isinstance(roles, MapNode) else ())

    def _section(self, section: str) -> dict[str, Any]:
        """Return the entries of a section that have the right shape; the others are noted as broken."""
        node = self.bench.root.get(section)
        if node is None or (isinstance(node, ScalarNode) and node.value is None):
            return {}
        if not isinstance(node, MapNode):
            self.diagnostics.add("DR203", f"a mapping is wanted here, not a {node.kind}", node, help="write `name: …`")
            return {}
        model = SECTIONS[section]
        found: dict[str, Any] = {}
        for key, entry in node.entries:
            self._check_name(section, key)
            shaped = plain(entry) if model is None else check_shape(model, entry, self.diagnostics)
            if shaped is None:
                self.bench.broken.add((section, key.text))
                shaped = sound_part(RuleDoc, entry, {"kind": "advice"}) if section == "rules" else None
            if shaped is not None:
                found[key.text] = shaped
        return found

    def _check_name(self, section: str, key: ScalarNode) -> None:
        name = key.text
        if section in ("rules", "ladders"):
            if not is_rule_id(name):
                self.diagnostics.add(
                    "DR216",
                    f"{quoted(name)} is no id for a rule",
                    key,
                    help="leave out spaces, commas, brackets and quotes",
                )
        elif section in _CALLED:
            if not is_name(name):
                self.diagnostics.add(
                    "DR216",
                    f"{quoted(name)} is no name for a {_CALLED[section]}",
                    key,
                    help="use letters, digits and `_`",
                )
            elif name in RESERVED or (section == "counts" and name in FUNCTIONS):
                self.diagnostics.add(
                    "DR313", f"{quoted(name)} is a word of the language", key, help="choose another name"
                )

    def read(self) -> Pack | None:
        bench = self.bench
        schedule = Schedule(bench)
        schedule.read()
        parameters = Parameters(bench, bench.root.get("parameters"))
        parameters.declare()
        triggers = Triggers(bench)
        records, counts = Records(bench, triggers.facts), Counts(bench, triggers.facts)
        records.declare()
        counts.declare()
        values = Values(bench, bench.root.get("values"))
        values.declare()
        header = Header(bench, self.doc or HeaderDoc(pack="unknown"))
        header.check()
        read_records, read_counts = records.read(), counts.read()
        rules = Rules(bench, triggers, header).read()
        ladders = Ladders(bench, triggers.facts).read()
        severity = (self.doc and self.doc.severity) or DEFAULT_SEVERITY
        RuleChecks(bench, triggers, severity).check()
        check_layers(bench, rules, read_counts, values.read(), read_records, triggers.cut)
        self._check_twice()
        if self.doc is None or len(self.diagnostics.errors) > self.faults_before:
            return None
        doc = self.doc
        pack = Pack(
            name=doc.pack,
            section=doc.section,
            language=doc.language,
            title=words_of(doc.title),
            timezone=doc.timezone,
            calendar=doc.calendar,
            extra_holidays=header.days("extra_holidays"),
            extra_workdays=header.days("extra_workdays"),
            currency=doc.currency,
            severity=tuple(doc.severity) if doc.severity else DEFAULT_SEVERITY,
            in_force=header.in_force(("in_force",), doc.in_force),
            retention=header.retention(),
            carries=header.carries(),
            roles={name: words_of(words) for name, words in (doc.roles or {}).items()},
            events=bench.events,
            parameters=parameters.read,
            seasons=schedule.seasons,
            shifts=schedule.shifts,
            hours=schedule.hours,
            records=read_records,
            counts=read_counts,
            values=values.read(),
            rules=rules,
            ladders=ladders,
            digest=self.digest,
            file=bench.root.place.file,
            document=bench.root,
        )
        if len(self.diagnostics.errors) > self.faults_before:
            return None
        Remarks(bench, pack).tell()
        return pack

    def _check_twice(self) -> None:
        """Tell of a name that stands for two things in expressions."""
        seen: dict[str, str] = {}
        for section in ("parameters", "counts", "values"):
            for name in self.docs[section]:
                if name in seen:
                    message = f"{quoted(name)} is a {_CALLED[seen[name]]} already"
                    self.bench.tell_key((section, name), "DR312", message, "choose another name for one of the two")
                seen.setdefault(name, section)


def _events(root: MapNode, diagnostics: Diagnostics) -> tuple[Mapping[str, EventType], Mapping[str, str]]:
    """Return the event types of the vocabulary and the pack's own, and the other names that they have."""
    node = root.get("events")
    if not isinstance(node, MapNode):
        return load_vocabulary(), event_aliases()
    own = read_events(node.entries, vocabulary().fields, diagnostics)
    known = load_vocabulary()
    events = {**known, **{name: _extended(known.get(name), event) for name, event in own.types.items()}}
    return events, {**{name: to for name, to in event_aliases().items() if name not in own.types}, **own.aliases}


def _tell_empty(node: Node, path: Path, diagnostics: Diagnostics) -> None:
    """Tell of every key and item that has no value; only a field of an event type may stand alone, for its type."""
    match node:
        case MapNode(entries=entries) if not _FIELDS.fullmatch("/".join(map(str, path))):
            for key, value in entries:
                _tell_empty(value, (*path, key.text), diagnostics)
        case SeqNode(items=items):
            for index, item in enumerate(items):
                _tell_empty(item, (*path, index), diagnostics)
        case ScalarNode(value=None):
            diagnostics.add("DR205", "a value is missing here", node)


def _extended(base: EventType | None, own: EventType) -> EventType:
    """Return an event type of the pack, over that of the vocabulary which it adds fields to."""
    if base is None:
        return own
    aliases = {name: to for name, to in base.aliases.items() if name not in own.fields}
    return attrs.evolve(
        base,
        fields={**base.fields, **own.fields},
        person=own.person or base.person,
        aliases={**aliases, **own.aliases},
        says={**base.says, **own.says},
        on_shift=own.on_shift or base.on_shift,
    )
