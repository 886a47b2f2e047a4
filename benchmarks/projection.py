"""Outcomes of the bench pack under the names that the benchmark gives them; it renames and decides nothing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from dutyrules import Outcome

TABLE: Final = Path(__file__).with_name("projection.yaml")

Named = tuple[str, str, str]
Renamed = tuple[str, str]


class Record(msgspec.Struct, gc=False):
    """A line of output: the six fields that are compared, and where it comes from."""

    kind: str
    rule: str
    person: str | None
    time: str
    amount: int
    ref: str
    id: str
    norm: str
    clause: str
    because: tuple[str, ...]


def load_table(path: Path = TABLE) -> Mapping[Named, Renamed]:
    """Read the table: our rule, kind and status on one side, the benchmark's kind and rule on the other."""
    import yaml  # noqa: PLC0415 - only the table is YAML

    said = yaml.safe_load(path.read_text(encoding="utf-8"))
    table = {}
    for ours, theirs in said.items():
        rule, kind, status = ours.split(" ", 2)
        name, number = theirs.split()
        table[rule, kind, status] = (name, number)
    return table


def project(outcomes: Iterable[Outcome], table: Mapping[Named, Renamed], prefix: str) -> list[Record]:
    """Return the outcomes that the benchmark has a name for."""
    found = []
    for one in outcomes:
        status = f"{one.status} late" if getattr(one, "late", False) else one.status
        named = table.get((one.rule.removeprefix(prefix), one.kind, status))
        if named is not None:
            kind, rule = named
            amount = int(getattr(one, "amount", None) or 0)
            ref = one.matter.rpartition(":")[2].rpartition(",")[2]
            found.append(
                Record(kind, rule, one.person, one.time, amount, ref, one.id, one.rule, one.clause, one.because)
            )
    return found
