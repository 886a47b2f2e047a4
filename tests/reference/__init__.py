"""A naive interpreter of the pack language: it looks at the whole log anew for every instant, and keeps nothing.

It shares with the engine the checked pack, the event record and the raw calendar files, and not a line of evaluation.
"""

from __future__ import annotations

import heapq

from . import consequences, days, findings, layers, log
from .outcomes import plain


def look(pack, events, as_of: int, carries=None):
    """Return the world at T, its outcomes by id, and why events were set aside."""
    carries = pack.carries if carries is None else carries
    world, aside = log.settled_world(pack, list(events), as_of, carries)
    found: dict[str, list[dict]] = {}
    for each in consequences.standing(world, layers.highest(pack)):
        found.setdefault(each.id, []).append(plain(each.fields))
    standing = {name: joined(made) for name, made in found.items()}
    return world, standing, {**aside, **findings.set_aside(world), **world.refused}


def joined(made: list[dict]) -> dict:
    """Return one outcome for what several cases made under one id: the earliest, with the causes of all."""
    first = min(made, key=lambda fields: (fields["time"], fields.get("because", ())))
    because = tuple(sorted({cause for fields in made for cause in fields.get("because", ())}))
    return {**first, **({"because": because} if because else {})}


def outcomes(pack, events, as_of: int, carries=None) -> dict[str, dict]:
    """Return the outcomes that stand at T, by id."""
    return look(pack, events, as_of, carries)[1]


def set_aside(pack, events, as_of: int, carries=None) -> dict[str, str]:
    """Return the code of why each event is set aside at T, by event id."""
    return look(pack, events, as_of, carries)[2]


def history(pack, events, until: int, carries=None) -> list[dict]:
    """Return what is handed out as time runs to `until`: new and changed outcomes, and gone ones as `withdrawn`."""
    events = list(events)
    waiting = sorted({event.time for event in events if event.time <= until} | {until})
    seen: set[int] = set()
    before: dict[str, dict] = {}
    emitted = []
    while waiting:
        instant = heapq.heappop(waiting)
        if instant in seen or instant > until:
            continue
        seen.add(instant)
        world, now, _ = look(pack, events, instant, carries)
        emitted += difference(before, now, days.iso(instant, pack.timezone))
        before = now
        for later in world.interesting - seen:
            if instant < later <= until:
                heapq.heappush(waiting, later)
    return emitted


def difference(before: dict[str, dict], now: dict[str, dict], time: str) -> list[dict]:
    """Return what is new or changed, and what is gone as `withdrawn` at that time."""
    gone = [{**fields, "status": "withdrawn", "time": time} for name, fields in before.items() if name not in now]
    return gone + [fields for name, fields in now.items() if before.get(name) != fields]


__all__ = ["difference", "history", "look", "outcomes", "set_aside"]
