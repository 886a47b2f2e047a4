"""The page with the results: machine, versions, targets and where they stand, all tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

OURS: Final = "dutyrules, compiled"
CEILING: Final = "k ceiling"
DURABLE: Final = "durable-rules"
MATCHER: Final = "dutyrules, engine, durable-rules matcher"
MISSING: Final = "not measured"

Figures = "Mapping[str, Any]"


def write_page(found: Figures, page: Path) -> None:
    """Write the page."""
    blocks = [
        "# Results",
        "Written by `make bench`; how it is measured and read is told in [docs/benchmarks.md](../docs/benchmarks.md).",
        _machine(found),
        "## Targets",
        table(("target", "mark", "measured", ""), targets(found)),
        *_sets(found),
        *_growth(found),
        *_packs(found),
        *_start_up(found),
        *_hot_spots(found),
        *_environments(found),
    ]
    page.write_text("\n\n".join(block for block in blocks if block) + "\n", encoding="utf-8")


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Return a table; all columns but the first are figures."""
    names = list(head)
    lines = [names, ["---", *["---:"] * (len(names) - 1)], *map(list, rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def targets(found: Figures) -> list[tuple[str, str, str, str]]:
    """Return each target with its mark, what was measured, and whether it is met."""
    rows = {one["name"]: one for one in found["sets"][0]["results"]}
    ours, ceiling = (_ratio(rows, name) for name in (OURS, CEILING))
    engines = [(ratio, name) for name in found["engines"] if (ratio := _ratio(rows, name)) is not None]
    engines = [(ratio, name) for ratio, name in engines if rows[name]["same"]]
    nearest = min(engines, default=None)
    growth = found.get("growth", {})
    growth = growth if growth.get("name") == OURS else {}
    events, people, processes = (growth.get(name, {}) for name in ("events", "people", "processes"))
    return [
        _target("time of the hand-written program", ours, 1.0, at_most=True),
        _target(f"time of `{CEILING}`, the mark to beat", _over(ours, ceiling), 1.0, at_most=True),
        _target(
            f"ahead of the nearest engine{f' ({nearest[1]})' if nearest else ''}",
            _over(nearest and nearest[0], ours),
            1.8,
        ),
        _target("ahead of durable-rules", _over(_ratio(rows, DURABLE), ours), 15.0),
        _target(f"cost of an event, {_range(events, 'events')}", events.get("ratio"), 1.15, at_most=True),
        _target(f"cost of an event, {_range(people, 'people')}", people.get("ratio"), 1.3, at_most=True),
        _target(f"two processes, times faster than one{_span(processes)}", processes.get("ratio"), 1.7),
    ]


def _target(name: str, value: float | None, mark: float, *, at_most: bool = False) -> tuple[str, str, str, str]:
    said = f"at {'most' if at_most else 'least'} {mark:g}"
    if value is None:
        return name, said, MISSING, "open"
    met = value <= mark if at_most else value >= mark
    return name, said, f"{value:.2f}", "met" if met else "**not met**"


def _ratio(rows: Mapping[str, Any], name: str) -> float | None:
    ratio: float | None = rows.get(name, {}).get("ratio")
    return ratio


def _over(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else one / other


def _range(growth: Mapping[str, Any], what: str) -> str:
    return f"{growth['to']:,} {what} to {growth['from']:,}" if growth else f"many {what} to few"


def _span(processes: Mapping[str, Any]) -> str:
    return " (from {:.2f} to {:.2f})".format(*processes["range"]) if processes else ""


def _machine(found: Figures) -> str:
    said = found["machine"]
    listed = ", ".join(f"{name} {value}" for name, value in said.items() if name not in ("processor", "system"))
    return f"{said['processor']}; {said['system']}; {listed}."


def _sets(found: Figures) -> Iterable[str]:
    notes = found["notes"]
    for one in found["sets"]:
        yield f"## {one['events']:,} events, {one['people']:,} people"
        yield (
            "Ratios to the hand-written program: medians and range of whole-process wall time, medians of CPU time."
            if one is found["sets"][0]
            else ""
        )
        ran = sorted((row for row in one["results"] if "ratio" in row), key=lambda row: row["ratio"])
        head = ("program", "ratio", "range", "CPU ratio", "seconds", "µs an event", "peak MB", "runs", "same output")
        yield table(head, [_row(row, one["events"], notes) for row in (*(one["results"][:1]), *ran)])
        faults = [f"* {row['name']}: {row['fault']}" for row in one["results"] if row.get("fault")]
        faults += [f"* {name}: not installed: {why}" for name, why in found["missing"].items()]
        yield "Not run, or not to the end:\n\n" + "\n".join(faults) if faults else ""


def _row(row: Mapping[str, Any], events: int, notes: Mapping[str, str]) -> tuple[str, ...]:
    note = notes.get(row["name"])
    ratio = row.get("ratio")
    return (
        f"{row['name']} ({note})" if note else row["name"],
        "1" if ratio is None else f"**{ratio:.2f}**",
        "" if ratio is None else f"{row['from']:.2f}-{row['to']:.2f}",
        "1" if ratio is None else f"{row['cpu_ratio']:.2f}",
        f"{row['wall']:.2f}",
        f"{row['wall'] / events * 1e6:,.1f}",
        f"{row['rss']:,.0f}",
        f"{row['runs']}",
        "yes" if row["same"] else "**no**",
    )


def _growth(found: Figures) -> Iterable[str]:
    growth = found.get("growth")
    if not growth:
        return
    yield "## Growth"
    yield f"`{growth['name']}`, small and large log in turns, the time of an empty log taken off."
    yield (
        "This and two processes were measured in a run of their own, after the rest." if growth.get("is_apart") else ""
    )
    rows = [
        (
            what,
            f"{one['from']:,}",
            f"{one['us_small']:.2f}",
            f"{one['to']:,}",
            f"{one['us_large']:.2f}",
            f"**{one['ratio']:.2f}**",
        )
        for what in ("events", "people")
        if (one := growth.get(what))
    ]
    yield table(("", "from", "µs an event", "to", "µs an event", "ratio"), rows) if rows else ""
    if peaks := growth.get("memory"):
        first, whole = peaks["mb"]
        yield (
            f"Peak memory: {first:.0f} MB over the first {peaks['from']:,} events of a log, "
            f"{whole:.0f} MB over all of its {peaks['to']:,}."
        )
    yield "\n".join(
        f"![{title}](plots/{name}.svg)"
        for name, title in (("events", "events"), ("people", "people"), ("memory", "memory"))
    )


def _packs(found: Figures) -> Iterable[str]:
    packs = found.get("packs")
    if packs:
        yield "## The shipped packs"
        yield (
            f"Logs of {packs['people']} people and {packs['days']} days in each pack's own vocabulary (`pack_logs.py`) "
            "on the engine, whole logs at once (bulk) and one event at a time (feed), and compiled where the pack "
            f"compiles and its log goes through the program; medians of {packs['rounds']}."
        )
        yield packs_table(packs["rows"])


def packs_table(rows: Iterable[Figures]) -> str:
    """Return what the logs of the shipped packs came to and what an event of each cost, each way."""
    head = (
        "pack",
        "events",
        "outcomes",
        "rules with outcomes",
        "events/s bulk",
        "µs an event, bulk",
        "events/s feed",
        "µs an event, feed",
        "events/s compiled",
    )
    return table(
        head,
        [
            (
                row["pack"],
                f"{row['events']:,}",
                f"{row['outcomes']:,}",
                f"{row['rules']} of {row['of_rules']}",
                f"{1e6 / row['bulk_us']:,.0f}",
                f"{row['bulk_us']:,.1f}",
                f"{1e6 / row['feed_us']:,.0f}",
                f"{row['feed_us']:,.1f}",
                f"{1e6 / row['compiled_us']:,.0f}" if row.get("compiled_us") else "–",
            )
            for row in rows
        ],
    )


def _start_up(found: Figures) -> Iterable[str]:
    if "start_up" not in found:
        return
    yield "## Start-up"
    yield (
        "Medians of fresh processes; the ratio is to `import pydantic`. "
        f"Loading the bench pack and writing its program took {found['compiling']:.1f} s, start-up included."
    )
    yield table(
        ("step", "ms", "modules", "ratio"),
        [(row["step"], f"{row['ms']:.1f}", f"{row['modules']}", f"{row['ratio']:.2f}") for row in found["start_up"]],
    )


def _hot_spots(found: Figures) -> Iterable[str]:
    spots = found.get("hot_spots")
    if spots:
        yield "## Where our time goes"
        yield f"The profile of `{spots['way']}`: functions by their own time."
        rows = [(f"`{row['where']}`", f"{row['calls']:,}", f"{row['share']:.1%}") for row in spots["functions"]]
        yield table(("function", "calls", "share"), rows)


def _environments(found: Figures) -> Iterable[str]:
    yield "## Environments"
    yield table(("environment", "packages"), [(name, f"`{said}`") for name, said in found["environments"].items()])
