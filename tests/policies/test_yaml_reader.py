from __future__ import annotations

from decimal import Decimal

import pytest

from dutyrules.calendars.zones import Zone
from dutyrules.policies.diagnostics import Diagnostics
from dutyrules.policies.yaml_reader import BadDocument, YamlReader
from dutyrules.policies.yaml_source import read_yaml


def reading(text):
    """Return a reader, the document of a text, and a function that gives the faults so far."""
    found = Diagnostics()
    [root] = read_yaml(text, "m.yaml", found)
    return YamlReader(found, "DR640"), root, lambda: [(one.place.line, one.message, one.help) for one in found.items]


def test_known_parts_are_read_and_others_told_at_once():
    """unknown and missing keys are all noted where they stand, and what is known is read all the same"""
    reader, root, faults = reading("alpha: 1\nbetta: 2\nother: 3\n")
    parts = reader.parts(root, ("alpha", "beta", "gamma"), ("gamma",))
    assert list(parts) == ["alpha"]
    assert faults() == [
        (1, "`gamma` is missing", None),
        (2, "`betta` is no key here", "did you mean `beta`"),
        (3, "`other` is no key here", None),
    ]


def test_what_is_no_mapping_has_no_parts():
    """a list where a mapping should stand is told with a key that would fit"""
    reader, root, faults = reading("[1]")
    assert reader.parts(root, ("alpha",), ("alpha",)) == {}
    assert faults() == [(1, "a mapping with keys such as `alpha` stands here, not list", None)]


@pytest.mark.parametrize(
    ("text", "as_text", "as_value", "faults"),
    [
        ("22:30", "22:30", "22:30", []),
        ("7.50", "7.50", Decimal("7.50"), []),
        ("~", "~", None, []),
        ("[]", "", None, ["a text or number stands here, not list", "a text stands here, not list"]),
        ("{}", "", None, ["a text or number stands here, not mapping", "a text stands here, not mapping"]),
    ],
)
def test_scalars_as_text_and_as_value(text, as_text, as_value, faults):
    """a scalar is read as it was written or as what it means, and nothing else passes for one"""
    reader, root, found = reading(f"a: {text}")
    node = root.get("a")
    assert reader.text(node) == as_text
    assert reader.value(node) == as_value
    assert [message for _, message, _ in found()] == faults


def test_the_calendars_complaint_is_the_fault():
    """what a function of the calendars refuses is told at the node, with the suggestion"""
    reader, root, faults = reading("zone: Europe/Rom")
    assert reader.tried(Zone, "Europe/Rom", root.get("zone")) is None
    [(line, message, hint)] = faults()
    assert (line, "`Europe/Rom`" in message) == (1, True)
    assert hint == "did you mean `Europe/Rome`"


def test_a_bad_document_carries_its_faults_and_its_text():
    """whoever catches it can show every fault in its line"""
    reader, root, _ = reading("[1]")
    reader.fault("nothing fits", root)
    error = BadDocument(reader.found.items, "[1]")
    assert (error.diagnostics[0].code, error.source) == ("DR640", "[1]")
