"""The whole document: nothing of a pack is left out, nothing stands twice, chapters are in order."""

from __future__ import annotations

import re
import string
from collections import Counter

import pytest

from dutyrules.handbook import build_handbook, to_html, to_markdown
from dutyrules.handbook.document import Table
from dutyrules.handbook.text import plain
from dutyrules.handbook.words import LANGUAGES, Words, lexicon, phrases
from dutyrules.policies.load import check_packs
from handbook.reading import ROOT, loaded, pack_of, told

LANGUAGE_PAGE = (ROOT / "docs" / "language.md").read_text("utf-8")
PIECES = [
    piece
    for piece in re.findall(r"```yaml\n(.*?)```", LANGUAGE_PAGE, re.DOTALL)
    if not re.search(r"^(pack|extends|part):", piece, re.MULTILINE)
]
BASE = re.search(r"```yaml\n(pack: demo\n.*?)```", LANGUAGE_PAGE, re.DOTALL)[1]
MARKS = re.compile("[\ue000-\ue00f]")


def test_every_rule_stands_there_once(packs, book):
    """each rule of each pack has exactly one entry, with the author's words and a sentence of its own"""
    rules = [rule for pack in packs for rule in pack.rules.values()]
    entries = book.entries()
    assert Counter(entry.id for entry in entries) == Counter(rule.id for rule in rules)
    assert all(entry.sentence for entry in entries)
    says = {(rule.id, " ".join(rule.says.get(book.language, "").split())) for rule in rules}
    assert {(entry.id, entry.says) for entry in entries} == says


def test_every_tier_stands_there(packs, book):
    """each band of each rule is named in the items of its entry"""
    texts = {entry.id: told(entry) for entry in book.entries()}
    for pack in packs:
        for rule in pack.rules.values():
            assert all(tier.id in texts[rule.id] for tier in rule.tiers)


@pytest.mark.parametrize("section", ["parameters", "records", "roles", "seasons", "shifts", "hours", "ladders"])
def test_every_declaration_stands_there_once(packs, book, section):
    """each parameter, record, office, season, shift, working time and ladder has one row or chapter"""
    for pack, part in zip(packs, book.sections, strict=True):
        names = getattr(pack, section)
        if section == "ladders":
            titles = [below.title for below in part.sections if "ladder-" in below.anchor]
            assert len(titles) == len(names)
            assert all(any(name in title for title in titles) for name in names)
            continue
        rows = table_of(part, section)
        assert len(rows) == len(names)
        for name, row in zip(names, rows, strict=True):
            assert name in plain(" ".join(row))


def test_counts_and_formulas_stand_there_once(packs, book):
    """each count and each formula has one row, and stands with every rule that reads it"""
    for pack, part in zip(packs, book.sections, strict=True):
        names = [*pack.counts, *pack.values]
        rows = table_of(part, "counts")
        assert [row for name, row in zip(names, rows, strict=True) if name not in plain(row[0])] == []


def table_of(section, anchor):
    """Return the rows of the table in the chapter that an anchor ends with; none where there is no such chapter."""
    found = [below for one in (section, *section.sections) for below in one.sections if below.anchor.endswith(anchor)]
    return [row for one in found for block in one.blocks if isinstance(block, Table) for row in block.rows]


def test_no_mark_is_left_in_a_page(book):
    """writers turn every mark of the text into their own, and no part of a phrase is left unfilled"""
    for page in (to_markdown(book), to_html(book)):
        assert MARKS.search(page) is None
        assert re.search(r"\{[a-z_0-9]+\}", page) is None


@pytest.mark.parametrize("piece", PIECES)
def test_every_construct_of_the_language_page_has_words(tmp_path, piece, language):
    """each example of the language, laid over the rest of its pack, becomes a handbook without a gap"""
    (tmp_path / "rest.yaml").write_text(BASE, "utf-8")
    (tmp_path / "piece.yaml").write_text(f"extends: rest.yaml\n{piece}", "utf-8")
    checked = check_packs(tmp_path / "piece.yaml")
    page = to_markdown(build_handbook(checked.packs, language))
    assert checked.packs
    assert MARKS.search(page) is None


def test_both_languages_have_the_same_phrases():
    """each phrase is there in both languages, with the same parts"""

    def parts(text):
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}

    for name, said in phrases().items():
        assert set(said) == set(LANGUAGES), name
        assert parts(said["en"]) == parts(said["zh"]), name


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_two_names_have_the_same_words(language):
    """names that could stand for one another are told apart by their words"""
    words = [said for name, said in lexicon()[language].items() if name.isidentifier()]
    assert [said for said, times in Counter(words).items() if times > 1] == []
    flags = [said for flag in lexicon()["flags"].values() for said in flag[language]]
    assert [said for said, times in Counter(flags).items() if times > 1] == []


def test_two_events_that_say_the_same_are_told_apart():
    """event types with the same words carry their names, too"""
    pack = pack_of(
        "pack: two\ntitle: {en: Two, zh: 二}\nevents:\n"
        "  bell_one: {says: {en: A bell rings., zh: 铃响。}, fields: {person: person}}\n"
        "  bell_two: {says: {en: A bell rings., zh: 铃响。}, fields: {person: person}}\n"
    )
    words = Words(pack, "en")
    assert plain(words.event("bell_one")) == "a bell rings (bell_one)"
    assert plain(words.event("bell_two")) == "a bell rings (bell_two)"
    assert plain(Words(pack, "zh").event("check_in")) == "「到岗签到」"


def test_an_event_without_words_is_named():
    """an event type that has no words in a language stands there by its name"""
    pack = pack_of("pack: one\nevents: {door_forced: {fields: {person: person}}}")
    assert plain(Words(pack, "en").event("door_forced")) == "door_forced"


CLAUSES = """
pack: order
title: {en: Order, zh: 次序}
rules:
  10.1-last: {kind: advice, says: {en: Ten., zh: 十。}}
  2.10-later: {kind: advice, says: {en: Two ten., zh: 二之十。}}
  2.9-earlier: {kind: advice, says: {en: Two nine., zh: 二之九。}}
  stays-behind: {kind: advice, says: {en: Behind., zh: 随后。}}
  2.9A-letter: {kind: advice, says: {en: Two nine A., zh: 二之九甲。}}
  oral-2-second: {kind: advice, says: {en: Oral two., zh: 口头二。}}
  oral-1-first: {kind: advice, says: {en: Oral one., zh: 口头一。}}
"""


def test_chapters_stand_in_the_order_of_clauses():
    """numbers are ordered as numbers, a rule without one stays behind the rule before it, words follow numbers"""
    book = build_handbook([pack_of(CLAUSES)], "en")
    assert [entry.id for entry in book.entries()] == [
        "2.9-earlier",
        "stays-behind",
        "2.9A-letter",
        "2.10-later",
        "10.1-last",
        "oral-1-first",
        "oral-2-second",
    ]
    chapters = [section.title for section in book.sections[0].sections if "chapter" in section.anchor]
    assert chapters == ["Chapter 2", "Chapter 10", "oral"]


def test_parts_of_a_pack_stand_apart():
    """the rules of a pack that is divided over files stand under the titles of its parts"""
    [pack] = loaded("property")
    [section] = build_handbook([pack], "zh").sections
    parts = [below for below in section.sections if "part-" in below.anchor]
    assert [part.title for part in parts] == [part.title["zh"] for part in pack.parts.values()]
    for part, known in zip(parts, pack.parts.values(), strict=True):
        own = {rule.id for rule in pack.rules.values() if rule.place.file == known.file}
        assert {entry.id for entry in part.entries()} == own


def test_several_packs_make_one_document():
    """a file of several packs becomes one document, one part for each, and their names do not meet"""
    packs = loaded("school")
    book = build_handbook(packs, "en")
    assert [section.title for section in book.sections] == [pack.title["en"] for pack in packs]
    assert len({entry.anchor for entry in book.entries()}) == sum(len(pack.rules) for pack in packs)


def test_a_handbook_is_asked_for_in_a_language_that_there_is():
    """another language, and no pack at all, are refused"""
    with pytest.raises(ValueError, match="`fr`"):
        build_handbook(loaded("clinic"), "fr")
    with pytest.raises(ValueError, match="no pack"):
        build_handbook([], "en")
