"""A log with 20,000 outcomes and more: the file stays a file that can be sent, the page a page that can be used."""

from __future__ import annotations

import json
import re

import pytest

from dutyrules.report.page import to_html

MANY = 20_000
MOST_ELEMENTS = 15_000
MOST_BYTES = 300  # an outcome


@pytest.fixture
def page(long, show):
    """Open the report of the long log."""
    return show(long, "zh")


def elements(page):
    """Count the elements of the document as it stands in the browser."""
    return page.evaluate("document.querySelectorAll('*').length")


def test_the_file_is_small_enough_to_send(long):
    """a page takes at most 300 bytes for an outcome, its scripts included, and holds every outcome"""
    text = to_html(long, "zh")
    assert len(long.rows) >= MANY
    assert len(text.encode()) < MOST_BYTES * len(long.rows)
    [data] = re.findall(r'id="data">(.*?)</script>', text, re.DOTALL)
    assert len(json.loads(data)["rows"]) == len(long.rows)


def test_whatever_is_shown_the_document_stays_small(long, page):
    """through every filter, page and switch the document has at most 15,000 elements, and the counts are right"""
    counts = [elements(page)]
    assert str(len(long.rows)) in page.locator("#shown").inner_text()
    for _ in range(3):
        page.locator("#people .pages button").last.click()
        page.locator("#outcomes .pages button").last.click()
        counts.append(elements(page))
    assert page.locator("article.person").count() == 6
    assert page.locator("#outcomes tbody").count() == 100
    for rule in ("1.0-relieve", "2.1-reply"):
        page.locator("#f-rule").select_option(
            value=page.locator("#f-rule option", has_text=rule).get_attribute("value")
        )
        counts.append(elements(page))
        found = sum(row.outcome.rule == rule for row in long.rows)
        assert f"{found} 条" in page.locator("#shown").inner_text()
    page.locator("#f-clear").click()
    page.locator("#f-measure").select_option(value="all")
    page.locator("[data-language-choice=en]").click()
    counts.append(elements(page))
    assert max(counts) < MOST_ELEMENTS


def test_any_outcome_is_explained(long, page):
    """from the last page of the list an outcome opens down to its event and the line of the log"""
    last = long.rows[-1].outcome
    page.locator("#outcomes th button").first.click()
    row = page.locator("#outcomes tbody").first
    row.locator(".expand").click()
    assert last.id in row.locator(".detail").inner_text()
    assert "log.jsonl:" in row.locator(".detail").inner_text()


def test_a_long_report_prints_what_it_can_and_says_what_not(long, page):
    """the list is printed up to 1,000 rows and 40 people, and how many are left out is said"""
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert page.locator("#outcomes tbody").count() == 1000
    assert page.locator("article.person").count() == 40
    assert f"另有 {len(long.rows) - 1000} 条未打印" in page.locator("#outcomes").inner_text()
    assert f"另有 {len(long.people) - 40} 名人员未打印" in page.locator("#people").inner_text()
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert page.locator("#outcomes tbody").count() == 100
