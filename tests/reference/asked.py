"""Questions put before the deed: may it be done as things stand, and what is missing for each way."""

from __future__ import annotations

from . import cases, guards, outcomes, patterns, triggers
from .truth import Unknown, any_of


def of_rule(world, rule) -> list:
    """Return the answer to each fact that asks whether a rule would be broken."""
    found = []
    for pattern in rule.asked_by:
        for fact in patterns.certain(world, pattern):
            for matter in triggers.matters_of(world, rule, fact):
                found += answered(world, rule, fact, matter)
    return found


def answered(world, rule, fact, matter) -> list:
    """Return the answer about one matter as it stands, with the time since when it is so."""
    if not world.in_force(rule, matter.date):
        return []
    done = deed(world, rule, fact, matter)
    until = world.as_of if done is None else min(done, world.as_of)
    answer, since = None, fact.time
    spot = triggers.spot_for(fact, matter)
    for instant in moments(world, fact.time, until):
        now = answer_at(world, rule, guards.seen_at(spot, instant))
        if now != answer:
            answer, since = now, instant
    word, detail, doubt = answer
    people = guards.bearers(world, rule, spot) if rule.who else [fact.person]
    people = [None] if isinstance(people, Unknown) or not people else people
    trigger = triggers.new(since, (since, 0, fact.id), spot, (fact.id,))
    made = []
    for person in people:
        case = cases.Case(rule, matter, person, [trigger])
        if doubt:
            made.append(outcomes.undecidable(world, case, doubt))
        else:
            notice = outcomes.make(world, case, "notice", "issued", since, notice=word, detail=detail or None)
            place = f"{matter.id}/asked"
            made.append(notice.with_(id=cases.spelled(world, rule.id, "notice", place, person)))
    return made


def deed(world, rule, fact, matter) -> int | None:
    """Return when the deed was done that had been asked for, None while it was not."""
    spot = triggers.spot_for(fact, matter)
    own = matter if matter.instance is not None else None
    found = [
        each for pattern in rule.when for each, value in patterns.for_matter(world, pattern, own, spot) if value is True
    ]
    later = [each.time for each in found if each.order > fact.order]
    return min(later, default=None)


def moments(world, since: int, until: int) -> list[int]:
    """Return every instant at which an answer may change."""
    return sorted({since} | {fact.time for fact in world.events if since <= fact.time <= until})


def answer_at(world, rule, spot) -> tuple:
    """Return a word, the way that is open or what each way lacks, and what is not known."""
    met = guards.condition(world, rule.if_, spot)
    if met is False:
        return "permitted", "", ()
    values = {name: guards.permits(world, name, spot) for name in rule.unless}
    if any_of(values.values()) is True:
        return "permitted", next(name for name, value in values.items() if value is True), ()
    doubt = tuple(reason for value in (met, *values.values()) if isinstance(value, Unknown) for reason in value.lacks)
    ways = [f"{name}: {', '.join(lacks)}" for name, lacks in guards.ways(world, rule, spot)]
    return "undecidable" if doubt else "not_permitted", "; ".join(ways), doubt
