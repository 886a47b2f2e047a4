"""The rows of a report as tables: columns, cells and sheets, for CSV and for the workbook alike."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Final, TextIO

import attrs

from dutyrules.report.totals import COUNTED, Total, by_person, by_rule

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from decimal import Decimal

    from dutyrules.report.rows import Report, Row
    from dutyrules.report.wording import Wording

COLUMNS: Final = (
    "time",
    "person",
    "name",
    "rule",
    "clause",
    "kind",
    "status",
    "outcome",
    "amount",
    "currency",
    "nature",
    "since",
    "due",
    "matter",
    "asks",
    "lacks",
    "says",
    "because",
    "id",
)
INSTANTS: Final = frozenset({"time", "since", "due"})
SUMS: Final = ("to_pay", "to_receive")
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
_BOM: Final = "\ufeff"


@attrs.frozen
class Sheet:
    """A table: its name, its heads, and its rows cell by cell; instants are ISO 8601, money is `Decimal`."""

    name: str
    columns: tuple[str, ...]
    heads: tuple[str, ...]
    rows: list[tuple[str | int | Decimal | None, ...]]


def outcomes_sheet(report: Report, wording: Wording) -> Sheet:
    """Return every row of a report."""
    return Sheet(
        wording.column("sheet_outcomes"),
        COLUMNS,
        tuple(map(wording.column, COLUMNS)),
        [tuple(_cell(row, name, wording) for name in COLUMNS) for row in report.rows],
    )


def totals_sheets(report: Report, wording: Wording) -> Iterator[Sheet]:
    """Give the totals by rule and by person."""
    columns = ("rule", "says", *COUNTED, *SUMS)
    rules = [(total.name, wording.says(total.name), *_figures(total)) for total in by_rule(report)]
    yield Sheet(wording.column("sheet_rules"), columns, tuple(map(wording.column, columns)), list(rules))
    columns = ("person", "name", *COUNTED, *SUMS)
    people = [(total.name, wording.person(total.name), *_figures(total)) for total in by_person(report)]
    yield Sheet(wording.column("sheet_people"), columns, tuple(map(wording.column, columns)), list(people))


def _figures(total: Total) -> tuple[int | Decimal, ...]:
    return tuple(getattr(total, name) for name in (*COUNTED, *SUMS))


def _cell(row: Row, name: str, wording: Wording) -> str | Decimal | None:
    """Return a cell: in words where there are some, else the field as it stands."""
    if name == "amount":
        return row.amount
    said = _SAID.get(name)
    return row.text(name) if said is None else said(row, wording)


_SAID: Final[Mapping[str, Callable[[Row, Wording], str]]] = {
    "name": lambda row, wording: wording.person(row.outcome.person),
    "rule": lambda row, _: row.rule,
    "kind": lambda row, wording: wording.term(row.outcome.kind),
    "status": lambda row, wording: wording.status(row.outcome),
    "outcome": lambda row, wording: wording.label(row.outcome),
    "nature": lambda row, wording: wording.term(nature) if (nature := row.text("nature")) else "",
    "asks": lambda row, wording: ", ".join(map(wording.person, getattr(row.outcome, "asks", ()))),
    "lacks": lambda row, wording: ", ".join(map(wording.lack, getattr(row.outcome, "lacks", ()))),
    "says": lambda row, wording: wording.says(row.outcome.rule, getattr(row.outcome, "tier", None)),
}


def write_csv(sheet: Sheet, stream: TextIO) -> None:
    """Write a sheet as CSV that spreadsheet programs open in the right letters and without running anything.

    A text that such a program would take for a formula is written with an apostrophe before it. `stream` must not
    translate newlines.
    """
    stream.write(_BOM)
    rows = csv.writer(stream)
    rows.writerow(sheet.heads)
    rows.writerows([_written(cell) for cell in row] for row in sheet.rows)


def _written(cell: str | int | Decimal | None) -> str:
    if cell is None:
        return ""
    if isinstance(cell, str):
        return f"'{cell}" if cell.startswith(_FORMULA) else cell
    return format(cell, "f") if not isinstance(cell, int) else str(cell)
