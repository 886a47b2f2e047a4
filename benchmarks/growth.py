"""How the cost of an event grows with the log and the people, what a second process brings, and how memory grows.

A machine's clock drifts within minutes. So the short and the long log are run in turns, and it is the ratio within
each turn that counts. What a run takes on an empty log is taken off.
"""

from __future__ import annotations

from itertools import islice
from statistics import median
from typing import TYPE_CHECKING, Any, Final

from rounds import Course, FailedRunError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from peers import Contender, Peers

    Workload = Callable[[Peers, int, int], Course]
    Tell = Callable[[str], None]

OURS: Final = "dutyrules, "
LEAST_SECONDS: Final = 2.0
LEAST_ROUNDS: Final = 7
MOST_REPEATS: Final = 8
TIMES_AS_LONG: Final = 3


def measure_growth(
    contenders: Sequence[Contender],
    workload: Workload,
    peers: Peers,
    sizes: Sequence[tuple[int, int]],
    rounds: int,
    tell: Tell,
) -> dict[str, Any]:
    """Return the growth of our first way that runs, and how much faster two processes are than one."""
    rounds = max(rounds, LEAST_ROUNDS)
    ours = [one for one in contenders if one.name.startswith(OURS)]
    shortest = workload(peers, *min(sizes))
    runnable = [one for one in ours if _runs(one, shortest)]
    if not runnable:
        return {}
    one = runnable[0]
    most = one.most_events or max(events for events, _ in sizes)
    people = sizes[0][1]
    lengths = sorted(events for events, each in sizes if each == people and events <= most)
    crowds = sorted(each for events, each in sizes if events == sizes[0][0] <= most)
    found: dict[str, Any] = {"name": one.name}
    short = next((events for events in lengths if events >= sizes[0][0] // 4), 0)
    if lengths and 0 < short < lengths[-1]:
        pair = workload(peers, short, people), workload(peers, lengths[-1], people)
        found["events"] = {"from": short, "to": lengths[-1], **in_turns(one, *pair, rounds, tell)}
    if crowds and crowds[0] < crowds[-1]:
        pair = workload(peers, sizes[0][0], crowds[0]), workload(peers, sizes[0][0], crowds[-1])
        found["people"] = {"from": crowds[0], "to": crowds[-1], **in_turns(one, *pair, rounds, tell)}
    two = next((each for each in runnable if each.name == f"{one.name}, two processes"), None)
    if two is not None and lengths:
        found["processes"] = processes(one, two, workload(peers, lengths[-1], people), rounds, tell)
    if lengths:
        found["memory"] = memory(one, workload(peers, TIMES_AS_LONG * lengths[-1], people), tell)
    return found


def _runs(contender: Contender, course: Course) -> bool:
    try:
        course.run(contender)
    except FailedRunError:
        return False
    return True


def in_turns(contender: Contender, small: Course, large: Course, rounds: int, tell: Tell) -> dict[str, Any]:
    """Return the ratio of the cost of an event, large to small, and both costs in microseconds."""
    empty = Course(small.log.with_name("empty.jsonl"), 0, 0)
    empty.log.touch()
    ratios, costs = [], []
    first = small.run(contender).wall
    repeats = max(1, min(MOST_REPEATS, round(LEAST_SECONDS / first)))
    for _ in range(rounds):
        idle = median(empty.run(contender).wall for _ in range(3))
        before = [small.run(contender).wall for _ in range(repeats)]
        middle = large.run(contender).wall
        after = [small.run(contender).wall for _ in range(repeats)]
        cost = cost_of_event(median(before + after), idle, small.events), cost_of_event(middle, idle, large.events)
        costs.append(cost)
        ratios.append(cost[1] / cost[0])
        tell(f"growth {small.log.stem} to {large.log.stem}: {ratios[-1]:.2f}")
    return {
        "ratio": round(median(ratios), 3),
        "us_small": round(median(cost[0] for cost in costs) * 1e6, 3),
        "us_large": round(median(cost[1] for cost in costs) * 1e6, 3),
    }


def cost_of_event(wall: float, idle: float, events: int) -> float:
    """Return the seconds of one event, without those that an empty log takes."""
    return (wall - idle) / events


def processes(one: Contender, two: Contender, course: Course, rounds: int, tell: Tell) -> dict[str, Any]:
    """Return how many times faster two processes are than one, whole runs, in turns."""
    ratios = []
    for _ in range(rounds):
        before, half, after = course.run(one).wall, course.run(two).wall, course.run(one).wall
        ratios.append((before + after) / 2 / half)
        tell(f"two processes over {course.log.stem}: {ratios[-1]:.2f} times")
    span = [round(most(ratios), 3) for most in (min, max)]
    return {"events": course.events, "ratio": round(median(ratios), 3), "range": span}


def memory(one: Contender, course: Course, tell: Tell) -> dict[str, Any]:
    """Return the peaks over the beginning of a log and over the whole, where as much happens on each day."""
    beginning = Course(course.log.with_suffix(".beginning.jsonl"), course.events // TIMES_AS_LONG, course.people)
    with course.log.open("rb") as whole, beginning.log.open("wb") as part:
        part.writelines(islice(whole, beginning.events))
    peaks = [each.run(one).rss for each in (beginning, course)]
    tell(f"peak memory over {beginning.events:,} and {course.events:,} events: {peaks[0]:.0f} and {peaks[1]:.0f} MB")
    return {"from": beginning.events, "to": course.events, "mb": peaks}
