"""The text of a compiled pack: a Python module that a person can read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dutyrules.compiler.acts import table_by
from dutyrules.compiler.dates import NEEDS_DAYS, calendar_lines, days_made, imported
from dutyrules.compiler.deeming import DECIDING, Deeming
from dutyrules.compiler.early import acts_table
from dutyrules.compiler.expressions import Translator
from dutyrules.compiler.fulfilments import refuse_lookups, refuse_watching, watched
from dutyrules.compiler.gaps import SLOTS, Gaps, class_of, refuse_gap, stretches
from dutyrules.compiler.incoming import (
    FIGURES,
    JSON_TYPES,
    attribute,
    event_class,
    full_class,
    head,
    own,
    person_of,
    reads,
)
from dutyrules.compiler.keeping import RecordWriter
from dutyrules.compiler.kept import Kept
from dutyrules.compiler.lasting import SLOTS as LOOK_SLOTS
from dutyrules.compiler.lasting import class_of as look_class
from dutyrules.compiler.locality import is_local, meetings
from dutyrules.compiler.loop import loop
from dutyrules.compiler.needs import remembered
from dutyrules.compiler.obligations import timed
from dutyrules.compiler.outcomes import Outcomes
from dutyrules.compiler.periodic import is_periodic, made, owe, refuse_periodic, rounds, slots_of, spells
from dutyrules.compiler.pruning import pruned
from dutyrules.compiler.retaining import gone, looked_up, refuse_counts, remembers, sweeping
from dutyrules.compiler.rules import SILENT, RuleWriter, refuse
from dutyrules.compiler.sections import Happened, Part, Writer
from dutyrules.compiler.simplify import simplified
from dutyrules.compiler.spans import NOTHING
from dutyrules.compiler.state import (
    BEGUN,
    CLOSED,
    GONE,
    SEEN,
    State,
    dates_of,
    field_slot,
    happenings,
    kept_for,
    wanted,
)
from dutyrules.compiler.ties import is_untied
from dutyrules.compiler.untied import table
from dutyrules.compiler.views import NotStreamable, View, named
from dutyrules.policies.model import Kind, WindowKind
from dutyrules.policies.syntax import FactKind
from dutyrules.policies.yaml_source import MapNode
from dutyrules.runtime.analysis import analysis_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dutyrules.compiler.layouts import Layout
    from dutyrules.compiler.pruning import Slots
    from dutyrules.policies.model import EventType, Pack, Rule
    from dutyrules.policies.yaml_source import Node

IMPORTS = """
from collections import defaultdict
from heapq import heappop, heappush
from itertools import count as counting
from typing import Annotated, Literal

from msgspec import Meta, Struct

from dutyrules.compiler.stream import COMMA, Q, J, P, key_part, listed, named, running, several, since, with_care
from dutyrules.compiler.forgetting import Gone, Keeping, Sweeper
from dutyrules.compiler.stream import Crowd, Late, Unsure, idle

Name = Annotated[str, Meta(pattern=r"\\S")]
Whole = Annotated[int, Meta(ge=-1_000_000_000, le=1_000_000_000)]
"""
STATE = """
wheel = defaultdict(list)
deadlines = []
span = alarm = -(1 << 62)
serial = counting()
now = -(1 << 62)
last = None
crowd = Crowd(types, PERSONS, LEAVES, MEETS, local=LOCAL)
"""


READ_ELSEWHERE: Final = frozenset({SEEN, BEGUN, CLOSED, GONE, "state", "cause", "person", "record", "due"})
"""Slots that the loop reads, or what lets go of what is past."""


class ModuleWriter:
    """Writes the module for some rules of a pack."""

    def __init__(
        self, pack: Pack, rules: Iterable[Rule], layout: Layout, *, carries_all: bool, careful: bool = False
    ) -> None:
        self._pack = pack
        layers = analysis_of(pack).layers.rules
        self._rules = sorted((rule for rule in rules if rule.kind not in SILENT), key=lambda rule: layers[rule.id])
        self._state = State(pack)
        self._carries_all = carries_all
        self._begins: list[Part] = []
        self._writer = RuleWriter(self._state, Outcomes(pack, layout, careful=careful), carries_all=carries_all)
        self._writer.rest(self._rests_on)
        self._records = RecordWriter(self._state, Translator(self._state), careful=careful)
        writer = self._writer
        self._gaps = Gaps(self._state, writer.say, writer.made, writer.breaches, self._records)
        self._deeming = Deeming(self._state, self._writer, self._records, careful=careful)

    @property
    def state(self) -> State:
        """Return what is remembered; complete once the module has been written."""
        return self._state

    def check(self) -> None:
        """Raise `NotStreamable` where some rule needs the whole engine; no text is made, which takes far longer."""
        self._parts()

    def write(self) -> str:
        """Return the module's text; raises `NotStreamable` where some rule needs the whole engine."""
        return self._module(*self._parts())

    def _parts(self) -> tuple[list[Part], list[Part]]:
        """Return what is done about each event type and each duty that is missed."""
        self._writer.fulfilments.watched = watched(self._rules)
        for rule in self._rules:
            refuse(rule, self._state, carries_all=self._carries_all)
            refuse_watching(rule, self._rules)
            if rule.gap is not None:
                refuse_gap(rule, self._pack.records[str(rule.about)], carries_all=self._carries_all)
                self._gaps.rules[rule.id] = rule
                self._state.gaps = True
            if is_periodic(rule):
                refuse_periodic(rule, self._rules)
                self._writer.periodic.rules[rule.id] = rule
                self._state.periods = True
            if rule.whenever is not None:
                self._writer.lasting.rules[rule.id] = rule
            if rule.kind is Kind.OBLIGATION and rule.until and rule.when:
                self._writer.duties[rule.id] = Kept(rule)
        periodic = self._writer.periodic
        known = ""
        while known != (known := self._state.known() + repr(self._kept())):  # what is read shows while writing
            parts = [self._event_part(name) for name in self._types()]
            misses = [self._miss_part(duty) for duty in self._missed()]
            self._begins = [
                part for rule in periodic.rules.values() for part in (periodic.begin(rule), periodic.owed(rule))
            ]
            misses += [self._round_part(rule) for rule in periodic.rules.values() if not rule.promptly]
            misses += [self._gap_part(rule) for rule in self._gaps.rules.values()]
            misses += [self._look_part(rule) for rule in self._writer.lasting.rules.values()]
        refuse_counts(self._pack, self._state.counts.values())
        return parts, misses

    def _kept(self) -> list[Kept]:
        """Return what is kept of what rules have made: duties, and what later facts may take back."""
        writer = self._writer
        return [*writer.duties.values(), *writer.untied.acts.values(), *writer.excuses.made.values()]

    def _missed(self) -> list[Kept]:
        return [duty for duty in self._writer.duties.values() if timed(duty.rule)]

    def _untied(self) -> list[Rule]:
        return [duty.rule for duty in self._writer.duties.values() if is_untied(self._pack, duty.rule)]

    # --- what there is ----------------------------------------------------------------------------------------------

    def _types(self) -> list[str]:
        """Return the event types that have a handler, in the pack's order."""
        found = self.read() | DECIDING | self._declared("events")
        return [name for name in self._pack.events if name in found]

    def read(self) -> set[str]:
        """Return the event types that a rule, a record or a count of these rules reads."""
        patterns = [one for rule in self._rules for one in (*rule.when, *rule.until, *rule.waived_by, *rule.excused_by)]
        for rule in self._rules:
            if rule.gap is not None:
                patterns += happenings(self._pack.records[str(rule.about)])
            elif rule.about is not None:
                self._state.use(rule.about)
        patterns += [one for use in self._state.records.values() for one in happenings(use.record)]
        patterns += [one for count in self._state.counts.values() for one in count.of]
        patterns += [one for name in self._state.spells for one in happenings(self._pack.records[name])]
        patterns += [one for indexed in self._state.indexed.values() for one in indexed.record.opens]
        found = {name for one in patterns if one.kind is FactKind.EVENT for name in one.names}
        return found | {sought.event for sought in self._state.sought.values()}

    def _declared(self, *path: str) -> set[str]:
        """Return the names that the pack's own document has at a place, beside what it takes from the vocabulary."""
        node: Node | None = self._pack.document
        for step in path:
            node = node.get(step) if isinstance(node, MapNode) else None
        return {key.text for key, _value in node.entries} if isinstance(node, MapNode) else set()

    def _read_of(self, part: Part) -> set[str]:
        """Return the fields to decode at once: those that handlers of a type look at, and the pack's own."""
        event, body = part.view.event, part.body
        found = {spec.name for spec in event.fields.values() if reads(body, own(event, spec.name))}
        found |= self._kept_of(part)
        own_fields = self._declared("events", event.name, "fields") | {person_of(event)}
        found |= {name for name in own_fields & event.fields.keys() if event.fields[name].type in JSON_TYPES}
        return found & event.fields.keys()

    def _kept_of(self, part: Part) -> set[str]:
        """Return the fields of an event that stay with the obligations which it opens."""
        body = part.body
        return {name for one in self._kept() if one.is_made(body) for name in one.fields}

    # --- sections ---------------------------------------------------------------------------------------------------

    def _event_part(self, name: str) -> Part:
        event = self._pack.events[name]
        part = Part(named("on", name), _event_view(self._pack, event))
        self._state.section = part.section
        self._note_breaches(part)
        self._records.write(part, event)
        self._writer.begin(part, self._rules)
        facts = self._deeming.write(part, self._rules)
        part.rules.knows(part.facts)
        for one in facts:
            self._counted(one)
            self._writer.note_needed(one)
            self._writer.periodic.on_event(one)
            self._gaps.on_event(one)
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
        return part

    def _apply(self, one: Part, rule: Rule) -> None:
        """Write what an event or a deemed fact is to a rule."""
        if rule.id in self._writer.duties:
            self._writer.on_acts(one, rule)
        self._writer.excuses.on_excuses(one, rule, rests=self._rests_on(rule))
        if rule.whenever is not None:
            self._writer.lasting.on_event(one, rule)
        if rule.counts_as is None:
            self._react(one, rule, one.view.event.name)

    def _counted(self, part: Part) -> None:
        """Write which counts an event or a deemed fact is a member of."""
        with part.under_flag(part.rules):
            for count in list(self._state.counts.values()):
                for pattern in count.of:
                    if pattern.kind is FactKind.EVENT and part.view.event.name in pattern.names:
                        self._writer.breaches.member(part.rules, count.name, pattern, part.view)

    def _react(self, part: Part, rule: Rule, event: str | None) -> None:
        for pattern in rule.when:
            if pattern.kind is FactKind.EVENT and event in pattern.names:
                self._writer.on_event(part, rule, pattern)
            elif pattern.kind is FactKind.FULFILMENT and part.flag is None and pattern.names[0] in part.fulfilled:
                self._writer.on_fulfilment(part, rule, pattern, pattern.names[0])
            elif pattern.kind is FactKind.BREACH and part.flag is None:
                for broken in pattern.names:
                    if broken in part.breaches and _may_break(part, broken):
                        self._writer.on_breach(part, rule, pattern, broken)

    def _rests_on(self, rule: Rule) -> bool:
        """Tell whether other rules or counts read what a rule makes."""
        patterns = [one for other in self._rules for one in (*other.when, *other.until, *other.waived_by)]
        patterns += [one for count in self._state.counts.values() for one in count.of]
        return any(one.kind is not FactKind.EVENT and rule.id in one.names for one in patterns)

    def _miss_part(self, duty: Kept) -> Part:
        part = Part(named("miss", duty.rule.id), self._writer.duty_view(duty))
        self._state.section = part.section
        self._note_breaches(part)
        self._writer.on_miss(part, duty.rule)
        for rule in self._rules:
            self._react(part, rule, None)
        return part

    def _gap_part(self, rule: Rule) -> Part:
        part = Part(named("miss", rule.id), self._gaps.view(rule))
        self._state.section = part.section
        self._note_breaches(part)
        self._gaps.miss(part, rule)
        for other in self._rules:
            self._react(part, other, None)
        self._gaps.again(part, rule)
        return part

    def _round_part(self, rule: Rule) -> Part:
        part = Part(named("miss", rule.id), self._writer.periodic.view(rule))
        self._state.section = part.section
        self._note_breaches(part)
        self._writer.periodic.miss(part, rule)
        for other in self._rules:
            self._react(part, other, None)
        return part

    def _look_part(self, rule: Rule) -> Part:
        if self._rests_on(rule):
            raise NotStreamable("it lasts while a condition holds, and others rest on it")
        part = self._writer.lasting.look(rule)
        self._state.section = part.section
        self._writer.lasting.write(part, rule)
        return part

    def _note_breaches(self, part: Part) -> None:
        for rule in self._rules:
            if rule.kind in (Kind.OBLIGATION, Kind.PROHIBITION):
                part.breaches[rule.id] = Happened(named("broken", rule.id), part.view)

    # --- the module -------------------------------------------------------------------------------------------------

    def _module(self, parts: list[Part], misses: list[Part]) -> str:
        functions, slots = self._functions(parts, misses)
        out = Writer()
        out(f'"""`{self._pack.name}` as a program: written by `dutyrules compile`, not by hand."""')
        out.all(IMPORTS)
        days = self._days(functions)
        self._imports(out, parts, functions)
        named_there = imported("\n".join([*days, *(line for lines in functions for line in lines)]))
        if named_there:
            out(f"from dutyrules.compiler.day_tables import {', '.join(named_there)}")
        for part in parts:
            event_class(out, part.view.event, self._read_of(part))
        with out.spaced("def types():"):
            out('"""Return the classes of events by type, with the fields that rules read."""')
            out(f"return {{{_by_type(parts, 'Event')}}}")
        with out.spaced("def all_types(clock):"):
            out('"""Return the classes with all fields, and what looks at those fields that rules do not read."""')
            out("checks = {}")
            for part in parts:
                full_class(out, part.view.event, self._read_of(part))
            out("")
            out(f"return {{{_by_type(parts, 'All')}}}, checks")
        for name, mine in slots.items():
            with out.spaced(f"class {name}(Struct, gc=False):"):
                for slot in mine:
                    out(f"{slot}: object")
                out.fill()
        self._instants(out, parts)
        if days:
            out("")
            out.all("\n".join(calendar_lines(self._pack)))
        self._build(out, parts, misses, functions, days)
        return "\n".join(out.lines) + "\n"

    def _imports(self, out: Writer, parts: list[Part], functions: list[list[str]]) -> None:
        """Write what only some programs need."""
        lines = "\n".join(line for one in functions for line in one)
        if self._untied():
            out("from dutyrules.compiler.forgetting import Early, Missed, Wanted")
            out("from dutyrules.compiler.stream import HOLE, remember, take_back")
        if self._state.lists:
            out("from dutyrules.compiler.forgetting import Listed, Lists")
        if self._writer.excuses.made:
            out("from dutyrules.compiler.forgetting import Standing")
            out("from dutyrules.compiler.stream import HOLE, take_back")
        if self._writer.excuses.made or self._untied() or any(duty.by for duty in self._writer.duties.values()):
            out("from dutyrules.compiler.stream import left")
        if any(part.view.event.fields[name].type in FIGURES for part in parts for name in self._read_of(part)):
            out("from dutyrules.compiler.figures import Figure, figure")
        if "let_go(" in lines:
            out("from dutyrules.compiler.forgetting import let_go")
        if "still(" in lines:
            out("from dutyrules.compiler.forgetting import still")
        if "Decimal(" in lines:
            out("from decimal import Decimal")
        self._import_for_rules(out)

    def _import_for_rules(self, out: Writer) -> None:
        """Write what is imported for those who look back, and for periods and gaps."""
        if self._state.gaps:
            out("from dutyrules.compiler.stretches import Stretches")
        if self._state.periods:
            out("from dutyrules.compiler.rounds import Round, Rounds, Spells")
        if self._state.sought or self._state.indexed:
            out("from dutyrules.compiler.earlier import Earlier, lacked")

    def _days(self, functions: list[list[str]]) -> list[str]:
        """Return the lines that make the tables of days, none where no function asks them."""
        asked = any(NEEDS_DAYS.search(line) for lines in functions for line in lines)
        return days_made(self._state.reckoners) if asked else []

    def _functions(self, parts: list[Part], misses: list[Part]) -> tuple[list[list[str]], Slots]:
        """Return the handlers and what is done about misses, and the slots of what they keep."""
        heads = [head(part, self._read_of(part), self._body(part)) for part in parts]
        written = [
            *(self._function(part, f"def {part.name}(e, t, x):", one) for part, one in zip(parts, heads, strict=True)),
            *(self._function(part, f"def {part.name}(o, x):", ["c = o.cause"]) for part in misses),
            *(self._function(part, f"def {part.name}(t, x):", ["c = ''"]) for part in self._begins),
        ]
        records = self._state.records.values()
        functions = [one for one in written if one]
        slots: Slots = {
            use.class_name: ("name", "tail", *map(field_slot, use.fields), *use.links, *use.slots) for use in records
        }
        slots |= {one.class_name: one.slots for one in self._kept()}
        owed = dict(slots_of(rule) for rule in self._writer.periodic.rules.values())
        owed |= {class_of(rule): SLOTS for rule in self._gaps.rules.values()}
        slots |= {look_class(rule): LOOK_SLOTS for rule in self._writer.lasting.rules.values()}
        return pruned(functions, slots | owed, READ_ELSEWHERE | {slot for mine in owed.values() for slot in mine})

    def _instants(self, out: Writer, parts: list[Part]) -> None:
        """Write what tells whether events of one instant leave each other alone."""
        events = [part.view.event for part in parts]
        persons = {one.name: attribute(person_of(one)) if person_of(one) in one.fields else None for one in events}
        out("")
        out("")
        out(f"LOCAL = {is_local(self._state)}")
        out(f"PERSONS = {persons!r}")
        for name, marks in zip(("LEAVES", "MEETS"), meetings(parts), strict=True):
            with out.under(f"{name} = {{"):
                for kind, mine in marks.items():
                    out(f"{kind!r}: {tuple(mine)!r},")
            out("}")

    def _build(
        self, out: Writer, parts: list[Part], misses: list[Part], functions: list[list[str]], days: list[str]
    ) -> None:
        with out.spaced("def build(clock, out, types):"):
            out("hours, seconds, iso = clock.hours, clock.seconds, clock.iso")
            for line in days:
                out(line)
            for use in self._state.records.values():
                out(f"{use.table} = {{}}")
                if kept_for(self._pack, use.record.name) is not None:
                    out(f"{gone(use)} = Gone()")
            self._tables(out)
            out.all(STATE.strip("\n"))
            for lines in functions:
                out("")
                for line in lines:
                    out(line)
            self._dispatch(out, parts, misses)
            sweeper = self._sweeper()
            turns = bool(self._periods() or sweeper)
            settles, felt = "[wanted_" in sweeper, len(self._felt()) < len(misses)
            looks = bool(self._writer.lasting.rules)
            out.all(loop(periods=turns, settles=settles, felt=felt, rounds=self._state.periods, looks=looks))

    def _felt(self) -> list[str]:
        """Return the classes of duties of which a miss may be seen by events of its instant."""
        found = [duty.class_name for duty in self._missed() if self._rests_on(duty.rule)]
        found += [slots_of(one)[0] for one in self._writer.periodic.rules.values() if self._rests_on(one)]
        return found + [class_of(one) for one in self._gaps.rules.values() if self._rests_on(one)]

    def _tables(self, out: Writer) -> None:
        """Write what holds counts, duties and acts."""
        for listed in self._state.lists.values():
            out(f"{listed} = Listed()")
        for count in self._state.counts.values():
            out(f"{named('count', count.name)} = {{}}")
        for duty in self._writer.duties.values():
            for names in duty.by:
                out(f"{table_by(duty.rule, names)} = {{}}")
        for rule in self._untied():
            out(f"{table(rule)} = {{}}")
            if rule.one_act == "oldest":
                out(f"{wanted(rule)} = Wanted({remembers(self._pack, rule) or 0})")
        for act in self._writer.untied.acts.values():
            out(f"{acts_table(act.rule)} = {{}}")
        for one in self._writer.excuses.made.values():
            out(f"{table(one.rule)} = {{}}")
        self._looking(out)

    def _looking(self, out: Writer) -> None:
        """Write what is remembered for those who look back, and for the periods."""
        for name in self._state.spells:
            out(f"{spells(self._pack.records[name])} = Spells({name!r})")
        for name, indexed in self._state.indexed.items():
            out(f"{name} = Earlier({kept_for(self._pack, indexed.record.name)})")
        for rule in self._writer.periodic.rules.values():
            out(f"{rounds(rule)} = {made(self._pack, rule)}")
        for rule in self._gaps.rules.values():
            out(f"{stretches(rule)} = Stretches({rule.id!r})")
        for name, sought in self._state.sought.items():
            out(f"{name} = Earlier({remembered(self._pack, sought.event)})")

    def _function(self, part: Part, signature: str, begin: list[str]) -> list[str]:
        if not part.facts.lines and not part.rules.lines:
            return []
        used = "\n".join(part.rules.lines)
        flags = [one.flag for one in part.breaches.values()]
        idle = {f"{flag} = True" for flag in flags if f"if {flag}:" not in used}
        whole = Writer()
        with whole.under(signature):
            whole.all("\n".join([*begin, *map(_left, part.facts.lines)]))
            for place, name in part.section.lookups.items():
                if name not in part.section.written:
                    whole(f"{name} = {place}")
                    looked_up(whole, self._state, place, name)
            for flag in flags:
                if f"{flag} = True" not in idle:
                    whole(f"{flag} = False")
            for line in part.rules.lines:
                if line.strip() not in idle:
                    whole(_left(self._retained(line, part)))
        return simplified(whole.lines)

    def _body(self, part: Part) -> str:
        """Return the lines of a part with what its duties keep of their triggers."""
        return "\n".join(self._retained(line, part) for line in part.body.splitlines())

    def _retained(self, line: str, part: Part) -> str:
        """Fill in what a duty keeps of its trigger."""
        for one in self._kept():
            line = one.filled(line, part) if one.is_made(line) else line
        return line

    def _dispatch(self, out: Writer, parts: list[Part], misses: list[Part]) -> None:
        out("")
        idle = {part.name for part in parts if not part.facts.lines and not part.rules.lines}
        with out.under("handlers = {"):
            for part in parts:
                out(f"types[{part.view.event.name!r}]: {'idle' if part.name in idle else part.name},")
        out("}")
        duties = [part for part in misses if part.view.event is not NOTHING]
        pairs = ", ".join(f"{_waits_as(part)}: {part.name}" for part in duties)
        rules = self._writer.periodic.rules.values()
        gaps = [f"{class_of(rule)}: {named('miss', rule.id)}" for rule in self._gaps.rules.values()]
        pairs = ", ".join([*([pairs] if pairs else []), *_missed_rounds(rules), *gaps])
        out(f"misses = {{{pairs}}}")
        if rules:
            begins = ", ".join(f"({rounds(rule)}, {named('begin', rule.id)}, {owe(rule)})" for rule in rules)
            out(f"rounds = Rounds(clock, [{begins}])")
        felt = self._felt()
        if len(felt) < len(misses):
            out(f"felt = frozenset(({''.join(f'{name}, ' for name in felt)}))")
        looks = "".join(f"{look_class(rule)}, " for rule in self._writer.lasting.rules.values())
        if looks:
            out(f"looks = frozenset(({looks}))")
        counted = self._periods()
        sweeper = self._sweeper()
        if sweeper:
            out(f"sweeper = {sweeper}")
            counted.setdefault("month", [])
        if counted:
            pairs = ", ".join(f"{kind!r}: [{', '.join(tables)}]" for kind, tables in counted.items())
            out(f"periods = clock.periods({{{pairs}}}{', sweeper' if sweeper else ''})")
            out("turn = periods.next")

    def _sweeper(self) -> str:
        standing = [made.rule for made in self._writer.excuses.made.values()]
        standing += self._untied()
        return sweeping(self._state, self._writer.duties, standing)

    def _periods(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for count in self._state.counts.values():
            if count.window in (WindowKind.DAY, WindowKind.MONTH, WindowKind.YEAR):
                found.setdefault(count.window.value, []).append(named("count", count.name))
        return found


def _missed_rounds(rules: Iterable[Rule]) -> list[str]:
    return [f"{slots_of(rule)[0]}: {named('miss', rule.id)}" for rule in rules if not rule.promptly]


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


def _waits_as(part: Part) -> str:
    """Return the class of what waits for a function: a duty for its miss, a look for its instant."""
    kind, _, rule = part.name.partition("_")
    return f"{'Look' if kind == 'look' else 'Duty'}_{rule}"


def _may_break(part: Part, broken: str) -> bool:
    """Tell whether a rule can have been broken earlier in this section."""
    return any(line.strip() == f"{part.breaches[broken].flag} = True" for line in part.rules.lines)


def _by_type(parts: list[Part], prefix: str) -> str:
    names = [part.view.event.name for part in parts]
    return ", ".join(f"{name!r}: {named(prefix, name)}" for name in names)


def _left(line: str) -> str:
    """Return a line of a part, whose lines stand two steps in, as one that stands at the margin."""
    return line.removeprefix("        ")
