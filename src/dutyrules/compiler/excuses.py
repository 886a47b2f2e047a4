"""What later facts excuse: outcomes are taken back, each as it was told, when such a fact comes.

An excuse comes after the instant of what set the rule off, belongs to the same record by those parts of its key that
it carries, and certainly meets its own condition; what is not known of it excuses nothing. What a rule has made is
kept, as the lines that take it back, for as long as the engine remembers it; an excuse that comes while the engine may
or may not still know it is left to the engine, and so is one of a breach on which other rules or counts rest.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import attrs

from dutyrules.compiler.certainty import Certainty
from dutyrules.compiler.families import Family
from dutyrules.compiler.kept import Kept
from dutyrules.compiler.state import names_twice, place_of
from dutyrules.compiler.ties import carried, own, this_view, ties, told_by, trigger
from dutyrules.compiler.untied import table
from dutyrules.compiler.views import Code, NotStreamable, joined
from dutyrules.policies import syntax as s
from dutyrules.policies.model import EventType, FieldSpec, FieldType, Kind
from dutyrules.policies.syntax import FactKind
from dutyrules.policies.walk import walk
from dutyrules.runtime.evaluation import equalities

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dutyrules.compiler.expressions import Translator
    from dutyrules.compiler.families import RestsOn
    from dutyrules.compiler.outcomes import Outcomes
    from dutyrules.compiler.sections import Part
    from dutyrules.compiler.state import State
    from dutyrules.compiler.views import View
    from dutyrules.policies.model import Rule
    from dutyrules.policies.syntax import Pattern

KINDS: Final = frozenset({Kind.OBLIGATION, Kind.PROHIBITION, Kind.SANCTION, Kind.ENTITLEMENT, Kind.REFERRAL})
UNDONE: Final = "undone"
"""The attribute that holds the lines which take back what was made."""
DAY: Final = "the day"
LASTING: Final = EventType("", {DAY: FieldSpec(DAY, FieldType.DATE)})
"""What sets off rules that last while a condition holds: no event, but there is a day."""


def takes_back(rule: Rule) -> bool:
    """Tell whether outcomes of a rule are taken back by an excuse; a duty with acts is waived by it instead."""
    return bool(rule.excused_by) and not (rule.kind is Kind.OBLIGATION and rule.until and rule.when)


def refuse_excuse(rule: Rule) -> None:
    """Refuse an excuse that a single pass cannot apply, by what is written in the rule."""
    if not rule.excused_by:
        return
    if any(pattern.kind is not FactKind.EVENT for pattern in rule.excused_by):
        raise NotStreamable("what is no event excuses it")
    if rule.kind not in KINDS or rule.counts_as is not None:
        raise NotStreamable("it counts as another, and can be excused later")
    if any(pattern.kind is not FactKind.EVENT for pattern in rule.when):
        raise NotStreamable("a breach sets it off, and it can be excused later")
    if rule.every is not None or rule.gap is not None:
        raise NotStreamable("it is looked at again and again, and can be excused")
    if rule.whenever is not None and any(map(_asks_when, rule.excused_by)):
        raise NotStreamable("its excuse asks when it began, and nothing sets it off")
    if names_twice((*rule.until, *rule.excused_by)):
        raise NotStreamable("one event may fulfil it and excuse it")


class Excuses(Family):
    """Writes what is kept of what a rule makes, and what takes it back."""

    def __init__(self, state: State, say: Translator, outcomes: Outcomes, rests_on: RestsOn) -> None:
        self.made: dict[str, Kept] = {}
        self._state = state
        self._say = say
        self._outcomes = outcomes
        self._rests_on = rests_on
        self._certainty = Certainty(state, say)

    def keeps(self) -> list[Kept]:
        """Return what is kept of what sets off rules that can be excused."""
        return [*self.made.values()]

    def standing(self) -> list[Rule]:
        """Return the rules of which something can be taken back."""
        return [one.rule for one in self.made.values()]

    def imports(self) -> Iterator[str]:
        """Return the lines that import what is taken back with."""
        if self.made:
            yield "from dutyrules.compiler.forgetting import Standing"
            yield "from dutyrules.compiler.stream import HOLE, take_back"

    def tables(self) -> Iterator[str]:
        """Return the tables of what can be taken back."""
        return (f"{table(rule)} = {{}}" for rule in self.standing())

    @contextmanager
    def kept(self, part: Part, rule: Rule, view: View) -> Iterator[None]:
        """Write what follows so that it can be taken back, where a rule can be excused."""
        if not takes_back(rule):
            yield
            return
        made, out = self._made(rule), part.rules
        out(f"o = {made.made(part, view, {'name': part.view.root, UNDONE: '[]'})}")
        key = self._key(rule, view, part.view.person)
        place = place_of([Code(one) for one in key])
        self._state.reached(table(rule), key)
        out(f"{table(rule)}.setdefault({place}, []).append(o)")
        with self._outcomes.taken_back(f"o.{UNDONE}"):
            yield

    def _key(self, rule: Rule, view: View, person: str) -> list[str]:
        """Return what excuses have to repeat: of the event that sets a rule off, or of the record where none does."""
        if rule.whenever is None or view.matter is None:
            return [own(self._say, name, view, person) for name in self._told(rule)]
        record = view.matter.record
        return [self._state.record_field(record, name, view.matter.variable).text for name in self._told(rule)]

    def on_excuses(self, part: Part, rule: Rule) -> None:
        """Write that the event of a part takes back what a rule has made."""
        mine = [one for one in rule.excused_by if part.view.event.name in one.names]
        if not mine or not takes_back(rule):
            return
        self._made(rule)
        told = self._told(rule)
        keys = [[self._say.bare(ties(self._state.pack, rule, one)[name], part.view) for name in told] for one in mine]
        if any(key != keys[0] for key in keys):
            raise NotStreamable("an excuse tells what it is for by several fields")
        if rule.about is not None and not all(_repeats(one, told) for one in mine):
            part.rules.sure(joined(keys[0]), rule.id)
        place = place_of(keys[0])
        self._state.reached(table(rule), [one.text for one in keys[0]])
        out = part.rules
        with out.each(table(rule), place), out.under(f"if o.at < t and {self._test(part, rule, mine)}:"):
            self._take_back(part, rule)

    def _take_back(self, part: Part, rule: Rule) -> None:
        out = part.rules
        with out.under("if o.state:" if self._rests_on(rule) else "if o.state == 2:"):  # more may have come of it
            out(f"raise Unsure({rule.id!r}, c)")
        out("o.state = 0")
        out(f"take_back(out, o.{UNDONE}, x)")

    def _test(self, part: Part, rule: Rule, patterns: Iterable[Pattern]) -> str:
        """Return what tells whether a fact excuses what stands in `o`."""
        pack = self._state.pack
        this = this_view(self._state, self._made(rule), event=self._trigger(rule))
        if rule.whenever is not None:
            this = attrs.evolve(this, of_day=this.fields(DAY))
        told, ways = self._told(rule), []
        for pattern in patterns:
            tied = ties(pack, rule, pattern)
            tests = carried(self._state, self._say, part, rule, {name: tied[name] for name in told})
            if pattern.where is not None and (rule.about is None or rule.whenever is not None):
                tests.append(self._certainty.holds(pattern.where.tree, part.view, this))
            elif pattern.where is not None:  # what the trigger leaves out its record may say
                where = self._say.write(pattern.where.tree, part.view, this)
                part.rules.sure(where.maybe, rule.id)
                tests.append(where.text)
            ways.append(" and ".join(tests) or "True")
        return ways[0] if len(ways) == 1 else "(" + " or ".join(ways) + ")"

    def _trigger(self, rule: Rule) -> EventType:
        if rule.when:
            return trigger(self._state.pack, rule)
        return self._state.pack.events["finding"] if rule.whenever is None else LASTING

    def _made(self, rule: Rule) -> Kept:
        return self.made.setdefault(rule.id, Kept(rule))

    def _told(self, rule: Rule) -> list[str]:
        return told_by(self._state.pack, rule, rule.excused_by)


def _asks_when(pattern: Pattern) -> bool:
    return pattern.where is not None and any(
        isinstance(part, s.Field) and part.scope is s.Scope.THIS and part.name == "time"
        for part in walk(pattern.where.tree)
    )


def _repeats(pattern: Pattern, told: list[str]) -> bool:
    """Tell whether a fact must say all by which it tells what it is about: what is not known there excuses nothing."""
    asked = {name for name, _tree in equalities(pattern.condition)}
    return asked.issuperset(told)
