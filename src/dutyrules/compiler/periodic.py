"""Duties that come up each period: conditions on the period, the duty, its acts and its miss."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import attrs

from dutyrules.compiler.certainty import Certainty
from dutyrules.compiler.expressions import Translator
from dutyrules.compiler.families import Family, Waiting
from dutyrules.compiler.layouts import Piece
from dutyrules.compiler.locality import is_patient
from dutyrules.compiler.outcomes import constant, vague
from dutyrules.compiler.retaining import is_outlived, lasts
from dutyrules.compiler.sections import Part, bare
from dutyrules.compiler.spans import eventless, refuse_record, touched
from dutyrules.compiler.state import Indexed, kept_for, keyed, names_twice
from dutyrules.compiler.views import Code, NotStreamable, View, joined, named
from dutyrules.policies import syntax as s
from dutyrules.policies.horizons import horizons
from dutyrules.policies.model import Kind
from dutyrules.policies.syntax import FactKind
from dutyrules.policies.walk import conjuncts, walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dutyrules.compiler.breaches import Breaches
    from dutyrules.compiler.consequences import Consequences
    from dutyrules.compiler.doubts import Doubts
    from dutyrules.compiler.families import RestsOn
    from dutyrules.compiler.pruning import Slots
    from dutyrules.compiler.sections import Writer
    from dutyrules.compiler.state import State
    from dutyrules.policies.model import Pack, Record, Rule
    from dutyrules.policies.syntax import Pattern

SLOTS: Final = (
    "state",
    "cause",
    "person",
    "record",
    "due",
    "since",
    "start",
    "name",
    "come",
    "acts",
    "values",
    "undone",
)


def is_periodic(rule: Rule) -> bool:
    """Tell whether a rule comes up each period."""
    return rule.every is not None


def refuse_periodic(rule: Rule) -> None:
    """Refuse a rule of periods that one pass cannot apply: all but plain duties of the whole period."""
    spec = rule.every
    assert spec is not None  # noqa: S101 - callers have looked
    reasons = {
        "it comes up at steps from a day": spec.kind is None,
        "it comes up each period for each record": rule.for_each is not None or rule.about is not None,
        "it looks back on a period": rule.kind is not Kind.OBLIGATION or not rule.until,
        "its limit is no whole period": rule.within is not None or rule.by is not None or rule.from_ is not None,
        "it comes up each period, and is waived or shares its acts": bool(rule.waived_by) or rule.one_act is not None,
        "it comes up each period, and has exceptions": bool(rule.unless or rule.needs or rule.needs_any),
        "its bearer is worked out": len(rule.who) != 1 or rule.who[0].office is None or rule.who[0].of is not None,
        "other than events fulfil it": any(one.kind is not FactKind.EVENT for one in rule.until),
        "one event fulfils it in several ways": names_twice(rule.until),
    }
    for reason, holds in reasons.items():
        if holds:
            raise NotStreamable(reason)


class OfPeriods(Translator):
    """Writes conditions on a period: what they read of records is whether there are any."""

    def __init__(self, state: State, place: str) -> None:
        super().__init__(state)
        self._own = state
        self._place = place

    def write(self, tree: s.Expression, view: View, this: View | None = None) -> Code:
        """Return the code of an expression about the period at hand."""
        match tree:
            case s.Field(scope=s.Scope.PERIOD, name=name) if name in ("start", "end"):
                return Code(f"{self._place}.{'first' if name == 'start' else 'last'}")
            case s.Field() | s.CountRef() | s.OpenCount():
                raise NotStreamable("its condition reads more of a period than its days and what is on record")
            case s.AnyRecord(record, condition):
                return self._on_record(self._own.pack.records[record], condition, view)
        return super().write(tree, view, this)

    def _on_record(self, record: Record, condition: s.Expression | None, view: View) -> Code:
        """Return whether a record is open, or whether one has been opened with some parts of its key."""
        refuse_record(record)
        if condition is None:
            if kept_for(self._own.pack, record.name) is not None and not lasts(self._own.pack, record):
                raise NotStreamable(f"a `{record.name}` record is open until it is forgotten")
            self._own.spells[record.name] = None
            return Code(f"bool({spells(record)}.open)")
        pairs = self._pairs(condition)
        own = tuple(name for name, _tree in pairs)
        if not set(own) <= {*record.key} - {"person"}:
            raise NotStreamable(f"it looks among `{record.name}` records by more than their keys")
        keys = [self.write(tree, view) for _name, tree in pairs]
        table = named("need", f"{record.name}-{'-'.join(own)}")
        self._own.indexed[table] = Indexed(record, own)
        text = f"{table}.get({keyed(keys).text}, {view.time})"
        return Code(text, (text, *joined(keys)))

    def _pairs(self, condition: s.Expression) -> list[tuple[str, s.Expression]]:
        """Return which fields of a record must be equal to what of the period."""
        found = []
        for part in conjuncts(condition):
            sides = part.operands if isinstance(part, s.Compare) and part.operators == ("==",) else ()
            mine = next((one for one in sides if isinstance(one, s.Field) and one.scope is s.Scope.FACT), None)
            if mine is None:
                raise NotStreamable("it looks among records by more than their keys")
            found.append((mine.name, sides[1] if mine is sides[0] else sides[0]))
        return found


class Periodic(Family):
    """Writes duties that come up each period."""

    kept_whole = True

    def __init__(
        self,
        state: State,
        say: Translator,
        made: Consequences,
        breaches: Breaches,
        doubts: Doubts,
        rests_on: RestsOn,
    ) -> None:
        self._state = state
        self._doubts = doubts
        self._rests_on = rests_on
        self._say = say
        self._made = made
        self._breaches = breaches
        self._certainty = Certainty(state, say)
        self.rules: dict[str, Rule] = {}

    # --- the family ---------------------------------------------------------------------------------------------------

    def take(self, rule: Rule) -> None:
        """Note a rule that comes up each period; refuse one that one pass cannot apply."""
        if is_periodic(rule):
            refuse_periodic(rule)
            self.rules[rule.id] = rule
            self._state.periods = True

    def imports(self) -> Iterator[str]:
        """Return the line that imports what periods are held in."""
        if self.rules:
            yield "from dutyrules.compiler.rounds import Round, Rounds, Spells"
            yield "from dutyrules.compiler.stream import HOLE, take_back"

    def tables(self) -> Iterator[str]:
        """Return what holds records that conditions on periods look at, and the periods."""
        pack = self._state.pack
        for name in self._state.spells:
            yield f"{spells(pack.records[name])} = Spells({name!r})"
        for name, indexed in self._state.indexed.items():
            yield f"{name} = Earlier({kept_for(pack, indexed.record.name)})"
        for rule in self.rules.values():
            yield f"{rounds(rule)} = {made(pack, rule)}"

    def slots(self) -> Slots:
        """Return the attributes of duties."""
        return {class_of(rule): SLOTS for rule in self.rules.values()}

    def sections(self) -> Iterator[Part]:
        """Yield the functions by which periods begin and duties come up."""
        for rule in self.rules.values():
            yield self._begin(rule)
            yield self._owed(rule)

    def waiting(self) -> Iterator[Waiting]:
        """Yield duties that are to be done in their period."""
        for rule in self.rules.values():
            if not rule.promptly:
                view = attrs.evolve(self._view(rule), time="o.due")
                yield Waiting(rule, class_of(rule), Part(named("miss", rule.id), view))

    # --- what goes on beside the rules --------------------------------------------------------------------------------

    def on_event(self, part: Part) -> None:
        """Write what an event does to the records and duties of periods."""
        out, event = part.rules, part.view.event.name
        with part.under_flag(out):
            place = len(out.lines)
            for name in list(self._state.spells):
                self._spell(part, self._state.pack.records[name])
            for table, indexed in list(self._state.indexed.items()):
                self._index(part, table, indexed)
            touched = "\n".join(out.lines[place:])
            for rule in self.rules.values():
                for pattern in rule.until:
                    if event in pattern.names:
                        self._act(part, rule, pattern)
            for rule in self.rules.values():
                test = self._asked(rule)
                if test is not None and any(table in touched for table in _tables(test.text)):
                    self._look_again(out, rule, test)

    def _spell(self, part: Part, record: Record) -> None:
        """Write that an event opens or closes a record."""
        for closes, verb in ((False, "begin"), (True, "end")):
            touch = touched(self._certainty, self._say, part, record, closes=closes)
            if touch is not None:
                with part.rules.under(f"if {touch.test}:"):
                    part.rules(f"{spells(record)}.{verb}({keyed([*touch.key.values()]).text}, t)")

    def _index(self, part: Part, table: str, indexed: Indexed) -> None:
        """Write that an event opens a record that is found by a part of its key."""
        touch = touched(self._certainty, self._say, part, indexed.record)
        if touch is not None:
            with part.rules.under(f"if {touch.test}:"):
                part.rules(f"{table}.note({keyed([touch.key[name] for name in indexed.own]).text}, t)")

    def _look_again(self, out: Writer, rule: Rule, test: Code) -> None:
        """Write that a duty comes up within its period, once its condition holds."""
        this = rounds(rule)
        with out.under(f"if {this}.start <= t <= {this}.end:"):
            out.sure(test.maybe, rule.id)
            with out.under(f"if {this}.opened is None:"), out.under(f"if {bare(test.text)}:"):
                out(f"{owe(rule)}(t, x)")
            with out.under(f"elif {this}.opened == t and not {test.text}:"):
                out(f"raise Unsure({rule.id!r}, c)")

    def _asked(self, rule: Rule) -> Code | None:
        if rule.if_ is None:
            return None
        for part in walk(rule.if_.tree):
            if isinstance(part, s.AnyRecord) and is_outlived(self._state.pack, rule, part.record):
                raise NotStreamable(f"a `{part.record}` record is forgotten before the duty that rests on it")
        return OfPeriods(self._state, rounds(rule)).write(rule.if_.tree, self._view(rule))

    # --- acts ---------------------------------------------------------------------------------------------------------

    def _act(self, part: Part, rule: Rule, pattern: Pattern) -> None:
        out, spec = part.rules, rule.every
        event = part.view.event
        if spec is None or str(spec.kind) in event.fields:
            raise NotStreamable("its act names the period")
        value = "None"
        if rule.distinct is not None:
            if rule.distinct == (event.person or "person"):
                raise NotStreamable("its acts differ in their persons")
            value = self._say.bare(rule.distinct, part.view).text
        holds = self._certainty.meets(pattern, part.view)
        with out.under(f"if {holds}:"), out.under(f"for o in {rounds(rule)}.act(t, c, {value}):"):
            view = attrs.evolve(self._view(rule), clock="x", causes=("*o.acts",))
            with out.under("if o.state == 1:"):
                self._met(part, rule, view)
            with out.under("else:"):
                late = [*self._fields(rule), constant("late", True)]  # noqa: FBT003
                self._made.write(part, rule, view, "obligation", "fulfilled", late)
                if self._asks(rule):
                    self._broken_after_all(part, rule)
            out("o.state = 0")
        if holds != "True":
            with out.under(f"elif not {self._certainty.meets(pattern, part.view, wanted=False)}:"):
                lacks = self._doubts.of_act(pattern, part.view) if self._asks(rule) else "()"
                out(f"{rounds(rule)}.doubt(t, {lacks})")

    def _asks(self, rule: Rule) -> bool:
        """Tell whether a miss of which it is not known whether it is one is asked about, and told apart later."""
        return is_patient(self._state) and not self._rests_on(rule) and not rule.excused_by and not rule.promptly

    def _broken_after_all(self, part: Part, rule: Rule) -> None:
        """Write that a late act proves a miss of which that was not known."""
        out = part.rules
        with out.under("if o.undone:"):
            out("take_back(out, o.undone, x)")
            view = attrs.evolve(self._view(rule), clock="iso(o.due)", began="o.since")
            cause = self._made.cause(rule, "obligation", view)
            self._breaches.tell(part, rule, view, "iso(o.due)", (cause,))

    def _met(self, part: Part, rule: Rule, view: View) -> None:
        self._made.write(part, rule, view, "obligation", "fulfilled", self._fields(rule))
        if not rule.promptly:
            self._made.write(part, rule, view, "deadline", "lifted", [Piece("due", "iso(o.due)")])

    def _fields(self, rule: Rule) -> list[Piece]:
        due = [] if rule.promptly else [Piece("due", "iso(o.due)")]
        return [Piece("since", "o.since"), *due, *vague(rule)]

    # --- sections of their own ----------------------------------------------------------------------------------------

    def _begin(self, rule: Rule) -> Part:
        """Return what tells whether a duty comes up as a period begins."""
        part = Part(named("begin", rule.id), self._view(rule))
        self._state.section = part.section
        test = self._asked(rule)
        part.rules.sure(() if test is None else test.maybe, rule.id)
        part.rules(f"return {'True' if test is None else bare(test.text)}")
        return part

    def _owed(self, rule: Rule) -> Part:
        """Return what is done when a duty comes up."""
        part = Part(owe(rule), attrs.evolve(self._view(rule), clock="x"))
        self._state.section = part.section
        out, this = part.rules, rounds(rule)
        values = f"1, '', {rule.who[0].office!r}, None, {'None' if rule.promptly else f'{this}.end'}"
        out(f"o = {class_of(rule)}({values}, iso({this}.start), {this}.start, {this}.label, t, [], set(), [])")
        out(f"met = {this}.owe(o)")
        with out.under("if met is not None:"):
            out("o.state = 0")
            out("x = iso(max(met, t))")
            self._met(part, rule, attrs.evolve(part.view, causes=("*o.acts",)))
        with out.under("else:"):
            self._made.write(part, rule, part.view, "obligation", "open", self._fields(rule))
            if not rule.promptly:
                out.waits()
                self._made.write(part, rule, part.view, "deadline", "set", [Piece("due", "iso(o.due)")])
        return part

    def miss(self, part: Part, rule: Rule) -> None:
        """Write that a duty was not done in its period."""
        view = part.view
        out, depth = part.rules, part.rules.depth
        with out.under(f"if {rounds(rule)}.is_doubtful(o):"):
            if self._asks(rule):
                out(f"lacks = {rounds(rule)}.lacks(o)")
                self._made.write(part, rule, view, "deadline", "missed", [Piece("due", "x")])
                self._doubts.told(part, rule, view)
            else:
                out(f"raise Unsure({rule.id!r}, x)")
        if self._asks(rule):
            out("else:")
            out.depth += 1
        fields = [Piece("since", "o.since"), Piece("due", "x"), *vague(rule)]
        self._made.write(part, rule, view, "obligation", "breached", fields)
        self._made.write(part, rule, view, "deadline", "missed", [Piece("due", "x")])
        cause = self._made.cause(rule, "obligation", view)
        self._breaches.write(part, rule, view, due="x", because=(cause,))
        out.depth = depth

    def _view(self, rule: Rule) -> View:
        """Return how a duty of a period looks."""
        return eventless(f"{'' if rule.every is None else rule.every.kind}:{{o.name}}")


def spells(record: Record) -> str:
    """Return the name of what tells which records of a kind are open."""
    return named("spells", record.name)


def rounds(rule: Rule) -> str:
    """Return the name of what holds the periods of a rule."""
    return named("round", rule.id)


def owe(rule: Rule) -> str:
    """Return the name of the function by which a duty comes up."""
    return named("owe", rule.id)


def class_of(rule: Rule) -> str:
    """Return the class of a rule's duties."""
    return named("Owed", rule.id)


def made(pack: Pack, rule: Rule) -> str:
    """Return the call that makes what holds the periods of a rule."""
    known = horizons(pack)
    names = [name for one in rule.until for name in one.names]
    every = [known.rules[rule.id], *(known.events[name] for name in names)]
    ends = [one.seconds for one in every if not one.is_endless]
    kind = "" if rule.every is None else str(rule.every.kind)
    distinct = rule.distinct is not None
    return f"Round(clock, {rule.id!r}, {kind!r}, {rule.at_least}, {min(ends, default=None)}, distinct={distinct})"


def _tables(text: str) -> list[str]:
    """Return the tables that a condition reads."""
    return [word.partition(".")[0] for word in text.replace("(", " ").split() if word.startswith(("spells_", "need_"))]
