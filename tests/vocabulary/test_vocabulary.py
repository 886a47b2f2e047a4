"""The event types that ship with the package."""

from __future__ import annotations

import re

import pytest

from dutyrules.calendars import Zone
from dutyrules.events import EventDecoder
from dutyrules.policies.diagnostics import Diagnostics
from dutyrules.policies.model import FieldType
from dutyrules.policies.yaml_source import MapNode, SeqNode, read_yaml
from dutyrules.vocabulary import event_aliases, load_vocabulary, vocabulary

CHINESE = re.compile("[\u4e00-\u9fff]")
TABLE = re.compile(r"^#+ [^\n]*\(b\)[^\n]*\n(.*?)(?=^#)", re.MULTILINE | re.DOTALL)
ROW = re.compile(r"^\| (`.*?) \| (.*?) \|", re.MULTILINE)
NOT_FIELDS = {"at", "time", "or", "matter", "with", "state", "register", "fields"}
"""The envelope's own names, and words between the fields of the catalogues' tables."""


@pytest.fixture(scope="module")
def catalogues(shared):
    """Return the text of each catalogue of norms."""
    return [path.read_text("utf-8") for path in sorted((shared / "regulations").glob("catalogue-*.md"))]


def rows(catalogues):
    """Return each event type of the catalogues' tables with the text of its fields."""
    for text in catalogues:
        for table in TABLE.findall(text):
            for names, fields in ROW.findall(table):
                for name in re.findall(r"`([a-z_]+)`", names):
                    yield name, fields


def canonical(name):
    """Return the event type that a name stands for."""
    return load_vocabulary()[event_aliases().get(name, name)]


def test_every_event_type_of_the_catalogues_is_known(catalogues):
    """each name in a catalogue's table of event types is a type or another name of one"""
    names = {name for name, _ in rows(catalogues)}
    assert len(names) > 500
    assert names - set(load_vocabulary()) - set(event_aliases()) == set()


def test_every_field_of_the_catalogues_is_known(catalogues):
    """each field in a catalogue's table is a field of the type or another name of one"""
    unknown = {}
    for name, fields in rows(catalogues):
        kind = canonical(name)
        words = set(re.findall(r"[a-z_]+", re.sub(r"\([^)]*\)|\[[^\]]*\]|=\w+", "", fields)))
        if missing := words - set(kind.fields) - set(kind.aliases) - NOT_FIELDS:
            unknown.setdefault(name, set()).update(missing)
    assert unknown == {"notified": {"person"}}  # who is spoken of there is the one `by` whom the word comes


def plain(node):
    """Turn nodes into lists, mappings and values."""
    if isinstance(node, SeqNode):
        return [plain(each) for each in node.items]
    return {key.text: plain(value) for key, value in node.entries} if isinstance(node, MapNode) else node.value


def examples(catalogues):
    """Return each worked example that is written in YAML."""
    for text in catalogues:
        for block in re.findall(r"```yaml\n(.*?)```", text, re.DOTALL):
            diagnostics = Diagnostics()
            [root] = read_yaml(block, "example.yaml", diagnostics)
            assert diagnostics.items == ()
            yield from plain(root)


def test_the_events_of_the_worked_examples_are_accepted(catalogues):
    """each event of the worked examples is decoded, and all its fields are fields of its type"""
    decoder = EventDecoder(load_vocabulary(), Zone("Asia/Shanghai"))
    seen = 0
    for example in examples(catalogues):
        for number, event in enumerate(example.get("events", [])):
            data = {name: value for name, value in event.items() if name not in {"at", "type"}}
            kind = canonical(event["type"])
            assert set(data) <= set(kind.fields) | set(kind.aliases)
            decoder.decode({"id": f"e{number}", "type": kind.name, "time": event["at"], "data": data})
            seen += 1
    assert seen > 150


@pytest.mark.parametrize("name", sorted(load_vocabulary()))
def test_each_type_is_sound(name):
    """a type says what it means in both languages, in few words, and names a field with a person where it names one"""
    kind = load_vocabulary()[name]
    assert set(kind.says) == {"en", "zh"}
    assert not CHINESE.search(kind.says["en"])
    assert CHINESE.search(kind.says["zh"])
    for text in kind.says.values():
        assert len(text) <= 80
        assert not text.endswith((".", "。"))
    if kind.person is not None:
        assert kind.fields[kind.person].type is FieldType.PERSON
    for other, field in kind.aliases.items():
        assert field in kind.fields
        assert other not in kind.fields
    for spec in kind.fields.values():
        assert not spec.values or not spec.has_default or spec.default in spec.values


def test_other_names_are_no_names_of_their_own():
    """another name of a type is the name of no type, and another name of a field is the name of no field"""
    assert not set(event_aliases()) & set(load_vocabulary())
    fields = vocabulary().fields
    others = [other for field in fields.values() for other in field.also]
    assert not set(others) & set(fields)
    assert len(others) == len(set(others))


def test_every_shared_field_is_used():
    """a field whose meaning is stated once is a field of some type"""
    used = {name for kind in load_vocabulary().values() for name in kind.fields}
    assert set(vocabulary().fields) == used


@pytest.mark.parametrize(
    "name",
    ["check_in", "check_out", "post_left", "post_resumed", "premises_left", "place_changed", "rest_started"],
)
def test_presence_can_be_matched_to_the_roster(name):
    """what tells of somebody's presence has a person, a duty date and a period, and happens during a duty"""
    kind = load_vocabulary()[name]
    assert kind.on_shift
    assert {field: kind.fields[field].type.value for field in ("person", "duty_date", "period")} == {
        "person": "person",
        "duty_date": "date",
        "period": "text",
    }


def test_only_what_happens_during_a_duty_is_on_shift():
    """types that speak of a duty from outside, such as a roster or a wish to swap, are not on shift"""
    on_shift = {name for name, kind in load_vocabulary().items() if kind.on_shift}
    assert all("duty_date" in load_vocabulary()[name].fields for name in on_shift)
    assert {"nameplate_flipped", "duty_served", "cover_assigned"} <= on_shift
    assert not on_shift & {"roster_assigned", "swap_requested", "swap_effected", "sign_lapse", "presence_confirmed"}


def test_one_meaning_has_one_name():
    """other names lead to the one that is used"""
    assert canonical("sign_in").name == canonical("duty_on").name == "check_in"
    assert canonical("incident_closed").name == "incident_handled"
    assert load_vocabulary()["check_in"].aliases["employee"] == "person"
    assert load_vocabulary()["roster_assigned"].aliases["date"] == "duty_date"
    assert load_vocabulary()["finding"].aliases == {
        "employee": "person",
        "item": "code",
        "observer": "by",
        "amount": "amount_cny",
    }


def test_a_default_stands_on_what_opens_and_not_on_what_follows():
    """a swap is a swap of duties unless its application says otherwise, and later events do not say it again"""
    types = load_vocabulary()
    assert types["swap_requested"].fields["kind"].default == "duty"
    assert types["swap_requested"].fields["written"].default is False
    for later in ("swap_approved", "swap_reported", "swap_registered", "swap_effected"):
        assert not types[later].fields["kind"].has_default
        assert not types[later].fields["written"].has_default


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("complaint_ruled", "upheld"),
        ("cover_assigned", "experienced"),
        ("inspection_check", "present"),
        ("leave_decided", "granted"),
        ("callback", "handled"),
        ("goods_out_requested", "large_or_valuable"),
    ],
)
def test_what_decides_a_case_has_no_default(name, field):
    """a flag on which somebody's lot hangs is unknown until it is said"""
    assert not load_vocabulary()[name].fields[field].has_default


def test_whose_event_it_is():
    """the person of an event is `person`, or the field that the type names, or nobody"""
    people = {"standby_call": "callee", "swap_requested": "requester", "cover_assigned": "for", "item_damaged": "by"}
    people |= {"complaint_received": "about", "check_in": None, "month_closed": None}
    assert {name: load_vocabulary()[name].person for name in people} == people


def test_the_vocabulary_cannot_be_changed():
    """the types are shared by all packs of a process, so nobody can add to them"""
    with pytest.raises(TypeError):
        load_vocabulary()["own"] = load_vocabulary()["check_in"]
