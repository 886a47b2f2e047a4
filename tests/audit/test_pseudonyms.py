"""Pseudonyms: the same for a person everywhere, nothing without the key, and no other decision than before."""

from __future__ import annotations

import hashlib
import hmac
import os
import stat
from pathlib import Path

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dutyrules import Engine, load_pack
from dutyrules.audit.key_files import is_open_to_others, new_key, read_key
from dutyrules.audit.masked_logs import mask
from dutyrules.audit.names import NameFinder
from dutyrules.audit.person_fields import PackWords
from dutyrules.audit.pseudonyms import Key, Pseudonyms, SamePseudonym, WeakKey
from dutyrules.calendars.zones import Zone
from dutyrules.events import EventError, decode_event
from dutyrules.log_files import JsonLines
from dutyrules.policies.load import load_packs
from dutyrules.testing.given import Unfit, log_of, with_parameters
from dutyrules.testing.scenario_files import load_scenarios
from dutyrules.testing.scenarios import pack_for

SECRET = bytes(range(32))
KEY = Key(SECRET)
POLICIES = Path(__file__).parents[2] / "policies"


@pytest.fixture(scope="module")
def clinic():
    """Load the clinic's pack."""
    return load_pack("clinic")


@pytest.fixture
def names(clinic):
    """Give pseudonyms for logs of the clinic."""
    return Pseudonyms(KEY, PackWords.of(clinic))


def event(pack, kind, subject=None, **data):
    """Return an event of a pack."""
    document = {"id": "e1", "type": kind, "time": "2026-01-15T12:00:00+08:00", "subject": subject, "data": data}
    return decode_event(document, pack.events, pack.timezone)


def masked(names, pack, *events):
    """Return events with their persons replaced, after all were seen."""
    names.learn(events, pack.events)
    return [names.event(one, pack.events) for one in events]


# --- keys -------------------------------------------------------------------------------------------------------------


def test_a_pseudonym_is_the_beginning_of_an_hmac():
    """ten digits of HMAC-SHA-256 over the person, after a text that says what it is for"""
    message = b"dutyrules pseudonym of a person\x00" + "王伟".encode()
    assert KEY.pseudonym("王伟") == "person-" + hmac.new(SECRET, message, hashlib.sha256).hexdigest()[:10]
    assert Key(SECRET, "人员").pseudonym("王伟").startswith("人员-")


@given(person=st.text(min_size=1), other=st.text(min_size=1))
def test_persons_keep_apart_and_keys_share_nothing(person, other):
    """a person has one pseudonym under a key, another person another, and another key gives another"""
    assert (KEY.pseudonym(person) == KEY.pseudonym(other)) == (person == other)
    assert KEY.pseudonym(person) != Key(SECRET[::-1]).pseudonym(person)


@pytest.mark.parametrize(
    ("secret", "word", "why"),
    [
        (SECRET[:31], "person", "31 bytes, fewer than 32"),
        (b"abcdefg" * 8, "person", "the same 7 bytes"),
        (SECRET, "per son", "no word"),
        (SECRET, "p-1", "no word"),
        (SECRET, "", "no word"),
    ],
)
def test_a_weak_key_is_refused(secret, word, why):
    """a key that is short or repeats itself, or a word that is none, is refused with the reason"""
    with pytest.raises(WeakKey, match=why):
        Key(secret, word)


def test_a_key_does_not_show_its_secret():
    """neither the text of a key nor its fingerprint says what the secret is"""
    assert SECRET.hex() not in repr(KEY)
    assert repr(SECRET) not in repr(KEY)
    assert KEY.fingerprint != Key(SECRET, "人员").fingerprint
    assert KEY.fingerprint not in KEY.pseudonym("li")


def test_a_new_key_is_its_owners_alone(tmp_path):
    """a key file is written once, readable by its owner only, and read back the same"""
    path = tmp_path / "key"
    key = new_key(path, "人员")
    assert read_key(path) == key
    assert len(key.secret) == 32
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert not is_open_to_others(path)
        path.chmod(0o640)
        assert is_open_to_others(path)
    with pytest.raises(FileExistsError):
        new_key(path)
    assert new_key(tmp_path / "other").secret != key.secret


@pytest.mark.parametrize(
    ("data", "secret"),
    [
        (SECRET, SECRET),
        (SECRET.hex().encode() + b"\n", SECRET.hex().encode()),
        (b"# mine\nkey: " + SECRET.hex().encode(), SECRET),
        (b"\xff\xfe" + SECRET, b"\xff\xfe" + SECRET),
    ],
)
def test_a_key_file_may_be_of_any_bytes(tmp_path, data, secret):
    """a file that holds no `key:` line is the secret itself, but for white space at its ends"""
    path = tmp_path / "key"
    path.write_bytes(data)
    assert read_key(path).secret == secret.strip()


@pytest.mark.parametrize(
    "data", [b"", b"short", b"key: 00ff", b"key: " + b"zz" * 32, b"\n" * 100, b"a" * 40, b"ab" * 40_000]
)
def test_a_weak_key_file_is_refused(tmp_path, data):
    """a file whose secret is short, plain, not hexadecimal or no key at all is refused"""
    path = tmp_path / "key"
    path.write_bytes(data)
    with pytest.raises(WeakKey):
        read_key(path)


def test_two_persons_never_share_a_pseudonym(clinic):
    """two persons whose pseudonyms are the same under a key are refused, and not taken for one"""
    twins = ("staff-1382", "staff-353246")  # found by trying
    assert KEY.pseudonym(twins[0]) == KEY.pseudonym(twins[1])
    names = Pseudonyms(KEY, PackWords.of(clinic))
    names.person(twins[0])
    with pytest.raises(SamePseudonym) as error:
        names.person(twins[1])
    assert error.value.persons == twins


# --- names in texts ---------------------------------------------------------------------------------------------------

FINDER = NameFinder(
    {
        "li": "P1",
        "li wei": "P2",
        "王伟": "P3",
        "李": "P4",
        "12": "P5",
        "o,k": "P6",
        "a/b": "P7",
        "x%y": "P8",
        "13800001111": "P9",
    }
)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("li", "P1"),
        ("li came late", "P1 came late"),
        ("seen by li.", "seen by P1."),
        ("lie, oli, li_1, LI", "lie, oli, li_1, LI"),
        ("li wei and li", "P2 and P1"),
        ("shift:li,2026-01-15,noon", "shift:P1,2026-01-15,noon"),
        (
            "clinic/4.1-fine/sanction/shift:li,2026-01-15,noon/li",
            "clinic/4.1-fine/sanction/shift:P1,2026-01-15,noon/P1",
        ),
        ("desk/1/breach/month:2026-01%2Fli/li", "desk/1/breach/month:2026-01%2FP1/P1"),
        ("li-2026-01-15-in", "P1-2026-01-15-in"),
        ("请王伟到岗", "请P3到岗"),
        ("找li谈话", "找P1谈话"),
        ("李", "P4"),
        ("李树", "李树"),
        ("duty:李,noon", "duty:P4,noon"),
        ("12", "P5"),
        ("12 rooms at 12:00, 2026-12", "12 rooms at 12:00, 2026-12"),
        ("08:12", "08:12"),
        ("shift:12,2026-01-12,noon", "shift:P5,2026-01-12,noon"),
        ("desk/1/breach/shift:12,2026-01-12/12", "desk/1/breach/shift:P5,2026-01-12/P5"),
        ("shift:o\\,k,2026-01-15", "shift:P6,2026-01-15"),
        ("desk/1/breach/shift:o\\,k,d/o,k", "desk/1/breach/shift:P6,d/P6"),
        ("desk/1/breach/event:e1/a%2Fb", "desk/1/breach/event:e1/P7"),
        ("desk/1/breach/event:e1/x%25y", "desk/1/breach/event:e1/P8"),
        ("call 13800001111.", "call P9."),
        ("113800001111", "113800001111"),
        ("", ""),
    ],
)
def test_a_name_is_found_where_it_stands_alone(text, found):
    """names are found as words, in Chinese anywhere, in keys and ids as these write them; numbers as a whole part"""
    assert FINDER.replace(text) == found


@given(text=st.text(alphabet="liwe王伟李12,:/%@# -_", max_size=30))
def test_what_is_no_name_stays(text):
    """text around names is kept as it is, and nothing is found in a text without names"""
    assert NameFinder({}).replace(text) == text
    marked = NameFinder({"li": "\x00li\x00", "王伟": "\x00王伟\x00"}).replace(text)
    assert marked.replace("\x00", "") == text


# --- events -----------------------------------------------------------------------------------------------------------


def test_every_kind_of_field_is_looked_into(clinic, names):
    """persons are replaced in subject, person fields, lists of persons, texts, nested values; offices and codes stay"""
    swap = event(clinic, "swap_requested", "li", counterpart="wan", approved_by="clinic_office", reason="li is ill")
    found = event(
        clinic, "finding", code="4.1-late", about="zhao", by="gao", place="office of zhao", extra=[{"who": "li"}]
    )
    signed = event(clinic, "handover_signed", outgoing="li", incoming="wan", signed_by=["li", "sun"])
    one, two, three = masked(names, clinic, swap, found, signed)
    hidden = {name: KEY.pseudonym(name) for name in ("li", "wan", "zhao", "gao", "sun")}
    assert one.subject == one.data["requester" if "requester" in one.data else "person"] == hidden["li"]
    assert one.data["counterpart"] == hidden["wan"]
    assert one.data["approved_by"] == "clinic_office"
    assert one.data["reason"] == f"{hidden['li']} is ill"
    assert (two.data["about"], two.data["by"]) == (hidden["zhao"], hidden["gao"])
    assert two.data["code"] == "4.1-late"
    assert two.data["place"] == f"office of {hidden['zhao']}"
    assert two.data["extra"] == ({"who": hidden["li"]},)
    assert three.data["signed_by"] == (hidden["li"], hidden["sun"])
    assert names.known == hidden


def test_an_event_keeps_all_that_names_nobody(clinic, names):
    """id, type, time and every value that is no name are those of the event as it was"""
    before = event(clinic, "check_in", "li", duty_date="2026-01-15", period="noon")
    [after] = masked(names, clinic, before)
    pseudonym = KEY.pseudonym("li")
    assert after == attrs.evolve(before, subject=pseudonym, data={**before.data, "person": pseudonym})
    assert after.time_text == before.time_text


def test_a_name_in_an_id_and_what_points_at_it_change_alike(clinic, names):
    """an event's id that holds a name is changed, and so is what names that event"""
    first = attrs.evolve(event(clinic, "check_in", "li"), id="li-2026-01-15")
    ruling = event(clinic, "ruling", about="li-2026-01-15", by="gao", amount_cny=20)
    one, two = masked(names, clinic, first, ruling)
    assert one.id == two.data["about"] == f"{KEY.pseudonym('li')}-2026-01-15"


def test_a_word_of_the_pack_is_nobodys_name(names):
    """offices, also those that are formed from a department, and words that rules compare with stay"""
    for word in ("clinic_office", "payroll", "head-nursing", "noon", "hospital_leader"):
        assert names.person(word) == names.text(word) == word
    assert names.known == {}


def test_pseudonyms_are_not_hidden_again(names):
    """a pseudonym given for a person is taken for that person"""
    pseudonym = names.person("li")
    assert names.person(pseudonym) == names.text(pseudonym) == pseudonym


# --- logs -------------------------------------------------------------------------------------------------------------


def test_lines_that_hold_no_event_lose_their_words(clinic, tmp_path):
    """a refused line is refused for the same reason, in words that name nobody"""
    log = tmp_path / "log.jsonl"
    log.write_text(
        '{"id":"1","type":"check_in","time":"2026-01-15T12:00:00+08:00","subject":"li"}\n'
        '{"id":"2","type":"zhao was here","time":"2026-01-15T12:00:00+08:00"}\n'
        '{"id":"3","type":"check_in","time":"when zhao came","subject":"li"}\n'
        '{"id":"4","type":"check_in","time":"2026-01-15T12:00:00+08:00","data":{"person":5}}\n'
        "no JSON, says zhao\n",
        "utf-8",
    )
    [file] = mask([JsonLines(log)], KEY, clinic)
    rows = list(file.rows())
    faults = [row.source for row in rows if isinstance(row.source, EventError)]
    plain = [fault.code for fault in _faults(JsonLines(log), clinic)]
    assert [fault.code for fault in faults] == plain
    assert [row.number for row in rows] == [1, 2, 3, 4, 5]
    assert not any("zhao" in f"{fault.reason} {fault.hint}" for fault in faults)
    assert "`person`" in faults[2].reason


def _faults(file, pack):
    for row in file.rows():
        try:
            decode_event(row.source, pack.events, pack.timezone)
        except EventError as error:
            yield error


def test_a_name_that_comes_later_is_known_from_the_beginning(clinic, tmp_path):
    """a text is read with all persons of all logs in mind, whichever comes first"""
    first, second = tmp_path / "1.jsonl", tmp_path / "2.jsonl"
    first.write_text(
        '{"id":"1","type":"ruling","time":"2026-01-15T12:00:00+08:00","data":{"about":"shift:zhao,2026-01-14,noon","by":"gao"}}\n'
    )
    second.write_text('{"id":"2","type":"check_in","time":"2026-01-16T12:00:00+08:00","subject":"zhao"}\n')
    files = mask([JsonLines(first), JsonLines(second)], KEY, clinic)
    [row] = files[0].rows()
    assert b"zhao" not in row.source
    assert f"shift:{KEY.pseudonym('zhao')},2026-01-14,noon".encode() in row.source


SCENARIOS = ["callcenter", "clinic", "property/keys", "property/takeover", "school"]


@pytest.mark.parametrize("name", SCENARIOS)
def test_no_decision_changes(name):
    """scenarios of the shipped packs come to the same outcomes, status by status and sum by sum, under a key"""
    packs = load_packs(name)
    words = {pack.prefix: PackWords.of(pack) for pack in packs}
    compared = 0
    for scenario in load_scenarios(POLICIES / "tests" / f"{name.replace('/', '_')}.yaml"):
        pack = pack_for(scenario, packs)
        try:
            pack = with_parameters(pack, scenario)
            log = log_of(scenario, pack)
        except Unfit:
            continue
        names = Pseudonyms(KEY, words[pack.prefix])
        hidden = masked(names, pack, *log.events)
        plain, under = _run(pack, log.events, log.carries, scenario), _run(pack, hidden, log.carries, scenario)
        assert sorted((names.text(name), names.text(person), *rest) for name, person, *rest in plain) == sorted(under)
        texts = " ".join(str(one) for one in under)
        assert not [name for name in names.known if NameFinder({name: "\x00"}).replace(texts) != texts]
        compared += len(under)
    assert compared > 0


def _run(pack, events, carries, scenario):
    engine = Engine(pack, carries=carries)
    engine.feed_all(events)
    engine.advance(scenario.as_of if scenario.as_of is not None else max(one.time for one in events) + 86_400)
    found = [
        (one.id, one.person or "", one.kind, one.status, one.time, str(getattr(one, "amount", None)))
        for one in engine.outcomes().values()
    ]
    return [*found, *(("", "", one.code, "", "", "") for one in engine.set_aside)]


def test_the_zone_is_that_of_the_pack(clinic, tmp_path):
    """a masked log reads times as its pack does"""
    log = tmp_path / "log.jsonl"
    log.write_text('{"id":"1","type":"check_in","time":"2026-01-15T12:00:00+08:00","subject":"li"}\n')
    [file] = mask([JsonLines(log)], KEY, clinic)
    assert file.zone == Zone(clinic.timezone)
    assert file.name == str(log)
