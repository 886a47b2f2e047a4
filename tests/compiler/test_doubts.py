"""What cannot be told: compiled and engine put the same questions, and say of each what is lacking."""

from __future__ import annotations

import json

from hypothesis import given

from dutyrules.policies.load import load_pack

from .agreement import Both
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
  timed:  {fields: {person: person, room: text, starts: time}}
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
    until: shared
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
hours:
  whole_day: {start: "00:00", end: 00:00 next day}
ladders:
  steps: {per: person, steps: [warned]}
"""
VALUES = {"room": ["r1", "r2"], "kind": ["a", "b", "c"], "level": [1, 2, 3], "rank": [1, 2, 3], "by": ["li", "wan"]}


def log(random, pack) -> list[bytes]:
    """Draw a log of which events leave fields out."""
    lines, minute = [], 0
    for number in range(random.randint(2, 9)):
        minute = min(minute + random.choice((0, 1, 1, 1, 2)), 9)
        time = f"2026-03-0{1 + minute // 4}T08:0{minute}:00+08:00"
        kind = random.choice(("seen", "led", "led", "ended", "shared", "marked", "taken", "timed"))
        values = {**VALUES, "starts": [time, time.replace("08:0", "08:1")]}
        known = {name: random.choice(values[name]) for name in pack.events[kind].fields if name in values}
        data = {name: value for name, value in known.items() if random.randint(0, 5)}
        event = {"id": f"e{number:02}", "type": kind, "time": time, "data": data}
        if random.randint(0, 5):
            event["subject"] = random.choice(("li", "wan"))
        lines.append(json.dumps(event).encode())
    return lines


def test_doubts_come_out_alike(tmp_path) -> None:
    """every outcome is the same where events leave out what rules ask for, and many logs are decided"""
    path = tmp_path / "doubts.yaml"
    path.write_text(PACK, encoding="utf-8")
    pack = load_pack(str(path))
    both = Both(pack, tmp_path)

    @examples(80)
    @given(DICE)
    def run(random) -> None:
        both.check(log(random, pack), random.choice((0, 86_400)))

    run()
    both.tally.assert_most(0.4)
    asked = {rule for rule, kind, _status in both.tally.made if kind == "referral"}
    assert asked >= {"1-where", "2-scan", "3-whole", "4-who", "5-of-office", "6-counts", "7-shared"}
