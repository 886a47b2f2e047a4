"""Why a rule did not come to hold: the try that came nearest, and the first guard that stopped it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import attrs

from dutyrules.explaining.lasting import Lasting
from dutyrules.explaining.steps import Step, Try, rank
from dutyrules.explaining.tries import Tries
from dutyrules.explaining.without_trigger import WithoutTrigger
from dutyrules.policies.diagnostics import did_you_mean
from dutyrules.policies.model import Accumulation, Kind, Rule
from dutyrules.policies.syntax import FactKind
from dutyrules.runtime.store import FOREVER

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dutyrules.engine import Engine
    from dutyrules.explaining.evidence import Change
    from dutyrules.outcomes import Outcome
    from dutyrules.policies.model import Pack
    from dutyrules.runtime.machine import Machine

HELD: Final = "held"
STOPPED: Final = "stopped"
UNKNOWN: Final = "unknown"
NEVER_TRIED: Final = "never_tried"
NO_FORCE: Final = "no_force"
MOST_OTHERS: Final = 20
MOST_BEFORE: Final = 40
DEEPEST: Final = 3
RULED: Final = frozenset({FactKind.BREACH, FactKind.FULFILMENT, FactKind.EXCUSE, FactKind.SANCTION})


class NoSuchRule(LookupError):
    """The pack has no rule of that name; `near` says which one may be meant."""

    def __init__(self, rule: str, near: str) -> None:
        super().__init__(rule)
        self.rule = rule
        self.near = near


@attrs.frozen
class WhyNot:
    """How near a rule came to hold for a person or matter by an instant.

    `before` is the same question put to the rule whose breach or act would have set this one off, where nothing did.
    `verdict`: `held` (it did; see `nearest.outcomes`), `stopped` (a guard failed), `unknown` (a guard cannot be told,
    or a person has to answer), `never_tried` (nothing set it off), `no_force` (a text that demands nothing). `nearest`
    is the try that came furthest, `others` the next ones, furthest first.
    """

    rule: Rule
    asked: str
    subject: str | None
    at: str
    verdict: str
    nearest: Try | None = None
    others: tuple[Try, ...] = ()
    before: WhyNot | None = None

    @property
    def stopped(self) -> Step | None:
        """Return the first guard that did not let it go on."""
        return None if self.nearest is None else self.nearest.stopped

    @property
    def changes(self) -> tuple[Change, ...]:
        """Return what would have made that guard hold; of each group one is needed."""
        if self.before is not None and self.before.changes:
            return self.before.changes
        return () if self.stopped is None else self.stopped.changes

    @property
    def outcomes(self) -> tuple[Outcome, ...]:
        """Return what the nearest try came to."""
        return () if self.nearest is None else self.nearest.outcomes


def why_not_in(engine: Engine, rule: str, subject: str | None) -> WhyNot:
    """Answer from an engine at rest; it should have forgotten nothing."""
    found, accumulation = rule_named(engine.pack, rule)
    return _answer(engine.inside, found, rule, subject, accumulation, DEEPEST)


def _answer(
    machine: Machine,
    rule: Rule,
    asked: str,
    subject: str | None,
    accumulation: tuple[str, Accumulation] | None,
    depth: int,
) -> WhyNot:
    clock = machine.program.store.clock
    at = machine.program.zone.iso(clock) if clock > -FOREVER else ""
    asking = _Asking(machine, rule, subject)
    tries = asking.accumulated(accumulation) if accumulation is not None else asking.tries()
    ranked = sorted(tries, key=rank)
    best = ranked[0]
    answer = WhyNot(rule, asked, subject, at, _verdict(best), best, tuple(ranked[1 : MOST_OTHERS + 1]))
    if answer.verdict != NEVER_TRIED or depth == 0:
        return answer
    return attrs.evolve(answer, before=_before(machine, rule, subject, depth - 1))


def _before(machine: Machine, rule: Rule, subject: str | None, depth: int) -> WhyNot | None:
    """Return how near that came which would have set a rule off, of several the one that came nearest."""
    pack = machine.program.pack
    names = [name for pattern in rule.when if pattern.kind in RULED for name in pattern.names if name in pack.rules]
    found = [_answer(machine, pack.rules[name], name, subject, None, depth) for name in names[:MOST_BEFORE]]
    found = [one for one in found if one.verdict in (STOPPED, UNKNOWN) or one.before is not None]
    return min(found, key=_nearness, default=None)


def _nearness(one: WhyNot) -> tuple[bool, bool, float, int]:
    """Order answers of different rules, whose guards cannot be counted against one another: by what was lacking."""
    deeper = one.before.nearest if one.before is not None else one.nearest
    never = one.verdict == NEVER_TRIED
    if deeper is None:
        return (never, True, 0.0, 0)
    _stopped, passed, is_running, away, _time = rank(deeper)
    return (never, is_running, away, passed)


def rule_named(pack: Pack, name: str) -> tuple[Rule, tuple[str, Accumulation] | None]:
    """Return the rule that a name means: its own id, that of a tier, a need or a part of a ladder."""
    short = name.removeprefix(pack.prefix)
    if short in pack.rules:
        return pack.rules[short], None
    for rule in pack.rules.values():
        parts = [*(tier.id for tier in rule.tiers), *(need.id for need in (*rule.needs, *rule.needs_any))]
        if short in (*parts, rule.postponed_as):
            return rule, None
    for ladder in pack.ladders.values():
        for part in ladder.accumulate:
            if part.id == short:
                stepping = next(one for one in pack.rules.values() if _steps_on(one, ladder.steps))
                return stepping, (ladder.name, part)
    raise NoSuchRule(name, did_you_mean(short, pack.rules) or "")


def _steps_on(rule: Rule, steps: tuple[str, ...]) -> bool:
    return rule.consequence is not None and rule.consequence.what in steps


def _verdict(one: Try) -> str:
    stopped = one.stopped
    if stopped is None:
        return HELD
    if stopped.guard == "kind":
        return NO_FORCE
    if stopped.phrase in ("never_set_off", "never_asked"):
        return NEVER_TRIED
    return UNKNOWN if stopped.holds is None else STOPPED


class _Asking:
    """One question put to one rule."""

    def __init__(self, machine: Machine, rule: Rule, subject: str | None) -> None:
        self._machine = machine
        self._rule = rule
        self._subject = subject
        self._tries = Tries(machine)
        self._lasting = Lasting(self._tries)
        self._without = WithoutTrigger(self._tries)

    def tries(self) -> list[Try]:
        """Return every way in which the rule was tried; one that says why there is none, where there is none."""
        found = list(self._all())
        return found or [self._without.never(self._rule, self._subject)]

    def _all(self) -> Iterator[Try]:
        rule, subject = self._rule, self._subject
        if rule.kind is Kind.CHOICE:
            yield from self._without.choices(rule, subject)
            return
        yield from self._tries.by_facts(rule, subject)
        if rule.every is not None:
            yield from self._lasting.by_periods(rule, subject)
            yield from self._lasting.running(rule, subject)
        if rule.whenever is not None:
            yield from self._lasting.by_rises(rule, subject)
        if rule.gap is not None:
            yield from self._lasting.by_gaps(rule, subject)
        yield from self._tries.by_findings(rule, subject)
        if rule.kind is Kind.PERMISSION:
            yield from self._tries.for_others(rule, subject, self._without.referring(rule))
        if rule.kind is Kind.VALUE:
            yield from self._without.values(rule, subject)

    def accumulated(self, wanted: tuple[str, Accumulation]) -> list[Try]:
        """Return how far the steps of a person have gathered."""
        ladder, part = wanted
        return [self._without.accumulation(self._rule, part, ladder, self._subject)]
