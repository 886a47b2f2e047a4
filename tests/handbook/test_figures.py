"""Every figure that a rule reads stands in what the handbook says of it."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import attrs

from dutyrules.calendars.durations import Duration
from dutyrules.handbook.words import Words, number
from dutyrules.policies.syntax import ParameterRef, WeekdayOf
from handbook.reading import words_of

NOT_SAID = {"place", "document", "at_least"}  # an `at_least` of one is not worth a word


def figures(value, words):
    """Yield each figure inside a record, as the handbook writes it."""
    match value:
        case bool() | str() | None:
            return
        case int() | Decimal():
            yield number(value)
        case dt.time():
            yield value.strftime("%H:%M")
        case dt.date():
            yield value.isoformat()
        case Duration():
            yield words.duration(value)[1:-1]
        case WeekdayOf(weekday=weekday):
            yield words(f"weekday_{weekday}")
        case ParameterRef(name=name):
            yield from figures([one for _, one in words.pack.parameters[name].dated.values], words)
        case tuple() | list():
            for one in value:
                yield from figures(one, words)
        case _ if attrs.has(type(value)):
            for field in attrs.fields(type(value)):
                if field.name not in NOT_SAID:
                    yield from figures(getattr(value, field.name), words)


def test_all_figures_of_a_rule_are_told(packs, language):
    """literals, durations, clock times, dates, bands and parameters' values stand in the rule's own words"""
    lacking, seen = [], 0
    for pack in packs:
        words = Words(pack, language)
        for rule in pack.rules.values():
            told = words_of(words, rule)
            for figure in figures(rule, words):
                seen += 1
                lacking += [] if figure in told else [(rule.id, figure)]
    assert lacking == []
    assert seen


def test_at_least_is_told(packs, language):
    """how often an act is owed is told where it is more than once"""
    for pack in packs:
        for rule in pack.rules.values():
            if rule.at_least > 1:
                assert str(rule.at_least) in words_of(Words(pack, language), rule)
