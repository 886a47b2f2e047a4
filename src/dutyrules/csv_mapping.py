"""CSV logs: a small mapping, written as YAML, says which columns make up an event.

The shape of a mapping is in `docs/events.md`. A fault of the mapping itself is a diagnostic with its place; a row that
does not fit it is set aside like any other line that holds no event.
"""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
import re
from typing import TYPE_CHECKING, Any, Final

import attrs

from dutyrules.calendars.clock_times import ClockTime, parse_clock_time
from dutyrules.calendars.errors import CalendarError
from dutyrules.calendars.zones import Zone
from dutyrules.events import EventError, EventFault
from dutyrules.log_files import BROKEN, Row, open_packed
from dutyrules.policies.diagnostics import did_you_mean, quoted
from dutyrules.policies.model import FieldType
from dutyrules.policies.yaml_source import MapNode, Node
from dutyrules.table_columns import Cell, ColumnReader, UnfitRow, columns_in, filled, load_table_mapping

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Mapping
    from pathlib import Path

    from dutyrules.policies.model import EventType, FieldSpec

_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_BOOLS: Final = {"true": True, "yes": True, "y": True, "1": True, "false": False, "no": False, "n": False, "0": False}
_WHOLE: Final = re.compile(r"[+-]?[0-9]{1,18}")
_MIDNIGHT: Final = ClockTime(0)
_NOT_READ: Final = re.compile(r"[\udc80-\udcff]")  # stands for a byte that the encoding does not know
_LOCAL: Final = re.compile(r"%[ZcxX]")  # read otherwise on another machine
_CELL: Final = ("value", "map", "format")
_SOME_DAY: Final = dt.datetime(2026, 11, 22, 13, 14, 15, tzinfo=dt.UTC)


@attrs.frozen
class CsvMapping:
    """How a row becomes an event.

    `identity` is a text with `{column}` and `{row}` (the line number) in it; without it the id is a digest of the row,
    so that the same row twice is one event. `at` gives the time of day to a column that holds days, one for all or one
    for each event type.
    """

    time: Cell
    type: Cell
    fields: Mapping[str, Cell]
    encoding: str = "utf-8"
    delimiter: str = ","
    identity: str | None = None
    subject: Cell | None = None
    zone: Zone | None = None
    at: ClockTime | Mapping[str, ClockTime] | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the columns that a file must have, each once."""
        cells = [self.time, self.type, *self.fields.values(), *([self.subject] if self.subject else [])]
        named = [*(cell.column for cell in cells), *columns_in(self.identity)]
        return tuple(dict.fromkeys(name for name in named if name))


# --- rows to events ---------------------------------------------------------------------------------------------------


@attrs.frozen
class CsvLog:
    """A CSV file with a header line, plain or packed with gzip, read through a mapping."""

    path: Path
    mapping: CsvMapping
    types: Mapping[str, EventType]
    zone: Zone
    shown: str | None = None

    @property
    def name(self) -> str:
        """Return the path as it was given."""
        return self.shown or str(self.path)

    def rows(self) -> Generator[Row, None, None]:
        """Read the rows below the header."""
        encoding = "utf-8-sig" if self.mapping.encoding == "utf-8" else self.mapping.encoding
        packed = open_packed(self.path)
        with io.TextIOWrapper(packed, encoding=encoding, errors="surrogateescape", newline="") as text:
            reader = csv.reader(text, delimiter=self.mapping.delimiter, strict=True)
            try:
                header = next(reader, [])
                unfit = _header_fault(self.mapping, header)
                if unfit is not None:
                    yield Row(1, unfit)
                    return
                yield from self._read(reader, header)
            except (*BROKEN, UnicodeError) as error:
                reason = f"the file breaks off: {error}".lower()
                yield Row(reader.line_num + 1, EventError(EventFault.UNREADABLE, reason))

    def _read(self, reader: Any, header: list[str]) -> Iterator[Row]:  # noqa: ANN401 - csv has no name for its reader
        while True:
            first = reader.line_num + 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                lines = reader.line_num - first + 1
                swallowed = f"; it takes up {lines} lines, perhaps for a stray quote" if lines > 1 else ""
                yield Row(first, _unfit(f"the row cannot be read: {error}{swallowed}".lower()))
                continue
            if cells:
                row = self._row(cells, header, reader.line_num)
                if row is not None:
                    yield row

    def _row(self, cells: list[str], header: list[str], number: int) -> Row | None:
        if len(cells) != len(header):
            return Row(number, _unfit(f"the row has {len(cells)} cells, the header {len(header)}"))
        if any(map(_NOT_READ.search, cells)):
            return Row(number, _unfit(f"the row holds bytes that are no {self.mapping.encoding}"))
        try:
            document = self._document(dict(zip(header, cells, strict=True)), cells, number)
        except EventError as error:
            return Row(number, error)
        return None if document is None else Row(number, document)

    def _document(self, row: dict[str, str], cells: list[str], number: int) -> dict[str, object] | None:
        """Make the event of a row; None where the mapping passes it over."""
        mapping = self.mapping
        name = self._type_name(row)
        if name is None:
            return None
        declared = self.types[name].fields if name in self.types else {}
        data = {field: _typed(cell, cell.read(row), declared.get(field)) for field, cell in mapping.fields.items()}
        return {
            "id": _identity(mapping.identity, row, cells, number),
            "type": name,
            "time": self._time(row, name),
            "subject": mapping.subject.read(row) if mapping.subject else None,
            "data": {field: value for field, value in data.items() if value is not None},
        }

    def _type_name(self, row: Mapping[str, str]) -> str | None:
        try:
            return self.mapping.type.named(row, "event type")
        except UnfitRow as error:
            raise _unfit(error.reason, error.hint) from None

    def _time(self, row: Mapping[str, str], type_name: str) -> str:
        text = self.mapping.time.read(row)
        if not isinstance(text, str):
            raise EventError(EventFault.BAD_TIME, f"the column {quoted(self.mapping.time.column)} is empty")
        moment = _moment(text, self.mapping.time.format)
        zone = self.mapping.zone or self.zone
        at = self.mapping.at.get(type_name) if not isinstance(self.mapping.at, ClockTime | None) else self.mapping.at
        try:
            if isinstance(moment, dt.datetime) and at is None:
                if moment.tzinfo is not None:
                    return moment.isoformat()
                clock = ClockTime(moment.hour * 3600 + moment.minute * 60 + moment.second)
                return zone.iso(zone.at(moment.date(), clock))
            day = moment.date() if isinstance(moment, dt.datetime) else moment
            return zone.iso(zone.at(day, at or _MIDNIGHT))
        except (CalendarError, OverflowError):
            raise EventError(EventFault.BAD_TIME, f"{quoted(text)} is out of range") from None


def _header_fault(mapping: CsvMapping, header: list[str]) -> EventError | None:
    """Say which column that is wanted the header lacks or has twice."""
    for name in mapping.columns:
        if name not in header:
            return _unfit(f"the file has no column {quoted(name)}", did_you_mean(name, header) or "")
        if header.count(name) > 1:
            return _unfit(f"the file has more than one column {quoted(name)}")
    return None


def _unfit(reason: str, hint: str = "") -> EventError:
    return EventError(EventFault.ROW_UNFIT, reason, hint=hint)


def _moment(text: str, pattern: str | None) -> dt.datetime | dt.date:
    try:
        if pattern is not None:
            return dt.datetime.strptime(text, pattern)  # noqa: DTZ007 - the mapping's zone is added where there is none
        return dt.date.fromisoformat(text) if _DAY.fullmatch(text) else dt.datetime.fromisoformat(text)
    except ValueError:
        wanted = f"written as {quoted(pattern)}" if pattern else "a day or an instant"
        raise EventError(EventFault.BAD_TIME, f"{quoted(text)} is not {wanted}") from None


def _typed(cell: Cell, value: object, spec: FieldSpec | None) -> object:
    """Read a text as what the vocabulary says the field is; what does not fit stays text, for the decoder to refuse."""
    if not isinstance(value, str):
        return value
    if cell.format is not None:
        moment = _moment(value, cell.format)
        return moment.date() if isinstance(moment, dt.datetime) else moment
    if spec is not None and spec.type is FieldType.BOOL:
        return _BOOLS.get(value.lower(), value)
    if spec is not None and spec.type is FieldType.INT and _WHOLE.fullmatch(value):
        return int(value)
    return value


def _identity(pattern: str | None, row: Mapping[str, str], cells: list[str], number: int) -> str:
    if pattern is None:
        return hashlib.blake2b("\x1f".join(cells).encode(), digest_size=10).hexdigest()
    return filled(pattern, row, number)


# --- reading a mapping ------------------------------------------------------------------------------------------------


def load_mapping(path: Path) -> CsvMapping:
    """Read a mapping; a `BadMapping` holds every fault."""
    return load_table_mapping(path, lambda found, root: _MappingReader(found).mapping(root))


class _MappingReader(ColumnReader):
    """Reads the parts of a mapping of events and notes what is wrong with them."""

    def mapping(self, node: Node) -> CsvMapping | None:
        """Read the whole mapping."""
        parts = self.parts(node, ("encoding", "delimiter", "id", "time", "type", "subject", "fields"), ("time", "type"))
        if not {"time", "type"} <= parts.keys():
            return None
        zone, at = self._zone_and_at(parts["time"])
        fields = parts.get("fields")
        return CsvMapping(
            time=self.cell(parts["time"], ("map", "format", "zone", "at")),
            type=self.cell(parts["type"], _CELL),
            fields=(
                {key.text: self.cell(value, _CELL) for key, value in fields.entries}
                if isinstance(fields, MapNode)
                else {}
            ),
            encoding=self.encoding(parts.get("encoding")),
            delimiter=self.delimiter(parts.get("delimiter")),
            identity=self.pattern(parts.get("id")),
            subject=self.cell(parts["subject"], _CELL) if "subject" in parts else None,
            zone=zone,
            at=at,
        )

    def _zone_and_at(self, node: Node) -> tuple[Zone | None, ClockTime | Mapping[str, ClockTime] | None]:
        if not isinstance(node, MapNode):
            return None, None
        zone, at = self.calendar(Zone, node.get("zone")), node.get("at")
        if isinstance(at, MapNode):
            return zone, {key.text: self.calendar(parse_clock_time, value) or _MIDNIGHT for key, value in at.entries}
        return zone, self.calendar(parse_clock_time, at)

    def format(self, node: Node) -> str:
        """Read how a day or an instant is written, and note what no machine or not each machine reads back."""
        pattern = self.text(node)
        local = _LOCAL.search(pattern)
        if local is not None:
            self.fault(f"{quoted(local[0])} is read otherwise on another machine", node, "use numbers and `%z`")
            return pattern
        try:
            dt.datetime.strptime(_SOME_DAY.strftime(pattern), pattern)  # noqa: DTZ007 - only whether it can be read
        except (ValueError, re.error):
            self.fault(f"{quoted(pattern)} is no way to write a day or an instant", node)
        return pattern
