from __future__ import annotations

import json
import re
import runpy

import pytest

from executed_pages import run_page
from run_commands import result_of

LAYOUT = """
outcomes:
  1-late breach breached: missed R1
  10-phone sanction imposed: fine R10
columns: {what: kind, who: person, when: time, sum: figure|0}
"""
PARAMETERS = """
pack: changing
timezone: Asia/Shanghai
log: {{carries: all}}
events:
  job_opened: {{fields: {{person: person, job: text, level: int}}}}
  job_done: {{fields: {{person: person, job: text}}}}
records:
  job: {{key: job, opens: job_opened}}
parameters:
  most: {{type: int, value: {most}}}
  sum: {{type: money, value: {sum}}}
  wait: {{type: duration, value: {wait}}}
rules:
  1-level: {{kind: prohibition, when: job_opened, if: level > most}}
  2-sum: {{kind: sanction, when: job_opened, fine: sum}}
  3-wait: {{kind: obligation, about: job, when: job_opened, within: wait, until: job_done}}
"""
OPENED = (
    '{{"id":"e{day}","type":"job_opened","time":"2026-03-{day}T09:00:00+08:00",'
    '"data":{{"person":"ann","job":"j{day}","level":3}}}}\n'
)
LATE = '{{"id":"{id}","type":"phone_unanswered","time":"2015-01-05T00:30:00+08:00","subject":"p0001"}}\n'


def run(*arguments):
    """Run a command and return exit status, stdout as bytes and stderr."""
    result = result_of(*arguments)
    return result.exit_code, result.stdout_bytes, result.stderr


def outcomes(text):
    """Return the outcomes of an output, sorted, as text with keys in order."""
    return sorted(json.dumps(json.loads(line), sort_keys=True) for line in text.splitlines())


@pytest.fixture(scope="module")
def bench(repository):
    """Return the path of the benchmark's pack."""
    return repository / "benchmarks" / "bench.yaml"


@pytest.fixture(scope="module")
def lines(repository):
    """Return the log of forty days of eight people."""
    days = runpy.run_path(str(repository / "benchmarks" / "ten_years_compiled.py"))["days"]
    return b"".join(text for number, (_day, text) in enumerate(days(8, 1)) if number < 40)


@pytest.fixture
def log(lines, tmp_path):
    """Return the path of that log."""
    path = tmp_path / "log.jsonl"
    path.write_bytes(lines)
    return path


def test_the_page_does_what_it_says(repository, tmp_path, monkeypatch):
    """every command of docs/compiler.md prints what is shown, and its Python runs"""
    monkeypatch.chdir(tmp_path)
    assert run_page(repository / "docs" / "compiler.md", tmp_path) > 8


def test_compile_tells_how_many_and_why_not(bench):
    """a pack that compiles whole is answered with 0; with `--show` or `--out` another one ends with 1"""
    status, out, _ = run("compile", bench)
    assert (status, out) == (0, b"bench: 18 of 18 rules compile\n")
    status, out, _ = run("compile", "clinic", "--format", "json")
    found = json.loads(out)
    assert (status, found["pack"]) == (0, "clinic")
    assert 0 < found["compiled"] == found["rules"] - len(found["refused"])
    assert all(found["refused"].values())
    status, out, err = run("compile", "clinic", "--show")
    assert (status, out) == (1, b"")
    assert "rules compile" in err
    assert run("compile", "nowhere.yaml")[0] == 2


def test_nothing_is_written_of_a_pack_that_does_not_compile(tmp_path):
    """`--out` leaves a file alone where not every rule compiles"""
    target = tmp_path / "program.py"
    target.write_text("before")
    assert run("compile", "clinic", "--out", target)[0] == 1
    assert target.read_text() == "before"


@pytest.mark.parametrize(
    "more", [[], ["--as-of", "2015-01-20"], ["--jobs", "2"], ["--jobs", "3", "--as-of", "2015-02-03"]]
)
def test_both_ways_write_the_same(bench, log, more):
    """compiled, in one process or several, and by the engine: the same outcomes and the same counts"""
    status, mine, told = run("replay", "--pack", bench, log, *more)
    assert status == 0
    assert "compiled" in told.splitlines()[0]
    rest = [one for one in more if one not in ("--jobs", "2", "3")]
    status, wanted, by_engine = run("replay", "--pack", bench, log, "--engine", *rest)
    assert "by the engine: as asked for" in by_engine.splitlines()[0]
    assert len(wanted.splitlines()) > 100
    assert outcomes(mine) == outcomes(wanted)
    assert told.splitlines()[1:] == by_engine.splitlines()[1:]
    assert told.split(", compiled")[0] == by_engine.split(", by the engine")[0]


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_what_reaches_nothing_is_told_alike(bench, lines, tmp_path, jobs):
    """findings that name no rule which can be found broken are set aside either way"""
    path, aside, other = (tmp_path / name for name in ("log.jsonl", "aside", "other"))
    when = json.loads(lines.splitlines()[-1])["time"]
    codes = ["1-late", "12-lowance"]
    told = [{"id": f"z{code}", "type": "finding", "time": when, "data": {"code": code}} for code in codes]
    path.write_bytes(lines + b"".join(json.dumps(one).encode() + b"\n" for one in told))
    status, mine, said = run("replay", "--pack", bench, path, "--set-aside", aside, "--strict", "--jobs", jobs)
    _, wanted, by_engine = run("replay", "--pack", bench, path, "--set-aside", other, "--engine")
    assert status == 1
    assert ", 2 set aside, compiled" in said
    assert aside.read_text() == other.read_text()
    assert "`1-late` is decided by events" in aside.read_text()
    assert outcomes(mine) == outcomes(wanted)
    assert said.split(", compiled")[0] == by_engine.split(", by the engine")[0]


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_what_is_set_aside_is_told_alike(bench, lines, tmp_path, jobs):
    """lines that hold no event have the same codes and places either way, and the pack stays compiled"""
    path, aside, other = (tmp_path / name for name in ("bad.jsonl", "aside", "other"))
    every = lines.splitlines(keepends=True)
    unknown = b'{"id":"x1","type":"nap_taken","time":"2015-01-06T00:00:00+08:00"}\n'
    twice = every[60].replace(b'"id":', b'"id":"y","id":')
    leave = next(place for place in range(61, len(every)) if b'"leave_taken"' in every[place])
    wrong = re.sub(rb'"days":\d+', b'"days":"three"', every[leave])
    more = [*every[61:leave], wrong, *every[leave + 1 :]]
    path.write_bytes(b"".join([b"\xef\xbb\xbf", *every[:50], b"{\n", b"\n", unknown, *every[50:60], twice, *more]))
    status, mine, told = run("replay", "--pack", bench, path, "--set-aside", aside, "--jobs", jobs)
    _, wanted, by_engine = run("replay", "--pack", bench, path, "--set-aside", other, "--engine")
    assert status == 0
    assert "compiled" in told
    assert "4 set aside" in told
    assert aside.read_text() == other.read_text()
    assert outcomes(mine) == outcomes(wanted)
    assert [line for line in told.splitlines() if "DR6" in line] == [
        line for line in by_engine.splitlines() if "DR6" in line
    ]
    assert run("replay", "--pack", bench, path, "--strict", "-q")[0] == 1


@pytest.mark.parametrize("jobs", ["1", "2"])
@pytest.mark.parametrize("kind", ["out of order", "an id twice", "packed"])
def test_what_one_pass_cannot_decide_is_done_by_the_engine(bench, lines, tmp_path, monkeypatch, kind, jobs):
    """a log out of order, with an id that comes twice, or packed, comes out as the engine has it, in a file too"""
    import gzip  # noqa: PLC0415 - for one case of three

    monkeypatch.setattr("dutyrules.compiler.bulk.BLOCK", 3000)  # much has been written then
    path = tmp_path / "log.jsonl"
    late = LATE.format(id="zz" if kind == "out of order" else "e000000001").encode()
    path.write_bytes(gzip.compress(lines) if kind == "packed" else lines + late)
    out = tmp_path / "out.jsonl"
    _, mine, told = run("replay", "--pack", bench, path, "--jobs", jobs)
    _, wanted, _ = run("replay", "--pack", bench, path, "--engine")
    assert run("replay", "--pack", bench, path, "--jobs", jobs, "--out", out)[0] == 0
    assert "by the engine: " in told
    assert "as asked for" not in told
    assert mine == out.read_bytes() == wanted


@pytest.mark.parametrize("dated", [None, "most", "sum", "wait"])
def test_a_parameter_holds_from_its_date_on_either_way(dated, tmp_path):
    """a parameter whose one value comes in the middle of a log has none before it, and a pack that reads it is left"""
    values = {"most": "2", "sum": "5", "wait": "2h"}
    if dated:
        values[dated] = f"{{2026-03-15: {values[dated]}}}"
    pack, log = tmp_path / "pack.yaml", tmp_path / "log.jsonl"
    pack.write_text(PARAMETERS.format(**values))
    log.write_text("".join(OPENED.format(day=day) for day in (14, 15, 16)))
    _, mine, told = run("replay", "--pack", pack, log)
    _, wanted, _ = run("replay", "--pack", pack, log, "--engine")
    assert outcomes(mine) == outcomes(wanted)
    assert (", compiled" in told) == (dated is None)
    asked = [one["because"] for one in map(json.loads, mine.splitlines()) if one["kind"] == "referral"]
    assert asked == ([["e14"]] if dated else [])


def test_a_file_is_whole_or_as_it_was(bench, log, tmp_path, monkeypatch):
    """when a replay breaks off, `--out` stands as before and nothing lies beside it"""
    target = tmp_path / "folder" / "out.jsonl"
    target.parent.mkdir()
    target.write_text("before\n")
    for more in ([], ["--engine"]):
        monkeypatch.setattr("dutyrules.replay.Replay.changes", broken)
        monkeypatch.setattr("dutyrules.compiler.bulk.Stream.drain", broken)
        with pytest.raises(RuntimeError, match="broken off"):
            run("replay", "--pack", bench, log, "--out", target, *more)
        monkeypatch.undo()
        assert [one.name for one in target.parent.iterdir()] == ["out.jsonl"]
        assert target.read_text() == "before\n"
    target.chmod(0o640)
    assert run("replay", "--pack", bench, log, "--out", target, "-q")[0] == 0
    assert outcomes(target.read_bytes()) == outcomes(run("replay", "--pack", bench, log, "-q")[1])
    assert target.stat().st_mode & 0o777 == 0o640


def broken(_self):
    """Break off, as a full disc does."""
    raise RuntimeError("broken off")


def test_a_layout_renames_either_way(bench, log, tmp_path):
    """with a layout, compiled and by the engine the same lines are written; one that is none ends with 2"""
    layout = tmp_path / "layout.yaml"
    layout.write_text(LAYOUT)
    _, mine, _ = run("replay", "--pack", bench, log, "--layout", layout)
    _, wanted, _ = run("replay", "--pack", bench, log, "--layout", layout, "--engine")
    assert outcomes(mine) == outcomes(wanted)
    assert {(one["what"], one["sum"]) for one in map(json.loads, mine.splitlines())} >= {("missed", 0), ("fine", 10)}
    for text, told in [
        ("outcomes: {1-late breached: missed}", "RULE KIND STATUS"),
        ("outcomes: {}\ncolumns: {a: persn}", "did you mean `person`"),
        ("outcomes: {}\ncolumns: {a: figure|x}", "no whole number"),
        ("[]", "holds no table"),
        ("{", "is not YAML"),
    ]:
        layout.write_text(text)
        status, _, err = run("replay", "--pack", bench, log, "--layout", layout)
        assert status == 2
        assert told in err
    assert run("replay", "--pack", bench, log, "--layout", tmp_path / "none.yaml")[0] == 2


def test_the_benchmarks_own_table_is_a_layout(repository, bench, log):
    """a table of outcomes alone, such as benchmarks/projection.yaml, is a layout with the usual columns"""
    _, mine, _ = run("replay", "--pack", bench, log, "-q", "--layout", repository / "benchmarks" / "projection.yaml")
    assert list(json.loads(mine.splitlines()[0])) == ["kind", "rule", "person", "time", "amount", "ref"]


def test_a_program_made_ahead_of_time_is_held_to_its_pack(bench, log, tmp_path):
    """a program is taken for the pack it was made of, and refused after a change of the pack or for other options"""
    module, changed = tmp_path / "program.py", tmp_path / "bench.yaml"
    assert run("compile", bench, "--out", module)[0] == 0
    _, mine, told = run("replay", "--pack", bench, log, "--program", module)
    assert ", compiled" in told
    assert outcomes(mine) == outcomes(run("replay", "--pack", bench, log)[1])
    changed.write_text(bench.read_text().replace("fine: 200", "fine: 201"))
    status, _, err = run("replay", "--pack", changed, log, "--program", module)
    assert status == 2
    assert "another version of `bench`" in err
    status, _, err = run("replay", "--pack", bench, log, "--program", module, "--carries", "none")
    assert status == 2
    assert "made for other options" in err
    module.write_text("this is no Python")
    assert run("replay", "--pack", bench, log, "--program", module)[0] == 2
    assert run("replay", "--pack", bench, log, "--program", tmp_path / "none.py")[0] == 2


def test_jobs_of_a_pack_that_cannot_be_shared_out(bench, log, tmp_path):
    """`--jobs` says what hinders: rules that do not compile, or state that is not one person's own"""
    shared = tmp_path / "shared.yaml"
    shared.write_text(bench.read_text().replace("key: [person, case]", "key: case"))
    for pack, told in ((shared, "cannot share out the people of `bench`"), ("clinic", "compiles whole")):
        status, out, err = run("replay", "--pack", pack, log, "--jobs", "2")
        assert (status, out) == (2, b"")
        assert told in err
