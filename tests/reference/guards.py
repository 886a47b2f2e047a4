"""The guards of a rule: condition, needs and permissions, tried at one spot."""

from __future__ import annotations

import attrs

from dutyrules.policies.model import Kind
from dutyrules.policies.syntax import FactKind

from . import expressions, instants, log, patterns, records
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
    values.append(not out_of_order(world, rule, spot))
    return all_of(values)


def need_met(world, need, spot):
    """Return whether one need is met by a fact up to the reader's instant, or by a permission."""
    wanted = condition(world, need.if_, spot)
    if wanted is False:
        return True
    met = permits(world, need.permission, spot) if need.permission else any_of(v for _, v in papers(world, need, spot))
    return any_of([negated(wanted), met])


def lacking_needs(world, rule, spot) -> tuple[str, ...]:
    """Return the names of the needs that are certainly not met, or met only before one that goes before them."""
    found = [name_of(need) for need in rule.needs if need_met(world, need, spot) is False]
    found += [name for name in out_of_order(world, rule, spot) if name not in found]
    if rule.needs_any and all(need_met(world, need, spot) is False for need in rule.needs_any):
        found.append(" or ".join(name_of(need) for need in rule.needs_any))
    return tuple(found)


def name_of(need) -> str:
    """Return the name by which a need is told."""
    return need.id or need.permission or need.fact.source


def ways(world, rule, spot):
    """Yield the exceptions that are meant for such a case, each with what it lacks."""
    for name in rule.unless:
        view = meant(world, name, spot)
        if view is not None:
            yield name, spelled(world, world.pack.rules[name], view)


def spelled(world, rule, spot) -> list[str]:
    """Return what a permission lacks; beside a permission that it needs, what that one lacks."""
    found = []
    inner = {name_of(need): need.permission for need in rule.needs if need.permission}
    for name in lacking_needs(world, rule, spot):
        view = meant(world, inner[name], spot) if name in inner else None
        more = [] if view is None else spelled(world, world.pack.rules[inner[name]], view)
        found.append(f"{name} ({', '.join(more)})" if more else name)
    return found


def meant(world, name: str, spot):
    """Return how a permission sees a case, None where it is for certain, or perhaps, for other cases."""
    rule = world.pack.rules[name]
    view, certain = seen_by(world, rule, spot)
    if view is None or certain is not True or in_its_time(world, rule, view) is False:
        return None
    return None if condition(world, rule.if_, view) is False else view


def seen_at(spot, instant: int):
    """Return the same spot at another instant."""
    return attrs.evolve(spot, at=instant)


def papers(world, need, spot):
    """Return the facts that may meet a need, each with how certain that is; one that is perhaps deemed is not."""
    found = patterns.for_matter(world, need.fact, spot.matter, spot)
    if need.fact.kind is FactKind.EVENT:
        meant = patterns.among(world, world.perhaps(need.fact.names), need.fact, spot.matter, spot)
        found = [*found, *((fact, lacking(f"whether `{fact.id}` is so")) for fact, _ in meant)]
    return [(fact, value) for fact, value in found if fact.time <= spot.at]


def out_of_order(world, rule, spot) -> list[str]:
    """Return the needs that are there, but never after those that are named before them."""
    named = {need.id: need for need in rule.needs if need.fact is not None}
    last, found = None, []
    for name in rule.in_order:
        need = named.get(name)
        if need is None or condition(world, need.if_, spot) is not True:
            continue
        there = [fact for fact, value in papers(world, need, spot) if value is True]
        later = [fact for fact in there if last is None or fact.order > last.order]
        if later:
            last = later[0]
        elif there:
            found.append(name)
    return found


def permits(world, name: str, spot):
    """Return whether a permission holds on the same fact or matter at the same instant."""
    value = _permits(world, name, spot)
    world.marks.add(("kind", world.pack.rules[name].kind))
    world.marks.add(("permission", {True: "holds", False: "fails"}.get(value, "unknown")))
    return value


def _permits(world, name: str, spot):
    rule = world.pack.rules[name]
    view, certain = seen_by(world, rule, spot)
    if view is None or not world.in_force(rule, view.day):
        return False
    return all_of([certain, in_its_time(world, rule, view), passes(world, rule, view)])


def seen_by(world, rule, spot) -> tuple:
    """Return how a permission sees a case, None where it is about something else, and whether it is meant for it."""
    certain = True
    if rule.when:
        if spot.fact is None:
            return None, False
        certain = any_of(
            patterns.holds(world, pattern, spot.fact, spot)
            for pattern in rule.when
            if str(pattern.kind) == spot.fact.kind and spot.fact.name in pattern.names
        )
        if certain is False:
            return None, False
    if not rule.about:
        return spot, certain
    matter = about(world, rule.about, spot)
    return (None, False) if matter is None else (attrs.evolve(spot, matter=matter), certain)


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
    """Return the persons or the office that a bearer's text means, or who takes its place where that is not known."""
    named = first_named(world, who, spot)
    return bearer(world, who.otherwise, spot) if isinstance(named, Unknown) and who.otherwise is not None else named


def first_named(world, who, spot):
    """Return the persons or the office that the first word of a bearer's text means."""
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
    """Return the trigger's person or the breach's bearer; the person of the matter's key where a trigger has none."""
    fact = spot.fact
    if fact is not None and fact.person is not None:
        return [fact.person]
    named = spot.matter.keys.get("person") if spot.matter is not None else None
    if named is None or (fact is not None and fact.kind == "event" and log.person_field(world.pack.events[fact.name])):
        return lacking("person")
    return [named]
