"""What follows, in words: sums and things, tiers, decisions that a person takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

import attrs

from dutyrules.handbook.clocks import Clocks
from dutyrules.handbook.document import Item
from dutyrules.handbook.facts import Facts
from dutyrules.handbook.text import figure, rule_link
from dutyrules.policies import syntax
from dutyrules.policies.model import Act

if TYPE_CHECKING:
    from dutyrules.handbook.words import Words
    from dutyrules.policies.model import Consequence, Discretion, Rule, Tier
    from dutyrules.policies.syntax import Expr

_SUMS = frozenset({Act.FINE, Act.DEDUCT, Act.COMPENSATE})


@attrs.frozen
class Consequences:
    """Words what follows from a rule."""

    words: Words

    @property
    def facts(self) -> Facts:
        """Return the wording of facts and conditions."""
        return Facts(self.words)

    def follows(self, rule: Rule, consequence: Consequence, who: str) -> str:
        """Return what follows for whom, as a clause."""
        said = self._act(rule, consequence, who)
        parts = [said]
        if consequence.discretion is not None and consequence.act not in _SUMS:
            parts.append(self._decision(consequence.discretion))
        if consequence.for_ is not None:
            parts.append(self.words("for_period", period=Clocks(self.words).named_period(consequence.for_)))
        if consequence.class_ is not None:
            parts.append(self.words("of_class", name=self.words.thing(consequence.class_)))
        if consequence.look_back is not None:
            parts.append(self.words("look_back", period=Clocks(self.words).named_period(consequence.look_back)))
        if consequence.nature is not None:
            parts.append(self.words("nature", nature=self.words(f"nature_{consequence.nature}")))
        return self.words("list_comma").join(parts)

    def _act(self, rule: Rule, consequence: Consequence, who: str) -> str:
        say, what = self.words, consequence.what or ""
        amount = self.amount(consequence)
        match consequence.act:
            case Act.FINE | Act.DEDUCT | Act.COMPENSATE:
                return say(f"act_{consequence.act.value}{self._open(consequence)}", who=who, amount=amount)
            case Act.WITHHOLD:
                key = "act_withhold_sum" if amount else "act_withhold"
                return say(key, who=who, what=say.thing(what), amount=amount)
            case Act.FORFEIT:
                same = say("forfeit_same", same=Clocks(say).agreement(rule.same)) if rule.same else ""
                return say("act_forfeit", who=who, rules=say.rules(consequence.forfeits), same=same)
            case Act.DISQUALIFY | Act.NOTICE | Act.REFER | Act.STEP:
                return say(f"act_{consequence.act.value}", who=who, what=say.thing(what, consequence.act.value))
            case Act.GRANT:
                return say("act_grant_sum" if amount else "act_grant", who=who, what=say.thing(what), amount=amount)
            case _:
                assert_never(consequence.act)

    def _open(self, consequence: Consequence) -> str:
        """Return which of two phrases a sum has: one that somebody sets without bounds has its own."""
        choice = consequence.discretion
        return "_open" if choice is not None and choice.low is None and choice.high is None else ""

    # --- sums ---------------------------------------------------------------------------------------------------------

    def amount(self, consequence: Consequence) -> str:
        """Return the sum, or who sets it; nothing where there is none."""
        if consequence.discretion is not None:
            return self._set_by(consequence.discretion) if consequence.act in _SUMS else ""
        if consequence.amount is None:
            return ""
        if consequence.percent_of is not None:
            base = self.facts.expressions.value(consequence.percent_of.tree)
            return self.words("percent", amount=self._percentage(consequence.amount), base=base)
        said = self.sum_of(consequence.amount)
        return self.words("each", amount=said) if consequence.each else said

    def _percentage(self, amount: Expr) -> str:
        value = self.facts.expressions.value(amount.tree)
        if isinstance(amount.tree, syntax.Literal):
            return figure(f"{amount.tree.value}%")
        return f"{value}%"

    def sum_of(self, amount: Expr) -> str:
        """Return a sum of money: a figure, a parameter with its value, or a formula."""
        match amount.tree:
            case syntax.Literal(value=value):
                return self.words.money(value)
            case syntax.ParameterRef(name=name):
                return self.words.parameter(name, kind="money")
            case _:
                said = self.facts.expressions.value(amount.tree)
                key = f"sum_{self.words.pack.currency}"
                return self.words(key if self.words.has(key) else "sum", amount=said, code=self.words.pack.currency)

    # --- discretion ---------------------------------------------------------------------------------------------------

    def _set_by(self, discretion: Discretion) -> str:
        say = self.words
        decided_by = self.facts.bearers(discretion.decided_by)
        low = "" if discretion.low is None else self.sum_of(discretion.low)
        high = "" if discretion.high is None else self.sum_of(discretion.high)
        key = {(True, True): "sum_between", (True, False): "sum_from", (False, True): "sum_up_to"}.get(
            (bool(low), bool(high)), "sum_open"
        )
        said = say(key, low=low, high=high, who=decided_by)
        return said + self._conditions(discretion)

    def _decision(self, discretion: Discretion) -> str:
        return self.words("as_decided", who=self.facts.bearers(discretion.decided_by)) + self._conditions(discretion)

    def _conditions(self, discretion: Discretion) -> str:
        """Return what else a decision has: a proposal, a time, a way to go free."""
        say = self.words
        found: list[str] = []
        if discretion.proposal is not None:
            found.append(say("proposed", amount=self.sum_of(discretion.proposal)))
        if discretion.within is not None:
            found.append(say("decided_within", duration=say.duration(discretion.within)))
        if discretion.none_if is not None:
            found.append(say("none_if", rule=say.rules([discretion.none_if])))
        return say("remark", text=say("list_comma").join(found)) if found else ""

    # --- tiers --------------------------------------------------------------------------------------------------------

    def tiers(self, rule: Rule, who: str) -> tuple[Item, ...]:
        """Return a line for each band."""
        return tuple(self._tier(rule, tier, who) for tier in rule.tiers)

    def _tier(self, rule: Rule, tier: Tier, who: str) -> Item:
        say = self.words
        if tier.high is None:
            band = say("tier_open", low=figure(tier.low))
        elif tier.high == tier.low:
            band = say("tier_one", low=figure(tier.low))
        else:
            band = say("tier_band", low=figure(tier.low), high=figure(tier.high))
        text = say("tier", band=band, follows=self.follows(rule, tier.consequence, who), id=rule_link(tier.id))
        excused = [Item(say("excused_by", facts=self.facts.any_of(tier.excused_by)))] if tier.excused_by else []
        says = say.in_language(tier.says)
        return Item(text, (*excused, *([Item(say("tier_says", says=says))] if says else [])))
