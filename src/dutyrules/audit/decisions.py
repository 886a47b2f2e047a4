"""Recorded decisions: what an organisation really did, read from CSV or JSON Lines through a mapping."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import re
from decimal import Decimal
from typing import TYPE_CHECKING, Final

import attrs

from dutyrules.calendars.clock_times import ClockTime
from dutyrules.calendars.errors import CalendarError
from dutyrules.log_files import BROKEN, open_packed
from dutyrules.policies.diagnostics import did_you_mean, quoted
from dutyrules.policies.model import FieldType
from dutyrules.table_columns import UnfitRow, columns_in, filled

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from dutyrules.audit.decision_mapping import DecisionMapping
    from dutyrules.audit.pseudonyms import Pseudonyms
    from dutyrules.calendars.zones import Zone
    from dutyrules.policies.model import Pack

CSV_SUFFIXES: Final = (".csv", ".csv.gz")
MOST_DIGITS: Final = 40
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_SUM: Final = re.compile(r"[+-]?(?:[0-9]+|[0-9]{1,3}(?:[,，][0-9]{3})+)(?:\.[0-9]+)?")
_CURRENCY: Final = re.compile(r"^(?:CNY|RMB|EUR|USD|[¥￥€$])\s*|\s*(?:CNY|RMB|EUR|USD|元|圆)$")
_NOT_READ: Final = re.compile(r"[\udc80-\udcff]")


class DecisionsUnreadable(OSError):
    """The file of decisions breaks off, or has no header that the mapping can be used with."""


@attrs.frozen(kw_only=True)
class Decision:
    """One thing that was decided.

    `date` is the day of it where the pack's clocks hang; `instant` (seconds since 1970) is there if the record has a
    time of day. `matter` is what it was about, written as outcomes write theirs. What is None was not recorded.
    """

    id: str
    place: str
    kind: str
    date: dt.date
    instant: int | None = None
    person: str | None = None
    matter: str | None = None
    amount: Decimal | None = None
    step: str | None = None
    rule: str | None = None
    reference: str | None = None


@attrs.frozen
class Unread:
    """A row that holds no decision that can be judged, with its place, the reason and perhaps a suggestion."""

    place: str
    reason: str
    hint: str = ""


def read_decisions(path: Path, mapping: DecisionMapping, zone: Zone) -> tuple[list[Decision], list[Unread]]:
    """Read every row; those of a kind that the mapping passes over are in neither list.

    Files named `.csv` or `.csv.gz` have a header line, all others are JSON Lines. Raises `OSError` for a file that
    cannot be opened, `DecisionsUnreadable` for one that breaks off or has not the columns that the mapping names.
    """
    found: dict[str, Decision] = {}
    unread: list[Unread] = []
    rows = _csv_rows if path.name.lower().endswith(CSV_SUFFIXES) else _json_rows
    try:
        for number, row in rows(path, mapping):
            place = f"{path.name}:{number}"
            try:
                decision = _decision(row, number, place, mapping, zone)
            except UnfitRow as error:
                unread.append(Unread(place, error.reason, error.hint))
                continue
            if decision is not None and found.setdefault(decision.id, decision) is not decision:
                other = found[decision.id].place
                unread.append(Unread(place, f"{other} has the id {quoted(decision.id)} too"))
    except (DecisionsUnreadable, FileNotFoundError, PermissionError, IsADirectoryError):
        raise
    except (*BROKEN, UnicodeError) as error:
        raise DecisionsUnreadable(f"the file breaks off: {error}".lower()) from None
    return list(found.values()), unread


# --- rows -------------------------------------------------------------------------------------------------------------

Row = dict[str, str] | UnfitRow


def _csv_rows(path: Path, mapping: DecisionMapping) -> Iterator[tuple[int, Row]]:
    encoding = "utf-8-sig" if mapping.encoding == "utf-8" else mapping.encoding
    with io.TextIOWrapper(open_packed(path), encoding=encoding, errors="surrogateescape", newline="") as text:
        reader = csv.reader(text, delimiter=mapping.delimiter, strict=True)
        header = next(reader, [])
        for name in mapping.columns:
            if header.count(name) != 1:
                many = "more than one" if name in header else "no"
                near = did_you_mean(name, header)
                raise DecisionsUnreadable(f"the file has {many} column {quoted(name)}" + (f"; {near}" if near else ""))
        while True:
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield reader.line_num, UnfitRow(f"the row cannot be read: {error}".lower())
                continue
            if cells:
                yield reader.line_num, _row(header, cells, mapping.encoding)


def _row(header: list[str], cells: list[str], encoding: str) -> Row:
    if len(cells) != len(header):
        return UnfitRow(f"the row has {len(cells)} cells, the header {len(header)}")
    if any(map(_NOT_READ.search, cells)):
        return UnfitRow(f"the row holds bytes that are no {encoding}")
    return dict(zip(header, cells, strict=True))


def _json_rows(path: Path, mapping: DecisionMapping) -> Iterator[tuple[int, Row]]:
    wanted, rows = set(mapping.columns), 0
    with open_packed(path) as stream:
        for number, line in enumerate(stream, 1):
            if not line.strip():
                continue
            try:
                text = line.decode("utf-8-sig")
                document = json.loads(text, parse_float=str, parse_int=str, object_pairs_hook=_object)
            except UnfitRow as error:
                yield number, error
                continue
            except (ValueError, RecursionError):
                yield number, UnfitRow("the line is no JSON")
                continue
            if not isinstance(document, dict):
                yield number, UnfitRow("the line is no JSON object")
                continue
            texts = {
                name: str(value)
                for name, value in document.items()
                if value is not None and not isinstance(value, dict | list | bool)
            }
            wanted -= document.keys()
            rows += 1
            yield number, dict.fromkeys(mapping.columns, "") | texts
    if rows and wanted:  # a slip in the mapping would otherwise pass for a part that nobody recorded
        raise DecisionsUnreadable(f"no line of the file has {' or '.join(map(quoted, sorted(wanted)))}")


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Build an object whose keys stand once each."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise UnfitRow("a key of the object stands twice")
    return found


# --- a row to a decision ----------------------------------------------------------------------------------------------


def _decision(row: Row, number: int, place: str, mapping: DecisionMapping, zone: Zone) -> Decision | None:
    """Make the decision of a row; None where the mapping passes it over."""
    if isinstance(row, UnfitRow):
        raise row
    kind = _kind(row, mapping)
    if kind is None:
        return None
    date, instant = _moment(row, mapping, zone)
    person, matter = mapping.text("person", row), _filled(mapping.matter, row, number)
    if person is None and matter is None:
        raise UnfitRow("it names neither a person nor a matter")
    return Decision(
        id=_filled(mapping.identity, row, number) or place,
        place=place,
        kind=kind,
        date=date,
        instant=instant,
        person=person,
        matter=matter,
        amount=_amount(mapping.text("amount", row)),
        step=mapping.text("step", row),
        rule=mapping.text("rule", row),
        reference=mapping.text("reference", row),
    )


def _kind(row: Mapping[str, str], mapping: DecisionMapping) -> str | None:
    kind = mapping.kind.named(row, "kind")
    if kind is not None and kind not in mapping.kinds:
        raise UnfitRow(f"{quoted(kind)} is no kind of the mapping", did_you_mean(kind, mapping.kinds) or "")
    return kind


def _moment(row: Mapping[str, str], mapping: DecisionMapping, zone: Zone) -> tuple[dt.date, int | None]:
    """Return the day, where the pack's clocks hang, and the instant where there is a time of day."""
    text = mapping.text("date", row)
    if text is None:
        raise UnfitRow("it has no date")
    try:
        moment = _parsed(text, mapping.date.format)
        if not isinstance(moment, dt.datetime):
            zone.end_of(moment)  # refuses a day beyond the years that there are
            return moment, None
        clock = ClockTime(moment.hour * 3600 + moment.minute * 60 + moment.second)
        local = (mapping.zone or zone).at(moment.date(), clock)
        at = local if moment.tzinfo is None else int(moment.timestamp())
        return zone.date_of(at), at
    except (ValueError, OverflowError, CalendarError):
        wanted = f"written as {quoted(mapping.date.format)}" if mapping.date.format else "a day or an instant"
        raise UnfitRow(f"{quoted(text)} is not {wanted}") from None


def _parsed(text: str, pattern: str | None) -> dt.date:
    if pattern is None:
        return dt.date.fromisoformat(text) if _DAY.fullmatch(text) else dt.datetime.fromisoformat(text)
    moment = dt.datetime.strptime(text, pattern)  # noqa: DTZ007 - the zone is added where there is none
    return moment if re.search("%[HIMSsf]", pattern) else moment.date()


def _amount(text: str | None) -> Decimal | None:
    """Read a sum of money, perhaps with its currency and with commas between thousands; nothing is guessed."""
    if text is None:
        return None
    bare = _CURRENCY.sub("", text.strip())
    if len(bare) > MOST_DIGITS or not _SUM.fullmatch(bare):
        raise UnfitRow(f"{quoted(text)} is no sum of money")
    return Decimal(bare.replace(",", "").replace("，", ""))


def _filled(pattern: str | None, row: Mapping[str, str], number: int) -> str | None:
    """Put a row's cells in the place of `{column}`; None where there is no pattern or one of the cells is empty."""
    if pattern is None:
        return None
    return filled(pattern, row, number) if all(row[name].strip() for name in columns_in(pattern)) else None


def masked_decisions(
    decisions: list[Decision], unread: list[Unread], names: Pseudonyms, pack: Pack
) -> tuple[list[Decision], list[Unread]]:
    """Return decisions with pseudonyms in place of persons; of rows that cannot be read the words are left out."""
    for one in decisions:
        for person in (one.person, *_persons_in(one.matter or "", pack)):
            if person:
                names.person(person)  # all are known before a name is looked for in a text
    masked = [
        attrs.evolve(
            one,
            id=names.text(one.id),
            person=None if one.person is None else names.person(one.person),
            matter=None if one.matter is None else names.text(one.matter),
            reference=None if one.reference is None else names.text(one.reference),
        )
        for one in decisions
    ]
    return masked, [Unread(one.place, names.reason(one.reason, pack.events)) for one in unread]


def _persons_in(matter: str, pack: Pack) -> Iterator[str]:
    """Give the parts of a matter that stand where the key of its record has a person."""
    kind, _, key = matter.partition(":")
    record = pack.records.get(kind)
    if record is None:
        return
    types = [pack.events[name] for pattern in record.opens for name in pattern.names if name in pack.events]
    for name, part in zip(record.key, key.partition("@")[0].split(","), strict=False):
        fields = [each.fields[name].type for each in types if name in each.fields]
        if name == "person" or FieldType.PERSON in fields or any(each.person == name for each in types):
            yield part
