"""Gaps: the longest time that may pass without an act while a record is open."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import attrs

from dutyrules.compiler.certainty import Certainty
from dutyrules.compiler.families import Family, Waiting
from dutyrules.compiler.layouts import Piece
from dutyrules.compiler.sections import Part
from dutyrules.compiler.spans import eventless, refuse_record, touched
from dutyrules.compiler.state import keyed, names_twice
from dutyrules.compiler.views import NotStreamable, joined, named
from dutyrules.policies import syntax as s
from dutyrules.policies.horizon_edges import is_of_a_day
from dutyrules.policies.model import Kind
from dutyrules.policies.syntax import FactKind
from dutyrules.policies.walk import conjunction, conjuncts
from dutyrules.runtime.evaluation import equalities
from dutyrules.runtime.matching import reads_itself_only

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dutyrules.compiler.breaches import Breaches
    from dutyrules.compiler.consequences import Consequences
    from dutyrules.compiler.expressions import Translator
    from dutyrules.compiler.keeping import RecordWriter
    from dutyrules.compiler.pruning import Slots
    from dutyrules.compiler.sections import Writer
    from dutyrules.compiler.state import State
    from dutyrules.compiler.views import View
    from dutyrules.policies.model import Pack, Record, Rule
    from dutyrules.policies.syntax import Pattern

SLOTS: Final = ("state", "cause", "person", "record", "due", "start", "since", "name", "key", "missed")


def refuse_gap(pack: Pack, rule: Rule, record: Record, *, carries_all: bool) -> None:
    """Refuse a gap that one pass cannot watch."""
    refuse_record(record)
    reasons = {
        "its miss rests on silence": not carries_all,
        "it watches for a gap in dates": rule.gap is None or not rule.gap.runs,
        "it watches for a gap that is no duty": rule.kind is not Kind.OBLIGATION or not rule.until,
        f"the record `{record.name}` is about a day": is_of_a_day(record, pack),
        f"the record `{record.name}` never closes": not record.closes,
        "other than events fulfil it": any(one.kind is not FactKind.EVENT for one in rule.until),
        "one event fulfils it in several ways": names_twice(rule.until),
    }
    for reason, holds in reasons.items():
        if holds:
            raise NotStreamable(reason)
    _bearer(rule, record)


def _bearer(rule: Rule, record: Record) -> str | int:
    """Return the office that bears a duty, or the place of the person in the key of its record."""
    if not rule.who and "person" in record.key:
        return record.key.index("person")
    who = rule.who[0] if len(rule.who) == 1 else None
    tree = None if who is None or who.field is None else who.field.tree
    if isinstance(tree, s.Field) and tree.name in record.key and tree.record in (None, record.name):
        return record.key.index(tree.name)
    if who is None or who.office is None or who.of is not None:
        raise NotStreamable("its bearer is worked out")
    return who.office


class Gaps(Family):
    """Writes duties that begin anew with each act and each miss."""

    kept_whole = True

    def __init__(
        self,
        state: State,
        say: Translator,
        made: Consequences,
        breaches: Breaches,
        records: RecordWriter,
        *,
        carries_all: bool,
    ) -> None:
        self._state = state
        self._say = say
        self._made = made
        self._breaches = breaches
        self._records = records
        self._carries_all = carries_all
        self._certainty = Certainty(state, say)
        self.rules: dict[str, Rule] = {}

    # --- the family ---------------------------------------------------------------------------------------------------

    def take(self, rule: Rule) -> None:
        """Note a rule about a gap; refuse one that one pass cannot watch."""
        if rule.gap is not None:
            refuse_gap(self._state.pack, rule, self._record(rule), carries_all=self._carries_all)
            self.rules[rule.id] = rule
            self._state.gaps = True

    def imports(self) -> Iterator[str]:
        """Return the line that imports what stretches are held in."""
        if self.rules:
            yield "from dutyrules.compiler.stretches import Stretches"

    def tables(self) -> Iterator[str]:
        """Return what holds the stretches."""
        return (f"{stretches(rule)} = Stretches({rule.id!r})" for rule in self.rules.values())

    def slots(self) -> Slots:
        """Return the attributes of stretches."""
        return {class_of(rule): SLOTS for rule in self.rules.values()}

    def waiting(self) -> Iterator[Waiting]:
        """Yield the stretches, each of which may become too long."""
        for rule in self.rules.values():
            yield Waiting(rule, class_of(rule), Part(named("miss", rule.id), self._view(rule, ("o.cause",))))

    # --- events -------------------------------------------------------------------------------------------------------

    def on_event(self, part: Part) -> None:
        """Write what an event does to the stretches of each rule: an act ends one, a record opens or closes."""
        event = part.view.event.name
        with part.under_flag(part.rules):
            for rule in self.rules.values():
                record = self._record(rule)
                for pattern in rule.until:
                    if event in pattern.names:
                        self._act(part, rule, record, pattern)
                self._opens(part, rule, record)
                self._closes(part, rule, record)

    def _record(self, rule: Rule) -> Record:
        return self._state.pack.records[str(rule.about)]

    # --- records ------------------------------------------------------------------------------------------------------

    def _opens(self, part: Part, rule: Rule, record: Record) -> None:
        touch = touched(self._certainty, self._say, part, record)
        if touch is None:
            return
        out, keys, bearer = part.rules, [*touch.key.values()], _bearer(rule, record)
        key = keyed(keys).text
        with out.under(f"if {touch.test} and {stretches(rule)}.begins({key}, t):"):
            name = self._records.name(record, part.view.event, [one.text for one in keys])
            person = repr(bearer) if isinstance(bearer, str) else keys[bearer].text
            self._begin(out, rule, part.view.causes[0], person, f"({name}) + '@' + {part.view.root}", key, "t, x")
            self._open(part, rule)

    def _closes(self, part: Part, rule: Rule, record: Record) -> None:
        touch = touched(self._certainty, self._say, part, record, closes=True)
        if touch is None:
            return
        out, key = part.rules, keyed([*touch.key.values()]).text
        with out.under(f"if {touch.test} and (o := {stretches(rule)}.end({key}, t)) is not None:"):
            out("o.state = 0")
            self._state_it(part, rule, "cancelled", "lifted", ("o.cause", part.view.causes[0]))

    # --- stretches ----------------------------------------------------------------------------------------------------

    def _act(self, part: Part, rule: Rule, record: Record, pattern: Pattern) -> None:
        """Write that an event is an act: it ends the stretch at hand, and the next one begins."""
        out, this = part.rules, stretches(rule)
        ties, rest = self._tied(part, record, pattern)
        keys = [self._say.bare(ties[name], part.view) for name in record.key]
        carried = joined([key for name, key in zip(record.key, keys, strict=True) if name in part.view.event.fields])
        if carried:  # an act that leaves a part of the key out is one for all
            missing = " or ".join(f"{one} is None" for one in carried)
            with out.under(f"if ({missing}) and {this}.open:"):
                out(f"raise Unsure({rule.id!r}, c)")
        known = [f"{one} is not None" for one in joined(keys)]
        tree = conjunction(rest)
        ways = [None if tree is None else self._certainty.holds(tree, part.view, part.view, wanted=wanted)
                for wanted in (True, False)]  # fmt: skip
        test = " and ".join([*known, *([ways[0]] if ways[0] else [])]) or "True"
        with out.under(f"if {test}:"), out.under(f"if (o := {this}.act({keyed(keys).text}, t)) is not None:"):
            out("o.state = 0")
            self._state_it(part, rule, "fulfilled", "lifted", ("o.cause", part.view.causes[0]))
            self._begin(out, rule, part.view.causes[0], "o.person", "o.name", "o.key", "t, x")
            self._open(part, rule)
        if test != "True":
            with out.under(f"elif not {ways[1] or 'False'}:"):
                out(f"{this}.doubt(t)")

    def _tied(self, part: Part, record: Record, pattern: Pattern) -> tuple[dict[str, str], list[s.Expression]]:
        """Return by which fields an act has the key of its record, and what is left of the condition."""
        event = part.view.event
        ties: dict[str, str] = {}
        rest = []
        for one in conjuncts(pattern.condition):
            pairs = equalities(one)
            other = pairs[0][1] if pairs else None
            if isinstance(other, s.Field) and other.name in record.key and other.record in (None, record.name):
                ties.setdefault(other.name, pairs[0][0])
            else:
                rest.append(one)
        if not all(map(reads_itself_only, rest)):
            raise NotStreamable("its act is judged by its record")
        for name in record.key:
            if name in event.fields and ties.setdefault(name, name) != name:
                raise NotStreamable("its act tells its record in two ways")
        if set(ties) != {*record.key} or "date" in ties.values():
            raise NotStreamable("its act does not tell its record")
        return ties, rest

    def _begin(
        self, out: Writer, rule: Rule, cause: str, person: str, name: str, key: str, start: str, *, missed: bool = False
    ) -> None:
        """Write that a stretch begins; `start`: the instant and that as text."""
        assert rule.gap is not None  # noqa: S101 - callers have looked
        due = f"{start.split(',', maxsplit=1)[0]} + {rule.gap.seconds}"
        out(f"o = {class_of(rule)}(1, {cause}, {person}, None, {due}, {start}, {name}, {key}, {missed})")
        out(f"{stretches(rule)}.open[o.key] = o")
        out.waits()

    def _open(self, part: Part, rule: Rule) -> None:
        self._state_it(part, rule, "open", "set", ("o.cause",))

    def _state_it(self, part: Part, rule: Rule, status: str, limit: str, because: tuple[str, ...]) -> None:
        """Write the duty of a stretch, and its limit."""
        view = self._view(rule, because)
        due = Piece("due", "iso(o.due)")
        self._made.write(part, rule, view, "obligation", status, [Piece("since", "o.since"), due])
        self._made.write(part, rule, view, "deadline", limit, [due])

    def miss(self, part: Part, rule: Rule) -> None:
        """Write that a stretch was too long; the next one begins with the miss."""
        out, view = part.rules, part.view
        with out.under(f"if {stretches(rule)}.is_doubtful(o):"):
            out(f"raise Unsure({rule.id!r}, c)")
        self._state_it(part, rule, "breached", "missed", ("o.cause",))
        cause = self._made.cause(rule, "obligation", view)
        self._breaches.write(part, rule, view, due="x", because=(cause,))

    def again(self, part: Part, rule: Rule) -> None:
        """Write that the stretch after a miss begins."""
        self._begin(part.rules, rule, "o.cause", "o.person", "o.name", "o.key", "o.due, x", missed=True)
        self._open(part, rule)

    def _view(self, rule: Rule, because: tuple[str, ...]) -> View:
        """Return how a stretch looks."""
        view = eventless(f"{rule.about}:{{o.name}}@{{o.since}}")
        return attrs.evolve(view, time="o.due", causes=because, root="o.cause")


def stretches(rule: Rule) -> str:
    """Return the name of what holds the stretches of a rule."""
    return named("gap", rule.id)


def class_of(rule: Rule) -> str:
    """Return the class of a rule's stretches."""
    return named("Gap", rule.id)
