"""Texts of the pack itself that come into keys, and so into ids: escaped as those of a log are."""

from __future__ import annotations

import json

import pytest

from dutyrules.policies.load import load_pack

from .agreement import Both

PACK = """
pack: texts
title: {{en: Texts, zh: 文字}}
timezone: Asia/Shanghai
log: {{carries: all}}
events:
  rang:  {{fields: {{person: person, call: {{type: text{default}}}}}}}
  taken: {{fields: {{person: person, call: {{type: text{default}}}}}}}
  seen:  {{fields: {{person: person}}}}
parameters:
  usual: {{type: text, value: {usual}}}
records:
  call: {{key: [person, call], opens: rang, keep: 60 days}}
rules:
  0-as:
    kind: definition
    when: seen
    counts_as: rang
    with: {{person: person, call: {call}}}
  1-answer:
    kind: obligation
    says: {{en: A call is answered within the minute., zh: 一分钟内接听。}}
    about: call
    when: rang
    within: 1 minutes
    until: taken
"""
SAID = ("a/b", "a%b", 'a"b', "a\\b", "a,b", "ab")


def line(number: int, kind: str, person: str) -> bytes:
    """Return an event that says nothing but whose it is."""
    clock = f"2026-01-05T08:{number // 60:02}:{number % 60:02}+08:00"
    return f'{{"id":"e{number:04}","type":"{kind}","time":"{clock}","subject":"{person}"}}'.encode()


CASES = [(place, said) for place in ("default", "constant", "parameter") for said in SAID]
CASES.remove(("constant", "a\\b"))  # a constant holds no backslash


@pytest.mark.parametrize(("place", "said"), CASES)
def test_a_text_of_the_pack_is_escaped(place, said, tmp_path) -> None:
    """a default, a constant and a parameter come into a key as they do in the engine"""
    path = tmp_path / "pack.yaml"
    default = f", default: {json.dumps(said)}" if place == "default" else ""
    call = json.dumps(f"'{said}'") if place == "constant" else "usual"
    usual = json.dumps(said if place == "parameter" else "usual")
    path.write_text(PACK.format(default=default, call=call, usual=usual), "utf-8")
    both = Both(load_pack(path), tmp_path)
    kind = "rang" if place == "default" else "seen"
    assert both.check([line(0, kind, "ann"), line(100, kind, "bo"), line(300, kind, "eve")], 600)
    assert both.tally.made["1-answer", "obligation", "breached"] >= 2
