"""What was done to a list of records is named: each kind, at any place, alone and together."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dutyrules.audit.merkle import leaf_hash
from dutyrules.audit.tampering import Change, How, compare

sizes = st.integers(1, 60)


def hashes(records):
    """Return the hashes of records."""
    return [leaf_hash(repr(one).encode()) for one in records]


def done(before, after):
    """Return what was done, as tuples."""
    return [(one.how, one.was, one.now) for one in compare(hashes(before), hashes(after))]


@given(size=sizes)
def test_nothing_was_done_to_an_equal_list(size):
    """equal lists differ in nothing"""
    assert done(range(size), range(size)) == []


@given(size=sizes, data=st.data())
def test_an_edited_record_is_named(size, data):
    """a record that was edited is named with its number"""
    at = data.draw(st.integers(0, size - 1))
    after = [*range(at), "edited", *range(at + 1, size)]
    assert done(range(size), after) == [(How.EDITED, at, at)]


@given(size=sizes, data=st.data())
def test_a_dropped_record_is_named(size, data):
    """a record that was dropped is named; the last one counts as cut off"""
    at = data.draw(st.integers(0, size - 1))
    how = How.TRUNCATED if at == size - 1 else How.DROPPED
    assert done(range(size), [*range(at), *range(at + 1, size)]) == [(how, at, None)]


@given(size=sizes, data=st.data())
def test_an_inserted_record_is_named(size, data):
    """a record that was inserted is named with the number it has now; one after the last counts as added"""
    at = data.draw(st.integers(0, size))
    how = How.APPENDED if at == size else How.INSERTED
    assert done(range(size), [*range(at), "new", *range(at, size)]) == [(how, None, at)]


@given(size=st.integers(3, 60), data=st.data())
def test_a_moved_record_is_named(size, data):
    """a record that was moved over two or more others is named with both numbers, and no other record is"""
    at = data.draw(st.integers(0, size - 1))
    to = data.draw(st.integers(0, size - 1).filter(lambda place: abs(place - at) > 1))
    after = [one for one in range(size) if one != at]
    after.insert(to, at)
    assert done(range(size), after) == [(How.MOVED, at, to)]


@given(size=st.integers(2, 60), data=st.data())
def test_two_records_that_changed_places_are_one_move(size, data):
    """two neighbours that changed places are one move of either"""
    at = data.draw(st.integers(0, size - 2))
    after = list(range(size))
    after[at], after[at + 1] = after[at + 1], after[at]
    assert done(range(size), after) in ([(How.MOVED, at, at + 1)], [(How.MOVED, at + 1, at)])


@given(size=sizes, data=st.data())
def test_a_truncated_list_names_each_record_that_is_gone(size, data):
    """records cut off at the end are all named"""
    kept = data.draw(st.integers(0, size - 1))
    assert done(range(size), range(kept)) == [(How.TRUNCATED, at, None) for at in range(kept, size)]


@given(size=st.integers(10, 60), data=st.data())
def test_several_deeds_are_told_apart(size, data):
    """an edit, a drop, an insertion and a cut at places apart are each named"""
    edited = data.draw(st.integers(0, 1))
    dropped = data.draw(st.integers(3, 4))
    inserted = data.draw(st.integers(6, 7))
    after = [f"not {one}" if one == edited else one for one in range(size - 1) if one != dropped]
    after.insert(after.index(inserted), "new")
    assert done(range(size), after) == [
        (How.EDITED, edited, edited),
        (How.DROPPED, dropped, None),
        (How.INSERTED, None, inserted - 1),
        (How.TRUNCATED, size - 1, None),
    ]


@given(before=st.lists(st.integers(0, 9), max_size=40), after=st.lists(st.integers(0, 9), max_size=40))
def test_what_was_done_leads_from_one_list_to_the_other(before, after):
    """for any two lists, repeated records among them, what is told makes the second out of the first"""
    found = compare(before, after)
    gone = {one.was for one in found if one.was is not None}
    placed = {
        one.now: (before[one.was] if one.how is How.MOVED else after[one.now]) for one in found if one.now is not None
    }
    steady = iter([one for at, one in enumerate(before) if at not in gone])
    made = [placed[at] if at in placed else next(steady) for at in range(len(after))]
    assert made == after
    assert next(steady, None) is None
    assert (found == []) == (before == after)


@given(before=st.lists(st.integers(0, 9), max_size=40), after=st.lists(st.integers(0, 9), max_size=40))
def test_a_record_that_both_lists_hold_is_never_called_edited(before, after):
    """edited, dropped and cut off are records of which fewer are left, inserted ones of which there are more"""
    for one in compare(before, after):
        if one.how in {How.EDITED, How.DROPPED, How.TRUNCATED}:
            assert before.count(before[one.was]) > after.count(before[one.was])
        if one.how in {How.EDITED, How.INSERTED, How.APPENDED}:
            assert after.count(after[one.now]) > before.count(after[one.now])


def test_records_in_reverse_take_no_square_of_time():
    """even where every record was moved, the answer comes in n log n steps"""
    size = 200_000
    assert len(compare(range(size), range(size)[::-1])) == size - 1
    assert compare([], []) == []
    assert compare([1], [2]) == [Change(How.EDITED, 0, 0)]
