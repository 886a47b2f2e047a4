"""Cases that one pass cannot tell: what comes together in a count or an instant, what the engine has forgotten."""

from __future__ import annotations

import pytest

from dutyrules.compiler.plain import PlainLines
from dutyrules.compiler.program import NotCompiled, compile_pack
from dutyrules.compiler.reading import Beyond

from .agreement import Both
from .test_once_different import HOUR, lines, pack

DAY = 24
CASES = {"case": {"key": "case", "opens": "came", "closes": "left"}}
DAYS = {"case": {"key": ["person", "day_of"], "opens": "came", "closes": "left"}}
SHORT = {"case": {"key": "case", "opens": "came", "closes": "left", "keep": "1 days"}}
DEEMED = "r: {kind: definition, when: moved, counts_as: noted, with: {person: person, case: case}}"
K = {"case": "k"}

LEFT = {
    "two rules that one event breaks, and a count of both": (
        (
            "{a: {kind: prohibition, when: noted}, b: {kind: prohibition, when: noted where ok}, "
            "s: {kind: sanction, when: breach of a, fine: n}}"
        ),
        "{n: {of: 'breach of [a, b]', per: person, in: month}}",
        CASES,
        [(0, "noted", "ann", {"ok": True})],
    ),
    "an event, the breach that it is, and a count of both": (
        "{a: {kind: prohibition, when: noted}, s: {kind: sanction, when: noted, if: n >= 2, fine: 50}}",
        "{n: {of: [noted, breach of a], per: person, in: month}}",
        CASES,
        [(0, "noted", "ann")],
    ),
    "a miss, what it breaks, and a count of both": (
        (
            "{a: {kind: obligation, about: case, when: came, within: 1h, until: noted}, "
            "b: {kind: prohibition, when: breach of a}, s: {kind: sanction, when: breach of b, fine: n}}"
        ),
        "{n: {of: 'breach of [a, b]', per: person}}",
        CASES,
        [(0, "came", "ann", K), (5, "moved", "bo")],
    ),
    "a place in a count beside a fact that counts as one": (
        f"{{{DEEMED}, s: {{kind: sanction, when: noted, fine: n}}}}",
        "{n: {of: noted, per: person, in: month}}",
        CASES,
        [(0, "noted", "ann"), (0, "moved", "ann")],
    ),
    "an act in a gap beside a fact that counts as one": (
        f"{{{DEEMED}, g: {{kind: obligation, about: case, gap: 2h, who: head, until: noted}}}}",
        "{}",
        CASES,
        [(0, "came", "ann", K), (1, "noted", "ann", K), (1, "moved", "ann", K)],
    ),
    "an act of a period beside a fact that counts as one": (
        f"{{{DEEMED}, g: {{kind: obligation, every: day, who: head, until: noted}}}}",
        "{}",
        CASES,
        [(0, "noted", "ann", K), (0, "moved", "ann", K)],
    ),
    "a link to a record that opens at the same instant": (
        "{s: {kind: sanction, about: visit, when: noted, if: known(now.opened), fine: 50}}",
        "{}",
        {
            "case": {"key": "person", "opens": "asked"},
            "visit": {"key": ["case", "person"], "opens": "came", "links": {"now": "latest case of person"}},
        },
        [(0, "came", "ann", K), (0, "asked", "ann"), (1, "noted", "ann", K)],
    ),
    "an act long before the duty whose clock had begun": (
        "{d: {kind: obligation, about: case, when: moved, from: case.opened, by: 50h after time, until: noted}}",
        "{}",
        {"case": {"key": "case", "opens": "came"}},
        [(0, "came", "ann", K), (90, "noted", "ann", K), (500 * DAY, "moved", "ann", K)],
    ),
    "an act long after the duty was missed": (
        "{d: {kind: obligation, about: case, when: moved, within: 2h, until: noted}}",
        "{}",
        {"case": {"key": "case", "opens": "came"}},
        [(0, "came", "ann", K), (90, "moved", "ann", K), (800 * DAY, "noted", "ann", K)],
    ),
}
"""Rules, counts, records and a log."""

REFUSED = {
    "a gap of a record about a day": (
        "{g: {kind: obligation, about: case, gap: 24h, who: head, until: noted}}",
        DAYS,
        "about a day",
    ),
    "a duty of each day while a record about a day is open": (
        "{g: {kind: obligation, every: day, who: head, until: noted, if: any(case)}}",
        DAYS,
        "until it is forgotten",
    ),
    "a duty of each week for a record that is soon forgotten": (
        "{g: {kind: obligation, every: week, who: head, until: noted, if: any(case)}}",
        SHORT,
        "forgotten before",
    ),
    "a duty of each day that can be excused": (
        "{g: {kind: obligation, every: day, who: head, until: noted, excused_by: answered}}",
        CASES,
        "can be excused",
    ),
    "a condition that lasts, and an excuse that asks when it began": (
        (
            "{r: {kind: prohibition, about: case, who: head, whenever: case.level > 1, during: whole_day, "
            "excused_by: noted where time > this.time}}"
        ),
        {"case": {"key": "case", "opens": "came"}},
        "asks when it began",
    ),
    "a condition that lasts, and an excuse after its record is forgotten": (
        (
            "{r: {kind: prohibition, about: case, who: head, whenever: case.level > 1, during: whole_day, "
            "excused_by: noted where ok}}"
        ),
        SHORT,
        "when its record is forgotten",
    ),
    "a condition that lasts, and something that is needed": (
        (
            "{r: {kind: prohibition, about: case, who: head, whenever: case.level > 1, during: whole_day, "
            "needs: {x: noted}}}"
        ),
        {"case": {"key": "case", "opens": "came"}},
        "needs something",
    ),
}


@pytest.mark.parametrize("name", LEFT)
def test_it_is_left_to_the_engine(name, tmp_path) -> None:
    """what comes together, or is long past, the program does not decide"""
    rules, counts, records, log = LEFT[name]
    assert not Both(pack(tmp_path, rules, counts, records), tmp_path).check(lines(*log), HOUR)


@pytest.mark.parametrize("name", LEFT)
def test_the_program_decides_where_nothing_of_the_kind_happens(name, tmp_path) -> None:
    """the first event of such a log alone is decided, so that it is not the pack that is left"""
    rules, counts, records, log = LEFT[name]
    first = [(hour, kind, person, {**(data[0] if data else {}), "ok": False}) for hour, kind, person, *data in log[:1]]
    both = Both(
        pack(tmp_path, rules.replace("prohibition, when: noted}", "prohibition, when: left}"), counts, records),
        tmp_path,
    )
    assert both.check(lines(*first), HOUR // 2)


@pytest.mark.parametrize("name", REFUSED)
def test_it_does_not_compile(name, tmp_path) -> None:
    """what rests on a record that the engine forgets, or asks what there is not, is the engine's"""
    rules, records, reason = REFUSED[name]
    with pytest.raises(NotCompiled) as caught:
        compile_pack(pack(tmp_path, rules, "{}", records), carries_all=True)
    assert any(reason in one.reason for one in caught.value.refusals), caught.value.refusals


def test_an_excuse_is_judged_as_of_its_own_time(tmp_path) -> None:
    """what it must agree with in the record may change later: it excuses all the same, and so it does for the engine"""
    rules = "{r: {kind: sanction, about: case, when: noted, fine: 50, excused_by: answered where level == case.level}}"
    records = {"case": {"key": "case", "opens": "came", "updates": "moved"}}
    both = Both(pack(tmp_path, rules, "{}", records), tmp_path)
    log = [
        (0, "came", "ann", {**K, "level": 2}),
        (1, "noted", "ann", K),
        (2, "answered", "ann", {**K, "level": 2}),
        (3, "moved", "ann", {**K, "level": 5}),
    ]
    assert both.check(lines(*log), HOUR)
    assert both.tally.made["r", "sanction", "withdrawn"] == 1


def test_a_question_may_be_named_by_what_its_event_says_beside_its_fields(tmp_path) -> None:
    """an event may have an `about` that its type does not declare: the engine takes it for a name of the question"""
    rules = "{r: {kind: sanction, about: case, when: came, compensate: {decided_by: head}}}"
    read = PlainLines(pack(tmp_path, rules, "{}", CASES), "log")
    (told,) = lines((0, "came", "ann", {**K, "about": "q"}))
    with pytest.raises(Beyond, match="`about`"):
        read(told, 1)
    (told,) = lines((0, "came", "ann", K))
    assert read(told, 1) is not None


@pytest.mark.parametrize(
    ("rules", "kind", "data"),
    [
        ("{r: {kind: sanction, when: noted, fine: 5}}", "finding", {"code": "none", "person": "ann"}),
        ("{r: {kind: sanction, when: noted, fine: 5}}", "finding", {"code": "r", "person": "ann"}),
        ("{r: {kind: sanction, when: noted, fine: 5}}", "ruling", {"about": "e0", "impose": True}),
        ("{r: {kind: sanction, when: noted, fine: 5}}", "ruling", {"amount_cny": 5}),
    ],
)
def test_what_reaches_nothing_is_set_aside_by_both(rules, kind, data, tmp_path) -> None:
    """a finding that names no rule, and a ruling where nobody is asked: both say so, with the same words"""
    both = Both(pack(tmp_path, rules), tmp_path)
    assert both.check(lines((0, "noted", "ann"), (1, kind, None, data)), HOUR)
    assert both.tally.aside == 1
