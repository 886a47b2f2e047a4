"""Choices and forfeits: which of the outcomes that were made stand."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from dutyrules.policies.model import Act, Kind

from . import days, expressions, records
from .truth import Unknown

if TYPE_CHECKING:
    from .outcomes import Made


def settle(world, made: list[Made], names: set[str]) -> list[Made]:
    """Return the outcomes after every choice and forfeit among some rules."""
    for rule in world.pack.rules.values():
        if rule.kind is Kind.CHOICE and rule.id in names:
            made = choose(world, rule, made)
    for rule in world.pack.rules.values():
        if rule.consequence is not None and rule.consequence.act is Act.FORFEIT:
            made = forfeit(world, rule, made)
    return made


def same_values(world, names, case) -> tuple | None:
    """Return what outcomes must share to be compared, None where one of the names does not apply to an outcome."""
    values = []
    for name in names:
        value = same_value(world, name, case)
        if value is None:
            return None
        values.append(value)
    return tuple(values)


def same_value(world, name: str, case):
    """Return one value to be shared: bearer, month or year of the matter, a record, a link of one, or a field."""
    matter = case.matter
    if name == "person":
        return case.bearer
    if name in ("day", "week", "half_month", "month", "quarter", "year"):
        return days.dates_of(name, matter.date)[0]
    if matter.instance is not None:
        if matter.instance.kind == name:
            return matter.instance.id
        other = records.linked(world, matter.instance, name)
        if other is not None:
            return other.id
    value = matter.keys.get(name)
    if value is None:
        read = expressions.bare(world, name, case.first.spot)
        value = None if isinstance(read, Unknown) else read
    return value.isoformat() if isinstance(value, dt.date) else value


def choose(world, rule, made: list[Made]) -> list[Made]:
    """Keep the heaviest of the outcomes that share what the choice names, and void the others."""
    groups: dict[tuple, list[Made]] = {}
    for each in made:
        if (
            each.rule.id in rule.of
            and each.fields["kind"] in ("sanction", "entitlement")
            and each.fields["status"] != "voided"
        ):
            values = same_values(world, rule.same, each.case)
            if values is not None:
                groups.setdefault(values, []).append(each)
    lost: dict[str, Made] = {}
    for group in groups.values():
        group.sort(key=lambda each: weight(world, each))
        winner = group[0]
        for loser in group[1:]:
            lost[loser.id] = voided(loser, winner)
            world.marks.add(("kind", rule.kind))
    return [lost.get(each.id, each) if each.fields["kind"] in ("sanction", "entitlement") else each for each in made]


def weight(world, made: Made) -> tuple:
    """Return the key by which the heaviest outcome comes first."""
    fields = made.fields
    name = fields.get("step") or fields.get("sanction") or "grant"
    severity = world.pack.severity
    index = severity.index(name) if name in severity else -1
    return (-index, -(fields.get("amount") or 0), fields["time"], fields["id"])


def voided(loser: Made, winner: Made) -> Made:
    """Return an outcome as the winner leaves it."""
    because = tuple(sorted({*loser.fields["because"], winner.id}))
    return loser.with_(status="voided", time=max(loser.fields["time"], winner.fields["time"]), because=because)


def forfeit(world, rule, made: list[Made]) -> list[Made]:
    """Void the rights that a sanction takes away, and let its sum be theirs."""
    result = {(each.fields["kind"], each.id): each for each in made}
    for each in made:
        if each.rule.id != rule.id or each.fields["kind"] != "sanction" or each.fields["status"] == "voided":
            continue
        values = same_values(world, rule.same, each.case)
        total = 0
        for other in made:
            if other.fields["kind"] != "entitlement" or other.rule.id not in rule.consequence.forfeits:
                continue
            if values is None or same_values(world, rule.same, other.case) != values:
                continue
            if result["entitlement", other.id].fields["status"] in ("granted", "postponed"):
                result["entitlement", other.id] = voided(other, each)
                total += other.fields.get("amount") or 0
        result["sanction", each.id] = each.with_(amount=total, currency=world.pack.currency)
    return list(result.values())
