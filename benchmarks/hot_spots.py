"""Where the time of our own run goes, function by function."""

from __future__ import annotations

import pstats
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from peers import Contender
    from rounds import Course

MOST: Final = 12
FIRST_EVENTS: Final = 20_000
PACKAGES: Final = ("site-packages", "src", "lib")


def hot_spots(course: Course, contenders: Sequence[Contender]) -> dict[str, Any]:
    """Profile the first way that runs over the beginning of a log; return its functions by their own time."""
    part = course.log.with_suffix(".head")
    with course.log.open("rb") as lines:
        part.write_bytes(b"".join(line for line, _ in zip(lines, range(FIRST_EVENTS), strict=False)))
    files = {"IN": str(part), "OUT": str(course.out)}
    stats = course.log.with_suffix(".prof")
    for contender in contenders:
        command = [files.get(word, word) for word in contender.command[1:]]
        profiled = [sys.executable, "-m", "cProfile", "-o", str(stats), *command]
        if subprocess.run(profiled, check=False, capture_output=True).returncode == 0:  # noqa: S603 - our own
            return {"way": contender.name, "functions": _heaviest(stats)}
    return {}


def _heaviest(path: Path) -> list[dict[str, Any]]:
    found: Any = pstats.Stats(str(path))
    rows = sorted(found.stats.items(), key=lambda item: -item[1][2])
    whole = found.total_tt
    return [
        {"where": _shown(*where), "calls": calls, "share": round(own / whole, 4)}
        for where, (calls, _, own, _, _) in rows[:MOST]
    ]


def _shown(file: str, line: int, name: str) -> str:
    if line == 0:
        return name.strip("<>")
    parts = Path(file).parts
    cut = max((index + 1 for index, part in enumerate(parts) if part in PACKAGES), default=len(parts) - 1)
    return f"{'/'.join(parts[cut:])}:{line} {name}"
