"""What cells hand on, and to whom it comes."""

from __future__ import annotations

from dutyrules.runtime.store import Cell, Fact, Store

PLACE = ("place",)


class Reader(Cell):
    """A cell that counts how often it runs, and reads one bucket."""

    __slots__ = ("ran",)

    def __init__(self) -> None:
        super().__init__(1, ("reader",))
        self.ran = 0

    def run(self, store: Store) -> None:
        """Read once more."""
        self.ran += 1
        store.read(PLACE)


def read_once() -> tuple[Store, Reader]:
    """Return a store with one reader that has run."""
    store = Store()
    reader = Reader()
    store.due(reader)
    store.settle()
    return store, reader


def test_an_entry_that_is_handed_on_again_stays_and_wakes_nobody() -> None:
    """of two equal entries the one that stands stays, and its readers do not run again"""
    store, reader = read_once()
    first, again = [1], [1]
    handed = {(PLACE, 5, "one"): first}
    store.exchange_entries({}, handed)
    store.settle()
    following = {(PLACE, 5, "one"): again}
    store.exchange_entries(handed, following)
    store.settle()
    assert reader.ran == 2
    assert store.read(PLACE)[0][2] is following[PLACE, 5, "one"] is first


def test_an_entry_that_differs_takes_the_place_of_the_old_one() -> None:
    """what is handed on no longer goes, what differs is replaced, what is new comes in its order"""
    store, reader = read_once()
    handed = {(PLACE, 5, "one"): "a", (PLACE, 7, "two"): "b"}
    store.exchange_entries({}, handed)
    following = {(PLACE, 6, "three"): "c", (PLACE, 5, "one"): "z"}
    store.exchange_entries(handed, following)
    store.settle()
    assert reader.ran == 2
    assert list(store.read(PLACE)) == [(5, "one", "z"), (6, "three", "c")]


def test_facts_that_say_the_same_are_told_once() -> None:
    """a fact that comes again as it was is not told to listeners; one that differs goes and comes"""
    store = Store()
    told = []
    store.listen(("event", "bell"), lambda fact, came: told.append((fact.time, came)))
    handed = {"f": Fact(("event", "bell"), 3, "f", {})}
    store.exchange_facts({}, handed)
    again = {"f": Fact(("event", "bell"), 3, "f", {})}
    store.exchange_facts(handed, again)
    assert again["f"] is handed["f"]
    store.exchange_facts(again, {"f": Fact(("event", "bell"), 4, "f", {})})
    assert told == [(3, True), (3, False), (4, True)]


def test_a_bucket_that_was_emptied_takes_entries_in_order() -> None:
    """entries stand in order of time and name, whatever was there before and in whatever order they come"""
    store, _reader = read_once()
    store.put(PLACE, 4, "b", None)
    store.drop(PLACE, 4, "b")
    for time, name in ((4, "b"), (2, "c"), (4, "a")):
        store.put(PLACE, time, name, None)
    assert [entry[:2] for entry in store.read(PLACE)] == [(2, "c"), (4, "a"), (4, "b")]


class Seeker(Cell):
    """A cell that counts how often it runs, and looks for a bell behind one door of one floor."""

    __slots__ = ("found", "ran", "wanted")

    def __init__(self, *wanted: object) -> None:
        super().__init__(1, ("seeker", *wanted))
        self.wanted = wanted
        self.ran = 0
        self.found: list[str] = []

    def run(self, store: Store) -> None:
        """Look once more."""
        self.ran += 1
        self.found = [fact.id for fact in store.find(store.index(("event", "bell"), ("door", "floor")), self.wanted)]


def test_a_fact_that_lacks_a_field_as_none_did_before_wakes_those_alone_who_may_mean_it() -> None:
    """who has looked before any such fact came finds it, and the next one; who wants other values does not look"""
    store, near, far = Store(), Seeker("front", 1), Seeker("back", 1)
    for seeker in (near, far):
        store.due(seeker)
    store.settle()
    for number, data in enumerate(({"door": "front"}, {"door": "front"}, {"floor": 2}), 1):
        store.add_fact(Fact(("event", "bell"), number, f"f{number}", data))
        store.settle()
    assert (near.ran, near.found) == (3, ["f1", "f2"])
    assert (far.ran, far.found) == (1, [])
    store.add_fact(Fact(("event", "bell"), 4, "f4", {"floor": 1}))
    store.settle()
    assert (near.found, far.found) == (["f1", "f2", "f4"], ["f4"])
