"""The JSON Schema for editors agrees with what loads."""

from __future__ import annotations

import json
from decimal import Decimal

import jsonschema
import pytest

from dutyrules.policies.diagnostics import Diagnostics
from dutyrules.policies.load import check_text, find_pack, known_packs
from dutyrules.policies.schema import pack_schema, part_schema, schema_text, write_schema
from dutyrules.policies.schema_rules import KindWord
from dutyrules.policies.shapes import plain
from dutyrules.policies.yaml_source import read_yaml

VALIDATOR = jsonschema.Draft202012Validator(pack_schema())


def faults(text: str, validator: jsonschema.Draft202012Validator = VALIDATOR) -> list[str]:
    """Return what the schema says against each document of a text."""
    documents = [plain(root) for root in read_yaml(text, "x.yaml", Diagnostics())]
    data = json.loads(
        json.dumps(documents, default=lambda each: float(each) if isinstance(each, Decimal) else str(each))
    )
    return [error.message for document in data for error in validator.iter_errors(document)]


def test_the_file_is_the_schema(repository):
    """the file that editors read is what the code gives"""
    assert (repository / "schema" / "pack.schema.json").read_text("utf-8") == schema_text()
    assert (repository / "schema" / "part.schema.json").read_text("utf-8") == schema_text(part=True)


def test_the_schema_can_be_written(tmp_path):
    """the schema is written where it is wanted"""
    path = tmp_path / "schema" / "pack.schema.json"
    write_schema(path)
    assert json.loads(path.read_text("utf-8")) == pack_schema()


def test_the_schema_is_one():
    """the schema is a valid schema, and knows every kind of rule"""
    jsonschema.Draft202012Validator.check_schema(pack_schema())
    kinds = pack_schema()["$defs"]["RuleDoc"]["properties"]["kind"]["enum"]
    assert kinds == list(KindWord.__args__)


def test_the_shipped_packs_fit_the_schema():
    """an editor finds nothing wrong with the packs that ship"""
    for name in known_packs():
        assert faults(find_pack(name).data.decode()) == []


def test_the_shipped_parts_fit_the_schema_and_name_it(repository):
    """an editor finds the schema of each part on its first line, and nothing wrong with the part"""
    validator = jsonschema.Draft202012Validator(part_schema())
    for path in (repository / "policies").glob("*/*.yaml"):
        if path.parent.name != "tests":
            text = path.read_text("utf-8")
            assert text.startswith("# yaml-language-server: $schema=../../schema/part.schema.json\n"), path
            assert faults(text, validator) == []


def test_the_hardest_norms_fit_the_schema(shared):
    """an editor finds nothing wrong with the hardest norms"""
    assert faults((shared / "language" / "hard.yaml").read_text("utf-8")) == []


@pytest.mark.parametrize(
    "text",
    [
        "pack: x\ntimezoen: y\n",
        "section: x\n",
        "pack: x\nrules: {a: {kind: obligatoin}}\n",
        "pack: x\nrules: {a: {kind: sanction, fine: [1]}}\n",
        "pack: x\nrules: {a: {kind: sanction, fine: {form: 1, decided_by: y}}}\n",
        "pack: x\nladders: {a: {per: person}}\n",
    ],
)
def test_what_the_schema_refuses_does_not_load(text):
    """where an editor marks a fault the loader tells one too"""
    assert faults(text)
    assert check_text(text).failed
