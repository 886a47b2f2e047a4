"""The traffic fines: a pack held against scenarios, a made-up log, and a real one where it is at hand."""

from __future__ import annotations

import csv
import datetime as dt
import json
import os
import random
import re
import shutil
import subprocess
import sys
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import attrs
import pytest

from dutyrules.csv_mapping import load_mapping
from dutyrules.engine import Engine
from dutyrules.events import EventDecoder
from dutyrules.log_files import read_in_order
from dutyrules.policies.load import check_packs, load_pack
from dutyrules.replay import open_logs
from dutyrules.testing.scenario_files import load_scenarios
from dutyrules.testing.scenarios import run_scenario

FOLDER = Path(__file__).parents[2] / "examples" / "traffic_fines"
PACK, MAPPING, MADE_UP = FOLDER / "pack.yaml", FOLDER / "mapping.yaml", FOLDER / "made_up.csv"
README = (FOLDER / "README.md").read_text(encoding="utf-8")
SCENARIOS = load_scenarios(FOLDER / "tests" / "limits.yaml")
NOTIFIED, APPEALS = "Insert Fine Notification", ("Insert Date Appeal to Prefecture", "Appeal to Judge")
DAYS_60 = dt.timedelta(days=60)
REAL_LOG = "traffic_fines_10k.csv"


# --- a count of its own: plain dates and sums, nothing of the engine --------------------------------------------------


@attrs.frozen
class Case:
    """The rows of one fine by activity."""

    rows: dict[str, list[dict[str, str]]]

    def day(self, activity: str) -> dt.date | None:
        """Return the day of an activity that happens once."""
        return dt.date.fromisoformat(self.rows[activity][0]["date"]) if self.rows[activity] else None

    def payments(self) -> list[dt.date]:
        """Return the days on which money came in."""
        return sorted({dt.date.fromisoformat(row["date"]) for row in self.rows["Payment"]})

    def sum(self, activity: str, column: str, upto: dt.date) -> Decimal:
        """Return the highest figure of a column on the rows up to the end of a day."""
        found = [Decimal(row[column]) for row in self.rows[activity] if row["date"] <= upto.isoformat()]
        return max(found, default=Decimal(0))

    def owed(self, day: dt.date, *, penalty: bool) -> Decimal:
        """Return what is owed at the end of a day, by the old sum or with an entered penalty."""
        due = self.sum("Create Fine", "amount", day)
        if penalty:
            due = self.sum("Add penalty", "amount", day) or due
        return due + self.sum("Send Fine", "expense", day) - self.sum("Payment", "totalpaymentamount", day)

    def settled(self, day: dt.date) -> bool:
        """Tell whether the debt is settled at the end of a day, as the policy has it."""
        notified = self.day("Insert Fine Notification")
        in_time = notified is None or notified > day or day <= notified + dt.timedelta(days=60)
        return self.owed(day, penalty=True) <= 0 or (in_time and self.owed(day, penalty=False) <= 0)


def sending(case: Case) -> list[tuple[str, str]]:
    """Say what became of the duty to send a fine."""
    created, sent = case.day("Create Fine"), case.day("Send Fine")
    due = created + dt.timedelta(days=150 if created < dt.date(2010, 1, 1) else 90)
    paid = next((day for day in case.payments() if case.owed(day, penalty=False) <= 0), dt.date.max)
    if sent is not None and sent <= due and sent <= paid:
        return [("1-send", "fulfilled")]
    if paid <= due:
        return [("1-send", "waived")]
    return [("1-send", "breach"), ("1-send", "breached" if sent is None else "fulfilled late")]


def paying(case: Case) -> list[tuple[str, str]]:
    """Say what became of the duty to pay, the penalty and the duty to collect."""
    notified, collected = case.day("Insert Fine Notification"), case.day("Send for Credit Collection")
    if notified is None or case.owed(notified, penalty=False) <= 0:
        return []
    last = notified + dt.timedelta(days=60)
    if any(notified <= day <= last and case.owed(day, penalty=False) <= 0 for day in case.payments()):
        return [("2-pay", "fulfilled")]
    after = next((day for day in case.payments() if day > last and case.settled(day)), None)
    found = [
        ("2-pay", "breach"),
        ("2-pay", "breached" if after is None else "fulfilled late"),
        ("2-penalty", "imposed"),
    ]
    if collected is not None and (after is None or collected <= after):
        return [*found, ("5-collect", "fulfilled")]
    return [*found, ("5-collect", "open" if after is None else "waived")]


def appealing(case: Case) -> list[tuple[str, str]]:
    """Say which appeals were late, or cannot be judged."""
    notified = case.day("Insert Fine Notification")
    found = []
    for rule, activity in (("prefecture", "Insert Date Appeal to Prefecture"), ("judge", "Appeal to Judge")):
        day = case.day(activity)
        if day is not None and (notified is None or notified > day):
            found.append((f"3-appeal-{rule}", "opened"))
        elif day is not None and day > notified + dt.timedelta(days=60):
            found.append((f"3-appeal-{rule}", "issued"))
    return found


def forwarding(case: Case) -> list[tuple[str, str]]:
    """Say what became of the duty to forward an appeal."""
    filed, sent = case.day("Insert Date Appeal to Prefecture"), case.day("Send Appeal to Prefecture")
    if filed is None or case.settled(filed):
        return []
    last = filed + dt.timedelta(days=60)
    paid = next((day for day in case.payments() if day >= filed and case.settled(day)), dt.date.max)
    if sent is not None and sent <= last and sent <= paid:
        return [("4-forward", "fulfilled")]
    if paid <= last:
        return [("4-forward", "waived")]
    return [("4-forward", "breach"), ("4-forward", "breached" if sent is None else "fulfilled late")]


def settling(case: Case) -> list[tuple[str, str]]:
    """Say whether the debt is settled in the end, by the policy and by the police's account."""
    sent, fined = case.day("Send Fine"), case.day("Add penalty")
    found = []
    paid = [day for day in case.payments() if case.settled(day)]
    if any(not (sent and sent > day and case.owed(sent, penalty=False) > 0) for day in paid):
        found.append(("5-settled", "granted"))
    paid = [day for day in case.payments() if case.owed(day, penalty=True) <= 0]
    if any(not any(on and on > day and case.owed(on, penalty=True) > 0 for on in (sent, fined)) for day in paid):
        found.append(("5-settled-as-recorded", "granted"))
    return found


def cases_of(path: Path) -> dict[str, Case]:
    """Read a log case by case."""
    cases = defaultdict(lambda: Case(defaultdict(list)))
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            cases[row["case_id"]].rows[row["activity"]].append(row)
    return dict(cases)


def counted(cases: dict[str, Case]) -> dict[tuple[str, str], set[str]]:
    """Count a log: which cases come to what, by rule."""
    found = defaultdict(set)
    for name, case in cases.items():
        for judge in (sending, paying, appealing, forwarding, settling):
            for what in judge(case):
                found[what].add(name)
    return dict(found)


# --- what the engine makes of it --------------------------------------------------------------------------------------


def told(outcomes) -> dict[tuple[str, str], set[str]]:
    """Gather outcomes, as their JSON has them, by rule and status: which cases; deadlines say nothing more."""
    found = defaultdict(set)
    for one in outcomes:
        if one["kind"] == "deadline":
            continue
        status = "breach" if one["kind"] == "breach" else one["status"] + (" late" if one.get("late") else "")
        found[one["rule"], status].add(one["matter"].removeprefix("fine:"))
    return dict(found)


def events_of(path: Path) -> list:
    """Read the events of a log."""
    pack = load_pack(PACK)
    [log] = open_logs([path], pack, load_mapping(MAPPING))
    refused = []
    batches = read_in_order([log], EventDecoder(pack.events, pack.timezone), refused.append)
    events = [event for batch in batches for event in batch]
    assert refused == []
    return events


def standing(out: Path) -> list[dict]:
    """Read the outcomes that a replay wrote, as they stand in the end."""
    last = {}
    for line in out.read_text(encoding="utf-8").splitlines():
        one = json.loads(line)
        last[one["id"]] = one
    return [one for one in last.values() if one["status"] not in {"withdrawn", "retracted"}]


def section(heading: str) -> str:
    """Return what stands below a heading of the README."""
    return re.split(r"^## ", README.split(f"\n## {heading}\n")[1], flags=re.MULTILINE)[0]


def as_shown(heading: str, folder: Path) -> tuple[str, str]:
    """Run the commands below a heading of the README, and return what it shows and what they print."""
    blocks = "".join(re.findall(r"^```console\n(.*?)^```", section(heading), re.DOTALL | re.MULTILINE))
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    printed = ""
    for line in blocks.splitlines():
        if line.startswith("$ "):
            done = subprocess.run(
                ["bash", "-c", line[2:]],  # noqa: S607 - as a reader types it
                cwd=folder,
                env={**os.environ, "PATH": path},
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                check=False,
            )
            assert done.returncode == 0, done.stdout
            printed += f"{line}\n{done.stdout}"
    return blocks, printed


@pytest.fixture
def here(tmp_path):
    """Give a folder that holds the example's files, as a reader of the README has them."""
    shutil.copytree(FOLDER, tmp_path / "here")
    return tmp_path / "here"


@pytest.fixture(scope="module")
def log(shared) -> Path:
    """Return where the real log is."""
    if not (shared / "data" / REAL_LOG).is_file():
        pytest.skip("the real log is not at hand")
    return shared / "data" / REAL_LOG


@pytest.fixture(scope="module")
def cases(log) -> dict[str, Case]:
    """Read the real log case by case."""
    return cases_of(log)


@pytest.fixture(scope="module")
def found(cases) -> dict[tuple[str, str], set[str]]:
    """Count the real log."""
    return counted(cases)


# --- tests ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["pack.yaml", "appeal_stops.yaml"])
def test_the_packs_load_without_a_remark(name):
    """pack and overlay load, and the checker has nothing to say about them"""
    checked = check_packs(FOLDER / name)
    assert (len(checked.packs), checked.diagnostics) == (1, ())


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda one: one.id)
def test_scenarios(scenario):
    """each limit holds at its last day and fails the day after"""
    result = run_scenario(scenario, load_pack(PACK))
    assert result.passed, str(result)


def test_made_up_log(here):
    """the made-up log, with rows of a day in any order, comes out as a plain count has it and as the README shows"""
    shown, printed = as_shown("Try it", here)
    assert printed == shown
    assert told(standing(here / "outcomes.jsonl")) == counted(cases_of(MADE_UP))


def test_made_up_log_reaches_every_rule():
    """no rule of the pack is idle in the made-up log"""
    assert {rule for rule, _ in counted(cases_of(MADE_UP))} == set(load_pack(PACK).rules)


@pytest.mark.parametrize("seed", range(5))
def test_order_of_rows_changes_nothing(seed):
    """the same events in any order and any batches, with ids that sort otherwise, give the same outcomes"""
    order = random.Random(seed)  # noqa: S311 - shuffles a log, guards nothing
    events = [attrs.evolve(event, id=f"{order.random()}") for event in events_of(MADE_UP)]
    order.shuffle(events)
    pack = load_pack(PACK)
    engine = Engine(pack)
    while events:
        size = order.randint(1, 9)
        engine.feed_all(events[:size])
        del events[:size]
    engine.advance("2012-12-31T00:00:00+01:00")
    assert told(one.as_dict() for one in engine.outcomes().values()) == counted(cases_of(MADE_UP))


def test_real_log(here, log, found):
    """the real log comes out, case by case, as a plain count has it, and in figures as the README shows"""
    (here / REAL_LOG).symlink_to(log)  # the one replay of the whole log, which takes half a minute
    shown, printed = as_shown("The real log", here)
    assert printed == shown
    assert told(standing(here / "outcomes.jsonl")) == found


def test_answers_of_the_readme():
    """each answer of the README's table stands in what it shows of the replay of the real log"""
    printed = re.findall(r"^ +(\d+)  (\S+) +(.+)$", section("The real log"), re.MULTILINE)
    counts = {(rule, what): int(count) for count, rule, what in printed}
    rows = re.findall(r"^\| [^|]+ \| ([^|]+) \| `([^`]+)` ([^;|]+?)(?:;[^|]*)? \|$", README, re.MULTILINE)
    assert len(rows) == 12
    for answer, rule, printed_as in rows:
        figures = re.findall(r"(?<![\d,])(?<!of )\d{1,3}(?:,\d{3})*", answer)
        assert [int(figure.replace(",", "")) for figure in figures] == [
            counts[rule, what] for what in printed_as.split(", ")
        ]


def test_remarks_of_the_readme(cases, found):
    """what the README remarks on the figures is so, by a plain count of the real log"""
    assert max(case.day("Create Fine") for case in cases.values()) == dt.date(2009, 3, 14)
    paid = {name: cases[name].day(NOTIFIED) + DAYS_60 for name in found["2-pay", "fulfilled"]}
    assert sum(cases[name].owed(last - dt.timedelta(days=1), penalty=False) > 0 for name, last in paid.items()) == 44
    assert all(
        cases[name].day("Notify Result Appeal to Offender") < cases[name].day("Appeal to Judge")
        for name in found["3-appeal-judge", "issued"]
    )
    assert found["3-appeal-prefecture", "opened"] == {"A16980"}
    assert found["4-forward", "waived"] == {"A10125", "A17617"}
    assert sum(bool(case.rows["Send Appeal to Prefecture"]) for case in cases.values()) == 227
    assert len(found["5-settled", "granted"] - found["5-settled-as-recorded", "granted"]) == 46
    assert found["5-settled-as-recorded", "granted"] < found["5-settled", "granted"]
    assert found["5-settled-as-recorded", "granted"] & found["2-pay", "fulfilled"] == {"A18543"}
    sent = {name: day for name, case in cases.items() if (day := case.day("Send Fine"))}
    assert len(found["1-send", "waived"] & set(sent)) == 10
    dismissed = {
        name
        for name, case in cases.items()
        if any(row["dismissal"] in {"#", "G"} for rows in case.rows.values() for row in rows)
    }
    assert len(found["5-collect", "open"] & dismissed) == 140


def test_payments_that_lost_their_decimal_point(cases):
    """thirty payments of the real log are ten times what the total rises by, and would settle six debts too many"""
    lost, settled = 0, 0
    for case in cases.values():
        rows = case.rows["Payment"]
        end = dt.date.max
        total, added = case.sum("Payment", "totalpaymentamount", end), sum(Decimal(row["payment"]) for row in rows)
        settled += case.owed(end, penalty=True) > 0 >= case.owed(end, penalty=True) + total - added
        before = Decimal(0)
        for row in sorted(rows, key=lambda row: row["date"]):
            risen = Decimal(row["totalpaymentamount"]) - before
            before += risen
            lost += risen > 0 and Decimal(row["payment"]) == 10 * risen
    assert (lost, settled) == (30, 6)


def test_if_an_appeal_stopped_the_penalty(here, log, found):
    """the overlay lifts the duty to pay for who appeals by day 60, and for nobody else"""
    (here / REAL_LOG).symlink_to(log)
    shown, printed = as_shown("If an appeal stopped the penalty", here)
    assert printed == shown
    cases = cases_of(here / "appeals.csv")
    appeals = {name: [case.day(each) for each in APPEALS if case.rows[each]] for name, case in cases.items()}
    assert all(appeals.values())
    before, stopped = counted(cases), told(standing(here / "outcomes.jsonl"))
    penalised = before["2-penalty", "imposed"]
    spared = {name for name in penalised if min(appeals[name]) <= cases[name].day(NOTIFIED) + DAYS_60}
    assert (len(cases), len(penalised), len(spared)) == (245, 242, 206)
    assert len(found["2-penalty", "imposed"] - spared) == 4382
    assert stopped["2-penalty", "imposed"] == penalised - spared
    assert stopped["2-pay", "waived"] == spared | before["2-pay", "fulfilled"]
    assert {what: of for what, of in stopped.items() if what[0][0] in "134"} == {
        what: of for what, of in before.items() if what[0][0] in "134"
    }
