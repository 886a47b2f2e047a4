"""Draw how time and memory grow: `plots.py RESULTS_JSON FOLDER`, run in an environment that has matplotlib."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, Final

import matplotlib as mpl

mpl.use("svg")
from matplotlib import pyplot as plt

MOST_LINES: Final = 10
OURS: Final = "dutyrules"


def series(found: dict[str, Any], axis: str, of: str) -> dict[str, list[tuple[int, float]]]:
    """Return by program the points of a growth: along `axis`, among the logs that agree with the first in the other."""
    main = found["sets"][0]
    other = "people" if axis == "events" else "events"
    lines: dict[str, list[tuple[int, float]]] = {}
    for one in found["sets"]:
        if one[other] == main[other]:
            for row in one["results"]:
                if "wall" in row:
                    value = row["rss"] if of == "memory" else row["wall"] / one["events"] * 1e6
                    lines.setdefault(row["name"], []).append((one[axis], value))
    return {name: sorted(points) for name, points in lines.items() if len(points) > 1}


def draw(lines: dict[str, list[tuple[int, float]]], axis: str, label: str, path: Path) -> None:
    """Draw one plot; the quickest are shown, and all of ours."""
    if not lines:
        return
    figure, axes = plt.subplots(figsize=(7.5, 4.5))
    ranked = sorted(lines, key=lambda name: (not name.startswith(OURS), lines[name][-1][1]))
    for name in ranked[:MOST_LINES]:
        across, up = zip(*lines[name], strict=True)
        ours = name.startswith(OURS)
        axes.plot(across, up, marker="o", label=name, linewidth=2.5 if ours else 1, markersize=4)
    axes.set(xscale="log", yscale="log", xlabel=axis, ylabel=label)
    axes.grid(visible=True, which="both", alpha=0.25)
    axes.legend(fontsize="x-small", loc="center left", bbox_to_anchor=(1, 0.5))
    figure.savefig(path, bbox_inches="tight", metadata={"Date": None})
    plt.close(figure)


def main() -> None:
    """Draw all plots."""
    found = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    folder = Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    mpl.rcParams["svg.hashsalt"] = "dutyrules"
    draw(series(found, "events", "time"), "events", "µs an event, start-up included", folder / "events.svg")
    draw(series(found, "people", "time"), "people", "µs an event, start-up included", folder / "people.svg")
    draw(series(found, "events", "memory"), "events", "peak MB", folder / "memory.svg")


main()
