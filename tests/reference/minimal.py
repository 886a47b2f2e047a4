"""Makes a failing example small: rule after rule and event after event goes, as long as something still differs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import attrs
import yaml

from dutyrules.events import decode_event
from dutyrules.policies.load import check_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .logs import Log

SECTIONS = ("rules", "ladders", "counts", "values", "parameters")


def smallest(log: Log, fault: Callable[[Log], str | None]) -> str:
    """Return the fault of the smallest log that could be found by leaving things out, one after the other."""
    found = fault(log)
    smaller = True
    while smaller:
        smaller = False
        for less in (*without_a_rule(log), *without_an_event(log), *without_a_field(log)):
            there = fault(less)
            if there is not None:
                log, found, smaller = less, there, True
                break
    return found or "the fault did not come again"


def without_an_event(log: Log) -> Iterator[Log]:
    """Yield the log without one of its events, the last first."""
    for event in reversed(log.events):
        left = tuple(each for each in log.events if each is not event)
        if left:
            yield attrs.evolve(log, events=left)


def without_a_field(log: Log) -> Iterator[Log]:
    """Yield the log with one field of one event left out."""
    for event in log.events:
        for name in event.data:
            document = json.loads(event.as_json())
            del document["data"][name]
            bare = decode_event(document, log.pack.events, log.pack.timezone)
            if name not in bare.data:
                yield attrs.evolve(log, events=tuple(bare if each is event else each for each in log.events))


def without_a_rule(log: Log) -> Iterator[Log]:
    """Yield the log for a pack without one of its entries, or one of its rules without one of its keys."""
    if not log.text:
        return
    document = yaml.safe_load(log.text)
    for section in SECTIONS:
        for name in document.get(section, {}):
            yield from loaded(log, without(document, section, name))
    for name, rule in document["rules"].items():
        for key in rule:
            yield from loaded(log, {**document, "rules": {**document["rules"], name: {**rule, key: None}}})


def without(document: dict, section: str, name: str) -> dict:
    """Return a document without one entry of a section, and without the section where it was the last."""
    left = {key: value for key, value in document[section].items() if key != name}
    return {key: left if key == section else value for key, value in document.items() if key != section or left}


def loaded(log: Log, document: dict) -> Iterator[Log]:
    """Yield the log for another pack, if that pack loads."""
    rules = {
        name: {key: value for key, value in rule.items() if value is not None}
        for name, rule in document.get("rules", {}).items()
    }
    text = yaml.safe_dump({**document, "rules": rules}, sort_keys=False, allow_unicode=True, width=200)
    checked = check_text(text, file="generated.yaml")
    if rules and not any(each.is_error for each in checked.diagnostics):
        yield attrs.evolve(log, pack=checked.packs[0], text=text)
