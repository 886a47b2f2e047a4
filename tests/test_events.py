from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dutyrules.events import DEEPEST, LONGEST_LINE, Event, EventDecoder, EventError, EventFault, Settled, decode_event
from dutyrules.policies.model import EventType, FieldSpec, FieldType
from dutyrules.vocabulary import load_vocabulary

NOON = 1768449601  # 2026-01-15T12:00:01+08:00
TYPES = {
    "sample": EventType(
        "sample",
        {
            "name": FieldSpec("name", FieldType.TEXT),
            "person": FieldSpec("person", FieldType.PERSON),
            "flag": FieldSpec("flag", FieldType.BOOL),
            "count": FieldSpec("count", FieldType.INT),
            "value": FieldSpec("value", FieldType.NUMBER),
            "sum": FieldSpec("sum", FieldType.MONEY),
            "day": FieldSpec("day", FieldType.DATE),
            "until": FieldSpec("until", FieldType.TIME),
            "month": FieldSpec("month", FieldType.MONTH),
            "items": FieldSpec("items", FieldType.LIST),
            "rest": FieldSpec("rest", FieldType.ANY),
            "kind": FieldSpec("kind", FieldType.TEXT, "duty", has_default=True, values=("duty", "comp_rest")),
        },
        aliases={"date": "day"},
    )
}


def event(**data):
    """Decode an event of the sample type."""
    return decode_event({"id": "e1", "type": "sample", "time": "2026-01-15T12:00:01+08:00", "data": data}, TYPES, "UTC")


def fault(source, types=TYPES):
    """Decode what is no event, and return the fault."""
    with pytest.raises(EventError) as caught:
        decode_event(source, types, "Asia/Shanghai", "log:7")
    return caught.value


def line(**parts):
    """Write an event as JSON with some parts of its own; None leaves a part out."""
    whole = {"id": "e1", "type": "sample", "time": "2026-01-15T12:00:01+08:00", "data": {}}
    return json.dumps({name: value for name, value in {**whole, **parts}.items() if value is not None})


def test_decodes_the_line_of_the_format():
    """a CloudEvents line becomes a record with its time in seconds and its subject as the person"""
    source = (
        b'{"specversion":"1.0","source":"/clock","id":"e1","type":"check_in","time":"2026-01-15T12:00:01+08:00",'
        b'"subject":"li","data":{"period":"noon"}}'
    )
    found = decode_event(source, load_vocabulary(), "Asia/Shanghai")
    assert (found.id, found.type, found.time, found.subject) == ("e1", "check_in", NOON, "li")
    assert found.data == {"period": "noon", "person": "li"}


def test_event_without_data_has_none():
    """an event may have no data at all"""
    assert decode_event(line(data=None), TYPES, "UTC").data == {"kind": "duty"}


@pytest.mark.parametrize(
    "text",
    [
        "2026-01-15T12:00:01+08:00",
        "2026-01-15T04:00:01Z",
        "2026-01-15T12:00:01.999999+08:00",
        "2026-01-14T22:00:01-06:00",
    ],
)
def test_same_instant_in_any_offset(text):
    """an instant is the same in any offset, and parts of a second are cut off"""
    assert decode_event(line(time=text), TYPES, "UTC").time == NOON


def test_aware_datetime_is_a_time():
    """an embedder may give an aware datetime in place of text"""
    moment = dt.datetime(2026, 1, 15, 4, 0, 1, tzinfo=dt.UTC)
    assert decode_event({"id": "e1", "type": "sample", "time": moment}, TYPES, "UTC").time == NOON


@pytest.mark.parametrize(
    ("name", "given", "expected"),
    [
        ("name", "x", "x"),
        ("flag", True, True),
        ("count", 3, 3),
        ("count", 3.0, 3),
        ("value", 1.5, Decimal("1.5")),
        ("value", 2, Decimal(2)),
        ("sum", "49.90", Decimal("49.90")),
        ("day", "2026-02-28", dt.date(2026, 2, 28)),
        ("day", dt.date(2026, 2, 28), dt.date(2026, 2, 28)),
        ("until", "2026-01-15T12:00:01+08:00", NOON),
        ("until", NOON, NOON),
        ("month", "2026-01", "2026-01"),
        ("items", ["a", 0.5], ("a", Decimal("0.5"))),
        ("rest", {"a": [0.5]}, Settled({"a": (Decimal("0.5"),)})),
        ("unlisted", 0.1, Decimal("0.1")),
    ],
)
def test_fields_have_their_type(name, given, expected):
    """each field is read as the vocabulary declares it, and no number is a float"""
    found = event(**{name: given}).data[name]
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("name", 3),
        ("person", ""),
        ("person", 17),
        ("flag", "yes"),
        ("flag", 1),
        ("count", 1.5),
        ("count", True),
        ("count", "3"),
        ("value", "many"),
        ("sum", "1e5"),
        ("sum", False),
        ("day", "2026-1-5"),
        ("day", "2026-01-15T00:00:00+08:00"),
        ("month", "2026-13"),
        ("items", "a"),
        ("until", True),
    ],
)
def test_field_of_another_type_is_refused(name, given):
    """a field that is not of its type is a fault that names field and value"""
    found = fault(line(data={name: given}))
    assert found.code == EventFault.FIELD_WRONG
    assert f"`{name}`" in found.reason


def test_null_is_unknown():
    """a field that is null is absent, like one that is missing, and a default stands in for it"""
    assert event(name=None, kind=None).data == {"kind": "duty"}


def test_value_beyond_the_list_is_refused_with_a_suggestion():
    """a word that is not among those the vocabulary lists is refused, and the nearest is suggested"""
    found = fault(line(data={"kind": "comp_rset"}))
    assert found.code == EventFault.FIELD_VALUE
    assert found.hint == "did you mean `comp_rest`"


def test_other_names_stand_for_the_canonical_ones():
    """another name of a type or field is read as the canonical name"""
    found = decode_event(
        {
            "id": "e",
            "type": "sign_in",
            "time": "2026-01-15T12:00:01+08:00",
            "data": {"employee": "li", "date": "2026-01-15"},
        },
        load_vocabulary(),
        "UTC",
    )
    assert found.type == "check_in"
    assert found.data == {"person": "li", "duty_date": dt.date(2026, 1, 15)}


def test_a_field_under_two_names_is_refused():
    """a field given under both of its names is no guess"""
    assert fault(line(data={"day": "2026-01-15", "date": "2026-01-16"})).code == EventFault.KEY_TWICE


def test_subject_does_not_override_the_person():
    """the subject fills the person's field only where the data lack it"""
    found = decode_event(line(subject="li", data={"person": "wan"}), TYPES, "UTC")
    assert (found.subject, found.data["person"]) == ("li", "wan")


@pytest.mark.parametrize(
    ("source", "code"),
    [
        (b"{", EventFault.NOT_JSON),
        (b"NaN", EventFault.NOT_JSON),
        (b"\xff\xfe{}", EventFault.NOT_JSON),
        (b'{"id": "\xff"}', EventFault.NOT_JSON),
        ('{"id": "\ud800"}', EventFault.NOT_JSON),
        (b'{"value": 1e99999999999999999999}', EventFault.NOT_JSON),
        (b'{"value": ' + b"9" * 5000 + b"}", EventFault.NOT_JSON),
        (b"[]", EventFault.NOT_AN_OBJECT),
        (b'"e1"', EventFault.NOT_AN_OBJECT),
        (b'{"id": "' + b"x" * LONGEST_LINE + b'"}', EventFault.TOO_LARGE),
        (b"[" * 100_000, EventFault.TOO_LARGE),
        (b'{"data": ' + b"[" * (DEEPEST + 1) + b"]" * (DEEPEST + 1) + b"}", EventFault.TOO_LARGE),
        (b'{"id": "a", "id": "a"}', EventFault.KEY_TWICE),
        (b'{"data": {"a": "\\"", "b": 1, "b": 2}}', EventFault.KEY_TWICE),
        (line(id=None), EventFault.ATTRIBUTE_MISSING),
        (line(type=None), EventFault.ATTRIBUTE_MISSING),
        (line(time=None), EventFault.ATTRIBUTE_MISSING),
        (line(id=""), EventFault.ATTRIBUTE_WRONG),
        (line(id=1), EventFault.ATTRIBUTE_WRONG),
        (line(subject=["li"]), EventFault.ATTRIBUTE_WRONG),
        (line(data=[]), EventFault.ATTRIBUTE_WRONG),
        (line(specversion="0.3"), EventFault.ATTRIBUTE_WRONG),
        (line(time="2026-01-15T12:00:01"), EventFault.BAD_TIME),
        (line(time="2026-02-30T12:00:01Z"), EventFault.BAD_TIME),
        (line(time="2026-01-15T24:00:01Z"), EventFault.BAD_TIME),
        (line(time="yesterday" * 50), EventFault.BAD_TIME),
        (line(time=NOON), EventFault.BAD_TIME),
        (line(time="1066-10-14T09:00:00Z"), EventFault.BAD_TIME),
        (line(data={"day": "2026-02-29"}), EventFault.BAD_TIME),
        (line(type="sampel"), EventFault.UNKNOWN_TYPE),
        (line(data={"x": 10**50}), EventFault.FIELD_WRONG),
        (b'{"id":"e","type":"sample","time":"2026-01-15T12:00:01Z","data":{"x":1e400}}', EventFault.FIELD_WRONG),
    ],
    ids=lambda value: str(value)[:40] if isinstance(value, bytes | str) else None,
)
def test_faulty_input_has_a_code_and_place(source, code):
    """whatever is wrong with an input is told with a code, a reason in one line and the place"""
    found = fault(source)
    assert (found.code, found.place) == (code, "log:7")
    assert "\n" not in found.reason
    assert len(found.reason) < 250
    assert str(found).startswith(f"log:7: {code} {found.reason}")


def test_missing_offset_suggests_that_of_the_zone():
    """a time without an offset is refused and shown as it would be in the pack's zone"""
    assert "`2026-01-15T12:00:01+08:00`" in fault(line(time="2026-01-15T12:00:01")).hint


def test_values_that_json_cannot_hold_are_refused():
    """a mapping with a value that is no JSON, or a float that is no number, is refused and does not fail otherwise"""
    for value in (float("nan"), float("inf"), object(), {"a": {1, 2}}):
        assert (
            fault({"id": "e", "type": "sample", "time": "2026-01-15T12:00:01Z", "data": {"rest": value}}).code
            == "DR609"
        )


def nested(depth):
    """Return an object in an object, so many levels deep."""
    found = {"a": 1}
    for _ in range(depth):
        found = {"a": found}
    return found


def ring():
    """Return an object that holds itself."""
    found = {}
    found["a"] = [found]
    return found


def twofold(depth):
    """Return a list that holds one list twice, so many levels deep."""
    found = [1]
    for _ in range(depth):
        found = [found, found]
    return found


@pytest.mark.parametrize("rest", [nested(DEEPEST), nested(5000), ring(), twofold(5000)])
def test_mappings_are_held_to_the_limits_of_a_line(rest):
    """a mapping that is nested too deep, holds itself or unfolds without end is refused as a line of JSON would be"""
    assert fault({"id": "e", "type": "sample", "time": "2026-01-15T12:00:01Z", "data": {"rest": rest}}).code == "DR603"


def test_mapping_with_too_much_text_is_refused():
    """a mapping has no more text than a line of JSON may have"""
    assert fault({"id": "e" * (LONGEST_LINE + 1), "type": "sample"}).code == "DR603"


def test_mapping_at_the_deepest_level_is_taken():
    """a mapping may be nested as deep as a line of JSON"""
    assert event(rest=nested(DEEPEST - 3)).data["rest"] == nested(DEEPEST - 3)


def test_a_deep_list_is_no_event():
    """what is no object is refused however deep it is"""
    assert fault(twofold(5000)).code == "DR602"


@pytest.mark.parametrize(
    "parts",
    [
        {"id": "e\ud800"},
        {"subject": "\udfff"},
        {"data": {"person": "li\ud800"}},
        {"data": {"rest": ["a", {"b": "\ud800"}]}},
        {"data": {"\ud800": 1}},
        {"note": "\ud800"},
        {"data": {1: 2}},
        {"data": {"rest": {None: 3}}},
        {None: 3},
    ],
    ids=ascii,
)
def test_mappings_with_what_json_cannot_write_are_refused(parts):
    """half a character and keys that are no texts are refused wherever they stand in a mapping"""
    assert fault({"id": "e", "type": "sample", "time": "2026-01-15T12:00:01Z", **parts}).code == "DR601"


@pytest.mark.parametrize("field", ["day", "rest"])
@pytest.mark.parametrize("day", [dt.date.min, dt.date.max, dt.date(1899, 12, 31), dt.date(2200, 1, 1)])
def test_dates_as_objects_are_held_to_the_same_years(field, day):
    """a date outside the years that are reckoned with is refused, be it a text or an object"""
    source = {"id": "e", "type": "sample", "time": "2026-01-15T12:00:01Z", "data": {field: day}}
    assert fault(source).code == "DR607"


def test_equality_leaves_out_how_the_time_was_written():
    """events are equal when they say the same, however their time is written, and can stand in sets"""
    one = decode_event(line(time="2026-01-15T12:00:01+08:00"), TYPES, "UTC")
    other = decode_event(line(time="2026-01-15T04:00:01Z"), TYPES, "UTC")
    assert one == other
    assert len({one, other}) == 1
    assert one != Event("e1", "sample", NOON, None, {"kind": "comp_rest"})


plain_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**15), 10**15) | st.decimals(-999, 999, places=2) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)


@given(
    instant=st.integers(NOON - 10**9, NOON + 10**9),
    subject=st.none() | st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=4),
    rest=plain_values,
    total=st.decimals(0, 10**6, places=2),
    day=st.dates(dt.date(2000, 1, 1), dt.date(2100, 1, 1)),
)
def test_json_gives_the_event_again(instant, subject, rest, total, day):
    """an event written as JSON decodes to an equal event"""
    decoder = EventDecoder(TYPES, "Asia/Shanghai")
    moment = (dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(seconds=instant)).isoformat()
    first = decoder.decode(
        {
            "id": "e",
            "type": "sample",
            "time": moment,
            "subject": subject,
            "data": {"rest": rest, "sum": total, "day": day, "until": instant},
        }
    )
    assert decoder.decode(first.as_json()) == first


@given(st.binary(max_size=60) | st.text(max_size=60))
def test_any_bytes_are_an_event_or_a_fault(source):
    """whatever the input, the answer is an event or an `EventError`"""
    try:
        found = decode_event(source, TYPES, "UTC")
    except EventError as error:
        found = error.code
    assert isinstance(found, Event) or found in list(EventFault)
