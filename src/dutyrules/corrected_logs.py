"""Log files as corrected: each event as what it amounts to, under its own id; optionally as it was known at an instant.

A log is read once more beforehand to find what corrects or withdraws other events. These, and what they are about, are
kept in memory, all else is not.
"""

from __future__ import annotations

import heapq
import itertools
from contextlib import closing
from typing import TYPE_CHECKING, Any, Final

import attrs

from dutyrules.corrections import Corrections
from dutyrules.csv_mapping import CsvLog
from dutyrules.events import EventDecoder, EventError
from dutyrules.log_files import RUN_BYTES, LogFile, decode_rows, read_in_order

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from dutyrules.events import Event

SIGNS: Final = (b'"corrects"', b'"withdraws"', b"\\u")
"""What a line holds that corrects or withdraws another event; letters can be written by their number."""


@attrs.define
class CorrectedLog:
    """Files of events, as corrected by all that is known, or by what was known at an instant (`known_by`).

    `not_known` counts the events that were recorded later; it is complete once the log has been read to its end.
    """

    files: list[LogFile]
    decoder: EventDecoder
    known_by: int | None = None
    not_known: int = attrs.field(init=False, default=0)
    _corrections: Corrections = attrs.field(init=False, factory=Corrections)
    _roots: dict[str, Event] = attrs.field(init=False, factory=dict)
    _places: dict[str, str] = attrs.field(init=False, factory=dict)

    def batches(self, refuse: Callable[[EventError], None], run_bytes: int = RUN_BYTES) -> Iterator[list[Event]]:
        """Give the events in batches, one an instant and sorted by id; `refuse` gets what is no event, or one twice."""
        self.not_known = 0
        self._find_corrections(refuse)
        stream = read_in_order(self.files, self.decoder, refuse, run_bytes=run_bytes)
        if self.known_by is None and not self._corrections:
            yield from stream
            return
        self._find_roots(refuse)
        corrected = [one for root in self._roots.values() if (one := self._corrections.corrected(root)) is not None]
        left = (event for batch in stream for event in batch if self._stays(event, refuse))
        merged = heapq.merge(left, sorted(corrected, key=_place), key=lambda event: event.time)
        for _, batch in itertools.groupby(merged, key=lambda event: event.time):
            yield sorted(batch, key=_place)

    def corrected(self, found: Mapping[str, tuple[Event, str]]) -> dict[str, tuple[Event, str]]:
        """Return events that were found in the files as what they amount to, and the places where that is said.

        Those that were withdrawn are as they were.
        """
        return {name: self._corrected(event, place) for name, (event, place) in found.items()}

    def _corrected(self, event: Event, place: str) -> tuple[Event, str]:
        standing, made = self._corrections.standing(event), self._corrections.corrected(event)
        if standing is None or made is None:
            return event, place
        return made, self._places.get(standing.id, place)

    def _knows(self, event: Event) -> bool:
        return self.known_by is None or event.known_at <= self.known_by

    def _stays(self, event: Event, refuse: Callable[[EventError], None]) -> bool:
        """Tell whether an event goes on as it stands."""
        if not self._knows(event):
            self.not_known += 1
            return False
        if event.amends is not None:
            return self._corrections.root_of(event.id) not in self._roots
        if self._corrections.get(event.id) is not None:
            refuse(_twice(event))
            return False
        return event.id not in self._roots

    def _find_corrections(self, refuse: Callable[[EventError], None]) -> None:
        self._corrections = Corrections()
        found = [event for file in self.files for event in self._amending(file) if self._knows(event)]
        for event in sorted(found, key=_place):
            known = self._corrections.get(event.id)
            if known is None:
                self._corrections.add(event)
            elif known != event:
                refuse(_twice(event))

    def _amending(self, file: LogFile) -> Iterator[Event]:
        if isinstance(file, CsvLog):
            return  # no column of a table says such a thing
        with closing(file.rows()) as rows:
            for row in rows:
                event = None if isinstance(row.source, EventError) else self._read(row.source)
                if event is not None and event.amends is not None:
                    self._places.setdefault(event.id, f"{file.name}:{row.number}")
                    yield event

    def _read(self, source: bytes | Mapping[str, Any]) -> Event | None:
        """Return the event of a line that may correct another; what is wrong with it is said when all is read."""
        if isinstance(source, bytes):
            if not any(sign in source for sign in SIGNS):
                return None
        elif "corrects" not in source and "withdraws" not in source:
            return None
        try:
            return self.decoder.decode(source)
        except EventError:
            return None

    def _find_roots(self, refuse: Callable[[EventError], None]) -> None:
        names = {self._corrections.root_of(event.id) for event in self._corrections}
        self._roots = {}
        found = [
            event
            for file in (self.files if names else ())
            for event in decode_rows(file, self.decoder, _pass_over)
            if event.id in names and event.amends is None and self._knows(event)
        ]
        for event in sorted(found, key=_place):
            known = self._roots.setdefault(event.id, event)
            if known != event:
                refuse(_twice(event))


def _place(event: Event) -> tuple[int, str, bytes]:
    return event.time, event.id, event.as_json()


def _twice(event: Event) -> EventError:
    return EventError("DR620", f"another event with the id `{event.id}` came before, with other content")


def _pass_over(_error: EventError) -> None:
    """Say nothing: the same line is read again, and then what is wrong with it is said."""
