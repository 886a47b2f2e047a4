"""What is broken: the breach, and what counts it."""

from __future__ import annotations

import re
from contextlib import nullcontext
from typing import TYPE_CHECKING

import attrs

from dutyrules.compiler.layouts import Piece
from dutyrules.compiler.state import field_slot, keyed
from dutyrules.compiler.views import NotStreamable, View, joined, named
from dutyrules.policies.syntax import FactKind

if TYPE_CHECKING:
    from collections.abc import Iterable
    from contextlib import AbstractContextManager

    from dutyrules.compiler.expressions import Translator
    from dutyrules.compiler.outcomes import Outcomes
    from dutyrules.compiler.sections import Part
    from dutyrules.compiler.state import State
    from dutyrules.compiler.views import MatterView
    from dutyrules.policies.model import Rule
    from dutyrules.policies.syntax import Pattern


class Breaches:
    """Writes breaches, and the members of counts."""

    def __init__(self, state: State, outcomes: Outcomes, say: Translator) -> None:
        self.state = state
        self._outcomes = outcomes
        self._say = say

    def taken_back(self, place: str | None) -> AbstractContextManager[None]:
        """Write breaches with the lines that take them back, into the list at a place; None: without."""
        return nullcontext() if place is None else self._outcomes.taken_back(place)

    def held(self, waits: bool) -> AbstractContextManager[None]:  # noqa: FBT001 - it goes with `taken_back`
        """Write what is told of a miss so that it waits for an act in the next second, if it is to wait."""
        return self._outcomes.held() if waits else nullcontext()

    def write(
        self,
        part: Part,
        rule: Rule,
        view: View,
        *,
        due: str | None = None,
        because: tuple[str, ...] = (),
        lacking: Iterable[Piece] = (),
    ) -> None:
        """Write that a rule is broken; `due`: by a miss of then; `lacking`: what it needed."""
        self.tell(part, rule, view, due, because or view.causes, lacking)
        self._note(part, rule, view)

    def tell(
        self,
        part: Part,
        rule: Rule,
        view: View,
        due: str | None,
        because: tuple[str, ...],
        lacking: Iterable[Piece] = (),
    ) -> None:
        """Write the breach alone, which nothing rests on."""
        fields = [] if due is None else [Piece("due", due)]
        self._outcomes.write(
            part.rules,
            rule,
            "breach",
            "breached",
            clock=view.clock,
            matter=view.matter_id,
            person=view.person,
            because=because,
            fields=[*fields, Piece("date", view.day), *lacking],
        )

    def _note(self, part: Part, rule: Rule, view: View) -> None:
        """Note the breach for counts and for the rules that react to it."""
        happened = part.breaches.get(rule.id)
        if happened is None:
            return
        cause = "@" + self._outcomes.identity(rule.id, "breach", view.matter_id, view.person)
        extra = view.names
        if view.matter is not None:
            extra |= {name: self._part(name, view, view.matter) for name in view.matter.record.key}
        extra["person"] = view.person  # who bears it, whosever the record is
        happened.view = attrs.evolve(view, causes=(cause,), extra=tuple(extra.items()), outcome_of=rule.id, whose=None)
        part.rules(f"{happened.flag} = True")
        self._members(part, rule.id, happened.view)

    def _part(self, name: str, view: View, matter: MatterView) -> str:
        """Return a part of the key of the record that a breach is about: as the event says it, or as it is kept."""
        if re.fullmatch(r"r\d+", matter.variable) and view.outcome_of is None:
            return self._say.bare(name, view).text
        self.state.use(matter.record.name).fields[name] = None
        return view.names.get(name, f"{matter.variable}.{field_slot(name)}")

    def _members(self, part: Part, broken: str, view: View) -> None:
        for count in list(self.state.counts.values()):
            for pattern in count.of:
                if pattern.kind is FactKind.BREACH and broken in pattern.names:
                    self.member(part, count.name, pattern, view)

    def member(self, part: Part, name: str, pattern: Pattern, view: View) -> None:
        """Write that a fact is a member of a count."""
        count, out = self.state.counts[name], part.rules
        keys = [self._say.write(member.tree, view) for _reader, member in count.per]
        tests = [f"{one} is not None" for one in joined(keys)]
        if pattern.where is not None:
            where = self._say.write(pattern.where.tree, view)
            out.sure(where.maybe, name)
            tests.append(where.text)
        if count.window.value in ("day", "month", "year") and not view.current:
            raise NotStreamable(f"the count `{name}` has members of a {count.window.value} that may be over")
        if count.window.value in ("day", "month", "year"):
            out.sure(view.today, name)
        key = keyed(keys).text
        table = named("count", name)
        self.state.reached(table, [one.text for one in keys])
        tests = [test for test in tests if test != "c is not None"]
        has_place = self.state.counted(table, view, always=not tests)
        depth = out.depth
        if tests:
            out(f"if {' and '.join(tests)}:")
            out.depth += 1
        self._alone(part, name, table)
        if count.distinct is not None:
            value = self._say.bare(count.distinct, view)
            out.sure(value.maybe, name)
            out(f"{table}.setdefault({key}, set()).add({value.text})")
        elif count.rolling is not None:
            out(f"{table}.setdefault({key}, []).append({view.time})")
        else:
            out(f"{table}[{key}] = {table}.get({key}, 0) + 1")
        out.depth = depth
        if tests and has_place:  # who is no member sees all of the instant, members what came before them
            with out.under("else:"):
                out("crowd.alone = t")

    def _alone(self, part: Part, name: str, table: str) -> None:
        """Write that a second member of a count is left to the engine, where something looks at it meanwhile."""
        section = part.section
        section.sites[table] = section.sites.get(table, 0) + 1
        if (part.name, table) not in self.state.twice:
            return
        flag = named("has", name)
        if section.sites[table] == 1:
            part.facts(f"{flag} = False")
        with part.rules.under(f"if {flag}:"):
            part.rules(f"raise Unsure({name!r}, c)")
        part.rules(f"{flag} = True")
