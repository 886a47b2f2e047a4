"""Rulings: which open question each one answers."""

from __future__ import annotations

import attrs

from dutyrules.policies.model import Kind

from . import cases, consequences, facts, truth
from .truth import Unknown

UNANSWERABLE = "DR622"
OUT_OF_BOUNDS = "DR623"
MONEY = ("fine", "deduct", "compensate", "withhold")


@attrs.frozen(eq=False)
class Question:
    """Something that a person decides: open from `time` on, within `low` and `high` where there are bounds.

    `name` is the id of the sanction that hangs on it, or of the referral; `given` is None where no sum is asked for.
    """

    name: str
    case: cases.Case
    given: object
    time: int
    low: object = None
    high: object = None


def on_sum(world, case, given, bounds) -> Question:
    """Return the question what sum a sanction comes to."""
    return Question(cases.outcome_id(world, case, "sanction"), case, given, case.first.time, *bounds)


@attrs.frozen(eq=False)
class Answer:
    """A ruling that answers: its sum, None where it lets go free."""

    fact: facts.Fact
    amount: object
    free: bool


def questions(world) -> list[Question]:
    """Return every question that stands, answered or not."""
    found = []
    for rule in world.pack.rules.values():
        plain = rule.kind is Kind.REFERRAL and rule.consequence is None and not rule.tiers
        if not plain and not decidable(rule):
            continue
        for case in [*world.cases(rule.id), *world.findings(rule.id)]:
            if case.lacks or case.excused is not None:
                continue
            if plain:
                found.append(Question(cases.outcome_id(world, case, "referral"), case, None, case.first.time))
                continue
            given = consequences.given_in(world, rule, case)
            if given is None or given.discretion is None:
                continue
            bounds = bounds_of(world, case, given)
            if not isinstance(bounds, Unknown):
                found.append(on_sum(world, case, given, bounds))
    return found


def decidable(rule) -> bool:
    """Tell whether a rule leaves something to a person."""
    givens = [rule.consequence, *(tier.consequence for tier in rule.tiers)]
    return any(given is not None and given.discretion is not None for given in givens)


def bounds_of(world, case, given):
    """Return the bounds of a discretion, or an unknown where they are not known."""
    bounds = [
        None if each is None else consequences.value_at(world, each, case.spot)
        for each in (given.discretion.low, given.discretion.high)
    ]
    return truth.unknowns(bounds) or tuple(bounds)


def settled(world) -> tuple[dict[str, Answer], dict[str, str]]:
    """Return the answer to each question by its name, and by ruling why it was set aside.

    What a ruling decides may bring up further questions: they are looked for with the answers that the world was given.
    """
    answers: dict[str, Answer] = {}
    refused: dict[str, str] = {}
    there = questions(world)
    for fact in sorted((fact for fact in world.events if fact.name == "ruling"), key=lambda fact: fact.order):
        meant = [
            question
            for question in there
            if question.name not in answers and question.time <= fact.time and speaks_of(world, fact, question)
        ]
        amount, impose = sum_of(fact), fact.data.get("impose")
        if not meant and amount is None and impose is None:
            continue  # a plain fact, which may excuse or overrule
        if len(meant) != 1:
            refused[fact.id] = UNANSWERABLE
            continue
        question = meant[0]
        free = impose is False or (amount == 0 and consequences.may_go_free(world, question, fact.time))
        if not free and amount is not None and outside(question, amount):
            refused[fact.id] = OUT_OF_BOUNDS
            continue
        answers[question.name] = Answer(fact, amount, impose is False or amount == 0)
    return answers, refused


def sum_of(fact):
    """Return the sum that a ruling names, None where it names none."""
    return fact.data.get("amount_cny", fact.data.get("amount"))


def speaks_of(world, fact, question) -> bool:
    """Tell whether a ruling is about a question: by `about`, and by norm and person where it names them."""
    case = question.case
    if fact.id in cases.roots_of(case):
        return False  # a ruling answers no question that it has brought up itself
    key = case.matter.instance.key if case.matter.instance is not None else {}
    names = {
        question.name,
        case.matter.id,
        *(facts.shown(value) for value in key.values()),
        *case.causes,
        *cases.roots_of(case),
    }
    trigger = case.spot.fact
    if trigger is not None and trigger.data.get("about") is not None:
        names.add(facts.shown(trigger.data["about"]))
    if fact.data.get("about") not in names:
        return False
    norm, impose = fact.data.get("norm", fact.data.get("code")), fact.data.get("impose")
    if norm is not None and norm.removeprefix(world.pack.prefix) != case.rule.id:
        return False
    if fact.data.get("person") not in (None, case.bearer):
        return False
    if question.given is None:
        return norm is not None or impose is not None
    if impose is not None:
        return True
    return sum_of(fact) is not None and (norm is not None or str(question.given.act) in MONEY)


def outside(question, amount) -> bool:
    """Tell whether a sum lies outside the bounds of a question, both included."""
    return (question.low is not None and amount < question.low) or (
        question.high is not None and amount > question.high
    )


def answer(world, name: str) -> Answer | None:
    """Return the answer for a sanction, None while nobody ruled."""
    return world.answers.get(name)
