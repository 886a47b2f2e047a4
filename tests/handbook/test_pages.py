"""The two forms of a handbook: Markdown, and one HTML file that needs nothing else."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from dutyrules.handbook import build_handbook, to_html, to_markdown
from handbook.reading import loaded, pack_of

EMPTY = {"meta", "rect", "path"}
HOSTILE = """
pack: hostile
title: {en: "<script>alert(1)</script>", zh: "<b>题</b>"}
roles: {boss: {en: "<i>boss</i> & sons", zh: "<i>头</i>"}}
rules:
  1-bad:
    kind: prohibition
    says: {en: "a | b `c` <img src=x onerror=y> [d](e) *f*", zh: "<script>"}
    vague: "</p><script>"
    when: check_out
    who: boss
"""


class Page(HTMLParser):
    """Reads a page: what is opened is closed, which anchors there are, and which are linked to."""

    def __init__(self, text):
        super().__init__()
        self.open, self.ids, self.targets, self.loads, self.attributes = [], [], [], [], {}
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        """Take note of an element that begins."""
        known = dict(attrs)
        self.attributes.setdefault(tag, known)
        self.ids += [known["id"]] if "id" in known else []
        self.targets += [known["href"]] if "href" in known else []
        self.loads += [known[name] for name in ("src", "srcset", "data", "action") if name in known]
        if tag not in EMPTY:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        """Take note of an element without content."""
        self.handle_starttag(tag, attrs)
        if tag not in EMPTY:
            self.open.pop()

    def handle_endtag(self, tag):
        """Take note that the innermost element ends."""
        assert self.open, tag
        assert self.open.pop() == tag


def test_a_page_is_sound(book):
    """all that is opened is closed, anchors are unique, links lead to them, headings go down one level at a time"""
    text = to_html(book)
    page = Page(text)
    assert page.open == []
    assert len(page.ids) == len(set(page.ids))
    assert {target.removeprefix("#") for target in page.targets} <= set(page.ids)
    assert all(target.startswith("#") for target in page.targets)
    levels = [int(level) for level in re.findall(r"<h([1-6])>", text)]
    assert all(later <= earlier + 1 for earlier, later in pairwise(levels))


def test_a_page_needs_no_network_and_no_program(book):
    """nothing is loaded and no script runs; the language is said"""
    text = to_html(book)
    page = Page(text)
    assert page.loads == []
    assert "script" not in page.attributes
    assert "link" not in page.attributes
    assert re.search(r"@import|url\((?!#)", text) is None
    assert page.attributes["html"]["lang"] == {"en": "en", "zh": "zh-Hans"}[book.language]


def test_each_rule_has_an_anchor(packs, book):
    """each rule, tier, parameter and record of a pack can be linked to"""
    ids = set(Page(to_html(book)).ids)
    if len(packs) == 1:
        [pack] = packs
        assert ids >= {f"rule-{name}" for name in pack.rules}
        assert ids >= {f"rule-{tier.id}" for rule in pack.rules.values() for tier in rule.tiers}
        assert ids >= {*pack.parameters, *pack.records, *pack.counts}
    else:
        assert sum("rule-" in each for each in ids) >= sum(len(pack.rules) for pack in packs)


def test_markdown_links_lead_somewhere(book):
    """each link of the Markdown page leads to an anchor of it, and each anchor stands once"""
    text = to_markdown(book)
    anchors = re.findall(r'<a id="([^"]+)"></a>', text)
    assert len(anchors) == len(set(anchors))
    assert set(re.findall(r"\]\(#([^)]+)\)", text)) <= set(anchors)


def test_markdown_tables_are_even(book):
    """every row of a table has as many cells as its head"""
    rows = re.findall(r"(?:^\|.*\|$\n?)+", to_markdown(book), re.MULTILINE)
    for table in rows:
        cells = [len(re.findall(r"(?<!\\)\|", row)) for row in table.splitlines()]
        assert len(set(cells)) == 1, table


@pytest.mark.parametrize("language", ["en", "zh"])
def test_words_of_a_pack_stay_words(language):
    """what a pack says cannot become markup, in neither form"""
    book = build_handbook([pack_of(HOSTILE)], language)
    page = to_html(book)
    for piece in ("<script", "<img", "<i>", "<b>题"):
        assert piece not in page
    assert Page(page).open == []
    markdown = to_markdown(book)
    assert re.search(r"(?<!\\)<(?!a id|/a)", markdown) is None
    if language == "en":
        assert r"a \| b \`c\` \<img src=x onerror=y\> \[d\](e) \*f\*" in markdown


def test_a_ladder_is_drawn():
    """a ladder is a picture in HTML and a drawing in Markdown, with each step, accumulation and question in it"""
    [pack] = loaded("callcenter")
    [ladder] = pack.ladders.values()
    book = build_handbook([pack], "en")
    page, markdown = to_html(book), to_markdown(book)
    picture = page[page.index("<svg") : page.index("</svg>")]
    assert picture.count("<rect") == len(ladder.steps) + 1
    assert picture.count('class="sum"') == len(ladder.accumulate)
    drawing = re.search(r"```text\n(.*?)```", markdown, re.DOTALL)[1]
    assert [step for step in ("oral warning", "written warning", "dismissal") if f"[ {step} ]" not in drawing] == []
    assert "( dismissal review? )" in drawing
