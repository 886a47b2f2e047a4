"""Every example of `docs/language.md` loads, and the page leaves out no key of the language."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from dutyrules.policies.functions import FUNCTIONS
from dutyrules.policies.load import check_packs
from dutyrules.policies.model import Kind
from dutyrules.policies.schema import CountDoc, HeaderDoc, RecordDoc
from dutyrules.policies.schema_rules import LadderDoc, RuleDoc

PAGE = Path(__file__).parents[2] / "docs" / "language.md"
TEXT = PAGE.read_text("utf-8")
BLOCKS = [
    (TEXT[: match.start()].count("\n") + 2, match[1]) for match in re.finditer(r"```yaml\n(.*?)```", TEXT, re.DOTALL)
]


@pytest.mark.parametrize(("line", "block"), BLOCKS, ids=[f"line {line}" for line, _ in BLOCKS])
def test_an_example_loads(tmp_path, line, block):
    """a whole pack loads as it is, and a piece of one over the first block of the page"""
    (tmp_path / "rest.yaml").write_text(BLOCKS[0][1], "utf-8")
    whole = re.search(r"^(pack|extends):", block, re.MULTILINE) is not None
    path = tmp_path / "example.yaml"
    path.write_text(block if whole else f"extends: rest.yaml\n{block}", "utf-8")
    checked = check_packs(path)
    assert [f"line {line + each.place.line}: {each.message}" for each in checked.diagnostics if each.is_error] == []
    assert checked.packs


def keys(model) -> list[str]:
    """Return the keys of a mapping as they are written."""
    return [field.alias or name for name, field in model.model_fields.items()]


def test_no_key_is_left_out():
    """each key of the head, of records, counts, rules and ladders stands on the page, and each kind and function"""
    wanted = {*keys(HeaderDoc), *keys(RecordDoc), *keys(CountDoc), *keys(RuleDoc), *keys(LadderDoc), *Kind, *FUNCTIONS}
    assert {key for key in wanted if re.search(rf"\b{re.escape(key)}\b", TEXT) is None} == set()


def test_no_example_is_passed_over():
    """the page has no code block of another sort that the tests would not see"""
    assert set(re.findall(r"^```(\w+)", TEXT, re.MULTILINE)) == {"yaml"}
