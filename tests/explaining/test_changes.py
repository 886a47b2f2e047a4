"""What is said to have made a rule hold is done to the log, and the rule holds; anything less, and it does not."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dutyrules import Engine
from dutyrules.policies.load import load_pack

ZONE = dt.timezone(dt.timedelta(hours=8))
HEAD = """
pack: tried
language: 1
title: {{en: Tried, zh: 试}}
timezone: Asia/Shanghai
calendar: CN
currency: CNY
log: {{carries: all}}
events:
  slip: {{says: {{en: A slip., zh: 疏忽。}}, fields: {{person: person, size: int, kind: text}}}}
  look: {{says: {{en: A look., zh: 查看。}}, fields: {{person: person}}}}
  task: {{says: {{en: A task., zh: 任务。}}, fields: {{task: text, person: person}}}}
  done: {{says: {{en: It is done., zh: 完成。}}, fields: {{task: text, person: person}}}}
records:
  job: {{key: task, opens: task}}
counts:
  slips: {{of: slip, per: person, in: {window}}}
  big: {{of: slip where size >= 10, per: person, in: {window}}}
rules:
"""
WINDOWS = ("day", "week", "month", "quarter", "year", "30 days", "3 months", "48h")


def moment(text):
    """Return an instant of the pack's zone."""
    return dt.datetime.fromisoformat(text).replace(tzinfo=ZONE)


@pytest.fixture(scope="module")
def load(tmp_path_factory):
    """Give a function that loads a pack from its rules."""
    folder, known = tmp_path_factory.mktemp("packs"), {}

    def loaded(rules, window="month"):
        if (rules, window) not in known:
            path = folder / f"pack{len(known)}.yaml"
            path.write_text(HEAD.format(window=window) + rules, "utf-8")
            known[rules, window] = load_pack(path)
        return known[rules, window]

    return loaded


def run(pack, events):
    """Return an engine that has seen (type, time, data) of ann."""
    engine = Engine(pack)
    engine.feed_all(
        {"id": f"e{number}", "type": kind, "time": time.isoformat(), "data": {"person": "ann", **data}}
        for number, (kind, time, data) in enumerate(events)
    )
    assert engine.set_aside == []
    return engine


def fined(engine):
    """Tell whether ann is fined."""
    return [one for one in engine.outcomes().values() if one.kind == "sanction" and one.status == "imposed"]


def instant(seconds):
    """Return an instant from its seconds."""
    return dt.datetime.fromtimestamp(seconds, ZONE)


COUNTED = """
  r: {{kind: sanction, says: {{en: Often., zh: 多次。}}, when: slip, if: "{condition}", fine: 10}}
"""
LOOKED = """
  r: {{kind: sanction, says: {{en: Often., zh: 多次。}}, when: look, if: "{condition}", fine: 10}}
"""


@given(
    hours=st.lists(st.integers(0, 24 * 40), min_size=1, max_size=4, unique=True),
    lacking=st.integers(1, 3),
    window=st.sampled_from(WINDOWS),
    strict=st.booleans(),
)
@settings(max_examples=50)
def test_so_many_more_in_the_window_make_it_hold(load, hours, lacking, window, strict):
    """what a count is said to lack makes the rule hold up to the last second named, and not one fewer, nor later"""
    start = moment("2026-01-10T08:00:00")
    events = [("slip", start + dt.timedelta(hours=one), {"size": 1}) for one in sorted(hours)]
    furthest = run(load(COUNTED.format(condition="slips >= 99"), window), events).why_not("r", "ann")
    events = [one for one in events if one[1] <= instant(furthest.nearest.time)]
    threshold = furthest.stopped.term.parts[0].value + lacking
    condition = f"slips > {threshold - 1}" if strict else f"slips >= {threshold}"
    pack = load(COUNTED.format(condition=condition), window)
    answer = run(pack, events).why_not("r", "ann")
    assert answer.verdict == "stopped"
    [change] = answer.changes
    assert (change.kind, change.what, change.by, change.value) == ("members", "slips", lacking, threshold)
    more = [("slip", instant(change.before), {"size": 1})] * lacking
    assert fined(run(pack, [*events, *more]))
    assert not fined(run(pack, [*events, *more[1:]]))
    too_late = ("slip", instant(change.before + 1), {"size": 1})
    assert not fined(run(pack, [*events, *more[1:], too_late]))


@given(
    days=st.lists(st.integers(0, 50), min_size=0, max_size=4),
    lacking=st.integers(1, 3),
    window=st.sampled_from(WINDOWS),
)
@settings(max_examples=30)
def test_facts_that_had_to_be_there_before_are_named_with_their_limit(load, days, lacking, window):
    """where the trigger is no member itself, the further facts count up to its instant and no later"""
    start = moment("2026-01-10T08:00:00")
    events = [("slip", start + dt.timedelta(days=one), {"size": 1}) for one in sorted(days)]
    look = ("look", start + dt.timedelta(days=51), {})
    value = (
        run(load(LOOKED.format(condition="slips >= 99"), window), [*events, look])
        .why_not("r", "ann")
        .stopped.term.parts[0]
        .value
    )
    pack = load(LOOKED.format(condition=f"slips >= {value + lacking}"), window)
    [change] = run(pack, [*events, look]).why_not("r", "ann").changes
    assert (change.kind, change.by) == ("members", lacking)
    assert change.before == int(look[1].timestamp())
    more = [("slip", instant(change.before), {"size": 1})] * lacking
    assert fined(run(pack, [*events, *more, look]))
    assert not fined(run(pack, [*events, *more[1:], look]))
    late = ("slip", instant(change.before + 1), {"size": 1})
    assert not fined(run(pack, [*events, *more[1:], late, look]))


@given(size=st.integers(-50, 50), bound=st.integers(-50, 50), sign=st.sampled_from((">", ">=", "<", "<=", "==")))
@settings(max_examples=40)
def test_a_figure_changed_by_so_much_makes_it_hold(load, size, bound, sign):
    """a figure that is more or less by the difference that is named makes the rule hold, and by one less does not"""
    pack = load(COUNTED.format(condition=f"size {sign} {bound}"))
    at = moment("2026-01-10T08:00:00")
    engine = run(pack, [("slip", at, {"size": size})])
    answer = engine.why_not("r", "ann")
    if fined(engine):
        assert answer.verdict == "held"
        assert answer.changes == ()
        return
    [change] = answer.changes
    assert change.kind in ("more", "less")
    step = 1 if change.kind == "more" else -1
    assert change.value == size + step * change.by
    assert fined(run(pack, [("slip", at, {"size": change.value})]))
    assert not fined(run(pack, [("slip", at, {"size": change.value - step})]))


@given(factor=st.integers(1, 9), size=st.integers(0, 20), bound=st.integers(0, 60))
@settings(max_examples=30)
def test_a_formula_is_solved_for_what_happens(load, factor, size, bound):
    """through sums and products the difference is brought back to the field of the trigger"""
    pack = load(COUNTED.format(condition=f"size * {factor} + 3 > {bound}"))
    at = moment("2026-01-10T08:00:00")
    engine = run(pack, [("slip", at, {"size": size})])
    answer = engine.why_not("r", "ann")
    if fined(engine):
        assert answer.verdict == "held"
        return
    [change] = answer.changes
    assert change.what == "size"
    assert fined(run(pack, [("slip", at, {"size": change.value})]))
    assert not fined(run(pack, [("slip", at, {"size": change.value - 1})]))


TIMED = """
  r:
    kind: sanction
    says: {{en: Too late., zh: 太迟。}}
    about: job
    when: done
    if: time {sign} job.opened
    fine: 10
"""


@given(after=st.integers(-7200, 7200), sign=st.sampled_from((">", ">=", "<", "<=")))
@settings(max_examples=30)
def test_so_many_seconds_make_it_hold(load, after, sign):
    """an act later or earlier by the seconds that are named makes the rule hold, and by one second less does not"""
    pack = load(TIMED.format(sign=sign))
    begin = moment("2026-01-10T12:00:00")
    start = ("task", begin, {"task": "t"})
    at = begin + dt.timedelta(seconds=abs(after))

    def ended(time):
        return run(pack, [start, ("done", time, {"task": "t"})])

    engine = ended(at)
    answer = engine.why_not("r", "ann")
    if fined(engine):
        assert answer.verdict == "held"
        return
    [change] = answer.changes
    assert change.kind == ("later" if ">" in sign else "earlier")
    step = dt.timedelta(seconds=1 if change.kind == "later" else -1)
    if at + step * change.by >= begin:  # before it is opened there is no job
        assert fined(ended(at + step * change.by))
    assert not fined(ended(at + step * (change.by - 1)))


OWED = """
  duty: {{kind: obligation, says: {{en: Do it., zh: 办理。}}, about: job, when: task, within: {within}, until: done}}
  r: {{kind: sanction, says: {{en: Not done., zh: 未办。}}, when: breach of duty, fine: 10}}
"""


@given(
    within=st.sampled_from(("90s", "15 minutes", "2h", "1 day", "2 working days", "1 month")),
    share=st.integers(0, 99),
    day=st.integers(1, 28),
)
@settings(max_examples=30)
def test_an_act_in_time_says_how_much_later_it_would_have_been_late(load, within, share, day):
    """a duty that was done in time is said to be broken by an act so many seconds later, and it is; by one fewer not"""
    pack = load(OWED.format(within=within))
    begin = moment(f"2026-01-{day:02}T09:30:00")
    start = ("task", begin, {"task": "t"})
    limit = next(iter(run(pack, [start]).deadlines())).due
    room = int((dt.datetime.fromisoformat(limit) - begin).total_seconds())
    at = begin + dt.timedelta(seconds=room * share // 100)
    answer = run(pack, [start, ("done", at, {"task": "t"})]).why_not("duty", "ann")
    assert answer.verdict == "stopped"
    [change] = answer.changes
    assert change.kind == "later"
    late = at + dt.timedelta(seconds=change.by)
    assert fined(run(pack, [start, ("done", late, {"task": "t"})]))
    assert not fined(run(pack, [start, ("done", late - dt.timedelta(seconds=1), {"task": "t"})]))


def test_the_rule_behind_a_rule_says_what_would_have_set_it_off(load):
    """what waits for a breach that did not come is answered by the rule whose breach it waits for"""
    pack = load(OWED.format(within="2h"))
    begin = moment("2026-01-10T12:00:00")
    done = ("done", begin + dt.timedelta(hours=2, seconds=-30), {"task": "t"})
    answer = run(pack, [("task", begin, {"task": "t"}), done]).why_not("r", "ann")
    assert (answer.verdict, answer.before.asked, answer.before.stopped.guard) == ("never_tried", "duty", "until")
    assert [(one.kind, one.by) for one in answer.changes] == [("later", 31)]


BANDS = """
  r:
    kind: sanction
    says: {en: Often., zh: 多次。}
    when: look
    by_number: slips - 1
    tiers:
      few: {from: 2, to: 3, fine: 10}
      many: {from: 4, fine: 20}
"""


@given(number=st.integers(0, 2))
def test_a_band_says_how_many_more_reach_it(load, number):
    """below the first band the count is said to lack so many, and with them the band is reached"""
    pack = load(BANDS)
    at = moment("2026-01-10T12:00:00")
    slips = [("slip", at - dt.timedelta(minutes=one + 1), {"size": 1}) for one in range(number)]
    answer = run(pack, [*slips, ("look", at, {})]).why_not("r", "ann")
    assert answer.stopped.guard == "by_number"
    [change] = answer.changes
    assert change.by == 3 - number
    more = [("slip", instant(change.before), {"size": 1})] * change.by
    [one] = fined(run(pack, [*slips, *more, ("look", at, {})]))
    assert one.tier == "few"
    assert not fined(run(pack, [*slips, *more[1:], ("look", at, {})]))


EITHER = """
  r:
    kind: sanction
    says: {en: Either., zh: 其一。}
    when: slip
    if: size >= 10 or kind == 'grave' or (slips >= 3 and size > 5)
    fine: 10
"""


def test_of_several_ways_each_is_enough(load):
    """where one of several conditions would do, each single change that is named makes the rule hold"""
    pack = load(EITHER)
    at = moment("2026-01-10T12:00:00")
    answer = run(pack, [("slip", at, {"size": 6, "kind": "small"})]).why_not("r", "ann")
    assert {one.group for one in answer.changes} == {0}
    assert [(one.kind, one.what) for one in answer.changes] == [("more", "size"), ("is", "kind"), ("members", "slips")]
    assert fined(run(pack, [("slip", at, {"size": answer.changes[0].value, "kind": "small"})]))
    assert fined(run(pack, [("slip", at, {"size": 6, "kind": answer.changes[1].value})]))
    assert fined(run(pack, [("slip", at, {"size": 6, "kind": "small"})] * (1 + answer.changes[2].by)))


def test_of_two_tries_the_one_that_lacks_less_is_the_nearest(load):
    """the nearest miss is the try that came furthest and lacks least, whatever came later"""
    pack = load(COUNTED.format(condition="size >= 10"))
    at = moment("2026-01-10T12:00:00")
    events = [("slip", at, {"size": 9}), ("slip", at + dt.timedelta(days=1), {"size": 2})]
    answer = run(pack, events).why_not("r", "ann")
    assert answer.nearest.causes == ("e0",)
    assert len(answer.others) == 1


def test_an_earlier_moment_is_answered_as_of_then(load):
    """`at` leaves out what came later, and moves the clock no further"""
    pack = load(COUNTED.format(condition="slips >= 2"))
    at = moment("2026-01-10T12:00:00")
    engine = run(pack, [("slip", at, {"size": 1}), ("slip", at + dt.timedelta(days=1), {"size": 1})])
    assert engine.why_not("r", "ann").verdict == "held"
    before = engine.why_not("r", "ann", at + dt.timedelta(hours=1))
    assert (before.verdict, before.changes[0].by) == ("stopped", 1)
    assert before.at == "2026-01-10T13:00:00+08:00"
    assert fined(engine)


NEEDED = """
  r: {kind: sanction, says: {en: After a look., zh: 查看之后。}, when: slip, needs: [look], fine: 10}
"""


def test_what_had_to_be_there_is_named_with_its_limit(load):
    """a fact that is needed makes the rule hold at the last second that is named, and a second later does not"""
    pack = load(NEEDED)
    at = moment("2026-01-10T12:00:00")
    slip = ("slip", at, {"size": 1})
    answer = run(pack, [slip]).why_not("r", "ann")
    assert answer.stopped.guard == "needs"
    [change] = answer.changes
    assert (change.kind, change.what) == ("event", "look")
    assert fined(run(pack, [("look", instant(change.before), {}), slip]))
    assert not fined(run(pack, [slip, ("look", instant(change.before + 1), {})]))


SPARED = """
  small: {kind: permission, says: {en: Small ones pass., zh: 轻微的不计。}, when: slip, if: size < {bound}}
  r: {kind: sanction, says: {en: Others do not., zh: 其余不免。}, when: slip, unless: small, fine: 10}
"""


@given(size=st.integers(0, 9), bound=st.integers(10, 20))
@settings(max_examples=20)
def test_an_exception_says_what_would_have_kept_it_from_covering_the_case(load, size, bound):
    """an exception that covered the case is named, and the change that takes it away makes the rule hold"""
    pack = load(SPARED.replace("{bound}", str(bound)))
    at = moment("2026-01-10T12:00:00")
    answer = run(pack, [("slip", at, {"size": size})]).why_not("r", "ann")
    assert (answer.stopped.guard, answer.stopped.facts["rule"]) == ("unless", "small")
    [change] = answer.changes
    assert (change.kind, change.value) == ("more", bound)
    assert fined(run(pack, [("slip", at, {"size": change.value})]))
    assert not fined(run(pack, [("slip", at, {"size": change.value - 1})]))
    permitted = run(pack, [("slip", at, {"size": change.value})]).why_not("small", "ann")
    assert [(one.kind, one.by) for one in permitted.changes] == [("less", 1)]


WATCHED = """
  r: {kind: sanction, says: {en: Too many., zh: 过多。}, about: person_kept, whenever: slips >= 3, fine: 10}
"""


def test_a_lasting_condition_is_answered_at_the_moment_that_came_nearest(tmp_path):
    """of all moments at which a count changed, the one at which least was lacking is told, with how many more"""
    path = tmp_path / "pack.yaml"
    head = HEAD.format(window="month").replace("  job:", "  person_kept: {key: person, opens: look}\n  job:")
    path.write_text(head + WATCHED, "utf-8")
    pack = load_pack(path)
    begin = moment("2026-01-10T12:00:00")
    look = ("look", begin, {})
    slips = [("slip", begin + dt.timedelta(days=one), {"size": 1}) for one in (1, 2)]
    engine = run(pack, [look, *slips, ("look", begin + dt.timedelta(days=30), {})])
    answer = engine.why_not("r", "ann")
    assert (answer.stopped.guard, answer.stopped.term.parts[0].value) == ("whenever", 2)
    [change] = answer.changes
    assert (change.kind, change.by) == ("members", 1)
    more = ("slip", begin + dt.timedelta(days=3), {"size": 1})
    assert fined(run(pack, [look, *slips, more]))
