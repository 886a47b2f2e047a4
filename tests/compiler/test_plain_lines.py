"""The module in C that looks at plain lines, against regular expressions, `json` and the zone's own rules."""

from __future__ import annotations

import datetime as dt
import json
import re
import sys

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dutyrules.calendars.errors import CalendarError
from dutyrules.calendars.zones import Zone
from dutyrules.compiler import _lines, lines
from dutyrules.compiler.sharing import Owners
from dutyrules.compiler.stream import Clock

TEXT = r'"[^"\\\x00-\x1f]*"'
VALUE = rf"(?:{TEXT}|true|false|0|-?[1-9][0-9]{{0,14}})"
DATA = rf"\{{(?:{TEXT}:{VALUE}(?:,{TEXT}:{VALUE}){{0,63}})?\}}"
MEMBER = rf'(?:"(?:id|type|time|subject)":{TEXT}|"data":{DATA})'
LINE = re.compile(rf"\{{{MEMBER}(?:,{MEMBER})*\}}")
TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\+08:00", re.ASCII)
ZONE = Zone("Asia/Shanghai")
CLOCK = Clock("Asia/Shanghai", 28_800, "1991-10-01", "2100-01-01")
PERSONS = {"check_in": "person", "finding": None}
PLAIN = (
    '{"id":"e1","type":"check_in","time":"2026-02-28T23:59:59+08:00","subject":"林","data":{"shift":"s,1","days":10}}\n'
    '{"data":{},"time":"2024-02-29T00:00:00+08:00","type":"finding","id":"e10"}\n'
    '{"id":"e2","type":"check_in","time":"2099-12-31T12:00:00+08:00","data":{"person":"bo","a":true,"b":-7,"c":0}}\n'
)
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


def read(block):
    """Return the events of a block of plain lines, None if it is none."""
    try:
        texts = block.decode().removesuffix("\n").split("\n")
        assert block.endswith(b"\n")
        assert all(map(LINE.fullmatch, texts))
        events = [json.loads(text, object_pairs_hook=Said) for text in texts]
        assert all({"id", "type", "time", "data"} <= event.keys() for event in events)
        assert ["", *(event["id"] for event in events)] == sorted({"", *(event["id"] for event in events)})
    except (AssertionError, UnicodeDecodeError):
        return None
    return events


def happened(events):
    """Return when they happened, None unless all times are in the zone's own form and all subjects say something."""
    try:
        assert all(TIME.fullmatch(event["time"]) for event in events)
        assert all("1991-10-01" < event["time"][:10] < "2100-01-01" for event in events)
        assert all(event.get("subject", "-").strip() for event in events)
        return [ZONE.parse(event["time"]) for event in events]
    except (AssertionError, CalendarError):
        return None


@st.composite
def blocks(draw):
    """Return plain lines with some pieces put in, or in place of what stood there."""
    text = PLAIN
    for _ in range(draw(st.integers(0, 3))):
        begin = draw(st.integers(0, len(text)))
        end = begin + draw(st.sampled_from((0, 0, 1, 2, 9)))
        text = text[:begin] + draw(st.sampled_from(PIECES)) + text[end:]
    return text.encode()


@given(blocks())
@settings(max_examples=1500)
@example(PLAIN.encode())
@example(b"")
@example(PLAIN.encode().replace("林".encode(), b"\xff"))
@example(PLAIN.encode().replace(b'"e2"', b'"e\xff"'))
@example(PLAIN.encode()[:-1])
@example(PLAIN.replace('"a":true', ",".join(f'"a{number}":1' for number in range(64))).encode())
@example(PLAIN.replace("-7", "-" + "9" * 15).encode())
@example(PLAIN.replace("-7", "-" + "9" * 16).encode())
def test_nothing_is_plain_but_what_reads_so(block) -> None:
    """a block is found plain exactly if it is, and its events happened when the zone says so"""
    events = read(block)
    told = _lines.instants(block, "", CLOCK.usual)
    if told is not None:
        assert events is not None or is_no_text(block)
    if events is not None:
        expected = happened(events)
        assert told == expected or (told is None and not all(map(begins_plainly, events)))
    parts = _lines.shares(block, "", PERSONS, 2)
    if events is None or not all(has_owner(event) for event in events):
        assert parts is None or is_no_text(block)
    else:
        owners = Owners(2)
        expected = [b"", b""]
        for event, line in zip(events, block.splitlines(keepends=True), strict=True):
            named = event["data"].get(PERSONS[event["type"]] or "") or event.get("subject")
            expected[owners[named]] += line
        assert parts == (expected, events[-1]["id"])


def is_no_text(block):
    """Tell whether some text is left to the decoder to refuse."""
    try:
        block.decode()
    except UnicodeDecodeError:
        return True
    return False


def begins_plainly(event):
    """Tell whether a subject begins with a letter of which the module knows that it is no space."""
    first = event.get("subject", "a")[:1]
    return "\x20" < first < "\x7f" or first >= "\u4000"


def has_owner(event):
    """Tell whether it can be told whose an event is."""
    kind = event["type"]
    return kind in PERSONS and isinstance(event["data"].get(PERSONS[kind] or "", ""), str)


ALMOST = {
    "a key twice": ('"a":true', '"b":true'),
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
    "an escape": ("s,1", "s\\\\1"),
}


@pytest.mark.parametrize("change", ALMOST.values(), ids=ALMOST)
def test_what_is_almost_plain_is_not(change) -> None:
    """one thing that is not as in the plain form, or not known to be well, leaves a block to the general way"""
    block = PLAIN.replace(*change, 1).encode()
    assert block != PLAIN.encode()
    assert _lines.instants(block, "", CLOCK.usual) is None


@pytest.mark.parametrize("change", [('"bo"', "7"), ('"check_in"', '"parade"')])
def test_nobody_is_guessed_to_be_the_owner(change) -> None:
    """a person that is no text, or an event of an unknown type, leaves a block to the general way"""
    block = PLAIN.replace(*change).encode()
    assert _lines.instants(block, "", CLOCK.usual) is not None
    assert _lines.shares(block, "", PERSONS, 2) is None


def test_every_day_is_told_as_by_the_zone() -> None:
    """the first second of each day of the years 1992 to 2099"""
    for year in range(1992, 2100):
        days = [f"{dt.date(year, 1, 1) + dt.timedelta(days=at)}" for at in range(366 if year % 4 == 0 else 365)]
        block = "".join(
            f'{{"id":"{day}","type":"finding","time":"{day}T00:00:00+08:00","data":{{}}}}\n' for day in days
        )
        first = ZONE.parse(f"{year}-01-01T00:00:00+08:00")
        assert _lines.instants(block.encode(), "", CLOCK.usual) == [first + 86_400 * at for at in range(len(days))]


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
    assert (_lines.instants(PLAIN.encode(), last, CLOCK.usual) is None) == (last == "e1")


@pytest.mark.parametrize("way", ["instants", "reader", "shares"])
def test_the_module_is_the_one_that_is_asked(way) -> None:
    """an installation with the module uses it"""
    assert getattr(lines, way) is getattr(_lines, way)
