"""Acts that come before the duty which they fulfil: remembered for a while, as long as its clock may have begun.

Only what such an act says itself may be asked of it later on, beside what the duty is about.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import attrs

from dutyrules.compiler.ties import joined
from dutyrules.compiler.views import NotStreamable, named
from dutyrules.policies import syntax as s
from dutyrules.policies.horizons import horizons
from dutyrules.policies.walk import walk

if TYPE_CHECKING:
    from dutyrules.compiler.kept import Kept
    from dutyrules.compiler.sections import Part
    from dutyrules.compiler.views import View
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


def remember(part: Part, rule: Rule, act: Kept, place: str) -> None:
    """Write that the event of a part may be the act of a duty that comes later."""
    out, view = part.rules, part.view
    out(f"o = {act.made(part, view, {'kind': repr(view.event.name)})}")
    out(f"remember({acts_table(rule)}, {place}, o, t - {reach(rule)})")


def act_view(pack: Pack, act: Kept, event: EventType) -> View:
    """Return how an act looks later on, as it is kept in `a`."""
    return attrs.evolve(act.view(pack, event, "a"), clock="a.since", person="a.person", matter_id="")
