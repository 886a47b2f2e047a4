from __future__ import annotations

import datetime as dt
import gzip
from decimal import Decimal

import pytest

from dutyrules.calendars.zones import Zone
from dutyrules.csv_mapping import CsvLog, load_mapping
from dutyrules.events import EventDecoder, EventFault
from dutyrules.log_files import read_in_order
from dutyrules.policies.model import EventType, FieldSpec, FieldType
from dutyrules.table_columns import BadMapping

TYPES = {
    "paid": EventType(
        "paid",
        {
            "case": FieldSpec("case", FieldType.TEXT),
            "sum": FieldSpec("sum", FieldType.MONEY),
            "whole": FieldSpec("whole", FieldType.INT),
            "late": FieldSpec("late", FieldType.BOOL),
            "due": FieldSpec("due", FieldType.DATE),
        },
    ),
    "sent": EventType("sent", {"case": FieldSpec("case", FieldType.TEXT)}),
}
MAPPING = """
time: day
type: {column: what, map: {Payment: paid, Sending: sent, Remark: ~}}
fields:
  case: case
  sum: amount
"""


@pytest.fixture
def read(tmp_path):
    """Give a function that reads a CSV text through a mapping: events and what was refused."""

    def run(mapping, rows, name="log.csv"):
        (tmp_path / "map.yaml").write_text(mapping, encoding="utf-8")
        path = tmp_path / name
        path.write_bytes(rows if isinstance(rows, bytes) else rows.encode())
        log = CsvLog(path, load_mapping(tmp_path / "map.yaml"), TYPES, Zone("Asia/Shanghai"))
        refused = []
        batches = read_in_order([log], EventDecoder(TYPES, "Asia/Shanghai"), refused.append)
        events = [event for batch in batches for event in batch]
        return events, [(int(error.place.rsplit(":", 1)[1]), error.code) for error in refused]

    return run


def faults(tmp_path, text):
    """Load a mapping that cannot be used, and return its faults as text."""
    (tmp_path / "map.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(BadMapping) as caught:
        load_mapping(tmp_path / "map.yaml")
    return [f"{one.place.line}:{one.place.column} {one.code} {one.message}" for one in caught.value.diagnostics]


def test_rows_become_events_in_order_of_time(read):
    """each row is an event of the type that its column names; a type that stands for nothing is passed over"""
    events, refused = read(
        MAPPING, "case,what,day,amount\nA1,Payment,2026-02-01,12.50\nA1,Remark,2026-01-31,\nA1,Sending,2026-01-15,\n"
    )
    assert [(event.type, event.time_text, event.data) for event in events] == [
        ("sent", "2026-01-15T00:00:00+08:00", {"case": "A1"}),
        ("paid", "2026-02-01T00:00:00+08:00", {"case": "A1", "sum": Decimal("12.50")}),
    ]
    assert refused == []


def test_ids_do_not_depend_on_the_order_of_rows(read):
    """without an `id` the row's content gives it, so that any order of rows gives the same events"""
    head, *rows = ["case,what,day,amount", "A1,Payment,2026-02-01,12", "A2,Payment,2026-02-01,12"]
    one, _ = read(MAPPING, "\n".join([head, *rows]))
    other, _ = read(MAPPING, "\n".join([head, *rows[::-1]]))
    assert one == other
    assert one[0].id != one[1].id


def test_id_from_columns_and_row_number(read):
    """an `id` may be put together from columns and the line number"""
    [event], _ = read(f'id: "{{case}}/{{row}}"\n{MAPPING}', "case,what,day,amount\nA1,Payment,2026-02-01,12\n")
    assert event.id == "A1/2"


@pytest.mark.parametrize(
    ("time", "text", "expected"),
    [
        ("{column: day, zone: Europe/Rome}", "2026-07-01", "2026-07-01T00:00:00+02:00"),
        ("{column: day, at: '23:59:59'}", "2026-07-01", "2026-07-01T23:59:59+08:00"),
        ("{column: day, at: {sent: '10:00', paid: '12:00'}}", "2026-07-01", "2026-07-01T12:00:00+08:00"),
        ("{column: day}", "2026-07-01 08:30:05", "2026-07-01T08:30:05+08:00"),
        ("{column: day}", "2026-07-01T08:30:05+02:00", "2026-07-01T08:30:05+02:00"),
        ("{column: day, format: '%d/%m/%Y %H.%M'}", "01/07/2026 08.30", "2026-07-01T08:30:00+08:00"),
    ],
)
def test_times_of_many_kinds(read, time, text, expected):
    """a day or a time without offset is one of the mapping's zone, else of the pack's; `at` gives a day its time"""
    [event], _ = read(MAPPING.replace("time: day", f"time: {time}"), f"case,what,day,amount\nA1,Payment,{text},1\n")
    assert event.time_text == expected


def test_values_are_read_as_the_vocabulary_declares_them(read):
    """texts become numbers, truth values and days where the vocabulary says so; `map` puts others in their place"""
    mapping = """
delimiter: ";"
subject: who
time: day
type: {value: paid}
fields:
  whole: n
  late: {column: late}
  due: {column: due, format: "%d.%m.%Y"}
  note: {column: note, map: {NIL: ~, "#": many}}
  source: {value: import}
"""
    [event, other], _ = read(
        mapping, "who;n;late;due;note;day\nli;3;Yes;05.02.2026;NIL;2026-02-01\nwan;;no;;#;2026-02-02"
    )
    assert event.subject == "li"
    assert event.data == {"whole": 3, "late": True, "due": dt.date(2026, 2, 5), "source": "import"}
    assert other.data == {"late": False, "note": "many", "source": "import"}


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("A1,Paiment,2026-02-01,1", EventFault.ROW_UNFIT),
        ("A1,,2026-02-01,1", EventFault.ROW_UNFIT),
        ("A1,Payment,2026-02-01", EventFault.ROW_UNFIT),
        ("A1,Payment,2026-02-01,1,2", EventFault.ROW_UNFIT),
        ('A1,"Payment"x,2026-02-01,1', EventFault.ROW_UNFIT),
        ("A1,Payment,,1", EventFault.BAD_TIME),
        ("A1,Payment,soon,1", EventFault.BAD_TIME),
        ("A1,Payment,2026-02-30,1", EventFault.BAD_TIME),
        ("A1,Payment,1066-02-03,1", EventFault.BAD_TIME),
        ("A1,Payment,2026-02-01,much", EventFault.FIELD_WRONG),
    ],
)
def test_a_row_that_does_not_fit_is_refused_and_the_rest_is_read(read, row, code):
    """a row that cannot be an event is refused by its line, and the others are read"""
    events, refused = read(MAPPING, f"case,what,day,amount\n{row}\nA2,Payment,2026-02-01,1\n")
    assert [event.data["case"] for event in events] == ["A2"]
    assert refused == [(2, code)]


def test_a_missing_column_is_told_once(read):
    """a file without a column that the mapping names gives no events and one reason"""
    assert read(MAPPING, "case,wat,day,amount\nA1,Payment,2026-02-01,1\nA2,Payment,2026-02-01,1") == (
        [],
        [(1, EventFault.ROW_UNFIT)],
    )


def test_packed_file_and_other_encodings(read):
    """a CSV file may be packed, begin with a byte order mark, or be in another encoding"""
    rows = "case,what,day,amount\n甲一,Payment,2026-02-01,1\n"
    plain, _ = read(MAPPING, rows)
    assert read(MAPPING, gzip.compress(rows.encode()), "log.csv.gz")[0] == plain
    assert read(MAPPING, b"\xef\xbb\xbf" + rows.encode())[0] == plain
    assert read(f"encoding: gb18030\n{MAPPING}", rows.encode("gb18030"))[0] == plain
    assert read(MAPPING, rows.encode("gb18030"))[1] == [(2, EventFault.ROW_UNFIT)]


def test_a_mapping_tells_all_its_faults(tmp_path):
    """every fault of a mapping is told at once, with its place"""
    text = """\
time: {column: day, zone: Europe/Rom, at: "25:00"}
type: {column: what, value: paid}
felds: {}
delimiter: "||"
encoding: utf-9
id: [a]
subject: {}
"""
    found = faults(tmp_path, text)
    assert [one.split()[0] for one in found] == ["1:27", "1:43", "2:7", "3:1", "4:12", "5:11", "6:5", "7:10"]
    assert {one.split()[1] for one in found} == {"DR640"}


def test_a_mapping_without_its_main_parts(tmp_path):
    """a mapping says where time and type come from"""
    assert len(faults(tmp_path, "fields: {}\n")) == 2
    assert faults(tmp_path, "- time\n")[0].startswith("1:1 DR640")
    assert "DR1" in faults(tmp_path, "time: [\n")[0]


def test_a_bad_byte_costs_one_row(read):
    """a byte that the encoding does not know refuses its row, and nothing before or after it"""
    rows = [f"A{n},Payment,2026-02-01,{n}".encode() for n in range(3000)]
    rows[1500] = b"A\xff,Payment,2026-02-01,1"
    events, refused = read(MAPPING, b"\n".join([b"case,what,day,amount", *rows]) + b"\n")
    assert len(events) == 2999
    assert refused == [(1502, EventFault.ROW_UNFIT)]


def test_a_stray_quote_is_told_where_it_stands(read):
    """a quote that is never closed is told of at its own line"""
    events, refused = read(MAPPING, 'case,what,day,amount\nA1,Payment,2026-02-01,1\n"A2,Payment,2026-02-01,1\nA3,,,\n')
    assert len(events) == 1
    assert refused == [(3, EventFault.ROW_UNFIT)]


def test_a_column_that_stands_twice_is_not_guessed(read):
    """a column that the mapping reads and the header has twice refuses the file"""
    events, refused = read(MAPPING, "case,what,day,amount,case\nA1,Payment,2026-02-01,1,A2\n")
    assert events == []
    assert refused == [(1, EventFault.ROW_UNFIT)]


@pytest.mark.parametrize(
    ("head", "message"),
    [
        ("encoding: base64\n", "`base64` is no encoding"),
        ("encoding: rot13\n", "`rot13` is no encoding"),
        ("id: 'x{}'\n", "`{}` names no column"),
    ],
)
def test_a_mapping_that_cannot_work_is_refused(tmp_path, head, message):
    """an encoding of no text and an id of no column are faults of the mapping"""
    assert any(message in one for one in faults(tmp_path, head + MAPPING))


@pytest.mark.parametrize("pattern", ["%Y-%m-%d %Z", "%c", "%d %d", "%Q"])
def test_a_format_is_read_alike_everywhere(tmp_path, pattern):
    """a format that depends on the machine, or cannot be read, is a fault of the mapping"""
    text = MAPPING.replace("time: day", f"time: {{column: day, format: '{pattern}'}}")
    assert len(faults(tmp_path, text)) == 1


@pytest.mark.parametrize("text", ["", MAPPING + "---\n" + MAPPING])
def test_a_mapping_is_one_document(tmp_path, text):
    """an empty file and one of two documents are no mapping"""
    assert len(faults(tmp_path, text)) == 1
