"""Small packs of what comes up each period and of gaps; logs at the edges of days, with records that open and close."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING

import yaml

from dutyrules.policies.load import load_pack

from .line_forms import HOME, Happening
from .small_packs import GROUND

if TYPE_CHECKING:
    from pathlib import Path
    from random import Random

RECORDS = {
    "visit": {"key": "job", "opens": "came", "closes": "left"},
    "shift": {"key": "person", "opens": "joined where ok", "closes": ["left", "job_closed where level > 1"]},
    "booked": {"key": ["job", "date"], "opens": "job_opened", "dated": "date"},
}


def each(period: str, until: str | list[str], **more) -> dict:
    """Return an obligation that comes up each period."""
    return {"kind": "obligation", "every": period, "who": "office", "until": until, **more}


PIECES = {
    "each day": {"d": each("day", "act_done where ok")},
    "each day, several acts": {"d": each("day", "act_done", at_least=2)},
    "each day, different acts": {"d": each("day", "act_done where level > 0", at_least=2, distinct="job")},
    "each day, at once": {"d": each("day", ["act_done where level > 1", "act_noted"], promptly="at once")},
    "each day with somebody there": {"d": each("day", "act_done", **{"if": "any(visit)"})},
    "each day on which something is booked": {
        "d": each("day", "act_done where ok", **{"if": "any(shift) or any(booked, date == day)"}),
        "s": {"kind": "sanction", "when": "breach of d", "notice": "missed"},
    },
    "each working day without anybody there": {
        "d": each("day", "act_done", **{"if": "weekday(day) != 'Sunday' and not any(visit)"})
    },
    "each week": {"d": each("week", "act_done", at_least=3, **{"if": "any(visit)"})},
    "each half month": {"d": each("half_month", "act_done where job == 'j1'")},
    "each month": {"d": each("month", "act_done", **{"if": "any(booked, date == month.end) or any(visit)"})},
    "each quarter": {"d": each("quarter", "act_done", distinct="job", at_least=2)},
    "each year": {"d": each("year", "act_done where ok")},
    "each day, met by what counts as an act": {
        "d": each("day", "act_noted where level > 0", **{"if": "any(visit)"}),
        "as": {
            "kind": "definition",
            "when": "act_done where ok",
            "counts_as": "act_noted",
            "with": {"person": "person", "level": "level"},
        },
        "in": {
            "kind": "definition",
            "when": "regraded",
            "counts_as": "came",
            "with": {"person": "person", "job": "job"},
        },
    },
}
GAPS = {
    "no hour without an act": {
        "d": {
            "kind": "obligation",
            "about": "shift",
            "gap": "60 minutes",
            "who": "shift.person",
            "until": ["act_done where person == shift.person and ok", "act_noted"],
        },
        "s": {"kind": "sanction", "when": "breach of d", "fine": 3},
    },
    "no day without an act": {
        "d": {
            "kind": "obligation",
            "about": "visit",
            "gap": "24h",
            "who": "office",
            "until": "act_done where level > 0",
        },
    },
}

REFUSED = {
    "for each record": (
        {"d": each("month", "act_done", for_each="booked")},
        "it comes up each period for each record",
    ),
    "judged at its end": (
        {"b": {"kind": "prohibition", "every": "day", "if": "any(visit)", "who": "office"}},
        "it looks back on a period",
    ),
    "with a limit": ({"d": each("week", "act_done", by="Friday of the week")}, "its limit is no whole period"),
    "a gap of an act that tells no record": (
        {"d": {**GAPS["no day without an act"]["d"], "until": "check_in"}},
        "its act does not tell its record",
    ),
    "with an exception": (
        {"d": each("day", "act_done", unless=["may"]), "may": {"kind": "permission", "if": "any(visit)"}},
        "it comes up each period, and has exceptions",
    ),
}


def round_pack(name: str, folder: Path):
    """Return the checked pack of one piece."""
    rules = {**PIECES, **GAPS}.get(name) or REFUSED[name][0]
    made = {**GROUND, "records": RECORDS, "rules": rules}
    path = folder / "rounds.yaml"
    path.write_text(yaml.safe_dump(json.loads(json.dumps(made)), sort_keys=False), encoding="utf-8")
    return load_pack(str(path))


STEPS = (0, 1, 600, 1800, 3599, 3600, 3601, 7200, 7201, 86_399, 86_400, 86_401)
OFTEN = ("act_done", "act_done", "act_done", "act_noted", "came", "left", "joined", "job_closed", "regraded")
HOURS = (0, 0, 1, 3599, 3600, 3601, 8 * 3600, 12 * 3600, 86398, 86399)


def gap_log(random: Random, pack) -> list[Happening]:
    """Draw a log in which people and jobs come and go, with acts at and just beside the ends of stretches."""
    begin = int(dt.datetime(2026, 3, 1, 8, tzinfo=HOME).timestamp())
    found = round_log(random, pack)
    time = begin
    moved = []
    for number, one in enumerate(found):
        kind = random.choice(("joined", "came")) if number < 2 else one.type
        data = {**one.data, "ok": True} if kind == "joined" else one.data
        time += random.choice(STEPS) if random.randint(0, 3) else random.choice(STEPS[1:8])
        moved.append(Happening(one.id, kind, time, data))
    return moved


def round_log(random: Random, pack, days: tuple[int, ...] = (0, 0, 0, 1, 1, 2, 3, 9)) -> list[Happening]:
    """Draw a log of some days with events at, just before and just after midnight."""
    del pack
    first = dt.datetime(2026, random.choice((2, 3, 12)), random.choice((13, 26, 27)), tzinfo=HOME)
    midnight = int(first.timestamp())
    events: list[Happening] = []
    gaps, strange = random.random() < 0.1, random.random() < 0.15
    last = 0
    for number in range(random.randint(2, 14)):
        midnight += 86_400 * random.choice(days)
        time = midnight + random.choice((*HOURS, *(random.randint(0, 86399) for _ in range(6))))
        if not strange or random.randint(0, 2):
            time = max(time, last + 1)
        last = max(last, time)
        midnight = max(midnight, last - (last - int(first.timestamp())) % 86_400)
        day = dt.datetime.fromtimestamp(midnight, HOME).date() + dt.timedelta(days=random.choice((0, 1, 2)))
        data = {
            "person": random.choice(("ann", "bo")),
            "job": random.choice(("j1", "j2")),
            "level": random.randint(0, 3),
            "ok": random.choice((True, False)),
            "date": day.isoformat(),
        }
        kind = random.choice((*OFTEN, "job_opened", "check_in"))  # the last is one that no rule reads
        if kind != "job_opened":
            del data["date"]
        if kind == "check_in":
            data = {"person": data["person"]}
        data = {name: value for name, value in data.items() if not (gaps and random.randint(1, 8) == 1)}
        events.append(Happening(f"{random.choice('ea')}{number:02}", kind, time, data))
    return events
