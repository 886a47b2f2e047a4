from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from dutyrules.audit.assignment import assign

COLUMNS = 5


def value(rows, chosen):
    """Return how good a choice is: how many rows go without, and what the others cost."""
    pairs = [(row, column) for row, column in zip(rows, chosen, strict=True) if column is not None]
    return len(rows) - len(pairs), sum(row[column] for row, column in pairs)


def every_choice(rows):
    """Give every way to choose columns, none of them twice."""
    for chosen in itertools.product(*([None, *row] for row in rows)):
        used = [column for column in chosen if column is not None]
        if len(used) == len(set(used)):
            yield chosen


@given(st.lists(st.dictionaries(st.integers(0, COLUMNS - 1), st.integers(0, 6)), max_size=5))
def test_no_other_choice_is_better(rows):
    """of all choices the one taken leaves the fewest rows without a column, and then costs least"""
    chosen = assign(rows, COLUMNS)
    assert all(column is None or column in row for row, column in zip(rows, chosen, strict=True))
    assert tuple(chosen) in set(every_choice(rows))
    assert value(rows, chosen) == min(value(rows, each) for each in every_choice(rows))


def test_taking_the_nearest_first_would_be_worse():
    """the row that could have the nearest column leaves it to one that has no other"""
    assert assign([{0: 1, 1: 2}, {0: 3}], 2) == [1, 0]


def test_a_pair_more_is_worth_any_cost():
    """a row is not left out to spare what the others cost"""
    assert assign([{0: 0, 1: 10**30}, {0: 0}], 2) == [1, 0]


def test_a_row_may_be_replaced_by_a_cheaper_one():
    """where only one of two rows can have the column, the cheaper one has it, whichever comes first"""
    assert assign([{0: 5}, {0: 2}], 1) == [None, 0]
    assert assign([{0: 2}, {0: 5}], 1) == [0, None]


def test_a_long_chain_is_settled():
    """two thousand rows, each of which must leave its dearer column to the next, all find one"""
    count = 2000
    rows = [{index: 0, index + 1: 1} for index in range(count - 1)] + [{0: 0}]
    assert assign(rows, count) == [*range(1, count), 0]


def test_nothing_to_assign():
    """no rows give no choice, and a row without columns goes without"""
    assert assign([], 3) == []
    assert assign([{}], 3) == [None]
