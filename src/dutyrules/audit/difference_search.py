"""Looks for a small log on which two packs differ: a scenario that the first passes and the other fails.

It needs the extra `testing`: logs are drawn by hypothesis, always the same ones, up to a bound.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any, Final

import attrs
import yaml
from hypothesis import HealthCheck, Phase, find, settings
from hypothesis.errors import NoSuchExample

from dutyrules.audit.difference import Judged, compare, granted, imposed, key_of
from dutyrules.audit.difference_levers import HEADER, levers
from dutyrules.engine import Engine
from dutyrules.testing.pack_logs import MOST_EVENTS, PackLog, logs_of
from dutyrules.testing.pack_words import PackWords
from dutyrules.testing.scenario_files import BadScenarios, load_scenarios
from dutyrules.testing.scenarios import run_scenario

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dutyrules.audit.difference import Change
    from dutyrules.audit.difference_levers import Lever
    from dutyrules.outcomes import Outcome
    from dutyrules.policies.model import Pack
    from dutyrules.testing.scenario_files import Scenario

MOST_LOGS: Final = 300
"""How many logs are drawn unless more are asked for."""

_MOST_CHANGES: Final = 4
_WORDS: Final = {
    ("sanction", "imposed"): "sanction",
    ("sanction", "voided"): "voided",
    ("sanction", "proposed"): "refer_human",
    ("entitlement", "granted"): "entitled",
    ("entitlement", "postponed"): "entitled",
    ("entitlement", "taken"): "entitled",
    ("entitlement", "voided"): "voided",
    ("breach", "breached"): "breach",
    ("obligation", "open"): "due",
    ("obligation", "fulfilled"): "met",
    ("obligation", "breached"): "breach",
    ("obligation", "waived"): "waived",
    ("referral", "opened"): "refer_human",
    ("notice", "soft_limit"): "breach",
}


@attrs.frozen
class Found:
    """A scenario on which the packs differ: its text, the log, and how many logs were drawn before."""

    text: str
    log: PackLog
    drawn: int


@attrs.define
class Search:
    """Looks for a log; `drawn` is how many were looked at, `most` how many may be, each of at most `most_events`."""

    a: Pack
    b: Pack
    most: int = MOST_LOGS
    most_events: int = MOST_EVENTS
    drawn: int = 0

    def run(self) -> Found | None:
        """Return a scenario with nothing in it that can be left out, None where no log within the bound shows one."""
        changed = levers(self.a, self.b)
        if not changed:
            return None
        try:
            drawn = find(
                logs_of(self.a, rules=self._aims(changed), most_events=self.most_events),
                self._tells,
                settings=settings(
                    max_examples=self.most,
                    phases=[Phase.generate],
                    database=None,
                    deadline=None,
                    suppress_health_check=list(HealthCheck),
                ),
                random=Random(0),  # noqa: S311 - the same logs in every run
            )
        except (NoSuchExample, ValueError):
            return None
        log, text = self._smallest(drawn)
        return Found(text, log, self.drawn)

    def _aims(self, changed: list[Lever]) -> tuple[str, ...] | None:
        """Return the rules of the first pack that rest on what was changed, None where that may be any."""
        nodes = [(lever.section, lever.name) for lever in changed]
        anywhere = any(lever.section in (HEADER, "shifts", "hours", "ladders") for lever in changed)
        words = PackWords(self.a)
        aims = [name for name in words.rules_on(nodes) if words.events_of(name)]
        return None if anywhere or not aims else tuple(aims)

    def _tells(self, log: PackLog) -> bool:
        self.drawn += 1
        return self._scenario(log) is not None

    # --- making it small ----------------------------------------------------------------------------------------------

    def _smallest(self, log: PackLog) -> tuple[PackLog, str]:
        """Leave out events, then fields, one by one, as long as the packs still differ."""
        text = self._scenario(log) or ""
        smaller = True
        while smaller:
            smaller = False
            for shorter in _shorter(log):
                told = self._scenario(shorter)
                if told is not None:
                    log, text, smaller = shorter, told, True
                    break
        return log, text

    # --- the scenario -------------------------------------------------------------------------------------------------

    def _scenario(self, log: PackLog) -> str | None:
        """Return a scenario that the first pack passes and the other fails, None where there is none."""
        one = self._outcomes(self.a, log)
        difference = compare(one, self._outcomes(self.b, log))
        for change in difference.changes[:_MOST_CHANGES]:
            for expected in self._expected(change, one):
                text = self._text(log, [expected, *self._besides(expected, one)])
                scenario = _read(text)
                if scenario is None:
                    continue
                if run_scenario(scenario, self.a).passed and not run_scenario(scenario, self.b).passed:
                    return text
        return None

    def _outcomes(self, pack: Pack, log: PackLog) -> Judged:
        engine = Engine(pack, carries=log.carries)
        engine.feed_all([dict(event) for event in log.events])
        engine.advance(log.as_of)
        refused = len(engine.set_aside)
        return Judged({key_of(each): each for each in engine.outcomes().values()}, len(log.events), refused)

    def _expected(self, change: Change, judged: Judged) -> Iterator[dict[str, Any]]:
        """Yield what a scenario may expect of a norm: as the first pack has it."""
        if not change.person or change.kind == "deadline":
            return
        expected: dict[str, Any] = {"norm": self._norm(change.a, change.rule), "who": change.person}
        if change.a is None:
            yield {**expected, "outcome": "not_triggered"}
            return
        word = _WORDS.get((change.kind, change.a.status))
        if word is None:
            return
        plain = {**expected, "outcome": word}
        summed = _summed(change.a, judged)
        if summed:
            yield {**plain, **summed}
        due = getattr(change.a, "due", None)
        if due is not None and change.kind == "obligation":
            yield {**plain, "due": due}
        yield plain

    def _besides(self, expected: dict[str, Any], judged: Judged) -> list[dict[str, Any]]:
        """Return the other sanctions of the same person, since what is not expected is a failure too."""
        found: dict[str, dict[str, Any]] = {}
        for one in judged.outcomes.values():
            norm = self._norm(one, one.rule)
            stands = one.kind == "sanction" and one.status == "imposed" and one.person == expected["who"]
            if stands and norm != expected["norm"]:
                sanction = {"norm": norm, "who": expected["who"], "outcome": "sanction"}
                found[norm] = {**sanction, **_summed(one, judged)}
        return list(found.values())

    def _norm(self, outcome: Outcome | None, rule: str) -> str:
        """Return the norm of an outcome as either pack's scenarios name it."""
        prefix = self.a.prefix if self.a.prefix == self.b.prefix else ""
        return f"{prefix}{getattr(outcome, 'tier', None) or rule}"

    def _text(self, log: PackLog, expected: list[dict[str, Any]]) -> str:
        names = {event["id"] for event in log.events}
        named = any(
            value in names for event in log.events for value in event["data"].values() if isinstance(value, str)
        )
        events = [
            {**({"id": event["id"]} if named else {}), "at": event["time"], "type": event["type"], **event["data"]}
            for event in log.events
        ]
        scenario = {
            "id": f"{self.a.prefix}difference",
            "title": "Two packs differ here; no event and no field can be left out",
            "given": {"staff": "none", "roster": "none", "carries": log.carries},
            "events": events,
            "as_of": log.as_of,
            "expect": expected,
        }
        document = {"pack": self.a.prefix.rstrip("/"), "scenarios": [scenario]}
        return yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=120)


def _summed(outcome: Outcome, judged: Judged) -> dict[str, Any]:
    """Return the sum that a scenario checks: of all that stands for this norm and person; nothing without a sum."""
    tier = getattr(outcome, "tier", None)
    sums = [
        amount
        for one in judged.outcomes.values()
        if one.kind == outcome.kind and one.person == outcome.person
        if (getattr(one, "tier", None) == tier if tier else one.rule == outcome.rule)
        for amount in (*imposed(one).values(), *granted(one).values())
    ]
    if not sums:
        return {}
    amount = sum(sums)
    return {"amount_cny": int(amount) if amount == int(amount) else float(amount)}


def _shorter(log: PackLog) -> Iterator[PackLog]:
    """Yield the log without each of its events, and then without each of their fields."""
    events = log.events
    for index in range(len(events) if len(events) > 1 else 0):
        yield attrs.evolve(log, events=events[:index] + events[index + 1 :])
    for index, event in enumerate(events):
        for name in event["data"]:
            data = {field: value for field, value in event["data"].items() if field != name}
            yield attrs.evolve(log, events=(*events[:index], {**event, "data": data}, *events[index + 1 :]))
    if log.carries != "none":
        yield attrs.evolve(log, carries="none")
    last = events[-1]["time"]
    if log.as_of != last:
        yield attrs.evolve(log, as_of=last)


def _read(text: str) -> Scenario | None:
    """Read a scenario as `dutyrules test` does, None where it is none."""
    with tempfile.TemporaryDirectory(prefix="dutyrules-") as folder:
        path = Path(folder) / "difference.yaml"
        path.write_text(text, encoding="utf-8")
        try:
            [scenario] = load_scenarios(path)
        except BadScenarios:
            return None
    return scenario
