from __future__ import annotations

import io
import json
import random
import runpy

import pytest

from dutyrules import load_pack
from dutyrules.compiler import jobs
from dutyrules.compiler.bulk import replay_file
from dutyrules.compiler.plain import PlainLines
from dutyrules.compiler.program import compile_pack, load_program

OFFICE = """
pack: office
title: {en: Office, zh: 办公室}
timezone: Asia/Shanghai
log: {carries: all}
events:
  asked: {fields: {case: text, clerk: person}}
  answered: {fields: {case: text}}
records:
  case: {key: case, opens: asked}
rules:
  1-answer:
    kind: obligation
    says: {en: A question is answered within two hours., zh: 两小时内答复。}
    about: case
    when: asked
    who: clerk
    within: 2h
    until: answered
"""


@pytest.fixture(scope="module")
def pack(repository):
    """Return the pack of the benchmark, in which everything is one person's own."""
    return load_pack(repository / "benchmarks" / "bench.yaml")


@pytest.fixture(scope="module")
def program(pack):
    """Return that pack as a program."""
    return load_program(compile_pack(pack, carries_all=True), "bench")


@pytest.fixture(scope="module")
def lines(repository):
    """Return the lines of sixty days of seventeen people."""
    days = runpy.run_path(str(repository / "benchmarks" / "ten_years_compiled.py"))["days"]
    found = []
    for number, (_day, text) in enumerate(days(17, 1)):
        found += text.splitlines()
        if number == 60:
            return found
    raise AssertionError


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch):
    """Cut logs into many small blocks."""
    monkeypatch.setattr("dutyrules.compiler.bulk.BLOCK", 3000)
    monkeypatch.setattr("dutyrules.compiler.jobs.BLOCK", 3000)


def outcomes(text):
    """Return the lines of an output, sorted."""
    return sorted(text.splitlines())


def alone(program, pack, log, **options):
    """Return what one process writes."""
    out = io.BytesIO()
    passed = replay_file(program, log, out, slow=PlainLines(pack, program, "log"), **options)
    return out.getvalue(), passed


def apart(program, pack, log, count, **options):
    """Return what several processes write."""
    out = io.BytesIO()
    passed = jobs.replay_apart(program, log, out, slow=PlainLines(pack, program, "log"), jobs=count, **options)
    return out.getvalue(), passed


@pytest.mark.parametrize("count", [2, 3, 7])
@pytest.mark.parametrize("options", [{}, {"drains": False}, {"as_of": 1_422_000_000}])
def test_as_many_processes_as_one_likes_write_the_same(program, pack, lines, tmp_path, count, options):
    """two, three or seven processes write the lines that one writes, whatever the clock is told"""
    log = tmp_path / "log.jsonl"
    log.write_bytes(b"\n".join(lines))
    one, passed = alone(program, pack, log, **options)
    several, also = apart(program, pack, log, count, **options)
    assert len(one.splitlines()) > 200
    assert outcomes(several) == outcomes(one)
    assert also == passed


def test_blocks_are_written_in_their_order(program, pack, lines, tmp_path):
    """what comes of one block of the log stands before what comes of the next, save for deadlines that pass later"""
    log = tmp_path / "log.jsonl"
    log.write_bytes(b"\n".join(lines) + b"\n")
    text, _passed = apart(program, pack, log, 2)
    place, ends = {}, 0
    for line in lines:
        place[json.loads(line)["id"]] = ends // 3000
        ends += len(line) + 1
    found = [json.loads(line) for line in text.splitlines()]
    opened = [place[one["because"][0]] for one in found if one["status"] == "open"]
    assert opened == sorted(opened)
    assert max(opened) > 20


def altered(lines, change, seed=5):
    """Return lines of which one in four is changed by a function of its document."""
    draw = random.Random(seed)  # noqa: S311 - only which lines are changed
    found = []
    for line in lines:
        document = json.loads(line)
        found.append(change(document, draw) if draw.random() < 0.25 else line)
    return found


def written_with_escapes(document, _draw):
    """Write a person's name in escapes: the same person, other bytes."""
    text = json.dumps(document)
    return text.replace('"subject": "p', '"subject": "\\u0070').encode()


def named_in_the_data(document, draw):
    """Let the data name the person, and the subject somebody else."""
    document["data"]["person"], document["subject"] = document["subject"], f"p{draw.randrange(17):04}"
    return json.dumps(document, separators=(",", ":")).encode()


def with_another_subject(document, _draw):
    """Say what a subject seems to be in the data too, and the subject with a space before it."""
    text = json.dumps(document, separators=(",", ":"))
    return text.replace('"subject":', '"subject": ').replace('"data":{', '"data":{"subject":"p0001",').encode()


@pytest.mark.parametrize("change", [written_with_escapes, named_in_the_data])
def test_whose_a_line_is_is_never_guessed(program, pack, lines, tmp_path, change):
    """with escapes in a name, or with a person in the data, the same comes out"""
    log = tmp_path / "log.jsonl"
    log.write_bytes(b"\n".join(altered(lines, change)) + b"\n")
    one, passed = alone(program, pack, log)
    several, also = apart(program, pack, log, 3)
    assert outcomes(several) == outcomes(one)
    assert also == passed


def test_what_only_looks_like_a_subject_is_noticed(program, pack, lines, tmp_path):
    """a field of the data that is called like the subject does not send a line to the wrong process"""
    log = tmp_path / "log.jsonl"
    log.write_bytes(b"\n".join(altered(lines, with_another_subject)) + b"\n")
    assert len(alone(program, pack, log)[0]) > 10_000
    with pytest.raises(jobs.Together, match="at a glance"):
        apart(program, pack, log, 3)


def test_an_id_that_comes_twice_is_found_across_processes(program, pack, lines, tmp_path):
    """two events of different people with one id, near or far from each other, are left to the engine"""
    first = json.loads(lines[100])
    every = [json.loads(line) for line in lines]
    others = [
        place
        for place in range(101, len(lines))
        if every[place]["subject"] != first["subject"] and every[place]["time"] > every[place - 1]["time"]
    ]
    for other in (others[0] - 100, others[-1] - 100):
        twice = [*lines]
        second = json.loads(lines[100 + other])
        second["id"] = first["id"]
        twice[100 + other] = json.dumps(second, separators=(",", ":")).encode()
        log = tmp_path / f"log{other}.jsonl"
        log.write_bytes(b"\n".join(twice) + b"\n")
        with pytest.raises(jobs.Together, match="an id comes twice"):
            apart(program, pack, log, 2)


def test_ids_in_any_order_are_no_hindrance(program, pack, lines, tmp_path):
    """ids that do not rise through the log are looked at one by one, and the same comes out"""
    documents = [json.loads(line) for line in lines]
    for number, one in enumerate(documents):
        one["id"] = f"{number * 7919 % 10007:05}"
    documents.sort(key=lambda one: (one["time"], one["id"]))
    log = tmp_path / "log.jsonl"
    log.write_text("".join(json.dumps(one, separators=(",", ":")) + "\n" for one in documents))
    one, passed = alone(program, pack, log)
    several, also = apart(program, pack, log, 2)
    assert (outcomes(several), also) == (outcomes(one), passed)


def test_a_line_without_an_event_is_left_to_one_process(program, pack, lines, tmp_path):
    """only one process knows the numbers of lines, so it is the one that sets aside"""
    log = tmp_path / "log.jsonl"
    log.write_bytes(b"\n".join([*lines[:50], b"{", *lines[50:]]) + b"\n")
    with pytest.raises(jobs.Together, match="holds no event"):
        apart(program, pack, log, 2)


def test_state_that_is_shared_is_refused(tmp_path):
    """a program with a record that is not one person's own cannot be shared out"""
    path = tmp_path / "pack.yaml"
    path.write_text(OFFICE)
    office = load_pack(path)
    made = load_program(compile_pack(office, carries_all=True), "office")
    assert made.LOCAL is False
    (tmp_path / "log.jsonl").write_text("")
    with pytest.raises(jobs.Together, match="not one person's own"):
        apart(made, office, tmp_path / "log.jsonl", 2)
