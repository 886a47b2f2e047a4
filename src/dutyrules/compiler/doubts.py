"""What cannot be told: a person is asked, and hears what is lacking, in place of what would have followed.

Only patient programs ask themselves (`locality.is_patient`), and only where nothing that comes later changes the
question; all else is left to the engine. What is lacking is said in the engine's own words and order.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from dutyrules.compiler.certainty import Certainty
from dutyrules.compiler.layouts import Piece
from dutyrules.compiler.locality import is_patient
from dutyrules.compiler.outcomes import constant, quoted
from dutyrules.compiler.views import NotStreamable, named
from dutyrules.policies import syntax as s

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from dutyrules.compiler.excuses import Excuses
    from dutyrules.compiler.expressions import Translator
    from dutyrules.compiler.outcomes import Outcomes
    from dutyrules.compiler.sections import Part, Writer
    from dutyrules.compiler.state import State
    from dutyrules.compiler.views import View
    from dutyrules.policies.model import Pack, Rule
    from dutyrules.policies.syntax import Expression, Pattern

    Asked = Sequence[tuple[Expression, View]]
    """Conditions that have all to hold, each with the view in which it is read."""

NOTHING = "()"
WHOM = "the person whom it concerns"


class Doubts:
    """Writes questions about what cannot be told."""

    def __init__(self, state: State, say: Translator, outcomes: Outcomes, excuses: Excuses) -> None:
        self._state = state
        self._say = say
        self._outcomes = outcomes
        self._excuses = excuses
        self._certainty = Certainty(state, say)

    def branch(self, part: Part, out: Writer, rule: Rule, view: View, maybe: tuple[str, ...], asked: Asked) -> None:
        """Write what is asked where one of some values is not known; what follows stands in the other branch.

        That branch stays open: the caller goes back to the depth of before.
        """
        maybe = out.unsure_of(maybe)
        denied = self._denied(asked) if maybe and view.outcome_of is None and is_patient(self._state) else None
        if not denied:
            out.sure(maybe, rule.id)
            return
        test = " or ".join(f"{one} is None" for one in maybe)
        with out.under(f"if {test}:"), out.under(f"if not ({denied}):"):
            lacks = self._told(part, rule, view, asked)
            out(f"lacks = {lacks or NOTHING}")
            with out.under("if not lacks:"):
                out(f"raise Unsure({rule.id!r}, c)")
            if lacks is not None:
                self._ask(part, out, rule, view, self._bearer(rule, view))
        out.other(maybe)

    def unnamed(self, part: Part, out: Writer, rule: Rule, view: View, bearer: str) -> None:
        """Write what is asked where it is not known who bears what follows, as `branch` does."""
        if not out.unsure_of((bearer,)):
            return
        field = rule.who[0].field if rule.who else None
        lacks: str | None = f"({WHOM!r},)"
        try:
            lacks = lacks if field is None else self.lacks(field.tree, view, view)
        except NotStreamable:
            lacks = None
        if lacks is None or not self._is_asked(part, rule, view):
            out.sure((bearer,), rule.id)
            return
        with out.under(f"if {bearer} is None:"):
            out(f"lacks = {lacks}")
            self._tell(part, out, rule, view, None)
        out.other((bearer,))

    def of_act(self, pattern: Pattern, view: View) -> str:
        """Return the code of what is not known of a fact that may be an act, nothing where that is not told."""
        try:
            return NOTHING if pattern.where is None else self.lacks(pattern.where.tree, view, view)
        except NotStreamable:
            return NOTHING

    def told(self, part: Part, rule: Rule, view: View) -> None:
        """Write what is asked of a miss in `o`, which something that comes later may prove."""
        with self._outcomes.taken_back("o.undone"):
            self._write(part.rules, rule, view, view.person)

    def unclocked(self, part: Part, rule: Rule, view: View) -> tuple[str, Callable[[], None]] | None:
        """Return what tells that a duty's clock has no start, and what writes the question; None where none is asked.

        Only the trigger's own field is looked at: then nothing that comes later gives the clock a start.
        """
        start = rule.from_
        base = start.base if isinstance(start, s.Offset) else start
        tree = base.expr.tree if isinstance(base, s.ReadInstant) else None
        if not isinstance(tree, s.Field) or tree.scope is not s.Scope.FACT or tree.name not in view.event.fields:
            return None
        if not is_patient(self._state) or view.matter is not None or rule.waived_by or rule.id in part.caused:
            return None

        def write() -> None:
            part.rules(f"lacks = {self.lacks(tree, view, view)}")
            self._tell(part, part.rules, rule, view, view.person)

        return f"{self._say.write(tree, view).text} is None", write

    # --- who is asked -------------------------------------------------------------------------------------------------

    def _denied(self, asked: Asked) -> str | None:
        """Return what tells that some condition certainly does not hold, None where that cannot be told."""
        try:
            return " or ".join(self._certainty.holds(tree, one, one, wanted=False) for tree, one in asked)
        except NotStreamable:
            return None

    def _told(self, part: Part, rule: Rule, view: View, asked: Asked) -> str | None:
        """Return what tells what is lacking, None where the engine has to ask."""
        if not self._is_asked(part, rule, view):
            return None
        try:
            return " + ".join(self.lacks(tree, one, one) for tree, one in asked)
        except NotStreamable:
            return None

    def _is_asked(self, part: Part, rule: Rule, view: View) -> bool:
        """Tell whether a question about a rule is put at once, and for good."""
        if not is_patient(self._state) or view.outcome_of is not None or not view.current:
            return False
        if rule.until or rule.needs or rule.needs_any or rule.unless or rule.id in part.caused:
            return False
        if any(pattern.first for pattern in rule.when) or (rule.about is not None and rule.counts_as is not None):
            return False
        return rule.counts_as is None or not _is_needed(self._state.pack, rule.counts_as)

    def _bearer(self, rule: Rule, view: View) -> str:
        who = rule.who[0] if rule.who else None
        if who is None:
            return view.person
        return repr(who.office) if who.field is None else self._say.write(who.field.tree, view).text

    def _ask(self, part: Part, out: Writer, rule: Rule, view: View, bearer: str) -> None:
        """Write that a bearer is asked, or nobody in particular where it is not known who that is."""
        if rule.about is not None and view.matter is not None:
            slot = f"{view.matter.variable}.{named('made', rule.id)}"
            self._state.use(rule.about).slots[named("made", rule.id)] = "False"
            with out.under(f"if {slot}:"):
                out(f"raise Unsure({rule.id!r}, c)")
            out(f"{slot} = True")
        who = part.bearer()
        out(f"{who} = {bearer}")
        with out.under(f"if {who} is None:"):
            if self._is_of_record(rule, view):
                out(f"raise Unsure({rule.id!r}, c)")
            else:
                self._tell(part, out, rule, view, None)
        with out.under("else:"):
            self._tell(part, out, rule, view, who)

    def _is_of_record(self, rule: Rule, view: View) -> bool:
        """Tell whether the record may name the bearer where the event does not."""
        tree = rule.who[0].field.tree if rule.who and rule.who[0].field is not None else None
        return isinstance(tree, s.Field) and tree.scope is s.Scope.FACT and self._has_two(tree.name, view)

    def _tell(self, part: Part, out: Writer, rule: Rule, view: View, person: str | None) -> None:
        with self._excuses.kept(part, rule, attrs.evolve(view, person=str(person))):
            self._write(out, rule, view, person)

    def _write(self, out: Writer, rule: Rule, view: View, person: str | None) -> None:
        fields = [constant("question", "undecidable"), Piece("lacks", "reasons(lacks)", quoted=False)]
        self._outcomes.write(
            out,
            rule,
            "referral",
            "opened",
            clock=view.clock,
            matter=view.matter_id,
            person=person,
            because=view.causes,
            fields=fields,
        )

    def lasting(self, part: Part, rule: Rule, view: View, before: str) -> None:
        """Write what is asked where it cannot be told whether a condition holds that lasts; `before` is done first."""
        assert rule.whenever is not None  # noqa: S101 - the caller has looked
        office = rule.who[0].office if len(rule.who) == 1 else None
        try:
            lacks = self.lacks(rule.whenever.tree, view, view)
        except NotStreamable:
            office = None
        out = part.rules
        if not is_patient(self._state) or office is None:
            out(f"raise Unsure({rule.id!r}, c)")
            return
        who = part.bearer()
        for line in (before, f"lacks = {lacks}", f"{who} = {office!r}"):
            out(line)
        self._tell(part, out, rule, view, who)

    # --- what is lacking ----------------------------------------------------------------------------------------------

    def lacks(self, tree: Expression, view: View, this: View) -> str:
        """Return the code of all that an expression lacks, nothing where its value is known."""
        parts = _all_asked(tree)
        if parts is not None:
            return self._sum(parts, view, this)
        match tree:
            case s.Field():
                return self._field(tree, view, this)
            case s.ValueRef(name) if self._state.pack.values[name].chosen_by is None:
                return self.lacks(self._state.pack.values[name].variants[""].tree, view, this)
            case s.Logic(_operator, operands):
                decided = [self._certainty.holds(tree, view, this, wanted=wanted) for wanted in (True, False)]
                return f"(() if {' or '.join(decided)} else {self._sum(operands, view, this)})"
            case s.AnyRecord(record, condition):
                return self._say.lookups.lacking(record, condition, view, this, self.lacks)
        raise NotStreamable("what it lacks is not told")

    def _sum(self, trees: Sequence[Expression], view: View, this: View) -> str:
        parts = [part for part in (self.lacks(tree, view, this) for tree in trees) if part != NOTHING]
        return f"({' + '.join(parts)})" if parts else NOTHING

    def _field(self, field: s.Field, view: View, this: View) -> str:
        """Return the code of what a field lacks."""
        code = self._say.write(field, view, this)
        if not code.maybe:
            return NOTHING
        outer = this if field.scope is s.Scope.THIS else view
        if field.scope in (s.Scope.FACT, s.Scope.THIS):
            if len(code.maybe) > 1 or self._has_two(field.name, outer):
                raise NotStreamable("what it lacks is not told")
            return self._unless(code.maybe[0], repr(f"`{field.name}` of `{outer.event.name}`"))
        mine = None if view.matter is None else view.matter.record.name
        if view.matter is not None and field.record in (mine, None) and view is this:
            return self._unless(code.text, f"f{quoted(f'`{field.name}` of `{view.matter.body}`')}")
        if field.scope is s.Scope.RECORD and view is this and field.record is not None:
            return self._of_record(field.record, field.name, view)
        raise NotStreamable("what it lacks is not told")

    def _of_record(self, kind: str, name: str, view: View) -> str:
        """Return the code of what the field of a record lacks: a part of its key, the record, or a value."""
        record = self._state.pack.records.get(kind)
        mine = None if view.matter is None else view.matter.record
        if record is None or mine is record or any(self._has_two(one, view) for one in record.key):
            raise NotStreamable("what it lacks is not told")
        key = [self._say.bare(one, view) for one in record.key]
        found = self._state.found(record, key)
        value = self._state.record_field(record, name, found).text
        lacking = [self.lacks(s.Field(s.Scope.FACT, one), view, view) for one in record.key]
        names = ",".join(f"{{{one.text}}}" for one in key)
        there = self._unless(value, f"f{quoted(f'`{name}` of `{kind}:{{{found}.name}}`')}")
        there = f"((f{quoted(f'a record `{kind}:{names}`')},) if {found} is None else {there})"
        return "(" + " or ".join([*lacking, there]) + ")"

    def _unless(self, known: str, text: str) -> str:
        return f"(() if {known} is not None else ({text},))"

    def _has_two(self, name: str, view: View) -> bool:
        """Tell whether a field may be the record's where the event leaves it out."""
        record = None if view.matter is None else view.matter.record
        if record is None or name in record.key or name not in view.event.fields:
            return False
        return self._state.declares(record, name)


def _all_asked(tree: Expression) -> Sequence[Expression] | None:
    """Return the parts of an expression whose value is known where each of them is, None for others."""
    match tree:
        case s.Literal() | s.ParameterRef() | s.Call("known"):
            return ()
        case s.Not(operand):
            return (operand,)
        case s.Compare(parts, operators) if len(operators) == 1:
            return parts
        case s.Listing(parts) | s.Call("weekday", parts):
            return parts
    return None


def _is_needed(pack: Pack, event: str) -> bool:
    """Tell whether some rule needs a fact of a type: one that may be so is a question to it."""
    needs = [need for rule in pack.rules.values() for need in (*rule.needs, *rule.needs_any)]
    return any(need.fact is not None and event in need.fact.names for need in needs)
