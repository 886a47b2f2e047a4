"""A desk's pack and a log of one of its days, for tests that compare two packs."""

from __future__ import annotations

import json

from dutyrules.policies.load import check_text

DESK = """
pack: desk
title: {en: Front desk, zh: 前台}
parameters: {late_fine: 50, allowance: 20}
shifts:
  day: {start: 08:00, end: 17:00, check_in_from: 2h}
records:
  shift: {key: [person, duty_date, period], opens: roster_assigned, dated: duty_date, spans: shift}
  complaint: {key: complaint_id, opens: complaint_received, closes: complaint_replied}
rules:
  1-late:
    kind: prohibition
    says: {en: Be there when the shift begins., zh: 按时到岗。}
    about: shift
    when: first check_in
    if: time > shift.start
  1-fine:
    kind: sanction
    says: {en: Being late is fined., zh: 迟到罚款。}
    when: breach of 1-late
    fine: late_fine
  2-reply:
    kind: obligation
    says: {en: Answer a complaint in time., zh: 按时答复投诉。}
    about: complaint
    when: complaint_received
    who: received_by
    within: 2 working days of complaint.opened
    until: complaint_replied
  3-served:
    kind: entitlement
    says: {en: A duty that is served is paid., zh: 值班有补助。}
    about: shift
    when: first check_in
    if: person == 'li'
    grant: {what: duty_allowance, amount: allowance}
"""

EVENTS = [
    ("r1", "roster_assigned", "2026-01-14T09:00:00+08:00", {"person": "li", "duty_date": "2026-01-15"}),
    ("r2", "roster_assigned", "2026-01-14T09:00:00+08:00", {"person": "wan", "duty_date": "2026-01-15"}),
    ("e1", "check_in", "2026-01-15T08:00:01+08:00", {"person": "li"}),
    ("e2", "check_in", "2026-01-15T08:20:00+08:00", {"person": "wan"}),
    ("e3", "complaint_received", "2026-01-15T10:00:00+08:00", {"complaint_id": "c1", "received_by": "wan"}),
]


def pack(text=DESK, **changes):
    """Return the desk's pack with some of its text changed."""
    for old, new in changes.values():
        assert old in text
        text = text.replace(old, new)
    checked = check_text(text)
    assert not checked.failed, checked.diagnostics
    return checked.packs[0]


def written(folder):
    """Write the log into a folder and return its path."""
    lines = [json.dumps({"id": name, "type": kind, "time": at, "data": data}) for name, kind, at, data in EVENTS]
    log = folder / "log.jsonl"
    log.write_text("\n".join(lines) + "\n", "utf-8")
    return log
