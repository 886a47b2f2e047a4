"""Expectations: what a scenario says must have come, held against what came."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import attrs

from dutyrules.calendars.zones import parse_instant
from dutyrules.outcomes import Breach, Entitlement, Notice, Obligation, Outcome, Referral, Sanction, instant_of
from dutyrules.policies.diagnostics import did_you_mean, quoted
from dutyrules.policies.model import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from dutyrules.policies.model import Pack
    from dutyrules.testing.scenario_files import Expectation

_GRANTED: Final = frozenset({"granted", "postponed", "taken"})
_NEAREST: Final = 3


def normal(name: str | None) -> str:
    """Return a name without regard to case, spaces, hyphens and underscores."""
    return re.sub(r"[\s_-]+", "_", (name or "").strip().casefold())


def local_id(norm: str, pack: Pack) -> str:
    """Return a norm's id without the pack's prefix."""
    return norm.removeprefix(pack.prefix)


def norm_ids(pack: Pack) -> set[str]:
    """Return the ids of all norms of a pack, without its prefix: rules, tiers, needs and steps of ladders."""
    ids = set(pack.rules)
    for rule in pack.rules.values():
        ids |= {tier.id for tier in rule.tiers}
        ids |= {need.id for need in (*rule.needs, *rule.needs_any) if need.id}
        ids |= {rule.postponed_as} if rule.postponed_as else set()
        ids |= {moved.clause for moved in rule.moved_by if moved.clause}
    for ladder in pack.ladders.values():
        ids |= {one.id for one in ladder.accumulate} | {one.id for one in ladder.overruled_by}
    return ids


def bears(outcome: Outcome, norm: str) -> bool:
    """Tell whether an outcome is one of a norm: of its rule, or of its tier."""
    return norm in {outcome.rule, getattr(outcome, "tier", None)}


@attrs.frozen
class Result:
    """What came of a log: the outcomes as they stand, every record on the way to them, and the rules' verdicts."""

    pack: Pack
    standing: Mapping[str, Outcome]
    history: tuple[Outcome, ...]
    verdicts: Callable[[str], set[tuple[str, str]]]

    def of(self, norm: str, who: str) -> list[Outcome]:
        """Return the outcomes of a norm for somebody."""
        return [one for one in self.standing.values() if bears(one, norm) and normal(one.person) == normal(who)]

    def due_at(self, due: int | None, norm: str, who: str) -> Result:
        """Return the result without those instances of a norm for somebody that were due at another time."""
        instances = self.of(norm, who)
        others = {one.id for one in instances if due not in self.dues([one])}
        if len(others) in {0, len(instances)}:
            return self
        standing = {name: one for name, one in self.standing.items() if name not in others}
        return attrs.evolve(self, standing=standing, verdicts=lambda _: set())

    def besides(self, claimed: Iterable[Outcome]) -> Result:
        """Return the result without the instances that other expectations claim, and without their breaches."""
        instances = {(one.rule, one.matter, one.person) for one in claimed}
        if not instances:
            return self
        standing = {
            name: one for name, one in self.standing.items() if (one.rule, one.matter, one.person) not in instances
        }
        verdicts = self.verdicts
        return attrs.evolve(
            self, standing=standing, verdicts=lambda norm: {pair for pair in verdicts(norm) if pair[1] != "breach"}
        )

    def words(self, norm: str, who: str) -> set[str]:
        """Return the verdicts on a norm for somebody."""
        return {word for person, word in self.verdicts(norm) if normal(person) == normal(who)}

    def resting_on(self, outcome: Outcome) -> Iterator[Outcome]:
        """Give the outcomes that an outcome caused."""
        return (one for one in self.standing.values() if outcome.id in one.because)

    def dues(self, outcomes: Iterable[Outcome]) -> set[int]:
        """Return all instants at which the outcomes, or the duties that they are about, were ever due."""
        about = {(one.rule, one.matter, one.person) for one in outcomes}
        records = (*self.history, *self.standing.values())
        found = [getattr(one, "due", None) for one in records if (one.rule, one.matter, one.person) in about]
        return {parse_instant(due) for due in found if due is not None}


@attrs.frozen
class Answer:
    """Whether an expectation is met, and by which outcomes; `reason` says why not."""

    reason: str | None
    by: tuple[Outcome, ...] = ()


def answer(expected: Expectation, who: str, result: Result) -> Answer:
    """Hold one expectation against what came, for one person."""
    norm = local_id(expected.norm, result.pack)
    one_is_meant = expected.due is not None and expected.count in {None, 1}
    found = _FINDERS[expected.outcome](norm, who, result.due_at(expected.due, norm, who) if one_is_meant else result)
    if isinstance(found, str):
        return Answer(found)
    reason = (
        _amount_fault(expected, found, result)
        or _due_fault(expected, norm, found, result)
        or _count_fault(expected, found)
        or _steps_fault(expected, found)
    )
    return Answer(reason, tuple(found))


# --- the words --------------------------------------------------------------------------------------------------------
# Each finder returns the outcomes that meet the word (none, where a verdict does), or why it is not met.

Found = list[Outcome] | str


def _breach(norm: str, who: str, result: Result) -> Found:
    found: list[Outcome] = [one for one in result.of(norm, who) if isinstance(one, Breach)]
    rule = result.pack.rules.get(norm)
    if not found and rule is not None and rule.soft is not None:
        found = [one for one in result.of(norm, who) if isinstance(one, Notice)]
    return found if found or "breach" in result.words(norm, who) else "there is no breach"


def _sanction(norm: str, who: str, result: Result) -> Found:
    found = [one for one in result.of(norm, who) if isinstance(one, Sanction)]
    imposed: list[Outcome] = [one for one in found if one.status == "imposed"] + _remarks(norm, who, result)
    return imposed or (f"it is only {found[0].status}" if found else "there is no sanction")


def _remarks(norm: str, who: str, result: Result) -> list[Outcome]:
    """Return the notices that a sanction consists in, such as a spoken reminder."""
    rule = result.pack.rules.get(norm)
    if rule is None or rule.kind is not Kind.SANCTION:
        return []
    return [one for one in result.of(norm, who) if isinstance(one, Notice) and one.status == "issued"]


def _voided(norm: str, who: str, result: Result) -> Found:
    found: list[Outcome] = [one for one in result.of(norm, who) if one.status == "voided"]
    return found or "nothing was voided"


def _entitled(norm: str, who: str, result: Result) -> Found:
    found: list[Outcome] = [
        one for one in result.of(norm, who) if isinstance(one, Entitlement) and one.status in _GRANTED
    ]
    return found or "nothing was granted"


def _due(norm: str, who: str, result: Result) -> Found:
    found: list[Outcome] = [one for one in result.of(norm, who) if isinstance(one, Obligation) and one.status == "open"]
    return found or "no obligation is open"


def _waived(norm: str, who: str, result: Result) -> Found:
    found: list[Outcome] = [
        one for one in result.of(norm, who) if isinstance(one, Obligation) and one.status == "waived"
    ]
    return found or "nothing was waived"


def _met(norm: str, who: str, result: Result) -> Found:
    broken = _breach(norm, who, result)
    if not isinstance(broken, str):
        return "there is a breach"
    found: list[Outcome] = [
        one
        for one in result.of(norm, who)
        if isinstance(one, Obligation) and one.status == "fulfilled" and not one.late
    ]
    if found or result.words(norm, who) & {"met", "kept"} or _chose(norm, who, result):
        return found
    return "it was neither fulfilled nor put to the test"


def _chose(norm: str, who: str, result: Result) -> bool:
    """Tell whether a choice let one outcome for somebody stand and voided another."""
    rule = result.pack.rules.get(norm)
    if rule is None or rule.kind is not Kind.CHOICE:
        return False
    compared = [one.status for other in rule.of for one in result.of(other, who) if isinstance(one, Sanction)]
    return "voided" in compared and "imposed" in compared


def _permitted(norm: str, who: str, result: Result) -> Found:
    if result.words(norm, who) & ({"permitted"} | _kept(norm, result, {"kept", "met"})):
        return [one for one in result.of(norm, who) if isinstance(one, Entitlement)]
    return "it was not found permitted"


def _not_permitted(norm: str, who: str, result: Result) -> Found:
    if result.words(norm, who) & ({"not_permitted"} | _kept(norm, result, {"breach"})):
        return [one for one in result.of(norm, who) if isinstance(one, Breach)]
    return "it was not found forbidden"


def _kept(norm: str, result: Result, words: set[str]) -> set[str]:
    """Return the words that say of a prohibition what `permitted` says of a permission."""
    rule = result.pack.rules.get(norm)
    return words if rule is None or rule.kind is Kind.PROHIBITION else set()


def _refer_human(norm: str, who: str, result: Result) -> Found:
    asking = {norm} | {
        rule.id
        for rule in result.pack.rules.values()
        if rule.consequence is not None
        and rule.consequence.discretion is not None
        and rule.consequence.discretion.none_if == norm
    }
    found: list[Outcome] = [
        one
        for name in sorted(asking)
        for one in result.of(name, who)
        if isinstance(one, Referral) and one.status == "opened" and one.question != "undecidable"
    ]
    if not found:
        return "no question is open"
    if norm not in {one.rule for one in found} and "permitted" not in result.words(norm, who):
        return "the question is open, but what would excuse is not given"
    return found


def _undecidable(norm: str, who: str, result: Result) -> Found:
    found: list[Outcome] = [
        one
        for one in result.standing.values()
        if isinstance(one, Referral)
        and one.question == "undecidable"
        and bears(one, norm)
        and (one.person is None or normal(one.person) == normal(who))
    ]
    return found or "nothing was found undecidable"


def _not_triggered(norm: str, who: str, result: Result) -> Found:
    found: list[Outcome] = [
        one
        for one in result.of(norm, who)
        if isinstance(one, Breach | Sanction | Entitlement | Obligation) and one.status not in {"cancelled", "waived"}
    ]
    found += [
        one
        for one in result.of(norm, who)
        if (isinstance(one, Referral) and one.question != "undecidable")
        or (isinstance(one, Notice) and one.notice == "soft_limit")
    ] + _remarks(norm, who, result)
    if found:
        return f"it came to {describe(found[0])}"
    return "there is a breach" if "breach" in result.words(norm, who) else []


_FINDERS: Final[Mapping[str, Callable[[str, str, Result], Found]]] = {
    "met": _met,
    "due": _due,
    "breach": _breach,
    "sanction": _sanction,
    "entitled": _entitled,
    "permitted": _permitted,
    "not_permitted": _not_permitted,
    "refer_human": _refer_human,
    "not_triggered": _not_triggered,
    "voided": _voided,
    "waived": _waived,
    "undecidable": _undecidable,
}


# --- figures ----------------------------------------------------------------------------------------------------------


def _amount_fault(expected: Expectation, found: list[Outcome], result: Result) -> str | None:
    if expected.amount is None:
        return None
    total = sum((_amount(one, result) for one in found), Decimal(0))
    return None if total == expected.amount else f"it comes to {total}"


def _amount(outcome: Outcome, result: Result) -> Decimal:
    """Return a sum of its own, or else of the sanctions that rest on the outcome and were imposed."""
    own = getattr(outcome, "amount", None)
    if isinstance(own, Decimal | int):
        return Decimal(own)
    resting = [one for one in result.resting_on(outcome) if isinstance(one, Sanction) and one.status == "imposed"]
    return sum((one.amount for one in resting if one.amount is not None), Decimal(0))


def _due_fault(expected: Expectation, norm: str, found: list[Outcome], result: Result) -> str | None:
    if not expected.checks_due:
        return None
    dues = result.dues(found)
    if expected.due is None:
        return "it has a deadline" if dues else None
    if expected.due in dues:
        return None
    shown = sorted({str(due) for one in found if (due := getattr(one, "due", None))})
    return f"it is due {', '.join(shown)}" if shown else f"nothing of `{norm}` has a deadline"


def _count_fault(expected: Expectation, found: list[Outcome]) -> str | None:
    if expected.count is None or expected.count == len(found):
        return None
    return f"there are {len(found)}"


def _steps_fault(expected: Expectation, found: list[Outcome]) -> str | None:
    if expected.steps is None:
        return None
    climbed = sorted((instant_of(one.time), one.id, one.step or "") for one in found if isinstance(one, Sanction))
    steps = tuple(step for _, _, step in climbed)
    return None if steps == expected.steps else f"the steps are {', '.join(steps) or 'none'}"


# --- in words ---------------------------------------------------------------------------------------------------------


def describe(outcome: Outcome) -> str:
    """Return an outcome on one line."""
    parts: list[Any] = [outcome.kind, outcome.status, getattr(outcome, "tier", None) or outcome.rule, outcome.person]
    amount = getattr(outcome, "amount", None)
    parts += [f"{amount} {getattr(outcome, 'currency', None) or ''}".strip() if amount is not None else None]
    due = getattr(outcome, "due", None)
    parts += [f"due {due}" if due else None, f"at {outcome.time}", f"[{outcome.matter}]"]
    if isinstance(outcome, Referral):
        parts += [outcome.question, "lacks " + ", ".join(outcome.lacks) if outcome.lacks else None]
    return " ".join(str(part) for part in parts if part)


def expected_text(expected: Expectation, who: str) -> str:
    """Return an expectation on one line."""
    parts = [expected.norm, who, expected.outcome]
    parts += [str(expected.amount)] if expected.amount is not None else []
    parts += [f"× {expected.count}"] if expected.count is not None else []
    parts += list(expected.steps or ())
    return " ".join(parts)


def nearest(expected: Expectation, who: str, result: Result) -> list[str]:
    """Return what came that is nearest to an expectation: of the norm and person, or else of either."""
    norm = local_id(expected.norm, result.pack)
    clause = norm.split("-", 1)[0]
    near = result.of(norm, who)
    if not near:
        same_norm = [one for one in result.standing.values() if bears(one, norm)]
        same_person = [
            one
            for one in result.standing.values()
            if normal(one.person) == normal(who) and one.rule.split("-", 1)[0] == clause
        ]
        near = same_norm[:_NEAREST] + same_person[:_NEAREST]
    said = sorted(result.words(norm, who)) or sorted({f"{word} ({person})" for person, word in result.verdicts(norm)})
    verdicts = f"{norm} was found {', '.join(said[:_NEAREST])}"
    return [describe(one) for one in near[: 2 * _NEAREST]] + ([verdicts] if said else [])


def unknown_norm(norm: str, pack: Pack) -> str | None:
    """Return what is wrong with an id that no norm of the pack has."""
    known = norm_ids(pack)
    if local_id(norm, pack) in known:
        return None
    hint = did_you_mean(local_id(norm, pack), known)
    return f"the pack has no norm {quoted(norm)}" + (f", {hint}" if hint else "")
