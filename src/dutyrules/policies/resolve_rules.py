"""Rules: every text in them parsed and every name settled."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import attrs

from dutyrules.calendars.durations import Unit
from dutyrules.policies.bench import Bench, each_text
from dutyrules.policies.diagnostics import quoted
from dutyrules.policies.faults import Fault, suggestion
from dutyrules.policies.grammar import Part
from dutyrules.policies.instants import read_period, read_within
from dutyrules.policies.model import Kind, MovedBy, Need, PausedBy, Rule, Tier, Within
from dutyrules.policies.names import ANY, NUMBER, TIME, Fields, Scopes
from dutyrules.policies.resolve_bearers import read_bearers
from dutyrules.policies.resolve_consequences import MONEY, PERMISSIONS, Consequences, acts_of, named_rules
from dutyrules.policies.resolve_header import Header, words_of
from dutyrules.policies.schema_rules import MovedDoc, NeedDoc, RuleDoc
from dutyrules.policies.syntax import ParameterRef
from dutyrules.policies.walk import durations_in, walk_instant
from dutyrules.policies.yaml_nodes import MapNode

if TYPE_CHECKING:
    from dutyrules.calendars.durations import Duration
    from dutyrules.policies.facts import Facts
    from dutyrules.policies.outcome_fields import Triggers
    from dutyrules.policies.shapes import Path
    from dutyrules.policies.syntax import Expr, Instant, Pattern

NEW: Final = "new"
_CLAUSE: Final = re.compile(r"[0-9]+(?:\.[0-9]+)*[A-Za-z]?(?=-|$)")
_COMPARED: Final = ("sanction", "entitlement")


def clause_of(rule: str, written: object) -> str:
    """Return the clause that a rule states: as it is written, else the number that its id begins with, else the id."""
    if written is not None:
        return str(written)
    match = _CLAUSE.match(rule)
    return match[0] if match else rule


class Rules:
    """Reads the rules of one pack."""

    def __init__(self, bench: Bench, triggers: Triggers, header: Header) -> None:
        self.bench = bench
        self.triggers = triggers
        self.facts: Facts = triggers.facts
        self.header = header
        self.consequences = Consequences(bench)

    def read(self) -> dict[str, Rule]:
        """Return every rule; faults are told."""
        return {name: self._rule(name, doc) for name, doc in self.bench.rules.items()}

    def _rule(self, name: str, doc: RuleDoc) -> Rule:
        path: Path = ("rules", name)
        scopes = self.triggers.scopes(name)
        self._check_names(path, doc)
        parts: dict[str, Any] = {
            **self._trigger(path, name, doc, scopes),
            **self._look_back(path, doc, scopes),
            **self._clock(path, doc, scopes),
            **self._consequence(path, doc, scopes),
            **self._relations(path, doc, scopes),
        }
        return Rule(
            id=name,
            kind=Kind(doc.kind),
            says=words_of(doc.says),
            clause=clause_of(name, doc.clause),
            place=self.bench.place(path),
            in_force=self.header.in_force((*path, "in_force"), doc.in_force),
            vague=doc.vague,
            about=doc.about,
            during=doc.during,
            who=read_bearers(self.bench, (*path, "who"), doc.who, scopes),
            asks=read_bearers(self.bench, (*path, "asks"), doc.asks, scopes),
            **parts,
        )

    def _check_names(self, path: Path, doc: RuleDoc) -> None:
        if doc.about is not None and not self.bench.known("records", doc.about, self.bench.records):
            self.bench.unknown((*path, "about"), Part(doc.about, 0), "DR303", "record", self.bench.records)
        if doc.during is not None:
            hours = self.bench.root.get("hours")
            names: tuple[str, ...] = hours.keys() if isinstance(hours, MapNode) else ()
            self.bench.used.add(("hours", doc.during))
            if doc.during not in names:
                self.bench.unknown((*path, "during"), Part(doc.during, 0), "DR308", "entry of `hours` called", names)

    # --- what sets it off ---------------------------------------------------------------------------------------------

    def _trigger(self, path: Path, name: str, doc: RuleDoc, scopes: Scopes) -> dict[str, Any]:
        matter = self.triggers.matter_fields(name)

        def own(fields: Fields) -> Scopes:
            return attrs.evolve(scopes, fact=fields.beside(matter), this=None, where="the fact")

        every, whenever = doc.every, doc.whenever
        return {
            "when": self.facts.patterns((*path, "when"), doc.when, own),
            "whenever": self.bench.condition((*path, "whenever"), whenever, scopes),
            "every": None
            if every is None
            else self.bench.attempt((*path, "every"), lambda: read_period(every, scopes)),
            "gap": self._running((*path, "gap"), doc.gap),
            "for_each": self._for_each((*path, "for_each"), doc.for_each, scopes),
        }

    def _running(self, path: Path, text: str | None) -> Duration | None:
        if text is None:
            return None
        duration = self.bench.length(path, text)
        if duration is not None and (not duration.runs or duration.amount == 0):
            self.bench.tell(
                path,
                Fault(
                    "DR209",
                    f"{quoted(text)} cannot be a gap",
                    help="use seconds, minutes or hours here; for days there is `every`",
                ),
            )
        return duration

    def _for_each(self, path: Path, text: str | None, scopes: Scopes) -> Pattern | None:
        if text is None:
            return None
        found = self.facts.patterns(
            path, text, lambda fields: attrs.evolve(scopes, fact=fields, this=None, where="the record"), records=True
        )
        if found and found[0].kind != "record":
            self.bench.tell(
                path, Fault("DR303", f"{quoted(text)} is no record", help="write the name of a record, such as `staff`")
            )
        return found[0] if found else None

    # --- looking back -------------------------------------------------------------------------------------------------

    def _look_back(self, path: Path, doc: RuleDoc, scopes: Scopes) -> dict[str, Any]:
        return {
            "if_": self.bench.condition((*path, "if"), doc.if_, scopes),
            "needs": self._needs((*path, "needs"), doc.needs, scopes),
            "needs_any": self._needs((*path, "needs_any"), doc.needs_any, scopes),
            "in_order": tuple(doc.in_order or ()),
            "asked_by": self._patterns((*path, "asked_by"), doc.asked_by, scopes),
            "unless": named_rules(self.bench, (*path, "unless"), doc.unless, PERMISSIONS),
        }

    def _patterns(self, path: Path, texts: str | list[str] | None, scopes: Scopes) -> tuple[Pattern, ...]:
        matter = self.bench.declared.records.get(scopes.matter or "")

        def inside(fields: Fields) -> Scopes:
            return scopes.within(fields if matter is None else fields.beside(matter.fields), "the fact")

        return self.facts.patterns(path, texts, inside)

    def _needs(self, path: Path, doc: Any, scopes: Scopes) -> tuple[Need, ...]:  # noqa: ANN401 - a mapping or a list
        if doc is None:
            return ()
        entries = doc.items() if isinstance(doc, dict) else enumerate(doc)
        found = [self._need((*path, key), key if isinstance(key, str) else None, need, scopes) for key, need in entries]
        return tuple(need for need in found if need is not None)

    def _need(self, path: Path, name: str | None, doc: str | NeedDoc, scopes: Scopes) -> Need | None:
        place = self.bench.place(path) if name is not None else self.bench.at(path).place
        if isinstance(doc, str) and (doc in self.bench.rules or ("rules", doc) in self.bench.broken):
            permission = named_rules(self.bench, path, doc, PERMISSIONS)
            return Need(name, None, permission[0], (), None, place) if permission else None
        fact, at = (doc, path) if isinstance(doc, str) else (doc.fact, (*path, "fact"))
        patterns = self._patterns(at, fact, scopes)
        who: tuple[Any, ...] = ()
        condition: Expr | None = None
        if isinstance(doc, NeedDoc):
            who = read_bearers(self.bench, (*path, "who"), doc.who, scopes)
            condition = self.bench.condition((*path, "if"), doc.if_, scopes)
        return Need(name, patterns[0], None, who, condition, place) if patterns else None

    # --- the clock ----------------------------------------------------------------------------------------------------

    def _clock(self, path: Path, doc: RuleDoc, scopes: Scopes) -> dict[str, Any]:
        from_ = self.bench.instant((*path, "from"), doc.from_, scopes)
        by, within = self.bench.instant((*path, "by"), doc.by, scopes), self._within(path, doc.within, scopes)
        self._check_hours(path, from_, by, within)
        until = self._patterns((*path, "until"), doc.until, scopes)
        until_all = self._patterns((*path, "until_all"), doc.until_all, scopes)
        paused = doc.paused_by
        return {
            "from_": from_,
            "by": by,
            "within": within,
            "promptly": doc.promptly,
            "until": until,
            "until_all": until_all,
            "at_least": self._at_least((*path, "at_least"), doc.at_least),
            "distinct": self._distinct(path, doc),
            "one_act": doc.one_act,
            "moved_by": self._moved(path, doc, scopes),
            "waived_by": self._patterns((*path, "waived_by"), doc.waived_by, scopes),
            "paused_by": None
            if paused is None
            else PausedBy(
                self._patterns((*path, "paused_by", "when"), paused.when, scopes),
                self._patterns((*path, "paused_by", "until"), paused.until, scopes),
            ),
            "excused_by": self._patterns((*path, "excused_by"), doc.excused_by, scopes),
            "soft": doc.soft,
            "observed": doc.observed is True,
            "relies_on": self._relied(path, doc),
            "postponed_while": self.bench.condition((*path, "postponed_while"), doc.postponed_while, scopes),
            "postponed_as": doc.postponed_as,
        }

    def _within(self, path: Path, text: str | None, scopes: Scopes) -> Within | None:
        if text is None:
            return None
        read = self.bench.attempt((*path, "within"), lambda: read_within(text, scopes))
        if read is None or read.duration is not None or read.parameter in self.bench.declared.changing:
            return read
        self.bench.used.add(("parameters", str(read.parameter)))  # without a value no clock runs
        return None

    def _check_hours(self, path: Path, from_: Instant | None, by: Instant | None, within: Within | None) -> None:
        """Tell of a limit in working hours in a pack that does not say which hours are worked."""
        limits = {
            "from": self._durations_in(from_),
            "by": self._durations_in(by),
            "within": [] if within is None else self._durations_of(within),
        }
        if self.bench.root.get("hours") is not None:
            return
        for key, durations in limits.items():
            if any(duration.unit is Unit.WORKING_HOUR for duration in durations):
                fault = Fault("DR218", "working hours need `hours`: the pack declares none", help="declare `hours`")
                self.bench.tell((*path, key), fault)

    def _durations_of(self, within: Within) -> list[Duration]:
        own = [] if within.duration is None else [within.duration]
        return [*own, *self.bench.dated_durations.get(within.parameter or "", ()), *self._durations_in(within.of)]

    def _durations_in(self, instant: Instant | None) -> list[Duration]:
        names = [part.name for part in walk_instant(instant) if isinstance(part, ParameterRef)]
        dated = [duration for name in names for duration in self.bench.dated_durations.get(name, ())]
        return [*durations_in(instant), *dated]

    def _distinct(self, path: Path, doc: RuleDoc) -> str | None:
        if doc.distinct is None:
            return None
        acts = [*self.triggers.facts_of(doc.until), *self.triggers.facts_of(doc.until_all)]
        for act in acts:
            fields = self.facts.fields(act)
            if doc.distinct in fields:
                return fields.canonical(doc.distinct)
        if acts:
            help_ = suggestion(doc.distinct, self.facts.fields(acts[0]).known)
            self.bench.tell(
                (*path, "distinct"), Fault("DR302", f"the acts have no field {quoted(doc.distinct)}", help=help_)
            )
        return doc.distinct

    def _moved(self, path: Path, doc: RuleDoc, scopes: Scopes) -> tuple[MovedBy, ...]:
        docs = [doc.moved_by] if isinstance(doc.moved_by, MovedDoc) else doc.moved_by or []
        found: list[MovedBy] = []
        for index, moved in enumerate(docs):
            at: Path = (*path, "moved_by") if isinstance(doc.moved_by, MovedDoc) else (*path, "moved_by", index)
            when = self._patterns((*at, "when"), moved.when, scopes)
            facts = self.triggers.facts_of(moved.when)
            fields = self.facts.fields(facts[0]) if facts else Fields(open=True)
            for fact in facts[1:]:
                fields = fields.joined(self.facts.fields(fact))
            to = self.bench.expression((*at, "to"), moved.to, scopes.within(fields, "the fact"), TIME)
            if to is not None and when:
                found.append(MovedBy(when, to, moved.clause))
        return tuple(found)

    def _relied(self, path: Path, doc: RuleDoc) -> tuple[str, ...]:
        found: list[str] = []
        for at, name in each_text((*path, "relies_on"), doc.relies_on):
            canonical = self.bench.aliases.get(name, name)
            found.append(canonical)
            if canonical not in self.bench.events:
                self.bench.unknown(at, Part(name, 0), "DR301", "event type", self.bench.events)
        return tuple(found)

    # --- what follows -------------------------------------------------------------------------------------------------

    def _consequence(self, path: Path, doc: RuleDoc, scopes: Scopes) -> dict[str, Any]:
        number = doc.by_number
        return {
            "consequence": self.consequences.read(path, doc, scopes),
            "by_number": None
            if number is None
            else self.bench.expression((*path, "by_number"), number, scopes, NUMBER),
            "tiers": self._tiers((*path, "tiers"), doc, scopes),
            "marginal": bool(doc.marginal),
            "once_per": tuple(text for _, text in each_text(path, doc.once_per)),
        }

    def _at_least(self, path: Path, written: int | str | None) -> int:
        number = None if written is None else self.bench.settled(path, written, int)
        if number is not None and number < 1:
            self.bench.tell(path, Fault("DR220", f"`{number}` acts are none"))
        return number or 1

    def _tiers(self, path: Path, doc: RuleDoc, scopes: Scopes) -> tuple[Tier, ...]:
        tiers: list[Tier] = []
        for name, tier in (doc.tiers or {}).items():
            at: Path = (*path, name)
            if tier.nature is None and doc.nature is not None and set(acts_of(tier)) & set(MONEY):
                tier = tier.model_copy(update={"nature": doc.nature})  # noqa: PLW2901 - the rule's word holds for its tiers
            consequence = self.consequences.read(at, tier, scopes, tier=True)
            excused = self._patterns((*at, "excused_by"), tier.excused_by, scopes)
            if consequence is not None:
                tiers.append(
                    Tier(name, tier.from_, tier.to, consequence, excused, words_of(tier.says), self.bench.place(at))
                )
        return tuple(sorted(tiers, key=lambda tier: tier.low))

    def _relations(self, path: Path, doc: RuleDoc, scopes: Scopes) -> dict[str, Any]:
        return {
            "of": named_rules(self.bench, (*path, "of"), doc.of, _COMPARED),
            "same": tuple(text for _, text in each_text(path, doc.same)),
            "keep": doc.keep or ("heaviest" if doc.kind == "choice" else None),
            "counts_as": self._deemed(path, doc),
            "with_": self._with(path, doc, scopes),
            "voids": doc.voids is not None,
        }

    def _deemed(self, path: Path, doc: RuleDoc) -> str | None:
        if doc.counts_as is None:
            return None
        canonical = self.bench.aliases.get(doc.counts_as, doc.counts_as)
        if canonical not in self.bench.events:
            self.bench.unknown((*path, "counts_as"), Part(doc.counts_as, 0), "DR301", "event type", self.bench.events)
        return canonical

    def _with(self, path: Path, doc: RuleDoc, scopes: Scopes) -> dict[str, Expr | None]:
        event = self.bench.events.get(self.bench.aliases.get(doc.counts_as or "", doc.counts_as or ""))
        found: dict[str, Expr | None] = {}
        for name, value in (doc.with_ or {}).items():
            at: Path = (*path, "with", name)
            field = event.aliases.get(name, name) if event is not None and name not in event.fields else name
            if event is not None and field not in event.fields:
                help_ = suggestion(name, event.fields)
                self.bench.tell_key(at, "DR302", f"`{event.name}` has no field {quoted(name)}", help_)
            if value == NEW:
                found[field] = None
                continue
            text = str(value).lower() if isinstance(value, bool) else str(value)
            expression = self.bench.expression(at, text, scopes, ANY)
            if expression is not None:
                found[field] = expression
        return found
