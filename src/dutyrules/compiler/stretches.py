"""Stretches without an act while a record is open, while a program runs; light to import."""

from __future__ import annotations

from typing import Any

from dutyrules.compiler.stream import FOREVER, Unsure


class Stretches:
    """The stretch at hand of each open record of one rule, by the record's key."""

    def __init__(self, rule: str) -> None:
        self._rule = rule
        self._instant = -FOREVER
        self._ended: set[Any] = set()
        self._doubt = -FOREVER
        self.open: dict[Any, Any] = {}

    def begins(self, key: Any, time: int) -> bool:  # noqa: ANN401 - the parts of any key
        """Tell whether a record opens; raise `Unsure` where one is closed in the same instant."""
        if self._instant == time and key in self._ended:  # in one instant the engine opens before it closes
            raise Unsure(self._rule, "opened as another is closed")
        return key not in self.open

    def end(self, key: Any, time: int) -> Any:  # noqa: ANN401 - as above, and a stretch of any rule
        """Return the stretch with which a record closes, None where none is open."""
        if self._instant != time:
            self._instant = time
            self._ended.clear()
        if key in self._ended or (key in self.open and self.open[key].start == time):
            raise Unsure(self._rule, "closed as something else happens")
        self._ended.add(key)
        return self._sure(self.open.pop(key, None), time)

    def act(self, key: Any, time: int) -> Any:  # noqa: ANN401 - as above
        """Return the stretch that an act ends, None where none is open or it begins just now."""
        found = self.open.get(key)
        return None if found is None or found.start == time else self._sure(found, time)

    def doubt(self, time: int) -> None:
        """Note what may have been an act: a miss is then a question."""
        self._doubt = time

    def is_doubtful(self, stretch: Any) -> bool:  # noqa: ANN401 - as above
        """Tell whether something may have been an act in a stretch that is over."""
        return bool(self._doubt >= stretch.start)

    def _sure(self, stretch: Any, time: int) -> Any:  # noqa: ANN401 - as above
        """Leave it to the engine where the miss before and what ends the stretch are one instant to it."""
        if stretch is not None and stretch.missed and stretch.start == time - 1:
            raise Unsure(self._rule, "done as it is missed")
        return stretch
