"""No value that an event may carry makes the engine raise, wherever the pack reads it."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from functools import lru_cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dutyrules.engine import Engine
from dutyrules.policies.load import check_text

PACK = """
pack: p
calendar: none
currency: CNY
severity: [fine, step]
log: {carries: all}
roles: {office: the office}
events:
  came: {fields: {x: any, y: any, person: person}}
  seen: {fields: {x: any, y: any, person: person}}
  done: {fields: {x: any, y: any, person: person}}
  gone: {fields: {x: any, y: any}}
records:
  thing: {key: x, opens: came, updates: seen, closes: gone, links: {other: latest pair of y within 24h}}
  pair: {key: [x, y], opens: came, dated: y}
  date_of: {key: y, opens: came, dated: y, closes: end of y}
  whole: {key: none, opens: seen}
counts:
  per_value: {of: done, per: x, in: month of y, distinct: y}
  lately: {of: done, per: x, in: 2 days}
  hourly: {of: [done, came], in: 2h, except: x}
  days: {of: done, per: person, in: month, spread: x to y}
  things: {of: thing where y != 0, per: y, in: open, distinct: x}
values: {formula: x * 2 + y}
parameters: {base: 100}
ladders:
  steps: {per: person, steps: [a, b], repeat: {same: class, raise: 1}}
rules:
  functions:
    kind: prohibition
    when: done
    if: >-
      floor(x) > 1 or min(x, y) > 0 or weekday(x) == 'Monday' or age(x, y) > 1 or days_between(x, y) > 1
      or is_working_day(x) or round(x, y) > 1 or abs(x) > 1 or hour_of(x) > 1 or month_of(x) == '2026-01'
      or x in [1, y] or x < y or -x > y or x // y > 1 or x % y == 1 or x / y > 1 or max(x, 1) > 1 or ceil(y) > 2
    who: office
  counted:
    kind: prohibition
    when: done
    if: per_value > 1 or lately > 1 or hourly > 1 or days > 1 or formula > 1
    who: office
  lookup:
    kind: prohibition
    when: done
    if: any(thing, y == this.y and x == this.x) or any(pair, x > this.y)
    who: x
  about-thing: {kind: prohibition, about: thing, when: done, if: thing.y > x or other.y == x, who: office}
  about-day: {kind: prohibition, about: date_of, when: end of date_of, if: date_of.y > x, who: office}
  banded:
    kind: sanction
    when: done
    by_number: x
    tiers: {t1: {from: 1, to: 2, fine: 10 each}, t2: {from: 3, fine: y}}
  fined: {kind: sanction, about: pair, when: done, fine: x, who: office, once_per: [x, y]}
  percent: {kind: sanction, when: done, deduct: "1% of x"}
  asked: {kind: sanction, when: done, fine: {from: x, to: y, decided_by: office, propose: x}}
  stepped: {kind: sanction, when: done, step: a, class: c}
  chosen: {kind: choice, of: [fined, stepped], same: x, keep: heaviest}
  granted:
    kind: entitlement
    about: pair
    when: seen
    who: office
    grant: {what: pay, amount: x}
    by: 2 days after y
    until: done
  lost: {kind: sanction, when: done, forfeit: granted, same: [x, y]}
  due:
    kind: obligation
    about: thing
    when: came
    who: office
    by: 2 days after thing.y
    until: done where x == y
    moved_by: {when: seen, to: x}
  timed:
    kind: obligation
    about: thing
    when: came
    who: office
    from: y
    within: 2h of y
    until: done
    at_least: 2
    distinct: x
    excused_by: seen where y
  again: {kind: obligation, about: thing, every: 1 year from thing.y, who: office, until: done}
  daily: {kind: obligation, every: day, for_each: thing where y > 1, who: x, until: done, one_act: oldest}
  gap: {kind: obligation, about: thing, gap: 30h, until: done where y > x, who: thing.y}
  rising: {kind: prohibition, about: thing, whenever: things > 1 or thing.y > 3, who: office}
  deem: {kind: definition, when: done where x, counts_as: came, with: {x: y, y: x, person: person}}
"""
KINDS = ("came", "seen", "done", "gone", "ruling", "finding")
ODD = (
    *(
        None,
        True,
        False,
        0,
        1,
        -1,
        1.0,
        1.5,
        10**23,
        10**24,
        10**25,
        -(10**30),
        10**5000,
        1e300,
        float("inf"),
        float("nan"),
    ),
    *(
        "",
        " ",
        "a",
        "a,b|c\\",
        "1",
        "2026-01-06",
        "2026-01",
        "2026-01-06T10:00:00+08:00",
        "0001-01-01",
        "9999-12-31",
        "\ud800",
        "x" * 300,
    ),
    *([], [1], [[]], ["a", None], {}, {"a": 1}, {"a": {"b": []}}, [{"a": 1}], {"": ""}),
    *(
        dt.date(2026, 1, 6),
        dt.date.min,
        dt.date.max,
        dt.datetime(2026, 1, 6, 10, tzinfo=dt.UTC),
        dt.datetime.max.replace(tzinfo=dt.UTC),
    ),
    *(
        Decimal("NaN"),
        Decimal("sNaN"),
        Decimal("Infinity"),
        Decimal("1e999999"),
        Decimal("0.10"),
        b"bytes",
        object(),
        {1: 2},
        ...,
    ),
)


@lru_cache
def pack():
    """Return the pack that reads values of any kind wherever it can."""
    checked = check_text(PACK, file="hostile.yaml")
    errors = [f"{each.code} {each.message}" for each in checked.diagnostics if each.is_error]
    assert not errors, "\n".join(errors)
    return checked.packs[0]


def event(number: int, kind: str, hours: int, x, y) -> dict:
    """Return an event with two values of any kind, in each field that may take one."""
    when = dt.datetime(2026, 1, 5, tzinfo=dt.UTC) + dt.timedelta(hours=hours)
    data = {
        "x": x,
        "y": y,
        "about": x,
        "amount_cny": y,
        "code": x,
        "norm": y,
        "person": x if isinstance(x, str) else "li",
    }
    known = {"ruling": ("about", "amount_cny", "norm"), "finding": ("code", "about", "person")}.get(
        kind, ("x", "y", "person")
    )
    fields = {
        name: value for name, value in data.items() if name in known and not (kind == "gone" and name == "person")
    }
    return {"id": f"e{number}", "type": kind, "time": when.isoformat(), "data": fields}


def run(events) -> None:
    """Feed events one by one, go on, and go through a snapshot."""
    engine = Engine(pack())
    for each in events:
        engine.feed(each)
    engine.advance("2026-01-09T00:00:00+08:00")
    again = Engine.restore(pack(), engine.snapshot())
    again.advance("2026-01-16T00:00:00+08:00")
    again.outcomes()


@pytest.mark.parametrize("number", range(len(ODD)))
def test_an_odd_value_in_every_field_raises_nothing(number: int) -> None:
    """a value of any kind is taken or set aside wherever the pack reads it"""
    value = ODD[number]
    pairs = [(value, value), (value, 1), (1, value), (value, "2026-01-06"), ("2026-01-06", value)]
    run(
        [
            event(5 * number + step, kind, 3 * number + step, *pair)
            for number, pair in enumerate(pairs)
            for step, kind in enumerate(KINDS)
        ]
    )


@settings(max_examples=30)
@given(
    st.lists(
        st.tuples(st.sampled_from(KINDS), st.integers(0, 60), st.sampled_from(ODD), st.sampled_from(ODD)), max_size=8
    )
)
def test_odd_values_side_by_side_raise_nothing(drawn) -> None:
    """values of different kinds in one log are compared, counted and looked up without an exception"""
    run([event(number, *each) for number, each in enumerate(drawn)])
