"""What lasts while a condition holds: compiled and engine say the same."""

from __future__ import annotations

import io
from itertools import cycle

import pytest
from hypothesis import given

from dutyrules.compiler.bulk import replay_file
from dutyrules.compiler.program import compiles, refused
from dutyrules.compiler.reading import Beyond

from .agreement import Both
from .calendar_packs import LocalLines
from .lasting_packs import PIECES, REFUSED, ZONES, lasting_log, lasting_pack
from .small_packs import GROUND
from .test_bench_pack import DICE, examples

DAY = 86_400
AFTER = (0, 0, 1, 3600, DAY, 3 * DAY)
MONTHS = (0, 1, 20, 45, 90, 400)


@pytest.mark.parametrize(("name", "zone"), [*zip(PIECES, cycle(ZONES), strict=False)])
def test_what_lasts_comes_out_alike(name, zone, tmp_path) -> None:
    """every outcome is the same, at midnight and where clocks change too, and most logs are decided"""
    pack = lasting_pack(PIECES[name], tmp_path, zone)
    both = Both(pack, tmp_path)

    @examples(6)
    @given(DICE)
    def run(random) -> None:
        lines = LocalLines(random, pack, random.choice((0, 0, 20))).log(lasting_log(random, pack, ZONES[zone]))
        both.check(lines, random.choice(AFTER))

    run()
    both.tally.assert_most(0.4)
    assert {rule for rule, _kind, _status in both.tally.made} == {*pack.rules}


@pytest.mark.parametrize("name", ["until it is closed", "excused"])
def test_what_lasted_is_forgotten_by_both(name, tmp_path, monkeypatch) -> None:
    """logs over months and years: a program decides only what an engine with the same short memory decides alike"""
    monkeypatch.setitem(GROUND, "retention", "100 days")
    pack = lasting_pack(PIECES[name], tmp_path)
    both = Both(pack, tmp_path)

    @examples(3)
    @given(DICE)
    def run(random) -> None:
        lines = LocalLines(random, pack).log(lasting_log(random, pack, "2026-01-26", MONTHS))
        both.check(lines, random.choice((0, DAY, 40 * DAY, 120 * DAY)))

    run()


@pytest.mark.parametrize("name", REFUSED)
def test_what_more_may_change_is_refused(name, tmp_path) -> None:
    """a condition that more than its record changes, or of which more comes than a breach, does not compile"""
    pack = lasting_pack(REFUSED[name], tmp_path)
    assert not compiles(pack, carries_all=True)
    assert all("it lasts while a condition holds" in reason for reason in refused(pack, carries_all=True).values())


def lines(*events: tuple[str, str, str]) -> list[bytes]:
    """Return a log of (type, time, whether it is ok) about one job."""
    form = '{"id":"e%02d","type":"%s","time":"%s+08:00","data":{"person":"ann","job":"j1","level":2,"ok":%s}}'
    return [(form % (number, *event)).encode() for number, event in enumerate(events)]


def test_a_day_begins_when_all_of_its_first_instant_has_happened(tmp_path) -> None:
    """what ends at midnight does not last into the day; what begins again in it is another time, up to the very end"""
    both = Both(lasting_pack(PIECES["excused"], tmp_path), tmp_path)
    day = [
        ("job_opened", "2026-03-14T12:00:00", "true"),
        ("job_altered", "2026-03-15T00:00:00", "false"),
        ("job_altered", "2026-03-15T08:00:00", "true"),
        ("job_altered", "2026-03-15T09:00:00", "false"),
        ("job_altered", "2026-03-15T10:00:00", "true"),
    ]
    assert both.check(lines(*day))
    assert both.tally.made["r", "breach", "breached"] == 3
    assert both.check(lines(*day), 14 * 3600 - 1)
    assert both.tally.made["r", "breach", "breached"] == 6
    assert both.check(lines(*day), 14 * 3600)
    assert both.tally.made["r", "breach", "breached"] == 10


def test_days_without_end_are_left_to_the_engine(tmp_path) -> None:
    """a clock that runs until nothing is pending would run on for ever where each day is looked at"""
    both = Both(lasting_pack(PIECES["on some days"], tmp_path), tmp_path)
    log = tmp_path / "open.jsonl"
    log.write_bytes(b"\n".join([*lines(("job_opened", "2026-03-14T12:00:00", "true")), b""]))
    with pytest.raises(Beyond, match="days go on"):
        replay_file(both.program, log, io.BytesIO(), slow=lambda _line, _number: None)
