"""Seasons, shifts and hours: the clock times of a pack."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dutyrules.calendars.errors import CalendarError
from dutyrules.calendars.seasons import Seasons
from dutyrules.calendars.shifts import Hours, ShiftTimes
from dutyrules.policies.diagnostics import quoted
from dutyrules.policies.faults import Fault, suggestion
from dutyrules.policies.shapes import plain, written
from dutyrules.policies.yaml_nodes import MapNode, Node, ScalarNode, SeqNode

if TYPE_CHECKING:
    from dutyrules.policies.bench import Bench
    from dutyrules.policies.shapes import Path


class Schedule:
    """Reads the seasons, shifts and hours of one pack."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.seasons: dict[str, Any] = {}
        self.shifts: dict[str, dict[str, Any]] = {}
        self.hours: dict[str, dict[str, Any]] = {}
        self._known: Seasons | None = None

    def read(self) -> None:
        """Read seasons, shifts and hours; faults are told."""
        self._read_seasons()
        times = self._read_shifts()
        self._read_hours(times)

    def _read_seasons(self) -> None:
        root = self.bench.root
        parameters = root.get("parameters")
        inner = parameters.get("seasons") if isinstance(parameters, MapNode) else None
        node, path = (root.get("seasons"), ("seasons",)) if inner is None else (inner, ("parameters", "seasons"))
        if node is None:
            return
        if inner is not None and root.get("seasons") is not None:
            self.bench.tell_key(
                ("seasons",), "DR312", "the seasons are declared twice", "leave them out here or under `parameters`"
            )
        if not isinstance(node, MapNode):
            self.bench.diagnostics.add(
                "DR203",
                f"a mapping is wanted here, not {written(node)}",
                node,
                help="write `{winter: 12-01 to 05-31}`",
            )
            return
        self.seasons = {name: tuple(each) if isinstance(each, list) else each for name, each in plain(node).items()}
        bad = [each for name, each in node.entries if not _season_shaped(each)]
        for each in bad:
            self.bench.diagnostics.add(
                "DR203", f"days of the year are wanted here, not {written(each)}", each, help="write `12-01 to 05-31`"
            )
        if not bad:
            self._parse_seasons(path)

    def _parse_seasons(self, path: Path) -> None:
        try:
            self._known = Seasons.parse(self.seasons)
        except CalendarError as error:
            self._tell(path, "DR211", error)
            return
        for problem in self._known.problems():
            self.bench.diagnostics.add("DR222", problem.message, self.bench.key(path), help=problem.hint or None)

    def _read_shifts(self) -> dict[str, ShiftTimes]:
        times: dict[str, ShiftTimes] = {}
        for name, node in self._entries("shifts"):
            entry = plain(node)
            self.shifts[name] = entry
            try:
                times[name] = ShiftTimes.parse(name, entry)
            except CalendarError as error:
                self._tell(("shifts", name), "DR223", error)
            else:
                self._check_seasons(("shifts", name), times[name].seasons)
        return times

    def _read_hours(self, times: dict[str, ShiftTimes]) -> None:
        for name, node in self._entries("hours"):
            entry = plain(node)
            self.hours[name] = entry
            try:
                hours = Hours.parse(name, entry, times)
            except CalendarError as error:
                self._tell(("hours", name), "DR223", error)
            else:
                self._check_seasons(("hours", name), hours.seasons)

    def _entries(self, section: str) -> list[tuple[str, MapNode]]:
        node = self.bench.root.get(section)
        entries = node.entries if isinstance(node, MapNode) else ()
        return [
            (key.text, each)
            for key, each in entries
            if isinstance(each, MapNode) and (section, key.text) not in self.bench.broken
        ]

    def _check_seasons(self, path: Path, named: frozenset[str]) -> None:
        known = () if self._known is None else self._known.names
        for season in sorted(named - set(known)):
            help_ = suggestion(season, known) or "declare it under `seasons`"
            self.bench.tell_key(self._season_path(path, season), "DR308", f"there is no season {quoted(season)}", help_)
        for missing in sorted(set(known) - named) if named and named <= set(known) else ():
            self.bench.tell_key(path, "DR223", f"there is no time for the season `{missing}`")

    def _season_path(self, path: Path, season: str) -> Path:
        for key in ("start", "end"):
            node = self.bench.at((*path, key))
            if isinstance(node, MapNode) and season in node.keys():  # noqa: SIM118 - a node is no mapping
                return (*path, key, season)
        return path

    def _tell(self, path: Path, code: str, error: CalendarError) -> None:
        for problem in error.problems:
            self.bench.tell((*path, *problem.path), Fault(code, problem.message, help=problem.hint or None))


def _season_shaped(node: Node) -> bool:
    if isinstance(node, SeqNode):
        return all(isinstance(each, ScalarNode) and isinstance(each.value, str) for each in node.items)
    return isinstance(node, ScalarNode) and isinstance(node.value, str)
