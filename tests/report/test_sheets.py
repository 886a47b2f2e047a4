"""The rows as CSV and as a workbook."""

from __future__ import annotations

import csv
import datetime as dt
import io
import zipfile
from decimal import Decimal
from xml.etree import ElementTree as ET

import attrs
import pytest

from dutyrules.report import collect
from dutyrules.report.sheets import COLUMNS, SUMS, outcomes_sheet, totals_sheets, write_csv
from dutyrules.report.wording import Wording
from dutyrules.report.workbook import MOST_ROWS, TooManyRows, to_xlsx
from report.logs import event

NAMESPACE = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
ORIGIN = dt.datetime(1899, 12, 30)  # noqa: DTZ001 - the day that spreadsheets count from
FORMULA = '=HYPERLINK("http://example.org","x")'


@pytest.fixture(params=["en", "zh"])
def wording(ward, request):
    """Give the words in each language."""
    return Wording(ward, request.param)


def written(report, wording):
    """Return the CSV of a report, and its rows as they are read back."""
    stream = io.StringIO(newline="")
    write_csv(outcomes_sheet(report, wording), stream)
    text = stream.getvalue()
    return text, list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")))


def workbook(data):
    """Read a workbook with nothing but the rules of its format: names of sheets, and their cells."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {name: ET.fromstring(archive.read(name)) for name in archive.namelist() if name.endswith(".xml")}  # noqa: S314 - written by the test itself
    shared = ["".join(text.text or "" for text in one.iter(f"{NAMESPACE}t")) for one in parts["xl/sharedStrings.xml"]]
    names = [one.get("name") for one in parts["xl/workbook.xml"].iter(f"{NAMESPACE}sheet")]
    sheets = {}
    for number, name in enumerate(names, 1):
        rows = parts[f"xl/worksheets/sheet{number}.xml"].iter(f"{NAMESPACE}row")
        sheets[name] = [{one.get("r").rstrip("0123456789"): cell(one, shared) for one in row} for row in rows]
    formulas = [one for part in parts.values() for one in part.iter(f"{NAMESPACE}f")]
    return sheets, formulas


def cell(element, shared):
    """Return what a cell holds: a text, or a number."""
    value = element.findtext(f"{NAMESPACE}v")
    if value is None:
        return ""
    return shared[int(value)] if element.get("t") == "s" else Decimal(value)


def test_csv_has_a_row_for_each_outcome(small, wording):
    """the CSV begins with the mark that tells spreadsheets its letters, then heads, then every outcome"""
    text, [heads, *rows] = written(small, wording)
    assert text.startswith("\ufeff")
    assert heads == [wording.column(name) for name in COLUMNS]
    assert [row[-1] for row in rows] == [row.outcome.id for row in small.rows]
    fine = next(row for row in rows if row[COLUMNS.index("rule")] == "1.2-fine")
    assert fine[COLUMNS.index("amount")] == "20.5"
    assert fine[COLUMNS.index("time")] == "2025-03-03T08:00:01+08:00"


def test_the_workbook_holds_the_same_rows(small, wording):
    """the first sheet has the rows of the CSV, instants as cells of date and time, sums as numbers"""
    _, [heads, *rows] = written(small, wording)
    sheets, _ = workbook(to_xlsx(small, wording))
    [first, *found] = sheets[wording.column("sheet_outcomes")]
    assert list(first.values()) == heads
    assert len(found) == len(rows)
    for row, cells in zip(rows, found, strict=True):
        for number, (name, text) in enumerate(zip(COLUMNS, row, strict=True)):
            value = cells.get("ABCDEFGHIJKLMNOPQRSTUVWXYZ"[number], "")
            if name in {"time", "since", "due"} and text:
                moment = ORIGIN + dt.timedelta(seconds=round(float(value) * 86_400))
                assert moment.isoformat() == text[:19]
            elif name == "amount" and text:
                assert value == Decimal(text)
            else:
                assert value == text


def test_the_workbook_has_the_totals(small, wording):
    """a sheet for the rules and one for the people hold the sums"""
    sheets, _ = workbook(to_xlsx(small, wording))
    for sheet in totals_sheets(small, wording):
        [_, *found] = sheets[sheet.name]
        assert [next(iter(row.values())) for row in found] == [row[0] for row in sheet.rows]
        column = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[sheet.columns.index(SUMS[0])]
        assert sum(row[column] for row in found) == Decimal("20.5")


def test_a_formula_stays_a_text(replay, wording):
    """somebody whose name is a formula starts none, in neither form"""
    lines = [
        event("r1", "roster_assigned", "2025-03-01T09:00:00", FORMULA, duty_date="2025-03-03"),
        event("i1", "check_in", "2025-03-03T08:00:01", FORMULA),
    ]
    report = collect(replay(lines))
    _, [_, *rows] = written(report, wording)
    assert {row[COLUMNS.index("person")] for row in rows} == {f"'{FORMULA}"}
    assert all(not field.startswith("=") for row in rows for field in row)
    sheets, formulas = workbook(to_xlsx(report, wording))
    assert formulas == []
    assert {row["B"] for row in sheets[wording.column("sheet_outcomes")][1:]} == {FORMULA}


def test_the_same_report_gives_the_same_bytes(small, wording):
    """a workbook holds nothing of when or where it was written"""
    assert to_xlsx(small, wording) == to_xlsx(small, wording)


def test_more_rows_than_a_worksheet_holds(small, wording):
    """a report that does not fit is refused, not cut"""
    many = attrs.evolve(small, rows=small.rows[:1] * (MOST_ROWS + 1))
    with pytest.raises(TooManyRows, match="1048575"):
        to_xlsx(many, wording)
