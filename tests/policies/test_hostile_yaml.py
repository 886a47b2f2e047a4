"""Hostile YAML is refused within its limits: no exception, no hang, nothing built beyond need."""

from __future__ import annotations

import re
import time

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from dutyrules.policies import yaml_source
from dutyrules.policies.diagnostics import Diagnostics, render_json, render_text
from dutyrules.policies.yaml_source import MapNode, ScalarNode, SeqNode, read_bytes, read_yaml

UNPRINTABLE = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]")
PARSERS = [yaml.SafeLoader] if yaml_source.LOADER is yaml.SafeLoader else [yaml_source.LOADER, yaml.SafeLoader]

LAUGHS = "a0: &a0 [lol, lol]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 60))
CYCLE = "a: &a\n  b: *a\n"
BRACKETS = "[" * 200_000
BRACES = "{a: " * 100_000
MIXED = "[{a: " * 100_000
DASHES = "- " * 100_000
QUESTIONS = "? " * 100_000
INDENTED = "".join(f"{' ' * n}a:\n" for n in range(500))
HUGE_TEXT = f"a: {'x' * (64 * 1024 + 1)}\n"
HUGE_KEY = f"? {'x' * (64 * 1024 + 1)}\n: 1\n"
HUGE_FILE = "# " + "x" * (2 * 1024 * 1024)
WIDE_FILE = "# " + "值" * (2 * 1024 * 1024 // 3 + 1)
MANY_VALUES = "[" + "1," * 25_000 + "]"
DIGITS = f"a: {'9' * 60_000}\n"
OPEN_QUOTE = 'a: "' + "x\n" * 100_000
NULL = "a: \x00\n"
OBJECT = "a: !!python/object/apply:os.system ['echo hostile']\n"
LONG_TAG = f"a: !<{'x' * 100_000}> b\n"
LONG_ANCHOR = f"a: &{'x' * 100_000} b\n"
MANY_FAULTS = "".join("a: &a *a\n" if n % 2 else "a: !t 1\n" for n in range(2000))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (LAUGHS, "DR104"),
        (CYCLE, "DR104"),
        (BRACKETS, "DR108"),
        (BRACES, "DR108"),
        (MIXED, "DR108"),
        (DASHES, "DR108"),
        (QUESTIONS, "DR108"),
        (INDENTED, "DR108"),
        (HUGE_TEXT, "DR110"),
        (HUGE_KEY, "DR110"),
        (HUGE_FILE, "DR109"),
        (WIDE_FILE, "DR109"),
        (MANY_VALUES, "DR111"),
        (DIGITS, "DR112"),
        (OPEN_QUOTE, "DR101"),
        (NULL, "DR113"),
        (OBJECT, "DR105"),
        (LONG_TAG, "DR105"),
        (LONG_ANCHOR, "DR104"),
        (MANY_FAULTS, "DR101"),
    ],
    ids=[
        "laughs",
        "cycle",
        "brackets",
        "braces",
        "mixed",
        "dashes",
        "questions",
        "indented",
        "huge text",
        "huge key",
        "huge file",
        "wide file",
        "many values",
        "digits",
        "open quote",
        "null",
        "object",
        "long tag",
        "long anchor",
        "many faults",
    ],
)
@pytest.mark.parametrize("parser", PARSERS, ids=lambda parser: parser.__name__)
def test_each_attack_is_answered_with_its_code(monkeypatch, parser, text, code):
    """an attack gives a diagnostic, in bounded time and output"""
    monkeypatch.setattr(yaml_source, "LOADER", parser)
    monkeypatch.setattr(yaml_source, "MOST_NODES", 20_000)  # the slower parser would take long to reach the real limit
    diagnostics = Diagnostics()
    start = time.process_time()
    read_yaml(text, "pack.yaml", diagnostics)
    printed = render_text(diagnostics.items, {"pack.yaml": text})
    assert time.process_time() - start < 20
    assert code in {one.code for one in diagnostics.items}
    assert max(map(len, printed.splitlines())) < 1000


def test_thirty_two_levels_are_enough_and_thirty_three_are_too_many():
    """the limit on depth is 32 open lists and mappings"""
    diagnostics = Diagnostics()
    assert read_yaml("[" * 32 + "]" * 32, "pack.yaml", diagnostics)
    assert not diagnostics.failed
    assert read_yaml("[" * 33 + "]" * 33, "pack.yaml", diagnostics) == []
    assert [one.code for one in diagnostics.items] == ["DR108"]


def test_a_text_of_sixty_four_kib_is_read():
    """a text at the limit is read, whole"""
    diagnostics = Diagnostics()
    [root] = read_yaml(f"a: {'x' * 64 * 1024}\n", "pack.yaml", diagnostics)
    assert not diagnostics.failed
    assert len(root.get("a").text) == 64 * 1024


def test_a_file_that_is_too_large_is_not_decoded():
    """bytes beyond the limit are refused before anything else looks at them"""
    diagnostics = Diagnostics()
    assert read_bytes(b"\xff" * (2 * 1024 * 1024 + 1), "pack.yaml", diagnostics) is None
    assert [one.code for one in diagnostics.items] == ["DR109"]


def nodes_of(node):
    """Walk a tree of nodes."""
    yield node
    if isinstance(node, SeqNode):
        for each in node.items:
            yield from nodes_of(each)
    if isinstance(node, MapNode):
        for key, value in node.entries:
            yield from nodes_of(key)
            yield from nodes_of(value)


def check_any(text):
    """Read any text with each parser, and demand nodes inside the source or diagnostics that print."""
    lines = text.count("\n") + text.count("\r") + 2
    for parser in PARSERS:
        diagnostics = Diagnostics()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(yaml_source, "LOADER", parser)
            roots = read_yaml(text, "pack.yaml", diagnostics)
        assert roots or diagnostics.failed
        for root in roots:
            for node in nodes_of(root):
                assert 1 <= node.place.line <= lines
                assert node.length >= 1
                if isinstance(node, ScalarNode):
                    assert node.place_at(len(node.text)).line <= lines
        assert not UNPRINTABLE.search(render_text(diagnostics.items, {"pack.yaml": text}))
        render_json(diagnostics.items).encode()


YAML_BITS = st.sampled_from(
    [
        "a",
        "no",
        "1",
        "22:30",
        "- ",
        ": ",
        ":",
        "? ",
        "\n",
        "  ",
        " ",
        "[",
        "]",
        "{",
        "}",
        ",",
        "&a ",
        "*a",
        "!!str ",
        "!",
        "<<",
        "'",
        '"',
        "\\",
        "|\n",
        ">-\n",
        "#",
        "---\n",
        "...\n",
        "%TAG ",
        "\t",
        "\r",
        "：",
        "值班",
        "\u3000",
        "@",
        "`",
        "\ufeff",
        "\u202e",
    ]
)


@given(st.lists(YAML_BITS, max_size=40).map("".join))
def test_any_mixture_of_marks_is_read_or_refused(text):
    """whatever the marks of YAML are strung to, there are nodes or diagnostics and never an exception"""
    check_any(text)


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text):
    """any text at all gives nodes or diagnostics and never an exception"""
    check_any(text)


@given(st.binary(max_size=200))
def test_any_bytes_are_decoded_or_refused(data):
    """any bytes at all give a text or a diagnostic"""
    diagnostics = Diagnostics()
    text = read_bytes(data, "pack.yaml", diagnostics)
    assert (text is None) == diagnostics.failed


SCALARS = st.one_of(
    st.integers(-(10**20), 10**20),
    st.booleans(),
    st.none(),
    st.text(
        st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs"), exclude_characters="\xa0\ufffd"),
        max_size=20,
    ),
)
TREES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.text("abcdefgh值班", min_size=1, max_size=6), inner, max_size=4),
    ),
    max_leaves=12,
)


def plain(node):
    """Turn nodes back into what they stand for."""
    if isinstance(node, SeqNode):
        return [plain(each) for each in node.items]
    if isinstance(node, MapNode):
        return {key.text: plain(value) for key, value in node.entries}
    return node.value


@given(TREES, st.booleans())
def test_what_a_yaml_writer_wrote_is_read_back(tree, flow):
    """lists, mappings, numbers and texts come back as they were written, in block and in flow style"""
    text = yaml.safe_dump({"root": tree}, default_flow_style=flow, allow_unicode=True)
    diagnostics = Diagnostics()
    [root] = read_yaml(text, "pack.yaml", diagnostics)
    assert not diagnostics.failed
    assert plain(root) == {"root": tree}
