from __future__ import annotations

import pytest

from dutyrules.calendars.zones import Zone
from dutyrules.explanations import NoSuchOutcome, explain
from dutyrules.outcomes import short_id
from dutyrules.policies.load import load_pack
from dutyrules.replay import Replay, open_logs


@pytest.fixture
def replay(repository):
    """Give a function that opens a replay of the small log."""
    pack = load_pack(repository / "tests" / "desk" / "desk.yaml")
    log = repository / "tests" / "desk" / "log.jsonl"
    return lambda: Replay(pack, open_logs([log], pack), as_of=Zone(pack.timezone).parse("2026-02-01T00:00:00+08:00"))


def named(replay, rule, kind):
    """Return the id of the one outcome of a rule and kind."""
    [one] = [each for each in replay().run().values() if (each.rule, each.kind) == (rule, kind)]
    return one.id


def test_a_voided_fine_shows_its_history_and_both_causes(replay):
    """an explanation has every status, and what made and what voided the outcome, down to the events and their lines"""
    found = explain(replay(), named(replay, "1.2-fine", "sanction"))
    assert [one.status for one in found.history] == ["imposed", "voided"]
    assert found.rule.id == "1.2-fine"
    by_rule = {cause.outcome.rule: cause for cause in found.causes}
    assert set(by_rule) == {"1.2-leave-post", "1.3-premises-fine"}
    [event] = by_rule["1.2-leave-post"].causes
    assert (event.event.id, event.place.rsplit("/", 1)[1]) == ("e4", "log.jsonl:9")
    assert [cause.event.id for cause in by_rule["1.3-premises-fine"].causes] == ["e5"]


def test_a_missed_deadline_has_its_account(replay):
    """the breach of a duty with a limit comes with the account of the days that were counted and skipped"""
    found = explain(replay(), named(replay, "2.1-reply", "breach"))
    assert found.deadline.status == "missed"
    entries = found.deadline.ledger["entries"]
    assert [(one["entry"], one["from"], one["to"]) for one in entries] == [
        ("skipped", "2026-01-15", "2026-01-15"),
        ("counted", "2026-01-16", "2026-01-16"),
        ("skipped", "2026-01-17", "2026-01-18"),
        ("counted", "2026-01-19", "2026-01-19"),
    ]


def test_what_is_gone_with_its_cause_says_what_ended_the_cause(repository):
    """a fine that went because the breach below it was excused shows the excuse, though its own rule has none"""
    folder = repository / "examples" / "clinic_month"
    pack = load_pack(folder / "pack.yaml")
    found = explain(Replay(pack, open_logs([folder / "events.jsonl"], pack)), "1ad35044")
    assert (found.outcome.rule, found.outcome.status) == ("4.1-fine-50", "withdrawn")
    assert all(step.holds for tried in found.grounds for step in tried.steps)
    stopped = [step.guard for step in found.ended.steps if not step.holds]
    assert (found.ended.rule.id, stopped) == ("4.1-late-priced", ["excused_by"])


def test_what_follows_is_listed(replay):
    """an explanation lists what rests on the outcome"""
    found = explain(replay(), named(replay, "1.2-leave-post", "breach"))
    assert [one.rule for one in found.effects] == ["1.2-fine"]


def test_the_beginning_of_an_id_is_enough_if_it_is_the_only_one(replay):
    """an id may be cut short as long as it names one outcome"""
    name = named(replay, "1.2-fine", "sanction")
    assert explain(replay(), name[:-1]).outcome.id == name
    assert explain(replay(), short_id(name)[:7]).outcome.id == name
    with pytest.raises(NoSuchOutcome) as caught:
        explain(replay(), "")
    assert len(caught.value.near) > 1
    with pytest.raises(NoSuchOutcome) as caught:
        explain(replay(), "zzz")
    assert caught.value.near == ()
