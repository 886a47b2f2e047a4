"""What sets rules off: facts, conditions that come true, periods and findings (gaps stand with the clocks)."""

from __future__ import annotations

import attrs

from dutyrules.policies import syntax
from dutyrules.policies.model import Kind

from . import days, guards, instants, patterns, records, trees
from .facts import Spot, Trigger
from .truth import Unknown, all_of


def of_rule(world, rule) -> list[tuple]:
    """Return the triggers of a rule, each with true or with the unknown that keeps it from being certain."""
    if rule.when:
        return by_facts(world, rule)
    if rule.whenever is not None:
        return by_condition(world, rule)
    if rule.every is not None:
        return by_period(world, rule)
    return []


def new(time, order, spot, causes, span=None, opens=None):
    """Return a trigger."""
    return Trigger(time=time, order=order, spot=spot, causes=causes, span=span, opens=opens)


# --- facts ------------------------------------------------------------------------------------------------------------


def by_facts(world, rule) -> list[tuple]:
    """Return a trigger for each fact of `when`."""
    found = []
    for pattern in rule.when:
        seen: set[str] = set()
        for fact in watched(world, rule, pattern):
            certain = patterns.holds(world, pattern, fact)
            if certain is False:
                continue
            for matter in matters_of(world, rule, fact):
                if pattern.first and matter.id in seen:
                    continue
                seen.add(matter.id)
                found.append((new(fact.time, fact.order, spot_for(fact, matter), fact.causes), certain))
    return found


def watched(world, rule, pattern) -> list:
    """Return the facts that a pattern of `when` means; a rule that voids sees the events that are void as well."""
    if not rule.voids or pattern.kind is not syntax.FactKind.EVENT:
        return patterns.facts_of(world, pattern)
    return sorted((fact for fact in world.all_events if fact.name in pattern.names), key=lambda fact: fact.order)


def matters_of(world, rule, fact) -> list:
    """Return the matters of a rule that a fact sets off: none, one, or one for each shift that it opens."""
    if not rule.about:
        return [fact.matter if fact.matter is not None else world.event_matter(fact)]
    record = world.pack.records[rule.about]
    if record.spans == "shift" and fact.kind == "event" and fact.data.get("period") is None:
        opened = [
            records.found_by_key(world, rule.about, key, world.as_of) for key in records.keys_of(world, record, fact)
        ]
        return [world.record_matter(instance) for instance in opened if instance is not None]
    matter = guards.about(world, rule.about, patterns.spot_at(world, fact))
    if matter is None:
        return []
    if matter is fact.matter:
        return [matter]
    return [world.record_matter(matter.instance, world.day_of(fact))]


def spot_for(fact, matter) -> Spot:
    """Return the spot from which the guards of a rule look at its trigger."""
    closing = matter.instance if fact.kind == "end" else None
    if fact.kind == "end" and fact.matter is not None:
        closing = fact.matter.instance
    return Spot(
        at=fact.time,
        day=matter.date,
        fact=fact,
        matter=matter,
        act=fact.act,
        period=matter.period,
        closing=closing,
    )


NEVER_OBSERVED = (
    Kind.ADVICE,
    Kind.DEFINITION,
    Kind.SCHEDULE,
    Kind.CHOICE,
    Kind.VALUE,
    Kind.PERMISSION,
    Kind.APPROVAL,
    Kind.ELIGIBILITY,
)


def by_finding(world, rule) -> list[tuple]:
    """Return a trigger for each finding with the rule's id, where nothing else sets it off or no clock runs."""
    if not is_observed(rule):
        return []
    codes = (rule.id, world.pack.prefix + rule.id)
    found = []
    for fact in world.events:
        if fact.name == "finding" and fact.data.get("code") in codes:
            named = about_somebody(fact)
            matter = found_matter(world, rule, named)
            found.append((new(named.time, named.order, spot_for(named, matter), named.causes), True))
    return found


def set_off(rule) -> bool:
    """Tell whether anything but a finding sets a rule off."""
    return bool(rule.when) or rule.whenever is not None or rule.every is not None or rule.gap is not None


def is_found(world, rule, fact) -> bool:
    """Tell whether a fact is a finding of a rule."""
    return (
        fact is not None and fact.name == "finding" and fact.data.get("code") in (rule.id, world.pack.prefix + rule.id)
    )


def is_observed(rule) -> bool:
    """Tell whether a finding breaks a rule."""
    if rule.kind in NEVER_OBSERVED:
        return False
    unlimited = rule.kind == Kind.OBLIGATION and not (rule.by or rule.within or rule.every or rule.gap)
    return bool(not set_off(rule) or rule.observed or rule.promptly is not None or unlimited)


def about_somebody(fact):
    """Return a finding whose person is the one that it is about, where it names no other."""
    about = fact.data.get("about")
    if fact.data.get("person") is not None or not isinstance(about, str):
        return fact
    return attrs.evolve(fact, data={**fact.data, "person": about}, person=about)


def found_matter(world, rule, fact):
    """Return the matter of a finding: the record that the rule is about, by its key or `about`; else the finding."""
    if rule.about:
        matter = guards.about(world, rule.about, patterns.spot_at(world, fact))
        key = world.pack.records[rule.about].key
        if matter is None and len(key) == 1 and fact.data.get("about") is not None:
            instance = records.found_by_key(world, rule.about, {key[0]: fact.data["about"]}, fact.time)
            matter = None if instance is None else world.record_matter(instance)
        if matter is not None:
            return world.record_matter(matter.instance, world.day_of(fact))
    return world.event_matter(fact)


# --- periods ----------------------------------------------------------------------------------------------------------


def by_period(world, rule) -> list[tuple]:
    """Return a trigger for each period and, with `for_each` or `about`, each record."""
    found = []
    for span, instance, certain in periods(world, rule):
        matter = world.period_matter(span, instance, about=rule.about is not None)
        owed_in_it = opens_at_start(world, rule, span, matter)
        opens = span.start if owed_in_it else span.after
        world.interesting.add(opens)
        if opens > world.as_of:
            continue
        spot = Spot(at=opens, day=span.first, matter=matter, period=span, closing=None if owed_in_it else span)
        if owed_in_it and rule.if_ is not None:
            opens, value = first_true(world, rule, spot, span)
            if opens is None:
                continue
            spot = Spot(at=opens, day=span.first, matter=matter, period=span)
            certain_now = all_of([certain, value])
        else:
            certain_now = certain
        found.append((new(opens, (opens, 0, matter.id), spot, (), span=span), certain_now))
    return found


def opens_at_start(world, rule, span, matter) -> bool:
    """Tell whether what a period brings is there from its start: a right, or a duty that is due by its end."""
    if rule.kind is Kind.ENTITLEMENT:
        return True
    if not (rule.until or rule.until_all):
        return False
    if rule.by is None:
        return rule.within is None
    spot = Spot(at=span.start, day=span.first, matter=matter, period=span)
    due = instants.last_second(world, instants.evaluate(world, rule.by, spot))
    return not isinstance(due, Unknown) and due <= span.end


def first_true(world, rule, spot, span):
    """Return the first instant of a period at which a live condition is true, or at least not false."""
    for instant in changes(world, rule.if_, span.start, min(span.end, world.as_of)):
        there = Spot(at=instant, day=spot.day, matter=spot.matter, period=span)
        value = guards.condition(world, rule.if_, there)
        if value is not False:
            return instant, value
    return None, False


def periods(world, rule):
    """Yield the periods of a rule that have begun, each with the record that it is for and how certain that is."""
    if rule.every.kind is None:
        for instance in subjects(world, rule):
            for span in anchored(world, rule.every, instance):
                if instance[0] is None or lived_in(instance[0], span):
                    yield span, instance[0], instance[1]
        return
    day = world.first_day()
    while day is not None:
        span = days.span_of(rule.every.kind, day, world.zone)
        world.interesting.add(span.start)
        if span.start > world.as_of:
            return
        if rule.for_each is None and rule.about is None:
            yield span, None, True
        else:
            world.interesting.add(span.after)
            for instance, certain in subjects(world, rule, span):
                yield span, instance, certain
        day = span.last + days.DAY


def subjects(world, rule, span=None) -> list[tuple]:
    """Return the records for which a rule is tried, those alone that lived in the period where one is given."""
    pattern = rule.for_each
    if pattern is None:
        if rule.about is None:
            return [(None, True)]
        pattern = syntax.Pattern(rule.about, syntax.FactKind.RECORD, (rule.about,))
    if span is None:
        spot = Spot(at=world.as_of, day=days.date_of(world.as_of, world.zone))
        return patterns.instances_of(world, pattern, world.as_of, spot)
    at = min(span.after, world.as_of)
    spot = Spot(at=at, day=span.first, period=span)
    return [
        (instance, certain)
        for instance, certain in patterns.instances_of(world, pattern, at, spot, since=span.start)
        if lived_in(instance, span)
    ]


def lived_in(instance, span) -> bool:
    """Tell whether a record lived at some time of a period."""
    return instance.opened <= span.end and (instance.closed is None or span.start < instance.closed)


def anchored(world, every, subject):
    """Yield the periods of equal length since an anchor that have begun."""
    instance = subject[0]
    if instance is None:
        spot = Spot(at=world.as_of, day=days.date_of(world.as_of, world.zone))
    else:
        matter = world.record_matter(instance)
        spot = Spot(at=world.as_of, day=matter.date, matter=matter)
    anchor = instants.evaluate(world, every.anchor, spot)
    if isinstance(anchor, Unknown):
        return
    base = days.date_of(anchor, world.zone) if isinstance(anchor, int) else anchor
    last = days.shifted(base, every.span, world.pack) if every.span is not None else None
    number = 0
    while True:
        number += 1
        before, end = (days.shifted(base, times(every.step, n), world.pack) for n in (number - 1, number))
        if last is not None and before >= last:
            return
        first, end = before + days.DAY, end if last is None else min(end, last)
        start = days.start_of(first, world.zone)
        world.interesting.add(start)
        if start > world.as_of:
            return
        label = f"{base.isoformat()}/{number}"
        yield days.Span("period", label, start, days.end_of(end, world.zone), first, end)


def times(duration, number: int):
    """Return a duration taken so many times."""
    return type(duration)(duration.amount * number, duration.unit)


# --- conditions that come true ----------------------------------------------------------------------------------------


def by_condition(world, rule) -> list[tuple]:
    """Return a trigger for each time that a condition becomes true, for each record of the matter's kind."""
    found = []
    for instance, certain in subjects(world, rule):
        rises, before, day = 0, False, None
        for instant in changes(world, rule.whenever, instance.opened, world.as_of, during=rule.during):
            today = days.date_of(instant, world.zone)
            if rule.during is not None and today != day:
                rises, before, day = 0, False, today
            matter = world.record_matter(instance, today)
            now = holds_now(world, rule, instance, Spot(at=instant, day=matter.date, matter=matter), today)
            if isinstance(now, Unknown):
                found.append((begun(world, rule, instance, instant, today), now))
            elif now and before is not True:
                rises += 1
                found.append((begun(world, rule, instance, instant, today, f"#{rises}"), certain))
            before = now
    return found


def holds_now(world, rule, instance, spot, today):
    """Return whether the condition, the record's life and the hours are all there at an instant."""
    if not instance.alive(spot.at):
        return False
    if rule.during is not None:
        spans = instants.hours_on(world, rule.during, today)
        if not any(since <= spot.at < until for since, until in spans):
            return False
    value = guards.condition(world, rule.whenever, spot)
    silent = world.silent(rule.relies_on, spot.day)
    if value is True and silent:
        return Unknown(tuple(f"events of type {name}" for name in silent))
    return value


def begun(world, rule, instance, instant: int, today, number: str = ""):
    """Return the trigger of a rise; with `during` the rises of each day are numbered by themselves."""
    matter = world.record_matter(instance, today, (f"/{today.isoformat()}" if rule.during is not None else "") + number)
    return new(instant, (instant, 0, matter.id), Spot(at=instant, day=matter.date, matter=matter), ())


def changes(world, expr, since: int, until: int, during: str | None = None) -> list[int]:
    """Return the instants from `since` to `until` at which anything may change that a condition can read.

    These are the facts, the ends of records, midnights, hours that begin or end, and the seconds in which a look-back
    loses a fact.
    """
    found = {since}
    stamps = {fact.time for fact in world.events} | counted(world, expr.tree)
    stamps |= {
        instance.closed
        for kind in world.pack.records
        for instance in records.of_kind(world, kind)
        if instance.closed is not None
    }
    found |= stamps
    for count in world.pack.counts.values():
        if count.rolling is not None and not days.counts_dates(count.rolling):
            found |= {stamp + days.running_seconds(count.rolling) + 1 for stamp in stamps}
    day = days.date_of(since, world.zone)
    while days.start_of(day, world.zone) <= until + 2 * 86400:
        found.add(days.start_of(day, world.zone))
        if during is not None:
            found |= {edge for span in instants.hours_on(world, during, day) for edge in span}
        day += days.DAY
    world.interesting.update(found)
    return sorted(instant for instant in found if since <= instant <= until)


def counted(world, tree) -> set[int]:
    """Return the times of all facts that the counts in an expression look at, events apart."""
    found: set[int] = set()
    for node in trees.parts(tree):
        if isinstance(node, syntax.CountRef):
            for pattern in world.pack.counts[node.name].of:
                if pattern.kind not in (syntax.FactKind.EVENT, syntax.FactKind.RECORD):
                    found |= {fact.time for fact in patterns.facts_of(world, pattern)}
                if pattern.where is not None:
                    found |= counted(world, pattern.where.tree)
        if isinstance(node, syntax.ValueRef):
            for variant in world.pack.values[node.name].variants.values():
                found |= counted(world, variant.tree)
    return found
