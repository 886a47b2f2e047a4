"""Entitlements: granted, postponed day by day, taken."""

from __future__ import annotations

import attrs

from . import cases, consequences, days, guards, instants, patterns
from .outcomes import Made, make, undecidable
from .truth import Unknown


def of_case(world, rule, case) -> list[Made]:
    """Return the right of a case as it stands at T."""
    given, more = rule.consequence, {"grant": rule.consequence.what}
    if given.amount is not None:
        amount = consequences.sum_of(world, given, case.spot)
        if isinstance(amount, Unknown):
            return [undecidable(world, case, amount.lacks)]
        more |= {"amount": amount, "currency": world.pack.currency}
    more["period"] = days.dates_of("month", case.matter.date)[0]
    due, extra = None, []
    if rule.by is not None or rule.within is not None:
        due = limit(world, rule, case)
        if isinstance(due, Unknown):
            return [undecidable(world, case, due.lacks)]
    status, time, because = "granted", case.first.time, ()
    taken = taken_by(world, rule, case)
    if rule.postponed_while is not None and due is not None:
        until = taken.time if taken is not None else world.as_of
        later, moved, doubt = postponed(world, rule, case, due, until)
        if doubt is not None:
            extra = [undecidable(world, case, doubt[1].lacks, doubt[0])]
        elif moved is not None:
            extra = [put_off(world, rule, case, later, moved)]
    if taken is not None:
        status, time, because = "taken", max(taken.time, case.first.time), taken.causes
    text = None if due is None else days.iso(due, world.zone)
    return [make(world, case, "entitlement", status, time, because, **more, due=text), *extra]


def put_off(world, rule, case, due: int, moved: int) -> Made:
    """Return the right on the day to which it was moved, under the norm that moves it."""
    made = make(
        world, case, "entitlement", "postponed", moved, grant=rule.consequence.what, due=days.iso(due, world.zone)
    )
    name = rule.postponed_as or rule.id
    rules = world.pack.rules
    clause = rules[name].clause if name in rules else name
    return made.with_(rule=name, clause=clause, id=cases.named(world, name, "entitlement", case))


def limit(world, rule, case):
    """Return the last second of the day or time by which a right is due."""
    if rule.by is not None:
        return instants.last_second(world, instants.evaluate(world, rule.by, case.spot))
    return instants.due(world, case.first.time, rule.within, case.spot)


def taken_by(world, rule, case):
    """Return the first fact that takes a right, None while none does."""
    found = patterns.certain_for(world, rule.until, case.matter, case.spot)
    since = case.first.time
    return next((fact for fact in found if fact.time >= since), None)


def postponed(world, rule, case, due: int, until: int):
    """Move a right from day to day while its condition fails; return the limit, when it was last moved, and a doubt."""
    moved = doubt = None
    day = days.date_of(due, world.zone)
    while doubt is None:
        begins = max(days.start_of(day, world.zone), case.first.time)
        world.interesting.add(begins)
        if begins > until or begins > world.as_of:
            break
        spot = attrs.evolve(case.spot, at=begins, day=day)
        value = guards.condition(world, rule.postponed_while, spot)
        if isinstance(value, Unknown):
            doubt = (begins, value)
        elif not value:
            break
        else:
            moved = begins
            day += days.DAY
    return days.end_of(day, world.zone), moved, doubt
