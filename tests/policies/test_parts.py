"""Parts: a pack over several files, of which an organisation uses those that are its own."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from dutyrules.cli.app import app
from dutyrules.policies.load import check_packs, load_pack

SCENARIOS = """
- id: estate/left
  events: [{at: "2026-01-15T10:00:00+08:00", type: post_resumed, person: li}]
  expect: [{norm: estate/desk-empty, who: li, outcome: not_triggered}]
- id: estate/fined
  events: [{at: "2026-01-15T10:00:00+08:00", type: post_left, person: li}]
  expect: [{norm: estate/patrol-fine, who: li, outcome: sanction, amount_cny: 20}]
"""
PAGE = Path(__file__).parents[2] / "docs" / "language.md"
EXAMPLE = dict(re.findall(r"```yaml file=(\S+)\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL))


@pytest.fixture
def estate(tmp_path):
    """Return the folder that holds the page's example."""
    for name, text in EXAMPLE.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")
    return tmp_path


def faults(path: Path) -> list[tuple[str, str, int]]:
    """Return each error's code, file and line."""
    found = check_packs(path).diagnostics
    return [(one.code, Path(one.place.file).name, one.place.line) for one in found if one.is_error]


def change(path: Path, old: str, new: str) -> None:
    """Write another text in place of one that stands in a file once."""
    text = path.read_text("utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), "utf-8")


def test_a_pack_is_all_its_parts(estate):
    """a pack holds the rules of all its parts, in their order, under its own name"""
    pack = load_pack(estate / "estate.yaml")
    assert list(pack.rules) == ["desk-empty", "patrol-fine"]
    assert pack.prefix == "estate/"
    assert {name: part.title["zh"] for name, part in pack.parts.items()} == {"desk": "前台", "patrol": "巡查"}
    assert Path(pack.rules["patrol-fine"].place.file).name == Path(pack.parts["patrol"].file).name == "patrol.yaml"


def test_an_organisation_uses_some(estate):
    """an overlay has the rules of the parts that it uses, with its own figures"""
    pack = load_pack(estate / "own.yaml")
    assert list(pack.rules) == ["desk-empty"]
    assert list(pack.parts) == ["desk"]
    assert load_pack(estate / "estate.yaml").parameters["desk_fine"] != pack.parameters["desk_fine"]


def test_what_a_part_needs_comes_along(estate):
    """a part that is used brings the parts that it needs, in the pack's order"""
    change(estate / "own.yaml", "uses: [desk]", "uses: [patrol]")
    assert list(load_pack(estate / "own.yaml").rules) == ["desk-empty", "patrol-fine"]


def test_an_outer_pack_chooses(estate):
    """of two packs that say what they use, the outer one decides"""
    (estate / "outer.yaml").write_text("pack: outer\nextends: own.yaml\nuses: [patrol, desk]\n", "utf-8")
    assert list(load_pack(estate / "outer.yaml").parts) == ["desk", "patrol"]


def test_the_digest_covers_the_parts(estate):
    """a change in a part changes the pack's digest, one in a part that is not used does not"""
    whole, own = load_pack(estate / "estate.yaml").digest, load_pack(estate / "own.yaml").digest
    change(estate / "estate" / "patrol.yaml", "zh: 离岗扣款。", "zh: 离岗罚款。")
    assert load_pack(estate / "estate.yaml").digest != whole
    assert load_pack(estate / "own.yaml").digest == own


@pytest.mark.parametrize(
    ("file", "old", "new", "expected"),
    [
        ("own.yaml", "[desk]", "[dsk]", ("DR316", "own.yaml", 3)),
        ("own.yaml", "[desk]", "desk", ("DR203", "own.yaml", 3)),
        ("estate/patrol.yaml", "[desk]", "[gate]", ("DR316", "patrol.yaml", 3)),
        ("estate/patrol.yaml", "needs: [desk]", "need: [desk]", ("DR201", "patrol.yaml", 3)),
        ("estate/patrol.yaml", "part: patrol", "part: gate", ("DR316", "patrol.yaml", 1)),
        ("estate/patrol.yaml", "part: patrol", "pack: patrol", ("DR316", "estate.yaml", 6)),
        ("estate/patrol.yaml", "part: patrol", "part: patrol\ncurrency: CNY", ("DR201", "patrol.yaml", 2)),
        (
            "estate/patrol.yaml",
            "part: patrol",
            "part: patrol\nparameters: {desk_fine: 21}",
            ("DR312", "patrol.yaml", 2),
        ),
        ("estate.yaml", "estate/desk.yaml", "estate/desks.yaml", ("DR316", "estate.yaml", 5)),
        ("estate.yaml", "estate/desk.yaml", "../desk.yaml", ("DR316", "estate.yaml", 5)),
        ("estate.yaml", "desk: estate/desk.yaml", "desk: {file: desk.yaml}", ("DR203", "estate.yaml", 5)),
        ("estate/desk.yaml", "title:", "titel:", ("DR201", "desk.yaml", 2)),
    ],
)
def test_faults_are_told_where_they_are(estate, file, old, new, expected):
    """a part that cannot be had or does not fit is told of in the file that is wrong"""
    change(estate / file, old, new)
    top = estate / ("own.yaml" if file == "own.yaml" else "estate.yaml")
    assert expected in faults(top)


def test_a_part_without_what_it_reads(estate):
    """a part that reads another one and does not say so is at fault where it is used alone"""
    change(estate / "estate" / "patrol.yaml", "needs: [desk]", "source: {clause: 3}")
    change(estate / "own.yaml", "uses: [desk]", "uses: [patrol]")
    change(estate / "own.yaml", "parameters: {desk_fine: 30}", "")
    assert {code for code, file, _ in faults(estate / "own.yaml") if file == "patrol.yaml"} >= {"DR304"}


def test_what_is_declared_alike_is_one(estate):
    """two parts may declare the same thing alike, and both may add fields to an event type"""
    more = "part: patrol\nparameters: {desk_fine: 20}\nevents: {seen: {fields: {b: text, c: int}}}"
    change(estate / "estate" / "patrol.yaml", "part: patrol", more)
    change(estate / "estate" / "desk.yaml", "part: desk", "part: desk\nevents: {seen: {fields: {a: text, b: text}}}")
    pack = load_pack(estate / "estate.yaml")
    assert set(pack.events["seen"].fields) >= {"a", "b", "c"}
    change(estate / "estate" / "desk.yaml", "b: text", "b: int")
    assert ("DR312", "patrol.yaml", 3) in faults(estate / "estate.yaml")


def test_a_part_is_no_pack(estate):
    """the file of a part is not checked by itself"""
    assert faults(estate / "estate" / "desk.yaml") == [("DR316", "desk.yaml", 1)]


def test_parts_need_a_pack_that_has_them(estate):
    """a pack without parts has none to use"""
    (estate / "flat.yaml").write_text("pack: flat\nuses: [desk]\n", "utf-8")
    assert faults(estate / "flat.yaml") == [("DR316", "flat.yaml", 2)]


def test_scenarios_of_other_parts_are_left_out(estate):
    """`dutyrules test` with some parts runs the scenarios whose norms they hold, and says how many it left out"""
    (estate / "tests").mkdir()
    (estate / "tests" / "estate.yaml").write_text(SCENARIOS, "utf-8")
    whole = CliRunner().invoke(app, ["test", str(estate / "estate.yaml")])
    assert "2 scenarios, 2 expectations: 2 scenarios passed" in whole.stdout
    part = CliRunner().invoke(app, ["test", f"{estate / 'estate.yaml'}/desk"])
    assert part.exit_code == 0
    assert "1 scenarios, 1 expectations: 1 scenarios passed" in part.stdout
    assert "left out: 1 scenarios" in part.stderr
