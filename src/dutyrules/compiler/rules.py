"""One rule in one section of a program: what sets it off, what it asks, what it makes."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING, Final

import attrs

from dutyrules.compiler.breaches import Breaches
from dutyrules.compiler.consequences import Consequences, asks_somebody, tells_questions
from dutyrules.compiler.doubts import Doubts
from dutyrules.compiler.excuses import Excuses, refuse_excuse
from dutyrules.compiler.expressions import Translator
from dutyrules.compiler.fulfilments import Fulfilments, flag
from dutyrules.compiler.gaps import Gaps
from dutyrules.compiler.lasting import Lasting, refuse_lasting
from dutyrules.compiler.needs import Needs
from dutyrules.compiler.obligations import Obligations, matter_of
from dutyrules.compiler.outcomes import quoted
from dutyrules.compiler.periodic import Periodic, is_periodic
from dutyrules.compiler.starts import refuse_start
from dutyrules.compiler.state import names_twice
from dutyrules.compiler.ties import is_untied, this_view
from dutyrules.compiler.untied import Untied, refuse_untied
from dutyrules.compiler.views import Code, MatterView, NotStreamable, View, joined, named
from dutyrules.policies.model import Kind, Rule
from dutyrules.policies.syntax import FactKind
from dutyrules.runtime.analysis import analysis_of
from dutyrules.runtime.intake import ROSTER_FIELDS
from dutyrules.runtime.triggers import set_off

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from dutyrules.compiler.families import Family, RestsOn
    from dutyrules.compiler.keeping import RecordWriter
    from dutyrules.compiler.layouts import Piece
    from dutyrules.compiler.outcomes import Outcomes
    from dutyrules.compiler.sections import Part
    from dutyrules.compiler.state import State
    from dutyrules.policies.model import EventType, Pack
    from dutyrules.policies.syntax import Expression, Pattern

SILENT: Final = frozenset({Kind.ADVICE, Kind.SCHEDULE, Kind.PROCEDURE, Kind.VALUE, Kind.PERMISSION})
"""Kinds of which no outcome comes by themselves."""


def is_silent(rule: Rule) -> bool:
    """Tell whether nothing comes of a rule; of a permission that is set off a question may, if it is unknown."""
    return rule.kind in SILENT and not (rule.kind is Kind.PERMISSION and rule.when)


BEYOND: Final[Mapping[str, str]] = {
    "asked_by": "it is asked about",
    "until_all": "it needs several acts",
    "moved_by": "its deadline can be moved",
    "paused_by": "its clock can be paused",
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
    refuse_lasting(rule, state.pack)
    refuse_start(rule, state.pack)
    refuse_excuse(rule)
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
    refuse_untied(state.pack, rule)


def _refuse_triggers(rule: Rule) -> None:
    if names_twice(rule.when):
        raise NotStreamable("one event sets it off in several ways")
    known = {FactKind.EVENT, FactKind.FULFILMENT}
    if not rule.counts_as:
        known.add(FactKind.BREACH)
    if len(rule.when) > 1 and any(pattern.first for pattern in rule.when):
        raise NotStreamable("the first of something sets it off, and more does")
    for pattern in rule.when:
        if pattern.kind not in known:
            raise NotStreamable(f"it reacts to a {pattern.kind.value}")
        if rule.until and pattern.kind is FactKind.BREACH:
            raise NotStreamable("a breach sets it off")


def _is_set_off_by_several(rule: Rule) -> bool:
    """Tell whether a rule reacts to breaches, and several facts set it off: they may be about the same."""
    names = {name for pattern in rule.when for name in pattern.names}
    return len(names) > 1 and any(pattern.kind is FactKind.BREACH for pattern in rule.when)


class RuleWriter:
    """Writes rules into sections."""

    def __init__(
        self, state: State, outcomes: Outcomes, records: RecordWriter, rests_on: RestsOn, *, carries_all: bool
    ) -> None:
        self.state = state
        self.say = Translator(state)
        self.made = Consequences(state, outcomes, self.say)
        self.breaches = Breaches(state, outcomes, self.say)
        self.fulfilments = Fulfilments(state, self.made)
        self.owed = Obligations(
            state, self.say, self.made, self.breaches, self.fulfilments, rests_on, carries_all=carries_all
        )
        self.duties = self.owed.duties
        self.excuses = Excuses(state, self.say, outcomes, rests_on)
        self.doubts = Doubts(state, self.say, outcomes, self.excuses)
        self.untied = Untied(state, self.say, self.made, self.owed, self.doubts, outcomes)
        self.lasting = Lasting(state, self.say, self._borne, self.doubts, rests_on)
        self.periodic = Periodic(state, self.say, self.made, self.breaches, self.doubts, rests_on)
        self.gaps = Gaps(state, self.say, self.made, self.breaches, records, carries_all=carries_all)
        self.needs = Needs(state, self.say, self._way)

    @property
    def families(self) -> tuple[Family, ...]:
        """Return all families of rules, in the order in which a program tells of them."""
        return self.owed, self.untied, self.excuses, self.lasting, self.periodic, self.gaps, self.needs

    def on_acts(self, part: Part, rule: Rule) -> None:
        """Write that the event of a part fulfils or waives an obligation."""
        patterns = [(one, False) for one in rule.until] + [(one, True) for one in rule.waived_by]
        for pattern, waives in patterns:
            if pattern.kind is not FactKind.EVENT:
                raise NotStreamable(f"a {pattern.kind.value} {'waives' if waives else 'fulfils'} it")
        if is_untied(self.state.pack, rule):
            self.untied.on_acts(part, rule)
            return
        mine = [one for one in patterns if part.view.event.name in one[0].names]
        if mine:
            self.owed.on_acts(part, rule, mine)

    def begin(self, part: Part, rules: Iterable[Rule]) -> None:
        """Write what an event brings with it whatever the rules say: its day, its duty, what it finds or decides."""
        rules = list(rules)
        event, out = part.view.event, part.rules
        for name in rostered(self.state.pack, event):
            with out.under(f"if {part.view.fields(name)} is None:"):
                out(f"raise Unsure({event.name!r}, c)")
        if event.name == "ruling":
            self._rule(part, asks=any(asks_somebody(rule) for rule in rules))
        if event.name == "finding" and "code" in event.fields:
            self._found(part, rules)

    def _rule(self, part: Part, *, asks: bool) -> None:
        """Write what a ruling is: it may answer what has been asked, or be a plain fact."""
        out, view, declared = part.rules, part.view, part.view.event.fields
        if asks and not tells_questions(self.state):
            out("raise Unsure('ruling', c)")
            return
        deciding = [name for name in ("impose", "amount_cny", "amount") if name in declared]
        decides = " or ".join(f"{view.fields(name)} is not None" for name in deciding) or "False"
        about = view.fields("about") if "about" in declared else "None"
        out(f"rulings.rule({about}, c, decides={decides})")

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
            known = "".join(f"{one!r}, " for one in (*others, *mine))
            with out.under(f"if code not in ({known}):") if known else nullcontext():
                out(f"clock.astray.append((c, {code}))")
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
                            with self.excuses.kept(part, rule, view):
                                self.breaches.write(part, rule, view, lacking=self._lacking(part, rule, view))
                        else:
                            self._make(part, rule, view)

    # --- triggers --------------------------------------------------------------------------------------------------

    def on_event(self, part: Part, rule: Rule, pattern: Pattern) -> None:
        """Write what an event of the pattern's type sets off."""
        view, out = part.view, part.rules
        self._begin_cause(part, rule)
        matter = None
        if rule.about is not None:
            record = self.state.use(rule.about).record
            matter = MatterView(record, matter_of(self.say, self.state, part.view, record))
            view = attrs.evolve(view, matter=matter, matter_id=matter.body)
        where = None if pattern.where is None else self.where(pattern, view)
        depth = out.depth
        if matter is not None:
            out(f"if {matter.variable} is not None:")
            out.depth += 1
        if where is not None:
            self.doubts.branch(part, out, rule, view, where.maybe, self.conditions(rule, view, pattern))
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
        owed = rule.kind is Kind.OBLIGATION and rule.until and not is_untied(self.state.pack, rule)
        again = (matter is not None and not pattern.first and not owed) or _is_set_off_by_several(rule)
        self._guarded(part, rule, view, again=again)
        out.fill()
        out.depth = depth

    def on_breach(self, part: Part, rule: Rule, pattern: Pattern, broken: str) -> None:
        """Write what a breach in this section sets off."""
        happened, several = part.breaches[broken], _is_set_off_by_several(rule)
        view, out = happened.view, part.rules
        if several and not view.current and view.matter is None:
            raise NotStreamable("several breaches set it off")
        self._begin_cause(part, rule)
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
        self._guarded(part, rule, view, again=several)
        out.fill()
        out.depth = depth

    def _begin_cause(self, part: Part, rule: Rule) -> None:
        """Write that nothing of an event has set a rule off so far which several facts about one event may."""
        if not _is_set_off_by_several(rule):
            return
        if part.flag is not None:
            raise NotStreamable("several breaches set it off, and what counts as another")
        if rule.id not in part.caused:
            part.caused[rule.id] = None
            part.rules(f"{named('caused', rule.id)} = False")

    def fulfilled(self, part: Part, name: str) -> View:
        """Return how the fulfilment of a duty by the event of a part looks."""
        duty = self.duties[name]
        variable = flag(duty.rule)
        return self.fulfilments.view(part, duty.rule, this_view(self.state, duty, variable))

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
        out, depth = part.rules, part.rules.depth
        test = self.asked(rule, view)
        if test is not None:
            self.doubts.branch(part, out, rule, view, test.maybe, self.conditions(rule, view))
        with out.when(test):
            if again and view.matter is not None:  # a second cause joins the first: not told apart here
                slot = named("made", rule.id)
                self.state.use(view.matter.record.name).slots[slot] = "False"
                with out.under(f"if {view.matter.variable}.{slot}:"):
                    out(f"raise Unsure({rule.id!r}, c)")
                out(f"{view.matter.variable}.{slot} = True")
            elif rule.id in part.caused and view.matter is None:  # so it is with two facts about one event
                with out.under(f"if {named('caused', rule.id)}:"):
                    out(f"raise Unsure({rule.id!r}, c)")
                out(f"{named('caused', rule.id)} = True")
            self._borne(part, rule, view)
        out.depth = depth

    def conditions(self, rule: Rule, view: View, pattern: Pattern | None = None) -> list[tuple[Expression, View]]:
        """Return what is asked of a fact: the condition of its pattern, and that of the rule."""
        found = []
        if pattern is not None and pattern.where is not None:
            found.append((pattern.where.tree, view if view.outcome_of else attrs.evolve(view, matter=None)))
        alone = len(rule.needs) == 1 and not rule.needs_any and rule.kind is not Kind.PROHIBITION
        ways = [self.state.pack.rules[one.permission] for one in rule.needs if alone and one.permission and not one.if_]
        needed = [way.if_ for way in ways if way.about is None]
        return found + [(one.tree, view) for one in (rule.if_, *needed) if one is not None]

    def _lacking(self, part: Part, rule: Rule, view: View) -> list[Piece]:
        """Return what a breach says of the needs that were not met."""
        return self.needs.lacking(part, rule, view) if rule.kind is Kind.PROHIBITION else []

    def asked(self, rule: Rule, view: View) -> Code | None:
        """Return what has to hold: the condition, and that no exception covers the case."""
        tests = [] if rule.if_ is None else [self.say.write(rule.if_.tree, view)]
        needed = self.needs.met(rule, view)
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
        tests += self.needs.met(way, view)
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
        if rule.kind is Kind.PERMISSION:
            part.rules("pass")  # what is unknown has been asked by now, and nobody bears it
            return
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
                self.state.borne(bearer, code.text)
            elif who.office is not None and who.of is None:
                bearer = part.bearer()
                part.rules(f"{bearer} = {who.office!r}")
                self.state.borne(bearer, repr(who.office))
            else:
                raise NotStreamable("its bearer is worked out")
        out, depth = part.rules, part.rules.depth
        if not rule.who or rule.who[0].field is not None:
            self.doubts.unnamed(part, out, rule, view, bearer)
        self._make(part, rule, attrs.evolve(view, person=bearer, whose=view.whose or view.person))
        out.depth = depth

    # --- kinds -----------------------------------------------------------------------------------------------------

    def _make(self, part: Part, rule: Rule, view: View) -> None:
        if rule.kind is Kind.OBLIGATION and rule.until and is_untied(self.state.pack, rule):
            self.untied.open(part, rule, view)
        elif rule.kind is Kind.OBLIGATION and rule.until:
            self.owed.open(part, rule, view)
        else:
            with self.excuses.kept(part, rule, view):
                self._follow(part, rule, view)

    def _follow(self, part: Part, rule: Rule, view: View) -> None:
        """Write what follows at once."""
        if rule.kind in (Kind.OBLIGATION, Kind.PROHIBITION):
            self.breaches.write(part, rule, view, lacking=self._lacking(part, rule, view))
        elif rule.tiers:
            self.made.tiers(part, rule, view)
        elif rule.consequence is not None:
            self.made.follow(part, rule, view, rule.consequence, None, None)
        elif rule.kind is Kind.REFERRAL:
            self.made.refer(part, rule, view)
        else:
            raise NotStreamable(f"it is of the kind `{rule.kind.value}`")


def rostered(pack: Pack, event: EventType) -> list[str]:
    """Return the fields that the roster gives an event where it does not say them itself."""
    has_roster = any(record.spans == "shift" for record in pack.records.values())
    return [name for name in ROSTER_FIELDS if has_roster and event.on_shift and name in event.fields]
