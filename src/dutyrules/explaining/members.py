"""What a count counted for a reader, and what it left out for which reason."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from dutyrules.calendars import PeriodKind, period_of, shift_date
from dutyrules.explaining.evidence import Candidate, Tally
from dutyrules.explaining.steps import FAILS
from dutyrules.policies import syntax as s
from dutyrules.policies.model import WindowKind
from dutyrules.runtime.context import Context
from dutyrules.runtime.counting import CALENDAR_WINDOWS, instance_fact
from dutyrules.runtime.store import FOREVER
from dutyrules.runtime.values import Unknown

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterator

    from dutyrules.explaining.evidence import Term
    from dutyrules.policies.model import Count
    from dutyrules.runtime.counting import Member
    from dutyrules.runtime.instances import Instance
    from dutyrules.runtime.program import Program
    from dutyrules.runtime.store import Fact


class Members:
    """Takes counts apart."""

    def __init__(self, program: Program, term: Callable[[s.Expression, Context], Term]) -> None:
        self._program = program
        self._term = term

    def tally(self, name: str, ctx: Context, args: list[Any]) -> Tally:
        """Return a count with every fact that has the reader's key."""
        program = self._program
        count = program.pack.counts[name]
        value = program.counting.value(name, ctx, args)
        key, label = program.counting.window(name, ctx, args)
        window = _window_name(count, label)
        if isinstance(key, Unknown) or isinstance(label, Unknown):
            return Tally(name, (), value, window)
        found = program.counting.members(name, ctx, args)
        members: list[Member] = [] if isinstance(found, Unknown) else found
        counted = {(one.fact, one.day) for one in members}
        candidates = sorted(
            {(one.fact, one.day): one for one in self._candidates(count, key, label, counted, ctx)}.values(),
            key=lambda one: (one.time, one.fact),
        )
        if count.distinct is not None:
            candidates = list(_each_once(candidates))
        first, last = self._days(count, label, ctx)
        return Tally(
            name,
            key,
            value,
            window,
            first,
            last,
            self._reaches(count, members, candidates, label, ctx),
            None if ctx.at >= FOREVER else ctx.at,
            mine=ctx.fact is not None and any(one.fact == ctx.fact.id for one in members),
            whole=ctx.whole,
            candidates=tuple(candidates),
        )

    # --- each fact -------------------------------------------------------------------------------------------------

    def _candidates(
        self,
        count: Count,
        key: tuple[Any, ...],
        label: str | None,
        counted: set[tuple[str, dt.date | None]],
        ctx: Context,
    ) -> Iterator[Candidate]:
        for pattern in count.of:
            for fact, view in self._facts(pattern, ctx):
                if self._key(count, view) != key:
                    continue
                yield from self._judged(count, pattern, fact, view, label, counted, ctx)

    def _facts(self, pattern: s.Pattern, ctx: Context) -> Iterator[tuple[Fact, Context]]:
        """Yield the facts of a pattern, each as the count sees it."""
        store = self._program.store
        if pattern.kind is s.FactKind.RECORD:
            instances: list[Instance] = [entry[2] for entry in store.read(("recs", pattern.names[0]))]
            for instance in instances:
                at = max(instance.opened, min(ctx.at, instance.steps[-1][0]))
                yield instance_fact(instance), Context(None, instance, at=at, day=None)
            return
        for name in pattern.names:
            for fact in store.facts.get((pattern.kind.value, name), {}).values():
                yield fact, Context(fact, fact.matter, at=fact.time)

    def _key(self, count: Count, view: Context) -> tuple[Any, ...]:
        evaluate = self._program.evaluator.tree
        return tuple(evaluate(member.tree)(view) for _reader, member in count.per)

    def _judged(
        self,
        count: Count,
        pattern: s.Pattern,
        fact: Fact,
        view: Context,
        label: str | None,
        counted: set[tuple[str, dt.date | None]],
        ctx: Context,
    ) -> Iterator[Candidate]:
        mine = [(name, day) for name, day in counted if name == fact.id or name.startswith(f"{fact.id}#")]
        if mine:
            for _name, day in mine:
                yield Candidate(fact.id, fact.time, day, True, "counted", fact.roots, distinct=self._value(count, view))  # noqa: FBT003 - `counted`
            return
        day = self._day(count, view, fact)
        failed = None if pattern.where is None else self._term(pattern.where.tree, view)
        reason = self._reason(count, failed, fact, day, label, ctx)
        yield Candidate(
            fact.id,
            fact.time,
            day,
            FAILS,
            reason,
            fact.roots,
            failed if reason == "where" else None,
        )

    def _reason(
        self,
        count: Count,
        failed: Term | None,
        fact: Fact,
        day: dt.date | None,
        label: str | None,
        ctx: Context,
    ) -> str:
        """Return why a fact with the reader's key is not counted."""
        if failed is not None and failed.holds is not True:
            return "where" if failed.holds is False else "unknown"
        if label is not None and day is not None and _label(count, day) != label:
            return "window"
        upto = ctx.at if ctx.fact is None or ctx.whole else min(ctx.at, ctx.fact.time)
        if not ctx.whole and (fact.time > upto or (ctx.fact is not None and fact.order > ctx.fact.order)):
            return "later"
        if count.except_ is not None:
            view = Context(fact, fact.matter, at=fact.time)
            if self._program.bare(view, count.except_) == self._program.bare(ctx, count.except_):
                return "except"
        if count.window is WindowKind.OPEN:
            return "over"
        if count.streak_of is not None:
            return "gap"
        return "window" if count.rolling is not None else "over"

    def _value(self, count: Count, view: Context) -> object:
        return None if count.distinct is None else self._program.bare(view, count.distinct)

    def _day(self, count: Count, view: Context, fact: Fact) -> dt.date | None:
        program = self._program
        if count.date is not None:
            day = program.evaluator.tree(count.date.tree)(view)
            return None if isinstance(day, Unknown) else day
        if count.spread is not None:
            day = program.bare(view, count.spread[0])
            return None if isinstance(day, Unknown) else day
        return program.day_of(view) if view.fact is not None else program.zone.date_of(fact.time)

    # --- the window ------------------------------------------------------------------------------------------------

    def _days(self, count: Count, label: str | None, ctx: Context) -> tuple[dt.date | None, dt.date | None]:
        """Return the first and last day of the window that the reader looks into."""
        program = self._program
        day = program.day_of(ctx)
        if label is not None and count.window.value in CALENDAR_WINDOWS and day is not None:
            period = period_of(PeriodKind(count.window.value), day)
            while period.label > label:
                period = period.previous()
            return (period.start, period.end) if period.label == label else (None, None)
        if count.rolling is None or ctx.at >= FOREVER:
            return None, None
        if count.rolling.runs:
            return program.zone.date_of(ctx.at - count.rolling.seconds), program.zone.date_of(ctx.at)
        today = day or program.zone.date_of(ctx.at)
        return shift_date(today, count.rolling, forward=False, calendar=program.calendar).date, today

    def _reaches(
        self, count: Count, members: list[Member], candidates: list[Candidate], label: str | None, ctx: Context
    ) -> int | None:
        """Return the last second at which all that is counted now still counts, and the window lasts."""
        program = self._program
        ends: list[int] = []
        _first, last = self._days(count, label, ctx)
        if label is not None and last is not None:
            ends.append(program.zone.end_of(last))
        if count.rolling is not None:
            times = {one.fact: one.time for one in candidates if one.counted}
            for member in members:
                if count.rolling.runs:
                    ends += [times[member.fact] + count.rolling.seconds] if member.fact in times else []
                elif member.day is not None:
                    over = shift_date(member.day, count.rolling, forward=True, calendar=program.calendar).date
                    ends.append(program.zone.end_of(over))
        return min(ends, default=None)


def _label(count: Count, day: dt.date) -> str | None:
    if count.window.value not in CALENDAR_WINDOWS:
        return None
    return period_of(PeriodKind(count.window.value), day).label


def _window_name(count: Count, label: str | Unknown | None) -> str:
    if count.streak_of is not None:
        return f"streak of {count.streak_of}"
    if count.rolling is not None:
        return str(count.rolling)
    return label if isinstance(label, str) else count.window.value


def _each_once(candidates: list[Candidate]) -> Iterator[Candidate]:
    """Mark those that add nothing, since another one with the same value is counted."""
    seen: set[object] = set()
    for one in candidates:
        if one.counted and one.distinct in seen:
            yield attrs.evolve(one, counted=False, reason="same")
        else:
            if one.counted:
                seen.add(one.distinct)
            yield one
