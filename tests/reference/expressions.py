"""Expressions, walked as trees."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dutyrules.policies import syntax
from dutyrules.policies.syntax import Scope

from . import counts, days, patterns, records, truth
from .facts import ABSENT
from .truth import Unknown, lacking

if TYPE_CHECKING:
    import datetime as dt

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def truth_of(value):
    """Return a condition's value; anything but true, false and unknown is not one."""
    if value is True or value is False or isinstance(value, Unknown):
        return value
    return lacking(f"true or false in place of `{value}`")


def truth_tree(world, tree, spot):
    """Return whether a condition's tree holds at a spot."""
    return truth_of(evaluate(world, tree, spot))


def evaluate(world, tree, spot):
    """Return the value of an expression at a spot."""
    return READERS[type(tree)](world, tree, spot)


def logic(world, tree, spot):
    """Return `and` or `or` of conditions."""
    values = [truth_tree(world, operand, spot) for operand in tree.operands]
    return truth.all_of(values) if tree.operator == "and" else truth.any_of(values)


def comparison(world, tree, spot):
    """Return whether every link of a chain of comparisons holds."""
    values = [evaluate(world, operand, spot) for operand in tree.operands]
    links = zip(tree.operators, values, values[1:], strict=False)
    return truth.all_of(truth.compared(operator, left, right) for operator, left, right in links)


def arithmetic(world, tree, spot):
    """Return the result of a sum, difference, product or quotient."""
    return truth.calculated(tree.operator, evaluate(world, tree.left, spot), evaluate(world, tree.right, spot))


def negative(world, tree, spot):
    """Return a number with the other sign."""
    value = evaluate(world, tree.operand, spot)
    return value if isinstance(value, Unknown) else -value


def call(world, tree, spot):
    """Return the value of one of the closed list of functions."""
    values = [evaluate(world, argument, spot) for argument in tree.arguments]
    if tree.function == "known":
        return not isinstance(values[0], Unknown)
    if lost := truth.unknowns(values):
        return lost
    try:
        return FUNCTIONS[tree.function](world, spot, *values)
    except days.NoSuchYear as missing:
        return lacking(str(missing))


def counted(world, tree, spot):
    """Return what a count comes to."""
    return counts.read(world, tree, spot)


def open_count(world, tree, spot):
    """Return how many records of a kind are open."""
    return sum(instance.alive(spot.at) for instance in records.of_kind(world, tree.record))


def field(world, tree, spot):
    """Return the value of a field in its scope."""
    match tree.scope:
        case Scope.FACT:
            return bare(world, tree.name, spot)
        case Scope.THIS:
            return bare(world, tree.name, spot.this) if spot.this is not None else lacking(f"this.{tree.name}")
        case Scope.ACT:
            value = ABSENT if spot.act is None else patterns.read_fact(world, spot.act, tree.name)
            return lacking(f"act.{tree.name}") if value is ABSENT else value
        case Scope.PERIOD:
            return of_period(world, tree, spot)
        case _:
            instance = reached(world, tree, spot)
            if instance is None:
                return lacking(f"{tree.record}.{tree.name}")
            return records.read(world, instance, tree.name, max(spot.at, instance.opened))


def declared(world, fact, name: str) -> bool:
    """Tell whether an event's type has a field: then no other thing's stands in for it."""
    return fact is not None and fact.kind == "event" and name in world.pack.events[fact.name].fields


def bare(world, name: str, spot):
    """Return what a bare name reads: the record one stands in, else the fact, else the matter."""
    if spot.instance is not None:
        if name == "time":
            return spot.instance.opened
        return records.read(world, spot.instance, name, spot.at)
    if spot.fact is not None:
        value = patterns.read_fact(world, spot.fact, name)
        if value is not ABSENT:
            return value
    if spot.matter is not None:
        value = patterns.read_matter(world, spot.matter, name, spot.at)
        if value is not ABSENT:
            return value
    elif (
        spot.this is not None
        and spot.this.matter is not None
        and spot.this.matter.instance is not None
        and not declared(world, spot.fact, name)
    ):
        value = patterns.read_matter(world, spot.this.matter, name, spot.at)
        if value is not ABSENT:
            return value
    if name == "time":
        return spot.at
    if name == "date":
        return spot.day
    return lacking(name)


def reached(world, tree, spot):
    """Return the record that `name.field` means: a matter, its link, or one found by the key fields at hand."""
    name, chain = tree.record, [spot]
    while chain[-1].this is not None:
        chain.append(chain[-1].this)
    for there in reversed(chain) if tree.scope is Scope.MATTER else chain:
        matter = there.matter
        base = there.instance if there.instance is not None else (matter.instance if matter is not None else None)
        if base is None:
            continue
        if base.kind == name:
            return base
        if any(link.name == name for link in world.pack.records[base.kind].links):
            return records.linked(world, base, name)
    if name not in world.pack.records:
        return None
    carried = {}
    for key in world.pack.records[name].key:
        values = [bare(world, key, there) for there in chain]
        carried[key] = next((value for value in values if not isinstance(value, Unknown)), None)
    return records.found_by_key(world, name, carried, spot.at)


def of_period(world, tree, spot):
    """Return a field of the rule's period, or of the calendar's period that holds the reader's date."""
    kind, root = tree.record, spot
    while root.this is not None:
        root = root.this
    span = root.period
    if span is None or span.kind != kind:
        span = days.span_of(kind, root.day, world.zone)
    return {
        "label": span.label,
        "start": span.first,
        "end": span.last,
        "days": (span.last - span.first).days + 1,
    }[tree.name]


def parameter(world, name: str, day: dt.date):
    """Return a parameter's value on a day."""
    found, value = world.pack.parameters[name].dated.on(day)
    return value if found and value is not None else lacking(name)


def formula(world, name: str, spot):
    """Return the value of a named formula."""
    value = world.pack.values[name]
    variant = ""
    if value.chosen_by is not None:
        variant = parameter(world, value.chosen_by, spot.day)
        if isinstance(variant, Unknown):
            return variant
    if variant not in value.variants:
        return lacking(f"{name}.{variant}")
    return evaluate(world, value.variants[variant].tree, spot)


def any_record(world, tree, spot):
    """Return whether some record of a kind meets a condition; without one, whether one is open."""
    there = [instance for instance in records.of_kind(world, tree.record) if instance.known(spot.at)]
    if tree.condition is None:
        return any(instance.alive(spot.at) for instance in there)
    this = spot if spot.this is None else spot.this
    return truth.any_of(
        truth_tree(world, tree.condition, patterns.inside(instance, spot.at, spot, this)) for instance in there
    )


def age(born: dt.date, on: dt.date) -> int:
    """Return the completed years of life on a day; a leap-day child is a year older on the last of February."""
    years = on.year - born.year
    return years if on >= days.months_later(born, 12 * years) else years - 1


def wall_date(world, value) -> dt.date:
    """Return the date of a date or instant."""
    return days.date_of(value, world.zone) if isinstance(value, int) else value


def clock_hour(world, instant: int) -> int:
    """Return the hour on the wall."""
    return (instant - days.start_of(wall_date(world, instant), world.zone)) // 3600


FUNCTIONS = {
    "floor": lambda _world, _spot, value: truth.floored(value),
    "ceil": lambda _world, _spot, value: truth.ceiled(value),
    "round": lambda _world, _spot, value, digits=0: truth.rounded(value, int(digits)),
    "abs": lambda _world, _spot, value: abs(value),
    "min": lambda _world, _spot, *values: min(values),
    "max": lambda _world, _spot, *values: max(values),
    "weekday": lambda _world, _spot, day: WEEKDAYS[day.weekday()],
    "age": lambda _world, spot, born, on=None: age(born, on or spot.day),
    "days_between": lambda _world, _spot, first, last: (last - first).days,
    "includes": lambda _world, _spot, whole, parts: all(part in whole for part in parts),
    "month_of": lambda world, _spot, value: wall_date(world, value).isoformat()[:7],
    "year_of": lambda world, _spot, value: wall_date(world, value).year,
    "hour_of": lambda world, _spot, value: clock_hour(world, value),
    "is_working_day": lambda world, _spot, day: days.is_working_day(day, world.pack),
}
READERS = {
    syntax.Literal: lambda _world, tree, _spot: tree.value,
    syntax.Field: field,
    syntax.ParameterRef: lambda world, tree, spot: parameter(world, tree.name, spot.day),
    syntax.CountRef: counted,
    syntax.ValueRef: lambda world, tree, spot: formula(world, tree.name, spot),
    syntax.Logic: logic,
    syntax.Not: lambda world, tree, spot: truth.negated(truth_tree(world, tree.operand, spot)),
    syntax.Compare: comparison,
    syntax.Arithmetic: arithmetic,
    syntax.Negative: negative,
    syntax.Listing: lambda world, tree, spot: tuple(evaluate(world, item, spot) for item in tree.items),
    syntax.Call: call,
    syntax.AnyRecord: any_record,
    syntax.OpenCount: open_count,
}
