"""The shapes of a log's events: read faster where all are alike, and never other than one by one."""

from __future__ import annotations

import io
import json

import msgspec
import pytest

from dutyrules.compiler import shapes
from dutyrules.compiler.bulk import replay_file
from dutyrules.compiler.layouts import FullLayout
from dutyrules.compiler.plain import PlainLines
from dutyrules.compiler.program import compile_pack, load_program
from dutyrules.policies.load import load_pack

from .test_bench_pack import BENCH


def line(number: int, data: str = '{"shift":"s1"}', more: str = "", kind: str = "check_in") -> bytes:
    """Return the line of an event in the plain form."""
    clock = f"2026-01-05T08:{number // 60:02}:{number % 60:02}+08:00"
    text = f'{{"id":"e{number:04}","type":"{kind}","time":"{clock}","subject":"ann","data":{data}{more}}}'
    return text.encode()


DEVIATIONS = {
    "a field twice": '{"shift":"s1","shift":"s1"}',
    "a field twice for one that is missing": '{"by":"x","by":"x"}',
    "a field that is null": '{"shift":null}',
    "a field that is null, and one twice": '{"shift":null,"shift":null}',
    "no field": "{}",
    "one field more": '{"shift":"s1","person":"bo"}',
    "an unknown field": '{"shift":"s1","colour":"red"}',
    "a number for a text": '{"shift":7}',
}
ATTRIBUTES = {
    "the version spelt out": ',"specversion":"1.0"',
    "an unknown attribute": ',"remark":"x"',
    "the id twice": ',"id":"e0030"',
    "the data twice": ',"data":{"shift":"s1"}',
}


@pytest.fixture(scope="module")
def bench():
    """Return the benchmark's pack and its program."""
    pack = load_pack(str(BENCH))
    return pack, load_program(compile_pack(pack, FullLayout(), carries_all=True))


def outcomes(bench, tmp_path, lines: list[bytes]) -> bytes | str:
    """Return what a pass writes, or why it gives up."""
    pack, program = bench
    log = tmp_path / "log.jsonl"
    log.write_bytes(b"".join(one + b"\n" for one in lines))
    out = io.BytesIO()
    try:
        replay_file(program, log, out, slow=PlainLines(pack, program, log.name))
    except Exception as error:  # noqa: BLE001 - whatever it is has to be the same both ways
        return repr(error)
    return out.getvalue()


def days() -> list[bytes]:
    """Return a log of alike events: a shift, and who comes to it."""
    given = '{"shift":"s1","start":"2026-01-05T08:00:10+08:00","end":"2026-01-05T16:00:00+08:00","post":"desk"}'
    return [line(0, given, kind="shift_assigned"), *(line(number) for number in range(1, 60))]


@pytest.mark.parametrize("deviation", [*DEVIATIONS, *ATTRIBUTES])
def test_a_line_of_another_shape_counts_as_ever(bench, tmp_path, monkeypatch, deviation) -> None:
    """a line with other fields than its like, or one said twice, comes out as where no shape is looked for"""
    lines = days()
    lines[30] = line(30, DEVIATIONS.get(deviation, '{"shift":"s1"}'), ATTRIBUTES.get(deviation, ""))
    monkeypatch.setattr(shapes, "PIECE", 300)  # so that the line is not among those that are looked at
    with_shapes = outcomes(bench, tmp_path, lines)
    monkeypatch.setattr("dutyrules.compiler.bulk.shapes_of", lambda _stream, _types: None)
    assert with_shapes == outcomes(bench, tmp_path, lines)


def test_marks_are_counted(bench) -> None:
    """lines that say a key twice have more quotation marks than their shape"""
    types = bench[1].types()
    found = shapes.shapes_of(io.BytesIO(b"\n".join([*days(), b""])), types)
    assert found is not None
    decode = msgspec.json.Decoder(found.types["check_in"]).decode_lines
    for data, kept in (('{"shift":"s1"}', True), ('{"shift":"s1","shift":"s1"}', False)):
        block = b"\n".join([line(1), line(2, data), b""])
        assert found.are_kept(block, decode(block)) is kept


def test_a_field_that_all_have_must_be_there(bench) -> None:
    """the class of a shape refuses an event without one of its fields, which the type itself lets pass"""
    types = bench[1].types()
    found = shapes.shapes_of(io.BytesIO(b"\n".join([*days(), b""])), types)
    assert found is not None
    bare = line(1, "{}")
    assert msgspec.json.decode(bare, type=types["check_in"]).data.d_shift is None
    with pytest.raises(msgspec.ValidationError, match="shift"):
        msgspec.json.decode(bare, type=found.types["check_in"])


def test_types_whose_events_differ_have_no_shape(bench) -> None:
    """where events of a type differ in their fields, its class stays as it is"""
    types = bench[1].types()
    lines = [line(1), line(2, "{}"), line(3, kind="check_out"), b""]
    found = shapes.shapes_of(io.BytesIO(b"\n".join(lines)), types)
    assert found is not None
    assert found.types["check_in"] is types["check_in"]
    assert found.types["check_out"] is not types["check_out"]


@pytest.mark.parametrize("log", [b"", b"\n", b"no event\n", b"[1]\n", b'{"id":"a"}\n', json.dumps([]).encode() + b"\n"])
def test_a_log_without_plain_lines_has_no_shapes(bench, log) -> None:
    """nothing is concluded from lines that hold no event"""
    found = shapes.shapes_of(io.BytesIO(log), bench[1].types())
    assert found is None or found.types == bench[1].types()


@pytest.mark.parametrize("shaped", [True, False])
def test_two_events_in_one_line_are_none(bench, tmp_path, monkeypatch, shaped) -> None:
    """a line with two events holds none, even where an empty line makes up for it"""
    pack, program = bench
    lines = days()
    lines[30:32] = [lines[30] + lines[31], b""]
    log = tmp_path / "log.jsonl"
    log.write_bytes(b"\n".join([*lines, b""]))
    monkeypatch.setattr(shapes, "PIECE", 300)
    if not shaped:
        monkeypatch.setattr("dutyrules.compiler.bulk.shapes_of", lambda _stream, _types: None)
    plain = PlainLines(pack, program, log.name)
    passed = replay_file(program, log, io.BytesIO(), slow=plain)
    assert (passed.events, len(plain.refused)) == (len(lines) - 2, 1)
