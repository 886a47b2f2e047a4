"""What must fit together in a rule: bearer, matter, act, clock, tiers and the rules that it names."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Final

from dutyrules.policies.bench import Bench, each_text
from dutyrules.policies.diagnostics import quoted
from dutyrules.policies.faults import Fault, suggestion
from dutyrules.policies.names import PERIODS
from dutyrules.policies.resolve_consequences import acts_of
from dutyrules.policies.rule_keys import TRIGGERS, check_keys, keys_of
from dutyrules.policies.syntax import FactKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dutyrules.policies.grammar import FactText
    from dutyrules.policies.names import Fields
    from dutyrules.policies.outcome_fields import Triggers
    from dutyrules.policies.schema_rules import RuleDoc
    from dutyrules.policies.shapes import Path

_BOUND: Final = ("obligation", "prohibition", "sanction", "entitlement")


class RuleChecks:
    """Checks the rules of one pack, one by one and side by side."""

    def __init__(self, bench: Bench, triggers: Triggers, severity: Sequence[str]) -> None:
        self.bench = bench
        self.triggers = triggers
        self.severity = severity

    def check(self) -> None:
        """Tell everything that does not fit."""
        for name, doc in self._sound():
            check_keys(self.bench, name, doc)
            self._check_matter(name, doc)
            self._check_bearer(name, doc)
            self._check_act(name, doc)
            self._check_order(name, doc)
            self._check_tiers(name, doc)
            self._check_once(name, doc)
        self._check_choices()
        self._check_forfeits()
        self._check_ids()

    def _sound(self) -> list[tuple[str, RuleDoc]]:
        """Return the rules whose shape is right."""
        return [(name, doc) for name, doc in self.bench.rules.items() if ("rules", name) not in self.bench.broken]

    # --- one rule -----------------------------------------------------------------------------------------------------

    def _check_matter(self, name: str, doc: RuleDoc) -> None:
        """Tell of a trigger that does not carry what would tell which matter it belongs to."""
        record = self.bench.declared.records.get(doc.about or "")
        if record is None:
            return
        for key in ("when", "asked_by"):
            texts: str | list[str] | None = getattr(doc, key)
            for path, fact in self.triggers.facts.texts(("rules", name, key), texts):
                fields = self.triggers.facts.fields(fact)
                missing = [each for each in record.key if each not in fields]
                if missing:
                    listed = ", ".join(f"`{each}`" for each in missing)
                    message = (
                        f"which `{record.name}` {quoted(fact.source)} belongs to cannot be told: it has no {listed}"
                    )
                    self.bench.tell(path, Fault("DR508", message, help=suggestion(missing[0], fields.known)))

    def _check_bearer(self, name: str, doc: RuleDoc) -> None:
        """Tell of a rule that binds nobody: it names no bearer, and what sets it off names no person."""
        if doc.kind not in _BOUND or doc.who is not None or not set(TRIGGERS) & set(keys_of(doc)):
            return
        help_ = "add `who: …`"
        if doc.when is None:
            if "person" not in self.triggers.fields(name):
                self.bench.tell_key(("rules", name), "DR503", "the rule does not say whom it binds", help_)
            return
        for path, fact in self.triggers.facts.texts(("rules", name, "when"), doc.when):
            if not self._has_person(fact):
                self.bench.tell(
                    path,
                    Fault(
                        "DR503",
                        f"{quoted(fact.source)} names no person, and the rule does not say whom it binds",
                        help=help_,
                    ),
                )

    def _has_person(self, fact: FactText) -> bool:
        if fact.kind is not FactKind.EVENT:
            return "person" in self.triggers.facts.fields(fact)
        name = fact.names[0].text
        event = self.bench.events.get(self.bench.aliases.get(name, name))
        return event is None or event.person is not None or "person" in event.fields

    def _check_act(self, name: str, doc: RuleDoc) -> None:
        """Tell of an obligation with a trigger that says no act."""
        path: Path = ("rules", name)
        triggered = any(getattr(doc, key) is not None for key in TRIGGERS)
        if doc.kind == "obligation" and triggered and doc.until is None and doc.until_all is None:
            self.bench.tell_key(
                path,
                "DR507",
                "the rule does not say what fulfils it",
                "add `until: …`, or leave out what sets it off: a finding breaks it then",
            )
        if doc.kind == "obligation" and not triggered:
            for key in ("from", "by", "within", "until", "until_all"):
                if key in keys_of(doc):
                    listed = ", ".join(f"`{each}`" for each in TRIGGERS)
                    self.bench.tell_key((*path, key), "DR218", f"`{key}` needs what sets the rule off: {listed}")
        if doc.gap is not None and doc.about is None:
            self.bench.tell_key((*path, "gap"), "DR218", "`gap` needs `about`: the record during which it is measured")

    def _check_order(self, name: str, doc: RuleDoc) -> None:
        if doc.needs is None:
            return
        needs = list(doc.needs) if isinstance(doc.needs, dict) else []
        for index, each in enumerate(doc.in_order or ()):
            if each not in needs:
                fault = Fault("DR512", f"the rule has no need {quoted(each)}", help=suggestion(each, needs))
                self.bench.tell(("rules", name, "in_order", index), fault)

    def _check_tiers(self, name: str, doc: RuleDoc) -> None:
        tiers = sorted((doc.tiers or {}).items(), key=lambda each: each[1].from_)
        for key, tier in tiers:
            if tier.to is not None and tier.to < tier.from_:
                fault = Fault("DR506", f"the tier ends at `{tier.to}`, before it begins at `{tier.from_}`")
                self.bench.tell(("rules", name, "tiers", key, "to"), fault)
        for (before, lower), (after, upper) in itertools.pairwise(tiers):
            path: Path = ("rules", name, "tiers", after, "from")
            if lower.to is None or upper.from_ <= lower.to:
                reach = "has no end" if lower.to is None else f"reaches to `{lower.to}`"
                self.bench.tell(path, Fault("DR506", f"`{upper.from_}` lies in two tiers: `{before}` {reach}"))
            elif upper.from_ > lower.to + 1:
                missing = (
                    f"`{lower.to + 1}`" if upper.from_ == lower.to + 2 else f"`{lower.to + 1}` to `{upper.from_ - 1}`"
                )
                self.bench.tell(path, Fault("DR506", f"no tier has {missing}"))

    def _check_once(self, name: str, doc: RuleDoc) -> None:
        fields = self.triggers.outcome(name)
        for path, each in each_text(("rules", name, "once_per"), doc.once_per):
            if each not in PERIODS and each not in fields:
                help_ = suggestion(each, [*PERIODS, *fields.known])
                self.bench.tell(path, Fault("DR302", f"the trigger has no field {quoted(each)}", help=help_))

    # --- rules side by side -------------------------------------------------------------------------------------------

    def _check_choices(self) -> None:
        stands_in: dict[str, str] = {}
        for name, doc in self._sound():
            if doc.kind != "choice":
                continue
            compared = [
                (path, each)
                for path, text in each_text(("rules", name, "of"), doc.of)
                for each in self.bench.spread(text, ("sanction",))
                if self.bench.sound_rule(each)
            ]
            for path, each in compared:
                if each in stands_in:
                    self.bench.tell(
                        path, Fault("DR505", f"{quoted(each)} stands in the choice {quoted(stands_in[each])} already")
                    )
                stands_in.setdefault(each, name)
                self._check_rank(path, each)
            self._check_same(name, doc, [each for _, each in compared])

    def _check_rank(self, path: Path, name: str) -> None:
        doc = self.bench.rules[name]
        acts = acts_of(doc) + [act for tier in (doc.tiers or {}).values() for act in acts_of(tier)]
        for act in dict.fromkeys(acts):
            ranks = {act} | ({doc.step} if act == "step" and doc.step else set())
            if not ranks & set(self.severity):
                listed = ", ".join(f"`{each}`" for each in self.severity)
                shown = doc.step if act == "step" and doc.step else act
                message = f"{quoted(name)} brings `{shown}`, which has no rank under `severity`"
                self.bench.tell(path, Fault("DR513", message, help=f"add it to {listed}, the lightest first"))

    def _check_same(self, name: str, doc: RuleDoc, rules: list[str]) -> None:
        for path, each in each_text(("rules", name, "same"), doc.same):
            if rules and not any(self._has_in_common(rule, each) for rule in rules):
                self.bench.tell(
                    path,
                    Fault(
                        "DR511", f"no outcome that is compared has {quoted(each)}", help=self._near_common(each, rules)
                    ),
                )

    def _check_forfeits(self) -> None:
        for name, doc in self._sound():
            if doc.forfeit is None:
                continue
            lost = [each for _, each in each_text((), doc.forfeit) if self.bench.sound_rule(each)]
            for path, each in each_text(("rules", name, "same"), doc.same):
                for rule in (name, *lost):
                    if not self._has_in_common(rule, each):
                        self.bench.tell(
                            path,
                            Fault(
                                "DR511", f"{quoted(rule)} has no {quoted(each)}", help=self._near_common(each, [rule])
                            ),
                        )

    def _has_in_common(self, rule: str, name: str) -> bool:
        """Tell whether outcomes of a rule have a person, a period, a matter or link of that name, or a field."""
        if name in (*PERIODS, "person"):
            return True
        matter = self.triggers.matter(rule)
        shape = self.bench.declared.records.get(matter or "")
        linked = shape is not None and name in shape.links
        fields: Fields = self.triggers.fields(rule)
        return name == matter or linked or name in fields

    def _near_common(self, name: str, rules: list[str]) -> str | None:
        matters = [matter for rule in rules if (matter := self.triggers.matter(rule)) is not None]
        fields = [field for rule in rules for field in self.triggers.fields(rule).known]
        return suggestion(name, ["person", *PERIODS, *matters, *fields])

    def _check_ids(self) -> None:
        """Tell of a tier that has the id of a rule or of another tier."""
        seen: dict[str, str] = dict.fromkeys(self.bench.rules, "a rule")
        for name, doc in self.bench.rules.items():
            for tier in doc.tiers or {}:
                if tier in seen:
                    self.bench.tell_key(
                        ("rules", name, "tiers", tier), "DR312", f"{quoted(tier)} is the id of {seen[tier]} already"
                    )
                seen.setdefault(tier, "a tier")
