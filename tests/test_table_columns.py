from __future__ import annotations

import pytest

from dutyrules.policies.diagnostics import Diagnostics
from dutyrules.policies.yaml_source import read_yaml
from dutyrules.table_columns import BadMapping, Cell, ColumnReader, columns_in, filled, load_table_mapping

KEYS = ("value", "map", "format")


def read(part, text, *arguments):
    """Read a text with one of a reader's methods; return what it gave, and the faults."""
    found = Diagnostics()
    [root] = read_yaml(text, "m.yaml", found)
    given = getattr(ColumnReader(found), part)(root, *arguments)
    return given, [one.message for one in found.items]


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("day", Cell(column="day")),
        ("{column: day, format: '%d.%m.%Y'}", Cell(column="day", format="%d.%m.%Y")),
        ("{value: 5}", Cell(value=5)),
        ("{column: what, map: {Paid: paid, Note: ~}}", Cell(column="what", map={"Paid": "paid", "Note": None})),
    ],
)
def test_the_forms_of_a_cell(text, cell):
    """a cell is a column, perhaps with its texts replaced or its format, or a fixed value"""
    assert read("cell", text, KEYS) == (cell, [])


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("{map: {a: b}}", "either `column` or `value` says where it comes from"),
        ("{column: a, value: b}", "either `column` or `value` says where it comes from"),
        ("{column: a, map: b}", "`map` pairs texts of the column with what they stand for"),
        ("{column: a, at: '10:00'}", "`at` is no key here"),
        ("{column: [a]}", "a text stands here, not list"),
    ],
)
def test_what_is_no_cell(text, fault):
    """a cell without one source, or with keys that have no place in it, is told"""
    assert read("cell", text, KEYS)[1] == [fault]


def test_a_cell_reads_a_row():
    """an empty cell is nothing, a text that stands for another is replaced, every other is itself"""
    cell = Cell(column="what", map={"Paid": "paid", "Note": None})
    assert [cell.read({"what": text}) for text in ("Paid", "Note", " ", " Sent ")] == ["paid", None, None, "Sent"]
    assert Cell(value=5).read({}) == 5


def test_patterns_name_columns_and_the_row():
    """`{column}` is a cell of the row, `{row}` its number; braces without a name are told"""
    assert columns_in("{case}/{row}-{what}") == ["case", "what"]
    assert filled("{case}/{row}", {"case": " A1 "}, 7) == "A1/7"
    assert columns_in(None) == []
    assert read("pattern", "'{case}'") == ("{case}", [])
    assert read("pattern", "'x{}'") == ("x{}", ["`{}` names no column"])


@pytest.mark.parametrize(
    ("part", "text", "given", "faults"),
    [
        ("encoding", "GBK", "gbk", []),
        ("encoding", "base64", "utf-8", ["`base64` is no encoding that a table can be read in"]),
        ("encoding", "utf-9", "utf-8", ["`utf-9` is no encoding that a table can be read in"]),
        ("delimiter", "';'", ";", []),
        ("delimiter", "';;'", ",", ["`delimiter` is one character"]),
    ],
)
def test_how_a_table_is_written(part, text, given, faults):
    """encodings that hold texts and delimiters of one character are taken, others told"""
    assert read(part, text) == (given, faults)


@pytest.mark.parametrize(("text", "many"), [("", "none"), ("a: 1\n---\nb: 2\n", "2")])
def test_a_mapping_is_one_document(tmp_path, text, many):
    """a file with no document or several is no mapping"""
    path = tmp_path / "m.yaml"
    path.write_text(text)
    with pytest.raises(BadMapping) as caught:
        load_table_mapping(path, lambda found, root: ColumnReader(found).cell(root, KEYS))
    assert f"a mapping is one document, and this file holds {many}" in [one.message for one in caught.value.diagnostics]
