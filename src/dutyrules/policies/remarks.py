"""Warnings: a pack that loads and yet may not say what its author meant."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Final

from dutyrules.calendars.periods import PeriodKind, period_of
from dutyrules.policies import syntax
from dutyrules.policies.diagnostics import quoted
from dutyrules.policies.faults import Fault
from dutyrules.policies.layers import circles
from dutyrules.policies.readings import readings_of_count, readings_of_record, readings_of_rule, readings_of_value
from dutyrules.policies.syntax import FactKind
from dutyrules.policies.walk import conjuncts

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from dutyrules.policies.bench import Bench
    from dutyrules.policies.layers import Node
    from dutyrules.policies.model import Pack, Rule
    from dutyrules.policies.readings import Reading
    from dutyrules.policies.shapes import Path
    from dutyrules.policies.syntax import Pattern

LANGUAGES: Final = {"en": "English", "zh": "Chinese"}
_SECTIONS: Final = {
    "parameters": "parameter",
    "counts": "count",
    "values": "formula",
    "records": "record",
    "hours": "hours",
}


def _wanted_absent(pattern: Pattern) -> Iterator[str]:
    """Yield the fields that a fact must lack to meet a pattern: those of its `not known(…)`."""
    for part in conjuncts(pattern.condition):
        match part:
            case syntax.Not(operand=syntax.Call(function="known", arguments=(syntax.Field(name=name),))):
                yield name
            case _:
                pass


class Remarks:
    """Finds what deserves a remark in one pack that loads."""

    def __init__(self, bench: Bench, pack: Pack) -> None:
        self.bench = bench
        self.pack = pack

    def tell(self) -> None:
        """Tell every warning."""
        self._untranslated(("title",), self.pack.title)
        for rule in self.pack.rules.values():
            self._words(rule)
            self._vague(rule)
            self._changing(rule)
        self._unused()
        self._added_again()
        for parameter in self.pack.parameters.values():
            if not parameter.dated.values:
                message = f"`{parameter.name}` has no value: what rests on it stays undecidable"
                self.bench.tell_key(("parameters", parameter.name), "DR705", message)

    def _added_again(self) -> None:
        """Tell of a rule that an event of its own adding, or of one that this sets off, can set off again."""
        adding = {name: rule for name, rule in self.pack.rules.items() if rule.counts_as is not None}
        listening: dict[str, list[tuple[str, Pattern]]] = {}
        for name, rule in adding.items():
            for pattern in rule.when:
                for event in pattern.names if pattern.kind is FactKind.EVENT else ():
                    listening.setdefault(event, []).append((name, pattern))
        graph: dict[Node, tuple[Node, ...]] = {
            ("rules", name): tuple(
                ("rules", other)
                for other, pattern in listening.get(rule.counts_as or "", ())
                if not set(rule.with_) & set(_wanted_absent(pattern))
            )
            for name, rule in adding.items()
        }
        for circle in circles(graph):
            name = circle[0][1]
            message = f"the {quoted(adding[name].counts_as)} that {quoted(name)} adds can set it off again"
            help_ = "give `when` a condition that what is added does not meet"
            self.bench.tell_key((*circle[0], "counts_as"), "DR709", message, help_)

    def _words(self, rule: Rule) -> None:
        path: Path = ("rules", rule.id)
        if not rule.says:
            self.bench.tell_key(
                path, "DR707", f"{quoted(rule.id)} does not say what it demands", "add `says: {en: …, zh: …}`"
            )
        self._untranslated((*path, "says"), rule.says)
        for tier in rule.tiers:
            self._untranslated((*path, "tiers", tier.id, "says"), tier.says)

    def _untranslated(self, path: Path, words: Mapping[str, str]) -> None:
        for code, language in LANGUAGES.items():
            if words and code not in words:
                self.bench.tell_key(path, "DR701", f"the {language} words are missing", "write `{en: …, zh: …}`")

    def _vague(self, rule: Rule) -> None:
        """Tell of a sanction that follows by itself from a deadline that never runs out."""
        if rule.consequence is None or rule.consequence.discretion is not None:
            return
        for pattern in rule.when:
            for name in pattern.names if pattern.kind is FactKind.BREACH else ():
                broken = self.pack.rules.get(name)
                if broken is not None and broken.promptly and not (broken.by or broken.within or broken.every):
                    message = (
                        f"{quoted(name)} has no clock (`promptly: {broken.promptly}`), so only a finding breaks it"
                    )
                    help_ = "give it a figure with `within`, or name the finding here"
                    self.bench.tell(("rules", rule.id, "when"), Fault("DR703", message, help=help_))

    # --- values that change inside a period ---------------------------------------------------------------------------

    def _changing(self, rule: Rule) -> None:
        """Tell of a parameter that changes inside a period that a rule measures: the value of its first day holds."""
        kind = None if rule.every is None else rule.every.kind
        if kind is None or kind == PeriodKind.DAY:
            return
        for name in self._parameters_of(rule):
            parameter = self.pack.parameters.get(name)
            for since, _ in parameter.dated.values if parameter is not None else ():
                if since != dt.date.min and period_of(PeriodKind(kind), since).start != since:
                    words = kind.replace("_", " ")
                    message = f"{quoted(rule.id)} measures a {words}, inside which `{name}` changes on {since}"
                    help_ = f"the value of the first day holds for the whole {words}; let the change begin with one"
                    self.bench.tell_key(("rules", rule.id), "DR704", message, help_)

    def _parameters_of(self, rule: Rule) -> list[str]:
        found: dict[str, None] = {}
        seen: set[str] = set()
        waiting = list(readings_of_rule(rule))
        while waiting:
            reading = waiting.pop()
            match reading:
                case syntax.ParameterRef(name=name):
                    found[name] = None
                case syntax.CountRef(name=name) if name not in seen and name in self.pack.counts:
                    seen.add(name)
                    waiting += readings_of_count(self.pack.counts[name])
                case syntax.ValueRef(name=name) if name not in seen and name in self.pack.values:
                    seen.add(name)
                    value = self.pack.values[name]
                    found |= {} if value.chosen_by is None else {value.chosen_by: None}
                    waiting += readings_of_value(value)
        return sorted(found)

    # --- what nothing reads -------------------------------------------------------------------------------------------

    def _unused(self) -> None:
        used = self._used()
        declared = {
            "parameters": self.pack.parameters,
            "counts": self.pack.counts,
            "values": self.pack.values,
            "hours": self.pack.hours,
            "records": [name for name, record in self.pack.records.items() if record.spans is None],
        }
        for section, names in declared.items():
            for name in names:
                if (section, name) not in used:
                    self.bench.tell_key(
                        (section, name), "DR702", f"nothing reads the {_SECTIONS[section]} {quoted(name)}"
                    )

    def _used(self) -> set[tuple[str, str]]:
        used = set(self.bench.used)
        for reading in self._readings():
            match reading:
                case syntax.ParameterRef(name=name):
                    used.add(("parameters", name))
                case syntax.CountRef(name=name):
                    used.add(("counts", name))
                case syntax.ValueRef(name=name):
                    used.add(("values", name))
                case syntax.AnyRecord(record=name) | syntax.OpenCount(record=name):
                    used.add(("records", name))
                case syntax.Field(record=str(name)):
                    used.add(("records", name))
        used |= {("parameters", value.chosen_by) for value in self.pack.values.values() if value.chosen_by is not None}
        used |= {("records", link.record) for record in self.pack.records.values() for link in record.links}
        return used

    def _readings(self) -> Iterator[Reading]:
        for rule in self.pack.rules.values():
            yield from readings_of_rule(rule)
        for count in self.pack.counts.values():
            yield from readings_of_count(count)
        for value in self.pack.values.values():
            yield from readings_of_value(value)
        for record in self.pack.records.values():
            yield from readings_of_record(record)
