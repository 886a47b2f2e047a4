"""Scenarios: worked examples of a policy, run against a pack with the real engine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import attrs

from dutyrules.calendars.dates import months_later
from dutyrules.calendars.zones import Zone
from dutyrules.engine import Engine
from dutyrules.outcomes import Breach, Entitlement, Outcome, Sanction
from dutyrules.testing.claims import season_fault, sum_fault, weekday_fault
from dutyrules.testing.expectations import (
    Result,
    answer,
    bears,
    describe,
    expected_text,
    local_id,
    nearest,
    normal,
    unknown_norm,
)
from dutyrules.testing.given import Log, Unfit, log_of, with_parameters

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Iterator

    from dutyrules.policies.model import Pack, Place
    from dutyrules.testing.scenario_files import Expectation, Scenario

NOT_PLACED: Final = "DR621"
ABOUT_THE_REST: Final = ("not_triggered", "met")


@attrs.frozen
class Failure:
    """One thing that is not as the scenario has it, where it says so, and what came that is near."""

    message: str
    place: Place
    near: tuple[str, ...] = ()

    def __str__(self) -> str:
        lines = [f"{self.place.file}:{self.place.line}: {self.message}", *(f"    came: {one}" for one in self.near)]
        return "\n".join(lines)


@attrs.frozen
class ScenarioResult:
    """How a scenario ended: without failures it passed."""

    scenario: Scenario
    failures: tuple[Failure, ...]
    outcomes: tuple[Outcome, ...] = ()

    @property
    def passed(self) -> bool:
        """Tell whether everything came as expected."""
        return not self.failures

    def __str__(self) -> str:
        title = f"{self.scenario.id} {self.scenario.title}".strip()
        return "\n".join([title, *(f"  {failure}" for failure in self.failures)])


def pack_for(scenario: Scenario, packs: Iterable[Pack]) -> Pack | None:
    """Return the pack that a scenario belongs to: the one it names, or whose prefix its id begins with."""
    named = [one for one in packs if scenario.pack in {one.name, one.prefix.rstrip("/")}]
    if scenario.pack is not None:
        return named[0] if named else None
    fitting = [one for one in packs if scenario.id.startswith(one.prefix)]
    return max(fitting, key=lambda one: len(one.prefix), default=None)


def run_scenario(scenario: Scenario, pack: Pack) -> ScenarioResult:
    """Run a scenario with the engine and compare what came with what it expects."""
    claims = [Failure(text, scenario.place) for text in _claim_faults(scenario)]
    names = {one.norm: one.place for one in scenario.expect} | dict.fromkeys(scenario.exercises, scenario.place)
    unknown = {norm: text for norm in names if (text := unknown_norm(norm, pack))}
    faults = [*claims, *(Failure(text, names[norm]) for norm, text in unknown.items())]
    known = attrs.evolve(scenario, expect=tuple(one for one in scenario.expect if one.norm not in unknown))
    try:
        pack = with_parameters(pack, scenario)
        log = log_of(scenario, pack)
    except Unfit as error:
        return ScenarioResult(scenario, (*faults, Failure(str(error), scenario.place)))
    engine = Engine(pack, carries=log.carries, forgets=False)  # a scenario may ask about all that ever was
    history = engine.feed_all(log.events)
    history += engine.advance(_as_of(scenario, pack, log))
    result = Result(pack, engine.outcomes(), tuple(history), engine.verdicts)
    faults += [*_season_failures(scenario, pack, log), *_unplaced(scenario, engine)]
    faults += [*_unmet(known, result), *_unexpected(known, result, log)]
    return ScenarioResult(scenario, tuple(faults), tuple(result.standing.values()))


def _as_of(scenario: Scenario, pack: Pack, log: Log) -> int:
    """Return the moment of evaluation: the last event, or the end of the last month that was closed."""
    if scenario.as_of is not None:
        return scenario.as_of
    zone = Zone(pack.timezone)
    closed = [zone.date_of(event.time).replace(day=1) for event in log.events if event.type == "month_closed"]
    times = [event.time for event in log.events] + [zone.start_of(months_later(first, 1)) for first in closed]
    return max(times, default=0)


# --- claims -----------------------------------------------------------------------------------------------------------


def _claim_faults(scenario: Scenario) -> Iterator[str]:
    for day, weekday in scenario.weekdays.items():
        fault = weekday_fault(day, weekday)
        if fault is not None:
            yield fault
    for text in scenario.sums:
        fault = sum_fault(text)
        if fault is not None:
            yield fault


def _season_failures(scenario: Scenario, pack: Pack, log: Log) -> Iterator[Failure]:
    if scenario.given.season is None or not log.events:
        return
    zone = Zone(pack.timezone)
    days: list[dt.date] = [zone.date_of(event.time) for event in log.events]
    fault = season_fault(pack.seasons, max(days), scenario.given.season)
    if fault is not None:
        yield Failure(fault, scenario.given.places.get("season", scenario.place))


def _unplaced(scenario: Scenario, engine: Engine) -> Iterator[Failure]:
    """Tell of events that belong to no duty, which can only be a slip of the scenario."""
    for one in engine.set_aside:
        if one.code == NOT_PLACED:
            yield Failure(f"the event `{one.event}` was set aside: {one.reason}", scenario.place)


# --- expectations -----------------------------------------------------------------------------------------------------


def is_elsewhere(scenario: Scenario, pack: Pack) -> bool:
    """Tell whether a scenario is about norms of parts that are not in use."""
    return pack.is_partial and any(unknown_norm(one.norm, pack) is not None for one in scenario.expect)


def _unmet(scenario: Scenario, result: Result) -> Iterator[Failure]:
    for expected in scenario.expect:
        for who in expected.who or ("",):
            reason = answer(expected, who, result.besides(_claimed(scenario, expected, who, result))).reason
            if reason is not None:
                message = f"expected {expected_text(expected, who)}, but {reason}"
                yield Failure(message, expected.place, tuple(nearest(expected, who, result)))


def _claimed(scenario: Scenario, expected: Expectation, who: str, result: Result) -> list[Outcome]:
    """Return what other expectations about the same norm and person claim, where this one is about all the rest."""
    if expected.outcome not in ABOUT_THE_REST:
        return []
    return [
        one
        for other in scenario.expect
        if other.outcome not in ABOUT_THE_REST and other.norm == expected.norm and who in other.who
        for one in answer(other, who, result).by
    ]


def _unexpected(scenario: Scenario, result: Result, log: Log) -> Iterator[Failure]:
    """Tell of sanctions, breaches and entitlements that came besides, for the persons and norms in play."""
    met = [one for expected in scenario.expect for who in expected.who for one in answer(expected, who, result).by]
    settled = [
        resting
        for expected in scenario.expect
        if expected.outcome == "breach" and expected.amount is not None
        for who in expected.who
        for one in answer(expected, who, result).by
        for resting in result.resting_on(one)
    ]
    explained = _causes([*met, *settled], result)
    named = {local_id(expected.norm, result.pack) for expected in scenario.expect}
    people = {normal(who) for expected in scenario.expect for who in expected.who}
    around = people | {normal(person) for person in log.persons}
    matters = {(one.matter, normal(one.person)) for one in met if isinstance(one, Sanction)}
    broken = {one.id for one in met if isinstance(one, Breach)}
    for one in result.standing.values():
        if one.id in explained or not _counts(one):
            continue
        if isinstance(one, Breach) and (one.matter, normal(one.person)) in matters:
            continue  # what was punished was broken
        by_name = any(bears(one, norm) for norm in named) and normal(one.person) in around
        by_matter = isinstance(one, Sanction) and (one.matter, normal(one.person)) in matters
        by_breach = isinstance(one, Sanction) and not broken.isdisjoint(one.because)
        if by_name or by_matter or by_breach:
            yield Failure(f"unexpected: {describe(one)}", scenario.place)


def _counts(outcome: Outcome) -> bool:
    if isinstance(outcome, Sanction):
        return outcome.status == "imposed"
    return isinstance(outcome, Breach) or (isinstance(outcome, Entitlement) and outcome.status != "voided")


def _causes(outcomes: Iterable[Outcome], result: Result) -> set[str]:
    """Return the ids of outcomes and of all that caused them."""
    found: set[str] = set()
    waiting = [one.id for one in outcomes]
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        found.add(name)
        outcome = result.standing.get(name)
        waiting += [cause for cause in outcome.because if cause in result.standing] if outcome is not None else []
    return found
