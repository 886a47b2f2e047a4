"""What two packs make of one log, outcome beside outcome."""

from __future__ import annotations

from decimal import Decimal

import pytest

from audit.difference_desk import pack, written
from dutyrules.audit.difference import Judged, compare, judge, key_of, minus, same
from dutyrules.outcomes import Breach, Deadline, Entitlement, Sanction
from dutyrules.replay import open_logs


@pytest.fixture
def differs(tmp_path):
    """Return what compares two packs on the log."""
    log = written(tmp_path)

    def compared(a, b):
        files = open_logs([log], a)
        return compare(judge(a, files), judge(b, files))

    return compared


def sanction(**given):
    """Return a sanction with the fields given."""
    usual = {"kind": "sanction", "status": "imposed", "id": "p/r/sanction/m/li", "time": "2026-01-15T08:00:00+08:00"}
    rest = {"pack": "p", "rule": "r", "clause": "1", "person": "li", "matter": "m", "sanction": "fine"}
    return Sanction(**{**usual, **rest, **given})


def test_a_pack_agrees_with_itself(differs):
    """between a pack and itself nothing differs, and everybody fares alike"""
    found = differs(pack(), pack())
    assert (found.changes, found.by_person(), found.by_rule()) == ((), [], [])
    assert len(found.a.outcomes) == len(found.b.outcomes) > 4
    assert found.total().cost == {}


def test_names_of_packs_do_not_matter(differs):
    """two packs that differ in name and words alone agree, though no id of theirs is the same"""
    other = pack(name=("pack: desk", "pack: front"), says=("Being late is fined.", "Lateness costs."))
    found = differs(pack(), other)
    assert found.changes == ()
    assert {one.id for one in found.a.outcomes.values()}.isdisjoint(one.id for one in found.b.outcomes.values())


def test_a_sum_that_changes(differs):
    """a fine that is higher in B is owed more by each who is fined, and told with both sums"""
    found = differs(pack(), pack(fine=("late_fine: 50", "late_fine: 80")))
    assert [(one.person, one.rule, one.fields) for one in found.changes] == [
        (person, "1-fine", {"amount": (Decimal(50), Decimal(80))}) for person in ("li", "wan")
    ]
    [li, wan] = found.by_person()
    assert (li.name, li.owed, li.granted) == ("li", ({"CNY": 50}, {"CNY": 80}), ({"CNY": 20}, {"CNY": 20}))
    assert (wan.owed, wan.granted) == (({"CNY": 50}, {"CNY": 80}), ({}, {}))
    assert li.cost == wan.cost == {"CNY": 30}
    assert found.total().cost == {"CNY": 60}


def test_an_outcome_that_only_one_pack_has(differs):
    """who is exempt from a rule has neither its breach nor its fine with that pack"""
    found = differs(pack(), pack(exempt=("if: time > shift.start", "if: time > shift.start and person != 'li'")))
    assert [(one.kind, one.person, one.b) for one in found.changes] == [
        ("sanction", "li", None),
        ("breach", "li", None),
    ]
    assert found.changes[0].cost == {"CNY": -50}
    assert [(each.name, each.outcomes) for each in found.by_rule()] == [("1-fine", (2, 1)), ("1-late", (2, 1))]


def test_what_is_granted_lowers_the_cost(differs):
    """a higher allowance makes a person better off: the cost is less than nothing"""
    found = differs(pack(), pack(more=("allowance: 20", "allowance: 35")))
    assert [(one.kind, one.cost) for one in found.changes] == [("entitlement", {"CNY": -15})]
    assert found.by_rule()[0].granted == ({"CNY": 20}, {"CNY": 35})


def test_a_time_limit_that_changes(differs):
    """a longer time for an answer changes the duty and its deadline, and no sum"""
    found = differs(pack(), pack(longer=("within: 2 working days", "within: 3 working days")))
    assert [one.kind for one in found.changes] == ["obligation", "deadline"]
    due = ("2026-01-19T23:59:59+08:00", "2026-01-20T23:59:59+08:00")
    assert [one.fields for one in found.changes] == [{"due": due}, {"due": due}]
    assert found.by_person()[0].cost == {}


def test_the_largest_change_comes_first(differs):
    """changes stand by the money that they move, whoever gains by it, and those without money last"""
    b = pack(
        fine=("late_fine: 50", "late_fine: 45"),
        more=("allowance: 20", "allowance: 90"),
        longer=("within: 2 working days", "within: 1 working days"),
    )
    found = differs(pack(), b)
    assert [one.kind for one in found.changes] == ["entitlement", "sanction", "sanction", "obligation", "deadline"]
    assert [each.name for each in found.by_person()] == ["li", "wan"]


@pytest.mark.parametrize(
    ("given", "agree"),
    [
        ({"id": "q/r/sanction/m/li", "pack": "q", "clause": "9", "because": ("e7",)}, True),
        ({"amount": Decimal("50.00")}, True),
        ({"amount": Decimal(51)}, False),
        ({"status": "voided"}, False),
        ({"time": "2026-01-15T00:00:00+00:00"}, True),
        ({"time": "2026-01-15T09:00:00+08:00"}, False),
        ({"tier": "r-2"}, False),
        ({"currency": "EUR"}, False),
    ],
)
def test_what_counts_as_the_same(given, agree):
    """ids, clauses, causes and the zone of an instant are no difference; sums, statuses, times and tiers are"""
    usual = {"amount": Decimal(50), "currency": "CNY"}
    assert same(sanction(**usual), sanction(**{**usual, **given})) is agree
    assert not same(sanction(**usual), None)


def test_only_what_stands_is_money():
    """a proposal and a voided sanction are owed by nobody, and sums of two currencies are kept apart"""
    a = {key_of(one): one for one in (sanction(status="proposed", amount=Decimal(9), currency="CNY"),)}
    b = {key_of(one): one for one in (sanction(amount=Decimal(9), currency="EUR"),)}
    total = compare(judged(a), judged(b)).total()
    assert (total.owed, total.cost) == (({}, {"EUR": 9}), {"EUR": 9})
    assert minus({"CNY": Decimal(5)}, {"EUR": Decimal(3)}) == {"CNY": 5, "EUR": -3}


def judged(outcomes):
    """Return outcomes as what a pack made of a log."""
    return Judged(outcomes)


def test_every_kind_is_compared():
    """each kind of outcome is told apart by its own fields; the account of a deadline is not among them"""
    common = {"id": "i", "time": "t", "pack": "p", "rule": "r", "clause": "1", "person": None, "matter": "m"}
    due = {"kind": "deadline", "status": "set", "due": "2026-01-15", **common}
    assert same(Deadline(**due, ledger={"counted": 1}), Deadline(**due, ledger={"counted": 2}))
    assert not same(Deadline(**due), Deadline(**{**due, "due": "2026-01-16"}))
    breach = {"kind": "breach", "status": "breached", **common}
    assert not same(Breach(**breach, lacking=("x",)), Breach(**breach))
    grant = {"kind": "entitlement", "status": "granted", "grant": "rest_day", **common}
    assert not same(Entitlement(**grant, period="2026-01"), Entitlement(**grant, period="2026-02"))
