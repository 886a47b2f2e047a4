"""One rule in words: its sentence, made of kind, trigger, conditions, clock and consequence."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

import attrs

from dutyrules.handbook.clocks import Clocks
from dutyrules.handbook.consequences import Consequences
from dutyrules.handbook.definitions import Definitions
from dutyrules.handbook.document import Entry, Item
from dutyrules.handbook.facts import Facts
from dutyrules.handbook.guards import Guards, is_observed, is_triggered
from dutyrules.handbook.text import clean, figure, rule_link, strong
from dutyrules.policies.model import Act, Kind

if TYPE_CHECKING:
    from dutyrules.handbook.words import Words
    from dutyrules.policies.model import Rule


@attrs.frozen
class Rules:
    """Words whole rules."""

    words: Words
    anchor: str = ""

    @property
    def facts(self) -> Facts:
        """Return the wording of facts and conditions."""
        return Facts(self.words)

    @property
    def guards(self) -> Guards:
        """Return the wording of guards."""
        return Guards(self.words)

    def entry(self, rule: Rule) -> Entry:
        """Return a rule with its words and its sentence."""
        say = self.words
        return Entry(
            id=rule.id,
            anchor=f"{self.anchor}rule:{rule.id}",
            kind=rule.kind.value,
            kind_words=say(f"kind_{rule.kind.value}"),
            clause="" if rule.clause == rule.id else clean(rule.clause),
            says=say.in_language(rule.says),
            sentence=self.sentence(rule),
            items=self.items(rule),
            notes=Definitions(say).of_rule(rule),
            anchors=tuple(f"{self.anchor}rule:{tier.id}" for tier in rule.tiers),
        )

    def sentence(self, rule: Rule) -> str:
        """Return what the rule does, in one paragraph."""
        guards = self.guards
        parts = [
            guards.in_force(rule),
            self._norm(rule),
            guards.found(rule),
            *self._act_terms(rule),
            *self._later(rule),
        ]
        parts += [guards.matter(rule), self._once(rule), guards.asked(rule), guards.relies(rule), self._vague(rule)]
        return self.words.sentences(parts)

    def items(self, rule: Rule) -> tuple[Item, ...]:
        """Return what belongs to the sentence line by line: bands, needs, exceptions, fields handed on."""
        tiers = Consequences(self.words).tiers(rule, self.facts.bearer_of(rule)) if rule.tiers else ()
        guards = self.guards
        return (*guards.conditions(rule), *tiers, *guards.needs(rule), *guards.exceptions(rule), *self._deemed(rule))

    # --- by kind ------------------------------------------------------------------------------------------------------

    def _norm(self, rule: Rule) -> str:
        match rule.kind:
            case Kind.OBLIGATION:
                return self._obligation(rule)
            case Kind.PROHIBITION:
                return self._prohibition(rule)
            case Kind.PERMISSION | Kind.APPROVAL | Kind.ELIGIBILITY:
                return self._permission(rule)
            case Kind.ENTITLEMENT | Kind.SANCTION:
                return self._sanction(rule)
            case Kind.CHOICE:
                return self._choice(rule)
            case Kind.DEFINITION:
                return self._definition(rule)
            case Kind.REFERRAL:
                return self._referral(rule)
            case Kind.VALUE | Kind.SCHEDULE | Kind.PROCEDURE | Kind.ADVICE:
                return self.words(f"words_{rule.kind.value}")
            case _:
                assert_never(rule.kind)

    def _obligation(self, rule: Rule) -> str:
        say, who = self.words, self.facts.bearer_of(rule)
        lead = self.guards.lead(rule)
        if is_observed(rule):
            return say("observed_obligation", lead=lead, who=who, result=self._result(rule))
        limit = Clocks(say).limit(rule)
        if not limit and rule.every is not None and rule.promptly is None:
            limit = say("by_time", instant=say("end_of_period"))
        key = "must_by" if limit else "must"
        return say(key, lead=lead, who=who, must=strong(say("word_must")), limit=limit, act=self._act(rule))

    def _act(self, rule: Rule) -> str:
        say = self.words
        act = self.facts.all_of(rule.until_all) if rule.until_all else self.facts.any_of(rule.until)
        if rule.distinct is not None:
            return say("act_times_distinct", n=figure(rule.at_least), act=act, field=say.name(rule.distinct, "text"))
        return say("act_times", n=figure(rule.at_least), act=act) if rule.at_least > 1 else act

    def _result(self, rule: Rule) -> str:
        """Return what a rule that is not kept comes to."""
        if rule.soft is not None:
            return self.words("result_soft", soft=self.words.said(rule.soft))
        return strong(self.words("result_breach"))

    def _prohibition(self, rule: Rule) -> str:
        say, who = self.words, self.facts.bearer_of(rule)
        lead = self.guards.lead(rule)
        window = self._window(rule)
        if is_observed(rule):
            return say("observed_prohibition", lead=lead, who=who, result=self._result(rule))
        key = "forbidden_lacking" if rule.needs or rule.needs_any else "forbidden"
        return say(key, lead=lead, window=window, who=who, result=self._result(rule))

    def _window(self, rule: Rule) -> str:
        """Return from and until when a permission or prohibition holds."""
        said = self._bounds(rule)
        return self.words("window", text=said) if said else ""

    def _bounds(self, rule: Rule) -> str:
        clocks = Clocks(self.words)
        return self.words("list_comma").join(part for part in (clocks.start(rule), clocks.limit(rule)) if part)

    def _permission(self, rule: Rule) -> str:
        say = self.words
        trigger, condition = self.guards.trigger(rule), self.guards.demand(rule)
        window = self._bounds(rule)
        condition = say("demand_if", condition=condition) if condition else ""
        demands = say("and_conditions").join(part for part in (window, condition) if part)
        if rule.needs or rule.needs_any:
            demands = say("demand_and_needs", demands=demands) if demands else say("demand_needs")
        allowed = strong(say(f"word_{rule.kind.value}"))
        lead = say("lead", text=trigger) if trigger else ""
        refused = "" if rule.kind is Kind.PERMISSION else say("refused")
        key = "permitted_if" if demands else "permitted"
        who = say("permission_who", who=self.facts.bearers(rule.who)) if rule.who else ""
        return say(key, lead=lead, allowed=allowed, demands=demands, refused=refused, who=who)

    def _sanction(self, rule: Rule) -> str:
        say, who = self.words, self.facts.bearer_of(rule)
        lead = self.guards.lead(rule)
        if rule.needs or rule.needs_any:
            lead = say("lead_needs", lead=lead)
        if rule.tiers:
            number = "" if rule.by_number is None else self.facts.expressions.value(rule.by_number.tree)
            return say("by_number_marginal" if rule.marginal else "by_number", lead=lead, number=number)
        if rule.consequence is None:
            return lead
        follows = Consequences(say).follows(rule, rule.consequence, who)
        parts = [say("follows", lead=lead, follows=follows)]
        if rule.kind is Kind.ENTITLEMENT:
            parts += self._right(rule)
        return say("list_comma").join(parts)

    def _right(self, rule: Rule) -> list[str]:
        say = self.words
        limit, start = Clocks(say).limit(rule), Clocks(say).start(rule)
        found = [say("right_from", start=start)] if start else []
        found += [say("right_due", limit=limit)] if limit else []
        if rule.until or rule.until_all:
            found.append(say("right_taken", act=self._act(rule)))
        return found

    def _choice(self, rule: Rule) -> str:
        say = self.words
        same = Clocks(say).agreement(rule.same)
        return say("choice", rules=say.all_of([rule_link(name) for name in rule.of]), same=same)

    def _definition(self, rule: Rule) -> str:
        say = self.words
        if rule.counts_as is None and not rule.voids:
            return say("words_definition")
        lead = self.guards.lead(rule)
        if rule.needs or rule.needs_any:
            lead = say("lead_needs", lead=lead)
        return say("counts_as", lead=lead, event=say.event(rule.counts_as)) if rule.counts_as else lead

    def _referral(self, rule: Rule) -> str:
        say = self.words
        lead = self.guards.lead(rule)
        if rule.needs or rule.needs_any:
            lead = say("lead_needs", lead=lead)
        consequence = rule.consequence
        if consequence is not None and consequence.act is Act.REFER:
            follows = Consequences(say).follows(rule, consequence, self.facts.bearer_of(rule))
            asked = say("asks_too", asks=self.facts.bearers(rule.asks)) if rule.asks else ""
            return say("follows", lead=lead, follows=f"{follows}{asked}{self._answered(rule)}")
        about = say("asked_about", who=self.facts.bearers(rule.who)) if rule.who else ""
        asks = say("asks", lead=lead, asks=self.facts.bearers(rule.asks) or say("somebody"), about=about)
        return f"{asks}{self._answered(rule)}"

    def _answered(self, rule: Rule) -> str:
        """Return by when a question must be answered."""
        limit = Clocks(self.words).limit(rule)
        return self.words("answer_due", limit=limit) if limit else ""

    # --- the act and its clock ----------------------------------------------------------------------------------------

    def _act_terms(self, rule: Rule) -> list[str]:
        """Return from when acts count, what one act is for, and what a missed limit comes to."""
        say, found = self.words, []
        if rule.kind is not Kind.OBLIGATION or not is_triggered(rule):
            found = [say("voids")] if rule.voids else []
            return [*found, say(f"one_act_{rule.one_act}")] if rule.one_act is not None else found
        if rule.from_ is not None:
            found.append(say("acts_from", start=Clocks(say).start(rule)))
        if rule.needs or rule.needs_any:
            found.append(say("only_if_needs"))
        if rule.one_act is not None:
            found.append(say(f"one_act_{rule.one_act}"))
        limited = rule.within is not None or rule.by is not None
        if rule.promptly is not None:
            key = "promptly_within" if limited else "promptly" if rule.soft is None else "promptly_soft"
            found.append(say(key, word=say.said(rule.promptly), soft=say.said(rule.soft or "")))
        elif not (limited or rule.every or rule.gap):
            return [*found, say("no_limit")]
        if rule.promptly is None or limited:
            found.append(say("missed", result=self._result(rule)))
        return found

    def _later(self, rule: Rule) -> list[str]:
        """Return what later facts do."""
        say, facts = self.words, self.facts
        found: list[str] = []
        for moved in rule.moved_by:
            text = say("moved_by", facts=facts.any_of(moved.when), to=facts.expressions.value(moved.to.tree))
            found.append(
                text if moved.clause is None else say("with_clause", text=text, clause=rule_link(moved.clause))
            )
        if rule.waived_by:
            found.append(say("waived_by", facts=facts.any_of(rule.waived_by)))
        if rule.paused_by is not None:
            paused = rule.paused_by
            found.append(say("paused_by", when=facts.any_of(paused.when), until=facts.any_of(paused.until)))
        if rule.postponed_while is not None:
            text = say("postponed_while", condition=facts.condition(rule.postponed_while))
            named = rule.postponed_as
            found.append(text if named is None else say("with_clause", text=text, clause=rule_link(named)))
        return found

    def _once(self, rule: Rule) -> str:
        return self.words("once_per", same=Clocks(self.words).agreement(rule.once_per)) if rule.once_per else ""

    def _vague(self, rule: Rule) -> str:
        return self.words("vague", word=self.words.said(rule.vague)) if rule.vague is not None else ""

    def _deemed(self, rule: Rule) -> tuple[Item, ...]:
        """Return which fields the fact has that another one counts as."""
        say = self.words
        if not rule.with_:
            return ()
        lines = [
            Item(
                say(
                    "field_is",
                    field=self._field(rule, name),
                    value=say("new") if expr is None else self._given(expr.tree),
                )
            )
            for name, expr in rule.with_.items()
        ]
        return (Item(say("deemed_fields"), tuple(lines)),)

    def _field(self, rule: Rule, name: str) -> str:
        """Return a field of the event that the fact counts as."""
        event = self.words.pack.events.get(rule.counts_as or "")
        spec = None if event is None else event.fields.get(name)
        kind = "" if spec is None else spec.type.value
        return self.words.name(name, "text" if kind == "person" else kind)

    def _given(self, tree: object) -> str:
        return self.facts.expressions.value(tree)  # type: ignore[arg-type]
