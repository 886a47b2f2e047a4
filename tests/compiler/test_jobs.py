from __future__ import annotations

import functools
import io
import json
import os
import random
import runpy
import signal
from zlib import crc32

import pytest

from dutyrules import load_pack
from dutyrules.compiler import _lines, bulk, jobs
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

RINGS = """
pack: rings
title: {en: Rings, zh: 来电}
timezone: Asia/Shanghai
log: {carries: all}
events:
  rang: {person: who, fields: {who: person, by: text}}
  taken: {person: by, fields: {by: person, who: text}}
  left: {fields: {person: person, who: text}}
records:
  ring: {key: [who], opens: rang}
counts:
  leaves: {of: left, per: person, in: day}
  takes: {of: taken, per: by, in: day}
rules:
  1-leaving:
    kind: sanction
    says: {en: Leaving costs., zh: 离岗罚款。}
    when: left
    by_number: leaves
    tiers:
      1-first: {from: 1, to: 2, fine: 10}
      1-third: {from: 3, fine: 50}
  2-taking:
    kind: sanction
    says: {en: Taking costs., zh: 接听罚款。}
    when: taken
    by_number: takes
    tiers:
      2-first: {from: 1, to: 2, fine: 1}
      2-third: {from: 3, fine: 5}
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
    passed = replay_file(program, log, out, slow=PlainLines(pack, "log"), **options)
    return out.getvalue(), passed


def apart(program, pack, log, count, **options):
    """Return what several processes write."""
    out = io.BytesIO()
    passed = jobs.replay_apart(program, log, out, slow=PlainLines(pack, "log"), jobs=count, **options)
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
    place, block, size = {}, 0, 0
    for line in lines:
        if size > 6000:  # a block for each process, and the rest of its last line
            block, size = block + 1, 0
        place[json.loads(line)["id"]] = block
        size += len(line) + 1
    found = [json.loads(line) for line in text.splitlines()]
    opened = [place[one["because"][0]] for one in found if one["status"] == "open"]
    assert opened == sorted(opened)
    assert max(opened) > 20


def test_the_module_in_c_makes_no_difference(program, pack, lines, tmp_path, monkeypatch):
    """plain lines come to the same whether the module that looks at them is built or not"""
    log = tmp_path / "log.jsonl"
    log.write_bytes(b"\n".join([*lines, b""]))
    asked, told = [], []
    monkeypatch.setattr("dutyrules.compiler.lines.events", noted(_lines.events, asked, told))
    found = [alone(program, pack, log), apart(program, pack, log, 2)]
    assert len(asked) == 1  # the processes' own readers are theirs
    assert told
    assert None not in told
    monkeypatch.setattr("dutyrules.compiler.lines.events", lambda *_given: lambda _block, _last: None)
    monkeypatch.setattr("dutyrules.compiler.lines.IS_BUILT", False)
    found += [alone(program, pack, log), apart(program, pack, log, 2)]
    assert found[0] == found[2]
    assert found[1] == found[3]


def noted(function, asked, told):
    """Return a function that notes what is asked of it, and what that gives then."""

    def made(*given):
        asked.append(given)
        read = function(*given)

        def call(*block):
            told.append(read(*block))
            return told[-1]

        return call

    return made


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


def test_what_only_looks_like_a_subject_is_no_subject(program, pack, lines, tmp_path):
    """a field of the data that is called like the subject does not send a line to the wrong process"""
    log = tmp_path / "log.jsonl"
    log.write_bytes(b"\n".join(altered(lines, with_another_subject)) + b"\n")
    one, passed = alone(program, pack, log)
    several, also = apart(program, pack, log, 3)
    assert len(one) > 10_000
    assert (outcomes(several), also) == (outcomes(one), passed)


@pytest.mark.parametrize("ends", [b"\r\n", b"\n\n", b" \n"])
def test_lines_may_end_as_they_like(program, pack, lines, tmp_path, ends):
    """carriage returns, blank lines and spaces at the ends of lines change nothing"""
    log = tmp_path / "log.jsonl"
    log.write_bytes(b"\n".join(lines))
    one, passed = alone(program, pack, log)
    log.write_bytes(b"\n" + ends.join(lines) + ends)
    several, also = apart(program, pack, log, 2)
    assert (outcomes(several), also) == (outcomes(one), passed)


def test_two_events_in_one_line_are_left_to_one_process(program, pack, lines, tmp_path):
    """a line of two events beside an empty line is not taken for two lines"""
    log = tmp_path / "log.jsonl"
    log.write_bytes(b"\n".join([*lines[:50], lines[50] + lines[51], b"", *lines[52:]]) + b"\n")
    with pytest.raises(jobs.Together, match="holds no event"):
        apart(program, pack, log, 2)


def swapped(lines, *, own):
    """Return lines of which two of different instants have changed places: one person's, or of two processes."""
    for place in range(100, len(lines) - 1):
        first, second = map(json.loads, lines[place : place + 2])
        people = {first["subject"], second["subject"]}
        found = len(people) == 1 if own else len({crc32(one.encode()) % 2 for one in people}) == 2
        if found and first["time"] < second["time"]:
            return [*lines[:place], lines[place + 1], lines[place], *lines[place + 2 :]]
    raise AssertionError


def test_a_person_s_events_have_to_be_in_order(program, pack, lines, tmp_path):
    """a late event of one person is left to the engine; the order of events in different processes is all the same"""
    log, late, other = (tmp_path / name for name in ("log", "late", "other"))
    log.write_bytes(b"\n".join(lines))
    late.write_bytes(b"\n".join(swapped(lines, own=True)))
    other.write_bytes(b"\n".join(swapped(lines, own=False)))
    with pytest.raises(jobs.Together):
        apart(program, pack, late, 2)
    assert outcomes(apart(program, pack, other, 2)[0]) == outcomes(alone(program, pack, log)[0])


@pytest.mark.parametrize("mode", ["w+b", "a+b"])
def test_what_stands_before_stays(program, pack, lines, tmp_path, mode):
    """outcomes are written behind what a file holds, and the file stands at its end then"""
    log = tmp_path / "log.jsonl"
    log.write_bytes(b"\n".join(lines))
    with (tmp_path / "out").open(mode) as out:
        out.write(b"before\n")
        jobs.replay_apart(program, log, out, slow=PlainLines(pack, "log"), jobs=2)
        out.write(b"after\n")
    found = (tmp_path / "out").read_bytes().splitlines()
    assert (found[0], found[-1]) == (b"before", b"after")
    assert found[1:-1] == apart(program, pack, log, 2)[0].splitlines()


def full(*_any):
    """Fail as a full disc does."""
    raise OSError(28, "no space left")


def test_a_disc_that_is_full_is_an_error(program, pack, lines, tmp_path, monkeypatch):
    """what a process cannot write is an error here too, and nothing of it is left"""
    log = tmp_path / "log.jsonl"
    log.write_bytes(b"\n".join(lines))
    monkeypatch.setattr("os.pwrite", full)
    with (tmp_path / "out").open("w+b") as out:
        out.write(b"before\n")
        with pytest.raises(OSError, match="no space left"):
            jobs.replay_apart(program, log, out, slow=PlainLines(pack, "log"), jobs=2)
    assert (tmp_path / "out").read_bytes() == b"before\n"


@pytest.mark.parametrize("room", [0, 50_000, -1])
def test_one_process_leaves_nothing_on_a_full_disc_either(program, pack, lines, tmp_path, room):
    """whichever write fails, the first, one amid the log or the last, nothing of it is left"""
    log = tmp_path / "log.jsonl"
    log.write_bytes(b"\n".join(lines))
    size = len(alone(program, pack, log)[0])

    class Disc(io.BytesIO):
        def write(self, text):
            if self.tell() + len(text) > room % size:
                full()
            return super().write(text)

    out = Disc()
    with pytest.raises(OSError, match="no space left"):
        replay_file(program, log, out, slow=PlainLines(pack, "log"))
    assert out.getvalue() == b""


def test_where_no_process_can_be_begun_one_does_it(program, pack, lines, tmp_path, monkeypatch):
    """a system that has no process left is a reason to do it in one, and no file stays open"""
    log = tmp_path / "log.jsonl"
    log.write_bytes(b"\n".join(lines))
    fork, forks = os.fork, []

    def first():
        forks.append(None)
        if len(forks) == 2:
            raise BlockingIOError(11, "try again")
        return fork()

    monkeypatch.setattr("os.fork", first)
    before = os.dup(0)
    with pytest.raises(jobs.Together, match="no process can be begun: try again"):
        apart(program, pack, log, 2)
    after = os.dup(0)
    os.close(before)
    os.close(after)
    assert after == before + 1


def test_a_process_that_ends_is_noticed(program, pack, lines, tmp_path, monkeypatch):
    """a process that somebody kills does not leave the others waiting"""
    log = tmp_path / "log.jsonl"
    log.write_bytes(b"\n".join(lines))
    monkeypatch.setattr("os.pwrite", lambda *_any: os.kill(os.getpid(), signal.SIGKILL))
    with pytest.raises(jobs.Together, match="before its time"):
        apart(program, pack, log, 2)


def written_log(folder, count, made):
    """Return a log of so many events, a minute apart, that a function makes of two people drawn by lot."""
    draw = random.Random(3)  # noqa: S311 - only an example
    log = folder / "log.jsonl"
    with log.open("w") as out:
        for number in range(count):
            people = (f"p{draw.randrange(9)}" for _ in range(2))
            clock = f"2026-01-15T{number // 60:02}:{number % 60:02}:00+08:00"
            print(json.dumps({"id": f"e{number:05}", "time": clock} | made(draw, *people)), file=out)
    return log


def test_people_under_different_names_are_told_apart(tmp_path):
    """each type's own field names the person, and a field of that name in another type does not"""
    path = tmp_path / "pack.yaml"
    path.write_text(RINGS)
    pack = load_pack(path)
    made = load_program(compile_pack(pack, carries_all=True), "rings")

    def rings(draw, person, other):
        kind = draw.choice(["rang", "taken", "left"])
        data = {"rang": {"who": person, "by": other}, "taken": {"by": person, "who": other}, "left": {"who": other}}
        return {"type": kind, "subject": person if kind == "left" else other, "data": data[kind]}

    log = written_log(tmp_path, 600, rings)
    one, passed = alone(made, pack, log)
    several, also = apart(made, pack, log, 3)
    assert len(one.splitlines()) > 200
    assert (outcomes(several), also) == (outcomes(one), passed)


def test_another_name_of_the_field_that_names_the_person(tmp_path):
    """an event that calls the field otherwise is nobody's in a process that reads the block in the quick way"""
    path = tmp_path / "pack.yaml"
    path.write_text(
        RINGS.replace("{fields: {person: person, who: text}}", "{fields: {person: {also: [staff]}, who: text}}")
    )
    pack = load_pack(path)
    made = load_program(compile_pack(pack, carries_all=True), "rings")

    def leaving(draw, person, other):
        data = {"person" if draw.random() < 0.98 else "staff": person, "who": other}
        return {"type": "left", "subject": other, "data": data}

    log = written_log(tmp_path, 300, leaving)
    one, passed = alone(made, pack, log)
    assert passed.events == 300
    with pytest.raises(jobs.Together, match="whose a line is"):
        apart(made, pack, log, 2)
    log.write_text(log.read_text().replace('"person":', '"staff":'))
    several, also = apart(made, pack, log, 2)
    assert (outcomes(several), also) == (outcomes(one), passed)


def meanwhile(monkeypatch, change):
    """Let each process change something before it reads."""
    take = jobs.Work._take  # noqa: SLF001 - where a process begins

    def changed(work, run, ids, size):
        change(work, run)
        take(work, run, ids, size)

    monkeypatch.setattr(jobs.Work, "_take", changed)


@pytest.mark.parametrize("how", ["grows", "replaced"])
def test_a_log_that_changes_is_read_as_it_was(program, pack, lines, tmp_path, monkeypatch, how):
    """all processes read the same log: what comes to it meanwhile, or in its place, is left out"""
    log, other = tmp_path / "log.jsonl", tmp_path / "other.jsonl"
    log.write_bytes(b"\n".join(lines[:-40]) + b"\n")
    one, passed = alone(program, pack, log)

    def change(_work, _run):
        if how == "grows":
            with log.open("ab") as out:
                out.write(b"\n".join([*lines[-40:], b""]))
        else:
            other.write_bytes(b"\n".join(lines[:40]) + b"\n")
            other.replace(log)

    meanwhile(monkeypatch, change)
    several, also = apart(program, pack, log, 2)
    assert (outcomes(several), also) == (outcomes(one), passed)


def test_a_log_that_is_cut_off_meanwhile_is_left_to_one_process(program, pack, lines, tmp_path, monkeypatch):
    """a process that comes to the end before another notices nothing, but all of them together do"""
    log = tmp_path / "log.jsonl"
    log.write_bytes(b"\n".join(lines) + b"\n")

    def change(work, run):
        if run._reading._share[0]:  # noqa: SLF001 - which process it is
            file, size = work._opening.args  # noqa: SLF001 - as above
            work._opening = functools.partial(jobs.AsOpened, file, size // 2)  # noqa: SLF001 - as above

    meanwhile(monkeypatch, change)
    with pytest.raises(jobs.Together, match="has changed"):
        apart(program, pack, log, 2)


def test_a_pipe_is_left_to_one_process(program, pack, tmp_path):
    """several processes cannot read what can be read once"""
    log = tmp_path / "log"
    os.mkfifo(log)
    with os.fdopen(os.open(log, os.O_RDWR)), pytest.raises(jobs.Together, match="once only"):
        apart(program, pack, log, 2)


def test_blocks_for_many_processes_stay_short(program, pack, lines, tmp_path, monkeypatch):
    """a block is read in the quick way while it is no longer than a line may be, however many processes there are"""
    log = tmp_path / "log.jsonl"
    log.write_bytes(b"\n".join(lines))
    one, passed = alone(program, pack, log)
    take = bulk.Stream.take

    def short(run, block, first):
        if len(block) > 9000:
            raise ValueError(len(block))
        return take(run, block, first)

    monkeypatch.setattr(bulk.Stream, "take", short)
    monkeypatch.setattr(jobs, "MOST", 8000)
    several, also = apart(program, pack, log, 7)
    assert (outcomes(several), also) == (outcomes(one), passed)


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
