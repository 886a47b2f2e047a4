from __future__ import annotations

import gzip
import json
import random

import pytest

from dutyrules.events import LONGEST_LINE, EventDecoder, EventFault
from dutyrules.log_files import JsonLines, is_in_order, read_in_order
from dutyrules.vocabulary import load_vocabulary

DECODER = EventDecoder(load_vocabulary(), "Asia/Shanghai")


def check_in(number, minute):
    """Write a check-in as a line of JSON."""
    time = f"2026-01-{1 + minute // 1440:02}T{minute // 60 % 24:02}:{minute % 60:02}:00+08:00"
    return json.dumps({"id": f"e{number}", "type": "check_in", "time": time, "subject": "li"})


@pytest.fixture
def read(tmp_path):
    """Give a function that writes logs and reads them in order: batches and what was refused."""

    def run(*logs, run_bytes=1000):
        files = []
        for number, log in enumerate(logs):
            path = tmp_path / f"log-{number}.jsonl"
            path.write_bytes(log if isinstance(log, bytes) else "\n".join(log).encode())
            files.append(JsonLines(path))
        refused = []
        batches = list(read_in_order(files, DECODER, refused.append, run_bytes=run_bytes))
        return [[event.id for event in batch] for batch in batches], [
            (error.place.rsplit("-", 1)[1], error.code) for error in refused
        ]

    return run


def test_sorted_file_is_read_as_it_is(read):
    """a file in order of time gives its events as they stand"""
    assert read([check_in(n, n) for n in range(5)]) == ([["e0"], ["e1"], ["e2"], ["e3"], ["e4"]], [])


def test_events_of_one_instant_come_together_by_id(read):
    """events of the same second come in one batch, sorted by id"""
    assert read([check_in(2, 5), check_in(1, 5), check_in(3, 6)]) == ([["e1", "e2"], ["e3"]], [])


@pytest.mark.parametrize("run_bytes", [1, 300, 10**6])
def test_any_order_of_lines_gives_the_same_events(read, run_bytes):
    """shuffled lines are sorted, also where the parts that fit in memory are tiny"""
    lines = [check_in(n, n % 1000) for n in range(300)]
    expected = read(lines, run_bytes=10**6)
    random.Random(7).shuffle(lines)  # noqa: S311 - any order will do
    assert read(lines, run_bytes=run_bytes) == expected


def test_files_are_merged(read):
    """several files, sorted or not, are read as one log"""
    lines = [check_in(n, n) for n in range(30)]
    assert read(lines[::2], lines[1::2][::-1]) == read(lines)


def test_faulty_lines_are_refused_with_their_number(read):
    """a line that holds no event is refused by file and line, once, and the others are read"""
    lines = [check_in(1, 1), "{", "", check_in(2, 2), json.dumps({"id": "x"})]
    assert read(lines) == (
        [["e1"], ["e2"]],
        [("0.jsonl:2", EventFault.NOT_JSON), ("0.jsonl:5", EventFault.ATTRIBUTE_MISSING)],
    )
    assert read([lines[3], *lines[:3]])[1] == [("0.jsonl:3", EventFault.NOT_JSON)]


def test_a_line_beyond_all_bounds_is_refused(read):
    """a line of several megabytes is passed over without being held in memory"""
    log = b'{"id":"' + b"x" * (3 * LONGEST_LINE) + b'"}\n' + check_in(1, 1).encode()
    assert read(log) == ([["e1"]], [("0.jsonl:1", EventFault.TOO_LARGE)])


def test_packed_files_are_unpacked(read):
    """a gzip file is read like a plain one, whatever its name"""
    lines = [check_in(n, n) for n in range(3)]
    assert read(gzip.compress("\n".join(lines).encode())) == read(lines)


def test_a_packed_file_that_breaks_off_keeps_what_was_read(read):
    """a gzip file that was cut gives the events up to the break and says that it breaks off"""
    packed = gzip.compress("\n".join(check_in(n, n) for n in range(5000)).encode())
    batches, refused = read(packed[:-200])
    assert batches[0] == ["e0"]
    assert [code for _, code in refused] == [EventFault.UNREADABLE]


def test_byte_order_mark_and_windows_line_ends(read):
    """a byte order mark and line ends of any kind do no harm"""
    assert read(b"\xef\xbb\xbf" + check_in(1, 1).encode() + b"\r\n" + check_in(2, 2).encode() + b"\r\n") == (
        [["e1"], ["e2"]],
        [],
    )


def test_order_is_told_without_reading_events_in_full(tmp_path):
    """order is a matter of the times alone; lines without one do not count"""
    path = tmp_path / "log.jsonl"
    path.write_text("\n".join([check_in(1, 1), "nonsense", '{"time": "never"}', check_in(2, 2)]))
    assert is_in_order(JsonLines(path))
    path.write_text("\n".join([check_in(1, 2), check_in(2, 1)]))
    assert not is_in_order(JsonLines(path))


def test_sorting_leaves_no_files_behind(tmp_path, read, monkeypatch):
    """the temporary files of a sort are gone when the log has been read"""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    read([check_in(n, -n % 50) for n in range(200)], run_bytes=100)
    assert list(folder.iterdir()) == []
