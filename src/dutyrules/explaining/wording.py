"""Puts values, guards and changes into words of one language."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from dutyrules.calendars.durations import Duration
from dutyrules.calendars.zones import Zone
from dutyrules.explaining.phrases import PHRASES
from dutyrules.explaining.sources import literal
from dutyrules.handbook.expressions import Expressions
from dutyrules.handbook.text import plain
from dutyrules.handbook.words import Words
from dutyrules.policies.syntax import Field
from dutyrules.runtime.values import Unknown, is_figure

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from dutyrules.explaining.evidence import Change, Term, Version
    from dutyrules.explaining.steps import Step
    from dutyrules.policies.model import Pack
    from dutyrules.policies.syntax import Expression

LANGUAGES: Final = ("en", "zh")
_INSTANT: Final = re.compile(r"(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}:\d{2})(?:Z|[+-]\d{2}:\d{2})")
_UNITS: Final = (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1))
_MOST_LISTED: Final = 6
_LONGEST_SOURCE: Final = 80
_LACKING: Final = (
    (re.compile(r"^a log that carries (.+)"), r"登记 \1 的日志"),
    (re.compile(r"^a record (.+)"), r"台账 \1"),
    (re.compile(r"^the person whom it concerns$"), "当事人"),
    (re.compile(r"^a day for (.+)"), r"\1 所属的日期"),
    (re.compile(r"^a value of parameter (.+)"), r"参数 \1 的值"),
    (re.compile(r"^whether (.+) is so$"), r"\1 是否属实"),
    (re.compile(r"^(`.+?`) of (`.+?`)"), r"\2 的 \1"),
)


class Wording:
    """Says things of a pack in a language, `en` or `zh`."""

    def __init__(self, pack: Pack, language: str) -> None:
        self.pack = pack
        self.language = language
        self._which = LANGUAGES.index(language)
        self._zone = Zone(pack.timezone)
        self._expressions = Expressions(Words(pack, language))

    def __call__(self, phrase: str, **parts: object) -> str:
        """Return a phrase with its parts filled in."""
        return PHRASES[phrase][self._which].format(**parts)

    # --- values ----------------------------------------------------------------------------------------------------

    def value(self, value: object, kind: str = "any") -> str:  # noqa: PLR0911 - one return for each type
        """Return a value as people write it; `kind` is its type, as a time is held in seconds."""
        match value:
            case Unknown():
                return self("unknown")
            case bool():
                return self("yes" if value else "no")
            case int() if kind == "time":
                return clock(self._zone.iso(value))
            case Decimal():
                return format(value, "f")
            case dt.date():
                return value.isoformat()
            case tuple() | list():
                return self.listed([self.value(one) for one in value])
            case Duration():
                return str(value)
            case None:
                return self("nothing")
            case str():
                return value
            case _:
                return literal(value)

    def span(self, seconds: int) -> str:
        """Return a length of time in days, hours, minutes and seconds."""
        found: list[str] = []
        rest = abs(seconds)
        for unit, size in _UNITS:
            number, rest = divmod(rest, size)
            if number:
                found.append(self("unit_one_second" if unit == "second" and number == 1 else f"unit_{unit}", n=number))
        return " ".join(found) or self("unit_second", n=0)

    def listed(self, texts: list[str]) -> str:
        """Return texts with commas between, the first few."""
        comma = ", " if self.language == "en" else "、"
        more = f" +{len(texts) - _MOST_LISTED}" if len(texts) > _MOST_LISTED else ""
        return comma.join(texts[:_MOST_LISTED]) + more or self("nothing")

    def condition(self, tree: Expression) -> str:
        """Return a condition in words."""
        return plain(self._expressions.holds(tree))

    # --- guards ----------------------------------------------------------------------------------------------------

    def guard(self, step: Step) -> str:
        """Return what a guard is called."""
        return self(f"guard_{step.guard}")

    def mark(self, holds: bool | None) -> str:  # noqa: FBT001 - the one thing that it turns into a word
        """Return yes, no or open."""
        return self("open_mark") if holds is None else self("yes" if holds else "no")

    def step(self, step: Step) -> str:
        """Return what is said about a guard."""
        parts = {name: self._part(name, value) for name, value in step.facts.items()}
        tree = None if step.term is None else step.term.tree
        if tree is not None and step.phrase == "condition":
            parts["words"] = self.condition(tree)
        parts.setdefault("words", str(step.facts.get("source", "")))
        if step.facts.get("source") and step.facts.get("fact"):
            parts["source"] = self._trigger(str(step.facts["fact"]), parts["source"])
        said = " ".join(self(step.phrase, **parts).split())
        if step.facts.get("lacks"):
            said = f"{said} ({self.lacks(map(str, step.facts['lacks']))})"
        return said

    def _trigger(self, fact: str, source: str) -> str:
        """Return what an event says of itself, where a trigger names nothing but the event."""
        event = self.pack.events.get(fact)
        said = "" if event is None else event.says.get(self.language, "")
        return said.rstrip(".。") if said and source.removeprefix("first ") == fact else source

    def _part(self, name: str, value: Any) -> str:  # noqa: ANN401 - whatever a step found
        if value is None:
            return self("for_good") if name == "until" else ("…" if name in ("since", "upto") else "")
        if name == "seconds":
            return self.span(int(value))
        if name == "kind":
            return self(f"kind_{value}")
        if name == "source" and len(str(value)) > _LONGEST_SOURCE:
            return f"{str(value)[:_LONGEST_SOURCE]}…"
        if name == "act":
            return self.word(str(value))
        if isinstance(value, list):
            return self.listed([clock(self._office(str(one))) for one in value])
        return clock(str(value))

    def _office(self, name: str) -> str:
        """Return an office by its name in the language, anything else as it is."""
        return self.pack.roles.get(name, {}).get(self.language, name)

    def word(self, word: str) -> str:
        """Return a word of outcomes in the language, as it is where there is none."""
        return self(f"word {word}") if f"word {word}" in PHRASES else word

    def lacks(self, reasons: Iterable[str]) -> str:
        """Return what is lacking, in the language where the wording is known."""
        texts = list(reasons)
        if self.language == "zh":
            for pattern, chinese in _LACKING:
                texts = [pattern.sub(chinese, text) for text in texts]
        return self("lacks", lacks=self.listed(texts))

    def version(self, version: Version) -> str | None:
        """Return which of several dated values applied; None where there is only one."""
        if version.versions < 2:  # noqa: PLR2004 - one value is no version
            return None
        parts = {"parameter": version.parameter, "since": version.since, "until": version.until}
        if version.since is None:
            return self("version_until", **parts)
        return self("version_since" if version.until is None else "version_span", **parts)

    def entry(self, entry: Mapping[str, Any]) -> str:
        """Return one stretch of a limit's account: counted or skipped, from when to when, why."""
        first, last = str(entry["from"]), str(entry["to"])
        span = clock(first) if first == last else self("from_to", first=clock(first), last=clock(last))
        name = entry.get("name_en" if self.language == "en" else "name") or ""
        reason = self(f"reason {entry['reason']}")
        return f"{self(str(entry['entry']))}  {span}  {reason}" + (f" {name}" if name else "")

    # --- changes ---------------------------------------------------------------------------------------------------

    def change(self, change: Change) -> str:
        """Return what would have made a guard hold."""
        by: str = self.value(change.by)
        if change.kind in ("later", "earlier") and is_figure(change.by):
            by = self.span(int(change.by))
        when = ""
        if change.before is not None:
            time = clock(self._zone.iso(change.before - 1 if change.kind == "wait" else change.before))
            when = time if change.kind == "wait" else self("by_when", time=time)
        value = self.value(change.value, change.type)
        shown = "" if change.value is None else self("to_value", value=value)
        what = f"`{change.what}`{self._meaning(change.tree)}"
        return self(f"change_{change.kind}", what=what, by=by, value=value, nth=value, when=when, to=shown)

    def _meaning(self, tree: Expression | None) -> str:
        """Return a field's words in brackets, for readers who do not know its name."""
        if self.language == "en" or not isinstance(tree, Field):
            return ""
        words = plain(self._expressions.field(tree))
        return "" if words.isascii() else f"（{words}）"

    def values(self, term: Term, operator_words: tuple[str, ...]) -> str:
        """Return a comparison with the values that were compared."""
        kind = next((part.type for part in term.parts if part.type in ("time", "date")), "any")
        shown = [self.value(part.value, part.type if part.type != "number" else kind) for part in term.parts]
        pieces = [shown[0]]
        for operator, value in zip(operator_words, shown[1:], strict=True):
            pieces += [operator.replace("not-in", "not in"), value]
        return " ".join(pieces)


def clock(text: str) -> str:
    """Return a text with its instants as people write them, without the offset."""
    return _INSTANT.sub(r"\1 \2", text)
