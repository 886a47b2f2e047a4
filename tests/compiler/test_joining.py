"""Keys of several texts as one: which tables have them, what a function comes to, and that no two keys are mixed up."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from textwrap import dedent

import pytest

from dutyrules.compiler.joining import texts_of, with_joined_keys
from dutyrules.policies.load import load_pack

from .agreement import Both

TEXTS = frozenset({"p", "d_shift", "d_post", "o.f_person", "o.f_shift"})


@pytest.fixture(scope="module")
def bench():
    """Return the pack of the benchmark."""
    return load_pack(str(Path(__file__).parents[2] / "benchmarks" / "bench.yaml"))


def joined(*functions, ties=()):
    """Return functions with their keys joined where they can be."""
    trees = with_joined_keys([ast.parse(dedent(one)) for one in functions], TEXTS.__contains__, ties)
    return [ast.unparse(ast.fix_missing_locations(one)) for one in trees]


def same(found, *expected):
    """Assert that functions are what is expected, however that is spaced."""
    assert found == [ast.unparse(ast.parse(dedent(one))) for one in expected]


OPENS = """
    def opens(t):
        if p is None or d_shift is None:
            raise Unsure(c)
        key1 = (p, d_shift)
        r1 = records_a.get(key1)
        if r1 is None:
            if hash(key1) in gone_a:
                raise Unsure(c)
            r1 = records_a[key1] = Record_a(joined(key1))
"""
READS = """
    def reads(t):
        r1 = records_a.get((p, d_shift))
"""


def test_a_key_is_a_text_and_the_name_of_its_record() -> None:
    """what is put under a key with more commas than it has parts to join asks for the careful way"""
    same(
        joined(OPENS),
        """
        def opens(t):
            if p is None or d_shift is None:
                raise Unsure(c)
            key1 = f'{p},{d_shift}'
            r1 = records_a.get(key1)
            if r1 is None:
                if hash(key1) in gone_a:
                    raise Unsure(c)
                if key1.count(COMMA) != 1:
                    with_care(c)
                r1 = records_a[key1] = Record_a(key1)
        """,
    )


def test_a_key_that_lacks_a_part_finds_nothing() -> None:
    """where a part may not be there the key is None, under which nothing ever stands"""
    same(
        joined(READS),
        """
        def reads(t):
            r1 = records_a.get(f'{p},{d_shift}' if p is not None and d_shift is not None else None)
        """,
    )


def test_what_is_asked_of_both_parts_at_once_tells_nothing_of_one() -> None:
    """a function that is left where all parts are missing may go on with one that is"""
    demand = READS.replace("r1 =", "if p is None and d_shift is None:\n            raise Unsure(c)\n        r1 =")
    assert "if p is not None and d_shift is not None else None" in joined(demand)[0]


def test_what_is_put_under_a_key_is_looked_at_wherever_that_is() -> None:
    """in loops and other branches too, and with a variable for a key that has none"""
    counts = """
        def counts(t):
            for o in mine:
                if t:
                    pass
                else:
                    count_a[o.f_person, o.f_shift] = count_a.get((o.f_person, o.f_shift), 0) + 1
    """
    same(
        joined(counts),
        """
        def counts(t):
            for o in mine:
                if t:
                    pass
                else:
                    key1 = f'{o.f_person},{o.f_shift}' if o.f_person is not None and o.f_shift is not None else None
                    if key1 is None or key1.count(COMMA) != 1:
                        with_care(c)
                    count_a[key1] = count_a.get(key1, 0) + 1
        """,
    )


def test_a_new_variable_for_a_key_is_no_other() -> None:
    """variables are numbered with others in a function, so that their numbers leave gaps"""
    later = OPENS.replace("key1", "key4") + "        count_a[o.f_person, o.f_shift] = 1\n"
    found = joined(later)[0]
    assert "key5 = f'{o.f_person},{o.f_shift}'" in found
    assert "count_a[key5] = 1" in found


def test_a_table_that_is_only_asked_whether_it_is_empty_has_joined_keys() -> None:
    """a question about all of a table is none about its keys"""
    asks = """
        def asks(t):
            if r1 is None and gone_a or not records_a:
                return 1 if records_a else 2
    """
    assert "key1 = f'{p},{d_shift}'" in joined(OPENS, asks)[0]


NUMBERED = """
    def numbered(t):
        r1 = records_a.get((p, d_number))
"""
COUNTED = """
    def counted(t):
        count_a.setdefault((p, d_shift), []).append(t)
"""
LISTED = """
    def listed(t):
        listed1.add((p, d_shift), t)
"""
HELD = """
    def held(t):
        key1 = (p, d_post)
        use(key1)
        count_a.get(key1, 0)
"""
SCANNED = """
    def scanned(t):
        if any(k[0] == p for k in records_a):
            raise Unsure(c)
"""
NAMED = "f'{(p if COMMA not in p else with_care(p))},{(d_shift if COMMA not in d_shift else with_care(d_shift))}'"


@pytest.mark.parametrize(
    ("others", "ties"),
    [
        ([NUMBERED], ()),
        ([LISTED], ()),
        ([SCANNED], ()),
        ([HELD], [("count_a", "records_a")]),
        ([COUNTED, COUNTED.replace("d_shift", "d_number")], ()),
    ],
    ids=["a part may be a number", "used for more", "gone through", "with another table", "of another key"],
)
def test_a_table_keeps_its_tuples_wherever_it_is_used(others, ties) -> None:
    """all keys of a table are kept alike, and so are those of tables that are read together"""
    opens = OPENS.replace("joined(key1)", NAMED)
    assert joined(OPENS, READS, *others, ties=ties) == [
        ast.unparse(ast.parse(dedent(one))) for one in (opens, READS, *others)
    ]


def test_parts_of_keys_are_texts_by_the_types_of_fields(bench) -> None:
    """a field is a text if it is one in all events that have it"""
    is_text = texts_of(bench)
    assert all(map(is_text, ["p", "s", "d_shift", "o.f_shift", "o.record.f_person", "o.person"]))
    assert not any(map(is_text, ["d_days", "o.f_days", "t", "o.due", "f(d_shift)", "o.state", "()"]))


# --- logs -------------------------------------------------------------------------------------------------------------


def line(number, kind, hour, person, **data):
    """Return a line of a log."""
    time = f"2025-03-01T{hour:02}:00:00+08:00"
    subject = {} if person is None else {"subject": person}
    return json.dumps({"id": f"e{number:03}", "type": kind, "time": time, **subject, "data": data}).encode()


def assigned(number, person, shift):
    """Return the line of a shift that begins at eight."""
    times = {"start": "2025-03-01T08:00:00+08:00", "end": "2025-03-01T16:00:00+08:00"}
    return line(number, "shift_assigned", number, person, shift=shift, **times)


def test_commas_in_parts_of_keys_mix_nothing_up(bench, tmp_path) -> None:
    """two pairs of person and shift that look alike when they are joined are two records"""
    both = Both(bench, tmp_path)
    first, second = ("a", "b,c"), ("a,b", "c")
    log = [assigned(1, *first), assigned(2, *second), line(3, "check_in", 7, second[0], shift=second[1])]
    assert both.check(log, 86_400)
    owed = {status: times for (rule, kind, status), times in both.tally.made.items() if kind == "obligation"}
    assert owed == {"open": 2, "fulfilled": 1, "breached": 1}


def test_a_key_with_commas_that_is_only_looked_for_finds_nothing(bench, tmp_path) -> None:
    """an act about a record that looks alike when its key is joined is no act about it"""
    both = Both(bench, tmp_path)
    assert both.check([assigned(1, "a", "b,c"), line(2, "check_in", 7, "a,b", shift="c")], 86_400)
    assert both.check([assigned(1, "a", "b"), line(2, "check_in", 7, "a,b", shift="")], 86_400)
    assert ("1-check-in", "obligation", "fulfilled") not in both.tally.made


def test_nobody_is_not_a_person_of_that_name(bench, tmp_path) -> None:
    """an event without a person finds no record of somebody called None"""
    both = Both(bench, tmp_path)
    log = [
        assigned(1, "None", "s"),
        line(2, "check_in", 7, "None", shift="s"),
        line(3, "check_out", 9, None, shift="s"),
    ]
    assert both.check(log, 86_400)
    assert not any(rule == "12-allowance" for rule, *_rest in both.tally.made)
