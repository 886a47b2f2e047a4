"""The page as a file: complete in itself, and nothing from the log in it that could be markup or run."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from html.parser import HTMLParser

import pytest

from dutyrules.report import collect
from dutyrules.report.page import SCRIPTS, to_html
from report.logs import HOSTILE, SMALL, event

EMPTY = {"meta", "input", "br", "path", "link", "img"}


class Page(HTMLParser):
    """Reads a page: its elements with their attributes, and what stands in its scripts and styles."""

    def __init__(self, text):
        super().__init__()
        self.open, self.elements, self.texts = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        """Take note of an element that begins."""
        self.elements.append((tag, dict(attrs)))
        if tag not in EMPTY:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        """Take note of an element without content."""
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        """Take note that the innermost element ends."""
        assert self.open.pop() == tag

    def handle_data(self, data):
        """Keep what stands in scripts and styles."""
        if self.open and self.open[-1] in {"script", "style"}:
            self.texts.append((self.elements[-1], data))

    def attributes(self, tag):
        """Return the attributes of each element of a name."""
        return [known for name, known in self.elements if name == tag]


@pytest.fixture(scope="module")
def hostile(replay):
    """Give the report of a log in which every text is an attempt to break out of the page."""
    return collect(
        replay(
            [
                event("r1", "roster_assigned", "2025-03-01T09:00:00", HOSTILE, duty_date="2025-03-03"),
                event("i1", "check_in", "2025-03-03T08:00:01", HOSTILE),
                event(HOSTILE, "complaint_received", "2025-03-06T10:00:00", complaint_id=HOSTILE, received_by=HOSTILE),
                event(HOSTILE + "2", "check_in", "2025-03-06T10:00:00", HOSTILE),
            ]
        )
    )


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_page_is_sound_and_whole(small, language):
    """what is opened is closed, ids are unique, and no element loads anything from anywhere"""
    text = to_html(small, language)
    page = Page(text)
    assert page.open == []
    ids = [known["id"] for _, known in page.elements if "id" in known]
    assert len(ids) == len(set(ids))
    assert {name for _, known in page.elements for name in known} & {
        "src",
        "srcset",
        "data",
        "action",
        "poster",
    } == set()
    assert {known["href"] for known in page.attributes("a")} == {"#content"}
    assert page.attributes("link") == page.attributes("img") == []
    assert re.search(r"@import|url\((?!\"?#)|https?://(?!www\.w3\.org/2000/svg)", text) is None
    assert page.attributes("html") == [{"lang": {"en": "en", "zh": "zh-Hans"}[language], "data-language": language}]


def test_the_policy_names_the_pages_own_script_and_style_and_nothing_else(small):
    """no source is allowed but the digests of the one style and the one script that stand in the page"""
    page = Page(to_html(small, "en"))
    [policy] = [known["content"] for known in page.attributes("meta") if "http-equiv" in known]
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    [style] = [text for (tag, _), text in page.texts if tag == "style"]
    [script] = [text for (tag, known), text in page.texts if tag == "script" and "type" not in known]

    def digest(text):
        return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"

    assert rules == {
        "default-src": "'none'",
        "script-src": digest(script),
        "style-src": digest(style),
        "base-uri": "'none'",
        "form-action": "'none'",
    }


def test_nothing_in_the_markup_would_need_more_than_the_policy_allows(small):
    """no element has a style or a handler of its own, and no script sets markup, evaluates text or asks the network"""
    page = Page(to_html(small, "en"))
    assert {name for _, known in page.elements for name in known if name == "style" or name.startswith("on")} == set()
    [script] = [text for (tag, known), text in page.texts if tag == "script" and "type" not in known]
    markup = r"innerHTML|outerHTML|insertAdjacent|document\.write"
    forbidden = rf"{markup}|\beval\b|new Function|fetch\(|XMLHttp|import\(|setTimeout\(\""
    assert re.findall(forbidden, script) == []


def test_every_script_is_part_of_the_page(repository):
    """the folder of scripts holds those that the page is made of"""
    folder = repository / "src" / "dutyrules" / "report" / "static"
    assert {path.stem for path in folder.glob("*.js")} == set(SCRIPTS)


def test_hostile_texts_are_data(hostile):
    """what a log says can end no element, and stands in the data unharmed"""
    text = to_html(hostile, "en")
    page = Page(text)
    assert page.open == []
    assert len(page.attributes("script")) == 2
    assert page.attributes("img") == []
    [data] = [data for (_, known), data in page.texts if known.get("id") == "data"]
    assert not set("<>&\u2028\u2029") & set(data)
    assert [person for person, *_ in json.loads(data)["people"]] == [HOSTILE]


def test_the_same_report_gives_the_same_bytes(small, replay):
    """a page holds nothing of when or where it was made"""
    assert to_html(small, "zh") == to_html(collect(replay(SMALL)), "zh")
    assert "/tmp" not in to_html(small, "zh")  # noqa: S108 - a folder that must not be named


def test_without_scripts_the_totals_are_there(small):
    """the part for browsers without scripts has what each person and each rule comes to"""
    [part] = re.findall(r"<noscript>(.*?)</noscript>", to_html(small, "en"), re.DOTALL)
    assert "20.5" in part
    assert "李" in part
    assert "Answer a complaint within two working days." in part
    assert "投诉应在两个工作日内答复。" in part
