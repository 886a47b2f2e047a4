"""Duties that no record ties to their acts: each event opens its own, and an act is told by its fields.

Such a duty stands open until an act that certainly meets its condition, however long that takes; with no limit there is
no miss, and what is not known of an act changes nothing. An act meets every open duty whose condition it meets, or the
oldest of them, which is the one that was opened first; an act that others wanted too is left to the engine once the
engine has forgotten the duty that got it. Open duties are found by a field of their trigger that each of
the conditions demands, if there is one.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import attrs

from dutyrules.compiler.certainty import Certainty
from dutyrules.compiler.early import Early
from dutyrules.compiler.layouts import Piece
from dutyrules.compiler.outcomes import vague
from dutyrules.compiler.state import field_slot, named, wanted
from dutyrules.compiler.views import NotStreamable, View
from dutyrules.policies import syntax as s
from dutyrules.runtime.evaluation import equalities

if TYPE_CHECKING:
    from dutyrules.compiler.consequences import Consequences
    from dutyrules.compiler.expressions import Translator
    from dutyrules.compiler.obligations import Duty
    from dutyrules.compiler.sections import Part
    from dutyrules.compiler.state import State
    from dutyrules.policies.model import EventType, Pack, Rule
    from dutyrules.policies.syntax import Pattern


class Untied:
    """Writes duties of their own events into sections."""

    def __init__(self, state: State, say: Translator, made: Consequences, duties: dict[str, Duty]) -> None:
        self._state = state
        self._say = say
        self._made = made
        self._duties = duties
        self._certainty = Certainty(state, say)
        self._early = Early(state, self._certainty)

    def open(self, part: Part, rule: Rule, view: View) -> None:
        """Write that a duty opens."""
        duty, out = self._duties[rule.id], part.rules
        part.opened[rule.id] = part.view
        for name in duty.fields:
            if name in part.view.event.fields:
                part.view.fields(name)
        key = told_by(rule)
        place = "0" if key is None else self._say.bare(key, part.view).text
        self._state.reached(table(rule), [] if key is None else [place])
        if rule.from_ is None:
            self._opened(part, rule, view, place)
            return
        duty.kept["start"] = None
        with out.under(f"if {self._early.met(part, rule, key, place)}:"):
            made = attrs.evolve(view, causes=(*view.causes, "early"))
            self._made.write(part, rule, made, "obligation", "fulfilled", [Piece("since", "iso(start)"), *vague(rule)])
        with out.under("else:"):
            self._opened(part, rule, view, place)

    def _opened(self, part: Part, rule: Rule, view: View, place: str) -> None:
        """Write that a duty stands open from now on."""
        out, class_name = part.rules, self._duties[rule.id].class_name
        values = f"1, c, {view.clock}, {view.person}, None, t, {part.view.person}, {part.view.root}"
        out(f"o = {class_name}({values}{'' if rule.from_ is None else ', start'}@{rule.id}@)")
        out(f"{table(rule)}.setdefault({place}, []).append(o)")
        since = view.clock if rule.from_ is None else "iso(start)"
        self._made.write(part, rule, view, "obligation", "open", [Piece("since", since), *vague(rule)])

    def on_acts(self, part: Part, rule: Rule, mine: list[tuple[Pattern, bool]]) -> None:
        """Write that an event fulfils open duties, or waives them (`mine`: the patterns that it fits, and which)."""
        key = told_by(rule)
        places = {self._place(part, key, pattern) for pattern, _waives in mine}
        if len(places) > 1:
            raise NotStreamable("an act tells its duty by several fields")
        for place in places:
            self._meet(part, rule, mine, place)
            if rule.from_ is not None:
                self._early.note(part, rule, [pattern for pattern, waives in mine if not waives], key, place)

    def _place(self, part: Part, key: str | None, pattern: Pattern) -> str:
        """Return the code by which an act finds duties under its own field."""
        if key is None:
            return "0"
        return self._say.bare(demanded(pattern)[key], part.view).text

    def _meet(self, part: Part, rule: Rule, mine: list[tuple[Pattern, bool]], place: str) -> None:
        out, duty = part.rules, self._duties[rule.id]
        this = self._this(duty)
        self._state.reached(table(rule), [] if place == "0" else [place])
        tests = []
        for pattern, waives in mine:
            where = pattern.where
            tests.append(("True" if where is None else self._certainty.holds(where.tree, part.view, this), waives))
        if any(re.search(r"\bo\.", place) for place in part.section.lookups):
            raise NotStreamable("its act looks up a record of its trigger")
        with out.under(f"if (mine := {table(rule)}.get({place})) is not None:"):
            if rule.one_act == "oldest":
                out("given = False")
            with out.under("for o in mine:"):
                for position, (test, waives) in enumerate(tests):
                    with out.under(f"{'elif' if position else 'if'} {test}:"):
                        self._end(part, rule, this, waives=waives)
            out(f"left({table(rule)}, {place}, mine)")

    def _end(self, part: Part, rule: Rule, this: View, *, waives: bool) -> None:
        """Write that an act ends a duty; one that goes to the oldest, and would end others too, is noted."""
        out, place = part.rules, part.rules.depth
        if rule.one_act == "oldest" and not waives:
            with out.under("if given:"):
                out(f"{wanted(rule)}.note(t)")
            out("else:")
            out.depth += 1
            out("given = True")
        out("o.state = 0")
        fields = [Piece("since", "o.since" if rule.from_ is None else "iso(o.start)"), *vague(rule)]
        own = attrs.evolve(this, clock=part.view.clock, person="o.person", causes=("o.cause", "c"))
        self._made.write(part, rule, own, "obligation", "waived" if waives else "fulfilled", fields)
        out.depth = place

    def _this(self, duty: Duty) -> View:
        """Return how the trigger of a duty looks later on."""

        def read(name: str) -> str:
            duty.fields[name] = None
            return f"o.{field_slot(name)}"

        return View(
            trigger(self._state.pack, duty.rule),
            read,
            time="o.at",
            clock="x",
            person="o.whose",
            matter_id="event:{o.name}",
            causes=("o.cause",),
            root="o.cause",
            current=False,
            began="o.since",
        )


def table(rule: Rule) -> str:
    """Return the name of the table of a rule's open duties."""
    return named("open", rule.id)


def trigger(pack: Pack, rule: Rule) -> EventType:
    """Return the type of what sets a rule off; of several types one with the fields of all."""
    types = [pack.events[name] for pattern in rule.when for name in pattern.names]
    first = types[0]
    fields = dict(first.fields)
    for other in types[1:]:
        if (other.person or "person") != (first.person or "person"):
            raise NotStreamable("the events that set it off name their person in different fields")
        for name in {*fields, *other.fields}:
            pair = [one.fields.get(name) for one in (attrs.evolve(first, fields=fields), other)]
            known = next(one for one in pair if one is not None)
            if any(one is not None and one.type is not known.type for one in pair):
                raise NotStreamable("the events that set it off have fields of one name and different types")
            if any(one is None or not one.has_default for one in pair):
                known = attrs.evolve(known, has_default=False, default=None)
            fields[name] = known
    return attrs.evolve(first, fields=fields)


def demanded(pattern: Pattern) -> dict[str, str]:
    """Return the fields of the trigger that an act must repeat, each with the act's field that does."""
    found = equalities(None if pattern.where is None else pattern.where.tree)
    return {tree.name: name for name, tree in found if isinstance(tree, s.Field) and tree.record is None}


def told_by(rule: Rule) -> str | None:
    """Return the field of the trigger by which every act tells its duty, None if there is none."""
    every = [demanded(pattern) for pattern in (*rule.until, *rule.waived_by)]
    return next((name for name in every[0] if all(name in one for one in every) and name != "time"), None)
