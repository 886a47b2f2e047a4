"""The reference interpreter by itself gives what the worked examples of the hardest norms expect."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from pathlib import Path

import pytest
import yaml

from dutyrules.events import decode_event
from dutyrules.policies.load import load_packs

from . import history, outcomes
from .days import iso

EXAMPLES = Path(__file__).with_name("worked_examples.yaml")
HARD = Path(__file__).parents[1] / "language" / "hard.yaml"


@lru_cache
def packs() -> dict:
    """Return the packs of the hardest norms by name."""
    return {pack.prefix.rstrip("/"): pack for pack in load_packs(HARD)}


def examples() -> list:
    """Return the worked examples of the file beside this one."""
    text = EXAMPLES.read_text(encoding="utf-8")
    return yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506 - the base loader makes nothing but texts, lists and mappings


def value(text: str):
    """Return what a plain word of an example means: true, false, a whole number or the text."""
    if text in ("true", "false"):
        return text == "true"
    return int(text) if text.isdecimal() else text


def log_of(pack, entries: list) -> list:
    """Return the events of an example; `{n}` in an entry with `times` counts from 1."""
    events = []
    for entry in entries:
        for number in range(1, int(entry.get("times", 1)) + 1):
            fields = {
                name: value(text.replace("{nn}", f"{number:02}").replace("{n}", str(number)))
                if isinstance(text, str)
                else text
                for name, text in entry.items()
                if name != "times"
            }
            time, kind = fields.pop("at"), fields.pop("type")
            document = {
                "specversion": "1.0",
                "source": "test",
                "id": f"e{len(events):02}",
                "type": kind,
                "time": f"{time}+08:00",
                "data": fields,
            }
            events.append(decode_event(document, pack.events, pack.timezone))
    return events


def instant(text: str) -> int:
    """Return the instant of a time in the zone of the packs."""
    return int(dt.datetime.fromisoformat(f"{text}+08:00").timestamp())


def found(standing: dict, rules: set[str], names: list[str]) -> list[dict]:
    """Return the outcomes of some rules with the fields that an example names, in order."""
    made = [each for each in standing.values() if each["rule"] in rules]
    shown = [{name: str(each[name]) for name in names if name in each} for each in made]
    return sorted(shown, key=str)


@pytest.mark.parametrize("example", examples(), ids=lambda example: example["id"])
def test_a_worked_example_comes_out(example: dict) -> None:
    """the outcomes of the rules that an example names are exactly those that it expects"""
    pack = packs()[example["pack"]]
    carries = dict.fromkeys(example["carries"], dt.date.min) if "carries" in example else "all"
    standing = outcomes(pack, log_of(pack, example["log"]), instant(example["as_of"]), carries)
    rules = set(example["rules"])
    names = sorted({name for wanted in example["expect"] for name in wanted} | {"rule", "kind"})
    wanted = sorted(({name: each[name] for name in names if name in each} for each in example["expect"]), key=str)
    kinds = {each["kind"] for each in example["expect"]} if example["expect"] else None
    made = [each for each in found(standing, rules, names) if kinds is None or each["kind"] in kinds]
    assert made == wanted


def test_a_fine_is_withdrawn_from_history_when_the_complaint_is_upheld() -> None:
    """the 50 is imposed on the night and voided on the day of the ruling that brings the 200"""
    pack = packs()["clinic"]
    example = next(each for each in examples() if each["id"] == "clinic/absorbed")
    emitted = history(pack, log_of(pack, example["log"]), instant(example["as_of"]), "all")
    told = [(each["time"][:16], each["status"]) for each in emitted if each["rule"] == "4.1-fine-50"]
    assert told == [("2026-01-16T02:00", "imposed"), ("2026-01-20T10:00", "voided")]


def test_history_asks_at_the_second_after_a_limit() -> None:
    """a breach is handed out one second after the limit and carries the limit's time"""
    pack = packs()["milestones"]
    events = log_of(
        pack, [{"at": "2025-06-10T10:00:00", "type": "expert_meeting_held", "project": "A", "date": "2025-06-10"}]
    )
    limit = instant("2025-06-17T23:59:59")
    assert not [each for each in history(pack, events, limit, "all") if each["kind"] == "breach"]
    breaches = [each for each in history(pack, events, limit + 1, "all") if each["kind"] == "breach"]
    assert [each["time"] for each in breaches] == [iso(limit, "Asia/Shanghai")]
