"""Loading packs: by path, by name, from other distributions; and that no file whatever breaks the loader."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dutyrules.policies.diagnostics import render_text
from dutyrules.policies.load import (
    PackError,
    check_pack,
    check_packs,
    check_text,
    known_packs,
    load_pack,
    load_packs,
)
from dutyrules.policies.model import Kind

SMALL = "pack: small\nrules: {a: {kind: advice, says: {en: Be kind., zh: 待人和善。}}}\n"


def test_a_shipped_pack_is_loaded_by_name():
    """`load_pack` takes the name of a shipped pack"""
    pack = load_pack("clinic")
    assert (pack.name, Kind.SANCTION in {rule.kind for rule in pack.rules.values()}) == ("clinic", True)
    assert "clinic" in known_packs()


def test_the_shipped_packs_have_no_fault_and_all_their_words():
    """every pack that ships loads, and says everything in both languages"""
    for name in known_packs():
        checked = check_packs(name)
        assert not checked.failed
        assert {each.code for each in checked.diagnostics} & {"DR701", "DR707", "DR708"} == set()


def test_a_file_is_loaded_by_path(tmp_path, monkeypatch):
    """a path may be a text or a `Path`, absolute or relative, with any ending"""
    for name in ("small.yaml", "small.yml", "small.txt"):
        (tmp_path / name).write_text(SMALL, "utf-8")
        assert load_pack(tmp_path / name).name == "small"
        assert load_pack(str(tmp_path / name)).file == str(tmp_path / name)
    monkeypatch.chdir(tmp_path)
    assert load_pack("small.yaml").file == "small.yaml"


def test_the_digest_is_that_of_the_text(tmp_path):
    """the same text gives the same digest wherever it lies, another text another one"""
    digests = []
    for name, text in (("a.yaml", SMALL), ("b.yaml", SMALL), ("c.yaml", SMALL + "# x\n")):
        (tmp_path / name).write_text(text, "utf-8")
        digests.append(load_pack(tmp_path / name).digest)
    assert digests[0] == digests[1] != digests[2]


@pytest.mark.parametrize(("name", "words"), [("clinc", "pack"), ("nowhere.yaml", "file"), (Path("nowhere"), "file")])
def test_what_is_not_there_is_told(name, words):
    """a name or path that leads to nothing is a fault with a suggestion"""
    with pytest.raises(PackError) as caught:
        load_pack(name)
    (fault,) = caught.value.diagnostics
    assert (fault.code, fault.message) == ("DR116", f"there is no {words} `{name}`")
    assert "clinic" in fault.help


def test_the_message_of_the_error_shows_line_and_caret(tmp_path):
    """the text of a `PackError` is what `dutyrules check` prints, without the remarks"""
    path = tmp_path / "bad.yaml"
    path.write_text("pack: bad\nrules:\n  a: {kind: prohibition, when: chek_in}\n", "utf-8")
    with pytest.raises(PackError) as caught:
        load_pack(path)
    assert str(caught.value) == (
        f"{path}:3:32 DR301 there is no event type `chek_in`\n"
        "    a: {kind: prohibition, when: chek_in}\n"
        "                                 ^^^^^^^\n"
        "  help: did you mean `check_in`\n\n"
    )
    assert caught.value.sources[str(path)].startswith("pack: bad")


def test_checking_raises_nothing(tmp_path):
    """`check_pack` gives the pack or None, and everything that is to be said"""
    path = tmp_path / "x.yaml"
    path.write_text("pack: x\nrules: {a: {kind: advice}}\n", "utf-8")
    pack, remarks = check_pack(path)
    assert (pack is not None, [each.code for each in remarks]) == (True, ["DR707"])
    path.write_text("pack: [x\n", "utf-8")
    pack, faults = check_pack(path)
    assert (pack, {each.code for each in faults}) == (None, {"DR101"})


def test_a_file_may_hold_several_packs(tmp_path):
    """a stream of documents is a list of packs, and one pack only where one is wanted"""
    path = tmp_path / "many.yaml"
    path.write_text("pack: one\nsection: a\n---\npack: one\nsection: b\n", "utf-8")
    assert [pack.prefix for pack in load_packs(path)] == ["one/a/", "one/b/"]
    with pytest.raises(PackError, match="DR117 the file holds 2 packs: `one/a`, `one/b`"):
        load_pack(path)
    assert check_pack(path)[0] is None


def test_one_faulty_pack_does_not_hide_the_faults_of_the_next(tmp_path):
    """every pack of a file is checked, and those without a fault are given"""
    path = tmp_path / "many.yaml"
    path.write_text("pack: one\ncurrency: x\n---\npack: two\n---\npack: three\ncurrency: y\n", "utf-8")
    checked = check_packs(path)
    assert ([pack.name for pack in checked.packs], [each.place.line for each in checked.diagnostics]) == (
        ["two"],
        [2, 7],
    )
    assert checked.failed
    with pytest.raises(PackError):
        load_packs(path)


def test_another_distribution_can_offer_packs(tmp_path, monkeypatch):
    """an entry point of the group `dutyrules.packs` that leads to a path makes a pack known"""
    folder = tmp_path / "site"
    info = folder / "demo_packs-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: demo-packs\nVersion: 1.0\n", "utf-8")
    (info / "entry_points.txt").write_text(
        "[dutyrules.packs]\ndemo_a = demo_packs:PATH\ndemo_b = demo_packs:resource\ndemo_c = demo_packs:missing\n",
        "utf-8",
    )
    (folder / "demo_packs").mkdir()
    (folder / "demo_packs" / "__init__.py").write_text(
        "from importlib.resources import files\nPATH = __path__[0] + '/demo.yaml'\n"
        "def resource():\n    return files(__package__) / 'demo.yaml'\n",
        "utf-8",
    )
    (folder / "demo_packs" / "demo.yaml").write_text("pack: demo\n---\npack: demo\nsection: gate\n", "utf-8")
    monkeypatch.syspath_prepend(folder)
    assert {"demo_a", "demo_b", "clinic"} <= set(known_packs())
    assert [pack.section for pack in load_packs("demo_a")] == [None, "gate"]
    assert load_pack("demo_b/gate").section == "gate"
    with pytest.raises(PackError, match="DR116"):
        load_pack("demo_c")
    with pytest.raises(PackError):
        load_pack("demo_a/nowhere")


@pytest.mark.parametrize("text", ["", "3", "[a, b]", "a", "---\n---\n", "pack:", "null"])
def test_what_is_no_pack_is_told(text):
    """a document that is no mapping, or is empty, is told"""
    checked = check_text(text)
    assert checked.failed
    assert checked.diagnostics


def test_a_huge_file_is_not_read_to_its_end():
    """a file without end is refused when the limit is reached"""
    endless = Path("/dev/zero")
    if not endless.exists():
        pytest.skip("there is no endless file here")
    assert {each.code for each in check_packs(endless).diagnostics} <= {"DR109", "DR113", "DR114", "DR101"}


def test_the_hardest_norms_load(shared):
    """all 98 rules of the hardest norms load as 8 packs"""
    packs = load_packs(shared / "language" / "hard.yaml")
    assert (len(packs), sum(len(pack.rules) for pack in packs)) == (8, 98)


def test_a_long_pack_with_many_faults_is_answered():
    """a pack of thousands of rules with a fault in each is answered, and all faults are told"""
    rules = "".join(f"  r{n}: {{kind: sanction, when: breach of p{n}, fine: 3}}\n" for n in range(2_000))
    checked = check_text("pack: long\nrules:\n" + rules)
    assert len([each for each in checked.diagnostics if each.is_error]) == 2_000


# --- whatever stands in a file ----------------------------------------------------------------------------------------

PACKS = [
    """
pack: one
roles: {payroll: {en: p, zh: p}}
parameters: {cap: {2024-01-01: 4}, seasons: {winter: 12-01 to 05-31, summer: 06-01 to 11-30}, sum: {type: money}}
shifts: {noon: {start: 12:00, end: {winter: 14:00, summer: 14:30}, check_in_from: 2h}}
hours: {office: {start: 08:00, end: 17:00, breaks: noon}}
records:
  shift: {key: [person, duty_date, period], opens: roster_assigned, dated: duty_date, spans: shift}
  off_post:
    {key: [person, duty_date, period], opens: post_left, closes: [post_resumed, end of shift], dated: duty_date}
  staff: {key: person, opens: staff_record}
  complaint: {key: complaint_id, opens: complaint_received, links: {off_post: latest off_post of about within 24h}}
counts:
  swaps: {of: swap_effected where kind == 'duty', per: {person: requester}, in: month of duty_date}
  lates: {of: breach of late, per: person, in: 1 year}
values: {least: {a: month.days - floor(month.days / 3), b: month.days, chosen_by: sum}}
rules:
  late: {kind: prohibition, about: shift, when: first check_in, if: time > shift.start, unless: rest}
  rest: {kind: permission, when: [rest_started, check_in], from: 20:30 on duty_date, if: shift.season == 'winter'}
  fine:
    kind: sanction
    when: breach of late
    if: lates >= 2
    fine: {from: 10, to: 50, decided_by: payroll, none_if: rest}
  tiers:
    kind: sanction
    every: month
    for_each: staff where role != 'leader'
    by_number: swaps - cap
    tiers:
      t1: {from: 1, to: 4, fine: 40 each}
      t2: {from: 5, withhold: performance_pay, excused_by: ruling where special_circumstances}
  pay:
    kind: obligation
    every: month
    who: payroll
    by: day 10 of next month
    until: allowance_paid where month == this.month
  choice: {kind: choice, of: [fine, absent], same: off_post, keep: heaviest}
  absent: {kind: sanction, about: off_post, when: post_left where reason == 'x', fine: 2% of sum}
""",
    """
pack: two
records: {workday: {key: [person, duty_date], opens: roster_assigned, closes: end of duty_date, dated: duty_date}}
counts: {run: {of: breach of absent, per: person, streak_of: workday}}
ladders:
  l:
    per: person
    steps: [oral, written]
    repeat: {same: class, raise: 1, cap: written, at_cap: review}
    accumulate: {three: {of: oral, reaches: 3, within: 1 year, gives: written}}
rules:
  absent: {kind: prohibition, about: workday, when: end of workday, excused_by: leave_decided where granted}
  step: {kind: sanction, when: breach of absent, if: run > 2, step: oral, class: absence}
  answer:
    kind: obligation
    when: complaint_received
    who: received_by
    within: 2 working days of date
    until: complaint_replied
    moved_by: {when: reply_time_agreed, to: agreed_until}
    waived_by: complaint_classified where class != 'valid'
  again: {kind: definition, when: complaint_replied, counts_as: complaint_received, with: {complaint_id: new}}
""",
]
WORDS = [
    *sorted({word for text in PACKS for word in re.findall(r"[\w.'-]+", text)}),
    *("{", "}", "[", "]", "(", ")", ",", "where", "==", "**", "lambda", "__class__", "''", "null", "~", "5", "true"),
    *(
        "breach of",
        "end of",
        "% of",
        "each",
        "on",
        "after",
        "\n",
        "  ",
        "- ",
        "&a",
        "*a",
        "!!x",
        "no",
        "22:30",
        "\u202e",
    ),
]


@pytest.mark.parametrize("text", PACKS)
def test_the_packs_of_this_test_load(text):
    """the packs that the next test spoils are sound"""
    assert check_text(text).packs


@st.composite
def spoiled(draw):
    """Draw a pack in which a few words were changed, added or taken away."""
    text = draw(st.sampled_from(PACKS))
    for _ in range(draw(st.integers(1, 4))):
        spans = [match.span() for match in re.finditer(r"[\w.'-]+|[^\s\w]", text)]
        start, end = draw(st.sampled_from(spans))
        word = draw(st.sampled_from(WORDS))
        kept = draw(st.sampled_from(["", text[start:end], text[start:end] + " "]))
        text = text[:start] + kept + word + text[end:]
    return text


@settings(max_examples=150)
@given(spoiled())
def test_a_spoiled_pack_loads_or_is_told_what_is_wrong(text):
    """whatever is changed in a pack, it loads or has at least one error, each at a place of the file"""
    checked = check_text(text)
    errors = [each for each in checked.diagnostics if each.is_error]
    assert bool(checked.packs) != bool(errors) or checked.wanted > 1
    lines = text.splitlines()
    for each in errors:
        assert 1 <= each.place.line <= len(lines) + 1
    render_text(checked.diagnostics, checked.sources)
