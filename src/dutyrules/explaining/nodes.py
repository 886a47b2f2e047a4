"""Explanations as trees of lines, to be indented or drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import attrs

from dutyrules.explaining.wording import clock
from dutyrules.policies import syntax as s
from dutyrules.runtime.values import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dutyrules.explaining.evidence import Candidate, Change, Tally, Term
    from dutyrules.explaining.steps import Step, Try
    from dutyrules.explaining.wording import Wording

MOST_CANDIDATES: Final = 12
LEAVES: Final = (s.Field, s.ParameterRef, s.CountRef, s.ValueRef, s.Call, s.OpenCount)


@attrs.frozen
class Node:
    """One line, and the lines that belong to it."""

    text: str
    below: tuple[Node, ...] = ()

    def indented(self, depth: int = 0) -> Iterator[str]:
        """Yield the lines, those that belong to another one two columns further in."""
        yield "  " * depth + self.text
        for one in self.below:
            yield from one.indented(depth + 1)

    def drawn(self) -> Iterator[str]:
        """Yield the lines as a tree with branches."""
        yield self.text
        yield from _branches(self.below, "")


def _branches(nodes: tuple[Node, ...], before: str) -> Iterator[str]:
    for number, node in enumerate(nodes, 1):
        is_last = number == len(nodes)
        yield f"{before}{'└─ ' if is_last else '├─ '}{node.text}"
        yield from _branches(node.below, before + ("   " if is_last else "│  "))


class Nodes:
    """Makes lines of tries, guards, conditions and changes, in a language; `accounts`: with those of limits."""

    def __init__(self, say: Wording, *, accounts: bool = True) -> None:
        self._say = say
        self._accounts = accounts

    # --- tries -----------------------------------------------------------------------------------------------------

    def tried(self, one: Try) -> Node:
        """Return a try with its guards."""
        say = self._say
        time = clock(say.value(one.time, "time"))
        who = say.listed(list(one.persons)) if one.persons else ""
        text = "  ".join(part for part in (one.rule.id, time, who, one.matter) if part)
        return Node(text, tuple(self.step(step) for step in one.steps))

    def step(self, step: Step) -> Node:
        """Return a guard with its condition, its parts and the account of its limit."""
        say = self._say
        if step.phrase == "figure" and step.term is not None:
            return self._figure(step, step.term)
        text = f"{say.mark(step.holds)}  {say.guard(step)}{say('colon')}{say.step(step)}"
        below = list(self._shown(step.term)) if step.term is not None else []
        below += [self.step(part) for part in step.parts]
        if step.ledger and self._accounts:
            below.append(self.account(step.ledger))
        return Node(text.strip(), tuple(below))

    def _figure(self, step: Step, term: Term) -> Node:
        """Return what a sum or limit was read from, and what it came to."""
        say, value = self._say, self._value(term)
        said = value if isinstance(term.tree, s.Literal) else f"{term.text} = {value}"
        record = f"   {term.record}" if term.record else ""
        return Node(f"{say.guard(step)}{say('colon')}{said}{record}", tuple(self._evidence(term)))

    def _shown(self, term: Term) -> Iterator[Node]:
        """Yield the lines of a condition; of a figure, what it was made of."""
        if isinstance(term.tree, s.Compare | s.Logic | s.Not | s.AnyRecord) or term.type == "bool":
            yield self.term(term)
        else:
            yield Node(f"{term.text} = {self._value(term)}", tuple(self._evidence(term)))

    # --- conditions ------------------------------------------------------------------------------------------------

    def term(self, term: Term) -> Node:
        """Return a condition with its values."""
        say, mark = self._say, self._say.mark(term.holds)
        match term.tree:
            case s.Logic(operator=operator):
                head = say("all_of" if operator == "and" else "one_of_these")
                return Node(f"{mark}  {head}", tuple(self.term(part) for part in term.parts))
            case s.Not():
                return Node(f"{mark}  {say('not_so')}", tuple(self.term(part) for part in term.parts))
            case s.Compare(operators=operators):
                text = f"{mark}  {term.text}   ({say.values(term, operators)})"
                return Node(text, tuple(one for part in term.parts for one in self._operand(part)))
            case s.AnyRecord():
                return Node(f"{mark}  {term.text}", tuple(self._looked(term)))
            case _:
                return Node(f"{mark}  {term.text}", tuple(self._evidence(term)))

    def _operand(self, term: Term) -> Iterator[Node]:
        """Yield what stands behind one side of a comparison."""
        if isinstance(term.tree, LEAVES) or term.parts:
            below = tuple(self._evidence(term))
            named = f"{term.text} = {self._value(term)}" + (f"   {term.record}" if term.record else "")
            if below or term.record or isinstance(term.value, Unknown):
                yield Node(named, below)

    def _evidence(self, term: Term) -> Iterator[Node]:
        say = self._say
        if isinstance(term.value, Unknown) and not term.parts:
            yield Node(say.lacks(term.value.lacks))
        if term.version is not None:
            told = say.version(term.version)
            if told is not None:
                yield Node(told)
        if term.tally is not None:
            yield self.tally(term.tally)
        if term.looked is not None:
            yield from self._looked(term)
            return
        for part in term.parts:
            if isinstance(part.tree, s.Compare | s.Logic | s.Not | s.AnyRecord):
                yield self.term(part)
            elif not isinstance(part.tree, s.Literal):
                text = f"{part.text} = {self._value(part)}" + (f"   {part.record}" if part.record else "")
                yield Node(text, tuple(self._evidence(part)))

    def _looked(self, term: Term) -> Iterator[Node]:
        looked, say = term.looked, self._say
        if looked is None:
            return
        if looked.nearest is None:
            yield Node(say("no_records"))
            return
        below = tuple(self.term(part) for part in term.parts)
        yield Node(say("nearest_record", number=looked.number, nearest=looked.nearest), below)

    def _value(self, term: Term) -> str:
        return self._say.value(term.value, term.type)

    # --- counts ----------------------------------------------------------------------------------------------------

    def tally(self, tally: Tally) -> Node:
        """Return a count with its members, and what it left out with the reason."""
        say = self._say
        parts: dict[str, Any] = {"count": tally.count, "value": say.value(tally.value), "window": tally.window}
        if tally.first is not None and tally.last is not None:
            head = say("tally_days", **parts, first=tally.first, last=tally.last)
        else:
            head = say("tally", **parts)
        below = [self._candidate(one) for one in tally.counted[:MOST_CANDIDATES]]
        left_out = tally.left_out[-MOST_CANDIDATES:]
        below += [self._candidate(one) for one in left_out]
        more = len(tally.left_out) - len(left_out)
        if more:
            below.append(Node(say("more_left_out", number=more)))
        return Node(head, tuple(below))

    def _candidate(self, one: Candidate) -> Node:
        say = self._say
        why = ""
        if one.failed is not None:
            why = self._failing(one.failed)
        reason = say(f"reason_{one.reason}", why=why)
        roots = say.listed(list(one.roots)) if one.roots else one.fact
        return Node(f"{clock(say.value(one.time, 'time'))}  {roots}  {reason}")

    def _failing(self, term: Term) -> str:
        """Return the part of a condition that failed, with its values."""
        if isinstance(term.tree, s.Logic):
            failing = [part for part in term.parts if not part.holds]
            return "; ".join(self._failing(part) for part in failing)
        if isinstance(term.tree, s.Compare):
            return f"{term.text} ({self._say.values(term, term.tree.operators)})"
        return term.text

    # --- limits ----------------------------------------------------------------------------------------------------

    def account(self, ledger: dict[str, Any]) -> Node:
        """Return how a limit was counted: the spans that were counted, skipped and paused."""
        say = self._say
        start = ledger.get("start") or ledger.get("origin")
        head = f"{say('counted_up')}: {clock(str(start))} + {ledger.get('duration')}"
        entries = tuple(Node(say.entry(entry)) for entry in ledger.get("entries", ()))
        return Node(head, entries)

    # --- changes ---------------------------------------------------------------------------------------------------

    def changes(self, changes: tuple[Change, ...]) -> tuple[Node, ...]:
        """Return what would have made a guard hold; of several ways to the same end one is enough."""
        groups: dict[int, list[Change]] = {}
        for one in changes:
            groups.setdefault(one.group, []).append(one)
        found: list[Node] = []
        for group in groups.values():
            lines = tuple(Node(self._say.change(one)) for one in group)
            found += lines if len(lines) == 1 else [Node(self._say("any_of"), lines)]
        return tuple(found)
