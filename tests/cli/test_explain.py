from __future__ import annotations

import json

import pytest


@pytest.fixture
def id_of(run, desk, log):
    """Give a function that returns the id of the one outcome of a rule and kind."""

    def find(rule, kind):
        _, out, _ = run("replay", "--pack", desk, log, "--as-of", "2026-02-01", "-q")
        [found] = {
            one["id"]
            for line in out.splitlines()
            if (one := json.loads(line)) and (one["rule"], one["kind"]) == (rule, kind)
        }
        return found

    return find


def test_a_fine_is_explained_down_to_the_lines_of_the_log(run, desk, log, id_of):
    """rule, words, history, causes with their lines, and the rule as it stands in the pack are shown"""
    status, out, _ = run("explain", log, id_of("1.2-fine", "sanction"), "--pack", desk, "--as-of", "2026-02-01")
    assert status == 0
    assert out.splitlines()[:3] == [
        "1.2-fine: fine 50 CNY voided",
        " Leaving the post is fined.",
        " person: li",
    ]
    assert f"event e4: 2026-01-15 11:00:00 li post_left ({log}:9)" in out
    assert "2026-01-15 11:10:00 fine 50 CNY voided" in out
    assert "1.3-premises-fine: fine 200 CNY, 2026-01-15 11:10:00" in out
    assert "when: breach of 1.2-leave-post" in out


def test_a_missed_deadline_shows_what_was_counted(run, desk, log, id_of):
    """the account of a deadline lists days counted and skipped with the reason"""
    _, out, _ = run("explain", log, id_of("2.1-reply", "breach"), "--pack", desk, "--as-of", "2026-02-01")
    assert "deadline account: due at 2026-01-19 23:59:59 (missed)" in out
    assert "skipped 2026-01-17 to 2026-01-18 weekend" in out
    assert "counted 2026-01-19 working day" in out


def test_every_guard_is_shown_with_its_values(run, desk, log, id_of):
    """the condition of the breach on which a fine rests stands there with both operands"""
    _, out, _ = run("explain", log, id_of("4.2-tiers", "sanction"), "--pack", desk, "--as-of", "2026-02-01")
    assert "late_days = 2 in 2026-01 (2026-01-01 to 2026-01-31)" in out
    assert "2026-01-15 08:00:01 e1 counted" in out
    assert "yes band: 2: 4.2-often" in out


def test_as_json_and_as_a_tree(run, desk, log, id_of):
    """`--format json` has the chain with every value, `--format tree` draws it down to the events"""
    asked = ("explain", log, id_of("1.2-fine", "sanction"), "--pack", desk, "--as-of", "2026-02-01", "--format")
    found = json.loads(run(*asked, "json")[1])
    assert [one["status"] for one in found["history"]] == ["imposed", "voided"]
    assert found["rule"]["says"] == {"en": "Leaving the post is fined.", "zh": "离岗罚款。"}
    assert [step["guard"] for step in found["grounds"][0]["steps"]] == ["when", "consequence", "choice"]
    [breach] = [one for one in found["because"] if one["outcome"]["rule"] == "1.2-leave-post"]
    assert [one["event"]["type"] for one in breach["because"]] == ["post_left"]
    lines = run(*asked, "tree")[1].splitlines()
    assert lines[0].startswith("1.2-fine sanction voided 50 li")
    assert "│ └─ e4 2026-01-15 11:00:00 post_left li" in "\n".join(lines)


def test_words_in_chinese(run, desk, log, id_of):
    """`--lang zh` shows the words in Chinese"""
    _, out, _ = run(
        "explain", log, id_of("2.1-reply", "breach"), "--pack", desk, "--as-of", "2026-02-01", "--lang", "zh"
    )
    assert "两个工作日内答复投诉。" in out
    assert "不计 2026-01-17 至 2026-01-18" in out


def test_an_id_that_is_none(run, desk, log):
    """an id that no outcome has, or several have, ends with status 1 and says which there are"""
    status, _, err = run("explain", log, "zzz", "--pack", desk)
    assert status == 1
    assert "no one outcome of this log has the id `zzz`" in err
    status, _, err = run("explain", log, "", "--pack", desk)
    assert status == 1
    assert "one of " in err
