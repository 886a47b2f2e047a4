from __future__ import annotations

import datetime as dt
import itertools
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from dutyrules.audit.comparison import differences
from dutyrules.audit.decision_mapping import DecisionMapping, KindOfDecision, Tolerance
from dutyrules.audit.decisions import Decision
from dutyrules.audit.demands import Demand, Standing
from dutyrules.audit.matching import in_reach, match_decisions
from dutyrules.outcomes import Sanction
from dutyrules.table_columns import Cell

FIRST = dt.date(2026, 1, 1)
KIND = KindOfDecision("fine", ("late", "absent"), reach=5, tolerance=Tolerance(before=1, after=1))
MAPPING = DecisionMapping(
    kind=Cell("kind"), date=Cell("date"), kinds={"fine": KIND}, cells={"amount": Cell("amount"), "rule": Cell("rule")}
)
RULES = {"fine": KIND.rules}


def demand(name, day, amount, person="li", rule="late"):
    """Return the demand for a fine on a day counted from the first of January."""
    date = FIRST + dt.timedelta(days=day)
    fine = Sanction(
        kind="sanction",
        status="imposed",
        id=f"o{name}",
        time=f"{date}T09:00:00+08:00",
        pack="office",
        rule=rule,
        clause="1",
        person=person,
        matter=f"slip:{name}@e{name}",
        sanction="fine",
        amount=Decimal(amount),
    )
    return Demand(outcome=fine, standing=Standing.DEMANDED, first=date, last=date)


def decision(name, day, amount, **values):
    """Return a fine that was decided on a day counted from the first of January."""
    values = {"person": "li", "place": f"f:{name}"} | values
    date = FIRST + dt.timedelta(days=day)
    return Decision(id=f"d{name}", kind="fine", date=date, amount=Decimal(amount), **values)


def paired(decisions, demands):
    """Return which decision was put to which outcome."""
    return {pair.decision.id: pair.demand.outcome.id for pair in match_decisions(decisions, demands, MAPPING, RULES)}


def worth(pairs):
    """Return how good a way to pair is, the least being best: what the page on audits says, word for word."""
    return (
        -len(pairs),
        sum(len(differences(one, each, KIND, MAPPING.cells)) for one, each in pairs),
        sum(abs(each.days_off(one.date)) for one, each in pairs),
        sum(abs(one.amount - each.outcome.amount) for one, each in pairs),
    )


def every_way(decisions, demands):
    """Give every way to pair decisions with demands in reach."""
    possible = [[None, *(each for each in demands if fits(one, each))] for one in decisions]
    for chosen in itertools.product(*possible):
        pairs = [(one, each) for one, each in zip(decisions, chosen, strict=True) if each is not None]
        if len({each.outcome.id for _, each in pairs}) == len(pairs):
            yield pairs


def fits(one, each):
    """Tell whether a decision may be put to a demand: by its matter, or else by its person within reach."""
    if one.matter is not None:
        by = "matter"
        same = one.matter in {each.outcome.matter, each.outcome.matter.partition("@")[0]}
    else:
        by, same = "person", one.person == each.outcome.person
    return same and in_reach(one, each, KIND, by)


DECISIONS = st.lists(
    st.tuples(
        st.integers(0, 9), st.sampled_from(["30", "50"]), st.sampled_from(["li", "wan"]), st.sampled_from([None, 0, 1])
    ),
    max_size=4,
)
DEMANDS = st.lists(
    st.tuples(
        st.integers(0, 9),
        st.sampled_from(["30", "50"]),
        st.sampled_from(["li", "wan"]),
        st.sampled_from(["late", "absent"]),
    ),
    max_size=4,
)


@given(DECISIONS, DEMANDS, st.randoms())
def test_no_other_way_to_pair_is_better(rows, demanded, order):
    """the pairs are the best of all by number, differences, days and money, in whatever order they stand"""
    demands = [demand(index, day, amount, person, rule) for index, (day, amount, person, rule) in enumerate(demanded)]
    decisions = [
        decision(index, day, amount, person=person, matter=None if slip is None else f"slip:{slip}")
        for index, (day, amount, person, slip) in enumerate(rows)
    ]
    found = paired(decisions, demands)
    by_id = {one.id: one for one in decisions} | {each.outcome.id: each for each in demands}
    pairs = [(by_id[one], by_id[each]) for one, each in found.items()]
    assert all(fits(one, each) for one, each in pairs)
    assert len({each.outcome.id for _, each in pairs}) == len(pairs)
    assert worth(pairs) == min(map(worth, every_way(decisions, demands)))
    order.shuffle(decisions)
    order.shuffle(demands)
    assert paired(decisions, demands) == found


def test_the_nearest_alone_would_leave_one_without():
    """of two fines the later goes to the later lateness, though it is nearer to the first, so that both have one"""
    demands = [demand(1, 3, "50"), demand(2, 0, "50")]
    assert paired([decision(1, 2, "50"), decision(2, 4, "50")], demands) == {"d1": "o2", "d2": "o1"}


def test_a_matter_is_found_with_and_without_its_episode():
    """`slip:1` and `slip:1@e1` are both the matter of the outcome; `slip:2` is not, even for the same person"""
    demands = [demand(1, 0, "50")]
    for matter, found in (("slip:1", {"d1": "o1"}), ("slip:1@e1", {"d1": "o1"}), ("slip:2", {})):
        assert paired([decision(1, 0, "50", matter=matter)], demands) == found


def test_the_cited_rule_decides_between_two():
    """of two demands on one day a decision answers that of the rule which it cites"""
    demands = [demand(1, 0, "50"), demand(2, 0, "50", rule="absent")]
    assert paired([decision(1, 0, "50", rule="absent")], demands) == {"d1": "o2"}
    assert paired([decision(1, 0, "50", rule="late")], demands) == {"d1": "o1"}


def test_what_a_pair_says_of_itself():
    """a pair tells its key, the days between and how many other demands were in reach"""
    demands = [demand(1, 0, "50"), demand(2, 1, "50"), demand(3, 9, "50")]
    [pair] = match_decisions([decision(1, 3, "50")], demands, MAPPING, RULES)
    assert (pair.demand.outcome.id, pair.match.by, pair.match.days, pair.match.rivals) == ("o2", "person", 2, 1)


def test_many_rows_are_paired():
    """many matters are paired one by one, and not each with each"""
    count = 20_000
    demands = [demand(number, 0, "50") for number in range(count)]
    decisions = [decision(number, 0, "50", matter=f"slip:{number}") for number in range(count)]
    assert paired(decisions, demands) == {f"d{number}": f"o{number}" for number in range(count)}
