"""What a person reads when something is wrong."""

from __future__ import annotations

import json
import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dutyrules.policies.diagnostics import (
    CODES,
    Diagnostic,
    Diagnostics,
    Related,
    did_you_mean,
    nearest,
    quoted,
    render_json,
    render_text,
)
from dutyrules.policies.model import Place

SOURCE = "pack: clinic\nrules:\n  迟到: {when: chek_in}\n"
FAULT = Diagnostic(
    "DR301",
    "there is no event type `chek_in`",
    Place("clinic.yaml", 3, 14),
    help="did you mean `check_in`",
    length=7,
)


def test_a_fault_is_printed_with_its_line_and_a_caret():
    """a fault reads `file:line:column CODE message`, then the line, a caret under the text, and the help"""
    assert render_text([FAULT], {"clinic.yaml": SOURCE}) == (
        "clinic.yaml:3:14 DR301 there is no event type `chek_in`\n"
        "    迟到: {when: chek_in}\n"
        "                 ^^^^^^^\n"
        "  help: did you mean `check_in`\n\n"
    )


def test_a_fault_without_its_source_is_still_printed():
    """where the source is not at hand, the place and the message stand alone"""
    assert render_text([FAULT], {}) == (
        "clinic.yaml:3:14 DR301 there is no event type `chek_in`\n  help: did you mean `check_in`\n\n"
    )


def test_a_related_place_is_shown_below():
    """another place that has to do with the fault is shown with its own line"""
    related = (Related("first written here", Place("clinic.yaml", 1, 1)),)
    fault = Diagnostic("DR103", "the key `pack` is written twice", Place("clinic.yaml", 2, 1), related=related)
    assert render_text([fault], {"clinic.yaml": SOURCE}) == (
        "clinic.yaml:2:1 DR103 the key `pack` is written twice\n"
        "  rules:\n"
        "  ^\n"
        "  clinic.yaml:1:1 first written here\n"
        "  pack: clinic\n"
        "  ^\n\n"
    )


def test_a_warning_says_that_it_is_one():
    """a warning is told from an error by its word, and by its code"""
    fault = Diagnostic("DR701", "the rule `迟到` has no `en`", Place("clinic.yaml", 3, 3))
    assert fault.severity == "warning"
    assert not fault.is_error
    assert "3:3 DR701 warning: the rule" in render_text([fault], {})


def test_the_caret_stays_in_its_line():
    """a fault that is longer than its line is marked to the end of the line"""
    fault = Diagnostic("DR101", "this breaks off", Place("a", 1, 4), length=99)
    assert render_text([fault], {"a": "a: [1\nb: 2"}).splitlines()[1:3] == ["  a: [1", "     ^^"]


def test_a_place_behind_the_source_has_no_excerpt():
    """a fault at the end of the file needs no line"""
    fault = Diagnostic("DR115", "the file holds no pack", Place("a", 9, 1))
    assert render_text([fault], {"a": ""}) == "a:9:1 DR115 the file holds no pack\n\n"


def test_a_long_line_is_cut_around_the_fault():
    """of a line without end only the part around the fault is shown, and the caret stands under it"""
    line = "x" * 5000 + "HERE" + "y" * 5000
    fault = Diagnostic("DR101", "look here", Place("a", 1, 5001), length=4)
    _, excerpt, caret, *_ = render_text([fault], {"a": line}).splitlines()
    assert len(excerpt) < 200
    assert excerpt[caret.index("^") :].startswith("HERE")
    assert caret.count("^") == 4


def test_the_caret_stands_under_wide_characters():
    """a Chinese character takes two columns of a terminal, and so does its caret"""
    fault = Diagnostic("DR101", "look here", Place("a", 1, 3), length=2)
    _, excerpt, caret, *_ = render_text([fault], {"a": "值班迟到: 1"}).splitlines()
    assert caret == "      ^^^^"
    assert excerpt == "  值班迟到: 1"


def test_nothing_printed_can_steer_a_terminal():
    """escape sequences and characters that turn the text are printed by their number"""
    hostile = "a\x1b[31m\u202eb\x00"
    fault = Diagnostic("DR101", f"about {quoted(hostile)}", Place(hostile, 1, 1), help=hostile)
    printed = render_text([fault], {hostile: hostile})
    assert {unicodedata.category(each) for each in printed if each != "\n"} & {"Cc", "Cf", "Cs"} == set()
    assert "<U+001B>" in printed


def test_json_has_one_object_a_line_and_every_field():
    """the JSON form is an array with one object a line, in the order of the source"""
    later = Diagnostic("DR203", "a text is wanted", Place("clinic.yaml", 9, 1))
    text = render_json([later, FAULT])
    assert text == render_json([FAULT, later])
    assert [each["line"] for each in json.loads(text)] == [3, 9]
    assert json.loads(text)[0] == {
        "code": "DR301",
        "severity": "error",
        "message": "there is no event type `chek_in`",
        "help": "did you mean `check_in`",
        "file": "clinic.yaml",
        "line": 3,
        "column": 14,
        "length": 7,
        "related": [],
    }
    assert len(text.splitlines()) == 4


def test_no_faults_are_an_empty_array():
    """where nothing is wrong the JSON form is an empty array and the text is empty"""
    assert render_json([]) == "[]\n"
    assert render_text([], {}) == ""


def test_faults_are_collected_once_and_in_order():
    """the same fault is kept once, and faults stand in the order of file, line and column"""
    found = Diagnostics()
    for line, column in ((2, 5), (1, 9), (2, 1), (2, 5)):
        found.add("DR201", "the key `x` has no meaning here", Place("a", line, column))
    found.add("DR701", "the rule `x` has no `zh`", Place("a", 1, 1))
    assert [(one.place.line, one.place.column) for one in found.items] == [(1, 1), (1, 9), (2, 1), (2, 5)]
    assert len(found.errors) == 3
    assert len(found.warnings) == 1
    assert found.failed


def test_warnings_alone_do_not_fail():
    """a pack with remarks only has not failed"""
    found = Diagnostics()
    found.add("DR701", "the rule `x` has no `zh`", Place("a", 1, 1))
    assert not found.failed


def test_an_unlisted_code_is_a_mistake_of_the_program():
    """a code that is not in the list cannot be used"""
    with pytest.raises(KeyError):
        Diagnostics().add("DR999", "no such thing", Place("a", 1, 1))


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("chek_in", "check_in"),
        ("checkin", "check_in"),
        ("check-in", "check_in"),
        ("Check_In", "check_in"),
        ("checkout", "check_out"),
        ("post_lefft", "post_left"),
        ("psot_left", "post_left"),
        ("post_lift", "post_left"),
        ("nwo", "now"),
        ("n", None),
        ("who", None),
        ("整改", None),
        ("x" * 10_000, None),
        ("", None),
    ],
)
def test_the_nearest_word_is_suggested(word, expected):
    """a slip of the pen finds the word that was meant, and what is far from everything finds none"""
    assert nearest(word, ["check_in", "check_out", "post_left", "now"]) == expected
    assert did_you_mean(word, ["check_in", "check_out", "post_left", "now"]) == (
        expected and f"did you mean `{expected}`"
    )


@pytest.mark.parametrize(
    ("word", "candidate", "suggested"),
    [
        ("abcdefghi", "abcdefghi", True),
        ("abcdefghi", "bacdegfih", True),
        ("abcdefghi", "bacdfehgi", True),
        ("abcdefghi", "badcfehgi", False),
        ("abcdefghi", "abcdef", True),
        ("abcdefghi", "abcde", False),
        ("abc", "abd", True),
        ("abc", "add", False),
    ],
)
def test_how_many_slips_are_forgiven(word, candidate, suggested):
    """a third of the letters, at most three, may be wrong, missing, too many or swapped with their neighbour"""
    assert nearest(word, [candidate]) == (candidate if suggested else None)


def test_the_best_of_several_is_suggested():
    """of several near words the nearest is named, of equally near ones that which begins alike, and then the first"""
    assert nearest("sonday", ["monday", "sunday"]) == "sunday"
    assert nearest("check_inn", ["check_nn", "check_in", "check_out"]) == "check_nn"
    assert nearest("check_in", ["check_on", "CHECK_IN"]) == "CHECK_IN"
    assert nearest("checks_in", ["check_on", "check_in"]) == "check_in"


def test_full_width_letters_find_their_plain_form():
    """a name typed with full-width letters is recognised"""
    assert nearest("ｃｈｅｃｋ＿ｉｎ", ["check_in", "check_out"]) == "check_in"


def test_suggestions_do_not_depend_on_long_candidates():
    """a candidate without end is never compared"""
    assert nearest("late", ["l" * 1_000_000, "late_"]) == "late_"


def test_quoted_text_is_one_short_line():
    """the user's own text is shown on one line, cut where it is long"""
    assert quoted("a\n  b") == "`a b`"
    assert quoted("x" * 1000) == f"`{'x' * 60}…`"
    assert quoted(5) == "`5`"


@given(st.text(), st.text(max_size=30), st.integers(1, 5), st.integers(1, 50), st.integers(1, 50))
def test_any_place_in_any_source_can_be_printed(source, message, line, column, length):
    """whatever the source and the place, the fault is printed, and the caret is no longer than the output allows"""
    fault = Diagnostic("DR101", message, Place("a", line, column), length=length)
    printed = render_text([fault], {"a": source})
    assert printed.startswith(f"a:{line}:{column} DR101 ")
    assert max(map(len, re.split("\n", printed))) < 2000
    assert json.loads(render_json([fault]))[0]["message"] == message


def test_titles_and_summaries_follow_the_style_of_messages():
    """each code has a short title and a summary, in lower case and without a full stop"""
    for code, info in CODES.items():
        assert re.fullmatch(r"DR[1-7][0-9]{2}", code)
        assert len(info.title) <= 60
        for text in (info.title, info.summary):
            assert text
            assert not text.endswith(".")
            assert not re.match(r"[A-Z][a-z]", text)
        assert info.severity == ("warning" if code.startswith("DR7") else "error")
    assert list(CODES) == sorted(CODES)
    assert len({info.title for info in CODES.values()}) == len(CODES)
