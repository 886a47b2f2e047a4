"""Findings: events by which a person says that a rule was broken which no other event decides."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Final, cast

import attrs

from dutyrules.policies.diagnostics import did_you_mean, quoted
from dutyrules.policies.model import Kind
from dutyrules.policies.syntax import Literal

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
    """Says which rule a finding's code means, or why it means none."""

    def __init__(self, pack: Pack) -> None:
        self._pack = pack
        self._observed = {rule.id: rule for rule in pack.rules.values() if _is_observed(rule)}

    def rule(self, code: str) -> Rule | None:
        """Return the rule that a finding with this code breaks."""
        return self._observed.get(code.removeprefix(self._pack.prefix))

    def fault(self, code: str) -> tuple[str, str] | None:
        """Return why a finding reaches nothing: its code names no rule that can be found broken.

        What the pack itself compares with is taken for a code that it reads.
        """
        name = code.removeprefix(self._pack.prefix)
        if name in self._observed or {code, name} & self._texts:
            return None
        known = self._pack.rules.get(name)
        if known is None:
            near = did_you_mean(name, self._observed)
            return "DR626", f"there is no rule {quoted(code)}" + (f"; {near}" if near else "")
        if known.kind in NEVER_OBSERVED:
            return "DR626", f"{quoted(name)} is of the kind `{known.kind.value}`, which nobody can break"
        return "DR626", f"{quoted(name)} is decided by events, not by findings"

    @cached_property
    def _texts(self) -> frozenset[str]:
        """All texts in the conditions of the pack; looked for only when a finding names no observed rule."""
        pack = self._pack
        return frozenset(_literals((pack.rules, pack.records, pack.counts, pack.values, pack.ladders)))


def _is_observed(rule: Rule) -> bool:
    unprompted = not rule.when and rule.whenever is None and rule.every is None and rule.gap is None
    return (unprompted or rule.observed or rule.promptly is not None) and rule.kind not in NEVER_OBSERVED


def _literals(value: object) -> Iterator[str]:
    if isinstance(value, Literal):
        if isinstance(value.value, str):
            yield value.value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from _literals(each)
    elif isinstance(value, tuple | list):
        for each in value:
            yield from _literals(each)
    elif attrs.has(type(value)):
        for field in attrs.fields(cast("type[attrs.AttrsInstance]", type(value))):
            yield from _literals(getattr(value, field.name))
