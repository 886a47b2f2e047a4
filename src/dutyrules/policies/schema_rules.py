"""The shape of a rule and of a ladder as a pack writes them; what the texts inside mean is read later."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, Strict, StringConstraints, WithJsonSchema

Text = Annotated[str, StringConstraints(min_length=1)]
Whole = Annotated[int, Strict()]
Figure = Annotated[int, Strict()] | Annotated[Decimal, Strict(), WithJsonSchema({"type": "number"})]
Scalar = Annotated[bool, Strict()] | Figure | Text
Texts = Text | Annotated[list[Text], Field(min_length=1)]
Words = Text | dict[Literal["en", "zh"], Text]

KindWord = Literal[
    "obligation",
    "prohibition",
    "permission",
    "approval",
    "eligibility",
    "entitlement",
    "sanction",
    "choice",
    "value",
    "definition",
    "schedule",
    "procedure",
    "referral",
    "advice",
]
Nature = Literal["unpaid_time", "loss_compensation", "bonus_reduction", "disciplinary_deduction", "fine"]


class Raw(BaseModel):
    """A mapping of a pack whose keys are all known; its validator is built when the first one is read."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class InForceDoc(Raw):
    """The first and last day on which something applies."""

    since: Text | None = None
    until: Text | None = None


class InstantChoice(Raw):
    """One instant or another, by a condition."""

    if_: Text = Field(alias="if")
    then: InstantDoc
    otherwise: InstantDoc = Field(alias="else")


InstantDoc = Text | InstantChoice


class NeedDoc(Raw):
    """A fact that is needed, by whom it must be done, and when it is needed at all."""

    fact: Text
    who: Texts | None = None
    if_: Text | None = Field(None, alias="if")


Needs = dict[Text, Text | NeedDoc] | Annotated[list[Text], Field(min_length=1)]


class MovedDoc(Raw):
    """Facts that move a deadline, and the field that says to when."""

    when: Texts
    to: Text
    clause: Text | None = None


class PausedDoc(Raw):
    """Facts that stop a clock, and those that start it again."""

    when: Texts
    until: Texts


class DiscretionDoc(Raw):
    """A sum that a person decides."""

    from_: Text | Figure | None = Field(None, alias="from")
    to: Text | Figure | None = None
    decided_by: Texts
    none_if: Text | None = None
    propose: Text | Figure | None = None
    within: Text | None = None


class DecidedDoc(Raw):
    """Something other than a sum that a person decides."""

    what: Text
    decided_by: Texts
    none_if: Text | None = None
    within: Text | None = None


class GrantDoc(Raw):
    """A right with its sum."""

    what: Text
    amount: Text | Figure


Sum = Text | Figure | DiscretionDoc
Decided = Text | DecidedDoc


class ConsequenceDoc(Raw):
    """The keys of which exactly one says what follows, and those that add to it."""

    fine: Sum | None = None
    deduct: Sum | None = None
    compensate: Sum | None = None
    withhold: Decided | None = None
    forfeit: Texts | None = None
    disqualify: Decided | None = None
    step: Text | None = None
    notice: Text | None = None
    grant: Text | GrantDoc | None = None
    refer: Decided | None = None
    class_: Text | None = Field(None, alias="class")
    look_back: Text | None = None
    for_: Text | None = Field(None, alias="for")
    nature: Nature | None = None


class TierDoc(ConsequenceDoc):
    """One band of a number with its consequence; both ends are included."""

    from_: Whole = Field(alias="from")
    to: Whole | None = None
    excused_by: Texts | None = None
    says: Words | None = None


class RuleDoc(ConsequenceDoc):
    """One norm of the regulation."""

    kind: KindWord
    says: Words | None = None
    clause: Scalar | None = None
    in_force: InForceDoc | None = None
    vague: Text | None = None
    when: Texts | None = None
    whenever: Text | None = None
    every: Text | None = None
    gap: Text | None = None
    about: Text | None = None
    for_each: Text | None = None
    during: Text | None = None
    if_: Text | None = Field(None, alias="if")
    needs: Needs | None = None
    needs_any: Needs | None = None
    in_order: list[Text] | None = None
    asked_by: Texts | None = None
    unless: Texts | None = None
    who: Texts | None = None
    from_: InstantDoc | None = Field(None, alias="from")
    by: InstantDoc | None = None
    within: Text | None = None
    promptly: Text | None = None
    until: Texts | None = None
    until_all: Texts | None = None
    at_least: Whole | Text | None = None
    distinct: Text | None = None
    one_act: Literal["all", "oldest"] | None = None
    moved_by: MovedDoc | list[MovedDoc] | None = None
    waived_by: Texts | None = None
    paused_by: PausedDoc | None = None
    excused_by: Texts | None = None
    soft: Text | None = None
    observed: Annotated[bool, Strict()] | None = None
    relies_on: Texts | None = None
    by_number: Text | None = None
    tiers: dict[Text, TierDoc] | None = None
    marginal: Annotated[bool, Strict()] | None = None
    once_per: Texts | None = None
    postponed_while: Text | None = None
    postponed_as: Text | None = None
    of: Texts | None = None
    same: Texts | None = None
    keep: Literal["heaviest"] | None = None
    counts_as: Text | None = None
    with_: dict[Text, Scalar] | None = Field(None, alias="with")
    voids: Literal["trigger"] | None = None
    asks: Texts | None = None


class RepeatDoc(Raw):
    """How a repeated offence climbs."""

    same: Literal["class"]
    raise_: Whole | Text = Field(alias="raise")
    cap: Text | None = None
    at_cap: Text | None = None
    within: Text | None = None


class AccumulationDoc(Raw):
    """So many entries of one step that they bring another, or a review."""

    of: Text
    reaches: Whole | Text
    within: Text | None = None
    used_up: Annotated[bool, Strict()] | Text = False
    gives: Text | None = None
    asks: Text | None = None
    says: Words | None = None


class OverruleDoc(Raw):
    """A ruling that sets an entry aside or puts another step in its place."""

    when: Text
    if_: Text | None = Field(None, alias="if")
    says: Words | None = None


class LadderDoc(Raw):
    """Ordered steps that repeat offences climb."""

    per: Text
    steps: Annotated[list[Text], Field(min_length=1)]
    repeat: RepeatDoc | None = None
    accumulate: dict[Text, AccumulationDoc] | None = None
    overruled_by: dict[Text, OverruleDoc] | None = None
