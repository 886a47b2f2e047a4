"""Whatever is changed in a pack can be seen in the words of its logic."""

from __future__ import annotations

import datetime as dt
from collections import Counter

import attrs
import pytest

from dutyrules.calendars.durations import Duration
from dutyrules.handbook.definitions import Definitions
from dutyrules.handbook.ladders import Ladders
from dutyrules.handbook.tables import Tables
from dutyrules.handbook.words import Words
from dutyrules.policies.model import Dated
from handbook.changes import changes
from handbook.reading import lines, words_of

MOST_ALIKE = 4  # of the changes of one sort, in one pack


def unseen(record, pack, render, tried):
    """Return where changes of a record do not change what is rendered of it, and count what was tried."""
    before, found = render(record), []
    for where, changed in changes(record, pack):
        sort = where[-2:]
        tried[sort] += 1
        if tried[sort] <= MOST_ALIKE and render(changed) == before:
            found.append((getattr(record, "id", None) or record.name, where))
    return found


def test_every_change_of_a_rule_shows(packs, language):
    """a figure, operator, limit, bearer, exception, event or consequence that is changed changes the words"""
    found, tried = [], Counter()
    for pack in packs:
        words = Words(pack, language)
        for rule in pack.rules.values():
            found += unseen(rule, pack, lambda one, words=words: words_of(words, one), tried)
    assert found == []
    assert len(tried) > 40


def test_every_change_of_a_declaration_shows(packs, language):
    """what counts, formulas, records and ladders say changes the words that the handbook has for them"""
    found, tried = [], Counter()
    for pack in packs:
        words = Words(pack, language)
        definitions = Definitions(words)
        for count in pack.counts.values():
            found += unseen(attrs.evolve(count), pack, definitions.count, tried)
        for record in pack.records.values():
            found += unseen(record, pack, definitions.record, tried)
        for ladder in pack.ladders.values():
            found += unseen(ladder, pack, lambda one, words=words: lines(Ladders(words).lines(one).items), tried)
    assert found == []


def test_every_change_of_a_parameter_shows(packs, language):
    """another value of a parameter, or another date, changes its row and the words of every rule that reads it"""
    for pack in packs:
        words = Words(pack, language)
        readers, rows = Definitions(words).readers(), Tables(words).parameters().rows
        for parameter in pack.parameters.values():
            for changed in _other_values(parameter):
                other = Words(attrs.evolve(pack, parameters={**pack.parameters, parameter.name: changed}), language)
                assert rows != Tables(other).parameters().rows, parameter.name
                for name in readers[parameter.name]:
                    told = [_with_records(one, pack.rules[name]) for one in (words, other)]
                    assert told[0] != told[1], (parameter.name, name)


def _other_values(parameter):
    """Yield a parameter with one of its values, or of their dates, changed."""
    for index, (since, value) in enumerate(parameter.dated.values):
        others = [(since, _other_value(value))]
        others += [] if since == dt.date.min else [(since + dt.timedelta(days=1), value)]
        for other in others:
            values = parameter.dated.values
            yield attrs.evolve(parameter, dated=Dated((*values[:index], other, *values[index + 1 :])))


def _other_value(value):
    match value:
        case bool():
            return not value
        case str():
            return f"{value}_two"
        case tuple():
            return (*value, "another_thing")
        case dt.date():
            return value + dt.timedelta(days=1)
        case Duration():
            return Duration(value.amount + 1, value.unit)
    return value + 1


def _with_records(words, rule):
    """Return what is told of a rule and of the record that it is about, which may read a parameter in its place."""
    record = () if rule.about is None else Definitions(words).record(words.pack.records[rule.about])
    return words_of(words, rule), record


@pytest.mark.parametrize("name", ["shifts", "hours", "seasons"])
def test_every_change_of_a_clock_time_shows(packs, language, name):
    """another time, breaks, season or day changes the table that it stands in"""
    for pack in packs:
        entries = getattr(pack, name)
        for key, entry in entries.items():
            for changed in _other_times(entry):
                other = attrs.evolve(pack, **{name: {**entries, key: changed}})
                tables = [getattr(Tables(Words(one, language)), name)() for one in (pack, other)]
                assert tables[0] != tables[1], (key, changed)


def _other_times(entry):
    """Yield an entry with one of its texts changed."""
    if isinstance(entry, str) and entry[:1].isdigit():
        yield f"{(int(entry[0]) + 1) % 10}{entry[1:]}"
    elif isinstance(entry, dict):
        for key, value in entry.items():
            for changed in _other_times(value):
                yield {**entry, key: changed}
    elif isinstance(entry, list | tuple):
        for index, value in enumerate(entry):
            for changed in _other_times(value):
                yield [*entry[:index], changed, *entry[index + 1 :]]
