"""Faults inside one text of a pack, placed by their offset in that text; the resolver turns them into diagnostics."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final

from attrs import frozen

from dutyrules.policies.diagnostics import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Collection

MANY: Final = 500
MOST_COMPARED: Final = 30


@frozen
class Fault:
    """What is wrong from `start` over `length` characters of a text (None: to its end)."""

    code: str
    message: str
    start: int = 0
    length: int | None = None
    help: str | None = None

    def shifted(self, offset: int) -> Fault:
        """Place the fault in a longer text in which this one stands at `offset`."""
        return Fault(self.code, self.message, self.start + offset, self.length, self.help)


class Refused(Exception):
    """A text cannot be read; `fault` says where and why."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.message)
        self.fault = fault


def suggestion(word: str, candidates: Collection[str]) -> str | None:
    """Suggest the nearest candidate; of very many only those that look alike at first sight are compared."""
    if len(candidates) <= MANY:
        return did_you_mean(word, candidates)
    alike = (each for each in candidates if abs(len(each) - len(word)) <= 1 and each[:2] == word[:2])
    return did_you_mean(word, tuple(islice(alike, MOST_COMPARED)))
