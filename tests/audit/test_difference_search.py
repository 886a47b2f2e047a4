"""A small log on which two packs differ, as a scenario that one passes and the other fails."""

from __future__ import annotations

import pytest
import yaml

from audit.difference_desk import pack
from dutyrules.audit.difference_search import Search
from dutyrules.testing.scenario_files import load_scenarios
from dutyrules.testing.scenarios import pack_for, run_scenario

DEARER = ("late_fine: 50", "late_fine: 80")
CHANGES = {
    "a parameter": {"fine": DEARER},
    "an exemption": {"exempt": ("if: time > shift.start", "if: time > shift.start and person != 'ann'")},
    "a limit": {"late": ("time > shift.start", "time >= shift.start")},
    "a time to answer": {"longer": ("within: 2 working days", "within: 3 working days")},
    "a grant": {"less": ("    if: person == 'li'\n", ""), "more": ("allowance: 20", "allowance: 25")},
}


def passes(text, known, folder):
    """Tell whether a pack passes the scenario of a text, read as `dutyrules test` reads it."""
    path = folder / "found.yaml"
    path.write_text(text, "utf-8")
    [scenario] = load_scenarios(path)
    assert pack_for(scenario, [known]) is known
    return run_scenario(scenario, known).passed


@pytest.mark.parametrize("changes", CHANGES.values(), ids=CHANGES)
def test_what_is_found_tells_the_packs_apart(changes, tmp_path):
    """for each sort of change a scenario is found that the first pack passes and the other one fails"""
    a, b = pack(), pack(**changes)
    found = Search(a, b, most=400).run()
    assert found is not None
    assert passes(found.text, a, tmp_path)
    assert not passes(found.text, b, tmp_path)


def test_it_tells_apart_the_other_way_round(tmp_path):
    """an outcome that only the second pack has is expected not to come of the first"""
    a, b = pack(exempt=("time > shift.start", "time > shift.start and person == 'nobody'")), pack()
    found = Search(a, b, most=400).run()
    assert passes(found.text, a, tmp_path)
    assert not passes(found.text, b, tmp_path)
    assert "not_triggered" in found.text


def test_packs_of_different_names(tmp_path):
    """between packs of different names the scenario is the first one's, and its norms are those of either"""
    a, b = pack(), pack(name=("pack: desk", "pack: front"), fine=DEARER)
    found = Search(a, b).run()
    assert passes(found.text, a, tmp_path)
    assert not passes(found.text.replace("pack: desk", "pack: front"), b, tmp_path)
    same = Search(a, pack(name=("pack: desk", "pack: front")), most=20)
    assert same.run() is None


def test_what_no_scenario_can_tell_is_not_claimed():
    """where outcomes differ in what scenarios do not speak of, no scenario is given that both packs would pass"""
    b = pack(nature=("    fine: late_fine\n", "    fine: late_fine\n    nature: disciplinary_deduction\n"))
    search = Search(pack(), b, most=150)
    assert search.run() is None
    assert search.drawn == 150


def test_other_sanctions_on_the_matter_are_expected_too(tmp_path):
    """where the same lateness has two sanctions, the scenario expects both: what is not expected would fail it"""
    also = "  4-also: {kind: sanction, says: {en: More., zh: 另罚。}, when: breach of 1-late, fine: 7}"
    more = ("  3-served:", f"{also}\n  3-served:")
    a, b = pack(more=more), pack(more=more, fine=DEARER)
    found = Search(a, b).run()
    assert passes(found.text, a, tmp_path)
    assert not passes(found.text, b, tmp_path)
    norms = [each["norm"] for each in yaml.safe_load(found.text)["scenarios"][0]["expect"]]
    assert norms == ["desk/1-fine", "desk/4-also"]


def test_nothing_can_be_left_out(tmp_path):
    """without any one of its events or fields the scenario no longer tells the packs apart"""
    a, b = pack(), pack(fine=DEARER)
    found = Search(a, b).run()
    document = yaml.safe_load(found.text)
    events = document["scenarios"][0]["events"]
    assert events
    for index, event in enumerate(events):
        fields = [name for name in event if name not in ("at", "type", "id")]
        shorter = [events[:index] + events[index + 1 :]]
        shorter += [
            [*events[:index], {key: value for key, value in event.items() if key != name}, *events[index + 1 :]]
            for name in fields
        ]
        for rest in shorter:
            document["scenarios"][0]["events"] = rest
            text = yaml.safe_dump(document)
            assert not passes(text, a, tmp_path) or passes(text, b, tmp_path)


def test_the_search_is_bounded_and_repeats_itself():
    """what decides alike is searched up to the bound and no further, and the same search finds the same"""
    a, b = pack(), pack(fine=DEARER)
    again = [Search(a, b).run() for _ in range(2)]
    assert again[0] == again[1]
    same = Search(a, pack(never=("fine: late_fine", "fine: late_fine + 0")), most=25)
    assert same.run() is None
    assert 0 < same.drawn <= 25


def test_packs_without_a_difference_are_not_searched():
    """where nothing that decides was changed no log is drawn"""
    search = Search(pack(), pack(says=("Being late is fined.", "Lateness costs.")))
    assert search.run() is None
    assert search.drawn == 0
