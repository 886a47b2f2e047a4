"""What single rules sound like, in both languages; each stands here as a policy author would write it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dutyrules.handbook.rules import Rules
from dutyrules.handbook.text import plain
from dutyrules.handbook.words import Words
from dutyrules.policies.diagnostics import Diagnostics
from dutyrules.policies.load import load_pack
from dutyrules.policies.shapes import plain as plain_data
from dutyrules.policies.yaml_source import read_yaml
from handbook.reading import lines, pack_of

[ROOT_NODE] = read_yaml(Path(__file__).with_name("sentences.yaml").read_text("utf-8"), "sentences.yaml", Diagnostics())
DOCUMENT = plain_data(ROOT_NODE)
BASE, CASES = DOCUMENT["base"], DOCUMENT["cases"]


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("case", CASES)
def test_a_rule_reads_as_plain_words(case, language):
    """kind, trigger, conditions, clock and consequence of a rule make one sentence, with lists below it"""
    pack = pack_of(f"{BASE}  x: {json.dumps(CASES[case]['rule'], default=str)}\n")
    entry = Rules(Words(pack, language)).entry(pack.rules["x"])
    said = [entry.sentence, *lines(entry.items), *lines(entry.notes)]
    assert [plain(one) for one in said] == CASES[case][language]


OVERLAYS = {
    "a parameter": ("parameters: {duty_fine: 30}", "fine", "50 元", "30 元"),
    "a dated parameter": ("parameters: {duty_fine: {2026-01-01: 60}}", "fine", "50 元", "自2026-01-01起60 元"),
    "a limit's operator": ("rules: {late: {if: time >= shift.start}}", "late", "晚于", "不早于"),
    "a deadline": ("rules: {reply: {within: 3 working days}}", "reply", "2 小时", "3 个工作日"),
    "a bearer": ("rules: {reply: {who: payroll}}", "reply", "值班领导", "财务"),
    "an exception": ("rules: {late: {unless: excused}}", "late", "。", "符合 excused"),
    "an act": ("rules: {reply: {until: customer_contacted}}", "reply", "回复投诉人", "联系客户"),
    "a consequence": ("rules: {fine: {fine: , deduct: 50}}", "fine", "罚款 50 元", "扣款 50 元"),
}


@pytest.mark.parametrize("what", OVERLAYS)
def test_an_overlay_changes_the_sentence(tmp_path, what):
    """what an organisation changes in an overlay stands in its own handbook, and no longer what it replaced"""
    overlay, rule, before, after = OVERLAYS[what]
    more = "  fine: {kind: sanction, when: breach of late, fine: duty_fine}\n"
    more += "  reply: {kind: obligation, about: complaint, when: complaint_received, who: leader, within: 2h, "
    more += "until: complaint_replied}\n"
    (tmp_path / "base.yaml").write_text(BASE + more, "utf-8")
    (tmp_path / "own.yaml").write_text(f"extends: base.yaml\n{overlay}\n", "utf-8")
    said = [_said(tmp_path / name, rule) for name in ("base.yaml", "own.yaml")]
    assert before in said[0]
    assert after not in said[0]
    assert after in said[1]
    assert said[0] != said[1]


def _said(path, rule):
    pack = load_pack(path)
    entry = Rules(Words(pack, "zh")).entry(pack.rules[rule])
    return plain("\n".join((entry.sentence, *lines(entry.items))))
