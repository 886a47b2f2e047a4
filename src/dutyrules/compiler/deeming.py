"""Facts that count as others: what an event is taken for is written into the handler of that event.

A deemed fact happens at the instant of the event behind it. Its records are written after those of the event and before
any rule of either looks; rules, counts and acts then see both, each rule one of them only. What this cannot do is
refused: that one rule or count reads both, for which of them comes first rests on their ids; or that a condition reads
what the deemed fact changes.
"""

from __future__ import annotations

import re
from contextlib import ExitStack
from typing import TYPE_CHECKING, Final

import attrs

from dutyrules.compiler.fulfilments import refuse_breaking, refuse_early
from dutyrules.compiler.incoming import person_of, reads
from dutyrules.compiler.locality import is_simple
from dutyrules.compiler.retaining import looked_up
from dutyrules.compiler.state import dates_of, happenings, keyed
from dutyrules.compiler.views import Code, MatterView, NotStreamable, View, named
from dutyrules.policies.syntax import FactKind, Literal
from dutyrules.runtime.analysis import analysis_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dutyrules.compiler.keeping import RecordWriter
    from dutyrules.compiler.rules import RuleWriter
    from dutyrules.compiler.sections import Part
    from dutyrules.compiler.state import RecordUse, State
    from dutyrules.policies.model import EventType, Pack, Rule
    from dutyrules.policies.syntax import Pattern

DECIDING: Final = frozenset({"finding", "ruling"})
"""Events by which people decide what rules leave open."""


@attrs.define
class Deemed:
    """What an event may count as: the type, the name of its flag, which variables begin with, and what it rests on.

    `chain` are the rules that may make it; `fields` those of its fields that somebody reads; `texts` what is put into
    the variable of each; `named` holds something where a text rests on its id.
    """

    event: EventType
    flag: str
    fields: dict[str, None]
    named: dict[str, None]
    chain: dict[str, None] = attrs.field(factory=dict)
    texts: dict[str, set[str]] = attrs.field(factory=dict)
    part: Part | None = None

    def read(self, name: str) -> str:
        """Return the variable of a field."""
        self.fields[name] = None
        return named(self.flag, name)

    @property
    def bearer(self) -> str:
        """Return the variable that says whose fact it is."""
        person = person_of(self.event)
        return self.read(person) if person in self.event.fields else f"{self.flag}_bearer"


class Deeming:
    """Writes what events count as; `careful`: texts may hold what an id must escape, as that of a deemed fact does."""

    def __init__(self, state: State, rules: RuleWriter, records: RecordWriter, *, careful: bool) -> None:
        self._state = state
        self._rules = rules
        self._records = records
        self._careful = careful
        self._slots: list[Deemed] = []

    def end(self, part: Part) -> None:
        """Note which ids of deemed facts a section reads, now that it has been written."""
        for slot in self._slots:
            if reads(part.body, f"{slot.flag}_name"):
                slot.named["id"] = None

    def write(self, part: Part, rules: Iterable[Rule]) -> list[Part]:
        """Write what an event counts as; return the event and each deemed fact as a part of the same section."""
        rules = list(rules)
        self._slots = []
        deeming = in_order([rule for rule in rules if rule.counts_as is not None])
        found: dict[str, Deemed] = {}
        parts = [part]
        read: set[str] = set()
        for position, rule in enumerate(deeming):
            for one in parts:
                for pattern in rule.when:
                    if pattern.kind is FactKind.EVENT and one.view.event.name in pattern.names:
                        slot = self._slot(part, one, rule, found)
                        if slot is not None:
                            read |= self._one(one, slot, rule, pattern)
            slot = found.get(str(rule.counts_as))
            last = all(later.counts_as != rule.counts_as for later in deeming[position + 1 :])
            if slot is not None and last:
                parts.append(self._facts(part, slot, parts, read))
        self._slots = list(found.values())
        self._refuse_later(deeming, parts)
        if len(parts) > 1:
            self._refuse_both(rules, parts)
        return parts

    def late(self, part: Part, rules: Iterable[Rule], parts: list[Part]) -> list[Part]:
        """Write what the fulfilments of a section count as, after all else; `parts`: what its event counts as."""
        rules, before = list(rules), part.body
        last = attrs.evolve(part, facts=part.rules)  # lines of facts, where those of rules have been written
        found: dict[str, Deemed] = {}
        sources: dict[str, set[str]] = {}
        read: set[str] = set()
        for rule in rules:
            for pattern in rule.when:
                if rule.counts_as is None or pattern.kind is not FactKind.FULFILMENT:
                    continue
                for name in [one for one in pattern.names if one in part.fulfilled]:
                    one, cause = self._rules.fulfilment(last, name)
                    if one.view.event.name == rule.counts_as:
                        raise NotStreamable("what it counts as may count as the same again")
                    slot = self._slot(last, one, rule, found)
                    if slot is not None:
                        read |= self._one(one, slot, rule, pattern)
                        sources.setdefault(slot.flag, set()).add(cause)
        if not found:
            return []
        refuse_breaking(rules, {*found})
        known = set(part.section.written)
        made = []
        for slot in found.values():
            if len(sources[slot.flag]) > 1:
                raise NotStreamable("several fulfilments count as one fact")
            made.append(self._facts(last, slot, parts, read, (*sources[slot.flag], "c")))
        part.section.late |= part.section.written - known
        self._slots += found.values()
        self._refuse_both(rules, [*parts, *made])
        tables = [use.table for slot in found.values() for use in self._touched(slot.event)]
        refuse_early(before, [*tables, *self._counting({*found})])
        return made

    def _counting(self, names: set[str]) -> list[str]:
        """Return the tables of counts of which such facts are members."""
        return [
            named("count", count.name)
            for count in self._state.counts.values()
            if any(one.kind is FactKind.EVENT and not names.isdisjoint(one.names) for one in count.of)
        ]

    # --- what makes it -----------------------------------------------------------------------------------------------

    def _slot(self, part: Part, one: Part, rule: Rule, found: dict[str, Deemed]) -> Deemed | None:
        """Return the deemed fact that a rule makes, None where it is what this rule has made itself."""
        name = str(rule.counts_as)
        mine = found.get(one.view.event.name) if one is not part else None
        if mine is not None and rule.id in mine.chain:
            if len(mine.chain) > 1:
                raise NotStreamable("what it counts as may count as the same again")
            return None
        if name in DECIDING:
            raise NotStreamable(f"it counts as a {name}")
        slot = found.get(name)
        if slot is None:
            place = f"{part.view.event.name} as {name}"
            flag = f"w{len(self._slots) + len(found) + 1}"
            fields, named_too = (self._state.deemed.setdefault(one, {}) for one in (place, f"id of {place}"))
            slot = found[name] = Deemed(self._state.pack.events[name], flag, fields, named_too)
            part.facts(f"{flag} = False")
            for each in self._variables(slot):
                part.facts(f"{each} = None")
        elif slot.part is not None:
            raise NotStreamable("what it counts as may count as the same again")
        slot.chain[rule.id] = None
        slot.chain |= {} if mine is None else mine.chain
        return slot

    def _variables(self, slot: Deemed) -> list[str]:
        own = [] if person_of(slot.event) in slot.event.fields else [f"{slot.flag}_bearer"]
        own += [f"{slot.flag}_name"] if slot.named else []
        return [f"{slot.flag}_id", *own, *(named(slot.flag, one) for one in slot.fields)]

    def _one(self, one: Part, slot: Deemed, rule: Rule, pattern: Pattern) -> set[str]:
        """Write when one rule makes the deemed fact, and of what; return the tables that this looks into."""
        if pattern.first:
            raise NotStreamable("it is about the first event of a matter")
        if rule.who:
            raise NotStreamable("what it counts as has bearers of its own")
        out, view = one.facts, one.view
        where = None if pattern.where is None else self._rules.where(pattern, view)
        if rule.about is not None:
            view = self._about(rule.about, view)
        test = self._rules.asked(rule, view)
        values = {name: self._value(rule, slot, name, view) for name in list(slot.fields)}
        texts = [code.text for code in (where, test, *values.values()) if code is not None]
        texts += [view.matter.variable] if view.matter is not None else []
        tables = self._look_up(one, texts, keyed([*values.values()]).text)
        depth = out.depth
        with ExitStack() as under:
            flag = "" if one.flag is None else f"{one.flag} and "
            under.enter_context(out.under(f"if {flag}{rule.id + '/'!r} not in {_id_of(one)}:"))
            if view.matter is not None:
                under.enter_context(out.under(f"if {view.matter.variable} is not None:"))
            for code in (where, test):
                if code is not None:
                    asked = self._rules.conditions(rule, view, pattern if code is where else None)
                    self._rules.doubts.branch(one, out, rule, view, code.maybe, asked)
                under.enter_context(out.when(code))
            with out.under(f"if {slot.flag}:"):
                out(f"raise Unsure({rule.id!r}, c)")
            out(f"{slot.flag} = True")
            out(f"{slot.flag}_id = {rule.id + '/'!r} + {_id_of(one)}")
            if slot.named:
                out(f"{slot.flag}_name = {f'{slot.flag}_id' if self._careful else f'with_care({slot.flag}_id)'}")
            for name, code in values.items():
                out(f"{named(slot.flag, name)} = {code.text}")
                slot.texts.setdefault(named(slot.flag, name), set()).add(code.text)
            if f"{slot.flag}_bearer" in self._variables(slot):
                out(f"{slot.flag}_bearer = {self._default_bearer(view)}")
        out.depth = depth
        return tables

    def _about(self, name: str, view: View) -> View:
        if view.matter is not None and view.matter.record.name == name:
            return view
        record = self._state.use(name).record
        key = [self._rules.say.bare(field, view) for field in record.key]
        return attrs.evolve(view, matter=MatterView(record, self._state.found(record, key)))

    def _default_bearer(self, view: View) -> str:
        if view.matter is not None and "person" in view.matter.record.key:
            raise NotStreamable("whose fact it is, is worked out")
        return view.person

    def _value(self, rule: Rule, slot: Deemed, name: str, view: View) -> Code:
        """Return what a field of the deemed fact is: as the rule says where that is known, else as its type has it."""
        spec = slot.event.fields[name]
        default = repr(spec.default) if spec.has_default and spec.default is not None else "None"
        if name not in rule.with_:
            return Code(default)
        expr = rule.with_[name]
        if expr is None:
            return Code(f"{slot.flag}_name")
        code = self._rules.say.write(expr.tree, view)
        if code.maybe in ((), (code.text,)) and (not code.maybe or default == "None"):
            return code
        known = " and ".join(f"{one} is not None" for one in code.maybe)
        return Code(f"({code.text} if {known} else {default})")

    def _look_up(self, one: Part, texts: list[str], more: str) -> set[str]:
        """Write the look-ups that some texts rest on, since those of the section come after all facts."""
        lookups = one.section.lookups
        places = {name: place for place, name in lookups.items()}
        waiting = set(re.findall(r"\br\d+\b", " ".join([*texts, more]))) & places.keys()
        needed: set[str] = set()
        while waiting:
            name = waiting.pop()
            needed.add(name)
            waiting |= set(re.findall(r"\br\d+\b", places[name])) & places.keys() - needed
        for place, name in lookups.items():
            if name in needed and name not in one.section.written:
                one.facts(f"{name} = {place}")
                looked_up(one.facts, self._state, place, name)
        if re.search(r"\b(?:count|need)_", " ".join([*texts, more])):
            raise NotStreamable("whether it counts as another rests on a count, or on what has been there before")
        tables = {place.partition(".get(")[0] for place, name in lookups.items() if name in needed}
        return tables | set(re.findall(r"records_\w+", " ".join(texts)))

    # --- what it does ------------------------------------------------------------------------------------------------

    def _facts(
        self, part: Part, slot: Deemed, parts: list[Part], read: set[str], causes: tuple[str, ...] = ("c",)
    ) -> Part:
        """Write what a deemed fact does to records, and return it as a part of the section."""
        own = f"{slot.flag}_name"
        self._state.borne_by_others = True  # whose it is the rule says
        view = View(
            slot.event,
            slot.read,
            time="t",
            clock="x",
            person=slot.bearer,
            matter_id=f"event:{{{own}}}",
            causes=causes,
            root=own,
            dates=dates_of(self._state.pack, slot.event),
        )
        made = slot.part = attrs.evolve(part, view=view, flag=slot.flag)
        for name, texts in slot.texts.items():  # a key is compared with others by the event's own fields
            known = {part.section.aliases.get(text, text) for text in texts}
            if len(known) == 1 and is_simple(*known):
                part.section.aliases[name] = next(iter(known))
        touched = {use.table for use in self._touched(slot.event)}
        if touched & read:
            raise NotStreamable("what counts as another changes what that rests on")
        with made.under_flag(part.facts):
            for other in parts:
                self._refuse_same(made, other)
            self._records.write(made, slot.event)
        return made

    def _touched(self, event: EventType) -> list[RecordUse]:
        return [
            use
            for use in self._state.records.values()
            if any(event.name in one.names for one in happenings(use.record))
        ]

    def _refuse_same(self, made: Part, other: Part) -> None:
        """Leave it to the engine where both do something to one record: what comes first rests on their ids."""
        mine = self._touched(made.view.event)
        for use in self._touched(other.view.event):
            if use in mine:
                keys = [
                    keyed([self._rules.say.bare(name, one.view) for name in use.record.key]).text
                    for one in (made, other)
                ]
                guard = "" if other.flag is None else f"{other.flag} and "
                with made.facts.under(f"if {guard}{keys[0]} == {keys[1]}:"):
                    made.facts(f"raise Unsure({use.record.name!r}, c)")

    # --- refusals ----------------------------------------------------------------------------------------------------

    def _refuse_later(self, deeming: list[Rule], parts: list[Part]) -> None:
        """Refuse rules that a deemed fact sets off which a later rule makes."""
        for position, rule in enumerate(deeming):
            for later in deeming[position + 1 :]:
                if any(later.counts_as in pattern.names for pattern in rule.when) and any(
                    one.flag is not None and one.view.event.name == later.counts_as for one in parts
                ):
                    raise NotStreamable("what counts as another is told in no fixed order")

    def _refuse_both(self, rules: list[Rule], parts: list[Part]) -> None:
        """Refuse rules and counts that read more than one of an event and what it counts as."""
        names = [one.view.event.name for one in parts]
        for rule in rules:
            if rule.counts_as is None:
                self._refuse_two((*rule.when, *rule.until, *rule.waived_by), names)
        for count in self._state.counts.values():
            self._refuse_two(count.of, names)

    def _refuse_two(self, patterns: Iterable[Pattern], names: list[str]) -> None:
        read = {name for one in patterns if one.kind is FactKind.EVENT for name in one.names}
        if sum(name in read for name in names) > 1:
            raise NotStreamable("an event and what it counts as are read side by side")


def _id_of(one: Part) -> str:
    """Return the variable that holds the id of an event or a deemed fact."""
    return "c" if one.flag is None else f"{one.flag}_id"


def in_order(rules: list[Rule]) -> list[Rule]:
    """Return rules that make facts, each after those whose facts set it off, as far as they do not go round."""
    found: dict[str, Rule] = {}
    seen: set[str] = set()

    def add(rule: Rule) -> None:
        if rule.id in seen:
            return
        seen.add(rule.id)
        for other in rules:
            if any(other.counts_as in pattern.names for pattern in rule.when):
                add(other)
        found[rule.id] = rule

    for rule in rules:
        add(rule)
    return list(found.values())


def deemers(pack: Pack, events: set[str], rules: Iterable[Rule]) -> list[str]:
    """Return the rules that make one fact count as an event of some types, or as a finding about some rules."""
    findings = analysis_of(pack).findings
    observed = {rule.id for rule in rules if findings.rule(pack.prefix + rule.id) is rule}
    return [
        rule.id
        for rule in pack.rules.values()
        if rule.counts_as in events or (rule.counts_as == "finding" and _finds(pack, rule, observed))
    ]


def _finds(pack: Pack, rule: Rule, observed: set[str]) -> bool:
    """Tell whether what counts as a finding may name one of some rules."""
    code = rule.with_.get("code")
    if code is not None and isinstance(code.tree, Literal):
        return str(code.tree.value).removeprefix(pack.prefix) in observed
    return bool(observed)
