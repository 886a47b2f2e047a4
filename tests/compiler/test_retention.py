from __future__ import annotations

import io
import json
import runpy
from functools import partial
from types import SimpleNamespace

import pytest

from dutyrules import load_pack
from dutyrules.compiler.bulk import replay_file
from dutyrules.compiler.forgetting import Keeping
from dutyrules.compiler.gone import Gone
from dutyrules.compiler.plain import PlainLines
from dutyrules.compiler.program import compile_pack, load_program
from dutyrules.compiler.reading import Beyond
from dutyrules.log_files import JsonLines
from dutyrules.outcomes import encode
from dutyrules.replay import Replay


@pytest.fixture(scope="module")
def years(repository):
    """Return the program that simulates years."""
    return runpy.run_path(str(repository / "benchmarks" / "ten_years_compiled.py"))


@pytest.fixture(scope="module")
def pack(repository):
    """Return the pack of the benchmark."""
    return load_pack(repository / "benchmarks" / "bench.yaml")


@pytest.fixture(scope="module")
def program(pack):
    """Return that pack as a program."""
    return load_program(compile_pack(pack, carries_all=True), "bench")


def test_what_lives_stays_level_once_the_longest_look_back_is_behind(years, program):
    """from the fourth year on, records, keys of gone records and blocks of memory stay where they are"""
    stream = years["opened"](program)
    found = [years["kept"](stream) for _year in years["yearly"](partial(years["written"], stream), 12, 8)]
    assert stream.events > 30_000
    early, late = found[3], found[6]
    assert early["gone"] > 3000
    assert abs(late["records"] - early["records"]) <= 0.05 * early["records"]
    assert abs(late["gone"] - early["gone"]) <= 0.05 * early["gone"]
    assert late["blocks"] - early["blocks"] < 1500  # the shifts of three years would be 3000 records with their duties


def test_records_that_stay_show(years, program, monkeypatch):
    """if no record were let go, there would be more with every year"""
    monkeypatch.setattr("dutyrules.compiler.forgetting.Keeping._past", lambda _self, _since: [])
    monkeypatch.setattr("dutyrules.compiler.forgetting.Keeping._refuse_old", lambda _self, _since: None)
    stream = years["opened"](program)
    found = [years["kept"](stream) for _year in years["yearly"](partial(years["written"], stream), 12, 8)]
    assert found[6]["records"] - found[3]["records"] > 3000  # three years of more than 1000 shifts each


def test_a_record_that_is_let_go_and_its_duties_do_not_hold_each_other():
    """what holds each other stays until somebody looks for circles, and a host may never do"""
    record = SimpleNamespace(begun=0, seen=0, first=None)
    duty = record.first = SimpleNamespace(state=0, record=record)
    table = {"one": record}
    Keeping(table, Gone(), 10, ("first",), [], None).sweep(100)
    assert (table, duty.record, record.first) == ({}, None, None)


def log_of(path, documents):
    """Write a log in order."""
    ordered = sorted(documents, key=lambda one: one["time"])
    path.write_text(
        "".join(
            json.dumps({**one, "id": f"e{number:06}"}, separators=(",", ":")) + "\n"
            for number, one in enumerate(ordered)
        )
    )
    return path


def event(kind, time, who="ann", **data):
    """Return an event."""
    return {"id": "", "type": kind, "time": f"{time}+08:00", "subject": who, "data": data}


def monthly(first, last):
    """Return an event of somebody else each month, so that the clock goes on."""
    return [
        event("phone_unanswered", f"{year}-{month:02}-03T08:00:00", "bo", caller="x")
        for year in range(first, last + 1)
        for month in range(1, 13)
    ]


def both(pack, program, log):
    """Return what the program and what the engine make of a log, sorted."""
    out = io.BytesIO()
    replay_file(program, log, out, slow=PlainLines(pack, "log"), drains=False)
    wanted = [encode(one) for one in Replay(pack, [JsonLines(log)], carries="all").changes()]
    return tuple(
        sorted(json.dumps(json.loads(line), sort_keys=True) for line in lines)
        for lines in (out.getvalue().splitlines(), wanted)
    )


SHIFT = {"shift": "s1", "start": "2020-01-06T08:00:00+08:00", "end": "2020-01-06T16:00:00+08:00", "post": "w"}
BEGIN = [event("shift_assigned", "2020-01-05T08:00:00", **SHIFT), event("check_in", "2020-01-06T07:50:00", shift="s1")]


def test_two_years_come_out_as_the_engine_has_them(years, pack, program, tmp_path):
    """over two years, in which much is let go, program and engine say the same"""
    log = tmp_path / "log.jsonl"
    log.write_bytes(b"".join(text for _day, text in years["days"](3, 2)))
    mine, wanted = both(pack, program, log)
    assert len(mine) > 2000
    assert mine == wanted


@pytest.mark.parametrize(
    "later",
    [
        event("check_out", "2020-06-10T08:00:00", shift="s1"),
        event("check_in", "2020-06-10T08:00:00", shift="s1"),
        event("shift_assigned", "2020-06-10T08:00:00", **SHIFT),
    ],
)
def test_what_comes_about_a_record_that_is_gone_is_left_to_the_engine(pack, program, tmp_path, later):
    """the engine may still know a record that the program let go: what comes about it afterwards is not decided"""
    log = log_of(tmp_path / "log.jsonl", [*BEGIN, *monthly(2020, 2020), later])
    with pytest.raises(Beyond, match="shift"):
        both(pack, program, log)


def test_within_what_a_record_is_kept_for_it_is_known(pack, program, tmp_path):
    """what comes while the record is kept is decided, and as the engine decides it"""
    late = event("check_out", "2020-01-31T08:00:00", shift="s1")
    mine, wanted = both(pack, program, log_of(tmp_path / "log.jsonl", [*BEGIN, *monthly(2020, 2020), late]))
    assert mine == wanted
    assert any('"12-allowance"' in one for one in mine)


def test_a_key_may_come_again_when_the_engine_has_forgotten_too(pack, program, tmp_path):
    """years later the same key is a new record, for the program as for the engine"""
    again = {**SHIFT, "start": "2024-03-06T08:00:00+08:00", "end": "2024-03-06T16:00:00+08:00"}
    more = [
        event("shift_assigned", "2024-03-05T08:00:00", **again),
        event("check_in", "2024-03-06T08:20:00", shift="s1"),
        event("check_out", "2024-03-06T16:05:00", shift="s1"),
    ]
    mine, wanted = both(pack, program, log_of(tmp_path / "log.jsonl", [*BEGIN, *monthly(2020, 2024), *more]))
    assert mine == wanted
    assert sum('"1-late"' in one for one in mine) == 1


def test_a_duty_that_outlives_its_record_is_left_to_the_engine(pack, program, tmp_path):
    """a deadline further away than the record is kept for is not decided once the record would go"""
    far = {**SHIFT, "start": "2020-12-06T08:00:00+08:00", "end": "2020-12-06T16:00:00+08:00"}
    first = event("shift_assigned", "2020-01-05T08:00:00", **far)
    with pytest.raises(Beyond, match="a duty is open for longer"):
        both(pack, program, log_of(tmp_path / "log.jsonl", [first, *monthly(2020, 2020)]))
