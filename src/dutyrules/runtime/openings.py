"""What sets a rule off for one matter, and the outcomes that a case makes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeVar

from msgspec.structs import replace

from dutyrules.outcomes import Breach, Deadline, Entitlement, Notice, Obligation, Outcome, Referral, Sanction
from dutyrules.runtime.board import outcome_id
from dutyrules.runtime.store import NO_ENTRIES, NO_FACTS, Cell, Fact
from dutyrules.runtime.values import Struct, Unknown

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Mapping

    from dutyrules.policies.model import Rule
    from dutyrules.runtime.context import Context
    from dutyrules.runtime.instances import Instance
    from dutyrules.runtime.machine import Machine
    from dutyrules.runtime.store import Key, Store

Made = TypeVar("Made", bound=Outcome)
NO_OUTCOMES: Final[dict[str, Outcome]] = {}  # what a cell has made that has not run: never filled
KINDS: Final[dict[type[Outcome], str]] = {
    made: made.__name__.lower() for made in (Obligation, Deadline, Breach, Sanction, Entitlement, Referral, Notice)
}


class Opening(Struct, frozen=True, eq=False):
    """One time that a rule was set off: by which fact, for which matter and bearers; `doubt`: whether is not known.

    `key` names the fields by which later facts are matched. `start` is the clock's start, `due_day` the last day
    of a period.
    """

    time: int
    matter_id: str
    ctx: Context
    bearers: tuple[str, ...]
    causes: tuple[str, ...]
    roots: tuple[str, ...]
    fact: Fact | None = None
    matter: Instance | None = None
    doubt: Unknown | None = None
    lacking: tuple[str, ...] = ()
    start: int | None = None
    due_day: dt.date | None = None
    key: tuple[str, ...] = ()
    values: tuple[Any, ...] = ()
    number: Any = None

    @property
    def order(self) -> tuple[int, str]:
        """Return the place of the opening among others."""
        return (self.time, self.fact.id if self.fact is not None else "")

    def but(self, **changes: Any) -> Opening:  # noqa: ANN401 - the values of the fields above
        """Return the same opening with some fields changed."""
        return replace(self, **changes)

    def of(self, person: str | None) -> Opening:
        """Return the opening for one bearer alone, or for nobody."""
        bearers = () if person is None else (person,)
        return self if self.bearers == bearers else self.but(bearers=bearers)

    def same(self, other: object) -> bool:
        """Tell whether two openings say the same."""
        return (
            isinstance(other, Opening)
            and self.fact is other.fact
            and self.matter is other.matter
            and (self.time, self.matter_id, self.bearers, self.causes, self.doubt, self.lacking, self.number)
            == (other.time, other.matter_id, other.bearers, other.causes, other.doubt, other.lacking, other.number)
        )

    def __eq__(self, other: object) -> bool:
        """Compare by what they say; a bucket's entry is replaced only when it differs."""
        return self.same(other)

    __hash__ = None  # type: ignore[assignment]


def causes_of(fact: Fact) -> tuple[str, ...]:
    """Return the events or outcome that a fact stands for."""
    return fact.causes or fact.roots


class OutcomeCell(Cell):
    """A cell that makes outcomes, facts for other rules, and entries for others to read; `stood`: those of before."""

    __slots__ = ("facts", "machine", "outcomes", "places", "rule", "stood", "verdicts")

    def __init__(self, machine: Machine, rule: Rule, layer: int, key: Key) -> None:
        super().__init__(layer, key)
        self.machine = machine
        self.rule = rule
        self.outcomes = NO_OUTCOMES
        self.facts = NO_FACTS
        self.places = self.stood = NO_ENTRIES
        self.verdicts: tuple[tuple[str, str, str], ...] = ()
        machine.cells_of[rule.id].add(self)

    def run(self, store: Store) -> None:
        """Make the outcomes again and hand on what changed."""
        old, facts, stood = self.outcomes, self.facts, self.places
        self.outcomes, self.facts, self.places, self.stood, self.verdicts = {}, {}, {}, stood, ()
        self.make(store)
        if old or self.outcomes:
            self.machine.board.hand_over(old, self.outcomes)
        self.stood = NO_ENTRIES
        if facts or self.facts:
            store.exchange_facts(facts, self.facts)
        if stood or self.places:
            store.exchange_entries(stood, self.places)
        self._keep_nothing_empty()

    def _keep_nothing_empty(self) -> None:
        """Hold no empty dictionaries: most cells make one thing alone, and there are some for each event."""
        self.outcomes = self.outcomes or NO_OUTCOMES
        self.facts = self.facts or NO_FACTS
        self.places = self.places or NO_ENTRIES

    def make(self, store: Store) -> None:
        """Fill `outcomes`, `facts`, `places` and `verdicts`."""
        raise NotImplementedError

    # --- outcomes --------------------------------------------------------------------------------------------------

    def outcome(
        self,
        made: type[Made],
        status: str,
        time: int,
        *,
        matter: str,
        person: str | None,
        because: Iterable[str],
        rule: str | None = None,
        **fields: Any,  # noqa: ANN401 - the fields of the outcome's own class
    ) -> Made:
        """Make an outcome of this rule and keep it."""
        program = self.machine.program
        pack, name, kind = program.pack, rule or self.rule.id, KINDS[made]
        identity = fields.pop("identity", matter)
        outcome = made(
            kind=kind,
            status=status,
            id=outcome_id(pack.name, pack.section or "", name, kind, identity, person or ""),
            time=program.zone.iso(time),
            pack=pack.name,
            rule=name,
            clause=self.rule.clause if rule is None else _clause(program.pack.rules, name),
            person=person,
            matter=matter,
            because=tuple(sorted(set(because))),
            **fields,
        )
        self.outcomes[outcome.id] = outcome
        return outcome

    def undecidable(self, opening: Opening, doubt: Unknown, *, time: int | None = None) -> None:
        """Ask a person, saying what is lacking, in place of an outcome."""
        self.verdict(opening, "undecidable")
        for person in opening.bearers or (None,):
            self.outcome(
                Referral,
                "opened",
                opening.time if time is None else time,
                matter=opening.matter_id,
                person=person,
                because=opening.causes,
                question="undecidable",
                lacks=doubt.lacks,
            )

    def verdict(self, opening: Opening, word: str, *, rule: str | None = None) -> None:
        """Remember, for who asks, what this rule found about its bearers."""
        self.found(opening.bearers, word, rule)

    def found(self, bearers: tuple[str, ...], word: str, rule: str | None = None) -> None:
        """Remember what was found about some persons, or about nobody in particular."""
        for person in bearers or ("",):
            self.verdicts = (*self.verdicts, (rule or self.rule.id, person, word))

    def judge_ways(self, opening: Opening, ctx: Context) -> None:
        """Remember what was found about each need of the exceptions that are meant for such a case."""
        program = self.machine.program
        for name, word, who in self.machine.guards.judged(self.rule, ctx):
            named = program.bearers(who, ctx) if who else opening.bearers
            own = opening if isinstance(named, Unknown) else opening.but(bearers=tuple(named))
            self.verdict(own, word, rule=name)

    def fact(
        self, kind: str, time: int, opening: Opening, person: str | None, outcome: Outcome, act: Fact | None = None
    ) -> None:
        """Let a breach, fulfilment or excuse hold for rules that react to it."""
        data: dict[str, Any] = dict(opening.fact.data) if opening.fact is not None else {}
        if opening.matter is not None:
            data |= {
                name: opening.matter.fixed[name] for name in self.machine.program.pack.records[opening.matter.kind].key
            }
        day = self.machine.program.day_of(opening.ctx)
        if day is not None:
            data["date"] = day
        data["person"] = person
        if act is not None:
            data["act_time"] = act.time
        name = f"~{outcome.id}:{kind}"
        roots = tuple(dict.fromkeys((*opening.roots, *(act.roots if act is not None else ()))))
        matter = opening.matter
        self.facts[name] = Fact(
            (kind, self.rule.id), time, name, data, person, matter, roots, act, (outcome.id,), opening.matter_id
        )


def _clause(rules: Mapping[str, Rule], name: str) -> str:
    rule = rules.get(name)
    return name if rule is None else rule.clause
