"""The keys of records that were let go: the same as a set of each month would say, in less memory."""

from __future__ import annotations

import sys
from bisect import bisect_left
from random import Random

import pytest

from dutyrules.compiler import gone as module
from dutyrules.compiler.gone import SEVERAL, SLACK, Gone

LOW, HIGH = -(1 << 63), (1 << 63) - 1


def numbers(random: Random, count: int) -> list[int]:
    """Return numbers as keys have them, some alike in their last bits, some at the ends of what there is."""
    some = [random.randint(LOW, HIGH) for _ in range(count)]
    return [
        *some,
        *(one ^ 1 << random.randrange(20, 63) for one in some[: count // 4]),
        *random.sample((LOW, HIGH, 0), 1),
    ]


@pytest.mark.parametrize("kept", [1, 3, SEVERAL + 5])
@pytest.mark.parametrize("seed", range(4))
def test_it_says_what_a_set_of_each_month_would_say(seed, kept) -> None:
    """what is gone is in it until its month is forgotten, nothing else is; more months than marks are told apart"""
    random = Random(seed)  # noqa: S311 - the same months in every run
    gone, months = Gone(), []
    asked: list[int] = numbers(random, 50)
    for _month in range(2 * kept + 20):
        new = numbers(random, random.choice((0, 1, 7, 40)))
        gone.let_go(iter(new))
        months.append(set(new))
        asked += random.sample(new, min(len(new), 5))
        if len(months) > kept:
            gone.forget()
            del months[0]
        there = set().union(*months)
        for number in random.sample(asked, 30) + new:
            assert (number in gone) == (number in there)
        assert len(gone) == len(months)
    assert bool(gone)


def test_nothing_is_gone_at_first() -> None:
    """an empty one is false, so that programs need not ask it; a month of nothing changes no answer"""
    gone = Gone()
    assert not gone
    assert 0 not in gone
    gone.let_go([])
    assert 0 not in gone


def test_its_memory_is_a_third_of_that_of_a_set() -> None:
    """months of keys take less than 33 bytes a key for good, where a set of numbers takes more than 64"""
    random = Random(0)  # noqa: S311 - as above
    gone = Gone()
    of_set: list[int] = []
    for month in range(120):
        new = [random.randint(LOW, HIGH) for _ in range(1000)]
        gone.let_go(new)
        of_set += new
        if month >= 30:
            gone.forget()
            del of_set[:1000]
        held = sys.getsizeof(gone)
        as_set = sys.getsizeof(set(of_set)) + sum(map(sys.getsizeof, of_set))
        assert held < 33 * len(of_set) + 2000 < as_set


def test_few_questions_search_a_month(monkeypatch) -> None:
    """of keys that are not gone few are searched for, however many months have been forgotten"""
    random = Random(1)  # noqa: S311 - as above
    searches: list[int] = []
    monkeypatch.setattr(
        module, "bisect_left", lambda month, number: searches.append(number) or bisect_left(month, number)
    )
    gone = Gone()
    for month in range(200):
        gone.let_go(random.randint(LOW, HIGH) for _ in range(500))
        if month >= 12:
            gone.forget()
        assert not any(random.randint(LOW, HIGH) in gone for _ in range(100))
    assert 0 < len(set(searches)) <= 200 * 100 / SLACK
    assert len(searches) <= 2 * len(set(searches))
