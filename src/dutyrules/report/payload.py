"""The data of a page: tables of what recurs, and rows that point into them; `static/data.js` reads it."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import msgspec

from dutyrules.outcomes import short_id
from dutyrules.report.totals import LOST
from dutyrules.report.wording import LANGUAGES, Wording, own_words

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from dutyrules.outcomes import Outcome
    from dutyrules.report.rows import Fact, Report, Row

NOTHING: Final = -1
_EPOCH: Final = dt.datetime(1970, 1, 1)  # noqa: DTZ001 - what a clock on the wall shows has no zone
_UNSAFE: Final = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}


def to_json(report: Report, language: str) -> str:
    """Return the data as JSON that can stand in a page: nothing in it can end the element or be read as markup."""
    text = msgspec.json.encode(_Payload(report).document(language)).decode()
    for character, escaped in _UNSAFE.items():
        text = text.replace(character, escaped)
    return text


@lru_cache(maxsize=65_536)
def wall(instant: str) -> int:
    """Return the seconds from 1970 to an instant as a clock on the wall shows both."""
    return int((dt.datetime.fromisoformat(instant).replace(tzinfo=None) - _EPOCH).total_seconds())


class _Table:
    """Values that recur, each once; `made` turns a value into what is written."""

    def __init__(self, made: Callable[[Any], Any]) -> None:
        self._made = made
        self._places: dict[Hashable, int] = {}
        self.values: list[Any] = []

    def __call__(self, value: Hashable) -> int:
        """Return where a value stands."""
        if value not in self._places:
            self._places[value] = len(self.values)
            self.values.append(self._made(value))
        return self._places[value]


class _Payload:
    def __init__(self, report: Report) -> None:
        self.report = report
        self.words = [Wording(report.pack, language) for language in LANGUAGES]
        self.terms = _Table(lambda name: [name, *(one.term(name) for one in self.words)])
        self.people = _Table(lambda name: [name, *(one.person(name) for one in self.words)])
        self.rules = _Table(self._rule)
        self.labels = _Table(list)
        self.matters = _Table(str)
        self.lacks = _Table(lambda text: [one.lack(text) for one in self.words])
        self.types = _Table(lambda name: [name, *(one.event(name) for one in self.words)])
        self.fields = _Table(lambda name: [name, *(one.field(name) for one in self.words)])
        self.ledgers = _Table(self._ledger)
        self.events = {name: number for number, name in enumerate(report.facts)}
        self.places = {row.outcome.id: number for number, row in enumerate(report.rows)}
        self.scale = max((_decimals(row) for row in report.rows), default=0)

    def document(self, language: str) -> dict[str, Any]:
        report = self.report
        rows = [self._row(row) for row in report.rows]
        events = [self._event(fact) for fact in report.facts.values()]
        ladders = [self._ladder(name) for name in report.climbs]
        return {
            "language": language,
            "words": {key: [said[one] for one in LANGUAGES] for key, said in own_words()["page"].items()},
            "heads": {key: [said[one] for one in LANGUAGES] for key, said in own_words()["columns"].items()},
            "asOf": wall(report.as_of) if report.as_of else None,
            "first": report.first,
            "last": report.last,
            "money": [one.money(0).replace("0", "{}") for one in self.words],
            "scale": self.scale,
            "days": {
                day.isoformat(): [kind.working, kind.name_en or kind.name, kind.name]
                for day, kind in report.days.items()
            },
            "reasons": {key: [said[one] for one in LANGUAGES] for key, said in own_words()["terms"].items()},
            "ladders": ladders,
            "notUsed": [[one.what, one.code, one.reason] for one in report.not_used],
            "rows": rows,
            "events": events,
            "terms": self.terms.values,
            "people": self.people.values,
            "rules": self.rules.values,
            "labels": self.labels.values,
            "matters": self.matters.values,
            "lacks": self.lacks.values,
            "types": self.types.values,
            "fields": self.fields.values,
            "ledgers": self.ledgers.values,
        }

    # --- parts --------------------------------------------------------------------------------------------------------

    def _row(self, row: Row) -> list[Any]:
        """Return an outcome; `static/data.js` names the places."""
        one = row.outcome
        since, due = row.text("since"), row.text("due")
        return [
            one.id,
            short_id(one.id),
            self.terms(one.kind),
            self.terms(one.status),
            NOTHING if one.person is None else self.people(one.person),
            self.rules((one.rule, None)),
            self.rules((one.rule, getattr(one, "tier", None))),
            self.labels(tuple(words.label(one) for words in self.words)),
            self.matters(one.matter),
            wall(one.time),
            wall(since) if since else None,
            wall(due) if due else None,
            int(getattr(one, "late", False)),
            None if row.amount is None else str(int(row.amount.scaleb(self.scale))),
            [self._cause(name) for name in one.because],
            [[self.terms(change.status), wall(change.time)] for change in row.history],
            NOTHING if row.deadline is None else self.places[row.deadline],
            self._more(one),
        ]

    def _cause(self, name: str) -> int | str:
        """Return a row as its place, an event as its place below nought, and what is neither by its name."""
        if name in self.places:
            return self.places[name]
        return -1 - self.events[name] if name in self.events else name

    def _more(self, one: Outcome) -> dict[str, Any]:
        ledger, by, nature = (getattr(one, name, None) for name in ("ledger", "by", "nature"))
        found = {
            "lost": getattr(one, "sanction", None) == LOST,
            "asks": [self.people(name) for name in getattr(one, "asks", ())],
            "lacks": [self.lacks(text) for text in getattr(one, "lacks", ())],
            "by": [self.people(by)] if by else [],
            "nature": [self.terms(nature)] if nature else [],
            "bounds": [words.bounds(one) for words in self.words] if has_bounds(one) else [],
            "ledger": [self.ledgers(msgspec.json.encode(ledger))] if ledger else [],
        }
        return {name: value for name, value in found.items() if value}

    def _rule(self, named: tuple[str, str | None]) -> list[str]:
        """Return a rule or the tier of it: id, clause, what it says in each language, its kind, its place."""
        name, tier = named
        rule = self.report.pack.rules.get(name)
        says = [one.says(name, tier) for one in self.words]
        if rule is None:
            return [tier or name, "", *says, ""]
        place = f"{rule.place.file.replace(chr(92), '/').rsplit('/', 1)[-1]}:{rule.place.line}"
        return [tier or name, rule.clause, *says, place]

    def _ledger(self, text: bytes) -> dict[str, Any]:
        """Return the account of a deadline, its duration in both languages."""
        ledger: dict[str, Any] = msgspec.json.decode(text)
        return ledger | {"duration": [one.duration(str(ledger.get("duration", ""))) for one in self.words]}

    def _event(self, fact: Fact) -> list[Any]:
        event = fact.event
        kind = self.report.pack.events[event.type]
        defaults = {name: spec.default for name, spec in kind.fields.items() if spec.has_default}
        usual = {name for name, value in defaults.items() if event.data.get(name) == value}
        person = kind.person or "person"
        whose = event.data.get(person)
        return [
            event.id,
            self.types(event.type),
            self.people(whose) if isinstance(whose, str) else NOTHING,
            wall(event.time_text) if event.time_text else None,
            fact.place,
            [[self.fields(name), shown(value)] for name, value in event.data.items() if name not in {person, *usual}],
        ]

    def _ladder(self, name: str) -> dict[str, Any]:
        steps = self.report.pack.ladders[name].steps
        return {
            "name": [one.field(name) for one in self.words],
            "steps": [[one.step(step) for one in self.words] for step in steps],
            "climbs": [
                [self.people(one.person), steps.index(one.step), [self.places[outcome] for outcome in one.outcomes]]
                for one in self.report.climbs[name]
            ],
        }


def has_bounds(one: Outcome) -> bool:
    """Tell whether a person decides within bounds."""
    return getattr(one, "low", None) is not None or getattr(one, "high", None) is not None


def shown(value: object) -> str:
    """Return a field's value as text."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple | list):
        return ", ".join(map(str, value)) or "-"
    return str(value)


def _decimals(row: Row) -> int:
    exponent = 0 if row.amount is None else row.amount.as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0
