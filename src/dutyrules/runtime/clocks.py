"""An obligation's clock: from its start through moves, pauses and waivers to the act, the miss, or now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from dutyrules.policies import syntax as s
from dutyrules.runtime.allotment import allotted
from dutyrules.runtime.instants import Moment
from dutyrules.runtime.store import FOREVER, Fact
from dutyrules.runtime.values import Unknown

if TYPE_CHECKING:
    from dutyrules.policies.model import Rule
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
    moved: bool = False
    moved_time: int = 0
    missed: int | None = None
    act: Fact | None = None
    act_time: int | None = None
    acts: tuple[Fact, ...] = ()
    doubt: Unknown | None = None
    past: int | None = None
    because: tuple[str, ...] = ()
    excused: tuple[Fact, ...] = ()


class Clock:
    """Runs one rule's clock for one opening, as of the store's clock."""

    def __init__(self, machine: Machine, rule: Rule, opening: Opening) -> None:
        self._machine = machine
        self._program = machine.program
        self._rule = rule
        self._opening = opening
        self._live = opening.ctx.looking(at=FOREVER)
        self._pauses = self._read_pauses()
        self._last_due: int | None = None
        self._met_by: tuple[Fact, ...] = ()
        self.asked: dict[tuple[Key, int, str], object] = {}

    def run(self) -> Course:
        """Return the obligation's course, undone from the beginning where a later fact excuses it."""
        course = self._walk()
        if self._rule.excused_by and course.status != "waived":
            self._excuse(course)
        return course

    def _walk(self) -> Course:
        """Walk through all that happens to the obligation, in order of time."""
        rule, opening = self._rule, self._opening
        start = self._start()
        if isinstance(start, Unknown):
            return Course("open", opening.time, opening.time, doubt=start)
        course = Course("open", opening.time, start)
        done_time, done = self._completion(start)
        due = self._due(start, opening.time)
        if done is not None and done_time is not None and done_time <= opening.time:
            in_time = not isinstance(due, Moment) or done_time <= due.time
            course.due = due if isinstance(due, Moment) else None
            if in_time:
                self._fulfil(course, opening.time, done)
                return course
        self._set_due(course, due, opening.time, running=rule.from_ is not None)
        for time, order, payload in self._happenings(opening.time, done_time, done):
            if course.missed is None and course.due is not None and course.due.time < time:
                self._miss(course)
            if order == 2:  # noqa: PLR2004 - the order of an act among what happens in one instant
                self._fulfil(course, time, payload)
                return course
            if course.missed is not None:
                continue
            if order == 3:  # noqa: PLR2004 - a waiver comes after an act of the same instant
                course.status, course.time, course.because = "waived", time, (*course.because, *payload.roots)
                return course
            if order == 1:
                self._move(course, payload)
            elif not course.moved:
                self._set_due(course, self._due(start, time), time)
        self._until_now(course)
        return course

    # --- parts -----------------------------------------------------------------------------------------------------

    def _start(self) -> int | Unknown:
        rule, opening = self._rule, self._opening
        if rule.from_ is not None:
            found = self._program.instants.read(rule.from_, self._live, end=False)
            return found if isinstance(found, Unknown) else found.time
        return opening.time if opening.start is None or rule.within is not None else opening.start

    def _due(self, start: int, at: int) -> Moment | Unknown | None:
        rule, program = self._rule, self._program
        ctx = self._opening.ctx.looking(at=max(at, self._opening.time))
        if rule.within is not None and any(begin <= at and (end is None or at < end) for begin, end in self._pauses):
            return None
        if rule.by is not None:
            return program.instants.read(rule.by, ctx, end=True)
        if rule.within is not None:
            pauses = [(begin, end) for begin, end in self._pauses if end is not None and end <= at]
            return program.instants.limit(rule.within, start, ctx, pauses)
        if self._opening.due_day is not None and rule.promptly is None:
            return Moment(program.zone.end_of(self._opening.due_day), self._opening.due_day)
        return None

    def _set_due(self, course: Course, due: Moment | Unknown | None, time: int, *, running: bool = False) -> None:
        """Set the limit; one that lies in the past asks a person, unless its clock had been running before."""
        if isinstance(due, Unknown):
            course.doubt, course.due = due, None
        elif due is not None and due.time < time and not (running and course.start <= due.time):
            course.due, course.past, course.doubt = None, time, None
            course.because = (*course.because, *self._movers(time))
        else:
            if due is not None:
                if self._last_due is not None and due.time != self._last_due:
                    course.moved_time = time
                    course.because = (*course.because, *self._movers(time))
                self._last_due = due.time
            course.due, course.past, course.doubt = due, None, None

    def _move(self, course: Course, fact: Fact) -> None:
        program = self._program
        ctx = self._opening.ctx.inside(fact, fact.matter)
        moved = next(moved for moved in self._rule.moved_by if any(fact.type[1] in p.names for p in moved.when))
        value = program.evaluator.tree(moved.to.tree)(ctx)
        if isinstance(value, Unknown):
            course.doubt = value
            return
        due = Moment(value) if isinstance(value, int) else Moment(program.zone.end_of(value), value)
        course.moved, course.moved_time = True, fact.time
        course.because = (*course.because, *fact.roots)
        self._set_due(course, due, fact.time)

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

    def _excuse(self, course: Course) -> None:
        opening = self._opening
        found = self._machine.guards.facts(
            self._rule.excused_by, opening.ctx.looking(at=FOREVER), opening.key, opening.values
        )
        facts = tuple(fact for fact, doubt in found if doubt is None and fact.time > opening.time)
        met = course.act_time is not None and course.missed is None
        if facts and not (met and course.act_time is not None and course.act_time <= facts[0].time):
            course.status, course.time, course.excused = "waived", facts[0].time, facts
            course.missed, course.act, course.act_time, course.acts = None, None, None, ()
            course.because = (*course.because, *facts[0].roots)

    # --- what happens ------------------------------------------------------------------------------------------------

    def _happenings(self, opened: int, done_time: int | None, done: Fact | None) -> list[tuple[int, int, Any]]:
        rule, opening = self._rule, self._opening
        found: list[tuple[int, int, Any]] = [(time, 0, None) for time in self._changes() if time > opened]
        trigger = opening.fact
        for moved in rule.moved_by:
            found.extend((fact.time, 1, fact) for fact in self._after(moved.when) if fact is not trigger)
        if done is not None and done_time is not None:
            found.append((max(done_time, opened), 2, done))
        waivers = [fact for fact in self._after(rule.waived_by) if fact is not trigger]
        if waivers:
            found.append((waivers[0].time, 3, waivers[0]))
        return sorted(found, key=lambda one: one[:2])

    def _after(self, patterns: tuple[s.Pattern, ...]) -> list[Fact]:
        if not patterns:
            return []
        opening = self._opening
        guards = self._machine.guards
        found = guards.facts(patterns, self._live, opening.key, opening.values, since=opening.time)
        return [fact for fact, doubt in found if doubt is None and fact.time >= opening.time]

    def _movers(self, time: int) -> tuple[str, ...]:
        """Return the events by which a record that the clock reads changed at an instant."""
        found: dict[str, None] = {}
        for kind in sorted(self._kinds_read()):
            instance = self._instance(kind)
            if instance is None:
                continue
            record = self._program.pack.records[instance.kind]
            for pattern in (*record.opens, *record.updates):
                for fact in self._program.matching(pattern, record.key, instance.key, time, since=time):
                    found |= dict.fromkeys(fact.roots)
        return tuple(found)

    def _kinds_read(self) -> set[str]:
        within = self._rule.within
        return _records_read([one for one in (self._rule.by, within.of if within else None) if one is not None])

    def _changes(self) -> list[int]:
        """Return when a record that the clock reads changed, and when pauses begin and end."""
        found = {time for pause in self._pauses for time in pause if time is not None}
        for kind in sorted(self._kinds_read()):
            instance = self._instance(kind)
            if instance is not None:
                found.update(time for time, _fields in instance.steps)
        return sorted(found)

    def _instance(self, kind: str) -> Instance | None:
        found = self._program.related(kind, self._live) if kind else self._opening.matter
        if found is None or isinstance(found, Unknown):
            return None
        self._program.store.read(("rec", found.kind, found.key))
        return found

    def _read_pauses(self) -> list[tuple[int, int | None]]:
        paused = self._rule.paused_by
        if paused is None:
            return []
        begins, ends = self._after(paused.when), self._after(paused.until)
        found: list[tuple[int, int | None]] = []
        for begin in begins:
            if found and (found[-1][1] is None or begin.time < found[-1][1]):
                continue
            end = next((fact.time for fact in ends if fact.order > begin.order), None)
            found.append((begin.time, end))
        return found

    # --- the act -----------------------------------------------------------------------------------------------------

    def _completion(self, start: int) -> tuple[int | None, Fact | None]:
        rule = self._rule
        if rule.until_all:
            parts = [self._acts((pattern,), start) for pattern in rule.until_all]
            if not all(parts):
                return None, None
            self._met_by = tuple(sorted((acts[0] for acts in parts), key=lambda fact: fact.order))
            return self._met_by[-1].time, self._met_by[-1]
        acts = self._acts(rule.until, start)
        if rule.one_act == "oldest":
            asked, acts = allotted(self._machine, rule, self._opening.matter_id, start, acts)
            self.asked = dict([asked])
        if rule.distinct is not None:
            seen: dict[object, Fact] = {}
            for act in acts:
                seen.setdefault(act.data.get(rule.distinct), act)
            acts = list(seen.values())
        if len(acts) < rule.at_least:
            return None, None
        self._met_by = tuple(acts[: rule.at_least])
        return self._met_by[-1].time, self._met_by[-1]

    def _acts(self, patterns: tuple[s.Pattern, ...], start: int) -> list[Fact]:
        opening = self._opening
        if not patterns:
            return []
        guards = self._machine.guards
        found = guards.facts(patterns, self._live, opening.key, opening.values, since=start)
        return [fact for fact, doubt in found if doubt is None and fact.time >= start and fact is not opening.fact]


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
