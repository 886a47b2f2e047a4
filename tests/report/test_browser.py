"""The page in a real browser: it opens, filters, expands, explains, prints, and asks the network for nothing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from dutyrules.outcomes import short_id
from dutyrules.report import collect
from dutyrules.report.totals import by_person
from report.logs import HOSTILE, event

CONTRAST = (Path(__file__).parent / "contrast.js").read_text("utf-8")
AT = """() => {
  const at = document.activeElement;
  if (at === document.body) return null;
  return at.getAttribute("aria-label") || at.textContent.trim() || at.labels?.[0]?.textContent.trim() || "?";
}"""


def shown(page):
    """Return how many outcomes the page says that it shows."""
    return int(re.search(r"\d+", page.locator("#shown").inner_text())[0])


def choose(page, field, text):
    """Choose an entry of a filter."""
    page.locator(field).select_option(label=text)


def choose_rule(page, rule):
    """Choose a rule by its id."""
    entry = page.locator("#f-rule option", has_text=rule)
    page.locator("#f-rule").select_option(value=entry.get_attribute("value"))


def test_it_opens_with_everything(small, show):
    """every outcome is in the list, everybody has a timeline, the open questions and what was not used are there"""
    page = show(small)
    assert page.title() == "Ward duty · Report"
    assert shown(page) == len(small.rows)
    assert page.locator("#outcomes tbody").count() == len(small.rows)
    assert set(page.locator("article.person").evaluate_all("all => all.map(one => one.dataset.person)")) == {"李", "王"}
    assert page.locator("#open-questions li").count() == 1
    assert "10–50 yuan" in page.locator("#open-questions").inner_text()
    assert page.locator("#set-aside tbody tr").count() == 2
    assert page.locator("[data-tile=tile_pay] dd").inner_text() == "20.5 yuan"
    assert page.locator("table.ladder .circle").count() == 2


def test_bars_and_marks(small, show):
    """obligations are bars, a mark stands for one outcome or for several, and all outcomes are in one of them"""
    page = show(small)
    for person in ("李", "王"):
        rows = [row for row in small.rows if row.outcome.person == person]
        picture = page.locator(f"article.person[data-person={person}]")
        single = picture.locator(".bar, .spot:not(:has(.count))").count()
        several = sum(map(int, picture.locator(".spot .count").all_text_contents()))
        assert single + several == len(rows)
    assert page.locator("article.person[data-person=王] .bar.failed").count() == 1
    assert page.locator("article.person[data-person=王] .bar.open").count() == 1


def test_filtering_by_person_rule_and_period(small, show):
    """each filter keeps what it names, the sums follow, and clearing brings everything back"""
    page = show(small)
    choose(page, "#f-person", "李")
    assert shown(page) == sum(row.outcome.person == "李" for row in small.rows)
    assert page.locator("article.person").count() == 1
    assert page.locator("[data-tile=tile_breaches] dd").inner_text() == "4"
    choose(page, "#f-person", "everybody")
    choose_rule(page, "2.1-reply")
    assert shown(page) == sum(row.outcome.rule == "2.1-reply" for row in small.rows)
    page.locator("#f-clear").click()
    assert shown(page) == len(small.rows)
    page.locator("[data-day='2025-03-07']").click()
    day = [row for row in small.rows if row.outcome.time.startswith("2025-03-07")]
    running = [row for row in small.rows if row.outcome.kind == "obligation" and row.outcome.since[:10] < "2025-03-07"]
    running = [row for row in running if row.outcome.status == "open" or row.outcome.time[:10] > "2025-03-07"]
    assert shown(page) == len(day) + len(running)
    assert page.locator("#f-from").input_value() == "2025-03-07"
    page.locator("[data-day='2025-03-07']").click()
    assert shown(page) == len(small.rows)


def test_filtering_by_words_and_kinds(small, show):
    """words are looked for in rule, matter, person and id in both languages; a kind can be switched off"""
    page = show(small)
    page.locator("#f-words").fill("私人电话 oral")
    page.wait_for_function("n => document.getElementById('shown').textContent.startsWith(`${n} `)", arg=1)
    page.locator("#f-clear").click()
    page.locator("[data-kind=deadline]").uncheck()
    assert shown(page) == sum(row.outcome.kind != "deadline" for row in small.rows)


def test_a_row_expands_into_its_explanation(small, show):
    """the button of a row shows the clause, the account of the deadline day by day, the events and their lines"""
    page = show(small)
    breach = page.locator("#outcomes tbody", has_text="2.1-reply").filter(has_text="breach").last
    button = breach.locator(".expand")
    assert button.get_attribute("aria-expanded") == "false"
    button.click()
    assert button.get_attribute("aria-expanded") == "true"
    detail = breach.locator(".detail").inner_text()
    assert "Answer a complaint within two working days." in detail
    for part in ("counted from this day", "working day", "2025-03-10", "weekend", "2025-03-08"):
        assert part in detail
    assert "c1" in detail
    assert "log.jsonl:5" in detail
    button.click()
    assert breach.locator(".detail").count() == 0


def test_marks_open_the_explanation_and_its_causes_can_be_followed(small, show):
    """a mark opens the drawer; a cause leads to its own explanation and back; closing gives the focus back"""
    page = show(small)
    page.locator("article.person[data-person=李] .spot[aria-label^='fine']").click()
    drawer = page.locator("#drawer")
    assert "Being late is fined." in drawer.inner_text()
    drawer.locator(".causes .link").first.click()
    assert "Be there when the shift begins." in drawer.locator("blockquote").inner_text()
    drawer.locator("#back").click()
    assert "Being late is fined." in drawer.locator("blockquote").inner_text()
    page.keyboard.press("Escape")
    assert not drawer.is_visible()
    assert "fine" in page.evaluate("document.activeElement.getAttribute('aria-label')")


def test_an_address_names_an_outcome(small, show):
    """the page opens at the outcome whose short id stands in its address"""
    row = next(row for row in small.rows if row.outcome.rule == "1.2-fine")
    page = show(small, fragment=f"#{short_id(row.outcome.id)}")
    assert row.outcome.id in page.locator("#drawer").inner_text()


def test_everything_can_be_reached_with_the_keyboard(small, show):
    """a picture is one stop of the tab key, arrows go from mark to mark, enter opens; all stops have a name"""
    page = show(small)
    stops = []
    for _ in range(200):
        page.keyboard.press("Tab")
        name = page.evaluate(AT)
        if name is None:
            break
        stops.append(name)
    assert "?" not in stops
    assert sum("timeline" in name for name in stops) == 0
    assert len([name for name in stops if re.match(r"2025-03-\d\d", name)]) == 1
    page.locator("[data-day='2025-03-03']").focus()
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.dataset.day") == "2025-03-10"
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    assert page.locator("#f-from").input_value() == "2025-03-11"
    assert page.evaluate("document.activeElement.dataset.day") == "2025-03-11"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_language_can_be_switched(small, show, language):
    """the page starts in the language asked for, and every word of it changes with the switch"""
    page = show(small, language)
    other = {"en": "zh", "zh": "en"}[language]
    texts = {}
    for each in (language, other):
        page.locator(f"[data-language-choice={each}]").click()
        assert page.locator("html").get_attribute("lang") == {"en": "en", "zh": "zh-Hans"}[each]
        texts[each] = page.locator("body").inner_text()
    for english, chinese in (("At a glance", "概览"), ("Being late is fined.", "迟到的，每次罚款。"), ("yuan", " 元")):
        assert (english in texts["en"], chinese in texts["en"]) == (True, False)
        assert (english in texts["zh"], chinese in texts["zh"]) == (False, True)
    names = re.sub("[李王赵]|中文|“.*?”|`[^`]*`|discipline", "", texts["en"])
    assert re.findall("[\u4e00-\u9fff]+", names) == []


def test_it_prints(small, show):
    """printing shows all rows without buttons, on as many pages as they need, and the page is as before afterwards"""
    page = show(small)
    page.locator("#outcomes .expand").first.click()
    document = page.pdf(prefer_css_page_size=True)
    assert document.startswith(b"%PDF")
    assert len(re.findall(rb"/Type\s*/Page\b", document)) > 1
    page.emulate_media(media="print")
    assert not page.locator(".expand").first.is_visible()
    assert page.locator(".detail").is_visible()
    assert not page.locator("#f-clear").is_visible()


def test_what_a_log_says_never_runs(replay, show):
    """names, ids and texts that are markup or script are shown as they are, in every part of the page"""
    report = collect(
        replay(
            [
                event("r1", "roster_assigned", "2025-03-01T09:00:00", HOSTILE, duty_date="2025-03-03"),
                event("i1", "check_in", "2025-03-03T08:00:01", HOSTILE),
                event(HOSTILE, "complaint_received", "2025-03-06T10:00:00", complaint_id=HOSTILE, received_by=HOSTILE),
                event("s1", "standby_call", "2025-03-07T22:00:00", call_id=HOSTILE, callee=HOSTILE, result="off"),
                event(HOSTILE + "2", "check_in", "2025-03-20T10:00:00", HOSTILE),
                HOSTILE,
            ]
        )
    )
    page = show(report)
    for button in page.locator("#outcomes .expand").all():
        button.click()
    page.locator("#open-questions .link").first.click()
    page.keyboard.press("Escape")
    page.locator("[data-language-choice=zh]").click()
    assert page.locator("script").count() == 2
    assert page.locator("img").count() == 0
    seen = page.locator("article.person h3 button").inner_text()
    assert "<script>alert(1)</script>" in seen
    assert "<img src=x onerror=alert(1)>" in page.locator("#outcomes").inner_text()


def test_the_policy_stops_a_script_that_came_in_all_the_same(small, show, tmp_path, browser):
    """were markup of a log ever let through, the page's policy would keep the browser from running it"""
    page = show(small)
    text = page.content().replace("</main>", '<img src=x onerror="window.ran=1"><script>window.ran=2</script></main>')
    path = tmp_path / "broken.html"
    path.write_text(text, "utf-8")
    other = browser.new_page()
    refused = []
    other.on("console", lambda message: refused.append(message.text))
    other.goto(path.as_uri())
    assert other.evaluate("window.ran") is None
    assert any("Content Security Policy" in message for message in refused)
    other.close()


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("width", [360, 768, 1280])
def test_no_screen_is_too_narrow(month, show, language, width):
    """the page is never wider than the screen; what is wider scrolls inside it"""
    page = show(month, language, width=width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.locator("#outcomes .expand").first.click()
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("language", ["en", "zh"])
def test_letters_stand_out_from_their_ground(month, show, language):
    """every text has a contrast of 4.5 to 1 at least, in the page and in the drawer"""
    page = show(month, language)
    page.locator("#outcomes .expand").first.click()
    assert page.evaluate(CONTRAST) == []
    page.locator("#open-questions .link").first.click()
    assert page.evaluate(CONTRAST) == []


def test_the_sums_of_the_page_are_those_of_the_library(month, show):
    """for everybody in the example month the page shows what the library adds up"""
    page = show(month)
    page.locator("#by-person .more button").click()
    rows = [[cell.strip() for cell in row] for row in page.locator("#by-person tbody tr").evaluate_all(
        "all => all.map(row => [...row.cells].map(cell => cell.textContent))")]  # fmt: skip
    heads = page.locator("#by-person thead th").all_inner_texts()
    pays, breaches = heads.index("to pay"), heads.index("breaches")
    names = {
        one.name: month.pack.roles.get(one.name, {}).get("en", one.name).removeprefix("the ")
        for one in by_person(month)
    }
    expected = {
        names[one.name]: (f"{one.to_pay} yuan" if one.to_pay else "–", str(one.breaches or "–"))
        for one in by_person(month)
    }
    assert {row[0]: (row[pays], row[breaches]) for row in rows} == expected


def test_a_log_without_an_event_is_shown(replay, show):
    """an empty log gives a page that says so"""
    page = show(collect(replay(["nothing here"])))
    assert shown(page) == 0
    assert page.locator("#set-aside tbody tr").count() == 1


def test_what_lies_beyond_the_log_is_not_drawn_inside_it(replay, show):
    """a deadline some days after the log's end has its place on the timeline; one that is far off stands at the edge"""
    lines = [
        event("c1", "complaint_received", "2025-03-06T10:00:00", complaint_id="c1", received_by="王"),
        event("r1", "roster_assigned", "2025-03-06T10:00:00", "李", duty_date="2025-12-01"),
    ]
    page = show(collect(replay(lines, as_of="2025-03-07T00:00:00+08:00")))
    assert page.locator("article.person[data-person=王] .spot[aria-label^=deadline] .beyond").count() == 0
    assert page.locator("article.person[data-person=李] .spot[aria-label^=deadline] .beyond").count() == 1
    ticks = page.locator("article.person[data-person=王] .tick-name").all_text_contents()
    assert {"6", "10"} <= set(ticks)


def test_the_focus_can_be_seen(small, show):
    """a mark, a bar or a day that has the focus is drawn with a line of its own colour"""
    page = show(small)
    for mark in (".spot:has(.count)", ".spot:not(:has(.count))", ".bar", "[data-day='2025-03-03']"):
        place = page.locator(mark).first
        page.keyboard.press("Tab")  # from now on the keyboard leads
        place.focus()
        strokes = place.locator("rect, circle").evaluate_all("all => all.map(one => getComputedStyle(one).stroke)")
        assert "rgb(179, 92, 0)" in strokes, mark
