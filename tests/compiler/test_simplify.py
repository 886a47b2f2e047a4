"""Handlers are simplified to functions that do the same: everything they did before, for whatever an event says."""

from __future__ import annotations

from itertools import product
from types import SimpleNamespace

import pytest

from dutyrules.compiler.simplify import simplified

HANDLERS = {
    "a test that comes again": """
def on(e, d_a, t):
    r1 = table.get(d_a)
    if r1 is not None:
        out(1)
    if r1 is not None and r1.f_x:
        out(2)
    if r1 is not None:
        out(3)
""",
    "a test with another branch that comes again": """
def on(e, d_a, t):
    r1 = table.get(d_a)
    if r1 is not None:
        out(1)
    elif t:
        out(2)
    if r1 is not None and t > 1:
        out(3)
    elif t > 2:
        out(4)
    if r1 is not None:
        out(5)
    else:
        out(6)
    if r1 is not None:
        out(7)
""",
    "a name that changes between two tests": """
def on(e, d_a, t):
    r1 = table.get(d_a)
    if r1 is not None:
        r1 = table.get("none")
    if r1 is not None:
        out(1)
    if r1 is None:
        out(2)
""",
    "an attribute that changes between two tests": """
def on(e, d_a, t):
    r1 = table.get(d_a)
    if r1 is not None:
        if r1.f_x is None:
            out(1)
        r1.f_x = d_a
        if r1.f_x is not None:
            out(2)
        r2 = r1
        r2.f_x = None
        if r1.f_x is None:
            out(3)
""",
    "two flags that follow each other": """
def on(e, d_a, t):
    broken_x = False
    broken_y = False
    if d_a is not None:
        if t > 1:
            out("breach")
            broken_x = True
            out("counted")
    if broken_x:
        out("fine")
        if t > 2:
            broken_y = True
    if broken_x:
        out("notice")
    if broken_y:
        out("warning")
""",
    "a flag and one that rests on it": """
def on(e, d_a, t):
    broken_x = False
    broken_y = False
    if t > 1:
        out("breach")
        broken_x = True
    if broken_x:
        out("fine")
    if broken_x:
        if t > 2:
            broken_y = True
    if broken_y:
        out("warning")
""",
    "a flag set in two places": """
def on(e, d_a, t):
    broken_x = False
    if t > 1:
        broken_x = True
    elif d_a is None:
        broken_x = True
    if broken_x:
        out("fine")
""",
    "a flag with something between": """
def on(e, d_a, t):
    broken_x = False
    if t > 1:
        out("breach")
        broken_x = True
    out("between")
    if broken_x:
        out("fine")
""",
    "a flag that is always set": """
def on(e, d_a, t):
    broken_x = False
    out("breach")
    broken_x = True
    if broken_x:
        out("notice")
    if broken_x:
        out("fine")
""",
    "a flag set before the end of its block": """
def on(e, d_a, t):
    broken_x = False
    if t > 0:
        if t > 1:
            broken_x = True
        out("after")
    if broken_x:
        out("fine")
""",
    "a choice of what may be missing": """
def on(e, d_a, t):
    r1 = table.get(d_a)
    if (None if r1 is None else r1.f_x) is not None:
        out(1)
    if r1 is None or r1.f_x is None:
        out(2)
    elif r1.f_x is not None:
        out(3)
""",
    "what is named on the way": """
def on(e, d_a, t):
    r1 = table.get(d_a)
    if r1 is not None and (o := r1.f_x) is not None and o:
        out(o)
        r1.f_x = None
    if r1 is not None and (o := r1.f_x) is not None:
        out(4)
""",
    "a count that is read again": """
def on(e, d_a, t):
    if d_a is not None:
        count_a[d_a] = count_a.get(d_a, 0) + 1
    if d_a is None:
        raise Unsure("rule", e)
    if count_a.get(d_a, 0) + count_a.get(d_a, 0) > 2:
        out(count_a.get(d_a, 0))
    count_a[d_a] = count_a.get(d_a, 0) + 5
    out(count_a.get(d_a, 0) + 1)
    out(count_a.get(d_a, 0) + 1)
""",
    "a count that changes under a condition": """
def on(e, d_a, t):
    out(count_a.get(d_a, 0) * 2)
    if t > 1:
        count_a[d_a] = count_a.get(d_a, 0) + 1
    out(count_a.get(d_a, 0) * 2)
    if t > 2:
        count_a.setdefault(d_a, 7)
    out(count_a.get(d_a, 0) * 2)
""",
    "a key that comes twice": """
def on(e, d_a, t):
    r1 = table.get((d_a, t))
    if r1 is None:
        r1 = table[d_a, t] = d_a
    out(table.get((d_a, t)))
""",
    "a sum that only some events can be asked for": """
def on(e, d_a, t):
    if d_a is not None:
        out(len(d_a) + 1)
    if d_a is not None and t:
        out(len(d_a) + 1)
""",
}


class Unsure(Exception):
    """The stream is left."""


def ran(text: str, d_a: str | None, t: int, held: object) -> object:
    """Return all that a handler does: what it puts out, what it changes; or that it leaves the stream."""
    told: list[object] = []
    record = SimpleNamespace(f_x=held)
    room = {"table": {"a": record}, "count_a": {"a": 1}, "out": told.append, "Unsure": Unsure}
    exec(text, room)  # noqa: S102 - the texts above
    try:
        room["on"]("e", d_a, t)
    except Unsure:
        return "left"
    return told, record.f_x, room["count_a"], sorted(map(str, room["table"]))


@pytest.mark.parametrize("name", HANDLERS)
def test_a_handler_does_the_same(name) -> None:
    """a simplified handler puts out and changes what the handler did, whatever comes"""
    plain = HANDLERS[name].strip()
    simple = "\n".join(simplified(plain.splitlines()))
    for d_a, t, held in product(("a", "b", None), range(4), (None, 0, 5)):
        assert ran(simple, d_a, t, held) == ran(plain, d_a, t, held), simple


@pytest.mark.parametrize(
    ("name", "gone"),
    [
        ("a flag and one that rests on it", "broken_"),
        ("a flag that is always set", "broken_"),
        ("a choice of what may be missing", "None if"),
        ("a key that comes twice", "table[d_a, t]"),
    ],
)
def test_what_is_needless_goes(name, gone) -> None:
    """flags that nothing waits for, choices that are made and keys that come twice are written no more"""
    plain = HANDLERS[name].strip()
    assert gone in plain
    assert gone not in "\n".join(simplified(plain.splitlines()))


def test_a_count_is_looked_up_once() -> None:
    """a number that has just been counted is not looked up again"""
    plain = HANDLERS["a count that is read again"].strip()
    simple = "\n".join(simplified(plain.splitlines()))
    assert plain.count("count_a.get") == 7
    assert simple.count("count_a.get") == 1
