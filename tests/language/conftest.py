"""The packs of the hardest norms, and logs written as YAML."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
import pytest
import yaml

from dutyrules.engine import Engine
from dutyrules.policies.load import load_packs

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from dutyrules.outcomes import Outcome
    from dutyrules.policies.model import Pack


@attrs.frozen
class Run:
    """An engine after a log, and each record that it gave on the way."""

    engine: Engine
    history: tuple[Outcome, ...]

    def of(self, rule: str, kind: str | None = None) -> list[Outcome]:
        """Return the standing outcomes of a rule, the earliest first."""
        found = [one for one in self.engine.outcomes().values() if one.rule == rule and kind in (None, one.kind)]
        return sorted(found, key=lambda one: (one.time, one.matter, one.kind))

    def course(self, rule: str, kind: str) -> list[tuple[str, str]]:
        """Return when a rule's outcomes of a kind changed, and to what."""
        return [(one.time[:19], one.status) for one in self.history if one.rule == rule and one.kind == kind]


def flat(log: str | list[dict[str, object]]) -> list[dict[str, object]]:
    """Return the events of a list, perhaps as YAML; their fields stand beside `at`, `type` and perhaps an `id`."""
    entries = yaml.safe_load(log) if isinstance(log, str) else log
    return [
        {
            "id": str(entry.get("id", f"e{number:02}")),
            "time": f"{entry['at']}+08:00",
            "type": entry["type"],
            "data": {name: value for name, value in entry.items() if name not in ("id", "at", "type")},
        }
        for number, entry in enumerate(entries, 1)
    ]


@pytest.fixture(scope="session")
def packs(repository: Path) -> dict[str, Pack]:
    """Return the packs by what their norms' ids begin with."""
    return {pack.prefix.rstrip("/"): pack for pack in load_packs(repository / "tests/language/hard.yaml")}


@pytest.fixture
def replay(packs: dict[str, Pack]) -> Callable[..., Run]:
    """Return what runs a log on one of the packs, up to an instant."""

    def run(pack: str, log: str | list[dict[str, object]], upto: str | None = None) -> Run:
        engine = Engine(packs[pack], carries="all")
        history = engine.feed_all(flat(log))
        if upto is not None:
            history += engine.advance(f"{upto}+08:00")
        return Run(engine, tuple(history))

    return run
