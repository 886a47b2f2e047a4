"""Which fields the trigger of a rule, its matter and its outcomes carry."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dutyrules.policies.facts import UNKNOWN, Facts, event_fields, spread
from dutyrules.policies.faults import Refused
from dutyrules.policies.grammar import FactText, read_fact
from dutyrules.policies.names import EVERY_FACT, TEXT, Fields, Scopes, ValueType
from dutyrules.policies.syntax import FactKind

if TYPE_CHECKING:
    from dutyrules.policies.bench import Bench
    from dutyrules.policies.schema_rules import RuleDoc

MOST_LAYERS: Final = 50
"""How many rules, counts, formulas and records may rest on one another in a row."""

OUTCOMES = (FactKind.BREACH, FactKind.FULFILMENT, FactKind.EXCUSE, FactKind.SANCTION)
OF_OUTCOME = Fields({"person": ValueType(TEXT)}).beside(EVERY_FACT)


class Triggers:
    """Knows what the trigger of each rule carries; answers are kept, and a circle of rules carries anything.

    So does a rule that could be read only through too many others: `cut` names these.
    """

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.facts = Facts(bench, self)
        self._fields: dict[str, Fields] = {}
        self._matters: dict[str, str | None] = {}
        self._busy: set[str] = set()
        self._depth = 0
        self.cut: list[str] = []
        self._callers: dict[str, list[str]] | None = None

    # --- what a rule reads --------------------------------------------------------------------------------------------

    def scopes(self, rule: str) -> Scopes:
        """Return what names mean in the conditions of a rule."""
        fields = self.fields(rule)
        return Scopes(self.bench.declared, fields, self.matter(rule), fields, self._act(rule), where="the trigger")

    def matter(self, rule: str) -> str | None:
        """Return the record that a rule is about: its own, or that of all the rules whose outcomes set it off."""
        if rule not in self._matters:
            self._matters[rule] = None
            if self._is_too_deep(rule):
                return None
            self._depth += 1
            self._matters[rule] = self._find_matter(rule)
            self._depth -= 1
        return self._matters[rule]

    def fields(self, rule: str) -> Fields:
        """Return the fields of a rule's trigger and, behind them, those of its matter."""
        if rule in self._fields:
            return self._fields[rule]
        if rule in self._busy or self._is_too_deep(rule):
            return UNKNOWN
        self._busy.add(rule)
        self._depth += 1
        doc = self.bench.rules.get(rule)
        found = UNKNOWN if doc is None else self._find_fields(rule, doc)
        if ("rules", rule) in self.bench.broken:
            found = found.beside(UNKNOWN)
        self._depth -= 1
        self._busy.discard(rule)
        self._fields[rule] = found
        return found

    def _is_too_deep(self, rule: str) -> bool:
        too_deep = self._depth > MOST_LAYERS
        if too_deep:
            self.cut.append(rule)
        return too_deep

    def outcome(self, rule: str) -> Fields:
        """Return the fields of a breach, fulfilment, excuse or sanction of a rule."""
        return self.fields(rule).beside(OF_OUTCOME)

    def matter_fields(self, rule: str) -> Fields:
        """Return the fields of the record that a rule is about."""
        matter = self.matter(rule)
        if matter is None:
            return Fields()
        shape = self.bench.declared.records.get(matter)
        return UNKNOWN if shape is None else shape.fields

    def facts_of(self, texts: str | list[str] | None) -> list[FactText]:
        """Return the facts of a text or list, silently: their faults are told where they are read."""
        found: list[FactText] = []
        for text in [texts] if isinstance(texts, str) else texts or ():
            try:
                found.append(spread(self.bench, read_fact(text)))
            except Refused:
                continue
        return found

    # --- finding it out -----------------------------------------------------------------------------------------------

    def _find_matter(self, rule: str) -> str | None:
        doc = self.bench.rules.get(rule)
        if doc is None or doc.about is not None:
            return None if doc is None else doc.about
        facts = self.facts_of(doc.when)
        if not facts or any(fact.kind not in (*OUTCOMES, FactKind.END) for fact in facts):
            return None
        named = {
            part.text if fact.kind is FactKind.END else self.matter(part.text) for fact in facts for part in fact.names
        }
        return named.pop() if len(named) == 1 else None

    def _find_fields(self, rule: str, doc: RuleDoc) -> Fields:
        matter = self.matter_fields(rule)
        if doc.when is not None:
            found: Fields | None = None
            for fact in self.facts_of(doc.when):
                one = self.facts.fields(fact)
                found = one if found is None else found.joined(one)
            return (found or UNKNOWN).beside(matter)
        if doc.every is not None or doc.whenever is not None or doc.gap is not None:
            subject = [self.facts.fields(fact, records=True) for fact in self.facts_of(doc.for_each)]
            return EVERY_FACT.beside(subject[0] if subject else Fields()).beside(matter)
        return self._called(rule).beside(matter)

    def _called(self, rule: str) -> Fields:
        """Return what a rule without a trigger reads: what the rules that name it read, or else a finding."""
        if self._callers is None:
            self._callers = {}
            for name, doc in self.bench.rules.items():
                for named in _named(doc):
                    self._callers.setdefault(named, []).append(name)
        callers = [name for name in self._callers.get(rule, ()) if name != rule]
        if not callers:
            finding = self.bench.events.get("finding")
            return EVERY_FACT if finding is None else event_fields(finding)
        found: Fields | None = None
        for caller in callers:
            one = self.fields(caller)
            found = one if found is None else found.joined(one)
        return found or UNKNOWN

    def _act(self, rule: str) -> Fields | None:
        doc = self.bench.rules.get(rule)
        found: Fields | None = None
        for fact in self.facts_of(None if doc is None else doc.when):
            for part in fact.names if fact.kind is FactKind.FULFILMENT else ():
                other = self.bench.rules.get(part.text)
                acts = [*self.facts_of(other.until), *self.facts_of(other.until_all)] if other is not None else []
                for act in acts:
                    one = self.facts.fields(act)
                    found = one if found is None else found.joined(one)
                found = found or UNKNOWN
        return found


def _named(doc: RuleDoc) -> set[str]:
    """Return the permissions that a rule names, as exceptions, as needs or as reasons to go free."""
    named: list[object] = [doc.unless] if isinstance(doc.unless, str) else list(doc.unless or ())
    for needs in (doc.needs, doc.needs_any):
        named += list(needs.values()) if isinstance(needs, dict) else list(needs or ())
    decided = [doc.fine, doc.deduct, doc.compensate, doc.withhold, doc.disqualify, doc.refer]
    named += [getattr(each, "none_if", None) for each in decided]
    return {each for each in named if isinstance(each, str)}
