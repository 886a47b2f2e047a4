"""Explanations as JSON values: everything that the words are made of."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from dutyrules.calendars.zones import Zone
from dutyrules.runtime.values import Unknown

if TYPE_CHECKING:
    from dutyrules.explaining.evidence import Candidate, Change, Looked, Tally, Term, Version
    from dutyrules.explaining.steps import Step, Try
    from dutyrules.explaining.why_not import WhyNot
    from dutyrules.explanations import Cause, Explanation
    from dutyrules.outcomes import Outcome
    from dutyrules.policies.model import Pack, Rule


class Documents:
    """Makes JSON values; instants are written in the pack's zone, money and figures that are not whole as text."""

    def __init__(self, pack: Pack) -> None:
        self._pack = pack
        self._zone = Zone(pack.timezone)

    # --- answers ---------------------------------------------------------------------------------------------------

    def explanation(self, found: Explanation) -> dict[str, Any]:
        """Return why an outcome stands."""
        return _without_nothing(
            {
                "outcome": self.outcome(found.outcome),
                "rule": None if found.rule is None else self.rule(found.rule),
                "history": [self.outcome(one) for one in found.history],
                "because": [self.cause(one) for one in found.causes],
                "deadline": None if found.deadline is None else self.outcome(found.deadline),
                "grounds": [self.tried(one) for one in found.grounds],
                "ended": None if found.ended is None else self.tried(found.ended),
                "effects": [self.outcome(one) for one in found.effects],
            }
        )

    def why_not(self, found: WhyNot) -> dict[str, Any]:
        """Return why a rule did not come to hold."""
        return _without_nothing(
            {
                "rule": self.rule(found.rule),
                "asked": found.asked,
                "subject": found.subject,
                "at": found.at,
                "verdict": found.verdict,
                "stopped_by": None if found.stopped is None else found.stopped.guard,
                "changes": [self.change(one) for one in found.changes],
                "nearest": None if found.nearest is None else self.tried(found.nearest),
                "before": None if found.before is None else self.why_not(found.before),
                "others": [self.tried(one) for one in found.others],
            }
        )

    # --- parts -----------------------------------------------------------------------------------------------------

    def outcome(self, outcome: Outcome) -> dict[str, Any]:
        """Return an outcome."""
        return {name: self._plain(value) for name, value in outcome.as_dict().items()}

    def rule(self, rule: Rule) -> dict[str, Any]:
        """Return a rule by its id, kind, clause, words and place."""
        place = f"{rule.place.file.rsplit('/', 1)[-1]}:{rule.place.line}"
        return {
            "id": rule.id,
            "kind": rule.kind.value,
            "clause": rule.clause,
            "says": {language: " ".join(text.split()) for language, text in rule.says.items()},
            "place": place,
        }

    def cause(self, cause: Cause) -> dict[str, Any]:
        """Return what an outcome rests on, down to the events."""
        event = None if cause.event is None else {"place": cause.place, **self._event(cause)}
        return _without_nothing(
            {
                "id": cause.id,
                "event": event,
                "outcome": None if cause.outcome is None else self.outcome(cause.outcome),
                "grounds": [self.tried(one) for one in cause.grounds],
                "because": [self.cause(one) for one in cause.causes],
            }
        )

    def _event(self, cause: Cause) -> dict[str, Any]:
        event = cause.event
        if event is None:
            return {}
        return {
            "type": event.type,
            "time": self._zone.iso(event.time),
            "subject": event.subject,
            "data": {name: self._plain(value) for name, value in event.data.items()},
        }

    def tried(self, one: Try) -> dict[str, Any]:
        """Return a try with its guards."""
        return _without_nothing(
            {
                "rule": one.rule.id,
                "time": self._zone.iso(one.time),
                "matter": one.matter,
                "persons": list(one.persons),
                "because": list(one.causes),
                "steps": [self.step(step) for step in one.steps],
                "outcomes": [self.outcome(outcome) for outcome in one.outcomes],
            }
        )

    def step(self, step: Step) -> dict[str, Any]:
        """Return a guard; `holds` is null where it is not known."""
        found = _without_nothing(
            {
                "guard": step.guard,
                "found": step.phrase,
                "facts": {name: self._plain(value) for name, value in step.facts.items() if value is not None},
                "condition": None if step.term is None else self.term(step.term),
                "parts": [self.step(part) for part in step.parts],
                "because": list(step.causes),
                "changes": [self.change(one) for one in step.changes],
                "account": step.ledger,
            }
        )
        return {"guard": found.pop("guard"), "holds": step.holds, **found}

    def term(self, term: Term) -> dict[str, Any]:
        """Return a condition with its values; a value that is not known is an object that says what it lacks."""
        found = _without_nothing(
            {
                "record": term.record,
                "version": None if term.version is None else self.version(term.version),
                "count": None if term.tally is None else self.tally(term.tally),
                "records": None if term.looked is None else self.looked(term.looked),
                "parts": [self.term(part) for part in term.parts],
            }
        )
        return {"text": term.text, "value": self._plain(term.value, term.type), **found}

    def version(self, version: Version) -> dict[str, Any]:
        """Return which value of a parameter applied."""
        days = {"day": version.day, "since": version.since, "until": version.until}
        dates = {name: day.isoformat() for name, day in days.items() if day is not None}
        return {"parameter": version.parameter, **dates, "versions": version.versions}

    def tally(self, tally: Tally) -> dict[str, Any]:
        """Return a count with its members, and what it left out."""
        return _without_nothing(
            {
                "name": tally.count,
                "key": [self._plain(one) for one in tally.key],
                "value": self._plain(tally.value),
                "window": tally.window,
                "first": None if tally.first is None else tally.first.isoformat(),
                "last": None if tally.last is None else tally.last.isoformat(),
                "counted": [self._candidate(one) for one in tally.counted],
                "left_out": [self._candidate(one) for one in tally.left_out],
            }
        )

    def _candidate(self, one: Candidate) -> dict[str, Any]:
        return _without_nothing(
            {
                "fact": one.fact,
                "time": self._zone.iso(one.time),
                "day": None if one.day is None else one.day.isoformat(),
                "reason": one.reason,
                "because": list(one.roots),
                "failed": None if one.failed is None else self.term(one.failed),
            }
        )

    def looked(self, looked: Looked) -> dict[str, Any]:
        """Return which records were looked through."""
        return _without_nothing(
            {
                "record": looked.record,
                "number": looked.number,
                "nearest": looked.nearest,
                "open": list(looked.opened),
            }
        )

    def change(self, change: Change) -> dict[str, Any]:
        """Return what would have made a guard hold; `by` of a time is in seconds."""
        found = _without_nothing(
            {
                "change": change.kind,
                "of": change.what,
                "by": self._plain(change.by),
                "to": self._plain(change.value, change.type),
                "after": None if change.after is None else self._zone.iso(change.after),
                "before": None if change.before is None else self._zone.iso(change.before),
                "distinct": True if change.fresh else None,
            }
        )
        return {**found, "group": change.group}

    def _plain(self, value: Any, kind: str = "any") -> Any:  # noqa: ANN401 - any value of a pack or an event
        match value:
            case Unknown():
                return {"unknown": list(value.lacks)}
            case bool() | None | str() | float():
                return value
            case int():
                return self._zone.iso(value) if kind == "time" else value
            case Decimal():
                return format(value, "f")
            case dt.date():
                return value.isoformat()
            case tuple() | list():
                return [self._plain(one) for one in value]
            case dict():
                return {str(name): self._plain(one) for name, one in value.items()}
            case _:
                return str(value)


def _without_nothing(document: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if value is not None and value not in ([], {})}
