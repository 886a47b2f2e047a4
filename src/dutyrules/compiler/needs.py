"""What a rule needs: facts that have been there by the instant of what sets it off, and permissions that hold then."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import attrs

from dutyrules.compiler.certainty import Certainty
from dutyrules.compiler.families import Family
from dutyrules.compiler.layouts import Piece
from dutyrules.compiler.state import Sought, place_of
from dutyrules.compiler.views import Code, NotStreamable, joined, named
from dutyrules.policies import syntax as s
from dutyrules.policies.horizons import horizons
from dutyrules.policies.syntax import FactKind
from dutyrules.policies.walk import conjunction, conjuncts
from dutyrules.runtime.evaluation import equalities
from dutyrules.runtime.matching import reads_itself_only

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from dutyrules.compiler.expressions import Translator
    from dutyrules.compiler.sections import Part
    from dutyrules.compiler.state import State
    from dutyrules.compiler.views import View
    from dutyrules.policies.model import Need, Pack, Rule
    from dutyrules.policies.syntax import Pattern

    Way = Callable[[Rule, View], Code | None]


class Needs(Family):
    """Writes what rules need; `way` gives when a permission covers a case."""

    def __init__(self, state: State, say: Translator, way: Way) -> None:
        self._state = state
        self._say = say
        self._way = way
        self._certainty = Certainty(state, say)

    def imports(self) -> Iterator[str]:
        """Return the line that imports what looks back, for periods too."""
        if self._state.sought or self._state.indexed:
            yield "from dutyrules.compiler.earlier import Earlier, lacked"

    def tables(self) -> Iterator[str]:
        """Return what holds the facts that are needed."""
        for name, sought in self._state.sought.items():
            yield f"{name} = Earlier({remembered(self._state.pack, sought.event)})"

    def met(self, rule: Rule, view: View) -> list[Code]:
        """Return what has to hold: all that is needed is there."""
        return [code for _name, code in self._each(rule, view)]

    def lacking(self, part: Part, rule: Rule, view: View) -> list[Piece]:
        """Write what was lacking of several needs, and return the field of a breach that names it."""
        each = self._each(rule, view)
        if not each:
            return []
        names = [json.dumps(name, ensure_ascii=False) for name, _code in each]
        if len(each) == 1:
            return [Piece("lacking", f"[{names[0]}]", constant=True, quoted=False)]
        pairs = ", ".join(f"({code.text}, {name!r})" for name, (_id, code) in zip(names, each, strict=True))
        part.rules(f"lacking = lacked({pairs})")
        return [Piece("lacking", "lacking", quoted=False)]

    def _each(self, rule: Rule, view: View) -> list[tuple[str, Code]]:
        """Return when each need is met, by its name; of several ways to meet one need any will do."""
        if rule.in_order:
            raise NotStreamable("it needs several facts in an order")
        found = [(_name(need), self._one(rule, need, view)) for need in rule.needs]
        if rule.needs_any:
            ways = [self._one(rule, need, view) for need in rule.needs_any]
            text = "(" + " or ".join(way.text for way in ways) + ")"
            found.append((" or ".join(map(_name, rule.needs_any)), Code(text, joined(ways))))
        return found

    def _one(self, rule: Rule, need: Need, view: View) -> Code:
        there = self._is_there(rule, need, view)
        if need.if_ is None:
            return there
        asked = self._say.write(need.if_.tree, view)
        return Code(f"(not {asked.text} or {there.text})", joined([asked, there]))

    def _is_there(self, rule: Rule, need: Need, view: View) -> Code:
        if need.permission is not None:
            return self._way(self._state.pack.rules[need.permission], view) or Code("False")
        if need.fact is None:
            return Code("True")
        if need.fact.kind is not FactKind.EVENT:
            raise NotStreamable(f"it needs a {need.fact.kind.value}")
        found = [self._looked_for(rule, need, name, view) for name in need.fact.names]
        if len(found) == 1:
            return found[0]
        return Code("(" + " or ".join(one.text for one in found) + ")", joined(found))

    def _looked_for(self, rule: Rule, need: Need, event: str, view: View) -> Code:
        """Return whether a fact of one type has been there that agrees with what is at hand."""
        assert need.fact is not None  # noqa: S101 - the caller has looked
        table = named("need", f"{rule.id}-{_name(need)}-{event}")
        matter = None if view.matter is None else view.matter.record
        fields = self._state.pack.events[event].fields
        own = () if matter is None else tuple(name for name in matter.key if name in fields)
        shared = _shared(need.fact)
        sought = Sought(need.fact, event, own, tuple(name for name, _tree in shared))
        if self._state.sought.setdefault(table, sought) != sought:
            raise NotStreamable("it needs the same of different records")
        parts = [self._of_matter(name, view) for name in own]
        parts += [self._of_trigger(tree, view) for _name, tree in shared]
        self._state.reached(table, [part.text for part in parts])
        text = f"{table}.get({place_of(parts)}, {view.time})"
        return Code(text, (*joined(parts), text))

    def _of_matter(self, name: str, view: View) -> Code:
        """Return a part of the key of the matter, as the event at hand has it if it carries that."""
        assert view.matter is not None  # noqa: S101 - the caller has looked
        if view.current and view.outcome_of is None and name in view.event.fields:
            return self._say.bare(name, attrs.evolve(view, matter=None))
        return self._state.record_field(view.matter.record, name, view.matter.variable)

    def _of_trigger(self, tree: s.Expression, view: View) -> Code:
        """Return what a fact must repeat; what a record says counts as of that fact, so that it must not change."""
        assert isinstance(tree, s.Field)  # noqa: S101 - nothing else is looked up by
        if tree.scope is s.Scope.MATTER:
            record = tree.record or (view.matter.record.name if view.matter is not None else "")
            if record in self._state.pack.records and tree.name not in self._state.pack.records[record].key:
                self._state.use(record).limits.add(tree.name)
        return self._say.write(tree, view)

    # --- facts ------------------------------------------------------------------------------------------------------

    def note(self, part: Part) -> None:
        """Write that a fact is one of those that rules need."""
        with part.under_flag(part.rules):
            for table, sought in list(self._state.sought.items()):
                if sought.event == part.view.event.name:
                    self._note(part, table, sought)

    def _note(self, part: Part, table: str, sought: Sought) -> None:
        out = part.rules
        parts = [self._say.bare(name, part.view) for name in (*sought.own, *sought.shared)]
        self._state.reached(table, [one.text for one in parts])
        maybe = joined(parts)
        key = place_of(parts)
        if maybe:
            key = f"(None if {' or '.join(f'{one} is None' for one in maybe)} else {key})"
        tree = conjunction(_rest(sought.pattern))
        if tree is None:
            out(f"{table}.note({key}, t)")
            return
        holds, fails = (self._certainty.holds(tree, part.view, part.view, wanted=wanted) for wanted in (True, False))
        with out.under(f"if {holds}:"):
            out(f"{table}.note({key}, t)")
        with out.under(f"elif not {fails}:"):
            out(f"{table}.doubt({key})")


def remembered(pack: Pack, event: str) -> int | None:
    """Return for how many seconds the engine remembers a fact for certain, None for ever."""
    horizon = horizons(pack).events[event]
    return None if horizon.is_endless else horizon.seconds


def _shared(pattern: Pattern) -> list[tuple[str, s.Expression]]:
    """Return the fields of a fact that must repeat something of what sets the rule off, with what they repeat."""
    found = equalities(pattern.condition)
    return [(name, tree) for name, tree in found if isinstance(tree, s.Field)]


def _rest(pattern: Pattern) -> list[s.Expression]:
    """Return the parts of a condition that a fact meets by itself."""
    parts = conjuncts(pattern.condition)
    shared = _shared(pattern)
    found = [part for part in parts if not any(one in shared for one in equalities(part))]
    if not all(map(reads_itself_only, found)):
        raise NotStreamable("what it needs is judged by what sets it off")
    return found


def _name(need: Need) -> str:
    return need.id or need.permission or (need.fact.source if need.fact is not None else "")
