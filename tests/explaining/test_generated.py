"""Packs and logs that are made up: the answer and the engine agree, and every outcome has its grounds."""

from __future__ import annotations

import json
from random import Random

import pytest

from dutyrules import Engine
from dutyrules.explaining.documents import Documents
from dutyrules.explaining.pages import Pages
from dutyrules.explaining.why import Grounds
from dutyrules.explaining.why_not import why_not_in
from dutyrules.policies.model import Kind
from reference.generated import generated

FIRM = {("breach", "breached"), ("sanction", "imposed"), ("entitlement", "granted"), ("entitlement", "taken")}
FOLLOWS = (Kind.PROHIBITION, Kind.SANCTION, Kind.ENTITLEMENT, Kind.REFERRAL)


def ended(seed):
    """Return the engine at the end of a log that is made up."""
    log = generated(Random(seed))  # noqa: S311 - the same packs in every run
    engine = Engine(log.pack, carries=log.carries, forgets=False)
    engine.feed_all(log.events)
    engine.advance(log.until)
    return engine


@pytest.mark.parametrize("seed", range(30))
def test_what_stands_is_said_to_hold_and_nothing_else(seed):
    """for every rule and person the verdict is that of the engine, and can be said in words and as JSON"""
    engine = ended(seed)
    shown = engine.outcomes().values()
    documents, pages = Documents(engine.pack), [Pages(engine.pack, language) for language in ("en", "zh")]
    for person in sorted({one.person for one in shown if one.person})[:3] or [None]:
        for rule in engine.pack.rules.values():
            answer = why_not_in(engine, rule.id, person)
            mine = [one for one in shown if one.rule == rule.id and one.person == person]
            if any((one.kind, one.status) in FIRM for one in mine):
                assert answer.verdict == "held", (rule.id, person)
            elif answer.verdict == "held" and rule.kind in FOLLOWS and not rule.counts_as:
                assert mine, (rule.id, person)
            json.dumps(documents.why_not(answer))
            assert all(list(page.why_not(answer)) and list(page.why_not_tree(answer)) for page in pages)


@pytest.mark.parametrize("seed", range(30, 50))
def test_every_outcome_has_its_grounds(seed):
    """each outcome rests on a try of its rule, and one that stands firm on a try that every guard let through"""
    engine = ended(seed)
    grounds = Grounds(engine.inside)
    for one in engine.outcomes().values():
        tries = grounds.of(one)
        assert tries, one.id
        if (one.kind, one.status) in FIRM:
            assert any(each.stopped is None for each in tries), one.id
