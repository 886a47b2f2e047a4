"""Small packs: one piece for each construct that compiles, on common ground, and logs that meet its limits."""

from __future__ import annotations

import datetime as dt
import io
import json
from typing import TYPE_CHECKING

import yaml

from dutyrules.policies.load import load_pack

from .line_forms import HOME, Happening
from .looking_packs import LOOKING

if TYPE_CHECKING:
    from pathlib import Path
    from random import Random

FIELDS = {
    "person": "person",
    "job": "text",
    "level": "int",
    "ok": {"type": "bool", "default": False},
    "sort": {"type": "text", "values": ["red", "blue"]},
    "due": "time",
    "date": "date",
    "dept": "text",
    "kinds": "list",
    "cost": "money",
    "share": "number",
}
WORK_KNOWN = "known(work.opened) and work.level > 1"
FIRST = ("job_opened", "joined", "came")
GROUND = {
    "pack": "small",
    "language": 1,
    "timezone": "Asia/Shanghai",
    "calendar": "none",
    "currency": "CNY",
    "log": {"carries": "all"},
    "roles": {"office": "the office"},
    "events": {
        name: {"fields": FIELDS}
        for name in (*FIRST, "job_altered", "act_done", "act_noted", "act_waived", "regraded", "left", "job_closed")
    }
    | {"paper_signed": {"person": "by", "fields": {"by": "person", "what": "text", "day": "date", "level": "int"}}}
    | {"untold": {"fields": {"person": "person", "called": "text", "level": "int", "ok": FIELDS["ok"]}}},
    "records": {
        "job": {"key": "job", "opens": "job_opened", "updates": "job_altered"},
        "calm": {"key": "job", "opens": "came"},
        "visit": {"key": "job", "opens": "came", "updates": "job_altered", "closes": "left", "dated": "opened"},
        "red_job": {"key": "job", "opens": "job_opened where sort == 'red'", "updates": "job_altered where ok"},
        "pair": {"key": ["person", "job"], "opens": "act_noted", "updates": "job_altered"},
        "turn": {"key": "job", "opens": "act_noted", "updates": "job_altered", "closes": "act_waived"},
        "stay": {"key": ["person", "job"], "opens": "came", "closes": "left"},
        "worker": {"key": "person", "opens": "joined", "updates": "regraded"},
        "hired": {"key": "person", "opens": "joined", "closes": "regraded"},
        "own_job": {"key": ["job", "person"], "opens": "job_opened"},
        "own_visit": {"key": ["job", "person"], "opens": "came", "links": {"work": "latest hired of person"}},
    },
}


def duty(**more) -> dict:
    """Return an obligation about a job."""
    return {"kind": "obligation", "about": "job", "when": "job_opened", "until": "act_done", **more}


def part_of_two(**more) -> dict:
    """Return an obligation about a record whose key has two parts."""
    return {"kind": "obligation", "about": "own_job", "when": "job_opened", "until": "act_done", **more}


def untied(when: str | list[str], until: str | list[str], **more) -> dict:
    """Return an obligation of the event that sets it off."""
    return {"kind": "obligation", "when": when, "until": until, **more}


def deemed(when: str, counts_as: str, about: str | None = None, **fields: str | None) -> dict:
    """Return a rule by which one fact counts as another; a field without an expression is new."""
    rule = {"kind": "definition", "when": when, "counts_as": counts_as, **({"about": about} if about else {})}
    rule |= {"if": fields.pop("if")} if "if" in fields else {}
    return {**rule, "with": {name: "new" if value is None else value for name, value in fields.items()}}


def counted(window: str, of: str = "act_done", **more) -> dict:
    """Return a fine by a count in a window."""
    rule = {"kind": "sanction", "when": "act_done", "if": "acts >= 2", "fine": "10 * acts"}
    return {"counts": {"acts": {"of": of, "per": "person", "in": window, **more}}, "rules": {"r": rule}}


PIECES = {
    "fine": {"rules": {"r": {"kind": "sanction", "when": "act_done", "fine": 5}}},
    "fine of a field": {
        "rules": {"r": {"kind": "sanction", "when": "act_done", "if": "known(level)", "fine": "level"}}
    },
    "of a part of a unit": {"rules": {"r": {"kind": "sanction", "when": "act_done", "deduct": 2.5}}},
    "where": {"rules": {"r": {"kind": "sanction", "when": "act_done where ok and sort == 'red'", "deduct": 5}}},
    "several events": {"rules": {"r": {"kind": "sanction", "when": ["act_done", "act_noted where ok"], "fine": 5}}},
    "breach": {"rules": {"b": {"kind": "prohibition", "when": "act_done", "if": "level > 1"}}},
    "breach and fine": {
        "rules": {
            "b": {"kind": "prohibition", "about": "job", "when": "first act_done", "if": "level > job.level"},
            "s": {"kind": "sanction", "when": "breach of b where ok", "fine": "level * 5"},
            "b2": {"kind": "prohibition", "when": "breach of b", "if": "times >= 1"},
            "s2": {"kind": "sanction", "when": "breach of b2", "notice": "twice"},
        },
        "counts": {"times": {"of": "breach of b", "per": "person", "in": "month"}},
    },
    "office": {"rules": {"r": {"kind": "sanction", "when": "act_done", "who": "office", "notice": "seen"}}},
    "bearer of a record": {
        "rules": {"r": {"kind": "sanction", "about": "job", "when": "act_noted", "who": "job.person", "fine": 1}}
    },
    "question": {"rules": {"r": {"kind": "referral", "when": "act_noted where ok", "asks": "office"}}},
    "discretion": {
        "rules": {
            "r": {
                "kind": "sanction",
                "when": "act_noted",
                "fine": {"from": 10, "to": 50, "decided_by": "office"},
            }
        }
    },
    "withheld": {"rules": {"r": {"kind": "sanction", "when": "act_done where level > 2", "withhold": "bonus"}}},
    "right": {
        "rules": {
            "r": {
                "kind": "entitlement",
                "about": "job",
                "when": "first act_done",
                "grant": {"what": "pay", "amount": 7},
            }
        }
    },
    "tiers": {
        "counts": {"acts": {"of": "act_done", "per": "person", "in": "month"}},
        "rules": {
            "r": {
                "kind": "sanction",
                "when": "act_done",
                "by_number": "acts",
                "tiers": {"a": {"from": 1, "to": 1, "fine": 5}, "b": {"from": 2, "fine": "5 each"}},
            }
        },
    },
    "in a day": counted("day"),
    "in a month": counted("month"),
    "in a year": counted("year", "act_done where level > 0"),
    "in a look-back": counted("26h"),
    "different ones": counted("month", distinct="level"),
    "duty within hours": {
        "rules": {"d": duty(within="2h"), "s": {"kind": "sanction", "when": "breach of d", "fine": "job.level * 2"}}
    },
    "duty of which the breach reads its trigger": {
        "rules": {
            "d": duty(within="2h"),
            "s": {"kind": "sanction", "when": "breach of d", "if": "due < time", "fine": "level * 2"},
        }
    },
    "duty within minutes, waived": {"rules": {"d": duty(within="30 minutes", waived_by="act_waived", who="office")}},
    "duty told by its trigger": {
        "rules": {
            "w": duty(within="2h", who="office", until="act_done where person == this.person"),
            "t": duty(within="2h", until="act_noted where time > this.time and due >= this.due"),
        }
    },
    "duty by a field": {"rules": {"d": duty(by="30 minutes after job.due", **{"if": "known(job.due)"})}},
    "duty without limit": {"rules": {"d": duty(promptly="at once", until="act_done where level >= job.level")}},
    "any record": {
        "rules": {
            "r": {
                "kind": "sanction",
                "when": "act_done",
                "if": "not any(worker, person == this.person and regraded)",
                "fine": 3,
            }
        }
    },
    "looks among records": {
        "rules": {
            "a": {
                "kind": "sanction",
                "when": "act_done",
                "if": "any(pair, person == this.person and level > this.level)",
                "fine": 1,
            },
            "b": {
                "kind": "prohibition",
                "when": "act_waived",
                "if": "not any(pair, job == this.job and known(level) and (level >= 2 or job_altered))",
            },
            "n": {
                "kind": "sanction",
                "when": "act_waived",
                "if": "not any(pair, job == this.job and any(worker, person == this.person and level > 0))",
                "fine": 3,
            },
        }
    },
    "looks among records that close": {
        "rules": {
            "o": {
                "kind": "sanction",
                "when": "act_done",
                "if": "any(stay, person != this.person and opened < this.time)",
                "fine": 2,
            },
            "c": {
                "kind": "prohibition",
                "when": "regraded",
                "if": "any(stay, job == this.job and opened < this.time and (not known(closed) or closed > this.time))",
            },
            "w": {
                "kind": "sanction",
                "when": "job_altered",
                "if": "any(visit, job == this.job and level > 1)",
                "fine": 4,
            },
        }
    },
    "found": {
        "rules": {
            "o": {"kind": "prohibition"},
            "s": {"kind": "sanction", "when": "breach of o", "fine": 9},
            "f": {"kind": "sanction", "fine": 4},
        }
    },
    "record that closes": {
        "rules": {
            "late": {"kind": "prohibition", "about": "visit", "when": "first act_done", "if": "level >= visit.level"},
            "pay": {"kind": "entitlement", "about": "visit", "when": "left", "grant": {"what": "pay", "amount": 7}},
            "after": duty(about="visit", when="came", within="26h", until="act_noted where level >= visit.level"),
            "twice": {"kind": "sanction", "when": "breach of late", "if": "times >= 1", "fine": "10 * times"},
        },
        "counts": {"times": {"of": "breach of late", "per": "person", "in": "month"}},
    },
    "record that opens anew": {
        "rules": {
            "pay": {
                "kind": "entitlement",
                "about": "turn",
                "when": "act_waived",
                "grant": {"what": "pay", "amount": 7},
            },
            "own": duty(about="turn", when="act_noted where ok and level > 1", within="2h"),
            "late": {
                "kind": "prohibition",
                "about": "turn",
                "when": "first act_done",
                "if": "level > 0 or turn.level > 0",
            },
            "sign": untied(
                "act_waived", "paper_signed where what == turn.job", about="turn", **{"from": "turn.opened"}
            ),
        }
    },
    "record that opens under a condition": {
        "rules": {
            "r": {
                "kind": "sanction",
                "about": "red_job",
                "when": "first act_done",
                "if": "red_job.level > 0",
                "fine": 8,
            },
            "d": duty(about="red_job", when="act_done", until="act_noted", within="2h"),
        }
    },
    "dated by its key": {
        "records": {"sheet": {"key": ["what", "day"], "opens": "paper_signed", "dated": "day"}},
        "counts": {"papers": {"of": "paper_signed", "per": "by", "in": "26h"}},
        "rules": {
            "once": {"kind": "sanction", "about": "sheet", "when": "first paper_signed", "withhold": "bonus"},
            "day": {"kind": "prohibition", "when": "paper_signed", "if": "weekday(date) in ['Monday', 'Wednesday']"},
            "many": {"kind": "sanction", "when": "paper_signed", "if": "papers >= 2", "fine": "papers"},
            "own": untied("paper_signed", "act_done where job == sheet.what", about="sheet", within="2h"),
        },
    },
    "one of a list": {
        "parameters": {"chosen": [1, 3]},
        "rules": {"r": {"kind": "sanction", "when": "act_done", "if": "level in chosen", "fine": 2}},
    },
    "lists": {
        "rules": {
            "r": {"kind": "sanction", "when": "act_done where known(job) and 'light' in kinds", "fine": 3},
            "b": {"kind": "prohibition", "about": "job", "when": "first act_noted", "if": "kinds != job.kinds"},
            "i": {
                "kind": "sanction",
                "when": "regraded",
                "if": "includes(kinds, ['light', 'door']) or kinds == []",
                "fine": 4,
            },
            "d": duty(within="2h", until="act_waived where this.kinds == kinds or 'door' not in this.kinds"),
        },
    },
    "figures": {
        "rules": {
            "r": {"kind": "sanction", "when": "act_done where cost > 1.5", "fine": 3},
            "b": {"kind": "prohibition", "about": "job", "when": "first act_noted", "if": "share <= job.share * 2"},
            "s": {"kind": "sanction", "when": "regraded", "if": "share in [1, 2.5] or cost + share > 4", "fine": 4},
        },
    },
    "sums that are still open": {
        "parameters": {"sum": {"type": "money"}, "bonus": {"type": "money"}},
        "rules": {
            "f": {"kind": "sanction", "when": "act_done where ok", "fine": "sum"},
            "w": {"kind": "sanction", "about": "job", "when": "first act_noted", "withhold": "bonus"},
        },
    },
    "several breaches": {
        "rules": {
            "a": {"kind": "prohibition", "when": "act_done where ok"},
            "b": {"kind": "prohibition", "when": ["act_done where level > 2", "act_noted"]},
            "d": duty(within="2h"),
            "e": {"kind": "prohibition", "about": "calm", "when": "first act_noted", "if": "level > 0"},
            "s": {"kind": "sanction", "when": "breach of [a, b]", "fine": 3},
            "t": {"kind": "sanction", "when": ["breach of a where level > 0", "act_waived where ok"], "fine": 4},
            "u": {"kind": "sanction", "when": "breach of [d, e]", "fine": 5},
        }
    },
    "fulfilment": {
        "rules": {
            "d": duty(within="2h"),
            "f": {"kind": "sanction", "when": "fulfilment of d where not act.ok", "who": "job.person", "fine": 3},
            "n": {
                "kind": "sanction",
                "about": "job",
                "when": "fulfilment of d where level < act.level",
                "if": "job.level > 0 and time > due and act.time == time",
                "notice": "late",
            },
            "b": {"kind": "prohibition", "when": "fulfilment of d where act.level == 2"},
            "s": {"kind": "sanction", "when": "breach of b", "fine": "level * 2"},
            "v": duty(promptly="at once", until="act_noted where level >= job.level"),
            "w": {"kind": "sanction", "when": "fulfilment of v", "who": "office", "fine": "level"},
        }
    },
    "fulfilment counts as another": {
        "rules": {
            "d": duty(within="2h"),
            "k": deemed("fulfilment of d where act.ok", "joined", "job", person="job.person", level="act.level"),
            "l": deemed("fulfilment of d where not act.ok", "joined", "job", person="job.person", level="level"),
            "f": {"kind": "sanction", "about": "worker", "when": "joined", "if": "worker.level > 1", "fine": "level"},
            "n": {"kind": "sanction", "when": "joined", "notice": "new"},
        }
    },
    "acts that tell their record by a condition": {
        "rules": {
            "d": duty(within="2h", until="untold where called == job.job and level >= this.level"),
            "e": duty(until="act_done where ok", waived_by="untold where called == job.job"),
            "g": duty(**{"when": "act_noted", "from": "job.opened", "until": "untold where called == job.job"}),
        }
    },
    "waived by what tells a part of the key": {
        "rules": {
            "d": part_of_two(within="2h", waived_by="untold where person == own_job.person"),
            "e": part_of_two(promptly="at once", waived_by=["untold where ok", "left where level > this.level"]),
        }
    },
    "record that opens again": {
        "rules": {
            "late": {"kind": "prohibition", "about": "visit", "when": "first act_done", "if": "level >= visit.level"},
            "pay": {"kind": "entitlement", "about": "visit", "when": "left", "grant": {"what": "pay", "amount": 7}},
            "after": duty(about="visit", when="came", within="2h", until="act_noted", waived_by="act_done"),
            "twice": {"kind": "sanction", "when": "breach of late", "if": "again >= 1", "fine": "10 * again"},
        },
        "counts": {
            "again": {"of": "breach of late", "per": "person", "in": "26h"},
        },
    },
    "step that nothing raises": {
        "ladders": {"flat": {"per": "person", "steps": ["warned"]}},
        "rules": {"r": {"kind": "sanction", "when": "act_done where ok", "step": "warned"}},
    },
    "untied, met by an act before it": {
        "rules": {
            "own": untied(
                "act_done",
                "act_noted where job == this.job and ok",
                promptly="at once",
                **{"from": "2 hours before time"},
            ),
            "all": untied(
                "regraded", ["left", "act_waived where level > 1"], one_act="all", **{"from": "2h before time"}
            ),
        }
    },
    "links": {
        "rules": {
            "f": {"kind": "sanction", "about": "own_visit", "when": "act_done", "if": "known(work.closed)", "fine": 3},
            "g": {"kind": "sanction", "about": "own_visit", "when": "came", "if": WORK_KNOWN, "fine": 3},
            "n": {"kind": "sanction", "about": "own_visit", "when": "came", "if": "not known(work.opened)", "fine": 1},
            "o": {
                "kind": "obligation",
                "about": "own_visit",
                "when": "came",
                "until": "act_done where not known(work.closed) or own_visit.opened < work.closed",
                "within": "2h",
            },
        },
    },
    "oldest first": {"rules": {"d": duty(within="2h", one_act="oldest")}},
    "untied, met by every act": {
        "rules": {
            "all": untied("act_done", "act_noted where known(level) and level >= this.level or ok", one_act="all"),
            "own": untied(
                "act_done where sort == 'red'",
                ["act_noted where person == this.person", "regraded where person == this.person and level > 1"],
                waived_by="act_waived where person == this.person and not ok",
                who="office",
            ),
            "two": untied(["act_done", "job_altered where ok"], "left where job == this.job and level != this.level"),
            "any": untied("came", ["left", "job_closed where ok"], promptly="at once", one_act="all"),
        }
    },
    "untied, the oldest first": {
        "rules": {
            "old": untied("act_done", "act_noted where person == this.person", one_act="oldest"),
            "one": untied("act_done", "act_noted", waived_by="act_waived where job == this.job", one_act="oldest"),
            "again": untied("act_done where ok", "act_done where job == this.job and time > this.time"),
        }
    },
    "untied, met by what counts as another": {
        "rules": {
            "d": deemed("act_done where known(level)", "act_noted", person="person", level="level - 1"),
            "e": deemed("left", "regraded", person="person", level="level"),
            "all": untied("came", "act_noted where level >= this.level", one_act="all"),
            "own": untied("regraded", "act_waived where person == this.person and level >= this.level"),
        }
    },
    "counts as another": {
        "rules": {
            "d": deemed("act_done where ok", "act_noted", person="person", job="job", level="level + 1", sort="sort"),
            "r": {"kind": "sanction", "when": "act_noted", "if": "level > 1", "fine": "level"},
            "b": {"kind": "prohibition", "about": "job", "when": "first act_noted", "if": "job.level < 3"},
            "o": duty(within="2h", until="act_noted where level >= job.level", waived_by="act_waived"),
            "n": {"kind": "sanction", "when": "act_noted", "if": "heard > 1", "fine": "heard"},
        },
        "counts": {"heard": {"of": "act_noted where known(level)", "per": "person", "in": "month"}},
    },
    "counts as what opens a record": {
        "rules": {
            "d": deemed("act_done where known(level)", "job_opened", job=None, person="worker.person", level="level"),
            "e": deemed("act_noted", "came", about="job", job="job.job", level="3", **{"if": "job.level > 1 and ok"}),
            "o": duty(within="2h", until="act_waived where level >= this.level"),
            "r": {"kind": "sanction", "about": "visit", "when": "came", "if": "visit.level > 2", "fine": 4},
            "b": {"kind": "prohibition", "about": "visit", "when": "left", "if": "any(worker, person == this.person)"},
        },
    },
    "counts as another of its type": {
        "rules": {
            "d": deemed("came where not ok", "came", job="'j4'", level="level", ok="false"),
            "r": {"kind": "sanction", "about": "visit", "when": "left", "if": "visit.level > 1", "fine": "visit.level"},
            "b": {"kind": "prohibition", "when": "act_done", "if": "any(calm, job == 'j4')"},
        },
    },
    "counts as what counts as another": {
        "rules": {
            "d": deemed("act_noted where level > 0", "act_done", person="person", job="job", level="level - 1"),
            "d2": deemed("act_done where level > 0", "regraded", person="person", level="level"),
            "d3": deemed("job_altered", "act_done", about="job", person="job.person", level="job.level"),
            "r": {
                "kind": "sanction",
                "when": "regraded",
                "if": "worker.level < 3",
                "fine": "level",
            },
        },
    },
    "excused later": {
        "rules": {
            "b": {
                "kind": "prohibition",
                "when": "act_done",
                "if": "level > 0",
                "excused_by": "act_noted where person == this.person and (ok or level >= this.level)",
            },
            "s": {
                "kind": "sanction",
                "when": ["act_done where ok", "act_waived"],
                "excused_by": ["act_noted where job == this.job", "regraded where job == this.job and ok"],
                "fine": "level + 1",
            },
            "j": {
                "kind": "prohibition",
                "about": "job",
                "when": "first act_done",
                "excused_by": "act_noted where level >= job.level",
            },
            "q": {"kind": "referral", "when": "job_altered where ok", "asks": "office", "excused_by": "act_waived"},
            "o": {
                "kind": "prohibition",
                "when": "act_waived where not ok",
                "excused_by": "act_noted where date == this.date",
            },
        },
    },
    "excused later, with what rests on it": {
        "rules": {
            "b": {"kind": "prohibition", "when": "act_done", "excused_by": "act_noted where job == this.job and ok"},
            "s": {"kind": "sanction", "when": "breach of b", "fine": "level * 5"},
        },
    },
    "owed, and excused later": {
        "rules": {
            "d": duty(within="2h", excused_by="act_waived where level >= job.level"),
            "e": duty(when="job_altered", waived_by="act_noted where ok", excused_by="act_waived"),
            "t": untied(
                "act_done where ok",
                "act_noted where person == this.person and level >= this.level",
                within="30 minutes",
                waived_by="left where person == this.person",
                excused_by="regraded where person == this.person and (ok or level > this.level)",
                who="office",
            ),
            "u": untied("act_waived", "act_noted where job == this.job", excused_by="act_done where job == this.job"),
        }
    },
    "acts before the duty": {
        "rules": {
            "h": untied(
                "act_done",
                "act_noted where person == this.person and (not known(level) or level >= this.level)",
                **{"from": "2 hours before time"},
            ),
            "t": untied(
                "act_waived where known(due)",
                "regraded where person == this.person and (not known(level) or level > 0)",
                by="due",
                excused_by="left where person == this.person",
                **{"from": "2 hours before due"},
            ),
        }
    },
    "acts that carry no key": {
        "rules": {
            "v": untied("left", "paper_signed where what == visit.job", about="visit", **{"from": "visit.opened"}),
            "j": untied(
                "job_altered",
                "paper_signed where what == job.job and level >= job.level",
                about="job",
                within="2h",
                waived_by="act_waived",
            ),
        }
    },
    "excepted": {
        "rules": {
            "b": {"kind": "prohibition", "when": "act_done", "unless": ["may", "might"]},
            "may": {"kind": "permission", "when": "act_done where ok", "if": "level > 1"},
            "might": {"kind": "permission", "if": "sort == 'blue'"},
        }
    },
    "record that one event opens, changes and closes": {
        "records": {
            "shown": {
                "key": "job",
                "opens": "act_done where ok",
                "updates": "act_done where level > 1",
                "closes": ["act_done where level < 2 and not ok", "job_closed"],
            },
            "task": {
                "key": "job",
                "opens": ["act_done where level > 0", "job_altered"],
                "updates": ["act_done", "act_noted"],
            },
        },
        "rules": {
            "r": {
                "kind": "prohibition",
                "when": ["act_noted", "act_waived", "regraded", "left"],
                "if": "any(shown, (job in ['j1', 'j2'] or job == this.job) and opened <= this.time "
                "and (not known(closed) or closed > this.time))",
            },
            "t": {
                "kind": "sanction",
                "when": ["act_noted", "regraded", "left"],
                "if": "any(task, job == this.job and level > 1)",
                "fine": 2,
            },
            "f": {"kind": "sanction", "about": "task", "when": "first act_done", "if": "task.level > 0", "fine": 1},
            "s": {
                "kind": "sanction",
                "when": "act_done",
                "if": "any(shown, job == this.job and known(closed) and level < 2)",
                "notice": "over",
            },
        },
    },
}
PIECES |= LOOKING

LONG = {"record that opens anew", "acts that carry no key", "fulfilment", "links"}
"""Pieces of which more than a few events have to come together."""
ALONE = {name for name, piece in PIECES.items() if any("counts_as" in rule for rule in piece["rules"].values())}
"""Pieces with facts that count as others, which rules of other pieces read beside these."""
ALONE |= {"several breaches"}  # which are named in lists
ALONE |= {"record that one event opens, changes and closes"}  # of which one event of an instant may undo another


def packed(names: list[str], folder: Path):
    """Return the checked pack that some pieces make, each under its own prefix."""
    made = {**GROUND, "parameters": {}, "counts": {}, "ladders": {}, "rules": {}}
    for number, name in enumerate(names):
        text = yaml.safe_dump(PIECES[name])
        for section, entries in yaml.safe_load(text).items():
            for key in entries:
                text = _renamed(text, key, f"{key}{number}") if section not in ("rules", "records") else text
        own = yaml.safe_load(text)
        counts = own.get("counts", {})
        for count in counts.values() if len(names) > 1 else ():
            count["of"] = count["of"].replace("breach of ", f"breach of p{number}-")
        made["counts"] |= counts
        made["records"] = made["records"] | own.get("records", {})
        made["parameters"] |= own.get("parameters", {})
        made["ladders"] |= own.get("ladders", {})
        made["rules"] |= own["rules"] if len(names) == 1 else _prefixed(own["rules"], f"p{number}")
    path = folder / "small.yaml"
    with io.StringIO() as stream:
        own = json.loads(json.dumps({key: value for key, value in made.items() if value}))  # without shared parts
        yaml.safe_dump(own, stream, sort_keys=False)
        path.write_text(stream.getvalue(), encoding="utf-8")
    return load_pack(str(path))


def _renamed(text: str, old: str, new: str) -> str:
    return text.replace(f"{old}:", f"{new}:").replace(f"{old} ", f"{new} ").replace(f" {old}\n", f" {new}\n")


def _prefixed(rules: dict, prefix: str) -> dict:
    """Return rules under other names, and what refers to them."""
    found = {}
    for name, rule in rules.items():
        own = dict(rule)
        for other in rules:
            for kind in ("breach", "fulfilment"):
                if str(own.get("when")).startswith(f"{kind} of {other}"):
                    own["when"] = own["when"].replace(f"{kind} of {other}", f"{kind} of {prefix}-{other}", 1)
                    break
        for key in ("unless", "needs"):
            if isinstance(own.get(key), list):
                own[key] = [f"{prefix}-{other}" for other in own[key]]
        found[f"{prefix}-{name}"] = own
    return found


STEPS = (1, 60, 1799, 1800, 1801, 7199, 7200, 7201, 86400, 93600)
PEOPLE = ("ann", "bo")
WIDE = {
    "kinds": ([], ["light"], ["light", "door"], ["light"], ["door"], ["door", "light"]),
    "cost": (0, 1, 1.5, 2.0, 2.25, -1, 3, 0.1),
    "share": (1, 0.5, 2.5, 2, 3),
}
"""What fields may hold that are looked at in their own way; they are drawn where a rule reads them."""
JOBS = ("j1", "j2", "j,3")


def _own(random: Random, kind: str, time: int, data: dict) -> dict:
    """Return the fields of an event of a type that has others than most."""
    if kind == "paper_signed":
        day = dt.datetime.fromtimestamp(time, HOME).date() + dt.timedelta(days=random.choice((-1, 0, 0, 1)))
        return {**data, "by": data["person"], "what": data["job"], "day": day.isoformat()}
    if kind == "untold":
        return {name: data[name] for name in ("person", "level", "ok")} | {"called": data["job"]}
    return data


def small_log(random: Random, pack, most: int = 10) -> list[Happening]:
    """Draw a log: jobs and people come first, then acts at, just before and just after limits."""
    begin = int(dt.datetime(2026, random.choice((1, 2, 12)), 28, 22, tzinfo=HOME).timestamp())
    later = {name for rule in pack.rules.values() for one in (*rule.until, *rule.excused_by) for name in one.names}
    first = {name for rule in pack.rules.values() for one in rule.when for name in one.names}
    left_out = {*FIRST, "paper_signed", "untold"} - later - (first & {"paper_signed"})
    names = [name for name in GROUND["events"] if name not in left_out] + ["act_done", "act_done", "act_done"]
    names += ["paper_signed"] * 6 if "paper_signed" in names else []
    names += (
        ["act_noted", "act_waived", "act_done"] * 3 if any(rule.about == "turn" for rule in pack.rules.values()) else []
    )
    names += ["untold"] * 4 if "'untold'" in repr(pack.rules) else []
    names += ["came", "came", "left"] if "again" in pack.counts else []
    codes = [name for name, rule in pack.rules.items() if not rule.when or random.randint(1, 20) == 1]
    events: list[Happening] = []
    gaps = random.random() < 0.15
    wide = {name: of for name, of in WIDE.items() if repr(name) in repr(pack.rules)}

    def add(kind: str, time: int, **given) -> None:
        data = {
            "person": random.choice(PEOPLE),
            "job": random.choice(JOBS),
            "level": random.randint(0, 3),
            "ok": random.choice((True, False)),
            "sort": random.choice(("red", "blue")),
            "due": begin + random.choice((0, 3600, 86400)),
            **given,
        }
        data = _own(random, kind, time, data)
        data |= {name: random.choice(of) for name, of in wide.items() if random.randint(0, 12)}
        if "date" in pack.events[kind].fields and random.randint(1, 30) == 1:
            data["date"] = dt.datetime.fromtimestamp(time, HOME).date().isoformat()
        data = {name: value for name, value in data.items() if not (gaps and random.randint(1, 8) == 1)}
        events.append(Happening(f"{random.choice('ea')}{len(events):02}", kind, time, data))

    for number, job in enumerate(JOBS):
        if random.random() < 0.9:
            add("job_opened", begin + number, job=job)
        if random.random() < 0.9:
            add("came", begin + 20 + number, job=job)
    for number, person in enumerate(PEOPLE):
        if random.random() < 0.7:
            add("joined", begin + 10 + number, person=person)
    for _ in range(random.randint(1, most)):
        time = max(event.time for event in events) if events and random.randint(0, 2) else begin
        time += random.choice(STEPS)
        if random.randint(1, 6) > 1:
            while any(event.time == time for event in events):
                time += 1
        if random.randint(1, 3 if len(codes) > len(pack.rules) / 2 else 12) == 1:
            add("finding", time, code=random.choice((*codes, *(f"small/{code}" for code in codes), "none")))
        else:
            add(random.choice(names), time)
    return events
