"""What cannot be told: compiled and engine put the same questions, and say of each what is lacking."""

from __future__ import annotations

import json

import pytest
from hypothesis import given

from dutyrules.policies.load import load_pack

from .agreement import Both, Tally
from .test_bench_pack import DICE, examples

PACK = """
pack: doubts
language: 1
timezone: Asia/Shanghai
currency: CNY
log: {carries: all}
roles: {office: the office}
parameters: {odd: [a, b]}
events:
  seen:   {fields: {person: person, room: text, kind: text, level: int, by: person}}
  led:    {fields: {person: person, room: text, rank: int, kind: text}}
  ended:  {fields: {person: person, room: text}}
  shared: {fields: {room: text, kind: text, person: person, level: int}}
  marked: {person: by, fields: {by: person, room: text, kind: text, level: int}}
  timed:  {fields: {person: person, room: text, starts: time, rank: int}}
  taken:  {person: nobody, fields: {room: text, level: int}}
records:
  room:   {key: room, opens: led, updates: led}
  leader: {key: [room, person], opens: led}
  shift:  {key: person, opens: led, closes: ended}
  taking: {key: [room, level], opens: taken}
rules:
  1-where:
    kind: sanction
    when: seen where kind == 'a' and level > 1
    if: not level == 3 or kind in odd
    fine: 20
  2-scan:
    kind: prohibition
    when: marked
    if: not any(leader, room == this.room and rank > this.level)
  3-whole:
    kind: prohibition
    when: seen where level == 2
    if: any(room, room == this.room and kind == this.kind)
  4-who:
    kind: sanction
    about: taking
    when: taken
    who: room.person
    deduct: 5
  5-office:
    kind: referral
    when: led where rank > 2
    asks: office
  5-of-office:
    kind: sanction
    when: ended where not room == 'r1'
    who: room
    step: warned
  6-counts:
    kind: definition
    when: seen where kind in odd and level >= 2
    if: any(shift, person == this.by)
    counts_as: shared
    with: {room: room, kind: kind, person: by, level: level}
  7-shared:
    kind: sanction
    when: shared where kind == 'b' or level == 3
    fine: 9
  8-needs:
    kind: definition
    when: marked
    needs: [8-may]
    counts_as: taken
    with: {room: room, level: level}
  8-may:
    kind: permission
    when: marked
    if: level > 1 and kind == 'a'
  9-noon:
    kind: prohibition
    when: marked where kind == 'b'
    if: level == 3
    excused_by: ended where room == this.room
  10-lasts:
    kind: prohibition
    about: room
    whenever: room.kind == 'b' and room.rank > 1
    during: whole_day
    who: office
    excused_by: ended where room == this.room
  11-owed:
    kind: obligation
    about: leader
    when: first led
    until: shared where not kind == 'b'
    within: 3 minutes
  12-daily:
    kind: obligation
    every: day
    who: office
    until: shared where level == 2 and kind in odd
  13-in-time:
    kind: obligation
    when: timed
    from: 2 minutes before starts
    by: starts
    until: seen where person == this.person
    one_act: all
    excused_by: ended where room == this.room
  14-of-both:
    kind: prohibition
    about: room
    when: timed
    if: rank > 5
  15-of-room:
    kind: prohibition
    about: room
    when: timed
    if: room.kind == 'z'
hours:
  whole_day: {start: "00:00", end: 00:00 next day}
ladders:
  steps: {per: person, steps: [warned]}
"""
STAYS = """
pack: stays
language: 1
timezone: Asia/Shanghai
log: {carries: all}
events:
  came:  {fields: {person: person}}
  went:  {fields: {person: person}}
  asked: {fields: {person: person}}
records:
  stay: {key: person, opens: came, closes: went}
rules:
  1-asked: {kind: prohibition, about: stay, when: asked}
"""
VALUES = {"room": ["r1", "r2"], "kind": ["a", "b", "c"], "level": [1, 2, 3], "rank": [1, 2, 3], "by": ["li", "wan"]}


def log(random, pack) -> list[bytes]:
    """Draw a log of which events leave fields out."""
    lines, minute = [], 0
    for number in range(random.randint(2, 9)):
        minute = min(minute + random.choice((0, 1, 1, 1, 2)), 9)
        time = when(minute)
        kind = random.choice(("seen", "led", "led", "ended", "shared", "marked", "taken", "timed"))
        values = {**VALUES, "starts": [time, time.replace("08:0", "08:1")]}
        known = {name: random.choice(values[name]) for name in pack.events[kind].fields if name in values}
        data = {name: value for name, value in known.items() if random.randint(0, 5)}
        event = {"id": f"e{number:02}", "type": kind, "time": time, "data": data}
        if random.randint(0, 5):
            event["subject"] = random.choice(("li", "wan"))
        lines.append(json.dumps(event).encode())
    return lines


@pytest.fixture(scope="module")
def both(tmp_path_factory) -> Both:
    """Return the pack as a program, and by the engine."""
    folder = tmp_path_factory.mktemp("doubts")
    (folder / "doubts.yaml").write_text(PACK, encoding="utf-8")
    return Both(load_pack(str(folder / "doubts.yaml")), folder)


def test_doubts_come_out_alike(both) -> None:
    """every outcome is the same where events leave out what rules ask for, and many logs are decided"""

    @examples(70)
    @given(DICE)
    def run(random) -> None:
        both.check(log(random, both.pack))

    both.tally = Tally()
    run()
    both.tally.assert_most(0.3)
    asked = {rule for rule, kind, _status in both.tally.made if kind == "referral"}
    assert asked >= {"2-scan", "4-who", "5-of-office", "7-shared", "10-lasts"}


ROOM = {"room": "r1"}
LED = ("led", 1, "li", {**ROOM, "kind": "c", "rank": 2})
DECIDED = {
    "1-where": [("seen", 2, "li", {"kind": "a", "by": "wan"})],
    "2-scan": [("led", 1, "li", ROOM), ("marked", 2, "wan", {**ROOM, "level": 1, "kind": "a"})],
    "3-whole": [LED, ("seen", 2, "li", {**ROOM, "level": 2, "by": "wan"})],
    "4-who": [("taken", 1, "li", {**ROOM, "level": 1})],
    "5-of-office": [("ended", 1, "li", {})],
    "6-counts": [LED, ("seen", 2, "li", {**ROOM, "kind": "a", "by": "li"})],
    "7-shared": [("shared", 1, "li", {"kind": "a"})],
    "9-noon": [("marked", 1, "wan", {**ROOM, "kind": "b"}), ("ended", 2, "li", ROOM)],
    "10-lasts": [("led", 1, "li", {**ROOM, "kind": "b"}), ("ended", 2, "li", ROOM)],
    "12-daily": [("shared", 1, "li", {"kind": "a"}), ("shared", 5, "li", {"kind": "a", "level": 2})],
    "13-in-time": [("timed", 1, "li", ROOM), ("seen", 2, "li", {"level": 1}), ("ended", 3, "li", ROOM)],
}
"""For each rule a log in which something is asked about it; of some a later event takes that back."""


@pytest.mark.parametrize("name", DECIDED)
def test_a_doubt_is_told(name, both) -> None:
    """a question is put by the program itself"""
    both.tally = Tally()
    assert both.check(lines(*DECIDED[name]), 86_400), both.tally
    assert both.tally.made[name, "referral", "opened"]
    assert bool(both.tally.made[name, "referral", "withdrawn"]) == (int(name.split("-")[0]) in {9, 10, 12, 13})


def test_what_looks_at_all_records_bars_the_rest_of_its_instant(both) -> None:
    """a record that opens with it may be one of them"""
    asked = ("marked", 2, "wan", {"level": 1, "kind": "a"})
    assert both.check(lines(asked, ("ended", 3, "wan", ROOM)))
    assert not both.check(lines(asked, ("led", 2, "wan", ROOM)))
    none = ("seen", 2, "wan", {"level": 2, "kind": "c"})
    assert both.check(lines(none, ("led", 3, "wan", ROOM)))
    assert not both.check(lines(none, ("led", 2, "wan", ROOM)))


def test_what_opens_and_closes_at_one_instant_is_left_to_the_engine(tmp_path) -> None:
    """there it opens first, whatever the ids say; what only opens goes by the ids"""
    (tmp_path / "stays.yaml").write_text(STAYS, encoding="utf-8")
    both = Both(load_pack(str(tmp_path / "stays.yaml")), tmp_path)
    asked = ("asked", 2, "li", {})
    assert not both.check(lines(("went", 1, "li", {}), ("came", 1, "li", {}), asked))
    assert both.check(lines(("came", 1, "li", {}), ("came", 1, "li", {}), asked))
    assert both.check(lines(("went", 1, "wan", {}), ("came", 1, "li", {}), asked))


def test_an_act_without_a_key_is_about_no_record_that_differs(both) -> None:
    """and is left to the engine where one agrees in all that it says"""
    act = ("shared", 2, "wan", {"level": 1, "kind": "c"})
    assert both.check(lines(LED, act))
    assert not both.check(lines(LED, ("shared", 2, "li", {"level": 1, "kind": "c"})))
    assert both.check(lines(LED, ("shared", 2, "li", {"level": 1, "kind": "b"})))
    assert not both.check(lines(act, ("led", 2, "wan", ROOM)))


def test_what_joins_a_question_is_left_to_the_engine(both) -> None:
    """a second event about one record, and what the event leaves out while its record has it"""
    taken = {**ROOM, "level": 1}
    assert not both.check(lines(("taken", 1, "li", taken), ("taken", 2, "li", taken)))
    seen = [("led", 1, "li", ROOM), ("timed", 2, "li", {**ROOM, "rank": 1})]
    assert both.check(lines(*seen))
    assert not both.check(lines(*seen, ("timed", 3, *seen[1][2:])))
    assert not both.check(lines(LED, ("timed", 2, "li", {**ROOM, "starts": "2026-03-01T09:00:00+08:00"})))


LOOKS = """
pack: looks
language: 1
timezone: Asia/Shanghai
log: {carries: all}
events:
  begun: {fields: {person: person, room: text}}
  done:  {fields: {person: person, room: text}}
records:
  room: {key: room, opens: begun}
  look: {key: [room, person], opens: begun}
rules:
  1-room:
    kind: referral
    about: room
    when: begun
    asks: office
  2-look:
    kind: obligation
    about: look
    when: begun
    within: 2 minutes
    until: done
roles: {office: the office}
"""


@pytest.mark.parametrize(("person", "decided"), [("li", False), ("wan", True)])
def test_an_act_that_leaves_out_a_part_of_a_key_may_be_about_records_with_the_other(tmp_path, person, decided) -> None:
    """whoever has such a record may have acted on it, which is left to the engine; anybody else has done nothing"""
    path = tmp_path / "looks.yaml"
    path.write_text(LOOKS, encoding="utf-8")
    both = Both(load_pack(str(path)), tmp_path)
    log = lines(("begun", 0, "li", {"room": "north"}), ("done", 1, person, {}))
    assert both.check(log, 86_400) is decided


def lines(*events: tuple[str, int, str, dict]) -> list[bytes]:
    """Return the lines of events: the type, the minute, whose it is, and what it says."""
    return [
        json.dumps({"id": f"e{number}", "type": kind, "time": when(minute), "subject": one, "data": data}).encode()
        for number, (kind, minute, one, data) in enumerate(events)
    ]


def when(minute: int) -> str:
    """Return an instant: four minutes of each morning."""
    return f"2026-03-0{1 + minute // 4}T08:0{minute}:00+08:00"
