"""Pieces of packs that say what follows: sums, bands, ladders, choices, deemed and voided facts."""

from __future__ import annotations

from .ground import maybe, one


def sums(draw) -> dict:
    """Draw sanctions of every kind upon one breach, and what decides among them."""
    breach = {
        "kind": "prohibition",
        "when": "act_noted",
        "if": "not ok",
        **maybe(draw, "excused_by", "act_forgiven where person == this.person"),
    }
    rules = {
        "noted": breach,
        "by-rank": {
            "kind": "sanction",
            "when": "breach of noted",
            "by_number": "nth",
            "tiers": {
                "rank-1": {"from": 1, "to": 1, "deduct": "1% of wage"},
                "rank-2": {"from": 2, "deduct": "wage * 5 / 100"},
            },
        },
        "held": {
            "kind": "sanction",
            "when": "breach of noted",
            "withhold": one(draw, "bonus", "unpriced"),
            "nature": "bonus_reduction",
            "for": "month",
        },
        "lost": {
            "kind": "sanction",
            "when": "breach of noted",
            "disqualify": "prize",
            "for": "year",
            "once_per": one(draw, ["person", "year"], ["person"], ["person", "month"]),
        },
        "told": {"kind": "sanction", "when": "breach of noted", "if": "nth == 2", "notice": "reminder"},
        "sent": {"kind": "sanction", "when": "breach of noted", "if": "nth > 2", "refer": "handbook"},
        "asked": {
            "kind": "sanction",
            "when": "breach of noted",
            one(draw, "fine", "compensate"): {
                "from": 10,
                "to": "top",
                "decided_by": "office",
                **maybe(draw, "none_if", "excusable"),
                **maybe(draw, "propose", 20),
            },
        },
        "told-of-fine": {"kind": "referral", "when": "sanction of [by-rank, asked]", "asks": "office"},
    }
    if any("none_if" in rules["asked"].get(act, {}) for act in ("fine", "compensate")):
        rules["excusable"] = {"kind": "permission", "if": one(draw, "sort == 'blue'", "level > 1")}
    return {
        "rules": rules,
        "counts": {
            "nth": {
                "of": "breach of noted",
                "per": "person",
                "in": one(draw, "month", "day", "1 month"),
                **maybe(draw, "distinct", "level"),
            }
        },
        "parameters": {
            "wage": 3000,
            "top": one(draw, 50, {"2026-01-01": 50, "2026-03-01": 40}),
            "unpriced": {"type": "money"},
        },
    }


def compared(draw) -> dict:
    """Draw outcomes that a choice or a forfeit compares."""
    return {
        "rules": {
            "away": {"kind": "prohibition", "about": "stay", "when": "act_done", "if": "not ok"},
            "away-small": {"kind": "sanction", "when": "breach of away", "fine": "small"},
            "job-big": {
                "kind": "sanction",
                "about": "job",
                "when": "act_noted where sort == 'red'",
                "who": "job.person",
                one(draw, "fine", "deduct"): one(draw, 200, 10, 50),
                **maybe(draw, "excused_by", "act_forgiven"),
            },
            "pick": {
                "kind": "choice",
                "of": ["away-small", "job-big"],
                "same": one(draw, "stay", ["person", "month"], ["person", "day"]),
                "keep": "heaviest",
            },
            "paid": {
                "kind": "entitlement",
                "about": "workday",
                "when": "first act_agreed",
                "grant": {"what": "allowance", "amount": 20},
                **maybe(draw, "by", one(draw, "day 10 of next month", "2 days after day")),
                **maybe(draw, "until", "act_waived"),
            },
            "absent": {
                "kind": "prohibition",
                "about": "workday",
                "when": "end of workday",
                "if": one(draw, "traces == 0", "traces == 0 and not any(stay, person == this.person)"),
                **maybe(draw, "relies_on", "act_agreed"),
                **maybe(draw, "excused_by", "act_forgiven where person == workday.person"),
            },
            "forfeited": {
                "kind": "sanction",
                "when": "breach of absent",
                "forfeit": "paid",
                "same": one(draw, ["person", "month"], ["person"], ["workday"]),
            },
            "run": {"kind": "sanction", "when": "breach of absent", "if": "absent_run >= 2", "fine": 5},
        },
        "counts": {
            "traces": {"of": ["act_agreed", "act_done"], "per": "workday"},
            "absent_run": {"of": "breach of absent", "per": "person", "streak_of": "workday"},
        },
        "parameters": {"small": one(draw, 50, 20)},
    }


def climbing(draw) -> dict:
    """Draw a ladder with findings as its entries."""
    return {
        "rules": {
            "rude": {"kind": "sanction", "step": "warn", **maybe(draw, "class", "manners")},
            "loud": {"kind": "sanction", "step": "warn", "class": "manners"},
            "worse": {"kind": "sanction", "step": "stern"},
            "worst": {"kind": "sanction", "step": "out"},
            "lapse": {
                "kind": "sanction",
                "when": "act_noted where ok",
                "if": "lapses >= 2",
                "step": "warn",
                "class": "lapse",
                "look_back": "month",
            },
        },
        "counts": {"lapses": {"of": "act_noted where ok", "per": "person", "in": "month"}},
        "ladders": {
            "discipline": {
                "per": "person",
                "steps": ["warn", "stern", "out"],
                **maybe(
                    draw,
                    "repeat",
                    {
                        "same": "class",
                        "raise": 1,
                        "cap": "stern",
                        "at_cap": "review_by_head",
                        **maybe(draw, "within", one(draw, "2 days", "1 month")),
                    },
                ),
                "accumulate": {
                    "two-warn": {
                        "of": "warn",
                        "reaches": 2,
                        "within": one(draw, "1 year", "2 days"),
                        "used_up": draw.choice((True, False)),
                        "gives": "stern",
                    },
                    "two-stern": {"of": "stern", "reaches": 2, "within": "1 year", "asks": "dismissal_review"},
                },
                **maybe(
                    draw,
                    "overruled_by",
                    {"by-head": {"when": "ruling where by == 'head'", **maybe(draw, "if", "known(about)")}},
                ),
            }
        },
    }


def deemed(draw) -> dict:
    """Draw facts that count as others, and facts that count for nothing."""
    return {
        "rules": {
            "new-job": {
                "kind": "definition",
                "about": "job",
                "when": "job_closed where ok",
                "counts_as": "job_opened",
                "with": {"job": "new", "person": "job.person", "level": "job.level"},
            },
            "as-done": {
                "kind": "definition",
                "when": "act_agreed where ok",
                "counts_as": "act_done",
                "with": {"level": "level", "person": "person", "job": "job"},
            },
            "no-proxy": {
                "kind": "prohibition",
                "when": one(draw, ["act_done", "act_noted"], "act_done"),
                "if": one(draw, "level == 3", "sort == 'red'"),
                "voids": "trigger",
            },
            "done-fine": {
                "kind": "sanction",
                "when": "act_done",
                "if": one(draw, "done_count > 1", "level > 0"),
                "fine": 5,
                **one(draw, {}, {"once_per": ["person", "month"]}),
            },
            "fine-again": {"kind": "sanction", "when": "breach of no-proxy", "compensate": {"decided_by": "office"}},
        },
        "counts": {"done_count": {"of": "act_done", "per": "person", "in": one(draw, "day", "month")}},
    }


def observed(draw) -> dict:
    """Draw rules that nothing but a finding breaks, and texts without force."""
    return {
        "rules": {
            "tidy": {"kind": "obligation", "who": "office"},
            "no-smoke": {"kind": "prohibition", **maybe(draw, "about", "job")},
            "smoke-fine": {"kind": "sanction", "when": "breach of [tidy, no-smoke]", "deduct": "15"},
            "answer": {
                "kind": "obligation",
                "about": "job",
                "when": "job_opened",
                "who": "job.person",
                "promptly": "soon",
                "until": "act_noted",
            },
            "harm": {"kind": "sanction", **maybe(draw, "if", "known(about)"), "fine": {"decided_by": "office"}},
            "unclear": {"kind": "referral", "asks": "office"},
            "open-times": {"kind": "schedule", "says": "open from eight"},
            "be-kind": {"kind": "advice", "says": "be kind"},
            "in-turn": {"kind": "procedure", "says": "one after the other"},
            "fair-value": {"kind": "value", "says": "what it is worth"},
        }
    }


PIECES = {
    "sums": sums,
    "compared": compared,
    "climbing": climbing,
    "deemed": deemed,
    "observed": observed,
}
