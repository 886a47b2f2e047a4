"""How long each part of a pack has to be remembered: worked out from the windows through which its rules look back.

A rule that counts breaches of a year needs the breaches of that year, and what these rest on for as long; so a need is
handed on from each reader to what it reads, with the reader's own window added. Where nothing bounds the look (a total
without `in`, a need that any earlier fact of a person meets) the answer is for ever, and `because` says whose fault it
is. To every window come five months, within which a late event is still judged exactly.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from attrs import field, frozen

from dutyrules.policies.horizon_edges import FOREVER, LATER, Edge, Node, edges_of, ends, is_of_a_day, upper_seconds
from dutyrules.policies.once import once_a_pack

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from dutyrules.policies.model import Pack, Record

__all__ = ["FOREVER", "LATENESS", "Horizon", "Horizons", "horizons"]

DAY: Final = 86_400
LATENESS: Final = 154 * DAY
"""How late an event may come and still be judged as if it had come in time."""


@frozen
class Horizon:
    """How many seconds something is remembered, and because of which rule, count, ladder or record.

    What is remembered for ever says in `endless` what it lacks, or who lacks it.
    """

    seconds: int
    because: str = ""
    endless: str = field(default="", eq=False)

    @property
    def is_endless(self) -> bool:
        """Tell whether it is remembered for ever."""
        return self.seconds >= FOREVER


@frozen
class Horizons:
    """What a pack's parts are remembered for; `late` is how far behind the clock an event may come.

    An event counts from its time; a record from its end or, without one, from its last event, and it is always kept
    while it is open; the outcomes of a rule count from their time, and are always kept while they are open. `histories`
    say how far back what a record has said before is needed, where later events say it anew.
    """

    late: int
    events: Mapping[str, Horizon]
    records: Mapping[str, Horizon]
    counts: Mapping[str, Horizon]
    rules: Mapping[str, Horizon]
    histories: Mapping[str, Horizon]

    @property
    def longest(self) -> Horizon:
        """Return the longest that any rule, count or event is needed; records that never end are not in it."""
        every: Iterable[Horizon] = (*self.rules.values(), *self.counts.values(), *self.events.values())
        return max(every, key=lambda one: one.seconds, default=Horizon(self.late))


@once_a_pack
def horizons(pack: Pack) -> Horizons:
    """Return how long each event type, record, count and rule of a pack is remembered, worked out once for a pack."""
    if pack.retention is not None:
        return _all_alike(pack, Horizon(upper_seconds(pack.retention), "retention"))
    needs = _needs(pack, edges_of(pack))

    def of(section: str, name: str) -> Horizon:
        found = needs.get((section, name))
        if found is None:
            return Horizon(LATENESS)
        return Horizon(min(FOREVER, found.seconds + LATENESS), found.because, found.endless)

    return Horizons(
        LATENESS,
        {name: of("events", name) for name in pack.events},
        {name: _of_record(pack, record, of("records", name)) for name, record in pack.records.items()},
        {name: of("counts", name) for name in pack.counts},
        {name: of("rules", name) for name in pack.rules},
        {name: of("records", name) for name in pack.records},
    )


def _all_alike(pack: Pack, horizon: Horizon) -> Horizons:
    return Horizons(
        horizon.seconds,
        dict.fromkeys(pack.events, horizon),
        {name: _of_record(pack, record, horizon) for name, record in pack.records.items()},
        dict.fromkeys(pack.counts, horizon),
        dict.fromkeys(pack.rules, horizon),
        dict.fromkeys(pack.records, horizon),
    )


def _of_record(pack: Pack, record: Record, needed: Horizon) -> Horizon:
    """Return how long a record is remembered: what the pack says of it goes before what rules need."""
    if record.always:
        return Horizon(FOREVER, "keep", "it says `keep: for ever`")
    if record.keep is not None:
        return Horizon(upper_seconds(record.keep), "keep")
    if not ends(record) and not is_of_a_day(record, pack):
        return Horizon(FOREVER, "no end", "nothing ends it")
    return needed


@frozen
class _Need:
    """A need with the widest of the windows that it is made of, and whose that is."""

    seconds: int
    widest: int
    because: str
    endless: str = ""

    def through(self, edge: Edge) -> _Need:
        """Return the need for what an edge leads to."""
        if self.seconds >= FOREVER:
            return self
        if edge.window >= FOREVER:
            return _Need(FOREVER, FOREVER, edge.because, edge.endless)
        if edge.window > self.widest:
            return _Need(self.seconds + edge.window, edge.window, edge.because)
        return _Need(self.seconds + edge.window, self.widest, self.because)


def _needs(pack: Pack, edges: Iterable[Edge]) -> dict[Node, _Need]:
    """Hand each need on to what is read, until nothing is needed for longer; one that keeps growing is endless."""
    outgoing: dict[Node, list[Edge]] = {}
    for edge in edges:
        outgoing.setdefault(edge.reader, []).append(edge)
    needs = {("rules", name): _Need(0, 0, name) for name in pack.rules}
    needs |= {("ladders", name): _Need(0, 0, name) for name in pack.ladders}
    needs |= {reader: _Need(0, 0, reader[1]) for reader in outgoing if reader[0] == LATER}
    grown: dict[Node, int] = {}
    waiting = list(needs)
    while waiting:
        reader = waiting.pop()
        for edge in outgoing.get(reader, ()):
            mine, known = needs[reader].through(edge), needs.get(edge.read)
            if edge.read == reader:
                mine = mine if known is None or mine.widest > known.widest else known
            if known is not None and known.seconds >= mine.seconds:
                continue
            grown[edge.read] = grown.get(edge.read, 0) + 1
            endless = None if grown[edge.read] <= MOST_TURNS else _fed_by_itself(outgoing, edge.read)
            needs[edge.read] = mine if endless is None else endless
            waiting.append(edge.read)
    return needs


def _fed_by_itself(outgoing: Mapping[Node, list[Edge]], node: Node) -> _Need | None:
    """Return the need of what is read by way of a loop that has a window, or None where there is no such loop."""
    wide = (edge for edges in outgoing.values() for edge in edges if edge.window and edge.read != edge.reader)
    loops = [edge for edge in wide if {edge.reader, node} <= _reached(outgoing, edge.read)]
    if not loops:
        return None
    widest = max(loops, key=lambda edge: edge.window)
    return _Need(FOREVER, FOREVER, widest.because, f"`{widest.because}` looks back at what rests on it")


def _reached(outgoing: Mapping[Node, list[Edge]], start: Node) -> set[Node]:
    """Return the nodes that a need of one is handed on to, itself among them."""
    found, waiting = {start}, [start]
    while waiting:
        for edge in outgoing.get(waiting.pop(), ()):
            if edge.read not in found:
                found.add(edge.read)
                waiting.append(edge.read)
    return found


MOST_TURNS: Final = 200
"""How often a need may grow before it is asked whether it feeds itself."""


def described(horizon: Horizon) -> str:
    """Return a horizon in days, as people read it."""
    return described_seconds(horizon.seconds)


def described_seconds(seconds: int) -> str:
    """Return seconds in days, as people read them."""
    return "for ever" if seconds >= FOREVER else f"{-(-seconds // DAY)} days"
