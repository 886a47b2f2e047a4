"""The rules of the shipped packs that compile: compiled and engine say the same of logs in their vocabulary."""

from __future__ import annotations

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
        lines = Lines(random, pack, random.choice((0, 0, 15))).log(happenings)
        both.check(lines, random.choice(AFTER))

    run()
    both.tally.assert_most(0.25)
    assert both.tally.made or all(str(rule.kind) == "definition" for rule in pack.rules.values())


def test_a_shipped_pack_compiles_whole() -> None:
    """every rule of the school's pack for central duty compiles where silence speaks for every event type"""
    pack = load_pack("school/central")
    assert len(makers(pack)) > 30
    assert refused(pack, carries_all=True) == {}
    assert compiles(pack, carries_all=True)


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
