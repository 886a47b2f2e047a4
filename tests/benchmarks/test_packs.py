from __future__ import annotations

import json

import packs
import pytest
from packs import PackSize, measure_packs, one_run, put_into
from results_page import write_page

PACK = "property/keys"
ROW = ("wall", "rss", "runs", "same")


@pytest.fixture(scope="module")
def measured():
    """Measure one pack over a small log."""
    said = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(packs, "PACKS", (PACK,))
        return measure_packs(PackSize(4, 8, 1), said.append), said


@pytest.fixture
def results(tmp_path):
    """Write the results of a run that was broken off before the packs, and return their folder."""
    found = {
        "machine": {"processor": "one", "system": "two", "python": "3"},
        "environments": {},
        "missing": {},
        "notes": {},
        "engines": [],
        "compiling": 0.5,
        "sets": [{"events": 10, "people": 2, "rounds": 1, "results": [dict.fromkeys(ROW, 1) | {"name": "yard"}]}],
    }
    (tmp_path / "results.json").write_text(json.dumps(found))
    write_page(found, tmp_path / "RESULTS.md")
    return tmp_path


def test_a_pack_is_measured_both_ways(measured):
    """each pack has its events, its outcomes and the cost of an event in bulk and one by one"""
    found, said = measured
    assert (found["people"], found["days"], found["rounds"]) == (4, 8, 1)
    [row] = found["rows"]
    assert row["pack"] == PACK
    assert row["events"] > 10
    assert 0 < row["rules"] <= row["of_rules"]
    assert min(row["bulk_us"], row["feed_us"]) > 0
    assert PACK in said[0]


def test_a_log_goes_through_a_program_where_it_can():
    """the program of a pack that compiles makes as many outcomes; of another pack there is the reason"""
    engine, compiled = (one_run("school/central", way, 6, 8) for way in ("bulk", "compiled"))
    assert compiled["seconds"] > 0
    assert compiled["outcomes"] == engine["outcomes"]
    assert "need the whole engine" in one_run("school/holiday", "compiled", 2, 2)["why"]


def test_both_ways_come_to_the_same():
    """a log replayed whole and one event at a time says as much of as many rules"""
    bulk, feed = (one_run(PACK, way, 3, 6) for way in ("bulk", "feed"))
    assert bulk["events"] == feed["events"]
    assert bulk["rules"] == feed["rules"]


def test_the_table_is_put_into_the_results_of_an_earlier_run(measured, results):
    """page and figures keep what they said and gain a row a pack, with events a second and microseconds an event"""
    before = (results / "RESULTS.md").read_text()
    assert "The shipped packs" not in before
    put_into(results, measured[0])
    [row] = json.loads((results / "results.json").read_text())["packs"]["rows"]
    lines = (results / "RESULTS.md").read_text().splitlines()
    assert set(before.splitlines()) <= set(lines)
    [head] = [line for line in lines if line.startswith("| pack ")]
    for word in ("events/s bulk", "µs an event, bulk", "events/s feed", "µs an event, feed", "events/s compiled"):
        assert f"| {word} " in head
    [shown] = [line.split(" | ") for line in lines if line.startswith(f"| {PACK}")]
    assert shown[1] == f"{row['events']:,}"
    assert shown[8].startswith("–" if row["compiled_us"] is None else f"{1e6 / row['compiled_us']:,.0f}")
    assert shown[4:6] == [f"{1e6 / row['bulk_us']:,.0f}", f"{row['bulk_us']:,.1f}"]


def test_measured_again_it_takes_the_place_of_what_was_there(measured, results):
    """a second measurement leaves one table"""
    for _ in range(2):
        put_into(results, measured[0])
    assert (results / "RESULTS.md").read_text().count("## The shipped packs") == 1
