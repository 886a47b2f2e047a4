"""Limits that change from a day on: `within` names a dated parameter of type `duration`."""

from __future__ import annotations

import datetime as dt

import pytest

from dutyrules.calendars.durations import Duration, Unit
from dutyrules.engine import Engine
from dutyrules.policies.model import Within

PACK = """
pack: demo
calendar: none
log: {carries: all}
roles: {leader: {en: leader, zh: 领导}}
parameters:
  limit: {type: duration, value: {2000-01-01: 150 days, 2010-01-01: 90 days}}
records:
  complaint: {key: complaint_id, opens: complaint_received}
  duty: {key: [person, duty_date], opens: roster_assigned, dated: duty_date}
rules:
  reply:
    kind: obligation
    says: {en: Answer a complaint in time., zh: 按时答复投诉。}
    about: complaint
    when: complaint_received
    who: leader
    within: limit
    until: complaint_replied
  report:
    kind: obligation
    says: {en: Report on a duty in time., zh: 按时报告值班情况。}
    about: duty
    when: roster_assigned
    within: limit
    until: check_out
"""
HOURS = """
pack: demo
parameters:
  soon: {}
rules:
  a: {{kind: obligation, when: check_in, within: soon, until: check_out}}
"""
PERIODS = """
parameters: {soon: {type: duration, value: {2009-12-01: 3 days, 2010-02-01: 10 days}}}
rules: {post: {kind: obligation, every: month, who: leader, within: soon, until: roster_posted}}
"""


@pytest.fixture
def engine(load):
    """Give an engine over the pack of this file."""
    return Engine(load(PACK, records=False))


def event(kind, time, **data):
    """Make an event in China's time."""
    return {"id": f"{kind}/{time}", "type": kind, "time": f"{time}+08:00", "data": data}


def rest_of(text, place):
    """Return the rest of the line from a place on."""
    return text.splitlines()[place.line - 1][place.column - 1 :]


def received(time):
    """Make the event of a complaint."""
    return event("complaint_received", time, complaint_id="c")


def replied(time):
    """Make the event of its answer."""
    return event("complaint_replied", time, complaint_id="c")


def standing(engine, kind):
    """Return the outcomes of a kind that stand."""
    return [one for one in engine.outcomes().values() if one.kind == kind]


LENGTHS = """
parameters:
  limit: {type: duration, value: 2 working days}
  lead: {type: duration, value: {2000-01-01: 3 days, 2026-01-01: 2 days}}
  look_back: {type: duration, value: 30 days}
  rest: {type: duration, value: 2h}
  number: 2
records:
  complaint: {key: complaint_id, opens: complaint_received, keep: look_back}
counts: {all: {of: complaint_received, in: look_back}}
rules:
  a:
    {kind: obligation, about: complaint, when: complaint_received, who: leader,
     within: limit of complaint.opened, until: complaint_replied}
  b:
    {kind: obligation, about: complaint, when: complaint_received, who: leader,
     by: 18:00 on lead after complaint.opened, until: complaint_replied, if: all > 0}
  c: {kind: obligation, about: complaint, gap: rest, who: leader, until: complaint_replied}
"""


def test_a_name_may_stand_wherever_a_duration_does(check):
    """limits, instants, windows, gaps and keeping take the name of a parameter, and all of them count as read"""
    checked = check("pack: demo\nroles: {leader: {en: leader, zh: 领导}}\n" + LENGTHS, records=False)
    assert {one.code for one in checked.diagnostics} <= {"DR702", "DR707"}
    assert [one.message for one in checked.diagnostics if one.code == "DR702"] == [
        "nothing reads the parameter `number`"
    ]
    (pack,) = checked.packs
    engine = Engine(pack, carries="all")
    engine.feed(received("2025-12-31T10:00:00"))
    assert {one.rule: one.due for one in standing(engine, "deadline") if one.rule in "ab"} == {
        "a": "2026-01-05T23:59:59+08:00",
        "b": "2026-01-03T18:00:00+08:00",
    }
    engine = Engine(pack, carries="all")
    engine.feed(received("2026-01-05T10:00:00"))
    assert [one.due for one in standing(engine, "deadline") if one.rule == "b"] == ["2026-01-07T18:00:00+08:00"]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("in: look_back", "in: lead", "`lead` changes by date, and this length cannot"),
        ("gap: rest", "gap: number", "the parameter `number` is no duration"),
        ("on lead after", "on number after", "the parameter `number` is no duration"),
        ("gap: rest", "gap: look_back", "`look_back` cannot be a gap"),
    ],
)
def test_a_name_that_cannot_be_the_length(check, old, new, message):
    """what changes by date cannot be looked back over, and a number is no duration"""
    text = "pack: demo\nroles: {leader: {en: leader, zh: 领导}}\n" + LENGTHS.replace(old, new)
    errors = [one for one in check(text, records=False).diagnostics if one.is_error]
    assert [(one.code, one.message) for one in errors] == [("DR209", message)]


# --- loading ----------------------------------------------------------------------------------------------------------


def test_a_dated_limit_stays_a_name(check):
    """a limit that is dated is kept as the parameter's name, and nothing is left to remark on"""
    checked = check(PACK, records=False)
    assert checked.diagnostics == ()
    (pack,) = checked.packs
    assert pack.rules["reply"].within == Within(None, None, "limit")
    assert pack.parameters["limit"].dated.values == (
        (dt.date(2000, 1, 1), Duration(150, Unit.DAY)),
        (dt.date(2010, 1, 1), Duration(90, Unit.DAY)),
    )


@pytest.mark.parametrize(
    ("value", "code", "at"),
    [
        ("{type: duration, value: {2000-01-01: 4 working hours}}", "DR218", "soon, until: check_out"),
        ("{type: duration, value: {2000-01-01: 2h, 2010-01-01: 4 working hours}}", "DR218", "soon, until: check_out"),
        ("{type: duration, value: {2000-01-01: 4 working hours, 2010-01-01: 2h}}", "DR218", "soon, until: check_out"),
        ("{type: duration, value: {2000-01-01: 2h, 2010-01-01: 4 wokring days}}", "DR209", "4 wokring days"),
        ("{type: duration, value: {2000-01-01: 2h, 2010-01-01: 3}}", "DR203", "3}"),
        ("{type: duration, value: {soon: 2h, 2010-01-01: 3h}}", "DR211", "soon: 2h"),
        ("{type: duration, value: {2010-01-01: 2h, 2000-01-01: 3h}}", "DR224", "2010-01-01"),
        ("{2000-01-01: 2, 2010-01-01: 3}", "DR209", "soon, until: check_out"),
    ],
)
def test_each_value_of_a_dated_limit_is_checked(check, value, code, at):
    """a fault of any value is told where it stands; working hours need `hours`, whichever value counts them"""
    text = HOURS.format(value)
    faults = [each for each in check(text, records=False).diagnostics if each.is_error]
    assert [(each.code, rest_of(text, each.place).startswith(at)) for each in faults] == [(code, True)]


def test_a_dated_limit_may_count_working_hours(check):
    """a dated limit in working hours loads where the pack says which hours are worked"""
    text = HOURS.format("{type: duration, value: {2000-01-01: 2h, 2010-01-01: 4 working hours}}")
    checked = check(text + "hours: {office: {start: 08:00, end: 17:00}}", records=False)
    assert [each for each in checked.diagnostics if each.is_error] == []


# --- which value governs ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("opened", "due", "late"),
    [
        ("2000-01-01T00:00:00", "2000-05-30T23:59:59", "2000-05-31T00:00:00"),
        ("2009-12-31T23:59:59", "2010-05-30T23:59:59", "2010-05-31T00:00:00"),
        ("2010-01-01T00:00:00", "2010-04-01T23:59:59", "2010-04-02T00:00:00"),
    ],
)
def test_the_value_of_the_matters_date_governs(load, opened, due, late):
    """the day before the change keeps the old limit to its end, the day of the change has the new one"""
    pack = load(PACK, records=False)
    for time, is_late in ((due, False), (late, True)):
        engine = Engine(pack)
        engine.feed_all([received(opened), replied(time)])
        (duty,) = standing(engine, "obligation")
        assert (duty.status, duty.due, duty.late) == ("fulfilled", f"{due}+08:00", is_late)
        assert len(standing(engine, "breach")) == is_late
        assert standing(engine, "referral") == []


def test_the_date_of_a_dated_record_is_the_matters(engine):
    """a duty of January that is assigned in December has the limit of January, counted from December"""
    engine.feed(event("roster_assigned", "2009-12-31T09:00:00", person="li", duty_date="2010-01-05", period="noon"))
    engine.feed(event("roster_assigned", "2009-12-31T09:00:01", person="li", duty_date="2009-12-31", period="noon"))
    assert {one.matter: one.due[:10] for one in standing(engine, "deadline")} == {
        "duty:li,2010-01-05": "2010-03-31",
        "duty:li,2009-12-31": "2010-05-30",
    }


def test_a_period_has_the_value_of_its_first_day(load):
    """what is owed for January has January's limit, though it opens on the day of the change"""
    engine = Engine(load(PERIODS))
    engine.feed(event("check_in", "2010-01-15T08:00:00", person="li"))
    engine.advance("2010-03-01T00:00:00+08:00")
    assert {one.matter: one.due[:10] for one in standing(engine, "deadline")} == {
        "month:2010-01": "2010-02-04",
        "month:2010-02": "2010-03-11",
    }


def test_a_snapshot_keeps_the_limit(engine):
    """an engine that is restored after the change still counts with the old value"""
    engine.feed(received("2009-12-31T12:00:00"))
    engine.advance("2010-04-15T00:00:00+08:00")
    again = Engine.restore(engine.pack, engine.snapshot())
    assert again.outcomes() == engine.outcomes()
    assert again.next_deadline == dt.datetime.fromisoformat("2010-05-30T23:59:59+08:00")


# --- before the first value -------------------------------------------------------------------------------------------


def test_before_the_first_value_a_person_is_asked(engine):
    """a matter that is older than every value has no deadline and is never missed; what is lacking is said"""
    engine.feed(received("1999-12-31T12:00:00"))
    engine.advance("2011-01-01T00:00:00+08:00")
    (duty,) = standing(engine, "obligation")
    assert (duty.status, duty.due) == ("open", None)
    (question,) = standing(engine, "referral")
    assert (question.status, question.question) == ("opened", "undecidable")
    assert question.lacks == ("a value of parameter `limit`",)
    assert (standing(engine, "deadline"), standing(engine, "breach")) == ([], [])


def test_an_act_fulfils_what_has_no_limit(engine):
    """a late-looking act fulfils, and whether it was in time stays the question"""
    engine.feed_all([received("1999-12-31T12:00:00"), replied("2009-06-09T12:00:00")])
    (duty,) = standing(engine, "obligation")
    assert (duty.status, duty.late) == ("fulfilled", False)
    assert [one.question for one in standing(engine, "referral")] == ["undecidable"]


def test_no_value_at_all_is_no_limit(load):
    """without any value no clock runs, and nobody is asked"""
    valueless = PACK.replace(", value: {2000-01-01: 150 days, 2010-01-01: 90 days}", "")
    engine = Engine(load(valueless, records=False))
    engine.feed(received("2009-12-31T12:00:00"))
    engine.advance("2011-01-01T00:00:00+08:00")
    assert [one.kind for one in engine.outcomes().values()] == ["obligation"]
