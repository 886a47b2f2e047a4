from __future__ import annotations

import gzip
import json
import random

import pytest

from dutyrules.calendars.zones import Zone
from dutyrules.csv_mapping import load_mapping
from dutyrules.engine import Engine
from dutyrules.outcomes import encode
from dutyrules.policies.load import load_pack
from dutyrules.replay import NoMapping, Replay, open_logs

AS_OF = Zone("Asia/Shanghai").parse("2026-02-01T00:00:00+08:00")
MAPPING = """
id: "{id}"
time: time
type: type
subject: subject
fields: {birth_date: birth_date, duty_date: duty_date, complaint_id: complaint_id, received_by: received_by,
  call_id: call_id, callee: callee, result: result, about: about, by: by, amount_cny: amount_cny}
"""


@pytest.fixture(scope="module")
def desk(repository):
    """Load the small pack."""
    return load_pack(repository / "tests" / "desk" / "desk.yaml")


@pytest.fixture(scope="module")
def lines(repository):
    """Return the lines of the small log."""
    return (repository / "tests" / "desk" / "log.jsonl").read_text("utf-8").splitlines()


@pytest.fixture
def replay(desk, tmp_path):
    """Give a function that replays logs, each a list of lines."""

    def run(*logs, as_of=AS_OF, **settings):
        paths = []
        for number, log in enumerate(logs):
            path = tmp_path / f"log-{number}.jsonl"
            path.write_bytes(log if isinstance(log, bytes) else "\n".join(log).encode())
            paths.append(path)
        return Replay(desk, open_logs(paths, desk), as_of=as_of, **settings)

    return run


def stream(replayed):
    """Run a replay and return its outcomes as JSON."""
    return [encode(one) for one in replayed.changes()]


def test_replay_is_what_the_engine_says(replay, desk, lines):
    """a replay gives the outcomes of an engine that was fed the same events at once"""
    engine = Engine(desk)
    engine.feed_all(lines)
    engine.advance(AS_OF)
    assert replay(lines).run() == engine.outcomes()
    assert engine.outcomes()


@pytest.mark.parametrize("run_bytes", [1, 10**6])
def test_any_order_of_lines_and_files_gives_the_same_stream(replay, lines, run_bytes):
    """the stream of outcomes is the same for any order of lines and any split into files"""
    expected = stream(replay(lines))
    for seed in range(5):
        shuffled = list(lines)
        random.Random(seed).shuffle(shuffled)  # noqa: S311 - any order will do
        assert stream(replay(shuffled, run_bytes=run_bytes)) == expected
        assert stream(replay(shuffled[::2], shuffled[1::2], run_bytes=run_bytes)) == expected
    assert stream(replay(gzip.compress("\n".join(lines).encode()))) == expected


def test_redelivery_changes_nothing(replay, lines):
    """an event that stands twice in the logs counts once; one with the same id and other content is set aside"""
    assert stream(replay(lines, lines)) == stream(replay(lines))
    other = json.loads(lines[5])
    other["subject"] = "wan"
    replayed = replay([*lines, json.dumps(other)])
    stream(replayed)
    assert [one.code for one in replayed.engine.set_aside if one.event == other["id"]] == ["DR620"]


def test_lines_that_hold_no_event_are_set_aside(replay, lines):
    """faulty lines are kept with place and code, and the others count"""
    replayed = replay([*lines[:4], "{", *lines[4:], '{"id":"x"}'])
    assert stream(replayed) == stream(replay(lines))
    assert [(error.place.rsplit(":", 1)[1], error.code) for error in replayed.refused] == [
        ("5", "DR601"),
        ("17", "DR605"),
    ]


def test_as_of_leaves_out_what_came_later(replay, lines):
    """only events up to the moment count, and the clock stands there in the end"""
    noon = Zone("Asia/Shanghai").parse("2026-01-15T12:00:00+08:00")
    replayed = replay(lines, as_of=noon)
    outcomes = replayed.run()
    assert (replayed.events, replayed.later) == (10, 5)
    assert replayed.engine.clock == Zone("Asia/Shanghai").local(noon)
    assert {one.rule for one in outcomes.values() if one.kind == "sanction"} == {
        "1.1-fine",
        "1.2-fine",
        "1.3-premises-fine",
    }


def test_without_a_moment_the_clock_stands_at_the_last_event(replay, lines):
    """without `as_of` nothing later than the last event is looked at"""
    replayed = replay(lines, as_of=None)
    assert not any(one.rule == "4.2-tiers" for one in replayed.run().values())


def test_counts_follow_the_stream(replay, lines, monkeypatch):
    """outcomes are counted by their last status, also while old ones are no longer remembered"""
    replayed = replay(lines)
    outcomes = replayed.run()
    assert sum(replayed.counts.values()) == len(outcomes)
    assert replayed.counts["1.1-fine", "sanction", "imposed"] == 2
    assert replayed.counts["1.2-fine", "sanction", "voided"] == 1
    assert replayed.counts["2.1-reply", "obligation", "fulfilled late"] == 1
    assert ("1.2-fine", "sanction", "imposed") not in replayed.counts
    monkeypatch.setattr("dutyrules.replay.SWEEP", 1)
    again = replay(lines)
    again._sweep_at = 1  # noqa: SLF001 - a tiny memory in place of a huge log
    again.run()
    assert again.counts == replayed.counts


def test_memory_is_that_of_the_engine(desk, tmp_path):
    """the events of a long log are not held: a sorted one is read line by line, an unsorted one in parts"""
    tracemalloc = pytest.importorskip("tracemalloc")

    def peak(count, *, backwards):
        path = tmp_path / "long.jsonl"
        with path.open("w") as file:
            for number in sorted(range(count), reverse=backwards):
                moment = f"2026-01-{1 + number // 1440:02}T{number // 60 % 24:02}:{number % 60:02}:00Z"
                file.write(json.dumps({"id": f"e{number}", "type": "day_closed", "time": moment}) + "\n")
        replayed = Replay(desk, open_logs([path], desk), run_bytes=50_000)
        replayed.engine = _Idle()
        tracemalloc.start()
        for _ in replayed.changes():
            pass
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert replayed.events == count
        return most

    for backwards in (False, True):
        peak(1_500, backwards=backwards)
        assert peak(6_000, backwards=backwards) < 2 * peak(1_500, backwards=backwards)


class _Idle:
    """Takes events and keeps nothing, so that only the reading is measured."""

    def feed_all(self, events):
        return [None for _ in events][:0]


def test_csv_needs_a_mapping_and_gives_the_same_outcomes(replay, desk, lines, tmp_path):
    """the log as CSV, read through a mapping, gives the same stream"""
    columns = ["id", "time", "type", "subject", *load(tmp_path).fields]
    rows = [columns]
    for line in lines:
        event = json.loads(line)
        rows.append([str({**event, **event.get("data", {})}.get(name, "")) for name in columns])
    path = tmp_path / "log.csv"
    path.write_text("\n".join(",".join(row) for row in rows))
    with pytest.raises(NoMapping):
        open_logs([path], desk)
    assert stream(Replay(desk, open_logs([path], desk, load(tmp_path)), as_of=AS_OF)) == stream(replay(lines))


def load(folder):
    """Write and load the mapping of the small log."""
    (folder / "map.yaml").write_text(MAPPING)
    return load_mapping(folder / "map.yaml")


def test_a_file_that_is_not_there_is_told_at_once(desk, tmp_path):
    """a missing file is an error before anything is replayed"""
    with pytest.raises(FileNotFoundError):
        open_logs([tmp_path / "nowhere.jsonl"], desk)
