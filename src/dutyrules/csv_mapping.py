"""CSV logs: a small mapping, written as YAML, says which columns make up an event.

The shape of a mapping is in `docs/events.md`. A fault of the mapping itself is a diagnostic with its place; a row that
does not fit it is set aside like any other line that holds no event.
"""

from __future__ import annotations

import codecs
import csv
import datetime as dt
import hashlib
import io
import re
from typing import TYPE_CHECKING, Any, Final, TypeVar

import attrs

from dutyrules.calendars.clock_times import ClockTime, parse_clock_time
from dutyrules.calendars.errors import CalendarError
from dutyrules.calendars.zones import Zone
from dutyrules.events import EventError, EventFault
from dutyrules.log_files import BROKEN, Row, open_packed
from dutyrules.policies.diagnostics import Diagnostics, did_you_mean, quoted
from dutyrules.policies.model import FieldType, Place
from dutyrules.policies.yaml_source import MapNode, Node, ScalarNode, SeqNode, read_bytes, read_yaml

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Mapping
    from pathlib import Path

    from dutyrules.policies.diagnostics import Diagnostic
    from dutyrules.policies.model import EventType, FieldSpec

T = TypeVar("T")

_PLACEHOLDER: Final = re.compile(r"\{([^{}]*)\}")
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_BOOLS: Final = {"true": True, "yes": True, "y": True, "1": True, "false": False, "no": False, "n": False, "0": False}
_WHOLE: Final = re.compile(r"[+-]?[0-9]{1,18}")
_MIDNIGHT: Final = ClockTime(0)
_NOT_READ: Final = re.compile(r"[\udc80-\udcff]")  # stands for a byte that the encoding does not know
_LOCAL: Final = re.compile(r"%[ZcxX]")  # read otherwise on another machine
_SOME_DAY: Final = dt.datetime(2026, 11, 22, 13, 14, 15, tzinfo=dt.UTC)


class BadMapping(ValueError):
    """A mapping cannot be used; `diagnostics` holds every fault, `source` the text that they point into."""

    def __init__(self, diagnostics: tuple[Diagnostic, ...], source: str) -> None:
        super().__init__(diagnostics)
        self.diagnostics = diagnostics
        self.source = source


@attrs.frozen
class Cell:
    """Where a value comes from: a column, whose texts may stand for others (None: for nothing), or a fixed value."""

    column: str | None = None
    value: object = None
    map: Mapping[str, object] | None = None
    format: str | None = None

    def read(self, row: Mapping[str, str]) -> object:
        """Return the value for a row; an empty cell gives None."""
        if self.column is None:
            return self.value
        text = row[self.column].strip()
        if self.map is not None and text in self.map:
            return self.map[text]
        return text or None


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
        named = [cell.column for cell in cells] + [
            name for name in _PLACEHOLDER.findall(self.identity or "") if name != "row"
        ]
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
        cell = self.mapping.type
        name = cell.read(row)
        if cell.column is not None:
            text = row[cell.column].strip()
            if not text:
                raise _unfit(f"the column {quoted(cell.column)} is empty")
            if cell.map is not None and text not in cell.map:
                raise _unfit(f"no event type is given for {quoted(text)}", did_you_mean(text, cell.map) or "")
        return None if name is None else str(name)

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
    return _PLACEHOLDER.sub(lambda found: str(number) if found[1] == "row" else row[found[1]].strip(), pattern)


# --- reading a mapping ------------------------------------------------------------------------------------------------


def load_mapping(path: Path) -> CsvMapping:
    """Read a mapping; a `BadMapping` holds every fault."""
    found = Diagnostics()
    text = read_bytes(path.read_bytes(), str(path), found) or ""
    roots = read_yaml(text, str(path), found) if text else []
    if len(roots) != 1 and not found.failed:
        message = f"a mapping is one document, and this file holds {len(roots) or 'none'}"
        found.add("DR640", message, Place(str(path), 1, 1))
    mapping = _MappingReader(found).mapping(roots[0]) if roots else None
    if found.failed or mapping is None:
        raise BadMapping(found.items, text)
    return mapping


class _MappingReader:
    """Reads the parts of a mapping and notes what is wrong with them."""

    def __init__(self, found: Diagnostics) -> None:
        self._found = found

    def mapping(self, node: Node) -> CsvMapping | None:
        parts = self._parts(
            node, ("encoding", "delimiter", "id", "time", "type", "subject", "fields"), ("time", "type")
        )
        if not {"time", "type"} <= parts.keys():
            return None
        zone, at = self._zone_and_at(parts["time"])
        fields = parts.get("fields")
        return CsvMapping(
            time=self._cell(parts["time"], more=("zone", "at"), fixed=False),
            type=self._cell(parts["type"]),
            fields=(
                {key.text: self._cell(value) for key, value in fields.entries} if isinstance(fields, MapNode) else {}
            ),
            encoding=self._encoding(parts.get("encoding")),
            delimiter=self._delimiter(parts.get("delimiter")),
            identity=self._identity(parts.get("id")),
            subject=self._cell(parts["subject"]) if "subject" in parts else None,
            zone=zone,
            at=at,
        )

    def _parts(self, node: Node, known: tuple[str, ...], needed: tuple[str, ...] = ()) -> dict[str, Node]:
        if not isinstance(node, MapNode):
            self._fault(f"a mapping with keys such as {quoted(known[0])} stands here, not {node.kind}", node)
            return {}
        for key, _ in node.entries:
            if key.text not in known:
                self._fault(f"{quoted(key.text)} is no key here", key, did_you_mean(key.text, known))
        for name in needed:
            if node.get(name) is None:
                self._fault(f"{quoted(name)} is missing", node)
        return {key.text: value for key, value in node.entries if key.text in known}

    def _cell(self, node: Node, more: tuple[str, ...] = (), *, fixed: bool = True) -> Cell:
        if isinstance(node, ScalarNode):
            return Cell(column=self._text(node))
        parts = self._parts(node, ("column", *(("value",) if fixed else ()), "map", "format", *more))
        if ("column" in parts) == ("value" in parts):
            self._fault("either `column` or `value` says where it comes from", node)
        texts = parts.get("map")
        if texts is not None and not isinstance(texts, MapNode):
            self._fault("`map` pairs texts of the column with what they stand for", texts)
        return Cell(
            column=self._text(parts["column"]) if "column" in parts else None,
            value=self._value(parts["value"]) if "value" in parts else None,
            map={key.text: self._value(to) for key, to in texts.entries} if isinstance(texts, MapNode) else None,
            format=self._format(parts.get("format")),
        )

    def _zone_and_at(self, node: Node) -> tuple[Zone | None, ClockTime | Mapping[str, ClockTime] | None]:
        if not isinstance(node, MapNode):
            return None, None
        zone, at = node.get("zone"), node.get("at")
        if isinstance(at, MapNode):
            clocks = {key.text: self._read(parse_clock_time, value) or _MIDNIGHT for key, value in at.entries}
            return self._read(Zone, zone), clocks
        return self._read(Zone, zone), self._read(parse_clock_time, at)

    def _read(self, read: Callable[[str], T], node: Node | None) -> T | None:
        if node is None:
            return None
        try:
            return read(self._text(node))
        except CalendarError as error:
            self._fault(error.problems[0].message, node, error.problems[0].hint or None)
            return None

    def _encoding(self, node: Node | None) -> str:
        name = self._text(node) if node is not None else "utf-8"
        try:
            found = codecs.lookup(name)
            b"day,what\n".decode(found.name)  # a codec that is none of texts refuses this
        except (LookupError, UnicodeError):
            self._fault(f"{quoted(name)} is no encoding that a table can be read in", node)
            return "utf-8"
        return found.name

    def _identity(self, node: Node | None) -> str | None:
        pattern = self._text(node) if node is not None else None
        if pattern is not None and "" in _PLACEHOLDER.findall(pattern):
            self._fault("`{}` names no column", node)
        return pattern

    def _format(self, node: Node | None) -> str | None:
        if node is None:
            return None
        pattern = self._text(node)
        local = _LOCAL.search(pattern)
        if local is not None:
            self._fault(f"{quoted(local[0])} is read otherwise on another machine", node, "use numbers and `%z`")
            return pattern
        try:
            dt.datetime.strptime(_SOME_DAY.strftime(pattern), pattern)  # noqa: DTZ007 - only whether it can be read
        except (ValueError, re.error):
            self._fault(f"{quoted(pattern)} is no way to write a day or an instant", node)
        return pattern

    def _delimiter(self, node: Node | None) -> str:
        text = self._text(node) if node is not None else ","
        if len(text) != 1:
            self._fault("`delimiter` is one character", node)
            return ","
        return text

    def _text(self, node: Node) -> str:
        if isinstance(node, ScalarNode):
            return node.text
        self._fault(f"a text stands here, not {node.kind}", node)
        return ""

    def _value(self, node: Node) -> object:
        if isinstance(node, SeqNode | MapNode):
            self._fault(f"a text or number stands here, not {node.kind}", node)
            return None
        return node.value

    def _fault(self, message: str, node: Node | None, hint: str | None = None) -> None:
        if node is not None:
            self._found.add("DR640", message, node, help=hint)
