"""How outcomes of the hardest norms come about, change and go: the records that are handed out along the way."""

from __future__ import annotations

import datetime as dt

import pytest

# --- one fact, one fine -----------------------------------------------------------------------------------------------

AWAY = """
- {at: "2026-01-15T09:00:00", type: roster_assigned, person: li, duty_date: "2026-01-15"}
- {at: "2026-01-16T02:00:00", type: premises_left, person: li}
- {at: "2026-01-16T09:00:00", type: complaint_received, complaint_id: c1, about: li, kind: absent}
- {at: "2026-01-20T10:00:00", type: complaint_ruled, complaint_id: c1, upheld: true}
"""
APPEAL = '- {at: "2026-02-02T10:00:00", type: complaint_ruled, complaint_id: c1, upheld: false}'


def test_the_larger_fine_voids_the_smaller_when_it_comes(replay):
    """the fine for being away stands until the ruling brings the larger one, and is void from the ruling on"""
    run = replay("clinic", AWAY)
    assert run.course("4.1-fine-50", "sanction") == [
        ("2026-01-16T02:00:00", "imposed"),
        ("2026-01-20T10:00:00", "voided"),
    ]
    assert run.course("4.5-complaint-200", "sanction") == [("2026-01-20T10:00:00", "imposed")]


def test_the_smaller_fine_comes_back_under_its_id(replay):
    """an appeal takes the larger fine away, and the smaller one stands again as the same outcome"""
    run = replay("clinic", AWAY + APPEAL)
    small = [one for one in run.history if one.rule == "4.1-fine-50"]
    assert [one.status for one in small] == ["imposed", "voided", "imposed"]
    assert len({one.id for one in small}) == 1
    assert run.course("4.5-complaint-200", "sanction")[-1] == ("2026-02-02T10:00:00", "withdrawn")


@pytest.mark.parametrize(("at", "placed"), [("09:59:59", False), ("10:00:00", True), ("14:00:00", True)])
def test_a_check_in_is_matched_to_the_roster(replay, at, placed):
    """a check-in that names no shift belongs to the one whose window holds it, from two hours before it begins"""
    log = f"""
    - {{at: "2026-01-14T09:00:00", type: roster_assigned, person: li, duty_date: "2026-01-15"}}
    - {{at: "2026-01-15T{at}", type: check_in, id: came, person: li}}
    """
    run = replay("clinic", log)
    assert [one.event for one in run.engine.set_aside] == ([] if placed else ["came"])
    late = [one.matter for one in run.of("4.1-late", "breach")]
    assert late == (["shift:li,2026-01-15,noon"] if at == "14:00:00" else [])


def test_a_forfeiture_takes_what_was_granted_before_and_after(replay):
    """one duty left undone voids the month's allowances, those of earlier and of later duties, and of no other month"""
    run = replay(
        "clinic",
        """
        - {at: "2026-02-28T09:00:00", type: duty_served, person: li, duty_date: "2026-02-27"}
        - {at: "2026-03-03T09:00:00", type: duty_served, person: li, duty_date: "2026-03-02"}
        - {at: "2026-03-03T10:00:00", type: roster_assigned, person: li, duty_date: "2026-03-10"}
        - {at: "2026-03-21T09:00:00", type: duty_served, person: li, duty_date: "2026-03-20"}
        - {at: "2026-02-26T08:00:00", type: roster_assigned, id: r1, person: li, duty_date: "2026-02-27"}
        - {at: "2026-02-26T08:00:00", type: roster_assigned, id: r2, person: li, duty_date: "2026-03-02"}
        - {at: "2026-02-26T08:00:00", type: roster_assigned, id: r3, person: li, duty_date: "2026-03-20"}
        """,
    )
    assert [(one.matter, one.status) for one in run.of("5.1-allowance-20", "entitlement")] == [
        ("duty:li,2026-02-27", "granted"),
        ("duty:li,2026-03-02", "voided"),
        ("duty:li,2026-03-20", "voided"),
    ]
    assert [one.amount for one in run.of("4.8-forfeit-allowance", "sanction")] == [40]


def test_two_bands_change_places_when_a_day_is_reported_late(replay):
    """a late arrival that is reported afterwards makes the month's third of what was its second, under the same id"""
    roster = [
        {"at": "2025-06-01T00:00:00", "type": "wage_configured", "id": "w", "person": "a", "base_wage": 3000},
        *(
            {"at": f"{day}T00:00:00", "type": "roster_assigned", "id": f"r{day}", "person": "a", "duty_date": day}
            for day in ("2025-06-03", "2025-06-10", "2025-06-17")
        ),
    ]
    arrivals = [
        {"at": f"{day}T08:40:00", "type": "check_in", "id": f"c{day}", "person": "a", "duty_date": day}
        for day in ("2025-06-10", "2025-06-17")
    ]
    run = replay("after_sales", [*roster, *arrivals])
    second = run.of("cs-7-late", "sanction")[-1]
    assert (second.time[:10], second.tier, second.amount) == ("2025-06-17", "cs-7-late-1pct", 30)
    data = {"person": "a", "duty_date": "2025-06-03"}
    changes = run.engine.feed({"id": "late", "type": "check_in", "time": "2025-06-03T08:40:00+08:00", "data": data})
    third = next(one for one in changes if one.id == second.id)
    assert (third.tier, third.amount) == ("cs-7-late-5pct", 150)


# --- rights, gaps, custody --------------------------------------------------------------------------------------------


def test_a_day_of_rest_moves_as_each_day_begins(replay):
    """the day of rest moves on at the start of each day on which too few would remain, and is taken in the end"""
    run = replay(
        "clinic",
        """
        - {at: "2026-02-01T00:00:00", type: staff_record, id: s1, person: li, dept: nursing, role: nurse}
        - {at: "2026-02-01T00:00:00", type: staff_record, id: s2, person: he, dept: nursing, role: nurse}
        - {at: "2026-02-01T00:00:00", type: staff_record, id: s3, person: mo, dept: nursing, role: nurse}
        - {at: "2026-02-25T08:00:00", type: roster_assigned, person: li, duty_date: "2026-02-26"}
        - {at: "2026-02-25T09:00:00", type: leave_taken, person: mo,
           from: "2026-03-01", to: "2026-03-02", leave_type: wedding}
        - {at: "2026-02-27T08:30:00", type: duty_served, person: li, duty_date: "2026-02-26"}
        - {at: "2026-02-28T08:00:00", type: comp_rest_taken, person: li,
           date: "2026-02-28", for_duty_date: "2026-02-20"}
        - {at: "2026-03-03T08:00:00", type: comp_rest_taken, person: li,
           date: "2026-03-03", for_duty_date: "2026-02-26"}
        """,
    )
    right = [one for one in run.history if one.rule.startswith("5.2F") and one.status in ("granted", "postponed")]
    assert [(one.time[:19], one.status, one.due[:10]) for one in right] == [
        ("2026-02-27T08:30:00", "granted", "2026-03-01"),
        ("2026-03-01T00:00:00", "postponed", "2026-03-02"),
        ("2026-03-02T00:00:00", "postponed", "2026-03-03"),
    ]
    assert run.course("5.2F-rest-day", "entitlement")[-1] == ("2026-03-03T08:00:00", "taken")


def test_a_gap_begins_anew_after_a_patrol_and_after_a_miss(replay):
    """each patrol starts the hour again, a missed hour starts the next one, and the end of the duty cancels the last"""
    run = replay(
        "school/central",
        """
        - {at: "2026-03-13T18:00:00", type: duty_started, person: liu}
        - {at: "2026-03-13T18:40:00", type: patrol_done, by: liu}
        - {at: "2026-03-13T20:10:00", type: patrol_done, by: liu}
        - {at: "2026-03-13T21:00:00", type: duty_ended, person: liu}
        """,
    )
    hours = sorted(run.of("3-patrol-hourly", "obligation"), key=lambda one: one.since)
    assert [(one.since[11:16], one.due[11:16], one.status) for one in hours] == [
        ("18:00", "19:00", "fulfilled"),
        ("18:40", "19:40", "breached"),
        ("19:40", "20:40", "fulfilled"),
        ("20:10", "21:10", "cancelled"),
    ]


@pytest.mark.parametrize(
    ("found_at", "pays"),
    [("2026-03-14T17:30:59", "qian"), ("2026-03-14T17:31:00", "sun"), ("2026-03-16T12:00:00", "admin")],
)
def test_custody_follows_the_last_signature(replay, found_at, pays):
    """whoever signed last at the moment the loss is found answers for it"""
    run = replay(
        "front_desk",
        f"""
        - {{at: "2026-03-13T18:00:00", type: remote_issued, from: admin, to: qian, signed: true}}
        - {{at: "2026-03-14T17:31:00", type: remote_transferred, from: qian, to: sun, signed: true}}
        - {{at: "2026-03-15T09:00:00", type: remote_transferred, from: sun, to: li}}
        - {{at: "2026-03-16T08:20:00", type: remote_returned, from: sun, to: admin, signed: true}}
        - {{at: "{found_at}", type: finding, id: loss, code: remote_lost}}
        """,
    )
    assert [(one.person, one.status) for one in run.of("5.7-loss-pay", "sanction")] == [(pays, "proposed")]
    assert [one.asks for one in run.of("5.7-loss-pay", "referral")] == [("administration",)]


# --- limits that move -------------------------------------------------------------------------------------------------

RECEIVED = '- {at: "2025-06-16T10:00:00", type: complaint_received, complaint: c, household: h, event_key: k}\n'
VALID = '- {at: "2025-06-16T10:10:00", type: complaint_classified, complaint: c, class: valid}\n'


def test_an_agreed_time_moves_the_limit(replay):
    """the limit is set at the classification, moved by what is agreed on, and lifted by the answer"""
    run = replay(
        "property-complaints",
        RECEIVED
        + VALID
        + """
- {at: "2025-06-18T20:00:00", type: reply_time_agreed, complaint: c,
   agreed_until: "2025-06-23T12:00:00+08:00", special: true}
- {at: "2025-06-23T12:00:00", type: complaint_replied, complaint: c}
""",
    )
    assert run.course("cmp-3-2-valid-2wd", "deadline") == [
        ("2025-06-16T10:10:00", "set"),
        ("2025-06-18T20:00:00", "moved"),
        ("2025-06-23T12:00:00", "lifted"),
    ]
    assert run.course("cmp-3-2-valid-2wd", "breach") == []


def test_a_limit_knows_which_days_it_counted(replay):
    """two working days over a holiday name the days that were counted and those that were skipped, with the reason"""
    run = replay(
        "property-complaints",
        """
        - {at: "2025-09-30T14:00:00", type: complaint_received, complaint: c, household: h, event_key: k}
        - {at: "2025-09-30T14:10:00", type: complaint_classified, complaint: c, class: valid}
        """,
    )
    limit = run.of("cmp-3-2-valid-2wd", "deadline")[0]
    assert [(entry["entry"], entry["from"], entry["to"], entry["reason"]) for entry in limit.ledger["entries"]] == [
        ("skipped", "2025-09-30", "2025-09-30", "counted from this day"),
        ("skipped", "2025-10-01", "2025-10-08", "public holiday"),
        ("counted", "2025-10-09", "2025-10-10", "working day"),
    ]
    assert run.engine.next_deadline == dt.datetime.fromisoformat("2025-10-10T23:59:59+08:00")


def test_another_class_waives_the_duty_of_the_old_one(replay):
    """a complaint that turns out to be without substance waives the longer limit and opens the shorter"""
    run = replay(
        "property-complaints",
        RECEIVED + VALID + '- {at: "2025-06-16T11:00:00", type: complaint_classified, complaint: c, class: invalid}',
    )
    assert run.course("cmp-3-2-valid-2wd", "obligation") == [
        ("2025-06-16T10:10:00", "open"),
        ("2025-06-16T11:00:00", "waived"),
    ]
    assert [(one.status, one.due[:19]) for one in run.of("cmp-3-2-invalid-2h", "obligation")] == [
        ("open", "2025-06-16T12:00:00")
    ]


def test_straight_away_has_no_deadline(replay):
    """what is to be done at once stays open without a limit, and the engine waits for none"""
    run = replay("property-complaints", RECEIVED + VALID)
    contact = run.of("cmp-2-4-contact-at-once")[0]
    assert (contact.status, contact.due, contact.vague) == ("open", None, "at once")
    assert [one.rule for one in run.engine.deadlines()] == ["cmp-3-2-valid-2wd"]


def test_an_inspection_that_is_put_off_twice(replay):
    """the tools' limit follows the inspection's date each time until it is missed, and then no more"""
    run = replay(
        "milestones",
        """
        - {at: "2025-10-01T09:00:00", type: inspection_scheduled, project: p, date: "2025-10-20"}
        - {at: "2025-10-10T09:00:00", type: inspection_rescheduled, project: p, date: "2025-10-27"}
        - {at: "2025-10-15T09:00:00", type: inspection_rescheduled, project: p, date: "2025-10-25"}
        - {at: "2025-10-19T09:00:00", type: inspection_rescheduled, project: p, date: "2025-11-30"}
        """,
    )
    assert [
        (one.time[:19], one.status, one.due[:10])
        for one in run.history
        if one.kind == "deadline" and one.rule == "takeover-1.3-tools-7-days"
    ] == [
        ("2025-10-01T09:00:00", "set", "2025-10-13"),
        ("2025-10-10T09:00:00", "moved", "2025-10-20"),
        ("2025-10-15T09:00:00", "moved", "2025-10-18"),
        ("2025-10-18T23:59:59", "missed", "2025-10-18"),
    ]


# --- thresholds and facts that count as others ------------------------------------------------------------------------


def test_a_threshold_rises_again(replay):
    """when one of five households is answered and another complains the report is owed a second time"""
    log = "".join(
        f'- {{at: "2025-07-08T09:0{n}:00", type: complaint_received, complaint: c{n}, household: h{n}, event_key: k}}\n'
        for n in range(5)
    )
    log += """
- {at: "2025-07-08T10:00:00", type: collective_reported, event_key: k, to: director}
- {at: "2025-07-09T10:00:00", type: complaint_replied, complaint: c0}
- {at: "2025-07-10T11:00:00", type: complaint_received, complaint: c9, household: h9, event_key: k}
"""
    run = replay("property-complaints", log)
    assert [(one.matter, one.status, one.due[:19]) for one in run.of("cmp-2-5-collective-report-2h", "obligation")] == [
        ("matter:k#1", "fulfilled", "2025-07-08T11:04:00"),
        ("matter:k#2", "open", "2025-07-10T13:00:00"),
    ]


def test_what_follows_a_threshold_follows_each_rise(replay):
    """the director owes the deputy word each time that the threshold is reported, and once does not serve twice"""
    log = "".join(
        f'- {{at: "2025-07-08T09:0{n}:00", type: complaint_received, complaint: c{n}, household: h{n}, event_key: k}}\n'
        for n in range(5)
    )
    log += """
- {at: "2025-07-08T10:00:00", type: collective_reported, event_key: k, to: director}
- {at: "2025-07-08T10:30:00", type: collective_escalated, event_key: k, to: deputy_gm}
- {at: "2025-07-09T10:00:00", type: complaint_replied, complaint: c0}
- {at: "2025-07-10T11:00:00", type: complaint_received, complaint: c9, household: h9, event_key: k}
- {at: "2025-07-10T12:00:00", type: collective_reported, event_key: k, to: director}
"""
    run = replay("property-complaints", log, "2025-07-10T15:00:00")
    assert [(one.matter, one.status) for one in run.of("cmp-2-5-director-inform-dgm", "obligation")] == [
        ("matter:k#1", "fulfilled"),
        ("matter:k#2", "breached"),
    ]


def test_a_discontented_customer_is_a_complaint_of_its_own(replay):
    """the new complaint has the household and the matter of the old one, and begins with the opinion"""
    log = "".join(
        f'- {{at: "2025-07-08T09:0{n}:00", type: complaint_received, complaint: c{n}, household: h{n}, event_key: k}}\n'
        for n in range(5)
    )
    log += '- {at: "2025-07-09T10:00:00", type: complaint_replied, id: r, complaint: c0, opinion: dissatisfied}'
    run = replay("property-complaints", log)
    reports = run.of("cmp-2-5-collective-report-2h", "obligation")
    assert [one.matter for one in reports] == ["matter:k#1"], "in the same second one goes and one comes: still five"
    filed = {"id": "m", "type": "monthly_report_filed", "time": "2025-08-01T09:00:00+08:00"}
    run.engine.feed({**filed, "data": {"month": "2025-07", "count": 5}})
    assert [one.person for one in run.of("cmp-5-2-all-in-monthly", "breach")] == ["director"]


# --- asking before the deed -------------------------------------------------------------------------------------------


def test_what_is_missing_is_told_before_the_deed(replay):
    """from the request on it is said whether the goods may leave and what each way lacks, until they have left"""
    run = replay(
        "property-desk",
        """
        - {at: "2026-09-15T19:00:00", type: goods_out_requested, slip_id: s,
           carrier_kind: worker, worker_goods: materials}
        - {at: "2026-09-15T19:05:00", type: owner_agreed, slip_id: s, by: owner}
        - {at: "2026-09-15T19:06:00", type: id_registered, slip_id: s, by: guard}
        - {at: "2026-09-15T19:10:00", type: notified, about: s, to: guard, by: wei}
        - {at: "2026-09-15T19:20:00", type: goods_released, slip_id: s, by: guard}
        - {at: "2026-09-15T19:30:00", type: owner_signed, slip_id: s, by: owner}
        """,
    )
    told = [(one.time[11:16], one.notice, one.detail) for one in run.history if one.kind == "notice"]
    assert [(time, word) for time, word, _ in told] == [
        ("19:00", "not_permitted"),
        ("19:05", "not_permitted"),
        ("19:10", "permitted"),
    ]
    assert "4.5.7.4-worker-materials-owner" in told[0][2]
    assert "4.5.7.4-worker-materials-owner" not in told[1][2]
    assert "4.5.7.5-confirmed-then-release" in told[1][2]
    assert told[2][2] == "4.5.7.4-worker-materials"
    assert run.of("4.5.7.5-otherwise-none", "breach") == []


CALL = '- {at: "2026-01-17T22:00:00", type: standby_call, call_id: s1, callee: he, result: "off"}\n'


def ruling(sum_, minute=0):
    """Return a ruling about the call."""
    at = f'at: "2026-01-19T10:0{minute}:00"'
    return f"- {{{at}, type: ruling, id: r{minute}, about: s1, by: leader, amount_cny: {sum_}}}\n"


@pytest.mark.parametrize("sum_", ["10", "30", "50"])
def test_a_ruling_within_the_bounds_fixes_the_sum(replay, sum_):
    """the proposal becomes a fine of the sum that was ruled, both bounds included, and the question is answered"""
    run = replay("clinic", CALL + ruling(sum_))
    assert run.course("6.2-fine-10-50", "sanction") == [
        ("2026-01-17T22:00:00", "proposed"),
        ("2026-01-19T10:00:00", "imposed"),
    ]
    assert [str(one.amount) for one in run.of("6.2-fine-10-50", "sanction")] == [sum_]
    assert [one.status for one in run.of("6.2-fine-10-50", "referral")] == ["answered"]


@pytest.mark.parametrize("sum_", ["0", "9.99", "50.01", "60"])
def test_a_ruling_out_of_bounds_is_refused(replay, sum_):
    """a sum outside the bounds is set aside and the question stays open for the next ruling"""
    run = replay("clinic", CALL + ruling(sum_))
    assert [(one.code, one.event) for one in run.engine.set_aside] == [("DR623", "r0")]
    assert [one.status for one in run.of("6.2-fine-10-50", "sanction")] == ["proposed"]
    assert [one.status for one in run.of("6.2-fine-10-50", "referral")] == ["opened"]
    run = replay("clinic", CALL + ruling(sum_) + ruling(30, 5))
    assert [(one.status, str(one.amount)) for one in run.of("6.2-fine-10-50", "sanction")] == [("imposed", "30")]


# --- what a year and a soft limit come to -----------------------------------------------------------------------------


def test_honours_are_lost_once_a_year(replay):
    """two duties left undone in one year are one loss of that year's honours, and a third in the next is another"""
    log = "".join(
        f'- {{at: "2025-12-01T00:00:00", type: roster_assigned, id: "{day}", person: li, duty_date: "{day}"}}\n'
        for day in ("2025-12-31", "2026-03-02", "2026-04-02")
    )
    run = replay("clinic", log, "2026-04-04T00:00:00")
    assert len(run.of("4.8-no-show", "breach")) == 3
    assert [(one.period, one.what) for one in run.of("4.8-disqualify", "sanction")] == [
        ("2025", "honours"),
        ("2026", "honours"),
    ]


def test_a_soft_limit_is_only_remarked_on(replay):
    """pay that comes late is a notice and no breach, and the duty stays open until it comes"""
    served = '- {at: "2026-01-02T08:30:00", type: duty_served, person: li, duty_date: "2026-01-01"}\n'
    run = replay("clinic", served, "2026-02-12T00:00:00")
    assert run.of("5.1-pay-period", "breach") == []
    assert [(one.notice, one.time[:19]) for one in run.of("5.1-pay-period", "notice")] == [
        ("soft_limit", "2026-02-10T23:59:59")
    ]
    assert [one.status for one in run.of("5.1-pay-period", "obligation")] == ["open"]
