"""The guards that look back: conditions, needs and permissions, as of the trigger's instant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dutyrules.policies.model import Kind
from dutyrules.policies.syntax import Field, Scope
from dutyrules.runtime.alpha import alpha_memory, reads_no_case, tried
from dutyrules.runtime.evaluation import equalities
from dutyrules.runtime.store import FOREVER, Fact
from dutyrules.runtime.values import Struct, Unknown, lacking, merge

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dutyrules.policies.model import Need, Rule
    from dutyrules.policies.syntax import Expression, Pattern, Who
    from dutyrules.runtime.alpha import AlphaMemory, Found
    from dutyrules.runtime.context import Context
    from dutyrules.runtime.evaluation import Reader
    from dutyrules.runtime.matching import Plan
    from dutyrules.runtime.openings import Opening
    from dutyrules.runtime.program import Program


class Needed(Struct, frozen=True):
    """Which needs are lacking, and what is not known about them."""

    lacking: tuple[str, ...] = ()
    doubt: Unknown | None = None

    @property
    def met(self) -> bool | Unknown:
        """Return whether all that is needed is there."""
        if self.lacking:
            return False
        return True if self.doubt is None else self.doubt


OF_ALL = ("time", "date", "person")
"""What each fact has, by which none is looked up."""


class Look(Struct, frozen=True):
    """How the facts of a pattern are found by some key fields.

    `demands` are the fields that its condition demands, with the values that they must have, and `plan` is for those
    without any; `is_alike` tells whether each of its facts is before every case and does or does not count for all.
    """

    pattern: Pattern  # looks are found again by what it is, so that it must stay
    test: Reader | None
    demands: list[tuple[str, Reader]]
    plan: Plan | None
    is_alike: bool


class Guards:
    """Tries guards in the order in which a rule is read."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._looks: dict[tuple[int, tuple[str, ...]], Look] = {}
        self._deemed = {rule.counts_as for rule in program.pack.rules.values()}

    def facts(
        self,
        patterns: tuple[Pattern, ...],
        ctx: Context,
        key: tuple[str, ...],
        values: tuple[object, ...],
        upto: int = FOREVER,
        since: int = -FOREVER,
    ) -> list[Found]:
        """Return the facts of the patterns in [since, upto] that belong to the matter, with the doubt about each."""
        program = self._program
        found: list[Found] = []
        for pattern in patterns:
            look = self._looks.get((id(pattern), key)) or self._look(pattern, key)
            if look.is_alike and (memory := self._memory(pattern)) is not None:
                found += memory.facts(upto, since)
                continue
            if look.plan is None:
                facts = program.matching(pattern, key, values, upto, _wanted(look.demands, ctx), since)
            else:
                facts = program.along(look.plan, values, upto, since)
            if facts:
                found += [(fact, None) for fact in facts] if look.test is None else tried(look.test, facts, ctx)
        if len(patterns) > 1:
            found.sort(key=lambda one: one[0].order)
        return found

    def excuses(self, patterns: tuple[Pattern, ...], opening: Opening) -> list[Fact]:
        """Return the facts of the patterns that came after an opening."""
        since = opening.time if opening.start is None else opening.start - 1  # a period is judged as a whole
        found = self.facts(patterns, opening.ctx.looking(at=FOREVER), opening.key, opening.values, since=since)
        return [fact for fact, doubt in found if doubt is None and fact.time > since]

    def _look(self, pattern: Pattern, key: tuple[str, ...]) -> Look:
        """Work out how the facts of a pattern are found by some key fields, and keep it."""
        program = self._program
        read = program.evaluator.tree
        where = pattern.where
        pairs = [] if where is None else equalities(where.tree)
        demands = [(name, read(tree)) for name, tree in pairs if name not in OF_ALL and not _may_change(tree, key)]
        is_alike = program.is_apart(pattern, key) and reads_no_case(program.pack, pattern)
        plan = None if demands or is_alike else program.plan(pattern, key)
        found = Look(pattern, program.evaluator.compile(where), demands, plan, is_alike)
        self._looks[id(pattern), key] = found
        return found

    def _memory(self, pattern: Pattern) -> AlphaMemory | None:
        """Return where a pattern's facts are kept, once they are; who looks on from outside begins no memory."""
        if not self._program.store.is_running:
            return None
        memory = self._program.once(alpha_memory, pattern)
        return memory if memory.filled else None

    def key_of(self, ctx: Context) -> tuple[tuple[str, ...], tuple[object, ...]]:
        """Return the key fields by which facts are matched to the matter at hand, and their values."""
        matter = ctx.matter or (ctx.fact.matter if ctx.fact is not None else None)
        if matter is None:
            return (), ()
        record = self._program.pack.records[matter.kind]
        return record.key, matter.key

    def needs(self, rule: Rule, ctx: Context) -> Needed:
        """Look for what the rule needs, all of it and in order where an order is demanded."""
        lacking: list[str] = []
        doubt: Unknown | None = None
        times: dict[str, list[tuple[int, str]]] = {}
        for need in rule.needs:
            met = self._need(need, ctx, times)
            if isinstance(met, Unknown):
                doubt = met if doubt is None else merge(doubt, met)
            elif not met:
                lacking.append(_name(need))
        lacking.extend(_out_of_order(rule.in_order, times))
        if rule.needs_any:
            answers = [self._need(need, ctx, {}) for need in rule.needs_any]
            if not any(answer is True for answer in answers):
                unknown = next((answer for answer in answers if isinstance(answer, Unknown)), None)
                if unknown is None:
                    lacking.append(" or ".join(_name(need) for need in rule.needs_any))
                else:
                    doubt = unknown if doubt is None else merge(doubt, unknown)
        return Needed(tuple(lacking), doubt)

    def _need(self, need: Need, ctx: Context, times: dict[str, list[tuple[int, str]]]) -> bool | Unknown:
        """Tell whether what is needed is there, or is not needed here."""
        asked: object = True if need.if_ is None else self._program.evaluator.tree(need.if_.tree)(ctx)
        if not isinstance(asked, Unknown) and not asked:
            return True
        there = self._is_there(need, ctx, times)
        if isinstance(asked, Unknown) and there is not True:
            return merge(asked, there) if isinstance(there, Unknown) else asked
        return there

    def _is_there(self, need: Need, ctx: Context, times: dict[str, list[tuple[int, str]]]) -> bool | Unknown:
        if need.permission is not None:
            return self.permits(need.permission, ctx)
        if need.fact is None:
            return True
        key, values = self.key_of(ctx)
        doubt: Unknown | None = None
        for fact, unknown in self.facts((need.fact,), ctx, key, values, ctx.at):
            if unknown is None:
                times.setdefault(_name(need), []).append(fact.order)
            doubt = unknown
        if _name(need) in times:
            return True
        if doubt is None:
            doubt = self._perhaps(need.fact, ctx, key, values)
        return False if doubt is None else doubt

    def _perhaps(
        self, pattern: Pattern, ctx: Context, key: tuple[str, ...], values: tuple[object, ...]
    ) -> Unknown | None:
        """Return the doubt about a need that a deemed fact would meet, if it were known whether it is deemed."""
        program = self._program
        kinds = [(pattern.kind.value, name) for name in pattern.names if name in self._deemed]
        test = program.evaluator.compile(pattern.where) if kinds else None
        for kind in kinds:
            for _time, _name, fact in program.store.read(("perhaps", kind), ctx.at):
                carried = zip(key, values, strict=True)
                if any(fact.data.get(name) not in (None, value) for name, value in carried):
                    continue
                if test is None or test(ctx.tested(fact)) is not False:
                    return lacking(f"whether `{fact.id}` is so")
        return None

    def permits(self, name: str, ctx: Context) -> bool | Unknown:
        """Tell whether a permission covers the fact or matter at that instant."""
        seen = self.seen(name, ctx)
        if seen is None:
            return False
        view, doubt = seen
        answer = self.allowed(self._program.pack.rules[name], view)
        if answer is False or doubt is None:
            return answer
        return merge(doubt, answer) if isinstance(answer, Unknown) else doubt

    def seen(self, name: str, ctx: Context) -> tuple[Context, Unknown | None] | None:
        """Return how a permission sees the fact or matter and the doubt about that, None if it is about another."""
        program = self._program
        rule = program.pack.rules[name]
        doubt: Unknown | None = None
        if rule.when:
            met = self._is_trigger(rule, ctx.fact)
            if met is False:
                return None
            doubt = met if isinstance(met, Unknown) else None
        if rule.about is not None and (ctx.matter is None or ctx.matter.kind != rule.about):
            related = program.related(rule.about, ctx)
            if isinstance(related, Unknown):
                return None
            ctx = ctx.looking(matter=related)
        return ctx, doubt

    def _is_trigger(self, rule: Rule, fact: Fact | None) -> bool | Unknown:
        """Tell whether a fact is one of those that a permission is for."""
        doubt: Unknown | None = None
        for pattern in rule.when if fact is not None else ():
            if fact is not None and pattern.kind.value == fact.type[0] and fact.type[1] in pattern.names:
                met = self._program.where_of_fact(pattern, fact)
                if isinstance(met, Unknown):
                    doubt = met if doubt is None else merge(doubt, met)
                elif met:
                    return True
        return False if doubt is None else doubt

    # --- ways, one by one -------------------------------------------------------------------------------------------

    def ways(self, rule: Rule, ctx: Context) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Yield the exceptions that are meant for such a case, each with what it lacks."""
        for name in rule.unless:
            view = self._meant(name, ctx)
            if view is not None:
                yield name, self._spelled(self._program.pack.rules[name], view)

    def _spelled(self, rule: Rule, ctx: Context) -> tuple[str, ...]:
        """Return what a permission lacks; beside a permission that it needs, what that one lacks."""
        found = []
        inner = {_name(need): need.permission for need in rule.needs if need.permission is not None}
        for name in self.needs(rule, ctx).lacking:
            view = self._meant(inner[name], ctx) if name in inner else None
            more = () if view is None else self._spelled(self._program.pack.rules[inner[name]], view)
            found.append(f"{name} ({', '.join(more)})" if more else name)
        return tuple(found)

    def judged(self, rule: Rule, ctx: Context) -> Iterator[tuple[str, str, tuple[Who, ...]]]:
        """Yield each need of the exceptions that are meant for such a case: its name, a word, whose it is."""
        for name in rule.unless:
            exception = self._program.pack.rules[name]
            view = self._meant(name, ctx) if exception.needs or exception.needs_any else None
            if view is not None:
                yield from self._judged_needs(exception, view)

    def _meant(self, name: str, ctx: Context) -> Context | None:
        """Return how a permission sees the case, None if its own condition or window shuts the case out."""
        seen, rule = self.seen(name, ctx), self._program.pack.rules[name]
        if seen is None or seen[1] is not None or self.in_window(rule, seen[0]) is False:
            return None
        view = seen[0]
        met = True if rule.if_ is None else self._program.evaluator.tree(rule.if_.tree)(view)
        return view if met is not False else None

    def _judged_needs(self, rule: Rule, ctx: Context) -> Iterator[tuple[str, str, tuple[Who, ...]]]:
        lacking = self.needs(rule, ctx).lacking
        for need in (*rule.needs, *rule.needs_any):
            asked = True if need.if_ is None else self._program.evaluator.tree(need.if_.tree)(ctx)
            met = self._need(need, ctx, {})
            if asked is not True or isinstance(met, Unknown):
                continue
            yield _name(need), "met" if met and _name(need) not in lacking else "not_permitted", need.who
            if need.permission is not None:
                yield need.permission, "permitted" if met else "not_permitted", need.who
                view = self._meant(need.permission, ctx)
                if view is not None:
                    yield from self._judged_needs(self._program.pack.rules[need.permission], view)

    def allowed(self, rule: Rule, ctx: Context) -> bool | Unknown:
        """Try the window, condition, needs and exceptions of a permission."""
        doubt: Unknown | None = None
        for answer in self._answers(rule, ctx):
            if answer is False:
                return False
            if isinstance(answer, Unknown):
                doubt = answer if doubt is None else merge(doubt, answer)
        return True if doubt is None else doubt

    def _answers(self, rule: Rule, ctx: Context) -> Iterator[bool | Unknown]:
        program = self._program
        if not program.in_force(rule, ctx):
            yield False
        if rule.from_ is not None or rule.by is not None:
            yield self.in_window(rule, ctx)
        if rule.if_ is not None:
            answer = program.evaluator.tree(rule.if_.tree)(ctx)
            yield answer if isinstance(answer, Unknown) else bool(answer)
        if rule.needs or rule.needs_any:
            yield self.needs(rule, ctx).met
        for other in rule.unless:
            answer = self.permits(other, ctx)
            yield answer if isinstance(answer, Unknown) else not answer

    def in_window(self, rule: Rule, ctx: Context) -> bool | Unknown:
        """Tell whether the fact lies in the rule's window: closed at its start.

        A permission's end is included, a prohibition's not.
        """
        program = self._program
        time = ctx.fact.time if ctx.fact is not None else ctx.at
        if rule.from_ is not None:
            since = program.instants.read(rule.from_, ctx, end=False)
            if isinstance(since, Unknown):
                return since
            if time < since.time:
                return False
        if rule.by is not None:
            upto = program.instants.read(rule.by, ctx, end=True)
            if isinstance(upto, Unknown):
                return upto
            last = upto.time if rule.kind is not Kind.PROHIBITION or upto.day is not None else upto.time - 1
            if time > last:
                return False
        return True

    def excepted(self, rule: Rule, ctx: Context) -> str | Unknown | None:
        """Return the permission that covers the trigger, None if none does."""
        doubt: Unknown | None = None
        for name in rule.unless:
            answer = self.permits(name, ctx)
            if answer is True:
                return name
            if isinstance(answer, Unknown):
                doubt = answer if doubt is None else merge(doubt, answer)
        return doubt


def _wanted(demands: list[tuple[str, Reader]], ctx: Context) -> tuple[tuple[str, object], ...]:
    """Return the fields that a pattern's condition demands, with the values that they must have here."""
    inside = ctx.inside(None)
    found = [(name, reader(inside)) for name, reader in demands]
    return tuple((name, value) for name, value in found if not isinstance(value, Unknown))


def _may_change(tree: Expression, key: tuple[str, ...]) -> bool:
    """Tell whether what a condition demands is the record's and may change: each fact is tried as of its own time."""
    return isinstance(tree, Field) and tree.scope is Scope.MATTER and tree.name not in key


def _out_of_order(names: tuple[str, ...], times: dict[str, list[tuple[int, str]]]) -> Iterator[str]:
    """Yield the needs that were met, but never after the ones that go before them."""
    last = (-FOREVER, "")
    for name in names:
        if name in times:
            later = [place for place in times[name] if place > last]
            if later:
                last = later[0]
            else:
                yield name


def _name(need: Need) -> str:
    return need.id or need.permission or (need.fact.source if need.fact is not None else "")
