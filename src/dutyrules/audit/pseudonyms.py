"""Pseudonyms: every person replaced by a name that only a key leads to, the same wherever the person stands.

A pseudonym is a word and the beginning of an HMAC-SHA-256 of the person under the key: the same person has the same one
in every log and every report made with that key, and without the key nobody can try out names. Events are changed as
they leave the log, so whatever is made of them afterwards holds no name: outcomes, their ids, explanations, reports.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import attrs

from dutyrules.audit.names import NameFinder
from dutyrules.events import Event, Settled

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dutyrules.audit.person_fields import PackWords
    from dutyrules.policies.model import EventType

SHORTEST_KEY: Final = 32
DIGITS: Final = 10
FINGERPRINT: Final = 16
PERSON: Final = "person"
_PURPOSE: Final = b"dutyrules pseudonym of a person\x00"
_PRINT: Final = b"dutyrules fingerprint of a key\x00"
_FEWEST_BYTES: Final = 8
_WORD: Final = re.compile(r"[^\W\d_]{1,20}")
_QUOTED: Final = re.compile(r"`([^`]*)`")
_MOST_KEPT: Final = 50_000
_NO_IDS: Final = frozenset({"type", "subject", "time", "time_text", "data"})
_IDS: Final = tuple(
    field.name for field in attrs.fields(Event) if field.name not in _NO_IDS
)  # its own, others' it names
_PLAIN: Final = frozenset({"id", "type", "time", "subject", "data", "specversion", "true", "false"})


class WeakKey(ValueError):
    """A key is too short or too plain to keep names secret."""


class SamePseudonym(ValueError):
    """Two persons have the same pseudonym under this key; `persons` are both."""

    def __init__(self, persons: tuple[str, str], pseudonym: str) -> None:
        super().__init__(f"two persons would both be `{pseudonym}` under this key")
        self.persons = persons
        self.pseudonym = pseudonym


@attrs.frozen
class Key:
    """A secret and the word that pseudonyms made with it begin with."""

    secret: bytes = attrs.field(repr=False)
    word: str = PERSON

    def __attrs_post_init__(self) -> None:
        if len(self.secret) < SHORTEST_KEY:
            raise WeakKey(f"the key has {len(self.secret)} bytes, fewer than {SHORTEST_KEY}")
        if len(set(self.secret)) < _FEWEST_BYTES:
            raise WeakKey(f"the key repeats the same {len(set(self.secret))} bytes")
        if _WORD.fullmatch(self.word) is None:
            raise WeakKey(f"`{self.word}` is no word of up to 20 letters that pseudonyms can begin with")

    @property
    def fingerprint(self) -> str:
        """Return what tells this key from others and says nothing else of it."""
        named = _PRINT + self.word.encode()
        return hmac.new(self.secret, named, hashlib.sha256).hexdigest()[:FINGERPRINT]

    def pseudonym(self, person: str) -> str:
        """Return the pseudonym of a person."""
        digest = hmac.new(self.secret, _PURPOSE + person.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()
        return f"{self.word}-{digest[:DIGITS]}"


class Pseudonyms:
    """Replaces the persons of logs; `learn` has to have seen the events before names in their texts can be found."""

    def __init__(self, key: Key, words: PackWords) -> None:
        self._key = key
        self._words = words
        self._known: dict[str, str] = {}
        self._persons: dict[str, str] = {}
        self._texts: dict[str, str] = {}

    def learn(self, events: Iterable[Event], types: Mapping[str, EventType]) -> None:
        """Take note of every person that events name in a field that is made for persons; may raise `SamePseudonym`."""
        for event in events:
            for person in self._words.persons_of(event, types[event.type]):
                self.person(person)

    @property
    def known(self) -> Mapping[str, str]:
        """Return the pseudonym of each person seen so far: who is who, for those who may know."""
        return dict(self._known)

    def person(self, name: str) -> str:
        """Return what stands for a person: the pseudonym, or the name itself where it is an office of the pack."""
        found = self._known.get(name)
        if found is not None:
            return found
        if self._words.own(name) or name in self._persons:
            return name
        pseudonym = self._key.pseudonym(name)
        other = self._persons.setdefault(pseudonym, name)
        if other != name:
            raise SamePseudonym((other, name), pseudonym)
        self._known[name] = pseudonym
        self._texts.clear()
        self.__dict__.pop("_finder", None)
        return pseudonym

    def text(self, text: str) -> str:
        """Return a text with the known persons in it replaced; a word of the pack stays as it is."""
        found = self._texts.get(text)
        if found is None:
            found = text if self._words.own(text) else self._finder.replace(text)
            if len(self._texts) >= _MOST_KEPT:
                self._texts.clear()
            self._texts[text] = found
        return found

    def event(self, event: Event, types: Mapping[str, EventType]) -> Event:
        """Return an event with every person replaced, in fields made for persons and wherever a known name stands."""
        kind = types[event.type]
        subject = event.subject
        if subject is not None:
            is_person = self._words.has_person_as_subject(event, kind)
            subject = self.person(subject) if is_person else self.text(subject)
        data = {name: self._value(event, kind, name, value) for name, value in event.data.items()}
        ids: dict[str, Any] = {name: self.text(text) for name in _IDS if isinstance(text := getattr(event, name), str)}
        return attrs.evolve(event, subject=subject, data=data, **ids)

    def reason(self, text: str, types: Mapping[str, EventType]) -> str:
        """Return a message about a line that holds no event, without the words of that line that may be a name."""
        fields = {name for kind in types.values() for name in kind.fields}
        plain = _PLAIN | types.keys() | fields | self._words.words
        return _QUOTED.sub(lambda quoted: quoted[0] if quoted[1] in plain else "`…`", self.text(text))

    @cached_property
    def _finder(self) -> NameFinder:
        return NameFinder({rule: rule for rule in self._words.rules} | self._known)  # a rule's id is nobody's name

    def _value(self, event: Event, kind: EventType, field: str, value: object) -> object:
        if self._words.names_persons(event, kind, field):
            return self._all(value, by_field=True)
        return self._all(value, by_field=False) if self._words.may_hold_names(kind, field) else value

    def _all(self, value: object, *, by_field: bool) -> object:
        """Replace the texts of a value, however deep; keys of an object are names of fields."""
        if isinstance(value, str):
            return self.person(value) if by_field and value.strip() else self.text(value)
        if isinstance(value, Mapping):
            return Settled({name: self._all(each, by_field=by_field) for name, each in value.items()})
        if isinstance(value, tuple | list):
            return tuple(self._all(each, by_field=by_field) for each in value)
        return value
