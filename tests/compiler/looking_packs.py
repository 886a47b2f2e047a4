"""Pieces of small packs that look back: rules that need what has been there before."""

from __future__ import annotations

LOOKING = {
    "needs a fact": {
        "rules": {
            "b": {"kind": "prohibition", "about": "job", "when": "first act_done", "needs": {"note": "act_noted"}},
            "s": {
                "kind": "sanction",
                "when": "breach of b",
                "needs": {"came": "came where ok or level > 0"},
                "fine": 3,
            },
            "r": {
                "kind": "referral",
                "about": "job",
                "when": "first act_done",
                "needs": {"came": "came where level > 1 or sort == 'red'"},
                "asks": "office",
            },
        }
    },
    "needs a fact of the same": {
        "rules": {
            "b": {
                "kind": "prohibition",
                "when": "act_done",
                "needs": {"own": "act_noted where person == this.person and level == this.level"},
            },
            "s": {"kind": "sanction", "when": "left", "needs": {"any": "came where ok"}, "fine": 2},
            "o": {
                "kind": "obligation",
                "about": "worker",
                "when": "act_done",
                "needs": {"own": "came where ok == worker.ok"},
                "until": "regraded",
                "within": "2h",
            },
        }
    },
    "needs several facts": {
        "rules": {
            "b": {
                "kind": "prohibition",
                "about": "job",
                "when": "first act_done",
                "needs": {
                    "note": "act_noted where ok",
                    "waiver": {"fact": "act_waived", "if": "level > 1"},
                    "change": "joined where level > 0 and person == this.person",
                },
            },
            "any": {
                "kind": "prohibition",
                "when": "act_done",
                "needs_any": {"waiver": "act_waived", "came": "came where person == this.person and level > 2"},
            },
        }
    },
    "needs a permission": {
        "rules": {
            "may": {"kind": "permission", "when": "act_done where ok", "if": "any(worker, person == this.person)"},
            "seen": {"kind": "permission", "about": "job", "needs": {"came": "came where level > 1"}},
            "b": {"kind": "prohibition", "when": "act_done", "needs": ["may"]},
            "s": {"kind": "sanction", "about": "job", "when": "act_done", "needs": ["may", "seen"], "fine": 3},
            "u": {"kind": "prohibition", "about": "job", "when": "first act_done", "unless": ["seen"]},
        }
    },
    "counts as another where it may": {
        "rules": {
            "may": {"kind": "permission", "when": "act_done where ok", "if": "any(calm, job == this.job)"},
            "d": {
                "kind": "definition",
                "when": "act_done",
                "needs": ["may"],
                "counts_as": "regraded",
                "with": {"person": "'eve'", "level": "level"},
            },
            "b": {
                "kind": "prohibition",
                "when": "act_noted",
                "needs": {"again": "regraded where level > 1"},
            },
        }
    },
}
