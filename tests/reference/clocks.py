"""Obligations along time, each found by walking through every instant from its opening."""

from __future__ import annotations

import attrs

from dutyrules.policies import syntax
from dutyrules.policies.syntax import FactKind, Scope

from . import cases, days, expressions, guards, instants, patterns, trees, triggers
from .facts import ABSENT, Fact, Spot
from .truth import Unknown


@attrs.define(eq=False)
class Owed:
    """One obligation as it stands: `breached` is the limit that was missed, `silent` what the log does not carry.

    `since` is None while it is not known from when acts count; `last` is the limit that was set last.
    """

    case: cases.Case
    opened: int
    since: int | None = None
    status: str = "open"
    time: int = 0
    due: int | None = None
    last: int | None = None
    lacks: tuple[str, ...] = ()
    moved: tuple[int, tuple[str, ...]] | None = None
    review: tuple[int, tuple[str, ...]] | None = None
    missed: int | None = None
    breached: int | None = None
    silent: tuple[str, ...] = ()
    excused: bool = False
    acts: tuple[Fact, ...] = ()
    because: tuple[str, ...] = ()

    @property
    def late(self) -> bool:
        """Tell whether it was fulfilled after the limit."""
        return self.status == "fulfilled" and self.missed is not None


def of_rule(world, rule) -> list[Owed]:
    """Return all obligations of a rule that were opened and not excused."""
    if rule.gap is not None:
        return [owed for owed in gaps(world, rule) if not owed.case.lacks]
    owed = [Owed(case, case.first.time) for case in world.cases(rule.id) if not case.lacks]
    given = shared_acts(world, rule, owed) if rule.one_act == "oldest" else {}
    for each in owed:
        walk(world, rule, each, given.get(id(each)) or acts_for(world, rule, each))
        if each.case.excused is not None:
            let_off(each)
    return owed


def let_off(owed: Owed) -> None:
    """Undo an obligation that was excused, unless it had been fulfilled in time or waived before."""
    when, why = owed.case.excused
    ended = owed.status == "waived" or (owed.status == "fulfilled" and not owed.late)
    if ended and owed.time <= when:
        return
    owed.excused = True
    owed.status, owed.time, owed.because = "waived", when, why
    owed.missed = owed.breached = owed.review = None
    owed.silent = owed.lacks = owed.acts = ()


def all_causes(facts) -> tuple[str, ...]:
    """Return the ids that several facts give as reasons."""
    return tuple(sorted({cause for fact in facts for cause in fact.causes}))


def start(world, rule, owed: Owed, instant: int):
    """Return when acts begin to count, as the fields stand at an instant, perhaps unknown."""
    if rule.from_ is not None:
        spot = attrs.evolve(owed.case.spot, at=instant)
        since = instants.first_second(world, instants.evaluate(world, rule.from_, spot))
        if not isinstance(since, Unknown):
            world.interesting.add(since)
        return since
    span = owed.case.first.span
    return span.start if span is not None and rule.within is None else owed.opened


# --- acts -------------------------------------------------------------------------------------------------------------


def acts_for(world, rule, owed: Owed) -> list[list[Fact]]:
    """Return, for each thing that must be done, the acts that it may be: all of them in `until_all`, else one `until`.

    What set the obligation off is no act of its own.
    """
    wanted = [(pattern,) for pattern in rule.until_all] or [rule.until]
    return [[fact for fact in later(world, each, owed) if fact is not owed.case.spot.fact] for each in wanted]


def shared_acts(world, rule, owed: list[Owed]) -> dict[int, list[list[Fact]]]:
    """Return the acts of each obligation where an act goes to the oldest that still lacks one (`one_act: oldest`)."""
    since = {id(each): start(world, rule, each, each.opened) for each in owed}
    in_age = [each for each in owed if not isinstance(since[id(each)], Unknown)]
    in_age.sort(key=lambda each: (since[id(each)], each.opened, each.case.matter.id, each.case.bearer or ""))
    given = {
        id(each): [[fact for fact in facts if fact.time >= since[id(each)]] for facts in acts_for(world, rule, each)]
        for each in in_age
    }
    kept = {name: [[] for _ in lists] for name, lists in given.items()}
    every = {(fact.kind, fact.id): fact for lists in given.values() for facts in lists for fact in facts}
    for fact in sorted(every.values(), key=lambda fact: fact.order):
        for each in in_age:
            waived = waiver(world, rule, each)
            if waived is not None and waived.time < fact.time:
                continue
            lists = [index for index, facts in enumerate(given[id(each)]) if fact in facts]
            lacking = [index for index in lists if not met_by(world, rule, kept[id(each)][index])]
            if lacking:
                kept[id(each)][lacking[0]].append(fact)
                break
    return kept


def met_by(world, rule, acts: list[Fact]) -> list[Fact]:
    """Return the acts with which enough have been done, none while that is not so; one of a value seen adds nothing."""
    counted: list[Fact] = []
    seen = []
    for fact in acts:
        value = fact.id if rule.distinct is None else patterns.read_fact(world, fact, rule.distinct)
        if value is not ABSENT and value not in seen:
            seen.append(value)
            counted.append(fact)
        if len(seen) >= rule.at_least:
            return counted
    return []


def fulfilled_at(world, rule, owed: Owed, given: list[list[Fact]]) -> tuple[int, tuple[Fact, ...]] | None:
    """Return when the obligation is met by acts since the clock's start and by which, None while it is not."""
    if owed.since is None:
        return None
    done = [met_by(world, rule, [fact for fact in acts if fact.time >= owed.since]) for acts in given]
    if [] in done:
        return None
    acts = {fact.id: fact for facts in done for fact in facts}
    return max(fact.time for fact in acts.values()), tuple(sorted(acts.values(), key=lambda fact: fact.order))


def waiver(world, rule, owed: Owed) -> Fact | None:
    """Return the first fact after the opening that waives an obligation; what set it off does not."""
    return next(iter(after(world, rule.waived_by, owed)), None)


def after(world, found_patterns, owed: Owed) -> list[Fact]:
    """Return the facts that concern an obligation from its opening on, without the one that set it off."""
    found = later(world, found_patterns, owed)
    return [fact for fact in found if fact.time >= owed.opened and fact is not owed.case.spot.fact]


# --- the limit --------------------------------------------------------------------------------------------------------


def live_due(world, rule, owed: Owed, instant: int, since: int):
    """Return the limit as the fields stand at an instant: a second, None, or an unknown."""
    spot = attrs.evolve(owed.case.spot, at=instant)
    if rule.by is not None:
        return instants.last_second(world, instants.evaluate(world, rule.by, spot))
    if rule.within is not None:
        origin = since if rule.from_ is not None else owed.opened
        over, running = pauses(world, rule, owed, instant)
        limit = instants.due(world, origin, rule.within, spot, over)
        paused = running is not None and not isinstance(limit, Unknown) and running < limit
        return None if paused else limit
    span = owed.case.first.span
    return span.end if span is not None and rule.promptly is None else None


def pauses(world, rule, owed: Owed, instant: int) -> tuple[list[tuple[int, int]], int | None]:
    """Return the pauses that were over by an instant, and since when one is going on."""
    steps = [(stop.time, None if go is None or go.time > instant else go.time) for stop, go in stops(world, rule, owed)]
    over = [(since, until) for since, until in steps if until is not None]
    return over, next((since for since, until in steps if until is None and since <= instant), None)


def stops(world, rule, owed: Owed) -> list[tuple[Fact, Fact | None]]:
    """Return each fact that stops the clock, with the one that lets it go on."""
    if rule.paused_by is None:
        return []
    steps = [(fact.order, 0, fact) for fact in later(world, rule.paused_by.when, owed) if fact.time >= owed.opened]
    steps += [(fact.order, 1, fact) for fact in later(world, rule.paused_by.until, owed)]
    found, stopped = [], None
    for _, goes, fact in sorted(steps, key=lambda step: step[:2]):
        if goes and stopped is not None:
            found.append((stopped, fact))
            stopped = None
        elif not goes and stopped is None:
            stopped = fact
    return [*found, *([(stopped, None)] if stopped is not None else [])]


def later(world, found_patterns, owed: Owed) -> list[Fact]:
    """Return the facts of several patterns that certainly concern an obligation."""
    return patterns.certain_for(world, found_patterns, owed.case.matter, owed.case.spot)


def movers(world, rule, owed: Owed) -> list[tuple[Fact, object]]:
    """Return the facts that move the limit, each with where to."""
    found = []
    for moved in rule.moved_by:
        for fact in after(world, moved.when, owed):
            spot = attrs.evolve(patterns.spot_at(world, fact, owed.case.spot), day=owed.case.spot.day)
            to = instants.last_second(world, expressions.evaluate(world, moved.to.tree, spot))
            found.append((fact, to))
    return sorted(found, key=lambda entry: entry[0].order)


def changers(world, rule, owed: Owed, instant: int) -> tuple[str, ...]:
    """Return the ids of the facts that changed at an instant what the limit is reckoned from: records and pauses."""
    found = [
        fact for pair in stops(world, rule, owed) if pair[1] is not None and pair[1].time == instant for fact in pair
    ]
    spot = attrs.evolve(owed.case.spot, at=instant)
    for tree in (rule.by, rule.within.of if rule.within is not None else None):
        for node in trees.parts(tree) if tree is not None else ():
            if isinstance(node, syntax.Field) and (instance := read_in(world, node, spot)) is not None:
                found += [fact for fact in instance.touched if fact.time == instant and fact is not instance.closer]
    return all_causes(found)


def read_in(world, node, spot):
    """Return the record in which a field is read, None for a field of a fact or a period."""
    if node.scope in (Scope.FACT, Scope.THIS):
        return spot.matter.instance if spot.matter is not None else None
    return expressions.reached(world, node, spot) if node.scope in (Scope.RECORD, Scope.MATTER) else None


def walk(world, rule, owed: Owed, given: list[list[Fact]]) -> None:
    """Walk from the opening to T and stop at the first thing that ends the obligation."""
    owed.time = owed.opened
    waived = waiver(world, rule, owed)
    moves = movers(world, rule, owed)
    live = reckoned(world, rule, owed, owed.opened)
    begin(world, owed, live)
    done, agreed = fulfilled_at(world, rule, owed, given), False
    judge_past(rule, owed, done)
    for instant in stamps(world, owed, [fact for fact, _ in moves] + ([waived] if waived is not None else [])):
        if owed.due is not None and instant > owed.due and not in_time(owed, done):
            break
        now = live if agreed else reckoned(world, rule, owed, instant)
        if now != live:
            live = now
            change(world, rule, owed, live, instant)
        for fact, to in moves:
            if fact.time == instant:
                agreed = True
                move(world, owed, to, instant, fact.causes)
        done = fulfilled_at(world, rule, owed, given)
        if done is not None and done[0] <= instant:
            owed.time = instant
            break
        if waived is not None and waived.time <= instant:
            waive(owed, waived)
            return
    finish(world, rule, owed, done)


def reckoned(world, rule, owed: Owed, instant: int) -> tuple:
    """Return from when acts count and the limit, as the fields stand at an instant."""
    since = start(world, rule, owed, instant)
    if isinstance(since, Unknown):
        return since, since
    return since, live_due(world, rule, owed, instant, since)


def begin(world, owed: Owed, live: tuple) -> None:
    """Set the clock's start and the limit as they are at the opening."""
    since, limit = live
    owed.since = None if isinstance(since, Unknown) else since
    set_due(world, owed, limit)
    owed.last = owed.due


def change(world, rule, owed: Owed, live: tuple, instant: int) -> None:
    """Let the clock's start and the limit be what they come to now; a limit that differs from the last one is moved."""
    since, limit = live
    owed.since = None if isinstance(since, Unknown) else since
    if isinstance(limit, Unknown | None) or limit == owed.last:
        owed.review = None
        set_due(world, owed, limit)
    else:
        move(world, owed, limit, instant, changers(world, rule, owed, instant))


def stamps(world, owed: Owed, more: list[Fact]) -> list[int]:
    """Return every instant from the opening to T at which something came to pass."""
    found = {fact.time for fact in (*world.events, *more)} | {owed.opened}
    return sorted(instant for instant in found if owed.opened <= instant <= world.as_of)


def judge_past(rule, owed: Owed, done) -> None:
    """Leave a limit that was past when the obligation came up to a person, unless the clock had run before it."""
    if owed.due is None or owed.due >= owed.opened or (done is not None and in_time(owed, done)):
        return
    running = (rule.from_ is not None or owed.case.first.span is not None) and owed.since <= owed.due
    if not running:
        owed.due = owed.last = None
        owed.review = (owed.opened, ())


def in_time(owed: Owed, done) -> bool:
    """Tell whether the act was done by the limit."""
    return done is not None and done[0] <= owed.due


def set_due(world, owed: Owed, limit) -> None:
    """Note the limit, or what it lacks."""
    owed.due, owed.lacks = None, ()
    if isinstance(limit, Unknown):
        owed.lacks = limit.lacks
    elif limit is not None:
        owed.due = limit
        world.interesting.add(limit + 1)


def move(world, owed: Owed, limit, instant: int, causes: tuple[str, ...]) -> None:
    """Move the limit; one that is moved into the past is none, and a person is asked."""
    owed.review = None
    set_due(world, owed, limit)
    owed.moved = (instant, (*(owed.moved[1] if owed.moved is not None else ()), *causes))
    if owed.due is not None and owed.due < instant:
        owed.due = None
        owed.review = (instant, causes)
    elif owed.due is not None:
        owed.last = owed.due


def waive(owed: Owed, waived: Fact) -> None:
    """End the obligation by a waiver."""
    owed.status, owed.time, owed.because = "waived", waived.time, waived.causes


def finish(world, rule, owed: Owed, done) -> None:
    """Settle how an obligation stands at T that nothing waived."""
    if owed.due is not None and world.as_of > owed.due and not in_time(owed, done):
        owed.missed = owed.due
        owed.silent = () if done is not None else silence(world, rule, owed)
        if not owed.silent and rule.soft is None:
            owed.breached = owed.due
            owed.status, owed.time = "breached", owed.due
    if done is not None and done[0] <= world.as_of:
        owed.status, owed.time = "fulfilled", max(done[0], owed.time if owed.missed is None else owed.opened)
        owed.acts = done[1]
        owed.because = all_causes(done[1])


def silence(world, rule, owed: Owed) -> tuple[str, ...]:
    """Return the event types whose absence proves nothing here."""
    wanted = {
        name for pattern in (*rule.until, *rule.until_all) if pattern.kind is FactKind.EVENT for name in pattern.names
    }
    types = rule.relies_on or wanted
    silent = tuple(f"events of type {name}" for name in world.silent(types, owed.case.matter.date))
    return silent or perhaps_done(world, rule, owed)


def perhaps_done(world, rule, owed: Owed) -> tuple[str, ...]:
    """Return what is not known of facts that may have been the act, in time."""
    return tuple(
        lack
        for pattern in (*rule.until, *rule.until_all)
        for fact, value in patterns.for_matter(world, pattern, owed.case.matter, owed.case.spot)
        if isinstance(value, Unknown) and owed.since <= fact.time <= owed.missed and fact is not owed.case.spot.fact
        for lack in value.lacks
    )


# --- gaps -------------------------------------------------------------------------------------------------------------


def gaps(world, rule) -> list[Owed]:
    """Return the obligations of a rule that asks for an act at least every so often."""
    found = []
    for instance, certain in triggers.subjects(world, rule):
        if instance is None or certain is not True:
            continue
        begin, causes = instance.opened, instance.opener.causes
        while begin <= world.as_of and instance.alive(begin):
            suffix = f"@{days.iso(begin, world.zone)}"
            matter = world.record_matter(instance, days.date_of(begin, world.zone), suffix)
            spot = Spot(at=begin, day=matter.date, matter=matter)
            if guards.passes(world, rule, spot) is not True or not world.in_force(rule, matter.date):
                break
            limit = instants.last_second(world, instants.moved(world, begin, rule.gap))
            names = guards.bearers(world, rule, spot)
            trigger = triggers.new(begin, (begin, 0, matter.id), spot, causes)
            each_owed = [
                Owed(cases.Case(rule, matter, name, [trigger]), begin, begin, time=begin, due=limit)
                for name in (names if not isinstance(names, Unknown) else [])
            ]
            world.interesting.add(limit + 1)
            ended = None
            for owed in each_owed:
                ended = end_gap(world, rule, owed, instance)
            found += each_owed
            if ended is None:
                break
            begin, causes = ended
    return found


def end_gap(world, rule, owed: Owed, instance) -> tuple[int, tuple[str, ...]] | None:
    """Settle one gap and return when the next begins and why, None where none does."""
    acts = [
        fact
        for fact in later(world, rule.until, owed)
        if owed.opened < fact.time <= owed.due and instance.alive(fact.time)
    ]
    if acts:
        act = acts[0]
        owed.status, owed.time, owed.acts, owed.because = "fulfilled", act.time, (act,), act.causes
        return act.time, act.causes
    if instance.closed is not None and instance.closed <= owed.due:
        if instance.closed <= world.as_of:
            owed.status, owed.time = "cancelled", instance.closed
            owed.because = instance.closer.causes if instance.closer is not None else ()
        return None
    if world.as_of > owed.due:
        owed.missed = owed.due
        owed.silent = silence(world, rule, owed)
        if not owed.silent:
            owed.breached, owed.status, owed.time = owed.due, "breached", owed.due
        return owed.due, owed.case.first.causes
    return None


# --- what follows as facts --------------------------------------------------------------------------------------------


def breach_fact(world, owed: Owed) -> Fact:
    """Return the breach of an obligation as a fact."""
    return cases.fact_of(owed.case, "breach", cases.outcome_id(world, owed.case, "breach"), owed.breached)


def fulfilment_fact(world, owed: Owed) -> Fact:
    """Return the fulfilment of an obligation as a fact; its act is the last that was needed."""
    name = cases.outcome_id(world, owed.case, "obligation")
    return cases.fact_of(owed.case, "fulfilment", name, owed.time, act=owed.acts[-1])
