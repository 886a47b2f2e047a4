"""Replay: a pack applied to whole log files, outcome by outcome, in memory that does not grow with the log."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

import attrs

from dutyrules.calendars.zones import Zone
from dutyrules.corrected_logs import CorrectedLog
from dutyrules.csv_mapping import CsvLog, CsvMapping
from dutyrules.engine import Engine
from dutyrules.events import EventDecoder, EventError
from dutyrules.log_files import RUN_BYTES, JsonLines, LogFile
from dutyrules.outcomes import GONE

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    from dutyrules.events import Event
    from dutyrules.outcomes import Outcome
    from dutyrules.policies.model import Pack

Counted = tuple[str, str, str]
SWEEP: Final = 50_000
CSV_SUFFIXES: Final = (".csv", ".csv.gz")


class NoMapping(ValueError):
    """A CSV file was given without the mapping that says what its columns mean."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"`{path}` is a CSV file and needs a mapping of its columns")
        self.path = path


def open_logs(
    paths: Iterable[Path],
    pack: Pack,
    mapping: CsvMapping | None = None,
    *,
    shown: Mapping[Path, str] | None = None,
) -> list[LogFile]:
    """Open files for replay; those named `.csv` or `.csv.gz` are read through the mapping, all others as JSON Lines.

    A file is read more than once: a pipe has to be copied first. `shown` names files for messages where their own
    names are of no use. Raises `OSError` for what cannot be opened, `NoMapping`.
    """
    return [_open_log(path, pack, mapping, (shown or {}).get(path)) for path in paths]


def _open_log(path: Path, pack: Pack, mapping: CsvMapping | None, shown: str | None) -> LogFile:
    with path.open("rb"):
        pass  # what cannot be opened is an error now, and not in the middle of the replay
    if not path.name.lower().endswith(CSV_SUFFIXES):
        return JsonLines(path, shown)
    if mapping is None:
        raise NoMapping(path)
    return CsvLog(path, mapping, pack.events, Zone(pack.timezone), shown)


@attrs.define
class Replay:
    """One pass of log files through an engine.

    `as_of` is in seconds since 1970, inclusive: later events are left out, and the clock stands there in the end; None:
    at the last event. Events are taken as corrected; with `as_known`, in seconds too, as they were known at that
    instant, where the clock then stands unless `as_of` says otherwise.
    `refuse` gets what holds no event, with its place; without it these are collected in `refused`.
    `seen` is called with the last event of each instant before it is fed.
    """

    pack: Pack
    files: list[LogFile]
    as_of: int | None = None
    carries: Mapping[str, dt.date] | str | None = None
    refuse: Callable[[EventError], None] | None = None
    seen: Callable[[Event], None] | None = None
    run_bytes: int = RUN_BYTES
    as_known: int | None = None
    engine: Engine = attrs.field(init=False)
    refused: list[EventError] = attrs.field(init=False, factory=list)
    events: int = attrs.field(init=False, default=0)
    later: int = attrs.field(init=False, default=0)
    log: CorrectedLog = attrs.field(init=False)
    _counts: Counter[Counted] = attrs.field(init=False, factory=Counter)
    _last: dict[str, Counted] = attrs.field(init=False, factory=dict)
    _sweep_at: int = attrs.field(init=False, default=SWEEP)

    def __attrs_post_init__(self) -> None:
        self.engine = Engine(self.pack, carries=self.carries)
        decoder = EventDecoder(self.pack.events, Zone(self.pack.timezone))
        self.log = CorrectedLog(self.files, decoder, self.as_known)
        if self.as_of is None:
            self.as_of = self.as_known

    def steps(self) -> Iterator[tuple[list[Event], list[Outcome]]]:
        """Give, instant by instant, the events and what has changed since the instant before; no events in the end."""
        refuse = self.refuse or self.refused.append
        for batch in self.log.batches(refuse, self.run_bytes):
            if self.as_of is not None and batch[0].time > self.as_of:
                self.later += len(batch)
                continue
            self.events += len(batch)
            if self.seen is not None:
                self.seen(batch[-1])
            yield batch, self._counted(self.engine.feed_all(batch))
        if self.as_of is not None:
            yield [], self._counted(self.engine.advance(self.as_of))

    def changes(self) -> Iterator[Outcome]:
        """Give each new or changed outcome as the clock comes to it."""
        for _, outcomes in self.steps():
            yield from outcomes

    def run(self) -> dict[str, Outcome]:
        """Replay to the end and return the outcomes that stand, by id, also those that the engine need not remember."""
        standing: dict[str, Outcome] = {}
        for one in self.changes():
            if one.status in GONE:
                standing.pop(one.id, None)
            else:
                standing[one.id] = one
        return standing

    @property
    def counts(self) -> Counter[Counted]:
        """Count the outcomes that stand by rule, kind and status; a duty fulfilled too late is `fulfilled late`."""
        return +self._counts

    def _counted(self, changes: list[Outcome]) -> list[Outcome]:
        """Count changes, remembering the status of only those outcomes that can still change."""
        for one in changes:
            now = (one.rule, one.kind, f"{one.status} late" if getattr(one, "late", False) else one.status)
            before = self._last.pop(one.id, None)
            if before is not None:
                self._counts[before] -= 1
            if one.status not in GONE:
                self._counts[now] += 1
                self._last[one.id] = now
        if len(self._last) > self._sweep_at:
            known = self.engine.outcomes()
            self._last = {name: counted for name, counted in self._last.items() if name in known}
            self._sweep_at = max(SWEEP, 2 * len(self._last))
        return changes
