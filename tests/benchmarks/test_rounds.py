from __future__ import annotations

import sys

import peers as peers_module
import pytest
from growth import cost_of_event, in_turns, memory, processes
from peers import NotInstalledError, Peers
from peers import run as run_step
from results_page import table, targets
from rounds import Course, FailedRunError, compare

COPY = "import sys, pathlib; pathlib.Path(sys.argv[2]).write_bytes(pathlib.Path(sys.argv[1]).read_bytes())"


def program(name, source=COPY, **more):
    """Return a contender that runs a line of Python."""
    return peers_module.Contender(name, (sys.executable, "-I", "-S", "-c", source, "IN", "OUT"), **more)


@pytest.fixture
def course(tmp_path):
    """Return a log of three lines."""
    log = tmp_path / "log.jsonl"
    log.write_text("a\nb\nc\n", "utf-8")
    return Course(log, 3, 1)


def digest(path):
    """Return what was written."""
    return path.read_text("utf-8")


def test_the_yardstick_stands_on_both_sides(course):
    """each run has one of the yardstick before and after it, and runs of less than two seconds come three times"""
    said = []
    own, other = compare(course, program("yard"), [program("one")], 2, 60.0, digest, said.append)
    assert len(other.runs) == len(other.wall_ratios) == 6
    assert len(own.runs) == len(other.runs) + 1
    assert other.wall_ratios[0] == pytest.approx(2 * other.runs[0].wall / (own.runs[0].wall + own.runs[1].wall))
    assert other.same is True
    assert len(said) == 6


def test_another_output_is_told(course):
    """a program that writes something else is said to, and is not left out for it"""
    wrong = program("wrong", "import sys; open(sys.argv[2], 'w').write('x')")
    _, other = compare(course, program("yard"), [wrong], 1, 60.0, digest, lambda _line: None)
    assert other.same is False
    assert other.as_dict()["ratio"] > 0


def test_who_fails_is_left_out_with_the_reason(course):
    """a program that ends with an error has no figures, and the last line that it wrote is the reason"""
    fails = program("fails", "raise SystemExit('no such engine')")
    _, other = compare(course, program("yard"), [fails], 2, 60.0, digest, lambda _line: None)
    assert (other.runs, other.fault) == ([], "no such engine")
    assert "ratio" not in other.as_dict()
    with pytest.raises(FailedRunError):
        course.run(fails)


def test_long_logs_are_not_given_to_slow_programs(course):
    """a program that is too slow for so many events is not run, and that is said"""
    slow = program("slow", most_events=2)
    _, other = compare(course, program("yard"), [slow], 1, 60.0, digest, lambda _line: None)
    assert other.runs == []
    assert "more than 2 events" in other.fault


def test_a_budget_ends_later_rounds(course):
    """a program whose seconds are used up stays out of the rounds that follow"""
    _, other = compare(course, program("yard"), [program("one")], 3, 0.0, digest, lambda _line: None)
    assert len(other.runs) == 3


def test_memory_is_that_of_the_program(course):
    """the peak memory is the child's own, whatever the size of the process that measures"""
    ballast = bytearray(80_000_000)
    small = course.run(program("small"))
    large = course.run(program("large", f"{COPY}; kept = b'x' * 60_000_000"))
    assert len(ballast) > small.rss * 1_000_000
    assert small.rss < 40
    assert large.rss >= 60


def test_growth_is_taken_without_the_start(tmp_path):
    """a program whose work is in proportion to the log costs about the same an event in a long one, start-up or not"""
    assert cost_of_event(1.5, 0.5, 100) == pytest.approx(cost_of_event(10.5, 0.5, 1000)) == pytest.approx(0.01)
    work = "import sys, time; time.sleep(0.02 * sum(1 for _ in open(sys.argv[1])))"
    logs = []
    for size in (10, 50):
        log = tmp_path / f"{size}.jsonl"
        log.write_text("x\n" * size, "utf-8")
        logs.append(Course(log, size, 1))
    found = in_turns(program("one", work), *logs, 1, lambda _line: None)
    assert 0.5 < found["ratio"] < 2


def test_two_processes_are_compared_in_turns(course):
    """the gain of a second process is the time of one over the time of two"""
    sleep = "import time; time.sleep(%s)"
    gain = processes(program("one", sleep % 0.6), program("two", sleep % 0.3), course, 1, lambda _line: None)
    assert 1.2 < gain["ratio"] < 2.2
    assert gain["range"] == [gain["ratio"], gain["ratio"]]


def test_memory_is_that_of_the_beginning_and_of_the_whole(tmp_path):
    """a program that keeps its log takes three times as much for one three times as long"""
    log = tmp_path / "log.jsonl"
    log.write_text("x\n" * 9, "utf-8")
    keeps = "import sys; kept = b'x' * 10_000_000 * sum(1 for _ in open(sys.argv[1]))"
    found = memory(program("keeps", keeps), Course(log, 9, 1), lambda _line: None)
    assert (found["from"], found["to"]) == (3, 9)
    assert 55 < found["mb"][1] - found["mb"][0] < 65


def test_a_peer_that_cannot_be_installed_is_told(tmp_path):
    """a peer without requirements is given by name with the reason, and the others are still looked at"""
    folder = tmp_path / "peers"
    folder.mkdir()
    (folder / "requirements.txt").write_text("# none of them\n", "utf-8")
    for need in ("node", "java"):
        (tmp_path / "scratch" / need).mkdir(parents=True)
        (tmp_path / "scratch" / need / ".done").touch()
    found = list(Peers(folder, tmp_path / "scratch").contenders())
    missing = dict(one for one in found if isinstance(one, tuple))
    assert len(found) == len(peers_module.PEERS)
    assert missing["experta"] == "no requirements for `experta`"
    assert [one.name for one in found if not isinstance(one, tuple)] == ["json-rules-engine"]


def test_a_failing_step_says_why():
    """the last line of an installation that failed is the reason"""
    with pytest.raises(NotInstalledError, match="no such wheel"):
        run_step([sys.executable, "-c", "import sys; print('trying', file=sys.stderr); sys.exit('no such wheel')"])


def figures(ours, nearest, growth):
    """Return the figures of a made-up run."""
    rows = [("dutyrules, compiled", ours), ("k ceiling", 0.9), ("zen", nearest), ("durable-rules", 19.0)]
    results = [{"name": name, "ratio": ratio, "same": True} for name, ratio in rows if ratio is not None]
    return {
        "sets": [{"results": [{"name": "hand-written"}, *results]}],
        "engines": ["zen", "durable-rules"],
        "growth": {"name": "dutyrules, compiled", "events": {"from": 5, "to": 100, "ratio": growth}},
    }


def test_targets_are_met_or_not():
    """each target stands beside its mark: met at the mark itself, not met beyond it, open where nothing was measured"""
    met = targets(figures(1.0, 1.8, 1.15))
    assert [row[3] for row in met[:6]] == ["met", "**not met**", "met", "met", "met", "open"]
    missed = targets(figures(1.1, 1.9, 1.16))
    assert [row[3] for row in missed[:5]] == ["**not met**", "**not met**", "**not met**", "met", "**not met**"]
    assert {row[3] for row in targets(figures(None, 1.8, 1.0))[:4]} == {"open"}


def test_two_processes_are_told_with_their_range():
    """the gain stands beside its mark, and from where to where it went"""
    found = figures(1.0, 1.8, 1.0)
    found["growth"]["processes"] = {"ratio": 1.7, "range": [1.42, 1.9]}
    assert targets(found)[6] == (
        "two processes, times faster than one (from 1.42 to 1.90)",
        "at least 1.7",
        "1.70",
        "met",
    )


def test_a_wrong_output_is_no_competitor():
    """an engine whose output differs is not the nearest one, however quick it is"""
    found = figures(1.0, 0.5, 1.0)
    found["sets"][0]["results"][3]["same"] = False
    assert targets(found)[2][2] == "19.00"


def test_a_table_is_markdown():
    """a table has a head, a rule and its rows"""
    assert table(("a", "b"), [("x", "1")]) == "| a | b |\n| --- | ---: |\n| x | 1 |"
