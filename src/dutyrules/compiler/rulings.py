"""Questions that a program has put, and rulings, while it runs; light to import.

An answer is left to the engine. A ruling about nothing that has been asked is set aside, or else it is a plain fact.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dutyrules.compiler.stream import Unsure
from dutyrules.remarks import ABOUT_NOTHING, no_question

if TYPE_CHECKING:
    from collections.abc import Callable


class Rulings:
    """The names by which questions may be meant, and those that rulings have named; `aside` takes what is set aside."""

    def __init__(self, aside: Callable[[tuple[str, str, str]], None]) -> None:
        self._aside = aside
        self._asked: set[str] = set()
        self._named: set[str] = set()

    def ask(self, rule: str, cause: str, *names: str) -> None:
        """Note a question; of a ruling that came before there is more to say, and it may be of this very instant."""
        if not self._named.isdisjoint(names):
            raise Unsure(rule, cause)
        self._asked.update(names)

    def rule(self, about: str | None, ruling: str, *, decides: bool) -> None:
        """Note a ruling; `decides`: it says something that only an answer says."""
        if about in self._asked:
            raise Unsure("ruling", ruling)
        if about is not None:
            self._named.add(about)
        if decides:
            code, why = ABOUT_NOTHING if about is None else no_question(about)
            self._aside((code, ruling, why))
