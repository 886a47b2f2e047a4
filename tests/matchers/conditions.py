"""Packs whose rules have conditions of one event, drawn at random, and logs with values on and beside every limit."""

from __future__ import annotations

import copy
import datetime as dt
from decimal import Decimal

import yaml

from dutyrules.policies.load import check_text

START = dt.datetime(2026, 1, 5, tzinfo=dt.timezone(dt.timedelta(hours=8)))
EVENTS = ("noted", "seen")
FIELDS = {
    "person": "person",
    "by": "person",
    "count": "int",
    "sum": "money",
    "share": "number",
    "loud": "bool",
    "known_to_all": {"type": "bool", "default": False},
    "word": "text",
    "other_word": "text",
    "sort": {"type": "text", "values": ["red", "blue", "grün"]},
    "day": "date",
    "other_day": "date",
    "since": "time",
    "until": "time",
    "month": "month",
    "words": "list",
    "others": "list",
}
WORDS = ("red", "blue", "x", "", "1", "true", 'a"b', "红", "x ")
STRANGE = (*WORDS, "a\\", "a\\u0041", "none of them", "\n")
FIGURES = ("0", "1", "2", "-1", "3", "50", "0.5", "49.99", "1000000", "-0.000001", "1000000000")
DAYS = ("2026-01-05", "2026-02-28", "2026-03-01")
PARAMETERS = {
    "fine_limit": 50,
    "rate": 0.25,
    "shades": ["red", "x"],
    "nothing": [],
    "strict": True,
    "first_day": DAYS[1],
}
ORDER = ("<", "<=", ">", ">=", "==", "!=")
SAME = ("==", "!=")
FIGURE_FIELDS = ("count", "sum", "share")
TEXT_FIELDS = ("word", "other_word", "by", "person", "month")


class Draws:
    """Draws conditions, packs and logs."""

    def __init__(self, random) -> None:
        self.dice = random

    def one(self, values):
        """Draw one of some values."""
        return self.dice.choice(values)

    # --- conditions ----------------------------------------------------------------------------------------------

    def condition(self, depth: int = 3) -> str:
        """Draw a condition."""
        if depth and self.dice.random() < 0.6:
            parts = [self.condition(depth - 1) for _ in range(self.one((1, 2, 2, 3)))]
            if len(parts) == 1:
                return f"not ({parts[0]})"
            return f" {self.one(('and', 'or'))} ".join(f"({part})" for part in parts)
        return self.one((self.figures, self.figures, self.texts, self.lists, self.days, self.truth, self.chain))()

    def figures(self) -> str:
        """Draw a comparison of figures."""
        op = self.one(ORDER)
        if self.dice.random() < 0.5:
            return f"{self.one(FIGURE_FIELDS)} {op} {self.one((*FIGURES, 'fine_limit', 'rate'))}"
        return f"{self.sum_()} {op} {self.sum_()}"

    def sum_(self, depth: int = 2) -> str:
        """Draw a sum with at least one field."""
        field = self.one(FIGURE_FIELDS)
        if not depth or self.dice.random() < 0.3:
            return field
        figure = self.one((*FIGURES[:9], "fine_limit"))
        return self.one(
            (
                f"({self.sum_(depth - 1)} + {self.sum_(depth - 1)})",
                f"({self.sum_(depth - 1)} - {figure})",
                f"{self.one(('2', '3', '-1', '8'))} * {field}",
                f"-{field}",
                f"({figure} - {self.sum_(depth - 1)})",
            )
        )

    def texts(self) -> str:
        """Draw a comparison of texts."""
        left = self.one(TEXT_FIELDS)
        return self.one(
            (
                f"{left} {self.one(SAME)} {self.one(WORDS)!r}",
                f"{left} {self.one(SAME)} {self.one(TEXT_FIELDS)}",
                f"sort {self.one(SAME)} {self.one(('red', 'blue'))!r}",
                f"{left} {self.one(('in', 'not in'))} {[self.one(WORDS) for _ in range(3)]!r}",
                f"{left} {self.one(('in', 'not in'))} {self.one(('shades', 'nothing'))}",
            )
        )

    def lists(self) -> str:
        """Draw a look into a list."""
        held = self.one(("words", "others"))
        return self.one(
            (
                f"{self.one(WORDS)!r} {self.one(('in', 'not in'))} {held}",
                f"{self.one(TEXT_FIELDS)} {self.one(('in', 'not in'))} {held}",
                f"{held} {self.one(SAME)} []",
                f"includes({held}, ['red', 'x'])",
                f"includes({held}, shades)",
            )
        )

    def days(self) -> str:
        """Draw a comparison of dates or instants."""
        op = self.one(ORDER)
        return self.one(
            (
                f"day {op} other_day",
                f"{self.one(('day', 'other_day', 'date'))} {op} first_day",
                f"{self.one(('since', 'until'))} {op} {self.one(('since', 'until', 'time'))}",
                f"date {op} day",
            )
        )

    def truth(self) -> str:
        """Draw a plain field, or whether a field is known."""
        return self.one(("loud", "known_to_all", "not loud", "strict", f"known({self.one(sorted(FIELDS))})"))

    def chain(self) -> str:
        """Draw a chain of comparisons."""
        return f"{self.one(FIGURES[:3])} {self.one(('<', '<='))} {self.one(FIGURE_FIELDS)} < {self.one(FIGURE_FIELDS)}"

    # --- packs ---------------------------------------------------------------------------------------------------

    def pack(self, rules: int):
        """Draw a pack of so many rules, without those that durable-rules refuses for their size."""
        made = {f"r{number}": self.rule() for number in range(rules)}
        text = yaml.safe_dump(document(made), sort_keys=False, allow_unicode=True, width=500)
        checked = check_text(text, file="conditions.yaml")
        errors = [f"{each.code} {each.message}" for each in checked.diagnostics if each.is_error]
        assert not errors, "\n".join([*errors, text])
        return checked.packs[0], made

    def rule(self) -> dict:
        """Draw a rule."""
        when = self.one((*EVENTS, list(EVENTS)))
        rule = {"kind": "prohibition", "when": when, "says": {"en": "Never.", "zh": "不得。"}}
        where = self.dice.random()
        if where < 0.85 and isinstance(when, str):
            rule["when"] = f"{when} where {self.condition(2)}"
        if where > 0.15 or not isinstance(when, str):
            rule["if"] = self.condition()
        return rule

    # --- logs ----------------------------------------------------------------------------------------------------

    def events(self, number: int):
        """Draw a log as documents, in order."""
        at = START
        for place in range(number):
            at += dt.timedelta(seconds=self.one((0, 1, 60, 3600)))
            gaps = self.one((2, 4, 99, 99, 99))
            data = {
                name: self.value(spec, at)
                for name, spec in FIELDS.items()
                if name == "person" or self.dice.random() * gaps > 1
            }
            yield {"id": f"e{place:06}", "type": self.one(EVENTS), "time": at.isoformat(), "data": data}

    def value(self, spec, at: dt.datetime):  # noqa: PLR0911 - one case a type
        """Draw a value for a field, as a log writes it."""
        kind = spec if isinstance(spec, str) else spec["type"]
        match kind:
            case "bool":
                return self.one((True, False))
            case "int":
                return (
                    self.one((4611686018427, 10**19)) if self.rare() else self.one((0, 1, 2, 3, -1, 49, 50, 51, 10**6))
                )
            case "money" | "number":
                return self.figure()
            case "date":
                return self.one(DAYS)
            case "time":
                return (at + dt.timedelta(seconds=self.one((-3600, -1, 0, 0, 1)))).isoformat()
            case "month":
                return self.one(("2026-01", "2026-02"))
            case "list":
                odd = (1, True, 1.5, None) if self.rare() else ()
                return [self.one((*STRANGE, *odd)) for _ in range(self.one((0, 1, 2, 4)))]
            case "person":
                return self.one(("ann", "bo", "x"))
        if isinstance(spec, dict):
            return self.one(spec["values"])
        return "x" * 70_000 + self.one(("", "y")) if self.rare() else self.one(STRANGE)

    def figure(self):
        """Draw a figure: a whole one, one with a fraction, and now and then one too fine to travel."""
        text = self.one((*FIGURES, "49.990001", "50.000000", "0.25", "1000.0"))
        return f"{Decimal(text) + Decimal('0.0000001'):f}" if self.rare() else text

    def rare(self) -> bool:
        """Draw true once in two hundred times."""
        return self.dice.random() < 0.005


def document(rules: dict) -> dict:
    """Return a pack of these rules."""
    return {
        "pack": "conditions",
        "language": 1,
        "title": {"en": "Conditions", "zh": "条件"},
        "timezone": "Asia/Shanghai",
        "retention": "1 day",
        "events": {name: {"fields": copy.deepcopy(FIELDS)} for name in EVENTS},
        "parameters": PARAMETERS,
        "rules": rules,
    }
