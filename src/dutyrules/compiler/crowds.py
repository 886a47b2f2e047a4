"""The events of one instant, and what is missed then: which of them disturb each other; light to import."""

from __future__ import annotations

from operator import attrgetter

from dutyrules.compiler.stream import FOREVER, Late, Unsure

TYPE_CHECKING = False  # as in `stream`
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any, Final

Marks = dict[str, tuple[tuple[int, tuple[str, ...]], ...]]
PERSON: Final = ("p", "s")
"""How the person of an event is written as a part of a key."""


class Crowd:
    """The events of one instant: they may come in any order where none changes what another has looked at.

    `leaves` and `meets` give for each type the marks that its events leave and those that they must not meet: a number
    and parts of a key. Marks in `ranks` are left only where one of the instant has looked at a count in which it has no
    place of its own, which sets `alone`. `local`: events of different people never meet.
    """

    def __init__(
        self, types: dict[str, type], leaves: Marks, meets: Marks, ranks: frozenset[int], *, local: bool
    ) -> None:
        self._ranks = ranks
        self.alone = -FOREVER
        self._all: list[Any] = []
        self._leaves = {made: _within(leaves.get(name, ()), local=local) for name, made in types.items()}
        self._meets = {made: _within(meets.get(name, ()), local=local) for name, made in types.items()}
        self._local = local
        self._now = -FOREVER
        self._groups: dict[str | None, tuple[list[Any], set[tuple[object, ...]]]] = {}
        self._barred = -FOREVER

    def join(self, event: Any, now: int, last: Any) -> None:  # noqa: ANN401 - events of any pack
        """Let one more event happen at an instant, after the last; raise `Unsure` where the order of two matters."""
        if event.id <= last.id:
            raise Late(event.id)
        if now == self._barred:
            raise Unsure("one instant", event.id)
        if now != self._now:
            self._now = now
            self._groups.clear()
            self._groups[self._group(last)] = ([last], set())
            self._all = [last]
        self._all.append(event)
        before, marks = self._groups.setdefault(self._group(event), ([], set()))
        if before or marks:
            self._meet(event, before, marks)
        before.append(event)

    def _meet(self, event: Any, before: list[Any], marks: set[tuple[object, ...]]) -> None:  # noqa: ANN401 - as above
        """Raise `Unsure` if an event disturbs one of those before it, whose marks are made now if they are not yet."""
        for one in before:
            for number, parts in self._leaves[type(one)]:
                if self.alone == self._now or number not in self._ranks:
                    marks.add(_mark(one, number, parts))
        before.clear()
        for number, parts in self._meets[type(event)]:
            if _mark(event, number, parts) in marks:
                raise Unsure("one instant", event.id)

    def bars(self, now: int) -> bool:
        """Leave it to the engine where anything else happens at an instant; never true."""
        self._barred = now
        return False

    def at(self, now: int, last: Any) -> list[Any]:  # noqa: ANN401 - an event of any pack
        """Return the events of an instant, of which `last` is the last."""
        return self._all if now == self._now else [last]

    def _group(self, event: Any) -> str | None:  # noqa: ANN401 - an event of any pack
        """Return whose events may disturb each other: those of one person, or else all."""
        return event.whose if self._local else None


def _within(marks: tuple[tuple[int, tuple[str, ...]], ...], *, local: bool) -> list[tuple[int, list[str]]]:
    """Return marks without the person, where all of them are compared within one person's."""
    return [(number, [part for part in parts if not (local and part in PERSON)]) for number, parts in marks]


class Coinciding:
    """What is missed at an instant: it comes after the instant's events, and to the engine it has been among them.

    `traces` are the marks that events leave, by their type, and misses, by the class of what waits. `feels` are those
    of events that a miss must not meet; a class that is not there must meet no event at all, or none of its own person
    where people are looked at `apart`. `beside` are those of other misses.
    """

    def __init__(self, types: dict[str, type], traces: Marks, feels: Marks, beside: Marks, *, apart: bool) -> None:
        self._names = {made: name for name, made in types.items()}
        self._traces = traces
        self._feels = feels
        self._beside = beside
        self._apart = apart
        self._due = -FOREVER
        self._taken = 0
        self._marks: set[tuple[object, ...]] = set()

    def after(self, o: Any, events: Iterable[Any]) -> None:  # noqa: ANN401 - duties and events of any pack
        """Raise `Unsure` where what is missed and an event of its instant may disturb each other."""
        name = type(o).__name__
        if name not in self._feels:
            met = any(not self._apart or e.whose in (o.person, None) for e in events)
        elif self._feels[name]:
            mine = {_mark_of(o, number, parts) for number, parts in self._feels[name]}
            marks = self._traces.get
            met = any(_mark(e, *one) in mine for e in events for one in marks(self._names[type(e)], ()))
        else:
            met = False
        if met:
            raise Unsure("a deadline", o.cause)

    def join(self, o: Any, due: int, before: list[Any]) -> None:  # noqa: ANN401 - duties of any pack
        """Raise `Unsure` where what is missed and something missed before at the same instant disturb each other."""
        if due != self._due:
            self._due = due
            self._taken = 0
            self._marks = set()
        for one in before[self._taken :]:
            self._marks.update(_mark_of(one, *mark) for mark in self._traces.get(type(one).__name__, ()))
        self._taken = len(before)
        if any(_mark_of(o, *mark) in self._marks for mark in self._beside.get(type(o).__name__, ())):
            raise Unsure("deadlines", o.cause)


def _mark(event: Any, number: int, parts: Iterable[str]) -> tuple[object, ...]:  # noqa: ANN401 - an event of any pack
    return number, *(event.whose if part in PERSON else getattr(event, part) for part in parts)


def _mark_of(o: Any, number: int, parts: Iterable[str]) -> tuple[object, ...]:  # noqa: ANN401 - a duty of any pack
    """Return a mark of what waits, whose parts are attributes seen from `o`; raise `Unsure` where one is not kept."""
    try:
        return number, *(attrgetter(part[2:])(o) for part in parts)
    except AttributeError:
        raise Unsure("a deadline", o.cause) from None
