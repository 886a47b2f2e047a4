"""The best assignment: as many pairs as possible, and of all such choices the one whose costs sum to least."""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING, Final

import attrs

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_NONE: Final = -1


def assign(rows: Sequence[Mapping[int, int]], columns: int) -> list[int | None]:
    """Give each row a column of its own or None.

    `rows` holds for each row the columns, below `columns`, that it may have, each with a cost of 0 or more. Of several
    best choices the one taken depends on the order of rows and columns alone. The time is about rows times pairs.
    """
    beyond = 1 + sum(max(row.values(), default=0) for row in rows)  # to go without costs more than all pairs together
    found = _Assignment([{**row, columns + index: beyond} for index, row in enumerate(rows)])
    for row in range(len(rows)):
        found.add(row)
    return [column if column < columns else None for column in found.chosen]


@attrs.define
class _Assignment:
    """Shortest augmenting paths: each row comes in by the cheapest chain of rows that change their column."""

    rows: Sequence[Mapping[int, int]]
    chosen: list[int] = attrs.field(init=False)
    _owner: dict[int, int] = attrs.field(init=False, factory=dict)
    _worth: list[int] = attrs.field(init=False)
    _price: dict[int, int] = attrs.field(init=False, factory=dict)

    def __attrs_post_init__(self) -> None:
        self.chosen = [_NONE] * len(self.rows)
        self._worth = [0] * len(self.rows)

    def add(self, start: int) -> None:
        """Take one more row in."""
        distance: dict[int, int] = {}
        before: dict[int, int] = {}
        passed: list[int] = []
        waiting: list[tuple[int, int]] = []
        row, base = start, 0
        while True:
            for column, cost in self.rows[row].items():
                length = base + cost - self._worth[row] - self._price.get(column, 0)
                if length < distance.get(column, length + 1):
                    distance[column], before[column] = length, row
                    heapq.heappush(waiting, (length, column))
            base, column = heapq.heappop(waiting)
            while base > distance[column]:
                base, column = heapq.heappop(waiting)
            if column not in self._owner:
                break
            passed.append(column)
            row = self._owner[column]
        for seen in passed:
            self._price[seen] = self._price.get(seen, 0) + distance[seen] - base
            self._worth[self._owner[seen]] += base - distance[seen]
        self._worth[start] += base
        self._change(start, column, before)

    def _change(self, start: int, column: int, before: Mapping[int, int]) -> None:
        row = _NONE
        while row != start:
            row = before[column]
            self._owner[column], self.chosen[row], column = row, column, self.chosen[row]
