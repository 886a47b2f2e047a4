"""How much an engine does for an event: as much for the last event of a long log as for the first."""

from __future__ import annotations

import datetime as dt
import sys
from typing import TYPE_CHECKING, Final

import pytest

from dutyrules.engine import Engine
from dutyrules.policies.load import check_text, load_pack
from dutyrules.runtime.allotment import AllotmentCell
from dutyrules.runtime.cases import CaseCell
from dutyrules.runtime.instances import RecordCell
from dutyrules.runtime.openings import NO_OUTCOMES
from dutyrules.runtime.store import NO_ENTRIES, NO_FACTS
from dutyrules.runtime.triggers import TriggerCell
from reference import ground
from reference.generated import loaded

if TYPE_CHECKING:
    from collections.abc import Callable

    from dutyrules.runtime.store import Cell

START = dt.datetime(2026, 1, 1, 8, tzinfo=dt.timezone(dt.timedelta(hours=8)))
WATCHED = """
pack: desk
title: {en: a desk, zh: 前台}
calendar: none
log: {carries: all}
records:
  complaint: {key: complaint_id, opens: complaint_received, closes: complaint_replied}
  service: {key: person, opens: staff_record}
rules:
  crowd:
    kind: prohibition
    says: {en: No more than two at once., zh: 同时不得超过两件。}
    about: service
    whenever: open(complaint) > 2
    who: service.person
"""


def calls(work: Callable[[], object]) -> int:
    """Return how many functions a piece of work calls."""
    count = 0

    def seen(_frame: object, event: str, _argument: object) -> None:
        nonlocal count
        count += event == "call"

    sys.setprofile(seen)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


class Work:
    """How often a method runs, by the name of what it works at."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, owner: type, method: str) -> None:
        self.done: list[object] = []
        plain = getattr(owner, method)

        def counted(cell: Cell, *arguments: object) -> object:
            self.done.append(cell.key[1])
            return plain(cell, *arguments)

        monkeypatch.setattr(owner, method, counted)


def fed(engine: Engine, *events: tuple[str, str, dict[str, object]]) -> Engine:
    """Feed an engine with events: their type, the time of day on the first of January, their data."""
    for name, time, data in events:
        event = {"id": f"{name}@{time}", "type": name, "time": f"2026-01-01T{time}:00+08:00", "data": data}
        engine.feed(event)
    return engine


DUTY: Final = {"person": "ann", "duty_date": "2026-01-01", "period": "early"}


def test_a_record_that_has_ended_is_not_folded_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """where the clock reaches the end of a record, its end is handed on with no look at its events"""
    rule = {"kind": "sanction", "about": "slot", "when": "end of slot", "who": "slot.person", "fine": 5}
    pack, _text = loaded(ground.document([{"rules": {"ended": rule}}]))
    engine = fed(Engine(pack, carries="all"), ("roster_assigned", "07:00", DUTY))
    folded = Work(monkeypatch, RecordCell, "_fold")
    assert [one.rule for one in engine.advance("2026-01-01T12:00:01+08:00")] == ["ended"]
    assert folded.done == []


def test_who_reads_what_is_fixed_is_not_told_of_later_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    """a case that has read when a record opened runs again where that changes, and not where anything else does"""
    rule = {"kind": "obligation", "about": "worker", "when": "joined", "until": "act_done where until == worker.opened"}
    pack, _text = loaded(ground.document([{"rules": {"once": rule}}]))
    person = {"person": "ann"}
    engine = fed(Engine(pack, carries="all"), ("joined", "07:00", person))
    decided = Work(monkeypatch, CaseCell, "_decide")
    fed(engine, ("regraded", "10:00", person | {"level": 2}))
    assert decided.done == []
    fed(engine, ("joined", "06:00", person))
    assert decided.done


def test_no_record_is_looked_for_where_an_event_opens_none() -> None:
    """an event that certainly fails the condition of what opens a record leaves nothing behind for it"""
    records = {"busy": {"key": "person", "opens": "came_in where level > 1", "closes": "went_out"}}
    count = {"here": {"of": "busy", "per": "job", "in": "open"}}
    pack, _text = loaded(ground.document([{"records": records, "counts": count}]))
    engine = Engine(pack, carries="all")
    fed(engine, ("came_in", "07:00", {"person": "ann", "level": 1}), ("came_in", "07:00", {"person": "bob"}))
    fed(engine, ("came_in", "08:00", {"person": "eve", "level": 2}))
    assert [key[2] for key in engine.inside.program.store.cells if key[:2] == ("record", "busy")] == [("eve",)]


def test_acts_are_not_shared_out_among_those_who_ask_for_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """an obligation that no act could meet makes nobody share acts out again"""
    rule = {
        "kind": "obligation",
        "about": "job",
        "when": "job_opened",
        "who": "office",
        "within": "3 days",
        "until": "act_done",
        "one_act": "oldest",
    }
    pack, _text = loaded(ground.document([{"rules": {"answer": rule}}]))
    shared = Work(monkeypatch, AllotmentCell, "run")
    engine = Engine(pack, carries="all")
    fed(engine, ("job_opened", "07:00", {"job": "j1"}), ("job_opened", "08:00", {"job": "j2"}))
    assert len(shared.done) == 1
    fed(engine, ("act_done", "09:00", {"job": "j1"}))
    assert len(shared.done) > 1


def test_cells_hold_no_empty_dictionaries() -> None:
    """what makes nothing of a kind holds nothing of its own for it"""
    engine = Engine(load_pack("clinic"), carries="all")
    fed(
        engine,
        ("roster_assigned", "07:00", DUTY | {"period": "noon"}),
        ("check_in", "11:00", DUTY | {"period": "noon"}),
    )
    cells = [cell for cells in engine.inside.cells_of.values() for cell in cells]
    assert any(cell.places for cell in cells)
    assert all(cell.places or cell.places is NO_ENTRIES for cell in cells)
    assert all(cell.facts or cell.facts is NO_FACTS for cell in cells)
    assert all(cell.outcomes or cell.outcomes is NO_OUTCOMES for cell in cells)


def test_a_lasting_condition_is_looked_at_where_something_has_changed() -> None:
    """the hundredth complaint costs what the twentieth costs, though every look goes on from the first"""
    engine = Engine(check_text(WATCHED).packs[0])
    engine.feed({"id": "s", "type": "staff_record", "time": START.isoformat(), "data": {"person": "ann"}})
    costs = []
    for number in range(1, 101):
        time = START + dt.timedelta(hours=number)
        case = {"complaint_id": f"c{number}"}
        came = {"id": f"a{number}", "type": "complaint_received", "time": time.isoformat(), "data": case}
        costs.append(calls(lambda came=came: engine.feed(came)))
        if number % 4 == 0:
            gone = (time + dt.timedelta(minutes=5)).isoformat()
            for each in range(number - 3, number + 1):
                case = {"complaint_id": f"c{each}"}
                engine.feed({"id": f"b{each}", "type": "complaint_replied", "time": gone, "data": case})
    assert len([one for one in engine.outcomes().values() if one.kind == "breach"]) == 25
    assert sum(costs[80:]) < 1.2 * sum(costs[10:30])


def test_a_right_that_waits_costs_the_same_each_day() -> None:
    """the day on which a right has waited for two months costs what the tenth day costs"""
    rule = {
        "kind": "entitlement",
        "about": "duty",
        "when": "first check_in",
        "grant": "rest_day",
        "by": "2 days after duty_date",
        "postponed_while": "others_free < 1",
        "postponed_as": "rest-moved",
        "until": "act_agreed where day == duty.duty_date",
    }
    counts = {
        "resting": {"of": "act_agreed", "per": "person", "in": "day"},
        "others_free": {"of": "worker where resting == 0", "per": {"worker.dept": "dept"}, "except": "person"},
    }
    pack, _text = loaded(ground.document([{"rules": {"rest": rule}, "counts": counts}]))
    engine = Engine(pack, carries="all", forgets=False)
    duty = {"person": "ann", "duty_date": "2026-01-01", "period": "early"}
    for name, data in (("joined", {"person": "ann", "dept": "ward"}), ("roster_assigned", duty), ("check_in", duty)):
        event = {"id": name, "type": name, "time": START.isoformat(), "data": data}
        engine.feed(event)
    costs = [calls(lambda day=day: engine.advance(START + dt.timedelta(days=day))) for day in range(1, 71)]
    waiting = [one for one in engine.outcomes().values() if one.status == "postponed"]
    assert [one.due for one in waiting] == ["2026-03-13T23:59:59+08:00"]
    assert sum(costs[60:]) < 1.2 * sum(costs[10:20])


@pytest.mark.parametrize("forgets", [True, False])
def test_what_is_permitted_needs_no_case(forgets: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """a permission that holds is found out and has no case of its own, except where somebody will ask why"""
    engine = Engine(load_pack("clinic"), carries="all", forgets=forgets)
    duty = {"person": "li", "duty_date": "2026-01-15", "period": "noon"}
    engine.feed({"id": "e1", "type": "roster_assigned", "time": "2026-01-01T09:00:00+08:00", "data": duty})
    engine.feed({"id": "e2", "type": "check_out", "time": "2026-01-15T13:00:00+08:00", "data": duty})
    cells = engine.inside.cells_of["4.1-left-with-leave"]
    assert any(isinstance(cell, TriggerCell) for cell in cells)
    assert any(isinstance(cell, CaseCell) for cell in cells) is not forgets
    assert engine.verdicts("4.1-left-with-leave")
