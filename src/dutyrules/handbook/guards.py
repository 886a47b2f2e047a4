"""What a rule looks at before it acts, in words: what sets it off, conditions, needs, exceptions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from dutyrules.handbook.clocks import Clocks
from dutyrules.handbook.definitions import Definitions
from dutyrules.handbook.document import Item
from dutyrules.handbook.facts import Facts
from dutyrules.handbook.text import code, rule_link
from dutyrules.policies import syntax
from dutyrules.policies.model import Kind
from dutyrules.policies.walk import walk

if TYPE_CHECKING:
    from dutyrules.handbook.words import Words
    from dutyrules.policies.model import Need, Rule

OBSERVED = frozenset({Kind.OBLIGATION, Kind.PROHIBITION, Kind.SANCTION, Kind.REFERRAL})
MOST_IN_LINE = 3


def is_triggered(rule: Rule) -> bool:
    """Tell whether something sets a rule off."""
    return bool(rule.when or rule.whenever is not None or rule.every is not None or rule.gap is not None)


def is_observed(rule: Rule) -> bool:
    """Tell whether nothing but a finding sets a rule off."""
    return rule.kind in OBSERVED and not is_triggered(rule)


def _is_long(tree: syntax.Expression) -> bool:
    """Tell whether a condition is made of several."""
    return sum(isinstance(part, syntax.Logic | syntax.AnyRecord) for part in walk(tree)) > 1


@attrs.frozen
class Guards:
    """Words the guards of a rule."""

    words: Words

    @property
    def facts(self) -> Facts:
        """Return the wording of facts and conditions."""
        return Facts(self.words)

    @property
    def clocks(self) -> Clocks:
        """Return the wording of instants and periods."""
        return Clocks(self.words)

    # --- what sets it off ---------------------------------------------------------------------------------------------

    def lead(self, rule: Rule) -> str:
        """Return what sets a rule off, with its condition, as the beginning of a sentence; it ends ready to go on."""
        say = self.words
        parts = [part for part in (self.trigger(rule), self.condition(rule)) if part]
        return say("lead", text=say("lead_comma").join(parts)) if parts else ""

    def trigger(self, rule: Rule) -> str:
        """Return what sets a rule off."""
        say = self.words
        if rule.when:
            return say("when", facts=self.facts.any_of(rule.when))
        if rule.whenever is not None:
            during = "" if rule.during is None else self.clocks.during(rule.during)
            text = say("whenever", condition=self.facts.condition(rule.whenever), during=during)
            return self._for_each(text, rule)
        if rule.every is not None:
            key = "in_period" if rule.kind in (Kind.OBLIGATION, Kind.ENTITLEMENT) else "after_period"
            return self._for_each(say(key, period=self.clocks.period(rule.every)), rule)
        if rule.gap is not None:
            about = say("the_matter") if rule.about is None else say.record(rule.about)
            return say("gap", gap=say.duration(rule.gap), record=about)
        return self._observed(rule) if rule.kind in OBSERVED else ""

    def found(self, rule: Rule) -> str:
        """Return that a finding sets the rule off, too, beside its other triggers."""
        return self.words("found_too", observed=self._observed(rule)) if rule.observed and is_triggered(rule) else ""

    def _observed(self, rule: Rule) -> str:
        return self.words("observed", event=self.words.event("finding", quoted=True), code=code(rule.id))

    def _for_each(self, text: str, rule: Rule) -> str:
        if rule.for_each is not None:
            record = self.words.record(rule.for_each.names[0])
            where = self.facts.condition(rule.for_each.where)
            key = "for_each_where" if where else "for_each"
            return self.words(key, trigger=text, record=record, condition=where)
        if rule.about is not None:
            return self.words("for_each", trigger=text, record=self.words.record(rule.about), condition="")
        return text

    def condition(self, rule: Rule) -> str:
        """Return what must hold besides, as a clause; many conditions are only announced."""
        return "" if rule.if_ is None else self.words("if", condition=self.demand(rule))

    def demand(self, rule: Rule) -> str:
        """Return what must hold besides; many conditions are only announced, and stand in a list."""
        if rule.if_ is None:
            return ""
        listed = self._listed(rule)
        return self.facts.condition(rule.if_) if listed is None else self.words(f"listed_{listed.operator}")

    def conditions(self, rule: Rule) -> tuple[Item, ...]:
        """Return the conditions that stand in a list."""
        listed = self._listed(rule)
        if listed is None:
            return ()
        expressions = self.facts.expressions
        lines = tuple(Item(expressions.holds(one)) for one in listed.operands)
        return (Item(self.words(f"list_of_{listed.operator}"), lines),)

    def _listed(self, rule: Rule) -> syntax.Logic | None:
        """Return the conditions that are too many for one sentence."""
        tree = None if rule.if_ is None else rule.if_.tree
        if not isinstance(tree, syntax.Logic):
            return None
        return tree if len(tree.operands) >= MOST_IN_LINE or any(_is_long(one) for one in tree.operands) else None

    # --- the matter ---------------------------------------------------------------------------------------------------

    def matter(self, rule: Rule) -> str:
        """Return what one outcome is one of."""
        if rule.about is None:
            return ""
        return self.words("about", record=Definitions(self.words).matter(self.words.pack.records[rule.about]))

    def in_force(self, rule: Rule) -> str:
        """Return the days on which a rule applies."""
        return in_force(self.words, rule.in_force.since, rule.in_force.until)

    # --- looking back -------------------------------------------------------------------------------------------------

    def needs(self, rule: Rule) -> tuple[Item, ...]:
        """Return what must have been there beforehand."""
        say = self.words
        found: list[Item] = []
        if rule.needs:
            key = "needs_or_breach" if rule.kind is Kind.PROHIBITION else "needs"
            found.append(Item(say.sentence(say(key)), tuple(Item(self._need(one)) for one in rule.needs)))
        if rule.needs_any:
            found.append(Item(say.sentence(say("needs_any")), tuple(Item(self._need(one)) for one in rule.needs_any)))
        if rule.in_order:
            steps = say("then").join(rule_link(name) for name in rule.in_order)
            found.append(Item(say.sentence(say("in_order", steps=steps))))
        return tuple(found)

    def _need(self, need: Need) -> str:
        say = self.words
        if need.permission is not None:
            text = say("need_permission", rule=say.rules([need.permission]))
        else:
            text = "" if need.fact is None else self.facts.any_of([need.fact])
        if need.who:
            text = say("need_by", fact=text, who=self.facts.bearers(need.who))
        if need.if_ is not None:
            text = say("need_if", fact=text, condition=self.facts.condition(need.if_))
        named = need.id is not None and need.id != need.permission
        return say("need_named", id=rule_link(need.id or ""), fact=text) if named else text

    def exceptions(self, rule: Rule) -> tuple[Item, ...]:
        """Return what is excepted: beforehand by permissions, later by facts."""
        say = self.words
        found: list[Item] = []
        if len(rule.unless) == 1:
            found.append(Item(say.sentence(say("unless", rules=say.rules(rule.unless)))))
        elif rule.unless:
            below = tuple(Item(say.rules([name])) for name in rule.unless)
            found.append(Item(say("unless_list"), below))
        if rule.excused_by:
            found.append(Item(say.sentence(say("excused_by", facts=self.facts.any_of(rule.excused_by)))))
        return tuple(found)

    # --- silence ------------------------------------------------------------------------------------------------------

    def relies(self, rule: Rule) -> str:
        """Return which events' silence a rule reads."""
        events = [self.words.event(name) for name in rule.relies_on]
        return self.words("relies_on", events=self.words.all_of(events)) if events else ""

    def asked(self, rule: Rule) -> str:
        """Return what asks beforehand."""
        return self.words("asked_by", facts=self.facts.any_of(rule.asked_by)) if rule.asked_by else ""


def in_force(words: Words, since: object, until: object) -> str:
    """Return the days on which something applies; nothing where it always does."""
    key = {(True, True): "force_between", (True, False): "force_since", (False, True): "force_until"}.get(
        (since is not None, until is not None)
    )
    return "" if key is None else words(key, since=words.value(since), until=words.value(until))
