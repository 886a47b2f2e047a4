"""What rules look back for, while a program runs: which facts have been there; light to import."""

from __future__ import annotations

from typing import Any


class Earlier:
    """Facts of one type that a rule needs, by what they must have in common with what sets the rule off.

    The engine remembers such a fact for `seconds`, None for ever; whether it still knows an older one is left to it.
    The key None stands for a fact that leaves out a part of its key.
    """

    def __init__(self, seconds: int | None) -> None:
        self._seconds = seconds
        self._times: dict[Any, int] = {}
        self._doubts: set[Any] = set()

    def note(self, key: Any, time: int) -> None:  # noqa: ANN401 - the parts of any key
        """Note a fact that is one of those needed."""
        self._times[key] = time

    def doubt(self, key: Any) -> None:  # noqa: ANN401 - as above
        """Note a fact of which it is not known whether it is one."""
        self._doubts.add(key)

    def get(self, key: Any, time: int) -> bool | None:  # noqa: ANN401 - as above
        """Tell whether there has been such a fact by an instant, None where one pass cannot tell."""
        last = self._times.get(key)
        if last is None:
            doubtful = None in self._times or None in self._doubts or key in self._doubts
            return None if doubtful else False
        return True if self._seconds is None or time - last <= self._seconds else None


def lacked(*needs: tuple[bool, str]) -> str:
    """Return, as JSON, which of some needs are not met; each comes with its name as JSON."""
    return f"[{','.join(name for met, name in needs if not met)}]"
