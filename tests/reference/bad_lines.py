"""Lines of a log that hold no event, by the code with which each is set aside."""

from __future__ import annotations

import json

WHEN = "2026-01-01T00:00:00+08:00"
BAD_LINES = {
    "DR601": "{not json",
    "DR602": "[1, 2]",
    "DR603": json.dumps({"id": "big", "type": "finding", "time": WHEN, "data": {"note": "x" * 1_000_001}}),
    "DR604": '{"id": "twice", "id": "twice", "type": "finding", "time": "2026-01-01T00:00:00+08:00"}',
    "DR605": json.dumps({"type": "finding", "time": WHEN}),
    "DR606": json.dumps({"id": 7, "type": "finding", "time": WHEN}),
    "DR607": json.dumps({"id": "no-zone", "type": "finding", "time": "2026-01-01T00:00:00"}),
    "DR608": json.dumps({"id": "unknown", "type": "no_such_type", "time": WHEN}),
    "DR609": json.dumps({"id": "typed", "type": "roster_assigned", "time": WHEN, "data": {"duty_date": "soon"}}),
    "DR610": json.dumps({"id": "worded", "type": "standby_call", "time": WHEN, "data": {"result": "busy"}}),
}
CALLED = {"DR603": "big", "DR604": "twice", "DR607": "no-zone", "DR608": "unknown", "DR609": "typed", "DR610": "worded"}
"""The ids under which they are set aside; those without one go by their text."""
