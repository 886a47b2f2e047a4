"""The tables of a handbook: what the head of the pack says, offices, parameters, clock times, records, events."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import attrs

from dutyrules.handbook.clock_times import ClockTimes
from dutyrules.handbook.definitions import Definitions
from dutyrules.handbook.document import Table
from dutyrules.handbook.guards import in_force
from dutyrules.handbook.text import clean, code, figure, rule_link
from dutyrules.vocabulary import load_vocabulary

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dutyrules.handbook.words import Words
    from dutyrules.policies.model import Pack

_MOST_READERS = 12


@attrs.frozen
class Tables:
    """Makes the tables of one pack; `anchor` begins the anchors of its rows."""

    words: Words
    anchor: str = ""

    @property
    def _times_of(self) -> ClockTimes:
        return ClockTimes(self.words)

    @property
    def pack(self) -> Pack:
        """Return the pack."""
        return self.words.pack

    # --- the head -----------------------------------------------------------------------------------------------------

    def about(self) -> Table:
        """Return what the head of the pack says."""
        say, pack = self.words, self.pack
        calendar = f"calendar_{pack.calendar}"
        force = in_force(say, pack.in_force.since, pack.in_force.until)
        rows = [
            (say("pack_name"), code(pack.prefix.rstrip("/"))),
            (say("source"), code(pack.file.rsplit("/", 1)[-1])),
            (say("in_force"), force or say("always_in_force")),
            (say("timezone"), code(pack.timezone)),
            (say("calendar"), say(calendar) if say.has(calendar) else code(pack.calendar)),
            (say("currency_label"), code(pack.currency)),
            (say("severity"), " < ".join(self._severity(one) for one in pack.severity)),
            (say("retention"), say("retention_ever") if pack.retention is None else say.duration(pack.retention)),
            (say("carries"), self._carries()),
        ]
        for label, days in (("extra_holidays", pack.extra_holidays), ("extra_workdays", pack.extra_workdays)):
            if days:
                rows.append((say(label), say("list_comma").join(say.day(day) for day in days)))
        return Table(("", ""), (*rows, (say("digest"), code(pack.digest[:12]))))

    def _severity(self, name: str) -> str:
        say = self.words
        key = f"severity_{name}"
        return say(key) if say.has(key) else say.thing(name)

    def _carries(self) -> str:
        say, carried = self.words, self.pack.carries
        if carried is None:
            return say("carries_nothing")
        said = []
        for name, since in carried.items():
            event = say("carries_all") if name == "*" else say.event(name)
            said.append(event if since == dt.date.min else say("carries_since", event=event, day=say.day(since)))
        return say("semicolon").join(said)

    def roles(self) -> Table:
        """Return the offices that rules bind or ask."""
        say = self.words
        rows = tuple((say.office(name), code(name)) for name in self.pack.roles)
        return Table((say("role"), say("name_column")), rows)

    # --- parameters ---------------------------------------------------------------------------------------------------

    def parameters(self) -> Table:
        """Return every parameter with its values and the rules that read it."""
        say = self.words
        readers = Definitions(say).readers()
        rows = []
        for parameter in self.pack.parameters.values():
            rules = readers[parameter.name]
            listed = say("list_mark").join(rule_link(name) for name in rules[:_MOST_READERS])
            more = " …" if len(rules) > _MOST_READERS else ""
            value = say.values_of(parameter) if parameter.dated.values else say("not_set_column")
            rows.append((say.declared(parameter.name), value, listed + more))
        head = (say("parameter"), say("value_column"), say("read_by"))
        return Table(head, tuple(rows), tuple(f"{self.anchor}={name}" for name in self.pack.parameters))

    # --- clock times --------------------------------------------------------------------------------------------------

    def seasons(self) -> Table:
        """Return the days of each season."""
        say = self.words
        rows = tuple((self._name(name), self._days(days)) for name, days in self.pack.seasons.items())
        return Table((say("season"), say("days")), rows)

    def _days(self, days: object) -> str:
        listed = [str(days)] if isinstance(days, str) else [str(one) for one in days]  # type: ignore[attr-defined]
        return self.words("semicolon").join(figure(one.replace(" to ", " – ")) for one in listed)

    def shifts(self) -> Table:
        """Return when each shift begins and ends, and which punches belong to it."""
        return self._times(self.pack.shifts, "shift", ("check_in_from", "check_out_until"))

    def hours(self) -> Table:
        """Return the hours of work."""
        return self._times(self.pack.hours, "hours", ("breaks", "days"))

    def _times(self, entries: Mapping[str, Mapping[str, object]], label: str, others: tuple[str, ...]) -> Table:
        say = self.words
        columns = ("start", "end", *(each for each in others if any(each in entry for entry in entries.values())))
        rest = {key for entry in entries.values() for key in entry} - {"start", "end", *others}
        columns = (*columns, *sorted(rest))
        rows = tuple(
            (self._name(name), *(self._times_of.time(entry.get(column)) for column in columns))
            for name, entry in entries.items()
        )
        labels = {"days": "days_column"}
        head = tuple(say(labels.get(each, each)) if say.has(labels.get(each, each)) else code(each) for each in columns)
        return Table((say(label), *head), rows, tuple(f"{self.anchor}={name}" for name in entries))

    def _name(self, name: str) -> str:
        say = self.words
        words = say.name(name)
        return words if words == code(name) else say("with_code", words=words, name=code(name))

    # --- what is remembered -------------------------------------------------------------------------------------------

    def records(self) -> Table:
        """Return every kind of record in words."""
        say = self.words
        rows = tuple((say.declared(one.name), *Definitions(say).record(one)) for one in self.pack.records.values())
        head = (say("record"), say("key_column"), say("life"))
        return Table(head, rows, tuple(f"{self.anchor}={name}" for name in self.pack.records))

    def counts(self) -> Table:
        """Return every count and formula in words."""
        say, names = self.words, (*self.pack.counts, *self.pack.values)
        rows = tuple((Definitions(say).named(name), Definitions(say).text(name)) for name in names)
        return Table((say("counts_column"), say("meaning")), rows, tuple(f"{self.anchor}={name}" for name in names))

    def events(self, names: tuple[str, ...]) -> Table:
        """Return event types that the pack adds to the vocabulary, or adds fields to."""
        say = self.words
        rows = tuple((code(name), clean(say.event(name)), self._fields(name)) for name in names)
        return Table((say("event"), say("meaning"), say("fields")), rows)

    def _fields(self, name: str) -> str:
        say, shared = self.words, load_vocabulary().get(name)
        known = {} if shared is None else shared.fields
        fields = [spec for spec in self.pack.events[name].fields.values() if known.get(spec.name) != spec]
        listed = say("list_mark").join(
            say("with_code", words=say.name(spec.name, spec.type.value), name=code(spec.name)) for spec in fields
        )
        return listed if shared is None else say("added_fields", fields=listed)
