"""The audit of the traffic fines, held against plain dates and sums, and against what its page says of single cases."""

from __future__ import annotations

import csv
import datetime as dt
import os
import re
import shutil
import subprocess
import sys
from collections import Counter, defaultdict
from decimal import Decimal
from pathlib import Path

import pytest

from dutyrules.audit.audit_report import text_lines
from dutyrules.audit.decision_mapping import load_decision_mapping
from dutyrules.audit.decisions import read_decisions
from dutyrules.audit.findings import Verdict
from dutyrules.audit.verdicts import audit
from dutyrules.calendars.zones import Zone
from dutyrules.csv_mapping import load_mapping
from dutyrules.policies.load import load_pack
from dutyrules.replay import Replay, open_logs
from executed_pages import matches

FOLDER = Path(__file__).parents[2] / "examples" / "traffic_fines"
PAGE = (FOLDER / "AUDIT.md").read_text(encoding="utf-8")
ZONE = Zone("Europe/Rome")
REAL_LOG = "traffic_fines_10k.csv"
SENT, PENALTY = "Send Fine", "Add penalty"
APPEALED, FORWARDED, COLLECTED = (
    "Insert Date Appeal to Prefecture",
    "Send Appeal to Prefecture",
    "Send for Credit Collection",
)
KINDS = {"sending": SENT, "penalty": PENALTY, "forwarding": FORWARDED, "collection": COLLECTED}
VERDICTS = {
    "Agrees": "agrees",
    "Differs": "differs",
    "Not demanded": "not_demanded",
    "Missing, all of them": "missing",
    "Pending": "pending",
}


# --- a count of its own: plain dates and sums, nothing of the library -------------------------------------------------


class Case:
    """The rows of one fine."""

    def __init__(self, rows):
        self.rows = rows
        self.days = {row["activity"]: dt.date.fromisoformat(row["date"]) for row in rows}
        self.payments = sorted({self.day_of(row) for row in rows if row["activity"] == "Payment"})

    @staticmethod
    def day_of(row):
        """Return the day of a row."""
        return dt.date.fromisoformat(row["date"])

    def most(self, activity, column, day):
        """Return the highest figure on rows up to the end of a day."""
        found = [Decimal(row[column]) for row in self.rows if row["activity"] == activity and self.day_of(row) <= day]
        return max(found, default=Decimal(0))

    def settled(self, day, *, old_sum):
        """Tell whether nothing is owed at the end of a day, by the old sum alone or with an entered penalty."""
        fine = self.most("Create Fine", "amount", day)
        if not old_sum:
            fine = self.most(PENALTY, "amount", day) or fine
        return fine + self.most(SENT, "expense", day) <= self.most("Payment", "totalpaymentamount", day)

    def by_procedure(self, day):
        """Tell whether the debt is settled at the end of a day: up to day 60 the old sum does, then the new one."""
        last = self.days.get("Insert Fine Notification", dt.date.max - dt.timedelta(60)) + dt.timedelta(60)
        return self.settled(day, old_sum=False) or (day <= last and self.settled(day, old_sum=True))

    def first_settled(self, since):
        """Return the first payment from a day on that settles the debt."""
        return next((day for day in self.payments if day >= since and self.by_procedure(day)), dt.date.max)


def judged(done, since, last, ended):
    """Judge one duty by its days: done (None: never), demanded since, until `last`, ended by a payment on a day."""
    if done is None:
        if last is None:
            return None if ended < dt.date.max else "pending"
        return None if ended <= last else "missing"
    if ended < done and (last is None or ended <= last):
        return "not_demanded"
    return "agrees" if since <= done and (last is None or done <= last) else "differs"


def expected(case):
    """Return the verdict on each kind of decision in a case; None where there is nothing to judge."""
    days, limit = case.days, dt.timedelta(60)
    created, notified, appealed = (days.get(name) for name in ("Create Fine", "Insert Fine Notification", APPEALED))
    paid = next((day for day in case.payments if case.settled(day, old_sum=True)), dt.date.max)
    found = {"sending": judged(days.get(SENT), created, created + dt.timedelta(150), paid)}
    if notified is not None:
        last = notified + limit
        in_time = any(notified <= day <= last and case.settled(day, old_sum=True) for day in case.payments)
        found["penalty"] = "not_demanded" if in_time else "agrees" if days[PENALTY] == last else "differs"
        if not in_time:
            found["collection"] = judged(days.get(COLLECTED), last, None, case.first_settled(last + dt.timedelta(1)))
    if appealed is not None and not case.by_procedure(appealed):
        found["forwarding"] = judged(days.get(FORWARDED), appealed, appealed + limit, case.first_settled(appealed))
    return {kind: verdict for kind, verdict in found.items() if verdict is not None}


def cases_of(path):
    """Read a log case by case."""
    rows = defaultdict(list)
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            rows[row["case_id"]].append(row)
    return {name: Case(each) for name, each in rows.items()}


# --- what the audit says ----------------------------------------------------------------------------------------------


def audited(log, decisions, pack="audit.yaml", as_of=None):
    """Audit a log and return what comes of it."""
    known = load_pack(FOLDER / pack)
    mapping = load_decision_mapping(FOLDER / "decisions.yaml", known)
    found, unread = read_decisions(decisions, mapping, ZONE)
    files = open_logs([log], known, load_mapping(FOLDER / "mapping.yaml"))
    return audit(Replay(known, files, as_of=as_of), found, unread, mapping), known


def verdicts(result):
    """Return the verdict of each case and kind of decision."""
    found = {}
    for one in result.findings:
        matter = one.decision.matter if one.decision is not None else one.outcome.matter
        assert (matter, one.kind) not in found
        found[matter.removeprefix("fine:"), one.kind] = one.verdict.value
    return found


def section(heading):
    """Return what stands below a heading of the page."""
    return re.split(r"^#{2,3} ", PAGE.split(f"# {heading}\n")[1], flags=re.MULTILINE)[0]


def table(heading):
    """Return the rows of the table of single cases below a heading."""
    rows = re.findall(r"^\| (A\d+) \| (\w+) \| ([^|]+) \| ([^|]+) \|$", section(heading), re.MULTILINE)
    return [(case, kind, said, by_hand) for case, kind, said, by_hand in rows if kind in KINDS]


def shown(heading):
    """Return the outputs that the page shows below a heading, each with its command."""
    for block in re.findall(r"^```console\n(.*?)^```", section(heading), re.DOTALL | re.MULTILINE):
        for part in re.split(r"^(?=\$ )", block, flags=re.MULTILINE)[1:]:
            command, _, printed = part.partition("\n")
            yield command.removeprefix("$ "), printed


@pytest.fixture(scope="module")
def log(shared):
    """Return where the real log is."""
    if not (shared / "data" / REAL_LOG).is_file():
        pytest.skip("the real log is not at hand")
    return shared / "data" / REAL_LOG


@pytest.fixture(scope="module")
def cases(log):
    """Read the real log case by case."""
    return cases_of(log)


@pytest.fixture(scope="module")
def real(log):
    """Audit the real log once, which takes half a minute."""
    return audited(log, log)


def only_cases(log, names, target, without=None):
    """Write the rows of some cases to a file, perhaps without those of an activity."""
    with log.open(encoding="utf-8", newline="") as source, target.open("w", encoding="utf-8", newline="") as file:
        rows = csv.DictReader(source)
        out = csv.DictWriter(file, rows.fieldnames)
        out.writeheader()
        out.writerows(row for row in rows if row["case_id"] in names and row["activity"] != without)
    return target


# --- tests ------------------------------------------------------------------------------------------------------------


def test_the_invented_log(tmp_path):
    """the command on the invented log prints what the page shows"""
    shutil.copytree(FOLDER, tmp_path / "here")
    [(command, printed)] = shown("The invented log")
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-c", command],  # noqa: S607 - as a reader types it
        cwd=tmp_path / "here",
        env={**os.environ, "PATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert matches(printed, f"{done.stdout}[exit status {done.returncode}]\n"), done.stdout


def test_the_invented_log_by_plain_dates():
    """each verdict on the invented log is what days and sums alone come to"""
    log = FOLDER / "made_up.csv"
    found = verdicts(audited(log, log)[0])
    plain = {
        (name, kind): verdict
        for name, case in cases_of(log).items()
        if name != "M04"  # created in 2010, when the limit for sending became 90 days
        for kind, verdict in expected(case).items()
    }
    assert {key: verdict for key, verdict in found.items() if key[0] != "M04"} == plain
    assert found["M04", "sending"] == "differs"


def test_the_real_log_as_shown(real):
    """totals and the list of what is missing are those of the page"""
    result, pack = real
    [(_, printed)] = shown("The real log")
    lines = text_lines(result, pack, "en", only={Verdict.MISSING})
    assert matches(printed.replace("[exit status 1]\n", ""), "\n".join(lines)), "\n".join(lines)
    assert result.deviates


def test_the_real_log_by_plain_dates(real, cases):
    """each of the 14,819 decisions, and each demand without one, has the verdict that days and sums alone come to"""
    found = verdicts(real[0])
    plain = {(name, kind): each for name, case in cases.items() for kind, each in expected(case).items()}
    assert {
        key: (found.get(key), plain.get(key)) for key in found.keys() | plain if found.get(key) != plain.get(key)
    } == {}
    assert sum(verdict not in ("missing", "pending") for verdict in found.values()) == 14_819


def test_the_cases_read_by_hand(real, cases):
    """the verdicts of the page are those of the audit; days and sums that it quotes stand in the rows of the case"""
    found = verdicts(real[0])
    for heading, verdict in VERDICTS.items():
        rows = table(heading)
        assert len(rows) >= 12
        for name, kind, said, _ in rows:
            assert found[name, kind] == verdict, (name, kind)
            check_quotes(name, said, cases[name])
    assert len(table("Missing, all of them")) == sum(verdict == "missing" for verdict in found.values())


def check_quotes(name, said, case):
    """Check that each day and each sum that is quoted stands in some row."""
    assert set(re.findall(r"\d{4}-\d\d-\d\d", said)) <= {row["date"] for row in case.rows}, (name, said)
    columns = ("amount", "expense", "totalpaymentamount", "payment")
    sums = {Decimal(row[column]) for row in case.rows for column in columns if row[column]}
    figures = re.findall(r"(?<![\d-])\d+\.\d+", said)
    assert set(map(Decimal, figures)) <= sums, (name, said)


def test_the_limits_reckoned_by_hand(real):
    """each limit that the page reckons, `until` a day, is the deadline of the demand"""
    due = {}
    for one in real[0].findings:
        if one.outcome is not None and one.outcome.kind == "obligation":
            due[one.outcome.matter.removeprefix("fine:"), one.kind] = one.outcome.due
    told = [
        (name, kind, limit)
        for heading in VERDICTS
        for name, kind, _, by_hand in table(heading)
        for limit in re.findall(r"(?:until|day 150 itself,|day 60 itself,) (\d{4}-\d\d-\d\d)", by_hand)
    ]
    assert len(told) > 30
    assert [each for each in told if due[each[:2]][:10] != each[2]] == []
    late = [
        (name, kind, int(days))
        for name, kind, _, by_hand in table("Differs")
        for days in re.findall(r"(\d+) days? late", by_hand)
    ]
    by_case = {
        (one.outcome.matter.removeprefix("fine:"), one.kind): one.match.days for one in real[0].findings if one.match
    }
    assert len(late) == len(table("Differs"))
    assert [each for each in late if by_case[each[:2]] != each[2]] == []


def test_what_the_page_says_of_the_whole(real, cases):
    """the figures of the prose are those of the log"""
    found = verdicts(real[0])
    of = {verdict: {key for key, each in found.items() if each == verdict} for verdict in set(found.values())}
    late = [one for one in real[0].findings if one.verdict is Verdict.DIFFERS]
    assert (
        min(one.match.days for one in late if one.kind == "sending"),
        max(one.match.days for one in late if one.kind == "sending"),
    ) == (1, 323)
    assert Counter(one.decision.date for one in late if one.kind == "forwarding")[dt.date(2011, 12, 25)] == 35
    sent_late = {name for name, kind in of["differs"] if kind == "sending"}
    assert sum((name, "penalty") in found for name in sent_late) == 126
    assert sum((name, "collection") in of["agrees"] for name in sent_late) == 101
    settled = {name for name, kind in of["not_demanded"] if kind == "penalty"}
    assert sum(cases[name].most(PENALTY, "amount", dt.date.max) for name in settled) == Decimal("3250.5")
    assert sum(cases[name].days[PENALTY] in cases[name].payments for name in settled) == 44
    resent = {name for name, kind in of["not_demanded"] if kind == "sending"}
    assert (len(resent), sum((name, "penalty") in of["agrees"] for name in resent)) == (10, 5)
    assert {name for name in resent if (name, "collection") in of["agrees"]} == {"A25166", "A25759"}
    penalties = [one for one in real[0].findings if one.kind == "penalty" and one.outcome is not None]
    shares = [one.decision.amount / one.outcome.amount for one in penalties]
    assert Decimal(1) <= min(shares) <= max(shares) < Decimal("1.03")
    assert (shares.count(Decimal(1)), len(shares)) == (537, 4588)


def test_what_cannot_be_recomputed(log, cases, tmp_path):
    """the cases of the last table cannot be judged as of 2009, or by a log without the penalties, and say why"""
    rows = table("What cannot be recomputed")
    assert len(rows) == 12
    names = {name for name, _, _, _ in rows}
    some = only_cases(log, names, tmp_path / "some.csv")
    bare = only_cases(log, names, tmp_path / "bare.csv", without=PENALTY)
    then, _ = audited(some, some, as_of=ZONE.end_of(dt.date(2009, 12, 31)))
    without, _ = audited(bare, some, pack="pack.yaml")
    for name, kind, said, _ in rows:
        result, code = (without, "undecidable") if kind == "penalty" else (then, "beyond")
        [one] = [
            each
            for each in result.findings
            if each.decision is not None and (each.decision.matter, each.kind) == (f"fine:{name}", kind)
        ]
        assert (one.verdict, [reason.code for reason in one.reasons]) == (Verdict.CANNOT, [code]), name
        check_quotes(name, said, cases[name])


def test_the_totals_of_what_cannot_be_recomputed(cases):
    """the totals that the page shows for both readings are what plain dates come to"""
    printed = dict(shown("What cannot be recomputed"))
    as_of, without = (
        {
            row.split()[0]: list(map(int, row.split()[1:]))
            for row in re.findall(r"^\w+(?: +\d+){8}$", text, re.MULTILINE)
        }
        for text in (text for text in printed.values() if text)
    )
    later = dt.date(2010, 1, 1)
    for kind, activity in (("forwarding", FORWARDED), ("collection", COLLECTED)):
        assert as_of[kind][4] == sum(case.days.get(activity, dt.date.min) >= later for case in cases.values())
    plain = Counter((kind, each) for case in cases.values() for kind, each in expected(case).items())
    assert without["penalty"] == [4635, 0, 0, plain["penalty", "not_demanded"], plain["penalty", "agrees"], 0, 0, 0]
    forgiven = 0
    for case in cases.values():
        verdict = expected(case)
        if verdict.get("collection") == "agrees":
            last = case.days["Insert Fine Notification"] + dt.timedelta(60)
            forgiven += any(
                last < day < case.days[COLLECTED] and case.settled(day, old_sum=True) for day in case.payments
            )
    assert without["collection"][3] == forgiven == 76
