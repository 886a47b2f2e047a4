"""Reading the YAML of a pack into nodes with positions."""

from __future__ import annotations

from decimal import Decimal
from textwrap import dedent

import pytest
import yaml

from dutyrules.policies import yaml_source
from dutyrules.policies.diagnostics import Diagnostics
from dutyrules.policies.model import Place
from dutyrules.policies.yaml_source import MapNode, ScalarNode, SeqNode, read_bytes, read_yaml


@pytest.fixture(params=["c", "python"])
def either_parser(request, monkeypatch):
    """Run the test with libyaml's parser and with PyYAML's own."""
    if request.param == "python":
        monkeypatch.setattr(yaml_source, "LOADER", yaml.SafeLoader)


def read(text):
    """Read one document that has no fault."""
    diagnostics = Diagnostics()
    [root] = read_yaml(dedent(text), "pack.yaml", diagnostics)
    assert diagnostics.items == ()
    return root


def faults(text):
    """Return code, line and column of each fault of a text."""
    diagnostics = Diagnostics()
    read_yaml(dedent(text), "pack.yaml", diagnostics)
    return [(one.code, one.place.line, one.place.column) for one in diagnostics.items]


def only_fault(text):
    """Return the one fault of a text."""
    diagnostics = Diagnostics()
    read_yaml(dedent(text), "pack.yaml", diagnostics)
    [one] = diagnostics.items
    return one


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("no", "no"),
        ("yes", "yes"),
        ("on", "on"),
        ("off", "off"),
        ("y", "y"),
        ("22:30", "22:30"),
        ("1:30:00", "1:30:00"),
        ("2026-01-15", "2026-01-15"),
        ("2026-01-15T12:00:00+08:00", "2026-01-15T12:00:00+08:00"),
        ("0o14", "0o14"),
        ("0x1F", "0x1F"),
        ("007", "007"),
        ("-007", "-007"),
        ("1e3", "1e3"),
        ("1.5e3", "1.5e3"),
        (".5", ".5"),
        ("5.", "5."),
        ("+5", "+5"),
        ("1_000", "1_000"),
        (".inf", ".inf"),
        (".nan", ".nan"),
        ("５０", "５０"),
        ("'50'", "50"),
        ('"true"', "true"),
        ("''", ""),
        ("值班", "值班"),
    ],
)
@pytest.mark.usefixtures("either_parser")
def test_what_people_write_as_text_stays_text(written, meant):
    """a word, a clock time, a date, a label and anything in quotes is text"""
    value = read(f"key: {written}\n").get("key").value
    assert value == meant
    assert type(value) is str


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("0", 0),
        ("50", 50),
        ("-3", -3),
        ("1.50", Decimal("1.50")),
        ("-0.1", Decimal("-0.1")),
        ("true", True),
        ("FALSE", False),
        ("null", None),
        ("~", None),
        ("", None),
    ],
)
@pytest.mark.usefixtures("either_parser")
def test_numbers_truth_values_and_nothing(written, meant):
    """whole numbers, exact decimals, true, false and null are read as such"""
    value = read(f"key: {written}\n").get("key").value
    assert value == meant
    assert type(value) is type(meant)


def test_a_decimal_is_kept_as_written():
    """a decimal keeps its digits, trailing noughts included"""
    assert str(read("rate: 0.10\n").get("rate").value) == "0.10"


@pytest.mark.usefixtures("either_parser")
def test_keys_are_texts_as_written():
    """a key that looks like a number, a date or a truth value stays the text that it is"""
    root = read("4.10: a\n2024-10-15: b\nno: c\n007: d\n1: e\ntrue: f\n")
    assert root.keys() == ("4.10", "2024-10-15", "no", "007", "1", "true")
    assert [key.value for key, _ in root.entries] == list(root.keys())


@pytest.mark.usefixtures("either_parser")
def test_nodes_know_where_they_stand():
    """lines and columns count characters from one, Chinese ones included"""
    root = read("""\
        pack: clinic
        条款:
          迟到: {says: "不得迟到", of: [甲, 乙丙]}
        """)
    rule = root.get("条款").get("迟到")
    assert root.key_node("条款").place == Place("pack.yaml", 2, 1)
    assert rule.place == Place("pack.yaml", 3, 7)
    assert rule.get("says").place == Place("pack.yaml", 3, 14)
    assert rule.get("says").length == 6
    assert rule.get("of").items[1].place == Place("pack.yaml", 3, 30)
    assert rule.get("of").items[1].end == Place("pack.yaml", 3, 32)


def test_kinds_are_words_for_messages():
    """each node names its kind in plain words"""
    root = read("a: {}\nb: []\nc: x\nd: 1\ne: true\nf:\n")
    assert [value.kind for _, value in root.entries] == [
        "mapping",
        "list",
        "text",
        "number",
        "true or false",
        "nothing",
    ]
    assert isinstance(root.get("a"), MapNode)
    assert isinstance(root.get("b"), SeqNode)
    assert root.get("g") is None


@pytest.mark.parametrize(
    ("text", "word", "place"),
    [
        ("if: time > shift.start\n", "shift", (1, 12)),
        ("if: 'time > shift.start'\n", "shift", (1, 13)),
        ('if: "time > shift.start"\n', "shift", (1, 13)),
        ("if: time >\n  shift.start\n", "shift", (2, 3)),
        ("if: >-\n  time >\n  shift.start\n", "shift", (3, 3)),
        ("if: |\n  time >\n\n    shift.start\n", "shift", (4, 5)),
        ("if: 'it''s > shift'\n", "shift", (1, 5)),
        ('if: "a \\u0041 shift"\n', "shift", (1, 5)),
        ("if: time >\r\n  shift.start\r\n", "shift", (2, 3)),
    ],
)
@pytest.mark.usefixtures("either_parser")
def test_a_place_inside_a_text(text, word, place):
    """a character of a text is found in the source, or the text's own place is given where escapes hide it"""
    node = read(text).get("if")
    found = node.place_at(node.text.index(word))
    assert (found.line, found.column) == place


def test_the_end_of_a_text_has_a_place():
    """an offset behind the last character points behind the text"""
    assert read("if: a >\n").get("if").place_at(3) == Place("pack.yaml", 1, 8)


@pytest.mark.usefixtures("either_parser")
def test_a_file_may_hold_several_documents():
    """a YAML stream gives one root a document"""
    diagnostics = Diagnostics()
    roots = read_yaml("pack: a\n---\npack: b\n...\n", "pack.yaml", diagnostics)
    assert [root.get("pack").value for root in roots] == ["a", "b"]
    assert not diagnostics.failed


@pytest.mark.parametrize("text", ["", "\n\n", "# only a comment\n"])
@pytest.mark.usefixtures("either_parser")
def test_an_empty_file_is_reported(text):
    """a file without a document is a fault, not an empty pack"""
    assert faults(text) == [("DR115", 1, 1)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("pack: a\npack: b\n", [("DR103", 2, 1)]),
        ("a: 1\n'a': 2\n", [("DR103", 2, 1)]),
        ("a: &x 1\nb: *x\n", [("DR104", 1, 4), ("DR104", 2, 4)]),
        ("a: &x {b: 1}\n", [("DR104", 1, 4)]),
        ("a: &x [1]\n", [("DR104", 1, 4)]),
        ("a: !!python/object/apply:os.system [ls]\n", [("DR105", 1, 4)]),
        ("a: !!str 5\n", [("DR105", 1, 4)]),
        ("a: !own x\n", [("DR105", 1, 4)]),
        ("a: ! x\n", [("DR105", 1, 4)]),
        ("%TAG !e! tag:example.org,2000:\n---\na: 1\n", [("DR105", 1, 1)]),
        ("a:\n  b: 1\n\u3000\u3000c: 2\n", [("DR102", 3, 1)]),
        ("<<: {b: 1}\n", [("DR106", 1, 1)]),
        ("? [a, b]\n: 1\n", [("DR107", 1, 3)]),
        ("? {a: b}\n: 1\n", [("DR107", 1, 3)]),
        ("?\n: 1\n", [("DR107", 1, 2)]),
        ("'': 1\n", [("DR107", 1, 1)]),
        ("a: 1234567890123456789012345678901\n", [("DR112", 1, 4)]),
        ("a: 0.123456789012345678901234567890\n", [("DR112", 1, 4)]),
    ],
)
@pytest.mark.usefixtures("either_parser")
def test_what_a_pack_has_no_use_for_is_refused(text, expected):
    """aliases, tags, merges, keys that are no texts or stand twice, and endless numbers are reported in their place"""
    assert faults(text) == expected


def test_all_faults_are_reported_at_once():
    """reading goes on after a fault that leaves the structure whole"""
    codes = [code for code, _, _ in faults("a: &x 1\nb: *x\n<<: {}\na: 2\nc: !t 1\n")]
    assert codes == ["DR104", "DR104", "DR106", "DR103", "DR105"]


def test_a_key_in_quotes_may_be_two_arrows():
    """`<<` in quotes is an ordinary key"""
    assert read("'<<': 1\n").keys() == ("<<",)


def test_a_refused_value_is_marked():
    """what stands in for a refused value says so, and the second of two like keys is left out"""
    diagnostics = Diagnostics()
    [root] = read_yaml("a: &x 1\nb: *x\nc: 1\nc: 2\n", "pack.yaml", diagnostics)
    assert [root.get(name).refused for name in "abc"] == [True, True, False]
    assert root.get("c").value == 1


def test_complaints_about_a_refused_value_are_dropped():
    """a fault of a value that was refused already is not reported again"""
    diagnostics = Diagnostics()
    [root] = read_yaml("a: *x\n", "pack.yaml", diagnostics)
    diagnostics.add("DR203", "a text is wanted", root.get("a"))
    assert [one.code for one in diagnostics.items] == ["DR104"]


@pytest.mark.parametrize(
    ("text", "code", "place", "words"),
    [
        ("a: b: c\n", "DR101", (1, 5), "second `:`"),
        ("a: [1, 2\nb: 3\n", "DR101", (1, 4), "`[` is not closed"),
        ("a: {b: 1\nc: 3\n", "DR101", (1, 4), "`{` is not closed"),
        ("a: \"b\nc: 'd'\n", "DR101", (1, 4), "never closed"),
        ("a: `b`\n", "DR101", (1, 4), "begin with a backtick"),
        ("a: @b\n", "DR101", (1, 4), "begin with `@`"),
        ("a: - b\n", "DR101", (1, 4), "list item"),
        ("- a\nb: c\n", "DR101", (2, 1), "list item is wanted"),
        ("a:\n  b: 1\n c: 2\n", "DR101", (3, 2), "mapping above"),
        ("a: b\nlate\nc: d\n", "DR101", (2, 1), "no `:`"),
        ("a: *\n", "DR104", (1, 4), "alias"),
        ("a:\n\tb: 1\n", "DR102", (2, 1), "tab"),
        ("a: !<x b\n", "DR105", (1, 4), "tag"),
    ],
)
@pytest.mark.usefixtures("either_parser")
def test_what_is_no_yaml_is_said_in_plain_words(text, code, place, words):
    """a syntax fault is one diagnostic at the right place, in words for people"""
    one = only_fault(text)
    assert (one.code, one.place.line, one.place.column) == (code, *place)
    assert words in one.message
    assert one.help


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("rules:\n  late：\n    kind: x\n", "line 2 has the full-width `：`"),
        ("a: [一，二\nb: 3\n", "line 1 has the full-width `，`"),
        ("a:\n  - b\n\u3000\u3000- c\n  d: 1", "line 3 begins with a full-width space"),
    ],
)
@pytest.mark.usefixtures("either_parser")
def test_chinese_punctuation_is_pointed_out(text, hint):
    """a full-width mark in place of YAML's own is named in the help"""
    assert hint in only_fault(text).help


@pytest.mark.usefixtures("either_parser")
def test_a_backslash_in_double_quotes_is_explained():
    """a backslash that makes no escape is reported on its line, with a way out"""
    one = only_fault('a: "\\q"\n')
    assert (one.code, one.place.line) == ("DR101", 1)
    assert "escape" in one.message
    assert "single quotes" in one.help


def test_full_width_marks_in_a_text_are_welcome():
    """Chinese punctuation inside a text is just text"""
    assert read("says: 值班：不得迟到，不得早退。\n").get("says").value == "值班：不得迟到，不得早退。"


@pytest.mark.parametrize(
    "character", ["\x00", "\x1b", "\x7f", "\x85", "\u200b", "\u202e", "\u2066", "\u2028", "\ufeff", "\ud800"]
)
@pytest.mark.usefixtures("either_parser")
def test_characters_that_deceive_the_eye_are_refused(character):
    """control, invisible and direction-turning characters are reported with their number and place"""
    one = only_fault(f"a: 1\nb: x{character}y\n")
    assert (one.code, one.place.line, one.place.column) == ("DR113", 2, 5)
    assert f"U+{ord(character):04X}" in one.message


def test_a_byte_order_mark_at_the_start_is_dropped():
    """an editor's byte order mark at the very start does no harm"""
    diagnostics = Diagnostics()
    text = read_bytes("\ufeffpack: 甲\n".encode(), "pack.yaml", diagnostics)
    [root] = read_yaml(text, "pack.yaml", diagnostics)
    assert root.get("pack").value == "甲"
    assert not diagnostics.failed


@pytest.mark.parametrize(
    ("data", "place", "hint"),
    [
        ("a: 1\nb: 班值\n".encode("gb18030"), (2, 4), "GB18030"),
        ("a: 1\n".encode("utf-16"), (1, 1), "UTF-16"),
        (b"a: 1\nb: \xff\xff\xff", (2, 4), "UTF-8"),
    ],
)
def test_a_file_that_is_no_utf8_is_refused(data, place, hint):
    """the first wrong byte is shown, and the encoding that the file seems to have"""
    diagnostics = Diagnostics()
    assert read_bytes(data, "pack.yaml", diagnostics) is None
    [one] = diagnostics.items
    assert (one.code, one.place.line, one.place.column) == ("DR114", *place)
    assert hint in one.help


def test_a_scalar_node_tells_itself_apart_from_quoted_text():
    """whether a text stood in quotes is kept"""
    node = read("a: '1'\nb: 1\n")
    assert [value.quoted for _, value in node.entries if isinstance(value, ScalarNode)] == [True, False]
