"""The rules of the shipped packs that compile: compiled and engine say the same of logs in their vocabulary."""

from __future__ import annotations

import json

import attrs
import pytest
from hypothesis import given

from dutyrules.compiler.program import compiles, makers, refused
from dutyrules.policies.load import load_pack
from reference.pack_logs import Vocabulary
from reference.test_packs import PACKS

from .agreement import Both
from .line_forms import Happening, Lines
from .shipped_logs import compiled_part, shipped_log
from .test_bench_pack import DICE, examples

AFTER = (0, 1, 3600, 7201, 20 * 86400)


@pytest.mark.parametrize("name", PACKS)
def test_rules_that_compile_come_out_alike(name, tmp_path) -> None:
    """every outcome of logs that the compiled rules of a pack read is the same, and many of the logs are decided"""
    pack = compiled_part(load_pack(name))
    if not pack.rules:
        pytest.skip("no rule of it compiles")
    both, words, unread = Both(pack, tmp_path), Vocabulary(pack), sorted(pack.events)

    @examples(20)
    @given(DICE)
    def run(random) -> None:
        drawn = shipped_log(random, words, unread)
        happenings = untangled(random, pack, drawn) if random.randint(0, 4) else drawn
        happenings = happenings if random.randint(0, 3) else crowded(random, happenings)
        lines = Lines(random, pack, random.choice((0, 0, 15))).log(happenings)
        both.check(lines, random.choice(AFTER))

    run()
    both.tally.assert_most(0.15)
    assert both.tally.made or all(str(rule.kind) == "definition" for rule in pack.rules.values())


def test_a_shipped_pack_compiles_whole() -> None:
    """every rule of the school's pack for central duty compiles where silence speaks for every event type"""
    pack = load_pack("school/central")
    assert len(makers(pack)) > 30
    assert refused(pack, carries_all=True) == {}
    assert compiles(pack, carries_all=True)


def test_what_is_entered_at_once_is_decided(tmp_path) -> None:
    """what a school enters for many people in one instant, and what happens on the stroke of the hour, is decided"""
    both = Both(load_pack("school/central"), tmp_path)
    days = [f"2026-03-{day:02}" for day in range(2, 6)]
    leaders = ["li", "wan", "zhou"]
    drawn = [("staff_record", 8, one, {"role": "principal"}) for one in leaders]
    drawn += [("staff_record", 8, f"t{n}", {"role": "class_teacher", "class": f"c{n}"}) for n in range(11, 15)]
    roster = [{"duty_date": day, "duty_id": day, "shift_start": f"{day}T18:00:00+08:00"} for day in days]
    drawn += [("roster_assigned", 9, one, entry) for one in leaders for entry in roster]
    drawn += [("duty_started", 10, "li", {"duty_id": "x"})]
    for hour in (11, 12):
        drawn += [("duty_ended", hour, "li", {}), ("duty_started", hour, "wan", {}), ("check_in", hour, "zhou", {})]
        drawn += [("duty_ended", hour + 0.5, "wan", {}), ("duty_started", hour + 0.5, "li", {})]
        looked = {"round_id": f"r{hour}", "present": False, "by": "principal"}
        drawn += [("inspection_check", hour + 0.2, one, {**looked, "seq": 1}) for one in leaders]
        drawn += [("inspection_check", hour + 0.7, one, {**looked, "seq": 2}) for one in leaders]
        drawn += [("fault_found", hour + 0.8, "li", {"class": f"c{hour + n}", "kinds": ["light"]}) for n in (0, 2)]
    lines = [
        {"id": f"e{number:04}", "type": kind, "time": f"2026-03-01T{int(hour):02}:{round(hour % 1 * 60):02}:00+08:00",
         "subject": one, "data": data}
        for number, (kind, hour, one, data) in enumerate(sorted(drawn, key=lambda each: each[1]))
    ]  # fmt: skip
    assert both.check([json.dumps(one).encode() for one in lines]), both.tally
    assert {rule for rule, _kind, _status in both.tally.made} >= {
        "2-forfeit-duty-pay",
        "3-homeroom-fine-20",
        "4-on-time",
    }


def crowded(random, happenings: list[Happening]) -> list[Happening]:
    """Return a log of which several events happen at one instant."""
    times = sorted({one.time for one in happenings})
    known = sorted({times[0], *random.sample(times, len(times) // 2)})
    moved = [attrs.evolve(one, time=max(time for time in known if time <= one.time)) for one in happenings]
    return sorted(moved, key=lambda one: (one.time, one.id))


def untangled(random, pack, drawn: list[Happening]) -> list[Happening]:
    """Return a log with one event an instant, whose things are opened before something is done to them, each once."""
    keys = {name for record in pack.records.values() for name in record.key}
    opening = {name for record in pack.records.values() for pattern in record.opens for name in pattern.names}
    things: dict[str, dict[str, set[str]]] = {}
    found: list[Happening] = []
    for one in sorted(drawn, key=lambda each: (each.time, each.id)):
        data = dict(one.data)
        for name, spec in pack.events[one.type].fields.items():
            if name in keys & data.keys() and str(spec.type) == "text" and not spec.values:
                known = things.setdefault(name, {})
                left = [thing for thing, been in known.items() if one.type not in been][-2:]
                fresh = one.type in opening and (not left or random.randint(0, 2) > 0)
                data[name] = f"{name}{len(known) + 1}" if fresh or not left else random.choice(left)
                known.setdefault(data[name], set()).add(one.type)
                if not (fresh or left):
                    data.clear()
                    break
        if data and (one.type != "finding" or not random.randint(0, 7)):
            found.append(attrs.evolve(one, time=max([one.time, *(each.time + 1 for each in found[-1:])]), data=data))
    return found or drawn
