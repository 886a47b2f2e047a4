"""Engines at the end of a scenario of the shipped packs."""

from __future__ import annotations

from functools import cache

import pytest

from dutyrules import Engine
from dutyrules.calendars import PeriodKind, Zone, period_of
from dutyrules.policies.load import load_packs
from dutyrules.testing.given import log_of, with_parameters
from dutyrules.testing.scenario_files import load_scenarios
from dutyrules.testing.scenarios import pack_for


@pytest.fixture(scope="session")
def scenarios(repository):
    """Return the scenarios of the shipped packs by id, each with its pack."""
    found = {}
    for name in ("clinic", "school", "callcenter", "property"):
        packs = load_packs(name)
        for path in sorted((repository / "policies" / "tests").glob(f"{name}*.yaml")):
            for scenario in load_scenarios(path):
                pack = pack_for(scenario, packs)
                if pack is not None:
                    found[scenario.id] = (scenario, pack)
    return found


@pytest.fixture(scope="session")
def ended(scenarios):
    """Give a function that returns the engine at the end of a scenario, or at an instant."""

    @cache
    def engine_of(name, at=None):
        scenario, pack = scenarios[name]
        pack = with_parameters(pack, scenario)
        log = log_of(scenario, pack)
        engine = Engine(pack, carries=log.carries, forgets=False)
        engine.feed_all(log.events)
        zone = Zone(pack.timezone)
        until = max(event.time for event in log.events) if scenario.as_of is None else scenario.as_of
        closed = [zone.date_of(event.time) for event in log.events if event.type == "month_closed"]
        ends = [zone.start_of(period_of(PeriodKind.MONTH, day).next().start) for day in closed]
        engine.advance(max([until, *ends]) if at is None else zone.parse(at))
        return engine

    return engine_of
