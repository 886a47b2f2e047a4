"""How much an engine does for an event: as much for the last event of a long log as for the first."""

from __future__ import annotations

import datetime as dt
import sys
from typing import TYPE_CHECKING

import pytest

from dutyrules.engine import Engine
from dutyrules.policies.load import check_text, load_pack
from dutyrules.runtime.cases import CaseCell
from dutyrules.runtime.triggers import TriggerCell
from reference import ground
from reference.generated import loaded

if TYPE_CHECKING:
    from collections.abc import Callable

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
