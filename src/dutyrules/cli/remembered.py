"""What a pack remembers, for how long, and whose fault it is where that is for ever."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dutyrules.policies.horizons import DAY, Horizons, described, described_seconds, horizons

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from dutyrules.policies.horizons import Horizon
    from dutyrules.policies.model import Pack

ALL_SECTIONS = ("records", "counts", "rules", "events")


def per_record(pack: Pack) -> Iterator[str]:
    """Yield a line for each record: how long it is remembered, and what makes that for ever."""
    found = horizons(pack).records
    if found:
        yield f"how long {_name(pack)} remembers a record after its end or last event:"
    wide = max(map(len, found), default=0)
    for name, horizon in found.items():
        yield f"  {name:{wide}}  {described(horizon)}{': ' if horizon.endless else ''}{horizon.endless}"


def per_part(pack: Pack) -> Iterator[str]:
    """Yield a line for each record and count, and each rule and event type that outlasts a late event."""
    found = horizons(pack)
    longest = found.longest
    because = f", because of `{longest.because}`" if longest.because else ""
    late = described_seconds(found.late)
    yield f"{_name(pack)}: looks back {described(longest)}{because}; takes events that come up to {late} late"
    rows = [row for section in ALL_SECTIONS for row in _rows(section, found)]
    wide = max((len(name) for _, name, _ in rows), default=0)
    for word, name, horizon in rows:
        yield f"  {word:6}  {name:{wide}}  {described(horizon):>10}  {horizon.endless or horizon.because}".rstrip()


def as_record(pack: Pack, *, whole: bool) -> dict[str, Any]:
    """Return what a pack remembers for JSON, in days (null: for ever): its records, or all its parts."""
    found = horizons(pack)
    sections = ALL_SECTIONS if whole else ALL_SECTIONS[:1]
    parts = {section: _days(getattr(found, section)) for section in sections}
    return {"pack": _name(pack), "rules": len(pack.rules), "late": found.late // DAY, "remembered": parts}


def _rows(section: str, found: Horizons) -> Iterator[tuple[str, str, Horizon]]:
    """Yield the parts of a section; of rules and event types those that outlast a late event."""
    parts: Mapping[str, Horizon] = getattr(found, section)
    for name, horizon in parts.items():
        if section in ("records", "counts") or horizon.seconds > found.late:
            yield section.removesuffix("s"), name, horizon


def _days(parts: Mapping[str, Horizon]) -> dict[str, dict[str, Any]]:
    return {
        name: {"days": None, "because": one.because, "endless": one.endless}
        if one.is_endless
        else {"days": -(-one.seconds // DAY), "because": one.because}
        for name, one in parts.items()
    }


def _name(pack: Pack) -> str:
    return pack.prefix.rstrip("/")
