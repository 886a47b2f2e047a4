"""What a fulfilment sets off: rules that react to it, and facts that it counts as.

A duty that is fulfilled is noted under a name of its own, since an event may fulfil several; what reacts sees its
trigger and, as `act`, the event that fulfils it. What it counts as happens last in the function of that event: nothing
before may read what it changes.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import attrs

from dutyrules.compiler.state import field_slot
from dutyrules.compiler.views import NotStreamable, named
from dutyrules.policies.model import Kind
from dutyrules.policies.syntax import FactKind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dutyrules.compiler.consequences import Consequences
    from dutyrules.compiler.sections import Part
    from dutyrules.compiler.state import State
    from dutyrules.compiler.views import Code, View
    from dutyrules.policies.model import Rule


def flag(rule: Rule) -> str:
    """Return the variable that holds the duty which an event has fulfilled."""
    return named("done", rule.id)


def watches(rule: Rule) -> bool:
    """Tell whether a fulfilment sets a rule off."""
    return any(pattern.kind is FactKind.FULFILMENT for pattern in rule.when)


def watched(rules: Iterable[Rule]) -> set[str]:
    """Return the rules whose fulfilment sets others off."""
    return {
        name for rule in rules for pattern in rule.when if pattern.kind is FactKind.FULFILMENT for name in pattern.names
    }


def refuse_watching(rule: Rule, rules: Iterable[Rule]) -> None:
    """Refuse what a fulfilment sets off, where it is not the fulfilment of one duty about a record and nothing else."""
    if not watches(rule):
        return
    if len(rule.when) > 1 or len(rule.when[0].names) > 1:
        raise NotStreamable("several facts set it off, a fulfilment among them")
    if rule.when[0].first or rule.until:
        raise NotStreamable("a fulfilment sets it off")
    for one in rules:
        tied = one.about is not None and one.when and one.until and not one.excused_by
        if one.id in rule.when[0].names and not tied:
            raise NotStreamable("it reacts to the fulfilment of a duty that no record ties to its act")


class Fulfilments:
    """Notes which duties events fulfil, for the rules that react; `watched` are the rules of these duties."""

    def __init__(self, state: State, made: Consequences) -> None:
        self._state = state
        self._made = made
        self.watched: set[str] = set()

    def begin(self, part: Part, rule: Rule) -> None:
        """Write that an event has not fulfilled a duty so far."""
        if rule.id in self.watched:
            if part.flag is not None:
                raise NotStreamable("it reacts to a fulfilment by what counts as another")
            part.rules(f"{flag(rule)} = None")
            part.fulfilled[rule.id] = None

    def note(self, part: Part, rule: Rule) -> None:
        """Write that an event has fulfilled a duty, which `o` holds."""
        if rule.id in self.watched:
            part.rules(f"{flag(rule)} = o")

    def tell(self, part: Part, duty_view: View, key: dict[str, Code]) -> None:
        """Note by which key an event finds the record of a duty that it may fulfil."""
        assert duty_view.matter is not None  # noqa: S101 - such duties are about a record
        for name, code in key.items():
            part.section.aliases[f"{duty_view.matter.variable}.{field_slot(name)}"] = code.text

    def view(self, part: Part, rule: Rule, duty_view: View) -> View:
        """Return how a fulfilment looks; `duty_view` is how its trigger does."""
        assert duty_view.matter is not None  # noqa: S101 - such duties are about a record
        matter, variable = duty_view.matter, flag(rule)
        made = attrs.evolve(duty_view, time="t", clock="x", person=f"{variable}.person", whose=None)
        extra = {"person": made.person}
        for name in matter.record.key:
            self._state.use(matter.record.name).fields[name] = None
            extra.setdefault(name, f"{matter.variable}.{field_slot(name)}")
        cause = self._made.cause(rule, "obligation", made)
        return attrs.evolve(made, causes=(cause,), extra=tuple(extra.items()), outcome_of=rule.id, act=part.view)


def refuse_lookups(part: Part, late: Iterable[Part] = ()) -> None:
    """Refuse look-ups by what is told late in a function, or of what is changed there: look-ups come first."""
    told = "|".join(["done", *(str(one.flag) for one in late)])
    changed = {place.partition(".get(")[0] for place, name in part.section.lookups.items() if name in part.section.late}
    for place, name in part.section.lookups.items():
        if name in part.section.written:
            continue
        if re.search(rf"\bo\.|\b(?:{told})_", place) or place.partition(".get(")[0] in changed:
            raise NotStreamable("what is told late in an event looks up a record")


def refuse_early(before: str, tables: Iterable[str]) -> None:
    """Refuse what a fulfilment counts as, where what came before in the function has used what it changes."""
    if any(re.search(rf"\b{re.escape(table)}\b", before) for table in tables):
        raise NotStreamable("what a fulfilment counts as changes what others read")


def refuse_breaking(rules: Iterable[Rule], names: set[str]) -> None:
    """Refuse rules that something is found to break which a fulfilment counts as: others may have read breaches."""
    for rule in rules:
        mine = any(one.kind is FactKind.EVENT and not names.isdisjoint(one.names) for one in rule.when)
        if mine and rule.kind in (Kind.OBLIGATION, Kind.PROHIBITION) and not rule.until:
            raise NotStreamable("what a fulfilment counts as breaks a rule")
