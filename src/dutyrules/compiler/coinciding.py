"""What of an instant matters to what is missed then: which events, and which other misses, rest on the same.

A miss comes after all events of its instant, in a program; to the engine it has happened with them, and what has missed
several limits at once is ranked by name. Where one of them changes what another has looked at, the engine has to say.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from dutyrules.compiler.incoming import attribute
from dutyrules.compiler.locality import Use, is_simple
from dutyrules.compiler.ties import is_untied
from dutyrules.policies.model import FieldType

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from dutyrules.compiler.families import Waiting
    from dutyrules.compiler.locality import Marks
    from dutyrules.compiler.sections import Part
    from dutyrules.compiler.state import State

    Met = dict[tuple[int, tuple[str, ...]], None]
    Pair = tuple[tuple[str, ...], tuple[str, ...]]

TEXTS: Final = frozenset({FieldType.TEXT, FieldType.PERSON})
"""Types whose values events and records have alike."""
OF_MISSED: Final = re.compile(r"o(?:\.\w+)+")


class Coincidences:
    """Finds the marks that events and misses leave in their instant, and those that a miss must not meet there.

    `told`: what waits whose misses touch nothing but the tables in their text and their own record, which events of the
    instant have done with when a miss comes; any event may matter to the others.
    """

    def __init__(
        self, events: Iterable[Part], told: Sequence[Waiting], others: Sequence[Waiting], state: State
    ) -> None:
        self.traces: Marks = {}
        self.feels: Marks = {one.class_name: {} for one in told}
        self.beside: Marks = {one.class_name: {} for one in (*told, *others)}
        self._numbers: dict[tuple[str, tuple[str, ...]], int] = {}
        misses = [(one, Use(one.part, state)) for one in (*told, *others)]
        for part in events:
            use = Use(part, state)
            name = part.view.event.name
            for one, missed in misses[: len(told)]:
                for mine, theirs in _shared(use, missed):
                    self._mark(name, mine, self.feels[one.class_name], theirs)
        for first, before in misses:
            for second, after in misses:
                for mine, theirs in _shared(before, after):
                    self._mark(first.class_name, mine, self.beside[second.class_name], theirs)
        self.beside = {name: mine for name, mine in self.beside.items() if mine}

    def _mark(self, name: str, mine: tuple[str, ...], met: Met, key: tuple[str, ...]) -> None:
        number = self._numbers.setdefault((name, mine), len(self._numbers))
        self.traces.setdefault(name, {})[number, mine] = None
        met[number, key] = None


def is_told(waiting: Waiting, state: State) -> bool:
    """Tell whether all that a miss touches can be told: of one duty of a record that nothing undoes."""
    rule = waiting.rule
    if rule.about is None or not rule.until or not rule.when or rule.excused_by or is_untied(state.pack, rule):
        return False
    use = Use(waiting.part, state)
    return not use.deems and not re.search(r"\bopen_|\bneed_|\blisted\d|rounds|rulings", waiting.part.body)


def _shared(before: Use, after: Use) -> Iterator[Pair]:
    """Give by which keys two sections use the same tables, unless both only add to them or only look."""
    for table in sorted(before.uses & after.uses):
        changed = table in before.changes | after.changes or table.startswith(("open_", "need_"))
        looked = not table.startswith("count_") or table in {*before.part.section.looks, *after.part.section.looks}
        if changed and looked:
            for one in before.part.section.reaches.get(table, [[]]):
                for other in after.part.section.reaches.get(table, [[]]):
                    yield _both(before.part, one, after.part, other)


def _both(first: Part, one: list[str], second: Part, other: list[str]) -> Pair:
    """Return those places of two keys of a table that can be compared."""
    pairs = [(a, b) for a, b in zip(one, other, strict=False) if _is_known(first, a) and _is_known(second, b)]
    return tuple(a for a, _b in pairs), tuple(b for _a, b in pairs)


def _is_known(part: Part, text: str) -> bool:
    """Tell whether a part of a key can be had of the event at hand, or else of what has been missed."""
    return OF_MISSED.fullmatch(text) is not None if part.section.event is None else _is_text(part, text)


def _is_text(part: Part, text: str) -> bool:
    """Tell whether a part of a key is the person or a text that an event says."""
    if not text.startswith("d_"):
        return is_simple(text)
    return any(attribute(name) == text and spec.type in TEXTS for name, spec in part.view.event.fields.items())
