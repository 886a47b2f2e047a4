"""Counts, formulas and records in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from dutyrules.handbook.clocks import Clocks
from dutyrules.handbook.document import Item
from dutyrules.handbook.facts import Facts
from dutyrules.handbook.text import term
from dutyrules.policies import syntax
from dutyrules.policies.model import WindowKind
from dutyrules.policies.readings import readings_of_count, readings_of_record, readings_of_rule, readings_of_value

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dutyrules.handbook.words import Words
    from dutyrules.policies.model import Count, Link, Record, Rule, Value
    from dutyrules.policies.readings import Reading
    from dutyrules.policies.syntax import Pattern


@attrs.frozen
class Definitions:
    """Words what a pack declares above its rules."""

    words: Words

    @property
    def facts(self) -> Facts:
        """Return the wording of facts and conditions."""
        return Facts(self.words)

    def of_rule(self, rule: Rule) -> tuple[Item, ...]:
        """Return how everything is counted or reckoned that a rule reads, also by way of a formula."""
        say = self.words
        return tuple(
            Item(say("defined", name=self.named(name), text=self.text(name)))
            for name in self._read(readings_of_rule(rule))
        )

    def named(self, name: str) -> str:
        """Return a count or formula by its words and its name."""
        return self.words.count(name) if name in self.words.pack.counts else self.words.declared(name)

    def text(self, name: str) -> str:
        """Return how a count or formula is counted or reckoned."""
        pack = self.words.pack
        return self.value(pack.values[name]) if name in pack.values else self.count(pack.counts[name])

    def _read(self, readings: Iterable[Reading]) -> list[str]:
        """Return the counts and formulas that are read, each once, those that a formula reads after it."""
        found: dict[str, None] = {}
        waiting = [one.name for one in readings if isinstance(one, syntax.CountRef | syntax.ValueRef)]
        while waiting:
            name = waiting.pop(0)
            if name in found:
                continue
            found[name] = None
            waiting += [one.name for one in self._inside(name) if isinstance(one, syntax.CountRef | syntax.ValueRef)]
        return list(found)

    def _inside(self, name: str) -> Iterator[Reading]:
        pack = self.words.pack
        return readings_of_value(pack.values[name]) if name in pack.values else readings_of_count(pack.counts[name])

    # --- counts -------------------------------------------------------------------------------------------------------

    def count(self, count: Count) -> str:
        """Return how a count is counted."""
        say = self.words
        parts = [self._members(count), self._whose(count), self._window(count)]
        if count.except_ is not None:
            parts.append(say("count_except", field=say.name(count.except_)))
        if count.streak_of is not None:
            parts.append(say("count_streak", record=say.record(count.streak_of)))
        return say("list_comma").join(part for part in parts if part)

    def _members(self, count: Count) -> str:
        say = self.words
        members = self._counted(count.of)
        if count.spread is not None:
            first, last = (say.name(one, "date") for one in count.spread)
            return say("count_days", members=members, first=first, last=last)
        if count.distinct is not None:
            return say("count_distinct", members=members, field=say.name(count.distinct))
        return say("count_records" if count.of[0].kind == "record" else "count_facts", members=members)

    def _counted(self, patterns: tuple[Pattern, ...]) -> str:
        return self.facts.any_of(patterns)

    def _whose(self, count: Count) -> str:
        say, value = self.words, self.facts.expressions.value
        said: list[str] = []
        for reader, member in count.per:
            own, other = value(reader.tree), value(member.tree)
            said.append(own if own == other else say("count_per_pair", reader=own, member=other))
        return say("count_per", fields=say.all_of(said)) if said else ""

    def _window(self, count: Count) -> str:
        say = self.words
        if count.window is WindowKind.ROLLING:
            return say("window_rolling", duration="" if count.rolling is None else say.duration(count.rolling))
        said = say(f"window_{count.window.value}")
        if count.date is None:
            return said
        return say("window_of", window=said, date=self.facts.expressions.value(count.date.tree))

    # --- formulas -----------------------------------------------------------------------------------------------------

    def value(self, value: Value) -> str:
        """Return how a formula is reckoned."""
        say, read = self.words, self.facts.expressions.value
        if value.chosen_by is None:
            return say("semicolon").join(read(expr.tree) for expr in value.variants.values())
        variants = [
            say("variant", chosen=say.value(chosen), text=read(expr.tree)) for chosen, expr in value.variants.items()
        ]
        return say("variants", list=say("semicolon").join(variants), parameter=say.parameter(value.chosen_by))

    # --- records ------------------------------------------------------------------------------------------------------

    def matter(self, record: Record) -> str:
        """Return a kind of record with what tells one from another."""
        say = self.words
        if not record.key:
            return say.record(record.name)
        key = say.all_of([say.name(name, _key_type(say, record, name)) for name in record.key])
        return say("record_key", record=say.record(record.name), key=key)

    def record(self, record: Record) -> tuple[str, str]:
        """Return what tells one record from another, and its life."""
        say = self.words
        key = say.all_of([say.name(name, _key_type(say, record, name)) for name in record.key])
        parts = [say("record_opens", facts=self.facts.any_of(record.opens))]
        if record.updates:
            parts.append(say("record_updates", facts=self.facts.any_of(record.updates)))
        parts += self._ends(record)
        if record.dated is not None:
            parts.append(say("record_dated", field=say.name(record.dated, "date")))
        if record.start is not None:
            parts.append(say("record_start", instant=Clocks(say).instant(record.start)))
        if record.reads is not None:
            parts.append(say("record_reads", record=say.record(record.reads)))
        parts += [self._link(link) for link in record.links]
        if record.always:
            parts.append(say("record_kept_for_ever"))
        elif record.keep is not None:
            parts.append(say("record_kept", duration=say.duration(record.keep)))
        return key or say("record_only_one"), say.sentences(parts)

    def _ends(self, record: Record) -> list[str]:
        say = self.words
        found: list[str] = []
        if record.spans is not None:
            found.append(say(f"record_spans_{record.spans}"))
        if record.closes:
            found.append(say("record_closes", facts=self.facts.any_of(record.closes)))
        if record.closes_at is not None:
            found.append(say("record_closes_at", instant=Clocks(say).instant(record.closes_at)))
        return found

    def _link(self, link: Link) -> str:
        say = self.words
        text = say(
            "record_link",
            name=term(link.name),
            record=say.record(link.record),
            of=self.facts.expressions.value(link.of.tree),
        )
        if link.within is not None:
            text += say("record_link_within", duration=say.duration(link.within))
        if link.if_ is not None:
            text += say("record_link_if", condition=self.facts.condition(link.if_))
        return text

    # --- where names are read -----------------------------------------------------------------------------------------

    def readers(self) -> dict[str, list[str]]:
        """Return, by parameter, the rules that read it, also by way of counts, formulas and records."""
        pack = self.words.pack
        found: dict[str, list[str]] = {name: [] for name in pack.parameters}
        for rule in pack.rules.values():
            for name in dict.fromkeys(self._parameters(rule)):
                if name in found:
                    found[name].append(rule.id)
        return found

    def _parameters(self, rule: Rule) -> Iterator[str]:
        pack = self.words.pack
        if rule.within is not None and rule.within.parameter is not None:
            yield rule.within.parameter
        readings = list(readings_of_rule(rule))
        for name in self._read(readings):
            if name in pack.values and pack.values[name].chosen_by is not None:
                yield pack.values[name].chosen_by or ""
            readings += self._inside(name)
        if rule.about is not None:
            readings += readings_of_record(pack.records[rule.about])
        for one in readings:
            if isinstance(one, syntax.ParameterRef):
                yield one.name


def _key_type(words: Words, record: Record, name: str) -> str:
    """Return the type of a key field as the first event that opens the record has it."""
    for pattern in record.opens:
        for event in pattern.names:
            known = words.pack.events.get(event)
            if known is not None and name in known.fields:
                kind = known.fields[name].type.value
                return "text" if kind == "person" else kind
    return ""
