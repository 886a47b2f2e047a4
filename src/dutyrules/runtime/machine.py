"""A program at work: which fact reaches which cell."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from dutyrules.calendars import PeriodKind, period_of
from dutyrules.policies import syntax
from dutyrules.policies.model import WindowKind
from dutyrules.policies.syntax import FactKind
from dutyrules.policies.walk import walk
from dutyrules.runtime.analysis import analysis_of
from dutyrules.runtime.asked import AskedCell
from dutyrules.runtime.board import Board
from dutyrules.runtime.cases import CaseCell
from dutyrules.runtime.clocks import records_of_limits
from dutyrules.runtime.consequences import Consequences
from dutyrules.runtime.evaluation import PERIOD_NAMES
from dutyrules.runtime.gaps import GapCell
from dutyrules.runtime.guards import Guards
from dutyrules.runtime.ladders import Ladders
from dutyrules.runtime.periods import EveryCell
from dutyrules.runtime.relations import Relations
from dutyrules.runtime.rulings import Rulings
from dutyrules.runtime.triggers import ObservedCell, TriggerCell
from dutyrules.runtime.values import Unknown
from dutyrules.runtime.whenever import DaysCell, RiseCell, Settled

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from dutyrules.policies.model import Count, Rule
    from dutyrules.policies.syntax import Expression, Pattern
    from dutyrules.runtime.instances import Instance
    from dutyrules.runtime.intake import Intake
    from dutyrules.runtime.openings import Opening, OutcomeCell
    from dutyrules.runtime.periods import Begun
    from dutyrules.runtime.program import Program
    from dutyrules.runtime.store import Fact, Key

TIMELESS: Final = frozenset({WindowKind.EVER, WindowKind.OPEN, WindowKind.ROLLING})


class Machine:
    """All parts over one store."""

    def __init__(self, program: Program, intake: Intake) -> None:
        self.program = program
        self.intake = intake
        self.board = Board()
        self.guards = Guards(program)
        self.cells_of: dict[str, set[OutcomeCell]] = {rule: set() for rule in program.pack.rules}
        self.remarks: dict[Key, dict[str, tuple[str, str]]] = {}
        self.settled_rises: dict[tuple[str, str], Settled] = {}  # by rule and record: for cells that are still to come
        self.settled_periods: dict[tuple[str, str], dict[str | None, Begun]] = {}  # by rule and period, then by record
        self.consequences = Consequences(self)
        self.relations = Relations(self)
        self.ladders = Ladders(self)
        self.rulings = Rulings(self)
        self.findings = analysis_of(program.pack).findings
        self.skips = (
            True  # facts that cannot set a rule off, by what they say themselves; who asks why wants to see them
        )
        self._turning: dict[str, bool] = {}
        self._limits_read: dict[str, tuple[list[str], list[str]]] = {}
        self.sanctions_watched = {
            name
            for rule in program.pack.rules.values()
            for pattern in rule.when
            if pattern.kind is FactKind.SANCTION
            for name in pattern.names
        }
        for rule in program.pack.rules.values():
            self._attach(rule)
        program.store.listen(("event", "finding"), lambda fact, came: self._found(fact, came=came))

    # --- attaching rules ---------------------------------------------------------------------------------------------

    def _attach(self, rule: Rule) -> None:
        program, store = self.program, self.program.store
        if rule.when:
            for (kind, name), patterns in _by_type(rule.when).items():
                listener = partial(self._trigger, rule, patterns)
                if rule.voids and kind is FactKind.EVENT:
                    self.intake.watch(name, listener)
                else:
                    store.listen((kind.value, name), listener)
        elif rule.whenever is not None and rule.about is not None:
            program.on_instance(rule.about, lambda instance: self._watch(rule, instance))
        elif rule.gap is not None and rule.about is not None:
            program.on_instance(
                rule.about,
                lambda instance: self._cell(("gap", rule.id, instance.id), lambda: GapCell(self, rule, instance)),
            )
        elif rule.every is not None and rule.about is not None:
            program.on_instance(
                rule.about,
                lambda instance: self._cell(
                    ("every", rule.id, (instance.kind, instance.key, instance.id)),
                    lambda: EveryCell(self, rule, instance),
                ),
            )
        elif rule.every is not None:
            store.cell(("every", rule.id, ()), lambda: EveryCell(self, rule))
        for pattern in rule.asked_by:
            for name in pattern.names:
                store.listen((pattern.kind.value, name), partial(self._asked, rule, pattern))

    def _cell(self, key: Key, make: Callable[[], object]) -> None:
        self.program.store.cell(key, make)  # type: ignore[arg-type]

    def _watch(self, rule: Rule, instance: Instance) -> None:
        if rule.during is None:
            self._cell(("rises", rule.id, instance.id, None), lambda: RiseCell(self, rule, instance, None))
        else:
            self._cell(("days", rule.id, instance.id), lambda: DaysCell(self, rule, instance))

    def _trigger(self, rule: Rule, patterns: list[Pattern], fact: Fact, came: bool) -> None:  # noqa: FBT001 - a listener
        store = self.program.store
        key = ("trigger", rule.id, fact.type, fact.id)
        cell = store.cells.get(key)
        if cell is None:
            fails = self.program.fails_by_itself
            if not came or (self.skips and all(fails(pattern, fact) for pattern in patterns)):
                return
            cell = store.rest_on(fact, TriggerCell(self, rule, patterns, fact, key))
        elif isinstance(cell, TriggerCell):
            cell.trigger = fact if came else None
        store.due(cell)

    def _asked(self, rule: Rule, pattern: Pattern, fact: Fact, came: bool) -> None:  # noqa: FBT001 - a listener
        store = self.program.store
        cell = store.cell_on(fact, ("asked", rule.id, fact.type, fact.id), lambda: AskedCell(self, rule, pattern, fact))
        if isinstance(cell, AskedCell):
            cell.asking = fact if came else None
        store.due(cell)

    def _found(self, fact: Fact, *, came: bool) -> None:
        code = fact.data.get("code")
        if not isinstance(code, str):
            return
        rule = self.findings.rule(code)
        if rule is None:
            fault = self.findings.fault(code) if came else None
            self.remark(("finding", fact.id), {} if fault is None else {fact.id: fault})
            return
        store = self.program.store
        cell = store.cell_on(fact, ("observed", rule.id, fact.id), lambda: ObservedCell(self, rule, fact))
        if isinstance(cell, ObservedCell):
            cell.trigger = fact if came else None
        store.due(cell)

    # --- called by cells ---------------------------------------------------------------------------------------------

    def turns_with_the_day(self, rule: Rule) -> bool:
        """Tell whether a lasting condition can change at midnight: it reads the day, or counts within a period."""
        if rule.id not in self._turning:
            self._turning[rule.id] = rule.whenever is not None and self._reads_day(rule.whenever.tree)
        return self._turning[rule.id]

    def _reads_day(self, tree: Expression) -> bool:
        pack = self.program.pack
        for part in walk(tree):
            match part:
                case syntax.Field(scope=syntax.Scope.PERIOD) | syntax.Field(scope=syntax.Scope.FACT, name="date"):
                    return True
                case syntax.ParameterRef(name=name) if len(pack.parameters[name].dated.values) > 1:
                    return True
                case syntax.CountRef(name=name) if _turns(pack.counts[name]):
                    return True
                case syntax.ValueRef(name=name):
                    if any(self._reads_day(variant.tree) for variant in pack.values[name].variants.values()):
                        return True
                case _:
                    continue
        return False

    def records_of_limits(self, rule: Rule) -> tuple[list[str], list[str]]:
        """Return the kinds of records that a rule's limit reads, and those with its start; worked out once."""
        found = self._limits_read.get(rule.id)
        if found is None:
            found = self._limits_read[rule.id] = records_of_limits(rule)
        return found

    def case(self, rule: Rule, matter_id: str) -> None:
        """Make sure that a matter's case is looked at."""
        self._case(rule, matter_id, ("openings", rule.id, matter_id), observed=False)

    def finding_case(self, rule: Rule, matter_id: str) -> None:
        """Make sure that findings about a matter are looked at."""
        self._case(rule, matter_id, ("findings", rule.id, matter_id), observed=True)

    def _case(self, rule: Rule, matter_id: str, place: Key, *, observed: bool) -> None:
        store, key = self.program.store, ("case", *place)
        if key not in store.cells:
            store.cells[key] = cell = CaseCell(self, rule, matter_id, place, key, observed=observed)
            store.due(cell)

    def forget(self, cell: OutcomeCell) -> None:
        """Let a cell go whose fact is gone."""
        self.cells_of.get(cell.rule.id, set()).discard(cell)
        self.program.store.forget(cell)

    def remark(self, source: Key, remarks: dict[str, tuple[str, str]]) -> None:
        """Keep what is to be said about events that reached nothing."""
        if remarks:
            self.remarks[source] = remarks
        else:
            self.remarks.pop(source, None)

    def same_value(self, name: str, opening: Opening, person: str | None) -> object | None:
        """Return what `same` or `once_per` compares: a record, the bearer, a period of the matter's date, a field."""
        program = self.program
        if name == "person":
            return person
        if name in PERIOD_NAMES:
            day = program.day_of(opening.ctx)
            return None if day is None else period_of(PeriodKind(name), day).label
        matter = opening.matter
        if name in program.pack.records or (
            matter is not None and any(link.name == name for link in program.pack.records[matter.kind].links)
        ):
            found = self._record_of(name, opening)
            return None if found is None else found.id
        value = program.bare(opening.ctx, name)
        return None if isinstance(value, Unknown) else value

    def _record_of(self, name: str, opening: Opening) -> Instance | None:
        matter = opening.matter
        if matter is None:
            return None
        if matter.kind == name:
            return matter
        for link in self.program.pack.records[matter.kind].links:
            if name in (link.name, link.record):
                return self.program.follow(matter, link)
        return None


def _turns(count: Count) -> bool:
    """Tell whether what a count comes to can change at midnight."""
    return count.window not in TIMELESS or (count.rolling is not None and not count.rolling.runs)


def _by_type(patterns: Iterable[Pattern]) -> dict[tuple[FactKind, str], list[Pattern]]:
    """Return the patterns that a fact of each type may fit, in the order in which they are written."""
    found: dict[tuple[FactKind, str], list[Pattern]] = {}
    for pattern in patterns:
        for name in dict.fromkeys(pattern.names):
            found.setdefault((pattern.kind, name), []).append(pattern)
    return found
