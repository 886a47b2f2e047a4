"""Small packs of what lasts while a condition holds, and logs around midnight."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING

import yaml

from dutyrules.calendars.zones import Zone
from dutyrules.policies.load import load_pack

from .line_forms import Happening
from .small_packs import GROUND, JOBS, PEOPLE

if TYPE_CHECKING:
    from pathlib import Path
    from random import Random


def lasting(whenever: str, about: str = "job", **more) -> dict:
    """Return a prohibition of what lasts on any part of a day."""
    rule = {"kind": "prohibition", "about": about, "whenever": whenever, "during": "whole_day", "who": "office"}
    return {name: value for name, value in {**rule, **more}.items() if value is not None}


PIECES = {
    "on some days": {"r": lasting("job.level > 1 and weekday(day) in ['Sunday', 'Monday']")},
    "each day": {"r": lasting("job.sort == 'red'"), "q": lasting("not known(job.level) or job.ok")},
    "of a person": {"r": lasting("weekday(day) != 'Tuesday'", "stay", who=None)},
    "of a field": {"r": lasting("pair.level > 0", "pair", who="pair.person")},
    "until it is closed": {"r": lasting("turn.level >= least", "turn")},
    "where it is opened": {"r": lasting("red_job.ok and red_job.level < 3", "red_job")},
    "of a day of its own": {"r": lasting("visit.level > 0 and weekday(day) != 'Sunday'", "visit")},
    "excused": {
        "r": lasting("job.ok", excused_by=["act_waived where ok and job == this.job", "left where date == day"]),
        "e": lasting("stay.level > 0", "stay", who=None, excused_by="act_noted where level > 1"),
        "t": lasting("job.level > 0", excused_by="paper_signed where what == job.job and day_signed == day"),
    },
}
REFUSED = {
    "in other hours": {"r": lasting("job.ok", during="daytime")},
    "all the time": {"r": lasting("job.ok", during=None)},
    "by a count": {"r": lasting("job.ok and acts > 1")},
    "by other records": {"r": lasting("not any(worker, level > 0)")},
    "what follows": {"r": lasting("job.ok"), "s": {"kind": "sanction", "when": "breach of r", "fine": 5}},
    "a fine": {"r": lasting("job.ok", kind="sanction", fine=5)},
}
ZONES = {
    "Asia/Shanghai": "2026-03-13",
    "Europe/Berlin": "2026-03-27",
    "America/Santiago": "2026-09-04",
    "America/Havana": "2026-10-30",
    "Africa/Cairo": "2026-04-22",
}
"""Zones with a day shortly before a change to or from summer time, in some of them at midnight."""


def lasting_pack(rules: dict, folder: Path, zone: str = "Asia/Shanghai"):
    """Return the checked pack of some rules."""
    records = {name: record for name, record in GROUND["records"].items() if repr(rules).count(name)}
    signed = {"fields": {"by": "person", "what": "text", "day_signed": "date"}, "person": "by"}
    made = {
        **GROUND,
        "timezone": zone,
        "events": {**GROUND["events"], "paper_signed": signed},
        "records": records,
        "hours": {
            "whole_day": {"start": "00:00", "end": "00:00 next day"},
            "daytime": {"start": "08:00", "end": "18:00"},
        },
        "parameters": {"least": 1},
        "counts": {"acts": {"of": "act_done", "per": "job", "in": "month"}},
        "rules": rules,
    }
    path = folder / "lasting.yaml"
    path.write_text(yaml.safe_dump(json.loads(json.dumps(made)), sort_keys=False), encoding="utf-8")
    return load_pack(str(path))


def lasting_log(random: Random, pack, first: str, days: tuple[int, ...] = (0, 0, 0, 1, 1, 2, 9)) -> list[Happening]:
    """Draw a log of a few days: things happen at midnight, just before and after it, often several at once."""
    zone, day = Zone(pack.timezone), dt.date.fromisoformat(first)
    kinds = [name for name in GROUND["events"] if name not in ("untold", "joined", "regraded", "act_done")]
    events: list[Happening] = []
    time = zone.start_of(day)
    for number in range(random.randint(2, 16)):
        day += dt.timedelta(days=random.choice(days))
        begun = zone.start_of(day)
        time = max(time, begun + random.choice((-1, 0, 0, 1, 3600, 7200, 43_200, 86_399)))
        if random.randint(0, 5):
            time = max([time, *(event.time + 1 for event in events)])
        kind = random.choice([*kinds, "job_opened", "came", "left", "act_waived"])
        data = {
            "person": random.choice(PEOPLE),
            "job": random.choice(JOBS[: random.randint(1, 3)]),
            "level": random.randint(0, 3),
            "ok": random.choice((True, False)),
            "sort": random.choice(("red", "blue")),
        }
        if kind == "paper_signed":
            own = day - dt.timedelta(days=random.choice((0, 0, 1)))
            data = {"by": data["person"], "what": data["job"], "day_signed": own.isoformat()}
        elif not random.randint(0, 5):
            data["date"] = (day - dt.timedelta(days=random.choice((0, 1)))).isoformat()
        if not random.randint(0, 24):
            del data[random.choice([*data])]
        events.append(Happening(f"e{number:02}", kind, time, data))
    return events
