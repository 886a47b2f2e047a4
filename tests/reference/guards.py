"""The guards of a rule: condition, needs and permissions, tried at one spot."""

from __future__ import annotations

from dutyrules.policies.model import Kind

from . import expressions, instants, patterns, records
from .facts import Spot
from .truth import Unknown, all_of, any_of, lacking, negated


def passes(world, rule, spot):
    """Return whether a rule's guards let a trigger through, perhaps unknown.

    What a prohibition needs is what would make the act right: it is broken where something is missing.
    """
    values = [condition(world, rule.if_, spot)]
    if rule.needs or rule.needs_any:
        there = needed(world, rule, spot)
        values.append(negated(there) if rule.kind is Kind.PROHIBITION else there)
    values.append(negated(any_of(permits(world, name, spot) for name in rule.unless)))
    return all_of(values)


def condition(world, expr, spot):
    """Return whether a condition holds; none always does."""
    return True if expr is None else expressions.truth_tree(world, expr.tree, spot)


def needed(world, rule, spot):
    """Return whether everything that a rule needs is there."""
    values = [need_met(world, need, spot) for need in rule.needs]
    if rule.needs_any:
        values.append(any_of(need_met(world, need, spot) for need in rule.needs_any))
    if rule.in_order:
        values.append(in_order(world, rule, spot))
    return all_of(values)


def need_met(world, need, spot):
    """Return whether one need is met by a fact up to the reader's instant, or by a permission."""
    wanted = condition(world, need.if_, spot)
    if wanted is False:
        return True
    met = permits(world, need.permission, spot) if need.permission else any_of(v for _, v in papers(world, need, spot))
    return any_of([negated(wanted), met])


def lacking_needs(world, rule, spot) -> tuple[str, ...]:
    """Return the names of the needs that are certainly not met."""
    found = [need for need in rule.needs if need_met(world, need, spot) is False]
    if rule.needs_any and all(need_met(world, need, spot) is False for need in rule.needs_any):
        found += rule.needs_any
    return tuple(need.id or need.permission or need.fact.source for need in found)


def papers(world, need, spot):
    """Return the facts that may meet a need, each with how certain that is."""
    return [
        (fact, value)
        for fact, value in patterns.for_matter(world, need.fact, spot.matter, spot)
        if fact.time <= spot.at
    ]


def in_order(world, rule, spot):
    """Return whether the named needs can be met by facts in the order in which they are named."""
    named = [need for need in (*rule.needs, *rule.needs_any) if need.id in rule.in_order and need.fact is not None]
    named.sort(key=lambda need: rule.in_order.index(need.id))
    last = None
    for need in named:
        if condition(world, need.if_, spot) is False:
            continue
        later = [
            fact
            for fact, value in papers(world, need, spot)
            if value is True and (last is None or fact.order > last.order)
        ]
        if not later:
            return False
        last = later[0]
    return True


def permits(world, name: str, spot):
    """Return whether a permission holds on the same fact or matter at the same instant."""
    value = _permits(world, name, spot)
    world.marks.add(("kind", world.pack.rules[name].kind))
    world.marks.add(("permission", str(value) if isinstance(value, bool) else "unknown"))
    return value


def _permits(world, name: str, spot):
    rule = world.pack.rules[name]
    values = []
    if rule.when:
        if spot.fact is None:
            return False
        met = [
            patterns.holds(world, pattern, spot.fact, spot)
            for pattern in rule.when
            if str(pattern.kind) == spot.fact.kind and spot.fact.name in pattern.names
        ]
        values.append(any_of(met))
    if rule.about:
        matter = about(world, rule.about, spot)
        if matter is None:
            return False
        spot = Spot(
            at=spot.at,
            day=spot.day,
            fact=spot.fact,
            matter=matter,
            this=spot.this,
            act=spot.act,
            period=spot.period,
            closing=spot.closing,
        )
    if not world.in_force(rule, spot.day):
        return False
    return all_of([*values, in_its_time(world, rule, spot), passes(world, rule, spot)])


def in_its_time(world, rule, spot):
    """Return whether the reader's instant lies within what a permission's `from` and `by` allow."""
    values = []
    if rule.from_ is not None:
        values.append(not_before(world, rule.from_, spot))
    if rule.by is not None:
        values.append(not_after(world, rule.by, spot))
    return all_of(values)


def not_before(world, instant, spot):
    """Return whether the reader's instant is at or after another."""
    since = instants.first_second(world, instants.evaluate(world, instant, spot))
    return since if isinstance(since, Unknown) else spot.at >= since


def not_after(world, instant, spot):
    """Return whether the reader's instant is at or before another."""
    until = instants.last_second(world, instants.evaluate(world, instant, spot))
    return until if isinstance(until, Unknown) else spot.at <= until


def about(world, kind: str, spot):
    """Return the matter of a record kind that a spot's fact or matter belongs to, None where there is none."""
    for matter in (spot.matter, spot.fact.matter if spot.fact is not None else None):
        if matter is not None and matter.instance is not None and matter.instance.kind == kind:
            return matter if matter.kind == kind else world.record_matter(matter.instance)
    carried = {}
    for name in world.pack.records[kind].key:
        value = expressions.bare(world, name, spot)
        carried[name] = None if isinstance(value, Unknown) else value
    at = world.as_of if world.pack.records[kind].spans else spot.at
    instance = records.found_by_key(world, kind, carried, at)
    return None if instance is None else world.record_matter(instance)


def bearers(world, rule, spot):
    """Return who bears what follows, or an unknown; a definition can do without."""
    if not rule.who:
        found = default_bearer(world, spot)
        return [None] if rule.kind is Kind.DEFINITION and isinstance(found, Unknown) else found
    found: list = []
    for who in rule.who:
        names = bearer(world, who, spot)
        if isinstance(names, Unknown):
            return names
        found += [name for name in names if name not in found]
    return found


def found_guilty(world, rule, spot):
    """Return whom a finding names, its `about` where it names nobody, else the rule's bearer."""
    named = spot.fact.data.get("person")
    return [named] if named is not None else bearers(world, rule, spot)


def bearer(world, who, spot):
    """Return the persons or the office that a bearer's text means."""
    if who.field is not None:
        value = expressions.evaluate(world, who.field.tree, spot)
        if isinstance(value, Unknown):
            return value
        return [str(each) for each in value] if isinstance(value, list | tuple) else [str(value)]
    if who.of is not None:
        value = expressions.evaluate(world, who.of.tree, spot)
        return value if isinstance(value, Unknown) else [f"{who.office}-{value}"]
    return [who.office]


def default_bearer(world, spot):
    """Return the trigger's person or the breach's bearer; without a fact the matter's person."""
    if spot.fact is not None and spot.fact.person is not None:
        return [spot.fact.person]
    value = expressions.bare(world, "person", spot)
    if isinstance(value, Unknown):
        return lacking("person")
    return [value]
