"""What a run over many examples has met; a run that did not meet every construct proves nothing about it."""

from __future__ import annotations

import sys
from collections import Counter

from dutyrules.policies.model import Kind

TRIGGERS = ("when", "whenever", "every", "gap", "finding")
PERIODS = ("day", "week", "half_month", "month", "quarter", "year", "anchored")
STATUSES = {("obligation", status) for status in ("open", "fulfilled", "breached", "waived", "cancelled")} | {
    ("deadline", "set"),
    ("deadline", "moved"),
    ("deadline", "missed"),
    ("deadline", "lifted"),
    ("breach", "breached"),
    ("sanction", "imposed"),
    ("sanction", "proposed"),
    ("sanction", "voided"),
    ("entitlement", "granted"),
    ("referral", "opened"),
    ("referral", "answered"),
    ("notice", "issued"),
}


class Reached:
    """Counts what examples met."""

    def __init__(self) -> None:
        self.examples = 0
        self.met: Counter = Counter()

    def note(self, end) -> None:
        """Note what the last look of an example met."""
        self.examples += 1
        for code in {code for _, code in end.aside}:
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
            if rule.kind in (Kind.ADVICE, Kind.SCHEDULE, Kind.PROCEDURE, Kind.VALUE):
                self.met["kind", rule.kind] += 1

    def note_rule(self, rule, outcome: dict) -> None:
        """Note the constructs of a rule that made an outcome."""
        self.met["kind", rule.kind] += 1
        for trigger in TRIGGERS[:4]:
            if getattr(rule, trigger) not in (None, ()):
                self.met["trigger", trigger] += 1
        if not any(getattr(rule, trigger) not in (None, ()) for trigger in TRIGGERS[:4]):
            self.met["trigger", "finding"] += 1
        for pattern in rule.when:
            self.met["fact", pattern.kind] += 1
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
