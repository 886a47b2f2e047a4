"""What follows: money, pay withheld, rights lost or granted, steps, notices, questions."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any, Final

import attrs

from dutyrules.calendars import PeriodKind, period_of
from dutyrules.outcomes import Entitlement, Notice, Outcome, Referral, Sanction
from dutyrules.policies.model import Act, Consequence
from dutyrules.runtime.board import outcome_id
from dutyrules.runtime.evaluation import PERIOD_NAMES
from dutyrules.runtime.store import FOREVER
from dutyrules.runtime.values import LARGEST, Unknown, calculate, is_figure, lacking

if TYPE_CHECKING:
    from dutyrules.policies.model import Discretion, Rule
    from dutyrules.policies.syntax import Expr
    from dutyrules.runtime.context import Context
    from dutyrules.runtime.machine import Machine
    from dutyrules.runtime.openings import Opening, OutcomeCell
    from dutyrules.runtime.store import Fact

CENT: Final = Decimal("0.01")
MONEY: Final = {Act.FINE, Act.DEDUCT, Act.COMPENSATE, Act.WITHHOLD}


@attrs.frozen
class Band:
    """The tier that was picked, and the number that picked it."""

    tier: str | None = None
    number: Any = None


@attrs.frozen
class Question:
    """What a person may answer: within bounds (inclusive), or not at all where the permission `none_if` holds.

    `sum`: a sum is asked for; `money`: a ruling that names a sum and no rule can mean this question.
    """

    outcome: str
    rule: str
    person: str | None
    opening: Opening
    low: Decimal | None = None
    high: Decimal | None = None
    none_if: str | None = None
    sum: bool = False
    money: bool = False


def plain(amount: object) -> Decimal:
    """Return a figure as Decimal, rounded half up to the cent, without trailing zeros."""
    value = amount if isinstance(amount, Decimal) else Decimal(str(amount))
    if not value.is_finite() or abs(value) >= LARGEST:
        return value
    if value != value.quantize(CENT, rounding=ROUND_HALF_UP):
        value = value.quantize(CENT, rounding=ROUND_HALF_UP)
    value = value.normalize()
    return value.quantize(Decimal(1)) if value == value.to_integral() else value


class Consequences:
    """Makes the outcome of a consequence for one bearer."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine

    def make(
        self,
        cell: OutcomeCell,
        rule: Rule,
        what: Consequence,
        opening: Opening,
        person: str | None,
        because: tuple[str, ...],
        band: Band,
    ) -> Outcome | None:
        """Make the outcome; what cannot be told becomes a question."""
        ctx = opening.ctx
        amount = self._amount(what, ctx, band)
        if isinstance(amount, Unknown):
            cell.undecidable(opening, amount)
            if what.act is not Act.WITHHOLD:  # what is withheld is lost whatever it comes to
                return None
            amount = None
        identity = self._identity(rule, opening, person)
        if isinstance(identity, Unknown):
            cell.undecidable(opening, identity)
            return None
        common: dict[str, Any] = {
            "matter": opening.matter_id,
            "person": person,
            "because": because,
            "identity": identity,
        }
        match what.act:
            case Act.NOTICE:
                return cell.outcome(Notice, "issued", opening.time, **common, notice=what.what or "notice")
            case Act.REFER:
                asks = self._asks(rule, ctx)
                return cell.outcome(
                    Referral, "opened", opening.time, **common, question="rules", asks=asks, lacks=(what.what or "",)
                )
            case Act.GRANT:
                return self._entitlement(cell, rule, what, opening, amount, common)
        if what.discretion is not None:
            return self._proposal(cell, rule, what, what.discretion, opening, common, band)
        return cell.outcome(Sanction, "imposed", opening.time, **common, **self._fields(what, opening, amount, band))

    # --- parts -----------------------------------------------------------------------------------------------------

    def _identity(self, rule: Rule, opening: Opening, person: str | None) -> str | Unknown:
        if not rule.once_per:
            return opening.matter_id
        values = []
        for name in rule.once_per:
            value = self._machine.same_value(name, opening, person)
            if value is None:
                return lacking(f"`{name}` of `{opening.matter_id}`")
            values.append(str(value))
        return ",".join(values)

    def _amount(self, what: Consequence, ctx: Context, band: Band) -> Decimal | Unknown | None:
        program = self._machine.program
        expr = what.amount
        if what.act is Act.FORFEIT:
            return Decimal(0)  # until it is known what was granted
        if expr is None:
            if what.act in (Act.GRANT, Act.WITHHOLD) and what.what is not None and what.what in program.pack.parameters:
                value = program.parameter(what.what, program.day_of(ctx))
                return None if isinstance(value, Unknown) or not is_figure(value) else plain(value)
            return None
        value = program.evaluator.tree(expr.tree)(ctx)
        if isinstance(value, Unknown):
            return value
        if what.percent_of is not None:
            base = program.evaluator.tree(what.percent_of.tree)(ctx)
            value = calculate("*", value, base) if not isinstance(base, Unknown) else base
            value = calculate("/", value, 100) if not isinstance(value, Unknown) else value
        if what.each and not isinstance(value, Unknown):
            value = calculate("*", value, band.number if band.number is not None else 1)
        if isinstance(value, Unknown):
            return value
        return plain(value) if is_figure(value) else lacking(f"a sum in `{expr.source}`")

    def _fields(self, what: Consequence, opening: Opening, amount: Decimal | None, band: Band) -> dict[str, Any]:
        pack = self._machine.program.pack
        return {
            "sanction": what.act.value,
            "amount": amount,
            "currency": pack.currency if amount is not None else None,
            "nature": what.nature,
            "what": None if what.act is Act.STEP else what.what,
            "step": what.what if what.act is Act.STEP else None,
            "tier": band.tier,
            "number": None if band.number is None else plain(band.number),
            "period": self._period(what, opening),
        }

    def _period(self, what: Consequence, opening: Opening) -> str | None:
        ctx = opening.ctx
        if what.for_ is None and ctx.period is None and what.act not in (Act.WITHHOLD, Act.FORFEIT):
            return None
        day = self._machine.program.day_of(ctx)
        kind = what.for_ or (ctx.period.kind.value if ctx.period is not None else "month")
        if day is None or kind not in PERIOD_NAMES:
            return what.for_
        return period_of(PeriodKind(kind), day).label

    def _asks(self, rule: Rule, ctx: Context) -> tuple[str, ...]:
        found = self._machine.program.bearers(rule.asks, ctx)
        return () if isinstance(found, Unknown) else tuple(found)

    def _entitlement(
        self,
        cell: OutcomeCell,
        rule: Rule,
        what: Consequence,
        opening: Opening,
        amount: Decimal | None,
        common: dict[str, Any],
    ) -> Outcome | None:
        program = self._machine.program
        due = None
        if rule.by is not None:
            moment = program.instants.read(rule.by, opening.ctx.looking(at=FOREVER), end=True)
            if isinstance(moment, Unknown):
                cell.undecidable(opening, moment)
                return None
            due = program.zone.iso(moment.time)
        day = program.day_of(opening.ctx)
        return cell.outcome(
            Entitlement,
            "granted",
            opening.time,
            **common,
            grant=what.what or "right",
            amount=amount,
            currency=program.pack.currency if amount is not None else None,
            due=due,
            period=None if day is None else period_of(PeriodKind.MONTH, day).label,
        )

    # --- discretion --------------------------------------------------------------------------------------------------

    def _proposal(
        self,
        cell: OutcomeCell,
        rule: Rule,
        what: Consequence,
        choice: Discretion,
        opening: Opening,
        common: dict[str, Any],
        band: Band,
    ) -> Outcome | None:
        program = self._machine.program
        low, high = self._figure(choice.low, opening.ctx), self._figure(choice.high, opening.ctx)
        proposal = self._figure(choice.proposal, opening.ctx)
        asks = program.bearers(choice.decided_by, opening.ctx)
        for doubt in (low, high, proposal, asks):
            if isinstance(doubt, Unknown):
                cell.undecidable(opening, doubt)
                return None
        assert not isinstance(asks, Unknown)  # noqa: S101 - for the type checker: looked at above
        assert not isinstance(low, Unknown)  # noqa: S101 - for the type checker: looked at above
        assert not isinstance(high, Unknown)  # noqa: S101 - as above
        assert not isinstance(proposal, Unknown)  # noqa: S101 - as above
        fields = self._fields(what, opening, proposal, band) | {"low": low, "high": high}
        sanction = cell.outcome(Sanction, "proposed", opening.time, **common, **fields)
        if choice.none_if is not None:
            free = self._machine.guards.permits(choice.none_if, opening.ctx.looking(at=FOREVER)) is True
            cell.verdict(opening, "permitted" if free else "not_permitted", rule=choice.none_if)
            if free:
                cell.outcome(
                    Referral, "opened", opening.time, **common, rule=choice.none_if, question="waiver", asks=tuple(asks)
                )
        question = Question(
            sanction.id,
            rule.id,
            sanction.person,
            opening,
            low,
            high,
            choice.none_if,
            sum=True,
            money=what.act in MONEY,
        )
        answer = self._ask(cell, opening, question)
        asked: dict[str, Any] = {"question": "discretion", "asks": tuple(asks), "low": low, "high": high}
        if answer is None:
            cell.outcome(Referral, "opened", opening.time, **common, **asked)
            return sanction
        return self._answered(cell, answer, common, fields, asked)

    def answer_to_referral(self, cell: OutcomeCell, opening: Opening, person: str | None) -> Fact | None:
        """Return the ruling that answers a referral, which asks for no sum and decides none."""
        pack = self._machine.program.pack
        name = outcome_id(pack.name, pack.section or "", cell.rule.id, "referral", opening.matter_id, person or "")
        question = Question(name, cell.rule.id, person, opening)
        return self._ask(cell, opening, question)

    def _answered(
        self,
        cell: OutcomeCell,
        answer: Fact,
        common: dict[str, Any],
        fields: dict[str, Any],
        asked: dict[str, Any],
    ) -> Outcome:
        amount = ruled_amount(answer)
        by = answer.data.get("by")
        common = common | {"because": (*common["because"], *answer.roots)}
        cell.outcome(Referral, "answered", answer.time, **common, **asked, by=by)
        refused = answer.data.get("impose") is False or amount == 0
        currency = self._machine.program.pack.currency if amount is not None else None
        fields = fields | {"amount": amount, "currency": currency, "by": by}
        return cell.outcome(Sanction, "voided" if refused else "imposed", answer.time, **common, **fields)

    def _figure(self, expr: Expr | None, ctx: Context) -> Decimal | Unknown | None:
        if expr is None:
            return None
        value = self._machine.program.evaluator.tree(expr.tree)(ctx)
        if isinstance(value, Unknown):
            return value
        return plain(value) if is_figure(value) else lacking(f"a sum in `{expr.source}`")

    def _ask(self, cell: OutcomeCell, opening: Opening, question: Question) -> Fact | None:
        aliases = {opening.matter_id, question.outcome, *opening.causes, *opening.roots}
        if opening.matter is not None:
            aliases.update(str(value) for value in opening.matter.key if not isinstance(value, bool))
        if opening.fact is not None and isinstance(about := opening.fact.data.get("about"), str):
            aliases.add(about)
        store = self._machine.program.store
        answers: list[Fact] = []
        for alias in sorted(aliases):
            cell.places[(("question", alias), opening.time, question.outcome)] = question
            self._machine.rulings.attend(alias)
            answers += [entry[2] for entry in store.read(("answer", alias, question.outcome))]
        answers.sort(key=lambda ruling: ruling.order)
        self._machine.rulings.too_late(question.outcome, answers[1:])
        return answers[0] if answers else None


def ruled_amount(ruling: Fact) -> Decimal | None:
    """Return the sum that a ruling names, None if it names none."""
    for name in ("amount_cny", "amount"):
        value = ruling.data.get(name)
        if value is not None:
            return plain(value)
    return None
