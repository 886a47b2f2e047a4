"""What an embedder writes, for type checkers to read: organisations, timers, sums per person, questions to people.

    python embedder.py PACK LOG

feeds a log to an engine and prints what stands in the end.
"""

from __future__ import annotations

import datetime as dt
import heapq
import sys
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dutyrules import (
    Breach,
    Change,
    Deadline,
    Delta,
    Diagnostic,
    Engine,
    Entitlement,
    Event,
    EventError,
    Explanation,
    MatcherError,
    NoSuchOutcome,
    NoSuchRule,
    Notice,
    Obligation,
    Outcome,
    Pack,
    PackError,
    Referral,
    Replay,
    Sanction,
    SetAside,
    SnapshotMismatchError,
    WhyNot,
    __version__,
    check_pack,
    decode_event,
    encode,
    explain,
    load_pack,
    load_packs,
    open_logs,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

GONE = frozenset({"withdrawn", "retracted"})


class Organisation:
    """One organisation: its engine, and its outcomes by id."""

    def __init__(self, name: str, pack: Pack, carries: Mapping[str, dt.date] | str | None = None) -> None:
        self.name = name
        self.engine = Engine(pack, carries=carries)
        self.rows: dict[str, bytes] = {}

    def feed(self, event: Event | Mapping[str, Any] | bytes | str) -> None:
        """Take an event, bad or good."""
        self._keep(self.engine.feed(event))

    def advance(self, now: dt.datetime) -> None:
        """Let time pass."""
        self._keep(self.engine.advance(now))

    def sums(self) -> dict[str, Decimal]:
        """Return what each person is to pay, less what each is to get."""
        found: dict[str, Decimal] = {}
        for one in self.engine.outcomes().values():
            if one.person is None:
                continue
            if isinstance(one, Sanction) and one.status == "imposed" and one.amount is not None:
                found[one.person] = found.get(one.person, Decimal(0)) + one.amount
            elif isinstance(one, Entitlement) and one.status == "granted" and one.amount is not None:
                found[one.person] = found.get(one.person, Decimal(0)) - one.amount
        return found

    def questions(self) -> Iterator[Referral]:
        """Yield what waits for a person."""
        for one in self.engine.outcomes().values():
            if isinstance(one, Referral) and one.status == "opened":
                yield one

    def recovered(self, pack: Pack) -> Engine | None:
        """Return the engine as a snapshot gives it back, None where the pack is another one."""
        try:
            return Engine.restore(pack, self.engine.snapshot())
        except SnapshotMismatchError:
            return None

    def _keep(self, changes: list[Outcome]) -> None:
        for one in changes:
            if one.status in GONE:
                self.rows.pop(one.id, None)
            else:
                self.rows[one.id] = encode(one)


def run_timers(organisations: Iterable[Organisation], now: dt.datetime) -> int:
    """Wake each organisation when it wants to be woken, the earliest first, and return how often that was."""
    known = {one.name: one for one in organisations}
    timers: list[tuple[dt.datetime, str]] = []
    for one in known.values():
        if (wake := one.engine.next_wake) is not None:
            heapq.heappush(timers, (wake, one.name))
    woken = 0
    while timers and timers[0][0] <= now:
        wake, name = heapq.heappop(timers)
        known[name].advance(wake)
        woken += 1
        if (later := known[name].engine.next_wake) is not None:
            heapq.heappush(timers, (later, name))
    return woken


def describe(one: Outcome) -> str:
    """Say an outcome in a few words."""
    match one:
        case Obligation(due=due, late=late):
            return f"duty due {due}{', late' if late else ''}"
        case Deadline(due=due):
            return f"limit {due}"
        case Breach(lacking=lacking):
            return f"breach {', '.join(lacking)}".strip()
        case Sanction(sanction=what, amount=amount, currency=currency):
            return f"{what} {amount} {currency}" if amount is not None else what
        case Entitlement(grant=what):
            return what
        case Referral(question=question, asks=asks):
            return f"{question}: {', '.join(asks)}"
        case Notice(notice=notice):
            return notice
        case _:
            return one.kind


def remarks(path: str) -> list[str]:
    """Return what is to be said about a pack before it is used."""
    _, found = check_pack(path)
    errors: list[Diagnostic] = [one for one in found if one.is_error]
    return [f"{one.place.line}: {one.message}" for one in errors]


def why(pack: Pack, log: Path, outcome: str) -> list[str]:
    """Return the causes of an outcome, from a second run over the log."""
    try:
        found: Explanation = explain(Replay(pack, open_logs([log], pack)), outcome)
    except NoSuchOutcome as error:
        return list(error.near)
    return [cause.id for cause in found.causes]


def amended(engine: Engine, correction: Event) -> list[tuple[str, str | None]]:
    """Take a correction and tell which outcomes it changed, and because of what."""
    delta: Delta = engine.amend(correction)
    changes: tuple[Change, ...] = (*delta.issued, *delta.withdrawn, *delta.replaced)
    return [(one.id, one.cause) for one in changes]


def why_not(engine: Engine, rule: str, person: str) -> str:
    """Tell how near a rule came to hold for somebody."""
    try:
        answer: WhyNot = engine.why_not(rule, person)
    except NoSuchRule as error:
        return str(error)
    return answer.verdict


def refused_conditions(pack: Pack) -> list[Diagnostic]:
    """List the conditions that durable-rules cannot decide as the engine does."""
    try:
        Engine(pack, matcher="durable")
    except MatcherError as error:
        return list(error.diagnostics)
    return []


def time_of(line: bytes, pack: Pack) -> int | None:
    """Return the instant of an event, None where a line holds none."""
    try:
        return decode_event(line, pack.events, pack.timezone).time
    except EventError:
        return None


def report(pack_path: str, log: Path) -> Iterator[str]:
    """Feed a log and tell what stands."""
    try:
        pack = load_pack(pack_path)
    except PackError as error:
        raise SystemExit(str(error)) from None
    lines = log.read_bytes().splitlines()
    names = [one.name for one in load_packs(pack_path)]
    refused = sum(time_of(line, pack) is None for line in lines)
    yield f"dutyrules {__version__}: {names}, {len(remarks(pack_path))} faults, {refused} lines refused"
    desk = Organisation("desk", pack)
    for line in lines:
        desk.feed(line)
    if (last := desk.engine.clock) is not None:
        yield f"woken {run_timers([desk], last + dt.timedelta(days=60))} times"
    for one in sorted(desk.engine.outcomes().values(), key=lambda each: (each.time, each.rule, each.kind, each.id)):
        yield f"{one.time} {one.person} {one.rule} {one.status}: {describe(one)}"
    aside: list[SetAside] = desk.engine.set_aside
    yield f"set aside: {[(one.code, one.event) for one in aside]}"
    yield f"sums: { {person: str(amount) for person, amount in sorted(desk.sums().items())} }"
    yield f"questions: {[(one.rule, one.person) for one in desk.questions()]}"
    again = desk.recovered(pack)
    yield f"the same after restoring: {again is not None and again.outcomes() == desk.engine.outcomes()}"
    yield f"rows and outcomes agree: {desk.rows.keys() == desk.engine.outcomes().keys()}"
    first = min(desk.rows)
    yield f"{first[:8]} rests on {why(pack, log, first)}"


if __name__ == "__main__":
    for text in report(sys.argv[1], Path(sys.argv[2])):
        sys.stdout.write(f"{text}\n")
