from __future__ import annotations

import datetime as dt
import gzip
from decimal import Decimal

import pytest

from dutyrules.audit.decision_mapping import load_decision_mapping
from dutyrules.audit.decisions import DecisionsUnreadable, read_decisions
from dutyrules.calendars.zones import Zone
from dutyrules.policies.load import check_text
from dutyrules.table_columns import BadMapping

ZONE = Zone("Asia/Shanghai")
[PACK] = check_text("""
pack: office
events:
  came_late: {fields: {person: person}}
rules:
  1-late: {kind: prohibition, when: came_late}
  1-fine: {kind: sanction, when: breach of 1-late, fine: 50}
""").packs
MAPPING = """
kind: {column: kind, map: {罚款: fine, 表扬: ~}}
date: day
person: name
amount: sum
kinds: {fine: {rules: 1-fine}}
"""


@pytest.fixture
def read(tmp_path):
    """Give a function that reads decisions out of a text."""

    def reading(text, mapping=MAPPING, name="decisions.csv"):
        (tmp_path / "decisions.yaml").write_text(mapping, encoding="utf-8")
        (tmp_path / name).write_bytes(text if isinstance(text, bytes) else text.encode())
        return read_decisions(tmp_path / name, load_decision_mapping(tmp_path / "decisions.yaml", PACK), ZONE)

    return reading


@pytest.fixture
def faults(tmp_path):
    """Give a function that returns the messages about a mapping."""

    def found(mapping):
        (tmp_path / "decisions.yaml").write_text(mapping, encoding="utf-8")
        with pytest.raises(BadMapping) as caught:
            load_decision_mapping(tmp_path / "decisions.yaml", PACK)
        return [one.message for one in caught.value.diagnostics]

    return found


# --- rows -------------------------------------------------------------------------------------------------------------


def test_a_row_is_a_decision(read):
    """kind, person, day and sum come from their columns; the id is where the row stands"""
    [one], unread = read("kind,name,day,sum\n罚款,li,2026-01-15,50\n")
    assert unread == []
    assert (one.id, one.kind, one.person, one.date) == ("decisions.csv:2", "fine", "li", dt.date(2026, 1, 15))
    assert (one.amount, one.instant, one.matter) == (Decimal(50), None, None)


def test_what_the_mapping_passes_over_is_in_neither_list(read):
    """a kind that stands for nothing is no decision and no fault"""
    assert read("kind,name,day,sum\n表扬,li,2026-01-15,\n") == ([], [])


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("罚金,li,2026-01-15,50", "no kind is given for `罚金`"),
        (",li,2026-01-15,50", "the column `kind` is empty"),
        ("罚款,li,,50", "it has no date"),
        ("罚款,li,2026-02-30,50", "`2026-02-30` is not a day or an instant"),
        ("罚款,li,9999-12-31,50", "`9999-12-31` is not a day or an instant"),
        ("罚款,,2026-01-15,50", "it names neither a person nor a matter"),
        ("罚款,li,2026-01-15,fifty", "`fifty` is no sum of money"),
        ("罚款,li,2026-01-15,1.234,50", "the row has 5 cells, the header 4"),
        ('罚款,li,2026-01-15,"1.234,50"', "`1.234,50` is no sum of money"),
        ("罚款,li,2026-01-15,NaN", "`NaN` is no sum of money"),
    ],
)
def test_a_row_that_cannot_be_read_is_kept_with_the_reason(read, row, reason):
    """no row is lost: one that holds no decision is told with its place"""
    found, [unread] = read(f"kind,name,day,sum\n{row}\n罚款,wan,2026-01-16,50\n")
    assert (unread.place, unread.reason) == ("decisions.csv:2", reason)
    assert [one.person for one in found] == ["wan"]


@pytest.mark.parametrize(
    ("text", "sum_"), [("50.00元", "50.00"), ("￥50", "50"), ("CNY 1,250.5", "1250.5"), ("-20", "-20"), ("１", None)]
)
def test_sums_as_people_write_them(read, text, sum_):
    """a currency and commas between thousands are understood, and nothing is guessed"""
    found, unread = read(f'kind,name,day,sum\n罚款,li,2026-01-15,"{text}"\n')
    assert [str(one.amount) for one in found] == ([] if sum_ is None else [sum_])
    assert len(unread) == (sum_ is None)


def test_two_rows_with_one_id(read):
    """the second of two rows with the same id cannot be read, and says where the first is"""
    mapping = MAPPING + 'id: "{no}"\n'
    found, [unread] = read("no,kind,name,day,sum\n7,罚款,li,2026-01-15,50\n7,罚款,wan,2026-01-15,50\n", mapping)
    assert [one.id for one in found] == ["7"]
    assert unread.reason == "decisions.csv:2 has the id `7` too"


def test_days_and_instants(read):
    """a day stays a day; a time of day is an instant, by the mapping's zone or the pack's, on the pack's day"""
    mapping = MAPPING.replace("date: day", 'date: {column: day, format: "%d.%m.%Y %H:%M"}')
    [here], _ = read("kind,name,day,sum\n罚款,li,15.01.2026 00:30,50\n", mapping)
    assert (here.date, here.instant) == (dt.date(2026, 1, 15), ZONE.parse("2026-01-15T00:30:00+08:00"))
    mapping = mapping.replace("column: day", "column: day, zone: Europe/Rome")
    [there], _ = read("kind,name,day,sum\n罚款,li,15.01.2026 23:30,50\n", mapping)
    assert (there.date, there.instant) == (dt.date(2026, 1, 16), ZONE.parse("2026-01-16T06:30:00+08:00"))
    [day], _ = read(
        "kind,name,day,sum\n罚款,li,2026年1月5日,50\n", MAPPING.replace("day", '{column: day, format: "%Y年%m月%d日"}')
    )
    assert (day.date, day.instant) == (dt.date(2026, 1, 5), None)
    [zoned], _ = read("kind,name,day,sum\n罚款,li,2026-01-15T20:00:00Z,50\n")
    assert zoned.date == dt.date(2026, 1, 16)


def test_a_matter_is_put_together_from_columns(read):
    """a pattern is filled in; where a cell of it is empty there is no matter"""
    mapping = MAPPING + 'matter: "shift:{name},{duty}"\n'
    rows = "kind,name,day,sum,duty\n罚款,li,2026-01-15,50,2026-01-14\n罚款,li,2026-01-15,50,\n"
    found, _ = read(rows, mapping)
    assert [one.matter for one in found] == ["shift:li,2026-01-14", None]


def test_json_lines(read):
    """each line is an object whose keys are the columns; a number keeps its digits; a faulty line is told"""
    text = (
        '{"kind": "罚款", "name": "li", "day": "2026-01-15", "sum": 50.10}\n\n[]\n{"kind"\n'
        '{"kind": "罚款", "name": "wan", "day": "2026-01-16"}\n'
    )
    found, unread = read(text, name="decisions.jsonl")
    assert [(one.person, one.amount) for one in found] == [("li", Decimal("50.10")), ("wan", None)]
    assert [(one.place, one.reason) for one in unread] == [
        ("decisions.jsonl:3", "the line is no JSON object"),
        ("decisions.jsonl:4", "the line is no JSON"),
    ]


def test_a_key_that_stands_twice(read):
    """an object that says two things under one key says nothing that can be used"""
    line = '{"kind": "罚款", "name": "li", "day": "2026-01-15", "sum": 50, "sum": 60}'
    found, [unread] = read(line, name="decisions.jsonl")
    assert (found, unread.reason) == ([], "a key of the object stands twice")


def test_a_column_that_is_not_there(read):
    """a column of the mapping that the file has not is a fault of the whole, with a suggestion; so is a key of JSON"""
    with pytest.raises(DecisionsUnreadable, match="no column `Sum`"):
        read("kind,name,day\n", MAPPING.replace("amount: sum", "amount: Sum"))
    with pytest.raises(DecisionsUnreadable, match="no column `sum`; did you mean `sums`"):
        read("kind,name,day,sums\n罚款,li,2026-01-15,50\n")
    with pytest.raises(DecisionsUnreadable, match="no line of the file has `sum`"):
        read('{"kind": "罚款", "name": "li", "day": "2026-01-15", "sums": 50}\n', name="decisions.jsonl")


def test_encodings_and_packing(read):
    """GBK with another delimiter, a byte order mark, and gzip are read; bytes of another encoding are told"""
    text = "kind;name;day;sum\n罚款;李;2026-01-15;50\n"
    mapping = MAPPING + "encoding: gbk\ndelimiter: ';'\n"
    assert [one.person for one in read(text.encode("gbk"), mapping)[0]] == ["李"]
    plain = text.replace(";", ",")
    assert [one.person for one in read(plain.encode("utf-8-sig"))[0]] == ["李"]
    assert [one.person for one in read(gzip.compress(plain.encode()), name="decisions.csv.gz")[0]] == ["李"]
    found, unread = read(b"kind,name,day,sum\n" + "罚款,李,2026-01-15,50\n".encode("gbk"))
    assert (found, [one.reason for one in unread]) == ([], ["the row holds bytes that are no utf-8"])


def test_a_file_that_breaks_off(read):
    """a packed file that ends too early is told and not taken for the whole"""
    packed = gzip.compress(b"kind,name,day,sum\n" + b"x,li,2026-01-15,50\n" * 5000)
    with pytest.raises(DecisionsUnreadable):
        read(packed[:-20], name="decisions.csv.gz")


# --- the mapping ------------------------------------------------------------------------------------------------------


def test_all_faults_of_a_mapping_are_shown_at_once(faults):
    """unknown keys, rules, kinds and figures are all told"""
    messages = faults("""
kind: {column: kind, map: {罚款: fin}}
date: day
persn: name
kinds:
  fine: {rules: [1-fien], outcomes: sanktion, reach: -1, tolerance: {days: soon, amount: much}}
""")
    assert sorted(messages) == sorted(
        [
            "`person`, `matter` or both say whom or what a decision was about",
            "`persn` is no key here",
            "`fin` is none of `kinds`",
            "`1-fien` is no rule of the pack",
            "`sanktion` is no kind of outcome that demands a decision",
            "a whole number of days stands here",
            "a whole number of days stands here",
            "`much` is neither a sum nor a share such as `5%`",
        ]
    )


@pytest.mark.parametrize(
    ("mapping", "message"),
    [
        ("[]", "a mapping with keys such as `encoding` stands here, not list"),
        ("kind: k\nperson: p\nkinds: {f: {rules: 1-fine}}", "`date` is missing"),
        ("kind: k\ndate: d\nperson: p\nkinds: {f: {}}", "`rules` is missing"),
        ("kind: k\ndate: d\nperson: p\nkinds: []", "`kinds` names each kind of decision"),
        ("kind: {map: {}}\ndate: d\nperson: p\nkinds: {f: {rules: 1-fine}}", "either `column` or `value`"),
        ("kind: k\ndate: {column: d, zone: Mars}\nperson: p\nkinds: {f: {rules: 1-fine}}", "`Mars`"),
        ("kind: k\ndate: d\nmatter: '{}'\nkinds: {f: {rules: 1-fine}}", "`{}` names no column"),
        ("kind: k\ndate: d\nperson: p\nencoding: base64\nkinds: {f: {rules: 1-fine}}", "`base64` is no encoding"),
        ("kind: k\ndate: d\nperson: p\ndelimiter: ';;'\nkinds: {f: {rules: 1-fine}}", "`delimiter` is one character"),
    ],
)
def test_faults_of_a_mapping(faults, mapping, message):
    """each fault is told in words"""
    assert any(message in found for found in faults(mapping))
