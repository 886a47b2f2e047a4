"""What an engine keeps when it forgets: what is within the horizons of its pack, and all on which that rests.

A record is kept while it is open, for its own horizon after its end or last event, and while a case about it is; an
event while it is within the horizon of its type, or a kept record, a kept outcome or an open duty rests on it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from dutyrules.outcomes import Obligation, Referral
from dutyrules.policies.horizon_edges import FOREVER as FOR_EVER
from dutyrules.policies.horizon_edges import ends, key_types, local_record
from dutyrules.policies.model import FieldType
from dutyrules.runtime.allotment import given, wanted
from dutyrules.runtime.alpha import ALPHA
from dutyrules.runtime.cases import CaseCell
from dutyrules.runtime.gaps import GapCell
from dutyrules.runtime.instances import RecordCell, touching
from dutyrules.runtime.ladders import LadderCell
from dutyrules.runtime.members import InstanceMemberCell, MemberCell
from dutyrules.runtime.openings import OutcomeCell
from dutyrules.runtime.periods import EveryCell, PeriodCell
from dutyrules.runtime.relations import VoidingCell
from dutyrules.runtime.rights import WaitCell
from dutyrules.runtime.store import FOREVER, Cell, Index
from dutyrules.runtime.triggers import TriggerCell, matters_of
from dutyrules.runtime.whenever import DaysCell, RiseCell

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dutyrules.outcomes import Outcome
    from dutyrules.policies.horizons import Horizon, Horizons
    from dutyrules.policies.model import Rule
    from dutyrules.runtime.instances import Instance
    from dutyrules.runtime.intake import Intake
    from dutyrules.runtime.machine import Machine
    from dutyrules.runtime.store import Fact, Key

Made = TypeVar("Made", bound=Cell)
UNDONE = frozenset({"open", "opened", "proposed", "postponed"})


class Kept:
    """What is kept of an engine that forgets what lies before `cutoff`, as it stands when forgetting begins."""

    def __init__(self, machine: Machine, intake: Intake, horizons: Horizons, cutoff: int) -> None:
        self._machine = machine
        self._intake = intake
        self._store = machine.program.store
        self._horizons = horizons
        self.cutoff = cutoff
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
        self._sorted: dict[type[Cell], list[Cell]] = {}
        for cell in self._store.cells.values():
            self._sorted.setdefault(type(cell), []).append(cell)
        self._mattering = self._find_what_matters()  # the cells that stay for themselves
        self._awaited = {one.matter for cell in self._mattering for one in cell.outcomes.values()}
        self._awaited |= {
            cell.subject.id for cell in self._mattering if isinstance(cell, PeriodCell) and cell.subject is not None
        }
        """The records that stay because a case about them does."""

    def cells(self, kind: type[Made], but: tuple[type[Cell], ...] = ()) -> Iterator[Made]:
        """Yield the cells of a kind that there were when forgetting began; most are of kinds that need no look."""
        for one, cells in self._sorted.items():
            if issubclass(one, kind) and not issubclass(one, but):
                yield from cells  # type: ignore[misc] # as their class says

    def events_to_drop(self) -> set[str]:
        """Return the events beyond the horizon of their type on which nothing rests that is kept."""
        while True:
            going = self._going()
            kept = self._keep_what_lives_on(going)
            if kept <= self._awaited:
                return going
            self._awaited |= kept

    def _going(self) -> set[str]:
        """Return the events to drop as far as it is known which records stay because a case about them does."""
        since = {name: before(self.cutoff, horizon) for name, horizon in self._horizons.events.items()}
        going = {event.id for event in self._intake.events() if event.time < since[event.type]}
        for cell in self._mattering:
            going.difference_update(*_made_of(cell))
            going.difference_update(self._set_off_by(cell))
            going.difference_update(self._read_while_open(cell))
        for record in self.cells(RecordCell):
            if not going.isdisjoint(record.rests_on):
                going.difference_update(self.needed_by_record(record))
        for trigger in self.cells(TriggerCell):
            if any(one.first for one in trigger.patterns) and not (
                trigger.trigger is None or going.isdisjoint(trigger.trigger.roots)
            ):
                going.difference_update(self._first_of_a_record(trigger, trigger.trigger))
        for member in self.cells(MemberCell):
            if not (member.fact is None or going.isdisjoint(member.fact.roots)):
                going.difference_update(self._counted_for_a_record(member, member.fact))
        for rule in self._machine.program.pack.rules.values():
            if rule.one_act == "oldest":
                self._keep_who_got_acts(rule, going)
        return going

    def needed_by_record(self, cell: RecordCell) -> set[str]:
        """Return the events on which the episodes rest that are kept."""
        instances = list(cell.instances.values())
        keep = [one for one in instances if self.is_kept(cell, one)]
        if not keep:
            return set()
        if len(keep) < len(instances):
            since = min(one.opened for one in keep)
            return {
                root
                for fact, _role in touching(self._machine.program, cell.record, cell.values, since)
                for root in fact.roots
            }
        return cell.rests_on - self._overwritten(cell) if has_one_life(cell) else cell.rests_on

    def _overwritten(self, cell: RecordCell) -> set[str]:
        """Return the events that said of a record without end what later ones, older than any look back, say anew."""
        before_all = before(self.cutoff, self._horizons.histories[cell.record.name])
        old: dict[str, Fact] = {}
        opening: list[Fact] = []
        for fact, role in touching(self._machine.program, cell.record, cell.values, -FOREVER, before_all - 1):
            old[fact.id] = fact
            if role == "opens":
                opening.append(fact)
        gone: set[str] = set()
        stay: set[str] = set()
        said: set[str] = set()
        first = min(opening, key=lambda fact: fact.order, default=None)  # what came before it has opened nothing
        for fact in sorted(old.values(), key=lambda fact: fact.order, reverse=True):
            says = {fact.type[1], *fact.data}
            if fact is not first and says <= said:
                gone.update(fact.roots)
            else:
                stay.update(fact.roots)
            said |= says
        return gone - stay  # one event may say several things, by what it counts as

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
            for time, _name, value in bucket.entries if room == ALPHA or isinstance(room, Index) else ():
                if time >= since:
                    fact: Fact = value[0] if room == ALPHA else value
                    yield from fact.roots

    def _counted_for_a_record(self, cell: MemberCell, fact: Fact) -> Iterator[str]:
        """Yield the events of a total about one record while that record is kept."""
        if cell.count.name not in self._local:
            return
        record, names, key = self._local[cell.count.name]
        for place, _time, _name in cell.entries:
            values = place[2]
            assert isinstance(values, tuple)  # noqa: S101 - the third part of a count's place is its key
            known = dict(zip(names, values, strict=True))
            found = self._store.cells.get(("record", record, tuple(known[name] for name in key)))
            if isinstance(found, RecordCell) and any(self.is_kept(found, one) for one in found.instances.values()):
                yield from fact.roots

    def _first_of_a_record(self, cell: TriggerCell, fact: Fact) -> Iterator[str]:
        """Yield the events behind what is the first about a record that is kept: nothing later is the first then."""
        for matter in matters_of(self._machine.program, cell.rule, fact):
            if matter is None or cell.earlier(fact, matter) is not None:
                continue
            found = self._store.cells.get(("record", matter.kind, matter.key))
            if isinstance(found, RecordCell) and self.is_kept(found, matter):
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
        openings = self._store.buckets[getattr(cell, "place", ())].entries
        return {root for _time, _name, opening in openings for root in opening.roots}

    def _keep_what_lives_on(self, going: set[str]) -> set[str]:
        """Keep what the cases rest on that stay because one of their triggers does: they may be decided again.

        Return what these cases are about.
        """
        past = {
            one.id for cell in self.cells(RecordCell) for one in cell.instances.values() if not self.is_kept(cell, one)
        }
        waiting = [
            cell
            for cell in self.cells(CaseCell)
            if cell.matter_id in past or not all(map(going.isdisjoint, _made_of(cell)))
        ]
        awaited: set[str] = set()
        found = True
        while found:
            lasting = [cell for cell in waiting if self._lives_on(cell, going)]
            found = bool(lasting)
            waiting = list(set(waiting).difference(lasting))
            for cell in lasting:
                going.difference_update(*_made_of(cell))
                awaited.add(cell.matter_id)
        return awaited & past

    def _lives_on(self, cell: CaseCell, going: set[str]) -> bool:
        since = self.since(cell.rule.id)
        bucket = self._store.buckets.get(cell.place)
        entries = [] if bucket is None else bucket.entries
        return any(time >= since or not going.issuperset(opening.roots) for time, _name, opening in entries)

    def since(self, rule: str) -> int:
        """Return from when on the cases of a rule are remembered."""
        return before(self.cutoff, self._horizons.rules[rule])

    def _find_what_matters(self) -> set[OutcomeCell]:
        """Find the cells of which an outcome is still open, or came about within the rule's horizon."""
        parse = self._machine.program.zone.parse
        found: set[OutcomeCell] = set()
        for rule, cells in self._machine.cells_of.items():
            since, is_taken = self.since(rule), bool(self._machine.program.pack.rules[rule].until)
            for cell in cells:
                if cell.outcomes and any(
                    _is_undone(one, is_taken=is_taken) or parse(one.time) >= since for one in cell.outcomes.values()
                ):
                    found.add(cell)
        return found

    def is_awaited(self, place: Key) -> bool:
        """Tell whether the case that looks in a place matters."""
        return self._store.cells.get(("case", *place)) in self._mattering

    def is_kept(self, cell: RecordCell, instance: Instance) -> bool:
        """Tell whether a record stays: it is open, within its horizon, or a case about it stays."""
        horizon = self._horizons.records[cell.record.name]
        if horizon.is_endless or instance.id in self._awaited:
            return True
        if instance.closed is None and ends(cell.record) and cell.record.name not in self._of_days:
            return True
        return instance.last >= before(self.cutoff, horizon)

    def is_past(self, cell: Cell) -> bool:
        """Tell whether a cell is past that rests on no event of its own and is no record's."""
        match cell:
            case InstanceMemberCell():
                return not self._machine.program.instances(cell.kind, cell.key_values)
            case RiseCell() | EveryCell() | DaysCell():
                over = isinstance(cell, RiseCell) and cell.ends_before(self.since(cell.rule.id))
                return over or not self._has_matter(cell)
            case VoidingCell():
                return not self._holds(*((room, *cell.place[1:]) for room in ("choice", "forfeits", "rights")))
            case WaitCell():
                return not self._holds(cell.place)
            case LadderCell():
                return not self._holds(("steps", cell.ladder.name, cell.person))
            case OutcomeCell():
                return cell not in self._mattering and self._is_over(cell)
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
        return any(self._store.buckets[place].entries for place in places)

    def _is_over(self, cell: OutcomeCell) -> bool:
        if isinstance(cell, PeriodCell):
            return self._machine.program.zone.end_of(cell.period.end) < self.since(cell.rule.id)
        if isinstance(cell, GapCell):
            since = self.since(cell.rule.id)
            return not self._has_matter(cell) or (cell.start is not None and cell.ends_before(since))
        place = getattr(cell, "place", None)
        return place is not None and not self._holds(place)

    def _lives(self, kind: str, key: tuple[object, ...], name: str) -> bool:
        return any(one.id == name for one in self._machine.program.instances(kind, key))


def has_one_life(cell: RecordCell) -> bool:
    """Tell whether there is one record under a key, which nothing ends."""
    return len(cell.instances) == 1 and not ends(cell.record)


def _made_of(cell: OutcomeCell) -> list[Sequence[str]]:
    """Return the causes of what a cell has made."""
    return [*(one.because for one in cell.outcomes.values()), *(fact.roots for fact in cell.facts.values())]


def _is_undone(one: Outcome, *, is_taken: bool) -> bool:
    """Tell whether something is still to come of an outcome: an act, a ruling; what was lacking comes no more.

    `is_taken`: an act is named by which the right that a rule grants is taken.
    """
    idle = isinstance(one, Referral) and one.question in ("undecidable", "rules")
    return (one.status in UNDONE and not idle) or (is_taken and one.status == "granted")


def before(cutoff: int, horizon: Horizon) -> int:
    """Return the instant from which on things are remembered."""
    return -FOREVER if horizon.seconds >= FOR_EVER else cutoff - horizon.seconds


def _name(tree: object) -> str:
    return str(getattr(tree, "name", ""))
