"""The rows of a report as an Excel workbook."""

from __future__ import annotations

import datetime as dt
from io import BytesIO
from typing import TYPE_CHECKING, Final

import attrs
from xlsxwriter import Workbook  # type: ignore[import-untyped] # the package says nothing of its types

from dutyrules.report.sheets import INSTANTS, SUMS, Sheet, outcomes_sheet, totals_sheets

if TYPE_CHECKING:
    from decimal import Decimal

    from xlsxwriter.format import Format  # type: ignore[import-untyped] # see above
    from xlsxwriter.worksheet import Worksheet  # type: ignore[import-untyped] # see above

    from dutyrules.report.rows import Report
    from dutyrules.report.wording import Wording

MOST_ROWS: Final = 1_048_575
LONGEST_TEXT: Final = 32_767
WIDTHS: Final = {"time": 19, "since": 19, "due": 19, "outcome": 34, "says": 60, "matter": 34, "because": 40, "id": 24}
_USUAL_WIDTH: Final = 14
_FIRST_DAY: Final = dt.datetime(1900, 3, 1)  # noqa: DTZ001 - a cell has no zone; before it, spreadsheets count a day too many
_LAST_YEAR: Final = 9999


class TooManyRows(ValueError):
    """A worksheet cannot hold so many rows."""


def to_xlsx(report: Report, wording: Wording) -> bytes:
    """Return a workbook with the outcomes and the totals; the same report gives the same bytes.

    Instants are cells of date and time in the pack's zone. Raises `TooManyRows`.
    """
    if len(report.rows) > MOST_ROWS:
        raise TooManyRows(f"a worksheet holds {MOST_ROWS} rows, and there are {len(report.rows)} outcomes")
    stream = BytesIO()
    plain = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "in_memory": True}
    book = Workbook(stream, plain)
    moment = dt.datetime.fromisoformat(report.as_of).replace(tzinfo=None) if report.as_of else _FIRST_DAY
    book.set_properties({"title": wording.title(), "created": moment})
    forms = _Forms.of(book)
    for sheet in (outcomes_sheet(report, wording), *totals_sheets(report, wording)):
        _write(sheet, book.add_worksheet(sheet.name), forms)
    book.close()
    return stream.getvalue()


@attrs.frozen
class _Forms:
    head: Format
    text: Format
    instant: Format
    money: Format

    @classmethod
    def of(cls, book: Workbook) -> _Forms:
        top = {"valign": "top"}
        return cls(
            book.add_format({"bold": True, "bottom": 2, **top}),
            book.add_format({"text_wrap": True, **top}),
            book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss", "align": "left", **top}),
            book.add_format({"num_format": "#,##0.00", **top}),
        )


def _write(sheet: Sheet, page: Worksheet, forms: _Forms) -> None:
    page.freeze_panes(1, 0)
    for column, (name, head) in enumerate(zip(sheet.columns, sheet.heads, strict=True)):
        page.set_column(column, column, WIDTHS.get(name, _USUAL_WIDTH))
        page.write_string(0, column, head, forms.head)
    for number, row in enumerate(sheet.rows, 1):
        for column, (name, cell) in enumerate(zip(sheet.columns, row, strict=True)):
            _write_cell(page, (number, column), name, cell, forms)
    page.autofilter(0, 0, max(1, len(sheet.rows)), len(sheet.columns) - 1)


def _write_cell(
    page: Worksheet, at: tuple[int, int], name: str, cell: str | int | Decimal | None, forms: _Forms
) -> None:
    if isinstance(cell, str):
        instant = _instant(cell) if name in INSTANTS else None
        if instant is not None:
            page.write_datetime(*at, instant, forms.instant)
        elif cell:
            page.write_string(*at, cell if len(cell) <= LONGEST_TEXT else f"{cell[: LONGEST_TEXT - 1]}…", forms.text)
    elif cell is not None:
        money = name == "amount" or name in SUMS
        page.write_number(*at, cell, forms.money if money else forms.text)


def _instant(text: str) -> dt.datetime | None:
    """Return the day and time that a clock on the wall showed, where a cell can hold it."""
    if not text:
        return None
    found = dt.datetime.fromisoformat(text).replace(tzinfo=None)
    return found if found >= _FIRST_DAY and found.year <= _LAST_YEAR else None
