"""The page about the vocabulary says what the packs say, and leaves nothing out."""

from __future__ import annotations

import re

import pytest
from typer.testing import CliRunner

from dutyrules.cli.app import app
from dutyrules.policies.event_readers import event_readers
from dutyrules.policies.load import check_text, known_packs, load_packs
from dutyrules.vocabulary import event_aliases, load_vocabulary
from dutyrules.vocabulary.page import vocabulary_page

PACK = """
pack: demo
title: {en: Demo, zh: 示例}
roles: {desk: {en: desk, zh: 前台}}
records:
  complaint: {key: complaint_id, opens: complaint_received, closes: complaint_replied}
  call: {key: call_id, opens: standby_call, links: {complaint: latest complaint of call_id}}
counts: {lates: {of: check_in, per: person, in: month}}
values: {twice: lates * 2}
rules:
  a: {kind: prohibition, says: {en: a, zh: a}, when: check_out, if: twice > 2}
  b: {kind: sanction, says: {en: b, zh: b}, when: breach of a, fine: {from: 1, to: 2, decided_by: desk}}
  c: {kind: prohibition, says: {en: c, zh: c}, about: call, when: end of call, who: desk}
  d: {kind: prohibition, says: {en: d, zh: d}}
  e: {kind: obligation, says: {en: e, zh: e}, when: standby_call, who: desk, promptly: soon, until: callback}
"""


@pytest.fixture(scope="module")
def packs():
    """Return every pack that ships."""
    return [pack for name in sorted(known_packs()) for pack in load_packs(name)]


def test_a_rule_reads_what_it_rests_on():
    """a rule reads events by itself and through records, links, counts and formulas, findings and rulings among them"""
    [pack] = check_text(PACK).packs
    assert event_readers(pack) == {
        "callback": ("e",),
        "check_in": ("a",),
        "check_out": ("a",),
        "complaint_received": ("c",),
        "complaint_replied": ("c",),
        "finding": ("d", "e"),
        "ruling": ("b",),
        "standby_call": ("c", "e"),
    }


def test_the_page_is_up_to_date(repository, packs):
    """the page in the docs is the one that the packs of today give"""
    page = (repository / "docs" / "vocabulary.md").read_text("utf-8")
    assert page == vocabulary_page(packs), "run `dutyrules vocabulary --out docs/vocabulary.md`"


def test_the_page_names_every_type_and_field(packs):
    """each type of the vocabulary and of the packs has a section with all of its fields and other names"""
    sections = dict(re.findall(r"^## (\w+)\n(.*?)(?=^## |\Z)", vocabulary_page(packs), re.MULTILINE | re.DOTALL))
    kinds = {**load_vocabulary(), **{name: kind for pack in packs for name, kind in pack.events.items()}}
    assert sections.keys() == kinds.keys()
    for name, kind in load_vocabulary().items():
        assert [field for field in kind.fields if f"`{field}` (" not in sections[name]] == []
    assert [other for other, name in event_aliases().items() if f"`{other}`" not in sections[name]] == []


def test_one_pack_alone():
    """with `--pack` only the types that its rules read are printed"""
    result = CliRunner().invoke(app, ["vocabulary", "--pack", "school/gate"])
    assert result.exit_code == 0
    printed = set(re.findall(r"^## (\w+)$", result.stdout, re.MULTILINE))
    [pack] = load_packs("school/gate")
    assert printed == event_readers(pack).keys()
