"""The ground of all generated packs: events, shifts, hours and records on which the pieces stand."""

from __future__ import annotations

import json

FIELDS = {
    "person": "person",
    "job": "text",
    "day": "date",
    "level": "int",
    "ok": {"type": "bool", "default": False},
    "sort": {"type": "text", "values": ["red", "blue"]},
    "until": "time",
    "target": "date",
    "sum": "money",
    "dept": "text",
    "month": "month",
}
EVENTS = (
    "joined",
    "regraded",
    "job_opened",
    "job_altered",
    "job_closed",
    "act_done",
    "act_noted",
    "act_agreed",
    "act_waived",
    "act_forgiven",
    "clock_stopped",
    "clock_started",
    "came_in",
    "went_out",
    "day_planned",
    "paper_given",
    "proxy_used",
)
GROUND = {
    "pack": "generated",
    "language": 1,
    "severity": [
        "notice",
        "refer",
        "fine",
        "deduct",
        "compensate",
        "withhold",
        "forfeit",
        "disqualify",
        "step",
        "warn",
        "stern",
        "out",
    ],
    "roles": {"office": "the office", "head": "head of a department"},
    "seasons": {"cold": "11-16 to 02-29", "warm": "03-01 to 11-15"},
    "shifts": {
        "early": {
            "start": "08:00",
            "end": {"cold": "12:00", "warm": "13:00"},
            "check_in_from": "1h",
            "check_out_until": "30 minutes",
        },
        "late": {"start": "20:00", "end": "06:00 next day", "check_in_from": "1h"},
    },
    "hours": {"open_hours": {"start": "08:00", "end": {"cold": "17:00", "warm": "18:00"}, "breaks": "12:00-13:00"}},
    "records": {
        "worker": {"key": "person", "opens": "joined", "updates": "regraded"},
        "job": {
            "key": "job",
            "opens": "job_opened",
            "updates": "job_altered",
            "closes": "job_closed",
            "links": {"stay": "latest stay of person within 24h if sort == 'red'"},
        },
        "stay": {"key": "person", "opens": "came_in", "closes": "went_out", "reads": "worker"},
        "workday": {"key": ["person", "day"], "opens": "day_planned", "closes": "end of day", "dated": "day"},
        "dept": {"key": "dept", "opens": "joined"},
        "slot": {
            "key": ["person", "duty_date", "period"],
            "opens": "roster_assigned",
            "dated": "duty_date",
            "spans": "shift",
        },
        "duty": {"key": ["person", "duty_date"], "opens": "roster_assigned", "dated": "duty_date", "spans": "shifts"},
    },
}


def one(draw, *values):
    """Draw one of some values."""
    return draw.choice(values)


def maybe(draw, key: str, value) -> dict:
    """Draw whether a key stands there."""
    return {key: value} if draw.choice((True, False)) else {}


def document(pieces: list[dict]) -> dict:
    """Return the pack that some pieces make on the common ground."""
    made = {**GROUND, "events": {name: {"fields": FIELDS} for name in EVENTS}}
    for piece in pieces:
        for section, entries in piece.items():
            made[section] = {**made.get(section, {}), **entries}
    return json.loads(json.dumps(made))
