"""Conditions that become true."""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import TYPE_CHECKING, Any

from dutyrules.runtime.context import Context
from dutyrules.runtime.openings import Opening
from dutyrules.runtime.periods import LOG_START, changes, points
from dutyrules.runtime.store import FOREVER, Cell, Handed
from dutyrules.runtime.values import Unknown, lacking

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dutyrules.policies.model import Rule
    from dutyrules.runtime.instances import Instance
    from dutyrules.runtime.machine import Machine
    from dutyrules.runtime.store import Store


class RiseCell(Cell):
    """Finds when a condition about one record becomes true, in one day's hours or all its life."""

    __slots__ = ("day", "handed", "instance_id", "instance_key", "kind", "looked", "machine", "rule", "seen")

    def __init__(self, machine: Machine, rule: Rule, instance: Instance, day: dt.date | None) -> None:
        super().__init__(machine.program.rule_layers[rule.id] - 1, ("rises", rule.id, instance.id, day))
        self.goes_on = day is None
        self.seen: list[tuple[int, bool | Unknown]] = []  # when the condition became what, as far as was looked
        self.looked = -FOREVER
        self.machine = machine
        self.rule = rule
        self.kind, self.instance_key, self.instance_id = instance.kind, instance.key, instance.id
        self.day = day
        self.handed = Handed()

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
            for number, (time, doubt) in enumerate(self._rises(store, instance), 1):
                matter_id = base if doubt is not None else f"{base}#{number}"
                place = (("openings", self.rule.id, matter_id), time, matter_id)
                known = self.handed.entries.get(place) if self.goes_on and time < self.since else None
                entries[place] = known or self._opening(instance, time, matter_id, doubt)
                if known is None:
                    self.machine.case(self.rule, matter_id)
        self.handed.give_entries(store, entries)

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
        self.looked = min(self.looked, self.since - 1)
        while self.seen and (self.seen[-1][0] > self.looked or not self.goes_on):
            self.seen.pop()
        if not self.seen:
            store.unread(self)

    def _rises(self, store: Store, instance: Instance) -> list[tuple[int, Unknown | None]]:
        """Return when the condition becomes true, up to where it cannot be told."""
        program, rule = self.machine.program, self.rule
        found: list[tuple[int, Unknown | None]] = []
        for begins, ends, horizon in self._spans(store, instance):
            was = False
            for time, now in self._turns(store, instance, begins, ends, horizon):
                if isinstance(now, Unknown):
                    return [*found, (time, now)]
                if now and not was:
                    silence = (
                        program.silence.lacks(list(rule.relies_on), program.zone.date_of(time))
                        if rule.relies_on
                        else None
                    )
                    if silence is not None:
                        return [(time, silence)]
                    found.append((time, None))
                was = now
        return found

    def _turns(
        self, store: Store, instance: Instance, begins: int, ends: int, horizon: int
    ) -> list[tuple[int, bool | Unknown]]:
        """Return when the condition became what in a span: as seen before, and as it is seen from there on."""
        program, rule = self.machine.program, self.rule
        assert rule.whenever is not None  # noqa: S101 - only rules with a condition have rises
        test = program.evaluator.tree(rule.whenever.tree)
        if not self.goes_on:
            self.seen = []
        for time in self._moments(store, instance, self.looked if self.seen else begins, ends):
            now = test(Context(None, instance, at=time, day=instance.day or program.zone.date_of(time)))
            store.reach(self, horizon)
            met = now if isinstance(now, Unknown) else bool(now)
            if not self.seen or self.seen[-1][1] != met:
                self.seen.append((time, met))
            self.looked = time
            if isinstance(met, Unknown):
                break
        return self.seen

    def _opening(self, instance: Instance, time: int, matter_id: str, doubt: Unknown | None) -> Opening:
        program = self.machine.program
        day = instance.day or program.zone.date_of(time)
        ctx = Context(None, instance, at=time, day=day)
        bearers: list[str] | Unknown = program.bearers(self.rule.who, ctx)
        if not self.rule.who and instance.person is not None:
            bearers = [instance.person]
        if not bearers:
            bearers = lacking("the person whom it concerns")
        if isinstance(bearers, Unknown):
            doubt, bearers = bearers, []
        key = program.pack.records[instance.kind].key
        return Opening(
            time, matter_id, ctx, tuple(bearers), (), (), None, instance, doubt, key=key, values=instance.key
        )


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
