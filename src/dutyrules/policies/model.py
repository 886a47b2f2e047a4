"""The checked pack: what the loader makes, and all that the engine and any other interpreter may read.

Every text of the YAML has been parsed and every name resolved; `Place` says where each part stands. Nothing here
evaluates anything.
"""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from dutyrules.calendars.durations import Duration
    from dutyrules.policies.syntax import Expr, Instant, Pattern, PeriodSpec, Who
    from dutyrules.policies.yaml_nodes import MapNode


@attrs.frozen
class Place:
    """A position in a pack file; lines and columns count from one."""

    file: str
    line: int
    column: int


class Kind(StrEnum):
    """The kind of a rule."""

    OBLIGATION = "obligation"
    PROHIBITION = "prohibition"
    PERMISSION = "permission"
    APPROVAL = "approval"
    ELIGIBILITY = "eligibility"
    ENTITLEMENT = "entitlement"
    SANCTION = "sanction"
    CHOICE = "choice"
    VALUE = "value"
    DEFINITION = "definition"
    SCHEDULE = "schedule"
    PROCEDURE = "procedure"
    REFERRAL = "referral"
    ADVICE = "advice"


class FieldType(StrEnum):
    """The type of an event field, as the vocabulary declares it."""

    TEXT = "text"
    PERSON = "person"
    BOOL = "bool"
    INT = "int"
    NUMBER = "number"
    MONEY = "money"
    DATE = "date"
    TIME = "time"
    MONTH = "month"
    LIST = "list"
    ANY = "any"


@attrs.frozen
class FieldSpec:
    """One field of an event type; `default` fills a field that an event leaves out (absent: the value is unknown)."""

    name: str
    type: FieldType
    default: object = None
    has_default: bool = False
    values: tuple[str, ...] = ()


@attrs.frozen
class EventType:
    """One event type of the vocabulary.

    `aliases` gives the field that another name of it stands for. An event of an `on_shift` type happens during a duty.
    """

    name: str
    fields: Mapping[str, FieldSpec]
    person: str | None = None  # the field that says whose event it is, where it is not `person` (subject fills it)
    aliases: Mapping[str, str] = attrs.field(factory=dict)
    says: Mapping[str, str] = attrs.field(factory=dict)
    on_shift: bool = False


@attrs.frozen
class Dated:
    """A parameter's values by the day from which each applies; before the first there is none."""

    values: tuple[tuple[dt.date, object], ...]

    def on(self, day: dt.date) -> tuple[bool, object]:
        """Return whether a value applies on `day`, and the value."""
        found: tuple[bool, object] = (False, None)
        for since, value in self.values:
            if since <= day:
                found = (True, value)
        return found


@attrs.frozen
class Parameter:
    """A figure that the source leaves open or an organisation may override; undated it has one entry (`date.min`).

    `type` is one of `money`, `number`, `int`, `text`, `bool`, `list`, `date`, `seasons`. A parameter without a value is
    undecidable.
    """

    name: str
    type: str
    dated: Dated
    place: Place


@attrs.frozen
class Link:
    """A link from a record to another.

    The latest one of kind `to` whose `of` key equals, within `within` before this one's opening.
    """

    name: str
    record: str
    of: Expr
    within: Duration | None
    if_: Expr | None


@attrs.frozen
class Record:
    """What the engine remembers about a thing.

    `key` names fields; () is the one record of its kind (`key: none`). `spans` is `shift` (the key holds `period`) or
    `shifts` (all periods of the day): the record ends with it and has `start`, `end`, `season`. `closes` may be an
    instant (`end of duty_date` gives `closes_at`). `start` is an optional instant readable as `x.start`. An episode is
    a record that can open again after closing (it has `closes`); its id adds the opening event's id. `keep` is how long
    it is remembered after its end or last event; None: for the pack's retention; `always` True: for ever.
    """

    name: str
    key: tuple[str, ...]
    opens: tuple[Pattern, ...]
    updates: tuple[Pattern, ...]
    closes: tuple[Pattern, ...]
    closes_at: Instant | None
    dated: str | None
    spans: str | None
    start: Instant | None
    links: tuple[Link, ...]
    reads: str | None
    keep: Duration | None
    always: bool
    place: Place

    @property
    def episodic(self) -> bool:
        """Tell whether this kind can open again under the same key."""
        return bool(self.closes)


class WindowKind(StrEnum):
    """Where a count counts."""

    EVER = "ever"
    OPEN = "open"
    DAY = "day"
    WEEK = "week"
    HALF_MONTH = "half_month"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"
    ROLLING = "rolling"


@attrs.frozen
class Count:
    """Members of `of` with the same key and window.

    `per` pairs (what the reader's key is in its own context, what a member's key is). `date` is the member's date for
    the window (default: its matter's date, else the day of its time). `rolling` is a look-back that ends with the
    reader's instant. `distinct` counts different values of a member's field; `spread` counts each day from..to as a
    member; `streak_of` counts the run of consecutive records of that kind (by date) whose own member it is, ending with
    the reader's; `except_` leaves out members whose field equals the reader's.
    """

    name: str
    of: tuple[Pattern, ...]
    per: tuple[tuple[Expr, Expr], ...]
    window: WindowKind
    date: Expr | None
    rolling: Duration | None
    distinct: str | None
    spread: tuple[str, str] | None
    streak_of: str | None
    except_: str | None
    place: Place


@attrs.frozen
class Value:
    """A named formula; with `chosen_by` a parameter picks one of the `variants`.

    Otherwise there is the one variant ``""``.
    """

    name: str
    variants: Mapping[str, Expr]
    chosen_by: str | None
    place: Place


@attrs.frozen
class Need:
    """A fact that must have been there at the trigger's instant.

    Or the name of a permission that must hold; `id` is a norm's where it is one.
    """

    id: str | None
    fact: Pattern | None
    permission: str | None
    who: tuple[Who, ...]
    if_: Expr | None
    place: Place


@attrs.frozen
class Within:
    """A time limit from the clock's start, or from an instant that is named (`of`).

    Where a `parameter` gives the limit, its value on the matter's date counts; `duration` is None if it changes.
    """

    duration: Duration | None
    of: Instant | None
    parameter: str | None = None


@attrs.frozen
class MovedBy:
    """Facts that move a deadline while it is open, from then on; `to` is read in the moving fact."""

    when: tuple[Pattern, ...]
    to: Expr
    clause: str | None


@attrs.frozen
class PausedBy:
    """Facts between which the clock of an open obligation stands still."""

    when: tuple[Pattern, ...]
    until: tuple[Pattern, ...]


class Act(StrEnum):
    """What a consequence does."""

    FINE = "fine"
    DEDUCT = "deduct"
    COMPENSATE = "compensate"
    WITHHOLD = "withhold"
    FORFEIT = "forfeit"
    DISQUALIFY = "disqualify"
    STEP = "step"
    NOTICE = "notice"
    GRANT = "grant"
    REFER = "refer"


@attrs.frozen
class Discretion:
    """A sum that a person decides within bounds (inclusive).

    `none_if` names a permission that makes going free possible, never automatic.
    """

    low: Expr | None
    high: Expr | None
    decided_by: tuple[Who, ...]
    none_if: str | None
    proposal: Expr | None
    within: Duration | None


@attrs.frozen
class Consequence:
    """Exactly one thing that follows.

    `amount` in the pack's currency; `each`: times the number that picked the tier; `percent_of`: `amount` per cent of
    that. `what` names the pay withheld, the right lost, the notice, the right granted, the step or the rules outside
    the text. `nature` is the legal nature of a money sanction.
    """

    act: Act
    amount: Expr | None = None
    each: bool = False
    percent_of: Expr | None = None
    discretion: Discretion | None = None
    what: str | None = None
    forfeits: tuple[str, ...] = ()
    class_: str | None = None
    look_back: str | None = None
    for_: str | None = None
    nature: str | None = None


@attrs.frozen
class Tier:
    """One band: both ends included, no end means open upwards."""

    id: str
    low: int
    high: int | None
    consequence: Consequence
    excused_by: tuple[Pattern, ...]
    says: Mapping[str, str]
    place: Place


@attrs.frozen
class InForce:
    """The days on which a rule or pack applies, both included; a matter's own date decides."""

    since: dt.date | None = None
    until: dt.date | None = None


@attrs.frozen
class Rule:
    """One norm. Attributes stand in the order in which the guards are tried; see the language page for each key."""

    id: str
    kind: Kind
    says: Mapping[str, str]
    clause: str
    place: Place
    in_force: InForce = InForce()
    vague: str | None = None
    observed: bool = False
    # what sets it off: at most one of the four
    when: tuple[Pattern, ...] = ()
    whenever: Expr | None = None
    every: PeriodSpec | None = None
    gap: Duration | None = None
    # the matter
    about: str | None = None
    for_each: Pattern | None = None
    during: str | None = None
    # look back
    if_: Expr | None = None
    needs: tuple[Need, ...] = ()
    needs_any: tuple[Need, ...] = ()
    in_order: tuple[str, ...] = ()
    asked_by: tuple[Pattern, ...] = ()
    unless: tuple[str, ...] = ()
    # the clock
    who: tuple[Who, ...] = ()
    from_: Instant | None = None
    by: Instant | None = None
    within: Within | None = None
    promptly: str | None = None
    until: tuple[Pattern, ...] = ()
    until_all: tuple[Pattern, ...] = ()
    at_least: int = 1
    distinct: str | None = None
    one_act: str | None = None  # `all` or `oldest`
    moved_by: tuple[MovedBy, ...] = ()
    waived_by: tuple[Pattern, ...] = ()
    paused_by: PausedBy | None = None
    excused_by: tuple[Pattern, ...] = ()
    soft: str | None = None
    relies_on: tuple[str, ...] = ()
    # consequence
    consequence: Consequence | None = None
    by_number: Expr | None = None
    tiers: tuple[Tier, ...] = ()
    marginal: bool = False
    once_per: tuple[str, ...] = ()
    # rights that move while a condition fails
    postponed_while: Expr | None = None
    postponed_as: str | None = None
    # relations
    of: tuple[str, ...] = ()
    same: tuple[str, ...] = ()
    keep: str | None = None
    counts_as: str | None = None
    with_: Mapping[str, Expr | None] = attrs.field(factory=dict)  # None: a new identity
    voids: bool = False
    asks: tuple[Who, ...] = ()


@attrs.frozen
class Accumulation:
    """`reaches` entries of step `of` within `within`: gives a step, or asks for a review.

    `used_up` entries count once.
    """

    id: str
    of: str
    reaches: int
    within: Duration | None
    used_up: bool
    gives: str | None
    asks: str | None
    place: Place
    says: Mapping[str, str] = attrs.field(factory=dict)


@attrs.frozen
class Overrule:
    """A ruling that sets an entry aside or puts a step in its place."""

    id: str
    when: Pattern
    if_: Expr | None
    place: Place
    says: Mapping[str, str] = attrs.field(factory=dict)


@attrs.frozen
class Ladder:
    """Ordered steps that repeat offences climb.

    A repeat of the same `repeat_same` field (`class`) stands `repeat_raise` steps above the last, at most at
    `repeat_cap`; an offence at the cap asks `at_cap`.
    """

    name: str
    per: str
    steps: tuple[str, ...]
    repeat_same: str | None
    repeat_raise: int
    repeat_cap: str | None
    at_cap: str | None
    repeat_within: Duration | None
    accumulate: tuple[Accumulation, ...]
    overruled_by: tuple[Overrule, ...]
    place: Place


@attrs.frozen
class Part:
    """A part of a pack that is in use: its title, and the file that its rules stand in."""

    title: Mapping[str, str]
    file: str


@attrs.frozen
class Pack:
    """One organisation's policy, checked; `digest` covers its text and that of what it extends.

    `document` is what was read, with all parts and overlays in it.
    `carries` says which event types the log carries, since when (`*`: every type); None: nothing is declared.
    """

    name: str
    section: str | None
    language: int
    title: Mapping[str, str]
    timezone: str
    calendar: str
    extra_holidays: tuple[dt.date, ...]
    extra_workdays: tuple[dt.date, ...]
    currency: str
    severity: tuple[str, ...]
    in_force: InForce
    retention: Duration | None
    carries: Mapping[str, dt.date] | None
    roles: Mapping[str, Mapping[str, str]]
    events: Mapping[str, EventType]
    parameters: Mapping[str, Parameter]
    seasons: Mapping[str, str | tuple[str, ...]]
    shifts: Mapping[str, Mapping[str, object]]
    hours: Mapping[str, Mapping[str, object]]
    records: Mapping[str, Record]
    counts: Mapping[str, Count]
    values: Mapping[str, Value]
    rules: Mapping[str, Rule]
    ladders: Mapping[str, Ladder]
    digest: str
    file: str
    parts: Mapping[str, Part] = attrs.field(factory=dict)
    document: MapNode | None = attrs.field(default=None, eq=False, repr=False)

    @property
    def is_partial(self) -> bool:
        """Tell whether only some of the pack's parts are in use."""
        named = None if self.document is None else self.document.get("parts")
        return named is not None and len(self.parts) < len(getattr(named, "entries", ()))

    @property
    def prefix(self) -> str:
        """Return the prefix that makes a rule's id a norm's id: `clinic/`, `school/central/`."""
        return f"{self.name}/{self.section}/" if self.section else f"{self.name}/"

    def words_of(self, name: str) -> Mapping[str, str]:
        """Return what a rule, or an accumulation or overruling of a ladder, says, by language."""
        if name in self.rules:
            return self.rules[name].says
        return next((part.says for part in self.ladder_parts if part.id == name), {})

    @property
    def ladder_parts(self) -> tuple[Accumulation | Overrule, ...]:
        """Return the accumulations and overrulings of all ladders, whose outcomes bear their ids."""
        return tuple(
            part for one in self.ladders.values() for parts in (one.accumulate, one.overruled_by) for part in parts
        )


Money = Decimal
