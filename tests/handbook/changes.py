"""Small changes to the model of a rule: each is one slip of an author's pen."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from enum import Enum

import attrs

from dutyrules.calendars.durations import Duration
from dutyrules.policies import rule_keys, syntax
from dutyrules.policies.model import Consequence, Count, Ladder, Record, Rule, WindowKind, Within
from dutyrules.policies.syntax import Scope

# What nobody reads in a sentence: where something stands, and the source text beside the tree that was made of it.
UNSEEN = frozenset({"source", "place", "type", "clause", "id", "says", "kind"})
OPERATORS = {"<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=", "!=": "==", "in": "not-in", "not-in": "in"}
WORDS = {"and": "or", "or": "and", "+": "-", "-": "+", "*": "/", "/": "*", "//": "%", "%": "//"}
FUNCTIONS = {"floor": "ceil", "ceil": "floor", "min": "max", "max": "min", "known": "is_working_day", "abs": "floor"}


def changes(record, pack):
    """Yield (where, the changed record) for every place of a rule or declaration at which a slip is possible."""
    return _changes(record, pack, ())


def _changes(value, pack, path):
    if isinstance(value, tuple):
        yield from _changes_of_several(value, pack, path)
    elif attrs.has(type(value)) and not isinstance(value, Duration):
        yield from _changes_of_record(value, pack, path)
    else:
        changed = _slip(value, pack, *path[-1])
        if changed is not None:
            yield path, changed


def _changes_of_several(values, pack, path):
    if len(values) > 1 and not _is_pair(values, path[-1][1]):
        yield (*path, ("", "one less")), values[:-1]
    for index, value in enumerate(values):
        for where, changed in _changes(value, pack, path):
            if changed not in values:
                yield where, (*values[:index], changed, *values[index + 1 :])


def _is_pair(values, name):
    """Tell whether two things belong together: the first and last day, a reader's key and a member's."""
    return name == "spread" or (name == "per" and not isinstance(values[0], tuple))


def _changes_of_record(record, pack, path):
    for field in attrs.fields(type(record)):
        value = getattr(record, field.name)
        if field.name in UNSEEN or isinstance(value, dict) or not _matters(record, field.name):
            continue
        for where, changed in _changes(value, pack, (*path, (type(record).__name__, field.name))):
            if _is_possible(record, field.name, value, changed):
                yield where, attrs.evolve(record, **{field.alias: changed})


def _matters(record, name):  # noqa: PLR0911 - one return for each sort of record
    """Tell whether the language gives a field of a record any meaning there."""
    match record:
        case Rule():
            if name == "keep":
                return False  # there is only `heaviest`
            key = name.rstrip("_")
            return key in rule_keys._KEYS[record.kind] and _stands_with(record, key)  # noqa: SLF001 - the language's own list
        case Consequence(amount=amount, percent_of=base) if amount is None or base is not None:
            return name != "each"
        case Within(parameter=str()) | syntax.Offset(parameter=str()):
            return name != "duration"
        case syntax.Field(scope=Scope.MATTER | Scope.PERIOD):
            return name != "record"  # there is only the one
        case Ladder(repeat_same=None) if name.startswith("repeat_"):
            return False
        case Count() | Record() | Ladder():
            return name != "name"
        case syntax.Pattern(kind="record"):
            return name != "first"
    return True


def _stands_with(rule, key):
    """Tell whether a rule has what a key needs beside it."""
    needed = rule_keys._NEEDS.get(key, ())  # noqa: SLF001 - the language's own list
    return not needed or any(getattr(rule, f"{one}_" if one in ("if", "from") else one) for one in needed)


def _is_possible(record, name, value, changed):
    match record:
        case syntax.Logic():
            return name != "operands" or len(changed) > 1
        case syntax.Compare() | syntax.Call():
            return not isinstance(changed, tuple) or len(changed) == len(value)
    return True


def _slip(value, pack, owner, name):  # noqa: PLR0911 - one return for each sort of value
    """Return another value of the same sort that a careless hand could have written."""
    match value:
        case bool():
            return not value
        case WindowKind():
            return WindowKind.YEAR if value is WindowKind.MONTH else WindowKind.MONTH
        case Enum():
            return None
        case int() if name == "weekday":
            return (value + 1) % 7
        case int() | Decimal():
            return value + 1
        case dt.date():
            return value + dt.timedelta(days=1)
        case dt.time():
            return value.replace(minute=(value.minute + 1) % 60)
        case Duration():
            return Duration(value.amount + 1, value.unit)
        case str():
            return _other_text(value, owner, name, pack)
    return None


def _other_text(value, owner, name, pack):
    parameters = [one for one, known in pack.parameters.items() if known.type == _type_of(pack, value)]
    kinds = {
        "operator": WORDS,
        "operators": OPERATORS,
        "function": FUNCTIONS,
        "one_act": {"all": "oldest", "oldest": "all"},
        "spans": {"shift": "shifts", "shifts": "shift"},
        "names": _next(value, pack.events) or _next(value, pack.rules) or _next(value, pack.records),
        "unless": _next(value, pack.rules),
        "of": _next(value, pack.rules),
        "permission": _next(value, pack.rules),
        "none_if": _next(value, pack.rules),
        "forfeits": _next(value, pack.rules),
        "postponed_as": _next(value, pack.rules),
        "in_order": _next(value, pack.rules),
        "about": _next(value, pack.records),
        "record": _next(value, pack.records),
        "counts_as": _next(value, pack.events),
        "relies_on": _next(value, pack.events),
        "during": _next(value, pack.hours),
        "office": _next(value, pack.roles),
        "parameter": _next(value, parameters),
    }
    named = {
        "CountRef": _next(value, pack.counts),
        "ValueRef": _next(value, pack.values),
        "ParameterRef": _next(value, parameters),
        "PeriodSpec": {"week": "month"}.get(value, "week"),
    }
    if name in ("for_", "look_back"):
        return "month" if value == "year" else "year"
    if name == "nature":
        return "unpaid_time" if value == "fine" else "fine"
    found = kinds[name] if name in kinds else named.get(owner, f"{value}_two")
    return found.get(value) if isinstance(found, dict) else found


def _type_of(pack, name):
    return pack.parameters[name].type if name in pack.parameters else None


def _next(value, names):
    known = list(names)
    if value not in known:
        return None
    return known[(known.index(value) + 1) % len(known)] if len(known) > 1 else None
