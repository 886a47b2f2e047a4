"""Reports of a small ward, of the example month and of a long log, and a browser to look at them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from dutyrules.calendars import Zone
from dutyrules.policies.load import load_pack
from dutyrules.replay import Replay, open_logs
from dutyrules.report import collect
from dutyrules.report.page import to_html
from report.logs import SMALL, ward_log

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


@pytest.fixture(scope="session")
def ward():
    """Load the pack of the ward."""
    return load_pack(Path(__file__).parent / "ward.yaml")


@pytest.fixture(scope="session")
def replay(ward, tmp_path_factory):
    """Give a function that replays lines of a log under the ward's pack, or under another one."""

    def build(lines, *, as_of="2025-03-31T23:59:59+08:00", pack=ward):
        path = tmp_path_factory.mktemp("log") / "log.jsonl"
        path.write_text("\n".join(lines), "utf-8")
        return Replay(pack, open_logs([path], pack), as_of=Zone(pack.timezone).parse(as_of))

    return build


@pytest.fixture(scope="session")
def small(replay):
    """Give the report of the small log."""
    return collect(replay(SMALL))


@pytest.fixture(scope="session")
def month(repository):
    """Give the report of the example month."""
    folder = repository / "examples" / "clinic_month"
    pack = load_pack(folder / "pack.yaml")
    as_of = Zone(pack.timezone).parse("2026-02-01T09:00:00+08:00")
    return collect(Replay(pack, open_logs([folder / "events.jsonl"], pack), as_of=as_of))


@pytest.fixture(scope="session")
def long(replay):
    """Give the report of a year of forty-four people: 20,000 outcomes and more."""
    return collect(replay(ward_log(people=44, days=365), as_of="2026-01-10T23:59:59+08:00"))


@pytest.fixture(scope="session")
def browser():
    """Start Chromium without a window."""
    if CHROMIUM is None:
        pytest.skip("no Chromium is installed: `apt-get install chromium`")
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=CHROMIUM)
        yield found
        found.close()


@pytest.fixture
def show(browser, tmp_path):
    """Give a function that opens a report in the browser; what the page asks for or complains of fails the test."""
    opened, asked, complaints = [], [], []

    def look(report, language="en", *, width=1280, fragment=""):
        path = tmp_path / f"report-{len(opened)}.html"
        path.write_text(to_html(report, language), "utf-8", newline="\n")
        page = browser.new_page(viewport={"width": width, "height": 900})
        page.set_default_timeout(120_000)
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("dialog", lambda dialog: complaints.append(f"dialog {dialog.message}"))
        address = path.as_uri() + fragment
        page.goto(address)
        opened.append((page, path.as_uri()))
        return page

    yield look
    for page, _ in opened:
        page.close()
    assert {url.partition("#")[0] for url in asked} == {address for _, address in opened}
    assert complaints == []
