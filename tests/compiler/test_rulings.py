"""Rulings: one that answers nothing is set aside by both, and an answer is left to the engine."""

from __future__ import annotations

import json

import pytest
from hypothesis import given

from dutyrules.policies.load import load_pack

from .agreement import Both
from .test_bench_pack import DICE, examples

PACK = """
pack: losses
language: 1
timezone: Asia/Shanghai
currency: CNY
log: {carries: all}
roles: {principal: the principal}
events:
  lost:   {fields: {person: person, item: text}}
  broken: {fields: {person: person, item: text}}
records:
  item: {key: item, opens: lost}
rules:
  1-pay:
    kind: sanction
    about: item
    when: lost
    compensate: {decided_by: principal}
  2-counts:
    kind: definition
    when: finding where code == '1-pay' and known(person)
    counts_as: broken
    with: {person: person, item: "'x'"}
  3-pay:
    kind: sanction
    when: broken
    compensate: {decided_by: principal}
"""
LINE = '{"id":"e%02d","type":"%s","time":"2026-03-01T08:%02d:00+08:00","subject":"%s","data":%s}'
DECIDED = [{}, {"impose": True}, {"impose": False}, {"amount_cny": 0}, {"amount_cny": 50, "norm": "3-pay"}]


@pytest.fixture
def both(tmp_path) -> Both:
    """Return the pack as a program, and by the engine."""
    (tmp_path / "losses.yaml").write_text(PACK, encoding="utf-8")
    return Both(load_pack(str(tmp_path / "losses.yaml")), tmp_path)


def lines(*events: tuple[str, int, str, dict]) -> list[bytes]:
    """Return the lines of events: the type, the minute, whose it is, and what it says."""
    return [
        (LINE % (number, kind, minute, one, json.dumps(data, separators=(",", ":")))).encode()
        for number, (kind, minute, one, data) in enumerate(events)
    ]


def test_rulings_come_out_alike(both) -> None:
    """every outcome and all that is set aside is the same, whatever rulings name, and many logs are decided"""

    @examples(60)
    @given(DICE)
    def run(random) -> None:
        minute, events = 0, []
        for number in range(random.randint(2, 6)):
            minute += random.choice((0, 1, 5))
            who = random.choice(("li", "wan"))
            item, before = random.choice(("a", "b")), f"e{random.randrange(number + 2):02}"
            deemed = f"2-counts/{before}"
            asked = [f"losses/1-pay/sanction/item:{item}/li", f"losses/3-pay/sanction/event:{before}/li"]
            names = (before, f"event:{before}", deemed, f"event:{deemed}", *asked, item, "li", "else", None)
            about = random.choice(names)
            said = random.choice(DECIDED) | ({} if about is None else {"about": about})
            ruling = ("ruling", minute, "principal", said)
            found = ("finding", minute, who, {"code": "1-pay", "person": who})
            lost = ("lost", minute, who, {"item": f"{item}{number if random.randint(0, 2) else ''}"})
            events.append(random.choice((lost, ("broken", minute, who, {}), found, ruling, ruling)))
        both.check(lines(*events))

    run()
    both.tally.assert_most(0.4)
    assert both.tally.left["ruling"]


@pytest.mark.parametrize("names", ["e00", "event:e00", "losses/3-pay/sanction/event:e00/li"])
def test_an_answer_is_left_to_the_engine(names, both) -> None:
    """whatever name of a question a ruling gives, and so is one that comes before its question"""
    asked, answer = ("broken", 1, "li", {}), ("ruling", 2, "principal", {"about": names, "impose": False})
    assert not both.check(lines(asked, answer))
    assert both.check(lines(asked, ("ruling", 2, "principal", {"about": "e09", "impose": False})))
    early = ("ruling", 1, "principal", {"about": names.replace("e00", "e01"), "impose": False})
    assert not both.check(lines(early, asked))


def test_people_who_are_looked_at_apart_have_their_rulings_left_to_the_engine(tmp_path) -> None:
    """no process knows what has been asked of the people of another"""
    own = PACK.replace("key: item", "key: [person, item]")
    (tmp_path / "losses.yaml").write_text(own, encoding="utf-8")
    both = Both(load_pack(str(tmp_path / "losses.yaml")), tmp_path)
    assert both.program.LOCAL
    assert not both.check(lines(("ruling", 1, "principal", {"about": "e09", "impose": False})))
