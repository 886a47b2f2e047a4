"""An obligation's clock: from its start through moves, pauses and waivers to the act, the miss, or now."""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING, Any

import attrs
from msgspec.structs import replace

from dutyrules.policies import syntax as s
from dutyrules.runtime.allotment import allotted
from dutyrules.runtime.instances import touching
from dutyrules.runtime.instants import Moment
from dutyrules.runtime.store import FOREVER, Fact
from dutyrules.runtime.values import Unknown, merge

if TYPE_CHECKING:
    from dutyrules.policies.model import Rule
    from dutyrules.policies.syntax import Expr
    from dutyrules.runtime.instances import Instance
    from dutyrules.runtime.machine import Machine
    from dutyrules.runtime.openings import Opening
    from dutyrules.runtime.store import Key


@attrs.define
class Course:
    """How an obligation went: what it is now, since when, and by which facts."""

    status: str
    time: int
    start: int
    due: Moment | None = None
    moved_time: int = 0
    missed: int | None = None
    act: Fact | None = None
    act_time: int | None = None
    acts: tuple[Fact, ...] = ()
    doubt: Unknown | None = None
    past: int | None = None
    because: tuple[str, ...] = ()
    ended_by: tuple[str, ...] = ()
    excused: tuple[Fact, ...] = ()


class Clock:
    """Runs one rule's clock for one opening, as of the store's clock; `excuses` came after the last trigger."""

    def __init__(self, machine: Machine, rule: Rule, opening: Opening, excuses: tuple[Fact, ...]) -> None:
        self._machine = machine
        self._program = machine.program
        self._rule = rule
        self._opening = opening
        self._excuses = excuses
        self._live = opening.ctx.looking(at=FOREVER)
        self._pauses = self._read_pauses()
        self._last_due: int | None = None
        self._past_due: int | None = None
        self._met_by: tuple[Fact, ...] = ()
        self._done: tuple[int, Fact] | None = None
        self._counted_since: int | None = None
        self._shared: set[str] | None = None
        self.asked: dict[tuple[Key, int, str], object] = {}

    def run(self) -> Course:
        """Return the obligation's course, undone from the beginning where a later fact excuses it."""
        course = self._walk()
        if self._excuses:
            self._excuse(course, self._excuses)
        return course

    def _walk(self) -> Course:
        """Walk through all that happens, one stretch after the other in which the clock stays as it is."""
        opening = self._opening
        course = Course("open", opening.time, opening.time)
        moves, waiver = self._moves(), self._waiver()
        agreed = False
        steps = sorted({opening.time, *(fact.time for _to, fact in moves), *self._changes()})
        for number, time in enumerate(steps):
            if not agreed:
                self._reckon(course, time)
            for to, fact in moves:
                if fact.time == time:
                    agreed = True
                    self._move(course, to, fact)
            upto = steps[number + 1] - 1 if number + 1 < len(steps) else FOREVER
            if self._ended(course, time, upto, waiver):
                return course
        self._until_now(course)
        return course

    def _reckon(self, course: Course, time: int) -> None:
        """Set the clock's start and the limit to what they come to at an instant."""
        start = self._start(time)
        if isinstance(start, Unknown):
            self._done, course.start = None, self._opening.time
            self._set_due(course, start, time)
            return
        if self._counted_since != start or self._done is None:
            self._done, self._counted_since = self._completion(start), start
        course.start = start
        due = self._due(start, time)
        past = False
        if isinstance(due, Moment) and time == self._opening.time:
            in_time = self._done is not None and self._done[0] <= due.time
            past = in_time or (self._rule.from_ is not None and start <= due.time)
        self._set_due(course, due, time, past=past)

    def _ended(self, course: Course, time: int, upto: int, waiver: Fact | None) -> bool:
        """Tell whether the obligation is met, waived or missed in a stretch, and note how."""
        done, due = self._done, course.due
        met = None if done is None else max(done[0], time)
        ends = FOREVER if due is None else due.time
        if done is not None and met is not None and met <= upto and done[0] <= ends and not _before(waiver, met):
            self._fulfil(course, met, done[1])
            return True
        if waiver is not None and waiver.time <= min(upto, ends):
            course.status, course.time = "waived", waiver.time
            course.ended_by = waiver.roots
            return True
        if ends > upto or ends >= self._program.store.clock:
            return False
        self._miss(course)
        if done is not None:
            self._fulfil(course, max(done[0], self._opening.time), done[1])
        return True

    # --- parts -----------------------------------------------------------------------------------------------------

    def _start(self, at: int) -> int | Unknown:
        rule, opening = self._rule, self._opening
        if rule.from_ is not None:
            found = self._program.instants.read(rule.from_, opening.ctx.looking(at=at), end=False)
            return found if isinstance(found, Unknown) else found.time
        return opening.time if opening.start is None or rule.within is not None else opening.start

    def _due(self, start: int, at: int) -> Moment | Unknown | None:
        rule, program = self._rule, self._program
        ctx = self._opening.ctx.looking(at=max(at, self._opening.time))
        if rule.within is not None and any(
            begin.time <= at and (end is None or at < end.time) for begin, end in self._pauses
        ):
            return None
        if rule.by is not None:
            return program.instants.read(rule.by, ctx, end=True)
        if rule.within is not None:
            pauses = [(begin.time, end.time) for begin, end in self._pauses if end is not None and end.time <= at]
            return program.instants.limit(rule.within, start, ctx, pauses)
        if self._opening.due_day is not None and rule.promptly is None:
            return Moment(program.zone.end_of(self._opening.due_day), self._opening.due_day)
        return None

    def _set_due(self, course: Course, due: Moment | Unknown | None, time: int, *, past: bool = False) -> None:
        """Set the limit; one that lies in the past asks a person, unless it may: its clock had been running before."""
        if isinstance(due, Unknown):
            course.doubt, course.due, course.past = due, None, None
        elif due is not None and due.time < time and not past:
            if course.past is not None and due.time == self._past_due:
                return  # it is the same limit that had passed before
            self._past_due = due.time
            course.due, course.past, course.doubt = None, time, None
            if time > self._opening.time:
                course.because = (*course.because, *self._movers(time))
        else:
            if due is not None:
                if due.time != self._last_due and time > self._opening.time:
                    course.moved_time = time
                    course.because = (*course.because, *self._movers(time))
                self._last_due = due.time
            course.due, course.past, course.doubt = due, None, None

    def _move(self, course: Course, to: Expr, fact: Fact) -> None:
        """Let an agreed limit take the place of the one that was reckoned."""
        program = self._program
        value = program.evaluator.tree(to.tree)(self._opening.ctx.inside(fact, fact.matter))
        course.moved_time = fact.time
        course.because = (*course.because, *fact.roots)
        due = program.instants.moment(value)
        if isinstance(due, Moment) and due.day is not None:
            due = replace(due, time=program.zone.end_of(due.day))
        self._last_due = due.time if isinstance(due, Moment) else None
        self._set_due(course, due, fact.time)

    def _distinct(self, act: Fact, name: str) -> object:
        """Return the field in which acts must differ; every fact has a date."""
        value = act.data.get(name)
        return self._program.day_of_fact(act) if value is None and name == "date" else value

    def _miss(self, course: Course) -> None:
        assert course.due is not None  # noqa: S101 - callers have looked
        course.missed = course.time = course.due.time
        course.status = "breached"

    def _fulfil(self, course: Course, time: int, act: Fact) -> None:
        course.status, course.time, course.act, course.act_time = "fulfilled", time, act, time
        course.acts = self._met_by

    def _until_now(self, course: Course) -> None:
        store = self._program.store
        if course.missed is None and course.due is not None:
            if course.due.time < store.clock:
                self._miss(course)
            else:
                store.wake(course.due.time + 1)

    def _excuse(self, course: Course, facts: tuple[Fact, ...]) -> None:
        met = course.act_time is not None and course.missed is None
        ended = course.status == "waived" or met
        if not (ended and course.time <= facts[0].time):
            course.status, course.time, course.excused = "waived", facts[0].time, facts
            course.missed, course.act, course.act_time, course.acts = None, None, None, ()
            course.doubt, course.past = None, None
            course.ended_by = facts[0].roots

    # --- what happens ------------------------------------------------------------------------------------------------

    def _moves(self) -> list[tuple[Expr, Fact]]:
        if not self._rule.moved_by:
            return []
        trigger = self._opening.fact
        found = [(moved.to, fact) for moved in self._rule.moved_by for fact in self._after(moved.when)]
        return sorted((one for one in found if one[1] is not trigger), key=lambda one: one[1].order)

    def _waiver(self) -> Fact | None:
        if not self._rule.waived_by:
            return None
        waivers = self._after(self._rule.waived_by)
        return next((fact for fact in waivers if fact is not self._opening.fact), None)

    def _after(self, patterns: tuple[s.Pattern, ...]) -> list[Fact]:
        if not patterns:
            return []
        opening = self._opening
        guards = self._machine.guards
        found = guards.facts(patterns, self._live, opening.key, opening.values, since=opening.time)
        return [fact for fact, doubt in found if doubt is None and fact.time >= opening.time]

    def _movers(self, time: int) -> tuple[str, ...]:
        """Return the events by which a record that the clock reads changed at an instant, or a pause ended."""
        over = [pair for pair in self._pauses if pair[1] is not None and pair[1].time == time]
        found = {root: None for pair in over for fact in pair if fact is not None for root in fact.roots}
        for kind in self._machine.records_of_limits(self._rule)[0]:
            instance = self._instance(kind)
            if instance is None:
                continue
            record = self._program.pack.records[instance.kind]
            for fact, role in touching(self._program, record, instance.key, time, time):
                if role != "closes":
                    found |= dict.fromkeys(fact.roots)
        return tuple(found)

    def _changes(self) -> set[int]:
        """Return when a record that the clock reads changed after the opening, and when pauses begin and end."""
        found = {fact.time for pause in self._pauses for fact in pause if fact is not None}
        for kind in self._machine.records_of_limits(self._rule)[1]:
            instance = self._instance(kind)
            if instance is not None:
                found.update(time for time, _fields in instance.steps)
        return {time for time in found if time > self._opening.time}

    def _instance(self, kind: str) -> Instance | None:
        found = self._program.related(kind, self._live) if kind else self._opening.matter
        if found is None or isinstance(found, Unknown):
            return None
        self._program.store.read(("rec", found.kind, found.key))
        return found

    def _read_pauses(self) -> list[tuple[Fact, Fact | None]]:
        paused = self._rule.paused_by
        if paused is None:
            return []
        begins, ends = self._after(paused.when), self._after(paused.until)
        found: list[tuple[Fact, Fact | None]] = []
        for begin in begins:
            if found and (found[-1][1] is None or begin.order < found[-1][1].order):
                continue
            found.append((begin, next((fact for fact in ends if fact.order > begin.order), None)))
        return found

    # --- the act -----------------------------------------------------------------------------------------------------

    def _completion(self, start: int) -> tuple[int, Fact] | None:
        """Return when enough acts since the clock's start have been done, and the last of them."""
        rule = self._rule
        if rule.until_all:
            parts = [self._acts((pattern,), start) for pattern in rule.until_all]
            if not all(parts):
                return None
            self._met_by = tuple(sorted((acts[0] for acts in parts), key=lambda fact: fact.order))
            return self._met_by[-1].time, self._met_by[-1]
        acts = self._acts(rule.until, start)
        if rule.one_act == "oldest":
            acts = self._allotted(start, acts)
        if rule.distinct is not None:
            seen: dict[object, Fact] = {}
            for act in acts:
                value = self._distinct(act, rule.distinct)
                if value is not None:
                    seen.setdefault(value, act)
            acts = list(seen.values())
        if len(acts) < rule.at_least:
            return None
        self._met_by = tuple(acts[: rule.at_least])
        return self._met_by[-1].time, self._met_by[-1]

    def _allotted(self, start: int, acts: list[Fact]) -> list[Fact]:
        """Return those acts that go to this obligation and to none that is older; its age is that at the opening."""
        if self._shared is None:
            waiver = self._waiver()
            ready = [act for act in acts if not _before(waiver, act.time)]
            self.asked, mine = allotted(self._machine, self._rule, self._opening.matter_id, start, ready)
            self._shared = {act.id for act in mine}
        return [act for act in acts if act.id in self._shared]

    def _acts(self, patterns: tuple[s.Pattern, ...], start: int) -> list[Fact]:
        return [fact for fact, doubt in self._found(patterns, start) if doubt is None]

    def _found(self, patterns: tuple[s.Pattern, ...], start: int) -> list[tuple[Fact, Unknown | None]]:
        opening = self._opening
        if not patterns:
            return []
        guards = self._machine.guards
        found = guards.facts(patterns, self._live, opening.key, opening.values, since=start)
        return [(fact, doubt) for fact, doubt in found if fact.time >= start and fact is not opening.fact]

    def perhaps_done(self, course: Course) -> Unknown | None:
        """Return what is not known of facts that may have been the act, in time."""
        assert course.due is not None  # noqa: S101 - asked of a limit that was missed
        doubts = [
            doubt
            for fact, doubt in self._found((*self._rule.until, *self._rule.until_all), course.start)
            if doubt is not None and fact.time <= course.due.time
        ]
        return reduce(merge, doubts) if doubts else None


def _before(fact: Fact | None, time: int) -> bool:
    return fact is not None and fact.time < time


def records_of_limits(rule: Rule) -> tuple[list[str], list[str]]:
    """Return the kinds of records that a rule's limit reads (empty text: its matter), and those with its start."""
    limits = [one for one in (rule.by, rule.within.of if rule.within else None) if one is not None]
    return sorted(_records_read(limits)), sorted(_records_read([*limits, rule.from_]))


def _records_read(tree: Any) -> set[str]:  # noqa: ANN401 - any tree of instants and expressions
    if isinstance(tree, s.Field):
        if tree.scope is s.Scope.RECORD:
            return {tree.record or ""}
        return {""} if tree.scope in (s.Scope.MATTER, s.Scope.FACT, s.Scope.THIS) else set()
    if isinstance(tree, list | tuple):
        return set().union(*(_records_read(part) for part in tree))
    if attrs.has(type(tree)):
        return set().union(*(_records_read(getattr(tree, field.name)) for field in attrs.fields(type(tree))))
    return set()
