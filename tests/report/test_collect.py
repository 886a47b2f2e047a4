"""What a report holds: every outcome that stands, with all that explains it."""

from __future__ import annotations

import datetime as dt
import random

from dutyrules.explanations import explain
from dutyrules.outcomes import instant_of
from dutyrules.policies.load import load_pack
from dutyrules.replay import Replay, open_logs
from dutyrules.report import collect
from report.logs import SMALL


def row_of(report, rule, kind):
    """Return the one row of a rule and kind."""
    [row] = [one for one in report.rows if (one.outcome.rule, one.outcome.kind) == (rule, kind)]
    return row


def test_the_rows_are_the_outcomes_that_stand(replay, small):
    """every outcome that a replay leaves standing is a row, once, in order of time"""
    assert {row.outcome.id: row.outcome for row in small.rows} == replay(SMALL).run()
    times = [instant_of(row.outcome.time) for row in small.rows]
    assert times == sorted(times)
    assert len(small.rows) == len({row.outcome.id for row in small.rows})


def test_every_status_that_an_outcome_had_is_kept(small):
    """the history of an obligation that was missed begins with its being open"""
    history = row_of(small, "2.1-reply", "obligation").history
    assert [one.status for one in history] == ["open", "breached"]
    assert [one.time[:10] for one in history] == ["2025-03-06", "2025-03-10"]


def test_each_row_names_the_deadline_that_it_hangs_on(small):
    """an obligation, its breach and the deadline itself name the deadline; a fine for being late names none"""
    deadline = row_of(small, "2.1-reply", "deadline").outcome
    assert deadline.ledger is not None
    assert row_of(small, "2.1-reply", "obligation").deadline == deadline.id
    assert row_of(small, "2.1-reply", "breach").deadline == deadline.id
    assert row_of(small, "1.2-fine", "sanction").deadline is None


def test_the_example_month_is_explained_as_one_outcome_is(month, repository):
    """for every three hundredth outcome the report has the deadline and the causes that `explain` finds"""
    folder = repository / "examples" / "clinic_month"
    pack = load_pack(folder / "pack.yaml")
    as_of = instant_of(month.as_of)
    for row in month.rows[150::300]:
        found = explain(Replay(pack, open_logs([folder / "events.jsonl"], pack), as_of=as_of), row.outcome.id)
        assert found.outcome == row.outcome
        assert [one.status for one in found.history] == [one.status for one in row.history]
        assert {cause.id for cause in found.causes} == set(row.outcome.because)
        known = {row.outcome.id for row in month.rows} | month.facts.keys()
        assert set(row.outcome.because) <= known
        if row.deadline is not None:
            assert found.deadline is not None


def test_events_stand_with_their_line_and_without_their_folder(small):
    """an event that an outcome rests on has its place in the log, by the name of the file alone"""
    assert small.facts["i1"].place == "log.jsonl:3"
    assert small.facts["i1"].event.type == "check_in"
    assert "x1" not in small.facts


def test_what_could_not_be_used_is_in_the_report(small):
    """a line that is no event and a check-in that belongs to no shift are listed with their reasons"""
    line, event = small.not_used
    assert (line.what, line.code) == ("log.jsonl:11", "DR601")
    assert event.what == "x1"
    assert "赵" in event.reason


def test_positions_on_the_ladder(small):
    """two private calls put somebody on the first and then on the second step"""
    [first, second] = small.climbs["discipline"]
    assert (first.person, first.step, len(first.outcomes)) == ("李", "oral", 1)
    assert (second.person, second.step, len(second.outcomes)) == ("李", "written", 1)


def test_days_that_are_not_ordinary(month):
    """holidays, make-up workdays and weekends of the log's days are known, ordinary days are not listed"""
    assert (month.first, month.last) == (dt.date(2025, 12, 31), dt.date(2026, 2, 1))
    assert month.days[dt.date(2026, 1, 1)].name == "元旦"
    assert month.days[dt.date(2026, 1, 4)].working
    assert not month.days[dt.date(2026, 1, 10)].working
    assert dt.date(2026, 1, 5) not in month.days


def test_the_order_of_the_log_changes_nothing(replay, small):
    """a log with its lines in another order gives the same rows and sums"""
    shuffled = list(SMALL)
    random.Random(3).shuffle(shuffled)  # noqa: S311 - any order will do
    again = collect(replay(shuffled))
    assert again.rows == small.rows
    assert again.climbs == small.climbs
    assert {name: fact.event for name, fact in again.facts.items()} == {
        name: fact.event for name, fact in small.facts.items()
    }


def test_a_log_without_an_event(replay):
    """a log that holds nothing gives a report without rows"""
    report = collect(replay(["nothing here"]))
    assert report.rows == ()
    assert report.first is None
    assert [one.code for one in report.not_used] == ["DR601"]
