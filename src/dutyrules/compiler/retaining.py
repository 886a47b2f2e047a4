"""For how long a program keeps what it remembers: the engine's own horizons, and the lines that follow from them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dutyrules.compiler.consequences import asks_somebody
from dutyrules.compiler.early import acts_table, reach
from dutyrules.compiler.obligations import timed
from dutyrules.compiler.state import gone, kept_for, wanted
from dutyrules.compiler.ties import is_untied
from dutyrules.compiler.views import NotStreamable, named
from dutyrules.policies.horizon_edges import key_types
from dutyrules.policies.horizons import horizons
from dutyrules.policies.model import FieldType, WindowKind
from dutyrules.policies.syntax import FactKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from dutyrules.compiler.kept import Kept
    from dutyrules.compiler.sections import Writer
    from dutyrules.compiler.state import RecordUse, State
    from dutyrules.policies.model import Count, Pack, Record, Rule
    from dutyrules.policies.syntax import Pattern

LONGEST: Final = {WindowKind.DAY: 2 * 86_400, WindowKind.MONTH: 32 * 86_400, WindowKind.YEAR: 367 * 86_400}
"""Seconds within which any such period is over."""
MARGIN: Final = 62 * 86_400


def still_known(out: Writer, use: RecordUse, key: str, where: str = "if") -> None:
    """Write that the engine is asked about a key that is gone here and may still be known there."""
    with out.under(f"{where} {gone(use)} and hash({key}) in {gone(use)}:"):
        out(f"raise Unsure({use.record.name!r}, c)")


def looked_up(out: Writer, state: State, place: str, name: str) -> None:
    """Write what happens where a record has been looked up that may be gone."""
    table, _, key = place.partition(".get(")
    for use in state.records.values():
        if use.table == table and kept_for(state.pack, use.record.name) is not None:
            still_known(out, use, key[:-1], f"if {name} is None and")


def sweeping(state: State, duties: Mapping[str, Kept], standing: Iterable[Rule]) -> str:
    """Return the code that makes what lets go at the turn of a month, "" where nothing ever goes."""
    pack = state.pack
    ends = _ending(state)
    every = list(state.counts.values())
    rolling = [(named("count", one.name), one.rolling.seconds) for one in every if one.rolling is not None]
    owners = attached(state)
    totals = _totals(pack, [one for one in every if one.name not in owners])
    wants = sorted(wanted(one.rule) for one in duties.values() if remembers(pack, one.rule) is not None)
    stands = [text for rule in standing for text in _standing(pack, rule)]
    stands += [
        text for (name, _fields, _settled), listed in state.lists.items() if (text := _listed(state, name, listed))
    ]
    if not ends and not rolling and totals is None and not wants and not stands:
        return ""
    keeping = []
    for use, seconds in ends:
        held = [one for one in duties.values() if one.rule.about == use.record.name and not is_untied(pack, one.rule)]
        slots = tuple(one.slot for one in held if not one.merged)
        mine = [one for one in every if owners.get(one.name) is use]
        tables = ", ".join(named("count", one.name) for one in mine)
        more = ", owes=True" if any(one.merged for one in held) else ""
        more += ", lasts=True" if lasts(pack, use.record) else ""
        keeping.append(
            f"Keeping({use.table}, {gone(use)}, {seconds}, {slots!r}, [{tables}], {_totals(pack, mine)}{more})"
        )
    tables = ", ".join(f"({table}, {seconds})" for table, seconds in rolling)
    more = f", [{', '.join(wants)}]" if wants or stands else ""
    more += f", [{', '.join(stands)}]" if stands else ""
    return f"Sweeper([{', '.join(keeping)}], [{tables}], {_remembered(pack)}, {totals}{more})"


def attached(state: State) -> dict[str, RecordUse]:
    """Return the counts that go with a record, as they have its key, each with what is kept of that record."""
    return {one.name: use for one in state.counts.values() for use, _seconds in _ending(state) if _is_of(one, use)}


def _ending(state: State) -> list[tuple[RecordUse, int]]:
    """Return what is kept of records that are let go, and after how many seconds they are."""
    every = [(use, kept_for(state.pack, use.record.name)) for use in state.records.values()]
    return [(use, seconds) for use, seconds in every if seconds is not None]


def _standing(pack: Pack, rule: Rule) -> list[str]:
    """Return the code of what forgets what a rule has made, and acts that have come before it."""
    horizon = horizons(pack).rules[rule.id]
    owed = rule.until and rule.when
    found = [f"Early({acts_table(rule)}, {reach(rule)})"] if owed and rule.from_ is not None else []
    if horizon.is_endless or asks_somebody(rule) or (owed and not timed(rule)):
        return found  # what is open or asked is remembered until it is done or answered
    return [*found, f"{'Missed' if owed else 'Standing'}({named('open', rule.id)}, {horizon.seconds})"]


def _listed(state: State, record: str, listed: str) -> str:
    """Return the code of what lets go of records that are listed by parts of their key, "" where none ever goes."""
    seconds = kept_for(state.pack, record)
    open_too = ", lasts=True" if lasts(state.pack, state.pack.records[record]) else ""
    return "" if seconds is None else f"Lists({listed}, {seconds}{open_too})"


def refuse_counts(pack: Pack, counts: Iterable[Count]) -> None:
    """Refuse counts over a longer time than the engine remembers their members."""
    known = horizons(pack)
    for count in counts:
        longest = LONGEST.get(count.window, 0) if count.rolling is None else count.rolling.seconds
        for pattern in count.of:
            members = known.events if pattern.kind is FactKind.EVENT else known.rules
            if any(not members[name].is_endless and members[name].seconds < longest for name in pattern.names):
                raise NotStreamable(f"members of the count `{count.name}` are forgotten while they count")


def lasts(pack: Pack, record: Record) -> bool:
    """Tell whether the engine keeps a record while it is open; one of a day is over with its day."""
    return bool(record.closes) and FieldType.DATE not in key_types(record, pack).values()


def is_outlived(pack: Pack, rule: Rule, record: str) -> bool:
    """Tell whether the engine remembers what a rule makes for longer than a record on which that rests."""
    kept, known = kept_for(pack, record), horizons(pack).rules[rule.id]
    return kept is not None and (known.is_endless or kept < known.seconds)


def remembers(pack: Pack, rule: Rule) -> int | None:
    """Return for how many seconds the engine remembers which duty got an act that others wanted, None for ever."""
    known = horizons(pack).rules[rule.id]
    owed = rule.one_act == "oldest" and is_untied(pack, rule)
    return known.seconds if owed and not known.is_endless else None


def _is_of(count: Count, use: RecordUse) -> bool:
    """Tell whether a count without an end has the key of a record: then it goes when the record is forgotten."""
    names = [getattr(reader.tree, "name", None) for reader, _member in count.per]
    return count.window is WindowKind.EVER and names == list(use.record.key)


def _remembered(pack: Pack) -> int | None:
    """Return after how many seconds the engine has forgotten all that came of a record that was let go.

    None for never: an event that is kept for another record keeps the cases that it has set off, and what these are
    about.
    """
    known = horizons(pack)
    every = [*known.events.values(), *known.rules.values()]
    if any(one.is_endless for one in every) or _is_shared(pack):
        return None
    events = max((one.seconds for one in known.events.values()), default=0)
    return events + max((one.seconds for one in known.rules.values()), default=0) + MARGIN


def _is_shared(pack: Pack) -> bool:
    """Tell whether an event may be about two kinds of records, or about one and set off a rule about another."""
    kinds: dict[str, set[str]] = {}
    for record in pack.records.values():
        for name in _events((*record.opens, *record.updates, *record.closes)):
            kinds.setdefault(name, set()).add(record.name)
    for rule in pack.rules.values():
        about = set() if rule.about is None else {rule.about}
        for name in kinds.keys() & _events(rule.when):
            kinds[name] |= about
    return any(len(every) > 1 for every in kinds.values())


def _events(patterns: Iterable[Pattern]) -> set[str]:
    return {name for one in patterns if one.kind is FactKind.EVENT for name in one.names}


def _totals(pack: Pack, counts: list[Count]) -> int | None:
    """Return for how long the engine remembers members of counts without an end, None for ever."""
    known = horizons(pack).counts
    return min(
        (known[one.name].seconds for one in counts if one.window is WindowKind.EVER and not known[one.name].is_endless),
        default=None,
    )
