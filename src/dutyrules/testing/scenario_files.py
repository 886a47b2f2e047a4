"""Scenario files: what is given, what happens and what is expected, read from YAML with positions.

The shape is in `docs/scenarios.md`. All faults of a file are found at once.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import attrs

from dutyrules.calendars.zones import parse_instant
from dutyrules.policies.diagnostics import Diagnostics, did_you_mean, quoted
from dutyrules.policies.yaml_reader import BadDocument, YamlReader
from dutyrules.policies.yaml_source import MapNode, Node, ScalarNode, SeqNode, read_bytes, read_yaml
from dutyrules.testing.repetition import Repeated, repeat

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from dutyrules.policies.model import Place

OUTCOMES: Final = (
    "met",
    "due",
    "breach",
    "sanction",
    "entitled",
    "permitted",
    "not_permitted",
    "refer_human",
    "not_triggered",
    "voided",
    "waived",
    "undecidable",
)
_SCENARIO_KEYS: Final = ("id", "title", "pack", "given", "facts", "events", "as_of", "expect", "exercises")
_GIVEN_KEYS: Final = ("parameters", "season", "staff", "events", "repeat", "carries", "roster")
_EXPECT_KEYS: Final = ("norm", "who", "outcome", "amount_cny", "due", "count", "steps", "note")
_LOOKS_LIKE: Final = re.compile(r"^(- id:\s*\S|scenarios:)", re.MULTILINE)


class BadScenarios(BadDocument):
    """A file of scenarios cannot be run."""


@attrs.frozen
class FlatEvent:
    """An event as scenarios write it: `at`, `type`, and its fields beside them; `id` only where one was given."""

    at: str
    type: str
    fields: Mapping[str, Any]
    place: Place
    id: str | None = None


@attrs.frozen
class Given:
    """What holds before the events.

    `carries` is `all`, `none`, a list of event types, or None for the usual choice; `roster` and `staff` are `implied`,
    `none`, or None for `implied` where the events say nothing. `notes` are background for the reader alone.
    """

    parameters: Mapping[str, object] = attrs.field(factory=dict)
    season: str | None = None
    staff: Mapping[str, Mapping[str, Any]] | str | None = None
    events: tuple[FlatEvent, ...] = ()
    carries: str | tuple[str, ...] | None = None
    roster: str | None = None
    notes: Mapping[str, object] = attrs.field(factory=dict)
    places: Mapping[str, Place] = attrs.field(factory=dict)


@attrs.frozen
class Expectation:
    """What must have come of one norm for somebody; `due`, in seconds since 1970, counts where `checks_due` says so."""

    norm: str
    who: tuple[str, ...]
    outcome: str
    place: Place
    amount: Decimal | None = None
    due: int | None = None
    checks_due: bool = False
    count: int | None = None
    steps: tuple[str, ...] | None = None
    note: str = ""


@attrs.frozen
class Scenario:
    """One worked example of a policy."""

    id: str
    title: str
    place: Place
    events: tuple[FlatEvent, ...]
    expect: tuple[Expectation, ...]
    given: Given = Given()
    pack: str | None = None
    as_of: int | None = None
    weekdays: Mapping[str, str] = attrs.field(factory=dict)
    sums: tuple[str, ...] = ()
    exercises: tuple[str, ...] = ()


def looks_like_scenarios(text: str) -> bool:
    """Tell whether a YAML text is meant to hold scenarios."""
    return _LOOKS_LIKE.search(text) is not None


def load_scenarios(path: Path) -> list[Scenario]:
    """Read a file of scenarios; a `BadScenarios` holds every fault."""
    found = Diagnostics()
    text = read_bytes(path.read_bytes(), str(path), found) or ""
    roots = read_yaml(text, str(path), found) if text else []
    reader = _Reader(found, "DR650")
    scenarios = [one for root in roots for one in reader.file(root)]
    if found.failed:
        raise BadScenarios(found.items, text)
    return scenarios


def plain(node: Node) -> Any:  # noqa: ANN401 - YAML may hold anything
    """Return a node as lists, mappings and scalars."""
    if isinstance(node, MapNode):
        return {key.text: plain(value) for key, value in node.entries}
    if isinstance(node, SeqNode):
        return tuple(plain(item) for item in node.items)
    return node.value


class _Reader(YamlReader):
    """Reads the parts of a file and notes what is wrong with them."""

    def file(self, root: Node) -> list[Scenario]:
        """Read a document of the file."""
        pack = None
        if isinstance(root, MapNode):
            parts = self.parts(root, ("pack", "scenarios"), ("scenarios",))
            pack = self._text(parts.get("pack"))
            root = parts.get("scenarios", root)
        scenarios = [self._scenario(item, pack) for item in self._items(root, "scenarios")]
        seen: set[str] = set()
        for one in scenarios:
            if one.id in seen:
                self.found.add("DR650", f"there are two scenarios {quoted(one.id)}", one.place)
            seen.add(one.id)
        return scenarios

    def _scenario(self, node: Node, pack: str | None) -> Scenario:
        parts = self.parts(node, _SCENARIO_KEYS, ("id", "expect"))
        facts = self.parts(parts["facts"], ("weekday", "calc")) if "facts" in parts else {}
        return Scenario(
            id=self._text(parts.get("id")) or "",
            title=self._text(parts.get("title")) or "",
            place=node.place,
            events=self._events(parts.get("events")),
            expect=tuple(self._expectation(item) for item in self._items(parts.get("expect"), "expect")),
            given=self._given(parts["given"]) if "given" in parts else Given(),
            pack=self._text(parts.get("pack")) or pack,
            as_of=self._instant(parts.get("as_of")),
            weekdays={key.text: self._text(value) or "" for key, value in self._entries(facts.get("weekday"))},
            sums=tuple(self._text(item) or "" for item in self._items(facts.get("calc"), "calc")),
            exercises=tuple(self._text(item) or "" for item in self._items(parts.get("exercises"), "exercises")),
        )

    def _given(self, node: Node) -> Given:
        if not isinstance(node, MapNode):
            self.fault("`given` holds what is so before the events", node)
            return Given()
        parts = {key.text: value for key, value in node.entries}
        others = {key.text: plain(value) for key, value in node.entries if key.text not in _GIVEN_KEYS}
        repeated = [event for item in self._items(parts.get("repeat"), "repeat") for event in self._repeat(item)]
        return Given(
            parameters={key.text: plain(value) for key, value in self._entries(parts.get("parameters"))},
            season=self._text(parts.get("season")),
            staff=self._staff(parts.get("staff")),
            events=(*self._events(parts.get("events")), *repeated),
            carries=self._words(parts.get("carries"), ("all", "none")),
            roster=self._word(parts.get("roster"), ("implied", "none")),
            notes=others,
            places={key.text: key.place for key, _ in node.entries},
        )

    def _staff(self, node: Node | None) -> Mapping[str, Mapping[str, Any]] | str | None:
        if not isinstance(node, MapNode):
            return self._word(node, ("implied", "none"))
        return {key.text: {name.text: plain(of) for name, of in self._entries(value)} for key, value in node.entries}

    def _repeat(self, node: Node) -> list[FlatEvent]:
        parts = self.parts(node, ("event", "events", "dates", "times", "for"))
        templates = [parts["event"]] if "event" in parts else list(self._items(parts.get("events"), "events"))
        if not templates:
            self.fault("`repeat` needs an `event` or `events`", node)
        rounds = {name: plain(value) for name, value in parts.items() if name in {"dates", "times", "for"}}
        try:
            made = repeat([plain(one) for one in templates], Repeated.read(rounds))
        except ValueError as error:
            self.fault(str(error), node)
            return []
        places = [one for one in templates for _ in range(1)]
        return [self._flat(event, places[index]) for index, event in made]

    def _events(self, node: Node | None) -> tuple[FlatEvent, ...]:
        return tuple(self._flat(plain(item), item) for item in self._items(node, "events"))

    def _flat(self, event: object, node: Node) -> FlatEvent:
        if not isinstance(event, dict):
            self.fault("an event has `at`, `type` and its fields beside them", node)
            return FlatEvent("", "", {}, node.place)
        for name in ("at", "type"):
            if not isinstance(event.get(name), str):
                self.fault(f"an event needs {quoted(name)}", node)
        at = str(event.get("at"))
        self._checked(at, node)
        fields = {name: value for name, value in event.items() if name not in {"at", "type", "id"}}
        identity = event.get("id")
        return FlatEvent(at, str(event.get("type")), fields, node.place, None if identity is None else str(identity))

    def _expectation(self, node: Node) -> Expectation:
        parts = self.parts(node, _EXPECT_KEYS, ("norm", "outcome"))
        outcome = self._word(parts.get("outcome"), OUTCOMES) or "met"
        amount, count = parts.get("amount_cny"), parts.get("count")
        who = self._text(parts.get("who")) or ""
        return Expectation(
            norm=self._text(parts.get("norm")) or "",
            who=tuple(name.strip() for name in who.split("+") if name.strip()),
            outcome=outcome,
            place=node.place,
            amount=None if amount is None else self._number(amount),
            due=None if self._is_none(parts.get("due")) else self._instant(parts.get("due")),
            checks_due="due" in parts,
            count=None if count is None else int(self._number(count)),
            steps=None if "steps" not in parts else self._listed(parts["steps"]),
            note=self._text(parts.get("note")) or "",
        )

    # --- small parts --------------------------------------------------------------------------------------------------

    def _entries(self, node: Node | None) -> tuple[tuple[ScalarNode, Node], ...]:
        if isinstance(node, MapNode):
            return node.entries
        if node is not None and not (isinstance(node, ScalarNode) and node.value is None):
            self.fault("a mapping stands here", node)
        return ()

    def _items(self, node: Node | None, name: str) -> tuple[Node, ...]:
        if node is None or (isinstance(node, ScalarNode) and node.value is None):
            return ()
        if isinstance(node, SeqNode):
            return node.items
        self.fault(f"{quoted(name)} is a list", node)
        return ()

    def _listed(self, node: Node) -> tuple[str, ...]:
        items = node.items if isinstance(node, SeqNode) else (node,)
        return tuple(text for each in items if (text := self._text(each)) is not None)

    def _text(self, node: Node | None) -> str | None:
        if node is None or isinstance(node, ScalarNode):
            return None if node is None or node.value is None else node.text
        self.fault(f"a text stands here, not {node.kind}", node)
        return None

    def _word(self, node: Node | None, words: tuple[str, ...]) -> str | None:
        text = self._text(node)
        if text is not None and node is not None and text not in words:
            hint = did_you_mean(text, words) or "one of " + ", ".join(map(quoted, words))
            self.fault(f"{quoted(text)} is not known here", node, hint)
            return None
        return text

    def _words(self, node: Node | None, words: tuple[str, ...]) -> str | tuple[str, ...] | None:
        if isinstance(node, SeqNode):
            return tuple(self._text(item) or "" for item in node.items)
        return self._word(node, words)

    def _number(self, node: Node) -> Decimal:
        value = node.value if isinstance(node, ScalarNode) else None
        if isinstance(value, int | Decimal) and not isinstance(value, bool):
            return Decimal(value)
        self.fault("a number stands here", node)
        return Decimal(0)

    def _is_none(self, node: Node | None) -> bool:
        return isinstance(node, ScalarNode) and node.value in {None, "none"}

    def _instant(self, node: Node | None) -> int | None:
        text = self._text(node)
        return self._checked(text, node) if text is not None and node is not None else None

    def _checked(self, text: str, node: Node) -> int | None:
        return self.tried(parse_instant, text, node)
