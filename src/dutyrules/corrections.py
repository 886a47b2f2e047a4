"""Corrections: what an event amounts to once every event that corrects or withdraws it is known.

A correction stands in the place of what it names, under the id of the event that it goes back to: the root. Of several
that name the same one, the one that was recorded last counts; one that was itself withdrawn does not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import attrs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dutyrules.events import Event

WAITS: Final = "DR627"
CIRCLE: Final = "DR628"


class Corrections:
    """Events that correct or withdraw others, and whom each is about.

    What they come to depends on the set of them alone, and not on the order in which they came.
    """

    def __init__(self) -> None:
        self._amending: dict[str, Event] = {}
        self._about: dict[str, set[str]] = {}

    def __len__(self) -> int:
        return len(self._amending)

    def __iter__(self) -> Iterator[Event]:
        yield from self._amending.values()

    def get(self, name: str) -> Event | None:
        """Return the correction or withdrawal with an id."""
        return self._amending.get(name)

    def add(self, event: Event) -> None:
        """Take note of an event that corrects or withdraws another."""
        self._amending[event.id] = event
        self._about.setdefault(str(event.amends), set()).add(event.id)

    def remove(self, name: str) -> None:
        """Forget one of them."""
        target = str(self._amending.pop(name).amends)
        self._about[target].discard(name)
        if not self._about[target]:
            del self._about[target]

    def is_about(self, name: str) -> bool:
        """Tell whether any of them names this event."""
        return name in self._about

    def root_of(self, name: str) -> str | None:
        """Return the id of the event that one of them goes back to in the end; None where it goes in a circle."""
        seen = {name}
        event = self._amending.get(name)
        while event is not None:
            name = str(event.amends)
            if name in seen:
                return None
            seen.add(name)
            event = self._amending.get(name)
        return name

    def below(self, root: str) -> list[str]:
        """Return an event's id and the ids of all that go back to it, each after the one that it names."""
        names = [root]
        for name in names:
            names.extend(sorted(self._about.get(name, ())))
        return names

    def corrected(self, event: Event) -> Event | None:
        """Return what a plain event amounts to, under its own id; None where it has been withdrawn."""
        last = self.standing(event)
        return last if last is None or last is event else attrs.evolve(last, id=event.id, corrects=None, recorded=None)

    def standing(self, event: Event) -> Event | None:
        """Return the event or the correction of it that stands, as it came; None where it has been withdrawn."""
        if event.id not in self._about:
            return event
        comes_to: dict[str, Event | None] = {}
        for name in reversed(self.below(event.id)):
            comes_to[name] = self._last_word(event if name == event.id else self._amending[name], comes_to)
        return comes_to[event.id]

    def _last_word(self, own: Event, comes_to: dict[str, Event | None]) -> Event | None:
        """Return what was said last in place of one event and stands; itself if nothing was, None if it is undone."""
        amending = (self._amending[name] for name in self._about.get(own.id, ()))
        for one in sorted(amending, key=lambda one: (one.known_at, one.id), reverse=True):
            said = comes_to[one.id]
            if said is not None:
                return None if said.withdraws is not None else said
        return own


def fault_of(event: Event, root: str | None) -> tuple[str, str]:
    """Return why a correction or withdrawal reaches nothing: its root has not come, or it has none."""
    does = "corrects" if event.corrects is not None else "withdraws"
    if root is None:
        return CIRCLE, f"`{event.id}` {does} `{event.amends}`, which goes back to itself"
    return WAITS, f"`{event.id}` {does} `{event.amends}`, and there is no event `{root}`"
