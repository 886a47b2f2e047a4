from __future__ import annotations

import csv
import gzip
import io
import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest


def replayed(text):
    """Read outcomes from JSON Lines."""
    return [json.loads(line) for line in text.splitlines()]


def test_outcomes_go_to_stdout_and_the_summary_to_stderr(run, desk, log):
    """stdout has one outcome a line and nothing else; counts per rule and status go to stderr"""
    status, out, err = run("replay", "--pack", desk, log, "--as-of", "2026-02-01")
    assert status == 0
    assert {one["kind"] for one in replayed(out)} >= {"breach", "sanction", "obligation", "deadline", "entitlement"}
    assert "event e9: DR623 `60` lies outside 10 to 50 of `3.1-fine`" in err
    assert "15 events, 1 set aside" in err
    assert "2  1.1-fine" in err
    assert "sanction imposed" in err


def test_as_of_may_be_a_day_or_an_instant(run, desk, log):
    """a day means its end; a moment that cannot be read ends with status 2"""
    _, by_day, _ = run("replay", "--pack", desk, log, "--as-of", "2026-01-15")
    _, by_instant, err = run("replay", "--pack", desk, log, "--as-of", "2026-01-15T23:59:59+08:00")
    assert by_day == by_instant
    assert "11 events" in err
    assert "4 after the moment asked for" in err
    assert run("replay", "--pack", desk, log, "--as-of", "2026-02-30")[0] == 2
    status, _, err = run("replay", "--pack", desk, log, "--as-of", "2026-01-15T23:59:59")
    assert status == 2
    assert "write `2026-01-15T23:59:59+08:00`" in err


def test_csv_and_files(run, desk, log, tmp_path):
    """`--format csv` writes the same changes as rows, `--out` writes to a file"""
    _, lines, _ = run("replay", "--pack", desk, log)
    status, out, _ = run("replay", "--pack", desk, log, "--format", "csv", "--out", tmp_path / "out.csv")
    assert (status, out) == (0, "")
    rows = list(csv.DictReader(io.StringIO((tmp_path / "out.csv").read_text())))
    assert [(row["id"], row["status"]) for row in rows] == [(one["id"], one["status"]) for one in replayed(lines)]


def test_table_shows_what_stands(run, desk, log):
    """`--format table` shows outcomes as they stand in the end, in the language asked for"""
    _, out, _ = run("replay", "--pack", desk, log, "--format", "table", "--as-of", "2026-02-01")
    assert "2026-01-15 11:10:00 li 1.2-fine fine 50 CNY voided Leaving the post is fined." in out
    assert "obligation open due" not in out
    _, out, _ = run("replay", "--pack", desk, log, "--format", "table", "--lang", "zh")
    assert "罚款 50 CNY 作废" in out


def test_carries_decides_whether_silence_speaks(run, desk, log):
    """without a declaration a missed act is undecidable; a type that is no event type ends with status 2"""
    arguments = ("replay", "--pack", desk, log, "--as-of", "2026-02-01", "--carries")
    kinds = {
        carries: {one["kind"] for one in replayed(run(*arguments, carries)[1]) if one["rule"] == "2.1-reply"}
        for carries in ("all", "none", "complaint_replied=2026-01-01", "complaint_replied=2026-01-16")
    }
    assert "breach" in kinds["all"]
    assert "referral" in kinds["none"]
    assert kinds["complaint_replied=2026-01-01"] == kinds["all"]
    assert kinds["complaint_replied=2026-01-16"] == kinds["none"]
    assert run(*arguments, "chek_in")[0] == 2
    assert run(*arguments, "check_in=soon")[0] == 2


def test_what_is_set_aside_is_told_and_kept(run, desk, log, tmp_path):
    """faulty lines are told on stderr and written to a file; only `--strict` makes them a failure"""
    bad = tmp_path / "bad.jsonl"
    bad.write_text(Path(log).read_text() + "{\n" * 30)
    status, _, err = run("replay", "--pack", desk, bad, "--set-aside", tmp_path / "aside.jsonl")
    assert status == 0
    assert err.count("DR601") == 20
    assert "… and more" in err
    assert "31 set aside" in err
    kept = replayed((tmp_path / "aside.jsonl").read_text())
    assert [one["code"] for one in kept] == ["DR601"] * 30 + ["DR623"]
    assert run("replay", "--pack", desk, bad, "--strict")[0] == 1


def test_the_pack_beside_the_log_is_the_default(run, desk, log, tmp_path):
    """without `--pack`, `pack.yaml` beside the log is taken; without either the status is 2"""
    (tmp_path / "log.jsonl").write_text(Path(log).read_text())
    assert run("replay", tmp_path / "log.jsonl")[0] == 2
    (tmp_path / "pack.yaml").write_text(Path(desk).read_text())
    assert run("replay", tmp_path / "log.jsonl")[:2] == run("replay", "--pack", desk, log)[:2]


def test_logs_that_cannot_be_read(run, desk, tmp_path):
    """a missing log ends with status 3, a CSV file without mapping and a faulty mapping with 2"""
    assert run("replay", "--pack", desk, tmp_path / "nowhere.jsonl")[0] == 3
    assert run("replay", "--pack", desk, tmp_path)[0] == 3
    (tmp_path / "a.csv").write_text("a\n")
    (tmp_path / "map.yaml").write_text("fields: {}\n")
    status, _, err = run("replay", "--pack", desk, tmp_path / "a.csv")
    assert status == 2
    assert "give one with `--map`" in err
    status, _, err = run("replay", "--pack", desk, tmp_path / "a.csv", "--map", tmp_path / "map.yaml")
    assert status == 2
    assert "map.yaml:1:1 DR640 `time` is missing" in err
    assert run("replay", "--pack", desk, tmp_path / "a.csv", "--map", tmp_path / "nowhere.yaml")[0] == 2


def test_standard_input(run, desk, log):
    """`-` reads the log from standard input"""
    assert (
        run("replay", "--pack", desk, "-", stdin=Path(log).read_bytes())[:2] == run("replay", "--pack", desk, log)[:2]
    )


@pytest.fixture
def spawn():
    """Give a function that starts the command line as a process of its own."""

    def start(*arguments, **settings):
        command = [sys.executable, "-c", "from dutyrules.cli import main; main()", *map(str, arguments)]
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **settings)

    return start


def test_a_reader_that_goes_away_ends_it_quietly(spawn, desk, log, tmp_path):
    """when the reader of the pipe stops, so does the replay, without a word and with status 0"""
    lines = Path(log).read_text().splitlines()
    many = tmp_path / "many.jsonl"
    with many.open("w") as file:
        for number in range(3000):
            event = json.loads(lines[12])
            event["id"] = f"e{number}"
            event["data"]["call_id"] = f"c{number}"
            file.write(json.dumps(event) + "\n")
    process = spawn("replay", "--pack", desk, many, "-q")
    assert process.stdout.readline().startswith(b'{"kind":')
    process.stdout.close()
    assert (process.stderr.read(), process.wait(timeout=60)) == (b"", 0)
    process.stderr.close()


def test_nothing_but_outcomes_when_piped(spawn, desk, log):
    """no progress is shown where stderr is no terminal"""
    process = spawn("replay", "--pack", desk, log, "-q")
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0
    assert replayed(out.decode())
    assert err.decode() == "event e9: DR623 `60` lies outside 10 to 50 of `3.1-fine`\n"


def test_progress_is_shown_on_a_terminal(desk, log):
    """where stderr is a terminal and stdout is not, progress is shown there, and stdout has outcomes alone"""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-c", "from dutyrules.cli import main; main()", "replay", "--pack", desk, log]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=theirs)
    os.close(theirs)
    out, _ = process.communicate(timeout=60)
    shown = os.read(ours, 100_000).decode()
    os.close(ours)
    assert replayed(out.decode())
    assert "reading" in shown
    assert "\x1b[" in shown


def command(*arguments, **options):
    """Run the command line in a process of its own."""
    program = [sys.executable, "-c", "from dutyrules.cli.app import run; run()", *map(str, arguments)]
    return subprocess.run(program, capture_output=True, check=False, timeout=60, **options)


def test_a_pipe_is_read_as_a_file_is(desk, log, tmp_path):
    """a log that comes through a pipe gives what the file gives"""
    plain = command("replay", "--pack", desk, log)
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with subprocess.Popen(["/bin/sh", "-c", f"cat '{log}' > '{pipe}'"]):
        piped = command("replay", "--pack", desk, pipe)
    assert (piped.returncode, piped.stdout) == (plain.returncode, plain.stdout)
    assert piped.stderr.replace(bytes(pipe), b"") == plain.stderr.replace(log.encode(), b"")


@pytest.mark.parametrize("out", ["nowhere/out.jsonl", ".", "/dev/full"])
def test_what_cannot_be_written_is_said(desk, log, tmp_path, out):
    """output that cannot be written ends with status 2 and a word"""
    ended = command("replay", "--pack", desk, log, "--out", out, cwd=tmp_path)
    assert ended.returncode == 2
    assert b"cannot be read or written" in ended.stderr
    assert b"Traceback" not in ended.stderr


def test_a_terminal_without_chinese(desk, log):
    """where the output cannot show Chinese it shows question marks"""
    environment = {**os.environ, "PYTHONIOENCODING": "latin-1"}
    ended = command("timeline", "--pack", desk, log, "--lang", "zh", env=environment)
    assert ended.returncode == 0
    assert b"?" in ended.stdout


def test_a_log_that_breaks_off(run, desk, log, tmp_path):
    """a packed log of which the end is missing is used as far as it goes, and ends with status 3"""
    whole = gzip.compress(Path(log).read_bytes())
    (tmp_path / "log.jsonl.gz").write_bytes(whole[:-20])
    status, _, err = run("replay", "--pack", desk, tmp_path / "log.jsonl.gz")
    assert status == 3
    assert "DR611" in err


def test_a_day_out_of_range(run, desk, log):
    """the first day that there is cannot be an end"""
    assert run("replay", "--pack", desk, log, "--as-of", "0001-01-01")[0] == 2
