"""The list of codes, the pages about them and the broken files that produce them are one and the same."""

from __future__ import annotations

import gzip
import re
import shutil
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import attrs
import pytest

from dutyrules.calendars import Zone
from dutyrules.csv_mapping import CsvLog, load_mapping
from dutyrules.engine import Engine
from dutyrules.events import EventDecoder, EventFault
from dutyrules.log_files import JsonLines, decode_rows
from dutyrules.matchers.survey import survey
from dutyrules.policies.diagnostics import CODES, render_text
from dutyrules.policies.load import PackError, check_packs, load_pack
from dutyrules.table_columns import BadMapping
from dutyrules.testing.scenario_files import BadScenarios, load_scenarios
from dutyrules.vocabulary import load_vocabulary

if TYPE_CHECKING:
    from dutyrules.events import EventError
    from dutyrules.policies.diagnostics import Diagnostic

BROKEN = Path(__file__).parent / "broken"
PAGES = Path(__file__).parents[2] / "docs" / "diagnostics"
FILES = sorted(path for path in BROKEN.iterdir() if path.name.startswith("DR"))
PARTS = BROKEN / "parts"
BESIDE = [path for path in BROKEN.iterdir() if path not in (*FILES, PARTS)]
ZONE = Zone("Asia/Shanghai")

Found = list[tuple[str, str]]
"""Each fault's code, and the fault as a person reads it."""

LARGE = {"DR109": "x" * 2_200_000, "DR110": "x" * 70_000, "DR111": "1, " * 200_001}
"""What `…` stands for in the files that would be too large to keep."""


def code_of(path: Path) -> str:
    """Return the code that a file is there for."""
    return path.name.split(".")[0]


def content(path: Path) -> bytes:
    """Return what a file holds, in its full size."""
    data = path.read_bytes()
    return data.replace("…".encode(), LARGE[code_of(path)].encode()) if code_of(path) in LARGE else data


def run(path: Path) -> Found:
    """Return what is said about a file, one entry a fault."""
    ending = path.name.split(".", 1)[1]
    if ending in ("yaml", "gb18030"):
        special = {"DR117": run_single, "DR640": run_mapping, "DR650": run_scenarios}
        return (special | dict.fromkeys(("DR660", "DR720"), run_survey)).get(code_of(path), run_pack)(path)
    return {"name": run_name, "jsonl": run_log, "jsonl.gz": run_log, "csv": run_table}[ending](path)


def run_pack(path: Path) -> Found:
    """Check a file of packs."""
    checked = check_packs(path)
    return [(one.code, shown(one, dict(checked.sources), path)) for one in checked.diagnostics]


def run_single(path: Path) -> Found:
    """Load a file as one pack."""
    try:
        load_pack(path)
    except PackError as error:
        return [(one.code, shown(one, dict(error.sources), path)) for one in error.diagnostics]
    return []


def run_survey(path: Path) -> Found:
    """See what the durable-rules matcher can take of a pack."""
    found = survey(load_pack(path))
    sources = {str(path): path.read_text("utf-8")}
    return [(one.code, shown(one, sources, path)) for one in (*found.refused, *found.native)]


def run_name(path: Path) -> Found:
    """Check the pack whose name the file holds."""
    checked = check_packs(path.read_text("utf-8").strip())
    return [(one.code, shown(one, {}, path)) for one in checked.diagnostics]


def run_mapping(path: Path) -> Found:
    """Read a mapping of a table."""
    try:
        load_mapping(path)
    except BadMapping as error:
        return [(one.code, shown(one, {str(path): error.source}, path)) for one in error.diagnostics]
    return []


def run_scenarios(path: Path) -> Found:
    """Read a file of scenarios."""
    try:
        load_scenarios(path)
    except BadScenarios as error:
        return [(one.code, shown(one, {str(path): error.source}, path)) for one in error.diagnostics]
    return []


def run_log(path: Path) -> Found:
    """Read a log and feed it to an engine."""
    return fed(JsonLines(path), path)


def run_table(path: Path) -> Found:
    """Read a table as a log."""
    mapping = load_mapping(BROKEN / "table-mapping.yaml")
    return fed(CsvLog(path, mapping, load_vocabulary(), ZONE), path)


def fed(log: JsonLines | CsvLog, path: Path) -> Found:
    """Feed a log to an engine, event by event, and return what was refused on the way."""
    refused: list[EventError] = []
    engine = Engine(load_pack(BROKEN / "log-pack.yaml"))
    for event in decode_rows(log, EventDecoder(engine.pack.events, ZONE), refused.append):
        engine.feed(event)
    found = [(error.code, str(error).replace(str(path), path.name) + "\n") for error in refused]
    return found + [(one.code, f"{one.event}: {one.code} {one.reason}\n") for one in engine.set_aside]


def shown(one: Diagnostic, sources: dict[str, str], path: Path) -> str:
    """Return a fault as it is printed, with the file's name in place of its path."""
    return render_text([one], sources).replace(str(path), path.name).rstrip("\n") + "\n"


@attrs.frozen
class Page:
    """What a page about a code says: its title, the broken text, what is printed, and the mended text."""

    title: str
    broken: str
    printed: str
    mended: str | None


def page_of(path: Path) -> Page:
    """Read the page about the code of a broken file."""
    text = (PAGES / f"{code_of(path)}.md").read_text("utf-8")
    broken, printed, *mended = re.findall(r"^```\w+\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return Page(text.splitlines()[0], broken, printed, mended[0] if mended else None)


def by_name(path):
    """Name a test after its file."""
    return path.name


def run_as(path: Path, data: bytes) -> Found:
    """Return what is said about a file of this name with other content, among the files that it rests on."""
    with TemporaryDirectory() as folder:
        for other in BESIDE:
            shutil.copy(other, folder)
        shutil.copytree(PARTS, Path(folder) / PARTS.name)
        full = Path(folder) / path.name
        full.write_bytes(data)
        return run(full)


@cache
def found(path: Path) -> tuple[tuple[str, str], ...]:
    """Return what is said about a broken file, read once for all tests."""
    return tuple(run_as(path, content(path)))


def test_each_code_has_one_page_and_one_broken_file():
    """codes, pages and broken files are the same set"""
    assert [code_of(path) for path in FILES] == list(CODES)
    assert sorted(path.stem for path in PAGES.glob("DR*.md")) == list(CODES)


def test_the_index_lists_each_code_with_its_title():
    """the index has a row for each code, in order, with title and summary as the list has them"""
    rows = re.findall(
        r"^\| \[(DR\d+)\]\(\1\.md\) \| (.*) \| (.*) \|$", (PAGES / "index.md").read_text("utf-8"), re.MULTILINE
    )
    assert rows == [(code, info.title, info.summary) for code, info in CODES.items()]


@pytest.mark.parametrize("path", FILES, ids=by_name)
def test_a_broken_file_gives_its_code_and_no_other(path):
    """what is wrong with a broken file is said with the code that it is there for, and nothing else is"""
    assert {code for code, _ in found(path)} == {code_of(path)}


@pytest.mark.parametrize("path", FILES, ids=by_name)
def test_a_page_shows_what_is_printed(path):
    """the page about a code has the code's title, the broken file, and the message word for word"""
    page = page_of(path)
    printed = "".join(text for _, text in found(path))
    assert page.title == f"# {code_of(path)}: {CODES[code_of(path)].title}"
    assert page.printed == (f"{printed.splitlines()[0]}\n" if code_of(path) in LARGE else printed)
    assert page.broken == shown_content(path)


def shown_content(path: Path) -> str:
    """Return what a page shows of a broken file: invisible characters by their number, a packed file unpacked."""
    if path.name.endswith(".gz"):
        return f"{gzip_start(path).splitlines()[0]}\n"
    text = path.read_bytes().decode("gb18030" if code_of(path) == "DR114" else "utf-8")
    return re.sub("[\u200b-\u200f]", lambda found: f"<U+{ord(found[0]):04X}>", text)


def gzip_start(path: Path) -> str:
    """Return what can be read of a packed file before it breaks off."""
    with gzip.open(path, "rt", encoding="utf-8") as stream:
        return stream.readline()


@pytest.mark.parametrize("path", [path for path in FILES if page_of(path).mended is not None], ids=by_name)
def test_what_a_page_advises_mends_the_file(path):
    """the mended text of a page is read without any fault or remark"""
    mended = page_of(path).mended.encode()
    assert run_as(path, gzip.compress(mended) if path.name.endswith(".gz") else mended) == []


@pytest.mark.parametrize("path", BESIDE, ids=by_name)
def test_what_the_broken_files_rest_on_is_sound(path):
    """the files beside the broken ones have no fault of their own"""
    assert (run_mapping(path) if "mapping" in path.name else run_pack(path)) == []


def test_the_codes_of_events_are_in_the_list():
    """each code that an event can be refused with is one of the list"""
    assert {fault.value for fault in EventFault} <= set(CODES)


def test_no_code_is_written_that_is_not_in_the_list():
    """each code in the source of the package is one of the list"""
    source = Path(__file__).parents[2] / "src" / "dutyrules"
    written = {
        code
        for path in source.rglob("*.py")
        if path.stem != "diagnostic_codes"
        for code in re.findall(r"\bDR\d{3}\b", path.read_text("utf-8"))
    }
    assert written == set(CODES)
