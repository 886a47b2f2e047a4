"""Ten simulated years of a clinic on duty: what an engine keeps, and how much memory that takes, year by year.

`python benchmarks/ten_years.py --people 500 --years 10` prints a line per simulated year. Everybody is on duty every
fourth day, noon and night; now and then somebody comes late or is complained about, and what follows is taken from the
pay each month. After the longest window the figures stay where they are: memory follows the state, not the length of
the log.
"""

from __future__ import annotations

import argparse
import datetime as dt
import resource
import time
from typing import TYPE_CHECKING, Any

from dutyrules.engine import Engine
from dutyrules.policies.horizons import described, horizons
from dutyrules.policies.load import load_pack

if TYPE_CHECKING:
    from collections.abc import Iterator

ZONE = dt.timezone(dt.timedelta(hours=8))
FIRST_DAY = dt.date(2015, 1, 5)
CYCLE = 4
WEDNESDAY = 2
PAYDAYS = range(26, 32)


def days(people: int, years: int, cycle: int = CYCLE) -> Iterator[tuple[dt.date, list[dict[str, Any]]]]:
    """Yield each day with its events in order; the same arguments give the same log."""
    names = [f"p{number:03}" for number in range(people)]
    staff = {"dept": "clinical", "role": "doctor", "sex": "female", "birth_date": "1985-05-01", "licensed": True}
    start = dt.datetime.combine(FIRST_DAY - dt.timedelta(days=2), dt.time(9), ZONE)
    yield FIRST_DAY, [_event("staff_record", start, who, **staff) for who in names]
    for number in range(years * 365):
        day = FIRST_DAY + dt.timedelta(days=number)
        on_duty = [who for place, who in enumerate(names) if (place + number) % cycle == 0]
        found = [event for place, who in enumerate(on_duty) for event in _duty(day, who, number * 7 + place * 13)]
        if day.day == 1:
            found += [_event("staff_record", _at(day, 8, 0), who, **staff) for who in names]
            month = (day - dt.timedelta(days=1)).isoformat()[:7]
            found += [
                _event(kind, _at(day, 9, 0), "office", month=month) for kind in ("allowance_filed", "allowance_paid")
            ]
        if day.weekday() == WEDNESDAY:
            monday = (day + dt.timedelta(days=5)).isoformat()
            found.append(_event("roster_submitted", _at(day, 9, 0), "office", dept="clinical", week_start=monday))
        yield day, found


def _duty(day: dt.date, who: str, dice: int) -> Iterator[dict[str, Any]]:
    """Yield what one duty brings about: the roster the day before, coming, handing over, and rarely a complaint."""
    yield _event("nameplate_flipped", _at(day, 11, 30), who, duty_date=day.isoformat())
    for period, comes, goes in (
        ("noon", _at(day, 11, 50), _at(day, 14, 40)),
        ("night", _at(day, 16, 50), _at(day, 33, 0)),
    ):
        shift = {"duty_date": day.isoformat(), "period": period}
        late = dt.timedelta(minutes=15 if dice % 41 == 0 else 0)
        yield _event("roster_assigned", _at(day, -17, 0), who, **shift)
        yield _event("check_in", comes + late, who, **shift)
        yield _event("handover_done", goes, who, outgoing=who, incoming="relief", pending=[])
        yield _event("check_out", goes, who, **shift)
    if dice % 97 == 0:
        case = {"complaint_id": f"c-{day}-{who}", "about": who}
        yield _event("complaint_received", _at(day, 15, 0), who, **case)
        yield _event("complaint_ruled", _at(day, 16, 0), who, **case, upheld=dice % 2 == 0)
    if day.day in PAYDAYS:
        for minute in range(4):
            yield _event("deduction_made", _at(day, 10, minute), who, person=who, month=day.isoformat()[:7])
            yield _event("deduction_noted", _at(day, 10, minute), who, person=who, by="lead")


def _at(day: dt.date, hour: int, minute: int) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), ZONE) + dt.timedelta(hours=hour, minutes=minute)


def _event(kind: str, when: dt.datetime, who: str, **data: object) -> dict[str, Any]:
    name = f"{kind}-{who}-{when:%Y%m%dT%H%M}-{data.get('period', '')}"
    return {"id": name, "type": kind, "time": when.isoformat(), "subject": who, "data": data}


def kept(engine: Engine) -> dict[str, int]:
    """Return how much an engine keeps: events, cells, entries in buckets, alarms and outcomes."""
    store = engine.inside.program.store
    return {
        "events": sum(1 for _event in engine.inside.intake.events()),
        "cells": len(store.cells),
        "buckets": len(store.buckets),
        "entries": sum(len(bucket.entries) for bucket in store.buckets.values()),
        "outcomes": len(engine.outcomes()),
    }


def yearly(engine: Engine, people: int, years: int, cycle: int = CYCLE) -> Iterator[tuple[int, int, dict[str, int]]]:
    """Feed the log and yield each year with the events fed so far and what is kept at its end."""
    fed, year = 0, FIRST_DAY.year
    for day, events in days(people, years, cycle):
        if day.year != year:
            yield year, fed, kept(engine)
            year = day.year
        engine.feed_all(events)
        fed += len(events)
    yield year, fed, kept(engine)


def main() -> None:
    """Run the years and print a line for each."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--people", type=int, default=500)
    arguments.add_argument("--years", type=int, default=10)
    arguments.add_argument("--pack", default="clinic")
    given = arguments.parse_args()
    pack = load_pack(given.pack)
    print(f"{pack.name}: {given.people} people, {given.years} years, looks back {described(horizons(pack).longest)}")
    engine, began = Engine(pack, carries="all"), time.perf_counter()
    for year, fed, sizes in yearly(engine, given.people, given.years):
        figures = "  ".join(f"{name} {count:,}" for name, count in sizes.items())
        seconds = time.perf_counter() - began
        print(f"{year}  fed {fed:,}  {figures}  peak RSS {_peak():,} MB  {seconds:.0f} s", flush=True)


def _peak() -> int:
    """Return the most memory that the process has had so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


if __name__ == "__main__":
    main()
