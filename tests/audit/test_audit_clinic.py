"""A month of clinic duty: a faithful record of its sanctions agrees throughout, and each way to falsify it is found."""

from __future__ import annotations

import json
import random
from collections import Counter
from pathlib import Path

import pytest

from dutyrules.audit.decision_mapping import load_decision_mapping
from dutyrules.audit.decisions import read_decisions
from dutyrules.audit.verdicts import audit
from dutyrules.calendars.zones import Zone
from dutyrules.policies.load import load_pack
from dutyrules.replay import Replay, open_logs

FOLDER = Path(__file__).parents[2] / "examples" / "clinic_month"
ZONE = Zone("Asia/Shanghai")
MOMENT = ZONE.parse("2026-02-01T09:00:00+08:00")
COLUMNS = ("id", "date", "person", "amount", "step", "rule")


@pytest.fixture(scope="module")
def pack():
    """Load the clinic's pack."""
    return load_pack(FOLDER / "pack.yaml")


def replay(pack):
    """Return the replay of the month."""
    return Replay(pack, open_logs([FOLDER / "events.jsonl"], pack), as_of=MOMENT)


@pytest.fixture(scope="module")
def record(pack):
    """Return a faithful record of every sanction that the month came to."""
    found = [one for one in replay(pack).run().values() if (one.kind, one.status) == ("sanction", "imposed")]
    return [
        {
            "id": f"d{number}",
            "date": one.time[:10],
            "person": one.person,
            "amount": None if one.amount is None else str(one.amount),
            "step": one.step or one.what,
            "rule": one.tier or one.rule,
            "of": one.rule,
        }
        for number, one in enumerate(found)
    ]


@pytest.fixture
def judged(pack, record, tmp_path):
    """Give a function that audits a record and counts verdicts with what differs and the codes of the reasons."""
    rules = sorted({one["of"] for one in record})
    (tmp_path / "decisions.yaml").write_text(
        'kind: {value: sanction}\nid: "{id}"\ndate: date\nperson: person\namount: amount\nstep: step\nrule: rule\n'
        f"kinds: {{sanction: {{rules: {json.dumps(rules)}, outcomes: sanction}}}}\n"
    )
    mapping = load_decision_mapping(tmp_path / "decisions.yaml", pack)

    def judging(decisions):
        (tmp_path / "d.jsonl").write_text("\n".join(map(json.dumps, decisions)))
        found = audit(replay(pack), *read_decisions(tmp_path / "d.jsonl", mapping, ZONE), mapping)
        return Counter(
            (one.verdict.value, *(each.part for each in one.differences), *(each.code for each in one.reasons))
            for one in found.findings
            if one.verdict.value != "pending"
        )

    return judging


def test_a_faithful_record_agrees(judged, record):
    """every sanction is found again, in whatever order the record has them, and nothing is missing"""
    assert len(record) >= 15
    assert judged(record) == {("agrees",): len(record)}
    assert judged(record[::-1]) == {("agrees",): len(record)}


FALSIFICATIONS = {
    "dropped": (None, ("missing", "none_recorded")),
    "raised": ({"amount": "907"}, ("differs", "amount")),
    "of another step": ({"step": "reprimand"}, ("differs", "step")),
    "cited wrongly": ({"rule": "9-9"}, ("differs", "rule")),
    "put off": ({"date": "2026-02-01"}, ("differs", "date")),
    "put off beyond the log": ({"date": "2026-02-02"}, ("cannot_be_recomputed", "date", "beyond")),
    "doubled": ({"id": "again"}, ("not_demanded", "twice")),
    "invented": ({"id": "new", "person": "nobody-known"}, ("not_demanded", "nothing_of_person")),
}


@pytest.mark.parametrize("name", FALSIFICATIONS)
def test_each_falsification_is_found(judged, record, name):
    """a decision dropped, raised, put off, doubled, cited wrongly or invented is one verdict, and the rest agree"""
    changed, verdict = FALSIFICATIONS[name]
    order = random.Random(name)  # noqa: S311 - any one will do
    chosen = order.choice([one for one in record if one["amount"] and one["date"] < "2026-02-01"])
    rest = record if changed is not None and "id" in changed else [one for one in record if one is not chosen]
    decisions = rest if changed is None else [*rest, chosen | changed]
    assert judged(decisions) == {("agrees",): len(rest), verdict: 1}
