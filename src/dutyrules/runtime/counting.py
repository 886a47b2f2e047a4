"""Counts: which facts are members, in which window, and what a reader finds there."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

import attrs
from msgspec.structs import replace

from dutyrules.calendars import PeriodKind, period_of, shift_date
from dutyrules.policies import syntax as s
from dutyrules.policies.model import Count, WindowKind
from dutyrules.runtime.context import Context
from dutyrules.runtime.members import InstanceMemberCell, MemberCell
from dutyrules.runtime.store import FOREVER, Fact
from dutyrules.runtime.values import Struct, Unknown, lacking

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dutyrules.calendars import Duration
    from dutyrules.runtime.instances import Instance
    from dutyrules.runtime.program import Program
    from dutyrules.runtime.store import Key

CALENDAR_WINDOWS: Final = {window: PeriodKind(window.value) for window in WindowKind if window.value in {*PeriodKind}}
LONGEST_SPREAD: Final = 800
MEMBER_LAYER: Final = 1


class Member(Struct, frozen=True):
    """One member of a count.

    Its day, until when it is open (`until`) or is one at all (`gone`), what makes it distinct, the doubt about it.
    """

    fact: str
    day: dt.date | None
    until: int | None
    gone: int | None
    distinct: Any
    excepted: Any
    matter: str | None
    doubt: Unknown | None


def instance_fact(instance: Instance) -> Fact:
    """Return a record as a fact that begins with its opening."""
    return Fact(("record", instance.kind), instance.opened, instance.id, {}, instance.person, instance, instance.roots)


class Counting:
    """All counts of a pack."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._counts = program.pack.counts
        self._live = {name for name, count in self._counts.items() if self._is_live(count)}
        self.fades = {
            name: count.rolling.seconds
            for name, count in self._counts.items()
            if count.rolling is not None and count.rolling.runs
        }
        self._plain = {
            name
            for name, count in self._counts.items()
            if name not in self._live
            and count.window is not WindowKind.OPEN
            and (count.rolling, count.except_, count.streak_of) == (None, None, None)
        }
        self._by_itself: dict[tuple[str, str], bool] = {}
        read = program.evaluator.tree
        self._reader_keys = {
            name: [read(reader.tree) for reader, _member in count.per] for name, count in self._counts.items()
        }
        self._member_keys = {
            name: [read(member.tree) for _reader, member in count.per] for name, count in self._counts.items()
        }
        self._daily = {
            name
            for rule in program.pack.rules.values()
            if rule.during is not None and rule.whenever is not None
            for name in counts_read(rule.whenever.tree)
        }
        for count in self._counts.values():
            for pattern in count.of:
                self._subscribe(count, pattern)

    def layer(self, count: Count) -> int:
        """Return the layer of a count's members."""
        return self._program.count_layers[count.name]

    def _is_live(self, count: Count) -> bool:
        """Tell whether membership of records rests on more than their own fields: then they are looked at when read."""
        exprs = [count.date, *(member for _reader, member in count.per), *(pattern.where for pattern in count.of)]
        around = any(_looks_around(expr.tree) for expr in exprs if expr is not None)
        return around and any(pattern.kind is s.FactKind.RECORD for pattern in count.of)

    def _subscribe(self, count: Count, pattern: s.Pattern) -> None:
        program = self._program
        if pattern.kind is s.FactKind.RECORD:
            if count.name in self._live:
                for _reader, member in count.per:
                    if isinstance(member.tree, s.Field):
                        program.index_record(pattern.names[0], member.tree.name)
            else:
                program.on_instance(pattern.names[0], lambda instance: self._instance(count, pattern, instance))
            return
        for name in pattern.names:
            program.store.listen(
                (pattern.kind.value, name), lambda fact, came: self._fact(count, pattern, fact, came=came)
            )

    def reads_itself_only(self, count: Count, pattern: s.Pattern) -> bool:
        """Tell whether membership of a record depends on nothing but its own fields."""
        known = self._by_itself.get((count.name, pattern.source))
        if known is None:
            exprs = [pattern.where, count.date, *(member for _reader, member in count.per)]
            known = not any(_looks_around(expr.tree) for expr in exprs if expr is not None)
            self._by_itself[(count.name, pattern.source)] = known
        return known

    def _instance(self, count: Count, pattern: s.Pattern, instance: Instance) -> None:
        key = ("members", count.name, instance.kind, instance.key)
        self._program.store.cell(key, lambda: InstanceMemberCell(self, count, pattern, instance))

    def _fact(self, count: Count, pattern: s.Pattern, fact: Fact, *, came: bool) -> None:
        store = self._program.store
        key = ("member", count.name, fact.type, fact.id)
        if key not in store.cells and self._program.fails_by_itself(pattern, fact):
            return
        cell = store.cell_on(fact, key, lambda: MemberCell(self, count, pattern, fact))
        if isinstance(cell, MemberCell):
            cell.fact = fact if came else None
        store.due(cell)

    # --- members -------------------------------------------------------------------------------------------------

    def places_along(self, count: Count, pattern: s.Pattern, instance: Instance) -> dict[tuple[Key, int, str], object]:
        """Return the entries that a record makes, one for each stretch of its life in which its fields are the same."""
        found: dict[tuple[Key, int, str], object] = {}
        times = self._stretches(count, pattern, instance)
        for number, time in enumerate(times):
            gone = times[number + 1] if number + 1 < len(times) else None
            fact = instance_fact(instance)
            fact = replace(fact, time=time, id=fact.id if number == 0 else f"{fact.id}#{number}")
            found |= self.places(count, pattern, Context(None, instance, at=time), fact, gone)
        return found

    def _stretches(self, count: Count, pattern: s.Pattern, instance: Instance) -> list[int]:
        """Return when to look at a record anew; where only its fields matter, what they say again is no news."""
        steps = instance.steps
        if count.window is not WindowKind.EVER or not self.reads_itself_only(count, pattern):
            return [time for time, _fields in steps]
        return [steps[0][0], *(later[0] for step, later in pairwise(steps) if step[1] != later[1])]

    def places(
        self, count: Count, pattern: s.Pattern, ctx: Context, fact: Fact, gone: int | None = None
    ) -> dict[tuple[Key, int, str], object]:
        """Return the entries that a fact makes: one, one a day if it is spread, none if it is no member."""
        program = self._program
        doubt: Unknown | None = None
        if pattern.where is not None:
            met = program.evaluator.tree(pattern.where.tree)(ctx)
            if isinstance(met, Unknown):
                doubt = met
            elif not met:
                return {}
        key = tuple([read(ctx) for read in self._member_keys[count.name]])
        if any(isinstance(value, Unknown) for value in key):
            return {}
        distinct = self._field(ctx, count.distinct)
        if isinstance(distinct, Unknown):
            doubt = distinct
        matter = fact.matter
        closed = matter.closed if pattern.kind is s.FactKind.RECORD and matter is not None else None
        until = min((time for time in (closed, gone) if time is not None), default=None)
        excepted = self._field(ctx, count.except_)
        found: dict[tuple[Key, int, str], object] = {}
        for number, day in enumerate(self._days(count, ctx, fact, until)):
            label = self._label(count, day)
            name = fact.id if number == 0 else f"{fact.id}/{number}"
            found[(("count", count.name, key, label), fact.time, name)] = Member(
                fact.id,
                day,
                until,
                gone,
                distinct if count.spread is None else day,
                excepted,
                matter.id if matter is not None else None,
                doubt,
            )
        return found

    def _field(self, ctx: Context, name: str | None) -> object:
        return None if name is None else self._program.bare(ctx, name)

    def _days(self, count: Count, ctx: Context, fact: Fact, closed: int | None) -> Iterable[dt.date | None]:
        program = self._program
        if count.spread is not None:
            first, last = (program.bare(ctx, name) for name in count.spread)
            if not isinstance(first, dt.date) or not isinstance(last, dt.date):
                return ()
            days = min((last - first).days, LONGEST_SPREAD) + 1
            return [first + dt.timedelta(days=number) for number in range(days)]
        if count.window is WindowKind.OPEN:
            first = program.zone.date_of(fact.time)
            if closed is None or count.name not in self._daily:
                return (None,)
            last = program.zone.date_of(closed)
            return [first + dt.timedelta(days=number) for number in range(min((last - first).days, LONGEST_SPREAD) + 1)]
        if count.date is not None:
            day = program.evaluator.tree(count.date.tree)(ctx)
            return () if not isinstance(day, dt.date) else (day,)
        return (program.day_of(ctx.looking(fact=fact)),)

    def _label(self, count: Count, day: dt.date | None) -> str | None:
        if count.window is WindowKind.OPEN:
            return None if day is None else day.isoformat()
        kind = CALENDAR_WINDOWS.get(count.window)
        return None if kind is None or day is None else period_of(kind, day).label

    # --- readers -------------------------------------------------------------------------------------------------

    def value(self, name: str, ctx: Context, args: list[Any]) -> int | Unknown:
        """Return what a reader finds: its own rank, all of its period, or the members so far."""
        if name in self._plain:
            tally = self._tally(self._counts[name], ctx, args)
            if tally is not None:
                return tally
        found = self.members(name, ctx, args)
        if isinstance(found, Unknown):
            return found
        return _come_to(self._counts[name], found)

    def _tally(self, count: Count, ctx: Context, args: list[Any]) -> int | Unknown | None:
        """Return what all members of a window come to, worked out once; None where the reader looks at only some."""
        key = self._reader_key(count, ctx)
        label = key if isinstance(key, Unknown) else self._reader_label(count, ctx, args)
        if isinstance(label, Unknown):
            return label
        upto = FOREVER if ctx.whole else ctx.at
        bucket = self._program.store.noted(("count", count.name, key, label), upto)
        entries = bucket.entries
        if not entries:
            return 0
        last = entries[-1]
        if last[0] > upto or (ctx.fact is not None and not ctx.whole and last[:2] > ctx.fact.order):
            return None
        if bucket.tally is None:
            lasting = all(member.gone is None for _time, _name, member in entries)
            bucket.tally = (_come_to(count, [member for _time, _name, member in entries]) if lasting else None,)
        found: int | Unknown | None = bucket.tally[0]
        return found

    def members(self, name: str, ctx: Context, args: list[Any]) -> list[Member] | Unknown:
        """Return the members that a reader counts, in order."""
        count = self._counts[name]
        key = self._reader_key(count, ctx)
        if isinstance(key, Unknown):
            return key
        if name in self._live:
            return list(self._looked_at(count, key, ctx))
        upto = FOREVER if ctx.whole else ctx.at
        if count.window is WindowKind.OPEN:
            members = self._open(count, key, ctx.at)
        else:
            label = self._reader_label(count, ctx, args)
            if isinstance(label, Unknown):
                return label
            entries = self._program.store.read(("count", name, key, label), upto)
            entries = [entry for entry in entries if entry[2].gone is None or upto < entry[2].gone]
            entries = _upto_rank(entries, ctx)
            members = [entry[2] for entry in entries]
            if count.rolling is not None:
                members = self._rolling(count.rolling, entries, ctx)
        if count.except_ is not None:
            mine = self._program.bare(ctx, count.except_)
            members = [member for member in members if member.excepted != mine]
        return self._run_of_records(count, members, ctx) if count.streak_of is not None else members

    def window(
        self, name: str, ctx: Context, args: list[Any]
    ) -> tuple[tuple[Any, ...] | Unknown, str | Unknown | None]:
        """Return the key that a reader looks under, and the label of the window, if the count has such windows."""
        count = self._counts[name]
        return self._reader_key(count, ctx), self._reader_label(count, ctx, args)

    def _reader_key(self, count: Count, ctx: Context) -> tuple[Any, ...] | Unknown:
        values = tuple([read(ctx) for read in self._reader_keys[count.name]])
        for value in values:
            if isinstance(value, Unknown):
                return value
        return values

    def _reader_label(self, count: Count, ctx: Context, args: list[Any]) -> str | Unknown | None:
        kind = CALENDAR_WINDOWS.get(count.window)
        if kind is None:
            return None
        if args:
            given = args[-1]
            return given if isinstance(given, Unknown) else str(given)
        if ctx.period is not None and ctx.period.kind is kind:
            return ctx.period.label
        day: object = self._program.day_of(ctx)
        if count.date is not None and ctx.fact is not None:
            day = self._program.evaluator.tree(count.date.tree)(ctx)
            if isinstance(day, Unknown):
                day = self._program.day_of(ctx)
        return period_of(kind, day).label if isinstance(day, dt.date) else lacking(f"a day for `{count.name}`")

    def _rolling(self, rolling: Duration, entries: list[tuple[int, str, Any]], ctx: Context) -> list[Member]:
        """Return the members in a look-back: of seconds by their time, of dates by their day."""
        program = self._program
        if rolling.runs:
            return [member for time, _name, member in entries if time + rolling.seconds >= ctx.at >= time]
        today = self._today(ctx)
        if today is None:
            return []
        found = [member for _time, _name, member in entries if member.day is None or member.day <= today]
        return [
            one
            for one in found
            if one.day is not None
            and shift_date(one.day, rolling, forward=True, calendar=program.calendar).date >= today
        ]

    def _today(self, ctx: Context) -> dt.date | None:
        """Return the day with which a look-back ends: the reader's, in a period the last that has come."""
        day = self._program.day_of(ctx)
        if ctx.period is None or ctx.day is not None:
            return day
        return min(ctx.period.end, self._program.zone.date_of(ctx.at))

    def _open(self, count: Count, key: tuple[Any, ...], at: int) -> list[Member]:
        labels: list[str | None] = [None]
        if count.name in self._daily:
            labels.append(self._program.zone.date_of(min(at, self._program.store.clock)).isoformat())
        found: dict[str, tuple[int, str, Member]] = {}
        for label in labels:
            for time, _name, member in self._program.store.read(("count", count.name, key, label), at):
                if member.until is None or at < member.until:
                    found[member.fact] = (time, member.fact, member)
        return [entry[2] for entry in sorted(found.values(), key=lambda entry: entry[:2])]

    def _looked_at(self, count: Count, key: tuple[Any, ...], ctx: Context) -> Iterator[Member]:
        program = self._program
        mine = None if count.except_ is None else program.bare(ctx, count.except_)
        for pattern in count.of:
            test = program.evaluator.compile(pattern.where)
            for instance in program.instances_by(pattern.names[0], count.per, key, ctx.at):
                if mine is not None and instance.field(str(count.except_), ctx.at) == mine:
                    continue
                if count.window is WindowKind.OPEN and not instance.is_open(ctx.at):
                    continue
                view = Context(None, instance, at=ctx.at, whole=ctx.whole, day=program.day_of(ctx), period=ctx.period)
                met = True if test is None else test(view)
                if met is False:
                    continue
                doubt = met if isinstance(met, Unknown) else None
                distinct = self._field(view, count.distinct)
                until = instance.closed
                yield Member(instance.id, None, until, None, distinct, None, instance.id, doubt)

    def _run_of_records(self, count: Count, members: list[Member], ctx: Context) -> list[Member]:
        program = self._program
        matter = ctx.matter or (ctx.fact.matter if ctx.fact is not None else None)
        if matter is None or matter.kind != count.streak_of:
            return []
        by_matter = {member.matter: member for member in members}
        run: list[Member] = []
        siblings = [
            instance
            for instance in program.instances_by(matter.kind, count.per, self._key_of(matter, count), FOREVER)
            if instance.day is not None and matter.day is not None and instance.day <= matter.day
        ]
        for instance in sorted(siblings, key=lambda one: (one.day, one.opened), reverse=True):
            if instance.id not in by_matter:
                break
            run.append(by_matter[instance.id])
        return run[::-1]

    def _key_of(self, matter: Instance, count: Count) -> tuple[Any, ...]:
        ctx = Context(None, matter)
        return tuple([read(ctx) for read in self._member_keys[count.name]])


def _come_to(count: Count, members: list[Member]) -> int | Unknown:
    """Return how many members there are, or the doubt about the first that is in doubt."""
    for member in members:
        if member.doubt is not None:
            return member.doubt
    if count.distinct is not None or count.spread is not None:
        return len({member.distinct for member in members})
    return len(members)


def _upto_rank(entries: list[tuple[int, str, Any]], ctx: Context) -> list[tuple[int, str, Any]]:
    """Leave out what comes after the reader, where the reader is a member itself."""
    if ctx.fact is not None and not ctx.whole:
        mine = ctx.fact.order
        if any((time, name) == mine for time, name, _member in entries):
            return [entry for entry in entries if entry[:2] <= mine]
    return entries


def counts_read(tree: Any) -> set[str]:  # noqa: ANN401 - any tree of an expression
    """Return the counts that an expression reads itself."""
    if isinstance(tree, s.CountRef):
        return {tree.name}
    if isinstance(tree, tuple):
        return {name for part in tree for name in counts_read(part)}
    if attrs.has(type(tree)):
        return {name for field in attrs.fields(type(tree)) for name in counts_read(getattr(tree, field.name))}
    return set()


def _looks_around(tree: Any) -> bool:  # noqa: ANN401 - any tree of an expression
    if isinstance(tree, s.CountRef | s.AnyRecord | s.OpenCount | s.ValueRef):
        return True
    if isinstance(tree, s.Field) and tree.scope is s.Scope.RECORD:
        return True
    if isinstance(tree, tuple):
        return any(_looks_around(part) for part in tree)
    if attrs.has(type(tree)):
        return any(_looks_around(getattr(tree, field.name)) for field in attrs.fields(type(tree)))
    return False
