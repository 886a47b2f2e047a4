from __future__ import annotations


def test_sums_and_sections_per_person(run, desk, log):
    """each person has a statement with sums, and a section for each kind of thing"""
    status, out, _ = run("statement", "--pack", desk, log, "--as-of", "2026-02-01")
    assert status == 0
    assert "li: to pay 300 CNY" in out
    assert "wan: to receive 20 CNY" in out
    assert "2026-01-15 1.2-fine fine 50 CNY voided cb7bd55f Leaving the post is fined." in out
    assert "2026-01-19 2.1-reply breach f94807ec Answer a complaint within two working days." in out
    assert "question, sum at discretion 10 to 50 CNY open (asks manager)" in out
    assert "2026-02-01 4.2-often withhold bonus" in out
    assert out.index("Sanctions") < out.index("Voided, counts no more")


def test_a_proposal_is_no_debt(run, desk, log):
    """a fine that a person has yet to set is shown and not summed up"""
    _, out, _ = run("statement", "--pack", desk, log, "--person", "wan", "--as-of", "2026-02-01")
    assert "fine 10 to 50 CNY proposed" in out
    assert "to pay" not in out
    assert "li:" not in out


def test_rights_and_questions_of_one_kind_share_a_row(run, repository):
    """what differs in its date alone is counted and summed up on one row"""
    pack, log = (repository / "examples" / "clinic_month" / name for name in ("pack.yaml", "events.jsonl"))
    _, out, _ = run("statement", log, "--pack", pack, "--person", "li", "--as-of", "2026-02-01T09:00:00+08:00")
    assert "2026-01-02 … 01-30 5.1-allowance-20 7 × duty allowance 20 CNY = 140 CNY" in out
    assert "5.2D-minimum +1 4 × undecidable open (lacks a log that carries `attendance_day`)" in out


def test_statement_in_chinese(run, desk, log):
    """`--lang zh` writes headings, kinds and rules in Chinese"""
    _, out, _ = run("statement", "--pack", desk, log, "--lang", "zh")
    assert "li: 应扣 300 CNY" in out
    assert "迟到罚款。" in out
