"""The module in C that reads plain lines, against regular expressions, `json` and the zone's own rules."""

from __future__ import annotations

import datetime as dt
import gc
import json
import re
import sys
import tracemalloc
from types import SimpleNamespace
from zlib import crc32

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dutyrules.calendars.errors import CalendarError
from dutyrules.calendars.zones import Zone
from dutyrules.compiler import _lines, lines
from dutyrules.compiler.reading import OWN, Beyond, Ids, NeedsIds, Reading
from dutyrules.compiler.stream import Clock

TEXT = r'"[^"\\\x00-\x1f]*"'
VALUE = rf"(?:{TEXT}|true|false|0|-?[1-9][0-9]{{0,14}})"
DATA = rf"\{{(?:{TEXT}: ?{VALUE}(?:, ?{TEXT}: ?{VALUE}){{0,63}})?\}}"
MEMBER = rf'(?:"(?:id|type|time|subject)": ?{TEXT}|"specversion": ?"1\.0"|"data": ?{DATA})'
LINE = re.compile(rf"\{{{MEMBER}(?:, ?{MEMBER})*\}}")
TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\+08:00", re.ASCII)
ZONE = Zone("Asia/Shanghai")
CLOCK = Clock("Asia/Shanghai", 28_800, "1991-10-01", "2100-01-01")
PROGRAM = SimpleNamespace(
    SEEKS=False,
    READ={
        "check_in": {
            "person": ("whose", "person"),
            "shift": ("d_shift", "text"),
            "days": ("d_days", "int"),
            "a": ("d_a", "bool"),
            "b": ("d_b", "int", 5),
            "c": ("d_c", "number"),
            "mode": ("d_mode", "text", "own", ("own", "other")),
            "since": ("d_since", "time"),
            "by": ("d_by", "person"),
            "names": ("d_names", "list"),
        },
        "finding": {},
    },
    REST={"check_in": {}, "finding": {"day": ("d_day", "date")}},
)
PLAIN = (
    '{"id":"e1","type":"check_in","time":"2026-02-28T23:59:59+08:00","subject":"林","data":{"shift":"s,1","days":10}}\n'
    '{"data":{},"time":"2024-02-29T00:00:00+08:00","type":"finding","id":"e10"}\n'
    '{"id":"e2","type":"check_in","time":"2099-12-31T12:00:00+08:00","data":{"person":"bo","a":true,"b":-7,"c":0}}\n'
    '{"id":"e3","specversion":"1.0","type":"check_in","time":"2026-02-28T00:00:00+08:00","subject":"bo",'
    '"data":{"mode":"other","since":"2026-02-27T08:00:00+08:00","by":"li","a":false}}\n'
)
BESIDE = PLAIN.replace('"data":{"person"', '"subject":"林","data":{"person"')
"""With a subject that no slot holds, as the data name the person."""
SPACED = PLAIN.replace('":', '": ').replace(',"', ', "')
PIECES = (
    '"',
    "{",
    "}",
    ",",
    ":",
    "\\",
    "\n",
    " ",
    "0",
    "9",
    "-",
    "e",
    "T",
    "true",
    "null",
    "1.5",
    "\x00",
    "\x7f",
    "é",
    "",
)
PIECES += ('"id":"e1",', '"shift":"s1",', '"data":{},', '"subject":" ",', '"subject":"",', '"person":7,', "[1]", "{}")


class Said(dict):
    """An object of JSON that says no key twice."""

    def __init__(self, pairs):
        super().__init__(pairs)
        assert len(self) == len(pairs)


def documents(block):
    """Return the lines of a block in the plain form as JSON, None if it is none."""
    try:
        texts = block.decode().removesuffix("\n").split("\n")
        assert block.endswith(b"\n")
        assert all(map(LINE.fullmatch, texts))
        found = [json.loads(text, object_pairs_hook=Said) for text in texts]
        assert all({"id", "type", "time"} <= one.keys() for one in found)
        assert ["", *(one["id"] for one in found)] == sorted({"", *(one["id"] for one in found)})
    except (AssertionError, UnicodeDecodeError):
        return None
    return found


def instant_of(text) -> int:
    """Return the instant of a text in the zone's own form on a usual day; an AssertionError for any other."""
    try:
        assert TIME.fullmatch(text)
        assert "1991-10-01" < text[:10] < "2100-01-01"
        return ZONE.parse(text)
    except CalendarError:
        raise AssertionError from None


def field_of(spec, value):
    """Return what a field says; an AssertionError if it is not what the field holds."""
    slot, kind, *more = spec
    if kind in ("int", "number"):
        assert type(value) is int
        assert abs(value) <= 1_000_000_000
    elif kind == "bool":
        assert type(value) is bool
    else:
        assert type(value) is str
        assert kind != "list"
        assert kind != "person" or value.strip()
        assert len(more) < 2 or value in more[1]
    return slot, instant_of(value) if kind == "time" else value


def event_of(document, program=PROGRAM):
    """Return the slots of an event; an AssertionError if some field is not what it should be."""
    assert document["type"] in program.READ
    assert document.get("subject", "-").strip()
    fields = program.READ[document["type"]]
    data = document.get("data", {})
    assert data.keys() <= fields.keys()
    usual = {slot: more[0] if more else None for slot, _kind, *more in fields.values()}
    said = dict(field_of(fields[name], value) for name, value in data.items())
    whose = said.get("whose") or document.get("subject")
    return usual | said | {"id": document["id"], "time": document["time"], "whose": whose}


def expected(found):
    """Return what a block of plain lines comes to: the slots of events, and instants; None if it is left."""
    try:
        return [event_of(one) for one in found], [instant_of(one["time"]) for one in found]
    except AssertionError:
        return None


NAMED = SimpleNamespace(
    SEEKS=False,
    READ={"text": {"who": ("whose", "text"), "by": ("d_by", "person", "li")}, "nobody": {"by": ("d_by", "person")}},
    REST={"text": {}, "nobody": {}},
)
"""Types with a field of their own that says whose an event is, and without one."""


def decoded(line, _number):
    """Return the event of a line that says what is usual, or has spaces."""
    return {"subject": None, "data": {}} | json.loads(line)


def reading(program=PROGRAM, *, built=True, share=(0, 1), noted=False, full=False):
    """Return what reads lines, with the module in C or without it."""
    found = Reading(program, CLOCK, decoded, Ids(noted=noted), lambda _event: None, full=full, share=share)
    if not built:
        found._plain = lambda _block, _last: None  # noqa: SLF001 - what is inside is what is tested
    return found


def slots(event):
    """Return the slots of an event."""
    return {name: getattr(event, name) for name in type(event).__slots__}


def plainly(block, **options):
    """Return what the module in C makes of a block."""
    told = reading(**options)._plain(block, "")  # noqa: SLF001 - what is inside is what is tested
    return told and ([slots(one) for one in told[0]], told[1])


def generally(block):
    """Return what the general way makes of a block."""
    events, instants = reading(built=False, full=True).events(block, lambda: 1)
    return [{name: value for name, value in slots(one).items() if name != "d_day"} for one in events], instants


@st.composite
def blocks(draw):
    """Return plain lines with some pieces put in, or in place of what stood there."""
    text = draw(st.sampled_from((PLAIN, SPACED)))
    for _ in range(draw(st.integers(0, 3))):
        begin = draw(st.integers(0, len(text)))
        end = begin + draw(st.sampled_from((0, 0, 1, 2, 9)))
        text = text[:begin] + draw(st.sampled_from(PIECES)) + text[end:]
    return text.encode()


@given(blocks())
@settings(max_examples=1500)
@example(PLAIN.encode())
@example(SPACED.encode())
@example(BESIDE.encode())
@example(b"")
@example(PLAIN.encode().replace("林".encode(), b"\xff"))
@example(PLAIN.encode().replace(b'"e2"', b'"e\xff"'))
@example(PLAIN.encode()[:-1])
@example(PLAIN.replace('"a":true', ",".join(f'"a{number}":1' for number in range(64))).encode())
@example(PLAIN.replace("-7", "-" + "9" * 15).encode())
@example(PLAIN.replace("-7", "-1000000000").encode())
@example(PLAIN.replace("-7", "1000000000").encode())
@example(PLAIN.replace("-7", "1000000001").encode())
@example(PLAIN.replace("bo", "é").encode())
@example(PLAIN.replace("1.0", "1x0").encode())
@example(PLAIN.replace("1.0", "1\x170").encode())
def test_nothing_is_plain_but_what_reads_so(block) -> None:
    """a block is found plain exactly if it is, with the events that it says, and the general way comes to the same"""
    found = documents(block)
    told = plainly(block)
    if found is None:
        assert told is None
        return
    right = expected(found)
    assert told == right or (told is None and not all(map(begins_plainly, found)))
    if right is not None:
        assert generally(block) == right


def begins_plainly(document):
    """Tell whether names begin with a letter of which the module knows that it is no space."""
    data = document.get("data", {})
    names = [document.get("subject", "a"), *(data[name] for name in ("person", "by") if type(data.get(name)) is str)]
    return all("\x20" < name[:1] < "\x7f" or name[:1] >= "\u4000" for name in names)


ALMOST = {
    "a key twice": ('"a":true', '"b":7'),
    "an hour too many": ("T23:59:59", "T24:00:00"),
    "a minute too many": ("23:59:59", "23:60:59"),
    "a second too many": ("23:59:59", "23:59:60"),
    "a day too many": ("2026-02-28", "2026-02-29"),
    "a month too many": ("2026-02-28", "2026-13-01"),
    "no month": ("2026-02-28", "2026-00-10"),
    "no day": ("2026-02-28", "2026-02-00"),
    "a century without a leap day": ("2024-02-29", "1900-02-29"),
    "the day on which the offset ends": ("2099-12-31", "2100-01-01"),
    "the day on which the offset begins": ("2024-02-29", "1991-10-01"),
    "another offset": ("+08:00", "+09:00"),
    "a subject of one wide space": ("林", "\u3000"),
    "no subject": ("林", ""),
    "no line break": ("\n", " "),
    "a line break more": ("\n", "\n\n"),
    "a fraction": (":10", ":1.0"),
    "a part within a part": (":10", ":[10]"),
    "a zero in front": (":10", ":010"),
    "two spaces": ('"id":', '"id":  '),
    "a space before a mark": ('"id":', '"id" :'),
    "another version": ('"1.0"', '"1.1"'),
    "a field of another type": ('"data":{}', '"data":{"shift":"s1"}'),
    "a field that is not read": ('"data":{}', '"data":{"day":"2026-01-01"}'),
    "an unknown type": ("finding", "parade"),
    "a text that a field cannot have": ("other", "others"),
    "a truth value in place of a number": (":10", ":true"),
    "a number in place of a truth value": (":true", ":1"),
    "a text in place of a number": (":-7", ':"-7"'),
    "a number in place of a text": ('"s,1"', "1"),
    "a number in place of a person": ('"bo"', "7"),
    "a person who is blank": ('"bo"', '" "'),
    "somebody who is blank": ('"li"', '" "'),
    "a time that is none": ("02-27T08", "02-27T25"),
    "a number that is too large": (":-7", ":1000000001"),
    "an escape": ("s,1", "s\\\\1"),
    "an id twice": ('"id":"e1"', '"id":"e1","id":"e1"'),
    "the data twice": ('"data":{}', '"data":{},"data":{}'),
    "a text in a field that is not read": ('"by":"li"', '"names":"li"'),
    "a text that begins as one that a field can have": ('"other"', '"oth"'),
    "a number that is one again once it is too large": (":10", ":18446744073709551626"),
    "a text in place of a truth value": (":false", ':"false"'),
}


@pytest.mark.parametrize("change", ALMOST.values(), ids=ALMOST)
def test_what_is_almost_plain_is_not(change) -> None:
    """one thing that is not as in the plain form, or not known to be well, leaves a block to the general way"""
    block = PLAIN.replace(*change, 1).encode()
    assert block != PLAIN.encode()
    assert plainly(block) is None


def named(kind, rest):
    """Return the line of an event of a type."""
    return f'{{"id":"e1","type":"{kind}","time":"2026-01-01T00:00:00+08:00"{rest}}}\n'.encode()


WHOSE = {
    ("text", ',"data":{"who":"ann"}'): "ann",
    ("text", ',"subject":"bo","data":{"who":"ann"}'): "ann",
    ("text", ',"subject":"bo","data":{"by":"ann"}'): "bo",
    ("text", ""): None,
    ("nobody", ',"subject":"eve"'): "eve",
}


@pytest.mark.parametrize(("line", "whose"), WHOSE.items(), ids=map("".join, WHOSE))
@pytest.mark.parametrize("built", [True, False])
def test_whose_an_event_is_is_told_by_its_field(line, whose, built) -> None:
    """a type's own field goes before the subject, which stands for it where it is not said"""
    read = reading(NAMED, built=built, full=True)
    assert (read._plain(named(*line), "") is None) is not built  # noqa: SLF001 - as above
    assert [one.whose for one in read.events(named(*line), lambda: 1)[0]] == [whose]


WRONG = {
    "an id": ('"e3"', b'"e\xff"'),
    "a subject": ("林", b"\xe6\x9e"),
    "a subject beside a person": ('"data":{"person"', b'"subject":"\xff","data":{"person"'),
    "a subject that is half a pair": ('"data":{"person"', b'"subject":"\xed\xa0\x80","data":{"person"'),
    "a person": ('"person":"bo"', b'"person":"\xf4\x90\x80\x80"'),
    "a text": ("s,1", b"\xc0\x80"),
    "another person": ('"li"', b'"l\xff"'),
}


@pytest.mark.parametrize(("text", "wrong"), WRONG.values(), ids=WRONG)
def test_what_is_no_text_is_left_to_the_general_way(text, wrong) -> None:
    """bytes that are not UTF-8 are found wherever they stand, also where nothing of the event holds them"""
    block = PLAIN.encode().replace(text.encode(), wrong)
    assert wrong in block
    assert plainly(block) is None
    assert reading()._plain(block, None) is None  # noqa: SLF001 - as above
    of = [reading(share=(number, 3))._plain(block, "") for number in range(3)]  # noqa: SLF001 - as above
    assert None in of


@pytest.mark.parametrize("of", [2, 3])
@pytest.mark.parametrize("noted", [False, True])
@pytest.mark.parametrize("built", [True, False])
def test_each_event_is_of_one_share(of, noted, built) -> None:
    """every event belongs to the share of its person, nobody's to the first, and every share sees all ids"""
    block = PLAIN.encode()
    events, instants = expected(documents(block))
    for number in range(of):
        mine = [crc32((one["whose"] or "").encode()) % of == number for one in events]
        read = reading(built=built, share=(number, of), noted=noted, full=True)
        told, when = read.events(block, lambda: 1)
        assert [one.id for one in told] == [one["id"] for one, is_mine in zip(events, mine, strict=True) if is_mine]
        assert when == [one for one, is_mine in zip(instants, mine, strict=True) if is_mine]
        again = block.replace(b'"e3"', b'"e4"')
        if noted:
            read.events(again, lambda: 5)
            with pytest.raises(Beyond, match="comes twice"):
                read._ids.finish()  # noqa: SLF001 - what is inside is what is tested
        else:
            with pytest.raises(NeedsIds):
                read.events(again, lambda: 5)


def test_a_person_s_text_is_the_same_object_from_event_to_event() -> None:
    """what is looked up again and again has its hash; of people who share a place none gets another's name"""
    twin = twins_of("p0001", (f"{at:05}" for at in range(100_000)))
    longer = twins_of("p0001", (f"p0001{at}" for at in range(100_000)))
    names = ["p0001", "p0001", twin, "p0001", longer, "p0001", longer, "林", "林"]
    text = '{"id":"%s","type":"finding","time":"2026-01-01T00:00:00+08:00","subject":"%s"}\n'
    block = "".join(text % (f"e{at}", name) for at, name in enumerate(names)).encode()
    told, _when, _last, _count = reading()._plain(block, "")  # noqa: SLF001 - what is inside is what is tested
    assert [one.whose for one in told] == names
    assert told[0].whose is told[1].whose


def test_a_name_at_hand_is_none_that_only_looks_like_it_in_memory() -> None:
    """a name is not taken for bytes that are no text, though Python keeps it in just these bytes"""
    names = (f"a{at}é" for at in range(100_000))
    name = next(one for one in names if crc32(one.encode()) % 4096 == crc32(one.encode("latin-1")) % 4096)
    read = reading()._plain  # noqa: SLF001 - what is inside is what is tested
    line = '{"id":"e1","type":"finding","time":"2026-01-01T00:00:00+08:00","subject":"%s"}\n'
    assert read((line % name).encode(), "")[0][0].whose == name
    assert read((line % name).encode("latin-1"), "") is None


def test_a_line_has_so_many_fields_and_no_more() -> None:
    """sixty-four are read, one more is left to the general way"""
    names = [f"f{at}" for at in range(65)]
    made = _lines.slotted("E", ("id", "time", "whose", *names))
    kinds = (("many", made, tuple((name, name, "int", None, None) for name in names)),)
    read = _lines.events(CLOCK.usual, kinds, 0, 1)
    data = [f'"{name}":{at}' for at, name in enumerate(names)]
    (one,), _when, _last, _count = read(named("many", f',"data":{{{",".join(data[:64])}}}'), "")
    assert [getattr(one, name) for name in names] == [*range(64), None]
    assert read(named("many", f',"data":{{{",".join(data)}}}'), "") is None


@pytest.mark.parametrize("lines_after", [0, 1])
@pytest.mark.parametrize("stop", [*range(32), 34, 92])
def test_a_text_ends_where_it_may_not_go_on(stop, lines_after) -> None:
    """a letter that no text may hold is seen wherever it stands, in a block and at its end; others are let be"""
    made = _lines.slotted("E", ("id", "time", "whose", "d"))
    read = _lines.events(CLOCK.usual, (("finding", made, (("note", "d", "text", None, None),)),), 0, 1)
    after = named("finding", "").replace(b"e1", b"e2") * lines_after

    def found(text):
        return read(named("finding", f',"data":{{"note":"{text}"}}') + after, "")

    for size in range(1, 40):
        text = (" !#[]~\x7f%" * 6)[:size]
        (one, *_others), _when, _last, count = found(text)
        assert (one.d, count) == (text, 1 + lines_after)
        assert [place for place in range(size) if found(text[:place] + chr(stop) + text[place + 1 :])] == []


def test_a_field_may_be_only_texts() -> None:
    """something else among what a field may be is an error where it is compared, not an event that is left"""
    made = _lines.slotted("E", ("id", "time", "whose", "d"))
    read = _lines.events(CLOCK.usual, (("finding", made, (("mode", "d", "text", None, (1,)),)),), 0, 1)
    with pytest.raises(TypeError):
        read(named("finding", ',"data":{"mode":"own"}'), "")


def test_nothing_is_kept_of_what_has_been_read() -> None:
    """events, whether they are given or left, their classes and their readers take no memory once they are gone"""
    usual = ["usual"]
    blocks = [PLAIN.encode(), BESIDE.encode(), *(PLAIN.replace(*change, 1).encode() for change in ALMOST.values())]
    blocks += [PLAIN.encode().replace(text.encode(), wrong) for text, wrong in WRONG.values()]

    def read_all() -> None:
        kinds = [
            (
                name,
                _lines.slotted(
                    name, ("id", "time", "whose", *(one[0] for one in fields.values() if one[0] != "whose"))
                ),
            )
            for name, fields in PROGRAM.READ.items()
        ]
        for share in range(2):
            told = tuple(
                (
                    name,
                    made,
                    tuple((field, *_as_told(*spec, usual=usual)) for field, spec in PROGRAM.READ[name].items()),
                )
                for name, made in kinds
            )
            read = _lines.events(CLOCK.usual, told, share, 2)
            for block in blocks * 2:
                for last in ("", None):
                    read(block, last)
        for wrong in (((*told[0][:2], (*told[0][2], ())),), ((*told[0][:2], (*told[0][2], ("a", "a", "text", 1, 2))),)):
            with pytest.raises((TypeError, AttributeError)):
                _lines.events(CLOCK.usual, wrong, 0, 1)
        with pytest.raises(TypeError):
            _lines.slotted("E", ("a", 1))

    read_all()
    gc.collect()
    holders = sys.getrefcount(usual)
    tracemalloc.start()
    try:
        more = min(growth(read_all) for _ in range(4))  # tables of Python's own grow now and then
    finally:
        tracemalloc.stop()
    assert sys.getrefcount(usual) == holders
    assert more < 500


def growth(function) -> int:
    """Return how many bytes more are in use after a function has been called twenty times."""
    gc.collect()
    before = tracemalloc.get_traced_memory()[0]
    for _ in range(20):
        function()
    gc.collect()
    return tracemalloc.get_traced_memory()[0] - before


def _as_told(slot, kind, *_more, usual):
    """Return a field as the module is told of it, usually something that is counted."""
    return slot, {"number": "figure", "list": "unread"}.get(kind, kind), None if slot == "whose" else usual, None


def twins_of(name, others) -> str:
    """Return the first of some other names whose sum falls on the same place."""
    return next(one for one in others if one != name and (crc32(one.encode()) ^ crc32(name.encode())) % 4096 == 0)


def test_objects_with_slots_hold_what_they_are_given_and_let_it_go() -> None:
    """a slot is empty until it is filled, an object frees what it holds, and its class goes with the last of them"""
    held = ["something"]
    made = _lines.slotted("Made", ("one", "two"))
    one = made()
    with pytest.raises(AttributeError):
        one.one  # noqa: B018 - it is not there
    with pytest.raises(AttributeError):
        one.three = 3
    with pytest.raises(TypeError):
        made(1)
    with pytest.raises(TypeError):
        made(one=1)
    one.one = one.two = held
    assert sys.getrefcount(held) == 4
    assert made.__slots__ == ("one", "two")
    before = sys.getrefcount(made)
    assert not gc.is_tracked(one)
    del one
    assert (sys.getrefcount(held), sys.getrefcount(made)) == (2, before - 1)
    with pytest.raises(TypeError):
        _lines.slotted("Made", (1,))


def test_a_long_chain_is_freed() -> None:
    """a million objects of which each holds the next go without using up the stack, and so does what they hold"""
    made = _lines.slotted("Made", ("next", "held"))
    held = ["something"]
    last = None
    for _ in range(1_000_000):
        one = made()
        one.next, one.held = last, held
        last = one
    del one
    assert sys.getrefcount(held) == 1_000_002
    last = None
    assert sys.getrefcount(held) == 2


@pytest.mark.parametrize(
    "kinds",
    [
        ("check_in",),
        (("check_in", object, ()),),
        (("check_in", "Event", ()),),
        (("check_in", _lines.slotted("E", ("id", "time", "whose")), (("shift", "d_shift", "text", None, None),)),),
        (("check_in", _lines.slotted("E", ("id", "time", "whose", "d")), (("shift", "d", "word", None, None),)),),
        (("check_in", _lines.slotted("E", ("id", "time", "whose", "d")), (("shift", "d", "text", None, ["a"]),)),),
        (("check_in", _lines.slotted("E", ("id", "time", "whose", "d")), ("shift",)),),
        (("check_in", type("E", (), {"id": 1, "time": 2, "whose": 3}), ()),),
        (("check_in", type("E", (), {one: getattr(_lines.slotted("S", OWN), one) for one in OWN}), ()),),
    ],
)
def test_what_is_no_type_of_event_is_refused(kinds) -> None:
    """classes without the slots, unknown sorts and things that are no tuples are errors, not crashes"""
    with pytest.raises((TypeError, ValueError, AttributeError)):
        _lines.events(CLOCK.usual, kinds, 0, 1)


def test_there_are_as_many_shares_as_there_are() -> None:
    """a share beyond the last, and no shares at all, are errors"""
    for share, shares in ((1, 1), (0, 0)):
        with pytest.raises(ValueError, match="no such share"):
            _lines.events(CLOCK.usual, (), share, shares)


def test_a_reader_of_events_keeps_what_it_needs_and_no_longer() -> None:
    """the tuples that tell it of zone and types are held as long as the reader is"""
    usual, kinds = (0, 50_000, 28_800, CLOCK.usual[3]), (("finding", _lines.slotted("E", ("id", "time", "whose")), ()),)
    before = sys.getrefcount(usual), sys.getrefcount(kinds)
    read = _lines.events(usual, kinds, 0, 1)
    assert (sys.getrefcount(usual), sys.getrefcount(kinds)) == (before[0] + 1, before[1] + 1)
    with pytest.raises(TypeError):
        read(None, "")
    del read
    assert (sys.getrefcount(usual), sys.getrefcount(kinds)) == before


def test_every_day_is_told_as_by_the_zone() -> None:
    """the first second of each day of the years 1992 to 2099"""
    read = reading()
    for year in range(1992, 2100):
        days = [f"{dt.date(year, 1, 1) + dt.timedelta(days=at)}" for at in range(366 if year % 4 == 0 else 365)]
        block = "".join(f'{{"id":"{day}","type":"finding","time":"{day}T00:00:00+08:00"}}\n' for day in days)
        first = ZONE.parse(f"{year}-01-01T00:00:00+08:00")
        _events, when, _last, count = read._plain(block.encode(), "")  # noqa: SLF001 - as above
        assert when == [first + 86_400 * at for at in range(count)]
        assert count == len(days)


@pytest.mark.parametrize("year", [1, 4, 1900, 1904, 1999, 2000, 2100, 2400, 9999])
def test_a_year_has_a_leap_day_as_in_the_calendar(year) -> None:
    """every fourth year has one, but not every hundredth, though every four hundredth"""
    read = _lines.reader((-1_000_000, 5_000_000, 0, "Z"))
    first = dt.datetime(year, 3, 1, tzinfo=dt.UTC)
    assert read(f"{year:04}-03-01T00:00:00Z") == first.timestamp()
    assert read(f"{year:04}-02-28T00:00:00Z") == (dt.datetime(year, 2, 28, tzinfo=dt.UTC)).timestamp()
    leaps = (first - dt.timedelta(days=1)).day == 29
    assert (read(f"{year:04}-02-29T00:00:00Z") is not None) is leaps


def read_by_zone(text) -> int | None:
    """Return the instant of a text in the zone's own form on a usual day, by regular expression and the zone's rules"""
    if not TIME.fullmatch(text) or not "1991-10-02" <= text[:10] < "2100-01-01":
        return None
    try:
        return ZONE.parse(text)
    except CalendarError:
        return None


@settings(max_examples=300)
@given(
    st.one_of(
        st.from_regex(TIME, fullmatch=True),
        st.integers(600_000_000, 4_200_000_000).map(ZONE.iso),
        st.text(max_size=30),
    ),
    st.one_of(st.just(""), st.text(min_size=1, max_size=1)),
    st.integers(0, 25),
)
@example("2026-02-28T24:00:00+08:00", "", 0)
@example("2026-02-29T00:00:00+08:00", "", 0)
@example("2026-02-28T23:59:60+08:00", "", 0)
def test_an_instant_is_read_as_by_the_zone(text, letter, place) -> None:
    """a text of the zone's own form on a usual day has its instant, any other none, also with a letter changed"""
    changed = text[:place] + letter + text[place + len(letter) :]
    assert _lines.reader(CLOCK.usual)(changed) == read_by_zone(changed)


def test_a_reader_goes_from_day_to_day_and_keeps_what_it_needs() -> None:
    """the day at hand is no other text's day, and what tells the offset is held as long as the reader is, no longer"""
    usual = (0, 50_000, 28_800, CLOCK.usual[3])
    holders = sys.getrefcount(usual)
    read = _lines.reader(usual)
    assert sys.getrefcount(usual) == holders + 1
    texts = ["2026-02-28T10:00:00+08:00", "2026-02-29T10:00:00+08:00", "2026-02-28T11:00:00+08:00"]
    first = ZONE.parse(texts[0])
    assert [read(one) for one in [*texts, texts[0]]] == [first, None, first + 3600, first]
    with pytest.raises(TypeError):
        read(None)
    del read
    assert sys.getrefcount(usual) == holders
    with pytest.raises(TypeError):
        _lines.reader(None)


@pytest.mark.parametrize("last", ["e1", "e0", None])
def test_ids_rise_from_one_block_to_the_next(last) -> None:
    """the first id of a block has to be above the last of the one before, unless ids need not rise"""
    told = reading()._plain(PLAIN.encode(), last)  # noqa: SLF001 - what is inside is what is tested
    assert (told is None) == (last == "e1")
    assert last == "e1" or told[2:] == ("e3" if last else ["e1", "e10", "e2", "e3"], 4)


@pytest.mark.parametrize("way", ["events", "reader", "slotted"])
def test_the_module_is_the_one_that_is_asked(way) -> None:
    """an installation with the module uses it"""
    assert getattr(lines, way) is getattr(_lines, way)
