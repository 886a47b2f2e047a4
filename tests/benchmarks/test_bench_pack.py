from __future__ import annotations

import json
import runpy
import subprocess
import sys
from collections import Counter

import pytest
from projection import TABLE, load_table, project

from dutyrules import Engine, load_pack

FOLDER = TABLE.parent
PACK = FOLDER / "bench.yaml"
COMPARED = ("kind", "rule", "person", "time", "amount", "ref")
HEAD = '{"id":"%s","type":"%s","time":"2025-01-%sT%s+08:00","subject":"p1","data":{%s}}'


def records(lines):
    """Return the records of an output, of each the six fields that are compared."""
    return Counter(tuple(json.loads(line)[name] for name in COMPARED) for line in lines if line.strip())


@pytest.mark.parametrize(("events", "people"), [(1_000, 15), (3_000, 3)])
def test_the_pack_gives_what_the_peers_give(shared, tmp_path, events, people):
    """over the benchmark's own log the pack writes the same records as the plain Python program beside the tree"""
    bench = shared / "bench"
    generate = runpy.run_path(str(bench / "workload.py"))["generate"]
    log, theirs, ours = (tmp_path / name for name in ("log.jsonl", "theirs", "ours"))
    log.write_text("".join(f"{line}\n" for line in generate(events, people, seed=7)), "utf-8")
    subprocess.run([sys.executable, bench / "impl" / "a_plain.py", log, theirs], check=True, capture_output=True)
    command = [sys.executable, FOLDER / "run_bench_pack.py", log, ours, "--runner"]
    subprocess.run([*command, "ordinary"], check=True, capture_output=True)
    wanted = records(theirs.read_text("utf-8").splitlines())
    assert wanted
    assert records(ours.read_text("utf-8").splitlines()) == wanted
    if people < 5:
        fired = {(kind, rule) for kind, rule, *_ in wanted}
        assert set(load_table().values()) <= fired, "the dense log sets off every rule"
        return
    subprocess.run([*command, "feed"], check=True, capture_output=True)
    assert records(ours.read_text("utf-8").splitlines()) == wanted


def test_the_table_names_what_the_pack_has():
    """each line of the projection names a rule of the pack, and all twelve rules of the benchmark have one"""
    table = load_table()
    pack = load_pack(PACK)
    assert {rule for rule, _, _ in table} <= set(pack.rules)
    assert {rule for _, rule in table.values()} == {f"R{number}" for number in range(1, 13)}


def test_the_pack_is_one_like_any_other(repository):
    """neither the pack's name nor a rule of it is known to the engine"""
    words = {*load_pack(PACK).rules, "bench.yaml"}
    sources = "\n".join(path.read_text("utf-8") for path in (repository / "src").rglob("*.py"))
    assert [word for word in words if f'"{word}"' in sources] == []


@pytest.mark.parametrize(
    ("second", "expected"),
    [
        ("08:00:00", ["opened R1", "fulfilled R1"]),
        ("08:00:01", ["opened R1", "breached R1", "sanction R1"]),
        ("09:00:00", ["opened R1", "breached R1", "sanction R1"]),
        ("09:00:01", ["opened R1", "breached R2", "sanction R2"]),
    ],
)
def test_limits_are_those_of_the_benchmark(second, expected):
    """the second of the start is in time, the last of the hour is late, the one after it is absence"""
    pack = load_pack(PACK)
    engine = Engine(pack)
    start = '"shift":"s1","start":"2025-01-02T08:00:00+08:00","end":"2025-01-02T16:00:00+08:00","post":"a"'
    outcomes = engine.feed(HEAD % ("e1", "shift_assigned", "01", "08:00:00", start))
    outcomes += engine.feed(HEAD % ("e2", "check_in", "02", second, '"shift":"s1"'))
    outcomes += engine.feed(HEAD % ("e3", "check_out", "02", "16:00:00", '"shift":"s1"'))
    found = [f"{one.kind} {one.rule}" for one in project(outcomes, load_table(), pack.prefix)]
    assert found == expected + ([] if "breached R2" in expected else ["entitlement R12"])


@pytest.mark.parametrize(
    ("story", "priced"),
    [
        (["p1 swap_requested", "p1 swap_approved", "p1 swap_taken", "p1 swap_taken"], 0),
        (["p1 swap_requested", "p1 swap_taken"], 1),
        (["p1 swap_requested", "p2 swap_approved", "p1 swap_taken"], 1),
        (["p2 swap_requested", "p2 swap_approved", "p1 swap_taken"], 1),
        (["p1 swap_approved", "p1 swap_requested", "p1 swap_taken"], 1),
        (["p1 swap_requested", "p1 swap_taken", "p1 swap_approved"], 1),
    ],
)
def test_only_an_approval_of_ones_own_request_counts(story, priced):
    """a swap is free where the same person asked for it and then got it approved, before taking it"""
    pack = load_pack(PACK)
    engine = Engine(pack)
    outcomes = []
    for hour, step in enumerate(story):
        person, name = step.split()
        data = {"swap": "w1", "shift": "s1", "with": "p9", "by": "p9"}
        event = {"id": f"e{hour}", "type": name, "time": f"2025-01-02T{hour:02}:00:00+08:00", "subject": person}
        outcomes += engine.feed({**event, "data": data})
    assert [one.rule for one in project(outcomes, load_table(), pack.prefix)] == ["R5"] * priced


def test_a_record_says_where_it_comes_from():
    """what is written keeps the norm, its clause, the causes and the outcome's own id"""
    pack = load_pack(PACK)
    outcomes = Engine(pack).feed(HEAD % ("e1", "nameplate_missed", "01", "08:00:00", '"by":"p2"'))
    [one] = project(outcomes, load_table(), pack.prefix)
    assert (one.norm, one.clause, one.because, one.ref) == ("4-nameplate", "4", ("e1",), "e1")
    assert one.id == outcomes[0].id
