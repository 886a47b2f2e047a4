"""Records of a file as a seal sees them: the lines, plain or packed, without their ends; empty lines are left out.

What a line says is not read, so a log in CSV and one in JSON Lines, events and outcomes are all sealed alike, and
nothing of a record is lost by reading it: one byte more or less is another record.
"""

from __future__ import annotations

import hashlib
import io
from typing import TYPE_CHECKING, Any, Final

import attrs

from dutyrules.audit.merkle import Leaves, leaf_hash, root_of
from dutyrules.log_files import open_packed

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

SHOWN: Final = 2_000
PIECE: Final = 1 << 20


@attrs.frozen
class Records:
    """The leaves of a file's records, and the digest of all its bytes as they are when unpacked."""

    leaves: Leaves
    sha256: str

    @property
    def size(self) -> int:
        """Return how many records there are."""
        return len(self.leaves)

    @property
    def root(self) -> str:
        """Return the root over the records in hexadecimal digits."""
        return root_of(self.leaves).hex()


class RecordSink(io.RawIOBase):
    """Takes bytes as a file does and keeps of each record its leaf, and the text of those that are `wanted`."""

    def __init__(self, wanted: Collection[int] = ()) -> None:
        super().__init__()
        self.leaves = Leaves()
        self.texts: dict[int, tuple[int, str]] = {}
        self._wanted = wanted
        self._whole = hashlib.sha256()
        self._rest = b""
        self._line = 0

    def writable(self) -> bool:
        """Say that bytes can be written."""
        return True

    def write(self, data: Any) -> int:  # noqa: ANN401 - whatever has bytes in it
        """Take the bytes that come next."""
        given = bytes(data)
        self._whole.update(given)
        *lines, self._rest = (self._rest + given).split(b"\n")
        for line in lines:
            self._take(line)
        return len(given)

    def records(self) -> Records:
        """Return the records that were written; the last one may lack its end."""
        if self._rest:
            self._take(self._rest)
            self._rest = b""
        return Records(self.leaves, self._whole.hexdigest())

    def _take(self, line: bytes) -> None:
        self._line += 1
        record = line.rstrip(b"\r")
        if record.strip():
            if len(self.leaves) in self._wanted:
                self.texts[len(self.leaves)] = (self._line, record[:SHOWN].decode("utf-8", "replace"))
            self.leaves.append(leaf_hash(record))


def read_records(path: Path, wanted: Collection[int] = ()) -> RecordSink:
    """Read a file once; raises what `dutyrules.log_files.BROKEN` names for one that cannot be read to its end."""
    sink = RecordSink(wanted)
    with open_packed(path) as stream:
        while data := stream.read(PIECE):
            sink.write(data)
    sink.records()
    return sink
