"""Alternating runs: the yardstick on both sides of each run, so that a ratio compares runs seconds apart."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any, Final

import attrs

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from peers import Contender

SHORT: Final = 2.0
AGAIN: Final = 3
LAUNCH: Final = Path(__file__).with_name("launch.py")


class FailedRunError(Exception):
    """A contender did not come to its end; the text is the last line that it wrote."""


@attrs.frozen
class Run:
    """What one run took: seconds of the whole process, seconds of CPU, megabytes at the peak."""

    wall: float
    cpu: float
    rss: float


@attrs.define
class Result:
    """The runs of one contender over one log, and their ratios to the yardstick's runs beside them."""

    name: str
    runs: list[Run] = attrs.field(factory=list)
    wall_ratios: list[float] = attrs.field(factory=list)
    cpu_ratios: list[float] = attrs.field(factory=list)
    same: bool | None = None
    fault: str = ""

    def add(self, run: Run, before: Run, after: Run) -> None:
        """Add a run that stood between two of the yardstick."""
        self.runs.append(run)
        self.wall_ratios.append(2 * run.wall / (before.wall + after.wall))
        self.cpu_ratios.append(2 * run.cpu / (before.cpu + after.cpu))

    @property
    def spent(self) -> float:
        """Return how many seconds the runs took together."""
        return sum(run.wall for run in self.runs)

    def as_dict(self) -> dict[str, Any]:
        """Return the medians, and the range of the ratios."""
        said: dict[str, Any] = {"name": self.name, "runs": len(self.runs), "same": self.same}
        if self.fault:
            said["fault"] = self.fault
        if self.runs:
            said |= {each: round(median(getattr(run, each) for run in self.runs), 3) for each in ("wall", "cpu", "rss")}
        if self.wall_ratios:
            said |= {
                "ratio": round(median(self.wall_ratios), 3),
                "from": round(min(self.wall_ratios), 3),
                "to": round(max(self.wall_ratios), 3),
                "cpu_ratio": round(median(self.cpu_ratios), 3),
            }
        return said


@attrs.frozen
class Course:
    """One log, and what is run over it."""

    log: Path
    events: int
    people: int

    @property
    def out(self) -> Path:
        """Return where the runs write."""
        return self.log.with_suffix(".out")

    def run(self, contender: Contender) -> Run:
        """Run a contender once, in a process of its own."""
        said = self.log.with_suffix(".err")
        files = {"IN": str(self.log), "OUT": str(self.out)}
        command = [files.get(part, part) for part in contender.command]
        environment = {**os.environ, **contender.environment, "PYTHONPYCACHEPREFIX": str(self.log.parent / "compiled")}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)  # modules are compiled once, as those of installed programs
        done = subprocess.run(  # noqa: S603 - the commands are this folder's own
            [sys.executable, "-I", "-S", str(LAUNCH), str(said), *command],
            check=True,
            capture_output=True,
            env=environment,
        )
        figures = json.loads(done.stdout)
        if figures.pop("status"):
            lines = said.read_text(encoding="utf-8", errors="replace").split("\n")
            raise FailedRunError(next((line.strip() for line in reversed(lines) if line.strip()), "it failed"))
        return Run(**figures)


def compare(
    course: Course,
    yardstick: Contender,
    contenders: Sequence[Contender],
    rounds: int,
    budget: float,
    digest: Callable[[Path], str],
    tell: Callable[[str], None],
    pace: Mapping[str, float] | None = None,
) -> list[Result]:
    """Run all over one log, in turns; what takes under two seconds runs three times a round.

    The budget is seconds of one contender: when they are used up it stays out of the later rounds. `pace` gives seconds
    an event where they are known: who would need more than the budget for one run is left out.
    """
    own = Result(yardstick.name, same=True)
    own.runs.append(course.run(yardstick))
    wanted = digest(course.out)
    results = {each.name: Result(each.name) for each in contenders}
    for number in range(rounds):
        turn = number % len(contenders) if contenders else 0
        for contender in (*contenders[turn:], *contenders[:turn]):
            result = results[contender.name]
            if contender.most_events is not None and course.events > contender.most_events:
                result.fault = f"left out: it takes too long with more than {contender.most_events:,} events"
            needed = (pace or {}).get(contender.name, 0.0) * course.events
            if needed > budget:
                result.fault = f"left out: it would take about {needed:,.0f} seconds"
            if result.fault or result.spent > budget:
                continue
            for _ in range(AGAIN):
                try:
                    run = course.run(contender)
                except FailedRunError as failed:
                    result.fault = str(failed)
                    break
                if result.same is None:
                    result.same = digest(course.out) == wanted
                own.runs.append(course.run(yardstick))
                result.add(run, own.runs[-2], own.runs[-1])
                tell(f"{course.events:>9,} events, {course.people:>5,} people  {contender.name:32} {run.wall:8.2f} s")
                if run.wall > SHORT:
                    break
    return [own, *results.values()]
