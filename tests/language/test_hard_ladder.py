"""The call centre's ladder: on which step each offence stands, and which questions it opens."""

from __future__ import annotations

import pytest

REVIEW = "pre-3-two-written-dismissal"
ABSENT = "oral-2-absent-one-day"


def steps(run, person="e"):
    """Return a person's standing steps and the ladder's questions in order: day, rule, step or `?`."""
    return sorted(
        (one.time[:10], one.rule, one.step if one.kind == "sanction" else "?")
        for one in run.engine.outcomes().values()
        if one.person == person
        and (
            (one.kind == "sanction" and one.status == "imposed" and one.sanction == "step")
            or (one.kind == "referral" and one.question == "review")
        )
    )


def findings(*entries):
    """Return a log of findings about one person; of each the day and what was found."""
    return [
        {"at": f"{day}T09:00:00", "type": "finding", "id": f"f{number}", "code": code, "person": "e", "by": "s"}
        for number, (day, code) in enumerate(entries, 1)
    ]


def ruling(day, about, **fields):
    """Return a ruling of the line supervisor."""
    return {
        "at": f"{day}T10:00:00",
        "type": "ruling",
        "id": "ruling",
        "about": about,
        "by": "line_supervisor",
        **fields,
    }


def lapses(*days):
    """Return a log of forgotten signs."""
    return [{"at": f"{day}T12:00:00", "type": "sign_lapse", "person": "e"} for day in days]


def rostered(*days, worked=()):
    """Return a log of rostered days, some of them worked."""
    log = []
    for day in sorted((*days, *worked)):
        times = {"shift_start": f"{day}T09:00:00+08:00", "shift_end": f"{day}T18:00:00+08:00"}
        log.append({"at": f"{day}T00:00:00", "type": "roster_assigned", "person": "e", "duty_date": day, **times})
        if day in worked:
            for time, kind in (("09:00:00", "check_in"), ("18:00:00", "check_out")):
                log.append({"at": f"{day}T{time}", "type": kind, "person": "e", "by": "e", "duty_date": day})
    return log


@pytest.mark.parametrize(
    ("log", "expected"),
    [
        pytest.param(
            findings(("2025-06-10", "iip-b1-dress"), ("2025-06-18", "iip-b1-dress"), ("2025-07-03", "iip-b1-dress")),
            [
                ("2025-06-10", "iip-b1-dress", "iip"),
                ("2025-06-18", "iip-b1-dress", "oral"),
                ("2025-07-03", "iip-b1-dress", "written"),
            ],
            id="CC-01 each repeat stands one step above the last",
        ),
        pytest.param(
            findings(("2025-06-10", "iip-b1-dress"), ("2025-06-12", "oral-1-dress-serious")),
            [("2025-06-10", "iip-b1-dress", "iip"), ("2025-06-12", "oral-1-dress-serious", "written")],
            id="CC-02 a repeat climbs from the higher of its own step and the last",
        ),
        pytest.param(
            findings(("2025-06-10", "oral-1-dress-serious"), ("2025-06-12", "iip-b1-dress")),
            [("2025-06-10", "oral-1-dress-serious", "oral"), ("2025-06-12", "iip-b1-dress", "written")],
            id="a lighter repeat climbs from the last step too",
        ),
        pytest.param(
            findings(("2025-06-10", "iip-b1-dress"), ("2025-06-12", "iip-b2-noise")),
            [("2025-06-10", "iip-b1-dress", "iip"), ("2025-06-12", "iip-b2-noise", "iip")],
            id="another class is no repeat",
        ),
        pytest.param(
            findings(("2024-03-10", "oral-4-smoking"), ("2024-09-02", "oral-9-sleep"), ("2025-03-10", "oral-7-insult")),
            [
                ("2024-03-10", "oral-4-smoking", "oral"),
                ("2024-09-02", "oral-9-sleep", "oral"),
                ("2025-03-10", "oral-7-insult", "oral"),
                ("2025-03-10", "pre-3-three-oral-written", "written"),
            ],
            id="CC-04 the corresponding day of the next year is within the year",
        ),
        pytest.param(
            findings(("2024-03-10", "oral-4-smoking"), ("2024-09-02", "oral-9-sleep"), ("2025-03-11", "oral-7-insult")),
            [
                ("2024-03-10", "oral-4-smoking", "oral"),
                ("2024-09-02", "oral-9-sleep", "oral"),
                ("2025-03-11", "oral-7-insult", "oral"),
            ],
            id="CC-04b the day after it is not",
        ),
        pytest.param(
            findings(("2024-02-29", "oral-4-smoking"), ("2024-08-01", "oral-9-sleep"), ("2025-02-28", "oral-7-insult")),
            [
                ("2024-02-29", "oral-4-smoking", "oral"),
                ("2024-08-01", "oral-9-sleep", "oral"),
                ("2025-02-28", "oral-7-insult", "oral"),
                ("2025-02-28", "pre-3-three-oral-written", "written"),
            ],
            id="CC-05 a year from a leap day ends on the last of February",
        ),
        pytest.param(
            findings(("2024-02-29", "oral-4-smoking"), ("2024-08-01", "oral-9-sleep"), ("2025-03-01", "oral-7-insult")),
            [
                ("2024-02-29", "oral-4-smoking", "oral"),
                ("2024-08-01", "oral-9-sleep", "oral"),
                ("2025-03-01", "oral-7-insult", "oral"),
            ],
            id="CC-05b and not on the first of March",
        ),
        pytest.param(
            findings(
                ("2025-10-20", "oral-4-smoking"),
                ("2025-11-20", "oral-9-sleep"),
                ("2025-12-19", "oral-7-insult"),
                ("2026-01-05", "oral-13-private-call"),
                ("2026-02-02", "written-3-visitors"),
            ),
            [
                ("2025-10-20", "oral-4-smoking", "oral"),
                ("2025-11-20", "oral-9-sleep", "oral"),
                ("2025-12-19", "oral-7-insult", "oral"),
                ("2025-12-19", "pre-3-three-oral-written", "written"),
                ("2026-01-05", "oral-13-private-call", "oral"),
                ("2026-02-02", REVIEW, "?"),
                ("2026-02-02", "written-3-visitors", "written"),
            ],
            id="CC-06 three warnings are used up by the fourth, and a second written one asks",
        ),
        pytest.param(
            findings(("2024-05-06", "written-6-refuse-arrangement"), ("2025-05-06", "written-3-visitors")),
            [
                ("2024-05-06", "written-6-refuse-arrangement", "written"),
                ("2025-05-06", REVIEW, "?"),
                ("2025-05-06", "written-3-visitors", "written"),
            ],
            id="CC-07 two written warnings a year apart ask",
        ),
        pytest.param(
            findings(("2024-05-06", "written-6-refuse-arrangement"), ("2025-05-07", "written-3-visitors")),
            [
                ("2024-05-06", "written-6-refuse-arrangement", "written"),
                ("2025-05-07", "written-3-visitors", "written"),
            ],
            id="CC-07b a year and a day apart they do not",
        ),
        pytest.param(
            findings(("2024-05-06", "written-3-visitors"), ("2026-05-06", "written-3-visitors")),
            [
                ("2024-05-06", "written-3-visitors", "written"),
                ("2026-05-06", "written-3-visitors", "?"),
                ("2026-05-06", "written-3-visitors", "written"),
            ],
            id="a repeat at the cap stays there and asks",
        ),
        pytest.param(
            lapses("2025-10-09", "2025-10-15", "2025-10-22", "2025-10-31", "2025-11-03", "2025-11-04", "2025-11-05"),
            [
                ("2025-10-22", "action-3-sign-third", "action"),
                ("2025-10-31", "action-3-sign-third", "iip"),
                ("2025-11-05", "action-3-sign-third", "action"),
            ],
            id="CC-08 signs climb within a month and begin anew in the next",
        ),
        pytest.param(
            findings(("2025-06-24", "action-5-phone"), ("2025-06-25", "oral-13-private-call")),
            [("2025-06-24", "action-5-phone", "action"), ("2025-06-25", "oral-13-private-call", "written")],
            id="CC-18 the phone is one class",
        ),
    ],
)
def test_where_an_offence_stands(replay, log, expected):
    """an offence stands on the step to which its class, its repeats and what went before take it"""
    assert steps(replay("callcenter", log)) == expected


@pytest.mark.parametrize(
    ("log", "expected"),
    [
        pytest.param(
            rostered("2025-09-29", "2025-09-30", "2025-10-09"),
            [
                ("2025-09-30", ABSENT, "oral"),
                ("2025-10-01", ABSENT, "written"),
                ("2025-10-10", "dismiss-6-three-consecutive", "dismissal"),
            ],
            id="CC-13 three rostered days in a row part, whatever holidays lie between",
        ),
        pytest.param(
            rostered("2025-09-29", "2025-09-30", "2025-10-09", worked=("2025-10-04",)),
            [
                ("2025-09-30", ABSENT, "oral"),
                ("2025-10-01", ABSENT, "written"),
                ("2025-10-10", ABSENT, "?"),
                ("2025-10-10", ABSENT, "written"),
                ("2025-10-10", REVIEW, "?"),
            ],
            id="CC-13b a day worked between breaks the run",
        ),
    ],
)
def test_days_absent(replay, log, expected):
    """days absent climb the ladder, at the end of each, until a run of three parts"""
    assert steps(replay("callcenter", log, "2025-10-10T00:00:00")) == expected


def test_a_reminder_is_no_step(replay):
    """the second sign forgotten in a month brings a notice and nothing on the ladder"""
    run = replay("callcenter", lapses("2025-10-09", "2025-10-15"))
    assert [(one.time[:10], one.notice) for one in run.of("action-3-sign-second")] == [
        ("2025-10-15", "verbal_reminder")
    ]
    assert steps(run) == []


def test_leave_afterwards_reaches_back(replay):
    """leave granted for a day absent undoes the day, and what the later ones owed to it"""
    log = rostered("2025-07-07", "2025-07-08", "2025-07-09")
    before = replay("callcenter", log, "2025-07-10T00:00:00")
    assert steps(before) == [
        ("2025-07-08", ABSENT, "oral"),
        ("2025-07-09", ABSENT, "written"),
        ("2025-07-10", "dismiss-6-three-consecutive", "dismissal"),
    ]
    leave = {"at": "2025-07-15T08:30:00", "type": "leave_decided", "person": "e", "granted": True}
    after = replay("callcenter", [*log, {**leave, "from": "2025-07-08", "to": "2025-07-08"}])
    assert steps(after) == [("2025-07-08", ABSENT, "oral"), ("2025-07-10", ABSENT, "written")]


DRESS = findings(("2025-06-10", "iip-b1-dress"), ("2025-06-18", "iip-b1-dress"))


def test_the_supervisor_puts_an_offence_on_another_step(replay):
    """a ruling on harm moves the offence from then on, and what was judged in between stays"""
    log = [*DRESS, ruling("2025-06-19", "f1", impact=True, step="written")]
    run = replay("callcenter", log)
    assert steps(run) == [("2025-06-18", "iip-b1-dress", "oral"), ("2025-06-19", "iip-b1-dress", "written")]
    moved = run.of("iip-b1-dress", "sanction")[-1]
    assert moved.because == ("f1", "ruling")
    assert moved.by == "line_supervisor"


def test_the_supervisor_sets_an_offence_aside(replay):
    """a ruling that names no step takes the offence off the ladder, and the next of its class is a first one"""
    log = [*DRESS[:1], ruling("2025-06-11", "f1", impact=True), *DRESS[1:]]
    run = replay("callcenter", log)
    assert steps(run) == [("2025-06-18", "iip-b1-dress", "iip")]
    assert [(one.time[:10], one.status) for one in run.of("iip-b1-dress", "sanction")] == [
        ("2025-06-11", "voided"),
        ("2025-06-18", "imposed"),
    ]


def test_without_harm_the_list_stands(replay):
    """a ruling that finds no harm, or comes from somebody else, moves nothing"""
    expected = [("2025-06-10", "iip-b1-dress", "iip"), ("2025-06-18", "iip-b1-dress", "oral")]
    other = {**ruling("2025-06-19", "f1", impact=True, step="written"), "by": "colleague"}
    for decision in (ruling("2025-06-19", "f1", step="written", impact=False), other):
        assert steps(replay("callcenter", [*DRESS, decision])) == expected


def test_a_ruling_can_complete_two_written_warnings(replay):
    """two written warnings ask whether to part, however the second came about"""
    log = [*findings(("2025-06-01", "written-3-visitors"), ("2025-06-10", "oral-4-smoking"))]
    run = replay("callcenter", [*log, ruling("2025-06-19", "f2", impact=True, step="written")])
    assert steps(run) == [
        ("2025-06-01", "written-3-visitors", "written"),
        ("2025-06-19", "oral-4-smoking", "written"),
        ("2025-06-19", REVIEW, "?"),
    ]
