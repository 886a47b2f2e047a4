"""Facts in words: events, breaches, the ends of records; and the bearers of duties."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, assert_never

import attrs

from dutyrules.handbook.expressions import Expressions
from dutyrules.policies.syntax import FactKind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dutyrules.handbook.words import Words
    from dutyrules.policies.model import Rule
    from dutyrules.policies.syntax import Expr, Pattern, Who

_OF_RULES: Final = {
    FactKind.BREACH: "fact_breach",
    FactKind.FULFILMENT: "fact_fulfilment",
    FactKind.EXCUSE: "fact_excuse",
    FactKind.SANCTION: "fact_sanction",
}


@attrs.frozen
class Facts:
    """Words fact patterns and bearers."""

    words: Words

    @property
    def expressions(self) -> Expressions:
        """Return the wording of conditions."""
        return Expressions(self.words)

    def any_of(self, patterns: Iterable[Pattern]) -> str:
        """Return facts of which one is enough."""
        return self._joined(patterns, "or")

    def all_of(self, patterns: Iterable[Pattern]) -> str:
        """Return facts that are all meant."""
        return self._joined(patterns, "and")

    def _joined(self, patterns: Iterable[Pattern], word: str) -> str:
        """Join facts; those that share a condition share its words."""
        groups = _alike(patterns)
        join = self.words.any_of if word == "or" else self.words.all_of
        several = sum(map(len, groups)) > 1
        said: list[str] = []
        for group in groups:
            heads = join([self.head(one, quoted=several) for one in group])
            text = self.words("first_fact", fact=heads) if group[0].first else heads
            key = "fact_where" if len(group) == 1 else f"facts_where_{word}"
            where = self._where(group[0])
            said.append(self.words(key, fact=text, condition=where) if where else text)
        if all(group[0].where is None for group in groups):
            return join(said)
        return self.words(f"join_facts_{word}").join(said)

    def _where(self, pattern: Pattern) -> str:
        return "" if pattern.where is None else self.expressions.holds(pattern.where.tree)

    def head(self, pattern: Pattern, *, quoted: bool = False) -> str:
        """Return a fact without its condition."""
        say = self.words
        match pattern.kind:
            case FactKind.EVENT:
                return say.any_of([say.event(name, quoted=quoted) for name in pattern.names])
            case FactKind.BREACH | FactKind.FULFILMENT | FactKind.EXCUSE | FactKind.SANCTION:
                return say(_OF_RULES[pattern.kind], rules=say.rules(pattern.names))
            case FactKind.END:
                return say("fact_end", record=say.any_of([say.record(name) for name in pattern.names]))
            case FactKind.RECORD:
                return say("fact_record", record=say.any_of([say.record(name) for name in pattern.names]))
            case _:
                assert_never(pattern.kind)

    def condition(self, expr: Expr | None) -> str:
        """Return a condition in words; nothing where there is none."""
        return "" if expr is None else self.expressions.holds(expr.tree)

    # --- bearers ------------------------------------------------------------------------------------------------------

    def bearers(self, who: Iterable[Who]) -> str:
        """Return who is bound or asked."""
        return self.words.all_of([self._bearer(one) for one in who])

    def _bearer(self, who: Who) -> str:
        named = self._first_bearer(who)
        if who.otherwise is None:
            return named
        return self.words("or_where_unknown", first=named, then=self._bearer(who.otherwise))

    def _first_bearer(self, who: Who) -> str:
        say = self.words
        if who.of is not None:
            return say("head_of", office=say.office(who.office or ""), of=self.expressions.value(who.of.tree))
        if who.field is not None:
            return say("person_in_field", field=self.expressions.value(who.field.tree))
        return say("office", office=say.office(who.office or who.source))

    def bearer_of(self, rule: Rule) -> str:
        """Return whom a rule binds: whom it names, or else the person of what sets it off."""
        if rule.who:
            return self.bearers(rule.who)
        kinds = {pattern.kind for pattern in rule.when}
        if kinds & set(_OF_RULES):
            return self.words("who_broke")
        if not (rule.when or rule.whenever or rule.every or rule.gap):
            return self.words("who_found")
        fields = {self.words.pack.events[name].person for one in rule.when for name in one.names if one.kind == "event"}
        named = fields.pop() if len(fields) == 1 else None
        if named is not None and named in self.words.pack.events[rule.when[0].names[0]].fields:
            return self.words("person_in_field", field=self.words("bare", name=self.words.name(named, "text")))
        return self.words("who_person")


def _alike(patterns: Iterable[Pattern]) -> list[list[Pattern]]:
    """Put facts together that have the same condition."""
    groups: list[list[Pattern]] = []
    for pattern in patterns:
        for group in groups:
            if (group[0].where, group[0].first) == (pattern.where, pattern.first):
                group.append(pattern)
                break
        else:
            groups.append([pattern])
    return groups
