"""What a program does: a function for each event type, for each thing that waits, for each period that begins."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dutyrules.compiler.deeming import DECIDING, Deeming
from dutyrules.compiler.expressions import Translator
from dutyrules.compiler.fulfilments import refuse_lookups, refuse_watching, watched
from dutyrules.compiler.incoming import oddity, own, person_of
from dutyrules.compiler.keeping import RecordWriter
from dutyrules.compiler.outcomes import Outcomes
from dutyrules.compiler.retaining import refuse_counts
from dutyrules.compiler.rules import RuleWriter, is_silent, refuse
from dutyrules.compiler.sections import Happened, Part
from dutyrules.compiler.state import State, dates_of, happenings
from dutyrules.compiler.views import NotStreamable, View, named
from dutyrules.policies.model import Kind
from dutyrules.policies.syntax import FactKind
from dutyrules.policies.yaml_source import MapNode
from dutyrules.runtime.analysis import analysis_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dutyrules.compiler.families import Family, Waiting
    from dutyrules.compiler.kept import Kept
    from dutyrules.compiler.layouts import Layout
    from dutyrules.policies.model import EventType, Pack, Rule
    from dutyrules.policies.yaml_source import Node


class Handlers:
    """Writes what a program does about some rules of a pack: `events`, what is `waiting`, and what `begins`."""

    def __init__(self, pack: Pack, rules: Iterable[Rule], layout: Layout, *, carries_all: bool, careful: bool) -> None:
        self.pack = pack
        self.careful = careful
        layers = analysis_of(pack).layers.rules
        self._rules = sorted((rule for rule in rules if not is_silent(rule)), key=lambda rule: layers[rule.id])
        self._carries_all = carries_all
        self.state = State(pack)
        self._records = RecordWriter(self.state, Translator(self.state), careful=careful)
        outcomes = Outcomes(pack, layout, careful=careful)
        self.writer = RuleWriter(self.state, outcomes, self._records, self.rests_on, carries_all=carries_all)
        self._deeming = Deeming(self.state, self.writer, self._records, careful=careful)
        self.events: list[Part] = []
        self.waiting: dict[Family, list[Waiting]] = {}
        self.begins: list[Part] = []

    def write(self) -> None:
        """Write all functions; raises `NotStreamable` where some rule needs the whole engine."""
        self._take()
        writer = self.writer
        known = ""
        while known != (known := self.state.known() + repr(self.kept())):  # what is read shows while writing
            self.events = [self._event_part(name) for name in self._types()]
            self.begins = []
            for family in (writer.owed, writer.periodic, writer.gaps, writer.lasting):
                self.begins += family.sections()
                self.waiting[family] = []
                for one in family.waiting():
                    self._miss(family, one)
                    self.waiting[family].append(one)
        refuse_counts(self.pack, self.state.counts.values())

    def _take(self) -> None:
        """Give each rule to its families; refuse what a single pass cannot apply."""
        self.writer.fulfilments.watched = watched(self._rules)
        for rule in self._rules:
            refuse(rule, self.state, carries_all=self._carries_all)
            refuse_watching(rule, self._rules)
            for family in self.writer.families:
                family.take(rule)
        self.writer.owed.settle()

    def all_waiting(self) -> list[Waiting]:
        """Return all that waits for its instant."""
        return [one for mine in self.waiting.values() for one in mine]

    def kept(self) -> list[Kept]:
        """Return what is kept of facts: of what opens duties, of acts, of what later facts may take back."""
        return [one for family in self.writer.families for one in family.keeps()]

    # --- what there is ----------------------------------------------------------------------------------------------

    def _types(self) -> list[str]:
        """Return the event types that have a handler, in the pack's order."""
        needed = self.read() | DECIDING
        more = {name for name in self.declared("events") if oddity(self.pack.events[name]) is None}
        return [name for name in self.pack.events if name in needed | more]

    def read(self) -> set[str]:
        """Return the event types that a rule, a record or a count of these rules reads."""
        patterns = [one for rule in self._rules for one in (*rule.when, *rule.until, *rule.waived_by, *rule.excused_by)]
        for rule in self._rules:
            if rule.gap is not None:
                patterns += happenings(self.pack.records[str(rule.about)])
            elif rule.about is not None:
                self.state.use(rule.about)
        patterns += [one for use in self.state.records.values() for one in happenings(use.record)]
        patterns += [one for count in self.state.counts.values() for one in count.of]
        patterns += [one for name in self.state.spells for one in happenings(self.pack.records[name])]
        patterns += [one for indexed in self.state.indexed.values() for one in indexed.record.opens]
        found = {name for one in patterns if one.kind is FactKind.EVENT for name in one.names}
        return found | {sought.event for sought in self.state.sought.values()}

    def declared(self, *path: str) -> set[str]:
        """Return the names that the pack's own document has at a place, beside what it takes from the vocabulary."""
        node: Node | None = self.pack.document
        for step in path:
            node = node.get(step) if isinstance(node, MapNode) else None
        return {key.text for key, _value in node.entries} if isinstance(node, MapNode) else set()

    def rests_on(self, rule: Rule) -> bool:
        """Tell whether other rules or counts read what a rule makes."""
        patterns = [one for other in self._rules for one in (*other.when, *other.until, *other.waived_by)]
        patterns += [one for count in self.state.counts.values() for one in count.of]
        return any(one.kind is not FactKind.EVENT and rule.id in one.names for one in patterns)

    # --- events -----------------------------------------------------------------------------------------------------

    def _event_part(self, name: str) -> Part:
        event = self.pack.events[name]
        reason = oddity(event)
        if reason is not None:
            raise NotStreamable(reason)
        part = Part(named("on", name), _event_view(self.pack, event))
        self.state.section = part.section
        part.section.event = event.name
        self._note_breaches(part)
        self._records.write(part, event)
        self.writer.begin(part, self._rules)
        facts = self._deeming.write(part, self._rules)
        part.rules.knows(part.facts)
        for one in facts:
            self._counted(one)
            self.writer.needs.note(one)
            self.writer.periodic.on_event(one)
            self.writer.gaps.on_event(one)
        for rule in self._rules:
            for one in facts:
                with one.under_flag(part.rules):
                    self._apply(one, rule)
        late = self._deeming.late(part, self._rules, facts)
        for one in late:
            self._counted(one)
            for rule in self._rules:
                with one.under_flag(part.rules):
                    self._apply(one, rule)
        refuse_lookups(part, late)
        self._deeming.end(part)
        self.state.settle(part.name)
        return part

    def _apply(self, one: Part, rule: Rule) -> None:
        """Write what an event or a deemed fact is to a rule."""
        if rule.id in self.writer.duties:
            self.writer.on_acts(one, rule)
        self.writer.excuses.on_excuses(one, rule)
        if rule.whenever is not None:
            self.writer.lasting.on_event(one, rule)
        if rule.counts_as is None:
            self._react(one, rule, one.view.event.name)

    def _counted(self, part: Part) -> None:
        """Write which counts an event or a deemed fact is a member of."""
        with part.under_flag(part.rules):
            for count in list(self.state.counts.values()):
                for pattern in count.of:
                    if pattern.kind is FactKind.EVENT and part.view.event.name in pattern.names:
                        self.writer.breaches.member(part, count.name, pattern, part.view)

    def _react(self, part: Part, rule: Rule, event: str | None) -> None:
        for pattern in rule.when:
            if pattern.kind is FactKind.EVENT and event in pattern.names:
                self.writer.on_event(part, rule, pattern)
            elif pattern.kind is FactKind.FULFILMENT and part.flag is None and pattern.names[0] in part.fulfilled:
                self.writer.on_fulfilment(part, rule, pattern, pattern.names[0])
            elif pattern.kind is FactKind.BREACH and part.flag is None:
                for broken in pattern.names:
                    if broken in part.breaches and _may_break(part, broken):
                        self.writer.on_breach(part, rule, pattern, broken)

    # --- what waits -------------------------------------------------------------------------------------------------

    def _miss(self, family: Family, one: Waiting) -> None:
        """Write what is done when the instant has come for which something waits."""
        part = one.part
        self.state.section = part.section
        if not family.is_last:
            self._note_breaches(part)
        family.miss(part, one.rule)
        for other in self._rules:
            self._react(part, other, None)
        family.again(part, one.rule)
        self.state.settle(part.name)

    def _note_breaches(self, part: Part) -> None:
        for rule in self._rules:
            if rule.kind in (Kind.OBLIGATION, Kind.PROHIBITION):
                part.breaches[rule.id] = Happened(named("broken", rule.id), part.view)


def _event_view(pack: Pack, event: EventType) -> View:
    return View(
        event,
        lambda name: own(event, name),
        time="t",
        clock="x",
        person="p" if person_of(event) in event.fields else "s",
        matter_id="event:{c}",
        causes=("c",),
        root="c",
        dates=dates_of(pack, event),
    )


def _may_break(part: Part, broken: str) -> bool:
    """Tell whether a rule can have been broken earlier in this section."""
    return any(line.strip() == f"{part.breaches[broken].flag} = True" for line in part.rules.lines)
