"""How a later fact is told to be about what a rule was set off by: the fields in which both must agree."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from dutyrules.compiler.fulfilments import watched
from dutyrules.compiler.state import field_slot
from dutyrules.compiler.views import MatterView, NotStreamable
from dutyrules.policies import syntax as s
from dutyrules.policies.once import once_a_pack
from dutyrules.policies.syntax import FactKind
from dutyrules.runtime.evaluation import equalities

if TYPE_CHECKING:
    from dutyrules.compiler.expressions import Translator
    from dutyrules.compiler.kept import Kept
    from dutyrules.compiler.sections import Part
    from dutyrules.compiler.state import State
    from dutyrules.compiler.views import View
    from dutyrules.policies.model import EventType, Pack, Rule
    from dutyrules.policies.syntax import Pattern


def later(rule: Rule) -> tuple[Pattern, ...]:
    """Return the patterns of facts that end what a rule has opened."""
    return (*rule.until, *rule.waived_by, *rule.excused_by)


def is_untied(pack: Pack, rule: Rule) -> bool:
    """Tell whether the duties of a rule are looked for among all of them, and not under the key of their record."""
    if rule.about is None or rule.excused_by:
        return True
    if rule.id in _watched(pack):  # what reacts looks for the duty under its record
        return False
    names = [name for pattern in later(rule) if pattern.kind is FactKind.EVENT for name in pattern.names]
    return any(not _carries(pack.events[name], pack.records[rule.about].key) for name in names)


@once_a_pack
def _watched(pack: Pack) -> set[str]:
    """Return the rules whose fulfilment sets others off."""
    return watched(pack.rules.values())


def _carries(event: EventType, key: tuple[str, ...]) -> bool:
    return all(name in event.fields and (name != "person" or (event.person or name) == name) for name in key)


def ties(pack: Pack, rule: Rule, pattern: Pattern) -> dict[str, str]:
    """Return what a later fact has to repeat: parts of the key of a rule's record, or else fields of its trigger.

    Each with the field of the fact that repeats it.
    """
    key = () if rule.about is None else pack.records[rule.about].key
    found = {name: name for name in key if all(name in pack.events[one].fields for one in pattern.names)}
    for name, tree in equalities(pattern.condition):
        if not isinstance(tree, s.Field) or "time" in (tree.name, name):
            continue
        if rule.about is None:
            tells = tree.record is None
        else:
            tells = tree.scope is s.Scope.MATTER and tree.record in (None, rule.about) and tree.name in key
        if tells:
            found.setdefault(tree.name, name)
    return found


def told_by(pack: Pack, rule: Rule, patterns: tuple[Pattern, ...]) -> list[str]:
    """Return all by which each of some facts tells what it is about."""
    every = [ties(pack, rule, pattern) for pattern in patterns]
    return [name for name in every[0] if all(name in one for one in every)]


def own(say: Translator, name: str, view: View, person: str) -> str:
    """Return the code of what later facts have to repeat, where a rule is set off by somebody's event.

    A part of a record's key is the same in the event by which the record was found.
    """
    return say.bare(name, attrs.evolve(view, matter=None, person=person, whose=None)).text


def carried(state: State, say: Translator, part: Part, rule: Rule, by: dict[str, str]) -> list[str]:
    """Return what tests the parts of a record's key that a fact carries, but for those that told it already (`by`)."""
    if rule.about is None:
        return []
    event, record = part.view.event, state.use(rule.about)
    if (event.person or "person") != "person" and "person" in record.record.key and "person" in event.fields:
        raise NotStreamable("its act names its person in another field than the record")
    tests = []
    for name in record.record.key:
        if name in event.fields and by.get(name) != name:
            code = say.bare(name, part.view)
            part.rules.sure(code.maybe, rule.id)
            record.fields[name] = None
            tests.append(f"{code.text} == o.record.{field_slot(name)}")
    return tests


def trigger(pack: Pack, rule: Rule) -> EventType:
    """Return the type of what sets a rule off; of several types one with the fields of all."""
    return joined([pack.events[name] for pattern in rule.when for name in pattern.names])


def joined(types: list[EventType]) -> EventType:
    """Return a type with the fields of all of some types."""
    first = types[0]
    fields = dict(first.fields)
    for other in types[1:]:
        if (other.person or "person") != (first.person or "person"):
            raise NotStreamable("the events that it looks at name their person in different fields")
        for name in {*fields, *other.fields}:
            pair = [one.fields.get(name) for one in (attrs.evolve(first, fields=fields), other)]
            known = next(one for one in pair if one is not None)
            if any(one is not None and one.type is not known.type for one in pair):
                raise NotStreamable("the events that it looks at have fields of one name and different types")
            if any(one is None or not one.has_default for one in pair):
                known = attrs.evolve(known, has_default=False, default=None)
            fields[name] = known
    return attrs.evolve(first, fields=fields)


def this_view(
    state: State, kept: Kept, variable: str = "o", *, event: EventType | None = None, found: str | None = None
) -> View:
    """Return how what set a rule off looks later, as a variable holds it; `found` holds its record, if it has one."""
    view = kept.view(state.pack, event or trigger(state.pack, kept.rule), variable)
    if kept.rule.about is None:
        return view
    matter = MatterView(state.use(kept.rule.about).record, found or kept.record_of(variable))
    return attrs.evolve(view, matter=matter, matter_id=matter.body)
