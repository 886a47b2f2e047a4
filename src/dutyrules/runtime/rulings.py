"""A person's answers: each ruling must answer exactly one open question, within its bounds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dutyrules.remarks import ABOUT_NOTHING, CODE, no_question
from dutyrules.runtime.consequences import Question, ruled_amount
from dutyrules.runtime.store import Cell, Fact, Handed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dutyrules.runtime.machine import Machine
    from dutyrules.runtime.store import Key, Store

RULING = ("event", "ruling")


class AnswerCell(Cell):
    """All rulings about one thing, and the questions that they may answer."""

    __slots__ = ("about", "handed", "machine", "remarks")

    def __init__(self, machine: Machine, about: str) -> None:
        super().__init__(machine.program.last_layer, ("answers", about))
        self.machine = machine
        self.about = about
        self.handed = Handed()
        self.remarks: dict[str, tuple[str, str]] = {}

    def run(self, store: Store) -> None:
        """Give each ruling to the one question that it answers."""
        questions: Sequence[tuple[int, str, Question]] = store.read(("question", self.about))
        answered: set[str] = set()
        entries: dict[tuple[Key, int, str], object] = {}
        remarks: dict[str, tuple[str, str]] = {}
        for ruling in store.find(store.index(RULING, ("about",)), (self.about,)):
            if ruling.data.get("about") != self.about:
                continue
            open_ones = [q for time, name, q in questions if time <= ruling.time and name not in answered]
            chosen = [q for q in open_ones if self._meant(ruling, q)]
            fault = self._fault(ruling, chosen, any_question=bool(questions))
            if fault is not None:
                remarks[ruling.id] = fault
            elif chosen:
                answered.add(chosen[0].outcome)
                entries[(("answer", self.about, chosen[0].outcome), ruling.time, ruling.id)] = ruling
        self.handed.give_entries(store, entries)
        self.machine.remark(self.key, remarks)

    def _meant(self, ruling: Fact, question: Question) -> bool:
        if ruling.id in question.opening.roots:
            return False  # a ruling answers no question that it has brought up itself
        code = ruling.data.get("norm") or ruling.data.get("code")
        prefix = self.machine.program.pack.prefix
        if isinstance(code, str) and code.removeprefix(prefix) != question.rule:
            return False
        person = ruling.data.get("person")
        if person is not None and person != question.person:
            return False
        if "impose" in ruling.data:
            return True
        if not question.sum:
            return code is not None
        return ruled_amount(ruling) is not None and (code is not None or question.money)

    def _fault(self, ruling: Fact, chosen: list[Question], *, any_question: bool) -> tuple[str, str] | None:
        amount = ruled_amount(ruling)
        if not chosen:
            if amount is None and "impose" not in ruling.data:
                return None  # a ruling can also be a plain fact that excuses or overrules
            found = "is answered or not yet asked" if any_question else "is open"
            return no_question(self.about, found)
        if len(chosen) > 1:
            names = ", ".join(sorted(f"`{question.rule}`" for question in chosen))
            return CODE, f"several questions about `{self.about}` are open: {names}; name one as `norm`"
        question = chosen[0]
        if (
            amount is None
            or ruling.data.get("impose") is False
            or (amount == 0 and self._may_go_free(ruling, question))
        ):
            return None
        too_low = question.low is not None and amount < question.low
        too_high = question.high is not None and amount > question.high
        if too_low or too_high:
            return "DR623", f"`{amount}` lies outside {question.low} to {question.high} of `{question.rule}`"
        return None

    def _may_go_free(self, ruling: Fact, question: Question) -> bool:
        """Tell whether the permission to impose nothing holds when a ruling is given: it is not cured later."""
        if question.none_if is None:
            return False
        ctx = question.opening.ctx.looking(at=ruling.time)
        return self.machine.guards.permits(question.none_if, ctx) is True


class Rulings:
    """Makes sure that rulings about a thing are looked at."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        machine.program.store.listen(RULING, lambda fact, came: self._ruled(fact, came=came))

    def attend(self, about: str) -> None:
        """Look at the rulings about a thing from now on."""
        self._machine.program.store.cell(("answers", about), lambda: AnswerCell(self._machine, about))

    def too_late(self, question: str, rulings: list[Fact]) -> None:
        """Set aside the rulings on a question that another had answered before, under another of its names."""
        fault = (CODE, "the question had been answered before")
        self._machine.remark(("too late", question), {ruling.id: fault for ruling in rulings})

    def _ruled(self, fact: Fact, *, came: bool) -> None:
        about = fact.data.get("about")
        if isinstance(about, str):
            self.attend(about)
            return
        decides = came and (ruled_amount(fact) is not None or "impose" in fact.data)
        self._machine.remark(("ruling", fact.id), {fact.id: ABOUT_NOTHING} if decides else {})
