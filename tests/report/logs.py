"""Logs for the tests of reports: a small one by hand, and one as long as wanted."""

from __future__ import annotations

import datetime as dt
import json
import random

NAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张"
FIRST = dt.date(2025, 1, 1)
HOSTILE = "</script><script>alert(1)</script>'\"&<!--\u2028\u2029<img src=x onerror=alert(1)>"


def event(name, kind, time, subject=None, **data):
    """Return an event as a line of a log; a time without an offset is one of Shanghai."""
    stamp = time if isinstance(time, str) else time.isoformat()
    stamp = stamp if "+" in stamp else f"{stamp}+08:00"
    document = {"id": name, "type": kind, "time": stamp, "data": data} | ({"subject": subject} if subject else {})
    return json.dumps(document, ensure_ascii=False)


SMALL = [
    event("r1", "roster_assigned", "2025-03-01T09:00:00", "李", duty_date="2025-03-03"),
    event("r2", "roster_assigned", "2025-03-01T09:00:00", "王", duty_date="2025-03-03"),
    event("i1", "check_in", "2025-03-03T08:00:01", "李"),
    event("i2", "check_in", "2025-03-03T07:50:00", "王"),
    event("c1", "complaint_received", "2025-03-06T10:00:00", complaint_id="c1", received_by="王"),
    event("d1", "duty_served", "2025-03-03T17:00:00", "王", duty_date="2025-03-03"),
    event("f1", "finding", "2025-03-04T10:00:00", "李", code="3.1-phone"),
    event("f2", "finding", "2025-03-05T10:00:00", "李", code="3.1-phone"),
    event("s1", "standby_call", "2025-03-07T22:00:00", call_id="s1", callee="王", result="off"),
    event("x1", "check_in", "2025-03-20T08:00:00", "赵"),
    "this is no event",
]
"""Two people, one of them late; a complaint that nobody answers; two private calls; a question; what is of no use."""


def ward_log(people, days, seed=7):
    """Return the log of a ward: each is on duty every third day, some come late, complaints are answered or not."""
    draw = random.Random(seed)  # noqa: S311 - any log will do, as long as it is the same one
    staff = [f"{NAMES[number % len(NAMES)]}{number // len(NAMES) or ''}" for number in range(people)]
    lines = []
    for number in range(days):
        day = FIRST + dt.timedelta(days=number)
        for place, who in enumerate(staff):
            if (number + place) % 3 == 0:
                lines += _shift(draw, f"{number}-{place}", day, who)
        for complaint in range(people // 20 or 1):
            lines += _complaint(draw, f"{number}-{complaint}", day, draw.choice(staff))
        who, at = draw.choice(staff), dt.datetime.combine(day, dt.time(10, 30))
        if draw.random() < 0.3:
            lines.append(event(f"f{number}", "finding", at, who, code="3.1-phone"))
        if draw.random() < 0.1:
            lines.append(event(f"s{number}", "standby_call", at, call_id=f"s{number}", callee=who, result="off"))
    return lines


def _shift(draw, name, day, who):
    """Give the events of one shift."""
    start = dt.datetime.combine(day, dt.time(8))
    late = draw.choice([0] * 11 + [7])
    yield event(f"r{name}", "roster_assigned", start - dt.timedelta(days=2), who, duty_date=day.isoformat())
    yield event(f"i{name}", "check_in", start + dt.timedelta(minutes=late - 3), who)
    yield event(f"d{name}", "duty_served", start + dt.timedelta(hours=9), who, duty_date=day.isoformat())


def _complaint(draw, name, day, who):
    """Give the events of one complaint, which is answered in time, late, or not at all."""
    at = dt.datetime.combine(day, dt.time(draw.randrange(9, 17), draw.randrange(60)))
    yield event(f"c{name}", "complaint_received", at, complaint_id=f"c{name}", received_by=who)
    took = draw.choice([1, 1, 1, 2, 6, None])
    if took:
        answered = at + dt.timedelta(days=took)
        yield event(f"a{name}", "complaint_replied", answered, complaint_id=f"c{name}", by=who)
