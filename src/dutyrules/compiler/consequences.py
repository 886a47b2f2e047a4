"""What follows: sums, notices, rights, questions."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from dutyrules.compiler.incoming import FIGURES
from dutyrules.compiler.layouts import Piece
from dutyrules.compiler.locality import is_local
from dutyrules.compiler.outcomes import constant, quoted
from dutyrules.compiler.views import Code, NotStreamable
from dutyrules.policies import syntax as s
from dutyrules.policies.model import Act, Kind
from dutyrules.policies.walk import walk
from dutyrules.runtime.consequences import plain

if TYPE_CHECKING:
    from dutyrules.compiler.expressions import Translator
    from dutyrules.compiler.outcomes import Outcomes
    from dutyrules.compiler.sections import Part
    from dutyrules.compiler.state import State
    from dutyrules.compiler.views import View
    from dutyrules.policies.model import Consequence, Discretion, Rule, Tier
    from dutyrules.policies.syntax import Expr, Who

IMPOSED: Final = frozenset({Act.FINE, Act.DEDUCT, Act.COMPENSATE, Act.WITHHOLD, Act.DISQUALIFY, Act.STEP})


class Consequences:
    """Writes the outcomes of consequences."""

    def __init__(self, state: State, outcomes: Outcomes, say: Translator) -> None:
        self._state = state
        self._outcomes = outcomes
        self._say = say

    def tiers(self, part: Part, rule: Rule, view: View) -> None:
        """Write what follows from the band in which a number lies."""
        assert rule.by_number is not None  # noqa: S101 - the loader demands it of tiers
        out = part.rules
        number = self._say.write(rule.by_number.tree, view)
        out.sure(number.maybe, rule.id)
        out(f"n = {number.text}")
        for position, tier in enumerate(rule.tiers):
            if tier.excused_by:
                raise NotStreamable("a tier can be excused later")
            test = f"n >= {tier.low}" if tier.high is None else f"{tier.low} <= n <= {tier.high}"
            with out.under(f"{'if' if position == 0 else 'elif'} {test}:"):
                self.follow(part, rule, view, tier.consequence, tier, "n")

    def follow(
        self, part: Part, rule: Rule, view: View, what: Consequence, tier: Tier | None, number: str | None
    ) -> None:
        """Write one consequence."""
        if what.percent_of is not None or what.for_ is not None:
            raise NotStreamable("its sum is a share of another or for a period")
        amount: list[Piece] = []
        if self._is_open(what):
            self._ask_for(part, rule, view, what)
            if what.act is not Act.WITHHOLD:  # what is withheld is lost whatever it comes to
                return
        else:
            amount = self._amount(part, rule, view, what, number)
        if what.act is Act.NOTICE:
            self.write(part, rule, view, "notice", "issued", [constant("notice", what.what or "notice")])
        elif what.act is Act.GRANT and rule.by is None and not rule.until:
            fields = [constant("grant", what.what or "right"), *amount, Piece("period", view.month)]
            self.write(part, rule, view, "entitlement", "granted", fields)
        elif what.act in IMPOSED and (what.act is not Act.STEP or self._stays(what)):
            fields = self._imposed(what, view, tier, amount)
            if what.discretion is None:
                self.write(part, rule, view, "sanction", "imposed", fields)
            else:
                self._propose(part, rule, view, what.discretion, fields)
        else:
            raise NotStreamable(f"what follows is `{what.act.value}`")

    def _imposed(self, what: Consequence, view: View, tier: Tier | None, amount: list[Piece]) -> list[Piece]:
        """Return the fields of a sanction."""
        fields = [constant("sanction", what.act.value), *amount]
        fields += [constant("nature", what.nature)] if what.nature is not None else []
        fields += [constant("step" if what.act is Act.STEP else "what", what.what)] if what.what is not None else []
        fields += [constant("tier", tier.id), Piece("number", "n")] if tier is not None else []
        return [*fields, Piece("period", view.month)] if what.act is Act.WITHHOLD else fields

    def _propose(self, part: Part, rule: Rule, view: View, choice: Discretion, fields: list[Piece]) -> None:
        """Write a sum that a person decides, and the question; an answer is left to the engine."""
        asks = offices(choice.decided_by)
        bounds = [
            Piece(name, str(_whole(bound)), constant=True)
            for name, bound in (("low", choice.low), ("high", choice.high))
            if bound is not None
        ]
        if choice.none_if is not None or any(one.name == "amount" for one in fields):
            raise NotStreamable("its sum may be nothing")
        if choice.proposal is not None:
            proposal = Piece("amount", str(_whole(choice.proposal)), constant=True)
            fields = [*fields, proposal, constant("currency", self._state.pack.currency)]
        self.write(part, rule, view, "sanction", "proposed", [*fields, *bounds])
        question = [constant("question", "discretion"), *([constant("asks", asks)] if asks else []), *bounds]
        self.write(part, rule, view, "referral", "opened", question)
        self._note(part, rule, "sanction", view)

    def write(self, part: Part, rule: Rule, view: View, kind: str, status: str, fields: list[Piece]) -> None:
        """Write one outcome of what is at hand."""
        self._outcomes.write(
            part.rules,
            rule,
            kind,
            status,
            clock=view.clock,
            matter=view.matter_id,
            person=view.person,
            because=view.causes,
            fields=fields,
        )

    def _amount(self, part: Part, rule: Rule, view: View, what: Consequence, number: str | None) -> list[Piece]:
        expr = what.amount
        currency = constant("currency", self._state.pack.currency)
        if expr is None:
            if what.what in self._state.pack.parameters:
                raise NotStreamable("its sum is a parameter of the same name")
            return []
        code = self._say.write(expr.tree, view)
        part.rules.sure(code.maybe, rule.id)
        if any(isinstance(one, s.Field) and self._is_figure(one.name) for one in walk(expr.tree)):
            raise NotStreamable("its sum has parts of a unit")
        if what.each:
            code = Code(f"({code.text}) * {number or 1}")
        if isinstance(expr.tree, s.Literal) and not what.each:
            return [constant("amount", format(plain(expr.tree.value), "f")), currency]
        if "Decimal" in code.text:
            raise NotStreamable("its sum has parts of a unit")
        part.rules(f"amount = {code.text}")
        return [Piece("amount", "amount"), currency]

    def _stays(self, what: Consequence) -> bool:
        """Tell whether a step stays as it is imposed: nothing raises it on its ladder, adds it up or overrules it."""
        ladder = next((one for one in self._state.pack.ladders.values() if what.what in one.steps), None)
        return ladder is None or not (ladder.repeat_same or ladder.accumulate or ladder.overruled_by)

    def _is_open(self, what: Consequence) -> bool:
        """Tell whether a sum is a parameter that has no value."""
        tree = None if what.amount is None else what.amount.tree
        return isinstance(tree, s.ParameterRef) and self._state.is_open(tree.name)

    def _ask_for(self, part: Part, rule: Rule, view: View, what: Consequence) -> None:
        """Write that a person is asked for the value of a parameter."""
        assert what.amount is not None  # noqa: S101 - callers have looked
        assert isinstance(what.amount.tree, s.ParameterRef)  # noqa: S101 - as above
        lacks = constant("lacks", [f"a value of parameter `{what.amount.tree.name}`"])
        self.write(part, rule, view, "referral", "opened", [constant("question", "undecidable"), lacks])

    def _is_figure(self, name: str) -> bool:
        fields = [event.fields.get(name) for event in self._state.pack.events.values()]
        return any(one is not None and one.type in FIGURES for one in fields)

    def refer(self, part: Part, rule: Rule, view: View) -> None:
        """Write that a person is asked."""
        asks = offices(rule.asks)
        fields = [constant("question", "review"), *([constant("asks", asks)] if asks else [])]
        self.write(part, rule, view, "referral", "opened", fields)
        self._note(part, rule, "referral", view)

    def _note(self, part: Part, rule: Rule, kind: str, view: View) -> None:
        """Write that a question has been put, with all names by which a ruling may mean it."""
        if not tells_questions(self._state):
            return
        if view.outcome_of is not None or view.causes != ("c",):
            self._state.asks["of what follows from others"] = None
            return
        identity = self._outcomes.identity(rule.id, kind, view.matter_id, view.person)
        names = [f"f{quoted(view.matter_id)}", f"f{quoted(identity)}", "c"]
        if view.matter is not None:
            record, variable = view.matter.record, view.matter.variable
            names += [f"str({self._state.record_field(record, one, variable).text})" for one in record.key]
        if "about" in view.event.fields:
            names.append(f"{view.fields('about')} or c")
        part.rules(f"rulings.ask({rule.id!r}, c, {', '.join(names)})")

    def cause(self, rule: Rule, kind: str, view: View) -> str:
        """Return the id of an outcome of what is at hand, as a cause of others."""
        return "@" + self._outcomes.identity(rule.id, kind, view.matter_id, view.person)


def asks_somebody(rule: Rule) -> bool:
    """Tell whether a rule puts a question that a ruling can answer."""
    made = [rule.consequence, *(tier.consequence for tier in rule.tiers)]
    return rule.kind is Kind.REFERRAL or any(one is not None and one.discretion is not None for one in made)


def tells_questions(state: State) -> bool:
    """Tell whether a program knows which questions have been put: not where people are looked at apart.

    Nor where something is asked that follows from other outcomes, whose causes a ruling may name.
    """
    ruling = state.pack.events.get("ruling")
    return ruling is not None and "about" in ruling.fields and not state.asks and not is_local(state)


def offices(who: tuple[Who, ...]) -> list[str]:
    """Return the offices that are named."""
    if any(one.office is None or one.of is not None for one in who):
        raise NotStreamable("whom it asks is worked out")
    return list(dict.fromkeys(str(one.office) for one in who))


def _whole(figure: Expr) -> int:
    """Return a sum that is written as a whole number."""
    value = figure.tree.value if isinstance(figure.tree, s.Literal) else None
    if isinstance(value, Decimal) and value == value.to_integral_value():
        return int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise NotStreamable("the bounds of its sum are worked out")
