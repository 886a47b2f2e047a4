"""One pack made ready to run over one store: lookups of names, records, parameters, instants and bearers."""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from dutyrules.calendars import (
    Hours,
    PeriodKind,
    Seasons,
    ShiftSpan,
    ShiftTimes,
    Zone,
    load_calendar,
    period_of,
)
from dutyrules.calendars.errors import CalendarError
from dutyrules.policies import syntax as s
from dutyrules.runtime.analysis import analysis_of
from dutyrules.runtime.context import Context
from dutyrules.runtime.counting import Counting
from dutyrules.runtime.evaluation import Evaluator
from dutyrules.runtime.instances import Instance, RecordCell
from dutyrules.runtime.instants import Instants
from dutyrules.runtime.lives import lives_in
from dutyrules.runtime.matching import Matching
from dutyrules.runtime.silence import Silence
from dutyrules.runtime.store import FOREVER, Fact, Store
from dutyrules.runtime.values import Unknown, lacking

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from dutyrules.policies.model import InForce, Link, Pack, Record, Rule
    from dutyrules.runtime.instances import Over

Part = TypeVar("Part")
Made = TypeVar("Made")


class Program(Matching):
    """A pack over a store."""

    def __init__(self, pack: Pack, store: Store, carries: Mapping[str, dt.date] | None) -> None:
        super().__init__(pack, store)
        self.silence = Silence(pack, pack.carries if carries is None else carries)
        self.zone = Zone(pack.timezone)
        self.calendar = load_calendar(
            pack.calendar, extra_holidays=pack.extra_holidays, extra_workdays=pack.extra_workdays
        )
        self.seasons = Seasons.parse(pack.seasons) if pack.seasons else None
        self.shifts = {name: ShiftTimes.parse(name, entry) for name, entry in pack.shifts.items()}
        self.hours = {name: Hours.parse(name, entry, self.shifts) for name, entry in pack.hours.items()}
        self.record_indexes: dict[str, set[tuple[str, ...]]] = {}
        self.over: dict[str, Over] = {}  # by the records' name
        self._happenings: dict[str, list[str]] = {}
        self._made: dict[tuple[object, int], tuple[object, Any]] = {}
        self._spans = {name: _spans_in_force(pack, rule) for name, rule in pack.rules.items()}
        self._dated_by = [
            (record.dated, [name for name in record.key if name != "person"])
            for record in pack.records.values()
            if record.dated
        ]
        self._instance_listeners: dict[str, list[Callable[[Instance], None]]] = {}
        analysis = analysis_of(pack)
        layers = analysis.layers
        self.record_layers = layers.records
        self.count_layers = layers.counts
        self.rule_layers = layers.rules
        self.last_layer = layers.last
        self.evaluator = Evaluator(self)
        self.instants = Instants(self)
        for record in pack.records.values():
            if "person" in record.key:
                self.index_record(record.name, "person")
            for link in record.links:
                self.index_record(link.record, pack.records[link.record].key[0])
            self._subscribe(record)
        self.counting = Counting(self)
        for lookup in analysis.lookups:
            self.evaluator.tree(lookup)  # before the first record opens, so that it is indexed from the start

    def once(self, work: Callable[[Program, Part], Made], part: Part) -> Made:
        """Return what a function makes of a part of the pack, which is worked out the first time that it is asked."""
        known = self._made.get((work, id(part)))
        if known is None:
            known = self._made[work, id(part)] = (part, work(self, part))
        made: Made = known[1]
        return made

    # --- records -------------------------------------------------------------------------------------------------

    def index_record(self, kind: str, *fields: str) -> None:
        """Keep the records of a kind findable by some fields together."""
        self.record_indexes.setdefault(kind, set()).add(fields)

    def on_instance(self, kind: str, listener: Callable[[Instance], None]) -> None:
        """Call `listener` for each new record of a kind."""
        self._instance_listeners.setdefault(kind, []).append(listener)

    def instance_opened(self, instance: Instance) -> None:
        """Tell the listeners of a new record."""
        for listener in self._instance_listeners.get(instance.kind, ()):
            listener(instance)

    def _subscribe(self, record: Record) -> None:
        for pattern in record.opens:
            for name in pattern.names:
                self.store.listen((pattern.kind.value, name), partial(self._open_record, record, pattern))

    def _open_record(self, record: Record, pattern: s.Pattern, fact: Fact, _came: bool) -> None:  # noqa: FBT001 - a listener
        if self.fails_by_itself(pattern, fact):
            return
        for values in self.key_values(record, fact):
            self.store.cell(("record", record.name, values), partial(RecordCell, self, record, values))

    def key_values(self, record: Record, fact: Fact) -> list[tuple[Any, ...]]:
        """Return the keys that a fact opens: one, one a shift where it names no period, none where it lacks a part."""
        values = tuple(map(fact.data.get, record.key))
        if None in values:
            values = tuple([self.fact_field(fact, name) for name in record.key])
        if None not in values:
            return [values]
        lacking = [name for name, value in zip(record.key, values, strict=True) if value is None]
        if lacking != ["period"] or record.spans != "shift":
            return []
        place = record.key.index("period")
        return [(*values[:place], shift, *values[place + 1 :]) for shift in self.shifts]

    def carries_key(self, record: Record, fact: Fact) -> bool:
        """Tell whether a fact carries any part of a record's key."""
        for name in record.key:
            if self.fact_field(fact, name) is not None:
                return True
        return not record.key

    def fact_field(self, fact: Fact, name: str) -> Any:  # noqa: ANN401 - fields have any type
        """Return a field that a fact carries, itself or through its matter's key."""
        value = fact.data.get(name)
        if value is not None:
            return value
        if name == "person" and fact.person is not None:
            return fact.person
        return None if fact.matter is None else fact.matter.fixed.get(name)

    def instances(self, kind: str, values: tuple[Any, ...], at: int = FOREVER) -> list[Instance]:
        """Return the records under a key that were opened by an instant, in order."""
        return [entry[2] for entry in self.store.read(("rec", kind, values), at)]

    def instance(self, kind: str, values: tuple[Any, ...], at: int = FOREVER) -> Instance | None:
        """Return the latest record under a key that was opened by an instant."""
        found = self.instances(kind, values, at)
        return found[-1] if found else None

    def instances_by(
        self, kind: str, per: tuple[tuple[s.Expr, s.Expr], ...], key: tuple[Any, ...], at: int
    ) -> Iterator[Instance]:
        """Yield the records of a kind whose fields have the key's values as of an instant."""
        place: tuple[Any, ...] = ("recs", kind)
        for (_reader, member), value in zip(per, key, strict=True):
            if isinstance(member.tree, s.Field) and (member.tree.name,) in self.record_indexes.get(kind, ()):
                place = ("recs", kind, (member.tree.name,), (value,))
                break
        for _time, _name, instance in self.store.read(place, at):
            view = Context(None, instance, at=at)
            if all(
                self.evaluator.tree(member.tree)(view) == value
                for (_reader, member), value in zip(per, key, strict=True)
            ):
                yield instance

    def open_count(self, kind: str, at: int) -> int:
        """Return how many records of a kind are open at an instant."""
        return lives_in(self.store.noted(("recs", kind), at)).open_at(at)

    def span_of(
        self, record: Record, fixed: dict[str, Any], day: dt.date, periods: set[str | None]
    ) -> ShiftSpan | None:
        """Return the span of a rostered shift, or of all shifts of a duty day."""
        names = [fixed["period"]] if record.spans == "shift" else [name for name in self.shifts if name in periods]
        if record.spans == "shifts" and (not names or None in periods):
            names = list(self.shifts)
        spans = []
        for name in names:
            times = self.shifts.get(name)
            if times is None:
                continue
            try:
                spans.append(times.span(day, self.zone, self.seasons))
            except CalendarError:
                return None
        if not spans:
            return None
        return ShiftSpan(min(span.start for span in spans), max(span.end for span in spans), spans[0].season)

    def instant_of_record(self, instant: s.Instant, instance: Instance, *, end: bool) -> int | None:
        """Return an instant that a record's definition names."""
        found = self.instants.read(instant, Context(None, instance), end=end)
        if isinstance(found, Unknown):
            return None
        return found.time + 1 if isinstance(instant, s.EndOf) else found.time

    # --- names in expressions ------------------------------------------------------------------------------------

    def bare(self, ctx: Context, name: str) -> Any:  # noqa: ANN401 - any type; one return a place to look
        """Read a bare name: the fact's field, else its matter's."""
        fact = ctx.fact
        if fact is not None:
            if name == "time":
                return fact.time
            value = fact.data.get(name)
            if value is not None:
                return value
            if name == "person" and fact.person is not None:
                return fact.person
        matter = ctx.matter or (fact.matter if fact is not None else None)
        if matter is not None:
            value = self.field_of(matter, name, ctx.at)
            if value is not None:
                return value
        if name == "date":
            return self.day_of(ctx) if fact is None or ctx.this is None else self.day_of_fact(fact)
        value = None if fact is not None and self._declares(fact, name) else self._around(ctx, name)
        if value is not None:
            return value
        whose = fact.type[1] if fact is not None else (matter.kind if matter is not None else "the period")
        return lacking(f"`{name}` of `{whose}`")

    def _around(self, ctx: Context, name: str) -> Any:  # noqa: ANN401 - fields have any type
        """Read a name from what lies around a fact under test: the matter of the trigger, or the period."""
        if ctx.this is not None and ctx.fact is not None and ctx.this.matter is not None:
            value = self.field_of(ctx.this.matter, name, ctx.at)
            if value is not None:
                return value
        return ctx.period.label if ctx.period is not None and name == ctx.period.kind.value else None

    def _declares(self, fact: Fact, name: str) -> bool:
        """Tell whether a field is one of the event's own type: where it leaves that out, nothing else stands in."""
        kind = self.pack.events.get(fact.type[1]) if fact.type[0] == s.FactKind.EVENT else None
        return kind is not None and name in kind.fields

    def field_of(self, instance: Instance, name: str, at: int) -> Any:  # noqa: ANN401 - fields have any type
        """Read a field of a record as of an instant, noting that it was read; a key never changes.

        Where a fixed field changes, the record does so from its opening on: nothing later matters to who reads one.
        """
        if name in instance.fixed:
            if name not in self.pack.records[instance.kind].key:
                self.store.noted(("rec", instance.kind, instance.key), min(at, instance.opened))
            return instance.fixed[name]
        self.store.noted(("rec", instance.kind, instance.key), at)
        if name == "closed":
            return instance.closed
        value = instance.field(name, at)
        return instance.day if value is None and name == "date" else value

    def act_field(self, act: Fact | None, name: str) -> Any:  # noqa: ANN401 - fields have any type
        """Read a field that the fulfilling fact itself carries."""
        if act is None:
            return lacking("an act")
        value = {"time": act.time, "date": self.day_of_fact(act)}.get(name, act.data.get(name))
        if value is None and name == "person":
            value = act.person
        return lacking(f"`{name}` of `{act.type[1]}`") if value is None else value

    def matter_field(self, ctx: Context, name: str) -> Any:  # noqa: ANN401 - fields have any type
        """Read a field of the rule's own matter."""
        matter = (ctx.this.matter if ctx.this is not None else None) or ctx.matter
        if matter is None:
            return self.bare(ctx, name)
        value = self.field_of(matter, name, ctx.at)
        return lacking(f"`{name}` of `{matter.id}`") if value is None else value

    def record_field(self, kind: str, name: str, ctx: Context) -> Any:  # noqa: ANN401 - fields have any type
        """Read a field of the record of a kind that belongs to the trigger or its matter."""
        found = self.related(kind, ctx)
        if isinstance(found, Unknown):
            return found
        value = self.field_of(found, name, ctx.at)
        return lacking(f"`{name}` of `{found.id}`") if value is None else value

    def related(self, kind: str, ctx: Context) -> Instance | Unknown:
        """Find the record of a kind, or the link of that name, that belongs to the trigger or its matter."""
        if ctx.matter is not None and ctx.matter.kind == kind:
            return ctx.matter
        for view in (ctx,) if ctx.this is None else (ctx, ctx.this):
            matter = view.matter or (view.fact.matter if view.fact is not None else None)
            if matter is not None:
                if matter.kind == kind:
                    return matter
                for link in self.pack.records[matter.kind].links:
                    if link.name == kind:
                        return self.follow(matter, link) or lacking(f"the `{kind}` of `{matter.id}`")
        record = self.pack.records.get(kind)
        if record is None:
            return lacking(f"a record `{kind}`")
        values = []
        for name in record.key:
            value = self.bare(ctx, name)
            if isinstance(value, Unknown):
                value = value if ctx.this is None else self.bare(ctx.this, name)
                if isinstance(value, Unknown):
                    return value
            values.append(value)
        instance = self.instance(kind, tuple(values), ctx.at)
        return lacking(f"a record `{kind}:{','.join(map(str, values))}`") if instance is None else instance

    def follow(self, matter: Instance, link: Link) -> Instance | None:
        """Return the latest record that a link leads to."""
        ctx = Context(None, matter, at=matter.opened)
        if link.if_ is not None and self.evaluator.tree(link.if_.tree)(ctx) is not True:
            return None
        wanted = self.evaluator.tree(link.of.tree)(ctx)
        earliest = -FOREVER if link.within is None else matter.opened - link.within.seconds
        found = None
        place = ("recs", link.record, (self.pack.records[link.record].key[0],), (wanted,))
        for time, _name, instance in self.store.read(place, matter.opened):
            if time >= earliest:
                found = instance
        return found

    def period_field(self, ctx: Context, kind: str, part: str) -> Any:  # noqa: ANN401 - fields have any type
        """Read `month`, `month.days`, `week.start` … of the period at hand or of the one that holds the day."""
        period = ctx.period
        if period is None or period.kind.value != kind:
            day = self.day_of(ctx)
            if day is None:
                return lacking(f"a day for `{kind}`")
            period = period_of(PeriodKind(kind), day)
        match part:
            case "" | "label":
                return period.start if kind == "day" else period.label
            case "days":
                return period.days
            case "start":
                return period.start
            case "end":
                return period.end
            case "next_start":
                return period.next().start
        return lacking(f"`{kind}.{part}`")

    def day_of(self, ctx: Context) -> dt.date | None:
        """Return the day to which a reader's fact or matter belongs."""
        if ctx.day is not None:
            return ctx.day
        matter = ctx.matter or (ctx.fact.matter if ctx.fact is not None else None)
        if matter is not None and matter.day is not None and ctx.period is None:
            return matter.day
        if ctx.period is not None:
            return ctx.period.start
        if ctx.fact is not None:
            return self.day_of_fact(ctx.fact)
        if matter is not None:
            return matter.day or self.zone.date_of(matter.opened)
        return None if ctx.at >= FOREVER else self.zone.date_of(ctx.at)

    def day_of_fact(self, fact: Fact) -> dt.date:
        """Return a fact's own date, or the date of the record whose whole key it carries, or the day of its time."""
        day = fact.data.get("date")
        if isinstance(day, dt.date):
            return day
        for field, key in self._dated_by:
            day = fact.data.get(field)
            if isinstance(day, dt.date) and all(name in fact.data for name in key):
                return day
        return self.zone.date_of(fact.time)

    def happenings(self, record: Record) -> list[str]:
        """Return the event types that open, update or close a record.

        Each is a field that says whether it has happened.
        """
        known = self._happenings.get(record.name)
        if known is None:
            patterns = (*record.opens, *record.updates, *record.closes)
            names = [name for pattern in patterns if pattern.kind is s.FactKind.EVENT for name in pattern.names]
            known = self._happenings[record.name] = names
        return known

    def in_force(self, rule: Rule, ctx: Context) -> bool:
        """Tell whether a rule, and the pack, apply to a reader's fact or matter."""
        return not self._spans[rule.id] or self.in_force_on(rule, self.day_of(ctx))

    def in_force_on(self, rule: Rule, day: dt.date | None) -> bool:
        """Tell whether a rule, and the pack, apply to a matter of that day."""
        if day is None:
            return True
        for span in self._spans[rule.id]:
            if (span.since and day < span.since) or (span.until and day > span.until):
                return False
        return True

    def parameter(self, name: str, day: dt.date | None) -> Any:  # noqa: ANN401 - parameters have any type
        """Read a parameter on a day."""
        dated = self.pack.parameters[name].dated
        known, value = dated.on(day or dt.date.max)
        return value if known and value is not None else lacking(f"a value of parameter `{name}`")

    def value(self, name: str, ctx: Context) -> Any:  # noqa: ANN401 - values have any type
        """Read a named formula."""
        value = self.pack.values[name]
        chosen: Any = ""
        if value.chosen_by is not None:
            chosen = self.parameter(value.chosen_by, self.day_of(ctx))
            if isinstance(chosen, Unknown):
                return chosen
        expr = value.variants.get(chosen)
        return lacking(f"variant `{chosen}` of `{name}`") if expr is None else self.evaluator.tree(expr.tree)(ctx)

    # --- bearers and silence ---------------------------------------------------------------------------------------

    def bearers(self, who: tuple[s.Who, ...], ctx: Context) -> list[str] | Unknown:
        """Return the bearers that a rule names, each once."""
        found: list[str] = []
        for one in who:
            named = self._named(one, ctx)
            if isinstance(named, Unknown):
                return named
            found.extend(named)
        return list(dict.fromkeys(found))

    def _named(self, who: s.Who, ctx: Context) -> list[str] | Unknown:
        """Return whom a bearer's words name here, or those who take its place where nobody is known."""
        value: Any = who.office
        if who.field is not None:
            value = self.evaluator.tree(who.field.tree)(ctx)
        elif who.of is not None:
            value = self.evaluator.tree(who.of.tree)(ctx)
            value = value if isinstance(value, Unknown) else f"{who.office}-{value}"
        if isinstance(value, Unknown):
            return value if who.otherwise is None else self._named(who.otherwise, ctx)
        named = list(value) if isinstance(value, tuple | list) else [value]
        return named if all(isinstance(name, str) for name in named) else lacking(f"a person in `{who.source}`")


def _spans_in_force(pack: Pack, rule: Rule) -> list[InForce]:
    """Return the spans outside which a rule does not apply, its own and the pack's."""
    return [span for span in (rule.in_force, pack.in_force) if span.since or span.until]
