"""The pages say what is so: their examples run, their links lead somewhere, their tables are those of the code."""

from __future__ import annotations

import re
import tomllib

import attrs
import pytest

from dutyrules import Engine, Outcome, load_pack
from dutyrules.cli.inputs import Language
from dutyrules.cli.wording import Words
from executed_pages import anchors_of, blocks_of, links_of, pages_below, run_page

PAGES = [
    "README.md",
    "README.zh-CN.md",
    "docs/calendars.md",
    "docs/corrections.md",
    "docs/embedding.md",
    "docs/outcomes.md",
]

RUN_ELSEWHERE = {
    "docs/audit.md": "tests/audit/test_audit_command.py",
    "docs/auditing.md": "tests/docs/test_auditing.py",
    "docs/diff.md": "tests/audit/test_difference_page.py",
    "examples/traffic_fines/AUDIT.md": "tests/audit/test_audit_traffic.py",
    "docs/cli.md": "tests/cli/test_docs.py",
    "docs/compiler.md": "tests/compiler/test_commands.py",
    "docs/events.md": "tests/cli/test_docs.py",
    "docs/handbook.md": "tests/handbook/test_command.py",
    "docs/language.md": "tests/policies/test_language_page.py",
    "docs/explanations.md": "tests/explaining/test_page.py",
    "docs/matchers.md": "tests/matchers/test_page.py",
    "docs/privacy.md": "tests/audit/test_seal_pages.py",
    "docs/report.md": "tests/report/test_command.py",
    "docs/scenarios.md": "tests/cli/test_docs.py",
    "docs/seal.md": "tests/audit/test_seal_pages.py",
    "examples/clinic_month/README.md": "tests/examples/test_clinic_month.py",
    "examples/traffic_fines/README.md": "tests/examples/test_traffic_fines.py",
}

KINDS = {kind.__name__.lower(): kind for kind in Outcome.__subclasses__()}
GONE = {"withdrawn", "retracted"}


def rows(path, heading=""):
    """Return the cells of the table below a heading of a page, or of the one at its beginning, without its head."""
    text = path.read_text("utf-8")
    section = text.partition(f"\n## {heading}\n")[2] if heading else text
    lines = re.findall(r"^\|(.*)\|$", section.split("\n## ")[0], re.MULTILINE)
    return [[cell.strip() for cell in line.split("|")] for line in lines[2:]]


def named(cell):
    """Return the words of a cell that stand in backticks."""
    return re.findall(r"`([^`]+)`", cell)


@pytest.mark.parametrize("page", PAGES)
def test_a_page_does_what_it_says(page, repository, tmp_path, monkeypatch):
    """every file of a page is used as it stands, every command and program prints what is shown"""
    monkeypatch.chdir(tmp_path)
    assert run_page(repository / page, tmp_path) > 0


def test_no_example_is_left_out(repository):
    """each page with a program or a command is in the care of a test that names it"""
    shown = {
        str(page.relative_to(repository))
        for page in pages_below(repository)
        if any(language in ("python", "console") for language, _, _, _ in blocks_of(page))
    }
    assert shown <= {*PAGES, *RUN_ELSEWHERE}
    for page, test in RUN_ELSEWHERE.items():
        name, folder = page.split("/")[-1], page.split("/")[-2]
        source = (repository / test).read_text("utf-8")
        assert name in source or folder in source, (page, test)


def test_links_lead_somewhere(repository):
    """each link within the tree leads to a file, and to a heading of it where it names one"""
    broken = []
    for page in pages_below(repository):
        for link, anchor in links_of(page):
            target = (page.parent / link).resolve() if link else page
            if not target.exists() or (anchor and anchor not in anchors_of(target)):
                broken.append(f"{page.relative_to(repository)}: {link}#{anchor}")
    assert broken == []


def test_both_readmes_say_the_same(repository):
    """the Chinese README has the same files, programs, links and headings as the English one"""
    english, chinese = repository / "README.md", repository / "README.zh-CN.md"

    def code(page):
        blocks = [(language, file, text) for language, file, text, _ in blocks_of(page) if language != "console"]
        return [(language, file, re.sub(r" +# .*$", "", text, flags=re.MULTILINE)) for language, file, text in blocks]

    def links(page):
        return sorted(link for link in links_of(page) if not link[0].startswith("README"))

    assert code(english) == code(chinese)
    assert links(english) == links(chinese)
    assert len(anchors_of(english)) == len(anchors_of(chinese))


def test_every_status_is_reached(repository):
    """the statuses of the page on outcomes are those that a pack and a log made for it reach"""
    folder, page = repository / "tests" / "docs", repository / "docs" / "outcomes.md"
    engine = Engine(load_pack(folder / "every_status.yaml"))
    reached: dict[str, set[str]] = {}
    for line in (folder / "every_status.jsonl").read_bytes().splitlines():
        for one in engine.feed(line):
            reached.setdefault(one.kind, set()).add(one.status)
    assert engine.set_aside == []
    assert set().union(*reached.values()) >= GONE
    table = rows(page, "Kinds and statuses")
    told = {named(kind)[0]: set(named(statuses)) for kind, _, statuses, _ in table}
    assert told == {kind: statuses - GONE for kind, statuses in reached.items()}
    assert {named(kind)[0]: named(name)[0] for kind, name, _, _ in table} == {
        name: kind.__name__ for name, kind in KINDS.items()
    }


def test_every_field_is_told(repository):
    """the tables of fields on the page on outcomes are the fields of the classes"""
    page = repository / "docs" / "outcomes.md"
    common = [field.name for field in attrs.fields(Outcome)]
    assert [name for cell, _ in rows(page, "Fields of all") for name in named(cell)] == common
    told: dict[str, set[str]] = {}
    kind = ""
    for first, fields, _ in rows(page, "Fields of each kind"):
        kind = named(first)[0] if first else kind
        told.setdefault(kind, set()).update(named(fields))
    own = {name: {field.name for field in attrs.fields(each)} for name, each in KINDS.items()}
    assert told == {name: fields - set(common) for name, fields in own.items()}


def test_the_glossary_and_the_command_line_use_the_same_words(repository):
    """each kind of outcome is in the glossary, and a word that both know is said alike in Chinese"""
    page = repository / "docs" / "glossary.md"
    words = {word: chinese for word, chinese, _ in [*rows(page), *rows(page, "Words of this implementation")]}
    assert words.keys() >= KINDS.keys()
    say = Words(Language.ZH, load_pack(repository / "tests" / "docs" / "every_status.yaml"))
    assert {word: say(word) for word, chinese in words.items() if say(word) not in (word, chinese)} == {}


def test_the_page_on_dependencies_lists_them_all(repository):
    """what pyproject asks for and what the page explains are the same packages"""
    page = repository / "docs" / "dependencies.md"
    project = tomllib.loads((repository / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"]

    def asked(requirements):
        return sorted({re.match(r"[\w-]+", requirement)[0] for requirement in requirements})

    def told(heading, column):
        return sorted(name for row in rows(page, heading) for name in named(row[column]))

    assert told("The core", 0) == asked(project["dependencies"])
    assert told("Extras", 1) == asked(
        [package for name, packages in extras.items() if name != "dev" for package in packages]
    )
    assert told("Development", 0) == asked(extras["dev"])


def test_every_folder_says_what_it_is_for(repository):
    """each package folder, and each folder at the top that people look into, has a README"""
    packages = {path.parent for path in (repository / "src").rglob("__init__.py")}
    folders = packages | {repository / name for name in ("docs", "examples", "policies", "tests")}
    assert [folder for folder in sorted(folders) if not (folder / "README.md").is_file()] == []


def test_the_index_lists_every_page(repository):
    """each page of the folder is linked from the index"""
    docs = repository / "docs"
    linked = {link for link, _ in links_of(docs / "index.md")}
    assert linked >= {page.name for page in docs.glob("*.md")} - {"index.md", "README.md"}
