"""Runs engine and reference over one log and says where they differ."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal

from dutyrules.engine import Engine

from . import history, look
from .logs import iso

UNLISTED = ("ledger",)
SETS = ("because", "asks", "lacking")


def shown(fields: dict) -> dict:
    """Return an outcome in the form in which both sides are compared: figures as figures, reasons without order."""
    made = {}
    for name, value in fields.items():
        if name in UNLISTED or value is None or value is False or value == ():
            continue
        if name == "lacks":
            made |= {name: tuple(sorted(value))} if fields.get("question") == "rules" else {}
        elif name in SETS:
            made[name] = tuple(sorted(value))
        elif isinstance(value, Decimal | int) and not isinstance(value, bool):
            made[name] = str(Decimal(value).normalize() + 0)
        elif isinstance(value, dt.date):
            made[name] = value.isoformat()
        else:
            made[name] = value
    return made


def all_shown(outcomes: dict) -> dict[str, dict]:
    """Return outcomes by id in the form in which both sides are compared."""
    return {name: shown(each if isinstance(each, dict) else each.as_dict()) for name, each in outcomes.items()}


class Expected:
    """What the reference says stands at an instant, and what it sets aside."""

    def __init__(self, log, at: int) -> None:
        self.log, self.at = log, at
        self.world, found, aside = look(log.pack, log.events, at, log.carries)
        self.standing, self.aside = all_shown(found), set(aside.items())
        self.codes: set[str] = set()

    def assert_of(self, engine: Engine, what: str, events=None, *, more=frozenset()) -> None:
        """Assert that an engine says the same; `more` is what it must have set aside besides, by event and code."""
        lines = differences(standing(engine), self.standing)
        found = aside(engine)
        self.codes |= {code for _, code in found}
        lines += [f"set aside by one side only: {pair}" for pair in sorted(found ^ (self.aside | more))]
        assert not lines, report(self.log, f"{what}, at {iso(self.at)}", lines, events)


def engine_for(log) -> Engine:
    """Return a fresh engine for a log."""
    return Engine(log.pack, carries=log.carries)


def standing(engine: Engine) -> dict[str, dict]:
    """Return what the engine says stands now."""
    return all_shown(engine.outcomes())


def aside(engine: Engine) -> set:
    """Return what the engine set aside, by event and code."""
    return {(each.event, each.code) for each in engine.set_aside}


def in_order(events) -> list:
    """Return events in order of time and id."""
    return sorted(events, key=lambda event: (event.time, event.id))


def differences(engine: dict[str, dict], reference: dict[str, dict]) -> list[str]:
    """Return a line for each outcome that the two sides do not share."""
    lines = []
    for name in sorted(
        engine.keys() | reference.keys(), key=lambda name: (engine.get(name) or reference[name])["time"]
    ):
        ours, theirs = engine.get(name), reference.get(name)
        if ours == theirs:
            continue
        if ours is None:
            lines.append(f"only the reference has: {brief(theirs)}")
        elif theirs is None:
            lines.append(f"only the engine has: {brief(ours)}")
        else:
            fields = sorted(field for field in ours.keys() | theirs.keys() if ours.get(field) != theirs.get(field))
            told = "; ".join(
                f"{field}: engine {ours.get(field)!r}, reference {theirs.get(field)!r}" for field in fields
            )
            lines.append(f"{ours['kind']} {ours['rule']} {ours.get('person')} {ours['matter']}: {told}")
    return lines


def brief(fields: dict) -> str:
    """Return an outcome on one line."""
    return json.dumps({name: value for name, value in fields.items() if name not in ("pack", "clause")}, default=str)


def report(log, what: str, lines: list[str], events=None) -> str:
    """Return a failing case: what was done, where the two sides differ, and the pack and log to run it again."""
    fed = "" if events is None else "\n--- fed in this order: " + " ".join(event.id for event in events)
    return "\n".join(
        [f"engine and reference differ: {what}", *lines[:20], *(["…"] if len(lines) > 20 else []), f"{fed}{log!r}"]
    )


def assert_stream(log) -> list[dict]:
    """Assert that a sorted replay hands out what the reference's history says, and return it."""
    engine = engine_for(log)
    handed = engine.feed_all([event for event in log.events if event.time <= log.until])
    handed += engine.advance(log.until)
    wanted = history(log.pack, log.events, log.until, log.carries)
    ours, theirs = by_outcome(each.as_dict() for each in handed), by_outcome(wanted)
    lines = []
    for name in sorted(ours.keys() | theirs.keys()):
        if ours.get(name) != theirs.get(name):
            lines += ["engine:", *map(brief, ours.get(name, [])), "reference:", *map(brief, theirs.get(name, []))]
    assert not lines, report(log, "the stream of a sorted replay", lines)
    return wanted


def by_outcome(emitted) -> dict[str, list[dict]]:
    """Return what was emitted for each outcome, in order."""
    found: dict[str, list[dict]] = {}
    for each in emitted:
        found.setdefault(each["id"], []).append(shown(each))
    return found
