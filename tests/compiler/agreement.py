"""Runs a compiled pack and the engine over one log and says where they differ."""

from __future__ import annotations

import io
import json
from collections import Counter
from typing import TYPE_CHECKING

import attrs

from dutyrules.calendars.zones import Zone
from dutyrules.cli.compiled import counts, set_aside
from dutyrules.compiler.bulk import replay_file
from dutyrules.compiler.program import compile_pack, load_program
from dutyrules.compiler.reading import Beyond
from dutyrules.events import EventDecoder, EventError
from dutyrules.log_files import JsonLines
from dutyrules.outcomes import encode
from dutyrules.replay import Replay

if TYPE_CHECKING:
    from pathlib import Path


@attrs.define
class Tally:
    """How many logs were decided, how many were left to the engine and why, and what came out."""

    decided: int = 0
    left: Counter = attrs.field(factory=Counter)
    made: Counter = attrs.field(factory=Counter)
    refused: int = 0
    aside: int = 0

    @property
    def logs(self) -> int:
        """Return how many logs there were."""
        return self.decided + self.left.total()

    def assert_most(self, share: float) -> None:
        """Assert that at least this share of logs was decided."""
        assert self.decided >= share * self.logs, self


class Both:
    """One pack, compiled and not."""

    def __init__(self, pack, folder: Path) -> None:
        self.pack = pack
        self.text = compile_pack(pack, carries_all=True)
        self.program = load_program(self.text)
        self.tally = Tally()
        self._path = folder / "log.jsonl"

    def check(self, lines: list[bytes], after: int = 0, *, end: bytes = b"\n") -> bool:
        """Assert that both say the same of a log, some seconds after its last event; tell whether it was decided."""
        self._path.write_bytes(b"".join(line + end for line in lines))
        wanted, upto, refused, aside, counted = self._engine(after)
        out = io.BytesIO()
        mine: list[tuple[int, str]] = []
        try:
            passed = replay_file(self.program, self._path, out, slow=self._slow(mine), upto=upto)
        except Beyond as error:
            self.tally.left[str(error).split("`")[1] if "`" in str(error) else str(error)] += 1
            return False
        found = Counter(canonical(line) for line in out.getvalue().splitlines())
        differences = [f"engine only: {one}" for one in (wanted - found).elements()]
        differences += [f"compiled only: {one}" for one in (found - wanted).elements()]
        differences += [f"set aside by one only: {one}" for one in sorted(set(refused) ^ set(mine))]
        unused = Counter(map(attrs.astuple, set_aside(self.pack, passed)))
        differences += [f"not used by the engine: {one}" for one in (aside - unused).elements()]
        differences += [f"not used by the program: {one}" for one in (unused - aside).elements()]
        told = counts(out, 0)
        differences += [f"{one}: {counted[one]} and {told[one]}" for one in counted | told if counted[one] != told[one]]
        shown = b"\n".join(lines).decode(errors="replace")
        assert not differences, "\n".join(["", shown, f"--- until {upto}", *differences])
        self.tally.decided += 1
        self.tally.refused += len(refused)
        self.tally.aside += aside.total()
        for one in wanted:
            fields = json.loads(one)
            self.tally.made[fields["rule"], fields["kind"], fields["status"]] += 1
        return True

    def _engine(self, after: int) -> tuple[Counter, int, list[tuple[int, str]], Counter, Counter]:
        decoder = EventDecoder(self.pack.events, Zone(self.pack.timezone))
        last = 0
        for row in JsonLines(self._path).rows():
            try:
                last = max(last, decoder.decode(row.source).time)
            except EventError:
                continue
        replay = Replay(self.pack, [JsonLines(self._path)], as_of=last + after, carries="all")
        wanted = Counter(canonical(encode(outcome)) for outcome in replay.changes())
        aside = Counter(map(attrs.astuple, replay.engine.set_aside))
        return wanted, last + after, _places(replay.refused), aside, replay.counts

    def _slow(self, refused: list[tuple[int, str]]):
        decoder = EventDecoder(self.pack.events, Zone(self.pack.timezone))

        def slow(line: bytes, number: int):
            try:
                return plain(self.pack, decoder.decode(line.rstrip(b"\r")))
            except EventError as error:
                refused.append((number, error.code))
                return None

        return slow


def _places(errors: list[EventError]) -> list[tuple[int, str]]:
    return [(int(error.place.rsplit(":", 1)[1]), error.code) for error in errors]


def plain(pack, event) -> dict:
    """Return an event in the plain form that a compiled pack reads."""
    zone = Zone(pack.timezone)
    kinds = {name: str(spec.type) for name, spec in pack.events[event.type].fields.items()}
    data = {}
    for name, value in event.data.items():
        kind = kinds.get(name)
        if kind not in ("time", "date", "any", "None"):
            data[name] = value
        elif kind == "time":
            data[name] = zone.iso(value)
        elif kind == "date":
            data[name] = value.isoformat()
    return {"id": event.id, "type": event.type, "time": zone.iso(event.time), "subject": event.subject, "data": data}


def canonical(line: bytes) -> str:
    """Return an outcome's line with its keys in order; every value stays as it was written."""
    return json.dumps(json.loads(line), sort_keys=True, ensure_ascii=False)
