"""Small packs to try matchers on."""

from __future__ import annotations

import json

from dutyrules.policies.load import check_text

FIELDS = {
    "person": "person",
    "by": "person",
    "count": "int",
    "sum": "money",
    "loud": "bool",
    "word": "text",
    "day": "date",
    "since": "time",
    "words": "list",
    "any_thing": "any",
}


def pack_of(*conditions: str, **more):
    """Return a pack with a prohibition `r0`, `r1` … for each condition of the event `noted`."""
    rules = {
        f"r{number}": {"kind": "prohibition", "when": "noted", "if": condition, "says": {"en": "No.", "zh": "不得。"}}
        for number, condition in enumerate(conditions)
    }
    document = {"pack": "demo", "language": 1, "events": {"noted": {"fields": FIELDS}}, "rules": rules, **more}
    document["rules"] = {**rules, **more.get("rules", {})}
    checked = check_text(json.dumps(document, indent=1), file="demo.yaml")
    errors = [f"{each.code} {each.message}" for each in checked.diagnostics if each.is_error]
    assert not errors, errors
    return checked.packs[0]
