from __future__ import annotations

import pytest

from dutyrules.testing.repetition import MOST, Repeated, repeat


def written(template, **parts):
    """Write a template out."""
    return [event for _, event in repeat([template], Repeated.read(parts))]


def test_times_counts_from_one():
    """`times` writes a template out so often, numbered from one"""
    assert written({"a": "{n}", "b": "r-{n}", "c": "{nn}"}, times=2) == [
        {"a": 1, "b": "r-1", "c": "01"},
        {"a": 2, "b": "r-2", "c": "02"},
    ]


def test_each_person_may_have_a_number_of_their_own():
    """`times` by person repeats for each so often"""
    assert written("{who}{n}", times={"a": 2, "b": 0, "c": 1}) == ["a1", "a2", "c1"]


def test_dates_are_a_list_or_a_span():
    """`dates` gives days, with days before and after within reach"""
    assert written("{date} {date+1} {date-1}", dates=("2026-02-28",)) == ["2026-02-28 2026-03-01 2026-02-27"]
    assert written("{date}", dates="2026-01-30 to 2026-02-01") == ["2026-01-30", "2026-01-31", "2026-02-01"]
    assert written("{who} {date}", dates={"a": ("2026-01-01",), "b": "2026-01-02 to 2026-01-03"}) == [
        "a 2026-01-01",
        "b 2026-01-02",
        "b 2026-01-03",
    ]


def test_for_repeats_for_each_person():
    """`for` goes through people, and all templates are written out in turn"""
    parts = Repeated.read({"for": ("a", "b"), "times": 1})
    assert repeat(["x{who}", ("y{who}", 3, {"k": "{n}"})], parts) == [
        (0, "xa"),
        (1, ("ya", 3, {"k": 1})),
        (0, "xb"),
        (1, ("yb", 3, {"k": 1})),
    ]


@pytest.mark.parametrize(
    ("template", "parts"),
    [
        ("x", {}),
        ("x", {"times": 1, "dates": ("2026-01-01",)}),
        ("x", {"times": "many"}),
        ("x", {"times": -1}),
        ("x", {"times": True}),
        ("x", {"times": MOST + 1}),
        ("x", {"times": {"a": MOST, "b": MOST}}),
        ("x", {"times": {"a": 1}, "for": ("b",)}),
        ("x", {"times": 1, "for": "li"}),
        ("x", {"dates": ("2026-02-30",)}),
        ("x", {"dates": "all days"}),
        ("x", {"dates": "2026-01-02 to 2026-01-01"}),
        ("x", {"dates": "1926-01-02 to 2026-01-01"}),
        ("{who}", {"times": 1}),
        ("{date}", {"times": 1}),
    ],
)
def test_what_cannot_be_repeated_is_refused(template, parts):
    """a repetition that says too little, too much or no days is refused"""
    with pytest.raises(ValueError, match=r"^[^A-Z]+"):
        written(template, **parts)
