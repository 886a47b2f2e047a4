"""How long each part of a pack is remembered."""

from __future__ import annotations

import pytest

from dutyrules.policies.horizons import FOREVER, LATENESS, Horizon, described, horizons
from dutyrules.policies.load import check_text, load_pack

DAY = 86_400
HEAD = """
pack: p
calendar: none
records:
  staff: {key: person, opens: staff_record}
  case: {key: complaint_id, opens: complaint_received, closes: complaint_replied}
"""


def of(text: str):
    """Return the horizons of a pack that has two records and the given parts."""
    checked = check_text(HEAD + text)
    assert not checked.failed, checked.diagnostics
    return horizons(checked.packs[0])


def rule(name: str, **keys: str) -> str:
    """Return one rule as YAML."""
    return (
        f"  {name}: {{says: {{en: X., zh: 甲。}}, " + ", ".join(f"{key}: {text}" for key, text in keys.items()) + "}\n"
    )


COUNTED = rule("late", kind="prohibition", when="check_in", if_="x").replace("if_: x, ", "").replace(", if_: x", "")
FINED = rule("fine", kind="sanction", when="breach of late", fine="5")


def test_what_is_only_looked_at_once_is_kept_as_long_as_events_may_be_late() -> None:
    """a rule without any window needs its events for as long as another may come late"""
    found = of("rules:\n" + COUNTED)
    assert found.events["check_in"] == Horizon(LATENESS, "late")
    assert found.events["check_out"] == Horizon(LATENESS)


@pytest.mark.parametrize(("window", "days"), [("month", 31), ("year", 366), ("30 days", 30), ("2 weeks", 14)])
def test_a_counts_window_holds_what_is_counted_and_what_that_rests_on(window: str, days: int) -> None:
    """a breach that is counted in a window, and the events by which it came about, are needed for that window"""
    text = f"counts:\n  n: {{of: breach of late, per: person, in: {window}}}\nrules:\n" + COUNTED
    found = of(text + FINED.replace("fine: 5", "if: n > 2, fine: 5"))
    for part in (found.rules["late"], found.events["check_in"]):
        assert part == Horizon(days * DAY + LATENESS, "n")
    assert found.rules["fine"].seconds == LATENESS
    assert found.events["complaint_received"].seconds == LATENESS


def test_windows_add_up_along_the_way() -> None:
    """a count within a count needs the sum of both windows"""
    text = (
        "counts:\n  n: {of: check_in, per: person, in: week}\n"
        "  m: {of: breach of late, per: person, in: year}\nrules:\n"
        + COUNTED.replace("when: check_in", 'when: check_out, if: "n > 1"')
        + FINED.replace("fine: 5", "if: m > 2, fine: 5")
    )
    found = of(text)
    assert found.events["check_in"] == Horizon((366 + 7) * DAY + LATENESS, "m")
    assert found.longest == Horizon((366 + 7) * DAY + LATENESS, "m")


def test_a_total_without_a_window_is_endless_and_says_so() -> None:
    """a total of a person's acts is never forgotten, and the count is named as the reason"""
    text = "counts:\n  n: {of: breach of late, per: person}\nrules:\n" + COUNTED
    found = of(text + FINED.replace("fine: 5", "if: n > 2, fine: 5"))
    assert found.events["check_in"] == Horizon(FOREVER, "n")
    assert described(found.longest) == "for ever"
    assert not found.events["complaint_received"].is_endless


ENDLESS = {
    "count `n` has no `in`": "counts:\n  n: {of: breach of late, per: person}\nrules:\n"
    + COUNTED
    + FINED.replace("fine: 5", "if: n > 2, fine: 5"),
    "rule `r` needs any earlier `check_in`": "rules:\n"
    + rule("r", kind="prohibition", when="check_out", needs="[check_in]"),
    "`once_per` of rule `fine` names no period": "rules:\n"
    + COUNTED
    + FINED.replace("fine: 5", "fine: 5, once_per: person"),
    "`same` of rule `pick` names neither period nor matter": "rules:\n"
    + COUNTED
    + FINED
    + rule("claim", kind="sanction", when="breach of late", fine="7")
    + rule("pick", kind="choice", of="[fine, claim]", same="person", keep="heaviest"),
    "ladder `up` looks back without a `within`": "rules:\n"
    + COUNTED
    + rule("step", kind="sanction", when="breach of late", step="oral", **{"class": "lateness"})
    + "ladders:\n  up: {per: person, steps: [oral, written], repeat: {same: class, raise: 1, cap: written}}\n",
    "`slow` looks back at what rests on it": "rules:\n"
    + rule("slow", kind="definition", about="case", when="complaint_forwarded", by="9 days after case.opened").replace(
        "kind: definition", "kind: obligation, until: complaint_recorded"
    )
    + rule("told", kind="definition", about="case", when="breach of slow", counts_as="complaint_received").replace(
        "counts_as: complaint_received", "counts_as: complaint_received, with: {complaint_id: new}"
    ),
}


@pytest.mark.parametrize("endless", ENDLESS)
def test_what_is_endless_says_what_has_no_bound(endless: str) -> None:
    """each way of looking back without a bound is named, in words that point at the key of the pack"""
    assert {one.endless for one in of(ENDLESS[endless]).events.values() if one.is_endless} == {endless}


def test_a_total_about_a_case_that_ends_is_not_endless() -> None:
    """a total of the acts in one case goes with the case"""
    text = "counts:\n  n: {of: notified, per: complaint_id}\nrules:\n" + rule(
        "much", kind="prohibition", when="complaint_received", about="case", if_="n"
    ).replace("if_: n", 'if: "n > 2"')
    found = of(text.replace("of: notified", "of: complaint_forwarded"))
    assert found.counts["n"].seconds == LATENESS


def test_a_need_of_any_earlier_act_is_endless_and_one_about_the_case_is_not() -> None:
    """what is needed of a person's past is kept for good, what is needed of the same case is not"""
    anyone = rule("r", kind="prohibition", when="check_out", needs="[check_in]")
    assert of("rules:\n" + anyone).events["check_in"] == Horizon(FOREVER, "r")
    mine = rule("r", kind="prohibition", about="case", when="complaint_replied", needs="[complaint_forwarded]")
    assert of("rules:\n" + mine).events["complaint_forwarded"].seconds == LATENESS


def test_a_record_without_end_stays_and_keep_goes_before() -> None:
    """a record that never ends is kept for good, one that says `keep` for that long"""
    found = of("rules:\n" + COUNTED)
    assert found.records["staff"] == Horizon(FOREVER, "no end")
    assert found.records["case"] == Horizon(LATENESS)
    kept = check_text(
        HEAD.replace("closes: complaint_replied", "closes: complaint_replied, keep: 2 years") + "rules:\n" + COUNTED
    )
    assert horizons(kept.packs[0]).records["case"] == Horizon(732 * DAY, "keep")


def test_retention_goes_before_all_that_is_worked_out() -> None:
    """a pack's own `retention` holds for every part and for late events"""
    text = "retention: 1 year\ncounts:\n  n: {of: breach of late, per: person}\nrules:\n" + COUNTED
    found = of(text + FINED.replace("fine: 5", "if: n > 2, fine: 5"))
    assert found.late == 366 * DAY
    assert found.events["check_in"] == found.rules["late"] == Horizon(366 * DAY, "retention")


def test_a_ladders_steps_are_needed_as_far_as_it_looks_back() -> None:
    """steps that add up within a year are needed for a year"""
    found = horizons(load_pack("callcenter"))
    assert found.longest.is_endless
    assert found.longest.because == "discipline"


@pytest.mark.parametrize("name", ["clinic", "callcenter", "school/gate", "property/keys"])
def test_what_a_breach_rests_on_lasts_as_long_as_the_breach(name: str) -> None:
    """in every pack an event that sets a rule off is kept at least as long as the rule's outcomes"""
    pack = load_pack(name)
    found = horizons(pack)
    tried = 0
    for one in pack.rules.values():
        for pattern in one.when:
            for event in pattern.names if pattern.kind.value == "event" else ():
                tried += 1
                assert found.events[event].seconds >= found.rules[one.id].seconds
    assert tried > 10
