"""Small packs of what rests on a calendar: limits, instants, starts and days; logs at the edges of dates and hours."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING

import yaml

from dutyrules.calendars.zones import Zone
from dutyrules.policies.load import load_pack

from .line_forms import Happening, Lines
from .small_packs import GROUND, duty

if TYPE_CHECKING:
    from pathlib import Path
    from random import Random

HOURS = {
    "plain": {"start": "09:00", "end": "18:00"},
    "with breaks": {"start": "08:30", "end": "17:30", "breaks": ["12:00-13:30", "15:00-15:15"]},
    "by night": {"start": "21:00", "end": "05:00 next day", "breaks": ["23:30-01:30 next day"]},
    "by season": {
        "start": {"cold": "09:00", "warm": "08:00"},
        "end": {"cold": "16:00", "warm": "18:00"},
        "breaks": ["12:00-13:00"],
    },
}
ODD_HOURS = {"overlapping": {"start": "08:00", "end": "09:00 next day", "breaks": ["12:00-13:00"]}}
SEASONS = {"cold": "10-01 to 02-27", "warm": "02-28 to 09-30"}
PLACES = {
    "China": (
        {"timezone": "Asia/Shanghai", "calendar": "CN"},
        ("2026-02-11", "2025-09-26", "2023-12-28", "2024-02-27"),
    ),
    "Germany": (
        {
            "timezone": "Europe/Berlin",
            "calendar": "weekdays",
            "holidays": {
                "extra_holidays": {"2026-03-30": "Betriebsausflug", "2026-03-31": "Betriebsausflug"},
                "extra_workdays": ["2026-03-28", "2024-03-02"],
            },
        },
        ("2026-03-26", "2026-10-22", "2024-02-27", "2025-12-29"),
    ),
    "every day": ({"timezone": "Australia/Lord_Howe", "calendar": "none"}, ("2026-04-02", "2024-02-28", "2025-12-30")),
}
ALTERED = {"when": "job_altered where ok", "until": "act_done where level > 0"}

PIECES = {
    "within days": duty(within="3 days"),
    "within weeks": duty(within="1 week", waived_by="act_waived"),
    "within months": duty(within="1 month"),
    "within working days": duty(within="2 working days"),
    "within many working days": duty(within="9 working days"),
    "within working hours": duty(within="8 working hours"),
    "within few working hours": duty(within="3 working hours"),
    "within hours, the act declared before": duty(
        within="3 working hours", when="job_altered where ok", until="joined"
    ),
    "within working days of an instant": duty(within="2 working days of job.due", **{"if": "known(job.due)"}),
    "within hours of an instant": duty(within="30h of job.opened", **ALTERED),
    "by the end of the day": duty(by="end of date"),
    "by a date": duty(by="job.date", **{"if": "known(job.date)"}),
    "by working days after": duty(by="2 working days after job.due", **{"if": "known(job.due)"}),
    "by working days before": duty(by="2 working days before 9 days after time"),
    "by days before a date": duty(by="1 day before 1 month after job.opened"),
    "by a time of a day": duty(by="02:30 on 2 days after time"),
    "by hours after a day": duty(by="20h after next working day after time"),
    "by a day of next month": duty(by="day 31 of next month"),
    "by a weekday": duty(by="Sunday of the week"),
    "by a weekday of next week": duty(by="Monday of the next week"),
    "by one of two": duty(by={"if": "level > 1", "then": "end of date", "else": "18:00 on 1 day after time"}),
    "by one of two counted": duty(
        by={"if": "job.level > 1", "then": "1 working day after time", "else": "2 days after job.opened"}
    ),
    "from the opening": duty(**{"from": "job.opened", "promptly": "soon"}, **ALTERED),
    "from the opening, within": duty(**{"from": "job.opened"}, within="2 working days", **ALTERED),
    "from the opening, by": duty(**{"from": "job.opened"}, by="50h after time", **ALTERED),
    "from later on": duty(**{"from": "24h after job.opened"}, within="30h", until="act_done where ok"),
    "from an instant": duty(
        **{"from": "job.due", "if": "known(job.due)"}, within="1 working day", waived_by="act_waived", **ALTERED
    ),
    "from an hour": duty(**{"from": "08:00 on 1 day after date"}, by="2 days after date"),
    "weekday": {"kind": "sanction", "when": "act_done", "if": "weekday(date) in ['Saturday', 'Monday']", "fine": 1},
    "working day": {"kind": "sanction", "when": "act_done", "if": "not is_working_day(date) or level == 3", "fine": 2},
    "parts of an instant": {
        "kind": "sanction",
        "when": "act_done where hour_of(time) < 12",
        "if": "year_of(time) > 2023 and month_of(time) in months",
        "fine": 3,
    },
    "weekday of a miss": {
        "d": duty(within="2 days"),
        "s": {"kind": "sanction", "when": "breach of d", "if": "weekday(date) != 'Sunday'", "fine": 3},
    },
    "days between": {
        "kind": "sanction",
        "about": "job",
        "when": "first act_done",
        "if": "known(job.date) and days_between(job.date, date) != 1",
        "fine": 4,
    },
}


REFUSED = {
    "length by date": (duty(within="wait"), "the length of its limit changes"),
    "days before": (
        duty(**{"from": "2 days before job.due"}, within="9 days"),
        "its clock starts days before something, and acts count that come before its record",
    ),
    "act by the record": (
        duty(**{"from": "job.opened"}, when="job_altered", until="act_done where level > this.level"),
        "an act before it counts, and is judged by what is known later",
    ),
    "two accounts": (
        duty(by={"if": "ok", "then": "2 working days after time", "else": "2h after time"}),
        "how its deadline is counted depends on a condition",
    ),
    "what has happened": (
        duty(by={"if": "job.job_altered", "then": "1 day after time", "else": "2 days after time"}),
        "its deadline depends on what has happened to a record",
    ),
    "counts as its act": (
        {
            "d": duty(**{"from": "job.opened"}, when="job_altered"),
            "r": {"kind": "definition", "when": "job_altered", "counts_as": "act_done", "with": {"job": "job"}},
        },
        "what sets it off may count as its act",
    ),
}


def calendar_pack(name: str, place: str, hours: str, folder: Path):
    """Return the checked pack of one piece at a place."""
    rule = PIECES[name] if name in PIECES else REFUSED[name][0]
    header, _begins = PLACES[place]
    rules = rule if "kind" not in rule else {"r": rule}
    more = {"seasons": SEASONS} if hours == "by season" else {}
    made = {**GROUND, **header, "hours": {"office": (HOURS | ODD_HOURS)[hours]}, "rules": rules, **more}
    made["parameters"] = {
        "months": ["2024-02", "2025-12", "2026-02", "2026-03", "2026-04", "2026-10"],
        "wait": {"type": "duration", "value": {"2020-01-01": "2h", "2026-03-01": "3h"}},
    }
    path = folder / "calendar.yaml"
    path.write_text(yaml.safe_dump(json.loads(json.dumps(made)), sort_keys=False), encoding="utf-8")
    return load_pack(str(path))


class LocalLines(Lines):
    """Writes instants in the pack's own zone, most of them."""

    def instant(self, time: int) -> str:
        """Return an instant as text."""
        return super().instant(time) if self.odd() else Zone(self.pack.timezone).iso(time)


TIMES = (0, 1, 8 * 3600, 9 * 3600, 12 * 3600, 13 * 3600 + 1800, 17 * 3600 + 1800, 18 * 3600, 86399)
NUDGES = (-1, 0, 0, 0, 1)


def calendar_log(random: Random, pack, place: str) -> list[Happening]:
    """Draw a log of a few jobs over some weeks, with acts at, just before and just after where dates and hours end."""
    zone, events = Zone(pack.timezone), []
    first = dt.date.fromisoformat(random.choice(PLACES[place][1])) + dt.timedelta(days=random.randint(0, 3))
    gaps = random.random() < 0.1

    def at(days: int) -> int:
        start = zone.start_of(first + dt.timedelta(days=days))
        return start + random.choice((*TIMES, random.randint(0, 86399))) + random.choice(NUDGES)

    def add(kind: str, days: int, **given) -> int:
        time = at(days)
        while any(event.time == time for event in events):
            time += 1
        data = {
            "person": random.choice(("ann", "bo")),
            "level": random.randint(0, 3),
            "ok": random.choice((True, False)),
            "due": at(random.randint(0, 4)),
            "date": (first + dt.timedelta(days=days + random.randint(0, 4))).isoformat(),
            **given,
        }
        if kind != "job_opened" and random.randint(0, 5):
            del data["date"]
        if kind == "job_altered":
            del data["due"], data["level"]
        data = {name: value for name, value in data.items() if not (gaps and random.randint(1, 8) == 1)}
        events.append(Happening(f"e{len(events):02}", kind, time, data))
        return days

    for job in ("j1", "j2", "j,3")[: random.randint(1, 3)]:
        day = add("job_opened", random.randint(0, 4), job=job)
        for kind in random.choices(("job_altered", "act_done", "act_done", "act_waived"), k=random.randint(0, 4)):
            spread = random.choice((1, 3, 3, 6, 14, 40))
            add(kind, day + random.randint(0, spread), job=job)
    return events
