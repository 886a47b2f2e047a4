"""Lines of a log that hold no event, by the code with which each is set aside."""

from __future__ import annotations

import json

BAD_LINES = {
    "DR601": "{not json",
    "DR602": "[1, 2]",
    "DR603": json.dumps(
        {"id": "big", "type": "finding", "time": "2026-01-01T00:00:00+08:00", "data": {"note": "x" * 1_000_001}}
    ),
    "DR604": '{"id": "twice", "id": "twice", "type": "finding", "time": "2026-01-01T00:00:00+08:00"}',
    "DR605": json.dumps({"type": "finding", "time": "2026-01-01T00:00:00+08:00"}),
    "DR606": json.dumps({"id": 7, "type": "finding", "time": "2026-01-01T00:00:00+08:00"}),
    "DR607": json.dumps({"id": "t", "type": "finding", "time": "2026-01-01T00:00:00"}),
    "DR608": json.dumps({"id": "u", "type": "no_such_type", "time": "2026-01-01T00:00:00+08:00"}),
    "DR609": json.dumps(
        {"id": "w", "type": "roster_assigned", "time": "2026-01-01T00:00:00+08:00", "data": {"duty_date": "soon"}}
    ),
    "DR610": json.dumps(
        {"id": "v", "type": "act_done", "time": "2026-01-01T00:00:00+08:00", "data": {"sort": "green"}}
    ),
}
