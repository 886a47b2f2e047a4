"""Totals of a report, by rule and by person."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

import attrs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from dutyrules.report.rows import Report, Row

LOST: Final = "forfeit"
COUNTED: Final = ("obligations", "open_duties", "missed", "breaches", "sanctions", "entitlements", "questions")


@attrs.define
class Total:
    """How many outcomes of each kind, and the sums.

    What is voided or only proposed is in no sum; what is forfeited is not paid, it stands as an entitlement voided.
    """

    name: str
    obligations: int = 0
    open_duties: int = 0
    missed: int = 0
    breaches: int = 0
    sanctions: int = 0
    entitlements: int = 0
    questions: int = 0
    to_pay: Decimal = Decimal(0)
    to_receive: Decimal = Decimal(0)

    def add(self, row: Row) -> None:
        """Count a row."""
        one = row.outcome
        match one.kind, one.status:
            case "obligation", status:
                self.obligations += 1
                self.open_duties += status == "open"
            case "deadline", "missed":
                self.missed += 1
            case "breach", _:
                self.breaches += 1
            case "sanction", "imposed":
                self.sanctions += 1
                if row.text("sanction") != LOST:
                    self.to_pay += row.amount or 0
            case "entitlement", status if status != "voided":
                self.entitlements += 1
                self.to_receive += row.amount or 0
            case "referral", "opened":
                self.questions += 1
            case _:
                pass


def by_rule(report: Report) -> list[Total]:
    """Return a total for each rule that something came of, in the order of the pack."""
    order = {name: number for number, name in enumerate(report.pack.rules)}
    found = _grouped(report.rows, lambda row: row.outcome.rule)
    return sorted(found, key=lambda total: (order.get(total.name, len(order)), total.name))


def by_person(report: Report) -> list[Total]:
    """Return a total for each person and office; what concerns nobody by name stands under an empty name, last."""
    found = _grouped(report.rows, lambda row: row.outcome.person or "")
    return sorted(found, key=lambda total: (not total.name, total.name))


def _grouped(rows: Iterable[Row], name_of: Callable[[Row], str]) -> list[Total]:
    found: dict[str, Total] = {}
    for row in rows:
        name = name_of(row)
        found.setdefault(name, Total(name)).add(row)
    return list(found.values())
