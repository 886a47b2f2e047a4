"""Cases: what a rule comes to for each matter and bearer, before its clock and its consequence are looked at."""

from __future__ import annotations

import attrs

from dutyrules.policies.model import Kind

from . import clocks, consequences, days, expressions, guards, patterns, trees, triggers
from .facts import Fact, Matter, Spot, Trigger, shown
from .truth import Unknown, all_of, lacking, negated


@attrs.define(eq=False)
class Case:
    """One outcome in the making.

    `lacks` where it cannot be decided, `excused` (when, why) where all its triggers were undone.
    """

    rule: object
    matter: Matter
    bearer: str | None
    triggers: list[Trigger]
    lacks: tuple[str, ...] = ()
    excused: tuple[int, tuple[str, ...]] | None = None
    once: tuple[str, ...] | None = None

    @property
    def first(self) -> Trigger:
        """Return the trigger that opens the case."""
        return self.triggers[0]

    @property
    def spot(self) -> Spot:
        """Return where the case is read."""
        return self.first.spot

    @property
    def causes(self) -> tuple[str, ...]:
        """Return the ids that set the case off."""
        return tuple(sorted({cause for trigger in self.triggers for cause in trigger.causes}))


def outcome_id(world, case: Case, kind: str) -> str:
    """Return the id of an outcome of a case."""
    return named(world, case.rule.id, kind, case)


def named(world, rule: str, kind: str, case: Case) -> str:
    """Return the id of an outcome that a rule or norm of the pack makes of a case."""
    place = case.matter.id if case.once is None else ",".join(case.once)
    return spelled(world, rule, kind, place, case.bearer)


def spelled(world, rule: str, kind: str, place: str, bearer) -> str:
    """Return the id made of pack, section (if any), rule, kind, place and bearer."""
    pack = world.pack
    section = [pack.section] if pack.section else []
    parts = [pack.name, *section, rule, kind, place, bearer or ""]
    return "/".join(shown(part).replace("%", "%25").replace("/", "%2F") for part in parts)


def of_rule(world, rule) -> list[Case]:
    """Return all cases of a rule: those that stand, those that cannot be decided and those that were excused."""
    return grouped(world, rule, triggers.of_rule(world, rule), guards.passes, guards.bearers)


def of_findings(world, rule) -> list[Case]:
    """Return the cases that findings with the rule's code make."""

    def condition(world, rule, spot):
        return True if triggers.set_off(rule) else guards.passes(world, rule, spot)

    return grouped(world, rule, triggers.by_finding(world, rule), condition, guards.found_guilty)


def not_permitted(world, rule) -> list[Case]:
    """Return the cases in which an approval or eligibility is not there, or a permission may or may not be."""

    def allowed(world, rule, spot):
        return all_of([guards.in_its_time(world, rule, spot), guards.passes(world, rule, spot)])

    def fails(world, rule, spot):
        return negated(allowed(world, rule, spot))

    def whose(world, rule, spot):
        found = guards.bearers(world, rule, spot)
        return [None] if rule.kind is Kind.PERMISSION and isinstance(found, Unknown) else found

    found = triggers.of_rule(world, rule)
    if rule.kind is not Kind.PERMISSION:
        return grouped(world, rule, found, fails, whose)
    doubtful = [
        (trigger, value)
        for trigger, certain in found
        if isinstance(value := all_of([certain, allowed(world, rule, trigger.spot)]), Unknown)
    ]
    return grouped(world, rule, doubtful, lambda *_: True, whose)


def grouped(world, rule, found_triggers, test, whose) -> list[Case]:
    """Return one case for each matter and bearer of the triggers that meet a test."""
    groups: dict[tuple, list[tuple[Trigger, object, str | None, Matter]]] = {}
    for trigger, certain in found_triggers:
        matter = trigger.spot.matter
        if matter is None or not world.in_force(rule, matter.date):
            continue
        value = all_of([certain, test(world, rule, trigger.spot)])
        if value is False:
            continue
        value = relied_on(world, rule, trigger, value)
        found = whose(world, rule, trigger.spot)
        if isinstance(found, Unknown):
            value, found = found, [None]
        for bearer in found:
            once = once_values(world, rule, trigger.spot, bearer)
            if isinstance(once, Unknown):
                value, once = (once if value is True else value), None
            if value is not True:
                once = None
            groups.setdefault((matter.id if once is None else once, bearer), []).append((trigger, value, once, matter))
    if rule.until or rule.until_all:
        groups = of_first(groups)
    return [decided(world, rule, bearer, found) for (_, bearer), found in groups.items()]


def of_first(groups: dict) -> dict:
    """Return one group for each bearer of the first certain trigger of a matter, with all triggers of that matter."""
    made: dict = {}
    for place in dict.fromkeys(place for place, _ in groups):
        entries = [(entry, bearer) for (own, bearer), found in groups.items() if own == place for entry in found]
        entries.sort(key=lambda each: (each[0][1] is not True, each[0][0].order))
        lead = entries[0][0][0]
        triggers_once = {id(entry[0]): entry for entry, _ in entries}
        for bearer in [bearer for entry, bearer in entries if entry[0] is lead]:
            made[place, bearer] = list(triggers_once.values())
    return made


def relied_on(world, rule, trigger, value):
    """Return what a rule comes to where the log's silence would have to speak."""
    if value is not True:
        return value
    types = () if rule.until or rule.until_all else rule.relies_on
    if rule.whenever is not None:
        return value
    fact = trigger.spot.fact
    if not rule.relies_on and fact is not None and fact.kind == "end" and rule.if_ is not None:
        types = trees.types_missed(world, rule.if_.tree)
    silent = world.silent(types, trigger.spot.day)
    return Unknown(tuple(f"events of type {name}" for name in silent)) if silent else value


def once_values(world, rule, spot, bearer):
    """Return the values of `once_per`, None where a rule has none."""
    if not rule.once_per:
        return None
    values = []
    for name in rule.once_per:
        if name == "person":
            if bearer is None:
                return lacking(name)
            values.append(str(bearer))
        elif name in ("month", "year"):
            values.append(days.dates_of(name, spot.matter.date)[0])
        else:
            value = expressions.bare(world, name, spot)
            if isinstance(value, Unknown):
                return value
            values.append(str(value))
    return tuple(values)


def decided(world, rule, bearer, found) -> Case:
    """Return the case of one matter and bearer: it stands on the triggers that pass and were not excused."""
    found = sorted(found, key=lambda entry: entry[0].order)
    excuses = [excuse_of(world, rule.excused_by, trigger) for trigger, _, _, _ in found]
    passing = [entry for entry in found if entry[1] is True]
    standing = [entry for entry, excuse in zip(found, excuses, strict=True) if entry[1] is True and excuse is None]
    unsure = [entry for entry, excuse in zip(found, excuses, strict=True) if entry[1] is not True and excuse is None]
    chosen = standing or unsure or passing or found
    lead = chosen[0]
    case = Case(rule, lead[3], bearer, [entry[0] for entry in chosen], once=lead[2])
    if not standing and unsure:
        case.lacks = tuple(sorted({reason for entry in unsure for reason in entry[1].lacks}))
    elif not standing:
        undone = [excuse for entry, excuse in zip(found, excuses, strict=True) if entry in chosen]
        last = max(undone, key=lambda fact: fact.order)
        case.excused = (last.time, last.causes)
        if not passing:
            case.lacks = ("nothing: it was excused",)
    return case


def excuse_of(world, found_patterns, trigger, since: int | None = None) -> Fact | None:
    """Return the first later fact that undoes a trigger."""
    spot = trigger.spot
    for fact in patterns.certain_for(world, found_patterns, spot.matter, spot):
        if fact.time > (trigger.time if since is None else since):
            return fact
    return None


# --- what follows as facts --------------------------------------------------------------------------------------------


def breach_facts(world, rule) -> list[Fact]:
    """Return the standing breaches of a rule as facts."""
    found = {}
    if rule.until or rule.until_all:
        for owed in world.obligations(rule.id):
            if owed.breached is not None:
                fact = clocks.breach_fact(world, owed)
                found[fact.id] = fact
    for case in broken(world, rule):
        if not case.lacks and case.excused is None:
            name = outcome_id(world, case, "breach")
            found.setdefault(name, fact_of(case, "breach", name, case.first.time))
    return list(found.values())


def broken(world, rule) -> list[Case]:
    """Return the cases of a rule that are breaches by themselves, with no limit that was missed."""
    if str(rule.kind) not in ("prohibition", "obligation", "procedure"):
        return []
    found = list(world.findings(rule.id))
    if not (rule.until or rule.until_all) and rule.soft is None and str(rule.kind) != "procedure":
        found += world.cases(rule.id)
    return found


def excuse_facts(world, rule) -> list[Fact]:
    """Return what was excused of a rule as facts."""
    found = []
    for case, (time, causes) in consequences.excused(world, rule):
        fact = fact_of(case, "excuse", outcome_id(world, case, "excuse"), time)
        found.append(attrs.evolve(fact, causes=tuple(sorted({*fact.roots, *causes}))))
    return found


def fact_of(case: Case, kind: str, name: str, time: int, act: Fact | None = None) -> Fact:
    """Return a fact that a case makes: it hands on bearer, matter, date and the fields of what set the case off."""
    trigger = case.spot.fact
    data = {**(trigger.data if trigger is not None else {}), "date": case.matter.date, **case.matter.keys}
    if case.bearer is not None:
        data["person"] = case.bearer
    act = act or (trigger.act if trigger is not None else None)
    return Fact(
        kind=kind,
        name=case.rule.id,
        id=name,
        time=time,
        data=data,
        person=case.bearer,
        date=case.matter.date,
        matter=case.matter,
        act=act,
        causes=(name,),
        roots=roots_of(case),
    )


def roots_of(case: Case) -> tuple[str, ...]:
    """Return the events at the bottom of a case."""
    facts = [trigger.spot.fact for trigger in case.triggers if trigger.spot.fact is not None]
    return tuple(sorted({root for fact in facts for root in fact.roots}))
