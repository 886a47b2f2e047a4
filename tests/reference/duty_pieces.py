"""Pieces of packs that say what is to be done or left: each draws its figures.

Every construct of the language stands in one of the pieces, so that a run over many packs meets them alone and beside
one another.
"""

from __future__ import annotations

from .ground import maybe, one

RUNNING = ("30 minutes", "2h", "1h", "26h")
COUNTED = ("1 day", "2 working days", "3 days", "1 week", "1 month", "0 days")


def limit(draw) -> dict:
    """Draw a limit that the job's opening starts."""
    kind = one(draw, "within", "within", "by", "of", "none", "either", "at")
    match kind:
        case "within":
            return {"within": one(draw, *RUNNING, *COUNTED)}
        case "by":
            return {
                "by": one(
                    draw,
                    "1 day before job.target",
                    "2 days after job.target",
                    "18:00 on job.target",
                    "next working day after job.target",
                )
            }
        case "of":
            return {"within": one(draw, "2h of job.opened", "2 working days of job.opened", "1 day of job.target")}
        case "either":
            return {"by": {"if": "level > 1", "then": "end of job.target", "else": "day 2 of next month"}}
        case "at":
            return {"by": one(draw, "09:00 on Friday of the week", "Monday of the next week", "end of day")}
    return one(draw, {"promptly": "at once"}, {})


def job_duty(draw) -> dict:
    """Draw an obligation that a job brings, with all that may happen to its clock."""
    rule = {
        "kind": "obligation",
        "about": "job",
        "when": one(
            draw,
            "job_opened",
            "job_opened where sort == 'red'",
            "first act_noted",
            ["job_opened", "job_altered where ok"],
        ),
        **one(draw, {}, {"who": "office"}, {"who": "job.person"}, {"who": "head of dept"}),
        **one(
            draw,
            {"until": "act_done"},
            {"until": "act_done where level >= job.level"},
            {"until": ["act_done", "act_noted where ok"]},
            {"until_all": ["act_done", "act_noted"]},
        ),
        **limit(draw),
        **maybe(
            draw, "if", one(draw, "level >= 2", "worker.grade_known or ok", "job.level > 0", "is_working_day(date)")
        ),
        **maybe(draw, "excused_by", one(draw, "act_forgiven", "act_forgiven where ok")),
        **maybe(draw, "waived_by", one(draw, "act_waived", "job_closed", "job_altered where sort == 'blue'")),
        **maybe(draw, "one_act", one(draw, "oldest", "all")),
    }
    if rule.get("if") == "worker.grade_known or ok":
        rule["if"] = "ok or not known(level)"
    if "within" in rule or "by" in rule:
        rule |= maybe(draw, "moved_by", {"when": one(draw, "act_agreed", "act_agreed where ok"), "to": "until"})
        rule |= one(draw, {}, {}, {"soft": "in principle"})
    if "within" in rule:
        rule |= maybe(draw, "paused_by", {"when": "clock_stopped", "until": "clock_started"})
    if "until" in rule:
        rule |= one(draw, {}, {}, {"at_least": 2}, {"at_least": 2, "distinct": "level"})
    rule |= one(
        draw,
        {},
        {},
        {"from": one(draw, "30 minutes after job.opened", "00:00 on job.target", "1 day after job.opened")},
    )
    return {
        "rules": {
            "job-duty": rule,
            "job-fine": {
                "kind": "sanction",
                "when": "breach of job-duty",
                "fine": one(draw, 50, "10% of rate", "level * 5"),
            },
            "job-after": {
                "kind": "obligation",
                "when": "fulfilment of job-duty" + one(draw, "", " where act.ok", " where act.level > 1"),
                "who": "office",
                "within": "1h",
                "until": "act_agreed",
            },
        },
        "parameters": {"rate": one(draw, 100, {"2026-01-01": 100, "2026-03-01": 200}, {"type": "money"})},
    }


def periodic(draw) -> dict:
    """Draw an obligation, a right or bands for every period."""
    every = one(draw, "day", "week", "half_month", "month", "quarter", "year")
    made = {
        "period-duty": {
            "kind": "obligation",
            "every": every,
            "who": "office",
            "until": one(draw, "act_done", "act_done where ok", "act_noted where month == month_of(date)"),
            **one(
                draw,
                {},
                {"at_least": 2, "distinct": "level"},
                {"by": "day 3 of next month"},
                {"within": "2 working days"},
            ),
            **maybe(draw, "if", one(draw, "any(stay)", "any(worker, dept == 'north')", "open(job) > 0")),
            **one(draw, {}, {}, {"soft": "in principle"}),
            **maybe(draw, "one_act", "oldest"),
        },
        "period-bands": {
            "kind": "sanction",
            "every": one(draw, "day", "week", "month"),
            "for_each": one(draw, "worker", "worker where dept == 'north'"),
            "by_number": one(draw, "acts", "acts - free_acts", "acts + spent"),
            "tiers": {
                "band-1": {"from": 1, "to": 1, "fine": "10 each"},
                "band-2": {
                    "from": 2,
                    "to": 3,
                    "deduct": one(draw, "20 each", "30"),
                    **maybe(draw, "excused_by", "act_forgiven"),
                },
                "band-3": {
                    "from": 4,
                    "withhold": "bonus",
                    "nature": "bonus_reduction",
                    **maybe(draw, "excused_by", "act_forgiven where ok"),
                },
            },
        },
        "band-asked": {"kind": "referral", "when": "excuse of period-bands", "asks": "office"},
        "job-visits": {
            "kind": "obligation",
            "about": "job",
            "every": one(
                draw,
                "2 days from job.opened",
                "1 week from job.target for 1 month",
                "1 month from 1 day after job.opened for 1 year",
            ),
            "who": "office",
            "until": "act_done",
        },
    }
    if draw.choice((True, False)):
        made["period-bands"]["relies_on"] = "act_done"
    if draw.choice((True, False)):
        del made["band-asked"]
        bands = made["period-bands"]
        bands["tiers"] = {"band-1": {"from": 1, "to": 2, "fine": "10 each"}, "band-2": {"from": 3, "fine": "20 each"}}
        bands["marginal"] = True
    elif "excused_by" not in str(made["period-bands"]):
        del made["band-asked"]
    return {
        "rules": made,
        "counts": {
            "acts": {
                "of": one(draw, "act_done", "act_done where level > 0"),
                "per": "person",
                "in": one(draw, "month", "week of day", "day", "half_month", "quarter"),
            },
            "spent": {"of": "act_agreed", "per": "person", "in": one(draw, "month", "week"), "spread": "day to target"},
        },
        "parameters": {"free_acts": one(draw, 1, {"2026-02-01": 0, "2026-03-01": 1})},
    }


def longest_gap(draw) -> dict:
    """Draw an act that must come at least every so often during a stay."""
    return {
        "rules": {
            "round": {
                "kind": "obligation",
                "about": "stay",
                "gap": one(draw, "2h", "1h", "5h"),
                "until": one(draw, "act_done", "act_done where person == stay.person and ok"),
            },
            "round-note": {"kind": "sanction", "when": "breach of round", "notice": "round_missed"},
        }
    }


def head_count(draw) -> dict:
    """Draw a condition that becomes true again and again."""
    return {
        "rules": {
            "too-few": {
                "kind": "prohibition",
                "about": "dept",
                "whenever": one(
                    draw,
                    "inside < 1",
                    "inside < least_inside and known(dept)",
                    "inside == 0 or lately > 2",
                    "lately < 1 and inside > 0",
                    "lately < 1 and is_working_day(date)",
                ),
                **maybe(draw, "during", "open_hours"),
                "who": "head of dept",
                **maybe(draw, "relies_on", "came_in"),
            },
            "too-many": {
                "kind": "obligation",
                "about": "dept",
                "whenever": one(draw, "lately >= 2", "lately > 1 and inside > 0"),
                "who": "office",
                "within": one(draw, "1h", "2 working days"),
                "until": "act_noted",
            },
        },
        "counts": {
            "inside": {"of": "stay", "per": "dept", "in": "open", "distinct": "person"},
            "lately": {"of": "act_done", "per": "dept", "in": one(draw, "2h", "1 day", "30 minutes", "day", "month")},
        },
        "parameters": {"least_inside": 2},
    }


def exceptions(draw) -> dict:
    """Draw a prohibition with permissions, needs and what undoes it."""
    return {
        "rules": {
            "no-act": {
                "kind": "prohibition",
                "when": one(draw, "act_done", "act_done where not ok"),
                **one(draw, {}, {"about": "job"}),
                "unless": ["may-act", "is-allowed"],
                **maybe(draw, "excused_by", "act_forgiven where person == this.person"),
                **maybe(draw, "if", one(draw, "level > 0", "level > acts_so_far", "worker.level >= 1")),
                **one(draw, {}, {}, {"soft": "as a rule"}),
            },
            "may-act": {
                "kind": "permission",
                "when": "act_done",
                **maybe(draw, "from", one(draw, "12:00 on date", "1 day before date")),
                **maybe(draw, "by", "20:00 on date"),
                "if": one(
                    draw,
                    "sort == 'blue'",
                    "open(stay) == 0",
                    "any(stay, person == this.person)",
                    "any(worker, person == this.person and level > 1)",
                ),
            },
            "is-allowed": {
                "kind": "permission",
                "needs" if draw.choice((True, False)) else "needs_any": {
                    "paper": one(draw, "paper_given where person == this.person", "paper_given"),
                    "note": {"fact": "act_noted where ok", "who": "office", **maybe(draw, "if", "level > 1")},
                },
            },
            "no-paper": {
                "kind": "prohibition",
                "about": "job",
                "when": "job_closed",
                "who": ["job.person", "person"],
                "needs": {"paper-2": "paper_given", "note-2": "act_noted where ok"},
                **maybe(draw, "in_order", one(draw, ["paper-2", "note-2"], ["note-2", "paper-2"])),
            },
            "needs-leave": {"kind": "approval", "when": "act_agreed", "needs": {"given": "paper_given where ok"}},
            "grown-up": {
                "kind": "eligibility",
                "when": "day_planned",
                "if": one(draw, "worker.level >= 2", "age(target) >= 2", "level >= 2"),
            },
        },
        "counts": {"acts_so_far": {"of": "act_done", "per": "person", "in": one(draw, "month", "1 day")}},
    }


def rights(draw) -> dict:
    """Draw a right whose day moves while too few are free, and a formula chosen by a parameter."""
    return {
        "rules": {
            "rest": {
                "kind": "entitlement",
                "about": "duty",
                "when": "first check_in",
                "grant": "rest_day",
                "by": one(draw, "2 days after duty_date", "1 day after duty_date"),
                "postponed_while": "others_free < 1",
                "postponed_as": "rest-moved",
                "until": "act_agreed where day == duty.duty_date",
            },
            "slot-late": {
                "kind": "prohibition",
                "about": "slot",
                "when": "first check_in",
                "if": one(draw, "time > slot.start", "time > slot.start and slot.season == 'cold'"),
            },
            "slot-fine": {"kind": "sanction", "when": "breach of slot-late", "fine": "late_sum"},
            "no-show": {
                "kind": "prohibition",
                "about": "duty",
                "when": "end of duty",
                "if": "stamps == 0",
                "unless": "was-excused",
            },
            "was-excused": {
                "kind": "permission",
                "about": "duty",
                "if": "any(worker, person == this.person and level == 3)",
            },
            "month-sum": {
                "kind": "sanction",
                "every": "month",
                "for_each": "worker",
                "if": "stamps_in_month > month.days - 28",
                "fine": "late_sum",
            },
        },
        "counts": {
            "resting": {"of": "act_agreed", "per": "person", "in": "day"},
            "others_free": {"of": "worker where resting == 0", "per": {"worker.dept": "dept"}, "except": "person"},
            "stamps": {"of": ["check_in", "check_out"], "per": "duty"},
            "stamps_in_month": {"of": "check_in", "per": "person", "in": "month of duty_date"},
        },
        "values": {
            "late_sum": {
                "flat": 10,
                "by_level": "10 * stamps_in_month + floor(month.days / 2)",
                "chosen_by": "late_reading",
            }
        },
        "parameters": {"late_reading": one(draw, "flat", "by_level", {"2026-01-01": "flat", "2026-03-01": "by_level"})},
    }


PIECES = {
    "job_duty": job_duty,
    "periodic": periodic,
    "longest_gap": longest_gap,
    "head_count": head_count,
    "exceptions": exceptions,
    "rights": rights,
}
