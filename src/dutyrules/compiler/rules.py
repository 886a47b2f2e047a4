"""One rule in one section of a program: what sets it off, what it asks, what it makes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import attrs

from dutyrules.compiler.breaches import Breaches
from dutyrules.compiler.consequences import Consequences
from dutyrules.compiler.early import seconds_before
from dutyrules.compiler.expressions import Translator
from dutyrules.compiler.fulfilments import Fulfilments, flag
from dutyrules.compiler.needs import Needs
from dutyrules.compiler.obligations import Duty, Obligations, matter_body, matter_of
from dutyrules.compiler.outcomes import quoted
from dutyrules.compiler.periodic import Periodic, is_periodic
from dutyrules.compiler.starts import refuse_start
from dutyrules.compiler.state import named
from dutyrules.compiler.untied import Untied
from dutyrules.compiler.views import Code, MatterView, NotStreamable, View, joined
from dutyrules.policies.model import Kind, Rule
from dutyrules.policies.syntax import FactKind
from dutyrules.runtime.analysis import analysis_of
from dutyrules.runtime.intake import ROSTER_FIELDS
from dutyrules.runtime.triggers import set_off

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from dutyrules.compiler.layouts import Piece
    from dutyrules.compiler.outcomes import Outcomes
    from dutyrules.compiler.sections import Part, Writer
    from dutyrules.compiler.state import State
    from dutyrules.policies.model import EventType, Pack
    from dutyrules.policies.syntax import Pattern

__all__ = ["SILENT", "Duty", "RuleWriter", "refuse"]

RESTS_ON_A_DAY: Final = re.compile(r"\[:(?:10|7)\]|\b(?:count_|Duty_|days\.|limit\d)")
"""What lines have in them that rest on the day of their event, or keep it for later."""
SILENT: Final = frozenset({Kind.ADVICE, Kind.SCHEDULE, Kind.PROCEDURE, Kind.VALUE, Kind.PERMISSION})
"""Kinds of which no outcome comes by themselves."""

BEYOND: Final[Mapping[str, str]] = {
    "whenever": "it lasts while a condition holds",
    "asked_by": "it is asked about",
    "until_all": "it needs several acts",
    "moved_by": "its deadline can be moved",
    "paused_by": "its clock can be paused",
    "excused_by": "it can be excused later",
    "soft": "its limit is soft",
    "once_per": "it comes once in a while",
    "postponed_while": "its right can be postponed",
    "voids": "it makes events void",
    "marginal": "its tiers are marginal",
    "of": "it compares outcomes",
}


def refuse(rule: Rule, state: State, *, carries_all: bool) -> None:
    """Refuse a rule that a single pass cannot apply, by what is written in it."""
    for name, reason in BEYOND.items():
        if getattr(rule, name):
            raise NotStreamable(reason)
    if rule.relies_on and not carries_all:
        raise NotStreamable("it rests on silence")
    refuse_start(rule, state.pack)
    if not is_periodic(rule) and (rule.at_least != 1 or rule.distinct):
        raise NotStreamable("it needs several acts")
    asks = rule.kind in (Kind.CHOICE, Kind.APPROVAL, Kind.ELIGIBILITY, Kind.DEFINITION)
    if asks and rule.when and not rule.counts_as:
        raise NotStreamable(f"it is of the kind `{rule.kind.value}`")
    if rule.in_force.since or rule.in_force.until or state.pack.in_force.since or state.pack.in_force.until:
        raise NotStreamable("it is in force for a time only")
    if rule.by is not None and rule.kind is not Kind.OBLIGATION:
        raise NotStreamable("it has a window")
    _refuse_triggers(rule)
    if rule.until and rule.when and rule.about is None:
        _refuse_untied(rule)


def _refuse_triggers(rule: Rule) -> None:
    names = [name for pattern in rule.when for name in pattern.names]
    if len(set(names)) < len(names):
        raise NotStreamable("one event sets it off in several ways")
    known = {FactKind.EVENT, FactKind.FULFILMENT}
    if not rule.counts_as:
        known.add(FactKind.BREACH)
    for pattern in rule.when:
        if pattern.kind not in known:
            raise NotStreamable(f"it reacts to a {pattern.kind.value}")
        if rule.until and pattern.kind is FactKind.BREACH:
            raise NotStreamable("a breach sets it off")


def _refuse_untied(rule: Rule) -> None:
    if rule.kind is not Kind.OBLIGATION:
        raise NotStreamable("its act is not tied to a record")
    if rule.within is not None or rule.by is not None:
        raise NotStreamable("its act is not tied to a record, and it has a limit")
    if rule.from_ is not None:
        seconds_before(rule)


class RuleWriter:
    """Writes rules into sections."""

    def __init__(self, state: State, outcomes: Outcomes, *, carries_all: bool) -> None:
        self.state = state
        self.say = Translator(state)
        self.made = Consequences(state, outcomes, self.say)
        self.breaches = Breaches(state, outcomes, self.say)
        self.fulfilments = Fulfilments(state, self.made)
        self._obligations = Obligations(
            state, self.say, self.made, self.breaches, self.fulfilments, carries_all=carries_all
        )
        self.duties = self._obligations.duties
        self._untied = Untied(state, self.say, self.made, self.duties)
        self._needs = Needs(state, self.say, self._way)
        self.periodic = Periodic(state, self.say, self.made, self.breaches)
        self.note_needed = self._needs.note
        self.on_miss = self._obligations.on_miss
        self.duty_view = self._obligations.duty_view

    def on_acts(self, part: Part, rule: Rule) -> None:
        """Write that the event of a part fulfils or waives an obligation."""
        patterns = [(one, False) for one in rule.until] + [(one, True) for one in rule.waived_by]
        for pattern, waives in patterns:
            if pattern.kind is not FactKind.EVENT:
                raise NotStreamable(f"a {pattern.kind.value} {'waives' if waives else 'fulfils'} it")
        mine = [one for one in patterns if part.view.event.name in one[0].names]
        if mine:
            (self._untied if rule.about is None else self._obligations).on_acts(part, rule, mine)

    def member(self, part: Part, out: Writer, name: str, pattern: Pattern, view: View) -> None:
        """Write that a fact is a member of a count."""
        del part
        self.breaches.member(out, name, pattern, view)

    def begin(self, part: Part, rules: Iterable[Rule]) -> None:
        """Write what an event brings with it whatever the rules say: its day, its duty, what it finds or decides."""
        rules = list(rules)
        event, out = part.view.event, part.rules
        for name in rostered(self.state.pack, event):
            with out.under(f"if {part.view.fields(name)} is None:"):
                out(f"raise Unsure({event.name!r}, c)")
        if event.name == "ruling" and any(asks_somebody(rule) for rule in rules):
            out("raise Unsure('ruling', c)")
        if event.name == "finding" and "code" in event.fields:
            self._found(part, rules)

    def end(self, part: Part) -> None:
        """Write that the engine is asked about an event that may have another day, where anything rests on its day."""
        event = part.view.event
        if not RESTS_ON_A_DAY.search(part.body):
            return
        for name in (one for one in dated_by(self.state.pack, event) if one not in rostered(self.state.pack, event)):
            with part.rules.under(f"if {part.view.fields(name)} is not None:"):
                part.rules(f"raise Unsure({event.name!r}, c)")

    def begin_deemed(self, part: Part) -> None:
        """Write that the engine is asked about a deemed fact that names another day than that of its instant."""
        for name in dated_by(self.state.pack, part.view.event):
            with part.facts.under(f"if {part.view.fields(name)} is not None:"):
                part.facts(f"raise Unsure({part.view.event.name!r}, c)")

    def _found(self, part: Part, rules: list[Rule]) -> None:
        """Write what is found broken: each rule that nothing but a finding sets off."""
        pack, out = self.state.pack, part.rules
        findings = analysis_of(pack).findings
        mine = {rule.id: rule for rule in rules if findings.rule(pack.prefix + rule.id) is rule and not set_off(rule)}
        others = sorted({one.id for one in pack.rules.values() if findings.rule(pack.prefix + one.id) is one} - {*mine})
        code = part.view.fields("code")
        about = part.view.fields("about") if "about" in part.view.event.fields else "None"
        part.facts(f"found = {part.view.person} or {about} or None")  # before any record is looked for
        with out.under(f"if {code} is not None:"):
            out(f"code = {code}.removeprefix({pack.prefix!r})")
            if others:
                with out.under(f"if code in {{{', '.join(map(repr, others))}}}:"):
                    out("raise Unsure('finding', c)")
            view = attrs.evolve(part.view, person="found")
            for rule in mine.values():
                with out.under(f"if code == {rule.id!r}:"):
                    if rule.about is not None:
                        out("raise Unsure('finding', c)")
                        continue
                    out.sure(("found",), rule.id)
                    test = self.asked(rule, view)
                    out.sure(() if test is None else test.maybe, rule.id)
                    with out.when(test):
                        if rule.kind in (Kind.OBLIGATION, Kind.PROHIBITION):
                            self.breaches.write(part, rule, view, lacking=self._lacking(part, rule, view))
                        else:
                            self._make(part, rule, view)

    # --- triggers --------------------------------------------------------------------------------------------------

    def on_event(self, part: Part, rule: Rule, pattern: Pattern) -> None:
        """Write what an event of the pattern's type sets off."""
        view, out = part.view, part.rules
        matter = None
        if rule.about is not None:
            record = self.state.use(rule.about).record
            matter = MatterView(record, matter_of(self.say, self.state, part.view, record))
            view = attrs.evolve(view, matter=matter, matter_id=matter_body(record, matter.variable))
        where = None if pattern.where is None else self.where(pattern, view)
        depth = out.depth
        if matter is not None:
            out(f"if {matter.variable} is not None:")
            out.depth += 1
        if where is not None:
            out.sure(where.maybe, rule.id)
            out(f"if {where.text}:")
            out.depth += 1
        if pattern.first:
            if matter is None:
                raise NotStreamable("it is about the first event of no record")
            slot = named("first", rule.id)
            self.state.use(matter.record.name).slots[slot] = "True"
            out(f"if {matter.variable}.{slot}:")
            out.depth += 1
            out(f"{matter.variable}.{slot} = False")
        again = matter is not None and not pattern.first and not (rule.kind is Kind.OBLIGATION and rule.until)
        self._guarded(part, rule, view, again=again)
        out.fill()
        out.depth = depth

    def on_breach(self, part: Part, rule: Rule, pattern: Pattern, broken: str) -> None:
        """Write what a breach in this section sets off."""
        happened = part.breaches[broken]
        if len({name for one in rule.when for name in one.names}) > 1:
            raise NotStreamable("several breaches set it off")
        view, out = happened.view, part.rules
        if rule.about is not None and (view.matter is None or view.matter.record.name != rule.about):
            raise NotStreamable("it is about another record than the breach")
        where = None if pattern.where is None else self.where(pattern, view)
        depth = out.depth
        out(f"if {happened.flag}:")
        out.depth += 1
        if where is not None:
            out.sure(where.maybe, rule.id)
            out(f"if {where.text}:")
            out.depth += 1
        self._guarded(part, rule, view)
        out.fill()
        out.depth = depth

    def fulfilled(self, part: Part, name: str) -> View:
        """Return how the fulfilment of a duty by the event of a part looks."""
        duty = self.duties[name]
        variable = flag(duty.rule)
        return self.fulfilments.view(part, duty.rule, self.duty_view(duty, variable, f"{variable}.record"))

    def fulfilment(self, part: Part, name: str) -> tuple[Part, str]:
        """Return the fulfilment of a duty as a fact that may count as another, and what reads its first cause.

        Its flag is the variable that holds the duty; a text of its own holds its id.
        """
        variable, out = flag(self.duties[name].rule), part.rules
        out(f"{variable}_id = None")
        with out.under(f"if {variable} is not None:"):
            view = self.fulfilled(part, name)
            out(f"{variable}_id = f{quoted('~' + view.causes[0][1:] + ':fulfilment')}")
        return attrs.evolve(part, view=view, flag=variable), f"{variable}.cause"

    def on_fulfilment(self, part: Part, rule: Rule, pattern: Pattern, name: str) -> None:
        """Write what the fulfilment of a duty sets off."""
        out = part.rules
        with out.under(f"if {flag(self.duties[name].rule)} is not None:"):
            view = self.fulfilled(part, name)
            if rule.about is not None and (view.matter is None or view.matter.record.name != rule.about):
                raise NotStreamable("it is about another record than the duty that is fulfilled")
            where = None if pattern.where is None else self.where(pattern, view)
            out.sure(() if where is None else where.maybe, rule.id)
            with out.when(where):
                self._guarded(part, rule, view)

    def where(self, pattern: Pattern, view: View) -> Code:
        """Return the condition of a pattern."""
        assert pattern.where is not None  # noqa: S101 - callers have looked
        return self.say.write(pattern.where.tree, attrs.evolve(view, matter=None) if view.outcome_of is None else view)

    def _guarded(self, part: Part, rule: Rule, view: View, *, again: bool = False) -> None:
        out = part.rules
        test = self.asked(rule, view)
        out.sure(() if test is None else test.maybe, rule.id)
        with out.when(test):
            if again and view.matter is not None:  # a second cause joins the first: not told apart here
                slot = named("made", rule.id)
                self.state.use(view.matter.record.name).slots[slot] = "False"
                with out.under(f"if {view.matter.variable}.{slot}:"):
                    out(f"raise Unsure({rule.id!r}, c)")
                out(f"{view.matter.variable}.{slot} = True")
            self._borne(part, rule, view)

    def _lacking(self, part: Part, rule: Rule, view: View) -> list[Piece]:
        """Return what a breach says of the needs that were not met."""
        return self._needs.lacking(part, rule, view) if rule.kind is Kind.PROHIBITION else []

    def asked(self, rule: Rule, view: View) -> Code | None:
        """Return what has to hold: the condition, and that no exception covers the case."""
        tests = [] if rule.if_ is None else [self.say.write(rule.if_.tree, view)]
        needed = self._needs.met(rule, view)
        if needed and rule.kind is Kind.PROHIBITION:
            tests.append(Code("(not (" + " and ".join(one.text for one in needed) + "))", joined(needed)))
        else:
            tests += needed
        ways = [way for name in rule.unless if (way := self._way(self.state.pack.rules[name], view)) is not None]
        tests += [way.with_(f"(not {way.text})") for way in ways]
        if len(tests) <= 1:
            return tests[0] if tests else None
        return Code("(" + " and ".join(test.text for test in tests) + ")", joined(tests))

    def _way(self, way: Rule, view: View) -> Code | None:
        """Return when a permission covers the case, None where it is meant for others."""
        if way.from_ or way.by or way.unless or way.in_force.since or way.in_force.until:
            raise NotStreamable("its exceptions have windows or exceptions")
        if way.about is not None and (view.matter is None or view.matter.record.name != way.about):
            raise NotStreamable("its exceptions are about another record")
        tests = []
        if way.when:
            mine = [one for one in way.when if self._is_trigger(one, view)]
            if not mine:
                return None
            wheres = [Code("True") if one.where is None else self.where(one, view) for one in mine]
            tests.append(Code("(" + " or ".join(one.text for one in wheres) + ")", joined(wheres)))
        if way.if_ is not None:
            tests.append(self.say.write(way.if_.tree, view))
        tests += self._needs.met(way, view)
        return Code("(" + (" and ".join(test.text for test in tests) or "True") + ")", joined(tests))

    def _is_trigger(self, pattern: Pattern, view: View) -> bool:
        if view.act is not None:
            raise NotStreamable("its exceptions are meant for fulfilments")
        if view.outcome_of is not None:
            return pattern.kind is FactKind.BREACH and view.outcome_of in pattern.names
        if pattern.first and view.event.name in pattern.names:
            raise NotStreamable("its exceptions are about the first of something")
        return pattern.kind is FactKind.EVENT and view.event.name in pattern.names

    def _borne(self, part: Part, rule: Rule, view: View) -> None:
        bearer = view.person
        if rule.who:
            if len(rule.who) > 1:
                raise NotStreamable("it has several bearers")
            who = rule.who[0]
            if who.field is not None:
                if who.field.type == "list":
                    raise NotStreamable("it has several bearers")
                code = self.say.write(who.field.tree, view)
                bearer = part.bearer()
                part.rules(f"{bearer} = {code.text}")
            elif who.office is not None and who.of is None:
                bearer = part.bearer()
                part.rules(f"{bearer} = {who.office!r}")
            else:
                raise NotStreamable("its bearer is worked out")
        if not rule.who or rule.who[0].field is not None:
            part.rules.sure((bearer,), rule.id)
        self._make(part, rule, attrs.evolve(view, person=bearer))

    # --- kinds -----------------------------------------------------------------------------------------------------

    def _make(self, part: Part, rule: Rule, view: View) -> None:
        if rule.kind is Kind.OBLIGATION and rule.until and rule.about is None:
            self._untied.open(part, rule, view)
        elif rule.kind is Kind.OBLIGATION and rule.until:
            self._obligations.open(part, rule, view)
        elif rule.kind in (Kind.OBLIGATION, Kind.PROHIBITION):
            self.breaches.write(part, rule, view, lacking=self._lacking(part, rule, view))
        elif rule.tiers:
            self.made.tiers(part, rule, view)
        elif rule.consequence is not None:
            self.made.follow(part, rule, view, rule.consequence, None, None)
        elif rule.kind is Kind.REFERRAL:
            self.made.refer(part, rule, view)
        else:
            raise NotStreamable(f"it is of the kind `{rule.kind.value}`")


def dated_by(pack: Pack, event: EventType) -> list[str]:
    """Return the fields of an event that may give it another day, since it carries the key of a dated record."""
    found = [
        record.dated
        for record in pack.records.values()
        if record.dated is not None and all(name in event.fields for name in record.key if name != "person")
    ]
    return sorted({name for name in found if name in event.fields and name != "date"})


def rostered(pack: Pack, event: EventType) -> list[str]:
    """Return the fields that the roster gives an event where it does not say them itself."""
    has_roster = any(record.spans == "shift" for record in pack.records.values())
    return [name for name in ROSTER_FIELDS if has_roster and event.on_shift and name in event.fields]


def asks_somebody(rule: Rule) -> bool:
    """Tell whether a rule puts a question that a ruling can answer."""
    made = [rule.consequence, *(tier.consequence for tier in rule.tiers)]
    return rule.kind is Kind.REFERRAL or any(one is not None and one.discretion is not None for one in made)
