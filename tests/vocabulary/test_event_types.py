"""Reading event types, the shipped ones and a pack's own."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from textwrap import dedent

import pytest

from dutyrules.policies.diagnostics import Diagnostics
from dutyrules.policies.model import FieldSpec, FieldType
from dutyrules.policies.yaml_source import read_yaml
from dutyrules.vocabulary import read_events, read_vocabulary, vocabulary


def read(text):
    """Read event types as a pack writes them; return them and the codes of what is wrong."""
    diagnostics = Diagnostics()
    [root] = read_yaml(dedent(text), "pack.yaml", diagnostics)
    found = read_events(root.entries, vocabulary().fields, diagnostics)
    return found, [(one.code, one.place.line) for one in diagnostics.items]


def test_a_pack_declares_its_own_event_types():
    """a type has fields with types, defaults and words, other names, and says whose it is"""
    found, faults = read("""\
        fine_sent:
          says: {en: the fine is sent, zh: 寄出罚单}
          also: [notice_sent]
          person: driver
          fields:
            driver: person
            amount: {type: money, default: 0}
            since: {type: date, default: 2026-01-15}
            kind: {values: [first, second], default: first, also: [sort]}
            paid: {type: bool, default: false}
            person:
            remark:
        """)
    kind = found.types["fine_sent"]
    assert faults == []
    assert kind.person == "driver"
    assert kind.says == {"en": "the fine is sent", "zh": "寄出罚单"}
    assert kind.aliases == {"sort": "kind", "employee": "person"}
    assert found.aliases == {"notice_sent": "fine_sent"}
    assert list(kind.fields.values()) == [
        FieldSpec("driver", FieldType.PERSON),
        FieldSpec("amount", FieldType.MONEY, Decimal(0), has_default=True),
        FieldSpec("since", FieldType.DATE, dt.date(2026, 1, 15), has_default=True),
        FieldSpec("kind", FieldType.TEXT, "first", has_default=True, values=("first", "second")),
        FieldSpec("paid", FieldType.BOOL, default=False, has_default=True),
        FieldSpec("person", FieldType.PERSON),
        FieldSpec("remark", FieldType.ANY),
    ]


def test_nobodys_event_has_no_person():
    """`nobody` names no field; `person` names the usual one, also where a shared type names another"""
    found, faults = read("a: {person: nobody, fields: {month: month}}\nb: {person: person, fields: {person: person}}\n")
    assert faults == []
    assert [kind.person for kind in found.types.values()] == [None, "person"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("a: {felds: {}}\n", "DR201"),
        ("a: {fields: {b: {tpye: text}}}\n", "DR201"),
        ("a: [b]\n", "DR203"),
        ("a: {fields: [b]}\n", "DR203"),
        ("a: {also: b}\n", "DR203"),
        ("a: {also: [[b]]}\n", "DR203"),
        ("a: {on_shift: perhaps}\n", "DR203"),
        ("a: {says: x}\n", "DR203"),
        ("a: {fields: {b: {type: bool, default: perhaps}}}\n", "DR203"),
        ("a: {fields: {b: {type: int, default: true}}}\n", "DR203"),
        ("a: {fields: {b: {type: time, default: 12}}}\n", "DR203"),
        ("a: {fields: {b: {type: text, values: [x, y], default: z}}}\n", "DR203"),
        ("a: {fields: {b: txet}}\n", "DR204"),
        ("a: {fields: {b: {type: [text]}}}\n", "DR203"),
        ("a: {fields: {b: {type: date, default: 2026-02-30}}}\n", "DR211"),
        ("Late Arrival: {}\n", "DR216"),
        ("a: {fields: {b-c: text}}\n", "DR216"),
        ("a: {also: [Sign In]}\n", "DR216"),
        ("a: {person: drivr, fields: {driver: person}}\n", "DR302"),
    ],
)
def test_a_faulty_type_is_reported(text, code):
    """what is wrong with an event type is a diagnostic at its line, and the rest is read"""
    found, faults = read(f"ok: {{fields: {{person: person}}}}\n{text}")
    assert faults == [(code, 2)]
    assert "ok" in found.types


def test_a_slip_of_the_pen_gets_a_suggestion():
    """an unknown type of field comes with the one that was meant"""
    diagnostics = Diagnostics()
    [root] = read_yaml("a: {fields: {b: moeny}}\n", "pack.yaml", diagnostics)
    read_events(root.entries, {}, diagnostics)
    [one] = diagnostics.items
    assert one.help == "did you mean `money`"


def test_the_shipped_form_has_two_parts():
    """the vocabulary's file has `fields` and `events`, and nothing else"""
    diagnostics = Diagnostics()
    [root] = read_yaml("fields: {a: bool}\nevents: {e: {fields: {a}}}\nmore: 1\n", "events.yaml", diagnostics)
    found = read_vocabulary(root, diagnostics)
    assert found.types["e"].fields["a"].type is FieldType.BOOL
    assert [one.code for one in diagnostics.items] == ["DR201"]
