"""Rules that are broken while a condition about a record holds: each day is looked at anew, from its first instant on.

A condition that reads the record alone, and the day, changes when an event touches the record or a day begins. It is
looked at when the instant is over: all that happens in it counts, at midnight too. So a look waits among the deadlines.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import attrs

from dutyrules.compiler.certainty import Certainty
from dutyrules.compiler.excuses import DAY, LASTING
from dutyrules.compiler.families import Family, Waiting
from dutyrules.compiler.locality import is_patient
from dutyrules.compiler.retaining import is_outlived, lasts
from dutyrules.compiler.sections import Part
from dutyrules.compiler.state import CLOSED, SEEN, field_slot, happenings, kept_for
from dutyrules.compiler.views import MatterView, NotStreamable, View, named
from dutyrules.policies import syntax as s
from dutyrules.policies.model import Kind
from dutyrules.policies.walk import walk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from dutyrules.compiler.doubts import Doubts
    from dutyrules.compiler.expressions import Translator
    from dutyrules.compiler.families import RestsOn
    from dutyrules.compiler.pruning import Slots
    from dutyrules.compiler.state import State
    from dutyrules.policies.model import Pack, Rule
    from dutyrules.policies.syntax import Expression

WHOLE_DAY: Final = {"start": "00:00", "end": "00:00 next day"}
SLOTS: Final = ("state", "cause", "record", "due", "daily")
"""What a look has: whether it waits, what it goes back to, its record, when it is, whether another follows each day."""
FOREIGN: Final = frozenset({"time", "date", "closed", "start", "end", "season"})
"""Names that say more of a record than what its events have said."""
RECORD: Final = "r0"


def refuse_lasting(rule: Rule, pack: Pack) -> None:
    """Refuse a rule that lasts while a condition holds, where a single pass does not look at that."""
    if rule.whenever is None:
        return
    about = rule.about
    if about is None or rule.during is None or pack.hours.get(rule.during) != WHOLE_DAY:
        raise NotStreamable("it lasts while a condition holds, in other hours than the whole day")
    if rule.kind is not Kind.PROHIBITION:
        raise NotStreamable("it lasts while a condition holds, and more than a breach comes of it")
    if rule.excused_by and is_outlived(pack, rule, about):
        raise NotStreamable("it lasts while a condition holds, and can be excused when its record is forgotten")
    if rule.needs or rule.needs_any:
        raise NotStreamable("it lasts while a condition holds, and needs something")
    if rule.if_ is not None or rule.unless or rule.from_ is not None or rule.by is not None or rule.within is not None:
        raise NotStreamable("it lasts while a condition holds, and has others")
    if not all(_is_own(part, about) for part in walk(rule.whenever.tree)):
        raise NotStreamable("it lasts while a condition holds that reads more than its record and the day")


def _is_own(part: Expression, about: str) -> bool:
    """Tell whether a part of a condition changes only with its record, or from day to day."""
    match part:
        case s.CountRef() | s.ValueRef() | s.AnyRecord():
            return False
        case s.Field(scope=s.Scope.PERIOD, record=period):
            return period == "day"
        case s.Field(scope=s.Scope.MATTER | s.Scope.RECORD | s.Scope.FACT, record=record, name=name):
            return record in (None, about) and name not in FOREIGN
        case s.Field():
            return False
    return True


class Lasting(Family):
    """Writes when conditions are looked at, and what comes of it; `borne` writes what a rule makes, for its bearer."""

    is_last = True

    def __init__(
        self,
        state: State,
        say: Translator,
        borne: Callable[[Part, Rule, View], None],
        doubts: Doubts,
        rests_on: RestsOn,
    ) -> None:
        self._state = state
        self._say = say
        self._borne = borne
        self._doubts = doubts
        self._rests_on = rests_on
        self._certainty = Certainty(state, say)
        self.rules: dict[str, Rule] = {}

    def take(self, rule: Rule) -> None:
        """Note a rule that lasts while a condition holds."""
        if rule.whenever is not None:
            self.rules[rule.id] = rule

    def slots(self) -> Slots:
        """Return the attributes of looks."""
        return {class_of(rule): SLOTS for rule in self.rules.values()}

    def waiting(self) -> Iterator[Waiting]:
        """Yield what is looked at when an instant is over in which a condition may have changed."""
        for rule in self.rules.values():
            if self._rests_on(rule):
                raise NotStreamable("it lasts while a condition holds, and others rest on it")
            yield Waiting(rule, class_of(rule), Part(named("look", rule.id), self._view(rule)))

    def on_event(self, part: Part, rule: Rule) -> None:
        """Write that an event which touches the record of a rule has it looked at, and the first one each day too."""
        use = self._state.use(str(rule.about))
        if not any(part.view.event.name in one.names for one in happenings(use.record)):
            return
        if part.flag is not None:
            raise NotStreamable("it lasts while a condition holds, and what counts as another changes its record")
        out, seen = part.rules, named("looked", rule.id)
        found = self._state.found(use.record, [self._say.bare(name, part.view) for name in use.record.key])
        for slot, first in ((seen, "None"), (_day(rule), "None"), (_number(rule), "0"), (_met(rule), "False")):
            use.slots.setdefault(slot, first)
        with out.under(f"if {found} is not None and {found}.{seen} != t:"):
            with out.under(f"if {found}.{seen} is None:"):
                out(f"o = {class_of(rule)}(1, c, {found}, clock.next_day(t), True)")
                out.waits()
            out(f"{found}.{seen} = t")
            out(f"soon({class_of(rule)}(1, c, {found}, t, False))")

    def miss(self, part: Part, rule: Rule) -> None:
        """Write that the condition is looked at."""
        assert rule.whenever is not None  # noqa: S101 - for the type checker
        out, use, depth = part.rules, self._state.use(str(rule.about)), part.rules.depth
        part.facts(f"{RECORD} = o.record")
        part.facts("t = o.due")
        part.facts("today = x[:10]")
        tests = [f"not {RECORD}.{CLOSED}"] if use.record.closes else []
        seconds = kept_for(self._state.pack, use.record.name)
        if seconds is not None and not lasts(self._state.pack, use.record):
            tests.append(f"not let_go(clock, {RECORD}.{SEEN}, t, {seconds})")
        if tests:
            out(f"if {' and '.join(tests)}:")
            out.depth += 1
        with out.under("if o.daily:"):
            out("o.state, o.due = 1, clock.next_day(t)")
            out.waits()
        with out.under(f"if {RECORD}.{_day(rule)} != today:"):
            out(f"{RECORD}.{_day(rule)} = today")
            out(f"{RECORD}.{_number(rule)} = 0")
            out(f"{RECORD}.{_met(rule)} = False")
        tree, view = rule.whenever.tree, part.view
        if is_patient(self._state):
            out(f"if {RECORD}.{_met(rule)} is not None:")  # nothing rises on a day once that cannot be told
            out.depth += 1
        holds = self._certainty.holds(tree, view, view)
        with out.under(f"if {holds}:"), out.under(f"if not {RECORD}.{_met(rule)}:"):
            out(f"{RECORD}.{_met(rule)} = True")
            out(f"{RECORD}.{_number(rule)} += 1")
            self._borne(part, rule, view)
        with out.under(f"elif {self._certainty.holds(tree, view, view, wanted=False)}:"):
            out(f"{RECORD}.{_met(rule)} = False")
        with out.under("else:"):
            day = f"{MatterView(use.record, RECORD).body}/{{today}}"
            self._doubts.lasting(part, rule, attrs.evolve(view, matter_id=day), f"{RECORD}.{_met(rule)} = None")
        out.depth = depth

    def _view(self, rule: Rule) -> View:
        """Return how a record looks at the instant at which a condition about it has become true."""
        use = self._state.use(str(rule.about))
        matter = MatterView(use.record, RECORD)
        person = "None"
        if not rule.who and "person" not in use.record.key:
            raise NotStreamable("it lasts while a condition holds, and concerns nobody")
        if "person" in use.record.key:
            use.fields["person"] = None
            person = f"{RECORD}.{field_slot('person')}"
        of_day = "as_date(today)"
        if use.record.dated is not None:
            of_day = f"as_date({matter.date})" if use.record.dated == "opened" else matter.date
        return View(
            LASTING,
            lambda name: of_day if name == DAY else "None",
            time="t",
            clock="x",
            person=person,
            matter_id=f"{matter.body}/{{today}}#{{{RECORD}.{_number(rule)}}}",
            causes=(),
            root="c",
            matter=matter,
            of_day=of_day,
        )


def class_of(rule: Rule) -> str:
    """Return the class of a rule's looks."""
    return named("Look", rule.id)


def _day(rule: Rule) -> str:
    return named("today", rule.id)


def _number(rule: Rule) -> str:
    return named("number", rule.id)


def _met(rule: Rule) -> str:
    return named("met", rule.id)
