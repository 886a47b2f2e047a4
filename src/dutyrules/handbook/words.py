"""Words of one pack in one language: names of fields, records, offices and events, figures, lists."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from dutyrules.calendars.durations import Duration
from dutyrules.handbook.text import capital, clean, code, figure, rule_link, term
from dutyrules.policies.diagnostics import Diagnostics, render_text
from dutyrules.policies.shapes import plain as plain_data
from dutyrules.policies.yaml_source import read_yaml

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from dutyrules.policies.model import Pack, Parameter

LANGUAGES: Final = ("en", "zh")


@cache
def lexicon() -> Mapping[str, Any]:
    """Read the words that names have."""
    return _read("lexicon.yaml")


@cache
def phrases() -> Mapping[str, Mapping[str, str]]:
    """Read what a handbook says, by phrase and language."""
    return _read("phrases.yaml")


def _read(file: str) -> Mapping[str, Any]:
    text, diagnostics = files(__package__).joinpath(file).read_text("utf-8"), Diagnostics()
    [root] = read_yaml(text, file, diagnostics)
    if diagnostics.items:
        raise ValueError(render_text(diagnostics.items, {file: text}))
    found: Mapping[str, Any] = plain_data(root)
    return found


class Words:
    """Says things of a pack in a language."""

    def __init__(self, pack: Pack, language: str) -> None:
        self.pack = pack
        self.language = language
        self._phrases = {name: said[language] for name, said in phrases().items()}
        self._names: Mapping[str, str] = lexicon()[language]
        said = Counter(self._event_says(name) for name in pack.events)
        self._ambiguous = {name for name in pack.events if said[self._event_says(name)] > 1}
        tiers = (tier.id for rule in pack.rules.values() for tier in rule.tiers)
        self._numbered = {name for name in (*pack.rules, *tiers) if any(map(str.isdigit, name))}

    def __call__(self, phrase: str, **parts: object) -> str:
        """Return a phrase with its parts filled in."""
        return self._phrases[phrase].format(**parts)

    def has(self, phrase: str) -> bool:
        """Tell whether there is such a phrase."""
        return phrase in self._phrases

    # --- lists and sentences ------------------------------------------------------------------------------------------

    def said(self, text: str) -> str:
        """Return a word that a pack writes, such as `in principle`, in the language where it is known."""
        return self._names.get(text, clean(text))

    def all_of(self, texts: Iterable[str]) -> str:
        """Join with commas and `and`."""
        return self._joined(list(texts), "and")

    def any_of(self, texts: Iterable[str]) -> str:
        """Join with commas and `or`."""
        return self._joined(list(texts), "or")

    def _joined(self, texts: list[str], word: str) -> str:
        if len(texts) < 2:  # noqa: PLR2004 - one needs no joining
            return "".join(texts)
        return self("list_ends", head=self("list_mark").join(texts[:-1]), word=self(word), last=texts[-1])

    def sentence(self, text: str) -> str:
        """Return a text as a sentence."""
        text = text.strip()
        return f"{capital(text)}{self('stop')}" if text else ""

    def sentences(self, texts: Iterable[str]) -> str:
        """Return texts as sentences one after the other."""
        return self("space").join(self.sentence(text) for text in texts if text)

    # --- names --------------------------------------------------------------------------------------------------------

    def name(self, name: str, kind: str = "") -> str:
        """Return readable words for a name; one that has none stands as it is, in code style."""
        known = self._names.get(f"{name}/{kind}") or self._names.get(name)
        if known is not None:
            return known
        flag = self.flag(name, holds=True)
        if kind == "bool" and flag is not None:
            return self("whether", condition=flag)
        if self.language == "en":
            return name.replace("_", " ") if name.isascii() else code(name)
        made = self._composed(name)
        return code(name) if made is None else self("with_code", words=made, name=code(name))

    def _composed(self, name: str) -> str | None:
        """Return the words of a name that ends with one of the `heads`; None where they cannot be put together."""
        *parts, head = name.split("_")
        last = lexicon()["heads"].get(head)
        found: list[str] = []
        while parts and last is not None:
            for end in range(len(parts), 0, -1):
                words = self._names.get("_".join(parts[:end])) or lexicon()["parts"].get("_".join(parts[:end]))
                if words is not None:
                    found.append(words)
                    parts = parts[end:]
                    break
            else:
                return None
        return f"{''.join(found)}{last}" if found else None

    def flag(self, name: str, *, holds: bool) -> str | None:
        """Return how a true-or-false field reads; None where there is no wording of its own."""
        known = lexicon()["flags"].get(name)
        return None if known is None else str(known[self.language][0 if holds else 1])

    def thing(self, name: str, kind: str = "") -> str:
        """Return words for a thing that a consequence names, with the name that the pack has for it."""
        words = self.office(name) if name in self.pack.roles else self.name(name, kind)
        known = code(name) in words or words == name.replace("_", " ")
        return words if known else self("with_code", words=words, name=code(name))

    def declared(self, name: str) -> str:
        """Return a count, formula, record or parameter: its words and, as a link, its name."""
        words = self.name(name)
        if code(name) in words:
            return words.replace(code(name), term(name))
        return self("with_code", words=words, name=term(name)) if words != name else term(name)

    def count(self, name: str) -> str:
        """Return a count in short: its own words, or else what it counts and where, and its name."""
        known = self._names.get(name)
        count = self.pack.counts[name]
        window = self(f"short_{count.window.value}")
        if known is not None:
            return self("with_code", words=known, name=term(name))
        if count.streak_of is not None:
            noun = self("short_streak", record=self.record(count.streak_of))
        elif count.spread is not None:
            noun = self("short_days")
        elif count.distinct is not None:
            noun = self("short_distinct", field=self.name(count.distinct))
        elif len(count.of) == 1 and count.of[0].kind == "record":
            noun = self("short_records", record=self.record(count.of[0].names[0]))
        elif len(count.of) == 1 and count.of[0].kind == "event":
            noun = self("short_events", event=self.event(count.of[0].names[0], quoted=True))
        else:
            noun = self(f"short_{count.of[0].kind.value}" if count.of[0].kind != "event" else "short_times")
        return self("with_code", words=f"{window}{noun}", name=term(name))

    def holds_person(self, record: str, field: str) -> bool:
        """Tell whether a record's field holds a person, as the events say that open it."""
        known = self.pack.records.get(record)
        names = [name for pattern in (known.opens if known else ()) for name in pattern.names]
        specs = [self.pack.events[name].fields.get(field) for name in names if name in self.pack.events]
        return any(spec is not None and spec.type == "person" for spec in specs)

    def record(self, name: str) -> str:
        """Return the words of a record's kind."""
        return self.name(name).replace(code(name), term(name))

    def office(self, name: str) -> str:
        """Return an office's name."""
        words = clean(self.in_language(self.pack.roles.get(name, {})) or self.name(name))
        return words.removeprefix("the ") if self.language == "en" else words

    def in_language(self, words: Mapping[str, str]) -> str:
        """Return what is said in the language, or else in another one."""
        return clean(words.get(self.language) or next((words[one] for one in LANGUAGES if words.get(one)), ""))

    def rules(self, names: Iterable[str], *, said: int = 2) -> str:
        """Name rules as links; up to `said` of them with what they say."""
        listed = list(names)
        return self.any_of(self._rule(name, with_says=len(listed) <= said) for name in listed)

    def _rule(self, name: str, *, with_says: bool) -> str:
        rule = self.pack.rules.get(name)
        says = "" if rule is None or not with_says else self.in_language(rule.says).rstrip(".。")
        return self("rule_says", rule=rule_link(name), says=says) if says else rule_link(name)

    # --- events -------------------------------------------------------------------------------------------------------

    def event(self, name: str, *, quoted: bool = False) -> str:
        """Return an event type by what the vocabulary says; two that say the same are told apart by their names."""
        says = self._event_says(name)
        if not says:
            return code(name)
        words = self("event_quoted" if quoted else "event_says", says=says)
        return self("with_code", words=words, name=code(name)) if name in self._ambiguous else words

    def _event_says(self, name: str) -> str:
        event = self.pack.events.get(name)
        says = "" if event is None else clean(event.says.get(self.language, "")).rstrip(".。")
        return says[:1].lower() + says[1:] if self.language == "en" else says

    # --- figures ------------------------------------------------------------------------------------------------------

    def money(self, amount: object) -> str:
        """Return a sum with its currency."""
        key = f"currency_{self.pack.currency}"
        return figure(self(key if self.has(key) else "currency", amount=number(amount), code=self.pack.currency))

    def duration(self, duration: Duration) -> str:
        """Return a duration with its unit."""
        unit = f"unit_{duration.unit.value}"
        return figure(self(unit if duration.amount != 1 else f"{unit}_1", n=duration.amount))

    def day(self, day: dt.date) -> str:
        """Return a date."""
        return figure(day.isoformat())

    def value(self, value: object, kind: str = "") -> str:
        """Return a literal value: a number, a text that names something, a date, yes or no."""
        match value:
            case bool():
                return self("yes" if value else "no")
            case int() | Decimal():
                return self.money(value) if kind == "money" else figure(number(value))
            case dt.date():
                return self.day(value)
            case None:
                return self("nothing")
            case tuple() | list():
                return self.all_of([self.value(one) for one in value]) if value else self("empty_list")
            case str():
                return self._text(value)
            case Duration():
                return self.duration(value)
            case _:
                return figure(value)

    def _text(self, value: str) -> str:
        if value in self._numbered:
            return rule_link(value)
        if value in self.pack.roles:
            return self("quoted", text=self.office(value))
        words = self.name(value)
        return words if words == code(value) else self("quoted", text=words)

    def parameter(self, name: str, *, kind: str = "") -> str:
        """Return a parameter's values in place, and its name."""
        known = self.pack.parameters.get(name)
        return term(name) if known is None else self("valued", value=self.values_of(known, kind), name=term(name))

    def values_of(self, parameter: Parameter, kind: str = "") -> str:
        """Return the values of a parameter, dated ones with their dates."""
        kind = kind or parameter.type
        values = parameter.dated.values
        if not values:
            return self("not_set")
        if len(values) == 1 and values[0][0] == dt.date.min:
            return self.value(values[0][1], kind)
        return self.all_of([self("since", value=self.value(one, kind), day=self.day(since)) for since, one in values])


def number(value: object) -> str:
    """Return a number without needless zeros."""
    if isinstance(value, Decimal):
        return format(value, "f")
    return str(value)
