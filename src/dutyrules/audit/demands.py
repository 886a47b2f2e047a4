"""What a policy demanded, gathered from one replay: the outcomes of the rules under audit and of those above them."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

import attrs
import msgspec

from dutyrules.audit.masked_logs import MaskedLog
from dutyrules.calendars.zones import Zone
from dutyrules.events import EventDecoder
from dutyrules.log_files import find_events
from dutyrules.outcomes import Obligation, Outcome, Referral, Sanction, instant_of
from dutyrules.policies.syntax import FactKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from dutyrules.policies.model import Pack
    from dutyrules.replay import Replay

FOLLOWED: Final = frozenset({FactKind.BREACH, FactKind.FULFILMENT, FactKind.EXCUSE, FactKind.SANCTION})
LIVE: Final = {
    "sanction": frozenset({"imposed"}),
    "entitlement": frozenset({"granted", "postponed", "taken"}),
    "obligation": frozenset({"open", "fulfilled", "breached"}),
    "notice": frozenset({"issued"}),
    "breach": frozenset({"breached"}),
}
OF_AUDITED: Final = frozenset({*LIVE, "referral"})
OF_ABOVE: Final = frozenset({"obligation", "referral"})
LIFTED: Final = frozenset({"waived", "cancelled"})


class Standing(StrEnum):
    """How an outcome stands towards decisions."""

    DEMANDED = "demanded"
    QUESTION = "question"
    ENDED = "ended"


@attrs.frozen(kw_only=True)
class Demand:
    """An outcome as an audit sees it: demanded from `first` to `last` (None: without end), lifted after `lifted`."""

    outcome: Outcome
    standing: Standing
    first: dt.date
    last: dt.date | None
    lifted: str | None = None

    def days_off(self, day: dt.date) -> int:
        """Return how many days a day lies before (negative) or after what was demanded; 0 within."""
        if day < self.first:
            return (day - self.first).days
        return (day - self.last).days if self.last is not None and day > self.last else 0

    def held_on(self, day: dt.date, instant: int | None) -> bool:
        """Tell whether it was not lifted before a decision."""
        if self.lifted is None:
            return True
        return day <= dt.date.fromisoformat(self.lifted[:10]) if instant is None else instant <= instant_of(self.lifted)


@attrs.frozen
class Touched:
    """An event that the replay could not use: how it is named, why, and the texts in it, by which it may be known."""

    name: str
    code: str
    reason: str
    texts: frozenset[str]
    day: dt.date | None


@attrs.frozen
class Policy:
    """What a replay came to; `begins` is the first event's instant, `ends` the clock's (None: no event, no clock)."""

    demands: tuple[Demand, ...]
    above: tuple[Outcome, ...]
    touched: tuple[Touched, ...]
    begins: int | None
    ends: int | None


def gather(replay: Replay, rules: Iterable[str]) -> Policy:
    """Run a replay, in memory that grows with the outcomes of these rules and those above them only."""
    audited = frozenset(rules)
    above = rules_above(replay.pack, audited)
    latest: dict[str, Outcome] = {}
    begins = ends = None
    for events, changes in replay.steps():
        if events:
            begins, ends = (events[0].time if begins is None else begins), events[-1].time
        for one in changes:
            if one.kind in (OF_AUDITED if one.rule in audited else OF_ABOVE if one.rule in above else ()):
                latest[one.id] = one
    return Policy(
        demands=tuple(demand for one in latest.values() if (demand := _demand(one, audited)) is not None),
        above=tuple(
            one for one in latest.values() if one.rule in above and one.status not in {"withdrawn", "retracted"}
        ),
        touched=tuple(_touched(replay)),
        begins=begins,
        ends=replay.as_of if replay.as_of is not None else ends,
    )


def rules_above(pack: Pack, rules: frozenset[str]) -> frozenset[str]:
    """Return the rules whose breach, fulfilment, excuse or sanction sets these off, near and far."""
    found: set[str] = set()
    waiting = list(rules)
    while waiting:
        rule = pack.rules.get(waiting.pop())
        for pattern in rule.when if rule is not None else ():
            if pattern.kind in FOLLOWED:
                new = {name for name in pattern.names if name in pack.rules} - found
                found |= new
                waiting += new
    return frozenset(found)


def _demand(one: Outcome, audited: frozenset[str]) -> Demand | None:
    """See an outcome as a demand; a question above an audited rule is one too, since what follows hangs on it."""
    if isinstance(one, Referral):
        if one.status != "opened":
            return None
        day = _day(one.time)
        return Demand(outcome=one, standing=Standing.QUESTION, first=day, last=day)
    if one.rule not in audited:
        return None
    proposed = isinstance(one, Sanction) and one.status == "proposed"
    lifted = one.time if isinstance(one, Obligation) and one.status in LIFTED else None
    live = one.status in LIVE.get(one.kind, ()) or lifted is not None
    first, due = _day(getattr(one, "since", None) or one.time), getattr(one, "due", None)
    last = _day(due) if due else None if isinstance(one, Obligation) else first
    return Demand(
        outcome=one,
        standing=Standing.QUESTION if proposed else Standing.DEMANDED if live else Standing.ENDED,
        first=min(first, last) if last else first,
        last=last,
        lifted=lifted,
    )


def _day(instant: str) -> dt.date:
    """Return the day of an outcome's instant, whose offset is that of the pack's clocks."""
    return dt.date.fromisoformat(instant[:10])


# --- what could not be used -------------------------------------------------------------------------------------------


def _touched(replay: Replay) -> Iterator[Touched]:
    """Give the events that were set aside and the lines that hold no event, with whatever can be read in them."""
    zone = Zone(replay.pack.timezone)
    aside = {one.event: one for one in replay.engine.set_aside}
    if aside:
        found = find_events(replay.files, EventDecoder(replay.pack.events, zone), set(aside))
        for name, one in aside.items():
            event = found[name][0] if name in found else None
            texts = _texts({"subject": event.subject, "data": event.data}) if event is not None else frozenset()
            yield Touched(name, one.code, one.reason, texts, zone.date_of(event.time) if event is not None else None)
    refused = {error.place: error for error in replay.refused}
    if refused:
        for file in replay.files:
            masked = file if isinstance(file, MaskedLog) else None  # such a log gives no words of what holds no event
            for row in (masked.file if masked is not None else file).rows():
                error = refused.get(f"{file.name}:{row.number}")
                if error is not None:
                    document = _document(row.source)
                    texts = _texts({name: value for name, value in document.items() if name not in {"id", "type"}})
                    shown = texts if masked is None else frozenset(map(masked.pseudonyms.text, texts))
                    yield Touched(error.place, error.code, error.reason, shown, _maybe_day(document.get("time")))


def _document(source: object) -> Mapping[str, Any]:
    if isinstance(source, bytes):
        try:
            source = msgspec.json.decode(source)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return {}
    return source if isinstance(source, dict) else {}


def _maybe_day(time: object) -> dt.date | None:
    try:
        return dt.date.fromisoformat(str(time)[:10])
    except ValueError:
        return None


def _texts(value: object) -> frozenset[str]:
    """Return every text, number and day in a document."""
    match value:
        case dict():
            return frozenset().union(*map(_texts, value.values()))
        case list() | tuple():
            return frozenset().union(*map(_texts, value))
        case None | bool():
            return frozenset()
        case _:
            return frozenset({str(value)})
