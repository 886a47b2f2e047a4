"""Duties that are looked for among all of a rule: no key of a record ties them to their acts, or they can be excused.

Each opens with its event, and an act is told by its fields. It stands open until an act that certainly meets its
condition. Without a limit there is no miss, and what is not known of an act changes nothing; with one, an act that may
have been in time is left to the engine. An act meets every open duty whose condition it meets, or the oldest of them,
which is the one that was opened first; an act that others wanted too is left to the engine once the engine has
forgotten the duty that got it. Open duties are found by a field that each of the conditions demands, if there is one.

An excuse waives a duty that it came after, and takes back what has come of a miss; it changes nothing about a duty that
was done in time or waived. A duty that was missed is kept for late acts and excuses as long as the engine knows it.
"""

from __future__ import annotations

import re
from contextlib import nullcontext
from typing import TYPE_CHECKING, Final

import attrs

from dutyrules.compiler.certainty import Certainty
from dutyrules.compiler.early import act_type, act_view, acts_table, is_such, reach, remember
from dutyrules.compiler.families import Family
from dutyrules.compiler.kept import Kept
from dutyrules.compiler.layouts import Piece
from dutyrules.compiler.obligations import timed
from dutyrules.compiler.outcomes import vague
from dutyrules.compiler.retaining import remembers
from dutyrules.compiler.state import names_of, wanted
from dutyrules.compiler.ties import carried, is_untied, later, own, this_view, ties, told_by
from dutyrules.compiler.views import Code, NotStreamable, named

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dutyrules.compiler.consequences import Consequences
    from dutyrules.compiler.doubts import Doubts
    from dutyrules.compiler.expressions import Translator
    from dutyrules.compiler.obligations import Obligations
    from dutyrules.compiler.outcomes import Outcomes
    from dutyrules.compiler.sections import Part
    from dutyrules.compiler.state import State
    from dutyrules.compiler.views import View
    from dutyrules.policies.model import Pack, Rule
    from dutyrules.policies.syntax import Pattern

DONE: Final = "done"
WAIVED: Final = "waived"
EXCUSED: Final = "excused"
UNCLOCKED: Final = 5
"""The state of a duty whose clock has no start: it stands open for good."""
ENDLESS: Final = "1 << 62"


class Untied(Family):
    """Writes duties of their own events into sections."""

    def __init__(
        self,
        state: State,
        say: Translator,
        made: Consequences,
        owed: Obligations,
        doubts: Doubts,
        outcomes: Outcomes,
    ) -> None:
        self.acts: dict[str, Kept] = {}
        self._state = state
        self._say = say
        self._made = made
        self._owed = owed
        self._doubts = doubts
        self._outcomes = outcomes
        self._duties = owed.duties
        self._certainty = Certainty(state, say)

    def keeps(self) -> list[Kept]:
        """Return what is kept of acts that come early."""
        return [*self.acts.values()]

    def standing(self) -> list[Rule]:
        """Return the rules of such duties."""
        return [duty.rule for duty in self._duties.values() if is_untied(self._state.pack, duty.rule)]

    def imports(self) -> Iterator[str]:
        """Return the lines that import what such duties are looked for, remembered and taken back with."""
        if self.standing():
            yield "from dutyrules.compiler.forgetting import Early, Missed, Wanted"
            yield "from dutyrules.compiler.stream import HOLE, remember, take_back"

    def tables(self) -> Iterator[str]:
        """Return the tables of such duties, and of acts that come early."""
        for rule in self.standing():
            yield f"{table(rule)} = {{}}"
            if rule.one_act == "oldest":
                yield f"{wanted(rule)} = Wanted({remembers(self._state.pack, rule) or 0})"
        for act in self.acts.values():
            yield f"{acts_table(act.rule)} = {{}}"

    def open(self, part: Part, rule: Rule, view: View) -> None:
        """Write that a duty opens."""
        duty, out, depth = self._duties[rule.id], part.rules, part.rules.depth
        self._ask(part, rule, view)
        looks_back = rule.from_ is not None and timed(rule) and not self._owed.rests_on(rule)
        kept = self._owed.clock(part, rule, view, past="due < start" if looks_back else "due < t")
        if rule.excused_by:
            kept["undone"] = "[]"
        key = self._key(rule)
        place = "0" if key is None else own(self._say, key, view, part.view.person)
        if timed(rule):
            out.sure((place,) if key is not None else (), rule.id)
        if rule.from_ is not None:
            self._look_back(part, rule, view, place)
        out(f"o = {duty.made(part, view, {'name': part.view.root, **kept})}")
        self._state.reached(table(rule), [] if key is None else [place])
        if rule.from_ is None:
            self._stand(part, rule, view, place)
            out.depth = depth
            return
        with out.under("if early is not None:"):
            self._owed.met(part, rule, attrs.evolve(view, causes=(*view.causes, "early")))
        if looks_back:
            with out.under("elif due < t:"):
                out("o.state = 2")
                out(f"{table(rule)}.setdefault({place}, []).append(o)")
                out(f"{named('miss', rule.id)}(o, iso(due))")
        with out.under("else:"):
            self._stand(part, rule, view, place)
        out.depth = depth

    def _ask(self, part: Part, rule: Rule, view: View) -> None:
        """Write that a duty whose clock has no start stands open for good, and that a person is asked for it.

        What follows stands in the other branch, if there is one.
        """
        question = self._doubts.unclocked(part, rule, view)
        if question is None:
            return
        out, key, duty = part.rules, self._key(rule), self._duties[rule.id]
        place = "0" if key is None else own(self._say, key, view, part.view.person)
        test, ask = question
        with out.under(f"if {test}:"):
            self._made.write(part, rule, view, "obligation", "open", [Piece("since", view.clock), *vague(rule)])
            values = {"name": part.view.root, "start": ENDLESS, "due": ENDLESS, "undone": "[]"}
            out(f"o = {duty.made(part, view, {name: values.get(name, 'None') for name in duty.more})}")
            out(f"o.state = {UNCLOCKED}")
            out(f"{table(rule)}.setdefault({place}, []).append(o)")
            with self._outcomes.taken_back("o.undone") if rule.excused_by else nullcontext():
                ask()
        out.other((test.removesuffix(" is None"),))

    def _stand(self, part: Part, rule: Rule, view: View, place: str) -> None:
        """Write that a duty stands open from now on."""
        part.rules(f"{table(rule)}.setdefault({place}, []).append(o)")
        self._owed.opened(part, rule, view)

    def _look_back(self, part: Part, rule: Rule, view: View, place: str) -> None:
        """Write which act has come since the clock's start, before the duty was known: `early`.

        Acts that came when it was due already, and what may have been one, are left to the engine.
        """
        out, act = part.rules, self._act(rule)
        event = act_type(self._state.pack, rule)
        with out.under(f"if start < t - {reach(rule)}:"):
            out(f"raise Unsure({rule.id!r}, c)")
        acts = f"{acts_table(rule)}.get({place}, ())"
        self._state.reached(acts_table(rule), [] if place == "0" else [place])
        seen, this = act_view(self._state.pack, act, event), attrs.evolve(view, person=part.view.person, whose=None)
        ways, perhaps = [], []
        for one in rule.until:
            tree = one.condition
            ways.append(is_such(one, rule, *([] if tree is None else [self._certainty.holds(tree, seen, this)])))
            denied = "False" if tree is None else self._certainty.holds(tree, seen, this, wanted=False)
            perhaps.append(is_such(one, rule, f"not {denied}"))
        within = "start <= a.at <= due" if timed(rule) else "a.at >= start"
        acts_too = not {*names_of(rule.until)}.isdisjoint(names_of(rule.when))
        other = " and a.cause != c" if acts_too else ""  # what sets a duty off is no act of its own
        within += other
        out(f"early = next((a.cause for a in {acts} if {within} and ({' or '.join(ways)})), None)")
        if timed(rule):
            with out.under(
                f"if early is None and any(a.at >= start{other} and ({' or '.join(perhaps)}) for a in {acts}):"
            ):
                out(f"raise Unsure({rule.id!r}, c)")

    # --- acts --------------------------------------------------------------------------------------------------------

    def on_acts(self, part: Part, rule: Rule) -> None:
        """Write that an event fulfils open duties, waives them, or excuses them."""
        sides = ((DONE, rule.until), (WAIVED, rule.waived_by), (EXCUSED, rule.excused_by))
        name = part.view.event.name
        mine = [(one, kind) for kind, patterns in sides for one in patterns if name in one.names]
        key = self._key(rule)
        places = {self._place(part, rule, key, pattern) for pattern, _kind in mine}
        if len(places) > 1:
            raise NotStreamable("an act tells its duty by several fields")
        for place in places:
            self._meet(part, rule, mine, place)
            if rule.from_ is not None and any(kind == DONE for _pattern, kind in mine):
                self._act(rule)
                self._state.reached(acts_table(rule), [] if place == "0" else [place])
                remember(part, rule, self._act(rule), place)

    def _place(self, part: Part, rule: Rule, key: str | None, pattern: Pattern) -> str:
        """Return the code by which an act finds duties under its own field."""
        if key is None:
            return "0"
        code = self._say.bare(ties(self._state.pack, rule, pattern)[key], part.view)
        if timed(rule) or rule.about is not None:
            part.rules.sure(code.maybe, rule.id)
        return code.text

    def _meet(self, part: Part, rule: Rule, mine: list[tuple[Pattern, str]], place: str) -> None:
        out, duty = part.rules, self._duties[rule.id]
        this = this_view(self._state, duty)
        self._state.reached(table(rule), [] if place == "0" else [place])
        if any(re.search(r"\bo\.", look) for look in part.section.lookups):
            raise NotStreamable("its act looks up a record of its trigger")
        with out.each(table(rule), place, *(["given = False"] if rule.one_act == "oldest" else [])):
            tests = [(self._test(part, rule, pattern, kind, this), kind) for pattern, kind in mine]
            for position, (test, kind) in enumerate(tests):
                with out.under(f"{'elif' if position else 'if'} {test}:"):
                    self._end(part, rule, this, kind)

    def _test(self, part: Part, rule: Rule, pattern: Pattern, kind: str, this: View) -> str:
        """Return what tells whether a fact ends the duty in `o`; what cannot be told is left to the engine."""
        key, tied = self._key(rule), ties(self._state.pack, rule, pattern)
        tests = _stands(rule, kind)
        tests += carried(self._state, self._say, part, rule, {} if key is None else {key: tied[key]})
        if pattern.where is not None and rule.about is None:
            certain = self._certainty.holds(pattern.where.tree, part.view, this)
            tests.append(certain)
            if timed(rule) and kind == DONE:
                denied = self._certainty.holds(pattern.where.tree, part.view, this, wanted=False)
                with part.rules.under(f"if o.state == 1 and not {certain} and not {denied}:"):
                    part.rules(f"raise Unsure({rule.id!r}, c)")
        elif pattern.where is not None:  # what the trigger leaves out its record may say
            where = self._say.write(pattern.where.tree, part.view, this)
            part.rules.sure(where.maybe, rule.id)
            tests.append(where.text)
        return " and ".join(tests) or "True"

    def _end(self, part: Part, rule: Rule, this: View, kind: str) -> None:
        """Write that an act ends a duty; one that goes to the oldest, and would end others too, is noted."""
        out, place = part.rules, part.rules.depth
        if kind == EXCUSED and rule.from_ is not None:
            self._end_unclocked(part, rule, this)
        if rule.one_act == "oldest" and kind == DONE:
            with out.under("if given:"):
                out(f"{wanted(rule)}.note(t)")
            out("else:")
            out.depth += 1
            out("given = True")
        if timed(rule):  # what was missed the engine may have forgotten
            with out.under("if o.state == 4:"):
                out(f"raise Unsure({rule.id!r}, c)")
        if timed(rule) and kind == EXCUSED:
            self._undo(part, rule)
        if timed(rule):
            self._owed.done(part, rule, this, waives=kind != DONE)
        else:
            out("o.state = 0")
            fields = [*self._owed.kept(rule)]
            made = attrs.evolve(this, clock=part.view.clock, person="o.person", causes=("o.cause", "c"))
            self._made.write(part, rule, made, "obligation", "fulfilled" if kind == DONE else "waived", fields)
        out.depth = place

    def _end_unclocked(self, part: Part, rule: Rule, this: View) -> None:
        """Write that an excuse ends a duty whose clock has no start, and what is asked for it; others follow."""
        out = part.rules
        with out.under(f"if o.state == {UNCLOCKED}:"):
            out("o.state = 0")
            out("take_back(out, o.undone, x)")
            made = attrs.evolve(this, clock=part.view.clock, person="o.person", causes=("o.cause", "c"))
            self._made.write(part, rule, made, "obligation", "waived", [Piece("since", "o.since"), *vague(rule)])
        out("else:")
        out.depth += 1

    def _undo(self, part: Part, rule: Rule) -> None:
        """Write that what has come of a miss is taken back."""
        out = part.rules
        with out.under("if o.state != 1:"):
            with out.when(None if self._owed.rests_on(rule) else Code("o.due == t - 1")):  # one instant to the engine
                out(f"raise Unsure({rule.id!r}, c)")
            out("take_back(out, o.undone, x)")

    def _key(self, rule: Rule) -> str | None:
        return next(iter(told_by(self._state.pack, rule, later(rule))), None)

    def _act(self, rule: Rule) -> Kept:
        return self.acts.setdefault(rule.id, Kept(rule, "Duty_early"))


def _stands(rule: Rule, kind: str) -> list[str]:
    """Return what tells whether a duty is such that a fact of a kind can end it."""
    if kind == EXCUSED:
        return ["o.at < t"]
    if kind == WAIVED:
        return ["o.state == 1"] if timed(rule) else []
    tests = ["o.state != 3"] if timed(rule) and rule.excused_by else []
    return [*tests, *(["t >= o.start"] if rule.from_ is not None else [])]


def table(rule: Rule) -> str:
    """Return the name of the table of a rule's open duties."""
    return named("open", rule.id)


def refuse_untied(pack: Pack, rule: Rule) -> None:
    """Refuse a duty that no record ties to its acts where a single pass cannot tell which acts are its own."""
    if not (rule.until and rule.when and is_untied(pack, rule)):
        return
    if rule.kind.value != "obligation":
        raise NotStreamable("its act is not tied to a record")
    if rule.one_act == "oldest" and (timed(rule) or rule.excused_by or rule.about is not None):
        raise NotStreamable("an act goes to the oldest of several duties that have a limit or a record")
