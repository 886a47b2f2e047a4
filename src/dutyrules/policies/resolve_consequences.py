"""What follows from a rule: sums, discretion, pay withheld, steps, rights granted or lost."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

import attrs

from dutyrules.policies.bench import Bench, each_text, figure
from dutyrules.policies.diagnostics import quoted
from dutyrules.policies.faults import Fault, suggestion
from dutyrules.policies.grammar import Part, read_duration, read_sum
from dutyrules.policies.model import Act, Consequence, Discretion
from dutyrules.policies.names import NUMBER, PERIODS, Scopes
from dutyrules.policies.resolve_bearers import read_bearers
from dutyrules.policies.schema_rules import ConsequenceDoc, DecidedDoc, DiscretionDoc, GrantDoc

if TYPE_CHECKING:
    from dutyrules.calendars.durations import Duration
    from dutyrules.policies.shapes import Path
    from dutyrules.policies.syntax import Expr

ACTS: Final = tuple(act.value for act in Act)
SUMS: Final = ("fine", "deduct", "compensate")
MONEY: Final = (*SUMS, "withhold", "forfeit")
PERMISSIONS: Final = ("permission", "approval", "eligibility")
_NATURES: Final = {
    "fine": "fine",
    "deduct": "disciplinary_deduction",
    "compensate": "loss_compensation",
    "forfeit": "bonus_reduction",
}
_ONLY_WITH: Final = {"class": ("step",), "look_back": ("step",), "for": ("disqualify", "withhold"), "nature": MONEY}


def acts_of(doc: ConsequenceDoc) -> list[str]:
    """Return the keys that say what follows."""
    return [act for act in ACTS if getattr(doc, act) is not None]


class Consequences:
    """Reads the consequences of one pack's rules."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench

    def read(self, path: Path, doc: ConsequenceDoc, scopes: Scopes, *, tier: bool = False) -> Consequence | None:
        """Return the one consequence of a rule or tier, None where there are none or several (told elsewhere)."""
        acts = acts_of(doc)
        if len(acts) != 1:
            return None
        act = acts[0]
        self._check_additions(path, act, doc)
        found = self._consequence((*path, act), act, getattr(doc, act), scopes)
        if found is None:
            return None
        if found.each and not tier:
            fault = Fault("DR218", "`each` needs a number: it stands in a tier", help="write `by_number` and `tiers`")
            self.bench.tell((*path, act), fault)
        return attrs.evolve(
            found,
            class_=doc.class_,
            look_back=self._look_back(path, doc.look_back),
            for_=self._for(path, doc.for_),
            nature=self._nature(path, act, doc, found),
        )

    def _consequence(self, path: Path, act: str, value: object, scopes: Scopes) -> Consequence | None:
        match value:
            case DiscretionDoc():
                return Consequence(Act(act), discretion=self._discretion(path, value, scopes))
            case DecidedDoc():
                decided = self._decision(path, value, scopes)
                return Consequence(
                    Act(act),
                    what=value.what,
                    amount=self._priced((*path, "what"), value.what, scopes),
                    discretion=decided,
                )
            case GrantDoc():
                amount = self._sum((*path, "amount"), value.amount, scopes)
                return None if amount is None else Consequence(Act.GRANT, what=value.what, amount=amount.amount)
        if act in SUMS and isinstance(value, str | int | Decimal):
            amount = self._sum(path, value, scopes)
            return None if amount is None else attrs.evolve(amount, act=Act(act))
        if act == "forfeit" and isinstance(value, str | list):
            return Consequence(Act.FORFEIT, forfeits=self._forfeits(path, value))
        what = str(value)
        if act == "step":
            self._check_step(path, what)
            return Consequence(Act.STEP, what=what)
        return Consequence(
            Act(act), what=what, amount=self._priced(path, what, scopes) if act in ("grant", "withhold") else None
        )

    def _sum(self, path: Path, value: str | int | Decimal, scopes: Scopes) -> Consequence | None:
        read = self.bench.attempt(path, lambda: read_sum(figure(value)))
        if read is None:
            return None
        amount = self._figure(path, read.amount, scopes)
        percent_of = None if read.percent_of is None else self.bench.part(path, read.percent_of, scopes, NUMBER)
        if amount is None or (read.percent_of is not None and percent_of is None):
            return None
        return Consequence(Act.FINE, amount=amount, each=read.each, percent_of=percent_of)

    def _figure(self, path: Path, part: Part, scopes: Scopes) -> Expr | None:
        amount = self.bench.part(path, part, scopes, NUMBER)
        if amount is not None and part.text.startswith("-"):
            self.bench.tell(path, part.fault("DR220", f"{quoted(part.text)} is less than nothing"))
        return amount

    def _priced(self, path: Path, what: str, scopes: Scopes) -> Expr | None:
        """Return the sum of a right or pay that a parameter of its name gives."""
        if what not in self.bench.declared.parameters:
            return None
        return self.bench.expression(path, what, scopes, NUMBER)

    def _discretion(self, path: Path, doc: DiscretionDoc, scopes: Scopes) -> Discretion:
        bounds = [
            self._bound((*path, key), value, scopes)
            for key, value in (("from", doc.from_), ("to", doc.to), ("propose", doc.propose))
        ]
        low, high, proposal = bounds
        if isinstance(doc.from_, int) and isinstance(doc.to, int) and doc.to < doc.from_:
            self.bench.tell((*path, "to"), Fault("DR220", f"`{doc.to}` is less than `{doc.from_}`"))
        return Discretion(
            low,
            high,
            read_bearers(self.bench, (*path, "decided_by"), doc.decided_by, scopes),
            self._none_if(path, doc.none_if),
            proposal,
            self._within(path, doc.within),
        )

    def _decision(self, path: Path, doc: DecidedDoc, scopes: Scopes) -> Discretion:
        asked = read_bearers(self.bench, (*path, "decided_by"), doc.decided_by, scopes)
        return Discretion(None, None, asked, self._none_if(path, doc.none_if), None, self._within(path, doc.within))

    def _bound(self, path: Path, value: str | int | Decimal | None, scopes: Scopes) -> Expr | None:
        return None if value is None else self._figure(path, Part(figure(value), 0), scopes)

    def _within(self, path: Path, text: str | None) -> Duration | None:
        return None if text is None else self.bench.attempt((*path, "within"), lambda: read_duration(Part(text, 0)))

    def _none_if(self, path: Path, rule: str | None) -> str | None:
        if rule is None:
            return None
        named = named_rules(self.bench, (*path, "none_if"), rule, PERMISSIONS)
        return named[0] if named else None

    def _forfeits(self, path: Path, value: str | list[str]) -> tuple[str, ...]:
        return named_rules(self.bench, path, value, ("entitlement",))

    def _check_step(self, path: Path, step: str) -> None:
        steps = [each for ladder in self.bench.ladders.values() for each in ladder.steps]
        if step not in steps and not any(section == "ladders" for section, _ in self.bench.broken):
            help_ = suggestion(step, steps) or "declare it among the `steps` of a ladder"
            self.bench.tell(path, Fault("DR310", f"no ladder has the step {quoted(step)}", help=help_))

    def _look_back(self, path: Path, text: str | None) -> str | None:
        if text is not None and text not in PERIODS:
            self.bench.attempt((*path, "look_back"), lambda: read_duration(Part(text, 0)))
        return text

    def _for(self, path: Path, text: str | None) -> str | None:
        if text is not None and text not in PERIODS:
            self.bench.attempt((*path, "for"), lambda: read_duration(Part(text, 0)))
        return text

    def _nature(self, path: Path, act: str, doc: ConsequenceDoc, found: Consequence) -> str | None:
        if act not in MONEY:
            return None
        if doc.nature is not None:
            return doc.nature
        if act == "withhold":
            if any(word in (found.what or "") for word in ("performance", "bonus")):
                return "bonus_reduction"
            message = f"what withholding {quoted(found.what)} is in law is not said"
            self.bench.tell(
                (*path, act), Fault("DR706", message, help="add `nature: unpaid_time` or another of the five")
            )
        return _NATURES.get(act)

    def _check_additions(self, path: Path, act: str, doc: ConsequenceDoc) -> None:
        for key, allowed in _ONLY_WITH.items():
            value = getattr(doc, {"class": "class_", "for": "for_"}.get(key, key))
            if value is not None and act not in allowed:
                listed = " or ".join(f"`{each}`" for each in allowed)
                self.bench.tell_key((*path, key), "DR218", f"`{key}` needs {listed}")


def named_rules(bench: Bench, path: Path, names: str | list[str] | None, kinds: tuple[str, ...]) -> tuple[str, ...]:
    """Return the rules that a key names, of the kinds that may stand there."""
    found: list[str] = []
    for at, name in ((at, name) for at, text in each_text(path, names) for name in bench.spread(text, kinds)):
        if not bench.known("rules", name, bench.rules):
            bench.unknown(
                at,
                Part(name, 0),
                "DR304",
                "rule",
                [each for each, doc in bench.rules.items() if doc.kind in kinds] or bench.rules,
            )
            continue
        rule = bench.sound_rule(name)
        if rule is not None and rule.kind not in kinds:
            article = "an" if kinds[0][0] in "aeio" else "a"
            wanted = f"{article} {' or '.join(kinds)}"
            bench.tell(at, Fault("DR311", f"{quoted(name)} is of kind `{rule.kind}`, where {wanted} is wanted"))
            continue
        found.append(name)
    return tuple(found)
