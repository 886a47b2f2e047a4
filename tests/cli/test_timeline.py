from __future__ import annotations


def test_events_stand_over_what_came_of_them(run, desk, log):
    """each event that led to something stands with its time, its outcomes below it"""
    status, out, _ = run("timeline", "--pack", desk, log, "--as-of", "2026-02-01")
    lines = out.splitlines()
    assert status == 0
    at = lines.index(" 08:00:01 check_in person=li")
    assert lines[at - 1] == "2026-01-15 Thu"
    assert lines[at + 1].startswith(" li: breach, 1.1-late [")
    assert "roster_assigned" not in out
    assert "obligation" not in out


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
