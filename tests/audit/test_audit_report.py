from __future__ import annotations

import csv
import datetime as dt
import io
import json
from decimal import Decimal
from string import Formatter

import attrs
import pytest
from rich.cells import cell_len

from dutyrules.audit.audit_report import COLUMNS, csv_text, json_text, text_lines
from dutyrules.audit.decisions import Decision
from dutyrules.audit.findings import Audit, Difference, Finding, Match, Reason, Sums, Verdict
from dutyrules.audit.verdict_words import REASONS, VERDICTS, WORDS, AuditWords
from dutyrules.outcomes import Obligation, Sanction
from dutyrules.policies.load import check_text

[PACK] = check_text("""
pack: office
title: {en: Office duty, zh: 值班}
currency: CNY
roles: {head: {en: the head, zh: 主任}}
rules:
  1-late: {kind: advice, says: {en: Be in time., zh: 准时。}}
""").packs
FINE = Sanction(
    kind="sanction",
    status="imposed",
    id="office/1-fine/sanction/slip:s1/li",
    time="2026-01-05T09:00:00+08:00",
    pack="office",
    rule="1-fine",
    clause="1",
    person="李",
    matter="slip:s1",
    sanction="fine",
    amount=Decimal(50),
)
DUTY = Obligation(
    kind="obligation",
    status="open",
    id="office/2-report/obligation/report:r1/li",
    time="2026-01-05T09:00:00+08:00",
    pack="office",
    rule="2-report",
    clause="2",
    person="李",
    matter="report:r1",
    since="2026-01-05T09:00:00+08:00",
    due="2026-01-08T23:59:59+08:00",
)


@pytest.fixture
def decision():
    """Return a decision whose reference would be a formula in a spreadsheet."""
    return Decision(
        id="=7",
        place="d.csv:2",
        kind="fine",
        date=dt.date(2026, 1, 6),
        person="李",
        amount=Decimal(-30),
        reference='=HYPERLINK("x")',
    )


@pytest.fixture
def found(decision):
    """Return an audit with a finding of several verdicts."""
    return Audit(
        findings=(
            Finding(
                verdict=Verdict.DIFFERS,
                kind="fine",
                place="d.csv:2",
                decision=decision,
                outcome=FINE,
                match=Match("person", 1, 2),
                differences=(Difference("amount", "-30", "50"), Difference("date", "2026-01-06", "2026-01-05", 1)),
            ),
            Finding(
                verdict=Verdict.PENDING,
                kind="report",
                place="",
                outcome=DUTY,
                reasons=(Reason("not_yet", {"last": "2026-01-08"}),),
            ),
            Finding(
                verdict=Verdict.CANNOT,
                kind="-",
                place="d.csv:3",
                reasons=(Reason("unread", {"reason": "it has no date", "hint": ""}),),
            ),
        ),
        demands={"fine": 1, "report": 1},
        sums={"fine": Sums(Decimal(-30), Decimal(50))},
        begins="2026-01-05T09:00:00+08:00",
        ends="2026-01-07T09:00:00+08:00",
    )


def test_a_spreadsheet_reads_the_rows(found):
    """after a byte order mark come a head in the language and one row a finding; no cell is a formula"""
    text = "".join(csv_text(found, PACK, "zh", only=frozenset(Verdict)))
    assert text.encode().startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
    assert [len(row) for row in rows] == [len(COLUMNS)] * 4
    first = dict(zip(rows[0], rows[1], strict=True))
    assert (first["结论"], first["当事人"], first["决定金额"], first["应有金额"]) == ("不符", "李", "-30", "50")
    assert (first["文号"], first["决定编号"]) == ('\'=HYPERLINK("x")', "'=7")
    assert [row[0] for row in rows[2:]] == ["待定", "无法复算"]
    assert rows[3][1] == "未能读取"


def test_only_some_verdicts(found):
    """rows of other verdicts are left out, and the head stays"""
    assert "".join(csv_text(found, PACK, "en", only={Verdict.MISSING})).count("\r\n") == 1


def test_the_json_says_the_same(found):
    """the document has totals, money and findings, sums as text, and sentences in the language"""
    document = json.loads("".join(json_text(found, PACK, "zh", only=frozenset(Verdict))))
    assert document["totals"]["fine"] == {
        "decisions": 1,
        "demands": 1,
        **dict.fromkeys(Verdict, 0),
        "differs": 1,
    }
    assert document["money"] == {"fine": {"decided": "-30", "demanded": "50", "currency": "CNY"}}
    first, second, third = document["findings"]
    assert first["outcome"]["amount"] == "50"
    assert first["match"] == {"by": "person", "days": 1, "rivals": 2}
    assert first["differences"][1] == {"part": "date", "decided": "2026-01-06", "demanded": "2026-01-05", "days": 1}
    assert second["reasons"] == [{"code": "not_yet", "last": "2026-01-08", "text": "期限为2026-01-08，晚于日志终点"}]
    assert (third["kind"], third["place"]) == (None, "d.csv:3")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_columns_of_the_text_stand_below_each_other(found, language):
    """every line of the table of totals takes as many places as its head, Chinese characters two each"""
    lines = list(text_lines(found, PACK, language, only=frozenset(Verdict)))
    table = lines[2 : lines.index("", 2)]
    assert len(table) == 5
    assert len({cell_len(line) for line in table}) == 1
    assert PACK.title[language] in lines[0]


def test_nothing_in_a_record_reaches_the_terminal(found, decision):
    """escapes, line ends and marks of direction in a record are shown as places"""
    hostile = attrs.evolve(decision, person="li\x1b[31m\n\u202exs")
    one = attrs.evolve(found.findings[0], decision=hostile)
    lines = list(text_lines(attrs.evolve(found, findings=(one,)), PACK, "en", only=frozenset(Verdict)))
    assert all(line.isprintable() for line in lines)
    assert any("li�[31m��xs" in line for line in lines)


def test_offices_and_kinds_have_names(found, decision):
    """text and rows call an office and a kind by their names in the language; JSON keeps what the mapping has"""
    one = attrs.evolve(
        found.findings[0],
        decision=attrs.evolve(decision, person="head"),
        differences=(Difference("person", "head", "李"),),
    )
    named = attrs.evolve(found, findings=(one,), says={"fine": {"zh": "罚款"}, "report": {}})
    text = "\n".join(text_lines(named, PACK, "zh", only=frozenset(Verdict)))
    assert "罚款  slip:s1  主任" in text
    assert "当事人：决定 主任，应为 李" in text
    assert "不符,罚款,主任," in "".join(csv_text(named, PACK, "zh", only=frozenset(Verdict)))
    [kept] = json.loads("".join(json_text(named, PACK, "zh", only=frozenset(Verdict))))["findings"]
    assert (kept["kind"], kept["decision"]["person"]) == ("fine", "head")


def test_a_long_list_is_cut(found):
    """of each verdict at most so many are listed, and the rest is counted"""
    many = attrs.evolve(found, findings=found.findings[:1] * 5)
    lines = list(text_lines(many, PACK, "en", only=frozenset(Verdict), most=2))
    assert lines[-1] == "  … and 3 more"
    assert sum("amount: decided" in line for line in lines) == 2


def test_every_word_is_there_in_both_languages():
    """each verdict, word and reason has an English and a Chinese text, and both sentences hold the same figures"""
    assert set(VERDICTS) == set(Verdict)
    for english, chinese in [*VERDICTS.values(), *WORDS.values(), *REASONS.values()]:
        assert english
        assert any("\u4e00" <= each <= "\u9fff" for each in chinese), chinese
        fields = [{name for _, name, _, _ in Formatter().parse(text) if name} for text in (english, chinese)]
        assert fields[0] == fields[1]


def test_hours_late_are_not_days():
    """a deadline missed on its own day is some hours late"""
    late = Difference("date", "2026-01-05", "2026-01-05", 0)
    assert AuditWords("en").difference(late).endswith("; some hours late")
    assert AuditWords("en").difference(attrs.evolve(late, days=-1)).endswith("; 1 day early")
    assert AuditWords("zh").difference(attrs.evolve(late, days=2)).endswith("；迟2天")
