"""Conditions that become true."""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import attrs

from dutyrules.runtime.context import Context
from dutyrules.runtime.openings import Opening
from dutyrules.runtime.periods import LOG_START, changes, points
from dutyrules.runtime.store import FOREVER, Cell, Handed
from dutyrules.runtime.values import Unknown, lacking

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from dutyrules.policies.model import Rule
    from dutyrules.runtime.instances import Instance
    from dutyrules.runtime.machine import Machine
    from dutyrules.runtime.store import Key, Store


Met = bool | tuple[str, ...]  # whether a condition holds; if that cannot be told, what is lacking for it


@attrs.frozen
class Settled:
    """What is kept of a condition from before an instant, when what it was found from is forgotten.

    `met`: how it stood then, as `Met` says; `rises`: how often it had become true; `awaited`: those of these times that
    are not done with, by number: when, and whom it concerned. A snapshot adds when it became what since then, as far as
    was looked.
    """

    until: int
    met: Met
    rises: int
    awaited: tuple[tuple[int, int, tuple[str, ...]], ...]
    turns: tuple[tuple[int, Met], ...] = ()
    looked: int = -FOREVER


NOTHING: Final = Settled(-FOREVER, False, 0, ())  # noqa: FBT003 - it did not hold


class RiseCell(Cell):
    """Finds when a condition about one record becomes true, in one day's hours or all its life."""

    __slots__ = (
        "day",
        "goes_on",
        "handed",
        "instance_id",
        "instance_key",
        "kind",
        "looked",
        "machine",
        "rule",
        "seen",
        "settled",
        "told",
    )

    def __init__(self, machine: Machine, rule: Rule, instance: Instance, day: dt.date | None) -> None:
        super().__init__(machine.program.rule_layers[rule.id] - 1, ("rises", rule.id, instance.id, day))
        self.goes_on = day is None
        self.seen: list[tuple[int, bool | Unknown]] = []  # when the condition became what, as far as was looked
        self.looked = -FOREVER
        self.settled = NOTHING
        self.told = -FOREVER  # up to when it is known how the condition stood, whatever is found there now
        self.machine = machine
        self.rule = rule
        self.kind, self.instance_key, self.instance_id = instance.kind, instance.key, instance.id
        self.day = day
        self.handed = Handed()
        if self.goes_on:
            self._take_over(machine.settled_rises.pop((rule.id, instance.id), NOTHING))

    def run(self, store: Store) -> None:
        """Put an opening for each rise where its case looks."""
        self._begin(store)
        entries: dict[Any, object] = {}
        program = self.machine.program
        upto = FOREVER if self.day is None else program.zone.end_of(self.day)
        instances = program.instances(self.kind, self.instance_key, upto)
        instance = next((one for one in instances if one.id == self.instance_id), None)
        if instance is not None:
            base = instance.id if self.day is None else f"{instance.id}/{self.day}"
            for number, time, bearers in self.settled.awaited:
                place = self._place(time, number)
                entries[place] = self._opening(instance, time, place[2], bearers)
            for number, (time, doubt) in enumerate(self._rises(store, instance), self.settled.rises + 1):
                matter_id = base if doubt is not None else f"{base}#{number}"
                place = (("openings", self.rule.id, matter_id), time, matter_id)
                known = self.handed.entries.get(place) if self.goes_on and time < self.since else None
                entries[place] = known or self._concerning(instance, time, matter_id, doubt)
            for _key, _time, matter_id in entries.keys() - self.handed.entries.keys():
                self.machine.case(self.rule, matter_id)
        self.handed.give_entries(store, entries)

    def settle(self, until: int, is_awaited: Callable[[Key], bool]) -> list[tuple[Key, int, str]]:
        """Look no further back than an instant from now on; return the openings before it that are done with."""
        if not (self.goes_on and self.seen and self.seen[0][0] < until):
            return []
        rises = [(time, doubt) for time, doubt in self._risen(self.seen) if time < until]
        numbered = [(number, time) for number, time, _bearers in self.settled.awaited]
        numbered += [(number, time) for number, (time, doubt) in enumerate(rises, self.settled.rises + 1) if not doubt]
        awaited: dict[tuple[Key, int, str], tuple[int, int, tuple[str, ...]]] = {}
        for number, time in numbered:
            place = self._place(time, number)
            opening = self.handed.entries.get(place)
            if isinstance(opening, Opening) and is_awaited(place[0]):
                awaited[place] = (number, time, opening.bearers)
        stood = [met for time, met in self.seen if time < until]
        doubts = [doubt for doubt in (*(doubt for _time, doubt in rises), *stood) if isinstance(doubt, Unknown)]
        count = self.settled.rises + sum(doubt is None for _time, doubt in rises)
        self.settled = Settled(until, _told((doubts or stood)[-1]), count, tuple(awaited.values()))
        self._take_over(self.kept())
        self.told = until - 1
        gone = [place for place in self.handed.entries if place[1] < until and place not in awaited]
        self.handed.entries = {place: one for place, one in self.handed.entries.items() if place not in gone}
        return gone

    def kept(self) -> Settled:
        """Return what is settled, and what was seen since then."""
        turns = tuple((time, _told(met)) for time, met in self.seen if time >= self.settled.until)
        return attrs.evolve(self.settled, turns=turns, looked=self.looked)

    def _take_over(self, settled: Settled) -> None:
        """Begin with what is settled, and with what was seen since then."""
        self.settled = settled
        if settled is NOTHING:
            return
        turns = [(settled.until - 1, settled.met), *settled.turns]
        self.seen = [(time, met if isinstance(met, bool) else Unknown(met)) for time, met in turns]
        self.looked = self.told = max(settled.looked, settled.until - 1)

    def _place(self, time: int, number: int) -> tuple[Key, int, str]:
        """Return where the opening of a rise is put in a record's whole life."""
        matter_id = f"{self.instance_id}#{number}"
        return (("openings", self.rule.id, matter_id), time, matter_id)

    def ends_before(self, cutoff: int) -> bool:
        """Tell whether the day is over, or the record gone, before an instant."""
        if self.day is not None:
            return self.machine.program.zone.end_of(self.day) < cutoff
        return not self.machine.program.instances(self.kind, self.instance_key)

    def _spans(self, store: Store, instance: Instance) -> list[tuple[int, int, int]]:
        """Return when the condition is looked at: from, up to now, and up to when facts can still matter."""
        program = self.machine.program
        last = store.clock if instance.closed is None else min(store.clock, instance.closed - 1)
        if self.day is None or self.rule.during is None:
            return [(instance.opened, last, FOREVER)]
        spans = program.hours[self.rule.during].spans(self.day, program.zone, program.seasons)
        for begins, _ends in spans:
            store.wake(begins)
        return [(max(begins, instance.opened), min(ends - 1, last), ends - 1) for begins, ends in spans]

    def _moments(self, store: Store, instance: Instance, begins: int, ends: int) -> Iterator[int]:
        """Yield when to look: where what was read changes or fades, and at midnight where the day matters."""
        fades = self.machine.program.counting.fades
        turns = self.day is None and instance.day is None and self.machine.turns_with_the_day(self.rule)
        yield from points(self, begins, ends, self._midnight if turns else None, fades)
        if turns:
            store.wake(self._midnight(max(begins, ends)))
        if fades:
            store.wake(min(changes(self, fades, ends), default=FOREVER))

    def _midnight(self, time: int) -> int:
        zone = self.machine.program.zone
        return zone.end_of(zone.date_of(time)) + 1

    def _begin(self, store: Store) -> None:
        """Keep what was seen before anything changed, if the look goes on; what was read then goes on counting."""
        self.looked = max(min(self.looked, self.since - 1), self.told)
        while self.seen and (self.seen[-1][0] > self.looked or not self.goes_on):
            self.seen.pop()
        if not self.seen:
            store.unread(self)

    def _rises(self, store: Store, instance: Instance) -> list[tuple[int, Unknown | None]]:
        """Return when the condition becomes true, up to where it cannot be told."""
        found: list[tuple[int, Unknown | None]] = []
        for begins, ends, horizon in self._spans(store, instance):
            found += self._risen(self._turns(store, instance, begins, ends, horizon))
            if found and found[-1][1] is not None:
                break
        return found

    def _risen(self, turns: list[tuple[int, bool | Unknown]]) -> list[tuple[int, Unknown | None]]:
        """Return when the condition became true since what is settled, up to where it cannot be told."""
        found: list[tuple[int, Unknown | None]] = []
        was, relies = False, bool(self.rule.relies_on)
        for time, now in turns:
            doubt = now if isinstance(now, Unknown) else None
            if time >= self.settled.until and (doubt or (now and not was)):
                doubt = doubt or (self._silence(time) if relies else None)
                found.append((time, doubt))
            if doubt is not None:
                break
            was = now is True
        return found

    def _silence(self, time: int) -> Unknown | None:
        program = self.machine.program
        return program.silence.lacks(list(self.rule.relies_on), program.zone.date_of(time))

    def _turns(
        self, store: Store, instance: Instance, begins: int, ends: int, horizon: int
    ) -> list[tuple[int, bool | Unknown]]:
        """Return when the condition became what in a span: as seen before, and as it is seen from there on."""
        program, rule = self.machine.program, self.rule
        assert rule.whenever is not None  # noqa: S101 - only rules with a condition have rises
        test = program.evaluator.tree(rule.whenever.tree)
        if not self.goes_on:
            self.seen = []
        if self.seen:
            begins = self.settled.until - 1 if self.told >= self.settled.until else self.looked
        for time in self._moments(store, instance, begins, ends):
            now = test(Context(None, instance, at=time, day=instance.day or program.zone.date_of(time)))
            store.reach(self, horizon)
            if time > self.told:
                met = now if isinstance(now, Unknown) else bool(now)
                if not self.seen or self.seen[-1][1] != met:
                    self.seen.append((time, met))
                self.looked = time
            if isinstance(self.seen[-1][1], Unknown) and self.seen[-1][0] <= time:
                break
        self.told = self.settled.until - 1
        return self.seen

    def _concerning(self, instance: Instance, time: int, matter_id: str, doubt: Unknown | None) -> Opening:
        """Return the opening of a rise for those whom it concerns."""
        ctx = self._context(instance, time)
        bearers: list[str] | Unknown = self.machine.program.bearers(self.rule.who, ctx)
        if not self.rule.who and instance.person is not None:
            bearers = [instance.person]
        if not bearers:
            bearers = lacking("the person whom it concerns")
        if isinstance(bearers, Unknown):
            doubt, bearers = bearers, []
        return self._opening(instance, time, matter_id, tuple(bearers), doubt)

    def _opening(
        self, instance: Instance, time: int, matter_id: str, bearers: tuple[str, ...], doubt: Unknown | None = None
    ) -> Opening:
        key = self.machine.program.pack.records[instance.kind].key
        ctx = self._context(instance, time)
        return Opening(time, matter_id, ctx, bearers, (), (), None, instance, doubt, key=key, values=instance.key)

    def _context(self, instance: Instance, time: int) -> Context:
        return Context(None, instance, at=time, day=instance.day or self.machine.program.zone.date_of(time))


class DaysCell(Cell):
    """Begins the look at each day's hours of one record."""

    __slots__ = ("instance", "machine", "rule")

    def __init__(self, machine: Machine, rule: Rule, instance: Instance) -> None:
        super().__init__(machine.program.rule_layers[rule.id] - 1, ("days", rule.id, instance.id))
        self.machine = machine
        self.rule = rule
        self.instance = instance

    def run(self, store: Store) -> None:
        """Look at each day up to the clock's."""
        program = self.machine.program
        started = store.read(LOG_START)
        if not started:
            return
        program.instances(self.instance.kind, self.instance.key)  # noted: an earlier opening adds days
        first = max(started[0][0], self.instance.opened, store.rules_since.get(self.rule.id, -FOREVER))
        day = program.zone.date_of(first if self.since == -FOREVER else max(first, min(self.since, store.clock)))
        while program.zone.start_of(day) <= store.clock:
            store.cell(
                ("rises", self.rule.id, self.instance.id, day),
                partial(RiseCell, self.machine, self.rule, self.instance, day),
            )
            day += dt.timedelta(days=1)
        store.wake(program.zone.start_of(day))


def settled_in(store: Store) -> list[tuple[str, str, Settled]]:
    """Return what is kept of conditions in place of what has been forgotten, by rule and record."""
    cells = [cell for cell in store.cells.values() if isinstance(cell, RiseCell) and cell.settled is not NOTHING]
    return sorted(((one.rule.id, one.instance_id, one.kept()) for one in cells), key=lambda one: one[:2])


def _told(met: bool | Unknown) -> Met:  # noqa: FBT001 - a value, not a choice
    return met.lacks if isinstance(met, Unknown) else met
