"""Corrections without an engine: what a set of events comes to, worked out anew for each event."""

from __future__ import annotations

import attrs


def named_by(event) -> str | None:
    """Return the id of the event that one corrects or withdraws."""
    return event.corrects or event.withdraws


def stands(event, events):
    """Return what stands in the place of an event: the last that was said of it, None if it is undone."""
    found = event
    about = [one for one in events if named_by(one) == event.id]
    for one in sorted(about, key=lambda one: (one.time if one.recorded is None else one.recorded, one.id)):
        said = stands(one, events)
        if said is not None:
            found = None if said.withdraws else said
    return found


def corrected(events) -> tuple:
    """Return the plain events as corrected, under their own ids, without those that were withdrawn."""
    found = ((event.id, stands(event, events)) for event in events if named_by(event) is None)
    return tuple(
        attrs.evolve(event, id=name, corrects=None, recorded=None) for name, event in found if event is not None
    )


def reaching_nothing(events) -> set[tuple[str, str]]:
    """Return the corrections and withdrawals that go back to no plain event, with the code of why."""
    by_name = {event.id: event for event in events}
    found = set()
    for event in events:
        steps, one = 0, event
        while one is not None and named_by(one) is not None and steps <= len(events):
            steps, one = steps + 1, by_name.get(named_by(one))
        if steps > len(events):
            found.add((event.id, "DR628"))
        elif one is None:
            found.add((event.id, "DR627"))
    return found


def with_corrections(random, log, most: int = 6):
    """Return a log with corrections, withdrawals, and some of these in turn, each anywhere in time up to its end."""
    events = list(log.events)
    times = [event.time for event in events]
    names = [event.id for event in events]
    for number in range(random.randint(1, most)):
        model = random.choice(log.events)
        target = random.choice((*events, *events[len(log.events) :] * 2)).id
        if random.randint(1, 8) == 1:
            target = random.choice((f"m{number}", f"m{number + 1}", "nobody"))
        if random.randint(1, 2) == 1 and target in names:
            model = next(event for event in log.events if event.id == target)
        data = dict(model.data)
        if data and random.randint(1, 2) == 1:
            name = random.choice(sorted(data))
            others = [event.data[name] for event in log.events if name in event.data]
            data[name] = random.choice(others)
        time = random.choice((model.time, model.time + random.choice((-86400, -3600, -1, 1, 1800, 90000)), *times[:3]))
        does = random.choice(("corrects", "corrects", "withdraws"))
        made = attrs.evolve(
            model,
            id=f"m{number}",
            time=min(time, log.until),
            time_text=None,
            data=data,
            recorded=random.choice((None, random.choice(times), log.until, log.until - 86400)),
            **{does: target},
        )
        events.append(made)
    return attrs.evolve(log, events=tuple(events))
