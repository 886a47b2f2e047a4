"""Fact patterns: which facts there are, which of them a pattern means, and which belong to a matter."""

from __future__ import annotations

import datetime as dt

from dutyrules.policies.syntax import FactKind

from . import days, expressions, records
from .facts import ABSENT, Fact, Spot, shown
from .truth import Unknown


def facts_of(world, pattern) -> list[Fact]:
    """Return all facts of a pattern's kind and names that are known, whatever its `where`, in order."""
    return world.once(("facts", pattern.kind, pattern.names), lambda: _facts_of(world, pattern))


def _facts_of(world, pattern) -> list[Fact]:
    found: list[Fact] = []
    for name in pattern.names:
        match pattern.kind:
            case FactKind.EVENT:
                found += [fact for fact in world.events if fact.name == name]
            case FactKind.BREACH:
                found += world.breaches(name)
            case FactKind.FULFILMENT:
                found += world.fulfilments(name)
            case FactKind.EXCUSE:
                found += world.excuses(name)
            case FactKind.SANCTION:
                found += world.sanctions(name)
            case FactKind.END:
                found += ends_of(world, name)
            case _:
                raise TypeError(pattern.kind)
    return sorted((fact for fact in found if fact.time <= world.as_of), key=lambda fact: fact.order)


def ends_of(world, kind: str) -> list[Fact]:
    """Return the ends of the records of a kind."""
    found = []
    for instance in records.of_kind(world, kind):
        if instance.closed is None:
            continue
        world.interesting.add(instance.closed)
        matter = world.record_matter(instance, days.date_of(instance.closed, world.zone))
        data = {"date": matter.date, **instance.key}
        found.append(
            Fact(
                kind="end",
                name=kind,
                id=f"end:{instance.id}",
                time=instance.closed,
                data=data,
                person=data.get("person"),
                date=matter.date,
                matter=matter,
                causes=tuple(cause for fact in instance.openers for cause in fact.causes),
                roots=tuple(root for fact in instance.openers for root in fact.roots),
            )
        )
    return found


def spot_at(world, fact: Fact, this: Spot | None = None) -> Spot:
    """Return the spot at which a pattern's `where` reads a fact: the fact's own instant."""
    return Spot(at=fact.time, day=world.day_of(fact), fact=fact, matter=fact.matter, this=this, act=fact.act)


def holds(world, pattern, fact: Fact, this: Spot | None = None):
    """Return whether a fact meets the pattern's `where`, perhaps unknown."""
    if pattern.where is None:
        return True
    return expressions.truth_tree(world, pattern.where.tree, spot_at(world, fact, this))


def certain(world, pattern, this: Spot | None = None) -> list[Fact]:
    """Return the facts that meet the pattern for certain."""
    return [fact for fact in facts_of(world, pattern) if holds(world, pattern, fact, this) is True]


def belongs(fact: Fact, matter) -> bool:
    """Tell whether a fact concerns a matter: every key field of it that the fact carries has the matter's value."""
    return all(
        fact.data.get(name) is None or fact.data[name] == value or shown(fact.data[name]) == value
        for name, value in matter.keys.items()
    )


def for_matter(world, pattern, matter, this: Spot) -> list[tuple[Fact, object]]:
    """Return the facts of a pattern that concern a matter, each with whether `where` holds (never false)."""
    return among(world, facts_of(world, pattern), pattern, matter, this)


def among(world, facts, pattern, matter, this: Spot) -> list[tuple[Fact, object]]:
    """Return those facts that concern a matter, each with whether a pattern's `where` holds (never false)."""
    found = []
    for fact in facts:
        if matter is not None and not belongs(fact, matter):
            continue
        value = holds(world, pattern, fact, this)
        if value is not False:
            found.append((fact, value))
    return found


def certain_for(world, found_patterns, matter, this: Spot) -> list[Fact]:
    """Return the facts of several patterns that certainly concern a matter, in order, each once."""
    found = {}
    for pattern in found_patterns:
        for fact, value in for_matter(world, pattern, matter, this):
            if value is True:
                found[fact.kind, fact.id] = fact
    return sorted(found.values(), key=lambda fact: fact.order)


def instances_of(world, pattern, at: int, spot: Spot, since: int | None = None) -> list[tuple[object, object]]:
    """Return the records of a pattern known by `at` (and, with `since`, living after it), each with its `where`."""
    found = []
    for kind in pattern.names:
        for instance in records.of_kind(world, kind):
            if not instance.known(at):
                continue
            if since is not None and instance.closed is not None and instance.closed <= since:
                continue
            value = True
            if pattern.where is not None:
                value = expressions.truth_tree(world, pattern.where.tree, inside(instance, at, spot))
            if value is not False:
                found.append((instance, value))
    return found


def inside(instance, at: int, spot: Spot, this: Spot | None = None) -> Spot:
    """Return the spot inside a record that is looked at from another spot: windows are those of the outer reader."""
    return Spot(at=at, day=spot.day, instance=instance, this=this, period=spot.period)


def read_fact(world, fact: Fact, name: str):
    """Return a field of a fact itself, or ABSENT."""
    if name == "time":
        return fact.time
    value = fact.data.get(name)
    if value is not None:
        return value
    if name == "person" and fact.person is not None:
        return fact.person
    if name == "date":
        return world.day_of(fact)
    return ABSENT


def read_matter(world, matter, name: str, at: int):
    """Return a field of a matter, or ABSENT."""
    if matter.keys.get(name) is not None:
        return matter.keys[name]
    if name == "date":
        return matter.date
    if matter.instance is not None:
        value = records.read(world, matter.instance, name, max(at, matter.instance.opened))
        if not isinstance(value, Unknown):
            return value
    if matter.fact is not None:
        return read_fact(world, matter.fact, name)
    return ABSENT


def day_of(world, fact: Fact):
    """Return the date of a fact: its own, its matter's, that of a record whose key it carries, else of its time."""
    own = fact.data.get("date")
    if own is not None and not isinstance(own, str | int):
        return own
    if fact.matter is not None:
        return fact.matter.date
    if fact.date is not None:
        return fact.date
    for record in world.pack.records.values():
        if isinstance(fact.data.get(record.dated), dt.date):
            return fact.data[record.dated]
    return days.date_of(fact.time, world.zone)
