"""Where scenarios are found: in files and folders that are named, or in `tests` beside a pack."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Final

from dutyrules.testing.scenario_files import looks_like_scenarios

if TYPE_CHECKING:
    from collections.abc import Iterable

ENDINGS: Final = (".yaml", ".yml")


def scenario_files(places: Iterable[Path]) -> list[Path]:
    """Return the files that are named, and those with scenarios in the folders that are."""
    found: list[Path] = []
    for place in places:
        if place.is_dir():
            inside = [path for path in sorted(place.rglob("*")) if path.is_file() and path.suffix in ENDINGS]
            found += [path for path in inside if holds_scenarios(path)]
        else:
            found.append(place)
    return found


def holds_scenarios(path: Path) -> bool:
    """Tell whether a file is meant to hold scenarios."""
    try:
        return looks_like_scenarios(path.read_text("utf-8", errors="replace"))
    except OSError:
        return False


def scenarios_beside(pack: str) -> list[Path]:
    """Return the files with scenarios in the folder `tests` beside a pack's file."""
    folder = _folder_of(pack) / "tests"
    return scenario_files([folder]) if folder.is_dir() else []


def _folder_of(pack: str) -> Path:
    path = Path(pack)
    if path.parent.suffix in ENDINGS:  # one section or part of a file
        return path.parent.parent
    if path.suffix in ENDINGS or path.exists():
        return path.parent
    package = Path(str(files("dutyrules")))
    shipped = package / "_packs"
    return shipped if shipped.is_dir() else package.parent.parent / "policies"
