"""How corrections reach the intake: there stands what each event amounts to, under its own id."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dutyrules.corrections import Corrections, fault_of
from dutyrules.runtime.intake import Fault
from dutyrules.runtime.store import FOREVER

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dutyrules.events import Event
    from dutyrules.runtime.intake import Intake
    from dutyrules.runtime.program import Program


class Amending:
    """Takes events, also those that correct or withdraw others, whatever comes first.

    `begins_later`: the first event of the log has gone, and no other is as early, so that all must be done again.
    """

    def __init__(self, program: Program, intake: Intake) -> None:
        self._program = program
        self._intake = intake
        self._corrections = Corrections()
        self._originals: dict[str, Event] = {}  # of what has been amended, as they came
        self._swept = -FOREVER
        self.begins_later = False

    # --- events in ---------------------------------------------------------------------------------------------------

    def reaches_back(self, event: Event) -> bool:
        """Tell whether an event changes another one that has been taken, or was amended before it came."""
        if event.amends is None:
            return self._corrections.is_about(event.id)
        root = self._corrections.root_of(event.amends)
        return root is not None and self._original(root) is not None

    def take(self, event: Event) -> Fault | None:
        """Take an event; return why not."""
        if event.amends is None and not self._corrections:
            return self._intake.take(event)
        known = self._corrections.get(event.id) or self._original(event.id)
        if known is not None:
            text = f"another event with the id `{event.id}` came before, with other content"
            return Fault("DR620", "" if known == event else text)
        if event.amends is not None:
            return self._amend(event)
        if not self._corrections.is_about(event.id):
            return self._intake.take(event)
        fault = self._put(None, self._corrections.corrected(event))
        if fault is None:
            self._originals[event.id] = event
        return fault

    def _amend(self, event: Event) -> Fault | None:
        if event.type not in self._program.pack.events:
            return Fault("DR608", f"unknown event type `{event.type}`")
        root = self._corrections.root_of(str(event.amends))
        original = None if root is None else self._original(root)
        if original is None:
            fault = self._too_old(event) if event.withdraws is None else None
            if fault is None:
                self._corrections.add(event)
            return fault
        old = self._corrections.corrected(original)
        self._corrections.add(event)
        fault = self._put(old, self._corrections.corrected(original))
        if fault is None:
            self._originals[original.id] = original
        else:
            self._corrections.remove(event.id)
        return fault

    def _put(self, old: Event | None, new: Event | None) -> Fault | None:
        """Let an event stand in the place of another one, unless one of them is beyond what is remembered."""
        if old == new:
            return None
        fault = next((fault for one in (old, new) if one is not None and (fault := self._too_old(one))), None)
        if fault is not None:
            return fault
        if old is not None:
            began = self._intake.started_at
            self._intake.give_back(old.id)
            now = self._intake.started_at
            if began is not None and (now is None or now[0] > began[0]):
                self.begins_later = True
        return None if new is None else self._intake.take(new)

    def _too_old(self, event: Event) -> Fault | None:
        return self._intake.too_old(event)

    def _original(self, name: str) -> Event | None:
        return self._originals.get(name) or self._intake.event(name)

    # --- what is known -----------------------------------------------------------------------------------------------

    def events(self) -> Iterator[Event]:
        """Yield all that is needed to go on, as it came: corrections first, then in order of time."""
        yield from self._corrections
        plain = [event for event in self._intake.events() if event.id not in self._originals]
        yield from sorted((*self._originals.values(), *plain), key=lambda event: (event.time, event.id))

    def remarks(self) -> dict[str, tuple[str, str]]:
        """Return why corrections reach nothing, by their ids."""
        return {event.id: said for event in self._corrections if (said := self.remark(event.id)) is not None}

    def remark(self, name: str) -> tuple[str, str] | None:
        """Return why one correction reaches nothing, None if it does or is none."""
        event = self._corrections.get(name)
        root = self._corrections.root_of(name)
        if event is None or (root is not None and self._original(root) is not None):
            return None
        code, reason = fault_of(event, root)
        return code, reason + ("" if root is None else self._forgotten())

    def root_of(self, event: Event) -> str:
        """Return the id under which what an event says stands, its own if it corrects nothing."""
        return self._corrections.root_of(event.id) or event.id

    def _forgotten(self) -> str:
        limit = self._program.store.forgotten_before
        if limit == -FOREVER:
            return " yet"
        return f" yet; what lies before {self._program.zone.iso(limit)} is remembered no longer"

    # --- forgetting --------------------------------------------------------------------------------------------------

    def sweep(self) -> dict[str, tuple[str, str]]:
        """Forget what no event can change any more; return the corrections that have waited in vain."""
        limit = self._program.store.forgotten_before
        if limit <= self._swept:
            return {}
        self._swept = limit
        for name in [name for name in self._originals if self._intake.event(name) is None]:
            tree = self._corrections.below(name)
            events = [self._originals[name], *(one for each in tree if (one := self._corrections.get(each)))]
            if all(one.time < limit for one in events):
                del self._originals[name]
                for each in tree[1:]:
                    self._corrections.remove(each)
        vain = {
            name: said
            for name, said in self.remarks().items()
            if (one := self._corrections.get(name)) is not None and max(one.time, one.known_at) < limit
        }
        for name in vain:
            self._corrections.remove(name)
        return vain
