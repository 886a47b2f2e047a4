"""Clocks that start at an instant of their own: which acts count, those before the obligation was known among them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dutyrules.compiler.sections import bare
from dutyrules.compiler.views import NotStreamable, named
from dutyrules.policies import syntax as s
from dutyrules.policies.horizons import horizons
from dutyrules.policies.model import Kind
from dutyrules.policies.syntax import FactKind
from dutyrules.runtime.matching import reads_itself_only

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dutyrules.compiler.expressions import Translator
    from dutyrules.compiler.sections import Part, Writer
    from dutyrules.compiler.state import State
    from dutyrules.policies.model import Pack, Rule
    from dutyrules.policies.syntax import Pattern


def refuse_start(rule: Rule, pack: Pack) -> None:
    """Refuse a start of which a single pass cannot tell which acts have come since."""
    start = rule.from_
    if start is None:
        return
    if rule.kind is not Kind.OBLIGATION or not rule.until or not rule.when:
        raise NotStreamable("its window starts at an instant of its own")
    if rule.one_act == "oldest":
        raise NotStreamable("several clocks that start apart share its acts")
    if isinstance(start, s.Offset) and not start.forward and (start.duration is None or not start.duration.runs):
        raise NotStreamable("its clock starts days before something, and acts count that come before its record")
    if _counts_twice(rule, pack):
        raise NotStreamable("what sets it off may count as its act")


def _counts_twice(rule: Rule, pack: Pack) -> bool:
    """Tell whether one event may both set a rule off and be its act, because it counts as something else."""
    named_here = {name for pattern in (*rule.when, *rule.until) for name in pattern.names}
    deeming = [one for one in pack.rules.values() if one.counts_as is not None]
    for first in pack.events:
        family, before = {first}, 0
        while len(family) > before:
            before = len(family)
            for one in deeming:
                if any(pattern.kind is not FactKind.EVENT or family & {*pattern.names} for pattern in one.when):
                    family.add(str(one.counts_as))
        if len(family & named_here) > 1:
            return True
    return False


def with_record(rule: Rule) -> bool:
    """Tell whether a rule's clock starts when its record opens, so that no act on the record comes too early."""
    start = rule.from_
    if not isinstance(start, s.ReadInstant) or not isinstance(start.expr.tree, s.Field):
        return False
    field = start.expr.tree
    owner = rule.about if field.record is None and field.scope is s.Scope.MATTER else field.record
    return field.name == "opened" and owner == rule.about


class Starts:
    """Writes which acts are remembered before an obligation opens, and which of them fulfils it.

    Of each record the first act and the time of the last one are kept: where the clock starts between the two, the
    engine has to look.
    """

    def __init__(self, state: State, say: Translator) -> None:
        self._state = state
        self._say = say

    def note(self, part: Part, rule: Rule, slot: str, record: str, acts: Iterable[Pattern]) -> None:
        """Write that an event is remembered as an act on a record, as long as nothing is owed."""
        if rule.from_ is None:
            return
        out, first, latest = part.rules, named("early", rule.id), named("latest", rule.id)
        slots = self._state.use(str(rule.about)).slots
        slots[first] = slots[latest] = "None"
        with out.under(f"if {record} is not None and {record}.{slot} is None:"):
            for pattern in acts:
                if pattern.where is not None and not reads_itself_only(pattern.where.tree):
                    raise NotStreamable("an act before it counts, and is judged by what is known later")
                where = None if pattern.where is None else self._say.write(pattern.where.tree, part.view)
                out.sure(() if where is None else where.maybe, rule.id)
                with out.under(f"if {'True' if where is None else bare(where.text)}:"):
                    with out.under(f"if {record}.{first} is None:"):
                        out(f"{record}.{first} = (t, c)")
                    out(f"{record}.{latest} = t")

    def met(self, part: Part, rule: Rule, record: str) -> str:
        """Write which act has come since the clock's start, and return what tells whether there is one: `early`."""
        out, first, latest = part.rules, named("early", rule.id), named("latest", rule.id)
        slots = self._state.use(str(rule.about)).slots
        slots[first] = slots[latest] = "None"
        if with_record(rule):
            self._remembered(out, rule, f"{record}.{first}")
            out(f"early = {record}.{first} and {record}.{first}[1]")
            return "early is not None and early != c"
        slots.setdefault("opened", "t")
        out("early = None")
        with out.under("if start < t:"):
            with out.under(f"if start < {record}.opened:"):
                out(f"raise Unsure({rule.id!r}, c)")
            with out.under(f"if {record}.{latest} is not None and {record}.{latest} >= start:"):
                with out.under(f"if {record}.{first}[0] < start:"):
                    out(f"raise Unsure({rule.id!r}, c)")
                self._remembered(out, rule, f"{record}.{first}")
                out(f"early = {record}.{first}[1]")
        return "early is not None and early != c"

    def _remembered(self, out: Writer, rule: Rule, first: str) -> None:
        """Write that an act is left to the engine which that one may have forgotten."""
        known = horizons(self._state.pack).events
        every = [known[name] for pattern in rule.until for name in pattern.names]
        ends = [one.seconds for one in every if not one.is_endless]
        if ends:
            with out.under(f"if {first} is not None and {first}[0] < t - {min(ends)}:"):
                out(f"raise Unsure({rule.id!r}, c)")
