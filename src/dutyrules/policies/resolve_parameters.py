"""Parameters: their values, since when each applies, and what they are."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import attrs

from dutyrules.calendars.durations import Duration
from dutyrules.policies.diagnostics import quoted
from dutyrules.policies.faults import Fault, suggestion
from dutyrules.policies.grammar import Part, is_name, read_duration
from dutyrules.policies.model import Dated, Parameter
from dutyrules.policies.names import ANY, BOOL, DATE, LIST, NUMBER, TEXT, ValueType
from dutyrules.policies.resolve_header import DATE_TEXT, read_date
from dutyrules.policies.schema import TypedParameter
from dutyrules.policies.shapes import check_shape, plain, written
from dutyrules.policies.yaml_nodes import MapNode, Node, ScalarNode, SeqNode

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dutyrules.policies.bench import Bench
    from dutyrules.policies.shapes import Path

_TYPES: Final = {
    "money": ValueType(NUMBER),
    "number": ValueType(NUMBER),
    "int": ValueType(NUMBER),
    "text": ValueType(TEXT),
    "bool": ValueType(BOOL),
    "list": ValueType(LIST),
    "date": ValueType(DATE),
    "duration": ValueType(ANY),
}
_PYTHON: Final[Mapping[str, tuple[type, ...]]] = {
    "money": (int, Decimal),
    "number": (int, Decimal),
    "int": (int,),
    "text": (str,),
    "bool": (bool,),
    "list": (list,),
    "date": (str,),
    "duration": (str,),
}
_WANTED: Final = {
    "money": "a sum",
    "number": "a number",
    "int": "a whole number",
    "text": "a text",
    "bool": "`true` or `false`",
    "list": "a list",
    "date": "a date",
    "duration": "a duration",
}


class Parameters:
    """Reads the parameters of one pack, and what they are."""

    def __init__(self, bench: Bench, section: Node | None) -> None:
        self.bench = bench
        self.entries = section.entries if isinstance(section, MapNode) else ()
        self.read: dict[str, Parameter] = {}

    def declare(self) -> None:
        """Read every parameter and declare its type."""
        types: dict[str, ValueType] = {}
        for key, node in self.entries:
            name = key.text
            if not is_name(name):
                self.bench.tell_key(
                    ("parameters", name),
                    "DR216",
                    f"{quoted(name)} is no name for a parameter",
                    "use letters, digits and `_`",
                )
            if name == "seasons":
                continue
            parameter, kind = self._parameter(name, node)
            types[name] = kind
            if parameter is not None:
                self.read[name] = parameter
        lengths = {name: each for name, each in self.read.items() if each.type == "duration"}
        self.bench.declared = attrs.evolve(
            self.bench.declared,
            parameters=types,
            durations={name: _only_duration(each) if _undated(each) else None for name, each in lengths.items()},
            changing=frozenset(name for name, each in lengths.items() if not _undated(each)),
        )
        self.bench.values = {name: each.dated.values for name, each in self.read.items()}
        self.bench.dated_durations = {
            name: tuple(value for _since, value in each.dated.values if isinstance(value, Duration))
            for name, each in self.read.items()
            if each.type == "duration" and not _undated(each)
        }

    def _parameter(self, name: str, node: Node) -> tuple[Parameter | None, ValueType]:
        path: Path = ("parameters", name)
        if isinstance(node, MapNode) and "type" in node.keys():  # noqa: SIM118 - a node is no mapping
            typed = check_shape(TypedParameter, node, self.bench.diagnostics)
            if typed is None:
                return None, ValueType(ANY)
            value = node.get("value")
            dated = self._dated((*path, "value"), value, typed.type) if value is not None else Dated(())
            self._check_values(path, dated, typed)
            return Parameter(name, typed.type, dated, self.bench.place(path)), attrs.evolve(
                _TYPES[typed.type], values=tuple(typed.values or ())
            )
        dated = self._dated(path, node, None)
        kinds = list(dict.fromkeys(_kind(value) for _, value in dated.values))
        kind = kinds[0] if len(kinds) == 1 else "number" if set(kinds) == {"int", "number"} else "text"
        if len(kinds) > 1 and kind == "text":
            self.bench.tell(path, Fault("DR203", f"the values of `{name}` are of different types"))
        return Parameter(name, kind, dated, self.bench.place(path)), _TYPES[kind]

    def _dated(self, path: Path, node: Node, kind: str | None) -> Dated:
        if not isinstance(node, MapNode):
            value = self._value(path, node, kind)
            return Dated(()) if value is None else Dated(((dt.date.min, value),))
        values: list[tuple[dt.date, object]] = []
        for key, below in node.entries:
            at = (*path, key.text)
            since = read_date(key.text)
            if since is None:
                self.bench.tell_key(
                    at,
                    "DR211",
                    f"{quoted(key.text)} is not a date",
                    "write `{2024-10-15: 4}` for a value that applies from a day",
                )
                continue
            value = self._value(at, below, kind)
            if value is not None:
                values.append((since, value))
        days = [since for since, _ in values]
        if days != sorted(days):
            self.bench.tell_key((*path, node.entries[0][0].text), "DR224", "the dates do not stand in order")
        return Dated(tuple(sorted(values, key=lambda each: each[0])))

    def _value(self, path: Path, node: Node, kind: str | None) -> object:
        value: Any = plain(node)
        if value is None and kind is None:
            self.bench.diagnostics.add(
                "DR205", "a value is missing here", node, help="write `{type: money}` for one that is not known yet"
            )
            return None
        if value is None:
            return None
        if kind is not None and (not isinstance(value, _PYTHON[kind]) or (isinstance(value, bool) and kind != "bool")):
            self.bench.diagnostics.add("DR203", f"{_WANTED[kind]} is wanted here, not {written(node)}", node)
            return None
        if kind == "date" or (kind is None and isinstance(value, str) and DATE_TEXT.fullmatch(value)):
            return self._date(path, str(value))
        if kind == "duration":
            return self.bench.attempt(path, lambda: read_duration(Part(str(value), 0)))
        if isinstance(node, SeqNode):
            return self._listed(path, node)
        return Decimal(value) if kind == "money" else node.value if isinstance(node, ScalarNode) else None

    def _listed(self, path: Path, node: SeqNode) -> tuple[object, ...]:
        for item in node.items:
            if not isinstance(item, ScalarNode) or item.value is None:
                self.bench.diagnostics.add("DR203", f"a text or a number is wanted here, not {written(item)}", item)
        values = [item.value for item in node.items if isinstance(item, ScalarNode) and item.value is not None]
        if values and all(isinstance(value, str) and DATE_TEXT.fullmatch(value) for value in values):
            return tuple(self._date((*path, number), str(value)) for number, value in enumerate(values))
        return tuple(values)

    def _date(self, path: Path, text: str) -> dt.date | None:
        day = read_date(text)
        if day is None:
            self.bench.tell(path, Fault("DR211", f"{quoted(text)} is not a date", help="write `2026-01-15`"))
        return day

    def _check_values(self, path: Path, dated: Dated, typed: TypedParameter) -> None:
        for _, value in dated.values:
            if typed.values and value not in typed.values:
                help_ = suggestion(str(value), typed.values) or "write one of " + ", ".join(
                    f"`{each}`" for each in typed.values
                )
                self.bench.tell(
                    (*path, "value"),
                    Fault("DR204", f"{quoted(value)} is not one of the values of this parameter", help=help_),
                )


def _kind(value: object) -> str:
    match value:
        case bool():
            return "bool"
        case int():
            return "int"
        case Decimal():
            return "number"
        case dt.date():
            return "date"
        case tuple():
            return "list"
        case _:
            return "text"


def _undated(parameter: Parameter) -> bool:
    return all(since == dt.date.min for since, _ in parameter.dated.values)


def _only_duration(parameter: Parameter) -> Duration | None:
    return next((value for _, value in parameter.dated.values if isinstance(value, Duration)), None)
