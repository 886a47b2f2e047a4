"""What comes up each period, and gaps: compiled and engine say the same."""

from __future__ import annotations

import json

import pytest
from hypothesis import given

from dutyrules.compiler.program import compiles, refused
from dutyrules.policies.load import load_pack

from .agreement import Both
from .line_forms import Lines
from .round_packs import GAPS, PIECES, REFUSED, gap_log, round_log, round_pack
from .small_packs import GROUND
from .test_bench_pack import DICE, examples

AFTER = (0, 1, 3600, 86_400, 20 * 86_400)
LASTING = (
    "each day, several acts",
    "each day on which something is booked",
    "each week",
    "no day without an act",
)


CASES = [*((name, round_log, 4, AFTER) for name in PIECES), *((name, gap_log, 6, AFTER[:4]) for name in GAPS)]


@pytest.mark.parametrize(("name", "drawn", "number", "after"), CASES, ids=[name for name, *_ in CASES])
def test_a_period_or_a_gap_comes_out_alike(name, drawn, number, after, tmp_path) -> None:
    """every outcome is the same, at the edges of days and the very ends of stretches too, and most logs are decided"""
    pack = round_pack(name, tmp_path)
    both = Both(pack, tmp_path)

    @examples(number)
    @given(DICE)
    def run(random) -> None:
        both.check(Lines(random, pack, random.choice((0, 0, 20))).log(drawn(random, pack)), random.choice(after))

    run()
    both.tally.assert_most(0.3)


def happened(number: int, kind: str, day: int) -> bytes:
    """Return an event of January."""
    data = {"job": "j", "ok": True} if kind == "act_done" else {}
    clock = f"2026-01-{day:02}T10:00:00+08:00"
    return json.dumps({"id": f"e{number}", "type": kind, "time": clock, "subject": "ann", "data": data}).encode()


def test_periods_begin_with_the_first_event_wherever_it_stands(tmp_path, monkeypatch) -> None:
    """an event that no rule reads, earlier than all others but far behind them, makes it a log for the engine"""
    pack = round_pack("each day", tmp_path)
    both = Both(pack, tmp_path)
    unread = min(pack.events.keys() - both.program.READ.keys())
    days = [
        happened(2, "act_done", 10),
        happened(3, "act_done", 11),
        happened(4, unread, 7),
        happened(5, "act_done", 12),
    ]
    monkeypatch.setattr("dutyrules.compiler.bulk.BLOCK", 150)
    assert not both.check(days)
    assert both.check([days[2].replace(b"e4", b"e1"), *days[:2], days[3]])
    assert both.check([*days[:2], days[2].replace(b"-07T", b"-11T"), days[3]])


@pytest.mark.parametrize("name", LASTING)
def test_what_is_missed_is_forgotten_by_both(name, tmp_path, monkeypatch) -> None:
    """logs over months and years: a program decides only what an engine with the same short memory decides alike"""
    monkeypatch.setitem(GROUND, "retention", "100 days")
    pack = round_pack(name, tmp_path)
    both = Both(pack, tmp_path)

    @examples(2)
    @given(DICE)
    def run(random) -> None:
        lines = Lines(random, pack).log(round_log(random, pack, (0, 1, 20, 45)))
        both.check(lines, random.choice((0, 86_400, 120 * 86_400)))

    run()


SHIFTS = """
pack: shifts
timezone: Asia/Shanghai
log: {{carries: all}}
roles: {{office: the office}}
events:
  begun: {{fields: {{person: person, post: text}}}}
  ended: {ended}
  seen: {{fields: {{person: person, post: text}}}}
records:
  shift: {{key: [person, post], opens: begun, closes: ended}}
rules:
  1-day: {{kind: obligation, every: day, who: office, until: seen, if: any(shift)}}
  2-gap: {{kind: obligation, about: shift, gap: 60 minutes, until: seen}}
"""


def shifts(folder, ended: str, *more: str):
    """Return the checked pack of records whose key has two parts; `ended` is what closes one, `more` are rules."""
    path = folder / "shifts.yaml"
    path.write_text("\n".join([SHIFTS.format(ended=ended), *more]), encoding="utf-8")
    return load_pack(str(path))


@pytest.mark.parametrize(("ended", "decided"), [({"person", "post"}, True), ({"person"}, False), (set(), False)])
def test_what_ends_all_of_a_persons_records_is_left_to_the_engine(ended, decided, tmp_path) -> None:
    """an event that leaves out a part of a key closes each record that agrees in the others"""
    both = Both(shifts(tmp_path, "{fields: {person: person, post: text}}"), tmp_path)
    said = {"person": "ann", "post": "a"}
    log = [("e1", "begun", 1, said), ("e2", "seen", 2, said), ("e3", "ended", 3, {name: said[name] for name in ended})]
    form = '{"id":"%s","type":"%s","time":"2026-03-0%dT08:00:00+08:00","data":%s}'
    lines = [(form % (*one, json.dumps(data))).encode() for *one, data in log]
    assert both.check(lines, 3 * 86_400) is decided


def test_periods_begin_with_an_event_that_no_rule_reads(tmp_path) -> None:
    """a log of nothing else has its periods too"""
    both = Both(round_pack("each day, several acts", tmp_path), tmp_path)
    assert both.check([b'{"id":"e1","type":"staff_record","time":"2026-03-01T08:00:00+08:00"}'], 20 * 86_400), (
        both.tally
    )
    assert both.tally.made


def test_a_person_in_another_field_is_refused(tmp_path) -> None:
    """what closes a record of a person, and is another's event, does not compile"""
    ended = "{person: by, fields: {by: person, person: person, post: text}}"
    pack = shifts(tmp_path, ended, "  3-first: {kind: prohibition, about: shift, when: first seen}")
    assert refused(pack, carries_all=True) == dict.fromkeys(pack.rules, "`ended` does not carry the key of `shift`")


@pytest.mark.parametrize("name", REFUSED)
def test_what_looks_back_on_a_period_is_refused(name, tmp_path) -> None:
    """a rule of periods that one pass cannot apply does not compile, and the reason says why"""
    pack = round_pack(name, tmp_path)
    assert not compiles(pack, carries_all=True)
    assert REFUSED[name][1] in refused(pack, carries_all=True).values()
