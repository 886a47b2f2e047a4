"""When the records in a bucket come, change and end: worked out once for all who read it, until one comes or goes."""

from __future__ import annotations

from bisect import bisect_right
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dutyrules.runtime.store import Bucket, Entry


class Lives:
    """The lives of some records."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self._entries = entries

    def open_at(self, at: int) -> int:
        """Return how many are open at an instant: those opened by then less those closed by then."""
        opened, closed = self._spans
        return bisect_right(opened, at) - bisect_right(closed, at)

    def changing_after(self, after: int) -> Sequence[Entry]:
        """Return the entries of those of which anything is later than an instant."""
        lasts, entries = self._by_last
        return entries[bisect_right(lasts, after) :]

    @cached_property
    def _spans(self) -> tuple[list[int], list[int]]:
        lived = [one for _time, _name, one in self._entries if one.closed is None or one.opened < one.closed]
        return [one.opened for one in lived], sorted([one.closed for one in lived if one.closed is not None])

    @cached_property
    def _by_last(self) -> tuple[list[int], list[Entry]]:
        """Return the last instant at which each of them changes, in order, and their entries in the same order."""
        lasts = [max(time, one.closed or time, one.steps[-1][0]) for time, _name, one in self._entries]
        order = sorted(range(len(lasts)), key=lasts.__getitem__)
        return [lasts[place] for place in order], [self._entries[place] for place in order]


def lives_in(bucket: Bucket) -> Lives:
    """Return the lives of the records in a bucket."""
    if bucket.tally is None:
        bucket.tally = Lives(bucket.entries)
    found: Lives = bucket.tally
    return found
