"""Lines of a log: each holds one event, or none."""

from __future__ import annotations

import io

import pytest

from dutyrules.compiler.bulk import replay_file
from dutyrules.compiler.jobs import Together, replay_apart
from dutyrules.compiler.layouts import FullLayout
from dutyrules.compiler.plain import PlainLines
from dutyrules.compiler.program import compile_pack, load_program
from dutyrules.compiler.reading import Beyond
from dutyrules.policies.load import load_pack

from .test_bench_pack import BENCH


def line(number: int, data: str = '{"shift":"s1"}', kind: str = "check_in") -> bytes:
    """Return the line of an event in the plain form."""
    clock = f"2026-01-05T08:{number // 60:02}:{number % 60:02}+08:00"
    text = f'{{"id":"e{number:04}","type":"{kind}","time":"{clock}","subject":"ann","data":{data}}}'
    return text.encode()


@pytest.fixture(scope="module")
def bench():
    """Return the benchmark's pack and its program."""
    pack = load_pack(str(BENCH))
    return pack, load_program(compile_pack(pack, FullLayout(), carries_all=True))


def days() -> list[bytes]:
    """Return a log of alike events: a shift, and who comes to it."""
    given = '{"shift":"s1","start":"2026-01-05T08:00:10+08:00","end":"2026-01-05T16:00:00+08:00","post":"desk"}'
    return [line(0, given, kind="shift_assigned"), *(line(number) for number in range(1, 60))]


def test_two_events_in_one_line_are_none(bench, tmp_path) -> None:
    """a line with two events holds none, even where an empty line makes up for it"""
    pack, program = bench
    lines = days()
    lines[30:32] = [lines[30] + lines[31], b""]
    log = tmp_path / "log.jsonl"
    log.write_bytes(b"\n".join([*lines, b""]))
    plain = PlainLines(pack, log.name)
    passed = replay_file(program, log, io.BytesIO(), slow=plain)
    assert (passed.events, len(plain.refused)) == (len(lines) - 2, 1)


def test_an_event_in_two_lines_is_none(bench, tmp_path) -> None:
    """an event whose last brace stands in the next line is none, even where a line of two events makes up for it"""
    pack, program = bench
    lines = days()
    lines[30:33] = [lines[30][:-1], b"}", lines[31] + lines[32]]
    log = tmp_path / "log.jsonl"
    log.write_bytes(b"\n".join([*lines, b""]))
    plain = PlainLines(pack, log.name)
    passed = replay_file(program, log, io.BytesIO(), slow=plain)
    assert (passed.events, len(plain.refused)) == (len(lines) - 3, 3)
    with pytest.raises(Together, match="holds no event"):
        replay_apart(program, log, io.BytesIO(), slow=PlainLines(pack, log.name), jobs=2)


@pytest.mark.parametrize(("letter", "stays"), [(b" ", True), (b"\t", True), (b"\x0b", False), (b"\x0c", False)])
def test_what_stands_around_an_event(bench, tmp_path, letter, stays) -> None:
    """what JSON takes for white space may stand around an event, other white space may not"""
    pack, program = bench
    for put in (lambda text: letter + text, lambda text: text + letter):
        lines = days()
        lines[30] = put(lines[30])
        log = tmp_path / "log.jsonl"
        log.write_bytes(b"\n".join([*lines, b""]))
        plain = PlainLines(pack, log.name)
        passed = replay_file(program, log, io.BytesIO(), slow=plain)
        assert (passed.events, len(plain.refused)) == (len(lines) - (not stays), not stays)


def test_a_field_of_other_types_is_left_to_the_engine(bench, tmp_path) -> None:
    """what a type does not have may still be read, as a part of a key or a day; a name that nobody has is let be"""
    pack, program = bench
    log = tmp_path / "log.jsonl"
    for data, stays in (('{"shift":"s1","tea":"green"}', True), ('{"shift":"s1","case":"c1"}', False)):
        lines = days()
        lines[30] = line(30, data)
        log.write_bytes(b"\n".join([*lines, b""]))
        plain = PlainLines(pack, log.name)
        if stays:
            assert replay_file(program, log, io.BytesIO(), slow=plain).events == len(lines)
            continue
        with pytest.raises(Beyond, match="`case`, which its type has not"):
            replay_file(program, log, io.BytesIO(), slow=plain)
