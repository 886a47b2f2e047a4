"""Packs of which a program once said something else than the engine: it says the same, or leaves it to the engine."""

from __future__ import annotations

import datetime as dt
import json

import pytest
import yaml

from dutyrules.compiler.program import NotCompiled, compile_pack
from dutyrules.policies.load import load_pack

from .agreement import Both
from .line_forms import HOME

BEGIN = dt.datetime(2026, 1, 31, 8, tzinfo=HOME)
FIELDS = {"case": "text", "by": "person", "level": "int", "place": "text", "ok": "bool", "day_of": "date"}
EVENTS = ("asked", "answered", "noted", "came", "left", "moved")
HOUR = 3600
OPENING = {"case": {"key": ["person", "case"], "opens": "asked"}, "visit": {"key": ["person", "case"], "opens": "came"}}


def pack(folder, rules: str, counts: str = "{}", records: dict | None = None):
    """Return a pack with some rules, as YAML, and the same events as all others here."""
    named = {name: {"says": {"en": name, "zh": name}, **rule} for name, rule in yaml.safe_load(rules).items()}
    text = {
        "pack": "once",
        "language": 1,
        "title": {"en": "Once", "zh": "曾经"},
        "timezone": "Asia/Shanghai",
        "calendar": "none",
        "currency": "CNY",
        "log": {"carries": "all"},
        "roles": {"head": {"en": "head", "zh": "主任"}},
        "events": {name: {"person": "person", "fields": {"person": "person", **FIELDS}} for name in EVENTS},
        "hours": {"whole_day": {"start": "00:00", "end": "00:00 next day"}},
        "records": OPENING if records is None else records,
        "counts": yaml.safe_load(counts),
        "rules": named,
    }
    path = folder / "once.yaml"
    path.write_text(yaml.safe_dump(text), encoding="utf-8")
    return load_pack(str(path))


def lines(*events: tuple) -> list[bytes]:
    """Return events (hours after the beginning, type, person, fields) as lines."""
    written = []
    for number, (after, kind, person, *data) in enumerate(events):
        time = (BEGIN + dt.timedelta(hours=after)).isoformat()
        event = {"id": f"e{number}", "type": kind, "time": time, "data": data[0] if data else {}}
        event |= {} if person is None else {"subject": person}
        written.append(json.dumps(event, separators=(",", ":")).encode())
    return written


SAME = {
    "tiers by the number of the person's own facts, for another bearer": (
        (
            "{r: {kind: sanction, when: asked where level == 1, by_number: notes, who: head, "
            "tiers: {a: {from: 1, to: 1, fine: 5}, b: {from: 2, fine: 9}}}}"
        ),
        "{notes: {of: noted, per: person}}",
        [(1, "noted", "ann"), (2, "asked", "ann", {"level": 1})],
    ),
    "a count of the misses of all, over hours": (
        (
            "{r: {kind: obligation, every: week, who: head, until: noted}, "
            "s: {kind: sanction, when: breach of r, if: misses >= 2, fine: 5}}"
        ),
        "{misses: {of: breach of r, in: 8760h}}",
        [(1, "asked", "ann"), (900, "asked", "ann")],
    ),
    "a record beside that of a breach which there is not": (
        (
            "{r: {kind: prohibition, when: [left, came], about: case}, "
            "s: {kind: sanction, when: breach of r, if: visit.level > 1, fine: 5}}"
        ),
        "{}",
        [
            (1, "came", "bo", {"case": 'q"x', "level": 3}),
            (2, "noted", "bo"),
        ],
    ),
    "what sets a duty off, and could be its act": (
        "{r: {kind: obligation, when: asked, until: [asked, moved where by != person], from: time}}",
        "{}",
        [(1, "asked", "bo"), (2, "asked", "bo")],
    ),
    "a limit from a record of the person, for another bearer": (
        "{r: {kind: obligation, when: came, until: answered, within: 2h of case.opened, who: case.person}}",
        "{}",
        [(0, "asked", "ann", {"case": "k"}), (1, "came", "ann", {"case": "k"}), (5, "noted", "ann")],
    ),
}
"""Rules, counts and a log."""

LEFT = {
    "a limit from a record that there is not": (
        "{r: {kind: obligation, when: came, until: answered, within: 2h of case.opened, who: case.person}}",
        [(0, "came", "ann", {"case": "k"})],
    ),
    "a permission of which it is unknown whether it holds": (
        "{r: {kind: permission, when: noted where known(by), if: case.level > 1}}",
        [(0, "noted", "bo", {"case": "k", "by": "ann"})],
    ),
}

REFUSED = {
    "the first of something, and more": (
        "{r: {kind: prohibition, when: [first noted, moved where place == 'A'], about: case}}",
        "{}",
        "first of something",
    ),
    "a fact that is counted twice": (
        "{r: {kind: sanction, when: came, if: all_ >= 3, fine: 5}}",
        "{all_: {of: [noted where level == 1, noted]}}",
        "one fact twice",
    ),
    "an event that fulfils and excuses": (
        "{r: {kind: obligation, when: asked, until: answered, within: 1h, excused_by: answered where ok}}",
        "{}",
        "may fulfil it and excuse it",
    ),
    "the fulfilment of a duty that can be excused": (
        (
            "{r: {kind: obligation, when: came, until: answered, about: visit, excused_by: left}, "
            "s: {kind: sanction, when: fulfilment of r where ok, fine: 5}}"
        ),
        "{}",
        "no record ties",
    ),
}


@pytest.mark.parametrize("name", SAME)
def test_it_comes_out_alike(name, tmp_path) -> None:
    """the program decides the log, and all outcomes are the engine's"""
    rules, counts, log = SAME[name]
    assert Both(pack(tmp_path, rules, counts), tmp_path).check(lines(*log), 40 * 24 * HOUR)


@pytest.mark.parametrize("name", LEFT)
def test_it_is_left_to_the_engine(name, tmp_path) -> None:
    """what is unknown the program does not decide"""
    rules, log = LEFT[name]
    both = Both(pack(tmp_path, rules), tmp_path)
    assert not both.check(lines(*log), HOUR)
    assert both.tally.left["r"] == 1


@pytest.mark.parametrize("name", REFUSED)
def test_it_does_not_compile(name, tmp_path) -> None:
    """a rule whose outcomes the engine joins or takes back in another way is the engine's"""
    rules, counts, reason = REFUSED[name]
    with pytest.raises(NotCompiled) as caught:
        compile_pack(pack(tmp_path, rules, counts), carries_all=True)
    assert any(reason in one.reason for one in caught.value.refusals)


def test_a_record_that_is_open_until_it_is_forgotten_does_not_compile(tmp_path) -> None:
    """a duty of each day as long as there is a record ends with what the engine forgets"""
    records = {"case": {**OPENING["case"], "keep": "30 days"}}
    with pytest.raises(NotCompiled) as caught:
        compile_pack(
            pack(
                tmp_path, "{r: {kind: obligation, every: day, who: head, until: moved, if: any(case)}}", "{}", records
            ),
            carries_all=True,
        )
    assert "forgotten" in caught.value.refusals[0].reason


APART = {
    "a field with the name of another record's key": (
        (
            "{r: {kind: sanction, about: staff, when: first left, fine: 1}, "
            "s: {kind: sanction, about: file, when: first noted, if: errors >= 1, fine: 5}}"
        ),
        "{errors: {of: answered, per: {file.by: person}}}",
        {"staff": {"key": ["by"], "opens": "left"}, "file": {"key": ["person"], "opens": "asked"}},
    ),
    "records of others that were there before": (
        "{r: {kind: sanction, when: noted, if: 'any(case, case == this.case and opened < this.time)', fine: 5}}",
        "{}",
        {"case": OPENING["case"]},
    ),
}


@pytest.mark.parametrize("name", APART)
def test_people_are_not_looked_at_apart(name, tmp_path) -> None:
    """where a rule looks at what is somebody else's, one process does it all"""
    rules, counts, records = APART[name]
    assert "\nLOCAL = False\n" in compile_pack(pack(tmp_path, rules, counts, records), carries_all=True)
