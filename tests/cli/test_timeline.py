from __future__ import annotations


def test_events_stand_over_what_came_of_them(run, desk, log):
    """each event that led to something stands with its time, its outcomes below it"""
    status, out, _ = run("timeline", "--pack", desk, log, "--as-of", "2026-02-01")
    lines = out.splitlines()
    assert status == 0
    at = lines.index(" 08:00:01 li check_in")
    assert lines[at - 1] == "2026-01-15 Thu"
    assert lines[at + 1].startswith(" li: breach, 1.1-late [")
    assert "roster_assigned" not in out
    assert "obligation" not in out


def test_lines_that_belong_together_are_one(run, repository):
    """breaches by one act share a line, so do questions that want the same thing; a sum that changes is marked"""
    pack, log = (repository / "examples" / "clinic_month" / name for name in ("pack.yaml", "events.jsonl"))
    _, out, err = run("timeline", log, "--pack", pack, "--as-of", "2026-02-01T09:00:00+08:00")
    assert " he: breach 4.1-desert, 4.1-leave-post, 4.5-no-leaving, 4.5-stay-overnight [" in out
    assert "+6: undecidable open (lacks a log that carries `attendance_day`), 5.2D-minimum, 5.2D-tiers [" in out
    assert "qiu: forfeit 100 CNY (revised), 4.8-forfeit-allowance [" in out
    assert "wan: fine 50 CNY withdrawn, 4.1-fine-50 [" in out
    assert "waived=true" in out
    assert "event e189: DR623" in err


def test_what_time_alone_brings_stands_at_its_time(run, desk, log):
    """a missed deadline stands at the deadline, in order"""
    _, out, _ = run("timeline", "--pack", desk, log, "--as-of", "2026-02-01")
    lines = out.splitlines()
    at = lines.index("2026-01-19 Mon")
    assert lines[at + 1].startswith(" 23:59:59 wan: breach, 2.1-reply")


def test_everything_on_request_and_one_person(run, desk, log):
    """`--all` shows events without consequence and duties; `--person` keeps to one person"""
    _, out, _ = run("timeline", "--pack", desk, log, "--all")
    assert "roster_assigned" in out
    assert "wan: deadline set due 2026-01-19 23:59:59" in out
    _, out, _ = run("timeline", "--pack", desk, log, "--person", "wan", "--lang", "zh")
    assert "li:" not in out
    assert "星期六" in out
