"""Ten years of an organisation: what an engine keeps stays the same after the longest window."""

from __future__ import annotations

import datetime as dt
import sys
from importlib.util import module_from_spec, spec_from_file_location
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from dutyrules.engine import Engine
from dutyrules.policies.horizons import horizons
from dutyrules.policies.load import check_text, load_pack

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType

PACK = """
pack: desk
title: {en: a desk, zh: 前台}
calendar: none
log: {carries: all}
records:
  staff: {key: person, opens: staff_record, updates: staff_record}
  visit: {key: person, opens: check_in, closes: check_out}
  complaint: {key: complaint_id, opens: complaint_received, closes: complaint_replied}
counts:
  slow: {of: breach of reply, per: person, in: year}
rules:
  reply:
    kind: obligation
    says: {en: Reply within two hours., zh: 两小时内答复。}
    about: complaint
    when: complaint_received
    who: about
    within: 2h
    until: complaint_replied
  look:
    kind: obligation
    says: {en: Look round every four hours., zh: 每四小时巡视一次。}
    about: visit
    gap: 4h
    until: patrol_done
  fine:
    kind: sanction
    says: {en: It is fined., zh: 罚款。}
    when: breach of reply
    if: staff.dept == 'desk'
    fine: 50
  third: {kind: sanction, says: {en: The third., zh: 第三次。}, when: breach of reply, if: slow >= 3, notice: warned}
  month:
    kind: obligation
    says: {en: Pay., zh: 发放。}
    every: month
    who: payroll
    by: day 5 of next month
    until: allowance_paid
"""
ZONE = dt.timezone(dt.timedelta(hours=8))
FIRST_DAY = dt.date(2015, 1, 5)


@pytest.fixture(scope="module")
def ten_years(repository: Path) -> ModuleType:
    """Return the script that makes the log of a clinic."""
    path = repository / "benchmarks" / "ten_years.py"
    spec = spec_from_file_location("ten_years", path)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules["ten_years"] = module
    spec.loader.exec_module(module)
    return module


def day_at_the_desk(number: int) -> list[dict]:
    """Return the events of one day: somebody comes, looks round, answers a complaint, often late, and goes."""
    day = dt.datetime.combine(FIRST_DAY + dt.timedelta(days=number), dt.time(8), ZONE)
    who, found = f"p{number % 3}", []

    def add(kind: str, hours: float, **data: str) -> None:
        when = (day + dt.timedelta(hours=hours)).isoformat()
        found.append({"id": f"{kind}{number}", "type": kind, "time": when, "subject": who, "data": data})

    add("staff_record", 0, dept="desk" if number % 2 else "kitchen")
    add("check_in", 0.5)
    add("complaint_received", 1, complaint_id=f"c{number}", about=who)
    add("complaint_replied", 4 if number % 7 == 0 else 2, complaint_id=f"c{number}")
    add("check_out", 6)
    return found


def looked_at(engine: Engine) -> dict[str, object]:
    """Return the outcomes that stand and are no older than their rule's horizon."""
    now, rules = engine.clock, horizons(engine.pack).rules
    assert now is not None
    month = now.replace(day=1, hour=0, minute=0, second=0)
    return {
        name: one
        for name, one in engine.outcomes().items()
        if dt.datetime.fromisoformat(one.time) >= month - dt.timedelta(seconds=rules[one.rule].seconds)
    }


def test_a_desk_keeps_as_much_after_ten_years_as_after_three(ten_years: ModuleType) -> None:
    """events, cells, buckets, entries, outcomes and the snapshot stay within a month of events from year to year"""
    engine = Engine(check_text(PACK).packs[0])
    sizes = []
    for number in range(0, 3650, 2):
        engine.feed_all(day_at_the_desk(number))
        if number % 365 in (363, 364):
            sizes.append({**ten_years.kept(engine), "snapshot": len(engine.snapshot())})
    settled = sizes[2]
    assert 366 < settled["events"] < 2.2 * 183 * 5
    for later in sizes[3:]:
        for name, size in later.items():
            assert abs(size - settled[name]) <= 0.12 * settled[name], name
    assert horizons(engine.pack).records["staff"].is_endless


def test_what_was_let_go_does_not_change_what_stands() -> None:
    """after a snapshot and restore late in the years the same stands, as far back as each rule looks, and follows"""
    engine = Engine(check_text(PACK).packs[0])
    for number in range(1100):
        engine.feed_all(day_at_the_desk(number))
    again = Engine.restore(engine.pack, engine.snapshot())
    assert looked_at(again) == looked_at(engine)
    for number in range(1100, 1140):
        assert again.feed_all(day_at_the_desk(number)) == engine.feed_all(day_at_the_desk(number))
    assert looked_at(again) == looked_at(engine)
    assert len(looked_at(engine)) > 100


def test_a_clinic_keeps_as_much_after_four_years_as_after_three(ten_years: ModuleType) -> None:
    """once its longest window has gone by, the clinic's engine keeps and does about the same for each year of duty"""
    engine = Engine(load_pack("clinic"), carries="all")
    store = engine.inside.program.store
    years, work = [], [(0, 0)]
    for _year, fed, kept in ten_years.yearly(engine, 1, 4, 24):
        years.append(kept)
        work.append((fed, store.runs))
    runs = [(after - before) / (upto - since) for (since, before), (upto, after) in pairwise(work[:5])]
    assert runs[3] < 1.1 * runs[0], "what is remembered is not looked at again for each event"
    for name in ("events", "cells", "buckets", "entries", "outcomes"):
        assert years[0][name] < 0.9 * years[2][name], "the window is longer than a year"
        assert years[3][name] <= 1.1 * years[2][name], name
