"""What is owed: obligations that open, are met, waived or missed."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import attrs

from dutyrules.compiler.acts import act_of, agreeing, apart, table_by
from dutyrules.compiler.certainty import Certainty
from dutyrules.compiler.families import Family, Waiting
from dutyrules.compiler.fulfilments import flag
from dutyrules.compiler.kept import Kept
from dutyrules.compiler.layouts import Piece
from dutyrules.compiler.limits import Limits
from dutyrules.compiler.locality import is_patient
from dutyrules.compiler.outcomes import constant, vague
from dutyrules.compiler.sections import Part, bare
from dutyrules.compiler.starts import Starts, with_record
from dutyrules.compiler.state import gone, kept_for, place_of
from dutyrules.compiler.ties import is_untied, this_view
from dutyrules.compiler.views import NotStreamable, joined, named
from dutyrules.policies.horizons import horizons
from dutyrules.policies.model import Kind
from dutyrules.runtime.matching import reads_itself_only

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dutyrules.compiler.acts import Act
    from dutyrules.compiler.breaches import Breaches
    from dutyrules.compiler.consequences import Consequences
    from dutyrules.compiler.expressions import Translator
    from dutyrules.compiler.families import RestsOn
    from dutyrules.compiler.fulfilments import Fulfilments
    from dutyrules.compiler.state import State
    from dutyrules.compiler.views import View
    from dutyrules.policies.model import Pack, Record, Rule
    from dutyrules.policies.syntax import Pattern


class Obligations(Family):
    """Writes obligations into sections."""

    def __init__(
        self,
        state: State,
        say: Translator,
        made: Consequences,
        breaches: Breaches,
        fulfilments: Fulfilments,
        rests_on: RestsOn,
        *,
        carries_all: bool,
    ) -> None:
        self.state = state
        self.rests_on = rests_on
        self.duties: dict[str, Kept] = {}
        self._say = say
        self._made = made
        self._breaches = breaches
        self._fulfilments = fulfilments
        self._carries_all = carries_all
        self._certainty = Certainty(state, say)
        self._limits = Limits(state, say)
        self._starts = Starts(state, say)

    def open(self, part: Part, rule: Rule, view: View) -> None:
        """Write that an obligation opens."""
        assert view.matter is not None  # noqa: S101 - an obligation is about a record, or it has been refused
        out, record = part.rules, view.matter.variable
        if len(rule.when) != 1 or len(rule.when[0].names) != 1:
            raise NotStreamable("several events set it off")
        duty = self.duties[rule.id]
        self.state.use(view.matter.record.name).slots[duty.slot] = "None"
        kept = self.clock(part, rule, view)
        with out.under(f"if {record}.{duty.slot} is not None:"):
            out(f"raise Unsure({rule.id!r}, c)")
        out(f"o = {record}.{duty.slot} = {duty.made(part, view, kept)}")
        self._listed(part, duty)
        if rule.from_ is None:
            self.opened(part, rule, view)
            return
        with out.under(f"if {self._starts.met(part, rule, record)}:"):
            if rule.id in self._fulfilments.watched:  # what reacts would see an act that is past
                out(f"raise Unsure({rule.id!r}, c)")
            self.met(part, rule, attrs.evolve(view, causes=(*view.causes, "early")))
        with out.under("else:"):
            self.opened(part, rule, view)

    def clock(self, part: Part, rule: Rule, view: View, *, past: str = "due < t") -> dict[str, str]:
        """Write when a clock starts and runs out; return what is kept of that, by its slots.

        `past` tells whether it comes too late for anybody to say what holds.
        """
        out, limit = part.rules, self._limits.of(rule, view)
        for name, code in limit.steps:
            out.sure(code.maybe, rule.id)
            out(f"{name} = {code.text}")
        if timed(rule):
            with out.under(f"if {past}:"):
                out(f"raise Unsure({rule.id!r}, c)")
        kept = {"due": "due"} if timed(rule) else {}
        kept |= {"start": "start"} if rule.from_ is not None else {}
        return kept if limit.ledger is None else {**kept, "counted": limit.ledger}

    def opened(self, part: Part, rule: Rule, view: View) -> None:
        """Write that an obligation stands open from now on."""
        out = part.rules
        fields = [Piece("since", view.clock if rule.from_ is None else "iso(start)")]
        if timed(rule):
            out.waits("due")
            fields.append(Piece("due", "iso(due)"))
        fields += vague(rule)
        self._made.write(part, rule, view, "obligation", "open", fields)
        if timed(rule):
            self._deadline(part, rule, view, "set", view.clock, view.causes)

    def _deadline(self, part: Part, rule: Rule, view: View, status: str, clock: str, because: tuple[str, ...]) -> None:
        ledger = []
        if "counted" in self.duties[rule.id].more:
            ledger = [Piece("ledger", "o.counted", quoted=False)]
        elif rule.within is not None and rule.within.duration is not None and rule.within.duration.runs:
            length = rule.within.duration
            code = f'running(o.since, iso(o.due), "{length}", {length.seconds})'
            ledger = [Piece("ledger", code, quoted=False)]
        own = attrs.evolve(view, clock=clock, causes=because)
        self._made.write(part, rule, own, "deadline", status, [Piece("due", "iso(o.due)"), *ledger])

    # --- acts and misses -------------------------------------------------------------------------------------------

    def on_acts(self, part: Part, rule: Rule, mine: list[tuple[Pattern, bool]]) -> None:
        """Write that an event fulfils an obligation, or waives it (`mine`: the patterns that it fits, and which)."""
        record = self.state.use(str(rule.about)).record
        if not all(waives for _pattern, waives in mine):
            self._fulfilments.begin(part, rule)
        for acts in apart(
            [act_of(self._say, rule, record, part.view, pattern, waives=waives) for pattern, waives in mine]
        ):
            depth = part.rules.depth
            self._keyed(part, rule, record, acts)
            if len(acts[0].key) == len(record.key):
                self._on_record(part, rule, record, acts)
            elif all(one.waives for one in acts):
                self._on_several(part, rule, acts)
            else:
                raise NotStreamable(f"`{part.view.event.name}` does not carry the key of `{record.name}`")
            part.rules.depth = depth

    def _keyed(self, part: Part, rule: Rule, record: Record, acts: list[Act]) -> None:
        """Write that an act which leaves out a part of a key is left to the engine, where it may be about a record.

        What follows stands in the other branch, if there is one.
        """
        out, act = part.rules, acts[0]
        maybe = out.unsure_of(joined([*act.key.values()]))
        if not maybe or not is_patient(self.state):
            out.sure(maybe, rule.id)
            return
        use = self.state.use(record.name)
        agrees = use.table if len(record.key) == 1 else f"any({agreeing(record, act)} for k in {use.table})"
        forgotten = "" if kept_for(self.state.pack, record.name) is None else f"{gone(use)} or "
        test = " or ".join(f"{one} is None" for one in maybe)
        perhaps = f"not ({self._fails(part, acts)}) and ({forgotten}{agrees} or crowd.bars(t))"
        with out.under(f"if {test}:"), out.under(f"if {perhaps}:"):
            out(f"raise Unsure({rule.id!r}, c)")
        out.other(maybe)

    def _fails(self, part: Part, acts: list[Act]) -> str:
        """Return what tells that an event certainly is none of some acts, by what it says itself."""
        trees = [None if act.pattern.where is None else act.pattern.where.tree for act in acts]
        told = [tree for tree in trees if tree is not None and reads_itself_only(tree)]
        if len(told) < len(trees):
            return "False"
        return " and ".join(self._certainty.holds(tree, part.view, part.view, wanted=False) for tree in told)

    def _on_record(self, part: Part, rule: Rule, record: Record, acts: list[Act]) -> None:
        """Write what an event does to the duty of the record that it tells."""
        duty, out = self.duties[rule.id], part.rules
        found = self.state.found(record, [*acts[0].key.values()])
        self._fulfilments.tell(part, this_view(self.state, duty, flag(rule)), acts[0].key)
        with out.under(f"if {found} is not None and {duty.owed_of(found)}:"):
            this = this_view(self.state, duty, found=found)
            word = "if"
            for act in acts:
                tests = ["o.state == 1"] if act.waives else []
                if rule.from_ is not None and not act.waives and not with_record(rule):
                    tests.append("t >= o.start")
                if act.pattern.where is not None:
                    where = self._say.write(act.pattern.where.tree, part.view, this)
                    out.sure(where.maybe, rule.id)
                    tests.append(bare(where.text))
                with out.under(f"{word} {' and '.join(tests) or 'True'}:"):
                    self.done(part, rule, this, waives=act.waives)
                word = "elif"
        self._starts.note(part, rule, duty.slot, found, [act.pattern for act in acts if not act.waives])

    def _on_several(self, part: Part, rule: Rule, acts: list[Act]) -> None:
        """Write that an event which tells only parts of a key waives all duties of records with these."""
        duty, out, key = self.duties[rule.id], part.rules, acts[0].key
        table = table_by(rule, tuple(key))
        duty.by[tuple(key)] = None
        self.state.reached(table, [code.text for code in key.values()])
        this = this_view(self.state, duty)
        with out.each(table, place_of([*key.values()])):
            for act in acts:
                with out.under("if o.state == 1:"):
                    expr = act.pattern.where
                    where = None if expr is None else self._say.write(expr.tree, part.view, this)
                    out.sure(() if where is None else where.maybe, rule.id)
                    with out.when(where):
                        self.done(part, rule, this, waives=True)

    def _listed(self, part: Part, duty: Kept) -> None:
        """Write that a duty is found by parts of its record's key."""
        for names in duty.by:
            table, key = table_by(duty.rule, names), [self._say.bare(name, part.view) for name in names]
            self.state.reached(table, [code.text for code in key])
            part.rules(f"{table}.setdefault({place_of(key)}, []).append(o)")

    def done(self, part: Part, rule: Rule, this: View, *, waives: bool) -> None:
        """Write that an act fulfils an obligation, in time or late, or ends it otherwise."""
        out, view = part.rules, part.view
        because = ("o.cause", "c")
        made = attrs.evolve(this, clock=view.clock, person="o.person", causes=because)
        if waives:
            out("o.state = 0")
            self._made.write(part, rule, made, "obligation", "waived", self.kept(rule))
            if timed(rule):
                self._deadline(part, rule, made, "lifted", view.clock, because)
            return
        if not timed(rule):
            self.met(part, rule, made)
            return
        with out.under("if o.state == 1:"):
            self.met(part, rule, made)
        with out.under("else:"):
            if not is_held(self.state.pack, rule):  # the miss and the late act are one instant to the engine
                with out.under("if o.due == t - 1:"):
                    out(f"raise Unsure({rule.id!r}, c)")
            known = horizons(self.state.pack).rules[rule.id]
            if not known.is_endless:  # the engine may have forgotten what was missed so long ago
                with out.under(f"if o.due < t - {known.seconds}:"):
                    out(f"raise Unsure({rule.id!r}, c)")
            out("o.state = 3" if rule.excused_by else "o.state = 0")
            fields = [*self.kept(rule), constant("late", True)]  # noqa: FBT003
            self._made.write(part, rule, made, "obligation", "fulfilled", fields)
            self._fulfilments.note(part, rule)

    def met(self, part: Part, rule: Rule, made: View) -> None:
        """Write that an obligation is fulfilled in time."""
        part.rules("o.state = 0")
        self._made.write(part, rule, made, "obligation", "fulfilled", self.kept(rule))
        if timed(rule):
            self._deadline(part, rule, made, "lifted", made.clock, made.causes)
        self._fulfilments.note(part, rule)

    def kept(self, rule: Rule) -> list[Piece]:
        """Return the fields of an obligation that has been kept since it opened."""
        due = [Piece("due", "iso(o.due)")] if timed(rule) else []
        return [_since(rule), *due, *vague(rule)]

    def miss(self, part: Part, rule: Rule) -> None:
        """Write that an obligation was not met by its deadline."""
        if not self._carries_all:
            raise NotStreamable("its miss rests on silence")
        view = part.view
        fields = [_since(rule), Piece("due", "x"), *vague(rule)]
        with self._breaches.held(is_held(self.state.pack, rule)):
            self._made.write(part, rule, view, "obligation", "breached", fields)
        self._deadline(part, rule, view, "missed", "x", view.causes)
        cause = self._made.cause(rule, "obligation", view)
        with self._breaches.taken_back("o.undone" if rule.excused_by else None):
            self._breaches.write(part, rule, view, due="x", because=(cause,))

    # --- the family ------------------------------------------------------------------------------------------------

    def take(self, rule: Rule) -> None:
        """Note an obligation that something sets off."""
        if rule.kind is Kind.OBLIGATION and rule.until and rule.when:
            self.duties[rule.id] = Kept(rule)

    def settle(self) -> None:
        """Merge duties with their records, once all are known: those that are the only ones of their kind of record."""
        held = [one for one in self.duties.values() if one.rule.about and not is_untied(self.state.pack, one.rule)]
        times = Counter(one.rule.about for one in held)
        for one in held:
            one.merged = times[one.rule.about] == 1

    def keeps(self) -> list[Kept]:
        """Return what is kept of what opens obligations."""
        return [*self.duties.values()]

    def tables(self) -> Iterator[str]:
        """Return the tables of obligations that are found by parts of their record's key."""
        return (f"{table_by(duty.rule, names)} = {{}}" for duty in self.duties.values() for names in duty.by)

    def waiting(self) -> Iterator[Waiting]:
        """Yield obligations that have a limit."""
        for duty in self.duties.values():
            if timed(duty.rule):
                view = attrs.evolve(this_view(self.state, duty), time="o.due", person="o.person")
                yield Waiting(duty.rule, self._waits_as(duty), Part(named("miss", duty.rule.id), view))

    def _waits_as(self, duty: Kept) -> str:
        """Return the class of what waits for the instant of a duty."""
        return self.state.use(str(duty.rule.about)).class_name if duty.merged else duty.class_name


def _since(rule: Rule) -> Piece:
    return Piece("since", "o.since" if rule.from_ is None else "iso(o.start)")


def is_held(pack: Pack, rule: Rule) -> bool:
    """Tell whether what is told of a miss waits for an act in the very next second, late as it is.

    To the engine the miss and that act are one instant, after which the duty stands fulfilled.
    """
    return rule.about is not None and not rule.excused_by and not is_untied(pack, rule)


def timed(rule: Rule) -> bool:
    """Tell whether a duty has a limit."""
    return rule.within is not None or rule.by is not None


def matter_of(say: Translator, state: State, view: View, record: Record) -> str:
    """Return the variable of the record that a fact belongs to."""
    return state.found(record, [say.bare(name, view) for name in record.key])
