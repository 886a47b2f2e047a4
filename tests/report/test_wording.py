"""The words of a report: none missing, and the same as the command line's."""

from __future__ import annotations

import re
import string

import pytest

from dutyrules.calendars import Reason
from dutyrules.cli.inputs import Language
from dutyrules.cli.wording import Words
from dutyrules.report.wording import Wording, own_words


def test_every_word_stands_in_both_languages():
    """each word has English and Chinese, with the same parts to fill in"""
    for group in own_words().values():
        for key, said in group.items():
            assert set(said) == {"en", "zh"}, key
            parts = [{name for _, name, _, _ in string.Formatter().parse(text) if name} for text in said.values()]
            assert parts[0] == parts[1], key
            assert any("\u4e00" <= letter <= "\u9fff" for letter in said["zh"]) or key == "lang", key


def test_the_words_are_those_of_the_command_line(ward):
    """a word of an outcome that the command line has in Chinese is the same here"""
    line = Words(Language.ZH, ward)
    differing = {
        word: (said["zh"], line(word))
        for word, said in own_words()["terms"].items()
        if line(word) not in (word, said["zh"])
    }
    assert differing == {}


def test_whatever_an_account_says_has_a_word():
    """each reason for which a day is counted or skipped is said in both languages"""
    assert {reason.value for reason in Reason} | {"counted", "skipped"} <= own_words()["terms"].keys()


def test_the_page_uses_every_word_and_no_other(repository):
    """each word of the page is asked for by the template or a script, and none is asked for that is not there"""
    folder = repository / "src" / "dutyrules" / "report"
    scripts = "".join(path.read_text("utf-8") for path in sorted((folder / "static").glob("*.js")))
    template = (folder / "templates" / "page.html.j2").read_text("utf-8")
    known = own_words()["page"]
    assert {key for key in known if not re.search(rf'["\']{key}["\']|page\.{key}\b', scripts + template)} == set()
    asked = set(re.findall(r'(?:say|part)\("(\w+)"', scripts)) | set(re.findall(r'(?:both|hint)\("(\w+)"\)', template))
    assert asked <= known.keys() | own_words()["columns"].keys()


def test_labels(small):
    """an outcome is named by what it is, what it costs or brings, and how it stands"""
    words = [Wording(small.pack, language) for language in ("en", "zh")]
    said = {(row.outcome.rule, row.outcome.kind): tuple(one.label(row.outcome) for one in words) for row in small.rows}
    assert said["1.2-fine", "sanction"] == ("fine 20.5 yuan", "罚款 20.5 元")
    assert said["4.1-fine", "sanction"] == ("fine 10–50 yuan, proposed", "罚款 10–50 元，拟议")
    assert said["4.1-fine", "referral"][0] == "question, sum at discretion 10–50 yuan, open"
    assert said["2.1-reply", "obligation"] == ("obligation, breached", "义务，违反")
    assert said["3.1-step", "sanction"][1] == "处分 书面警告"


def test_a_language_that_there_is_not(ward):
    """a report can be had in English and Chinese only"""
    with pytest.raises(ValueError, match="no report in `fr`"):
        Wording(ward, "fr")


def test_durations(ward):
    """a duration of an account is said in the language; what is none stands as it is"""
    english, chinese = (Wording(ward, language) for language in ("en", "zh"))
    assert (english.duration("2 working days"), chinese.duration("2 working days")) == ("2 working days", "2 个工作日")
    assert chinese.duration("until told") == "until told"
