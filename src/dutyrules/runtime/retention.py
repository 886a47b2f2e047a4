"""What no rule can need again is forgotten, so that memory follows the state and not the length of the log.

How long each record, count, rule and event type is remembered follows from the pack: `policies/horizons.py` works it
out. A record is kept while it is open, and for its own horizon after its end or last event; an event while it is within
the horizon of its type, or a kept record, a kept outcome or an open duty rests on it. What is forgotten has long been
handed out.
"""

from __future__ import annotations

from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING, TypeVar

import attrs

from dutyrules.calendars import PeriodKind, period_of
from dutyrules.outcomes import Obligation, Referral
from dutyrules.policies.horizon_edges import FOREVER as FOR_EVER
from dutyrules.policies.horizon_edges import ends, key_types, local_record
from dutyrules.policies.horizons import Horizon, horizons
from dutyrules.policies.model import FieldType
from dutyrules.runtime.allotment import given, wanted
from dutyrules.runtime.alpha import ALPHA
from dutyrules.runtime.cases import CaseCell
from dutyrules.runtime.gaps import GapCell
from dutyrules.runtime.instances import Over, RecordCell, ever_touching, touching
from dutyrules.runtime.ladders import LadderCell
from dutyrules.runtime.members import InstanceMemberCell, MemberCell
from dutyrules.runtime.openings import OutcomeCell
from dutyrules.runtime.periods import EveryCell, PeriodCell
from dutyrules.runtime.relations import VoidingCell
from dutyrules.runtime.rights import WaitCell
from dutyrules.runtime.store import FOREVER, Cell, Handed
from dutyrules.runtime.triggers import TriggerCell, matters_of
from dutyrules.runtime.whenever import DaysCell, RiseCell

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from dutyrules.outcomes import Outcome
    from dutyrules.policies.horizons import Horizons
    from dutyrules.policies.model import Rule
    from dutyrules.runtime.instances import Instance
    from dutyrules.runtime.intake import Intake
    from dutyrules.runtime.machine import Machine
    from dutyrules.runtime.store import Fact, Key
    from dutyrules.runtime.whenever import Settled

Made = TypeVar("Made", bound=Cell)
UNDONE = frozenset({"open", "opened", "proposed", "postponed"})
BASED = (RecordCell, TriggerCell, MemberCell)
"""Cells that go with their records, or with the fact on which they rest."""


class Retention:
    """Forgets, month by month, what lies further back than anything can look that reads it."""

    def __init__(self, machine: Machine, intake: Intake) -> None:
        self._machine = machine
        self._intake = intake
        self._store = machine.program.store
        pack = machine.program.pack
        self._local = {
            count.name: (record.name, [_name(reader.tree) for reader, _member in count.per], record.key)
            for count in pack.counts.values()
            if (record := local_record(pack, count)) is not None
        }
        self._of_days = {
            record.name
            for record in pack.records.values()
            if FieldType.DATE
            in key_types(record, pack).values()  # over with its day, whether anything closed it or not
        }
        self._mattering: set[OutcomeCell] = set()  # while something is forgotten: the cells that stay for themselves
        self._awaited: set[str] = set()  # in that time: the records that stay because a case about them does
        self._sorted: dict[type[Cell], list[Cell]] = {}  # in that time, by kind
        self.cutoff: int | None = None
        self._next: int | None = None

    @cached_property
    def horizons(self) -> Horizons:
        """Return what the pack remembers; worked out when something is first forgotten, since most engines never do."""
        return horizons(self._machine.program.pack)

    def tick(self, clock: int) -> None:
        """Forget what is due to be forgotten; little is done on most ticks."""
        if self._next is not None and clock < self._next:
            return
        zone = self._machine.program.zone
        month = period_of(PeriodKind.MONTH, zone.date_of(clock))
        self._next = zone.start_of(month.next().start)
        since = zone.start_of(month.start)
        first = self._intake.started_at
        if first is not None and first[0] < since and first[0] < since - self._shortest:
            self.forget_before(since)

    @property
    def _shortest(self) -> int:
        every = (*self.horizons.events.values(), *self.horizons.records.values(), *self.horizons.rules.values())
        return min([self.horizons.late, *(one.seconds for one in every)])

    def restore(
        self, cutoff: int, settled: Iterable[tuple[str, str, Settled]], over: Iterable[tuple[str, Over]]
    ) -> None:
        """Go on as an engine that has last forgotten at `cutoff`.

        `settled` is what it has kept of conditions, and `over` of records that are forgotten.
        """
        self._machine.settled_rises = {(rule, record): one for rule, record, one in settled}
        self._machine.program.over = dict(over)
        self._forgets_before(cutoff)

    def _forgets_before(self, cutoff: int) -> None:
        self.cutoff = cutoff
        self._store.forgotten_before = cutoff - self.horizons.late
        self._store.rules_since = {name: _before(cutoff, one) for name, one in self.horizons.rules.items()}

    def forget_before(self, cutoff: int) -> None:
        """Forget what lies before `cutoff` by more than it is remembered, unless something open rests on it."""
        self._machine.settled_rises = {}
        self._forgets_before(cutoff)
        self._mattering = self._find_what_matters(cutoff)
        self._awaited = {one.matter for cell in self._mattering for one in cell.outcomes.values()}
        dropped = self._events_to_drop(cutoff)
        for name in dropped:
            self._drop_event(name)
        self._let_go_of_over(dropped)
        for record in self._cells(RecordCell):
            if not any(self._is_kept(record, one, cutoff) for one in record.instances.values()):
                self._note_over(record, record.instances.values())
                self._drop_cell(record)
                continue
            self._drop_episodes(record, cutoff)
            if _has_one_life(record) and not dropped.isdisjoint(record.rests_on):
                self._forget_steps(record)
        for rises in self._cells(RiseCell):
            for place in rises.settle(self._since(rises.rule.id, cutoff), self._is_awaited):
                self._store.lose(*place)
        openers, cases = self._cells(Cell, but=(*BASED, OutcomeCell)), self._cells(OutcomeCell, but=BASED)
        for cell in chain(openers, cases):
            if not cell.dead and self._is_past(cell, cutoff):
                self._drop_cell(cell)
        self._mattering, self._awaited, self._sorted = set(), set(), {}
        self._store.sweep()

    def _cells(self, kind: type[Made], but: tuple[type[Cell], ...] = ()) -> Iterator[Made]:
        """Yield the cells of a kind that there were when forgetting began; most are of kinds that need no look."""
        if not self._sorted:
            for cell in self._store.cells.values():
                self._sorted.setdefault(type(cell), []).append(cell)
        for one, cells in self._sorted.items():
            if issubclass(one, kind) and not issubclass(one, but):
                yield from cells  # type: ignore[misc] # as their class says

    # --- what is kept ------------------------------------------------------------------------------------------------

    def _events_to_drop(self, cutoff: int) -> set[str]:
        """Return the events beyond the horizon of their type on which nothing rests that is kept."""
        while True:
            going = self._going(cutoff)
            kept = self._keep_what_lives_on(going, cutoff)
            if kept <= self._awaited:
                return going
            self._awaited |= kept

    def _going(self, cutoff: int) -> set[str]:
        """Return the events to drop as far as it is known which records stay because a case about them does."""
        since = {name: _before(cutoff, horizon) for name, horizon in self.horizons.events.items()}
        going = {event.id for event in self._intake.events() if event.time < since[event.type]}
        for cell in self._mattering:
            going.difference_update(*_made_of(cell))
            going.difference_update(self._set_off_by(cell))
            going.difference_update(self._read_while_open(cell))
        for record in self._cells(RecordCell):
            if not going.isdisjoint(record.rests_on):
                going.difference_update(self._needed_by_record(record, cutoff))
        for trigger in self._cells(TriggerCell):
            if trigger.pattern.first and not (trigger.trigger is None or going.isdisjoint(trigger.trigger.roots)):
                going.difference_update(self._first_of_a_record(trigger, trigger.trigger, cutoff))
        for member in self._cells(MemberCell):
            if not (member.fact is None or going.isdisjoint(member.fact.roots)):
                going.difference_update(self._counted_for_a_record(member, member.fact, cutoff))
        for rule in self._machine.program.pack.rules.values():
            if rule.one_act == "oldest":
                self._keep_who_got_acts(rule, going)
        return going

    def _needed_by_record(self, cell: RecordCell, cutoff: int) -> set[str]:
        """Return the events on which the episodes rest that are kept."""
        instances = list(cell.instances.values())
        keep = [one for one in instances if self._is_kept(cell, one, cutoff)]
        if not keep:
            return set()
        if len(keep) < len(instances):
            since = min(one.opened for one in keep)
            return {
                root
                for fact, _role in touching(self._machine.program, cell.record, cell.values, since)
                for root in fact.roots
            }
        return cell.rests_on - self._overwritten(cell, cutoff) if _has_one_life(cell) else cell.rests_on

    def _overwritten(self, cell: RecordCell, cutoff: int) -> set[str]:
        """Return the events that said of a record without end what later ones, older than any look back, say anew."""
        before = _before(cutoff, self.horizons.histories[cell.record.name])
        old: dict[str, Fact] = {}
        opening: list[Fact] = []
        for fact, role in touching(self._machine.program, cell.record, cell.values, -FOREVER, before - 1):
            old[fact.id] = fact
            if role == "opens":
                opening.append(fact)
        gone: set[str] = set()
        said: set[str] = set()
        first = min(opening, key=lambda fact: fact.order, default=None)  # what came before it has opened nothing
        for fact in sorted(old.values(), key=lambda fact: fact.order, reverse=True):
            says = {fact.type[1], *fact.data}
            if fact is not first and says <= said:
                gone.update(fact.roots)
            said |= says
        return gone

    def _read_while_open(self, cell: OutcomeCell) -> Iterator[str]:
        """Yield the events since the opening that an open duty has looked at: acts of which more are wanted."""
        rule, parse = cell.rule, self._machine.program.zone.parse
        if rule.at_least == 1 and not (rule.until_all or rule.moved_by or rule.paused_by):
            return  # what has not met it will not
        duties = [one for one in cell.outcomes.values() if isinstance(one, Obligation) and one.status == "open"]
        if not duties:
            return
        since = min(parse(text) for one in duties for text in (one.time, one.since) if text is not None)
        for bucket in cell.reads:
            room = bucket.key[0]
            for time, _name, value in bucket.entries if room in ("fact", "part", ALPHA) else ():
                if time >= since:
                    fact: Fact = value[0] if room == ALPHA else value
                    yield from fact.roots

    def _counted_for_a_record(self, cell: MemberCell, fact: Fact, cutoff: int) -> Iterator[str]:
        """Yield the events of a total about one record while that record is kept."""
        if cell.count.name not in self._local:
            return
        record, names, key = self._local[cell.count.name]
        for place, _time, _name in cell.entries:
            values = place[2]
            assert isinstance(values, tuple)  # noqa: S101 - the third part of a count's place is its key
            known = dict(zip(names, values, strict=True))
            found = self._store.cells.get(("record", record, tuple(known[name] for name in key)))
            if isinstance(found, RecordCell) and any(
                self._is_kept(found, one, cutoff) for one in found.instances.values()
            ):
                yield from fact.roots

    def _first_of_a_record(self, cell: TriggerCell, fact: Fact, cutoff: int) -> Iterator[str]:
        """Yield the events behind what is the first about a record that is kept: nothing later is the first then."""
        for matter in matters_of(self._machine.program, cell.rule, fact):
            if matter is None or cell.earlier(fact, matter) is not None:
                continue
            found = self._store.cells.get(("record", matter.kind, matter.key))
            if isinstance(found, RecordCell) and self._is_kept(found, matter, cutoff):
                yield from fact.roots

    def _keep_who_got_acts(self, rule: Rule, going: set[str]) -> None:
        """Keep what the cases rest on that got an act which a remembered case wants too: else it would get the act."""
        cases = {
            matter: (cell, acts) for cell in self._machine.cells_of.get(rule.id, ()) for matter, acts in wanted(cell)
        }
        got = given(self._store, rule)
        waiting = [
            matter
            for matter, (cell, _acts) in cases.items()
            if cell in self._mattering or not going.issuperset(self._set_off_by(cell))
        ]
        while waiting:
            _cell, acts = cases.pop(waiting.pop())
            for act in acts:
                owner = got.get(act.id, "")
                if owner in cases and owner not in waiting and not going.issuperset(act.roots):
                    owned = cases[owner][0]
                    going.difference_update(self._set_off_by(owned), *_made_of(owned))
                    waiting.append(owner)

    def _set_off_by(self, cell: OutcomeCell) -> set[str]:
        """Return the events behind the openings of a case."""
        openings = self._store.bucket(getattr(cell, "place", ())).entries
        return {root for _time, _name, opening in openings for root in opening.roots}

    def _keep_what_lives_on(self, going: set[str], cutoff: int) -> set[str]:
        """Keep what the cases rest on that stay because one of their triggers does: they may be decided again.

        Return what these cases are about.
        """
        past = {
            one.id
            for cell in self._cells(RecordCell)
            for one in cell.instances.values()
            if not self._is_kept(cell, one, cutoff)
        }
        waiting = [
            cell
            for cell in self._cells(CaseCell)
            if cell.matter_id in past or not all(map(going.isdisjoint, _made_of(cell)))
        ]
        awaited: set[str] = set()
        found = True
        while found:
            lasting = [cell for cell in waiting if self._lives_on(cell, going, cutoff)]
            found = bool(lasting)
            waiting = list(set(waiting).difference(lasting))
            for cell in lasting:
                going.difference_update(*_made_of(cell))
                awaited.add(cell.matter_id)
        return awaited & past

    def _lives_on(self, cell: CaseCell, going: set[str], cutoff: int) -> bool:
        since = self._since(cell.rule.id, cutoff)
        bucket = self._store.buckets.get(cell.place)
        entries = [] if bucket is None else bucket.entries
        return any(time >= since or not going.issuperset(opening.roots) for time, _name, opening in entries)

    def _since(self, rule: str, cutoff: int) -> int:
        """Return from when on the cases of a rule are remembered."""
        return _before(cutoff, self.horizons.rules[rule])

    def _find_what_matters(self, cutoff: int) -> set[OutcomeCell]:
        """Find the cells of which an outcome is still open, or came about within the rule's horizon."""
        parse = self._machine.program.zone.parse
        found: set[OutcomeCell] = set()
        for rule, cells in self._machine.cells_of.items():
            since = self._since(rule, cutoff)
            for cell in cells:
                if cell.outcomes and any(_is_undone(one) or parse(one.time) >= since for one in cell.outcomes.values()):
                    found.add(cell)
        return found

    def _is_awaited(self, place: Key) -> bool:
        """Tell whether the case that looks in a place matters."""
        return self._store.cells.get(("case", *place)) in self._mattering

    def _is_kept(self, cell: RecordCell, instance: Instance, cutoff: int) -> bool:
        horizon = self.horizons.records[cell.record.name]
        if horizon.is_endless or instance.id in self._awaited:
            return True
        if instance.closed is None and ends(cell.record) and cell.record.name not in self._of_days:
            return True
        return instance.last >= _before(cutoff, horizon)

    def _is_past(self, cell: Cell, cutoff: int) -> bool:
        """Tell whether a cell is past that rests on no event of its own and is no record's."""
        match cell:
            case InstanceMemberCell():
                return not self._machine.program.instances(cell.kind, cell.key_values)
            case RiseCell() | EveryCell() | DaysCell():
                over = isinstance(cell, RiseCell) and cell.ends_before(self._since(cell.rule.id, cutoff))
                return over or not self._has_matter(cell)
            case VoidingCell():
                return not self._holds(*((room, *cell.place[1:]) for room in ("choice", "forfeits", "rights")))
            case WaitCell():
                return not self._holds(cell.place)
            case LadderCell():
                return not self._holds(("steps", cell.ladder.name, cell.person))
            case OutcomeCell():
                return cell not in self._mattering and self._is_over(cell, cutoff)
        return False

    def _has_matter(self, cell: RiseCell | EveryCell | DaysCell | GapCell) -> bool:
        """Tell whether the record is still there that a cell is about."""
        match cell:
            case EveryCell():
                return cell.kind is None or cell.record_key is None or self._lives(cell.kind, *cell.record_key)
            case DaysCell():
                return self._lives(cell.instance.kind, cell.instance.key, cell.instance.id)
        return self._lives(cell.kind, cell.instance_key, cell.instance_id)

    def _holds(self, *places: Key) -> bool:
        """Tell whether anything stands in one of some buckets."""
        return any(self._store.bucket(place).entries for place in places)

    def _is_over(self, cell: OutcomeCell, cutoff: int) -> bool:
        if isinstance(cell, PeriodCell):
            return self._machine.program.zone.end_of(cell.period.end) < self._since(cell.rule.id, cutoff)
        if isinstance(cell, GapCell):
            since = self._since(cell.rule.id, cutoff)
            return not self._has_matter(cell) or (cell.start is not None and cell.ends_before(since))
        place = getattr(cell, "place", None)
        return place is not None and not self._holds(place)

    def _lives(self, kind: str, key: tuple[object, ...], name: str) -> bool:
        return any(one.id == name for one in self._machine.program.instances(kind, key))

    # --- letting go --------------------------------------------------------------------------------------------------

    def _drop_event(self, name: str) -> None:
        event = self._intake.forget(name)
        self._machine.remark(("finding", name), {})
        self._machine.remark(("ruling", name), {})
        cell = self._store.cells.get(("event cell", name))
        if cell is not None:
            self._drop_cell(cell)
        fact = self._store.facts.get(("event", event.type), {}).get(name)
        if fact is not None:
            self._drop_fact(fact)

    def _drop_fact(self, fact: Fact) -> None:
        self._store.lose_fact(fact)
        for cell in self._store.based.pop(fact.id, ()):
            if not cell.dead:
                self._drop_cell(cell)

    def _drop_cell(self, cell: Cell) -> None:
        self._store.forget(cell)
        if isinstance(cell, GapCell):
            cell.let_go(self._store)
        for handed in _handed(cell):
            self._lose(handed)
        if isinstance(cell, OutcomeCell):
            self._machine.cells_of.get(cell.rule.id, set()).discard(cell)
            self._machine.board.forget(cell.outcomes)
        if isinstance(cell, RecordCell):
            self._store.buckets.pop(("rec", cell.record.name, cell.values), None)

    def _lose(self, handed: Handed) -> None:
        for place in handed.entries:
            self._store.lose(*place)
        for fact in list(handed.facts.values()):
            self._drop_fact(fact)

    def _note_over(self, cell: RecordCell, past: Iterable[Instance]) -> None:
        """Note until when the records under a key are over, if what opened any is kept: it must open none anew."""
        until = max((one.last for one in past), default=-FOREVER)
        program = self._machine.program
        touched = ever_touching(program, cell.record, cell.values, -FOREVER, until)
        opening = [fact for fact, role in touched if role == "opens"]
        events = frozenset(root for fact in opening for root in fact.roots if self._intake.has(root))
        if events:
            program.over[cell.name] = Over(until, events)

    def _let_go_of_over(self, dropped: set[str]) -> None:
        """Let go of what is noted of records that are over once no event about them is left."""
        over = self._machine.program.over
        for name, one in list(over.items()):
            if not one.events.isdisjoint(dropped):
                over[name] = attrs.evolve(one, events=one.events - dropped)
                if not over[name].events:
                    del over[name]

    def _forget_steps(self, cell: RecordCell) -> None:
        """Let a record, and what it is to counts, be as they would be found without what has been forgotten.

        Else the next event about it would find it changed long ago, and everything that ever read it would run again.
        """
        if cell.forget_steps():
            for members in self._members_of(cell):
                members.forget_steps(self._store)

    def _members_of(self, cell: RecordCell) -> Iterator[InstanceMemberCell]:
        for count in self._machine.program.pack.counts:
            members = self._store.cells.get(("members", count, cell.record.name, cell.values))
            if isinstance(members, InstanceMemberCell):
                yield members

    def _drop_episodes(self, cell: RecordCell, cutoff: int) -> None:
        """Let the episodes go that are past while others of the same key are kept."""
        past = [one for one in cell.instances.values() if not self._is_kept(cell, one, cutoff)]
        if not past:
            return
        self._note_over(cell, past)
        for instance in past:
            del cell.instances[instance.id]
            self._store.lose(("rec", cell.record.name, cell.values), instance.opened, instance.id)
            handed = cell.handed_by.pop(instance.id, None)
            if handed is not None:
                self._lose(handed)
        cell.rests_on = self._needed_by_record(cell, cutoff)
        for members in self._members_of(cell):
            for instance in past:
                handed = members.handed_by.pop(instance.id, None)
                if handed is not None:
                    self._lose(handed)


def _has_one_life(cell: RecordCell) -> bool:
    """Tell whether there is one record under a key, which nothing ends."""
    return len(cell.instances) == 1 and not ends(cell.record)


def _made_of(cell: OutcomeCell) -> list[Sequence[str]]:
    """Return the causes of what a cell has made."""
    return [*(one.because for one in cell.outcomes.values()), *(fact.roots for fact in cell.facts.values())]


def _is_undone(one: Outcome) -> bool:
    """Tell whether something is still to come of an outcome: an act, a ruling; what was lacking comes no more."""
    idle = isinstance(one, Referral) and one.question in ("undecidable", "rules")
    return one.status in UNDONE and not idle


def _before(cutoff: int, horizon: Horizon) -> int:
    return -FOREVER if horizon.seconds >= FOR_EVER else cutoff - horizon.seconds


def _name(tree: object) -> str:
    return str(getattr(tree, "name", ""))


def _handed(cell: Cell) -> list[Handed]:
    if isinstance(cell, RecordCell | InstanceMemberCell):
        return list(cell.handed_by.values())
    if isinstance(cell, OutcomeCell):
        return [Handed(cell.facts, cell.places)]
    if isinstance(cell, MemberCell):
        return [Handed(entries=cell.entries)]
    handed = getattr(cell, "handed", None)
    return [] if handed is None else [handed]
