"""From the list of events to facts: doubles, the roster, voided and deemed facts."""

from __future__ import annotations

import attrs

from dutyrules.policies.model import Kind

from . import expressions, records, rulings
from .facts import Fact
from .truth import Unknown
from .world import World

DOUBLE = "DR620"
NOT_ON_ROSTER = "DR621"
NO_GROUND = "DR625"


def without_doubles(events) -> tuple[list, dict]:
    """Return the events, each id once (the first that came), and why others were set aside."""
    first, aside = {}, {}
    for event in events:
        known = first.setdefault(event.id, event)
        if known is not event and known != event:
            aside[event.id] = DOUBLE
    return list(first.values()), aside


def as_fact(pack, event) -> Fact:
    """Return the fact that an event is; decoding has filled in defaults and the subject."""
    data = {name: value for name, value in event.data.items() if value is not None}
    whose = person_field(pack.events[event.type])
    return Fact("event", event.type, event.id, event.time, data, data.get(whose), causes=(event.id,), roots=(event.id,))


def person_field(kind) -> str | None:
    """Return the field of an event type that says whose event it is, None where it is nobody's."""
    return kind.person or ("person" if "person" in kind.fields else None)


def known_facts(pack, events, as_of: int) -> tuple[list[Fact], dict]:
    """Return the facts known at T, matched to the roster, and which events could not be placed."""
    events, aside = without_doubles(events)
    found = [as_fact(pack, event) for event in events if event.time <= as_of]
    roster = World(pack, [fact for fact in found if not wants_duty(pack, fact)], as_of, "all")
    shifts = [
        instance
        for record in pack.records.values()
        if record.spans == "shift"
        for instance in records.of_kind(roster, record.name)
        if instance.start is not None
    ]
    placed = []
    for fact in found:
        if not wants_duty(pack, fact):
            placed.append(fact)
            continue
        matched = place(pack, fact, shifts)
        if matched is None:
            aside[fact.id] = NOT_ON_ROSTER
        else:
            placed.append(matched)
    return placed, aside


def wants_duty(pack, fact: Fact) -> bool:
    """Tell whether an event lacks a duty date or period that its type declares, and names a person."""
    if not any(record.spans == "shift" for record in pack.records.values()) or fact.person is None:
        return False
    kind = pack.events[fact.name]
    fields = kind.fields
    if not kind.on_shift or "duty_date" not in fields:
        return False
    period = fact.data.get("period")
    if period is not None and period not in pack.shifts:
        return False
    return "duty_date" not in fact.data or ("period" in fields and period is None)


def place(pack, fact: Fact, shifts) -> Fact | None:
    """Return the event with the duty that it belongs to, None where that cannot be told."""
    with_period = "period" in pack.events[fact.name].fields
    near = []
    for instance in shifts:
        shift = pack.shifts[instance.key["period"]]
        before, after = (running(shift.get(name)) for name in ("check_in_from", "check_out_until"))
        if (
            instance.key["person"] == fact.person
            and fact.data.get("duty_date") in (None, instance.key["duty_date"])
            and fact.data.get("period") in (None, instance.key["period"])
            and instance.start - before <= fact.time <= instance.end + after
        ):
            near.append(instance)
    wanted = ("duty_date", "period") if with_period else ("duty_date",)
    meant = {tuple(instance.key[name] for name in wanted) for instance in near}
    if len(meant) > 1:
        inside = [instance for instance in near if instance.start <= fact.time <= instance.end]
        meant = {tuple(instance.key[name] for name in wanted) for instance in inside}
    if len(meant) != 1:
        return None
    return attrs.evolve(fact, data={**fact.data, **dict(zip(wanted, meant.pop(), strict=True))})


def running(text) -> int:
    """Return seconds, minutes or hours as seconds; nothing is none."""
    if not text:
        return 0
    number = "".join(letter for letter in str(text) if letter.isdigit())
    unit = str(text).removeprefix(number).strip()[:1]
    return int(number) * {"s": 1, "m": 60, "h": 3600}[unit]


def settled_world(pack, events, as_of: int, carries) -> tuple[World, dict]:
    """Return the world of all facts at T, with voided events out, deemed ones in and questions answered.

    Each look is taken with what the look before it voided, deemed and answered, until nothing changes. Where the looks
    go round in a circle, some rule undoes the ground on which it rests.
    """
    found, aside = known_facts(pack, events, as_of)
    first = min((event.time for event in events if event.time <= as_of), default=None)
    state = State(frozenset(), (), {})
    seen: list[tuple[State, World]] = []
    while True:
        left = [fact for fact in found if fact.id not in state.gone]
        world = World(
            pack, [*left, *state.deemed], as_of, carries, first=first, answers=state.answers, all_events=found
        )
        answers, world.refused = rulings.settled(world)
        now = State(voided(world), tuple(deem(world)), answers)
        if now.says() == state.says():
            return world, aside
        seen.append((state, world))
        before = next((index for index, (one, _) in enumerate(seen) if one.says() == now.says()), None)
        if before is not None:
            return world, {**aside, **dict.fromkeys(at_odds([each for _, each in seen[before:]]), NO_GROUND)}
        state = now


@attrs.frozen(eq=False)
class State:
    """What one look at the log takes from the look before it."""

    gone: frozenset[str]
    deemed: tuple[Fact, ...]
    answers: dict

    def says(self) -> tuple:
        """Return what two states are compared by."""
        deemed = [(fact.id, fact.data) for fact in self.deemed]
        return self.gone, deemed, {name: answer.fact.id for name, answer in self.answers.items()}


def at_odds(worlds: list[World]) -> set[str]:
    """Return the rules that void one thing in one look and another in the next."""
    rules = [rule for rule in worlds[0].pack.rules.values() if rule.voids]
    return {rule.id for rule in rules if len({frozenset(voided_by(world, rule)) for world in worlds}) > 1}


def voided(world) -> frozenset[str]:
    """Return the ids of the facts that count for nothing."""
    return frozenset(name for rule in world.pack.rules.values() if rule.voids for name in voided_by(world, rule))


def voided_by(world, rule) -> set[str]:
    """Return the ids of the facts that one rule voids."""
    return {
        trigger.spot.fact.id
        for case in world.cases(rule.id)
        if not case.lacks and case.excused is None
        for trigger in case.triggers
        if trigger.spot.fact is not None
    }


def deem(world) -> list[Fact]:
    """Return the facts that definitions make of others."""
    found = []
    for rule in definitions(world):
        for case in world.cases(rule.id):
            if case.lacks or case.excused is not None:
                continue
            world.marks.add(("kind", rule.kind))
            found += deemed_of(world, rule, case)
    return sorted(found, key=lambda fact: fact.order)


def perhaps_deemed(world, names) -> list[Fact]:
    """Return the facts of some types that definitions may make of others: whether they do cannot be told."""
    found = []
    for rule in definitions(world):
        for case in world.cases(rule.id) if rule.counts_as in names else []:
            if case.lacks and case.excused is None:
                found += deemed_of(world, rule, case)
    return sorted(found, key=lambda fact: fact.order)


def definitions(world) -> list:
    """Return the rules by which facts count as others."""
    return [rule for rule in world.pack.rules.values() if rule.kind is Kind.DEFINITION and rule.counts_as is not None]


def deemed_of(world, rule, case) -> list[Fact]:
    """Return what the triggers of a definition count as."""
    found = []
    for trigger in case.triggers:
        fact = trigger.spot.fact
        if fact.id not in fact.roots and f"{rule.id}/" in fact.id:
            continue
        name = f"{rule.id}/{fact.id}"
        data = {}
        for field, expr in rule.with_.items():
            value = name if expr is None else expressions.evaluate(world, expr.tree, trigger.spot)
            if not isinstance(value, Unknown):
                data[field] = value
        kind = world.pack.events[rule.counts_as]
        for spec in kind.fields.values():
            if spec.has_default:
                data.setdefault(spec.name, spec.default)
        whose = person_field(kind)
        person = data.get(whose) if whose is not None else case.bearer
        found.append(Fact("event", rule.counts_as, name, fact.time, data, person, causes=fact.roots, roots=fact.roots))
    return found
