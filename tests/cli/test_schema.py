from __future__ import annotations

import json
from pathlib import Path

import jsonschema

from dutyrules.policies.diagnostics import Diagnostics
from dutyrules.policies.yaml_source import read_yaml
from dutyrules.testing.scenario_files import plain


def test_the_schema_accepts_a_pack(run, desk, tmp_path):
    """the schema is a JSON Schema that a sound pack conforms to, and a misspelt one does not"""
    status, out, _ = run("schema")
    schema = json.loads(out)
    jsonschema.Draft202012Validator.check_schema(schema)
    [root] = read_yaml(Path(desk).read_text("utf-8"), desk, Diagnostics())
    document = json.loads(json.dumps(plain(root)))
    validator = jsonschema.Draft202012Validator(schema)
    assert status == 0
    assert not list(validator.iter_errors(document))
    assert list(validator.iter_errors({**document, "rulez": {}}))
    assert run("schema", "--out", tmp_path / "s.json")[1] == ""
    assert json.loads((tmp_path / "s.json").read_text()) == schema
