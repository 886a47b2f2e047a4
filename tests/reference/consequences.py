"""What follows from a case: sums, bands, rights and questions."""

from __future__ import annotations

import datetime as dt

import attrs

from dutyrules.policies.model import Act, Kind

from . import asked as asked_before
from . import cases, days, expressions, guards, ladders, layers, relations, rights, rulings, triggers, truth
from .facts import Spot
from .outcomes import Made, make, owed_outcomes, undecidable
from .truth import Unknown

SILENT = {Kind.CHOICE, Kind.VALUE, Kind.SCHEDULE, Kind.ADVICE}
BREAKABLE = {Kind.PROHIBITION, Kind.OBLIGATION}
ALLOWING = {Kind.PERMISSION, Kind.APPROVAL, Kind.ELIGIBILITY}


def of_rule(world, rule) -> list[Made]:
    """Return the outcomes of one rule by itself, before choices, forfeits and ladders."""
    if rule.kind in SILENT:
        return []
    if rule.kind in ALLOWING and not (rule.until or rule.until_all):
        return refused(world, rule)
    observed = decided(world, rule, world.findings(rule.id)) + asked_before.of_rule(world, rule)
    if rule.gap is not None:
        return observed + [made for owed in world.obligations(rule.id) for made in owed_outcomes(world, owed)]
    if (rule.until or rule.until_all) and rule.kind is not Kind.ENTITLEMENT:
        doubts = [
            undecidable(world, case, case.lacks) for case in world.cases(rule.id) if case.lacks and not case.excused
        ]
        owed_ones = [made for owed in world.obligations(rule.id) for made in owed_outcomes(world, owed)]
        return doubts + owed_ones + observed
    return decided(world, rule, world.cases(rule.id)) + observed


def decided(world, rule, found_cases) -> list[Made]:
    """Return what follows from the cases that stand, and a question for each that cannot be decided."""
    found = []
    for case in found_cases:
        if case.excused is None:
            found += [undecidable(world, case, case.lacks)] if case.lacks else follow(world, rule, case)
    return found


def refused(world, rule) -> list[Made]:
    """Return a notice for each trigger that an approval or eligibility does not allow."""
    found = []
    for case in cases.not_permitted(world, rule):
        if case.lacks:
            found.append(undecidable(world, case, case.lacks))
        elif rule.kind is not Kind.PERMISSION:
            missing = ", ".join(guards.lacking_needs(world, rule, case.spot)) or None
            found.append(make(world, case, "notice", "issued", case.first.time, notice="not_permitted", detail=missing))
    return found


def follow(world, rule, case) -> list[Made]:
    """Return what follows from a standing case."""
    if rule.kind in BREAKABLE and rule.soft is not None:
        return [make(world, case, "notice", "issued", case.first.time, notice="soft_limit", detail=rule.soft)]
    if rule.kind in BREAKABLE:
        judged = triggers.set_off(rule) and triggers.is_found(world, rule, case.spot.fact)  # papers are not looked into
        missing = () if judged else guards.lacking_needs(world, rule, case.spot)
        date = case.matter.date.isoformat()
        return [make(world, case, "breach", "breached", case.first.time, date=date, lacking=missing)]
    if rule.kind is Kind.REFERRAL and rule.consequence is None:
        return [referred(world, case, asked(world, rule.asks, case))]
    if rule.kind is Kind.ENTITLEMENT:
        return rights.of_case(world, rule, case)
    if rule.tiers:
        return banded(world, rule, case)
    if rule.consequence is not None:
        return consequence(world, case, rule.consequence)
    return []


def referred(world, case, asks) -> Made:
    """Return a question for review, answered where a ruling was given on it."""
    answer = rulings.answer(world, cases.outcome_id(world, case, "referral"))
    if answer is None:
        return make(world, case, "referral", "opened", case.first.time, question="review", asks=asks)
    by = answer.fact.data.get("by")
    time, because = answer.fact.time, answer.fact.causes
    return make(world, case, "referral", "answered", time, because, question="review", asks=asks, by=by)


def asked(world, who, case) -> tuple[str, ...]:
    """Return the persons or offices that are asked."""
    found: list[str] = []
    for each in who:
        names = guards.bearer(world, each, case.spot)
        if not isinstance(names, Unknown):
            found += [name for name in names if name not in found]
    return tuple(found)


# --- bands ------------------------------------------------------------------------------------------------------------


def band(world, rule, case):
    """Return the number and the band that it falls into: None for no band, an unknown where it cannot be had."""
    number = expressions.evaluate(world, rule.by_number.tree, case.spot)
    if isinstance(number, Unknown):
        return number, number
    for tier in rule.tiers:
        if tier.low <= number and (tier.high is None or number <= tier.high):
            return number, tier
    return number, None


def band_excuse(world, tier, case):
    """Return the fact that excuses a band for a case, None where there is none; a period is judged as a whole."""
    since = case.first.time if case.first.span is None else case.first.span.start - 1
    return cases.excuse_of(world, tier.excused_by, case.first, since)


def banded(world, rule, case) -> list[Made]:
    """Return the sanction of the band that a number falls into."""
    number, tier = band(world, rule, case)
    if isinstance(tier, Unknown):
        return [undecidable(world, case, tier.lacks)]
    if tier is None or band_excuse(world, tier, case) is not None:
        return []
    if rule.marginal:
        return marginal(world, rule, case, number, tier)
    return consequence(world, case, tier.consequence, number=number, tier=tier)


def marginal(world, rule, case, number, top) -> list[Made]:
    """Return the sanction of a number whose parts are each charged in their own band."""
    total = 0
    for tier in rule.tiers:
        if tier.low <= number and tier.consequence.amount is not None:
            units = min(number, tier.high if tier.high is not None else number) - tier.low + 1
            amount = sum_of(world, tier.consequence, case.spot, units)
            if isinstance(amount, Unknown):
                return [undecidable(world, case, amount.lacks)]
            total += amount
    made = consequence(world, case, top.consequence, number=number, tier=top)
    return [each.with_(amount=truth.money(total)) if "amount" in each.fields else each for each in made]


def excused(world, rule) -> list[tuple]:
    """Return the cases of a rule that were excused, wholly or in their band, with when and by what."""
    if rule.gap is not None:
        return []
    if rule.until or rule.until_all:
        return [(owed.case, owed.case.excused) for owed in world.obligations(rule.id) if owed.excused]
    found = [(case, case.excused) for case in world.cases(rule.id) if case.excused is not None and not case.lacks]
    for case in world.cases(rule.id) if rule.tiers else []:
        if case.excused is None and not case.lacks:
            _, tier = band(world, rule, case)
            if tier is None or isinstance(tier, Unknown):
                continue
            fact = band_excuse(world, tier, case)
            if fact is not None:
                found.append((case, (max(fact.time, case.first.time), fact.causes)))
    return found


# --- single consequences ----------------------------------------------------------------------------------------------


def sum_of(world, given, spot, number=None):
    """Return the sum that a consequence names: a figure, one for each unit, or a percentage."""
    amount = expressions.evaluate(world, given.amount.tree, spot)
    if given.percent_of is not None:
        base = expressions.evaluate(world, given.percent_of.tree, spot)
        amount = truth.calculated("/", truth.calculated("*", amount, base), 100)
    if given.each:
        amount = truth.calculated("*", amount, number)
    return amount if isinstance(amount, Unknown) else truth.money(amount)


def consequence(world, case, given, number=None, tier=None) -> list[Made]:
    """Return the outcome of a consequence, or the question in its place."""
    if given.act is Act.NOTICE:
        return [make(world, case, "notice", "issued", case.first.time, notice=given.what)]
    if given.act is Act.REFER:
        asks = asked(world, case.rule.asks, case)
        return [
            make(world, case, "referral", "opened", case.first.time, question="rules", asks=asks, lacks=(given.what,))
        ]
    more = {
        "sanction": str(given.act),
        "what": given.what if given.act is not Act.STEP else None,
        "step": given.what if given.act is Act.STEP else None,
        "nature": given.nature,
        "tier": tier.id if tier is not None else None,
        "number": number,
        "period": period_of(case, given),
    }
    if given.discretion is not None:
        return proposed(world, case, given, more)
    extra = []
    if given.amount is not None:
        amount = sum_of(world, given, case.spot, number)
        if isinstance(amount, Unknown):
            if given.act is not Act.WITHHOLD:
                return [undecidable(world, case, amount.lacks)]
            extra = [undecidable(world, case, amount.lacks)]
        else:
            more |= {"amount": amount, "currency": world.pack.currency}
    made = make(world, case, "sanction", "imposed", case.first.time, **more)
    made.consequence = given
    return [made, *extra]


def period_of(case, given) -> str | None:
    """Return the period for which something is withheld or lost."""
    if given.for_:
        return days.dates_of(given.for_, case.matter.date)[0]
    if case.matter.period is not None:
        return case.matter.period.label
    if given.act in (Act.WITHHOLD, Act.FORFEIT):
        return days.dates_of("month", case.matter.date)[0]
    return None


# --- discretion -------------------------------------------------------------------------------------------------------


def given_in(world, rule, case):
    """Return the consequence that a case has, that of its band where there are bands; None where there is none."""
    if not rule.tiers:
        return rule.consequence
    _, tier = band(world, rule, case)
    if tier is None or isinstance(tier, Unknown) or band_excuse(world, tier, case) is not None:
        return None
    return tier.consequence


def value_at(world, expr, spot):
    """Return the value of an expression at a spot."""
    return expressions.evaluate(world, expr.tree, spot)


def proposed(world, case, given, more) -> list[Made]:
    """Return a proposed sanction with its question, or what a ruling made of it."""
    bounds = rulings.bounds_of(world, case, given)
    if isinstance(bounds, Unknown):
        return [undecidable(world, case, bounds.lacks)]
    question = rulings.on_sum(world, case, given, bounds)
    answer = rulings.answer(world, question.name)
    asks = asked(world, given.discretion.decided_by, case)
    limits = {"low": question.low, "high": question.high}
    status, answered, time, because = "proposed", "opened", case.first.time, ()
    amount = proposal_of(world, case, given)
    if answer is not None:
        status, answered = ("voided" if answer.free else "imposed"), "answered"
        time, because, amount = answer.fact.time, answer.fact.causes, answer.amount
        limits["by"] = answer.fact.data.get("by")
    sums = {} if amount is None else {"amount": amount, "currency": world.pack.currency}
    made = make(world, case, "sanction", status, time, because, **{**more, **limits, **sums})
    made.consequence = given
    found = [made, make(world, case, "referral", answered, time, because, question="discretion", asks=asks, **limits)]
    if may_go_free(world, question, world.as_of):
        found.append(waiver(world, case, given, asks))
    return found


def proposal_of(world, case, given):
    """Return the sum that is proposed until a person decides, None where none is."""
    if given.discretion.proposal is None:
        return None
    amount = value_at(world, given.discretion.proposal, case.spot)
    return None if isinstance(amount, Unknown) else amount


def waiver(world, case, given, asks) -> Made:
    """Return the question whether to let go free, which a permission makes possible."""
    other = attrs.evolve(case, rule=world.pack.rules[given.discretion.none_if])
    return make(world, other, "referral", "opened", case.first.time, question="waiver", asks=asks)


def may_go_free(world, question, at: int):
    """Tell whether the permission to go free holds for a question at an instant."""
    name = question.given.discretion.none_if
    if name is None:
        return False
    spot = question.case.spot
    return guards.permits(world, name, Spot(at=at, day=spot.day, fact=spot.fact, matter=spot.matter)) is True


def standing(world, layer: int) -> list[Made]:
    """Return the outcomes of all rules up to a layer, after choices, forfeits and ladders."""

    def find() -> list[Made]:
        names = [name for name, own in layers.layers_of(world.pack).items() if own <= layer]
        made = [each for name in names for each in of_rule(world, world.pack.rules[name])]
        return ladders.climb(world, relations.settle(world, made, set(names)))

    return world.once(("standing", layer), find)


def sanction_facts(world, name: str) -> list:
    """Return the sanctions of a rule that stand imposed as facts."""
    found = []
    for made in standing(world, layers.layers_of(world.pack)[name]):
        fields = made.fields
        if fields["rule"] == name and fields["kind"] == "sanction" and fields["status"] == "imposed":
            fact = cases.fact_of(made.case, "sanction", made.id, instant_of(fields["time"]))
            answer = world.answers.get(made.id)
            if answer is not None:
                fact = attrs.evolve(fact, roots=(*fact.roots, answer.fact.id))
            more = {key: fields[key] for key in ("amount", "tier", "step") if fields.get(key) is not None}
            found.append(attrs.evolve(fact, data={**fact.data, **more}))
    return found


def instant_of(text: str) -> int:
    """Return the instant of an outcome's time."""
    return int(dt.datetime.fromisoformat(text).timestamp())
