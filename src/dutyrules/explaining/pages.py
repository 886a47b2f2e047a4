"""Answers as pages of lines: what a person reads, indented or drawn as a tree."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dutyrules.explaining.nodes import Node, Nodes
from dutyrules.explaining.wording import Wording, clock

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dutyrules.explaining.steps import Try
    from dutyrules.explaining.why_not import WhyNot
    from dutyrules.explanations import Cause, Explanation
    from dutyrules.outcomes import Outcome
    from dutyrules.policies.model import Pack


class Pages:
    """Makes pages in a language, `en` or `zh`."""

    def __init__(self, pack: Pack, language: str, *, accounts: bool = True) -> None:
        self._pack = pack
        self._language = language
        self.say = Wording(pack, language)
        self._nodes = Nodes(self.say, accounts=accounts)

    # --- why -------------------------------------------------------------------------------------------------------

    def grounds(self, found: Explanation) -> Iterator[str]:
        """Yield the guards that let an outcome through, with those of the outcomes on which it rests below."""
        seen: set[object] = set()
        nodes = self._once(found.grounds, seen)
        nodes += [node for cause in found.causes for node in self._chain(cause, seen)]
        if nodes:
            yield f"{self.say('why')}:"
            for node in nodes:
                yield from node.indented(1)
        if found.ended is not None:
            yield ""
            yield f"{self.say('ended')}:"
            yield from self._nodes.tried(found.ended).indented(1)

    def _once(self, tries: tuple[Try, ...], seen: set[object]) -> list[Node]:
        """Return those tries that have not been shown: a breach rests on the same ones as its duty."""
        fresh = [one for one in tries if (one.rule.id, one.matter, one.time, one.persons) not in seen]
        seen |= {(one.rule.id, one.matter, one.time, one.persons) for one in fresh}
        return [self._nodes.tried(one) for one in fresh]

    def _chain(self, cause: Cause, seen: set[object]) -> Iterator[Node]:
        below = self._once(cause.grounds, seen)
        below += [node for one in cause.causes for node in self._chain(one, seen)]
        if below:
            yield Node(f"{self.say('rests_on')} {cause.id}", tuple(below))

    def tree(self, found: Explanation) -> Iterator[str]:
        """Yield the whole chain from an outcome back to the events as a tree."""
        below = self._grounds_with_causes(found.grounds, found.causes)
        if found.ended is not None:
            below = (*below, Node(self.say("ended"), (self._nodes.tried(found.ended),)))
        yield from Node(self._outcome(found.outcome), below).drawn()

    def _grounds_with_causes(self, grounds: tuple[Try, ...], causes: tuple[Cause, ...]) -> tuple[Node, ...]:
        nodes = [self._nodes.tried(one) for one in grounds]
        if len(nodes) == 1:
            nodes = list(nodes[0].below)
        return (*nodes, *(self._cause(one) for one in causes))

    def _cause(self, cause: Cause) -> Node:
        if cause.event is not None:
            said = f"{cause.id}  {clock(cause.event.time_text or '')}  {cause.event.type}"
            who = f"  {cause.event.subject}" if cause.event.subject else ""
            return Node(f"{said}{who}" + (f"  ({cause.place})" if cause.place else ""))
        if cause.outcome is None:
            return Node(cause.id)
        return Node(self._outcome(cause.outcome), self._grounds_with_causes(cause.grounds, cause.causes))

    def _outcome(self, one: Outcome) -> str:
        sums = " ".join(
            str(part) for part in (getattr(one, "amount", None), getattr(one, "step", None)) if part is not None
        )
        word = self.say(f"kind_{one.kind}")
        parts = (
            one.rule,
            word,
            self.say.word(one.status),
            sums,
            one.person or "",
            clock(one.time),
            self._says(one.rule),
        )
        return "  ".join(part for part in parts if part)

    def _says(self, name: str) -> str:
        words = self._pack.words_of(name)
        return " ".join((words.get(self._language) or next(iter(words.values()), "")).split())

    # --- why not ---------------------------------------------------------------------------------------------------

    def why_not(self, found: WhyNot) -> Iterator[str]:
        """Yield the answer: the verdict, the nearest miss, what would have made it hold."""
        say = self.say
        who = f" {found.subject}" if found.subject else ""
        yield f"{found.asked}{who}: {say(f'verdict_{found.verdict}')} ({say('as_of', time=clock(found.at))})"
        said = self._says(found.asked.removeprefix(self._pack.prefix)) or self._says(found.rule.id)
        if said:
            yield f"  {said}"
        yield from self._answer(found)
        deeper = found.before
        while deeper is not None:
            yield ""
            yield f"{say('before')} {deeper.asked}:" + (f" {self._says(deeper.rule.id)}" if deeper.rule.says else "")
            yield from self._answer(deeper)
            deeper = deeper.before

    def _answer(self, found: WhyNot) -> Iterator[str]:
        say = self.say
        if found.nearest is not None:
            yield ""
            yield f"{say('tried' if found.stopped is None else 'nearest')}:"
            yield from self._nodes.tried(found.nearest).indented(1)
        if found.stopped is not None and found.stopped.changes and found.before is None:
            yield ""
            yield f"{say('would_hold')}:"
            for node in self._nodes.changes(found.stopped.changes):
                yield from node.indented(1)
        if found.outcomes:
            yield ""
            yield f"{say('came_to')}:"
            yield from (f"  {self._outcome(one)}" for one in found.outcomes)
        if found.others:
            yield ""
            yield say("others", number=len(found.others))

    def why_not_tree(self, found: WhyNot) -> Iterator[str]:
        """Yield the answer as a tree."""
        yield from self._why_not_node(found).drawn()

    def _why_not_node(self, found: WhyNot) -> Node:
        say = self.say
        below: list[Node] = [] if found.nearest is None else [self._nodes.tried(found.nearest)]
        if found.stopped is not None and found.stopped.changes and found.before is None:
            below.append(Node(say("would_hold"), self._nodes.changes(found.stopped.changes)))
        below += [Node(self._outcome(one)) for one in found.outcomes]
        if found.before is not None:
            below.append(self._why_not_node(found.before))
        who = f" {found.subject}" if found.subject else ""
        return Node(f"{found.asked}{who}: {say(f'verdict_{found.verdict}')}", tuple(below))
