from __future__ import annotations

import pytest
from guard import SLACK, cases, load_bounds, measure, ratio_of, slower, steps_of, yardstick

from dutyrules import Engine


@pytest.fixture(scope="module")
def replays(tmp_path_factory):
    """Return the replays of the guard."""
    return cases(tmp_path_factory.mktemp("guard"))


@pytest.fixture(scope="module")
def measured(replays):
    """Return what the replays of the guard cost now."""
    return measure(replays)


def test_nothing_has_become_slower(measured):
    """no replay costs more than its stored bound and the slack allow"""
    assert slower(measured, load_bounds()) == []


def test_the_bounds_are_near(measured):
    """a bound lies so near to what is measured that a slow-down cannot hide under it"""
    bounds = load_bounds()
    far = {name: (figures["steps"], bounds[name]["steps"]) for name, figures in measured.items()}
    assert {name: pair for name, pair in far.items() if pair[0] < 0.85 * pair[1]} == {}
    assert bounds.keys() == measured.keys()


def test_more_steps_are_seen(replays, monkeypatch):
    """a fifth more lines of Python for each event break the bound of the steps"""
    name, work, events = replays[1]
    bound = {name: {"steps": steps_of(work) / events * 1000}}
    more = int(bound[name]["steps"] / 1000 * 0.2)
    feed = Engine.feed

    def slowed(engine, event):
        for _ in range(more):
            pass
        return feed(engine, event)

    monkeypatch.setattr(Engine, "feed", slowed)
    found = {name: {"steps": steps_of(work) / events * 1000}}
    assert len(slower(found, bound)) == 1
    assert "steps" in slower(found, bound)[0]


def test_time_inside_a_library_is_seen(replays, monkeypatch):
    """work that Python's lines do not show breaks the bound of the ratio"""
    name, work, events = replays[1]
    bound = {name: {"ratio": ratio_of(work, 1) / events * 1000}}
    feed = Engine.feed
    figures = list(range(60_000))

    def slowed(engine, event):
        sum(figures)
        sum(figures)
        return feed(engine, event)

    monkeypatch.setattr(Engine, "feed", slowed)
    found = {name: {"ratio": ratio_of(work, 1) / events * 1000}}
    assert len(slower(found, bound)) == 1
    assert "ratio" in slower(found, bound)[0]


def test_a_case_without_a_bound_is_told():
    """what is measured and has no stored bound is a fault, so that no case goes unguarded"""
    assert slower({"new": {"steps": 1.0}}, {}) == ["new: no bound is stored for `steps`"]


def test_the_slack_is_the_limit():
    """a figure at the bound times the slack passes, and one beyond it does not"""
    bounds = {"a": {"steps": 1000.0, "ratio": 1.0}}
    assert slower({"a": {"steps": 1000.0 * SLACK["steps"], "ratio": SLACK["ratio"]}}, bounds) == []
    assert len(slower({"a": {"steps": 1000.0 * SLACK["steps"] + 1, "ratio": SLACK["ratio"] + 0.1}}, bounds)) == 2


def test_steps_are_the_same_twice():
    """the steps of the same work are the same, whatever the machine does besides"""
    assert steps_of(yardstick) == steps_of(yardstick) > 10_000
