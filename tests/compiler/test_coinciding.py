"""What happens in one instant, and a second apart, comes out of a program as it does of the engine, and is decided."""

from __future__ import annotations

import datetime as dt
import json
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml
from hypothesis import given

from dutyrules.compiler.crowds import Coinciding
from dutyrules.compiler.program import compile_pack
from dutyrules.compiler.stream import Unsure
from dutyrules.policies.load import load_pack

from .agreement import Both
from .line_forms import HOME
from .test_bench_pack import DICE, examples

BENCH = Path(__file__).parents[2] / "benchmarks" / "bench.yaml"
BEGIN = dt.datetime(2026, 1, 30, 8, tzinfo=HOME)
GROUND = {
    "pack": "near",
    "language": 1,
    "title": {"en": "Near", "zh": "临近"},
    "timezone": "Asia/Shanghai",
    "calendar": "none",
    "currency": "CNY",
    "retention": "400 days",
    "log": {"carries": "all"},
    "roles": {"head": {"en": "head", "zh": "主任"}},
    "events": {
        "asked": {"person": "person", "fields": {"person": "person", "case": "text", "by": "person", "level": "int"}},
        "answered": {"person": "person", "fields": {"person": "person", "case": "text"}},
        "noted": {"person": "person", "fields": {"person": "person", "case": "text", "by": "person", "level": "int"}},
    },
}
OWED = {"kind": "obligation", "about": "case", "when": "asked", "within": "2h", "until": "answered"}


def rules(text: str, counts: str, key: tuple[str, ...] = ("person", "case"), **more) -> dict:
    """Return a pack with some rules beside the duty `answer`, and some counts; `key` and `more`: of its cases."""
    others = {name: {"says": {"en": name, "zh": name}, **rule} for name, rule in yaml.safe_load(text).items()}
    owed = {"says": {"en": "Answer.", "zh": "答复。"}, **OWED, **others.pop("answer", {})}
    owed = {name: value for name, value in owed.items() if value is not None}
    records = {"case": {"key": [*key], "opens": "asked", "keep": "30 days", **more}}
    return {**GROUND, "records": records, "counts": yaml.safe_load(counts), "rules": {"answer": owed, **others}}


PACKS = {
    "misses ranked": rules(
        "{third: {kind: prohibition, when: breach of answer, if: misses == 3}}",
        "{misses: {of: breach of answer, per: person, in: 8760h}}",
    ),
    "misses that another bears": rules(
        "{answer: {who: by}, third: {kind: prohibition, when: breach of answer, if: misses == 3}}",
        "{misses: {of: breach of answer, per: person, in: 8760h}}",
    ),
    "misses that an event counts": rules(
        "{again: {kind: sanction, when: noted, if: misses >= 1, fine: 5}}",
        "{misses: {of: breach of answer, per: person, in: 8760h}}",
    ),
    "events that a miss counts": rules(
        "{again: {kind: sanction, when: breach of answer, if: notes >= 1, fine: 5}}",
        "{notes: {of: noted, per: person, in: 8760h}}",
    ),
    "places in a count": rules(
        "{again: {kind: sanction, when: noted, by_number: notes, tiers: {a: {from: 2, to: 3, fine: 5}, b: {from: 4, "
        "fine: 9}}}}",
        "{notes: {of: noted, per: person, in: month}}",
    ),
    "places of some": rules(
        "{again: {kind: sanction, when: noted, if: notes + high >= 3, fine: 5}}",
        "{notes: {of: noted, per: person, in: month}, high: {of: noted where level >= 2, per: person, in: month}}",
    ),
    "cases that end": rules(
        "{fine: {kind: sanction, when: breach of answer, if: case.level > 1, fine: 5}}",
        "{}",
        closes="noted",
    ),
    "cases that change": rules(
        "{fine: {kind: sanction, when: breach of answer, if: case.level > 1, fine: 5}}",
        "{}",
        updates="noted",
    ),
    "places that only what follows looks at": rules(
        "{high: {kind: prohibition, when: noted, if: level >= 2}, "
        "fine: {kind: sanction, when: breach of high, if: notes == 2, fine: 5}, "
        "again: {kind: sanction, when: noted, if: notes == 3, fine: 9}}",
        "{notes: {of: noted, per: person, in: month}}",
    ),
    "duties without a record": rules(
        "{answer: {about: null}, again: {kind: sanction, when: noted, if: misses >= 1, fine: 5}}",
        "{misses: {of: breach of answer, per: by, in: 8760h}}",
    ),
    "misses that are excused": rules(
        "{answer: {excused_by: noted where level >= 3}, "
        "again: {kind: sanction, when: noted, if: misses >= 1, fine: 5}}",
        "{misses: {of: breach of answer, per: person, in: 8760h}}",
    ),
    "misses of one case": rules(
        "{third: {kind: prohibition, when: breach of answer, if: misses == 3}}",
        "{misses: {of: breach of answer, per: case, in: 8760h}}",
    ),
    "cases of nobody, and whoever notes them": rules(
        "{again: {kind: sanction, when: noted, if: misses >= 1, fine: 5}}",
        "{misses: {of: breach of answer, per: case, in: 8760h}}",
        ("case",),
    ),
    "cases of nobody, of which everybody is told": rules(
        "{again: {kind: sanction, when: breach of answer, if: misses + notes == 3, fine: 5}}",
        "{misses: {of: breach of answer, per: by, in: 8760h}, notes: {of: noted, per: by, in: 8760h}}",
        ("case",),
    ),
}

SHARES = {"duties without a record": 0.05, "misses that are excused": 0.01}
"""How many logs are decided at least, where it is not a quarter."""


def lines(events: list[tuple[int, str, str, dict]]) -> list[bytes]:
    """Return events, each so many seconds after the beginning, as lines in order."""
    written = []
    for number, (after, kind, person, data) in enumerate(sorted(events, key=lambda one: one[0])):
        time = (BEGIN + dt.timedelta(seconds=after)).isoformat()
        event = {"id": f"e{number:03}", "type": kind, "time": time, "subject": person, "data": data}
        written.append(json.dumps(event, separators=(",", ":")).encode())
    return written


def clinic(random) -> list[tuple[int, str, str, dict]]:
    """Draw events of the benchmark's clinic that meet: on the hour, on the limit, a second after it."""
    found: list[tuple[int, str, str, dict]] = []
    hours = [3600 * one for one in range(12)]

    def add(kind: str, after: int, **data) -> None:
        found.append((after, kind, random.choice("ab"), data))

    for number in range(random.randint(4, 14)):
        begin = random.choice(hours) + random.choice((0, 0, 1))
        who = random.choice("ab")
        if random.random() < 0.5:
            key = f"s{random.randint(0, 9)}{number}"
            start = begin + random.choice((3600, 7200))
            times = [(BEGIN + dt.timedelta(seconds=one)).isoformat() for one in (start, start + 7200)]
            found.append(
                (begin, "shift_assigned", who, {"shift": key, "start": times[0], "end": times[1], "post": "x"})
            )
            if random.random() < 0.7:
                found.append((start + random.choice((0, 1, 3599, 3600, 3601)), "check_in", who, {"shift": key}))
            if random.random() < 0.7:
                found.append(
                    (start + random.choice((3601, 3601, 7200, 7200, 7200, 3600)), "check_out", who, {"shift": key})
                )
        else:
            key = f"c{random.randint(0, 9)}{number}"
            found.append((begin, "complaint_received", who, {"case": key, "channel": "desk"}))
            if random.random() < 0.8:
                after = begin + random.choice((3600, 7199, 7200, 7201, 7201, 7202))
                found.append((after, "complaint_replied", who, {"case": key}))
    for number in range(random.randint(0, 14)):
        who, begin, key = random.choice("ab"), random.choice(hours), f"w{number}"
        found.append((begin, "swap_requested", who, {"swap": key, "shift": "s", "with": "c"}))
        for kind, share in (("swap_approved", 0.9), ("swap_approved", 0.05), ("swap_taken", 0.5)):
            if random.random() < share:
                data = {"swap": key, "by": "c"} if kind == "swap_approved" else {"swap": key, "shift": "s"}
                found.append((begin + random.choice((0, 3600, 7200)), kind, who, data))
    for _ in range(random.randint(0, 6)):
        add("phone_unanswered", random.choice(hours), caller="x")
        add("leave_taken", 1800 + random.choice(hours), days=random.randint(1, 3), reason="x")
    return found


def cases(random) -> list[tuple[int, str, str, dict]]:
    """Draw questions, answers and notes that meet."""
    found: list[tuple[int, str, str, dict]] = []
    for _ in range(random.randint(2, 10)):
        begin = 3600 * random.randint(0, 4) + random.choice((0, 0, 1))
        who, key = random.choice("ab"), f"{random.choice('kmz')}{random.randint(0, 6)}"
        if not any(kind == "asked" and data["case"] == key for _after, kind, _who, data in found):
            found.append((begin, "asked", who, {"case": key, "by": random.choice("xy"), "level": random.randint(1, 2)}))
            if random.random() < 0.4:
                found.append((begin + random.choice((3600, 7200, 7201, 7202)), "answered", who, {"case": key}))
    for _ in range(random.randint(0, 6)):
        data = {"case": f"{random.choice('kmz')}{random.randint(0, 6)}", "by": random.choice("xy")}
        data["level"] = random.randint(1, 3)
        found.append((3600 * random.randint(0, 7) + random.choice((0, 0, 1)), "noted", random.choice("ab"), data))
        if random.random() < 0.5 and (asked := [one for one in found if one[1] == "asked"]):
            begin, _kind, who, mine = random.choice(asked)
            found.append(
                (begin + random.choice((7199, 7200, 7200, 7201)), "noted", who, {**data, "case": mine["case"]})
            )
    random.shuffle(found)
    return found


def test_a_clinic_whose_events_meet_comes_out_alike(tmp_path) -> None:
    """events of one instant, limits that end in it, acts a second too late: half of it at least is decided"""
    both = Both(load_pack(str(BENCH)), tmp_path)

    @examples(150)
    @given(DICE)
    def run(random) -> None:
        both.check(lines(clinic(random)), random.choice((0, 1, 2, 9000, 40 * 86400)))

    run()
    both.tally.assert_most(0.45)


@pytest.mark.parametrize("name", PACKS)
def test_cases_that_meet_come_out_alike(name, tmp_path) -> None:
    """counts of what was missed in one instant, and of what happened in it, are those of the engine"""
    path = tmp_path / "near.yaml"
    path.write_text(yaml.safe_dump(PACKS[name]), encoding="utf-8")
    both = Both(load_pack(str(path)), tmp_path)

    @examples(100)
    @given(DICE)
    def run(random) -> None:
        both.check(lines(cases(random)), random.choice((0, 1, 2, 9000)))

    run()
    both.tally.assert_most(SHARES.get(name, 0.25))


@pytest.mark.parametrize(("name", "apart"), [("misses ranked", True), ("misses that another bears", False)])
def test_people_are_looked_at_apart_only_where_each_bears_the_own(name, apart, tmp_path) -> None:
    """a duty that somebody else bears counts for that person, whose other duties are in other people's records"""
    path = tmp_path / "near.yaml"
    path.write_text(yaml.safe_dump(PACKS[name]), encoding="utf-8")
    assert f"\nLOCAL = {apart}\n" in compile_pack(load_pack(str(path)), carries_all=True)


@pytest.mark.parametrize(("apart", "whose", "is_unsure"), [(True, "b", False), (True, "a", True), (False, "b", True)])
def test_any_event_may_matter_to_what_is_not_told(apart, whose, is_unsure) -> None:
    """a miss of which nothing is told meets events of its own person, and of others where people are not apart"""
    missed, event = SimpleNamespace(person="a", cause="e1"), SimpleNamespace(whose=whose)
    coinciding = Coinciding({}, {}, {}, {}, apart=apart)
    with pytest.raises(Unsure) if is_unsure else nullcontext():
        coinciding.after(missed, [event])
