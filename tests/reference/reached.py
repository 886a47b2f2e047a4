"""What a run over many examples has met; a run that did not meet every construct proves nothing about it."""

from __future__ import annotations

import sys
from collections import Counter

from dutyrules.event_faults import EventFault
from dutyrules.policies.model import Act, Kind
from dutyrules.policies.syntax import FactKind, Pattern

from .trees import parts

TRIGGERS = ("when", "whenever", "every", "gap")
PERIODS = ("day", "week", "half_month", "month", "quarter", "year", "anchored")
QUESTIONS = ("discretion", "review", "rules", "undecidable", "waiver")
STATUSES = {
    "obligation": ("open", "fulfilled", "breached", "waived", "cancelled"),
    "deadline": ("set", "moved", "missed", "lifted"),
    "breach": ("breached",),
    "sanction": ("proposed", "imposed", "voided"),
    "entitlement": ("granted", "postponed", "taken", "voided"),
    "referral": ("opened", "answered"),
    "notice": ("issued",),
}
OF_FILES = ("DR611", "DR612")
"""Codes of files that break off and of rows that fit no mapping: no event of theirs reaches an engine."""
CODES = (
    *(fault.value for fault in EventFault if fault.value not in OF_FILES),
    *("DR620", "DR621", "DR622", "DR623", "DR624", "DR625", "DR626"),
)
WITHOUT_FORCE = (Kind.ADVICE, Kind.SCHEDULE, Kind.PROCEDURE, Kind.VALUE)
"""Kinds that make no outcome: they are met where a pack has them and both sides say nothing of them."""
KINDS = tuple(("kind", kind) for kind in Kind)
ACTS = tuple(("act", act) for act in Act)
ALL_STATUSES = tuple(("status", kind, status) for kind, statuses in STATUSES.items() for status in statuses)
CONSTRUCTS = (
    *KINDS,
    *ACTS,
    *(("trigger", trigger) for trigger in (*TRIGGERS, "finding")),
    *(("fact", kind) for kind in FactKind),
    *(("period", period) for period in PERIODS),
    *(("question", question) for question in QUESTIONS),
    *(("permission", answer) for answer in ("holds", "fails", "unknown")),
    *ALL_STATUSES,
)


class Reached:
    """Counts what examples met."""

    def __init__(self) -> None:
        self.examples = 0
        self.met: Counter = Counter()

    def note(self, end) -> None:
        """Note what the last look of an example met."""
        self.examples += 1
        for code in {code for _, code in end.aside} | end.codes:
            self.met["code", code] += 1
        rules = end.world.pack.rules
        for each in end.standing.values():
            self.met["status", each["kind"], each["status"]] += 1
            if each.get("question"):
                self.met["question", each["question"]] += 1
            rule = rules.get(each["rule"])
            if rule is not None:
                self.note_rule(rule, each)
        for mark in end.world.marks:
            self.met[mark] += 1
        for rule in rules.values():
            if rule.kind in WITHOUT_FORCE:
                self.met["kind", rule.kind] += 1

    def note_rule(self, rule, outcome: dict) -> None:
        """Note the constructs of a rule that made an outcome."""
        self.met["kind", rule.kind] += 1
        used = [trigger for trigger in TRIGGERS if getattr(rule, trigger) not in (None, ())] or ["finding"]
        for trigger in used:
            self.met["trigger", trigger] += 1
        for node in parts(rule):
            if isinstance(node, Pattern):
                self.met["fact", node.kind] += 1
        if rule.every is not None:
            self.met["period", rule.every.kind or "anchored"] += 1
        for tier in rule.tiers:
            if tier.id == outcome.get("tier"):
                self.met["act", tier.consequence.act] += 1
        if rule.consequence is not None:
            self.met["act", rule.consequence.act] += 1

    def count_stream(self, emitted: list[dict]) -> None:
        """Note what a stream handed out."""
        self.examples += 1
        for each in emitted:
            self.met["status", each["kind"], each["status"]] += 1
            if each["status"] == "withdrawn":
                self.met["withdrawn",] += 1

    def add(self, other: Reached) -> None:
        """Add what other examples met."""
        self.examples += other.examples
        self.met.update(other.met)

    def missing(self, wanted) -> list:
        """Return what was wanted and never met."""
        return [each for each in wanted if not self.met[each]]

    def assert_met(self, *wanted) -> None:
        """Assert that these constructs were met."""
        missing = self.missing(wanted)
        assert not missing, f"never met in {self.examples} examples: {missing}"

    def tell(self, what: str) -> None:
        """Print how many examples were run."""
        sys.stdout.write(f"\n{what}: {self.examples} examples run, {len(self.met)} constructs met\n")
