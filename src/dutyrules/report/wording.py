"""Words of a report in one language: what an outcome is called, who somebody is, what a rule says."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from dutyrules.calendars import CalendarError, parse_duration
from dutyrules.handbook.text import clean, plain
from dutyrules.handbook.words import Words
from dutyrules.policies.diagnostics import Diagnostics, render_text
from dutyrules.policies.shapes import plain as plain_data
from dutyrules.policies.yaml_source import read_yaml

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

    from dutyrules.outcomes import Outcome
    from dutyrules.policies.model import Pack

LANGUAGES: Final = ("en", "zh")
_STEP: Final = "step"
_NAMED: Final = ("sanction", "grant", "question", "notice")
_SILENT: Final = frozenset(
    {("sanction", "imposed"), ("breach", "breached"), ("entitlement", "granted"), ("notice", "issued")}
)
_LACKING: Final = (
    (re.compile(r"^a log that carries (.+)"), r"登记 \1 的日志"),
    (re.compile(r"^a record (.+)"), r"台账 \1"),
    (re.compile(r"^(`.+?`) of (`.+?`)"), r"\2 的 \1"),
)


@cache
def own_words() -> Mapping[str, Mapping[str, Mapping[str, str]]]:
    """Read the words that reports have of their own: `terms`, `columns` and `page`."""
    text, diagnostics = files(__package__).joinpath("words.yaml").read_text("utf-8"), Diagnostics()
    [root] = read_yaml(text, "words.yaml", diagnostics)
    if diagnostics.items:
        raise ValueError(render_text(diagnostics.items, {"words.yaml": text}))
    found: Mapping[str, Any] = plain_data(root)
    return found


class Wording:
    """Says in a language what the outcomes of a pack are."""

    def __init__(self, pack: Pack, language: str) -> None:
        if language not in LANGUAGES:
            raise ValueError(f"there is no report in `{language}`: write one of {', '.join(LANGUAGES)}")
        self.pack = pack
        self.language = language
        self._words = Words(pack, language)
        self._terms = {name: said[language] for name, said in own_words()["terms"].items()}
        self._columns = {name: said[language] for name, said in own_words()["columns"].items()}

    # --- names --------------------------------------------------------------------------------------------------------

    def term(self, word: str) -> str:
        """Return one of the engine's own words, or a name of the pack, in the language."""
        return self._terms.get(word) or plain(self._words.name(word))

    def column(self, name: str) -> str:
        """Return the head of a column."""
        return self._columns[name]

    def step(self, name: str) -> str:
        """Return the name of a step of a ladder."""
        return plain(self._words.name(name, _STEP))

    def field(self, name: str, kind: str = "") -> str:
        """Return the words of an event's field."""
        return plain(self._words.name(name, kind))

    def person(self, name: str | None) -> str:
        """Return somebody's name, or of an office its name in the language."""
        if name is None:
            return ""
        return plain(self._words.office(name)) if name in self.pack.roles else name

    def event(self, name: str) -> str:
        """Return what an event of a type is."""
        return plain(self._words.event(name))

    def title(self) -> str:
        """Return the title of the pack."""
        return self._words.in_language(self.pack.title) or self.pack.name

    def says(self, rule: str, tier: str | None = None) -> str:
        """Return what a rule, or the tier of it, says; the other language's words where it has none in this one."""
        tiers = self.pack.rules[rule].tiers if rule in self.pack.rules else ()
        part = next((one for one in tiers if one.id == tier), None)
        words = self._words.in_language(self.pack.words_of(rule))
        return (self._words.in_language(part.says) if part is not None else "") or words

    # --- outcomes -----------------------------------------------------------------------------------------------------

    def label(self, outcome: Outcome) -> str:
        """Return an outcome in a few words, without its times: what it is, what it costs or brings, how it stands."""
        what = next((name for part in _NAMED if (name := getattr(outcome, part, None))), outcome.kind)
        parts = [self.term(what), self._what_of_it(outcome)]
        said = " ".join(part for part in parts if part)
        status = "" if (outcome.kind, outcome.status) in _SILENT else self.status(outcome)
        comma = ", " if self.language == "en" else "，"
        return f"{said}{comma}{status}" if status else said

    def status(self, outcome: Outcome) -> str:
        """Return how an outcome stands."""
        status = self.term(outcome.status)
        if not getattr(outcome, "late", False):
            return status
        return f"{status} {self.term('late')}" if self.language == "en" else f"{self.term('late')}{status}"

    def _what_of_it(self, outcome: Outcome) -> str:
        amount, what, step = (getattr(outcome, name, None) for name in ("amount", "what", "step"))
        parts = [self.money(amount)] if amount is not None else [self.bounds(outcome)]
        parts += [self.step(step)] if step else []
        parts += [self.term(what)] if what and what != step else []
        return " ".join(part for part in parts if part)

    def bounds(self, outcome: Outcome) -> str:
        """Return the bounds within which a person decides; nothing where there are none."""
        low, high = getattr(outcome, "low", None), getattr(outcome, "high", None)
        if low is None and high is None:
            return ""
        text = "–".join("" if one is None else f"{one:f}" for one in (low, high))
        return text + self.money(0).removeprefix("0")

    def money(self, amount: Decimal | int) -> str:
        """Return a sum with its currency."""
        return plain(self._words.money(amount))

    def duration(self, text: str) -> str:
        """Return a duration that is written as packs write it."""
        try:
            return plain(self._words.duration(parse_duration(text)))
        except CalendarError:
            return text

    def lack(self, text: str) -> str:
        """Return what an undecidable outcome lacks."""
        text = clean(text)
        if self.language == "en":
            return text if " " in text else plain(self._words.name(text))
        for pattern, chinese in _LACKING:
            text = pattern.sub(chinese, text)
        return text if " " in text else plain(self._words.name(text))
