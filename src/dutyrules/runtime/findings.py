"""Findings: events by which a person says that a rule was broken which no other event decides."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Final

from dutyrules.policies.diagnostics import did_you_mean, quoted
from dutyrules.policies.model import Kind
from dutyrules.policies.readings import readings_of_count, readings_of_record, readings_of_rule
from dutyrules.policies.syntax import FactKind, Field, Literal, Pattern
from dutyrules.policies.walk import fields_of, walk
from dutyrules.runtime.triggers import set_off

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dutyrules.policies.model import Pack, Rule

NEVER_OBSERVED: Final = frozenset(
    {
        Kind.ADVICE,
        Kind.DEFINITION,
        Kind.SCHEDULE,
        Kind.CHOICE,
        Kind.VALUE,
        Kind.PERMISSION,
        Kind.APPROVAL,
        Kind.ELIGIBILITY,
    }
)


class Findings:
    """Says which rule a finding's code means, or why it means none.

    It keeps the parts of the pack that it reads and not the pack, which it may outlive in what is known of packs.
    """

    def __init__(self, pack: Pack) -> None:
        self._prefix = pack.prefix
        self._rules, self._counts, self._records = pack.rules, pack.counts, pack.records
        self._formulas = pack.values, pack.ladders
        self._observed = {rule.id: rule for rule in pack.rules.values() if _is_observed(rule)}

    def rule(self, code: str) -> Rule | None:
        """Return the rule that a finding with this code breaks."""
        return self._observed.get(code.removeprefix(self._prefix))

    def fault(self, code: str) -> tuple[str, str] | None:
        """Return why a finding reaches nothing: its code names no rule that can be found broken.

        What the pack itself compares with is taken for a code that it reads.
        """
        name = code.removeprefix(self._prefix)
        if name in self._observed or {code, name} & self._texts:
            return None
        known = self._rules.get(name)
        if known is None and self._reads_others:
            return None
        if known is None:
            near = did_you_mean(name, self._observed)
            return "DR626", f"there is no rule {quoted(code)}" + (f"; {near}" if near else "")
        if known.kind in NEVER_OBSERVED:
            return "DR626", f"{quoted(name)} is of the kind `{known.kind.value}`, which nobody can break"
        return "DR626", f"{quoted(name)} is decided by events, not by findings"

    @cached_property
    def _reads_others(self) -> bool:
        """Whether some rule, record or count of the pack reads findings by anything but their code."""
        readings = (
            *(reading for rule in self._rules.values() for reading in readings_of_rule(rule)),
            *(reading for count in self._counts.values() for reading in readings_of_count(count)),
            *(reading for record in self._records.values() for reading in readings_of_record(record)),
        )
        return any(
            isinstance(reading, Pattern)
            and reading.kind is FactKind.EVENT
            and "finding" in reading.names
            and (reading.where is None or not any(_is_code(part) for part in walk(reading.where.tree)))
            for reading in readings
        )

    @cached_property
    def _texts(self) -> frozenset[str]:
        """All texts in the conditions of the pack; looked for only when a finding names no observed rule."""
        return frozenset(_literals((self._rules, self._records, self._counts, self._formulas)))


def _is_code(part: object) -> bool:
    return isinstance(part, Field) and part.name == "code"


def _is_observed(rule: Rule) -> bool:
    if rule.kind in NEVER_OBSERVED:
        return False
    return rule.observed or rule.promptly is not None or not set_off(rule) or _has_no_limit(rule)


def _has_no_limit(rule: Rule) -> bool:
    """Tell whether nothing but a finding can say that a duty was not done."""
    timed = rule.by is not None or rule.within is not None or rule.every is not None or rule.gap is not None
    return rule.kind is Kind.OBLIGATION and not timed


def _literals(value: object) -> Iterator[str]:
    if isinstance(value, Literal):
        if isinstance(value.value, str):
            yield value.value
    elif isinstance(value, tuple | list):
        for each in value:
            yield from _literals(each)
    elif names := fields_of(type(value)):
        for name in names:
            yield from _literals(getattr(value, name))
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from _literals(each)
