from __future__ import annotations

import json


def test_the_nearest_miss_is_told_with_what_was_lacking(run, desk, log):
    """the verdict, the guards of the nearest try with their values, and what would have made the rule hold are shown"""
    status, out, _ = run("why-not", log, "--rule", "1.1-late", "--person", "wan", "--pack", desk)
    assert status == 0
    lines = [line.strip() for line in out.splitlines()]
    assert lines[0] == "1.1-late wan: it did not hold (as of 2026-01-20 09:00:00)"
    assert "no condition: the time is later than the start of the shift" in lines
    assert "no time > shift.start (2026-01-15 08:00:00 > 2026-01-15 08:00:00)" in lines
    assert lines[-1] == "`time` 1 second later"


def test_a_rule_that_waits_for_another_passes_the_question_on(run, desk, log):
    """of a fine that nothing set off, the rule is asked whose breach it waits for"""
    _, out, _ = run("why-not", log, "--rule", "1.1-fine", "--person", "wan", "--pack", desk)
    assert out.splitlines()[0].startswith("1.1-fine wan: nothing set it off")
    assert "it waits for 1.1-late: Be there when the shift begins." in out
    assert out.rstrip().endswith("`time` 1 second later")


def test_in_chinese(run, desk, log):
    """`--lang zh` says it in Chinese"""
    _, out, _ = run("why-not", log, "--rule", "desk/1.1-late", "--person", "wan", "--pack", desk, "--lang", "zh")
    assert "否 条件：时间晚于班次的开始时间" in out
    assert "`time`（时间）再晚 1 秒" in out


def test_as_of_an_earlier_moment(run, desk, log):
    """`--at` asks about a day to its end, or an instant"""
    asked = ("why-not", log, "--rule", "2.1-reply", "--person", "wan", "--pack", desk)
    _, out, _ = run(*asked, "--at", "2026-01-16")
    assert "not due yet: 2026-01-19 23:59:59; now is 2026-01-16 23:59:59" in out
    assert "no `complaint_replied` until 2026-01-19 23:59:59 has passed" in out
    assert run(*asked, "--as-of", "2026-01-16")[1] == out
    _, out, _ = run(*asked)
    assert "it held" in out.splitlines()[0]
    assert "breach breached wan 2026-01-19 23:59:59" in out


def test_as_json_and_as_a_tree(run, desk, log):
    """`--format json` has every value, `--format tree` draws the branches"""
    asked = ("why-not", log, "--rule", "1.2-fine", "--person", "li", "--pack", desk, "--format")
    _, out, _ = run(*asked, "json")
    found = json.loads(out)
    assert (found["verdict"], found["stopped_by"]) == ("stopped", "choice")
    [choice] = [step for step in found["nearest"]["steps"] if step["guard"] == "choice"]
    assert (choice["holds"], choice["facts"]["winner"]) == (False, "1.3-premises-fine")
    _, out, _ = run(*asked, "tree")
    assert out.splitlines()[0] == "1.2-fine li: it did not hold"
    assert "└─ no choice: 1.4-heavier: absorbed by 1.3-premises-fine" in out


def test_a_rule_that_is_none(run, desk, log):
    """a slip of the pen ends with status 2 and a suggestion"""
    status, _, err = run("why-not", log, "--rule", "1.1-lat", "--pack", desk)
    assert status == 2
    assert "`desk` has no rule `1.1-lat`" in err
    assert "help: did you mean `1.1-late`" in err


def test_pseudonyms_stand_for_persons(run, desk, log, tmp_path):
    """with a key the answer names nobody, and the question may name the person by either name"""
    key = tmp_path / "key"
    run("pseudonymise", "--new-key", key)
    asked = ("why-not", log, "--rule", "1.1-late", "--pack", desk, "--pseudonymise", key, "--person")
    _, out, _ = run(*asked, "wan")
    name = out.splitlines()[0].split()[1].rstrip(":")
    assert "wan" not in out
    assert out == run(*asked, name)[1]
    assert "`time` 1 second later" in out
