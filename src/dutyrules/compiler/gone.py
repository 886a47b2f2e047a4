"""The keys of records that were let go, in little memory. Light to import: programs run on it."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections import deque
from sys import getsizeof

TYPE_CHECKING = False  # see `stream`
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

SEVERAL = 255
"""The mark of what may be in any month; the other marks but 0 are shared out among the months in turn."""

SLACK = 8
"""How many marks there are at least to a number: the fewer, the more often a month is searched in vain."""


class Gone(list["array[int]"]):
    """The keys of records that were let go, as numbers of 64 bits: an ordered array for each month, the oldest first.

    A byte for the last bits of a number tells in which months it may be, and mostly that it is in none. Both take some
    twenty bytes a number, and a set would take eighty.
    """

    __slots__ = ("_first", "_marked", "_marks", "_mask")

    def __init__(self) -> None:
        super().__init__()
        self._first = 0
        self._marked = 0
        self._marks = bytearray(1)
        self._mask = 0

    def __contains__(self, number: Any) -> bool:  # noqa: ANN401 - a list may be asked about anything
        """Tell whether a key is gone."""
        return (mark := self._marks[number & self._mask]) > 0 and self._is_in(number, mark)

    def __sizeof__(self) -> int:
        """Return how many bytes it takes with all that it holds."""
        return super().__sizeof__() + sum(map(getsizeof, self)) + getsizeof(self._marks)

    def let_go(self, numbers: Iterable[int]) -> None:
        """Add the numbers of a month."""
        self.append(array("q", sorted(numbers)))
        self._marked += len(self[-1])
        if self._marked * SLACK <= len(self._marks):
            self._mark(len(self) - 1)
            return
        self._marked = sum(map(len, self))
        self._marks = bytearray(1 << (SLACK * self._marked).bit_length())
        self._mask = len(self._marks) - 1
        for place in range(len(self)):
            self._mark(place)

    def forget(self) -> None:
        """Forget the oldest month. Its marks stay until there are too many: they lead to where nothing is found."""
        del self[0]
        self._first += 1

    def _mark(self, place: int) -> None:
        mark = (self._first + place) % (SEVERAL - 1) + 1
        places = [*map(self._mask.__and__, self[place])]
        marks = bytes(map(self._marks.__getitem__, places)).translate(bytes([mark]).ljust(256, bytes([SEVERAL])))
        deque(map(self._marks.__setitem__, places, marks), 0)

    def _is_in(self, number: int, mark: int) -> bool:
        for month in self if mark == SEVERAL else self[(mark - 1 - self._first) % (SEVERAL - 1) :: SEVERAL - 1]:
            place = bisect_left(month, number)
            if place < len(month) and month[place] == number:
                return True
        return False
