"""What no rule can need again is forgotten, so that memory follows the state and not the length of the log.

How long each record, count, rule and event type is remembered follows from the pack: `policies/horizons.py` works it
out. A record is kept while it is open, and for its own horizon after its end or last event; an event while it is within
the horizon of its type, or a kept record, a kept outcome or an open duty rests on it. What is forgotten has long been
handed out.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from dutyrules.calendars import PeriodKind, period_of
from dutyrules.outcomes import Obligation, Referral
from dutyrules.policies.horizon_edges import FOREVER as FOR_EVER
from dutyrules.policies.horizon_edges import ends, key_types, local_record
from dutyrules.policies.horizons import Horizon, horizons
from dutyrules.policies.model import FieldType
from dutyrules.runtime.allotment import given, wanted
from dutyrules.runtime.cases import CaseCell
from dutyrules.runtime.gaps import GapCell
from dutyrules.runtime.instances import Instance, RecordCell, touching
from dutyrules.runtime.ladders import LadderCell
from dutyrules.runtime.members import InstanceMemberCell, MemberCell
from dutyrules.runtime.openings import OutcomeCell
from dutyrules.runtime.periods import EveryCell, PeriodCell
from dutyrules.runtime.relations import VoidingCell
from dutyrules.runtime.rights import WaitCell
from dutyrules.runtime.store import FOREVER, Handed
from dutyrules.runtime.triggers import TriggerCell, matters_of
from dutyrules.runtime.whenever import DaysCell, RiseCell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dutyrules.outcomes import Outcome
    from dutyrules.policies.horizons import Horizons
    from dutyrules.policies.model import Rule
    from dutyrules.runtime.intake import Intake
    from dutyrules.runtime.machine import Machine
    from dutyrules.runtime.store import Cell, Fact, Key

UNDONE = frozenset({"open", "opened", "proposed", "postponed"})


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

    def restore(self, cutoff: int) -> None:
        """Go on as an engine that has last forgotten at `cutoff`."""
        self.cutoff = cutoff
        self._store.forgotten_before = cutoff - self.horizons.late
        self._store.rules_since = {name: _before(cutoff, one) for name, one in self.horizons.rules.items()}

    def forget_before(self, cutoff: int) -> None:
        """Forget what lies before `cutoff` by more than it is remembered, unless something open rests on it."""
        self.restore(cutoff)
        kept = self._kept_events(cutoff)
        for event in list(self._intake.events()):
            if event.time < _before(cutoff, self.horizons.events[event.type]) and event.id not in kept:
                self._drop_event(event.id)
        for cell in list(self._store.cells.values()):
            if cell.dead:
                continue
            if self._is_past(cell, cutoff):
                self._drop_cell(cell)
            elif isinstance(cell, RecordCell):
                self._drop_episodes(cell, cutoff)
        self._store.sweep()

    # --- what is kept ------------------------------------------------------------------------------------------------

    def _kept_events(self, cutoff: int) -> set[str]:
        kept: set[str] = set()
        for cell in self._store.cells.values():
            if isinstance(cell, RecordCell):
                kept.update(self._needed_by_record(cell, cutoff))
            elif isinstance(cell, OutcomeCell) and self._matters(cell, cutoff):
                kept.update(*(one.because for one in cell.outcomes.values()))
                kept.update(*(fact.roots for fact in cell.facts.values()))
                for _time, _name, opening in self._store.bucket(getattr(cell, "place", ())).entries:
                    kept.update(opening.roots)
                kept.update(self._read_while_open(cell))
            elif isinstance(cell, MemberCell):
                kept.update(self._counted_for_a_record(cell, cutoff))
            elif isinstance(cell, TriggerCell) and cell.pattern.first:
                kept.update(self._first_of_a_record(cell, cutoff))
        for rule in self._machine.program.pack.rules.values():
            if rule.one_act == "oldest":
                self._keep_who_got_acts(rule, kept, cutoff)
        self._keep_what_lives_on(kept, cutoff)
        return kept

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
        if ends(cell.record) or cell.record.spans is not None or len(instances) > 1:
            return cell.rests_on
        return cell.rests_on - self._overwritten(cell, cutoff)

    def _overwritten(self, cell: RecordCell, cutoff: int) -> set[str]:
        """Return the events that said of a record without end what later ones, older than any look back, say anew."""
        before = _before(cutoff, self.horizons.histories[cell.record.name])
        old: dict[str, Fact] = {}
        for fact, _role in touching(self._machine.program, cell.record, cell.values, -FOREVER, before - 1):
            old[fact.id] = fact
        gone: set[str] = set()
        said: set[str] = set()
        first = min(old.values(), key=lambda fact: fact.order, default=None)
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
            if bucket.key[0] in ("fact", "part"):
                for time, _name, fact in bucket.entries:
                    if time >= since:
                        yield from fact.roots

    def _counted_for_a_record(self, cell: MemberCell, cutoff: int) -> Iterator[str]:
        """Yield the events of a total about one record while that record is kept."""
        if cell.fact is None or cell.count.name not in self._local:
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
                yield from cell.fact.roots

    def _first_of_a_record(self, cell: TriggerCell, cutoff: int) -> Iterator[str]:
        """Yield the events behind what is the first about a record that is kept: nothing later is the first then."""
        fact = cell.trigger
        if fact is None:
            return
        for matter in matters_of(self._machine.program, cell.rule, fact):
            if matter is None or cell.earlier(fact, matter) is not None:
                continue
            found = self._store.cells.get(("record", matter.kind, matter.key))
            if isinstance(found, RecordCell) and self._is_kept(found, matter, cutoff):
                yield from fact.roots

    def _keep_who_got_acts(self, rule: Rule, kept: set[str], cutoff: int) -> None:
        """Add what the cases rest on that got an act which a remembered case wants too: else it would get the act."""
        cases = {
            matter: (cell, self._grounds(cell), acts)
            for cell in self._machine.cells_of.get(rule.id, ())
            for matter, acts in wanted(cell)
        }
        got = given(self._store, rule)
        waiting = [
            matter
            for matter, (cell, grounds, _acts) in cases.items()
            if self._matters(cell, cutoff) or not kept.isdisjoint(grounds)
        ]
        while waiting:
            _cell, _grounds, acts = cases.pop(waiting.pop())
            for act in acts:
                owner = got.get(act.id, "")
                if owner in cases and owner not in waiting and self._is_remembered(act, kept, cutoff):
                    kept.update(cases[owner][1])
                    waiting.append(owner)

    def _grounds(self, cell: OutcomeCell) -> set[str]:
        """Return the events on which a case rests: those behind its openings and its outcomes."""
        openings = self._store.bucket(getattr(cell, "place", ())).entries
        found = {root for _time, _name, opening in openings for root in opening.roots}
        return found.union(*(one.because for one in cell.outcomes.values()))

    def _is_remembered(self, fact: Fact, kept: set[str], cutoff: int) -> bool:
        """Tell whether a fact is still there once what is past has been let go."""
        kind, name = fact.type
        horizon = self.horizons.events.get(name) if kind == "event" else None
        return horizon is None or fact.time >= _before(cutoff, horizon) or not kept.isdisjoint(fact.roots)

    def _keep_what_lives_on(self, kept: set[str], cutoff: int) -> None:
        """Add what the cases rest on that stay because one of their triggers does: they may be decided again."""
        waiting = [cell for cell in self._store.cells.values() if isinstance(cell, CaseCell)]
        found = True
        while found:
            lasting = [cell for cell in waiting if self._lives_on(cell, kept, cutoff)]
            found = bool(lasting)
            waiting = list(set(waiting).difference(lasting))
            for cell in lasting:
                kept.update(*(one.because for one in cell.outcomes.values()))
                kept.update(*(fact.roots for fact in cell.facts.values()))

    def _lives_on(self, cell: CaseCell, kept: set[str], cutoff: int) -> bool:
        since = self._since(cell.rule.id, cutoff)
        bucket = self._store.buckets.get(cell.place)
        entries = [] if bucket is None else bucket.entries
        return any(time >= since or not kept.isdisjoint(opening.roots) for time, _name, opening in entries)

    def _since(self, rule: str, cutoff: int) -> int:
        """Return from when on the cases of a rule are remembered."""
        return _before(cutoff, self.horizons.rules[rule])

    def _matters(self, cell: OutcomeCell, cutoff: int) -> bool:
        """Tell whether an outcome is still open, or came about within the rule's horizon."""
        zone, since = self._machine.program.zone, self._since(cell.rule.id, cutoff)
        return any(_is_undone(one) or zone.parse(one.time) >= since for one in cell.outcomes.values())

    def _is_kept(self, cell: RecordCell, instance: Instance, cutoff: int) -> bool:
        horizon = self.horizons.records[cell.record.name]
        if horizon.is_endless:
            return True
        if instance.closed is None and ends(cell.record) and cell.record.name not in self._of_days:
            return True
        last = instance.steps[-1][0]
        return max(last, instance.closed or last) >= _before(cutoff, horizon)

    def _is_past(self, cell: Cell, cutoff: int) -> bool:
        """Tell whether a cell that rests on no event of its own is past."""
        match cell:
            case RecordCell():
                return not any(self._is_kept(cell, one, cutoff) for one in cell.instances.values())
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
                return not self._matters(cell, cutoff) and self._is_over(cell, cutoff)
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

    def _drop_episodes(self, cell: RecordCell, cutoff: int) -> None:
        """Let the episodes go that are past while others of the same key are kept."""
        past = [one for one in cell.instances.values() if not self._is_kept(cell, one, cutoff)]
        for instance in past:
            del cell.instances[instance.id]
            self._store.lose(("rec", cell.record.name, cell.values), instance.opened, instance.id)
            handed = cell.handed_by.pop(instance.id, None)
            if handed is not None:
                self._lose(handed)
        if not past:
            return
        cell.rests_on = self._needed_by_record(cell, cutoff)
        for count in self._machine.program.pack.counts:
            members = self._store.cells.get(("members", count, cell.record.name, cell.values))
            for instance in past if isinstance(members, InstanceMemberCell) else ():
                handed = members.handed_by.pop(instance.id, None) if isinstance(members, InstanceMemberCell) else None
                if handed is not None:
                    self._lose(handed)


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
