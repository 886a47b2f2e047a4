"""Acts that come before the duty which they fulfil: remembered for a while, as long as its clock may have begun.

Only what such an act says itself may be asked of it later on, beside what the duty is about.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dutyrules.compiler.state import dates_of, field_slot
from dutyrules.compiler.ties import joined
from dutyrules.compiler.views import NotStreamable, View, named
from dutyrules.policies import syntax as s
from dutyrules.policies.horizons import horizons
from dutyrules.policies.walk import walk

if TYPE_CHECKING:
    from dutyrules.compiler.obligations import Duty
    from dutyrules.compiler.sections import Part
    from dutyrules.policies.model import EventType, Pack, Rule
    from dutyrules.policies.syntax import Pattern

DAYS: Final = 32
AROUND: Final = (s.CountRef, s.AnyRecord, s.OpenCount, s.ValueRef)
"""What a condition may ask that changes."""


def acts_table(rule: Rule) -> str:
    """Return the name of the table of acts that have come before any duty."""
    return named("open_early", rule.id)


def reach(rule: Rule) -> int:
    """Return for how many seconds acts are remembered."""
    start = rule.from_
    more = 0
    if isinstance(start, s.Offset) and not start.forward and start.duration is not None:
        more = start.duration.seconds
    return DAYS * 86_400 + more


def act_type(pack: Pack, rule: Rule) -> EventType:
    """Return the type of a rule's acts, where acts may come before it."""
    names = dict.fromkeys(name for pattern in rule.until for name in pattern.names)
    if min(horizons(pack).events[name].seconds for name in names) < reach(rule) + DAYS * 86_400:
        raise NotStreamable("acts that come before it are forgotten while they count")
    key = () if rule.about is None else pack.records[rule.about].key
    wheres = [pattern.where.tree for pattern in rule.until if pattern.where is not None]
    for part in (one for tree in wheres for one in walk(tree)):
        changes = isinstance(part, s.Field) and not (
            part.scope is s.Scope.FACT
            or (part.scope is s.Scope.THIS and rule.about is None)
            or (part.scope is s.Scope.MATTER and part.name in key)
        )
        if changes or isinstance(part, AROUND):
            raise NotStreamable("an act before it counts, and is judged by what is known later")
    return joined([pack.events[name] for name in names])


def is_such(pattern: Pattern, rule: Rule, *others: str) -> str:
    """Return what tells whether an act in `a` is of a pattern's types, and more."""
    every = {name for one in rule.until for name in one.names}
    kind = [] if every <= {*pattern.names} else [f"a.kind in {pattern.names!r}"]
    return " and ".join([*kind, *others]) or "True"


def remember(part: Part, rule: Rule, act: Duty, place: str) -> None:
    """Write that the event of a part may be the act of a duty that comes later."""
    part.opened[act.name] = part.view
    for name in act.fields:
        if name in part.view.event.fields:
            part.view.fields(name)
    view, out = part.view, part.rules
    values = f"1, c, {view.clock}, {view.person}, None, t, {view.person}, {view.event.name!r}"
    out(f"o = {act.class_name}({values}@{act.name}@)")
    out(f"remember({acts_table(rule)}, {place}, o, t - {reach(rule)})")


def act_view(pack: Pack, act: Duty, event: EventType) -> View:
    """Return how an act looks later on, as it is kept in `a`."""

    def read(name: str) -> str:
        act.fields[name] = None
        return f"a.{field_slot(name)}"

    return View(
        event,
        read,
        time="a.at",
        clock="a.since",
        person="a.person",
        matter_id="",
        causes=("a.cause",),
        root="a.cause",
        current=False,
        began="a.since",
        dates=dates_of(pack, event),
    )
