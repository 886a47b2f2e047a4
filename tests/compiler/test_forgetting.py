"""What is forgotten: a program decides only what an engine with the same short memory decides alike."""

from __future__ import annotations

import json

import pytest
from hypothesis import given

from dutyrules.compiler.program import compiles, refused
from dutyrules.policies.load import load_pack

from . import small_packs
from .agreement import Both
from .line_forms import Lines
from .small_packs import GROUND, PIECES, packed, small_log
from .test_bench_pack import DICE, examples

DAY = 86_400
LATER = (0, 60, 30 * DAY, 400 * DAY)


@pytest.fixture
def short_memory(monkeypatch):
    """Let the small packs remember a hundred days, and months lie between the events of their logs."""
    monkeypatch.setitem(GROUND, "retention", "100 days")
    monkeypatch.setattr(small_packs, "STEPS", (1, 60, 7200, 7201, 20 * DAY, 45 * DAY, 90 * DAY, 400 * DAY))


@pytest.mark.usefixtures("short_memory")
@pytest.mark.parametrize("name", PIECES)
def test_what_is_forgotten_is_forgotten_by_both(name, tmp_path) -> None:
    """logs over months and years: what a program decides is what an engine makes that has let go of as much"""
    pack = packed([name], tmp_path)
    if not compiles(pack, carries_all=True):
        reasons = refused(pack, carries_all=True).values()
        assert any("forgotten" in reason for reason in reasons), reasons
        return
    both = Both(pack, tmp_path)

    @examples(10)
    @given(DICE)
    def run(random) -> None:
        lines = Lines(random, pack, random.choice((0, 20))).log(small_log(random, pack))
        both.check(lines, random.choice(LATER))

    run()


def lines(*events: tuple[str, str, dict]) -> list[bytes]:
    """Return a log of (type, date, data) in lines."""
    return [
        json.dumps(
            {"id": f"e{number:02}", "type": kind, "time": f"{day}T08:00:00+08:00", "data": data}, separators=(",", ":")
        ).encode()
        for number, (kind, day, data) in enumerate(events)
    ]


VISIT = {"person": "ann", "job": "j1", "level": 1}
MONTHS = [("regraded", f"{year}-{month:02}-03", {"person": "bo"}) for year in (2024, 2025) for month in range(1, 13)]


@pytest.mark.usefixtures("short_memory")
def test_what_is_open_is_known_however_old(tmp_path, monkeypatch) -> None:
    """a record that nothing has closed is not let go, as the engine does not: what comes years later is about it"""
    pay = {"kind": "entitlement", "about": "visit", "when": "left", "grant": {"what": "pay", "amount": 7}}
    monkeypatch.setitem(PIECES, "pay for a visit", {"rules": {"pay": pay}})
    both = Both(packed(["pay for a visit"], tmp_path), tmp_path)
    assert both.check(lines(("came", "2024-01-02", VISIT), *MONTHS, ("left", "2025-12-30", VISIT)))
    assert both.tally.made["pay", "entitlement", "granted"] == 1


@pytest.mark.usefixtures("short_memory")
def test_what_is_closed_is_let_go(tmp_path, monkeypatch) -> None:
    """a record that is closed goes when the pack says: what comes about it soon after is left to the engine"""
    pay = {"kind": "entitlement", "about": "visit", "when": "left", "grant": {"what": "pay", "amount": 7}}
    monkeypatch.setitem(PIECES, "pay for a visit", {"rules": {"pay": pay}})
    both = Both(packed(["pay for a visit"], tmp_path), tmp_path)
    log = [("came", "2024-01-02", VISIT), ("left", "2024-01-03", VISIT), *MONTHS[1:6], ("left", "2024-06-30", VISIT)]
    assert not both.check(lines(*log))
    assert both.tally.left == {"visit": 1}


@pytest.mark.usefixtures("short_memory")
def test_a_first_is_the_first_however_old(tmp_path, monkeypatch) -> None:
    """the first event about a record is remembered as long as the record: nothing later is the first again"""
    late = {"kind": "prohibition", "about": "visit", "when": "first act_done", "if": "level > visit.level"}
    monkeypatch.setitem(PIECES, "late at a visit", {"rules": {"late": late}})
    both = Both(packed(["late at a visit"], tmp_path), tmp_path)
    first, again = (("act_done", day, {**VISIT, "level": 2}) for day in ("2024-01-03", "2025-12-30"))
    assert both.check(lines(("came", "2024-01-02", VISIT), first, *MONTHS, again))
    assert both.tally.made["late", "breach", "breached"] == 1


HOUSE = """
pack: house
title: {en: a house, zh: 一处房屋}
calendar: none
log: {carries: all}
events:
  hired:     {fields: {person: person}}
  left:      {fields: {person: person}}
  inspected: {fields: {person: person}}
records:
  post: {key: person, opens: hired}
  stay: {key: person, opens: hired, closes: left}
rules:
  report:
    kind: obligation
    says: {en: Whoever comes reports within two days., zh: 来者两日内报到。}
    about: stay
    when: first hired
    within: 2d
    until: inspected
"""


def test_what_is_kept_with_another_record_is_left_to_the_engine(tmp_path) -> None:
    """an event that opens a record without an end keeps the other that it opened, for as long as a case is about it"""
    path = tmp_path / "house.yaml"
    path.write_text(HOUSE, encoding="utf-8")
    both = Both(load_pack(path), tmp_path)
    came = [("hired", "2020-01-02", {"person": "ann"}), ("left", "2020-01-09", {"person": "ann"})]
    years = [
        ("hired", f"{year}-{month}-03", {"person": f"{year}{month}"})
        for year in range(2020, 2026)
        for month in (10, 11)
    ]
    assert both.check(lines(*came, *years))
    assert not both.check(lines(*came, *years, ("inspected", "2025-12-03", {"person": "ann"})))
    assert both.tally.left == {"stay": 1}
