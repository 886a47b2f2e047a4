"""`true` and 1, `false` and 0 are different constants, whichever a pack names first."""

from __future__ import annotations

import pytest

from dutyrules.engine import Engine
from dutyrules.policies.load import check_text
from dutyrules.policies.syntax import Literal

PACK = """pack: t
title: {en: t, zh: t}
log: {carries: all}
events:
  done: {fields: {person: person, level: int, ok: bool}}
rules:
"""
FLAGS = {
    "yes": "  yes: {kind: prohibition, says: {en: x, zh: x}, when: done, if: ok == true}\n",
    "no": "  no: {kind: prohibition, says: {en: x, zh: x}, when: done, if: ok == false}\n",
}
FIGURES = {
    "above": "  above: {kind: prohibition, says: {en: x, zh: x}, when: done, if: level > -1}\n",
    "sum": "  sum: {kind: prohibition, says: {en: x, zh: x}, when: done, if: level + 0 > 1}\n",
    "fine": "  fine: {kind: sanction, says: {en: x, zh: x}, when: done, fine: level + 1}\n",
}


@pytest.mark.parametrize(("flag", "figure"), [("yes", "above"), ("no", "sum"), ("yes", "fine")])
def test_a_flag_is_no_figure_in_whichever_order(flag, figure):
    """a rule that names `true` or `false` changes nothing for a rule that reckons with 1 or 0, before or after it"""
    one, other = (_outcomes(rules) for rules in (FLAGS[flag] + FIGURES[figure], FIGURES[figure] + FLAGS[flag]))
    assert one == other
    assert figure in {rule for rule, _kind, _status in one}
    assert not any(kind == "referral" for _, kind, _ in one)


def test_literals_are_compared_by_kind_and_value():
    """equal figures are one literal, a figure and a flag are two"""
    assert Literal(1) == Literal(1)
    assert hash(Literal(1)) == hash(Literal(1))
    assert Literal(1) != Literal(value=True)
    assert Literal(0) != Literal(value=False)


def _outcomes(rules: str) -> set[tuple[str, str, str]]:
    checked = check_text(PACK + rules)
    assert not [fault for fault in checked.diagnostics if fault.is_error], checked.diagnostics
    told = Engine(checked.packs[0]).feed(
        {
            "id": "e",
            "type": "done",
            "time": "2022-01-09T12:00:00+08:00",
            "data": {"person": "p", "level": 3, "ok": True},
        }
    )
    return {(made.rule, str(made.kind), str(made.status)) for made in told}
