"""Which rule or parameter is responsible for a difference."""

from __future__ import annotations

import pytest

from audit.difference_desk import pack, written
from dutyrules.audit.difference import compare, judge
from dutyrules.audit.difference_causes import Trials
from dutyrules.audit.difference_levers import levers, with_entries
from dutyrules.replay import open_logs

EXEMPT = ("if: time > shift.start", "if: time > shift.start and person != 'li'")
DEARER = ("late_fine: 50", "late_fine: 80")
PRICED = ("fine: late_fine", "fine: late_fine * 2")


@pytest.fixture
def causes(tmp_path):
    """Return what finds the causes of the differences between two packs, as (rule, person, how, names)."""
    log = written(tmp_path)

    def found(a, b, most=60):
        files = open_logs([log], a)
        difference = compare(judge(a, files), judge(b, files))
        trials = Trials(a, b, difference, lambda other: judge(other, files).outcomes)
        tried = trials.causes(levers(a, b), most)
        told = {
            (change.rule, change.kind, change.person): (
                tried.of[change.key].how,
                [(lever.section, lever.name) for lever in tried.of[change.key].levers],
            )
            for change in difference.changes
        }
        return told, tried

    return found


def test_a_parameter_alone(causes):
    """a fine that follows from a parameter is laid to it, and to nothing that changed besides"""
    told, tried = causes(pack(), pack(fine=DEARER, longer=("within: 2 working days", "within: 3 working days")))
    assert told["1-fine", "sanction", "li"] == ("alone", [("parameters", "late_fine")])
    assert told["2-reply", "obligation", "wan"] == ("alone", [("rules", "2-reply")])
    assert tried.tried == 2


def test_what_follows_from_a_changed_rule(causes):
    """the fine that falls away with its breach is laid to the rule that was changed, not to the one that fines"""
    told, _ = causes(pack(), pack(exempt=EXEMPT))
    assert set(told) == {("1-late", "breach", "li"), ("1-fine", "sanction", "li")}
    assert set(map(str, told.values())) == {str(("alone", [("rules", "1-late")]))}


def test_two_that_work_together(causes):
    """a sum that a parameter and a rule bring about together is laid to both, and to neither alone"""
    told, _ = causes(pack(), pack(fine=DEARER, priced=PRICED))
    both = [("parameters", "late_fine"), ("rules", "1-fine")]
    assert told == {("1-fine", "sanction", person): ("together", both) for person in ("li", "wan")}


def test_either_is_enough(causes):
    """where each of two changes takes an outcome away by itself, both are named"""
    told, _ = causes(
        pack(), pack(exempt=EXEMPT, other=("when: breach of 1-late", "when: breach of 1-late where false"))
    )
    assert told["1-fine", "sanction", "li"] == ("alone", [("rules", "1-late"), ("rules", "1-fine")])
    assert told["1-fine", "sanction", "wan"] == ("alone", [("rules", "1-fine")])


def test_a_rule_that_needs_a_new_parameter(causes):
    """a rule that reads what only its own pack declares is tried with that declaration, and is responsible"""
    b = pack(new=("late_fine: 50", "late_fine: 50, steep_fine: 90"), priced=("fine: late_fine", "fine: steep_fine"))
    told, _ = causes(pack(), b)
    assert told == {("1-fine", "sanction", person): ("alone", [("rules", "1-fine")]) for person in ("li", "wan")}
    back, _ = causes(b, pack())
    assert back["1-fine", "sanction", "li"][0] in {"alone", "together", "partly"}
    assert ("rules", "1-fine") in back["1-fine", "sanction", "li"][1]


def test_a_shift_that_moved(causes):
    """a shift is an entry like any other"""
    told, _ = causes(pack(), pack(later=("start: 08:00", "start: 08:10")))
    assert told["1-fine", "sanction", "li"] == ("alone", [("shifts", "day")])


def test_a_rule_that_only_one_pack_has(causes):
    """a rule that was added is responsible for its outcomes, also where there are too many changes to try any"""
    also = "  4-also: {kind: sanction, says: {en: More., zh: 另罚。}, when: breach of 1-late, fine: 10}"
    more = ("  3-served:", f"{also}\n  3-served:")
    b = pack(more=more, fine=DEARER)
    told, tried = causes(pack(), b)
    assert told["4-also", "sanction", "wan"] == ("alone", [("rules", "4-also")])
    assert tried.left_out == 0
    told, tried = causes(pack(), b, most=1)
    assert told["4-also", "sanction", "wan"] == ("alone", [("rules", "4-also")])
    assert told["1-fine", "sanction", "wan"] == ("unknown", [])
    assert (tried.tried, tried.left_out) == (0, 2)


def test_words_are_no_difference():
    """titles, sentences and clause numbers are no entries to try; names of packs are none either"""
    b = pack(
        name=("pack: desk", "pack: front"),
        title=("Front desk", "Reception"),
        says=("Being late is fined.", "Lateness costs."),
    )
    assert levers(pack(), b) == []


def test_what_differs_is_told_key_by_key():
    """an entry tells which of its keys differ and how, and a value its two sides"""
    found = {lever.name: lever.details for lever in levers(pack(), pack(fine=DEARER, priced=PRICED))}
    assert found == {"late_fine": (("", "50", "80"),), "1-fine": (("fine", "late_fine", "late_fine * 2"),)}


def test_an_entry_is_taken_over_whole():
    """a pack with all entries of another decides as the other does; one that cannot be is none"""
    a, b = pack(), pack(fine=DEARER, exempt=EXEMPT, priced=PRICED)
    changed = levers(a, b)
    assert levers(with_entries(a, [(lever, lever.b) for lever in changed]), b) == []
    assert levers(with_entries(b, [(lever, lever.a) for lever in changed]), a) == []
    [fine] = [lever for lever in changed if lever.name == "late_fine"]
    assert with_entries(a, [(fine, None)]) is None


SWITCHES = ("late_fine: 50", "late_fine: 50, a: false, b: false, c: false, d: false")
ON = ("a: false, b: false, c: false, d: false", "a: true, b: true, c: true, d: true")


def switched(condition):
    """Return two packs that differ in four switches, under which nobody is late while a condition holds."""
    base = {"switches": SWITCHES, "late": ("time > shift.start", f"time > shift.start and not ({condition})")}
    return pack(**base), pack(**base, on=ON)


def test_one_is_needed_and_not_enough(causes):
    """where one change is needed and either of two others with it, the one is named, and that there are more"""
    told, _ = causes(*switched("a and (b or c)"))
    assert told["1-fine", "sanction", "li"] == ("partly", [("parameters", "a")])


def test_no_change_is_needed(causes):
    """where two pairs of changes are each enough, no single one is: that is said, and nothing is guessed"""
    told, _ = causes(*switched("(a and b) or (c and d)"))
    assert told["1-fine", "sanction", "li"] == ("unknown", [])


def test_all_are_needed(causes):
    """where four changes are needed together, all four are named"""
    told, _ = causes(*switched("a and b and c and d"))
    assert told["1-fine", "sanction", "li"] == ("together", [("parameters", name) for name in "abcd"])
