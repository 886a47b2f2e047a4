"""What facts and records are to a count: the cells that put its members where readers look."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dutyrules.runtime.context import Context
from dutyrules.runtime.store import NO_ENTRIES, Cell, Fact, Handed

if TYPE_CHECKING:
    from dutyrules.policies.model import Count
    from dutyrules.policies.syntax import Pattern
    from dutyrules.runtime.counting import Counting
    from dutyrules.runtime.instances import Instance
    from dutyrules.runtime.store import Store


class MemberCell(Cell):
    """What one fact is to one count."""

    __slots__ = ("count", "counting", "entries", "fact", "pattern")

    def __init__(self, counting: Counting, count: Count, pattern: Pattern, fact: Fact) -> None:
        super().__init__(counting.layer(count), ("member", count.name, fact.type, fact.id))
        self.counting = counting
        self.count = count
        self.pattern = pattern
        self.fact: Fact | None = fact
        self.entries = NO_ENTRIES

    def run(self, store: Store) -> None:
        """Put the fact where readers of the count look."""
        old, self.entries = self.entries, NO_ENTRIES
        if self.fact is not None:
            ctx = Context(self.fact, self.fact.matter, at=self.fact.time)
            self.entries = self.counting.places(self.count, self.pattern, ctx, self.fact)
        store.exchange_entries(old, self.entries)
        if self.fact is None:
            store.forget(self)


class InstanceMemberCell(Cell):
    """What the records under one key are to one count."""

    __slots__ = ("count", "counting", "handed_by", "key_values", "kind", "pattern")

    def __init__(self, counting: Counting, count: Count, pattern: Pattern, instance: Instance) -> None:
        super().__init__(counting.layer(count), ("members", count.name, instance.kind, instance.key))
        self.counting = counting
        self.count = count
        self.pattern = pattern
        self.kind = instance.kind
        self.key_values = instance.key
        self.handed_by: dict[str, Handed] = {}

    def run(self, store: Store) -> None:
        """Put the records where readers of the count look; those over before the change stay where they are."""
        gone = set(self.handed_by)
        for _time, _name, instance in store.read(("rec", self.kind, self.key_values)):
            gone.discard(instance.id)
            over = instance.closed is not None and instance.closed < self.since
            if over and instance.id in self.handed_by and self.counting.reads_itself_only(self.count, self.pattern):
                continue
            entries = self.counting.places_along(self.count, self.pattern, instance)
            self.handed_by.setdefault(instance.id, Handed()).give_entries(store, entries)
        for name in gone:
            self.handed_by.pop(name).give_entries(store, {})

    def forget_steps(self, store: Store) -> None:
        """Put the records anew after a part of their past is forgotten, without a word to readers: they look later."""
        for _time, _name, instance in store.buckets["rec", self.kind, self.key_values].entries:
            handed = self.handed_by.get(instance.id)
            if handed is None:
                continue
            entries = self.counting.places_along(self.count, self.pattern, instance)
            for place in handed.entries.keys() - entries.keys():
                store.lose(*place)
            for (key, time, name), value in entries.items():
                store.lose(key, time, name)
                store.buckets[key].add(time, name, value)
            handed.entries = entries
