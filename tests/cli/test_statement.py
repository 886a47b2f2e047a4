from __future__ import annotations


def test_sums_and_sections_per_person(run, desk, log):
    """each person has a statement with sums, and a section for each kind of thing"""
    status, out, _ = run("statement", "--pack", desk, log, "--as-of", "2026-02-01")
    assert status == 0
    assert "li: to pay 300 CNY" in out
    assert "wan: to receive 20 CNY" in out
    assert "2026-01-15 1.2-fine fine 50 CNY voided Leaving the post is fined." in out
    assert "2026-01-19 2.1-reply breach Answer a complaint within two working days." in out
    assert "discretion 10 to 50 opened (asks manager)" in out
    assert "2026-02-01 4.2-often withhold bonus" in out
    assert out.index("Sanctions") < out.index("Voided, counts no more")


def test_a_proposal_is_no_debt(run, desk, log):
    """a fine that a person has yet to set is shown and not summed up"""
    _, out, _ = run("statement", "--pack", desk, log, "--person", "wan", "--as-of", "2026-02-01")
    assert "fine 10 to 50 proposed" in out
    assert "to pay" not in out
    assert "li:" not in out


def test_statement_in_chinese(run, desk, log):
    """`--lang zh` writes headings, kinds and rules in Chinese"""
    _, out, _ = run("statement", "--pack", desk, log, "--lang", "zh")
    assert "li: 应扣 300 CNY" in out
    assert "迟到罚款。" in out
