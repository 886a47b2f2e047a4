"""What a stream remembers: records, counts, open duties; which of their fields rules read, and how they are kept."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Final

import attrs

from dutyrules.compiler.views import Code, NotStreamable, View, joined, named
from dutyrules.policies import syntax as s
from dutyrules.policies.horizons import horizons
from dutyrules.policies.model import Count, FieldType, WindowKind
from dutyrules.policies.syntax import FactKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from dutyrules.policies.model import EventType, Link, Pack, Record, Rule
    from dutyrules.policies.syntax import Pattern

WIDE: Final = frozenset({FieldType.LIST, FieldType.NUMBER, FieldType.MONEY})
LABELS: Final = {
    WindowKind.DAY: "day",
    WindowKind.MONTH: "month",
    WindowKind.YEAR: "year",
}

CLOSED: Final = "closed"
"""The attribute that says when a record has been closed, None where it has not been."""
SEEN: Final = "seen"
BEGUN: Final = "begun"
GONE: Final = "gone"
"""The attribute of a listed record that the engine may have forgotten."""


@attrs.define
class RecordUse:
    """What rules read of one kind of record; a field of `limits` moves deadlines when it changes."""

    record: Record
    fields: dict[str, None] = attrs.field(factory=dict)
    slots: dict[str, str] = attrs.field(factory=dict)
    limits: set[str] = attrs.field(factory=set)
    links: dict[str, Link] = attrs.field(factory=dict)

    @property
    def class_name(self) -> str:
        """Return the name of the class that holds one."""
        return named("Record", self.record.name)

    @property
    def table(self) -> str:
        """Return the name of the table by key."""
        return named("records", self.record.name)


@attrs.frozen
class Sought:
    """Facts of one type that a rule needs: which fields a fact shares with the matter, and which with the trigger."""

    pattern: Pattern
    event: str
    own: tuple[str, ...]
    shared: tuple[str, ...]


@attrs.frozen
class Indexed:
    """Records that are found by some parts of their key."""

    record: Record
    own: tuple[str, ...]


@attrs.define
class Section:
    """One function of the program under way: look-ups that all of it shares, and the variables in use.

    `looks`: at which counts it looks, and whether each time as the event at hand, for which its place in the count is
    looked for. `members`: in which counts this event is one, and whether always. `sites`: how often something may
    become a member of a count.
    """

    event: str | None = None

    lookups: dict[str, str] = attrs.field(factory=dict)
    count: int = 0
    written: set[str] = attrs.field(factory=set)
    late: set[str] = attrs.field(factory=set)
    linked: set[str] = attrs.field(factory=set)
    looks: dict[str, set[bool]] = attrs.field(factory=dict)
    members: dict[str, bool] = attrs.field(factory=dict)
    sites: dict[str, int] = attrs.field(factory=dict)
    reaches: dict[str, list[list[str]]] = attrs.field(factory=dict)
    aliases: dict[str, str] = attrs.field(factory=dict)
    bearers: int = 0


class State:
    """Collects what is remembered while rules are written."""

    def __init__(self, pack: Pack) -> None:
        self.pack = pack
        self.records: dict[str, RecordUse] = {}
        self.counts: dict[str, Count] = {}
        self.reckoners: dict[str, str] = {}
        self.section = Section()
        self.reaches: dict[str, list[list[str]]] = {}
        self.deemed: dict[str, dict[str, None]] = {}
        self.sought: dict[str, Sought] = {}
        self.indexed: dict[str, Indexed] = {}
        self.spells: dict[str, None] = {}
        self.periods = False
        self.gaps = False
        self.borne_by_others = False
        self.ranked: dict[tuple[str, str], None] = {}
        self.lists: dict[tuple[str, tuple[str, ...], bool], str] = {}
        self.asks: dict[str, None] = {}
        self.twice: dict[tuple[str, str], None] = {}

    def reckoner(self, made: str) -> str:
        """Return the name of what reckons with dates, by the call that makes it."""
        return self.reckoners.setdefault(made, f"limit{len(self.reckoners) + 1}")

    def reached(self, table: str, key: list[str], *, settled: bool = False) -> None:
        """Note with which key a table is used; `settled`: nothing that happens in the same instant matters to that."""
        key = [self.section.aliases.get(part, part) for part in key]
        for reaches in (self.reaches,) if settled else (self.reaches, self.section.reaches):
            known = reaches.setdefault(table, [])
            if key not in known:
                known.append(key)

    def settle(self, name: str) -> None:
        """Note in which counts a section that has been written may bring two members while it looks at them."""
        for table, sites in self.section.sites.items():
            if sites > 1 and table in self.section.looks:
                self.twice[name, table] = None

    def borne(self, bearer: str, whose: str) -> None:
        """Note who bears what a rule makes, in a variable: the person of the event at hand or somebody else."""
        if whose in ("p", "s"):
            self.section.aliases[bearer] = whose
        else:
            self.borne_by_others = True

    def known(self) -> str:
        """Return all that is read so far, to tell whether more has come."""
        records = [
            (name, *use.fields, *use.slots, *use.links, *sorted(use.limits)) for name, use in self.records.items()
        ]
        return repr(
            (
                records,
                *self.lists,
                *self.counts,
                *self.sought,
                *self.indexed,
                *self.spells,
                *self.asks,
                *self.ranked,
                *self.twice,
                *((name, *fields) for name, fields in self.deemed.items()),
            )
        )

    # --- parameters ------------------------------------------------------------------------------------------------

    def parameter(self, name: str) -> object:
        """Return a parameter's one value."""
        values = self.pack.parameters[name].dated.values
        if len(values) != 1 or values[0][1] is None or values[0][0] != dt.date.min:
            raise NotStreamable(f"the parameter `{name}` has no single value")
        return values[0][1]

    def is_open(self, name: str) -> bool:
        """Tell whether a parameter has no value on any day, so that what rests on it is a question."""
        return all(value is None for _since, value in self.pack.parameters[name].dated.values)

    # --- records ---------------------------------------------------------------------------------------------------

    def use(self, name: str) -> RecordUse:
        """Return what is read of a kind of record, once it is known that a stream can keep it."""
        found = self.records.get(name)
        if found is None:
            found = self.records[name] = RecordUse(_plain(self.pack, self.pack.records[name]))
            if found.record.dated == "opened":
                found.slots["opened"] = "t"
            elif found.record.dated is not None:
                found.fields[found.record.dated] = None
        return found

    def found(self, record: Record, parts: list[Code]) -> str:
        """Return the variable that holds the record under a key, None where there is none."""
        use = self.use(record.name)
        self.reached(use.table, [part.text for part in parts])
        key = keyed(parts)
        place = f"{use.table}.get({key.text})"
        name = self.section.lookups.get(place)
        if name is None:
            self.section.count += 1
            name = self.section.lookups[place] = f"r{self.section.count}"
        return name

    def listed(self, use: RecordUse, fields: tuple[str, ...], *, settled: bool) -> str:
        """Return the name of the lists of all records of a kind, each under some parts of its key.

        `settled`: nothing that happens in the same instant changes what is looked for in them.
        """
        name = f"listed{len(self.lists) + 1}_{use.record.name if settled else use.table}"
        return self.lists.setdefault((use.record.name, fields, settled), named("", name)[1:])

    def record_field(self, record: Record, name: str, variable: str) -> Code:
        """Return the code of a record's field."""
        use = self.use(record.name)
        if name == "opened":
            use.slots.setdefault("opened", "t")
            return Code(f"{variable}.opened")
        if name == "closed" and record.closes and not self.declares(record, name):
            use.slots.setdefault(CLOSED, "None")
            return Code(f"{variable}.{CLOSED}", (f"{variable}.{CLOSED}",))
        if name in ("closed", "start", "end", "season") and not self.declares(record, name):
            raise NotStreamable(f"it reads `{record.name}.{name}`")
        happenings = {one for pattern in (*record.opens, *record.updates, *record.closes) for one in pattern.names}
        use.fields[name] = None
        text = f"{variable}.{field_slot(name)}"
        if name in happenings or name in record.key:
            return Code(text)
        if (name == "date" and record.dated is not None) or not self.declares(record, name):
            raise NotStreamable(f"it reads `{record.name}.{name}`")
        return Code(text, (text,))

    def declares(self, record: Record, name: str) -> bool:
        """Tell whether some event of a record has a field of that name."""
        patterns = (*record.opens, *record.updates, *record.closes)
        types = [self.pack.events[one] for pattern in patterns for one in pattern.names if one in self.pack.events]
        return any(name in kind.fields for kind in types)

    # --- counts ----------------------------------------------------------------------------------------------------

    def count(self, name: str, view: View, write: Callable[[s.Expression, View], Code]) -> Code:
        """Return the code that reads a count; `write` translates the expressions of its key."""
        count = self.pack.counts[name]
        _countable(count)
        self.counts[name] = count
        keys = [write(reader.tree, view) for reader, _member in count.per]
        table = named("count", name)
        self.reached(table, [one.text for one in keys])
        self._looked(table, view)
        key = keyed(keys)
        maybe = joined(keys)
        if count.window.value in LABELS.values() and not view.current:
            raise NotStreamable(f"the count `{name}` is read of a {count.window.value} that may be over")
        if count.window.value in LABELS.values():
            maybe = (*maybe, *view.today)
        if count.window is WindowKind.ROLLING:
            assert count.rolling is not None  # noqa: S101 - the loader demands it
            return Code(f"since({table}.get({key.text}), {view.time} - {count.rolling.seconds}, {view.time})", maybe)
        if count.distinct is not None:
            return Code(f"len({table}.get({key.text}, ()))", maybe)
        return Code(f"{table}.get({key.text}, 0)", maybe)

    def _looked(self, table: str, view: View) -> None:
        """Note that a section looks at a count, and whether its event itself does, which may have a place there."""
        own = self._is_event_at_hand(view)
        self.section.looks.setdefault(table, set()).add(own)
        if own:
            self.ranked[view.event.name, table] = None

    def counted(self, table: str, view: View, *, always: bool) -> bool:
        """Note that a fact is a member of a count; tell whether it is an event whose place there is looked for."""
        if not self._is_event_at_hand(view):
            return False
        self.section.members[table] = always and self.section.members.get(table, True)
        return (view.event.name, table) in self.ranked

    def _is_event_at_hand(self, view: View) -> bool:
        """Tell whether a view is that of the section's event itself, not of what it counts as or what comes of it."""
        own = view.event.name == self.section.event and view.root == "c"
        return own and view.outcome_of is None and view.time == "t"


def gone(use: RecordUse) -> str:
    """Return the name of the keys of a record that are gone."""
    return named("gone", use.record.name)


def kept_for(pack: Pack, record: str) -> int | None:
    """Return for how many seconds after its last event a record is kept, None for ever."""
    horizon = horizons(pack).records[record]
    return None if horizon.is_endless else horizon.seconds


def keyed(parts: list[Code]) -> Code:
    """Return the key that several values make."""
    if len(parts) == 1:
        return parts[0]
    return Code("(" + ", ".join(part.text for part in parts) + ")", joined(parts))


def place_of(parts: list[Code]) -> str:
    """Return the code of the place in a table that several values give, the only one where there are none."""
    return keyed(parts).text if parts else "0"


def field_slot(name: str) -> str:
    """Return the attribute that holds a field."""
    return named("f", name)


def wanted(rule: Rule) -> str:
    """Return the name of what notes the acts that several duties of a rule want."""
    return named("wanted", rule.id)


def names_another(event: EventType, record: Record) -> bool:
    """Tell whether an event's own person stands in another field than the person in a record's key."""
    return "person" in record.key and (event.person or "person") != "person"


def names_of(patterns: Iterable[Pattern]) -> list[str]:
    """Return the names in some patterns."""
    return [name for one in patterns for name in one.names]


def names_twice(patterns: Iterable[Pattern]) -> bool:
    """Tell whether several of some patterns, or one of them twice, name the same."""
    names = names_of(patterns)
    return len(set(names)) < len(names)


def happenings(record: Record) -> tuple[Pattern, ...]:
    """Return what opens, changes and closes a record."""
    return (*record.opens, *record.updates, *record.closes)


def _countable(count: Count) -> None:
    """Refuse a count that a stream cannot keep."""
    reasons = {
        "spreads over days": count.spread is not None,
        "counts a streak": count.streak_of is not None,
        "leaves members out": count.except_ is not None,
        "names its members' date": count.date is not None,
        f"counts by {count.window.value}": count.window not in (*LABELS, WindowKind.EVER, WindowKind.ROLLING),
        "looks back by dates": count.rolling is not None and not count.rolling.runs,
        "counts distinct values in a look-back": count.rolling is not None and count.distinct is not None,
        "counts records": any(pattern.kind not in (FactKind.EVENT, FactKind.BREACH) for pattern in count.of),
        "may count one fact twice": names_twice(count.of),
        "has no plain key": any(not isinstance(member.tree, s.Field) for _reader, member in count.per),
    }
    for reason, holds in reasons.items():
        if holds:
            raise NotStreamable(f"the count `{count.name}` {reason}")


def _plain(pack: Pack, record: Record) -> Record:
    """Refuse a kind of record that a stream cannot keep."""
    events = (*record.opens, *record.updates, *record.closes)
    reasons = {
        "is dated": record.dated not in (None, "opened") and not _is_dated_by_key(pack, record),
        "follows the roster": record.spans is not None,
        "closes at an instant": record.closes_at is not None,
        "has a start of its own": record.start is not None,
        "reads another": record.reads is not None,
        "has no key": not record.key,
        "has lists or figures in its key": any(_is_wide(pack, one, events) for one in record.key),
        "opens by more than events": any(pattern.kind is not FactKind.EVENT for pattern in events),
        "opens and closes by one event": _opens_closed(record),
    }
    for reason, holds in reasons.items():
        if holds:
            raise NotStreamable(f"the record `{record.name}` {reason}")
    for pattern in events:
        for name in pattern.names:
            kind = pack.events.get(name)
            missing = [one for one in record.key if kind is None or (one not in kind.fields and one != "person")]
            if missing or (kind is not None and names_another(kind, record)):
                raise NotStreamable(f"`{name}` does not carry the key of `{record.name}`")
    return record


def _is_dated_by_key(pack: Pack, record: Record) -> bool:
    """Tell whether a record's date is a part of its key, which never changes."""
    types = [pack.events[name] for pattern in record.opens for name in pattern.names if name in pack.events]
    dates = [kind.fields.get(str(record.dated)) for kind in types]
    return record.dated in record.key and all(one is not None and one.type is FieldType.DATE for one in dates)


def dates_of(pack: Pack, event: EventType) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return the fields that may give an event its day, as it carries the key of a dated record, each with that key."""
    found: dict[tuple[str, tuple[str, ...]], None] = {}
    for record in pack.records.values():
        key = tuple(name for name in record.key if name != "person")
        spec = event.fields.get(record.dated or "")
        if spec is not None and spec.type is FieldType.DATE and all(name in event.fields for name in key):
            found[spec.name, tuple(name for name in key if name != spec.name)] = None
    return tuple(found)


def _is_wide(pack: Pack, name: str, events: tuple[Pattern, ...]) -> bool:
    """Tell whether a field of some events is a list or a figure, whose text as part of a name is not its own."""
    types = [pack.events[one] for pattern in events for one in pattern.names if one in pack.events]
    return any(one.fields[name].type in WIDE for one in types if name in one.fields)


def roles_of(record: Record, event: str) -> tuple[list[Pattern], list[Pattern], list[Pattern]]:
    """Return the patterns by which an event opens, changes and closes a record."""
    opens, updates, closes = (
        [one for one in side if event in one.names] for side in (record.opens, record.updates, record.closes)
    )
    return opens, updates, closes


def is_mixed(record: Record, event: str) -> bool:
    """Tell whether an event does several things to a record, of which some depend on a condition or end it."""
    opens, updates, closes = roles_of(record, event)
    conditions = any(one.where is not None for one in happenings(record))
    return bool((opens or updates) and closes) or (conditions and bool(opens and updates))


def _opens_closed(record: Record) -> bool:
    """Tell whether some event both opens a record and closes it, whatever it says."""
    always = [
        {name for one in side if one.where is None for name in one.names} for side in (record.opens, record.closes)
    ]
    return not always[0].isdisjoint(always[1])
