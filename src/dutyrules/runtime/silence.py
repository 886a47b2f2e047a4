"""Silence: which event types a rule lets speak by their absence, and whether the log is declared to carry them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import attrs

from dutyrules.policies import syntax as s
from dutyrules.runtime.values import Unknown

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Mapping

    from dutyrules.policies.model import Pack, Rule

MORE_MAKES_TRUE: Final = frozenset({">", ">="})
MIRRORED: Final = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}


class Silence:
    """What a pack's log is declared to carry."""

    def __init__(self, pack: Pack, carries: Mapping[str, dt.date] | None) -> None:
        self._pack = pack
        self._carries = carries
        self._relied: dict[str, tuple[str, ...]] = {}

    def carried(self, event_type: str, day: dt.date | None) -> bool:
        """Tell whether the log is declared to carry an event type since a day."""
        if self._carries is None:
            return False
        since = self._carries.get(event_type, self._carries.get("*"))
        return since is not None and (day is None or since <= day)

    def lacks(self, types: Iterable[str], day: dt.date | None) -> Unknown | None:
        """Return what is lacking if silence of these types cannot speak, None if it can."""
        missing = [name for name in types if not self.carried(name, day)]
        return Unknown(tuple(f"a log that carries `{name}`" for name in missing)) if missing else None

    def relied_on(self, rule: Rule) -> tuple[str, ...]:
        """Return the types that a rule relies on: those it names, or at an end those of which more could acquit.

        Of a duty it is the miss alone that rests on silence, not that it came up.
        """
        found = self._relied.get(rule.id)
        if found is None:
            found = () if rule.until or rule.until_all else rule.relies_on
            if not found and rule.if_ is not None and any(one.kind is s.FactKind.END for one in rule.when):
                types: dict[str, None] = {}
                self._look(rule.if_.tree, types, wanted=True)
                found = tuple(types)
            self._relied[rule.id] = found
        return found

    def _look(self, part: Any, found: dict[str, None], *, wanted: bool) -> None:  # noqa: ANN401 - any tree
        """Find the counts of which more members would make the condition other than `wanted`."""
        match part:
            case s.CountRef(name=name):
                found |= dict.fromkeys(_event_types(self._pack.counts[name].of))
            case s.ValueRef(name=name):
                for variant in self._pack.values[name].variants.values():
                    self._look(variant.tree, found, wanted=wanted)
            case s.Not(operand):
                self._look(operand, found, wanted=not wanted)
            case s.Compare(operands=(left, right), operators=(operator,)) if operator in MIRRORED:
                for side, sense in ((left, operator), (right, MIRRORED[operator])):
                    if (sense in MORE_MAKES_TRUE) is not wanted:
                        self._look(side, found, wanted=wanted)
            case _:
                for one in _parts(part):
                    self._look(one, found, wanted=wanted)


def _parts(part: Any) -> Iterable[Any]:  # noqa: ANN401 - any tree
    if isinstance(part, tuple):
        return part
    if attrs.has(type(part)):
        return [getattr(part, field.name) for field in attrs.fields(type(part))]
    return ()


def _event_types(patterns: tuple[s.Pattern, ...]) -> list[str]:
    return [name for pattern in patterns if pattern.kind is s.FactKind.EVENT for name in pattern.names]
