"""What was done to a list of records: which one was edited, dropped, inserted, moved or cut off, and where.

Two lists of hashes are compared. What both hold in the same order stays; a record that both hold and that stands among
others was moved; where one is gone and another one stands in its place, it was edited. Time grows as n log n.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict, deque
from enum import StrEnum
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


class How(StrEnum):
    """What was done to a record."""

    EDITED = "edited"
    DROPPED = "dropped"
    INSERTED = "inserted"
    MOVED = "moved"
    TRUNCATED = "truncated"
    APPENDED = "appended"


@attrs.frozen
class Change:
    """One record that differs: its number in the list as it was and as it is, from 0, None where it is not there."""

    how: How
    was: int | None
    now: int | None


def compare(before: Sequence[bytes], after: Sequence[bytes]) -> list[Change]:
    """Return what was done to a list of records, in order of place; nothing for equal lists."""
    start = 0
    while start < min(len(before), len(after)) and before[start] == after[start]:
        start += 1
    same = 0
    while same < min(len(before), len(after)) - start and before[-1 - same] == after[-1 - same]:
        same += 1
    olds, news = range(start, len(before) - same), range(start, len(after) - same)
    pairs = _pairs(before, after, olds, news)
    steady = _longest_rising(pairs)
    moved = [Change(How.MOVED, was, now) for was, now in pairs if (was, now) not in steady]
    kept_old, kept_new = {was for was, _ in pairs}, {now for _, now in pairs}
    anchors = [*sorted(steady), (olds.stop, news.stop)]
    found = list(moved)
    old, new = start, start
    for was, now in anchors:
        gone = [at for at in range(old, was) if at not in kept_old]
        come = [at for at in range(new, now) if at not in kept_new]
        at_end = same == 0 and (was, now) == anchors[-1]
        found += _between(gone, come, at_end=at_end)
        old, new = was + 1, now + 1
    return sorted(found, key=lambda one: (one.was if one.was is not None else one.now or 0, one.now or 0, one.how))


def _pairs(before: Sequence[bytes], after: Sequence[bytes], olds: range, news: range) -> list[tuple[int, int]]:
    """Return the places of the records that both lists hold, the first with the first where there are several alike."""
    places: dict[bytes, deque[int]] = defaultdict(deque)
    for at in news:
        places[after[at]].append(at)
    return [(at, places[before[at]].popleft()) for at in olds if places.get(before[at])]


def _longest_rising(pairs: list[tuple[int, int]]) -> set[tuple[int, int]]:
    """Return the most pairs that stand in the same order in both lists."""
    ends: list[int] = []
    last: list[int] = []
    before: list[int | None] = []
    for number, (_, now) in enumerate(pairs):
        at = bisect_left(ends, now)
        before.append(last[at - 1] if at else None)
        if at == len(ends):
            ends.append(now)
            last.append(number)
        else:
            ends[at], last[at] = now, number
    found: set[tuple[int, int]] = set()
    step = last[-1] if last else None
    while step is not None:
        found.add(pairs[step])
        step = before[step]
    return found


def _between(gone: list[int], come: list[int], *, at_end: bool) -> Iterator[Change]:
    """Yield what was done between two records that stayed."""
    both = min(len(gone), len(come))
    yield from (Change(How.EDITED, was, now) for was, now in zip(gone, come, strict=False))
    yield from (Change(How.TRUNCATED if at_end else How.DROPPED, was, None) for was in gone[both:])
    yield from (Change(How.APPENDED if at_end else How.INSERTED, None, now) for now in come[both:])
